//! Others at work at the same time: a second gardener, a second clone, another git, a server
//! that takes its time, and clocks that are wrong.

use std::process::Stdio;
use std::time::{Duration, Instant};

use github_stand_in::{GitHub, How, Kind, Rule, StandIn, When};

use super::{cases, plain_end, shell};
use crate::both::{Both, REPO, SECRET};
use crate::kill::scene::{EARLIER, End, checksum, copy, scene, settle};
use crate::matrix::fired;
use crate::random::Random;
use crate::sandbox::Answer;

/// Two runs in one clone, started at nearly the same time: one waits for the other, and
/// what comes of it is one sync.
#[test]
fn two_runs_in_one_clone_are_one_sync() {
    let scene = scene();
    let end = plain_end(&scene);
    for seed in 0..cases(4).div_ceil(4).max(2) {
        let both = copy(&scene);
        let mut random = Random::new(seed);
        let delays = [0, random.below(200_000) as u64];
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let runs = delays.map(|delay| {
                let both = &both;
                scope.spawn(move || {
                    std::thread::sleep(Duration::from_micros(delay));
                    both.gardener(["sync"]).run()
                })
            });
            runs.map(|run| run.join().expect("it ends")).into()
        });
        for answer in &answers {
            assert_eq!(answer.code, 0, "{seed}: {}{}", answer.out, answer.err);
        }
        fired("two runs in one clone");
        end.assert_same(&End::of(&both), "one sync");
        both.assert_settled();
    }
}

/// Who waits in vain says so: nothing was done, and the other's work is left alone.
#[test]
fn who_does_not_get_the_lock_says_that_nothing_was_done() {
    let both = copy(&scene());
    let held = both.sandbox.open().lock(Duration::ZERO).expect("free");
    let before = both.sandbox.snapshot();
    let start = Instant::now();
    let synced = both.run(["sync"]);
    let took = start.elapsed();
    fired("the lock held by another run");
    assert_eq!((synced.answer.code, synced.answer.out.as_str()), (1, ""), "{}", synced.answer.err);
    assert!(
        synced.answer.err.contains("another gardener is at work in this repository"),
        "{}",
        synced.answer.err
    );
    assert!(took > Duration::from_secs(5) && took < Duration::from_secs(20), "{took:?}");
    assert!(both.server.log().is_empty() && both.sandbox.snapshot() == before);
    // Reading is free.
    assert_eq!(both.run(["sync", "--dry-run"]).answer.code, 0);
    drop(held);
    both.sync();
    both.assert_settled();
}

/// Two clones of one repository sync at the same moment: what both have edited and filed is on
/// GitHub, and each says honestly what it did.
#[test]
fn two_clones_at_once_lose_nothing() {
    for seed in 0..cases(4).div_ceil(4) {
        let both = Both::new();
        both.github(|g| g.clock.tick = 1);
        both.worklog("w", "  - id: e\n    title: Known\n    severity: P2\n    labels: [bug]\n");
        both.sync();
        both.minutes(60);
        both.sandbox.git(["clone", "--quiet", "--no-hardlinks", ".", "../other"]);
        let other = both.sandbox.at("other");
        other.git(["remote", "set-url", "origin", "https://github.com/acme/app.git"]);
        both.edit("worklogs/w.md", "labels: [bug]", "labels: [bug, ours]");
        both.sandbox
            .write("worklogs/x.md", "---\ngardener: 1\nid: x\nentries:\n  - id: a\n    title: Ours\n---\n");
        let text = other.read("worklogs/w.md").replace("severity: P2", "severity: P0");
        other.write("worklogs/w.md", text);
        other
            .write("worklogs/y.md", "---\ngardener: 1\nid: y\nentries:\n  - id: b\n    title: Theirs\n---\n");
        both.github(|g| g.settings.latency = Duration::from_millis(3));
        let delay = Random::new(seed).below(60_000) as u64;
        let there =
            || other.gardener(["sync"]).env("GITHUB_API_URL", both.server.url()).env("GH_TOKEN", SECRET);
        let (a, b) = std::thread::scope(|scope| {
            let first = scope.spawn(|| both.gardener(["sync"]).run());
            std::thread::sleep(Duration::from_micros(delay));
            let second = there().run();
            (first.join().expect("it ends"), second)
        });
        fired("two clones at once");
        for answer in [&a, &b] {
            assert!([0, 3].contains(&answer.code), "{seed}: {}{}", answer.out, answer.err);
        }
        for _ in 0..3 {
            both.minutes(16);
            let (a, b) = (both.run(["sync"]).answer, there().run());
            assert!(
                [0, 3].contains(&a.code) && [0, 3].contains(&b.code),
                "{}{}{}{}",
                a.out,
                a.err,
                b.out,
                b.err
            );
        }
        let said = format!("{seed}: {}{}\n{}{}", a.out, a.err, b.out, b.err);
        assert_eq!(both.issue(1).2, ["P0", "bug", "ours"], "{said}");
        let titles = both.github(|g| {
            g.issue_numbers(REPO)
                .iter()
                .map(|n| g.issue(REPO, *n).expect("there").facts.title.clone())
                .collect::<Vec<_>>()
        });
        let count = |title: &str| titles.iter().filter(|t| *t == title).count();
        assert_eq!((count("Known"), count("Ours"), count("Theirs")), (1, 1, 1), "{said}");
        let (w, v) = (both.sandbox.read("worklogs/w.md"), other.read("worklogs/w.md"));
        assert!(w.contains("severity: P0") && w.contains("ours"), "{w}\n{said}");
        assert!(v.contains("severity: P0") && v.contains("ours"), "{v}\n{said}");
        both.assert_settled();
    }
}

/// Another git holds the index for a moment: that costs a moment.
#[test]
fn an_index_that_is_held_for_a_moment_is_waited_for() {
    let scene = scene();
    let end = plain_end(&scene);
    let both = copy(&scene);
    let lock = both.sandbox.top().join(".git/index.lock");
    let held = lock.clone();
    let mut is_first = true;
    both.server.on_request(move |moment, _| {
        if moment.kind == Kind::Write && std::mem::take(&mut is_first) {
            std::fs::write(&held, "").expect("made");
            let held = held.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(1_200));
                std::fs::remove_file(held).expect("still there");
            });
        }
    });
    let start = Instant::now();
    let synced = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!((synced.answer.code, synced.commits), (0, 1), "{}{}", synced.answer.out, synced.answer.err);
    assert!(start.elapsed() > Duration::from_millis(1_200) && !lock.exists());
    fired("index.lock held for a moment");
    end.assert_same(&End::of(&both), "afterwards");
    both.assert_settled();
}

/// This machine's clock and GitHub's are decades apart, and GitHub's jumps back.
#[test]
fn no_clock_but_githubs_counts_and_that_one_may_jump() {
    let (past, future) = (("1999", "929000000"), ("2060", "2850000000"));
    let jump = -40 * 86_400;
    for (there, jump, (name, epoch)) in [
        ("2012-03-01T12:00:00Z", 0, future),
        ("2046-03-01T12:00:00Z", 0, past),
        ("2026-03-01T12:00:00Z", jump, past),
        ("2026-03-01T12:00:00Z", jump, future),
    ] {
        let mut github = GitHub::at(there);
        github.add_repo(REPO);
        github.add_token(SECRET, "ann");
        github.grant("ann", REPO, github_stand_in::Permission::Write);
        let both = Both::with(github);
        let path = both.worklog("w", "  - id: e\n    title: T\n    severity: P2\n");
        let sync = |code: i32| {
            let synced = both.run_in(both.gardener(["sync"]).env("SOURCE_DATE_EPOCH", epoch));
            assert_eq!(
                synced.answer.code, code,
                "{there} {name}: {}{}",
                synced.answer.out, synced.answer.err
            );
            synced
        };
        // The answer to the creation is lost: whether the grace is over is GitHub's to say.
        both.server.fail(Rule::new(When::Before, How::Drop).method("POST").path("/issues"));
        sync(3);
        assert_eq!(sync(3).writes, Vec::<String>::new(), "the grace is not over");
        both.github(|g| g.clock.advance(16 * 60 + jump));
        fired("clocks decades apart");
        if jump < 0 {
            fired("GitHub's clock jumps back");
            assert_eq!(sync(3).writes, Vec::<String>::new(), "nor is it when time runs backwards");
            both.github(|g| g.clock.advance(16 * 60 - jump));
        }
        sync(0);
        assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
        both.minutes(1);
        both.edit(&path, "severity: P2", "severity: P1");
        sync(0);
        assert_eq!(both.issue(1).2, ["P1"]);
        both.minutes(1);
        assert_eq!(sync(0).writes, Vec::<String>::new());
    }
}

/// A server that takes its time is waited for; one that never answers is given up, and it
/// is said which write may have happened. Takes half a minute: for campaigns.
#[test]
fn a_server_that_hangs_is_given_up() {
    let both = copy(&scene());
    both.github(|g| g.settings.latency = Duration::from_millis(60));
    both.sync();
    fired("a slow server");
    if std::env::var_os("GARDENER_CASES").is_none() {
        return;
    }
    let scene = scene();
    let end = plain_end(&scene);
    let both = copy(&scene);
    both.server.fail(Rule::new(When::After, How::Hold).method("POST").path("/issues"));
    let start = Instant::now();
    let synced = both.run(["sync"]);
    fired("a server that never answers");
    let said = format!("{}{}", synced.answer.out, synced.answer.err);
    assert_eq!(synced.answer.code, 3, "{said}");
    assert!(start.elapsed() > Duration::from_secs(19) && start.elapsed() < Duration::from_secs(90), "{said}");
    both.server.release();
    both.minutes(16);
    settle(&both, 3).unwrap_or_else(|why| panic!("{said}\n{why}"));
    end.assert_same(&End::of(&both), &said);
}

/// The journal is gone with the runner that was killed: the marker on the issue is found.
#[test]
fn killed_on_a_runner_that_is_gone_the_next_one_adopts_the_issue() {
    let scene = scene();
    let end = plain_end(&scene);
    let both = copy(&scene);
    both.server.fail(Rule::new(When::After, How::Hold).method("POST").path("/issues"));
    let mut child = both.gardener(["sync"]).command();
    let mut child =
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    assert!(both.server.wait_until_held(Duration::from_secs(20)));
    child.kill().expect("killed");
    child.wait().expect("it ended");
    both.server.release();
    std::fs::remove_dir_all(both.sandbox.top().join(".git/gardener")).expect("removed");
    fired("kill -9 after a creation, and the journal gone");
    let made = both.github(|g| g.issue_numbers(REPO)).len();
    assert_eq!(made, 4);
    let next = both.run(["sync"]);
    assert_eq!(next.answer.code, 0, "{}{}", next.answer.out, next.answer.err);
    assert_eq!(both.github(|g| g.issue_numbers(REPO)).len(), 5, "only the second is new");
    both.minutes(16);
    settle(&both, 3).expect("settled");
    end.assert_same(&End::of(&both), &next.answer.out);
}

/// The journal is torn, damaged, or from the future.
#[test]
fn a_journal_that_is_torn_or_damaged_costs_no_issue() {
    let scene = scene();
    let end = plain_end(&scene);
    let start = copy(&scene);
    start.server.fail(Rule::new(When::After, How::Drop).method("POST").path("/issues"));
    assert_eq!(start.run(["sync"]).answer.code, 3);
    let path = ".git/gardener/journal";
    let whole = std::fs::read(start.sandbox.top().join(path)).expect("a journal");
    for seed in 0..cases(4) {
        let both =
            Both { sandbox: start.sandbox.copy(), server: StandIn::start(start.github(|g| g.clone())) };
        let mut random = Random::new(seed);
        let mut bytes = whole.clone();
        match seed % 2 {
            0 => bytes.truncate(random.below(whole.len())),
            _ => (0..5).for_each(|_| bytes[random.below(whole.len())] ^= 1 << random.below(8)),
        }
        both.sandbox.write(path, &bytes);
        fired("a journal torn or damaged");
        let next = both.run(["sync"]);
        assert!([0, 3].contains(&next.answer.code), "{seed}: {}{}", next.answer.out, next.answer.err);
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{seed}: {why}"));
        end.assert_same(&End::of(&both), &format!("{seed}"));
    }
    let both = copy(&scene);
    let later = r#"{"record":"later","x":1}"#;
    let line = format!("{:08x} {later}\n", checksum(later.as_bytes()));
    both.sandbox.write(path, line);
    let before = both.sandbox.snapshot();
    let synced = shell(&both, "$G sync");
    fired("a journal of a newer gardener");
    assert_eq!(
        (synced.answer.code, synced.writes.len()),
        (5, 0),
        "{}{}",
        synced.answer.out,
        synced.answer.err
    );
    assert!(synced.answer.err.contains("newer gardener"), "{}", synced.answer.err);
    assert_eq!(both.sandbox.snapshot(), before);
    // So is a worklog: it is named, and nothing at all is done.
    let both = copy(&scene);
    both.edit(EARLIER, "gardener: 1", "gardener: 2");
    let synced = both.run(["sync"]);
    fired("a worklog of a newer gardener");
    let said = format!("{}{}", synced.answer.out, synced.answer.err);
    assert_eq!((synced.answer.code, synced.writes.len(), synced.commits), (5, 0, 0), "{said}");
    assert!(synced.answer.err.contains(EARLIER), "{said}");
}
