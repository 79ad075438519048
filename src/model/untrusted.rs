//! Text that somebody else wrote, made safe to show on a terminal and in a CI log.
//!
//! Every printer decides for itself what is foreign, and one day one of them forgets (gh
//! has had that bug eight times). So there are two lines of defence: [`Untrusted`] for each
//! foreign text, and [`guarded`] for everything the program prints, whatever it is made of.
//! What text may do on GitHub is another matter; that is in `block`.

use std::fmt::{self, Write as _};

/// Foreign text: a title, a label, an answer's message, a file's line. Its only way out
/// is `Display`, which shows on one line what a terminal or a reader would obey without
/// seeing it ([`is_hidden`]), and keeps a CI system from reading commands in it.
#[derive(Clone, Copy, Debug)]
pub struct Untrusted<'a>(pub &'a str);

/// Whether a character does something to the text around it, or to a terminal, without
/// being seen: control characters (C0, DEL, C1), line and paragraph separators, what turns
/// the direction of reading, blanks of no width, tags, fillers and characters that are none.
///
/// The selectors between the two looks of an emoji are not among them.
pub fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        || code & 0xfffe == 0xfffe
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, c) in self.0.char_indices() {
            let rest = &self.0[at..];
            let is_first = || self.0[..at].trim_start().is_empty();
            if is_hidden(c) || names_command(rest) || (rest.starts_with("::") && is_first()) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// What the program is about to print, in which foreign text may have been overlooked: line
/// feeds, tabs and colours stay, everything else that is hidden is shown, and no line is a
/// command to a CI system.
pub fn guarded(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut is_first = true;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let color = color(rest);
        if color > 0 {
            shown.push_str(&rest[..color]);
            at += color;
            continue;
        }
        let is_kept = matches!(c, '\n' | '\t');
        if (is_hidden(c) && !is_kept) || names_command(rest) || (is_first && rest.starts_with("::")) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        is_first = c == '\n' || (is_first && c.is_whitespace());
        at += c.len_utf8();
    }
    shown
}

/// A JSON text that means the same, in which nothing is hidden and no CI system finds a
/// command. JSON itself lets control characters above ASCII through as they are.
pub fn guarded_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for (at, c) in json.char_indices() {
        if is_hidden(c) || names_command(&json[at..]) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string works.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a command of the form `##[group]`, `##vso[…]` or `##teamcity[…]` begins here.
/// Unlike `::error::` these count anywhere in a line.
fn names_command(rest: &str) -> bool {
    let name = rest.strip_prefix("##");
    name.is_some_and(|n| n.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('['))
}

/// The length of the colour that begins here, or 0.
fn color(rest: &str) -> usize {
    let Some(inner) = rest.strip_prefix("\u{1b}[") else { return 0 };
    let digits = inner.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
    if digits <= 20 && inner[digits..].starts_with('m') { digits + 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_unseen_is_shown_not_obeyed() {
        for (text, shown) in [
            ("grün 🌱 ✔\u{fe0f}", "grün 🌱 ✔\u{fe0f}"),
            ("\u{1b}[31mred\u{7}\r\n", "\\u{1b}[31mred\\u{7}\\u{d}\\u{a}"),
            ("\u{9b}31m\u{7f}\u{85}", "\\u{9b}31m\\u{7f}\\u{85}"),
            ("a\u{202e}b\u{2066}c\u{200f}d\u{61c}", "a\\u{202e}b\\u{2066}c\\u{200f}d\\u{61c}"),
            (
                "a\u{200b}b\u{200d}c\u{2060}d\u{feff}e\u{ad}",
                "a\\u{200b}b\\u{200d}c\\u{2060}d\\u{feff}e\\u{ad}",
            ),
            ("a\u{2028}b\u{2029}c", "a\\u{2028}b\\u{2029}c"),
            ("a\u{e0041}\u{e007f}\u{e0100}", "a\\u{e0041}\\u{e007f}\\u{e0100}"),
            ("a\u{3164}\u{ffff}\u{1fffe}", "a\\u{3164}\\u{ffff}\\u{1fffe}"),
            ("section_start:1:a\r\u{1b}[0K", "section_start:1:a\\u{d}\\u{1b}[0K"),
        ] {
            assert_eq!(Untrusted(text).to_string(), shown);
            let json = serde_json::Value::from(text).to_string();
            let guarded = guarded_json(&json);
            assert_eq!(serde_json::from_str::<String>(&guarded).ok().as_deref(), Some(text), "{guarded}");
            assert!(!guarded.contains(is_hidden), "{guarded}");
        }
    }

    #[test]
    fn no_text_commands_a_ci_system() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            (" \u{a0}\t::x", " \u{a0}\\u{9}\\u{3a}:x"),
            ("  ::x", "  \\u{3a}:x"),
            ("a.py::test", "a.py::test"),
            ("x ##[error]y", "x \\u{23}#[error]y"),
            ("###[x", "#\\u{23}#[x"),
            ("##vso[task.setvariable]", "\\u{23}#vso[task.setvariable]"),
            ("##teamcity[x]", "\\u{23}#teamcity[x]"),
            ("## heading [x]", "## heading [x]"),
        ] {
            assert_eq!(Untrusted(text).to_string(), shown);
            assert!(!guarded_json(text).contains("##["));
        }
    }

    #[test]
    fn what_was_overlooked_is_caught_on_the_way_out() {
        for (text, shown) in [
            ("\u{1b}[1mname\u{1b}[0m\n  a\tb\n", "\u{1b}[1mname\u{1b}[0m\n  a\tb\n"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}", "\\u{1b}[2J\\u{1b}]0;x\\u{7}"),
            ("a\n::error::x\n", "a\n\\u{3a}:error::x\n"),
            ("a\n \u{1b}[33m ::x", "a\n \u{1b}[33m \\u{3a}:x"),
            ("a ::x", "a ::x"),
            ("a\r##[x]", "a\\u{d}\\u{23}#[x]"),
        ] {
            assert_eq!(guarded(text), shown);
        }
    }
}
