//! What `--prefer` is about: values that somebody has seen (rule 11), and not more of them than meant.

use std::collections::BTreeSet;

use crate::journal::Journal;
use crate::merge::{Field, Preference};
use crate::model::EntryKey;
use crate::plan::{Input, Plan};
use crate::sync::Choices;

/// `--prefer` applies to the values that were shown (rule 11). Where a conflict was shown
/// with other values than it has now, the preference is dropped, and the conflict is shown
/// again. Where none was shown the user gave a rule for whatever comes.
pub(super) fn hold_back_unseen(input: &mut Input, journal: &Journal<'_>) -> bool {
    if input.preferences.is_empty() {
        return false;
    }
    let mut blind = input.clone();
    blind.preferences.clear();
    let Ok(without) = Plan::make(&blind) else { return false };
    let mut stale: BTreeSet<(EntryKey, Field)> = BTreeSet::new();
    for ((key, field), (here, there)) in without.contested() {
        let is_meant = |p: &&Preference| p.key.as_ref() == Some(&key) && p.field == Some(field);
        let seen = input.preferences.iter().find(is_meant).and_then(|p| p.seen.as_ref());
        let shown = seen.or_else(|| journal.shown(&key, &field.to_string()));
        if shown.is_some_and(|(h, t)| *h != here || *t != there) {
            stale.insert((key, field));
        }
    }
    if stale.is_empty() {
        return false;
    }
    let conflicts: Vec<_> =
        without.conflicts.iter().map(|c| (c.conflict.key.clone(), c.conflict.field)).collect();
    // The preferences are written out for the conflicts that still are as they were shown.
    let mut exact = Vec::new();
    for preference in &input.preferences {
        for (key, field) in &conflicts {
            let meant = preference.key.as_ref().is_none_or(|k| k == key)
                && preference.field.is_none_or(|f| f == *field);
            if meant && !stale.contains(&(key.clone(), *field)) {
                let (key, field) = (Some(key.clone()), Some(*field));
                exact.push(Preference { side: preference.side, key, field, seen: None });
            }
        }
    }
    input.preferences = exact;
    true
}

/// A preference that names no entry settles whatever is there. More than one conflict of it is a brake:
/// somebody who has one in mind would send values over others that came meanwhile.
pub(super) fn hold_unasked(plan: &mut Plan, input: &Input, keys: &[EntryKey], choices: &Choices) {
    if choices.preferences.iter().all(|wanted| wanted.entry.is_some()) {
        return;
    }
    let named: Vec<Preference> = choices.preferences.iter().filter_map(|w| w.resolve(keys).ok()).collect();
    let mut blind = input.clone();
    blind.preferences.clear();
    let Ok(without) = Plan::make(&blind) else { return };
    let left: BTreeSet<(EntryKey, Field)> = plan.contested().into_keys().collect();
    let is_unasked = |key: &EntryKey, field: Field| {
        let is_named =
            |p: &Preference| p.key.as_ref() == Some(key) && p.field.is_none_or(|other| other == field);
        !left.contains(&(key.clone(), field)) && !named.iter().any(is_named)
    };
    let settled = without.conflicts.into_iter().filter(|c| is_unasked(&c.conflict.key, c.conflict.field));
    plan.hold_settled(settled.collect());
}
