//! Pieces of one line of front matter: a key, a quoted or plain value, lists and maps in brackets.
//!
//! As tolerant as `outline`, which goes by lines; here it goes by characters. What a value means is not
//! known here.

use std::ops::Range;

use crate::editor::outline::{Leaf, Step};

/// The deepest nesting of brackets that is looked into.
const MAX_DEPTH: usize = 8;

/// The key that starts at `span`, and the byte after its colon.
pub(crate) fn key(text: &str, span: Range<usize>) -> Option<(Range<usize>, usize)> {
    let end = match text.as_bytes().get(span.start).filter(|_| !span.is_empty())? {
        b'"' | b'\'' => quoted(text, span.start, span.end)?,
        b'[' | b'{' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`' | b']' | b'}' | b',' => {
            return None;
        }
        _ => {
            let words = &text[span.clone()];
            let is_colon = |(at, _): &(usize, &str)| {
                let after = words[at + 1..].chars().next();
                after.is_none_or(|c| c == ' ' || c == '\t' || c == '\r')
            };
            let (colon, _) = words.match_indices(':').find(is_colon)?;
            // What is a comment by then is no key.
            if words[..colon].contains(" #") {
                return None;
            }
            span.start + words[..colon].trim_end().len()
        }
    };
    let rest = &text[end..span.end];
    let colon = end + rest.len() - rest.trim_start().len();
    let is_key = text[colon..span.end].starts_with(':') && end > span.start;
    is_key.then_some((span.start..end, colon + 1))
}

/// A value of one line: in quotes, or up to a comment.
pub(crate) fn scalar(text: &str, span: Range<usize>) -> Range<usize> {
    if let Some(end) = quoted(text, span.start, span.end) {
        return span.start..end;
    }
    let words = &text[span.clone()];
    let end = words.find(" #").unwrap_or(words.len());
    span.start..span.start + words[..end].trim_end().len()
}

/// Where the quoted text that starts at `at` ends, behind its quote; `None` if it is not closed before
/// `end`, or is not quoted.
pub(crate) fn quoted(text: &str, at: usize, end: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..end];
    let quote = *bytes.get(at).filter(|b| matches!(b, b'"' | b'\''))?;
    let mut at = at + 1;
    while at < end {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// A value without its quotes.
pub(crate) fn plain(written: &str) -> String {
    let inside = |quote: char| {
        let rest = written.strip_prefix(quote)?;
        Some(rest.strip_suffix(quote).unwrap_or(rest))
    };
    match (inside('"'), inside('\'')) {
        (Some(inner), _) => serde_json::from_str(written).unwrap_or_else(|_| inner.to_owned()),
        (_, Some(inner)) => inner.replace("''", "'"),
        (None, None) => written.to_owned(),
    }
}

/// Where the bracket at `at` is closed, before `end`; the byte behind.
pub(crate) fn closing(text: &str, at: usize, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut open) = (at, 0_usize);
    while at < end {
        match bytes[at] {
            b'[' | b'{' => open += 1,
            b']' | b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at + 1);
                }
            }
            b'"' | b'\'' => {
                // In the middle of a plain word an apostrophe is none.
                if matches!(bytes[at - 1], b' ' | b'[' | b'{' | b',' | b':' | b'\n') {
                    at = quoted(text, at, end)?;
                    continue;
                }
            }
            b'#' if bytes[at - 1] == b' ' => {
                at = text[at..end].find('\n').map_or(end, |offset| at + offset);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Adds what is in the brackets at `span`, which may not be closed, below `path`.
pub(crate) fn leaves(text: &str, span: Range<usize>, path: &[Step], found: &mut Vec<Leaf>) {
    Flow { text, end: span.end, found }.collection(span.start, path, 0);
}

struct Flow<'a> {
    text: &'a str,
    end: usize,
    found: &'a mut Vec<Leaf>,
}

impl Flow<'_> {
    /// The collection that opens at `at`, and the byte behind it.
    fn collection(&mut self, at: usize, path: &[Step], depth: usize) -> usize {
        let is_map = self.text.as_bytes()[at] == b'{';
        let mut at = at + 1;
        if depth >= MAX_DEPTH {
            return closing(self.text, at - 1, self.end).unwrap_or(self.end);
        }
        loop {
            let room = at;
            at = self.blank(at);
            let next = self.text.as_bytes().get(at).copied().filter(|_| at < self.end);
            match next {
                Some(b']' | b'}' | b',') | None => {
                    // The room for an item that may come.
                    self.item(is_map, path, room..at);
                    if next != Some(b',') {
                        return (at + 1).min(self.end);
                    }
                    at += 1;
                    continue;
                }
                Some(_) => at = self.element(at, is_map, path, depth),
            }
            at = self.blank(at);
            match self.text.as_bytes().get(at).filter(|_| at < self.end) {
                None => return self.end,
                Some(b']' | b'}') => return at + 1,
                Some(b',') => at += 1,
                // Something that does not belong there: go on behind it.
                Some(_) => at = self.stop(at + self.text[at..].chars().next().map_or(1, char::len_utf8)),
            }
        }
    }

    /// One item or pair, and the byte behind it.
    fn element(&mut self, at: usize, is_map: bool, path: &[Step], depth: usize) -> usize {
        let below = |step: Step| [path, &[step]].concat();
        if !is_map && self.text[at..].starts_with(['[', '{']) {
            let path = below(Step::Item(at));
            let index = self.found.len();
            self.found.push(Leaf { path: path.clone(), key: None, has_colon: false, value: at..at });
            let end = self.collection(at, &path, depth + 1);
            self.found[index].value = at..end;
            return end;
        }
        let word = self.word(at);
        let after = self.blank(word.end);
        let has_colon = self.text[after..self.end].starts_with(':');
        if !has_colon {
            if is_map {
                self.item(true, path, word.clone());
            } else {
                let path = below(Step::Item(at));
                self.found.push(Leaf { path, key: None, has_colon: false, value: word.clone() });
            }
            return word.end;
        }
        let mut path = if is_map { path.to_vec() } else { below(Step::Item(at)) };
        path.push(Step::Key(plain(&self.text[word.clone()])));
        let value = self.blank(after + 1);
        let index = self.found.len();
        let leaf = Leaf { path: path.clone(), key: Some(word), has_colon: true, value: after + 1..value };
        self.found.push(leaf);
        match self.text.as_bytes().get(value).filter(|_| value < self.end) {
            Some(b'[' | b'{') => {
                let end = self.collection(value, &path, depth + 1);
                self.found[index].value = value..end;
                end
            }
            None | Some(b',' | b']' | b'}') => value,
            Some(_) => {
                let word = self.word(value);
                self.found[index].value = word.clone();
                word.end
            }
        }
    }

    /// An item without a value, or a key without a colon.
    fn item(&mut self, is_map: bool, path: &[Step], span: Range<usize>) {
        let step = if is_map {
            Step::Key(self.text[span.clone()].trim().to_owned())
        } else {
            Step::Item(span.start)
        };
        let (key, value) = if is_map { (Some(span.clone()), span.end..span.end) } else { (None, span) };
        self.found.push(Leaf { path: [path, &[step]].concat(), key, has_colon: false, value });
    }

    /// A quoted or plain word between brackets.
    fn word(&self, at: usize) -> Range<usize> {
        let line = self.text[at..self.end].find(['\n', '\r']).map_or(self.end, |offset| at + offset);
        if let Some(end) = quoted(self.text, at, line) {
            return at..end;
        }
        at..at + self.text[at..self.stop(at)].trim_end().len()
    }

    /// Where a plain word ends: at what is between brackets, a colon that ends a key, or its line.
    fn stop(&self, at: usize) -> usize {
        let words = &self.text[at..self.end];
        let ends = |(offset, c): &(usize, char)| match c {
            ',' | '[' | ']' | '{' | '}' | '\n' | '\r' => true,
            ':' => words[offset + 1..].chars().next().is_none_or(|c| " \t\r\n,]}".contains(c)),
            '#' => words[..*offset].ends_with(' '),
            _ => false,
        };
        words.char_indices().find(ends).map_or(self.end, |(offset, _)| at + offset)
    }

    /// Behind blanks, line endings and comments.
    fn blank(&self, at: usize) -> usize {
        let mut at = at;
        loop {
            let words = &self.text[at..self.end];
            at += words.len() - words.trim_start_matches([' ', '\t', '\r', '\n']).len();
            let is_comment =
                self.text[at..self.end].starts_with('#') && self.text[..at].ends_with([' ', '\n', '\t']);
            if !is_comment {
                return at;
            }
            at = self.text[at..self.end].find('\n').map_or(self.end, |offset| at + offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        leaves(text, 0..text.len(), &[], &mut found);
        let leaf = |leaf: &Leaf| {
            let key = leaf.key.as_ref().map_or("-", |key| &text[key.clone()]);
            format!("{}{key}={}", "  ".repeat(leaf.path.len() - 1), &text[leaf.value.clone()])
        };
        found.iter().map(leaf).collect()
    }

    #[test]
    fn what_is_between_brackets_is_found() {
        assert_eq!(shown("[a, \"b, c\", don't]"), ["-=a", "-=\"b, c\"", "-=don't"]);
        assert_eq!(shown("{a: 1, 'b': [x], c}"), ["a=1", "'b'=[x]", "  -=x", "c="]);
        assert_eq!(
            shown("[blocked-by: \"#1\", https://a.b/c:d]"),
            ["  blocked-by=\"#1\"", "-=https://a.b/c:d"]
        );
        assert_eq!(shown("[]"), ["-="]);
        assert_eq!(shown("[a, ]"), ["-=a", "-= "]);
        assert_eq!(shown("[a, b"), ["-=a", "-=b"]);
        assert_eq!(shown("{a: "), ["a= "]);
        assert_eq!(shown("[a ] b"), ["-=a"]);
    }

    #[test]
    fn what_does_not_belong_there_is_passed_over() {
        assert_eq!(shown("[\"a\"é🌱, b]"), ["-=\"a\"", "-=", "-=b"]);
        assert!(shown("[[a]é, {b: 'c'é}]").contains(&"  b='c'".to_owned()));
    }

    #[test]
    fn brackets_in_words_and_quotes_close_nothing() {
        assert_eq!(closing("[\"]\", 'it''s]', don't] x", 0, 24), Some(22));
        assert_eq!(closing("[a # ]\n]", 0, 8), Some(8));
        assert_eq!(closing("[a", 0, 2), None);
    }

    #[test]
    fn keys_and_values_of_a_line() {
        let found = |text: &str| key(text, 0..text.len()).map(|(key, colon)| (text[key].to_owned(), colon));
        assert_eq!(found("id: a"), Some(("id".to_owned(), 3)));
        assert_eq!(found("'id' : a"), Some(("'id'".to_owned(), 6)));
        assert_eq!(found("a::b"), None);
        assert_eq!(found("https://a"), None);
        assert_eq!(found("x # y: z"), None);
        assert_eq!(found(": x"), None);
        let value = |text: &str| text[scalar(text, 0..text.len())].to_owned();
        assert_eq!([value("a b # c"), value("'a # b' # c"), value("#x")], ["a b", "'a # b'", "#x"]);
        assert_eq!(
            [plain("\"a\\n\""), plain("'it''s'"), plain("x"), plain("\"x")],
            ["a\n", "it's", "x", "x"]
        );
    }
}
