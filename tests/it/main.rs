//! Tests that see gardener from outside, in one binary.

mod worklog_laws;
