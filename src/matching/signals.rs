//! What speaks for one cause of two failures, and what against it.
//!
//! Each signal is a number from 0 to 1, and a weight says how much it counts; their sum goes
//! through the logistic function. Each weight is held to its sign: what speaks for sameness can't
//! come to speak against it because of some accident of the data.
//!
//! The weights were learned in two steps: the first by logistic regression and by hand on the open
//! half that `tests/causes` makes, the second on `open` and `more` together, by regression that was
//! drawn to what the first gave. How much that finds in projects that were left out stands in
//! `tests/causes/README.md`. Signals that came out as nothing are gone. The last ones, from that of
//! fixtures and helpers on, have weights by hand: they were made for what fails daily, and learning
//! all weights anew with such failures did worse in projects that were left out.

use super::form::{Form, Numbers};
use super::reading::Reading;
use crate::model::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// How many signals there are.
pub const COUNT: usize = 68;

/// A signal: its name, which way it may point, and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Signal {
    /// For people.
    pub name: &'static str,
    /// Whether it speaks for one cause; the others speak against it.
    pub speaks_for: bool,
    /// How much it counts.
    pub weight: f64,
}

const fn pro(name: &'static str, weight: f64) -> Signal {
    Signal { name, speaks_for: true, weight }
}

const fn con(name: &'static str, weight: f64) -> Signal {
    Signal { name, speaks_for: false, weight }
}

/// How likely one cause is where nothing speaks for or against it, as a logarithm of the odds.
pub const PRIOR: f64 = -1.3;

/// Among so many failures all pairs are compared.
const ALL: usize = 500;

/// All signals in the order in which [`Forms::signals`] tells them.
pub const SIGNALS: [Signal; COUNT] = [
    pro("the same exception", 1.02),
    pro("both are assertions", 0.14),
    pro("the same message", 1.22),
    pro("the same message of an assertion", 0.16),
    pro("messages of the same form", 0.30),
    pro("shared words in the messages", 1.32),
    pro("a rare shared word", 1.11),
    pro("raised in the same function of the project", 2.37),
    pro("raised in the same line", 0.37),
    pro("shared functions of the project in the traces", 2.26),
    pro("raised in the same function of a library", 0.29),
    pro("the same failing line of the test", 1.23),
    pro("shared names in the failing lines", 1.64),
    pro("the same test", 2.07),
    pro("the same class or module of tests", 0.62),
    pro("the same file of tests", 0.25),
    pro("the same fixture failed", 2.00),
    pro("the same thing is missing", 2.31),
    pro("the same values", 0.46),
    pro("shared quoted names", 1.49),
    pro("shared words in the tests' names", 0.90),
    pro("the same way of ending early", 0.46),
    pro("shared names in the tests' sources", 1.74),
    pro("values that differ in the same way", 1.31),
    pro("the same file of tests and the same way of differing", 0.77),
    con("different exceptions", -0.19),
    con("raised in different functions of the project", -0.41),
    con("different exceptions at different places", -1.19),
    con("different things are missing", -1.50),
    con("different suites", -0.70),
    con("one failed and the other was ended", -0.24),
    con("messages with nothing in common", -1.00),
    pro("assertions of one class of tests", 1.20),
    pro("values that differ in ways alike", 0.71),
    pro("one calls what the other was raised in", 1.00),
    pro("exceptions alike in their words", 1.99),
    pro("the same comparison", 0.71),
    con("values that differ in other ways", -0.71),
    con("assertions with nothing in common in their sources", -0.67),
    con("the same exception in other words at other places", -1.50),
    pro("tests that stand near each other", 0.30),
    pro("raised in the same file of the project", 0.30),
    con("the same exception about other names at other places", -2.19),
    pro("raised in the same function about the same names", 0.50),
    con("raised in different suites", -2.00),
    pro("the same exception in the same function", 0.50),
    pro("many tests of the file fail", 0.33),
    pro("many tests of the suite fail", 0.73),
    pro("many assertions of the file fail", 0.10),
    con("an assertion and an exception with no name shared", -1.02),
    pro("both speak of nothing where something was wanted", 0.80),
    pro("values that differ in the same sorts of ways", 0.72),
    con("assertions in words of their own, none of them shared", -1.29),
    pro("raised in the same fixture or helper of tests", 1.50),
    con("the same exception in other fixtures or helpers", -3.00),
    pro("the same module, file, service or variable is missing", 1.50),
    con("other modules, files, services or variables are missing", -4.00),
    pro("a test, and what its runner raised after it", 1.50),
    pro("the same status of a service", 1.50),
    con("one is about a thing of the world, the other is not", -0.50),
    pro("what one was given is in the message of the other", 1.50),
    pro("the machine has the same trouble", 2.31),
    con("the same exception about other types", -12.00),
    con("other fixtures failed", -6.00),
    con("one failed in a fixture, the other in the test", -0.50),
    con("raised in different lines that tests share", -8.00),
    con("different functions are called the wrong way", -8.00),
    con("one names what is missing, the other is an assertion about something else", -1.00),
];

/// What the shared part of two sets has to stand against.
const STAKE: f64 = 0.1;

/// The same where it is source: tests of one file have much of it in common.
const SOURCE_STAKE: f64 = 0.5;

/// The forms of a run and how rare each text is in it.
pub struct Forms {
    weights: [f64; COUNT],
    forms: Vec<Form>,
    /// From 0, what everybody has, to 1.
    rarity: Vec<f64>,
    /// How many tests of a file, and of a suite, fail.
    in_file: BTreeMap<u32, u32>,
    in_suite: BTreeMap<u32, u32>,
    /// The lines without a function in which several tests fail: a helper, a hook, or a test with
    /// a table.
    shared_lines: BTreeSet<u32>,
}

impl Forms {
    pub(super) fn new(readings: &[Reading]) -> Self {
        let mut numbers = Numbers { known: BTreeMap::new(), seen: vec![0], last: vec![0], unit: 0 };
        let mut units = BTreeSet::new();
        let mut forms: Vec<Form> = Vec::with_capacity(readings.len());
        for r in readings {
            numbers.unit = numbers.one('t', &format!("{} {} {} {}", r.suite, r.file, r.class, r.test));
            units.insert(numbers.unit);
            forms.push(Form::new(r, &mut numbers));
        }
        // Even what all failures of a small run share says something: the more so the fewer
        // they are, as if eight strangers stood beside them.
        let count = units.len() as f64 + 8.0;
        let rarity = |seen: &u32| (count / (f64::from(*seen) + 0.5)).ln().clamp(0.0, count.ln()) / count.ln();
        let rarity: Vec<f64> = numbers.seen.iter().map(rarity).collect();
        for form in &mut forms {
            let single = [
                form.test,
                form.class,
                form.file,
                form.kind,
                form.message,
                form.skeleton,
                form.inner,
                form.line,
                form.library,
                form.code,
                form.fixture,
                form.difference,
            ];
            let sets = [
                &form.tokens,
                &form.quoted,
                &form.values,
                &form.missing,
                &form.project,
                &form.code_words,
                &form.name_words,
                &form.body_words,
            ];
            let telling = sets.into_iter().flatten().filter(|n| rarity[**n as usize] > 0.15);
            for number in single.iter().chain(telling).filter(|n| **n != 0) {
                let bit = (number.wrapping_mul(0x9e37_79b1) >> 23) as usize;
                form.filter[bit / 64] |= 1 << (bit % 64);
            }
        }
        let mut tests = BTreeSet::new();
        let (mut in_file, mut in_suite) = (BTreeMap::new(), BTreeMap::new());
        let (mut lines, mut shared_lines) = (BTreeMap::new(), BTreeSet::new());
        for form in &forms {
            if form.is_nameless && *lines.entry(form.line).or_insert(form.test) != form.test {
                shared_lines.insert(form.line);
            }
            if tests.insert((form.suite, form.test)) {
                *in_file.entry(form.file).or_default() += 1;
                *in_suite.entry(form.suite).or_default() += 1;
            }
        }
        Self { weights: weights(), forms, rarity, in_file, in_suite, shared_lines }
    }

    /// The same with other weights, in the order of [`SIGNALS`].
    #[must_use]
    pub fn weighed(self, weights: [f64; COUNT]) -> Self {
        Self { weights, ..self }
    }

    /// How likely it is that two failures have one cause, from 0 to 1.
    ///
    /// Two that share no exception, message, frame, missing thing, test, class or file, and no
    /// word that is at all rare, are not compared in large runs: little would speak for them.
    pub(super) fn likeness(&self, a: usize, b: usize) -> f64 {
        let (fa, fb) = (&self.forms[a].filter, &self.forms[b].filter);
        if self.forms.len() > ALL && fa.iter().zip(fb).all(|(x, y)| x & y == 0) {
            return 0.0;
        }
        self.likely(&self.signals(a, b))
    }

    /// The likelihood that signals speak of.
    pub(super) fn likely(&self, signals: &[f64; COUNT]) -> f64 {
        let sum: f64 = signals.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-(PRIOR + sum)).exp())
    }

    /// How much each signal is there, in the order of [`SIGNALS`].
    pub fn signals(&self, a: usize, b: usize) -> [f64; COUNT] {
        let (a, b) = (&self.forms[a], &self.forms[b]);
        let yes = |is: bool| if is { 1.0 } else { 0.0 };
        let same = |a: u32, b: u32| a != 0 && a == b;
        let differ = |a: u32, b: u32| a != 0 && b != 0 && a != b;
        let exception = shares(&a.kinds, &b.kinds);
        let both_assert = a.is_assertion && b.is_assertion;
        // Fixtures that look for a key of one name in things of their own don't miss the same.
        let in_tests = a.is_named && b.is_named && a.origin != b.origin && (a.inner == 0 || b.inner == 0);
        let missing = shares(&a.missing, &b.missing) && !(in_tests && a.is_key && b.is_key);
        let world = shares(&a.world, &b.world);
        let place_shared = same(a.origin, b.origin)
            || same(a.inner, b.inner)
            || a.inner != 0 && b.inner != 0 && shares(&a.project, &b.project);
        // What several classes inherit to set themselves up is one line.
        let fixture =
            same(a.fixture, b.fixture) || a.sets_up_class && b.sets_up_class && same(a.line, b.line);
        // What the runner raises afterwards says nothing of its own.
        let of_runner = a.is_of_runner || b.is_of_runner;
        let both_plain = a.is_plain && b.is_plain;
        let alike_raised = exception || both_plain;
        let is_raised = |f: &Form| f.is_plain || !f.kinds.is_empty();
        let kinds_differ = !of_runner && is_raised(a) && is_raised(b) && !alike_raised;
        let status = shares(&a.statuses, &b.statuses);
        let given = if exception { 0.0 } else { self.overlap(&a.given, &b.given).1 };
        let told_of_other = status || given > 0.0 && a.is_assertion != b.is_assertion;
        let mixed = !of_runner && !told_of_other && a.is_assertion != b.is_assertion && !fixture;
        let (words, rarest) = self.overlap(&a.tokens, &b.tokens);
        let ways = self.overlap(&a.ways, &b.ways).0;
        let sorts_alike = plain_overlap(&a.ways, &b.ways);
        let alike = plain_overlap(&a.form_words, &b.form_words);
        let bodies = self.overlap_against(SOURCE_STAKE, &a.body_words, &b.body_words).0;
        let file = same(a.file, b.file) && a.suite == b.suite;
        let near = if file && a.spot > 0 && b.spot > 0 && a.test != b.test {
            (-f64::from(a.spot.abs_diff(b.spot)) / 40.0).exp()
        } else {
            0.0
        };
        let many = |n: u32| (f64::from(n).ln() / 60.0_f64.ln()).min(1.0);
        let in_file = many(self.in_file[&a.file]);
        // An exception tells by itself what it is about.
        let is_vague = a.is_assertion || b.is_assertion;
        let in_suite = many(self.in_suite[&a.suite]);
        let named = |x: &Form, y: &Form| self.overlap(&x.functions, &y.source).1;
        let calls = if a.is_assertion == b.is_assertion { 0.0 } else { named(a, b).max(named(b, a)) };
        let informative = !of_runner && !told_of_other && a.is_informative && b.is_informative;
        let ended = |f: Fault| matches!(f, Fault::TimedOut | Fault::Crashed);
        let apart = kinds_differ && !place_shared && !missing && !fixture && !told_of_other;
        let nothing = a.is_nothing && b.is_nothing && a.suite == b.suite;
        let sorts = shares(&a.sorts, &b.sorts);
        // Each names something, and not the same.
        let others = !missing
            && (!a.missing.is_empty() && !b.missing.is_empty()
                || !a.quoted.is_empty() && !b.quoted.is_empty() && !shares(&a.quoted, &b.quoted));
        // One fixture and another one, or a test, share no more than words if nothing is named by both.
        let set_up_apart =
            !(of_runner || world || missing || place_shared || ended(a.fault) && ended(b.fault));
        let in_line = |f: &Form| f.is_nameless && self.shared_lines.contains(&f.line);
        let lines_apart = in_line(a) && in_line(b) && a.line != b.line;
        let elsewhere = a.inner != b.inner || a.inner == 0 && a.test != b.test;
        [
            yes(exception),
            yes(both_assert),
            yes(same(a.message, b.message) && a.is_informative && !both_assert),
            yes(same(a.message, b.message) && both_assert),
            yes(same(a.skeleton, b.skeleton) && (a.is_informative || !both_assert)),
            words,
            rarest,
            yes(same(a.inner, b.inner)),
            yes(same(a.line, b.line)),
            self.overlap(&a.project, &b.project).0,
            yes(same(a.library, b.library)),
            if same(a.code, b.code) { self.rarity[a.code as usize] } else { 0.0 },
            self.overlap_against(SOURCE_STAKE, &a.code_words, &b.code_words).0,
            yes(same(a.test, b.test)),
            match same(a.class, b.class) {
                true if a.is_topical => 1.0,
                // A class that is the file says the more the more tests of it fail.
                true => in_file,
                false => 0.0,
            },
            yes(same(a.file, b.file)),
            yes(fixture),
            yes(missing),
            self.overlap(&a.values, &b.values).0,
            self.overlap(&a.quoted, &b.quoted).0,
            self.overlap(&a.name_words, &b.name_words).0,
            yes(ended(a.fault) && a.fault == b.fault),
            bodies,
            yes(same(a.difference, b.difference) && a.suite == b.suite),
            yes(same(a.difference, b.difference) && a.suite == b.suite && same(a.file, b.file)),
            yes(kinds_differ),
            yes(differ(a.inner, b.inner)),
            yes(apart),
            yes(!a.missing.is_empty() && !b.missing.is_empty() && sorts && !missing),
            yes(a.suite != b.suite),
            yes(ended(a.fault) != ended(b.fault)),
            yes(informative && words < 0.05 && !missing),
            yes(both_assert && same(a.class, b.class) && same(a.file, b.file) && a.is_topical),
            if both_assert { ways } else { 0.0 },
            calls,
            if exception && !others { ((alike - 0.3) / 0.7).max(0.0) } else { 0.0 },
            yes(both_assert && same(a.asserted, b.asserted) && a.suite == b.suite),
            yes(both_assert && !a.ways.is_empty() && !b.ways.is_empty() && ways == 0.0),
            yes(both_assert && !a.body_words.is_empty() && !b.body_words.is_empty() && bodies < 0.05),
            yes(alike_raised && alike < 0.35 && !place_shared && !missing && !fixture),
            near,
            yes(same(a.inner_file, b.inner_file) && a.inner != b.inner),
            yes(alike_raised && others && elsewhere),
            yes(same(a.inner, b.inner) && (missing || shares(&a.quoted, &b.quoted))),
            yes(exception && a.suite != b.suite && !missing),
            yes(exception && same(a.inner, b.inner)),
            if file && is_vague { in_file } else { 0.0 },
            if a.suite == b.suite && is_vague { in_suite } else { 0.0 },
            if file && both_assert { in_file } else { 0.0 },
            yes(mixed && calls == 0.0 && words == 0.0),
            yes(nothing),
            if both_assert && a.suite == b.suite { sorts_alike } else { 0.0 },
            yes(both_assert && informative && words < 0.05 && !missing),
            yes(same(a.origin, b.origin) && a.inner != b.inner || same(a.origin, b.origin) && a.inner == 0),
            yes(alike_raised
                && !world
                && a.is_named
                && b.is_named
                && a.origin != b.origin
                && !(a.inner != 0 && b.inner != 0)),
            yes(world),
            yes(!world && shares(&a.world_sorts, &b.world_sorts)),
            yes((a.is_of_runner || b.is_of_runner) && same(a.test, b.test)),
            yes(status),
            yes(!world && alike_raised && a.world.is_empty() != b.world.is_empty()),
            given,
            yes(shares(&a.troubles, &b.troubles)),
            yes(exception
                && !a.types.is_empty()
                && !b.types.is_empty()
                && a.types != b.types
                && alike >= 0.6),
            yes(set_up_apart && a.is_fixture_known && b.is_fixture_known && !fixture),
            yes(set_up_apart && !status && (a.fixture == 0) != (b.fixture == 0)),
            yes(lines_apart
                && (alike_raised || !a.is_assertion && !b.is_assertion)
                && !missing
                && !world
                && !status),
            yes(differ_all(&a.called, &b.called)),
            yes(mixed
                && calls == 0.0
                && a.missing.is_empty() != b.missing.is_empty()
                && !same(a.inner, b.inner)),
        ]
    }

    /// How much of what two sets have they share, and how rare the rarest shared one is, each
    /// counted by rarity.
    fn overlap(&self, a: &[u32], b: &[u32]) -> (f64, f64) {
        self.overlap_against(STAKE, a, b)
    }

    fn overlap_against(&self, stake: f64, a: &[u32], b: &[u32]) -> (f64, f64) {
        let rarity = |n: &u32| self.rarity[*n as usize];
        let (mut i, mut j) = (0, 0);
        let (mut shared, mut all, mut rarest) = (0.0, 0.0, 0.0_f64);
        while i < a.len() && j < b.len() {
            match a[i].cmp(&b[j]) {
                std::cmp::Ordering::Less => {
                    all += rarity(&a[i]);
                    i += 1;
                }
                std::cmp::Ordering::Greater => {
                    all += rarity(&b[j]);
                    j += 1;
                }
                std::cmp::Ordering::Equal => {
                    shared += rarity(&a[i]);
                    all += rarity(&a[i]);
                    rarest = rarest.max(rarity(&a[i]));
                    i += 1;
                    j += 1;
                }
            }
        }
        all += a[i..].iter().chain(&b[j..]).map(rarity).sum::<f64>();
        // What little is shared by everybody says little, also where it is all that there is.
        if shared > 0.0 { (shared / (all + stake), rarest) } else { (0.0, 0.0) }
    }
}

/// The weights of [`SIGNALS`].
pub fn weights() -> [f64; COUNT] {
    SIGNALS.map(|signal| signal.weight)
}

/// How much of two sets is in both, without regard of what is rare.
fn plain_overlap(a: &[u32], b: &[u32]) -> f64 {
    let shared = a.iter().filter(|n| b.binary_search(n).is_ok()).count();
    if shared == 0 { 0.0 } else { shared as f64 / (a.len() + b.len() - shared) as f64 }
}

/// Whether both have something, and nothing in common.
fn differ_all(a: &[u32], b: &[u32]) -> bool {
    !a.is_empty() && !b.is_empty() && !shares(a, b)
}

fn shares(a: &[u32], b: &[u32]) -> bool {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_keep_their_signs() {
        for signal in SIGNALS {
            assert!(
                if signal.speaks_for { signal.weight >= 0.0 } else { signal.weight <= 0.0 },
                "{}",
                signal.name
            );
        }
        assert!(Forms::new(&[]).likely(&[0.0; COUNT]) < super::super::cluster::THRESHOLD);
    }
}
