//! Repositories to measure in: worklogs of 8 KB with three entries each, all filed and agreed on.
//!
//! The same numbers give the same bytes, so that figures of two days can be compared.

use std::fmt::Write as _;

const WORDS: [&str; 24] = [
    "the", "agent", "waits", "for", "an", "answer", "that", "never", "comes", "because", "its", "socket",
    "was", "closed", "before", "handler", "could", "read", "worker", "thread", "test", "holds", "port",
    "error",
];

/// A row of numbers that looks like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % most
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }
}

/// The worklog of this number.
pub(crate) fn worklog(number: usize) -> String {
    let mut chance = Chance(number as u64 + 1);
    let mut text = format!(
        "---\ngardener: 1\nid: run-{number:05}\ntitle: Critical tests {number}\nfocus: critical\n\
         started: \"2025-09-14T11:59:30Z\"\nruns:\n  - command: python3 tests/critical/test_events.py\n    \
         outcome: failed\n    passed: 39\n    failed: 3\nlabels: [failing-test]\nentries:\n"
    );
    let mut base = "<!-- gardener:base 1\n".to_owned();
    let mut body = format!("---\n\n# Critical tests {number}\n\n");
    for entry in 0..3 {
        let (id, issue) = (format!("{}-{entry}", chance.word()), 1000 + 3 * number + entry);
        let title: Vec<_> = (0..6).map(|_| chance.word()).collect();
        let _ = write!(
            text,
            "  - id: {id}\n    title: {}\n    severity: P{entry}\n    status: open\n    issue: {issue}\n    \
             labels: [websocket]\n    tests:\n      - tests/critical/test_{}.py::Test::test_{}\n",
            title.join(" "),
            chance.word(),
            chance.word(),
        );
        let _ = write!(
            base,
            "{id} {{\"issue\":\"acme/app#{issue}\",\"status\":\"open\",\"severity\":\"P{entry}\",\
             \"labels\":[\"failing-test\",\"websocket\"],\"links\":[],\"seen\":\"2025-09-14T12:03:11Z\"}}\n-\n"
        );
        let _ = write!(body, "## Entry {entry}\n<!-- gardener:entry {id} -->\n\n");
        let end = body.len() + 2150;
        while body.len() < end {
            if chance.below(8) == 0 {
                let (left, right) = (chance.below(999), chance.below(999));
                let _ = write!(
                    body,
                    "```\nE   AssertionError: assert {left} == {right}\ntests/critical/test_{}.py:{left}: in test_{}\n    \
                     raise ValueError('{}')\n```\n\n",
                    chance.word(),
                    chance.word(),
                    chance.word(),
                );
            } else {
                let words: Vec<_> = (0..12).map(|_| chance.word()).collect();
                let _ = write!(body, "{}.\n\n", words.join(" "));
            }
        }
    }
    text + &body + &base + "-->\n"
}
