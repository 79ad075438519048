//! What a version of a worklog says of its entries, as far as their history is told.

use std::collections::BTreeMap;

use crate::chronicle::Happening;
use crate::model::{Base, Entry, EntryId, IssueRef, Severity, Status, Timestamp, Vocabulary, WorklogId};
use crate::worklog::{Parsed, Worklog, parse};

/// One version of a worklog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: WorklogId,
    /// When its run started, where it says so in a way that can be read.
    pub started: Option<Timestamp>,
    /// Its entries.
    pub entries: BTreeMap<EntryId, State>,
}

/// What it says of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The title.
    pub title: String,
    /// The status: the entry's own, else the one of the last sync.
    pub status: Option<Status>,
    /// The severity, in the same way.
    pub severity: Option<Severity>,
    /// The issue.
    pub issue: Option<IssueRef>,
}

impl Version {
    /// Reads a text; `None` where it is no worklog that can be used.
    pub fn read(text: &str, vocabulary: &Vocabulary) -> Option<Self> {
        match parse(text, vocabulary) {
            Parsed::Worklog(worklog, _) => Some(Self::of(&worklog)),
            Parsed::Broken(_) | Parsed::NotAWorklog(_) => None,
        }
    }

    /// What a worklog says.
    pub fn of(worklog: &Worklog) -> Self {
        let state = |entry: &Entry| (entry.id.clone(), State::of(entry, worklog.bases().get(&entry.id)));
        Self {
            id: worklog.header().id.clone(),
            started: started(worklog),
            entries: worklog.entries().iter().map(state).collect(),
        }
    }
}

impl State {
    /// What an entry says, with what both sides agreed on where it says nothing.
    pub fn of(entry: &Entry, base: Option<&Base>) -> Self {
        let agreed = base.filter(|_| entry.issue.is_some()).map(|base| &base.agreed);
        Self {
            title: entry.title.clone(),
            status: entry.status.clone().or_else(|| agreed.and_then(|a| a.status.clone())),
            severity: entry.severity.or_else(|| agreed.and_then(|a| a.severity.flatten())),
            issue: entry.issue.clone(),
        }
    }

    /// What happened from this state to a later one.
    pub(super) fn until(&self, later: &Self) -> Vec<Happening> {
        let mut what = Vec::new();
        if self.status != later.status {
            what.push(Happening::Status(self.status.clone(), later.status.clone()));
        }
        if self.severity != later.severity {
            what.push(Happening::Severity(self.severity, later.severity));
        }
        if self.issue != later.issue {
            what.push(Happening::Issue(self.issue.clone(), later.issue.clone()));
        }
        if self.title != later.title {
            what.push(Happening::Title(self.title.clone()));
        }
        what
    }
}

/// When the run of a worklog started.
pub(super) fn started(worklog: &Worklog) -> Option<Timestamp> {
    worklog.header().started.as_deref().and_then(moment)
}

/// A moment as somebody wrote it: in full, or only the day.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}
