//! Which cause of an earlier worklog a failure belongs to.
//!
//! The evidence is that of grouping: an equal fingerprint, or the same test failing in a way
//! that what is written there does not contradict. That two tests stand in one file is none.

use std::collections::BTreeSet;

use super::Known;
use super::kind;
use super::reading::{Reading, test_name};
use super::texts::skeleton;
use super::words::words;
use crate::wording::normalise;

/// How sure it is that a failure is one of a known cause; the later ones are surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// The test is named there, and nothing contradicts.
    Named,
    /// The test is named there, and the texts agree.
    Told,
    /// The fingerprint is that one.
    Print,
}

/// A known cause, read.
pub(super) struct Entry<'k> {
    known: &'k Known,
    /// The tests, without parameters: all that may be the name of one.
    tests: BTreeSet<String>,
    kinds: BTreeSet<String>,
    text: String,
    words: BTreeSet<String>,
    /// The forms of its lines, of which one may be the message.
    forms: BTreeSet<String>,
}

impl<'k> Entry<'k> {
    pub(super) fn new(known: &'k Known) -> Self {
        let text = format!("{}\n{}", known.title, known.excerpt);
        let normal = normalise(&text);
        Self {
            tests: known.tests.iter().map(|t| bare(t)).collect(),
            kinds: kind::mentioned(&text).into_iter().collect(),
            words: words(&normal).collect(),
            forms: normal.lines().map(|line| skeleton(bare_message(line))).collect(),
            text: normal,
            known,
        }
    }

    /// Whether the failure, whose test has this name and which has this print, is of it.
    pub(super) fn holds(&self, test: &str, reading: &Reading, print: &str) -> Option<Sure> {
        if self.known.fingerprint.as_deref() == Some(print) {
            return Some(Sure::Print);
        }
        if !self.tests.contains(&bare(test)) {
            return None;
        }
        // What gardener wrote shows the message, at least as its title: another fault in a test that
        // is named there is new.
        if self.known.fingerprint.is_some() && !self.text.trim().is_empty() && !reading.message.is_empty() {
            return (self.has_form(reading) || self.has_place(reading)).then_some(Sure::Told);
        }
        let first = reading.message.lines().next().unwrap_or_default();
        if !first.is_empty() && reading.is_informative && self.text.contains(first) {
            return Some(Sure::Told);
        }
        let names = |kind: &String| self.kinds.contains(kind);
        let by_machine = self.known.fingerprint.is_some();
        let says_nothing = self.known.excerpt.trim().is_empty() && self.kinds.is_empty();
        if reading.is_assertion {
            // The failing test itself is the evidence, unless only exceptions are spoken of.
            let contradicts = !self.kinds.is_empty() && !self.kinds.iter().any(|k| kind::is_assertion(k));
            return (!contradicts).then(|| if self.shared(reading) { Sure::Told } else { Sure::Named });
        }
        if reading.kinds.iter().any(names) {
            // One type may have two causes in one test: its words have to be there, too.
            let agrees = self.shared(reading) || !reading.is_informative || !by_machine;
            return agrees.then_some(Sure::Told);
        }
        // What gardener wrote would name the type; what a person wrote may not.
        let contradicts = !self.kinds.is_empty() || by_machine && !says_nothing && !self.shared(reading);
        (!contradicts).then(|| if self.shared(reading) { Sure::Told } else { Sure::Named })
    }

    /// Whether a line of the entry has the form of the message.
    fn has_form(&self, reading: &Reading) -> bool {
        let line = reading.message.lines().next().unwrap_or_default();
        let form = skeleton(bare_message(line));
        let cut = |f: &String| f.strip_suffix('…').is_some_and(|f| f.len() > 20 && form.starts_with(f));
        !form.is_empty() && (self.forms.contains(&form) || self.forms.iter().any(cut))
    }

    /// Whether the entry names the type and the innermost function of the project.
    fn has_place(&self, reading: &Reading) -> bool {
        let Some((file, function)) = reading.inner.as_deref().and_then(|i| i.split_once("::")) else {
            return false;
        };
        let is_raised = !reading.is_assertion && reading.kinds.iter().any(|k| self.kinds.contains(k));
        is_raised && self.text.contains(file) && self.text.contains(function)
    }

    /// Whether half of the words of the message are in the text of the entry.
    fn shared(&self, reading: &Reading) -> bool {
        let there = reading.tokens.intersection(&self.words).count();
        there > 0 && there * 2 >= reading.tokens.len()
    }
}

/// A line without pytest's mark and the type that it begins with.
fn bare_message(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix("E ").unwrap_or(line).trim_start();
    kind::leading(line).map_or(line, |(_, rest)| rest)
}

/// A test's name as it is compared: its last two parts without parameters, since worklogs
/// name a test with its file and reports sometimes with its package.
fn bare(test: &str) -> String {
    let (class, name) = test_name(test);
    let class = class.trim_end_matches(".py");
    let last = class.rsplit([':', '/', '.', '>', '#']).next().unwrap_or_default().trim();
    if last.is_empty() { name } else { format!("{last} {name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests() {
        assert_eq!(bare("tests/test_x.py::TestA::test_b[1-2]"), "TestA test_b");
        assert_eq!(bare("tests/test_x.py::test_b"), bare("tests.test_x::test_b"));
        assert_eq!(bare("com.x.FooTest.method"), "FooTest method");
        assert_ne!(bare("tests/test_x.py::test_b"), bare("tests/test_y.py::test_b"));
    }
}
