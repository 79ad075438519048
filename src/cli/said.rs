//! What a run says when it is over: for people, and as JSON.
//!
//! People see the worst first, as much of it as is read; a script gets all of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::terminal::{ALARM, ERROR, HINT, NAME, QUIET, Terminal};
use crate::cli::whence::Whence;
use crate::model::Untrusted;
use crate::run::compose::{Document, NewEntry};
use crate::run::conclude::{Conclusion, OtherLine, SuiteRun};
use crate::run::lifecycle::Judged;
use crate::run::verdict::Outcome;
use crate::wording::shortened;

/// The most entries that are shown, and the most of each other list.
const SHOWN: usize = 30;
/// The room that a title gets at least, however narrow the terminal is.
const NARROW: usize = 20;

/// What was written, or would be.
#[derive(Default)]
pub(super) struct Told {
    /// The worklog of this run.
    pub(super) worklog: Option<String>,
    /// The earlier one that has all of it, so that none was written.
    pub(super) same_as: Option<String>,
    /// Earlier worklogs that were changed.
    pub(super) updated: Vec<String>,
    /// What a person should know besides.
    pub(super) warnings: Vec<String>,
    /// Why the worklog could not be written.
    pub(super) failed: Option<String>,
    /// What results made elsewhere are of, in words.
    pub(super) whence: Option<Whence>,
    /// Suites whose results are in a worklog already, with its path.
    pub(super) before: Vec<(String, String)>,
}

/// A run that is over.
pub(super) struct Said<'a> {
    /// What it comes to.
    pub(super) conclusion: &'a Conclusion,
    /// What became of each suite, in the order of the conclusion's runs.
    pub(super) suites: &'a [SuiteRun],
    /// The worklog of it, whether it is written or not.
    pub(super) document: &'a Document,
    /// What was written.
    pub(super) told: &'a Told,
    /// Nothing was to be written.
    pub(super) dry_run: bool,
    /// Whether a sync follows.
    pub(super) syncs: bool,
    /// Whether durations are told: where the clock is fixed they are not.
    pub(super) tells_time: bool,
    /// The exit code.
    pub(super) code: u8,
}

/// The run in one sentence.
pub(super) fn summary(conclusion: &Conclusion, suites: &[SuiteRun]) -> String {
    let sum = |count: fn(&SuiteRun) -> u64| suites.iter().map(count).sum::<u64>();
    let passed = sum(|s| s.verdict.results.passed);
    let failed = sum(|s| s.verdict.results.failed);
    let skipped = sum(|s| s.verdict.results.skipped);
    if suites.is_empty() {
        return "Nothing that is new.".to_owned();
    }
    let mut words = Vec::new();
    if suites.iter().any(|suite| suite.log.is_none()) {
        words
            .push(format!("{passed} {} passed, {failed} failed", if passed == 1 { "test" } else { "tests" }));
    }
    let lines: u64 = suites.iter().filter_map(|suite| suite.log.as_ref()).map(|log| log.lines).sum();
    if lines > 0 {
        words.push(format!("{lines} lines of logs were read"));
    }
    if skipped > 0 {
        words.push(format!("{skipped} skipped"));
    }
    let standings = conclusion.standings();
    let entries = conclusion.entries.len();
    if entries > 0 {
        words.push(format!("{entries} {}: {standings}", if entries == 1 { "cause" } else { "causes" }));
    }
    format!("{}.", words.join("; "))
}

impl Said<'_> {
    /// Whether it came to its end before all suites did.
    pub(super) fn is_stopped(&self) -> bool {
        self.suites.iter().any(|suite| suite.verdict.is_stopped)
    }

    /// Says it to people.
    ///
    /// # Errors
    /// When the output can't be written.
    pub(super) fn say(&self, terminal: &mut Terminal) -> Result<(), CliError> {
        let (conclusion, told) = (self.conclusion, self.told);
        if let Some(whence) = &told.whence {
            terminal.say(format_args!("{QUIET}results {}{QUIET:#}", whence.words))?;
        }
        for (suite, path) in &told.before {
            let (suite, path) = (Untrusted(suite), Untrusted(path));
            terminal.say(format_args!("{NAME}{suite}{NAME:#}  already collected in {path}"))?;
        }
        self.say_suites(terminal)?;
        let place = told.worklog.as_deref().or(self.dry_run.then_some("would be written"));
        if let Some(path) = &told.same_as {
            let path = Untrusted(path);
            terminal.say(format_args!("{NAME}{path}{NAME:#}  has all of this, so no other is written"))?;
        } else if let Some(place) = place.filter(|_| !conclusion.entries.is_empty() || told.worklog.is_some())
        {
            terminal.say(format_args!("{NAME}{}{NAME:#}", Untrusted(place)))?;
        }
        let rows: Vec<_> = conclusion.entries.iter().zip(&conclusion.judged).take(SHOWN).map(row).collect();
        for line in fitted(&rows, terminal.width()) {
            terminal.say(line)?;
        }
        if let Some(more) = conclusion.entries.len().checked_sub(rows.len()).filter(|more| *more > 0) {
            let place = told.worklog.as_ref().or(told.same_as.as_ref());
            let place = place.map_or(String::new(), |path| format!(" in {path}"));
            terminal.say(format_args!("  {QUIET}and {more} more{}{QUIET:#}", Untrusted(&place)))?;
        }
        self.say_others(terminal)?;
        for warning in &told.warnings {
            terminal.warn(format_args!("{ALARM}note{ALARM:#}: {}", Untrusted(warning)));
        }
        let entries = conclusion.entries.len();
        let last = match (entries, self.is_stopped()) {
            (0, false) if conclusion.runs.is_empty() => "nothing that is new; nothing was written".to_owned(),
            (0, true) => "stopped before its end; nothing had failed until then".to_owned(),
            (0, false) if conclusion.runs.iter().all(|r| r.outcome == Outcome::Passed.word()) => {
                "nothing failed".to_owned()
            }
            (0, false) => "nothing to list".to_owned(),
            (_, true) => format!("stopped before its end; {}", conclusion.standings()),
            _ => conclusion.standings(),
        };
        terminal.say(last)?;
        if told.whence.as_ref().is_some_and(|whence| whence.is_older) && !conclusion.runs.is_empty() {
            terminal.warn(format_args!("{HINT}next{HINT:#}: name the commit that they are of with --commit"));
        }
        if told.worklog.is_some() && entries > 0 && !self.syncs {
            terminal.warn(format_args!("{HINT}next{HINT:#}: look at it, then `gardener sync --dry-run`"));
        }
        Ok(())
    }

    fn say_suites(&self, terminal: &mut Terminal) -> Result<(), CliError> {
        let runs = &self.conclusion.runs;
        let width = runs.iter().map(|run| run.suite.chars().count()).max().unwrap_or(0);
        for run in runs {
            let mut words = Vec::new();
            if let Some((passed, failed, skipped)) = run.counts {
                words.push(format!("{passed} passed"));
                words.extend((failed > 0).then(|| format!("{ERROR}{failed} failed{ERROR:#}")));
                words.extend((skipped > 0).then(|| format!("{skipped} skipped")));
            }
            let style = if run.outcome == Outcome::Passed.word() { QUIET } else { ALARM };
            let outcome = format!("{style}{:<9}{style:#}", run.outcome);
            let time =
                run.duration.as_ref().map_or(String::new(), |time| format!("  {QUIET}{time}{QUIET:#}"));
            terminal.say(
                format!("{NAME}{:width$}{NAME:#}  {outcome}  {}{time}", run.suite, words.join(", "))
                    .trim_end(),
            )?;
            if let Some(note) = &run.note {
                terminal.say(format_args!("{:width$}  {}", "", Untrusted(note)))?;
            }
        }
        Ok(())
    }

    /// What became of known problems that did not show, below the worklog that has each.
    fn say_others(&self, terminal: &mut Terminal) -> Result<(), CliError> {
        let updated = |path: &str| self.told.updated.iter().any(|other| other == path);
        let mut by_path: BTreeMap<&str, Vec<&OtherLine>> = BTreeMap::new();
        for other in self.conclusion.others.iter().take(SHOWN) {
            by_path.entry(&other.path).or_default().push(other);
        }
        let alone = self.told.updated.iter().filter(|path| !by_path.contains_key(path.as_str()));
        let alone: Vec<&str> = alone.map(String::as_str).collect();
        for (path, others) in &by_path {
            let note = if updated(path) { "  brought up to date" } else { "" };
            terminal.say(format_args!("{NAME}{}{NAME:#}{note}", Untrusted(path)))?;
            for other in others {
                let name = other.issue.as_deref().unwrap_or("-");
                let entry = Untrusted(other.entry.as_str());
                terminal.say(format_args!("  {QUIET}{entry}  {name}  {}{QUIET:#}", other.other.words()))?;
            }
        }
        if let Some(more) = self.conclusion.others.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            terminal.say(format_args!("  {QUIET}and {more} more that did not show{QUIET:#}"))?;
        }
        for path in alone.iter().take(SHOWN) {
            terminal.say(format_args!("{NAME}{}{NAME:#}  brought up to date", Untrusted(path)))?;
        }
        if let Some(more) = alone.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            terminal.say(format_args!("{QUIET}and {more} more worklogs brought up to date{QUIET:#}"))?;
        }
        Ok(())
    }

    /// All of it, for a script.
    pub(super) fn as_json(&self) -> Value {
        let (conclusion, document, told) = (self.conclusion, self.document, self.told);
        let suites = conclusion.runs.iter().zip(self.suites).map(|(run, suite)| {
            let counts = run.counts;
            let duration = suite.duration.filter(|_| self.tells_time);
            json!({
                "suite": run.suite, "outcome": run.outcome, "passed": counts.map(|c| c.0),
                "failed": counts.map(|c| c.1), "skipped": counts.map(|c| c.2), "note": run.note,
                "duration_seconds": duration.map(|d| d.as_secs_f64()), "stopped": suite.verdict.is_stopped,
            })
        });
        let entries = conclusion.entries.iter().zip(&conclusion.judged).map(|(entry, judged)| {
            json!({
                "id": entry.id.as_str(), "title": entry.title, "standing": judged.standing.word(),
                "issue": entry.issue.as_ref().map(ToString::to_string),
                "severity": entry.severity.map(|s| s.word()), "tests": entry.tests, "suites": entry.suites,
                "fingerprint": entry.fingerprint, "flaky": entry.flaky, "hold": entry.hold,
                "count": entry.count, "good": judged.good,
            })
        });
        let others = conclusion.others.iter().map(|other| {
            json!({
                "worklog": other.path, "entry": other.entry.as_str(), "issue": other.issue,
                "what": other.other.words(),
            })
        });
        let before = told.before.iter().map(|(suite, worklog)| json!({ "suite": suite, "worklog": worklog }));
        json!({
            "schema": 1, "exit": self.code, "dry_run": self.dry_run, "stopped": self.is_stopped(),
            "summary": summary(conclusion, self.suites), "started": document.started,
            "focus": document.focus, "commit": document.commit, "dirty": document.dirty,
            "worklog": told.worklog, "same_as": told.same_as, "suites": suites.collect::<Vec<_>>(),
            "entries": entries.collect::<Vec<_>>(), "others": others.collect::<Vec<_>>(),
            "already_collected": before.collect::<Vec<_>>(), "updated": told.updated, "warnings": told.warnings, "failed_to_write": told.failed,
        })
    }
}

/// An entry in four columns.
fn row((entry, judged): (&NewEntry, &Judged)) -> [String; 4] {
    let issue = entry.issue.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let mut standing = judged.standing.word().to_owned();
    if entry.flaky {
        standing.push_str(", flaky");
    }
    if entry.hold.is_some() {
        standing.push_str(", on hold");
    }
    let tests = match entry.tests.len() {
        0 => String::new(),
        1 => "1 test, ".to_owned(),
        count => format!("{count} tests, "),
    };
    let severity = entry.severity.map_or(String::new(), |s| format!("{s}, "));
    let title = shortened(&entry.title, 70);
    [entry.id.to_string(), issue, standing, format!("{severity}{tests}{title}")]
}

/// Rows as lines with even columns, of which the last gives way where the terminal is narrow.
fn fitted(rows: &[[String; 4]], width: Option<usize>) -> Vec<String> {
    let widths = [0, 1, 2].map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    let room = width.map(|width| width.saturating_sub(widths.iter().sum::<usize>() + 8).max(NARROW));
    let line = |[id, issue, standing, rest]: &[String; 4]| {
        let rest = Untrusted(rest).to_string();
        let rest = room.map_or(rest.clone(), |room| shortened(&rest, room));
        format!("  {id:0$}  {issue:1$}  {standing:2$}  {rest}", widths[0], widths[1], widths[2])
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_wide_as_the_terminal_at_most() {
        let row = |id: &str, rest: &str| [id, "#12", "known", rest].map(str::to_owned);
        let rows = [row("no-field", &"wide ".repeat(14)), row("x", "P1, short")];
        let whole = fitted(&rows, None);
        assert!(whole[0].chars().count() > 80, "{whole:?}");
        assert_eq!(whole[1], "  x         #12  known  P1, short");
        for width in [46, 60, 79] {
            let lines = fitted(&rows, Some(width));
            assert!((width - 5..=width).contains(&lines[0].chars().count()), "{lines:?}");
            assert!(lines[0].ends_with('…') && lines[1] == whole[1], "{lines:?}");
        }
        assert_eq!(fitted(&rows, Some(500)), whole);
        assert!(fitted(&rows, Some(1))[0].contains("wide wide"), "and never nothing");
    }
}
