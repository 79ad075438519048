//! Laws of importing that hold for any text: nothing of it changes, and a second time changes nothing.
//!
//! Texts are put together from lines that worklogs have, from the shapes of `shapes.txt` cut anywhere,
//! and from any characters. `GARDENER_CASES` sets how many are tried (400).
#![expect(clippy::disallowed_methods, reason = "a campaign reads its size from the environment")]

use std::collections::BTreeSet;

use gardener::import::{Outcome, Scene, looked_at};
use gardener::legacy::{Given, compose, read};
use gardener::model::{Vocabulary, WorklogId};
use gardener::worklog::{Parsed, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::shapes::shapes;

const LINES: [&str; 46] = [
    "# Title",
    "## Issue 1: First",
    "### 2. Second (P1)",
    "### [ERROR] Cluster 3",
    "#### Issue 4A: Fourth",
    "###",
    "Title below\n---",
    "Title below\n===",
    "**Severity:** P1 - High",
    "- **Severity**: critical",
    "**Status:** RESOLVED",
    "**Issue:** #1021",
    "**Issue 1.1: Bold**",
    "1. **Item** - `test_it`",
    "   - Severity: P2",
    "   - Error: `x`",
    "  2. **Deep** - `y`",
    "- [x] Issue 1: First: **Issue #77**",
    "> ### 1. Quoted",
    "> **Severity:** P0",
    "```",
    "~~~~",
    "````json",
    "    ## indented",
    "| Test | Severity |",
    "|---|---|",
    "| `test_a` | High |",
    "---",
    "--- ",
    "***",
    "gardener: 1",
    "<!-- gardener:entry first -->",
    "<!-- gardener:base 1",
    "-->",
    "<!--",
    "<div>",
    "</div>",
    "[#5](https://github.com/acme/app/issues/5)",
    "acme/other#12 PR #3 #0",
    "\t### 3. Tabbed",
    "### 5. Trailing ### ",
    "### 🔴 CRITICAL CLUSTER 6: x (P0)",
    "### 7. \u{202e}hidden\u{200b} \"quotes\": - x # y",
    "<<<<<<< HEAD",
    "Schlüssel: Wert\u{2028}",
    "",
];

fn endings() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("\n"), 3 => Just("\r\n"), 1 => Just("\r"), 2 => Just("\n\n")]
}

fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        12 => prop::sample::select(&LINES[..]).prop_map(str::to_owned),
        1 => "\\PC{0,20}",
    ];
    let lines = prop::collection::vec((line, endings()), 0..40);
    let lines = (lines, any::<bool>(), any::<bool>()).prop_map(|(lines, bom, last)| {
        let mut text: String = lines.into_iter().map(|(line, ending)| line + ending).collect();
        if last {
            text = text.trim_end_matches(['\r', '\n']).to_owned();
        }
        if bom { format!("\u{feff}{text}") } else { text }
    });
    let whole: Vec<String> = shapes().into_iter().map(|(_, text, _)| text).collect();
    let cut =
        (prop::sample::select(whole), any::<prop::sample::Index>(), any::<prop::sample::Index>(), endings())
            .prop_map(|(text, from, to, ending)| {
                let lines: Vec<&str> = text.lines().collect();
                let (from, to) = (from.index(lines.len()), to.index(lines.len() + 1));
                lines[from.min(to)..to.max(from)].join(ending)
            });
    prop_oneof![3 => lines, 2 => cut]
}

/// The text without the lines of these markers, found by another way than the product's.
fn without_markers(text: &str, ids: &[String]) -> Vec<String> {
    let is_marker = |line: &str| ids.iter().any(|id| line.trim() == format!("<!-- gardener:entry {id} -->"));
    text.split('\n').filter(|line| !is_marker(line)).map(str::to_owned).collect()
}

#[test]
fn the_text_stays_and_a_second_import_changes_nothing() {
    let cases = std::env::var("GARDENER_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let vocabulary = Vocabulary::default();
    let scene = Scene { home: None, now: None, vocabulary: &vocabulary };
    let (made, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let law = runner.run(&texts(), |text| {
        let mut used = BTreeSet::new();
        let ready = match looked_at("worklogs/a.md", &text, &mut used, &scene) {
            Outcome::Ready(ready) => ready,
            Outcome::Already => return Ok(()),
            Outcome::Failed(_) => {
                refused.set(refused.get() + 1);
                return Ok(());
            }
        };
        made.set(made.get() + 1);
        let composed = &ready.composed;
        // The old text, but for front matter and lines of markers.
        let (bom, rest) = match text.strip_prefix('\u{feff}') {
            Some(rest) => ("\u{feff}", rest),
            None => ("", &*text),
        };
        let body = composed.text.strip_prefix(bom).and_then(|t| t.strip_prefix(&composed.front));
        let body = body.ok_or_else(|| TestCaseError::fail("no front matter at the beginning"))?;
        let ids: Vec<String> = composed.ids.iter().map(ToString::to_string).collect();
        let old: Vec<String> = rest.split('\n').map(str::to_owned).collect();
        let new = without_markers(body, &ids);
        // A marker at the very end needs a line break before it, which is the old text's own or new.
        let same =
            new == old || new.join("\n").trim_end_matches('\r') == old.join("\n").trim_end_matches('\r');
        prop_assert!(same, "{new:?}\n{old:?}");
        // It says what was found.
        let Parsed::Worklog(worklog, _) = parse(&composed.text, &vocabulary) else {
            return Err(TestCaseError::fail("it is no worklog"));
        };
        let entries: Vec<_> = worklog.entries().iter().map(|e| (e.severity, e.issue.clone())).collect();
        let found: Vec<_> = ready.legacy.entries.iter().map(|e| (e.severity, e.issue.clone())).collect();
        prop_assert_eq!(entries, found);
        // Once more changes nothing.
        let again = looked_at("worklogs/a.md", &composed.text, &mut used, &scene);
        prop_assert!(matches!(again, Outcome::Already), "{again:?}");
        Ok(())
    });
    law.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        made.get() > cases / 3 && refused.get() < cases / 3,
        "{} made, {} refused",
        made.get(),
        refused.get()
    );
}

#[test]
fn lines_that_were_found_are_lines_of_the_text() {
    let mut runner = TestRunner::new_with_rng(
        Config { failure_persistence: None, ..Config::default() },
        TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]),
    );
    let law = runner.run(&texts(), |text| {
        let read = read(&text, &Given::default());
        let count = text.matches('\n').count() + 1;
        let lines: Vec<usize> = read.entries.iter().map(|entry| entry.line).collect();
        prop_assert!(lines.iter().all(|line| (1..=count).contains(line)), "{lines:?} of {count}");
        prop_assert!(lines.is_sorted(), "{lines:?}");
        prop_assert!(read.entries.iter().all(|entry| !entry.title.trim().is_empty()), "{read:?}");
        Ok(())
    });
    law.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn thousands_of_lines_take_no_time_that_grows_faster() {
    let shape = shapes().into_iter().next().expect("one").1;
    let long = shape.repeat(400);
    let read = read(&long, &Given::default());
    assert!(!read.entries.is_empty());
    let id = WorklogId::new("long").expect("an id");
    // Whatever comes of it, it ends: too many entries are refused in words.
    let _ = compose(&long, &read, &id, &Vocabulary::default());
}
