//! The git repository: which worklogs there are, what state it is in, and the one commit.
//!
//! Floor 4. git2 reads; `git` itself writes, so that signing, identity and hooks are the
//! user's own. Nothing here knows what a worklog means.
//!
//! [`Repo`] is the opened repository, [`GitWorktree`] its worklogs. Where libgit2 and git
//! disagree (the index's newer forms, ignore rules, config), git is asked.

mod aside;
mod branches;
mod commit;
mod filters;
mod git;
mod gitconfig;
mod glance;
mod health;
mod history;
mod hooks;
mod index;
mod known;
mod lines;
mod open;
mod remote;
mod standing;
mod survey;
mod versions;
mod worklogs;
mod write;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use aside::Aside;
pub use glance::{Glance, Stamp};
pub use health::{Ignored, Kind, git_version};
pub use history::Commit;
pub use hooks::{FoundHook, HookFolder, HookPlace, Keeper};
pub use known::Known;
pub use lines::ATTRIBUTES;
pub use open::Repo;
pub use remote::{Home, RemoteUrl, is_host};
pub use survey::{Fresh, Learned, Read, Survey};
pub use versions::{BlobId, Step, Walk};
pub use worklogs::GitWorktree;

/// What a sync needs of the user's repository. A simulation implements it in memory.
pub trait Worktree {
    /// Whether a commit can be made here and now.
    ///
    /// # Errors
    /// When the repository can't be read.
    fn standing(&mut self) -> Result<Standing, RepoError>;

    /// Every file in the worklog folder of the work tree that is tracked, or new and not
    /// ignored, in path order.
    ///
    /// # Errors
    /// When the folder can't be listed. A single unreadable file is in the answer.
    fn worklogs(&mut self) -> Result<Vec<File>, RepoError>;

    /// The worklogs that HEAD has and the work tree has not, with their texts: deleted, or
    /// moved somewhere else.
    ///
    /// # Errors
    /// When HEAD can't be read.
    fn gone(&mut self) -> Result<Vec<(String, String)>, RepoError>;

    /// Whether HEAD is this commit or comes after it. A clone that can't tell says no.
    fn comes_after(&mut self, commit: &str) -> bool;

    /// Whether anything was taken back with `git revert` between this commit and HEAD. A clone that
    /// can't tell says yes.
    fn reverts_since(&mut self, commit: &str) -> bool;

    /// The worklogs that differ from the merge base with the default branch (rule 4), or
    /// `None` for "all of them count": on the default branch or at its tip, and where no
    /// default branch is known. Without a merge base (a shallow clone) they are compared
    /// with the default branch's tip. To consider one too many is safe: each text carries
    /// its own base, so that an old text pulls and never pushes.
    ///
    /// # Errors
    /// When history can't be read.
    fn changed_here(&mut self) -> Result<Option<BTreeSet<String>>, RepoError>;

    /// Replaces a worklog's content, if it still is `before`; somebody's edit made in the
    /// meantime wins. A file that was [`Staged::Whole`] stays so: the index gets the new
    /// text, too.
    ///
    /// # Errors
    /// [`RepoError::ChangedMeanwhile`] then; or when it can't be written.
    fn write(&mut self, path: &str, before: &str, after: &str) -> Result<(), RepoError>;

    /// Commits exactly these files with these contents on top of HEAD; `None` when HEAD
    /// has them already. Everything else the user has staged, unstaged or untracked stays
    /// as it was.
    ///
    /// # Errors
    /// When `git commit` fails; the work tree then still has the changes.
    fn commit(&mut self, files: &[Committed], message: &str) -> Result<Option<Made>, RepoError>;
}

/// One file of the worklog folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// From the top of the work tree, with `/`.
    pub path: String,
    /// The text in the work tree, or why it can't be one.
    pub content: Result<String, Unfit>,
    /// The text in HEAD's tree (as checked out: through the user's line-ending filters),
    /// if it is there.
    pub head: Option<String>,
    /// What the index says of it.
    pub staged: Staged,
}

/// Why a file is not taken as a worklog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A symbolic link.
    Link,
    /// Not a regular file.
    NotAFile,
    /// Over one megabyte.
    TooLarge,
    /// Not UTF-8; the byte offset of the first bad byte.
    NotText(usize),
    /// Its name is not UTF-8; the path given is a likeness.
    Name,
    /// HEAD has something else there: a link, or no text.
    Head(String),
    /// It can't be read.
    Unreadable(String),
}

/// How a file stands in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staged {
    /// The index holds what HEAD has, or nothing of a new file (or just its name, after
    /// `git add -N`).
    No,
    /// The index holds just what the work tree has.
    Whole,
    /// The index holds something of its own: a part of the work tree's changes.
    Partly,
    /// The file has unresolved versions from a merge.
    Unmerged,
}

/// A file as it goes into the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// From the top of the work tree.
    pub path: String,
    /// The text to commit.
    pub text: String,
    /// What the work tree has; where the index held the work tree's text
    /// (`Staged::Whole`) it still does afterwards.
    pub work: String,
    /// How it stood in the index.
    pub staged: Staged,
}

/// A commit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its full id.
    pub id: String,
    /// What is not as it should be although the commit is there, for the user.
    pub note: Option<String>,
}

/// Where HEAD is and what git is in the middle of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// On a branch, nothing under way.
    Branch(String),
    /// On a commit, not on a branch.
    Detached,
    /// In the middle of something.
    Busy(Operation),
}

/// What git can be in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `git merge`
    Merge,
    /// `git rebase`
    Rebase,
    /// `git cherry-pick`
    CherryPick,
    /// `git revert`
    Revert,
    /// `git bisect`
    Bisect,
    /// `git am`
    ApplyMailbox,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Merge => "merge",
            Self::Rebase => "rebase",
            Self::CherryPick => "cherry-pick",
            Self::Revert => "revert",
            Self::Bisect => "bisect",
            Self::ApplyMailbox => "`git am`",
        })
    }
}

/// What can go wrong with the repository.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// No repository here or above.
    #[error("{0} is not in a git repository")]
    NotARepository(String),
    /// A repository without a work tree.
    #[error("this is a bare repository; gardener needs a work tree")]
    Bare,
    /// A format that libgit2 can't read.
    #[error("this repository uses {0}, which gardener can't read yet")]
    Unsupported(String),
    /// Owned by another user.
    #[error(
        "git does not trust this repository, it belongs to another user; `git status` says how to allow it"
    )]
    NotTrusted,
    /// The file was edited between reading and writing.
    #[error("{0} was edited while gardener ran; your edit stays, run again")]
    ChangedMeanwhile(String),
    /// HEAD moved between reading and committing.
    #[error("the branch moved while gardener ran; run again")]
    HeadMoved,
    /// Another gardener holds the lock.
    #[error("another gardener is at work in this repository; run again when it is done")]
    Busy,
    /// A commit would be lost or become part of something else.
    #[error("gardener commits nothing here: {0}")]
    NoCommitHere(String),
    /// Nothing can be put on this branch.
    #[error("branch {0}: {1}")]
    Branch(String, String),
    /// A hook of somebody's is there, and so is the one that it would be put in the place of.
    #[error("{} can't be kept beside gardener's: {} is there already", .0.display(), .1.display())]
    HookInTheWay(PathBuf, PathBuf),
    /// The user has a part of the file staged, or its conflict is unresolved.
    #[error("{0} is partly staged; commit or unstage it, then run again")]
    PartlyStaged(String),
    /// Following the link could read or write outside of the repository.
    #[error("{0} is a symbolic link; gardener follows none")]
    Link(String),
    /// No remote says which repository on GitHub this is.
    #[error("no GitHub repository: {0}; set `repository = \"owner/name\"` in gardener.toml")]
    NoHome(String),
    /// The user's environment names no host where one belongs.
    #[error("GH_HOST names no host: it may have letters, digits, dots and a port, and no user")]
    NoHost,
    /// Another git process holds the index.
    #[error("another git process is at work here ({0} exists); run again when it is done")]
    IndexLocked(String),
    /// `git` refused.
    #[error("`{command}` failed: {message}")]
    Git {
        /// The command, short.
        command: String,
        /// What it said.
        message: String,
    },
    /// The disk said no.
    #[error("{path}: {message}")]
    Disk {
        /// Which file.
        path: String,
        /// Why.
        message: String,
    },
}
