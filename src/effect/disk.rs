//! Files: read without following links, replace whole, append durably, lock.
//!
//! What a careful program does with the system's calls is here; the calls themselves are in
//! `files`, so that a simulation can cut the power between any two of them.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::effect::Steps;
use crate::effect::files::{Files, Lock, ReadError, Stamp, SystemFiles, TEMPORARY};

/// The files of this machine.
#[derive(Clone)]
pub struct Disk {
    steps: Steps,
    files: Arc<dyn Files>,
}

/// A file that is about to be kept, and the moment at which it was begun.
#[derive(Debug)]
pub struct Draft {
    temporary: PathBuf,
    /// By the clock of the file system that it is on.
    pub moment: (i64, i64),
}

impl Disk {
    /// What the names of temporary files start with: [`Self::sweep`] removes such files.
    pub const TEMPORARY: &'static str = TEMPORARY;

    /// The disk, announcing its effects to `steps`.
    pub fn new(steps: Steps) -> Self {
        Self::over(Arc::new(SystemFiles), steps)
    }

    /// The same over other files than this machine's.
    pub fn over(files: Arc<dyn Files>, steps: Steps) -> Self {
        Self { steps, files }
    }

    /// Reads a regular file of at most `cap` bytes. A link is refused even when it is put
    /// there between the check and the opening: the opened file must be the checked one.
    ///
    /// # Errors
    /// When it is not such a file or can't be read.
    pub fn read(&self, path: &Path, cap: u64) -> Result<Vec<u8>, ReadError> {
        self.files.read(path, cap)
    }

    /// Makes `path` hold `bytes`: at every instant it is its old or its complete new
    /// content, also after a power cut. The file's permissions stay.
    ///
    /// # Errors
    /// When any step fails; the old content is then still there.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = parent(path)?;
        self.steps.step(&format!("write a temporary file for {}", name(path)));
        if sabotaged!(WriteInPlace) && self.files.exists(path) {
            self.files.remove(path)?;
            self.steps.step("write in place");
            return self.files.append(path, bytes);
        }
        let temporary = self.files.write_temporary(folder, bytes, Some(path))?;
        let renamed = self.sync(&temporary).and_then(|()| {
            self.steps.step(&format!("rename onto {}", name(path)));
            self.files.rename(&temporary, path)
        });
        self.finish(&temporary, renamed, folder)
    }

    /// As [`Self::replace`], but nobody waits for the disk: after a power cut the file may hold the
    /// old content, the new one, or something torn. Only for what is recognised and made again then.
    ///
    /// # Errors
    /// As above.
    pub fn replace_soon(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = parent(path)?;
        self.steps.step(&format!("write a temporary file for {}", name(path)));
        let temporary = self.files.write_temporary(folder, bytes, Some(path))?;
        self.steps.step(&format!("rename onto {}", name(path)));
        self.files.rename(&temporary, path).inspect_err(|_| drop(self.files.remove(&temporary)))
    }

    /// Begins a file in `folder`, which is made when missing, that is to be [kept](Self::keep): one that
    /// may be lost. Nothing where that can't be done; then nothing is kept.
    pub fn draft(&self, folder: &Path) -> Option<Draft> {
        self.create_folder(folder).ok()?;
        self.steps.step("write a temporary file for what is known");
        let temporary = self.files.write_temporary(folder, b"", None).ok()?;
        match Stamp::of(&temporary) {
            Some(stamp) => Some(Draft { temporary, moment: stamp.times[1] }),
            None => {
                let _ = self.files.remove(&temporary);
                None
            }
        }
    }

    /// Puts `bytes` into a draft, and it in the place of `path`, whole or not at all. Nobody waits for
    /// the disk: after a power cut it may be the old file, none, or damaged, and whoever reads it has to
    /// see that. An error is no loss, so that nobody hears of it.
    pub fn keep(&self, draft: Draft, path: &Path, bytes: &[u8]) {
        self.steps.step(&format!("keep {}", name(path)));
        let kept = self.files.append(&draft.temporary, bytes);
        if kept.and_then(|()| self.files.rename(&draft.temporary, path)).is_err() {
            let _ = self.files.remove(&draft.temporary);
        }
    }

    /// Takes a draft away of which nothing came.
    pub fn drop_draft(&self, draft: Draft) {
        let _ = self.remove(&draft.temporary);
    }

    /// Adds `bytes` at the end of `path`, which is made when missing, and waits until
    /// they are on the disk.
    ///
    /// # Errors
    /// When any step fails; a part of `bytes` may then have been added.
    pub fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.steps.step(&format!("append to {}", name(path)));
        self.files.append(path, bytes)?;
        self.sync(path)?;
        // Also when the file was there: whoever made it may have failed before its name was safe.
        self.files.sync_folder(parent(path)?)
    }

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn create_folder(&self, path: &Path) -> io::Result<()> {
        if self.files.is_folder(path) {
            return Ok(());
        }
        self.steps.step(&format!("make the folder {}", name(path)));
        self.files.create_folder(path)
    }

    /// Makes a new file with `bytes`, complete from the first instant; refuses when
    /// something is there already.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken, or what the system says.
    pub fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = parent(path)?;
        self.steps.step(&format!("write a temporary file for {}", name(path)));
        let temporary = self.files.write_temporary(folder, bytes, None)?;
        let renamed = self.sync(&temporary).and_then(|()| {
            self.steps.step(&format!("create {}", name(path)));
            self.files.rename_to_new(&temporary, path)
        });
        self.finish(&temporary, renamed, folder)
    }

    /// Makes an empty file that nobody else can read, unless something is there: to be
    /// [replaced](Self::replace), which keeps the permissions.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn make_private(&self, path: &Path) -> io::Result<()> {
        if self.files.exists(path) {
            return Ok(());
        }
        self.steps.step(&format!("make {}", name(path)));
        self.files.make_private(path)
    }

    /// Copies a file to a name that nobody else uses. The copy may be lost in a power cut.
    ///
    /// # Errors
    /// When it can't be copied; a part of it may then be there.
    pub fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.steps.step(&format!("copy {}", name(from)));
        self.files.copy(from, to)
    }

    /// Removes a file that gardener made.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.steps.step(&format!("remove {}", name(path)));
        self.files.remove(path)
    }

    /// Removes what a killed run left in `folder`. Only to be called under the lock, when
    /// no other run can be writing.
    pub fn sweep(&self, folder: &Path) {
        let Ok(items) = self.files.list(folder) else { return };
        for item in items {
            if name(&item).starts_with(TEMPORARY) {
                // A stray file that can't be removed harms nobody; the next run tries again.
                let _ = self.remove(&item);
            }
        }
    }

    /// Takes the lock at `path`, or says that another process has it (`None`).
    ///
    /// # Errors
    /// When the lock file can't be opened.
    pub fn try_lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        if !self.files.exists(path) {
            self.steps.step(&format!("make {}", name(path)));
        }
        self.files.try_lock(path)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        if sabotaged!(DropSync) { Ok(()) } else { self.files.sync(path) }
    }

    /// A rename is on the disk only once its folder is. What could not be renamed goes.
    fn finish(&self, temporary: &Path, renamed: io::Result<()>, folder: &Path) -> io::Result<()> {
        if renamed.is_err() {
            let _ = self.files.remove(temporary);
        }
        renamed.and_then(|()| self.files.sync_folder(folder))
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Disk({:?})", self.steps)
    }
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no folder"))
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(OsString::new, OsString::from).to_string_lossy().into_owned()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at the folder themselves")]
mod tests {
    use std::fs;

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
