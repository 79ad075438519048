//! The primitive effects: replace or append a file, start a process, send a request.
//!
//! Floor 3. Every edge room acts on the world only through here, and every act is
//! announced to a [`Steps`] counter first. That is what makes "stop before effect k, then
//! sync again" a test that covers all of them: `clippy.toml` keeps `std::fs`,
//! `std::process` and the clocks out of every other room. Reading is not an effect.
//! What the acts are for is not known here.

mod disk;
mod files;
mod launch;
mod process;
mod programs;
mod screen;
mod steps;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod tree;
mod written;

pub use disk::{Disk, Draft};
pub use files::{
    Files, Lock, MaybeLock, ReadError, Stamp, changed_at, is_executable, is_locked, only_owner_writes,
    open_named, what_is_at, written_at,
};
pub use launch::{Ending, Launch, Pipe, Running};
pub use process::{Invocation, Outcome, Processes};
pub use programs::Programs;
#[cfg(unix)]
pub use screen::give_terminal_back;
pub use screen::{columns, key};
pub use steps::Steps;
#[cfg(unix)]
pub use table::{ignores_hangup, who_has_open};
pub use written::{Aside, Written};

/// Nothing is known of other processes here.
#[cfg(not(unix))]
pub fn who_has_open(_path: &std::path::Path) -> Vec<(i32, String)> {
    Vec::new()
}

/// For tests in debug builds: notes an effect in the file `list`, and dies as by `kill -9`
/// before the effect numbered `kill`.
#[cfg(debug_assertions)]
pub fn observe(number: usize, what: &str, list: Option<&str>, kill: Option<usize>) {
    steps::observe(number, what, list, kill);
}
