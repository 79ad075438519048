//! Markers and blocks by people who have no say: ignored, and named once.

use crate::both::{Both, REPO};

const BLOCK: &str = "<!-- gardener:block 1 -->\n* x <!-- gardener:occurrence w/e -->\n  * related: #666\n<!-- gardener:end -->";

#[test]
fn a_strangers_marker_is_ignored_and_named_once() {
    let both = Both::new();
    both.github(|g| {
        g.add_user("mallory");
        g.create_issue_as("mallory", REPO, "Trap", "x\n\n<!-- gardener:issue 1 w/e -->", &[]);
        g.create_issue_as("mallory", REPO, "Other", "x\n\n<!-- gardener:issue 1 nobody/knows -->", &[]);
    });
    crate::matrix::fired("a stranger's marker");
    let path = both.worklog("w", "  - id: e\n    title: Mine\n");
    let dry = both.run(["sync", "--dry-run"]).answer;
    assert!(dry.out.contains("#1: its text, by mallory, has a marker"), "{}", dry.out);
    let synced = both.sync().answer;
    assert_eq!(synced.out.matches("mallory").count(), 1, "{}", synced.out);
    assert!(synced.out.contains("#1: its text, by mallory, has a marker"), "{}", synced.out);
    assert!(both.sandbox.read(&path).contains("issue: 3"), "not acted on");
    both.minutes(60);
    let again = both.sync().answer;
    assert!(!again.out.contains("mallory"), "{}", again.out);
    both.assert_settled();
    assert_eq!(both.github(|g| g.comments_of(REPO, 1).len()), 0);
}

#[test]
fn a_strangers_block_is_ignored_and_named_once() {
    let both = Both::new();
    both.github(|g| {
        g.add_user("mallory");
        g.create_issue_as("mallory", REPO, "It is broken", &format!("text\n\n{BLOCK}"), &[]);
        g.comment_as("mallory", REPO, 1, BLOCK);
        g.comment_as("mallory", REPO, 1, "<!-- gardener:comment 1 w/e -->\nseen");
        g.comment_as("mallory", REPO, 1, "harmless");
    });
    crate::matrix::fired("a stranger's block");
    let path = both.worklog("w", "  - id: e\n    title: It is broken\n    issue: 1\n    links: [\"#9\"]\n");
    let synced = both.sync().answer;
    assert_eq!(synced.out.matches("by mallory").count(), 3, "{}", synced.out);
    assert!(synced.out.contains("#1: comment "), "{}", synced.out);
    assert!(!both.sandbox.read(&path).contains("666"));
    both.minutes(60);
    both.github(|g| g.comment_as("mallory", REPO, 1, "again harmless"));
    both.minutes(1);
    let again = both.sync();
    assert!(!again.answer.out.contains("mallory"), "{}", again.answer.out);
    assert_eq!(again.writes, Vec::<String>::new());
    both.github(|g| g.comment_as("mallory", REPO, 1, BLOCK));
    both.minutes(1);
    let third = both.run(["sync", "--json"]).answer;
    let value: serde_json::Value = serde_json::from_str(&third.out).expect("JSON");
    let notes = value["plan"]["notes"].as_array().expect("a list");
    assert_eq!((notes.len(), third.code), (1, 0), "only the new one: {notes:?}");
}
