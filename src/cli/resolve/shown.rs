//! Questions as a person or a script reads them, with the answers that there are.

use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::list::candidates_json;
use crate::cli::resolve::{Arguments, Asked, Waiting, code};
use crate::cli::terminal::{ALARM, HINT, NAME, QUIET, Terminal};
use crate::cli::touched::Touched;
use crate::model::{Candidate, Untrusted};
use crate::plan::questions::{Ask, Question};

/// What a person reads of a question.
pub(super) fn lines(asked: &Asked) -> Vec<String> {
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
            for (word, value, touched) in [("local ", here, &asked.here), ("remote", there, &asked.there)] {
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
pub(super) fn list(
    arguments: &Arguments,
    waiting: &Waiting,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
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
    // Without a `|`, which a shell would take for a pipe.
    let answers = match ask {
        Ask::Side { field, .. } => {
            return Some(format!("gardener resolve --answer {key}:{field}=local (or =remote)"));
        }
        Ask::Issue(_) => "NUMBER (or =none)",
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
            "kind": "conflict", "field": field.to_string(), "base": base, "local": here, "remote": there,
            "local_by": asked.here.as_ref().map(Touched::json), "remote_by": asked.there.as_ref().map(Touched::json),
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
