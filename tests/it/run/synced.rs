//! `gardener run --sync`: from a failing test to a committed worklog and its issues, in one go.

use serde_json::{Value, json};

use crate::both::Synced;
use crate::run::{Place, tap};

const FIELDS: &str = "AssertionError: the event 'agent_started' lacks its required field 'agent_id'";
const RANGE: &str = "RangeError: 7 is not in 1 to 5 of the wheel";

/// `gardener run --sync` with these words more, and what came of it on both sides.
fn run(place: &Place, words: &str) -> Synced {
    let words = ["run", "--sync"].into_iter().chain(words.split_whitespace());
    place.0.run_in(place.0.gardener(words).env("SOURCE_DATE_EPOCH", "1757851170"))
}

fn one_line(out: &str) -> Value {
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(out).expect("JSON")
}

fn two_suites(more: &str) -> Place {
    let place = Place::new(&(tap("events", "severity = \"P1\"") + &tap("wheel", "severity = \"P3\"") + more));
    place.plays("events", &["passes"], &[("starts", FIELDS), ("ends", FIELDS)]);
    place.plays("wheel", &[], &[("turns", RANGE)]);
    place
}

#[test]
fn what_fails_is_filed_and_the_worklog_committed_whole() {
    let place = two_suites("");
    place.sandbox.write("mine.txt", "something of somebody's\n");
    let synced = run(&place, "");
    let Synced { answer, commits, .. } = &synced;
    assert_eq!((answer.code, *commits), (1, 1), "tests failed: {}{}", answer.out, answer.err);
    let (ran, sent) = answer.out.split_once("\n2 new\n\n").expect("both reports");
    assert!(ran.starts_with("events  failed"), "{ran}");
    assert!(sent.contains("#1  created, P1") && sent.contains("#2  created, P3"), "{sent}");
    assert!(sent.contains("2 entries in sync; committed "), "{sent}");
    assert!(!answer.err.contains("gardener sync --dry-run"), "it is done already: {}", answer.err);
    let name = &place.worklogs()[0];
    let committed = place.sandbox.git(["show", "--format=", "--name-only", "HEAD"]);
    assert_eq!(committed, format!("worklogs/{name}"));
    assert_eq!(place.sandbox.git(["status", "--porcelain"]), "?? mine.txt");
    let text = place.worklog("");
    assert!(text.contains("    issue: 1\n") && text.contains("    issue: 2\n"), "{text}");
    place.assert_settled();
    // Again: the commit of the worklog is another one to fail at, so that it is told, and nothing is filed twice.
    let again = run(&place, "");
    assert_eq!((again.answer.code, again.commits), (1, 1), "{}", again.answer.out);
    assert!(again.answer.out.contains("\n2 known\n\n"), "{}", again.answer.out);
    assert!(place.github(|g| g.issue("acme/app", 3).is_none()));
    place.assert_settled();
}

#[test]
fn what_is_known_is_told_its_issue_and_what_passes_is_well() {
    let place = two_suites("");
    run(&place, "");
    place.plays("wheel", &["turns"], &[]);
    let synced = run(&place, "");
    assert_eq!((synced.answer.code, synced.commits), (1, 1), "{}", synced.answer.out);
    assert!(synced.answer.out.contains("  #1  known"), "{}", synced.answer.out);
    assert!(place.github(|g| g.issue("acme/app", 3).is_none()));
    place.plays("events", &["passes", "starts", "ends"], &[]);
    let well = run(&place, "");
    assert_eq!(well.answer.code, 0, "{}{}", well.answer.out, well.answer.err);
    assert!(well.answer.out.contains("\nnothing failed\n\n"), "{}", well.answer.out);
    // What a run notes in earlier worklogs is nothing that a sync has to write, and that is said.
    let note = "note: written and not committed: worklogs/run-20250914T115930Z-2.md, worklogs/run-20250914T115930Z.md";
    assert!(well.commits == 0 && well.answer.err.contains(note), "{}", well.answer.err);
}

#[test]
fn both_parts_are_one_document() {
    let place = two_suites("[run]\nnew-issues = 1\n");
    let Synced { answer, .. } = run(&place, "--json --no-commit");
    let value = one_line(&answer.out);
    assert_eq!((answer.code, &value["schema"], &value["exit"]), (1, &json!(1), &json!(1)), "{}", answer.err);
    assert_eq!(value["entries"].as_array().expect("a list").len(), 2);
    let sync = &value["sync"];
    assert_eq!((&sync["schema"], &sync["exit"], &sync["commit"]), (&json!(1), &json!(0), &Value::Null));
    assert_eq!(sync["created"].as_object().expect("entries").len(), 1, "the budget holds: {sync}");
    assert_eq!(sync["written"], json!([value["worklog"]]));
    let words: Vec<_> = answer.err.lines().filter(|line| !line.contains("running ")).collect();
    assert!(words.len() == 1 && words[0].starts_with("note: written and not committed: "), "{words:?}");
    // Without --sync there is no such key.
    let plain = place.gardener(["run", "--json"]);
    assert!(one_line(&plain.out).get("sync").is_none(), "{}", plain.out);
}

#[test]
fn the_higher_exit_code_counts() {
    let place = two_suites("[sync]\ncreate-limit = 1\n");
    let Synced { answer, writes, commits, .. } = run(&place, "--json");
    let value = one_line(&answer.out);
    assert_eq!((answer.code, &value["exit"], &value["sync"]["exit"]), (5, &json!(5), &json!(5)));
    assert!(writes.is_empty() && commits == 0 && value["sync"]["stopped"] == true, "{value}");
    assert_eq!(place.worklogs().len(), 1, "the worklog is there all the same");
    let synced = run(&place, "--yes");
    assert_eq!((synced.answer.code, synced.commits), (1, 1), "{}", synced.answer.out);
    assert!(place.github(|g| g.issue("acme/app", 2).is_some()));
}

#[test]
fn what_would_stop_the_sync_is_known_before_a_suite_runs() {
    let place = two_suites("");
    let start = |words: &[&str]| place.start(words.iter().copied());
    let refused = |start: crate::sandbox::Start, words: &str| {
        let answer = start.run();
        assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{}", answer.err);
        assert!(answer.err.contains(words) && !answer.err.contains("running "), "{}", answer.err);
        assert_eq!(place.worklogs(), Vec::<String>::new());
    };
    refused(start(&["run", "--sync"]), "no token");
    place.sandbox.git(["switch", "--quiet", "--detach"]);
    let url = place.0.gardener(["run", "--sync"]);
    refused(url, "HEAD is not on a branch");
    assert_eq!(run(&place, "--no-commit").answer.code, 1, "no commit needs no branch");
    assert_eq!(place.worklogs().len(), 1);
    for words in [&["run", "--yes"][..], &["run", "--no-commit"], &["run", "--sync", "--dry-run"]] {
        assert_eq!(start(words).run().code, 2, "{words:?}");
    }
}

#[test]
fn where_github_is_away_the_worklog_stays_and_the_next_sync_files_it() {
    let place = two_suites("");
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("one").port();
    let away = |words: &[&str]| {
        let start = place.0.gardener(words.iter().copied()).env("SOURCE_DATE_EPOCH", "1757851170");
        place.0.run_in(start.env("GITHUB_API_URL", format!("http://127.0.0.1:{port}")))
    };
    let Synced { answer, commits, .. } = away(&["run", "--sync"]);
    assert_eq!((answer.code, commits), (1, 0));
    assert!(answer.out.contains("\n2 new\n") && answer.err.contains("can't be reached"), "{}", answer.err);
    let value = one_line(&away(&["run", "--sync", "--json"]).answer.out);
    assert!(value["sync"]["error"].as_str().is_some_and(|e| e.contains("can't be reached")), "{value}");
    assert_eq!(place.worklogs().len(), 1);
    assert_eq!(place.sync().writes.len(), 2);
    place.assert_settled();
}

#[test]
fn a_run_that_could_not_write_syncs_nothing() {
    let place = two_suites("");
    // A file in the place of the folder.
    place.sandbox.write("worklogs", "in the way\n");
    let Synced { answer, writes, .. } = run(&place, "--json");
    let value = one_line(&answer.out);
    assert_eq!((answer.code, &value["sync"], &value["exit"]), (3, &Value::Null, &json!(3)), "{}", answer.err);
    assert!(writes.is_empty() && value["failed_to_write"].is_string(), "{value}");
    assert!(answer.err.contains("nothing was synced, because no worklog was written"), "{}", answer.err);
}
