//! What GitHub said at the last look, so that the next one asks only for what changed.
//!
//! Disposable: a missing, damaged or old cache costs requests and nothing else. It is
//! never the base of a merge, and every write looks again first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::journal::{Store, StoreError};
use crate::model::{Author, Label, RemoteIssue, Timestamp};

/// The last look at one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {
    version: u32,
    /// The repository's identity.
    pub repository: u64,
    /// GitHub's time just before the look began; `None` when there was none.
    pub as_of: Option<Timestamp>,
    /// From when the last look listed what changed, where that was one page: the next one asks for
    /// the same, so that GitHub can say that it still holds. Never later than `as_of` allows.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// GitHub's time of the last look at everything by number or whole list. Renaming a
    /// label moves no issue's time, so now and then everything is read again.
    pub complete_at: Option<Timestamp>,
    /// Whether every issue of the repository was listed once, so that `marked` is whole.
    pub whole: bool,
    /// The tracked issues.
    pub issues: BTreeMap<u64, RemoteIssue>,
    /// Every listed issue whose text carries a marker.
    pub marked: BTreeMap<u64, Marked>,
    /// Texts of strangers that look like gardener's and were named already: the issue, and
    /// the comment or 0 for its own text.
    #[serde(default)]
    pub told: BTreeSet<(u64, u64)>,
    /// The repository's labels, where they were asked for since the last look at everything.
    #[serde(default)]
    pub labels: BTreeSet<Label>,
    /// Issues that were told of a rule that can't be read, and of which.
    #[serde(default)]
    pub rules_told: BTreeSet<String>,
}

/// An issue with a marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The entry's key.
    pub key: String,
    /// The fingerprint in the marker.
    pub fingerprint: Option<String>,
    /// Who opened the issue.
    pub author: Author,
    /// Whether it is open.
    pub is_open: bool,
}

const VERSION: u32 = 1;

/// A look that is no older than this need not be noted again.
const RECENT_SECONDS: i64 = 10 * 60;

impl Cache {
    /// An empty cache for a repository.
    pub fn new(repository: u64) -> Self {
        Self { version: VERSION, repository, ..Self::default() }
    }

    /// Forgets what GitHub said, to ask for all of it again.
    pub fn restart(&mut self) {
        let (told, rules_told) = (std::mem::take(&mut self.told), std::mem::take(&mut self.rules_told));
        *self = Self { told, rules_told, ..Self::new(self.repository) };
    }

    /// Reads the cache of a repository; an empty one where it is missing, damaged or
    /// another repository's.
    pub fn load(store: &mut dyn Store, repository: u64) -> Self {
        Self::read(store).unwrap_or_default().of(repository)
    }

    /// Reads the cache, whichever repository's it is.
    pub fn read(store: &mut dyn Store) -> Option<Self> {
        let cache: Self = serde_json::from_slice(&store.read().ok()?).ok()?;
        (cache.version == VERSION).then_some(cache)
    }

    /// This cache if it is the repository's, and an empty one otherwise.
    #[must_use]
    pub fn of(self, repository: u64) -> Self {
        let is_its = self.version == VERSION && self.repository == repository;
        if is_its { self } else { Self::new(repository) }
    }

    /// The repository whose look is there, if one is.
    pub fn whose(store: &mut dyn Store) -> Option<u64> {
        Some(Self::read(store)?.repository)
    }

    /// Writes the cache, unless nothing of it moved but the time of the look: the next look then
    /// begins a little earlier, which costs nothing.
    ///
    /// # Errors
    /// When the disk said no. Nothing depends on it.
    pub fn save(&self, store: &mut dyn Store) -> Result<(), StoreError> {
        #[derive(Deserialize)]
        struct Time {
            as_of: Option<Timestamp>,
        }
        let old = store.read().unwrap_or_default();
        let then = serde_json::from_slice::<Time>(&old).ok().and_then(|old| old.as_of);
        let is_recent =
            |then: &Timestamp| self.as_of.is_some_and(|now| *then <= now && now <= then.plus(RECENT_SECONDS));
        let as_then = then.filter(is_recent).map(|then| Self { as_of: Some(then), ..self.clone() });
        if as_then.is_some_and(|same| serde_json::to_vec(&same).unwrap_or_default() == old) {
            return Ok(());
        }
        store.replace(&serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Counted(Vec<u8>, usize);

    impl Store for Counted {
        fn read(&mut self) -> Result<Vec<u8>, StoreError> {
            Ok(self.0.clone())
        }

        fn append(&mut self, _: &[u8]) -> Result<(), StoreError> {
            Ok(())
        }

        fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
            (self.0, self.1) = (bytes.to_vec(), self.1 + 1);
            Ok(())
        }
    }

    #[test]
    fn a_look_that_saw_nothing_new_is_noted_now_and_then() {
        let mut store = Counted::default();
        let mut cache = Cache { as_of: Some(Timestamp::from_second(1_000)), ..Cache::new(7) };
        let mut writes = |cache: &Cache| {
            cache.save(&mut store).expect("saved");
            (store.1, Cache::read(&mut store).and_then(|c| c.as_of).map(Timestamp::as_second))
        };
        assert_eq!(writes(&cache), (1, Some(1_000)));
        // The same a little later; earlier by GitHub's clock; long after; and with something new.
        cache.as_of = Some(Timestamp::from_second(1_500));
        assert_eq!(writes(&cache), (1, Some(1_000)));
        cache.as_of = Some(Timestamp::from_second(900));
        assert_eq!(writes(&cache), (2, Some(900)));
        cache.as_of = Some(Timestamp::from_second(2_000));
        assert_eq!(writes(&cache), (3, Some(2_000)));
        cache.as_of = Some(Timestamp::from_second(2_001));
        cache.whole = true;
        assert_eq!(writes(&cache), (4, Some(2_001)));
    }
}
