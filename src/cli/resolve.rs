//! `gardener resolve`: what waits for a person, one question after the other.
//!
//! It looks at both sides as a dry run does, asks, and then acts once: what was decided of candidates is
//! written into the worklogs, and one sync takes the sides that were chosen. Until then nothing is
//! written but a note of what was shown, so that whoever leaves in between has changed nothing, and an
//! answer never settles values that nobody saw.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::decide::{self, Output};
use crate::cli::error::CliError;
use crate::cli::list::candidates_json;
use crate::cli::sync::{said, settling};
use crate::cli::terminal::{ALARM, HINT, NAME, QUIET, Terminal};
use crate::cli::touched::{Touched, here, there};
use crate::cli::{link, sync as sync_cli};
use crate::effect;
use crate::forge::ForgeRead as _;
use crate::journal::{Caches, Journal};
use crate::model::{Candidate, IssueRef, Untrusted};
use crate::plan::questions::{Ask, Question, last_touch, questions};
use crate::sync::{self, Skipped};

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
}

/// A question with all that a person may want to know of it.
struct Asked {
    question: Question,
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
    let waiting = look(arguments, folder, terminal)?;
    let all = &waiting.questions;
    if !arguments.answer.is_empty() {
        let answers = given(&arguments.answer, all)?;
        return carry_out(arguments, all, &answers, folder, terminal);
    }
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if arguments.list || arguments.json || !is_asked {
        return list(arguments, &waiting, terminal);
    }
    let Some(answers) = walk(all, terminal)? else {
        terminal.warn("nothing was changed");
        return Ok(code(&waiting));
    };
    if answers.is_empty() {
        return Ok(code(&waiting));
    }
    carry_out(arguments, all, &answers, folder, terminal)
}

/// Looks at both sides, and notes in this clone's journal what is shown of them.
fn look(arguments: &Arguments, folder: Option<&Path>, terminal: &mut Terminal) -> Result<Waiting, CliError> {
    let context = Context::open(folder)?;
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
        all.push(Asked { question, title, here: ours, there: theirs });
    }
    let broken = prepared.skipped.into_iter().filter(|skipped| !skipped.is_foreign).collect();
    Ok(Waiting { questions: all, broken })
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

/// Carries out what was decided: first the worklogs, then one sync.
fn carry_out(
    arguments: &Arguments,
    all: &[Asked],
    answers: &[(usize, Answer)],
    folder: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let (mut prefer, mut decided) = (Vec::new(), Vec::new());
    for (at, answer) in answers {
        let Question { key, ask, .. } = &all[*at].question;
        match (answer, ask) {
            (Answer::Local | Answer::Remote, Ask::Side { field, .. }) => {
                let side = if *answer == Answer::Local { "local" } else { "remote" };
                prefer.extend([side.to_owned(), format!("{key}:{field}")]);
            }
            (Answer::Issue(to), _) => decided.push((key.to_string(), Some(to.clone()))),
            _ => decided.push((key.to_string(), None)),
        }
    }
    let mut written = None;
    if !decided.is_empty() {
        let output = Output::followed(arguments.json);
        let done = decide::act(&output, Context::open(folder)?, terminal, |garden, terminal| {
            let short = |to: &IssueRef| garden.home.map_or_else(|| to.clone(), |home| to.in_short(home));
            let mut decisions = Vec::new();
            for (name, to) in &decided {
                decisions.push(link::about(name, to.as_ref().map(short), false, garden, terminal)?);
            }
            Ok(decisions)
        })?;
        written = done.value;
        if done.code != 0 {
            written.map_or(Ok(()), |value| terminal.json(&value))?;
            return Ok(done.code);
        }
    }
    let choices = (arguments.json, arguments.yes, arguments.no_commit);
    let synced = Context::open(folder).and_then(|context| settling(prefer, choices, context, terminal));
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
fn walk(all: &[Asked], terminal: &mut Terminal) -> Result<Option<Vec<(usize, Answer)>>, CliError> {
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
    terminal.warn(format_args!("  {HINT}[y] write and sync   [n] change nothing{HINT:#}"));
    loop {
        match pressed()? {
            Some('y') => return Ok(Some(answers)),
            None | Some('n' | 'q') => return Ok(None),
            Some(_) => {}
        }
    }
}

fn pressed() -> Result<Option<char>, CliError> {
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
            ('h', format!("here: {}", Untrusted(here)), Answer::Local),
            ('t', format!("there: {}", Untrusted(there)), Answer::Remote),
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

/// What a person reads of a question.
fn lines(asked: &Asked) -> Vec<String> {
    let Question { key, number, path, ask } = &asked.question;
    let issue = number.map_or_else(String::new, |number| format!("  #{number}"));
    let title = Untrusted(&asked.title);
    let mut lines = vec![format!("{NAME}{key}{NAME:#}{issue}  {title}  {QUIET}{}{QUIET:#}", Untrusted(path))];
    let since = |touched: &Option<Touched>| {
        touched.as_ref().map_or_else(String::new, |t| format!("  {QUIET}{}{QUIET:#}", t.words()))
    };
    match ask {
        Ask::Side { field, base, here, there } => {
            let base = base.as_deref().unwrap_or("never agreed");
            let width = here.chars().count().max(there.chars().count());
            lines.push(format!("  {ALARM}{field}{ALARM:#}  before: {}", Untrusted(base)));
            for (word, value, touched) in [("here ", here, &asked.here), ("there", there, &asked.there)] {
                let value = Untrusted(value).to_string();
                lines.push(format!("    {word}  {value:width$}{}", since(touched)).trim_end().to_owned());
            }
        }
        Ask::Issue(candidates) => {
            lines.push(format!("  {ALARM}perhaps one of these issues{ALARM:#}"));
            lines.extend(candidates.iter().enumerate().map(|(at, c)| candidate(at, c)));
        }
        Ask::Twin(numbers) => {
            let all: Vec<_> = numbers.iter().map(|n| format!("#{n}")).collect();
            lines.push(format!("  {ALARM}the same failure is in {}{ALARM:#}", all.join(" and ")));
        }
        Ask::Wait(until) => {
            lines.push(format!("  its filing was begun, and is known after {until}: a sync then goes on"));
        }
    }
    lines
}

fn candidate(at: usize, candidate: &Candidate) -> String {
    let score = candidate.score.map_or_else(String::new, |score| format!("  {score} of 100"));
    let why = candidate.reason.as_deref().map_or_else(String::new, |why| format!("  {}", Untrusted(why)));
    format!("    {}  {}{score}{why}", at + 1, candidate.issue)
}

/// What waits, and how it can be answered.
fn list(arguments: &Arguments, waiting: &Waiting, terminal: &mut Terminal) -> Result<u8, CliError> {
    let (all, code) = (&waiting.questions, code(waiting));
    if arguments.json {
        let questions: Vec<Value> = all.iter().map(as_json).collect();
        let broken: Vec<_> =
            waiting.broken.iter().map(|s| json!({"worklog": s.path, "why": s.why})).collect();
        terminal.json(&json!({"schema": 1, "questions": questions, "broken": broken, "exit": code}))?;
        return Ok(code);
    }
    for asked in all {
        for line in lines(asked) {
            terminal.say(line)?;
        }
        if let Some(how) = how(&asked.question) {
            terminal.say(format_args!("    {HINT}{how}{HINT:#}"))?;
        }
    }
    terminal.say(match all.len() {
        0 => "nothing waits for you".to_owned(),
        1 => "1 question".to_owned(),
        count => format!("{count} questions"),
    })?;
    Ok(code)
}

/// The command that answers.
fn how(question: &Question) -> Option<String> {
    let Question { key, ask, .. } = question;
    let answers = match ask {
        Ask::Side { field, .. } => {
            return Some(format!("gardener resolve --answer {key}:{field}=local|remote"));
        }
        Ask::Issue(_) => "NUMBER|none",
        Ask::Twin(_) => "NUMBER",
        Ask::Wait(_) => return None,
    };
    Some(format!("gardener resolve --answer {key}={answers}"))
}

fn as_json(asked: &Asked) -> Value {
    let Question { key, number, path, ask } = &asked.question;
    let mut value = json!({
        "entry": key.to_string(), "worklog": path, "issue": number, "title": asked.title,
    });
    let more = match ask {
        Ask::Side { field, base, here, there } => json!({
            "kind": "conflict", "field": field.to_string(), "base": base, "here": here, "there": there,
            "here_by": asked.here.as_ref().map(Touched::json), "there_by": asked.there.as_ref().map(Touched::json),
            "answers": ["local", "remote"],
        }),
        Ask::Issue(candidates) => {
            let mut answers: Vec<String> = candidates.iter().map(|c| c.issue.to_string()).collect();
            answers.push("none".to_owned());
            json!({"kind": "candidates", "candidates": candidates_json(candidates), "answers": answers})
        }
        Ask::Twin(numbers) => {
            let answers: Vec<_> = numbers.iter().map(|n| format!("#{n}")).collect();
            json!({"kind": "twins", "answers": answers})
        }
        Ask::Wait(until) => json!({"kind": "pending", "until": until.to_string(), "answers": []}),
    };
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}
