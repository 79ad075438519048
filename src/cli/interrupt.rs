//! Told to stop, by Ctrl-C or by whoever started this: what is under way is noted, then the
//! program ends by that very signal, as the shell or CI that sent it expects (130, 143).
//!
//! There is nothing else to tidy up. Between any two effects a run may be killed, and the next
//! one goes on from there; a signal only takes care not to leave GitHub's answer unread. A
//! second signal ends it at once. Where there are no signals the system's own way is left.

#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::sync::{Arc, LazyLock};

use crate::effect::Steps;

/// How long an answer that is on its way is waited for.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Whether a signal came.
#[cfg(unix)]
static TOLD: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Heeds signals from here on.
#[cfg(unix)]
pub(super) fn heed(steps: &Steps) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let registered = [SIGINT, SIGTERM].into_iter().try_for_each(|signal| {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&TOLD))?;
        signal_hook::flag::register(signal, Arc::clone(&TOLD)).map(drop)
    });
    // Without them the system ends the program, which is as safe and less polite.
    let Ok(mut signals) = registered.and_then(|()| Signals::new([SIGINT, SIGTERM])) else { return };
    let steps = steps.clone();
    std::thread::spawn(move || {
        let Some(signal) = signals.forever().next() else { return };
        steps.end(PATIENCE);
        say(steps.count() > 0);
        // It does not return for these two. If it did the run would stand still.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        signal_hook::low_level::exit(128 + signal);
    });
}

/// Lets a signal that came have the last word. Ctrl-C goes to git as well, and a git that died
/// of it must not make it look as if the run had failed by itself.
#[cfg(unix)]
pub(super) fn give_way() {
    if TOLD.load(Ordering::SeqCst) {
        // The other thread ends the process well before.
        std::thread::sleep(2 * PATIENCE);
    }
}

/// Signals are the system's business here.
#[cfg(not(unix))]
pub(super) fn heed(_steps: &Steps) {}

/// As above.
#[cfg(not(unix))]
pub(super) fn give_way() {}

#[cfg(unix)]
fn say(began: bool) {
    use std::io::{IsTerminal as _, Write as _};

    let mut err = std::io::stderr();
    // Below the `^C` that the terminal shows, in place of the status line.
    let clear = if err.is_terminal() { "\r\x1b[K" } else { "" };
    let what = if began { "nothing is lost, run it again" } else { "nothing was done" };
    // If it is closed nobody listens.
    let _ = writeln!(err, "{clear}gardener: interrupted; {what}");
}
