//! What the log says must have come of it, field by field.

use std::collections::{BTreeMap, BTreeSet};

use gardener::block::Found;
use gardener::merge::Field;
use gardener::model::{EntryKey, Label, Link, Severity, State, Status};
use gardener::plan::{LocalEntry, Plan};

use crate::planner::is_closed;
use crate::planner::world::perturb::{LINKS, Log, Remote, link};
use crate::planner::world::{World, field_of};

/// Conflicts by entry and field.
type Expected = BTreeMap<(EntryKey, Field), bool>;

/// Checks the end of a history against what was done in it.
pub(crate) fn check(start: &World, log: &Log, end: &World, plan: &Plan) -> Result<(), String> {
    // Whether it must be said: an entry that says what GitHub says may be let go.
    let mut expected: Expected = BTreeMap::new();
    let mut loose = BTreeSet::new();
    for (number, before) in &start.issues {
        let did = log.there.get(number).cloned().unwrap_or_default();
        let now = &end.issues[number];
        untouched(start, log, end, *number)?;
        let asked = end.occurrences(*number).any(|e| log.status.get(&e.key).is_some_and(Status::is_closed));
        if is_closed(&now.issue.state) && !is_closed(&before.issue.state) && !did.closed && !asked {
            return Err(format!("#{number} is closed, and nobody closed it"));
        }
        if end.refused.iter().any(|r| r.number == *number) || did.out_of_reach {
            // What can't be sent is not sent by half either: the status is one that somebody set.
            let said = status_of(&now.issue.state, &now.issue.labels);
            let there = &end.perturbed[number];
            let set = end.occurrences(*number).any(|e| log.status.get(&e.key) == Some(&said));
            if !set && said != status_of(&there.state, &there.labels) {
                return Err(format!("#{number} is {said}, and nobody set that"));
            }
            loose.insert(*number);
            continue;
        }
        let case = Case { start, log, end, number: *number, did: &did };
        case.status(&mut expected)?;
        case.severity(&mut expected)?;
        case.labels()?;
        case.links()?;
    }
    for entry in &end.entries {
        let Some(number) = entry.entry.issue.as_ref().map(|i| i.number) else {
            return Err(format!("{} is not filed", entry.key));
        };
        let marker = format!("<!-- gardener:issue 1 {} ", entry.key);
        let made = end.issues.values().filter(|i| i.issue.body.contains(&marker)).count();
        if made > 1 {
            return Err(format!("{} was filed {made} times", entry.key));
        }
        let told: usize = end
            .issues
            .values()
            .map(|i| {
                let marker = format!("<!-- gardener:comment 1 {} -->", entry.key);
                i.comments.iter().filter(|c| c.body.contains(&marker)).count()
            })
            .sum();
        // Told of once as an occurrence, and once more where a block had to be put somewhere.
        if told > 2 || (told > 1 && !loose.contains(&number) && entry.base.is_none()) {
            return Err(format!("{} was told of {told} times", entry.key));
        }
    }
    let said: BTreeSet<_> =
        plan.conflicts.iter().map(|c| (c.number, c.conflict.key.clone(), c.conflict.field)).collect();
    let said: BTreeSet<_> =
        said.into_iter().filter(|(n, _, _)| !loose.contains(n)).map(|(_, k, f)| (k, f)).collect();
    let must: BTreeSet<_> =
        expected.iter().filter(|(_, said)| **said).map(|(what, _)| what.clone()).collect();
    if !must.is_subset(&said) || said.iter().any(|what| !expected.contains_key(what)) {
        let entries: Vec<_> = end.entries.iter().map(|e| (&e.key, &e.entry, &e.base)).collect();
        return Err(format!(
            "conflicts said: {said:?}, to be said: {expected:?}\n{log:?}\n{:?}\n{entries:?}\n{:?}",
            end.perturbed, end.issues
        ));
    }
    Ok(())
}

/// What nobody touched is the same byte for byte, on both sides.
fn untouched(start: &World, log: &Log, end: &World, number: u64) -> Result<(), String> {
    let silent = |e: &&LocalEntry| {
        let k = &e.key;
        !(log.status.contains_key(k)
            || log.severity.contains_key(k)
            || log.labels.contains_key(k)
            || log.links.contains_key(k)
            || log.added.contains(k))
    };
    if log.there.contains_key(&number) || !end.occurrences(number).all(|e| silent(&e)) {
        return Ok(());
    }
    if start.issues[&number] != end.issues[&number] {
        return Err(format!(
            "#{number} was touched: {:#?}\n{:#?}",
            start.issues[&number], end.issues[&number]
        ));
    }
    for entry in end.occurrences(number) {
        let before = start.entries.iter().find(|e| e.key == entry.key).expect("not added");
        let same = before.base == entry.base && before.entry.issue == entry.entry.issue;
        // A person may have written down what was agreed on, which changes nothing.
        let values = |e: &LocalEntry| (e.entry.status.clone(), e.entry.severity);
        let said = values(before) == values(entry)
            || before.entry.status.is_none()
            || before.entry.severity.is_none();
        if !same || !said {
            return Err(format!("{} was touched: {before:#?}\n{entry:#?}", entry.key));
        }
    }
    Ok(())
}

struct Case<'a> {
    start: &'a World,
    log: &'a Log,
    end: &'a World,
    number: u64,
    did: &'a Remote,
}

/// An issue's status, by its state and its labels.
fn status_of(state: &State, labels: &[Label]) -> Status {
    match state {
        State::Completed => Status::Completed,
        State::NotPlanned => Status::NotPlanned,
        State::Duplicate => Status::Duplicate,
        _ if labels.iter().any(|l| field_of(l) == Field::Status) => crate::planner::marked(),
        _ => Status::Open,
    }
}

fn severity_of(labels: &[Label]) -> Option<Severity> {
    labels.iter().find_map(|l| l.name().parse().ok())
}

impl Case<'_> {
    fn status(&self, expected: &mut Expected) -> Result<(), String> {
        let of = |w: &World| {
            let issue = &w.issues[&self.number].issue;
            status_of(&issue.state, &issue.labels)
        };
        let ops = |e: &LocalEntry| self.log.status.get(&e.key).cloned();
        let here = |e: &LocalEntry| e.entry.status.clone();
        let after = self.perturbed(|labels, state| status_of(state, labels));
        self.scalar(
            Field::Status,
            of(self.start),
            after,
            of(self.end),
            self.did.status_touched,
            ops,
            here,
            expected,
        )
    }

    fn severity(&self, expected: &mut Expected) -> Result<(), String> {
        let of = |w: &World| severity_of(&w.issues[&self.number].issue.labels);
        let ops = |e: &LocalEntry| self.log.severity.get(&e.key).copied().map(Some);
        let here = |e: &LocalEntry| e.entry.severity.map(Some);
        let after = self.perturbed(|labels, _| severity_of(labels));
        let touched = self.did.severity_touched;
        self.scalar(Field::Severity, of(self.start), after, of(self.end), touched, ops, here, expected)
    }

    /// What GitHub had when both sides had done their part.
    fn perturbed<T>(&self, read: impl Fn(&[Label], &State) -> T) -> T {
        let there = &self.end.perturbed[&self.number];
        read(&there.labels, &there.state)
    }

    #[expect(clippy::too_many_arguments, reason = "the legs of one law")]
    fn scalar<T: Clone + Eq + Ord + std::fmt::Debug>(
        &self,
        field: Field,
        base: T,
        remote: T,
        end: T,
        touched: bool,
        op: impl Fn(&LocalEntry) -> Option<T>,
        here: impl Fn(&LocalEntry) -> Option<T>,
        expected: &mut Expected,
    ) -> Result<(), String> {
        let all: Vec<&LocalEntry> = self.end.occurrences(self.number).collect();
        let speaking: BTreeMap<&EntryKey, T> = all.iter().filter_map(|e| Some((&e.key, op(e)?))).collect();
        let values: BTreeSet<&T> = speaking.values().collect();
        let wanted = match (values.len(), values.first()) {
            (0, _) => Some(remote.clone()),
            (1, Some(v)) if **v == remote || (remote == base && !touched) => Some((*v).clone()),
            _ => None,
        };
        let problem = |what: &str| {
            Err(format!(
                "#{} {field}: {what}; base {base:?}, here {speaking:?}, there {remote:?} (touched: {touched}), \
                 at the end {end:?} there and {:?} here",
                self.number,
                all.iter().map(|e| here(e)).collect::<Vec<_>>()
            ))
        };
        match wanted {
            Some(value) => {
                if end != value {
                    return problem("GitHub has another value");
                }
                for entry in &all {
                    match here(entry) {
                        Some(now) if now != value => return problem("an entry has another value"),
                        None if speaking.contains_key(&entry.key) && format!("{value:?}") != "None" => {
                            return problem("an edit is gone");
                        }
                        _ => {}
                    }
                }
            }
            None => {
                if end != remote {
                    return problem("a conflict, and GitHub was changed");
                }
                for entry in &all {
                    if let Some(said) = speaking.get(&entry.key) {
                        expected.insert((entry.key.clone(), field), *said != remote);
                        if here(entry).as_ref() != Some(said) {
                            return problem("a conflict, and the entry was changed");
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn labels(&self) -> Result<(), String> {
        let of = |w: &World| w.issues[&self.number].issue.labels.clone();
        let (start, end) = (of(self.start), of(self.end));
        let remote = &self.end.perturbed[&self.number].labels;
        let all: Vec<&LocalEntry> = self.end.occurrences(self.number).collect();
        let seen: BTreeSet<Label> = start.iter().chain(remote).chain(&end).cloned().collect();
        let asked = all.iter().filter_map(|e| self.log.labels.get(&e.key)).flat_map(|(p, t)| p.union(t));
        for label in seen.iter().chain(asked).filter(|l| field_of(l) == Field::Labels) {
            let put = all.iter().any(|e| self.log.labels.get(&e.key).is_some_and(|(p, _)| p.contains(label)));
            let taken =
                all.iter().any(|e| self.log.labels.get(&e.key).is_some_and(|(_, t)| t.contains(label)));
            let there = remote.contains(label);
            let again = there && self.did.labels_touched.contains(label);
            let stays = put || (if taken { again } else { there });
            if end.contains(label) != stays {
                return Err(format!(
                    "#{} label {label:?}: put {put}, taken {taken}, there {there}, touched {again}, at the end {}",
                    self.number,
                    end.contains(label)
                ));
            }
            for entry in &all {
                let once = entry.worklog_labels.contains(label);
                let has = entry.entry.labels.as_ref().map(|l| l.contains(label));
                if has.is_some_and(|has| has != stays) && !once {
                    return Err(format!("{} has {has:?} of {label:?}, GitHub {stays}", entry.key));
                }
            }
        }
        Ok(())
    }

    fn links(&self) -> Result<(), String> {
        for entry in self.end.occurrences(self.number) {
            let listed = |w: &World| {
                let there = &w.issues[&self.number];
                let texts = std::iter::once(&there.issue.body).chain(there.comments.iter().map(|c| &c.body));
                texts.into_iter().find_map(|t| match Found::read(t) {
                    Found::Block(b) => {
                        b.links(&entry.key).map(|l| l.iter().cloned().collect::<BTreeSet<Link>>())
                    }
                    _ => None,
                })
            };
            let Some(end) = listed(self.end) else {
                return Err(format!("{} is not listed", entry.key));
            };
            let Some(start) = listed(self.start) else { continue };
            let none = (BTreeSet::new(), BTreeSet::new());
            let (put, taken) = self.log.links.get(&entry.key).unwrap_or(&none);
            let (put_there, taken_there) = self.did.links.get(&entry.key).unwrap_or(&none);
            for link in LINKS.map(link) {
                let added = put.contains(&link) || put_there.contains(&link);
                let gone = taken.contains(&link) || taken_there.contains(&link);
                let stays = if start.contains(&link) { !gone } else { added };
                let has = entry.entry.links.as_ref().map(|l| l.contains(&link));
                if end.contains(&link) != stays || has.is_some_and(|has| has != stays) {
                    return Err(format!(
                        "{} {link}: should be there: {stays}, is: {}, here: {has:?}",
                        entry.key,
                        end.contains(&link)
                    ));
                }
            }
        }
        Ok(())
    }
}
