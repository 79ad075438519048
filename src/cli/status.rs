//! `gardener status`.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::list::left_out;
use crate::cli::overview::{self, Line, Overview, Row};
use crate::cli::sync::{show_left_out, skipped_json};
use crate::cli::terminal::{HINT, NAME, Terminal};
use crate::forge::ForgeRead as _;
use crate::journal::{Caches, Journal};
use crate::model::Untrusted;
use crate::sync;

/// Show what differs, and change nothing
///
/// Asks nobody: it compares each entry with what was agreed at the last sync. With
/// `--remote` it asks GitHub too and shows what `gardener sync` would do.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gardener status\n  gardener status --remote --exit-code && echo in sync"
)]
pub(super) struct Arguments {
    /// Ask GitHub too
    #[arg(long)]
    remote: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Exit with 3 where something differs
    #[arg(long)]
    exit_code: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    if arguments.remote {
        return remote(arguments, context, terminal);
    }
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let Overview { worklogs, skipped } = overview::look(&mut worktree, &config)?;
    let broken: Vec<_> = skipped.iter().filter(|s| !s.is_foreign).collect();
    let differs = !broken.is_empty() || worklogs.iter().any(|line| !line.rows.is_empty() || line.uncommitted);
    let code = if arguments.exit_code && differs { 3 } else { 0 };
    if arguments.json {
        let row = |r: &Row| json!({"entry": r.entry, "issue": r.issue, "what": r.what});
        let worklog = |line: &Line| {
            let entries: Vec<_> = line.rows.iter().map(row).collect();
            json!({"worklog": line.path, "uncommitted": line.uncommitted, "entries": entries})
        };
        let worklogs: Vec<_> = worklogs.iter().map(worklog).collect();
        let broken: Vec<_> = broken.iter().map(|s| json!({"worklog": s.path, "why": s.why})).collect();
        terminal.json(&json!({
            "schema": 1, "worklogs": worklogs, "broken": broken, "differs": differs, "exit": code,
        }))?;
        return Ok(code);
    }
    for file in &broken {
        let color = terminal.has_color();
        terminal.warn(diagnostics::skipped(file, color));
    }
    for Line { path, uncommitted, rows, .. } in &worklogs {
        if rows.is_empty() && !uncommitted {
            continue;
        }
        let note = if *uncommitted { "  (not committed)" } else { "" };
        terminal.say(format_args!("{NAME}{}{NAME:#}{note}", Untrusted(path)))?;
        let width = rows.iter().map(|r| r.entry.len()).max().unwrap_or(0);
        let numbers = rows.iter().map(|r| r.issue.len()).max().unwrap_or(0);
        for row in rows {
            terminal.say(format_args!("  {:width$}  {:numbers$}  {}", row.entry, row.issue, row.what))?;
        }
    }
    let all: usize = worklogs.iter().map(|line| line.entries).sum();
    let open: usize = worklogs.iter().map(|line| line.rows.len()).sum();
    let worklogs =
        if worklogs.len() == 1 { "1 worklog".to_owned() } else { format!("{} worklogs", worklogs.len()) };
    let said = if open == 0 { "nothing to sync here".to_owned() } else { format!("{open} to sync") };
    terminal.say(format_args!("{worklogs}, {all} entries, {said}{}", left_out(broken.len())))?;
    if open > 0 {
        terminal.say(format_args!("{HINT}gardener sync --dry-run{HINT:#} shows what GitHub says to it"))?;
    }
    Ok(code)
}

fn remote(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let home = context.home(terminal)?;
    let choices = context.choices(&home, terminal)?;
    let (mut store, mut look, mut texts) = context.stores();
    let mut caches = Caches { look: &mut look, texts: &mut texts };
    let mut github = context.github(&home, terminal)?;
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let journal = Journal::open(&mut store)?;
    let prepared = sync::prepare(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
    let differs = !prepared.plan.is_empty() || !prepared.plan.conflicts.is_empty();
    let code = if arguments.exit_code && differs { 3 } else { 0 };
    if arguments.json {
        terminal.json(&json!({
            "schema": 1, "plan": prepared.plan.to_json(), "skipped": skipped_json(&prepared.skipped),
            "left_out": prepared.left_out, "differs": differs, "requests": github.requests(), "exit": code,
        }))?;
    } else {
        let color = terminal.has_color();
        for file in prepared.skipped.iter().filter(|s| !s.is_foreign) {
            terminal.warn(diagnostics::skipped(file, color));
        }
        terminal.print(&prepared.plan)?;
        for other in &prepared.plan.titles {
            let (key, number) = (&other.key.entry, other.number);
            terminal
                .say(format_args!("{key} #{number}: its title there is \"{}\"", Untrusted(&other.there)))?;
        }
        show_left_out(&prepared.left_out, terminal)?;
        let said = if differs { "gardener sync would do this" } else { "in sync with GitHub" };
        terminal.say(format_args!("{} entries; {said}", prepared.plan.considered.len()))?;
    }
    Ok(code)
}
