//! The texts of new issues and comments.
//!
//! Everything that comes from a worklog goes through `block::quote` first: it can't
//! mention anybody, forge a marker or leave its fence. The template is the project's own
//! text and is trusted to that extent; it can compute nothing outside itself.

use crate::block::{Block, CommentMarker, IssueMarker, quote, quote_title};
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
    Ok(block.put_into(&format!("{}\n\n{}", limited(&text), marker.line())))
}

/// A new issue's title.
pub(super) fn title(entry: &LocalEntry) -> String {
    quote_title(&entry.entry.title)
}

/// What a comment says of occurrences: for each its marker and the evidence.
pub(super) fn comment_text(entries: &[&LocalEntry]) -> String {
    let part = |e: &&LocalEntry| format!("{}\n{}", CommentMarker { key: e.key.clone() }.line(), evidence(e));
    limited(&entries.iter().map(part).collect::<Vec<_>>().join("\n\n"))
}

/// A comment that only carries the block.
pub(super) fn bare_comment(key: &EntryKey) -> String {
    CommentMarker { key: key.clone() }.line()
}

fn evidence(entry: &LocalEntry) -> String {
    let started =
        entry.started.as_ref().map(|s| format!(", run started {}", quote_title(s))).unwrap_or_default();
    let mut text = format!(
        "Seen in `{}`{started}: **{}**",
        entry.path.replace('`', "'"),
        quote_title(&entry.entry.title)
    );
    for test in entry.entry.tests.iter().take(20) {
        text.push_str(&format!("\n* `{}`", quote_title(test).replace('`', "'")));
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
    let tests: Vec<_> = entry.entry.tests.iter().map(|t| quote_title(t).replace('`', "'")).collect();
    minijinja::context! {
        title => quote_title(&entry.entry.title),
        section => entry.section.as_deref().map(quote).unwrap_or_default(),
        tests => tests,
        impact => entry.entry.impact.as_deref().map(quote_title),
        started => entry.started.as_deref().map(quote_title),
        worklog => entry.path.replace('`', "'"),
        worklog_title => entry.worklog_title.as_deref().map(quote_title),
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

/// Room for marker and block is kept free.
fn limited(text: &str) -> String {
    match text.char_indices().nth(crate::block::MAX_TEXT) {
        None => text.to_owned(),
        Some((cut, _)) => quote(&text[..cut]),
    }
}
