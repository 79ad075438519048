//! The one commit (rule 2): exactly the given texts on top of HEAD, made by `git commit`
//! itself over an index of its own, so that identity, signing and hooks are the user's.
//!
//! The user's index is touched last, and only at the paths that were committed. The order
//! is: look, store the texts, note what the index is to become, commit, bring the index up
//! to date, forget the note. Killed anywhere in between, the next run finds either no
//! commit or the note ([`Repo::sweep`] finishes it).

use std::path::{Path, PathBuf};

use crate::effect::Invocation;
use crate::repo::filters::{Text, parse_ids};
use crate::repo::git::{failed, unread};
use crate::repo::history::{Entry, tree_entry};
use crate::repo::index::{Listed, Replacement};
use crate::repo::open::disk_error;
use crate::repo::{Committed, GitWorktree, Made, Repo, RepoError, Staged, Standing};

/// What changes at one path.
struct Change {
    path: String,
    /// In HEAD before.
    old: Option<Entry>,
    /// In the commit.
    new: Entry,
    /// In the index afterwards, when it is not what the commit has.
    work: Option<git2::Oid>,
    /// In the index before.
    index: Option<Entry>,
}

/// An index of our own, and the message beside it. Their names are ones that a sweep removes,
/// too, which must not happen while git lives: hence it holds the lock.
struct TemporaryIndex<'r> {
    repo: &'r Repo,
    path: PathBuf,
    message: PathBuf,
}

impl GitWorktree {
    pub(super) fn commit_files(
        &mut self,
        files: &[Committed],
        message: &str,
    ) -> Result<Option<Made>, RepoError> {
        let (branch, head) = self.ready(files)?;
        self.repo.wait_for_index()?;
        let changes = self.changes(files, head)?;
        if changes.iter().all(|change| change.old == Some(change.new)) {
            return Ok(None);
        }
        let planned: Vec<_> = changes.iter().map(|c| (c.replacement(c.new), Some(c.new.id))).collect();
        self.repo.note_due(&planned)?;
        let made = self.repo.git_commit(&changes, message, &branch, head);
        let (commit, note) = match made {
            Ok(made) => made,
            Err(error) => {
                // Without a commit there is nothing to finish. A note that stays does no
                // harm: it counts only when HEAD has what it says.
                let _ = self.repo.drop_due();
                return Err(error);
            }
        };
        let behind = self.repo.settle(&changes, head, commit);
        let notes: Vec<_> = note.into_iter().chain(behind).collect();
        if let Some(seen) = &mut self.seen {
            seen.head = Some(commit);
            let entries = changes.iter().map(|c| (c.path.clone(), c.replacement(c.new).becomes));
            seen.entries.extend(entries.filter_map(|(path, entry)| Some((path, entry?))));
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Ok(Some(Made { id: commit.to_string(), note }))
    }

    /// The branch and commit to build on, when a commit may be made.
    fn ready(&self, files: &[Committed]) -> Result<(String, Option<git2::Oid>), RepoError> {
        let unclear = files.iter().find(|f| matches!(f.staged, Staged::Partly | Staged::Unmerged));
        if let Some(file) = unclear {
            return Err(RepoError::PartlyStaged(file.path.clone()));
        }
        let branch = match self.repo.standing()? {
            Standing::Branch(branch) => branch,
            Standing::Detached => return Err(RepoError::NoCommitHere("HEAD is on no branch".to_owned())),
            Standing::Busy(operation) => {
                return Err(RepoError::NoCommitHere(format!("a {operation} is under way")));
            }
        };
        let head = self.repo.head_commit()?;
        if let Some(seen) = &self.seen
            && (seen.head != head || seen.branch.as_ref() != Some(&branch))
        {
            return Err(RepoError::HeadMoved);
        }
        Ok((branch, head))
    }

    /// Stores the texts and says what changes where.
    fn changes(&self, files: &[Committed], head: Option<git2::Oid>) -> Result<Vec<Change>, RepoError> {
        let tree = self.repo.tree_of(head)?;
        let paths: Vec<_> = files.iter().map(|f| f.path.as_str()).collect();
        let now = if paths.is_empty() { Default::default() } else { self.repo.list(&paths, false)? };
        let mut changes = Vec::new();
        for file in files {
            let path = &file.path;
            let old = tree.as_ref().map(|tree| tree_entry(tree, path)).transpose()?.flatten();
            let now = match now.get(path.as_bytes()) {
                Some(Listed::Entry(entry)) => Some(*entry),
                Some(Listed::Unmerged) => return Err(RepoError::PartlyStaged(path.clone())),
                Some(Listed::New) | None => None,
            };
            // The index as the caller knows it: what was staged since then is the user's.
            let index = match &self.seen {
                Some(seen) => seen.entries.get(path).copied(),
                None => now,
            };
            let as_said = match file.staged {
                Staged::No => {
                    let id = now.map(|entry| entry.id);
                    id == old.map(|entry| entry.id) || (old.is_none() && id == Some(Repo::empty_blob()))
                }
                _ => now.is_some(),
            };
            if index != now || !as_said {
                return Err(RepoError::PartlyStaged(path.clone()));
            }
            let mut modes = [old, index].into_iter().flatten().map(|entry| entry.mode);
            let mode = modes.find(|mode| [0o100_644, 0o100_755].contains(mode));
            let mode = mode.unwrap_or(0o100_644);
            let id = self.repo.store(path, &file.text, old)?;
            let work = match file.staged {
                Staged::Whole if file.work != file.text => Some(self.repo.store(path, &file.work, index)?),
                _ => None,
            };
            changes.push(Change { path: path.clone(), old, new: Entry { mode, id }, work, index });
        }
        Ok(changes)
    }
}

impl Change {
    /// What becomes of the index when the commit has `committed` at the path. A mode that
    /// the user staged stays staged.
    fn replacement(&self, committed: Entry) -> Replacement {
        let staged_mode = self.index.map(|index| index.mode).filter(|_| self.index_mode_differs());
        let mode = staged_mode.unwrap_or(committed.mode);
        let becomes = Entry { mode, id: self.work.unwrap_or(committed.id) };
        Replacement { path: self.path.clone().into_bytes(), was: self.index, becomes: Some(becomes) }
    }

    fn index_mode_differs(&self) -> bool {
        self.old.zip(self.index).is_some_and(|(old, index)| old.mode != index.mode)
    }
}

impl Repo {
    /// Puts a text into the object store as git would store it at `path`.
    pub(super) fn store(
        &self,
        path: &str,
        text: &str,
        stored: Option<Entry>,
    ) -> Result<git2::Oid, RepoError> {
        let text = Text { path, bytes: text.as_bytes(), stored: stored.map(|entry| entry.id) };
        let name = "git hash-object";
        let differs = self.stores_differently(std::slice::from_ref(&text))?;
        let filters =
            if differs.contains(&true) { format!("--path={path}") } else { "--no-filters".to_owned() };
        let call = self.git.writing(["hash-object", "-w", "--stdin", &filters]).input(text.bytes);
        let ids = parse_ids(name, &self.git.run(name, &call)?)?;
        ids.first().copied().ok_or_else(|| failed(name, "it gave no id"))
    }

    /// Makes the commit and gives its id. `head` is what it must stand on.
    fn git_commit(
        &self,
        changes: &[Change],
        message: &str,
        branch: &str,
        head: Option<git2::Oid>,
    ) -> Result<(git2::Oid, Option<String>), RepoError> {
        let index = TemporaryIndex::new(self);
        let made = self.commit_over(&index, changes, message, branch, head);
        index.remove();
        made
    }

    fn commit_over(
        &self,
        index: &TemporaryIndex<'_>,
        changes: &[Change],
        message: &str,
        branch: &str,
        head: Option<git2::Oid>,
    ) -> Result<(git2::Oid, Option<String>), RepoError> {
        if let Some(head) = head {
            // From the user's index comes what it knows of the files' times; without that
            // git would read every file of the work tree again.
            let theirs = self.git2.path().join("index");
            if theirs.exists() {
                let copied = self.disk.copy(&theirs, &index.path);
                copied.map_err(|e| disk_error(&index.path.to_string_lossy(), &e))?;
            }
            let call = self.git.writing(["read-tree", "--reset", &head.to_string()]);
            self.git.run("git read-tree", &index.used_by(call))?;
        }
        let mut input = Vec::new();
        for Change { path, new, .. } in changes {
            input.extend(format!("{:06o} {} 0\t{path}\0", new.mode, new.id).into_bytes());
        }
        let call = self.git.writing(["update-index", "-z", "--index-info"]).input(&input);
        self.git.run("git update-index", &index.used_by(call))?;

        if self.head_commit()? != head || self.branch()?.as_deref() != Some(branch) {
            return Err(RepoError::HeadMoved);
        }
        // git reads the index once more when its hooks are through, and takes a missing one
        // for empty. If this process is killed meanwhile the next run has to wait for it.
        let written = self.disk.replace(&index.message, message.as_bytes());
        written.map_err(|e| disk_error(&index.message.to_string_lossy(), &e))?;
        let call = self.git.writing(["commit", "--quiet", "--cleanup=verbatim", "--file"]);
        let call = index.used_by(call.args([&index.message])).holding(&self.lock.borrow());
        let answer = self.git.run("git commit", &call);
        let now = self.head_commit()?;
        match (now, answer) {
            (now, Err(error)) if now == head => Err(error),
            (Some(now), answer) => {
                let commit = self.made_on(now, head, message, answer.is_ok())?;
                // A failing post-commit hook, or one that took too long, comes too late.
                let note = answer.err().map(|error| error.to_string());
                match commit {
                    Some(commit) => Ok((commit, note)),
                    None => Err(RepoError::HeadMoved),
                }
            }
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(failed("git commit", "it made no commit")),
        }
    }

    /// The commit we made, found from the new HEAD: it stands on `head`, and hooks may
    /// have put others on top or changed its message. Where git said that it failed, the
    /// commit may be somebody else's unless its message is ours. If the branch moved in the instant between our look and
    /// git's, our commit would undo what came in between: it is taken back.
    fn made_on(
        &self,
        now: git2::Oid,
        head: Option<git2::Oid>,
        message: &str,
        git_was_content: bool,
    ) -> Result<Option<git2::Oid>, RepoError> {
        let find = |id| self.git2.find_commit(id).map_err(unread("read a commit"));
        let ours = |commit: &git2::Commit<'_>| {
            let first = message.lines().next().unwrap_or_default();
            String::from_utf8_lossy(commit.message_bytes()).lines().next().unwrap_or_default() == first
        };
        let tip = find(now)?;
        if tip.parent_ids().next() == head {
            return Ok((git_was_content || ours(&tip)).then_some(now));
        }
        let mut commit = tip.clone();
        for _ in 0..10 {
            let Ok(parent) = commit.parent(0) else { break };
            if parent.parent_ids().next() == head && ours(&parent) {
                return Ok(Some(parent.id()));
            }
            commit = parent;
        }
        if git_was_content
            && ours(&tip)
            && let Some(parent) = tip.parent_ids().next()
        {
            let words = ["update-ref", "HEAD", &parent.to_string(), &now.to_string()];
            self.git.run("git update-ref", &self.git.writing(words).brief())?;
        }
        Ok(None)
    }

    /// Brings the user's index up to date: at our paths, and at those that a hook added
    /// to the commit. What doesn't work out is said; the commit is there in any case.
    fn settle(&self, changes: &[Change], head: Option<git2::Oid>, commit: git2::Oid) -> Option<String> {
        let settled = self.replacements(changes, head, commit).and_then(|all| self.replace_entries(&all));
        match settled {
            Ok(left) => {
                let dropped = self.drop_due().err().map(|error| error.to_string());
                let left: Vec<_> = left.iter().map(|path| String::from_utf8_lossy(path)).collect();
                let staged = (!left.is_empty())
                    .then(|| format!("staged meanwhile and left alone: {}", left.join(", ")));
                staged.or(dropped)
            }
            // The note stays, and the next run finishes the index.
            Err(error) => Some(format!("the index still has the worklogs as they were: {error}")),
        }
    }

    fn replacements(
        &self,
        changes: &[Change],
        head: Option<git2::Oid>,
        commit: git2::Oid,
    ) -> Result<Vec<Replacement>, RepoError> {
        let (old, new) = (self.tree_of(head)?, self.tree_of(Some(commit))?);
        let Some(new) = new else { return Ok(Vec::new()) };
        let mut replacements = Vec::new();
        for change in changes {
            // A hook may have changed our files, too.
            let committed = tree_entry(&new, &change.path)?.unwrap_or(change.new);
            replacements.push(change.replacement(committed));
        }
        let what = "compare two commits";
        let diff = self.git2.diff_tree_to_tree(old.as_ref(), Some(&new), None).map_err(unread(what))?;
        for delta in diff.deltas() {
            let Some(path) = delta.new_file().path_bytes().or(delta.old_file().path_bytes()) else {
                continue;
            };
            if changes.iter().any(|change| change.path.as_bytes() == path) {
                continue;
            }
            let entry = |file: git2::DiffFile<'_>| {
                let mode = u32::from(file.mode());
                (!file.id().is_zero()).then(|| Entry { mode, id: file.id() })
            };
            let (was, becomes) = (entry(delta.old_file()), entry(delta.new_file()));
            replacements.push(Replacement { path: path.to_vec(), was, becomes });
        }
        Ok(replacements)
    }
}

impl<'r> TemporaryIndex<'r> {
    fn new(repo: &'r Repo) -> Self {
        let name = |what: &str| format!("{}{what}-{}", crate::effect::Disk::TEMPORARY, std::process::id());
        let (folder, path) = (repo.private_folder(), name("index"));
        Self { repo, path: folder.join(path), message: folder.join(name("message")) }
    }

    fn used_by(&self, call: Invocation) -> Invocation {
        call.set("GIT_INDEX_FILE", &self.path)
    }

    /// Removes it, and the lock that a killed git left. What can't be removed is swept by
    /// the next run.
    fn remove(&self) {
        let mut lock = self.path.clone().into_os_string();
        lock.push(".lock");
        for path in [self.path.as_path(), Path::new(&lock), &self.message] {
            if path.exists() {
                let _ = self.repo.disk.remove(path);
            }
        }
    }
}
