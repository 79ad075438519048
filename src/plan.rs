//! What to change, as plain data.
//!
//! Floor 2: from worklogs, base lines and what GitHub answered to a [`Plan`], without
//! touching anything. How the changes are carried out is the business of `sync`.

mod write;

pub use write::{Echo, Mismatch, StateChange, Write};
