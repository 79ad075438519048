//! `gardener lsp`: the real program, with real frames.

mod client;
mod fixes;
mod large;
mod manners;

use std::fmt::Write as _;

use gardener::journal::{FileStore, Texts};
use gardener::model::{Association, Author, Label, RemoteIssue, State, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// A worklog of `count` entries, each with an issue, its section and a base line.
fn worklog(number: usize, count: usize) -> String {
    let mut text = format!("---\ngardener: 1\nid: run-{number:03}\ntitle: Run {number}\nentries:\n");
    let mut body = format!("# Run {number} 🌱\n\n");
    let mut base = "<!-- gardener:base 1\n".to_owned();
    for at in 0..count {
        let issue = 1_000 + number * count + at;
        let _ = write!(
            text,
            "  - id: entry-{number:03}-{at:02}\n    title: \"Problem {at} of run {number} 🌱\"\n    severity: P1\n    \
             status: open\n    issue: {issue}\n    labels: [area-{at}, websocket]\n    \
             links: [\"#{}\", docs/events.md, blocked-by: \"#1001\"]\n    tests:\n      - tests/test_{at}.py::test_it\n",
            issue + 1
        );
        let _ = write!(
            body,
            "## Problem {at}\n<!-- gardener:entry entry-{number:03}-{at:02} -->\n\nIt fails, see #{issue}.\n\n"
        );
        let _ = write!(
            base,
            "entry-{number:03}-{at:02} {{\"issue\":\"acme/app#{issue}\",\"status\":\"open\",\"severity\":\"P1\",\
             \"labels\":[\"websocket\"],\"links\":[],\"seen\":\"2025-09-14T11:00:00Z\"}}\n-\n"
        );
    }
    format!("{text}---\n\n{body}{base}-->\n")
}

/// What an earlier sync kept of issues.
fn keep_issues(sandbox: &Sandbox, issues: &[(u64, &str)]) {
    let disk = sandbox.open().disk().clone();
    let mut store = FileStore::texts(&sandbox.top().join(".git"), disk);
    let mut texts = Texts::load(&mut store, 7);
    for (number, title) in issues {
        texts.hear(&RemoteIssue {
            number: *number,
            node_id: String::new(),
            title: (*title).to_owned(),
            body: "It fails.\n".repeat(20),
            state: if number % 5 == 0 { State::Completed } else { State::Open },
            labels: vec![Label::new("websocket").expect("a label")],
            author: Author { login: "ann".to_owned(), association: Association::Owner },
            locked: false,
            created_at: Timestamp::from_second(0),
            updated_at: Timestamp::from_second(i64::try_from(*number).expect("small")),
        });
    }
    texts.listed("2025-09-14T11:30:00Z".parse().expect("a time"));
    texts.save(&mut store).expect("kept");
}

/// A repository of acme/app.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox
}

/// A place in a document.
fn at(uri: &str, text: &str, offset: usize) -> Value {
    json!({"textDocument": {"uri": uri}, "position": client::place(text, offset)})
}

/// The labels of a completion.
fn labels(completion: &Value) -> Vec<&str> {
    let items = completion["items"].as_array().unwrap_or_else(|| panic!("{completion}"));
    items.iter().map(|item| item["label"].as_str().expect("a label")).collect()
}

/// The codes of findings.
fn codes(findings: &[Value]) -> Vec<&str> {
    findings.iter().map(|finding| finding["code"].as_str().expect("a code")).collect()
}
