//! What GitHub knows: users, tokens, repositories, issues, comments, events.
//!
//! Plain data in ordered maps, so that equal histories give equal answers. How it changes
//! is in `change.rs`, who may see or change it in `access.rs`.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Clock;
use crate::settings::Settings;

/// A repository's number, which survives renames.
pub type RepoId = u64;

/// Everything GitHub knows.
#[derive(Clone, Debug)]
pub struct GitHub {
    /// Simulated time.
    pub clock: Clock,
    /// Quirks, lags and limits.
    pub settings: Settings,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) repos: BTreeMap<RepoId, Repository>,
    /// Where an issue or pull request of a given database id lives.
    pub(crate) homes: BTreeMap<u64, (RepoId, u64)>,
    pub(crate) budgets: BTreeMap<(String, &'static str), Budget>,
    pub(crate) content: BTreeMap<String, Vec<i64>>,
    /// What each payer spent at each endpoint in the last minute, and when.
    pub(crate) points: BTreeMap<(String, String), Vec<(i64, u64)>>,
    pub(crate) next_id: u64,
    pub(crate) next_sequence: u64,
    /// Moves with every change, so that a write without effect can be told from one with.
    pub(crate) revision: u64,
    pub(crate) requests: u64,
}

/// An account.
#[derive(Clone, Debug)]
pub struct User {
    /// Database id.
    pub id: u64,
    /// The name in its own spelling; names are compared without regard to case.
    pub login: String,
    /// `User`, `Bot` or `Organization`.
    pub kind: &'static str,
}

/// A credential.
#[derive(Clone, Debug)]
pub struct Token {
    /// Whose it is.
    pub login: String,
    /// Writes are refused with 403.
    pub read_only: bool,
    /// It answers 401, like one that never was.
    pub expired: bool,
    /// Single sign-on has not been granted: 403 with `X-GitHub-SSO`, but for what is the user's own.
    pub needs_sso: bool,
    /// What a classic token may do, told in `X-OAuth-Scopes`. A fine-grained one, a workflow's or
    /// an app's has none, and nothing is told of what it may do.
    pub scopes: Option<String>,
    /// When it ends, told with every answer.
    pub expires: Option<i64>,
    /// The repositories it reaches; all if absent. Others look as they do to a stranger.
    pub only: Option<BTreeSet<RepoId>>,
}

/// What a user may do in a repository, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Nothing; a private repository does not exist for them.
    None,
    /// Look, open issues, comment.
    Read,
    /// Also close, reopen, and apply labels that exist.
    Triage,
    /// Also make labels.
    Write,
    /// As write, here.
    Maintain,
    /// Everything.
    Admin,
}

/// A repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Database id, unchanged by renames.
    pub id: RepoId,
    /// The owner's login.
    pub owner: String,
    /// The name without the owner.
    pub name: String,
    /// Earlier full names in lower case, which redirect here.
    pub aliases: BTreeSet<String>,
    /// Hidden from those without permission.
    pub private: bool,
    /// Read-only for all.
    pub archived: bool,
    /// Whether issues are switched on.
    pub has_issues: bool,
    /// The branch new clones check out.
    pub default_branch: String,
    /// Branches that somebody pushed.
    pub branches: BTreeSet<String>,
    /// Those of them that nobody may push to just so.
    pub protected: BTreeSet<String>,
    /// The repository this is a fork of.
    pub parent: Option<RepoId>,
    /// What each login (lower case) may do beyond what everybody may.
    pub permissions: BTreeMap<String, Permission>,
    /// Logins (lower case) shown as `MEMBER`.
    pub members: BTreeSet<String>,
    /// Labels by database id.
    pub labels: BTreeMap<u64, Label>,
    /// Issues and pull requests by number: they share one space.
    pub issues: BTreeMap<u64, Issue>,
    /// Comments by database id.
    pub comments: BTreeMap<u64, Comment>,
    pub(crate) next_number: u64,
    pub(crate) created_at: i64,
}

impl Repository {
    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// A label by name, without regard to case.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&Label> {
        let wanted = name.to_lowercase();
        self.labels.values().find(|label| label.name.to_lowercase() == wanted)
    }

    /// The names of an issue's labels.
    #[must_use]
    pub fn label_names(&self, issue: &Issue) -> Vec<String> {
        (issue.facts.labels.iter())
            .filter_map(|id| self.labels.get(id))
            .map(|label| label.name.clone())
            .collect()
    }
}

/// A label.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Database id.
    pub id: u64,
    /// Unique without regard to case, kept as first written.
    pub name: String,
    /// Six hex digits.
    pub color: String,
    /// At most 100 characters.
    pub description: Option<String>,
    pub(crate) created_at: i64,
}

/// Why an issue is closed, or that it was opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Done.
    Completed,
    /// Will not be done.
    NotPlanned,
    /// Another issue says the same.
    Duplicate,
    /// Closed once, open now.
    Reopened,
}

impl Reason {
    /// REST's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
            Self::Reopened => "reopened",
        }
    }

    /// Reads REST's word, or GraphQL's if given in lower case.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::Completed, Self::NotPlanned, Self::Duplicate, Self::Reopened]
            .into_iter()
            .find(|reason| reason.word() == word)
    }
}

/// What a list row shows of an issue; kept apart because lists may show an older version.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The title.
    pub title: String,
    /// The body, absent if none was given.
    pub body: Option<String>,
    /// Open or closed.
    pub open: bool,
    /// Why closed, or that it was opened again.
    pub reason: Option<Reason>,
    /// Label ids.
    pub labels: BTreeSet<u64>,
    /// How many comments there are.
    pub comments: u64,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// No comments are taken.
    pub locked: bool,
    /// When anything last changed.
    pub updated_at: i64,
}

/// Where an issue went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is where its number says.
    Here,
    /// It moved to another repository.
    Transferred(RepoId, u64),
    /// It was deleted.
    Deleted,
}

/// An issue or a pull request.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Database id.
    pub id: u64,
    /// The number in its repository.
    pub number: u64,
    /// Whether it is a pull request.
    pub pull: bool,
    /// The branches of a pull request that was opened over REST.
    pub branches: Option<Pull>,
    /// Who opened it.
    pub author: String,
    /// When it was opened.
    pub created_at: i64,
    /// What may change.
    pub facts: Facts,
    /// Earlier facts, each with the time at which it stopped being true.
    pub(crate) past: Vec<(i64, Facts)>,
    /// What happened to it, oldest first. Comments are kept in the repository.
    pub events: Vec<Event>,
    /// Where it is now.
    pub fate: Fate,
    /// Whether it became a discussion: locked, and REST does not say why.
    pub discussion: bool,
    /// A new issue is missing from lists until then.
    pub(crate) listed_from: i64,
}

/// What a pull request is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pull {
    /// The branch with the commits.
    pub head: String,
    /// The branch that is to get them.
    pub base: String,
}

/// A comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Database id.
    pub id: u64,
    /// The issue it belongs to.
    pub issue: u64,
    /// Who wrote it.
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: i64,
    /// When it was last edited.
    pub updated_at: i64,
    pub(crate) sequence: u64,
}

/// Something that happened to an issue.
#[derive(Clone, Debug)]
pub struct Event {
    /// Database id.
    pub id: u64,
    /// When.
    pub at: i64,
    /// Who did it.
    pub actor: String,
    /// What.
    pub what: What,
    pub(crate) sequence: u64,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Closed, with the reason given then.
    Closed(Option<Reason>),
    /// Opened again.
    Reopened,
    /// A label was put on; its name and colour then.
    Labeled(u64, String, String),
    /// A label was taken off; its name and colour then.
    Unlabeled(u64, String, String),
    /// The title changed, from and to.
    Renamed(String, String),
    /// The conversation was locked.
    Locked,
    /// The conversation was unlocked.
    Unlocked,
    /// It came from another repository.
    Transferred(RepoId),
    /// It became a discussion. GraphQL says so, REST does not.
    ConvertedToDiscussion,
    /// It was marked as a duplicate of an issue with this id.
    MarkedAsDuplicate(u64),
    /// Somebody deleted a comment.
    CommentDeleted,
}

/// How much of a rate limit is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) used: u64,
    pub(crate) reset: i64,
}

/// A kind of node id: its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Repository,
    Issue,
    PullRequest,
    Comment,
    Label,
    User,
    Event,
}

impl NodeKind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Repository, "R_kgDO"),
        (Self::Issue, "I_kwDO"),
        (Self::PullRequest, "PR_kwDO"),
        (Self::Comment, "IC_kwDO"),
        (Self::Label, "LA_kwDO"),
        (Self::User, "U_kgDO"),
        (Self::Event, "EV_lADO"),
    ];

    /// The opaque id of a thing of this kind.
    pub(crate) fn id(self, id: u64) -> String {
        let prefix = Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, prefix)| prefix);
        let mut digits = [b'A'; 8];
        let mut rest = id;
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(rest % 62) as usize];
            rest /= 62;
        }
        format!("{prefix}{}", String::from_utf8_lossy(&digits))
    }

    /// What an opaque id stands for.
    pub(crate) fn read(text: &str) -> Option<(Self, u64)> {
        let (kind, rest) =
            Self::ALL.iter().find_map(|(kind, prefix)| Some((*kind, text.strip_prefix(prefix)?)))?;
        if rest.len() != 8 {
            return None;
        }
        let mut id = 0;
        for byte in rest.bytes() {
            id = id * 62 + DIGITS.iter().position(|digit| *digit == byte)? as u64;
        }
        Some((kind, id))
    }
}

const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl GitHub {
    /// An empty GitHub whose clock stands at `iso`.
    #[must_use]
    pub fn at(iso: &str) -> Self {
        Self {
            clock: Clock::at(iso),
            settings: Settings::default(),
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            repos: BTreeMap::new(),
            homes: BTreeMap::new(),
            budgets: BTreeMap::new(),
            content: BTreeMap::new(),
            points: BTreeMap::new(),
            // Past 2^31: ids are 64 bits wide on GitHub, too.
            next_id: 2_900_000_001,
            next_sequence: 1,
            revision: 0,
            requests: 0,
        }
    }

    /// An id nobody could guess from a number: ids and numbers are different things.
    pub(crate) fn fresh_id(&mut self) -> u64 {
        self.next_id += 7;
        self.next_id
    }

    pub(crate) fn fresh_sequence(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence
    }

    /// A repository by its present full name, without regard to case.
    #[must_use]
    pub fn repo(&self, full_name: &str) -> Option<&Repository> {
        let wanted = full_name.to_lowercase();
        self.repos.values().find(|repo| repo.full_name().to_lowercase() == wanted)
    }

    /// As [`GitHub::repo`], to change switches such as `archived`.
    pub fn repo_mut(&mut self, full_name: &str) -> Option<&mut Repository> {
        let id = self.repo(full_name)?.id;
        self.revision += 1;
        self.repos.get_mut(&id)
    }

    /// An issue or pull request.
    #[must_use]
    pub fn issue(&self, full_name: &str, number: u64) -> Option<&Issue> {
        self.repo(full_name)?.issues.get(&number)
    }

    /// A token, to expire it or to take rights away.
    pub fn token_mut(&mut self, token: &str) -> Option<&mut Token> {
        self.tokens.get_mut(token)
    }

    pub(crate) fn user(&self, login: &str) -> Option<&User> {
        self.users.get(&login.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_ids_are_read_back() {
        for (kind, _) in NodeKind::ALL {
            let text = kind.id(2_900_000_123);
            assert_eq!(NodeKind::read(&text), Some((kind, 2_900_000_123)));
        }
        assert_eq!(NodeKind::read("I_kwDO"), None);
        assert_eq!(NodeKind::read("2900000123"), None);
    }
}
