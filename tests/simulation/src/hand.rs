//! A worklog as a person sees it: read and edited line by line, without gardener's parser.
//!
//! It knows the shapes that occur here (one key a line, lists in brackets or one item a
//! line) and nothing else of YAML. That it reads the same as gardener is part of the test.

use std::collections::BTreeSet;

use serde_json::Value;

/// What an entry says, as words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) issue: Option<u64>,
    pub(crate) status: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) labels: Option<BTreeSet<String>>,
    pub(crate) base: Option<BaseView>,
}

/// What a base line says, as words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BaseView {
    pub(crate) issue: u64,
    pub(crate) status: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) labels: Option<BTreeSet<String>>,
}

impl BaseView {
    /// Its values as if an entry said them.
    pub(crate) fn as_view(&self) -> View {
        let (status, severity, labels) = (self.status.clone(), self.severity.clone(), self.labels.clone());
        View { status, severity, labels, ..View::default() }
    }
}

/// The word for a severity that is known to be none.
pub(crate) const NONE: &str = "none";

/// A new worklog with these entries: id, and lines below it without indentation.
pub(crate) fn worklog(id: &str, labels: &[&str], entries: &[(String, Vec<String>)]) -> String {
    let mut text = format!("---\ngardener: 1\nid: {id}   # kept\ntitle: \"Run {id}\"\nx-team:  {{a: 1}}\n");
    if !labels.is_empty() {
        text.push_str(&format!("labels: [{}]\n", labels.join(", ")));
    }
    text.push_str("entries:\n");
    for (entry, lines) in entries {
        text.push_str(&entry_lines(entry, lines));
    }
    text.push_str("---\n\n# Notes of the run\n");
    for (entry, _) in entries {
        text.push_str(&section(entry));
    }
    text
}

fn entry_lines(entry: &str, lines: &[String]) -> String {
    let [one, other, ..] = own_words(entry);
    let mut text = format!("  - id: {entry}\n    title: '{one} {other} about {entry}'\n    # by hand\n");
    for line in lines {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

fn section(entry: &str) -> String {
    let [_, _, what, how, when] = own_words(entry);
    format!(
        "\n## About {entry}\n<!-- gardener:entry {entry} -->\n{what} {how}  now and {when}. {}\n",
        crate::world::CANARY
    )
}

/// Words that only this entry has: no two entries say the same, so that none is taken for another one.
fn own_words(entry: &str) -> [String; 5] {
    let mut state = entry.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    std::array::from_fn(|_| {
        let mut word = String::new();
        for _ in 0..7 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            word.push(char::from(b'a' + u8::try_from((state >> 33) % 26).expect("below 26")));
        }
        word
    })
}

/// Adds an entry at the end.
pub(crate) fn add_entry(text: &str, entry: &str, lines: &[String]) -> Option<String> {
    let end = text.find("\n---\n")? + 1;
    let mut new = text.to_owned();
    new.insert_str(end, &entry_lines(entry, lines));
    let at = new.find("\n<!-- gardener:base").map_or(new.len(), |at| at + 1);
    new.insert_str(at, section(entry).trim_start_matches('\n'));
    Some(new)
}

/// Takes an entry out of the front matter.
pub(crate) fn remove_entry(text: &str, entry: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let range = place(&lines, entry)?;
    let kept = lines.iter().enumerate().filter(|(i, _)| !range.contains(i)).map(|(_, l)| *l);
    Some(kept.collect())
}

/// The entries in their order.
pub(crate) fn entries(text: &str) -> Vec<String> {
    front(text).iter().filter_map(|l| l.strip_prefix("  - id: ")).map(|l| l.trim().to_owned()).collect()
}

/// Sets a key of an entry to a one-line value, or takes it out.
pub(crate) fn set(text: &str, entry: &str, key: &str, value: Option<&str>) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
    let range = place(&borrowed, entry)?;
    let start = format!("    {key}:");
    let found = range.clone().find(|i| lines[*i].starts_with(&start));
    match (found, value) {
        (Some(at), value) => {
            // Items of a list one a line go with their key.
            let mut end = at + 1;
            while end < range.end && (lines[end].starts_with("      ") || lines[end].starts_with("    - ")) {
                end += 1;
            }
            let comment = lines[at].find(" #").map(|c| lines[at][c..].trim_end().to_owned());
            let new = value.map(|v| format!("{start} {v}{}\n", comment.unwrap_or_default()));
            lines.splice(at..end, new);
        }
        (None, Some(value)) => lines.insert(range.start + 2, format!("{start} {value}\n")),
        (None, None) => return None,
    }
    Some(lines.concat())
}

/// What an entry says.
pub(crate) fn view(text: &str, entry: &str) -> Option<View> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let range = place(&lines, entry)?;
    let mut view = View::default();
    let mut i = range.start;
    while i < range.end {
        let line = lines[i];
        i += 1;
        let Some((key, value)) = line.strip_prefix("    ").and_then(|l| l.split_once(':')) else { continue };
        let value = plain(value);
        match key {
            "issue" => view.issue = value.parse().ok(),
            "status" => view.status = Some(value),
            "severity" => view.severity = Some(if value == "null" { NONE.to_owned() } else { value }),
            "labels" => {
                let mut all = items(&value);
                while i < range.end
                    && let Some(item) = lines[i].trim().strip_prefix("- ")
                {
                    all.insert(plain(item));
                    i += 1;
                }
                view.labels = Some(all);
            }
            _ => {}
        }
    }
    view.base = base(text, entry);
    Some(view)
}

/// The text without what gardener may write: what is left must never change.
pub(crate) fn skeleton(text: &str) -> String {
    let mut kept = String::new();
    let mut in_base = false;
    let mut in_list = false;
    let mut in_front = 0;
    for line in text.lines() {
        in_front += usize::from(line == "---");
        if line.starts_with("<!-- gardener:base") {
            in_base = true;
            // It is set apart by a blank line of its own.
            if kept.ends_with("\n\n") {
                kept.pop();
            }
        }
        let is_item = in_list && (line.starts_with("      - ") || line.starts_with("    - "));
        let managed = in_front == 1
            && ["    status:", "    severity:", "    issue:", "    labels:"]
                .iter()
                .any(|k| line.starts_with(k));
        in_list = managed || is_item;
        if !in_base && !managed && !is_item {
            kept.push_str(line);
            kept.push('\n');
        }
        if in_base && line == "-->" {
            in_base = false;
        }
    }
    kept.trim_end().to_owned()
}

fn front(text: &str) -> Vec<&str> {
    text.lines().skip(1).take_while(|l| *l != "---").collect()
}

/// The lines of an entry in the front matter.
fn place(lines: &[&str], entry: &str) -> Option<std::ops::Range<usize>> {
    let end = lines.iter().skip(1).position(|l| l.trim_end() == "---")? + 1;
    let start = lines[..end].iter().position(|l| l.trim_end() == format!("  - id: {entry}"))?;
    let next = lines[start + 1..end].iter().position(|l| l.starts_with("  - ")).map(|n| start + 1 + n);
    Some(start..next.unwrap_or(end))
}

fn plain(value: &str) -> String {
    let value = value.split(" #").next().unwrap_or_default().trim();
    value.trim_matches(['"', '\'']).to_owned()
}

fn items(value: &str) -> BTreeSet<String> {
    let inner = value.trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(plain).filter(|item| !item.is_empty()).collect()
}

/// What the base block in a text says of an entry.
pub(crate) fn base(text: &str, entry: &str) -> Option<BaseView> {
    let block = &text[text.find("<!-- gardener:base")?..];
    let json = block.lines().find_map(|l| l.strip_prefix(entry)?.strip_prefix(' '))?;
    let line: Value = serde_json::from_str(json).ok()?;
    let word = |key: &str| line[key].as_str().map(str::to_owned);
    let list = |key: &str| -> Option<BTreeSet<String>> {
        Some(line[key].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    let severity = match line.get("severity") {
        None => None,
        Some(Value::Null) => Some(NONE.to_owned()),
        Some(value) => value.as_str().map(str::to_owned),
    };
    let issue = word("issue")?.split_once('#')?.1.parse().ok()?;
    Some(BaseView { issue, status: word("status"), severity, labels: list("labels") })
}

/// The time in an entry's base line.
pub(crate) fn seen(text: &str, entry: &str) -> Option<String> {
    let block = &text[text.find("<!-- gardener:base")?..];
    let json = block.lines().find_map(|l| l.strip_prefix(entry)?.strip_prefix(' '))?;
    let line: Value = serde_json::from_str(json).ok()?;
    Some(line["seen"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        let lines = vec!["severity: P1   # bad".to_owned(), "labels: [bug, 'slow']".to_owned()];
        worklog("w", &["run"], &[("a".to_owned(), lines), ("b".to_owned(), Vec::new())])
    }

    #[test]
    fn an_edit_changes_its_line_only() {
        let text = text();
        let closed = set(&text, "a", "status", Some("completed")).expect("set");
        assert_eq!(view(&closed, "a").expect("there").status.as_deref(), Some("completed"));
        assert_eq!(set(&closed, "a", "status", None).expect("taken out"), text);
        let other = set(&text, "a", "severity", Some("P2")).expect("set");
        assert!(other.contains("    severity: P2 # bad\n"), "{other}");
        assert_eq!(view(&text, "b"), Some(View::default()));
    }

    #[test]
    fn lists_are_read_in_both_shapes_and_go_with_their_key() {
        let text = text();
        let listed = text.replace("labels: [bug, 'slow']", "labels:\n      - bug\n      - slow");
        assert_eq!(view(&text, "a"), view(&listed, "a"));
        assert_eq!(view(&listed, "a").expect("there").labels.expect("labels").len(), 2);
        assert_eq!(set(&listed, "a", "labels", Some("[bug, 'slow']")).expect("set"), text);
        assert_eq!(skeleton(&text), skeleton(&listed));
    }

    #[test]
    fn entries_come_and_go() {
        let text = text();
        let more = add_entry(&text, "c", &["status: open".to_owned()]).expect("added");
        assert_eq!(entries(&more), ["a", "b", "c"]);
        let less = remove_entry(&more, "a").expect("removed");
        assert_eq!((entries(&less), view(&less, "a")), (vec!["b".to_owned(), "c".to_owned()], None));
    }
}
