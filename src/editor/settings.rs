//! The same for `gardener.toml`: what is wrong, what may come, what a key means.
//!
//! It goes by lines: the last `[table]` above, and the word before `=`.

use std::ops::Range;

use crate::config::{self, Config, KEYS, Key};
use crate::editor::actions::{self, Action};
use crate::editor::complete::{Completion, Item, Sort};
use crate::editor::hover::Hover;
use crate::redact::Redactor;
use crate::worklog::Diagnostic;

/// What is wrong with a config, as `gardener check` says it; the config, where it is right.
pub fn findings(text: &str, redactor: &Redactor) -> (Option<Config>, Vec<Diagnostic>) {
    let problems = match config::parse(text) {
        Ok(config) => return (Some(config), Vec::new()),
        Err(problems) => problems,
    };
    let diagnostic = |problem: config::Problem| {
        let help = problem.help.unwrap_or_else(|| "the README lists every key".to_owned());
        let message = redactor.redact(&problem.message).text;
        Diagnostic::error("config", problem.span, message, redactor.redact(&help).text)
    };
    (None, problems.into_iter().map(diagnostic).collect())
}

/// What can be done about a config.
pub fn config_actions(text: &str, span: &Range<usize>) -> Vec<Action> {
    actions::of_config(text, span)
}

/// The line of a byte: the table above it, and where the line starts and ends.
fn line(text: &str, at: usize) -> (String, Range<usize>) {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |offset| at + offset);
    let header = |line: &str| {
        let line = line.trim().strip_prefix('[')?.split(']').next()?;
        Some(line.trim_start_matches('[').trim().to_owned())
    };
    let table = text[..start].lines().rev().find_map(header).unwrap_or_default();
    // Every suite has the same keys, whatever its name.
    let table = match table.split_once('.') {
        Some(("suites", _)) => "suites.NAME".to_owned(),
        _ => table,
    };
    (table, start..end)
}

fn key_of(table: &str, word: &str) -> Option<&'static Key> {
    let name = if table.is_empty() { word.to_owned() } else { format!("{table}.{word}") };
    KEYS.iter().find(|key| key.name == name)
}

/// What may come at byte `cursor` of a config.
pub fn complete(text: &str, cursor: usize) -> Completion {
    if !text.is_char_boundary(cursor) || cursor > text.len() {
        return Completion::default();
    }
    let (table, line) = line(text, cursor);
    let before = &text[line.start..cursor];
    let written = before.trim_start();
    let start = cursor - written.len();
    let item = |label: &str, insert: String, detail: String, span: Range<usize>| Item {
        label: label.to_owned(),
        sort: Sort::Key,
        detail: Some(detail),
        insert,
        span,
    };
    if written.contains('#') {
        return Completion::default();
    }
    let items = if let Some(open) = written.strip_prefix('[') {
        let tables = config::within("").into_iter().filter(|name| !config::within(name).is_empty());
        let span = cursor - open.len()..cursor;
        let close = if text[cursor..line.end].trim_start().starts_with(']') { "" } else { "]" };
        let insert = |name: &str| {
            if name == "suites" { format!("suites.NAME{close}") } else { format!("{name}{close}") }
        };
        tables.map(|name| item(name, insert(name), about_table(name), span.clone())).collect()
    } else if let Some((word, value)) = written.split_once('=') {
        let Some(key) = key_of(&table, word.trim()) else { return Completion::default() };
        if !value.trim().is_empty() {
            return Completion::default();
        }
        let lead = if value.is_empty() { " " } else { "" };
        let insert = format!("{lead}{}", key.example);
        vec![Item {
            sort: Sort::Word,
            ..item(key.example, insert, format!("for example; else {}", key.default), cursor..cursor)
        }]
    } else {
        let end = cursor
            + text[cursor..line.end]
                .find(|c: char| !(c.is_alphanumeric() || "-_".contains(c)))
                .unwrap_or(line.end - cursor);
        let has_value = text[end..line.end].trim_start().starts_with('=');
        let lead = if table.is_empty() { String::new() } else { format!("{table}.") };
        let names = KEYS.iter().filter_map(|key| Some((key, key.name.strip_prefix(&lead)?)));
        let direct = names.filter(|(_, name)| !name.contains('.'));
        let equals = if has_value { "" } else { " = " };
        direct
            .map(|(key, name)| item(name, format!("{name}{equals}"), key.meaning.to_owned(), start..end))
            .collect()
    };
    Completion { items, is_partial: false }
}

fn about_table(name: &str) -> String {
    let inside = if name == "suites" { "suites.NAME" } else { name };
    format!("with {}", config::within(inside).join(", "))
}

/// What the key at byte `at` of a config means.
pub fn hover(text: &str, at: usize) -> Option<Hover> {
    if !text.is_char_boundary(at) {
        return None;
    }
    let (table, line) = line(text, at);
    let words = &text[line.clone()];
    let (word, _) = words.split_once('=')?;
    let lead = word.len() - word.trim_start().len();
    let span = line.start + lead..line.start + lead + word.trim().len();
    let key = key_of(&table, word.trim()).filter(|_| span.start <= at && at <= span.end)?;
    Some(Hover { text: format!("{} Default: {}.", key.meaning, key.default), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "worklogs = \"logs\"\n[sync]\ncreate-limit = 3\ncr\ndeadline =\n[suites.api]\n\n[";

    fn offered(at: usize) -> Vec<String> {
        complete(TEXT, at).items.into_iter().map(|item| item.insert).collect()
    }

    #[test]
    fn keys_of_the_table_come_with_their_meaning() {
        let cr = TEXT.find("cr\n").expect("there");
        assert!(offered(cr + 2).contains(&"create-limit = ".to_owned()));
        assert!(!offered(cr + 2).iter().any(|key| key.starts_with("worklogs")));
        assert_eq!(offered(TEXT.find("=\n[su").expect("there") + 1), [" \"5s\""]);
        assert!(offered(TEXT.find("\n\n[").expect("there") + 1).contains(&"timeout = ".to_owned()));
        assert!(offered(TEXT.len()).contains(&"suites.NAME]".to_owned()));
        assert!(offered(3).contains(&"worklogs".to_owned()), "a value is there already");
        for at in 0..=TEXT.len() {
            drop(offered(at));
        }
    }

    #[test]
    fn a_key_says_what_it_means() {
        let hover = hover(TEXT, TEXT.find("eate").expect("there")).expect("known");
        assert!(hover.text.contains("stop a sync") && hover.text.contains("Default: 10."), "{}", hover.text);
        assert_eq!(&TEXT[hover.span], "create-limit");
        assert_eq!(super::hover(TEXT, 14), None);
    }

    #[test]
    fn a_mistyped_key_is_named_and_mended() {
        let text = "[sync]\ncrate-limit = 3\n";
        let (config, found) = findings(text, &Redactor::default());
        assert!(config.is_none() && found.len() == 1, "{found:?}");
        let actions = config_actions(text, &found[0].span);
        assert_eq!(actions.len(), 1, "{actions:?}");
        let crate::editor::Deed::Edit(changes) = &actions[0].deed else { panic!("an edit") };
        let after = crate::editor::apply(text, changes).expect("fits");
        assert_eq!(after, "[sync]\ncreate-limit = 3\n");
        assert!(findings(&after, &Redactor::default()).0.is_some());
    }
}
