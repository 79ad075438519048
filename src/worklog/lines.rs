//! Where lines begin and end, and how they are ended: LF, CRLF, or a mix of both.
//!
//! A carriage return alone ends no line here, as in git.

use std::ops::Range;

/// One line of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its bytes without the line ending.
    pub(crate) text: Range<usize>,
    /// Where the next line starts.
    pub(crate) next: usize,
}

/// The lines of `text` from byte `from`, which must be the start of a line.
pub(crate) fn lines(text: &str, from: usize) -> impl Iterator<Item = Line> {
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        at = text[start..].find('\n').map_or(text.len(), |offset| start + offset + 1);
        let end = match text.as_bytes()[start..at] {
            [.., b'\r', b'\n'] => at - 2,
            [.., b'\n'] => at - 1,
            _ => at,
        };
        Some(Line { text: start..end, next: at })
    })
}

/// Where the line that holds byte `at` starts.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1)
}

/// Where the line that holds byte `at` ends, without its line ending.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes[at..].iter().position(|b| *b == b'\n').map(|offset| at + offset) {
        None => bytes.len(),
        Some(newline) if newline > at && bytes[newline - 1] == b'\r' => newline - 1,
        Some(newline) => newline,
    }
}

/// Where the line after the one that holds byte `at` starts.
pub(crate) fn next_line(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |offset| at + offset + 1)
}

/// The line ending in use around byte `at`: that of its own line, else of the line before,
/// else LF.
pub(crate) fn ending(text: &str, at: usize) -> &'static str {
    let own = next_line(text, at);
    let line = if own > at && text.as_bytes()[own - 1] == b'\n' {
        &text[..own]
    } else {
        &text[..line_start(text, at)]
    };
    if line.ends_with("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_any_mix_of_endings() {
        let text = "a\r\n\nb\r\r\nc";
        let found: Vec<&str> = lines(text, 0).map(|l| &text[l.text]).collect();
        assert_eq!(found, ["a", "", "b\r", "c"]);
        assert_eq!(lines(text, text.len()).count(), 0);
        assert_eq!((line_start(text, 5), line_end(text, 4), next_line(text, 4)), (4, 6, 8));
    }

    #[test]
    fn the_ending_is_that_of_the_place() {
        let text = "a\r\nb\nc";
        assert_eq!([ending(text, 0), ending(text, 3), ending(text, 5)], ["\r\n", "\n", "\n"]);
        assert_eq!(ending("x\r\ny", 4), "\r\n");
        assert_eq!(ending("", 0), "\n");
    }
}
