//! Front matter and markers put into an old worklog, and no other byte changed.
//!
//! A marker stands on a line of its own: behind the heading of its entry, or before the list item or
//! bold line, so that the text of an entry is what follows its marker. What comes out is read again: it
//! must be a worklog that says what was meant, and without the new lines it must be the old text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::legacy::{Found, Given, Legacy, Place, read};
use crate::model::{EntryId, IssueRef, Status, Vocabulary, WorklogId};
use crate::wording::{self, shortened};
use crate::worklog::{self, Parsed, yaml_text};

/// The most bytes of front matter: a sync adds to it, and what is longer than 64 KiB is not read.
const FRONT: usize = 44 << 10;
/// The most entries of one worklog.
const ENTRIES: usize = 400;
/// How many tests and files of an entry are listed where all of them do not fit.
const FEW: usize = 5;

/// A worklog made of an old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The whole text.
    pub text: String,
    /// The front matter in it, with its two `---` lines.
    pub front: String,
    /// The id of each entry, in their order.
    pub ids: Vec<EntryId>,
}

/// Why nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another tool's front matter is there.
    #[error("it has front matter of its own; add `gardener: 1`, an `id` and `entries` to that by hand")]
    FrontMatter,
    /// What came out would not be a good worklog.
    #[error("{0}")]
    Unfit(String),
}

/// The text of `legacy`, which was read from `text`, with front matter and markers.
///
/// # Errors
/// When the file has front matter already, or can't be a worklog: it is in the middle of a merge, or
/// too large.
pub fn compose(
    text: &str,
    legacy: &Legacy,
    id: &WorklogId,
    vocabulary: &Vocabulary,
) -> Result<Composed, Refusal> {
    if has_front_matter(text) {
        return Err(Refusal::FrontMatter);
    }
    let count = legacy.entries.len();
    if count > ENTRIES {
        return Err(Refusal::Unfit(format!("{count} entries are too many for one worklog; split it")));
    }
    let ids = entry_ids(text, &legacy.entries);
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let ending = if text.lines().next().is_some_and(|_| first_ends_in_crlf(text)) { "\r\n" } else { "\n" };
    let mut front = front_matter(legacy, id, &ids, vocabulary, usize::MAX);
    if front.len() > FRONT {
        front = front_matter(legacy, id, &ids, vocabulary, FEW);
    }
    let front = front.replace('\n', ending);
    let mut composed = text.to_owned();
    let mut places: Vec<(usize, String)> =
        legacy.entries.iter().zip(&ids).filter_map(|(entry, id)| insertion(text, entry.place, id)).collect();
    places.sort_by_key(|(at, _)| *at);
    for (at, marker) in places.iter().rev() {
        composed.insert_str(*at, marker);
    }
    composed.insert_str(bom, &front);
    verify(text, &composed, legacy, &ids, &front, vocabulary)?;
    Ok(Composed { text: composed, front, ids })
}

/// A worklog's id from the name of its file, one that `used` has not: the last words where it is too
/// long, for these tell one from another.
pub fn worklog_id(name: &str, used: &BTreeSet<WorklogId>) -> WorklogId {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<&str> = stem
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let mut id = String::new();
    for word in words.iter().rev() {
        if id.len() + word.len() > 58 {
            break;
        }
        id = if id.is_empty() { (*word).to_owned() } else { format!("{word}-{id}") };
    }
    if id.is_empty() {
        id = "worklog".to_owned();
    }
    let names = std::iter::once(id.clone()).chain((2..).map(|n| format!("{id}-{n}")));
    let free = names.filter_map(|name| WorklogId::new(&name).ok()).find(|id| !used.contains(id));
    free.expect("the numbers have no end")
}

/// Whether the text begins with front matter of some tool, and not just with a line across.
fn has_front_matter(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let is_fence = |line: &str| line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
    let mut lines = text.lines();
    if !lines.next().is_some_and(is_fence) {
        return false;
    }
    let inner: Vec<&str> = lines.by_ref().take_while(|line| !is_fence(line)).collect();
    let is_closed = text.lines().nth(1 + inner.len()).is_some();
    let value: Result<serde_yaml::Value, _> = serde_yaml::from_str(&inner.join("\n"));
    is_closed && value.is_ok_and(|value| value.is_mapping())
}

fn first_ends_in_crlf(text: &str) -> bool {
    text.find('\n').is_some_and(|at| text[..at].ends_with('\r'))
}

/// Ids made of titles, each once, none that a marker in the text has already.
fn entry_ids(text: &str, entries: &[Found]) -> Vec<EntryId> {
    let mut used: BTreeSet<String> = text
        .match_indices("gardener:entry ")
        .map(|(at, mark)| {
            let rest = &text[at + mark.len()..];
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
        })
        .collect();
    let mut ids = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let name = slug(&entry.title).unwrap_or_else(|| format!("entry-{}", at + 1));
        let names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
        for name in names {
            if let Ok(id) = EntryId::new(&name)
                && used.insert(name)
            {
                ids.push(id);
                break;
            }
        }
    }
    ids
}

/// The first words of a text as an id, of at most 44 characters; `None` where it has none that fit.
pub fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    let text = wording::plain(text).replace(['\'', '`', '*'], "");
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() > 44 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    (!slug.is_empty()).then_some(slug)
}

/// Where a marker goes, and its line.
fn insertion(text: &str, place: Place, id: &EntryId) -> Option<(usize, String)> {
    let marker = format!("<!-- gardener:entry {id} -->");
    let ending_at = |newline: usize| if text[..newline].ends_with('\r') { "\r\n" } else { "\n" };
    match place {
        Place::Nowhere => None,
        Place::Behind(at) => Some(match text[at..].find('\n').map(|offset| at + offset) {
            Some(newline) => (newline + 1, format!("{marker}{}", ending_at(newline))),
            None => {
                let ending = text.rfind('\n').map_or("\n", ending_at);
                (text.len(), format!("{ending}{marker}"))
            }
        }),
        Place::Before(at) => {
            let line = &text[at..];
            let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
            let newline = text[at..].find('\n').map(|offset| at + offset).or_else(|| text.rfind('\n'));
            Some((at, format!("{indent}{marker}{}", newline.map_or("\n", ending_at))))
        }
    }
}

/// The front matter, with at most `most` tests and files for each entry.
fn front_matter(
    legacy: &Legacy,
    id: &WorklogId,
    ids: &[EntryId],
    vocabulary: &Vocabulary,
    most: usize,
) -> String {
    let mut text = format!("---\ngardener: {}\nid: {}\n", worklog::FORMAT, yaml_text(id.as_str()));
    let mut line = |line: std::fmt::Arguments<'_>| {
        // Writing to a string works.
        let _ = writeln!(text, "{line}");
    };
    let words = |text: &str, most: usize| yaml_text(&shortened(&one_line(text), most));
    if let Some(title) = &legacy.title {
        line(format_args!("title: {}", words(title, 200)));
    }
    if let Some(kind) = legacy.kind {
        line(format_args!("kind: {kind}"));
    }
    if let Some(focus) = &legacy.focus {
        line(format_args!("focus: {}", words(focus, 80)));
    }
    if let Some(started) = &legacy.started {
        line(format_args!("started: {}", yaml_text(started)));
    }
    line(format_args!("imported: true"));
    if legacy.entries.is_empty() {
        line(format_args!("entries: []"));
    } else {
        line(format_args!("entries:"));
    }
    for (entry, id) in legacy.entries.iter().zip(ids) {
        line(format_args!("  - id: {}", yaml_text(id.as_str())));
        line(format_args!("    title: {}", words(&entry.title, 200)));
        if let Some(severity) = entry.severity {
            line(format_args!("    severity: {severity}"));
        }
        if let Some(written) = &entry.severity_text {
            line(format_args!("    severity_text: {}", words(written, 120)));
        }
        if let Some(status) = known(entry.status.as_ref(), vocabulary) {
            line(format_args!("    status: {}", yaml_text(status.word())));
        }
        if let Some(written) = &entry.status_text {
            line(format_args!("    status_text: {}", words(written, 120)));
        }
        if let Some(issue) = &entry.issue {
            line(format_args!("    issue: {}", number(issue)));
        }
        for (key, items) in [("tests", &entry.tests), ("files", &entry.files)] {
            if !items.is_empty() {
                line(format_args!("    {key}:"));
            }
            for item in items.iter().take(most) {
                line(format_args!("      - {}", words(item, 300)));
            }
        }
    }
    text.push_str("---\n");
    text
}

/// A status, if the project has it.
fn known<'s>(status: Option<&'s Status>, vocabulary: &Vocabulary) -> Option<&'s Status> {
    status.filter(|status| vocabulary.status(status.word()).is_some())
}

fn number(issue: &IssueRef) -> String {
    match &issue.repo {
        None => issue.number.to_string(),
        Some(_) => yaml_text(&issue.to_string()),
    }
}

fn one_line(text: &str) -> String {
    wording::plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether what was composed is a worklog that says what was meant, and the old text but for the new
/// lines.
fn verify(
    text: &str,
    composed: &str,
    legacy: &Legacy,
    ids: &[EntryId],
    front: &str,
    vocabulary: &Vocabulary,
) -> Result<(), Refusal> {
    let unfit = |why: &str| Refusal::Unfit(why.to_owned());
    let worklog = match worklog::parse(composed, vocabulary) {
        Parsed::Worklog(worklog, _) => worklog,
        Parsed::NotAWorklog(why) => return Err(unfit(&format!("it can't be a worklog: {why}"))),
        Parsed::Broken(found) => {
            let why = found.iter().find(|d| d.level == worklog::Level::Error).map(|d| d.message.clone());
            return Err(Refusal::Unfit(why.unwrap_or_else(|| "it can't be a worklog".to_owned())));
        }
    };
    let is_meant = worklog.entries().len() == ids.len()
        && worklog.entries().iter().zip(ids).zip(&legacy.entries).all(|((read, id), meant)| {
            read.id == *id && read.severity == meant.severity && read.issue == meant.issue
        });
    let has_marker =
        |(entry, id): (&Found, &EntryId)| entry.place == Place::Nowhere || worklog.section(id).is_some();
    if !is_meant || !legacy.entries.iter().zip(ids).all(has_marker) {
        return Err(unfit("the front matter would not say what was found"));
    }
    let mut old = composed.replacen(front, "", 1);
    for id in ids {
        old = without_marker(&old, id);
    }
    if old != text {
        return Err(unfit("its text would not stay as it is"));
    }
    // A marker must not change what is a heading or a list.
    let body = composed.replacen(front, "", 1);
    let again = read(&body, &Given::default());
    let titles = |legacy: &Legacy| legacy.entries.iter().map(|e| e.title.clone()).collect::<Vec<_>>();
    if titles(&again) != titles(legacy) {
        return Err(unfit("markers would change how its text is read"));
    }
    Ok(())
}

/// The text without the line of a marker.
fn without_marker(text: &str, id: &EntryId) -> String {
    let marker = format!("<!-- gardener:entry {id} -->");
    let Some(at) = text.find(&marker) else { return text.to_owned() };
    let start = text[..at].trim_end_matches([' ', '\t']).len();
    let end = at + marker.len();
    match text[end..].find('\n') {
        Some(newline) => format!("{}{}", &text[..start], &text[end + newline + 1..]),
        // It is at the very end, with its line break before it.
        None => {
            let before = &text[..start];
            let before = before.strip_suffix('\n').unwrap_or(before);
            before.strip_suffix('\r').unwrap_or(before).to_owned()
        }
    }
}
