//! How many requests a sync takes, of which kind, and that none is there for nothing. The times
//! that go with them are measured by `cargo bench --bench requests`.
#![expect(clippy::disallowed_methods, reason = "it takes a cache away as a user would")]

use github_stand_in::Logged;

use crate::both::{Both, REPO};

/// So many issues; more than one question or page holds.
const ISSUES: usize = 120;

/// A clone whose worklogs name them all, and that has long seen what became of them.
fn tracked() -> Both {
    let both = Both::new();
    both.without_likeness();
    for (name, range) in [("w", 0..ISSUES / 2), ("v", ISSUES / 2..ISSUES)] {
        let entry =
            |i: usize| format!("  - id: e{i}\n    title: Problem {i}\n    status: open\n    severity: P2\n");
        both.worklog(name, &range.map(entry).collect::<String>());
    }
    let filed = both.run(["sync", "--yes"]);
    assert_eq!((filed.answer.code, filed.wrote), (0, ISSUES), "{}", filed.answer.err);
    both.minutes(3 * 24 * 60);
    both
}

/// One line for each request.
fn lines(both: &Both) -> Vec<String> {
    both.server.log().iter().map(Logged::line).collect()
}

fn status_codes(both: &Both) -> Vec<u16> {
    both.server.log().iter().map(|l| l.status).collect()
}

#[test]
fn with_nothing_to_do_github_only_says_that_all_still_holds() {
    let both = tracked();
    // The list begins anew after a look at everything, and is the same from then on.
    for _ in 0..2 {
        both.sync();
        both.minutes(30);
    }
    for _ in 0..3 {
        both.minutes(7);
        both.sync();
        assert_eq!(status_codes(&both), [304, 304], "{:?}", lines(&both));
    }
}

#[test]
fn a_first_look_lists_all_and_looks_nothing_up() {
    let both = tracked();
    std::fs::remove_dir_all(both.sandbox.top().join(".git/gardener")).expect("removed");
    both.assert_settled();
    let lines = lines(&both);
    assert_eq!(lines.len(), 3, "the repository and two pages: {lines:#?}");
}

#[test]
fn ten_changes_take_five_requests_and_twelve_creations_ten() {
    let both = tracked();
    both.sync();
    let text = both.sandbox.read("worklogs/w.md");
    let (front, rest) = text.split_once("  - id: e5\n").expect("the sixth entry");
    let (swapped, rest) = rest.split_once("  - id: e10\n").expect("the eleventh entry");
    let (closed, swapped) =
        (front.replace("status: open", "status: completed"), swapped.replace("severity: P2", "severity: P3"));
    let text = format!("{closed}  - id: e5\n{swapped}  - id: e10\n{rest}");
    both.sandbox.write("worklogs/w.md", &text);
    both.github(|g| {
        g.create_issue_as("bob", REPO, "Theirs", "text", &["P3"]);
    });
    both.minutes(30);
    let done = both.sync();
    // Five are closed, and of five one label goes on and another one off.
    assert_eq!((done.wrote, done.commits), (15, 1), "{:#?}", lines(&both));
    let count = lines(&both).len();
    // What takes another label's place is there before that one is taken off.
    let has = |l: &Logged, field: &str| l.operations.iter().any(|op| op.field == field);
    let both_ways = |l: &Logged| has(l, "addLabelsToLabelable") && has(l, "removeLabelsFromLabelable");
    assert!(!both.server.log().iter().any(both_ways), "{:#?}", lines(&both));
    // P3 is on no issue that is tracked, so that the repository is asked whether it has it.
    assert!(count <= 6, "{:#?}", lines(&both));
    both.minutes(30);
    both.assert_settled();

    let entry = |i: usize| format!("  - id: n{i}\n    title: Another problem {i}\n    severity: P2\n");
    both.worklog("u", &(0..12).map(entry).collect::<String>());
    both.minutes(30);
    let done = both.run(["sync", "--yes"]);
    assert_eq!(done.answer.code, 0, "{}", done.answer.err);
    assert_eq!(both.github(|g| g.issue_numbers(REPO).len()), ISSUES + 13);
    assert!(lines(&both).len() <= 9, "{:#?}", lines(&both));
    both.minutes(30);
    both.assert_settled();
}
