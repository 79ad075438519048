//! The stories.
#![expect(clippy::print_stdout, reason = "a campaign tells what it covered")]

use github_stand_in::Reason;

use super::{Keep, PATH, Story};
use crate::both::REPO;

const CLOSE: (&str, &str) = ("status: open", "status: completed");

type Telling = fn(&Story);

/// Each with its name, and told to its end.
const STORIES: &[(&str, Telling)] = &[
    ("closed on a branch, and something else there", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a(CLOSE.0, CLOSE.1);
        s.git(&["switch", "-q", "main"]);
        s.there(|g| g.label_as("bob", REPO, 1, "failing-test"));
        s.sync();
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.end("completed", "P2", "bug, failing-test");
    }),
    ("two fields of one entry on two branches", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("severity: P2", "severity: P0");
        s.git(&["switch", "-q", "main"]);
        s.here_in_a(CLOSE.0, CLOSE.1);
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.settle_by_hand("severity: P2", "severity: P0");
        s.end("completed", "P0", "bug");
    }),
    ("synced on both branches, at different times", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("severity: P2", "severity: P0");
        s.sync();
        s.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        s.git(&["switch", "-q", "main"]);
        s.sync();
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.end("completed", "P0", "bug");
    }),
    ("closed and opened again, and each branch saw one of it", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("tests:", "impact: some\n    tests:");
        s.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        s.sync();
        s.there(|g| g.reopen_as("bob", REPO, 1));
        s.git(&["switch", "-q", "main"]);
        s.here_in_a("severity: P2", "severity: P1");
        s.sync();
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.end("open", "P1", "bug");
    }),
    ("an edit that was never sent meets a close that was pulled", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("status: open", "status: not-planned");
        s.git(&["switch", "-q", "main"]);
        s.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        s.sync();
        // Git asks, with the driver and without it; the person takes what GitHub has.
        assert_ne!(s.sandbox().try_git(["merge", "-q", "--no-edit", "feat"]).code, 0);
        let text = s.sandbox().read(PATH);
        assert!(text.contains("<<<<<<<") && text.contains("not-planned"), "{text}");
        s.git(&["merge", "--abort"]);
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.end("completed", "P2", "bug");
    }),
    ("the commit that closed it is reverted", |s| {
        s.here_in_a(CLOSE.0, CLOSE.1);
        let closing = s.sandbox().head();
        s.sync();
        s.merge(&["revert", "--no-edit", &closing], Keep::Theirs);
        s.end("open", "P2", "bug");
    }),
    ("what a sync brought is reverted, and comes back", |s| {
        s.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        s.sync();
        s.merge(&["revert", "--no-edit", "HEAD"], Keep::Theirs);
        assert_eq!(s.sync(), 0, "nothing is sent from a text that was gone back to");
        s.end("completed", "P2", "bug");
    }),
    ("an edit is picked from a branch", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("severity: P2", "severity: P1");
        s.git(&["switch", "-q", "main"]);
        s.there(|g| g.label_as("bob", REPO, 1, "failing-test"));
        s.sync();
        s.merge(&["cherry-pick", "feat"], Keep::Theirs);
        s.settle_by_hand("labels: [bug]\n", "labels: [bug, failing-test]\n");
        s.end("open", "P1", "bug, failing-test");
    }),
    ("a branch is squashed, and was synced itself", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("severity: P2", "severity: P1");
        s.sync();
        s.here_in_a(CLOSE.0, CLOSE.1);
        s.sync();
        s.git(&["switch", "-q", "main"]);
        s.merge(&["merge", "-q", "--squash", "feat"], Keep::Theirs);
        s.git(&["commit", "-q", "--allow-empty", "-m", "squashed"]);
        assert_eq!(s.sync(), 0, "all of it is there already");
        s.end("completed", "P1", "bug");
    }),
    ("a branch is rebased onto what a sync brought", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("severity: P2", "severity: P0");
        s.here_in_a("labels: [bug]", "labels: [bug, failing-test]");
        s.git(&["switch", "-q", "main"]);
        s.there(|g| g.close_as("bob", REPO, 2, Reason::NotPlanned));
        s.sync();
        s.git(&["switch", "-q", "feat"]);
        s.merge(&["rebase", "-q", "main"], Keep::Theirs);
        s.end("open", "P0", "bug, failing-test");
    }),
    ("a reset throws the last sync away", |s| {
        s.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        s.sync();
        s.git(&["reset", "-q", "--hard", "HEAD~1"]);
        assert_eq!(s.sync(), 0);
        s.end("completed", "P2", "bug");
    }),
    ("a branch from long ago sends nothing", |s| {
        let old = s.sandbox().head();
        s.here_in_a(CLOSE.0, CLOSE.1);
        s.sync();
        s.severity_there("P1");
        s.sync();
        s.git(&["switch", "-qc", "archaeology", &old]);
        s.here("# w", "# w, looked at again");
        assert_eq!(s.sync(), 0, "it only pulls");
        s.end("completed", "P1", "bug");
    }),
    ("both branches have new entries", |s| {
        let add =
            |id: &str| format!("issue: 2\n    tests:\n      - t::b\n  - id: {id}\n    title: About {id}\n");
        s.git(&["switch", "-qc", "feat"]);
        s.here("issue: 2\n    tests:\n      - t::b\n", &add("x"));
        s.git(&["switch", "-q", "main"]);
        s.here("issue: 2\n    tests:\n      - t::b\n", &add("y"));
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Both);
        s.end("open", "P2", "bug");
        assert_eq!(s.both.github(|g| g.issue_numbers(REPO)), [1, 2, 3, 4]);
    }),
    ("one new entry is filed on one branch and merged into another that has it", |s| {
        s.here("issue: 2\n", "issue: 2\n  - id: x\n    title: About x\n");
        s.git(&["branch", "feat"]);
        s.sync();
        s.git(&["switch", "-q", "feat"]);
        s.sync();
        s.git(&["switch", "-q", "main"]);
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.end("open", "P2", "bug");
        assert_eq!(s.both.github(|g| g.issue_numbers(REPO)), [1, 2, 3], "filed once");
        assert_eq!(s.lines_of("x"), 1);
    }),
    ("removed on one branch and edited on the other", |s| {
        s.git(&["switch", "-qc", "feat"]);
        let text = s.sandbox().read(PATH);
        let entry = text.find("  - id: b\n").expect("it")..text.find("---\n\n# w").expect("it");
        s.sandbox().write(PATH, text.replace(&text[entry], ""));
        s.git(&["commit", "-qam", "b is gone"]);
        s.git(&["switch", "-q", "main"]);
        s.here_in_a("severity: P2", "severity: P1");
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Theirs);
        s.end("open", "P1", "bug");
        assert!(s.both.issue(2).0, "its issue is left as it is");
    }),
    ("labels on both branches, and one is taken off there", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("labels: [bug]", "labels: [bug, failing-test]");
        s.git(&["switch", "-q", "main"]);
        s.there(|g| g.unlabel_as("bob", REPO, 1, "bug"));
        s.sync();
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Theirs);
        s.settle_by_hand("labels: [bug, failing-test]", "labels: [failing-test]");
        s.end("open", "P2", "failing-test");
    }),
    ("a worklog is renamed on one branch and edited on the other", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.git(&["mv", PATH, "worklogs/renamed.md"]);
        s.git(&["commit", "-qm", "a better name"]);
        s.git(&["switch", "-q", "main"]);
        s.here_in_a(CLOSE.0, CLOSE.1);
        s.sync();
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        s.git(&["mv", "worklogs/renamed.md", PATH]);
        s.git(&["commit", "-qm", "and back"]);
        assert_eq!(s.sync(), 0);
        s.end("completed", "P2", "bug");
    }),
    ("prose on one branch and values on the other", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here("# w\n", "# w\n\nWhat was found out.\n");
        s.git(&["switch", "-q", "main"]);
        s.there(|g| g.close_as("bob", REPO, 1, Reason::NotPlanned));
        s.sync();
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Ours);
        assert!(s.sandbox().read(PATH).contains("What was found out."));
        s.end("not-planned", "P2", "bug");
    }),
    ("an edit is stashed over a sync", |s| {
        s.both.edit(PATH, "About a\n    status: open", "About a\n    status: in-progress");
        s.git(&["stash", "-q"]);
        s.severity_there("P0");
        s.sync();
        if s.sandbox().try_git(["stash", "pop", "-q"]).code != 0 {
            let text = s.sandbox().read(PATH);
            let text = super::settled(&text, Keep::Theirs);
            s.sandbox().write(PATH, text.replacen("severity: P2", "severity: P0", 1));
            s.git(&["reset", "-q"]);
        }
        s.end("in-progress", "P0", "bug");
    }),
    ("the commit of a sync is amended", |s| {
        s.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
        s.sync();
        s.both.edit(PATH, "# w", "# w, closed");
        s.git(&["commit", "-qa", "--amend", "--no-edit"]);
        s.here_in_a("severity: P2", "severity: P1");
        s.end("completed", "P1", "bug");
    }),
    ("a bisect is no time for a sync", |s| {
        let old = s.sandbox().head();
        s.here_in_a(CLOSE.0, CLOSE.1);
        s.sync();
        s.git(&["bisect", "start", "-q", "HEAD", &old]);
        let synced = s.both.run(["sync"]);
        assert_eq!((synced.answer.code, synced.writes.len()), (1, 0));
        s.git(&["bisect", "reset"]);
        s.end("completed", "P2", "bug");
    }),
    ("a sync waits until a conflict is settled", |s| {
        s.git(&["switch", "-qc", "feat"]);
        s.here_in_a("status: open", "status: not-planned");
        s.git(&["switch", "-q", "main"]);
        s.here_in_a(CLOSE.0, CLOSE.1);
        assert_ne!(s.sandbox().try_git(["merge", "-q", "feat"]).code, 0);
        let synced = s.both.run(["sync"]);
        assert_eq!((synced.answer.code, synced.writes.len()), (1, 0));
        s.git(&["merge", "--abort"]);
        s.merge(&["merge", "-q", "--no-edit", "feat"], Keep::Theirs);
        s.end("not-planned", "P2", "bug");
    }),
];

fn tell(with_driver: bool) {
    assert!(STORIES.len() >= 20);
    println!("{} stories, driver {with_driver}", STORIES.len());
    let mut wrong = Vec::new();
    for (number, (name, tell)) in STORIES.iter().enumerate() {
        // A developer's machine tells two of three stories, each in one of the two ways, CI all in both.
        if !crate::kill::is_whole() && number % 3 != usize::from(with_driver) {
            continue;
        }
        let told = std::panic::catch_unwind(|| tell(&Story::begin(with_driver)));
        wrong.extend(told.err().map(|_| *name));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn branches_with_the_merge_driver() {
    tell(true);
}

#[test]
fn branches_without_the_merge_driver() {
    tell(false);
}

#[test]
fn a_copied_worklog_is_named_and_not_synced() {
    let story = Story::begin(false);
    let text = story.sandbox().read(PATH);
    story.sandbox().write("worklogs/copy.md", text);
    story.sandbox().commit_all("a copy");
    story.there(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    let synced = story.both.run(["sync"]);
    assert!(synced.writes.is_empty(), "{synced:?}");
    let said = format!("{}{}", synced.answer.out, synced.answer.err);
    assert!(synced.answer.code != 0 && said.contains("have the same id"), "{said}");
}
