//! A review as lines for a terminal: the sums first, then worklog by worklog.

use std::fmt;

use crate::model::{IssueRef, Label, Severity, Status, Untrusted};
use crate::review::{Came, EntryChange, Review, Sums, What, WorklogChange};

impl fmt::Display for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "no worklog changed");
        }
        writeln!(f, "{}", self.sums())?;
        for worklog in &self.worklogs {
            writeln!(f, "\n{}", head(worklog))?;
            let longest = |of: fn(&EntryChange) -> String| {
                worklog.entries.iter().map(|e| of(e).chars().count()).max().unwrap_or(0)
            };
            let (ids, numbers) = (longest(|e| e.id.to_string()), longest(number));
            for entry in &worklog.entries {
                let (id, number, words) = (entry.id.to_string(), number(entry), words(entry).join(", "));
                let number = if numbers == 0 { String::new() } else { format!("  {number:numbers$}") };
                writeln!(f, "  {} {id:ids$}{number}  {words}", sign(entry.kind))?;
            }
            if let Some(prose) = prose(worklog) {
                writeln!(f, "    {prose}")?;
            }
        }
        for (path, why) in &self.unread {
            writeln!(f, "\n{}\n  ! can't be read: {}", Untrusted(path), Untrusted(why))?;
        }
        Ok(())
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (self.added, "added"),
            (self.removed, "removed"),
            (self.closed, "closed"),
            (self.reopened, "reopened"),
            (self.raised, "raised"),
            (self.relinked, "linked"),
        ];
        let entries: Vec<_> =
            all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let tests = [(self.new_tests, "new"), (self.known_tests, "known"), (self.fixed_tests, "fixed")];
        let tests: Vec<_> =
            tests.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        write!(f, "{} worklog{}", self.worklogs, if self.worklogs == 1 { "" } else { "s" })?;
        if !entries.is_empty() {
            write!(f, "; entries: {}", entries.join(", "))?;
        }
        if !tests.is_empty() {
            write!(f, "; tests: {}", tests.join(", "))?;
        }
        Ok(())
    }
}

fn head(worklog: &WorklogChange) -> String {
    let mut head = Untrusted(&worklog.path).to_string();
    match (worklog.kind, &worklog.was) {
        (Came::New, _) => head.push_str(" (new)"),
        (Came::Gone, _) => head.push_str(" (deleted)"),
        (Came::Stayed, Some(was)) => head.push_str(&format!(" (was {})", Untrusted(was))),
        (Came::Stayed, None) => {}
    }
    if let Some(title) = &worklog.title {
        head.push_str(&format!("  {}", Untrusted(title)));
    }
    head
}

pub(super) fn sign(kind: Came) -> char {
    match kind {
        Came::New => '+',
        Came::Stayed => '~',
        Came::Gone => '-',
    }
}

fn number(entry: &EntryChange) -> String {
    entry.issue.as_ref().map_or_else(String::new, short)
}

/// `#12`, or `owner/repo#12` where that is what was written.
pub(super) fn short(issue: &IssueRef) -> String {
    match &issue.repo {
        None => format!("#{}", issue.number),
        Some(repo) => format!("{repo}#{}", issue.number),
    }
}

/// What changed of an entry, in words. A new or deleted one is known by its title.
pub(super) fn words(entry: &EntryChange) -> Vec<String> {
    let is_new = entry.kind == Came::New;
    let mut words = Vec::new();
    for what in &entry.what {
        words.push(match what {
            What::Severity(None, Some(severity)) if is_new => severity.word().to_owned(),
            What::Status(_, status) if is_new => status.word().to_owned(),
            What::Severity(was, is) => format!("{} -> {}", severity(*was), severity(*is)),
            What::Status(was, is) => status_words(was, is),
            What::Issue(None, Some(_)) => "linked".to_owned(),
            What::Issue(Some(was), None) => format!("unlinked from {}", short(was)),
            What::Issue(was, _) => format!("was {}", was.as_ref().map_or_else(String::new, short)),
            What::Title(was) => format!("title was {}", Untrusted(was)),
            What::Labels(came, went) => {
                let name = |sign: char, label: &Label| format!("{sign}{}", Untrusted(label.name()));
                let all = came.iter().map(|l| name('+', l)).chain(went.iter().map(|l| name('-', l)));
                format!("labels {}", all.collect::<Vec<_>>().join(" "))
            }
            What::Links(came, went) => {
                let name = |sign: char, link: &String| format!("{sign}{}", Untrusted(link));
                let all = came.iter().map(|l| name('+', l)).chain(went.iter().map(|l| name('-', l)));
                format!("links {}", all.collect::<Vec<_>>().join(" "))
            }
        });
    }
    if entry.kind != Came::Stayed {
        words.push(Untrusted(&entry.title).to_string());
    }
    words.extend(tests(entry));
    words
}

fn status_words(was: &Status, is: &Status) -> String {
    format!("{} -> {}", was.word(), is.word())
}

fn severity(severity: Option<Severity>) -> &'static str {
    severity.map_or("no severity", Severity::word)
}

/// `2 tests fail, 1 of them new`
fn tests(entry: &EntryChange) -> Option<String> {
    let tests = &entry.tests;
    let (failing, new) = (tests.new.len() + tests.known.len(), tests.new.len());
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let mut parts = Vec::new();
    if failing > 0 {
        let of_them = match new {
            0 => ", known".to_owned(),
            new if new == failing => ", new".to_owned(),
            new => format!(", {new} of them new"),
        };
        let more = if entry.kind == Came::Stayed { " more" } else { "" };
        parts.push(format!("{failing}{more} failing test{}{of_them}", s(failing)));
    }
    if !tests.fixed.is_empty() {
        parts.push(format!("{} test{} fixed", tests.fixed.len(), s(tests.fixed.len())));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What else changed: a line or two of it is worth a look, and nobody reads numbers twice.
pub(super) fn prose(worklog: &WorklogChange) -> Option<String> {
    match worklog.prose {
        (0, 0) => None,
        (came, 0) => Some(format!("prose: {came} line{} more", if came == 1 { "" } else { "s" })),
        (0, went) => Some(format!("prose: {went} line{} less", if went == 1 { "" } else { "s" })),
        (came, went) => Some(format!(
            "prose: {} in the place of {went}",
            if came == 1 { "1 line".to_owned() } else { format!("{came} lines") }
        )),
    }
}
