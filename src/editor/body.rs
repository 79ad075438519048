//! The body of a worklog: entry markers while they are typed, and issues that prose names.

use std::ops::Range;

use crate::editor::complete::{Completion, Item, Sort};
use crate::editor::markdown::visible;
use crate::editor::{Garden, Page};
use crate::model::IssueRef;

/// The first word of a marker.
const WORD: &str = "gardener:entry";

/// What may come in the body: a marker, or the id in one.
pub(super) fn complete(garden: &Garden, page: &Page, cursor: usize) -> Completion {
    let text = page.str();
    let line = text[..cursor].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[line..cursor];
    let Some(open) = before.rfind("<!--").filter(|open| !before[*open..].contains("-->")) else {
        return mention(garden, page, line, cursor);
    };
    let end = text[cursor..].find(['\n', '\r']).map_or(text.len(), |offset| cursor + offset);
    let after = &text[cursor..end];
    let inside = &before[open + 4..];
    let words = inside.trim_start();
    let start = cursor - words.len();
    // What is left of the old id goes; a comment that is closed already stays so.
    let rest =
        after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c)).len();
    let close = if after[rest..].trim_start().starts_with("-->") { "" } else { " -->" };
    let lead = if inside.is_empty() { " " } else { "" };
    let (lead, span) = match words.strip_prefix(WORD).filter(|id| id.is_empty() || id.starts_with(' ')) {
        Some("") => (" ".to_owned(), cursor..cursor + rest),
        Some(id) => (String::new(), cursor - id.trim_start().len()..cursor + rest),
        None if WORD.starts_with(words) => (format!("{lead}{WORD} "), start..cursor + rest),
        None => return Completion::default(),
    };
    let has_marker = |id: &str| page.markers().iter().any(|(found, at)| found == id && !at.contains(&cursor));
    let mut entries: Vec<_> = page.entries().iter().filter(|entry| !entry.name().is_empty()).collect();
    // Those without a marker first.
    entries.sort_by_key(|entry| has_marker(entry.name()));
    let item = |entry: &&crate::editor::Seen| Item {
        label: visible(entry.name()),
        sort: Sort::Entry,
        detail: entry.title.as_deref().map(visible),
        insert: format!("{lead}{}{close}", entry.name()),
        span: span.clone(),
    };
    Completion { items: entries.iter().map(item).collect(), is_partial: false }
}

/// A `#12` in prose.
fn mention(garden: &Garden, page: &Page, line: usize, cursor: usize) -> Completion {
    let before = &page.str()[line..cursor];
    let Some(hash) = before.rfind('#').filter(|hash| *hash > 0) else { return Completion::default() };
    let digits = &before[hash + 1..];
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !before[..hash].ends_with([' ', '(']) {
        return Completion::default();
    }
    let fitting = garden.issues.iter().rev().filter(|(number, _)| number.to_string().starts_with(digits));
    let item = |(number, known): (&u64, &crate::editor::KnownIssue)| Item {
        label: format!("#{number}"),
        sort: Sort::Issue,
        detail: Some(visible(&known.title)),
        insert: format!("#{number}"),
        span: line + hash..cursor,
    };
    Completion { items: fitting.take(60).map(item).collect(), is_partial: true }
}

/// Every `#12` and `owner/repo#12` of the body, outside of fenced and quoted code, with its bytes.
pub(super) fn mentions(page: &Page) -> Vec<(IssueRef, Range<usize>)> {
    let text = page.str();
    let start = page.outline.as_ref().map_or(0, |outline| outline.front.end);
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for line in crate::worklog::lines::lines(text, start) {
        let words = &text[line.text.clone()];
        let lead = words.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| lead.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) if !lead.starts_with("<!--") => in_line(words, line.text.start, &mut found),
            _ => {}
        }
        // Of the base block nothing is prose.
        if lead.starts_with("<!-- gardener:base") {
            break;
        }
    }
    found
}

fn in_line(words: &str, start: usize, found: &mut Vec<(IssueRef, Range<usize>)>) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    for (hash, _) in words.match_indices('#') {
        let digits = words[hash + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let end = hash + 1 + digits;
        let is_word = words[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let before = words[..hash].trim_end_matches(is_part).len();
        let in_code = words[..hash].matches('`').count() % 2 == 1;
        if digits == 0 || is_word || in_code || words[..before].ends_with(['#', '@', ':', '&']) {
            continue;
        }
        found.extend(IssueRef::parse(&words[before..end]).map(|issue| (issue, start + before..start + end)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::Text;
    use crate::model::Vocabulary;

    #[test]
    fn issues_in_prose_are_found_and_others_are_not() {
        let text = "---\ngardener: 1\n---\nsee #12, (acme/lib#3) and #4.\n`#5` x#6 &#35; a/b/c#7 #8a https://e.org/#9\n\
            ```\n#10\n```\n# 11\n#13\n<!-- gardener:base 1\none {\"issue\":\"a/b#14\"}\n-->\n#15\n";
        let page = Page::read(Text::new(text.to_owned()), &Vocabulary::default());
        let found: Vec<_> =
            mentions(&page).into_iter().map(|(issue, span)| (issue.to_string(), &text[span])).collect();
        let expect = [("#12", "#12"), ("acme/lib#3", "acme/lib#3"), ("#4", "#4"), ("#13", "#13")];
        assert_eq!(found, expect.map(|(issue, written)| (issue.to_owned(), written)));
    }
}
