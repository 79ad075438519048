//! Weights from labelled pairs: logistic regression that holds each weight to its sign, and
//! draws it to what it is now, so that a signal of which the data say little keeps its weight.
//!
//! Before learned weights are taken they should be measured on projects that were left out:
//! [`left_out`] learns on five sixths of the projects and groups the rest, six times.

use std::collections::BTreeSet;

use gardener::matching::{COUNT, Case, PRIOR, SIGNALS, forms, group_weighed, weights};

use crate::load::Pool;
use crate::measure::{Pairs, pairs_of};

/// How strongly weights are drawn to what they are, unless told.
pub(crate) const DRAW: f64 = 0.01;

/// In how many parts projects are left out.
const PARTS: usize = 6;

/// What is never learned. That two tests stand in one file, or that both only assert something,
/// goes with one cause more often in these data than in a project where several things break.
const HELD: [&str; 2] = ["both are assertions", "the same file of tests"];

/// Learns weights in `rounds` rounds and prints them as they stand in `src/matching/signals.rs`.
pub(crate) fn learn(pools: &[Pool], rounds: usize, draw: f64) {
    let (weights, count, loss) = learned(pools, rounds, draw, &|_| true);
    println!("{count} pairs, loss {loss:.4}");
    for (signal, weight) in SIGNALS.iter().zip(&weights) {
        let way = if signal.speaks_for { "pro" } else { "con" };
        println!("    {way}({:?}, {:.2}),", signal.name, weight);
    }
}

/// Learns without a sixth of the projects and groups the runs with what came out, six times; pairs
/// count that have a failure of a project that was left out, and no pair counts twice.
pub(crate) fn left_out(taught: &[Pool], measured: &[(String, Vec<Pool>)], rounds: usize, draw: f64) {
    let projects: BTreeSet<&String> = taught.iter().flat_map(|p| &p.projects).collect();
    let part = |project: &str| projects.iter().position(|p| *p == project).map_or(0, |at| at % PARTS);
    let of = |suite: &str| part(suite.split(' ').next().unwrap_or_default());
    let mut all = vec![Pairs::default(); measured.len()];
    for out in 0..PARTS {
        let (weights, ..) = learned(taught, rounds, draw, &|suite| of(suite) != out);
        for ((_, pools), all) in measured.iter().zip(&mut all) {
            for pool in pools {
                let cases: Vec<Case<'_>> =
                    pool.cases.iter().map(|c| Case { suite: &c.suite, failure: &c.failure }).collect();
                let causes = group_weighed(&cases, &[], weights);
                all.add(pairs_of(pool, &causes, &|a, b| {
                    of(&pool.cases[a].suite).min(of(&pool.cases[b].suite)) == out
                }));
            }
        }
    }
    for ((name, _), all) in measured.iter().zip(all) {
        println!("projects left out, {name}: {}", all.told());
    }
}

fn learned(
    pools: &[Pool],
    rounds: usize,
    draw: f64,
    is_in: &dyn Fn(&str) -> bool,
) -> ([f64; COUNT], usize, f64) {
    let mut pairs: Vec<([f32; COUNT], f64, f64)> = Vec::new();
    for pool in pools {
        let cases: Vec<Case<'_>> =
            pool.cases.iter().map(|c| Case { suite: &c.suite, failure: &c.failure }).collect();
        let (forms, places) = forms(&cases);
        let counted: Vec<usize> = (0..cases.len())
            .filter(|c| pool.cases[*c].cause.is_some() && pool.cases[*c].counts && is_in(cases[*c].suite))
            .collect();
        let mut here = Vec::new();
        for (n, a) in counted.iter().enumerate() {
            for b in counted[..n].iter().filter(|b| places[*a] != places[**b]) {
                let same = pool.cases[*a].cause == pool.cases[*b].cause;
                let signals = forms.signals(places[*a], places[*b]).map(|s| s as f32);
                here.push((signals, if same { 1.0 } else { 0.0 }, 1.0));
            }
        }
        // A run of many failures has far more pairs than one of few; each side of each pool
        // counts by the root of its pairs.
        for side in [0.0, 1.0] {
            let count = here.iter().filter(|p| p.1 == side).count() as f64;
            for pair in here.iter_mut().filter(|p| p.1 == side) {
                pair.2 = 1.0 / count.sqrt();
            }
        }
        // Of very many pairs of one pool every so many are enough.
        let step = 1 + here.len() / 4_000;
        for (i, mut pair) in here.into_iter().enumerate() {
            if i % step == 0 {
                pair.2 *= step as f64;
                pairs.push(pair);
            }
        }
    }
    let total: f64 = pairs.iter().map(|p| p.2).sum();
    let start = weights();
    let mut weights = start;
    let mut speed = [0.0; COUNT];
    let mut loss = 0.0;
    for _ in 0..rounds {
        let mut slope: Vec<f64> = weights.iter().zip(&start).map(|(w, s)| draw * (w - s)).collect();
        loss = 0.0;
        for (signals, label, weight) in &pairs {
            let sum: f64 = PRIOR + signals.iter().zip(&weights).map(|(s, w)| f64::from(*s) * w).sum::<f64>();
            let likely = 1.0 / (1.0 + (-sum).exp());
            let part = weight / total;
            loss -= part * if *label > 0.5 { likely.max(1e-9).ln() } else { (1.0 - likely).max(1e-9).ln() };
            for (slope, signal) in slope.iter_mut().zip(signals) {
                *slope += part * (likely - label) * f64::from(*signal);
            }
        }
        for (i, weight) in weights.iter_mut().enumerate() {
            speed[i] = 0.9 * speed[i] - 0.5 * slope[i];
            *weight += speed[i];
            // What speaks against one cause keeps half of its weight whatever the data say: a
            // mistake that is put in on purpose shows in more ways than most that happen.
            let held = if SIGNALS[i].speaks_for { weight.max(0.0) } else { weight.min(start[i] / 2.0) };
            let held = if HELD.contains(&SIGNALS[i].name) { start[i] } else { held };
            if held != *weight {
                *weight = held;
                speed[i] = 0.0;
            }
        }
    }
    (weights, pairs.len(), loss)
}
