//! What can be done about it: edits that a person may take, made as all of gardener makes them.
//!
//! An entry is closed, linked or unlinked from its candidates by the edits of `gardener accept`; each
//! changes the bytes that it is about and no others, or is not offered. A mistyped word is replaced only
//! where the text then has one finding fewer and no new one. Nothing here changes the other side: the next
//! sync does.

use std::ops::Range;

use crate::config;
use crate::editor::changes::{Change, apply, changes};
use crate::editor::lookup::{Found, found_at};
use crate::editor::markdown::visible;
use crate::editor::{Garden, Page};
use crate::model::{Candidate, Entry, IssueRef, Status};
use crate::worklog::{self, Diagnostic, Edit, Parsed, Worklog};

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it is, in words.
    pub title: String,
    /// What it does.
    pub deed: Deed,
    /// The code of the finding that it settles, and its bytes.
    pub settles: Option<(&'static str, Range<usize>)>,
    /// The one that most people will want.
    pub is_preferred: bool,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Changes the text.
    Edit(Vec<Change>),
    /// Shows an address.
    Show(String),
}

/// What actions are wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The bytes that are selected.
    pub span: Range<usize>,
    /// Whether an address can be shown.
    pub can_show: bool,
}

/// What can be done about the worklog at `path`.
pub fn actions(garden: &Garden, path: &str, request: &Request) -> Vec<Action> {
    let Some(page) = garden.pages.get(path) else { return Vec::new() };
    let mut all = Vec::new();
    let found = match page.parsed() {
        Parsed::NotAWorklog(_) => return all,
        Parsed::Broken(found) | Parsed::Worklog(_, found) => found,
    };
    for diagnostic in found.iter().filter(|d| touches(&d.span, &request.span)) {
        all.extend(fix(page, diagnostic));
    }
    if let Some(worklog) = page.worklog()
        && let Some(entry) = entry_at(page, worklog, request.span.start)
    {
        all.extend(of_entry(garden, worklog, entry));
    }
    if let Some(Found::Issue(issue, _)) = found_at(page, request.span.start).filter(|_| request.can_show) {
        let show = |address| Action {
            title: format!("Open {issue} in the browser"),
            deed: Deed::Show(address),
            settles: None,
            is_preferred: false,
        };
        all.extend(garden.address(&issue).map(show));
    }
    all
}

/// What can be done about the findings of a config.
pub(super) fn of_config(text: &str, request: &Range<usize>) -> Vec<Action> {
    let Err(problems) = config::parse(text) else { return Vec::new() };
    let mut all = Vec::new();
    for problem in problems.iter().filter(|problem| touches(&problem.span, request)) {
        let Some(instead) = &problem.instead else { continue };
        let change = Change { span: problem.span.clone(), with: instead.clone() };
        let Some(after) = apply(text, std::slice::from_ref(&change)) else { continue };
        let left = config::parse(&after).map_or_else(|left| left.len(), |_| 0);
        if left < problems.len() {
            all.push(Action {
                title: format!("Write {}", visible(instead)),
                deed: Deed::Edit(vec![change]),
                settles: Some(("config", problem.span.clone())),
                is_preferred: true,
            });
        }
    }
    all
}

fn touches(span: &Range<usize>, wanted: &Range<usize>) -> bool {
    span.start <= wanted.end && wanted.start <= span.end
}

/// The words of a finding that should stand there, if that settles it.
fn fix(page: &Page, diagnostic: &Diagnostic) -> Option<Action> {
    let text = page.text().as_str();
    let (title, with, span) = match (&diagnostic.instead, diagnostic.code) {
        (Some(instead), _) => {
            (format!("Write {}", visible(&instead.with)), instead.with.clone(), diagnostic.span.clone())
        }
        (None, "marker-without-entry") => {
            let (id, _) = page.markers().iter().find(|(_, span)| *span == diagnostic.span)?;
            let has_marker = |name: &str| page.markers().iter().any(|(found, _)| found == name);
            let free = page.entries().iter().map(|entry| entry.name()).filter(|name| !has_marker(name));
            let meant = worklog::nearest(id, free)?;
            let at = text[diagnostic.span.clone()].find(id.as_str())? + diagnostic.span.start;
            (format!("Write {meant}"), meant.to_owned(), at..at + id.len())
        }
        _ => return None,
    };
    let changes = vec![Change { span, with }];
    let after = apply(text, &changes)?;
    let is_better = |found: &[Diagnostic]| {
        let before = match page.parsed() {
            Parsed::Broken(found) | Parsed::Worklog(_, found) => found,
            Parsed::NotAWorklog(_) => return false,
        };
        found.len() < before.len()
            && found.iter().filter(|d| d.code == diagnostic.code).count()
                < before.iter().filter(|d| d.code == diagnostic.code).count()
    };
    // An error may have hidden others, so that more of them are no worse where this one is settled.
    let is_error = diagnostic.level == worklog::Level::Error;
    let is_gone = |found: &[Diagnostic]| is_error && found.iter().all(|d| d.message != diagnostic.message);
    match worklog::parse(&after, page.vocabulary()) {
        Parsed::Broken(found) if is_better(&found) || is_gone(&found) => {}
        Parsed::Worklog(_, found) if is_better(&found) || is_gone(&found) => {}
        _ => return None,
    }
    let settles = Some((diagnostic.code, diagnostic.span.clone()));
    Some(Action { title, deed: Deed::Edit(changes), settles, is_preferred: true })
}

/// The entry that byte `at` belongs to: in the front matter, or by its section in the body.
fn entry_at<'w>(page: &Page, worklog: &'w Worklog, at: usize) -> Option<&'w Entry> {
    let in_front = page.entry_at(at).map(|seen| seen.name().to_owned());
    let id = in_front.or_else(|| {
        let in_section =
            |entry: &&Entry| worklog.section_place(&entry.id).is_some_and(|span| span.contains(&at));
        worklog.entries().iter().find(in_section).map(|entry| entry.id.to_string())
    })?;
    worklog.entries().iter().find(|entry| entry.id.as_str() == id)
}

fn of_entry(garden: &Garden, worklog: &Worklog, entry: &Entry) -> Vec<Action> {
    let mut all = Vec::new();
    let id = &entry.id;
    let mut add = |title: String, after: Option<String>, is_preferred: bool| {
        let changes =
            after.map(|after| changes(worklog.text(), &after)).filter(|changes| !changes.is_empty());
        all.extend(changes.map(|changes| Action {
            title,
            deed: Deed::Edit(changes),
            settles: None,
            is_preferred,
        }));
    };
    // A frozen worklog is read by no sync.
    if !worklog.header().archived {
        for (place, candidate) in
            entry.candidates.iter().flatten().enumerate().filter(|_| entry.issue.is_none())
        {
            let to = short(garden, &candidate.issue);
            let title = match garden.issue(&to) {
                Some(known) => format!("Link {id} to {to}: {}", visible(&known.title)),
                None => format!("Link {id} to {to}"),
            };
            let after = worklog::edit(worklog, &accept(entry, candidate, to)).ok();
            add(title, after, place == 0);
        }
        let has_candidates = entry.candidates.as_ref().is_some_and(|all| !all.is_empty());
        if has_candidates && entry.issue.is_none() {
            let none = Edit::SetCandidates { entry: id.clone(), to: Some(Vec::new()) };
            let title = format!("None of its candidates: let a sync file {id}");
            add(title, worklog::edit(worklog, &[none]).ok(), false);
        }
        for to in closings(entry) {
            let title = format!("Close {id} as {}", to.word());
            let edit = Edit::SetStatus { entry: id.clone(), to };
            add(title, worklog::edit(worklog, &[edit]).ok(), false);
        }
        if entry.status.as_ref().is_some_and(Status::is_closed) {
            let edit = Edit::SetStatus { entry: id.clone(), to: Status::Open };
            add(format!("Reopen {id}"), worklog::edit(worklog, &[edit]).ok(), false);
        }
    }
    if worklog.section(id).is_none() {
        add(format!("Add a section for {id}"), worklog::with_section(worklog, id).ok(), false);
    }
    all
}

/// The two ends that an open entry can come to.
fn closings(entry: &Entry) -> Vec<Status> {
    let is_closed = entry.status.as_ref().is_some_and(Status::is_closed);
    if is_closed { Vec::new() } else { vec![Status::Completed, Status::NotPlanned] }
}

/// What `gardener accept` writes.
fn accept(entry: &Entry, candidate: &Candidate, to: IssueRef) -> Vec<Edit> {
    let id = &entry.id;
    vec![
        Edit::SetCandidates { entry: id.clone(), to: None },
        Edit::SetIssue { entry: id.clone(), to },
        Edit::SetReason { entry: id.clone(), to: candidate.reason.clone() },
    ]
}

fn short(garden: &Garden, issue: &IssueRef) -> IssueRef {
    garden.home.as_ref().map_or_else(|| issue.clone(), |home| issue.in_short(home))
}

#[cfg(test)]
mod tests;
