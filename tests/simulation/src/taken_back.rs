//! What an undo may do: each value that it sets on GitHub is the one from before a write of this
//! clone, and nobody moved it since that write.

use std::collections::BTreeMap;

use crate::known::Slot;
use crate::world::{LABELS, Remote, SEVERITIES, World};

/// What this clone wrote to issues, by issue: as it was before the writes of one sync, and after.
pub(crate) type Wrote = BTreeMap<u64, (Remote, Remote)>;

/// Notes a write of a sync.
pub(crate) fn note(world: &mut World, clone: usize, number: u64, before: Remote) {
    let after = world.last(number);
    let here = &mut world.clones[clone];
    if !std::mem::replace(&mut here.sync.wrote, true) {
        here.wrote.clear();
    }
    let wrote = &mut here.wrote;
    wrote.entry(number).and_modify(|(_, last)| *last = after.clone()).or_insert((before, after));
}

/// Judges a write of an undo.
pub(crate) fn judge(world: &mut World, clone: usize, number: u64, before: &Remote, after: &Remote) {
    let Some((old, left)) = world.clones[clone].wrote.get(&number).cloned() else {
        return world.blame(format!("#{number} was taken back, and this clone had written nothing to it"));
    };
    let look = world.clones[clone].sync.looked.get(&number).and_then(|all| all.last()).cloned();
    let mut slots = Vec::new();
    if before.status != after.status || before.is_marked != after.is_marked {
        // Closed and with a label, a status needs two writes.
        let is_on_the_way = after.status == "open"
            && !matches!(old.status.as_str(), "completed" | "not-planned" | "duplicate");
        slots.push((
            Slot::Status,
            after.status == old.status || is_on_the_way || after.status == before.status,
        ));
    }
    for severity in SEVERITIES {
        let (was, is) = (before.severity.contains(severity), after.severity.contains(severity));
        if was != is {
            slots.push((Slot::Severity, old.severity.contains(severity) == is));
        }
    }
    for label in LABELS {
        let (was, is) = (before.labels.contains(label), after.labels.contains(label));
        if was != is {
            slots.push((Slot::Label(label), old.labels.contains(label) == is));
        }
    }
    for (slot, is_old) in slots {
        if !is_old {
            world.blame(format!("#{number}: {slot:?} was taken back to something that it was not before"));
        }
        let since = look.as_ref().map_or(0, |then| then.of(slot)) & !left.of(slot);
        if since != 0 {
            world.blame(format!("#{number}: {slot:?} was taken back, and somebody had moved it since"));
        }
    }
    world.note_issue(number, &[]);
}
