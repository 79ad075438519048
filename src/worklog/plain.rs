//! Front matter that is written plainly, read in one pass.
//!
//! Nearly every worklog is made of `key: value` lines, lists and words in which no two readers of YAML
//! can differ. For those the tree is made here, byte for byte the one that `tree` comes to with its two
//! parsers, in a hundredth of their time. It only ever answers "this tree" or "not for me": a comment, a
//! blank line, an escape, a number with a dot, a tab and whatever else is unusual is left to the two
//! parsers, and so is everything that is wrong. That both come to the same is a law
//! (`tests/it/worklog_laws.rs`), and one of the properties that are fuzzed.

use std::ops::Range;

use serde_yaml::{Mapping, Value};

use crate::worklog::tree::{Kind, List, Map, Node, Pair, Style, Tree};

/// The deepest indentation that is read here: an entry's candidates have six.
const MAX_INDENT: usize = 12;

/// The tree of `front`, if it is plain.
pub(crate) fn read(front: &str) -> Option<Tree> {
    // Where only the first line is indented the strict parser sees two documents.
    if !front.ends_with('\n') || front.starts_with(' ') || front.contains(|c: char| !is_plain_char(c)) {
        return None;
    }
    let mut reader = Reader { text: front, at: 0 };
    let (root, value) = reader.map(0)?;
    (reader.at == front.len()).then(|| Tree { root, value: Value::Mapping(value), comments: Vec::new() })
}

/// Characters that no reader takes for a line end, a mark of its own or something that can't be printed.
fn is_plain_char(c: char) -> bool {
    matches!(
        c,
        '\n' | ' '..='~'
            | '\u{a1}'..='\u{167f}'
            | '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{205e}'
            | '\u{3001}'..='\u{d7ff}'
    )
}

struct Reader<'a> {
    text: &'a str,
    /// The byte at which the next thing begins.
    at: usize,
}

impl<'a> Reader<'a> {
    /// How far the line at `at` is indented, and the byte of its first word. A blank line is none.
    fn line(&self) -> Option<(usize, usize)> {
        let rest = &self.text.as_bytes()[self.at..];
        let indent = rest.iter().position(|b| *b != b' ')?;
        (rest[indent] != b'\n').then_some((indent, self.at + indent))
    }

    /// The rest of the line from `from`, without its end.
    fn rest(&self, from: usize) -> Option<&'a str> {
        let end = self.text.as_bytes()[from..].iter().position(|b| *b == b'\n')?;
        Some(&self.text[from..from + end])
    }

    /// A map whose keys are at `indent`; the first of them at `at`, behind whatever opened it.
    fn map(&mut self, indent: usize) -> Option<(Map, Mapping)> {
        let (mut pairs, mut values) = (Vec::new(), Mapping::new());
        let mut start = self.line()?.1;
        let began = start;
        loop {
            let rest = self.rest(start)?;
            let length = key_length(rest)?;
            let key = &rest[..length];
            let after = rest[length..].strip_prefix(':')?;
            let colon = start + length + 1;
            let (node, value) = match after.strip_prefix(' ') {
                Some(written) => {
                    let place = colon + 1;
                    self.at = place + written.len() + 1;
                    scalar_or_flow(written, place)?
                }
                None if after.is_empty() => {
                    self.at = colon + 1;
                    self.below(indent)?
                }
                None => return None,
            };
            if values.insert(Value::String(key.to_owned()), value).is_some() {
                return None;
            }
            let key_span = start..start + length;
            pairs.push(Pair { key: key.to_owned(), key_span, colon: Some(colon), value: node });
            match self.next_at(indent)? {
                Some(next) if !self.text[next..].starts_with("- ") => start = next,
                _ => break,
            }
        }
        Some((Map { span: began..self.at, flow: false, pairs }, values))
    }

    /// The value under a key at `indent` that has nothing behind its colon.
    fn below(&mut self, indent: usize) -> Option<(Node, Value)> {
        let (deeper, start) = if self.at < self.text.len() { self.line()? } else { return None };
        if self.text[start..].starts_with("- ") && deeper >= indent {
            return self.list(deeper);
        }
        if deeper <= indent || deeper > MAX_INDENT {
            return None;
        }
        let (map, values) = self.map(deeper)?;
        Some((Node { span: map.span.clone(), kind: Kind::Map(map) }, Value::Mapping(values)))
    }

    /// A list whose dashes are at `indent`.
    fn list(&mut self, indent: usize) -> Option<(Node, Value)> {
        if indent > MAX_INDENT {
            return None;
        }
        let (mut items, mut values, mut dashes) = (Vec::new(), Vec::new(), Vec::new());
        let began = self.line()?.1;
        let mut start = began;
        loop {
            let rest = self.rest(start)?.strip_prefix("- ")?;
            dashes.push(start);
            let place = start + 2;
            let is_map = key_length(rest)
                .is_some_and(|length| matches!(rest.as_bytes()[length..], [b':'] | [b':', b' ', ..]));
            let (node, value) = if is_map {
                self.at = place;
                let (map, values) = self.map(indent + 2)?;
                (Node { span: map.span.clone(), kind: Kind::Map(map) }, Value::Mapping(values))
            } else {
                self.at = place + rest.len() + 1;
                scalar_or_flow(rest, place)?
            };
            items.push(node);
            values.push(value);
            match self.next_at(indent)? {
                Some(next) if self.text[next..].starts_with("- ") => start = next,
                _ => break,
            }
        }
        let span = began..self.at;
        let list = List { span: span.clone(), flow: false, items, dashes };
        Some((Node { span, kind: Kind::List(list) }, Value::Sequence(values)))
    }

    /// Where the next line begins, if it is at this indentation; `None` outside where it is deeper, which
    /// would go on with a value.
    #[expect(clippy::option_option, reason = "not for me, the end, or a place")]
    fn next_at(&self, indent: usize) -> Option<Option<usize>> {
        if self.at == self.text.len() {
            return Some(None);
        }
        let (found, start) = self.line()?;
        match found.cmp(&indent) {
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Equal => Some(Some(start)),
            std::cmp::Ordering::Less => Some(None),
        }
    }
}

/// The length of the key that `rest` begins with: lower case words that mean nothing else.
fn key_length(rest: &str) -> Option<usize> {
    let is_in = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let length = rest.bytes().take_while(|b| is_in(b)).count();
    let key = &rest[..length];
    (key.starts_with(|c: char| c.is_ascii_lowercase()) && !means_something(key)).then_some(length)
}

fn scalar_or_flow(written: &str, place: usize) -> Option<(Node, Value)> {
    if written.starts_with('[') { flow(written, place) } else { scalar(written, place) }
}

fn node(place: usize, length: usize, style: Style, value: Value) -> (Node, Value) {
    (Node { span: place..place + length, kind: Kind::Scalar(style, value.clone()) }, value)
}

/// A scalar that ends with its line.
fn scalar(written: &str, place: usize) -> Option<(Node, Value)> {
    let bytes = written.as_bytes();
    let quoted = |mark: u8, style: Style| {
        let inner = written.get(1..written.len().checked_sub(1)?)?;
        let is_whole = bytes.last() == Some(&mark) && !inner.bytes().any(|b| b == mark || b == b'\\');
        is_whole.then(|| node(place, written.len(), style, Value::String(inner.to_owned())))
    };
    match *bytes.first()? {
        b'"' => return quoted(b'"', Style::Double),
        b'\'' => return quoted(b'\'', Style::Single),
        _ => {}
    }
    let value = plain(written)?;
    Some(node(place, written.len(), Style::Plain, value))
}

/// A word, several of them, or a count, without any quotes.
fn plain(written: &str) -> Option<Value> {
    let bytes = written.as_bytes();
    let first = *bytes.first()?;
    if first.is_ascii_digit() {
        let is_count = bytes.iter().all(u8::is_ascii_digit) && bytes.len() <= 18;
        let is_plain = is_count && (first != b'0' || bytes.len() == 1);
        return is_plain.then(|| written.parse::<u64>().ok().map(Value::from)).flatten();
    }
    let begins = first.is_ascii_alphabetic() || first == b'/' || first >= 0x80;
    let ends = !matches!(bytes.last(), Some(b' ' | b':'));
    let splits = bytes.windows(2).any(|pair| pair == b": " || pair == b" #");
    // Brackets and commas are words here and marks in a list on one line.
    let marks = bytes.iter().any(|b| b"[]{},&*!|>%@`\"#".contains(b));
    (begins && ends && !splits && !marks && !means_something(written))
        .then(|| Value::String(written.to_owned()))
}

/// Words that are truth, nothing or a number to some reader.
fn means_something(word: &str) -> bool {
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    word.len() <= 5 && WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// `[words, of, one, line]`.
fn flow(written: &str, place: usize) -> Option<(Node, Value)> {
    let inner = written.strip_prefix('[')?.strip_suffix(']')?;
    let (mut items, mut values) = (Vec::new(), Vec::new());
    let mut at = place + 1;
    for word in inner.split(", ").filter(|_| !inner.is_empty()) {
        let is_in = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
        let bare = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(word);
        let fits =
            !bare.is_empty() && bare.bytes().all(|b| is_in(b) || (bare.len() < word.len() && b == b'#'));
        let (node, value) = scalar(word, at).filter(|_| fits)?;
        at += word.len() + 2;
        items.push(node);
        values.push(value);
    }
    let span: Range<usize> = place..place + written.len();
    let list = List { span: span.clone(), flow: true, items, dashes: Vec::new() };
    Some((Node { span, kind: Kind::List(list) }, Value::Sequence(values)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::worklog::tree::read_twice;

    /// Whether it is read here; if so it is what the two parsers read.
    fn is_read(front: &str) -> bool {
        let Some(tree) = read(front) else { return false };
        assert_eq!(Ok(tree), read_twice(front), "{front:?}");
        true
    }

    #[test]
    fn what_gardener_writes_is_read_here() {
        let front = "gardener: 1\nid: run-1\ntitle: Critical tests\nstarted: \"2025-09-14T11:59:30Z\"\nruns:\n  \
            - command: python3 tests/a.py\n    outcome: failed\n    passed: 39\n    failed: 0\nlabels: [a, b-c]\n\
            entries:\n  - id: one\n    title: It's — one\n    labels: []\n    links: [\"#1060\", docs/e.md]\n    \
            tests:\n      - tests/a.py::Test::test_b\n  - id: two\n    title: 'Two: # x'\n    candidates:\n      \
            - issue: 1\n        reason: the same\n    severity: P1\n";
        assert!(is_read(front));
        assert!(is_read(&front.replace("\n  - ", "\n- ").replace("\n    ", "\n  ")));
        assert!(is_read("a: b\n") && is_read("a:\n- b\nc: d\n") && is_read("a:\n  b: c\n"));
    }

    #[test]
    fn what_is_unusual_is_left_to_the_others() {
        for front in [
            "",
            "a",
            "a:\n",
            "a: b",
            "a: b\r\n",
            "a: b # c\n",
            "# c\na: b\n",
            "a: b\n\n",
            "a: 1.5\n",
            "a: 007\n",
            "a: 0x1\n",
            "a: true\n",
            "a: No\n",
            "a: ~\n",
            "a: &x b\n",
            "a: *x\n",
            "a: !t b\n",
            "a: |\n  b\n",
            "a: b\n  c\n",
            "a: \"b\\n\"\n",
            "a: 'b''c'\n",
            "a: b: c\n",
            "a: b:\n",
            "a: [b,c]\n",
            "a: [b, [c]]\n",
            "a: {b: c}\n",
            "a: b\na: c\n",
            "null: b\n",
            "a:  b\n",
            "a: b \n",
            "a:\tb\n",
            "a: \u{85}b\n",
            "a: b\u{2028}c\n",
            "- a\n",
            "a:\n  - - b\n",
            "a:\n  -\n",
            "a:\n  - b\n   - c\n",
            "a:\n b: c\n  d: e\n",
            "? a\n",
            "a: 2025-09-14\n",
            "a: -1\n",
            "a: .inf\n",
            "---\na: b\n",
            "a: b\n...\n",
            "%YAML 1.2\n",
            " a: b\n",
            "  a: b\n  c: d\n",
            "a: \"b\" c\n",
            "a: [b, ]\n",
            "a: [1.5]\n",
        ] {
            assert!(!is_read(front), "{front:?}");
        }
    }

    /// Enough to have found what was wrong here at first: front matter that begins indented.
    const CASES: u32 = 8000;

    /// Pieces that lines are made of, the usual ones and those that would change what a line means.
    const PIECES: [&str; 48] = [
        "a",
        "id",
        "title",
        "entries",
        ": ",
        ":",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "\n- ",
        "\n  - ",
        "\n    - ",
        "- ",
        " ",
        "word",
        "Two words",
        "P1",
        "12",
        "0",
        "07",
        "1e3",
        "0x1f",
        "true",
        "No",
        "null",
        "~",
        "\"q\"",
        "'s'",
        "\"",
        "'",
        "[a, b]",
        "[",
        "]",
        ", ",
        ",",
        "#",
        " # c",
        "é",
        "—",
        "/x.y",
        "a::b",
        "a:b",
        "&x",
        "*x",
        "|",
        "\t",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_what_the_two_parsers_read(pieces in prop::collection::vec(0..PIECES.len(), 1..14)) {
            let text: String = pieces.into_iter().map(|at| PIECES[at]).collect();
            is_read(&format!("{text}\n"));
        }

        #[test]
        fn a_plain_text_with_something_put_in_is_what_the_two_parsers_read(
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len(), 0..3_usize), 1..4),
        ) {
            let mut text = "gardener: 1\nid: w\nlabels: [x]\nruns:\n  - command: c d\n    passed: 3\nentries:\n  - id: one\n    \
                title: One two\n    issue: 12\n    tests:\n      - a/b.py::T::t\n      - c\n    labels: [a, b]\n  - id: two\n    \
                title: \"Two\"\n".to_owned();
            for (at, piece, removed) in changes {
                let at = at.index(text.len());
                let end = (at + removed).min(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(end) {
                    text.replace_range(at..end, PIECES[piece]);
                }
            }
            is_read(&text);
        }
    }
}
