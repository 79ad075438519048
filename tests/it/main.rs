//! Tests of gardener from outside.

mod wire;
