//! A plan as a person reads it: worklog by worklog, entry by entry, one phrase a change.
//!
//! The same lines serve a dry run and the report afterwards; an [`Outcome`] tells what
//! came of the plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::merge::{Field, LocalChange};
use crate::model::{Candidate, EntryKey, Link, Status, Untrusted};
use crate::plan::{Change, EntryEdit, Plan, Target, UpdateIssue, Why};

/// What came of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The numbers of created issues, by the first entry's key.
    pub created: BTreeMap<EntryKey, u64>,
    /// Those of them that another run had made by then.
    pub adopted: BTreeSet<EntryKey>,
    /// What did not work: the entries, and what to say.
    pub failed: Vec<(Vec<EntryKey>, String)>,
    /// Issues that were to be written to, and of which nothing was confirmed.
    pub unsent: BTreeSet<u64>,
}

/// The lines of one worklog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorklogLines {
    /// Its path.
    pub path: String,
    /// Its entries that have something to say.
    pub lines: Vec<Line>,
}

/// The line of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub key: EntryKey,
    /// Its issue.
    pub number: Option<u64>,
    /// What happens, joined by commas.
    pub texts: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether somebody has to look at it.
    pub alarm: bool,
}

/// The lines of a plan; without an outcome it speaks of what would happen.
pub fn lines(plan: &Plan, outcome: Option<&Outcome>) -> Vec<WorklogLines> {
    let mut book = Book::of(plan, outcome);
    let mut worklogs: Vec<WorklogLines> = Vec::new();
    for (path, key, number) in &plan.considered {
        let Some(mut line) = book.lines.remove(key) else { continue };
        line.number = line.number.or(*number);
        match worklogs.last_mut().filter(|w| w.path == *path) {
            Some(worklog) => worklog.lines.push(line),
            None => worklogs.push(WorklogLines { path: path.clone(), lines: vec![line] }),
        }
    }
    worklogs
}

/// The lines about issues that no entry of these worklogs stands for, such as one that is told
/// that its rule can't be read.
pub fn lines_of_issues(plan: &Plan, outcome: Option<&Outcome>) -> Vec<Line> {
    let considered: BTreeSet<&EntryKey> = plan.considered.iter().map(|(_, key, _)| key).collect();
    let mut lines = Book::of(plan, outcome).lines;
    lines.retain(|key, _| !considered.contains(key));
    // What was not sent has no line of its own, but its issue is known all the same.
    for change in &plan.changes {
        if let Change::CreateComment(comment) = change
            && let Some(line) = lines.get_mut(&comment.keys[0])
        {
            line.number = Some(comment.number);
        }
    }
    lines.into_values().collect()
}

struct Book<'a> {
    plan: &'a Plan,
    outcome: Option<&'a Outcome>,
    lines: BTreeMap<EntryKey, Line>,
}

impl<'a> Book<'a> {
    fn of(plan: &'a Plan, outcome: Option<&'a Outcome>) -> Self {
        let mut book = Self { plan, outcome, lines: BTreeMap::new() };
        book.changes();
        book.troubles();
        book
    }

    fn line(&mut self, key: &EntryKey) -> &mut Line {
        let new = || Line { key: key.clone(), number: None, texts: Vec::new(), hint: None, alarm: false };
        self.lines.entry(key.clone()).or_insert_with(new)
    }

    fn changes(&mut self) {
        let failed: BTreeSet<&EntryKey> =
            self.outcome.iter().flat_map(|o| &o.failed).flat_map(|f| &f.0).collect();
        let (plan, outcome) = (self.plan, self.outcome);
        let unsent = |number: u64| outcome.is_some_and(|o| o.unsent.contains(&number));
        for change in plan.changes.iter().filter(|c| !c.number().is_some_and(unsent)) {
            match change {
                Change::CreateIssue(new) => {
                    let adopted = outcome.is_some_and(|o| o.adopted.contains(&new.keys[0]));
                    let what = match outcome {
                        None => "to be created",
                        Some(_) if adopted => "linked, another run had filed it",
                        Some(_) => "created",
                    };
                    let mut text = what.to_owned();
                    text.extend(new.severity.filter(|_| !adopted).map(|s| format!(", {s}")));
                    let labels = new.labels.len() - usize::from(new.severity.is_some());
                    if labels > 0 && !adopted {
                        text.push_str(&format!(", {labels} label{}", if labels == 1 { "" } else { "s" }));
                    }
                    if self.outcome.is_none() {
                        text.push_str(&format!(": {}", Untrusted(&new.title)));
                    }
                    let number = self.outcome.and_then(|o| o.created.get(&new.keys[0]).copied());
                    if failed.contains(&new.keys[0]) && number.is_none() {
                        continue;
                    }
                    let line = self.line(&new.keys[0]);
                    line.number = number;
                    line.texts.push(text);
                }
                Change::UpdateIssue(update) => {
                    let texts = update_texts(update);
                    self.line(&update.keys[0]).texts.extend(texts);
                }
                Change::CreateComment(comment) => {
                    self.line(&comment.keys[0]).texts.push("-> comment".to_owned())
                }
                Change::CloseDuplicate(end) => {
                    let what =
                        if end.close { "-> closed as its duplicate" } else { "told of as its duplicate" };
                    let text = format!("#{} {what}", end.number);
                    self.line(&end.keys[0]).texts.push(text);
                }
                Change::EditText(edit) => {
                    let what = if edit.comment.is_some() { "-> comment edited" } else { "-> links listed" };
                    self.line(&edit.keys[0]).texts.push(what.to_owned());
                }
                Change::EditWorklog(edit) => match &edit.edit {
                    EntryEdit::Issue { target: Target::Number(_), why } => {
                        let text = format!("linked: {}", Untrusted(why.words()));
                        // Which issue it is comes before what happens to it.
                        self.line(&edit.key).texts.insert(0, text);
                    }
                    EntryEdit::Issue { target: Target::Created(first), why } => {
                        let number = self.outcome.and_then(|o| o.created.get(first).copied());
                        if *first != edit.key && !failed.contains(first) {
                            let line = self.line(&edit.key);
                            line.number = number;
                            line.texts.push(format!("linked: {} as {}", why.words(), first.entry));
                        }
                    }
                    // What is asked is told with why the entry is held.
                    EntryEdit::Candidates(_) => {}
                    EntryEdit::Decided(_) => {
                        self.line(&edit.key).texts.push("decided, no candidates any more".to_owned());
                    }
                    EntryEdit::Follow(change) => {
                        let text = follow_text(change);
                        self.line(&edit.key).texts.push(text);
                    }
                },
                Change::CreateLabel(_) | Change::RecordBase(_) => {}
            }
        }
    }

    fn troubles(&mut self) {
        for conflict in &self.plan.conflicts {
            let c = &conflict.conflict;
            let field = if c.field == Field::Status { String::new() } else { format!("{} ", c.field) };
            let number = Some(conflict.number).filter(|n| *n > 0);
            let text = format!("conflict: {field}{} here, {} there", Untrusted(&c.here), Untrusted(&c.there));
            let line = self.line(&c.key);
            line.number = number;
            line.texts.push(text);
            // Two commands, so that either can be pasted.
            let entry = &c.key.entry;
            line.hint = Some(format!("gardener sync --prefer local {entry} (or: --prefer remote {entry})"));
            line.alarm = true;
        }
        for left in &self.plan.left_out {
            let line = self.line(&left.key);
            line.texts.push(left.words());
            line.hint =
                Some("take it out of the worklog and make it void: git keeps what is committed".to_owned());
            line.alarm = true;
        }
        for held in &self.plan.held {
            let (text, hint) = why_text(&held.why, held.number);
            let line = self.line(&held.key);
            line.number = line.number.or(held.number);
            if !line.texts.contains(&text) {
                line.texts.push(text);
            }
            let entry = held.key.entry.as_str();
            line.hint = hint.map(|hint| hint.replace("ENTRY", entry)).or_else(|| line.hint.take());
            line.alarm |= held.why.is_unfinished();
        }
        let failed: Vec<_> = self.outcome.iter().flat_map(|o| o.failed.clone()).collect();
        for (keys, message) in failed {
            if let Some(key) = keys.first() {
                let line = self.line(key);
                if !line.texts.contains(&message) {
                    line.texts.push(message);
                }
                line.alarm = true;
            }
        }
    }
}

fn update_texts(update: &UpdateIssue) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(diff) = &update.status {
        texts.push(format!("-> {}", diff.after));
    }
    let word = |s: Option<crate::model::Severity>| s.map_or("none", crate::model::Severity::word);
    if let Some(diff) = &update.severity {
        if diff.before == diff.after {
            texts.push(format!("-> severity only {}", word(diff.after)));
        } else {
            texts.push(format!("-> severity {} to {}", word(diff.before), word(diff.after)));
        }
    }
    let other = |labels: &crate::model::Labels, sign: &str| {
        let own = labels.iter().filter(|l| !update.carriers.contains(l));
        let names: Vec<_> = own.map(|l| format!("{sign}{}", Untrusted(l.name()))).collect();
        names.join(" ")
    };
    let only_labels = update.status.is_none() && update.severity.is_none();
    let (add, remove) = (other(&update.add, "+"), other(&update.remove, "-"));
    let all = [add, remove].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
    if !all.is_empty() {
        texts.push(if only_labels { format!("-> labels {all}") } else { format!("labels {all}") });
    }
    texts
}

fn follow_text(change: &LocalChange) -> String {
    let link = |l: &Link| l.to_string();
    match change {
        LocalChange::Status(d) => {
            let status = d.after.as_ref().map_or("open", Status::word);
            format!("<- {status} on GitHub")
        }
        LocalChange::Severity(d) => {
            format!("<- severity {}", d.after.map_or("none", crate::model::Severity::word))
        }
        LocalChange::AddLabel(l) => format!("<- label +{}", Untrusted(l.name())),
        LocalChange::RemoveLabel(l) => format!("<- label -{}", Untrusted(l.name())),
        LocalChange::AddLink(l) => format!("<- link +{}", Untrusted(&link(l))),
        LocalChange::RemoveLink(l) => format!("<- link -{}", Untrusted(&link(l))),
    }
}

fn why_text(why: &Why, number: Option<u64>) -> (String, Option<String>) {
    let n = number.map(|n| format!("#{n}")).unwrap_or_default();
    match why {
        Why::NotVisible => (
            "not visible on GitHub: deleted, or the token may not see it; left as it is".to_owned(),
            Some("take `issue:` out of the entry to unlink it".to_owned()),
        ),
        Why::Deleted => (
            "deleted on GitHub; left as it is".to_owned(),
            Some("take `issue:` out of the entry to unlink it".to_owned()),
        ),
        Why::Moved(to) => (
            format!("moved to {}; left as it is", Untrusted(to)),
            Some("write the new number by hand".to_owned()),
        ),
        Why::PullRequest => (
            format!("{n} is a pull request; gardener never writes to one"),
            Some("put it under `links:`".to_owned()),
        ),
        Why::Elsewhere => ("in another repository; not synced".to_owned(), None),
        Why::Pending(until) => (
            format!("pending: begun before, not confirmed; tried again after {until}"),
            Some("run gardener sync again then".to_owned()),
        ),
        Why::Unlinked => ("unlinked; neither linked nor filed again".to_owned(), None),
        Why::NeverFiled => ("closed before it was filed; not filed".to_owned(), None),
        Why::OnHold(why) => (format!("on hold, not filed: {}", Untrusted(why)), None),
        Why::Undecided(several) => {
            let shown = |c: &Candidate| {
                let score = c.score.map(|s| format!(", {s} of 100")).unwrap_or_default();
                let why = c.reason.as_deref().map(|r| format!(": {}", Untrusted(r))).unwrap_or_default();
                format!("{}{score}{why}", c.issue)
            };
            let all: Vec<_> = several.iter().map(shown).collect();
            let hint = "gardener accept ENTRY, gardener link ENTRY NUMBER or gardener link ENTRY --none";
            (format!("not filed, perhaps {}", all.join("; or ")), Some(hint.to_owned()))
        }
        Why::After(other) => (
            format!("waits for {}, which looks like the same and is filed first", other.entry),
            Some("run gardener sync again".to_owned()),
        ),
        Why::Twins(numbers) => {
            let all: Vec<_> = numbers.iter().map(|n| format!("#{n}")).collect();
            (
                format!("the same failure is in {}", all.join(" and ")),
                Some("write the right number as `issue:`".to_owned()),
            )
        }
        Why::Copy(other) => (
            format!("#{other} carries this entry's marker too, perhaps a copy; left as it is"),
            Some(format!("close #{other}, or take the line `gardener:issue` out of its text")),
        ),
        Why::Reopened(other) => (format!("its duplicate #{other} was opened again; left as it is"), None),
        Why::Refused(what) => (format!("held back: GitHub refused {} before", Untrusted(what)), None),
        Why::Locked => (format!("{n} is locked; not commented"), None),
        Why::LockedLinks => (format!("{n} is locked; not commented, and its links wait"), None),
        Why::NoLabels(labels) => {
            let names: Vec<_> = labels.iter().map(|l| Untrusted(l.name()).to_string()).collect();
            let text = format!(
                "without {}: not in the repository, and the token may not make labels",
                names.join(", ")
            );
            (text, Some("ask somebody with push access to make them".to_owned()))
        }
        Why::BlockNotOurs => {
            ("links not sent: the block is in a comment of another account".to_owned(), None)
        }
        Why::Closed(why) => {
            let verb = if number.is_some() { "sent" } else { "filed" };
            (format!("not {verb}: {why}"), None)
        }
        Why::Secret(what) => (
            format!("not synced: {what} looks like a secret"),
            Some("take it out, and make it void: git keeps what is committed".to_owned()),
        ),
    }
}
