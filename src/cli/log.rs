//! `gardener log`: the history of an entry, or of all worklogs, commit by commit.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::decide::say_taken;
use crate::cli::diff;
use crate::cli::error::CliError;
use crate::cli::guess;
use crate::cli::list::same_issue;
use crate::cli::snapshot::{self, Moment};
use crate::cli::terminal::{HINT, NAME, QUIET, Terminal};
use crate::model::{IssueRef, RepoSlug, Untrusted};
use crate::review::{EntryChange, Review, Snapshot, WorklogChange};
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
pub(super) fn run(
    arguments: &Arguments,
    mut context: Context,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let home = context.find_home().ok().map(|home| home.slug);
    let mut told = tell(arguments, arguments.about.as_deref(), &context, home.as_ref(), terminal)?;
    if let Some(about) = arguments.about.as_deref().filter(|_| told.count == 0) {
        // What was never committed is met in the work tree only.
        let (now, repo) = snapshot::of_work_tree(context.repo, &context.config)?;
        context.repo = repo;
        told.meet(&now);
        let is_there = told.met.values().any(|met| met.is(about, home.as_ref()));
        match told.guessed(about, home.as_ref()).as_slice() {
            _ if is_there => {}
            [key] => {
                say_taken(about, key, terminal);
                told = tell(arguments, Some(key), &context, home.as_ref(), terminal)?;
            }
            keys => return Err(nowhere(about, keys, &told)),
        }
    }
    if arguments.json {
        terminal.json(&json!({"schema": 1, "commits": told.shown, "exit": 0}))?;
    } else if told.count == 0 {
        terminal.say(format_args!("{HINT}nothing{HINT:#}: no commit says anything of it"))?;
    }
    Ok(0)
}

/// What was told, and of which entries something could have been.
#[derive(Default)]
struct Told {
    shown: Vec<Value>,
    count: usize,
    /// Every entry that was met, by its key, as it was newest.
    met: BTreeMap<String, Met>,
}

/// An entry at some moment.
struct Met {
    worklog: String,
    id: String,
    title: String,
    issue: Option<IssueRef>,
}

impl Met {
    fn is(&self, about: &str, home: Option<&RepoSlug>) -> bool {
        named((&self.worklog, &self.id, self.issue.as_ref()), about, home)
    }
}

impl Told {
    fn meet(&mut self, snapshot: &Snapshot) {
        for (worklog, entry) in snapshot.worklogs.values().flat_map(|(_, w)| {
            let id = &w.header().id;
            w.entries().iter().map(move |entry| (id, entry))
        }) {
            self.met.entry(format!("{worklog}/{}", entry.id)).or_insert_with(|| Met {
                worklog: worklog.to_string(),
                id: entry.id.to_string(),
                title: entry.title.clone(),
                issue: entry.issue.clone(),
            });
        }
    }

    fn guessed(&self, about: &str, home: Option<&RepoSlug>) -> Vec<String> {
        let all = self.met.iter().map(|(key, met)| guess::Named {
            key: key.clone(),
            id: &met.id,
            title: &met.title,
            issue: met.issue.as_ref(),
        });
        guess::guesses(about, home, &all.collect::<Vec<_>>())
    }
}

fn nowhere(about: &str, keys: &[String], told: &Told) -> CliError {
    let name = about.rsplit('/').next().unwrap_or(about);
    let next = match nearest(name, told.met.values().map(|met| met.id.as_str())) {
        _ if !keys.is_empty() => guess::question(keys),
        Some(near) => format!("did you mean {}?", Untrusted(near)),
        None => "`gardener list` shows the entries, `gardener log` what became of all".to_owned(),
    };
    CliError::NotThere { message: format!("no commit says anything of {}", Untrusted(about)), next }
}

/// Walks the commits, the newest first, and tells those that say something.
fn tell(
    arguments: &Arguments,
    about: Option<&str>,
    context: &Context,
    home: Option<&RepoSlug>,
    terminal: &mut Terminal,
) -> Result<Told, CliError> {
    let mut told = Told::default();
    for commit in context.repo.commits_of(&context.config.worklogs)? {
        let parent = commit.parent.clone().map_or(Moment::Nothing, Moment::Commit);
        let before = snapshot::at(&parent, &context.repo, &context.config)?;
        let after = snapshot::at(&Moment::Commit(commit.id.clone()), &context.repo, &context.config)?;
        let mut review = Review::between(&before, &after);
        if let Some(about) = about {
            told.meet(&after);
            review = review.about(|worklog, entry| fits(about, worklog, entry, home));
        }
        if review.is_empty() {
            continue;
        }
        if arguments.json {
            told.shown.push(json!({
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
        told.count += 1;
        if told.count == arguments.count {
            break;
        }
    }
    Ok(told)
}

fn fits(about: &str, worklog: &WorklogChange, entry: &EntryChange, home: Option<&RepoSlug>) -> bool {
    named((worklog.id.as_str(), entry.id.as_str(), entry.issue.as_ref()), about, home)
}

/// Whether an entry is called so: by its issue, its key or its id.
fn named(
    (worklog, id, issue): (&str, &str, Option<&IssueRef>),
    about: &str,
    home: Option<&RepoSlug>,
) -> bool {
    if let Some(wanted) = IssueRef::parse(about).filter(|_| about.contains('#')) {
        return issue.is_some_and(|issue| same_issue(issue, &wanted, home));
    }
    match about.split_once('/') {
        Some((of, name)) => worklog == of && id == name,
        None => id == about,
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
