//! `gardener hook`: puts the pre-push hook into a clone, takes it away, says how it stands.
//!
//! A hook belongs to a clone, not to the project, so everybody installs their own. Where a
//! program keeps the project's hooks, it is shown what that program wants instead.

use serde_json::json;

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
    Install,
    /// Take it away, and put back the one that was there before
    #[command(after_help = "Examples:\n  gardener hook uninstall")]
    Uninstall,
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
        What::Install => install(&place, context, terminal),
        What::Uninstall => uninstall(&place, context, terminal),
        What::Status { json } => status(&place, context, *json, terminal),
    }
}

fn install(place: &HookPlace, context: &Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    if place.found == FoundHook::Calls {
        terminal.say(format_args!("{NAME}{}{NAME:#}  it calls gardener already", shown(place, context)))?;
        return Ok(0);
    }
    if let Some(keeper) = place.keeper.filter(|_| place.is_kept() || place.folder != HookFolder::Own) {
        return Err(left_to(keeper, terminal));
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
    let said = match place.found {
        FoundHook::Other => format!("installed; the hook that was there is {}", name(&place.chained())),
        FoundHook::Ours { .. } => "it is there, and up to date".to_owned(),
        _ => "installed".to_owned(),
    };
    terminal.say(format_args!("{NAME}{where_it_is}{NAME:#}  {said}"))?;
    if let Some(keeper) = place.keeper {
        let (file, snippet) = keeper.wants();
        terminal.say(format_args!("{HINT}note{HINT:#}: for everybody in this project, add to {file}:"))?;
        terminal.print_own(snippet)?;
    }
    Ok(0)
}

/// The program that keeps the hooks has to be told, by somebody who knows its file.
fn left_to(keeper: Keeper, terminal: &mut Terminal) -> CliError {
    let (file, snippet) = keeper.wants();
    // What can't be printed is in the documentation too.
    let _ = terminal.print_own(snippet);
    CliError::Refused {
        message: format!("{} keeps the hooks of this project, so nothing was installed", keeper.name()),
        next: format!("add the lines above to {file}"),
    }
}

fn uninstall(place: &HookPlace, context: &Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let where_it_is = shown(place, context);
    let said = match place.found {
        FoundHook::Nothing => "there is none",
        FoundHook::Ours { is_chained } => {
            context.repo.uninstall_hook(place)?;
            if is_chained { "taken away; the one from before is back" } else { "taken away" }
        }
        FoundHook::Changed | FoundHook::Calls | FoundHook::Other => {
            return Err(CliError::Refused {
                message: format!("{where_it_is} is not as gardener wrote it"),
                next: "take gardener's line out of it yourself".to_owned(),
            });
        }
    };
    terminal.say(format_args!("{NAME}{where_it_is}{NAME:#}  {said}"))?;
    Ok(0)
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
