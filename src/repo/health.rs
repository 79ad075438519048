//! What kind of clone this is, and what of git's own settings decides how worklogs fare in it.
//!
//! Only read, for `gardener doctor`; what of it is good or bad is not known here.

use std::path::PathBuf;

use crate::effect::{Invocation, Processes};
use crate::repo::{Repo, RepoError};

/// What kind of clone this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// A work tree beside the first one.
    pub is_linked: bool,
    /// History ends somewhere.
    pub is_shallow: bool,
    /// A part of another repository.
    pub is_submodule: bool,
    /// Worklogs that a sparse checkout leaves out of the work tree.
    pub left_out: usize,
    /// Whether the checkout is sparse.
    pub is_sparse: bool,
}

/// A rule that makes git overlook a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The file of the rule, as git names it.
    pub file: String,
    /// Its line there.
    pub line: String,
    /// The rule.
    pub pattern: String,
}

/// The version of the `git` that is found: its text, and its first two numbers. `None` where there
/// is none, or what is there is not git.
pub fn git_version(processes: &Processes) -> Option<(String, (u32, u32))> {
    let asked = processes.run(&Invocation::new("git").args(["version"]).only_reads()).ok()?;
    let text = String::from_utf8_lossy(&asked.out).trim().strip_prefix("git version ")?.to_owned();
    let mut numbers = text.split(['.', ' ', '-']).map_while(|part| part.parse().ok());
    let version = (numbers.next()?, numbers.next()?);
    Some((text, version))
}

impl Repo {
    /// What kind of clone this is, for worklogs in a folder.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn kind(&self, worklogs: &str) -> Result<Kind, RepoError> {
        let ask = |name: &str, words: &[&str]| {
            let out = self.git.run(name, &self.git.reading(words))?;
            Ok::<_, RepoError>(String::from_utf8_lossy(&out).trim().to_owned())
        };
        let above = ask("git rev-parse", &["rev-parse", "--show-superproject-working-tree"])?;
        let is_sparse =
            self.config()?.get("core.sparsecheckout").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let left_out = if is_sparse {
            let listed = ask("git ls-files", &["ls-files", "-t", "--", worklogs])?;
            listed.lines().filter(|line| line.starts_with("S ")).count()
        } else {
            0
        };
        Ok(Kind {
            is_linked: self.git2.is_worktree(),
            is_shallow: self.git2.is_shallow(),
            is_submodule: !above.is_empty(),
            left_out,
            is_sparse,
        })
    }

    /// The rule by which git overlooks a path that it does not track, if one does.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn ignored(&self, path: &str) -> Result<Option<Ignored>, RepoError> {
        let name = "git check-ignore";
        let call = self.git.reading(["check-ignore", "-v", "-z", "--no-index", "--stdin"]);
        let asked = self.git.ask(name, &call.input(format!("{path}\0").as_bytes()))?;
        match asked.code {
            Some(0) => {}
            Some(1) => return Ok(None),
            _ => return Err(super::git::refused(name, &asked)),
        }
        let text = String::from_utf8_lossy(&asked.out).into_owned();
        let mut fields = text.split('\0').map(str::to_owned);
        let (file, line, pattern) = (fields.next(), fields.next(), fields.next());
        let found =
            file.zip(line).zip(pattern).map(|((file, line), pattern)| Ignored { file, line, pattern });
        // The last rule may say that it is not to be overlooked.
        Ok(found.filter(|rule| !rule.pattern.starts_with('!')))
    }

    /// The value of an attribute of a path; `None` where it has none.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn attribute(&self, attribute: &str, path: &str) -> Result<Option<String>, RepoError> {
        let out =
            self.git.run("git check-attr", &self.git.reading(["check-attr", "-z", attribute, "--", path]))?;
        let text = String::from_utf8_lossy(&out).into_owned();
        let value = text.split('\0').nth(2).unwrap_or_default();
        Ok(Some(value.to_owned()).filter(|v| !["", "unspecified", "unset"].contains(&v.as_str())))
    }

    /// A value of the user's git config, for this clone.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn setting(&self, name: &str) -> Result<Option<&str>, RepoError> {
        Ok(self.config()?.get(name))
    }

    /// The name and address that a commit would have.
    ///
    /// # Errors
    /// When git would refuse to commit: what it says.
    pub fn identity(&self) -> Result<String, RepoError> {
        let name = "git var";
        let asked = self.git.ask(name, &self.git.reading(["var", "GIT_COMMITTER_IDENT"]))?;
        if !asked.ok {
            return Err(super::git::refused(name, &asked));
        }
        let text = String::from_utf8_lossy(&asked.out).into_owned();
        // The moment and zone follow the address.
        Ok(text.split_inclusive('>').next().unwrap_or_default().trim().to_owned())
    }

    /// The file of the lock, which may not be there.
    pub fn lock_file(&self) -> PathBuf {
        self.common_dir().join(Self::FOLDER).join("lock")
    }
}
