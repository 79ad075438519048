//! Which text of a failure says what went wrong: its message, or what a trace says where the
//! message has nothing of its own.

use super::kind;
use crate::model::{Failure, Fault};

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

/// The text that says most of what went wrong, and the fixture in which it did.
pub(super) fn telling(message: &str, detail: &str, failure: &Failure) -> (String, Option<String>) {
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
    // What TAP tells as its message is often the test's name, or the last part of it.
    let is_name = |test: &str| !first.is_empty() && test.to_ascii_lowercase().ends_with(&first);
    let says_nothing = text.is_empty()
        || EMPTY.contains(&first.as_str()) && text.lines().count() == 1
        || first.starts_with("failed test '") && text.lines().count() == 1
        || is_name(&failure.test)
        || numbered(&failure.test).is_some_and(is_name);
    if says_nothing && let Some(found) = from_detail(detail) {
        text = found;
    }
    // Node tells of a hook that it failed, and below it why.
    if first.starts_with("failed running ") {
        fixture = first.split(' ').nth(2).map(str::to_owned);
        let below = detail.lines().find_map(|l| l.trim().strip_prefix("cause: "));
        if let Some(found) = below.filter(|l| kind::leading(l).is_some()) {
            text = found.trim_end_matches(" {").replacen(" [Error]:", ":", 1);
        }
    }
    (text, fixture)
}

/// What pytest shows below the failing line, without what it moves it to the right by.
fn shown(detail: &str) -> String {
    let marked = || detail.lines().filter_map(|l| l.strip_prefix("E ").filter(|l| !l.trim().is_empty()));
    let moved = marked().next().map_or(0, |l| l.len() - l.trim_start().len());
    let lines: Vec<&str> = marked().map(|l| l.get(moved..).unwrap_or(l).trim_end()).collect();
    lines.join("\n")
}

/// The message, or what pytest shows in its stead if it is too long for a message.
pub(super) fn whole(message: &str, detail: &str) -> String {
    let is_cut = message.trim_end().ends_with("[truncated; full report in element text]");
    let shown = if is_cut { shown(detail) } else { String::new() };
    if shown.is_empty() { message.to_owned() } else { shown }
}

/// The trace of a Python program that a message quotes, up to the line that names what was raised; with
/// line ends also where the message shows the output as `repr` does.
pub(super) fn embedded(message: &str, detail: &str) -> Option<String> {
    const HEAD: &str = "Traceback (most recent call last):";
    let quoted =
        |text: &str| text.find(HEAD).filter(|at| *at > 0).map(|at| text[at + HEAD.len()..].to_owned());
    // pytest shortens its message, but not what it shows below the failing line.
    let rest = quoted(&shown(detail)).or_else(|| quoted(message))?;
    let rest = match rest.starts_with("\\n") {
        true => rest.replace("\\n", "\n").replace("\\'", "'").replace("\\\"", "\""),
        false => rest,
    };
    let mut lines: Vec<&str> = Vec::new();
    for line in rest.lines().skip(1) {
        lines.push(line);
        if !line.starts_with(' ') {
            // A shorter message may end in the midst of it.
            return kind::leading(line).map(|_| lines.join("\n"));
        }
    }
    None
}

/// The name of a test that has a number because several are named so: `should be equal (3)`.
fn numbered(test: &str) -> Option<&str> {
    let (name, number) = test.strip_suffix(')')?.rsplit_once(" (")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(name)
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
        // What node shows of an error's properties has a comma behind each.
        let (wanted, got) = match (wanted.strip_suffix(','), got.strip_suffix(',')) {
            (Some(a), Some(b)) => (a, b),
            _ => (wanted, got),
        };
        // Where one side has quotes they are, or may be, the difference.
        let (a, b) = (unquoted(wanted), unquoted(got));
        let one_is_quoted = (a == wanted) != (b == got);
        let (a, b) = if a == b || one_is_quoted { (wanted, got) } else { (a, b) };
        return Some(format!("expected {a}, got {b}"));
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
    (!value.is_empty()).then_some(value)
}

/// A value without one pair of quotes of each sort around it.
fn unquoted(value: &str) -> &str {
    let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')).unwrap_or(value)
}

/// The type that the last line of a Python trace, or the first of another one, names.
pub(super) fn raised(detail: &str) -> Option<String> {
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
