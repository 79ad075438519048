//! How many nodes a query could give at most, and what it costs.
//!
//! Both are worked out before it runs, from the sizes of the pages it asks for: "cost = the
//! sum of requests to fulfil each connection / 100, at least 1", and at most 500,000 nodes.

use std::collections::HashMap;

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql_value::Name;
use serde_json::{Map, Value};

use super::schema::{base, schema};
use super::values::arguments;

/// The limit on nodes.
pub(crate) const MOST_NODES: u64 = 500_000;

/// What a query costs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    requests: u64,
    pub(crate) nodes: u64,
}

impl Cost {
    pub(crate) fn points(self) -> u64 {
        ((self.requests + 50) / 100).max(1)
    }
}

/// What a selection costs that is made `times` times.
pub(crate) struct Count<'a> {
    pub(crate) fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    pub(crate) variables: &'a Map<String, Value>,
    pub(crate) cost: Cost,
    depth: usize,
}

impl<'a> Count<'a> {
    pub(crate) fn new(
        fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
        variables: &'a Map<String, Value>,
    ) -> Self {
        Self {
            fragments,
            variables,
            cost: Cost::default(),
            depth: 0,
        }
    }

    pub(crate) fn add(&mut self, set: &SelectionSet, ty: &str, times: u64) {
        // Deep enough for any honest query, and an end for fragments in a circle.
        if self.depth > 25 {
            return;
        }
        self.depth += 1;
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, ty, times),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map_or(ty, |condition| condition.node.on.node.as_str());
                    self.add(&inline.node.selection_set.node, on, times);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.add(&fragment.node.selection_set.node, on, times);
                    }
                }
            }
        }
        self.depth -= 1;
    }

    fn field(&mut self, field: &Field, ty: &str, times: u64) {
        let Some(output) = schema().field(ty, field.name.node.as_str()) else {
            return;
        };
        let given =
            (field.arguments.iter()).map(|(name, literal)| (name.node.as_str(), &literal.node));
        let args = arguments(given, &output.args, self.variables).unwrap_or_default();
        let size = (["first", "last"].iter())
            .find_map(|name| args.get(*name).and_then(Value::as_u64))
            .or_else(|| {
                args.get("ids")
                    .and_then(Value::as_array)
                    .map(|ids| ids.len() as u64)
            });
        let inner = match size {
            Some(size) => {
                self.cost.requests = self.cost.requests.saturating_add(times);
                let inner = times.saturating_mul(size);
                self.cost.nodes = self.cost.nodes.saturating_add(inner);
                inner
            }
            None => times,
        };
        self.add(&field.selection_set.node, base(&output.ty), inner);
    }
}
