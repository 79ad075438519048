//! What is wrong with a worklog, where, and what to do about it.
//!
//! A diagnostic is plain data: rendering it with a source excerpt is the work of the
//! command line, and so is reading files. Foreign text in a message has passed through
//! [`quoted`], which shortens it and shows control characters instead of obeying them.

use std::ops::Range;

use crate::model::Untrusted;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The file cannot be used until this is settled.
    Error,
    /// The file is usable; somebody should look at this.
    Warning,
}

/// One thing that is wrong with a worklog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the file can be used all the same.
    pub level: Level,
    /// A stable kebab-case name, such as `unknown-status`.
    pub code: &'static str,
    /// What is wrong, as a lowercase fragment without a full stop.
    pub message: String,
    /// The bytes of the file that it is about.
    pub span: Range<usize>,
    /// Other places in the same file that belong to it, with a word on each.
    pub also: Vec<(Range<usize>, String)>,
    /// The next step.
    pub help: String,
    /// What should stand at `span` in the place of what is there, where that is plain: a key or a
    /// word that was mistyped.
    pub instead: Option<Box<Instead>>,
}

/// A text that should stand in the place of another. On its own so that a diagnostic stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instead {
    /// The text.
    pub with: String,
}

impl Diagnostic {
    /// Something that makes the file unusable. Rooms that read files use this for what
    /// only they can see, such as a symbolic link or bytes that are not UTF-8.
    pub fn error(
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let (message, help) = (message.into(), help.into());
        Self { level: Level::Error, code, message, span, also: Vec::new(), help, instead: None }
    }

    /// Something to look at in a file that is usable.
    pub fn warning(
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { level: Level::Warning, ..Self::error(code, span, message, help) }
    }

    /// The same with another place that belongs to it.
    #[must_use]
    pub fn and(mut self, span: Range<usize>, word: impl Into<String>) -> Self {
        self.also.push((span, word.into()));
        self
    }

    /// The same with what should stand at its place.
    #[must_use]
    pub fn instead(mut self, text: impl Into<String>) -> Self {
        self.instead = Some(Box::new(Instead { with: text.into() }));
        self
    }

    /// The same with every place moved `by` bytes towards the end of the file.
    #[must_use]
    pub(crate) fn moved(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        for (span, _) in &mut self.also {
            *span = span.start + by..span.end + by;
        }
        self
    }

    /// Line and column of the start, both from 1, the column in characters. A byte order
    /// mark is not counted.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let mut at = self.span.start.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = text[..at].trim_start_matches('\u{feff}');
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// Foreign text for a message: one line in backquotes, at most 60 characters.
pub(crate) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{}`", Untrusted(&short))
}

/// The word of `words` that somebody who wrote `text` most likely meant.
pub(crate) fn nearest<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if text.len() > 40 {
        return None;
    }
    let written = text.to_lowercase().replace(['_', ' '], "-");
    let allowed = if written.chars().count() > 5 { 2 } else { 1 };
    words
        .into_iter()
        .filter(|word| word.len().abs_diff(written.len()) <= allowed)
        .map(|word| (distance(&written, &word.to_lowercase().replace('_', "-")), word))
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// The fewest insertions, removals, replacements and swaps of neighbours between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j - 1] + same).min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_not_the_byte_order_mark() {
        let text = "\u{feff}---\r\nté: 🌱x\r\n";
        let at = |needle: &str| {
            let start = text.find(needle).expect("in the text");
            Diagnostic::error("x", start..start + 1, "", "").position(text)
        };
        assert_eq!(at("---"), (1, 1));
        assert_eq!(at("x"), (2, 6));
        assert_eq!(Diagnostic::error("x", 999..1000, "", "").position(text), (3, 1));
        assert_eq!(Diagnostic::error("x", 9..10, "", "").position(text), (2, 2), "inside é");
    }

    #[test]
    fn the_nearest_word_is_a_likely_slip() {
        let words = ["severity", "status", "labels", "in-progress"];
        for (written, meant) in [
            ("severty", Some("severity")),
            ("stauts", Some("status")),
            ("label", Some("labels")),
            ("In Progress", Some("in-progress")),
            ("owner", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, words), meant, "{written}");
        }
    }

    #[test]
    fn foreign_text_is_shortened_and_shown() {
        assert_eq!(quoted("a\u{1b}[0m"), "`a\\u{1b}[0m`");
        assert_eq!(quoted(&"x".repeat(99)).chars().count(), 63);
    }
}
