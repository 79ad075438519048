//! The commit of a sync: which worklogs are in it, with what text, under what message.
//!
//! A value that was sent is committed with its base, in one commit (rule 2). How git makes
//! the commit is the business of `repo`.

use std::collections::{BTreeMap, BTreeSet};

use crate::merge::LocalChange;
use crate::model::{EntryKey, WorklogId};
use crate::plan::{Change, EntryEdit};
use crate::repo::{Committed, Worktree};
use crate::sync::carry::Carried;
use crate::sync::settle::{Settled, Texts};
use crate::sync::undo::Undoes;
use crate::sync::{Choices, Loaded, Prepared};
use crate::worklog::{self, Parsed, committed_text};

/// Commits the worklogs that this sync, or one that died before its commit, has written.
pub(super) fn commit(
    prepared: &Prepared,
    texts: &BTreeMap<String, Texts>,
    worktree: &mut dyn Worktree,
    choices: &Choices,
    carried: &mut Carried,
    settled: &mut Settled,
) {
    let mut files = Vec::new();
    for loaded in &prepared.worklogs {
        let Some(Texts { work, commit }) = texts.get(&loaded.path) else { continue };
        if !is_due(prepared, loaded, work, settled, choices) {
            continue;
        }
        if prepared.undoes.as_ref().is_some_and(|undoes| !undoes.committable.contains(&loaded.path)) {
            continue;
        }
        let head = loaded.file.head.as_deref();
        if head.is_none()
            && let Some(old) = moved_from(prepared, loaded, worktree)
        {
            // Half a move would leave two worklogs of one id in the history.
            let path = &loaded.path;
            settled
                .notes
                .push(format!("{path} was moved from {old}; not committed, commit the move yourself"));
            continue;
        }
        let text = match commit {
            Some(text) => Ok(text.clone()),
            None if choices.all => Ok(work.clone()),
            None => committed_text(head, work),
        };
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                carried.failed.push((Vec::new(), format!("{}: {error}", loaded.path)));
                continue;
            }
        };
        let (path, staged) = (loaded.path.clone(), loaded.file.staged);
        files.push(Committed { path, text, work: work.clone(), staged });
    }
    if files.is_empty() {
        return;
    }
    match worktree.commit(&files, &message(prepared, carried, files.len())) {
        Ok(Some(made)) => {
            settled.commit = Some(made.id);
            settled.committed = files.into_iter().map(|f| f.path).collect();
            settled.notes.extend(made.note);
        }
        Ok(None) => {}
        Err(error) => {
            let why = format!("not committed: {error}; the worklogs are written, the next sync commits them");
            carried.failed.push((Vec::new(), why));
        }
    }
}

/// The base block is written only by gardener. Where it differs from HEAD's, a sync has
/// something to commit. With `--all` the user's own edits count too.
fn is_due(prepared: &Prepared, loaded: &Loaded, work: &str, settled: &Settled, choices: &Choices) -> bool {
    let vocabulary = &prepared.input.config.labels.vocabulary;
    let bases = |text: &str| worklog::bases(text, vocabulary);
    let differs = match loaded.file.head.as_deref() {
        Some(head) if head == work => false,
        Some(head) => choices.all || bases(work) != bases(head),
        None => bases(work).is_some_and(|b| !b.is_empty()),
    };
    differs || settled.written.contains(&loaded.path)
}

/// The path that HEAD has this worklog at, if it is not there any more.
fn moved_from(prepared: &Prepared, loaded: &Loaded, worktree: &mut dyn Worktree) -> Option<String> {
    let vocabulary = &prepared.input.config.labels.vocabulary;
    let id = |text: &str| -> Option<WorklogId> {
        match worklog::parse(text, vocabulary) {
            Parsed::Worklog(worklog, _) => Some(worklog.header().id.clone()),
            _ => None,
        }
    };
    // Without an answer the file is taken for a new one, as it is if nothing was moved.
    let gone = worktree.gone().unwrap_or_default();
    gone.into_iter()
        .find(|(_, text)| id(text).as_ref() == Some(&loaded.worklog.header().id))
        .map(|(path, _)| path)
}

/// Fixed words, counts and the ids of entries: a title or label from GitHub in a commit
/// message could close issues or forge trailers, and a number would show up in the issue.
fn message(prepared: &Prepared, carried: &Carried, files: usize) -> String {
    let mut done: BTreeMap<&EntryKey, BTreeSet<String>> = BTreeMap::new();
    let (mut filed, mut sent, mut taken, mut asked) = (0, 0, 0, 0);
    for change in &prepared.plan.changes {
        match change {
            Change::CreateIssue(new) if carried.created.contains_key(&new.keys[0]) => {
                filed += 1;
                done.entry(&new.keys[0]).or_default().insert("filed".to_owned());
            }
            Change::UpdateIssue(update) => {
                sent += 1;
                let words = done.entry(&update.keys[0]).or_default();
                words.extend(update.status.as_ref().map(|d| format!("{} sent", d.after)));
                words.extend(update.severity.as_ref().and_then(|d| d.after).map(|s| format!("{s} sent")));
                words.extend(
                    (update.status.is_none() && update.severity.is_none()).then(|| "labels sent".to_owned()),
                );
            }
            Change::EditWorklog(edit) => {
                let change = match &edit.edit {
                    EntryEdit::Follow(change) => change,
                    EntryEdit::Candidates(_) => {
                        asked += 1;
                        continue;
                    }
                    EntryEdit::Issue { .. } | EntryEdit::Decided(_) => continue,
                };
                taken += 1;
                let word = match change {
                    LocalChange::Status(d) => {
                        d.after.as_ref().map_or("open", crate::model::Status::word).to_owned()
                    }
                    LocalChange::Severity(d) => {
                        d.after.map_or("no severity", crate::model::Severity::word).to_owned()
                    }
                    other => other.field().to_string(),
                };
                done.entry(&edit.key).or_default().insert(format!("{word} taken over"));
            }
            _ => {}
        }
    }
    let counts = [(filed, "filed"), (sent, "sent"), (taken, "taken over"), (asked, "to be decided")];
    let counts: Vec<_> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let what = if counts.is_empty() { "what was agreed on".to_owned() } else { counts.join(", ") };
    let worklogs = if files == 1 { "1 worklog".to_owned() } else { format!("{files} worklogs") };
    let home = &prepared.input.home;
    let mut message = match &prepared.undoes {
        None => format!("gardener: sync {worklogs} with {home} ({what})\n"),
        Some(Undoes { commit: None, .. }) => {
            format!("gardener: take back a sync of {worklogs} with {home}\n")
        }
        Some(Undoes { commit: Some(id), .. }) => {
            format!("gardener: take back {} in {worklogs} and {home}\n", &id[..id.len().min(12)])
        }
    };
    for (i, (key, words)) in done.iter().filter(|(_, words)| !words.is_empty()).enumerate() {
        message.push_str(if i == 0 { "\n" } else { "" });
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        message.push_str(&format!("{}: {}\n", key.entry, words.join(", ")));
    }
    message
}
