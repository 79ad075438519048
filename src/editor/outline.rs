//! Front matter as it stands while somebody types: every key and value with its place, as far as lines tell.
//!
//! The strict reader in `worklog` refuses what is not YAML, and for most of the time of typing a text
//! is none. This one never refuses: it goes by indentation, dashes, colons and brackets, so that
//! completion and the rest go on around a broken line. Where both read a text they agree on ids and
//! numbers, which a test holds. It decides nothing that is written: every edit is checked by the strict one.
//! Values over several lines (block text, quoted text) are known by their first line only.

use std::ops::Range;

use crate::editor::flow;
use crate::worklog::MAX_FRONT_MATTER;
use crate::worklog::lines::{Line, lines};

/// One step from the top of the front matter to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The value of this key.
    Key(String),
    /// An item of a list, by the byte of its dash or where it begins between brackets.
    Item(usize),
}

/// A key, a value, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// How to get there; the last step is its own.
    pub(crate) path: Vec<Step>,
    /// The key as written, with quotes.
    pub(crate) key: Option<Range<usize>>,
    /// Whether a colon follows the key. A word without one may become a key.
    pub(crate) has_colon: bool,
    /// The value with its quotes or brackets. Where nothing is written it is the blank room for it.
    pub(crate) value: Range<usize>,
}

/// The front matter of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The lines between the fences; to the end where the second one is missing.
    pub(crate) front: Range<usize>,
    /// Every key and value, in order; what contains others comes before them.
    pub(crate) leaves: Vec<Leaf>,
}

/// Reads a text; `None` where it has no front matter. A blank line with `cursor` in it counts as one on
/// which a word will come.
pub(crate) fn read(text: &str, cursor: Option<usize>) -> Option<Outline> {
    let skip = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let is_fence = |line: &Line| {
        let words = text[line.text.start.max(skip.min(line.text.end))..line.text.end].strip_prefix("---");
        words.is_some_and(|rest| rest.trim().is_empty())
    };
    let first = lines(text, 0).next().filter(is_fence)?;
    let start = first.next;
    let mut end = lines(text, start).find(is_fence).map_or(text.len(), |line| line.text.start);
    if end - start > MAX_FRONT_MATTER {
        end = start + MAX_FRONT_MATTER;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
    }
    let mut reader = Reader { text, end, cursor, leaves: Vec::new(), stack: Vec::new(), under: None };
    let mut at = start;
    // The last line may be empty, with the cursor in it.
    while at < end || (at == end && cursor == Some(at)) {
        let line = lines(&text[..end], at).next().unwrap_or(Line { text: at..at, next: end + 1 });
        at = reader.line(line.text).max(line.next);
    }
    Some(Outline { front: start..end, leaves: reader.leaves })
}

impl Outline {
    /// The smallest leaf that has byte `at` in its key or value, or at one of their ends.
    pub(crate) fn leaf_at(&self, at: usize) -> Option<&Leaf> {
        let holds = |span: &Range<usize>| span.start <= at && at <= span.end;
        let size = |leaf: &Leaf| match &leaf.key {
            Some(key) if holds(key) => key.len(),
            _ => leaf.value.len(),
        };
        let found = self.leaves.iter().filter(|l| l.key.as_ref().is_some_and(holds) || holds(&l.value));
        // Of two of a size the later one is inside the other.
        found.rev().min_by_key(|leaf| size(leaf))
    }
}

impl Leaf {
    /// The names on the way, `-` for an item.
    pub(crate) fn names(&self) -> Vec<&str> {
        let name = |step| match step {
            &Step::Item(_) => "-",
            Step::Key(key) => key.as_str(),
        };
        self.path.iter().map(name).collect()
    }
}

struct Reader<'t> {
    text: &'t str,
    end: usize,
    cursor: Option<usize>,
    leaves: Vec<Leaf>,
    /// The steps that are open, each with its column.
    stack: Vec<(usize, Step)>,
    /// Lines further in than this column are text of a value that began before.
    under: Option<usize>,
}

impl Reader<'_> {
    /// Reads a line, and says from where to go on.
    fn line(&mut self, line: Range<usize>) -> usize {
        let words = &self.text[line.clone()];
        let indent = words.len() - words.trim_start_matches([' ', '\t']).len();
        let is_blank = words.trim().is_empty();
        let has_cursor = self.cursor.is_some_and(|at| line.start <= at && at <= line.end);
        if self.under.is_some_and(|column| indent > column || (is_blank && !has_cursor)) {
            return line.end;
        }
        self.under = None;
        if is_blank {
            if let Some(at) = self.cursor.filter(|_| has_cursor) {
                self.word(at - line.start, at..at);
            }
            return line.end;
        }
        let mut at = line.start + indent;
        while let Some(rest) =
            self.text[at..line.end].strip_prefix('-').filter(|r| r.is_empty() || r.starts_with(' '))
        {
            let column = at - line.start;
            self.close(|open, step| open > column || (open == column && matches!(step, Step::Item(_))));
            self.stack.push((column, Step::Item(at)));
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            if rest.trim().is_empty() {
                self.leaf(None, false, at + 1..line.end);
                return line.end;
            }
            at += 1 + blanks;
        }
        let words = &self.text[at..line.end];
        let column = at - line.start;
        if words.starts_with('#') {
            return line.end;
        }
        if words.starts_with(['[', '{']) && matches!(self.stack.last(), Some((_, Step::Item(_)))) {
            return self.brackets(None, at, column);
        }
        let Some((key, colon)) = flow::key(self.text, at..line.end) else {
            let value = flow::scalar(self.text, at..line.end);
            match self.stack.last() {
                Some((open, Step::Item(_))) if *open < column && self.text[line.start..at].contains('-') => {
                    self.leaf(None, false, value);
                    self.under = Some(column.saturating_sub(1));
                }
                _ => self.word(column, value),
            }
            return line.end;
        };
        self.close(|open, _| open >= column);
        self.stack.push((column, Step::Key(flow::plain(&self.text[key.clone()]))));
        self.value(key, colon, line, column)
    }

    /// What stands behind a key's colon.
    fn value(&mut self, key: Range<usize>, colon: usize, line: Range<usize>, column: usize) -> usize {
        let rest = &self.text[colon..line.end];
        let at = colon + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match self.text.as_bytes()[at..line.end].first() {
            None | Some(b'#') => self.leaf(Some(key), true, colon..at),
            Some(b'[' | b'{') => return self.brackets(Some(key), at, column),
            Some(first) => {
                let value = flow::scalar(self.text, at..line.end);
                let is_open = |quote: u8| *first == quote && flow::quoted(self.text, at, line.end).is_none();
                if matches!(first, b'|' | b'>') || is_open(b'"') || is_open(b'\'') {
                    self.under = Some(column);
                }
                self.leaf(Some(key), true, value);
            }
        }
        line.end
    }

    /// A list or map in brackets, which may go over several lines, and where it ends.
    fn brackets(&mut self, key: Option<Range<usize>>, at: usize, column: usize) -> usize {
        let line = lines(self.text, at).next().map_or(at, |line| line.text.end).min(self.end);
        // One that is not closed ends with its line, or it would take all that follows.
        let end = flow::closing(self.text, at, self.limit(at, column)).unwrap_or(line);
        let has_colon = key.is_some();
        self.leaf(key, has_colon, at..end);
        let path: Vec<Step> = self.stack.iter().map(|(_, step)| step.clone()).collect();
        flow::leaves(self.text, at..end, &path, &mut self.leaves);
        lines(&self.text[..self.end], end).next().map_or(end, |line| line.text.end)
    }

    /// Up to where a bracket may be closed: before the first line that is a key no further in.
    fn limit(&self, at: usize, column: usize) -> usize {
        let text = &self.text[..self.end];
        let own = lines(text, at).next().map_or(at, |line| line.next);
        let ends = |line: &Line| {
            let words = &text[line.text.clone()];
            let indent = words.len() - words.trim_start().len();
            let is_key = flow::key(text, line.text.start + indent..line.text.end).is_some();
            indent <= column && (is_key || words.trim_start().starts_with("- "))
        };
        if own >= text.len() {
            return text.len();
        }
        lines(text, own).find(ends).map_or(text.len(), |line| line.text.start)
    }

    /// A word that may become a key, at this column.
    fn word(&mut self, column: usize, span: Range<usize>) {
        self.close(|open, _| open >= column);
        let mut path: Vec<Step> = self.stack.iter().map(|(_, step)| step.clone()).collect();
        path.push(Step::Key(self.text[span.clone()].to_owned()));
        let value = span.end..span.end;
        self.leaves.push(Leaf { path, key: Some(span), has_colon: false, value });
    }

    fn close(&mut self, is_over: impl Fn(usize, &Step) -> bool) {
        while self.stack.last().is_some_and(|(column, step)| is_over(*column, step)) {
            self.stack.pop();
        }
    }

    fn leaf(&mut self, key: Option<Range<usize>>, has_colon: bool, value: Range<usize>) {
        let path = self.stack.iter().map(|(_, step)| step.clone()).collect();
        self.leaves.push(Leaf { path, key, has_colon, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every leaf as `path = value`, with a word that has no colon in round brackets.
    fn shown(text: &str) -> Vec<String> {
        let outline = read(text, None).expect("front matter");
        let leaf = |leaf: &Leaf| {
            let path = leaf.names().join("/");
            let is_word = leaf.key.is_some() && !leaf.has_colon;
            if is_word { format!("({path})") } else { format!("{path}={}", text[leaf.value.clone()].trim()) }
        };
        outline.leaves.iter().map(leaf).collect()
    }

    #[test]
    fn every_value_is_where_it_stands() {
        let text = "---\ngardener: 1 # x\nlabels: [a, 'b c']\nentries:\n  - id: one\n    links: [\"#1\", blocked-by: \"#2\"]\n    tests:\n      - a::b\n      -\n  - {id: two, issue: 7}\nnote: |\n  x: y\n---\nz: 1\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            assert_eq!(
                shown(&text),
                [
                    "gardener=1",
                    "labels=[a, 'b c']",
                    "labels/-=a",
                    "labels/-='b c'",
                    "entries=",
                    "entries/-/id=one",
                    "entries/-/links=[\"#1\", blocked-by: \"#2\"]",
                    "entries/-/links/-=\"#1\"",
                    "entries/-/links/-/blocked-by=\"#2\"",
                    "entries/-/tests=",
                    "entries/-/tests/-=a::b",
                    "entries/-/tests/-=",
                    "entries/-={id: two, issue: 7}",
                    "entries/-/id=two",
                    "entries/-/issue=7",
                    "note=|",
                ],
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_half_written_spoils_nothing_below() {
        let after = "    title: t\nrest: 1\n---\n";
        for (half, found) in [
            ("    sta\n", "(entries/-/sta)"),
            ("    status:\n", "entries/-/status="),
            ("    status: \"op\n", "entries/-/status=\"op"),
            ("    labels: [a, b\n", "entries/-/labels=[a, b"),
            ("    labels:\n      - a\n      b\n", "(entries/-/labels/b)"),
            ("    links: [{issue: 1\n", "entries/-/links/-/issue=1"),
            ("   : x\n", "entries/-/id=one"),
            ("\t\tx\n", "entries/-/id=one"),
            ("    - - -\n", "entries/-/id=one"),
            ("    ]]}\n", "entries/-/id=one"),
        ] {
            let text = format!("---\nentries:\n  - id: one\n{half}{after}");
            let leaves = shown(&text);
            assert!(leaves.contains(&found.to_owned()), "{half:?}: {leaves:?}");
            assert!(leaves.contains(&"rest=1".to_owned()), "{half:?}: {leaves:?}");
        }
    }

    #[test]
    fn lists_may_stand_below_their_key_and_brackets_go_over_lines() {
        let text = "---\nentries:\n- id: a\n  labels: [\n    x,\n    y # z\n  ]\n- id: b\nlast: 1\n";
        let expect = [
            "entries=",
            "entries/-/id=a",
            "entries/-/labels=[\n    x,\n    y # z\n  ]",
            "entries/-/labels/-=x",
            "entries/-/labels/-=y",
            "entries/-/id=b",
            "last=1",
        ];
        assert_eq!(shown(text), expect);
    }

    #[test]
    fn a_blank_line_is_a_place_where_the_cursor_is() {
        let text = "---\nentries:\n  - id: one\n    \n---\n";
        let at = text.find("    \n---").expect("there") + 4;
        let outline = read(text, Some(at)).expect("front matter");
        assert_eq!(outline.leaf_at(at).expect("a word").names(), ["entries", "-", ""]);
        assert_eq!(read(text, None).expect("front matter").leaves.len(), 2);
        let text = "---\n";
        assert_eq!(read(text, Some(4)).expect("front matter").leaves.len(), 1);
        assert_eq!(read("", Some(0)), None);
        assert_eq!(read("# no\n", None), None);
    }

    #[test]
    fn no_text_is_too_odd() {
        let odd = [
            "---",
            "---\n-",
            "---\n[",
            "---\n- [",
            "---\na: \"",
            "---\n'",
            "---\n{a",
            "---\n- - [{",
            "---\n\u{feff}é: [é",
        ];
        for text in odd {
            for at in 0..=text.len() {
                drop(read(text, Some(at)).map(|outline| outline.leaf_at(at).cloned()));
            }
        }
        let deep = format!("---\na: {}", "[".repeat(9_000));
        assert!(read(&deep, None).is_some());
    }
}
