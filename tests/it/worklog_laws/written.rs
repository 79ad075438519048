//! Worklogs as many people would write them, together with what they say.
//!
//! A worklog is made from a tape of numbers; an exhausted tape gives zeros, and zero is
//! always the plainest choice, so that shrinking the tape gives the plainest example.

use std::collections::{BTreeMap, BTreeSet};

use gardener::model::{
    Base, Candidate, EntryId, Issue, IssueRef, Label, Link, Severity, Status, Timestamp, Vocabulary,
};
use gardener::worklog::base_block;

use super::writer::Writer;

/// Choices, one after the other.
pub(crate) struct Tape<'t> {
    rest: std::slice::Iter<'t, u16>,
}

impl<'t> Tape<'t> {
    pub(crate) fn new(tape: &'t [u16]) -> Self {
        Self { rest: tape.iter() }
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.rest.next().map_or(0, |choice| usize::from(*choice) % n.max(1))
    }

    /// True in `percent` of all cases, and false when the tape is at its end.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// Whose line it is: the line may change if an edit changes this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) entry: usize,
    /// The key, or `*` for a flow map on one line.
    pub(crate) key: &'static str,
    /// An item of a block list: its line only goes with the item.
    pub(crate) item: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) owner: Option<Owner>,
}

/// What an entry says.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) id: EntryId,
    pub(crate) title: String,
    pub(crate) severity: Option<Severity>,
    pub(crate) status: Option<Status>,
    pub(crate) issue: Option<IssueRef>,
    pub(crate) labels: Option<Vec<Label>>,
    pub(crate) links: Option<Vec<Link>>,
    pub(crate) passed_at: Vec<String>,
    pub(crate) flaky: bool,
    pub(crate) candidates: Option<Vec<Candidate>>,
    pub(crate) reason: Option<String>,
    /// Its keys in the order of the text.
    pub(crate) order: Vec<&'static str>,
}

/// A worklog and what it says.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) ending: &'static str,
    pub(crate) mixed: bool,
    /// The lines of the front matter, without line endings.
    pub(crate) lines: Vec<Line>,
    /// Every comment, which is unique in the text, with its owner.
    pub(crate) comments: Vec<(String, Option<Owner>)>,
    pub(crate) entries: Vec<Said>,
    pub(crate) bases: BTreeMap<EntryId, Base>,
    pub(crate) shape: BTreeSet<&'static str>,
}

pub(crate) const LABELS: [&str; 16] = [
    "bug",
    "Bug",
    "failing-test",
    "area: x",
    "yes",
    "1_000",
    "#1",
    "a, b",
    "it's",
    "\"q\"",
    "🌱 plant",
    "[x]",
    "2024-01-01",
    "~",
    "a # b",
    "WebSocket",
];
pub(crate) const LINKS: [&str; 9] = [
    "#12",
    "docs/a.md",
    "acme/app#3",
    "https://x.example/a?b=c#d",
    "blocked-by #12",
    "blocks acme/app#3",
    "parent https://x.example/p",
    "duplicate-of #7",
    "docs/a b.md",
];
pub(crate) const ISSUES: [&str; 4] = ["7", "1021", "acme/app#3", "Other/repo.x#44"];
const TITLES: [&str; 6] =
    ["Sync fails", "It's late", "a: b # c", "🌱 grows [slowly]", "404", "Events arrive without their fields"];
const STATUSES: [&str; 5] = ["open", "completed", "in-progress", "not-planned", "duplicate"];
const ENTRY_KEYS: [&str; 10] =
    ["id", "title", "severity", "status", "issue", "labels", "links", "tests", "plan", "x-more"];

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).expect("a label")
}

pub(crate) fn link(text: &str) -> Link {
    Link::parse(text).expect("a link")
}

pub(crate) fn status(tape: &mut Tape<'_>) -> Status {
    Vocabulary::default().status(tape.pick(&STATUSES)).expect("a status")
}

pub(crate) fn base(tape: &mut Tape<'_>) -> Base {
    let known = |tape: &mut Tape<'_>| tape.chance(70);
    let agreed = Issue {
        status: known(tape).then(|| status(tape)),
        severity: known(tape).then(|| known(tape).then(|| tape.pick(&Severity::ALL))),
        labels: known(tape).then(|| (0..tape.below(4)).map(|_| label(tape.pick(&LABELS))).collect()),
        links: known(tape).then(|| (0..tape.below(4)).map(|_| link(tape.pick(&LINKS))).collect()),
    };
    let issue = IssueRef::parse(tape.pick(&["acme/app#3", "Acme/App#3", "a-b/c.d#1"])).expect("an issue");
    let seen = Timestamp::from_second(i64::from(u32::try_from(tape.below(60_000)).unwrap_or(0)) * 70_000);
    Base { issue, agreed, seen }
}

fn said(tape: &mut Tape<'_>, at: usize) -> Said {
    let mut labels: Vec<Label> = (0..tape.below(5)).map(|_| label(tape.pick(&LABELS))).collect();
    // A label in two spellings is one label twice.
    if tape.chance(80) {
        labels = labels.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    }
    let links: BTreeSet<Link> = (0..tape.below(5)).map(|_| link(tape.pick(&LINKS))).collect();
    let mut order: Vec<&'static str> = vec!["id", "title"];
    order.extend(ENTRY_KEYS[2..].iter().filter(|_| tape.chance(60)));
    for at in (1..order.len()).rev() {
        let far = if tape.chance(30) { at + 1 } else { 1 };
        order.swap(at, at - tape.below(far));
    }
    let has = |key| order.contains(&key);
    let known = tape.below(32);
    Said {
        passed_at: Vec::new(),
        flaky: false,
        candidates: None,
        reason: None,
        id: EntryId::new(&tape.pick(&[format!("e{at}"), format!("Docker_build-{at}")])).expect("an id"),
        title: tape.pick(&TITLES).to_owned(),
        severity: (has("severity") && known & 1 == 0).then(|| tape.pick(&Severity::ALL)),
        status: (has("status") && known & 2 == 0).then(|| status(tape)),
        issue: if has("issue") && known & 4 == 0 { IssueRef::parse(tape.pick(&ISSUES)) } else { None },
        labels: (has("labels") && known & 8 == 0).then_some(labels),
        links: (has("links") && known & 16 == 0).then(|| links.into_iter().collect()),
        order,
    }
}

fn body(tape: &mut Tape<'_>, entries: &[Said], shape: &mut BTreeSet<&'static str>) -> String {
    let mut body = String::new();
    for _ in 0..tape.below(8) {
        let id = entries.first().map_or("none".to_owned(), |said| said.id.to_string());
        body += &match tape.below(9) {
            0 => "# Heading 🌱\n\n".to_owned(),
            1 => format!("## Entry\n<!-- gardener:entry {id} -->\n\nProse about {id}.\n"),
            2 => "text  \nmore\n\n".to_owned(),
            3 => "---\nstatus: open\n---\n".to_owned(),
            4 => {
                shape.insert("fences with fakes");
                format!("```\n<!-- gardener:entry {id} -->\n<!-- gardener:base 1\nx\n-->\n```\n")
            }
            5 => "- [ ] task\n\n      <!-- gardener:base 1\n".to_owned(),
            6 => "Setext\n======\n\n<div>\n<!-- a comment -->\n</div>\n\n".to_owned(),
            7 => "\n\n".to_owned(),
            _ => format!("> <!-- gardener:entry {id} -->\n\n"),
        };
    }
    body
}

/// A worklog from a tape.
pub(crate) fn written(tape: &mut Tape<'_>) -> Written {
    let entries: Vec<Said> = (0..1 + tape.below(3)).map(|at| said(tape, at)).collect();
    let mut writer = Writer { tape, lines: Vec::new(), comments: Vec::new(), shape: BTreeSet::new() };
    let mut parts = ["gardener", "id", "labels", "entries"];
    if writer.tape.chance(30) {
        let at = writer.tape.below(4);
        parts.swap(at, 3);
    }
    for part in parts {
        writer.noise(0);
        let tail = writer.tail(None);
        match part {
            "gardener" => writer.line(format!("gardener: 1{tail}"), None),
            "id" => writer.line(format!("id: w{tail}"), None),
            "labels" if writer.tape.chance(50) => writer.line(format!("labels: [all]{tail}"), None),
            "labels" => writer.line(format!("focus: critical{tail}"), None),
            _ => {
                writer.line(format!("entries:{tail}"), None);
                let dash = writer.tape.pick(&[2, 2, 0, 4]);
                for (at, said) in entries.iter().enumerate() {
                    writer.noise(dash);
                    writer.entry(dash, at, said);
                }
            }
        }
    }
    writer.noise(0);
    let Writer { tape, lines, comments, mut shape } = writer;
    let bom = if tape.chance(10) { "\u{feff}" } else { "" };
    let front: String = lines.iter().map(|line| format!("{}\n", line.text)).collect();
    let fence = tape.pick(&["---\n", "---\n", "---  \n"]);
    let mut text = format!("{bom}---\n{front}{fence}");
    text += &body(tape, &entries, &mut shape);
    let mut bases = BTreeMap::new();
    if tape.chance(50) {
        shape.insert("base block");
        for said in &entries {
            if tape.chance(70) {
                bases.insert(said.id.clone(), base(tape));
            }
        }
        text += &format!("\n{}\n", base_block::render(&bases, "\n"));
        if tape.chance(15) {
            shape.insert("text behind the base block");
            text += "\nlater\n";
        }
    }
    if tape.chance(15) {
        text.truncate(text.trim_end().len());
    }
    let ending = if tape.chance(30) { "\r\n" } else { "\n" };
    let mixed = tape.chance(5);
    let mut odd = 0;
    let ended: String = text
        .split_inclusive('\n')
        .map(|line| {
            odd += 1;
            let ending = if mixed && odd % 3 == 0 { "\r\n" } else { ending };
            line.strip_suffix('\n').map_or(line.to_owned(), |line| format!("{line}{ending}"))
        })
        .collect();
    for (name, is) in [
        ("byte order mark", !bom.is_empty()),
        ("CRLF", ending == "\r\n"),
        ("mixed endings", mixed),
        ("no final newline", !ended.ends_with('\n')),
    ] {
        if is {
            shape.insert(name);
        }
    }
    Written { text: ended, ending, mixed, lines, comments, entries, bases, shape }
}
