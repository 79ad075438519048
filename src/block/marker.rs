//! Markers: the one line by which gardener knows its own issues and comments again.
//!
//! A marker proves nothing by itself, anybody can type one; whose it is (rule 6) is
//! judged where authors are known.

use crate::model::EntryKey;

const ISSUE: &str = "<!-- gardener:issue 1 ";
const COMMENT: &str = "<!-- gardener:comment 1 ";
const DUPLICATE: &str = "<!-- gardener:duplicate 1 ";

/// The line in the text of an issue that gardener made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueMarker {
    /// The entry it was made for.
    pub key: EntryKey,
    /// The failure's fingerprint, where the entry has one.
    pub fingerprint: Option<String>,
}

/// The line in a comment of gardener's for one occurrence. A comment may carry several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentMarker {
    /// The occurrence.
    pub key: EntryKey,
}

/// The line in the comment that says on an issue filed twice at once which one stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateMarker {
    /// The entry both were made for.
    pub key: EntryKey,
    /// The issue that stays.
    pub of: u64,
}

impl IssueMarker {
    /// The marker of an issue's text. It counts only when the text has exactly one:
    /// a copied second one makes both worthless.
    pub fn read(text: &str) -> Option<Self> {
        let mut found = text.lines().filter_map(|line| {
            let inner = line.trim().strip_prefix(ISSUE)?.strip_suffix(" -->")?;
            let (key, rest) = inner.split_once(' ').unwrap_or((inner, ""));
            let fingerprint = rest.trim().strip_prefix("fingerprint=").map(str::to_owned);
            Some(Self { key: EntryKey::parse(key).ok()?, fingerprint })
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The line.
    pub fn line(&self) -> String {
        let print = self.fingerprint.as_deref().filter(|f| is_plain(f));
        let print = print.map(|f| format!(" fingerprint={f}")).unwrap_or_default();
        format!("{ISSUE}{}{print} -->", self.key)
    }
}

impl CommentMarker {
    /// The line.
    pub fn line(&self) -> String {
        format!("{COMMENT}{} -->", self.key)
    }
}

impl DuplicateMarker {
    /// The first one in a comment.
    pub fn read(text: &str) -> Option<Self> {
        let lines = text.lines().filter_map(|l| l.trim().strip_prefix(DUPLICATE)?.strip_suffix(" -->"));
        lines
            .filter_map(|inner| inner.trim().split_once(" of "))
            .find_map(|(key, of)| Some(Self { key: EntryKey::parse(key).ok()?, of: of.parse().ok()? }))
    }

    /// The line.
    pub fn line(&self) -> String {
        format!("{DUPLICATE}{} of {} -->", self.key, self.of)
    }
}

/// The occurrences that a comment speaks of.
pub fn comment_markers(text: &str) -> Vec<CommentMarker> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(COMMENT)?.strip_suffix(" -->"))
        .filter_map(|key| EntryKey::parse(key.trim()).ok().map(|key| CommentMarker { key }))
        .collect()
}

/// A fingerprint stands in a comment of HTML, so it must not be able to end it.
fn is_plain(text: &str) -> bool {
    let fits = (1..=128).contains(&text.len());
    fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b)) && !text.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_comment_says_of_a_duplicate_is_read_again() {
        let marker = DuplicateMarker { key: EntryKey::parse("w/e").expect("a key"), of: 5 };
        assert_eq!(DuplicateMarker::read(&format!("Words\r\n{}\r\n", marker.line())), Some(marker));
        assert_eq!(DuplicateMarker::read("<!-- gardener:duplicate 1 w/e of -->"), None);
        assert_eq!(DuplicateMarker::read("<!-- gardener:comment 1 w/e -->"), None);
    }

    #[test]
    fn a_marker_is_read_again_and_two_are_none() {
        let key = EntryKey::parse("w-1/build").expect("a key");
        for fingerprint in [None, Some("v1:abc123".to_owned())] {
            let marker = IssueMarker { key: key.clone(), fingerprint };
            let text = format!("Body\r\n{}\r\nmore", marker.line());
            assert_eq!(IssueMarker::read(&text), Some(marker.clone()));
            let twice = format!("{text}\n{}", marker.line());
            assert_eq!(IssueMarker::read(&twice), None);
        }
        let hostile = IssueMarker { key: key.clone(), fingerprint: Some("x --> <b>".into()) };
        assert!(!hostile.line().contains("<b>"));
        let comment = format!("{}\ntext", CommentMarker { key: key.clone() }.line());
        assert_eq!(comment_markers(&comment), vec![CommentMarker { key }]);
    }
}
