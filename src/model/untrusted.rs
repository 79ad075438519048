//! Text that somebody else wrote, made safe to show on a terminal.

use std::fmt::{self, Write as _};

/// Foreign text: a title, a label, an answer's message, a file's line. Its only way out
/// is `Display`, which escapes control characters (colours, cursor moves, title changes)
/// and the bidirectional controls that make text read as something else, and keeps a
/// line from starting with a CI workflow command (`::` or `##[`).
#[derive(Clone, Copy, Debug)]
pub struct Untrusted<'a>(pub &'a str);

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.trim_start().starts_with("::") || self.0.trim_start().starts_with("##[") {
            f.write_char('\u{200b}')?;
        }
        for c in self.0.chars() {
            match c {
                c if c.is_control() || is_bidi(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_are_shown_not_obeyed() {
        let shown = Untrusted("\u{1b}[31mred\u{7}\u{202e}x\r\n").to_string();
        assert_eq!(shown, "\\u{1b}[31mred\\u{7}\\u{202e}x\\u{d}\\u{a}");
        assert_eq!(Untrusted("grün 🌱").to_string(), "grün 🌱");
        assert!(!Untrusted("::error::x").to_string().starts_with("::"));
    }
}
