//! The same for scripts.

use serde_json::{Value, json};

use crate::chronicle::words::severity;
use crate::chronicle::{Closing, Event, Happening, Paper, Problem, Standing};
use crate::model::{IssueRef, Severity, Status, Timestamp};

impl Paper<'_> {
    /// The value, with `schema` 1. Times are UTC, durations seconds.
    pub fn json(&self) -> Value {
        let (figures, chronicle) = (self.figures, self.chronicle);
        let flow = &figures.flow;
        let steps = flow.steps.iter().enumerate().map(|(at, step)| {
            json!({
                "from": step.from.to_string(), "to": step.to.to_string(), "open": flow.open[at],
                "came": flow.came[at], "closed": flow.closed[at], "runs": flow.runs[at],
                "failed": flow.failed[at],
            })
        });
        let suites = figures.suites.iter().map(|suite| {
            json!({
                "suite": suite.name, "outcome": suite.outcome, "passed": suite.counts[0],
                "failed": suite.counts[1], "skipped": suite.counts[2], "at": suite.at.to_string(),
                "worklog": chronicle.worklogs[suite.worklog].path, "runs": suite.runs, "not_passed": suite.bad,
            })
        });
        let tests = figures.tests.iter().map(|test| {
            json!({
                "test": test.name, "worklogs": test.worklogs, "first": test.at.0.to_string(),
                "last": test.at.1.to_string(), "flaky": test.is_flaky,
                "entry": chronicle.problems[test.problem].key,
            })
        });
        let ages = figures.ages.iter().map(|(level, ages)| {
            json!({"severity": level.map(Severity::word), "up_to_7_days": ages[0], "up_to_30_days": ages[1], "up_to_90_days": ages[2], "older": ages[3]})
        });
        let by = figures
            .closing_by
            .iter()
            .map(|(level, closing)| json!({"severity": severity(*level), "closing": closing_json(closing)}));
        let worklogs = chronicle.worklogs.iter().map(|log| {
            json!({
                "id": log.id.as_str(), "path": log.path, "title": log.title, "at": log.at.to_string(),
                "entries": log.entries, "archived": log.is_archived,
            })
        });
        json!({
            "schema": 1, "now": figures.now.to_string(), "since": figures.since.map(|t| t.to_string()),
            "commit": self.head.map(|(commit, _)| commit), "notes": self.notes,
            "open": figures.open, "open_30_days_ago": figures.open_before, "came_in_30_days": figures.month.0,
            "closed_in_30_days": figures.month.1, "ages": ages.collect::<Vec<_>>(),
            "unit": flow.unit, "time": steps.collect::<Vec<_>>(), "suites": suites.collect::<Vec<_>>(),
            "flaky": figures.flaky.iter().map(|at| &chronicle.problems[*at].key).collect::<Vec<_>>(),
            "failed_tests": figures.failed_tests, "tests": tests.collect::<Vec<_>>(),
            "closing": closing_json(&figures.closing), "closing_by_severity": by.collect::<Vec<_>>(),
            "problems": chronicle.problems.iter().map(|p| self.problem(p)).collect::<Vec<_>>(),
            "worklogs": worklogs.collect::<Vec<_>>(),
        })
    }

    fn problem(&self, problem: &Problem) -> Value {
        let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let spans = problem.spans.iter().map(|span| {
            json!({"from": span.from.to_string(), "to": moment(span.to), "closed": span.is_closing, "known": span.is_known_closing})
        });
        let places = problem.occurrences.iter().map(|o| {
            let log = &self.chronicle.worklogs[o.worklog];
            json!({"worklog": log.path, "entry": o.entry.as_str(), "at": o.at.to_string()})
        });
        let standing = match problem.standing {
            Standing::Open => "open",
            Standing::Closed => "closed",
            Standing::Archived => "archived",
            Standing::Removed => "removed",
        };
        json!({
            "entry": problem.key, "title": problem.title, "standing": standing,
            "status": problem.status.word(), "severity": problem.severity.map(Severity::word),
            "issue": problem.issue.as_ref().map(IssueRef::to_string), "opened": problem.opened.to_string(),
            "closed": moment(problem.closed_at()), "spans": spans.collect::<Vec<_>>(),
            "flaky": problem.is_flaky, "count": problem.count, "hold": problem.hold, "tests": problem.tests(),
            "places": places.collect::<Vec<_>>(),
            "history": problem.events.iter().map(event).collect::<Vec<_>>(),
        })
    }
}

fn event(event: &Event) -> Value {
    json!({
        "at": event.at.map(|at| at.to_string()), "commit": event.commit.as_ref().map(|c| &c.id),
        "author": event.commit.as_ref().map(|c| &c.author), "worklog": event.worklog.as_str(),
        "what": event.what.iter().map(happening).collect::<Vec<_>>(),
    })
}

fn happening(what: &Happening) -> Value {
    let status = |status: &Option<Status>| status.as_ref().map(|s| s.word().to_owned());
    let issue = |issue: &Option<IssueRef>| issue.as_ref().map(IssueRef::to_string);
    match what {
        Happening::Came(said, level) => {
            json!({"field": "came", "status": status(said), "severity": level.map(Severity::word)})
        }
        Happening::Status(from, to) => json!({"field": "status", "from": status(from), "to": status(to)}),
        Happening::Severity(from, to) => {
            json!({"field": "severity", "from": from.map(Severity::word), "to": to.map(Severity::word)})
        }
        Happening::Issue(from, to) => json!({"field": "issue", "from": issue(from), "to": issue(to)}),
        Happening::Title(from) => json!({"field": "title", "from": from}),
        Happening::Gone => json!({"field": "gone"}),
    }
}

fn closing_json(closing: &Closing) -> Value {
    json!({
        "count": closing.count, "unknown": closing.unknown, "median": closing.median,
        "nine_of_ten": closing.most,
        "within": {"1_day": closing.waits[0], "3_days": closing.waits[1], "7_days": closing.waits[2], "30_days": closing.waits[3], "90_days": closing.waits[4], "longer": closing.waits[5]},
    })
}
