//! A journal opens over any bytes, keeps what was appended to it, and knows the same when it is
//! opened again.

use std::collections::BTreeMap;

use gardener::journal::{Cache, Journal, JournalError, Record, Store, StoreError};
use gardener::model::{EntryKey, Timestamp};

#[derive(Clone)]
struct Memory(Vec<u8>);

impl Store for Memory {
    fn read(&mut self) -> Result<Vec<u8>, StoreError> {
        Ok(self.0.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.extend(bytes);
        Ok(())
    }

    fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0 = bytes.to_owned();
        Ok(())
    }
}

/// A journal's bytes. Lines that begin with `=` get the checksum that belongs to the rest, so
/// that what is behind the checksum is reached as well.
pub fn holds(data: &[u8]) {
    let mut bytes = Vec::new();
    for line in data.split_inclusive(|b| *b == b'\n') {
        match line.strip_prefix(b"=") {
            Some(json) => {
                let end = json.strip_suffix(b"\n").unwrap_or(json);
                bytes.extend(format!("{:08x} ", crc32fast::hash(end)).into_bytes());
                bytes.extend(json);
            }
            None => bytes.extend(line),
        }
    }
    cache(&bytes);
    let mut store = Memory(bytes);
    let (knew, next, damaged) = match Journal::open(&mut store) {
        Ok(journal) => (known(&journal), journal.next_id(), journal.damaged()),
        Err(JournalError::Newer(_)) => return,
        Err(error) => panic!("{error}"),
    };
    // Whatever was torn or damaged, what is appended now is kept, and nothing else changes.
    let before = store.0.len();
    let at = Timestamp::from_second(10);
    let keys = vec!["fuzz/new".to_owned()];
    let mut journal = Journal::open(&mut store).expect("it was opened");
    let begun = Record::Intent { id: next, repository: 99, keys, comment_on: None, at };
    journal.append(vec![begun]).expect("in memory");
    let of_ours = |journal: &Journal<'_>| journal.intents(99).any(|i| i.id == next && i.comment_on.is_none());
    assert!(of_ours(&journal));
    let mut cut = store.clone();
    let journal = Journal::open(&mut store).expect("what gardener wrote it can read");
    assert!(of_ours(&journal), "an intent was lost");
    assert_eq!(journal.damaged(), damaged, "what was appended is whole");
    let settled = vec![Record::Made { id: next, number: 5 }];
    let mut journal = Journal::open(&mut store).expect("again");
    journal.append(settled).expect("in memory");
    let journal = Journal::open(&mut store).expect("again");
    let key = EntryKey::parse("fuzz/new").expect("a key");
    assert_eq!(journal.made(99).get(&key), Some(&5), "a receipt was lost");
    // Torn in its last line, it knows what it knew before.
    cut.0.truncate(before + (cut.0.len() - before) / 2);
    let journal = Journal::open(&mut cut).expect("a torn line is no newer one");
    assert_eq!(known(&journal), knew);
}

/// What it knows of the repositories that an input may name.
fn known(journal: &Journal<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for repository in [0, 1, 7, 99] {
        all.push(format!("{:?}", journal.intents(repository).collect::<Vec<_>>()));
        let made: BTreeMap<String, u64> =
            journal.made(repository).into_iter().map(|(key, number)| (key.to_string(), number)).collect();
        all.push(format!("{made:?} {:?} {:?}", journal.refused(repository, ""), journal.settled(repository)));
        let key = EntryKey::parse("w/e").expect("a key");
        all.push(format!("{:?} {:?}", journal.agreement(repository, &key), journal.shown(&key, "status")));
    }
    all
}

/// A cache of any bytes is one of this repository, and is read as it was saved.
fn cache(bytes: &[u8]) {
    let mut store = Memory(bytes.to_owned());
    let cache = Cache::load(&mut store, 7);
    assert_eq!(cache.repository, 7);
    cache.save(&mut store).expect("in memory");
    assert_eq!(Cache::load(&mut store, 7), cache);
}
