//! One entry on its way from the issue that gave way to the one that stays.
//!
//! What people did on the loser is the difference between it as it was filed (or as it was
//! agreed on last) and as it is. It is taken over into the entry first, by the ordinary law,
//! and the entry is then merged with the winner like any other. Both issues were filed from
//! one entry, so what they had in common when they were made is the base of that.

use crate::block::Found;
use crate::merge::{Conflict, Diff, Field, LocalChange, Side, read_remote};
use crate::model::{Base, EventKind, Issue, IssueRef, Labels, Links, RemoteIssue, State, Status};
use crate::plan::filing::edit;
use crate::plan::tie::{Standing, found, standing};
use crate::plan::{Because, Draft, EntryEdit, Input, IssueConflict, LocalEntry, Target, linked};

/// Moves an entry to the issue that stays and takes over what was done on the losers.
pub(super) fn move_entry(
    input: &Input,
    entry: &mut LocalEntry,
    draft: &mut Draft,
    contested: &mut Vec<IssueConflict>,
) {
    let named = input.own_number(entry);
    let from = named.filter(|n| input.losers.contains_key(n));
    let due = |n: u64| matches!(standing(input, n), Standing::Due { .. });
    let mut losers: Vec<u64> =
        input.losers_for(entry).into_iter().map(|(l, _)| l).filter(|l| due(*l)).collect();
    // Occurrences of other entries that name it bring along what they see of it, too.
    losers.extend(from.filter(|n| due(*n) && !losers.contains(n)));
    let Some(first) = from.or(losers.first().copied()) else { return };
    let winner = input.winner(first);
    // Somebody may have pointed the entry at an issue of their own choice.
    if input.number_of(entry) != Some(winner) {
        return;
    }
    let Some(stays) = found(input, winner) else { return };
    let agreed_there = from.and_then(|n| input.base_for(entry, n)).cloned();
    if let Some(from) = from {
        edit(draft, entry, EntryEdit::Issue { target: Target::Number(winner), why: Because::Moved });
        entry.entry.issue = Some(IssueRef::here(winner));
        if input.base_for(entry, winner).is_none() {
            entry.base = found(input, from).map(|l| common(input, entry, stays, l, agreed_there.as_ref()));
            entry.base_is_written = false;
        }
    }
    for number in losers {
        let Some(loser) = found(input, number) else { continue };
        let (base, agreed) = match &agreed_there {
            Some(base) if from == Some(number) => (base.agreed.clone(), true),
            _ => (as_filed(input, loser), false),
        };
        let moves = from.is_some();
        let pulled = Pull { input, base, agreed, loser, stays, moves }.bring_to(entry);
        for change in pulled.0 {
            edit(draft, entry, EntryEdit::Follow(change));
        }
        let path = entry.path.clone();
        contested.extend(pulled.1.into_iter().map(|conflict| IssueConflict {
            path: path.clone(),
            number: winner,
            conflict,
        }));
    }
}

/// What both issues had when they were made. A scalar in which they differed was never
/// agreed on. Of links, where GitHub tells no history, those that were agreed on for the
/// loser and are listed at the winner.
fn common(
    input: &Input,
    entry: &LocalEntry,
    stays: &RemoteIssue,
    loser: &RemoteIssue,
    agreed: Option<&Base>,
) -> Base {
    let (a, b) = (as_filed(input, stays), as_filed(input, loser));
    let both = |a: Option<Labels>, b: Option<Labels>| Some(a?.intersection(&b?).cloned().collect());
    let listed = listed(input, stays, entry);
    let links = agreed.and_then(|base| base.agreed.links.clone()).zip(listed);
    // What was edited here since the loser was agreed on is an edit, also where it says what
    // both were filed with.
    let here = linked::local_values(input, entry);
    let edited = |base: &Base| (here.status != base.agreed.status, here.severity != base.agreed.severity);
    let (status_edited, severity_edited) = agreed.map(edited).unwrap_or_default();
    let status = a.status.filter(|s| Some(s) == b.status.as_ref());
    let severity = a.severity.filter(|s| Some(s) == b.severity.as_ref());
    let agreed = Issue {
        status: status.filter(|s| !(status_edited && here.status.as_ref() == Some(s))),
        severity: severity.filter(|s| !(severity_edited && here.severity.as_ref() == Some(s))),
        labels: both(a.labels, b.labels),
        links: links.map(|(agreed, listed)| agreed.intersection(&listed).cloned().collect()),
    };
    let issue = IssueRef { repo: Some(input.home.clone()), number: stays.number };
    Base { issue, agreed, seen: stays.created_at }
}

/// An issue as it was when it was made: open, with the labels of now and the events undone.
fn as_filed(input: &Input, issue: &RemoteIssue) -> Issue {
    let Some(events) = input.seen.get(&issue.number).and_then(|s| s.events.as_ref()) else {
        return Issue::default();
    };
    let mut labels: Labels = issue.labels.iter().cloned().collect();
    for event in events.iter().rev().filter(|e| e.at > issue.created_at) {
        match &event.what {
            EventKind::Labeled(label) => drop(labels.remove(label)),
            EventKind::Unlabeled(label) => drop(labels.insert(label.clone())),
            EventKind::Closed | EventKind::Reopened => {}
        }
    }
    let filed = RemoteIssue { state: State::Open, labels: labels.into_iter().collect(), ..issue.clone() };
    values(input, &filed, &Issue::default())
}

fn values(input: &Input, issue: &RemoteIssue, base: &Issue) -> Issue {
    let vocabulary = &input.config.labels.vocabulary;
    let read = read_remote(issue, vocabulary, &|l| input.config.ignores(l), &Labels::new());
    Issue {
        status: read.status.settle(base.status.as_ref()).unwrap_or_default(),
        severity: read.severity.settle(base.severity.as_ref()).unwrap_or_default(),
        labels: Some(read.labels),
        links: None,
    }
}

/// The links that the block of an issue of gardener's lists for an entry, without paths.
fn listed(input: &Input, issue: &RemoteIssue, entry: &LocalEntry) -> Option<Links> {
    match Found::read(&issue.body) {
        Found::Block(block) => {
            let links = block.links(&entry.key)?.iter().map(|l| input.short(l));
            Some(links.filter(|l| l.goes_both_ways()).collect())
        }
        _ => None,
    }
}

struct Pull<'a> {
    input: &'a Input,
    /// What the loser was when nobody had touched it.
    base: Issue,
    /// Whether the entry agreed on that. What is missing in it is contested then.
    agreed: bool,
    loser: &'a RemoteIssue,
    stays: &'a RemoteIssue,
    /// Whether the entry comes from another issue, so that its base is a guess.
    moves: bool,
}

/// One scalar of the three.
enum Pulled<T> {
    Same,
    Take(T),
    /// Taken because the user said so, whatever the winner says.
    Prefer(T),
    Conflict,
}

impl Pull<'_> {
    /// Takes the loser's changes into the entry; gives the edits that are, and what is
    /// contested.
    fn bring_to(&self, entry: &mut LocalEntry) -> (Vec<LocalChange>, Vec<Conflict>) {
        let (mut changes, mut conflicts) = (Vec::new(), Vec::new());
        let there = values(self.input, self.loser, &self.base);
        let winner = values(self.input, self.stays, &Issue::default());
        // Closed as a duplicate, by whomever, it says nothing about the problem.
        let status = there.status.filter(|s| *s != Status::Duplicate);
        // "Not planned" is also what people call a duplicate, so somebody has to say it.
        let unclear = status == Some(Status::NotPlanned);
        let three = (&self.base.status, &entry.entry.status, &status);
        let unclear = unclear || self.says_more(entry, entry.entry.status.as_ref(), |i| i.status.as_ref());
        match self.scalar(entry, Field::Status, three, unclear) {
            Pulled::Same => {}
            Pulled::Conflict => {
                let word = |s: &Option<Status>| s.as_ref().map(|s| s.word().to_owned());
                let (base, here) = (word(&self.base.status), word(&entry.entry.status));
                conflicts.push(self.conflict(entry, Field::Status, base, here, word(&status)));
                self.contest(entry, |i| &mut i.status, status, winner.status);
            }
            Pulled::Take(after) => changes.push(take_status(entry, after)),
            Pulled::Prefer(after) => {
                changes.push(take_status(entry, after));
                entry.base.iter_mut().for_each(|b| b.agreed.status.clone_from(&winner.status));
            }
        }
        let here = entry.entry.severity.map(Some);
        let unclear = self.says_more(entry, here.as_ref(), |i| i.severity.as_ref());
        match self.scalar(entry, Field::Severity, (&self.base.severity, &here, &there.severity), unclear) {
            Pulled::Same => {}
            Pulled::Conflict => {
                let word = |s: &Option<Option<crate::model::Severity>>| {
                    s.map(|s| s.map_or("no severity", crate::model::Severity::word).to_owned())
                };
                let (base, here) = (word(&self.base.severity), word(&here));
                conflicts.push(self.conflict(entry, Field::Severity, base, here, word(&there.severity)));
                self.contest(entry, |i| &mut i.severity, there.severity, winner.severity);
            }
            Pulled::Take(after) => changes.extend(take_severity(entry, after)),
            Pulled::Prefer(after) => {
                changes.extend(take_severity(entry, after));
                entry.base.iter_mut().for_each(|b| b.agreed.severity = winner.severity);
            }
        }
        self.labels(entry, there.labels.unwrap_or_default(), &mut changes);
        self.links(entry, &mut changes);
        (changes, conflicts)
    }

    /// Whether somebody here wants something else than what was agreed with the winner: then it is
    /// no accident that it is what the loser was filed with.
    fn says_more<T: Eq>(
        &self,
        entry: &LocalEntry,
        here: Option<&T>,
        field: impl Fn(&Issue) -> Option<&T>,
    ) -> bool {
        let filed;
        let own = match &entry.base {
            Some(base) => field(&base.agreed),
            // With no base the text is at best what this clone filed.
            None => {
                let made = [self.loser, self.stays]
                    .into_iter()
                    .find(|i| self.input.made.get(&entry.key) == Some(&i.number));
                filed = made.map(|issue| as_filed(self.input, issue)).unwrap_or_default();
                field(&filed)
            }
        };
        here.is_some() && own != here && (own.is_some() || !self.moves)
    }

    fn scalar<T: Eq + Clone>(
        &self,
        entry: &LocalEntry,
        field: Field,
        (base, here, there): (&Option<T>, &Option<T>, &Option<T>),
        unclear: bool,
    ) -> Pulled<T> {
        let Some(there) = there.clone() else { return Pulled::Same };
        let unknown = base.is_none() && !self.agreed;
        if unknown || base.as_ref() == Some(&there) || here.as_ref() == Some(&there) {
            return Pulled::Same;
        }
        if !unclear && (here.is_none() || here == base) {
            return Pulled::Take(there);
        }
        let meant =
            self.input.preferences.iter().find(|p| {
                p.key.as_ref().is_none_or(|k| *k == entry.key) && p.field.is_none_or(|f| f == field)
            });
        match meant.map(|p| p.side) {
            Some(Side::Local) => Pulled::Same,
            Some(Side::Remote) => Pulled::Prefer(there),
            None => Pulled::Conflict,
        }
    }

    fn conflict(
        &self,
        entry: &LocalEntry,
        field: Field,
        base: Option<String>,
        here: Option<String>,
        there: Option<String>,
    ) -> Conflict {
        let there = format!("{} on #{}", there.unwrap_or_default(), self.loser.number);
        let here = here.unwrap_or_else(|| "nothing".to_owned());
        Conflict { key: entry.key.clone(), field, base, here, there }
    }

    /// A contested value of the entry must not be sent to the winner either: its base is
    /// made one that the winner does not have.
    fn contest<T: Eq>(
        &self,
        entry: &mut LocalEntry,
        field: impl Fn(&mut Issue) -> &mut Option<T>,
        there: Option<T>,
        winner: Option<T>,
    ) {
        if let Some(base) = entry.base.as_mut().filter(|_| there != winner) {
            *field(&mut base.agreed) = there;
        }
    }

    fn labels(&self, entry: &mut LocalEntry, there: Labels, changes: &mut Vec<LocalChange>) {
        let Some(base) = &self.base.labels else { return };
        let once = self.input.once(entry);
        let added: Labels = there.difference(base).filter(|l| !once.contains(l)).cloned().collect();
        let gone: Labels = base.difference(&there).filter(|l| !once.contains(l)).cloned().collect();
        if added.is_empty() && (gone.is_empty() || entry.entry.labels.is_none()) {
            return;
        }
        // A list that is written speaks for all labels, so it starts with the winner's.
        let mut list = entry.entry.labels.clone().unwrap_or_else(|| {
            let own = values(self.input, self.stays, &Issue::default()).labels.unwrap_or_default();
            own.into_iter().filter(|l| !once.contains(l) && !gone.contains(l)).collect()
        });
        if entry.entry.labels.is_none() {
            changes.extend(list.iter().cloned().map(LocalChange::AddLabel));
        }
        for label in gone {
            if list.contains(&label) {
                list.retain(|l| *l != label);
                changes.push(LocalChange::RemoveLabel(label));
            }
        }
        for label in added {
            if !list.contains(&label) {
                changes.push(LocalChange::AddLabel(label.clone()));
                list.push(label);
            }
        }
        entry.entry.labels = Some(list);
    }

    fn links(&self, entry: &mut LocalEntry, changes: &mut Vec<LocalChange>) {
        let Some(there) = listed(self.input, self.loser, entry) else { return };
        let mine = self.input.own_links(entry);
        let known = |l: &crate::model::Link| {
            mine.as_ref().is_some_and(|m| m.contains(l))
                || self.base.links.as_ref().is_some_and(|b| b.contains(l))
                || entry.base.as_ref().and_then(|b| b.agreed.links.as_ref()).is_some_and(|b| b.contains(l))
        };
        let added: Links = there.iter().filter(|l| !known(l)).cloned().collect();
        let gone = |l: &crate::model::Link| {
            self.base.links.as_ref().is_some_and(|b| b.contains(l)) && !there.contains(l)
        };
        let gone: Links = mine.iter().flatten().filter(|l| gone(l)).cloned().collect();
        if added.is_empty() && gone.is_empty() {
            return;
        }
        let mut list = entry.entry.links.clone().unwrap_or_else(|| {
            listed(self.input, self.stays, entry).unwrap_or_default().into_iter().collect()
        });
        if mine.is_none() {
            changes.extend(list.iter().cloned().map(LocalChange::AddLink));
        }
        list.retain(|l| !gone.contains(&self.input.short(l)));
        changes.extend(gone.into_iter().map(LocalChange::RemoveLink));
        let added = added.into_iter().filter(|l| !list.contains(l)).collect::<Vec<_>>();
        list.extend(added.iter().cloned());
        changes.extend(added.into_iter().map(LocalChange::AddLink));
        entry.entry.links = Some(list);
    }
}

fn take_status(entry: &mut LocalEntry, after: Status) -> LocalChange {
    let before = entry.entry.status.replace(after.clone());
    LocalChange::Status(Diff { before, after: Some(after) })
}

fn take_severity(entry: &mut LocalEntry, after: Option<crate::model::Severity>) -> Option<LocalChange> {
    let before = std::mem::replace(&mut entry.entry.severity, after);
    (before != after).then_some(LocalChange::Severity(Diff { before, after }))
}
