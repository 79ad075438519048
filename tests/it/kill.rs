//! `kill -9` between every two effects of a sync, and what the next syncs make of it.
//!
//! Nothing may be made twice, no value may be lost or turned back, and nothing may be left
//! lying around, wherever it happens.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

mod scene;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use github_stand_in::GitHub;

use crate::both::{Both, REPO};
use crate::kill::scene::{End, copy, open_intents, scene, settle};

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
        return Err(difference(end, &left));
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

fn difference(want: &End, got: &End) -> String {
    let (want, got) = (format!("{want:#?}"), format!("{got:#?}"));
    let diff = similar::TextDiff::from_lines(&want, &got);
    let lines = diff.iter_all_changes().filter(|c| c.tag() != similar::ChangeTag::Equal);
    lines.map(|c| format!("{}{c}", c.tag())).collect()
}

/// Runs `act` for 1 to `count` in two threads and gives what failed.
fn each(count: usize, act: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<String> {
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

fn campaign(campaign: Campaign) {
    let scene = scene();
    let (effects, end) = undisturbed(&scene);
    let failed = each(effects.len() + 1, |k| {
        kill_and_recover(&scene, k, campaign, &end)
            .map_err(|why| format!("{}\n{why}", effects.get(k - 1).map_or("nothing", String::as_str)))
    });
    let duplicates = failed.iter().filter(|f| f.contains("duplicate") || f.contains("are called")).count();
    println!(
        "kill points: {}, recovered: {}, duplicates: {duplicates}",
        effects.len() + 1,
        effects.len() + 1 - failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn killed_before_any_effect_a_sync_recovers_without_duplicates() {
    campaign(Campaign { list_lag: 0, hasty: true });
}

#[test]
fn killed_while_lists_lag_behind_a_sync_recovers_without_duplicates() {
    campaign(Campaign { list_lag: 120, hasty: true });
}

#[test]
fn killed_and_run_again_only_much_later_a_sync_recovers_without_duplicates() {
    campaign(Campaign { list_lag: 0, hasty: false });
}
