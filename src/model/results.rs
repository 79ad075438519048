//! What the tests of a suite said, in the words of no tool.
//!
//! The formats become these values in `report`, `matching` groups them by cause, and the flow
//! of a run makes entries of them. Texts are as the tools wrote them, only bounded: secrets are
//! still in them, and escapes.

use crate::model::Timestamp;

/// Everything that one source of results said: a file, or the output of a suite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// How many tests passed, those that passed only when tried again included.
    pub passed: u64,
    /// How many tests failed for whatever [`Fault`].
    pub failed: u64,
    /// How many were skipped, ignored or expected to fail.
    pub skipped: u64,
    /// Which tests passed, so that a test that is absent is never taken for one that passed.
    pub passing: Names,
    /// Failures in the order of the results; those that passed when tried again as well
    /// ([`Failure::is_flaky`]).
    pub failures: Vec<Failure>,
    /// Failures that found no room among [`Self::failures`]; they are in [`Self::failed`].
    pub left_out: u64,
    /// Tests that had begun and not ended where the results end, the latest begun last.
    pub running: Vec<String>,
    /// The last test that ended, where the format tells an order.
    pub last: Option<String>,
    /// What is wrong with the results themselves, or with something that is no test.
    pub complaints: Vec<Complaint>,
    /// The moment before which the last of the tests began, where the results tell it: the latest
    /// that it can be where they tell no zone.
    pub made: Option<Timestamp>,
}

/// One test that did not pass, or did so only when it was tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The test, as somebody who runs it by its name would write it.
    pub test: String,
    /// The test's file or class, where the format tells it.
    pub file: Option<String>,
    /// How it failed.
    pub fault: Fault,
    /// The type of the exception or failure, as the tool has it: `AssertionError`.
    pub kind: Option<String>,
    /// What the tool says in short; may be empty, and may have several lines.
    pub message: String,
    /// The trace, the difference, the lines around it.
    pub detail: String,
    /// What the test printed, where that is apart.
    pub output: String,
    /// Passed when it was tried again in the same run.
    pub is_flaky: bool,
}

/// How a test failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The test itself: an assertion, an exception, a panic.
    Failed,
    /// What is before or after it: a fixture, a hook, a setup.
    Errored,
    /// It took too long, as the tool says or as the suite's own limit.
    TimedOut,
    /// The process that ran it ended under it: a signal, an abort, an exit.
    Crashed,
}

/// Something that is wrong and is no test's failure.
#[derive(Clone, Debug, PartialEq)]
pub enum Complaint {
    /// The results end too early, or can't be read from some place on; why.
    CutShort(String),
    /// The source says how many tests there are or failed, and other ones are told.
    Counts {
        /// What it says: `5 tests, 3 of them failed`.
        said: String,
        /// What it tells.
        told: String,
    },
    /// A part that could not be built, collected or set up, so that its tests did not run.
    Part {
        /// The file, package or class.
        name: String,
        /// In short.
        message: String,
        /// All that is said of it.
        detail: String,
    },
    /// The tool gave up on the whole suite: `Bail out!`.
    GaveUp(String),
    /// Nothing in it says a word about a test.
    Nothing,
}

/// What results are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// JUnit's XML, in any of its dialects.
    Junit,
    /// `go test -json`.
    GoJson,
    /// What `cargo test` or cargo-nextest print.
    Libtest,
    /// The Test Anything Protocol.
    Tap,
    /// No results: only whether the command ended with 0, and what it printed.
    ExitStatus,
}

/// A set of test names that takes eight bytes a name.
///
/// Names are kept as 64-bit hashes (FNV-1a, finished by a mixer): of a million names two are
/// taken for one with a chance of one in thirty million.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(std::collections::BTreeSet<u64>);

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Junit, Self::GoJson, Self::Libtest, Self::Tap, Self::ExitStatus];

    /// The word in `gardener.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::GoJson => "go-json",
            Self::Libtest => "libtest",
            Self::Tap => "tap",
            Self::ExitStatus => "exit-status",
        }
    }
}

impl Results {
    /// Whether the results are whole and no test failed: nothing is left to complain about.
    pub fn is_clean(&self) -> bool {
        self.failed == 0 && self.complaints.is_empty() && self.running.is_empty()
    }

    /// Adds the results of another file of the same suite.
    pub fn append(&mut self, other: Self) {
        let Self { passed, failed, skipped, passing, failures, left_out, running, last, complaints, made } =
            other;
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
        self.passing.append(passing);
        self.failures.extend(failures);
        self.left_out += left_out;
        self.running.extend(running);
        self.last = last.or(self.last.take());
        self.complaints.extend(complaints);
        self.made = self.made.max(made);
    }

    /// How many tests are told of.
    pub fn told(&self) -> u64 {
        self.passed + self.failed + self.skipped
    }
}

impl Names {
    /// Adds a name.
    pub fn insert(&mut self, name: &str) {
        self.0.insert(hash(name));
    }

    /// Removes a name: of two results of one test the worse counts.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(&hash(name));
    }

    /// Whether it is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(&hash(name))
    }

    /// Adds all names of another set.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// FNV-1a (Fowler, Noll, Vo), whose weak high bits are mixed as `MurmurHash3` ends (Appleby).
fn hash(name: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    mixed ^= mixed >> 33;
    mixed = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ mixed >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let mut names = Names::default();
        assert!(names.is_empty());
        for n in 0..20_000 {
            names.insert(&format!("tests/test_{n}.py::test_{n}"));
        }
        assert_eq!(names.0.len(), 20_000);
        assert!(names.contains("tests/test_7.py::test_7") && !names.contains("tests/test_7.py::test_8"));
        names.remove("tests/test_7.py::test_7");
        assert!(!names.contains("tests/test_7.py::test_7"));
    }
}
