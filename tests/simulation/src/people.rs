//! What people do: in a worklog, on GitHub, with git.

use fastrand::Rng;
use github_stand_in::Reason;

use crate::check;
use crate::hand;
use crate::known::{Known, Slot};
use crate::random::{chance, one};
use crate::world::{CANARY, Clone, Commit, Doc, LABELS, Remote, SEVERITIES, World, worklog_id};

const STATUSES: [&str; 5] = ["open", "in-progress", "completed", "not-planned", "duplicate"];

/// The worklogs that everybody starts with.
pub(crate) fn first_worklogs(world: &mut World, random: &mut Rng) {
    let mut tree = std::collections::BTreeMap::new();
    let mut count = 0;
    for worklog in 1..=random.usize(1..=2) {
        let mut entries = Vec::new();
        let mut known = crate::known::Knowledge::new();
        for _ in 0..random.usize(1..=2) {
            count += 1;
            let id = format!("e{count}");
            let (lines, knows) = first_lines(world, random);
            known.insert(id.clone(), knows);
            entries.push((id, lines));
        }
        let labels: &[&str] = if chance(random, 30) { &["run"] } else { &[] };
        let mut text = hand::worklog(&format!("w{worklog}"), labels, &entries);
        text.push_str("\nThe log is not for everybody.\n");
        tree.insert(format!("worklogs/w{worklog}.md"), Doc { text, known });
    }
    world.commits.push(Commit { parents: vec![0], tree, is_revert: false });
    world.origin.insert("main".to_owned(), 1);
}

/// The lines of a new entry, and what it knows.
fn first_lines(world: &mut World, random: &mut Rng) -> (Vec<String>, Known) {
    let (mut lines, mut known) = (Vec::new(), Known::default());
    let mut write = |world: &mut World, slot: Slot, line: String| {
        if let Some(edit) = world.next_edit() {
            lines.push(line);
            known.now.insert(slot, 1 << edit);
        }
    };
    if chance(random, 60) {
        write(world, Slot::Severity, format!("severity: {}", one(random, &SEVERITIES)));
    }
    if chance(random, 50) {
        write(world, Slot::Status, format!("status: {}", one(random, &STATUSES[..2])));
    }
    if chance(random, 50) {
        let label = *one(random, &LABELS);
        write(world, Slot::Label(label), format!("labels: [{label}]"));
    }
    if chance(random, 15) {
        lines.push("issue: 4".to_owned());
    }
    (lines, known)
}

/// Somebody edits a worklog of the work tree.
pub(crate) fn edit_here(world: &mut World, clone: usize, random: &mut Rng) {
    let entries = world.clones[clone].entries();
    if entries.is_empty() || world.clones[clone].busy.is_some() {
        return;
    }
    let (path, id, view) = one(random, &entries).clone();
    let Some(mut doc) = world.clones[clone].doc(&path) else { return };
    let base = view.base.clone().unwrap_or_default();
    let has_base = view.base.is_some() && view.issue == view.base.as_ref().map(|b| b.issue);
    // Without a number and a base its issue is known by its marker, and what it was filed with
    // is what was agreed.
    let filed: Vec<Remote> = match (view.issue, &view.base) {
        (None, None) => world.filed(&format!("{}/{id}", worklog_id(&path)), clone),
        _ => Vec::new(),
    };
    let as_filed = |slot: Slot, text: &str| {
        let is = hand::view(text, &id);
        is.is_some_and(|is| filed.iter().any(|f| f.agrees(slot, &is)))
    };
    let mut said = String::new();
    let sent = |world: &World, slot: Slot| world.clones[clone].was_sent(&path, &id, slot);
    match random.u32(0..20) {
        0..7 => {
            let status = *one(random, &STATUSES);
            let Some(text) = hand::set(&doc.text, &id, "status", Some(status)) else { return };
            if text == doc.text {
                return;
            }
            let Some(edit) = world.next_edit() else { return };
            doc.text = text;
            let back =
                has_base && base.status.as_deref() == Some(status) || as_filed(Slot::Status, &doc.text);
            doc.known.entry(id.clone()).or_default().edited(
                Slot::Status,
                edit,
                back,
                sent(world, Slot::Status),
            );
            said = format!("status {status} (edit {edit})");
        }
        7..11 => {
            let severity = *one(random, &SEVERITIES);
            let Some(text) = hand::set(&doc.text, &id, "severity", Some(severity)) else { return };
            if text == doc.text {
                return;
            }
            let Some(edit) = world.next_edit() else { return };
            doc.text = text;
            let back =
                has_base && base.severity.as_deref() == Some(severity) || as_filed(Slot::Severity, &doc.text);
            doc.known.entry(id.clone()).or_default().edited(
                Slot::Severity,
                edit,
                back,
                sent(world, Slot::Severity),
            );
            said = format!("severity {severity} (edit {edit})");
        }
        11..16 => {
            let label = *one(random, &LABELS[..3]);
            let had_key = view.labels.is_some();
            let mut labels = view.labels.clone().unwrap_or_default();
            let Some(edit) = world.next_edit() else { return };
            let adds = labels.insert(label.to_owned());
            if !adds {
                labels.remove(label);
            }
            let list: Vec<_> = labels.iter().map(String::as_str).collect();
            let Some(text) = hand::set(&doc.text, &id, "labels", Some(&format!("[{}]", list.join(", "))))
            else {
                return;
            };
            doc.text = text;
            let known = doc.known.entry(id.clone()).or_default();
            for other in LABELS {
                let slot = Slot::Label(other);
                let in_base = base.labels.as_ref().is_some_and(|l| l.contains(other));
                let same = has_base && in_base == labels.contains(other) || as_filed(slot, &doc.text);
                // A list that is written anew speaks of every label.
                if other == label || !had_key {
                    known.edited(slot, edit, same, sent(world, slot));
                }
            }
            said = format!("labels {list:?} (edit {edit})");
        }
        16 => {
            let key = *one(random, &["status", "severity", "labels"]);
            let Some(text) = hand::set(&doc.text, &id, key, None) else { return };
            doc.text = text;
            let known = doc.known.entry(id.clone()).or_default();
            for slot in check::slots() {
                let is_it = match slot {
                    Slot::Status => key == "status",
                    Slot::Severity => key == "severity",
                    Slot::Label(_) => key == "labels",
                };
                if is_it {
                    known.silenced(slot);
                }
            }
            said = format!("no {key}");
        }
        17 => {
            let new = format!("n{}", world.edits);
            if entries.iter().any(|(_, id, _)| *id == new) {
                return;
            }
            let (lines, knows) = first_lines(world, random);
            let Some(text) = hand::add_entry(&doc.text, &new, &lines) else { return };
            doc.text = text;
            doc.known.insert(new.clone(), knows);
            said = format!("a new entry {new} {lines:?}");
        }
        18 => {
            doc.text.push_str(&format!("\nMore of it, with {CANARY}.\n"));
            said = "prose".to_owned();
        }
        _ => {
            if chance(random, 50) && entries.len() > 1 {
                let Some(text) = hand::remove_entry(&doc.text, &id) else { return };
                doc.text = text;
                doc.known.remove(&id);
                said = "the entry goes".to_owned();
            } else if view.base.is_some() {
                let Some(text) = hand::set(&doc.text, &id, "issue", None) else { return };
                doc.text = text;
                said = "unlinked".to_owned();
            }
        }
    }
    if said.is_empty() {
        return;
    }
    world.clones[clone].put(&path, doc);
    world.tell(|| format!("  clone {clone}, {path} {id}: {said}"));
}

/// Somebody does something on GitHub.
pub(crate) fn edit_there(world: &mut World, random: &mut Rng) {
    let numbers: Vec<u64> = world.numbers().into_iter().filter(|n| *n >= 4).collect();
    if numbers.is_empty() {
        return;
    }
    let number = *one(random, &numbers);
    let now = world.view(number);
    match random.u32(0..20) {
        0..4 => {
            let reason = *one(random, &[Reason::Completed, Reason::NotPlanned, Reason::Duplicate]);
            world.by_hand(number, &format!("closes {reason:?}"), |g, r| g.close_as("bob", r, number, reason));
        }
        4..6 => world.by_hand(number, "opens", |g, r| g.reopen_as("bob", r, number)),
        6 => world.by_hand(number, "closes and opens", |g, r| {
            g.close_as("bob", r, number, Reason::Completed);
            g.reopen_as("bob", r, number);
        }),
        7..9 => world.by_hand(number, "marks", |g, r| {
            if now.is_marked {
                g.unlabel_as("bob", r, number, "in-progress");
            } else {
                g.label_as("bob", r, number, "in-progress");
            }
        }),
        9..12 => {
            let severity = *one(random, &SEVERITIES);
            let keeps = chance(random, 15);
            world.by_hand(number, &format!("severity {severity}"), |g, r| {
                for old in now.severity.iter().filter(|_| !keeps) {
                    g.unlabel_as("bob", r, number, old);
                }
                g.label_as("bob", r, number, severity);
            });
        }
        12..17 => {
            let label = *one(random, &LABELS);
            world.by_hand(number, &format!("label {label}"), |g, r| {
                if now.labels.contains(label) {
                    g.unlabel_as("bob", r, number, label);
                } else {
                    g.label_as("bob", r, number, label);
                }
            });
        }
        17 => world.by_hand(number, "writes above the text of", |g, r| {
            let body = g.issue(r, number).and_then(|i| i.facts.body.clone()).unwrap_or_default();
            g.edit_body_as("bob", r, number, &format!("Seen it, too.\n{body}"));
        }),
        18 => world.by_hand(number, "comments on", |g, r| {
            g.comment_as("bob", r, number, "Me too");
        }),
        _ => world.by_hand(number, "retitles", |g, r| g.edit_title_as("bob", r, number, "Another name")),
    }
}

/// Somebody uses git.
pub(crate) fn use_git(world: &mut World, clone: usize, random: &mut Rng) {
    let nobody = Clone::new(world);
    let mut here = std::mem::replace(&mut world.clones[clone], nobody);
    let mut said = "";
    match random.u32(0..12) {
        0..3 => {
            here.commit_all(&mut world.commits);
            said = "commits";
        }
        3 => {
            let paths = here.paths();
            if let Some(path) = (!paths.is_empty()).then(|| one(random, &paths))
                && let Some(doc) = here.doc(path)
            {
                here.index.insert(path.clone(), doc.text);
                said = "stages a worklog";
            }
        }
        4 => {
            here.refuses = !here.refuses;
            said = "changes the hooks";
        }
        5..7 => {
            let branch = if here.branch == "main" { "work" } else { "main" };
            here.commit_all(&mut world.commits);
            here.switch(branch, &world.commits);
            said = "switches";
        }
        7..9 => {
            here.commit_all(&mut world.commits);
            here.fetched = world.origin.clone();
            if let Some(tip) = here.fetched.get("main").copied() {
                here.merge(tip, &mut world.commits, random);
            }
            if here.branch == "main" {
                world.origin.insert("main".to_owned(), here.head());
            }
            said = "pulls and pushes";
        }
        9 => {
            here.commit_all(&mut world.commits);
            if let Some(other) = here.branches.iter().find(|(b, _)| **b != here.branch).map(|(_, tip)| *tip) {
                here.merge(other, &mut world.commits, random);
                said = "merges the other branch";
            }
        }
        10 => {
            // An old text comes back.
            let old = world.commits[here.head()].parents.first().copied();
            if let Some(old) = old.filter(|o| !world.commits[*o].tree.is_empty()) {
                let mut tree = world.commits[old].tree.clone();
                for (path, taken_back) in &world.commits[here.head()].tree {
                    let Some(doc) = tree.get_mut(path) else { continue };
                    for (entry, what) in &taken_back.known {
                        doc.known.entry(entry.clone()).or_default().takes_back(what);
                    }
                }
                here.check_out(&tree);
                let before = here.head();
                here.commit_all(&mut world.commits);
                let now = here.head();
                world.commits[now].is_revert |= now != before;
                said = "reverts";
            }
        }
        _ => {
            let old = world.commits[here.head()].parents.first().copied();
            if let Some(old) = old.filter(|o| !world.commits[*o].tree.is_empty()) {
                here.branches.insert(here.branch.clone(), old);
                let tree = world.commits[old].tree.clone();
                here.check_out(&tree);
                said = "resets to the parent";
            }
        }
    }
    let dropped = std::mem::take(&mut here.dropped);
    world.clones[clone] = here;
    dropped.into_iter().for_each(|what| world.blame(what));
    if !said.is_empty() {
        world.tell(|| format!("  clone {clone} {said}"));
    }
}

/// Somebody cleans up before the end, so that nothing is left out or skipped.
pub(crate) fn tidy_up(world: &mut World, clone: usize, random: &mut Rng) {
    let nobody = Clone::new(world);
    let mut here = std::mem::replace(&mut world.clones[clone], nobody);
    here.busy = None;
    here.refuses = false;
    here.catch_up();
    here.commit_all(&mut world.commits);
    if here.branch != "main" {
        let work = here.head();
        here.switch("main", &world.commits);
        here.merge(work, &mut world.commits, random);
    }
    let dropped = std::mem::take(&mut here.dropped);
    world.clones[clone] = here;
    dropped.into_iter().for_each(|what| world.blame(what));
}
