//! The rules that keep a sync from replaying, flapping or spamming (DESIGN section 3), each
//! by its number, with the real program, real git and a GitHub as unkind as the real one.
//!
//! Rule 8 is about the pre-push hook: `push::contract` has a table of it.

use github_stand_in::{Permission, Reason};

use crate::both::{Both, REPO};

/// A GitHub with issue #1 by bob, and a worklog `w` whose entry `e` is linked to it and
/// agrees with it.
fn linked(entry: &str) -> (Both, String) {
    linked_with(entry, &[])
}

fn linked_with(entry: &str, labels: &[&str]) -> (Both, String) {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", labels));
    let path = both.worklog("w", &format!("  - id: e\n    title: It is broken\n    issue: 1\n{entry}"));
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.assert_settled();
    both.minutes(60);
    (both, path)
}

fn last_base(both: &Both, path: &str) -> String {
    let text = both.sandbox.read(path);
    text.lines().find(|l| l.starts_with("e {")).map(str::to_owned).unwrap_or_default()
}

#[test]
fn rule_01_old_edits_do_not_replay() {
    let (both, path) = linked("    status: open\n");
    // Closed and opened again looks unchanged, and is not.
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.minutes(1);
    both.edit(&path, "status: open", "status: not-planned");
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (4, 0), "{}", synced.answer.out);
    assert!(synced.answer.out.contains("conflict: not-planned here, open there"), "{}", synced.answer.out);
    assert!(both.issue(1).0, "it stays open");
}

#[test]
fn rule_01_without_events_an_edit_is_sent() {
    let (both, path) = linked("    status: open\n");
    both.github(|g| g.comment_as("bob", REPO, 1, "me too"));
    both.minutes(1);
    both.edit(&path, "status: open", "status: not-planned");
    both.sync();
    assert_eq!(both.issue(1).1, "NotPlanned");
}

#[test]
fn rule_01_an_old_checkout_pulls_and_never_pushes() {
    let (both, path) = linked("    status: open\n");
    let old = both.sandbox.head();
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    both.sync();
    both.minutes(1);
    both.sandbox.git(["checkout", "-q", "-b", "old", &old]);
    crate::matrix::fired("an older commit checked out");
    both.sandbox.write("gardener.toml", "[sync]\ndefault-branch = \"old\"\n");
    let synced = both.sync();
    assert_eq!(synced.writes, Vec::<String>::new());
    assert!(both.sandbox.read(&path).contains("status: completed"));
}

#[test]
fn rule_02_the_commit_takes_values_and_leaves_prose() {
    let (both, path) = linked("    severity: P2\n");
    both.edit(&path, "severity: P2", "severity: P1");
    both.edit(&path, "# w\n", "# w\n\nUnfinished thought\n");
    both.sync();
    let committed = both.sandbox.git(["show", &format!("HEAD:{path}")]);
    assert!(committed.contains("severity: P1") && !committed.contains("Unfinished"), "{committed}");
    assert!(committed.contains("\"severity\":\"P1\""), "value and base are in one commit: {committed}");
    assert!(both.sandbox.read(&path).contains("Unfinished thought"));
    let diff = both.sandbox.git(["diff", "-U0", "--", &path]);
    let lines: Vec<_> = diff
        .lines()
        .filter(|l| l.starts_with(['+', '-']) && !l.starts_with("+++") && !l.starts_with("---"))
        .collect();
    assert_eq!(lines, ["+Unfinished thought", "+"], "{diff}");
    // With --all the body goes too.
    both.minutes(1);
    both.edit(&path, "severity: P1", "severity: P0");
    let synced = both.run(["sync", "--all"]);
    assert_eq!(synced.answer.code, 0);
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn rule_03_each_occurrence_has_its_own_base() {
    let (both, first) = linked("    status: open\n    severity: P2\n");
    let second =
        both.worklog("v", "  - id: again\n    title: It is broken again\n    issue: 1\n    status: open\n");
    both.sync();
    both.minutes(1);
    // One speaks, the other follows.
    both.edit(&first, "severity: P2", "severity: P1");
    both.sync();
    assert!(both.sandbox.read(&second).contains("severity: P1"), "{}", both.sandbox.read(&second));
    both.minutes(1);
    both.assert_settled();
    // Two different opinions are a conflict, and nothing is sent.
    both.edit(&first, "status: open", "status: completed");
    both.edit(&second, "status: open", "status: not-planned");
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (4, 0), "{}", synced.answer.out);
    assert_eq!(synced.answer.out.matches("conflict:").count(), 2, "{}", synced.answer.out);
}

#[test]
fn rule_03_add_beats_remove_and_it_is_said() {
    let (both, first) = linked("    labels: [bug]\n");
    let second = both.worklog("v", "  - id: again\n    title: Again\n    issue: 1\n    labels: [bug]\n");
    both.edit(&first, "labels: [bug]", "labels: []");
    let synced = both.run(["sync"]);
    assert!(synced.answer.out.contains("kept bug"), "{}", synced.answer.out);
    assert_eq!(both.issue(1).2, ["bug"]);
    assert!(both.sandbox.read(&first).contains("labels: [bug]"), "{second}");
}

#[test]
fn rule_04_off_the_default_branch_only_changed_worklogs_count() {
    let (both, path) = linked("    status: open\n");
    both.sandbox.git(["switch", "-q", "-c", "topic"]);
    both.sandbox.write("src/lib.rs", "// work\n");
    both.sandbox.commit_all("work");
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    let synced = both.sync();
    assert_eq!((synced.commits, synced.writes.len()), (0, 0));
    assert!(both.sandbox.read(&path).contains("status: open"), "not this branch's business");
    both.edit(&path, "# w\n", "# w, seen\n");
    both.sync();
    assert!(both.sandbox.read(&path).contains("status: completed"), "changed here, so it counts");
}

#[test]
fn rule_04_the_config_says_which_branches_write() {
    let (both, path) = linked("    status: open\n");
    both.sandbox.write("gardener.toml", "[sync]\nbranches = [\"main\"]\n");
    both.sandbox.commit_all("config");
    both.sandbox.git(["switch", "-q", "-c", "topic"]);
    both.edit(&path, "status: open", "status: completed");
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len(), synced.commits), (1, 0, 0));
    assert!(synced.answer.err.contains("sync.branches"), "{}", synced.answer.err);
}

#[test]
fn rule_05_two_lines_for_one_entry_agree_on_what_is_equal() {
    let (both, path) = linked("    status: open\n    severity: P2\n");
    // As a merge of two branches leaves them: they differ in severity only.
    let line = last_base(&both, &path);
    let other = line.replace("\"severity\":\"P2\"", "\"severity\":\"P1\"");
    assert_ne!(line, other);
    both.edit(&path, &line, &format!("{line}\n-\n{other}"));
    both.edit(&path, "    status: open", "    status: completed");
    let synced = both.sync();
    assert_eq!(both.issue(1).1, "Completed", "status was agreed on in both: {}", synced.answer.out);
    assert_eq!(both.sandbox.read(&path).matches("e {").count(), 1);
}

#[test]
fn rule_05_a_file_with_conflict_markers_is_skipped_and_named() {
    let (both, path) = linked("    status: open\n");
    let good = both.worklog("v", "  - id: fine\n    title: Fine\n");
    both.edit(
        &path,
        "    status: open\n",
        "<<<<<<< ours\n    status: open\n=======\n    status: completed\n>>>>>>> theirs\n",
    );
    let before = both.sandbox.read(&path);
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, 3);
    assert!(
        synced.answer.err.contains(&path) && synced.answer.err.contains("conflict"),
        "{}",
        synced.answer.err
    );
    assert_eq!(both.sandbox.read(&path), before);
    assert!(both.sandbox.read(&good).contains("issue: 2"), "the rest goes on");
}

#[test]
fn rule_05_another_number_is_a_first_link() {
    let (both, path) = linked("    status: open\n    labels: [bug]\n");
    both.github(|g| g.create_issue_as("bob", REPO, "Another", "body", &["P3"]));
    both.edit(&path, "issue: 1", "issue: 2");
    both.minutes(1);
    both.sync();
    assert_eq!(both.issue(2).2, ["P3", "bug"], "sets unite on a first link");
    assert!(both.sandbox.read(&path).contains("severity: P3"));
    assert_eq!(both.issue(1).2, ["bug"], "the former issue is left as it is");
}

#[test]
fn rule_05_unlinking_is_remembered() {
    let (both, path) = linked("    status: open\n");
    both.edit(&path, "    issue: 1\n", "");
    for _ in 0..2 {
        let synced = both.sync();
        assert_eq!(synced.writes, Vec::<String>::new());
        assert!(synced.answer.out.contains("unlinked"), "{}", synced.answer.out);
        assert!(!both.sandbox.read(&path).contains("issue: "), "not adopted again");
        both.minutes(60);
    }
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1], "not created again");
}

#[test]
fn rule_05_an_entry_that_is_gone_drops_its_base_and_writes_nothing() {
    let (both, path) = linked("    status: open\n");
    let text = both.sandbox.read(&path);
    let entry = text.find("entries:").expect("a list")..text.find("\n---\n").expect("an end");
    both.sandbox.write(&path, format!("{}entries: []{}", &text[..entry.start], &text[entry.end..]));
    let synced = both.sync();
    assert_eq!(synced.writes, Vec::<String>::new());
    assert!(both.issue(1).0, "not closed");
    assert!(!both.sandbox.read(&path).contains("gardener:base"), "{}", both.sandbox.read(&path));
}

#[test]
fn rule_05_an_entry_that_moved_takes_its_base_along() {
    let (both, path) = linked("    status: open\n    severity: P1\n");
    let text = both.sandbox.read(&path);
    let from = text.find("  - id: e\n").expect("the entry");
    let to = text.find("\n---\n").expect("an end") + 1;
    let entry = text[from..to].to_owned();
    both.sandbox.write(&path, text.replace(&entry, "").replace("entries:\n", "entries: []\n"));
    let moved = format!(
        "---\ngardener: 1\nid: new\nentries:\n{}---\n",
        entry.replace("severity: P1", "severity: P2")
    );
    both.sandbox.write("worklogs/new.md", moved);
    let synced = both.sync();
    assert!(
        synced.answer.out.contains("-> severity P1 to P2"),
        "an edit, no first link: {}",
        synced.answer.out
    );
    assert_eq!(both.issue(1).2, ["P2"]);
}

#[test]
fn rule_06_a_forged_marker_links_nothing() {
    let both = Both::new();
    both.github(|g| {
        g.add_user("mallory");
        let body = "text\n\n<!-- gardener:issue 1 w/e -->";
        g.create_issue_as("mallory", REPO, "Trap", body, &[])
    });
    crate::matrix::fired("a forged marker");
    let path = both.worklog("w", "  - id: e\n    title: Mine\n");
    both.sync();
    assert!(both.sandbox.read(&path).contains("issue: 2"), "{}", both.sandbox.read(&path));
}

#[test]
fn rule_06_a_collaborators_marker_counts_and_pull_requests_never() {
    let both = Both::new();
    both.github(|g| {
        g.create_pull_as("bob", REPO, "A change");
        let body = "text\n\n<!-- gardener:issue 1 w/e -->";
        g.create_issue_as("bob", REPO, "Made by his clone", body, &[])
    });
    let path = both.worklog("w", "  - id: e\n    title: Mine\n");
    let synced = both.sync();
    assert!(both.sandbox.read(&path).contains("issue: 2"), "{}", synced.answer.out);
    assert!(synced.answer.out.contains("linked"), "{}", synced.answer.out);
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [2], "nothing was made");
}

#[test]
fn rule_06_a_strangers_block_is_no_block() {
    let (both, path) = linked("    links: [\"#9\"]\n");
    both.github(|g| {
        g.add_user("mallory");
        let block = "<!-- gardener:block 1 -->\n* x <!-- gardener:occurrence w/e -->\n  * related: #666\n<!-- gardener:end -->";
        g.comment_as("mallory", REPO, 1, block)
    });
    both.minutes(1);
    both.assert_settled();
    assert!(!both.sandbox.read(&path).contains("666"));
}

#[test]
fn rule_07_an_absent_field_is_no_opinion() {
    let (both, path) = linked_with("", &["P1", "bug"]);
    let text = both.sandbox.read(&path);
    assert!(text.contains("severity: P1") && text.contains("labels: [bug]"), "taken over once: {text}");
    both.edit(&path, "    severity: P1\n", "");
    both.edit(&path, "    labels: [bug]\n", "");
    let synced = both.sync();
    assert_eq!(synced.writes, Vec::<String>::new());
    assert_eq!(both.issue(1).2, ["P1", "bug"], "taking a key out removes nothing on GitHub");
    assert!(!both.sandbox.read(&path).contains("severity:"), "and it is not written back");
}

#[test]
fn rule_09_a_sync_touches_only_its_own_lines_of_the_block() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: Mine\n    links: [\"#7\"]\n");
    both.sync();
    let body = both.github(|g| g.issue(REPO, 1).expect("made").facts.body.clone().unwrap_or_default());
    // Another clone's occurrence, and a line a person wrote.
    let theirs = "* `worklogs/x.md` <!-- gardener:occurrence x/other -->\n  * related: #8\n  * ask carol\n";
    let edited = body.replace("<!-- gardener:end -->", &format!("{theirs}<!-- gardener:end -->"));
    both.github(|g| g.edit_body_as("ann", REPO, 1, &edited));
    both.minutes(1);
    both.edit(&path, "links: [\"#7\"]", "links: [\"#7\", \"#70\"]");
    both.sync();
    let after = both.github(|g| g.issue(REPO, 1).expect("made").facts.body.clone().unwrap_or_default());
    let plain = |t: &str| t.replace("\r\n", "\n");
    assert!(plain(&after).contains(theirs) && after.contains("related: #70"), "{after}");
    // A link that a person adds there comes here.
    let added = plain(&after).replace("  * related: #70\n", "  * related: #70\n  * blocked-by: #71\n");
    both.github(|g| g.edit_body_as("bob", REPO, 1, &added));
    both.minutes(1);
    both.sync();
    assert!(both.sandbox.read(&path).contains("blocked-by: \"#71\""), "{}", both.sandbox.read(&path));
}

#[test]
fn rule_09_a_missing_block_is_not_a_removal() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: Mine\n    links: [\"#7\"]\n");
    both.sync();
    both.github(|g| g.edit_body_as("bob", REPO, 1, "I tidied this up."));
    both.minutes(1);
    let synced = both.sync();
    assert_eq!(synced.writes, Vec::<String>::new());
    assert!(both.sandbox.read(&path).contains("\"#7\""));
}

#[test]
fn rule_09_a_new_occurrence_is_told_once_and_edited_in_between() {
    let (both, _) = linked("");
    assert_eq!(both.github(|g| g.comments_of(REPO, 1)).len(), 1);
    both.worklog("v", "  - id: again\n    title: Seen again\n    issue: 1\n");
    both.sync();
    let comments = both.github(|g| g.comments_of(REPO, 1));
    assert_eq!(comments.len(), 1, "within three days the comment is edited");
    assert!(comments[0].contains("Seen again") && comments[0].contains("It is broken"), "{}", comments[0]);
    both.minutes(4 * 24 * 60);
    both.worklog("u", "  - id: third\n    title: A third time\n    issue: 1\n");
    both.sync();
    assert_eq!(both.github(|g| g.comments_of(REPO, 1)).len(), 2);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn rule_10_equal_fingerprints_are_one_creation() {
    let both = Both::new();
    let first = both.worklog("w", "  - id: a\n    title: Timeout in login\n    fingerprint: v1:abc\n");
    let second = both.worklog("x", "  - id: b\n    title: Timeout in logout\n    fingerprint: v1:abc\n");
    both.sync();
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
    assert!(
        both.sandbox.read(&first).contains("issue: 1") && both.sandbox.read(&second).contains("issue: 1")
    );
    both.minutes(1);
    both.assert_settled();
    // A later one finds the live issue by its fingerprint.
    let third = both.worklog("y", "  - id: c\n    title: Timeout again\n    fingerprint: v1:abc\n");
    let synced = both.sync();
    assert!(both.sandbox.read(&third).contains("issue: 1"), "{}", synced.answer.out);
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
}

#[test]
fn rule_11_conflicts_can_be_settled_either_way() {
    for (side, want) in [("local", (true, "status: in-progress")), ("remote", (false, "status: completed"))] {
        let (both, path) = linked("    status: open\n");
        both.edit(&path, "status: open", "status: in-progress");
        both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        both.minutes(1);
        let synced = both.run(["sync"]);
        assert_eq!((synced.answer.code, synced.writes.len()), (4, 0), "{}", synced.answer.out);
        let synced = both.run(["sync", "--prefer", side, "e"]);
        assert_eq!(synced.answer.code, 0, "{}{}", synced.answer.out, synced.answer.err);
        assert_eq!(both.issue(1).0, want.0);
        assert!(both.sandbox.read(&path).contains(want.1), "{}", both.sandbox.read(&path));
        both.minutes(1);
        both.assert_settled();
    }
}

#[test]
fn rule_11_a_conflict_holds_back_its_own_field_only() {
    let (both, path) = linked("    status: open\n    severity: P2\n");
    both.edit(&path, "status: open", "status: in-progress");
    both.edit(&path, "severity: P2", "severity: P1");
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, 4);
    assert_eq!(both.issue(1).2, ["P1"], "the severity went: {}", synced.answer.out);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (4, 0, 0), "{}", again.answer.out);
}

#[test]
fn rule_11_a_preference_is_for_the_values_that_were_shown() {
    let (both, path) = linked("    status: open\n");
    both.edit(&path, "status: open", "status: in-progress");
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    both.run(["sync"]);
    // Meanwhile somebody decided something else, which nobody here has seen.
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.github(|g| g.close_as("bob", REPO, 1, Reason::NotPlanned));
    both.minutes(1);
    let synced = both.run(["sync", "--prefer", "local", "e"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (4, 0), "{}", synced.answer.out);
    assert!(synced.answer.out.contains("not-planned there"), "{}", synced.answer.out);
    let synced = both.run(["sync", "--prefer", "local", "e:status"]);
    assert_eq!(synced.answer.code, 0, "shown now: {}", synced.answer.out);
    assert!(both.issue(1).0);
}

#[test]
fn rule_11_a_preference_for_all_makes_no_other_occurrence_speak() {
    let (both, path) = linked("    severity: P2\n");
    let other = both.worklog("v", "  - id: f\n    title: It again\n    issue: 1\n    severity: P2\n");
    both.sync();
    both.minutes(1);
    both.edit(&other, "severity: P2", "severity: P0");
    both.github(|g| g.unlabel_as("bob", REPO, 1, "P2"));
    both.github(|g| g.label_as("bob", REPO, 1, "P1"));
    both.minutes(1);
    let shown = both.run(["sync"]);
    assert_eq!(shown.answer.code, 4, "{}", shown.answer.out);
    assert_eq!(shown.answer.out.matches("conflict:").count(), 1, "{}", shown.answer.out);
    // The entry that says what it always said is not shown, and is not meant.
    let synced = both.run(["sync", "--prefer", "local"]);
    assert_eq!(synced.answer.code, 0, "{}{}", synced.answer.out, synced.answer.err);
    assert_eq!(both.issue(1).2, ["P0"]);
    assert!(both.sandbox.read(&path).contains("severity: P0"), "{}", both.sandbox.read(&path));
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn rule_11_an_ambiguous_name_is_refused() {
    let (both, _) = linked("    status: open\n");
    both.worklog("v", "  - id: e\n    title: Another e\n    issue: 1\n");
    let synced = both.run(["sync", "--prefer", "local", "e"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (2, 0));
    assert!(synced.answer.err.contains("v/e") && synced.answer.err.contains("w/e"), "{}", synced.answer.err);
    assert_eq!(both.run(["sync", "--prefer", "local", "nobody"]).answer.code, 2);
}

#[test]
fn rule_12_the_worklogs_labels_are_added_once() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", &[]));
    let text = "---\ngardener: 1\nid: w\nlabels: [failing-test]\nentries:\n  - id: e\n    title: It\n    issue: 1\n---\n";
    both.sandbox.write("worklogs/w.md", text);
    both.sync();
    assert_eq!(both.issue(1).2, ["failing-test"]);
    both.minutes(1);
    both.github(|g| g.unlabel_as("bob", REPO, 1, "failing-test"));
    both.minutes(1);
    for _ in 0..2 {
        both.assert_settled();
        assert_eq!(both.issue(1).2, Vec::<String>::new(), "removed there, it stays removed");
    }
}

#[test]
fn rule_13_of_several_severities_the_new_one_counts_and_the_rest_goes() {
    let (both, path) = linked("    severity: P2\n");
    both.github(|g| g.label_as("bob", REPO, 1, "P0"));
    both.minutes(1);
    both.sync();
    assert!(both.sandbox.read(&path).contains("severity: P0"));
    assert_eq!(both.issue(1).2, ["P0"], "writing one removes the others");
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn rule_13_a_label_that_the_repository_lost_is_no_removal() {
    let (both, path) = linked("    severity: P2\n");
    both.github(|g| g.delete_label(REPO, "P2"));
    both.minutes(25 * 60);
    both.assert_settled();
    assert!(both.sandbox.read(&path).contains("severity: P2"));
    // Taken off one issue while it exists, it is one.
    let (both, path) = linked("    severity: P2\n");
    both.github(|g| g.unlabel_as("bob", REPO, 1, "P2"));
    both.minutes(1);
    both.sync();
    assert!(!both.sandbox.read(&path).contains("severity:"), "{}", both.sandbox.read(&path));
}

#[test]
fn rule_13_closed_beats_a_status_label() {
    let (both, path) = linked_with("", &["in-progress"]);
    assert!(both.sandbox.read(&path).contains("status: in-progress"));
    assert_eq!(both.issue(1).2, ["in-progress"]);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(1);
    both.sync();
    assert!(both.sandbox.read(&path).contains("status: completed"));
    assert_eq!(both.issue(1).2, ["in-progress"], "nobody asked to take it off");
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn rule_14_a_refusal_is_remembered() {
    let both = Both::new();
    both.github(|g| {
        // Her own issue she may edit, labels she may not set.
        g.grant("ann", REPO, Permission::Read);
        g.create_issue_as("ann", REPO, "Mine", "body", &[]);
    });
    let path = both.worklog("w", "  - id: e\n    title: Mine\n    issue: 1\n    labels: [bug]\n");
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", first.answer.out);
    assert!(first.answer.out.contains("bug"), "{}", first.answer.out);
    both.minutes(1);
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.writes.len(), second.commits), (3, 0, 0), "{:?}", second.writes);
    assert!(second.answer.out.contains("held back"), "{}", second.answer.out);
    assert!(both.sandbox.read(&path).contains("labels: [bug]"), "her edit stays");
    // With other rights it is tried again.
    both.github(|g| g.grant("ann", REPO, Permission::Write));
    both.sync();
    assert_eq!(both.issue(1).2, ["bug"]);
}

#[test]
fn rule_15_a_first_link_unites_sets_and_asks_about_scalars() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It", "body", &["bug", "P1"]));
    let path =
        both.worklog("w", "  - id: e\n    title: It\n    issue: 1\n    severity: P3\n    labels: [mine]\n");
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, 4, "{}", synced.answer.out);
    assert!(synced.answer.out.contains("conflict: severity P3 here, P1 there"), "{}", synced.answer.out);
    assert_eq!(both.issue(1).2, ["P1", "bug", "mine"]);
    let text = both.sandbox.read(&path);
    assert!(text.contains("labels: [mine, bug]") && text.contains("severity: P3"), "{text}");
    let synced = both.run(["sync", "--prefer", "local"]);
    assert_eq!(synced.answer.code, 0, "{}", synced.answer.out);
    assert_eq!(both.issue(1).2, ["P3", "bug", "mine"]);
}

#[test]
fn rule_06_a_workflows_bot_knows_its_own_comments() {
    let both = Both::new();
    both.github(|g| {
        g.add_account("github-actions[bot]", "Bot");
        g.add_token("ghs_workflow", "github-actions[bot]");
        g.grant("github-actions[bot]", REPO, Permission::Write);
        g.create_issue_as("bob", REPO, "It is broken", "body", &[]);
    });
    let path = both.worklog(
        "w",
        "  - id: e\n    title: It\n    issue: 1\n    links: [\"#7\"]\n  - id: new\n    title: New\n",
    );
    let bot = || both.run_in(both.gardener(["sync"]).env("GH_TOKEN", "ghs_workflow"));
    assert_eq!(bot().answer.code, 0);
    both.minutes(1);
    let again = bot();
    assert_eq!((again.answer.code, again.writes.len()), (0, 0), "{:?}", again.writes);
    both.edit(&path, "links: [\"#7\"]", "links: [\"#70\"]");
    let third = bot();
    assert_eq!(third.answer.code, 0, "{}", third.answer.out);
    let comments = both.github(|g| g.comments_of(REPO, 1));
    assert!(comments.len() == 1 && comments[0].contains("#70"), "{comments:?}");
}
