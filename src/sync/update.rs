//! State and labels of issues: which writes go together, in which order, and what is confirmed.
//!
//! Writes of one issue can depend on each other: a severity's old label goes only when the new one is
//! there. So they are sent in rounds, each of which holds what nothing in it decides about; in one
//! request or several, as the forge has it. Texts and comments are sent elsewhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::forge::{Certainty, ForgeWrite};
use crate::merge::{Diff, Field};
use crate::model::{Label, Labels, State, Status};
use crate::plan::{Input, Mismatch, UpdateIssue, Write};
use crate::sync::carry::{Carried, Sent, is_refusal, mismatch_words};
#[cfg(feature = "sabotage")]
use crate::{model::Look, sync::gather};

/// What is left to send of one update.
struct Left<'a> {
    update: &'a UpdateIssue,
    writes: VecDeque<Write>,
    /// What did not work, by its reason: one reason is said once.
    failures: BTreeMap<String, BTreeSet<&'static str>>,
}

/// Whether several updates would share requests.
pub(super) fn go_together(updates: &[&UpdateIssue], forge: &mut dyn ForgeWrite) -> bool {
    let first: Vec<Write> = updates.iter().filter_map(|u| u.writes().into_iter().next()).collect();
    updates.len() > 1 && forge.fitting(&first) > 1
}

/// Sends updates of different issues.
pub(super) fn send(
    input: &Input,
    updates: &[&UpdateIssue],
    forge: &mut dyn ForgeWrite,
    carried: &mut Carried,
) {
    let left = |update: &&'_ UpdateIssue| update.writes().into();
    let mut all: Vec<Left<'_>> = updates
        .iter()
        .map(|update| Left { update, writes: left(update), failures: BTreeMap::new() })
        .collect();
    loop {
        let mut round: Vec<(usize, Write)> = Vec::new();
        for (i, left) in all.iter_mut().enumerate() {
            let ready = left.ready(input, carried);
            round.extend(ready.into_iter().map(|write| (i, write)));
        }
        if round.is_empty() {
            break;
        }
        let writes: Vec<Write> = round.iter().map(|(_, write)| write.clone()).collect();
        let answers = carried.send_all(forge, &writes);
        for ((i, write), answer) in round.into_iter().zip(answers) {
            all[i].heard(input, &write, answer, carried);
        }
    }
    for Left { update, failures, .. } in all {
        for (reason, what) in failures {
            let what = what.into_iter().collect::<Vec<_>>().join(" and ");
            carried.not_sent(update.number, &update.keys, &what, &reason);
        }
    }
}

impl Left<'_> {
    /// The next writes that depend on no answer that is still to come, in their order.
    fn ready(&mut self, input: &Input, carried: &Carried) -> Vec<Write> {
        let number = self.update.number;
        let failed = |field| carried.unconfirmed.get(&number).is_some_and(|f| f.contains(&field));
        let mut ready: Vec<Write> = Vec::new();
        while let Some(write) = self.writes.pop_front() {
            let needs = match &write {
                // The label that takes its place has to be there.
                Write::RemoveLabel { label, .. } => {
                    Some(field_of(input, label)).filter(|f| *f != Field::Labels)
                }
                // Without its label the status would be a third one, which nobody set.
                Write::SetState { .. } => Some(Field::Status),
                _ => None,
            };
            if needs.is_some_and(failed) {
                continue;
            }
            if needs.is_some_and(|field| ready.iter().any(|before| decides(input, before, field))) {
                self.writes.push_front(write);
                break;
            }
            #[cfg(feature = "sabotage")]
            let write = if sabotaged!(PatchLabelSet) { whole_set(input, self.update, write) } else { write };
            ready.push(write);
        }
        ready
    }

    /// Takes note of what came of a write.
    fn heard(&mut self, input: &Input, write: &Write, answer: Sent, carried: &mut Carried) {
        let number = self.update.number;
        let mut found = None;
        let (problem, labels, refused) = match answer {
            Ok((_, None)) => return,
            Ok((_, Some(mismatch))) => {
                found = Some(&mismatch).and_then(Mismatch::state).cloned();
                let labels = match &mismatch {
                    Mismatch::LabelsMissing(missing) => missing.clone(),
                    Mismatch::LabelStays(label) => Labels::from([label.clone()]),
                    _ => Labels::new(),
                };
                (mismatch_words(&mismatch), labels, true)
            }
            Err(error) => {
                let refused = is_refusal(input, &error);
                if error.certainty == Certainty::Doubtful {
                    carried.lost.insert(number);
                }
                (carried.reason(&error), labels_of(write), refused)
            }
        };
        let fields = carried.unconfirmed.entry(number).or_default();
        if let Write::SetState { .. } = write {
            self.failures.entry(problem).or_default().insert("status");
            fields.insert(Field::Status);
            // Closed by somebody else in the same moment is nothing that GitHub refused.
            if let Some(diff) = self.update.status.as_ref().filter(|d| refused && stayed(d, found.as_ref())) {
                carried.refuse(input, number, format!("status {} to {}", diff.before, diff.after));
            }
            return;
        }
        self.failures.entry(problem).or_default().insert("labels");
        let adding = matches!(write, Write::AddLabels { .. });
        for label in labels {
            let sign = if adding { '+' } else { '-' };
            if refused {
                carried.refuse(input, number, format!("{sign}{}", label.folded()));
            }
            let off = carried.labels_off.entry(number).or_default();
            if adding { &mut off.0 } else { &mut off.1 }.insert(label.clone());
            let field = field_of(input, &label);
            if field != Field::Labels {
                carried.unconfirmed.entry(number).or_default().insert(field);
            }
        }
    }
}

/// Whether a field is not known to be as it should before this write is answered.
fn decides(input: &Input, write: &Write, field: Field) -> bool {
    match write {
        Write::AddLabels { labels, .. } => labels.iter().any(|label| field_of(input, label) == field),
        Write::RemoveLabel { label, .. } => field_of(input, label) == field,
        Write::SetState { .. } => field == Field::Status,
        _ => false,
    }
}

/// Whether the state that GitHub answered with is the one from before.
fn stayed(diff: &Diff<Status>, found: Option<&State>) -> bool {
    let before = match &diff.before {
        Status::Completed => State::Completed,
        Status::NotPlanned => State::NotPlanned,
        Status::Duplicate => State::Duplicate,
        Status::Open | Status::Marked(_) => State::Open,
    };
    found.is_none_or(|state| *state == before)
}

#[cfg(feature = "sabotage")]
/// A seeded defect: the labels that the issue is to have, with all that it had.
fn whole_set(input: &Input, update: &UpdateIssue, write: Write) -> Write {
    match (write, gather::seen_of(input, update.number).map(|s| &s.look)) {
        (Write::AddLabels { number, mut labels }, Some(Look::Found(issue))) => {
            labels.extend(issue.labels.iter().filter(|l| !update.remove.contains(l)).cloned());
            Write::AddLabels { number, labels }
        }
        (write, _) => write,
    }
}

fn labels_of(write: &Write) -> Labels {
    match write {
        Write::AddLabels { labels, .. } => labels.clone(),
        Write::RemoveLabel { label, .. } => Labels::from([label.clone()]),
        _ => Labels::new(),
    }
}

fn field_of(input: &Input, label: &Label) -> Field {
    let vocabulary = &input.config.labels.vocabulary;
    if vocabulary.mark_of(label).is_some() {
        Field::Status
    } else if vocabulary.severity_of(label).is_some() {
        Field::Severity
    } else {
        Field::Labels
    }
}
