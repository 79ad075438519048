//! What cargo-nextest prints for people, from its `Nextest run ID` to its summary.
//!
//! Newer versions indent what a test printed; older ones do not, so that there a test can feign a
//! line of nextest. Lines count only with a time in brackets and a program.

use std::collections::BTreeMap;

use super::super::gather::{Gather, failure};
use super::super::lines::{Lines, plural};
use super::super::panics;
use super::super::text::{Bounded, OUTPUT, first_line, plain};
use crate::model::{Failure, Fault};

/// How many tests may have all that they printed kept before they are judged.
const FULL: usize = 1_000;

struct Test {
    order: usize,
    fault: Option<Fault>,
    /// Failed at some time, and how.
    failed: Option<Fault>,
    word: String,
    out: Bounded,
    err: Bounded,
}

/// What is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Into {
    Nothing,
    Out,
    Err,
}

/// Reads what follows the line with the run's number.
pub(super) fn read(lines: &mut Lines<'_>, gather: &mut Gather<'_>) {
    let mut tests: BTreeMap<String, Test> = BTreeMap::new();
    let mut expected: Option<u64> = None;
    let mut summary: Option<Summary> = None;
    let mut at: Option<String> = None;
    let mut into = Into::Nothing;
    while let Some(line) = lines.next() {
        let line = plain(&line);
        let text = line.trim();
        if summary.is_some() {
            continue;
        }
        if let Some(rest) = text.strip_prefix("Starting ").filter(|_| expected.is_none()) {
            expected = rest.split(' ').next().and_then(|n| n.parse().ok());
        } else if let Some(said) = Summary::parse(text) {
            summary = Some(said);
        } else if let Some(status) = Status::parse(&line) {
            into = Into::Nothing;
            let many = tests.len();
            let size = if many < FULL { OUTPUT } else { OUTPUT / 16 };
            let test = tests.entry(status.test.to_owned()).or_insert_with(|| Test {
                order: many,
                fault: None,
                failed: None,
                word: String::new(),
                out: Bounded::new(size),
                err: Bounded::new(size),
            });
            match status.outcome {
                Outcome::Under => {
                    if many == test.order {
                        gather.began(status.test);
                    }
                }
                Outcome::Passed => {
                    test.fault = None;
                    test.word = "PASS".to_owned();
                    gather.ended(status.test, false);
                }
                Outcome::Bad(fault) => {
                    test.fault = Some(fault);
                    test.failed = Some(fault);
                    test.word = status.word.to_owned();
                    // The last try is what is told.
                    test.out = Bounded::new(size);
                    test.err = Bounded::new(size);
                    gather.ended(status.test, true);
                }
            }
            at = Some(status.test.to_owned());
        } else if let Some(stream) = stream(&line) {
            into = stream;
        } else if let Some(test) = at.as_ref().and_then(|a| tests.get_mut(a)) {
            // Older versions do not indent.
            let words = line.strip_prefix("    ").unwrap_or(&line);
            match into {
                Into::Out => test.out.push_line(words),
                Into::Err => test.err.push_line(words),
                Into::Nothing => {}
            }
        }
    }
    let mut ordered: Vec<(String, Test)> = tests.into_iter().collect();
    ordered.sort_by_key(|(_, t)| t.order);
    let mut told = 0;
    for (name, test) in ordered {
        match (test.word.as_str(), test.failed) {
            ("", None) => gather.running(&name),
            ("PASS", None) => {
                told += 1;
                gather.pass(&name);
            }
            ("PASS", Some(_)) => {
                told += 1;
                let failure = judge(&name, test);
                gather.flaky(failure);
            }
            _ => {
                told += 1;
                let failure = judge(&name, test);
                gather.fail(failure);
            }
        }
    }
    match summary {
        None => gather.cut_short("nextest ended without a summary"),
        Some(summary) => {
            gather.skip_nameless(summary.skipped);
            if summary.run != told {
                let said = format!("{} run", plural(summary.run, "test"));
                gather.counts(said, format!("{told} told"));
            }
            if summary.run < summary.of {
                gather.cut_short(format!(
                    "{} of {} were not run",
                    summary.of - summary.run,
                    plural(summary.of, "test")
                ));
            }
        }
    }
}

fn judge(name: &str, test: Test) -> Failure {
    let (out, err) = (test.out.into_text(), test.err.into_text());
    let fault = test.fault.or(test.failed).unwrap_or(Fault::Failed);
    let own = name.split_once(' ').map_or(name, |(_, test)| test);
    let own = own.split_once(' ').map_or(own, |(_, test)| test);
    let panic = panics::find(&format!("{err}\n{out}"), own);
    let mut told = failure(name, fault);
    let verdict = format!("{out}\n{err}");
    let verdict = verdict.lines().rev().map(str::trim).find(|l| l.starts_with("(test ") && l.ends_with(')'));
    told.message = match (&panic, fault) {
        (Some(panic), Fault::Failed) => panic.message.clone(),
        (panic, _) => {
            let said = verdict.map(str::to_owned).or_else(|| panic.as_ref().map(|p| p.message.clone()));
            said.unwrap_or_else(|| if fault == Fault::Failed { first_line(&err) } else { test.word.clone() })
        }
    };
    told.file = panic.and_then(|p| p.file);
    told.detail = if err.trim().is_empty() { out.clone() } else { err };
    told.output = out;
    told
}

struct Status<'l> {
    word: &'l str,
    outcome: Outcome,
    test: &'l str,
}

#[derive(Clone, Copy)]
enum Outcome {
    Passed,
    Bad(Fault),
    /// Slow, or about to be ended.
    Under,
}

impl<'l> Status<'l> {
    /// `  TRY 1 FAIL [   0.004s] ( 1/12) shop tests::adds_them`
    fn parse(line: &'l str) -> Option<Self> {
        let indent = line.len() - line.trim_start().len();
        let (front, rest) = line.trim_start().split_once(" [")?;
        let front = match front.strip_prefix("TRY ") {
            Some(rest) => rest.split_once(' ')?.1,
            None => front,
        };
        let word = front.trim();
        // Of a test's own words none stand so far to the left with a time behind them.
        let (time, rest) = rest.split_once(']')?;
        let time = time.trim().trim_start_matches('>').trim().strip_suffix('s')?;
        (time.bytes().all(|b| b.is_ascii_digit() || b == b'.') && indent <= 14).then_some(())?;
        let mut rest = rest.trim_start();
        if rest.starts_with('(') {
            rest = rest.split_once(')')?.1.trim_start();
        }
        let outcome = match word {
            "PASS" | "LEAK" => Outcome::Passed,
            "FAIL" | "LEAK-FAIL" | "XFAIL" | "FLFAIL" => Outcome::Bad(Fault::Failed),
            "TIMEOUT" | "TMT" => Outcome::Bad(Fault::TimedOut),
            "SLOW" | "TERMINATING" | "TRMNTG" | "DELAY" | "RETRY" | "START" => Outcome::Under,
            "ABRT" | "SEGV" | "ABORT" | "KILL" | "BUS" | "ILL" | "TERM" | "QUIT" | "INT" | "TRAP" | "FPE" => {
                Outcome::Bad(Fault::Crashed)
            }
            _ if word.starts_with("SIG") && !word.contains(' ') => Outcome::Bad(Fault::Crashed),
            _ => return None,
        };
        let (program, test) = rest.split_once(' ')?;
        let is_program =
            !program.is_empty() && program.chars().all(|c| c.is_alphanumeric() || "_-:$./".contains(c));
        (is_program && !test.trim().is_empty()).then_some(Self { word, outcome, test: rest.trim_end() })
    }
}

/// Whether a line begins what a test printed.
fn stream(line: &str) -> Option<Into> {
    let text = line.trim();
    let is_new = text.ends_with("───") && line.starts_with("  ") && !line.starts_with("    ");
    let is_old = text.starts_with("--- ") || text.starts_with("──── ");
    let word = text.trim_start_matches(['-', '─', ' ']);
    if word.starts_with("stdout ") && is_new || (is_old && word.starts_with("STDOUT:")) {
        Some(Into::Out)
    } else if (is_new && (word.starts_with("stderr ") || word.starts_with("output ")))
        || (is_old && (word.starts_with("STDERR:") || word.starts_with("OUTPUT:")))
    {
        Some(Into::Err)
    } else {
        None
    }
}

struct Summary {
    run: u64,
    of: u64,
    skipped: u64,
}

impl Summary {
    /// `Summary [   4.060s] 12 tests run: 3 passed (1 flaky), 8 failed, 1 timed out, 1 skipped`
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.strip_prefix("Summary [")?.split_once("] ")?;
        let (front, counts) = rest.split_once(" run: ")?;
        let number = front.split(' ').next()?;
        let (run, of) = match number.split_once('/') {
            Some((run, of)) => (run.parse().ok()?, of.parse().ok()?),
            None => (number.parse().ok()?, number.parse().ok()?),
        };
        let skipped = counts.split(", ").find_map(|c| c.strip_suffix(" skipped")?.parse().ok());
        // It says how many were skipped even if none was; without it the line is cut.
        skipped.map(|skipped| Self { run, of, skipped })
    }
}
