//! What is kept of worklogs between two runs of `status` never makes it say anything else than without.
#![expect(clippy::disallowed_methods, reason = "tests act on the real world")]

use std::fs;
use std::path::PathBuf;

use crate::planner::chance::Chance;
use crate::sandbox::Sandbox;

/// How many worklogs there are: enough that anything is kept.
const WORKLOGS: usize = 40;

fn worklog(number: usize, status: &str, severity: &str) -> String {
    let issue = number + 1;
    format!(
        "---\ngardener: 1\nid: run-{number}\nentries:\n  - id: one\n    title: One\n    severity: {severity}\n    \
         status: {status}\n    issue: {issue}\n---\n\n# One\n<!-- gardener:entry one -->\nText\n\n\
         <!-- gardener:base 1\none {{\"issue\":\"acme/app#{issue}\",\"status\":\"open\",\"severity\":\"P1\",\
         \"seen\":\"2025-09-14T12:03:11Z\"}}\n-\n-->\n"
    )
}

fn path(number: usize) -> String {
    format!("worklogs/{:02}.md", number)
}

/// A repository with worklogs that are all as agreed, and whose files nobody has written just now.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app"]);
    (0..WORKLOGS).for_each(|number| sandbox.write(&path(number), worklog(number, "open", "P1")));
    sandbox.commit_all("start");
    rest();
    sandbox
}

/// Waits until the file system's clock has gone on.
fn rest() {
    std::thread::sleep(std::time::Duration::from_millis(12));
}

fn known(sandbox: &Sandbox) -> PathBuf {
    sandbox.top().join(".git/gardener/known")
}

/// What `status` says, whatever is kept.
fn status(sandbox: &Sandbox) -> (i32, String, String) {
    let answer = sandbox.gardener(["status", "--json", "--exit-code"]).run();
    (answer.code, answer.out, answer.err)
}

/// What it says with what is kept, which has to be what it says without.
#[track_caller]
fn same(sandbox: &Sandbox, what: &str) -> String {
    let with = status(sandbox);
    let kept = fs::read(known(sandbox)).ok();
    let _ = fs::remove_file(known(sandbox));
    assert_eq!(with, status(sandbox), "after: {what}");
    if let Some(bytes) = kept {
        fs::write(known(sandbox), bytes).expect("put back");
    }
    with.1
}

#[test]
fn what_is_known_is_not_read_again() {
    let sandbox = sandbox();
    let first = status(&sandbox);
    assert_eq!(first.0, 0, "{first:?}");
    assert!(known(&sandbox).exists());
    // One that only a note can know: its text is taken away under the same times.
    let kept = fs::read(known(&sandbox)).expect("kept");
    assert_eq!(status(&sandbox), first);
    assert_eq!(fs::read(known(&sandbox)).expect("kept"), kept, "nothing new, so nothing written");
    // A worklog that is committed with something to say is known with that.
    sandbox.write(&path(3), worklog(3, "completed", "P1"));
    assert!(same(&sandbox, "an edit").contains("edited: status"));
    sandbox.commit_all("done");
    rest();
    assert!(same(&sandbox, "its commit").contains("edited: status"));
    assert!(same(&sandbox, "nothing").contains("edited: status"));
}

#[test]
fn an_edit_of_the_same_size_is_seen() {
    let sandbox = sandbox();
    for severity in ["P2", "P1", "P0", "P1", "P3"] {
        sandbox.write(&path(1), worklog(1, "open", severity));
        let said = same(&sandbox, severity);
        assert_eq!(said.contains("edited: severity"), severity != "P1", "{said}");
    }
}

#[test]
fn what_is_damaged_is_nothing() {
    let sandbox = sandbox();
    let right = status(&sandbox);
    let bytes = fs::read(known(&sandbox)).expect("kept");
    let mut damaged: Vec<Vec<u8>> = vec![Vec::new(), b"x".to_vec(), bytes[..bytes.len() / 2].to_vec()];
    for at in [0, 20, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        let mut other = bytes.clone();
        other[at] ^= 0x55;
        damaged.push(other);
    }
    for (at, bytes) in damaged.into_iter().enumerate() {
        fs::write(known(&sandbox), bytes).expect("damaged");
        assert_eq!(status(&sandbox), right, "{at}");
    }
    // Not even a file: nothing is kept, and all is said.
    fs::remove_file(known(&sandbox)).expect("removed");
    fs::create_dir(known(&sandbox)).expect("made");
    assert_eq!(status(&sandbox), right);
}

#[test]
fn whatever_is_edited_is_said_as_without_it() {
    let sandbox = sandbox();
    let mut chance = Chance::new(11, 3);
    same(&sandbox, "nothing");
    for round in 0..40 {
        let (number, other) = (chance.below(WORKLOGS), chance.below(WORKLOGS));
        let there = sandbox.top().join(path(number)).is_file();
        let what = chance.below(14);
        match what {
            0 => sandbox.write(&path(number), worklog(number, "completed", "P1")),
            1 => sandbox.write(&path(number), worklog(number, "open", "P2")),
            2 => sandbox.write(&path(number), worklog(number, "open", "P1")),
            3 if there => sandbox.remove(&path(number)),
            4 => drop(sandbox.commit_all("more")),
            5 => drop(sandbox.try_git(["add", &path(number)])),
            6 => drop(sandbox.try_git(["mv", &path(number), &format!("worklogs/moved-{round}.md")])),
            // The same id in two files.
            7 => sandbox.write(&path(number), worklog(other, "open", "P1")),
            8 => sandbox.write(&path(number), "---\ngardener: 1\nid: [\n---\n"),
            9 => sandbox.write(".gitattributes", *chance.of(&["", "*.md text eol=crlf\n", "*.md ident\n"])),
            10 => sandbox.write("gardener.toml", *chance.of(&["", "[labels]\nignore = [\"bot-*\"]\n"])),
            11 => sandbox.config("core.autocrlf", chance.of::<&str>(&["true", "false", "input"])),
            12 => drop(sandbox.try_git(["reset", "--quiet", "--hard", "HEAD"])),
            _ => sandbox.config(
                "remote.origin.url",
                chance.of::<&str>(&["https://github.com/acme/app", "https://github.com/a/b"]),
            ),
        }
        if chance.percent(50) {
            rest();
        }
        same(&sandbox, &format!("round {round}, {what}"));
    }
}
