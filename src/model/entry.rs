//! A worklog's front matter as values: the header, its runs and its entries.

use crate::model::{EntryId, IssueRef, Label, Link, Severity, Status, WorklogId};

/// The keys of a worklog other than its entries. An absent key is `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Given once, unique in the repository.
    pub id: WorklogId,
    /// `failing-tests`, `logs` or `notes`.
    pub kind: Option<String>,
    /// One line for people.
    pub title: Option<String>,
    /// The focus area of the run.
    pub focus: Option<String>,
    /// When the run started, as written.
    pub started: Option<String>,
    /// The work session, as written.
    pub session: Option<String>,
    /// Labels that every entry's issue gets once.
    pub labels: Vec<Label>,
    /// Frozen: a sync neither reads nor writes its entries.
    pub archived: bool,
    /// Brought in from an old worklog: what it says of an issue is no news, and is not commented.
    pub imported: bool,
    /// What was run.
    pub runs: Vec<Run>,
    /// The commit that was checked out, as written.
    pub commit: Option<String>,
    /// Whether the work tree held changes that no commit has.
    pub dirty: bool,
}

/// One run of a suite, as noted in the front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The suite's name in the config.
    pub suite: Option<String>,
    /// The command, as a person would type it.
    pub command: Option<String>,
    /// `passed`, `failed`, `timed-out` or `error`.
    pub outcome: Option<String>,
    /// Counts, where the results gave them.
    pub passed: Option<u64>,
    /// Counts, where the results gave them.
    pub failed: Option<u64>,
    /// Counts, where the results gave them.
    pub skipped: Option<u64>,
    /// The digest of the results, where they were made elsewhere.
    pub digest: Option<String>,
}

/// One problem in a worklog. An absent key is no opinion, so every synced field is
/// an `Option`; `Some(vec![])` is an empty list that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Unique in the worklog, never changes.
    pub id: EntryId,
    /// One line; sent when the issue is created, then it belongs to GitHub.
    pub title: String,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Where it stands.
    pub status: Option<Status>,
    /// The issue that tracks it; absent is "not filed yet".
    pub issue: Option<IssueRef>,
    /// Its own labels.
    pub labels: Option<Vec<Label>>,
    /// Its links.
    pub links: Option<Vec<Link>>,
    /// What it costs whom.
    pub impact: Option<String>,
    /// Failing tests by name.
    pub tests: Vec<String>,
    /// Files it is about.
    pub files: Vec<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// The failure's fingerprint: entries with an equal one are one problem.
    pub fingerprint: Option<String>,
    /// The suites it was found in.
    pub suites: Vec<String>,
    /// Whether it passes and fails at one commit.
    pub flaky: bool,
    /// When it was first seen, as written.
    pub first_seen: Option<String>,
    /// When it was last seen, as written.
    pub last_seen: Option<String>,
    /// In how many runs it was seen.
    pub count: Option<u64>,
    /// Commits after the failing one at which all its tests passed, the latest last.
    pub passed_at: Vec<String>,
    /// Why it is not to be filed, in words: as long as this stands, no issue is made for it.
    pub hold: Option<String>,
    /// Issues that may be the one it is about, the likest first, for a person to decide. An empty list
    /// is a decision: none of them is.
    pub candidates: Option<Vec<Candidate>>,
    /// Why it has the issue that it has, where somebody or something decided.
    pub reason: Option<String>,
}

/// An issue that an entry may be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The issue.
    pub issue: IssueRef,
    /// How alike they are, in hundredths, 0 to 100.
    pub score: Option<u8>,
    /// What they have in common, in words.
    pub reason: Option<String>,
}

impl Entry {
    /// An entry that says nothing but its title.
    pub fn new(id: EntryId, title: String) -> Self {
        Self {
            id,
            title,
            severity: None,
            status: None,
            issue: None,
            labels: None,
            links: None,
            impact: None,
            tests: Vec::new(),
            files: Vec::new(),
            owner: None,
            fingerprint: None,
            suites: Vec::new(),
            flaky: false,
            first_seen: None,
            last_seen: None,
            count: None,
            passed_at: Vec::new(),
            hold: None,
            candidates: None,
            reason: None,
        }
    }
}
