//! A sync on behalf of a push: the values are those of the commit that is pushed (rule 2), not
//! the ones that somebody is still writing.
//!
//! A worklog that is edited further in the work tree is merged as HEAD has it, and what comes of
//! it is written into both texts. Where the two could not be told apart afterwards the worklog
//! is left to a plain sync. Which pushes there are, and what the hook says, is not known here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::Config;
use crate::merge::Field;
use crate::model::{Base, Entry, EntryId, Severity, Status};
use crate::plan::LocalEntry;
use crate::repo::{File, RepoError, Worktree};
use crate::sync::gather::{self, Loaded, Skipped};
use crate::sync::settle;
use crate::worklog::{Edit, Parsed, Worklog, parse};

/// How a sync acts for a push.
#[derive(Clone, Debug, Default)]
pub struct Pushing {
    /// The commit that is pushed, in full.
    pub commit: String,
    /// Whether worklogs may be written, which makes a commit and stops the push.
    pub may_stop: bool,
    /// The time is over: what is not written yet is left to the next sync.
    pub is_late: Arc<AtomicBool>,
    /// Worklogs are being written, and the commit made: that is not to be cut off.
    pub is_writing: Arc<AtomicBool>,
}

impl Pushing {
    /// Whether these edits of a worklog are written now. A base line alone is worth no commit:
    /// its receipt stays in the journal.
    pub(super) fn writes(&self, edits: &[Edit]) -> bool {
        let writes = self.may_stop && settle::has_content(edits) && !self.is_late.load(Ordering::SeqCst);
        if writes {
            self.is_writing.store(true, Ordering::SeqCst);
        }
        writes
    }
}

/// Reads the worklogs as HEAD has them.
pub(super) fn load(
    worktree: &mut dyn Worktree,
    config: &Config,
) -> Result<(Vec<Loaded>, Vec<Skipped>), RepoError> {
    let mut edited: BTreeMap<String, String> = BTreeMap::new();
    let mut files = Vec::new();
    for file in worktree.worklogs()? {
        match (&file.content, &file.head) {
            // What is in no commit is in no push.
            (_, None) => {}
            (Ok(text), Some(head)) if text != head => {
                edited.insert(file.path.clone(), text.clone());
                files.push(File { content: Ok(head.clone()), ..file });
            }
            _ => files.push(file),
        }
    }
    let (loaded, mut skipped) = gather::read_all(files, config);
    let mut whole = Vec::new();
    for mut worklog in loaded {
        let Some(text) = edited.remove(&worklog.path) else {
            whole.push(worklog);
            continue;
        };
        match parse(&text, &config.labels.vocabulary) {
            Parsed::Worklog(work, _) if can_follow(&worklog.worklog, &work) => {
                worklog.work = Some(work);
                whole.push(worklog);
            }
            _ => skipped.push(Skipped {
                path: worklog.path,
                text,
                diagnostics: Vec::new(),
                why: "it is edited further, and not committed".to_owned(),
                is_foreign: false,
            }),
        }
    }
    Ok((whole, skipped))
}

/// Whether what is agreed on with the text in HEAD can be written into the one of the work tree,
/// too: the same entries are about the same issues, and the base lines are the same.
fn can_follow(head: &Worklog, work: &Worklog) -> bool {
    let same = |entry: &Entry| work.entry(&entry.id).is_some_and(|mine| mine.issue == entry.issue);
    head.header().id == work.header().id
        && head.bases() == work.bases()
        && work.doubled_bases().is_empty()
        && head.entries().iter().all(same)
}

/// The edits for the text of the work tree. A list that somebody took out there has no opinion: one
/// that came of a single addition would say that all the rest is to go.
pub(super) fn for_work(loaded: &Loaded, edits: &[Edit]) -> Vec<Edit> {
    let Some(work) = &loaded.work else { return edits.to_vec() };
    let has = |entry: &EntryId, list: fn(&Entry) -> bool| {
        let in_head = loaded.worklog.entry(entry).is_some_and(list);
        !in_head || work.entry(entry).is_some_and(list)
    };
    let fits = |edit: &&Edit| match edit {
        Edit::AddLabel { entry, .. } => has(entry, |e| e.labels.is_some()),
        Edit::AddLink { entry, .. } => has(entry, |e| e.links.is_some()),
        _ => true,
    };
    edits.iter().filter(fits).cloned().collect()
}

/// A base without the fields that somebody was writing when it was agreed on.
pub(super) fn as_known(mut base: Base, entry: Option<&LocalEntry>) -> Base {
    for field in entry.into_iter().flat_map(|entry| entry.uncommitted.keys()) {
        match field {
            Field::Status => base.agreed.status = None,
            Field::Severity => base.agreed.severity = None,
            Field::Labels => base.agreed.labels = None,
            Field::Links => base.agreed.links = None,
        }
    }
    base
}

/// Fields that the work tree has in another way than the commit, and the status or severity in
/// words: whoever is writing them knows nothing of what comes of the push.
pub(super) fn uncommitted(loaded: &Loaded, entry: &Entry) -> BTreeMap<Field, String> {
    let mut values = BTreeMap::new();
    let Some(work) = loaded.work.as_ref().and_then(|work| work.entry(&entry.id)) else { return values };
    if work.status != entry.status {
        let word = work.status.as_ref().map_or("no status", Status::word).to_owned();
        values.insert(Field::Status, word);
    }
    if work.severity != entry.severity {
        values.insert(Field::Severity, work.severity.map_or("no severity", Severity::word).to_owned());
    }
    // Lists are merged one by one, so that nothing in them is overwritten.
    if work.labels != entry.labels {
        values.insert(Field::Labels, String::new());
    }
    if work.links != entry.links {
        values.insert(Field::Links, String::new());
    }
    values
}
