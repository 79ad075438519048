//! Writing one worklog: whole or not at all, and never over an edit made in the meantime.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::effect::ReadError;
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
        let made = full.parent().map_or(Ok(()), |folder| disk.create_folder(folder));
        match made.and_then(|()| disk.create(&full, text.as_bytes())) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(RepoError::ChangedMeanwhile(path.to_owned()))
            }
            made => made.map_err(|error| disk_error(path, &error)),
        }
    }

    pub(super) fn replace(&self, path: &str, before: &str, after: &str) -> Result<(), RepoError> {
        let full = self.place(path)?;
        // An editor that is saving just now may have the file away for an instant: gone
        // counts as changed.
        match self.repo.disk.read(&full, Repo::CAP) {
            Ok(now) if now == before.as_bytes() => {}
            Ok(_) | Err(ReadError::TooLarge(_)) => return Err(RepoError::ChangedMeanwhile(path.to_owned())),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RepoError::ChangedMeanwhile(path.to_owned()));
            }
            Err(ReadError::Link) => return Err(RepoError::Link(path.to_owned())),
            Err(error) => return Err(disk_error(path, &error)),
        }
        self.repo.disk.replace(&full, after.as_bytes()).map_err(|error| disk_error(path, &error))
    }

    /// Where a worklog is: below the folder, with no link on the way.
    fn place(&self, path: &str) -> Result<PathBuf, RepoError> {
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let inside = path.strip_prefix(self.folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if !plain || !inside {
            return Err(disk_error(path, &format!("it is not in the folder {}", self.folder)));
        }
        match self.repo.first_link(path, true) {
            Some(link) => Err(RepoError::Link(link)),
            None => Ok(self.repo.top().join(path)),
        }
    }
}
