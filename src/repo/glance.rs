//! The repository as an editor's helper looks at it: often, without starting a program, and without
//! writing anything.
//!
//! libgit2 alone answers here, so that what only git knows is left out: an ssh host is taken as it is
//! written, sparse checkouts and the newest forms of the index may list a file more or less. Nothing that
//! is written or sent may depend on it; commands use [`Repo`](crate::repo::Repo).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::config::Config;
use crate::effect::{Disk, ReadError, Steps};
use crate::repo::remote::chosen;
use crate::repo::{Home, RepoError, Unfit};

/// A repository that is only looked at.
pub struct Glance {
    git2: git2::Repository,
    disk: Disk,
    top: PathBuf,
}

impl std::fmt::Debug for Glance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Glance").field("top", &self.top).finish_non_exhaustive()
    }
}

/// How a file stood at a time: one that looks the same later is taken to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Glance {
    /// Opens the repository that holds the folder `start`.
    ///
    /// # Errors
    /// When there is none, it is bare, of a format libgit2 can't read, or not trusted.
    pub fn open(start: &Path) -> Result<Self, RepoError> {
        let refused = |error: git2::Error| super::open::refusal(start, &error);
        let git2 = git2::Repository::discover(start).map_err(refused)?;
        let workdir = if git2.is_bare() { None } else { git2.workdir() };
        let top: PathBuf = workdir.ok_or(RepoError::Bare)?.components().collect();
        Ok(Self { git2, disk: Disk::new(Steps::default()), top })
    }

    /// The top of the work tree.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The git directory that all worktrees of this clone share.
    pub fn common_dir(&self) -> &Path {
        self.git2.commondir()
    }

    /// The files of this machine.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Which repository on GitHub this is, if anything says so. The host is `None` where it may be a name
    /// from the user's ssh config, which is not asked.
    pub fn home(&self, config: &Config, host: Option<&str>) -> Option<(Home, Option<String>)> {
        let settings = self.git2.config().and_then(|mut settings| settings.snapshot()).ok()?;
        let head = self.git2.find_reference("HEAD").ok();
        let branch = head.as_ref().and_then(|head| head.symbolic_target().ok().flatten());
        let branch = branch.and_then(|name| name.strip_prefix("refs/heads/"));
        let tracked = branch.and_then(|b| settings.get_string(&format!("branch.{b}.remote")).ok());
        let names = self.git2.remotes().ok()?;
        let names = names.iter().filter_map(|name| name.ok().flatten());
        let url =
            |name: &str| Some((name.to_owned(), self.git2.find_remote(name).ok()?.url().ok()?.to_owned()));
        let remotes: Vec<(String, String)> = names.filter_map(url).collect();
        let (home, by_ssh) = chosen(config.repository.as_ref(), host, tracked.as_deref(), &remotes).ok()?;
        // A name without a dot is one of the user's own.
        let host = Some(home.host.clone()).filter(|host| !by_ssh || host.contains('.'));
        Some((home, host))
    }

    /// Every markdown file below `folder` that git tracks, or that is new and not ignored, in the order of
    /// paths, with how it stands. Links are not followed; the files that one names are not there.
    pub fn worklogs(&self, folder: &str) -> Vec<(String, Stamp)> {
        let index = self.index();
        let walk = walkdir::WalkDir::new(self.top.join(folder)).sort_by_file_name();
        let is_git = |item: &walkdir::DirEntry| item.depth() > 0 && item.file_name() == ".git";
        let items = walk.into_iter().filter_entry(|item| !is_git(item)).flatten();
        let mut found = Vec::new();
        for item in items.filter(|item| item.file_type().is_file()) {
            let Some(path) = self.inside(item.path()).filter(|path| path.ends_with(".md")) else { continue };
            let is_tracked =
                index.as_ref().is_some_and(|index| index.get_path(Path::new(&path), 0).is_some());
            if !is_tracked && self.git2.is_path_ignored(Path::new(&path)).unwrap_or(false) {
                continue;
            }
            found.extend(item.metadata().ok().map(|metadata| {
                (path, Stamp { length: metadata.len(), modified: metadata.modified().ok() })
            }));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// The files that git tracks, from the top; names that are not UTF-8 are left out.
    pub fn files(&self) -> BTreeSet<String> {
        let Some(index) = self.index() else { return BTreeSet::new() };
        index.iter().filter_map(|entry| String::from_utf8(entry.path).ok()).collect()
    }

    /// How a file of this machine stands; `None` where there is none.
    pub fn stamp(&self, path: &Path) -> Option<Stamp> {
        let metadata = path.symlink_metadata().ok()?;
        Some(Stamp { length: metadata.len(), modified: metadata.modified().ok() })
    }

    /// How the index stands.
    pub fn index_stamp(&self) -> Option<Stamp> {
        self.stamp(&self.git2.path().join("index"))
    }

    /// The text of a file of the work tree, or why it is none; `None` where it isn't there.
    pub fn text(&self, path: &str) -> Option<Result<String, Unfit>> {
        let mut way = PathBuf::new();
        let is_link = Path::new(path).components().any(|part| {
            way.push(part);
            self.top.join(&way).is_symlink()
        });
        if is_link {
            return Some(Err(Unfit::Link));
        }
        Some(match self.disk.read(&self.top.join(path), super::Repo::CAP) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|e| Unfit::NotText(e.utf8_error().valid_up_to())),
            Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(ReadError::Io(error)) => Err(Unfit::Unreadable(error.to_string())),
            Err(ReadError::Link) => Err(Unfit::Link),
            Err(ReadError::NotAFile) => Err(Unfit::NotAFile),
            Err(ReadError::TooLarge(_)) => Err(Unfit::TooLarge),
        })
    }

    /// A path from the top, with `/`; `None` outside of the work tree or where it is not UTF-8.
    pub fn inside(&self, path: &Path) -> Option<String> {
        let parts = path.strip_prefix(&self.top).ok()?.components();
        let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }

    /// The index as it is now, and as nobody can write it.
    fn index(&self) -> Option<git2::Index> {
        git2::Index::open(&self.git2.path().join("index")).ok()
    }
}
