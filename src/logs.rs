//! Lines of logs as groups of one message each.
//!
//! Floor 1, pure. [`read`] takes a log line by line, puts traces to the lines that they belong
//! to, and counts what is at or above a level by level, service and normalised message. What it
//! keeps is bounded, however long the log is. Who collects logs, and from where, is not its
//! matter; nor are causes: two messages of one fault are two groups.

mod entry;
mod json;
mod level;
mod logfmt;
mod moment;
mod names;
mod text;

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::model::Timestamp;
use crate::wording::{for_people, hash, normalise, plain, shortened};
use entry::Entry;

pub use level::Level;

/// What a log is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogFormat {
    /// An object a line; lines that are none are read as text.
    Jsonl,
    /// Lines of text, whatever logger wrote them.
    Text,
}

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// The worst first, of these the most frequent, then by service and message.
    pub groups: Vec<LogGroup>,
    /// How many lines were read.
    pub lines: u64,
    /// Lines that tell a level, a time or, as JSON, a message.
    pub told: u64,
    /// Lines that tell a level, or say what only an error says.
    pub leveled: u64,
    /// Lines that are none of these and belong to no line before them.
    pub unread: u64,
    /// Of those the ones that begin as JSON and are none: cut off, or written by two at once.
    pub broken: u64,
    /// Entries that found no room among the groups.
    pub left_out: u64,
    /// Why reading ended before the log did.
    pub cut_short: Option<String>,
}

/// Entries of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogGroup {
    /// How bad they are.
    pub level: Level,
    /// Who wrote them, where the lines tell; never a thread, process or host.
    pub service: Option<String>,
    /// One line for people, of the first entry; at most 200 characters.
    pub message: String,
    /// `l1:` and 16 hexadecimal digits, of service and normalised message.
    pub fingerprint: String,
    /// How many entries.
    pub count: u64,
    /// The earliest that tells its time.
    pub first: Option<Timestamp>,
    /// The latest that tells its time.
    pub last: Option<Timestamp>,
    /// Up to three entries as they stand, with what belongs to them; each up to 4,000 bytes.
    pub examples: Vec<String>,
}

/// More messages than this are only counted.
const GROUPS: usize = 5_000;
/// Of a line, so many bytes count.
const LINE: usize = 64 * 1024;
const EXAMPLES: usize = 3;
const EXAMPLE: usize = 4_000;

/// Reads a log and groups what is at least as bad as `least`.
///
/// Times without a zone are taken as UTC. Times without a year (syslog, klog) are the last such
/// ones not after `today`; with `None` they are unknown. A log that can't be read to its end
/// gives what was read, and says so in [`Logs::cut_short`].
pub fn read(format: LogFormat, input: &mut dyn BufRead, least: Level, today: Option<Timestamp>) -> Logs {
    let mut reading = Reading { format, least, today, ..Reading::default() };
    loop {
        match next_line(input) {
            Ok(None) => break,
            Ok(Some(line)) => reading.line(&line),
            Err(error) => {
                reading.logs.cut_short = Some(error.to_string());
                break;
            }
        }
    }
    reading.finish()
}

/// The next line without its end, cut to [`LINE`] bytes.
fn next_line(input: &mut dyn BufRead) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut any = false;
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        if buffer.is_empty() {
            break;
        }
        any = true;
        let end = buffer.iter().position(|b| *b == b'\n');
        let taken = &buffer[..end.unwrap_or(buffer.len())];
        bytes.extend_from_slice(&taken[..taken.len().min(LINE - bytes.len())]);
        let used = end.map_or(buffer.len(), |e| e + 1);
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(any.then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

struct Reading {
    format: LogFormat,
    least: Level,
    today: Option<Timestamp>,
    logs: Logs,
    /// By level, service and normalised message.
    places: BTreeMap<(Level, Option<String>, String), usize>,
    /// The entry whose lines may still come.
    open: Option<Entry>,
}

impl Default for Reading {
    fn default() -> Self {
        let (format, least) = (LogFormat::Text, Level::Warn);
        Self { format, least, today: None, logs: Logs::default(), places: BTreeMap::new(), open: None }
    }
}

impl Reading {
    fn line(&mut self, raw: &str) {
        self.logs.lines += 1;
        let line = plain(raw);
        let line = line.trim_end();
        if line.is_empty() {
            return;
        }
        if self.format == LogFormat::Jsonl && line.trim_start().starts_with('{') {
            match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
                Ok(object) => {
                    let entry = json::object(line, &object, self.today);
                    self.begin(entry);
                }
                Err(_) => {
                    self.logs.unread += 1;
                    self.logs.broken += 1;
                }
            }
            return;
        }
        let entry = text::line(line, self.today);
        if let Some(open) = &mut self.open {
            // Behind a line with a time a line without one belongs to it, unless it tells a
            // level itself; behind others only what can't stand alone does.
            let belongs = entry::continues(line) || open.is_timed && entry.level.is_none();
            let is_quiet = open.level.is_none_or(|l| l < Level::Warn);
            let is_own = is_quiet && entry.level.is_some() && !line.starts_with([' ', '\t']);
            if !entry.is_timed && belongs && !is_own {
                open.add(line);
                return;
            }
            // Go and Rust tell a panic in a line and what it was in the next one.
            if open.message.ends_with(':') && open.message.contains(" panicked at ") && open.more.is_empty() {
                let told = open
                    .message
                    .split_once(" panicked at ")
                    .map_or("", |(_, place)| place.trim_end_matches(':'));
                open.message = format!("panic at {told}: {line}");
                open.line = format!("{}\n{line}", open.line);
                return;
            }
        }
        self.begin(entry);
    }

    fn begin(&mut self, entry: Entry) {
        self.close();
        if entry.is_foreign || entry.level.is_none() && !entry.is_timed {
            self.logs.unread += 1;
        } else {
            self.logs.told += 1;
        }
        self.logs.leveled += u64::from(entry.level.is_some());
        self.open = Some(entry);
    }

    /// Counts the entry that is open.
    fn close(&mut self) {
        let Some(entry) = self.open.take() else { return };
        let Some(level) = entry.level.filter(|l| *l >= self.least) else { return };
        let telling = entry.telling();
        let message = normalise(&shortened(&telling, 2_000));
        let key = (level, entry.service.clone(), message);
        let at = match self.places.get(&key) {
            Some(at) => *at,
            None if self.logs.groups.len() == GROUPS => {
                self.logs.left_out += 1;
                return;
            }
            None => {
                let told = format!("{}\u{1f}{}", entry.service.as_deref().unwrap_or_default(), key.2);
                let shown = for_people(&telling).lines().collect::<Vec<_>>().join(": ");
                self.logs.groups.push(LogGroup {
                    level,
                    service: entry.service.clone(),
                    message: shortened(&shown, 200),
                    fingerprint: format!("l1:{:016x}", hash(&told)),
                    count: 0,
                    first: None,
                    last: None,
                    examples: Vec::new(),
                });
                self.places.insert(key, self.logs.groups.len() - 1);
                self.logs.groups.len() - 1
            }
        };
        let group = &mut self.logs.groups[at];
        group.count += 1;
        group.first = [group.first, entry.moment].into_iter().flatten().min();
        group.last = [group.last, entry.moment].into_iter().flatten().max();
        if group.examples.len() < EXAMPLES {
            let mut example = entry.line;
            for line in entry.more {
                example.push('\n');
                example.push_str(&line);
            }
            let mut end = example.len().min(EXAMPLE);
            while !example.is_char_boundary(end) {
                end -= 1;
            }
            example.truncate(end);
            if !group.examples.contains(&example) {
                group.examples.push(example);
            }
        }
    }

    fn finish(mut self) -> Logs {
        self.close();
        self.logs.groups.sort_by(|a, b| {
            let by_weight = b.level.cmp(&a.level).then(b.count.cmp(&a.count));
            by_weight.then_with(|| {
                (&a.service, &a.message, &a.fingerprint).cmp(&(&b.service, &b.message, &b.fingerprint))
            })
        });
        self.logs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Logs {
        read(LogFormat::Text, &mut text.as_bytes(), Level::Warn, None)
    }

    fn shown(logs: &Logs) -> Vec<String> {
        let show = |g: &LogGroup| {
            format!("{} {} {} x{}", g.level.word(), g.service.as_deref().unwrap_or("-"), g.message, g.count)
        };
        logs.groups.iter().map(show).collect()
    }

    #[test]
    fn a_trace_belongs_to_its_line() {
        let logs = read_text(
            "2025-09-14 11:59:30,1 INFO shop: start\n2025-09-14 11:59:31,1 ERROR shop: order 17 failed\nTraceback (most recent call last):\n  File \"/a/b/x.py\", line 3, in f\n    go()\nKeyError: 'price'\n2025-09-14 11:59:32,1 ERROR shop: order 18 failed\nTraceback (most recent call last):\n  File \"/a/b/x.py\", line 3, in f\n    go()\nKeyError: 'price'\n2025-09-14 11:59:33,1 INFO shop: end\nmore of it\n",
        );
        assert_eq!(shown(&logs), ["error shop order 17 failed: KeyError: 'price' x2"]);
        let group = &logs.groups[0];
        assert_eq!(group.first.map(|m| m.to_string()).as_deref(), Some("2025-09-14T11:59:31Z"));
        assert_eq!(group.last.map(|m| m.to_string()).as_deref(), Some("2025-09-14T11:59:32Z"));
        assert_eq!(group.examples.len(), 2);
        assert!(group.examples[0].ends_with("KeyError: 'price'"));
        assert_eq!((logs.lines, logs.unread), (13, 0));
    }

    #[test]
    fn traces_without_a_head() {
        let logs = read_text(
            "Starting\nTraceback (most recent call last):\n  File \"x.py\", line 3, in f\nKeyError: 'price'\nthread 'main' panicked at src/x.rs:1:2:\nno price\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
        );
        assert_eq!(
            shown(&logs),
            ["fatal - panic at src/x.rs:1:2: no price x1", "error - KeyError: 'price' x1"]
        );
        assert_eq!(logs.unread, 1);
        let java = read_text(
            "2025-09-14 11:59:30,1 ERROR [main] com.x.Cart - failed\njava.lang.IllegalStateException: no\n\tat com.x.Cart.add(Cart.java:3)\nCaused by: java.io.IOException: disk\n\t... 2 more\n",
        );
        assert_eq!(shown(&java), ["error com.x.Cart failed: java.io.IOException: disk x1"]);
    }

    #[test]
    fn json_with_lines_that_are_none() {
        let text = "{\"level\":\"error\",\"msg\":\"user 1 gone\",\"time\":1757851170}\n{\"level\":\"error\",\"msg\":\"user 2 gone\"}\n{\"level\":\"info\",\"msg\":\"x\"}\n{broken\npanic: boom\n{\"level\":\"error\"}\n";
        let logs = read(LogFormat::Jsonl, &mut text.as_bytes(), Level::Warn, None);
        assert_eq!(
            shown(&logs),
            ["fatal - panic: boom x1", "error - user 1 gone x2", "error - (no message) x1"]
        );
        assert_eq!((logs.lines, logs.unread), (6, 1));
        assert!(logs.groups.iter().all(|g| !g.message.contains("1757851170")));
    }

    #[test]
    fn what_is_no_log_is_counted() {
        let jsonl = |text: &str| read(LogFormat::Jsonl, &mut text.as_bytes(), Level::Warn, None);
        let seen = |logs: &Logs| (logs.told, logs.leveled, logs.unread, logs.broken);
        assert_eq!(
            seen(&jsonl("{\"a\":1}\n{\"level\":\"info\",\"msg\n{\"msg\":\"x\"}\n\nhello\n")),
            (1, 0, 2, 1)
        );
        assert_eq!(seen(&read_text("\n \nhello\nworld\n")), (0, 0, 2, 0));
        assert_eq!(seen(&read_text("2025-09-14 11:59:30 all is well\nand more\nERROR x\n")), (2, 1, 0, 0));
    }

    #[test]
    fn levels_below_are_left_out() {
        let text = "WARN a thing\nERROR another thing\n";
        assert_eq!(shown(&read(LogFormat::Text, &mut text.as_bytes(), Level::Error, None)).len(), 1);
        assert_eq!(shown(&read_text(text)).len(), 2);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let word = |i: usize| {
            format!(
                "{}{}{}{}",
                (b'a' + (i / 2197 % 13) as u8) as char,
                (b'g' + (i / 169 % 13) as u8) as char,
                (b'g' + (i / 13 % 13) as u8) as char,
                (b'g' + (i % 13) as u8) as char
            )
        };
        let text: String = (0..GROUPS + 70).map(|i| format!("ERROR thing {} broke\n", word(i))).collect();
        let logs = read_text(&text);
        assert_eq!((logs.groups.len(), logs.left_out), (GROUPS, 70));
        let long = read_text(&format!("ERROR {}\nERROR x\n", "y".repeat(3 * LINE)));
        assert_eq!((long.lines, long.groups.len()), (2, 2));
        assert!(
            long.groups.iter().all(|g| g.message.chars().count() <= 200 && g.examples[0].len() <= EXAMPLE)
        );
    }

    #[test]
    fn bytes_that_are_no_text() {
        let logs = read(LogFormat::Jsonl, &mut &b"ERROR \xff\xfe bad\n\0\n"[..], Level::Warn, None);
        assert_eq!(logs.groups.len(), 1);
    }
}
