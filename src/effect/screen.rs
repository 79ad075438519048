//! How wide a terminal is, and one key that is typed there. Asking it is no effect.

use std::io::IsTerminal;
#[cfg(unix)]
use std::sync::{Mutex, PoisonError};

/// How many characters fit into a line, if this is a terminal which says so.
#[cfg(unix)]
pub fn columns(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok().filter(|_| stream.is_terminal())?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Waits for one key on the terminal that is standard input, without Return and unseen. `None` is its
/// end, or Ctrl-C or Ctrl-D: while it waits these are keys like others, so that the terminal is never left
/// as it is meanwhile.
///
/// # Errors
/// When standard input is no terminal, or is gone.
#[cfg(unix)]
pub fn key() -> std::io::Result<Option<char>> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    let stdin = std::io::stdin();
    let before = tcgetattr(&stdin)?;
    let mut waiting = before.clone();
    waiting.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    // What was typed before the question could be read is no answer to it.
    tcsetattr(&stdin, OptionalActions::Flush, &waiting)?;
    // Past the buffer of the standard library, which would keep what comes behind a key.
    let mut bytes = [0; 64];
    let read = rustix::io::read(&stdin, &mut bytes);
    give_terminal_back();
    Ok(match (read?, bytes[0]) {
        (0, _) | (1, 3 | 4) => None,
        (1, byte) => Some(char::from(byte)),
        // An arrow, a function key or something pasted.
        _ => Some('\0'),
    })
}

/// The terminal as it was before somebody waited for a key.
#[cfg(unix)]
static BEFORE: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);

/// Gives the terminal back as it was, for whoever ends the program while it waits for a key.
#[cfg(unix)]
pub fn give_terminal_back() {
    if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let now = rustix::termios::OptionalActions::Now;
        // A terminal that is gone needs nothing.
        let _ = rustix::termios::tcsetattr(std::io::stdin(), now, &before);
    }
}

/// Waits for a line on standard input: its first character.
///
/// # Errors
/// When it can't be read.
#[cfg(not(unix))]
pub fn key() -> std::io::Result<Option<char>> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().chars().next())
}

/// Here it is not known.
#[cfg(not(unix))]
pub fn columns(_stream: &impl IsTerminal) -> Option<usize> {
    None
}
