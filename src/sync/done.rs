//! What a sync did, in a form that the journal keeps, so that it can be taken back. Only what
//! GitHub confirmed and what stands in a worklog counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::journal::{DoneRecord, MovePlace, MoveRecord, MoveValue};
use crate::merge::{Diff, Field, LocalChange};
use crate::model::{Entry, EntryKey, Label, Severity};
use crate::plan::{Change, Done, EntryEdit, Move, Place, UpdateIssue};
use crate::sync::carry::Carried;
use crate::sync::settle::Settled;
use crate::sync::{Prepared, bases, gather};
use crate::worklog::{self, Parsed, Worklog};

/// Whether a plan does more than to record what is agreed anyway, and to ask.
pub(super) fn changes_something(prepared: &Prepared) -> bool {
    let asks = |edit: &EntryEdit| matches!(edit, EntryEdit::Candidates(_) | EntryEdit::Decided(_));
    prepared.plan.changes.iter().any(|change| match change {
        Change::RecordBase(_) => false,
        Change::EditWorklog(edit) => !asks(&edit.edit),
        _ => true,
    })
}

/// What came of a plan.
pub(super) fn record(prepared: &Prepared, carried: &Carried, settled: &Settled) -> DoneRecord {
    let mut done = DoneRecord { commit: settled.commit.clone(), ..DoneRecord::default() };
    let mut keys: BTreeSet<&EntryKey> = BTreeSet::new();
    for change in &prepared.plan.changes {
        match change {
            Change::UpdateIssue(update) => {
                let sent = sent(prepared, carried, update);
                let until = carried.looked.get(&update.number).map_or(prepared.input.now, |i| i.updated_at);
                for change in &sent {
                    let moved = moved(update.number, MovePlace::Github, None, change);
                    done.moves.extend(moved.map(|m| MoveRecord { until: Some(until), ..m }));
                }
                for key in &update.keys {
                    keys.insert(key);
                    done.moves.extend(committed(prepared, settled, update.number, key, &sent));
                }
            }
            Change::EditWorklog(edit) if settled.written.contains(&edit.path) => {
                let EntryEdit::Follow(change) = &edit.edit else { continue };
                let entry = gather::entry_of(&prepared.input, &edit.key);
                let Some(number) = entry.and_then(|e| prepared.input.number_of(e)) else { continue };
                keys.insert(&edit.key);
                done.moves.extend(moved(number, MovePlace::Worklog, Some(&edit.key), change));
            }
            Change::CreateComment(_) | Change::EditText(_) | Change::CloseDuplicate(_) => {
                done.told.extend(change.number().filter(|n| carried.reached.contains(n)));
            }
            _ => {}
        }
    }
    done.filed = carried.created.values().map(|issue| issue.number).collect();
    for key in keys {
        let entry = gather::entry_of(&prepared.input, key);
        if let Some(base) = entry.and_then(|e| e.base.as_ref()) {
            done.before.insert(key.to_string(), bases::write_line(&key.entry, base));
        }
    }
    done
}

/// What of an update was confirmed.
fn sent(prepared: &Prepared, carried: &Carried, update: &UpdateIssue) -> Vec<LocalChange> {
    let number = update.number;
    if carried.lost.contains(&number) || !carried.reached.contains(&number) {
        return Vec::new();
    }
    let unconfirmed = carried.unconfirmed.get(&number);
    let failed = |field| unconfirmed.is_some_and(|fields| fields.contains(&field));
    let mut sent = Vec::new();
    if let Some(diff) = update.status.clone().filter(|_| !failed(Field::Status)) {
        sent.push(LocalChange::Status(Diff { before: Some(diff.before), after: Some(diff.after) }));
    }
    sent.extend(update.severity.clone().filter(|_| !failed(Field::Severity)).map(LocalChange::Severity));
    if !failed(Field::Labels) {
        let off = carried.labels_off.get(&number).cloned().unwrap_or_default();
        let is_own = |label: &&Label| !prepared.input.config.labels.vocabulary.is_mapped(label);
        let add = update.add.difference(&off.0).filter(is_own).cloned();
        sent.extend(add.map(LocalChange::AddLabel));
        let remove = update.remove.difference(&off.1).filter(is_own).cloned();
        sent.extend(remove.map(LocalChange::RemoveLabel));
    }
    sent
}

/// What of the sent values the commit has and the one before had not: somebody had written them
/// and not committed.
fn committed(
    prepared: &Prepared,
    settled: &Settled,
    number: u64,
    key: &EntryKey,
    sent: &[LocalChange],
) -> Vec<MoveRecord> {
    let Some(entry) = gather::entry_of(&prepared.input, key) else { return Vec::new() };
    if !settled.committed.contains(&entry.path) {
        return Vec::new();
    }
    let loaded = prepared.worklogs.iter().find(|l| l.path == entry.path);
    let head =
        loaded.and_then(|l| l.file.head.as_deref()).and_then(|text| read(text, &prepared.input.config));
    let Some(before) = head.as_ref().and_then(|head| head.entry(&key.entry)) else { return Vec::new() };
    let differs = |change: &&LocalChange| change.stands_in(&entry.entry) && !change.stands_in(before);
    sent.iter()
        .filter(differs)
        .filter_map(|change| moved(number, MovePlace::Commit, Some(key), &from(before, change)))
        .collect()
}

/// The change from what an entry had.
fn from(before: &Entry, change: &LocalChange) -> LocalChange {
    match change {
        LocalChange::Status(diff) => {
            LocalChange::Status(Diff { before: before.status.clone(), after: diff.after.clone() })
        }
        LocalChange::Severity(diff) => {
            LocalChange::Severity(Diff { before: before.severity, after: diff.after })
        }
        other => other.clone(),
    }
}

pub(super) fn read(text: &str, config: &Config) -> Option<Box<Worklog>> {
    match worklog::parse(text, &config.labels.vocabulary) {
        Parsed::Worklog(worklog, _) => Some(worklog),
        _ => None,
    }
}

fn moved(number: u64, place: MovePlace, key: Option<&EntryKey>, change: &LocalChange) -> Option<MoveRecord> {
    let severity = |s: &Option<Severity>| s.map(|s| s.word().to_owned());
    let (value, before, after) = match change {
        LocalChange::Status(diff) => {
            let word = |s: &Option<crate::model::Status>| s.as_ref().map(|s| s.word().to_owned());
            (MoveValue::Status, word(&diff.before), word(&diff.after))
        }
        LocalChange::Severity(diff) => (MoveValue::Severity, severity(&diff.before), severity(&diff.after)),
        LocalChange::AddLabel(label) => (MoveValue::Label, None, Some(label.name().to_owned())),
        LocalChange::RemoveLabel(label) => (MoveValue::Label, Some(label.name().to_owned()), None),
        // Lists of links are in texts, which stay.
        LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => return None,
    };
    Some(MoveRecord { number, place, key: key.map(ToString::to_string), until: None, value, before, after })
}

/// What the journal says was done. A status that the project has no more is left out.
pub(super) fn understand(record: &DoneRecord, config: &Config) -> Done {
    let moves = record.moves.iter().filter_map(|moved| {
        let key = || EntryKey::parse(moved.key.as_deref()?).ok();
        let place = match moved.place {
            MovePlace::Github => Place::GitHub(moved.until?),
            MovePlace::Worklog => Place::Worklog(key()?),
            MovePlace::Commit => Place::Commit(key()?),
        };
        Some(Move { number: moved.number, place, change: change(moved, config)? })
    });
    let before = record.before.iter().filter_map(|(key, line)| {
        let key = EntryKey::parse(key).ok()?;
        let base = bases::read_line(line, &key.entry, config)?;
        Some((key, base))
    });
    Done {
        commit: record.commit.clone(),
        moves: moves.collect(),
        before: before.collect::<BTreeMap<_, _>>(),
        filed: record.filed.clone(),
        told: record.told.clone(),
    }
}

fn change(moved: &MoveRecord, config: &Config) -> Option<LocalChange> {
    let (before, after) = (moved.before.as_deref(), moved.after.as_deref());
    Some(match moved.value {
        MoveValue::Status => {
            let status =
                |word: Option<&str>| word.map(|w| config.labels.vocabulary.status(w).ok_or(())).transpose();
            LocalChange::Status(Diff { before: status(before).ok()?, after: status(after).ok()? })
        }
        MoveValue::Severity => {
            let severity = |word: Option<&str>| word.map(str::parse).transpose();
            LocalChange::Severity(Diff { before: severity(before).ok()?, after: severity(after).ok()? })
        }
        MoveValue::Label => match (before, after) {
            (None, Some(name)) => LocalChange::AddLabel(Label::new(name)?),
            (Some(name), None) => LocalChange::RemoveLabel(Label::new(name)?),
            _ => return None,
        },
    })
}
