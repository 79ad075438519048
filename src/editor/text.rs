//! Places in a text as an editor counts them, and a text that follows what is typed.
//!
//! An editor says line and column; the column counts bytes or UTF-16 units, as was agreed. Whatever it
//! says becomes a byte at the start of a character: a place behind the end of its line is the end
//! of that line, as the protocol has it. Line endings are LF, CRLF and a lone CR, which is one for
//! editors although it is none for git.

use std::ops::Range;

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 units: what every editor knows.
    Utf16,
}

/// A place as an editor has it, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in units of the encoding.
    pub column: u32,
}

/// A text with the starts of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    text: String,
    starts: Vec<usize>,
}

impl Text {
    /// A text.
    pub fn new(text: String) -> Self {
        let starts = starts(&text);
        Self { text, starts }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte of a place.
    pub fn offset(&self, at: Position, encoding: Encoding) -> usize {
        let line = at.line as usize;
        let Some(&start) = self.starts.get(line) else { return self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let words = self.text[start..end].trim_end_matches(['\n', '\r']);
        let wanted = at.column as usize;
        let mut column = 0;
        for (offset, c) in words.char_indices() {
            let width = if encoding == Encoding::Utf8 { c.len_utf8() } else { c.len_utf16() };
            // In the middle of a character is at its start.
            if column + width > wanted {
                return start + offset;
            }
            column += width;
        }
        start + words.len()
    }

    /// The place of a byte; one in the middle of a character is at its start.
    pub fn position(&self, at: usize, encoding: Encoding) -> Position {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let before = &self.text[self.starts.get(line).copied().unwrap_or(0)..at];
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: small(line), column: small(column) }
    }

    /// Puts `with` in the place of `span`, whose ends are at characters.
    pub fn splice(&mut self, span: Range<usize>, with: &str) {
        let end = span.end.max(span.start);
        self.text.replace_range(span.start..end, with);
        self.starts = starts(&self.text);
    }
}

fn starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_count_what_was_agreed() {
        let text = Text::new("é🌱x\r\nb\rc\n".to_owned());
        for (place, encoding, offset) in [
            (at(0, 0), Encoding::Utf16, 0),
            (at(0, 1), Encoding::Utf16, 2),
            (at(0, 3), Encoding::Utf16, 6),
            (at(0, 4), Encoding::Utf16, 7),
            (at(0, 6), Encoding::Utf8, 6),
            (at(1, 0), Encoding::Utf16, 9),
            (at(2, 1), Encoding::Utf8, 12),
            (at(3, 0), Encoding::Utf8, 13),
        ] {
            assert_eq!(text.offset(place, encoding), offset, "{place:?}");
            assert_eq!(text.position(offset, encoding), place, "{offset}");
        }
    }

    #[test]
    fn places_that_are_not_there_are_near() {
        let text = Text::new("🌱\r\nb".to_owned());
        assert_eq!(text.offset(at(0, 1), Encoding::Utf16), 0, "half of a character");
        assert_eq!(text.offset(at(0, 99), Encoding::Utf16), 4, "the end of its line");
        assert_eq!(text.offset(at(9, 0), Encoding::Utf8), 7);
        assert_eq!(text.position(99, Encoding::Utf8), at(1, 1));
        assert_eq!(text.position(2, Encoding::Utf8), at(0, 0));
        assert_eq!(Text::default().offset(at(3, 3), Encoding::Utf8), 0);
        assert_eq!(Text::default().position(3, Encoding::Utf8), at(0, 0));
    }

    #[test]
    fn what_is_typed_is_followed() {
        let mut text = Text::new("a\nb\n".to_owned());
        text.splice(2..3, "x\ny");
        assert_eq!(text.as_str(), "a\nx\ny\n");
        assert_eq!(text.position(5, Encoding::Utf8), at(2, 1));
        text.splice(0..6, "");
        assert_eq!(text, Text::new(String::new()));
    }
}
