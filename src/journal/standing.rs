//! How a journal stands, for somebody who looks at it: what is not at its end in whatever repository.
//!
//! A sync asks about one repository; that is in the parent.

use crate::journal::{Journal, LastSync};

impl Journal<'_> {
    /// How many creations have no receipt.
    pub fn open_intents(&self) -> usize {
        self.intents.len()
    }

    /// Whether the last sync of some repository was cut off, or is running.
    pub fn has_cut_off(&self) -> bool {
        self.last.values().any(|last| *last == LastSync::CutOff)
    }
}
