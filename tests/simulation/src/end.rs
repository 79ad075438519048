//! What is asked of the end of a sync and of the end of a history.
//!
//! What is checked on the way, from request to request, is in `check`.

use std::collections::{BTreeMap, BTreeSet};

use gardener::sync::Report;
use github_stand_in::Fate;

use crate::check;
use crate::history::Ended;
use crate::world::{Clone, World, worklog_id};

/// The exit code tells the truth: "failed" means that nothing was done, "in sync" that the
/// two sides are the same.
pub(crate) fn truth(world: &mut World, clone: usize, ended: &Ended) {
    let here = &world.clones[clone];
    let (writes, disturbed) = (here.sync.writes, here.sync.disturbed);
    // A person's edit in between is no change of gardener's.
    let changes = if disturbed { here.sync.commits } else { here.changes() };
    match ended {
        Ended::Crashed => world.tell(|| "    crashed".to_owned()),
        Ended::Refused(error) => {
            world.tell(|| format!("    refused: {error}"));
            if writes + changes > 0 {
                world.blame(format!("refused ({error}) after {writes} writes and {changes} changes"));
            }
        }
        Ended::Done(report) => {
            let code = report.verdict().code();
            world.tell(|| format!("    exit {code}: {:?}", report.lines()));
            if code == 1 && writes + changes > 0 {
                world.blame(format!("exit 1 after {writes} writes and {changes} changes"));
            }
            let bad = report.plan.conflicts.len() + report.outcome.failed.len();
            if code == 0 && (bad > 0 || report.stop.is_some() || report.stopped) {
                world.blame(format!("exit 0 with {bad} conflicts and failures"));
            }
            // A push is not about what only the work tree has, and after an undo what was sent is
            // an edit again.
            if code == 0
                && !disturbed
                && !world.clones[clone].sync.pushing
                && !world.clones[clone].sync.undoing
            {
                settled(world, clone, report);
            }
        }
    }
}

/// No worklog is half of anything.
pub(crate) fn whole(world: &mut World, clone: usize) {
    for path in world.clones[clone].paths() {
        let text = world.clones[clone].files.text(&Clone::file(&path)).unwrap_or_default();
        if !world.clones[clone].is_whole(&path, &text) {
            world.blame(format!("{path} is neither its old nor its new text:\n{text}"));
        }
    }
}

/// What a sync that ended well says is in sync is in sync.
pub(crate) fn settled(world: &mut World, clone: usize, report: &Report) {
    let considered: BTreeSet<String> =
        report.plan.considered.iter().map(|(_, key, _)| key.to_string()).collect();
    // A conflict of one entry holds back the field for all entries of its issue.
    let conflicts: Vec<(u64, String)> =
        report.plan.conflicts.iter().map(|c| (c.number, c.conflict.field.to_string())).collect();
    let held: BTreeSet<String> = report.plan.held.iter().map(|h| h.key.to_string()).collect();
    // What GitHub refused of an issue is said of one of its entries.
    let refused: BTreeSet<u64> = report.plan.held.iter().filter_map(|h| h.number).collect();
    let failed: BTreeSet<String> =
        report.outcome.failed.iter().flat_map(|(keys, _)| keys).map(ToString::to_string).collect();
    for (path, id, view) in world.clones[clone].entries() {
        let key = format!("{}/{id}", worklog_id(&path));
        if failed.contains(&key) || !considered.contains(&key) || held.contains(&key) {
            continue;
        }
        let Some(number) = view.issue else {
            world.blame(format!("{key} has no issue, and nothing is said of it"));
            continue;
        };
        if refused.contains(&number) {
            continue;
        }
        // What changed a moment before the sync need not be in GitHub's list yet. A sync that has
        // to wait takes its time.
        let issue = world.github.issue(&world.name, number);
        let (now, settings) = (world.clones[clone].sync.began, &world.github.settings);
        let (new, lag) = (settings.list_lag_new + 5, settings.list_lag_updates + 5);
        if issue.is_none_or(|i| i.facts.updated_at + lag > now || i.created_at + new > now) {
            continue;
        }
        let remote = world.view(number);
        for slot in check::slots() {
            let field = match slot {
                crate::known::Slot::Status => "status",
                crate::known::Slot::Severity => "severity",
                crate::known::Slot::Label(_) => "labels",
            };
            let says = check::value(slot, &view).is_some();
            let open = conflicts.contains(&(number, field.to_owned()));
            let once = matches!(slot, crate::known::Slot::Label("run"));
            if says && !open && !once && !remote.agrees(slot, &view) {
                world.blame(format!(
                    "{key} and #{number} differ in {slot:?}, and nothing is said: {view:?} {remote:?}"
                ));
            }
        }
    }
}

/// One clone speaks of an occurrence in one comment.
pub(crate) fn told_once(world: &mut World) {
    if world.clones.len() > 1 {
        return;
    }
    let repo = world.github.repo(&world.name).expect("the repository");
    let mut told: BTreeMap<(u64, String), u64> = BTreeMap::new();
    for comment in repo.comments.values().filter(|c| c.author == "ann") {
        for line in comment.body.lines().filter(|l| l.starts_with("<!-- gardener:comment ")) {
            *told.entry((comment.issue, line.to_owned())).or_default() += 1;
        }
    }
    for ((number, line), count) in told.into_iter().filter(|(_, count)| *count > 1) {
        world.blame(format!("#{number} has {count} comments with {line}"));
    }
}

/// At the end no entry has two issues that are open, save where gardener said that it can't be
/// sure: the text of one was edited, so that it may be a copy, or somebody opened it again.
pub(crate) fn one_issue_each(world: &mut World, left: &BTreeSet<String>) {
    if world.is_weak {
        // Who may not close an issue says so.
        return;
    }
    let mut live: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (number, key) in world.made.clone() {
        let is_there = world.github.issue(&world.name, number).is_some_and(|i| i.fate == Fate::Here);
        if is_there && matches!(world.view(number).status.as_str(), "open" | "in-progress") {
            live.entry(key).or_default().push(number);
        }
    }
    // Where an entry is gone nothing is known of its issues, and where somebody took its number
    // away they are nobody's: both are left to people.
    let entries = world.clones.iter().flat_map(Clone::entries);
    let entries = entries.filter(|(_, _, view)| view.issue.is_some() || view.base.is_none());
    let there: BTreeSet<String> =
        entries.map(|(path, id, _)| format!("{}/{id}", worklog_id(&path))).collect();
    for (key, numbers) in live {
        if numbers.len() > 1 && !left.contains(&key) && there.contains(&key) {
            world.blame(format!("{key} has the issues {numbers:?}"));
        }
    }
}

/// All of those issues that nobody has anything to do with.
pub(crate) fn bystanders(world: &World) -> Vec<String> {
    let repo = world.github.repo(&world.name).expect("the repository");
    let issues = [1, 2, 3].map(|n| format!("{:?}", repo.issues.get(&n).map(|i| (&i.facts, i.events.len()))));
    let comments = repo.comments.values().filter(|c| c.issue < 4).map(|c| format!("{c:?}"));
    issues.into_iter().chain(comments).collect()
}
