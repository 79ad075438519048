//! The system's calls on files, one by one, and those of this machine.
//!
//! Nothing here is careful: order, syncing and cleaning up are the business of `disk`. A
//! simulation implements [`Files`] in memory, where a power cut keeps only what was synced.
#![expect(clippy::disallowed_methods, reason = "this is the one place that touches files")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

/// Files that a run left behind when it was killed between writing and renaming start
/// with this.
pub(super) const TEMPORARY: &str = ".gardener-tmp-";

/// What a folder is, whatever it is called: device, inode and, where the file system keeps it, the
/// moment it was made.
///
/// # Errors
/// When it is not there.
pub fn what_is_at(path: &Path) -> io::Result<String> {
    let facts = fs::metadata(path)?;
    let birth = facts.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let birth = birth.map_or_else(|| "-".to_owned(), |at| at.as_nanos().to_string());
    Ok(format!("{}:{birth}", inode(&facts)))
}

#[cfg(unix)]
fn inode(facts: &fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!("{}:{}", facts.dev(), facts.ino())
}

#[cfg(not(unix))]
fn inode(_facts: &fs::Metadata) -> String {
    "-:-".to_owned()
}

/// Whether only its owner may write to a file.
#[cfg(unix)]
pub fn only_owner_writes(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.symlink_metadata().is_ok_and(|facts| facts.permissions().mode() & 0o022 == 0)
}

/// Permissions are the system's business here.
#[cfg(not(unix))]
pub fn only_owner_writes(_path: &Path) -> bool {
    true
}

/// Whether the system would run the file as a program.
#[cfg(unix)]
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|facts| facts.permissions().mode() & 0o111 != 0)
}

/// Whether it runs is decided by its name here.
#[cfg(not(unix))]
pub fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether some process holds the lock at `path`. Nothing is made: where there is no file, nobody
/// does. For an instant a lock that is free is shared with this process.
///
/// # Errors
/// When it can't be told.
pub fn is_locked(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(fs::TryLockError::WouldBlock) => Ok(true),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// How a file stands. One that looks the same later has not been written in between, if both of its
/// times are before the moment of a [`Draft`](crate::effect::Draft) that was made before the file was
/// looked at: whoever writes later leaves a later time. No program can set the second of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Device and inode.
    pub file: (u64, u64),
    /// Its bytes.
    pub size: u64,
    /// When it was written, and when anything about it changed: seconds and nanoseconds.
    pub times: [(i64, i64); 2],
}

impl Stamp {
    /// How the file at `path` stands; `None` for what is no regular file, or where a system does not
    /// tell enough of one.
    #[cfg(unix)]
    pub fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let facts = path.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
        let times = [(facts.mtime(), facts.mtime_nsec()), (facts.ctime(), facts.ctime_nsec())];
        Some(Self { file: (facts.dev(), facts.ino()), size: facts.size(), times })
    }

    /// Nothing is known of a file that would hold.
    #[cfg(not(unix))]
    pub fn of(_path: &Path) -> Option<Self> {
        None
    }

    /// Whether nothing has happened to the file since before this moment.
    pub fn is_before(&self, moment: (i64, i64)) -> bool {
        self.times.iter().all(|time| *time < moment)
    }
}

/// When the file at `path` was written last, without opening it.
pub fn changed_at(path: &Path) -> Option<i64> {
    let since = path.symlink_metadata().ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// A file that somebody named, to be read as a stream, whatever it is and through any link. Opening
/// a named pipe would wait for its other end, perhaps for ever; one that a shell has opened
/// (`/dev/fd/63`) has its other end.
///
/// # Errors
/// When it can't be opened, or is a folder or a named pipe.
pub fn open_named(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let is_open = path.starts_with("/dev") || path.starts_with("/proc");
        if !is_open && fs::metadata(path)?.file_type().is_fifo() {
            let why = "it is a named pipe; as standard input it can be read: `- < PIPE`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    Ok(file)
}

/// When a file was written last, as far as its system tells: nothing of a pipe or terminal.
pub fn written_at(file: &File) -> Option<i64> {
    let facts = file.metadata().ok().filter(fs::Metadata::is_file)?;
    let since = facts.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// An exclusive lock, held until dropped or until the process ends, however it ends; a child
/// that was given it ([`Invocation::holding`](crate::effect::Invocation::holding)) holds it, too.
#[derive(Debug)]
pub struct Lock {
    file: Option<Arc<File>>,
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

/// The calls. Those that can fail give the system's error.
#[expect(clippy::missing_errors_doc, reason = "each gives the system's error")]
pub trait Files: Send + Sync {
    /// Reads a regular file of at most `cap` bytes, following no link.
    fn read(&self, path: &Path, cap: u64) -> Result<Vec<u8>, ReadError>;

    /// Whether something is there.
    fn exists(&self, path: &Path) -> bool;

    /// Whether a folder is there.
    fn is_folder(&self, path: &Path) -> bool;

    /// Writes a file under a name in `folder` that nobody else uses, with the permissions of
    /// the file at `like`, if there is one. A part of it goes away again on an error.
    fn write_temporary(&self, folder: &Path, bytes: &[u8], like: Option<&Path>) -> io::Result<PathBuf>;

    /// Adds bytes at the end of a file, which is made when missing.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Waits until the content of a file is on the disk.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Waits until the names in a folder are on the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Gives a file another name, in the place of what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file another name, unless something has it.
    fn rename_to_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes a folder and those above it.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes a new empty file that only its owner can read or write.
    fn make_private(&self, path: &Path) -> io::Result<()>;

    /// Copies a file.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// What is in a folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Takes an exclusive lock, or none when somebody has it.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemFiles;

impl Lock {
    /// A lock where there is no other process.
    pub fn of_nobody() -> Self {
        Self { file: None }
    }

    /// The lock for somebody who does not keep it.
    pub fn lend(&self) -> MaybeLock {
        MaybeLock(self.file.as_ref().map(Arc::downgrade).unwrap_or_default())
    }
}

impl MaybeLock {
    /// The same lock as an open file for a child, if it is held. All copies are one lock: it
    /// is free when the last of them is closed.
    pub(super) fn for_child(&self) -> io::Result<Option<File>> {
        self.0.upgrade().map(|file| file.try_clone()).transpose()
    }
}

impl Files for SystemFiles {
    fn read(&self, path: &Path, cap: u64) -> Result<Vec<u8>, ReadError> {
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
        // Room for all of it and the end, so that it takes one call.
        let room = usize::try_from(before.len().min(cap)).unwrap_or_default() + 1;
        let mut bytes = Vec::with_capacity(room);
        file.take(cap + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > cap {
            return Err(ReadError::TooLarge(cap));
        }
        Ok(bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn write_temporary(&self, folder: &Path, bytes: &[u8], like: Option<&Path>) -> io::Result<PathBuf> {
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
        match like.and_then(|like| fs::metadata(like).ok()) {
            Some(old) => file.as_file().set_permissions(old.permissions())?,
            None => readable(file.as_file())?,
        }
        file.write_all(bytes)?;
        let (_, path) = file.keep()?;
        Ok(path)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // A file can be synced through any handle; some systems want one that may write.
        OpenOptions::new().append(true).open(path)?.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_to_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        let from = tempfile::TempPath::try_from_path(from)?;
        from.persist_noclobber(to).map_err(|e| e.error)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn make_private(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map(drop)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::copy(from, to).map(|_| ())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|item| Ok(item?.path())).collect()
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { file: Some(Arc::new(file)) })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
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
