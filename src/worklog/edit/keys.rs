//! Setting, adding and removing one key of a map, in block or flow style.
//!
//! Where a new key goes follows the order in which entries are written; what it looks like
//! follows its neighbours. Nothing is checked here: every change is compared with what it
//! should have become before anybody sees it.

use std::ops::Range;

use crate::worklog::edit::flow::Flow;
use crate::worklog::edit::splice::Splice;
use crate::worklog::lines::{ending, line_end, line_start, next_line};
use crate::worklog::scalar::Written;
use crate::worklog::tree::{Kind, Map, Node, Pair, Style, before_on_line, keeps_blank_lines, last_line_end};
use crate::worklog::values::ENTRY_KEYS;

/// Puts `written` where the value of `pair` is.
pub(crate) fn set(text: &str, pair: &Pair, written: &Written) -> Vec<Splice> {
    match &pair.value.kind {
        Kind::Scalar(Style::Empty, _) => fill(pair, &written.text),
        Kind::Scalar(Style::Block, _) => content_line(text, &pair.value, written),
        _ => vec![Splice::replace(pair.value.span.clone(), written.text.clone())],
    }
}

/// Writes a value behind a key that has none.
pub(crate) fn fill(pair: &Pair, written: &str) -> Vec<Splice> {
    vec![match pair.colon {
        Some(colon) => Splice::insert(colon, format!(" {written}")),
        None => Splice::insert(pair.key_span.end, format!(": {written}")),
    }]
}

/// Replaces the only line of a block scalar, whose first line may carry a comment.
fn content_line(text: &str, node: &Node, written: &Written) -> Vec<Splice> {
    let content = line_end(text, node.span.start)..node.span.end;
    let words = text[content.clone()].trim();
    let start = content.start + text[content.clone()].find(words).unwrap_or(0);
    let Some(plain) = written.value.as_str() else { return Vec::new() };
    vec![Splice::replace(start..start + words.len(), plain)]
}

/// Adds `key` with a value of one line.
pub(crate) fn insert(text: &str, map: &Map, key: &str, value: &str) -> Vec<Splice> {
    let Some(index) = predecessor(map, key) else { return Vec::new() };
    let key = like_keys(text, map, index, key);
    if map.flow {
        return as_flow(text, map).insert_after(index, &format!("{key}: {value}"));
    }
    insert_lines(text, map, index, &[format!("{key}: {value}")])
}

/// Adds `key` with a block list of one item, indented by `indent` from the key.
pub(crate) fn insert_list(text: &str, map: &Map, key: &str, indent: usize, item: &str) -> Vec<Splice> {
    let Some(index) = predecessor(map, key) else { return Vec::new() };
    let key = like_keys(text, map, index, key);
    insert_lines(text, map, index, &[format!("{key}:"), format!("{}- {item}", " ".repeat(indent))])
}

/// Takes `pair`, which is the one at `index`, out of its map.
pub(crate) fn remove(text: &str, map: &Map, index: usize) -> Vec<Splice> {
    if map.flow {
        return as_flow(text, map).remove(index);
    }
    let Some(pair) = map.pairs.get(index) else { return Vec::new() };
    let end = last_line_end(text, &pair.value, pair.colon.unwrap_or(pair.key_span.end));
    let before = before_on_line(text, pair.key_span.start);
    if before.trim().is_empty() {
        let mut after = next_line(text, end);
        // Blank lines that follow would become a part of the block scalar before.
        if index.checked_sub(1).is_some_and(|i| keeps_blank_lines(text, &map.pairs[i].value)) {
            while after < text.len() && text[after..line_end(text, after)].trim().is_empty() {
                after = next_line(text, after);
            }
        }
        return vec![Splice::delete(line_start(text, pair.key_span.start)..after)];
    }
    // The first key stands behind its item's dash. The next key takes its place, unless a
    // comment is between them.
    let next = map.pairs.get(index + 1).map(|next| next.key_span.start);
    let joins = next.filter(|next| text[end..*next].trim().is_empty());
    let blanks = before.len() - before.trim_end().len();
    let start = if joins.is_some() { pair.key_span.start } else { pair.key_span.start - blanks };
    vec![Splice::delete(start..joins.unwrap_or(end))]
}

/// The pair behind which a new key goes: the nearest of those that come before it in the
/// order of an entry's keys, else the last.
fn predecessor(map: &Map, key: &str) -> Option<usize> {
    let rank = |key: &str| ENTRY_KEYS.iter().position(|known| *known == key);
    // `{status:, …` would make the comma a part of a word.
    let usable = |pair: &Pair| !(map.flow && pair.value.is_empty());
    let mut usable = map.pairs.iter().enumerate().filter(|(_, pair)| usable(pair));
    let ranked = usable.clone().filter_map(|(index, pair)| Some((rank(&pair.key)?, index)));
    let before = ranked.filter(|(found, _)| Some(*found) < rank(key)).max();
    before.map(|(_, index)| index).or_else(|| usable.next_back().map(|(index, _)| index))
}

/// A new key is quoted if its neighbour is.
fn like_keys(text: &str, map: &Map, index: usize, key: &str) -> String {
    match text.as_bytes()[map.pairs[index].key_span.start] {
        quote @ (b'"' | b'\'') => format!("{0}{key}{0}", quote as char),
        _ => key.to_owned(),
    }
}

fn insert_lines(text: &str, map: &Map, index: usize, lines: &[String]) -> Vec<Splice> {
    let pair = &map.pairs[index];
    let Some(indent) = indent(text, map) else { return Vec::new() };
    let end = last_line_end(text, &pair.value, pair.colon.unwrap_or(pair.key_span.end));
    let at = after_comment(text, &pair.value, end);
    let ending = ending(text, end);
    let lines: String = lines.iter().map(|line| format!("{indent}{line}{ending}")).collect();
    vec![Splice::insert(at, lines)]
}

/// What stands before a key on its own line; the first key may stand behind a dash.
fn indent<'a>(text: &'a str, map: &Map) -> Option<&'a str> {
    let before = map.pairs.iter().map(|pair| before_on_line(text, pair.key_span.start));
    before.into_iter().find(|before| before.trim().is_empty())
}

/// Where the line after a value starts. Comment lines that continue the comment behind the
/// value, with their `#` right below, belong to that value.
pub(crate) fn after_comment(text: &str, value: &Node, end: usize) -> usize {
    let mut at = next_line(text, end);
    let scalar = matches!(&value.kind, Kind::Scalar(style, _) if *style != Style::Block);
    let behind = if scalar { &text[value.span.end..end.max(value.span.end)] } else { "" };
    let Some(hash) = behind.find('#').map(|offset| value.span.end + offset) else { return at };
    let column = |at: usize| before_on_line(text, at).chars().count();
    while at < text.len() {
        let line = &text[at..line_end(text, at)];
        let own = at + line.len() - line.trim_start_matches([' ', '\t']).len();
        if !text[own..].starts_with('#') || column(own) != column(hash) {
            break;
        }
        at = next_line(text, at);
    }
    at
}

fn as_flow<'a>(text: &'a str, map: &Map) -> Flow<'a> {
    let elements: Vec<Range<usize>> = map.pairs.iter().map(Pair::span).collect();
    Flow { text, span: map.span.clone(), elements }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklog::edit::splice::apply;
    use crate::worklog::tree::read;

    fn check(text: &str, change: impl Fn(&str, &Map) -> Vec<Splice>, expect: &str) {
        for ending in ["\n", "\r\n"] {
            let (text, expect) = (text.replace('\n', ending), expect.replace('\n', ending));
            let tree = read(&text).expect("valid");
            let map = match &tree.root.pairs[0].value.kind {
                Kind::List(list) => match &list.items[0].kind {
                    Kind::Map(map) => map.clone(),
                    _ => panic!("a list of maps"),
                },
                _ => tree.root.clone(),
            };
            assert_eq!(apply(&text, change(&text, &map)).as_deref(), Some(&*expect), "{text:?}");
        }
    }

    #[test]
    fn a_new_key_goes_behind_its_predecessor_and_its_comments() {
        let add = |text: &str, map: &Map| insert(text, map, "status", "open");
        check("title: t\nid: a\nlabels: []\n", add, "title: t\nstatus: open\nid: a\nlabels: []\n");
        check(
            "e:\n  - id: a # x\n    title: >\n      t\n\n    # about z\n    z: 1\n",
            add,
            "e:\n  - id: a # x\n    title: >\n      t\n    status: open\n\n    # about z\n    z: 1\n",
        );
        check(
            "e:\n- id: a\n  title: t  # one\n            # two\n  # z\n",
            add,
            "e:\n- id: a\n  title: t  # one\n            # two\n  status: open\n  # z\n",
        );
        check("id: a\ntitle: |+\n  t\n\nz: 1\n", add, "id: a\ntitle: |+\n  t\n\nstatus: open\nz: 1\n");
        check(
            "id: a\ntitle:\n  t\n  u # c\nz: 1\n",
            add,
            "id: a\ntitle:\n  t\n  u # c\nstatus: open\nz: 1\n",
        );
        check("\"id\": a\n\"title\": t\n", add, "\"id\": a\n\"title\": t\n\"status\": open\n");
        check("x: 1\n", add, "x: 1\nstatus: open\n");
        check("e: [{id: a, title: t, z: 1}]\n", add, "e: [{id: a, title: t, status: open, z: 1}]\n");
        check("e: [{'id': a, 'title': t}]\n", add, "e: [{'id': a, 'title': t, 'status': open}]\n");
        check(
            "e: [{id: a, title: t, severity: }]\n",
            add,
            "e: [{id: a, title: t, status: open, severity: }]\n",
        );
    }

    #[test]
    fn a_list_can_come_as_lines() {
        let add = |text: &str, map: &Map| insert_list(text, map, "labels", 2, "x");
        check("id: a\ntests:\n  - t\n", add, "id: a\nlabels:\n  - x\ntests:\n  - t\n");
    }

    #[test]
    fn a_key_goes_with_its_line() {
        let first = |text: &str, map: &Map| remove(text, map, 0);
        let second = |text: &str, map: &Map| remove(text, map, 1);
        check("a: 1\nb: 2 # c\nd: 3\n", second, "a: 1\nd: 3\n");
        check("a: 1\nb:\n  2 # c\n# d\n", second, "a: 1\n# d\n");
        check("a: |+\n  1\n\nb: 2\n\nc: 3\n", second, "a: |+\n  1\n\nc: 3\n");
        check("e:\n  - a: 1 # c\n    b: 2\n", first, "e:\n  - b: 2\n");
        check("e:\n  - a: 1 # c\n    # d\n    b: 2\n", first, "e:\n  -\n    # d\n    b: 2\n");
        check("e: [{a: 1, b: 2}]\n", second, "e: [{a: 1}]\n");
        check("e: [{a: 1, b: 2}]\n", first, "e: [{b: 2}]\n");
        check("e: [{\n  a: 1,\n  b: 2 # c\n}]\n", second, "e: [{\n  a: 1\n}]\n");
    }

    #[test]
    fn a_value_is_replaced_or_filled_in() {
        let written = crate::worklog::scalar::text("new");
        let change = |text: &str, map: &Map| set(text, &map.pairs[0], &written);
        check("a: old # c\n", change, "a: new # c\n");
        check("a:   'old'\n", change, "a:   new\n");
        check("a:  # c\nb: 1\n", change, "a: new  # c\nb: 1\n");
        check("a: ~\n", change, "a: new\n");
        check("a: >- # c\n  old\n\nb: 1\n", change, "a: >- # c\n  new\n\nb: 1\n");
        check("a:\n  old\n", change, "a:\n  new\n");
    }
}
