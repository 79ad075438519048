//! After GitHub: base receipts and worklogs. Only what was confirmed reaches a worklog.
//! What of it is committed is decided in `commit`.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{Journal, Record};
use crate::merge::{Field, LocalChange};
use crate::model::{Base, EntryId, EntryKey, Issue, IssueRef, Status};
use crate::plan::{Change, EditWorklog, EntryEdit, RecordBase, Target};
use crate::repo::{RepoError, Worktree};
use crate::sync::carry::Carried;
use crate::sync::{Choices, Loaded, Prepared, bases, commit, gather, pushed};
use crate::worklog::{self, Edit};

/// What came of the worklogs.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The commit.
    pub(super) commit: Option<String>,
    /// Paths in it.
    pub(super) committed: Vec<String>,
    /// Paths that were written.
    pub(super) written: BTreeSet<String>,
    /// What to say besides.
    pub(super) notes: Vec<String>,
    /// Worklogs with something to write that a push has to leave to the next sync.
    pub(super) waiting: usize,
}

/// A worklog after the sync.
pub(super) struct Texts {
    /// In the work tree.
    pub(super) work: String,
    /// What is committed of it, where that is not made from the work tree's text.
    pub(super) commit: Option<String>,
}

pub(super) fn settle(
    prepared: &Prepared,
    carried: &mut Carried,
    worktree: &mut dyn Worktree,
    journal: &mut Journal<'_>,
    choices: &Choices,
) -> Settled {
    let mut settled = Settled::default();
    let edits = edits(prepared, carried);
    let commit = choices.pushing.as_ref().map(|push| push.commit.clone());
    let receipts = receipts(prepared, carried, &edits, commit.as_deref());
    carried.note(journal, receipts);
    let mut texts: BTreeMap<String, Texts> = BTreeMap::new();
    let mut landed: Vec<String> = Vec::new();
    for loaded in &prepared.worklogs {
        let work = loaded.work.as_ref().unwrap_or(&loaded.worklog);
        let before = work.text();
        let writes = |edits: &&Vec<Edit>| choices.pushing.as_ref().is_none_or(|push| push.writes(edits));
        let due = edits.get(&loaded.path).filter(|e| !e.is_empty());
        let Some(edits) = due.filter(writes) else {
            settled.waiting += usize::from(due.is_some_and(|e| has_content(e)));
            texts.insert(loaded.path.clone(), Texts { work: before.to_owned(), commit: None });
            continue;
        };
        let edited = worklog::edit(work, &pushed::for_work(loaded, edits)).and_then(|after| {
            let commit = loaded.work.as_ref().map(|_| worklog::edit(&loaded.worklog, edits)).transpose()?;
            Ok((after, commit))
        });
        let (after, commit) = match edited {
            Ok(edited) => edited,
            Err(error) => {
                carried.failed.push((Vec::new(), format!("{}: {error}", loaded.path)));
                continue;
            }
        };
        if after != before {
            if let Err(error) = worktree.write(&loaded.path, before, &after) {
                // It may be in place all the same, and only not safe on the disk.
                carried.doubtful |= !matches!(error, RepoError::ChangedMeanwhile(_));
                carried.failed.push((Vec::new(), error.to_string()));
                continue;
            }
            settled.written.insert(loaded.path.clone());
        }
        landed.extend(edits.iter().filter_map(|edit| match edit {
            // As long as something is in doubt the note of what was sent is needed.
            Edit::SetBase { to: Some(base), .. } if in_doubt(carried, base.issue.number) => None,
            Edit::SetBase { entry, to: Some(_) } => Some(format!("{}/{entry}", loaded.worklog.header().id)),
            _ => None,
        }));
        texts.insert(loaded.path.clone(), Texts { work: after, commit });
    }
    landed.extend(late(prepared, journal, carried, &edits));
    if !landed.is_empty() {
        let repository = prepared.input.repository.id;
        // Without this note the next sync asks where it might know.
        let _ = journal.append(vec![Record::Landed { repository, keys: landed }]);
    }
    if choices.commit {
        commit::commit(prepared, &texts, worktree, choices, carried, &mut settled);
    }
    settled
}

/// Entries that have the base line of their last agreement, though no note says so: a run died
/// between the two. Without the note their issues are looked at one by one in every sync.
fn late(
    prepared: &Prepared,
    journal: &Journal<'_>,
    carried: &Carried,
    edits: &BTreeMap<String, Vec<Edit>>,
) -> Vec<String> {
    let (repository, config) = (prepared.input.repository.id, &prepared.input.config);
    let mut late = Vec::new();
    for loaded in &prepared.worklogs {
        let edits = edits.get(&loaded.path).map_or(&[][..], Vec::as_slice);
        for (id, line) in loaded.worklog.bases() {
            let key = EntryKey { worklog: loaded.worklog.header().id.clone(), entry: id.clone() };
            let agreement = journal.agreement(repository, &key).filter(|a| !a.landed);
            let written = agreement.and_then(|a| bases::read_line(a.written.as_deref()?, id, config));
            let stays = !edits.iter().any(|e| matches!(e, Edit::SetBase { entry, .. } if entry == id));
            let answered = journal.sending(repository, &key).is_none_or(|(_, answered)| answered);
            if stays && answered && !in_doubt(carried, line.issue.number) && written.as_ref() == Some(line) {
                late.push(key.to_string());
            }
        }
    }
    late
}

/// Whether edits change more than base lines.
pub(super) fn has_content(edits: &[Edit]) -> bool {
    edits.iter().any(|edit| !matches!(edit, Edit::SetBase { .. }))
}

/// Whether a write to an issue was not confirmed.
fn in_doubt(carried: &Carried, number: u64) -> bool {
    carried.lost.contains(&number)
        || carried.unconfirmed.get(&number).is_some_and(|fields| !fields.is_empty())
}

/// What carrying out the plan would make of each worklog, where no new number is needed for
/// it: path, text now, text then.
pub(super) fn preview(prepared: &Prepared) -> Vec<(String, String, String)> {
    let edits = edits(prepared, &Carried::default());
    let after = |l: &Loaded| {
        let before = l.worklog.text();
        let after = worklog::edit(&l.worklog, edits.get(&l.path)?).ok()?;
        (after != before).then(|| (l.path.clone(), before.to_owned(), after))
    };
    prepared.worklogs.iter().filter_map(after).collect()
}

/// The edits of each worklog, in the plan's order, with what was not confirmed left out.
fn edits(prepared: &Prepared, carried: &Carried) -> BTreeMap<String, Vec<Edit>> {
    let mut edits: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    for change in &prepared.plan.changes {
        match change {
            Change::EditWorklog(edit) => {
                let done = worklog_edits(prepared, carried, edit);
                edits.entry(edit.path.clone()).or_default().extend(done);
            }
            Change::RecordBase(record) => {
                if let Some(base) = confirmed_base(prepared, carried, record) {
                    let (entry, to) = (record.key.entry.clone(), Some(base));
                    edits.entry(record.path.clone()).or_default().push(Edit::SetBase { entry, to });
                }
            }
            _ => {}
        }
    }
    for loaded in &prepared.worklogs {
        for id in orphans(loaded) {
            // An entry that is gone drops its base and writes nothing else (rule 5).
            edits.entry(loaded.path.clone()).or_default().push(Edit::SetBase { entry: id, to: None });
        }
    }
    edits
}

fn orphans(loaded: &Loaded) -> Vec<EntryId> {
    loaded.worklog.bases().keys().filter(|id| loaded.worklog.entry(id).is_none()).cloned().collect()
}

fn worklog_edits(prepared: &Prepared, carried: &Carried, edit: &EditWorklog) -> Vec<Edit> {
    let entry = edit.key.entry.clone();
    let reason = |reason: Option<&str>| {
        let (entry, to) = (entry.clone(), reason.map(str::to_owned));
        to.is_some().then_some(Edit::SetReason { entry, to })
    };
    match &edit.edit {
        EntryEdit::Issue { target, why } => {
            let Some(number) = number(carried, target) else { return Vec::new() };
            let asked =
                gather::entry_of(&prepared.input, &edit.key).is_some_and(|e| e.entry.candidates.is_some());
            let answered = asked.then(|| Edit::SetCandidates { entry: entry.clone(), to: None });
            let issue = Edit::SetIssue { entry: entry.clone(), to: IssueRef::here(number) };
            std::iter::once(issue).chain(answered).chain(reason(why.kept())).collect()
        }
        EntryEdit::Candidates(several) => {
            vec![Edit::SetCandidates { entry, to: Some(several.clone()) }]
        }
        EntryEdit::Decided(why) => {
            let answered = Edit::SetCandidates { entry: entry.clone(), to: None };
            std::iter::once(answered).chain(reason(why.as_deref())).collect()
        }
        EntryEdit::Follow(_) if sabotaged!(DropPulled) => Vec::new(),
        EntryEdit::Follow(change) => {
            let edit_of = follow(prepared, carried, edit, change);
            edit_of.into_iter().flat_map(|e| spelled(prepared, edit, e)).collect()
        }
    }
}

/// What following GitHub changes in the entry.
fn follow(prepared: &Prepared, carried: &Carried, edit: &EditWorklog, change: &LocalChange) -> Option<Edit> {
    let entry = edit.key.entry.clone();
    // What follows from a write that failed is not followed.
    let issue = created_number(prepared, carried, edit);
    let failed = |n: u64| carried.unconfirmed.get(&n).is_some_and(|f| f.contains(&change.field()));
    let off = |n: u64| match (carried.labels_off.get(&n), change) {
        (Some((not_added, _)), LocalChange::AddLabel(label)) => not_added.contains(label),
        (Some((_, not_removed)), LocalChange::RemoveLabel(label)) => not_removed.contains(label),
        _ => false,
    };
    if issue.is_some_and(|n| (failed(n) || off(n)) && depends_on_write(prepared, edit, change)) {
        return None;
    }
    Some(match change {
        LocalChange::Status(diff) => {
            Edit::SetStatus { entry, to: diff.after.clone().unwrap_or(Status::Open) }
        }
        LocalChange::Severity(diff) => Edit::SetSeverity { entry, to: diff.after },
        LocalChange::AddLabel(label) => Edit::AddLabel { entry, label: label.clone() },
        LocalChange::RemoveLabel(label) => Edit::RemoveLabel { entry, label: label.clone() },
        LocalChange::AddLink(link) => Edit::AddLink { entry, link: link.clone() },
        LocalChange::RemoveLink(link) => Edit::RemoveLink { entry, link: link.clone() },
    })
}

/// A link that goes is taken out as it is spelled there: `acme/app#5` for `#5`.
fn spelled(prepared: &Prepared, about: &EditWorklog, edit: Edit) -> Vec<Edit> {
    let Edit::RemoveLink { entry, link } = &edit else { return vec![edit] };
    let links = gather::entry_of(&prepared.input, &about.key).and_then(|e| e.entry.links.as_ref());
    let same = links.into_iter().flatten().filter(|l| prepared.input.short(l) == *link);
    same.map(|l| Edit::RemoveLink { entry: entry.clone(), link: l.clone() }).collect()
}

fn created_number(prepared: &Prepared, carried: &Carried, edit: &EditWorklog) -> Option<u64> {
    let entry = gather::entry_of(&prepared.input, &edit.key)?;
    prepared.input.number_of(entry).or_else(|| carried.created.get(&edit.key).map(|i| i.number))
}

/// Whether this side follows a value that another occurrence sent in the same sync.
fn depends_on_write(prepared: &Prepared, edit: &EditWorklog, change: &LocalChange) -> bool {
    prepared.plan.changes.iter().any(|c| match c {
        Change::UpdateIssue(update) if update.keys.contains(&edit.key) => match change.field() {
            Field::Status => update.status.is_some(),
            Field::Severity => update.severity.is_some(),
            Field::Labels => match change {
                LocalChange::AddLabel(l) => update.add.contains(l),
                LocalChange::RemoveLabel(l) => update.remove.contains(l),
                _ => false,
            },
            Field::Links => false,
        },
        _ => false,
    })
}

fn number(carried: &Carried, target: &Target) -> Option<u64> {
    match target {
        Target::Number(number) => Some(*number),
        Target::Created(key) => carried.created.get(key).map(|i| i.number),
    }
}

/// The base to record, field by field only what both sides have by now.
fn confirmed_base(prepared: &Prepared, carried: &Carried, record: &RecordBase) -> Option<Base> {
    let number = number(carried, &record.issue)?;
    if matches!(&record.issue, Target::Created(first) if carried.found.contains(first)) {
        return None;
    }
    if carried.untold.contains(&record.key) && record.before.is_none() {
        return None;
    }
    let unconfirmed = carried.unconfirmed.get(&number);
    let failed = |f: Field| {
        !sabotaged!(BaseUnconfirmed)
            && record.sent.contains(&f)
            && unconfirmed.is_some_and(|u| u.contains(&f))
    };
    let before = record.before.as_ref().map(|b| b.agreed.clone()).unwrap_or_default();
    let mut agreed: Issue = record.agreed.clone();
    if failed(Field::Status) {
        agreed.status = before.status;
    }
    if failed(Field::Severity) {
        agreed.severity = before.severity;
    }
    if failed(Field::Links) {
        agreed.links = before.links;
    }
    if failed(Field::Labels) {
        agreed.labels = before.labels;
    } else if let (Some((not_added, not_removed)), Some(labels)) =
        (carried.labels_off.get(&number), agreed.labels.as_mut())
    {
        let vocabulary = &prepared.input.config.labels.vocabulary;
        labels.retain(|l| !not_added.contains(l));
        labels.extend(not_removed.iter().filter(|l| !vocabulary.is_mapped(l)).cloned());
    }
    if matches!(record.issue, Target::Created(_)) {
        // A new issue is open and has the labels that it got.
        agreed.status.get_or_insert(Status::Open);
        agreed.severity.get_or_insert(None);
    }
    if !record.due && record.before.as_ref().is_some_and(|b| b.agreed == agreed) {
        return None;
    }
    let looked = carried.looked.get(&number).map(|i| i.updated_at);
    let before = record.before.as_ref().map(|b| b.seen);
    // What happened since the plan was made must not come to lie before `seen` while something
    // is open that it decides: a conflict that rests on events alone (closed and reopened looks
    // unchanged), or a value that was held back because the issue moved.
    let waits = prepared.plan.conflicts.iter().any(|c| c.conflict.key == record.key);
    let held = unconfirmed.is_some_and(|u| record.sent.iter().any(|f| u.contains(f)));
    // So it is with a value that somebody is still writing while a push is about another.
    let about = gather::entry_of(&prepared.input, &record.key);
    let is_scalar = |f: &&Field| matches!(f, Field::Status | Field::Severity);
    let mut writing = about.into_iter().flat_map(|e| e.uncommitted.keys()).filter(is_scalar);
    let is_written = writing.any(|f| !record.sent.contains(f));
    let seen = match (waits || held || is_written, record.seen) {
        (true, planned) => before.or(planned).or(looked)?,
        (false, planned) => looked.or(planned).or(before)?,
    };
    let issue = IssueRef { repo: Some(prepared.input.home.clone()), number };
    Some(Base { issue, agreed, seen })
}

/// Receipts of what is agreed, before any file is touched: newer than the base line in
/// the worklog, they are the base if this run dies before the line is written.
///
/// A value that this sync takes over is left out: until it stands in the worklog nobody
/// there has seen it, and somebody who writes the same by hand has an opinion of their own.
fn receipts(
    prepared: &Prepared,
    carried: &Carried,
    edits: &BTreeMap<String, Vec<Edit>>,
    commit: Option<&str>,
) -> Vec<Record> {
    let mut records = Vec::new();
    for loaded in &prepared.worklogs {
        let edits = edits.get(&loaded.path).map_or(&[][..], Vec::as_slice);
        for edit in edits {
            if let Edit::SetBase { entry, to: Some(base) } = edit {
                let key = EntryKey { worklog: loaded.worklog.header().id.clone(), entry: entry.clone() };
                let certain = !in_doubt(carried, base.issue.number);
                let written = certain.then(|| bases::write_line(entry, base));
                let base = as_seen_here(base.clone(), entry, edits);
                let about = gather::entry_of(&prepared.input, &key);
                let base = pushed::as_known(base, about);
                // The commit is one whose text names the issue, or what it says is about another.
                let named = about.and_then(|entry| prepared.input.own_number(entry));
                let commit = commit.filter(|_| named == Some(base.issue.number));
                records.push(Record::Agreed {
                    repository: prepared.input.repository.id,
                    key: key.to_string(),
                    line: bases::write_line(entry, &base),
                    written,
                    commit: commit.map(str::to_owned),
                });
            }
        }
    }
    records
}

/// What is about to be sent for linked entries, before any of it is: if this run dies then, or
/// its notes are lost, a text that says what was agreed before may be somebody's answer to it.
///
/// What an earlier run sent, and nobody has confirmed since, stays in the note.
pub(super) fn sending(prepared: &Prepared, journal: &Journal<'_>) -> Vec<Record> {
    let edits = edits(prepared, &Carried::default());
    let repository = prepared.input.repository.id;
    let record = |change: &Change| {
        let Change::RecordBase(record) = change else { return None };
        let Target::Number(number) = record.issue else { return None };
        let sent = |field: Field| record.sent.contains(&field);
        if record.before.is_none() || ![Field::Status, Field::Severity, Field::Labels].into_iter().any(sent) {
            return None;
        }
        let agreed = Issue {
            status: record.agreed.status.clone().filter(|_| sent(Field::Status)),
            severity: record.agreed.severity.filter(|_| sent(Field::Severity)),
            labels: record.agreed.labels.clone().filter(|_| sent(Field::Labels)),
            ..Issue::default()
        };
        let issue = IssueRef { repo: Some(prepared.input.home.clone()), number };
        let base = Base { issue, agreed, seen: prepared.input.now };
        let edits = edits.get(&record.path).map_or(&[][..], Vec::as_slice);
        let mut base = as_seen_here(base, &record.key.entry, edits);
        let earlier = journal.sending(repository, &record.key);
        let earlier =
            earlier.and_then(|(l, _)| bases::read_line(l, &record.key.entry, &prepared.input.config));
        if let Some(earlier) = earlier.filter(|e| e.issue == base.issue) {
            let loaded = prepared.worklogs.iter().find(|l| l.path == record.path);
            let line = loaded.and_then(|l| l.worklog.bases().get(&record.key.entry));
            bases::join(&mut base.agreed, earlier.agreed, line.map(|l| &l.agreed));
        }
        let line = bases::write_line(&record.key.entry, &base);
        Some(Record::Sending { repository, key: record.key.to_string(), line })
    };
    prepared.plan.changes.iter().filter_map(record).filter(|_| !sabotaged!(NoSendingNote)).collect()
}

/// A base without what the edits are only about to write.
fn as_seen_here(mut base: Base, about: &EntryId, edits: &[Edit]) -> Base {
    let agreed = &mut base.agreed;
    for edit in edits {
        match edit {
            Edit::SetStatus { entry, .. } if entry == about => agreed.status = None,
            Edit::SetSeverity { entry, .. } if entry == about => agreed.severity = None,
            Edit::AddLabel { entry, label } if entry == about => {
                if let Some(labels) = &mut agreed.labels {
                    labels.remove(label);
                }
            }
            Edit::RemoveLabel { entry, label } if entry == about => {
                if let Some(labels) = &mut agreed.labels {
                    labels.insert(label.clone());
                }
            }
            Edit::AddLink { entry, link } if entry == about => {
                if let Some(links) = &mut agreed.links {
                    links.remove(link);
                }
            }
            Edit::RemoveLink { entry, link } if entry == about => {
                if let Some(links) = &mut agreed.links {
                    links.insert(link.clone());
                }
            }
            _ => {}
        }
    }
    base
}
