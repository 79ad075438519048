//! Logs as the material of a worklog: each message that is bad enough is an entry.
//!
//! What a line says is for the room `logs`; here a log is judged as a whole, and a message becomes
//! what an entry says of it. A message that is not there any more proves nothing, so that entries of
//! logs never pass again by themselves.

use crate::logs::{LogGroup, Logs};
use crate::model::Results;
use crate::run::compose::plural;
use crate::run::excerpt::code;
use crate::run::verdict::{Outcome, Trouble, Verdict, What};

/// How fingerprints of log messages begin.
pub(super) const FINGERPRINT: &str = "l1:";

/// Judges a log: it failed if a message is bad enough to be listed, and it is an error where nothing
/// in it reads as a line of a log, or where there is nothing in it.
pub fn verdict(logs: &Logs) -> Verdict {
    let messages = logs.groups.len();
    let mut note =
        format!("{} {}, {messages} {}", logs.lines, lines(logs.lines), plural(messages, "message"));
    if logs.left_out > 0 {
        note.push_str(&format!("; {} more messages found no room", logs.left_out));
    }
    if logs.broken > 0 {
        note.push_str(&format!("; {} {} no JSON, and not read", logs.broken, are(logs.broken)));
    }
    let other = logs.unread.saturating_sub(logs.broken);
    if other > 0 {
        note.push_str(&format!("; {other} {} not as those of a log", are(other)));
    }
    if logs.told > 0 && logs.leveled == 0 {
        note.push_str("; none tells a level, so that nothing could be found");
    }
    let trouble = |title: String| Some(Trouble { what: What::Environment, detail: title.clone(), title });
    let trouble = match &logs.cut_short {
        Some(why) => trouble(format!("it was not read to its end: {why}")),
        None if logs.told + logs.unread == 0 => trouble("it is empty, though a log was promised".to_owned()),
        None if logs.told == 0 => {
            trouble(format!("none of its {} {} can be read as one of a log", logs.lines, lines(logs.lines)))
        }
        None => None,
    };
    let outcome = match (messages, &trouble) {
        (1.., _) => Outcome::Failed,
        (0, Some(_)) => Outcome::Error,
        (0, None) => Outcome::Passed,
    };
    let (results, is_whole) = (Results::default(), false);
    Verdict { outcome, note: Some(note), results, trouble, others: Vec::new(), is_whole, is_stopped: false }
}

/// What is said of a message in a log: how often, by whom, from when to when.
pub(super) fn paragraph(group: &LogGroup, log: &str) -> String {
    let times = if group.count == 1 { "Once".to_owned() } else { format!("{} times", group.count) };
    let service = group.service.as_ref().map_or(String::new(), |name| format!(" by {}", code(name)));
    let when = match (group.first, group.last) {
        (Some(first), Some(last)) if first == last => format!(", at {first}"),
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    format!("{times} in {} at level {}{service}{when}.", code(log), group.level.word())
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn lines(count: u64) -> &'static str {
    if count == 1 { "line" } else { "lines" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{Level, LogFormat, read};

    #[test]
    fn a_log_is_judged_by_its_messages() {
        let text = "2025-09-14T11:00:00Z ERROR db: connection 17 lost\n2025-09-14T12:00:00Z ERROR db: connection 18 lost\n\
                    2025-09-14T12:00:01Z INFO db: connected\n";
        let logs = read(LogFormat::Text, &mut text.as_bytes(), Level::Warn, None);
        let judged = verdict(&logs);
        assert_eq!((judged.outcome, judged.note.as_deref()), (Outcome::Failed, Some("3 lines, 1 message")));
        let said = paragraph(&logs.groups[0], "api.log");
        assert!(said.starts_with("2 times in `api.log` at level error"), "{said}");
        assert!(said.ends_with("from 2025-09-14T11:00:00Z to 2025-09-14T12:00:00Z."), "{said}");
        let seen = |format: LogFormat, text: &str| {
            let judged = verdict(&read(format, &mut text.as_bytes(), Level::Warn, None));
            let title = judged.trouble.map(|trouble| trouble.title).unwrap_or_default();
            (judged.outcome, title, judged.note.unwrap_or_default())
        };
        let (text, jsonl) = (LogFormat::Text, LogFormat::Jsonl);
        for empty in ["", "\n  \n"] {
            assert_eq!(seen(text, empty).0, Outcome::Error);
            assert_eq!(seen(jsonl, empty).1, "it is empty, though a log was promised");
        }
        let foreign = seen(text, "all is well\nand nothing else\n");
        assert_eq!(
            (foreign.0, foreign.1.as_str()),
            (Outcome::Error, "none of its 2 lines can be read as one of a log")
        );
        assert_eq!(seen(jsonl, "{\"level\":\"err\n{\"a\":1}\n").0, Outcome::Error);
        let half = seen(jsonl, "{\"level\":\"info\",\"msg\":\"x\"}\n{\"level\":\"err\n");
        assert_eq!(
            (half.0, half.2.as_str()),
            (Outcome::Passed, "2 lines, 0 messages; 1 is no JSON, and not read")
        );
        let bare = seen(text, "2025-09-14T11:00:00Z all is well\n");
        assert!(bare.0 == Outcome::Passed && bare.2.contains("none tells a level"), "{bare:?}");
        let cut = Logs { cut_short: Some("broken pipe".to_owned()), ..Logs::default() };
        assert_eq!(verdict(&cut).outcome, Outcome::Error);
    }
}
