//! `kill -9` at any microsecond: of gardener alone, with the git that it started, and once
//! more while the next one recovers.
//!
//! Eight histories by default, as many as `GARDENER_CASES` says in a campaign, from
//! `GARDENER_SEED` on.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gardener::model::Vocabulary;
use gardener::worklog::{self, Parsed};

use super::{cases, number};
use crate::both::Both;
use crate::kill::scene::{EARLIER, End, LATER, copy, scene, settle, without_moments};
use crate::matrix::fired;
use crate::random::Random;

/// What happened in a campaign.
#[derive(Default)]
struct Tally {
    kills: AtomicU64,
    too_late: AtomicU64,
    stale_locks: AtomicU64,
    syncs: AtomicU64,
}

/// Starts a sync and kills it after `delay`; whether it was still alive.
fn killed_after(both: &Both, delay: Duration, with_git: bool) -> bool {
    let mut command = both.gardener(["sync"]).command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().expect("started");
    std::thread::sleep(delay);
    let alive = child.try_wait().expect("asked").is_none();
    if with_git {
        let group = format!("-{}", child.id());
        // It may be gone already.
        let _ = std::process::Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
    } else {
        // As above.
        let _ = child.kill();
    }
    child.wait().expect("it ended");
    alive
}

/// A worklog is at every moment what it was or what a sync makes of it, whole. `after` is
/// that where one sync alone could get this far.
fn whole(both: &Both, before: &[String], after: Option<&[String]>) -> Result<(), String> {
    for (n, path) in [EARLIER, LATER].into_iter().enumerate() {
        let text = both.sandbox.read(path);
        let Parsed::Worklog(read, diagnostics) = worklog::parse(&text, &Vocabulary::default()) else {
            return Err(format!("{path} is no worklog any more:\n{text}"));
        };
        let body = |text: &str| {
            let end = text.find("\n<!-- gardener:base").unwrap_or(text.len());
            text.find("\n---\n").map(|start| text[start..end].trim_end().to_owned())
        };
        let is_old = text == before[n];
        let is_new = after.is_none_or(|after| without_moments(&text) == without_moments(&after[n]));
        let is_whole =
            diagnostics.is_empty() && read.entries().len() == ENTRIES[n] && body(&text) == body(&before[n]);
        if !is_whole || !(is_old || is_new) {
            return Err(format!("{path} is neither old nor new:\n{text}\n{diagnostics:?}"));
        }
    }
    Ok(())
}

/// How many entries the two worklogs have.
const ENTRIES: [usize; 2] = [2, 3];

/// The locks of git's own in its folder.
fn git_locks(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = inside.partition(|path| path.is_dir());
    let mut locks: Vec<PathBuf> =
        files.into_iter().filter(|f| f.extension().is_some_and(|e| e == "lock")).collect();
    for folder in folders.iter().filter(|f| !f.ends_with("gardener")) {
        locks.extend(git_locks(folder));
    }
    locks
}

fn texts(both: &Both) -> Vec<String> {
    [EARLIER, LATER].map(|path| both.sandbox.read(path)).into()
}

/// One history. `span` is how long an undisturbed sync takes.
fn history(
    seed: u64,
    start: &Both,
    end: &End,
    after: &[String],
    span: Duration,
    tally: &Tally,
) -> Result<(), String> {
    let mut random = Random::new(seed);
    let both = copy(start);
    let before = texts(&both);
    let lag = [0, 0, 120][random.below(3)];
    both.github(|g| g.settings.list_lag_new = lag);
    let kills = 1 + random.below(2);
    for kill in 0..kills {
        let delay = Duration::from_micros(random.below(span.as_micros() as usize) as u64);
        let with_git = random.below(2) == 0;
        let alive = killed_after(&both, delay, with_git);
        if alive { &tally.kills } else { &tally.too_late }.fetch_add(1, Ordering::SeqCst);
        if alive {
            fired("kill -9 at a random moment");
        }
        whole(&both, &before, Some(after).filter(|_| kill == 0))?;
        // A git that was killed leaves its locks, on the index, a branch or packed-refs; who finds
        // one is told which file to remove.
        if with_git {
            let left = git_locks(&both.sandbox.top().join(".git"));
            tally.stale_locks.fetch_add(left.len() as u64, Ordering::SeqCst);
            left.iter().for_each(|lock| std::fs::remove_file(lock).expect("removed"));
        }
        if random.below(2) == 0 {
            both.minutes(1);
        }
    }
    if random.below(2) == 0 {
        let hasty = both.run(["sync"]);
        tally.syncs.fetch_add(1, Ordering::SeqCst);
        if ![0, 3].contains(&hasty.answer.code) {
            return Err(format!("exit {}\n{}{}", hasty.answer.code, hasty.answer.out, hasty.answer.err));
        }
        whole(&both, &before, None)?;
    }
    both.minutes(16);
    settle(&both, 3)?;
    let left = End::of(&both);
    if left != *end {
        return Err(end.difference(&left));
    }
    let checked = both.sandbox.try_git(["fsck", "--strict", "--no-dangling"]);
    if checked.code != 0 || !checked.err.is_empty() {
        return Err(format!("git fsck: {}{}", checked.out, checked.err));
    }
    Ok(())
}

#[test]
fn killed_at_any_moment_a_sync_recovers_without_duplicates() {
    let start = scene();
    let plain = copy(&start);
    let began = Instant::now();
    plain.sync();
    let span = began.elapsed().mul_f64(0.7);
    plain.assert_settled();
    let (end, after) = (End::of(&plain), texts(&plain));
    let (count, first) = (cases(8), number("GARDENER_SEED", 1));
    let (next, failed, tally) = (AtomicU64::new(0), Mutex::new(Vec::new()), Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= count {
                        break;
                    }
                    let seed = first + n;
                    if let Err(why) = history(seed, &start, &end, &after, span, &tally) {
                        failed.lock().expect("whole").push(format!("GARDENER_SEED={seed}: {why}"));
                    }
                }
            });
        }
    });
    let (failed, of) = (failed.into_inner().expect("whole"), |n: &AtomicU64| n.load(Ordering::SeqCst));
    println!(
        "histories: {count} from seed {first}, kills: {}, too late: {}, stale locks of git: {}, recovered: {}, in {:.0} s",
        of(&tally.kills),
        of(&tally.too_late),
        of(&tally.stale_locks),
        count - failed.len() as u64,
        began.elapsed().as_secs_f64(),
    );
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(of(&tally.kills) > 0, "nothing was killed");
}
