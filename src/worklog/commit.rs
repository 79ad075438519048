//! What a sync commits of a worklog: the values of the work tree and the prose of HEAD.
//!
//! A value that was sent is committed together with its base (rule 2), while unfinished
//! prose stays with its author. The work is on text alone, so that it also holds for a
//! file in HEAD that could not be parsed.

use crate::worklog::edit::with_base_block;
use crate::worklog::lines::ending;
use crate::worklog::regions::{Split, split};

/// The file in the work tree has no front matter, so that it is no worklog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file has no front matter")]
pub struct NoFrontMatter;

/// The text to commit: front matter and base block from `work`, the body from `head`.
///
/// A file that HEAD does not have, or has without front matter, is a new worklog and is
/// taken whole. Nothing is ever taken out of the work tree; this only makes a new text.
///
/// # Errors
/// When `work` has no front matter.
pub fn committed_text(head: Option<&str>, work: &str) -> Result<String, NoFrontMatter> {
    let Split::Parts(ours, _) = split(work) else { return Err(NoFrontMatter) };
    let Some((head, Split::Parts(theirs, _))) = head.map(|head| (head, split(head))) else {
        return Ok(work.to_owned());
    };
    let body = &head[theirs.body.start..];
    let mut text = work[..ours.body.start].to_owned();
    if !text.ends_with('\n') && head[..theirs.body.start].ends_with('\n') {
        text.push_str(ending(work, work.len()));
    }
    let moved = |at: usize| at - theirs.body.start + text.len();
    let base = theirs.base.map(|span| moved(span.start)..moved(span.end));
    let front = text.clone();
    text.push_str(body);
    let block = ours.base.map(|span| work[span].to_owned());
    let made = with_base_block(&text, base, block.as_deref());
    // A block that goes takes no line ending of the front matter along.
    Ok(if made.len() < front.len() { front } else { made })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "<!-- gardener:base 1\na {}\n-\n-->";

    fn check(head: &str, work: &str, expect: &str) {
        assert_eq!(committed_text(Some(head), work).as_deref(), Ok(expect), "{head:?} {work:?}");
    }

    #[test]
    fn values_come_from_the_work_tree_and_prose_from_head() {
        let old = BLOCK.replace("a {}", "old {}");
        check("---\na: 1\n---\nold\n", "---\na: 2\n---\nnew\n", "---\na: 2\n---\nold\n");
        check(
            &format!("---\na: 1\n---\nold\n\n{old}\nafter\n"),
            &format!("---\na: 2\n---\nnew\n\n{BLOCK}\n"),
            &format!("---\na: 2\n---\nold\n\n{BLOCK}\nafter\n"),
        );
        check(
            "---\na: 1\n---\nold\n",
            &format!("---\na: 2\n---\nnew\n{BLOCK}\n"),
            &format!("---\na: 2\n---\nold\n\n{BLOCK}\n"),
        );
        check(&format!("---\na: 1\n---\nold\n\n{BLOCK}\n"), "---\na: 2\n---\n", "---\na: 2\n---\nold\n");
    }

    #[test]
    fn the_byte_order_mark_and_the_fences_are_front_matter() {
        check(
            "---\na: 1\n---\nold",
            "\u{feff}--- \r\na: 1\r\n---\r\nnew",
            "\u{feff}--- \r\na: 1\r\n---\r\nold",
        );
        check("---\na: 1\n---\nold", "---\na: 2\n---", "---\na: 2\n---\nold");
        check(&format!("---\na: 1\n---\n\n{BLOCK}"), "---\na: 2\n---", "---\na: 2\n---\n");
        check("---\na: 1\n---\n", "---\na: 2\n---", "---\na: 2\n---\n");
    }

    #[test]
    fn a_new_worklog_is_taken_whole() {
        let work = "---\na: 2\n---\nnew\n";
        assert_eq!(committed_text(None, work).as_deref(), Ok(work));
        check("# A legacy worklog\n", work, work);
        check("---\nnever closed\n", work, work);
        assert_eq!(committed_text(Some(work), "x"), Err(NoFrontMatter));
    }
}
