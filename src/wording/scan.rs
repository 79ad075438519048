//! One line, read from left to right.

use super::is_service_port;
use super::moment::{moment, unit};
use super::path::{has_ending, path};
use super::word::{Word, is_hex, word};

/// Whom a line is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// For comparing: all that changes becomes a placeholder.
    Machine,
    /// For comparing values: small numbers stay.
    Values,
    /// For a person: only what tells nobody anything goes.
    Person,
}

struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    out: String,
    reader: Reader,
    /// The line speaks of HTTP, so that a number may be a status.
    speaks_of_status: bool,
}

/// The line with placeholders.
pub(super) fn line(text: &str, reader: Reader) -> String {
    let bytes = text.as_bytes();
    let low = text.to_ascii_lowercase();
    let speaks_of_status = ["status", "http ", "http/", "response ["].iter().any(|w| low.contains(w));
    let mut scan =
        Scan { text, bytes, at: 0, out: String::with_capacity(text.len()), reader, speaks_of_status };
    while scan.at < bytes.len() {
        scan.step();
    }
    scan.out
}

impl<'t> Scan<'t> {
    fn step(&mut self) {
        let b = self.bytes[self.at];
        let before = self.at.checked_sub(1).map_or(b' ', |i| self.bytes[i]);
        let in_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
        if in_word(before) && (b.is_ascii_alphanumeric() || b == b'_') {
            // The middle of a word that began with a letter this scanner does not judge.
            return self.copy(self.at + 1);
        }
        let starts_path =
            !in_word(before) && !matches!(before, b'.' | b'/' | b'>' | b'-' | b'~' | b'\\' | b'<');
        if starts_path && (matches!(b, b'/' | b'~' | b'f') || b.is_ascii_uppercase()) && self.path() {
            return;
        }
        if (b.is_ascii_digit() || b.is_ascii_uppercase())
            && let Some(end) = moment(self.bytes, self.at)
        {
            return self.put("<time>", end);
        }
        if (b.is_ascii_hexdigit() || b == b':') && (self.uuid() || self.network()) {
            return;
        }
        if b.is_ascii_digit() {
            self.number(before);
        } else if b.is_ascii_alphabetic() || b == b'_' {
            self.word(before);
        } else {
            let width = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
            self.copy(self.at + width);
        }
    }

    fn copy(&mut self, end: usize) {
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// Puts a placeholder; a person reads what is not only noise, and else an ellipsis.
    fn put(&mut self, placeholder: &str, end: usize) {
        match (self.reader, placeholder) {
            (Reader::Values, "<n>") if end - self.at <= 4 => self.copy(end),
            (Reader::Machine | Reader::Values, _) => {
                self.out.push_str(placeholder);
                self.at = end;
            }
            (Reader::Person, "<n>" | "<dur>" | "<ip>" | "localhost") => self.copy(end),
            (Reader::Person, "<hex>") if self.out.ends_with(" at ") => {
                // `<Foo object at 0x7f…>`
                self.out.truncate(self.out.len() - 4);
                self.at = end;
            }
            (Reader::Person, "<hex>") if self.out.ends_with('@') => {
                self.out.pop();
                self.at = end;
            }
            (Reader::Person, _) => {
                self.out.push('…');
                self.at = end;
            }
        }
    }

    fn path(&mut self) -> bool {
        let Some(found) = path(self.text, self.at) else { return false };
        let name = if found.is_temporary && !has_ending(found.name) { "" } else { found.name };
        let name = line(name, self.reader);
        let prefix = if found.is_temporary { "<tmp>" } else { "<path>" };
        match (self.reader, name.is_empty()) {
            (Reader::Machine | Reader::Values, true) => self.out.push_str(prefix),
            (Reader::Machine | Reader::Values, false) => {
                self.out.push_str(prefix);
                self.out.push('/');
                self.out.push_str(&name);
            }
            (Reader::Person, true) => self.out.push('…'),
            (Reader::Person, false) => self.out.push_str(&name),
        }
        self.at = found.end;
        true
    }

    fn uuid(&mut self) -> bool {
        let Some(slice) = self.bytes.get(self.at..self.at + 36) else { return false };
        let fits = slice.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
        let whole = !self.bytes.get(self.at + 36).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if fits && whole {
            self.put("<uuid>", self.at + 36);
        }
        fits && whole
    }

    /// An IPv4 or IPv6 address.
    fn network(&mut self) -> bool {
        let rest = &self.bytes[self.at..];
        let four = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let text = self.text[self.at..self.at + four].trim_end_matches('.');
        if text.split('.').count() == 4 && text.split('.').all(|p| p.len() <= 3 && p.parse::<u8>().is_ok()) {
            let is_here = text.starts_with("127.") || text == "0.0.0.0";
            self.put(if is_here { "localhost" } else { "<ip>" }, self.at + text.len());
            return true;
        }
        let six = rest.iter().take_while(|b| b.is_ascii_hexdigit() || **b == b':').count();
        let text = &self.text[self.at..self.at + six];
        let colons = text.bytes().filter(|b| *b == b':').count();
        let whole = !rest.get(six).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'>');
        let has_digit = text.bytes().any(|b| b.is_ascii_digit());
        if whole && has_digit && (text.contains("::") && colons >= 2 || colons == 7) && !text.ends_with(':') {
            self.put(if text == "::1" { "localhost" } else { "<ip>" }, self.at + six);
            return true;
        }
        false
    }

    fn number(&mut self, before: u8) {
        let rest = &self.text[self.at..];
        let run = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let run_text = &rest[..run];
        if (run_text.starts_with("0x") || run_text.starts_with("0X")) && run > 2 {
            return self.put("<hex>", self.at + run);
        }
        let after_at = before == b'@' && self.out.len() > 1;
        if is_hex(run_text, 7) || after_at && run >= 5 && run_text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return self.put("<hex>", self.at + run);
        }
        let digits = run_text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'_').count();
        if digits < run && run >= 10 && word(&format!("x{run_text}")) == Word::Id {
            return self.put("<id>", self.at + run);
        }
        let mut end = self.at + digits;
        end = self.fraction(end);
        if let Some(unit) = unit(self.bytes, end) {
            let mut end = unit;
            // `1m30.5s`
            while self.bytes.get(end).is_some_and(u8::is_ascii_digit) {
                let next = self.bytes[end..].iter().take_while(|b| b.is_ascii_digit()).count();
                let next = self.fraction(end + next);
                match super::moment::unit(self.bytes, next) {
                    Some(unit) => end = unit,
                    None => break,
                }
            }
            return self.put("<dur>", end);
        }
        let plain = end == self.at + run;
        if plain && self.is_telling(before, end) {
            return self.copy(end);
        }
        if before == b':' && plain && (2..=5).contains(&run) && self.out.ends_with("localhost:") {
            return self.put("<port>", end);
        }
        if self.reader == Reader::Machine && self.out.ends_with(['-', '+']) {
            let start = self.out.len() - 1;
            let sign_before = self.out[..start].chars().next_back();
            if sign_before.is_none_or(|c| matches!(c, ' ' | '(' | '[' | '=' | ',' | ':')) {
                self.out.truncate(start);
            }
        }
        self.put("<n>", end);
    }

    /// The end of what follows the whole part of a number: `.5.2`, `,000`, `e-3`.
    fn fraction(&self, mut end: usize) -> usize {
        let digits = |from: usize| {
            self.bytes[from.min(self.bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count()
        };
        loop {
            let next = match self.bytes.get(end) {
                Some(b'.') => digits(end + 1),
                Some(b',') if digits(end + 1) == 3 => 3,
                _ => 0,
            };
            if next == 0 {
                break;
            }
            end += 1 + next;
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'-' | b'+')));
            let next = digits(end + 1 + sign);
            let after = self.bytes.get(end + 1 + sign + next);
            if next > 0 && !after.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                end += 1 + sign + next;
            }
        }
        end
    }

    /// Whether the number from here to `end` tells causes apart: the port of a service, a
    /// status, the code of an exit or an error.
    fn is_telling(&self, before: u8, end: usize) -> bool {
        let text = &self.text[self.at..end];
        let Ok(value) = text.parse::<u32>() else { return false };
        if before == b':' && text.len() >= 2 {
            let host = self.out.trim_end_matches(':');
            let host = host.rsplit([' ', '/', '"', '\'', '(', '=', '@']).next().unwrap_or_default();
            let named = host.contains(['.', '-']) && !has_ending(host)
                || host.ends_with(['>', ']'])
                || host == "localhost";
            let listed =
                matches!(value, 3306 | 5432 | 5672 | 6379 | 9092 | 9200 | 11211 | 27017 | 2181 | 50051);
            let is_host = !host.is_empty() && !host.ends_with("<n>") && !has_ending(host);
            return is_host && is_service_port(value) && (named || listed);
        }
        if self.out.to_ascii_lowercase().trim_end_matches([' ', ':', '=']).ends_with("port") {
            return value < 1024 || is_service_port(value);
        }
        if text.len() > 3 {
            return false;
        }
        if self.speaks_of_status && (200..600).contains(&value) {
            return true;
        }
        let mut low: String = self.out.chars().rev().take(14).collect::<Vec<_>>().into_iter().rev().collect();
        low.make_ascii_lowercase();
        let low = low.trim_end_matches([' ', ':', '=', '(', '[']);
        [
            "exit code",
            "exit status",
            "status code",
            "errno",
            "signal",
            "exited with",
            "exitcode",
            "returncode",
            "os error",
        ]
        .iter()
        .any(|w| low.ends_with(w))
    }

    fn word(&mut self, before: u8) {
        let rest = &self.text[self.at..];
        let run = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let text = &rest[..run];
        // Base64 and the like go over more than one word.
        let wide = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'=')).count();
        if wide >= 24 && wide > run && word(&rest[..wide].replace(['+', '='], "0")) == Word::Id {
            return self.put("<id>", self.at + wide);
        }
        if before == b'@' && self.out.len() > 1 && is_hex(text, 5) {
            return self.put("<hex>", self.at + run);
        }
        match word(text) {
            Word::Name => self.copy(self.at + run),
            Word::Hex => self.put("<hex>", self.at + run),
            Word::Id => self.put("<id>", self.at + run),
            Word::Temporary => self.put("<tmp>", self.at + run),
            Word::Numbered if self.reader == Reader::Person => self.copy(self.at + run),
            Word::Numbered => {
                for (i, part) in text.split('_').enumerate() {
                    if i > 0 {
                        self.out.push('_');
                    }
                    if is_hex(part, 6) {
                        self.out.push_str("<hex>");
                    } else {
                        self.masked(part);
                    }
                }
                self.at += run;
            }
        }
    }

    /// A part of a name with each run of digits replaced.
    fn masked(&mut self, part: &str) {
        let mut in_digits = false;
        for c in part.chars() {
            if c.is_ascii_digit() {
                if !in_digits {
                    self.out.push_str("<n>");
                }
                in_digits = true;
            } else {
                in_digits = false;
                self.out.push(c);
            }
        }
    }
}
