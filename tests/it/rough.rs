//! The real program with real git, treated roughly: killed at any moment, told to stop, run
//! twice at once, with a full disk, a disk that takes nothing, and nobody who listens.
//!
//! Whatever happens, what GitHub and the work tree have in the end is what an undisturbed sync
//! leaves, and the exit code says what was done. `kill` and `failures` enumerate the points in
//! between; here time and the system decide where it hurts.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

mod disk;
mod kill;
mod leaving;
mod together;

use crate::both::{Both, SECRET, Synced};
use crate::kill::scene::{End, copy};

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// How many cases to run.
fn cases(otherwise: u64) -> u64 {
    number("GARDENER_CASES", otherwise)
}

/// Runs a line of shell in which `$G` is gardener.
fn shell(both: &Both, line: &str) -> Synced {
    let start = both.sandbox.program("bash", ["-c", line]).env("G", env!("CARGO_BIN_EXE_gardener"));
    both.run_in(start.env("GITHUB_API_URL", both.server.url()).env("GH_TOKEN", SECRET))
}

/// Where an undisturbed sync of the scene ends.
fn plain_end(scene: &Both) -> End {
    let plain = copy(scene);
    plain.sync();
    plain.assert_settled();
    End::of(&plain)
}
