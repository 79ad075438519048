//! How alike two problems are by their words: which issue an entry may be about.
//!
//! Floor 1, pure. An [`Index`] holds what is written of each issue: its own title and body, and
//! every worklog entry that names it. Asked about an entry it answers with the few issues that
//! are most like it, each with the [signals](SIGNALS) that say so, and [`verdict`] says what may
//! be made of that: a link, a question, or nothing.
//!
//! What most issues share counts for nothing, and that is learned from the issues at hand: a word
//! weighs the less the more issues have it. No list of words and no language is known here.
//!
//! What it leaves out: numbers, markers and fingerprints, which say more than likeness does and
//! come before it; which issues there are, and what is done with an answer.

pub mod explain;
mod index;
mod lines;
mod signals;
mod verdict;
mod words;

pub use index::Index;
pub use signals::{SIGNALS, Signal};
pub use verdict::{Lack, Needed, Verdict, WEAKEST, lacks_to_be_same, strong_among, verdict};

/// What is written of a problem, in one place: an entry of a worklog, or an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// One line.
    pub title: String,
    /// The failing tests, as they are named.
    pub tests: Vec<String>,
    /// The files that it is about.
    pub files: Vec<String>,
    /// Everything else, in markdown. Of very long ones the beginning is read.
    pub body: String,
    /// When it was written or last moved, in seconds since 1970.
    pub at: Option<i64>,
}

/// An issue that is like an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// Its number.
    pub issue: u64,
    /// How alike they are, from 0 to 1: the sum of the signals, by their weights.
    pub score: f64,
    /// How much there is of each signal, from 0 to 1, in the order of [`SIGNALS`].
    pub amounts: [f64; SIGNALS.len()],
    /// What they have in common, for people.
    pub common: Common,
    /// How many issues it was found among.
    pub among: usize,
}

/// What an entry and an issue have in common, as it is spelled in the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Common {
    /// The line that says most, if they share one that is long and rare.
    pub line: Option<String>,
    /// Tests.
    pub tests: Vec<String>,
    /// Files.
    pub files: Vec<String>,
    /// The words that weigh most; at most six.
    pub words: Vec<String>,
}
