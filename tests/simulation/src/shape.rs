//! The shape of a campaign: what happened in it, and whether that was enough to prove anything.

use std::collections::BTreeMap;
use std::fmt;

use crate::Outcome;

/// Sums over histories.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Histories.
    pub histories: u64,
    /// Steps, without those of the end.
    pub steps: u64,
    /// Syncs.
    pub syncs: u64,
    /// Effects.
    pub effects: u64,
    /// Histories with a crash.
    pub crashed: u64,
    /// Histories with more than one clone.
    pub several: u64,
    /// Faults, and how often each struck.
    pub fired: BTreeMap<&'static str, u64>,
    /// Histories in which something was wrong: the seed and the first of it.
    pub wrong: Vec<(u64, String)>,
}

/// Every fault there is.
pub(crate) const FAULTS: [&str; 29] = [
    "between: another clone syncs",
    "between: somebody edits on GitHub",
    "between: somebody edits the worklog",
    "crash: killed",
    "crash: the power goes",
    "disk: can't read",
    "disk: can't rename",
    "disk: can't sync",
    "disk: full",
    "disk: full in the middle",
    "git: a hook refuses the commit",
    "graphql: down",
    "graphql: partial",
    "graphql: some writes",
    "http: 500, done",
    "http: 502, not done",
    "http: clock of the server wrong",
    "http: primary limit",
    "http: secondary limit",
    "http: secondary limit without a wait",
    "http: sent elsewhere",
    "net: a portal's page",
    "net: another answer again",
    "net: answer cut",
    "net: answer lost",
    "net: nobody there",
    "net: request lost",
    "net: too slow, done",
    "net: too slow, not done",
];

impl Shape {
    /// Adds a history.
    pub fn add(&mut self, outcome: Outcome) {
        self.histories += 1;
        self.steps += outcome.steps;
        self.syncs += outcome.syncs;
        self.effects += outcome.effects;
        self.crashed += u64::from(outcome.crashes > 0);
        self.several += u64::from(outcome.clones > 1);
        for (what, count) in outcome.fired {
            *self.fired.entry(what).or_default() += count;
        }
        if let Some(wrong) = outcome.wrong.into_iter().next() {
            self.wrong.push((outcome.seed, wrong));
        }
    }

    /// Adds another campaign.
    pub fn join(&mut self, other: Self) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.syncs += other.syncs;
        self.effects += other.effects;
        self.crashed += other.crashed;
        self.several += other.several;
        for (what, count) in other.fired {
            *self.fired.entry(what).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self.wrong.sort();
    }

    /// What is missing for a campaign to prove something: 8 steps a history, 30 % with a crash,
    /// 10 % with several clones, every fault.
    #[must_use]
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        if self.steps < 8 * self.histories {
            lacks.push(format!("only {} steps", self.steps));
        }
        if self.crashed * 100 < 30 * self.histories {
            lacks.push(format!("only {} histories with a crash", self.crashed));
        }
        if self.several * 100 < 10 * self.histories {
            lacks.push(format!("only {} histories with several clones", self.several));
        }
        let silent = FAULTS.iter().filter(|f| !self.fired.contains_key(*f));
        lacks.extend(silent.map(|f| format!("no history with `{f}`")));
        lacks
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |n: u64| 100.0 * n as f64 / self.histories.max(1) as f64;
        let mean = |n: u64| n as f64 / self.histories.max(1) as f64;
        writeln!(
            f,
            "{} histories: {:.1} steps, {:.1} syncs and {:.1} effects each; {:.1} % with a crash, {:.1} % with several clones",
            self.histories,
            mean(self.steps),
            mean(self.syncs),
            mean(self.effects),
            share(self.crashed),
            share(self.several),
        )?;
        for (fault, count) in &self.fired {
            writeln!(f, "{count:10}  {fault}")?;
        }
        Ok(())
    }
}
