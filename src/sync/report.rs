//! What a sync says at its end, and its exit code.

use crate::forge::ForgeError;
use crate::journal::{Journal, JournalError, Record};
use crate::plan::{Line, Outcome, Plan, WorklogLines, lines, lines_of_issues};
use crate::sync::carry::Carried;
use crate::sync::settle::Settled;
use crate::sync::{Prepared, Skipped, settle};

/// How a sync ended; the highest that applies is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Both sides are in sync.
    InSync,
    /// It failed, and nothing was done.
    Failed,
    /// Something is pending or failed; run again.
    Unfinished,
    /// Conflicts wait for a person.
    Conflicts,
    /// A brake stopped it before the first write.
    Stopped,
}

/// What a sync did.
#[derive(Debug)]
pub struct Report {
    /// What was planned.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// Worklogs that were left alone.
    pub skipped: Vec<Skipped>,
    /// Worklogs that are as the default branch has them, and so were left to it.
    pub left_out: Vec<String>,
    /// The commit, in full.
    pub commit: Option<String>,
    /// The worklogs in it.
    pub committed: Vec<String>,
    /// The worklogs that were written.
    pub written: Vec<String>,
    /// Things to say that belong to no entry.
    pub notes: Vec<String>,
    /// Worklogs with something to write that the next sync writes: a push may not wait for it.
    pub waiting: usize,
    /// Requests that were sent.
    pub requests: u64,
    /// Whether a brake stopped it.
    pub stopped: bool,
    /// Writes to GitHub that were confirmed.
    pub writes: usize,
    /// Why the rest was not sent.
    pub stop: Option<ForgeError>,
    /// Why nothing more was created.
    pub unnoted: Option<JournalError>,
    /// Whether something may have happened on GitHub that no answer confirmed.
    pub doubtful: bool,
}

impl Verdict {
    /// The documented exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::InSync => 0,
            Self::Failed => 1,
            Self::Unfinished => 3,
            Self::Conflicts => 4,
            Self::Stopped => 5,
        }
    }
}

impl Report {
    pub(super) fn stopped(prepared: Prepared, requests: u64) -> Self {
        Self {
            plan: prepared.plan,
            outcome: Outcome::default(),
            skipped: prepared.skipped,
            left_out: prepared.left_out,
            commit: None,
            committed: Vec::new(),
            written: Vec::new(),
            notes: Vec::new(),
            waiting: 0,
            requests,
            stopped: true,
            writes: 0,
            stop: None,
            unnoted: None,
            doubtful: false,
        }
    }

    pub(super) fn done(prepared: Prepared, carried: Carried, settled: Settled, requests: u64) -> Self {
        let created = carried.created.iter().map(|(k, i)| (k.clone(), i.number)).collect();
        let unsent = prepared.plan.numbers_to_write().difference(&carried.reached).copied().collect();
        Self {
            plan: prepared.plan,
            outcome: Outcome { created, adopted: carried.adopted, failed: carried.failed, unsent },
            skipped: prepared.skipped,
            left_out: prepared.left_out,
            commit: settled.commit,
            committed: settled.committed,
            written: settled.written.into_iter().collect(),
            notes: settled.notes,
            waiting: settled.waiting,
            requests,
            stopped: false,
            writes: carried.writes,
            stop: carried.stop,
            unnoted: carried.unnoted,
            doubtful: carried.doubtful,
        }
    }

    /// How it ended.
    pub fn verdict(&self) -> Verdict {
        let failed = !self.outcome.failed.is_empty() || self.stop.is_some() || self.unnoted.is_some();
        let did_something =
            self.writes > 0 || self.commit.is_some() || !self.written.is_empty() || self.doubtful;
        // A note leaves something to do and is no failure.
        let without = verdict(&self.plan, &self.skipped, self.stopped, !self.notes.is_empty());
        let with = if did_something { Verdict::Unfinished } else { Verdict::Failed };
        if failed && !sabotaged!(QuietFailures) { without.max(with) } else { without }
    }

    /// What a person reads, worklog by worklog.
    pub fn lines(&self) -> Vec<WorklogLines> {
        lines(&self.plan, if self.stopped { None } else { Some(&self.outcome) })
    }

    /// What a person reads of issues that no entry stands for.
    pub fn lines_of_issues(&self) -> Vec<Line> {
        lines_of_issues(&self.plan, if self.stopped { None } else { Some(&self.outcome) })
    }

    /// Entries that are the same on both sides now.
    pub fn in_sync(&self) -> usize {
        let alarmed: Vec<_> =
            self.lines().into_iter().flat_map(|w| w.lines).filter(|l| l.alarm).map(|l| l.key).collect();
        let linked = |key: &crate::model::EntryKey, number: &Option<u64>| {
            number.is_some() || self.outcome.created.contains_key(key)
        };
        self.plan.considered.iter().filter(|(_, key, n)| linked(key, n) && !alarmed.contains(key)).count()
    }
}

/// How a plan ends if it is carried out without trouble.
pub(crate) fn verdict(plan: &Plan, skipped: &[Skipped], stopped: bool, something_left: bool) -> Verdict {
    let broken = skipped.iter().any(|s| !s.is_foreign);
    let unfinished = something_left || broken || plan.held.iter().any(|h| h.why.is_unfinished());
    let mut verdict = Verdict::InSync;
    for (is_so, then) in [
        (unfinished, Verdict::Unfinished),
        (!plan.conflicts.is_empty() && !sabotaged!(QuietConflicts), Verdict::Conflicts),
        (stopped, Verdict::Stopped),
    ] {
        if is_so {
            verdict = verdict.max(then);
        }
    }
    verdict
}

impl Prepared {
    /// How a dry run ends.
    pub fn verdict(&self, yes: bool) -> Verdict {
        verdict(&self.plan, &self.skipped, self.plan.is_stopped(yes), false)
    }

    /// The worklogs that it was made from: path and text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.worklogs.iter().map(|loaded| (loaded.path.as_str(), loaded.worklog.text()))
    }

    /// What carrying out the plan would make of each worklog, as far as it is known before
    /// new issues have their numbers: path, text now, text then.
    pub fn preview(&self) -> Vec<(String, String, String)> {
        settle::preview(self)
    }
}

/// The conflicts as they are about to be shown, where they were not shown like this before.
pub(super) fn shown_conflicts(plan: &Plan, journal: &Journal<'_>) -> Vec<Record> {
    let records = plan.contested().into_iter().filter_map(|((key, field), (here, there))| {
        let field = field.to_string();
        let same = journal.shown(&key, &field).is_some_and(|(h, t)| *h == here && *t == there);
        (!same).then(|| Record::Shown { key: key.to_string(), field, here, there })
    });
    records.collect()
}
