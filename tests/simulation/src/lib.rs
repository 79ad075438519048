//! Whole histories of syncs in memory, deterministic from one seed.
//!
//! gardener itself runs from the plan down to the bytes of a request and the calls on files;
//! only what is below is played: the system's files (with what a power cut leaves), git,
//! and the way to GitHub. GitHub is the stand-in that all other tests use.

mod check;
mod crash;
#[cfg(feature = "sabotage")]
pub mod defect;
mod end;
pub mod enumerate;
mod files;
mod git;
mod hand;
mod history;
mod known;
mod people;
mod random;
mod receipts;
#[cfg(test)]
mod regressions;
mod shape;
mod taken_back;
mod wire;
mod world;

pub use history::{Outcome, Setting, run};
pub use shape::Shape;
