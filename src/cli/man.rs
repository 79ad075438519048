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
    let last = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let rest = command.clone().after_help(None::<&str>);
    let man = clap_mangen::Man::new(rest).source(SOURCE).manual("gardener");
    man.render(&mut bytes).map_err(CliError::Output)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned() + &as_written(&last))
}

/// What stands below a help, as sections with lines that no reader fills: a command that breaks at
/// the wrong place is another one.
fn as_written(text: &str) -> String {
    let mut sections = String::new();
    for line in text.lines() {
        let heading = line.strip_suffix(':').filter(|heading| !heading.starts_with(' '));
        if let Some(heading) = heading {
            sections.push_str(if sections.is_empty() { "" } else { ".fi\n" });
            sections.push_str(&format!(".SH {}\n.nf\n", heading.to_uppercase()));
            continue;
        }
        if sections.is_empty() {
            sections.push_str(".SH NOTES\n.nf\n");
        }
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
        // A dot at the start of a line would be a request.
        let guard = if line.starts_with('.') { "\\&" } else { "" };
        sections.push_str(&format!("{guard}{line}\n"));
    }
    if sections.is_empty() { sections } else { sections + ".fi\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_stay_as_they_are_written() {
        let section = as_written("Examples:\n  a --b 'c' \\\n\n.d");
        assert_eq!(section, ".SH EXAMPLES\n.nf\n  a \\-\\-b \\(aqc\\(aq \\e\n\n\\&.d\n.fi\n");
        assert_eq!(
            as_written("Exits: so.\n\nExamples:\n  a"),
            ".SH NOTES\n.nf\nExits: so.\n\n.fi\n.SH EXAMPLES\n.nf\n  a\n.fi\n"
        );
        assert_eq!(as_written(""), "");
    }
}
