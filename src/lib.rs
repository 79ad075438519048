//! gardener: worklogs in git and issues on GitHub, kept as one.

pub mod model;
pub mod worklog;
