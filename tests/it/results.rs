//! Real recordings of test runners, read: what was read is beside each of them, in `*.read`.
//!
//! `GARDENER_SNAPSHOTS=overwrite` writes those anew; look at them before they are committed. How
//! each recording was made is in the `source.toml` of its folder.
#![expect(clippy::disallowed_methods, reason = "it reads the recordings")]
#![expect(clippy::print_stdout, reason = "a measurement says what it found")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use gardener::model::{Complaint, Failure, Format, Results};
use gardener::report::{guess, read};
use proptest::prelude::*;

/// Every recording with its format, by what its folder and name say.
fn recordings() -> Vec<(PathBuf, Format, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/results");
    let mut found = Vec::new();
    for folder in fs::read_dir(root).expect("the recordings") {
        for file in fs::read_dir(folder.expect("a folder").path()).expect("a folder") {
            let path = file.expect("a file").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let format = match name.rsplit('.').next().unwrap_or_default() {
                "xml" if name != "pom.xml" => Format::Junit,
                "tap" => Format::Tap,
                "json" => Format::GoJson,
                "txt" if name != "CMakeLists.txt" => Format::Libtest,
                _ => continue,
            };
            let bytes = fs::read(&path).expect("a recording");
            assert!(bytes.len() < 60 << 10, "{name} is long");
            found.push((path, format, bytes));
        }
    }
    found.sort();
    assert!(found.len() > 35, "{}", found.len());
    found
}

fn results(format: Format, mut bytes: &[u8]) -> Results {
    read(format, &mut bytes, &mut |_| {})
}

fn failure(out: &mut String, failure: &Failure) {
    let flaky = if failure.is_flaky { ", flaky" } else { "" };
    let _ = writeln!(out, "{:?}{flaky}: {}", failure.fault, failure.test);
    for (key, value) in [("file", &failure.file), ("kind", &failure.kind)] {
        if let Some(value) = value {
            let _ = writeln!(out, "    {key}: {value}");
        }
    }
    for line in failure.message.lines() {
        let _ = writeln!(out, "    | {line}");
    }
    let lines = |text: &str| text.lines().count();
    let _ =
        writeln!(out, "    {} lines of detail, {} of output", lines(&failure.detail), lines(&failure.output));
}

fn rendered(results: &Results) -> String {
    let mut out = String::new();
    let Results { passed, failed, skipped, left_out, .. } = results;
    let _ = writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped, {left_out} left out");
    let _ = writeln!(out, "clean: {}; last: {}", results.is_clean(), results.last.as_deref().unwrap_or("-"));
    for test in &results.running {
        let _ = writeln!(out, "running: {test}");
    }
    for complaint in &results.complaints {
        match complaint {
            Complaint::Part { name, message, detail } => {
                let _ = writeln!(out, "part: {name}");
                for line in message.lines() {
                    let _ = writeln!(out, "    | {line}");
                }
                let _ = writeln!(out, "    {} lines of detail", detail.lines().count());
            }
            other => {
                let _ = writeln!(out, "{other:?}");
            }
        }
    }
    results.failures.iter().for_each(|f| failure(&mut out, f));
    out
}

#[test]
fn recordings_are_read_as_they_were() {
    let is_new = std::env::var("GARDENER_SNAPSHOTS").is_ok_and(|v| v == "overwrite");
    let mut wrong = Vec::new();
    for (path, format, bytes) in recordings() {
        let now = rendered(&results(format, &bytes));
        let place = PathBuf::from(format!("{}.read", path.display()));
        if is_new {
            fs::write(&place, &now).expect("written");
        }
        let known = fs::read_to_string(&place).unwrap_or_default();
        if known != now {
            wrong.push(format!("{}\n--- known\n{known}--- now\n{now}", place.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_recording_is_guessed() {
    for (path, format, bytes) in recordings() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert_eq!(guess(&name, &bytes), Some(format), "{}", path.display());
        assert_eq!(guess("results", &bytes), Some(format), "{} by its bytes", path.display());
    }
}
