//! `gardener lsp`: the language server for worklogs and gardener.toml, over standard input and output.
//!
//! One thread reads frames, this one answers them in their order, so that an answer is always about the
//! text as it was when it was asked for. What is wrong is told when nothing waits to be answered. Nothing
//! is written, sent or started: edits are offered to the editor, and issues are known from what earlier
//! syncs kept. What the answers say is decided in `editor`; here is the protocol.
//!
//! Left out: several repositories at once (the first folder of the workspace counts), findings of files that
//! are not open, and pulled diagnostics.

mod frames;
mod offers;
mod protocol;
mod server;
mod shown;
mod world;

use std::collections::VecDeque;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::cli::context;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use frames::Frame;
use server::Server;

/// Help an editor with worklogs: findings, completion, quick fixes
///
/// A language server. An editor starts it and speaks with it over standard input and output: it says what
/// `gardener check` says while you type, completes keys, labels and issue numbers, shows what an issue is
/// called, and closes or links an entry on request. It works offline, from what earlier syncs kept; it
/// writes no file, starts no program and needs no token.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Speak over standard input and output: the only way there is, for editors that say so
    #[arg(long)]
    stdio: bool,
}

const EXAMPLES: &str = "\
Examples:
  vim.lsp.config('gardener', { cmd = { 'gardener', 'lsp' }, filetypes = { 'markdown', 'toml' } })   Neovim
  command = \"gardener\", args = [\"lsp\"]                                                            Helix
  gardener -C ~/src/app lsp                       for an editor that names no folder of its own

docs/editors.md has whole configurations. Ends with 0 after the editor's shutdown and exit, else with 1.";

/// Runs the server until the editor says exit or goes away. Returns the exit code.
///
/// # Errors
/// When the current folder can't be told, or nothing can be written any more.
pub(super) fn run(
    arguments: &Arguments,
    folder: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    // There is no other way, whatever was typed.
    let _ = arguments.stdio;
    let here = context::folder(folder)?;
    let host = context::chosen_host();
    let mut server = Server::new(here, host, terminal.redactor(), Box::new(io::stdout()));
    let (sender, receiver) = channel();
    std::thread::spawn(move || read(&sender));
    serve(&mut server, &receiver).map_err(CliError::Output)
}

/// Hands on every frame; ends with the input.
fn read(sender: &Sender<Frame>) {
    let mut input = BufReader::new(io::stdin());
    while let Some(frame) = frames::read(&mut input) {
        if sender.send(frame).is_err() {
            return;
        }
    }
}

/// Answers until there is no more to answer.
fn serve(server: &mut Server, frames: &Receiver<Frame>) -> io::Result<u8> {
    let mut waiting: VecDeque<Frame> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            server.tell_findings()?;
            match frames.recv() {
                Ok(frame) => waiting.push_back(frame),
                Err(_) => return Ok(server.code()),
            }
        }
        // What has come in the meantime may say that an earlier question is void.
        for frame in frames.try_iter() {
            match server.cancelled(&frame) {
                Some(id) => {
                    let asked = waiting.iter().position(|frame| frame.asks(&id));
                    if asked.and_then(|at| waiting.remove(at)).is_some() {
                        server.refuse(&id, frames::CANCELLED, "it was cancelled")?;
                    }
                }
                None => waiting.push_back(frame),
            }
        }
        if let Some(frame) = waiting.pop_front()
            && let Some(code) = server.take(frame)?
        {
            return Ok(code);
        }
    }
}

/// A path of this machine as `file://` address.
fn address(path: &Path) -> String {
    let mut address = "file://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => address.push(*byte as char),
            byte if byte.is_ascii_alphanumeric() => address.push(*byte as char),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

/// The path that a `file://` address of this machine names.
fn path_of(address: &str) -> Option<PathBuf> {
    let rest = address.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return None;
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|byte| *byte != 0)?);
    }
    Some(PathBuf::from(String::from_utf8(bytes).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths_are_each_others() {
        for path in ["/a/b.md", "/a b/ü🌱#?%.md"] {
            assert_eq!(path_of(&address(Path::new(path))), Some(PathBuf::from(path)));
        }
        assert_eq!(path_of("file://localhost/a%20b"), Some(PathBuf::from("/a b")));
        for odd in
            ["untitled:x", "file://host/a", "file:///a%0", "file:///a%zz", "file:///a%00", "file:///a%ff", ""]
        {
            assert_eq!(path_of(odd), None, "{odd}");
        }
    }
}
