//! gardener: worklogs in git and issues on GitHub, kept as one.

pub mod block;
pub mod cli;
pub mod config;
pub mod effect;
pub mod forge;
pub mod journal;
pub mod merge;
pub mod model;
pub mod plan;
pub mod repo;
pub mod sync;
pub mod worklog;
