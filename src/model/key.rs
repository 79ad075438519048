//! The names of a worklog and of an entry in it. They are given once and never change.

use std::fmt;

/// An id that is not 1 to 64 characters of `0-9 A-Z a-z _ -`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 64 letters, digits, `-` or `_`")]
pub struct IdError;

fn check(text: &str) -> Result<String, IdError> {
    let fits = (1..=64).contains(&text.len());
    if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        Ok(text.to_owned())
    } else {
        Err(IdError)
    }
}

/// A worklog's id, unique in its repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorklogId(String);

/// An entry's id, unique in its worklog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(String);

/// The name of one entry in the whole repository: `worklog-id/entry-id`. On GitHub it
/// stands in the marker of the issue that was made for the entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    /// The worklog that holds the entry.
    pub worklog: WorklogId,
    /// The entry in that worklog.
    pub entry: EntryId,
}

impl WorklogId {
    /// Checks `text`.
    ///
    /// # Errors
    /// When it is not an id.
    pub fn new(text: &str) -> Result<Self, IdError> {
        check(text).map(Self)
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EntryId {
    /// Checks `text`.
    ///
    /// # Errors
    /// When it is not an id.
    pub fn new(text: &str) -> Result<Self, IdError> {
        check(text).map(Self)
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EntryKey {
    /// Reads `worklog-id/entry-id`.
    ///
    /// # Errors
    /// When the text is not two ids with one slash between.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let (worklog, entry) = text.split_once('/').ok_or(IdError)?;
        Ok(Self { worklog: WorklogId::new(worklog)?, entry: EntryId::new(entry)? })
    }
}

impl fmt::Display for WorklogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.worklog, self.entry)
    }
}
