//! What the text of one failure says: its form without values, what it quotes, what it asserts.
//!
//! Everything here reads one text; what two texts have in common is in `signals`.

use std::collections::BTreeSet;

use super::kind;
use crate::wording::normalise;

/// What a command that was run within the test raised, as click shows it: `<Result KeyError('x')>`.
pub(super) fn of_command(raw: &str) -> Option<String> {
    let (_, rest) = raw.split_once("<Result ")?;
    let name = &rest[..rest.find('(')?];
    (name != "SystemExit" && name.chars().all(char::is_alphanumeric)).then(|| name.to_owned())
}

/// Whether a line is that of an error which has no type of its own.
pub(super) fn says_error(line: &str) -> bool {
    let line = line.trim_start();
    ["Error: ", "Exception: ", "Error [ERR_"].iter().any(|s| line.starts_with(s))
}

/// Whether the first lines say that there is nothing where something was wanted, in whatever
/// words the language has for it.
pub(super) fn is_nothing(raw: &str) -> bool {
    let is = |line: &str| {
        ["NoneType", "None ==", "== None", "None !=", "is None", "undefined", "null", "`None`", "nil"]
            .iter()
            .any(|w| line.contains(w))
    };
    raw.lines().take(4).any(is)
}

/// All words of a form, the parts of names each by itself.
pub(super) fn form_words(form: &str) -> BTreeSet<String> {
    let separate = |c: char| !(c.is_alphanumeric() || c == '_');
    // The type is a signal of its own.
    let form = kind::leading(form).map_or(form, |(_, rest)| rest);
    form.split(separate).filter(|w| !w.is_empty()).take(60).map(str::to_lowercase).collect()
}

/// What is compared with what: `None == '…'`, `False`, `… in …`.
pub(super) fn asserted(form: &str) -> String {
    let line = form.lines().next().unwrap_or_default();
    let line = line.strip_prefix("AssertionError: ").unwrap_or(line);
    let keep = |w: &str| {
        matches!(w, "None" | "True" | "False" | "null" | "undefined" | "true" | "false")
            || w.chars().all(|c| !c.is_alphanumeric()) && w.len() <= 3
            || matches!(w, "assert" | "in" | "not" | "is" | "to" | "equal" | "be" | "deep")
    };
    let words: Vec<&str> = line.split_whitespace().map(|w| if keep(w) { w } else { "…" }).take(8).collect();
    // That two texts are not equal says nothing; that one is nothing does.
    let says = |w: &&str| {
        matches!(
            *w,
            "None" | "True" | "False" | "null" | "undefined" | "true" | "false" | "in" | "not" | "is"
        )
    };
    if words.iter().any(says) { words.join(" ") } else { String::new() }
}

/// The beginning and the end of a long text.
pub(super) fn bounded(text: &str, most: usize) -> String {
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

/// The lines of a message that are the message: no trace, at most twelve.
pub(super) fn told(message: &str) -> String {
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
pub(super) fn values(text: &str) -> BTreeSet<String> {
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

/// The texts among the arguments that pytest shows of functions: `s = 'overloaded', idx = 0`.
pub(super) fn given(detail: &str) -> BTreeSet<String> {
    let is_shown = |line: &&str| {
        let name = line.split(" = ").next().unwrap_or_default();
        line.len() > name.len()
            && !name.is_empty()
            && name.len() < 30
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let lines = detail.lines().rev().filter(|l| !l.starts_with([' ', '>', 'E'])).filter(is_shown);
    lines.take(6).flat_map(quoted).filter(|q| q.len() > 4).map(|q| normalise(&q)).collect()
}

/// What stands in quotes, up to 60 characters each.
pub(super) fn quoted(text: &str) -> Vec<String> {
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
pub(super) fn split_name(name: &str) -> String {
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
