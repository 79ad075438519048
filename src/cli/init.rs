//! `gardener init`: the first step in a repository.
//!
//! It says what it found out by itself and writes `gardener.toml`, with `--templates` the
//! templates too. It overwrites nothing. In the clone's git config it registers the merge driver,
//! which a `.gitattributes` beside the worklogs names. The hook is no part of it.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::context::{Context, ISSUE_TEMPLATE};
use crate::cli::error::CliError;
use crate::cli::new;
use crate::cli::terminal::{HINT, NAME, QUIET, Terminal};
use crate::config::{self, Ladder, Proposal};
use crate::model::{Label, RepoSlug, Untrusted};
use crate::repo::{ATTRIBUTES, Home, RepoError};
use crate::run::compose::{TEMPLATE as RUN_TEMPLATE, TEMPLATE_PATH as RUN_PATH};

/// Set up a repository: write gardener.toml
///
/// Finds out by itself where the issues are (from the remotes) and which branch is the
/// default, says so, and writes a short gardener.toml. What is there already stays as it is. Where a
/// token is at hand, one request looks for labels that are severities or mean "in progress".
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Show what would be written; write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// The repository on GitHub, where the remote can't tell
    #[arg(long, value_name = "OWNER/NAME")]
    repository: Option<String>,
    /// The folder of the worklogs, from the top of the repository
    #[arg(long, value_name = "FOLDER")]
    worklogs: Option<String>,
    /// Write the templates of worklogs and issues too, to change them
    #[arg(long)]
    templates: bool,
    /// Don't ask GitHub for its labels
    #[arg(long)]
    offline: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener init
  gardener init --dry-run                     only show it
  gardener init --worklogs docs/worklogs
  gardener init --templates                   to shape worklogs and issues yourself";

/// A file that init writes where there is none.
struct Piece {
    path: String,
    text: String,
}

/// What init tells: lines as it goes, or one object at the end.
struct Teller<'t> {
    terminal: &'t mut Terminal,
    json: bool,
    files: Vec<Value>,
    driver: Option<&'static str>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: &Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let home = match context.find_home() {
        Ok(home) => Some(home),
        Err(RepoError::NoHome(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let asked = arguments.repository.as_deref().map(RepoSlug::parse).transpose();
    let asked =
        asked.map_err(|error| CliError::Usage(format!("--repository: {}", Untrusted(&error.to_string()))))?;
    let is_there = context.repo.text(config::FILE)?.is_some();

    let found = home.as_ref().map(|home| home.slug.clone());
    let mut config = config_text(found.as_ref(), asked.as_ref(), arguments.worklogs.as_deref())?;
    let suites = if is_there { Vec::new() } else { suites(context)? };
    let wanted = asked.as_ref().or(found.as_ref()).filter(|_| !is_there && !arguments.offline);
    let ladder = match (&home, wanted) {
        (Some(home), Some(slug)) => labels(home, slug, context, terminal),
        _ => Ladder::default(),
    };
    config.push_str(&labels_text(&ladder));
    config.push_str(&suites_text(&suites));
    let folder = match &arguments.worklogs {
        Some(folder) if !is_there => folder.trim_end_matches('/'),
        _ => context.config.worklogs.as_str(),
    };

    let terminal = &mut Teller { terminal, json: arguments.json, files: Vec::new(), driver: None };
    let slug = asked.filter(|_| !is_there).or(found);
    let from = home.as_ref().and_then(|h| h.remote.as_deref()).filter(|_| arguments.repository.is_none());
    let issues = match (&slug, &home) {
        (Some(slug), Some(home)) => {
            let from = from.map_or_else(String::new, |name| format!(", by the remote {}", Untrusted(name)));
            format!("{slug} on {}{from}", Untrusted(&home.host))
        }
        (Some(slug), None) => slug.to_string(),
        (None, _) => "not known yet: no remote names a repository on GitHub".to_owned(),
    };
    terminal.say("issues", issues)?;
    if let Some(note) = home.as_ref().and_then(|h| h.note.as_ref()) {
        terminal.say("", format!("{QUIET}{}{QUIET:#}", Untrusted(note)))?;
    }
    let remote = home.as_ref().and_then(|h| h.remote.as_deref());
    let configured = context.config.sync.default_branch.as_deref();
    let branch = context.repo.default_branch(configured, remote)?;
    match &branch {
        Some(branch) => terminal.say("branch", format!("{} is the default", Untrusted(branch)))?,
        None => {
            terminal.say("branch", "no default branch found; all worklogs are synced from any".to_owned())?
        }
    }
    let there = context.repo.top().join(folder).is_dir();
    let note = if there { "" } else { " (new)" };
    terminal.say("worklogs", format!("{}/{note}", Untrusted(folder)))?;

    for line in ladder.lines().iter().skip(1) {
        terminal.say("labels", Untrusted(line).to_string())?;
    }
    for suite in &suites {
        terminal.say("suite", format!("{} (from {})", suite.name, Untrusted(&suite.because)))?;
    }
    let mut pieces = vec![Piece { path: config::FILE.to_owned(), text: config }];
    if arguments.templates {
        pieces.push(Piece { path: new::TEMPLATE_PATH.to_owned(), text: new::TEMPLATE.to_owned() });
        pieces.push(Piece { path: RUN_PATH.to_owned(), text: RUN_TEMPLATE.to_owned() });
        pieces
            .push(Piece { path: ".gardener/templates/issue.md".to_owned(), text: ISSUE_TEMPLATE.to_owned() });
    }
    if suites.iter().any(|suite| suite.lines.iter().any(|line| line.contains(config::RESULTS))) {
        pieces.push(Piece {
            path: format!("{}/.gitignore", config::RESULTS),
            text: "*\n!.gitignore\n".to_owned(),
        });
    }
    pieces.push(Piece { path: format!("{folder}/.gitattributes"), text: ATTRIBUTES.to_owned() });
    let failed = pieces
        .iter()
        .try_for_each(|piece| put(piece, arguments.dry_run, context, terminal))
        .and_then(|()| driver(arguments.dry_run, context, terminal))
        .err();
    let next = if slug.is_none() {
        "set `repository = \"owner/name\"` in gardener.toml, then `gardener new`"
    } else if suites.is_empty() && !ladder.is_empty() {
        "look at the labels in gardener.toml, then `gardener new --title \"What this worklog is about\"`"
    } else if suites.is_empty() {
        "gardener new --title \"What this worklog is about\""
    } else {
        "look at the suites in gardener.toml, then `gardener trust` and `gardener run`"
    };
    let wrote: Vec<_> =
        terminal.files.iter().filter(|f| f["done"] == "wrote").filter_map(|f| f["path"].as_str()).collect();
    if failed.is_none() && !wrote.is_empty() {
        let all = wrote.join(" and ");
        terminal.say("commit", format!("{all}, so that it counts in every clone"))?;
    }
    // What was written before a failure is named as it is done; a script gets it together with the failure.
    let code = failed.as_ref().map_or(0, CliError::code);
    if arguments.json {
        let (error, hint) = failed.as_ref().map(CliError::words).unzip();
        let suite = |suite: &Proposal| json!({"name": suite.name, "because": suite.because});
        let value = json!({
            "schema": 1, "dry_run": arguments.dry_run, "repository": slug.map(|slug| slug.to_string()),
            "host": home.as_ref().map(|home| &home.host), "remote": remote,
            "note": home.as_ref().and_then(|home| home.note.as_ref()), "branch": branch, "worklogs": folder,
            "labels": {
                "severity": ladder.severities.iter().map(|(s, l)| (s.word(), l.name())).collect::<BTreeMap<_, _>>(),
                "in-progress": ladder.in_progress.as_ref().map(Label::name),
            },
            "suites": suites.iter().map(suite).collect::<Vec<_>>(), "files": terminal.files,
            "driver": terminal.driver, "error": error,
            "next": if failed.is_some() { hint.flatten() } else { Some(next.to_owned()) }, "exit": code,
        });
        if let Some(error) = failed {
            error.show(terminal.terminal);
        }
        terminal.terminal.json(&value)?;
        return Ok(code);
    }
    match failed {
        Some(error) => Err(error),
        None => terminal.terminal.say(format_args!("{HINT}next{HINT:#}: {next}")).map(|()| 0),
    }
}

impl Teller<'_> {
    /// A line with a name in front, for people.
    fn say(&mut self, what: &str, text: String) -> Result<(), CliError> {
        if self.json {
            return Ok(());
        }
        self.terminal.say(format_args!("{NAME}{what:<9}{NAME:#} {text}"))
    }

    /// What became of a file.
    fn told_of(&mut self, piece: &Piece, done: &str) {
        let text = (done == "would-add").then_some(&piece.text);
        self.files.push(json!({"path": piece.path, "done": done, "text": text}));
    }
}

/// So long somebody who wants a file waits for GitHub.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the repository's labels say. Without a token or an answer nothing is proposed, and that is
/// no error.
fn labels(home: &Home, slug: &RepoSlug, context: &Context, terminal: &Terminal) -> Ladder {
    let home = Home { slug: slug.clone(), ..home.clone() };
    let labels = context.github_within(&home, PATIENCE, terminal).ok().and_then(|mut g| g.some_labels().ok());
    labels.as_ref().map(Ladder::of).unwrap_or_default()
}

fn labels_text(ladder: &Ladder) -> String {
    match ladder.lines() {
        lines if lines.is_empty() => String::new(),
        lines => format!(
            "\n# Labels of the repository that look like severities and statuses: is it so?\n{}\n",
            lines.join("\n")
        ),
    }
}

/// The suites that the repository's files speak of.
fn suites(context: &Context) -> Result<Vec<Proposal>, CliError> {
    let files = context.repo.files()?;
    let read = |path: &str| context.repo.text(path).ok().flatten();
    Ok(config::propose(&files, &read))
}

fn suites_text(suites: &[Proposal]) -> String {
    if suites.is_empty() {
        return String::new();
    }
    let table = |suite: &Proposal| format!("\n[suites.{}]\n{}\n", suite.name, suite.lines.join("\n"));
    let tables: String = suites.iter().map(table).collect();
    format!("\n# What `gardener run` runs, after `gardener trust`.\n{}", tables.trim_start())
}

/// Writes a piece, or says that something is there.
fn put(piece: &Piece, dry_run: bool, context: &Context, terminal: &mut Teller<'_>) -> Result<(), CliError> {
    let full = context.repo.top().join(&piece.path);
    let failed = |error: &io::Error| CliError::Refused {
        message: format!("{}: {error}", piece.path),
        next: "mend that, then run gardener init again".to_owned(),
    };
    if full.symlink_metadata().is_ok() {
        terminal.told_of(piece, "kept");
        return terminal.say("kept", format!("{}, which is there already", piece.path));
    }
    if dry_run {
        terminal.told_of(piece, "would-add");
        terminal.say("would add", piece.path.clone())?;
        for line in piece.text.lines().filter(|_| !terminal.json) {
            terminal.terminal.say(format!("    {line}").trim_end())?;
        }
        return Ok(());
    }
    if let Some(link) = context.repo.first_link(&piece.path, false) {
        return Err(RepoError::Link(link).into());
    }
    if let Some(folder) = full.parent() {
        context.repo.disk().create_folder(folder).map_err(|e| failed(&e))?;
    }
    context.repo.disk().create(&full, piece.text.as_bytes()).map_err(|e| failed(&e))?;
    terminal.told_of(piece, "wrote");
    terminal.say("wrote", piece.path.clone())
}

/// Tells git in this clone how worklogs are merged.
fn driver(dry_run: bool, context: &Context, terminal: &mut Teller<'_>) -> Result<(), CliError> {
    let what = "the merge driver for worklogs, in this clone's git config";
    if context.repo.has_driver()? {
        terminal.driver = Some("kept");
        return terminal.say("kept", format!("{what}, which is there already"));
    }
    if dry_run {
        terminal.driver = Some("would-add");
        return terminal.say("would add", what.to_owned());
    }
    context.repo.register_driver(&context.program()?)?;
    terminal.driver = Some("added");
    terminal.say("added", what.to_owned())
}

/// A `gardener.toml` that chooses only what has to be chosen and shows the rest.
fn config_text(
    found: Option<&RepoSlug>,
    asked: Option<&RepoSlug>,
    worklogs: Option<&str>,
) -> Result<String, CliError> {
    let repository = match (asked, found) {
        // Asked for it stays, also where another clone has another remote.
        (Some(asked), _) => format!("repository = \"{asked}\""),
        (_, Some(found)) => format!("# repository = \"{found}\"    # what the remote says"),
        _ => "# repository = \"owner/name\"".to_owned(),
    };
    let folder = worklogs.unwrap_or("worklogs");
    // A string of JSON is one of TOML too.
    let folder = serde_json::Value::from(folder.trim_end_matches('/')).to_string();
    let text = format!(
        "# What this project chooses for gardener. Every key may be left out.\n\
         gardener = 1\n\n\
         # The folder of the worklogs, from the top of the repository.\n\
         worklogs = {folder}\n\n\
         # The repository on GitHub whose issues are kept, where the remote doesn't tell.\n\
         {repository}\n"
    );
    match config::parse(&text) {
        Ok(_) => Ok(text),
        Err(problems) => {
            let why = problems.first().map_or_else(String::new, |p| p.message.clone());
            Err(CliError::Usage(format!("--worklogs: {}", Untrusted(&why))))
        }
    }
}
