//! The words people use for how bad something is and where it stands, in ours.
//!
//! These are the only word lists that decide a value; the word as it was written is kept beside it.

use crate::model::{Severity, Status};

/// How much a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// `P0` to `P4`.
    Level,
    /// `critical`, `high`.
    Word,
    /// `error`, `warning`: what a log says of a line, which is no judgement of the problem.
    Log,
}

/// Words for each severity.
const SEVERITIES: [(&str, Severity, Weight); 30] = [
    ("critical", Severity::P0, Weight::Word),
    ("blocker", Severity::P0, Weight::Word),
    ("blocking", Severity::P0, Weight::Word),
    ("emergency", Severity::P0, Weight::Word),
    ("showstopper", Severity::P0, Weight::Word),
    ("catastrophic", Severity::P0, Weight::Word),
    ("urgent", Severity::P0, Weight::Word),
    ("high", Severity::P1, Weight::Word),
    ("major", Severity::P1, Weight::Word),
    ("severe", Severity::P1, Weight::Word),
    ("important", Severity::P1, Weight::Word),
    ("medium", Severity::P2, Weight::Word),
    ("moderate", Severity::P2, Weight::Word),
    ("normal", Severity::P2, Weight::Word),
    ("medium-high", Severity::P1, Weight::Word),
    ("low", Severity::P3, Weight::Word),
    ("minor", Severity::P3, Weight::Word),
    ("trivial", Severity::P3, Weight::Word),
    ("cosmetic", Severity::P3, Weight::Word),
    ("negligible", Severity::P3, Weight::Word),
    ("fatal", Severity::P0, Weight::Log),
    ("alert", Severity::P0, Weight::Log),
    ("error", Severity::P1, Weight::Log),
    ("errors", Severity::P1, Weight::Log),
    ("warning", Severity::P2, Weight::Log),
    ("warnings", Severity::P2, Weight::Log),
    ("warn", Severity::P2, Weight::Log),
    ("notice", Severity::P3, Weight::Log),
    ("info", Severity::P3, Weight::Log),
    ("informational", Severity::P3, Weight::Log),
];

/// Words that stand beside those in a tag and say nothing of the problem itself.
const BESIDE: [&str; 32] = [
    "priority",
    "severity",
    "frequency",
    "impact",
    "level",
    "monitoring",
    "very",
    "new",
    "existing",
    "issue",
    "issues",
    "created",
    "updated",
    "completed",
    "complete",
    "processed",
    "resolved",
    "fixed",
    "closed",
    "open",
    "reopened",
    "active",
    "pending",
    "done",
    "duplicate",
    "tracked",
    "regression",
    "github",
    "existing",
    "partially",
    "in",
    "progress",
];

/// How bad the first words of a text say it is, and how surely. A level counts wherever it stands.
pub(super) fn severity(text: &str) -> Option<(Severity, Weight)> {
    if let Some(level) = level(text) {
        return Some((level, Weight::Level));
    }
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty());
    words.take(4).find_map(|word| {
        let word = word.to_lowercase();
        SEVERITIES.iter().find(|(known, ..)| *known == word).map(|(_, severity, weight)| (*severity, *weight))
    })
}

/// The first of `P0` to `P4` in a text that is a word by itself.
pub(super) fn level(text: &str) -> Option<Severity> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.len() == 2 && word.starts_with(['P', 'p'])).find_map(|word| {
        match word.as_bytes()[1] {
            b'0' => Some(Severity::P0),
            b'1' => Some(Severity::P1),
            b'2' => Some(Severity::P2),
            b'3' | b'4' => Some(Severity::P3),
            _ => None,
        }
    })
}

/// How bad a slug says it is: `broken-test-critical-no-daemon`.
pub(super) fn in_slug(text: &str) -> Option<Severity> {
    let slug = text.split_whitespace().find(|word| word.matches('-').count() >= 2)?;
    slug.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
        let known = SEVERITIES.iter().find(|(known, _, weight)| *known == word && *weight == Weight::Word)?;
        Some(known.1)
    })
}

/// How bad the first word of a text says it is, where that word stands alone: `HIGH - nobody can log in`.
pub(super) fn alone(text: &str) -> Option<Severity> {
    let first = text.split([' ', ',', ':']).next()?;
    let ends = text[first.len()..].trim_start();
    let is_alone = ends.is_empty() || ends.starts_with(['-', '–', '—', '(', ',', ':']);
    severity(first).filter(|(_, weight)| is_alone && *weight != Weight::Log).map(|(severity, _)| severity)
}

/// How bad everything below a heading is, where the heading begins by saying it: `CRITICAL ISSUES`,
/// `High priority`. Words further on are about something else: `Mission Critical Tests`.
pub(super) fn leading(text: &str) -> Option<(Severity, Weight)> {
    let first = text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty())?;
    match level(text) {
        Some(level) => Some((level, Weight::Level)),
        None => severity(first).filter(|(_, weight)| *weight == Weight::Word),
    }
}

/// Whether a text says nothing but how bad it is or what became of it.
pub(super) fn is_urgency(text: &str) -> bool {
    let mut any = false;
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_known = |word: &str| {
        let word = word.to_lowercase();
        level(&word).is_some()
            || SEVERITIES.iter().any(|(known, ..)| *known == word)
            || BESIDE.contains(&word.as_str())
    };
    words.inspect(|_| any = true).all(is_known) && any
}

/// Whether a heading's words are about the severity of what is below it and nothing else.
pub(super) fn is_bucket(title: &str) -> bool {
    let head = title.split(['(', '[']).next().unwrap_or_default();
    is_urgency(head) || is_urgency(title)
}

/// Words of a status, each with what it is here. Only a phrase that is nothing else counts:
/// `Complete failure` is not `Complete`.
const STATUSES: [(&str, Word); 40] = [
    ("resolved", Word::Completed),
    ("fixed", Word::Completed),
    ("closed", Word::Completed),
    ("completed", Word::Completed),
    ("complete", Word::Completed),
    ("done", Word::Completed),
    ("verified", Word::Completed),
    ("solved", Word::Completed),
    ("fixed and verified", Word::Completed),
    ("issue closed", Word::Completed),
    ("issue resolved", Word::Completed),
    ("wontfix", Word::NotPlanned),
    ("won't fix", Word::NotPlanned),
    ("wont fix", Word::NotPlanned),
    ("will not fix", Word::NotPlanned),
    ("not planned", Word::NotPlanned),
    ("invalid", Word::NotPlanned),
    ("obsolete", Word::NotPlanned),
    ("false positive", Word::NotPlanned),
    ("works as designed", Word::NotPlanned),
    ("duplicate", Word::Duplicate),
    ("in progress", Word::InProgress),
    ("in-progress", Word::InProgress),
    ("investigating", Word::InProgress),
    ("under investigation", Word::InProgress),
    ("being worked on", Word::InProgress),
    ("actively being worked on", Word::InProgress),
    ("wip", Word::InProgress),
    ("fixing", Word::InProgress),
    ("partially resolved", Word::InProgress),
    ("partially fixed", Word::InProgress),
    ("new", Word::Open),
    ("open", Word::Open),
    ("active", Word::Open),
    ("active blocker", Word::Open),
    ("reopened", Word::Open),
    ("discovered", Word::Open),
    ("unresolved", Word::Open),
    ("to do", Word::Open),
    ("todo", Word::Open),
];

#[derive(Clone, Copy)]
enum Word {
    Open,
    InProgress,
    Completed,
    NotPlanned,
    Duplicate,
}

/// Where a problem stands, if the first phrase of a text is one of a status. What a test's result is
/// (`FAILED`, `3 of 42`) or what was done with an issue (`created`) says nothing of it.
pub(super) fn status(text: &str) -> Option<Status> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let end = [" - ", " – ", " — ", "(", ",", ":", ";", ".", "/", "✅", "→"];
    let phrase = end.iter().filter_map(|mark| text.find(mark)).min().map_or(text, |at| &text[..at]);
    let phrase = phrase.trim().to_lowercase();
    let phrase = phrase.trim_end_matches(|c: char| !c.is_alphanumeric());
    let found = STATUSES.iter().find(|(words, _)| *words == phrase).map(|(_, word)| *word);
    let found = found.or_else(|| phrase.starts_with("duplicate of").then_some(Word::Duplicate));
    found.map(|word| match word {
        Word::Open => Status::Open,
        Word::InProgress => Status::Marked("in-progress".to_owned()),
        Word::Completed => Status::Completed,
        Word::NotPlanned => Status::NotPlanned,
        Word::Duplicate => Status::Duplicate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_in_many_spellings() {
        for (text, want) in [
            ("P1 (High - a feature is broken)", Some(Severity::P1)),
            ("P0-CRITICAL", Some(Severity::P0)),
            ("p2", Some(Severity::P2)),
            ("P4", Some(Severity::P3)),
            ("HIGH", Some(Severity::P1)),
            ("🔴 Critical", Some(Severity::P0)),
            ("Medium, was P1", Some(Severity::P1)),
            ("ERROR/WARNING", Some(Severity::P1)),
            ("Warning level", Some(Severity::P2)),
            ("nobody knows what is high", None),
            ("HTTP2 P5 PP0", None),
            ("", None),
        ] {
            assert_eq!(severity(text).map(|(s, _)| s), want, "{text}");
        }
        assert_eq!(severity("WARNING").map(|(_, w)| w), Some(Weight::Log));
    }

    #[test]
    fn a_heading_is_about_severity_only_where_it_begins_so() {
        assert_eq!(leading("🚨 CRITICAL ISSUES (blocks all)").map(|(s, _)| s), Some(Severity::P0));
        assert_eq!(leading("CATEGORY 2: Locks - P1 PRIORITY").map(|(s, _)| s), Some(Severity::P1));
        assert_eq!(leading("Mission Critical Tests"), None);
        assert_eq!(leading("Error Clusters"), None);
        assert!(is_bucket("P0 - Critical (everything stops)") && is_bucket("HIGH PRIORITY ISSUES"));
        assert!(!is_bucket("High memory use") && !is_bucket("BLOCKER: no disk"));
    }

    #[test]
    fn a_status_is_a_phrase_and_not_a_word() {
        for (text, want) in [
            ("✅ RESOLVED - by a restart", Some(Status::Completed)),
            ("Fixed", Some(Status::Completed)),
            ("Complete failure - timed out", None),
            ("NEW", Some(Status::Open)),
            ("PARTIALLY RESOLVED", Some(Status::Marked("in-progress".to_owned()))),
            ("3 critical failures out of 42", None),
            ("FAILED", None),
            ("Duplicate of #7", Some(Status::Duplicate)),
            ("Won't fix (by design)", Some(Status::NotPlanned)),
            ("Created", None),
        ] {
            assert_eq!(status(text), want, "{text}");
        }
    }
}
