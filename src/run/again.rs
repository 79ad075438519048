//! A run that says nothing which the newest worklog does not say already.
//!
//! Whoever runs the suites again without a change in between gets no second file for it. What would
//! differ in one is only the count of runs and the moment, and of what is seen twice at one commit
//! neither tells a reviewer anything.

use crate::model::{Entry, Run};
use crate::run::compose::{Document, NewEntry, RunLine, TESTS};
use crate::run::conclude::Conclusion;
use crate::run::excerpt::one_line;
use crate::run::lifecycle::Standing;
use crate::run::past::{in_order, started};
use crate::worklog::Worklog;

/// The worklog that has all of this: the newest one of any of these suites, if it is of the same
/// commit, of the same suites with the same results, and of the same causes, each still known and open.
/// `None` as soon as anything differs, or an earlier worklog is to be changed.
pub fn told_by<'a>(
    conclusion: &Conclusion,
    document: &Document,
    worklogs: impl IntoIterator<Item = (&'a str, &'a Worklog)>,
) -> Option<&'a str> {
    let is_known = |standing: &Standing| *standing == Standing::Known;
    if document.commit.is_none()
        || !conclusion.edits.is_empty()
        || !conclusion.judged.iter().all(|judged| is_known(&judged.standing))
    {
        return None;
    }
    let is_of_them = |run: &Run| document.runs.iter().any(|line| run.suite.as_ref() == Some(&line.suite));
    let newest = worklogs
        .into_iter()
        .filter(|(_, worklog)| worklog.header().runs.iter().any(is_of_them))
        .max_by_key(|(path, worklog)| (started(worklog), in_order(path)));
    newest.filter(|(_, worklog)| says(worklog, document)).map(|(path, _)| path)
}

fn says(worklog: &Worklog, document: &Document) -> bool {
    let header = worklog.header();
    // What a run wrote has fingerprints; entries that somebody added beside them are their own.
    let found: Vec<_> = worklog.entries().iter().filter(|entry| entry.fingerprint.is_some()).collect();
    header.commit == document.commit
        && header.dirty == document.dirty
        && header.kind.as_deref() == Some(document.kind)
        && header.runs.len() == document.runs.len()
        && header.runs.iter().zip(&document.runs).all(|(run, line)| is_same_run(run, line))
        && found.len() == document.entries.len()
        && document.entries.iter().all(|new| {
            // What a log counts is how often its message came, and that is news.
            let came = |e: &Entry| e.count.unwrap_or(1) == new.count && e.last_seen == new.last_seen;
            found.iter().any(|entry| is_same(entry, new) && (document.kind != "logs" || came(entry)))
        })
}

fn is_same_run(run: &Run, line: &RunLine) -> bool {
    let counts =
        run.passed.zip(run.failed).map(|(passed, failed)| (passed, failed, run.skipped.unwrap_or(0)));
    run.suite.as_ref() == Some(&line.suite)
        && run.outcome.as_ref() == Some(&line.outcome)
        && run.command.is_some() == line.command.is_some()
        && counts == line.counts
}

fn is_same(entry: &Entry, new: &NewEntry) -> bool {
    let tests = new.tests.iter().take(TESTS).map(|test| one_line(test));
    entry.id == new.id
        && entry.fingerprint.as_ref() == Some(&new.fingerprint)
        && entry.suites == new.suites
        && entry.flaky == new.flaky
        && entry.tests.iter().cloned().eq(tests)
}
