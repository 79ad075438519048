//! The journal's file: one for all worktrees of a clone, in the common git directory.
//!
//! What the bytes mean is not known here. An append that fails or is killed halfway may
//! leave a torn last line; who reads the records drops it.

use std::io;
use std::path::{Path, PathBuf};

use crate::effect::{Disk, ReadError};
use crate::journal::{Store, StoreError};

/// The journal on disk.
#[derive(Debug)]
pub struct FileStore {
    disk: Disk,
    folder: PathBuf,
    path: PathBuf,
    /// Whether it can be made again from nothing, so that nobody waits for the disk.
    is_spare: bool,
}

impl FileStore {
    /// The journal of the clone whose common git directory is `common_dir`. Nothing is
    /// made on disk before the first write.
    pub fn new(common_dir: &Path, disk: Disk) -> Self {
        let folder = common_dir.join("gardener");
        let path = folder.join("journal");
        Self { disk, folder, path, is_spare: false }
    }

    /// The cache beside the journal.
    pub fn cache(common_dir: &Path, disk: Disk) -> Self {
        let folder = common_dir.join("gardener");
        let path = folder.join("cache.json");
        Self { disk, folder, path, is_spare: true }
    }

    /// Answers that GitHub need not give again, beside the cache.
    pub fn answers(common_dir: &Path, disk: Disk) -> Self {
        let folder = common_dir.join("gardener");
        let path = folder.join("answers.json");
        Self { disk, folder, path, is_spare: true }
    }

    /// What issues say, beside the cache.
    pub fn texts(common_dir: &Path, disk: Disk) -> Self {
        let folder = common_dir.join("gardener");
        let path = folder.join("issues.jsonl");
        Self { disk, folder, path, is_spare: false }
    }

    /// When this clone last looked at GitHub, by its own clock: a number of seconds.
    pub fn last_look(common_dir: &Path, disk: Disk) -> Self {
        let folder = common_dir.join("gardener");
        let path = folder.join("looked");
        Self { disk, folder, path, is_spare: true }
    }

    /// A journal larger than this is broken: records are dropped when they are settled. The texts
    /// of fifty thousand issues fit, too.
    const CAP: u64 = 512 << 20;

    fn error(&self, error: &dyn std::fmt::Display) -> StoreError {
        StoreError { path: self.path.display().to_string(), message: error.to_string() }
    }
}

impl Store for FileStore {
    fn read(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.disk.read(&self.path, Self::CAP) {
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| self.error(&error)),
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let made = self.disk.create_folder(&self.folder);
        made.and_then(|()| self.disk.append(&self.path, bytes)).map_err(|error| self.error(&error))
    }

    fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let made = self.disk.create_folder(&self.folder);
        let replaced = made.and_then(|()| match self.is_spare {
            true => self.disk.replace_soon(&self.path, bytes),
            false => self.disk.replace(&self.path, bytes),
        });
        replaced.map_err(|error| self.error(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::Steps;

    #[test]
    fn what_is_appended_or_replaced_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let steps = Steps::default();
        let mut store = FileStore::new(folder.path(), Disk::new(steps.clone()));
        assert_eq!(store.read(), Ok(Vec::new()));
        assert_eq!(steps.count(), 0, "reading makes nothing");
        store.append(b"one\n").expect("appended");
        store.append(b"two\n").expect("appended");
        assert_eq!(store.read(), Ok(b"one\ntwo\n".to_vec()));
        store.replace(b"two\n").expect("replaced");
        let mut again = FileStore::new(folder.path(), Disk::new(Steps::default()));
        assert_eq!(again.read(), Ok(b"two\n".to_vec()));
    }

    #[cfg(unix)]
    #[test]
    fn a_journal_that_is_a_link_is_neither_read_nor_taken_for_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = FileStore::new(folder.path(), Disk::new(Steps::default()));
        store.append(b"").expect("made");
        let path = folder.path().join("gardener/journal");
        Disk::new(Steps::default()).remove(&path).expect("removed");
        std::os::unix::fs::symlink("/etc/hostname", &path).expect("linked");
        let error = store.read().expect_err("a link");
        assert!(error.to_string().contains("symbolic link"), "{error}");
    }
}
