//! A line of text: when, how bad, from whom, and what.
//!
//! Loggers put these in every order and in every kind of brackets, so the head of a line is read
//! field by field until something is no field any more. Names of threads, numbers of processes
//! and hosts are passed over: they are no service.

use super::Level;
use super::entry::{Entry, raised_type, starts_trace};
use super::logfmt::logfmt;
use super::moment;
use super::names::{first_word, is_a_word, is_name, is_thread, program};
use crate::model::Timestamp;

/// Reads a line without escapes. The level is absent where the line tells none.
pub(super) fn line(text: &str, today: Option<Timestamp>) -> Entry {
    let mut entry = Entry { line: text.to_owned(), ..Entry::default() };
    let text = text.trim_end();
    if let Some(message) = logfmt(text, &mut entry, today) {
        entry.message = message;
        return entry;
    }
    let mut head = Head { rest: text, entry, today, is_syslog: false };
    head.compose();
    head.priority();
    if !head.klog() {
        head.fields();
    }
    let Head { rest, mut entry, .. } = head;
    rest.trim().clone_into(&mut entry.message);
    if entry.level.is_none() {
        entry.level = spoken(&entry.message);
    }
    entry
}

/// The level that a message speaks of where its line has none.
fn spoken(message: &str) -> Option<Level> {
    let fatal = [
        "panic: ",
        "BUG: ",
        "Oops: ",
        "Kernel panic",
        "FATAL",
        "fatal error: ",
        "Out of memory: ",
        "kernel BUG at",
    ];
    if fatal.iter().any(|w| message.starts_with(w))
        || message.starts_with("thread '") && message.contains("panicked at")
    {
        return Some(Level::Fatal);
    }
    let error = [
        "error: ",
        "Error: ",
        "ERROR ",
        "fatal: ",
        "npm ERR!",
        "Exception in thread",
        "Unhandled ",
        "Uncaught ",
    ];
    let is_error = starts_trace(message)
        || raised_type(message).is_some()
        || error.iter().any(|w| message.starts_with(w));
    if is_error || message.starts_with("error[") {
        return Some(Level::Error);
    }
    (message.starts_with("warning: ") || message.starts_with("Warning: ")).then_some(Level::Warn)
}

struct Head<'l> {
    rest: &'l str,
    entry: Entry,
    today: Option<Timestamp>,
    /// The time is one of syslog's, which a host and a program follow.
    is_syslog: bool,
}

impl<'l> Head<'l> {
    /// `web-1  | `, which docker compose puts before each line.
    fn compose(&mut self) {
        let Some((name, rest)) = self.rest.split_once('|') else { return };
        let bare = name.trim_end();
        let fits = bare.len() < name.len() && is_name(bare) && rest.starts_with(' ');
        if fits && Level::of_word(bare).is_none() {
            let service = bare.rsplit_once('-').filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
            self.entry.service = Some(service.map_or(bare, |(name, _)| name).to_owned());
            self.rest = rest.trim_start();
        }
    }

    /// Syslog's `<11>` or `<11>1 `.
    fn priority(&mut self) {
        let Some((number, rest)) = self.rest.strip_prefix('<').and_then(|r| r.split_once('>')) else {
            return;
        };
        let Some(number) = number.parse::<i64>().ok().filter(|n| *n < 192) else { return };
        self.entry.level = Level::of_number(number % 8);
        self.is_syslog = true;
        self.rest = rest;
        if let Some(rest) = rest.strip_prefix("1 ")
            && let Some(found) = moment::leading(rest, self.today)
        {
            // RFC 5424: time, host, program, process, message id, data.
            self.entry.moment = found.moment;
            self.entry.is_timed = true;
            let mut fields = rest[found.length..].trim_start().splitn(5, ' ');
            let (_, program, _, _) = (fields.next(), fields.next(), fields.next(), fields.next());
            self.entry.service = program.filter(|p| *p != "-").map(str::to_owned);
            let rest = fields.next().unwrap_or_default();
            let rest = if rest.starts_with('[') {
                rest.split_once("] ").map_or("", |(_, r)| r)
            } else {
                rest.trim_start_matches("- ")
            };
            self.rest = rest.trim_start_matches('\u{feff}');
            self.is_syslog = false;
        }
    }

    /// `E0914 11:59:30.123456    12 server.go:42] message`.
    fn klog(&mut self) -> bool {
        let (Some(letter), Some(after)) = (self.rest.get(..1), self.rest.get(1..)) else { return false };
        let (Some(level), Some(found)) = (Level::of_letter(letter), moment::klog(after, self.today)) else {
            return false;
        };
        let Some((_, message)) = after[found.length..].split_once("] ") else { return false };
        self.entry.level = Some(level);
        self.entry.moment = found.moment;
        self.entry.is_timed = true;
        self.rest = message;
        true
    }

    /// Reads fields until the message begins.
    fn fields(&mut self) {
        for _ in 0..10 {
            self.rest = self.rest.trim_start();
            let before = self.rest.len();
            let _ = self.time()
                || self.syslog()
                || self.channel()
                || self.level()
                || self.bracket()
                || self.passed()
                || self.named();
            if self.rest.len() == before {
                break;
            }
        }
    }

    fn time(&mut self) -> bool {
        if self.entry.is_timed {
            return false;
        }
        let Some(found) = moment::leading(self.rest, self.today) else { return false };
        self.is_syslog |= self.rest.starts_with(|c: char| c.is_ascii_uppercase());
        self.entry.moment = found.moment;
        self.entry.is_timed = true;
        self.rest = self.rest[found.length..].trim_start_matches([':', ',']).trim_start();
        // journald's precise form has a zone and is followed by a host and a program as well.
        self.is_syslog |= program(self.rest).is_some();
        true
    }

    /// `host program[123]: `.
    fn syslog(&mut self) -> bool {
        if !self.is_syslog || !self.entry.is_timed {
            return false;
        }
        self.is_syslog = false;
        let Some((name, rest)) = program(self.rest) else { return false };
        self.rest = rest;
        if name == "kernel" {
            // `[12345.678901] BUG: …`
            if let Some((_, rest)) = rest.trim_start().strip_prefix('[').and_then(|r| r.split_once("] ")) {
                self.rest = rest;
            }
        }
        self.entry.service = Some(name.to_owned());
        true
    }

    /// Monolog's `shop.ERROR: message {"order":7} []`.
    fn channel(&mut self) -> bool {
        if self.entry.level.is_some() || !self.entry.is_timed {
            return false;
        }
        let Some((head, message)) = self.rest.split_once(": ") else { return false };
        let Some((name, word)) = head.rsplit_once('.') else { return false };
        let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
        let Some(level) = Level::of_word(word).filter(|_| is_word && is_name(name)) else { return false };
        self.entry.level = Some(level);
        self.entry.service = Some(name.to_owned());
        // What it has no context or nothing extra for are empty brackets.
        let mut message = message.trim_end();
        while let Some(rest) = message.strip_suffix(" []").or_else(|| message.strip_suffix(" {}")) {
            message = rest.trim_end();
        }
        self.rest = message;
        true
    }

    /// A word for the level, with whatever brackets or colon it has.
    fn level(&mut self) -> bool {
        if self.entry.level.is_some() && !self.entry.is_timed {
            return false;
        }
        let end = self
            .rest
            .find(|c: char| c.is_whitespace() || matches!(c, ':' | '|' | ','))
            .unwrap_or(self.rest.len());
        let word = self.rest[..end].trim_matches(['[', ']', '(', ')', '<', '>', '*']);
        let after = &self.rest[end..];
        let is_bare = word.len() == end;
        // In the running text a lower-case word is a word.
        let stands_alone = !is_bare
            || after.starts_with(':')
            || word.bytes().all(|b| b.is_ascii_uppercase())
            || self.entry.is_timed;
        let Some(level) = Level::of_word(word).filter(|_| stands_alone && self.entry.level.is_none()) else {
            return self.letter();
        };
        // `panic: …` of Go is a message of its own.
        if matches!(word, "log" | "config" | "default") || word == "panic" && !self.entry.is_timed {
            return false;
        }
        self.entry.level = Some(level);
        // Python's `ERROR:name:message`, Flask's `ERROR in app: message`.
        if let Some(rest) = after.strip_prefix(':')
            && let Some((name, message)) = rest.split_once(':')
            && !rest.starts_with(' ')
            && is_name(name)
        {
            self.entry.service = Some(name.to_owned());
            self.rest = message;
            return true;
        }
        let after = after.trim_start_matches([':', '|', ',']).trim_start();
        let after = after.strip_prefix("- ").or_else(|| after.strip_prefix("--- ")).unwrap_or(after);
        self.rest = after
            .strip_prefix("in ")
            .filter(|r| r.split_once(':').is_some_and(|(n, _)| is_name(n)))
            .unwrap_or(after);
        true
    }

    /// `E `, `[E]`, `E/Tag( 12): ` after a time.
    fn letter(&mut self) -> bool {
        if self.entry.level.is_some() {
            return false;
        }
        let (text, in_brackets) = match self.rest.strip_prefix('[') {
            Some(rest) => (rest, true),
            None => (self.rest, false),
        };
        let (Some(level), Some(after)) = (text.get(..1).and_then(Level::of_letter), text.get(1..)) else {
            return false;
        };
        if in_brackets && let Some(rest) = after.strip_prefix(']') {
            self.entry.level = Some(level);
            self.rest = rest;
            return true;
        }
        if self.entry.is_timed && !in_brackets && (after.starts_with(' ') || after.starts_with('/')) {
            self.entry.level = Some(level);
            self.rest = after.trim_start_matches('/');
            return true;
        }
        false
    }

    /// `[…]` or `(…)`: a time, a level, both with a name, or something to pass over.
    fn bracket(&mut self) -> bool {
        let close = match self.rest.bytes().next() {
            Some(b'[') => ']',
            Some(b'(') => ')',
            _ => return false,
        };
        let Some((inner, after)) = self.rest[1..].split_once(close) else { return false };
        if inner.len() > 120
            || !self.entry.is_timed
                && moment::leading(inner, self.today).is_none()
                && self.entry.level.is_none()
        {
            return false;
        }
        if let Some(found) = moment::leading(inner, self.today).filter(|_| !self.entry.is_timed) {
            self.entry.moment = found.moment;
            self.entry.is_timed = true;
            // env_logger: `[time LEVEL name]`; Celery: `[time: LEVEL/process]`.
            let inside = inner[found.length..].trim_start_matches([':', ',', ' ']);
            let mut words = inside.split([' ', '/', ',']).filter(|w| !w.is_empty());
            if let Some(level) = words.next().and_then(Level::of_word) {
                self.entry.level = Some(level);
                let name = words.next().filter(|n| is_name(n) && !is_thread(n) && inside.contains(' '));
                self.entry.service = name.map(str::to_owned).or(self.entry.service.take());
            }
            self.rest = after.trim_start_matches([':', ' ']);
            return true;
        }
        if close == ')' {
            let passes = is_thread(inner) && after.starts_with(' ');
            if passes {
                self.rest = after;
            }
            return passes;
        }
        if is_name(inner) && !is_thread(inner) && self.entry.service.is_none() {
            self.entry.service = Some(inner.to_owned());
        } else if !is_thread(inner) && !inner.trim().is_empty() && inner.contains(' ') {
            return false;
        }
        self.rest = after.trim_start_matches([':', ' ']);
        true
    }

    /// Numbers of processes, dashes, nginx's `12#34:` and `*5`.
    fn passed(&mut self) -> bool {
        let word = self.rest.split(' ').next().unwrap_or_default();
        let bare = word.trim_end_matches(':');
        let is_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let nginx = bare.split_once('#').is_some_and(|(a, b)| is_digits(a) && is_digits(b));
        let connection = word.strip_prefix('*').is_some_and(is_digits);
        let dash = matches!(word, "-" | "---" | "--" | "|" | ":");
        let process =
            self.entry.is_timed && is_digits(bare) && bare.len() >= 2 && self.entry.service.is_none();
        // A number is a process only where a field follows: a dash, a bracket, a level or a name.
        let follows = self.rest[word.len()..].trim_start();
        let next = follows.split([' ', ':']).next().unwrap_or_default();
        let is_field = follows.starts_with(['-', '['])
            || Level::of_word(next).is_some()
            || Level::of_letter(next).is_some();
        if nginx || connection || dash && self.entry.is_timed || process && is_field {
            self.rest = &self.rest[word.len()..];
            return true;
        }
        false
    }

    /// A logger's name: before ` - ` or `: `, or before the level.
    fn named(&mut self) -> bool {
        if !self.entry.is_timed && self.entry.level.is_none() {
            return false;
        }
        let Some((word, after)) = self.rest.split_once(' ') else { return false };
        let after_trimmed = after.trim_start();
        let bare = word.trim_end_matches(':');
        if is_thread(bare)
            && (after_trimmed.starts_with("- ") || Level::of_word(first_word(after_trimmed)).is_some())
        {
            self.rest = after;
            return true;
        }
        if self.entry.service.is_some() && self.entry.level.is_some() {
            return false;
        }
        let dashed = after_trimmed.strip_prefix("- ").or_else(|| after_trimmed.strip_prefix(": "));
        let before_level = self.entry.level.is_none() && Level::of_word(first_word(after_trimmed)).is_some();
        let with_colon = word.len() > bare.len() && word.len() == bare.len() + 1;
        if !is_name(bare) || is_a_word(bare) || !(dashed.is_some() || with_colon || before_level) {
            return false;
        }
        if self.entry.service.is_none() {
            // tracing's spans stand before the target: `span{x=1}: target: message`.
            self.entry.service = Some(bare.to_owned());
        }
        self.rest = dashed.unwrap_or(after);
        true
    }
}

#[cfg(test)]
mod tests;
