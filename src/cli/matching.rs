//! `gardener match`: where an entry belongs, and why.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::sync::{show_skipped, tail};
use crate::cli::terminal::{ALARM, HINT, NAME, QUIET, Terminal};
use crate::forge::ForgeRead;
use crate::journal::{Caches, Journal};
use crate::likeness::SIGNALS;
use crate::likeness::explain::{contributions, short};
use crate::model::{EntryKey, State, Untrusted};
use crate::plan::LocalEntry;
use crate::plan::compared::{Compared, Counts, Stands, common_in_words, outcome_in_words, outcome_word};
use crate::plan::likely::{Like, Outcome, Thing};
use crate::sync::{self, Offline, Survey};
use crate::worklog::nearest;

/// Say which issue an entry belongs to, and why
///
/// Compares every entry that has no issue, or those that you name, with what all issues and all
/// worklogs say, as a sync would, and tells what came of it. It changes nothing, here or on GitHub. An
/// entry that has an issue is compared as if it had none, so that you see whether it would be found.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Entries: ID or WORKLOG-ID/ID; of a worklog's path all of its entries
    #[arg(value_name = "ENTRY|FILE")]
    named: Vec<String>,
    /// Every signal of each issue, and what would have changed the verdict
    #[arg(long)]
    explain: bool,
    /// Ask nobody: answer from what was heard at the last look
    #[arg(long)]
    offline: bool,
    /// Print JSON, with everything that --explain tells
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener match                              every entry without an issue
  gardener match docker-build --explain       why it would be linked, asked about or filed
  gardener match worklogs/run-20250914.md     all entries of a worklog
  gardener match --offline --json | jq -r '.entries[] | [.entry, .verdict, .issue] | @tsv'";

/// What to do where nothing is known offline.
pub(super) const LOOK: &str = "leave out --offline";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let paths: Vec<Option<String>> =
        arguments.named.iter().map(|name| context.named(Path::new(name)).inside).collect();
    let (survey, requests, _) = look_over(arguments.offline, context, terminal)?;
    let wanted = wanted(&arguments.named, &paths, &survey)?;
    let all = survey.compared(&wanted);
    let counts = survey.counts();
    let age = match arguments.offline {
        true => Some(context::now()?.as_second() - survey.as_of().as_second()),
        false => None,
    };
    if arguments.json {
        let entries: Vec<Value> = all.iter().map(|one| as_json(one, &survey)).collect();
        terminal.json(&json!({
            "schema": 1, "offline": arguments.offline, "as_of": survey.as_of().to_string(), "age": age,
            "compared": {"open": counts.open, "closed": counts.closed, "entries": counts.entries},
            "entries": entries, "requests": requests, "exit": 0,
        }))?;
        return Ok(0);
    }
    show_skipped(&survey.skipped, terminal);
    let heard = age.map_or_else(String::new, |age| format!(", as of {}{}", survey.as_of(), old(age)));
    terminal.say(format_args!("{QUIET}compared with {}{heard}{QUIET:#}", in_words(counts)))?;
    let mut last = "";
    let width = all.iter().map(|one| one.key.entry.as_str().len()).max().unwrap_or(0);
    for one in &all {
        if one.path != last {
            last = &one.path;
            terminal.say(format_args!("{NAME}{}{NAME:#}", Untrusted(last)))?;
        }
        show(one, width, arguments.explain, &survey, terminal)?;
    }
    if all.is_empty() {
        terminal.say("every entry has an issue")?;
    }
    let s = if all.len() == 1 { "entry" } else { "entries" };
    let tail = tail(requests, terminal);
    terminal.say(format_args!("{} {s} compared; nothing was written; {tail}", all.len()))?;
    if !arguments.explain && !all.is_empty() {
        terminal.warn(format_args!("{HINT}next{HINT:#}: --explain tells what would have changed it"));
    }
    Ok(0)
}

/// Reads everything, as a dry run does. Gives the requests that took, and the context back.
///
/// # Errors
/// When it could not be read, or nothing is known of it offline.
pub(super) fn look_over(
    offline: bool,
    mut context: Context,
    terminal: &mut Terminal,
) -> Result<(Survey, u64, Context), CliError> {
    let home = context.home(terminal)?;
    let choices = context.choices(&home, terminal)?;
    let (mut store, mut look, mut texts) = context.stores();
    let mut caches = Caches { look: &mut look, texts: &mut texts };
    let mut forge: Box<dyn ForgeRead> = match offline {
        false => Box::new(context.github(&home, terminal)?),
        true => match Offline::new(&mut caches, &home.slug) {
            Some(known) => Box::new(known),
            None => {
                return Err(CliError::Refused {
                    message: "what GitHub's issues say was never read here".to_owned(),
                    next: LOOK.to_owned(),
                });
            }
        },
    };
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let journal = Journal::open(&mut store)?;
    let survey = sync::survey(forge.as_mut(), &mut worktree, &journal, &mut caches, &choices)?;
    context.repo = worktree.into_repo();
    Ok((survey, forge.requests(), context))
}

/// The entries that are meant: those without an issue where none is named.
fn wanted(
    names: &[String],
    paths: &[Option<String>],
    survey: &Survey,
) -> Result<BTreeSet<EntryKey>, CliError> {
    let entries = &survey.input().entries;
    if names.is_empty() {
        return Ok(entries.iter().filter(|e| e.entry.issue.is_none()).map(|e| e.key.clone()).collect());
    }
    let mut wanted = BTreeSet::new();
    for (name, path) in names.iter().zip(paths) {
        let fits = |e: &&LocalEntry| e.key.entry.as_str() == name || e.key.to_string() == *name;
        let of_file: Vec<EntryKey> =
            entries.iter().filter(|e| Some(&e.path) == path.as_ref()).map(|e| e.key.clone()).collect();
        let found: Vec<EntryKey> = entries.iter().filter(fits).map(|e| e.key.clone()).collect();
        match (found.as_slice(), of_file.is_empty()) {
            ([one], _) => drop(wanted.insert(one.clone())),
            ([], false) => wanted.extend(of_file),
            ([], true) => return Err(not_there(name, path.as_deref(), survey)),
            (several, _) => {
                let all: Vec<_> = several.iter().map(ToString::to_string).collect();
                return Err(CliError::NotThere {
                    message: format!("{} entries are called {}", all.len(), Untrusted(name)),
                    next: format!("write one of {}", all.join(", ")),
                });
            }
        }
    }
    Ok(wanted)
}

fn not_there(name: &str, path: Option<&str>, survey: &Survey) -> CliError {
    let shown = Untrusted(name);
    let is_it = |l: &&sync::Loaded| {
        let id = &l.worklog.header().id;
        let mut entries = l.worklog.entries().iter();
        Some(l.path.as_str()) == path
            || entries.any(|e| e.id.as_str() == name || format!("{id}/{}", e.id) == name)
    };
    if let Some(other) = survey.others.iter().find(is_it) {
        let why = match other.worklog.header().archived {
            true => "is archived: no sync reads it",
            false => "is not changed on this branch, and left to the default branch",
        };
        return CliError::Refused {
            message: format!("{shown}: {} {why}", Untrusted(&other.path)),
            next: "`gardener list` shows what it says".to_owned(),
        };
    }
    if let Some(file) = survey.skipped.iter().find(|s| !s.is_foreign && Some(s.path.as_str()) == path) {
        return CliError::Refused {
            message: format!("{}: {}", Untrusted(&file.path), Untrusted(&file.why)),
            next: "mend it, then `gardener check`".to_owned(),
        };
    }
    let ids = survey.input().entries.iter().map(|e| e.key.entry.as_str());
    let next = match nearest(name.rsplit('/').next().unwrap_or(name), ids) {
        Some(near) => format!("did you mean {near}?"),
        None => "`gardener list` shows the entries".to_owned(),
    };
    CliError::NotThere { message: format!("no entry and no worklog is called {shown}"), next }
}

fn in_words(counts: Counts) -> String {
    let Counts { open, closed, entries } = counts;
    let s = if open == 1 { "" } else { "s" };
    let es = if entries == 1 { "y" } else { "ies" };
    format!("{open} open issue{s}, {closed} closed lately, and {entries} entr{es} of worklogs")
}

/// How old an answer is, in the largest unit that says something.
fn old(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let largest = units.into_iter().find(|(unit, _)| seconds >= *unit);
    largest.map_or_else(String::new, |(unit, name)| {
        let count = seconds / unit;
        format!(", {count} {name}{} old", if count == 1 { "" } else { "s" })
    })
}

fn show(
    one: &Compared,
    width: usize,
    explain: bool,
    survey: &Survey,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    let words = one.stands.words();
    let alarm = matches!(one.stands.word(), "asked" | "several" | "after");
    let color = if alarm { ALARM } else { anstyle::Style::new() };
    let id = one.key.entry.as_str();
    terminal.say(format_args!("  {id:width$}  {color}{}{color:#}", Untrusted(&words)))?;
    if let Some(anew) = one.anew() {
        let is_linked = matches!(one.stands, Stands::Linked(..));
        let when = if is_linked { "without its number" } else { "compared anew" };
        terminal.say(format_args!("  {:width$}  {when}: {}", "", Untrusted(&anew)))?;
    }
    if let Some(own) = own_in_words(one, survey) {
        terminal.say(format_args!("  {:width$}  {own}", ""))?;
    }
    for like in &one.found {
        let (name, score) = (name(like), short(like.likeness.score));
        let (state, title) = (state(&like.state), Untrusted(&like.title));
        terminal.say(format_args!("  {:width$}    {name}  {score}  {state}  {title}", ""))?;
        if explain {
            show_signals(like, width, terminal)?;
        }
    }
    for would in one.would.iter().filter(|_| explain) {
        terminal.say(format_args!("  {:width$}  {}", "", Untrusted(would)))?;
    }
    Ok(())
}

fn show_signals(like: &Like, width: usize, terminal: &mut Terminal) -> Result<(), CliError> {
    let likeness = &like.likeness;
    for ((signal, amount), adds) in SIGNALS.iter().zip(likeness.amounts).zip(contributions(likeness)) {
        terminal.say(format_args!(
            "  {:width$}      {:6}  {} x {:.2} = {}  {QUIET}{}{QUIET:#}",
            "",
            signal.name,
            short(amount),
            signal.weight,
            short(adds),
            signal.meaning
        ))?;
    }
    let (common, evidence) = (common_in_words(like), short(likeness.evidence()));
    terminal.say(format_args!("  {:width$}      evidence {evidence}; {}", "", Untrusted(&common)))
}

/// Of an entry that has an issue, whether that would have been found.
fn own_in_words(one: &Compared, survey: &Survey) -> Option<String> {
    let entry = survey.input().entries.iter().find(|e| e.key == one.key)?;
    let issue = entry.entry.issue.as_ref()?;
    let number = survey.input().number_of(entry);
    let Some(own) = number else { return Some(format!("{issue} is not one of this repository's issues")) };
    Some(match (&one.alone, one.own) {
        (Outcome::Link(number, _), _) if *number == own => "its own issue would have been linked".to_owned(),
        (Outcome::Ask(asked), _) if asked.iter().any(|c| c.issue.number == own) => {
            "its own issue would have been asked about".to_owned()
        }
        (_, Some(place)) => {
            format!("its own issue is number {place} of what it is like, and would not have been found")
        }
        (_, None) => "its own issue would not have been found".to_owned(),
    })
}

fn name(like: &Like) -> String {
    match &like.what {
        Thing::Issue(number) => format!("#{number}"),
        Thing::Entry(key) => key.to_string(),
    }
}

/// Where an issue stands, in one word.
pub(super) fn state(state: &State) -> &'static str {
    match state {
        State::Open => "open",
        State::Completed => "completed",
        State::NotPlanned => "not-planned",
        State::Duplicate => "duplicate",
        State::Unknown(_) => "closed",
    }
}

fn as_json(one: &Compared, survey: &Survey) -> Value {
    let entry = survey.input().entries.iter().find(|e| e.key == one.key);
    let candidates = entry.and_then(|e| e.entry.candidates.as_deref());
    let is_linked = entry.is_some_and(|e| e.entry.issue.is_some());
    json!({
        "entry": one.key.to_string(), "worklog": one.path, "verdict": one.stands.word(),
        "issue": one.stands.issue(), "words": one.stands.words(),
        "candidates": candidates.map(crate::cli::list::candidates_json),
        "likeness": {"verdict": outcome_word(&one.alone), "words": outcome_in_words(&one.alone)},
        "own": is_linked.then(|| json!({"place": one.own})),
        "likest": one.found.iter().map(like_json).collect::<Vec<_>>(), "would": one.would,
    })
}

/// Something that was found, with its signals, for scripts.
fn like_json(like: &Like) -> Value {
    let (issue, entry) = match &like.what {
        Thing::Issue(number) => (Some(number), None),
        Thing::Entry(key) => (None, Some(key.to_string())),
    };
    json!({
        "issue": issue, "entry": entry, "title": like.title, "state": state(&like.state),
        "severity": like.severity.map(crate::model::Severity::word),
        "likeness": likeness_json(&like.likeness),
    })
}

/// A likeness for scripts.
pub(super) fn likeness_json(likeness: &crate::likeness::Likeness) -> Value {
    let adds = contributions(likeness);
    let signals = SIGNALS.iter().zip(likeness.amounts).zip(adds);
    let signals = signals.map(|((signal, amount), adds)| {
        json!({"name": signal.name, "amount": amount, "weight": signal.weight, "adds": adds})
    });
    let common = &likeness.common;
    json!({
        "score": likeness.score, "evidence": likeness.evidence(), "signals": signals.collect::<Vec<_>>(),
        "line": common.line, "tests": common.tests, "files": common.files, "words": common.words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_one_unit() {
        for (seconds, words) in
            [(-5, ""), (59, ""), (60, ", 1 minute old"), (7_300, ", 2 hours old"), (86_400, ", 1 day old")]
        {
            assert_eq!(old(seconds), words, "{seconds}");
        }
    }
}
