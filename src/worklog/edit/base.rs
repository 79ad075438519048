//! Putting a base block into a file, changing it there, and taking it out again.

use std::ops::Range;

use crate::worklog::lines::{ending, line_start, next_line};

/// `text` with `block` as its base block: in the place of the one at `old`, or at the end
/// of the file behind one blank line. Without a `block` the old one goes, together with
/// the blank line that it brought.
pub(crate) fn with_base_block(text: &str, old: Option<Range<usize>>, block: Option<&str>) -> String {
    match (old, block) {
        (Some(old), Some(block)) => format!("{}{block}{}", &text[..old.start], &text[old.end..]),
        (None, Some(block)) => appended(text, block),
        (Some(old), None) => removed(text, old),
        (None, None) => text.to_owned(),
    }
}

fn appended(text: &str, block: &str) -> String {
    let ending = ending(text, text.len());
    if !text.ends_with('\n') {
        return format!("{text}{ending}{ending}{block}");
    }
    let blank = if last_line(text).trim().is_empty() { "" } else { ending };
    format!("{text}{blank}{block}{ending}")
}

fn removed(text: &str, old: Range<usize>) -> String {
    let before = &text[..old.start];
    let blank = last_line(before).trim().is_empty();
    let mut kept = if blank { &before[..before.len() - last_line(before).len()] } else { before };
    let after = &text[next_line(text, old.end)..];
    if after.is_empty() && !text.ends_with('\n') {
        // The file ended without a line ending before it had a block.
        kept = kept.strip_suffix('\n').map_or(kept, |kept| kept.strip_suffix('\r').unwrap_or(kept));
    }
    format!("{kept}{after}")
}

/// The last line with its ending.
fn last_line(text: &str) -> &str {
    let end = text.strip_suffix('\n').map_or(text.len(), str::len);
    &text[line_start(text, end)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "<!-- b\n-->";

    #[test]
    fn a_block_comes_with_a_blank_line_and_goes_with_it() {
        for (without, with) in [
            ("text\n", "text\n\n<!-- b\n-->\n"),
            ("text", "text\n\n<!-- b\n-->"),
            ("text\r\nmore", "text\r\nmore\r\n\r\n<!-- b\n-->"),
            ("---\n---\n", "---\n---\n\n<!-- b\n-->\n"),
            ("---\n---", "---\n---\n\n<!-- b\n-->"),
        ] {
            assert_eq!(with_base_block(without, None, Some(BLOCK)), with);
            let start = with.find(BLOCK).expect("there");
            assert_eq!(with_base_block(with, Some(start..start + BLOCK.len()), None), without);
        }
    }

    #[test]
    fn blank_lines_that_were_there_serve() {
        assert_eq!(with_base_block("text\n\n", None, Some(BLOCK)), "text\n\n<!-- b\n-->\n");
        assert_eq!(with_base_block("text\r\n \r\n", None, Some(BLOCK)), "text\r\n \r\n<!-- b\n-->\r\n");
    }

    #[test]
    fn a_block_in_the_middle_is_replaced_and_removed_in_place() {
        let text = "a\n\n<!-- b\n-->\n\nend";
        assert_eq!(with_base_block(text, Some(3..13), Some("X")), "a\n\nX\n\nend");
        assert_eq!(with_base_block(text, Some(3..13), None), "a\n\nend");
        assert_eq!(with_base_block("a\n<!-- b\n-->\n", Some(2..12), None), "a\n");
        assert_eq!(with_base_block("a", None, None), "a");
    }
}
