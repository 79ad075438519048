//! `gardener sync --branch`: where the branch that is checked out can't be pushed.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

use github_stand_in::Reason;

use crate::both::{Both, REPO, Synced};

const ENTRY: &str = "  - id: e\n    title: It is broken\n    issue: 1\n    status: open\n    severity: P2\n";

/// Issue #1 and the entry `e` agree; on GitHub somebody closes it.
fn closed_there() -> (Both, String) {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", &["P2"]));
    let path = both.worklog("w", ENTRY);
    both.sandbox.write(".gitattributes", "*.bin binary\n");
    both.sandbox.write("src/lib.rs", "// code\n");
    both.sandbox.commit_all("code");
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    both.minutes(5);
    (both, path)
}

fn filed(both: &Both) -> usize {
    (1..100).take_while(|n| both.github(|g| g.issue(REPO, *n).is_some())).count()
}

fn sync_to(both: &Both, branch: &str) -> Synced {
    both.run(["sync", "--branch", branch])
}

fn text_of(both: &Both, branch: &str, path: &str) -> String {
    both.sandbox.git(["show", &format!("{branch}:{path}")])
}

/// What of the user's repository may not move.
fn standing(both: &Both) -> (String, String, String, String) {
    let git = |words: &[&str]| both.sandbox.git(words);
    let status = git(&["status", "--porcelain", "--branch"]);
    (git(&["rev-parse", "HEAD"]), status, git(&["worktree", "list"]), git(&["diff", "HEAD"]))
}

#[test]
fn the_commit_is_on_its_own_branch_and_nothing_moved_here() {
    let (both, path) = closed_there();
    both.sandbox.write("src/lib.rs", "// being written\n");
    both.edit(&path, "# w\n", "# w\n\nUnfinished\n");
    let before = standing(&both);
    let synced = sync_to(&both, "worklogs/sync");
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    assert!(synced.answer.out.contains("<- completed on GitHub"), "{}", synced.answer.out);
    assert!(synced.answer.err.contains("git push origin worklogs/sync"), "{}", synced.answer.err);
    assert_eq!((standing(&both), synced.commits), (before, 0));
    let text = text_of(&both, "worklogs/sync", &path);
    assert!(text.contains("status: completed") && !text.contains("Unfinished"), "{text}");
    let changed = both.sandbox.git(["diff", "--name-only", "main", "worklogs/sync"]);
    assert_eq!(changed, path, "nothing but the worklog is in it");
    assert_eq!(both.sandbox.git(["rev-list", "--count", "main..worklogs/sync"]), "1");
    // Again there is nothing to do, and nothing is made.
    both.minutes(30);
    let again = sync_to(&both, "worklogs/sync");
    assert_eq!((again.answer.code, again.writes.len()), (0, 0), "{}", again.answer.err);
    assert_eq!(both.sandbox.git(["rev-list", "--count", "main..worklogs/sync"]), "1");
}

#[test]
fn an_issue_that_was_filed_there_is_not_filed_again() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: It is broken\n");
    let synced = sync_to(&both, "sync");
    assert_eq!((synced.answer.code, filed(&both)), (0, 1), "{}", synced.answer.err);
    assert!(text_of(&both, "sync", &path).contains("issue: 1"));
    assert!(!both.sandbox.read(&path).contains("issue: 1"));
    // On a machine that knows nothing but the two branches, and with a list that lags.
    let journal = both.sandbox.top().join(".git/gardener/journal");
    std::fs::remove_file(journal).expect("removed");
    both.github(|g| g.settings.list_lag_new = 8 * 60);
    let again = sync_to(&both, "sync");
    assert_eq!((again.answer.code, again.writes.len()), (0, 0), "{}", again.answer.out);
    assert_eq!(filed(&both), 1);
}

#[test]
fn the_branch_goes_on_with_what_is_new_here_and_what_others_put_on_it() {
    let (both, path) = closed_there();
    sync_to(&both, "sync");
    let git = |words: &[&str]| both.sandbox.git(words);
    git(&["switch", "-q", "sync"]);
    both.sandbox.write("notes.txt", "by a reviewer\n");
    both.sandbox.commit_all("a reviewer's");
    git(&["switch", "-q", "main"]);
    both.sandbox.write("src/lib.rs", "// more code\n");
    both.edit(&path, "severity: P2", "severity: P0");
    both.sandbox.commit_all("more");
    both.minutes(5);
    let synced = sync_to(&both, "sync");
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    let text = text_of(&both, "sync", &path);
    assert!(text.contains("status: completed") && text.contains("severity: P0"), "{text}");
    assert_eq!(both.issue(1).2, ["P0"]);
    assert_eq!(text_of(&both, "sync", "src/lib.rs"), "// more code");
    assert_eq!(text_of(&both, "sync", "notes.txt"), "by a reviewer");
    // Merged, both are one.
    git(&["merge", "-q", "--no-edit", "sync"]);
    both.minutes(5);
    both.assert_settled();
}

#[test]
fn a_branch_that_needs_a_person_is_left_as_it_is() {
    let (both, path) = closed_there();
    sync_to(&both, "sync");
    both.sandbox.git(["switch", "-q", "sync"]);
    both.sandbox.write("src/lib.rs", "// one way\n");
    both.sandbox.commit_all("one way");
    let tip = both.sandbox.head();
    both.sandbox.git(["switch", "-q", "main"]);
    both.sandbox.write("src/lib.rs", "// another way\n");
    both.sandbox.commit_all("another way");
    let before = standing(&both);
    let synced = sync_to(&both, "sync");
    assert_eq!((synced.answer.code, synced.writes.len()), (1, 0), "{}", synced.answer.out);
    assert!(synced.answer.err.contains("can't be merged"), "{}", synced.answer.err);
    assert_eq!((standing(&both), both.sandbox.git(["rev-parse", "sync"])), (before, tip), "{path}");
}

#[test]
fn a_branch_of_the_remote_goes_on_and_a_detached_head_is_enough() {
    let (both, path) = closed_there();
    sync_to(&both, "sync");
    // As a fresh clone on a runner has it: only the remote's branch, and no branch here.
    let tip = both.sandbox.git(["rev-parse", "sync"]);
    both.sandbox.git(["update-ref", "refs/remotes/origin/sync", &tip]);
    both.sandbox.git(["branch", "-q", "-D", "sync"]);
    both.sandbox.git(["switch", "-q", "--detach", "main"]);
    both.minutes(5);
    both.github(|g| g.label_as("bob", REPO, 1, "bug"));
    let synced = sync_to(&both, "sync");
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    assert_eq!(both.sandbox.git(["rev-parse", "sync~1"]), tip);
    assert!(text_of(&both, "sync", &path).contains("bug"));
}

#[test]
fn names_that_can_be_no_branch_and_the_present_one_are_refused() {
    let (both, _) = closed_there();
    let before = standing(&both);
    for name in ["main", "a b", "-x", "HEAD", "a..b", "refs/heads/"] {
        let synced =
            both.run([format!("--branch={name}")].into_iter().fold(vec!["sync".to_owned()], |mut all, w| {
                all.push(w);
                all
            }));
        assert_eq!((synced.answer.code, synced.writes.len()), (1, 0), "{name}: {}", synced.answer.err);
    }
    assert_eq!(standing(&both), before);
}

#[test]
fn with_nothing_to_do_no_branch_is_made() {
    let (both, _) = closed_there();
    both.sync();
    both.minutes(30);
    let synced = sync_to(&both, "sync");
    assert_eq!((synced.answer.code, synced.writes.len()), (0, 0), "{}", synced.answer.err);
    assert_eq!(both.sandbox.git(["branch", "--list", "sync"]), "");
}

#[test]
fn a_work_tree_that_a_killed_run_left_is_taken_away() {
    let (both, path) = closed_there();
    for effect in [4, 7, 10, 14, 18, 22, 26, 30] {
        let _ = both.run_in(
            both.gardener(["sync", "--branch", "sync"]).env("GARDENER_TEST_KILL", effect.to_string()),
        );
        both.minutes(1);
    }
    let synced = sync_to(&both, "sync");
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    assert!(text_of(&both, "sync", &path).contains("status: completed"));
    assert_eq!(both.sandbox.git(["worktree", "list"]).lines().count(), 1);
}

/// A remote over SSH that is a bare repository on this disk.
fn with_remote(both: &Both) -> Vec<(&'static str, String)> {
    let bare = both.sandbox.top().parent().expect("a folder").join("remote.git");
    let script = both.sandbox.top().parent().expect("a folder").join("ssh");
    let bare = bare.to_string_lossy();
    std::fs::write(
        &script,
        format!(
            "#!/bin/sh\nfor last; do :; done\ncase \"$last\" in\n  git-upload-pack*) exec git upload-pack '{bare}' ;;\n  \
             git-receive-pack*) exec git receive-pack '{bare}' ;;\nesac\nexit 1\n"
        ),
    )
    .expect("written");
    let made = std::process::Command::new("chmod").arg("+x").arg(&script).status().expect("run");
    assert!(made.success());
    both.sandbox.git(["init", "-q", "--bare", &*bare]);
    both.sandbox.git(["remote", "set-url", "origin", "git@github.com:acme/app.git"]);
    both.sandbox.git(["push", "-q", &*bare, "main"]);
    vec![("GIT_SSH_COMMAND", script.to_string_lossy().into_owned()), ("BARE", bare.into_owned())]
}

fn offered(both: &Both, remote: &[(&'static str, String)]) -> Synced {
    let start = both.gardener(["sync", "--branch", "sync", "--pull-request"]);
    both.run_in(remote.iter().fold(start, |start, (name, value)| start.env(name, value)))
}

#[test]
fn a_pull_request_is_opened_once_and_then_goes_on() {
    let (both, path) = closed_there();
    let remote = with_remote(&both);
    both.github(|g| g.push_branch(REPO, "sync"));
    let first = offered(&both, &remote);
    assert_eq!(first.answer.code, 0, "{}\n{}", first.answer.out, first.answer.err);
    assert!(first.answer.out.contains("pull request #2 opened"), "{}", first.answer.out);
    assert_eq!(first.writes, ["POST /repos/acme/app/pulls"]);
    let bare = &remote[1].1;
    let text = both.sandbox.git(["--git-dir", bare, "show", &format!("sync:{path}")]);
    assert!(text.contains("status: completed"), "{text}");
    // More happens, and the same one has it.
    both.minutes(5);
    both.github(|g| g.label_as("bob", REPO, 1, "bug"));
    both.minutes(5);
    let second = offered(&both, &remote);
    assert!(
        second.answer.out.contains("pull request #2 has it"),
        "{}\n{}",
        second.answer.out,
        second.answer.err
    );
    assert_eq!(second.writes, Vec::<String>::new());
    let text = both.sandbox.git(["--git-dir", bare, "show", &format!("sync:{path}")]);
    assert!(text.contains("bug"), "{text}");
    assert_eq!(filed(&both), 2, "the issue and the pull request");
}

#[test]
fn a_push_or_pull_request_that_is_refused_is_left_to_the_next_run() {
    let (both, _) = closed_there();
    let remote = with_remote(&both);
    // GitHub does not know the branch, as if the push had not arrived.
    let refused = offered(&both, &remote);
    assert_eq!(refused.answer.code, 3, "{}\n{}", refused.answer.out, refused.answer.err);
    assert!(refused.answer.out.contains("<- completed on GitHub"), "{}", refused.answer.out);
    both.github(|g| g.push_branch(REPO, "sync"));
    let again = offered(&both, &remote);
    assert_eq!(again.answer.code, 0, "{}\n{}", again.answer.out, again.answer.err);
    assert!(again.answer.out.contains("opened"), "{}", again.answer.out);
    // A remote that can't be reached stops it before anything is done.
    let before = standing(&both);
    let nowhere = vec![("GIT_SSH_COMMAND", "false".to_owned())];
    let offline = offered(&both, &nowhere);
    assert_eq!((offline.answer.code, offline.writes.len()), (1, 0), "{}", offline.answer.out);
    assert_eq!(standing(&both), before);
}
