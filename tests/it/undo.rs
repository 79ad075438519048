//! `gardener undo`: both sides as they were before the last sync, where nothing moved since.

use std::time::Duration;

use github_stand_in::{How, Reason, Rule, When};

use crate::both::{Both, REPO, Synced};

const ENTRY: &str = "  - id: e\n    title: It is broken\n    issue: 1\n    status: open\n    severity: P2\n    labels: [bug]\n";

/// Issue #1 and the entry `e` of `worklogs/w.md` agree: open, P2, bug.
fn agreed() -> (Both, String) {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", &["P2", "bug"]));
    let path = both.worklog("w", ENTRY);
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.assert_settled();
    both.minutes(60);
    (both, path)
}

fn undo(both: &Both) -> Synced {
    let undone = both.run(["undo"]);
    assert_eq!(undone.answer.code, 0, "{}\n{}", undone.answer.out, undone.answer.err);
    undone
}

/// The front matter without the base block, which has times in it.
fn front(text: &str) -> &str {
    text.split("<!-- gardener:base").next().unwrap_or_default()
}

#[test]
fn what_was_sent_is_taken_back_and_the_edit_stays_uncommitted() {
    let (both, path) = agreed();
    let before = both.sandbox.git(["show", &format!("HEAD:{path}")]);
    both.edit(&path, "severity: P2", "severity: P0");
    both.edit(&path, "status: open", "status: completed");
    both.edit(&path, "labels: [bug]", "labels: [failing-test]");
    both.sync();
    assert_eq!(both.issue(1), (false, "Completed".to_owned(), vec!["P0".into(), "failing-test".into()]));
    let sent = both.sandbox.head();
    both.minutes(5);

    let undone = undo(&both);
    assert_eq!(both.issue(1), (true, "Reopened".to_owned(), vec!["P2".into(), "bug".into()]));
    assert_eq!(undone.commits, 1, "{}", undone.answer.out);
    assert!(
        undone.answer.out.contains(&format!("took back the sync of {}", &sent[..7])),
        "{}",
        undone.answer.out
    );
    let committed = both.sandbox.git(["show", &format!("HEAD:{path}")]);
    assert_eq!(front(&committed), front(&before), "the commit has what was there before");
    let work = both.sandbox.read(&path);
    assert!(work.contains("severity: P0") && work.contains("status: completed"), "the edit stays: {work}");
    assert!(work.contains("\"severity\":\"P2\""), "and the base says what GitHub has: {work}");
    assert_eq!(
        both.sandbox.git(["status", "--porcelain"]).trim(),
        format!("M {path}"),
        "it is uncommitted again"
    );

    both.minutes(5);
    both.sync();
    assert_eq!(both.issue(1), (false, "Completed".to_owned(), vec!["P0".into(), "failing-test".into()]));
    both.minutes(5);
    both.assert_settled();
}

#[test]
fn a_push_after_it_sends_nothing_of_what_was_taken_back() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.sync();
    both.minutes(5);
    undo(&both);
    both.minutes(20);
    let head = both.sandbox.head();
    let line = format!("refs/heads/main {head} refs/heads/main {}\n", "0".repeat(40));
    let pushed = both.run_in(both.gardener(["sync", "--hook", "pre-push", "origin", "x"]).input(line));
    assert_eq!((pushed.answer.code, pushed.writes.len()), (0, 0), "{}", pushed.answer.err);
    assert_eq!(both.issue(1).2, ["P2", "bug"]);
}

#[test]
fn what_was_taken_over_is_taken_back_and_comes_again() {
    let (both, path) = agreed();
    both.github(|g| g.close_as("bob", REPO, 1, Reason::NotPlanned));
    both.github(|g| g.label_as("bob", REPO, 1, "failing-test"));
    both.sync();
    assert!(both.sandbox.read(&path).contains("status: not-planned"));
    both.minutes(5);
    let undone = undo(&both);
    assert_eq!(undone.writes, Vec::<String>::new(), "nothing of it was ours on GitHub");
    let text = both.sandbox.read(&path);
    assert!(text.contains("status: open") && text.contains("labels: [bug]\n"), "{text}");
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), "");
    both.minutes(5);
    both.sync();
    let text = both.sandbox.read(&path);
    assert!(text.contains("status: not-planned") && text.contains("failing-test"), "{text}");
}

#[test]
fn a_conflict_that_was_settled_is_open_again() {
    let (both, path) = agreed();
    both.edit(&path, "status: open", "status: not-planned");
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    assert_eq!(both.run(["sync"]).answer.code, 4);
    assert_eq!(both.run(["sync", "--prefer", "remote"]).answer.code, 0);
    assert!(both.sandbox.read(&path).contains("status: completed"));
    both.minutes(5);
    undo(&both);
    assert!(both.sandbox.read(&path).contains("status: not-planned"));
    both.minutes(5);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len()), (4, 0), "{}", again.answer.out);
}

#[test]
fn the_side_of_the_worklog_that_was_taken_is_taken_back_too() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P1");
    both.github(|g| g.unlabel_as("bob", REPO, 1, "P2"));
    both.github(|g| g.label_as("bob", REPO, 1, "P3"));
    assert_eq!(both.run(["sync"]).answer.code, 4);
    assert_eq!(both.run(["sync", "--prefer", "local"]).answer.code, 0);
    assert_eq!(both.issue(1).2, ["P1", "bug"]);
    both.minutes(5);
    undo(&both);
    assert_eq!(both.issue(1).2, ["P3", "bug"], "what bob wanted");
    assert!(both.sandbox.read(&path).contains("severity: P1"), "what was wanted here");
    // It is a conflict again: P3 was never agreed on, so that P1 is not simply sent once more.
    both.minutes(5);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len()), (4, 0), "{}", again.answer.out);
    assert_eq!(both.issue(1).2, ["P3", "bug"]);
}

#[test]
fn what_moved_on_github_since_is_left_and_named() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.edit(&path, "status: open", "status: in-progress");
    both.sync();
    both.minutes(5);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(5);
    let undone = undo(&both);
    assert!(
        undone.answer.out.contains("#1: the status was changed on GitHub since"),
        "{}",
        undone.answer.out
    );
    assert_eq!(
        both.issue(1),
        (false, "Completed".to_owned(), vec!["P2".into(), "bug".into(), "in-progress".into()])
    );
}

#[test]
fn what_moved_and_moved_back_is_left() {
    let (both, path) = agreed();
    both.edit(&path, "status: open", "status: completed");
    both.sync();
    both.minutes(5);
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.minutes(5);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(5);
    let undone = undo(&both);
    assert_eq!(undone.writes, Vec::<String>::new(), "bob wants it closed: {}", undone.answer.out);
    assert!(!both.issue(1).0);
}

#[test]
fn what_was_edited_here_since_is_left_and_named() {
    let (both, path) = agreed();
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.sync();
    both.minutes(5);
    both.edit(&path, "status: completed", "status: in-progress");
    let undone = undo(&both);
    assert!(undone.answer.out.contains("e: the status was edited since"), "{}", undone.answer.out);
    assert!(both.sandbox.read(&path).contains("status: in-progress"));
}

#[test]
fn an_issue_that_was_filed_stays_and_keeps_its_entry() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: It is broken\n    severity: P1\n");
    both.sync();
    both.minutes(5);
    let undone = undo(&both);
    assert_eq!((undone.writes.len(), undone.commits), (0, 0));
    assert!(undone.answer.out.contains("#1 was filed and stays"), "{}", undone.answer.out);
    assert!(both.sandbox.read(&path).contains("issue: 1"));
    both.minutes(20);
    both.assert_settled();
}

#[test]
fn entries_that_followed_another_go_back_with_it() {
    let (both, first) = agreed();
    let second = both.worklog("v", "  - id: again\n    title: Again\n    issue: 1\n    severity: P2\n");
    both.sync();
    both.minutes(5);
    both.edit(&first, "severity: P2", "severity: P0");
    both.sync();
    assert!(both.sandbox.read(&second).contains("severity: P0"));
    both.minutes(5);
    undo(&both);
    assert_eq!(both.issue(1).2, ["P2", "bug"]);
    assert!(both.sandbox.read(&second).contains("severity: P2"), "{}", both.sandbox.read(&second));
    assert!(both.sandbox.read(&first).contains("severity: P0"), "somebody wrote that");
}

#[test]
fn there_is_nothing_before_a_sync_and_nothing_after_an_undo() {
    let both = Both::new();
    let never = both.run(["undo"]);
    assert_eq!(never.answer.code, 1);
    assert!(never.answer.err.contains("no sync of this clone"), "{}", never.answer.err);
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.sync();
    both.minutes(5);
    undo(&both);
    let again = both.run(["undo"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (1, 0, 0));
    assert!(again.answer.err.contains("taken back already"), "{}", again.answer.err);
}

#[test]
fn a_dry_run_shows_it_and_writes_nothing() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.sync();
    let text = both.sandbox.read(&path);
    let shown = both.run(["undo", "--dry-run"]);
    assert_eq!((shown.answer.code, shown.writes.len(), shown.commits), (0, 0, 0), "{}", shown.answer.err);
    assert!(shown.answer.out.contains("severity P0 to P2"), "{}", shown.answer.out);
    assert_eq!(both.sandbox.read(&path), text);
    let json = both.run(["undo", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json.answer.out).expect("JSON");
    assert_eq!(
        (value["schema"].as_u64(), value["exit"].as_u64(), value["writes"].as_u64()),
        (Some(1), Some(0), Some(2))
    );
    assert_eq!(both.issue(1).2, ["P2", "bug"]);
}

#[test]
fn one_that_github_cut_short_is_done_by_the_next() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.sync();
    both.minutes(5);
    both.server.fail(
        Rule::new(When::Before, How::Status(502, "down".to_owned()))
            .method("POST")
            .path("/issues/1/labels")
            .always(),
    );
    let failed = both.run(["undo"]);
    assert!([1, 3].contains(&failed.answer.code), "{}\n{}", failed.answer.out, failed.answer.err);
    both.server.clear_faults();
    both.minutes(5);
    let text = both.sandbox.read(&path);
    assert!(text.contains("severity: P0"), "{text}");
    both.run(["undo"]);
    both.minutes(5);
    let labels = both.issue(1).2;
    assert!(labels == ["P2", "bug"] || labels == ["P0", "bug"], "{labels:?}");
}

#[test]
fn one_that_was_cut_off_is_not_guessed_at() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.sync();
    both.minutes(5);
    both.edit(&path, "status: open", "status: completed");
    both.server.fail(Rule::new(When::Before, How::Hold).method("PATCH").path("/issues/1"));
    let mut running = both.gardener(["sync"]).command().spawn().expect("it starts");
    assert!(both.server.wait_until_held(Duration::from_secs(20)));
    running.kill().expect("killed");
    running.wait().expect("ended");
    both.server.release();
    let undone = both.run(["undo"]);
    assert_eq!((undone.answer.code, undone.writes.len()), (1, 0), "{}", undone.answer.out);
    assert!(undone.answer.err.contains("cut off"), "{}", undone.answer.err);
    assert!(both.issue(1).2.contains(&"P0".to_owned()), "the sync before it is not the last one");
}

#[test]
fn what_somebody_is_writing_meanwhile_is_not_committed() {
    let (both, path) = agreed();
    both.edit(&path, "severity: P2", "severity: P0");
    both.sync();
    both.minutes(5);
    both.edit(&path, "title: It is broken", "title: It is quite broken");
    both.edit(&path, "entries:\n", "entries:\n  - id: more\n    title: Another\n");
    undo(&both);
    let committed = both.sandbox.git(["show", &format!("HEAD:{path}")]);
    assert!(committed.contains("severity: P2") && !committed.contains("quite"), "{committed}");
    assert!(!committed.contains("id: more"), "{committed}");
    let work = both.sandbox.read(&path);
    assert!(work.contains("quite") && work.contains("id: more") && work.contains("severity: P0"), "{work}");
}
