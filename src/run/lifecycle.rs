//! What a run means for the problems that earlier worklogs know, and what they mean for it.
//!
//! Nothing is completed because a test was merely absent, and nothing is said of a commit that does
//! not follow the failing one: git's history decides, and what it can't tell is said to be unknown.
//! `run` never fights people: only what is `completed` is opened again, once for a failing commit, and
//! a label that says "flaky" is added once.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::RunChoices;
use crate::model::{Names, Status};
use crate::run::compose::TESTS as MOST_TESTS;
use crate::run::logs;
use crate::run::past::{Occurrence, Past, Story};
use crate::worklog::Edit;

/// What is known of this run as a whole.
#[derive(Clone, Debug)]
pub struct Now {
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// Whether there are changes that it has not.
    pub dirty: bool,
    /// The tests that passed, by suite: two suites may have a test of one name.
    pub passing: BTreeMap<String, Names>,
    /// The tests that failed, by suite.
    pub failing: BTreeMap<String, Names>,
    /// Suites that ran to their end, with whole results.
    pub whole: BTreeSet<String>,
}

/// What git's history can tell.
pub trait History {
    /// Whether `new` has `old` in its history; `None` where that can't be told.
    fn has(&self, new: &str, old: &str) -> Option<bool>;

    /// The commit in which somebody closed this entry by hand, if one did.
    fn closed_in(&self, occurrence: &Occurrence) -> Option<String>;
}

/// One cause that was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The story it belongs to, by its place in [`Past::stories`].
    pub story: Option<usize>,
    /// The suites it was found in.
    pub suites: Vec<String>,
    /// It passed when it was tried again.
    pub is_flaky: bool,
}

/// Where a cause that was found stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody knows it.
    New,
    /// It is known and open.
    Known,
    /// It was fixed, this commit has the fix, and it fails: it is opened again.
    Regression {
        /// The commit with the fix.
        fixed_at: String,
    },
    /// It was fixed, and this commit has not got the fix.
    BeforeFix {
        /// The commit with the fix.
        fixed_at: String,
    },
    /// It is closed, and nobody can tell whether this commit should have the fix.
    Closed(Status),
}

/// What is written of a cause that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Where it stands.
    pub standing: Standing,
    /// Whether it is known to pass and fail at one commit.
    pub flaky: bool,
    /// When it was seen first, where that was earlier.
    pub first_seen: Option<String>,
    /// In how many runs it was seen, this one included.
    pub count: u64,
    /// The latest commit before this one at which its suite ran without it.
    pub good: Option<String>,
}

/// What became of a known problem that was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// All its tests passed at this commit, which has the failing one.
    Passes {
        /// At how many commits by now.
        times: usize,
        /// Whether that is enough to call it completed.
        enough: bool,
        /// Whether it was set so.
        completed: bool,
    },
    /// All its tests passed, where that proves nothing, and why.
    PassesHere(&'static str),
    /// It failed at this very commit before.
    Flaky,
    /// Some of its tests passed; the others were not told of.
    Partly {
        /// How many passed.
        passed: usize,
        /// Of how many.
        of: usize,
    },
    /// Its suite ran to its end, and none of its tests was told of.
    Absent,
    /// Its tests fail, but otherwise: what they fail for is another entry.
    FailsOtherwise,
}

/// All that follows.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// For each cause that was found, in the same order.
    pub found: Vec<Judged>,
    /// Open stories that were not found and of which there is something to say.
    pub others: Vec<(usize, Other)>,
    /// What is to be changed in earlier worklogs, with their paths.
    pub edits: Vec<(String, Edit)>,
}

/// Compares what was found with what is known.
pub fn judge(
    now: &Now,
    found: &[Found],
    past: &Past,
    history: &dyn History,
    choices: &RunChoices,
) -> Judgement {
    let mut judgement = Judgement::default();
    for cause in found {
        let story = cause.story.and_then(|place| past.stories.get(place));
        judgement.found.push(judge_found(now, cause, story, past, history, choices, &mut judgement.edits));
    }
    let seen: BTreeSet<usize> = found.iter().filter_map(|cause| cause.story).collect();
    for (place, story) in past.stories.iter().enumerate() {
        if seen.contains(&place) || story.status().is_closed() {
            continue;
        }
        if let Some(other) = judge_other(now, story, past, history, choices, &mut judgement.edits) {
            judgement.others.push((place, other));
        }
    }
    judgement
}

fn judge_found(
    now: &Now,
    cause: &Found,
    story: Option<&Story>,
    past: &Past,
    history: &dyn History,
    choices: &RunChoices,
    edits: &mut Vec<(String, Edit)>,
) -> Judged {
    let good = || good(now, cause, story, past, history);
    let Some(story) = story else {
        let flaky = cause.is_flaky;
        return Judged { standing: Standing::New, flaky, first_seen: None, count: 1, good: good() };
    };
    let latest = story.latest();
    let clean = now.commit.as_ref().filter(|_| !now.dirty);
    let passed_here = clean.is_some_and(|commit| latest.entry.passed_at.contains(commit));
    if passed_here {
        call_flaky(story, choices, edits);
    }
    let status = story.status();
    let standing = if status == Status::Completed {
        let fixed_at = latest.entry.passed_at.last().cloned().or_else(|| history.closed_in(latest));
        let has_fix = fixed_at.as_ref().zip(now.commit.as_ref()).map(|(fix, here)| history.has(here, fix));
        match (fixed_at, has_fix.flatten()) {
            (Some(fixed_at), Some(true)) => Standing::Regression { fixed_at },
            (Some(fixed_at), Some(false)) => Standing::BeforeFix { fixed_at },
            _ => Standing::Closed(status),
        }
    } else if status.is_closed() {
        Standing::Closed(status)
    } else {
        Standing::Known
    };
    if matches!(standing, Standing::Regression { .. }) {
        reopen(now, story, edits);
    }
    Judged {
        good: if matches!(standing, Standing::Regression { .. }) { good() } else { None },
        standing,
        flaky: cause.is_flaky || passed_here || story.is_flaky(),
        first_seen: story.first_seen(),
        count: story.count() + 1,
    }
}

/// Opens it again where it says `completed`, unless this commit was a reason to do so before.
fn reopen(now: &Now, story: &Story, edits: &mut Vec<(String, Edit)>) {
    if story.occurrences.iter().any(|o| o.commit.is_some() && o.commit == now.commit) {
        return;
    }
    let says_so = |o: &&Occurrence| o.entry.status == Some(Status::Completed) && !o.archived;
    if let Some(occurrence) = story.occurrences.iter().rev().find(says_so) {
        let entry = occurrence.entry.id.clone();
        edits.push((occurrence.path.clone(), Edit::SetStatus { entry, to: Status::Open }));
    }
}

fn call_flaky(story: &Story, choices: &RunChoices, edits: &mut Vec<(String, Edit)>) {
    let latest = story.latest();
    if story.is_flaky() || latest.archived {
        return;
    }
    let entry = latest.entry.id.clone();
    edits.push((latest.path.clone(), Edit::SetFlaky { entry: entry.clone() }));
    edits.push((latest.path.clone(), Edit::AddLabel { entry, label: choices.flaky_label.clone() }));
}

fn judge_other(
    now: &Now,
    story: &Story,
    past: &Past,
    history: &dyn History,
    choices: &RunChoices,
    edits: &mut Vec<(String, Edit)>,
) -> Option<Other> {
    let latest = story.latest();
    // A message that is not in this log may be in the next one.
    if story.fingerprint().is_some_and(|print| print.starts_with(logs::FINGERPRINT)) {
        return None;
    }
    let ran_whole = !latest.suites.is_empty() && latest.suites.iter().all(|suite| now.whole.contains(suite));
    let of = latest.entry.tests.len();
    if of == 0 {
        // A suite that could not run can: its own problem passes with it.
        if !ran_whole {
            return None;
        }
    } else {
        // An entry that names no suite was written by hand, and any suite may have its test.
        let is_its_own = |suite: &&String| latest.suites.is_empty() || latest.suites.contains(suite);
        let told = |names: &BTreeMap<String, Names>, test: &str| {
            names.iter().any(|(suite, names)| is_its_own(&suite) && names.contains(test))
        };
        let fails = latest.entry.tests.iter().any(|test| told(&now.failing, test));
        let passed = latest.entry.tests.iter().filter(|test| told(&now.passing, test)).count();
        match passed {
            _ if fails => return Some(Other::FailsOtherwise),
            0 if ran_whole => return Some(Other::Absent),
            0 => return None,
            passed if passed < of => return Some(Other::Partly { passed, of }),
            // Of the tests that found no room in the list nothing is known.
            _ if of >= MOST_TESTS => return Some(Other::PassesHere("not all of its tests are listed")),
            _ => {}
        }
    }
    if now.commit.is_none() {
        return Some(Other::PassesHere("nobody knows which commit it is of"));
    }
    let Some(here) = now.commit.as_ref().filter(|_| !now.dirty) else {
        return Some(Other::PassesHere("there are changes that are not committed"));
    };
    // Results of which nobody knows the commit leave what was known of it before.
    let failing = story.occurrences.iter().rev().find(|o| o.commit.is_some());
    if let Some((failing, failed)) = failing.and_then(|o| Some((o, o.commit.as_ref()?))) {
        if failed == here && !failing.dirty {
            call_flaky(story, choices, edits);
            return Some(Other::Flaky);
        }
        match history.has(here, failed) {
            Some(true) => {}
            Some(false) => return Some(Other::PassesHere("this commit does not follow the failing one")),
            None => {
                return Some(Other::PassesHere("git can't tell whether this commit follows the failing one"));
            }
        }
    }
    if latest.archived {
        return Some(Other::PassesHere("its worklog is archived"));
    }
    let entry = latest.entry.id.clone();
    let is_new = !latest.entry.passed_at.contains(here);
    let times = consecutive(story, here, past, history) + usize::from(is_new);
    if is_new {
        edits.push((latest.path.clone(), Edit::AddPassed { entry: entry.clone(), commit: here.clone() }));
    }
    // What passes now and then proves nothing by passing, and without a failing commit nobody knows
    // what was fixed.
    let enough = times >= choices.complete_after && !story.is_flaky();
    let completed = enough && choices.completes && failing.is_some();
    if completed {
        edits.push((latest.path.clone(), Edit::SetStatus { entry, to: Status::Completed }));
    }
    Some(Other::Passes { times, enough, completed })
}

/// At how many commits it passed without one after them at which a test of it failed, for whatever
/// reason: clean runs count only as long as nothing comes between them.
fn consecutive(story: &Story, here: &str, past: &Past, history: &dyn History) -> usize {
    let latest = story.latest();
    if latest.entry.passed_at.is_empty() {
        return 0;
    }
    let tests: BTreeSet<&String> = latest.entry.tests.iter().collect();
    let is_near = |o: &Occurrence| {
        let unnamed = latest.suites.is_empty() || o.suites.is_empty();
        unnamed || latest.suites.iter().any(|suite| o.suites.contains(suite))
    };
    let shares = |o: &&Occurrence| is_near(o) && o.entry.tests.iter().any(|test| tests.contains(test));
    let others = past.stories.iter().flat_map(|story| &story.occurrences).filter(shares);
    let all = story.occurrences.iter().chain(others);
    // Nothing was noted as passing before its own commit.
    let is_other = |o: &&Occurrence| !o.dirty && o.commit != latest.commit;
    let failed: BTreeSet<&String> = all.filter(is_other).filter_map(|o| o.commit.as_ref()).collect();
    let before = |failed: &&&String| failed.as_str() != here && history.has(here, failed) == Some(true);
    let failed: Vec<&&String> = failed.iter().filter(before).collect();
    let stands = |passed: &&String| {
        !failed.iter().any(|failed| **failed != *passed && history.has(failed, passed) == Some(true))
    };
    latest.entry.passed_at.iter().filter(stands).count()
}

/// The latest commit in this one's history at which a suite of the cause ran without it.
fn good(
    now: &Now,
    cause: &Found,
    story: Option<&Story>,
    past: &Past,
    history: &dyn History,
) -> Option<String> {
    let here = now.commit.as_ref()?;
    let had_it = |path: &str| story.is_some_and(|s| s.occurrences.iter().any(|o| o.path == path));
    let runs = past.runs.iter().filter(|r| r.ended && cause.suites.contains(&r.suite) && !had_it(&r.path));
    let passed = story.into_iter().flat_map(|s| s.occurrences.iter().flat_map(|o| o.entry.passed_at.iter()));
    let commits: BTreeSet<&String> = runs.map(|r| &r.commit).chain(passed).collect();
    let before = commits.into_iter().filter(|c| *c != here && history.has(here, c) == Some(true));
    before.reduce(|a, b| if history.has(b, a) == Some(true) { b } else { a }).cloned()
}

#[cfg(test)]
mod tests;
