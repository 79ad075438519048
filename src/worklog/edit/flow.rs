//! Putting an element into `[…]` or `{…}` and taking one out.
//!
//! A collection with one element a line stays so; otherwise elements follow each other on
//! the line. Comments between elements stay, those on a removed element's own line go.

use std::ops::Range;

use crate::worklog::edit::splice::Splice;
use crate::worklog::lines::{ending, line_end, line_start, next_line};
use crate::worklog::syntax::marks;
use crate::worklog::tree::before_on_line;

/// A flow collection: its bytes with the brackets, and those of each element.
pub(crate) struct Flow<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Range<usize>,
    pub(crate) elements: Vec<Range<usize>>,
}

impl Flow<'_> {
    /// Puts `element` behind the one at `index`, or alone into an empty collection.
    pub(crate) fn insert_after(&self, index: usize, element: &str) -> Vec<Splice> {
        let Some(before) = self.elements.get(index) else {
            let inner = self.inner();
            let blank = self.text[inner.clone()].trim_matches([' ', '\t']).is_empty();
            return match blank {
                true => vec![Splice::replace(inner, element)],
                false => vec![Splice::insert(inner.start, element)],
            };
        };
        let comma = self.comma_after(index);
        let own_line =
            self.has_own_line(index) && comma.is_none_or(|at| at < line_end(self.text, before.end));
        if !own_line {
            return vec![Splice::insert(before.end, format!(", {element}"))];
        }
        let indent = before_on_line(self.text, before.start);
        let (comma, separator) = if comma.is_some() { (",", None) } else { ("", Some(before.end)) };
        let line = format!("{indent}{element}{comma}{}", ending(self.text, before.end));
        let mut splices: Vec<Splice> = separator.map(|at| Splice::insert(at, ",")).into_iter().collect();
        splices.push(Splice::insert(next_line(self.text, before.end), line));
        splices
    }

    /// Takes the element at `index` out.
    pub(crate) fn remove(&self, index: usize) -> Vec<Splice> {
        let Some(element) = self.elements.get(index).cloned() else { return Vec::new() };
        let comma = self.comma_after(index);
        let before = index.checked_sub(1).map(|i| self.elements[i].end);
        let comma_before = index.checked_sub(1).and_then(|i| self.comma_after(i));
        let is_last = index + 1 == self.elements.len();
        let comma_is_near = comma.is_none_or(|at| at < line_end(self.text, element.end));
        if self.has_own_line(index) && comma_is_near {
            let lines = line_start(self.text, element.start)..next_line(self.text, element.end);
            // Without a comma of its own, the last element takes the one before it along.
            let dangling = comma_before.filter(|_| is_last && comma.is_none());
            let mut splices = vec![Splice::delete(lines)];
            splices.extend(dangling.map(|at| Splice::delete(at..at + 1)));
            return splices;
        }
        if let (Some(next), Some(comma)) = (self.elements.get(index + 1), comma) {
            let gap = &self.text[element.end..next.start];
            if !gap.contains(['#', '\n']) {
                return vec![Splice::delete(element.start..next.start)];
            }
            return vec![Splice::delete(self.with_blanks(element.start..comma + 1))];
        }
        match before {
            None if !self.has_comment(self.inner().start..element.start)
                && !self.has_comment(element.end..self.inner().end) =>
            {
                vec![Splice::delete(self.inner())]
            }
            Some(before) if !self.has_comment(before..element.start) => {
                vec![Splice::delete(before..element.end)]
            }
            _ => {
                let end = comma.map_or(element.end, |at| at + 1);
                let dangling = comma_before.filter(|_| comma.is_none());
                let mut splices = vec![Splice::delete(element.start..end)];
                splices.extend(dangling.map(|at| Splice::delete(at..at + 1)));
                splices
            }
        }
    }

    fn inner(&self) -> Range<usize> {
        self.span.start + 1..self.span.end - 1
    }

    fn has_comment(&self, gap: Range<usize>) -> bool {
        self.text[gap].contains('#')
    }

    fn comma_after(&self, index: usize) -> Option<usize> {
        let end = self.elements.get(index + 1).map_or(self.inner().end, |next| next.start);
        let comma =
            marks(self.text, self.elements[index].end..end).into_iter().find(|(mark, _)| *mark == b',');
        comma.map(|(_, at)| at)
    }

    /// Whether nothing else but a comma and a comment is on the lines of an element.
    fn has_own_line(&self, index: usize) -> bool {
        let element = &self.elements[index];
        let after = &self.text[element.end..line_end(self.text, element.end)];
        let after = after.trim_start_matches([' ', '\t']);
        let after = after.strip_prefix(',').unwrap_or(after).trim_start_matches([' ', '\t']);
        before_on_line(self.text, element.start).trim().is_empty()
            && (after.is_empty() || after.starts_with('#'))
    }

    /// A removed stretch in the middle of a line takes the blanks after it along, and at
    /// the end of a line those before it.
    fn with_blanks(&self, span: Range<usize>) -> Range<usize> {
        let rest = &self.text[span.end..];
        let end = span.end + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let line_ends = self.text[end..].starts_with(['\r', '\n']);
        let head = &self.text[..span.start];
        let start = if line_ends { head.trim_end_matches([' ', '\t']).len() } else { span.start };
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklog::edit::splice::apply;
    use crate::worklog::tree::{Kind, read};

    fn flow(text: &str) -> Flow<'_> {
        let tree = read(text).expect("valid");
        let Kind::List(list) = &tree.root.pairs[0].value.kind else { panic!("a list") };
        let elements = list.items.iter().map(|item| item.span.clone()).collect();
        Flow { text, span: list.span.clone(), elements }
    }

    fn check(text: &str, index: usize, inserted: &str, removed: &str) {
        for ending in ["\n", "\r\n"] {
            let with = |text: &str| text.replace('\n', ending);
            let text = with(text);
            let flow = flow(&text);
            assert_eq!(apply(&text, flow.insert_after(index, "x")), Some(with(inserted)), "insert {text:?}");
            assert_eq!(apply(&text, flow.remove(index)), Some(with(removed)), "remove {text:?}");
        }
    }

    #[test]
    fn elements_on_one_line() {
        check("k: []\n", 0, "k: [x]\n", "k: []\n");
        check("k: [ ] # c\n", 0, "k: [x] # c\n", "k: [ ] # c\n");
        check("k: [a]\n", 0, "k: [a, x]\n", "k: []\n");
        check("k: [ a ]\n", 0, "k: [ a, x ]\n", "k: []\n");
        check("k: [a, ]\n", 0, "k: [a, x, ]\n", "k: []\n");
        check("k: [a, b,c]\n", 0, "k: [a, x, b,c]\n", "k: [b,c]\n");
        check("k: [a, b,c]\n", 1, "k: [a, b, x,c]\n", "k: [a, c]\n");
        check("k: [a , 'b' , \"c\"] # d\n", 2, "k: [a , 'b' , \"c\", x] # d\n", "k: [a , 'b'] # d\n");
        check("k: [a, b, ]\n", 1, "k: [a, b, x, ]\n", "k: [a, ]\n");
    }

    #[test]
    fn elements_on_lines_of_their_own() {
        check(
            "k: [\n  a, # one\n  b # two\n]\n",
            1,
            "k: [\n  a, # one\n  b, # two\n  x\n]\n",
            "k: [\n  a # one\n]\n",
        );
        check("k: [\n  a,\n  b,\n  ]\n", 1, "k: [\n  a,\n  b,\n  x,\n  ]\n", "k: [\n  a,\n  ]\n");
        check("k: [\n  a, # one\n  b\n]\n", 0, "k: [\n  a, # one\n  x,\n  b\n]\n", "k: [\n  b\n]\n");
        check("k: [\n  # c\n  a\n]\n", 0, "k: [\n  # c\n  a,\n  x\n]\n", "k: [\n  # c\n]\n");
    }

    #[test]
    fn elements_here_and_there() {
        check("k: [a, b,\n  c]\n", 2, "k: [a, b,\n  c, x]\n", "k: [a, b]\n");
        check("k: [a, b,\n  c]\n", 1, "k: [a, b, x,\n  c]\n", "k: [a,\n  c]\n");
        check("k: [a, # c\n  b]\n", 1, "k: [a, # c\n  b, x]\n", "k: [a # c\n  ]\n");
        check("k: [ # c\n  a ]\n", 0, "k: [ # c\n  a, x ]\n", "k: [ # c\n   ]\n");
        check("k: [\n  # c\n]\n", 0, "k: [x\n  # c\n]\n", "k: [\n  # c\n]\n");
    }
}
