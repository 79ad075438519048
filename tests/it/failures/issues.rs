//! Issues that are not what the worklog takes them for.

use super::*;
use crate::kill::scene::LATER;

/// The entry `foreign` names an issue that can't be synced: it stays as it is, the others
/// go on, and nothing is tried again and again.
fn left_alone(set: fn(&mut GitHub), says: &str) {
    let both = copy(&scene());
    both.github(set);
    let known = both.github(|g| format!("{:?}", g.repo(REPO).expect("there").issues[&1021].facts));
    let first = both.run(["sync"]);
    assert_eq!((first.answer.code, first.commits), (3, 1), "{}", first.answer.out);
    assert!(first.answer.out.contains(says), "{}", first.answer.out);
    assert!(first.writes.iter().all(|w| !w.contains("/1021")), "{:?}", first.writes);
    let text = both.sandbox.read(LATER);
    let entry = "  - id: foreign\n    title: It fails again\n    issue: 1021\n    links: [\"#1022\"]\n";
    assert!(text.contains(entry) && !text.contains("\nforeign {"), "{text}");
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.writes.len(), second.commits), (3, 0, 0), "{}", second.answer.out);
    assert_eq!(both.github(|g| format!("{:?}", g.repo(REPO).expect("there").issues[&1021].facts)), known);
}

#[test]
fn a_deleted_issue_is_left_alone() {
    left_alone(|g| g.delete_issue_as("bob", REPO, 1021), "deleted on GitHub; left as it is");
}

#[test]
fn a_transferred_issue_is_left_alone() {
    left_alone(
        |g| {
            g.add_repo("acme/other");
            g.transfer_as("bob", REPO, 1021, "acme/other");
        },
        "moved to ",
    );
}

#[test]
fn a_pull_request_is_never_written_to() {
    let both = Both::new();
    both.github(|g| g.create_pull_as("bob", REPO, "A change"));
    let path = both
        .worklog("w", "  - id: e\n    title: T\n    status: completed\n    issue: 1\n    labels: [bug]\n");
    let before = both.sandbox.read(&path);
    for _ in 0..2 {
        let synced = both.run(["sync"]);
        assert_eq!(
            (synced.answer.code, synced.writes.len(), synced.commits),
            (3, 0, 0),
            "{}",
            synced.answer.out
        );
        assert!(synced.answer.out.contains("#1 is a pull request"), "{}", synced.answer.out);
    }
    assert_eq!(both.sandbox.read(&path), before);
}

#[test]
fn a_locked_issue_takes_no_comment_and_all_else() {
    let both = copy(&scene());
    both.github(|g| g.lock_as("bob", REPO, 1021));
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "its links wait: {}", first.answer.out);
    assert!(first.answer.out.contains("#1021 is locked; not commented"), "{}", first.answer.out);
    assert_eq!(both.issue(1021).2, ["P1", "bug", "failing-test"]);
    assert!(both.github(|g| g.comments_of(REPO, 1021)).is_empty());
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", again.answer.out);
    // The links were never agreed on, so they are listed once that can be.
    both.github(|g| g.unlock_as("bob", REPO, 1021));
    both.minutes(1);
    both.sync();
    assert!(both.github(|g| g.comments_of(REPO, 1021)).join("").contains("gardener:occurrence"));
    both.assert_settled();
}

#[test]
fn a_locked_issue_of_ours_still_gets_its_links() {
    let both = copy(&scene());
    both.github(|g| g.lock_as("bob", REPO, 1023));
    both.sync();
    let body = both.github(|g| g.issue(REPO, 1023).expect("there").facts.body.clone());
    assert!(body.expect("a text").contains("related: #1022"));
    both.assert_settled();
}

#[test]
fn a_renamed_repository_is_synced_under_its_new_name() {
    let both = copy(&scene());
    both.github(|g| g.rename_repo(REPO, "acme/new"));
    let first = both.sync();
    assert!(first.writes.iter().all(|w| !w.contains("acme/app")), "{:?}", first.writes);
    assert_eq!(both.github(|g| g.issue_numbers("acme/new")).len(), 5);
    both.assert_settled();
}

#[test]
fn an_archived_repository_is_read_and_not_written() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    both.github(|g| g.repo_mut(REPO).expect("there").archived = true);
    for commits in [1, 0] {
        let synced = both.run(["sync"]);
        let facts = (synced.answer.code, synced.writes.len(), synced.commits);
        assert_eq!(facts, (3, 0, commits), "{}{}", synced.answer.out, synced.answer.err);
        assert_eq!(
            synced.answer.out.matches("the repository is archived").count(),
            4,
            "{}",
            synced.answer.out
        );
    }
    both.github(|g| g.repo_mut(REPO).expect("there").archived = false);
    settle(&both, 2).expect("settled");
    end.assert_same(&End::of(&both), "no longer archived");
}

#[test]
fn a_body_that_is_too_long_is_cut_and_one_that_grew_is_held_back_until_it_shrinks() {
    let both = Both::new();
    let prose = "It fails again and again.\n".repeat(12_000);
    let path = "worklogs/w.md";
    let entries = "  - id: e\n    title: Long\n    links: []\n";
    let text = format!(
        "---\ngardener: 1\nid: w\nentries:\n{entries}---\n\n## Long\n<!-- gardener:entry e -->\n{prose}"
    );
    both.sandbox.write(path, text);
    both.sandbox.commit_all("a worklog");
    both.sync();
    both.assert_settled();
    // Somebody fills it up to the brim: GitHub takes the block no more, and does not say so.
    let whole = both.github(|g| g.issue(REPO, 1).expect("there").facts.body.clone()).expect("a text");
    let marker = whole[whole.find("<!-- gardener:issue").expect("a marker")..].replace("\r\n", "\n");
    both.github(|g| {
        g.settings.web_crlf = false;
        let filler = "x".repeat(262_144 - marker.len() - 1);
        g.edit_body_as("bob", REPO, 1, &format!("{filler}\n{marker}"));
        g.clock.advance(60);
    });
    both.edit(path, "links: []", "links: [\"#7\"]");
    let first = both.run(["sync"]);
    assert_eq!((first.answer.code, first.writes.len()), (3, 1), "{}{}", first.answer.out, first.answer.err);
    assert!(first.answer.out.contains("did not take the text"), "{}", first.answer.out);
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.writes.len(), second.commits), (3, 0, 0), "{}", second.answer.out);
    assert!(second.answer.out.contains("held back"), "{}", second.answer.out);
    both.github(|g| {
        g.edit_body_as("bob", REPO, 1, &format!("Short.\n\n{marker}"));
        g.clock.advance(60);
    });
    both.sync();
    let body = both.github(|g| g.issue(REPO, 1).expect("there").facts.body.clone()).expect("a text");
    assert!(body.starts_with("Short.") && body.contains("related: #7"), "{body}");
    both.assert_settled();
}
