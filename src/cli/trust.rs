//! `gardener trust`: the user's word that the commands of this repository may run.
//!
//! It holds for exactly the suites as `gardener.toml` has them now; any change of what runs, where,
//! with what environment or for how long takes it away again. What the commands call (a script of the
//! repository, a build file) is not looked at.

use serde_json::json;

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::terminal::{NAME, QUIET, Terminal};
use crate::config::Config;
use crate::model::Untrusted;
use crate::run::verdict::words;
use crate::runner::{State, digest};

/// Let `gardener run` run the suites of gardener.toml
///
/// Shows every suite with its command and trusts them as they are now; any change asks for it again.
/// It is noted in your own folder, never in the repository, and for this clone only. Scripts that a
/// command calls are not looked at: read them as you would before running them yourself.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only show the suites, and whether they are trusted
    #[arg(long, conflicts_with = "revoke")]
    show: bool,
    /// Trust this repository no more
    #[arg(long)]
    revoke: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener trust --show      what would run, and whether it may
  gardener trust
  gardener trust --revoke";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: &Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let (trust, identity) = context.trust()?;
    let refused =
        |why: String| CliError::Refused { message: why, next: trust_hint(&trust.path().to_string_lossy()) };
    if arguments.revoke {
        let was = trust.revoke(&identity).map_err(|error| refused(error.to_string()))?;
        if arguments.json {
            terminal.json(&json!({"schema": 1, "trusted": false, "revoked": was, "exit": 0}))?;
        } else {
            terminal.say(if was { "not trusted any more" } else { "was not trusted" })?;
        }
        return Ok(0);
    }
    let config = &context.config;
    if config.suites.is_empty() {
        return Err(no_suites());
    }
    let digest = digest_of(config);
    if !arguments.show {
        trust.grant(&identity, &digest, context::now()?).map_err(|error| refused(error.to_string()))?;
    }
    let state = trust.state(&identity, &digest).map_err(|error| refused(error.to_string()))?;
    if arguments.json {
        let suites: Vec<_> = config
            .suites
            .iter()
            .map(|s| {
                json!({
                    "name": s.name, "command": s.command, "folder": s.folder, "environment": s.environment,
                    "pass": s.pass, "timeout_seconds": s.timeout.as_secs_f64(), "focus": s.focus,
            "format": s.format().word(), "results": s.results,
                })
            })
            .collect();
        let is_trusted = state == State::Trusted;
        terminal.json(&json!({"schema": 1, "trusted": is_trusted, "suites": suites, "exit": 0}))?;
        return Ok(0);
    }
    for suite in &config.suites {
        terminal.say(format_args!("{NAME}{}{NAME:#}  {}", suite.name, Untrusted(&suite.command_line())))?;
        let mut more = Vec::new();
        if !suite.folder.is_empty() {
            more.push(format!("in {}", Untrusted(&suite.folder)));
        }
        let set = suite.environment.iter();
        more.extend(set.map(|(name, value)| format!("with {}={}", Untrusted(name), Untrusted(value))));
        more.extend(suite.results.as_ref().map(|path| format!("results in {}", Untrusted(path))));
        more.push(format!("{}, at most {}", suite.format().word(), words(suite.timeout)));
        more.extend(suite.pass.iter().map(|name| format!("given {}", Untrusted(name))));
        for line in more {
            terminal.say(format_args!("  {QUIET}{line}{QUIET:#}"))?;
        }
    }
    terminal.say(match state {
        State::Trusted => "trusted as they are now".to_owned(),
        State::Changed { since } => format!("not trusted: they changed since {since}"),
        State::Never => "not trusted".to_owned(),
    })?;
    Ok(0)
}

/// Whether the suites may run.
///
/// # Errors
/// When they may not, with what to do.
pub(super) fn demand(context: &Context) -> Result<(), CliError> {
    let (trust, identity) = context.trust()?;
    let state = trust.state(&identity, &digest_of(&context.config)).map_err(|error| CliError::Refused {
        message: format!("{error}; nothing was run"),
        next: trust_hint(&trust.path().to_string_lossy()),
    })?;
    let message = match state {
        State::Trusted => return Ok(()),
        State::Changed { since } => {
            format!("the suites of gardener.toml changed since you trusted them ({since}); nothing was run")
        }
        State::Never => "the suites of gardener.toml are not trusted yet; nothing was run".to_owned(),
    };
    Err(CliError::Refused {
        message,
        next: "look at them with `gardener trust --show`, then `gardener trust`".to_owned(),
    })
}

/// How the suites stand; `None` where there are none.
///
/// # Errors
/// When that can't be known.
pub(super) fn standing(context: &Context) -> Result<Option<State>, String> {
    if context.config.suites.is_empty() {
        return Ok(None);
    }
    let (trust, identity) = context.trust().map_err(|error| error.words().0)?;
    trust.state(&identity, &digest_of(&context.config)).map(Some).map_err(|error| error.to_string())
}

/// The error of a config without suites.
pub(super) fn no_suites() -> CliError {
    CliError::Refused {
        message: "gardener.toml names no suites".to_owned(),
        next: "add one: [suites.unit] with command = [\"cargo\", \"test\"] and format = \"libtest\""
            .to_owned(),
    }
}

fn digest_of(config: &Config) -> String {
    let names: Vec<_> = config.suites.iter().map(|suite| format!("suites.{}", suite.name)).collect();
    let sections =
        names.iter().zip(&config.suites).map(|(name, s)| (name.as_str(), vec![("parts", s.parts())]));
    digest(&sections.collect::<Vec<_>>())
}

fn trust_hint(path: &str) -> String {
    format!("look at {path}; without it nothing is trusted")
}
