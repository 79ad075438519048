//! What a reader finds, gathered: tests counted once, and failures of every kind kept in a
//! bounded room.

use std::collections::BTreeMap;

use super::Seen;
use super::text::{DETAIL, MESSAGE, OUTPUT, bound, first_line, name};
use crate::model::{Complaint, Failure, Fault, Names, Results, Timestamp};

/// How many failures are kept.
const KEPT: usize = 2_000;
/// How many failures of one kind stay when room is made for another kind.
const OF_A_KIND: usize = 3;
/// How many complaints are kept of one sort.
const COMPLAINTS: usize = 500;
/// The bytes of all texts up to which each has its full size; later ones are cut shorter.
const ROOM: usize = 12 << 20;

/// Results as they come to be.
pub(super) struct Gather<'a> {
    results: Results,
    on: &'a mut dyn FnMut(Seen<'_>),
    /// Kept failures by their order.
    failures: BTreeMap<u64, Failure>,
    /// The order of kept failures, by test and by whether they are around it: of a body that failed
    /// and a teardown that failed after it each says something of its own.
    places: BTreeMap<(String, bool), u64>,
    /// How many are kept of each kind.
    kinds: BTreeMap<String, usize>,
    next: u64,
    room: usize,
    failed: Names,
    flaky: Names,
    skipped: Names,
}

impl<'a> Gather<'a> {
    pub(super) fn new(on: &'a mut dyn FnMut(Seen<'_>)) -> Self {
        Self {
            results: Results::default(),
            on,
            failures: BTreeMap::new(),
            places: BTreeMap::new(),
            kinds: BTreeMap::new(),
            next: 0,
            room: ROOM,
            failed: Names::default(),
            flaky: Names::default(),
            skipped: Names::default(),
        }
    }

    /// Says that a test began.
    pub(super) fn began(&mut self, test: &str) {
        (self.on)(Seen::Began(&name(test)));
    }

    /// Says that a test ended, and remembers it as the last one.
    pub(super) fn ended(&mut self, test: &str, failed: bool) {
        let test = name(test);
        (self.on)(Seen::Ended { test: &test, failed });
        self.results.last = Some(test.into_owned());
    }

    /// Whether a test of this name is known to have passed, failed or been skipped.
    pub(super) fn knows(&self, test: &str) -> bool {
        let test = name(test);
        [&self.results.passing, &self.failed, &self.flaky, &self.skipped].iter().any(|n| n.contains(&test))
    }

    /// Whether a failure is kept of a test below this one.
    pub(super) fn has_failed_below(&self, test: &str) -> bool {
        let below = format!("{}/", name(test));
        let mut from = self.places.range((below.clone(), false)..);
        from.next().is_some_and(|((test, _), _)| test.starts_with(&below))
    }

    /// Gives a test another name, because one of its name has turned up elsewhere.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        let (old, new) = (name(old), name(new));
        if old == new || self.knows(&new) {
            return;
        }
        for names in [&mut self.results.passing, &mut self.failed, &mut self.flaky, &mut self.skipped] {
            if names.contains(&old) {
                names.remove(&old);
                names.insert(&new);
            }
        }
        for is_around in [false, true] {
            if let Some(place) = self.places.remove(&(old.to_string(), is_around)) {
                if let Some(failure) = self.failures.get_mut(&place) {
                    failure.test = new.to_string();
                }
                self.places.insert((new.to_string(), is_around), place);
            }
        }
    }

    /// A test passed. One that failed before stays failed: a test that is told of twice was tried
    /// again only where the format says so, and then [`Self::flaky`] is told.
    pub(super) fn pass(&mut self, test: &str) {
        let test = name(test);
        let is_told = [&self.failed, &self.results.passing, &self.flaky].iter().any(|n| n.contains(&test));
        if is_told {
            return;
        }
        self.unskip(&test);
        self.results.passing.insert(&test);
        self.results.passed += 1;
    }

    /// A test was skipped. If it also ran, that counts.
    pub(super) fn skip(&mut self, test: &str) {
        if !self.knows(test) {
            self.skipped.insert(&name(test));
            self.results.skipped += 1;
        }
    }

    /// Tests were skipped that have no names.
    pub(super) fn skip_nameless(&mut self, many: u64) {
        self.results.skipped = self.results.skipped.saturating_add(many);
    }

    /// A test failed. Of one that is told of twice the worse result counts.
    pub(super) fn fail(&mut self, mut failure: Failure) {
        failure.test = name(&failure.test).into_owned();
        if self.failed.contains(&failure.test) {
            return self.again(failure);
        }
        let (passed, was_flaky) =
            (self.results.passing.contains(&failure.test), self.flaky.contains(&failure.test));
        if passed || was_flaky {
            self.results.passing.remove(&failure.test);
            self.flaky.remove(&failure.test);
            self.results.passed -= 1;
            for is_around in [false, true] {
                let place = self.places.get(&(failure.test.clone(), is_around));
                if let Some(known) = place.and_then(|p| self.failures.get_mut(p)) {
                    known.is_flaky = false;
                }
            }
        }
        self.unskip(&failure.test);
        self.failed.insert(&failure.test);
        self.results.failed += 1;
        if was_flaky {
            return self.again(failure);
        }
        self.keep(failure);
    }

    /// Another failure of a test that has one: what is before or after a test is a failure beside
    /// that of the test itself, and anything else is said with the first one.
    fn again(&mut self, failure: Failure) {
        let is_around = is_around(&failure);
        let is_beside = !self.places.contains_key(&(failure.test.clone(), is_around))
            && self.places.contains_key(&(failure.test.clone(), !is_around))
            && self.failures.len() < KEPT;
        if is_beside { self.keep(failure) } else { self.merge(failure) }
    }

    /// A test failed and passed when the tool tried it again: it counts as passed, and is not
    /// among those that simply did.
    pub(super) fn flaky(&mut self, mut failure: Failure) {
        failure.test = name(&failure.test).into_owned();
        failure.is_flaky = true;
        if self.failed.contains(&failure.test) || self.flaky.contains(&failure.test) {
            return self.merge(failure);
        }
        if self.results.passing.contains(&failure.test) {
            self.results.passing.remove(&failure.test);
        } else {
            self.results.passed += 1;
        }
        self.unskip(&failure.test);
        self.flaky.insert(&failure.test);
        self.keep(failure);
    }

    /// A moment at which tests began. Many write it without a zone, be it local or UTC: then it may
    /// have been as late as the last place on earth has it.
    pub(super) fn began_at(&mut self, text: &str) {
        const LAST_PLACE: i64 = 14 * 3600;
        let text = text.trim();
        let moment: Option<Timestamp> = text.parse().ok();
        let bare = || format!("{text}Z").parse().ok().map(|at: Timestamp| at.plus(LAST_PLACE));
        self.results.made = self.results.made.max(moment.or_else(bare));
    }

    pub(super) fn complain(&mut self, complaint: Complaint) {
        let sort = std::mem::discriminant(&complaint);
        let same = self.results.complaints.iter().filter(|c| std::mem::discriminant(*c) == sort).count();
        if same < COMPLAINTS && !self.results.complaints.contains(&complaint) {
            self.results.complaints.push(complaint);
        }
    }

    /// A part could not be run; a message that is empty is the first line of the detail.
    pub(super) fn part(&mut self, part: &str, message: &str, detail: &str) {
        let message = if message.trim().is_empty() { first_line(detail) } else { message.to_owned() };
        let detail = bound(detail, self.shorter(DETAIL));
        self.room = self.room.saturating_sub(detail.len());
        self.complain(Complaint::Part {
            name: name(part).into_owned(),
            message: bound(&message, MESSAGE),
            detail,
        });
    }

    pub(super) fn cut_short(&mut self, why: impl Into<String>) {
        self.complain(Complaint::CutShort(bound(&why.into(), MESSAGE)));
    }

    pub(super) fn counts(&mut self, said: String, told: String) {
        self.complain(Complaint::Counts { said, told });
    }

    /// A test that had begun and not ended.
    pub(super) fn running(&mut self, test: &str) {
        if self.results.running.len() < KEPT {
            self.results.running.push(name(test).into_owned());
        }
    }

    /// How many tests are told of so far.
    pub(super) fn told(&self) -> u64 {
        self.results.told()
    }

    pub(super) fn finish(mut self) -> Results {
        self.results.failures = self.failures.into_values().collect();
        let is_empty = self.results.told() == 0
            && self.results.failures.is_empty()
            && self.results.complaints.is_empty()
            && self.results.running.is_empty();
        if is_empty {
            self.results.complaints.push(Complaint::Nothing);
        }
        self.results
    }

    fn unskip(&mut self, test: &str) {
        if self.skipped.contains(test) {
            self.skipped.remove(test);
            self.results.skipped -= 1;
        }
    }

    /// The limit of a text; less of it once much is kept.
    fn shorter(&self, limit: usize) -> usize {
        if self.room > 0 { limit } else { limit / 16 }
    }

    /// Puts a failure into the room, and takes out one of the most numerous kind for one of a
    /// rare kind.
    fn keep(&mut self, mut failure: Failure) {
        failure.message = bound(&failure.message, self.shorter(MESSAGE));
        failure.detail = bound(&failure.detail, self.shorter(DETAIL));
        failure.output = bound(&failure.output, self.shorter(OUTPUT));
        failure.kind = failure.kind.map(|k| name(&k).into_owned());
        failure.file = failure.file.map(|f| name(&f).into_owned());
        let kind = kind(&failure);
        if self.failures.len() >= KEPT {
            let here = self.kinds.get(&kind).copied().unwrap_or(0);
            let most = self.kinds.iter().max_by_key(|(_, n)| **n).map(|(k, n)| (k.clone(), *n));
            let victim = most.filter(|(_, n)| here < OF_A_KIND && *n > OF_A_KIND.max(here + 1));
            let lost = victim.and_then(|(most, _)| {
                let last = self.failures.iter().rev().find(|(_, f)| self::kind(f) == most);
                last.map(|(place, _)| (*place, most.clone()))
            });
            if !failure.is_flaky {
                self.results.left_out += 1;
            }
            let Some((place, most)) = lost else { return };
            if let Some(gone) = self.failures.remove(&place) {
                let is_around = is_around(&gone);
                let is_told = self.places.contains_key(&(gone.test.clone(), !is_around));
                // What is left out is in `failed`; one that is flaky never was, and one that failed
                // beside itself is still told of.
                self.results.left_out += u64::from(!gone.is_flaky && !is_told);
                self.results.left_out -= u64::from(!failure.is_flaky);
                self.room += size(&gone).min(ROOM);
                self.places.remove(&(gone.test, is_around));
            }
            self.kinds.entry(most).and_modify(|n| *n -= 1);
        }
        *self.kinds.entry(kind).or_default() += 1;
        self.room = self.room.saturating_sub(size(&failure));
        self.places.insert((failure.test.clone(), is_around(&failure)), self.next);
        self.failures.insert(self.next, failure);
        self.next += 1;
    }

    /// A second failure of one test: the worse fault counts, and nothing that was said is lost.
    fn merge(&mut self, other: Failure) {
        let is_around = is_around(&other);
        let place =
            [is_around, !is_around].into_iter().find_map(|a| self.places.get(&(other.test.clone(), a)));
        let Some(known) = place.and_then(|p| self.failures.get_mut(p)) else { return };
        // One that failed for good is not flaky, however often it was tried.
        known.is_flaky &= other.is_flaky;
        if known.fault == other.fault && known.message == other.message && known.detail == other.detail {
            return;
        }
        let before = kind(known);
        let (size_before, mut other) = (size(known), other);
        if other.fault > known.fault && is_around == self::is_around(known) {
            other.is_flaky = known.is_flaky;
            std::mem::swap(known, &mut other);
        }
        let again = [other.message.trim(), other.detail.trim()];
        let again = again.iter().filter(|t| !t.is_empty() && !known.detail.contains(**t));
        let more: Vec<&str> = again.copied().collect();
        known.detail = bound(&format!("{}\n\n{}", known.detail.trim_end(), more.join("\n")), DETAIL);
        if !other.output.is_empty() && !known.output.contains(&other.output) {
            known.output = bound(&format!("{}{}", known.output, other.output), OUTPUT);
        }
        known.message = bound(&known.message, MESSAGE);
        self.room = self.room.saturating_sub(size(known).saturating_sub(size_before));
        let after = kind(known);
        self.kinds.entry(before).and_modify(|n| *n -= 1);
        self.kinds.retain(|_, n| *n > 0);
        *self.kinds.entry(after).or_default() += 1;
    }
}

/// Whether it is before or after the test, and not of the test itself.
fn is_around(failure: &Failure) -> bool {
    failure.fault == Fault::Errored
}

fn size(failure: &Failure) -> usize {
    failure.message.len() + failure.detail.len() + failure.output.len()
}

/// What tells failures apart when there is not room for all: fault, type and the first line of
/// the message with all numbers equal.
fn kind(failure: &Failure) -> String {
    let mut key = format!("{:?} {} ", failure.fault, failure.kind.as_deref().unwrap_or_default());
    let mut was_digit = false;
    for c in first_line(&failure.message).chars().take(200) {
        if !(c.is_ascii_digit() && was_digit) {
            key.push(if c.is_ascii_digit() { '0' } else { c });
        }
        was_digit = c.is_ascii_digit();
    }
    key
}

/// A failure of which only the test and the fault are known.
pub(super) fn failure(test: &str, fault: Fault) -> Failure {
    Failure {
        test: test.to_owned(),
        file: None,
        fault,
        kind: None,
        message: String::new(),
        detail: String::new(),
        output: String::new(),
        is_flaky: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(test: &str, message: &str) -> Failure {
        Failure { message: message.to_owned(), ..failure(test, Fault::Failed) }
    }

    #[test]
    fn a_late_failure_of_another_kind_is_kept() {
        let mut on = |_: Seen<'_>| {};
        let mut gather = Gather::new(&mut on);
        for n in 0..5_000 {
            gather.fail(said(&format!("t{n}"), &format!("no connection to port {n}")));
        }
        gather.fail(said("late", "index out of bounds"));
        let results = gather.finish();
        assert_eq!((results.failures.len(), results.failed, results.left_out), (2_000, 5_001, 3_001));
        assert_eq!(results.failures.last().map(|f| f.test.as_str()), Some("late"));
    }

    #[test]
    fn of_two_results_the_worse_counts() {
        let mut on = |_: Seen<'_>| {};
        let mut gather = Gather::new(&mut on);
        gather.pass("a");
        gather.fail(said("a", "one"));
        gather.fail(Failure { fault: Fault::Crashed, ..said("a", "two") });
        gather.skip("b");
        gather.pass("b");
        gather.flaky(said("c", "first"));
        gather.pass("c");
        let results = gather.finish();
        assert_eq!((results.passed, results.failed, results.skipped), (2, 1, 0));
        let a = &results.failures[0];
        assert!(!a.is_flaky && a.fault == Fault::Crashed && a.message == "two" && a.detail.contains("one"));
        assert!(results.passing.contains("b") && !results.passing.contains("a"));
        assert!(!results.passing.contains("c"), "a flaky one is not among those that simply passed");
    }

    #[test]
    fn only_what_the_format_calls_a_try_is_one() {
        let mut on = |_: Seen<'_>| {};
        let mut gather = Gather::new(&mut on);
        gather.fail(said("a", "one"));
        gather.pass("a");
        gather.pass("b");
        gather.fail(said("b", "two"));
        gather.flaky(said("c", "three"));
        gather.fail(said("c", "four"));
        gather.fail(said("d", "five"));
        gather.flaky(said("d", "six"));
        let results = gather.finish();
        assert_eq!((results.passed, results.failed), (0, 4));
        assert!(results.failures.iter().all(|f| !f.is_flaky), "{:?}", results.failures);
    }

    #[test]
    fn a_body_and_a_teardown_fail_side_by_side() {
        let mut on = |_: Seen<'_>| {};
        let mut gather = Gather::new(&mut on);
        gather.fail(said("a", "body"));
        gather.fail(Failure { fault: Fault::Errored, ..said("a", "teardown") });
        gather.fail(said("a", "body again"));
        gather.rename("a", "x > a");
        let results = gather.finish();
        assert_eq!((results.failed, results.failures.len()), (1, 2));
        let told: Vec<_> = results.failures.iter().map(|f| (f.test.as_str(), f.message.as_str())).collect();
        assert_eq!(told, [("x > a", "body"), ("x > a", "teardown")]);
    }

    #[test]
    fn texts_together_are_bounded() {
        let mut on = |_: Seen<'_>| {};
        let mut gather = Gather::new(&mut on);
        let long = "word ".repeat(20_000);
        for n in 0..3_000 {
            let texts =
                Failure { detail: long.clone(), output: long.clone(), ..said(&format!("t{n}"), &long) };
            gather.fail(texts);
        }
        let results = gather.finish();
        let all: usize = results.failures.iter().map(size).sum();
        assert!(all < 24 << 20, "{all} bytes");
        assert!(results.failures[0].detail.contains("bytes left out"));
    }
}
