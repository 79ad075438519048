//! The table.

use std::time::Duration;

use github_stand_in::{How, Permission, Reason, Rule, When};

use super::{Did, PATH, Pushes};
use crate::both::REPO;
use crate::matrix::fired;

/// What must come of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It goes through, and GitHub was not asked.
    Quiet,
    /// It goes through, GitHub was asked, and nothing was written there.
    Looked,
    /// It goes through, and something was sent.
    Sent,
    /// It is stopped for a commit, and the next one goes through.
    Stopped,
}

struct Row {
    name: &'static str,
    /// What is there before the push.
    state: fn(&Pushes),
    /// The words after `git push -q`.
    words: &'static [&'static str],
    then: Then,
    /// What the person is told; "" for nothing at all.
    says: &'static str,
    /// What must hold besides.
    check: fn(&Pushes, &Did),
}

const MAIN: &[&str] = &["share", "main"];

/// Nothing besides.
fn fine(_: &Pushes, _: &Did) {}

fn status_there(pushes: &Pushes, word: &str) {
    let (open, reason, labels) = pushes.both.issue(1);
    assert_eq!(format!("{open} {reason} {labels:?}"), word);
}

fn other_file(pushes: &Pushes) {
    pushes.both.sandbox.write("src.txt", "more\n");
    pushes.both.sandbox.commit_all("no worklog");
}

fn closed_here(pushes: &Pushes) {
    pushes.commit_edit("status: open", "status: completed");
}

fn closed_there(pushes: &Pushes) {
    pushes.both.github(|g| g.close_as("bob", REPO, 1, Reason::Completed));
    pushes.both.minutes(30);
    pushes.commit_edit("# w", "# w again");
}

fn new_entry(pushes: &Pushes) {
    pushes.commit_edit("issue: 1\n", "issue: 1\n  - id: f\n    title: Another one\n");
}

fn on_feat(pushes: &Pushes) {
    pushes.both.sandbox.git(["switch", "-q", "-c", "feat"]);
}

fn rows() -> Vec<Row> {
    let row = |name, state, words, then, says, check| Row { name, state, words, then, says, check };
    vec![
        row("no worklog in it", other_file, MAIN, Then::Quiet, "", fine),
        row("nothing new at all", |_| (), MAIN, Then::Quiet, "", fine),
        row(
            "no worklog in it, and the last look is old",
            |p| {
                other_file(p);
                p.looked_minutes_ago(11);
            },
            MAIN,
            Then::Looked,
            "",
            |p, _| {
                p.both.sandbox.write("src.txt", "still more\n");
                p.both.sandbox.commit_all("no worklog");
                assert_eq!(p.push(MAIN).requests, 0, "it has looked");
            },
        ),
        row(
            "the clock was set back since the last look",
            |p| {
                other_file(p);
                let text =
                    std::fs::read_to_string(p.both.sandbox.top().join(".git/gardener/looked")).expect("it");
                let later = text.trim().parse::<u64>().expect("seconds") + 100_000;
                p.both.sandbox.write(".git/gardener/looked", later.to_string());
            },
            MAIN,
            Then::Looked,
            "",
            fine,
        ),
        row(
            "an edit is sent, and leaves no commit behind",
            closed_here,
            MAIN,
            Then::Sent,
            "gardener: e #1  -> completed",
            |p, _| status_there(p, "false Completed [\"P2\"]"),
        ),
        row("a new entry is filed and stops it", new_entry, MAIN, Then::Stopped, "push again", |p, _| {
            assert!(p.both.sandbox.read(PATH).contains("issue: 2"));
            assert_eq!(p.both.github(|g| g.issue_numbers(REPO)), [1, 2]);
        }),
        row(
            "a state that came from GitHub stops it",
            closed_there,
            MAIN,
            Then::Stopped,
            "push again",
            |p, _| {
                assert!(p.both.sandbox.read(PATH).contains("status: completed"));
            },
        ),
        row(
            "only base lines to write",
            |p| {
                p.commit_edit("issue: 1\n", "issue: 1\n  - id: f\n    title: It is broken\n    status: open\n    severity: P2\n    issue: 1\n")
            },
            MAIN,
            Then::Sent,
            "comment edited",
            |p, _| {
                let line = |text: &str| text.lines().any(|l| l.starts_with("f {"));
                assert!(!line(&p.both.sandbox.read(PATH)));
                p.both.minutes(1);
                p.both.sync();
                assert!(line(&p.both.sandbox.read(PATH)), "the next sync writes them");
            },
        ),
        row(
            "several references at once",
            |p| {
                closed_here(p);
                p.both.sandbox.git(["tag", "v1"]);
                p.both.sandbox.git(["branch", "other"]);
            },
            &["share", "main", "other", "v1"],
            Then::Sent,
            "-> completed",
            fine,
        ),
        row(
            "a branch is deleted",
            |p| {
                p.both.sandbox.git(["push", "-q", "--no-verify", "share", "main:old"]);
                closed_here(p);
            },
            &["share", ":old"],
            Then::Quiet,
            "",
            fine,
        ),
        row(
            "one is deleted and one pushed",
            |p| {
                p.both.sandbox.git(["push", "-q", "--no-verify", "share", "main:old"]);
                closed_here(p);
            },
            &["share", ":old", "main"],
            Then::Sent,
            "-> completed",
            fine,
        ),
        row(
            "a tag",
            |p| {
                closed_here(p);
                p.both.sandbox.git(["tag", "v1"]);
            },
            &["share", "v1"],
            Then::Quiet,
            "",
            fine,
        ),
        row(
            "the branch under the name of a tag",
            closed_here,
            &["share", "main:refs/tags/v2"],
            Then::Quiet,
            "",
            fine,
        ),
        row(
            "another branch than the one checked out",
            |p| {
                closed_here(p);
                p.both.sandbox.git(["switch", "-q", "-c", "feat", "main~1"]);
            },
            MAIN,
            Then::Quiet,
            "",
            |p, _| status_there(p, "true  [\"P2\"]"),
        ),
        row(
            "a new branch with a worklog of its own",
            |p| {
                on_feat(p);
                closed_here(p);
            },
            &["share", "feat"],
            Then::Sent,
            "-> completed",
            fine,
        ),
        row(
            "a new branch without one",
            |p| {
                on_feat(p);
                other_file(p);
            },
            &["share", "feat"],
            Then::Quiet,
            "",
            fine,
        ),
        row("HEAD by its name", closed_here, &["share", "HEAD"], Then::Sent, "-> completed", fine),
        row(
            "under another name",
            closed_here,
            &["share", "HEAD:refs/heads/x"],
            Then::Sent,
            "-> completed",
            fine,
        ),
        row("for a review", closed_here, &["share", "main:refs/for/main"], Then::Sent, "-> completed", fine),
        row(
            "an older commit of the branch",
            |p| {
                closed_here(p);
                other_file(p);
            },
            &["share", "main~1:refs/heads/main"],
            Then::Quiet,
            "",
            fine,
        ),
        row(
            "HEAD is on no branch",
            |p| {
                closed_here(p);
                p.both.sandbox.git(["switch", "-q", "--detach"]);
            },
            &["share", "HEAD:refs/heads/x"],
            Then::Quiet,
            "",
            fine,
        ),
        row(
            "a history that the remote does not have",
            |p| {
                closed_here(p);
                p.both.sandbox.git(["push", "-q", "--no-verify", "share", "main"]);
                p.both.sandbox.git(["reset", "-q", "--hard", "HEAD~1"]);
                p.commit_edit("severity: P2", "severity: P1");
            },
            &["-f", "share", "main"],
            Then::Sent,
            "-> severity P2 to P1",
            fine,
        ),
        row(
            "a merge is under way",
            |p| {
                p.both.sandbox.git(["switch", "-q", "-c", "feat"]);
                p.both.sandbox.write("src.txt", "one\n");
                p.both.sandbox.commit_all("one");
                p.both.sandbox.git(["switch", "-q", "main"]);
                closed_here(p);
                p.both.sandbox.git(["merge", "-q", "--no-commit", "--no-ff", "feat"]);
            },
            MAIN,
            Then::Quiet,
            "not synced: a merge is under way",
            fine,
        ),
        row(
            "a bisect is under way",
            |p| {
                closed_here(p);
                p.both.sandbox.git(["bisect", "start"]);
            },
            MAIN,
            Then::Quiet,
            "not synced: a bisect is under way",
            fine,
        ),
        row(
            "the branch is not one that may send",
            |p| {
                p.both.sandbox.write("gardener.toml", "gardener = 1\n[sync]\nbranches = [\"release/*\"]\n");
                closed_here(p);
            },
            MAIN,
            Then::Quiet,
            "",
            fine,
        ),
        row(
            "a conflict",
            |p| {
                closed_there(p);
                p.commit_edit("status: open", "status: not-planned");
            },
            MAIN,
            Then::Looked,
            "1 entry waits for a person",
            |p, _| assert!(p.both.sandbox.read(PATH).contains("not-planned")),
        ),
        row(
            "a brake",
            |p| {
                p.both.sandbox.write("gardener.toml", "gardener = 1\n[sync]\ncreate-limit = 1\n");
                new_entry(p);
                p.commit_edit("title: Another one\n", "title: Another one\n  - id: g\n    title: A third\n");
            },
            MAIN,
            Then::Looked,
            "`gardener sync` shows it",
            |p, _| assert_eq!(p.both.github(|g| g.issue_numbers(REPO)), [1]),
        ),
        row(
            "an account without rights",
            |p| {
                p.both.github(|g| g.grant("ann", REPO, Permission::Read));
                closed_here(p);
            },
            MAIN,
            Then::Sent,
            "gardener: ",
            |p, _| status_there(p, "true  [\"P2\"]"),
        ),
        row(
            "GitHub is in trouble",
            |p| {
                p.both.server.fail(Rule::new(When::Before, How::Status(500, String::new())).always());
                closed_here(p);
            },
            MAIN,
            Then::Looked,
            "not synced",
            fine,
        ),
        row(
            "behind a portal",
            |p| {
                p.both.server.fail(Rule::new(When::Before, How::Garbage).always());
                closed_here(p);
            },
            MAIN,
            Then::Looked,
            "not synced",
            fine,
        ),
        row(
            "only to see what it would do",
            closed_here,
            &["--dry-run", "share", "main"],
            Then::Quiet,
            "",
            |p, _| status_there(p, "true  [\"P2\"]"),
        ),
        row(
            "a config that is wrong",
            |p| {
                p.both.sandbox.write("gardener.toml", "worklog = 3\n");
                closed_here(p);
            },
            MAIN,
            Then::Quiet,
            "not synced",
            fine,
        ),
        row(
            "a worklog that is in no commit",
            |p| {
                other_file(p);
                p.looked_minutes_ago(20);
                p.both.sandbox.write(
                    "worklogs/new.md",
                    "---\ngardener: 1\nid: new\nentries:\n  - id: n\n    title: New\n---\n",
                );
            },
            MAIN,
            Then::Looked,
            "",
            |p, _| assert_eq!(p.both.github(|g| g.issue_numbers(REPO)), [1]),
        ),
        row(
            "an edit that is not committed stays here",
            |p| {
                closed_here(p);
                p.both.edit(PATH, "severity: P2", "severity: P0");
            },
            MAIN,
            Then::Sent,
            "-> completed",
            |p, _| {
                status_there(p, "false Completed [\"P2\"]");
                assert!(p.both.sandbox.read(PATH).contains("severity: P0"));
            },
        ),
        row(
            "the same value is being edited here and was changed there",
            |p| {
                closed_there(p);
                p.both.edit(PATH, "status: open", "status: in-progress");
            },
            MAIN,
            Then::Looked,
            "1 entry waits for a person",
            |p, _| {
                assert!(p.both.sandbox.read(PATH).contains("status: in-progress"));
                let synced = p.both.run(["sync"]);
                let said = synced.answer.out;
                assert!(said.contains("conflict: in-progress here, completed there"), "{said}");
            },
        ),
        row(
            "prose that is being written",
            |p| {
                closed_there(p);
                p.both.edit(PATH, "# w again", "# w again\n\nunfinished");
            },
            MAIN,
            Then::Stopped,
            "push again",
            |p, _| {
                assert!(p.both.sandbox.read(PATH).contains("unfinished"));
                let committed = p.both.sandbox.git(["show", &format!("HEAD:{PATH}")]);
                assert!(committed.contains("status: completed") && !committed.contains("unfinished"));
            },
        ),
        row(
            "another value is being edited, and one came from GitHub",
            |p| {
                closed_there(p);
                p.both.edit(PATH, "severity: P2", "severity: P0");
            },
            MAIN,
            Then::Stopped,
            "push again",
            |p, _| {
                let committed = p.both.sandbox.git(["show", &format!("HEAD:{PATH}")]);
                assert!(committed.contains("status: completed") && committed.contains("severity: P2"));
                let here = p.both.sandbox.read(PATH);
                assert!(here.contains("status: completed") && here.contains("severity: P0"), "{here}");
            },
        ),
        row(
            "a part of the worklog is staged",
            |p| {
                closed_there(p);
                p.both.edit(PATH, "severity: P2", "severity: P0");
                p.both.sandbox.git(["add", PATH]);
                p.both.edit(PATH, "severity: P0", "severity: P1");
            },
            MAIN,
            Then::Looked,
            "a part of it is staged",
            fine,
        ),
        row(
            "a hook refuses the commit",
            |p| {
                closed_there(p);
                p.both.sandbox.hook("pre-commit", "exit 1");
            },
            MAIN,
            Then::Looked,
            "not committed",
            |p, _| assert!(p.both.sandbox.read(PATH).contains("status: completed")),
        ),
        row("without the hook", closed_here, &["--no-verify", "share", "main"], Then::Quiet, "", |p, _| {
            status_there(p, "true  [\"P2\"]")
        }),
    ]
}

#[test]
fn the_contract_of_the_pre_push_hook() {
    let start = Pushes::new();
    let rows = rows();
    println!("{} rows of the pre-push contract", rows.len());
    assert!(rows.len() >= 30);
    let mut wrong = Vec::new();
    for row in &rows {
        let pushes = start.copy();
        (row.state)(&pushes);
        let head = pushes.both.sandbox.head();
        let did = pushes.push(row.words);
        fired(&format!("push: {}", row.name));
        let said = did.answer.err.contains(row.says) && (!row.says.is_empty() || did.answer.err.is_empty());
        let fits = match row.then {
            Then::Quiet => did.answer.code == 0 && did.requests == 0,
            Then::Looked => {
                did.answer.code == 0 && did.requests > 0 && did.writes.is_empty() && did.commits == 0
            }
            Then::Sent => did.answer.code == 0 && !did.writes.is_empty() && did.commits == 0,
            Then::Stopped => did.answer.code == 1 && did.commits == 1 && pushes.there("main") != head,
        };
        if !fits || !said {
            wrong.push(format!("{}: {:?} {:?}\n{did:#?}", row.name, row.then, row.says));
            continue;
        }
        (row.check)(&pushes, &did);
        if row.then == Then::Stopped {
            let again = pushes.push(row.words);
            assert_eq!((again.answer.code, again.commits), (0, 0), "{}: {again:#?}", row.name);
            assert_eq!(pushes.there("main"), pushes.both.sandbox.head(), "{}", row.name);
        }
    }
    assert!(wrong.is_empty(), "{} rows are wrong\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn rule_08_a_push_is_stopped_once_for_a_commit_and_again_for_the_next() {
    let pushes = Pushes::new();
    closed_there(&pushes);
    assert_eq!(pushes.push(MAIN).answer.code, 1);
    // Before it is pushed again GitHub changes once more.
    pushes.both.github(|g| g.reopen_as("bob", REPO, 1));
    pushes.both.minutes(30);
    let again = pushes.push(MAIN);
    assert_eq!((again.answer.code, again.commits), (0, 0), "{again:#?}");
    assert!(again.answer.err.contains("the next sync writes"), "{again:#?}");
    assert_eq!(pushes.there("main"), pushes.both.sandbox.head());
    // It is there now, so that what comes later may stop a push once more.
    pushes.both.sandbox.write("src.txt", "more\n");
    pushes.both.sandbox.commit_all("no worklog");
    pushes.looked_minutes_ago(11);
    let third = pushes.push(MAIN);
    assert_eq!((third.answer.code, third.commits), (1, 1), "{third:#?}");
    assert!(pushes.both.sandbox.read(PATH).contains("status: open"));
    assert_eq!(pushes.push(MAIN).answer.code, 0);
}

#[test]
fn an_edit_of_what_the_last_push_sent_is_sent_by_the_next_one() {
    let pushes = Pushes::new();
    for (from, to) in [("open", "in-progress"), ("in-progress", "completed")] {
        pushes.commit_edit(&format!("status: {from}"), &format!("status: {to}"));
        let did = pushes.push(MAIN);
        assert_eq!((did.answer.code, did.commits), (0, 0), "{did:#?}");
        assert!(did.answer.err.contains(&format!("-> {to}")), "{did:#?}");
        pushes.both.minutes(5);
    }
    status_there(&pushes, "false Completed [\"P2\"]");
    // A revert of both brings back a text that GitHub has left behind: nothing is sent from it.
    pushes.both.sandbox.git(["revert", "--no-edit", "HEAD", "HEAD~1"]);
    let did = pushes.push(MAIN);
    assert!(did.writes.is_empty(), "{did:#?}");
}

#[test]
fn a_linked_worktree_pushes_its_own_branch_and_no_other() {
    let pushes = Pushes::new();
    let sandbox = &pushes.both.sandbox;
    sandbox.git(["worktree", "add", "-q", "-b", "feat", "../tree"]);
    let at = sandbox.at("tree");
    at.write(PATH, at.read(PATH).replace("issue: 1\n", "issue: 1\n  - id: f\n    title: Another\n"));
    at.git(["commit", "-qam", "an entry"]);
    let main = sandbox.head();
    let did = pushes.watched(pushes.git(&["-C", "../tree", "push", "-q", "share", "feat"]));
    assert_eq!((did.answer.code, did.commits), (1, 1), "{did:#?}");
    assert!(did.answer.err.contains("to feat; push again"), "{did:#?}");
    assert_eq!(sandbox.head(), main, "the other work tree's branch is where it was");
    let did = pushes.watched(pushes.git(&["-C", "../tree", "push", "-q", "share", "feat", "main"]));
    assert_eq!((did.answer.code, did.commits), (0, 0), "{did:#?}");
    assert_eq!(pushes.there("feat"), at.git(["rev-parse", "HEAD"]));
    // What belongs to the other one is its business.
    closed_here(&pushes);
    let did = pushes.watched(pushes.git(&["-C", "../tree", "push", "-q", "share", "main"]));
    assert_eq!((did.answer.code, did.requests), (0, 0), "{did:#?}");
}

#[test]
fn variables_of_git_do_not_lead_astray() {
    let pushes = Pushes::new();
    closed_there(&pushes);
    let top = pushes.both.sandbox.top().to_owned();
    let staged = pushes.both.sandbox.git(["ls-files", "--stage"]);
    let push = pushes.git(&["push", "-q", "share", "main"]).env("GIT_DIR", top.join(".git"));
    let push = push.env("GIT_WORK_TREE", &top).env("GIT_INDEX_FILE", top.join(".git/other-index"));
    let did = pushes.watched(push);
    assert_eq!((did.answer.code, did.commits), (1, 1), "{did:#?}");
    let now = pushes.both.sandbox.git(["ls-files", "--stage"]);
    assert_ne!(now, staged, "the index is the work tree's own");
    assert_eq!(pushes.both.sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn a_github_that_does_not_answer_holds_a_push_up_no_longer_than_the_deadline() {
    let pushes = Pushes::new();
    let sandbox = &pushes.both.sandbox;
    sandbox.write("gardener.toml", "gardener = 1\n[sync]\ndeadline = \"1s\"\n");
    closed_here(&pushes);
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let did = pushes.watched(pushes.git(&["push", "-q", "share", "main"]).env("GITHUB_API_URL", &url));
    assert_eq!(did.answer.code, 0, "{did:#?}");
    assert!(did.answer.err.contains("not synced"), "{did:#?}");
    assert!(did.took < Duration::from_secs(20), "{did:#?}");
    assert_eq!(pushes.there("main"), sandbox.head());
    fired("push: GitHub is silent");
    // Nobody listens.
    fired("push: nobody listens");
    drop(silent);
    pushes.commit_edit("severity: P2", "severity: P1");
    let did = pushes.watched(pushes.git(&["push", "-q", "share", "main"]).env("GITHUB_API_URL", &url));
    assert_eq!(did.answer.code, 0, "{did:#?}");
    assert!(did.answer.err.contains("not synced"), "{did:#?}");
}

#[test]
fn a_credential_helper_that_hangs_or_asks_holds_no_push_up() {
    let pushes = Pushes::new();
    let sandbox = &pushes.both.sandbox;
    sandbox.write("gardener.toml", "gardener = 1\n[sync]\ndeadline = \"1s\"\n");
    closed_here(&pushes);
    for helper in ["!sleep 30", "!read answer </dev/tty; echo password=$answer"] {
        sandbox.config("credential.helper", helper);
        let push = sandbox.program("git", ["push", "-q", "share", "main"]);
        let did = pushes.watched(push);
        assert_eq!(did.answer.code, 0, "{did:#?}");
        assert!(did.answer.err.contains("not synced"), "{did:#?}");
        assert!(did.took < Duration::from_secs(20), "{did:#?}");
        pushes.commit_edit("# w", "# w w");
    }
}

#[test]
fn an_open_intent_is_a_reason_to_look() {
    let pushes = Pushes::new();
    let key = "w/f";
    new_entry(&pushes);
    // The answer to the creation is lost, and lists lag.
    pushes.both.github(|g| g.settings.list_lag_new = 3_000);
    pushes.both.server.fail(Rule::new(When::After, How::Drop).method("POST").path("/issues"));
    let did = pushes.push(MAIN);
    assert_eq!((did.answer.code, did.commits), (0, 0), "{key}: {did:#?}");
    assert!(did.answer.err.contains("1 entry waits"), "{did:#?}");
    other_file(&pushes);
    let did = pushes.push(MAIN);
    assert!(did.requests > 0 && did.writes.is_empty() && did.answer.code == 0, "{did:#?}");
    pushes.both.minutes(60);
    other_file(&pushes);
    pushes.both.sandbox.write("src.txt", "again\n");
    pushes.both.sandbox.commit_all("no worklog");
    let did = pushes.push(MAIN);
    assert_eq!((did.answer.code, did.commits), (1, 1), "{did:#?}");
    assert_eq!(pushes.both.github(|g| g.issue_numbers(REPO)), [1, 2]);
}
