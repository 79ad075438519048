//! here
