//! Issues that were filed twice at once: which one stays, and what becomes of the others.
//!
//! GitHub has no idempotency key and its lists lag, so two clones can file one entry in the
//! same moment. Every clone then comes to the same winner, the lowest number, whatever it
//! saw first: its entry moves there, what people did on the loser is merged into the winner,
//! and the loser is closed as a duplicate, once. Anybody can copy a text with its marker, so
//! an issue counts as a loser only by evidence that a copy does not have ([`Ties::find`]).
//! How the closing is sent is decided in `sync`.

mod pull;

use std::collections::{BTreeMap, BTreeSet};

use crate::block::{BLOCK_BEGIN, DuplicateMarker, IssueMarker};
use crate::model::{EntryKey, EventKind, Look, RemoteIssue, State};
use crate::plan::filing::hold;
use crate::plan::input::GRACE_SECONDS;
use crate::plan::{Change, CloseDuplicate, Draft, Input, IssueConflict, LocalEntry, Why, linked};

/// The races there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// The issues that give way, each with the one that stays.
    pub losers: BTreeMap<u64, u64>,
    /// Issues with an entry's marker that may as well be somebody's copy: the entry, the
    /// issue that counts, the other one.
    pub unclear: Vec<(EntryKey, u64, u64)>,
}

/// How far a loser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What happened on it is still to be merged.
    Due {
        /// Whether the comment that names the winner is missing.
        comment: bool,
        /// Whether it is open.
        close: bool,
    },
    /// It was merged and closed.
    Done,
    /// It was closed and somebody opened it again: that is left alone.
    Reopened,
}

impl Ties {
    /// Finds the races among the issues that carry an entry's marker.
    ///
    /// The lowest number stays, open or not; one that was deleted or moved away can't be it,
    /// and while one can't be seen nothing is decided. Another one gives way only if
    /// * this clone has the receipt that it made it for this entry; or
    /// * it was opened within the grace period of the winner, and either the entry names it
    ///   with a base line, which only gardener writes, or title, author and all text above
    ///   the block are the winner's, byte for byte.
    pub fn find(input: &Input) -> Self {
        let mut ties = Self::default();
        if sabotaged!(NoTieRule) {
            return ties;
        }
        for entry in &input.entries {
            let rivals = input.rivals(entry);
            if rivals.is_empty() {
                continue;
            }
            let looks: Vec<_> = rivals.iter().map(|n| input.seen.get(n).map(|s| &s.look)).collect();
            if looks.iter().any(|l| matches!(l, None | Some(Look::Missing))) {
                continue;
            }
            let marked = looks.into_iter().filter_map(|look| match look {
                Some(Look::Found(issue)) if is_marked(input, issue, &entry.key) => Some(issue.as_ref()),
                _ => None,
            });
            let marked: Vec<&RemoteIssue> = marked.collect();
            let Some((winner, others)) = marked.split_first() else { continue };
            for other in others {
                if !gives_way(input, entry, winner, other) {
                    ties.unclear.push((entry.key.clone(), winner.number, other.number));
                } else if !chosen_again(input, other.number) {
                    ties.losers.insert(other.number, winner.number);
                }
            }
        }
        ties
    }
}

/// Whether gardener made this issue for this entry, as far as its text tells.
fn is_marked(input: &Input, issue: &RemoteIssue, key: &EntryKey) -> bool {
    input.trusts(&issue.author) && IssueMarker::read(&issue.body).is_some_and(|m| m.key == *key)
}

fn gives_way(input: &Input, entry: &LocalEntry, winner: &RemoteIssue, other: &RemoteIssue) -> bool {
    if input.made.get(&entry.key) == Some(&other.number) {
        return true;
    }
    let at_once = other.created_at <= winner.created_at.plus(GRACE_SECONDS);
    let names = input.own_number(entry) == Some(other.number);
    let agreed = names && input.base_for(entry, other.number).is_some();
    at_once && (agreed || is_twin(winner, other))
}

fn is_twin(a: &RemoteIssue, b: &RemoteIssue) -> bool {
    // The block is not compared: links are edited there.
    let text = |i: &RemoteIssue| i.body.split(BLOCK_BEGIN).next().unwrap_or_default().trim_end().to_owned();
    a.title == b.title && a.author.login == b.author.login && text(a) == text(b)
}

/// Somebody opened a loser again and wrote its number into an entry that had agreed on
/// another one: then it is the issue they want, and stays so once it is agreed on.
fn chosen_again(input: &Input, loser: u64) -> bool {
    let events = input.seen.get(&loser).and_then(|s| s.events.as_ref());
    let reopened = events.into_iter().flatten().filter(|e| e.what == EventKind::Reopened).map(|e| e.at).max();
    let by_hand = |e: &LocalEntry| {
        let Some(base) = &e.base else { return false };
        let since = base.issue.number != loser || reopened.is_some_and(|at| base.seen >= at);
        input.own_number(e) == Some(loser) && since
    };
    input.entries.iter().any(by_hand) && standing(input, loser) == Standing::Reopened
}

/// Whether events and comments of a loser decide something.
pub fn is_due(input: &Input, loser: u64) -> bool {
    let Some(issue) = found(input, loser) else { return false };
    issue.state != State::Duplicate && !input.settled.contains(&loser)
}

/// How far a loser is, by its own state, comments and events, and by what this clone remembers.
pub fn standing(input: &Input, loser: u64) -> Standing {
    let Some(issue) = found(input, loser) else { return Standing::Done };
    let seen = &input.seen[&loser];
    let open = issue.state == State::Open;
    if matches!(issue.state, State::Duplicate | State::Unknown(_)) {
        return Standing::Done;
    }
    if input.settled.contains(&loser) {
        return if open { Standing::Reopened } else { Standing::Done };
    }
    let comments = seen.comments.iter().flatten().filter(|c| input.trusts(&c.author));
    let told = comments.into_iter().any(|c| DuplicateMarker::read(&c.body).is_some());
    let was_closed = seen.events.iter().flatten().any(|e| e.what == EventKind::Closed);
    match (open, told, was_closed) {
        (true, _, true) => Standing::Reopened,
        (false, true, _) => Standing::Done,
        (close, told, _) => Standing::Due { comment: !told, close },
    }
}

fn found(input: &Input, number: u64) -> Option<&RemoteIssue> {
    match &input.seen.get(&number)?.look {
        Look::Found(issue) => Some(issue),
        _ => None,
    }
}

/// The input with every entry at the issue that stays, what people did on the loser taken
/// over into it, and the conflicts of that. The edits for it are planned.
pub(super) fn move_entries(input: &Input, draft: &mut Draft) -> (Input, Vec<IssueConflict>) {
    let (mut moved, mut contested) = (input.clone(), Vec::new());
    for entry in &mut moved.entries {
        pull::move_entry(input, entry, draft, &mut contested);
    }
    (moved, contested)
}

/// Plans the end of every loser whose edits are merged by this plan, and says what is not clear.
pub(super) fn close_losers(input: &Input, ties: &Ties, contested: Vec<IssueConflict>, draft: &mut Draft) {
    let is_contested = |c: &IssueConflict| {
        let same =
            |o: &IssueConflict| o.conflict.key == c.conflict.key && o.conflict.field == c.conflict.field;
        contested.iter().any(same)
    };
    draft.conflicts.retain(|c| !is_contested(c));
    draft.conflicts.extend(contested);
    for entry in &input.entries {
        for (loser, winner) in input.losers_for(entry) {
            close_loser(input, entry, loser, winner, draft);
        }
    }
    for (key, winner, other) in &ties.unclear {
        let entry = input.entries.iter().find(|e| e.key == *key);
        let open = found(input, *other).is_some_and(|i| i.state == State::Open);
        if let Some(entry) = entry.filter(|_| open) {
            hold(draft, entry, Some(*winner), Why::Copy(*other));
        }
    }
}

fn close_loser(input: &Input, entry: &LocalEntry, loser: u64, winner: u64, draft: &mut Draft) {
    let (comment, close) = match standing(input, loser) {
        Standing::Due { comment, close } => (comment, close),
        Standing::Reopened => return hold(draft, entry, Some(winner), Why::Reopened(loser)),
        Standing::Done => return,
    };
    let waits = draft.conflicts.iter().any(|c| c.number == winner)
        || draft.held.iter().any(|h| h.number == Some(winner) && h.why.is_unfinished());
    if waits {
        return;
    }
    if input.repository.archived {
        return hold(draft, entry, Some(loser), Why::Closed(linked::ARCHIVED));
    }
    let refused = "status open to duplicate";
    if close && input.was_refused(loser, refused) {
        return hold(draft, entry, Some(winner), Why::Refused(format!("{refused} of #{loser}")));
    }
    let begun = input.intents.iter().filter(|i| i.comment_on == Some(loser));
    let until = begun.map(|i| i.at.plus(GRACE_SECONDS)).max().filter(|until| input.now < *until);
    if let Some(until) = until.filter(|_| comment) {
        return hold(draft, entry, Some(winner), Why::Pending(until));
    }
    // A locked conversation takes no comment; its state then says it alone.
    let comment = comment && !found(input, loser).is_none_or(linked::is_locked);
    if !comment && !close {
        return;
    }
    let text = format!(
        "This was filed twice at once for one worklog entry. #{winner} stays, and what was changed here is merged there.\n\n{}",
        DuplicateMarker { key: entry.key.clone(), of: winner }.line()
    );
    let keys = vec![entry.key.clone()];
    let comment = comment.then_some(text);
    draft.updates.push(Change::CloseDuplicate(CloseDuplicate {
        number: loser,
        winner,
        keys,
        comment,
        close,
    }));
}

impl Input {
    /// The number that an entry itself names, if it is one of this repository.
    pub fn own_number(&self, entry: &LocalEntry) -> Option<u64> {
        let issue = entry.entry.issue.as_ref()?;
        self.is_home(issue.repo.as_ref()).then_some(issue.number)
    }

    /// The issues that may have been made for an entry, if there are several.
    pub fn rivals(&self, entry: &LocalEntry) -> BTreeSet<u64> {
        let Some(marked) = self.markers.get(&entry.key) else { return BTreeSet::new() };
        let mut all = marked.clone();
        all.extend(self.made.get(&entry.key));
        all.extend(self.own_number(entry));
        if all.len() < 2 { BTreeSet::new() } else { all }
    }

    /// The issue that stays, for one that gave way.
    pub fn winner(&self, number: u64) -> u64 {
        self.losers.get(&number).copied().unwrap_or(number)
    }

    /// The losers that were filed for this very entry, each with its winner.
    pub(super) fn losers_for(&self, entry: &LocalEntry) -> Vec<(u64, u64)> {
        if self.losers.is_empty() {
            return Vec::new();
        }
        let mine = |n: &u64| found(self, *n).is_some_and(|i| is_marked(self, i, &entry.key));
        self.losers.iter().filter(|(loser, _)| mine(loser)).map(|(l, w)| (*l, *w)).collect()
    }
}
