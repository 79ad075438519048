//! Real recordings of test runners, read: what was read is beside each of them, in `*.read`.
//!
//! `GARDENER_SNAPSHOTS=overwrite` writes those anew; look at them before they are committed. How
//! each recording was made is in the `source.toml` of its folder.
#![expect(clippy::disallowed_methods, reason = "it reads the recordings")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use gardener::model::{Complaint, Failure, Fault, Format, Results};
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

/// What an input has to say for its results to be whole: it may not be cut before this place.
fn needed(format: Format, bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let after = |line: Option<&str>| {
        // From the text of a line back to its place; recordings are UTF-8.
        line.map_or(0, |l| l.as_ptr() as usize - text.as_ptr() as usize + l.len())
    };
    let is_point = |l: &&str| l.starts_with("ok ") || l.starts_with("not ok ") || l.starts_with("1..");
    match format {
        Format::Junit => bytes.len() - 1,
        Format::GoJson => text.trim_end().len() - 1,
        Format::Libtest => {
            let ends = ["; finished in ", " skipped\n"];
            ends.iter().filter_map(|e| text.rfind(e)).max().unwrap_or(bytes.len()).saturating_sub(1)
        }
        Format::Tap | Format::ExitStatus => {
            // A reason may be cut: nobody can tell.
            let line = text.lines().rfind(is_point).map(|l| l.find("# SKIP").map_or(l, |at| &l[..at + 6]));
            after(line).saturating_sub(1)
        }
    }
}

/// Up to the last line that the format needs, every place is tried near the end, and many before.
#[test]
fn what_is_cut_short_is_never_clean() {
    for (path, format, bytes) in recordings() {
        let whole = results(format, &bytes);
        let end = needed(format, bytes.trim_ascii_end());
        for cut in (0..end).step_by(1 + end / 150).chain(end.saturating_sub(80)..end) {
            let part = results(format, &bytes[..cut]);
            assert!(!part.is_clean(), "{} cut at {cut} of {}", path.display(), bytes.len());
            assert!(part.passed <= whole.passed + whole.skipped, "{} at {cut}", path.display());
        }
    }
}

/// Tests of JUnit's and Go's recordings that had ended before a cut are still there after it.
#[test]
fn nothing_that_was_told_is_lost() {
    for (path, format, bytes) in recordings() {
        if !matches!(format, Format::Junit | Format::GoJson) {
            continue;
        }
        let tests = |r: &Results| r.failures.iter().map(|f| f.test.clone()).collect::<Vec<_>>();
        let whole = tests(&results(format, &bytes));
        let mut before: Vec<String> = Vec::new();
        for cut in (0..=bytes.len()).step_by(1 + bytes.len() / 150) {
            let now = tests(&results(format, &bytes[..cut]));
            // One that is cut within its words may turn out to be none of its own.
            let lost = before.iter().find(|t| !now.contains(t) && whole.contains(t));
            assert_eq!(lost, None, "{} cut at {cut}", path.display());
            before = now;
        }
    }
}

fn formats() -> impl Strategy<Value = Format> {
    prop::sample::select(Format::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes, read as any format, end; and whatever is read is consistent.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..2_000), format in formats()) {
        consistent(&results(format, &bytes));
        let _ = guess("results.xml", &bytes);
    }

    /// Any part of one recording within another, read as any format.
    #[test]
    fn any_splice_is_read(
        (one, two) in (0..1_000_usize, 0..1_000_usize),
        (from, to, at) in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        format in prop::option::of(formats()),
    ) {
        let all = recordings();
        let (_, own, into) = &all[one % all.len()];
        let (_, _, other) = &all[two % all.len()];
        let place = |share: f64, bytes: &[u8]| (share * bytes.len() as f64) as usize;
        let (start, end) = (place(from.min(to), other), place(from.max(to), other));
        let at = place(at, into);
        let spliced = [&into[..at], &other[start..end], &into[at..]].concat();
        consistent(&results(format.unwrap_or(*own), &spliced));
        consistent(&results(format.unwrap_or(*own), &[&into[..at], &other[start..end]].concat()));
    }
}

fn cases() -> u32 {
    std::env::var("GARDENER_CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(200)
}

/// What holds of all results.
fn consistent(results: &Results) {
    // A body and what is around it can both fail.
    let is_around = |f: &Failure| f.fault == Fault::Errored;
    let steady: std::collections::BTreeSet<_> =
        results.failures.iter().filter(|f| !f.is_flaky).map(|f| &f.test).collect();
    assert!(steady.len() as u64 + results.left_out <= results.failed, "{results:?}");
    assert!(results.failures.iter().all(|f| !f.test.contains('\n') && f.test.chars().count() <= 400));
    assert!(results.failures.iter().all(|f| f.message.len() < 5 << 10 && f.detail.len() < 33 << 10));
    let names: std::collections::BTreeSet<_> =
        results.failures.iter().map(|f| (&f.test, is_around(f))).collect();
    assert_eq!(names.len(), results.failures.len(), "a test is told of once");
    assert!(results.failures.iter().all(|f| !results.passing.contains(&f.test)), "passed and failed");
}

/// The failures of a JUnit file: test, message, and whether it passed when tried again.
fn told(xml: &str) -> (u64, u64, Vec<(String, String, bool)>) {
    let results = results(Format::Junit, xml.as_bytes());
    consistent(&results);
    let failures = results.failures.iter().map(|f| (f.test.clone(), f.message.clone(), f.is_flaky));
    (results.passed, results.failed, failures.collect())
}

#[test]
fn two_results_of_one_name_are_no_retry() {
    let case = |bad: &str| format!("<testcase classname='shop.Cart' name='adds'>{bad}</testcase>");
    let bad = case("<failure message='no'/>");
    for cases in [case("") + &bad, bad.clone() + &case(""), bad.clone() + &case("") + &case("")] {
        let seen = told(&format!("<testsuite name='s'>{cases}</testsuite>"));
        assert_eq!(seen, (0, 1, vec![("shop.Cart#adds".into(), "no".into(), false)]));
    }
    // Where the format says so it is one.
    let tried = case("<flakyFailure message='no'/>");
    let seen = told(&format!("<testsuite name='s'>{tried}</testsuite>"));
    assert_eq!(seen, (1, 0, vec![("shop.Cart#adds".into(), "no".into(), true)]));
    let seen = told(&format!("<testsuite name='s'>{tried}{bad}</testsuite>"));
    assert_eq!(seen, (0, 1, vec![("shop.Cart#adds".into(), "no".into(), false)]));
}

#[test]
fn tests_of_one_name_in_two_places_are_two() {
    let node = |file: &str, bad: &str| {
        let file = if file.is_empty() { String::new() } else { format!(" file='{file}'") };
        format!("<testcase name='one' classname='test'{file}>{bad}</testcase>")
    };
    let all = |cases: &[String]| format!("<testsuites>{}</testsuites>", cases.concat());
    let bad = "<failure message='no'/>";
    let [a, b] = [node("a.mjs", ""), node("b.mjs", bad)];
    // In whatever order, and neither keeps the name that could be the other's.
    for cases in [[a.clone(), b.clone()], [b.clone(), a.clone()]] {
        let results = results(Format::Junit, all(&cases).as_bytes());
        assert_eq!((results.passed, results.failed, results.failures.len()), (1, 1, 1));
        assert_eq!(results.failures[0].test, "b.mjs > one");
        assert!(results.passing.contains("a.mjs > one") && !results.passing.contains("one"));
    }
    assert_eq!(told(&all(std::slice::from_ref(&b))).2[0].0, "one", "alone it keeps its name");
    // Older versions of node do not tell the file.
    let seen = told(&all(&[node("", ""), node("", bad)]));
    assert_eq!(seen, (1, 1, vec![("one (2)".into(), "no".into(), false)]));
    let suite = |name: &str, bad: &str| {
        format!("<testsuite name='{name}'><testcase classname='w' name='opens'>{bad}</testcase></testsuite>")
    };
    let seen = told(&all(&[suite("linux", ""), suite("mac", bad)]));
    assert_eq!(seen, (1, 1, vec![("mac > w::opens".into(), "no".into(), false)]));
}

#[test]
fn tests_without_a_name_are_counted_and_told() {
    let seen = told(
        "<testsuites><testsuite name='s'><testcase name='a'/><testcase/><testcase name=' '><failure message='no'/>         </testcase></testsuite><testsuite><testcase><failure message='nor this'/></testcase></testsuite></testsuites>",
    );
    let failures = vec![
        ("(nameless, 3rd in s)".into(), "no".into(), false),
        ("(nameless, 1st in its file)".into(), "nor this".into(), false),
    ];
    assert_eq!(seen, (2, 2, failures));
}

#[test]
fn numbers_and_plans_of_tap_have_to_fit() {
    let read = |text: &str| results(Format::Tap, text.as_bytes());
    for text in [
        "1..3\nok 1\nok 2\nok 2\n",
        "1..3\nok 1\nok 2\nok 4\n",
        "1..3\nok 1\nok 2\n",
        "1..1\nok 1\nok 2\n",
        "1..1\n# Subtest: a\n    1..3\n    ok 1 - b\nok 1 - a\n",
        "1..1\nok 1\nBAIL OUT! no disk\n",
    ] {
        let read = read(text);
        assert!(!read.is_clean() && read.failed == 0, "{text}{read:?}");
    }
    let fine =
        read("1..2\nok 2\nok 1\nTAP version 14\nok 1 - a\nnot ok 2 - b # TODO\nnot ok 3 - c # SKIP\n1..3\n");
    assert!(fine.is_clean(), "{fine:?}");
    assert_eq!((fine.passed, fine.skipped), (3, 2));
}

/// A JUnit file that is made while it is read.
struct Endless {
    made: u64,
    limit: u64,
    number: u64,
    chunk: Vec<u8>,
    at: usize,
}

impl Endless {
    fn case(&mut self) {
        self.number += 1;
        let n = self.number;
        let fails = n.is_multiple_of(10);
        self.chunk.clear();
        self.at = 0;
        let text = if fails {
            format!(
                "<testcase classname=\"tests.test_{}.TestCart\" name=\"test_total[{n}]\" time=\"0.012\"><failure message=\"AssertionError: assert {n} == 0\">{}</failure><system-out><![CDATA[{}]]></system-out></testcase>\n",
                n % 100,
                "def test_total():\n&gt;   assert total() == 0\n".repeat(40),
                "a line of what was printed\n".repeat(100),
            )
        } else {
            format!(
                "<testcase classname=\"tests.test_{}.TestCart\" name=\"test_total[{n}]\" time=\"0.001\"/>\n",
                n % 100
            )
        };
        self.chunk.extend_from_slice(text.as_bytes());
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at >= self.chunk.len() {
            let (first, last) = (self.made == 0, self.made >= self.limit);
            match (first, last) {
                (true, _) => self.chunk = b"<testsuites><testsuite name=\"pytest\">".to_vec(),
                (_, false) => self.case(),
                (_, true) if self.limit == u64::MAX => return Ok(0),
                (_, true) => {
                    self.chunk = b"</testsuite></testsuites>".to_vec();
                    self.limit = u64::MAX;
                    self.made = u64::MAX;
                }
            }
            self.at = 0;
            if self.made != u64::MAX {
                self.made += self.chunk.len() as u64;
            }
        }
        let some = into.len().min(self.chunk.len() - self.at);
        into[..some].copy_from_slice(&self.chunk[self.at..self.at + some]);
        self.at += some;
        Ok(some)
    }
}

#[test]
#[ignore = "a measurement: 200 MB of JUnit, in release"]
fn a_large_file_streams() {
    let input = Endless { made: 0, limit: 200 << 20, number: 0, chunk: Vec::new(), at: 0 };
    let mut input = BufReader::with_capacity(64 << 10, input);
    let start = Instant::now();
    let read = read(Format::Junit, &mut input, &mut |_| {});
    let seconds = start.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    println!("{} tests, {:.0} MB/s, {peak}", read.told(), 200.0 / seconds);
    assert_eq!((read.complaints.len(), read.failures.len()), (0, 2_000), "{:?}", read.complaints);
    assert_eq!(read.failed, read.left_out + 2_000);
}
