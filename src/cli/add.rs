//! `gardener add`: issues that are on GitHub already, as linked entries of a worklog.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::context::{self, Context};
use crate::cli::decide::Garden;
use crate::cli::error::CliError;
use crate::cli::link::issue as typed_issue;
use crate::cli::list::{Row, same_issue};
use crate::cli::new;
use crate::cli::sync::tail;
use crate::cli::terminal::{HINT, NAME, Terminal};
use crate::forge::ForgeRead as _;
use crate::model::{IssueRef, Label, RemoteIssue, Severity, Status, Untrusted};
use crate::repo::{Home, Staged, Worktree as _};
use crate::sync::adopt::{self, Filter, Which};
use crate::sync::{self, LocalState, LocalWorklog, Skipped};
use crate::worklog::{self, EditError, Parsed};

/// Put issues that are on GitHub already into a worklog
///
/// Each becomes an entry that is linked to it and says the same, so that the next sync has nothing to
/// do but commit. Nothing is written on GitHub. An issue that a worklog names already is left where
/// it is.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["issues", "label", "query"]))]
pub(super) struct Arguments {
    /// Issues: 12, '#12' or the address
    #[arg(value_name = "ISSUE")]
    issues: Vec<String>,
    /// Issues with this label; with several of them all
    #[arg(long, short, value_name = "LABEL")]
    label: Vec<String>,
    /// Issues whose title or text has all of these words
    #[arg(long, short, value_name = "WORDS")]
    query: Option<String>,
    /// Of those that --label and --query find
    #[arg(long, value_name = "STATE", value_parser = ["open", "closed", "all"], default_value = "open")]
    state: String,
    /// The worklog, by path or id [default: a new one]
    #[arg(long, short, value_name = "WORKLOG")]
    worklog: Option<String>,
    /// Go on where more than fifty issues are found
    #[arg(long, short = 'y')]
    yes: bool,
    /// Show what would be added; write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener add 1021 885              without quotes, #885 is a comment
  gardener add --label flaky --worklog worklogs/flaky.md
  gardener add --query 'docker build' --state all --dry-run
  gardener add https://github.com/acme/app/issues/1021 --worklog critical-20250914";

/// So many are added without asking.
const MOST: usize = 50;

/// What is known of an issue that was asked for.
struct Found {
    issues: Vec<RemoteIssue>,
    /// Those that worklogs name, with the entry.
    known: BTreeMap<u64, String>,
    requests: u64,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let home = context.home(terminal)?;
    let _lock = if arguments.dry_run { None } else { Some(context.lock()?) };
    let config = context.config.clone();
    let asked = numbers(arguments, &home)?;
    let mut forge = context.github(&home, terminal)?;
    let (_, _, mut texts) = context.stores();
    let redactor = terminal.redactor();
    let named = arguments.worklog.as_ref().map(|name| (name.clone(), context.named(Path::new(name)).inside));
    let mut worktree = context.repo.worktree(&config);
    let state = sync::local_state(&mut worktree, &config, Some(&home.slug))?;
    let garden = Garden { state: &state, home: Some(&home.slug), host: Some(&home.host) };
    garden.warn_of_broken(terminal);
    let target = named.as_ref().map(|(name, path)| worklog_of(&state, name, path.as_deref())).transpose()?;
    let found = find(arguments, &asked, &garden, &mut forge, &mut texts)?;
    if found.issues.len() > MOST && !arguments.yes {
        return Err(CliError::Refused {
            message: format!("{} issues were found, and {MOST} go without asking", found.issues.len()),
            next: "ask for less with --label or --query, or say --yes".to_owned(),
        });
    }
    // Nothing to put into it needs no worklog.
    if found.issues.is_empty() {
        return say(arguments, None, &found, &[], terminal);
    }
    let (path, before, is_new) = match target {
        Some(worklog) => (worklog.loaded.path.clone(), worklog.loaded.worklog.text().to_owned(), false),
        None => {
            let used = state.worklogs.iter().map(|w| &w.loaded.worklog.header().id).collect();
            let title = redactor.redact(&title(arguments)).text;
            let (path, text) =
                new::begun(&title, "issues", context::now()?, &used, (worktree.repo(), &config), terminal)?;
            (path, text, true)
        }
    };
    let after = adopt::with_issues(&before, &found.issues, &home.slug, &config, &redactor);
    let after = after.map_err(|error| CliError::Refused {
        message: format!("{}: {error}", Untrusted(&path)),
        next: match error {
            EditError::TooLarge => "put some of them into another worklog, with --worklog".to_owned(),
            _ => "write each entry below a dash of its own, or leave --worklog out".to_owned(),
        },
    })?;
    if !arguments.dry_run {
        match is_new {
            true => worktree.create(&path, &after)?,
            false => worktree.write(&path, &before, &after)?,
        }
    }
    if !arguments.dry_run && !worktree.worklogs()?.iter().any(|file| file.path == path) {
        let name = Untrusted(&path);
        terminal.warn(format_args!("{HINT}note{HINT:#}: git ignores {name}, so that no sync will see it"));
    }
    for issue in &found.issues {
        let vocabulary = &config.labels.vocabulary;
        let severities: Vec<_> =
            issue.labels.iter().filter(|l| vocabulary.severity_of(l).is_some()).collect();
        if severities.len() > 1 {
            let names: Vec<_> = severities.iter().map(|l| Untrusted(l.name()).to_string()).collect();
            terminal.warn(format_args!(
                "{HINT}note{HINT:#}: #{} has {}: say which with `gardener edit ENTRY --severity`, or take one off",
                issue.number,
                names.join(" and ")
            ));
        }
    }
    let Parsed::Worklog(worklog, _) = worklog::parse(&after, &config.labels.vocabulary) else {
        return Err(CliError::Refused {
            message: format!("{} can't be read any more", Untrusted(&path)),
            next: "look at it with `gardener check`".to_owned(),
        });
    };
    let fits = |number: u64| worklog.entries().iter().rev().find(|e| e.issue == Some(IssueRef::here(number)));
    let entries: Vec<_> = found.issues.iter().filter_map(|issue| fits(issue.number)).collect();
    say(arguments, Some(&path), &found, &entries, terminal)
}

/// What was asked for by number, in this repository.
fn numbers(arguments: &Arguments, home: &Home) -> Result<BTreeSet<u64>, CliError> {
    let number = |typed: &String| {
        let issue = typed_issue(typed, Some(&home.slug), Some(&home.host))?;
        match issue.repo {
            None => Ok(issue.number),
            Some(_) => Err(CliError::Usage(format!(
                "{issue} is in another repository than {}: a worklog has the issues of one",
                home.slug
            ))),
        }
    };
    arguments.issues.iter().map(number).collect()
}

fn find(
    arguments: &Arguments,
    asked: &BTreeSet<u64>,
    garden: &Garden<'_>,
    forge: &mut crate::forge::GitHub,
    texts: &mut crate::journal::FileStore,
) -> Result<Found, CliError> {
    let mut numbers = asked.clone();
    if !arguments.label.is_empty() || arguments.query.is_some() {
        let label = |name: &String| {
            Label::new(name).ok_or_else(|| CliError::Usage(format!("--label {}: no label", Untrusted(name))))
        };
        let words = arguments.query.iter().flat_map(|query| query.split_whitespace()).map(str::to_lowercase);
        let state = match arguments.state.as_str() {
            "closed" => Which::Closed,
            "all" => Which::All,
            _ => Which::Open,
        };
        let labels = arguments.label.iter().map(label).collect::<Result<_, _>>()?;
        numbers.extend(adopt::find(forge, texts, &Filter { labels, words: words.collect(), state })?);
    }
    let mut known = BTreeMap::new();
    for row in garden.state.worklogs.iter().flat_map(|w| Row::all(w, garden.home)) {
        let Some(issue) = &row.entry.issue else { continue };
        if numbers.contains(&issue.number) && same_issue(issue, &IssueRef::here(issue.number), garden.home) {
            known.entry(issue.number).or_insert_with(|| row.key());
        }
    }
    numbers.retain(|number| !known.contains_key(number));
    let (issues, others) = adopt::look(forge, &numbers)?;
    // What was named has to be there; what was found may have gone meanwhile.
    let missing: Vec<_> = others.iter().filter(|(number, _)| asked.contains(number)).collect();
    if let Some((number, why)) = missing.first() {
        return Err(CliError::Refused {
            message: format!("#{number} {why}; nothing was added"),
            next: "leave it out".to_owned(),
        });
    }
    Ok(Found { issues, known, requests: forge.requests() })
}

/// The worklog that is called so, and can be written.
pub(super) fn worklog_of<'a>(
    state: &'a LocalState,
    name: &str,
    inside: Option<&str>,
) -> Result<&'a LocalWorklog, CliError> {
    let fits = |w: &&LocalWorklog| {
        let (path, id) = (w.loaded.path.as_str(), w.loaded.worklog.header().id.as_str());
        Some(path) == inside || path == name || id == name
    };
    let Some(worklog) = state.worklogs.iter().find(fits) else {
        let is_it = |s: &&Skipped| Some(s.path.as_str()) == inside || s.path == name || has_id(&s.text, name);
        if let Some(skipped) = state.skipped.iter().find(is_it) {
            return Err(CliError::Refused {
                message: format!(
                    "{} can't be written to: {}",
                    Untrusted(&skipped.path),
                    Untrusted(&skipped.why)
                ),
                next: "mend it, then `gardener check`; or leave --worklog out for a new one".to_owned(),
            });
        }
        let ids = state.worklogs.iter().map(|w| w.loaded.worklog.header().id.as_str());
        let meant = worklog::nearest(name, ids);
        return Err(CliError::NotThere {
            message: format!("there is no worklog {}", Untrusted(name)),
            next: meant.map_or_else(
                || "leave --worklog out for a new one".to_owned(),
                |id| format!("did you mean {id}?"),
            ),
        });
    };
    let path = Untrusted(&worklog.loaded.path);
    let (why, next) = match worklog.loaded.file.staged {
        _ if worklog.loaded.worklog.header().archived => {
            ("is archived: no sync reads it", "take `archived: true` out of it first")
        }
        Staged::No | Staged::Whole => return Ok(worklog),
        Staged::Partly => ("is partly staged", "commit or unstage it first"),
        Staged::Unmerged => ("has unresolved versions from a merge", "finish the merge first"),
    };
    Err(CliError::Refused { message: format!("{path} {why}"), next: next.to_owned() })
}

/// Whether the front matter of a worklog that can't be read has this id.
fn has_id(text: &str, name: &str) -> bool {
    let id = text.lines().find_map(|line| line.strip_prefix("id:"));
    id.is_some_and(|id| id.trim().trim_matches(['"', '\'']) == name)
}

fn title(arguments: &Arguments) -> String {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let labels = arguments.label.join(", ");
    match &arguments.query {
        _ if !labels.is_empty() => format!("Issues with {labels}"),
        Some(query) => format!("Issues about {}", one_line(query)),
        None => "Issues from GitHub".to_owned(),
    }
}

fn say(
    arguments: &Arguments,
    path: Option<&str>,
    found: &Found,
    entries: &[&crate::model::Entry],
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    if arguments.json {
        let entry = |entry: &&crate::model::Entry| -> Value {
            json!({
                "entry": entry.id.as_str(), "issue": entry.issue.as_ref().map(ToString::to_string),
                "title": entry.title, "status": entry.status.as_ref().map(Status::word),
                "severity": entry.severity.map(Severity::word),
            })
        };
        let known: Vec<_> = found.known.iter().map(|(n, key)| json!({"issue": n, "entry": key})).collect();
        terminal.json(&json!({
            "schema": 1, "dry_run": arguments.dry_run, "worklog": path,
            "entries": entries.iter().map(entry).collect::<Vec<_>>(), "known": known,
            "requests": found.requests, "exit": 0,
        }))?;
        return Ok(0);
    }
    if let Some(path) = path {
        terminal.say(format_args!("{NAME}{}{NAME:#}", Untrusted(path)))?;
    }
    let width = entries.iter().map(|entry| entry.id.as_str().len()).max().unwrap_or(0);
    for entry in entries {
        let issue = entry.issue.as_ref().map_or_else(String::new, ToString::to_string);
        let severity = entry.severity.map_or("-", Severity::word);
        let title = Untrusted(&entry.title);
        terminal.say(format_args!("  {:width$}  {issue:6}  {severity:2}  {title}", entry.id.as_str()))?;
    }
    for (number, key) in &found.known {
        terminal.say(format_args!("#{number} is {key} already"))?;
    }
    let count = entries.len();
    let what = if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
    let done = if arguments.dry_run { "would be added (dry run)" } else { "added" };
    let tail = tail(found.requests, terminal);
    terminal.say(format_args!("{what} {done}; {tail}"))?;
    if count > 0 && !arguments.dry_run {
        terminal.warn(format_args!("{HINT}next{HINT:#}: `gardener sync` commits it"));
    }
    Ok(0)
}
