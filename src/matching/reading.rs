//! What a failure says, in a form that can be compared: read once for each failure.

use std::collections::BTreeSet;

use super::difference::difference;
use super::frames::{Frame, Trace, trace};
use super::kind;
use super::missing::missing;
use super::place::{Place, file_key};
use super::words::{informative, words};
use crate::model::{Failure, Fault};
use crate::wording::{normalise, plain, with_numbers};

/// A failure, read. Nothing in it changes with times, ports or temporary folders, so that equal
/// readings are one failure told twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reading {
    pub(super) suite: String,
    /// The test without its parameters.
    pub(super) test: String,
    /// The class, module or describing block of the test.
    pub(super) class: String,
    pub(super) file: String,
    pub(super) fault: Fault,
    /// What was raised first.
    pub(super) kind: Option<String>,
    /// What the tool says was raised, and what was raised first.
    pub(super) kinds: BTreeSet<String>,
    /// Nothing but an assertion is known.
    pub(super) is_assertion: bool,
    pub(super) message: String,
    pub(super) skeleton: String,
    /// The message has words of its own.
    pub(super) is_informative: bool,
    pub(super) tokens: BTreeSet<String>,
    pub(super) quoted: BTreeSet<String>,
    pub(super) values: BTreeSet<String>,
    pub(super) missing: BTreeSet<String>,
    /// The innermost frame in the project's own code, `file::function`.
    pub(super) inner: Option<String>,
    /// The same with its line, or that of the test where there is none.
    pub(super) line: Option<String>,
    pub(super) project: BTreeSet<String>,
    /// The innermost frame of a library, where no frame is the project's.
    pub(super) library: Option<String>,
    /// The line of the test that failed.
    pub(super) code: String,
    pub(super) code_words: BTreeSet<String>,
    /// The names in the source of the test, where the tool shows it.
    pub(super) body_words: BTreeSet<String>,
    /// How the values of an assertion differ.
    pub(super) difference: Option<String>,
    pub(super) name_words: BTreeSet<String>,
    /// The fixture or hook that failed.
    pub(super) fixture: Option<String>,
    /// For people: the line that shows it best, not yet shortened.
    pub(super) headline: String,
}

/// Messages that say no more than that it failed.
const EMPTY: &[&str] = &[
    "failed",
    "failure",
    "fail",
    "error",
    "test failed",
    "test failure",
    "failed test",
    "assertion failed",
    "not ok",
    "exit status 1",
    "test case failed",
    "failed.",
    "collection failure",
    "fails",
];

impl Reading {
    /// Reads a failure of a suite.
    pub(super) fn new(suite: &str, failure: &Failure) -> Self {
        let detail = plain(&bounded(&failure.detail, 120_000));
        let raw_message = plain(&bounded(&failure.message, 8_000));
        let mut trace = trace(&detail);
        for other in [&raw_message, &plain(&bounded(&failure.output, 40_000))] {
            if trace.frames.is_empty() {
                let more = super::frames::trace(other);
                trace = Trace { root: trace.root.or(more.root), frames: more.frames, ..trace };
            }
        }
        let (class, test) = test_name(&failure.test);
        let file = file_of(failure);
        settle_places(&mut trace.frames, &failure.test);
        let (raw, fixture) = telling(&raw_message, &detail, failure);
        let outer = failure.kind.as_deref().and_then(kind::short);
        let lead = raw.lines().next().and_then(kind::leading);
        let body = lead.map_or(raw.as_str(), |(_, rest)| rest);
        let root = trace.root.as_deref().and_then(|r| kind::leading(r.lines().next().unwrap_or_default()));
        let outer = outer
            .or_else(|| lead.and_then(|(name, _)| kind::short(name)))
            .or_else(|| raised(&detail))
            .or_else(|| kind::from_message(body));
        let first = root.and_then(|(name, _)| kind::short(name)).or_else(|| outer.clone());
        let kinds: BTreeSet<String> = first.iter().chain(&outer).cloned().collect();
        let is_assertion = kinds.iter().all(|k| kind::is_assertion(k));
        let message = normalise(&told(&raw));
        let form = skeleton(&message);
        let mut whole = message.clone();
        if let Some(root) = &trace.root {
            whole = format!("{whole}\n{}", normalise(root));
        }
        let missing = missing(&whole).into_iter().collect();
        let of_place = |place| trace.frames.iter().filter(move |f: &&Frame| f.place == place);
        let inner = of_place(Place::Project).next();
        let line_of = |f: &Frame| format!("{}:{}", f.file, f.line);
        let test_frame = of_place(Place::Test).next();
        let marked = trace.marked.last().map(String::as_str).unwrap_or_default();
        let code = test_frame.map(|f| f.code.as_str()).filter(|c| !c.is_empty()).unwrap_or(marked);
        let mut code_words: BTreeSet<String> = words(&normalise(code)).collect();
        code_words.extend(trace.frames.iter().filter(|f| f.place != Place::Library).flat_map(|f| {
            let code = normalise(&f.code);
            words(&code).collect::<Vec<_>>()
        }));
        code_words.extend(
            raw.lines()
                .filter(|l| l.contains("where "))
                .flat_map(|l| words(&normalise(l)).collect::<Vec<_>>()),
        );
        let headline = raw.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default().to_owned();
        Self {
            suite: suite.to_owned(),
            fault: failure.fault,
            is_assertion,
            skeleton: form.clone(),
            // The values of an assertion are no words of its own.
            is_informative: informative(if is_assertion { &form } else { &message }),
            tokens: words(&whole).collect(),
            quoted: quoted(&message).into_iter().collect(),
            values: values(&with_numbers(&told(&raw))),
            missing,
            inner: inner.map(Frame::key),
            line: inner.or(test_frame).map(line_of),
            project: of_place(Place::Project).take(20).map(Frame::key).collect(),
            library: if inner.is_none() { of_place(Place::Library).next().map(Frame::key) } else { None },
            code: normalise(code),
            code_words,
            body_words: words(&normalise(&trace.body.join("\n"))).collect(),
            difference: difference(&raw),
            name_words: words(&normalise(&split_name(&test))).collect(),
            fixture,
            headline,
            message,
            kind: first,
            kinds,
            class: normalise(&class),
            test: normalise(&test),
            file,
        }
    }

    /// What the failure is known by in later runs: what was raised, in which words, and where.
    pub(super) fn print(&self) -> String {
        let mut parts = vec!["g1", self.kind.as_deref().unwrap_or_default(), &self.skeleton];
        parts.extend(self.missing.iter().map(String::as_str));
        let fault = format!("{:?}", self.fault);
        let ended = matches!(self.fault, Fault::TimedOut | Fault::Crashed);
        if ended {
            parts.push(&fault);
        }
        match &self.inner {
            Some(inner) => parts.push(inner),
            None if self.missing.is_empty() && (self.is_assertion || !self.is_informative || ended) => {
                parts.extend([self.file.as_str(), &self.class, &self.test]);
            }
            None => parts.extend(self.library.as_deref()),
        }
        format!("g1:{:016x}", crate::wording::hash(&parts.join("\u{1f}")))
    }
}

/// The beginning and the end of a long text.
fn bounded(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let (mut head, mut tail) = (most / 2, text.len() - most / 2);
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    format!("{}\n{}", &text[..head], &text[tail..])
}

/// The class and the name of a test, without parameters.
pub(super) fn test_name(test: &str) -> (String, String) {
    let mut base = test.trim();
    if let Some(at) = base.find(['[', '{', '(']).filter(|at| *at > 0) {
        base = base[..at].trim_end();
    }
    for sep in ["::", " > ", " › ", "#"] {
        if let Some((class, name)) = base.rsplit_once(sep) {
            return (class.to_owned(), name.to_owned());
        }
    }
    // Go's subtests, then the methods of Java; a sentence has neither.
    let cut = if base.contains(' ') { None } else { base.rsplit_once('/').or_else(|| base.rsplit_once('.')) };
    cut.map_or((String::new(), base.to_owned()), |(class, name)| (class.to_owned(), name.to_owned()))
}

fn file_of(failure: &Failure) -> String {
    match failure.file.as_deref().or_else(|| failure.test.split_once("::").map(|(file, _)| file)) {
        Some(file) if file.contains('/') || super::place::is_source(file) => file_key(file),
        Some(class) => normalise(class),
        None => String::new(),
    }
}

/// Unit tests of Rust stand in the file that they test: where a panic has only a place, it
/// is the test's own if the test's module is that file.
fn settle_places(frames: &mut [Frame], test: &str) {
    let mut modules = test.split("::").collect::<Vec<_>>();
    if !modules.iter().any(|m| matches!(*m, "tests" | "test")) {
        return;
    }
    modules.retain(|m| !matches!(*m, "tests" | "test"));
    for frame in frames.iter_mut().filter(|f| f.function.is_empty() && f.place == Place::Project) {
        let stem = frame.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if modules.contains(&stem) || matches!(stem, "lib" | "main" | "mod") {
            frame.place = Place::Test;
        }
    }
}

/// The text that says most of what went wrong, and the fixture in which it did.
fn telling(message: &str, detail: &str, failure: &Failure) -> (String, Option<String>) {
    let mut fixture = None;
    let mut text = message.trim().to_owned();
    for (start, name) in [("failed on setup with \"", "setup"), ("failed on teardown with \"", "teardown")] {
        if let Some(rest) = text.strip_prefix(start) {
            fixture = Some(name.to_owned());
            text = rest.trim_end_matches('"').to_owned();
        }
    }
    let low = text.to_ascii_lowercase();
    if failure.fault == Fault::Errored || fixture.is_some() {
        let mark = detail.find("@pytest.fixture").map(|at| &detail[at..]);
        let def = mark.and_then(|t| t.split_once("def ")).and_then(|(_, t)| t.split_once('('));
        fixture = def.map(|(name, _)| name.to_owned()).or(fixture);
    }
    for hook in
        ["beforeall", "beforeeach", "afterall", "aftereach", "before all", "before each", "after each"]
    {
        if low.contains(&format!("\"{hook}\" hook"))
            || failure.test.to_ascii_lowercase().contains(&format!("\"{hook}\" hook"))
        {
            fixture = Some(hook.replace(' ', ""));
        }
    }
    let first = text.lines().next().unwrap_or_default().trim().to_ascii_lowercase();
    let says_nothing = text.is_empty()
        || EMPTY.contains(&first.as_str()) && text.lines().count() == 1
        || first.starts_with("failed test '") && text.lines().count() == 1
        || first == failure.test.to_ascii_lowercase();
    if says_nothing && let Some(found) = from_detail(detail) {
        text = found;
    }
    (text, fixture)
}

/// What a trace says was raised, or its first line that says something.
fn from_detail(detail: &str) -> Option<String> {
    let marked: Vec<&str> =
        detail.lines().filter_map(|l| l.strip_prefix("E   ")).map(str::trim_end).take(12).collect();
    if !marked.is_empty() {
        return Some(marked.join("\n"));
    }
    if let (Some(wanted), Some(got)) =
        (yaml(detail, "expected:"), yaml(detail, "actual:").or_else(|| yaml(detail, "got:")))
    {
        return Some(format!("expected {wanted}, got {got}"));
    }
    let mut lines = detail.lines().map(str::trim).filter(|l| !l.is_empty());
    if detail.contains("Traceback (most recent call last)") {
        let raised = detail.lines().rev().find(|l| !l.starts_with(' ') && kind::leading(l).is_some());
        if let Some(raised) = raised {
            return Some(raised.to_owned());
        }
    }
    let noise = |l: &str| {
        matches!(l, "---" | "...")
            || l.starts_with("operator:")
            || l.starts_with("=== ")
            || l.starts_with("--- ")
            || l.starts_with("Traceback")
            || l.starts_with("running ")
            || l.starts_with("ok ")
            || l.starts_with("Failed test")
            || EMPTY.contains(&l.to_ascii_lowercase().as_str())
    };
    let all: Vec<&str> = lines.by_ref().filter(|l| !noise(l)).take(12).collect();
    let (first, rest) = all.split_first()?;
    // `thread 'x' panicked at src/x.rs:1:2:` stands above what it says, `x_test.go:3: ` before it.
    if first.contains(" panicked at ") && !rest.is_empty() {
        let until =
            rest.iter().position(|l| l.starts_with("note: run with") || l.starts_with("stack backtrace"));
        return Some(rest[..until.unwrap_or(rest.len())].join("\n"));
    }
    let first = match first.split_once(": ") {
        Some((place, said)) if place.contains(':') && !place.contains(' ') => said,
        _ => first,
    };
    Some(std::iter::once(first).chain(rest.iter().copied()).collect::<Vec<_>>().join("\n"))
}

/// A value of the YAML that stands below a line of TAP, the first line of a block.
fn yaml<'d>(detail: &'d str, key: &str) -> Option<&'d str> {
    let mut lines = detail.lines().map(str::trim);
    let value = lines.find_map(|l| l.strip_prefix(key))?.trim();
    let value = if matches!(value, "|-" | "|" | ">-" | ">") { lines.next()? } else { value };
    let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    let value = value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')).unwrap_or(value);
    (!value.is_empty()).then_some(value)
}

/// The type that the last line of a Python trace, or the first of another one, names.
fn raised(detail: &str) -> Option<String> {
    let named = |l: &str| kind::leading(l).and_then(|(name, _)| kind::short(name));
    let marked = detail.lines().rev().find_map(|l| l.strip_prefix("E   ").and_then(named));
    marked
        .or_else(|| {
            let is_python = detail.contains("Traceback (most recent call last)");
            let mut lines = detail.lines().filter(|l| !l.starts_with(' '));
            if is_python {
                lines.rfind(|l| named(l).is_some()).and_then(named)
            } else {
                lines.take(3).find_map(named)
            }
        })
        .or_else(|| {
            // pytest's `src/x.py:12: KeyError`.
            let last = detail.lines().rev().find(|l| l.contains(".py:") && !l.starts_with(' '))?;
            last.rsplit_once(": ")
                .and_then(|(_, kind)| kind::leading(kind))
                .and_then(|(name, _)| kind::short(name))
        })
}

/// The lines of a message that are the message: no trace, at most twelve.
fn told(message: &str) -> String {
    let is_trace = |l: &str| {
        let l = l.trim_start();
        (l.starts_with("at ") && l.contains(':'))
            || l.starts_with("File \"")
            || l.starts_with("stack backtrace")
    };
    let lines: Vec<&str> = message.lines().filter(|l| !is_trace(l)).take(12).collect();
    bounded(&lines.join("\n"), 3_000)
}

/// Numbers and quoted words as they stand.
fn values(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = quoted(text).into_iter().collect();
    let separate = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '<' | '>'));
    found.extend(
        text.split(separate)
            .map(|w| w.trim_matches('.'))
            .filter(|w| w.len() > 1 && w.starts_with(|c: char| c.is_ascii_digit()))
            .map(str::to_owned),
    );
    found
}

/// What stands in quotes, up to 60 characters each.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line;
        let mut before = ' ';
        while let Some(at) = rest.find(['\'', '"', '`']) {
            let quote = rest[at..].chars().next().unwrap_or('"');
            before = rest[..at].chars().next_back().unwrap_or(before);
            let inner = &rest[at + 1..];
            match inner.find(quote) {
                Some(end) if !before.is_alphanumeric() => {
                    if (2..=60).contains(&end) {
                        found.push(inner[..end].to_owned());
                    }
                    rest = &inner[end + 1..];
                    before = quote;
                }
                _ => {
                    rest = inner;
                    before = quote;
                }
            }
        }
    }
    found
}

/// The first lines of a normalised message with what is quoted or in brackets left out.
pub(super) fn skeleton(message: &str) -> String {
    let mut out = String::new();
    for line in message.lines().take(3) {
        let mut rest = line;
        if !out.is_empty() {
            out.push('\n');
        }
        while let Some(c) = rest.chars().next() {
            let close = match c {
                '\'' | '"' | '`' if !out.ends_with(char::is_alphanumeric) => Some(c),
                '[' => Some(']'),
                '{' => Some('}'),
                _ => None,
            };
            let width = c.len_utf8();
            match close.and_then(|close| {
                if c == '[' || c == '{' {
                    rest.rfind(close)
                } else {
                    rest[width..].find(close).map(|e| e + width)
                }
            }) {
                // Names of functions are in backticks.
                Some(end) if c != '`' => {
                    out.push(c);
                    out.push('…');
                    out.push_str(&rest[end..=end]);
                    rest = &rest[end + 1..];
                }
                _ => {
                    out.push(c);
                    rest = &rest[width..];
                }
            }
        }
        if out.len() > 400 {
            break;
        }
    }
    out
}

/// `testParsesDates` and `test_parses_dates` as words.
fn split_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut was_low = false;
    for c in name.chars() {
        if c.is_uppercase() && was_low || c == '_' || c == '-' {
            out.push(' ');
        }
        was_low = c.is_lowercase() || c.is_ascii_digit();
        if c != '_' && c != '-' {
            out.extend(c.to_lowercase());
        }
    }
    out
}
