//! What gardener writes into front matter means the same to every reader of YAML.
//!
//! The table runs always, against the strict parser and against the rules by which YAML 1.1
//! takes bare words for something else. `tests/yaml/run` runs the ignored test too, which
//! asks PyYAML (YAML 1.1) and the `yaml` package of npm (YAML 1.2).
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it starts other parsers")]

use std::process::Command;

use gardener::model::{Label, is_hidden};
use gardener::worklog::yaml_text;
use serde_json::Value;

use super::payloads::PAYLOADS;
use crate::both::{Both, REPO};

/// Texts that some reader takes for truth, nothing, a number, a time, a list, a map, a
/// comment, a reference or another text.
const WORDS: &[&str] = &[
    "y",
    "Y",
    "yes",
    "Yes",
    "YES",
    "n",
    "no",
    "NO",
    "on",
    "On",
    "off",
    "OFF",
    "true",
    "True",
    "false",
    "~",
    "null",
    "Null",
    "none",
    "0",
    "-0",
    "+1",
    "1_000",
    "0o17",
    "017",
    "0x1F",
    "0b11",
    "1e3",
    "1.5",
    ".5",
    "1.",
    "-.inf",
    ".NaN",
    "nan",
    "inf",
    "12:30",
    "12:30:00",
    "1:60",
    "190:20:30",
    "2024-01-01",
    "2024-01-01T12:30:00Z",
    "2024-01-01 12:30",
    "=",
    "<<",
    "---",
    "...",
    "--- x",
    "-",
    "- x",
    "?",
    "? x",
    ":",
    ": x",
    "x:",
    "x: y",
    "x:y",
    "#",
    "# x",
    "x # y",
    "x#y",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "|",
    ">",
    "|-",
    "%a",
    "@a",
    "`a",
    "'",
    "\"",
    "''",
    "\"\"",
    "a'b",
    "a\"b",
    "a\\b",
    "\\n",
    "[",
    "]",
    "{",
    "}",
    "[a]",
    "{a: b}",
    ",",
    "a, b",
    "a,b",
    "a]b",
    "(a)",
    "a b",
    "a  b",
    "1password",
    "1.2.3",
    "v1.2.3",
    "12e",
    "e12",
    "0.1.0-rc.1",
    "feature/x",
    "P1",
    "don't",
    "ünïcode",
    "日本語",
    "🌱",
    "👨\u{200d}👩",
    "e\u{301}",
    "a\u{a0}b",
    "a\u{200b}b",
    "a\u{202e}b",
    "a\u{2028}b",
    "a\u{feff}b",
    "\u{feff}a",
    "a\u{e0041}b",
    "a\u{fffe}b",
    "a\u{1ffff}b",
    "{{ x }}",
    "${x}",
    "a--b",
    "--",
    "---x",
    "a: ",
    "null\u{200b}",
    "key: [value",
    "- [ ] x",
];

/// All words that can be a label, each once as labels compare.
fn labels() -> Vec<String> {
    let payloads = PAYLOADS.iter().map(|(_, text)| text.chars().take(40).collect::<String>());
    let all = WORDS.iter().map(|w| (*w).to_owned()).chain(payloads);
    let mut found: Vec<Label> = Vec::new();
    for label in all.filter_map(|word| Label::new(word.trim())) {
        if !found.contains(&label) {
            found.push(label);
        }
    }
    found.iter().map(|l| l.name().to_owned()).collect()
}

/// A worklog into which a sync has written all of them.
fn synced(labels: &[String]) -> String {
    let both = Both::new();
    both.github(|g| {
        for (i, label) in labels.iter().enumerate() {
            if g.repo(REPO).is_some_and(|r| r.label(label).is_none()) {
                g.add_label(REPO, label, "ededed");
            }
            if i % 20 == 0 {
                let on: Vec<&str> = labels[i..labels.len().min(i + 1)].iter().map(String::as_str).collect();
                g.create_issue_as("bob", REPO, "Mine", "", &on);
            } else {
                let number = u64::try_from(i / 20 + 1).expect("small");
                g.label_as("bob", REPO, number, label);
            }
        }
    });
    let entry = |n: usize| format!("  - id: e{n}\n    title: Mine\n    issue: {n}\n");
    let path = both.worklog("w", &(1..=labels.len().div_ceil(20)).map(entry).collect::<String>());
    let synced = both.run(["sync", "--yes"]);
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    both.minutes(1);
    both.assert_settled();
    let file = both.sandbox.read(&path);
    file.split("---\n").nth(1).expect("front matter").to_owned()
}

/// The labels of a worklog's front matter, as some parser read it, in the order in which
/// they were given.
fn read_labels(read: &Value, labels: &[String]) -> Vec<Option<String>> {
    let all: Vec<&Value> = read["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|e| e["labels"].as_array().into_iter().flatten())
        .collect();
    labels.iter().map(|l| all.iter().find(|v| v.as_str() == Some(l)).map(|v| v.to_string())).collect()
}

fn all_found(read: &Value, labels: &[String]) {
    // Severity and status labels stand for something else.
    for (label, found) in labels.iter().zip(read_labels(read, labels)) {
        let is_mapped = ["P0", "P1", "P2", "P3", "in-progress"].contains(&label.as_str());
        assert!(is_mapped || found.is_some(), "{label:?} is not read as itself");
    }
}

/// Whether YAML 1.1 takes a bare word for something else than text.
fn means_something(bare: &str) -> bool {
    let lower = bare.to_ascii_lowercase();
    let words = ["y", "yes", "n", "no", "on", "off", "true", "false", "null", "~", "", "=", "<<"];
    let first = bare.chars().next().unwrap_or(' ');
    let number = first.is_ascii_digit() || "+-.".contains(first);
    words.contains(&lower.as_str()) || number
}

#[test]
fn a_bare_word_is_a_word_to_everybody() {
    for text in WORDS.iter().copied().chain(PAYLOADS.iter().map(|(_, text)| *text)) {
        let written = yaml_text(text);
        let read: String = serde_yaml::from_str(&format!("a: {written}\n"))
            .map(|v: serde_yaml::Value| v["a"].as_str().expect("text").to_owned())
            .expect("YAML");
        assert_eq!(read, text, "{written}");
        assert!(!written.contains(is_hidden), "{written}");
        if !written.starts_with('"') {
            assert!(!means_something(&written), "{written}");
            assert!(written.bytes().all(|b| b.is_ascii_alphanumeric() || b" _./-".contains(&b)), "{written}");
        }
    }
}

#[test]
fn labels_from_github_are_read_as_they_are() {
    let labels = labels();
    assert!(labels.len() > 150, "{}", labels.len());
    let front = synced(&labels);
    assert!(!front.contains(|c: char| c != '\n' && is_hidden(c)), "{front}");
    let read: serde_yaml::Value = serde_yaml::from_str(&front).expect("YAML");
    all_found(&serde_json::to_value(read).expect("JSON"), &labels);
}

#[test]
#[ignore = "needs PyYAML and npm's yaml: tests/yaml/run"]
fn other_parsers_read_the_same() {
    let labels = labels();
    let front = synced(&labels);
    let texts: Vec<&str> = WORDS.iter().copied().chain(PAYLOADS.iter().map(|(_, text)| *text)).collect();
    let values: String =
        texts.iter().map(|t| format!("- {}\n- k: {}\n", yaml_text(t), yaml_text(t))).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/yaml");
    let python = std::env::var("GARDENER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let file = tempfile::tempdir().expect("a folder");
    for (program, script) in [(python.as_str(), "read.py"), ("node", "read.mjs")] {
        let read = |text: &str| -> Value {
            let path = file.path().join("x.yaml");
            std::fs::write(&path, text).expect("written");
            let answer =
                Command::new(program).current_dir(folder).arg(script).arg(&path).output().expect("started");
            assert!(answer.status.success(), "{program}: {}", String::from_utf8_lossy(&answer.stderr));
            serde_json::from_slice(&answer.stdout).expect("JSON")
        };
        all_found(&read(&front), &labels);
        let values = read(&values);
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(values[2 * i], Value::from(*text), "{program}");
            assert_eq!(values[2 * i + 1]["k"], Value::from(*text), "{program}");
        }
    }
}
