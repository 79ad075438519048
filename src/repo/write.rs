//! Writing one worklog: whole or not at all, and never over an edit made in the meantime.
//! A file that was staged as a whole is staged again.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::effect::ReadError;
use crate::repo::history::Entry;
use crate::repo::index::Replacement;
use crate::repo::open::disk_error;
use crate::repo::{GitWorktree, Repo, RepoError};

impl GitWorktree {
    /// Makes a new worklog, with its folder where there is none.
    ///
    /// # Errors
    /// [`RepoError::ChangedMeanwhile`] when something is there already; or when it can't
    /// be written.
    pub fn create(&mut self, path: &str, text: &str) -> Result<(), RepoError> {
        let full = self.place(path)?;
        let disk = &self.repo.disk;
        let folder = full.parent().map_or(Ok(()), |folder| disk.create_folder(folder));
        folder.map_err(|error| no_folder(path, &error))?;
        match disk.create(&full, text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(RepoError::ChangedMeanwhile(path.to_owned()))
            }
            made => made.map_err(|error| disk_error(path, &error)),
        }
    }

    pub(super) fn replace(&mut self, path: &str, before: &str, after: &str) -> Result<(), RepoError> {
        let full = self.place(path)?;
        let staged = self.staged_with(path, after)?;
        if let Some(replacement) = &staged {
            self.repo.wait_for_index()?;
            self.repo.note_due(&[(replacement.clone(), None)])?;
        }
        // An editor that is saving just now may have the file away for an instant: gone
        // counts as changed.
        let read = match self.repo.disk.read(&full, Repo::CAP) {
            Ok(now) if now == before.as_bytes() => Ok(()),
            Ok(_) | Err(ReadError::TooLarge(_)) => Err(RepoError::ChangedMeanwhile(path.to_owned())),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                Err(RepoError::ChangedMeanwhile(path.to_owned()))
            }
            Err(ReadError::Link) => Err(RepoError::Link(path.to_owned())),
            Err(error) => Err(disk_error(path, &error)),
        };
        let written = read.and_then(|()| {
            self.repo.disk.replace(&full, after.as_bytes()).map_err(|error| disk_error(path, &error))
        });
        if let Some(replacement) = staged {
            self.stage(replacement, written.is_ok());
        }
        written
    }

    /// A file that the user staged as a whole stays so: the index is to hold the new text,
    /// too. Otherwise a commit that fails (a hook, a signer) would leave it partly staged
    /// by our doing, and no sync would touch it again.
    fn staged_with(&self, path: &str, after: &str) -> Result<Option<Replacement>, RepoError> {
        let Some(seen) = self.seen.as_ref().filter(|seen| seen.whole.contains(path)) else {
            return Ok(None);
        };
        let Some(was) = seen.entries.get(path).copied() else { return Ok(None) };
        let id = self.repo.store(path, after, Some(was))?;
        let becomes = Some(Entry { mode: was.mode, id });
        Ok(Some(Replacement { path: path.as_bytes().to_vec(), was: Some(was), becomes }))
    }

    /// Stages it. The text is written at this point; when the index can't be, the note
    /// stays and the next run's sweep finishes it.
    fn stage(&mut self, replacement: Replacement, written: bool) {
        let staged = !written || self.repo.replace_entries(std::slice::from_ref(&replacement)).is_ok();
        if staged {
            let _ = self.repo.drop_due();
        }
        let path = String::from_utf8(replacement.path).unwrap_or_default();
        if written && let Some((seen, becomes)) = self.seen.as_mut().zip(replacement.becomes) {
            seen.entries.insert(path, becomes);
        }
    }

    /// Where a worklog is: below the folder or named, with no link on the way.
    fn place(&self, path: &str) -> Result<PathBuf, RepoError> {
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let inside = path.strip_prefix(self.folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !plain || !(inside || self.named.contains(path)) {
            return Err(disk_error(path, &format!("it is not in the folder {}", self.folder)));
        }
        match self.repo.first_link(path, true) {
            Some(link) => Err(RepoError::Link(link)),
            None => Ok(self.repo.top().join(path)),
        }
    }
}

/// Why there is no folder for a worklog. Only somebody else can move away what is in its place.
fn no_folder(path: &str, error: &io::Error) -> RepoError {
    let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) {
        let message = "there is a file where the folder of the worklogs has to be; move it away, or name \
                       another folder (`worklogs` in gardener.toml)";
        return disk_error(folder, &message);
    }
    disk_error(folder, &format!("the folder can't be made: {error}"))
}
