//! Failures grouped by their cause.
//!
//! Floor 1, pure. Fifty tests that fail because of one fault are one entry of a worklog, and two
//! faults are two, also where they stand in one file. [`group`] reads each failure once,
//! compares pairs by some sixty signals, and joins what is alike enough on average, or near to a part. A cause
//! has a fingerprint by which later runs know it; causes that earlier worklogs know keep theirs.
//!
//! The order of failures doesn't matter, nor how often one is told, nor times, ports and
//! temporary folders in the texts. What it leaves out: it reads no source code and knows nothing
//! of what changed, so two faults with one message in one function are one cause to it.

mod address;
mod cluster;
mod difference;
mod form;
mod frames;
mod kind;
mod known;
mod missing;
mod place;
mod reading;
mod signals;
mod telling;
mod texts;
mod title;
mod words;

use std::collections::BTreeMap;

pub use crate::wording::normalise;
pub use signals::{COUNT, Forms, PRIOR, SIGNALS, Signal, weights};
pub use title::headline;

use crate::model::Failure;
use known::{Entry, Sure};
use reading::Reading;

/// One failure to be grouped, with the suite it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The suite's name.
    pub suite: &'a str,
    /// The failure.
    pub failure: &'a Failure,
}

/// A cause that an earlier worklog knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its fingerprint, if gardener wrote the entry.
    pub fingerprint: Option<String>,
    /// The tests that are named there.
    pub tests: Vec<String>,
    /// The entry's title.
    pub title: String,
    /// The text of its section; may be empty.
    pub excerpt: String,
}

/// Failures with one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `g3:` and 16 hexadecimal digits; that of the known cause, if it has one. No two causes
    /// of one grouping have the same.
    pub fingerprint: String,
    /// Its failures, as indices of the cases, in order.
    pub members: Vec<usize>,
    /// The known cause, as an index.
    pub known: Option<usize>,
    /// One line for people, at most 100 characters.
    pub title: String,
    /// The member whose message shows it best.
    pub representative: usize,
}

/// Why two failures are, or are not, taken for one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// How likely one cause is, from 0 to 1, by these two alone.
    pub likeness: f64,
    /// They have the same fingerprint, which joins them whatever else is said.
    pub same_fingerprint: bool,
    /// The signals that are there: name, how much of it, and what that adds to (or takes from)
    /// the logarithm of the odds; the weightiest first.
    pub signals: Vec<(&'static str, f64, f64)>,
}

/// Failures that are told once, with the cases that tell them.
struct Read {
    /// In their own order, without repetitions.
    readings: Vec<Reading>,
    /// The cases of each reading.
    cases: Vec<Vec<usize>>,
    /// The fingerprint of each reading.
    prints: Vec<String>,
}

/// Groups failures by cause; the causes are in the order of their first members.
///
/// The same failures give the same causes in whatever order they are told. Of more than 2,500
/// different fingerprints the last ones are joined with nothing else.
pub fn group(cases: &[Case<'_>], known: &[Known]) -> Vec<Cause> {
    group_weighed(cases, known, weights())
}

/// As [`group`] with other weights of the signals; to measure weights before they are taken.
pub fn group_weighed(cases: &[Case<'_>], known: &[Known], weights: [f64; COUNT]) -> Vec<Cause> {
    let read = read(cases);
    let forms = Forms::new(&read.readings).weighed(weights);
    let mut by_print: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let (after, own): (Vec<usize>, Vec<usize>) =
        (0..read.readings.len()).partition(|r| read.readings[*r].is_of_runner);
    for (i, print) in own.into_iter().map(|r| (r, &read.prints[r])) {
        by_print.entry(print).or_default().push(i);
    }
    let begin: Vec<Vec<usize>> = by_print.into_values().collect();
    let joined = cluster::joined(&begin, |a, b| forms.likeness(a, b));
    let groups: Vec<Vec<usize>> =
        joined.into_iter().map(|g| g.into_iter().flat_map(|b| begin[b].iter().copied()).collect()).collect();
    let groups = followed(groups, after, &read);
    let mut causes = Vec::new();
    for (group, known_as) in seeded(groups, &read, &forms, cases, known) {
        causes.push(cause(&group, known_as, &read, cases, known));
    }
    causes.sort_by_key(|c: &Cause| c.members.first().copied());
    apart(&mut causes);
    causes
}

/// Which signals join two of the cases, or keep them apart; for `--explain`.
///
/// `None` where an index is outside of the cases. How rare a word is depends on all cases.
pub fn explain(cases: &[Case<'_>], a: usize, b: usize) -> Option<Explanation> {
    let read = read(cases);
    let place = |case: usize| read.cases.iter().position(|c| c.contains(&case));
    let (a, b) = (place(a)?, place(b)?);
    let forms = Forms::new(&read.readings);
    let values = forms.signals(a, b);
    let mut signals: Vec<_> = SIGNALS
        .iter()
        .zip(values)
        .filter(|(_, v)| *v > 0.0)
        .map(|(s, v)| (s.name, v, v * s.weight))
        .collect();
    signals.sort_by(|x, y| y.2.abs().total_cmp(&x.2.abs()));
    let same_fingerprint = read.prints[a] == read.prints[b];
    Some(Explanation { likeness: forms.likely(&values), same_fingerprint, signals })
}

/// The fingerprint that one failure has by itself.
pub fn fingerprint(case: &Case<'_>) -> String {
    Reading::new(case.suite, case.failure).print()
}

/// The forms of failures, with the form of each; for learning weights.
pub fn forms(cases: &[Case<'_>]) -> (Forms, Vec<usize>) {
    let read = read(cases);
    let mut places = vec![0; cases.len()];
    for (i, all) in read.cases.iter().enumerate() {
        for case in all {
            places[*case] = i;
        }
    }
    (Forms::new(&read.readings), places)
}

fn read(cases: &[Case<'_>]) -> Read {
    let mut by_reading: BTreeMap<Reading, Vec<usize>> = BTreeMap::new();
    for (i, case) in cases.iter().enumerate() {
        by_reading.entry(Reading::new(case.suite, case.failure)).or_default().push(i);
    }
    let (readings, cases): (Vec<_>, Vec<_>) = by_reading.into_iter().unzip();
    let prints = readings.iter().map(Reading::print).collect();
    Read { readings, cases, prints }
}

/// What a runner raises itself after something went wrong is a part of that: of what most
/// failures of the same test are, and if there are none, of what most of the same class are.
fn followed(mut groups: Vec<Vec<usize>>, after: Vec<usize>, read: &Read) -> Vec<Vec<usize>> {
    let place = |r: &usize| {
        let reading = &read.readings[*r];
        (&reading.suite, &reading.file, &reading.class, &reading.test)
    };
    let mut alone = Vec::new();
    let mut joining: Vec<(usize, usize)> = Vec::new();
    for reading in after {
        let (suite, file, class, test) = place(&reading);
        let many = |is: &dyn Fn(&usize) -> bool| {
            let counts = groups.iter().enumerate().map(|(at, g)| (g.iter().filter(|r| is(r)).count(), at));
            counts.filter(|(n, _)| *n > 0).max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, at)| at)
        };
        let same_test = many(&|r| place(r) == (suite, file, class, test));
        let same_class = || many(&|r| (place(r).0, place(r).1, place(r).2) == (suite, file, class));
        let is_set_up = read.readings[reading].fixture.is_some();
        let set_up_there = || {
            many(&|r| {
                is_set_up && read.readings[*r].fixture.is_some() && (place(r).0, place(r).1) == (suite, file)
            })
        };
        match same_test.or_else(same_class).or_else(set_up_there) {
            Some(at) => joining.push((at, reading)),
            None => alone.push(reading),
        }
    }
    for (at, reading) in joining {
        groups[at].push(reading);
    }
    // What follows nothing stays together as one runner says it.
    let mut by_print: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for reading in alone {
        by_print.entry(&read.readings[reading].skeleton).or_default().push(reading);
    }
    groups.extend(by_print.into_values());
    groups
}

/// The groups as the known causes would have them: a group that holds failures of several of
/// them by fingerprint is parted, and groups of one known cause are one.
fn seeded(
    groups: Vec<Vec<usize>>,
    read: &Read,
    forms: &Forms,
    cases: &[Case<'_>],
    known: &[Known],
) -> Vec<(Vec<usize>, Option<usize>)> {
    let entries: Vec<Entry<'_>> = known.iter().map(Entry::new).collect();
    // Of equally sure ones the first counts: worklogs come with the latest first.
    let of = |reading: usize| {
        let test = read.cases[reading].first().map_or("", |case| cases[*case].failure.test.as_str());
        let found = entries.iter().enumerate().filter_map(|(k, entry)| {
            entry.holds(test, &read.readings[reading], &read.prints[reading]).map(|sure| (sure, k))
        });
        found.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))
    };
    let mut settled: Vec<(Vec<usize>, Option<usize>)> = Vec::new();
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    let mut settle = |group: Vec<usize>, known_as: Option<usize>| match known_as.and_then(|k| place.get(&k)) {
        Some(&at) => {
            let (there, _): &mut (Vec<usize>, Option<usize>) = &mut settled[at];
            there.extend(group);
        }
        None => {
            if let Some(k) = known_as {
                place.insert(k, settled.len());
            }
            settled.push((group, known_as));
        }
    };
    for group in groups {
        let found: Vec<Option<(Sure, usize)>> = group.iter().map(|r| of(*r)).collect();
        let surest = found.iter().flatten().map(|(sure, _)| *sure).max();
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (reading, found) in group.iter().zip(&found) {
            if let Some((sure, k)) = found
                && Some(*sure) == surest
            {
                parts.entry(*k).or_default().push(*reading);
            }
        }
        let Some(sure) = surest else {
            settle(group, None);
            continue;
        };
        if sure == Sure::Named && parts.len() > 1 {
            // Names alone don't part what is alike; most of them say which it is.
            let most =
                parts.iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0))).map(|(k, _)| *k);
            settle(group, most);
            continue;
        }
        for reading in group {
            if parts.values().any(|p| p.contains(&reading)) {
                continue;
            }
            let mean = |part: &Vec<usize>| {
                part.iter().map(|p| forms.likeness(*p, reading)).sum::<f64>() / part.len() as f64
            };
            let nearest = parts
                .iter()
                .max_by(|a, b| mean(a.1).total_cmp(&mean(b.1)).then(b.0.cmp(a.0)))
                .map(|(k, _)| *k);
            if let Some(k) = nearest {
                parts.entry(k).or_default().push(reading);
            }
        }
        for (k, part) in parts {
            settle(part, Some(k));
        }
    }
    settled
}

/// A cause of a group of readings.
fn cause(
    group: &[usize],
    known_as: Option<usize>,
    read: &Read,
    cases: &[Case<'_>],
    known: &[Known],
) -> Cause {
    // The commonest words and the commonest print speak for the group; in a tie those of the
    // failure that is raised in the project, then the first by name.
    let commonest = |of: &dyn Fn(usize) -> String| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for reading in group {
            *counts.entry(of(*reading)).or_default() += 1;
        }
        counts
            .into_iter()
            .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))
            .map(|(text, _)| text)
            .unwrap_or_default()
    };
    let print = commonest(&|r| read.prints[r].clone());
    let words = commonest(&|r| read.readings[r].skeleton.clone());
    let says = |r: &usize| {
        let reading = &read.readings[*r];
        (
            reading.skeleton == words,
            reading.is_informative,
            reading.inner.is_some(),
            std::cmp::Reverse(reading),
        )
    };
    let best = group.iter().max_by(|a, b| says(a).cmp(&says(b))).copied().unwrap_or_default();
    let mut members: Vec<usize> = group.iter().flat_map(|r| read.cases[*r].iter().copied()).collect();
    members.sort_unstable();
    let representative = read.cases[best].first().copied().unwrap_or_default();
    let fingerprint = known_as.and_then(|k| known[k].fingerprint.clone()).unwrap_or(print);
    let title = title::title(&read.readings[best], cases[representative].failure);
    Cause { fingerprint, members, known: known_as, title, representative }
}

/// Gives causes that came to the same fingerprint different ones: the known one keeps it.
fn apart(causes: &mut [Cause]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut order: Vec<usize> = (0..causes.len()).collect();
    order.sort_by_key(|i| (causes[*i].known.is_none(), causes[*i].title.clone(), *i));
    for i in order {
        let print = causes[i].fingerprint.clone();
        let times = seen.entry(print.clone()).or_default();
        if *times > 0 {
            causes[i].fingerprint = format!("g3:{:016x}", crate::wording::hash(&format!("{print} {times}")));
        }
        *times += 1;
    }
}

#[cfg(test)]
mod tests;
