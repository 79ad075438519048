//! The parts of a worklog file: fences, front matter, body and base block.
//!
//! Only places are found here; what the parts say is read elsewhere. Every byte of the
//! file belongs to exactly one part, so that a file put together again is the same file.

use std::ops::Range;

use crate::worklog::body::Body;
use crate::worklog::lines::{Line, line_start, lines, next_line};

/// Where the parts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Regions {
    /// The lines between the two `---`, line endings included.
    pub(crate) front: Range<usize>,
    /// Everything after the second `---` line. The base block stands in it.
    pub(crate) body: Range<usize>,
    /// The base block from `<!--` to `-->`, or to the end of the file if it is not closed.
    pub(crate) base: Option<Range<usize>>,
    /// Other blocks that look like a base block; they count as prose.
    pub(crate) strays: Vec<Range<usize>>,
}

/// A file taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// The first line is not `---`.
    NoFrontMatter,
    /// The first line is `---` and no other line is. Its first line is given.
    Unclosed(Range<usize>),
    /// A file with front matter.
    Parts(Regions, Body),
}

/// The first words of a base block's first line.
pub(crate) const BASE_OPENING: &str = "<!-- gardener:base";

/// Takes `text` apart. Any text can be taken apart.
pub(crate) fn split(text: &str) -> Split {
    let Some(front) = front_matter(text) else { return Split::NoFrontMatter };
    let Some((front, close)) = front else { return Split::Unclosed(first_line(text)) };
    let body = Body::scan(text, close.next);
    let mut blocks = base_blocks(text, close.next);
    let counts = |block: &Range<usize>| {
        // A block that ends the file counts even if prose above it left a fence open, or
        // an unfinished paragraph would make gardener forget what was agreed on.
        let ends_file = text[block.end..].trim().is_empty() && text[block.clone()].ends_with("-->");
        ends_file || !body.in_code(block.start)
    };
    blocks.retain(counts);
    let base = blocks.pop();
    Split::Parts(Regions { front, body: close.next..text.len(), base, strays: blocks }, body)
}

/// Whether `text`, whatever else is wrong with it, was meant to be a worklog: some line of
/// its front matter (of which the end may be missing) starts with the key `gardener`.
pub(crate) fn means_to_be_a_worklog(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    lines(text, 0).take(2000).skip(1).map(|line| &text[line.text]).take_while(|line| !is_fence(line)).any(
        |line| {
            let line = line.trim_start_matches(['{', ' ']);
            let key = line.trim_start_matches(['"', '\'']).strip_prefix("gardener");
            key.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
        },
    )
}

/// Whether the file starts in the middle of a merge conflict about a worklog.
pub(crate) fn starts_in_conflict(text: &str) -> bool {
    let first = &text[first_line(text)];
    let rest = &text[next_line(text, 0)..];
    first.starts_with("<<<<<<< ")
        && is_fence(&rest[..rest.find('\n').unwrap_or(0)])
        && means_to_be_a_worklog(rest)
}

/// The first line without its byte order mark and its line ending.
pub(crate) fn first_line(text: &str) -> Range<usize> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let end = lines(text, 0).next().map_or(start, |line| line.text.end);
    start..end.max(start)
}

fn is_fence(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.trim_matches([' ', '\t', '\r']).is_empty())
}

/// The front matter and the line that closes it; `Some(None)` where that line is missing.
fn front_matter(text: &str) -> Option<Option<(Range<usize>, Line)>> {
    if !is_fence(&text[first_line(text)]) {
        return None;
    }
    let start = next_line(text, 0);
    let close = lines(text, start).find(|line| is_fence(&text[line.text.clone()]));
    Some(close.map(|line| (start..line.text.start, line)))
}

/// Every block that starts like a base block, at line starts; one that is not closed ends
/// where the next one starts or with the file.
fn base_blocks(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    // Nothing above the first of them opens one or closes it.
    let Some(first) = text[from..].find(BASE_OPENING) else { return blocks };
    for line in lines(text, line_start(text, from + first).max(from)) {
        let words = &text[line.text.clone()];
        let opens = words
            .strip_prefix(BASE_OPENING)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if opens {
            blocks.extend(open.replace(line.text.start).map(|start| start..line.text.start));
        }
        let closes = words.trim_end() == "-->" || (opens && words.trim_end().ends_with("-->"));
        if closes && let Some(start) = open.take() {
            blocks.push(start..line.text.start + words.trim_end().len());
        }
    }
    blocks.extend(open.map(|start| start..text.len()));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, Option<String>) {
        match split(text) {
            Split::Parts(regions, _) => (
                text[regions.front].to_owned(),
                text[regions.body].to_owned(),
                regions.base.map(|base| text[base].to_owned()),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn front_matter_and_body_are_told_apart() {
        for (text, front, body) in [
            ("---\na: 1\n---\nx", "a: 1\n", "x"),
            ("\u{feff}---\na: 1\n---\nx", "a: 1\n", "x"),
            ("--- \t\r\na: 1\r\n---  \r\nx\r\n", "a: 1\r\n", "x\r\n"),
            ("---\n---\n", "", ""),
            ("---\n---", "", ""),
            ("---\n\na: |\n  ---\n---\nx\n---\ny", "\na: |\n  ---\n", "x\n---\ny"),
        ] {
            assert_eq!(parts(text), (front.to_owned(), body.to_owned(), None), "{text:?}");
        }
    }

    #[test]
    fn other_files_have_no_front_matter() {
        for text in ["", "\u{feff}", "x", "----\na\n----\n", "\n---\na: 1\n---\n", "--\n", "--- x\n---\n"] {
            assert_eq!(split(text), Split::NoFrontMatter, "{text:?}");
        }
        assert_eq!(split("---\na: 1\n ---\n"), Split::Unclosed(0..3));
        assert_eq!(split("\u{feff}---"), Split::Unclosed(3..6));
    }

    #[test]
    fn the_base_block_is_the_last_one_outside_code() {
        let base = |body: &str| parts(&format!("---\na: 1\n---\n{body}")).2;
        let block = "<!-- gardener:base 1\nx {}\n-\n-->";
        assert_eq!(base(block).as_deref(), Some(block));
        assert_eq!(base(&format!("text\n{block}\nmore\n")).as_deref(), Some(block));
        assert_eq!(base(&format!("```\n{block}\n```\n")), None);
        assert_eq!(base(&format!("```\n{block}\n")).as_deref(), Some(block), "a fence was left open");
        assert_eq!(base(&format!("  {block}\n")), None);
        let two = format!("<!-- gardener:base 1\n-->\n\n{block}\n```\n{block}\n```\n");
        assert_eq!(base(&two).as_deref(), Some(block));
        assert_eq!(base("<!-- gardener:base 1\nx\n").as_deref(), Some("<!-- gardener:base 1\nx\n"));
        assert_eq!(base("<!-- gardener:base 1 -->\n").as_deref(), Some("<!-- gardener:base 1 -->"));
        assert_eq!(base("<!-- gardener:bases\n-->\n"), None);
    }

    #[test]
    fn a_worklog_is_recognised_even_when_broken() {
        for text in
            ["---\ngardener: 1\n", "\u{feff}---\r\n\"gardener\" : 1\r\n", "---\n{ 'gardener': 1}\n---\n"]
        {
            assert!(means_to_be_a_worklog(text), "{text:?}");
        }
        for text in ["---\na: 1\n---\ngardener: 1\n", "gardener: 1", "---\ngardeners: 1\n---\n"] {
            assert!(!means_to_be_a_worklog(text), "{text:?}");
        }
        assert!(starts_in_conflict("<<<<<<< HEAD\n---\ngardener: 1\n=======\n"));
        assert!(!starts_in_conflict("<<<<<<< HEAD\ntext\n"));
    }
}
