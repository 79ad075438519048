//! What is refused in front matter before any value is looked at, and how it is said.
//!
//! The limits stand between foreign text and parsers that take quadratic time.

use std::ops::Range;

use crate::worklog::diagnostic::Diagnostic;
use crate::worklog::lines::{line_end, lines};

/// The code for text that two parsers read in two ways.
pub(crate) const UNCLEAR: &str = "unclear-yaml";

/// Brackets that may be open at once before any parser has looked. Quotes are not
/// understood here, so that the limit is far above the real one.
const OPEN_BRACKETS: usize = 200;

/// Refuses text that would take a parser too long: deep brackets and rows of dashes.
pub(crate) fn refuse_deep(front: &str, max_depth: usize) -> Result<(), Diagnostic> {
    let mut open = 0_usize;
    for (at, byte) in front.bytes().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > OPEN_BRACKETS {
            return Err(too_deep(front, at));
        }
    }
    for line in lines(front, 0) {
        let words = front[line.text.clone()].as_bytes();
        let row = words.iter().take_while(|b| b"-? \t:".contains(b)).count();
        // Only a mark with a blank behind it opens a level; a rule of dashes opens none.
        let opens = |pair: &&[u8]| b"-?:".contains(&pair[0]) && b" \t".contains(&pair[1]);
        if words[..row].windows(2).filter(opens).count() > 2 * max_depth {
            return Err(too_deep(front, line.text.start));
        }
    }
    Ok(())
}

/// The marks in a stretch of text that holds no values: every byte that is neither blank
/// nor in a comment, with its place.
pub(crate) fn marks(text: &str, span: Range<usize>) -> Vec<(u8, usize)> {
    let mut marks = Vec::new();
    let mut at = span.start;
    while at < span.end {
        match text.as_bytes()[at] {
            b'#' => at = line_end(text, at),
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            mark => {
                marks.push((mark, at));
                at += 1;
            }
        }
    }
    marks
}

/// The word at byte `at`, for pointing at.
fn word(text: &str, at: usize) -> Range<usize> {
    let mut start = at.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || ",]}".contains(c)).unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    start..start + end.max(if rest.starts_with(['\n', '\r']) { 0 } else { first })
}

/// An anchor, an alias or a tag.
pub(crate) fn anchor(text: &str, at: usize) -> Diagnostic {
    let message = "anchors (`&`), aliases (`*`) and tags (`!`) are not read in front matter";
    Diagnostic::error("anchor", word(text, at), message, "write the value out, or put it in quotes")
}

/// A key that is a list, a map, or introduced by `?`.
pub(crate) fn complex_key(text: &str, at: usize) -> Diagnostic {
    Diagnostic::error("complex-key", word(text, at), "a key is one plain word", "write `key: value`")
}

/// Nesting beyond the limit.
pub(crate) fn too_deep(text: &str, at: usize) -> Diagnostic {
    let message = "front matter is nested too deeply";
    Diagnostic::error("too-deep", word(text, at), message, "flatten it to at most 16 levels")
}

/// Text that is YAML, but not in a way that everybody reads alike.
pub(crate) fn unclear(text: &str, at: usize) -> Diagnostic {
    let message = "YAML readers disagree about this place";
    Diagnostic::error(
        UNCLEAR,
        word(text, at),
        message,
        "write it more plainly: quote it, or use its own line",
    )
}

/// Puts an error of the strict parser into a diagnostic that points at its place.
pub(crate) fn explain(front: &str, error: &serde_yaml::Error) -> Diagnostic {
    let message = without_positions(&error.to_string());
    let index = error.location().map_or(0, |location| location.index());
    let at = front.char_indices().nth(index).map_or(front.len(), |(at, _)| at);
    if message.contains("more than one document") {
        let at = lines(front, 0).map(|l| l.text).find(|l| {
            let line = &front[l.clone()];
            line.starts_with("--- ") || line.starts_with("...")
        });
        let span = at.unwrap_or(0..0);
        return Diagnostic::error("multi-document", span, "front matter holds several documents", "keep one");
    }
    // The parser trips over a tab at or shortly before the place that it names.
    let tab = lines(front, 0).take_while(|line| line.text.start <= at).find_map(|line| {
        let words = &front[line.text.clone()];
        let blanks = words.len() - words.trim_start_matches([' ', '\t']).len();
        let tab = words[..blanks].find('\t')?;
        let near = line.next >= at.saturating_sub(1);
        near.then_some(line.text.start + tab..line.text.start + blanks)
    });
    let here = (front.as_bytes().get(at) == Some(&b'\t')).then_some(at..at + 1);
    if let Some(span) = tab.or(here) {
        return Diagnostic::error("tab", span, "a tab stands where YAML wants blanks", "write spaces");
    }
    if let Some(span) = unquoted_number(front, at) {
        let help = format!("write `\"{}\"`: without quotes `#` starts a comment", &front[span.clone()]);
        return Diagnostic::error("yaml-syntax", span, "the number of an issue needs quotes in a list", help);
    }
    let help = "correct the YAML; text with `: `, ` #` or a leading symbol needs quotes";
    Diagnostic::error("yaml-syntax", word(front, at), message, help)
}

/// `[#12, …`: the nearest one before the place over which the parser tripped, which is often lines later.
fn unquoted_number(front: &str, at: usize) -> Option<Range<usize>> {
    let found = lines(front, 0).take_while(|line| line.text.start <= at).filter_map(|line| {
        let words = &front[line.text.clone()];
        let is_open = |before: &str| before.matches('[').count() > before.matches(']').count();
        let hashes = words.match_indices('#').map(|(hash, _)| hash);
        // Behind a comment everything is one.
        let mut hashes = hashes.take_while(|hash| is_open(&words[..*hash]) || !words[..*hash].ends_with(' '));
        let hash = hashes.find(|hash| {
            let (before, after) = (&words[..*hash], &words[hash + 1..]);
            let is_item = before.trim_end().ends_with(['[', ',']);
            is_open(before) && is_item && after.starts_with(|c: char| c.is_ascii_digit())
        })?;
        let digits = words[hash + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let start = line.text.start + hash;
        Some(start..start + 1 + digits)
    });
    found.last()
}

/// The parser counts lines from the start of the front matter; the diagnostic shows the
/// real place, and two different numbers would only confuse.
fn without_positions(message: &str) -> String {
    let mut clean = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(" at line ") {
        let tail = rest[at + 9..].trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(tail) = tail.strip_prefix(" column ") else { break };
        clean.push_str(&rest[..at]);
        rest = tail.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_what_is_neither_blank_nor_comment() {
        let text = " , # no, [\n\t]&a";
        let found: Vec<char> = marks(text, 0..text.len()).iter().map(|(mark, _)| *mark as char).collect();
        assert_eq!(found, [',', ']', '&', 'a']);
    }

    #[test]
    fn a_number_without_quotes_is_named_where_it_stands() {
        let front = "id: w\nlinks: [#1, docs/vat.md]\nentries:\n  - id: e\n";
        let error = serde_yaml::from_str::<serde_yaml::Value>(front).expect_err("not closed");
        let found = explain(front, &error);
        assert_eq!(&front[found.span.clone()], "#1");
        assert!(found.help.contains("`\"#1\"`"), "{}", found.help);
        assert_eq!(unquoted_number("a: [x] # [#1\n", 99), None);
        assert_eq!(unquoted_number("a: [\"#1\", b] #2\n", 99), None);
        assert_eq!(unquoted_number("a: [ x, #12\n", 99), Some(8..11));
    }

    #[test]
    fn places_are_not_said_twice() {
        let said = "mapping values are not allowed at line 12 column 15, while scanning at line 1 column 2";
        assert_eq!(without_positions(said), "mapping values are not allowed, while scanning");
        assert_eq!(without_positions("at line of sight"), "at line of sight");
    }

    #[test]
    fn words_are_pointed_at_in_whole_characters() {
        assert_eq!(word("a ü🌱] b", 2), 2..8);
        assert_eq!(word("ü", 1), 0..2);
        assert_eq!(word("a\n", 1), 1..1);
        assert_eq!(word("", 0), 0..0);
        assert_eq!(word("]", 0), 0..1);
    }

    #[test]
    fn depth_is_limited_before_any_parser_looks() {
        assert!(refuse_deep(&"[".repeat(201), 16).is_err());
        assert!(refuse_deep(&"[]".repeat(999), 16).is_ok());
        assert!(refuse_deep(&"- ".repeat(33), 16).is_err());
        assert!(refuse_deep(&"-".repeat(999), 16).is_ok());
        assert!(refuse_deep(&format!("x: {}", "- ".repeat(99)), 16).is_ok());
    }
}
