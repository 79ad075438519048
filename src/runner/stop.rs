//! The word to stop, from whoever hears Ctrl-C to all jobs that run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Tells all jobs of a run to stop. Clones are one.
///
/// The thread that hears signals (`src/cli/interrupt.rs`) has a clone. At the first signal it calls
/// [`Self::ask`] and goes on listening: the suites get their grace, what is known of each comes
/// back, and the flow writes it. At the second one it calls [`Self::now`], gives the trees a moment
/// to be ended ([`Self::is_over`]) and dies by that signal; nothing of a suite is left either way.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    word: AtomicU8,
    over: AtomicU8,
}

impl Stop {
    /// Asks all jobs to end, and lets none begin.
    pub fn ask(&self) {
        self.0.word.fetch_max(1, Ordering::SeqCst);
    }

    /// Ends all jobs without any grace.
    pub fn now(&self) {
        self.0.word.fetch_max(2, Ordering::SeqCst);
    }

    /// Whether it was said to stop.
    pub fn is_asked(&self) -> bool {
        self.0.word.load(Ordering::SeqCst) > 0
    }

    /// Whether the run that heeds this has ended all its jobs.
    pub fn is_over(&self) -> bool {
        self.0.over.load(Ordering::SeqCst) > 0
    }

    /// Whether it was said to end at once.
    pub fn is_now(&self) -> bool {
        self.0.word.load(Ordering::SeqCst) > 1
    }

    pub(super) fn all_ended(&self) {
        self.0.over.store(1, Ordering::SeqCst);
    }
}
