//! `gardener schema`: what editors need to help with worklogs and `gardener.toml`.

use crate::cli::EXIT_CODE_TABLE;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::schema;

/// Print the JSON Schema of worklogs or of gardener.toml
///
/// For editors and validators that read JSON Schema (draft 7). What a schema can't say is left to
/// `gardener check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Of what
    #[arg(value_name = "WHAT")]
    what: What,
}

const EXAMPLES: &str = "\
Examples:
  gardener schema worklog > worklog.schema.json      front matter
  gardener schema config > gardener.schema.json      gardener.toml
  gardener schema reference                          a page for people";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    /// The front matter of worklogs
    Worklog,
    /// gardener.toml
    Config,
    /// Not a schema: a page for people with every key and exit code
    Reference,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<u8, CliError> {
    let pretty = |value: serde_json::Value| format!("{value:#}\n");
    let text = match arguments.what {
        What::Worklog => pretty(schema::front_matter()),
        What::Config => pretty(schema::config()),
        What::Reference => schema::reference::page(&EXIT_CODE_TABLE),
    };
    terminal.print_own(&text)?;
    Ok(0)
}
