//! The markdown of a worklog: headings, entry markers and code, by bytes.
//!
//! It finds places and never changes anything; the body belongs to people. What is in a
//! code block is an example and counts as nothing.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::model::EntryId;
use crate::worklog::diagnostic::nearest;
use crate::worklog::lines::{lines, next_line};

/// What stands where in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    headings: Vec<(u8, Range<usize>)>,
    /// Entry markers with the id as written, in order.
    pub(crate) markers: Vec<(String, Range<usize>)>,
    /// What looks like a marker and is none, with the word that it has for `gardener:entry`.
    pub(crate) mistyped: Vec<(String, Range<usize>)>,
    code: Vec<Range<usize>>,
}

impl Body {
    /// The places of the headings, in order.
    pub(crate) fn headings(&self) -> impl Iterator<Item = Range<usize>> {
        self.headings.iter().map(|(_, span)| span.clone())
    }

    /// Reads `text` from byte `from` on. All places are bytes of the whole text.
    pub(crate) fn scan(text: &str, from: usize) -> Self {
        let mut body = Self::default();
        let mut html: Vec<Range<usize>> = Vec::new();
        let options = Options::ENABLE_GFM | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
        for (event, span) in Parser::new_ext(&text[from..], options).into_offset_iter() {
            let span = span.start + from..span.end + from;
            match event {
                Event::Start(Tag::Heading { level, .. }) => body.headings.push((level as u8, span)),
                Event::Start(Tag::CodeBlock(_)) => body.code.push(span),
                // A line of HTML can arrive in pieces, so that neighbours are joined.
                Event::Html(_) | Event::InlineHtml(_) => match html.last_mut() {
                    Some(last) if last.end == span.start => last.end = span.end,
                    _ => html.push(span),
                },
                _ => {}
            }
        }
        for span in html {
            find_markers(text, span, &mut body);
        }
        body
    }

    /// Whether byte `at` is inside a code block.
    pub(crate) fn in_code(&self, at: usize) -> bool {
        let before = self.code.partition_point(|span| span.start <= at);
        self.code[..before].last().is_some_and(|span| span.contains(&at))
    }

    /// The three markers of a merge conflict, in order and the first of them outside code.
    pub(crate) fn conflict(&self, text: &str, from: usize) -> Option<Range<usize>> {
        if !text[from..].contains("<<<<<<<") {
            return None;
        }
        let mut wanted = ["<<<<<<<", "=======", ">>>>>>>"].into_iter();
        let (mut next, mut first) = (wanted.next(), None);
        for line in lines(text, from) {
            let found = next.is_some_and(|mark| is_conflict_line(&text[line.text.clone()], mark));
            if found && (first.is_some() || !self.in_code(line.text.start)) {
                first = first.or(Some(line.text));
                next = wanted.next();
            }
        }
        first.filter(|_| next.is_none())
    }

    /// The part of the body that is about `id`: from the heading over its marker (or from
    /// the marker, if another entry stands between) to the next heading of the same or a
    /// higher level, the next entry, or `end`.
    pub(crate) fn section(&self, id: &EntryId, end: usize) -> Option<Range<usize>> {
        let at = self.markers.iter().position(|(found, _)| found == id.as_str())?;
        let marker = &self.markers[at].1;
        let after_previous = at.checked_sub(1).map_or(0, |i| self.markers[i].1.end);
        let over = |place: &Range<usize>, after: usize| {
            let before = self.headings.partition_point(|(_, span)| span.start < place.start);
            self.headings[..before].last().filter(|(_, span)| span.start >= after)
        };
        let heading = over(marker, after_previous);
        let level = heading.map_or(6, |(level, _)| *level);
        let start = heading.map_or(marker.start, |(_, span)| span.start);
        let below = self.headings.partition_point(|(_, span)| span.start < marker.end);
        let next_heading = self.headings[below..].iter().find(|(l, _)| *l <= level);
        let next_entry = self
            .markers
            .get(at + 1)
            .map(|(_, next)| over(next, marker.end).map_or(next.start, |(_, span)| span.start));
        let stop = next_heading.map(|(_, span)| span.start).into_iter().chain(next_entry).min();
        Some(start..stop.unwrap_or(end).min(end).max(marker.end.min(end)).max(start))
    }

    /// A section without its heading and its marker line: what an issue's text is made of.
    pub(crate) fn prose(&self, text: &str, section: Range<usize>) -> String {
        let inside = |span: &&Range<usize>| span.start >= section.start && span.end <= section.end;
        let heading = self.headings.iter().map(|(_, span)| span).find(inside);
        let heading = heading.filter(|span| span.start == section.start);
        let mut prose = String::new();
        let mut at = heading.map_or(section.start, |span| span.end);
        for (_, span) in self.markers.iter().filter(|(_, span)| inside(&span)) {
            prose.push_str(&text[at..span.start.max(at)]);
            let rest = next_line(text, span.end).min(section.end);
            let alone = text[span.end..rest].trim().is_empty();
            at = if alone { rest } else { span.end };
        }
        prose.push_str(&text[at..section.end]);
        prose.trim_matches(['\r', '\n']).trim_end().to_owned()
    }
}

/// Whether `line` is `mark`, alone or followed by a blank.
pub(crate) fn is_conflict_line(line: &str, mark: &str) -> bool {
    line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The first line of a merge conflict in `span`, whichever of its marks it is.
pub(crate) fn conflict_line(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let marks = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    lines(&text[..span.end], span.start)
        .map(|line| line.text)
        .find(|line| marks.iter().any(|mark| is_conflict_line(&text[line.clone()], mark)))
}

/// The word of a marker.
const MARKER: &str = "gardener:entry";

/// The longest marker looked for: an id has at most 64 characters.
const LONGEST_MARKER: usize = 200;

fn find_markers(text: &str, html: Range<usize>, body: &mut Body) {
    let mut at = html.start;
    while let Some(start) = text[at..html.end].find("<!--").map(|offset| at + offset) {
        at = start + 4;
        let mut limit = html.end.min(at + LONGEST_MARKER);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let Some(end) = text[at..limit].find("-->").map(|offset| at + offset) else { continue };
        let mut words = text[at..end].split_whitespace();
        let (Some(word), Some(id), None) = (words.next(), words.next(), words.next()) else { continue };
        if word == MARKER {
            body.markers.push((id.to_owned(), start..end + 3));
        } else if word == "gardener" || nearest(word, [MARKER]).is_some() {
            body.mistyped.push((word.to_owned(), start..end + 3));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "# Run\n\nintro\n\n## One\n<!-- gardener:entry one -->\ntext\n\n### Deeper\nmore\n\n\
        ## Two\nbefore\n<!-- gardener:entry two -->\n```\n<!-- gardener:entry fake -->\n# no\n```\nend\n\n\
        <!-- gardener:entry three --> tail\n\n# Notes\nx\n";

    fn section(text: &str, id: &str) -> Option<String> {
        let body = Body::scan(text, 0);
        let found = body.section(&EntryId::new(id).expect("an id"), text.len())?;
        Some(text[found].to_owned())
    }

    #[test]
    fn a_section_runs_from_its_heading_to_the_next_of_its_level_or_entry() {
        for body in [BODY.to_owned(), BODY.replace('\n', "\r\n")] {
            let found = |id| section(&body, id).map(|s| s.replace('\r', ""));
            assert_eq!(
                found("one").as_deref(),
                Some("## One\n<!-- gardener:entry one -->\ntext\n\n### Deeper\nmore\n\n")
            );
            assert_eq!(
                found("two").as_deref(),
                Some(
                    "## Two\nbefore\n<!-- gardener:entry two -->\n```\n<!-- gardener:entry fake -->\n# no\n```\nend\n\n"
                )
            );
            assert_eq!(found("three").as_deref(), Some("<!-- gardener:entry three --> tail\n\n"));
            assert_eq!(found("fake"), None);
        }
    }

    #[test]
    fn prose_is_the_section_without_heading_and_marker() {
        let body = Body::scan(BODY, 0);
        let prose = |id| {
            let section = body.section(&EntryId::new(id).expect("an id"), BODY.len());
            body.prose(BODY, section.expect("has one"))
        };
        assert_eq!(prose("one"), "text\n\n### Deeper\nmore");
        assert_eq!(prose("two"), "before\n```\n<!-- gardener:entry fake -->\n# no\n```\nend");
        assert_eq!(prose("three"), " tail");
    }

    #[test]
    fn a_conflict_is_three_marks_in_order_that_start_outside_code() {
        let conflict = |text: &str| Body::scan(text, 0).conflict(text, 0).is_some();
        assert!(conflict("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"));
        assert!(conflict("<<<<<<< HEAD\n```\na\n=======\nb\n>>>>>>> x\n"));
        assert!(!conflict("```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n```\n"));
        assert!(!conflict("Title\n=======\n>>>>>>> quoted deep\n"));
        assert!(!conflict("<<<<<<< HEAD\n"));
        assert!(!conflict("<<<<<<<< eight\n=======\n>>>>>>> x\n"));
    }

    #[test]
    fn markers_in_paragraphs_lists_and_quotes_count_and_others_do_not() {
        let ids = |text: &str| {
            Body::scan(text, 0).markers.into_iter().map(|(id, _)| id).collect::<Vec<_>>().join(",")
        };
        assert_eq!(ids("text <!-- gardener:entry a --> more\n"), "a");
        assert_eq!(ids("- x\n  <!--gardener:entry b-->\n\n> <!-- gardener:entry c -->\n"), "b,c");
        assert_eq!(ids("`<!-- gardener:entry d -->`\n\n    <!-- gardener:entry e -->\n"), "");
        assert_eq!(
            ids("<!-- gardener:entry -->\n<!-- gardener:entry two words -->\n<!-- gardener:entry"),
            ""
        );
    }
}
