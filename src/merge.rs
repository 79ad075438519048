//! The laws by which base, local and remote become one.
//!
//! Floor 1, pure. A scalar follows the one law (equal: that; one side unchanged: the
//! other; else a conflict), a set follows it per element. An issue may have several
//! occurrences, each with its own base (rule 3). A conflict is a value that holds back
//! its own field and nothing else. What to do about a result is decided in `plan`.

mod issue;
mod reading;
mod scalar;
mod set;
mod versions;

pub use issue::{
    Conflict, Field, LocalChange, MergedIssue, MergedOccurrence, Note, Occurrence, Preference, Side,
    merge_issue, needs_events,
};
pub use reading::{LinksThere, Reading, RemoteValues, Touched, lost_labels, read_remote, touched};
pub use scalar::{Scalar, Voice, follow, scalar};
pub use set::{SetVoice, Sets, merge_sets};
pub use versions::{Rejoined, Version, rejoin};

/// The three legs of a merge. `None` is "nothing is known", never "empty".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreeWay<T> {
    /// What both sides agreed on last.
    pub base: Option<T>,
    /// What the worklog says; `None` is no opinion.
    pub local: Option<T>,
    /// What GitHub says; `None` is unknown.
    pub remote: Option<T>,
}

/// Before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff<T> {
    /// What is expected to be there.
    pub before: T,
    /// What is wanted.
    pub after: T,
}
