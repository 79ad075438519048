//! The counter that hears of every effect before it happens.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Hook = Box<dyn Fn(usize, &str) + Send + Sync>;

/// Counts effects. Clones share one count.
#[derive(Clone, Default)]
pub struct Steps(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    noted: Condvar,
    hook: Option<Hook>,
}

#[derive(Default)]
struct State {
    count: usize,
    /// Whether a request was announced whose outcome is not noted yet, or a process that is
    /// to come to its end.
    is_waiting: bool,
    is_ending: bool,
}

impl Steps {
    /// A counter that calls `hook` with the number (from 1) and name of each effect just
    /// before it happens. Tests use it to list effects and to die between two of them.
    pub fn with_hook(hook: impl Fn(usize, &str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { hook: Some(Box::new(hook)), ..Inner::default() }))
    }

    /// Announces one effect. `what` says what is about to happen, without secrets. After
    /// [`Self::end`] only the outcome of a request may still be noted: whoever announces
    /// something else stays here until the process ends.
    pub fn step(&self, what: &str) {
        self.announce(what, what.starts_with("http "));
    }

    /// Announces an effect that [`Self::end`] waits for until [`Self::is_through`].
    pub(super) fn step_to_its_end(&self, what: &str) {
        self.announce(what, true);
    }

    /// The effect of [`Self::step_to_its_end`] has happened.
    pub(super) fn is_through(&self) {
        self.state().is_waiting = false;
        self.0.noted.notify_all();
    }

    fn announce(&self, what: &str, waits: bool) {
        // The answer to a request, and what the journal says of it.
        let is_noting = what.starts_with("answer to ") || what.starts_with("append to ");
        let number = {
            let mut state = self.state();
            if !is_noting {
                if state.is_ending {
                    state.is_waiting = false;
                    self.0.noted.notify_all();
                    drop(state);
                    loop {
                        std::thread::park();
                    }
                }
                state.is_waiting = waits;
            }
            state.count += 1;
            state.count
        };
        if let Some(hook) = &self.0.hook {
            hook(number, what);
        }
    }

    /// Lets no further effect begin. Returns when the outcome of a request that is under way
    /// is noted, or what has to come to its end has done so, or after `patience`.
    pub fn end(&self, patience: Duration) {
        let mut state = self.state();
        state.is_ending = true;
        let waited = self.0.noted.wait_timeout_while(state, patience, |s| s.is_waiting);
        // Whether in time or not, it ends.
        drop(waited);
    }

    /// How many effects were announced.
    pub fn count(&self) -> usize {
        self.state().count
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Steps({})", self.count())
    }
}

#[cfg(debug_assertions)]
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it observes the effects from outside"
)]
pub(super) fn observe(number: usize, what: &str, list: Option<&str>, kill: Option<usize>) {
    use std::io::Write as _;
    if let Some(list) = list {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(list);
        // A test that finds no list fails by itself.
        let _ = file.and_then(|mut f| writeln!(f, "{what}"));
    }
    if kill == Some(number) {
        let own = std::process::id().to_string();
        let _ = std::process::Command::new("kill").args(["-9", &own]).status();
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn an_end_waits_for_the_outcome_of_a_request_and_for_nothing_else() {
        let (long, start) = (Duration::from_secs(20), Instant::now());
        let steps = Steps::default();
        steps.step("http POST /x");
        steps.step("answer to http POST /x");
        steps.step("append to journal");
        steps.step("rename onto a.md");
        steps.end(long);

        let steps = Steps::default();
        steps.step("http POST /x");
        let other = steps.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            other.step("answer to http POST /x");
            other.step("append to journal");
            other.step("rename onto a.md");
        });
        steps.end(long);
        assert_eq!(steps.count(), 3, "the file is not touched any more");
        assert!(start.elapsed() < long);

        let steps = Steps::default();
        steps.step_to_its_end("run git update-index");
        let other = steps.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            other.is_through();
        });
        let start = Instant::now();
        steps.end(long);
        assert!((Duration::from_millis(25)..long).contains(&start.elapsed()));

        let steps = Steps::default();
        steps.step("http POST /x");
        let start = Instant::now();
        steps.end(Duration::from_millis(30));
        assert!(start.elapsed() >= Duration::from_millis(30));
    }
}
