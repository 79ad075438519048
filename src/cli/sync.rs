//! `gardener sync`.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::interrupt;
use crate::cli::list::left_out;
use crate::cli::posted::posted;
use crate::cli::prefer::{may_settle, wanted_sides};
use crate::cli::push::{self, Hook};
use crate::cli::terminal::{ALARM, HINT, NAME, Terminal};
use crate::forge::ForgeRead as _;
use crate::forge::GitHubWriter;
use crate::journal::{Caches, Journal, JournalError};
use crate::model::Untrusted;
use crate::plan::{WorklogLines, lines};
use crate::repo::{Home, Standing, Worktree as _};
use crate::sync::{self, Choices, Prepared, Report, Scope, Skipped, WantedSide};

/// Merge worklogs with GitHub issues, in both directions, and commit
///
/// Reads every worklog and every issue they name, merges status, severity, labels and links
/// three ways, files new entries as issues exactly once, writes the worklogs and commits
/// them. Everything else you have staged, unstaged or untracked stays as it was.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Show what would be done; write nothing anywhere
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// With --dry-run: show what would change in the worklogs, as a diff
    #[arg(long, requires = "dry_run")]
    diff: bool,
    /// With --dry-run: show the texts for GitHub in full
    #[arg(long, short, requires = "dry_run")]
    verbose: bool,
    /// Print the plan and what came of it as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Write the worklogs but make no commit
    #[arg(long)]
    no_commit: bool,
    /// Commit the bodies of the worklogs too, not only front matter and base
    #[arg(long)]
    all: bool,
    /// Settle conflicts: take this side, for an entry or one field of it
    ///
    /// Without an entry it is for whatever is in conflict: one goes without asking, and several
    /// need --yes.
    #[arg(long, num_args = 1..=2, value_names = ["local|remote", "ENTRY[:FIELD]"])]
    prefer: Vec<String>,
    /// Put the commit on a branch of its own, in place of the one that is checked out
    ///
    /// For where that can't be pushed. What is committed here is synced, what is not stays out of
    /// it, and the work tree stays as it is. A branch that is there goes on.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["dry_run", "no_commit", "all", "hook"])]
    pub(super) branch: Option<String>,
    /// With --branch: push that branch, and open a pull request for it unless one is open
    #[arg(long, requires = "branch")]
    pub(super) pull_request: bool,
    /// Act as this git hook: read what is pushed from standard input, keep to a deadline, and
    /// let the push go on whatever happens
    #[arg(long, value_name = "HOOK", conflicts_with_all = ["dry_run", "json", "no_commit", "all", "prefer", "yes"])]
    pub(super) hook: Option<Hook>,
    /// What git tells a hook: the remote's name and address
    #[arg(hide = true, num_args = 0..)]
    told: Vec<std::ffi::OsString>,
    /// Go on where a limit on new or closed issues would stop, or --prefer would settle several conflicts
    #[arg(long, short = 'y')]
    yes: bool,
    /// What `gardener resolve` was told.
    #[arg(skip)]
    settled: Vec<WantedSide>,
}

const EXAMPLES: &str = "\
Examples:
  gardener sync                                    merge, file, commit
  gardener sync --dry-run --diff                   only show what would happen
  gardener sync --dry-run --verbose                with the texts for GitHub in full
  gardener sync --prefer local ws-timeout          in conflicts of this entry, ours
  gardener sync --prefer remote ws-timeout:status  for this field, GitHub's
  gardener sync --json | jq .plan.conflicts        for scripts";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    run_on(arguments, context, Scope::Branch, terminal)
}

impl Arguments {
    /// Whether it was told the names that only git tells a hook.
    ///
    /// # Errors
    /// When somebody named what is to be synced.
    pub(super) fn without_names(&self) -> Result<(), CliError> {
        match self.told.first().filter(|_| self.hook.is_none()) {
            None => Ok(()),
            Some(name) => Err(CliError::Usage(format!(
                "{}: a sync takes no names; it is about all worklogs that this branch may sync",
                Untrusted(&name.to_string_lossy())
            ))),
        }
    }
}

/// The same for these worklogs.
pub(super) fn run_on(
    arguments: &Arguments,
    context: Context,
    scope: Scope,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let Done { code, value, .. } = act(arguments, context, scope, true, terminal)?;
    let shown = value.map_or(Ok(()), |value| terminal.json(&value));
    Ok(said(code, shown, terminal))
}

impl Arguments {
    /// What `gardener run --sync` can be told of its sync.
    pub(super) fn after_run(json: bool, yes: bool, no_commit: bool) -> Self {
        Self {
            json,
            yes,
            no_commit,
            dry_run: false,
            diff: false,
            verbose: false,
            all: false,
            prefer: Vec::new(),
            branch: None,
            pull_request: false,
            hook: None,
            told: Vec::new(),
            settled: Vec::new(),
        }
    }
}

/// A sync in which these sides count, for what somebody has settled: said to people, and given back for
/// scripts.
///
/// # Errors
/// When nothing was done.
pub(super) fn settling(
    settled: Vec<WantedSide>,
    (json, yes, no_commit): (bool, bool, bool),
    context: Context,
    terminal: &mut Terminal,
) -> Result<Done, CliError> {
    let arguments = Arguments { settled, ..Arguments::after_run(json, yes, no_commit) };
    act(&arguments, context, Scope::Branch, true, terminal)
}

/// Finds what would stop a sync at once: no repository on GitHub, no token for it, a merge under way, no
/// branch. Nobody is asked but this machine.
///
/// # Errors
/// When something would.
pub(super) fn ready(
    arguments: &Arguments,
    mut context: Context,
    terminal: &Terminal,
) -> Result<Context, CliError> {
    let home = context.find_home()?;
    let choices = choices(arguments, &context, &home, Scope::Branch, terminal)?;
    context.github(&home, terminal)?;
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    sync::check_standing(&mut worktree, &choices)?;
    context.repo = worktree.into_repo();
    Ok(context)
}

/// What was done and said to people.
#[derive(Default)]
pub(super) struct Done {
    pub(super) code: u8,
    /// The same for scripts, where that is wanted.
    pub(super) value: Option<Value>,
    /// Paths in the commit.
    pub(super) committed: Vec<String>,
}

/// The sync at the end of a run, which has the lock.
pub(super) fn after_run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Done {
    act(arguments, context, Scope::Branch, false, terminal).unwrap_or_else(|error| {
        error.show(terminal);
        Done { code: error.code(), value: Some(error.as_json()), ..Done::default() }
    })
}

fn choices(
    arguments: &Arguments,
    context: &Context,
    home: &Home,
    scope: Scope,
    terminal: &Terminal,
) -> Result<Choices, CliError> {
    Ok(Choices {
        preferences: [wanted_sides(&arguments.prefer)?, arguments.settled.clone()].concat(),
        all: arguments.all,
        commit: !arguments.no_commit,
        yes: arguments.yes,
        scope,
        ..context.choices(home, terminal)?
    })
}

/// A sync, or only its plan, for a program: `look` sees the plan, with the branch that it is for, and an
/// error of it is the end before anything is done. No brake is let go.
///
/// # Errors
/// When nothing was done.
pub(super) fn looked_at(
    is_done: bool,
    context: Context,
    look: Look<'_>,
    terminal: &mut Terminal,
) -> Result<Done, CliError> {
    let arguments = Arguments { dry_run: !is_done, ..Arguments::after_run(true, false, false) };
    act_on(&arguments, context, Scope::Branch, true, look, terminal)
}

/// Sees a plan before anything is done.
pub(super) type Look<'a> = &'a mut dyn FnMut(&Prepared, &Standing) -> Result<(), CliError>;

/// Does it and says it to people; what is for scripts is given back.
fn act(
    arguments: &Arguments,
    context: Context,
    scope: Scope,
    takes_lock: bool,
    terminal: &mut Terminal,
) -> Result<Done, CliError> {
    act_on(arguments, context, scope, takes_lock, &mut |_, _| Ok(()), terminal)
}

fn act_on(
    arguments: &Arguments,
    context: Context,
    scope: Scope,
    takes_lock: bool,
    look_at: Look<'_>,
    terminal: &mut Terminal,
) -> Result<Done, CliError> {
    let home = context.home(terminal)?;
    let choices = choices(arguments, &context, &home, scope, terminal)?;
    let (mut store, mut look, mut texts) = context.stores();
    let mut caches = Caches { look: &mut look, texts: &mut texts };
    let looked = context.last_look();
    let lock = if arguments.dry_run || !takes_lock { None } else { Some(context.lock()?) };
    let github = context.github(&home, terminal)?;
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    match sync::check_standing(&mut worktree, &choices) {
        Err(error) if arguments.dry_run => {
            terminal
                .warn(format_args!("{ALARM}note{ALARM:#}: without --dry-run this stops at once: {error}"));
        }
        standing => standing?,
    }
    let mut journal = match Journal::open(&mut store) {
        Err(error @ JournalError::Newer(_)) if arguments.json => {
            let error = CliError::from(error);
            let ((message, next), code) = (error.words(), error.code());
            let value = json!({"schema": 1, "stopped": true, "error": message, "next": next, "exit": code});
            return Ok(Done { code, value: Some(value), ..Done::default() });
        }
        opened => opened?,
    };
    if journal.damaged() > 0 {
        terminal.warn(format_args!(
            "{ALARM}note{ALARM:#}: {} lines of the journal were damaged and are left out",
            journal.damaged()
        ));
    }
    let mut committed = Vec::new();
    let (code, shown, value) = if arguments.dry_run {
        let mut github = github;
        let prepared = sync::prepare(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
        look_at(&prepared, &worktree.standing()?)?;
        let (code, requests) = (prepared.verdict(arguments.yes).code(), github.requests());
        if arguments.json {
            (code, Ok(()), Some(plan_json(&prepared, requests, code)))
        } else {
            (code, show_plan(&prepared, arguments, requests, terminal), None)
        }
    } else {
        let mut github = GitHubWriter::new(github);
        let mut prepared = sync::prepare(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
        look_at(&prepared, &worktree.standing()?)?;
        if !arguments.json && prepared.plan.is_held_by_settled() && may_settle(&prepared, terminal)? {
            prepared.plan.let_settled_go();
        }
        push::remember_look(looked);
        let report =
            sync::carry_out(prepared, &mut github, &mut worktree, &mut journal, &mut caches, &choices)?;
        interrupt::give_way();
        let code = report.verdict().code();
        committed.clone_from(&report.committed);
        if arguments.json {
            (code, Ok(()), Some(report_json(&report, code)))
        } else {
            (code, show_report(&report, terminal), None)
        }
    };
    drop(lock);
    Ok(Done { code: said(code, shown, terminal), value, committed })
}

/// The exit code of what was done, whether or not all of it could be said.
pub(super) fn said(code: u8, shown: Result<(), CliError>, terminal: &mut Terminal) -> u8 {
    match shown {
        Ok(()) => code,
        Err(error) => {
            error.show(terminal);
            code.max(error.code())
        }
    }
}

fn plan_json(prepared: &Prepared, requests: u64, code: u8) -> Value {
    json!({
        "schema": 1, "dry_run": true, "plan": prepared.plan.to_json(), "skipped": skipped_json(&prepared.skipped),
        "left_out": prepared.left_out, "requests": requests, "exit": code,
    })
}

fn show_plan(
    prepared: &Prepared,
    arguments: &Arguments,
    requests: u64,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    show_skipped(&prepared.skipped, terminal);
    terminal.print(&prepared.plan)?;
    for line in posted(&prepared.plan, arguments.verbose) {
        terminal.say(line)?;
    }
    if arguments.diff {
        for (path, before, after) in prepared.preview() {
            for line in diff(&path, &before, &after).lines() {
                terminal.say(Untrusted(line))?;
            }
        }
    }
    show_left_out(&prepared.left_out, terminal)?;
    let all = prepared.plan.considered.len();
    let what =
        if prepared.plan.is_empty() { "nothing would be written" } else { "nothing was written (dry run)" };
    terminal.say(format_args!("{}; {what}; {}", entries(all), tail(requests, terminal)))
}

/// What changes in a worklog.
pub(super) fn diff(path: &str, before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(1).header(path, path).to_string()
}

fn show_report(report: &Report, terminal: &mut Terminal) -> Result<(), CliError> {
    show_skipped(&report.skipped, terminal);
    for worklog in report.lines() {
        terminal.print(colored(&worklog))?;
    }
    if report.stopped {
        for conflict in &report.plan.settled {
            terminal.say(conflict)?;
        }
        for brake in &report.plan.brakes {
            terminal.say(format_args!("{ALARM}{brake}{ALARM:#}"))?;
        }
    }
    for (number, note) in &report.plan.notes {
        terminal.say(format_args!("#{number}: {note}"))?;
    }
    for line in report.lines_of_issues() {
        match line.alarm {
            true => terminal.say(format_args!("{ALARM}{line}{ALARM:#}"))?,
            false => terminal.say(line)?,
        }
    }
    for (_, message) in report.outcome.failed.iter().filter(|(keys, _)| keys.is_empty()) {
        terminal.say(format_args!("{ALARM}{message}{ALARM:#}"))?;
    }
    for note in &report.notes {
        terminal.say(format_args!("{ALARM}{note}{ALARM:#}"))?;
    }
    show_left_out(&report.left_out, terminal)?;
    terminal.say(summary(report, terminal))?;
    for error in troubles(report) {
        error.show(terminal);
    }
    Ok(())
}

/// Off the default branch a sync is about the branch's own worklogs, and that has to be said.
pub(super) fn show_left_out(left_out: &[String], terminal: &mut Terminal) -> Result<(), CliError> {
    match left_out {
        [] => Ok(()),
        [one] => terminal.say(format_args!(
            "{} is not changed on this branch, and left to the default branch",
            Untrusted(one)
        )),
        many => terminal.say(format_args!(
            "{} worklogs are not changed on this branch, and left to the default branch",
            many.len()
        )),
    }
}

/// What kept it from doing all it wanted to, where that is one thing.
pub(super) fn troubles(report: &Report) -> Vec<CliError> {
    let (stop, unnoted) = (report.stop.clone(), report.unnoted.clone());
    stop.map(CliError::from).into_iter().chain(unnoted.map(CliError::from)).collect()
}

/// `3 entries in sync, 1 conflict; committed 4f2c1a9; 3 requests, 0.4 s`
fn summary(report: &Report, terminal: &Terminal) -> String {
    let mut first = match report.stopped {
        true => format!("{} looked at", entries(report.plan.considered.len())),
        false => format!("{} in sync", entries(report.in_sync())),
    };
    let conflicts = report.plan.conflicts.len();
    if conflicts > 0 {
        first.push_str(&format!(", {conflicts} conflict{}", if conflicts == 1 { "" } else { "s" }));
    }
    first.push_str(&left_out(report.skipped.iter().filter(|s| !s.is_foreign).count()));
    let mut parts = vec![first];
    if report.stopped {
        parts.push("stopped before the first write".to_owned());
    } else if let Some(commit) = &report.commit {
        parts.push(format!("committed {}", &commit[..commit.len().min(7)]));
    } else if !report.written.is_empty() {
        parts.push("not committed".to_owned());
    }
    parts.push(tail(report.requests, terminal));
    parts.join("; ")
}

pub(super) fn tail(requests: u64, terminal: &Terminal) -> String {
    let s = if requests == 1 { "" } else { "s" };
    format!("{requests} request{s}, {:.1} s", terminal.progress().seconds())
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

pub(super) fn show_skipped(skipped: &[Skipped], terminal: &mut Terminal) {
    let color = terminal.has_color();
    for file in skipped.iter().filter(|s| !s.is_foreign) {
        terminal.warn(diagnostics::skipped(file, color));
    }
}

/// The lines with the path standing out, and what a person has to look at.
pub(super) fn colored(worklog: &WorklogLines) -> String {
    let plain = worklog.to_string();
    let mut rows = plain.lines();
    let mut text = format!("{NAME}{}{NAME:#}\n", rows.next().unwrap_or_default());
    for line in &worklog.lines {
        let row = rows.next().unwrap_or_default();
        text.push_str(&if line.alarm { format!("{ALARM}{row}{ALARM:#}\n") } else { format!("{row}\n") });
        if line.hint.is_some() {
            text.push_str(&format!("{HINT}{}{HINT:#}\n", rows.next().unwrap_or_default()));
        }
    }
    text
}

pub(super) fn skipped_json(skipped: &[Skipped]) -> Value {
    skipped
        .iter()
        .filter(|s| !s.is_foreign)
        .map(|s| {
            let diagnostics: Vec<_> = s.diagnostics.iter().map(|d| diagnostic_json(d, &s.text)).collect();
            json!({"worklog": s.path, "why": s.why, "diagnostics": diagnostics})
        })
        .collect()
}

/// A diagnostic for scripts.
pub(super) fn diagnostic_json(diagnostic: &crate::worklog::Diagnostic, text: &str) -> Value {
    let (line, column) = diagnostic.position(text);
    let level = match diagnostic.level {
        crate::worklog::Level::Error => "error",
        crate::worklog::Level::Warning => "warning",
    };
    json!({
        "level": level, "code": diagnostic.code, "message": diagnostic.message, "help": diagnostic.help,
        "line": line, "column": column,
    })
}

pub(super) fn report_json(report: &Report, code: u8) -> Value {
    let failed = report.outcome.failed.iter().map(|(keys, message)| {
        json!({"entries": keys.iter().map(ToString::to_string).collect::<Vec<_>>(), "message": message})
    });
    let created: serde_json::Map<_, _> =
        report.outcome.created.iter().map(|(k, n)| (k.to_string(), json!(n))).collect();
    let adopted: Vec<_> = report.outcome.adopted.iter().map(ToString::to_string).collect();
    let said: Vec<_> = lines(&report.plan, Some(&report.outcome))
        .into_iter()
        .flat_map(|w| w.lines)
        .map(|l| json!({"entry": l.key.to_string(), "issue": l.number, "what": l.texts, "next": l.hint}))
        .collect();
    let (error, next) = troubles(report).first().map(CliError::words).unzip();
    let next = next.flatten();
    json!({
        "schema": 1, "dry_run": false, "plan": report.plan.to_json(), "created": created,
        "adopted": adopted, "said": said,
        "failed": failed.collect::<Vec<_>>(), "skipped": skipped_json(&report.skipped), "left_out": report.left_out,
        "written": report.written, "commit": report.commit, "committed": report.committed,
        "notes": report.notes.iter().map(|n| Untrusted(n).to_string()).collect::<Vec<_>>(),
        "in_sync": report.in_sync(), "writes": report.writes, "requests": report.requests,
        "stopped": report.stopped, "error": error, "next": next, "exit": code,
    })
}
