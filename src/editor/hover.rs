//! What is this: an entry, an issue, a key or a word, in a few lines.
//!
//! Titles and labels are somebody else's words: in markdown every mark in them is escaped, and they
//! are never an address to click on. The only address is that of the issue itself.

use std::ops::Range;

use crate::editor::lookup::{Found, found_at};
use crate::editor::markdown::{escaped, visible};
use crate::editor::{Garden, How, Page, Seen, words};
use crate::model::IssueRef;

/// A few lines on what is at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// As markdown, or as plain text where that was asked for.
    pub text: String,
    /// The bytes that it is about.
    pub span: Range<usize>,
}

/// What is at byte `at` of the worklog at `path`.
pub fn hover(garden: &Garden, path: &str, at: usize, markdown: bool) -> Option<Hover> {
    let page = garden.pages.get(path)?;
    let words = Words { garden, markdown };
    let (text, span) = match found_at(page, at)? {
        Found::Issue(issue, span) => {
            let entry = page.named().iter().find(|named| named.span == span && named.how == How::Issue);
            let entry = entry.and_then(|named| page.entries().get(named.entry));
            (words.issue(page, entry, &issue), span)
        }
        Found::Entry(id, span) => (words.entry(page, page.entry(&id)?), span),
        Found::Key(names, span) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            (words::meaning(&names)?.to_owned(), span)
        }
        Found::Value(names, said, span) => match names.last()?.as_str() {
            "status" => (words::status(&said, page.vocabulary())?, span),
            "severity" => (words::severity(&said, page.vocabulary())?, span),
            _ => return None,
        },
        Found::Path(..) => return None,
    };
    Some(Hover { text, span })
}

/// How an answer is written.
struct Words<'a> {
    garden: &'a Garden,
    markdown: bool,
}

impl Words<'_> {
    fn foreign(&self, text: &str) -> String {
        if self.markdown { escaped(text) } else { visible(text) }
    }

    fn strong(&self, text: &str) -> String {
        if self.markdown { format!("**{text}**") } else { text.to_owned() }
    }

    /// Lines that stay lines.
    fn joined(&self, lines: &[String]) -> String {
        lines.join(if self.markdown { "  \n" } else { "\n" })
    }

    /// An issue as it was at the last look, and as `entry`, whose own it is, agreed with it.
    fn issue(&self, page: &Page, entry: Option<&Seen>, issue: &IssueRef) -> String {
        let name = match self.garden.address(issue).filter(|_| self.markdown) {
            Some(address) => format!("[{}]({address})", self.foreign(&issue.to_string())),
            None => self.foreign(&issue.to_string()),
        };
        let mut lines = Vec::new();
        match self.garden.issue(issue) {
            Some(known) => {
                lines.push(format!("{} {}", self.strong(&name), self.foreign(&known.title)));
                let labels: Vec<_> = known.labels.iter().map(|label| self.foreign(label.name())).collect();
                let labels = if labels.is_empty() { "no labels".to_owned() } else { labels.join(", ") };
                lines.push(format!("{}; {labels}", known.state()));
                if let Some(as_of) = self.garden.as_of {
                    lines.push(format!("as of the last look, {as_of}"));
                }
            }
            None => {
                lines.push(format!("{}: not looked at by a sync of this clone yet", self.strong(&name)));
            }
        }
        lines.extend(entry.and_then(|entry| self.last_sync(page, entry)));
        let others = self.garden.entries_of(issue).filter(|(_, other, _)| Some(*other) != entry);
        let others: Vec<_> = others.map(|(path, other, _)| format!("{} in {}", other.name(), path)).collect();
        if let [first, rest @ ..] = &others[..] {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            lines.push(format!("also the issue of {}{more}", self.foreign(first)));
        }
        self.joined(&lines)
    }

    fn entry(&self, page: &Page, entry: &Seen) -> String {
        let title = self.foreign(entry.title.as_deref().unwrap_or_default());
        let mut lines = vec![format!("{} {title}", self.strong(&self.foreign(entry.name())))];
        let said: Vec<_> =
            [&entry.severity, &entry.status].into_iter().flatten().map(|w| self.foreign(w)).collect();
        if !said.is_empty() {
            lines.push(said.join(", "));
        }
        match &entry.issue {
            Some(issue) => {
                lines.push(String::new());
                lines.push(self.issue(page, Some(entry), issue));
            }
            None => {
                let count = page.named().iter().filter(|named| {
                    named.how == How::Candidate && page.entries().get(named.entry) == Some(entry)
                });
                lines.push(match count.count() {
                    0 => "no issue: a sync finds or files one".to_owned(),
                    1 => "no issue, 1 candidate".to_owned(),
                    count => format!("no issue, {count} candidates"),
                });
            }
        }
        self.joined(&lines)
    }

    /// When the entry was last synced, and what was agreed on.
    fn last_sync(&self, page: &Page, entry: &Seen) -> Option<String> {
        let Some(base) = page.base(entry.name()) else { return Some("not synced yet".to_owned()) };
        let severity = base.agreed.severity.flatten().map(|severity| severity.to_string());
        let status = base.agreed.status.as_ref().map(|status| self.foreign(status.word()));
        let agreed: Vec<String> = severity.into_iter().chain(status).collect();
        let agreed = if agreed.is_empty() { String::new() } else { format!(": {}", agreed.join(", ")) };
        Some(format!("last sync {}{agreed}", base.seen))
    }
}
