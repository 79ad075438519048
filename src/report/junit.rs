//! JUnit's XML in its dialects.
//!
//! Streaming: a test is counted when its element ends, so that a file that is cut short keeps all
//! that was whole before. Names are put together in `names`, failures judged in `case`, and what
//! suites say of themselves is compared in `counts`.

mod apart;
mod case;
mod chop;
mod counts;
mod names;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::gather::Gather;
use super::text::{Bounded, DETAIL};
use apart::Apart;
use case::{Case, Verdict};
use chop::Chopped;
use counts::{Said, Tally};
use names::Dialect;

/// How deep elements may be in each other.
const DEPTH: usize = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Suites,
    Suite,
    Case,
    Verdict,
    Out,
    Err,
    Other,
}

/// A suite that is open, with what it says of itself and what it tells.
struct Suite {
    name: String,
    file: Option<String>,
    said: Said,
    told: Tally,
    /// Failures and errors that belong to no test.
    verdict: Option<Verdict>,
    err: Bounded,
}

struct Junit<'g, 'a> {
    gather: &'g mut Gather<'a>,
    open: Vec<Tag>,
    suites: Vec<Suite>,
    case: Option<Case>,
    dialect: Dialect,
    apart: Apart,
    /// The class and name of the test before.
    before: (String, String),
    is_rooted: bool,
}

/// Reads JUnit's XML.
pub(super) fn read(input: &mut dyn std::io::BufRead, gather: &mut Gather<'_>) {
    let mut reader = Reader::from_reader(Chopped::new(input));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut junit = Junit {
        gather,
        open: Vec::new(),
        suites: Vec::new(),
        case: None,
        dialect: Dialect::default(),
        apart: Apart::default(),
        before: Default::default(),
        is_rooted: false,
    };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(Event::Start(element)) => {
                let tag = junit.start(&element);
                junit.open.push(tag);
                if junit.open.len() > DEPTH {
                    junit.gather.cut_short(format!("elements are more than {DEPTH} deep in each other"));
                    return;
                }
            }
            Ok(Event::Empty(element)) => {
                let tag = junit.start(&element);
                junit.end(tag);
            }
            Ok(Event::End(element)) => {
                let tag = tag(element.local_name().as_ref());
                let Some(place) = junit.open.iter().rposition(|t| *t == tag) else {
                    junit.gather.cut_short(format!("</{}> ends nothing", element.local_name().as_ref()));
                    continue;
                };
                if place + 1 < junit.open.len() {
                    junit.gather.cut_short(format!(
                        "</{}> comes while another element is open",
                        element.local_name().as_ref()
                    ));
                }
                while junit.open.len() > place {
                    if let Some(tag) = junit.open.pop() {
                        // Only what ends by its own end is whole.
                        if junit.open.len() == place { junit.end(tag) } else { junit.drop(tag) }
                    }
                }
            }
            Ok(Event::Text(text)) => junit.text(&text),
            Ok(Event::CData(text)) => junit.text(&text),
            Ok(Event::GeneralRef(name)) => junit.text(&names::entity(&name)),
            Ok(_) => {}
            Err(e) => {
                junit.gather.cut_short(format!("the rest of the XML can't be read: {e}"));
                junit.cut();
                return;
            }
        }
    }
    let is_within = reader.get_mut().is_within();
    if !junit.open.is_empty() || is_within {
        let open = if is_within { "markup" } else { "an element" };
        junit.gather.cut_short(format!("the file ends within {open}"));
        junit.cut();
    } else if !junit.is_rooted {
        junit.gather.cut_short("there is no <testsuites> and no <testsuite>");
    }
}

/// What a test without a name is called, by its place among the tests of its suite.
fn nameless(suite: Option<&Suite>) -> String {
    let count = suite.map_or(1, |s| s.told.own_cases() + 1);
    let of = suite.map(|s| s.name.trim()).filter(|name| !name.is_empty());
    let of = of.map_or_else(|| "its file".to_owned(), str::to_owned);
    format!("(nameless, {} in {of})", nth(count))
}

/// `1st`, `2nd`, `3rd`, `4th`.
fn nth(number: u64) -> String {
    let end = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

fn tag(name: &str) -> Tag {
    match name {
        "testsuites" => Tag::Suites,
        "testsuite" => Tag::Suite,
        "testcase" => Tag::Case,
        "failure" | "error" | "skipped" | "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError" => {
            Tag::Verdict
        }
        "system-out" => Tag::Out,
        "system-err" => Tag::Err,
        _ => Tag::Other,
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = element.attributes();
    let found = all.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    Some(names::unescape(&found.value))
}

impl Junit<'_, '_> {
    fn start(&mut self, element: &BytesStart<'_>) -> Tag {
        let local = element.local_name();
        let tag = tag(local.as_ref());
        let get = |name: &str| attribute(element, name);
        match tag {
            Tag::Suites | Tag::Suite => {
                self.is_rooted = true;
                let name = get("name").unwrap_or_default();
                self.dialect.suite(tag == Tag::Suites, &name, get("noNamespaceSchemaLocation").as_deref());
                if let Some(at) = get("timestamp") {
                    self.gather.began_at(&at);
                }
                self.suites.push(Suite {
                    file: get("file").or_else(|| get("filepath")),
                    said: Said::new(get),
                    told: Tally::default(),
                    verdict: None,
                    err: Bounded::new(DETAIL),
                    name,
                });
            }
            Tag::Case => {
                let suite = self.suites.iter().rev().find(|s| s.file.is_some());
                let case = Case::new(get, suite.and_then(|s| s.file.clone()));
                self.dialect.case(&case, self.suites.len());
                self.case = Some(case);
            }
            Tag::Verdict => {
                let verdict = Verdict::new(local.as_ref(), get);
                match (&mut self.case, self.suites.last_mut()) {
                    (Some(case), _) => case.verdicts.push(verdict),
                    // Text of a second one goes to the first: there is one part for a suite.
                    (None, Some(suite)) if suite.verdict.is_none() => suite.verdict = Some(verdict),
                    (None, Some(suite)) => {
                        if let Some(known) = &mut suite.verdict {
                            known.text.push_line(&verdict.message);
                        }
                    }
                    (None, None) => {}
                }
            }
            Tag::Out | Tag::Err | Tag::Other => {}
        }
        tag
    }

    fn text(&mut self, text: &str) {
        let Some(tag) = self.open.last() else { return };
        let is_in_verdict = self.open.contains(&Tag::Verdict);
        match (tag, &mut self.case, self.suites.last_mut()) {
            (Tag::Verdict, Some(case), _) => case.text(text),
            (Tag::Verdict, None, Some(suite)) => {
                if let Some(verdict) = &mut suite.verdict {
                    verdict.text.push(text);
                }
            }
            (Tag::Out | Tag::Err, Some(case), _) if is_in_verdict => case.try_output(text),
            (Tag::Out | Tag::Err, Some(case), _) => case.output.push(text),
            (Tag::Err, None, Some(suite)) => suite.err.push(text),
            // nextest and Surefire 3 write a try's trace into an element of its own.
            (Tag::Other, Some(case), _) if is_in_verdict => case.text(text),
            _ => {}
        }
    }

    fn end(&mut self, tag: Tag) {
        match tag {
            Tag::Case => {
                if let Some(case) = self.case.take() {
                    self.judge(case);
                }
            }
            Tag::Suite | Tag::Suites => self.leave(),
            _ => {}
        }
    }

    /// An element that was never ended.
    fn drop(&mut self, tag: Tag) {
        match tag {
            Tag::Case => self.unfinished(),
            Tag::Suite | Tag::Suites => drop(self.suites.pop()),
            _ => {}
        }
    }

    /// The end of what can be read: a test whose verdict was told has failed all the same.
    fn cut(&mut self) {
        self.unfinished();
        while let Some(suite) = self.suites.pop() {
            self.parts(&suite);
        }
    }

    fn unfinished(&mut self) {
        let Some(case) = self.case.take() else { return };
        if case.is_bad() {
            self.judge(case);
        } else {
            let path: Vec<&str> = self.suites.iter().map(|s| s.name.as_str()).collect();
            let (test, _) = self.dialect.name(&case, &path);
            self.gather.running(&test);
        }
    }

    fn judge(&mut self, mut case: Case) {
        // Vitest tells a hook of a group behind the group's tests, as a test with the group's name.
        let (class, name) = std::mem::replace(&mut self.before, (case.classname.clone(), case.name.clone()));
        let is_of_group = class == case.classname
            && name.strip_prefix(case.name.as_str()).is_some_and(|rest| rest.starts_with(" > "));
        case.is_hook = self.dialect == Dialect::Vitest && is_of_group;
        let path: Vec<&str> = self.suites.iter().map(|s| s.name.as_str()).collect();
        let part = self.dialect.part(&case, path.last().copied().unwrap_or_default());
        let (mut test, file) = self.dialect.name(&case, &path);
        if case.is_nameless() {
            test = nameless(self.suites.last());
        }
        if part.is_none() {
            let place = self.dialect.place(&case, &path);
            test = self.apart.name(test, place, self.dialect, self.gather);
        }
        let mut alone = Tally::default();
        let told = self.suites.last_mut().map_or(&mut alone, |s| &mut s.told);
        told.case(&case, !self.gather.knows(&test));
        if let Some(part) = part {
            told.part(&case);
            let (message, detail) = case.into_texts(self.dialect);
            return self.gather.part(&part, &message, &detail);
        }
        let is_bad = case.is_bad();
        self.gather.ended(&test, is_bad);
        if case.is_skipped() {
            self.gather.skip(&test);
        } else if is_bad {
            let echoes = self.dialect == Dialect::Go && case.only_frames();
            match case.into_failure(&test, file, self.dialect) {
                // A test of Go that says nothing of its own failed because one below it did.
                failure if echoes && self.gather.has_failed_below(&failure.test) => {}
                failure => self.gather.fail(failure),
            }
        } else if case.is_flaky() {
            self.gather.flaky(case.into_failure(&test, file, self.dialect));
        } else {
            self.gather.pass(&test);
        }
    }

    fn parts(&mut self, suite: &Suite) {
        if let Some(verdict) = &suite.verdict {
            let err = suite.err.clone().into_text();
            let detail = [verdict.text.clone().into_text(), err];
            let detail: Vec<&str> = detail.iter().map(|t| t.trim_end()).filter(|t| !t.is_empty()).collect();
            self.gather.part(&suite.name, &verdict.message, &detail.join("\n"));
        } else if suite.told.cases == 0
            && suite.told.parts == 0
            && !suite.err.is_empty()
            && suite.said.has_bad()
        {
            self.gather.part(&suite.name, "", &suite.err.clone().into_text());
        }
    }

    fn leave(&mut self) {
        let Some(mut suite) = self.suites.pop() else { return };
        self.parts(&suite);
        suite.told.parts += u64::from(suite.verdict.is_some());
        let depth = self.suites.len();
        if let Some((said, told)) = suite.said.compare(&suite.told, self.dialect, self.suites_said()) {
            suite.told.was_wrong = true;
            let prefix = if suite.name.is_empty() { String::new() } else { format!("{}: ", suite.name) };
            self.gather.counts(format!("{prefix}{said}"), told);
        }
        if self.dialect == Dialect::Mocha && depth == 0 {
            self.gather.skip_nameless(suite.said.skipped().saturating_sub(suite.told.skipped));
        }
        if let Some(outer) = self.suites.last_mut() {
            outer.told.inner(&suite.told);
        }
    }

    /// How many tests the outermost suite says were skipped.
    fn suites_said(&self) -> u64 {
        self.suites.first().map_or(0, |s| s.said.skipped())
    }
}
