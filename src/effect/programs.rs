//! Small programs of the user that gardener puts in place or takes away: a git hook.
//!
//! They are made whole and executable, and what was there before is never out of the world: it
//! has its new name before it loses the old one.
#![expect(clippy::disallowed_methods, reason = "it is an edge to the disk")]

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::effect::{Disk, Steps};

/// Puts programs in place.
#[derive(Clone, Debug)]
pub struct Programs {
    steps: Steps,
}

impl Programs {
    /// Announces what it does to `steps`.
    pub fn new(steps: Steps) -> Self {
        Self { steps }
    }

    /// Makes `path` a program with this text. What is there gets the name `aside`, if one is
    /// given; else the place must be free, or ours to replace (`is_ours`).
    ///
    /// # Errors
    /// When the disk says no or a name is taken; what was there is then still there.
    pub fn put(&self, path: &Path, text: &str, aside: Option<&Path>, is_ours: bool) -> io::Result<()> {
        let folder = path.parent().unwrap_or(path);
        if !folder.is_dir() {
            self.steps.step("make the folder of the hooks");
            fs::create_dir_all(folder)?;
        }
        let mut file = tempfile::Builder::new().prefix(Disk::TEMPORARY).tempfile_in(folder)?;
        executable(file.as_file())?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        if let Some(aside) = aside {
            self.steps.step("give the hook that is there its new name");
            fs::hard_link(path, aside)?;
        }
        self.steps.step("put the hook in its place");
        if is_ours || aside.is_some() {
            file.persist(path).map_err(|e| e.error)?;
        } else {
            file.persist_noclobber(path).map_err(|e| e.error)?;
        }
        Ok(())
    }

    /// Removes a program, or puts back the one that was there before.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn take_away(&self, path: &Path, aside: Option<&Path>) -> io::Result<()> {
        self.steps.step("take the hook away");
        match aside.filter(|aside| aside.exists()) {
            Some(aside) => fs::rename(aside, path),
            None => fs::remove_file(path),
        }
    }
}

#[cfg(unix)]
fn executable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_file: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_and_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, aside) = (folder.path().join("hooks/pre-push"), folder.path().join("hooks/old"));
        let programs = Programs::new(Steps::default());
        programs.put(&path, "one", None, false).expect("put");
        let taken = programs.put(&path, "two", None, false).expect_err("somebody's");
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        programs.put(&path, "two", Some(&aside), false).expect("put");
        let read = |path: &Path| fs::read_to_string(path).expect("read");
        assert_eq!((read(&path), read(&aside)), ("two".to_owned(), "one".to_owned()));
        programs.put(&path, "three", Some(&aside), false).expect_err("the name is taken");
        assert_eq!((read(&path), read(&aside)), ("two".to_owned(), "one".to_owned()));
        programs.take_away(&path, Some(&aside)).expect("taken away");
        assert_eq!(read(&path), "one");
        programs.take_away(&path, None).expect("taken away");
        assert_eq!(fs::read_dir(folder.path().join("hooks")).expect("listed").count(), 0);
    }
}
