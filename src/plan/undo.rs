//! Taking back what a sync did, where nothing moved since: the same kinds of change, the other
//! way round.
//!
//! Both sides are to be as they were before that sync: what it sent is taken back on GitHub,
//! what it took over is taken back in the worklog, and the base says again what it said. What
//! somebody wrote stays in their file. Where a value is another one by now, or something
//! happened to it meanwhile, it is left and named. Issues, comments and lists of links stay:
//! they can't be unmade without a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::merge::{Diff, Field, LocalChange, MergedIssue, MergedOccurrence, Reading, read_remote, touched};
use crate::model::{Base, EntryKey, Issue, Labels, Look, RemoteIssue, State, Timestamp};
use crate::plan::filing::edit;
use crate::plan::{Allowed, Draft, EntryEdit, Input, LocalEntry, Plan, RecordBase, Target, linked};

/// What a sync did, as the journal has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Its commit.
    pub commit: Option<String>,
    /// The values it moved and that were confirmed.
    pub moves: Vec<Move>,
    /// The bases of the entries before it.
    pub before: BTreeMap<EntryKey, Base>,
    /// Issues that it filed.
    pub filed: BTreeSet<u64>,
    /// Issues on which it wrote texts of its own.
    pub told: BTreeSet<u64>,
}

/// A value that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The issue it belongs to.
    pub number: u64,
    /// Where it was moved.
    pub place: Place,
    /// From what to what.
    pub change: LocalChange,
}

/// Where a value was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On GitHub; its time of the issue after that.
    GitHub(Timestamp),
    /// In a worklog.
    Worklog(EntryKey),
    /// In the commit alone: somebody had written it, and not committed.
    Commit(EntryKey),
}

/// Something that is not taken back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// An issue that was filed.
    Filed(u64),
    /// Comments, and lists of links.
    Told(u64),
    /// No worklog here names the issue.
    Unnamed(u64),
    /// The issue can't be seen.
    Unseen(u64),
    /// A value on GitHub that moved since.
    Moved(u64, String),
    /// A value of an entry that was edited since.
    Edited(EntryKey, String),
    /// An entry for which something is still in doubt.
    Unsettled(EntryKey),
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filed(number) => write!(
                f,
                "#{number} was filed and stays: an issue can't be unmade; `status: not-planned` in its entry closes it"
            ),
            Self::Told(number) => write!(f, "#{number}: comments and lists of links stay"),
            Self::Unnamed(number) => write!(f, "#{number}: no worklog that is synced here names it"),
            Self::Unseen(number) => write!(f, "#{number} can't be seen"),
            Self::Moved(number, what) => write!(f, "#{number}: the {what} was changed on GitHub since"),
            Self::Edited(key, what) => write!(f, "{}: the {what} was edited since", key.entry),
            Self::Unsettled(key) => {
                write!(f, "{}: it is not known what became of it; run `gardener sync`", key.entry)
            }
        }
    }
}

impl LocalChange {
    /// The same change the other way round.
    pub fn reversed(&self) -> Self {
        match self.clone() {
            Self::Status(d) => Self::Status(Diff { before: d.after, after: d.before }),
            Self::Severity(d) => Self::Severity(Diff { before: d.after, after: d.before }),
            Self::AddLabel(label) => Self::RemoveLabel(label),
            Self::RemoveLabel(label) => Self::AddLabel(label),
            Self::AddLink(link) => Self::RemoveLink(link),
            Self::RemoveLink(link) => Self::AddLink(link),
        }
    }

    /// The value in words.
    fn what(&self) -> String {
        match self {
            Self::Status(_) => "status".to_owned(),
            Self::Severity(_) => "severity".to_owned(),
            Self::AddLabel(l) | Self::RemoveLabel(l) => {
                format!("label {}", crate::model::Untrusted(l.name()))
            }
            Self::AddLink(_) | Self::RemoveLink(_) => "links".to_owned(),
        }
    }

    /// Whether an entry has what this change left.
    pub(crate) fn stands_in(&self, entry: &crate::model::Entry) -> bool {
        let has = |label| entry.labels.as_ref().is_some_and(|all| all.contains(label));
        match self {
            Self::Status(diff) => entry.status == diff.after,
            Self::Severity(diff) => entry.severity == diff.after,
            Self::AddLabel(label) => has(label),
            Self::RemoveLabel(label) => !has(label),
            Self::AddLink(_) | Self::RemoveLink(_) => false,
        }
    }
}

impl Plan {
    /// The plan that takes back what was done, and what it leaves. The input has a fresh look and
    /// the events of every issue that was sent something.
    pub fn take_back(input: &Input, done: &Done) -> (Self, BTreeSet<Left>) {
        let mut draft = Draft::default();
        let mut left: BTreeSet<Left> = done.filed.iter().map(|n| Left::Filed(*n)).collect();
        left.extend(done.told.difference(&done.filed).map(|n| Left::Told(*n)));
        let numbers: BTreeSet<u64> = done.moves.iter().map(|m| m.number).collect();
        for number in numbers {
            take_back_issue(input, done, number, &mut draft, &mut left);
        }
        let mut plan = draft.finish(input);
        // It is no more than what a sync did, which had passed the brakes.
        plan.brakes.retain(|brake| brake.allowed == Allowed::Never);
        (plan, left)
    }
}

fn take_back_issue(input: &Input, done: &Done, number: u64, draft: &mut Draft, left: &mut BTreeSet<Left>) {
    let entries: Vec<&LocalEntry> =
        input.entries.iter().filter(|e| input.number_of(e) == Some(number)).collect();
    if entries.is_empty() {
        left.insert(Left::Unnamed(number));
        return;
    }
    let seen = input.seen.get(&number);
    let Some((Look::Found(issue), Some(events))) = seen.map(|s| (&s.look, &s.events)) else {
        left.insert(Left::Unseen(number));
        return;
    };
    let vocabulary = &input.config.labels.vocabulary;
    let moves: Vec<&Move> = done.moves.iter().filter(|m| m.number == number).collect();
    let (mut sent, mut stuck): (Vec<&LocalChange>, Vec<&LocalChange>) = (Vec::new(), Vec::new());
    for moved in &moves {
        let Place::GitHub(until) = moved.place else { continue };
        let since = touched(events, until, issue.state == State::Open, vocabulary);
        if is_as_left(input, issue, &moved.change) && !is_touched(&since, &moved.change) {
            sent.push(&moved.change);
        } else {
            stuck.push(&moved.change);
            left.insert(Left::Moved(number, moved.change.what()));
        }
    }
    let mut occurrences = Vec::new();
    for entry in &entries {
        let local = moves.iter().filter(|m| m.place == Place::Worklog(entry.key.clone()));
        let mut changes = Vec::new();
        for moved in local {
            if stuck.iter().any(|c| is_same_value(c, &moved.change)) {
                continue;
            }
            if moved.change.stands_in(&entry.entry) {
                changes.push(moved.change.reversed());
            } else {
                left.insert(Left::Edited(entry.key.clone(), moved.change.what()));
            }
        }
        let agreed = agreed_before(input, entry, number, &sent, &changes, done);
        occurrences.push(MergedOccurrence { key: entry.key.clone(), changes, agreed, listed: None });
    }
    let merged = merged(&sent, occurrences);
    let (waits, off) = linked::plan_update(input, issue, &entries, &merged, draft);
    for (entry, occurrence) in entries.iter().zip(merged.occurrences) {
        for change in occurrence.changes.into_iter().filter(|c| !off.holds(c)) {
            edit(draft, entry, EntryEdit::Follow(change));
        }
        let Some(before) = input.base_for(entry, number).cloned() else { continue };
        let mut agreed = occurrence.agreed;
        off.leave_out(&mut agreed, Some(&before));
        // With what is sent now the time of the base moves, and what happened to another value since
        // would come to lie before it: nothing is agreed on that value then.
        let seen = if waits.is_empty() { before.seen } else { issue.updated_at };
        let since = touched(events, before.seen, issue.state == State::Open, vocabulary);
        if !waits.is_empty() && since.status && !waits.contains(&Field::Status) {
            agreed.status = None;
        }
        if !waits.is_empty() && since.severity && !waits.contains(&Field::Severity) {
            agreed.severity = None;
        }
        if agreed != before.agreed {
            draft.bases.push(RecordBase {
                path: entry.path.clone(),
                key: entry.key.clone(),
                issue: Target::Number(number),
                before: Some(before),
                due: true,
                agreed,
                sent: waits.clone(),
                seen: Some(seen),
            });
        }
    }
}

/// Whether GitHub shows what this change left there.
fn is_as_left(input: &Input, issue: &RemoteIssue, change: &LocalChange) -> bool {
    let vocabulary = &input.config.labels.vocabulary;
    let there = read_remote(issue, vocabulary, &|l| input.config.ignores(l), &Labels::new());
    match change {
        LocalChange::Status(diff) => {
            diff.after.as_ref().is_some_and(|s| there.status == Reading::One(s.clone()))
        }
        LocalChange::Severity(diff) => there.severity == Reading::One(diff.after),
        LocalChange::AddLabel(label) => there.labels.contains(label),
        LocalChange::RemoveLabel(label) => !there.labels.contains(label),
        LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => false,
    }
}

fn is_touched(since: &crate::merge::Touched, change: &LocalChange) -> bool {
    match change {
        LocalChange::Status(_) => since.status,
        LocalChange::Severity(_) => since.severity,
        LocalChange::AddLabel(label) | LocalChange::RemoveLabel(label) => since.labels.contains(label),
        LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => true,
    }
}

/// Whether two changes are about one value.
fn is_same_value(a: &LocalChange, b: &LocalChange) -> bool {
    use LocalChange::{AddLabel, RemoveLabel};
    match (a, b) {
        (AddLabel(a) | RemoveLabel(a), AddLabel(b) | RemoveLabel(b)) => a == b,
        _ => a.field() == b.field(),
    }
}

/// The base once all of it is taken back: of what was sent the value that GitHub had, of what
/// was only taken over the one that was agreed before.
fn agreed_before(
    input: &Input,
    entry: &LocalEntry,
    number: u64,
    sent: &[&LocalChange],
    changes: &[LocalChange],
    done: &Done,
) -> Issue {
    let mut agreed = input.base_for(entry, number).map(|b| b.agreed.clone()).unwrap_or_default();
    let before = done.before.get(&entry.key).map(|b| b.agreed.clone()).unwrap_or_default();
    for back in changes {
        match back {
            LocalChange::Status(diff) if agreed.status == diff.before => {
                agreed.status = before.status.clone()
            }
            LocalChange::Severity(diff) if agreed.severity == Some(diff.before) => {
                agreed.severity = before.severity;
            }
            _ => in_list(&mut agreed, back),
        }
    }
    for change in sent {
        match change {
            LocalChange::Status(diff) if agreed.status == diff.after || is_among(changes, Field::Status) => {
                // Where a conflict was settled for this side, GitHub's value had not been agreed on.
                agreed.status = before.status.clone().or_else(|| diff.before.clone());
            }
            LocalChange::Severity(diff)
                if agreed.severity == Some(diff.after) || is_among(changes, Field::Severity) =>
            {
                agreed.severity = before.severity.or(Some(diff.before));
            }
            _ => in_list(&mut agreed, &change.reversed()),
        }
    }
    agreed
}

fn is_among(changes: &[LocalChange], field: Field) -> bool {
    changes.iter().any(|change| change.field() == field)
}

fn in_list(agreed: &mut Issue, change: &LocalChange) {
    match (change, &mut agreed.labels) {
        (LocalChange::AddLabel(label), Some(labels)) => drop(labels.insert(label.clone())),
        (LocalChange::RemoveLabel(label), Some(labels)) => drop(labels.remove(label)),
        _ => {}
    }
}

/// What goes back to GitHub, in the form of a merge's result.
fn merged(sent: &[&LocalChange], occurrences: Vec<MergedOccurrence>) -> MergedIssue {
    let mut merged = MergedIssue {
        status: None,
        severity: None,
        add: Labels::new(),
        remove: Labels::new(),
        occurrences,
        conflicts: Vec::new(),
        notes: Vec::new(),
    };
    for change in sent {
        match change.reversed() {
            LocalChange::Status(Diff { before: Some(before), after: Some(after) }) => {
                merged.status = Some(Diff { before, after });
            }
            LocalChange::Severity(diff) => merged.severity = Some(diff),
            LocalChange::AddLabel(label) => drop(merged.add.insert(label)),
            LocalChange::RemoveLabel(label) => drop(merged.remove.insert(label)),
            LocalChange::Status(_) | LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => {}
        }
    }
    merged
}
