//! How the two values of a failed assertion differ: the same mistake often shows as the same
//! difference, one too many or a line break at the end, in tests that have nothing else in common.

use std::collections::{BTreeMap, BTreeSet};

/// How much of a text that shows a difference is read, in bytes and lines of each side.
const MOST: usize = 4_000;

/// All ways in which the two sides of a failed assertion differ, each in a few words; whichever
/// side was expected. `detail` is the tool's own text: where it shows a difference line by line,
/// that has more than the shortened values of the message.
pub(super) fn ways(message: &str, detail: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let shown = lines(detail).or_else(|| lines(message));
    for (a, b) in
        shown.into_iter().chain(values(message)).chain(pieces(message)).chain(blocks(message, detail))
    {
        compare(&a, &b, &mut found);
    }
    if message.contains("DID NOT RAISE") || message.contains("Missing expected exception") {
        found.insert("nothing was raised".to_owned());
    }
    found
}

/// The pieces that pytest finds to differ in values too long to be shown whole.
fn pieces(message: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = message.lines().map(|l| l.trim_start_matches("E ").trim()).collect();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let next = lines.get(i + 1).copied().unwrap_or_default();
        let at = line.strip_prefix("At index ").and_then(|l| l.split_once(" diff: ")).map(|(_, l)| l);
        let pair = match *line {
            "Differing items:" => next.split_once(" != "),
            _ => at.and_then(|l| l.split_once(" != ")),
        };
        if let Some((a, b)) = pair {
            found.push((a.to_owned(), b.to_owned()));
        }
        if line.starts_with("Left contains ") && line.contains(" more item") {
            let more = if line.ends_with(':') { next } else { line.rsplit(": ").next().unwrap_or_default() };
            found.push((more.to_owned(), String::new()));
        } else if line.starts_with("Right contains ") && line.contains(" more item") {
            let more = if line.ends_with(':') { next } else { line.rsplit(": ").next().unwrap_or_default() };
            found.push((String::new(), more.to_owned()));
        }
    }
    found
}

/// Values of several lines: below a line of TAP, and as Node's own assertions write them.
fn blocks(message: &str, detail: &str) -> Option<(String, String)> {
    for text in [message, detail] {
        for (first, second) in [
            ("Expected values to be loosely deep-equal:", "should loosely deep-equal"),
            ("Expected values to be strictly equal:", "!=="),
        ] {
            if let Some((_, rest)) = text.split_once(first)
                && let Some((a, b)) = rest.split_once(second)
            {
                let b = b.split("\n    at ").next().unwrap_or(b);
                let b = b.split("\nAssertionError").next().unwrap_or(b);
                return Some((cut(a), cut(b)));
            }
        }
    }
    let wanted = block(detail, "expected:")?;
    let got = block(detail, "actual:").or_else(|| block(detail, "got:"))?;
    Some((got, wanted))
}

/// A value of YAML with all of its lines.
fn block(detail: &str, key: &str) -> Option<String> {
    let mut lines = detail.lines();
    let (indent, value) = lines.find_map(|l| {
        let text = l.trim_start();
        text.strip_prefix(key).map(|value| (l.len() - text.len(), value.trim()))
    })?;
    if !matches!(value, "|-" | "|" | ">-" | ">") {
        return Some(cut(value));
    }
    let inner = lines.take_while(|l| l.len() - l.trim_start().len() > indent);
    Some(cut(&inner.collect::<Vec<_>>().join("\n")))
}

/// As much of a value as is read.
fn cut(text: &str) -> String {
    text.trim().chars().take(MOST).collect()
}

/// The lines of a difference that only one side has, as pytest, Jest and Mocha show them.
fn lines(text: &str) -> Option<(String, String)> {
    let (mut one, mut other) = (String::new(), String::new());
    let has_marks = text.lines().any(|l| l.starts_with("E   "));
    for line in text.lines() {
        let line = if has_marks {
            let Some(line) = line.strip_prefix("E   ") else { continue };
            line
        } else {
            line
        };
        let line = line.trim_start();
        let (side, rest) = match line.split_at_checked(1) {
            Some(("-", rest)) => (&mut one, rest),
            Some(("+", rest)) => (&mut other, rest),
            _ => continue,
        };
        let is_words = rest.trim_start().starts_with("where ")
            || rest.trim_start().starts_with("and ")
            || rest.starts_with(" expected")
            || rest.starts_with(" Expected")
            || rest.starts_with(" Received")
            || rest.starts_with(['-', '+']);
        if is_words || side.len() > MOST {
            continue;
        }
        side.push_str(rest.strip_prefix(' ').unwrap_or(rest));
        side.push('\n');
    }
    (!one.is_empty() || !other.is_empty()).then_some((one, other))
}

/// Words, numbers and single signs; spaces are left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if is_word(c) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { c.len_utf8() };
        if !c.is_whitespace() {
            found.push(&rest[..end]);
        }
        rest = &rest[end..];
    }
    found
}

/// What stands where two rows of words first differ, without what their beginnings and ends share.
fn changed(x: &[&str], y: &[&str], found: &mut BTreeSet<String>) {
    let Some(at) = x.iter().zip(y).position(|(x, y)| x != y) else { return };
    let (a, b): (Vec<char>, Vec<char>) = (x[at].chars().collect(), y[at].chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.len() <= 8 && b.len() <= 8 && (head > 0 || tail > 0 || !a.iter().any(char::is_ascii_digit)) {
        found.insert(format!("{} for {}", String::from_iter(a), String::from_iter(b)));
    }
}

/// What two whole values are to each other.
fn shapes(a: &str, b: &str, found: &mut BTreeSet<String>) {
    let shape = |t: &str| {
        let t = t.trim().trim_end_matches(',');
        match t {
            "None" | "null" | "undefined" | "nil" => "nothing",
            "''" | "\"\"" | "[]" | "{}" | "()" | "" => "an empty one",
            "True" | "true" => "yes",
            "False" | "false" => "no",
            _ if t.parse::<f64>().is_ok() => "a number",
            _ if t.starts_with(['\'', '"', '`']) => "a text",
            _ if t.starts_with('[') => "a list",
            _ if t.starts_with('{') => "a map",
            _ => "a value",
        }
    };
    let (one, other) = (shape(a), shape(b));
    if one != other {
        found.insert(format!("{one} for {other}"));
    }
    let bare = |t: &str| t.trim().trim_matches(['\'', '"', '`']).to_owned();
    let (a, b) = (bare(a), bare(b));
    for (whole, part, words) in [(&a, &b, "the first"), (&b, &a, "the second")] {
        if whole.len() > part.len() && part.len() > 1 {
            if whole.starts_with(part.as_str()) {
                found.insert(format!("{words} goes on"));
            } else if whole.ends_with(part.as_str()) {
                found.insert(format!("{words} begins earlier"));
            }
        }
    }
    let only =
        |t: &str| t.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (x, y) = (only(&a), only(&b));
    if x == y && !x.is_empty() {
        found.insert("in signs".to_owned());
    }
}

fn compare(a: &str, b: &str, found: &mut BTreeSet<String>) {
    let is_number = |t: &&str| t.bytes().all(|b| b.is_ascii_digit());
    let (x, y) = (tokens(a), tokens(b));
    shapes(a, b, found);
    if x.is_empty() || y.is_empty() {
        found.insert("one side is empty".to_owned());
    }
    let without = |t: &str, out: &dyn Fn(char) -> bool| t.chars().filter(|c| !out(*c)).collect::<String>();
    changed(&x, &y, found);
    if x == y {
        found.insert("in spaces".to_owned());
        let breaks = |t: &str| t.matches("\n").count();
        if breaks(a) != breaks(b) {
            found.insert("in line breaks".to_owned());
        }
        return;
    }
    if without(a, &char::is_whitespace) == without(b, &char::is_whitespace) {
        found.insert("in spaces".to_owned());
    }
    if a.to_lowercase() == b.to_lowercase() {
        found.insert("in case".to_owned());
    }
    let quote = |c: char| matches!(c, '\'' | '"' | '`' | '\\');
    if without(a, &quote) == without(b, &quote) {
        found.insert("in quotes".to_owned());
    }
    if x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| x == y || is_number(x) && is_number(y)) {
        found.insert("in numbers".to_owned());
        for (x, y) in x.iter().zip(&y).filter(|(x, y)| x != y) {
            if let (Ok(x), Ok(y)) = (x.parse::<i64>(), y.parse::<i64>()) {
                found.insert(format!("by {}", x.abs_diff(y).min(10)));
                found.insert(if x > y { "the first is larger" } else { "the second is larger" }.to_owned());
            }
        }
    }
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for t in &x {
        *counts.entry(t).or_default() += 1;
    }
    for t in &y {
        *counts.entry(t).or_default() -= 1;
    }
    let (more, less) = (counts.values().any(|n| *n > 0), counts.values().any(|n| *n < 0));
    match (more, less) {
        (false, false) => {
            found.insert("in order".to_owned());
        }
        (true, true) => {}
        (is_first, _) => {
            found.insert("one has more".to_owned());
            found.insert(if is_first { "the first has more" } else { "the second has more" }.to_owned());
        }
    }
    // What only one side has, where that is little.
    let only: Vec<&str> = counts.iter().filter(|(_, n)| **n != 0).map(|(t, _)| *t).collect();
    if only.len() <= 12 {
        found.extend(only.iter().filter(|t| t.len() <= 40).map(|t| format!("only {t}")));
    }
}

/// What a message says the two values are, shorter than they may be in truth.
fn values(message: &str) -> Option<(String, String)> {
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    let after = |words: &[&str]| {
        lines.iter().enumerate().find_map(|(i, l)| {
            let rest = words.iter().find_map(|w| l.strip_prefix(w))?.trim();
            let value = if rest.is_empty() { lines.get(i + 1).copied().unwrap_or_default() } else { rest };
            (!value.is_empty()).then(|| value.to_owned())
        })
    };
    // Rust, Jest, TAP.
    for (one, other) in
        [(["left:", "left: "], ["right:", "right: "]), (["Expected:", "expected:"], ["Received:", "actual:"])]
    {
        if let (Some(a), Some(b)) = (after(&one), after(&other)) {
            return Some((a, b));
        }
    }
    for line in lines.iter().take(6) {
        let line = line.strip_prefix("AssertionError: ").unwrap_or(line);
        if let Some(rest) = line.strip_prefix("assert ")
            && let Some((a, b)) = rest.split_once(" == ")
        {
            return Some((a.to_owned(), b.to_owned()));
        }
        // JUnit: `expected:<3> but was:<4>`, `expected: <3> but was: <4>`.
        if let Some((_, rest)) = line.split_once("expected:")
            && let Some((a, b)) = rest.split_once(" but was:")
        {
            return Some((a.trim().to_owned(), b.trim().to_owned()));
        }
        for sep in [" !== ", " != ", " does not equal ", " to equal ", " to deeply equal ", " deepEqual "] {
            if let Some((a, b)) = line.split_once(sep) {
                return Some((a.trim_start_matches("expected ").to_owned(), b.to_owned()));
            }
        }
        for (first, second) in
            [("got ", ", want "), ("want ", ", got "), ("expected ", ", got "), ("Expected ", ", got ")]
        {
            if let Some((_, rest)) = line.split_once(first)
                && let Some((a, b)) = rest.split_once(second)
            {
                return Some((a.to_owned(), b.to_owned()));
            }
        }
    }
    None
}

/// The difference of an assertion's values in a few words; whichever of them was expected.
pub(super) fn difference(message: &str) -> Option<String> {
    let (a, b) = values(message)?;
    let (a, b) = (a.trim().trim_end_matches(','), b.trim().trim_end_matches(','));
    if let (Ok(x), Ok(y)) = (a.parse::<f64>(), b.parse::<f64>()) {
        let by = (x - y).abs();
        return Some(if by <= 3.0 { format!("by {by}") } else { "number".to_owned() });
    }
    let empty =
        |t: &str| matches!(t, "None" | "null" | "undefined" | "nil" | "''" | "\"\"" | "[]" | "{}" | "()");
    for (one, other) in [(a, b), (b, a)] {
        if empty(one) && !empty(other) {
            return Some(format!("{one} and a value"));
        }
    }
    let both: Vec<(char, char)> = a.chars().zip(b.chars()).collect();
    let head = both.iter().take_while(|(x, y)| x == y).count();
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().skip(head).collect(), b.chars().skip(head).collect());
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.len() > 12 || b.len() > 12 {
        return None;
    }
    let (mut one, mut other): (String, String) = (a.iter().collect(), b.iter().collect());
    if one > other {
        std::mem::swap(&mut one, &mut other);
    }
    // Where the values begin or end apart their quotes are part of it.
    Some(format!("{one:?} and {other:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_differ() {
        for (text, wanted) in [
            ("assert 3 == 4", "by 1"),
            ("assertion `left == right` failed\n  left: 3\n right: 5", "by 2"),
            ("assert 'BAR\\n' == 'BAR'", r#""" and "\\n""#),
            ("expected:<4> but was:<4x>", r#""" and "x""#),
            ("assert None == 'x'", "None and a value"),
            ("total = 1: got abc, want abd", r#""c" and "d""#),
        ] {
            assert_eq!(difference(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(difference("KeyError: 'x'"), None);
    }

    #[test]
    fn all_ways_to_differ() {
        for (detail, wanted) in [
            (
                "E     - a 1\nE     + a 2",
                vec!["by 1", "in numbers", "only 1", "only 2", "the second is larger"],
            ),
            ("E     - select a\nE     +   select a", vec!["in signs", "in spaces"]),
            (
                "E     - Total\nE     + total",
                vec!["T for t", "in case", "in signs", "only Total", "only total"],
            ),
            ("E     - a b\nE     + b a", vec!["a for b", "in order"]),
            ("E     - a\nE     + a b", vec!["one has more", "only b", "the second has more"]),
        ] {
            let found = ways("", detail);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), wanted, "{detail}");
        }
        assert!(ways("KeyError: 'x'", "").is_empty());
    }
}
