//! Questions about history: what a branch has, and what came before what.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::model::Timestamp;
use crate::repo::git::unread;
use crate::repo::{Repo, RepoError};

/// A commit, as far as a history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// The one before it, if it is not the first.
    pub parent: Option<String>,
    /// Who made it, by name.
    pub author: String,
    /// When it was made.
    pub at: Timestamp,
    /// The first line of its message.
    pub subject: String,
}

impl Repo {
    /// The default branch: the configured one, else what the remote's HEAD says (of
    /// `remote` first, then of `origin`), else `main` or `master` where there is one.
    ///
    /// # Errors
    /// When references can't be read.
    pub fn default_branch(
        &self,
        configured: Option<&str>,
        remote: Option<&str>,
    ) -> Result<Option<String>, RepoError> {
        if let Some(name) = configured {
            return Ok(Some(name.to_owned()));
        }
        let remotes: Vec<_> = remote.into_iter().chain(["origin"]).collect();
        for remote in &remotes {
            let prefix = format!("refs/remotes/{remote}/");
            let head = self.reference(&format!("{prefix}HEAD"))?;
            let target = head.as_ref().and_then(|h| h.symbolic_target_bytes()).map(String::from_utf8_lossy);
            if let Some(name) = target.and_then(|t| t.strip_prefix(&prefix).map(str::to_owned)) {
                return Ok(Some(name));
            }
        }
        for name in ["main", "master"] {
            if !self.tips(name, &remotes)?.is_empty() || self.branch()?.as_deref() == Some(name) {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }

    /// The id of the commit that `revision` names (a branch, a full name, an id), if it
    /// is here.
    pub fn commit_id(&self, revision: &str) -> Option<String> {
        Some(self.commit(revision)?.id().to_string())
    }

    /// When the commit that `revision` names was made, by the clock of whoever made it.
    pub fn committed_at(&self, revision: &str) -> Option<Timestamp> {
        Some(Timestamp::from_second(self.commit(revision)?.time().seconds()))
    }

    /// A text file as a commit has it, without line-ending filters; `None` when the commit
    /// or the file isn't here.
    ///
    /// # Errors
    /// When it is there and can't be read, or is not a text of at most one megabyte.
    pub fn text_at(&self, revision: &str, path: &str) -> Result<Option<String>, RepoError> {
        let Some(commit) = self.commit(revision) else { return Ok(None) };
        let tree = commit.tree().map_err(unread("read a commit"))?;
        let Some(entry) = tree_entry(&tree, path)? else { return Ok(None) };
        let (id, what) = (entry.id, format!("read {path} in {revision}"));
        let blob = self.git2.find_blob(id).map_err(unread(&what))?;
        let text = std::str::from_utf8(blob.content()).ok().filter(|t| t.len() as u64 <= Self::CAP);
        match text {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(super::git::failed(&what, "it is not a text of at most one megabyte")),
        }
    }

    /// The worklogs that a commit has in `folder`, in path order; `None` when the commit
    /// isn't here. Names that are not UTF-8 are left out, and so is what is no regular file.
    ///
    /// # Errors
    /// When the commit can't be read.
    pub fn worklogs_at(&self, revision: &str, folder: &str) -> Result<Option<BTreeSet<String>>, RepoError> {
        let Some(commit) = self.commit(revision) else { return Ok(None) };
        let tree = commit.tree().map_err(unread("read a commit"))?;
        let Some(entry) = tree_entry(&tree, folder)? else { return Ok(Some(BTreeSet::new())) };
        let Ok(tree) = self.git2.find_tree(entry.id) else { return Ok(Some(BTreeSet::new())) };
        let mut paths = BTreeSet::new();
        let walked = tree.walk(git2::TreeWalkMode::PreOrder, |root, entry| {
            let name = entry.name().ok().filter(|name| name.ends_with(".md"));
            if let (Some(name), 0o100_644 | 0o100_755) = (name, entry.filemode()) {
                paths.insert(format!("{folder}/{root}{name}"));
            }
            git2::TreeWalkResult::Ok
        });
        walked.map_err(unread("read a commit"))?;
        Ok(Some(paths))
    }

    /// The paths that differ between two commits; `None` when one of them isn't here.
    ///
    /// # Errors
    /// When the commits can't be compared.
    pub fn paths_between(&self, old: &str, new: &str) -> Result<Option<BTreeSet<String>>, RepoError> {
        let (Some(old), Some(new)) = (self.commit(old), self.commit(new)) else { return Ok(None) };
        let what = "compare two commits";
        let (old, new) = (old.tree().map_err(unread(what))?, new.tree().map_err(unread(what))?);
        let diff = self.git2.diff_tree_to_tree(Some(&old), Some(&new), None).map_err(unread(what))?;
        let paths = diff.deltas().flat_map(|d| [d.old_file().path_bytes(), d.new_file().path_bytes()]);
        Ok(Some(paths.flatten().map(|p| String::from_utf8_lossy(p).into_owned()).collect()))
    }

    /// Where this branch left the default branch; `None` on the default branch itself, at its tip,
    /// and where no default branch is known.
    ///
    /// # Errors
    /// When references can't be read.
    pub fn branch_start(&self, config: &Config) -> Result<Option<String>, RepoError> {
        let remotes: Vec<_> = self.config()?.remotes().into_iter().map(|(name, _)| name).collect();
        let remotes: Vec<_> = remotes.iter().map(String::as_str).collect();
        let default = self.default_branch(config.sync.default_branch.as_deref(), None)?;
        let (Some(default), Some(head)) = (default, self.head_commit()?) else { return Ok(None) };
        if self.branch()?.as_deref() == Some(default.as_str()) {
            return Ok(None);
        }
        // The latest of several: a remote's may be behind.
        let tips = self.tips(&default, &remotes)?;
        let points = tips.into_iter().filter_map(|tip| self.git2.merge_base(head, tip).ok());
        let later = |a: git2::Oid, b: git2::Oid| {
            if self.git2.graph_descendant_of(b, a).unwrap_or(false) { b } else { a }
        };
        Ok(points.reduce(later).map(|id| id.to_string()))
    }

    /// The last commit that two have in common.
    ///
    /// # Errors
    /// When history can't be read.
    pub fn common_commit(&self, a: &str, b: &str) -> Result<Option<String>, RepoError> {
        let (Some(a), Some(b)) = (self.commit(a), self.commit(b)) else { return Ok(None) };
        match self.git2.merge_base(a.id(), b.id()) {
            Ok(id) => Ok(Some(id.to_string())),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(unread("find the merge base")(error)),
        }
    }

    /// The commits that changed something in `folder`, the newest first, without merges: what a
    /// merge brings was done in the commits that it merges.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn commits_of(&self, folder: &str) -> Result<Vec<Commit>, RepoError> {
        if self.head_commit()?.is_none() {
            return Ok(Vec::new());
        }
        let format = "--format=%H%x00%P%x00%an%x00%at%x00%s";
        let call = self.git.reading(["log", "--no-merges", "--full-history", format, "--", folder]);
        let out = self.git.run("git log", &call)?;
        let text = String::from_utf8_lossy(&out).into_owned();
        let commit = |line: &str| {
            let mut parts = line.splitn(5, '\0');
            let (id, parents, author) = (parts.next()?, parts.next()?, parts.next()?);
            let (at, subject) = (parts.next()?.parse().ok()?, parts.next()?);
            Some(Commit {
                id: id.to_owned(),
                parent: parents.split(' ').find(|p| !p.is_empty()).map(str::to_owned),
                author: author.to_owned(),
                at: Timestamp::from_second(at),
                subject: subject.to_owned(),
            })
        };
        Ok(text.lines().filter_map(commit).collect())
    }

    /// Whether a push of `new` onto `before` (nothing for a new reference) changes a worklog, or
    /// may: where history doesn't tell it counts as one.
    ///
    /// # Errors
    /// When the commits can't be compared.
    pub fn push_touches(&self, before: Option<&str>, new: &str, config: &Config) -> Result<bool, RepoError> {
        let folder = format!("{}/", config.worklogs);
        let is_one = |path: &String| path.starts_with(&folder) && path.ends_with(".md");
        let touches = |old: &str| -> Result<Option<bool>, RepoError> {
            Ok(self.paths_between(old, new)?.map(|paths| paths.iter().any(is_one)))
        };
        if let Some(before) = before {
            return Ok(touches(before)?.unwrap_or(true));
        }
        // A new branch is compared with where it left the default branch.
        let remotes: Vec<_> = self.config()?.remotes().into_iter().map(|(name, _)| name).collect();
        let remotes: Vec<_> = remotes.iter().map(String::as_str).collect();
        let Some(default) = self.default_branch(config.sync.default_branch.as_deref(), None)? else {
            return Ok(true);
        };
        let Some(new_id) = self.commit(new).map(|c| c.id()) else { return Ok(true) };
        let tips = self.tips(&default, &remotes)?;
        let tips = tips.into_iter().filter(|tip| *tip != new_id);
        let points: Vec<_> = tips.filter_map(|tip| self.git2.merge_base(new_id, tip).ok()).collect();
        for point in &points {
            if touches(&point.to_string())? == Some(false) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether `new` has `old` in its history; `None` when this clone can't tell.
    pub fn is_ancestor(&self, old: &str, new: &str) -> Option<bool> {
        let (old, new) = (self.commit(old)?.id(), self.commit(new)?.id());
        if old == new {
            return Some(true);
        }
        match self.git2.graph_descendant_of(new, old) {
            Ok(true) => Some(true),
            // A shallow clone's history ends early: what isn't found may lie beyond.
            Ok(false) if !self.git2.is_shallow() => Some(false),
            Ok(false) | Err(_) => None,
        }
    }

    /// Whether a commit of `git revert`, which its message tells, is between this one and HEAD.
    pub(super) fn has_reverts_since(&self, commit: &str) -> Option<bool> {
        let mut walk = self.git2.revwalk().ok()?;
        walk.push_head().ok()?;
        walk.hide(self.commit(commit)?.id()).ok()?;
        for id in walk {
            let commit = self.git2.find_commit(id.ok()?).ok()?;
            let is_revert = |line: &[u8]| line.starts_with(b"This reverts commit ");
            if commit.message_bytes().split(|b| *b == b'\n').any(is_revert) {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The commits that the branch `name` is at: on each of these remotes, and here.
    pub(super) fn tips(&self, name: &str, remotes: &[&str]) -> Result<Vec<git2::Oid>, RepoError> {
        let remote = remotes.iter().map(|remote| format!("refs/remotes/{remote}/{name}"));
        let mut tips = Vec::new();
        for reference in remote.chain([format!("refs/heads/{name}")]) {
            let reference = self.reference(&reference)?;
            tips.extend(reference.and_then(|r| r.peel_to_commit().ok()).map(|c| c.id()));
        }
        Ok(tips)
    }

    fn commit(&self, revision: &str) -> Option<git2::Commit<'_>> {
        self.git2.revparse_single(revision).and_then(|object| object.peel_to_commit()).ok()
    }

    fn reference(&self, name: &str) -> Result<Option<git2::Reference<'_>>, RepoError> {
        match self.git2.find_reference(name) {
            Ok(reference) => Ok(Some(reference)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) if error.code() == git2::ErrorCode::InvalidSpec => Ok(None),
            Err(error) => Err(unread("read a reference")(error)),
        }
    }
}

/// What a tree or the index has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mode: u32,
    pub(super) id: git2::Oid,
}

/// What `tree` has at `path`, if anything.
pub(super) fn tree_entry(tree: &git2::Tree<'_>, path: &str) -> Result<Option<Entry>, RepoError> {
    match tree.get_path(std::path::Path::new(path)) {
        Ok(entry) => {
            let mode = u32::try_from(entry.filemode()).unwrap_or_default();
            Ok(Some(Entry { mode, id: entry.id() }))
        }
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(unread("read a commit")(error)),
    }
}
