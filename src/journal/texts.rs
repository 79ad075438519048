//! What GitHub's issues say, kept so that an entry can be compared with all of them.
//!
//! Disposable like the cache: a missing, damaged or old one costs a listing and nothing else. It
//! is a file of its own because it is large and is needed only where something is to be filed. It
//! is read whole and grows at its end: a line for each issue that says something new, then
//! a line with the time up to which that holds. What follows a torn line is not believed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::journal::{Store, StoreError};
use crate::model::{IssueText, RemoteIssue, Timestamp};

/// The texts of one repository's issues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    repository: u64,
    as_of: Option<Timestamp>,
    issues: BTreeMap<u64, IssueText>,
    /// What the file does not say yet.
    fresh: BTreeSet<u64>,
    /// How many lines the file has; `None` where it has to be written anew.
    lines: Option<usize>,
}

const VERSION: u32 = 1;

/// A file with so many lines more than issues is written anew.
const SPARE_LINES: usize = 1_000;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// Everything before it is what GitHub said at this time.
    Look { version: u32, repository: u64, as_of: Timestamp },
    /// What an issue says.
    Issue { number: u64, text: IssueText },
}

impl Texts {
    /// No texts yet.
    pub fn new(repository: u64) -> Self {
        Self { repository, ..Self::default() }
    }

    /// Reads the texts of a repository; none where they are missing, damaged or another
    /// repository's.
    pub fn load(store: &mut dyn Store, repository: u64) -> Self {
        let empty = Self::new(repository);
        let Ok(bytes) = store.read() else { return empty };
        let mut texts = Self { lines: Some(0), ..empty.clone() };
        let mut heard: Vec<(u64, IssueText)> = Vec::new();
        for row in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = row.ends_with(b"\n").then(|| serde_json::from_slice(row).ok()).flatten();
            match whole {
                Some(Line::Issue { number, text }) => heard.push((number, text)),
                Some(Line::Look { version: VERSION, repository: theirs, as_of }) if theirs == repository => {
                    texts.issues.extend(heard.drain(..));
                    texts.as_of = Some(as_of);
                }
                Some(Line::Look { .. }) => return empty,
                None => {
                    texts.lines = None;
                    break;
                }
            }
            texts.lines = texts.lines.map(|n| n + 1);
        }
        // Rows without a time were cut off: they are heard again.
        if !heard.is_empty() {
            texts.lines = None;
        }
        if texts.as_of.is_none() { empty } else { texts }
    }

    /// The repository whose texts are there, if any are.
    pub fn whose(store: &mut dyn Store) -> Option<u64> {
        let bytes = store.read().ok()?;
        let row = |row: &[u8]| match serde_json::from_slice(row) {
            Ok(Line::Look { version: VERSION, repository, .. }) => Some(repository),
            _ => None,
        };
        bytes.split_inclusive(|byte| *byte == b'\n').find_map(row)
    }

    /// GitHub's time up to which they hold; `None` where the repository was not listed yet.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// What the issues say, by number.
    pub fn issues(&self) -> &BTreeMap<u64, IssueText> {
        &self.issues
    }

    /// Forgets everything, to hear it again.
    pub fn restart(&mut self) {
        *self = Self::new(self.repository);
    }

    /// Takes a row of a listing, unless what is known is newer.
    pub fn hear(&mut self, issue: &RemoteIssue) {
        let text = IssueText::from(issue);
        let known = self.issues.get(&issue.number);
        if known.is_some_and(|known| known.updated_at > text.updated_at || *known == text) {
            return;
        }
        self.issues.insert(issue.number, text);
        self.fresh.insert(issue.number);
    }

    /// Notes that everything up to this time was heard.
    pub fn listed(&mut self, as_of: Timestamp) {
        self.as_of = Some(as_of);
    }

    /// Writes down what is new.
    ///
    /// # Errors
    /// When the disk said no. Nothing depends on it.
    pub fn save(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        let Some(as_of) = self.as_of else { return Ok(()) };
        let grown = self.lines.filter(|lines| *lines > 0 && *lines < 2 * self.issues.len() + SPARE_LINES);
        let mut bytes = Vec::new();
        let is_due = |number: &u64| grown.is_none() || self.fresh.contains(number);
        for (number, text) in self.issues.iter().filter(|(number, _)| is_due(number)) {
            write(&mut bytes, &Line::Issue { number: *number, text: text.clone() });
        }
        write(&mut bytes, &Line::Look { version: VERSION, repository: self.repository, as_of });
        let new = bytes.iter().filter(|byte| **byte == b'\n').count();
        match grown {
            Some(_) => store.append(&bytes)?,
            None => store.replace(&bytes)?,
        }
        self.lines = Some(grown.unwrap_or(0) + new);
        self.fresh.clear();
        Ok(())
    }
}

fn write(bytes: &mut Vec<u8>, line: &Line) {
    // Values of these types always have a JSON form.
    bytes.extend(serde_json::to_vec(line).unwrap_or_default());
    bytes.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Association, Author, State};

    /// A file in memory that counts how it was written.
    #[derive(Default)]
    struct Memory {
        bytes: Vec<u8>,
        replaced: usize,
    }

    impl Store for Memory {
        fn read(&mut self) -> Result<Vec<u8>, StoreError> {
            Ok(self.bytes.clone())
        }

        fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
            self.bytes.extend(bytes);
            Ok(())
        }

        fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
            self.bytes = bytes.to_vec();
            self.replaced += 1;
            Ok(())
        }
    }

    fn issue(number: u64, title: &str, at: i64) -> RemoteIssue {
        RemoteIssue {
            number,
            node_id: String::new(),
            title: title.to_owned(),
            body: "ö".repeat(IssueText::MOST),
            state: State::Open,
            labels: Vec::new(),
            author: Author { login: "ann".to_owned(), association: Association::Owner },
            locked: false,
            created_at: Timestamp::from_second(0),
            updated_at: Timestamp::from_second(at),
        }
    }

    fn titles(texts: &Texts) -> Vec<&str> {
        texts.issues().values().map(|t| t.title.as_str()).collect()
    }

    #[test]
    fn what_is_new_is_added_at_the_end() {
        let mut store = Memory::default();
        let mut texts = Texts::load(&mut store, 7);
        assert_eq!(texts.as_of(), None);
        texts.hear(&issue(1, "one", 10));
        texts.hear(&issue(2, "two", 10));
        texts.listed(Timestamp::from_second(20));
        texts.save(&mut store).expect("saved");
        let mut again = Texts::load(&mut store, 7);
        assert_eq!((again.as_of(), titles(&again)), (Some(Timestamp::from_second(20)), vec!["one", "two"]));
        assert!(again.issues()[&1].body.len() <= IssueText::MOST);
        let before = store.bytes.len();
        again.hear(&issue(1, "one", 10));
        again.hear(&issue(2, "older", 5));
        again.hear(&issue(3, "three", 30));
        again.listed(Timestamp::from_second(40));
        again.save(&mut store).expect("saved");
        assert_eq!(store.replaced, 1, "only the first time");
        assert!(store.bytes.len() < before + before, "one issue and a time");
        let last = Texts::load(&mut store, 7);
        assert_eq!(
            (last.as_of(), titles(&last)),
            (Some(Timestamp::from_second(40)), vec!["one", "two", "three"])
        );
    }

    #[test]
    fn a_torn_file_says_what_it_said_before_and_is_written_anew() {
        let mut store = Memory::default();
        let mut texts = Texts::load(&mut store, 7);
        texts.hear(&issue(1, "one", 10));
        texts.listed(Timestamp::from_second(20));
        texts.save(&mut store).expect("saved");
        let whole = store.bytes.len();
        texts.hear(&issue(2, "two", 30));
        texts.listed(Timestamp::from_second(40));
        texts.save(&mut store).expect("saved");
        let all = store.bytes.clone();
        for end in whole..all.len() {
            store.bytes = all[..end].to_vec();
            let torn = Texts::load(&mut store, 7);
            assert_eq!(
                (torn.as_of(), titles(&torn)),
                (Some(Timestamp::from_second(20)), vec!["one"]),
                "{end}"
            );
            assert_eq!(torn.lines.is_none(), end > whole, "{end}");
        }
        let mut torn = Texts::load(&mut store, 7);
        torn.listed(Timestamp::from_second(50));
        torn.save(&mut store).expect("saved");
        assert_eq!(titles(&Texts::load(&mut store, 7)), vec!["one"]);
    }

    #[test]
    fn another_repositorys_texts_and_nonsense_are_none() {
        let mut store = Memory::default();
        let mut texts = Texts::load(&mut store, 7);
        texts.hear(&issue(1, "one", 10));
        texts.listed(Timestamp::from_second(20));
        texts.save(&mut store).expect("saved");
        assert_eq!(Texts::load(&mut store, 8).as_of(), None);
        assert_eq!(Texts::whose(&mut store), Some(7));
        store.bytes = b"nonsense\n".to_vec();
        assert_eq!(Texts::whose(&mut store), None);
        assert_eq!(Texts::load(&mut store, 7), Texts { repository: 7, ..Texts::default() });
    }
}
