//! What runs mean for the problems that earlier worklogs know.

use crate::matrix::fired;
use crate::run::{Place, tap};

const BOOM: &str = "TypeError: cannot read 'length' of undefined in parse";

fn place(more: &str) -> Place {
    let place = Place::new(&(tap("unit", "severity = \"P2\"") + more));
    place.plays("unit", &["a"], &[("b", BOOM)]);
    place
}

#[test]
fn what_fails_again_is_known_and_keeps_its_id_and_fingerprint() {
    let place = place("");
    place.run(1);
    let first = place.worklog("");
    place.sandbox.commit_all("a worklog");
    place.plays("unit", &["a"], &[("b", BOOM), ("c", BOOM)]);
    let answer = place.run(1);
    assert!(answer.out.contains("known"), "{}", answer.out);
    let second = place.worklog("Z-2");
    let line = |text: &str, key: &str| text.lines().find(|l| l.contains(key)).map(str::to_owned);
    for key in ["- id: ", "fingerprint: "] {
        assert_eq!(line(&first, key), line(&second, key), "{first}\n{second}");
    }
    assert!(second.contains("    first_seen: \"2025-09-14T11:59:30Z\"\n"), "{second}");
    assert!(second.contains("    count: 2\n") && second.contains("seen in 2 runs"), "{second}");
    // Another fault of the same test is another one.
    place.sandbox.commit_all("a worklog");
    place.plays("unit", &["a"], &[("b", "ECONNREFUSED: 127.0.0.1:5432 refuses connections")]);
    let answer = place.run(1);
    assert!(answer.out.contains("  new  "), "{}", answer.out);
}

#[test]
fn a_run_that_says_nothing_new_writes_no_second_worklog() {
    let place = place("");
    place.run(1);
    let first = place.worklog("");
    for _ in 0..2 {
        let answer = place.run(1);
        let path = format!("worklogs/{}", place.worklogs()[0]);
        let said = format!("{path}  has all of this, so no other is written\n  cannot-read-length");
        assert!(answer.out.contains(&said) && answer.out.ends_with("1 known\n"), "{}", answer.out);
        assert_eq!(place.worklog(""), first);
    }
    let json = place.gardener(["run", "--json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(
        json["worklog"].is_null() && json["same_as"].as_str().is_some_and(|p| p.contains("run-")),
        "{json}"
    );
    // What differs is written: more tests of the cause, other counts, another cause, another commit.
    let moment = std::cell::Cell::new(1_757_851_170);
    let later = |words: &[&str]| {
        moment.set(moment.get() + 60);
        let start = place.sandbox.gardener(words).env("SOURCE_DATE_EPOCH", moment.get().to_string());
        assert_eq!(start.run().code, 1);
        place.worklogs().len()
    };
    let dirty = |passing: &[&str], failing: &[(&str, &str)]| {
        let before = place.worklogs().len();
        place.sandbox.write("unit.tap", crate::run::results(passing, failing));
        (later(&["run"]) - before, later(&["run"]) - before)
    };
    assert_eq!(dirty(&["a"], &[("b", BOOM), ("c", BOOM)]), (1, 1));
    assert_eq!(dirty(&["a", "d"], &[("b", BOOM), ("c", BOOM)]), (1, 1));
    assert_eq!(dirty(&["a", "d"], &[("b", BOOM), ("c", "OSError: disk full")]), (1, 1));
    place.sandbox.commit_all("another commit");
    assert_eq!(dirty(&["a", "d"], &[("b", BOOM), ("c", "OSError: disk full")]), (1, 1));
    let before = place.worklogs().len();
    assert_eq!(later(&["run", "--always"]), before + 1);
}

#[test]
fn of_two_worklogs_of_one_second_the_later_one_is_the_newest() {
    let place = place("");
    place.run(1);
    place.plays("unit", &["a"], &[("b", BOOM), ("c", BOOM)]);
    place.run(1);
    let answer = place.run(1);
    assert!(answer.out.contains("Z-2.md  has all of this"), "{}", answer.out);
    assert_eq!(place.worklogs().len(), 2);
}

#[test]
fn clean_runs_at_later_commits_complete_and_absence_does_not() {
    let place = place("[run]\ncomplete-after = 2\ncompleted = \"set\"\n");
    place.run(1);
    place.sandbox.commit_all("a worklog");
    // The test is gone: nothing is concluded.
    place.plays("unit", &["a"], &[]);
    let answer = place.run(0);
    assert!(answer.out.contains("its tests were not told of, though their suite ran"), "{}", answer.out);
    place.plays("unit", &["a", "b"], &[]);
    let answer = place.run(0);
    assert!(answer.out.contains("passes again"), "{}", answer.out);
    fired("a test that passes once");
    assert!(answer.out.contains("brought up to date"), "{}", answer.out);
    let head = place.sandbox.head();
    assert!(
        place.worklog("").contains(&format!("passed_at: [\"{head}\"]")) || place.worklog("").contains(&head)
    );
    // The same commit counts once.
    place.sandbox.git(["checkout", "--quiet", "--", "unit.tap"]);
    place.run(0);
    assert_eq!(place.worklog("").matches(&head).count(), 1);
    // Changes that are not committed do not count.
    place.sandbox.write("unit.tap", crate::run::results(&["a", "b", "c"], &[]));
    let answer = place.run(0);
    assert!(answer.out.contains("there are changes that are not committed"), "{}", answer.out);
    place.sandbox.commit_all("and they are");
    let answer = place.run(0);
    assert!(answer.out.contains("set to completed"), "{}", answer.out);
    assert!(place.worklog("").contains("status: completed"));
    assert_eq!(place.worklogs().len(), 1);
}

#[test]
fn completed_is_proposed_unless_it_is_to_be_set() {
    let place = place("[run]\ncomplete-after = 1\n");
    place.run(1);
    place.sandbox.commit_all("a worklog");
    place.plays("unit", &["a", "b"], &[]);
    let answer = place.run(0);
    assert!(answer.out.contains("passes at 1 commit; it looks completed"), "{}", answer.out);
    assert!(place.worklog("").contains("status: open"));
}

#[test]
fn a_branch_without_the_failing_commit_proves_nothing() {
    let place = place("[run]\ncomplete-after = 1\ncompleted = \"set\"\n");
    place.run(1);
    place.sandbox.commit_all("a worklog");
    let worklogs = place.worklogs();
    place.sandbox.git(["switch", "--quiet", "--orphan", "elsewhere"]);
    place.sandbox.git(["checkout", "--quiet", "main", "--", "."]);
    place.plays("unit", &["a", "b"], &[]);
    let answer = place.run(0);
    assert!(answer.out.contains("this commit does not follow the failing one"), "{}", answer.out);
    assert!(!place.sandbox.read(&format!("worklogs/{}", worklogs[0])).contains("passed_at"));
}

#[test]
fn passing_and_failing_at_one_commit_is_flaky_and_labelled_once() {
    let place = place("");
    place.sandbox.write(".gitignore", "unit.tap\n");
    place.sandbox.git(["rm", "--quiet", "--cached", "unit.tap"]);
    place.sandbox.commit_all("results are no part of it");
    place.run(1);
    place.sandbox.write("unit.tap", crate::run::results(&["a", "b"], &[]));
    let answer = place.run(0);
    assert!(answer.out.contains("passes at the commit at which it failed: flaky"), "{}", answer.out);
    fired("a test that passes and fails at one commit");
    let text = place.worklog("");
    assert!(text.contains("flaky: true") && text.contains("labels: [flaky]"), "{text}");
    place.run(0);
    assert_eq!(place.worklog(""), text, "said once");
}

#[test]
fn a_regression_opens_the_issue_again_once_and_an_old_commit_does_not() {
    let config = tap("unit", "severity = \"P2\"") + "[run]\ncomplete-after = 1\ncompleted = \"set\"\n";
    let place = Place::new(&config);
    let bad = place.plays("unit", &["a"], &[("b", BOOM)]);
    place.run(1);
    place.sandbox.commit_all("a worklog");
    place.sync();
    place.plays("unit", &["a", "b"], &[]);
    place.run(0);
    place.sandbox.commit_all("fixed");
    place.sync();
    assert!(!place.issue(1).0, "closed");
    // It fails again: at a commit that has the fix.
    place.plays("unit", &["a"], &[("b", BOOM)]);
    let answer = place.run(1);
    assert!(answer.out.contains("#1") || answer.out.contains("  1  "), "{}", answer.out);
    assert!(answer.out.contains("regressed"), "{}", answer.out);
    let text = place.worklog("Z-2");
    assert!(text.contains("A regression of") && text.contains("    issue: 1\n"), "{text}");
    assert!(!text.contains("severity: P2"), "what is linked takes it from the issue: {text}");
    place.sandbox.commit_all("a worklog");
    place.minutes(60);
    place.sync();
    assert!(place.issue(1).0, "open again");
    place.assert_settled();
    // At the commit before the fix it is known to fail.
    place.sandbox.git(["switch", "--quiet", "-c", "old", &bad]);
    place.sandbox.git(["checkout", "--quiet", "main", "--", "worklogs"]);
    place.sandbox.commit_all("the worklogs of today");
    let answer = place.run(1);
    assert!(answer.out.contains("known") || answer.out.contains("fixed later"), "{}", answer.out);
    assert!(!answer.out.contains("brought up to date"), "{}", answer.out);
}

#[test]
fn an_entry_written_by_hand_is_recognised_by_its_test() {
    let place = Place::new(&tap("unit", "severity = \"P2\""));
    place.sandbox.write(
        "worklogs/hand.md",
        "---\ngardener: 1\nid: hand\nentries:\n- {id: mine, title: Parsing breaks, issue: 5, tests: [b]}\n---\n",
    );
    place.plays("unit", &["a"], &[("b", BOOM)]);
    let answer = place.run(1);
    assert!(answer.out.contains("mine  #5  known"), "{}", answer.out);
    assert!(place.worklog("run-").contains("    issue: 5\n"));
}

#[test]
fn the_budget_holds_back_what_is_least_bad_and_a_sync_does_not_file_it() {
    let config =
        tap("bad", "severity = \"P0\"") + &tap("mild", "severity = \"P3\"") + "[run]\nnew-issues = 1\n";
    let place = Place::new(&config);
    place.plays("bad", &[], &[("x", BOOM)]);
    place.plays("mild", &[], &[("y", "RangeError: 7 is not in 1 to 5 of the wheel")]);
    let answer = place.run(1);
    assert!(answer.out.contains("new, on hold"), "{}", answer.out);
    let text = place.worklog("");
    assert_eq!(text.matches("hold: over the budget of 1 new issue a run").count(), 1, "{text}");
    place.sandbox.commit_all("a worklog");
    let synced = place.0.run(["sync"]);
    assert!(synced.answer.out.contains("on hold, not filed: over the budget"), "{}", synced.answer.out);
    assert!(place.issue(1).2.contains(&"P0".to_owned()));
    assert!(place.github(|g| g.issue("acme/app", 2).is_none()));
    assert_eq!(synced.answer.code, 0, "a hold is no failure: {}", synced.answer.out);
}

#[test]
fn another_suite_with_a_test_of_that_name_completes_nothing() {
    let place =
        Place::new(&(tap("api", "") + &tap("web", "") + "[run]\ncomplete-after = 1\ncompleted = \"set\"\n"));
    place.plays("api", &[], &[("starts", "the api is down")]);
    place.plays("web", &["starts"], &[]);
    place.run(1);
    place.sandbox.commit_all("a worklog");
    let answer = place.gardener(["run", "--suite", "web"]);
    assert_eq!((answer.code, answer.out.contains("passes")), (0, false), "{}", answer.out);
    assert!(place.worklog("").contains("status: open"));
}

#[test]
fn what_people_wrote_into_an_entry_stands_in_the_next_one() {
    let place = place("labels = [\"failing-test\"]\nowner = \"@acme/all\"\nimpact = \"Nobody knows\"\n");
    place.run(1);
    let name = format!("worklogs/{}", place.worklogs()[0]);
    let text = place.worklog("");
    let edited = text
        .replace("severity: P2", "severity: P0")
        .replace("status: open", "status: in-progress")
        .replace("labels: [failing-test]", "labels: [parser, \"seen: by me\"]")
        .replace("owner: \"@acme/all\"", "owner: \"@ann\"")
        .replace("impact: Nobody knows", "impact: Nobody can read");
    assert_eq!(text.lines().zip(edited.lines()).filter(|(a, b)| a != b).count(), 5, "{edited}");
    place.sandbox.write(&name, &edited);
    place.sandbox.commit_all("what people know of it");
    place.run(1);
    let second = place.worklog("Z-2");
    for part in [
        "severity: P0\n    status: in-progress\n    labels: [parser, \"seen: by me\"]\n    impact: Nobody can read\n",
        "    owner: \"@ann\"\n",
    ] {
        assert!(second.contains(part), "{part}\n{second}");
    }
    // What is found for the first time still gets what the suite gives.
    place.plays("unit", &["a"], &[("b", BOOM), ("z", "no such table: orders")]);
    place.run(1);
    let third = place.worklog("Z-3");
    assert!(third.contains("severity: P2") && third.contains("labels: [failing-test]"), "{third}");
    assert!(third.contains("severity: P0"), "{third}");
}

#[test]
fn clean_runs_are_counted_anew_after_the_test_failed_again() {
    let place = place("[run]\ncomplete-after = 2\ncompleted = \"set\"\n");
    place.run(1);
    place.sandbox.commit_all("a worklog");
    place.plays("unit", &["a", "b"], &[]);
    assert!(place.run(0).out.contains("passes again"));
    place.sandbox.commit_all("it passes");
    // All of this is one second of the clock: the worklogs have numbers.
    place.plays("unit", &["a", "c"], &[("b", BOOM)]);
    place.run(1);
    place.sandbox.commit_all("it fails again");
    place.plays("unit", &["a", "b", "c"], &[]);
    let answer = place.run(0);
    assert!(answer.out.contains("passes again\n"), "{}", answer.out);
    assert!(place.worklog("Z-2").contains("passed_at") && place.worklog("Z-2").contains("status: open"));
    place.sandbox.commit_all("it passes");
    // A failure for something else is between two clean runs as well.
    place.plays("unit", &["a"], &[("b", "ECONNREFUSED: 127.0.0.1:5432 refuses connections")]);
    let answer = place.run(1);
    assert!(answer.out.contains("its tests fail for something else now"), "{}", answer.out);
    place.sandbox.commit_all("another worklog");
    place.plays("unit", &["a", "b"], &[]);
    let answer = place.run(0);
    assert!(!answer.out.contains("set to completed"), "{}", answer.out);
    place.sandbox.commit_all("it passes");
    place.plays("unit", &["a", "b", "d"], &[]);
    let answer = place.run(0);
    assert!(answer.out.contains("passes at 2 commits; set to completed"), "{}", answer.out);
}
