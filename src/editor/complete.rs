//! What may come where the cursor is, in a worklog: keys and words that the format knows, and what the
//! other worklogs and the last look at GitHub know.
//!
//! It goes by the outline alone, so that it answers in a text that is half written. In files that
//! are no worklogs it says nothing.

use std::ops::Range;

use crate::editor::outline::{self, Leaf};
use crate::editor::values::Values;
use crate::editor::{Garden, body, words};
use crate::worklog::file_keys::{CANDIDATE, ENTRY, HEADER, RUN};

/// What may come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The likest first.
    pub items: Vec<Item>,
    /// There are more, and they follow what is typed: to be asked again after the next key.
    pub is_partial: bool,
}

/// One thing that may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is shown.
    pub label: String,
    /// What sort of thing it is.
    pub sort: Sort,
    /// A word on it, on one line.
    pub detail: Option<String>,
    /// What comes in the place of `span`.
    pub insert: String,
    /// The bytes that it replaces: on the cursor's line.
    pub span: Range<usize>,
}

/// What sort of thing may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A key.
    Key,
    /// A word that the format or the config has.
    Word,
    /// A label.
    Label,
    /// An issue.
    Issue,
    /// An entry.
    Entry,
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// A place for a word.
pub(super) struct Spot<'a> {
    pub(super) text: &'a str,
    pub(super) cursor: usize,
    /// What is replaced: the word around the cursor.
    pub(super) span: Range<usize>,
}

impl Spot<'_> {
    /// What is typed of it, without an opening quote.
    pub(super) fn typed(&self) -> &str {
        self.text[self.span.start..self.cursor].trim_start_matches(['"', '\''])
    }

    /// An item, with a blank before it where one is missing behind a colon or a dash.
    pub(super) fn item(
        &self,
        label: impl Into<String>,
        insert: &str,
        sort: Sort,
        detail: Option<String>,
    ) -> Item {
        let needs_blank = self.text[..self.span.start].ends_with([':', '-']) && sort != Sort::Entry;
        let insert = if needs_blank { format!(" {insert}") } else { insert.to_owned() };
        Item { label: label.into(), sort, detail, insert, span: self.span.clone() }
    }
}

/// What may come at byte `cursor` of the worklog at `path`.
pub fn complete(garden: &Garden, path: &str, cursor: usize) -> Completion {
    let Some(page) = garden.pages.get(path) else { return Completion::default() };
    let text = page.str();
    if !text.is_char_boundary(cursor) {
        return Completion::default();
    }
    let Some(outline) = outline::read(text, Some(cursor)) else { return Completion::default() };
    let below = path.strip_prefix(&garden.config.worklogs).is_some_and(|rest| rest.starts_with('/'));
    if !below && !page.is_worklog() {
        return Completion::default();
    }
    if cursor < outline.front.start || cursor > outline.front.end {
        return body::complete(garden, page, cursor);
    }
    let Some(leaf) = outline.leaf_at(cursor) else { return Completion::default() };
    let names = leaf.names();
    let key = leaf.key.as_ref().filter(|key| key.start <= cursor && cursor <= key.end);
    match (key, &names[..]) {
        (Some(key), [above @ .., _]) => keys(&outline.leaves, leaf, above, &spot(text, cursor, key.clone())),
        // An item of the entries that is only a word yet will be a key.
        (None, ["entries", "-"] | ["runs", "-"] | ["entries", "-", "candidates", "-"]) => {
            let span = word(text, &leaf.value, cursor);
            if text[span.clone()].starts_with(['{', '[']) {
                return Completion::default();
            }
            keys(&outline.leaves, leaf, &names, &spot(text, cursor, span))
        }
        _ => {
            let span = word(text, &leaf.value, cursor);
            Values { garden, page, path, spot: spot(text, cursor, span) }.of(&names)
        }
    }
}

fn spot(text: &str, cursor: usize, span: Range<usize>) -> Spot<'_> {
    Spot { text, cursor, span }
}

/// The word of a value, on the cursor's line; of blank room nothing.
fn word(text: &str, value: &Range<usize>, cursor: usize) -> Range<usize> {
    let written = &text[value.clone()];
    if written.trim().is_empty() {
        return cursor..cursor;
    }
    let line = text[cursor..].find(['\n', '\r']).map_or(text.len(), |offset| cursor + offset);
    let start = text[..cursor].rfind('\n').map_or(0, |newline| newline + 1);
    value.start.max(start).min(cursor)..value.end.min(line).max(cursor)
}

/// The keys that may come in a map: `above` names it, and what it has already is left out.
fn keys(leaves: &[Leaf], own: &Leaf, above: &[&str], spot: &Spot<'_>) -> Completion {
    let table: Vec<(&str, &str)> = match above {
        [] => words::told(&HEADER),
        ["entries", "-"] => words::told(&ENTRY),
        ["runs", "-"] => words::told(&RUN),
        ["entries", "-", "candidates", "-"] => words::told(&CANDIDATE),
        ["entries", "-", "links", "-"] => {
            let kinds = crate::model::LinkKind::ALL.into_iter().skip(1);
            kinds.map(|kind| (kind.word(), words::link(kind))).collect()
        }
        _ => return Completion::default(),
    };
    let map = match own.key {
        Some(_) => &own.path[..own.path.len() - 1],
        None => &own.path[..],
    };
    let is_there = |key: &str| {
        leaves.iter().any(|leaf| {
            let (last, rest) = (leaf.names().last() == Some(&key), leaf.path.len() == map.len() + 1);
            last && rest && leaf.path.starts_with(map) && leaf.has_colon && leaf.key != own.key
        })
    };
    let free = table.into_iter().filter(|(key, _)| !is_there(key));
    let colon = if own.has_colon { "" } else { ": " };
    let item = |(key, meaning): (&str, &str)| {
        let colon = if key == "entries" && !own.has_colon { ":" } else { colon };
        spot.item(key, &format!("{key}{colon}"), Sort::Key, Some(meaning.to_owned()))
    };
    Completion { items: free.map(item).collect(), is_partial: false }
}

#[cfg(test)]
mod tests;
