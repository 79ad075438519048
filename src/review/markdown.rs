//! A review as markdown, for a comment on a pull request or the summary of a job.
//!
//! What comes from worklogs can't mention anybody, link or close anything: it is quoted as all
//! foreign text is.

use crate::block::quote_line;
use crate::model::IssueRef;
use crate::review::text::{prose, sign, words};
use crate::review::{Came, EntryChange, Review, WorklogChange};

/// The most entries that are listed; GitHub takes no longer comment than 65,536 characters.
const MOST: usize = 200;

impl Review {
    /// The markdown.
    pub fn markdown(&self) -> String {
        if self.is_empty() {
            return "No worklog changed.\n".to_owned();
        }
        let mut text = format!("**{}**\n", self.sums());
        let mut left = MOST;
        for worklog in &self.worklogs {
            text.push_str(&format!("\n### {}\n\n", head(worklog)));
            let shown = worklog.entries.len().min(left);
            if shown > 0 {
                text.push_str("| | entry | issue | what |\n|---|---|---|---|\n");
            }
            for entry in &worklog.entries[..shown] {
                text.push_str(&row(entry));
            }
            left -= shown;
            if worklog.entries.len() > shown {
                text.push_str(&format!("\nand {} more\n", worklog.entries.len() - shown));
            }
            if let Some(prose) = prose(worklog) {
                text.push_str(&format!("\n{prose}\n"));
            }
        }
        for (path, why) in &self.unread {
            text.push_str(&format!("\n### {}\n\ncan't be read: {}\n", code(path), quote_line(why)));
        }
        text
    }
}

fn head(worklog: &WorklogChange) -> String {
    let kind = match (worklog.kind, &worklog.was) {
        (Came::New, _) => " (new)".to_owned(),
        (Came::Gone, _) => " (deleted)".to_owned(),
        (Came::Stayed, Some(was)) => format!(" (was {})", code(was)),
        (Came::Stayed, None) => String::new(),
    };
    let title = worklog.title.as_ref().map_or_else(String::new, |t| format!(": {}", quote_line(t)));
    format!("{}{kind}{title}", code(&worklog.path))
}

fn row(entry: &EntryChange) -> String {
    let what = words(entry).iter().map(|word| cell(word)).collect::<Vec<_>>().join("<br>");
    let issue = entry.issue.as_ref().map_or_else(String::new, number);
    format!("| {} | {} | {issue} | {what} |\n", sign(entry.kind), code(entry.id.as_str()))
}

/// The number of an issue of this repository is a link, which is what it is for; one of another
/// repository is not, for it would show up there.
fn number(issue: &IssueRef) -> String {
    match &issue.repo {
        None => format!("#{}", issue.number),
        Some(repo) => code(&format!("{repo}#{}", issue.number)),
    }
}

fn code(text: &str) -> String {
    crate::block::code_span(text).replace('|', "\\|")
}

fn cell(text: &str) -> String {
    quote_line(text).replace('|', "\\|")
}
