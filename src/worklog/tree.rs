//! Front matter as a tree that knows both what every value is and where it stands.
//!
//! Two parsers read the text. The strict one decides what it means and refuses what is
//! not YAML; the lossless one, which is tolerant, says where each value is. A tree exists
//! only where the two agree on the shape, so that a place found here is never a guess.
//! Anchors, aliases, tags and complex keys are refused: an edit of one value could change
//! another. What the values mean to gardener is none of this module's business.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use serde_yaml::Value;

use crate::worklog::diagnostic::{Diagnostic, quoted};
use crate::worklog::lines::{line_end, line_start};
use crate::worklog::{plain, syntax};

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 16;

/// A piece of front matter, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub(crate) root: Map,
    /// The same as plain values.
    pub(crate) value: Value,
    /// Every comment with its place, from `#` to the end of its line.
    pub(crate) comments: Vec<(usize, String)>,
}

/// One value and its bytes: exact for scalars and flow collections; for a block collection
/// from its first key or dash, and for a block scalar with its last line ending.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Scalar(Style, Value),
    Map(Map),
    List(List),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Not at all, which is null.
    Empty,
    Plain,
    Single,
    Double,
    /// `|` or `>`.
    Block,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Map {
    pub(crate) span: Range<usize>,
    pub(crate) flow: bool,
    pub(crate) pairs: Vec<Pair>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    /// The byte after the colon. Only `{key}` has none.
    pub(crate) colon: Option<usize>,
    pub(crate) value: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List {
    pub(crate) span: Range<usize>,
    pub(crate) flow: bool,
    pub(crate) items: Vec<Node>,
    /// The dash of each item of a block list.
    pub(crate) dashes: Vec<usize>,
}

impl Map {
    /// The pair of this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.key == key)
    }
}

impl Pair {
    /// From the key to the end of the value.
    pub(crate) fn span(&self) -> Range<usize> {
        let end = self.colon.unwrap_or(self.key_span.end);
        let end = if self.value.is_empty() { end } else { self.value.span.end };
        self.key_span.start..end
    }
}

impl Node {
    /// Whether nothing is written there at all.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.kind, Kind::Scalar(Style::Empty, _))
    }

    /// Whether it is null, written or not: an absent value.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Scalar(_, Value::Null))
    }
}

/// Reads front matter. All places are bytes of `front`.
///
/// # Errors
/// Everything that is wrong with it, at least one diagnostic.
pub(crate) fn read(front: &str) -> Result<Tree, Vec<Diagnostic>> {
    match plain::read(front) {
        Some(tree) => {
            debug_assert_eq!(read_twice(front).as_ref(), Ok(&tree), "{front}");
            Ok(tree)
        }
        None => read_twice(front),
    }
}

/// The same by the two parsers, whatever the front matter looks like.
///
/// # Errors
/// As above.
pub(crate) fn read_twice(front: &str) -> Result<Tree, Vec<Diagnostic>> {
    syntax::refuse_deep(front, MAX_DEPTH).map_err(|d| vec![d])?;
    let document = yaml_edit::Document::from_str(front);
    let mut builder = Builder { text: front, found: Vec::new() };
    let mapping = document.as_ref().ok().and_then(yaml_edit::Document::as_mapping);
    let root = mapping.as_ref().map(|mapping| builder.map(mapping, 0));
    let mut refused = builder.found.clone();
    refused.retain(|d| d.code != syntax::UNCLEAR);
    let value = serde_yaml::from_str::<Value>(front);
    // The lossless parser goes on after a mistake and then sees keys where there are none.
    if value.as_ref().is_err_and(|error| !error.to_string().contains("duplicate entry")) {
        refused.retain(|d| d.code != "duplicate-key");
    }
    let value = match value {
        // What the lossless parser knows by name explains more than a syntax error.
        _ if !refused.is_empty() => return Err(refused),
        Err(error) => return Err(vec![syntax::explain(front, &error)]),
        Ok(value) => value,
    };
    let Ok(document) = document else { return Err(vec![syntax::unclear(front, 0)]) };
    let Some(mut root) = root else {
        let all = 0..front.len();
        let help = "write `key: value` lines";
        return Err(vec![Diagnostic::error("wrong-type", all, "front matter is not a mapping", help)]);
    };
    builder.gap(0..root.span.start, "");
    builder.gap(root.span.end..front.len(), "");
    builder.agree_map(&mut root, &value);
    if !builder.found.is_empty() {
        return Err(builder.found);
    }
    let place = |c: &yaml_edit::Comment| (c.byte_range().start as usize, c.text().to_owned());
    let comments = document.comments().map(|c| place(&c)).collect();
    Ok(Tree { root, value, comments })
}

struct Builder<'a> {
    text: &'a str,
    found: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn node(&mut self, node: &yaml_edit::YamlNode, depth: usize) -> Node {
        let span = node.byte_range();
        let span = span.start as usize..span.end as usize;
        let kind = if let Some(mapping) = node.as_mapping() {
            Kind::Map(self.map(mapping, depth + 1))
        } else if let Some(sequence) = node.as_sequence() {
            Kind::List(self.list(sequence, depth + 1))
        } else {
            let style = match self.text.as_bytes().get(span.start) {
                _ if span.is_empty() => Style::Empty,
                Some(b'"') => Style::Double,
                Some(b'\'') => Style::Single,
                Some(b'|' | b'>') => Style::Block,
                _ => Style::Plain,
            };
            if !node.is_scalar() {
                self.found.push(syntax::anchor(self.text, span.start));
            }
            Kind::Scalar(style, Value::Null)
        };
        Node { span, kind }
    }

    fn map(&mut self, mapping: &yaml_edit::Mapping, depth: usize) -> Map {
        let span = mapping.byte_range();
        let span = span.start as usize..span.end as usize;
        let flow = self.text[span.clone()].starts_with('{');
        let mut map = Map { span: span.clone(), flow, pairs: Vec::new() };
        if self.too_deep(&span, depth) {
            return map;
        }
        let mut at = span.start;
        let mut first: BTreeMap<String, Range<usize>> = BTreeMap::new();
        for entry in mapping.entries() {
            let (Some(key), Some(value)) = (entry.key_node(), entry.value_node()) else {
                self.unclear(at);
                continue;
            };
            let Some(name) = key.as_scalar().map(|scalar| scalar.as_string()) else {
                self.found.push(syntax::complex_key(self.text, key.byte_range().start as usize));
                continue;
            };
            let key_span = key.byte_range().start as usize..key.byte_range().end as usize;
            self.gap(at..key_span.start, if flow { "{," } else { "" });
            let value = self.node(&value, depth);
            let colon = self.gap(key_span.end..value.span.start, ":").first().map(|(_, colon)| colon + 1);
            at = value.span.end;
            if let Some(twin) = first.insert(name.clone(), key_span.clone()) {
                let message = format!("the key {} is there twice", quoted(&name));
                let help = "keep one of the two lines";
                self.found.push(
                    Diagnostic::error("duplicate-key", key_span.clone(), message, help)
                        .and(twin, "first here"),
                );
            }
            map.pairs.push(Pair { key: name, key_span, colon, value });
        }
        self.gap(at..span.end, if flow { "{,}" } else { "" });
        map
    }

    fn list(&mut self, sequence: &yaml_edit::Sequence, depth: usize) -> List {
        let span = sequence.byte_range();
        let span = span.start as usize..span.end as usize;
        let flow = self.text[span.clone()].starts_with('[');
        let mut list = List { span: span.clone(), flow, items: Vec::new(), dashes: Vec::new() };
        if self.too_deep(&span, depth) {
            return list;
        }
        let mut at = span.start;
        for item in sequence.values() {
            let item = self.node(&item, depth);
            let marks = self.gap(at..item.span.start, if flow { "[," } else { "-" });
            if !flow {
                list.dashes.extend(marks.first().map(|(_, dash)| *dash));
            }
            at = item.span.end;
            list.items.push(item);
        }
        self.gap(at..span.end, if flow { "[,]" } else { "" });
        if !flow && list.dashes.len() != list.items.len() {
            self.unclear(span.start);
        }
        list
    }

    fn too_deep(&mut self, span: &Range<usize>, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            self.found.push(syntax::too_deep(self.text, span.start));
        }
        depth > MAX_DEPTH
    }

    fn unclear(&mut self, at: usize) {
        self.found.push(syntax::unclear(self.text, at));
    }

    /// The marks between two values. Nothing but blanks, comments and `allowed` may stand
    /// there, or a value would have something to it that the tree does not show.
    fn gap(&mut self, span: Range<usize>, allowed: &str) -> Vec<(u8, usize)> {
        if span.start > span.end || !self.text.is_char_boundary(span.start) {
            self.unclear(span.start);
            return Vec::new();
        }
        let marks = syntax::marks(self.text, span);
        if let Some((mark, at)) = marks.iter().find(|(mark, _)| !allowed.as_bytes().contains(mark)) {
            self.found.push(match mark {
                b'&' | b'!' | b'*' => syntax::anchor(self.text, *at),
                b'?' => syntax::complex_key(self.text, *at),
                _ => syntax::unclear(self.text, *at),
            });
        }
        marks
    }

    fn agree(&mut self, node: &mut Node, value: &Value) {
        match (&mut node.kind, value) {
            (Kind::Map(map), _) => self.agree_map(map, value),
            (Kind::List(list), Value::Sequence(items)) if list.items.len() == items.len() => {
                for (node, value) in list.items.iter_mut().zip(items) {
                    self.agree(node, value);
                }
            }
            (Kind::Scalar(Style::Empty, _), Value::Null) => {}
            (Kind::Scalar(style, slot), scalar)
                if *style != Style::Empty && !scalar.is_mapping() && !scalar.is_sequence() =>
            {
                *slot = scalar.clone();
            }
            _ => self.unclear(node.span.start),
        }
    }

    fn agree_map(&mut self, map: &mut Map, value: &Value) {
        let Some(pairs) = value.as_mapping().filter(|pairs| pairs.len() == map.pairs.len()) else {
            return self.unclear(map.span.start);
        };
        // Both keep the order of the text, so that keys can be compared one by one.
        for (pair, (key, value)) in map.pairs.iter_mut().zip(pairs) {
            if key.as_str().is_some_and(|key| key != pair.key) {
                self.found.push(syntax::unclear(self.text, pair.key_span.start));
            }
            self.agree(&mut pair.value, value);
        }
    }
}

/// Where the last line of a node ends, without its line ending. Blank lines after a block
/// scalar belong to it only if it says so (`|+`).
pub(crate) fn last_line_end(text: &str, node: &Node, otherwise: usize) -> usize {
    match &node.kind {
        Kind::Scalar(Style::Empty, _) => line_end(text, otherwise),
        Kind::Scalar(Style::Block, _) => {
            let written = text[node.span.clone()].trim_end_matches([' ', '\t', '\r', '\n']).len();
            let end = line_end(text, node.span.start + written);
            // The span of a block scalar that keeps its blank lines ends after the last.
            let kept = line_end(text, node.span.end.saturating_sub(1).max(node.span.start));
            if keeps_blank_lines(text, node) { kept.max(end) } else { end }
        }
        Kind::Map(map) if !map.flow => map.pairs.last().map_or(node.span.end, |pair| {
            last_line_end(text, &pair.value, pair.colon.unwrap_or(pair.key_span.end))
        }),
        Kind::List(list) if !list.flow => {
            let last = list.items.last().zip(list.dashes.last());
            last.map_or(node.span.end, |(item, dash)| last_line_end(text, item, *dash))
        }
        _ => line_end(text, node.span.end),
    }
}

/// Whether blank lines after a node would be a part of its value: it ends in a block
/// scalar that says so.
pub(crate) fn keeps_blank_lines(text: &str, node: &Node) -> bool {
    match &node.kind {
        Kind::Scalar(Style::Block, _) => {
            let header = &text[node.span.start..line_end(text, node.span.start)];
            header.split('#').next().is_some_and(|header| header.contains('+'))
        }
        Kind::Map(map) if !map.flow => {
            map.pairs.last().is_some_and(|pair| keeps_blank_lines(text, &pair.value))
        }
        Kind::List(list) if !list.flow => list.items.last().is_some_and(|item| keeps_blank_lines(text, item)),
        _ => false,
    }
}

/// The text before byte `at` on its line.
pub(crate) fn before_on_line(text: &str, at: usize) -> &str {
    &text[line_start(text, at)..at]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree with the exact text of every key and scalar, and `-` for each dash.
    fn shown(text: &str, node: &Node) -> String {
        match &node.kind {
            Kind::Scalar(style, value) => {
                let value = serde_json::to_string(value).expect("a scalar");
                format!("{style:?}({:?} = {value})", &text[node.span.clone()])
            }
            Kind::Map(map) => shown_map(text, map),
            Kind::List(list) => {
                assert!(list.dashes.iter().all(|dash| text[*dash..].starts_with('-')));
                let items: Vec<String> = list.items.iter().map(|item| shown(text, item)).collect();
                format!("{}[{}]", "-".repeat(list.dashes.len()), items.join(" "))
            }
        }
    }

    fn shown_map(text: &str, map: &Map) -> String {
        let pair = |pair: &Pair| {
            assert!(pair.colon.is_none_or(|colon| text[..colon].ends_with(':')));
            format!("{}: {}", &text[pair.key_span.clone()], shown(text, &pair.value))
        };
        format!("{{{}}}", map.pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
    }

    fn check(text: &str, expect: &str) {
        let tree = read(text).expect("valid");
        assert_eq!(shown_map(text, &tree.root), expect, "{text}");
    }

    #[test]
    fn every_value_is_where_it_says() {
        check(
            "a: 1 # c\n'b':\nc : \"x\" \n",
            "{a: Plain(\"1\" = 1), 'b': Empty(\"\" = null), c: Double(\"\\\"x\\\"\" = \"x\")}",
        );
        check(
            "a:\n  - x # -\n  -\n  # - no\n  - k: v\n",
            "{a: ---[Plain(\"x\" = \"x\") Empty(\"\" = null) {k: Plain(\"v\" = \"v\")}]}",
        );
        check("a: [ 'x', {k: v} ]\n", "{a: [Single(\"'x'\" = \"x\") {k: Plain(\"v\" = \"v\")}]}");
        check(
            "a: |\n  x\n\nb: y\n  z\n",
            "{a: Block(\"|\\n  x\\n\\n\" = \"x\\n\"), b: Plain(\"y\\n  z\" = \"y z\")}",
        );
    }

    #[test]
    fn a_value_ends_with_its_last_line() {
        let end = |text: &str| {
            let tree = read(text).expect("valid");
            let pair = &tree.root.pairs[0];
            last_line_end(text, &pair.value, pair.colon.expect("a colon"))
        };
        for (text, line) in [
            ("a: 1 # c\nz: 1\n", "a: 1 # c"),
            ("a: # c\n# d\nz: 1\n", "a: # c"),
            ("a: |\n  x\n\nz: 1\n", "a: |\n  x"),
            ("a: |+ # c\n  x\n\nz: 1\n", "a: |+ # c\n  x\n"),
            ("a: > # +\r\n  x\r\n\r\nz: 1\r\n", "a: > # +\r\n  x"),
            ("a:\n  - b:\n      - c: d # e\n  # f\nz: 1\n", "a:\n  - b:\n      - c: d # e"),
            ("a: [\n  b\n] # c\nz: 1\n", "a: [\n  b\n] # c"),
        ] {
            assert_eq!(&text[..end(text)], line, "{text:?}");
        }
    }

    #[test]
    fn comments_are_found_and_text_that_looks_like_one_is_not() {
        let tree = read("# a\nb: 'x # no' # c\nd: |\n  # no\n# e\n").expect("valid");
        let comments: Vec<&str> = tree.comments.iter().map(|(_, comment)| comment.as_str()).collect();
        assert_eq!(comments, ["# a", "# c", "# e"]);
    }
}
