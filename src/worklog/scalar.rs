//! How a value is written in YAML so that every reader reads the same.
//!
//! Readers differ on bare words: `no`, `1e3`, `12:30`, `1_000`, `~` and `2024-01-01` are
//! text to one and something else to another. What is not plainly a word gets quotes.

use serde_yaml::Value;

use crate::model::{Candidate, IssueRef, Link, LinkKind, is_hidden};
use crate::worklog::tree::Style;

/// Words that some reader of YAML takes for truth, nothing or a number.
const KEYWORDS: [&str; 13] =
    ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity", "none"];

/// A value as it is written, and what the strict parser must read there afterwards.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) value: Value,
}

/// Text in its shortest safe form: bare if it is plainly a word, else in double quotes.
pub(crate) fn text(text: &str) -> Written {
    like(text, Style::Plain)
}

/// Text as the value of a key, for a file that a person goes on with: bare if it is plainly
/// words, else in double quotes.
pub fn yaml_text(words: &str) -> String {
    if !words.ends_with(' ') && is_word(&words.replace(' ', "_")) && !is_keyword(words) {
        return words.to_owned();
    }
    double_quoted(words)
}

/// Text in the style that stood there before, as far as that style can hold it.
pub(crate) fn like(text: &str, style: Style) -> Written {
    let written = match style {
        Style::Plain | Style::Empty | Style::Block if is_word(text) => text.to_owned(),
        Style::Single if !text.chars().any(is_hidden) => format!("'{}'", text.replace('\'', "''")),
        _ => double_quoted(text),
    };
    Written { text: written, value: Value::from(text) }
}

/// An issue: a bare number in the worklog's own repository, else `"owner/repo#12"`; the
/// quotes of `before`, the style and text that it replaces, are kept.
pub(crate) fn issue(issue: &IssueRef, before: Option<(Style, &str)>) -> Written {
    let full = issue.to_string();
    match before {
        Some((style @ (Style::Single | Style::Double | Style::Block), _)) => like(&full, style),
        _ if issue.repo.is_none() => {
            Written { text: issue.number.to_string(), value: Value::from(issue.number) }
        }
        Some((Style::Plain, old))
            if old.contains('#') && full.starts_with(|c: char| c.is_ascii_alphanumeric()) =>
        {
            Written { text: full.clone(), value: Value::from(full) }
        }
        _ => like(&full, Style::Double),
    }
}

/// A link as an item of a list, in a flow list (`[…]`) or in a block list.
pub(crate) fn link(link: &Link, flow: bool) -> Written {
    let target = text(&link.target.to_string());
    if link.kind == LinkKind::Related {
        return target;
    }
    let pair = format!("{}: {}", link.kind.word(), target.text);
    let map = serde_yaml::Mapping::from_iter([(Value::from(link.kind.word()), target.value)]);
    Written { text: if flow { format!("{{{pair}}}") } else { pair }, value: Value::from(map) }
}

/// A candidate as an item of a list, in either style.
pub(crate) fn candidate(candidate: &Candidate) -> Written {
    let mut parts = vec![("issue", issue(&candidate.issue, None))];
    parts.extend(candidate.score.map(|hundredths| {
        let share = f64::from(hundredths) / 100.0;
        ("score", Written { text: format!("{share:.2}"), value: Value::from(share) })
    }));
    parts.extend(candidate.reason.as_ref().map(|words| ("reason", like(words, Style::Double))));
    let pairs: Vec<String> = parts.iter().map(|(key, written)| format!("{key}: {}", written.text)).collect();
    let map: serde_yaml::Mapping =
        parts.into_iter().map(|(key, written)| (Value::from(key), written.value)).collect();
    Written { text: format!("{{{}}}", pairs.join(", ")), value: Value::from(map) }
}

/// A letter, then letters, digits and `_ . / -`, and no word with a meaning in YAML.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./-".contains(&b))
        && !is_keyword(text)
}

fn is_keyword(text: &str) -> bool {
    KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) && u32::from(c) > 0xffff => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c if is_hidden(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LinkTarget, RepoSlug};

    #[test]
    fn what_is_written_is_read_as_text() {
        for (value, written) in [
            ("bug", "bug"),
            ("docs/a.md", "docs/a.md"),
            ("yes", "\"yes\""),
            ("On", "\"On\""),
            ("1_000", "\"1_000\""),
            ("12:30:00", "\"12:30:00\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("~", "\"~\""),
            ("NULL", "\"NULL\""),
            ("1e3", "\"1e3\""),
            ("#12", "\"#12\""),
            ("area: x", "\"area: x\""),
            ("a b", "\"a b\""),
            ("it's \"q\" \\", "\"it's \\\"q\\\" \\\\\""),
            ("🌱", "\"🌱\""),
            ("a\u{2028}\u{feff}\u{202e}\u{85}", "\"a\\u2028\\uFEFF\\u202E\\u0085\""),
            ("\u{e0041}\u{1fffe}\u{200b}", "\"\\U000E0041\\U0001FFFE\\u200B\""),
            ("", "\"\""),
        ] {
            assert_eq!(text(value).text, written);
            let read: Value = serde_yaml::from_str(&format!("a: {written}\n")).expect("valid");
            assert_eq!(read["a"], Value::from(value), "{written}");
        }
        assert_eq!(like("open", Style::Single).text, "'open'");
        assert_eq!(like("it's", Style::Single).text, "'it''s'");
        assert_eq!(like("a\u{2028}", Style::Single).text, "\"a\\u2028\"");
        assert_eq!(like("open", Style::Double).text, "\"open\"");
    }

    #[test]
    fn a_value_is_bare_only_if_it_is_plainly_words() {
        for (value, written) in [
            ("plain words", "plain words"),
            ("no", "\"no\""),
            ("no way", "no way"),
            ("trailing ", "\"trailing \""),
            ("a: b", "\"a: b\""),
            ("2025-09-14", "\"2025-09-14\""),
            ("{{ id }}", "\"{{ id }}\""),
            ("\u{1b}[31m", "\"\\u001B[31m\""),
        ] {
            assert_eq!(yaml_text(value), written);
        }
    }

    #[test]
    fn an_issue_keeps_the_quotes_that_stood_there() {
        let (here, there) = (IssueRef::here(7), IssueRef::parse("a/b#7").expect("valid"));
        let odd = IssueRef { repo: RepoSlug::parse("-x/b").ok(), number: 7 };
        for (value, before, written) in [
            (&here, None, "7"),
            (&here, Some((Style::Plain, "6")), "7"),
            (&here, Some((Style::Double, "\"#6\"")), "\"#7\""),
            (&here, Some((Style::Single, "'6'")), "'#7'"),
            (&here, Some((Style::Plain, "a/b#6")), "7"),
            (&there, None, "\"a/b#7\""),
            (&there, Some((Style::Plain, "6")), "\"a/b#7\""),
            (&there, Some((Style::Plain, "a/b#6")), "a/b#7"),
            (&there, Some((Style::Single, "'#6'")), "'a/b#7'"),
            (&odd, Some((Style::Plain, "a/b#6")), "\"-x/b#7\""),
        ] {
            assert_eq!(issue(value, before).text, written, "{before:?}");
        }
    }

    #[test]
    fn links_are_text_or_a_map_of_one() {
        let plain = Link::related(LinkTarget::parse("#7").expect("valid"));
        let typed = Link { kind: LinkKind::BlockedBy, ..plain.clone() };
        assert_eq!(link(&plain, true).text, "\"#7\"");
        assert_eq!(link(&typed, true).text, "{blocked-by: \"#7\"}");
        assert_eq!(link(&typed, false).text, "blocked-by: \"#7\"");
    }
}
