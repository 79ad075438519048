//! `gardener check`: everything that is wrong with worklogs and config, with its place.
//!
//! Reads the work tree only: no network, no token, nothing written. Whether an issue
//! exists or a label is known on GitHub is for `gardener status --remote` to say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::context::{Context, Named};
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::findings::{self, Finding};
use crate::cli::sync::diagnostic_json;
use crate::cli::terminal::{ALARM, ERROR, HINT, QUIET, Terminal};
use crate::config::{self, Config, Problem};
use crate::effect::{Disk, ReadError};
use crate::model::Untrusted;
use crate::redact::Redactor;
use crate::repo::{GitWorktree, Known, Repo, Unfit};
use crate::run::compose::{Document, TEMPLATE_PATH};
use crate::run::write;
use crate::worklog::{self, Diagnostic, Level, MAX_FILE, Parsed};

/// Find what is wrong in worklogs and gardener.toml
///
/// Reads every worklog, or only the files and folders that are named, and says everything
/// that is wrong in them, with file, line and column. It asks nobody and writes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only these files, or the worklogs in these folders
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// How to print the findings
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Exit with 1 on warnings too
    #[arg(long)]
    strict: bool,
}

/// A form of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// With the lines they are about
    Human,
    /// For scripts
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

const EXAMPLES: &str = "\
Examples:
  gardener check                                  every worklog
  gardener check --strict                         in CI: warnings count too
  gardener check worklogs/critical-20250914.md    one file, wherever it is
  gardener check --format github                  in a workflow: as annotations of the change
  gardener check --json | jq -r '.findings[] | \"\\(.file):\\(.line): \\(.message)\"'

Exits with 1 where there is an error, with 0 where there are only warnings (1 with --strict).";

/// The most secrets that are named in one file.
const MAX_SECRETS: usize = 20;

/// A file that was looked at.
struct Checked {
    path: String,
    /// Empty where the file has no text that could be shown.
    text: String,
    found: Vec<Diagnostic>,
    kind: Kind,
}

enum Kind {
    /// A worklog, by its id.
    Worklog(String),
    /// A worklog that can't be used, or a file that can't even be read.
    Broken,
    /// Some other file, and why it is no worklog.
    Foreign(&'static str),
    Config,
}

/// Runs the command. A config that is wrong comes as an error, and is a finding here.
pub(super) fn run(
    arguments: &Arguments,
    context: Result<Context, CliError>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let redactor = terminal.redactor();
    let files = match context {
        Ok(context) => look(&arguments.files, context, Some(&redactor))?,
        Err(CliError::Config { text, problems }) => {
            let mut file = config_file(text, problems);
            add_secrets(&mut file, &redactor);
            vec![file]
        }
        Err(error) => return Err(error),
    };
    let errors = count(&files, Level::Error);
    let warnings = count(&files, Level::Warning);
    let code = u8::from(errors > 0 || (arguments.strict && warnings > 0));
    let findings = || {
        files.iter().flat_map(|file| {
            let (path, text) = (file.path.as_str(), file.text.as_str());
            file.found.iter().map(move |diagnostic| Finding { path, text, diagnostic })
        })
    };
    match arguments.format {
        Format::Json => terminal.json(&as_json(&files, errors, warnings, code))?,
        _ if arguments.json => terminal.json(&as_json(&files, errors, warnings, code))?,
        Format::Human => show(&files, errors, warnings, terminal)?,
        // What starts a command of a workflow is escaped in all text that is printed but here.
        Format::Github => {
            let text = findings::annotations(findings());
            terminal.print_own(&redactor.redact(&text).text)?;
        }
        Format::Sarif => terminal.json(&findings::sarif(findings()))?,
    }
    Ok(code)
}

/// How many worklogs there are, and how many errors and warnings would be said of them.
///
/// # Errors
/// When they can't be listed.
pub(super) fn tally(context: Context) -> Result<(usize, usize, usize), CliError> {
    let files = look(&[], context, None)?;
    Ok((worklogs(&files), count(&files, Level::Error), count(&files, Level::Warning)))
}

/// A secret in a worklog is in git's history with the next commit. It is named and not
/// shown, and no other finding shows it either.
fn add_secrets(file: &mut Checked, redactor: &Redactor) {
    if matches!(file.kind, Kind::Foreign(_)) {
        return;
    }
    let places = redactor.places(&file.text);
    if !places.is_empty() {
        file.text = redactor.mask(&file.text).into_owned();
    }
    for place in places.into_iter().take(MAX_SECRETS) {
        let message = format!("this looks like a secret ({})", place.kind);
        let help = "take it out, and make it void if it was committed: git keeps what is committed";
        file.found.push(Diagnostic::warning("secret", place.span, message, help));
    }
    file.found.sort_by_key(|d| (d.span.start, d.level));
}

fn count(files: &[Checked], level: Level) -> usize {
    files.iter().flat_map(|file| &file.found).filter(|d| d.level == level).count()
}

/// Every worklog of the work tree, narrowed to what was named, and what was named besides; with
/// `redactor` also what looks like a secret in them.
/// All are read in any case: an id clashes with one in a file that was not named.
fn look(typed: &[PathBuf], context: Context, redactor: Option<&Redactor>) -> Result<Vec<Checked>, CliError> {
    let named: Vec<(&PathBuf, Named)> = typed.iter().map(|path| (path, context.named(path))).collect();
    let config = context.config.clone();
    let worktree = context.repo.worktree(&config);
    let is_wanted = |path: &str| named.is_empty() || named.iter().any(|(_, named)| covers(named, path));
    let with_secrets = |mut file: Checked| {
        redactor.into_iter().for_each(|redactor| add_secrets(&mut file, redactor));
        file
    };
    let mut survey = worktree.survey(Known::default())?;
    let mut files = worktree.read_all(&mut survey, |file| {
        let file = checked(file.path, file.content, &config);
        let mut file = if is_wanted(&file.path) { with_secrets(file) } else { file };
        // A text in which nothing is wrong is not shown, and there may be many.
        if file.found.is_empty() {
            file.text = String::new();
        }
        file
    })?;
    add_clashes(&mut files, &worktree, &config)?;
    if named.is_empty() {
        files.extend(template(worktree.repo(), &config)?.map(with_secrets));
        return Ok(files);
    }
    let mut others = Vec::new();
    for (typed, named) in &named {
        let is_listed = named.inside.as_ref().is_some_and(|path| files.iter().any(|f| f.path == *path));
        if !is_listed
            && !named.full.is_dir()
            && !others.iter().any(|f: &Checked| Path::new(&f.path) == *typed)
        {
            others.push(with_secrets(unlisted(typed, &named.full, worktree.repo().disk(), &config)?));
        }
    }
    files.retain(|file| is_wanted(&file.path));
    files.extend(others);
    Ok(files)
}

/// The repository's own template of runs, if it is wrong: better said here than after a long run.
fn template(repo: &Repo, config: &Config) -> Result<Option<Checked>, CliError> {
    let Some(text) = repo.text(TEMPLATE_PATH)? else { return Ok(None) };
    let example = Document::example();
    let Err(error) = write::text(Some(&text), &example, &config.labels.vocabulary) else { return Ok(None) };
    let help = "mend it, or delete it to get the built-in one";
    let found = vec![Diagnostic::error("template", 0..0, Untrusted(&error.to_string()).to_string(), help)];
    Ok(Some(Checked { path: TEMPLATE_PATH.to_owned(), text, found, kind: Kind::Broken }))
}

/// Whether what was named is this file or a folder above it.
fn covers(named: &Named, path: &str) -> bool {
    let Some(inside) = &named.inside else { return false };
    let below = path.strip_prefix(inside.as_str());
    below.is_some_and(|rest| inside.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

fn checked(path: String, content: Result<String, Unfit>, config: &Config) -> Checked {
    let text = match content {
        Ok(text) => text,
        Err(unfit) => {
            let found = vec![unfit_file(&unfit)];
            return Checked { path, text: String::new(), found, kind: Kind::Broken };
        }
    };
    let (kind, found) = match worklog::parse(&text, &config.labels.vocabulary) {
        Parsed::NotAWorklog(why) => (Kind::Foreign(why), Vec::new()),
        Parsed::Broken(found) => (Kind::Broken, found),
        Parsed::Worklog(worklog, found) => (Kind::Worklog(worklog.header().id.to_string()), found),
    };
    Checked { path, text, found, kind }
}

/// A file that is no worklog of the work tree: elsewhere, or ignored.
fn unlisted(typed: &Path, full: &Path, disk: &Disk, config: &Config) -> Result<Checked, CliError> {
    let path = typed.to_string_lossy().into_owned();
    let content = match disk.read(full, MAX_FILE as u64) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|e| Unfit::NotText(e.utf8_error().valid_up_to())),
        Err(ReadError::Link) => Err(Unfit::Link),
        Err(ReadError::NotAFile) => Err(Unfit::NotAFile),
        Err(ReadError::TooLarge(_)) => Err(Unfit::TooLarge),
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(CliError::NotThere {
                message: format!("{}: there is no such file", Untrusted(&path)),
                next: "without a name, `gardener check` looks at every worklog".to_owned(),
            });
        }
        Err(ReadError::Io(error)) => Err(Unfit::Unreadable(error.to_string())),
    };
    Ok(checked(path, content, config))
}

pub(super) fn unfit_file(unfit: &Unfit) -> Diagnostic {
    let (code, message, help) = match unfit {
        Unfit::Link => ("symlink", "the file is a symbolic link", "put the file itself there"),
        Unfit::NotAFile => ("not-a-file", "this is not a regular file", "put a file there, or remove it"),
        Unfit::TooLarge => {
            let help = "move long text elsewhere, or split the worklog in two";
            ("oversize", "the worklog is larger than 1 MiB", help)
        }
        Unfit::NotText(at) => {
            let message = format!("the file is not UTF-8 text (byte {at})");
            return Diagnostic::error("not-utf8", 0..0, message, "save it as UTF-8");
        }
        Unfit::Name => ("not-utf8", "the file's name is not UTF-8", "rename it"),
        Unfit::Head(why) => {
            return Diagnostic::error("head", 0..0, why.clone(), "commit the file that is here now");
        }
        Unfit::Unreadable(why) => {
            return Diagnostic::error("unreadable", 0..0, why.clone(), "mend its permissions");
        }
    };
    Diagnostic::error(code, 0..0, message, help)
}

/// Says of worklogs that share an id that they do. Those are read once more: only their ids were kept.
fn add_clashes(files: &mut [Checked], worktree: &GitWorktree, config: &Config) -> Result<(), CliError> {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        if let Kind::Worklog(id) = &file.kind {
            by_id.entry(id).or_default().push(at);
        }
    }
    let sharing: BTreeSet<usize> = by_id.into_values().filter(|all| all.len() > 1).flatten().collect();
    let mut worklogs = Vec::new();
    for at in sharing {
        let text = worktree.repo().text(&files[at].path)?.unwrap_or_default();
        if let Parsed::Worklog(worklog, _) = worklog::parse(&text, &config.labels.vocabulary) {
            worklogs.push((at, files[at].path.clone(), worklog));
        }
    }
    let named: Vec<_> = worklogs.iter().map(|(_, path, worklog)| (path.as_str(), worklog.as_ref())).collect();
    for (place, diagnostic) in worklog::clashes(&named) {
        let (at, _, worklog) = &worklogs[place];
        let file = &mut files[*at];
        // Secrets in one that was shown before are covered already, byte for byte.
        if file.text.is_empty() {
            file.text = worklog.text().to_owned();
        }
        file.found.push(diagnostic);
        file.found.sort_by_key(|d| (d.span.start, d.level));
    }
    Ok(())
}

fn config_file(text: String, problems: Vec<Problem>) -> Checked {
    let found = problems.into_iter().map(|problem| {
        let help = problem.help.unwrap_or_else(|| "the README lists every key".to_owned());
        Diagnostic::error("config", problem.span, problem.message, help)
    });
    Checked { path: config::FILE.to_owned(), found: found.collect(), text, kind: Kind::Config }
}

fn show(files: &[Checked], errors: usize, warnings: usize, terminal: &mut Terminal) -> Result<(), CliError> {
    let color = terminal.has_color();
    for file in files {
        if let Kind::Foreign(why) = file.kind {
            let path = Untrusted(&file.path);
            terminal.say(format_args!("{QUIET}{path}: {why}, so it is no worklog{QUIET:#}"))?;
        }
        for diagnostic in &file.found {
            let rendered = if file.text.is_empty() {
                diagnostics::whole_file(&file.path, diagnostic, color)
            } else {
                diagnostics::worklog(&file.path, &file.text, diagnostic, color)
            };
            terminal.say(format_args!("{rendered}\n"))?;
        }
    }
    if files.iter().any(|file| matches!(file.kind, Kind::Config)) {
        terminal.say(format_args!(
            "{HINT}next{HINT:#}: mend gardener.toml first; without it nobody knows which worklogs to check"
        ))?;
    }
    let findings = errors + warnings;
    let style = if errors > 0 { ERROR } else { ALARM };
    let mut said = format!("{}, ", counted(worklogs(files), "worklog"));
    said.push_str(&if findings == 0 {
        counted(findings, "finding")
    } else {
        let parts = [(errors, "error"), (warnings, "warning")];
        let parts = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| counted(n, word));
        let parts: Vec<_> = parts.collect();
        format!("{style}{}{style:#} ({})", counted(findings, "finding"), parts.join(", "))
    });
    terminal.say(said)
}

fn worklogs(files: &[Checked]) -> usize {
    files.iter().filter(|file| matches!(file.kind, Kind::Worklog(_) | Kind::Broken)).count()
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn as_json(files: &[Checked], errors: usize, warnings: usize, code: u8) -> Value {
    let findings: Vec<Value> = files
        .iter()
        .flat_map(|file| {
            file.found.iter().map(move |diagnostic| {
                let mut value = diagnostic_json(diagnostic, &file.text);
                value["file"] = json!(file.path);
                if file.text.is_empty() {
                    (value["line"], value["column"]) = (Value::Null, Value::Null);
                }
                value
            })
        })
        .collect();
    let others = files.iter().filter_map(|file| match file.kind {
        Kind::Foreign(why) => Some(json!({"file": file.path, "why": why})),
        _ => None,
    });
    json!({
        "schema": 1, "worklogs": worklogs(files), "errors": errors, "warnings": warnings, "findings": findings,
        "others": others.collect::<Vec<_>>(), "exit": code,
    })
}
