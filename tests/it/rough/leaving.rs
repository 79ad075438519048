//! Told to stop, and nobody who listens: signals, and outputs that are closed or full.

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use github_stand_in::{How, Kind, Reason, Rule, When};

use super::{cases, number, plain_end, shell};
use crate::both::{Both, REPO};
use crate::kill::scene::{EARLIER, End, copy, open_intents, scene, settle};
use crate::matrix::fired;
use crate::random::Random;

/// A sync in the background.
fn begin(both: &Both) -> Child {
    let mut command = both.gardener(["sync"]).command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("started")
}

/// How it ended: the signal that ended it, its words on standard error, and how long it took.
fn end(child: Child) -> (Option<i32>, String, Duration) {
    let start = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if let Some(signal) = output.status.signal() {
        fired(&format!("killed by signal {signal}"));
    }
    (output.status.signal(), said, start.elapsed())
}

/// While git is at work for a gardener that was killed, the next one waits: git reads the
/// index that was made for it when its hooks are through, and takes a missing one for empty.
#[test]
fn a_git_that_outlives_its_gardener_is_waited_for() {
    let scene = scene();
    let both = copy(&scene);
    let files = both.sandbox.git(["ls-tree", "-r", "--name-only", "HEAD"]);
    let here = both.sandbox.root().join("in-the-hook");
    both.sandbox.hook("pre-commit", &format!("touch '{}'; sleep 1.5", here.display()));
    let mut child = begin(&both);
    let start = Instant::now();
    while !here.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "no hook ran");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    assert_eq!(end(child).0, Some(9));
    let next = both.run(["sync"]);
    std::thread::sleep(Duration::from_millis(1_600));
    both.sandbox.remove(".git/hooks/pre-commit");
    let now = both.sandbox.git(["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(now, format!("{files}\nworklogs/later.md"), "{}", both.sandbox.git(["log", "--stat"]));
    assert_eq!(next.answer.code, 0, "{}{}", next.answer.out, next.answer.err);
    both.minutes(16);
    settle(&both, 3).expect("settled");
    plain_end(&scene).assert_same(&End::of(&both), "one sync");
}

fn send(signal: &str, child: &Child) {
    let done = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill");
    assert!(done.success());
    fired(&format!("SIG{signal}"));
}

/// Told to stop while a request is on its way: its outcome is noted, then it ends as the signal
/// says, and the next sync has nothing to guess.
#[test]
fn told_to_stop_it_notes_the_outcome_of_its_request_and_ends_by_the_signal() {
    let scene = scene();
    let end_of = plain_end(&scene);
    for (signal, number, path) in [("INT", 2, "/issues"), ("TERM", 15, "/comments"), ("INT", 2, "/1023")] {
        let both = copy(&scene);
        let rule = Rule::new(When::After, How::Hold).kind(Kind::Write).path(path);
        both.server.fail(rule);
        let child = begin(&both);
        assert!(both.server.wait_until_held(Duration::from_secs(20)), "{path}");
        let before = (open_intents(&both).len(), both.server.writes().len());
        send(signal, &child);
        std::thread::sleep(Duration::from_millis(100));
        both.server.release();
        let (by, said, took) = end(child);
        assert_eq!(by, Some(number), "{said}");
        assert!(
            said.starts_with("gardener: interrupted; nothing is lost") && said.lines().count() == 1,
            "{said}"
        );
        assert!(took < Duration::from_secs(2), "{took:?}");
        // The one that was under way is noted, and no other was sent.
        let noted = usize::from(path != "/1023");
        assert_eq!(
            (open_intents(&both).len(), both.server.writes().len()),
            (before.0 - noted, before.1),
            "{path}"
        );
        // Other intents of the same plan were written and not sent: those wait for the grace.
        let next = both.run(["sync"]);
        assert!([0, 3].contains(&next.answer.code), "{}{}", next.answer.out, next.answer.err);
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{signal} at {path}: {why}"));
        end_of.assert_same(&End::of(&both), &said);
    }
}

/// An answer that does not come is not waited for longer than two seconds, and where nothing was
/// sent nothing is waited for at all.
#[test]
fn told_to_stop_it_waits_for_no_answer_that_does_not_come() {
    let scene = scene();
    let end_of = plain_end(&scene);
    for (kind, at_most) in [(Kind::Write, 15_000), (Kind::Read, 1_800)] {
        let both = copy(&scene);
        both.server.fail(Rule::new(When::After, How::Hold).kind(kind));
        let child = begin(&both);
        assert!(both.server.wait_until_held(Duration::from_secs(20)));
        send("INT", &child);
        let (by, said, took) = end(child);
        assert_eq!((by, said.lines().count()), (Some(2), 1), "{said}");
        assert!(took < Duration::from_millis(at_most), "{kind:?}: {took:?}");
        both.server.release();
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{kind:?}: {why}"));
        end_of.assert_same(&End::of(&both), &said);
    }
}

/// A second signal ends it at once.
#[test]
fn told_twice_it_stops_at_once() {
    let both = copy(&scene());
    both.server.fail(Rule::new(When::After, How::Hold).kind(Kind::Write));
    let child = begin(&both);
    assert!(both.server.wait_until_held(Duration::from_secs(20)));
    send("INT", &child);
    std::thread::sleep(Duration::from_millis(200));
    send("INT", &child);
    let (by, said, took) = end(child);
    assert!(by == Some(2) && took < Duration::from_millis(1_800), "{by:?} {took:?} {said}");
    both.server.release();
}

/// What a sync did does not depend on who listens, and its exit code is about what it did.
#[test]
fn whoever_listens_a_sync_does_all_and_its_exit_code_is_true() {
    let scene = scene();
    let end_of = plain_end(&scene);
    for (line, code) in [
        ("$G sync >&-", 0),
        ("$G sync 2>&-", 0),
        ("$G sync <&- >&- 2>&-", 0),
        ("$G sync > >(exec true); exit $?", 0),
        ("$G sync --json | head -c 0; exit ${PIPESTATUS[0]}", 0),
        ("$G sync 2> >(exec true); exit $?", 0),
        // Not all of it could be said: that is no full success.
        ("$G sync > /dev/full", 3),
        ("$G sync --json > /dev/full", 3),
    ] {
        let both = copy(&scene);
        let synced = shell(&both, line);
        fired("nobody reads");
        assert_eq!(synced.answer.code, code, "{line}\n{}{}", synced.answer.out, synced.answer.err);
        end_of.assert_same(&End::of(&both), line);
        both.assert_settled();
    }
}

#[test]
fn a_reader_that_went_away_does_not_turn_a_failure_into_a_success() {
    let both = copy(&scene());
    both.github(|g| g.close_as("bob", REPO, 1023, Reason::NotPlanned));
    both.minutes(1);
    let gone = "{ sleep 0.2; ";
    let synced = shell(&both, &format!("{gone} $G sync; }} | true; exit ${{PIPESTATUS[0]}}"));
    assert_eq!(synced.answer.code, 4, "{}{}", synced.answer.out, synced.answer.err);
    both.edit(EARLIER, "severity: P0", "severity: P9");
    let check = shell(&both, &format!("{gone} $G check; }} | true; exit ${{PIPESTATUS[0]}}"));
    assert_eq!(check.answer.code, 1, "{}", check.answer.err);
    // Findings that nobody could read are still findings, and that they are unread is said.
    let full = shell(&both, "$G check > /dev/full");
    assert_eq!(full.answer.code, 3, "{}", full.answer.err);
    assert!(full.answer.err.contains("standard output can't be written"), "{}", full.answer.err);
    // Every step of init is done, whoever reads of it.
    both.sandbox.git(["rm", "-q", "-r", "--cached", "."]);
    let init = shell(&both, &format!("{gone} $G init; }} | true; exit ${{PIPESTATUS[0]}}"));
    assert_eq!(init.answer.code, 0, "{}", init.answer.err);
    let again = both.run(["init"]);
    assert!(!again.answer.out.contains("wrote"), "{}", again.answer.out);
}

/// A signal between git's making the lock of the index and its knowing of it would leave the
/// lock behind, for the user to find. So Ctrl-C passes by the git that writes the index, and it
/// is waited for.
#[test]
fn ctrl_c_leaves_git_the_moments_it_needs_for_the_index() {
    let both = copy(&scene());
    let folder = both.sandbox.root().join("slow-git");
    let here = both.sandbox.root().join("at-the-index");
    std::fs::create_dir(&folder).expect("a folder");
    let path = std::env::var("PATH").expect("a PATH");
    let slow = "[ \"$1\" = update-index ] && [ -z \"$GIT_INDEX_FILE\" ] &&";
    let wrapper = format!(
        "#!/bin/sh\n{slow} {{ touch '{}'; sleep 0.5; }}\nPATH='{path}'; exec git \"$@\"\n",
        here.display()
    );
    std::fs::write(folder.join("git"), wrapper).expect("written");
    both.sandbox.mode(&folder.join("git").to_string_lossy(), 0o755);
    let start = both.gardener(["sync"]).env("PATH", format!("{}:{path}", folder.display()));
    let mut command = start.command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.spawn().expect("started");
    let start = Instant::now();
    while !here.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "git was not at the index");
        std::thread::sleep(Duration::from_millis(5));
    }
    let group = format!("-{}", child.id());
    let sent = Command::new("kill").args(["-INT", "--", &group]).status().expect("kill");
    assert!(sent.success());
    fired("SIGINT");
    let (by, said, _) = end(child);
    assert_eq!(by, Some(2), "{said}");
    assert!(said.starts_with("gardener: interrupted; ") && said.lines().count() == 1, "{said}");
    assert_eq!(
        both.sandbox.git(["diff", "--cached", "--name-only", "--", "worklogs"]),
        "",
        "the index was written"
    );
    both.assert_settled();
}

/// Ctrl-C on a terminal goes to git as well, at any moment: it is one line all the same, and the
/// signal is how it ends, not an error about a git that died.
#[test]
fn ctrl_c_for_all_at_any_moment_is_said_once() {
    let scene = scene();
    let began = Instant::now();
    let end_of = plain_end(&scene);
    let span = began.elapsed().mul_f64(0.4).as_micros() as usize;
    let (mut random, mut stopped) = (Random::new(number("GARDENER_SEED", 1)), 0);
    let mut ref_locks = 0;
    for case in 0..cases(6) {
        let both = copy(&scene);
        let mut command = both.gardener(["sync"]).command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let child = command.spawn().expect("started");
        // Before the first few milliseconds there is nobody to say anything.
        std::thread::sleep(Duration::from_micros(20_000 + random.below(span) as u64));
        let group = format!("-{}", child.id());
        // It may be through already.
        let _ = Command::new("kill").args(["-INT", "--", &group]).stderr(Stdio::null()).status();
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() != Some(0) {
            stopped += 1;
            assert_eq!(output.status.signal(), Some(2), "{case}: {:?} {said}", output.status);
            assert!(
                said.starts_with("gardener: interrupted; ") && said.lines().count() == 1,
                "{case}: {said}"
            );
        }
        // git got the signal, too, and where the machine is busy it may take longer to end.
        let is_there = || Command::new("kill").args(["-0", "--", &group]).stderr(Stdio::null()).status();
        let ended = Instant::now();
        while is_there().is_ok_and(|status| status.success()) && ended.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let lock = both.sandbox.top().join(".git/index.lock");
        assert!(!lock.exists(), "{case}: the index is locked");
        ref_locks += locks_of_refs(&both);
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{case}: {said}\n{why}"));
        end_of.assert_same(&End::of(&both), &said);
    }
    println!("interrupted: {stopped} of {}, locks of refs left by git: {ref_locks}", cases(6));
}

/// Removes the locks of what a `git commit` writes or removes (HEAD, the branch, what is left of a
/// merge, refs packed earlier) that it left when it was interrupted in the instant between making one
/// and knowing of it, as git tells its user to; says how many. With one of the last two `git commit`
/// complains and commits, so that nobody has to.
fn locks_of_refs(both: &Both) -> usize {
    // It may still be about to remove them itself.
    std::thread::sleep(Duration::from_millis(50));
    let locks = ["HEAD", "refs/heads/main", "AUTO_MERGE", "packed-refs"];
    let locks = locks.map(|name| both.sandbox.top().join(format!(".git/{name}.lock")));
    locks.iter().filter(|lock| std::fs::remove_file(lock).is_ok()).count()
}

/// What git leaves running in the background after a commit has the lock no longer.
#[test]
fn upkeep_that_git_begins_after_the_commit_holds_nobody_up() {
    let both = copy(&scene());
    let here = both.sandbox.root().join("upkeep");
    // Two packs are more than enough.
    both.sandbox.config("gc.autoPackLimit", "1");
    both.sandbox.config("gc.auto", "6700");
    both.sandbox.config("maintenance.auto", "true");
    both.sandbox.git(["repack", "-q", "-d"]);
    both.sandbox
        .program(
            "sh",
            ["-c", "echo one more | git hash-object -w --stdin | git pack-objects -q .git/objects/pack/pack"],
        )
        .output();
    both.sandbox.hook("pre-auto-gc", &format!("touch '{}'; sleep 2", here.display()));
    both.sync();
    let start = Instant::now();
    assert!(both.sandbox.open().lock(Duration::ZERO).is_ok(), "the lock is free");
    both.assert_settled();
    while !here.exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "git began no upkeep");
        std::thread::sleep(Duration::from_millis(10));
    }
}
