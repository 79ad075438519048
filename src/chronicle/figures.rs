//! What is counted: how many problems are open, since when, how fast they are closed, what runs say.
//!
//! All of it at a given moment, from a given moment on. What is open now is counted whatever that is.

use std::collections::{BTreeMap, BTreeSet};

use crate::chronicle::calendar::{DAY, Step, Unit, between, steps};
use crate::chronicle::{Chronicle, Problem};
use crate::model::{Severity, Timestamp};

/// The bounds of the ages that are told apart, in days; what is older comes after them.
const AGES: [i64; 3] = [7, 30, 90];
/// The names of those ages.
pub(super) const AGE_NAMES: [&str; 4] = ["0–7 days", "8–30 days", "31–90 days", "older"];
/// The bounds of the times that closing takes, in days.
const WAITS: [i64; 5] = [1, 3, 7, 30, 90];
/// Their names.
pub(super) const WAIT_NAMES: [&str; 6] = ["1 day", "3 days", "7 days", "30 days", "90 days", "longer"];
/// The most tests that are named.
const TESTS: usize = 30;

/// What was counted.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The moment.
    pub now: Timestamp,
    /// From when on, where that was asked for.
    pub since: Option<Timestamp>,
    /// How many are open.
    pub open: usize,
    /// How many were 30 days before, where the history at hand goes back so far.
    pub open_before: Option<usize>,
    /// Those that came in the last 30 days, and those that were closed.
    pub month: (usize, usize),
    /// Open ones by severity, the worst first, each by age. Severities that nothing has are left out.
    pub ages: Vec<(Option<Severity>, [u64; 4])>,
    /// What came, went and was open over time.
    pub flow: Flow,
    /// The suites, those that failed last first.
    pub suites: Vec<Suite>,
    /// Problems that are flaky, by their place: the open ones first, and then those that came back most.
    pub flaky: Vec<usize>,
    /// Tests that failed most.
    pub tests: Vec<TestLine>,
    /// How many tests failed at all.
    pub failed_tests: usize,
    /// How long closing takes.
    pub closing: Closing,
    /// The same for each severity that was closed.
    pub closing_by: Vec<(Option<Severity>, Closing)>,
}

/// Amounts over time, one for each step.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// A step: `day`, `week`, `month`, `quarter` or `year`.
    pub unit: &'static str,
    /// The steps.
    pub steps: Vec<Step>,
    /// Problems that turned up.
    pub came: Vec<u64>,
    /// Closings.
    pub closed: Vec<u64>,
    /// Problems that were open at its end.
    pub open: Vec<u64>,
    /// Runs that worklogs tell of.
    pub runs: Vec<u64>,
    /// The most tests that failed in one worklog; `None` where no run tells.
    pub failed: Vec<Option<u64>>,
}

/// A suite, by its latest run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// How its latest run ended, as the worklog says.
    pub outcome: Option<String>,
    /// The counts of that run.
    pub counts: [Option<u64>; 3],
    /// When that was.
    pub at: Timestamp,
    /// The worklog, by its place.
    pub worklog: usize,
    /// How many runs there were.
    pub runs: u64,
    /// How many of them did not pass.
    pub bad: u64,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestLine {
    /// Its name.
    pub name: String,
    /// In how many worklogs it failed.
    pub worklogs: u64,
    /// When it failed first and last.
    pub at: (Timestamp, Timestamp),
    /// The latest problem that it failed for, by its place.
    pub problem: usize,
    /// Whether one of its problems is flaky.
    pub is_flaky: bool,
}

/// How long closing took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// How many were closed at a moment that is known.
    pub count: usize,
    /// How many at another.
    pub unknown: usize,
    /// Half of them took so many seconds or less.
    pub median: Option<i64>,
    /// Nine of ten took so many seconds or less.
    pub most: Option<i64>,
    /// How many took up to a day, 3, 7, 30, 90 days, and longer.
    pub waits: [u64; 6],
}

impl Figures {
    /// Counts.
    pub fn of(chronicle: &Chronicle, now: Timestamp, since: Option<Timestamp>) -> Self {
        let problems = &chronicle.problems;
        let open: Vec<&Problem> = problems.iter().filter(|p| p.is_open()).collect();
        let before = now.plus(-30 * DAY);
        let first = problems.iter().map(|p| p.opened).min();
        let was_open = problems.iter().filter(|p| is_open_at(p, before)).count();
        let closings = |from: Timestamp| {
            let spans = problems.iter().flat_map(|p| p.spans.iter().map(move |s| (p, s)));
            spans.filter(move |(_, s)| s.is_closing && s.to.is_some_and(|to| to >= from))
        };
        let from = since.unwrap_or(Timestamp::from_second(i64::MIN));
        let (closing, closing_by) = closing(closings(from));
        let tests = tests(chronicle, from);
        Self {
            now,
            since,
            open: open.len(),
            open_before: first.filter(|first| *first <= before).map(|_| was_open),
            month: (
                problems.iter().filter(|p| p.opened > before).count(),
                closings(before).filter(|(_, s)| s.is_known_closing).count(),
            ),
            ages: ages(&open, now),
            flow: flow(chronicle, now, since),
            suites: suites(chronicle, from),
            flaky: flaky(chronicle, from),
            failed_tests: tests.len(),
            tests: most_failing(chronicle, &tests),
            closing,
            closing_by,
        }
    }

    /// How many open ones have this severity.
    pub fn open_of(&self, severity: Severity) -> u64 {
        let row = self.ages.iter().find(|(s, _)| *s == Some(severity));
        row.map_or(0, |(_, ages)| ages.iter().sum())
    }
}

fn is_open_at(problem: &Problem, at: Timestamp) -> bool {
    problem.spans.iter().any(|span| span.from <= at && span.to.is_none_or(|to| to > at))
}

fn ages(open: &[&Problem], now: Timestamp) -> Vec<(Option<Severity>, [u64; 4])> {
    let mut rows: BTreeMap<(bool, Option<Severity>), [u64; 4]> = BTreeMap::new();
    for problem in open {
        let age = between(problem.opened, now);
        let place = AGES.iter().position(|days| age < (days + 1) * DAY).unwrap_or(AGES.len());
        rows.entry((problem.severity.is_none(), problem.severity)).or_default()[place] += 1;
    }
    rows.into_iter().map(|((_, severity), ages)| (severity, ages)).collect()
}

fn flow(chronicle: &Chronicle, now: Timestamp, since: Option<Timestamp>) -> Flow {
    let problems = &chronicle.problems;
    let first = problems.iter().map(|p| p.opened).chain(chronicle.worklogs.iter().map(|w| w.at)).min();
    let from = since.unwrap_or_else(|| first.unwrap_or(now));
    let (unit, steps): (Unit, Vec<Step>) = steps(from, now);
    let count = steps.len();
    let place = |at: Timestamp| {
        let place = steps.partition_point(|step| step.to <= at);
        (place < count && steps[place].from <= at).then_some(place)
    };
    let mut flow = Flow {
        unit: unit.word(),
        came: vec![0; count],
        closed: vec![0; count],
        open: vec![0; count],
        runs: vec![0; count],
        failed: vec![None; count],
        steps: Vec::new(),
    };
    for problem in problems {
        if let Some(place) = place(problem.opened) {
            flow.came[place] += 1;
        }
        for span in &problem.spans {
            if let Some(place) = span.to.filter(|_| span.is_closing).and_then(place) {
                flow.closed[place] += 1;
            }
        }
        for (step, open) in steps.iter().zip(&mut flow.open) {
            // The last step is not over yet.
            *open += u64::from(is_open_at(problem, step.to.plus(-1).min(now)));
        }
    }
    for log in chronicle.worklogs.iter().filter(|log| !log.runs.is_empty()) {
        let Some(place) = place(log.at) else { continue };
        flow.runs[place] += 1;
        let told = log.runs.iter().filter_map(|run| run.failed).reduce(u64::saturating_add);
        flow.failed[place] = flow.failed[place].max(told);
    }
    flow.steps = steps;
    flow
}

fn suites(chronicle: &Chronicle, from: Timestamp) -> Vec<Suite> {
    let mut suites: BTreeMap<&str, Suite> = BTreeMap::new();
    for (place, log) in chronicle.worklogs.iter().enumerate().filter(|(_, log)| log.at >= from) {
        for run in &log.runs {
            let Some(name) = run.suite.as_deref() else { continue };
            let before = suites.get(name).map_or((0, 0), |suite| (suite.runs, suite.bad));
            let is_bad = run.outcome.as_deref().is_none_or(|outcome| outcome != "passed");
            let suite = Suite {
                name: name.to_owned(),
                outcome: run.outcome.clone(),
                counts: [run.passed, run.failed, run.skipped],
                at: log.at,
                worklog: place,
                runs: before.0 + 1,
                bad: before.1 + u64::from(is_bad),
            };
            suites.insert(name, suite);
        }
    }
    let mut suites: Vec<Suite> = suites.into_values().collect();
    suites.sort_by_key(|suite| suite.outcome.as_deref() == Some("passed"));
    suites
}

fn flaky(chronicle: &Chronicle, from: Timestamp) -> Vec<usize> {
    let recent =
        |p: &Problem| p.is_open() || p.occurrences.iter().any(|o| chronicle.worklogs[o.worklog].at >= from);
    let all = chronicle.problems.iter().enumerate();
    let mut places: Vec<usize> = all.filter(|(_, p)| p.is_flaky && recent(p)).map(|(at, _)| at).collect();
    places.sort_by_key(|at| {
        let problem = &chronicle.problems[*at];
        (!problem.is_open(), std::cmp::Reverse(problem.count))
    });
    places
}

/// Every test that failed: the worklogs in which it did, the latest problem, whether one is flaky.
type Tests<'a> = BTreeMap<&'a str, (BTreeSet<usize>, usize, bool)>;

fn tests(chronicle: &Chronicle, from: Timestamp) -> Tests<'_> {
    let mut tests = Tests::new();
    for (place, problem) in chronicle.problems.iter().enumerate() {
        let recent = problem.occurrences.iter().filter(|o| chronicle.worklogs[o.worklog].at >= from);
        for occurrence in recent {
            for test in &occurrence.tests {
                let line = tests.entry(test).or_insert((BTreeSet::new(), place, false));
                if line.0.last().is_none_or(|last| *last <= occurrence.worklog) {
                    line.1 = place;
                }
                line.0.insert(occurrence.worklog);
                line.2 |= problem.is_flaky;
            }
        }
    }
    tests
}

/// Those that failed in several worklogs, or now and then, the worst first.
fn most_failing(chronicle: &Chronicle, tests: &Tests<'_>) -> Vec<TestLine> {
    let at = |place: Option<&usize>| chronicle.worklogs[place.copied().unwrap_or_default()].at;
    let line = |(name, (logs, problem, is_flaky)): (&&str, &(BTreeSet<usize>, usize, bool))| TestLine {
        name: (*name).to_owned(),
        worklogs: logs.len() as u64,
        at: (at(logs.first()), at(logs.last())),
        problem: *problem,
        is_flaky: *is_flaky,
    };
    let mut worst: Vec<_> = tests.iter().filter(|(_, (logs, _, flaky))| logs.len() > 1 || *flaky).collect();
    worst.sort_by_key(|(_, (logs, _, _))| std::cmp::Reverse((logs.len(), logs.last())));
    worst.into_iter().take(TESTS).map(line).collect()
}

/// From the spans that ended by a closing, each with its problem.
fn closing<'a>(
    spans: impl Iterator<Item = (&'a Problem, &'a crate::chronicle::Span)>,
) -> (Closing, Vec<(Option<Severity>, Closing)>) {
    let mut by: BTreeMap<(bool, Option<Severity>), (Vec<i64>, usize)> = BTreeMap::new();
    for (problem, span) in spans {
        let row = by.entry((problem.severity.is_none(), problem.severity)).or_default();
        match span.to.filter(|_| span.is_known_closing) {
            Some(to) => row.0.push(between(span.from, to)),
            None => row.1 += 1,
        }
    }
    let all = by.values().flat_map(|(times, _)| times).copied().collect();
    let unknown = by.values().map(|(_, unknown)| unknown).sum();
    let by = by.into_iter().map(|((_, severity), (times, unknown))| (severity, summed(times, unknown)));
    (summed(all, unknown), by.collect())
}

/// Whole days count, as in the words for times: 7 days and an hour are 7 days.
pub(super) fn summed(mut times: Vec<i64>, unknown: usize) -> Closing {
    times.sort_unstable();
    let mut waits = [0; 6];
    for time in &times {
        waits[WAITS.iter().position(|days| *time < (days + 1) * DAY).unwrap_or(WAITS.len())] += 1;
    }
    // The smallest time that so many tenths of them don't exceed.
    let part = |tenths: usize| times.get((times.len() * tenths).div_ceil(10).saturating_sub(1)).copied();
    Closing { count: times.len(), unknown, median: part(5), most: part(9), waits }
}
