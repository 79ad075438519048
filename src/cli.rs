//! Words in, words out: the command line.
//!
//! Floor 6. The only room that prints, or reads the environment, the terminal or the
//! clock. A command parses what was typed, opens the world (`context`), calls a flow and
//! says what came of it; decisions are made below.

mod accept;
mod add;
mod branch;
mod check;
mod collect;
mod completions;
mod context;
mod decide;
mod diagnostics;
mod diff;
mod doctor;
mod dupes;
mod edit;
mod error;
mod findings;
mod found;
mod guess;
mod hook;
mod import;
mod init;
mod interrupt;
mod link;
mod list;
mod log;
mod lsp;
mod man;
mod matching;
mod mcp;
mod merge_driver;
mod new;
mod open;
mod overview;
mod posted;
mod prefer;
mod push;
mod report;
mod resolve;
mod run;
mod said;
mod schema;
mod show;
mod snapshot;
mod status;
mod sync;
mod terminal;
mod touched;
mod trust;
mod undo;
mod whence;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::cli::context::{Context, Ground};
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;

/// Worklogs in git and issues on GitHub, kept as one.
#[derive(Debug, Parser)]
#[command(name = "gardener", version, about, long_about = LONG, after_help = exit_codes(), max_term_width = 100)]
struct Arguments {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "FOLDER", global = true)]
    folder: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    color: clap::ColorChoice,
    #[command(subcommand)]
    command: Command,
}

const LONG: &str = "\
Worklogs in git and issues on GitHub, kept as one.

A worklog is a markdown file with YAML front matter that lists the failing tests or problems \
of one run. `gardener sync` merges status, severity, labels and links of its entries three ways \
with GitHub issues, in both directions, files what is new exactly once, and commits what changed.";

/// What the program ends with, the highest that applies.
const EXIT_CODE_TABLE: [(u8, &str); 6] = [
    (0, "in sync, nothing wrong"),
    (1, "failed, nothing was done (check: findings; run, collect: tests failed)"),
    (2, "the command line is wrong"),
    (3, "partly done or pending: run again (status --exit-code: differs; run: a suite could not run)"),
    (4, "conflicts remain"),
    (5, "stopped by a brake before the first write"),
];

fn exit_codes() -> String {
    let lines: Vec<_> = EXIT_CODE_TABLE.iter().map(|(code, what)| format!("  {code}  {what}")).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    New(new::Arguments),
    Import(import::Arguments),
    Check(check::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Open(open::Arguments),
    Add(add::Arguments),
    Edit(edit::Arguments),
    Run(run::Arguments),
    Collect(collect::Arguments),
    Trust(trust::Arguments),
    Sync(sync::Arguments),
    Match(matching::Arguments),
    Link(link::Arguments),
    Dupes(dupes::Arguments),
    Accept(accept::Arguments),
    Resolve(resolve::Arguments),
    Status(status::Arguments),
    Undo(undo::Arguments),
    Diff(diff::Arguments),
    Log(log::Arguments),
    Report(report::Arguments),
    Hook(hook::Arguments),
    Lsp(lsp::Arguments),
    Doctor(doctor::Arguments),
    MergeDriver(merge_driver::Arguments),
    Mcp(mcp::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the program: parses the command line and returns the exit code.
pub fn main() -> ExitCode {
    let matches = Arguments::command().try_get_matches();
    let parsed = matches.and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(answer) => return say(&answer),
    };
    terminal::choose_color(arguments.color);
    let mut terminal = Terminal::new(context::redactor());
    let result = run(&arguments, &mut terminal);
    interrupt::give_way();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            error.show(&mut terminal);
            if asks_for_json(&matches) && !matches!(error, CliError::Output(_)) {
                // If that can't be written either, the code says enough.
                let _ = terminal.json(&error.as_json());
            }
            ExitCode::from(error.code())
        }
    }
}

/// Whether the command, or the one below it, has a `--json` that was given.
fn asks_for_json(matches: &clap::ArgMatches) -> bool {
    matches.subcommand().is_some_and(|(_, inner)| {
        let given = inner.try_get_one::<bool>("json").ok().flatten();
        given == Some(&true) || asks_for_json(inner)
    })
}

/// Prints what the parser of the command line has to say: help, the version, or what is wrong
/// with words that may come from a script and hold anything.
fn say(answer: &clap::Error) -> ExitCode {
    let mut terminal = Terminal::new(context::redactor());
    // Without colours of its own, an escape in it is somebody else's.
    let plain = answer.to_string();
    let text = if plain.contains('\u{1b}') {
        plain.replace('\u{1b}', "\\u{1b}")
    } else {
        answer.render().ansi().to_string()
    };
    if answer.use_stderr() {
        terminal.warn(text.trim_end());
        // Nothing was parsed, so that the words themselves say whether a script reads this.
        if context::has_word("--json") {
            let message = plain.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            // If that can't be written either, the code says enough.
            let _ = terminal.json(&CliError::Usage(message).as_json());
        }
    } else if let Err(error @ CliError::Output(_)) = terminal.print(text) {
        return ExitCode::from(error.code());
    }
    ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2))
}

fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<u8, CliError> {
    let folder = arguments.folder.as_deref();
    match &arguments.command {
        Command::Init(a) => init::run(a, &Context::open(folder)?, terminal),
        Command::New(a) => new::run(a, Context::open(folder)?, terminal),
        // To look at a file needs no repository.
        Command::Import(a) => import::run(a, Context::open(folder), folder, terminal),
        // A config that is wrong is one of its findings.
        Command::Check(a) => check::run(a, Context::open(folder), terminal),
        Command::List(a) => list::run(a, Context::open(folder)?, terminal),
        Command::Show(a) => show::run(a, Context::open(folder)?, terminal),
        Command::Open(a) => open::run(a, Context::open(folder)?, terminal),
        Command::Add(a) => add::run(a, Context::open(folder)?, terminal),
        Command::Edit(a) => edit::run(a, Context::open(folder)?, terminal),
        Command::Run(a) => run::run(a, Context::open(folder)?, terminal),
        Command::Collect(a) => collect::run(a, Context::open(folder)?, terminal),
        Command::Trust(a) => trust::run(a, &Context::open(folder)?, terminal),
        // A hook's errors are said in a line, and let the push go on.
        Command::Sync(a) if a.hook.is_some() => Ok(push::run(folder, terminal)),
        Command::Sync(a) if a.branch.is_some() => {
            a.without_names()?;
            branch::run(a, a.branch.as_deref().unwrap_or_default(), folder, terminal)
        }
        Command::Sync(a) => {
            a.without_names()?;
            sync::run(a, Context::open(folder)?, terminal)
        }
        Command::Match(a) => matching::run(a, Context::open(folder)?, terminal),
        Command::Link(a) => link::run(a, Context::open(folder)?, terminal),
        Command::Dupes(a) => dupes::run(a, Context::open(folder)?, terminal),
        Command::Accept(a) => accept::run(a, Context::open(folder)?, terminal),
        Command::Resolve(a) => resolve::run(a, folder, terminal),
        Command::Status(a) => status::run(a, Context::open(folder)?, terminal),
        Command::Undo(a) => undo::run(a, Context::open(folder)?, terminal),
        Command::Diff(a) => diff::run(a, Context::open(folder)?, terminal),
        Command::Log(a) => log::run(a, Context::open(folder)?, terminal),
        Command::Report(a) => report::run(a, Context::open(folder)?, terminal),
        Command::MergeDriver(a) => merge_driver::run(a, folder),
        Command::Hook(a) => hook::run(a, &Context::open(folder)?, terminal),
        Command::Mcp(a) => mcp::run(a, folder, terminal),
        Command::Schema(a) => schema::run(a, terminal),
        // Outside of a repository, or with a config that is wrong, an editor wants answers all the same.
        Command::Lsp(a) => lsp::run(a, folder, terminal),
        // What can't be opened is one of its findings.
        Command::Doctor(a) => doctor::run(a, &Ground::find(folder)?, terminal),
        Command::Man(a) => man::run(a, Arguments::command(), folder, terminal),
        Command::Completions(a) => completions::run(a, &mut Arguments::command(), terminal),
    }
}
