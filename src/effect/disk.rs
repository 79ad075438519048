//! Files: read without following links, replace whole, append durably, lock.
#![expect(clippy::disallowed_methods, reason = "this is the one place that touches files")]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Weak};

use crate::effect::Steps;

/// The files of this machine.
#[derive(Clone, Debug)]
pub struct Disk {
    steps: Steps,
}

/// An exclusive lock, held until dropped or until the process ends, however it ends; a child
/// that was given it ([`Invocation::holding`](crate::effect::Invocation::holding)) holds it, too.
#[derive(Debug)]
pub struct Lock {
    file: Arc<File>,
}

/// A lock, as long as somebody holds it.
#[derive(Clone, Debug, Default)]
pub struct MaybeLock(Weak<File>);

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A symbolic link: following it could read, and then publish, any file of the user.
    #[error("it is a symbolic link")]
    Link,
    /// A directory, pipe or device.
    #[error("it is not a regular file")]
    NotAFile,
    /// Larger than the cap, in bytes.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Files that a run left behind when it was killed between writing and renaming start
/// with this.
const TEMPORARY: &str = ".gardener-tmp-";

impl Lock {
    /// The lock for somebody who does not keep it.
    pub fn lend(&self) -> MaybeLock {
        MaybeLock(Arc::downgrade(&self.file))
    }
}

impl MaybeLock {
    /// The same lock as an open file for a child, if it is held. All copies are one lock: it
    /// is free when the last of them is closed.
    pub(super) fn for_child(&self) -> io::Result<Option<File>> {
        self.0.upgrade().map(|file| file.try_clone()).transpose()
    }
}

impl Disk {
    /// What the names of temporary files start with: [`Self::sweep`] removes such files.
    pub const TEMPORARY: &'static str = TEMPORARY;

    /// The disk, announcing its effects to `steps`.
    pub fn new(steps: Steps) -> Self {
        Self { steps }
    }

    /// Reads a regular file of at most `cap` bytes. A link is refused even when it is put
    /// there between the check and the opening: the opened file must be the checked one.
    ///
    /// # Errors
    /// When it is not such a file or can't be read.
    pub fn read(&self, path: &Path, cap: u64) -> Result<Vec<u8>, ReadError> {
        let before = fs::symlink_metadata(path)?;
        if before.is_symlink() {
            return Err(ReadError::Link);
        }
        if !before.is_file() {
            return Err(ReadError::NotAFile);
        }
        let file = File::open(path)?;
        if !same_file(&before, &file.metadata()?) {
            return Err(ReadError::Link);
        }
        let mut bytes = Vec::new();
        file.take(cap + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > cap {
            return Err(ReadError::TooLarge(cap));
        }
        Ok(bytes)
    }

    /// Makes `path` hold `bytes`: at every instant it is its old or its complete new
    /// content, also after a power cut. The file's permissions stay.
    ///
    /// # Errors
    /// When any step fails; the old content is then still there.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = parent(path)?;
        self.steps.step(&format!("write a temporary file for {}", name(path)));
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
        if let Ok(old) = fs::metadata(path) {
            file.as_file().set_permissions(old.permissions())?;
        } else {
            readable(file.as_file())?;
        }
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        self.steps.step(&format!("rename onto {}", name(path)));
        file.persist(path).map_err(|e| e.error)?;
        sync_folder(folder)
    }

    /// Adds `bytes` at the end of `path`, which is made when missing, and waits until
    /// they are on the disk.
    ///
    /// # Errors
    /// When any step fails; a part of `bytes` may then have been added.
    pub fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.steps.step(&format!("append to {}", name(path)));
        let is_new = !path.exists();
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if is_new {
            sync_folder(parent(path)?)?;
        }
        Ok(())
    }

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.steps.step(&format!("make the folder {}", name(path)));
        fs::create_dir_all(path)
    }

    /// Makes a new file with `bytes`, complete from the first instant; refuses when
    /// something is there already.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken, or what the system says.
    pub fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = parent(path)?;
        self.steps.step(&format!("write a temporary file for {}", name(path)));
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
        readable(file.as_file())?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        self.steps.step(&format!("create {}", name(path)));
        file.persist_noclobber(path).map_err(|e| e.error)?;
        sync_folder(folder)
    }

    /// Copies a file to a name that nobody else uses. The copy may be lost in a power cut.
    ///
    /// # Errors
    /// When it can't be copied; a part of it may then be there.
    pub fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.steps.step(&format!("copy {}", name(from)));
        fs::copy(from, to).map(|_| ())
    }

    /// Removes a file that gardener made.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.steps.step(&format!("remove {}", name(path)));
        fs::remove_file(path)
    }

    /// Removes what a killed run left in `folder`. Only to be called under the lock, when
    /// no other run can be writing.
    pub fn sweep(&self, folder: &Path) {
        let Ok(items) = fs::read_dir(folder) else { return };
        for item in items.flatten() {
            if item.file_name().to_string_lossy().starts_with(TEMPORARY) {
                // A stray file that can't be removed harms nobody; the next run tries again.
                let _ = self.remove(&item.path());
            }
        }
    }

    /// Takes the lock at `path`, or says that another process has it (`None`).
    ///
    /// # Errors
    /// When the lock file can't be opened.
    pub fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        if !path.exists() {
            self.steps.step(&format!("make {}", name(path)));
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { file: Arc::new(file) })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no folder"))
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(OsString::new, OsString::from).to_string_lossy().into_owned()
}

#[cfg(unix)]
fn same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    a.file_type() == b.file_type()
}

/// Temporary files are made private; a new worklog is as readable as any other new file.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A rename is on the disk only once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replace_keeps_permissions_and_leaves_no_stray_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let (disk, path) = (Disk::new(Steps::default()), folder.path().join("a.md"));
        disk.replace(&path, b"one").expect("written");
        disk.replace(&path, b"two").expect("written");
        assert_eq!(disk.read(&path, 10).expect("read"), b"two");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
        assert!(matches!(disk.read(&path, 2), Err(ReadError::TooLarge(2))));
    }

    #[test]
    fn create_takes_no_place_that_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let (disk, path) = (Disk::new(Steps::default()), folder.path().join("a.md"));
        disk.create(&path, b"one").expect("created");
        let taken = disk.create(&path, b"two").expect_err("it is there");
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(disk.read(&path, 10).expect("read"), b"one");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_folders_are_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::new(Steps::default());
        let link = folder.path().join("l.md");
        std::os::unix::fs::symlink("/etc/hostname", &link).expect("linked");
        assert!(matches!(disk.read(&link, 10), Err(ReadError::Link)));
        assert!(matches!(disk.read(folder.path(), 10), Err(ReadError::NotAFile)));
    }

    #[test]
    fn only_one_holds_the_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let (disk, path) = (Disk::new(Steps::default()), folder.path().join("lock"));
        let held = disk.try_lock(&path).expect("opened");
        assert!(held.is_some());
        assert!(disk.try_lock(&path).expect("opened").is_none());
        drop(held);
        assert!(disk.try_lock(&path).expect("opened").is_some());
    }
}
