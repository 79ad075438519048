//! Issues that have a number: read what GitHub says, merge, and plan the difference.

use std::collections::BTreeSet;

use crate::block::Found;
use crate::merge::{
    Conflict, Field, LinksThere, LocalChange, MergedIssue, Occurrence, lost_labels, merge_issue,
    needs_events, read_remote, touched,
};
use crate::model::{
    Base, Comment, EntryKey, Issue, Label, Labels, Look, RemoteIssue, Severity, State, Status, Vocabulary,
};
use crate::plan::brakes::differs;
use crate::plan::filing::{Linked, edit, hold};
use crate::plan::{
    Change, CreateLabel, Draft, EntryEdit, Input, IssueConflict, LocalEntry, OtherTitle, RecordBase, Seen,
    Target, UpdateIssue, Why, comment,
};

/// Why nothing is written to a repository that can be read.
pub(super) const ARCHIVED: &str = "the repository is archived";

/// Plans every issue that has a number, by number.
pub(super) fn plan_linked(input: &Input, linked: &Linked, draft: &mut Draft) {
    for (number, entries) in linked {
        draft.linked.insert(*number);
        let look = input.seen.get(number).map(|s| &s.look);
        if matches!(look, None | Some(Look::Missing | Look::Deleted | Look::Moved(_))) {
            draft.gone.insert(*number);
        }
        match input.seen.get(number).map(|s| (&s.look, s)) {
            Some((Look::Found(issue), seen)) => plan_issue(input, issue, seen, entries, draft),
            Some((Look::PullRequest, _)) => hold_all(draft, entries, *number, &Why::PullRequest),
            Some((Look::Deleted, _)) => hold_all(draft, entries, *number, &Why::Deleted),
            Some((Look::Moved(to), _)) => hold_all(draft, entries, *number, &Why::Moved(to.clone())),
            Some((Look::Missing, _)) | None => hold_all(draft, entries, *number, &Why::NotVisible),
        }
    }
}

/// Whether an issue's comments decide something: where gardener did not make the issue
/// they hold the managed block, and a new occurrence must not be told twice.
pub fn needs_comments(input: &Input, issue: &RemoteIssue, entries: &[&LocalEntry]) -> bool {
    let listed = match Found::read(&issue.body) {
        Found::Block(block) if input.is_ours(issue) => Some(block),
        _ => None,
    };
    let ours = input.is_ours(issue);
    entries.iter().any(|entry| {
        let Some(base) = input.base_for(entry, issue.number) else {
            return listed.as_ref().is_none_or(|b| b.links(&entry.key).is_none());
        };
        let mine = input.own_links(entry).map(|l| l.into_iter().filter(|l| l.goes_both_ways()).collect());
        let edited = mine.is_some() && mine != base.agreed.links;
        !ours && (edited || issue.updated_at > base.seen)
    })
}

/// An entry as an occurrence of an issue, as far as it is known without events and block.
pub fn occurrence_of(input: &Input, entry: &LocalEntry, number: u64) -> Occurrence {
    Occurrence {
        key: entry.key.clone(),
        local: local_values(input, entry),
        once: input.once(entry),
        base: input.base_for(entry, number).cloned(),
        touched: crate::merge::Touched::default(),
        links_there: LinksThere::NotRead,
    }
}

/// What an entry says, in neutral words.
pub(super) fn local_values(input: &Input, entry: &LocalEntry) -> Issue {
    Issue {
        status: entry.entry.status.clone(),
        severity: entry.entry.severity.map(Some),
        labels: input.own_labels(entry),
        links: input.own_links(entry),
    }
}

/// The labels that exist or may be made, and those that do neither. What is to be made is
/// planned.
pub(super) fn creatable(input: &Input, wanted: Labels, draft: &mut Draft) -> (Labels, Labels) {
    let Some(existing) = &input.labels else { return (wanted, Labels::new()) };
    let missing: Labels = wanted.difference(existing).cloned().collect();
    if !input.repository.can_push {
        let there = wanted.difference(&missing).cloned().collect();
        return (there, missing);
    }
    for label in missing {
        if !draft.labels.iter().any(|c| c.label == label) {
            draft.labels.push(new_label(input, label));
        }
    }
    (wanted, Labels::new())
}

/// Whether an issue says something else than what an entry agreed on with it. It may be an old
/// copy.
pub fn disagrees(input: &Input, entry: &LocalEntry, issue: &RemoteIssue) -> bool {
    let vocabulary = &input.config.labels.vocabulary;
    let remote = read_remote(issue, vocabulary, &|l| input.config.ignores(l), &Labels::new());
    input.base_for(entry, issue.number).is_some_and(|base| differs(base, &remote, &Labels::new()))
}

fn new_label(input: &Input, label: crate::model::Label) -> CreateLabel {
    let vocabulary = &input.config.labels.vocabulary;
    let (color, description) = match (vocabulary.severity_of(&label), vocabulary.mark_of(&label)) {
        (Some(severity), _) => {
            let color = ["b60205", "d93f0b", "fbca04", "c5def5"][severity as usize];
            (color, format!("Severity {severity}"))
        }
        (None, Some(status)) => ("0e8a16", format!("Status: {status}")),
        (None, None) => ("ededed", String::new()),
    };
    CreateLabel { label, color, description }
}

fn hold_all(draft: &mut Draft, entries: &[&LocalEntry], number: u64, why: &Why) {
    for entry in entries {
        hold(draft, entry, Some(number), why.clone());
    }
}

fn plan_issue(input: &Input, issue: &RemoteIssue, seen: &Seen, entries: &[&LocalEntry], draft: &mut Draft) {
    let vocabulary = &input.config.labels.vocabulary;
    let bases: Vec<&Base> = entries.iter().filter_map(|e| input.base_for(e, issue.number)).collect();
    // Without a look at the repository's labels nothing is known to be lost or there; a
    // look is always taken where a base has a mapped label that the issue lacks.
    let lost = match &input.labels {
        Some(labels) => lost_labels(&bases, vocabulary, labels),
        None => Labels::new(),
    };
    let remote = read_remote(issue, vocabulary, &|l| input.config.ignores(l), &lost);
    if !bases.is_empty() {
        draft.tracked.insert(issue.number);
        let once: Labels = entries.iter().flat_map(|e| input.once(e)).collect();
        if bases.iter().all(|b| differs(b, &remote, &once)) {
            draft.changed.insert(issue.number);
        }
    }
    let forged = comment::forged(input, issue, seen.comments.as_deref());
    draft.notes.extend(forged.into_iter().map(|note| (issue.number, note)));
    let texts = comment::Texts::read(input, issue, seen.comments.as_deref());
    let occurrences: Vec<_> = entries.iter().map(|e| complete(input, e, issue, seen, &texts)).collect();
    let mut merged = merge_issue(&occurrences, &remote, &input.preferences);
    leave_uncommitted(entries, &occurrences, &mut merged);

    let (sent, off) = plan_update(input, issue, entries, &merged, draft);
    let told = comment::plan_texts(input, issue, entries, &merged, texts, draft);
    for ((entry, done), occurrence) in entries.iter().zip(&merged.occurrences).zip(&occurrences) {
        // Nobody follows what is not sent.
        for change in done.changes.iter().filter(|c| !off.holds(c)) {
            edit(draft, entry, EntryEdit::Follow(change.clone()));
        }
        let mut waits = sent.clone();
        if done.listed.is_some() {
            waits.insert(Field::Links);
        }
        let before = input.base_for(entry, issue.number).cloned();
        let mut agreed = done.agreed.clone();
        off.leave_out(&mut agreed, before.as_ref());
        if told.without_links && done.listed.is_some() {
            agreed.links = before.as_ref().and_then(|b| b.agreed.links.clone());
        }
        let due = before.is_some() && !entry.base_is_written;
        let same = !due && before.as_ref().is_some_and(|b| b.agreed == agreed);
        if !same {
            forget_contested(&mut agreed, occurrence, &merged.conflicts);
        }
        // A first link is recorded only once its comment is out, so that a comment that
        // failed is tried again.
        if !same && told.keys.contains(&entry.key) {
            draft.bases.push(RecordBase {
                path: entry.path.clone(),
                key: entry.key.clone(),
                issue: Target::Number(issue.number),
                before,
                due,
                agreed,
                sent: waits,
                seen: Some(issue.updated_at),
            });
        }
    }
    for entry in entries.iter().filter(|e| super::text::title(e) != issue.title) {
        let (key, there) = (entry.key.clone(), issue.title.clone());
        draft.titles.push(OtherTitle { key, number: issue.number, there });
    }
    for conflict in merged.conflicts {
        let path = entries.iter().find(|e| e.key == conflict.key).map(|e| e.path.clone()).unwrap_or_default();
        draft.conflicts.push(IssueConflict { path, number: issue.number, conflict });
    }
    draft.notes.extend(merged.notes.into_iter().map(|n| (issue.number, n)));
}

/// A value that somebody is still writing is not overwritten: with what GitHub says by now it is
/// a conflict, which the next plain sync shows.
fn leave_uncommitted(entries: &[&LocalEntry], occurrences: &[Occurrence], merged: &mut MergedIssue) {
    for ((entry, done), occurrence) in entries.iter().zip(&mut merged.occurrences).zip(occurrences) {
        let before = occurrence.base.as_ref().map(|b| b.agreed.clone()).unwrap_or_default();
        let (changes, conflicts) = (&mut done.changes, &mut merged.conflicts);
        let agreed = &mut done.agreed;
        changes.retain(|change| {
            let Some(here) = entry.uncommitted.get(&change.field()) else { return true };
            let (base, there) = match change {
                LocalChange::Status(diff) => {
                    agreed.status = before.status.clone();
                    let word = |s: Option<&Status>| s.map(|s| s.word().to_owned());
                    (word(before.status.as_ref()), word(diff.after.as_ref()).unwrap_or_default())
                }
                LocalChange::Severity(diff) => {
                    agreed.severity = before.severity;
                    let word = |s: Option<Severity>| s.map_or("no severity", Severity::word).to_owned();
                    (before.severity.map(word), word(diff.after))
                }
                _ => return true,
            };
            let (key, field) = (entry.key.clone(), change.field());
            conflicts.push(Conflict { key, field, base, here: here.clone(), there });
            false
        });
        // Only what is sent by now is known to whoever is writing the value: it is in the commit.
        let (local, is_open) = (&occurrence.local, |field| entry.uncommitted.contains_key(&field));
        if is_open(Field::Status) && (merged.status.is_none() || agreed.status != local.status) {
            agreed.status = before.status;
        }
        if let Some(labels) = agreed.labels.as_mut().filter(|_| is_open(Field::Labels)) {
            // A label that both sides have by chance is not one that they know to have taken off.
            let known = before.labels.clone().unwrap_or_default();
            let pulled = |l: &Label| done.changes.contains(&LocalChange::AddLabel(l.clone()));
            labels.retain(|l| known.contains(l) || merged.add.contains(l) || pulled(l));
        }
        if is_open(Field::Severity) && (merged.severity.is_none() || agreed.severity != local.severity) {
            agreed.severity = before.severity;
        }
    }
}

/// A conflict that is one only because of events since the base: with a newer base those
/// events would be forgotten, and the value of this side be sent without anybody's word. So
/// with a newer base nothing is agreed about the field.
fn forget_contested(agreed: &mut Issue, occurrence: &Occurrence, conflicts: &[Conflict]) {
    for conflict in conflicts.iter().filter(|c| c.key == occurrence.key) {
        match conflict.field {
            Field::Status if occurrence.touched.status => agreed.status = None,
            Field::Severity if occurrence.touched.severity => agreed.severity = None,
            _ => {}
        }
    }
}

fn complete(
    input: &Input,
    entry: &LocalEntry,
    issue: &RemoteIssue,
    seen: &Seen,
    texts: &comment::Texts,
) -> Occurrence {
    let mut occurrence = occurrence_of(input, entry, issue.number);
    if let (Some(base), Some(events)) = (&occurrence.base, &seen.events)
        && needs_events(&occurrence, issue.updated_at)
    {
        let open = issue.state == State::Open;
        if !sabotaged!(NoSeen) {
            occurrence.touched = touched(events, base.seen, open, &input.config.labels.vocabulary);
        }
    }
    let agreed = occurrence.base.as_ref().and_then(|b| b.agreed.links.as_ref());
    occurrence.links_there = texts.links(input, &entry.key, agreed);
    occurrence
}

/// Plans state and labels, and returns the fields that wait for GitHub's confirmation.
pub(super) fn plan_update(
    input: &Input,
    issue: &RemoteIssue,
    entries: &[&LocalEntry],
    merged: &MergedIssue,
    draft: &mut Draft,
) -> (BTreeSet<Field>, Off) {
    let vocabulary = &input.config.labels.vocabulary;
    let mut sent = BTreeSet::new();
    let (mut add, mut remove) = (merged.add.clone(), merged.remove.clone());
    if !add.is_empty() || !remove.is_empty() {
        sent.insert(Field::Labels);
    }
    if let Some(diff) = &merged.status {
        sent.insert(Field::Status);
        let mark = match &diff.after {
            Status::Marked(word) => vocabulary.marks.get(word),
            _ => None,
        };
        add.extend(mark.filter(|m| !issue.labels.contains(m)).cloned());
        let others = issue.labels.iter().filter(|l| vocabulary.mark_of(l).is_some() && Some(*l) != mark);
        remove.extend(others.cloned());
    }
    if let Some(diff) = &merged.severity {
        sent.insert(Field::Severity);
        let label = diff.after.and_then(|s| vocabulary.severities.get(&s));
        add.extend(label.filter(|l| !issue.labels.contains(l)).cloned());
        // Writing one severity removes the others (rule 13).
        let others = issue.labels.iter().filter(|l| vocabulary.severity_of(l).is_some() && Some(*l) != label);
        remove.extend(others.cloned());
    }
    if sent.is_empty() {
        return (sent, Off::default());
    }
    let mut update = UpdateIssue {
        number: issue.number,
        keys: speaking_first(entries, merged),
        status: merged.status.clone(),
        severity: merged.severity.clone(),
        carriers: add.union(&remove).filter(|l| vocabulary.is_mapped(l)).cloned().collect(),
        marks: add.union(&remove).filter(|l| vocabulary.mark_of(l).is_some()).cloned().collect(),
        add,
        remove,
    };
    let wanted = update.clone();
    if input.repository.archived {
        (update.add, update.remove, update.status) = Default::default();
        hold(draft, entries[0], Some(issue.number), Why::Closed(ARCHIVED));
    }
    hold_refused(input, issue, entries, &mut update, draft);
    let (add, missing) = creatable(input, update.add, draft);
    update.add = add;
    if !missing.is_empty() {
        hold(draft, entries[0], Some(issue.number), Why::NoLabels(missing));
    }
    keep_without_successor(&wanted, &mut update, vocabulary);
    let off = Off::between(&wanted, &update, vocabulary);
    if !update.writes().is_empty() {
        draft.updates.push(Change::UpdateIssue(update));
    }
    (sent, off)
}

/// A severity or status label is not taken off where the one that takes its place can't be
/// put on.
fn keep_without_successor(wanted: &UpdateIssue, update: &mut UpdateIssue, vocabulary: &Vocabulary) {
    let missing: Labels = wanted.add.difference(&update.add).cloned().collect();
    let lacks_severity = missing.iter().any(|l| vocabulary.severity_of(l).is_some());
    let lacks_mark = missing.iter().any(|l| vocabulary.mark_of(l).is_some());
    update.remove.retain(|l| {
        let severity = lacks_severity && vocabulary.severity_of(l).is_some();
        let mark = lacks_mark && vocabulary.mark_of(l).is_some();
        !(severity || mark)
    });
    if lacks_severity {
        update.severity = None;
    }
    if lacks_mark {
        // Reopened without its label it would be plainly open, which nobody wants.
        update.status = None;
    }
}

/// What is wanted and not sent: refused before, or a label that can't be made. It is not
/// agreed on.
#[derive(Default)]
pub(super) struct Off {
    fields: BTreeSet<Field>,
    not_added: Labels,
    not_removed: Labels,
}

impl Off {
    fn between(wanted: &UpdateIssue, sent: &UpdateIssue, vocabulary: &Vocabulary) -> Self {
        let mut off = Self::default();
        if wanted.status.is_some() && sent.status.is_none() {
            off.fields.insert(Field::Status);
        }
        let missing = wanted.add.difference(&sent.add).cloned();
        off.not_added(missing.collect(), vocabulary);
        for label in wanted.remove.difference(&sent.remove).cloned() {
            off.mapped(&label, vocabulary);
            off.not_removed.insert(label);
        }
        off.not_removed.retain(|l| !vocabulary.is_mapped(l));
        off
    }

    /// Labels that the issue does not get.
    pub(super) fn not_added(&mut self, labels: Labels, vocabulary: &Vocabulary) {
        for label in labels {
            self.mapped(&label, vocabulary);
            self.not_added.insert(label);
        }
    }

    /// Whether an entry would follow what is off.
    pub(super) fn holds(&self, change: &LocalChange) -> bool {
        match change {
            LocalChange::Status(_) => self.fields.contains(&Field::Status),
            LocalChange::Severity(_) => self.fields.contains(&Field::Severity),
            LocalChange::AddLabel(label) => self.not_added.contains(label),
            LocalChange::RemoveLabel(label) => self.not_removed.contains(label),
            LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => false,
        }
    }

    /// Takes what is off out of what is agreed.
    pub(super) fn leave_out(&self, agreed: &mut Issue, before: Option<&Base>) {
        let before = before.map(|b| &b.agreed);
        if self.fields.contains(&Field::Status) {
            agreed.status = before.and_then(|b| b.status.clone());
        }
        if self.fields.contains(&Field::Severity) {
            agreed.severity = before.and_then(|b| b.severity);
        }
        if let Some(labels) = &mut agreed.labels {
            labels.retain(|l| !self.not_added.contains(l));
            labels.extend(self.not_removed.iter().cloned());
        }
    }

    fn mapped(&mut self, label: &crate::model::Label, vocabulary: &Vocabulary) {
        if vocabulary.mark_of(label).is_some() {
            self.fields.insert(Field::Status);
        } else if vocabulary.severity_of(label).is_some() {
            self.fields.insert(Field::Severity);
        }
    }
}

/// The occurrences, those first whose own values are sent: a report speaks of the first.
fn speaking_first(entries: &[&LocalEntry], merged: &MergedIssue) -> Vec<EntryKey> {
    let speaks = |e: &&LocalEntry| {
        let status = merged.status.as_ref().is_some_and(|d| e.entry.status.as_ref() == Some(&d.after));
        let severity =
            merged.severity.as_ref().is_some_and(|d| d.after.is_some() && e.entry.severity == d.after);
        let follows = merged.occurrences.iter().any(|o| o.key == e.key && !o.changes.is_empty());
        (status || severity) && !follows
    };
    let (first, rest): (Vec<_>, Vec<_>) = entries.iter().copied().partition(|e| speaks(e));
    first.into_iter().chain(rest).map(|e| e.key.clone()).collect()
}

/// What was refused to this token is not sent again until it or the token changes (rule 14).
fn hold_refused(
    input: &Input,
    issue: &RemoteIssue,
    entries: &[&LocalEntry],
    update: &mut UpdateIssue,
    draft: &mut Draft,
) {
    let mut refused = Vec::new();
    let mut keep = |what: String| {
        let was = input.was_refused(issue.number, &what);
        if was {
            refused.push(what);
        }
        !was
    };
    update.add.retain(|l| keep(format!("+{}", l.folded())));
    update.remove.retain(|l| keep(format!("-{}", l.folded())));
    if let Some(diff) = update.status.take_if(|d| !keep(format!("status {} to {}", d.before, d.after))) {
        // The labels of a status that is not set are not set either.
        let vocabulary = &input.config.labels.vocabulary;
        update.add.retain(|l| vocabulary.mark_of(l).as_ref() != Some(&diff.after));
    }
    if !refused.is_empty() {
        hold(draft, entries[0], Some(issue.number), Why::Refused(refused.join(", ")));
    }
}

/// Whether GitHub can be commented on here.
pub(super) fn is_locked(issue: &RemoteIssue) -> bool {
    issue.locked || matches!(issue.state, State::Unknown(_))
}

/// The newest first.
pub(super) fn newest_first(comments: &[Comment]) -> Vec<&Comment> {
    let mut sorted: Vec<_> = comments.iter().collect();
    sorted.sort_by_key(|c| std::cmp::Reverse((c.created_at, c.id)));
    sorted
}
