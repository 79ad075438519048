//! Random repository states: work in progress of every kind, in the worklogs and beside them,
//! and a sync in the midst of it. Whatever is not gardener's stays byte for byte.
//!
//! `GARDENER_STATES` is how many (24), `GARDENER_SEED` tries one.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use github_stand_in::Reason;

use crate::both::{Both, REPO};
use crate::kill::scene::copy;
use crate::random::Random;

/// The worklog that somebody is working on.
const OPEN: &str = "worklogs/open.md";
/// One that nobody is working on, so that there is always something to do.
const QUIET: &str = "worklogs/quiet.md";

/// Places in the worklog where somebody writes: what is there, and what it becomes. Far enough
/// from each other that git takes them for hunks of their own.
const HUNKS: [(&str, &str); 5] = [
    ("title: It is broken", "title: It is quite broken"),
    ("severity: P2", "severity: P1"),
    ("# a comment of somebody's", "# another comment"),
    ("line 3\n", "line 3, being written\nand one more\n"),
    ("line 27\n", ""),
];

/// Two worklogs whose issues were both closed on GitHub since the last sync.
fn start() -> Both {
    let both = Both::new();
    both.github(|g| {
        g.create_issue_as("bob", REPO, "It is broken", "Their text.", &["P2"]);
        g.create_issue_as("bob", REPO, "It is slow", "Their text.", &["P3"]);
    });
    let lines: String = (1..=30).map(|i| format!("line {i}\n")).collect();
    let front = "gardener: 1\nid: open\ntitle: Work\n# one\n# two\n# three\n# four\nentries:\n  - id: e\n    \
                 title: It is broken\n    # one\n    # two\n    # three\n    issue: 1\n    status: open\n    \
                 severity: P2\n    owner: ann\n    impact: some\n    # five\n    # six\n    # seven\n    \
                 # a comment of somebody's\n";
    both.sandbox.write(OPEN, format!("---\n{front}---\n\n# Open\n\n{lines}"));
    both.worklog("quiet", "  - id: q\n    title: It is slow\n    issue: 2\n    status: open\n");
    for i in 0..8 {
        let lines: String = (1..=20).map(|n| format!("{i}: line {n}\n")).collect();
        both.sandbox.write(&format!("src/part {i}.txt"), lines);
    }
    both.sandbox.write(".gitignore", "*.log\n");
    both.sandbox.commit_all("parts");
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.github(|g| {
        g.close_as("bob", REPO, 1, Reason::Completed);
        g.close_as("bob", REPO, 2, Reason::NotPlanned);
    });
    both.minutes(60);
    both
}

/// Some of the hunks in a text.
fn with(text: &str, hunks: usize) -> String {
    let chosen = HUNKS.iter().enumerate().filter(|(i, _)| hunks & (1 << i) != 0);
    chosen.fold(text.to_owned(), |text, (_, (from, to))| text.replacen(from, to, 1))
}

/// Somebody works on a file beside the worklogs.
fn work_on(both: &Both, i: u64, chance: &mut Random) -> &'static str {
    let (s, path) = (&both.sandbox, format!("src/part {i}.txt"));
    let text = s.read(&path);
    let early = text.replace(": line 2\n", ": line two\n");
    match chance.below(15) {
        0 => {
            s.write(&path, early);
            "edited"
        }
        1 => {
            s.write(&path, early);
            s.git(["add", &path]);
            "staged"
        }
        2 => {
            s.write(&path, &early);
            s.git(["add", &path]);
            s.write(&path, early.replace(": line 19\n", ": the end\n"));
            "half staged"
        }
        3 => {
            s.git(["rm", "-q", &path]);
            "removed"
        }
        4 => {
            s.remove(&path);
            "deleted"
        }
        5 => {
            s.git(["rm", "-q", "--cached", &path]);
            "removed from the index"
        }
        6 => {
            s.git(["mv", &path, &format!("src/moved {i}.txt")]);
            "moved"
        }
        7 => {
            s.mode(&path, 0o755);
            "made executable"
        }
        8 => {
            s.git(["update-index", "--chmod=+x", &path]);
            "staged as executable"
        }
        9 => {
            s.write(&format!("src/new {i}.txt"), "new\n");
            "new"
        }
        10 => {
            s.write(&format!("src/named {i}.txt"), "named\n");
            s.git(["add", "-N", &format!("src/named {i}.txt")]);
            "named"
        }
        11 => {
            s.write(&format!("src/{i}.log"), "ignored\n");
            "ignored"
        }
        12 => {
            s.write(&path, early);
            s.git(["update-index", "--assume-unchanged", &path]);
            "assumed unchanged"
        }
        13 => {
            s.write(&path, early);
            // git can't where a file is only named.
            let stashed = s.try_git(["stash", "push", "-q", "--", &path]).code == 0;
            if stashed { "stashed" } else { "edited" }
        }
        _ => "as it was",
    }
}

/// The worklog as its user has it: without the base block, and with what the sync brought.
fn own(text: &str) -> String {
    let text = text.split("<!-- gardener:base").next().unwrap_or_default();
    text.replace("status: completed", "status: open")
}

fn front(text: &str) -> &str {
    text.split_inclusive("\n---\n").next().unwrap_or_default()
}

fn body(text: &str) -> &str {
    &text[front(text).len()..]
}

fn blob(both: &Both, name: &str) -> Option<String> {
    let answer = both.sandbox.try_git(["cat-file", "blob", name]);
    (answer.code == 0).then_some(answer.out)
}

fn one(start: &Both, seed: u64, told: &Mutex<BTreeMap<String, u32>>) {
    let mut chance = Random::new(seed);
    let both = copy(start);
    let s = &both.sandbox;
    match chance.below(6) {
        0 => drop(s.git(["update-index", "--index-version", "4"])),
        1 => drop(s.git(["update-index", "--split-index"])),
        2 => drop(s.git(["config", "core.autocrlf", "input"])),
        3 => drop(s.git(["config", "core.untrackedCache", "true"])),
        4 => drop(s.git(["pack-refs", "--all"])),
        _ => {}
    }
    let tell = |what: &str| *told.lock().expect("no panic").entry(what.to_owned()).or_default() += 1;
    for i in 0..8 {
        tell(work_on(&both, i, &mut chance));
    }
    let head = s.read(OPEN);
    let work = with(&head, chance.below(32));
    let staged = match chance.below(4) {
        0 => head.clone(),
        1 => work.clone(),
        _ => with(&head, chance.below(32)),
    };
    s.write(OPEN, &staged);
    s.git(["add", OPEN]);
    s.write(OPEN, &work);
    let (none, whole) = (staged == head, staged == work);
    tell(match (none, whole) {
        (true, true) => "worklog as it was",
        (true, false) => "worklog edited",
        (false, true) => "worklog staged",
        (false, false) => "worklog partly staged",
    });
    let before = s.snapshot().without(&[OPEN, QUIET]);
    let diffs = super::diffs(&both, &[OPEN, QUIET]);
    let stash = s.try_git(["stash", "show", "-p"]).out;

    let synced = both.run(["sync"]);
    let said = format!("seed {seed}\n{}\n{}", synced.answer.out, synced.answer.err);
    assert_eq!(s.snapshot().without(&[OPEN, QUIET]), before, "{said}");
    assert_eq!(super::diffs(&both, &[OPEN, QUIET]), diffs, "{said}");
    assert_eq!(s.try_git(["stash", "show", "-p"]).out, stash, "{said}");
    assert!(s.read(QUIET).contains("status: not-planned"), "the rest goes on: {said}");
    let changed = s.git(["diff", "--name-only", "--no-renames", "HEAD~1", "HEAD"]);
    assert!(changed.lines().all(|path| [OPEN, QUIET].contains(&path)), "{changed} {said}");
    let (now, index, committed) = (
        s.read(OPEN),
        blob(&both, &format!(":{OPEN}")),
        blob(&both, &format!("HEAD:{OPEN}")).expect("there"),
    );
    if !none && !whole {
        assert_eq!(synced.answer.code, 3, "{said}");
        assert!(synced.answer.err.contains(OPEN), "{said}");
        assert_eq!((now, index, committed), (work, Some(staged), head), "not a byte of it: {said}");
        return;
    }
    assert_eq!(synced.answer.code, 0, "{said}");
    assert_eq!(own(&now), own(&work), "{said}");
    assert!(now.contains("status: completed"), "{said}");
    assert_eq!(front(&committed), front(&now), "values are committed: {said}");
    assert_eq!(own(body(&committed)), own(body(&head)), "and prose is not: {said}");
    assert_eq!(index, Some(if none { committed } else { now }), "what was staged still is: {said}");
}

#[test]
fn whatever_somebody_is_at_stays_as_it_is() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seeds = match number("GARDENER_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("GARDENER_STATES").unwrap_or(24),
    };
    let (start, told) = (start(), Mutex::default());
    let (count, next) = (seeds.end - seeds.start, AtomicU64::new(seeds.start));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        break;
                    }
                    one(&start, seed, &told);
                }
            });
        }
    });
    let told = told.into_inner().expect("no panic");
    println!("{count} repository states: {told:?}");
    if count >= 24 {
        for what in
            ["worklog edited", "worklog staged", "worklog partly staged", "half staged", "stashed", "moved"]
        {
            assert!(told.get(what).is_some_and(|n| *n > 0), "no {what} among {told:?}");
        }
    }
}
