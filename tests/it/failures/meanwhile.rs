//! meanwhile
