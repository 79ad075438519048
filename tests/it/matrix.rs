//! The faults that are expected, as a table that is checked: each has tests, and in those tests
//! it has really struck.
//!
//! A test that sets up a fault proves nothing if the fault never happens. So the harness notes
//! what it saw (a process that died by a signal, an answer the stand-in broke, a lock that was
//! held) and tests note what only they know. `the_fault_matrix` runs each test of the table by
//! itself and reads those notes. It takes over a minute, so it is left to CI:
//!
//! ```sh
//! cargo test --test it -- --ignored --nocapture matrix
//! ```
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

mod rows;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use github_stand_in::{Kind, Logged};
use table::{Row, TABLE};

/// Notes that a fault really struck, in the file that `GARDENER_FIRED` names.
pub(crate) fn fired(what: &str) {
    let Some(path) = std::env::var_os("GARDENER_FIRED") else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    writeln!(file.expect("a list of faults"), "{what}").expect("noted");
}

/// Notes what GitHub or the way to it did to these requests.
pub(crate) fn fired_on_the_way(log: &[Logged]) {
    if std::env::var_os("GARDENER_FIRED").is_none() {
        return;
    }
    for logged in log {
        if let Some(fault) = &logged.fault {
            // `After Status(502, "…")` is `After Status 502`, an answer is known by its status.
            let words: Vec<_> = fault.split(|c: char| !c.is_ascii_alphanumeric()).take(3).collect();
            let status = match words[1] {
                "Answer" => fault.split("status: ").nth(1).and_then(|s| s.split([',', ' ']).next()),
                _ => words.get(2).copied(),
            };
            let status = status.filter(|s| s.parse::<u16>().is_ok());
            fired(&[words[0], words[1]].into_iter().chain(status).collect::<Vec<_>>().join(" "));
        } else if logged.status >= 300 {
            fired(&format!("{} {}", logged.method, logged.status));
        }
        let sent: serde_json::Value = serde_json::from_slice(&logged.request.body).unwrap_or_default();
        let names = |value: &serde_json::Value| -> BTreeSet<String> {
            let items = value.as_array().into_iter().flatten();
            items.filter_map(|l| l.as_str().or_else(|| l["name"].as_str())).map(str::to_lowercase).collect()
        };
        if logged.kind == Kind::Write && logged.status < 300 && logged.answer["number"].is_u64() {
            if !names(&sent["labels"]).is_subset(&names(&logged.answer["labels"])) {
                fired("labels dropped");
            }
            if sent["body"].as_str().is_some_and(|sent| Some(sent) != logged.answer["body"].as_str()) {
                fired("a text not taken");
            }
        }
        let answer = logged.answer.to_string();
        if answer.contains("\"pull_request\":{") || answer.contains("\"PullRequest\"") {
            fired("a pull request");
        }
        if answer.contains("\"locked\":true") {
            fired("a locked issue");
        }
    }
}

/// Notes what git is in the middle of, where a program of a test is about to be started.
pub(crate) fn fired_here(folder: &Path) {
    let git = folder.join(".git");
    for (file, what) in [
        ("MERGE_HEAD", "a merge under way"),
        ("rebase-merge", "a rebase under way"),
        ("rebase-apply", "a rebase under way"),
        ("CHERRY_PICK_HEAD", "a cherry-pick under way"),
        ("REVERT_HEAD", "a revert under way"),
        ("BISECT_LOG", "a bisect under way"),
        ("index.lock", "index.lock held"),
    ] {
        if git.join(file).exists() {
            fired(what);
        }
    }
    let head = std::fs::read_to_string(git.join("HEAD")).unwrap_or_default();
    if !head.is_empty() && !head.starts_with("ref: ") {
        fired("HEAD on no branch");
    }
}

/// What running one test by itself came to.
struct Ran {
    passed: bool,
    took: Duration,
    said: String,
    fired: BTreeMap<String, usize>,
}

fn run(test: &str, folder: &Path, number: usize) -> Ran {
    let (program, notes) = (std::env::current_exe().expect("this program"), folder.join(number.to_string()));
    let start = Instant::now();
    let output = Command::new(program)
        .args(["--exact", test, "--test-threads=1"])
        .env("GARDENER_FIRED", &notes)
        .env_remove("GARDENER_CASES")
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut fired = BTreeMap::new();
    for line in std::fs::read_to_string(notes).unwrap_or_default().lines() {
        *fired.entry(line.to_owned()).or_default() += 1;
    }
    // One that is ignored or not there counts as none passed.
    let passed = output.status.success() && said.contains("test result: ok. 1 passed; 0 failed; 0 ignored");
    Ran { passed, took: start.elapsed(), said, fired }
}

/// Runs every test of the table, two at a time.
fn run_all(tests: &[&'static str]) -> BTreeMap<&'static str, Ran> {
    let folder = tempfile::tempdir().expect("a folder");
    let (next, ran) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(test) = tests.get(number) else { break };
                    let result = run(test, folder.path(), number);
                    ran.lock().expect("whole").insert(*test, result);
                }
            });
        }
    });
    ran.into_inner().expect("whole")
}

fn tests_of_the_table() -> Vec<&'static str> {
    TABLE.iter().flat_map(|row| row.tests).copied().collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
#[ignore = "runs some eighty other tests again: CI and `cargo test --test it -- --ignored matrix`"]
fn the_fault_matrix() {
    let tests = tests_of_the_table();
    let ran = run_all(&tests);
    let mut wrong = Vec::new();
    for row in TABLE {
        println!("{:>2}  {}", row.number, row.fault);
        let Row { tests, faults, .. } = row;
        for test in *tests {
            let result = &ran[test];
            println!(
                "      {test}  {:.1} s{}",
                result.took.as_secs_f64(),
                if result.passed { "" } else { "  FAILED" }
            );
            if !result.passed {
                wrong.push(format!("{}: {test} did not pass\n{}", row.number, result.said));
            }
        }
        for fault in *faults {
            let struck: usize = tests.iter().filter_map(|t| ran[t].fired.get(*fault)).sum();
            println!("      {fault}: {struck}");
            if struck == 0 {
                let there: BTreeSet<_> = tests.iter().flat_map(|t| ran[t].fired.keys()).collect();
                wrong.push(format!("{}: \"{fault}\" never struck; these did: {there:?}", row.number));
            }
        }
    }
    let struck: usize = ran.values().flat_map(|r| r.fired.values()).sum();
    println!("{} rows, {} tests, {struck} faults struck", TABLE.len(), tests.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The part that costs nothing: no row is missing, and what it names is there.
#[test]
fn every_row_of_the_fault_matrix_names_tests_that_are_there() {
    let numbers: Vec<_> = TABLE.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=62).collect::<Vec<_>>());
    let program = std::env::current_exe().expect("this program");
    let list = |more: &[&str]| {
        let output = Command::new(&program).args(["--list"]).args(more).output().expect("run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().filter_map(|l| l.strip_suffix(": test")).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let (there, ignored) = (list(&[]), list(&["--ignored"]));
    let named = tests_of_the_table();
    let missing: Vec<_> = named.iter().filter(|t| !there.contains(**t) || ignored.contains(**t)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for row in TABLE {
        assert!(!row.tests.is_empty() && !row.faults.is_empty(), "row {}", row.number);
    }
}
