//! Taking back the last sync: read, decide, and carry out as any other plan.
//!
//! What was sent goes back through the same looks, echoes and notes as a sync; the commit is a
//! new one, for history is not rewritten. A value that somebody had written and not committed
//! stays in their file, and is uncommitted again.

use std::collections::{BTreeMap, BTreeSet};

use crate::forge::ForgeRead;
use crate::journal::{Caches, Journal, LastSync, Record};
use crate::model::{EntryId, EntryKey, Look};
use crate::plan::{Change, Done, Left, Place, Plan};
use crate::repo::Worktree;
use crate::sync::{Choices, Loaded, Prepared, Report, SyncError, Verdict, done, gather, look};
use crate::worklog::{self, Edit};

/// A sync that is to be taken back.
pub struct Undoing {
    /// How.
    pub prepared: Prepared,
    /// What stays.
    pub left: BTreeSet<Left>,
    /// The commit of that sync.
    pub commit: Option<String>,
}

/// What is known of the sync that a plan takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undoes {
    /// Its commit, if it made one.
    pub(crate) commit: Option<String>,
    /// Worklogs of which a commit can be made.
    pub(crate) committable: BTreeSet<String>,
}

/// Why there is nothing to take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NothingToUndo {
    /// No sync of this clone changed anything.
    #[error("no sync of this clone has changed anything here")]
    Never,
    /// It was taken back before.
    #[error("the last sync was taken back already")]
    Already,
    /// The last sync was cut off.
    #[error("the last sync was cut off, and what it did is not known")]
    CutOff,
    /// Its commit is on another branch, or was rewritten.
    #[error("the commit of the last sync is not in the history of what is checked out here")]
    Elsewhere,
}

/// Reads everything, and decides what to take back.
///
/// # Errors
/// When anything could not be read, or there is nothing to take back.
pub fn prepare_undo(
    forge: &mut dyn ForgeRead,
    worktree: &mut dyn Worktree,
    journal: &Journal<'_>,
    caches: &mut Caches<'_>,
    choices: &Choices,
) -> Result<Undoing, SyncError> {
    let repository = forge.repository()?.id;
    let record = match journal.last_sync(repository) {
        None => return Err(NothingToUndo::Never.into()),
        Some(LastSync::Undone) => return Err(NothingToUndo::Already.into()),
        Some(LastSync::CutOff) => return Err(NothingToUndo::CutOff.into()),
        Some(LastSync::Done(record)) => record,
    };
    let mut done = done::understand(record, &choices.config);
    if done.commit.as_ref().is_some_and(|commit| !worktree.comes_after(commit)) {
        return Err(NothingToUndo::Elsewhere.into());
    }
    let mut left = BTreeSet::new();
    let mut prepared = gather::gather(forge, worktree, journal, caches, choices)?;
    let keys: Vec<EntryKey> = prepared.input.entries.iter().map(|e| e.key.clone()).collect();
    for key in keys {
        let entry = gather::entry_of(&prepared.input, &key);
        let Some(number) = entry.and_then(|e| prepared.input.number_of(e)) else { continue };
        if journal.is_unsettled(repository, &key) && done.moves.iter().any(|m| m.number == number) {
            done.moves.retain(|m| m.number != number);
            left.insert(Left::Unsettled(key));
        }
    }
    look_closer(forge, &mut prepared, &done)?;
    let (plan, stays) = Plan::take_back(&prepared.input, &done);
    left.extend(stays);
    prepared.plan = plan;
    let committable = uncommit(&mut prepared, &done, choices);
    prepared.undoes = Some(Undoes { commit: done.commit.clone(), committable });
    Ok(Undoing { prepared, left, commit: done.commit })
}

/// Notes that the last sync is taken back, once all of it was; one of which nothing could be taken
/// back here may be another time. Without the note the next undo looks,
/// and finds that everything moved since.
pub fn note_undone(report: &Report, repository: u64, journal: &mut Journal<'_>) {
    let has_done = report.writes > 0 || !report.written.is_empty();
    if report.verdict() == Verdict::InSync && has_done {
        let _ = journal.append(vec![Record::Undone { repository }]);
    }
}

/// A fresh look at every issue that was sent something, and its events.
fn look_closer(forge: &mut dyn ForgeRead, prepared: &mut Prepared, done: &Done) -> Result<(), SyncError> {
    let input = &mut prepared.input;
    let numbers: BTreeSet<u64> = done.moves.iter().map(|m| m.number).collect();
    let numbers: BTreeSet<u64> = numbers.intersection(&gather::named(input)).copied().collect();
    for (number, found) in forge.issues(&numbers)? {
        let is_there = matches!(found, Look::Found(_));
        let seen = crate::plan::Seen { look: found, events: None, comments: None };
        input.seen.insert(number, seen);
        if is_there {
            let events = look::or_gone(forge.events(number), number, forge, input)?;
            input.seen.entry(number).and_modify(|s| s.events = events);
        }
    }
    Ok(())
}

/// Has the commit take HEAD's text, without what the sync committed of somebody's work in progress,
/// and nothing that is in the work tree alone. A worklog that HEAD does not have like this, or
/// whose entries are others by now, is written and left to its user.
fn uncommit(prepared: &mut Prepared, done: &Done, choices: &Choices) -> BTreeSet<String> {
    let plan = &prepared.plan;
    let sent = plan.changes.iter().filter(|c| matches!(c, Change::UpdateIssue(_)));
    let back: BTreeSet<u64> = sent.filter_map(Change::number).collect();
    let mut touched: BTreeMap<&str, BTreeSet<&EntryId>> = BTreeMap::new();
    for change in &plan.changes {
        let (path, key) = match change {
            Change::EditWorklog(edit) => (&edit.path, &edit.key),
            Change::RecordBase(record) => (&record.path, &record.key),
            _ => continue,
        };
        touched.entry(path).or_default().insert(&key.entry);
    }
    let mut committable = BTreeSet::new();
    for loaded in &mut prepared.worklogs {
        let Some(entries) = touched.get(loaded.path.as_str()) else { continue };
        let id = loaded.worklog.header().id.clone();
        let moves = done.moves.iter().filter(|m| back.contains(&m.number));
        let edits: Vec<_> = moves
            .filter_map(|m| match &m.place {
                Place::Commit(key) if key.worklog == id => Some((key.entry.clone(), &m.change)),
                _ => None,
            })
            .collect();
        let head = head_without(loaded, &edits, choices);
        let Some(head) = head.filter(|head| entries.iter().all(|id| head.entry(id).is_some())) else {
            continue;
        };
        let work = std::mem::replace(&mut loaded.worklog, head);
        loaded.work = Some(work);
        committable.insert(loaded.path.clone());
    }
    committable
}

fn head_without(
    loaded: &Loaded,
    moved: &[(EntryId, &crate::merge::LocalChange)],
    choices: &Choices,
) -> Option<Box<worklog::Worklog>> {
    use crate::merge::LocalChange;
    let head = done::read(loaded.file.head.as_deref()?, &choices.config)?;
    let edits = moved.iter().filter_map(|(id, change)| {
        head.entry(id).filter(|entry| change.stands_in(entry))?;
        let entry = id.clone();
        Some(match change.reversed() {
            LocalChange::Status(diff) => {
                Edit::SetStatus { entry, to: diff.after.unwrap_or(crate::model::Status::Open) }
            }
            LocalChange::Severity(diff) => Edit::SetSeverity { entry, to: diff.after },
            LocalChange::AddLabel(label) => Edit::AddLabel { entry, label },
            LocalChange::RemoveLabel(label) => Edit::RemoveLabel { entry, label },
            LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => return None,
        })
    });
    let text = worklog::edit(&head, &edits.collect::<Vec<_>>()).ok()?;
    done::read(&text, &choices.config)
}
