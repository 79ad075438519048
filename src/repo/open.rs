//! Finds and opens the repository, and holds the lock of a run.
//!
//! What is read from the opened repository is in the files beside this one.

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::effect::{Disk, Lock, MaybeLock, Processes, ReadError, Steps};
use crate::repo::git::{Git, unread};
use crate::repo::gitconfig::{GitConfig, Pending};
use crate::repo::{GitWorktree, RepoError};

/// A git repository with a work tree.
pub struct Repo {
    pub(super) git2: git2::Repository,
    pub(super) git: Git,
    config: OnceCell<GitConfig>,
    /// The reading of it, which goes on while the first other things are done.
    pending: RefCell<Option<Pending>>,
    pub(super) disk: Disk,
    pub(super) processes: Processes,
    pub(super) steps: Steps,
    /// The lock of this run, for the git that makes its commit.
    pub(super) lock: RefCell<MaybeLock>,
    top: PathBuf,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repo").field("top", &self.top).finish_non_exhaustive()
    }
}

impl Repo {
    /// Opens the repository that holds the folder `start`, linked worktrees and submodules
    /// included. The variables a hook sets (`GIT_DIR`, `GIT_INDEX_FILE`) are not looked at:
    /// git starts hooks at the top of the right work tree.
    ///
    /// # Errors
    /// When there is none, it is bare, of a format libgit2 can't read, or not trusted.
    pub fn open(start: &Path, steps: Steps, processes: Processes) -> Result<Self, RepoError> {
        let git2 = git2::Repository::discover(start).map_err(|error| refusal(start, &error))?;
        let workdir = if git2.is_bare() { None } else { git2.workdir() };
        // Taken apart and put together again, so that it has no slash at its end.
        let top: PathBuf = workdir.ok_or(RepoError::Bare)?.components().collect();
        let git = Git::new(processes.clone(), top.clone());
        let pending = RefCell::new(Some(GitConfig::begin(git.clone())));
        let lock = RefCell::default();
        let disk = Disk::new(steps.clone());
        let config = OnceCell::new();
        Ok(Self { git2, git, config, pending, disk, processes, steps, lock, top })
    }

    /// The user's git config.
    ///
    /// # Errors
    /// When git can't tell.
    pub(super) fn config(&self) -> Result<&GitConfig, RepoError> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = match self.pending.take() {
            Some(pending) => pending.end()?,
            None => GitConfig::read(&self.git)?,
        };
        Ok(self.config.get_or_init(|| config))
    }

    /// The top of the work tree.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The git directory that all worktrees of this clone share. gardener keeps its lock
    /// and journal in the folder `gardener` in it.
    pub fn common_dir(&self) -> &Path {
        self.git2.commondir()
    }

    /// The files of this machine, as this repository uses them.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The worklogs of this work tree.
    pub fn worktree(self, config: &Config) -> GitWorktree {
        GitWorktree::new(self, config)
    }

    /// A text file of the work tree, from its top; `None` when it isn't there.
    ///
    /// # Errors
    /// When it can't be read, is a link, larger than one megabyte or not UTF-8.
    pub fn text(&self, path: &str) -> Result<Option<String>, RepoError> {
        // What is read here can end up in an issue, so a link to any file of the user's is
        // not followed, on whichever part of the way it is.
        if let Some(link) = self.first_link(path, true) {
            return Err(RepoError::Link(link));
        }
        let full = self.top.join(path);
        match self.disk.read(&full, Self::CAP) {
            Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| disk_error(path, &"it is not UTF-8")),
            Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk_error(path, &error)),
        }
    }

    /// Takes the lock that lets only one run write in this clone; waits for at most `wait`.
    ///
    /// # Errors
    /// [`RepoError::Busy`] when another run still has it; or when the disk says no.
    pub fn lock(&self, wait: Duration) -> Result<Lock, RepoError> {
        let folder = self.common_dir().join(Self::FOLDER);
        self.disk.create_folder(&folder).map_err(|e| disk_error(&folder.to_string_lossy(), &e))?;
        let path = folder.join("lock");
        let start = Instant::now();
        loop {
            let taken = self.disk.try_lock(&path);
            if let Some(lock) = taken.map_err(|e| disk_error(&path.to_string_lossy(), &e))? {
                self.lock.replace(lock.lend());
                return Ok(lock);
            }
            if start.elapsed() >= wait {
                return Err(RepoError::Busy);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Cleans up after a run that was killed: removes its temporary files from the worklog
    /// folder and the git directory, and finishes the index of a commit it had made.
    /// The lock proves that no other run is writing.
    ///
    /// # Errors
    /// When a commit's index can't be finished.
    pub fn sweep(&self, worklogs: &str, _lock: &Lock) -> Result<(), RepoError> {
        let worklogs = self.top.join(worklogs);
        let folders = walkdir::WalkDir::new(&worklogs).into_iter().flatten();
        for folder in folders.filter(|item| item.file_type().is_dir()) {
            self.disk.sweep(folder.path());
        }
        self.disk.sweep(&self.common_dir().join(Self::FOLDER));
        self.disk.sweep(&self.private_folder());
        self.finish_index()
    }

    /// The most that is read of a file.
    pub(super) const CAP: u64 = 1 << 20;

    /// gardener's folder in a git directory.
    pub(super) const FOLDER: &'static str = "gardener";

    /// gardener's folder in this work tree's own git directory.
    pub(super) fn private_folder(&self) -> PathBuf {
        self.git2.path().join(Self::FOLDER)
    }

    /// HEAD's commit, or `None` on a branch without one.
    pub(super) fn head_commit(&self) -> Result<Option<git2::Oid>, RepoError> {
        match self.git2.head() {
            Ok(head) => Ok(Some(head.peel_to_commit().map_err(unread("read HEAD"))?.id())),
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(unread("read HEAD")(error)),
        }
    }

    /// The tree of HEAD's commit.
    pub(super) fn tree_of(&self, commit: Option<git2::Oid>) -> Result<Option<git2::Tree<'_>>, RepoError> {
        let Some(commit) = commit else { return Ok(None) };
        let tree = self.git2.find_commit(commit).and_then(|c| c.tree());
        tree.map(Some).map_err(unread("read a commit"))
    }
}

/// The disk's error about `path`.
pub(super) fn disk_error(path: &str, error: &dyn std::fmt::Display) -> RepoError {
    RepoError::Disk { path: path.to_owned(), message: error.to_string() }
}

/// Why libgit2 didn't open a repository.
pub(super) fn refusal(start: &Path, error: &git2::Error) -> RepoError {
    let message = error.message();
    let named = |mark: &str| {
        let rest = message.split_once(mark).map(|(_, rest)| rest.trim_matches([' ', '\'', '"']));
        rest.filter(|name| !name.is_empty()).map(str::to_owned)
    };
    match error.code() {
        git2::ErrorCode::NotFound => RepoError::NotARepository(start.display().to_string()),
        git2::ErrorCode::Owner => RepoError::NotTrusted,
        _ => match named("unsupported extension name").or_else(|| named("unknown object format")) {
            Some(name) if name.contains("refstorage") => {
                RepoError::Unsupported("the reftable format (extensions.refstorage)".to_owned())
            }
            Some(name) if name == "sha256" => {
                RepoError::Unsupported("SHA-256 names (extensions.objectformat)".to_owned())
            }
            Some(name) => RepoError::Unsupported(name),
            None => unread("open the repository")(git2::Error::new(error.code(), error.class(), message)),
        },
    }
}
