//! Dying between two effects: a fuse that burns one step at each, and ends the sync.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use gardener::effect::Steps;

/// Counts effects, and at zero the process is gone.
#[derive(Clone, Default)]
pub(crate) struct Fuse(Arc<Inner>);

#[derive(Default)]
struct Inner {
    left: AtomicI64,
    burnt: AtomicU64,
}

struct Crash;

impl Fuse {
    /// A fuse of so many steps; none at all for `None`.
    pub(crate) fn of(steps: Option<u32>) -> Self {
        let fuse = Self::default();
        fuse.0.left.store(steps.map_or(i64::MAX, i64::from), Ordering::Relaxed);
        fuse
    }

    /// Steps that hear of each effect.
    pub(crate) fn steps(&self) -> Steps {
        let fuse = self.clone();
        Steps::with_hook(move |_, _| fuse.burn())
    }

    /// One boundary. Ends the sync when the fuse is burnt down.
    pub(crate) fn burn(&self) {
        self.0.burnt.fetch_add(1, Ordering::Relaxed);
        if self.0.left.fetch_sub(1, Ordering::Relaxed) <= 0 {
            resume_unwind(Box::new(Crash));
        }
    }

    /// How many boundaries were passed.
    pub(crate) fn burnt(&self) -> u64 {
        self.0.burnt.load(Ordering::Relaxed)
    }
}

/// Runs until the end or until the fuse is burnt down (`None`). A panic of gardener's own
/// goes on: it is a failure.
pub(crate) fn until_crash<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(value) => Some(value),
        Err(payload) if is_crash(payload.as_ref()) => None,
        Err(payload) => resume_unwind(payload),
    }
}

fn is_crash(payload: &(dyn Any + Send)) -> bool {
    payload.is::<Crash>()
}
