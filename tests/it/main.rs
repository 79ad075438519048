//! The integration tests: one program, so that it is linked once.

mod attack;
mod both;
mod brakes;
mod commands;
mod emulator;
mod failures;
mod first_day;
mod floors;
mod foreign;
mod kill;
mod matrix;
mod merge_laws;
mod planner;
mod race;
mod readme;
mod repository;
mod rough;
mod rules;
mod sandbox;
mod second_reading;
mod story;
mod token;
mod unkind;
mod wire;
mod worklog_laws;
mod worktree_safety;
