//! The worklogs of the work tree: their texts, what HEAD has, and what is staged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::effect::{Disk, ReadError};
use crate::repo::filters::Text;
use crate::repo::git::unread;
use crate::repo::history::{Entry, tree_entry};
use crate::repo::index::Listed;
use crate::repo::{Committed, File, Made, Repo, RepoError, Staged, Standing, Unfit, Worktree};

/// The worklog folder of a repository.
#[derive(Debug)]
pub struct GitWorktree {
    pub(super) repo: Repo,
    /// From the top, with `/`.
    pub(super) folder: String,
    pub(super) default_branch: Option<String>,
    /// What the last listing saw; a commit refuses when HEAD is elsewhere by then.
    pub(super) seen: Option<Seen>,
    /// Files that may be written although they are not in the folder.
    pub(super) named: BTreeSet<String>,
}

/// HEAD and the index at the time of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) branch: Option<String>,
    pub(super) head: Option<git2::Oid>,
    pub(super) entries: BTreeMap<String, Entry>,
    /// The paths whose whole text was staged.
    pub(super) whole: BTreeSet<String>,
}

/// The branch and the commit that are checked out.
pub(super) type Tip = (Option<String>, Option<git2::Oid>);

/// A worklog while it is looked at.
pub(super) struct Item {
    pub(super) path: String,
    pub(super) listed: Listed,
    pub(super) content: Result<String, Unfit>,
}

impl GitWorktree {
    pub(super) fn new(repo: Repo, config: &Config) -> Self {
        Self {
            repo,
            folder: config.worklogs.clone(),
            default_branch: config.sync.default_branch.clone(),
            seen: None,
            named: BTreeSet::new(),
        }
    }

    /// The repository itself.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The repository, given back.
    pub fn into_repo(self) -> Repo {
        self.repo
    }

    /// Every worklog as git lists it, with its text; one that isn't in the work tree
    /// (deleted, or outside of a sparse checkout) is left out.
    pub(super) fn items(&self) -> Result<Vec<Item>, RepoError> {
        if let Some(link) = self.repo.first_link(&self.folder, true) {
            return Err(RepoError::Link(link));
        }
        let mut items = Vec::new();
        for (path, listed) in self.repo.list(&[&self.folder], true)? {
            if !path.ends_with(b".md") {
                continue;
            }
            let item = match String::from_utf8(path) {
                Ok(path) => {
                    let Some(content) = self.content(&path) else { continue };
                    Item { path, listed, content }
                }
                Err(error) => Item {
                    path: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                    listed,
                    content: Err(Unfit::Name),
                },
            };
            items.push(item);
        }
        Ok(items)
    }

    /// The files at these paths of the work tree, in their order, with how they stand in the index;
    /// from now on [`write`](Worktree::write) takes these, too. What is not there is left out, and one
    /// that git ignores counts as new.
    ///
    /// # Errors
    /// When the repository can't be read. A single unreadable file is in the answer.
    pub fn named(&mut self, paths: &[String]) -> Result<Vec<File>, RepoError> {
        let tip = self.tip()?;
        let names: Vec<&str> = paths.iter().map(String::as_str).collect();
        let listed = self.repo.list(&names, true)?;
        let item = |path: &String| {
            let listed = listed.get(path.as_bytes()).copied().unwrap_or(Listed::New);
            Some(Item { path: path.clone(), listed, content: self.content(path)? })
        };
        let items: Vec<Item> = paths.iter().filter_map(item).collect();
        self.named.extend(items.iter().map(|item| item.path.clone()));
        self.looked_at(tip, items)
    }

    /// The text at `path`, or why it is none; nothing when nothing is there.
    fn content(&self, path: &str) -> Option<Result<String, Unfit>> {
        if self.repo.first_link(path, false).is_some() {
            return Some(Err(Unfit::Link));
        }
        content(&self.repo.disk, &self.repo.top().join(path))
    }

    /// What HEAD has of each item, as checked out. An item whose version in HEAD is no
    /// text becomes unfit: nothing could be composed from it.
    fn heads(&self, items: &mut [Item], tree: &git2::Tree<'_>) -> Result<Vec<Option<Head>>, RepoError> {
        let mut heads = Vec::new();
        // libgit2 reads a large folder anew for each file that is looked up in it, so that many are
        // looked up in a list of it.
        let below = if items.len() < 16 { None } else { Some(self.heads_below(tree)?) };
        let prefix = format!("{}/", self.folder);
        for item in items.iter_mut() {
            let entry = match &below {
                _ if item.content.is_err() => None,
                Some(below) if item.path.starts_with(&prefix) && item.path.ends_with(".md") => {
                    below.get(&item.path).copied()
                }
                _ => tree_entry(tree, &item.path)?,
            };
            let text = entry.map(|entry| self.repo.blob_text(entry));
            if let Some(Err(why)) = &text {
                item.content = Err(Unfit::Head(why.clone()));
            }
            heads
                .push(entry.map(|entry| Head { entry, text: text.and_then(Result::ok).unwrap_or_default() }));
        }
        let there = items.iter().zip(&heads).enumerate();
        let there = there.filter(|(_, (item, head))| item.content.is_ok() && head.is_some());
        let there: Vec<_> = there.map(|(place, (item, _))| (place, item.path.as_str())).collect();
        let paths: Vec<_> = there.iter().map(|(_, path)| *path).collect();
        let filtered = there.iter().zip(self.repo.checks_out_differently(&paths)?);
        let filtered: Vec<_> =
            filtered.filter(|(_, differs)| *differs).map(|((place, _), _)| *place).collect();
        let blobs = filtered.iter().filter_map(|place| {
            let head = heads[*place].as_ref()?;
            Some((head.entry.id, items[*place].path.as_str()))
        });
        let texts = self.repo.checked_out(&blobs.collect::<Vec<_>>())?;
        for (place, bytes) in filtered.into_iter().zip(texts) {
            match (String::from_utf8(bytes), &mut heads[place]) {
                (Ok(text), Some(head)) => head.text = text,
                _ => items[place].content = Err(Unfit::Head("it is not UTF-8 when checked out".to_owned())),
            }
        }
        Ok(heads)
    }

    /// Branch and HEAD. They are asked for before any file is read: where somebody switches in
    /// between, what is seen is older than what is there, and the commit refuses.
    pub(super) fn tip(&self) -> Result<Tip, RepoError> {
        Ok((self.repo.branch()?, self.repo.head_commit()?))
    }

    /// The files with what HEAD and the index have of them, which is noted as seen.
    fn looked_at(&mut self, tip: Tip, items: Vec<Item>) -> Result<Vec<File>, RepoError> {
        let (files, seen) = self.files(&tip, items)?;
        self.seen = Some(seen);
        Ok(files)
    }

    /// The files with what HEAD and the index have of them.
    pub(super) fn files(&self, tip: &Tip, mut items: Vec<Item>) -> Result<(Vec<File>, Seen), RepoError> {
        let (branch, head) = tip.clone();
        let heads = match self.repo.tree_of(head)? {
            Some(tree) => self.heads(&mut items, &tree)?,
            None => items.iter().map(|_| None).collect(),
        };
        let staged = self.staged(&items, &heads)?;
        let entries = items.iter().filter_map(|item| match item.listed {
            Listed::Entry(entry) => Some((item.path.clone(), entry)),
            _ => None,
        });
        let entries = entries.collect();
        let whole = items.iter().zip(&staged).filter(|(_, staged)| **staged == Staged::Whole);
        let whole = whole.map(|(item, _)| item.path.clone()).collect();
        let seen = Seen { branch, head, entries, whole };
        let files = items.into_iter().zip(heads).zip(staged).map(|((item, head), staged)| File {
            head: head.filter(|_| item.content.is_ok()).map(|h| h.text),
            path: item.path,
            content: item.content,
            staged,
        });
        Ok((files.collect(), seen))
    }

    /// How each item stands in the index.
    fn staged(&self, items: &[Item], heads: &[Option<Head>]) -> Result<Vec<Staged>, RepoError> {
        let mut staged = Vec::new();
        let mut undecided = Vec::new();
        for (place, (item, head)) in items.iter().zip(heads).enumerate() {
            let head = head.as_ref().map(|h| h.entry.id);
            staged.push(match (item.listed, head) {
                (Listed::Unmerged, _) => Staged::Unmerged,
                (Listed::New, None) => Staged::No,
                (Listed::Entry(entry), Some(id)) if entry.id == id => Staged::No,
                (Listed::Entry(entry), None) if entry.id == Repo::empty_blob() => Staged::No,
                // Taken out of the index, but still in HEAD and the work tree.
                (Listed::New, Some(_)) => Staged::Partly,
                (Listed::Entry(entry), _) => {
                    if let Ok(text) = &item.content {
                        // What the index has is what git looks at to keep CRLF.
                        let text = Text { path: &item.path, bytes: text.as_bytes(), stored: Some(entry.id) };
                        undecided.push((place, entry.id, text));
                    }
                    Staged::Partly
                }
            });
        }
        let (places, texts): (Vec<_>, Vec<_>) = undecided.into_iter().map(|(p, id, t)| ((p, id), t)).unzip();
        for ((place, id), stored) in places.into_iter().zip(self.repo.stored_ids(&texts)?) {
            if stored == id {
                staged[place] = Staged::Whole;
            }
        }
        Ok(staged)
    }
}

/// The text of a file, or why it is none; nothing when nothing is there. Links above it are not looked for.
pub(super) fn content(disk: &Disk, full: &Path) -> Option<Result<String, Unfit>> {
    Some(match disk.read(full, Repo::CAP) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|e| Unfit::NotText(e.utf8_error().valid_up_to())),
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(ReadError::Io(error)) => Err(Unfit::Unreadable(error.to_string())),
        Err(ReadError::Link) => Err(Unfit::Link),
        Err(ReadError::NotAFile) => Err(Unfit::NotAFile),
        Err(ReadError::TooLarge(_)) => Err(Unfit::TooLarge),
    })
}

/// What HEAD has at a path.
struct Head {
    entry: Entry,
    text: String,
}

impl Worktree for GitWorktree {
    fn standing(&mut self) -> Result<Standing, RepoError> {
        self.repo.standing()
    }

    fn worklogs(&mut self) -> Result<Vec<File>, RepoError> {
        let tip = self.tip()?;
        let items = self.items()?;
        self.looked_at(tip, items)
    }

    fn gone(&mut self) -> Result<Vec<(String, String)>, RepoError> {
        let mut gone = Vec::new();
        for path in self.repo.worklogs_at("HEAD", &self.folder)?.unwrap_or_default() {
            if self.repo.top().join(&path).symlink_metadata().is_err()
                && let Some(text) = self.repo.text_at("HEAD", &path)?
            {
                gone.push((path, text));
            }
        }
        Ok(gone)
    }

    fn comes_after(&mut self, commit: &str) -> bool {
        self.repo.is_ancestor(commit, "HEAD") == Some(true)
    }

    fn reverts_since(&mut self, commit: &str) -> bool {
        self.repo.has_reverts_since(commit).unwrap_or(true)
    }

    fn changed_here(&mut self) -> Result<Option<BTreeSet<String>>, RepoError> {
        self.changed_on_branch()
    }

    fn write(&mut self, path: &str, before: &str, after: &str) -> Result<(), RepoError> {
        self.replace(path, before, after)
    }

    fn commit(&mut self, files: &[Committed], message: &str) -> Result<Option<Made>, RepoError> {
        self.commit_files(files, message)
    }
}

impl Repo {
    /// The first symbolic link on the way to `path`, itself included with `last`. Through one
    /// a file would come to lie, or be read, somewhere else.
    pub fn first_link(&self, path: &str, last: bool) -> Option<String> {
        let mut way = PathBuf::new();
        let mut parts: Vec<_> = Path::new(path).components().collect();
        if !last {
            parts.pop();
        }
        parts.into_iter().find_map(|part| {
            way.push(part);
            self.top().join(&way).is_symlink().then(|| way.display().to_string())
        })
    }

    /// The id of a blob without content: `git add -N` puts it in the index.
    pub(super) fn empty_blob() -> git2::Oid {
        git2::Oid::hash_object(git2::ObjectType::Blob, b"").unwrap_or(git2::Oid::ZERO_SHA1)
    }

    /// A stored text, without filters, or why it is none.
    fn blob_text(&self, entry: Entry) -> Result<String, String> {
        if entry.mode & 0o170_000 != 0o100_000 {
            return Err("HEAD has no regular file there".to_owned());
        }
        let blob = self.git2.find_blob(entry.id).map_err(|e| unread("read HEAD")(e).to_string())?;
        if blob.content().len() as u64 > Self::CAP {
            return Err("HEAD has more than one megabyte there".to_owned());
        }
        let text = std::str::from_utf8(blob.content());
        text.map(str::to_owned).map_err(|_| "HEAD has something there that is not UTF-8".to_owned())
    }
}
