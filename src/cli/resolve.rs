//! `gardener resolve`: what waits for a person, one question after the other.
//!
//! It looks at both sides as a dry run does, asks, and then acts once: what was decided of candidates is
//! written into the worklogs, and one sync takes the sides that were chosen. Until then nothing is
//! written but a note of what was shown, so that whoever leaves in between has changed nothing, and an
//! answer never settles values that nobody saw.

mod shown;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::Path;

use serde_json::json;

use crate::cli::context::{self, Context};
use crate::cli::decide::{self, Output};
use crate::cli::error::CliError;
use crate::cli::resolve::shown::{lines, list};
use crate::cli::sync::{said, settling};
use crate::cli::terminal::{HINT, NAME, QUIET, Terminal};
use crate::cli::touched::{Touched, here, there};
use crate::cli::{link, sync as sync_cli};
use crate::effect::{self, Steps};
use crate::forge::ForgeRead as _;
use crate::journal::{Caches, Journal};
use crate::merge::Side;
use crate::model::{IssueRef, Untrusted};
use crate::plan::questions::{Ask, Question, last_touch, questions};
use crate::plan::{Change, Plan};
use crate::sync::{self, Skipped, WantedSide};

/// Settle conflicts and candidates, one after the other
///
/// On a terminal it asks with one key each: which side counts, or which issue an entry is about. What was
/// chosen is then written and synced at once. Elsewhere it lists what waits, with the answers that there
/// are; --answer gives them.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only these entries: ID or WORKLOG-ID/ID
    #[arg(value_name = "ENTRY")]
    entries: Vec<String>,
    /// An answer: local or remote for a conflict, a NUMBER or none for candidates
    #[arg(long, short, value_name = "ENTRY[:FIELD]=ANSWER")]
    answer: Vec<String>,
    /// Only list what waits
    #[arg(long, conflicts_with = "answer")]
    list: bool,
    /// Write the worklogs but make no commit
    #[arg(long)]
    no_commit: bool,
    /// Go on where a limit of the sync would stop
    #[arg(long, short = 'y')]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener resolve                                      asks
  gardener resolve --list                               what waits, and since when
  gardener resolve --answer two-caches:status=local     the worklog's side counts
  gardener resolve --answer docker-build=1082 --answer old-cache=none
  gardener resolve --json | jq -r '.questions[] | .entry'";

/// All that waits.
struct Waiting {
    questions: Vec<Asked>,
    /// Worklogs that can't be read as they are, and what waits in them.
    broken: Vec<Skipped>,
    /// What the sync at the end does besides.
    besides: Option<String>,
}

/// A question with all that a person may want to know of it.
struct Asked {
    question: Question,
    /// Both sides of a conflict as they were shown: now, or before an answer was given.
    shown: Option<(String, String)>,
    title: String,
    here: Option<Touched>,
    there: Option<Touched>,
}

/// What somebody said to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Local,
    Remote,
    Issue(IssueRef),
    None,
}

/// Runs the command.
pub(super) fn run(
    arguments: &Arguments,
    folder: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    // It opens the repository several times, and signals are heeded once.
    let steps = &context::heeded();
    let waiting = look(arguments, folder, steps, terminal)?;
    let all = &waiting.questions;
    if !arguments.answer.is_empty() {
        let answers = given(&arguments.answer, all)?;
        return carry_out(arguments, all, &answers, (folder, steps), terminal);
    }
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if arguments.list || arguments.json || !is_asked {
        return list(arguments, &waiting, terminal);
    }
    let Some(answers) = walk(&waiting, terminal)? else {
        terminal.warn("nothing was changed");
        return Ok(code(&waiting));
    };
    if answers.is_empty() {
        return Ok(code(&waiting));
    }
    carry_out(arguments, all, &answers, (folder, steps), terminal)
}

/// Looks at both sides, and notes in this clone's journal what is shown of them.
fn look(
    arguments: &Arguments,
    folder: Option<&Path>,
    steps: &Steps,
    terminal: &mut Terminal,
) -> Result<Waiting, CliError> {
    let context = Context::open_with(folder, steps.clone())?;
    let home = context.home(terminal)?;
    let choices = context.choices(&home, terminal)?;
    let (mut store, mut look, mut texts) = context.stores();
    let mut caches = Caches { look: &mut look, texts: &mut texts };
    let mut github = context.github(&home, terminal)?;
    let lock = if arguments.answer.is_empty() { Some(context.lock()?) } else { None };
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    // What is shown now is what an answer is about (rule 11). An answer that is given already is about
    // what was shown before.
    let mut journal = Journal::open(&mut store)?;
    let prepared = sync::prepare(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
    if lock.is_some() {
        sync::note_shown(&prepared, &mut journal)?;
    }
    sync_cli::show_skipped(&prepared.skipped, terminal);
    let repo = worktree.into_repo();
    let mut found = questions(&prepared.plan);
    for name in &arguments.entries {
        if !prepared.plan.considered.iter().any(|(_, key, _)| is_named(key, name)) {
            return Err(CliError::NotThere {
                message: format!("no entry that this branch may sync is called {}", Untrusted(name)),
                next: "`gardener list` shows the entries".to_owned(),
            });
        }
    }
    found.retain(|q| arguments.entries.is_empty() || arguments.entries.iter().any(|n| is_named(&q.key, n)));
    let mut events = BTreeMap::new();
    let mut all = Vec::new();
    for question in found {
        let loaded = prepared.worklogs.iter().find(|loaded| loaded.path == question.path);
        let entry = loaded.and_then(|loaded| loaded.worklog.entry(&question.key.entry));
        let title = entry.map_or_else(String::new, |entry| entry.title.clone());
        let (mut ours, mut theirs) = (None, None);
        if let (Ask::Side { field, .. }, Some(number)) = (&question.ask, question.number)
            && arguments.answer.is_empty()
        {
            if let std::collections::btree_map::Entry::Vacant(vacant) = events.entry(number) {
                vacant.insert(github.events(number).map_err(sync::SyncError::from)?);
            }
            let touched = events.get(&number).map(Vec::as_slice).unwrap_or_default();
            theirs = last_touch(*field, touched, &config.labels.vocabulary).map(there);
            let text = loaded.map(|loaded| loaded.worklog.text()).unwrap_or_default();
            ours = here(&repo, &config, &question.path, text, &question.key.entry, *field)?;
        }
        let shown = match &question.ask {
            Ask::Side { field, .. } if arguments.answer.is_empty() => {
                prepared.plan.contested().remove(&(question.key.clone(), *field))
            }
            Ask::Side { field, .. } => journal.shown(&question.key, &field.to_string()).cloned(),
            _ => None,
        };
        all.push(Asked { question, shown, title, here: ours, there: theirs });
    }
    let broken = prepared.skipped.into_iter().filter(|skipped| !skipped.is_foreign).collect();
    Ok(Waiting { questions: all, broken, besides: besides(&prepared.plan) })
}

/// What a sync does that nobody is asked about.
fn besides(plan: &Plan) -> Option<String> {
    let count = |n: usize, one: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let made = plan.changes.iter().filter(|c| matches!(c, Change::CreateIssue(_))).count();
    let written = plan.numbers_to_write().len();
    let all: Vec<_> = [
        count(made, "new issue"),
        count(written, "change of an issue").map(|w| w.replace("change of an issues", "changes of issues")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!all.is_empty()).then(|| all.join(" and "))
}

fn is_named(key: &crate::model::EntryKey, name: &str) -> bool {
    key.entry.as_str() == name || key.to_string() == name
}

/// What is left to do where nothing was answered: conflicts weigh more.
fn code(waiting: &Waiting) -> u8 {
    let is_side = |asked: &Asked| matches!(asked.question.ask, Ask::Side { .. });
    match waiting.questions.as_slice() {
        [] if waiting.broken.is_empty() => 0,
        all if all.iter().any(is_side) => 4,
        _ => 3,
    }
}

/// `two-caches:status=local`: each for a question that is there, and fits it.
fn given(words: &[String], all: &[Asked]) -> Result<Vec<(usize, Answer)>, CliError> {
    let mut answers: BTreeMap<usize, Answer> = BTreeMap::new();
    for word in words {
        let wrong = |why: String| CliError::Usage(format!("--answer {}: {why}", Untrusted(word)));
        let (name, answer) = word.split_once('=').ok_or_else(|| wrong("write ENTRY=ANSWER".to_owned()))?;
        let (name, field) = name.split_once(':').map_or((name, None), |(name, field)| (name, Some(field)));
        let fits = |asked: &Asked| {
            let is_field = |field: &str| matches!(&asked.question.ask, Ask::Side { field: f, .. } if f.to_string() == field);
            is_named(&asked.question.key, name) && field.is_none_or(is_field)
        };
        let found: Vec<usize> = (0..all.len()).filter(|at| fits(&all[*at])).collect();
        let keys: std::collections::BTreeSet<_> =
            found.iter().map(|at| all[*at].question.key.to_string()).collect();
        if keys.len() > 1 {
            let keys: Vec<_> = keys.into_iter().collect();
            return Err(wrong(format!("write one of {}", keys.join(", "))));
        }
        if found.is_empty() {
            return Err(wrong("nothing waits for that; see `gardener resolve --list`".to_owned()));
        }
        for at in found {
            let answer = read(answer, &all[at].question.ask).map_err(&wrong)?;
            if answers.insert(at, answer).is_some() {
                return Err(wrong("it has another answer already".to_owned()));
            }
        }
    }
    Ok(answers.into_iter().collect())
}

fn read(answer: &str, ask: &Ask) -> Result<Answer, String> {
    let number = || IssueRef::parse(answer).map(Answer::Issue);
    let found = match (ask, answer) {
        (Ask::Side { .. }, "local") => Some(Answer::Local),
        (Ask::Side { .. }, "remote") => Some(Answer::Remote),
        (Ask::Issue(_), "none") => Some(Answer::None),
        (Ask::Issue(_) | Ask::Twin(_), _) => number(),
        _ => None,
    };
    found.ok_or_else(|| match ask {
        Ask::Side { .. } => "a conflict is settled by local or remote".to_owned(),
        Ask::Issue(_) => "candidates are settled by the number of an issue, or none".to_owned(),
        Ask::Twin(_) => "that is settled by the number of an issue".to_owned(),
        Ask::Wait(until) => format!("what became of it is known after {until}; there is nothing to say"),
    })
}

/// Whether the answers can all be had: one issue has one value, and what nobody has seen nobody settles.
fn agree(all: &[Asked], answers: &[(usize, Answer)]) -> Result<(), CliError> {
    let mut sides: BTreeMap<(u64, String), (&Answer, &Question)> = BTreeMap::new();
    for (at, answer) in answers {
        let question = &all[*at].question;
        let Ask::Side { field, .. } = &question.ask else { continue };
        if all[*at].shown.is_none() {
            return Err(CliError::Usage(format!(
                "{}: its {field} was not shown yet; look at it with `gardener resolve --list`",
                question.key
            )));
        }
        let Some(number) = question.number else { continue };
        match sides.get(&(number, field.to_string())) {
            Some((other, first)) if *other != answer => {
                return Err(CliError::Usage(format!(
                    "{} and {} are about #{number}, which has one {field}: give both one answer",
                    first.key, question.key
                )));
            }
            _ => drop(sides.insert((number, field.to_string()), (answer, question))),
        }
    }
    Ok(())
}

/// Carries out what was decided: first the worklogs, then one sync.
fn carry_out(
    arguments: &Arguments,
    all: &[Asked],
    answers: &[(usize, Answer)],
    (folder, steps): (Option<&Path>, &Steps),
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    agree(all, answers)?;
    let (mut settled, mut decided) = (Vec::new(), Vec::new());
    for (at, answer) in answers {
        let Question { key, ask, .. } = &all[*at].question;
        match (answer, ask) {
            (Answer::Local | Answer::Remote, Ask::Side { field, .. }) => {
                let side = if *answer == Answer::Local { Side::Local } else { Side::Remote };
                let (entry, field, seen) = (Some(key.to_string()), Some(*field), all[*at].shown.clone());
                settled.push(WantedSide { side, entry, field, seen });
            }
            (Answer::Issue(to), _) => decided.push((key.to_string(), Some(to.clone()))),
            _ => decided.push((key.to_string(), None)),
        }
    }
    let mut written = None;
    if !decided.is_empty() {
        let output = Output::followed(arguments.json);
        let done = decide::act(
            &output,
            Context::open_with(folder, steps.clone())?,
            terminal,
            |garden, terminal| {
                let short = |to: &IssueRef| garden.home.map_or_else(|| to.clone(), |home| to.in_short(home));
                let mut decisions = Vec::new();
                for (name, to) in &decided {
                    decisions.push(link::about(name, to.as_ref().map(short), false, garden, terminal)?);
                }
                Ok(decisions)
            },
        )?;
        written = done.value;
        if done.code != 0 {
            written.map_or(Ok(()), |value| terminal.json(&value))?;
            return Ok(done.code);
        }
    }
    let choices = (arguments.json, arguments.yes, arguments.no_commit);
    let synced = Context::open_with(folder, steps.clone())
        .and_then(|context| settling(settled, choices, context, terminal));
    let (code, value) = match synced {
        Ok(done) => (done.code, done.value),
        // The worklogs were written, so that it is more than nothing.
        Err(error) if !decided.is_empty() => {
            error.show(terminal);
            (error.code().max(3), Some(error.as_json()))
        }
        Err(error) => return Err(error),
    };
    if arguments.json {
        let value = json!({"schema": 1, "decided": written, "sync": value, "exit": code});
        return Ok(said(code, terminal.json(&value), terminal));
    }
    Ok(code)
}

/// Asks one after the other. `None` is somebody who left: nothing is to be done.
fn walk(waiting: &Waiting, terminal: &mut Terminal) -> Result<Option<Vec<(usize, Answer)>>, CliError> {
    let all = &waiting.questions;
    let mut answers = Vec::new();
    for (at, asked) in all.iter().enumerate() {
        terminal.warn(format_args!("{QUIET}{} of {}{QUIET:#}", at + 1, all.len()));
        for line in lines(asked) {
            terminal.warn(line);
        }
        let keys = keys(&asked.question.ask);
        if keys.is_empty() {
            continue;
        }
        let words: Vec<_> = keys.iter().map(|(key, word, _)| format!("[{key}] {word}")).collect();
        terminal.warn(format_args!("  {HINT}{}   [s] skip   [q] quit{HINT:#}", words.join("   ")));
        loop {
            match pressed()? {
                None | Some('q') => return Ok(None),
                Some('s') => break,
                Some(key) => {
                    // The sides are "here" and "there" as well, in what a sync says of a conflict.
                    let key = match (key, &asked.question.ask) {
                        ('h', Ask::Side { .. }) => 'l',
                        ('t', Ask::Side { .. }) => 'r',
                        _ => key,
                    };
                    let Some((_, word, answer)) = keys.iter().find(|(k, _, _)| *k == key) else { continue };
                    terminal.warn(format_args!("  {NAME}{word}{NAME:#}"));
                    answers.push((at, answer.clone()));
                    break;
                }
            }
        }
    }
    if answers.is_empty() {
        let what = if all.is_empty() { "nothing waits for you" } else { "nothing was decided" };
        terminal.warn(what);
        return Ok(Some(answers));
    }
    terminal.warn(format_args!("{} of {} decided", answers.len(), all.len()));
    if let Some(besides) = &waiting.besides {
        terminal.warn(format_args!(
            "  the sync has {besides} to send besides, as `gardener sync --dry-run` shows"
        ));
    }
    terminal.warn(format_args!("  {HINT}[y] write and sync   [n] change nothing{HINT:#}"));
    loop {
        match pressed()? {
            Some('y') => return Ok(Some(answers)),
            None | Some('n' | 'q') => return Ok(None),
            Some(_) => {}
        }
    }
}

pub(super) fn pressed() -> Result<Option<char>, CliError> {
    let key = effect::key().map_err(|error| CliError::Refused {
        message: format!("the terminal can't be read: {error}"),
        next: "gardener resolve --list".to_owned(),
    })?;
    Ok(key.map(|key| key.to_ascii_lowercase()))
}

/// The keys of a question, what they mean in words and as an answer.
fn keys(ask: &Ask) -> Vec<(char, String, Answer)> {
    let numbered = |issues: Vec<IssueRef>| {
        let key = |(at, issue): (usize, IssueRef)| {
            let digit = char::from_digit(u32::try_from(at + 1).ok()?, 10)?;
            Some((digit, issue.to_string(), Answer::Issue(issue)))
        };
        issues.into_iter().take(9).enumerate().filter_map(key).collect::<Vec<_>>()
    };
    match ask {
        Ask::Side { here, there, .. } => vec![
            ('l', format!("local: {}", Untrusted(here)), Answer::Local),
            ('r', format!("remote: {}", Untrusted(there)), Answer::Remote),
        ],
        Ask::Issue(candidates) => {
            let mut keys = numbered(candidates.iter().map(|c| c.issue.clone()).collect());
            keys.push(('n', "none of them: file it".to_owned(), Answer::None));
            keys
        }
        Ask::Twin(numbers) => numbered(numbers.iter().map(|n| IssueRef::here(*n)).collect()),
        Ask::Wait(_) => Vec::new(),
    }
}
