//! What a new user ran into, each told or done right since.

use crate::both::{Both, REPO};

/// A worklog `w` with one filed entry `e`.
fn filed() -> (Both, String) {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: It\n    severity: P2\n");
    both.sync();
    both.minutes(1);
    (both, path)
}

#[test]
fn a_number_behind_a_comment_sign_is_not_filed_a_second_time() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: It\n    issue: #1\n");
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (3, 0));
    assert!(synced.answer.err.contains("starts a comment"), "{}", synced.answer.err);
}

#[test]
fn what_is_left_to_the_default_branch_is_said() {
    let (both, _) = filed();
    both.sandbox.git(["switch", "-q", "-c", "topic"]);
    both.worklog("v", "  - id: new\n    title: New\n");
    for arguments in [&["sync", "--dry-run"][..], &["status", "--remote"], &["sync"]] {
        let said = both.run(arguments).answer.out;
        assert!(said.contains("worklogs/w.md is not changed on this branch"), "{said}");
    }
    let json = both.run(["sync", "--json"]).answer.out;
    assert!(json.contains("\"left_out\":[\"worklogs/w.md\"]"), "{json}");
}

#[test]
fn a_move_is_never_committed_by_half() {
    let (both, path) = filed();
    both.sandbox.git(["mv", &path, "worklogs/renamed.md"]);
    let before = both.sandbox.snapshot();
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.commits, synced.writes.len()), (3, 0, 0), "{}", synced.answer.out);
    assert!(
        synced.answer.out.contains("worklogs/renamed.md was moved from worklogs/w.md"),
        "{}",
        synced.answer.out
    );
    assert_eq!(before, both.sandbox.snapshot());
    both.sandbox.git(["commit", "-qm", "a move"]);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn a_dry_run_shows_titles_and_the_diff() {
    let (both, path) = filed();
    both.worklog("v", "  - id: new\n    title: A new problem\n");
    both.github(|g| g.label_as("bob", REPO, 1, "theirs"));
    both.minutes(1);
    let synced = both.run(["sync", "--dry-run", "--diff"]);
    let said = &synced.answer.out;
    assert!(said.contains("to be created: A new problem"), "{said}");
    assert!(said.contains(&format!("--- {path}")) && said.contains("+    labels: [theirs]"), "{said}");
    assert_eq!(synced.writes.len(), 0);
}

#[test]
fn all_takes_bodies_even_if_nothing_else_changed() {
    let (both, path) = filed();
    both.edit(&path, "# w\n", "# w, thought through\n");
    assert_eq!(both.sync().commits, 0);
    let synced = both.run(["sync", "--all"]);
    assert_eq!((synced.answer.code, synced.commits), (0, 1), "{}", synced.answer.out);
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn a_worklog_staged_whole_stays_staged() {
    let (both, path) = filed();
    both.edit(&path, "severity: P2", "severity: P1");
    both.edit(&path, "# w\n", "# w, half a thought\n");
    both.sandbox.git(["add", &path]);
    both.sync();
    let committed = both.sandbox.git(["show", &format!("HEAD:{path}")]);
    assert!(committed.contains("severity: P1") && !committed.contains("thought"), "{committed}");
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), format!("M  {path}"), "staged, not unstaged");
}

#[test]
fn the_commit_says_which_entries_and_nothing_foreign() {
    let (both, path) = filed();
    both.github(|g| {
        g.label_as("bob", REPO, 1, "fixes #1");
        g.unlabel_as("bob", REPO, 1, "P2");
    });
    both.edit(&path, "title: It", "title: It\n    status: in-progress");
    both.minutes(1);
    both.sync();
    let message = both.sandbox.git(["log", "-1", "--format=%B"]);
    assert_eq!(
        message,
        "gardener: sync 1 worklog with acme/app (1 sent, 2 taken over)\n\ne: in-progress sent, labels taken over, \
         no severity taken over"
    );
}

#[test]
fn an_issue_elsewhere_is_not_to_be_synced() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: It\n    issue: \"other/place#5\"\n");
    let status = both.run(["status", "--exit-code"]);
    assert_eq!(status.answer.code, 0, "{}", status.answer.out);
    assert_eq!(both.sync().writes.len(), 0);
}
