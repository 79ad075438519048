//! `kill -9` between every two effects of a sync, and what the next syncs make of it.
//!
//! Nothing may be made twice, no value may be lost or turned back, and nothing may be left
//! lying around, wherever it happens.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]
#![expect(clippy::print_stdout, reason = "a campaign tells what it covered")]

mod fences;
pub(crate) mod scene;
#[cfg(target_os = "linux")]
mod watched;

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use github_stand_in::{GitHub, Kind, Phase};

use crate::both::{Both, REPO};
use crate::kill::scene::{End, copy, open_intents, scene, settle};
use crate::matrix::fired;

/// The effects of the whole sync, and where it ends.
fn undisturbed(scene: &Both) -> (Vec<String>, End) {
    let both = copy(scene);
    let list = both.sandbox.root().join("effects");
    let synced = both.run_in(both.gardener(["sync"]).env("GARDENER_TEST_EFFECTS", &list));
    assert_eq!(synced.answer.code, 0, "{}{}", synced.answer.out, synced.answer.err);
    let effects = std::fs::read_to_string(list).expect("a list");
    both.assert_settled();
    (effects.lines().map(str::to_owned).collect(), End::of(&both))
}

/// What a campaign does to each run.
#[derive(Clone, Copy)]
struct Campaign {
    /// New issues are missing from lists for so many seconds.
    list_lag: i64,
    /// Whether a sync comes before the grace period is over.
    hasty: bool,
}

/// Kills a sync before the `k`th effect and lets the next ones finish it.
fn kill_and_recover(scene: &Both, k: usize, campaign: Campaign, end: &End) -> Result<(), String> {
    let both = copy(scene);
    both.github(|g| g.settings.list_lag_new = campaign.list_lag);
    let killed = both.run_in(both.gardener(["sync"]).env("GARDENER_TEST_KILL", k.to_string()));
    if ![-1, 0].contains(&killed.answer.code) {
        return Err(format!("exit {}\n{}{}", killed.answer.code, killed.answer.out, killed.answer.err));
    }
    if campaign.hasty {
        too_early(&both, campaign)?;
    }
    both.minutes(16);
    settle(&both, 3)?;
    let left = End::of(&both);
    if left != *end {
        return Err(end.difference(&left));
    }
    Ok(())
}

/// A sync before the grace period is over makes nothing that may have been made already.
fn too_early(both: &Both, campaign: Campaign) -> Result<(), String> {
    let open = open_intents(both);
    let marker = |key: &str| format!("<!-- gardener:issue 1 {key} -->");
    let lost = open.iter().filter(|(key, on)| {
        on.is_none() && (campaign.list_lag > 0 || !both.github(|g| has_issue(g, &marker(key))))
    });
    let lost: Vec<_> = lost.map(|(key, _)| key).collect();
    let before = both.github(|g| g.issue_numbers(REPO));
    let synced = both.run(["sync"]);
    let said = format!("{:?}\n{}{}", synced.writes, synced.answer.out, synced.answer.err);
    let made = both.github(|g| g.issue_numbers(REPO)).len() - before.len();
    if open.iter().any(|(_, on)| on.is_none()) && made > 0 {
        return Err(format!("{made} issues made while {open:?} were open\n{said}"));
    }
    for (key, on) in open.iter().filter(|(_, on)| on.is_some()) {
        let number = on.expect("a comment's");
        let marker = format!("<!-- gardener:comment 1 {key} -->");
        let comments = both.github(|g| g.comments_of(REPO, number));
        let told = comments.iter().filter(|c| c.contains(&marker)).count();
        let posted =
            synced.writes.iter().any(|w| *w == format!("POST /repos/{REPO}/issues/{number}/comments"));
        if posted || told > 1 || (told == 0 && synced.answer.code != 3) {
            return Err(format!("a comment on {number} was open, and there are {told}\n{said}"));
        }
    }
    let expected = if lost.is_empty() { [0, 3] } else { [3, 3] };
    if !expected.contains(&synced.answer.code) || (!lost.is_empty() && !synced.answer.out.contains("pending"))
    {
        return Err(format!("exit {} while {lost:?} were open\n{said}", synced.answer.code));
    }
    Ok(())
}

fn has_issue(github: &GitHub, marker: &str) -> bool {
    let body = |n: &u64| github.issue(REPO, *n).and_then(|i| i.facts.body.clone()).unwrap_or_default();
    github.issue_numbers(REPO).iter().any(|n| body(n).contains(marker))
}

/// Whether every point is to be tried, and not a sample: where CI runs, or a campaign.
pub(crate) fn is_whole() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    set("GARDENER_CI") || set("GARDENER_CASES")
}

/// Runs `act` for 1 to `count` in two threads and gives what failed.
pub(crate) fn each(count: usize, act: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<String> {
    let (next, failed) = (AtomicUsize::new(1), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let k = next.fetch_add(1, Ordering::SeqCst);
                    if k > count {
                        break;
                    }
                    if let Err(why) = act(k) {
                        failed.lock().expect("whole").push(format!("killed before {k}: {why}"));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().expect("whole");
    failed.sort();
    failed
}

fn report(points: usize, failed: &[String]) {
    let duplicates =
        failed.iter().filter(|f| f.contains("are called") || f.contains("issues made while")).count();
    println!("kill points: {points}, recovered: {}, duplicates: {duplicates}", points - failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn killed_before_any_effect_a_sync_recovers_without_duplicates() {
    let scene = scene();
    let (effects, end) = undisturbed(&scene);
    let creating = 1 + effects.iter().rposition(|e| e.contains("/comments")).expect("it comments");
    for (what, points, nth, campaign) in [
        ("at once", effects.len() + 1, 5, Campaign { list_lag: 0, hasty: true }),
        ("while lists lag", creating, 8, Campaign { list_lag: 120, hasty: true }),
        ("much later", creating, 8, Campaign { list_lag: 0, hasty: false }),
    ] {
        let nth = if is_whole() { 1 } else { nth };
        let failed = each(points / nth, |k| {
            let k = k * nth;
            let name = effects.get(k - 1).map_or("nothing", String::as_str);
            fired(&format!(
                "kill -9 before {name}{}",
                if campaign.list_lag > 0 { ", lists lag" } else { "" }
            ));
            kill_and_recover(&scene, k, campaign, &end).map_err(|why| format!("{name}\n{why}"))
        });
        print!("run again {what}: ");
        report(points / nth, &failed);
    }
}

#[test]
fn killed_again_and_again_a_sync_recovers_without_duplicates() {
    let scene = scene();
    let (effects, end) = undisturbed(&scene);
    // The more often it is killed the longer it takes: a developer's machine leaves the worst to CI.
    let first = if is_whole() { 0 } else { 1 };
    let failed = each(3 - first, |stride| {
        let stride = stride + first;
        let both = copy(&scene);
        let (mut k, mut kills) = (stride, 0);
        while k <= effects.len() {
            let run = both.run_in(both.gardener(["sync"]).env("GARDENER_TEST_KILL", k.to_string()));
            kills += usize::from(run.answer.code == -1);
            both.minutes(5);
            k += stride;
        }
        both.minutes(16);
        settle(&both, 3)?;
        let left = End::of(&both);
        println!("{kills} kills in a row");
        if left == end { Ok(()) } else { Err(end.difference(&left)) }
    });
    report(3 - first, &failed);
}

/// The client dies while its request is on the way: GitHub does it all the same.
#[test]
fn killed_while_a_request_is_on_its_way_a_sync_recovers_without_duplicates() {
    let scene = scene();
    let (effects, end) = undisturbed(&scene);
    let writes = effects.iter().filter(|e| e.starts_with("http ")).count();
    let failed = each(2 * writes, |k| {
        let (phase, nth) = if k <= writes { (Phase::Arrived, k) } else { (Phase::Applied, k - writes) };
        let both = copy(&scene);
        let pid = both.sandbox.root().join("pid");
        let (mut seen, file) = (0, pid.clone());
        both.server.on_request(move |moment, _| {
            if moment.kind == Kind::Write && moment.phase == phase {
                seen += 1;
                if seen == nth {
                    let pid = std::fs::read_to_string(&file).expect("a pid");
                    let killed = Command::new("kill").args(["-9", pid.trim()]).status();
                    assert!(killed.expect("kill").success());
                }
            }
        });
        let script = format!("echo $$ > '{}'; exec '{}' sync", pid.display(), env!("CARGO_BIN_EXE_gardener"));
        let start = both.sandbox.program("sh", ["-c", &script]);
        let start = start.env("GITHUB_API_URL", both.server.url()).env("GH_TOKEN", crate::both::SECRET);
        let killed = both.run_in(start);
        both.server.clear_hook();
        if killed.answer.code != -1 {
            return Err(format!("it lives: {:?}", killed.answer));
        }
        fired(&format!("kill -9 while a request is {phase:?}"));
        too_early(&both, Campaign { list_lag: 0, hasty: true })?;
        both.minutes(16);
        settle(&both, 3)?;
        let left = End::of(&both);
        if left == end { Ok(()) } else { Err(format!("{phase:?}\n{}", end.difference(&left))) }
    });
    report(2 * writes, &failed);
}
