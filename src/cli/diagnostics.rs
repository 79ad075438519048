//! Diagnostics as people know them from rustc: file, line, column, the line itself, and
//! the next step.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::model::{Untrusted, is_hidden};
use crate::sync::Skipped;
use crate::worklog::{self, Diagnostic};

/// Renders one diagnostic of a worklog.
pub(super) fn worklog(path: &str, text: &str, diagnostic: &Diagnostic, color: bool) -> String {
    let level = match diagnostic.level {
        worklog::Level::Error => Level::ERROR,
        worklog::Level::Warning => Level::WARNING,
    };
    let (span, help) = (diagnostic.span.clone(), Some(diagnostic.help.as_str()));
    render(path, text, level, diagnostic.code, &diagnostic.message, span, &diagnostic.also, help, color)
}

/// Renders one diagnostic of a file that has no text to show: a link, bytes that are no text.
pub(super) fn whole_file(path: &str, diagnostic: &Diagnostic, color: bool) -> String {
    let (message, help) =
        (Untrusted(&diagnostic.message).to_string(), Untrusted(&diagnostic.help).to_string());
    let title = Level::ERROR.primary_title(message).id(diagnostic.code);
    let group = Group::with_title(title).element(Origin::path(Untrusted(path).to_string()));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group.element(Level::HELP.message(help))])
}

/// Renders why a file is skipped: all its diagnostics, or one line.
pub(super) fn skipped(file: &Skipped, color: bool) -> String {
    if file.diagnostics.is_empty() {
        return format!("{}: {}; skipped", Untrusted(&file.path), Untrusted(&file.why));
    }
    let all = file.diagnostics.iter().map(|d| worklog(&file.path, &file.text, d, color));
    all.collect::<Vec<_>>().join("\n")
}

/// Renders one message about a place in a text. What stands in the text is foreign, so
/// control characters in it are shown and not obeyed.
#[expect(clippy::too_many_arguments, reason = "each is one part of the picture")]
pub(super) fn render(
    path: &str,
    text: &str,
    level: Level<'_>,
    code: &str,
    message: &str,
    span: Range<usize>,
    also: &[(Range<usize>, String)],
    help: Option<&str>,
    color: bool,
) -> String {
    let message = Untrusted(message).to_string();
    let path = Untrusted(path).to_string();
    let mut snippet =
        Snippet::source(harmless(text)).path(path).annotation(AnnotationKind::Primary.span(span));
    for (span, label) in also {
        let label = Untrusted(label).to_string();
        snippet = snippet.annotation(AnnotationKind::Context.span(span.clone()).label(label));
    }
    let group = Group::with_title(level.primary_title(message).id(code)).element(snippet);
    let group = match help {
        Some(help) => group.element(Level::HELP.message(Untrusted(help).to_string())),
        None => group,
    };
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The text without the characters that the renderer lets through and a terminal or a
/// reader would obey. Each is replaced by one of as many bytes, so that places stay.
fn harmless(text: &str) -> String {
    let mut rest = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        let is_line_end = c == '\r' && rest.peek() == Some(&'\n');
        match c.len_utf8() {
            _ if !is_hidden(c) || c == '\n' || c == '\t' || is_line_end => shown.push(c),
            1 => shown.push('?'),
            2 => shown.push('·'),
            3 => shown.push('\u{fffd}'),
            _ => shown.push_str("\u{fffd}?"),
        }
    }
    shown
}
