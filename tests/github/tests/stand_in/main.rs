//! The stand-in's behaviour as its users meet it: one test for each unkindness.
//!
//! REST and GraphQL are asked of `handle` without a network; `wire.rs` is about connections.

mod access;
mod facts;
mod issues;
mod labels;
mod limits;
mod lists;
mod moves;
mod mutations;
mod queries;
mod scene;
mod wire;
