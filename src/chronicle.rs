//! What happened to every problem over time, and how a repository does: for people.
//!
//! Floor 2, pure. [`Chronicle::of`] puts together what worklogs say now and what their commits
//! changed: entries that name one issue, or have one fingerprint, are one [`Problem`] with one
//! history. [`Figures`] are counted from it at a given moment, and [`Paper`] shows both as a page, as
//! markdown, as a short text or as JSON. Nothing is guessed: a closing whose moment no commit tells
//! counts as closed and not in the time that closing takes. Walking history, reading the clock and
//! writing files are the work of others.

mod calendar;
mod entries;
mod figures;
mod grouping;
mod json;
mod markdown;
mod page;
mod sections;
mod text;
mod track;
mod version;
mod words;

use crate::model::{
    Candidate, EntryId, IssueRef, Link, RepoSlug, Run, Severity, Status, Timestamp, WorklogId,
};
use crate::picture::Address;

pub use calendar::{Since, Step, day};
pub use figures::{Closing, Figures, Flow, Suite, TestLine};
pub use page::MARK;
pub use track::{Chapter, Side};
pub use version::{State, Version};

/// A commit, as far as it is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// Who made it, by name.
    pub author: String,
    /// When, by the clock of whoever made it.
    pub at: Timestamp,
}

/// A worklog as it is now.
#[derive(Clone, Debug)]
pub struct Present<'a> {
    /// Its path.
    pub path: String,
    /// What it says.
    pub worklog: &'a crate::worklog::Worklog,
    /// Whether HEAD has it just so.
    pub is_committed: bool,
    /// Whether HEAD has it at all.
    pub is_in_head: bool,
}

/// What has to be known besides.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The present moment. What claims to be later counts as now.
    pub now: Timestamp,
    /// The repository whose issues are meant, where that is known.
    pub home: Option<RepoSlug>,
    /// The label of what passes and fails at one commit.
    pub flaky_label: crate::model::Label,
}

/// Everything that happened.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    /// The worklogs, the oldest first.
    pub worklogs: Vec<Log>,
    /// The problems: the open ones first, of those the worst, of those the oldest.
    pub problems: Vec<Problem>,
    /// Times that lie in the future, or before what they follow: clocks differ.
    pub odd_times: usize,
}

/// A worklog, as far as it is told of.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its id.
    pub id: WorklogId,
    /// Its path.
    pub path: String,
    /// Its title.
    pub title: Option<String>,
    /// When its run started; where it does not say so, when it was committed first.
    pub at: Timestamp,
    /// What was run.
    pub runs: Vec<Run>,
    /// How many entries it has.
    pub entries: usize,
    /// Whether HEAD has it, so that it can be looked at where HEAD is.
    pub is_in_head: bool,
    /// Not to be changed any more.
    pub is_archived: bool,
}

/// One problem through all worklogs.
#[derive(Clone, Debug)]
pub struct Problem {
    /// `worklog-id/entry-id` of the latest entry that is about it.
    pub key: String,
    /// Its latest title.
    pub title: String,
    /// The latest severity that somebody gave it.
    pub severity: Option<Severity>,
    /// Where it stands.
    pub standing: Standing,
    /// The status that says so.
    pub status: Status,
    /// The issue, without the repository where that is this one.
    pub issue: Option<IssueRef>,
    /// When it turned up first, as far as anything tells.
    pub opened: Timestamp,
    /// The times that it was open.
    pub spans: Vec<Span>,
    /// What happened to it, the oldest first.
    pub events: Vec<Event>,
    /// Where it stands in worklogs, the oldest first.
    pub occurrences: Vec<Occurrence>,
    /// In how many runs it was seen.
    pub count: u64,
    /// Whether it passes and fails at one commit.
    pub is_flaky: bool,
    /// Its latest labels.
    pub labels: Vec<String>,
    /// Its latest links.
    pub links: Vec<Link>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// What it costs whom.
    pub impact: Option<String>,
    /// Why it is not to be filed.
    pub hold: Option<String>,
    /// Issues that it may be about, where nobody decided.
    pub candidates: Vec<Candidate>,
}

/// Where a problem stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Somebody has to do something.
    Open,
    /// Done with.
    Closed,
    /// It was open in a worklog that is not to be changed any more.
    Archived,
    /// No worklog has it any more.
    Removed,
}

/// A time that a problem was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when.
    pub from: Timestamp,
    /// Until when; `None` is "still".
    pub to: Option<Timestamp>,
    /// Whether it ended by being closed at a moment that is known. One that was closed before it came
    /// into the history at hand, or in a merge, was closed at another.
    pub is_known_closing: bool,
    /// Whether it ended by being closed at all.
    pub is_closing: bool,
}

/// An entry of a worklog.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The worklog's place in [`Chronicle::worklogs`].
    pub worklog: usize,
    /// The entry.
    pub entry: EntryId,
    /// When it turned up there.
    pub at: Timestamp,
    /// The tests that failed.
    pub tests: Vec<String>,
}

/// Something that happened to a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; `None` where nothing tells.
    pub at: Option<Timestamp>,
    /// The commit, where one did it.
    pub commit: Option<Commit>,
    /// The worklog, by its id.
    pub worklog: WorklogId,
    /// What.
    pub what: Vec<Happening>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It turned up, with this status and severity.
    Came(Option<Status>, Option<Severity>),
    /// The status.
    Status(Option<Status>, Option<Status>),
    /// The severity.
    Severity(Option<Severity>, Option<Severity>),
    /// The issue.
    Issue(Option<IssueRef>, Option<IssueRef>),
    /// The title that it had before.
    Title(String),
    /// Its entry was taken out.
    Gone,
}

/// What is shown, with all that a reader has to know of it.
#[derive(Clone, Debug)]
pub struct Paper<'a> {
    /// What happened.
    pub chronicle: &'a Chronicle,
    /// What was counted.
    pub figures: &'a Figures,
    /// The repository's name, or its folder's.
    pub name: &'a str,
    /// Where it is on the web: the host and the repository.
    pub web: Option<(&'a str, &'a RepoSlug)>,
    /// The commit that is checked out, and the branch if one is.
    pub head: Option<(&'a str, Option<&'a str>)>,
    /// How many folders above the page the top of the work tree is; `None` where the page may be
    /// anywhere.
    pub up: Option<usize>,
    /// Which worklogs it is about, as they were named; all of them where none was.
    pub only: &'a [String],
    /// What is to be known of the figures: a sentence each.
    pub notes: &'a [String],
}

impl Problem {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    /// When it was closed last, where that is known.
    pub fn closed_at(&self) -> Option<Timestamp> {
        let last = self.spans.last().filter(|span| span.is_known_closing)?;
        last.to
    }

    /// Every test that ever failed for it, the names in order.
    pub fn tests(&self) -> std::collections::BTreeSet<&str> {
        self.occurrences.iter().flat_map(|o| o.tests.iter().map(String::as_str)).collect()
    }

    /// Where it stands, in a word.
    pub fn word(&self) -> &str {
        match self.standing {
            Standing::Open | Standing::Closed => self.status.word(),
            Standing::Archived => "archived",
            Standing::Removed => "removed",
        }
    }
}

impl Paper<'_> {
    /// Where an issue is on the web.
    fn issue(&self, issue: &IssueRef) -> Option<Address> {
        let (host, home) = self.web?;
        let slug = issue.repo.as_ref().unwrap_or(home);
        let number = issue.number.to_string();
        Address::web(host, [slug.owner(), slug.name(), "issues", &number])
    }

    /// Where a commit is on the web.
    fn commit(&self, id: &str) -> Option<Address> {
        let (host, home) = self.web?;
        Address::web(host, [home.owner(), home.name(), "commit", id])
    }

    /// Where a worklog is: on the web as HEAD has it, else beside the page.
    fn worklog(&self, log: &Log) -> Option<Address> {
        match (self.web, self.head) {
            (Some((host, home)), Some((commit, _))) if log.is_in_head => {
                let parts =
                    [home.owner(), home.name(), "blob", commit].into_iter().chain(log.path.split('/'));
                Address::web(host, parts)
            }
            _ => self.up.map(|up| Address::beside(up, &log.path)),
        }
    }
}

#[cfg(test)]
mod tests;
