//! The index: what the user has staged, and bringing it up to date after a commit.
//!
//! git reads and writes it, so that split, sparse and newer forms work. Only entries that
//! are still what they were are replaced: what the user staged stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::effect::ReadError;
use crate::repo::filters::Text;
use crate::repo::git::{Git, failed};
use crate::repo::history::{Entry, tree_entry};
use crate::repo::open::disk_error;
use crate::repo::{Repo, RepoError};

/// How long another process may hold the index before it is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// What git lists for one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// Not in the index, and not ignored.
    New,
    /// In the index.
    Entry(Entry),
    /// In the index in several versions.
    Unmerged,
}

/// An entry that is to be replaced if it still is what it was; `None` is "no entry".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    pub(super) path: Vec<u8>,
    pub(super) was: Option<Entry>,
    pub(super) becomes: Option<Entry>,
}

/// The note of a commit or a write that is about to be made. A run that is killed before
/// it brought the index up to date leaves one that would undo the commit, or that takes a
/// whole staged file for a partly staged one; the next run finishes it.
#[derive(Debug, Serialize, Deserialize)]
struct Due {
    version: u32,
    entries: Vec<DueEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DueEntry {
    path: String,
    /// What HEAD has when the commit was made; for a write, the work tree has `becomes`.
    committed: Option<String>,
    was: Option<(u32, String)>,
    becomes: (u32, String),
}

impl Repo {
    /// The files of the work tree that git lists, tracked or new and not ignored, from the top.
    /// Names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn files(&self) -> Result<BTreeSet<String>, RepoError> {
        let listed = self.list(&["."], true)?;
        Ok(listed.into_keys().filter_map(|path| String::from_utf8(path).ok()).collect())
    }

    /// What the index has at and below `paths`; with `new`, also files that are in neither
    /// the index nor an ignore rule. Paths are bytes: git's need not be text.
    pub(super) fn list(&self, paths: &[&str], new: bool) -> Result<BTreeMap<Vec<u8>, Listed>, RepoError> {
        self.git.list(paths, new)
    }

    /// Replaces entries of the user's index, those that still are what they were, and says
    /// which were not.
    pub(super) fn replace_entries(&self, replacements: &[Replacement]) -> Result<Vec<Vec<u8>>, RepoError> {
        self.wait_for_index()?;
        let text = |r: &Replacement| String::from_utf8(r.path.clone()).ok();
        let paths: Vec<_> = replacements.iter().filter_map(text).collect();
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        let now = if paths.is_empty() { BTreeMap::new() } else { self.list(&paths, false)? };
        let mut input = Vec::new();
        let mut left = Vec::new();
        for replacement in replacements {
            let entry = match now.get(&replacement.path) {
                Some(Listed::Entry(entry)) => Some(*entry),
                Some(Listed::Unmerged) => {
                    left.push(replacement.path.clone());
                    continue;
                }
                _ => None,
            };
            if entry == replacement.becomes {
                continue;
            }
            if entry != replacement.was {
                left.push(replacement.path.clone());
                continue;
            }
            let line = match replacement.becomes {
                Some(Entry { mode, id }) => format!("{mode:06o} {id} 0\t"),
                None => format!("0 {} 0\t", "0".repeat(40)),
            };
            input.extend(line.into_bytes());
            input.extend(&replacement.path);
            input.push(0);
        }
        if !input.is_empty() {
            self.update_index(&input)?;
            // git compares by content while it doesn't know the file's times. Scripts that
            // ask `git diff-index` without a refresh would see a change that is none.
            let refresh = self.git.writing(["update-index", "-q", "--refresh"]).brief();
            self.git.ask("git update-index", &refresh)?;
        }
        Ok(left)
    }

    fn update_index(&self, input: &[u8]) -> Result<(), RepoError> {
        let start = Instant::now();
        loop {
            let call = self.git.writing(["update-index", "-z", "--index-info"]).input(input).brief();
            let error = match self.git.run("git update-index", &call) {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            if !self.index_lock().exists() || start.elapsed() > PATIENCE {
                return Err(error);
            }
            self.wait_for_index()?;
        }
    }

    /// Waits until no other process holds the index.
    pub(super) fn wait_for_index(&self) -> Result<(), RepoError> {
        let (start, lock) = (Instant::now(), self.index_lock());
        while lock.exists() {
            if start.elapsed() > PATIENCE {
                return Err(RepoError::IndexLocked(lock.display().to_string()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The file by which git keeps others from the index while it writes one.
    pub fn index_lock(&self) -> PathBuf {
        self.git2.path().join("index.lock")
    }

    fn due_file(&self) -> PathBuf {
        self.private_folder().join("index-due.json")
    }

    /// Notes what the index is to become: once HEAD has the given blob, or without one
    /// once the work tree has the new text.
    pub(super) fn note_due(&self, planned: &[(Replacement, Option<git2::Oid>)]) -> Result<(), RepoError> {
        let plain = |entry: Entry| (entry.mode, entry.id.to_string());
        let entries = planned.iter().filter_map(|(replacement, committed)| {
            Some(DueEntry {
                path: String::from_utf8(replacement.path.clone()).ok()?,
                committed: committed.map(|id| id.to_string()),
                was: replacement.was.map(plain),
                becomes: plain(replacement.becomes?),
            })
        });
        let due = Due { version: 1, entries: entries.collect() };
        let (path, folder) = (self.due_file(), self.private_folder());
        let error = |e: &dyn std::fmt::Display| disk_error(&path.to_string_lossy(), e);
        let bytes = serde_json::to_vec(&due).map_err(|e| error(&e))?;
        self.disk.create_folder(&folder).map_err(|e| error(&e))?;
        self.disk.replace(&path, &bytes).map_err(|e| error(&e))
    }

    /// Takes the note away: the index is as it should be.
    pub(super) fn drop_due(&self) -> Result<(), RepoError> {
        let path = self.due_file();
        match self.disk.remove(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(disk_error(&path.to_string_lossy(), &error))
            }
            _ => Ok(()),
        }
    }

    /// Finishes the index of a commit or write whose run was killed. A note of what never
    /// happened, or is no more, changes nothing.
    pub(super) fn finish_index(&self) -> Result<(), RepoError> {
        let path = self.due_file();
        let bytes = match self.disk.read(&path, 16 << 20) {
            Ok(bytes) => bytes,
            Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(disk_error(&path.to_string_lossy(), &error)),
        };
        // A note that can't be read is from another version; its index is the user's now.
        let entries = serde_json::from_slice::<Due>(&bytes).map(|due| due.entries).unwrap_or_default();
        let tree = self.tree_of(self.head_commit()?)?;
        let mut replacements = Vec::new();
        for due in &entries {
            let happened = match &due.committed {
                Some(committed) => {
                    let in_head = tree.as_ref().map(|t| tree_entry(t, &due.path)).transpose()?.flatten();
                    in_head.is_some_and(|entry| entry.id.to_string() == *committed)
                }
                None => self.is_in_work_tree(&due.path, &due.becomes.1)?,
            };
            replacements.extend(due.replacement().filter(|_| happened));
        }
        self.replace_entries(&replacements)?;
        self.drop_due()
    }

    fn is_in_work_tree(&self, path: &str, id: &str) -> Result<bool, RepoError> {
        let Ok(bytes) = self.disk.read(&self.top().join(path), Self::CAP) else { return Ok(false) };
        let text = Text { path, bytes: &bytes, stored: git2::Oid::from_str(id).ok() };
        Ok(self.stored_ids(&[text])?.iter().all(|stored| stored.to_string() == id))
    }
}

impl Git {
    /// As [`Repo::list`].
    pub(super) fn list(&self, paths: &[&str], new: bool) -> Result<BTreeMap<Vec<u8>, Listed>, RepoError> {
        let mut listed = BTreeMap::new();
        for paths in paths.chunks(100) {
            let mut words = vec!["--literal-pathspecs", "ls-files", "-z", "-t", "--stage"];
            if new {
                words.extend(["--others", "--exclude-standard"]);
            }
            words.push("--");
            words.extend(paths);
            let out = self.run("git ls-files", &self.reading(words))?;
            for item in out.split(|b| *b == 0).filter(|item| !item.is_empty()) {
                let (path, found) = listed_item(item)
                    .ok_or_else(|| failed("git ls-files", "it said something unexpected"))?;
                if found != Listed::New || !listed.contains_key(path) {
                    listed.insert(path.to_vec(), found);
                }
            }
        }
        Ok(listed)
    }
}

impl DueEntry {
    fn replacement(&self) -> Option<Replacement> {
        let entry =
            |(mode, id): &(u32, String)| git2::Oid::from_str(id).ok().map(|id| Entry { mode: *mode, id });
        let was = match &self.was {
            Some(was) => Some(entry(was)?),
            None => None,
        };
        Some(Replacement { path: self.path.clone().into_bytes(), was, becomes: Some(entry(&self.becomes)?) })
    }
}

/// One item of `ls-files -z -t --stage`: `? path` for a new file, `H mode id stage TAB path`
/// for an entry (other letters for other kinds of one).
fn listed_item(item: &[u8]) -> Option<(&[u8], Listed)> {
    if let Some(path) = item.strip_prefix(b"? ") {
        return Some((path, Listed::New));
    }
    let tab = item.iter().position(|b| *b == b'\t')?;
    let head = std::str::from_utf8(&item[..tab]).ok()?;
    let mut words = head.split(' ').skip(1);
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let id = git2::Oid::from_str(words.next()?).ok()?;
    let listed = if words.next()? == "0" { Listed::Entry(Entry { mode, id }) } else { Listed::Unmerged };
    Some((&item[tab + 1..], listed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_listing_are_told_apart() {
        let id = "422c2b7ab3b3c668038da977e4e93a5fc623169c";
        let item = format!("H 100644 {id} 0\tw/a\tb.md");
        let entry = Entry { mode: 0o100_644, id: git2::Oid::from_str(id).expect("an id") };
        assert_eq!(listed_item(item.as_bytes()), Some((&b"w/a\tb.md"[..], Listed::Entry(entry))));
        let item = format!("M 100644 {id} 2\tw/a.md");
        assert_eq!(listed_item(item.as_bytes()), Some((&b"w/a.md"[..], Listed::Unmerged)));
        assert_eq!(listed_item(b"? w/\xff.md"), Some((&b"w/\xff.md"[..], Listed::New)));
        assert_eq!(listed_item(b"H nonsense"), None);
    }
}
