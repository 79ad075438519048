//! One seed, five streams: what people do, what breaks, in what order, what lags, and what came later.
//!
//! They are apart so that a change to one leaves the others as they were: a history that
//! failed keeps its shape while somebody looks for the cause.

use fastrand::Rng;

/// The streams of one history.
pub(crate) struct Random {
    /// What people do.
    pub(crate) work: Rng,
    /// What breaks.
    pub(crate) faults: Rng,
    /// Who is next, and who comes in between.
    pub(crate) order: Rng,
    /// How much time passes, and what is late.
    pub(crate) lag: Rng,
    /// What people do that the first histories did not have: pushes, undo, the merge driver.
    pub(crate) later: Rng,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not give neighbouring streams.
        let mut mixer = Rng::with_seed(seed ^ 0x9E37_79B9_7F4A_7C15);
        let mut stream = || Rng::with_seed(mixer.u64(..));
        Self { work: stream(), faults: stream(), order: stream(), lag: stream(), later: stream() }
    }
}

/// True in `percent` of the cases.
pub(crate) fn chance(random: &mut Rng, percent: u32) -> bool {
    random.u32(0..100) < percent
}

/// One of several.
pub(crate) fn one<'a, T>(random: &mut Rng, all: &'a [T]) -> &'a T {
    &all[random.usize(0..all.len())]
}
