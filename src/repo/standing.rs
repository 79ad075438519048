//! Where HEAD is and what git is in the middle of, in this work tree.

use crate::repo::git::unread;
use crate::repo::{Operation, Repo, RepoError, Standing};

impl Repo {
    /// Whether a commit can be made here and now. An operation under way comes first: a
    /// rebase has a detached HEAD, and a commit would become part of its result.
    ///
    /// # Errors
    /// When HEAD can't be read.
    pub fn standing(&self) -> Result<Standing, RepoError> {
        if let Some(operation) = self.operation() {
            return Ok(Standing::Busy(operation));
        }
        Ok(self.branch()?.map_or(Standing::Detached, Standing::Branch))
    }

    /// The branch that HEAD is on, also one without a commit.
    ///
    /// # Errors
    /// When HEAD can't be read.
    pub fn branch(&self) -> Result<Option<String>, RepoError> {
        let head = self.git2.find_reference("HEAD").map_err(unread("read HEAD"))?;
        let target = head.symbolic_target_bytes().map(String::from_utf8_lossy);
        Ok(target.and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned)))
    }

    /// The commit that is checked out, if there is one, and whether the work tree or the index has
    /// anything that it has not: also files that are new and not ignored. What lies at the paths
    /// `without`, from the top and perhaps with a `*`, does not count.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn commit_at_hand(&self, without: &[&str]) -> Result<(Option<String>, bool), RepoError> {
        let head = self.head_commit()?.map(|id| id.to_string());
        let status = ["status", "--porcelain", "-z", "--untracked-files=normal", "--", ":(top)"];
        let kind = |path: &str| if path.contains('*') { "glob" } else { "literal" };
        let without = without.iter().map(|path| format!(":(top,exclude,{}){path}", kind(path)));
        let call = self.git.reading(status.iter().map(ToString::to_string).chain(without));
        let is_dirty = !self.git.run("git status", &call)?.is_empty();
        Ok((head, is_dirty))
    }

    fn operation(&self) -> Option<Operation> {
        use git2::RepositoryState as State;
        let operation = match self.git2.state() {
            State::Merge => Operation::Merge,
            State::Revert | State::RevertSequence => Operation::Revert,
            State::CherryPick | State::CherryPickSequence => Operation::CherryPick,
            State::Bisect => Operation::Bisect,
            State::Rebase | State::RebaseInteractive | State::RebaseMerge | State::ApplyMailboxOrRebase => {
                Operation::Rebase
            }
            State::ApplyMailbox => Operation::ApplyMailbox,
            State::Clean => return self.sequence(),
        };
        Some(operation)
    }

    /// A pick or revert of several commits between two of them: the user committed one
    /// by hand, so that CHERRY_PICK_HEAD is gone, and `--continue` is still to come.
    fn sequence(&self) -> Option<Operation> {
        let todo = self.git2.path().join("sequencer/todo");
        let text = self.disk.read(&todo, Self::CAP).ok()?;
        if text.starts_with(b"revert") { Some(Operation::Revert) } else { Some(Operation::CherryPick) }
    }
}
