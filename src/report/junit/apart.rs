//! Tests of one name that are not one test: those of two files or two suites.
//!
//! A name stays as it is until another place has the same one; then both get their place before it,
//! whichever came first, so that none of them is ever taken for the other. Two results of one name
//! and one place are one test, and the worse of them counts: only a format's own word makes a try
//! again of it.

use std::collections::BTreeMap;

use super::super::gather::Gather;
use super::super::text;
use super::names::Dialect;
use crate::wording::hash;

/// How many names that come again are told apart by a number.
const AGAIN: usize = 10_000;

/// Where each name was seen.
#[derive(Debug, Default)]
pub(super) struct Apart {
    /// By the name's hash, the place; a name of several places has none.
    seen: BTreeMap<u64, Option<u32>>,
    places: Vec<String>,
    by_place: BTreeMap<String, u32>,
    again: BTreeMap<String, u32>,
}

impl Apart {
    /// The name of a test that has this one in this place. A test that was told before may get
    /// another name by it.
    pub(super) fn name(
        &mut self,
        name: String,
        place: Option<String>,
        dialect: Dialect,
        gather: &mut Gather<'_>,
    ) -> String {
        let Some(place) = place else { return name };
        let here = self.place(&place);
        let known = self.seen.get(&hash(&text::name(&name))).copied();
        let name = match known {
            None => {
                self.seen.insert(hash(&text::name(&name)), Some(here));
                return name;
            }
            Some(Some(first)) if first == here => name,
            Some(first) => {
                if let Some(first) = first.and_then(|first| self.places.get(first as usize)) {
                    gather.rename(&name, &placed(first, &name));
                    self.seen.insert(hash(&text::name(&name)), None);
                }
                let placed = placed(&place, &name);
                if gather.knows(&placed) { placed } else { return placed }
            }
        };
        // Node tries nothing again and may leave out the file: each result is a test.
        if dialect == Dialect::Node { self.numbered(name) } else { name }
    }

    fn numbered(&mut self, name: String) -> String {
        if self.again.len() >= AGAIN && !self.again.contains_key(&name) {
            return format!("{name} (again)");
        }
        let many = self.again.entry(name.clone()).or_insert(1);
        *many += 1;
        format!("{name} ({many})")
    }

    fn place(&mut self, place: &str) -> u32 {
        if let Some(known) = self.by_place.get(place) {
            return *known;
        }
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(place.to_owned());
        self.by_place.insert(place.to_owned(), next);
        next
    }
}

fn placed(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place} > {name}") }
}
