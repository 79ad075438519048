//! Tokens that may do less than they would like to.

use super::*;

#[test]
fn a_token_that_only_reads_takes_over_and_sends_the_rest_later() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    both.github(|g| g.token_mut(SECRET).expect("a token").read_only = true);
    let known = both.github(|g| End::github(g));
    let first = both.run(["sync"]);
    assert_eq!((first.answer.code, first.commits), (3, 1), "{}", first.answer.out);
    assert!(first.answer.out.contains("pulled  #1022  <- not-planned on GitHub"), "{}", first.answer.out);
    assert!(first.answer.out.contains("not filed: not allowed"), "{}", first.answer.out);
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.commits), (1, 0), "{}", second.answer.out);
    assert_eq!(both.github(|g| End::github(g)), known);
    // A token that is given more rights looks the same, so nothing was given up for good.
    both.github(|g| g.token_mut(SECRET).expect("a token").read_only = false);
    both.minutes(16);
    settle(&both, 2).expect("settled");
    end.assert_same(&End::of(&both), &first.answer.out);
}

#[test]
fn labels_that_github_drops_are_said_remembered_and_not_agreed_on() {
    let both = Both::new();
    both.github(|g| g.grant("ann", REPO, Permission::Read));
    let path = both.worklog("w", "  - id: e\n    title: New\n    severity: P1\n    labels: [bug]\n");
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", first.answer.out);
    assert!(first.answer.out.contains("did not take the label bug, P1"), "{}", first.answer.out);
    let text = both.sandbox.read(&path);
    assert!(text.contains("\"severity\":null,\"labels\":[]") || text.contains("\"labels\":[]"), "{text}");
    assert!(!text.contains("\"severity\":\"P1\""), "not agreed: {text}");
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.writes.len(), second.commits), (3, 0, 0), "{}", second.answer.out);
    assert!(second.answer.out.contains("held back"), "{}", second.answer.out);
    both.github(|g| g.grant("ann", REPO, Permission::Write));
    both.sync();
    assert_eq!(both.issue(1).2, ["P1", "bug"]);
    both.assert_settled();
}

#[test]
fn with_triage_rights_dropped_labels_are_added_by_the_next_sync() {
    let scene = scene();
    scene.github(|g| {
        for label in ["websocket", "other"] {
            g.add_label(REPO, label, "ededed");
        }
    });
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    both.github(|g| g.grant("ann", REPO, Permission::Triage));
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", first.answer.out);
    let second = both.run(["sync"]);
    assert_eq!(second.answer.code, 0, "{}{}", first.answer.out, second.answer.out);
    end.assert_same(&End::of(&both), &second.answer.out);
    both.assert_settled();
}
