//! From GitHub to the terminal, to scripts and into a worklog: every payload as title, text,
//! label, login, comment and as what a server says when it refuses.

use std::collections::BTreeMap;

use gardener::model::{Label, is_hidden};
use github_stand_in::{How, Response, Rule, When};
use serde_json::json;

use super::oracle::assert_harmless;
use super::payloads::PAYLOADS;
use crate::both::{Both, REPO};

fn label(text: &str) -> Option<String> {
    let short: String = text.chars().take(40).collect();
    Label::new(short.trim()).map(|l| l.name().to_owned())
}

#[test]
fn no_payload_of_github_acts_here() {
    let both = Both::new();
    let labels: Vec<String> = PAYLOADS.iter().filter_map(|(_, text)| label(text)).collect();
    both.github(|g| {
        g.add_user("mallory");
        for label in &labels {
            if g.repo(REPO).is_some_and(|r| r.label(label).is_none()) {
                g.add_label(REPO, label, "ededed");
            }
        }
        for (_, text) in PAYLOADS {
            let label = label(text);
            let on: Vec<&str> = label.iter().map(String::as_str).collect();
            let number = g.create_issue_as("bob", REPO, text, text, &on);
            g.comment_as("mallory", REPO, number, text);
        }
    });
    // Several worklogs, because an edit takes the longer the longer its file is.
    let places: Vec<_> = (0..PAYLOADS.len()).step_by(16).collect();
    for from in &places {
        let to = PAYLOADS.len().min(from + 16);
        let entries = (*from..to).map(|i| format!("  - id: e{i}\n    title: Mine\n    issue: {}\n", i + 1));
        both.worklog(&format!("w{from}"), &entries.collect::<String>());
    }
    let dry = both.run(["sync", "--dry-run", "--diff"]).answer;
    let synced = both.run(["sync", "--yes"]).answer;
    assert_eq!(synced.code, 0, "{}\n{}", synced.out, synced.err);
    for (what, answer) in [("dry run", dry), ("sync", synced)] {
        assert_harmless(what, &answer.out);
        assert_harmless(what, &answer.err);
    }
    both.minutes(1);
    both.assert_settled();

    // What came into the worklog is what was meant, and nothing else.
    for (i, (name, text)) in PAYLOADS.iter().enumerate() {
        let Some(label) = label(text) else { continue };
        let file = both.sandbox.read(&format!("worklogs/w{}.md", i / 16 * 16));
        let front = file.split("---\n").nth(1).expect("front matter");
        assert!(!file.contains(|c: char| c != '\n' && is_hidden(c)), "{file:?}");
        let read: serde_yaml::Value = serde_yaml::from_str(front).expect("YAML");
        let there = &read["entries"][i % 16]["labels"];
        let there: Vec<&str> = there.as_sequence().into_iter().flatten().filter_map(|l| l.as_str()).collect();
        assert!(there.iter().any(|l| l.eq_ignore_ascii_case(&label)), "{name}: {there:?} {label:?}");
    }

    for words in [
        &["status", "--remote"][..],
        &["list"],
        &["show", "w0"],
        &["show", "w48", "--json"],
        &["sync", "--json"],
    ] {
        let answer = both.run(words.iter()).answer;
        assert_eq!(answer.code, 0, "{words:?}: {}", answer.err);
        let what = words.join(" ");
        assert_harmless(&what, &answer.out);
        assert_harmless(&what, &answer.err);
        if words.contains(&"--json") {
            let value: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
            assert_eq!(value["schema"], 1);
        }
    }
    let told: serde_json::Value =
        serde_json::from_str(&both.run(["status", "--remote", "--json"]).answer.out).expect("JSON");
    let titles = told["plan"]["titles"].as_array().expect("a list");
    for (_, text) in PAYLOADS {
        assert!(titles.iter().any(|t| t["remote"] == *text), "a script gets the title itself: {text:?}");
    }
}

#[test]
fn what_a_server_says_when_it_refuses_does_nothing() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: Mine\n    labels: [bug]\n");
    for (name, text) in PAYLOADS {
        let body =
            json!({"message": text, "errors": [{"message": text}], "documentation_url": text}).to_string();
        both.server.clear_faults();
        both.server
            .fail(Rule::new(When::Before, How::Status(422, body)).method("GET").path("/repos/").always());
        let answer = both.run(["sync"]).answer;
        assert_ne!(answer.code, 0, "{name}");
        assert_harmless(name, &answer.out);
        assert_harmless(name, &answer.err);
    }
    let visible = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    let ways = [(301, "location"), (403, "x-github-sso"), (403, "x-accepted-github-permissions")];
    let in_headers = PAYLOADS.iter().filter(|(_, text)| visible(text));
    for ((name, text), way) in in_headers.zip(ways.iter().cycle()) {
        let (status, header) = *way;
        let headers = BTreeMap::from([(header.to_owned(), (*text).to_owned())]);
        let body = json!({"message": text}).to_string().into_bytes();
        both.server.clear_faults();
        both.server.fail(Rule::new(When::Before, How::Answer(Response { status, headers, body })).always());
        let answer = both.run(["sync", "--json"]).answer;
        assert_ne!(answer.code, 0, "{name}");
        assert_harmless(name, &answer.out);
        assert_harmless(name, &answer.err);
    }
}

#[test]
fn what_was_typed_comes_back_harmless() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: Mine\n");
    let typed = PAYLOADS.iter().filter(|(_, text)| !text.contains('\0')).step_by(3);
    for (name, text) in typed {
        for words in [&["list", "--severity"][..], &["show"], &["sync", "--prefer"], &["new", "--kind"]] {
            let answer = both.gardener(words.iter().chain([text])).run();
            assert_harmless(name, &answer.err);
            assert_harmless(name, &answer.out);
        }
    }
}
