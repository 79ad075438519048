//! `gardener log`: the history of an entry, or of all worklogs, commit by commit.

use std::collections::BTreeSet;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::diff;
use crate::cli::error::CliError;
use crate::cli::snapshot::{self, Moment};
use crate::cli::terminal::{HINT, NAME, QUIET, Terminal};
use crate::model::{IssueRef, RepoSlug, Untrusted};
use crate::review::{EntryChange, Review, WorklogChange};
use crate::worklog::nearest;

/// Show the history of an entry or an issue over commits and worklogs
///
/// The newest first: each commit that changed a worklog, and what that meant.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only this entry (ID or WORKLOG-ID/ID) or issue (#12 or owner/repo#12)
    #[arg(value_name = "ENTRY|#N")]
    about: Option<String>,
    /// At most so many commits
    #[arg(long, short = 'n', value_name = "COUNT", default_value = "50", value_parser = at_least_one)]
    count: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener log                        what happened in the worklogs
  gardener log event-structure
  gardener log '#1021'                in whatever worklog it turned up
  gardener log -n 5 --json";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: &Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let home = context.find_home().ok().map(|home| home.slug);
    let mut shown = Vec::new();
    let mut told = 0;
    // What entries were called, for somebody who mistypes one.
    let mut met = BTreeSet::new();
    for commit in context.repo.commits_of(&context.config.worklogs)? {
        let parent = commit.parent.clone().map_or(Moment::Nothing, Moment::Commit);
        let before = snapshot::at(&parent, &context.repo, &context.config)?;
        let after = snapshot::at(&Moment::Commit(commit.id.clone()), &context.repo, &context.config)?;
        let mut review = Review::between(&before, &after);
        if let Some(about) = &arguments.about {
            let ids = after.worklogs.values().flat_map(|(_, worklog)| worklog.entries());
            met.extend(ids.map(|entry| entry.id.to_string()));
            review = review.about(|worklog, entry| fits(about, worklog, entry, home.as_ref()));
        }
        if review.is_empty() {
            continue;
        }
        if arguments.json {
            shown.push(json!({
                "commit": commit.id, "author": commit.author, "at": commit.at.to_string(),
                "subject": commit.subject, "review": diff::as_json(&review),
            }));
        } else {
            let day = commit.at.to_string().chars().take(10).collect::<String>();
            let (short, who) = (&commit.id[..commit.id.len().min(7)], Untrusted(&commit.author));
            terminal.say(format_args!(
                "{NAME}{short}{NAME:#} {day} {who}  {QUIET}{}{QUIET:#}",
                Untrusted(&commit.subject)
            ))?;
            // The sums of one commit are seen at a glance.
            let lines = review.to_string();
            let lines = lines.lines().skip(1).filter(|line| !line.is_empty());
            terminal.print(lines.map(|line| format!("  {line}\n")).collect::<String>())?;
        }
        told += 1;
        if told == arguments.count {
            break;
        }
    }
    if arguments.json {
        terminal.json(&json!({"schema": 1, "commits": shown, "exit": 0}))?;
    } else if told == 0 {
        let near = arguments.about.as_deref().and_then(|about| {
            let name = about.rsplit('/').next().unwrap_or(about);
            let near = nearest(name, met.iter().map(String::as_str))?;
            (near != name).then(|| format!("; did you mean {}?", Untrusted(near)))
        });
        let near = near.unwrap_or_default();
        terminal.say(format_args!("{HINT}nothing{HINT:#}: no commit says anything of it{near}"))?;
    }
    Ok(0)
}

fn fits(about: &str, worklog: &WorklogChange, entry: &EntryChange, home: Option<&RepoSlug>) -> bool {
    if let Some(wanted) = IssueRef::parse(about).filter(|_| about.contains('#')) {
        let full = |issue: &IssueRef| (issue.repo.clone().or_else(|| home.cloned()), issue.number);
        return entry.issue.as_ref().is_some_and(|issue| full(issue) == full(&wanted));
    }
    match about.split_once('/') {
        Some((id, name)) => worklog.id.as_str() == id && entry.id.as_str() == name,
        None => entry.id.as_str() == about,
    }
}

/// `-n COUNT`.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err("a number".to_owned()),
    }
}
