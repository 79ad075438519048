//! What a failure says, in a form that can be compared: read once for each failure.

use std::collections::BTreeSet;

use super::difference::{difference, ways};
use super::frames::{Frame, Trace, trace};
use super::kind;
use super::missing::missing;
use super::place::{Place, file_key};
use super::telling::{raised, telling};
use super::texts::{
    asserted, bounded, form_words, given, is_nothing, of_command, quoted, says_error, skeleton, split_name,
    told, values,
};
use super::words::{informative, words};
use crate::model::{Failure, Fault};
use crate::wording::{normalise, plain, with_numbers};

/// A failure, read. Nothing in it changes with times, ports or temporary folders, so that equal
/// readings are one failure told twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reading {
    pub(super) suite: String,
    /// The test without its parameters.
    pub(super) test: String,
    /// The class, module or describing block of the test.
    pub(super) class: String,
    pub(super) file: String,
    /// The class is one of several that a file may have, and so about one thing.
    pub(super) is_topical: bool,
    pub(super) fault: Fault,
    /// What was raised first.
    pub(super) kind: Option<String>,
    /// What the tool says was raised, and what was raised first.
    pub(super) kinds: BTreeSet<String>,
    /// It is an error of no type that says anything.
    pub(super) is_plain: bool,
    /// Nothing but an assertion is known.
    pub(super) is_assertion: bool,
    pub(super) message: String,
    pub(super) skeleton: String,
    /// The message has words of its own.
    pub(super) is_informative: bool,
    pub(super) tokens: BTreeSet<String>,
    pub(super) quoted: BTreeSet<String>,
    pub(super) values: BTreeSet<String>,
    pub(super) missing: BTreeSet<String>,
    /// The innermost function that is not a library's, `file::function`: of the project, or a fixture
    /// or helper of the tests, but not the test itself.
    pub(super) origin: Option<String>,
    /// The texts that the innermost functions were given, where the tool shows them.
    pub(super) given: BTreeSet<String>,
    /// Statuses by which services refuse or fail, as `503`.
    pub(super) statuses: BTreeSet<String>,
    /// The runner itself raised it, after something else went wrong.
    pub(super) is_of_runner: bool,
    /// The innermost frame in the project's own code, `file::function`.
    pub(super) inner: Option<String>,
    /// The same with its line, or that of the test where there is none.
    pub(super) line: Option<String>,
    pub(super) project: BTreeSet<String>,
    /// The file of `inner`.
    pub(super) inner_file: Option<String>,
    /// The line of the test's own file.
    pub(super) spot: Option<u32>,
    /// The innermost frame of a library, where no frame is the project's.
    pub(super) library: Option<String>,
    /// The line of the test that failed.
    pub(super) code: String,
    pub(super) code_words: BTreeSet<String>,
    /// The names in the source of the test, where the tool shows it.
    pub(super) body_words: BTreeSet<String>,
    /// How the values of an assertion differ.
    pub(super) difference: Option<String>,
    /// All ways in which they differ.
    pub(super) ways: BTreeSet<String>,
    /// All words of the message's form, the common ones as well.
    pub(super) form_words: BTreeSet<String>,
    /// The functions of the project in the trace, by name alone.
    pub(super) functions: BTreeSet<String>,
    /// It speaks of nothing where something was wanted.
    pub(super) is_nothing: bool,
    /// What was asserted, without the values.
    pub(super) asserted: String,
    pub(super) name_words: BTreeSet<String>,
    /// The fixture or hook that failed.
    pub(super) fixture: Option<String>,
    /// For people: the line that shows it best, not yet shortened.
    pub(super) headline: String,
}

impl Reading {
    /// Reads a failure of a suite.
    pub(super) fn new(suite: &str, failure: &Failure) -> Self {
        let detail = plain(&bounded(&failure.detail, 120_000));
        let raw_message = super::telling::whole(&plain(&bounded(&failure.message, 8_000)), &detail);
        let mut trace = trace(&detail);
        for other in [&raw_message, &plain(&bounded(&failure.output, 40_000))] {
            if trace.frames.is_empty() {
                let more = super::frames::trace(other);
                trace = Trace { root: trace.root.or(more.root), frames: more.frames, ..trace };
            }
        }
        let (class, test) = test_name(&failure.test);
        let file = file_of(failure);
        settle_places(&mut trace.frames, failure);
        let (raw, fixture) = telling(&raw_message, &detail, failure);
        if let Some(inside) = super::telling::embedded(&raw, &detail) {
            // What a program that the test ran had raised is the cause of what the test says of it.
            let theirs = super::frames::trace(&inside);
            let said = inside.lines().next_back().map(str::to_owned);
            trace.root = theirs.root.or(said).or(trace.root);
            trace.frames = theirs.frames.into_iter().chain(trace.frames).collect();
        }
        let outer = failure.kind.as_deref().and_then(kind::short);
        let lead = raw.lines().next().and_then(kind::leading);
        let body = lead.map_or(raw.as_str(), |(_, rest)| rest);
        let root = trace.root.as_deref().and_then(|r| kind::leading(r.lines().next().unwrap_or_default()));
        let outer = outer
            .or_else(|| lead.and_then(|(name, _)| kind::short(name)))
            .or_else(|| raised(&detail))
            .or_else(|| kind::from_message(body));
        let first = root.and_then(|(name, _)| kind::short(name)).or_else(|| outer.clone());
        let mut kinds: BTreeSet<String> = first.iter().chain(&outer).cloned().collect();
        kinds.extend(of_command(&raw));
        // A limit of time is no assertion, though tools may raise it as one.
        let was_ended = matches!(failure.fault, Fault::TimedOut | Fault::Crashed);
        // `Error: cannot open` names a type that says nothing, and yet it asserts nothing.
        let is_error = kinds.is_empty()
            && (failure.fault == Fault::Errored || raw.lines().chain(detail.lines()).take(6).any(says_error));
        let is_assertion = !was_ended && !is_error && kinds.iter().all(|k| kind::is_assertion(k));
        let message = normalise(&told(&raw));
        let form = skeleton(&message);
        let mut whole = message.clone();
        if let Some(root) = &trace.root {
            whole = format!("{whole}\n{}", normalise(root));
        }
        let mut searched = whole.clone();
        if is_assertion && message.contains('…') {
            // What the message has no room for stands in the lines that differ.
            let differing =
                detail.lines().map(str::trim_start).filter(|l| l.starts_with(['-', '+'])).take(12);
            for line in differing {
                searched.push('\n');
                searched.push_str(&normalise(line));
            }
        }
        let mut missing: BTreeSet<String> = missing(&searched).into_iter().collect();
        if !missing.iter().any(|m| m.starts_with("service ") || m.starts_with("host ")) {
            missing.extend(super::address::peer(&whole, &detail));
        }
        if whole.contains("unsupported locale") {
            missing.extend(super::missing::locale(&detail));
        }
        let of_place = |place| trace.frames.iter().filter(move |f: &&Frame| f.place == place);
        let raised_in = |f: &&Frame| !(is_assertion && is_helper(f));
        let inner = of_place(Place::Project).find(raised_in);
        let line_of = |f: &Frame| format!("{}:{}", f.file, f.line);
        let own = function_word(&test);
        // The test itself, and not what tests share to assert something: by its name, or since
        // functions of tests have none in JavaScript.
        let test_frame = of_place(Place::Test)
            .find(|f| function_word(&f.function) == own)
            .or_else(|| of_place(Place::Test).find(|f| f.function.is_empty()))
            .or_else(|| of_place(Place::Test).next_back());
        let file = match test_frame {
            Some(frame) if file.is_empty() => frame.file.clone(),
            _ => file,
        };
        let set_up = trace.frames.iter().rev().find(|f| f.place == Place::Test && sets_up(f));
        let fixture = fixture
            .map(|name| placed(&name, &trace.frames))
            .or_else(|| set_up.map(|f| set_up_key(f, &class, &file)));
        let is_set_up = fixture.is_some();
        let origin = trace
            .frames
            .iter()
            .filter(|f| f.place != Place::Library)
            .find(|f| f.place == Place::Project || !f.function.is_empty() || is_set_up)
            .filter(|f| {
                raised_in(f) && (is_set_up || f.place == Place::Project || function_word(&f.function) != own)
            })
            .map(|f| match f.function.is_empty() {
                true => format!("{}:{}", f.file, f.line),
                false if sets_up(f) => set_up_key(f, &class, &file),
                false => f.key(),
            });
        let is_of_runner = of_runner(&trace.frames, &kinds, &detail);
        let is_own = |f: &Frame| test_frame.is_some_and(|t| t.key() == f.key());
        let helpers = trace.frames.iter().filter(|f| match f.place {
            Place::Test => !is_own(f) && !f.function.is_empty(),
            Place::Project => !raised_in(f),
            Place::Library => false,
        });
        let helpers: BTreeSet<String> = helpers.map(Frame::key).collect();
        let marked = trace.marked.last().map(String::as_str).unwrap_or_default();
        let code = test_frame.map(|f| f.code.as_str()).filter(|c| !c.is_empty()).unwrap_or(marked);
        let mut code_words: BTreeSet<String> = words(&normalise(code)).collect();
        code_words.extend(
            trace
                .frames
                .iter()
                .filter(|f| f.place != Place::Library && !helpers.contains(&f.key()))
                .flat_map(|f| {
                    let code = normalise(&f.code);
                    words(&code).collect::<Vec<_>>()
                }),
        );
        code_words.extend(
            raw.lines()
                .filter(|l| l.contains("where "))
                .flat_map(|l| words(&normalise(l)).collect::<Vec<_>>()),
        );
        let many_digits = test.bytes().filter(u8::is_ascii_digit).count() > 4;
        let headline = raw.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default().to_owned();
        let functions = of_place(Place::Project).filter(raised_in).map(|f| function_word(&f.function));
        Self {
            suite: suite.to_owned(),
            ways: ways(&raw, &detail),
            form_words: form_words(&form),
            functions: functions.filter(|f| f.len() > 2).chain(inner.into_iter().flat_map(called)).collect(),
            is_nothing: is_nothing(&raw),
            asserted: asserted(&form),
            fault: failure.fault,
            is_assertion,
            origin,
            is_of_runner,
            is_plain: is_error,
            given: given(&detail),
            statuses: super::missing::statuses(&whole, &detail),
            skeleton: form.clone(),
            // The values of an assertion are no words of its own.
            is_informative: informative(if is_assertion { &form } else { &message }),
            tokens: words(&whole).collect(),
            quoted: quoted(&message).into_iter().collect(),
            values: values(&with_numbers(&told(&raw))),
            missing,
            inner: inner.map(Frame::key),
            line: inner.or(test_frame).map(line_of),
            project: of_place(Place::Project).filter(raised_in).take(20).map(Frame::key).collect(),
            inner_file: inner.map(|f| f.file.clone()),
            spot: test_frame.map(|f| f.line).filter(|l| *l > 0),
            library: if inner.is_none() { of_place(Place::Library).next().map(Frame::key) } else { None },
            code: normalise(code),
            code_words,
            body_words: words(&normalise(&trace.body.join("\n"))).collect(),
            difference: difference(&raw),
            name_words: words(&normalise(&split_name(&format!("{} {test}", last_part(&class))))).collect(),
            fixture,
            headline,
            message,
            kind: first,
            kinds,
            is_topical: is_topical(last_part(&class), &file),
            class: normalise(&class),
            // A short number in a name is no noise: `test_case_1` and `test_case_2` are two tests.
            test: if many_digits { normalise(&test) } else { test },
            file,
        }
    }

    /// What the failure is known by in later runs: what was raised, in which words, and where.
    pub(super) fn print(&self) -> String {
        let mut parts = vec!["g3", self.kind.as_deref().unwrap_or_default(), &self.skeleton];
        parts.extend(self.missing.iter().map(String::as_str));
        let fault = format!("{:?}", self.fault);
        let ended = matches!(self.fault, Fault::TimedOut | Fault::Crashed);
        if ended {
            parts.push(&fault);
        }
        match &self.inner {
            Some(inner) if inner.contains("::") => parts.push(inner),
            // A fixture or a helper of the tests that raises is a place as well.
            None if !self.is_assertion
                && !ended
                && self.origin.as_deref().is_some_and(|o| o.contains("::")) =>
            {
                parts.extend(self.origin.as_deref());
            }
            // Without any place words that say something are known by all of them.
            None if self.missing.is_empty() && self.is_informative && !self.is_assertion && !ended => {
                parts.push(&self.message);
                parts.extend(self.library.as_deref());
                // Hooks have no names, so that the file has to tell them.
                parts.extend(self.fixture.as_deref().filter(|f| f.contains(' ')));
            }
            // Without a function the same words say little: each test has its own.
            _ if self.missing.is_empty() => {
                parts.extend(self.inner.as_deref());
                parts.extend([self.file.as_str(), &self.class, &self.test]);
            }
            Some(inner) => parts.push(inner),
            None => {
                parts.extend(self.library.as_deref());
                if !self.missing.iter().any(|m| super::missing::is_of_world(m)) {
                    parts.extend(self.fixture.as_deref().filter(|f| f.contains(' ')));
                }
            }
        }
        format!("g3:{:016x}", crate::wording::hash(&parts.join("\u{1f}")))
    }
}

/// The class of a test without its package or file; empty where only a file is told.
fn last_part(class: &str) -> &str {
    let last = class.rsplit(['.', ':', '/', '>', ' ']).next().unwrap_or(class);
    if super::place::is_source(last) || last == "py" { "" } else { last }
}

fn is_topical(class: &str, file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.split('.').next().unwrap_or(name);
    !class.is_empty() && class != stem && !matches!(class, "tests" | "test") && !file.ends_with(class)
}

/// The last part of a function's name in lower case, as [`words`] has it.
fn function_word(function: &str) -> String {
    let function = function.trim_end_matches("()");
    let last = function.rsplit(['.', ':', '#', '$', ' ']).next().unwrap_or(function);
    last.trim_matches('_').to_lowercase()
}

/// Whether a function is one that a class of tests has to set itself up, or to tidy up: there is one of the
/// same name in each class.
fn sets_up(frame: &Frame) -> bool {
    let function = function_word(&frame.function);
    let name: String = function.chars().filter(|c| *c != '_').collect();
    ["setup", "teardown", "asyncsetup", "asyncteardown"].iter().any(|start| {
        name.strip_prefix(start)
            .is_some_and(|rest| matches!(rest, "" | "class" | "method" | "function" | "module"))
    })
}

/// What tells a function that sets up one class from those of others: its class, if it stands in the file
/// of the test; a trace of Python does not name it. What several classes inherit stands elsewhere, or in
/// the same line.
fn set_up_key(frame: &Frame, class: &str, file: &str) -> String {
    let class = last_part(class);
    if frame.file == file && is_topical(class, file) {
        format!("{}::{class}.{}", frame.file, frame.function)
    } else {
        frame.key()
    }
}

/// Fixtures and hooks have a name that others have as well, hooks always: the file says which it is. It is
/// that of the fixture itself, or of the outermost frame that is no library's.
fn placed(name: &str, frames: &[Frame]) -> String {
    let own = frames.iter().rev().filter(|f| f.place != Place::Library);
    let file =
        own.clone().find(|f| f.function == name).or_else(|| own.clone().next()).map(|f| f.file.as_str());
    file.map_or_else(|| name.to_owned(), |file| format!("{name} {file}"))
}

/// Whether a function of the project only asserts something for tests: what it raises says
/// nothing of the place.
fn is_helper(frame: &Frame) -> bool {
    let function = function_word(&frame.function);
    let stem = frame.file.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
    let starts = |words: &[&str]| words.iter().any(|w| function.starts_with(w));
    starts(&["assert", "expect", "verify", "check", "should", "must", "ensure", "compare"])
        || ["assert", "helper", "testing", "testutil", "test_util"].iter().any(|w| stem.contains(w))
}

/// Whether pytest itself raised it: no frame is anybody else's, and it is no more than an assertion of
/// its own or a warning about what something else left behind.
fn of_runner(frames: &[Frame], kinds: &BTreeSet<String>, detail: &str) -> bool {
    // What is told whenever rubbish is collected: it may hit any test.
    if kinds.iter().any(|k| k.starts_with("PytestUnraisable") || k.starts_with("PytestUnhandled")) {
        return true;
    }
    !frames.is_empty()
        && frames.iter().all(|f| f.place == Place::Library)
        && detail.contains("_pytest/")
        && kinds.contains("AssertionError")
        && kinds.len() == 1
}

/// The functions that the line of a frame calls.
fn called(frame: &Frame) -> Vec<String> {
    let parts = frame.code.split('(');
    let count = frame.code.matches('(').count();
    let names =
        parts.take(count).filter_map(|p| p.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next());
    names.flat_map(|n| words(n).collect::<Vec<_>>()).collect()
}

/// The class and the name of a test, without parameters.
pub(super) fn test_name(test: &str) -> (String, String) {
    let mut base = test.trim();
    if let Some(at) = base.find(['[', '{', '(']).filter(|at| *at > 0) {
        base = base[..at].trim_end();
    }
    for sep in ["::", " > ", " › ", "#"] {
        if let Some((class, name)) = base.rsplit_once(sep) {
            return (class.to_owned(), name.to_owned());
        }
    }
    // Go's subtests, then the methods of Java; a sentence has neither.
    let cut = if base.contains(' ') { None } else { base.rsplit_once('/').or_else(|| base.rsplit_once('.')) };
    cut.map_or((String::new(), base.to_owned()), |(class, name)| (class.to_owned(), name.to_owned()))
}

fn file_of(failure: &Failure) -> String {
    match failure.file.as_deref().or_else(|| failure.test.split_once("::").map(|(file, _)| file)) {
        Some(file) if file.contains('/') || super::place::is_source(file) => file_key(file),
        Some(class) => normalise(class),
        None => String::new(),
    }
}

/// Unit tests of Rust stand in the file that they test: where a panic has only a place, it
/// is the test's own if the test's module is that file.
fn settle_places(frames: &mut [Frame], failure: &Failure) {
    let test = failure.test.as_str();
    // Where the tool tells the test's file, that one holds tests whatever its name is.
    if let Some(own) = failure.file.as_deref().filter(|f| super::place::is_source(f) && !f.ends_with(".rs")) {
        let own = file_key(own);
        for frame in frames.iter_mut().filter(|f| f.file == own && f.place == Place::Project) {
            frame.place = Place::Test;
        }
    }
    // The name of the program may stand before the module: `shop cart::tests::adds`.
    let mut modules = test.split("::").flat_map(|part| part.split(' ')).collect::<Vec<_>>();
    if !modules.iter().any(|m| matches!(*m, "tests" | "test")) {
        return;
    }
    modules.retain(|m| !matches!(*m, "tests" | "test"));
    for frame in frames.iter_mut().filter(|f| f.function.is_empty() && f.place == Place::Project) {
        let stem = frame.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if modules.contains(&stem) || matches!(stem, "lib" | "main" | "mod") {
            frame.place = Place::Test;
        }
    }
}
