//! What of a plan waits for a person, as questions that have answers.
//!
//! A plan says what is held back and why; some of that a person can settle with one word. How a question
//! is put and what an answer does is decided elsewhere.

use std::collections::BTreeSet;

use crate::merge::Field;
use crate::model::{Candidate, EntryKey, Event, EventKind, Timestamp, Vocabulary};
use crate::plan::{Plan, Why};

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The entry.
    pub key: EntryKey,
    /// Its worklog.
    pub path: String,
    /// Its issue.
    pub number: Option<u64>,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Which side counts for a field.
    Side {
        /// The field.
        field: Field,
        /// What was agreed on last.
        base: Option<String>,
        /// What the worklog says.
        here: String,
        /// What GitHub says.
        there: String,
    },
    /// Which of these issues it is about, or none.
    Issue(Vec<Candidate>),
    /// Which of these issues it is about: the same failure is in all of them.
    Twin(Vec<u64>),
    /// Nothing: what came of its filing is known after this time.
    Wait(Timestamp),
}

/// The questions of a plan, in the order of the worklogs.
pub fn questions(plan: &Plan) -> Vec<Question> {
    let mut all = Vec::new();
    let mut told = BTreeSet::new();
    for (path, key, number) in &plan.considered {
        if !told.insert(key) {
            continue;
        }
        let question =
            |number: Option<u64>, ask: Ask| Question { key: key.clone(), path: path.clone(), number, ask };
        for found in plan.conflicts.iter().filter(|c| c.conflict.key == *key) {
            let c = &found.conflict;
            // Labels and links merge one by one, so that only these two can be settled by a side.
            if matches!(c.field, Field::Status | Field::Severity) {
                let (base, here, there) = (c.base.clone(), c.here.clone(), c.there.clone());
                let number = Some(found.number).filter(|n| *n > 0);
                all.push(question(number, Ask::Side { field: c.field, base, here, there }));
            }
        }
        for held in plan.held.iter().filter(|held| held.key == *key) {
            let ask = match &held.why {
                Why::Undecided(candidates) => Ask::Issue(candidates.clone()),
                Why::Twins(numbers) => Ask::Twin(numbers.clone()),
                Why::Pending(until) => Ask::Wait(*until),
                _ => continue,
            };
            all.push(question(held.number.or(*number), ask));
        }
    }
    all
}

/// The last event that made a field of an issue what it is: when, and by whom.
pub fn last_touch<'e>(field: Field, events: &'e [Event], vocabulary: &Vocabulary) -> Option<&'e Event> {
    let touches = |event: &&Event| match (&event.what, field) {
        (EventKind::Closed | EventKind::Reopened, Field::Status) => true,
        (EventKind::Labeled(label) | EventKind::Unlabeled(label), Field::Status) => {
            vocabulary.mark_of(label).is_some()
        }
        (EventKind::Labeled(label) | EventKind::Unlabeled(label), Field::Severity) => {
            vocabulary.severity_of(label).is_some()
        }
        _ => false,
    };
    events.iter().filter(touches).max_by_key(|event| event.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Label;

    #[test]
    fn the_last_touch_of_a_field_is_of_that_field() {
        let at =
            |second, what, by: &str| Event { what, at: Timestamp::from_second(second), by: by.to_owned() };
        let label = |name: &str| Label::new(name).expect("a label");
        let events = [
            at(1, EventKind::Labeled(label("P1")), "ann"),
            at(5, EventKind::Closed, "bob"),
            at(9, EventKind::Labeled(label("in-progress")), "eve"),
            at(7, EventKind::Unlabeled(label("P0")), "dan"),
            at(12, EventKind::Labeled(label("bug")), "joe"),
        ];
        let by = |field| last_touch(field, &events, &Vocabulary::default()).map(|event| event.by.as_str());
        assert_eq!(
            (by(Field::Status), by(Field::Severity), by(Field::Labels)),
            (Some("eve"), Some("dan"), None)
        );
    }
}
