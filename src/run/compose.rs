//! A worklog as text, from what a run found.
//!
//! The template decides what the file looks like, and everything it is given is YAML or markdown
//! already, so that it needs no quotes of its own. What does not fit into a worklog (its front matter
//! has a limit) is named in the body and not lost without a word.

use crate::model::{EntryId, IssueRef, Label, Severity, Status, WorklogId};
use crate::run::excerpt::{code, fenced, one_line, plain};
use crate::wording::shortened;
use crate::worklog::yaml_text;

/// The worklog template of a run where the repository has none of its own.
pub const TEMPLATE: &str = include_str!("../../templates/run.md");
/// Where the repository's own is.
pub const TEMPLATE_PATH: &str = ".gardener/templates/run.md";

/// The most bytes of front matter that entries take: the file may grow by what a sync adds, and what
/// is longer than 64 KiB is not read.
const FRONT: usize = 44 << 10;
/// The most entries of one worklog.
const ENTRIES: usize = 200;
/// The most tests that are listed for an entry.
pub(super) const TESTS: usize = 200;
/// The most tests that are listed in the body.
const SHOWN: usize = 20;

/// A worklog to be written.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its id.
    pub id: WorklogId,
    /// One line.
    pub title: String,
    /// `failing-tests` or `logs`.
    pub kind: &'static str,
    /// The area that was run.
    pub focus: Option<String>,
    /// When it began.
    pub started: String,
    /// The commit that was checked out.
    pub commit: Option<String>,
    /// Whether there were changes that it has not.
    pub dirty: bool,
    /// What was run.
    pub runs: Vec<RunLine>,
    /// What was found, the worst first.
    pub entries: Vec<NewEntry>,
    /// What is said of the run as a whole: markdown, a paragraph each.
    pub summary: Vec<String>,
    /// What is said of problems that did not show: markdown.
    pub others: Vec<String>,
}

/// One suite of it.
#[derive(Clone, Debug, Default)]
pub struct RunLine {
    /// Its name.
    pub suite: String,
    /// Its command.
    pub command: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Passed, failed and skipped tests, where it told of any.
    pub counts: Option<(u64, u64, u64)>,
    /// How long it took.
    pub duration: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
    /// The digest of results that were made elsewhere.
    pub digest: Option<String>,
}

/// One entry to be written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Where it stands, where it says so.
    pub status: Option<Status>,
    /// Why it is not to be filed.
    pub hold: Option<String>,
    /// The issue.
    pub issue: Option<IssueRef>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// What it costs whom.
    pub impact: Option<String>,
    /// Failing tests.
    pub tests: Vec<String>,
    /// Files of the repository.
    pub files: Vec<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The suites.
    pub suites: Vec<String>,
    /// Whether it passes and fails at one commit.
    pub flaky: bool,
    /// When it was seen first.
    pub first_seen: Option<String>,
    /// When it was seen last.
    pub last_seen: Option<String>,
    /// In how many runs it was seen.
    pub count: u64,
    /// What is said of it: markdown, a paragraph each.
    pub paragraphs: Vec<String>,
    /// What the tests and tools said, each with a heading.
    pub excerpts: Vec<(String, String)>,
}

impl Document {
    /// A small one, to try a template with before anything runs.
    pub fn example() -> Self {
        let entry = NewEntry {
            id: EntryId::new("example").expect("a fixed valid id"),
            title: "An example".to_owned(),
            severity: Some(Severity::P2),
            status: Some(Status::Open),
            hold: None,
            issue: None,
            labels: Vec::new(),
            impact: None,
            tests: vec!["a test".to_owned()],
            files: Vec::new(),
            owner: None,
            fingerprint: "g1:0000000000000000".to_owned(),
            suites: vec!["example".to_owned()],
            flaky: false,
            first_seen: None,
            last_seen: None,
            count: 1,
            paragraphs: vec!["It fails.".to_owned()],
            excerpts: vec![(String::new(), "what it said".to_owned())],
        };
        Self {
            id: WorklogId::new("example").expect("a fixed valid id"),
            title: "Failing tests: example".to_owned(),
            kind: "failing-tests",
            focus: Some("example".to_owned()),
            started: "2025-09-14T11:59:30Z".to_owned(),
            commit: Some("0123456789abcdef".to_owned()),
            dirty: true,
            runs: vec![RunLine {
                suite: "example".to_owned(),
                outcome: "failed".to_owned(),
                ..RunLine::default()
            }],
            entries: vec![entry],
            summary: vec!["1 test failed.".to_owned()],
            others: vec!["nothing else".to_owned()],
        }
    }
}

/// Why a template gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct TemplateError {
    /// The line of the template, from 1.
    pub line: usize,
    /// What is wrong, which may hold foreign text.
    pub why: String,
}

/// The text of a worklog.
///
/// # Errors
/// When the template can't be filled in.
pub fn text(template: &str, document: &Document) -> Result<String, TemplateError> {
    let (mut entries, mut unlisted) = (Vec::new(), Vec::new());
    let mut room = FRONT;
    for entry in &document.entries {
        let yaml = yaml(entry);
        if yaml.len() > room || entries.len() == ENTRIES {
            let tests = format!("{} {}", entry.tests.len(), plural(entry.tests.len(), "test"));
            unlisted.push(format!("{} ({tests})", plain(&entry.title)));
            continue;
        }
        room -= yaml.len();
        let (id, heading, text) = (entry.id.to_string(), plain(&entry.title), section(entry));
        entries.push(minijinja::context! { id, yaml, heading, text });
    }
    if unlisted.len() > ENTRIES {
        let more = unlisted.split_off(ENTRIES).len();
        unlisted.push(format!("and {more} more"));
    }
    let runs: Vec<_> = document.runs.iter().map(run_values).collect();
    let date = document.started.split('T').next().unwrap_or(&document.started);
    let values = minijinja::context! {
        id => yaml_text(document.id.as_str()),
        title => yaml_text(&one_line(&document.title)),
        kind => document.kind,
        focus => document.focus.as_deref().map(yaml_text),
        started => yaml_text(&document.started),
        commit => document.commit.as_deref().map(yaml_text),
        dirty => document.dirty,
        runs => runs,
        entries => entries,
        heading => format!("{}, {date}", plain(&document.title)),
        summary => document.summary.clone(),
        others => document.others.clone(),
        unlisted => unlisted,
    };
    let mut environment = minijinja::Environment::empty();
    // A template that loops for ever ends with an error.
    environment.set_fuel(Some(2_000_000));
    environment.add_filter("default", minijinja::filters::default);
    let mut text = environment.render_str(template, values).map_err(|error| TemplateError {
        line: error.line().unwrap_or(1),
        why: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    })?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn run_values(run: &RunLine) -> minijinja::Value {
    let (passed, failed, skipped) = run.counts.unwrap_or_default();
    minijinja::context! {
        suite => yaml_text(&run.suite),
        command => run.command.as_deref().map(|c| yaml_text(&shortened(&one_line(c), 400))),
        outcome => yaml_text(&run.outcome),
        counted => run.counts.is_some(),
        passed,
        failed,
        skipped,
        duration => run.duration.as_deref().map(yaml_text),
        note => run.note.as_deref().map(|n| yaml_text(&shortened(&one_line(n), 300))),
        digest => run.digest.as_deref().map(yaml_text),
    }
}

/// An entry's item in the list of entries, without a line feed at its end.
fn yaml(entry: &NewEntry) -> String {
    let mut lines = vec![format!("  - id: {}", yaml_text(entry.id.as_str()))];
    let mut key = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(format!("    {key}: {value}"));
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(|t| yaml_text(&shortened(&one_line(t), 300)));
    key("title", Some(yaml_text(&shortened(&one_line(&entry.title), 200))));
    key("severity", entry.severity.map(|s| s.to_string()));
    key("status", entry.status.as_ref().map(|status| yaml_text(&status.to_string())));
    key("hold", text(&entry.hold));
    key("issue", entry.issue.as_ref().map(issue));
    let labels: Vec<_> = entry.labels.iter().map(|l| yaml_text(l.name())).collect();
    key("labels", (!labels.is_empty()).then(|| format!("[{}]", labels.join(", "))));
    key("impact", text(&entry.impact));
    let list = |items: &[String], most: usize| {
        let items: String =
            items.iter().take(most).map(|i| format!("\n      - {}", yaml_text(&one_line(i)))).collect();
        (!items.is_empty()).then_some(items)
    };
    let mut listed = |name: &str, items: Option<String>| {
        if let Some(items) = items {
            lines.push(format!("    {name}:{items}"));
        }
    };
    listed("tests", list(&entry.tests, TESTS));
    listed("files", list(&entry.files, SHOWN));
    let mut key = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(format!("    {key}: {value}"));
        }
    };
    key("owner", text(&entry.owner));
    key("fingerprint", Some(yaml_text(&entry.fingerprint)));
    let suites: Vec<_> = entry.suites.iter().map(|s| yaml_text(s)).collect();
    key("suites", (!suites.is_empty()).then(|| format!("[{}]", suites.join(", "))));
    key("flaky", entry.flaky.then(|| "true".to_owned()));
    key("first_seen", text(&entry.first_seen));
    key("last_seen", text(&entry.last_seen));
    key("count", (entry.count > 1).then(|| entry.count.to_string()));
    lines.join("\n")
}

fn issue(issue: &IssueRef) -> String {
    match &issue.repo {
        None => issue.number.to_string(),
        Some(_) => yaml_text(&issue.to_string()),
    }
}

/// What the body says of an entry, without a line feed at its end.
fn section(entry: &NewEntry) -> String {
    let mut parts = entry.paragraphs.clone();
    if !entry.tests.is_empty() {
        let mut list: Vec<_> = entry.tests.iter().take(SHOWN).map(|t| format!("- {}", code(t))).collect();
        if entry.tests.len() > SHOWN {
            list.push(format!("- and {} more", entry.tests.len() - SHOWN));
        }
        parts.push(list.join("\n"));
    }
    for (heading, text) in &entry.excerpts {
        let block = fenced(text);
        if !block.is_empty() {
            let heading = if heading.is_empty() { String::new() } else { format!("{heading}\n\n") };
            parts.push(format!("{heading}{}", block.trim_end()));
        }
    }
    parts.join("\n\n")
}

/// A word for several of it.
pub(super) fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vocabulary;
    use crate::worklog::{Parsed, parse};

    fn entry(id: &str, title: &str) -> NewEntry {
        NewEntry {
            id: EntryId::new(id).expect("an id"),
            title: title.to_owned(),
            severity: Some(Severity::P1),
            status: Some(Status::Open),
            hold: None,
            issue: None,
            labels: vec![Label::new("backend: core").expect("a label")],
            impact: Some("Nobody: can log in".to_owned()),
            tests: vec!["tests/a.py::test_x[1: #2]".to_owned(), "- odd".to_owned()],
            files: vec!["tests/a.py".to_owned()],
            owner: Some("@acme/core".to_owned()),
            fingerprint: "g1:0123456789abcdef".to_owned(),
            suites: vec!["unit".to_owned()],
            flaky: true,
            first_seen: Some("2025-09-01T10:00:00Z".to_owned()),
            last_seen: None,
            count: 3,
            paragraphs: vec!["2 tests fail.".to_owned()],
            excerpts: vec![(
                String::new(),
                "---\n<<<<<<< HEAD\n=======\n>>>>>>> x\n<!-- gardener:base 1\n```".to_owned(),
            )],
        }
    }

    fn document(entries: Vec<NewEntry>) -> Document {
        Document {
            id: WorklogId::new("critical-20250914T115930Z").expect("an id"),
            title: "Failing tests: critical".to_owned(),
            kind: "failing-tests",
            focus: Some("critical".to_owned()),
            started: "2025-09-14T11:59:30Z".to_owned(),
            commit: Some("1234567890".to_owned()),
            dirty: true,
            runs: vec![RunLine {
                suite: "unit".to_owned(),
                command: Some("pytest -k 'a: b'".to_owned()),
                outcome: "failed".to_owned(),
                counts: Some((39, 3, 0)),
                duration: Some("12 s".to_owned()),
                note: Some("a \"note\": # with marks\nand lines".to_owned()),
                digest: Some("0123456789abcdef".to_owned()),
            }],
            entries,
            summary: vec!["One suite.".to_owned()],
            others: vec!["#12 passes".to_owned()],
        }
    }

    fn read(text: &str) -> crate::worklog::Worklog {
        match parse(text, &Vocabulary::default()) {
            Parsed::Worklog(worklog, found) if found.is_empty() => *worklog,
            other => panic!("{other:#?}\n{text}"),
        }
    }

    #[test]
    fn a_document_is_a_good_worklog_and_says_what_it_was_told() {
        let text =
            text(TEMPLATE, &document(vec![entry("one", "# A `title` <b>: @all"), entry("two", "- x")]))
                .expect("text");
        let worklog = read(&text);
        let header = worklog.header();
        assert_eq!((header.commit.as_deref(), header.dirty), (Some("1234567890"), true));
        assert_eq!(header.runs[0].command.as_deref(), Some("pytest -k 'a: b'"));
        assert_eq!((header.runs[0].passed, header.runs[0].failed), (Some(39), Some(3)));
        assert_eq!(header.runs[0].digest.as_deref(), Some("0123456789abcdef"));
        let entry = &worklog.entries()[0];
        assert_eq!((entry.title.as_str(), entry.count), ("# A `title` <b>: @all", Some(3)));
        assert_eq!(entry.tests, ["tests/a.py::test_x[1: #2]", "- odd"]);
        assert!(entry.flaky && entry.suites == ["unit"]);
        let prose = worklog.prose(&entry.id).expect("a section");
        assert!(prose.starts_with("2 tests fail.") && prose.contains("<<<<<<< HEAD"), "{prose}");
        assert!(worklog.bases().is_empty(), "an excerpt is no base");
        assert!(text.contains("## \\# A \\`title\\` \\<b\\>: \\@all\n"), "{text}");
    }

    #[test]
    fn what_does_not_fit_is_named_and_nothing_else_is_lost() {
        let mut huge = entry("huge", "Too large");
        huge.tests = (0..TESTS).map(|n| format!("{n} {}", "x".repeat(300))).collect();
        let mut many: Vec<_> = (0..250).map(|n| entry(&format!("e{n}"), &format!("Title {n}"))).collect();
        many.iter_mut().for_each(|e| e.tests.clear());
        many.insert(1, huge);
        let text = text(TEMPLATE, &document(many)).expect("text");
        let worklog = read(&text);
        let listed = worklog.entries().len();
        assert!((100..=ENTRIES).contains(&listed), "{listed}");
        assert!(text.contains("## Not listed") && text.contains("- Too large (200 tests)"));
        assert!(text.contains("Title 249"));
    }

    #[test]
    fn a_template_that_is_wrong_says_where() {
        let error = text("a\n{{ nope( }}", &document(Vec::new())).expect_err("wrong");
        assert_eq!(error.line, 2);
    }
}
