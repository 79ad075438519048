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

/// Judges a log: it failed if a message is bad enough to be listed.
pub fn verdict(logs: &Logs) -> Verdict {
    let messages = logs.groups.len();
    let mut note =
        format!("{} {}, {messages} {}", logs.lines, lines(logs.lines), plural(messages, "message"));
    if logs.left_out > 0 {
        note.push_str(&format!("; {} more messages found no room", logs.left_out));
    }
    let trouble = logs.cut_short.as_ref().map(|why| Trouble {
        what: What::Environment,
        title: format!("it was not read to its end: {why}"),
        detail: why.clone(),
    });
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
        assert_eq!(verdict(&Logs::default()).outcome, Outcome::Passed);
        let cut = Logs { cut_short: Some("broken pipe".to_owned()), ..Logs::default() };
        assert_eq!(verdict(&cut).outcome, Outcome::Error);
    }
}
