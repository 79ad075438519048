//! The integration tests: one program, so that it is linked once.

mod attack;
mod both;
mod commands;
mod failures;
mod first_day;
mod floors;
mod kill;
mod merge_laws;
mod readme;
mod repository;
mod rules;
mod sandbox;
mod second_reading;
mod secrets;
mod story;
mod wire;
mod worklog_laws;
mod worktree_safety;
