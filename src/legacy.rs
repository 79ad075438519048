//! Old worklogs: a markdown text without front matter, read as entries, and the front matter for it.
//!
//! Floor 2, pure: text in, values or text out. People have written worklogs in many shapes, and a
//! results section at the end mostly says everything again. [`read`] finds the entries by their shape
//! and what they say of themselves, joins issue numbers with them, and says what it could not place.
//! [`compose()`] puts front matter and markers into the text and changes no other byte. Which files, and
//! writing them, are the business of others.
//!
//! The rules are in `entries` (what is an entry), `join` (which number belongs to which) and `words`
//! (spellings); `ARCHITECTURE.md` has the table of rules and shapes.

mod alike;
mod candidates;
mod compose;
mod date;
mod entries;
mod fields;
mod join;
mod label;
mod names;
mod numbers;
mod outline;
mod words;

use jiff::civil::Date;

use crate::model::{IssueRef, RepoSlug, Severity, Status, Timestamp};
use candidates::{At, Candidate};
use numbers::Numbers;
use outline::Outline;

pub use compose::{Composed, Refusal, compose, slug, worklog_id};

/// What is known besides the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// The file's name, without its folder.
    pub name: &'a str,
    /// The repository that the file is in.
    pub home: Option<&'a RepoSlug>,
    /// The present moment: a worklog of tomorrow is doubtful.
    pub now: Option<Timestamp>,
}

/// An old worklog, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Legacy {
    /// The first heading.
    pub title: Option<String>,
    /// `failing-tests` or `logs`.
    pub kind: Option<&'static str>,
    /// The area it is about.
    pub focus: Option<String>,
    /// When the work began, as far as it says so: `2025-09-14T11:59:30`, with `Z` where it says UTC.
    pub started: Option<String>,
    /// In the order of the text.
    pub entries: Vec<Found>,
    /// Headings that are no entries.
    pub left_out: Vec<LeftOut>,
    /// What could not be placed or is doubtful.
    pub notes: Vec<Note>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The line of its heading, list item, bold line or row, from 1.
    pub line: usize,
    /// By which it was found.
    pub rule: Rule,
    /// One line, without its label and what says how bad it is.
    pub title: String,
    /// How bad it is, in our words.
    pub severity: Option<Severity>,
    /// How bad it is, as it is written.
    pub severity_text: Option<String>,
    /// Where it stands, in our words. An old *open* is no opinion about an issue, so it is left out
    /// where there is one.
    pub status: Option<Status>,
    /// Where it stands, as it is written.
    pub status_text: Option<String>,
    /// Its issue.
    pub issue: Option<IssueRef>,
    /// How the issue was joined with it, and in which line.
    pub joined: Option<(Joined, usize)>,
    /// Names of failing tests, as written.
    pub tests: Vec<String>,
    /// Paths of files, as written.
    pub files: Vec<String>,
    /// Where its marker goes: this byte, and whether it stands before what is there.
    place: Place,
}

/// Where a marker goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// On a line of its own behind the line that ends at or after this byte.
    Behind(usize),
    /// On a line of its own before the line that starts at this byte.
    Before(usize),
    /// A row of a table has no room for one.
    Nowhere,
}

/// What makes something an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A heading with a word and an ordinal: `Issue 2: …`, `[ERROR] Cluster 1`.
    Labelled,
    /// A heading with an ordinal: `2. …`.
    Numbered,
    /// A heading with the fields of a problem.
    Fields,
    /// An item of a list that begins with bold words and has fields below it.
    Items,
    /// A line of bold words with a label.
    Leads,
    /// A row of a table with a column for how bad it is.
    Rows,
}

/// Why a heading is no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is a part of an entry.
    Part,
    /// It has the title of an entry.
    Repeat,
    /// It is in a section that says what became of issues.
    Results,
    /// Entries are below it.
    Above,
    /// It might be one, but is on another level or of another shape than the entries.
    Other,
    /// It says nothing that problems say.
    NoEvidence,
}

/// How an issue's number was joined with its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Joined {
    /// The entry says it.
    Own,
    /// A place that has its title.
    Title,
    /// A place that has its label.
    Label,
    /// A list in which it has the same ordinal.
    Ordinal,
}

/// A heading that is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its line, from 1.
    pub line: usize,
    /// Its text without markup.
    pub title: String,
    /// Why it is none.
    pub why: Why,
}

/// Something for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: usize,
    /// In words; may hold text of the file.
    pub text: String,
}

impl Rule {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Labelled => "labelled",
            Self::Numbered => "numbered",
            Self::Fields => "fields",
            Self::Items => "items",
            Self::Leads => "bold-lines",
            Self::Rows => "rows",
        }
    }
}

impl Why {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Repeat => "repeat",
            Self::Results => "results",
            Self::Above => "above",
            Self::Other => "other-shape",
            Self::NoEvidence => "no-evidence",
        }
    }

    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Part => "a part of an entry",
            Self::Repeat => "it repeats an entry",
            Self::Results => "it says what became of issues",
            Self::Above => "entries are below it",
            Self::Other => "it might be one, but has another shape than the entries",
            Self::NoEvidence => "it says nothing that problems say",
        }
    }
}

impl Joined {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Title => "title",
            Self::Label => "label",
            Self::Ordinal => "ordinal",
        }
    }
}

/// Reads a text. Any text can be given.
pub fn read(text: &str, given: &Given<'_>) -> Legacy {
    let outline = Outline::read(text);
    let numbers = Numbers::read(&outline, given.home);
    let chosen = entries::choose(&outline, &numbers);
    let candidates: Vec<&Candidate> = chosen.entries.iter().map(|(candidate, _)| candidate).collect();
    let joined = join::join(&outline, &numbers, &candidates);
    let mut entries = Vec::new();
    let mut notes = Vec::new();
    for (at, (candidate, rule)) in chosen.entries.iter().enumerate() {
        let level = joined.levels[at];
        let (severity, severity_text) = names::severity(&outline, candidate, level.map(|(level, _)| level));
        let issue = joined.issues[at];
        let status_text = names::status(&outline, candidate);
        let status = status_text.as_deref().and_then(words::status);
        let status = status.filter(|status| issue.is_none() || *status != Status::Open);
        let line = outline.line(candidate.start);
        if let Some(text) = severity_text.as_ref().filter(|_| severity.is_none()) {
            notes.push(Note { line, text: format!("{text:?} is no severity that is known here") });
        }
        let (tests, files) = names::tests_and_files(&outline, candidate);
        entries.push(Found {
            line,
            rule: *rule,
            title: candidate.named.title.clone(),
            severity,
            severity_text,
            status,
            status_text,
            issue: issue.map(|(number, ..)| IssueRef::here(number)),
            joined: issue.map(|(_, how, at)| (how, outline.line(at))),
            tests,
            files,
            place: place(&outline, candidate),
        });
    }
    for (number, at) in &joined.unplaced {
        notes.push(Note {
            line: outline.line(*at),
            text: format!("#{number} belongs to no entry that could be told"),
        });
    }
    for (at, written) in &numbers.foreign {
        notes.push(Note {
            line: outline.line(*at),
            text: format!("{written} is an issue of another repository"),
        });
    }
    let head = candidates.first().map_or(text.len(), |first| first.start);
    let today: Option<Date> = given.now.and_then(|now| now.to_string().get(..10)?.parse().ok());
    let (started, doubts) = date::started(&outline, head, given.name, today);
    notes
        .extend(doubts.into_iter().map(|(line, text)| Note { line, text: format!("doubtful date: {text}") }));
    notes.sort_by(|a, b| (a.line, &a.text).cmp(&(b.line, &b.text)));
    notes.dedup();
    let left_out = chosen.left_out.iter().map(|(at, why)| {
        let heading = &outline.headings[*at];
        LeftOut { line: outline.line(heading.span.start), title: heading.plain.clone(), why: *why }
    });
    Legacy {
        title: names::title(&outline),
        kind: names::kind(&outline, given.name),
        focus: names::focus(&outline, head),
        started: started.map(date::When::text),
        entries,
        left_out: left_out.collect(),
        notes,
    }
}

fn place(outline: &Outline<'_>, candidate: &Candidate) -> Place {
    match candidate.at {
        At::Heading(at) => Place::Behind(outline.headings[at].span.end.saturating_sub(1)),
        At::Item(_) | At::Lead(_) => {
            let start = outline.text[..candidate.start].rfind('\n').map_or(0, |newline| newline + 1);
            Place::Before(start)
        }
        At::Row(_) => Place::Nowhere,
    }
}

/// The severity that a word of a legacy worklog stands for: `P1 - High`, `critical`, `WARNING`.
pub fn severity_of_word(word: &str) -> Option<Severity> {
    words::severity(word).map(|(severity, _)| severity)
}
