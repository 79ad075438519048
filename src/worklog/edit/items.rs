//! Adding an item to a list of an entry and taking one out, in block or flow style.
//!
//! A list that does not exist yet is made in the style of the file's other lists of labels
//! and links.

use crate::worklog::edit::flow::Flow;
use crate::worklog::edit::keys::{after_comment, fill, insert, insert_list};
use crate::worklog::edit::splice::Splice;
use crate::worklog::lines::{ending, line_start, next_line};
use crate::worklog::tree::{Kind, List, Map, Node, Pair, Style, Tree, before_on_line, last_line_end};

/// The style of new lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// `[a, b]`
    Flow,
    /// A line for each item, indented by so much from the key.
    Block(usize),
}

/// Adds an item to the list of `key`. It is given as it looks in either style.
pub(crate) fn add(
    text: &str,
    map: &Map,
    key: &str,
    lists: Lists,
    in_flow: &str,
    in_block: &str,
) -> Vec<Splice> {
    let lists = if map.flow { Lists::Flow } else { lists };
    let alone = format!("[{in_flow}]");
    let Some(pair) = map.get(key) else {
        return match lists {
            Lists::Flow => insert(text, map, key, &alone),
            Lists::Block(indent) => insert_list(text, map, key, indent, in_block),
        };
    };
    match (&pair.value.kind, lists) {
        (Kind::List(list), _) if list.flow => {
            as_flow(text, list).insert_after(list.items.len().saturating_sub(1), in_flow)
        }
        (Kind::List(list), _) => behind_last(text, list, in_block),
        (Kind::Scalar(Style::Empty, _), Lists::Flow) => fill(pair, &alone),
        (Kind::Scalar(Style::Empty, _), Lists::Block(indent)) => below(text, pair, indent, in_block),
        _ => vec![Splice::replace(pair.value.span.clone(), alone)],
    }
}

/// Takes the item at `index` out of the list that is the value of `pair`.
pub(crate) fn remove(text: &str, pair: &Pair, index: usize) -> Vec<Splice> {
    let Kind::List(list) = &pair.value.kind else { return Vec::new() };
    if list.flow {
        return as_flow(text, list).remove(index);
    }
    let Some((item, dash)) = list.items.get(index).zip(list.dashes.get(index)) else { return Vec::new() };
    let end = last_line_end(text, item, *dash);
    let mut splices = vec![Splice::delete(line_start(text, *dash)..next_line(text, end))];
    if list.items.len() == 1 {
        splices.extend(fill(pair, "[]"));
    }
    splices
}

/// The style of the lists of labels and links that are there, the first with items.
pub(crate) fn style(text: &str, tree: &Tree) -> Lists {
    let entries = tree.root.get("entries").map(|pair| &pair.value.kind);
    let entries: &[Node] = if let Some(Kind::List(list)) = entries { &list.items } else { &[] };
    let entries =
        entries.iter().filter_map(|node| if let Kind::Map(map) = &node.kind { Some(map) } else { None });
    let maps = entries.chain(std::iter::once(&tree.root));
    let pairs = maps.flat_map(|map| [map.get("labels"), map.get("links")]).flatten();
    let lists = pairs.filter_map(|pair| match &pair.value.kind {
        Kind::List(list) if !list.items.is_empty() => Some((pair, list)),
        _ => None,
    });
    let Some((pair, list)) = lists.into_iter().next() else { return Lists::Flow };
    if list.flow {
        return Lists::Flow;
    }
    let column = |at: usize| before_on_line(text, at).chars().count();
    let dash = list.dashes.first().map_or(0, |dash| column(*dash));
    Lists::Block(dash.saturating_sub(column(pair.key_span.start)))
}

pub(crate) fn behind_last(text: &str, list: &List, item: &str) -> Vec<Splice> {
    let Some((last, dash)) = list.items.last().zip(list.dashes.last()) else { return Vec::new() };
    let end = last_line_end(text, last, *dash);
    let at = after_comment(text, last, end);
    let gap =
        text.get(dash + 1..last.span.start).filter(|gap| !gap.is_empty() && gap.trim_matches(' ').is_empty());
    let indent = before_on_line(text, *dash);
    vec![Splice::insert(at, format!("{indent}-{}{item}{}", gap.unwrap_or(" "), ending(text, end)))]
}

fn below(text: &str, pair: &Pair, indent: usize, item: &str) -> Vec<Splice> {
    let before = before_on_line(text, pair.key_span.start);
    // The key may be the first of its entry and stand behind the dash.
    let column: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let at = next_line(text, pair.key_span.end);
    let line = format!("{column}{}- {item}{}", " ".repeat(indent), ending(text, pair.key_span.end));
    vec![Splice::insert(at, line)]
}

fn as_flow<'a>(text: &'a str, list: &List) -> Flow<'a> {
    let elements = list.items.iter().map(|item| item.span.clone()).collect();
    Flow { text, span: list.span.clone(), elements }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklog::edit::splice::apply;
    use crate::worklog::tree::read;

    fn check(text: &str, added: &str, removed: Option<&str>) {
        for ending in ["\n", "\r\n"] {
            let with = |text: &str| text.replace('\n', ending);
            let text = with(text);
            let tree = read(&text).expect("valid");
            let splices = add(&text, &tree.root, "labels", style(&text, &tree), "x", "x");
            assert_eq!(apply(&text, splices), Some(with(added)), "add to {text:?}");
            let splices = tree.root.get("labels").map(|pair| remove(&text, pair, 0)).unwrap_or_default();
            let removed = removed.map_or(text.clone(), with);
            assert_eq!(apply(&text, splices), Some(removed), "remove from {text:?}");
        }
    }

    #[test]
    fn block_lists_keep_their_shape() {
        check("labels:\n  - a # c\nz: 1\n", "labels:\n  - a # c\n  - x\nz: 1\n", Some("labels: []\nz: 1\n"));
        check("labels: # c\n- a\n- b\n", "labels: # c\n- a\n- b\n- x\n", Some("labels: # c\n- b\n"));
        check(
            "labels:\n    -   a\n\n    # b\n    -   'b'\n    # end\nz: 1\n",
            "labels:\n    -   a\n\n    # b\n    -   'b'\n    -   x\n    # end\nz: 1\n",
            Some("labels:\n\n    # b\n    -   'b'\n    # end\nz: 1\n"),
        );
        check(
            "labels:\n  - >-\n    a\n\nz: 1\n",
            "labels:\n  - >-\n    a\n  - x\n\nz: 1\n",
            Some("labels: []\n\nz: 1\n"),
        );
        check(
            "labels:\n  -\n    a: b\n  - c: d # e\n",
            "labels:\n  -\n    a: b\n  - c: d # e\n  - x\n",
            Some("labels:\n  - c: d # e\n"),
        );
    }

    #[test]
    fn a_list_is_made_where_there_was_none() {
        check("id: a\n", "id: a\nlabels: [x]\n", None);
        check("labels:\nz: 1\n", "labels: [x]\nz: 1\n", None);
        check("labels: ~ # c\n", "labels: [x] # c\n", None);
        check("labels: []\n", "labels: [x]\n", None);
        check("links:\n- a\nlabels: # c\n", "links:\n- a\nlabels: # c\n- x\n", None);
        check("links:\n  - a\nid: a\n", "links:\n  - a\nid: a\nlabels:\n  - x\n", None);
    }
}
