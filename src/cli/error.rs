//! From an error of any room to a message that names the next step, and an exit code.

use std::io;

use annotate_snippets::Level;

use crate::cli::context::variable;
use crate::cli::diagnostics;
use crate::cli::terminal::{ERROR, HINT, Terminal};
use crate::config::{self, Problem};
use crate::forge::{Address, ForgeError, Token};
use crate::journal::JournalError;
use crate::repo::{Operation, RepoError};
use crate::sync::{NothingToUndo, SyncError};

/// Why a command did nothing.
#[derive(Debug)]
pub(super) enum CliError {
    /// Standard output can't be written.
    Output(io::Error),
    /// The folder given is not there.
    Folder(String),
    /// `gardener.toml` is wrong.
    Config {
        /// Its text.
        text: String,
        /// What is wrong.
        problems: Vec<Problem>,
    },
    /// Something typed that only the command itself can judge.
    Usage(String),
    /// Something named on the command line is not there.
    NotThere {
        /// What is missing.
        message: String,
        /// The next step.
        next: String,
    },
    /// Nothing was written, so that nothing is lost.
    Refused {
        /// Why.
        message: String,
        /// The next step.
        next: String,
    },
    /// A flow.
    Sync(SyncError),
}

impl CliError {
    /// Why there is no token for an address, and how to get one; the same wherever it is said.
    pub(super) fn no_token(address: &Address) -> Self {
        let host = address.host();
        match Token::unusable(&variable, host, Some(address)) {
            Some(name) => Self::Refused {
                message: format!("{name} is set, and what it holds can be no token: one is a single word"),
                next: format!("set {name} anew, or `unset {name}` to ask gh"),
            },
            None => ForgeError::NoToken { host: host.to_owned() }.into(),
        }
    }

    /// The exit code: 2 for what was typed, 3 where only the saying failed, 5 for a journal that
    /// only a newer gardener may write to, 1 for all else, since nothing was done.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::NotThere { .. } | Self::Sync(SyncError::Preference { .. }) => 2,
            Self::Output(_) => 3,
            Self::Sync(SyncError::Journal(JournalError::Newer(_))) => 5,
            _ => 1,
        }
    }

    /// Says it on standard error.
    pub(super) fn show(&self, terminal: &mut Terminal) {
        if let Self::Config { text, problems } = self {
            for problem in problems {
                let span = problem.span.clone();
                let help = problem.help.as_deref();
                let color = terminal.has_color();
                let shown = diagnostics::render(
                    config::FILE,
                    text,
                    Level::ERROR,
                    "config",
                    &problem.message,
                    span,
                    &[],
                    help,
                    color,
                );
                terminal.warn(shown);
            }
            return;
        }
        let (message, hint) = self.words();
        terminal.warn(format_args!("{ERROR}error{ERROR:#}: {message}"));
        if let Some(hint) = hint {
            terminal.warn(format_args!("{HINT}next{HINT:#}: {hint}"));
        }
    }

    /// The same for a script.
    pub(super) fn as_json(&self) -> serde_json::Value {
        let (message, next) = self.words();
        serde_json::json!({"schema": 1, "error": message, "next": next, "exit": self.code()})
    }

    /// The message and the next step, for `--json` too.
    pub(super) fn words(&self) -> (String, Option<String>) {
        let (message, hint) = match self {
            Self::Output(error) => (format!("standard output can't be written: {error}"), None),
            Self::Folder(why) => (why.clone(), None),
            Self::Config { .. } => {
                ("gardener.toml is wrong".to_owned(), Some("`gardener check` shows where"))
            }
            Self::Usage(why) => (why.clone(), Some("see `gardener help`")),
            Self::NotThere { message, next } | Self::Refused { message, next } => {
                (message.clone(), Some(next.as_str()))
            }
            Self::Sync(SyncError::Forge(error @ ForgeError::NoToken { host })) => {
                return (
                    error.to_string(),
                    Some(format!("gh auth login --hostname {host}, or set GH_TOKEN")),
                );
            }
            Self::Sync(error) => (error.to_string(), sync_hint(error)),
        };
        (message, hint.map(str::to_owned))
    }
}

fn sync_hint(error: &SyncError) -> Option<&'static str> {
    match error {
        SyncError::Busy(operation) => Some(match operation {
            Operation::Merge => "finish it with `git commit`, or `git merge --abort`, then run gardener sync",
            Operation::Rebase => {
                "finish it with `git rebase --continue`, or `--abort`, then run gardener sync"
            }
            Operation::CherryPick => {
                "finish it with `git cherry-pick --continue`, or `--abort`, then run gardener sync"
            }
            Operation::Revert => {
                "finish it with `git revert --continue`, or `--abort`, then run gardener sync"
            }
            Operation::Bisect => "finish it with `git bisect reset`, then run gardener sync",
            Operation::ApplyMailbox => {
                "finish it with `git am --continue`, or `--abort`, then run gardener sync"
            }
        }),
        SyncError::Detached => Some("`git switch` to a branch, or run `gardener sync --no-commit`"),
        SyncError::BranchNotAllowed(_) => Some("switch to one of them, or add this one there"),
        SyncError::Preference { .. } => Some("`gardener list` shows the entries"),
        SyncError::Undo(NothingToUndo::CutOff) => Some("run gardener sync"),
        SyncError::Undo(NothingToUndo::Elsewhere) => {
            Some("switch to the branch that has it, then run gardener undo")
        }
        SyncError::Undo(_) => Some("`git log` shows what was committed"),
        SyncError::Forge(error) => forge_hint(error),
        SyncError::Repo(error) => repo_hint(error),
        SyncError::Journal(JournalError::Store(_)) => {
            Some("free space or mend the permissions, then run again")
        }
        SyncError::Journal(JournalError::Newer(_)) => Some("install the newer gardener"),
        SyncError::Template(_) => Some("mend the template, or delete it to get the built-in one"),
    }
}

/// Of use before the first write and after some of them alike.
fn forge_hint(error: &ForgeError) -> Option<&'static str> {
    Some(match error {
        ForgeError::NoToken { .. } => "gh auth login, or set GH_TOKEN",
        ForgeError::BadToken { .. } => "make a new one, or run `gh auth login`",
        ForgeError::Forbidden { .. } => "give the token that right, or use one that has it",
        ForgeError::NoRepository { .. } => {
            "check the remote, or `repository` in gardener.toml, and what the token may see"
        }
        ForgeError::Archived { .. } | ForgeError::IssuesDisabled { .. } => {
            "change that in its settings, or set `repository` in gardener.toml"
        }
        ForgeError::Offline { .. }
        | ForgeError::TimedOut { .. }
        | ForgeError::Unavailable { .. }
        | ForgeError::Broken { .. } => "run gardener sync again later; nothing is lost",
        ForgeError::RateLimited { .. } => "run gardener sync again then; nothing is lost",
        ForgeError::RedirectRefused { .. } => "check the remote's address; the token was not sent there",
        ForgeError::Unreadable { .. } => "check for a proxy in between, then run gardener sync again",
        ForgeError::Address(_) => "see GITHUB_API_URL, GH_HOST and the remote's address",
        ForgeError::Locked { .. } | ForgeError::Gone { .. } | ForgeError::Invalid { .. } => {
            "run gardener sync again to see what is left"
        }
    })
}

fn repo_hint(error: &RepoError) -> Option<&'static str> {
    Some(match error {
        RepoError::NotARepository(_) => "run it in a repository, or name one with `-C FOLDER`",
        RepoError::NoHost => "set GH_HOST to a name such as github.example.com, or `unset GH_HOST`",
        RepoError::Bare => "run it in a clone with a work tree",
        RepoError::HookInTheWay(..) => {
            "look at both, keep what you need in the first and move the other away"
        }
        RepoError::Disk { .. } => "free space or mend what is at that path, then run again",
        _ => return None,
    })
}

impl<E: Into<SyncError>> From<E> for CliError {
    fn from(error: E) -> Self {
        Self::Sync(error.into())
    }
}
