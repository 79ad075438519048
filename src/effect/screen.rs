//! How wide a terminal is, and one key that is typed there. Asking it is no effect.

use std::io::IsTerminal;

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
    use std::io::Read as _;

    let stdin = std::io::stdin();
    let before = tcgetattr(&stdin)?;
    let mut waiting = before.clone();
    waiting.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    tcsetattr(&stdin, OptionalActions::Now, &waiting)?;
    let mut byte = [0];
    let read = stdin.lock().read(&mut byte);
    tcsetattr(&stdin, OptionalActions::Now, &before)?;
    Ok(match (read?, byte[0]) {
        (0, _) | (_, 3 | 4) => None,
        (_, byte) => Some(char::from(byte)),
    })
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
