//! Running suites, and what comes of it: a worklog.
//!
//! Floor 5. `verdict` says what became of each suite, `matching` groups what failed by cause,
//! `lifecycle` compares that with what earlier worklogs know.

pub mod again;
pub mod compose;
pub mod conclude;
mod entry;
mod excerpt;
pub mod lifecycle;
pub mod logs;
pub mod owners;
mod parts;
pub mod past;
mod shown;
pub mod verdict;
pub mod write;
