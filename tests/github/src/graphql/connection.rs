//! Connections: pages with cursors.
//!
//! `first` or `last` must be given as soon as rows are asked for, between 1 and 100.

use std::collections::BTreeMap;

use async_graphql_parser::types::SelectionSet;
use serde_json::{Map, Value};

use super::execute::{Fail, Out, Run, Thing};
use crate::rest::paging::{Key, read, written};

/// Rows in order, each with its place.
pub(crate) struct Rows {
    pub(crate) rows: Vec<(Key, Thing)>,
    /// Whether places go down.
    pub(crate) down: bool,
}

impl Rows {
    /// Rows sorted by their place.
    pub(crate) fn sorted(mut rows: Vec<(Key, Thing)>, down: bool) -> Self {
        rows.sort_by_key(|(key, _)| *key);
        if down {
            rows.reverse();
        }
        Self { rows, down }
    }
}

impl<'a> Run<'a, '_> {
    /// The page of `all` that the arguments ask for, as a connection of rows of type `row`.
    pub(crate) fn connection(
        &self,
        field: &str,
        row: &str,
        all: Rows,
        args: &Map<String, Value>,
        sets: &[&'a SelectionSet],
        more: Vec<(&'static str, Out)>,
    ) -> Result<Out, Fail> {
        let ty = format!("{row}Connection");
        let size = |name: &str| args.get(name).and_then(Value::as_i64);
        let (first, last) = (size("first"), size("last"));
        let rows_wanted = (self.collect(&ty, sets).iter())
            .any(|(_, fields)| ["nodes", "edges"].contains(&fields[0].node.name.node.as_str()));
        for (name, size) in [("first", first), ("last", last)] {
            let Some(size) = size else { continue };
            if size < 1 {
                return Err(Fail::new(
                    "ARGUMENT_LIMIT",
                    format!("`{name}` on the `{field}` connection cannot be less than 1."),
                ));
            }
            if size > 100 {
                return Err(Fail::new(
                    "EXCESSIVE_PAGINATION",
                    format!(
                        "Requesting {size} records on the `{field}` connection exceeds the \
                         `{name}` limit of 100 records."
                    ),
                ));
            }
        }
        if first.is_some() && last.is_some() {
            return Err(Fail::new(
                "UNPROCESSABLE",
                format!(
                    "Passing both `first` and `last` values to paginate the `{field}` connection \
                     is not supported."
                ),
            ));
        }
        if first.is_none() && last.is_none() && rows_wanted {
            return Err(Fail::new(
                "MISSING_PAGINATION_BOUNDARIES",
                format!(
                    "You must provide a `first` or `last` value to properly paginate the \
                     `{field}` connection."
                ),
            ));
        }
        let cursor = |name: &str| match args.get(name).and_then(Value::as_str) {
            None => Ok(None),
            Some(text) => read(text).map(Some).ok_or_else(|| {
                Fail::new(
                    "INVALID_CURSOR_ARGUMENTS",
                    format!("`{text}` does not appear to be a valid cursor."),
                )
            }),
        };
        let (after, before) = (cursor("after")?, cursor("before")?);
        let total = all.rows.len();
        let past = |key: Key, mark: Key| if all.down { key < mark } else { key > mark };
        let mut start = after.map_or(0, |mark| {
            all.rows
                .iter()
                .position(|(key, _)| past(*key, mark))
                .unwrap_or(total)
        });
        let mut end = before.map_or(total, |mark| {
            (all.rows.iter())
                .position(|(key, _)| *key == mark || past(*key, mark))
                .unwrap_or(total)
        });
        end = end.max(start);
        let filtered = end - start;
        if let Some(size) = first {
            end = end.min(start + size as usize);
        }
        if let Some(size) = last {
            start = start.max(end.saturating_sub(size as usize));
        }
        if !rows_wanted && first.is_none() && last.is_none() {
            end = start;
        }
        let page = &all.rows[start..end];
        let mark = |place: Option<&(Key, Thing)>| match place {
            Some((key, _)) => Out::leaf(written(*key)),
            None => Out::NULL,
        };
        let info = BTreeMap::from([
            ("startCursor", mark(page.first())),
            ("endCursor", mark(page.last())),
            ("hasNextPage", Out::leaf(end < total)),
            ("hasPreviousPage", Out::leaf(start > 0)),
        ]);
        let edge = |(key, thing): &(Key, Thing)| {
            let fields = BTreeMap::from([
                ("cursor", Out::leaf(written(*key))),
                ("node", Out::Thing(thing.clone())),
            ]);
            Out::Thing(Thing::Bag(format!("{row}Edge"), fields))
        };
        let mut fields = BTreeMap::from([
            (
                "nodes",
                Out::List(
                    page.iter()
                        .map(|(_, thing)| Out::Thing(thing.clone()))
                        .collect(),
                ),
            ),
            ("edges", Out::List(page.iter().map(edge).collect())),
            (
                "pageInfo",
                Out::Thing(Thing::Bag("PageInfo".to_owned(), info)),
            ),
            ("totalCount", Out::leaf(total)),
            ("filteredCount", Out::leaf(filtered)),
            ("pageCount", Out::leaf(page.len())),
        ]);
        fields.extend(more);
        Ok(Out::Thing(Thing::Bag(ty, fields)))
    }
}
