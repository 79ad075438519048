//! Waiting, so that a test can wait an hour in no time.
//!
//! Only durations: what time it is, GitHub says (`ForgeRead::now`), because a laptop's
//! clock may be years off (fault matrix, row 38).

use std::time::{Duration, Instant};

/// A clock that only goes forward, and a way to wait on it.
pub trait Clock {
    /// Time since some fixed moment. Never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits.
    fn sleep(&self, time: Duration);
}

/// The machine's own monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock that starts at zero now.
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
