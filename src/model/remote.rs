//! An issue as GitHub gave it: raw values, before any of them means something to a
//! worklog.

use serde::{Deserialize, Serialize};

use crate::model::{Label, RepoSlug, Timestamp};

/// Open or closed, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// Open.
    Open,
    /// Closed as completed, or long ago without a reason.
    Completed,
    /// Closed as not planned.
    NotPlanned,
    /// Closed as a duplicate.
    Duplicate,
    /// A state or reason this version does not know. It is kept as it is and never
    /// "normalised" back.
    Unknown(String),
}

/// How an author stands to the repository, as GitHub says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Association {
    /// Owns it.
    Owner,
    /// Member of the organisation that owns it.
    Member,
    /// Invited to it.
    Collaborator,
    /// Anybody else, and any value this version does not know.
    Other,
}

impl Association {
    /// Whether a marker or block by such an author counts (rule 6).
    pub fn is_trusted(self) -> bool {
        self != Self::Other
    }
}

/// Who wrote an issue or a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The account; empty for a deleted one.
    pub login: String,
    /// How it stands to the repository.
    pub association: Association,
}

/// One issue as GitHub gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteIssue {
    /// Its number in the repository.
    pub number: u64,
    /// Its identity: stays when the issue moves to another number.
    pub node_id: String,
    /// Its title.
    pub title: String,
    /// Its text, line endings as GitHub gave them.
    pub body: String,
    /// Open or closed, and why.
    pub state: State,
    /// Every label on it.
    pub labels: Vec<Label>,
    /// Who opened it.
    pub author: Author,
    /// No one without rights may comment; also the only sign of an issue that became a
    /// discussion.
    pub locked: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// What an issue says, as far as it is kept to compare entries with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueText {
    /// Its title.
    pub title: String,
    /// The beginning of its text, at most [`IssueText::MOST`] bytes; all of it where it may hold a rule.
    pub body: String,
    /// Open or closed, and why.
    pub state: State,
    /// Every label on it.
    pub labels: Vec<Label>,
    /// Who opened it.
    pub author: Author,
    /// No one without rights may comment.
    pub locked: bool,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl IssueText {
    /// So many bytes of a text are kept.
    pub const MOST: usize = 8_000;

    /// Whether a text may hold a rule: a fence with the word `gardener` after it.
    pub fn may_hold_a_rule(body: &str) -> bool {
        let is_fence = |line: &str| {
            let line = line.trim_start();
            let word = line.trim_start_matches(['`', '~']);
            line.len() >= word.len() + 3 && word.trim() == "gardener"
        };
        body.contains("gardener") && body.lines().any(is_fence)
    }
}

impl From<&RemoteIssue> for IssueText {
    fn from(issue: &RemoteIssue) -> Self {
        let most = if Self::may_hold_a_rule(&issue.body) { usize::MAX } else { Self::MOST };
        let mut end = issue.body.len().min(most);
        while !issue.body.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            title: issue.title.clone(),
            body: issue.body[..end].to_owned(),
            state: issue.state.clone(),
            labels: issue.labels.clone(),
            author: issue.author.clone(),
            locked: issue.locked,
            updated_at: issue.updated_at,
        }
    }
}

/// What looking at a number found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The issue.
    Found(Box<RemoteIssue>),
    /// A pull request: gardener never writes to one.
    PullRequest,
    /// 404. It may be deleted, or the token may not see it: unknown, not absent.
    Missing,
    /// 410: somebody deleted it.
    Deleted,
    /// 301: transferred to another repository; the address as GitHub gave it.
    Moved(String),
}

/// A comment on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id in the REST interface.
    pub id: u64,
    /// Who wrote it.
    pub author: Author,
    /// Its text.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// Something that happened to a field of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub what: EventKind,
    /// When.
    pub at: Timestamp,
    /// Whose doing it was: a login, empty where GitHub does not say.
    pub by: String,
}

/// The events that touch a synced field. All others are left out by the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The issue was closed.
    Closed,
    /// The issue was reopened.
    Reopened,
    /// A label was added.
    Labeled(Label),
    /// A label was taken off.
    Unlabeled(Label),
}

/// What is known of the repository on GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its identity: stays when the repository is renamed.
    pub id: u64,
    /// Its name today.
    pub slug: RepoSlug,
    /// Its default branch.
    pub default_branch: String,
    /// Whether issues are switched on.
    pub has_issues: bool,
    /// Archived repositories are read-only.
    pub archived: bool,
    /// Whether the token may set labels and edit any issue.
    pub can_triage: bool,
    /// Whether the token may create labels.
    pub can_push: bool,
}
