//! The integration tests: one program, so that it is linked once.

mod commands;
mod repository;
mod sandbox;
mod wire;
