//! Runs `git` in the user's work tree: the repository is the one that was opened, whatever
//! the variables of a surrounding hook say; nothing asks and nothing opens an editor.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::effect::{Invocation, Outcome, Processes};
use crate::repo::RepoError;

/// Variables that would point git at another repository, index or object store, or change
/// how it reads paths: `git rev-parse --local-env-vars` and the pathspec modes. A hook's
/// environment has some of them. Config given by variables stays: it is the user's.
const FOREIGN: [&str; 17] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// `git` for one work tree.
#[derive(Clone, Debug)]
pub(super) struct Git {
    processes: Processes,
    top: PathBuf,
}

impl Git {
    pub(super) fn new(processes: Processes, top: PathBuf) -> Self {
        Self { processes, top }
    }

    /// A call that only reads: it takes no lock, not even to save what it found out.
    pub(super) fn reading<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Invocation {
        self.writing(arguments).set("GIT_OPTIONAL_LOCKS", "0").only_reads()
    }

    /// A call that changes something, so that it is announced.
    pub(super) fn writing<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Invocation {
        let invocation = Invocation::new("git")
            .args(arguments)
            .folder(&self.top)
            .set("GIT_TERMINAL_PROMPT", "0")
            .set("GIT_EDITOR", ":");
        FOREIGN.into_iter().fold(invocation, Invocation::unset)
    }

    /// Runs it, whatever it answers. `name` is what the user would call it.
    pub(super) fn ask(&self, name: &str, invocation: &Invocation) -> Result<Outcome, RepoError> {
        self.processes.run(invocation).map_err(|error| failed(name, &error.to_string()))
    }

    /// Runs it and gives its output; anything but success is an error.
    pub(super) fn run(&self, name: &str, invocation: &Invocation) -> Result<Vec<u8>, RepoError> {
        let outcome = self.ask(name, invocation)?;
        if outcome.ok { Ok(outcome.out) } else { Err(refused(name, &outcome)) }
    }
}

/// What a failed call said, as an error.
pub(super) fn refused(name: &str, outcome: &Outcome) -> RepoError {
    let (err, out) = (outcome.err.trim(), String::from_utf8_lossy(&outcome.out));
    let said = if err.is_empty() { out.trim() } else { err };
    match outcome.code {
        _ if !said.is_empty() => failed(name, said),
        Some(code) => failed(name, &format!("it exited with {code} and said nothing")),
        None => failed(name, "it was killed"),
    }
}

/// An error of the command `name`; a flood of output keeps its end, where the reason is.
pub(super) fn failed(name: &str, message: &str) -> RepoError {
    let skip = message.chars().count().saturating_sub(2000);
    RepoError::Git { command: name.to_owned(), message: message.chars().skip(skip).collect() }
}

/// libgit2's error while doing `what`.
pub(super) fn unread(what: &str) -> impl FnOnce(git2::Error) -> RepoError {
    move |error| failed(what, error.message())
}
