//! The nouns: what a worklog, an entry, an issue, a label and a link are.
//!
//! Floor 0 of the house. Nothing here knows about files, YAML, git or GitHub; every
//! other room speaks in these types. Values are checked once, when they are made, and
//! trusted afterwards.

mod base;
mod entry;
mod issue;
mod key;
mod label;
mod link;
mod remote;
mod results;
mod shape;
mod status;
mod time;
mod untrusted;

pub use base::Base;
pub use entry::{Candidate, Entry, Header, Run};
pub use issue::{Issue, IssueRef, RepoSlug, SlugError};
pub use key::{EntryId, EntryKey, IdError, WorklogId};
pub use label::{Label, Labels};
pub use link::{Link, LinkError, LinkKind, LinkTarget, Links};
pub use remote::{
    Association, Author, Comment, Event, EventKind, IssueText, Look, RemoteIssue, Repository, State,
};
pub use results::{Complaint, Failure, Fault, Format, Names, Results};
pub use shape::{FileKey, Shape};
pub use status::{Severity, Status, Vocabulary};
pub use time::{TimeError, Timestamp};
pub use untrusted::{Untrusted, guarded, guarded_json, is_hidden};
