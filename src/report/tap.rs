//! The Test Anything Protocol, versions 12 to 14, as its producers really write it.
//!
//! Groups come in two ways: announced by `# Subtest:` and judged by the line after them (node,
//! Test::More), or opened by a brace on the line that judges them (Vitest). Either way a group
//! that fails only because something in it failed is no failure of its own. Plans are summed, so
//! that streams may follow each other.

mod numbers;
mod point;
mod yaml;

use std::collections::BTreeMap;

use super::gather::{Gather, failure};
use super::lines::{Lines, plural};
use super::text::{Bounded, DETAIL, plain};
use super::words;
use crate::model::{Complaint, Failure, Fault, Names};
use numbers::Numbers;
use point::Point;

/// How many names that come again are told apart.
const AGAIN: usize = 10_000;

/// A group that is open.
struct Group {
    indent: usize,
    name: String,
    /// Failed tests, and tests, in it.
    failed: u64,
    heard: u64,
    /// Opened by a brace: whether its own line said `not ok`.
    brace: Option<bool>,
    /// What its own plan says, and how many lines it has itself.
    planned: Option<u64>,
    points: u64,
}

impl Group {
    fn new(indent: usize, name: String, brace: Option<bool>) -> Self {
        Self { indent, name, failed: 0, heard: 0, brace, planned: None, points: 0 }
    }
}

/// A test whose diagnostics may still come.
struct Pending {
    point: Point,
    path: Vec<String>,
    /// What was in the group that this line judges.
    inner: Option<(u64, u64)>,
    detail: Bounded,
    yaml: Option<usize>,
    has_yaml: bool,
}

/// What the last line was, as far as the next one depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Version,
    Passed,
    YamlEnd,
    Heading,
    Other,
}

struct Tap<'g, 'a> {
    gather: &'g mut Gather<'a>,
    groups: Vec<Group>,
    pending: Option<Pending>,
    planned: Option<u64>,
    heard: u64,
    numbers: Numbers,
    heading: Option<String>,
    last: Last,
    /// Only tape names its tests by comments.
    may_be_tape: bool,
    notes: Bounded,
    names: Names,
    again: BTreeMap<String, u32>,
    has_given_up: bool,
}

/// Reads TAP.
pub(super) fn read(input: &mut dyn std::io::BufRead, gather: &mut Gather<'_>) {
    let mut lines = Lines::new(input);
    let mut tap = Tap {
        gather,
        groups: Vec::new(),
        pending: None,
        planned: None,
        heard: 0,
        numbers: Numbers::default(),
        heading: None,
        last: Last::Other,
        may_be_tape: false,
        notes: Bounded::new(DETAIL),
        names: Names::default(),
        again: BTreeMap::new(),
        has_given_up: false,
    };
    while let Some(line) = lines.next() {
        tap.line(&plain(&line));
    }
    if let Some(why) = lines.broken.take() {
        tap.gather.cut_short(why);
    }
    tap.end();
}

/// What is said behind `Bail out!`, in whatever case.
fn bail_out(text: &str) -> Option<&str> {
    let words = text.get(.."Bail out!".len())?;
    words.eq_ignore_ascii_case("Bail out!").then(|| &text["Bail out!".len()..])
}

impl Tap<'_, '_> {
    fn line(&mut self, line: &str) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if self.yaml(line, text, indent) {
            return;
        }
        let last = std::mem::replace(&mut self.last, Last::Other);
        if let Some(point) = point::parse(text, indent) {
            self.point(point, last);
        } else if let Some(plan) = point::plan(text) {
            self.plan(plan, indent);
        } else if let Some(rest) = text.strip_prefix('#') {
            self.comment(rest, indent, last);
        } else if text.starts_with("TAP version ") && indent == 0 {
            self.flush();
            let wrong = self.numbers.end();
            self.misnumbered(wrong);
            self.may_be_tape = true;
            self.last = Last::Version;
        } else if let Some(reason) = bail_out(text) {
            self.flush();
            self.has_given_up = true;
            self.gather.complain(Complaint::GaveUp(reason.trim().to_owned()));
        } else if text.trim_end() == "}" && self.groups.last().is_some_and(|g| g.brace.is_some()) {
            self.close(indent);
        } else if text.trim_end() == "---" && self.pending.as_ref().is_some_and(|p| indent > p.point.indent) {
            if let Some(pending) = &mut self.pending {
                pending.yaml = Some(indent);
                pending.has_yaml = true;
            }
        } else if text.is_empty() {
            self.last = last;
        } else if let Some(pending) = &mut self.pending
            && indent > pending.point.indent
            && !pending.point.is_ok
        {
            // Mocha's reporter indents what it says and marks it by nothing.
            pending.detail.push_line(line.get(pending.point.indent + 2..).unwrap_or(text));
        }
    }

    /// Takes a line of a YAML block, and says whether it was one.
    fn yaml(&mut self, line: &str, text: &str, indent: usize) -> bool {
        let Some(pending) = &mut self.pending else { return false };
        let Some(start) = pending.yaml else { return false };
        let is_end = text.trim_end() == "...";
        // Where the end is missing the next test must not be swallowed.
        let is_next = indent <= pending.point.indent
            && (point::parse(text, indent).is_some_and(|p| p.number.is_some()));
        if is_end || is_next {
            pending.yaml = None;
            self.last = Last::YamlEnd;
            return is_end;
        }
        pending.detail.push_line(line.get(start..).filter(|_| indent >= start).unwrap_or(line));
        true
    }

    fn point(&mut self, mut point: Point, last: Last) {
        self.flush();
        // What was announced or opened at this depth or deeper is over now.
        let mut inner = None;
        while self.groups.last().is_some_and(|g| g.indent >= point.indent) {
            let Some(group) = self.leave() else { break };
            if group.indent == point.indent && group.brace.is_none() && group.heard > 0 {
                inner = Some((group.failed, group.heard));
            }
        }
        if point.indent == 0 {
            self.heard += 1;
            let wrong = self.numbers.point(point.number);
            self.misnumbered(wrong);
        } else if let Some(group) = self.groups.last_mut() {
            group.points += 1;
        }
        if !matches!(last, Last::Heading) {
            self.heading = None;
        }
        let mut path: Vec<String> = self.groups.iter().map(|g| g.name.clone()).collect();
        path.extend(self.heading.clone());
        if point.description.is_empty() {
            point.description = format!("test {}", point.number.unwrap_or(self.heard));
        }
        if point.opens {
            let brace = Some(!point.is_ok && !point.is_skip());
            let (indent, name) = (point.indent, point.description);
            self.groups.push(Group::new(indent, name, brace));
            return;
        }
        self.last = if point.is_ok { Last::Passed } else { Last::Other };
        let (detail, yaml) = (Bounded::new(DETAIL), None);
        self.pending = Some(Pending { point, path, inner, detail, yaml, has_yaml: false });
    }

    fn plan(&mut self, (many, skip): (u64, Option<String>), indent: usize) {
        let is_nested = self.groups.last().is_some_and(|g| g.indent < indent) || indent > 0;
        self.flush();
        if is_nested {
            if let Some(group) = self.groups.last_mut().filter(|g| g.indent < indent) {
                group.planned = Some(group.planned.unwrap_or(0).saturating_add(many));
            }
            return;
        }
        let wrong = self.numbers.plan(many);
        self.misnumbered(wrong);
        self.planned = Some(self.planned.unwrap_or(0).saturating_add(many));
        let is_skip = |s: &String| s.get(..4).is_some_and(|w| w.eq_ignore_ascii_case("skip"));
        if many == 0 && skip.as_ref().is_some_and(is_skip) {
            self.gather.skip_nameless(1);
        }
    }

    fn comment(&mut self, text: &str, indent: usize, last: Last) {
        if let Some(name) =
            text.trim_start().strip_prefix("Subtest: ").or_else(|| text.trim_start().strip_prefix("Subtest "))
        {
            self.flush();
            self.may_be_tape = false;
            while self.groups.last().is_some_and(|g| g.indent >= indent) {
                self.leave();
            }
            let name = point::unescape(name.trim());
            let path: Vec<&str> =
                self.groups.iter().map(|g| g.name.as_str()).chain([name.as_str()]).collect();
            self.gather.began(&path.join(" > "));
            self.groups.push(Group::new(indent, name, None));
            return;
        }
        let words = text.strip_prefix(' ').unwrap_or(text);
        if let Some(pending) = self.pending.as_mut().filter(|p| !p.point.is_ok && !p.has_yaml) {
            pending.detail.push_line(words);
            return;
        }
        self.notes.push_line(words);
        if self.may_be_tape && last != Last::Other && indent == 0 && !words.starts_with(' ') {
            self.heading = Some(words.trim().to_owned()).filter(|h| !h.is_empty());
            self.last = Last::Heading;
        }
    }

    /// Ends a group that a brace opened.
    fn close(&mut self, indent: usize) {
        self.flush();
        while let Some(group) = self.leave() {
            let is_it = group.indent <= indent && group.brace.is_some();
            if group.brace == Some(true) && group.failed == 0 {
                // Nothing in it failed: a hook of the group did, and nobody says why.
                let path: Vec<&str> =
                    self.groups.iter().map(|g| g.name.as_str()).chain([group.name.as_str()]).collect();
                let test = path.join(" > ");
                self.failed(failure(&test, Fault::Errored));
            } else if let Some(outer) = self.groups.last_mut() {
                outer.failed += group.failed;
                outer.heard += group.heard;
            }
            if is_it {
                break;
            }
        }
    }

    /// Leaves the innermost group, whose own plan has to fit as well.
    fn leave(&mut self) -> Option<Group> {
        let group = self.groups.pop()?;
        if let Some(planned) = group.planned.filter(|planned| *planned != group.points) {
            let path = self.groups.iter().map(|g| g.name.as_str()).chain([group.name.as_str()]);
            let path: Vec<&str> = path.filter(|name| !name.is_empty()).collect();
            let said = format!("{}: {} planned", path.join(" > "), plural(planned, "test"));
            self.gather.counts(said, group.points.to_string());
        }
        Some(group)
    }

    fn misnumbered(&mut self, wrong: Option<(String, String)>) {
        if let Some((said, told)) = wrong.filter(|_| !self.has_given_up) {
            self.gather.counts(said, told);
        }
    }

    fn failed(&mut self, failure: Failure) {
        if let Some(group) = self.groups.last_mut() {
            group.failed += 1;
            group.heard += 1;
        }
        self.gather.ended(&failure.test, true);
        self.gather.fail(failure);
    }

    /// Counts the test whose diagnostics are over.
    fn flush(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        let Pending { point, mut path, inner, detail, has_yaml, .. } = pending;
        let notes = std::mem::replace(&mut self.notes, Bounded::new(DETAIL));
        path.push(point.description.clone());
        let (inner_failed, inner_heard) = inner.unwrap_or_default();
        if let Some(group) = self.groups.last_mut() {
            group.heard += inner_heard;
            group.failed += inner_failed;
        }
        let said = yaml::read(&detail.clone().into_text(), has_yaml);
        let is_own = said.failure_type.as_deref().is_some_and(|f| f != "subtestsFailed");
        let is_bad = !point.is_ok && !point.is_skip();
        if inner_heard > 0 && (!is_bad || (inner_failed > 0 && !is_own)) {
            return;
        }
        if is_bad && point.indent == 0 && words::is_script(&point.description) && inner.is_none() {
            let text = detail.into_text();
            let all = [notes.into_text(), text];
            let all: Vec<&str> = all.iter().map(|t| t.trim_end()).filter(|t| !t.is_empty()).collect();
            let message = said.message.unwrap_or_default();
            return self.gather.part(&point.description, &message, &all.join("\n"));
        }
        let test = self.apart(path.join(" > "));
        if !is_bad {
            if let Some(group) = self.groups.last_mut() {
                group.heard += 1;
            }
            self.gather.ended(&test, false);
            return if point.is_skip() { self.gather.skip(&test) } else { self.gather.pass(&test) };
        }
        let mut fault = said.fault();
        if point.description.contains("_file failed") || point.description.contains("_suite failed") {
            // Bats names its own hooks so: `setup_file failed`.
            fault = fault.max(Fault::Errored);
        }
        let hooks =
            ["\"before all\" hook", "\"before each\" hook", "\"after all\" hook", "\"after each\" hook"];
        if hooks.iter().any(|h| point.description.contains(h)) {
            fault = fault.max(Fault::Errored);
        }
        // An assertion's own words say what is wrong where nothing else does.
        let words = if has_yaml { point.description.as_str() } else { "" };
        let failure = Failure {
            file: said.file,
            kind: said.kind,
            message: said.message.unwrap_or_else(|| words.to_owned()),
            detail: detail.into_text(),
            ..failure(&test, fault)
        };
        self.failed(failure);
    }

    /// A name that no other test of the stream has: assertions are named alike.
    fn apart(&mut self, name: String) -> String {
        if !self.names.contains(&name) {
            self.names.insert(&name);
            return name;
        }
        if self.again.len() >= AGAIN && !self.again.contains_key(&name) {
            return format!("{name} (again)");
        }
        let many = self.again.entry(name.clone()).or_insert(1);
        *many += 1;
        format!("{name} ({many})")
    }

    fn end(&mut self) {
        let within_yaml = self.pending.as_ref().is_some_and(|p| p.yaml.is_some());
        self.flush();
        if within_yaml {
            self.gather.cut_short("the stream ends within the diagnostics of a test");
        }
        if !self.groups.is_empty() && !self.has_given_up {
            let path: Vec<&str> = self.groups.iter().map(|g| g.name.as_str()).collect();
            let path = path.join(" > ");
            self.gather.running(&path);
            self.gather.cut_short("the stream ends within a group of tests");
        }
        let wrong = self.numbers.end();
        self.misnumbered(wrong);
        match self.planned {
            Some(planned) if planned != self.heard && !self.has_given_up => {
                self.gather
                    .counts(format!("{} planned", plural(planned, "test")), format!("{} told", self.heard));
            }
            None if self.heard > 0 && !self.has_given_up => {
                self.gather.cut_short("no plan says how many tests there are");
            }
            None if self.heard == 0 && self.gather.told() == 0 && !self.has_given_up => {}
            _ => {}
        }
    }
}
