//! Where a problem stands and how bad it is, in GitHub's words.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::model::Label;

/// The state of an entry or an issue.
///
/// `Completed`, `NotPlanned` and `Duplicate` are closed issues with that reason, `Open` is
/// an open one, and `Marked` is an open one that also carries the label which the
/// project's vocabulary gives to that name (`in-progress` unless the config adds more).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Open, and nothing more is said.
    Open,
    /// Open, with the label of this name from the vocabulary.
    Marked(String),
    /// Closed as completed. An old closing without a reason counts as this.
    Completed,
    /// Closed as not planned.
    NotPlanned,
    /// Closed as a duplicate of another issue.
    Duplicate,
}

impl Status {
    /// The word in a worklog.
    pub fn word(&self) -> &str {
        match self {
            Self::Open => "open",
            Self::Marked(name) => name,
            Self::Completed => "completed",
            Self::NotPlanned => "not-planned",
            Self::Duplicate => "duplicate",
        }
    }

    /// Whether the issue is closed on GitHub.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Completed | Self::NotPlanned | Self::Duplicate)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How bad a problem is; carried by a label on GitHub. `P0` is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Everything stops.
    P0,
    /// A main function is broken.
    P1,
    /// A fault that people can live with for a while.
    P2,
    /// A blemish.
    P3,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::P0, Self::P1, Self::P2, Self::P3];

    /// The word in a worklog.
    pub fn word(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Severity {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or(())
    }
}

/// The labels that stand for something else in this project: the statuses that are a
/// label on an open issue, and the severities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// Status word to label, for each status that is "open plus a label".
    pub marks: BTreeMap<String, Label>,
    /// Severity to label.
    pub severities: BTreeMap<Severity, Label>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let label = |name: &str| Label::new(name).expect("a fixed valid name");
        Self {
            marks: BTreeMap::from([("in-progress".to_owned(), label("in-progress"))]),
            severities: Severity::ALL.into_iter().map(|s| (s, label(s.word()))).collect(),
        }
    }
}

impl Vocabulary {
    /// The status that `word` names, or `None` when the project has no such status.
    pub fn status(&self, word: &str) -> Option<Status> {
        Some(match word {
            "open" => Status::Open,
            "completed" => Status::Completed,
            "not-planned" => Status::NotPlanned,
            "duplicate" => Status::Duplicate,
            other if self.marks.contains_key(other) => Status::Marked(other.to_owned()),
            _ => return None,
        })
    }

    /// Every status word, in the order a person would list them.
    pub fn words(&self) -> Vec<&str> {
        let marks = self.marks.keys().map(String::as_str);
        std::iter::once("open").chain(marks).chain(["completed", "not-planned", "duplicate"]).collect()
    }

    /// The status that a label stands for, if any.
    pub fn mark_of(&self, label: &Label) -> Option<Status> {
        let found = self.marks.iter().find(|(_, l)| *l == label)?;
        Some(Status::Marked(found.0.clone()))
    }

    /// The severity that a label stands for, if any.
    pub fn severity_of(&self, label: &Label) -> Option<Severity> {
        self.severities.iter().find(|(_, l)| *l == label).map(|(s, _)| *s)
    }

    /// Whether a label stands for a status or a severity and so is never one of an
    /// entry's own labels.
    pub fn is_mapped(&self, label: &Label) -> bool {
        self.mark_of(label).is_some() || self.severity_of(label).is_some()
    }
}
