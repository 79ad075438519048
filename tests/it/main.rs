//! The integration tests: one program, so that it is linked once.

mod both;
mod kill;
mod repository;
mod sandbox;
mod story;
mod wire;
