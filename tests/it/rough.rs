//! The real program with real git, treated roughly: killed at any moment, told to stop, run
//! twice at once, with a full disk, a disk that takes nothing, and nobody who listens.
//!
//! Whatever happens, what GitHub and the work tree have in the end is what an undisturbed sync
//! leaves, and the exit code says what was done. `kill` and `failures` enumerate the points in
//! between; here time and the system decide where it hurts.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

#[cfg(unix)]
mod leaving;
