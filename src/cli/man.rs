//! `gardener man`: the manual pages, made from the same description that parses the command line.

use std::path::{Path, PathBuf};

use clap::Command;

use crate::cli::context;
use crate::cli::error::CliError;
use crate::cli::terminal::{NAME, Terminal};
use crate::model::Untrusted;
use crate::worklog::nearest;

/// Print a manual page, or write all of them into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The command, and the one below it; without any the page of gardener itself
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder, one file each
    // `folder` is what `-C` is called.
    #[arg(long = "folder", value_name = "FOLDER", conflicts_with = "command")]
    into: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gardener man sync | man -l -                       read one
  gardener man hook install > gardener-hook-install.1
  gardener man --folder ~/.local/share/man/man1      all of them";

/// What every page says it comes from.
const SOURCE: &str = concat!("gardener ", env!("CARGO_PKG_VERSION"));

/// Runs the command.
pub(super) fn run(
    arguments: &Arguments,
    command: Command,
    folder: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    // `help` says of each what its own page says.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    if let Some(into) = &arguments.into {
        let into = context::from_here(folder, into)?;
        let disk = context::disk();
        let failed = |error: &dyn std::fmt::Display| CliError::Refused {
            message: format!("{}: {error}", Untrusted(&into.display().to_string())),
            next: "mend that, then run it again".to_owned(),
        };
        disk.create_folder(&into).map_err(|error| failed(&error))?;
        for (name, page) in pages(&command)? {
            disk.replace(&into.join(&name), page.as_bytes()).map_err(|error| failed(&error))?;
            terminal.say(format_args!("{NAME}{name}{NAME:#}"))?;
        }
        return Ok(0);
    }
    let mut found = &command;
    for word in &arguments.command {
        let Some(below) = found.get_subcommands().find(|below| below.get_name() == word.as_str()) else {
            let names = found.get_subcommands().map(Command::get_name).collect::<Vec<_>>();
            return Err(CliError::NotThere {
                message: format!("{} has no command {}", found.get_name(), Untrusted(word)),
                next: match nearest(word, names.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "see `gardener help`".to_owned(),
                },
            });
        };
        found = below;
    }
    terminal.print_own(&page(found)?)?;
    Ok(0)
}

/// Every page with the name of its file.
fn pages(command: &Command) -> Result<Vec<(String, String)>, CliError> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let mut pages = vec![(format!("{name}.1"), page(command)?)];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages.extend(self::pages(below)?);
    }
    Ok(pages)
}

fn page(command: &Command) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command.clone())
        .source(SOURCE)
        .manual("gardener")
        .render(&mut bytes)
        .map_err(CliError::Output)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
