//! This machine says no: the journal, the index, hooks.

use super::*;
use crate::matrix::fired;

#[test]
fn without_a_place_for_the_journal_nothing_is_sent() {
    let both = copy(&scene());
    let folder = both.sandbox.top().join(".git/gardener");
    std::fs::rename(&folder, both.sandbox.root().join("aside")).expect("moved");
    both.sandbox.write(".git/gardener", "a file\n");
    let (before, known) = (both.sandbox.snapshot(), both.github(|g| End::github(g)));
    let Synced { answer, writes, commits, .. } = both.run(["sync"]);
    fired("no place for the journal");
    assert_eq!((answer.code, writes.len(), commits), (1, 0, 0), "{}{}", answer.out, answer.err);
    assert!(answer.err.contains("error: ") && answer.err.contains("\nnext: "), "{}", answer.err);
    assert_eq!((both.sandbox.snapshot(), both.github(|g| End::github(g))), (before, known));
    both.sandbox.remove(".git/gardener");
    std::fs::rename(both.sandbox.root().join("aside"), &folder).expect("moved back");
    both.sync();
    both.assert_settled();
}

#[test]
fn a_journal_that_can_not_be_read_is_not_taken_for_empty() {
    let both = copy(&scene());
    both.sandbox.remove(".git/gardener/journal");
    std::fs::create_dir(both.sandbox.top().join(".git/gardener/journal")).expect("made");
    let before = both.sandbox.snapshot();
    let Synced { answer, writes, commits, .. } = both.run(["sync"]);
    assert_eq!((answer.code, writes.len(), commits), (1, 0, 0), "{}{}", answer.out, answer.err);
    assert!(answer.err.contains("\nnext: "), "{}", answer.err);
    assert_eq!(both.sandbox.snapshot(), before);
}

/// Runs a sync in which no file may grow beyond `kilobytes`, and the journal is filled up
/// with empty lines so that only `room` bytes are left for it.
fn sync_with_room(both: &Both, room: usize) -> Synced {
    let kilobytes = 32;
    let path = both.sandbox.top().join(".git/gardener/journal");
    let mut journal = std::fs::read(&path).expect("a journal");
    let padding = kilobytes * 1024 - room - journal.len();
    journal.extend(vec![b'\n'; padding]);
    std::fs::write(&path, journal).expect("written");
    // bash counts kilobytes, dash half ones.
    let script =
        format!("trap '' XFSZ; ulimit -f {}; exec '{}' sync", 2 * kilobytes, env!("CARGO_BIN_EXE_gardener"));
    let start = both.sandbox.program("dash", ["-c", &script]);
    let synced = both.run_in(start.env("GITHUB_API_URL", both.server.url()).env("GH_TOKEN", SECRET));
    if synced.answer.err.contains("File too large") {
        fired("no room for the journal");
    }
    synced
}

#[test]
fn when_the_journal_can_not_grow_nothing_is_created() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    for room in [0, 100, 300, 350, 450, 700] {
        let both = copy(&scene);
        let Synced { answer, writes, .. } = sync_with_room(&both, room);
        let said = format!("room for {room}: exit {}\n{writes:?}\n{}{}", answer.code, answer.out, answer.err);
        assert!([1, 3].contains(&answer.code), "{said}");
        assert!((answer.out + &answer.err).contains("journal"), "{said}");
        let created = writes.iter().filter(|w| w.ends_with("/issues") || w.ends_with("/comments")).count();
        let expected = match room {
            0 | 100 | 300 => 0,
            // The first one is made and can't be noted: it is the last.
            350 => 1,
            _ => 2,
        };
        assert!(created == expected || (room == 700 && created == 3), "{created}: {said}");
        // There is room again: nothing is made twice.
        both.minutes(16);
        settle(&both, 3).unwrap_or_else(|why| panic!("{said}\n{why}"));
        end.assert_same(&End::of(&both), &said);
    }
}

#[test]
fn a_cache_that_can_not_be_written_costs_requests_only() {
    let both = copy(&scene());
    both.sandbox.remove(".git/gardener/cache.json");
    std::fs::create_dir(both.sandbox.top().join(".git/gardener/cache.json")).expect("made");
    both.sync();
    both.assert_settled();
}

/// The commit is refused, the worklogs are written, and the next sync commits them.
fn not_committed(set: fn(&Both), says: &str, clear: fn(&Both)) {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    set(&both);
    let first = both.run(["sync"]);
    assert_eq!((first.answer.code, first.commits), (3, 0), "{}{}", first.answer.out, first.answer.err);
    assert!(first.answer.out.contains(says), "{}", first.answer.out);
    fired(&format!("no commit: {says}"));
    clear(&both);
    let second = both.sync();
    assert_eq!((second.writes.len(), second.commits), (0, 1), "{}", second.answer.out);
    end.assert_same(&End::of(&both), says);
    both.assert_settled();
}

#[test]
fn a_hook_that_refuses_the_commit_costs_only_the_commit() {
    let set = |b: &Both| b.sandbox.hook("pre-commit", "echo no, thanks >&2; exit 1");
    not_committed(set, "no, thanks", |b| b.sandbox.remove(".git/hooks/pre-commit"));
}

#[test]
fn another_git_at_work_costs_only_the_commit() {
    let set = |b: &Both| b.sandbox.write(".git/index.lock", "");
    not_committed(set, "index.lock exists", |b| b.sandbox.remove(".git/index.lock"));
}

#[test]
fn without_an_identity_only_the_commit_is_missing() {
    const CONFIG: &str = "home/.gitconfig";
    let set = |b: &Both| {
        let path = b.sandbox.root().join(CONFIG);
        let text = std::fs::read_to_string(&path).expect("read");
        std::fs::write(&path, text.replace("email =", "useConfigOnly = true\n\tnoEmail =")).expect("written");
    };
    not_committed(set, "not committed", |b| {
        let path = b.sandbox.root().join(CONFIG);
        let text = std::fs::read_to_string(&path).expect("read");
        std::fs::write(&path, text.replace("useConfigOnly = true\n\tnoEmail =", "email =")).expect("written");
    });
}
