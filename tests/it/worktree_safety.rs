//! The user's own work: staged, unstaged, untracked, stashed, half merged. A sync leaves
//! all of it as it was, byte for byte.
#![expect(clippy::disallowed_methods, reason = "tests act on the real world")]

mod chance;

use std::time::Duration;

use github_stand_in::{How, Reason, Rule, When};

use crate::both::{Both, REPO, Synced};
use crate::failures::git_files;
use crate::kill::scene::{EARLIER, End, LATER, copy, scene};

/// A scene with work of every kind lying around.
fn workshop() -> Both {
    let both = scene();
    let s = &both.sandbox;
    s.write("kept.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    s.write("gone.txt", "to be removed\n");
    s.write("moved.txt", "to be moved, with enough text to be known again\n");
    s.git(["add", "kept.txt", "gone.txt", "moved.txt"]);
    s.git(["commit", "--quiet", "-m", "more", "--", "kept.txt", "gone.txt", "moved.txt"]);
    s.write("README.md", "put aside\n");
    s.git(["stash", "push", "--quiet", "--", "README.md"]);
    s.write("README.md", "an app, being edited\n");
    // Half of it staged, the other half not.
    s.write("kept.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
    s.git(["add", "kept.txt"]);
    s.write("kept.txt", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
    s.git(["rm", "--quiet", "gone.txt"]);
    s.git(["mv", "moved.txt", "there.txt"]);
    s.write("named.txt", "only named\n");
    s.git(["add", "--intent-to-add", "named.txt"]);
    s.write("a folder/über.txt", "not tracked\n");
    s.write("ignored.log", "ignored\n");
    both
}

/// What `git diff` says, staged and not.
fn diffs(both: &Both, but: &[&str]) -> (String, String) {
    let but: Vec<_> = but.iter().map(|p| format!(":!{p}")).collect();
    let diff = |first: &[&str]| {
        let words = ["diff", "--binary"].into_iter().chain(first.iter().copied()).chain(["--", "."]);
        both.sandbox.git(words.map(str::to_owned).chain(but.clone()))
    };
    (diff(&["--cached"]), diff(&[]))
}

#[test]
fn staged_unstaged_untracked_and_stashed_work_is_as_it_was() {
    let both = workshop();
    let worklogs = [EARLIER, LATER];
    let before = both.sandbox.snapshot().without(&worklogs);
    let before_diffs = diffs(&both, &worklogs);
    let stash = both.sandbox.git(["stash", "show", "-p"]);
    let synced = both.sync();
    assert_eq!(synced.commits, 1);
    assert_eq!(both.sandbox.git(["show", "--name-only", "--format=", "HEAD"]), format!("{EARLIER}\n{LATER}"));
    assert_eq!(both.sandbox.snapshot().without(&worklogs), before);
    assert_eq!(diffs(&both, &worklogs), before_diffs);
    assert_eq!(both.sandbox.git(["stash", "show", "-p"]), stash);
    assert_eq!(both.sandbox.git(["status", "--porcelain", "--", "worklogs"]), "");
    assert_eq!(both.sandbox.try_git(["fsck", "--strict"]).code, 0);
    both.assert_settled();
    assert_eq!(both.sandbox.snapshot().without(&worklogs), before);
}

#[test]
fn an_edit_of_the_body_stays_uncommitted() {
    let both = workshop();
    both.edit(EARLIER, "# earlier\n", "# earlier\n\nUnfinished thoughts.\n");
    both.sync();
    let committed = both.sandbox.git(["show", &format!("HEAD:{EARLIER}")]);
    assert!(committed.contains("status: not-planned") && !committed.contains("thoughts"), "{committed}");
    let diff = both.sandbox.git(["diff", "--unified=0", "--", EARLIER]);
    let lines: Vec<_> =
        diff.lines().filter(|l| l.starts_with(['+', '-']) && !l.contains("worklogs/")).collect();
    assert_eq!(lines, ["+Unfinished thoughts.", "+"], "{diff}");
    assert_eq!(both.sandbox.git(["diff", "--cached", "--", "worklogs"]), "");
    both.assert_settled();
    // With --all it goes along.
    let all = both.run(["sync", "--all"]);
    assert_eq!((all.answer.code, all.commits), (0, 1), "{}", all.answer.out);
    assert_eq!(both.sandbox.git(["status", "--porcelain", "--", EARLIER]), "");
}

#[test]
fn an_edit_of_the_body_that_is_staged_stays_staged_and_uncommitted() {
    let both = workshop();
    both.edit(EARLIER, "# earlier\n", "# earlier\n\nFinished thoughts.\n");
    both.sandbox.git(["add", EARLIER]);
    let synced = both.sync();
    assert_eq!(synced.commits, 1);
    let committed = both.sandbox.git(["show", &format!("HEAD:{EARLIER}")]);
    assert!(committed.contains("status: not-planned") && !committed.contains("thoughts"), "{committed}");
    assert_eq!(both.sandbox.git(["diff", "--", EARLIER]), "", "the index has what the work tree has");
    let diff = both.sandbox.git(["diff", "--cached", "--unified=0", "--", EARLIER]);
    let lines: Vec<_> =
        diff.lines().filter(|l| l.starts_with(['+', '-']) && !l.contains("worklogs/")).collect();
    assert_eq!(lines, ["+Finished thoughts.", "+"], "{diff}");
    both.assert_settled();
}

#[test]
fn with_all_bodies_are_committed_too() {
    let both = workshop();
    both.edit(EARLIER, "# earlier\n", "# earlier\n\nFinished thoughts.\n");
    let synced = both.run(["sync", "--all"]);
    assert_eq!((synced.answer.code, synced.commits), (0, 1), "{}", synced.answer.out);
    assert_eq!(both.sandbox.git(["status", "--porcelain", "--", "worklogs"]), "");
    assert!(both.sandbox.git(["show", &format!("HEAD:{EARLIER}")]).contains("Finished thoughts."));
}

#[test]
fn the_commit_is_signed_as_the_users_own_are() {
    let both = workshop();
    let s = &both.sandbox;
    let key = s.home().join("key").display().to_string();
    if s.program("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", &key]).run().code != 0 {
        return; // There is no ssh here.
    }
    s.write("../home/signers", format!("ada@example.org {}", s.read("../home/key.pub")));
    s.config("gpg.format", "ssh");
    s.config("user.signingKey", &key);
    s.config("commit.gpgSign", "true");
    s.config("gpg.ssh.allowedSignersFile", "../home/signers");
    both.sync();
    let checked = s.try_git(["verify-commit", "HEAD"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.err.contains("Good \"git\" signature for ada@example.org"), "{}", checked.err);
    assert_eq!(s.git(["log", "-1", "--format=%an <%ae>"]), "Ada Tester <ada@example.org>");
}

/// In the middle of something, or on no branch: nothing is sent, nothing is written.
fn refused(set: fn(&Both), says: &str, next: &str) {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "T", "body", &[]));
    both.worklog("w", "  - id: e\n    title: T\n    issue: 1\n    labels: []\n");
    both.sync();
    both.sandbox.write("a.txt", "1\n");
    both.sandbox.commit_all("one");
    both.sandbox.git(["switch", "--quiet", "-c", "side"]);
    both.sandbox.write("a.txt", "side\n");
    both.sandbox.commit_all("side");
    both.sandbox.git(["switch", "--quiet", "main"]);
    both.sandbox.write("a.txt", "main\n");
    both.sandbox.commit_all("main");
    both.github(|g| {
        g.clock.advance(3_600);
        g.close_as("bob", REPO, 1, Reason::Completed);
    });
    set(&both);
    both.edit("worklogs/w.md", "labels: []", "labels: [bug]");
    let (git, text) = (git_files(&both), both.sandbox.read("worklogs/w.md"));
    let known = both.github(|g| End::github(g));
    let Synced { answer, writes, commits, .. } = both.run(["sync"]);
    let said = format!("{}{}", answer.out, answer.err);
    assert_eq!((answer.code, answer.out.as_str(), writes.len(), commits), (1, "", 0, 0), "{said}");
    let lines: Vec<_> = answer.err.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("error: ") && lines[0].contains(says), "{said}");
    assert!(lines[1].starts_with("next: ") && lines[1].contains(next), "{said}");
    assert_eq!((git_files(&both), both.sandbox.read("worklogs/w.md")), (git, text));
    assert_eq!(both.github(|g| End::github(g)), known);
    // Looking is allowed at any time.
    let dry = both.run(["sync", "--dry-run"]);
    assert_eq!(dry.answer.code, 0, "{}{}", dry.answer.out, dry.answer.err);
}

#[test]
fn during_a_merge_nothing_happens() {
    refused(
        |b| assert_ne!(b.sandbox.try_git(["merge", "side"]).code, 0),
        "merge is under way",
        "git merge --abort",
    );
}

#[test]
fn during_a_rebase_nothing_happens() {
    let set = |b: &Both| assert_ne!(b.sandbox.try_git(["rebase", "side"]).code, 0);
    refused(set, "rebase is under way", "git rebase --continue");
}

#[test]
fn during_a_cherry_pick_nothing_happens() {
    let set = |b: &Both| assert_ne!(b.sandbox.try_git(["cherry-pick", "side"]).code, 0);
    refused(set, "cherry-pick is under way", "git cherry-pick --continue");
}

#[test]
fn during_a_revert_nothing_happens() {
    let set = |b: &Both| assert_ne!(b.sandbox.try_git(["revert", "--no-edit", "HEAD~1"]).code, 0);
    refused(set, "revert is under way", "git revert --continue");
}

#[test]
fn during_a_bisect_nothing_happens() {
    let set = |b: &Both| drop(b.sandbox.git(["bisect", "start"]));
    refused(set, "bisect is under way", "git bisect reset");
}

#[test]
fn on_no_branch_nothing_happens() {
    let set = |b: &Both| drop(b.sandbox.git(["switch", "--quiet", "--detach"]));
    refused(set, "HEAD is not on a branch", "--no-commit");
}

#[test]
fn without_a_commit_the_worklogs_are_written_and_nothing_else() {
    let both = workshop();
    let worklogs = [EARLIER, LATER];
    let before = both.sandbox.snapshot().without(&worklogs);
    let head = both.sandbox.head();
    let synced = both.run(["sync", "--no-commit"]);
    assert_eq!((synced.answer.code, synced.commits), (0, 0), "{}{}", synced.answer.out, synced.answer.err);
    assert_eq!(both.sandbox.head(), head);
    assert_eq!(both.sandbox.snapshot().without(&worklogs), before);
    let status = both.sandbox.git(["status", "--porcelain", "--", "worklogs"]);
    assert_eq!(status, format!(" M {EARLIER}\n?? {LATER}"));
    // Again: nothing to do. With a commit: exactly that.
    let again = both.run(["sync", "--no-commit"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (0, 0, 0), "{}", again.answer.out);
    let then = both.sync();
    assert_eq!((then.writes.len(), then.commits), (0, 1), "{}", then.answer.out);
    both.assert_settled();
}

#[test]
fn a_dry_run_writes_nothing_anywhere() {
    let both = workshop();
    let (before, git) = (both.sandbox.snapshot(), git_files(&both));
    let index = std::fs::read(both.sandbox.top().join(".git/index")).expect("an index");
    let known = both.github(|g| End::github(g));
    for arguments in
        [&["sync", "--dry-run"][..], &["sync", "-n", "--json"], &["sync", "-n", "--diff"], &["status"]]
    {
        let Synced { answer, writes, commits, .. } = both.run(arguments);
        assert_eq!(
            (answer.code, writes.len(), commits),
            (0, 0, 0),
            "{arguments:?}{}{}",
            answer.out,
            answer.err
        );
        assert!(answer.out.contains("ours") || answer.out.contains("1023"), "{}", answer.out);
        assert_eq!(git_files(&both), git, "{arguments:?}");
        assert_eq!(std::fs::read(both.sandbox.top().join(".git/index")).expect("an index"), index);
        assert_eq!(both.github(|g| End::github(g)), known, "{arguments:?}");
    }
    assert_eq!(both.sandbox.snapshot(), before);
    // Nor does the first one in a fresh clone leave a trace.
    std::fs::remove_dir_all(both.sandbox.top().join(".git/gardener")).expect("removed");
    both.run(["sync", "--dry-run"]);
    assert!(!both.sandbox.top().join(".git/gardener").exists());
}

#[test]
fn a_partly_staged_worklog_is_skipped_and_named_and_the_others_go_on() {
    let both = workshop();
    both.sandbox.git(["add", EARLIER]);
    both.edit(EARLIER, "severity: P0", "severity: P1");
    let (text, before) = (both.sandbox.read(EARLIER), both.sandbox.snapshot());
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.commits), (3, 1), "{}{}", synced.answer.out, synced.answer.err);
    assert!(
        synced.answer.err.contains("worklogs/earlier.md: a part of it is staged"),
        "{}",
        synced.answer.err
    );
    assert_eq!(both.sandbox.read(EARLIER), text);
    assert_eq!(both.sandbox.snapshot().without(&[LATER]), before.without(&[LATER]));
    assert!(
        synced.writes.iter().all(|w| !w.contains("/1023") && !w.contains("/1022")),
        "{:?}",
        synced.writes
    );
    assert_eq!(both.sandbox.git(["show", "--name-only", "--format=", "HEAD"]), LATER);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", again.answer.out);
    both.sandbox.git(["add", EARLIER]);
    both.sync();
    both.assert_settled();
}

#[test]
fn a_broken_worklog_is_skipped_and_named_and_the_others_go_on() {
    let both = workshop();
    both.edit(EARLIER, "severity: P0", "severity: [P0");
    let text = both.sandbox.read(EARLIER);
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.commits), (3, 1), "{}{}", synced.answer.out, synced.answer.err);
    assert!(synced.answer.err.contains("worklogs/earlier.md:8:"), "{}", synced.answer.err);
    assert_eq!(both.sandbox.read(EARLIER), text);
    assert!(
        synced.writes.iter().all(|w| !w.contains("/1023") && !w.contains("/1022")),
        "{:?}",
        synced.writes
    );
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", again.answer.out);
    both.edit(EARLIER, "severity: [P0", "severity: P0");
    both.sync();
    both.assert_settled();
}

/// While one run holds the lock the other one waits; if it takes too long it gives up, and
/// nothing is done twice.
#[test]
fn two_syncs_at_once_do_one_sync() {
    let scene = workshop();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    for waits in [false, true] {
        let both = copy(&scene);
        both.server.fail(Rule::new(When::After, How::Hold).method("POST").path("/issues"));
        std::thread::scope(|scope| {
            let first = scope.spawn(|| both.gardener(["sync"]).run());
            assert!(both.server.wait_until_held(Duration::from_secs(20)));
            let second = scope.spawn(|| both.gardener(["sync"]).run());
            if waits {
                std::thread::sleep(Duration::from_millis(300));
                both.server.release();
                let second = second.join().expect("it ends");
                assert_eq!(second.code, 0, "{}{}", second.out, second.err);
            } else {
                let second = second.join().expect("it ends");
                assert_eq!((second.code, second.out.as_str()), (1, ""), "{}", second.err);
                assert!(
                    second.err.contains("another gardener is at work in this repository"),
                    "{}",
                    second.err
                );
                both.server.release();
            }
            let first = first.join().expect("it ends");
            assert_eq!(first.code, 0, "{}{}", first.out, first.err);
        });
        end.assert_same(&End::of(&both), "one sync");
        both.assert_settled();
    }
}

/// A linked worktree has a branch, an index and work of its own, and the clone's journal.
#[test]
fn in_a_linked_worktree_only_its_own_branch_moves() {
    let both = workshop();
    both.sandbox.git(["add", EARLIER, LATER]);
    both.sandbox.git(["commit", "--quiet", "-m", "worklogs", "--", EARLIER, LATER]);
    both.sandbox.git(["worktree", "add", "--quiet", "-b", "other", "../linked"]);
    let linked = both.sandbox.at("linked");
    let (before, head) = (both.sandbox.snapshot(), both.sandbox.head());
    linked.write("mine.txt", "untracked\n");
    let at = linked.gardener(["sync"]).env("GITHUB_API_URL", both.server.url());
    let answer = at.env("GH_TOKEN", crate::both::SECRET).run();
    assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
    let after = both.sandbox.snapshot();
    assert_eq!((both.sandbox.head(), &after.files, &after.index), (head, &before.files, &before.index));
    assert_eq!(linked.git(["status", "--porcelain"]), "?? mine.txt");
}
