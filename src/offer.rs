//! Plans that are shown first, and carried out only by the name they were shown under.
//!
//! A program that reads what strangers write can be talked into things. So what it wants to have
//! written is worked out, shown, and kept here for a quarter of an hour under a name that says all of
//! it: a hash over what would change and what that was worked out from. Whoever names it gets it once.
//! Working a plan out again, to see whether it still is the same one, is the work of those who carry it
//! out. Times are handed in, and nothing is remembered beyond the process.
//!
//! Also: how foreign text looks to such a program ([`visible`]).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::is_hidden;

/// How long a plan is kept, in seconds.
pub const LIFETIME: u64 = 15 * 60;

/// So many plans are kept, the newest; and so many names of older ones are remembered.
const MOST: usize = 64;

/// The name of a plan: 32 hexadecimal digits, the first half of a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanId(String);

impl PlanId {
    /// The name of a plan that these parts say all of. Parts can't run into each other: where one ends
    /// counts, too.
    pub fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            let part = part.as_ref();
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A name as somebody typed it; whether there is such a plan is another question.
    pub fn typed(text: &str) -> Self {
        Self(text.trim().to_ascii_lowercase())
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no plan to be had under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was never shown by this process, or is long forgotten.
    #[error("no plan has this id")]
    Unknown,
    /// It was taken before.
    #[error("this plan was taken already, and a plan is applied once")]
    Taken,
    /// It is too old.
    #[error("this plan is older than 15 minutes")]
    Expired,
}

/// The plans that were shown.
#[derive(Debug)]
pub struct Offers<T> {
    lifetime: u64,
    /// Plans with the second at which they were shown last; none for those that are gone, and why.
    kept: BTreeMap<PlanId, (u64, Result<T, Refusal>)>,
}

impl<T> Offers<T> {
    /// None yet; each will be kept for `lifetime` seconds.
    pub fn new(lifetime: u64) -> Self {
        Self { lifetime, kept: BTreeMap::new() }
    }

    /// Keeps a plan that is about to be shown, at second `now` of any clock that never goes back. One
    /// that is shown again counts from then, also if it was taken before.
    pub fn show(&mut self, id: PlanId, plan: T, now: u64) {
        self.kept.insert(id, (now, Ok(plan)));
        self.forget(now);
    }

    /// Hands out the plan of this name, for the only time.
    ///
    /// # Errors
    /// When there is none, or none any more.
    pub fn take(&mut self, id: &PlanId, now: u64) -> Result<T, Refusal> {
        self.forget(now);
        let Some((_, plan)) = self.kept.get_mut(id) else { return Err(Refusal::Unknown) };
        std::mem::replace(plan, Err(Refusal::Taken)).inspect_err(|gone| *plan = Err(*gone))
    }

    /// Takes a plan back that was handed out and of which nothing was done. It ends when it would have.
    pub fn give_back(&mut self, id: &PlanId, plan: T) {
        if let Some((_, kept)) = self.kept.get_mut(id) {
            *kept = Ok(plan);
        }
    }

    /// Drops plans that are too old or too many, and names of them that are many more.
    fn forget(&mut self, now: u64) {
        let old = |shown: u64| now.saturating_sub(shown) >= self.lifetime;
        for (shown, plan) in self.kept.values_mut() {
            if plan.is_ok() && old(*shown) {
                *plan = Err(Refusal::Expired);
            }
        }
        let mut by_age: Vec<(u64, bool, PlanId)> =
            self.kept.iter().map(|(id, (shown, plan))| (*shown, plan.is_ok(), id.clone())).collect();
        by_age.sort();
        let (live, gone): (Vec<_>, Vec<_>) = by_age.into_iter().partition(|(_, is_live, _)| *is_live);
        for (.., id) in live.iter().rev().skip(MOST) {
            if let Some((_, plan)) = self.kept.get_mut(id) {
                *plan = Err(Refusal::Expired);
            }
        }
        for (.., id) in gone.iter().rev().skip(4 * MOST) {
            self.kept.remove(id);
        }
    }
}

/// The same value with everything in its texts that acts without being seen written out as
/// `\u{…}`. Line feeds and tabs stay. It is for readers who see texts and not JSON, so that escaping them
/// in the JSON alone would be undone before they look.
pub fn visible(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(visible_text(text)),
        Value::Array(items) => items.iter().map(visible).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, item)| (visible_text(key), visible(item))).collect())
        }
        other => other.clone(),
    }
}

/// The same for one text.
pub fn visible_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) && !matches!(c, '\n' | '\t') {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id(text: &str) -> PlanId {
        PlanId::of([text])
    }

    #[test]
    fn a_name_says_all_parts_and_where_they_end() {
        assert_eq!(PlanId::of(["a", "b"]), PlanId::of(["a", "b"]));
        for other in [&["ab", ""][..], &["ab"], &["a", "b", ""], &["b", "a"], &[]] {
            assert_ne!(PlanId::of(["a", "b"]), PlanId::of(other), "{other:?}");
        }
        let name = id("x").to_string();
        assert!(name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
        assert_eq!(PlanId::typed(&format!(" {}\n", name.to_uppercase())), id("x"));
    }

    #[test]
    fn a_plan_is_had_once_and_for_a_while() {
        let mut offers = Offers::new(LIFETIME);
        offers.show(id("a"), 1, 0);
        offers.show(id("b"), 2, 10);
        assert_eq!(offers.take(&id("c"), 10), Err(Refusal::Unknown));
        assert_eq!(offers.take(&id("a"), LIFETIME - 1), Ok(1));
        assert_eq!(offers.take(&id("a"), LIFETIME - 1), Err(Refusal::Taken));
        assert_eq!(
            offers.take(&id("a"), 9 * LIFETIME),
            Err(Refusal::Taken),
            "what happened to it stays known"
        );
        assert_eq!(offers.take(&id("b"), LIFETIME + 10), Err(Refusal::Expired));
        offers.give_back(&id("c"), 9);
        assert_eq!(
            offers.take(&id("c"), 10),
            Err(Refusal::Unknown),
            "what was never shown can't be given back"
        );
        offers.show(id("b"), 3, LIFETIME + 11);
        assert_eq!(offers.take(&id("b"), LIFETIME + 12), Ok(3));
        offers.give_back(&id("b"), 3);
        assert_eq!(offers.take(&id("b"), LIFETIME + 13), Ok(3));
        offers.give_back(&id("b"), 3);
        assert_eq!(offers.take(&id("b"), 2 * LIFETIME + 11), Err(Refusal::Expired), "its time went on");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut offers = Offers::new(LIFETIME);
        for n in 0..10 * MOST {
            offers.show(id(&n.to_string()), n, n as u64);
        }
        let now = 10 * MOST as u64;
        assert!(offers.kept.len() <= 6 * MOST, "{}", offers.kept.len());
        assert_eq!(offers.take(&id("0"), now), Err(Refusal::Unknown));
        assert_eq!(offers.take(&id(&(8 * MOST).to_string()), now), Err(Refusal::Expired));
        assert_eq!(offers.take(&id(&(10 * MOST - 1).to_string()), now), Ok(10 * MOST - 1));
    }

    #[test]
    fn nothing_acts_unseen() {
        let value = json!({"a\u{202e}": ["\u{1b}[31mred\r\n\tx\u{9b}", 1, null], "b": {"c": "grün\u{200b}"}});
        let shown = visible(&value);
        assert_eq!(
            shown,
            json!({"a\\u{202e}": ["\\u{1b}[31mred\\u{d}\n\tx\\u{9b}", 1, null], "b": {"c": "grün\\u{200b}"}})
        );
        assert_eq!(visible(&shown), shown);
    }
}
