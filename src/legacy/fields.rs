//! Lines of the form `**Key:** value`, which is how people write down what they know of a problem.

use std::ops::Range;

use crate::legacy::outline::Outline;
use crate::legacy::words;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field<'t> {
    /// Where its line starts.
    pub(super) at: usize,
    /// In lower case, without marks.
    pub(super) key: String,
    /// The rest of the line, as it is written but for marks around it.
    pub(super) value: &'t str,
}

/// Words that are in the keys of problems, whatever else is in these.
const OF_PROBLEMS: [&str; 38] = [
    "error",
    "errors",
    "exception",
    "status",
    "impact",
    "category",
    "type",
    "test",
    "tests",
    "file",
    "files",
    "frequency",
    "occurrence",
    "occurrences",
    "count",
    "message",
    "messages",
    "pattern",
    "location",
    "module",
    "service",
    "cause",
    "causes",
    "symptom",
    "symptoms",
    "description",
    "details",
    "affected",
    "failing",
    "failed",
    "failures",
    "log",
    "logs",
    "warning",
    "warnings",
    "issues",
    "evidence",
    "component",
];

/// The fields in the lines that start in a range.
pub(super) fn fields<'t>(outline: &Outline<'t>, range: Range<usize>) -> Vec<Field<'t>> {
    outline.lines(range).filter_map(|(at, line)| field(at, line)).collect()
}

impl Field<'_> {
    /// Whether it says how bad something is.
    pub(super) fn is_severity(&self) -> bool {
        matches!(self.key.as_str(), "severity" | "priority" | "prio" | "severity level" | "priority level" | "criticality")
            || self.key.ends_with(" severity")
            || (self.key.ends_with(" priority") && self.key.split(' ').count() == 2)
            // In whatever language the key is.
            || (words::level(self.value.get(..2).unwrap_or_default()).is_some()
                && !self.value[2..].starts_with(|c: char| c.is_alphanumeric()))
    }

    /// Whether it says what kind of problem it is.
    pub(super) fn is_kind(&self) -> bool {
        self.key.split(' ').any(|word| matches!(word, "category" | "type" | "kind" | "label" | "labels"))
    }

    /// Whether it says where something stands.
    pub(super) fn is_status(&self) -> bool {
        matches!(self.key.as_str(), "status" | "state" | "current status" | "issue status")
    }

    /// Whether its key is one that problems have.
    pub(super) fn is_of_problem(&self) -> bool {
        self.key.split(' ').any(|word| OF_PROBLEMS.contains(&word))
    }
}

/// Reads a line, which starts at a byte.
pub(super) fn field(at: usize, line: &str) -> Option<Field<'_>> {
    let rest = line.trim_start();
    if rest.starts_with('>') {
        return None;
    }
    // `#### Severity: P1`, `| Severity | P1 |`: there only what all entries have is looked for.
    let is_odd = rest.starts_with(['|', '#']);
    let (key, value) = match rest.strip_prefix('|') {
        Some(row) => {
            row.trim_end().strip_suffix('|')?.split_once('|').filter(|(_, value)| !value.contains('|'))?
        }
        None => item(rest.trim_start_matches('#')).split_once(':')?,
    };
    let key = key.trim();
    let is_bold = key.starts_with("**") || key.starts_with("__");
    let name = key.trim_matches(['*', '_', ' ']);
    let fits = name.chars().all(|c| c.is_alphanumeric() || " -/&'()".contains(c))
        && name.starts_with(|c: char| c.is_alphabetic())
        && name.split_whitespace().count() <= if is_bold { 5 } else { 3 }
        && name.chars().count() <= 40;
    // `test_a.py::test_b` and `https://` are no fields.
    if !fits || value.starts_with([':', '/']) {
        return None;
    }
    let value = value.trim_matches(['*', ' ', '\t']);
    let field = Field { at, key: name.to_lowercase(), value };
    (!is_odd || field.is_severity() || field.is_status()).then_some(field)
}

/// A line without the mark of a list item and its tick box.
pub(super) fn item(line: &str) -> &str {
    let rest = line.trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = &rest[digits..];
    let rest = match after.strip_prefix(['.', ')']).filter(|_| (1..=4).contains(&digits)) {
        Some(after) if after.starts_with(' ') => after.trim_start(),
        _ => match rest.strip_prefix(['-', '*', '+']) {
            Some(after) if after.starts_with([' ', '\t']) => after.trim_start(),
            _ => rest,
        },
    };
    ["[x] ", "[X] ", "[ ] "].iter().find_map(|tick| rest.strip_prefix(tick)).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_and_other_lines_are_not() {
        for (line, want) in [
            ("**Severity:** P1 (High)  ", Some(("severity", "P1 (High)"))),
            ("- **Error**: `x: y`", Some(("error", "`x: y`"))),
            ("   - Severity: P2 - Missing", Some(("severity", "P2 - Missing"))),
            ("1. **Test File:** `a.py`", Some(("test file", "`a.py`"))),
            ("- [x] Status: done", Some(("status", "done"))),
            ("**Error Messages:**", Some(("error messages", ""))),
            ("tests/a.py::test_b failed", None),
            ("https://example.org", None),
            ("We saw that it broke again after the update: twice", None),
            ("#### Severity: P1", Some(("severity", "P1"))),
            ("#### Log Pattern: x", None),
            ("| **Severity** | P1 |", Some(("severity", "P1"))),
            ("| Severity | Count | Test |", None),
            ("| Count | 3 |", None),
        ] {
            let found = field(0, line);
            assert_eq!(found.as_ref().map(|f| (f.key.as_str(), f.value)), want, "{line}");
        }
        assert!(field(0, "Priority: P1").is_some_and(|f| f.is_severity()));
        assert!(!field(0, "**New Issue Count:** 1").is_some_and(|f| f.is_severity()));
    }
}
