//! The faults that are expected, as a table that is checked.
#![expect(clippy::disallowed_methods, reason = "tests act on the real world")]

mod rows;

use std::io::Write as _;

/// Notes that a fault really struck, in the file that `GARDENER_FIRED` names.
pub(crate) fn fired(what: &str) {
    let Some(path) = std::env::var_os("GARDENER_FIRED") else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    writeln!(file.expect("a list of faults"), "{what}").expect("noted");
}
