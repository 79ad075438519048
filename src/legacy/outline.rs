//! A markdown text taken apart: headings, list items, bold lead lines, rows of tables, and which
//! bytes are prose.
//!
//! What is in a code block or a code span is nobody's word on anything, so that it is kept apart
//! here once and for all. A parser of CommonMark decides what a fence is: a line of `~~~~` inside
//! of one made of backquotes is not. Nothing is judged here.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A text taken apart. All places are bytes of the text, and everything is in the order of the text.
pub(super) struct Outline<'t> {
    pub(super) text: &'t str,
    /// Where each line starts.
    starts: Vec<usize>,
    pub(super) headings: Vec<Heading>,
    pub(super) items: Vec<Item>,
    pub(super) leads: Vec<Lead>,
    pub(super) rows: Vec<Row>,
    /// Code blocks.
    pub(super) fences: Vec<Range<usize>>,
    /// Visible text that is not code.
    pub(super) prose: Vec<Range<usize>>,
    /// Code spans, without their backquotes.
    pub(super) code: Vec<(Range<usize>, String)>,
    /// Links with their addresses.
    pub(super) links: Vec<(Range<usize>, String)>,
}

/// A heading that is in no list and no quote.
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) span: Range<usize>,
    /// Its text without markup.
    pub(super) plain: String,
    /// The heading above it in the outline.
    pub(super) parent: Option<usize>,
    /// Where the next heading of its level or a higher one starts, or the text ends.
    pub(super) end: usize,
    /// Where the next heading of any level starts, or the text ends.
    pub(super) own_end: usize,
}

/// An item of a list that is in no quote and no other list.
pub(super) struct Item {
    pub(super) span: Range<usize>,
    /// Its number, in a numbered list.
    pub(super) number: Option<u64>,
    /// Which list it is in.
    pub(super) list: usize,
    /// The first line without markup.
    pub(super) plain: String,
    /// The bold words that it begins with.
    pub(super) bold: Option<String>,
    pub(super) heading: Option<usize>,
}

/// A paragraph that begins with bold words and is in no list and no quote.
pub(super) struct Lead {
    pub(super) span: Range<usize>,
    /// The first line without markup.
    pub(super) plain: String,
    /// The bold words.
    pub(super) bold: String,
    pub(super) heading: Option<usize>,
}

/// A row of a table, not the one with the names of the columns.
pub(super) struct Row {
    pub(super) span: Range<usize>,
    pub(super) table: usize,
    pub(super) names: Vec<String>,
    pub(super) cells: Vec<String>,
    pub(super) heading: Option<usize>,
}

/// What is being read.
#[derive(Default)]
struct Reading {
    quotes: usize,
    lists: Vec<Option<u64>>,
    count: usize,
    /// Text of the present heading, item, paragraph or cell.
    words: Option<String>,
    /// Whether the first line of an item or paragraph is over.
    is_over: bool,
    bold: Option<String>,
    /// Whether the text begins with bold words that have not ended.
    in_bold: bool,
    names: Vec<String>,
    cells: Vec<String>,
    tables: usize,
}

impl<'t> Outline<'t> {
    /// Takes `text` apart. Any text can be.
    pub(super) fn read(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut outline = Self {
            text,
            starts,
            headings: Vec::new(),
            items: Vec::new(),
            leads: Vec::new(),
            rows: Vec::new(),
            fences: Vec::new(),
            prose: Vec::new(),
            code: Vec::new(),
            links: Vec::new(),
        };
        let options = Options::ENABLE_GFM | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
        let mut reading = Reading::default();
        for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
            outline.take(event, span, &mut reading);
        }
        outline.finish();
        outline
    }

    fn take(&mut self, event: Event<'_>, span: Range<usize>, reading: &mut Reading) {
        match event {
            Event::Start(tag) => self.start(&tag, span, reading),
            Event::End(end) => self.end(end, span, reading),
            Event::Text(words) => {
                if self.fences.last().is_none_or(|fence| span.start >= fence.end) {
                    match self.prose.last_mut() {
                        Some(last) if last.end == span.start => last.end = span.end,
                        _ => self.prose.push(span),
                    }
                }
                reading.add(&words);
            }
            Event::Code(words) => {
                self.code.push((span, words.to_string()));
                reading.add(&words);
            }
            Event::SoftBreak | Event::HardBreak => {
                reading.is_over |= reading.lists.len() <= 1;
                reading.add(" ");
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Range<usize>, reading: &mut Reading) {
        let heading = self.headings.len().checked_sub(1);
        let is_free = reading.quotes == 0 && reading.lists.is_empty();
        match tag {
            Tag::BlockQuote(_) => reading.quotes += 1,
            Tag::CodeBlock(_) => {
                reading.is_over = true;
                self.fences.push(span);
            }
            Tag::Link { dest_url, .. } => self.links.push((span, dest_url.to_string())),
            Tag::Heading { level, .. } if is_free => {
                let (level, plain) = (*level as u8, String::new());
                self.headings.push(Heading { level, span, plain, parent: None, end: 0, own_end: 0 });
                reading.begin();
            }
            Tag::List(number) => {
                reading.is_over = true;
                reading.count += usize::from(reading.lists.is_empty());
                reading.lists.push(*number);
            }
            Tag::Item if reading.quotes == 0 && reading.lists.len() == 1 => {
                let number = reading.lists[0];
                reading.lists[0] = number.map(|n| n + 1);
                let plain = String::new();
                self.items.push(Item { span, number, list: reading.count, plain, bold: None, heading });
                reading.begin();
            }
            Tag::Paragraph if is_free => {
                let (plain, bold) = (String::new(), String::new());
                self.leads.push(Lead { span, plain, bold, heading });
                reading.begin();
            }
            Tag::Table(_) => reading.tables += 1,
            Tag::TableHead | Tag::TableRow => reading.cells.clear(),
            Tag::TableCell => reading.begin(),
            Tag::Strong => {
                let is_first = reading.words.as_ref().is_some_and(|words| is_mark(words));
                if is_first && reading.bold.is_none() {
                    reading.bold = Some(String::new());
                    reading.in_bold = true;
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd, span: Range<usize>, reading: &mut Reading) {
        let is_free = reading.quotes == 0 && reading.lists.is_empty();
        match end {
            TagEnd::BlockQuote(_) => reading.quotes -= 1,
            TagEnd::Strong => reading.in_bold = false,
            TagEnd::Heading(_) if is_free => {
                let plain = reading.finish().0;
                if let Some(heading) = self.headings.last_mut() {
                    heading.plain = plain;
                }
            }
            TagEnd::Paragraph if is_free => {
                let (plain, bold) = reading.finish();
                match (self.leads.last_mut(), bold) {
                    (Some(lead), Some(bold)) => (lead.plain, lead.bold) = (plain, bold),
                    _ => drop(self.leads.pop()),
                }
            }
            // The first paragraph of an item is its first line.
            TagEnd::Paragraph => reading.is_over = true,
            TagEnd::Item if reading.quotes == 0 && reading.lists.len() == 1 => {
                let (plain, bold) = reading.finish();
                if let Some(item) = self.items.last_mut() {
                    (item.plain, item.bold) = (plain, bold);
                }
            }
            TagEnd::List(_) => drop(reading.lists.pop()),
            TagEnd::TableCell => {
                let cell = reading.finish().0;
                reading.cells.push(cell);
            }
            TagEnd::TableHead => reading.names = std::mem::take(&mut reading.cells),
            TagEnd::TableRow if is_free => {
                let heading = self.headings.len().checked_sub(1);
                let (names, cells) = (reading.names.clone(), std::mem::take(&mut reading.cells));
                self.rows.push(Row { span, table: reading.tables, names, cells, heading });
            }
            _ => {}
        }
    }

    /// What is only known at the end: where sections end, and what is above what.
    fn finish(&mut self) {
        let places: Vec<(u8, usize)> = self.headings.iter().map(|h| (h.level, h.span.start)).collect();
        let mut open: Vec<usize> = Vec::new();
        for at in 0..places.len() {
            let (level, _) = places[at];
            while let Some(last) = open.pop_if(|last| places[*last].0 >= level) {
                self.headings[last].end = places[at].1;
            }
            let next = places.get(at + 1).map_or(self.text.len(), |(_, start)| *start);
            let heading = &mut self.headings[at];
            heading.parent = open.last().copied();
            heading.own_end = next;
            heading.end = self.text.len();
            open.push(at);
        }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The lines that start in a range and are not in a code block, with their places.
    pub(super) fn lines(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &'t str)> {
        let from = self.starts.partition_point(|start| *start < range.start);
        let lines = self.starts[from..].iter().take_while(move |start| **start < range.end);
        lines.filter(|start| !self.is_code(**start)).map(|start| {
            let rest = &self.text[*start..];
            (*start, rest[..rest.find('\n').unwrap_or(rest.len())].trim_end())
        })
    }

    /// Whether a byte is in a code block.
    pub(super) fn is_code(&self, at: usize) -> bool {
        let before = self.fences.partition_point(|fence| fence.start <= at);
        self.fences[..before].last().is_some_and(|fence| fence.contains(&at))
    }

    /// Whether a code block starts in a range.
    pub(super) fn has_fence(&self, range: &Range<usize>) -> bool {
        let before = self.fences.partition_point(|fence| fence.start < range.start);
        self.fences.get(before).is_some_and(|fence| fence.start < range.end)
    }

    /// The address of the link that a byte is in.
    pub(super) fn link_at(&self, at: usize) -> Option<&str> {
        let before = self.links.partition_point(|(span, _)| span.start <= at).checked_sub(1)?;
        let (span, address) = &self.links[before];
        span.contains(&at).then_some(address)
    }

    /// The item that a byte is in.
    pub(super) fn item_at(&self, at: usize) -> Option<&Item> {
        let before = self.items.partition_point(|item| item.span.start <= at).checked_sub(1)?;
        Some(&self.items[before]).filter(|item| item.span.contains(&at))
    }

    /// A heading and all above it, the nearest first.
    pub(super) fn chain(&self, heading: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(heading, |at| self.headings[*at].parent)
    }

    /// The last line before a byte that is not blank.
    pub(super) fn line_before(&self, at: usize) -> &'t str {
        let lines = self.text[..at].lines().rev().map(str::trim);
        lines.take(6).find(|line| !line.is_empty()).unwrap_or_default()
    }
}

impl Reading {
    fn begin(&mut self) {
        self.words = Some(String::new());
        (self.is_over, self.in_bold, self.bold) = (false, false, None);
    }

    fn add(&mut self, words: &str) {
        if self.is_over {
            return;
        }
        if let Some(text) = &mut self.words {
            text.push_str(words);
        }
        if self.in_bold
            && let Some(bold) = &mut self.bold
        {
            bold.push_str(words);
        }
    }

    fn finish(&mut self) -> (String, Option<String>) {
        let words = self.words.take().unwrap_or_default().trim().to_owned();
        (words, self.bold.take().map(|bold| bold.trim().to_owned()).filter(|bold| !bold.is_empty()))
    }
}

/// Whether a text is only what stands before words: a tick box, an arrow, a picture.
fn is_mark(text: &str) -> bool {
    let text = text.trim();
    matches!(text, "[x]" | "[X]" | "[ ]") || !text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart() {
        let text = "# Log\n\n## One *thing*\n**Error:** `x` more\nline two\n\n1. **First** - `a`\n   - Sub\n2. second\n\n\
                    ```\n# no\n~~~~\n## no\n```\n> # quoted\n\n| A | B |\n|---|---|\n| **x** | [#1](u) |\n\nTwo\n---\n";
        let outline = Outline::read(text);
        let headings: Vec<_> =
            outline.headings.iter().map(|h| (h.level, h.plain.as_str(), h.parent)).collect();
        assert_eq!(headings, [(1, "Log", None), (2, "One thing", Some(0)), (2, "Two", Some(0))]);
        assert_eq!(outline.headings[1].end, outline.headings[2].span.start);
        let items: Vec<_> =
            outline.items.iter().map(|i| (i.number, i.plain.as_str(), i.bold.as_deref())).collect();
        assert_eq!(items, [(Some(1), "First - a", Some("First")), (Some(2), "second", None)]);
        assert_eq!((outline.leads.len(), outline.leads[0].plain.as_str()), (1, "Error: x more"));
        assert_eq!(
            (&*outline.rows[0].cells, &*outline.rows[0].names),
            (&["x".into(), "#1".into()][..], &["A".into(), "B".into()][..])
        );
        assert_eq!((outline.line(0), outline.line(outline.headings[1].span.start)), (1, 3));
        assert!(outline.lines(0..text.len()).all(|(_, line)| !line.contains("no")));
    }

    #[test]
    fn code_is_no_prose_and_a_tick_box_is_no_word() {
        let text = "- [x] **Done** `#1`\n\n`#2` #3\n\n    #4\n";
        let outline = Outline::read(text);
        let prose: String = outline.prose.iter().map(|span| &text[span.clone()]).collect();
        assert!(
            prose.contains("#3") && !prose.contains("#1") && !prose.contains("#2") && !prose.contains("#4")
        );
        assert_eq!(outline.items[0].bold.as_deref(), Some("Done"));
        assert_eq!(outline.code.len(), 2);
    }
}
