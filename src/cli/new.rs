//! `gardener new`: a worklog from a template.
//!
//! The template is the repository's own `.gardener/templates/worklog.md`, or the built-in one. What
//! it gives must be a worklog without any finding before it is written, so that nobody
//! starts from a broken file. Filling a worklog with results is the work of
//! `gardener run`.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::cli::context::{self, Context};
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::terminal::{HINT, Terminal};
use crate::config::Config;
use crate::model::{Timestamp, Untrusted, WorklogId};
use crate::repo::{Repo, Worktree as _};
use crate::sync;
use crate::worklog::{self, Parsed, yaml_text};

/// The worklog template where the repository has none of its own.
pub(super) const TEMPLATE: &str = include_str!("../../templates/worklog.md");
/// Where the repository's own is.
pub(super) const TEMPLATE_PATH: &str = ".gardener/templates/worklog.md";

/// Start a new worklog from a template
///
/// Writes a file into the worklog folder and prints its path; it never overwrites one. The
/// template is `.gardener/templates/worklog.md` of the repository where there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// What the worklog is about, one line
    #[arg(long, short = 't', value_name = "TITLE", allow_hyphen_values = true)]
    title: Option<String>,
    /// The focus area of the run or session
    #[arg(long, value_name = "FOCUS")]
    focus: Option<String>,
    /// What kind of worklog it is
    #[arg(long, value_name = "KIND", value_parser = ["failing-tests", "logs", "notes"])]
    kind: Option<String>,
    /// Its id, which is also the name of the file [default: FOCUS and the time]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener new --title \"Broken imports after the move\"
  gardener new --focus critical --kind failing-tests
  $EDITOR \"$(gardener new --focus logs)\"       only the path goes to standard output";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let now = context::now()?;
    for text in [&arguments.title, &arguments.focus].into_iter().flatten() {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(CliError::Usage("a title or focus is one line of text".to_owned()));
        }
    }
    let own = context.repo.text(TEMPLATE_PATH)?;
    let config = context.config.clone();
    let start = context.seen_from_here("");
    let mut worktree = context.repo.worktree(&config);
    let (loaded, _) = sync::load(&mut worktree, &config)?;
    let used: BTreeSet<&WorklogId> = loaded.iter().map(|l| &l.worklog.header().id).collect();
    let id = choose_id(arguments, now, &used, &config, worktree.repo().top())?;
    let path = format!("{}/{id}.md", config.worklogs);

    let text = filled(own.as_deref().unwrap_or(TEMPLATE), arguments, &id, now, true)?;
    if let Some(place) = terminal.redactor().places(&text).first() {
        return Err(CliError::Refused {
            message: format!(
                "the worklog would hold what looks like a secret ({}); nothing was written",
                place.kind
            ),
            next: "leave it out: git keeps what is committed".to_owned(),
        });
    }
    check(&path, &text, &id, &config, own.is_some(), terminal)?;
    worktree.create(&path, &text)?;

    let is_ignored = !worktree.worklogs()?.iter().any(|file| file.path == path);
    if arguments.json {
        terminal.json(&json!({
            "schema": 1, "worklog": path, "id": id.as_str(), "ignored": is_ignored, "exit": 0,
        }))?;
    } else {
        terminal.say(format_args!("{start}{}", Untrusted(&path)))?;
    }
    if is_ignored {
        let name = Untrusted(&path);
        terminal.warn(format_args!("{HINT}note{HINT:#}: git ignores {name}, so that no sync will see it"));
    }
    terminal.warn(format_args!(
        "{HINT}next{HINT:#}: add entries to it, then `gardener check` and `gardener sync --dry-run`"
    ));
    Ok(0)
}

/// A worklog for another command to put entries into: its path and text, by the template, as begun `now`.
///
/// # Errors
/// When the template is not right, or there is no free name.
pub(super) fn begun(
    title: &str,
    focus: &str,
    now: Timestamp,
    used: &BTreeSet<&WorklogId>,
    (repo, config): (&Repo, &Config),
    terminal: &mut Terminal,
) -> Result<(String, String), CliError> {
    let (title, focus) = (Some(title.to_owned()), Some(focus.to_owned()));
    let arguments = Arguments { title, focus, kind: None, id: None, json: false };
    let own = repo.text(TEMPLATE_PATH)?;
    let id = choose_id(&arguments, now, used, config, repo.top())?;
    let path = format!("{}/{id}.md", config.worklogs);
    let text = filled(own.as_deref().unwrap_or(TEMPLATE), &arguments, &id, now, false)?;
    check(&path, &text, &id, config, own.is_some(), terminal)?;
    Ok((path, text))
}

/// The id that was asked for, if it is free, or the first free one of focus and time: two
/// worklogs may be started in one second.
fn choose_id(
    arguments: &Arguments,
    now: Timestamp,
    used: &BTreeSet<&WorklogId>,
    config: &Config,
    top: &Path,
) -> Result<WorklogId, CliError> {
    let taken = |id: &WorklogId| {
        let file = top.join(&config.worklogs).join(format!("{id}.md"));
        used.contains(id) || file.symlink_metadata().is_ok()
    };
    if let Some(text) = &arguments.id {
        let id = WorklogId::new(text)
            .map_err(|error| CliError::Usage(format!("--id {}: {error}", Untrusted(text))))?;
        if taken(&id) {
            return Err(CliError::Refused {
                message: format!("there is a worklog {id} already; it was left as it is"),
                next: format!("choose another id, or open it: gardener show {id}"),
            });
        }
        return Ok(id);
    }
    let name = arguments.focus.as_deref().map(as_id).filter(|name| !name.is_empty());
    let base = format!("{}-{}", name.as_deref().unwrap_or("worklog"), now.compact());
    let ids = std::iter::once(base.clone()).chain((2..100).map(|n| format!("{base}-{n}")));
    ids.filter_map(|id| WorklogId::new(&id).ok()).find(|id| !taken(id)).ok_or_else(|| CliError::Refused {
        message: format!("a hundred worklogs are called {base} already"),
        next: "choose an id with --id".to_owned(),
    })
}

/// What an id can hold of a text, short enough for the time behind it.
fn as_id(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: Vec<_> = text.split(|c| !fits(c)).filter(|word| !word.is_empty()).collect();
    let mut id = words.join("-").to_ascii_lowercase();
    id.truncate(40);
    id
}

/// The template with its values filled in. They are YAML already, so that a template needs
/// no quotes; only `heading` is markdown.
fn filled(
    template: &str,
    arguments: &Arguments,
    id: &WorklogId,
    now: Timestamp,
    example: bool,
) -> Result<String, CliError> {
    let title = arguments.title.as_deref().or(arguments.focus.as_deref()).unwrap_or("Worklog");
    let moment = now.to_string();
    let date = moment.split('T').next().unwrap_or(&moment);
    let values = minijinja::context! {
        id => yaml_text(id.as_str()),
        title => yaml_text(title),
        kind => arguments.kind.as_deref().map(yaml_text),
        focus => arguments.focus.as_deref().map(yaml_text),
        started => yaml_text(&moment),
        heading => format!("{}, {date}", title.replace('<', "\\<")),
        example => example,
    };
    let mut environment = minijinja::Environment::empty();
    // A template that loops for ever ends with an error.
    environment.set_fuel(Some(200_000));
    environment.add_filter("default", minijinja::filters::default);
    let mut text = environment.render_str(template, values).map_err(|error| {
        let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let line = error.line().map_or_else(String::new, |line| format!(", line {line}"));
        CliError::Refused {
            message: format!("{TEMPLATE_PATH}{line}: {}", Untrusted(&why)),
            next: "mend the template, or delete it to get the built-in one".to_owned(),
        }
    })?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Whether the text is a worklog without any finding, of this id.
fn check(
    path: &str,
    text: &str,
    id: &WorklogId,
    config: &Config,
    is_own: bool,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    let what = if is_own { TEMPLATE_PATH } else { "the built-in template" };
    let refused = |why: String| CliError::Refused {
        message: format!("{what} gives {why}; nothing was written"),
        next: format!("mend {TEMPLATE_PATH}, or delete it to get the built-in one"),
    };
    let found = match worklog::parse(text, &config.labels.vocabulary) {
        Parsed::NotAWorklog(why) => return Err(refused(format!("no worklog ({why})"))),
        Parsed::Worklog(worklog, found) if found.is_empty() => {
            let given = &worklog.header().id;
            return if given == id {
                Ok(())
            } else {
                Err(refused(format!("every worklog the id {given}; it needs the line `id: {{{{ id }}}}`")))
            };
        }
        Parsed::Worklog(_, found) | Parsed::Broken(found) => found,
    };
    let color = terminal.has_color();
    for diagnostic in &found {
        terminal.warn(diagnostics::worklog(path, text, diagnostic, color));
    }
    Err(refused("a worklog that is not right".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_focus_becomes_a_part_of_an_id() {
        assert_eq!(as_id("Web UI / events"), "web-ui-events");
        assert_eq!(as_id("élan"), "lan");
        assert_eq!(as_id("..."), "");
        assert!(WorklogId::new(&format!("{}-20250914T115930Z-99", as_id(&"x".repeat(99)))).is_ok());
    }
}
