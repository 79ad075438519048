//! What a change of worklogs means, for somebody who reads it in a pull request.
//!
//! Floor 2, pure: two sets of worklogs in, what changed between them out, as data and as text.
//! Worklogs are told apart by their ids and entries by theirs, so that a renamed file is the same
//! worklog and a reordered list no change. Base lines are bookkeeping and are not spoken of.

mod change;
mod markdown;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EntryId, IssueRef, Label, Severity, Status, WorklogId};
use crate::worklog::Worklog;

/// The worklogs of one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// By id: where it is, and what it says.
    pub worklogs: BTreeMap<WorklogId, (String, Box<Worklog>)>,
    /// Files in the folder that can't be read as a worklog, with why.
    pub unread: BTreeMap<String, String>,
}

/// What changed between two moments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Worklogs with something to say, by path.
    pub worklogs: Vec<WorklogChange>,
    /// Files that can't be read as a worklog by now, and could before or are new.
    pub unread: BTreeMap<String, String>,
}

/// What changed in one worklog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorklogChange {
    /// Its id.
    pub id: WorklogId,
    /// Its path, as it is now or was last.
    pub path: String,
    /// Its path before, where that was another.
    pub was: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Whether it came, went or stayed.
    pub kind: Came,
    /// Its entries with something to say: first the new ones, then by their place.
    pub entries: Vec<EntryChange>,
    /// Lines of prose that came and went.
    pub prose: (usize, usize),
}

/// Whether something came, went or stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    /// It was not there before.
    New,
    /// It was there before and still is.
    Stayed,
    /// It is not there any more.
    Gone,
}

/// What changed of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryChange {
    /// Which.
    pub id: EntryId,
    /// Its title, as it is now or was last.
    pub title: String,
    /// Its issue, as it is now or was last.
    pub issue: Option<IssueRef>,
    /// Whether it came, went or stayed.
    pub kind: Came,
    /// Its values before and after, where they differ.
    pub what: Vec<What>,
    /// Its failing tests.
    pub tests: Tests,
}

/// One value that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The status; an absent one is open.
    Status(Status, Status),
    /// The severity.
    Severity(Option<Severity>, Option<Severity>),
    /// The issue.
    Issue(Option<IssueRef>, Option<IssueRef>),
    /// The title before.
    Title(String),
    /// Labels that came and went.
    Labels(Vec<Label>, Vec<Label>),
    /// Links that came and went, in words.
    Links(Vec<String>, Vec<String>),
}

/// What became of failing tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tests {
    /// Failing now, and in no worklog before.
    pub new: BTreeSet<String>,
    /// Failing now, and known from another worklog or entry.
    pub known: BTreeSet<String>,
    /// Their entry was completed.
    pub fixed: BTreeSet<String>,
}

/// The sums of a review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Worklogs that changed.
    pub worklogs: usize,
    /// Entries that came.
    pub added: usize,
    /// Entries that went.
    pub removed: usize,
    /// Entries that were closed.
    pub closed: usize,
    /// Entries that were opened again.
    pub reopened: usize,
    /// Entries whose severity became worse.
    pub raised: usize,
    /// Entries that got another issue, or their first.
    pub relinked: usize,
    /// Tests that fail for the first time.
    pub new_tests: usize,
    /// Tests that were known to fail.
    pub known_tests: usize,
    /// Tests whose entry was completed.
    pub fixed_tests: usize,
}

impl Review {
    /// Compares two moments.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        change::between(before, after)
    }

    /// Whether nothing changed that means anything.
    pub fn is_empty(&self) -> bool {
        self.worklogs.is_empty() && self.unread.is_empty()
    }

    /// The sums.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums { worklogs: self.worklogs.len(), ..Sums::default() };
        for entry in self.worklogs.iter().flat_map(|w| &w.entries) {
            sums.added += usize::from(entry.kind == Came::New);
            sums.removed += usize::from(entry.kind == Came::Gone);
            sums.new_tests += entry.tests.new.len();
            sums.known_tests += entry.tests.known.len();
            sums.fixed_tests += entry.tests.fixed.len();
            // Of a new entry it is enough to know that it is there.
            for what in entry.what.iter().filter(|_| entry.kind == Came::Stayed) {
                match what {
                    What::Status(was, is) if is.is_closed() && !was.is_closed() => sums.closed += 1,
                    What::Status(was, is) if !is.is_closed() && was.is_closed() => sums.reopened += 1,
                    What::Severity(was, is) if is_worse(*was, *is) => sums.raised += 1,
                    What::Issue(..) => sums.relinked += 1,
                    _ => {}
                }
            }
        }
        sums
    }

    /// Only what is about entries that fit.
    #[must_use]
    pub fn about(mut self, fits: impl Fn(&WorklogChange, &EntryChange) -> bool) -> Self {
        for worklog in &mut self.worklogs {
            let all = std::mem::take(&mut worklog.entries);
            let kept: Vec<_> = all.into_iter().filter(|entry| fits(worklog, entry)).collect();
            worklog.entries = kept;
        }
        self.worklogs.retain(|worklog| !worklog.entries.is_empty());
        self.unread.clear();
        self
    }
}

/// Whether a severity is worse than another; none is better than any.
fn is_worse(was: Option<Severity>, is: Option<Severity>) -> bool {
    // P0 is the first and the worst.
    match (was, is) {
        (Some(was), Some(is)) => is < was,
        (None, Some(_)) => true,
        _ => false,
    }
}
