//! `gardener import`: old worklogs, in whatever shape people wrote them, get front matter and markers.
//!
//! What is an entry, which number is its issue and what is written is decided below; here files are
//! named, and it is said what was found and what could not be placed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::terminal::{ALARM, HINT, NAME, QUIET, Terminal};
use crate::effect::{Disk, ReadError, Steps};
use crate::import::{self, Imported, Outcome, Ready, Scene};
use crate::legacy::{Found, Why};
use crate::model::{IssueRef, Untrusted, Vocabulary};
use crate::repo::{RepoError, Unfit};
use crate::sync::{self, SyncError};
use crate::wording::shortened;
use crate::worklog::MAX_FILE;

/// Bring old worklogs, written without front matter, into the format
///
/// Finds the entries of each file by their shape and what they say, joins issue numbers that stand
/// elsewhere in the file with them, and writes front matter, and a marker at each entry. The text
/// itself stays as it is, byte for byte. A file that has gardener's front matter is left alone, so
/// that importing again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Markdown files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Show the front matter that would be added; write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// List what could not be placed: numbers, dates, and headings that are no entries
    #[arg(long)]
    report: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Exit codes:
  0  every file is imported, or was before
  1  none could be imported
  2  the command line is wrong
  3  some could not be imported; the others are

Examples:
  gardener import --dry-run notes/2025-09-14.md      what would be added
  gardener import --report worklogs/*.md             and what could not be placed
  gardener import -n --json old.md | jq -r '.files[].entries[] | \"\\(.line) \\(.issue) \\(.title)\"'";

/// Runs the command. Where nothing is written, no repository is needed.
pub(super) fn run(
    arguments: &Arguments,
    context: Result<Context, CliError>,
    folder: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let now = context::now()?;
    let imported = match context {
        Err(CliError::Sync(SyncError::Repo(RepoError::NotARepository(_)))) if arguments.dry_run => {
            let (vocabulary, disk) = (Vocabulary::default(), Disk::new(Steps::default()));
            let scene = Scene { home: None, now: Some(now), vocabulary: &vocabulary };
            let mut used = BTreeSet::new();
            let full = |file: &PathBuf| folder.map_or_else(|| file.clone(), |folder| folder.join(file));
            arguments
                .files
                .iter()
                .map(|file| elsewhere(file, &full(file), &disk, &mut used, &scene))
                .collect()
        }
        context => in_repository(arguments, context?, now, terminal)?,
    };
    let failed = imported.iter().filter(|file| matches!(file.outcome, Outcome::Failed(_))).count();
    let code = match failed {
        0 => 0,
        all if all == imported.len() => 1,
        _ => 3,
    };
    if arguments.json {
        let files: Vec<Value> = imported.iter().map(|file| as_json(file, arguments.dry_run)).collect();
        terminal.json(&json!({"schema": 1, "files": files, "exit": code}))?;
        return Ok(code);
    }
    for file in &imported {
        show(file, arguments, terminal)?;
    }
    let done = imported.iter().filter(|file| matches!(file.outcome, Outcome::Ready(_))).count();
    if done > 0 && !arguments.dry_run {
        let next = "look at it with `git diff`, commit, then `gardener sync --dry-run`";
        terminal.warn(format_args!("{HINT}next{HINT:#}: {next}"));
    }
    Ok(code)
}

fn in_repository(
    arguments: &Arguments,
    context: Context,
    now: crate::model::Timestamp,
    terminal: &mut Terminal,
) -> Result<Vec<Imported>, CliError> {
    let config = context.config.clone();
    let home = context.find_home().ok().map(|home| home.slug);
    let scene = Scene { home: home.as_ref(), now: Some(now), vocabulary: &config.labels.vocabulary };
    let _lock = if arguments.dry_run { None } else { Some(context.lock()?) };
    let mut seen = BTreeSet::new();
    let named: Vec<_> = arguments.files.iter().map(|file| (file, context.named(file))).collect();
    let named: Vec<_> = named.into_iter().filter(|(_, named)| seen.insert(named.full.clone())).collect();
    let mut worktree = context.repo.worktree(&config);
    let (loaded, _) = sync::load(&mut worktree, &config)?;
    let mut used: BTreeSet<_> = loaded.iter().map(|l| l.worklog.header().id.clone()).collect();
    let is_file = |full: &Path| full.symlink_metadata().is_ok_and(|facts| !facts.is_dir());
    let inside = named.iter().filter(|(_, named)| is_file(&named.full));
    let inside: Vec<String> = inside.filter_map(|(_, named)| named.inside.clone()).collect();
    let mut outcomes = import::import(&mut worktree, &inside, &mut used, &scene, !arguments.dry_run)?;
    // In the order in which they were named, each as it was named.
    let mut all = Vec::new();
    for (typed, named) in named {
        let place = outcomes.iter().position(|o| named.inside.as_ref() == Some(&o.path));
        let shown = typed.to_string_lossy().into_owned();
        let mut one = match place {
            Some(place) => outcomes.swap_remove(place),
            None if arguments.dry_run => {
                elsewhere(typed, &named.full, worktree.repo().disk(), &mut used, &scene)
            }
            None if !is_file(&named.full) => not_there(&shown, &named.full),
            None => failed(&shown, "it is not in this repository"),
        };
        let is_new = matches!(one.outcome, Outcome::Ready(_));
        if is_new && place.is_some() && !one.path.starts_with(&format!("{}/", config.worklogs)) {
            let (name, folder) = (Untrusted(&shown), Untrusted(&config.worklogs));
            terminal.warn(format_args!(
                "{HINT}note{HINT:#}: {name} is not in {folder}, so that no sync will see it"
            ));
        }
        one.path = shown;
        all.push(one);
    }
    Ok(all)
}

/// A file that is in no repository, or not in this one: it is only looked at.
fn elsewhere(
    typed: &Path,
    full: &Path,
    disk: &Disk,
    used: &mut BTreeSet<crate::model::WorklogId>,
    scene: &Scene<'_>,
) -> Imported {
    let path = typed.to_string_lossy().into_owned();
    let unfit = match disk.read(full, MAX_FILE as u64) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Imported { outcome: import::looked_at(&path, &text, used, scene), path },
            Err(error) => Unfit::NotText(error.utf8_error().valid_up_to()),
        },
        Err(ReadError::Link) => Unfit::Link,
        Err(ReadError::TooLarge(_)) => Unfit::TooLarge,
        Err(_) => return not_there(&path, full),
    };
    failed(&path, &import::words(&unfit))
}

fn not_there(path: &str, full: &Path) -> Imported {
    let why = if full.is_dir() { "it is a folder; name the files in it" } else { "there is no such file" };
    failed(path, why)
}

fn failed(path: &str, why: &str) -> Imported {
    Imported { path: path.to_owned(), outcome: Outcome::Failed(why.to_owned()) }
}

fn show(file: &Imported, arguments: &Arguments, terminal: &mut Terminal) -> Result<(), CliError> {
    let path = Untrusted(&file.path);
    let ready = match &file.outcome {
        Outcome::Failed(why) => {
            terminal.warn(format_args!("{ALARM}left out{ALARM:#}: {path}: {}", Untrusted(why)));
            return Ok(());
        }
        Outcome::Already => return terminal.say(format_args!("{path}: a worklog already, left as it is")),
        Outcome::Ready(ready) => ready,
    };
    terminal.say(format_args!("{NAME}{path}{NAME:#}"))?;
    if arguments.dry_run {
        let front = ready.composed.front.replace('\r', "");
        let lines: String = front.lines().map(|line| format!("  {line}\n")).collect();
        terminal.print(lines)?;
    } else {
        entries(ready, terminal)?;
    }
    let entries = &ready.legacy.entries;
    let issues = entries.iter().filter(|entry| entry.issue.is_some()).count();
    let notes = ready.legacy.notes.len();
    let mut said = format!("{}, {issues} with an issue", counted(entries.len(), "entry", "entries"));
    if notes > 0 && !arguments.report {
        said.push_str(&format!("; {} (--report)", counted(notes, "thing to look at", "things to look at")));
    }
    terminal.say(format_args!("  {said}"))?;
    if arguments.report { report(ready, terminal) } else { Ok(()) }
}

fn entries(ready: &Ready, terminal: &mut Terminal) -> Result<(), CliError> {
    let ids = ready.composed.ids.iter().map(|id| id.as_str().len()).max().unwrap_or(0);
    let issue = |entry: &Found| entry.issue.as_ref().map_or_else(|| "-".to_owned(), IssueRef::to_string);
    let issues = ready.legacy.entries.iter().map(|entry| issue(entry).len()).max().unwrap_or(0);
    for (entry, id) in ready.legacy.entries.iter().zip(&ready.composed.ids) {
        let id = id.as_str();
        let (issue, title) = (issue(entry), shortened(&entry.title, 80));
        let severity = entry.severity.map_or("-", |severity| severity.word());
        let (line, title) = (entry.line, Untrusted(&title));
        terminal.say(format_args!("  {id:ids$}  {issue:issues$}  {severity:2}  line {line}: {title}"))?;
    }
    Ok(())
}

/// What could not be placed. Parts of entries and headings without any sign of a problem are in the JSON.
fn report(ready: &Ready, terminal: &mut Terminal) -> Result<(), CliError> {
    for note in &ready.legacy.notes {
        terminal.say(format_args!("  {ALARM}line {}{ALARM:#}: {}", note.line, Untrusted(&note.text)))?;
    }
    let shown = |why: &Why| matches!(why, Why::Repeat | Why::Results | Why::Other);
    for left in ready.legacy.left_out.iter().filter(|left| shown(&left.why)) {
        let (line, why, title) = (left.line, left.why.words(), shortened(&left.title, 80));
        terminal
            .say(format_args!("  {QUIET}line {line}: no entry, {why}: {}{QUIET:#}", Untrusted(&title)))?;
    }
    Ok(())
}

fn counted(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

fn as_json(file: &Imported, dry_run: bool) -> Value {
    let outcome = match &file.outcome {
        Outcome::Ready(_) if dry_run => "would-import",
        Outcome::Ready(_) => "imported",
        Outcome::Already => "already",
        Outcome::Failed(_) => "failed",
    };
    let mut value = json!({"file": file.path, "outcome": outcome});
    if let Outcome::Failed(why) = &file.outcome {
        value["why"] = json!(why);
    }
    let Outcome::Ready(ready) = &file.outcome else { return value };
    let legacy = &ready.legacy;
    let entries = legacy.entries.iter().zip(&ready.composed.ids).map(|(entry, id)| {
        let issue = entry.issue.as_ref().map(|issue| match &issue.repo {
            None => json!(issue.number),
            Some(_) => json!(issue.to_string()),
        });
        json!({
            "id": id.as_str(), "line": entry.line, "title": entry.title, "rule": entry.rule.word(),
            "severity": entry.severity.map(|s| s.word()), "severity_text": entry.severity_text,
            "status": entry.status.as_ref().map(|s| s.word()), "status_text": entry.status_text,
            "issue": issue, "issue_by": entry.joined.map(|(how, _)| how.word()),
            "issue_line": entry.joined.map(|(_, line)| line), "tests": entry.tests, "files": entry.files,
        })
    });
    let left = legacy
        .left_out
        .iter()
        .map(|left| json!({"line": left.line, "title": left.title, "why": left.why.word()}));
    let notes = legacy.notes.iter().map(|note| json!({"line": note.line, "text": note.text}));
    value["id"] = json!(ready.id.as_str());
    value["title"] = json!(legacy.title);
    value["kind"] = json!(legacy.kind);
    value["focus"] = json!(legacy.focus);
    value["started"] = json!(legacy.started);
    value["entries"] = entries.collect();
    value["left_out"] = left.collect();
    value["notes"] = notes.collect();
    if dry_run {
        value["front_matter"] = json!(ready.composed.front);
    }
    value
}
