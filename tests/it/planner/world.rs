//! A GitHub and a work tree as plain values, and a sync between them that carries out what
//! the planner says, change by change.

pub(crate) mod oracle;
mod perturb;

use std::collections::{BTreeMap, BTreeSet};

use gardener::block::IssueMarker;
use gardener::config::Config;
use gardener::merge::{Field, LocalChange, needs_events};
use gardener::model::{
    Association, Author, Base, Comment, Entry, EntryKey, Event, EventKind, Issue, IssueRef, Label, Labels,
    Look, RemoteIssue, RepoSlug, Repository, Severity, State, Status, Timestamp,
};
use gardener::plan::{
    Change, EditWorklog, EntryEdit, Input, LocalEntry, OpenIntent, Plan, RecordBase, Refusal, Seen, Target,
    UpdateIssue, Write, needs_comments, occurrence_of,
};

use crate::planner::chance::Chance;
use crate::planner::{label, marked};

/// An issue with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct There {
    pub(crate) issue: RemoteIssue,
    pub(crate) events: Vec<Event>,
    pub(crate) comments: Vec<Comment>,
    /// What a look finds instead of it.
    pub(crate) instead: Option<Look>,
}

/// Both sides.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) entries: Vec<LocalEntry>,
    pub(crate) issues: BTreeMap<u64, There>,
    pub(crate) refused: BTreeSet<Refusal>,
    /// The issues as they were when both sides had done their part.
    pub(crate) perturbed: BTreeMap<u64, RemoteIssue>,
    labels: Labels,
    made: BTreeMap<EntryKey, u64>,
    intents: Vec<OpenIntent>,
    now: i64,
}

/// What happened while a plan was carried out.
pub(crate) struct Done {
    pub(crate) failed: bool,
    pub(crate) lost: bool,
}

/// What of one plan is confirmed.
#[derive(Default)]
struct Confirmed {
    created: BTreeMap<EntryKey, u64>,
    unconfirmed: BTreeMap<u64, BTreeSet<Field>>,
    labels_off: BTreeMap<u64, (Labels, Labels)>,
    untold: BTreeSet<EntryKey>,
    failed: bool,
    lost: bool,
}

/// What becomes of one request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    Refused,
    /// The answer is lost, and the thing is done.
    LostDone,
    /// The answer is lost, and the thing is not done.
    LostNot,
}

pub(crate) fn author(login: &str) -> Author {
    let association = if login == "ann" { Association::Member } else { Association::Other };
    Author { login: login.to_owned(), association }
}

fn home() -> RepoSlug {
    RepoSlug::parse("acme/app").expect("a slug")
}

impl World {
    /// Entries of issues that are there and entries to file, with no opinion that the other
    /// side does not share.
    pub(crate) fn new(work: &mut Chance) -> Self {
        let mut world = Self {
            entries: Vec::new(),
            issues: BTreeMap::new(),
            refused: BTreeSet::new(),
            perturbed: BTreeMap::new(),
            labels: ["P0", "P1", "P2", "P3", "in-progress", "bug", "ui", "slow", "failing-test"]
                .map(label)
                .into(),
            made: BTreeMap::new(),
            intents: Vec::new(),
            now: 1_000_000,
        };
        for number in 1..=1 + work.below(3) as u64 {
            world.add_issue(number, work);
        }
        for i in 0..1 + work.below(4) {
            let numbers: Vec<u64> = world.issues.keys().copied().collect();
            let number = work.percent(65).then(|| *work.of(&numbers));
            world.add_entry(i, number, work);
        }
        world
    }

    fn add_issue(&mut self, number: u64, work: &mut Chance) {
        let state = work.of(&[State::Open, State::Open, State::Open, State::Completed, State::NotPlanned]);
        let mut labels: Vec<Label> =
            ["bug", "ui", "slow"].into_iter().filter(|_| work.percent(40)).map(label).collect();
        labels.extend(["P1", "P2"].get(work.below(4)).map(|l| label(l)));
        labels.extend(work.percent(20).then(|| label("in-progress")));
        let at = Timestamp::from_second(self.now);
        let issue = RemoteIssue {
            number,
            node_id: format!("I_{number}"),
            title: format!("Problem {number}"),
            body: format!("Bob's words about {number}."),
            state: state.clone(),
            labels,
            author: author("bob"),
            locked: false,
            created_at: at,
            updated_at: at,
        };
        self.issues.insert(number, There { issue, events: Vec::new(), comments: Vec::new(), instead: None });
    }

    fn add_entry(&mut self, i: usize, number: Option<u64>, work: &mut Chance) {
        let key = EntryKey::parse(&format!("w{i}/e{i}")).expect("a key");
        let mut entry = Entry::new(key.entry.clone(), format!("About {i}"));
        entry.issue = number.map(IssueRef::here);
        if number.is_none() {
            entry.status = work.of(&[None, Some(Status::Open), Some(marked())]).clone();
            entry.severity = *work.of(&[None, Some(Severity::P1), Some(Severity::P3)]);
        }
        let some: Vec<Label> = ["bug", "new"].into_iter().filter(|_| work.percent(50)).map(label).collect();
        entry.labels = work.percent(60).then_some(some);
        let links = perturb::LINKS.into_iter().filter(|_| work.percent(40)).map(perturb::link).collect();
        entry.links = work.percent(60).then_some(links);
        self.entries.push(LocalEntry {
            path: format!("worklogs/w{i}.md"),
            key,
            entry,
            base: None,
            base_is_written: true,
            worklog_labels: if work.percent(25) { vec![label("failing-test")] } else { Vec::new() },
            worklog_title: None,
            session: None,
            started: None,
            imported: false,
            section: None,
            uncommitted: BTreeMap::new(),
            left_out: BTreeMap::new(),
            withheld: None,
        });
    }

    pub(crate) fn minutes(&mut self, minutes: i64) {
        self.now += 60 * minutes;
    }

    pub(crate) fn has_several_occurrences(&self) -> bool {
        self.issues.keys().any(|n| self.occurrences(*n).count() > 1)
    }

    pub(crate) fn has_unreachable(&self) -> bool {
        self.issues.values().any(|i| i.instead.is_some() || i.issue.locked)
    }

    pub(crate) fn occurrences(&self, number: u64) -> impl Iterator<Item = &LocalEntry> {
        self.entries.iter().filter(move |e| e.entry.issue.as_ref().is_some_and(|i| i.number == number))
    }

    /// What a sync would gather.
    pub(crate) fn input(&self) -> Input {
        let repository = Repository {
            id: 7,
            slug: home(),
            default_branch: "main".to_owned(),
            has_issues: true,
            archived: false,
            can_triage: true,
            can_push: true,
        };
        let mut input = Input {
            home: home(),
            repository,
            viewer: Some("ann".to_owned()),
            now: Timestamp::from_second(self.now),
            config: Config::default(),
            entries: self.entries.clone(),
            seen: BTreeMap::new(),
            markers: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            likely: BTreeMap::new(),
            broken_rules: Vec::new(),
            made: self.made.clone(),
            losers: BTreeMap::new(),
            forged: BTreeMap::new(),
            told: BTreeSet::new(),
            settled: BTreeSet::new(),
            lost: (0, 0),
            newer: 0,
            intents: self.intents.clone(),
            labels: Some(self.labels.clone()),
            refused: self.refused.clone(),
            preferences: Vec::new(),
            template: "{{ section }}".to_owned(),
        };
        for (number, there) in &self.issues {
            if let Some(marker) =
                IssueMarker::read(&there.issue.body).filter(|_| input.trusts(&there.issue.author))
            {
                input.markers.entry(marker.key).or_default().insert(*number);
            }
        }
        for (number, there) in &self.issues {
            let entries: Vec<&LocalEntry> =
                self.entries.iter().filter(|e| input.number_of(e) == Some(*number)).collect();
            let look = there.instead.clone().unwrap_or_else(|| Look::Found(Box::new(there.issue.clone())));
            let updated = there.issue.updated_at;
            let events = entries.iter().any(|e| needs_events(&occurrence_of(&input, e, *number), updated));
            let comments = needs_comments(&input, &there.issue, &entries);
            let seen = Seen {
                look,
                events: events.then(|| there.events.clone()),
                comments: comments.then(|| there.comments.clone()),
            };
            input.seen.insert(*number, seen);
        }
        input
    }

    /// Carries out a plan, the changes on GitHub in any order, each of their requests with a
    /// chance to fail; then, unless the run dies there, the worklogs.
    pub(crate) fn carry_out(&mut self, plan: &Plan, chance: &mut Chance, faults: u32) -> Done {
        let mut confirmed = Confirmed::default();
        let mut changes: Vec<&Change> = plan.changes.iter().collect();
        chance.shuffle(&mut changes);
        for change in &changes {
            match change {
                Change::CreateLabel(new) => {
                    if confirmed.fate(chance, faults) != Fate::Refused {
                        self.labels.insert(new.label.clone());
                    }
                }
                Change::CreateIssue(new) => self.create(new, chance, faults, &mut confirmed),
                Change::UpdateIssue(update) => self.update(update, chance, faults, &mut confirmed),
                Change::CreateComment(new) => {
                    let fate = confirmed.fate(chance, faults);
                    if matches!(fate, Fate::Done | Fate::LostDone) {
                        self.comment(new.number, &new.body);
                    }
                    if fate != Fate::Done {
                        confirmed.untold.extend(new.keys.iter().cloned());
                        confirmed.unconfirmed.entry(new.number).or_default().insert(Field::Links);
                    }
                    if matches!(fate, Fate::LostDone | Fate::LostNot) {
                        let at = Timestamp::from_second(self.now);
                        let (keys, comment_on) = (new.keys.clone(), Some(new.number));
                        self.intents.push(OpenIntent { keys, comment_on, at });
                    }
                }
                Change::EditText(edit) => {
                    let fate = confirmed.fate(chance, faults);
                    if matches!(fate, Fate::Done | Fate::LostDone) {
                        self.now += 1;
                        let now = Timestamp::from_second(self.now);
                        let there = self.issues.get_mut(&edit.number).expect("planned for one that is there");
                        let text = match edit.comment {
                            None => &mut there.issue.body,
                            Some(id) => {
                                &mut there.comments.iter_mut().find(|c| c.id == id).expect("its own").body
                            }
                        };
                        assert_eq!(*text, edit.text.before, "it was edited in between");
                        text.clone_from(&edit.text.after);
                        there.issue.updated_at = now;
                    }
                    if fate != Fate::Done {
                        confirmed.untold.extend(edit.keys.iter().cloned());
                        confirmed.unconfirmed.entry(edit.number).or_default().insert(Field::Links);
                    }
                }
                Change::CloseDuplicate(_) | Change::EditWorklog(_) | Change::RecordBase(_) => {}
            }
        }
        // Dead before the worklogs are written: what is on GitHub is there all the same.
        if chance.percent(faults / 2) {
            confirmed.failed = true;
        } else {
            self.settle(plan, &confirmed);
        }
        self.intents.retain(|i| i.at.as_second() + 15 * 60 > self.now);
        Done { failed: confirmed.failed, lost: confirmed.lost }
    }

    fn create(
        &mut self,
        new: &gardener::plan::CreateIssue,
        chance: &mut Chance,
        faults: u32,
        confirmed: &mut Confirmed,
    ) {
        let fate = confirmed.fate(chance, faults);
        self.now += 1;
        let at = Timestamp::from_second(self.now);
        if matches!(fate, Fate::Done | Fate::LostDone) {
            let number = self.issues.keys().max().map_or(1, |n| n + 1);
            let issue = RemoteIssue {
                number,
                node_id: format!("I_{number}"),
                title: new.title.clone(),
                body: new.body.clone(),
                state: State::Open,
                labels: new.labels.iter().cloned().collect(),
                author: author("ann"),
                locked: false,
                created_at: at,
                updated_at: at,
            };
            let what = new.labels.iter().cloned().map(EventKind::Labeled);
            let events = what.map(|what| Event { what, at, by: String::new() }).collect();
            self.issues.insert(number, There { issue, events, comments: Vec::new(), instead: None });
            if fate == Fate::Done {
                self.made.extend(new.keys.iter().map(|k| (k.clone(), number)));
                confirmed.created.insert(new.keys[0].clone(), number);
            }
        }
        if matches!(fate, Fate::LostDone | Fate::LostNot) {
            self.intents.push(OpenIntent { keys: new.keys.clone(), comment_on: None, at });
        }
    }

    fn update(&mut self, update: &UpdateIssue, chance: &mut Chance, faults: u32, confirmed: &mut Confirmed) {
        let number = update.number;
        for write in update.writes() {
            let off = confirmed.unconfirmed.entry(number).or_default();
            if let Write::RemoveLabel { label, .. } = &write
                && field_of(label) != Field::Labels
                && off.contains(&field_of(label))
            {
                // The label that takes its place is not there.
                continue;
            }
            if matches!(write, Write::SetState { .. }) && off.contains(&Field::Status) {
                continue;
            }
            let fate = confirmed.fate(chance, faults);
            if matches!(fate, Fate::Done | Fate::LostDone) {
                self.write(&write);
            }
            if fate == Fate::Done {
                continue;
            }
            let off = confirmed.unconfirmed.entry(number).or_default();
            let lost = confirmed.labels_off.entry(number).or_default();
            match write {
                Write::SetState { .. } => drop(off.insert(Field::Status)),
                Write::AddLabels { labels, .. } => {
                    off.extend(labels.iter().map(field_of).filter(|f| *f != Field::Labels));
                    lost.0.extend(labels);
                }
                Write::RemoveLabel { label, .. } => {
                    off.extend(Some(field_of(&label)).filter(|f| *f != Field::Labels));
                    lost.1.insert(label);
                }
                other => panic!("{other:?} is no update"),
            }
        }
    }

    fn write(&mut self, write: &Write) {
        let number = write.number().expect("an update's");
        match write {
            Write::AddLabels { labels, .. } => labels.iter().for_each(|l| self.put_on(number, l)),
            Write::RemoveLabel { label, .. } => self.take_off(number, label),
            Write::SetState { to, .. } => self.set_state(number, to.state()),
            other => panic!("{other:?} is no update"),
        }
    }

    fn event(&mut self, number: u64, what: EventKind) {
        self.now += 1;
        let at = Timestamp::from_second(self.now);
        let there = self.issues.get_mut(&number).expect("there");
        there.events.push(Event { what, at, by: String::new() });
        there.issue.updated_at = at;
    }

    fn put_on(&mut self, number: u64, label: &Label) {
        let labels = &mut self.issues.get_mut(&number).expect("there").issue.labels;
        if !labels.contains(label) {
            labels.push(label.clone());
            self.event(number, EventKind::Labeled(label.clone()));
        }
    }

    fn take_off(&mut self, number: u64, label: &Label) {
        let labels = &mut self.issues.get_mut(&number).expect("there").issue.labels;
        if labels.contains(label) {
            labels.retain(|l| l != label);
            self.event(number, EventKind::Unlabeled(label.clone()));
        }
    }

    fn set_state(&mut self, number: u64, state: State) {
        let what = if state == State::Open { EventKind::Reopened } else { EventKind::Closed };
        let now = &mut self.issues.get_mut(&number).expect("there").issue.state;
        if *now != state {
            *now = state;
            self.event(number, what);
        }
    }

    fn comment(&mut self, number: u64, body: &str) {
        self.now += 1;
        let at = Timestamp::from_second(self.now);
        let id = self.issues.values().map(|i| i.comments.len() as u64).sum::<u64>() + 1;
        let there = self.issues.get_mut(&number).expect("there");
        let body = body.to_owned();
        there.comments.push(Comment { id, author: author("ann"), body, created_at: at, updated_at: at });
        there.issue.updated_at = at;
    }

    /// The worklogs: only what was confirmed reaches them.
    fn settle(&mut self, plan: &Plan, confirmed: &Confirmed) {
        for change in &plan.changes {
            match change {
                Change::EditWorklog(edit) => self.edit(plan, edit, confirmed),
                Change::RecordBase(record) => {
                    if let Some(base) = self.base(plan, record, confirmed) {
                        self.entry(&record.key).base = Some(base);
                    }
                }
                _ => {}
            }
        }
    }

    fn entry(&mut self, key: &EntryKey) -> &mut LocalEntry {
        self.entries.iter_mut().find(|e| e.key == *key).expect("planned for an entry")
    }

    fn edit(&mut self, plan: &Plan, edit: &EditWorklog, confirmed: &Confirmed) {
        let change = match &edit.edit {
            EntryEdit::Issue { target, .. } => {
                if let Some(number) = number(target, confirmed) {
                    let entry = &mut self.entry(&edit.key).entry;
                    (entry.issue, entry.candidates) = (Some(IssueRef::here(number)), None);
                }
                return;
            }
            EntryEdit::Candidates(several) => {
                self.entry(&edit.key).entry.candidates = Some(several.clone());
                return;
            }
            EntryEdit::Decided(_) => {
                self.entry(&edit.key).entry.candidates = None;
                return;
            }
            EntryEdit::Follow(change) => change,
        };
        let issue = self.entry(&edit.key).entry.issue.as_ref().map(|i| i.number);
        let failed = |n: u64| confirmed.unconfirmed.get(&n).is_some_and(|f| f.contains(&change.field()));
        if issue.is_none() || (issue.is_some_and(failed) && follows_a_write(plan, edit, change)) {
            return;
        }
        let entry = &mut self.entry(&edit.key).entry;
        match change {
            LocalChange::Status(d) => entry.status.clone_from(&d.after),
            LocalChange::Severity(d) => entry.severity = d.after,
            LocalChange::AddLabel(l) => entry.labels.get_or_insert_default().push(l.clone()),
            LocalChange::RemoveLabel(l) => entry.labels.get_or_insert_default().retain(|m| m != l),
            LocalChange::AddLink(l) => entry.links.get_or_insert_default().push(l.clone()),
            LocalChange::RemoveLink(l) => entry.links.get_or_insert_default().retain(|m| m != l),
        }
    }

    fn base(&self, plan: &Plan, record: &RecordBase, confirmed: &Confirmed) -> Option<Base> {
        let number = number(&record.issue, confirmed)?;
        if confirmed.untold.contains(&record.key) && record.before.is_none() {
            return None;
        }
        let off = confirmed.unconfirmed.get(&number).cloned().unwrap_or_default();
        let failed = |f: Field| record.sent.contains(&f) && off.contains(&f);
        let before = record.before.as_ref().map(|b| b.agreed.clone()).unwrap_or_default();
        let mut agreed: Issue = record.agreed.clone();
        if failed(Field::Status) {
            agreed.status = before.status;
        }
        if failed(Field::Severity) {
            agreed.severity = before.severity;
        }
        if failed(Field::Links) {
            agreed.links = before.links;
        }
        if let (Some((not_added, not_removed)), Some(labels)) =
            (confirmed.labels_off.get(&number), agreed.labels.as_mut())
        {
            labels.retain(|l| !not_added.contains(l));
            labels.extend(not_removed.iter().filter(|l| field_of(l) == Field::Labels).cloned());
        }
        if matches!(record.issue, Target::Created(_)) {
            agreed.status.get_or_insert(Status::Open);
            agreed.severity.get_or_insert(None);
        }
        if record.before.as_ref().is_some_and(|b| b.agreed == agreed) {
            return None;
        }
        let looked = self.issues.get(&number).map(|i| i.issue.updated_at);
        let seen = record.before.as_ref().map(|b| b.seen);
        let waits = plan.conflicts.iter().any(|c| c.conflict.key == record.key);
        let held = record.sent.iter().any(|f| off.contains(f));
        let seen =
            if waits || held { seen.or(record.seen).or(looked) } else { looked.or(record.seen).or(seen) };
        Some(Base { issue: IssueRef { repo: Some(home()), number }, agreed, seen: seen? })
    }
}

impl Confirmed {
    fn fate(&mut self, chance: &mut Chance, faults: u32) -> Fate {
        let fate = match chance.percent(faults) {
            false => Fate::Done,
            true => *chance.of(&[Fate::Refused, Fate::LostDone, Fate::LostNot]),
        };
        self.failed |= fate != Fate::Done;
        self.lost |= matches!(fate, Fate::LostDone | Fate::LostNot);
        fate
    }
}

fn number(target: &Target, confirmed: &Confirmed) -> Option<u64> {
    match target {
        Target::Number(number) => Some(*number),
        Target::Created(key) => confirmed.created.get(key).copied(),
    }
}

fn follows_a_write(plan: &Plan, edit: &EditWorklog, change: &LocalChange) -> bool {
    plan.changes.iter().any(|c| match c {
        Change::UpdateIssue(update) if update.keys.contains(&edit.key) => match change {
            LocalChange::Status(_) => update.status.is_some(),
            LocalChange::Severity(_) => update.severity.is_some(),
            LocalChange::AddLabel(l) => update.add.contains(l),
            LocalChange::RemoveLabel(l) => update.remove.contains(l),
            LocalChange::AddLink(_) | LocalChange::RemoveLink(_) => false,
        },
        _ => false,
    })
}

pub(crate) fn field_of(label: &Label) -> Field {
    match label.name() {
        "P0" | "P1" | "P2" | "P3" => Field::Severity,
        "in-progress" => Field::Status,
        _ => Field::Labels,
    }
}
