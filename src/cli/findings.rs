//! The findings of `gardener check` in other programs' forms: annotations of a GitHub workflow, and
//! SARIF for code scanning.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::model::Untrusted;
use crate::worklog::{Diagnostic, Level};

/// A finding and the file that it is about; the text is empty where the file as a whole is meant.
pub(super) struct Finding<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) diagnostic: &'a Diagnostic,
}

impl Finding<'_> {
    /// Line and column, both from 1, where there is a place.
    fn position(&self) -> Option<(usize, usize)> {
        (!self.text.is_empty()).then(|| self.diagnostic.position(self.text))
    }

    fn level(&self) -> &'static str {
        match self.diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }

    fn message(&self) -> String {
        let (message, help) = (Untrusted(&self.diagnostic.message), Untrusted(&self.diagnostic.help));
        format!("{message}; {help}")
    }
}

/// `::error file=worklogs/a.md,line=3,col=5,title=duplicate-id::what is wrong`
///
/// What would end a line or a property is escaped as the toolkit for actions does it.
pub(super) fn annotations<'a>(findings: impl Iterator<Item = Finding<'a>>) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let mut lines = String::new();
    for finding in findings {
        let place = finding.position().map_or_else(String::new, |(l, c)| format!(",line={l},col={c}"));
        let (level, file) = (finding.level(), property(finding.path));
        let (title, message) = (property(finding.diagnostic.code), data(&finding.message()));
        let _ = writeln!(lines, "::{level} file={file}{place},title={title}::{message}");
    }
    lines
}

/// A log of the Static Analysis Results Interchange Format 2.1.0.
pub(super) fn sarif<'a>(findings: impl Iterator<Item = Finding<'a>>) -> Value {
    let (mut rules, mut results) = (BTreeMap::new(), Vec::new());
    for finding in findings {
        let code = finding.diagnostic.code;
        rules.entry(code).or_insert_with(|| json!({"id": code, "name": code}));
        let mut place = json!({"artifactLocation": {"uri": uri(finding.path)}});
        if let Some((line, column)) = finding.position() {
            place["region"] = json!({"startLine": line, "startColumn": column});
        }
        results.push(json!({
            "ruleId": code, "level": finding.level(), "message": {"text": finding.message()},
            "locations": [{"physicalLocation": place}],
        }));
    }
    let driver = json!({
        "name": "gardener", "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.into_values().collect::<Vec<_>>(),
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte))
            }
            other => drop(write!(uri, "%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_finding_ends_its_line_or_property() {
        let diagnostic = Diagnostic::error("some-code", 4..5, "what: a,b\n100%", "do");
        let finding = || Finding { path: "work logs/ä,b.md", text: "abc\ndef", diagnostic: &diagnostic };
        assert_eq!(
            annotations(std::iter::once(finding())),
            "::error file=work logs/ä%2Cb.md,line=2,col=1,title=some-code::what: a,b\\u{a}100%25; do\n"
        );
        let log = sarif(std::iter::once(finding()));
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "work%20logs/%C3%A4%2Cb.md");
        assert_eq!(place["region"], json!({"startLine": 2, "startColumn": 1}));
        let whole = sarif(std::iter::once(Finding { text: "", ..finding() }));
        assert!(whole["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"].is_null());
    }
}
