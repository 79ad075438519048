//! The story that gardener began with: a suite with 42 tests of which 3 fail for missing fields, and
//! another one that takes too long.
#![expect(clippy::disallowed_methods, reason = "it moves a folder away")]

use crate::run::{Place, tap};

const FIELDS: &str = "AssertionError: the event 'agent_started' lacks its required field 'agent_id'";
const TOKEN: &str = "ghp_0123456789abcdefABCDEF0123456789abcd";

fn config() -> String {
    let more = "severity = \"P1\"\nfocus = [\"critical\"]\nlabels = [\"failing-test\"]\nimpact = \"Nobody sees agents\"";
    tap("events", more)
        + "[suites.docker]\ncommand = [\"sh\", \"-c\", \"echo waiting for the daemon; sleep 60\"]\n\
           timeout = \"300ms\"\nseverity = \"P1\"\nfocus = [\"critical\"]\n"
}

/// The results of the first suite.
fn events(place: &Place) {
    let passing: Vec<String> = (0..39).map(|n| format!("tests/test_events.py::test_{n}")).collect();
    let passing: Vec<&str> = passing.iter().map(String::as_str).collect();
    let secret = format!("{FIELDS}; sent with Authorization: Bearer {TOKEN}");
    let failing = [
        ("tests/test_events.py::test_agent_started", FIELDS),
        ("tests/test_events.py::test_agent_completed", FIELDS),
        ("tests/test_events.py::test_tool_executing", secret.as_str()),
    ];
    place.sandbox.write("tests/test_events.py", "");
    place.plays("events", &passing, &failing);
}

#[test]
fn two_entries_with_counts_and_excerpts_and_no_secrets_that_sync() {
    let place = Place::new(&config());
    events(&place);
    let answer = place.gardener(["run", "critical"]);
    assert_eq!(answer.code, 3, "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("events  failed     39 passed, 3 failed\n"), "{}", answer.out);
    assert!(answer.out.contains("docker  timed-out\n"), "{}", answer.out);
    assert!(answer.out.ends_with("2 new\n"), "{}", answer.out);
    let text = place.worklog("critical-20250914T115930Z");
    assert!(!text.contains(TOKEN) && !answer.out.contains(TOKEN), "{text}");
    for part in [
        "focus: critical",
        "started: \"2025-09-14T11:59:30Z\"",
        "    outcome: failed\n    passed: 39\n    failed: 3\n",
        "    outcome: timed-out\n    note: timed out after 300 ms\n",
        "    severity: P1\n    status: open\n    labels: [failing-test]\n    impact: Nobody sees agents\n",
        "      - \"tests/test_events.py::test_agent_started\"",
        "    files:\n      - tests/test_events.py\n",
        "  - id: docker-timeout\n    title: \"docker: timed out after 300 ms\"\n    severity: P1\n",
        "3 tests of `events` fail.",
        "lacks its required field 'agent_id'",
        "```text\nwaiting for the daemon\n```",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("  - id: ").count(), 2, "{text}");
    // The same results give the same bytes.
    std::fs::rename(place.sandbox.top().join("worklogs"), place.sandbox.top().join("../first"))
        .expect("moved");
    assert_eq!(place.gardener(["run", "critical"]).code, 3);
    assert_eq!(place.worklog("critical"), text);
    place.sandbox.commit_all("a worklog");
    place.sync();
    let filed: Vec<_> =
        [1, 2].map(|n| place.github(|g| g.issue("acme/app", n).expect("filed").facts.title.clone())).into();
    assert!(filed.iter().any(|title| title == "docker: timed out after 300 ms"), "{filed:?}");
    assert!(place.issue(1).2.contains(&"P1".to_owned()) && place.issue(2).2.contains(&"P1".to_owned()));
    place.assert_settled();
}

#[test]
fn the_readme_shows_what_run_says() {
    const README: &str = include_str!("../../../README.md");
    let place = Place::new(&config());
    events(&place);
    let answer = place.gardener(["run", "critical"]);
    let shown = format!("```text\n$ gardener run critical\n{}```", answer.out);
    assert!(README.contains(&shown), "{shown}");
    let text = place.worklog("");
    let entry: Vec<_> = text.lines().skip_while(|l| !l.starts_with("  - id: ")).take(12).collect();
    assert!(README.contains(&entry.join("\n")), "{text}");
}
