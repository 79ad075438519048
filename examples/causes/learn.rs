//! Weights from labelled pairs: logistic regression that holds each weight to its sign, and
//! draws it to what it is now, so that a signal of which the data say little keeps its weight.
//!
//! Before learned weights are taken they should be measured on projects that were left out: weights
//! that were drawn less to what `src/matching/signals.rs` had did worse there.

use gardener::matching::{COUNT, Case, PRIOR, SIGNALS, forms};

use crate::load::Pool;

/// How strongly weights are drawn to what they are.
const DRAW: f64 = 0.01;

/// What is never learned. That two tests stand in one file, or that both only assert something,
/// goes with one cause more often in these data than in a project where several things break.
const HELD: [&str; 2] = ["both are assertions", "the same file of tests"];

/// Learns weights in `rounds` rounds and prints them as they stand in `src/matching/signals.rs`.
pub(crate) fn learn(pools: &[Pool], rounds: usize) {
    let mut pairs: Vec<([f64; COUNT], f64, f64)> = Vec::new();
    for pool in pools {
        let cases: Vec<Case<'_>> =
            pool.cases.iter().map(|c| Case { suite: &c.suite, failure: &c.failure }).collect();
        let (forms, places) = forms(&cases);
        let counted: Vec<usize> =
            (0..cases.len()).filter(|c| pool.cases[*c].cause.is_some() && pool.cases[*c].counts).collect();
        let mut here = Vec::new();
        for (n, a) in counted.iter().enumerate() {
            for b in counted[..n].iter().filter(|b| places[*a] != places[**b]) {
                let same = pool.cases[*a].cause == pool.cases[*b].cause;
                here.push((forms.signals(places[*a], places[*b]), if same { 1.0 } else { 0.0 }, 1.0));
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
        pairs.extend(here);
    }
    let total: f64 = pairs.iter().map(|p| p.2).sum();
    let start: Vec<f64> = SIGNALS.iter().map(|s| s.weight).collect();
    let mut weights = start.clone();
    let mut speed = vec![0.0; COUNT];
    let mut loss = 0.0;
    for _ in 0..rounds {
        let mut slope: Vec<f64> = weights.iter().zip(&start).map(|(w, s)| DRAW * (w - s)).collect();
        loss = 0.0;
        for (signals, label, weight) in &pairs {
            let sum: f64 = PRIOR + signals.iter().zip(&weights).map(|(s, w)| s * w).sum::<f64>();
            let likely = 1.0 / (1.0 + (-sum).exp());
            let part = weight / total;
            loss -= part * if *label > 0.5 { likely.max(1e-9).ln() } else { (1.0 - likely).max(1e-9).ln() };
            for (slope, signal) in slope.iter_mut().zip(signals) {
                *slope += part * (likely - label) * signal;
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
    println!("{} pairs, loss {loss:.4}", pairs.len());
    for (signal, weight) in SIGNALS.iter().zip(&weights) {
        let way = if signal.speaks_for { "pro" } else { "con" };
        println!("    {way}({:?}, {:.2}),", signal.name, weight);
    }
}
