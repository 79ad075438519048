//! A past in a worklog, a run, and what the one means for the other.

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
    assert_eq!(other(&now("a3", &["x"]), &both, true), (Some(Other::Partly { passed: 1, of: 2 }), vec![]));
    assert_eq!(other(&now("a3", &["z"]), &both, true), (Some(Other::Absent), vec![]));
    let broken = Now { whole: BTreeSet::new(), ..now("a3", &[]) };
    assert_eq!(other(&broken, &both, true), (None, vec![]));
    // A suite that could not run passes when it runs.
    let environment = past("fingerprint: \"g1:e\", suites: [unit]");
    assert_eq!(other(&now("a3", &[]), &environment, true).1, ["passed a3"]);
    assert_eq!(other(&broken, &environment, true), (None, vec![]));
}

#[test]
fn clean_runs_between_which_a_test_failed_for_something_else_are_counted_anew() {
    let log = |id: &str, commit: &str, day: u8, keys: &str| {
        let text = format!(
            "---\ngardener: 1\nid: {id}\nstarted: \"2025-09-0{day}T10:00:00Z\"\ncommit: {commit}\n\
             runs: [{{suite: unit, outcome: failed}}]\nentries:\n- {{id: e, title: t, {keys}}}\n---\n"
        );
        let Parsed::Worklog(worklog, _) = parse(&text, &Vocabulary::default()) else { panic!("{text}") };
        worklog
    };
    let first = log("v", "a2", 1, "fingerprint: \"g1:1\", tests: [x], passed_at: [a3]");
    let second = log("w", "a4", 2, "fingerprint: \"g1:2\", tests: [x, y]");
    let past = Past::of([("v.md", first.as_ref()), ("w.md", second.as_ref())]);
    let judgement = judge(&now("a5", &["x", "y"]), &[], &past, &Line, &choices(true));
    let passes = Other::Passes { times: 1, enough: false, completed: false };
    assert_eq!(judgement.others, [(0, passes.clone()), (1, passes)]);
    // Where only the body's own worklog is known they are two.
    let past = Past::of([("v.md", first.as_ref())]);
    let judgement = judge(&now("a5", &["x", "y"]), &[], &past, &Line, &choices(true));
    assert_eq!(judgement.others, [(0, Other::Passes { times: 2, enough: true, completed: true })]);
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
    let (passes, edits) = other(&now("a4", &["x"]), &past("tests: [x], flaky: true, passed_at: [a3]"), true);
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
    assert_eq!(found(&now("a5", &[]), &by_hand).0.standing, Standing::Regression { fixed_at: "a3".into() });
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
