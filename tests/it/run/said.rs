//! What a run says: to people no more than they read, to a script all of it.

use crate::run::{Place, tap};

const README: &str = include_str!("../../../README.md");

fn failing() -> Place {
    let place = Place::new(&tap("unit", "severity = \"P2\""));
    place.plays("unit", &["a"], &[("b", "TypeError: no field 'x' in reader")]);
    place
}

#[test]
fn what_passes_again_stands_below_the_worklog_that_has_it() {
    let place = failing();
    place.run(1);
    place.sandbox.commit_all("a worklog");
    let path = format!("worklogs/{}", place.worklogs()[0]);
    place.plays("unit", &["a", "b"], &[("c", "ValueError: 7 is no port")]);
    let answer = place.run(1);
    let told = format!("{path}  brought up to date\n  no-field-x-in-reader  -  passes again\n");
    assert!(answer.out.contains(&told), "{}", answer.out);
    let line = format!("- `no-field-x-in-reader` in `{path}`: passes again\n");
    assert!(place.worklog("Z-2").contains(&line), "{}", place.worklog("Z-2"));
}

#[test]
fn a_flood_of_causes_is_capped_and_counted() {
    // Suites that tell of no tests are a cause each.
    let suites = (0..35).map(|n| format!("[suites.s{n}]\ncommand = [\"false\"]\nseverity = \"P2\"\n"));
    let place = Place::new(&suites.collect::<String>());
    let answer = place.run(1);
    let rows = answer.out.lines().filter(|line| line.contains("  -  new") && line.contains("P2, ")).count();
    assert_eq!(rows, 30, "{}", answer.out);
    assert!(
        answer.out.ends_with("  and 5 more in worklogs/run-20250914T115930Z.md\n35 new\n"),
        "{}",
        answer.out
    );
    assert_eq!(place.worklog("").matches("  - id: ").count(), 35);
    let json = place.gardener(["run", "-n", "--json"]).out;
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["entries"].as_array().map(Vec::len), Some(35));
}

#[test]
fn json_tells_the_same() {
    let place = failing();
    let answer = place.gardener(["run", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!((value["schema"].as_u64(), value["suites"][0]["failed"].as_u64()), (Some(1), Some(1)));
    assert_eq!(value["worklog"], "worklogs/run-20250914T115930Z.md");
    let entry = &value["entries"][0];
    assert_eq!((entry["standing"].as_str(), entry["tests"][0].as_str()), (Some("new"), Some("b")));
    assert_eq!(answer.code, 1);
    assert_eq!((value["exit"].as_u64(), value["stopped"].as_bool()), (Some(1), Some(false)));
    assert_eq!(value["summary"], "1 test passed, 1 failed; 1 cause: 1 new.");
    assert_eq!(value["started"], "2025-09-14T11:59:30Z");
    assert_eq!(value["commit"], place.sandbox.head());
    // Where the clock is fixed a duration would be all that differs.
    assert!(value["suites"][0]["duration_seconds"].is_null());
    let timed = place.sandbox.gardener(["run", "-n", "--json"]).run();
    let timed: serde_json::Value = serde_json::from_str(&timed.out).expect("JSON");
    assert!(timed["suites"][0]["duration_seconds"].as_f64().is_some_and(|s| s > 0.0), "{timed}");
    assert_eq!((timed["dry_run"].as_bool(), timed["worklog"].is_null()), (Some(true), true));
    // The README names every key.
    let mut missing = Vec::new();
    for object in [&value, &value["suites"][0], &value["entries"][0]] {
        let keys = object.as_object().expect("an object").keys();
        missing.extend(keys.filter(|key| !README.contains(&format!("`{key}`"))));
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn an_error_is_json_too_where_that_was_asked_for() {
    let place = failing();
    place.gardener(["trust", "--revoke"]);
    let words: [&[&str]; 6] = [
        &["run", "--json"],
        &["run", "nothing", "--json"],
        &["collect", "--json", "missing.xml"],
        &["show", "nowhere", "--json"],
        &["sync", "--json"],
        &["status", "--remote", "--json"],
    ];
    for words in words {
        let answer = place.gardener(words.iter().copied());
        assert!(matches!(answer.code, 1 | 2), "{words:?}: {answer:?}");
        assert_eq!(answer.out.lines().count(), 1, "{words:?}: {answer:?}");
        let value: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
        assert_eq!(value["schema"], 1);
        assert_eq!(value["exit"], answer.code);
        let error = value["error"].as_str().expect("words");
        assert!(answer.err.contains(error), "{words:?}: {answer:?}");
        assert!(value["next"].is_null() || answer.err.contains(value["next"].as_str().expect("words")));
    }
    place.sandbox.write("gardener.toml", "worklogs = 7\n");
    let answer = place.gardener(["trust", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!((answer.code, value["error"].as_str()), (1, Some("gardener.toml is wrong")));
}

#[test]
fn a_record_without_a_message_has_a_title() {
    let place = failing();
    let log = "{\"level\":\"error\",\"time\":\"2025-09-14T10:00:00Z\"}\n";
    let answer = place.start(["collect", "--format", "jsonl", "--suite", "api", "-n", "-"]).input(log).run();
    assert!(answer.out.contains("records without a message (error)"), "{}", answer.out);
    assert!(!answer.out.contains("(no message)\n"), "{}", answer.out);
}
