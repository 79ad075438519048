//! Comparing two moments, worklog by worklog and entry by entry.

use std::collections::BTreeSet;

use crate::model::{Entry, Status};
use crate::review::{Came, EntryChange, Review, Snapshot, Tests, What, WorklogChange};
use crate::worklog::Worklog;

pub(super) fn between(before: &Snapshot, after: &Snapshot) -> Review {
    let ids: BTreeSet<_> = before.worklogs.keys().chain(after.worklogs.keys()).collect();
    let known: BTreeSet<&str> = tests(before);
    let mut worklogs = Vec::new();
    for id in ids {
        let (old, new) = (before.worklogs.get(id), after.worklogs.get(id));
        let change = match (old, new) {
            (Some((was, old)), Some((path, new))) => compared(was, old, path, new, &known),
            (None, Some((path, new))) => whole(path, new, Came::New, &known),
            // One that can't be read any more may have all its entries.
            (Some((path, _)), None) if after.unread.contains_key(path) => continue,
            (Some((path, old)), None) => whole(path, old, Came::Gone, &known),
            (None, None) => continue,
        };
        let says_something = !change.entries.is_empty()
            || change.kind != Came::Stayed
            || change.was.is_some()
            || change.prose != (0, 0);
        if says_something {
            worklogs.push(change);
        }
    }
    worklogs.sort_by(|a, b| a.path.cmp(&b.path));
    let unread = after.unread.iter().filter(|(path, why)| before.unread.get(*path) != Some(why));
    Review { worklogs, unread: unread.map(|(path, why)| (path.clone(), why.clone())).collect() }
}

/// Every test that some worklog says fails.
fn tests(snapshot: &Snapshot) -> BTreeSet<&str> {
    let entries = snapshot.worklogs.values().flat_map(|(_, worklog)| worklog.entries());
    entries.flat_map(|entry| &entry.tests).map(String::as_str).collect()
}

fn whole(path: &str, worklog: &Worklog, kind: Came, known: &BTreeSet<&str>) -> WorklogChange {
    let entry = |entry: &Entry| {
        let (mut change, is_new) = (plain(entry, kind), kind == Came::New);
        let status = status(entry);
        if is_new && status != Status::Open {
            change.what.push(What::Status(Status::Open, status));
        }
        if is_new && entry.severity.is_some() {
            change.what.push(What::Severity(None, entry.severity));
        }
        if is_new {
            change.tests = failing(&entry.tests, known);
        }
        change
    };
    WorklogChange {
        id: worklog.header().id.clone(),
        path: path.to_owned(),
        was: None,
        title: worklog.header().title.clone(),
        kind,
        entries: worklog.entries().iter().map(entry).collect(),
        prose: (0, 0),
    }
}

fn plain(entry: &Entry, kind: Came) -> EntryChange {
    EntryChange {
        id: entry.id.clone(),
        title: entry.title.clone(),
        issue: entry.issue.clone(),
        kind,
        what: Vec::new(),
        tests: Tests::default(),
    }
}

fn failing<'a>(tests: impl IntoIterator<Item = &'a String>, known: &BTreeSet<&str>) -> Tests {
    let (known, new) = tests.into_iter().cloned().partition(|test| known.contains(test.as_str()));
    Tests { new, known, fixed: BTreeSet::new() }
}

fn status(entry: &Entry) -> Status {
    entry.status.clone().unwrap_or(Status::Open)
}

fn compared(was: &str, old: &Worklog, path: &str, new: &Worklog, known: &BTreeSet<&str>) -> WorklogChange {
    let mut entries = Vec::new();
    for entry in new.entries().iter().filter(|e| old.entry(&e.id).is_none()) {
        let mut change = plain(entry, Came::New);
        change
            .what
            .extend((status(entry) != Status::Open).then(|| What::Status(Status::Open, status(entry))));
        change.what.extend(entry.severity.map(|s| What::Severity(None, Some(s))));
        change.tests = failing(&entry.tests, known);
        entries.push(change);
    }
    for entry in new.entries() {
        let Some(before) = old.entry(&entry.id) else { continue };
        let change = EntryChange { what: values(before, entry), ..plain(entry, Came::Stayed) };
        let more = entry.tests.iter().filter(|t| !before.tests.contains(t));
        let mut tests = failing(more, known);
        if status(entry) == Status::Completed && status(before) != Status::Completed {
            tests.fixed = entry.tests.iter().cloned().collect();
        }
        if !change.what.is_empty() || tests != Tests::default() {
            entries.push(EntryChange { tests, ..change });
        }
    }
    for entry in old.entries().iter().filter(|e| new.entry(&e.id).is_none()) {
        entries.push(plain(entry, Came::Gone));
    }
    WorklogChange {
        id: new.header().id.clone(),
        path: path.to_owned(),
        was: (was != path).then(|| was.to_owned()),
        title: new.header().title.clone(),
        kind: Came::Stayed,
        entries,
        prose: prose(&old.body(), &new.body()),
    }
}

fn values(before: &Entry, after: &Entry) -> Vec<What> {
    fn moved<T: PartialEq + Clone>(before: Option<&Vec<T>>, after: Option<&Vec<T>>) -> (Vec<T>, Vec<T>) {
        let empty = Vec::new();
        let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
        let came = after.iter().filter(|item| !before.contains(item)).cloned().collect();
        (came, before.iter().filter(|item| !after.contains(item)).cloned().collect())
    }
    let mut what = Vec::new();
    if before.issue != after.issue {
        what.push(What::Issue(before.issue.clone(), after.issue.clone()));
    }
    if status(before) != status(after) {
        what.push(What::Status(status(before), status(after)));
    }
    if before.severity != after.severity {
        what.push(What::Severity(before.severity, after.severity));
    }
    if before.title != after.title {
        what.push(What::Title(before.title.clone()));
    }
    let labels = moved(before.labels.as_ref(), after.labels.as_ref());
    if !labels.0.is_empty() || !labels.1.is_empty() {
        what.push(What::Labels(labels.0, labels.1));
    }
    let links = moved(before.links.as_ref(), after.links.as_ref());
    if !links.0.is_empty() || !links.1.is_empty() {
        let words = |links: Vec<crate::model::Link>| links.iter().map(ToString::to_string).collect();
        what.push(What::Links(words(links.0), words(links.1)));
    }
    what
}

/// How many lines of prose came and went. Blank lines mean nothing.
fn prose(before: &str, after: &str) -> (usize, usize) {
    fn lines(text: &str) -> Vec<&str> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }
    let (before, after) = (lines(before), lines(after));
    let mut counts = (0, 0);
    for change in similar::TextDiff::from_slices(&before, &after).iter_all_changes() {
        match change.tag() {
            similar::ChangeTag::Insert => counts.0 += 1,
            similar::ChangeTag::Delete => counts.1 += 1,
            similar::ChangeTag::Equal => {}
        }
    }
    counts
}
