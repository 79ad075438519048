//! `gardener undo`.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::sync::{colored, report_json, said, show_skipped, tail, troubles};
use crate::cli::terminal::{ALARM, HINT, Terminal};
use crate::forge::{ForgeRead as _, GitHubWriter};
use crate::journal::{Caches, Journal};
use crate::plan::Left;
use crate::sync::{self, Choices, Report, Undoing};

/// Take back the last sync of this clone: its commit and what it changed on GitHub
///
/// What it sent is set back on GitHub, what it took over is set back in the worklogs, and a new
/// commit says so. A value that moved since is left alone and named; so is an issue that was
/// filed, because it can't be unmade. Your own edits stay in your files, and the next sync
/// sends them again.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Show what would be done; write nothing anywhere
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Print what was done, and what was left, as JSON
    #[arg(long)]
    json: bool,
    /// Write the worklogs but make no commit
    #[arg(long)]
    no_commit: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener undo --dry-run    what would be taken back, and what would stay
  gardener undo              take it back";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let home = context.home(terminal)?;
    let choices = Choices { commit: !arguments.no_commit, yes: true, ..context.choices(&home, terminal)? };
    let (mut store, mut look, mut texts) = context.stores();
    let mut caches = Caches { look: &mut look, texts: &mut texts };
    let lock = if arguments.dry_run { None } else { Some(context.lock()?) };
    let mut github = context.github(&home, terminal)?;
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    if !arguments.dry_run {
        sync::check_standing(&mut worktree, &choices)?;
    }
    let mut journal = Journal::open(&mut store)?;
    let undoing = sync::prepare_undo(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
    if arguments.dry_run {
        let shown = show_plan(&undoing, arguments, github.requests(), terminal);
        return Ok(said(undoing.prepared.verdict(true).code(), shown, terminal));
    }
    let repository = github.repository().map(|r| r.id)?;
    let mut github = GitHubWriter::new(github);
    let Undoing { prepared, left, commit } = undoing;
    let report = sync::carry_out(prepared, &mut github, &mut worktree, &mut journal, &mut caches, &choices)?;
    sync::note_undone(&report, repository, &mut journal);
    let left: Vec<Left> = left.into_iter().collect();
    let shown = show_report(&report, &left, commit.as_deref(), arguments, terminal);
    drop(lock);
    Ok(said(report.verdict().code(), shown, terminal))
}

fn show_plan(
    undoing: &Undoing,
    arguments: &Arguments,
    requests: u64,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    let plan = &undoing.prepared.plan;
    if arguments.json {
        let left: Vec<_> = undoing.left.iter().map(ToString::to_string).collect();
        return terminal.json(&json!({
            "schema": 1, "dry_run": true, "takes_back": undoing.commit, "plan": plan.to_json(), "left": left,
            "requests": requests, "exit": undoing.prepared.verdict(true).code(),
        }));
    }
    terminal.print(plan)?;
    let left: Vec<Left> = undoing.left.iter().cloned().collect();
    show_left(&left, terminal)?;
    terminal.say(format_args!("nothing was written (dry run); {}", tail(requests, terminal)))
}

fn show_report(
    report: &Report,
    left: &[Left],
    commit: Option<&str>,
    arguments: &Arguments,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    if arguments.json {
        let mut value = report_json(report, report.verdict().code());
        value["takes_back"] = json!(commit);
        value["left"] = left.iter().map(ToString::to_string).collect();
        return terminal.json(&value);
    }
    show_skipped(&report.skipped, terminal);
    for worklog in report.lines() {
        terminal.print(colored(&worklog))?;
    }
    for (_, message) in report.outcome.failed.iter().filter(|(keys, _)| keys.is_empty()) {
        terminal.say(format_args!("{ALARM}{message}{ALARM:#}"))?;
    }
    for note in &report.notes {
        terminal.say(format_args!("{ALARM}{note}{ALARM:#}"))?;
    }
    show_left(left, terminal)?;
    let short = |id: &str| id[..id.len().min(7)].to_owned();
    let mut parts = Vec::new();
    parts.push(match (report.writes > 0 || !report.written.is_empty(), commit) {
        (false, _) => "nothing to take back".to_owned(),
        (true, Some(commit)) => format!("took back the sync of {}", short(commit)),
        (true, None) => "took back the last sync".to_owned(),
    });
    if let Some(commit) = &report.commit {
        parts.push(format!("committed {}", short(commit)));
    } else if !report.written.is_empty() {
        parts.push("not committed".to_owned());
    }
    parts.push(tail(report.requests, terminal));
    terminal.say(parts.join("; "))?;
    for error in troubles(report) {
        error.show(terminal);
    }
    Ok(())
}

fn show_left(left: &[Left], terminal: &mut Terminal) -> Result<(), CliError> {
    for left in left {
        terminal.say(format_args!("{HINT}left{HINT:#}  {left}"))?;
    }
    Ok(())
}
