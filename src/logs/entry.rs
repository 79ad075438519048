//! What one line of a log, with what belongs to it, says.

use super::Level;
use crate::model::Timestamp;

/// A line that has been read, and the lines that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) level: Option<Level>,
    pub(super) service: Option<String>,
    /// Without level, time and service.
    pub(super) message: String,
    pub(super) moment: Option<Timestamp>,
    /// A time stands at the beginning of the line, even if it can't be told which.
    pub(super) is_timed: bool,
    /// An object of JSON that has nothing of a log: no level, no time, no message.
    pub(super) is_foreign: bool,
    /// The trace, or the lines that followed.
    pub(super) more: Vec<String>,
    /// The line as it stands.
    pub(super) line: String,
}

/// How many lines are kept of what belongs to an entry, at the beginning and at the end.
const KEPT: usize = 40;

impl Entry {
    /// Adds a line that belongs to it. Of many the middle ones are dropped.
    pub(super) fn add(&mut self, line: &str) {
        if self.more.len() == 2 * KEPT {
            self.more.remove(KEPT);
        }
        self.more.push(line.to_owned());
    }

    /// What the entry is told apart by, not yet normalised: its message, and what was raised.
    pub(super) fn telling(&self) -> String {
        let first = self.message.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        let rest = self.message.lines().skip(1).chain(self.more.iter().map(String::as_str));
        match raised(rest) {
            Some(raised) if starts_trace(first) => raised,
            Some(raised) if !first.contains(&raised) => format!("{first}\n{raised}"),
            _ => first.to_owned(),
        }
    }
}

/// Whether a line is the beginning of a trace and says nothing else.
pub(super) fn starts_trace(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Traceback (most recent call last)")
        || line.starts_with("stack backtrace:")
        || line == "Stack trace:"
}

/// Whether a line can only belong to the one before it.
pub(super) fn continues(line: &str) -> bool {
    let text = line.trim_start();
    line.starts_with([' ', '\t'])
        || starts_trace(line)
        || text.starts_with("Caused by:")
        || text.starts_with("Suppressed:")
        || text.starts_with("goroutine ") && text.ends_with("]:")
        || text.starts_with("During handling of the above")
        || text.starts_with("The above exception was")
        || text.starts_with("note: run with `RUST_BACKTRACE")
        || text.starts_with("--- End of")
        || raised_type(line).is_some()
}

/// `Kind: message` at the beginning of a line, where the kind is that of an exception.
pub(super) fn raised_type(line: &str) -> Option<&str> {
    let end = line
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | ':')))
        .unwrap_or(line.len());
    let name = line[..end].trim_end_matches(':');
    let last = name.rsplit(['.', ':']).next().unwrap_or_default();
    let fits = last.starts_with(|c: char| c.is_ascii_uppercase())
        && ["Error", "Exception", "Failure", "Interrupt", "Exit"].iter().any(|e| last.ends_with(e));
    (fits && (end == line.len() || line[..end].ends_with(':'))).then_some(name)
}

/// The exception of a trace: the root cause in Java, the last one in Python.
fn raised<'l>(lines: impl Iterator<Item = &'l str>) -> Option<String> {
    let mut found = None;
    let mut is_root = false;
    for line in lines {
        if let Some(cause) = line.trim_start().strip_prefix("Caused by: ") {
            found = Some(cause.trim().to_owned());
            is_root = true;
        } else if !is_root && raised_type(line.trim_start()).is_some() {
            found = Some(line.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_what_was_raised() {
        let mut entry = Entry { message: "Unhandled error".into(), ..Entry::default() };
        assert_eq!(entry.telling(), "Unhandled error");
        for line in ["Traceback (most recent call last):", "  File \"x.py\", line 3, in f", "KeyError: 'x'"] {
            assert!(continues(line), "{line}");
            entry.add(line);
        }
        assert_eq!(entry.telling(), "Unhandled error\nKeyError: 'x'");
        entry.message = "Traceback (most recent call last):".into();
        assert_eq!(entry.telling(), "KeyError: 'x'");
        assert!(!continues("Listening on port 80"));
    }

    #[test]
    fn long_traces_keep_both_ends() {
        let mut entry = Entry::default();
        for i in 0..500 {
            entry.add(&i.to_string());
        }
        assert_eq!((entry.more.len(), entry.more[0].as_str()), (80, "0"));
        assert_eq!(entry.more.last().map(String::as_str), Some("499"));
    }
}
