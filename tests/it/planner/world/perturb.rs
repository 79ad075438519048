//! What the two sides do to the state they agree on, and the log of it.

use std::collections::{BTreeMap, BTreeSet};

use gardener::block::Found;
use gardener::model::{EntryKey, EventKind, Label, Link, Look, Severity, State, Status};
use gardener::plan::Refusal;

use crate::planner::chance::Chance;
use crate::planner::world::World;
use crate::planner::{is_closed, label, marked};

pub(super) const LINKS: [&str; 2] = ["#901", "https://example.org/x"];

const LABELS: [&str; 3] = ["bug", "ui", "new"];

pub(super) fn link(text: &str) -> Link {
    Link::parse(text).expect("a link")
}

/// Who did what. Only what changes a value is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(super) status: BTreeMap<EntryKey, Status>,
    pub(super) severity: BTreeMap<EntryKey, Severity>,
    /// Labels put into an entry's list, and taken out.
    pub(super) labels: BTreeMap<EntryKey, (BTreeSet<Label>, BTreeSet<Label>)>,
    pub(super) links: BTreeMap<EntryKey, (BTreeSet<Link>, BTreeSet<Link>)>,
    pub(super) there: BTreeMap<u64, Remote>,
    /// Entries that were added.
    pub(super) added: BTreeSet<EntryKey>,
}

/// What was done on one issue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remote {
    /// Something happened to the state or a status label, whatever it is now.
    pub(super) status_touched: bool,
    pub(super) severity_touched: bool,
    /// Labels that were taken off, or put on, or both.
    pub(super) labels_touched: BTreeSet<Label>,
    /// Lines of an entry in the block that were added, and removed.
    pub(super) links: BTreeMap<EntryKey, (BTreeSet<Link>, BTreeSet<Link>)>,
    /// Somebody closed it.
    pub(super) closed: bool,
    /// It can't be looked at, or is locked.
    pub(super) out_of_reach: bool,
}

impl Log {
    pub(crate) fn has_local(&self) -> bool {
        let silent = self.status.is_empty() && self.severity.is_empty() && self.added.is_empty();
        !(silent && self.labels.is_empty() && self.links.is_empty())
    }

    pub(crate) fn has_remote(&self) -> bool {
        !self.there.is_empty()
    }

    pub(crate) fn has_both(&self) -> bool {
        self.has_local() && self.has_remote()
    }
}

impl World {
    /// Lets both sides do something, each without knowing of the other.
    pub(crate) fn perturb(&mut self, work: &mut Chance) -> Log {
        let mut log = Log::default();
        self.minutes(60);
        for i in 0..self.entries.len() {
            self.edit_entry(i, work, &mut log);
        }
        let numbers: Vec<u64> = self.issues.keys().copied().collect();
        for number in &numbers {
            self.edit_issue(*number, work, &mut log);
        }
        if work.percent(40) {
            let (i, number) = (self.entries.len(), work.percent(40).then(|| *work.of(&numbers)));
            self.add_entry(i, number, work);
            let new = self.entries.last_mut().expect("just added");
            if number.is_some() {
                // Of a new occurrence only the links are its own.
                (new.entry.labels, new.worklog_labels) = (None, Vec::new());
            }
            log.added.insert(new.key.clone());
        }
        if work.percent(10) {
            let number = *work.of(&numbers);
            let labels = [
                "+bug",
                "-bug",
                "+new",
                "+p0",
                "+in-progress",
                "status open to completed",
                "status completed to open",
            ];
            self.refused.insert(Refusal { number, what: (*work.of(&labels)).to_owned() });
        }
        self.minutes(1);
        self.perturbed = self.issues.iter().map(|(n, there)| (*n, there.issue.clone())).collect();
        log
    }

    fn edit_entry(&mut self, i: usize, work: &mut Chance, log: &mut Log) {
        let entry = &mut self.entries[i];
        let Some(agreed) = entry.base.as_ref().map(|b| b.agreed.clone()) else { return };
        let key = entry.key.clone();
        if work.percent(30) {
            let all = [Status::Open, marked(), Status::Completed, Status::NotPlanned, Status::Duplicate];
            let status = work.of(&all).clone();
            if agreed.status.as_ref() != Some(&status) {
                log.status.insert(key.clone(), status.clone());
            }
            entry.entry.status = Some(status);
        }
        if work.percent(30) {
            let severity = *work.of(&Severity::ALL);
            if agreed.severity != Some(Some(severity)) {
                log.severity.insert(key.clone(), severity);
            }
            entry.entry.severity = Some(severity);
        }
        if work.percent(30) {
            let once = &entry.worklog_labels;
            let own = agreed.labels.iter().flatten().filter(|l| !once.contains(l)).cloned();
            let mut list: Vec<Label> = entry.entry.labels.clone().unwrap_or_else(|| own.collect());
            let (mut put, mut taken) = (BTreeSet::new(), BTreeSet::new());
            for label in LABELS.map(label) {
                if !work.percent(40) {
                    continue;
                }
                if list.contains(&label) {
                    list.retain(|l| *l != label);
                    taken.insert(label);
                } else {
                    list.push(label.clone());
                    put.insert(label);
                }
            }
            entry.entry.labels = Some(list);
            if !(put.is_empty() && taken.is_empty()) {
                log.labels.insert(key.clone(), (put, taken));
            }
        }
        if work.percent(30) {
            let mut list: Vec<Link> =
                entry.entry.links.clone().unwrap_or_else(|| agreed.links.iter().flatten().cloned().collect());
            let (mut put, mut taken) = (BTreeSet::new(), BTreeSet::new());
            for link in LINKS.map(link) {
                if !work.percent(50) {
                    continue;
                }
                if list.contains(&link) {
                    list.retain(|l| *l != link);
                    taken.insert(link);
                } else {
                    list.push(link.clone());
                    put.insert(link);
                }
            }
            entry.entry.links = Some(list);
            if !(put.is_empty() && taken.is_empty()) {
                log.links.insert(key, (put, taken));
            }
        }
    }

    fn edit_issue(&mut self, number: u64, work: &mut Chance, log: &mut Log) {
        let mut did = Remote::default();
        let before = self.issues[&number].events.len();
        let mut open = !is_closed(&self.issues[&number].issue.state);
        if work.percent(30) {
            match work.below(4) {
                0 => self.set_state(number, State::Open),
                1 => self.set_state(number, State::NotPlanned),
                2 => self.set_state(number, State::Completed),
                _ if self.issues[&number].issue.labels.contains(&label("in-progress")) => {
                    self.take_off(number, &label("in-progress"));
                }
                _ => self.put_on(number, &label("in-progress")),
            }
        }
        if work.percent(5) {
            // Looks unchanged, and is not.
            let state = self.issues[&number].issue.state.clone();
            let other = if is_closed(&state) { State::Open } else { State::Completed };
            self.set_state(number, other);
            self.set_state(number, state);
        }
        if work.percent(30) {
            let all = ["P0", "P1", "P2", "P3"].map(label);
            all.iter().for_each(|l| self.take_off(number, l));
            if let Some(new) = all.get(work.below(5)) {
                self.put_on(number, new);
            }
        }
        if work.percent(30) {
            for label in LABELS.map(label) {
                if !work.percent(40) {
                    continue;
                }
                let there = self.issues[&number].issue.labels.contains(&label);
                let twice = work.percent(10);
                for on in if twice { vec![!there, there] } else { vec![!there] } {
                    if on { self.put_on(number, &label) } else { self.take_off(number, &label) }
                }
            }
        }
        let events = self.issues[&number].events[before..].to_vec();
        for event in &events {
            match &event.what {
                EventKind::Closed | EventKind::Reopened => {
                    did.status_touched = true;
                    open = event.what == EventKind::Reopened;
                }
                EventKind::Labeled(l) | EventKind::Unlabeled(l) => match super::field_of(l) {
                    // On a closed issue a status label says nothing.
                    gardener::merge::Field::Status => did.status_touched |= open,
                    gardener::merge::Field::Severity => did.severity_touched = true,
                    _ => drop(did.labels_touched.insert(l.clone())),
                },
            }
            did.closed |= event.what == EventKind::Closed;
        }
        if work.percent(30) {
            self.edit_block(number, work, &mut did);
        }
        if work.percent(6) {
            let there = self.issues.get_mut(&number).expect("there");
            did.out_of_reach = true;
            match work.below(5) {
                0 => there.instead = Some(Look::Missing),
                1 => there.instead = Some(Look::Deleted),
                2 => there.instead = Some(Look::Moved("https://github.com/acme/other/issues/1".to_owned())),
                3 => there.instead = Some(Look::PullRequest),
                _ => there.issue.locked = true,
            }
        }
        if !events.is_empty() || !did.links.is_empty() || did.out_of_reach {
            log.there.insert(number, did);
        }
    }

    /// Somebody edits the lines of one entry in the managed block.
    fn edit_block(&mut self, number: u64, work: &mut Chance, did: &mut Remote) {
        self.now += 1;
        let now = gardener::model::Timestamp::from_second(self.now);
        let there = self.issues.get_mut(&number).expect("there");
        let in_body = matches!(Found::read(&there.issue.body), Found::Block(_));
        let text = match in_body {
            true => &mut there.issue.body,
            false => {
                match there.comments.iter_mut().find(|c| matches!(Found::read(&c.body), Found::Block(_))) {
                    Some(comment) => &mut comment.body,
                    None => return,
                }
            }
        };
        let Found::Block(mut block) = Found::read(text) else { return };
        let keys: Vec<EntryKey> = block.keys().cloned().collect();
        let Some(key) = keys.get(work.below(keys.len())) else { return };
        let mut links: Vec<Link> = block.links(key).expect("listed").to_vec();
        let (mut put, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for link in LINKS.map(link) {
            if !work.percent(50) {
                continue;
            }
            if links.contains(&link) {
                links.retain(|l| *l != link);
                taken.insert(link);
            } else {
                links.push(link.clone());
                put.insert(link);
            }
        }
        if put.is_empty() && taken.is_empty() {
            return;
        }
        let path = format!("worklogs/{}.md", key.worklog);
        block.set(key, &path, &links);
        *text = block.put_into(text);
        there.issue.updated_at = now;
        did.links.insert(key.clone(), (put, taken));
    }
}
