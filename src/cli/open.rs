//! `gardener open`: an entry's issue in the browser.
//!
//! The browser is the user's own choice (`BROWSER`, else what the system opens addresses with). Nothing of
//! a worklog goes into the address but the repository's name and a number, both of which were parsed.

use std::time::Duration;

use crate::cli::context::{self, Context};
use crate::cli::decide::Garden;
use crate::cli::error::CliError;
use crate::cli::terminal::{HINT, Terminal};
use crate::effect::Invocation;
use crate::model::{IssueRef, Untrusted};
use crate::sync;

/// Open an entry's issue in the browser
///
/// The browser is the one that `BROWSER` names, or what this system opens addresses with.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The entry (ID or WORKLOG-ID/ID), or an issue (#12 or owner/repo#12)
    #[arg(value_name = "ENTRY|#N")]
    what: String,
    /// Only print the address
    #[arg(long)]
    print: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener open docker-build
  gardener open '#1082'
  gardener open docker-build --print | xclip        only the address";

/// A browser that fails does it soon.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let home = context.find_home()?;
    let (browsers, processes) = (browsers(), context.processes());
    let issue = match arguments.what.contains('#').then(|| IssueRef::parse(&arguments.what)).flatten() {
        Some(issue) => issue,
        None => {
            let config = context.config.clone();
            let mut worktree = context.repo.worktree(&config);
            let state = sync::local_state(&mut worktree, &config, Some(&home.slug))?;
            let garden = Garden { state: &state, home: Some(&home.slug), host: Some(&home.host) };
            issue_of(&garden, &arguments.what, terminal)?
        }
    };
    let (slug, number) = (issue.repo.as_ref().unwrap_or(&home.slug), issue.number);
    let address = format!("https://{}/{slug}/issues/{number}", home.host);
    let json = |opened: bool, code: u8| {
        let issue = issue.in_short(&home.slug).to_string();
        serde_json::json!({"schema": 1, "issue": issue, "address": address, "opened": opened, "exit": code})
    };
    if arguments.print {
        if arguments.json {
            terminal.json(&json(false, 0))?;
        } else {
            terminal.say(&address)?;
        }
        return Ok(0);
    }
    let mut tried = Vec::new();
    for browser in browsers {
        match processes.leave(&browser.with(&address), PATIENCE) {
            Ok(true) => {
                terminal.warn(format_args!("opened {address}"));
                if arguments.json {
                    terminal.json(&json(true, 0))?;
                }
                return Ok(0);
            }
            Ok(false) | Err(_) => tried.push(Untrusted(&browser.name).to_string()),
        }
    }
    if arguments.json {
        terminal.json(&json(false, 1))?;
    } else {
        terminal.say(&address)?;
    }
    let tried = if tried.is_empty() { "BROWSER".to_owned() } else { tried.join(", ") };
    terminal.warn(format_args!("{HINT}note{HINT:#}: {tried} could not open it; set BROWSER to a program"));
    Ok(1)
}

/// A program that opens addresses.
struct Browser {
    /// What it is called.
    name: String,
    words: Vec<String>,
}

impl Browser {
    /// The program with an address: in the place of `%s`, else as the last word.
    fn with(&self, address: &str) -> Invocation {
        let mut words: Vec<String> = self.words.iter().map(|word| word.replace("%s", address)).collect();
        if words == self.words {
            words.push(address.to_owned());
        }
        Invocation::new(&self.name).args(words)
    }
}

/// The programs that may open an address, the best first: those of `BROWSER`, as other programs read
/// it, else what the system has for it.
fn browsers() -> Vec<Browser> {
    let browser = |text: &str| {
        let mut words = text.split_whitespace().map(str::to_owned);
        Some(Browser { name: words.next()?, words: words.collect() })
    };
    let own: Vec<Browser> =
        context::variable("BROWSER").iter().flat_map(|all| all.split(':')).filter_map(browser).collect();
    if !own.is_empty() {
        return own;
    }
    let of_system: &[&str] = match std::env::consts::OS {
        "macos" => &["open"],
        "windows" => &["explorer"],
        _ => &["xdg-open", "wslview"],
    };
    of_system.iter().copied().filter_map(browser).collect()
}

fn issue_of(garden: &Garden<'_>, name: &str, terminal: &mut Terminal) -> Result<IssueRef, CliError> {
    let row = garden.entry_to_show(name, terminal)?;
    row.entry.issue.clone().ok_or_else(|| {
        let key = row.key();
        let next = match row.candidates() {
            [] => "gardener sync files it".to_owned(),
            _ => format!("gardener show {key} has its candidates"),
        };
        CliError::Refused { message: format!("{key} has no issue yet"), next }
    })
}
