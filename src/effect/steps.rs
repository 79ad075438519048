//! The counter that hears of every effect before it happens.

use std::sync::{Arc, Mutex};

type Hook = Box<dyn Fn(usize, &str) + Send + Sync>;

/// Counts effects. Clones share one count.
#[derive(Clone, Default)]
pub struct Steps(Arc<Inner>);

#[derive(Default)]
struct Inner {
    count: Mutex<usize>,
    hook: Option<Hook>,
}

impl Steps {
    /// A counter that calls `hook` with the number (from 1) and name of each effect just
    /// before it happens. Tests use it to list effects and to die between two of them.
    pub fn with_hook(hook: impl Fn(usize, &str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { count: Mutex::new(0), hook: Some(Box::new(hook)) }))
    }

    /// Announces one effect. `what` says what is about to happen, without secrets.
    pub fn step(&self, what: &str) {
        let number = {
            let mut count = self.0.count.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *count += 1;
            *count
        };
        if let Some(hook) = &self.0.hook {
            hook(number, what);
        }
    }

    /// How many effects were announced.
    pub fn count(&self) -> usize {
        *self.0.count.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
