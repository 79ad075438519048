//! `gardener show`: one entry with everything known about it, all occurrences of an issue,
//! or one worklog.
//!
//! It reads the work tree and asks nobody. What GitHub says now is for
//! `gardener status --remote`.

use std::fmt::{Display, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::context::{Context, Named};
use crate::cli::decide::{Garden, say_taken};
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::guess;
use crate::cli::list::{Row, same_issue, table, warn_of};
use crate::cli::terminal::{ALARM, NAME, QUIET, Terminal};
use crate::model::{Base, Candidate, IssueRef, Label, RepoSlug, Run, Untrusted};
use crate::sync::{self, LocalState, LocalWorklog};
use crate::worklog::nearest;

/// Show an entry, all entries of an issue, or a worklog
///
/// An entry comes with its values, its place, what the last sync agreed on, what was edited
/// since, and the beginning of its text.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// An entry (ID or WORKLOG-ID/ID), an issue (#12 or owner/repo#12), or a worklog (FILE or ID)
    #[arg(value_name = "ENTRY|#N|FILE")]
    pub(super) what: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Only what has this very name: a program is given no guesses, which others' titles could lead.
    #[arg(skip)]
    pub(super) exact: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener show event-structure
  gardener show critical-20250914T115930Z/event-structure
  gardener show '#1021'                             where this issue turned up
  gardener show worklogs/critical-20250914T115930Z.md";

/// How much of an entry's text is shown.
const LINES: usize = 12;

/// What was found under the name.
enum Found<'a> {
    Entries(Vec<Row<'a>>),
    Worklog(&'a LocalWorklog),
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    terminal.show_as_written();
    let home = context.find_home().ok().map(|home| home.slug);
    let named = context.named(Path::new(&arguments.what));
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let state = sync::local_state(&mut worktree, &config, home.as_ref())?;
    let broken: Vec<_> = state.skipped.iter().filter(|s| !s.is_foreign).collect();
    if let Some(file) = state.skipped.iter().find(|s| Some(&s.path) == named.inside.as_ref()) {
        let color = terminal.has_color();
        terminal.warn(diagnostics::skipped(file, color));
        return Err(CliError::Refused {
            message: format!("{} can't be shown", Untrusted(&file.path)),
            next: "mend it, then `gardener check`".to_owned(),
        });
    }
    let found = find(&arguments.what, &named, &state, home.as_ref());
    let guessed = match found {
        Some(_) => Vec::new(),
        None if arguments.exact => Vec::new(),
        None => Garden { state: &state, home: home.as_ref(), host: None }.guessed(&arguments.what),
    };
    let only = match guessed.as_slice() {
        [key] => {
            find(key, &Named { full: PathBuf::new(), inside: None }, &state, home.as_ref()).inspect(|_| {
                say_taken(&arguments.what, key, terminal);
            })
        }
        _ => None,
    };
    let Some(found) = found.or(only) else {
        warn_of(&broken, terminal);
        return Err(CliError::NotThere {
            message: format!("no entry, issue or worklog here is called {}", Untrusted(&arguments.what)),
            next: match guessed.as_slice() {
                [] => meant(&arguments.what, &state, home.as_ref()),
                keys => guess::question(keys),
            },
        });
    };
    match found {
        Found::Entries(rows) if arguments.json => {
            let entries: Vec<_> = rows.iter().map(full_json).collect();
            terminal.json(&json!({"schema": 1, "entries": entries, "exit": 0}))?;
        }
        Found::Worklog(worklog) if arguments.json => {
            terminal.json(&worklog_json(worklog, home.as_ref()))?;
        }
        Found::Entries(rows) => {
            let parts: Vec<_> = rows.iter().map(entry_text).collect();
            terminal.print(parts.join("\n"))?;
            if rows.len() > 1 {
                terminal.say(format_args!("\n{} entries", rows.len()))?;
            }
        }
        Found::Worklog(worklog) => terminal.print(worklog_text(worklog, home.as_ref()))?,
    }
    Ok(0)
}

/// What a name means: a file, an entry, a worklog's id, then an issue's number.
fn find<'a>(
    what: &str,
    named: &Named,
    state: &'a LocalState,
    home: Option<&'a RepoSlug>,
) -> Option<Found<'a>> {
    let mut worklogs = state.worklogs.iter();
    let by_path = |w: &&LocalWorklog| Some(&w.loaded.path) == named.inside.as_ref() || w.loaded.path == what;
    if let Some(worklog) = worklogs.clone().find(by_path) {
        return Some(Found::Worklog(worklog));
    }
    let rows = || state.worklogs.iter().flat_map(move |w| Row::all(w, home));
    let entries: Vec<_> = rows().filter(|r| r.entry.id.as_str() == what || r.key() == what).collect();
    if !entries.is_empty() {
        return Some(Found::Entries(entries));
    }
    if let Some(worklog) = worklogs.find(|w| w.loaded.worklog.header().id.as_str() == what) {
        return Some(Found::Worklog(worklog));
    }
    let issue = IssueRef::parse(what)?;
    let is_it = |r: &Row<'_>| r.entry.issue.as_ref().is_some_and(|i| same_issue(i, &issue, home));
    let entries: Vec<_> = rows().filter(is_it).collect();
    (!entries.is_empty()).then_some(Found::Entries(entries))
}

/// The entry or worklog that is called nearly so.
fn meant(what: &str, state: &LocalState, home: Option<&RepoSlug>) -> String {
    let rows = || state.worklogs.iter().flat_map(move |w| Row::all(w, home));
    let entries = rows().map(|row| if what.contains('/') { row.key() } else { row.entry.id.to_string() });
    let header = |w: &LocalWorklog| {
        if what.ends_with(".md") { w.loaded.path.clone() } else { w.loaded.worklog.header().id.to_string() }
    };
    let names: Vec<_> = entries.chain(state.worklogs.iter().map(header)).collect();
    match nearest(what, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {}?", Untrusted(near)),
        None => "`gardener list` shows the entries".to_owned(),
    }
}

/// Names on the left, values on the right, one value a line where there are several.
#[derive(Default)]
struct Sheet(String);

impl Sheet {
    fn line(&mut self, name: &str, value: impl Display) {
        // Writing to a string works.
        let _ = writeln!(self.0, "  {name:<12} {value}");
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(name, Untrusted(value.trim_end()));
        }
    }

    fn texts(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        for (i, value) in values.into_iter().enumerate() {
            self.line(if i == 0 { name } else { "" }, Untrusted(&value));
        }
    }
}

fn entry_text(row: &Row<'_>) -> String {
    let (entry, worklog) = (row.entry, &row.worklog.loaded.worklog);
    let (line, column) = row.position();
    let issue = entry.issue.as_ref().map_or_else(|| "not filed".to_owned(), ToString::to_string);
    let mut sheet = Sheet(format!(
        "{NAME}{}{NAME:#}  {issue}\n{}\n{QUIET}  --> {}:{line}:{column}{QUIET:#}\n\n",
        row.key(),
        Untrusted(&entry.title),
        Untrusted(&row.worklog.loaded.path)
    ));
    let written = entry.status.as_ref();
    let aside = |is_written: bool| if is_written || row.base.is_none() { "" } else { "  (of the last sync)" };
    if let Some(status) = row.status {
        sheet.line("status", format_args!("{status}{}", aside(written.is_some())));
    }
    if let Some(severity) = row.severity {
        sheet.line("severity", format_args!("{severity}{}", aside(entry.severity.is_some())));
    }
    sheet.texts("labels", entry.labels.as_deref().and_then(joined));
    let of_worklog = joined(&worklog.header().labels).map(|all| format!("{all}  (of the worklog)"));
    let name = if entry.labels.as_ref().is_none_or(Vec::is_empty) { "labels" } else { "" };
    sheet.texts(name, of_worklog);
    sheet.texts("links", entry.links.iter().flatten().map(ToString::to_string));
    sheet.text("impact", entry.impact.as_deref());
    sheet.texts("tests", entry.tests.iter().cloned());
    sheet.texts("files", entry.files.iter().cloned());
    sheet.text("owner", entry.owner.as_deref());
    sheet.text("fingerprint", entry.fingerprint.as_deref());
    sheet.text("reason", entry.reason.as_deref());
    match entry.candidates.as_deref() {
        Some([]) if entry.issue.is_none() => sheet.line("candidates", "none of them: a sync files it"),
        candidates => sheet.texts("candidates", candidates.into_iter().flatten().map(candidate_words)),
    }
    sheet.line("last sync", row.base.map_or_else(|| "never".to_owned(), base_words));
    let edited = row.edited();
    if !edited.is_empty() {
        let edited = edited.join(", ");
        sheet.line("edited", format_args!("{ALARM}{edited}{ALARM:#}  (since the last sync)"));
    }
    if worklog.header().archived {
        sheet.line("archived", "yes, so that no sync touches it");
    }
    let mut text = sheet.0;
    text.push_str(&section(worklog.prose(&entry.id).as_deref().unwrap_or_default()));
    text
}

/// `#1082  0.74  same error line and test`
pub(super) fn candidate_words(candidate: &Candidate) -> String {
    let score = candidate.score.map(|score| format!("{:.2}", f64::from(score) / 100.0));
    let words = [Some(candidate.issue.to_string()), score, candidate.reason.clone()];
    words.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// What the last sync agreed on.
fn base_words(base: &Base) -> String {
    let agreed = &base.agreed;
    let mut words = vec![base.issue.to_string()];
    words.extend(agreed.status.as_ref().map(|s| Untrusted(s.word()).to_string()));
    words.extend(agreed.severity.flatten().map(|s| s.to_string()));
    let labels: Vec<_> = agreed.labels.iter().flatten().cloned().collect();
    words.extend(joined(&labels).map(|all| format!("labels {}", Untrusted(&all))));
    let links: Vec<_> = agreed.links.iter().flatten().map(ToString::to_string).collect();
    if !links.is_empty() {
        words.push(format!("links {}", Untrusted(&links.join(", "))));
    }
    words.push(format!("seen {}", base.seen));
    words.join("; ")
}

fn joined(labels: &[Label]) -> Option<String> {
    let names: Vec<_> = labels.iter().map(Label::name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The first lines of an entry's text.
fn section(prose: &str) -> String {
    let lines: Vec<_> = prose.trim().lines().collect();
    let mut text = String::new();
    if !lines.is_empty() {
        text.push('\n');
    }
    for line in lines.iter().take(LINES) {
        let line = format!("  | {}", Untrusted(line));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        let _ =
            writeln!(text, "  {QUIET}| and {more} more line{}{QUIET:#}", if more == 1 { "" } else { "s" });
    }
    text
}

fn worklog_text(worklog: &LocalWorklog, home: Option<&RepoSlug>) -> String {
    let header = worklog.loaded.worklog.header();
    let path = Untrusted(&worklog.loaded.path);
    let mut sheet = Sheet(format!("{NAME}{path}{NAME:#}\n"));
    sheet.text("id", Some(header.id.as_str()));
    sheet.text("title", header.title.as_deref());
    sheet.text("kind", header.kind.as_deref());
    sheet.text("focus", header.focus.as_deref());
    sheet.text("started", header.started.as_deref());
    sheet.text("session", header.session.as_deref());
    sheet.texts("labels", joined(&header.labels));
    sheet.texts("runs", header.runs.iter().map(run_words));
    if header.archived {
        sheet.line("archived", "yes, so that no sync touches it");
    }
    if worklog.uncommitted {
        sheet.line("git", "not committed");
    }
    let rows: Vec<_> = Row::all(worklog, home).collect();
    let count = if rows.len() == 1 { "1 entry".to_owned() } else { format!("{} entries", rows.len()) };
    let gap = if rows.is_empty() { "" } else { "\n" };
    format!("{}\n{}{gap}{count}\n", sheet.0, table(&rows, |row| row.entry.id.to_string()))
}

fn run_words(run: &Run) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(run.suite.clone().or_else(|| run.command.clone()));
    words.extend(run.outcome.clone());
    for (count, word) in [(run.passed, "passed"), (run.failed, "failed"), (run.skipped, "skipped")] {
        words.extend(count.map(|n| format!("{n} {word}")));
    }
    words.join(", ")
}

fn full_json(row: &Row<'_>) -> Value {
    let mut value = row.json();
    value["text"] = json!(row.worklog.loaded.worklog.prose(&row.entry.id));
    value
}

fn worklog_json(worklog: &LocalWorklog, home: Option<&RepoSlug>) -> Value {
    let header = worklog.loaded.worklog.header();
    let runs: Vec<_> = header
        .runs
        .iter()
        .map(|run| {
            json!({
                "suite": run.suite, "command": run.command, "outcome": run.outcome, "passed": run.passed,
                "failed": run.failed, "skipped": run.skipped,
            })
        })
        .collect();
    let about = json!({
        "path": worklog.loaded.path, "id": header.id.as_str(), "title": header.title, "kind": header.kind,
        "focus": header.focus, "started": header.started, "session": header.session, "archived": header.archived,
        "labels": header.labels.iter().map(Label::name).collect::<Vec<_>>(), "runs": runs,
        "uncommitted": worklog.uncommitted,
    });
    let entries: Vec<_> = Row::all(worklog, home).map(|row| full_json(&row)).collect();
    json!({"schema": 1, "worklog": about, "entries": entries, "exit": 0})
}
