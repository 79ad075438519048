//! What a suite says of its tests, against what it tells.
//!
//! Tools count differently, and none of that is a fault of the results: pytest counts a setup
//! that failed beside its test and shows a test twice that it tried again, Jest leaves tests to be
//! written out of its sum, mocha-junit-reporter leaves out those that were skipped, node counts a
//! nested suite as one test, and a part that could not run is counted by some.

use super::super::lines::plural;
use super::case::Case;
use super::names::Dialect;

/// The numbers of a suite's attributes.
#[derive(Debug, Default)]
pub(super) struct Said {
    tests: Option<u64>,
    failures: Option<u64>,
    errors: Option<u64>,
    skipped: Option<u64>,
}

/// What was told within a suite.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Tests, and those of a name that was new.
    pub(super) cases: u64,
    unique: u64,
    /// Tests that failed, and failures and errors told.
    bad: u64,
    pub(super) skipped: u64,
    /// Tries again.
    tries: u64,
    /// Tests that are no tests but parts that could not run.
    pub(super) parts: u64,
    /// Of this suite alone: tests, those that failed, suites, those with failures.
    own: [u64; 4],
    /// Whether the numbers of this suite, or of one in it, were wrong.
    pub(super) was_wrong: bool,
}

impl Said {
    pub(super) fn new(get: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name: &str| {
            // Some write `1,234`; none writes a part of a test.
            let text = get(name)?.trim().replace([',', '\u{a0}', ' '], "");
            text.split('.').next().and_then(|t| t.parse().ok())
        };
        Self {
            tests: number("tests"),
            failures: number("failures"),
            errors: number("errors"),
            skipped: number("skipped").or_else(|| number("disabled")),
        }
    }

    pub(super) fn skipped(&self) -> u64 {
        self.skipped.unwrap_or(0)
    }

    pub(super) fn has_bad(&self) -> bool {
        self.bad().is_some_and(|b| b > 0)
    }

    fn bad(&self) -> Option<u64> {
        match (self.failures, self.errors) {
            (None, None) => None,
            (f, e) => Some(f.unwrap_or(0).saturating_add(e.unwrap_or(0))),
        }
    }

    /// What is said and what is told, where the two can't both be.
    pub(super) fn compare(&self, told: &Tally, dialect: Dialect, skipped: u64) -> Option<(String, String)> {
        if told.was_wrong {
            return None;
        }
        let low =
            if dialect == Dialect::Pytest { told.unique.saturating_sub(told.parts) } else { told.cases };
        let mut high = told.cases + told.parts + told.tries;
        if dialect == Dialect::Pytest {
            high += told.bad;
        }
        if dialect == Dialect::Mocha {
            high += skipped.max(self.skipped());
        }
        let [own_cases, own_bad, suites, bad_suites] = told.own;
        let tests_fit = self.tests.is_none_or(|said| {
            (low..=high).contains(&said)
                || (suites > 0 && said == own_cases)
                || (suites > 0 && said == own_cases + suites)
                || (dialect == Dialect::Jest && said < told.cases && said >= told.bad)
        });
        let bad_fit = self.bad().is_none_or(|said| {
            (told.bad..=told.bad + told.parts + told.tries).contains(&said)
                || (suites > 0 && (said == own_bad || said == own_bad + bad_suites))
        });
        if tests_fit && bad_fit {
            return None;
        }
        let says = |tests: Option<u64>, bad: Option<u64>| {
            let tests = tests.map(|n| plural(n, "test"));
            let bad = bad.map(|n| format!("{n} of them failed"));
            [tests, bad].into_iter().flatten().collect::<Vec<_>>().join(", ")
        };
        let seen = (told.cases + told.parts, told.bad + told.parts);
        Some((says(self.tests, self.bad()), says(Some(seen.0), Some(seen.1))))
    }
}

impl Tally {
    pub(super) fn case(&mut self, case: &Case, is_new: bool) {
        self.cases += 1;
        self.own[0] += 1;
        self.unique += u64::from(is_new);
        self.tries += case.tries();
        if case.is_skipped() {
            self.skipped += 1;
        } else if case.is_bad() {
            self.bad += 1;
            self.own[1] += 1;
        }
    }

    /// How many tests this suite itself has told so far.
    pub(super) fn own_cases(&self) -> u64 {
        self.own[0]
    }

    /// The last test told is none but a part.
    pub(super) fn part(&mut self, case: &Case) {
        self.parts += 1;
        self.cases -= 1;
        self.own[0] -= 1;
        if case.is_skipped() {
            self.skipped -= 1;
        } else if case.is_bad() {
            self.bad -= 1;
            self.own[1] -= 1;
        }
    }

    pub(super) fn inner(&mut self, inner: &Self) {
        self.cases += inner.cases;
        self.unique += inner.unique;
        self.bad += inner.bad;
        self.skipped += inner.skipped;
        self.tries += inner.tries;
        self.parts += inner.parts;
        self.own[2] += 1;
        self.own[3] += u64::from(inner.bad + inner.parts > 0);
        self.was_wrong |= inner.was_wrong;
    }
}
