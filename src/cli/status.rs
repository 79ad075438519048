//! `gardener status`.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::list::left_out;
use crate::cli::sync::{show_left_out, skipped_json};
use crate::cli::terminal::{HINT, NAME, Terminal};
use crate::forge::ForgeRead as _;
use crate::journal::{Caches, Journal};
use crate::model::{RepoSlug, Untrusted};
use crate::sync::{self, LocalWorklog};

/// Show what differs, without writing anything
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
    let home = context.repo.home(&context.config, None).ok().map(|h| h.slug);
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let state = sync::local_state(&mut worktree, &config, home.as_ref())?;
    let broken: Vec<_> = state.skipped.iter().filter(|s| !s.is_foreign).collect();
    let mut differs = !broken.is_empty();
    let mut listed = Vec::new();
    for worklog in state.worklogs.iter().filter(|w| !w.loaded.worklog.header().archived) {
        let rows = rows(worklog, home.as_ref());
        differs |= !rows.is_empty() || worklog.uncommitted;
        listed.push((worklog, rows));
    }
    let code = if arguments.exit_code && differs { 3 } else { 0 };
    if arguments.json {
        let worklogs: Vec<_> = listed
            .iter()
            .map(|(w, rows)| {
                let entries: Vec<_> = rows
                    .iter()
                    .map(|r| json!({"entry": r.entry, "issue": r.issue, "what": r.what}))
                    .collect();
                json!({"worklog": w.loaded.path, "uncommitted": w.uncommitted, "entries": entries})
            })
            .collect();
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
    let all: usize = listed.iter().map(|(w, _)| w.loaded.worklog.entries().len()).sum();
    for (worklog, rows) in &listed {
        if rows.is_empty() && !worklog.uncommitted {
            continue;
        }
        let note = if worklog.uncommitted { "  (not committed)" } else { "" };
        terminal.say(format_args!("{NAME}{}{NAME:#}{note}", Untrusted(&worklog.loaded.path)))?;
        let width = rows.iter().map(|r| r.entry.len()).max().unwrap_or(0);
        let numbers = rows.iter().map(|r| r.issue.len()).max().unwrap_or(0);
        for row in rows {
            terminal.say(format_args!("  {:width$}  {:numbers$}  {}", row.entry, row.issue, row.what))?;
        }
    }
    let worklogs =
        if listed.len() == 1 { "1 worklog".to_owned() } else { format!("{} worklogs", listed.len()) };
    let open: usize = listed.iter().map(|(_, rows)| rows.len()).sum();
    let said = if open == 0 { "nothing to sync here".to_owned() } else { format!("{open} to sync") };
    terminal.say(format_args!("{worklogs}, {all} entries, {said}{}", left_out(broken.len())))?;
    if open > 0 {
        terminal.say(format_args!("{HINT}gardener sync --dry-run{HINT:#} shows what GitHub says to it"))?;
    }
    Ok(code)
}

struct Row {
    entry: String,
    issue: String,
    what: String,
}

fn rows(worklog: &LocalWorklog, home: Option<&RepoSlug>) -> Vec<Row> {
    let mut rows = Vec::new();
    let loaded = &worklog.loaded.worklog;
    for (entry, edited) in loaded.entries().iter().zip(&worklog.edited) {
        let base = loaded.bases().get(&entry.id);
        let elsewhere =
            entry.issue.as_ref().and_then(|i| i.repo.as_ref()).is_some_and(|r| home.is_some_and(|h| h != r));
        let what = match (&entry.issue, base) {
            _ if elsewhere => None,
            (None, Some(_)) => Some("unlinked".to_owned()),
            (None, None) if entry.status.as_ref().is_some_and(crate::model::Status::is_closed) => None,
            (None, None) => Some("not filed yet".to_owned()),
            (Some(_), None) => Some("linked by hand, not synced yet".to_owned()),
            (Some(_), Some(_)) if edited.is_empty() => None,
            (Some(_), Some(_)) => {
                let fields: Vec<_> = edited.iter().map(ToString::to_string).collect();
                Some(format!("edited: {}", fields.join(", ")))
            }
        };
        if let Some(what) = what {
            let issue = entry.issue.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            rows.push(Row { entry: entry.id.to_string(), issue, what });
        }
    }
    rows
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
