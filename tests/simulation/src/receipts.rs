//! What a clone's journal says was agreed on, for the oracles: it counts as known to the people
//! whose edits say the same.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::check::{slots, value};
use crate::hand;
use crate::world::{Doc, World, worklog_id};

/// What a sync noted as agreed without its worklog being written, or with another text of it (an
/// old one can come back): an edit that says what GitHub says has come true all the same. At the
/// end of a sync (`is_end`) an edit that somebody made while it ran knows what the text had
/// agreed on that it was made in; one in a text that came back does not.
pub(crate) fn agreed_in_journal(world: &mut World, clone: usize, is_end: bool) {
    let journal = Path::new("/git/gardener/journal");
    let Some(text) = world.clones[clone].files.text(journal) else { return };
    // Each with whether it reached the worklog.
    let mut lines: BTreeMap<String, (String, bool)> = BTreeMap::new();
    let records = ["\"record\":\"agreed\"", "\"record\":\"landed\""];
    for line in text.lines().filter(|l| records.iter().any(|r| l.contains(r))) {
        let Some(record) = line.get(9..).and_then(|json| serde_json::from_str::<Value>(json).ok()) else {
            continue;
        };
        for key in record["keys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            lines.entry(key.to_owned()).and_modify(|(_, landed)| *landed = true);
        }
        if let (Some(key), Some(line)) = (record["key"].as_str(), record["line"].as_str()) {
            lines.insert(key.to_owned(), (line.to_owned(), false));
        }
    }
    for path in world.clones[clone].paths() {
        let Some(mut doc) = world.clones[clone].doc(&path) else { continue };
        let start = world.clones[clone].sync.start.get(&path).filter(|_| is_end).cloned();
        if settle(world, &lines, &path, &mut doc, start.as_ref()) {
            world.clones[clone].remember(&path, doc);
        }
    }
    // A push is about what is committed, and that has come true as well.
    let head = world.clones[clone].head();
    for (path, mut doc) in world.commits[head].tree.clone() {
        if settle(world, &lines, &path, &mut doc, None) {
            world.commits[head].tree.insert(path, doc);
        }
    }
}

/// What the journal's lines mean for one text; whether that is anything new.
fn settle(
    world: &World,
    lines: &BTreeMap<String, (String, bool)>,
    path: &str,
    doc: &mut Doc,
    start: Option<&Doc>,
) -> bool {
    let before = doc.known.clone();
    for id in hand::entries(&doc.text) {
        let Some((line, landed)) = lines.get(&format!("{}/{id}", worklog_id(path))) else { continue };
        // What stands in the worklog was judged when it was written.
        let (noted, there) = (hand::seen(line, &id), hand::seen(&doc.text, &id));
        if noted < there || (noted == there && *landed) {
            continue;
        }
        let own = hand::base(&doc.text, &id).filter(|_| noted == there);
        let (Some(base), Some(view)) = (hand::base(line, &id), hand::view(&doc.text, &id)) else {
            continue;
        };
        if view.issue.is_some_and(|n| n != base.issue) {
            continue;
        }
        let based = base.as_view();
        let start = start.and_then(|doc| hand::view(&doc.text, &id));
        for slot in slots() {
            let (Some(theirs), Some(mine)) = (value(slot, &based), value(slot, &view)) else { continue };
            // A receipt lacks what the worklog was only about to get.
            let written = own.as_ref().and_then(|own| value(slot, &own.as_view()));
            if written.is_some_and(|written| written != theirs) {
                continue;
            }
            let mut states = world.states(base.issue).into_iter().rev();
            let Some(edits) = states.find(|r| r.agrees(slot, &based)).map(|r| r.of(slot)) else {
                continue;
            };
            let known = doc.known.entry(id.clone()).or_default();
            if theirs == mine {
                known.agree(slot, edits);
            } else if noted > there
                && start.as_ref().is_some_and(|s| value(slot, s).is_none_or(|v| v == theirs))
            {
                // What a text says nothing of is as it was agreed.
                *known.now.entry(slot).or_default() |= edits;
            }
        }
    }
    doc.known != before
}
