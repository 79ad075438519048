//! What the page, the markdown and the short text say in the same words.

use crate::chronicle::calendar::{between, long};
use crate::chronicle::{Closing, Event, Happening, Paper, Problem, Standing, Suite};
use crate::model::{IssueRef, Severity, Status};

/// How it goes, in two or three sentences.
pub(super) fn headline(paper: &Paper<'_>) -> String {
    let (figures, chronicle) = (paper.figures, paper.chronicle);
    if chronicle.problems.is_empty() {
        return match chronicle.worklogs.len() {
            0 => "There is no worklog yet.".to_owned(),
            count => format!("No entries in {}.", many(count, "worklog")),
        };
    }
    let mut text = match figures.open {
        0 => "Nothing is open".to_owned(),
        1 => "1 problem is open".to_owned(),
        count => format!("{count} problems are open"),
    };
    let worst = [Severity::P0, Severity::P1].map(|s| (figures.open_of(s), s));
    let worst: Vec<_> = worst.iter().filter(|(count, _)| *count > 0).collect();
    if !worst.is_empty() {
        let words: Vec<_> = worst.iter().map(|(count, severity)| format!("{count} {severity}")).collect();
        text.push_str(&format!(" ({})", words.join(", ")));
    }
    if let Some(change) = change(paper) {
        text.push_str(&format!(", {change}"));
    }
    let (came, closed) = figures.month;
    let some = |count: usize| if count == 0 { "none".to_owned() } else { count.to_string() };
    let (came, was) = (some(came), if closed == 1 { "was" } else { "were" });
    text.push_str(&format!(". In the last 30 days {came} came and {} {was} closed.", some(closed)));
    if let Some(median) = figures.closing.median {
        text.push_str(&format!(" Half of what is closed takes up to {}.", long(median)));
    }
    text
}

/// How many more or fewer are open than 30 days ago.
pub(super) fn change(paper: &Paper<'_>) -> Option<String> {
    let (open, before) = (paper.figures.open, paper.figures.open_before?);
    Some(match open.cmp(&before) {
        std::cmp::Ordering::Less => format!("{} fewer than 30 days ago", before - open),
        std::cmp::Ordering::Equal => "as many as 30 days ago".to_owned(),
        std::cmp::Ordering::Greater => format!("{} more than 30 days ago", open - before),
    })
}

/// The name of a severity.
pub(super) fn severity(severity: Option<Severity>) -> &'static str {
    severity.map_or("none", Severity::word)
}

/// So many of something.
pub(super) fn many(count: usize, word: &str) -> String {
    match (count, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) if word.ends_with("ry") => format!("{count} {stem}ies"),
        _ => format!("{count} {word}s"),
    }
}

/// How long a problem has been open, or was.
pub(super) fn since(problem: &Problem, paper: &Paper<'_>) -> String {
    let now = paper.figures.now;
    let last = problem.spans.last();
    match (problem.standing, last.and_then(|span| span.to)) {
        (Standing::Open, _) => format!("open for {}", long(between(problem.opened, now))),
        (Standing::Closed, Some(to)) if last.is_some_and(|span| span.is_known_closing) => {
            let from = last.map_or(problem.opened, |span| span.from);
            format!("{} after {}", problem.status, long(between(from, to)))
        }
        (Standing::Closed, _) => problem.status.to_string(),
        (Standing::Archived, _) => "open in an archived worklog".to_owned(),
        (Standing::Removed, _) => "taken out of the worklogs".to_owned(),
    }
}

/// What happened, a piece each. Only the first time it came, and was seen again after that.
pub(super) fn happenings(event: &Event, is_first: bool) -> Vec<String> {
    let came = if is_first { "came" } else { "seen again" };
    let issue =
        |issue: &Option<IssueRef>| issue.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let status =
        |status: &Option<Status>| status.as_ref().map_or_else(|| "not said".to_owned(), ToString::to_string);
    let words = |what: &Happening| match what {
        Happening::Came(said, level) => {
            let level = level.map(|level| level.to_string());
            let said = said.as_ref().filter(|said| **said != Status::Open).map(ToString::to_string);
            let more: Vec<_> = level.into_iter().chain(said).collect();
            if more.is_empty() { came.to_owned() } else { format!("{came}: {}", more.join(", ")) }
        }
        Happening::Status(from, to) => format!("status {} → {}", status(from), status(to)),
        Happening::Severity(from, to) => format!("severity {} → {}", severity(*from), severity(*to)),
        Happening::Issue(None, to) => format!("issue {}", issue(to)),
        Happening::Issue(from, to) => format!("issue {} → {}", issue(from), issue(to)),
        Happening::Title(was) => format!("title was: {was}"),
        Happening::Gone => "taken out".to_owned(),
    };
    event.what.iter().map(words).collect()
}

/// How long closing took.
pub(super) fn closing(closing: &Closing) -> String {
    let unknown = match closing.unknown {
        0 => String::new(),
        count => format!("; of {count} more nothing tells when"),
    };
    match (closing.median, closing.most) {
        (Some(median), Some(most)) => format!(
            "{} closed: half of them within {}, nine of ten within {}{unknown}",
            closing.count,
            long(median),
            long(most)
        ),
        _ => format!("None closed{unknown}"),
    }
}

/// What a suite's latest run counted.
pub(super) fn counts(suite: &Suite) -> String {
    let words = ["passed", "failed", "skipped"];
    let told = suite.counts.iter().zip(words);
    let told =
        told.filter_map(|(count, word)| count.filter(|n| *n > 0 || word != "skipped").map(|n| (n, word)));
    told.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}
