//! The journal: what a run is about to do and what came of it, on disk before and after.
//!
//! Floor 4. Lines are appended and synced; each carries its own checksum, so that a torn
//! one is skipped when reading. It lives in the common git directory and is shared by all
//! worktrees of a clone. What the records mean for a plan is decided above.

mod cache;
mod record;
mod standing;
mod store;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

pub use cache::{Cache, Marked};
pub use record::{DoneRecord, MovePlace, MoveRecord, MoveValue, Record};
pub use store::FileStore;
pub use texts::Texts;

use crate::model::{EntryKey, Timestamp};

/// Where bytes of gardener's own live. A simulation implements it in memory.
pub trait Store {
    /// All bytes, empty when there is none yet.
    ///
    /// # Errors
    /// When they can't be read.
    fn read(&mut self) -> Result<Vec<u8>, StoreError>;

    /// Adds bytes and waits until they are durable.
    ///
    /// # Errors
    /// When they may not be durable.
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Puts `bytes` in the place of everything, at once.
    ///
    /// # Errors
    /// When the old bytes are still there.
    fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
}

/// The files of what GitHub said, both disposable.
pub struct Caches<'a> {
    /// The last look ([`Cache`]).
    pub look: &'a mut dyn Store,
    /// What issues say ([`Texts`]).
    pub texts: &'a mut dyn Store,
}

/// The disk said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct StoreError {
    /// Which file.
    pub path: String,
    /// Why.
    pub message: String,
}

/// What can go wrong with a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The disk said no.
    #[error("nothing is created without the journal, and it is out of use: {0}")]
    Store(#[from] StoreError),
    /// A newer gardener wrote it.
    #[error("the journal was written by a newer gardener ({0}); use that one here")]
    Newer(String),
}

/// A creation that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its number in this journal.
    pub id: u64,
    /// The repository's identity on GitHub.
    pub repository: u64,
    /// The entries it is for.
    pub keys: Vec<EntryKey>,
    /// The issue to comment on; `None` for a new issue.
    pub comment_on: Option<u64>,
    /// GitHub's time when it was begun.
    pub at: Timestamp,
}

/// Values that GitHub confirmed and that may not have reached the worklog yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The repository's identity on GitHub.
    pub repository: u64,
    /// The base line, without what the worklog was only about to get.
    pub line: String,
    /// The base line as it was to be written, unless something that was sent was in doubt.
    pub written: Option<String>,
    /// The commit whose text it is agreed with, where that was left as it is.
    pub commit: Option<String>,
    /// Whether it was written into the worklog. Until then a text that says something else may
    /// have been edited since, or be another text of the same entry.
    pub landed: bool,
}

/// How the last sync of a repository that changed something ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastSync {
    /// It was cut off, or is still running.
    CutOff,
    /// It did this.
    Done(DoneRecord),
    /// It was taken back.
    Undone,
}

/// An open journal.
pub struct Journal<'a> {
    store: &'a mut dyn Store,
    /// Creations without a receipt.
    intents: BTreeMap<u64, Intent>,
    /// The issue, and GitHub's time when its creation was begun.
    made: BTreeMap<(u64, EntryKey), (u64, Timestamp)>,
    agreed: BTreeMap<EntryKey, Agreement>,
    /// The repository, the line, and whether an agreement came after it.
    sending: BTreeMap<EntryKey, (u64, String, bool)>,
    refused: BTreeSet<(u64, u64, String, String)>,
    settled: BTreeSet<(u64, u64)>,
    shown: BTreeMap<(EntryKey, String), (String, String)>,
    /// By branch the commit for which its push was stopped last.
    stopped: BTreeMap<String, String>,
    last: BTreeMap<u64, LastSync>,
    next: u64,
    records: usize,
    damaged: usize,
    is_torn: bool,
}

impl<'a> Journal<'a> {
    /// Reads the journal.
    ///
    /// # Errors
    /// When it can't be read, or is a newer gardener's.
    pub fn open(store: &'a mut dyn Store) -> Result<Self, JournalError> {
        let bytes = store.read()?;
        let mut journal = Self {
            store,
            intents: BTreeMap::new(),
            made: BTreeMap::new(),
            agreed: BTreeMap::new(),
            sending: BTreeMap::new(),
            refused: BTreeSet::new(),
            settled: BTreeSet::new(),
            shown: BTreeMap::new(),
            stopped: BTreeMap::new(),
            last: BTreeMap::new(),
            next: 1,
            records: 0,
            damaged: 0,
            is_torn: !bytes.is_empty() && !bytes.ends_with(b"\n"),
        };
        for line in bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            match Record::decode(line)? {
                Some(record) => journal.take(record),
                None => journal.damaged += 1,
            }
        }
        Ok(journal)
    }

    /// Writes records and waits until they are durable.
    ///
    /// # Errors
    /// When they may not be durable; the act they announce must then not happen.
    pub fn append(&mut self, records: Vec<Record>) -> Result<(), JournalError> {
        if records.is_empty() {
            return Ok(());
        }
        // A torn last line is closed first, so that it spoils nothing but itself.
        let mut bytes = if self.is_torn { b"\n".to_vec() } else { Vec::new() };
        for record in &records {
            bytes.extend(record.encode());
        }
        // A failed one may have left a part of a line, which the next one must not be added to.
        self.is_torn = true;
        self.store.append(&bytes)?;
        self.is_torn = false;
        records.into_iter().for_each(|r| self.take(r));
        Ok(())
    }

    /// A number for the next intent, and the ones after it.
    pub fn next_id(&self) -> u64 {
        self.next
    }

    /// Creations in a repository that have no receipt.
    pub fn intents(&self, repository: u64) -> impl Iterator<Item = &Intent> {
        self.intents.values().filter(move |i| i.repository == repository)
    }

    /// Whether a creation has no receipt, in whatever repository.
    pub fn has_open_intents(&self) -> bool {
        !self.intents.is_empty()
    }

    /// The commit for which a push of this branch was stopped last.
    pub fn stopped(&self, branch: &str) -> Option<&str> {
        self.stopped.get(branch).map(String::as_str)
    }

    /// Issues that this clone made in a repository.
    pub fn made(&self, repository: u64) -> BTreeMap<EntryKey, u64> {
        self.made_in(repository).map(|(key, (number, _))| (key.clone(), *number)).collect()
    }

    /// When this clone began the first of those creations that are no older than `oldest`.
    pub fn made_since(&self, repository: u64, oldest: Timestamp) -> Option<Timestamp> {
        self.made_in(repository).map(|(_, (_, at))| *at).filter(|at| *at >= oldest).min()
    }

    fn made_in(&self, repository: u64) -> impl Iterator<Item = (&EntryKey, &(u64, Timestamp))> {
        self.made.iter().filter(move |((r, _), _)| *r == repository).map(|((_, key), made)| (key, made))
    }

    /// The last agreement on an entry.
    pub fn agreement(&self, repository: u64, key: &EntryKey) -> Option<&Agreement> {
        self.agreed.get(key).filter(|a| a.repository == repository)
    }

    /// What was about to be sent for an entry and has not reached its worklog as a base line; and
    /// whether the last agreement came after it.
    pub fn sending(&self, repository: u64, key: &EntryKey) -> Option<(&str, bool)> {
        self.sending.get(key).filter(|s| s.0 == repository).map(|s| (s.1.as_str(), s.2))
    }

    /// Whether something was sent, or was about to be, that has not reached the worklog.
    pub fn is_unsettled(&self, repository: u64, key: &EntryKey) -> bool {
        self.sending(repository, key).is_some()
            || self.agreement(repository, key).is_some_and(|agreement| !agreement.landed)
    }

    /// What GitHub refused in a repository to a token with these rights: issue and value.
    pub fn refused(&self, repository: u64, rights: &str) -> BTreeSet<(u64, String)> {
        let fits = |r: &&(u64, u64, String, String)| r.0 == repository && r.3 == rights;
        self.refused.iter().filter(fits).map(|r| (r.1, r.2.clone())).collect()
    }

    /// Issues of a repository that gave way to another one and have had their end.
    pub fn settled(&self, repository: u64) -> BTreeSet<u64> {
        self.settled.iter().filter(|(r, _)| *r == repository).map(|(_, n)| *n).collect()
    }

    /// The last sync of a repository that changed something.
    pub fn last_sync(&self, repository: u64) -> Option<&LastSync> {
        self.last.get(&repository)
    }

    /// The two values of a conflict as they were last shown.
    pub fn shown(&self, key: &EntryKey, field: &str) -> Option<&(String, String)> {
        self.shown.get(&(key.clone(), field.to_owned()))
    }

    /// Lines that could not be read: torn by a crash, or damaged since.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// Rewrites the journal without what no longer matters, once it has grown.
    ///
    /// # Errors
    /// When the disk said no; the old journal is then still there.
    pub fn compact(&mut self) -> Result<(), JournalError> {
        if self.records < 4_000 {
            return Ok(());
        }
        let mut records: Vec<Record> = Vec::new();
        for ((repository, key), (number, at)) in &self.made {
            let id = 0;
            let keys = vec![key.to_string()];
            records.push(Record::Intent { id, repository: *repository, keys, comment_on: None, at: *at });
            records.push(Record::Made { id, number: *number });
        }
        for i in self.intents.values() {
            let keys = i.keys.iter().map(ToString::to_string).collect();
            let (id, repository, comment_on, at) = (i.id, i.repository, i.comment_on, i.at);
            records.push(Record::Intent { id, repository, keys, comment_on, at });
        }
        // What was sent before the last agreement stands before it, and what was sent since after it.
        let sent = |answered: bool| {
            let fitting = self.sending.iter().filter(move |(_, sent)| sent.2 == answered);
            fitting.map(|(key, (repository, line, _))| {
                let (repository, line) = (*repository, line.clone());
                Record::Sending { repository, key: key.to_string(), line }
            })
        };
        records.extend(sent(true));
        for (key, a) in &self.agreed {
            let (repository, line, written) = (a.repository, a.line.clone(), a.written.clone());
            let (key, commit) = (key.to_string(), a.commit.clone());
            let landed = a.landed.then(|| Record::Landed { repository, keys: vec![key.clone()] });
            records.push(Record::Agreed { repository, key, line, written, commit });
            records.extend(landed);
        }
        records.extend(sent(false));
        for (repository, number, what, rights) in self.refused.clone() {
            records.push(Record::Refused { repository, number, what, rights });
        }
        for (repository, number) in self.settled.clone() {
            records.push(Record::Settled { repository, number });
        }
        for (branch, commit) in self.stopped.clone() {
            records.push(Record::Stopped { branch, commit });
        }
        for (repository, last) in self.last.clone() {
            records.push(match last {
                LastSync::CutOff => Record::Syncing { repository },
                LastSync::Done(done) => Record::Synced { repository, done },
                LastSync::Undone => Record::Undone { repository },
            });
        }
        for ((key, field), (here, there)) in self.shown.clone() {
            records.push(Record::Shown { key: key.to_string(), field, here, there });
        }
        let bytes: Vec<u8> = records.iter().flat_map(Record::encode).collect();
        self.store.replace(&bytes)?;
        self.records = records.len();
        Ok(())
    }

    fn take(&mut self, record: Record) {
        self.records += 1;
        match record {
            Record::Intent { id, repository, keys, comment_on, at } => {
                let keys = keys.iter().filter_map(|k| EntryKey::parse(k).ok()).collect();
                self.next = self.next.max(id.saturating_add(1));
                self.intents.insert(id, Intent { id, repository, keys, comment_on, at });
            }
            Record::Made { id, number } => {
                if let Some(intent) = self.intents.remove(&id).filter(|i| i.comment_on.is_none()) {
                    let made = |key| ((intent.repository, key), (number, intent.at));
                    self.made.extend(intent.keys.into_iter().map(made));
                }
            }
            Record::Dropped { id } => drop(self.intents.remove(&id)),
            Record::Agreed { repository, key, line, written, commit } => {
                if let Ok(key) = EntryKey::parse(&key) {
                    self.sending.entry(key.clone()).and_modify(|sending| sending.2 = true);
                    let agreement = Agreement { repository, line, written, commit, landed: false };
                    self.agreed.insert(key, agreement);
                }
            }
            Record::Landed { repository, keys } => {
                let keys = keys.iter().filter_map(|key| EntryKey::parse(key).ok());
                for key in keys {
                    let agreement = self.agreed.get_mut(&key).filter(|a| a.repository == repository);
                    agreement.into_iter().for_each(|a| a.landed = true);
                    self.sending.remove(&key);
                }
            }
            Record::Sending { repository, key, line } => {
                if let Ok(key) = EntryKey::parse(&key) {
                    self.sending.insert(key, (repository, line, false));
                }
            }
            Record::Refused { repository, number, what, rights } => {
                self.refused.insert((repository, number, what, rights));
            }
            Record::Settled { repository, number } => drop(self.settled.insert((repository, number))),
            Record::Stopped { branch, commit } => drop(self.stopped.insert(branch, commit)),
            Record::Syncing { repository } => drop(self.last.insert(repository, LastSync::CutOff)),
            Record::Synced { repository, done } => {
                self.last.insert(repository, LastSync::Done(done));
            }
            Record::Undone { repository } => drop(self.last.insert(repository, LastSync::Undone)),
            Record::Shown { key, field, here, there } => {
                if let Ok(key) = EntryKey::parse(&key) {
                    self.shown.insert((key, field), (here, there));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
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

    fn intent(id: u64) -> Record {
        let at = Timestamp::from_second(10);
        Record::Intent { id, repository: 7, keys: vec!["w/e".into()], comment_on: None, at }
    }

    #[test]
    fn an_intent_is_open_until_its_receipt() {
        let mut store = Memory::default();
        let mut journal = Journal::open(&mut store).expect("opened");
        journal.append(vec![intent(1), intent(2)]).expect("written");
        journal.append(vec![Record::Dropped { id: 2 }]).expect("written");
        let mut journal = Journal::open(&mut store).expect("opened");
        assert_eq!(journal.intents(7).map(|i| i.id).collect::<Vec<_>>(), [1]);
        assert_eq!(journal.next_id(), 3);
        journal.append(vec![Record::Made { id: 1, number: 5 }]).expect("written");
        let journal = Journal::open(&mut store).expect("opened");
        assert_eq!(journal.intents(7).count(), 0);
        assert_eq!(journal.made(7).into_values().collect::<Vec<_>>(), [5]);
        assert_eq!(journal.made(8).len(), 0, "another repository's");
    }

    #[test]
    fn every_cut_of_the_file_reads_as_a_prefix_and_can_be_appended_to() {
        let mut whole = Memory::default();
        Journal::open(&mut whole).expect("opened").append(vec![intent(1), intent(2)]).expect("written");
        for cut in 0..whole.0.len() {
            let mut store = Memory(whole.0[..cut].to_owned());
            let mut journal = Journal::open(&mut store).expect("opened");
            let before = journal.intents(7).count();
            journal.append(vec![intent(9)]).expect("written");
            let journal = Journal::open(&mut store).expect("opened");
            assert_eq!(journal.intents(7).count(), before + 1, "cut at {cut}");
        }
    }

    /// A disk that is full in the middle of a line, once.
    struct Full(Vec<u8>, bool);

    impl Store for Full {
        fn read(&mut self) -> Result<Vec<u8>, StoreError> {
            Ok(self.0.clone())
        }

        fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
            let is_full = std::mem::take(&mut self.1);
            self.0.extend(&bytes[..if is_full { 20 } else { bytes.len() }]);
            let error = StoreError { path: "journal".to_owned(), message: "no space left".to_owned() };
            if is_full { Err(error) } else { Ok(()) }
        }

        fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
            self.0 = bytes.to_owned();
            Ok(())
        }
    }

    #[test]
    fn a_part_of_a_line_that_a_full_disk_left_spoils_nothing_but_itself() {
        let mut store = Full(Vec::new(), true);
        let mut journal = Journal::open(&mut store).expect("opened");
        assert!(journal.append(vec![intent(1)]).is_err());
        journal.append(vec![intent(2)]).expect("written");
        let journal = Journal::open(&mut store).expect("opened");
        assert_eq!(journal.intents(7).map(|i| i.id).collect::<Vec<_>>(), [2]);
        assert_eq!(journal.damaged(), 1);
    }

    #[test]
    fn the_last_number_of_all_is_a_number() {
        let mut store = Memory(intent(u64::MAX).encode());
        let journal = Journal::open(&mut store).expect("opened");
        assert_eq!((journal.intents(7).count(), journal.next_id()), (1, u64::MAX));
    }

    #[test]
    fn a_newer_record_stops_everything() {
        let line = br#"{"record":"later","x":1}"#;
        let mut store = Memory(format!("{:08x} ", crc32fast::hash(line)).into_bytes());
        store.0.extend(line);
        store.0.push(b'\n');
        assert!(matches!(Journal::open(&mut store), Err(JournalError::Newer(_))));
    }

    #[test]
    fn compacting_keeps_what_matters() {
        let mut store = Memory::default();
        let mut journal = Journal::open(&mut store).expect("opened");
        journal.append(vec![intent(1), Record::Made { id: 1, number: 5 }, intent(2)]).expect("written");
        let (key, field) = ("w/e".to_owned(), "status".to_owned());
        let shown = Record::Shown { key, field, here: "open".into(), there: "completed".into() };
        journal.append(vec![shown]).expect("written");
        let (key, line) = ("w/e".to_owned(), "e {}".to_owned());
        let landed = Record::Landed { repository: 7, keys: vec![key.clone()] };
        journal
            .append(vec![Record::Agreed { repository: 7, key, line, written: None, commit: None }, landed])
            .expect("written");
        for _ in 0..4_000 {
            let rights = String::new();
            journal
                .append(vec![Record::Refused { repository: 7, number: 1, what: "+x".into(), rights }])
                .expect("written");
        }
        journal.compact().expect("rewritten");
        let journal = Journal::open(&mut store).expect("opened");
        assert_eq!(
            (journal.made(7).len(), journal.intents(7).count(), journal.refused(7, "").len()),
            (1, 1, 1)
        );
        let key = EntryKey::parse("w/e").expect("a key");
        assert!(journal.shown(&key, "status").is_some(), "or a preference would settle what nobody saw");
        assert!(journal.agreement(7, &key).is_some_and(|a| a.landed), "or an old text would be a conflict");
        assert!(journal.records < 10);
    }
}
