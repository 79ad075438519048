//! Attacks on the promises: every test here once lost, replayed or blocked something.

mod between;
mod hand;

use github_stand_in::{GitHub, Permission, Reason, StandIn};

use crate::both::{Both, REPO, SECRET};

/// Issue #1 by bob and the worklog `w` whose entry `e` is linked to it and agrees with it.
fn linked(entry: &str, labels: &[&str]) -> (Both, String) {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", labels));
    let path = both.worklog("w", &format!("  - id: e\n    title: It is broken\n    issue: 1\n{entry}"));
    both.sync();
    both.minutes(60);
    (both, path)
}

/// The same place a second time, for a test that goes several ways from one point.
fn fork(start: &Both) -> Both {
    Both { sandbox: start.sandbox.copy(), server: StandIn::start(start.github(|g| g.clone())) }
}

/// An issue's text with plain line ends.
fn body(github: &GitHub, number: u64) -> String {
    let body = github.issue(REPO, number).and_then(|i| i.facts.body.clone());
    body.unwrap_or_default().replace("\r\n", "\n")
}

/// Runs a sync that ends with `code`, and time passes.
fn ends(both: &Both, code: i32) -> String {
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, code, "{}{}", synced.answer.out, synced.answer.err);
    both.minutes(1);
    synced.answer.out
}

/// Nothing is written any more, and the answer stays the same.
fn assert_rests(both: &Both, code: i32) {
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (code, 0, 0), "{}", again.answer.out);
}

#[test]
fn p02_a_conflict_does_not_turn_into_a_write_because_another_field_moved() {
    let (both, path) = linked("    status: open\n    severity: P2\n", &[]);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.minutes(1);
    both.edit(&path, "status: open", "status: not-planned");
    both.edit(&path, "severity: P2", "severity: P1");
    ends(&both, 4);
    assert_eq!(both.issue(1).2, ["P1"], "its own field goes on");
    assert_rests(&both, 4);
    let synced = both.run(["sync", "--prefer", "local"]);
    assert_eq!((synced.answer.code, both.issue(1).1.as_str()), (0, "NotPlanned"), "{}", synced.answer.out);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn p02_a_link_for_a_locked_issue_waits_and_is_not_taken_away_here() {
    let (both, path) = linked("    links: [\"#7\"]\n", &[]);
    both.github(|g| g.lock_as("bob", REPO, 1));
    both.minutes(1);
    both.edit(&path, "links: [\"#7\"]", "links: [\"#7\", \"#8\"]");
    let said = ends(&both, 0);
    assert!(said.contains("is locked"), "{said}");
    assert_rests(&both, 0);
    both.github(|g| g.unlock_as("bob", REPO, 1));
    both.minutes(1);
    ends(&both, 0);
    assert!(both.github(|g| g.comments_of(REPO, 1)).join("\n").contains("#8"));
    assert!(both.sandbox.read(&path).contains("\"#8\""));
}

#[test]
fn p16_a_link_that_github_refused_is_not_agreed() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: Mine\n    links: [\"#7\"]\n");
    both.sync();
    both.minutes(1);
    both.github(|g| {
        let long = format!("{}\n{}", "x".repeat(262_100), body(g, 1));
        g.edit_body_as("bob", REPO, 1, &long);
    });
    both.minutes(1);
    both.edit(&path, "    links: [\"#7\"]", "    links: [\"#7\", \"#8\"]");
    ends(&both, 3);
    assert_rests(&both, 3);
    assert!(both.sandbox.read(&path).contains("[\"#7\", \"#8\"]"), "{}", both.sandbox.read(&path));
}

#[test]
fn p12_a_refused_reason_is_sent_once_the_issue_was_opened_again() {
    let (both, path) = linked("    status: open\n", &[]);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    both.sync();
    both.minutes(1);
    both.edit(&path, "status: completed", "status: not-planned");
    ends(&both, 3);
    assert_rests(&both, 3);
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.minutes(1);
    let synced = both.run(["sync", "--prefer", "local"]);
    assert_eq!((synced.answer.code, both.issue(1).1.as_str()), (0, "NotPlanned"), "{}", synced.answer.out);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn p02_two_base_lines_agree_on_the_elements_of_a_set() {
    let (both, path) = linked("    labels: [a, b]\n", &["a", "b"]);
    let text = both.sandbox.read(&path);
    let line = text.lines().find(|l| l.starts_with("e {")).expect("a base");
    let other = line.replace("[\"a\",\"b\"]", "[\"a\"]");
    both.edit(&path, line, &format!("{line}\n-\n{other}"));
    both.edit(&path, "    labels: [a, b]", "    labels: [a]");
    both.github(|g| ["a", "b"].iter().for_each(|l| g.unlabel_as("bob", REPO, 1, l)));
    both.minutes(1);
    both.sync();
    assert_eq!(both.issue(1).2, Vec::<String>::new(), "what was taken off there stays off");
}

#[test]
fn p12_one_issue_that_is_gone_does_not_stop_the_others() {
    for delete in [false, true] {
        let (both, path) = linked("    severity: P2\n", &[]);
        let other = both.worklog("v", "  - id: other\n    title: Other\n    severity: P3\n");
        both.sync();
        both.minutes(1);
        both.edit(&other, "    severity: P3", "    severity: P0");
        both.edit(&path, "    severity: P2", "    links: [\"#9\"]\n    severity: P1");
        both.github(|g| {
            g.add_repo("acme/other");
            if delete {
                g.delete_issue_as("bob", REPO, 1);
            } else {
                g.transfer_as("bob", REPO, 1, "acme/other");
            }
        });
        both.minutes(1);
        let synced = both.run(["sync"]);
        assert_eq!(synced.answer.code, 3, "{}{}", synced.answer.out, synced.answer.err);
        assert_eq!(both.issue(2).2, ["P0"], "{}", synced.answer.out);
        assert!(both.sandbox.read(&path).contains("severity: P1"));
        both.minutes(1);
        assert_rests(&both, 3);
    }
}

#[test]
fn p02_what_was_sent_is_not_undone_here_when_the_issue_moves_away_right_after() {
    let (both, path) = linked("    severity: P2\n", &["P2"]);
    both.edit(&path, "    severity: P2", "    severity: P1");
    both.server.on_request(|moment, g| {
        if moment.request.method == "DELETE" && g.repo("acme/other").is_none() {
            g.add_repo("acme/other");
        } else if moment.request.method == "GET" && g.repo("acme/other").is_some_and(|r| r.issues.is_empty())
        {
            g.transfer_as("bob", REPO, 1, "acme/other");
        }
    });
    both.run(["sync"]);
    both.server.clear_hook();
    both.minutes(1);
    let out = ends(&both, 3);
    assert!(both.sandbox.read(&path).contains("    severity: P1"), "{out}");
    assert_rests(&both, 3);
}

#[test]
fn p01_a_workflow_knows_its_own_issue_again_without_a_journal() {
    let mut github = GitHub::at("2026-03-01T12:00:00Z");
    github.add_repo(REPO);
    github.add_account("github-actions[bot]", "Bot");
    github.add_token(SECRET, "github-actions[bot]");
    github.grant("github-actions[bot]", REPO, Permission::Write);
    let both = Both::with(github);
    let path = both.worklog("w", "  - id: e\n    title: Mine\n");
    both.sync();
    // The runner is gone, and its commit never got out.
    both.sandbox.git(["reset", "-q", "--hard", "HEAD^"]);
    both.sandbox.git(["clean", "-qfdx"]);
    let fresh = Both { sandbox: both.sandbox.copy(), server: StandIn::start(both.github(|g| g.clone())) };
    let journal = fresh.sandbox.top().join(".git/gardener");
    fresh.sandbox.program("rm", ["-r".as_ref(), journal.as_os_str()]).output();
    fresh.minutes(30);
    fresh.sync();
    assert_eq!(fresh.github(|g| g.issue_numbers(REPO)), [1]);
    assert!(fresh.sandbox.read(&path).contains("issue: 1"));
}

#[test]
fn p01_reverting_stashing_or_resetting_the_filing_files_nothing_again() {
    let start = Both::new();
    let path = start.worklog("w", "  - id: e\n    title: Mine\n    severity: P1\n");
    start.run(["sync", "--no-commit"]);
    start.minutes(60);
    for way in ["checkout", "stash", "commit", "revert"] {
        let both = fork(&start);
        match way {
            "checkout" => drop(both.sandbox.git(["checkout", "-q", "--", &path])),
            "stash" => drop(both.sandbox.git(["stash", "-q"])),
            "commit" => drop(both.sandbox.commit_all("by hand")),
            _ => {
                both.sandbox.commit_all("by hand");
                both.sandbox.git(["revert", "--no-edit", "HEAD"]);
            }
        }
        both.sync();
        assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1], "{way}");
        both.minutes(1);
        both.assert_settled();
    }
}

#[test]
fn p01_syncs_at_once_file_once() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: Mine\n  - id: f\n    title: Other\n");
    std::thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(|| both.gardener(["sync"]).run())));
    });
    assert_eq!(both.github(|g| g.issue_numbers(REPO)).len(), 2);
    both.minutes(1);
    both.assert_settled();
}
