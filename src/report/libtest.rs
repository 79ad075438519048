//! What `cargo test` prints: the text of libtest, of one program of tests or of many.
//!
//! A test may print anything, so a line is believed only where it can stand: a section of output
//! begins with the name of a test that failed, and a summary has to fit what was heard. What
//! cargo-nextest prints is read in `nextest`; what the compiler says is a part that could not run.

mod compile;
mod nextest;

use std::collections::BTreeMap;

use super::gather::{Gather, failure};
use super::lines::{Lines, plural};
use super::panics;
use super::text::{Bounded, DETAIL, first_line, plain};
use crate::model::{Failure, Fault, Names};
use compile::Compiler;

/// The run of one program of tests.
#[derive(Default)]
struct Run {
    expected: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
    measured: u64,
    /// Tests that failed; whether their output has been read.
    bad: BTreeMap<String, bool>,
    /// A test whose line has begun and has no result yet.
    pending: Option<String>,
    part: Part,
    section: Option<(String, Bounded)>,
    /// Lines of what may be the list of failures, and may be a test's own words.
    list: Vec<String>,
    names: Vec<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Tests,
    Sections,
    List,
}

struct Libtest<'g, 'a> {
    gather: &'g mut Gather<'a>,
    run: Option<Run>,
    /// What the program at hand is called, and the names of tests of those before it.
    program: Option<String>,
    known: Names,
    compiler: Compiler,
    /// How the program ended, where cargo says it.
    is_after_error: bool,
}

/// Reads the text of libtest or of cargo-nextest.
pub(super) fn read(input: &mut dyn std::io::BufRead, gather: &mut Gather<'_>) {
    let mut lines = Lines::new(input);
    let mut libtest = Libtest {
        gather,
        run: None,
        program: None,
        known: Names::default(),
        compiler: Compiler::default(),
        is_after_error: false,
    };
    while let Some(line) = lines.next() {
        let line = plain(&line);
        if line.trim_start().starts_with("Nextest run ID ") && libtest.run.is_none() {
            libtest.compiler.end(libtest.gather);
            nextest::read(&mut lines, libtest.gather);
            break;
        }
        libtest.line(&line);
    }
    if let Some(why) = lines.broken.take() {
        libtest.gather.cut_short(why);
    }
    libtest.compiler.end(libtest.gather);
    libtest.cut(None);
}

impl Libtest<'_, '_> {
    fn line(&mut self, line: &str) {
        if let Some(many) = running(line)
            && self.run.as_ref().is_none_or(|r| r.part == Part::Tests && r.expected == 0)
        {
            self.run = Some(Run { expected: many, ..Run::default() });
            return;
        }
        if self.run.is_none() {
            return self.outside(line);
        }
        if self.is_over(line) {
            return;
        }
        let part = self.run.as_ref().map_or(Part::Tests, |r| r.part);
        match part {
            Part::Tests => self.test(line),
            Part::Sections => self.section(line),
            Part::List => self.list(line),
        }
    }

    /// Between the programs: cargo's and the compiler's words.
    fn outside(&mut self, line: &str) {
        let text = line.trim_start();
        if let Some(program) = program(text) {
            self.program = Some(program);
        }
        self.compiler.line(line, self.gather);
    }

    /// Whether cargo says that the program has ended though it did not say so itself.
    fn is_over(&mut self, line: &str) -> bool {
        let Some(run) = &mut self.run else { return false };
        let text = line.trim_start();
        if self.is_after_error {
            if let Some(how) = text.strip_prefix("process didn't exit successfully: ") {
                self.is_after_error = false;
                self.cut(Some(&format!("process didn't exit successfully: {how}")));
            } else if !text.is_empty() && !text.starts_with("Caused by:") {
                self.is_after_error = false;
                self.cut(None);
                self.line(line);
            }
            return true;
        }
        // It can stand behind a test that was to be told of.
        let torn = line.split_once("error: test failed, to rerun pass `").map(|(front, _)| front);
        if let Some(name) = torn.and_then(|t| t.strip_prefix("test ")?.strip_suffix(" ... ")) {
            run.pending = Some(clean(name).to_owned());
        }
        let torn = torn.is_some() && run.pending.is_some();
        if line.starts_with("error: test failed, to rerun pass `") || torn {
            self.is_after_error = true;
            return true;
        }
        if line.starts_with("error: doctest failed, to rerun pass") {
            self.cut(None);
            return true;
        }
        if program(text).is_some() && line.starts_with("  ") {
            self.cut(None);
            self.outside(line);
            return true;
        }
        false
    }

    fn test(&mut self, line: &str) {
        if self.summary(line) {
            return;
        }
        let Some(run) = &mut self.run else { return };
        let heard = run.passed + run.failed + run.ignored + run.measured;
        if line == "failures:" && (run.failed > 0 || heard >= run.expected) {
            run.part = Part::Sections;
            return;
        }
        // A test's words without a line end may stand before the line that tells of it.
        let told = line.rmatch_indices("test ").find_map(|(at, _)| told(&line[at + 5..]));
        if let Some((name, result)) = told {
            if run.pending.as_deref() == Some(name) {
                run.pending = None;
            }
            let name = name.to_owned();
            return self.result(&name, result);
        }
        let begun = line.strip_prefix("test ").and_then(|l| l.split_once(" ... "));
        if let Some(name) = begun
            .map(|(name, _)| clean(name))
            .or_else(|| line.strip_prefix("test ")?.strip_suffix(" ...").map(clean))
        {
            self.gather.began(name);
            run.pending = Some(name.to_owned());
            return;
        }
        // With one thread the result may come after what the test printed.
        let result = ["ok", "FAILED", "ignored"].into_iter().find(|r| line.ends_with(r));
        if let Some((result, name)) = result.and_then(result_of).zip(run.pending.clone()) {
            run.pending = None;
            self.result(&name, result);
        }
    }

    fn result(&mut self, name: &str, result: Outcome) {
        let Some(run) = &mut self.run else { return };
        // Names of other programs' tests get the program's before them.
        let full = match &self.program {
            Some(program) if self.known.contains(name) => format!("{program}::{name}"),
            _ => name.to_owned(),
        };
        run.names.push(name.to_owned());
        self.gather.ended(&full, result == Outcome::Failed);
        match result {
            Outcome::Passed => {
                run.passed += 1;
                self.gather.pass(&full);
            }
            Outcome::Failed => {
                run.failed += 1;
                run.bad.insert(name.to_owned(), false);
            }
            Outcome::Ignored => {
                run.ignored += 1;
                self.gather.skip(&full);
            }
            Outcome::Measured => {
                run.measured += 1;
                self.gather.pass(&full);
            }
        }
    }

    fn section(&mut self, line: &str) {
        let Some(run) = &mut self.run else { return };
        if let Some(name) = header(line).filter(|n| run.bad.contains_key(*n)) {
            let name = name.to_owned();
            self.flush();
            if let Some(run) = &mut self.run {
                run.section = Some((name, Bounded::new(DETAIL)));
            }
        } else if line == "failures:" {
            run.part = Part::List;
            run.list = vec![line.to_owned()];
        } else if let Some((_, text)) = &mut run.section {
            text.push_line(line);
        }
    }

    fn list(&mut self, line: &str) {
        if self.summary(line) {
            return;
        }
        let Some(run) = &mut self.run else { return };
        let is_name = line.strip_prefix("    ").is_some_and(|n| run.bad.contains_key(clean(n)));
        if line.is_empty() || is_name {
            run.list.push(line.to_owned());
            return;
        }
        // It was no list but a test's own words.
        run.part = Part::Sections;
        for line in std::mem::take(&mut run.list) {
            if let Some((_, text)) = &mut run.section {
                text.push_line(&line);
            }
        }
        self.section(line);
    }

    /// Takes the summary of the run, if it fits what was heard.
    fn summary(&mut self, line: &str) -> bool {
        let Some(run) = &self.run else { return false };
        let Some(said) = summary(line) else { return false };
        let heard = [run.passed, run.failed, run.ignored, run.measured];
        if said != heard || heard.iter().sum::<u64>() != run.expected {
            return false;
        }
        self.finish();
        true
    }

    /// Tells the failure whose section is over.
    fn flush(&mut self) {
        let Some(run) = &mut self.run else { return };
        let Some((name, text)) = run.section.take() else { return };
        run.bad.insert(name.clone(), true);
        let full = self.full(&name);
        self.gather.fail(judge(&full, &name, &text.into_text()));
    }

    fn full(&self, name: &str) -> String {
        match &self.program {
            Some(program) if self.known.contains(name) => format!("{program}::{name}"),
            _ => name.to_owned(),
        }
    }

    fn finish(&mut self) {
        self.flush();
        let Some(run) = self.run.take() else { return };
        for (name, _) in run.bad.iter().filter(|(_, told)| !**told) {
            let full = self.full(name);
            self.gather.fail(failure(&full, Fault::Failed));
        }
        run.names.iter().for_each(|n| self.known.insert(n));
        self.program = None;
    }

    /// Ends a run that has no summary; how its process ended, where that is known.
    fn cut(&mut self, how: Option<&str>) {
        let Some(run) = &mut self.run else { return };
        let heard = run.passed + run.failed + run.ignored + run.measured;
        let expected = run.expected;
        let pending = run.pending.take();
        let program = self.program.clone().unwrap_or_else(|| "the program".to_owned());
        if let Some(name) = pending {
            let full = self.full(&name);
            if let Some(how) = how {
                self.gather.ended(&full, true);
                self.gather.fail(Failure { message: how.to_owned(), ..failure(&full, Fault::Crashed) });
            } else {
                self.gather.running(&full);
            }
        }
        let how = how.map(|h| format!(": {h}")).unwrap_or_default();
        let told = plural(expected, "test");
        self.gather.cut_short(format!("{program} ended after {heard} of {told}, without a summary{how}"));
        self.finish();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Ignored,
    Measured,
}

/// The failure that a section of output tells of.
fn judge(full: &str, name: &str, text: &str) -> Failure {
    let panic = panics::find(text, name);
    let doctest = text.lines().find(|l| l.starts_with("error[") || l.starts_with("error: "));
    let mut told = failure(full, Fault::Failed);
    told.message = match &panic {
        Some(panic) => panic.message.clone(),
        None => doctest.map_or_else(|| first_line(text), str::to_owned),
    };
    told.file = panic.and_then(|p| p.file).or_else(|| name.split_once(" - ").map(|(f, _)| f.to_owned()));
    told.detail = text.to_owned();
    told
}

/// The number in `running 12 tests`.
fn running(line: &str) -> Option<u64> {
    let many = line.strip_prefix("running ")?;
    many.strip_suffix(" tests").or_else(|| many.strip_suffix(" test"))?.parse().ok()
}

/// The name in `---- NAME stdout ----`.
fn header(line: &str) -> Option<&str> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    name.strip_suffix(" stdout").or_else(|| name.strip_suffix(" stderr")).map(clean)
}

/// A name without what libtest says of it.
fn clean(name: &str) -> &str {
    let name = name.trim();
    [" - should panic", " - compile fail", " - compile"]
        .iter()
        .find_map(|e| name.strip_suffix(e))
        .unwrap_or(name)
}

/// The name and result in `NAME ... ok`.
fn told(text: &str) -> Option<(&str, Outcome)> {
    let (name, result) = text.rsplit_once(" ... ")?;
    let name = clean(name);
    (!name.is_empty()).then_some(())?;
    Some((name, result_of(result)?))
}

fn result_of(text: &str) -> Option<Outcome> {
    let first = text.split([' ', ',', ':']).next().unwrap_or_default();
    match first {
        "ok" if text == "ok" || text.starts_with("ok (") || text.starts_with("ok <") => Some(Outcome::Passed),
        "FAILED" => Some(Outcome::Failed),
        "ignored" => Some(Outcome::Ignored),
        "bench" => Some(Outcome::Measured),
        _ => None,
    }
}

/// The numbers of `test result: ok. 1 passed; 2 failed; 3 ignored; 4 measured; ...`.
fn summary(line: &str) -> Option<[u64; 4]> {
    let rest = line.strip_prefix("test result: ")?;
    let rest = rest.strip_prefix("ok. ").or_else(|| rest.strip_prefix("FAILED. "))?;
    let mut numbers = rest.split("; ").map(|part| part.split_once(' '));
    let mut next = |word: &str| {
        let (number, said) = numbers.next()??;
        (said == word).then_some(())?;
        number.parse().ok()
    };
    let all = [next("passed")?, next("failed")?, next("ignored")?, next("measured")?];
    // What was filtered out stands at its end; a line that is cut is none.
    rest.contains(" filtered out").then_some(all)
}

/// What a program of tests is called: the stem of its file, or the crate of its examples.
fn program(text: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix("Doc-tests ") {
        return Some(name.trim().to_owned());
    }
    let rest = text.strip_prefix("Running ")?;
    let path = match rest.rsplit_once('(') {
        Some((_, path)) => path.strip_suffix(')')?,
        None => rest,
    };
    let stem = path.rsplit(['/', '\\']).next()?.trim_end_matches(".exe");
    let (name, hash) = stem.rsplit_once('-')?;
    (hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then(|| name.to_owned())
}
