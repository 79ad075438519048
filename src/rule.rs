//! Rules that people write into an issue's text: which tests and errors are this issue, and which never.
//!
//! ````markdown
//! ```gardener
//! test: tests/db/**                          # globs over the names of tests: one, or a list
//! error: 'connection refused .*:5432'        # regular expressions over the lines of an entry
//! never: [tests/db/slow/**]                  # globs: never this issue, whatever else says so
//! ```
//! ````
//!
//! Floor 1, pure. [`read`] finds the rule of a text and says what is wrong with it in words that its author
//! can be answered with; [`Rule::says`] judges an entry by it. All conditions of a rule must hold: `test` fits
//! if every test of the entry fits one of its globs, `error` if any line fits one of its patterns. `never` needs
//! one test that fits, since a problem that reaches what is excluded is another problem.
//!
//! Both texts are foreign. Everything has a bound, globs and patterns are matched in linear time, and
//! a problem quotes what somebody wrote only in short and in code spans. What it leaves out: whether the author of an
//! issue may say what belongs to it, and what is done where two rules claim one entry.

mod find;
mod glob;
mod yaml;

use std::fmt;

use crate::model::Untrusted;
use glob::Glob;

/// The longest text of an issue that is looked through, in bytes: as much as GitHub takes.
pub const MAX_BODY: usize = 4 * 65_536;
/// The longest rule, in bytes.
pub const MAX_RULE: usize = 4_096;
/// The most globs or patterns of one key.
pub const MAX_PATTERNS: usize = 10;
/// The longest glob or pattern, in characters.
pub const MAX_PATTERN: usize = 200;
/// How much of an entry's text is looked through for errors, in bytes.
pub const MAX_TEXT: usize = 16_384;

/// How large a pattern may become when it is compiled, in bytes: enough for the longest without repetitions. To look
/// for it costs as much as this and the text, multiplied.
const MAX_PROGRAM: usize = 8_192;
/// How many globs a reason names.
const NAMED: usize = 3;
/// How many brackets of a pattern may stand in each other.
const MAX_NESTING: u32 = 12;

/// What a text holds in the way of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// None.
    None,
    /// A rule.
    Rule(Rule),
    /// Something that was meant as one, and what is wrong with it: at least one problem, in the order of the lines.
    Broken(Vec<Problem>),
}

/// Something that is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the issue's text, from 1.
    pub line: usize,
    /// What is wrong. What it quotes of the text is short, on one line and in a code span.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// A rule: at least one condition, or one exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    tests: Vec<Glob>,
    errors: Vec<Pattern>,
    never: Vec<Glob>,
}

/// What is told of a problem.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// One line.
    pub title: &'a str,
    /// The failing tests, as they are named.
    pub tests: &'a [String],
    /// Everything else.
    pub body: &'a str,
}

/// What a rule says of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is this issue; why, in words.
    Covers(String),
    /// It is not, whatever else says so; why, in words.
    Never(String),
    /// Nothing.
    Nothing,
}

/// A regular expression.
#[derive(Clone, Debug)]
struct Pattern(regex_lite::Regex);

/// Finds and reads the rule of an issue's text: a fenced code block at its top level with the info string
/// `gardener`. What is quoted, in a list, in a comment or in a managed block is nobody's rule.
pub fn read(body: &str) -> Read {
    if body.len() > MAX_BODY {
        // Nothing that GitHub has is so long, and nothing is concluded from a part of it.
        return Read::None;
    }
    let mut blocks = find::blocks(body).into_iter();
    let Some(block) = blocks.next() else { return Read::None };
    let mut problems: Vec<Problem> = blocks
        .map(|other| Problem {
            line: other.line,
            message: format!("this is a second rule; the first is in line {}", block.line),
            help: "make one of the two: a key takes a list".to_owned(),
        })
        .collect();
    match yaml::read(&block) {
        Ok(rule) if problems.is_empty() => Read::Rule(rule),
        Ok(_) => Read::Broken(problems),
        Err(found) => {
            problems.extend(found);
            problems.sort_by_key(|problem| problem.line);
            Read::Broken(problems)
        }
    }
}

impl Rule {
    /// What the rule says of a problem. The words name the globs and patterns that decided: foreign text, but
    /// short, on one line, and with nothing hidden in it.
    pub fn says(&self, told: &Told<'_>) -> Answer {
        let never = told.tests.iter().find_map(|test| Some((test, first(&self.never, test)?)));
        if let Some((test, glob)) = never {
            let glob = shortened(glob.text());
            return Answer::Never(format!("its rule says never: {glob}, as {}", shortened(test)));
        }
        let mut reasons = Vec::new();
        if !self.tests.is_empty() {
            let mut fitting: Vec<&str> = Vec::new();
            for test in told.tests {
                let Some(glob) = first(&self.tests, test) else { return Answer::Nothing };
                if !fitting.contains(&glob.text()) {
                    fitting.push(glob.text());
                }
            }
            if fitting.is_empty() {
                return Answer::Nothing;
            }
            let more = if fitting.len() > NAMED { ", …" } else { "" };
            let named: Vec<String> = fitting.into_iter().take(NAMED).map(shortened).collect();
            reasons.push(format!("test {}{more}", named.join(", ")));
        }
        if !self.errors.is_empty() {
            let Some(pattern) = self.error(told) else { return Answer::Nothing };
            reasons.push(format!("error {}", shortened(pattern.text())));
        }
        if reasons.is_empty() {
            return Answer::Nothing;
        }
        Answer::Covers(format!("its rule says so: {}", reasons.join(" and ")))
    }

    /// The first pattern that a line of the title or the text fits.
    fn error(&self, told: &Told<'_>) -> Option<&Pattern> {
        let end = (0..=told.body.len().min(MAX_TEXT)).rev().find(|at| told.body.is_char_boundary(*at));
        let text = &told.body[..end.unwrap_or(0)];
        let fits = |pattern: &&Pattern| {
            std::iter::once(told.title).chain(text.lines()).any(|line| pattern.0.is_match(line))
        };
        self.errors.iter().find(fits)
    }
}

fn first<'r>(globs: &'r [Glob], test: &str) -> Option<&'r Glob> {
    globs.iter().find(|glob| glob.fits(test))
}

impl Pattern {
    fn new(text: &str) -> Result<Self, String> {
        let mut builder = regex_lite::RegexBuilder::new(text);
        let built = builder.size_limit(MAX_PROGRAM).nest_limit(MAX_NESTING).build();
        built.map(Self).map_err(|error| error.to_string())
    }

    fn text(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Pattern {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}; {}", self.line, self.message, self.help)
    }
}

/// Foreign text in a code span: short, on one line, and without what would end the span.
fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text).replace('`', "'"))
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    Untrusted(short.trim().replace(['\n', '\r'], " ").as_str()).to_string()
}

#[cfg(test)]
mod tests;
