//! The repository room against real git.

mod branches;
mod commit;
mod listing;
mod opening;
mod signing;
