//! The look after the writes: GitHub's time of them, and what somebody else did in between.
//!
//! GitHub has no write with a condition. Between the last look and a write anybody may write,
//! too, and the answer to a label's write does not tell the state, nor the other way round. What
//! came of it is seen here. It is not decided here: the next sync merges again.

use std::collections::BTreeSet;

use crate::forge::{ForgeError, ForgeWrite};
use crate::merge::{Diff, Field, Reading, read_remote};
use crate::model::{Labels, Look};
use crate::plan::{Change, Input, UpdateIssue};
use crate::sync::Prepared;
use crate::sync::carry::Carried;

/// One look at everything that was written.
pub(super) fn look(prepared: &Prepared, forge: &mut dyn ForgeWrite, carried: &mut Carried) {
    for issue in carried.created.values() {
        carried.looked.insert(issue.number, issue.clone());
    }
    // The answer to the last write of an issue can be the whole issue, which is that look.
    carried.looked.extend(carried.echoed.clone());
    let mut written = prepared.plan.numbers_to_write();
    written.retain(|number| !carried.echoed.contains_key(number));
    if carried.stop.is_some() {
        return;
    }
    if !written.is_empty() {
        look_at(&written, forge, carried);
    }
    for change in &prepared.plan.changes {
        if let Change::UpdateIssue(update) = change {
            overtaken(&prepared.input, update, carried);
        }
    }
}

fn look_at(written: &BTreeSet<u64>, forge: &mut dyn ForgeWrite, carried: &mut Carried) {
    match forge.issues(written) {
        Ok(looks) => {
            for (number, look) in looks {
                if let Look::Found(issue) = look {
                    carried.looked.insert(number, *issue);
                }
            }
        }
        // The writes were confirmed one by one; only their time is not known, and the
        // bases then carry the time of the first look.
        Err(error) => carried.stop = Some(error).filter(ForgeError::stops_everything),
    }
}

/// A status or severity that is neither what it was nor what was sent is somebody's, who did not
/// see ours: nothing is agreed on it. What it was before may be an old copy of the issue.
fn overtaken(input: &Input, update: &UpdateIssue, carried: &mut Carried) {
    let Some(issue) = carried.looked.get(&update.number) else { return };
    let is_ignored = |l: &crate::model::Label| input.config.ignores(l);
    let there = read_remote(issue, &input.config.labels.vocabulary, &is_ignored, &Labels::new());
    let mut fields = Vec::new();
    if is_other(update.status.as_ref(), &there.status) {
        fields.push(Field::Status);
    }
    if is_other(update.severity.as_ref(), &there.severity) {
        fields.push(Field::Severity);
    }
    let known = carried.unconfirmed.entry(update.number).or_default();
    fields.retain(|field| known.insert(*field));
    for field in fields {
        let what = format!("the {field} was changed on GitHub in the same moment");
        carried.fail(&update.keys, &what, "run again to merge the two");
    }
}

fn is_other<T: Ord>(sent: Option<&Diff<T>>, there: &Reading<T>) -> bool {
    match (sent, there) {
        (None, _) | (_, Reading::Unknown) => false,
        (Some(diff), Reading::One(value)) => *value != diff.after && *value != diff.before,
        (Some(diff), Reading::Many(values)) => values.iter().any(|v| *v != diff.after && *v != diff.before),
    }
}
