//! The texts of new issues and comments.
//!
//! Everything that comes from a worklog goes through `block::quote` first: it can't
//! mention anybody, forge a marker or leave its fence. The template is the project's own
//! text and is trusted to that extent; it can compute nothing outside itself.

use crate::block::{
    Block, CommentMarker, IssueMarker, MAX_TEXT, closed, code_span, quote, quote_line, quote_title,
};
use crate::model::EntryKey;
use crate::plan::LocalEntry;

/// A template that can't be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(".gardener/templates/issue.md, line {line}: {message}")]
pub struct TemplateError {
    /// The line in the template, from 1; 0 when it is not known.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Checks that a template can be filled in for a plain entry.
///
/// # Errors
/// When it can't.
pub fn check_template(template: &str) -> Result<(), TemplateError> {
    render(template, minijinja::context! { section => "", tests => ["t"], impact => "i", started => "s" })
        .map(drop)
}

/// The text of a new issue: the template, the marker, the block.
pub(super) fn issue_body(
    template: &str,
    entries: &[&LocalEntry],
    fingerprint: Option<&str>,
    block: &Block,
) -> Result<String, TemplateError> {
    let [first, rest @ ..] = entries else { return Ok(String::new()) };
    let mut text = render(template, values(first))?.trim().to_owned();
    for other in rest {
        text.push_str("\n\n");
        text.push_str(&evidence(other));
    }
    let marker = IssueMarker { key: first.key.clone(), fingerprint: fingerprint.map(str::to_owned) };
    Ok(block.put_into(&format!("{}\n\n{}", limited(&text, MAX_TEXT), marker.line())))
}

/// A new issue's title.
pub(super) fn title(entry: &LocalEntry) -> String {
    quote_title(&entry.entry.title)
}

/// What a comment says of occurrences: for each its marker, the evidence and why it belongs there,
/// where something decided that.
pub(super) fn comment_text(
    entries: &[&LocalEntry],
    reason: &dyn Fn(&LocalEntry) -> Option<String>,
) -> String {
    // A marker is never what is cut.
    let room = (MAX_TEXT / entries.len().max(1)).saturating_sub(200);
    let part = |e: &&LocalEntry| {
        let mut text = evidence(e);
        if let Some(reason) = reason(e) {
            text.push_str(&format!("\n\nTaken for this issue by: {}", quote_line(&reason)));
        }
        format!("{}\n{}", CommentMarker { key: e.key.clone() }.line(), limited(&text, room))
    };
    entries.iter().map(part).collect::<Vec<_>>().join("\n\n")
}

/// A comment that only carries the block.
pub(super) fn bare_comment(key: &EntryKey) -> String {
    CommentMarker { key: key.clone() }.line()
}

fn evidence(entry: &LocalEntry) -> String {
    let started =
        entry.started.as_ref().map(|s| format!(", run started {}", quote_line(s))).unwrap_or_default();
    let path = code_span(&entry.path);
    let mut text = format!("Seen in {path}{started}: **{}**", quote_line(&entry.entry.title));
    for test in entry.entry.tests.iter().take(20) {
        let short: String = test.chars().take(250).collect();
        text.push_str(&format!("\n* {}", code_span(&short)));
    }
    if let Some(more) = entry.entry.tests.len().checked_sub(20).filter(|n| *n > 0) {
        text.push_str(&format!("\n* and {more} more"));
    }
    if let Some(section) = entry.section.as_deref().map(quote).filter(|s| !s.is_empty()) {
        text.push_str(&format!("\n\n{section}"));
    }
    text
}

fn values(entry: &LocalEntry) -> minijinja::Value {
    // A template may put them in backticks or not.
    let bare = |text: &str| quote_line(&text.replace('`', "'"));
    let tests: Vec<_> = entry.entry.tests.iter().map(|t| bare(t)).collect();
    minijinja::context! {
        title => quote_line(&entry.entry.title),
        section => entry.section.as_deref().map(quote).unwrap_or_default(),
        tests => tests,
        impact => entry.entry.impact.as_deref().map(quote_line),
        started => entry.started.as_deref().map(quote_line),
        worklog => bare(&entry.path),
        worklog_title => entry.worklog_title.as_deref().map(quote_line),
        entry => entry.key.entry.as_str(),
    }
}

fn render(template: &str, values: minijinja::Value) -> Result<String, TemplateError> {
    let error = |e: &minijinja::Error| TemplateError {
        line: e.line().unwrap_or(0),
        message: e.detail().map_or_else(|| e.kind().to_string(), str::to_owned),
    };
    let mut environment = minijinja::Environment::empty();
    // A template that loops for ever ends with an error.
    environment.set_fuel(Some(200_000));
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("join", minijinja::filters::join);
    environment.add_filter("default", minijinja::filters::default);
    environment.render_str(template, values).map_err(|e| error(&e))
}

/// At most so many characters, which leave room for marker and block, and no fence open that
/// would swallow them.
fn limited(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        None => closed(text.to_owned()),
        Some((cut, _)) => quote(&text[..cut]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::block::comment_markers;
    use crate::model::{Entry, EntryId};

    fn entry(id: &str, section: &str) -> LocalEntry {
        LocalEntry {
            path: "worklogs/`@bob\n.md".to_owned(),
            key: EntryKey::parse(&format!("w/{id}")).expect("a key"),
            entry: Entry {
                impact: Some("```".to_owned()),
                tests: vec!["a::b@c `x` #12".to_owned()],
                ..Entry::new(EntryId::new(id).expect("an id"), "T @bob ```".to_owned())
            },
            base: None,
            base_is_written: true,
            worklog_labels: Vec::new(),
            worklog_title: None,
            session: None,
            started: None,
            imported: false,
            section: Some(section.to_owned()),
            uncommitted: BTreeMap::new(),
            left_out: BTreeMap::new(),
            withheld: None,
        }
    }

    #[test]
    fn a_long_comment_keeps_all_its_markers() {
        let long = "word ".repeat(11_000);
        let entries = [entry("a", &long), entry("b", &long), entry("c", "short")];
        let text = comment_text(&entries.iter().collect::<Vec<_>>(), &|_| None);
        assert_eq!(comment_markers(&text).len(), 3);
        assert!(text.chars().count() < 65_000 && text.ends_with("short"));
    }

    #[test]
    fn no_template_and_no_value_swallows_the_marker() {
        for template in ["{{ impact }}", "```\n{{ section }}", "{{ tests[0] }}\n{{ title }}", "~~~"] {
            let body = issue_body(template, &[&entry("a", "x")], None, &Block::new()).expect("filled in");
            let before = body.split("<!-- gardener:issue").next().expect("text");
            assert_eq!(closed(before.trim_end().to_owned()), before.trim_end(), "{body}");
            assert!(!body.contains("@bob"), "{body}");
        }
    }
}
