//! One line of the journal: a checksum and a record as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::journal::JournalError;
use crate::model::Timestamp;

/// A record. Its form on disk is kept readable for later versions; a kind that this
/// version does not know means that a newer one is at work here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// A creation begins.
    Intent {
        /// Its number.
        id: u64,
        /// The repository's identity.
        repository: u64,
        /// The entries it is for.
        keys: Vec<String>,
        /// The issue to comment on; `None` for a new issue.
        comment_on: Option<u64>,
        /// GitHub's time.
        at: Timestamp,
    },
    /// A creation is confirmed.
    Made {
        /// The intent's number.
        id: u64,
        /// The number, or the comment's id.
        number: u64,
    },
    /// A creation surely did not happen.
    Dropped {
        /// The intent's number.
        id: u64,
    },
    /// Values are confirmed.
    Agreed {
        /// The repository's identity.
        repository: u64,
        /// The entry.
        key: String,
        /// The base line, without what its worklog is only about to get.
        line: String,
        /// The base line as it is about to be written: where a text has it, it has landed.
        /// `None` while something that was sent is in doubt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        written: Option<String>,
        /// The commit whose text they are agreed with, where that text was left as it is: a
        /// push with only base lines to change leaves no commit behind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
    },
    /// Values are about to be sent for an entry.
    Sending {
        /// The repository's identity.
        repository: u64,
        /// The entry.
        key: String,
        /// The base line as it will be if all goes well, with what is sent and nothing else.
        line: String,
    },
    /// The base lines of these entries stand in their worklogs.
    Landed {
        /// The repository's identity.
        repository: u64,
        /// The entries.
        keys: Vec<String>,
    },
    /// GitHub refused something.
    Refused {
        /// The repository's identity.
        repository: u64,
        /// The issue.
        number: u64,
        /// What.
        what: String,
        /// The rights the token had.
        rights: String,
    },
    /// An issue that was filed twice at once has had its end.
    Settled {
        /// The repository's identity.
        repository: u64,
        /// The issue that gave way.
        number: u64,
    },
    /// A push was stopped once, because this commit was made meanwhile.
    Stopped {
        /// The branch.
        branch: String,
        /// The commit, in full.
        commit: String,
    },
    /// A sync begins to change something. Until it says that it has ended nobody can tell what
    /// of it was done.
    Syncing {
        /// The repository's identity.
        repository: u64,
    },
    /// It has ended.
    Synced {
        /// The repository's identity.
        repository: u64,
        /// What it did.
        done: DoneRecord,
    },
    /// What the last sync did was taken back.
    Undone {
        /// The repository's identity.
        repository: u64,
    },
    /// A conflict was shown with these values.
    Shown {
        /// The entry.
        key: String,
        /// The field.
        field: String,
        /// What the worklog said.
        here: String,
        /// What GitHub said.
        there: String,
    },
}

/// What a sync did, in the journal's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneRecord {
    /// Its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The values it moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<MoveRecord>,
    /// By entry the base line from before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub before: BTreeMap<String, String>,
    /// Issues that it filed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub filed: BTreeSet<u64>,
    /// Issues on which it wrote texts of its own.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<u64>,
}

/// A value that a sync moved: from `before` to `after`, `None` for no value. A label is added
/// where `before` is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRecord {
    /// The issue.
    pub number: u64,
    /// Where.
    pub place: MovePlace,
    /// The entry; `None` on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// GitHub's time of the issue after that, on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Which value.
    pub value: MoveValue,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Where a value was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MovePlace {
    /// On GitHub.
    Github,
    /// In the worklog.
    Worklog,
    /// In the commit alone.
    Commit,
}

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MoveValue {
    /// Where it stands.
    Status,
    /// How bad it is.
    Severity,
    /// One of its labels.
    Label,
}

#[derive(Deserialize)]
struct Kind {
    record: String,
}

impl Record {
    /// The line with its line feed.
    pub(super) fn encode(&self) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("a record has no map keys or floats that JSON can't hold");
        let mut line = format!("{:08x} ", crc32fast::hash(&json)).into_bytes();
        line.extend(json);
        line.push(b'\n');
        line
    }

    /// Reads a line without its line feed. `None` for a torn or damaged one.
    pub(super) fn decode(line: &[u8]) -> Result<Option<Self>, JournalError> {
        let Some((sum, json)) = line.split_at_checked(9) else { return Ok(None) };
        let sum = std::str::from_utf8(sum).ok().and_then(|s| u32::from_str_radix(s.trim_end(), 16).ok());
        if sum != Some(crc32fast::hash(json)) && !sabotaged!(NoChecksum) {
            return Ok(None);
        }
        match serde_json::from_slice(json) {
            Ok(record) => Ok(Some(record)),
            // The checksum holds, so this is what somebody wrote: a newer version.
            Err(error) => {
                let kind =
                    serde_json::from_slice::<Kind>(json).map_or_else(|_| error.to_string(), |k| k.record);
                Err(JournalError::Newer(kind))
            }
        }
    }
}
