//! `go test -json`: one event a line, with what the compiler says between the lines before Go 1.24.
//!
//! A test that fails only because one below it did is no failure of its own. What happened to
//! a package beside its tests (it does not build, its `TestMain` ends) is a part that could not run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::gather::{Gather, failure};
use super::golines::{Said, is_frame};
use super::lines::Lines;
use super::text::{Bounded, DETAIL, first_line};
use crate::model::Fault;

/// How many outputs of builds are kept.
const BUILDS: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow, default)]
    package: Cow<'a, str>,
    #[serde(borrow, default)]
    test: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    output: Cow<'a, str>,
    #[serde(borrow, default)]
    output_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    import_path: Cow<'a, str>,
    #[serde(borrow, default)]
    failed_build: Option<Cow<'a, str>>,
}

struct Package {
    ended: bool,
    failed: u64,
    out: Bounded,
    /// Tests that have begun and not ended, by name.
    tests: BTreeMap<String, Test>,
    begun: u64,
}

struct Test {
    order: u64,
    said: Said,
    detail: Bounded,
    child_failed: bool,
    /// Says that it passed, on a line that an older Go did not understand.
    passed: bool,
}

struct Go<'g, 'a> {
    gather: &'g mut Gather<'a>,
    packages: BTreeMap<String, Package>,
    builds: BTreeMap<String, Bounded>,
    /// The package whose compiler's lines are being read.
    building: Option<String>,
    events: u64,
}

/// Reads the events of `go test -json`.
pub(super) fn read(input: &mut dyn std::io::BufRead, gather: &mut Gather<'_>) {
    let mut lines = Lines::new(input);
    let mut go = Go { gather, packages: BTreeMap::new(), builds: BTreeMap::new(), building: None, events: 0 };
    let mut number = 0_u64;
    while let Some(line) = lines.next() {
        number += 1;
        let text = line.trim_start();
        if !text.starts_with('{') {
            go.plain(&line);
            continue;
        }
        match serde_json::from_str::<Event<'_>>(text) {
            Ok(event) => go.event(&event),
            Err(_) if text.contains("\"Action\"") || !lines.ended => {
                let end = if lines.ended { "" } else { ", the last one," };
                go.gather.cut_short(format!("line {number}{end} is no whole event"));
            }
            Err(_) => go.plain(&line),
        }
    }
    if let Some(why) = lines.broken.take() {
        go.gather.cut_short(why);
    }
    go.end();
}

impl Go<'_, '_> {
    /// A line that is no event: the compiler's words, and the verdict on what it did not build.
    fn plain(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("# ") {
            let package = name.split(' ').next().unwrap_or(name).to_owned();
            self.build(&package, line);
            self.building = Some(package);
        } else if let Some(rest) = line.strip_prefix("FAIL\t") {
            self.building = None;
            let mut words = rest.split([' ', '\t']);
            let package = words.next().unwrap_or_default().to_owned();
            if rest.ends_with("failed]") && !self.packages.contains_key(&package) {
                self.not_built(&package, Some(&package), line);
            }
        } else if let Some(package) = self.building.clone() {
            self.build(&package, line);
        }
    }

    fn build(&mut self, package: &str, line: &str) {
        if self.builds.len() < BUILDS || self.builds.contains_key(package) {
            let text = self.builds.entry(package.to_owned()).or_insert_with(|| Bounded::new(DETAIL));
            text.push_line(line.trim_end_matches('\n'));
        }
    }

    fn not_built(&mut self, package: &str, build: Option<&str>, verdict: &str) {
        // Go 1.19 names the build of a test `pkg`, newer ones `pkg [pkg.test]`.
        let words = build.and_then(|b| self.builds.get(b).or_else(|| self.builds.get(b.split(' ').next()?)));
        let detail = words.cloned().map(Bounded::into_text).unwrap_or_default();
        let first = detail.lines().find(|l| !l.starts_with("# ") && !l.trim().is_empty());
        let message = first.unwrap_or(verdict).trim().to_owned();
        let detail = format!("{detail}{verdict}");
        self.gather.part(package, &message, &detail);
    }

    fn event(&mut self, event: &Event<'_>) {
        self.events += 1;
        match event.action.as_ref() {
            "build-output" => return self.build(&event.import_path, &event.output),
            "build-fail" => return,
            _ => {}
        }
        let package = self.packages.entry(event.package.clone().into_owned()).or_insert_with(|| Package {
            ended: false,
            failed: 0,
            out: Bounded::new(DETAIL),
            tests: BTreeMap::new(),
            begun: 0,
        });
        match (event.action.as_ref(), event.test.as_deref()) {
            ("run", Some(test)) => {
                package.test(test);
                self.gather.began(&full(&event.package, test));
            }
            ("output", Some(test)) => {
                let name = test;
                let test = package.test(test);
                test.passed |= event.output.contains(&format!("--- PASS: {name} ("));
                test.said.line(&event.output, event.output_type.as_deref());
                if !is_frame(&event.output) {
                    test.detail.push(&event.output);
                }
            }
            ("output", None) => package.out.push(&event.output),
            ("pass" | "bench", Some(test)) => {
                package.tests.remove(test);
                let test = full(&event.package, test);
                self.gather.ended(&test, false);
                self.gather.pass(&test);
            }
            ("skip", Some(test)) => {
                package.tests.remove(test);
                let test = full(&event.package, test);
                self.gather.ended(&test, false);
                self.gather.skip(&test);
            }
            ("fail", Some(test)) => {
                let ended = package.tests.remove(test);
                if let Some((parent, _)) = test.rsplit_once('/') {
                    package.test_above(parent);
                }
                package.failed += 1;
                let ended = ended.unwrap_or_else(|| Test::new(0));
                if !ended.said.is_own() && ended.child_failed {
                    return;
                }
                let test = full(&event.package, test);
                self.gather.ended(&test, true);
                self.gather.fail(ended.into_failure(&test, None));
            }
            ("pass" | "skip", None) => {
                package.ended = true;
                let tests = std::mem::take(&mut package.tests);
                // Benchmarks end without an event of their own.
                for test in tests.keys() {
                    let test = full(&event.package, test);
                    self.gather.ended(&test, false);
                    self.gather.pass(&test);
                }
                package.out = Bounded::new(DETAIL);
            }
            ("fail", None) => self.package_failed(event),
            _ => {}
        }
    }

    fn package_failed(&mut self, event: &Event<'_>) {
        let Some(package) = self.packages.get_mut(event.package.as_ref()) else { return };
        package.ended = true;
        let out = std::mem::replace(&mut package.out, Bounded::new(DETAIL)).into_text();
        let mut tests = std::mem::take(&mut package.tests);
        let mut failed = package.failed;
        tests.retain(|name, test| {
            if test.passed {
                self.gather.pass(&full(&event.package, name));
            }
            !test.passed
        });
        // Tests that were under way when the process ended: one that panicked has ended it, else
        // the one that a timeout names, else the latest that has none below it.
        let is_leaf = |name: &str| {
            let below = format!("{name}/");
            !tests.range(below.clone()..).next().is_some_and(|(n, _)| n.starts_with(&below))
        };
        let panicked = tests.iter().find(|(_, t)| t.said.has_panicked()).map(|(n, _)| n.clone());
        let is_named = |name: &str| out.contains(&format!("\t\t{name} ("));
        let mut words = Said::default();
        out.lines().for_each(|l| words.line(l, None));
        let named = tests.keys().find(|n| words.has_panicked() && is_named(n)).cloned();
        let latest =
            tests.iter().filter(|(n, _)| is_leaf(n)).max_by_key(|(_, t)| t.order).map(|(n, _)| n.clone());
        // Where the runner says `FAIL` it came to its end, and nothing ended it.
        let latest = latest.filter(|_| words.has_panicked() || !out.lines().any(|l| l == "FAIL"));
        let blamed = panicked.or(named).or(latest);
        let mut others = Vec::new();
        for (name, test) in tests {
            let full = full(&event.package, &name);
            if Some(&name) == blamed.as_ref() {
                failed += 1;
                self.gather.ended(&full, true);
                self.gather.fail(test.into_failure(&full, Some((&words, &out))));
            } else if blamed.as_ref().is_none_or(|b| !b.starts_with(&format!("{name}/"))) {
                others.push((test.order, full));
            }
        }
        others.sort();
        others.iter().for_each(|(_, test)| self.gather.running(test));
        if failed > 0 {
            return;
        }
        if let Some(build) = &event.failed_build {
            return self.not_built(&event.package, Some(build), out.trim_end());
        }
        let known = self.builds.contains_key(event.package.as_ref());
        if known || out.contains("[build failed]") || out.contains("[setup failed]") {
            return self.not_built(&event.package, Some(&event.package), out.trim_end());
        }
        let message = words.message().unwrap_or_else(|| first_line(&out));
        self.gather.part(&event.package, &message, &out);
    }

    fn end(&mut self) {
        for (name, package) in std::mem::take(&mut self.packages) {
            if package.ended {
                continue;
            }
            self.gather.cut_short(format!("the package {name} has no end"));
            let mut tests: Vec<(u64, String)> =
                package.tests.into_iter().map(|(n, t)| (t.order, full(&name, &n))).collect();
            tests.sort();
            tests.iter().for_each(|(_, test)| self.gather.running(test));
        }
        if self.events == 0 {
            // Only the compiler's words, and no verdict on them.
            for (package, text) in std::mem::take(&mut self.builds) {
                let text = text.into_text();
                let first = text.lines().find(|l| !l.starts_with("# ")).unwrap_or_default().to_owned();
                self.gather.part(&package, &first, &text);
            }
        }
    }
}

impl Package {
    fn test(&mut self, name: &str) -> &mut Test {
        if !self.tests.contains_key(name) {
            self.begun += 1;
            self.tests.insert(name.to_owned(), Test::new(self.begun));
        }
        self.tests.entry(name.to_owned()).or_insert_with(|| Test::new(0))
    }

    /// Tells all tests above one that it failed.
    fn test_above(&mut self, parent: &str) {
        if let Some(test) = self.tests.get_mut(parent) {
            test.child_failed = true;
        }
    }
}

impl Test {
    fn new(order: u64) -> Self {
        Self {
            order,
            said: Said::default(),
            detail: Bounded::new(DETAIL),
            child_failed: false,
            passed: false,
        }
    }

    /// The failure of a test, with what its package said where the process ended under it.
    fn into_failure(self, test: &str, package: Option<(&Said, &str)>) -> crate::model::Failure {
        let mut said = failure(test, self.said.fault());
        said.file = self.said.file();
        said.detail = self.detail.into_text();
        said.message = self.said.message().unwrap_or_else(|| first_line(&said.detail));
        if let Some((words, out)) = package
            && !self.said.has_panicked()
        {
            said.fault = if words.fault() == Fault::Failed { Fault::Crashed } else { words.fault() };
            said.message = words.message().unwrap_or_else(|| first_line(out));
            said.detail = format!("{}{out}", said.detail);
        }
        said
    }
}

/// A test by its package and name: `example.com/shop/cart.TestTotal/zero`.
fn full(package: &str, test: &str) -> String {
    if package.is_empty() { test.to_owned() } else { format!("{package}.{test}") }
}
