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
        if let Some(other) = judge_other(now, story, history, choices, &mut judgement.edits) {
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
    let Some(here) = now.commit.as_ref().filter(|_| !now.dirty) else {
        return Some(Other::PassesHere("there are changes that are not committed"));
    };
    if let Some(failed) = &latest.commit {
        if failed == here && !latest.dirty {
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
    let times = latest.entry.passed_at.len() + usize::from(is_new);
    if is_new {
        edits.push((latest.path.clone(), Edit::AddPassed { entry: entry.clone(), commit: here.clone() }));
    }
    // What passes now and then proves nothing by passing, and without a failing commit nobody knows
    // what was fixed.
    let enough = times >= choices.complete_after && !story.is_flaky();
    let completed = enough && choices.completes && latest.commit.is_some();
    if completed {
        edits.push((latest.path.clone(), Edit::SetStatus { entry, to: Status::Completed }));
    }
    Some(Other::Passes { times, enough, completed })
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
mod tests {
    use super::*;
    use crate::model::Vocabulary;
    use crate::worklog::{Parsed, parse};

    /// Commits `a1`, `a2`, … of one line, and `b1`, … of another one from `a2` on.
    struct Line;

    impl History for Line {
        fn has(&self, new: &str, old: &str) -> Option<bool> {
            let split = |c: &str| (c.chars().next(), c[1..].parse::<u32>().ok());
            let ((new_line, new), (old_line, old)) = (split(new), split(old));
            let (new, old) = (new?, old?);
            Some(match (new_line, old_line) {
                (a, b) if a == b => new >= old,
                (Some('b'), Some('a')) => old <= 2,
                _ => false,
            })
        }

        fn closed_in(&self, occurrence: &Occurrence) -> Option<String> {
            occurrence.entry.impact.clone()
        }
    }

    /// A past with one worklog at commit `a2` whose only entry has these keys.
    fn past(keys: &str) -> Past {
        let text = format!(
            "---\ngardener: 1\nid: w\nstarted: \"2025-09-01T10:00:00Z\"\ncommit: a2\n\
             runs: [{{suite: unit, outcome: failed}}]\nentries:\n- {{id: e, title: t, {keys}}}\n---\n"
        );
        let Parsed::Worklog(worklog, found) = parse(&text, &Vocabulary::default()) else { panic!("{text}") };
        assert!(found.is_empty(), "{found:?}");
        Past::of([("w.md", worklog.as_ref())])
    }

    fn now(commit: &str, passing: &[&str]) -> Now {
        let mut names = Names::default();
        passing.iter().for_each(|name| names.insert(name));
        let (passing, failing) = (BTreeMap::from([("unit".to_owned(), names)]), BTreeMap::new());
        let whole = BTreeSet::from(["unit".to_owned()]);
        Now { commit: Some(commit.to_owned()), dirty: false, passing, failing, whole }
    }

    fn choices(completes: bool) -> RunChoices {
        RunChoices { complete_after: 2, completes, ..RunChoices::default() }
    }

    fn other(now: &Now, past: &Past, completes: bool) -> (Option<Other>, Vec<String>) {
        let judgement = judge(now, &[], past, &Line, &choices(completes));
        let edits = judgement.edits.iter().map(|(_, edit)| told(edit)).collect();
        (judgement.others.into_iter().next().map(|(_, other)| other), edits)
    }

    fn told(edit: &Edit) -> String {
        match edit {
            Edit::AddPassed { commit, .. } => format!("passed {commit}"),
            Edit::SetStatus { to, .. } => to.to_string(),
            Edit::AddLabel { label, .. } => format!("+{label}"),
            other => other.key().to_owned(),
        }
    }

    fn found(now: &Now, past: &Past) -> (Judged, Vec<String>) {
        let cause = Found { story: Some(0), suites: vec!["unit".to_owned()], is_flaky: false };
        let mut judgement = judge(now, &[cause], past, &Line, &choices(true));
        let edits = judgement.edits.iter().map(|(_, edit)| told(edit)).collect();
        (judgement.found.remove(0), edits)
    }

    #[test]
    fn clean_runs_are_counted_by_commit_and_only_after_the_failing_one() {
        let both = "tests: [x, y]";
        let passes = |times, enough, completed| Some(Other::Passes { times, enough, completed });
        assert_eq!(
            other(&now("a3", &["x", "y"]), &past(both), true),
            (passes(1, false, false), vec!["passed a3".into()])
        );
        let once = "tests: [x, y], passed_at: [a3]";
        assert_eq!(other(&now("a3", &["x", "y"]), &past(once), true), (passes(1, false, false), vec![]));
        let twice = other(&now("a4", &["x", "y"]), &past(once), true);
        assert_eq!(twice, (passes(2, true, true), vec!["passed a4".into(), "completed".into()]));
        assert_eq!(other(&now("a4", &["x", "y"]), &past(once), false).0, passes(2, true, false), "proposed");
        let here = |reason| Some(Other::PassesHere(reason));
        let elsewhere = other(&now("a1", &["x", "y"]), &past(both), true);
        assert_eq!(elsewhere, (here("this commit does not follow the failing one"), vec![]));
        let dirty = Now { dirty: true, ..now("a3", &["x", "y"]) };
        assert_eq!(other(&dirty, &past(both), true).0, here("there are changes that are not committed"));
        assert_eq!(other(&now("b3", &["x", "y"]), &past(both), true).0, passes(1, false, false));
    }

    #[test]
    fn a_test_that_is_absent_did_not_pass() {
        let both = past("tests: [x, y]");
        assert_eq!(
            other(&now("a3", &["x"]), &both, true),
            (Some(Other::Partly { passed: 1, of: 2 }), vec![])
        );
        assert_eq!(other(&now("a3", &["z"]), &both, true), (Some(Other::Absent), vec![]));
        let broken = Now { whole: BTreeSet::new(), ..now("a3", &[]) };
        assert_eq!(other(&broken, &both, true), (None, vec![]));
        // A suite that could not run passes when it runs.
        let environment = past("fingerprint: \"g1:e\", suites: [unit]");
        assert_eq!(other(&now("a3", &[]), &environment, true).1, ["passed a3"]);
        assert_eq!(other(&broken, &environment, true), (None, vec![]));
    }

    #[test]
    fn another_suite_with_a_test_of_that_name_proves_nothing() {
        let elsewhere = |commit: &str| {
            let mut now = now(commit, &["x"]);
            let names = now.passing.remove("unit").expect("passing");
            now.passing.insert("web".to_owned(), names);
            now.whole = BTreeSet::from(["web".to_owned()]);
            now
        };
        let failed = past("tests: [x], suites: [unit]");
        assert_eq!(other(&elsewhere("a3"), &failed, true), (None, vec![]));
        assert_eq!(other(&elsewhere("a2"), &failed, true), (None, vec![]), "nor is it flaky");
    }

    #[test]
    fn a_test_that_fails_for_something_else_is_neither_absent_nor_passing() {
        let mut other_fault = now("a3", &["y"]);
        let mut names = Names::default();
        names.insert("x");
        other_fault.failing.insert("unit".to_owned(), names);
        let both = past("tests: [x, y]");
        assert_eq!(other(&other_fault, &both, true), (Some(Other::FailsOtherwise), vec![]));
    }

    #[test]
    fn a_list_of_tests_that_was_cut_completes_nothing() {
        let names: Vec<String> = (0..MOST_TESTS).map(|n| format!("t{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let cut = past(&format!("tests: [{}]", names.join(", ")));
        let reason = Some(Other::PassesHere("not all of its tests are listed"));
        assert_eq!(other(&now("a3", &names), &cut, true), (reason, vec![]));
    }

    #[test]
    fn passing_and_failing_at_one_commit_is_flaky_and_said_once() {
        let failed = past("tests: [x]");
        assert_eq!(
            other(&now("a2", &["x"]), &failed, true),
            (Some(Other::Flaky), vec!["flaky".into(), "+flaky".into()])
        );
        let known = past("tests: [x], flaky: true");
        assert_eq!(other(&now("a2", &["x"]), &known, true), (Some(Other::Flaky), vec![]));
        // It never completes by passing now and then.
        let (passes, edits) =
            other(&now("a4", &["x"]), &past("tests: [x], flaky: true, passed_at: [a3]"), true);
        assert_eq!(
            (passes, edits),
            (Some(Other::Passes { times: 2, enough: false, completed: false }), vec!["passed a4".into()])
        );
        let (judged, edits) = found(&now("a3", &[]), &past("tests: [x], passed_at: [a3]"));
        assert!(judged.flaky && edits == ["flaky", "+flaky"], "{judged:?} {edits:?}");
    }

    #[test]
    fn a_fix_and_its_ancestry_make_a_regression() {
        let fixed = past("tests: [x], status: completed, passed_at: [a4], issue: 7");
        let (judged, edits) = found(&now("a5", &[]), &fixed);
        assert_eq!(judged.standing, Standing::Regression { fixed_at: "a4".into() });
        assert_eq!((judged.good.as_deref(), judged.count, edits), (Some("a4"), 2, vec!["open".to_owned()]));
        let (judged, edits) = found(&now("a3", &[]), &fixed);
        assert_eq!((judged.standing, edits), (Standing::BeforeFix { fixed_at: "a4".into() }, vec![]));
        let by_hand = past("tests: [x], status: completed, impact: a3");
        assert_eq!(
            found(&now("a5", &[]), &by_hand).0.standing,
            Standing::Regression { fixed_at: "a3".into() }
        );
        let unknown = past("tests: [x], status: completed");
        assert_eq!(found(&now("a5", &[]), &unknown), {
            let standing = Standing::Closed(Status::Completed);
            let first_seen = Some("2025-09-01T10:00:00Z".to_owned());
            (Judged { standing, flaky: false, first_seen, count: 2, good: None }, vec![])
        });
        let unwanted = past("tests: [x], status: not-planned, passed_at: [a4]");
        assert_eq!(found(&now("a5", &[]), &unwanted).0.standing, Standing::Closed(Status::NotPlanned));
        assert_eq!(found(&now("a5", &[]), &past("tests: [x]")).0.standing, Standing::Known);
    }

    #[test]
    fn a_commit_opens_again_only_once() {
        let again = past("tests: [x], status: completed, passed_at: [a1]");
        let (judged, edits) = found(&now("a2", &[]), &again);
        assert_eq!(judged.standing, Standing::Regression { fixed_at: "a1".into() });
        assert_eq!(edits, Vec::<String>::new(), "the worklog of this very commit is there");
    }

    #[test]
    fn the_last_good_commit_is_the_nearest_one_that_ran_without_it() {
        let mut past = past("tests: [x]");
        past.runs.clear();
        for commit in ["a1", "a3", "a2", "b4", "a9"] {
            let (suite, path) = ("unit".to_owned(), "other.md".to_owned());
            past.runs.push(crate::run::past::EarlierRun { suite, commit: commit.into(), ended: true, path });
        }
        let cause = Found { story: None, suites: vec!["unit".to_owned()], is_flaky: false };
        let judgement = judge(&now("a5", &[]), &[cause], &past, &Line, &choices(true));
        assert_eq!(judgement.found[0].good.as_deref(), Some("a3"));
    }
}
