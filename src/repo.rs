//! The git repository: which worklogs there are, what state it is in, and the one commit.
//!
//! Floor 4. git2 reads; `git` itself writes, so that signing, identity and hooks are the
//! user's own. Nothing here knows what a worklog means.

use std::collections::BTreeSet;

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

    /// The worklogs that differ from the merge base with the default branch, or `None`
    /// when this is the default branch (rule 4) or there is no default branch to compare with.
    ///
    /// # Errors
    /// When history can't be read.
    fn changed_here(&mut self) -> Result<Option<BTreeSet<String>>, RepoError>;

    /// Replaces a worklog's content, if it still is `before`; somebody's edit made in the
    /// meantime wins.
    ///
    /// # Errors
    /// [`RepoError::ChangedMeanwhile`] then; or when it can't be written.
    fn write(&mut self, path: &str, before: &str, after: &str) -> Result<(), RepoError>;

    /// Commits exactly these files with these contents on top of HEAD. Everything else
    /// the user has staged, unstaged or untracked stays as it was.
    ///
    /// # Errors
    /// When `git commit` fails; the work tree then still has the changes.
    fn commit(&mut self, files: &[Committed], message: &str) -> Result<String, RepoError>;
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
    /// It can't be read.
    Unreadable(String),
}

/// How a file stands in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staged {
    /// The index holds what HEAD has, or nothing of a new file.
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
    /// What the work tree has; where the index held the work tree's text before
    /// (`Staged::Whole`) it holds this afterwards.
    pub work: String,
    /// How it stood in the index.
    pub staged: Staged,
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
