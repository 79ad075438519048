//! Foreign text in a worklog's body: cut to what a reviewer reads, and unable to act.
//!
//! Secrets are left out before anything comes here. What stands in a fence can't leave it, what
//! stands in a line can't become markdown, and nothing that is hidden stays hidden.

use std::fmt::Write as _;

use crate::model::is_hidden;
use crate::wording;

/// The most lines of one excerpt.
const LINES: usize = 60;
/// The most bytes of one line.
const LINE: usize = 400;
/// The most bytes of one excerpt.
const BYTES: usize = 4 << 10;

/// A text in a fence: its beginning and its end, where it is too long as a whole. An empty text
/// gives nothing.
pub(super) fn fenced(text: &str) -> String {
    let text = cut(&visible(text));
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n")
}

/// A text as code within a line.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let mark = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{mark}{blank}{text}{blank}{mark}")
}

/// A text as plain words within a line.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in one_line(text).chars() {
        if "\\`*_{}[]<>#|~&@!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text on one line with nothing hidden in it.
pub(super) fn one_line(text: &str) -> String {
    let text = visible(text);
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}

/// The text without terminal escapes, and with other hidden characters shown by their codes.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in wording::plain(text).chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if is_hidden(c) => {
                let _ = write!(out, "{}", c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

fn cut(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(|line| shorten(line.trim_end())).collect();
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let lines = &lines[start..];
    // The end of an output says more than its middle.
    let (mut head, mut tail) = (lines.len().min(LINES), 0);
    if lines.len() > LINES {
        (head, tail) = (LINES / 3, LINES - LINES / 3);
    }
    let size = |lines: &[String]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
    while head + tail > 2 && size(&lines[..head]) + size(&lines[lines.len() - tail..]) > BYTES {
        if tail == 0 {
            (head, tail) = (lines.len() / 3, lines.len() - lines.len() / 3 - 1);
        } else if head > tail / 2 {
            head -= 1;
        } else {
            tail -= 1;
        }
    }
    let left_out = lines.len() - head - tail;
    let mut kept: Vec<String> = lines[..head].to_vec();
    if left_out > 0 {
        kept.push(format!("[… {left_out} {} left out …]", if left_out == 1 { "line" } else { "lines" }));
    }
    kept.extend_from_slice(&lines[lines.len() - tail..]);
    kept.join("\n")
}

fn shorten(line: &str) -> String {
    if line.len() <= LINE {
        return line.to_owned();
    }
    let mut end = LINE;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{} [… {} bytes left out …]", &line[..end], line.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_fence() {
        assert_eq!(fenced("a\nb\n"), "```text\na\nb\n```\n");
        assert_eq!(fenced("```\nout\n```"), "````text\n```\nout\n```\n````\n");
        assert_eq!(fenced(" \n\n"), "");
        assert_eq!(fenced("\n\n  indented\n"), "```text\n  indented\n```\n");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(plain("<b> @all #1 [x](y)"), "\\<b\\> \\@all \\#1 \\[x\\](y)");
    }

    #[test]
    fn escapes_go_and_what_is_hidden_is_seen() {
        assert_eq!(visible("\u{1b}[31;1mred\u{1b}[0m \u{1b}]8;;x\u{7}link\u{1b}]8;;\u{1b}\\."), "red link.");
        assert_eq!(visible("a\r\nb\u{202e}c"), "a\nb\\u{202e}c");
        assert_eq!(one_line("a\n  b\t c"), "a b c");
    }

    #[test]
    fn the_middle_of_a_long_text_is_left_out() {
        let text: String = (0..200).map(|n| format!("line {n}\n")).collect();
        let out = fenced(&text);
        assert!(
            out.contains("line 0\n")
                && out.contains("line 199\n")
                && out.contains("[… 140 lines left out …]")
        );
        let wide: String = (0..50).map(|n| format!("{n} {}\n", "x".repeat(1000))).collect();
        let out = fenced(&wide);
        assert!(out.len() < BYTES + 100, "{}", out.len());
        assert!(out.contains("0 xxx") && out.contains("49 xxx") && out.contains("bytes left out"));
        let one = fenced(&"é".repeat(10_000));
        assert!(one.len() < LINE + 100, "{one}");
    }
}
