//! The same as markdown, for the summary of a job.
//!
//! What comes from worklogs can't mention anybody, link or close anything: it is quoted as all
//! foreign text is.

use crate::block::quote_line;
use crate::chronicle::Paper;
use crate::chronicle::calendar::long;
use crate::chronicle::figures::AGE_NAMES;
use crate::chronicle::words::{closing, counts, headline, severity, since};
use crate::model::IssueRef;

/// The most problems that are listed.
const PROBLEMS: usize = 30;
/// The most lines of everything else.
const MOST: usize = 15;

impl Paper<'_> {
    /// The markdown.
    pub fn markdown(&self) -> String {
        let (figures, problems) = (self.figures, &self.chronicle.problems);
        let mut text = format!("**{}**\n", headline(self));
        for note in self.notes {
            text.push_str(&format!("\n> {}\n", quote_line(note)));
        }
        if !figures.ages.is_empty() {
            text.push_str(&format!(
                "\n### Open\n\n| | {} | all |\n|---|--:|--:|--:|--:|--:|\n",
                AGE_NAMES.join(" | ")
            ));
        }
        for (level, ages) in &figures.ages {
            let amounts = ages.map(|n| if n == 0 { "".to_owned() } else { n.to_string() }).join(" | ");
            let all: u64 = ages.iter().sum();
            text.push_str(&format!("| {} | {amounts} | {all} |\n", severity(*level)));
        }
        let open: Vec<_> = problems.iter().filter(|p| p.is_open()).collect();
        if !open.is_empty() {
            text.push_str("\n| | issue | problem | |\n|---|---|---|---|\n");
        }
        for problem in open.iter().take(PROBLEMS) {
            let level = problem.severity.map_or("", |s| s.word());
            let issue = problem.issue.as_ref().map_or_else(String::new, number);
            let (title, since) = (cell(&problem.title), since(problem, self));
            text.push_str(&format!("| {level} | {issue} | {title} | {since} |\n"));
        }
        more(&mut text, open.len(), PROBLEMS);
        if !figures.suites.is_empty() {
            text.push_str("\n### Suites, by their latest worklog\n\n| suite | outcome | |\n|---|---|---|\n");
        }
        for suite in figures.suites.iter().take(MOST) {
            let outcome = cell(suite.outcome.as_deref().unwrap_or("not said"));
            text.push_str(&format!("| {} | {outcome} | {} |\n", cell(&suite.name), counts(suite)));
        }
        more(&mut text, figures.suites.len(), MOST);
        if !figures.flaky.is_empty() {
            text.push_str("\n### Flaky\n\n");
        }
        for problem in figures.flaky.iter().take(MOST).map(|at| &problems[*at]) {
            let (title, count) = (quote_line(&problem.title), problem.count);
            text.push_str(&format!("- {title} ({}, seen {count} ×)\n", problem.word()));
        }
        more(&mut text, figures.flaky.len(), MOST);
        if figures.closing.count + figures.closing.unknown > 0 {
            text.push_str(&format!("\n### Time to close\n\n{}.\n", closing(&figures.closing)));
        }
        if figures.closing.count > 0 {
            text.push_str("\n| | closed | half within | nine of ten within |\n|---|--:|---|---|\n");
            for (level, closing) in &figures.closing_by {
                let time = |time: Option<i64>| time.map_or_else(String::new, long);
                let (half, most) = (time(closing.median), time(closing.most));
                text.push_str(&format!("| {} | {} | {half} | {most} |\n", severity(*level), closing.count));
            }
        }
        text
    }
}

fn more(text: &mut String, count: usize, most: usize) {
    if count > most {
        text.push_str(&format!("\nand {} more\n", count - most));
    }
}

/// The number of an issue of this repository is a link; one of another is not, for it would show up
/// there.
fn number(issue: &IssueRef) -> String {
    match &issue.repo {
        None => format!("#{}", issue.number),
        Some(_) => crate::block::code_span(&issue.to_string()),
    }
}

fn cell(text: &str) -> String {
    quote_line(text).replace('|', "\\|")
}
