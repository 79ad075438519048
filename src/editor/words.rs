//! What the keys and words of a worklog mean, in a line each: for completion and hover.

use crate::model::{LinkKind, Vocabulary};

/// The keys at the top of a worklog.
pub(crate) const HEADER: &[(&str, &str)] = &[
    ("gardener", "The version of this format: 1."),
    ("id", "Given once, unique in the repository."),
    ("title", "One line for people."),
    ("kind", "What it is about: failing-tests, logs or notes."),
    ("focus", "The focus area of the run."),
    ("started", "When the run started."),
    ("session", "The work session; the config may have a label for it."),
    ("commit", "The commit that was checked out."),
    ("dirty", "Whether the work tree held changes that no commit has."),
    ("runs", "What was run, one item a suite."),
    ("labels", "Labels that every entry's issue gets once."),
    ("archived", "true freezes the worklog: a sync neither reads nor writes its entries."),
    ("imported", "Brought in from an old worklog: what it says of an issue is no news."),
    ("entries", "The problems, one item each."),
];

/// The keys of an entry.
pub(crate) const ENTRY: &[(&str, &str)] = &[
    ("id", "Unique in this file, never changes."),
    ("title", "One line. Sent when an issue is made; it belongs to GitHub from then on."),
    ("severity", "How bad it is, P0 to P3: a label on GitHub. Kept equal on both sides."),
    ("severity_text", "What an old worklog said of it in its own words."),
    ("status", "Where it stands. Kept equal on both sides."),
    ("status_text", "What an old worklog said of it in its own words."),
    ("hold", "Why it is not to be filed yet: as long as this stands, no issue is made for it."),
    ("issue", "The issue that tracks it. Leave it out, and a sync files a new one."),
    ("labels", "Its own labels, kept equal on both sides one by one."),
    ("links", "Issues, addresses and paths that belong to it, kept equal one by one; paths only go there."),
    ("impact", "What it costs whom. Stays here."),
    ("tests", "Failing tests by name. Stay here."),
    ("files", "Files that it is about. Stay here."),
    ("owner", "Who looks after it. Stays here."),
    ("fingerprint", "The failure's fingerprint: entries with an equal one are one problem."),
    ("suites", "The suites that it was found in."),
    ("flaky", "Whether it passes and fails at one commit."),
    ("first_seen", "When it was first seen."),
    ("last_seen", "When it was last seen."),
    ("count", "In how many runs it was seen."),
    ("passed_at", "Commits after the failing one at which all its tests passed."),
    ("candidates", "Issues that may be its own, for a person to decide. [] says that it is none of them."),
    ("reason", "Why it has the issue that it has."),
];

/// The keys of a run.
pub(crate) const RUN: &[(&str, &str)] = &[
    ("suite", "The suite's name in gardener.toml."),
    ("command", "The command, as a person would type it."),
    ("outcome", "passed, failed, timed-out or error."),
    ("passed", "How many tests passed."),
    ("failed", "How many tests failed."),
    ("skipped", "How many tests were left out."),
    ("duration", "How long it took."),
    ("note", "Anything else."),
    ("digest", "The digest of results that were made elsewhere."),
];

/// The keys of a candidate.
pub(crate) const CANDIDATE: &[(&str, &str)] = &[
    ("issue", "The issue."),
    ("score", "How alike they are, from 0 to 1."),
    ("reason", "What they have in common."),
];

/// What a key means, by the names on the way to it.
pub(crate) fn meaning(names: &[&str]) -> Option<&'static str> {
    let (table, key) = match names {
        [key] => (HEADER, *key),
        ["entries", "-", key] => (ENTRY, *key),
        ["runs", "-", key] => (RUN, *key),
        ["entries", "-", "candidates", "-", key] => (CANDIDATE, *key),
        ["entries", "-", "links", "-", word] => return LinkKind::from_word(word).map(link),
        _ => return None,
    };
    table.iter().find(|(known, _)| *known == key).map(|(_, meaning)| *meaning)
}

/// What a link word says.
pub(crate) fn link(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Related => "See also: written without a word.",
        LinkKind::BlockedBy => "This entry waits for the target.",
        LinkKind::Blocks => "The target waits for this entry.",
        LinkKind::Parent => "The target is the larger piece of work.",
        LinkKind::DuplicateOf => "This entry repeats the target.",
    }
}

/// What a status is on GitHub.
pub(crate) fn status(word: &str, vocabulary: &Vocabulary) -> Option<String> {
    Some(match word {
        "open" => "An open issue.".to_owned(),
        "completed" => "A closed issue, closed as completed.".to_owned(),
        "not-planned" => "A closed issue, closed as not planned.".to_owned(),
        "duplicate" => "A closed issue, closed as a duplicate.".to_owned(),
        word => format!("An open issue with the label {}.", vocabulary.marks.get(word)?),
    })
}

/// What a severity is on GitHub.
pub(crate) fn severity(word: &str, vocabulary: &Vocabulary) -> Option<String> {
    let label = vocabulary.severities.get(&word.parse().ok()?)?;
    Some(format!("The label {label} on its issue."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklog::{ENTRY_KEYS, HEADER_KEYS, RUN_KEYS};

    #[test]
    fn every_key_has_a_meaning_in_the_order_of_the_format() {
        let names = |table: &[(&'static str, &str)]| table.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        assert_eq!(names(HEADER), HEADER_KEYS);
        assert_eq!(names(ENTRY), ENTRY_KEYS);
        assert_eq!(names(RUN), RUN_KEYS);
        assert_eq!(meaning(&["entries", "-", "links", "-", "blocks"]), Some(link(LinkKind::Blocks)));
        assert_eq!(meaning(&["entries", "-", "mine"]), None);
        let vocabulary = Vocabulary::default();
        assert!(vocabulary.words().iter().all(|word| status(word, &vocabulary).is_some()));
        assert!(severity("P1", &vocabulary).is_some() && severity("P9", &vocabulary).is_none());
    }
}
