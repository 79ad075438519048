//! `gardener completions`: the script that makes a shell complete gardener's words.
//!
//! It is made from the same description of the command line that parses it. It completes
//! commands and flags, not the names of entries.

use clap::Command;
use clap_complete::{Shell, generate};

use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;

/// Print a script that completes gardener's commands and flags in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  source <(gardener completions bash)                              bash, in ~/.bashrc
  gardener completions zsh > ~/.zfunc/_gardener                    zsh, in a folder of $fpath
  gardener completions fish > ~/.config/fish/completions/gardener.fish
  gardener completions powershell >> $PROFILE                      PowerShell";

/// Runs the command.
pub(super) fn run(
    arguments: &Arguments,
    command: &mut Command,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let mut script = Vec::new();
    generate(arguments.shell, command, "gardener", &mut script);
    terminal.print_own(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
