//! Judged worklogs that people wrote, where they are at hand.
#![expect(clippy::disallowed_methods, reason = "the folder is named by the environment")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::{import, json};
use crate::sandbox::Sandbox;

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("GARDENER_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: GARDENER_CORPUS names no folder with judged worklogs");
    }
    folder
}

#[test]
fn judged_worklogs_are_read_as_people_read_them() {
    let Some(folder) = corpus() else { return };
    let truth = std::fs::read_to_string(folder.join("import-truth.jsonl")).expect("the judgements");
    let (mut right, mut found_count, mut judged_count, mut issues) = (0, 0, 0, 0);
    for line in truth.lines() {
        let truth: Value = serde_json::from_str(line).expect("JSON");
        let name = truth["file"].as_str().expect("a file");
        let text = std::fs::read(folder.join(name)).expect("the file");
        let sandbox = Sandbox::new();
        let path = format!("worklogs/{}", name.rsplit('/').next().expect("a name"));
        sandbox.write(&path, &text);
        let value = json(&import(&sandbox, &format!("--json {path}")));
        assert_eq!(value["files"][0]["outcome"], "imported", "{name}");
        let entries = value["files"][0]["entries"].as_array().expect("entries");
        let found: BTreeMap<u64, &Value> =
            entries.iter().map(|e| (e["line"].as_u64().expect("a line"), e)).collect();
        let all = truth["entries"].as_array().expect("entries");
        let soft = |entry: &&Value| entry["soft"].as_bool() == Some(true);
        let softs: Vec<_> = all.iter().filter(soft).filter_map(|e| e["line"].as_u64()).collect();
        found_count += found.keys().filter(|line| !softs.contains(line)).count();
        for entry in all.iter().filter(|entry| !soft(entry)) {
            judged_count += 1;
            if let Some(found) = entry["line"].as_u64().and_then(|line| found.get(&line)) {
                right += 1;
                issues += usize::from(found["issue"] == entry["issue"]);
            }
        }
        // The text stays, byte for byte, but for front matter and markers.
        let written = sandbox.read(&path);
        let body = written.splitn(3, "---\n").nth(2).expect("front matter");
        let is_marker = |line: &&str| line.trim_start().starts_with("<!-- gardener:entry ");
        let body: String = body.split_inclusive('\n').filter(|line| !is_marker(line)).collect();
        assert_eq!(body.as_bytes(), &text[..], "{name}");
        assert_eq!(sandbox.gardener(["check", "--strict", &path]).run().code, 0, "{name}");
        assert_eq!(json(&import(&sandbox, &format!("--json {path}")))["files"][0]["outcome"], "already");
    }
    let f1 = 2.0 * f64::from(right) / (found_count + judged_count) as f64;
    println!("F1 {f1:.3} by line, {issues} of {right} issues right");
    assert!(f1 >= 0.95, "F1 {f1}");
    assert!(issues as f64 >= 0.95 * f64::from(right), "{issues} of {right} issues");
}

#[test]
fn the_story_this_began_with() {
    let Some(folder) = corpus() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/seed.md", std::fs::read(folder.join("seed.md")).expect("the seed"));
    let value = json(&import(&sandbox, "--json worklogs/seed.md"));
    let entries = value["files"][0]["entries"].as_array().expect("entries");
    let issues: Vec<_> = entries.iter().map(|e| e["issue"].as_u64()).collect();
    assert_eq!(issues, [Some(1021), None, None]);
    let severities: Vec<_> = entries.iter().filter_map(|e| e["severity"].as_str()).collect();
    assert_eq!(severities, ["P1", "P1", "P2"]);
}
