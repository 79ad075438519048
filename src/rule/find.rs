//! Where in an issue's text the rules are.
//!
//! A parser of CommonMark decides what a fenced block is. What is in it is not read here.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The info string of a rule.
const INFO: &str = "gardener";
/// How a managed block begins and ends: `block` has the words, and a test compares them.
pub(super) const MANAGED: (&str, &str) = ("<!-- gardener:block ", "<!-- gardener:end -->");

/// A fenced block that is meant as a rule.
pub(super) struct Block {
    /// The line of the text in which its fence is, from 1.
    pub(super) line: usize,
    /// What is in it. Its first line is the one below the fence.
    pub(super) text: String,
}

/// Every rule of a text, in its order.
pub(super) fn blocks(body: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Most issues have none, and are not taken apart.
    let may_be_fence = |line: &str| line.trim_start().trim_start_matches(['`', '~']).trim() == INFO;
    if !body.split(['\n', '\r']).any(may_be_fence) {
        return blocks;
    }
    let managed = managed(body);
    let options = Options::ENABLE_GFM | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    // How many quotes, lists and the like are open, and whether the present block is a rule.
    let (mut depth, mut is_rule) = (0_usize, false);
    for (event, span) in Parser::new_ext(body, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if depth == 0 => {
                depth += 1;
                is_rule = &*info == INFO && !managed.iter().any(|inner| inner.contains(&span.start));
                if is_rule {
                    let line = line_endings(&body[..span.start]) + 1;
                    blocks.push(Block { line, text: String::new() });
                }
            }
            Event::Start(_) => depth += 1,
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                is_rule &= end != TagEnd::CodeBlock;
            }
            Event::Text(text) if is_rule => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&text);
                }
            }
            _ => {}
        }
    }
    blocks
}

/// How many lines end in a text, in any of the three ways that markdown knows.
pub(super) fn line_endings(text: &str) -> usize {
    let alone = text.match_indices('\r').filter(|(at, _)| !text[at + 1..].starts_with('\n')).count();
    alone + text.matches('\n').count()
}

/// The bytes of managed blocks. One without an end goes to the end of the text.
fn managed(body: &str) -> Vec<Range<usize>> {
    let (begin, end) = MANAGED;
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut is_open) = (0, false);
    for line in body.split_inclusive('\n') {
        let words = line.trim();
        if !is_open && words.starts_with(begin) {
            is_open = true;
            found.push(at..body.len());
        } else if is_open && words == end {
            is_open = false;
            if let Some(last) = found.last_mut() {
                last.end = at;
            }
        }
        at += line.len();
    }
    found
}
