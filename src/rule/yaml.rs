//! What stands in a rule, read as YAML.
//!
//! The reader takes texts and lists of texts and passes over everything else without building it, so that neither depth
//! nor aliases of aliases cost anything. What is wrong gets the line of its key, or of the text itself.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::find::{Block, line_endings};
use super::glob::Glob;
use super::{MAX_PATTERN, MAX_PATTERNS, MAX_RULE, Pattern, Problem, Rule, quoted};

const KEYS: [&str; 3] = ["test", "error", "never"];
const KEYS_IN_WORDS: &str = "a rule has the keys `test`, `error` and `never`";
const IN_QUOTES: &str = "in single quotes, everything but the quote is itself";

/// Reads the rule of a block.
pub(super) fn read(block: &Block) -> Result<Rule, Vec<Problem>> {
    let mut reading = Reading { block, found: Vec::new() };
    if block.text.len() > MAX_RULE {
        let message = format!("the rule has more than {MAX_RULE} bytes");
        return Err(vec![reading.problem(0, message, "say it in fewer, wider globs")]);
    }
    let lines: Lines = match serde_yaml::from_str(&block.text) {
        Ok(lines) => lines,
        Err(error) => {
            let line = error.location().map_or(0, |place| place.line());
            return Err(vec![reading.no_yaml(line, &error.to_string())]);
        }
    };
    let mut rule = Rule { tests: Vec::new(), errors: Vec::new(), never: Vec::new() };
    let mut seen: Vec<&str> = Vec::new();
    for (key, given) in &lines.0 {
        let Given::Text(key) = key else {
            reading.wrong(0, "a key of the rule is no text".to_owned(), KEYS_IN_WORDS);
            continue;
        };
        let line = reading.line_of_key(key);
        let Some(known) = KEYS.into_iter().find(|known| known == key) else {
            reading.wrong(line, format!("{} is no key of a rule", quoted(key)), KEYS_IN_WORDS);
            continue;
        };
        if seen.contains(&known) {
            reading.wrong(line, format!("`{known}` is there twice"), "make a list of the two");
            continue;
        }
        seen.push(known);
        let texts = reading.texts(known, given, line);
        for (text, line) in texts {
            match known {
                "test" => rule.tests.extend(reading.glob(known, text, line)),
                "never" => rule.never.extend(reading.glob(known, text, line)),
                _ => rule.errors.extend(reading.pattern(text, line)),
            }
        }
    }
    if lines.0.is_empty() {
        reading.wrong(0, "the rule says nothing".to_owned(), KEYS_IN_WORDS);
    }
    if reading.found.is_empty() { Ok(rule) } else { Err(reading.found) }
}

struct Reading<'b> {
    block: &'b Block,
    found: Vec<Problem>,
}

impl Reading<'_> {
    /// A problem in a line of the block, from 1; 0 is the fence.
    fn problem(&self, line: usize, message: String, help: &str) -> Problem {
        // YAML ends lines where markdown does not.
        let text = self.block.text.trim_end_matches(['\n', '\r']);
        let line = line.min(if text.is_empty() { 0 } else { line_endings(text) + 1 });
        Problem { line: self.block.line + line, message, help: help.to_owned() }
    }

    fn wrong(&mut self, line: usize, message: String, help: &str) {
        let problem = self.problem(line, message, help);
        // A key that is written often is wrong once.
        if !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// What is no YAML at all. The usual reasons are characters that mean something to YAML.
    fn no_yaml(&self, line: usize, why: &str) -> Problem {
        let text = self.block.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let value =
            text.split_once(':').map_or(text, |(_, value)| value).trim_start_matches([' ', '-', '\t']);
        let help = if value.starts_with('"') && value.contains('\\') {
            "in double quotes a backslash means something to YAML; use single quotes"
        } else if value.starts_with(['*', '&', '!', '%', '@', '`', '{', '[', '|', '>', '?']) {
            "what begins with such a character needs quotes: single ones"
        } else {
            "write lines such as `test: 'tests/db/**'`"
        };
        // YAML, and all of it one text or list.
        if why.starts_with("invalid type") {
            return self.problem(
                line,
                "this has no keys".to_owned(),
                "write lines such as `test: 'tests/db/**'`",
            );
        }
        let why = why.split(" at line ").next().unwrap_or(why);
        self.problem(line, format!("this is no YAML that a rule can be ({})", quoted(why)), help)
    }

    /// The line of the block with this key, from 1. In a rule on one line that is the first with the word.
    fn line_of_key(&self, key: &str) -> usize {
        let mut lines = self.block.text.lines();
        let is_it = |line: &str| {
            let line = line.trim_start_matches([' ', '"', '\'', '{']);
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        };
        lines
            .position(is_it)
            .or_else(|| self.block.text.lines().position(|l| l.contains(key)))
            .map_or(0, |at| at + 1)
    }

    /// The texts of a key, each with its line.
    fn texts<'g>(&mut self, key: &str, given: &'g Given, line: usize) -> Vec<(&'g str, usize)> {
        const LIST: &str = "write a text, or a list of texts";
        let items = match given {
            Given::Text(text) => {
                return self.text(key, text, line).into_iter().map(|text| (text, line)).collect();
            }
            Given::Other(what) => {
                let help = if *what == "a number" { IN_QUOTES } else { LIST };
                self.wrong(line, format!("`{key}` is {what}"), help);
                return Vec::new();
            }
            Given::List(items) => items,
        };
        if items.is_empty() {
            self.wrong(
                line,
                format!("`{key}` is an empty list"),
                "take the key out, or say what it is about",
            );
        }
        if items.len() > MAX_PATTERNS {
            let message = format!("`{key}` has more than {MAX_PATTERNS} items");
            self.wrong(line, message, "say it in fewer, wider ones");
            return Vec::new();
        }
        let mut texts = Vec::new();
        for item in items {
            match item {
                Given::Text(text) => {
                    let at = self.line_of_item(text, line);
                    texts.extend(self.text(key, text, at).map(|text| (text, at)));
                }
                Given::List(_) => self.wrong(line, format!("an item of `{key}` is a list"), LIST),
                Given::Other(what) => {
                    let help = if *what == "a number" { IN_QUOTES } else { LIST };
                    self.wrong(line, format!("an item of `{key}` is {what}"), help);
                }
            }
        }
        texts
    }

    /// A line below the key that has the text, or the key's own.
    fn line_of_item(&self, text: &str, line: usize) -> usize {
        let mut below = self.block.text.lines().skip(line.saturating_sub(1));
        below.position(|l| !text.is_empty() && l.contains(text)).map_or(line, |more| line.max(1) + more)
    }

    fn text<'g>(&mut self, key: &str, text: &'g str, line: usize) -> Option<&'g str> {
        if text.trim().is_empty() {
            self.wrong(line, format!("`{key}` has an empty text"), "take it out, or say what it is about");
            return None;
        }
        if text.chars().nth(MAX_PATTERN).is_some() {
            let message = format!("{} has more than {MAX_PATTERN} characters", quoted(text));
            self.wrong(line, message, "leave out what is not needed to tell it from others");
            return None;
        }
        if text.contains(['\n', '\r']) {
            let message = format!("{} has more than one line", quoted(text));
            self.wrong(line, message, "names of tests have one line, and texts are looked at line by line");
            return None;
        }
        Some(text)
    }

    fn glob(&mut self, key: &str, text: &str, line: usize) -> Option<Glob> {
        let glob = Glob::new(text);
        if glob.fits_all() {
            let message = format!("{} in `{key}` fits every test", quoted(text));
            self.wrong(line, message, "name a folder, a file or a part of the name");
            return None;
        }
        Some(glob)
    }

    fn pattern(&mut self, text: &str, line: usize) -> Option<Pattern> {
        match Pattern::new(text) {
            Err(why) => {
                let message =
                    format!("{} is no regular expression that can be used ({})", quoted(text), quoted(&why));
                let help = if why.contains("limit") || why.contains("nesting") {
                    "write it with fewer repetitions and brackets"
                } else {
                    "a character that means something, such as `(`, `[`, `*` or `+`, is itself behind a backslash"
                };
                self.wrong(line, message, help);
                None
            }
            Ok(pattern) if pattern.0.is_match("") => {
                let message = format!("{} fits every line, even an empty one", quoted(text));
                self.wrong(line, message, "write what only this error says");
                None
            }
            Ok(pattern) => Some(pattern),
        }
    }
}

/// The keys and values of a rule, in their order.
struct Lines(Vec<(Given, Given)>);

/// What somebody wrote for a key.
enum Given {
    Text(String),
    List(Vec<Given>),
    /// In words.
    Other(&'static str),
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LinesVisitor)
    }
}

struct LinesVisitor;

impl<'de> Visitor<'de> for LinesVisitor {
    type Value = Lines;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines such as `test: 'tests/db/**'`")
    }

    fn visit_unit<E>(self) -> Result<Lines, E> {
        Ok(Lines(Vec::new()))
    }

    fn visit_none<E>(self) -> Result<Lines, E> {
        Ok(Lines(Vec::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lines, A::Error> {
        let mut lines = Vec::new();
        while let Some(key) = map.next_key_seed(At(1))? {
            lines.push((key, map.next_value_seed(At(0))?));
        }
        Ok(Lines(lines))
    }
}

/// Reads a value: at 0 a text or a list of texts, deeper a text.
#[derive(Clone, Copy)]
struct At(u8);

impl<'de> serde::de::DeserializeSeed<'de> for At {
    type Value = Given;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Given, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given::Other("empty"))
    }

    fn visit_none<E>(self) -> Result<Given, E> {
        Ok(Given::Other("empty"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
        Ok(Given::Other("yes or no, and no text"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
        Ok(Given::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Given, E> {
        Ok(Given::Other("a number"))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Given, E> {
        Ok(Given::Other("a number"))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Given, E> {
        Ok(Given::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
        Ok(Given::Other("a number"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Given, A::Error> {
        let mut items = Vec::new();
        if self.0 == 0 {
            // One more than is allowed says that it is too many.
            while items.len() <= MAX_PATTERNS
                && let Some(item) = list.next_element_seed(At(1))?
            {
                items.push(item);
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Given::Other("a map"))
    }
}
