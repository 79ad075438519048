//! `gardener hook`: puts the pre-push hook into a clone, takes it away, says how it stands.
//!
//! A hook belongs to a clone, not to the project, so everybody installs their own. Where a
//! program keeps the project's hooks, it is shown what that program wants instead.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::{HINT, NAME, Terminal};
use crate::model::Untrusted;
use crate::repo::{FoundHook, HookFolder, HookPlace, Keeper};

/// Sync before each push: install the pre-push hook, take it away, see how it stands
///
/// With the hook `git push` syncs the branch it pushes: what the commits say goes to GitHub, and
/// what GitHub says comes back. Where that changes a worklog it is committed, and the push stops
/// once with "push again". GitHub down, slow or offline never stops a push.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Put the hook in place; one that is there is run before it
    #[command(
        after_help = "Examples:\n  gardener hook install\n  git push --dry-run              runs no sync"
    )]
    Install {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take it away, and put back the one that was there before
    #[command(after_help = "Examples:\n  gardener hook uninstall")]
    Uninstall {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether it is there; exit 1 if not
    #[command(after_help = "Examples:\n  gardener hook status\n  gardener hook status --json | jq -r .state")]
    Status {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
}

const EXAMPLES: &str = "\
Examples:
  gardener hook install
  gardener hook status --json
  git push --no-verify            push once without any hook";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: &Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let place = context.repo.hook_place()?;
    match &arguments.what {
        What::Install { json } => install(&place, context, *json, terminal),
        What::Uninstall { json } => uninstall(&place, context, *json, terminal),
        What::Status { json } => status(&place, context, *json, terminal),
    }
}

fn install(
    place: &HookPlace,
    context: &Context,
    as_json: bool,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    if place.found == FoundHook::Calls {
        return tell(place, ("kept", "it calls gardener already"), None, context, as_json, terminal);
    }
    if let Some(keeper) = place.keeper.filter(|_| place.is_kept() || place.folder != HookFolder::Own) {
        return left_to(keeper, as_json, terminal);
    }
    let where_it_is = shown(place, context);
    match (place.folder, place.found) {
        (HookFolder::Project | HookFolder::Elsewhere, _) => {
            let whose = match place.folder {
                HookFolder::Project => "is a part of the project",
                _ => "may be shared by many repositories",
            };
            return Err(CliError::Refused {
                message: format!("core.hooksPath names the folder of {where_it_is}, which {whose}"),
                next: "add the line `gardener sync --hook pre-push \"$@\"` to that file yourself".to_owned(),
            });
        }
        (_, FoundHook::Changed) => {
            return Err(CliError::Refused {
                message: format!("{where_it_is} is gardener's hook with somebody's changes"),
                next: "keep it as it is, or delete it and install again".to_owned(),
            });
        }
        _ => {}
    }
    context.repo.install_hook(place, &context.program()?)?;
    let chained = format!("installed; the hook that was there is {}", name(&place.chained()));
    let done = match place.found {
        FoundHook::Other => ("chained", chained.as_str()),
        FoundHook::Ours { .. } => ("kept", "it is there, and up to date"),
        _ => ("installed", "installed"),
    };
    tell(place, done, place.keeper, context, as_json, terminal)
}

/// Says what was done, in a word for scripts and in words, and what a program that keeps hooks wants
/// besides.
fn tell(
    place: &HookPlace,
    (word, said): (&str, &str),
    keeper: Option<Keeper>,
    context: &Context,
    as_json: bool,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    if as_json {
        terminal.json(&json!({
            "schema": 1, "path": place.path.display().to_string(), "done": word,
            "keeper": keeper.map(Keeper::name), "add": keeper.map(wants_json), "exit": 0,
        }))?;
        return Ok(0);
    }
    terminal.say(format_args!("{NAME}{}{NAME:#}  {said}", shown(place, context)))?;
    if let Some(keeper) = keeper {
        let (file, snippet) = keeper.wants();
        terminal.say(format_args!("{HINT}note{HINT:#}: for everybody in this project, add to {file}:"))?;
        terminal.print_own(snippet)?;
    }
    Ok(0)
}

fn wants_json(keeper: Keeper) -> Value {
    let (file, snippet) = keeper.wants();
    json!({"file": file, "lines": snippet})
}

/// The program that keeps the hooks has to be told, by somebody who knows its file.
fn left_to(keeper: Keeper, as_json: bool, terminal: &mut Terminal) -> Result<u8, CliError> {
    let (file, snippet) = keeper.wants();
    let which = if as_json { "its lines" } else { "the lines above" };
    let error = CliError::Refused {
        message: format!("{} keeps the hooks of this project, so nothing was installed", keeper.name()),
        next: format!("add {which} to {file}"),
    };
    if !as_json {
        // What can't be printed is in the documentation too.
        let _ = terminal.print_own(snippet);
        return Err(error);
    }
    error.show(terminal);
    let mut value = error.as_json();
    value["keeper"] = json!(keeper.name());
    value["add"] = wants_json(keeper);
    terminal.json(&value)?;
    Ok(error.code())
}

fn uninstall(
    place: &HookPlace,
    context: &Context,
    as_json: bool,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let where_it_is = shown(place, context);
    let done = match place.found {
        FoundHook::Nothing => ("none", "there is none"),
        FoundHook::Ours { is_chained } => {
            context.repo.uninstall_hook(place)?;
            match is_chained {
                true => ("restored", "taken away; the one from before is back"),
                false => ("removed", "taken away"),
            }
        }
        FoundHook::Changed | FoundHook::Calls | FoundHook::Other => {
            return Err(CliError::Refused {
                message: format!("{where_it_is} is not as gardener wrote it"),
                next: "take gardener's line out of it yourself".to_owned(),
            });
        }
    };
    tell(place, done, None, context, as_json, terminal)
}

fn status(
    place: &HookPlace,
    context: &Context,
    as_json: bool,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let is_there = matches!(place.found, FoundHook::Ours { .. } | FoundHook::Changed | FoundHook::Calls);
    // Where it would not be put by `install` that says what to do instead.
    let is_left = place.folder != HookFolder::Own || place.is_kept();
    let code = u8::from(!is_there);
    let (word, said) = match place.found {
        FoundHook::Nothing if is_left => {
            ("none", "no hook; `gardener hook install` says how to get it there")
        }
        FoundHook::Nothing => ("none", "no hook; `gardener hook install` puts it there"),
        FoundHook::Ours { is_chained: false } => ("installed", "gardener's hook"),
        FoundHook::Ours { is_chained: true } => ("chained", "gardener's hook, after the one from before"),
        FoundHook::Changed => ("changed", "gardener's hook, with somebody's changes"),
        FoundHook::Calls => ("calls", "somebody else's hook, which calls gardener"),
        FoundHook::Other if is_left => {
            ("other", "somebody else's hook; `gardener hook install` says what to add to it")
        }
        FoundHook::Other => ("other", "somebody else's hook; `gardener hook install` runs after it"),
    };
    if as_json {
        terminal.json(&json!({
            "schema": 1, "path": place.path.display().to_string(), "state": word,
            "keeper": place.keeper.map(Keeper::name), "exit": code,
        }))?;
        return Ok(code);
    }
    terminal.say(format_args!("{NAME}{}{NAME:#}  {said}", shown(place, context)))?;
    Ok(code)
}

/// The file as somebody at the top of the work tree would name it.
fn shown(place: &HookPlace, context: &Context) -> String {
    let path = place.path.strip_prefix(context.repo.top()).unwrap_or(&place.path);
    Untrusted(&path.display().to_string()).to_string()
}

fn name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
