//! What must hold of any input whatever, one property a file: each takes bytes and panics
//! where it is broken.
//!
//! The engine feeds them in `fuzz_targets`; `tests/it/fuzz.rs` reads the same files and feeds
//! them the seeds and mutations of them, so that an ordinary `cargo test` tries them too. They
//! judge by what a reader of the result can see, not by the product's own means.
#![allow(unreachable_pub, reason = "a library for the engine, a private module for `tests/it`")]

pub mod answers;
pub mod base_block;
pub mod config;
pub mod front_matter;
pub mod journal;
pub mod managed_block;
pub mod markers;
pub mod names;
pub mod old_worklogs;
#[allow(clippy::duplicate_mod, reason = "`tests/it` has it twice: there, and as a part of these files")]
#[expect(dead_code, reason = "the judge of the tests of foreign text, which use more of it")]
#[path = "../../tests/it/foreign/oracle.rs"]
mod oracle;
pub mod printed;
pub mod quote;
pub mod redactor;
pub mod results;
pub mod rules;
mod tape;

use std::time::Instant;

/// Whether `long`, which has eight times the work of `short`, takes no more than three times
/// eight times as long. A machine that is busy otherwise gets more chances.
fn is_linear(short: impl Fn(), long: impl Fn()) -> bool {
    let seconds = |call: &dyn Fn()| {
        let start = Instant::now();
        call();
        start.elapsed().as_secs_f64()
    };
    (0..4).any(|_| seconds(&long) <= 24.0 * seconds(&short).max(0.01))
}
