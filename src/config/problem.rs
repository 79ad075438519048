//! What is wrong in a config, where, and what would be right.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong, at one place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// The line of its first byte, from 1.
    pub line: usize,
    /// The column of its first byte in characters, from 1.
    pub column: usize,
    /// What is wrong, one line.
    pub message: String,
    /// What to do about it, one line.
    pub help: Option<String>,
    /// What should stand at `span` in the place of what is there, where that is plain.
    pub instead: Option<String>,
}

impl Problem {
    /// A problem at `span` of `text`; a span outside the text is moved to its end.
    pub(super) fn new(text: &str, span: Range<usize>, message: String, help: Option<String>) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Self {
            span: start..span.end.clamp(start, text.len()),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            help,
            instead: None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}
