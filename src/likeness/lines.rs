//! The lines of a text that say what went wrong, as they are compared.

use std::collections::BTreeMap;

use super::words::{term, words};
use crate::wording;

/// A line with fewer words says too little to be the same by itself.
const FEWEST_WORDS: usize = 3;
/// At most so many lines of a text are compared.
const MOST: usize = 400;

/// A line that another text may have as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// How many words it has.
    pub(super) words: usize,
    /// For people.
    pub(super) spelled: String,
}

/// The lines of a text by what stands for them in an index.
///
/// Without markdown's signs, the name of a field before them (`**Error:**`), and whatever changes from
/// run to run. A field whose value is a place or a choice says what it is about, not what went
/// wrong, so that only a line with a sentence's worth of words is one.
pub(super) fn lines(text: &str) -> BTreeMap<u64, Line> {
    let mut out = BTreeMap::new();
    for raw in text.lines().take(MOST) {
        let plain: String = raw.chars().filter(|c| !matches!(c, '*' | '`' | '"' | '\'')).collect();
        let normal =
            wording::normalise(without_field(plain.trim_matches([' ', '\t', '-', '+', '#', '>', ','])));
        if is_path(&normal) {
            continue;
        }
        let read = words(&normal);
        if read.len() < FEWEST_WORDS {
            continue;
        }
        let stems: Vec<&str> = read.iter().map(|w| w.stem.as_str()).collect();
        let spelled: String = normal.chars().take(120).collect();
        out.insert(term(&stems.join(" ")), Line { words: read.len(), spelled });
    }
    out
}

/// What follows a short name and a colon. `KeyError:` is no name of a field.
fn without_field(line: &str) -> &str {
    let Some((name, value)) = line.split_once(": ") else { return line };
    let short = name.split_whitespace().count() <= 2 && name.chars().all(|c| c.is_alphanumeric() || c == ' ');
    let is_type = |word: &str| {
        let small_then_great = |pair: &[char]| pair[0].is_lowercase() && pair[1].is_uppercase();
        word.chars().collect::<Vec<_>>().windows(2).any(small_then_great)
    };
    if short && !name.split(' ').any(is_type) { value.trim_start() } else { line }
}

/// Whether a line is nothing but the name of a file or a test, however many words that has.
fn is_path(line: &str) -> bool {
    !line.trim().contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        lines(a).keys().eq(lines(b).keys())
    }

    #[test]
    fn one_error_in_two_worklogs_is_one_line() {
        assert!(same(
            "**Error:** `Cannot reach queue at 0x7f3a2c1b after 30s`",
            "- Message: \"cannot reach queue at 0x11aa22bb after 12s\""
        ));
        assert!(!same("Cannot reach queue", "Cannot reach topic"));
    }

    #[test]
    fn places_and_short_lines_are_no_errors() {
        for line in
            ["**Test File:** `tests/unit/big_suite/test_of_many_things.py`", "Severity: HIGH", "ok then"]
        {
            assert!(lines(line).is_empty(), "{line}");
        }
    }
}
