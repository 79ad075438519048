//! A test of JUnit's XML, and what its failures, errors and skips make of it.

use super::super::text::{Bounded, DETAIL, OUTPUT, bound, first_line, plain};
use super::super::{golines, panics, words};
use super::names::Dialect;
use crate::model::{Failure, Fault};

/// A test as its element tells it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) classname: String,
    pub(super) file: Option<String>,
    /// The file of the suite, where the test has none of its own.
    pub(super) suite_file: Option<String>,
    status: Option<String>,
    /// An attribute that only `PHPUnit` writes.
    pub(super) is_php: bool,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) output: Bounded,
    /// Not a test itself but what is before or after some.
    pub(super) is_hook: bool,
}

/// A failure, error or skip.
pub(super) struct Verdict {
    sort: Sort,
    pub(super) message: String,
    kind: String,
    pub(super) text: Bounded,
    /// What a try printed that has an element of its own.
    output: Bounded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Failure,
    Error,
    Skipped,
    /// A try that failed before one that passed.
    Flaky,
    /// A try that failed after one that failed.
    Again,
}

impl Verdict {
    pub(super) fn new(element: &str, get: impl Fn(&str) -> Option<String>) -> Self {
        let sort = match element {
            "failure" => Sort::Failure,
            "error" => Sort::Error,
            "skipped" => Sort::Skipped,
            "flakyFailure" | "flakyError" => Sort::Flaky,
            _ => Sort::Again,
        };
        Self {
            sort,
            message: get("message").unwrap_or_default(),
            kind: get("type").unwrap_or_default(),
            text: Bounded::new(DETAIL),
            output: Bounded::new(OUTPUT),
        }
    }
}

impl Case {
    pub(super) fn new(get: impl Fn(&str) -> Option<String>, suite_file: Option<String>) -> Self {
        Self {
            name: get("name").unwrap_or_default(),
            classname: get("classname").unwrap_or_default(),
            file: get("file"),
            suite_file,
            status: get("status"),
            is_php: get("assertions").is_some(),
            verdicts: Vec::new(),
            output: Bounded::new(OUTPUT),
            is_hook: false,
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some(verdict) = self.verdicts.last_mut() {
            verdict.text.push(text);
        }
    }

    pub(super) fn try_output(&mut self, text: &str) {
        if let Some(verdict) = self.verdicts.last_mut() {
            verdict.output.push(text);
        }
    }

    /// Whether its element has no name, or a blank one.
    pub(super) fn is_nameless(&self) -> bool {
        self.name.trim().is_empty()
    }

    fn has(&self, sort: Sort) -> bool {
        self.verdicts.iter().any(|v| v.sort == sort)
    }

    fn failed(&self) -> bool {
        self.has(Sort::Failure) || self.has(Sort::Error)
    }

    /// Skipped, disabled, or expected to fail and failed: node tells a todo both ways.
    pub(super) fn is_skipped(&self) -> bool {
        let skip = self.verdicts.iter().find(|v| v.sort == Sort::Skipped);
        let status = self.status.as_deref().unwrap_or_default();
        match skip {
            Some(skip) => !self.failed() || skip.kind == "todo",
            None => !self.failed() && matches!(status, "disabled" | "notrun" | "skipped" | "ignored"),
        }
    }

    pub(super) fn is_bad(&self) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        !self.is_skipped() && (self.failed() || matches!(status, "fail" | "failed" | "error"))
    }

    pub(super) fn is_flaky(&self) -> bool {
        !self.is_bad() && (self.has(Sort::Flaky) || self.has(Sort::Again))
    }

    /// How many tries more than one.
    pub(super) fn tries(&self) -> u64 {
        self.verdicts.iter().filter(|v| matches!(v.sort, Sort::Flaky | Sort::Again)).count() as u64
    }

    /// Whether all that is said are the frames of Go around a test.
    pub(super) fn only_frames(&self) -> bool {
        self.verdicts
            .iter()
            .all(|v| v.text.clone().into_text().lines().all(|l| l.trim().is_empty() || golines::is_frame(l)))
    }

    /// Why CTest did not run a test that it was asked to run: no skip, but a part that is missing.
    pub(super) fn was_not_run(&self) -> bool {
        let skip = self.verdicts.iter().find(|v| v.sort == Sort::Skipped);
        self.status.as_deref() == Some("notrun")
            && skip.is_some_and(|s| {
                let words =
                    ["Unable to find executable", "Fixture dependency failed", "Missing Configuration"];
                words.iter().any(|w| s.message.starts_with(w))
            })
    }

    /// The message of the first failure, error or skip.
    pub(super) fn first_message(&self) -> &str {
        self.verdicts.first().map_or("", |v| v.message.trim())
    }

    /// All that is said: the first message, and all texts.
    pub(super) fn into_texts(self, dialect: Dialect) -> (String, String) {
        let mut message = self.first_message().to_owned();
        let mut texts = Vec::new();
        for (at, verdict) in self.verdicts.into_iter().enumerate() {
            if at > 0 {
                texts.push(verdict.message);
            }
            texts.push(verdict.text.into_text());
            texts.push(verdict.output.into_text());
        }
        texts.push(self.output.into_text());
        let texts: Vec<&str> = texts.iter().map(|t| t.trim_end()).filter(|t| !t.is_empty()).collect();
        let text = texts.join("\n");
        let cause = match (dialect, message.as_str()) {
            // `collection failure` says less than the first line that pytest marks.
            (Dialect::Pytest, _) => text.lines().find_map(|l| l.strip_prefix("E   ")),
            (Dialect::Go, _) => Some(""),
            // Bats begins with the place.
            (_, "") => text.lines().find(|l| !l.trim().is_empty() && !l.starts_with('(')),
            _ => None,
        };
        if let Some(cause) = cause {
            message = cause.trim().to_owned();
        }
        (message, text)
    }

    pub(super) fn into_failure(mut self, test: &str, file: Option<String>, dialect: Dialect) -> Failure {
        let is_bad = self.is_bad();
        let counts =
            |s: Sort| if is_bad { matches!(s, Sort::Failure | Sort::Error) } else { s != Sort::Skipped };
        let place = self.verdicts.iter().position(|v| counts(v.sort));
        let first = place.map(|p| self.verdicts.remove(p));
        let first = first.unwrap_or_else(|| Verdict::new("failure", |_| None));
        let mut detail = first.text.into_text();
        let mut fault = fault(&first.message, &first.kind, &detail, first.sort, &self.name, dialect);
        if self.is_hook {
            fault = fault.max(Fault::Errored);
        }
        // What a test says beside its first failure: a teardown that went wrong, too.
        for more in self.verdicts {
            if counts(more.sort) && is_bad {
                let text = more.text.into_text();
                fault =
                    fault.max(self::fault(&more.message, &more.kind, &text, more.sort, &self.name, dialect));
                let parts = [detail.trim_end(), more.message.trim(), text.trim()];
                let parts: Vec<&str> = parts.into_iter().filter(|t| !t.is_empty()).collect();
                detail = bound(&parts.join("\n\n"), DETAIL);
            }
        }
        let mut output = self.output.into_text();
        if output.trim().is_empty() {
            output = first.output.into_text();
        }
        let mut failure = Failure {
            test: test.to_owned(),
            file,
            fault,
            kind: Some(first.kind).filter(|k| !k.is_empty()),
            message: plain(&first.message).trim().to_owned(),
            detail: plain(&detail).into_owned(),
            output: plain(&output).into_owned(),
            is_flaky: false,
        };
        failure.speak(&self.name, dialect);
        failure
    }
}

/// What a dialect leaves for its reader to find.
trait Speak {
    fn speak(&mut self, name: &str, dialect: Dialect);
}

impl Speak for Failure {
    fn speak(&mut self, name: &str, dialect: Dialect) {
        match dialect {
            Dialect::Go => {
                let mut said = golines::Said::default();
                self.detail.lines().for_each(|l| said.line(l, None));
                self.file = self.file.take().or_else(|| said.file());
                self.fault = self.fault.max(said.fault());
                self.kind = None;
                self.message = said.message().unwrap_or_else(|| first_line(&self.detail));
            }
            Dialect::Nextest => {
                if let Some(panic) = panics::find(&format!("{}\n{}", self.detail, self.output), name) {
                    self.file = self.file.take().or(panic.file);
                    self.message = panic.message;
                }
                if self.message.is_empty() {
                    self.message = self.kind.clone().unwrap_or_default();
                }
                self.kind = None;
            }
            Dialect::Pytest => {
                // The last line of a trace names the type where the message does not.
                let inner = self.message.split_once(" with \"").map_or(self.message.as_str(), |(_, m)| m);
                let last = self.detail.trim_end().lines().last().unwrap_or_default();
                let last = last.rsplit_once(": ").map(|(_, word)| word.to_owned());
                self.kind = words::exception(inner)
                    .or_else(|| last.and_then(|w| words::exception(&w)))
                    .or_else(|| self.kind.take());
            }
            _ => {}
        }
        if self.message.is_empty() {
            let own = format!("::{name}");
            let mut lines = self.detail.lines().map(plain).filter(|l| !l.trim().is_empty());
            let first = lines.next().unwrap_or_default();
            // PHPUnit begins with the test's own name, bats with the place.
            let is_name =
                first.ends_with(&own) || first.contains(&format!("{own} ")) || first.starts_with("(in ");
            let line = if is_name { lines.next().unwrap_or(first) } else { first };
            self.message = line.trim().to_owned();
        }
        if dialect == Dialect::Node {
            // Node wraps every error in one of its own.
            let cause = self.detail.lines().find_map(|l| l.trim_start().strip_prefix("cause: "));
            self.kind = cause.and_then(words::exception);
            return;
        }
        let is_vague =
            self.kind.as_deref().is_none_or(|k| k == "Error" || k == "failure" || k == "testCodeFailure");
        if is_vague && dialect != Dialect::Go {
            self.kind = words::exception(&self.message)
                .or_else(|| words::exception(&self.detail))
                .or_else(|| self.kind.take().filter(|k| k == "Error"));
        }
    }
}

fn fault(message: &str, kind: &str, text: &str, sort: Sort, name: &str, dialect: Dialect) -> Fault {
    let (message, start) = (plain(message), first_line(text));
    let by_kind = match kind {
        "test timeout" | "testTimeoutFailure" => Some(Fault::TimedOut),
        "test abort" => Some(Fault::Crashed),
        "java.util.concurrent.TimeoutException" if message.contains(" timed out after ") => {
            Some(Fault::TimedOut)
        }
        _ if kind.ends_with(".TestTimedOutException") => Some(Fault::TimedOut),
        _ => None,
    };
    let by_word = if dialect == Dialect::Ctest { words::ctest(&message) } else { None };
    if let Some(fault) =
        by_kind.or(by_word).or_else(|| words::fault(&message)).or_else(|| words::fault(&start))
    {
        return fault;
    }
    let hooks = ["\"before all\" hook", "\"before each\" hook", "\"after all\" hook", "\"after each\" hook"];
    let is_around = message.starts_with("failed on setup with ")
        || message.starts_with("failed on teardown with ")
        || (dialect == Dialect::Pytest && sort == Sort::Error)
        || matches!(kind, "cancelledByParent" | "hookFailed")
        // A frame of Jest's own runner, below those of the hook.
        || text.contains("at _callCircusHook (")
        || hooks.iter().any(|h| name.contains(h))
        || [", in setUp\n", ", in tearDown\n", ", in setUpClass\n"].iter().any(|w| text.contains(w));
    if is_around { Fault::Errored } else { Fault::Failed }
}
