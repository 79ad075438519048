//! What a plan is made from: everything that was gathered, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::merge::{Field, Preference};
use crate::model::{
    Author, Base, Comment, Entry, EntryKey, Event, Label, Labels, Link, Links, Look, RemoteIssue, RepoSlug,
    Repository, Timestamp,
};
use crate::plan::Belongs;
use crate::plan::likely::Likely;
use crate::plan::ruled::BrokenRule;
use crate::redact::Kind;

/// Everything a plan depends on.
#[derive(Clone, Debug)]
pub struct Input {
    /// The repository as the worklogs name it.
    pub home: RepoSlug,
    /// The repository as GitHub describes it.
    pub repository: Repository,
    /// The token's own account, where GitHub says it.
    pub viewer: Option<String>,
    /// GitHub's time.
    pub now: Timestamp,
    /// The project's choices.
    pub config: Config,
    /// The entries to consider, by worklog path and then as they stand in the worklog.
    pub entries: Vec<LocalEntry>,
    /// What looking at each named issue found.
    pub seen: BTreeMap<u64, Seen>,
    /// Issues whose text carries the marker of an entry, by trusted authors.
    pub markers: BTreeMap<EntryKey, BTreeSet<u64>>,
    /// Open issues that carry a fingerprint, by trusted authors.
    pub fingerprints: BTreeMap<String, BTreeSet<u64>>,
    /// What the entries without a surer answer are like.
    pub likely: BTreeMap<EntryKey, Likely>,
    /// Issues whose rule can't be read and that are still to be told so.
    pub broken_rules: Vec<BrokenRule>,
    /// Issues whose text carries the marker of an entry here, by authors who have no say:
    /// ignored, and said.
    pub forged: BTreeMap<u64, Author>,
    /// What of the kind was said before: the issue, and the comment or 0 for its text.
    pub told: BTreeSet<(u64, u64)>,
    /// Issues that this clone made and has a receipt for.
    pub made: BTreeMap<EntryKey, u64>,
    /// Issues that were filed in the same moment as another one for the same entry, each
    /// with the one that stays ([`super::Ties`]).
    pub losers: BTreeMap<u64, u64>,
    /// Losers whose end this clone remembers.
    pub settled: BTreeSet<u64>,
    /// How many issues the worklogs named at the last commit and no longer name, and how many
    /// they named.
    pub lost: (usize, usize),
    /// How many worklogs a newer gardener wrote.
    pub newer: usize,
    /// Creations that were begun here and have no receipt.
    pub intents: Vec<OpenIntent>,
    /// The repository's labels, where somebody looked.
    pub labels: Option<Labels>,
    /// What GitHub refused before.
    pub refused: BTreeSet<Refusal>,
    /// Sides to take in conflicts.
    pub preferences: Vec<Preference>,
    /// The text of a new issue, as a template.
    pub template: String,
}

/// An entry of a worklog with all that concerns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalEntry {
    /// The worklog's path in the repository.
    pub path: String,
    /// The entry's name.
    pub key: EntryKey,
    /// Its values.
    pub entry: Entry,
    /// Its base, whatever issue it is for.
    pub base: Option<Base>,
    /// Whether that base stands in its worklog as it is; it can come from a receipt, or
    /// have moved along with the entry.
    pub base_is_written: bool,
    /// The worklog's own labels.
    pub worklog_labels: Vec<Label>,
    /// The worklog's title.
    pub worklog_title: Option<String>,
    /// The worklog's session.
    pub session: Option<String>,
    /// When the run started, as written.
    pub started: Option<String>,
    /// Whether its worklog was imported: an old occurrence is no news.
    pub imported: bool,
    /// What the body says of it.
    pub section: Option<String>,
    /// Fields that somebody has written and not committed while a push is about the commit, a
    /// status or severity in words. These are not overwritten.
    pub uncommitted: BTreeMap<Field, String>,
    /// Secrets that were left out of these texts.
    pub left_out: BTreeMap<Kind, usize>,
    /// Why nothing of it may be sent: where something that can't be altered holds a secret.
    pub withheld: Option<String>,
}

/// What looking at an issue found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The issue, or why not.
    pub look: Look,
    /// Its events, where they decide something.
    pub events: Option<Vec<Event>>,
    /// Its comments, where they decide something.
    pub comments: Option<Vec<Comment>>,
}

/// A creation whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIntent {
    /// The entries it was for.
    pub keys: Vec<EntryKey>,
    /// The issue to comment on; `None` for a new issue.
    pub comment_on: Option<u64>,
    /// GitHub's time when it was begun.
    pub at: Timestamp,
}

/// Something GitHub refused to this token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The issue.
    pub number: u64,
    /// What: `+label`, `-label`, `status open to completed`, `a text of 9 bytes`.
    pub what: String,
}

/// How long an open intent waits before its entry may be filed again: longer than GitHub's
/// lists were seen to lag (eight minutes). A repository can't shorten it.
pub(crate) const GRACE_SECONDS: i64 = 15 * 60;

impl Input {
    /// The number an entry has, or takes over in this plan.
    pub fn number_of(&self, entry: &LocalEntry) -> Option<u64> {
        match &entry.entry.issue {
            Some(_) => self.own_number(entry).map(|n| self.winner(n)),
            None => match self.belongs(entry) {
                Belongs::To(number, _) => Some(number),
                _ => None,
            },
        }
    }

    /// Whether a repository named in a worklog is the one being synced.
    pub fn is_home(&self, repo: Option<&RepoSlug>) -> bool {
        repo.is_none_or(|r| *r == self.home || *r == self.repository.slug)
    }

    /// The base of an entry, if it counts: a base counts only for its own repository and
    /// issue; another number is a first link (rule 5).
    pub fn base_for<'a>(&self, entry: &'a LocalEntry, number: u64) -> Option<&'a Base> {
        entry.base.as_ref().filter(|b| b.issue.number == number && self.is_home(b.issue.repo.as_ref()))
    }

    /// Whether a marker or block by this author counts (rule 6).
    pub fn trusts(&self, author: &Author) -> bool {
        sabotaged!(TrustAnybody)
            || author.association.is_trusted()
            || self.viewer.as_deref().is_some_and(|v| v.eq_ignore_ascii_case(&author.login))
            || self.config.trusted_authors.iter().any(|a| a.eq_ignore_ascii_case(&author.login))
    }

    /// Whether this author is known to have no say here. Where GitHub does not say whose the
    /// token is, a bot may be itself. Nothing is decided by it but what is said.
    pub fn is_stranger(&self, author: &Author) -> bool {
        let may_be_us = self.viewer.is_none() && author.login.ends_with("[bot]");
        !self.trusts(author) && !may_be_us
    }

    /// Whether gardener made this issue: its marker is there and by somebody who counts.
    pub fn is_ours(&self, issue: &RemoteIssue) -> bool {
        sabotaged!(EditOthersTexts)
            || (self.trusts(&issue.author) && crate::block::IssueMarker::read(&issue.body).is_some())
    }

    /// Whether a comment can be edited by this token: only its own.
    pub fn may_edit(&self, author: &Author) -> bool {
        match &self.viewer {
            Some(viewer) => viewer.eq_ignore_ascii_case(&author.login),
            // A workflow's own token has no account to ask for; its comments are by a bot.
            None => author.login.ends_with("[bot]"),
        }
    }

    /// The labels that the worklog of an entry adds once.
    pub fn once(&self, entry: &LocalEntry) -> Labels {
        let session = entry.session.as_ref().and_then(|name| self.config.session_label(name));
        let all = entry.worklog_labels.iter().cloned().chain(session);
        all.filter(|l| self.stands_for_itself(l)).collect()
    }

    /// An entry's own labels, without those that stand for something else.
    pub fn own_labels(&self, entry: &LocalEntry) -> Option<Labels> {
        let labels = entry.entry.labels.as_ref()?;
        Some(labels.iter().filter(|l| self.stands_for_itself(l)).cloned().collect())
    }

    /// An entry's links, with this repository's name left out of them.
    pub fn own_links(&self, entry: &LocalEntry) -> Option<Links> {
        Some(entry.entry.links.as_ref()?.iter().map(|l| self.short(l)).collect())
    }

    /// A link with this repository's name left out.
    pub fn short(&self, link: &Link) -> Link {
        link.in_short(&self.home).in_short(&self.repository.slug)
    }

    /// Whether GitHub refused this before.
    pub fn was_refused(&self, number: u64, what: &str) -> bool {
        self.refused.contains(&Refusal { number, what: what.to_owned() })
    }

    fn stands_for_itself(&self, label: &Label) -> bool {
        !self.config.labels.vocabulary.is_mapped(label) && !self.config.ignores(label)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Association, EntryId};
    use crate::plan::{Change, Plan};

    pub(in crate::plan) fn key(text: &str) -> EntryKey {
        EntryKey::parse(text).expect("a key")
    }

    pub(in crate::plan) fn entry(id: &str) -> LocalEntry {
        let key = key(&format!("w/{id}"));
        let entry = Entry {
            fingerprint: Some("v1:f".to_owned()),
            ..Entry::new(EntryId::new(id).expect("an id"), format!("About {id}"))
        };
        LocalEntry {
            path: "worklogs/w.md".to_owned(),
            key,
            entry,
            base: None,
            base_is_written: true,
            worklog_labels: Vec::new(),
            worklog_title: None,
            session: None,
            started: None,
            imported: false,
            section: None,
            uncommitted: BTreeMap::new(),
            left_out: BTreeMap::new(),
            withheld: None,
        }
    }

    pub(in crate::plan) fn input(entries: Vec<LocalEntry>) -> Input {
        let home = RepoSlug::parse("acme/app").expect("a slug");
        let repository = Repository {
            id: 7,
            slug: home.clone(),
            default_branch: "main".to_owned(),
            has_issues: true,
            archived: false,
            can_triage: true,
            can_push: true,
        };
        Input {
            home,
            repository,
            viewer: Some("ann".to_owned()),
            now: Timestamp::from_second(10_000),
            config: Config::default(),
            entries,
            seen: BTreeMap::new(),
            markers: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            likely: BTreeMap::new(),
            broken_rules: Vec::new(),
            forged: BTreeMap::new(),
            told: BTreeSet::new(),
            made: BTreeMap::new(),
            losers: BTreeMap::new(),
            settled: BTreeSet::new(),
            lost: (0, 0),
            newer: 0,
            intents: Vec::new(),
            labels: Some(Labels::new()),
            refused: BTreeSet::new(),
            preferences: Vec::new(),
            template: "{{ section }}".to_owned(),
        }
    }

    #[test]
    fn too_many_new_issues_are_a_brake_and_the_same_input_is_the_same_plan() {
        let entries = (0..12).map(|i| {
            let mut entry = entry(&format!("e{i}"));
            entry.entry.fingerprint = None;
            entry
        });
        let all = input(entries.collect());
        let plan = Plan::make(&all).expect("a plan");
        assert_eq!((plan.brakes.len(), plan.brakes[0].count, plan.brakes[0].limit), (1, 12, 10));
        assert_eq!(plan.changes.iter().filter(|c| matches!(c, Change::CreateIssue(_))).count(), 12);
        let again = Plan::make(&all).expect("a plan");
        assert_eq!(plan, again);
        assert_eq!(plan.to_json().to_string(), again.to_json().to_string());
        assert!(plan.to_string().ends_with("`gardener sync --yes` does it\n"), "{plan}");
    }

    #[test]
    fn whose_marker_counts() {
        let all = input(Vec::new());
        let author = |login: &str, association| Author { login: login.to_owned(), association };
        assert!(all.trusts(&author("Ann", Association::Other)), "the token's own account");
        assert!(all.trusts(&author("bob", Association::Collaborator)));
        assert!(!all.trusts(&author("mallory", Association::Other)));
        assert!(
            all.may_edit(&author("ANN", Association::Other))
                && !all.may_edit(&author("bob", Association::Owner))
        );
    }
}
