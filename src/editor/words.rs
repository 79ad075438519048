//! What the keys and words of a worklog mean, in a line each: for completion and hover.

use crate::model::{FileKey, LinkKind, Vocabulary};
use crate::worklog::file_keys::{CANDIDATE, ENTRY, HEADER, RUN};

/// Keys with what they mean.
pub(crate) fn told(keys: &[FileKey]) -> Vec<(&'static str, &'static str)> {
    keys.iter().map(|key| (key.name, key.meaning)).collect()
}

/// What a key means, by the names on the way to it.
pub(crate) fn meaning(names: &[&str]) -> Option<&'static str> {
    let (table, key) = match names {
        [key] => (&HEADER[..], *key),
        ["entries", "-", key] => (&ENTRY[..], *key),
        ["runs", "-", key] => (&RUN[..], *key),
        ["entries", "-", "candidates", "-", key] => (&CANDIDATE[..], *key),
        ["entries", "-", "links", "-", word] => return LinkKind::from_word(word).map(link),
        _ => return None,
    };
    table.iter().find(|known| known.name == key).map(|known| known.meaning)
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

    #[test]
    fn keys_and_words_have_a_meaning() {
        assert!(meaning(&["entries", "-", "candidates", "-", "score"]).is_some());
        assert_eq!(meaning(&["entries", "-", "links", "-", "blocks"]), Some(link(LinkKind::Blocks)));
        assert_eq!(meaning(&["entries", "-", "mine"]), None);
        let vocabulary = Vocabulary::default();
        assert!(vocabulary.words().iter().all(|word| status(word, &vocabulary).is_some()));
        assert!(severity("P1", &vocabulary).is_some() && severity("P9", &vocabulary).is_none());
    }
}
