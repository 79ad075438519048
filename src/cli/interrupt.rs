//! Told to stop, by Ctrl-C, by whoever started this, or because its terminal is gone: what is under
//! way is noted, then the program ends by that very signal, as the shell or CI that sent it expects
//! (130, 143, 129).
//!
//! There is nothing else to tidy up. Between any two effects a run may be killed, and the next
//! one goes on from there; a signal only takes care not to leave GitHub's answer unread. A
//! second signal ends it at once. Where there are no signals the system's own way is left.
//!
//! While suites run, the first signal only stops them: what is known of them is still written, and
//! then the program ends by that signal. A terminal that goes away tells it by more than one
//! `SIGHUP` (the system's and the shell's), so that another of these is nobody's impatience.

#[cfg(unix)]
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
#[cfg(unix)]
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::effect::Steps;
use crate::runner::Stop;

/// How long an answer that is on its way is waited for.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Whether a signal came.
#[cfg(unix)]
static TOLD: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Whether the next signal is the last: the system's own way is taken at once.
#[cfg(unix)]
static LAST: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The suites that run, if any do.
#[cfg(unix)]
static SUITES: Mutex<Option<Stop>> = Mutex::new(None);

/// The signal that stopped the suites.
#[cfg(unix)]
static STOPPED: AtomicI32 = AtomicI32::new(0);

/// Heeds signals from here on.
#[cfg(unix)]
pub(super) fn heed(steps: &Steps) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut heeded = vec![SIGINT, SIGTERM];
    // Whoever started it with `nohup` wants it to go on.
    heeded.extend(Some(SIGHUP).filter(|_| !crate::effect::ignores_hangup()));
    let registered = heeded.iter().try_for_each(|&signal| {
        if signal != SIGHUP {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&LAST))?;
        }
        signal_hook::flag::register(signal, Arc::clone(&TOLD)).map(drop)
    });
    // Without them the system ends the program, which is as safe and less polite.
    let Ok(mut signals) = registered.and_then(|()| Signals::new(heeded)) else { return };
    let steps = steps.clone();
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if signal == SIGHUP && STOPPED.load(Ordering::SeqCst) != 0 {
                continue;
            }
            let suites = SUITES.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match suites.filter(|stop| !stop.is_over()) {
                Some(stop) if !stop.is_asked() => {
                    STOPPED.store(signal, Ordering::SeqCst);
                    stop.ask();
                    tell("stopping the suites; what is known of them is written");
                    continue;
                }
                Some(stop) => {
                    stop.now();
                    wait(&stop);
                    tell("interrupted; nothing was written");
                }
                None => {
                    LAST.store(true, Ordering::SeqCst);
                    steps.end(PATIENCE);
                    let began = steps.count() > 0;
                    tell(if began { INTERRUPTED } else { "interrupted; nothing was done" });
                }
            }
            end_by(signal);
        }
    });
}

/// From here on a signal stops these suites, and not the program, until they have ended.
#[cfg(unix)]
pub(super) fn stops(suites: &Stop) {
    *SUITES.lock().unwrap_or_else(PoisonError::into_inner) = Some(suites.clone());
}

/// Without signals nothing stops them but the system.
#[cfg(not(unix))]
pub(super) fn stops(_suites: &Stop) {}

/// Once the suites have ended: does not return to whoever would write if a second signal came.
#[cfg(unix)]
pub(super) fn stopped(suites: &Stop) {
    if suites.is_now() {
        // The other thread ends the process, as soon as it sees that they are over.
        std::thread::sleep(4 * PATIENCE);
    }
}

/// As above.
#[cfg(not(unix))]
pub(super) fn stopped(_suites: &Stop) {}

#[cfg(unix)]
const INTERRUPTED: &str = "interrupted; nothing is lost, run it again";

/// Gives the suites' processes the moment that it takes to end them.
#[cfg(unix)]
fn wait(stop: &Stop) {
    let end = std::time::Instant::now() + 2 * PATIENCE;
    while !stop.is_over() && std::time::Instant::now() < end {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[cfg(unix)]
fn end_by(signal: i32) -> ! {
    crate::effect::give_terminal_back();
    // It does not return for these. If it did the run would stand still.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    signal_hook::low_level::exit(128 + signal);
}

/// Lets a signal that came have the last word. Ctrl-C goes to git as well, and a git that died
/// of it must not make it look as if the run had failed by itself.
#[cfg(unix)]
pub(super) fn give_way() {
    let stopped = STOPPED.load(Ordering::SeqCst);
    if stopped != 0 {
        end_by(stopped);
    }
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

/// Whether a signal came, so that nothing new is to begin.
#[cfg(unix)]
pub(super) fn came() -> bool {
    STOPPED.load(Ordering::SeqCst) != 0 || TOLD.load(Ordering::SeqCst)
}

/// As above.
#[cfg(not(unix))]
pub(super) fn came() -> bool {
    false
}

#[cfg(unix)]
fn tell(what: &str) {
    use std::io::{IsTerminal as _, Write as _};

    let mut err = std::io::stderr();
    // Below the `^C` that the terminal shows, in place of the status line.
    let clear = if err.is_terminal() { "\r\x1b[K" } else { "" };
    // If it is closed nobody listens.
    let _ = writeln!(err, "{clear}gardener: {what}");
}
