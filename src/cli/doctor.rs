//! `gardener doctor`: whether all that gardener needs is there, and what to do where it is not.
//!
//! It looks and writes nothing. Each check says one thing, in the order in which somebody would mend
//! them: this machine, this clone, what gardener keeps in it, GitHub. What can't be looked at because
//! of another fault is left out. The checks themselves are in the files beside this one.

mod clone;
mod github;
mod kept;

use serde_json::{Value, json};

use crate::cli::context::{self, Context, Ground};
use crate::cli::error::CliError;
use crate::cli::terminal::{ALARM, ERROR, HINT, QUIET, Terminal};
use crate::repo::{Home, git_version};

/// Look for what could keep gardener from working, and say what to do
///
/// Looks at git, this clone, gardener.toml, the worklogs, the hook, the journal, the token and what
/// GitHub says of it. It changes nothing, and works outside of a repository too.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Don't ask GitHub
    #[arg(long)]
    offline: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener doctor
  gardener doctor --offline
  gardener doctor --json | jq -r '.checks[] | select(.standing == \"fault\") | .fix'

Exits with 1 where there is a fault, with 0 where there are only notes.";

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// As it should be.
    Ok,
    /// It works, and somebody may want it otherwise.
    Note,
    /// Something does not work.
    Fault,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    name: &'static str,
    standing: Standing,
    /// What was found, on one line.
    found: String,
    /// What to do, as a command where one does it. Empty where all is well.
    fix: String,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, standing: Standing::Ok, found: found.into(), fix: String::new() }
    }

    fn note(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, standing: Standing::Note, found: found.into(), fix: fix.into() }
    }

    fn fault(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, standing: Standing::Fault, found: found.into(), fix: fix.into() }
    }

    /// An error of gardener's own, with the next step that it names.
    fn of_error(name: &'static str, error: &CliError) -> Self {
        let (message, next) = error.words();
        Self::fault(name, message, next.unwrap_or_else(|| "mend that, then run it again".to_owned()))
    }

    fn as_json(&self) -> Value {
        let fix = Some(self.fix.as_str()).filter(|fix| !fix.is_empty());
        json!({"name": self.name, "standing": self.standing.word(), "found": self.found, "fix": fix})
    }
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Fault => "fault",
        }
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, ground: &Ground, terminal: &mut Terminal) -> Result<u8, CliError> {
    let mut checks = vec![git(ground)];
    checks.extend(home_folder(ground));
    let mut home = None;
    match ground.open() {
        Err(error) => checks.push(clone::unopened(&error)),
        Ok((context, wrong)) => {
            checks.extend(clone::checks(&context));
            home = remote(&context, &mut checks);
            checks.extend(kept::checks(context, wrong.as_ref()));
        }
    }
    checks.extend(github::checks(ground, home.as_ref(), arguments.offline, terminal));
    for check in &mut checks {
        // What a program said may have several lines.
        check.found = check.found.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let count = |standing| checks.iter().filter(|check| check.standing == standing).count();
    let (faults, notes) = (count(Standing::Fault), count(Standing::Note));
    let code = u8::from(faults > 0);
    if arguments.json {
        let checks: Vec<_> = checks.iter().map(Check::as_json).collect();
        terminal.json(&json!({"schema": 1, "checks": checks, "exit": code}))?;
        return Ok(code);
    }
    show(&checks, terminal)?;
    let said = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let well = count(Standing::Ok);
    terminal.say(format_args!("{well} ok, {}, {}", said(notes, "note"), said(faults, "fault")))?;
    Ok(code)
}

fn show(checks: &[Check], terminal: &mut Terminal) -> Result<(), CliError> {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for check in checks {
        let (name, word) = (check.name, check.standing.word());
        let style = match check.standing {
            Standing::Ok => QUIET,
            Standing::Note => ALARM,
            Standing::Fault => ERROR,
        };
        terminal.say(format_args!("{style}{word:<5}{style:#}  {name:<width$}  {}", check.found))?;
        if !check.fix.is_empty() {
            terminal.say(format_args!("       {:width$}  {HINT}fix{HINT:#}: {}", "", check.fix))?;
        }
    }
    Ok(())
}

/// The oldest git that has all that is asked of it (`git worktree remove`).
const NEEDED: (u32, u32) = (2, 17);

/// Older ones were never tried.
const TRIED: (u32, u32) = (2, 30);

fn git(ground: &Ground) -> Check {
    let newer = "install a newer git: https://git-scm.com/downloads";
    match git_version(ground.processes()) {
        None => {
            let get = "install git, and have it in PATH: https://git-scm.com/downloads";
            Check::fault("git", "there is no git that says its version", get)
        }
        Some((text, version)) if version < NEEDED => {
            let (major, minor) = NEEDED;
            Check::fault("git", format!("{text} is too old; gardener needs {major}.{minor}"), newer)
        }
        Some((text, version)) if version < TRIED => {
            Check::note("git", format!("{text}; gardener was never tried with one so old"), newer)
        }
        Some((text, _)) => Check::ok("git", text),
    }
}

/// Where what the user trusts is kept.
fn home_folder(ground: &Ground) -> Option<Check> {
    let fix = "export XDG_STATE_HOME=\"$HOME/.local/state\"";
    Some(match ground.trust() {
        Err(error) => Check::fault("home", error.to_string(), "export HOME=\"$(cd ~ && pwd)\""),
        Ok((trust, is_odd)) => {
            let folder = trust.path().parent().map(|path| path.display().to_string()).unwrap_or_default();
            if is_odd {
                let found =
                    format!("XDG_STATE_HOME is no absolute path and does not count; {folder} is used");
                Check::note("home", found, fix)
            } else {
                Check::ok("home", format!("state is kept in {folder}"))
            }
        }
    })
}

/// Which repository the issues are taken from, and the default branch as it is known here.
fn remote(context: &Context, checks: &mut Vec<Check>) -> Option<Home> {
    let home = match context.find_home() {
        Ok(home) => home,
        Err(error) => {
            checks.push(clone::no_home(&error));
            return None;
        }
    };
    checks.push(clone::home(&home));
    checks.push(clone::default_branch(context, &home));
    Some(home)
}

/// A moment's distance from now, in words; empty where the clock can't be read.
fn ago(second: i64) -> String {
    let Ok(now) = context::now() else { return String::new() };
    let seconds = now.as_second() - second;
    let words = |count: i64, unit: &str| format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" });
    match seconds {
        ..0 => "in the future".to_owned(),
        0..120 => words(seconds, "second"),
        120..7_200 => words(seconds / 60, "minute"),
        7_200..172_800 => words(seconds / 3_600, "hour"),
        _ => words(seconds / 86_400, "day"),
    }
}
