//! How wide a terminal is. Asking it is no effect.

use std::io::IsTerminal;

/// How many characters fit into a line, if this is a terminal which says so.
#[cfg(unix)]
pub fn columns(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok().filter(|_| stream.is_terminal())?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Here it is not known.
#[cfg(not(unix))]
pub fn columns(_stream: &impl IsTerminal) -> Option<usize> {
    None
}
