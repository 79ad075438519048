//! Which seeded defect is on in the histories of this thread, and how soon it is found.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gardener::sabotage::Defect;

use crate::{Setting, run};

thread_local! {
    static CHOSEN: Cell<Option<Defect>> = const { Cell::new(None) };
}

/// The defect of this thread.
pub(crate) fn chosen() -> Option<Defect> {
    CHOSEN.get()
}

/// Runs histories with a defect until one of them goes wrong: its seed, counted from 0, and what
/// is wrong. `None` after so many clean ones.
pub fn caught(defect: Defect, most: u64) -> Option<(u64, String)> {
    CHOSEN.set(Some(defect));
    let found = (0..most).find_map(|seed| {
        let outcome = catch_unwind(AssertUnwindSafe(|| run(seed, Setting::default())));
        let wrong = match outcome {
            Ok(outcome) => outcome.wrong.into_iter().next(),
            Err(_) => Some("it panics".to_owned()),
        };
        wrong.map(|wrong| (seed, wrong))
    });
    CHOSEN.set(None);
    found
}
