//! The project's choices: what `gardener.toml` at the top of the repository says.
//!
//! Floor 1: text in, values or problems out. The file travels with the repository, so
//! whoever can send a pull request can write it. That is why it can name no host, no
//! credential and no command of its own: those come from the user. A suite names a command, and
//! that runs only after the user trusted it; by whom and when is not known here, nor where the
//! file is read from.

mod keys;
mod ladder;
mod parse;
mod problem;
mod propose;
mod suites;
#[cfg(test)]
mod tests;
mod values;

use std::time::Duration;

use crate::model::{Label, RepoSlug, Vocabulary};

pub(crate) use keys::within;
pub use keys::{KEYS, Key};
pub use ladder::Ladder;
pub use parse::parse;
pub use problem::Problem;
pub use propose::{Proposal, RESULTS, propose};
pub use suites::{Owners, RunChoices, Suite};

/// The file's name, at the top of the work tree.
pub const FILE: &str = "gardener.toml";

/// Everything a project can choose, with the defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The repository on GitHub; `None` is "the one the remote names".
    pub repository: Option<RepoSlug>,
    /// The folder of the worklogs, from the top, with `/` and without one at the end.
    pub worklogs: String,
    /// What labels mean.
    pub labels: LabelChoices,
    /// How a sync behaves.
    pub sync: SyncChoices,
    /// Accounts whose markers count besides the usual ones (rule 6).
    pub trusted_authors: Vec<String>,
    /// What likeness may do.
    pub likeness: LikenessUse,
    /// How a run behaves.
    pub run: RunChoices,
    /// What can be run, by name.
    pub suites: Vec<Suite>,
}

/// What an entry's likeness to an issue may do, where nothing surer says what it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LikenessUse {
    /// One that says the same error of the same thing is linked, other strong ones are asked about.
    #[default]
    Link,
    /// All strong ones are asked about.
    Ask,
    /// Nothing: what has no number, marker or fingerprint is filed.
    Off,
}

/// What labels mean in this project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelChoices {
    /// The labels that stand for a status or a severity.
    pub vocabulary: Vocabulary,
    /// Labels that are neither pulled nor pushed.
    pub ignore: Globs,
    /// The label of a work session, with `{session}` in it.
    pub session: Option<String>,
}

/// How a sync behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncChoices {
    /// The branches that may write to GitHub.
    pub branches: Globs,
    /// The default branch; `None` is "what the remote says".
    pub default_branch: Option<String>,
    /// More of a kind than this in one sync stops before the first write.
    pub limits: Limits,
    /// At most one new comment an issue in this many days.
    pub comment_days: u32,
    /// How long the pre-push hook may take.
    pub deadline: Duration,
}

/// The brakes: more than this in one sync stops it before the first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Issues made.
    pub create: usize,
    /// Issues closed.
    pub close: usize,
    /// Other changes of a field: reopened, a severity, a status label, labels.
    pub update: usize,
    /// Comments written.
    pub comment: usize,
}

/// A list of shell-like patterns: `*` is any text (also with `/` in it), `?` one
/// character, `[ab]` one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Globs(Vec<glob::Pattern>);

impl Config {
    /// The labels that stand for a status or a severity in this project.
    pub fn vocabulary(&self) -> Vocabulary {
        self.labels.vocabulary.clone()
    }

    /// Whether a label is left alone: neither pulled into a worklog nor pushed.
    pub fn ignores(&self, label: &Label) -> bool {
        self.labels.ignore.match_without_case(label.name())
    }

    /// Whether a sync on this branch may write to GitHub.
    pub fn may_write_from(&self, branch: &str) -> bool {
        self.sync.branches.match_exactly(branch)
    }

    /// The label of a work session, if the project has such labels and GitHub would take
    /// this one.
    pub fn session_label(&self, session: &str) -> Option<Label> {
        let name = self.labels.session.as_ref()?.replace("{session}", session);
        Label::new(&name).filter(|l| l.name().chars().count() <= Label::MAX_CHARS)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            repository: None,
            worklogs: "worklogs".to_owned(),
            labels: LabelChoices {
                vocabulary: Vocabulary::default(),
                ignore: Globs::default(),
                session: None,
            },
            sync: SyncChoices {
                branches: Globs(vec![glob::Pattern::new("*").expect("a fixed valid pattern")]),
                default_branch: None,
                limits: Limits { create: 10, close: 10, update: 50, comment: 20 },
                comment_days: 3,
                deadline: Duration::from_secs(5),
            },
            trusted_authors: Vec::new(),
            likeness: LikenessUse::default(),
            run: RunChoices::default(),
            suites: Vec::new(),
        }
    }
}

impl Globs {
    /// The patterns as written.
    pub fn as_written(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(glob::Pattern::as_str)
    }

    fn match_exactly(&self, text: &str) -> bool {
        self.0.iter().any(|p| p.matches(text))
    }

    fn match_without_case(&self, text: &str) -> bool {
        let options = glob::MatchOptions { case_sensitive: false, ..glob::MatchOptions::new() };
        self.0.iter().any(|p| p.matches_with(text, options))
    }
}
