//! `gardener accept`: a candidate of an entry becomes its issue.

use crate::cli::context::Context;
use crate::cli::decide::{self, Choice, Decision, Garden, place};
use crate::cli::error::CliError;
use crate::cli::list::Row;
use crate::cli::terminal::Terminal;

/// Take a candidate of an entry as its issue
///
/// A sync that finds issues which an entry may be about writes them into it as candidates and
/// asks. This takes the first, or the one that you name. It edits the worklog as you would by hand: no
/// commit, no network. The next sync does the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Entries: ID or WORKLOG-ID/ID
    #[arg(value_name = "ENTRY", required_unless_present = "all")]
    entries: Vec<String>,
    /// The first candidate of every entry that has some
    #[arg(long, conflicts_with_all = ["entries", "candidate"])]
    all: bool,
    /// Which one, counted from 1
    #[arg(long, short = 'k', value_name = "K", value_parser = clap::value_parser!(u8).range(1..))]
    candidate: Option<u8>,
    #[command(flatten)]
    output: decide::Output,
}

const EXAMPLES: &str = "\
Examples:
  gardener list --candidates                  what is to be decided
  gardener show docker-build                  its candidates, with scores and reasons
  gardener accept docker-build                the first of them
  gardener accept docker-build --candidate 2
  gardener accept --all --dry-run             the first of each, shown only
  gardener link docker-build --none           it is none of them: file it";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    decide::carry_out(&arguments.output, context, terminal, |garden, terminal| {
        let rows = if arguments.all {
            garden.warn_of_broken(terminal);
            garden.rows().filter(|row| !row.candidates().is_empty()).collect()
        } else {
            garden.entries(&arguments.entries, terminal)?
        };
        if rows.is_empty() && !arguments.output.is_json() {
            terminal.say("no entry has candidates")?;
        }
        let place = usize::from(arguments.candidate.unwrap_or(1));
        rows.into_iter().map(|row| decision(row, place, garden)).collect()
    })
}

fn decision<'a>(row: Row<'a>, wanted: usize, garden: &Garden<'a>) -> Result<Decision<'a>, CliError> {
    let (entry, key) = (row.entry, row.key());
    let refused = |why: String, next: String| {
        Err(CliError::Refused { message: format!("{}: {key} {why}", place(&row)), next })
    };
    if let Some(issue) = &entry.issue {
        let next = format!("if that is wrong: gardener link {key} NUMBER --replace");
        return refused(format!("is linked to {issue} already"), next);
    }
    let candidates = entry.candidates.as_deref();
    match (candidates.unwrap_or_default().get(wanted - 1), candidates) {
        (Some(candidate), _) => {
            let to =
                garden.home.map_or_else(|| candidate.issue.clone(), |home| candidate.issue.in_short(home));
            let reason = candidate.reason.clone();
            Ok(Decision { row, choice: Choice::Issue { to, reason } })
        }
        (None, None) => {
            let next = format!("if you know its issue: gardener link {key} NUMBER");
            refused("has no candidates".to_owned(), next)
        }
        (None, Some([])) => {
            let next = format!("if it has an issue all the same: gardener link {key} NUMBER");
            refused("is about none of its candidates, as somebody decided".to_owned(), next)
        }
        (None, Some(all)) => {
            let count = all.len();
            let s = if count == 1 { "" } else { "s" };
            refused(
                format!("has {count} candidate{s}, and no number {wanted}"),
                format!("gardener show {key}"),
            )
        }
    }
}
