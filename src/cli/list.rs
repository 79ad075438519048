//! `gardener list`: the entries of all worklogs, one line each, narrowed by filters.
//!
//! Also the row that `gardener show` makes its table of. It reads the work tree and asks
//! nobody, so that values are those of the last sync and of the hands since.

use std::fmt::Write as _;
use std::str::FromStr;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::{ALARM, HINT, Terminal};
use crate::model::{Base, Candidate, Entry, IssueRef, Label, RepoSlug, Severity, Status, Untrusted};
use crate::sync::{self, LocalWorklog, Skipped};
use crate::worklog::nearest;

/// List the entries of all worklogs
///
/// One line each: entry, status, severity, issue, title; the worst first. An entry that
/// leaves out its status or severity has the one of the last sync; one that is not filed is
/// open. Filters of one kind are alternatives, filters of different kinds must all hold.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Entries with this status
    #[arg(long, short, value_name = "STATUS")]
    status: Vec<String>,
    /// Entries with this severity: P0 to P3, or none
    #[arg(long, short = 'p', value_name = "SEVERITY", value_parser = wanted_severity)]
    severity: Vec<Wanted<Severity>>,
    /// Entries with this label, their own or their worklog's
    #[arg(long, short, value_name = "LABEL")]
    label: Vec<String>,
    /// Entries of this issue, or none: those that are not filed
    #[arg(long, short, value_name = "NUMBER", value_parser = wanted_issue)]
    issue: Vec<Wanted<IssueRef>>,
    /// Entries of worklogs whose id or path fits this pattern
    #[arg(long, short, value_name = "PATTERN")]
    worklog: Vec<glob::Pattern>,
    /// Entries that have candidates: somebody has to say which issue they are about
    #[arg(long)]
    candidates: bool,
    /// Archived worklogs too
    #[arg(long)]
    archived: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener list --severity P0 --severity P1 --status open
  gardener list --issue none --status open        what `gardener sync` would file
  gardener list --issue 1021                      where this issue turned up
  gardener list --candidates                      what waits for `gardener accept` or `link`
  gardener list --label websocket --worklog 'critical-*'
  gardener list --json | jq -r '.entries[].title'";

/// A value, or the absence of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted<T>(Option<T>);

fn wanted_severity(text: &str) -> Result<Wanted<Severity>, &'static str> {
    if text == "none" {
        return Ok(Wanted(None));
    }
    let found = Severity::from_str(&text.to_ascii_uppercase());
    found.map(|s| Wanted(Some(s))).map_err(|()| "a severity is P0, P1, P2, P3 or none")
}

fn wanted_issue(text: &str) -> Result<Wanted<IssueRef>, &'static str> {
    if text == "none" {
        return Ok(Wanted(None));
    }
    let found = IssueRef::parse(text);
    found.map(|i| Wanted(Some(i))).ok_or("an issue is 12, #12, owner/repo#12 or none")
}

/// One entry with the values that hold for it.
pub(super) struct Row<'a> {
    pub(super) worklog: &'a LocalWorklog,
    /// Its place among the worklog's entries.
    pub(super) index: usize,
    pub(super) entry: &'a Entry,
    /// What the last sync agreed on, if it was about this issue.
    pub(super) base: Option<&'a Base>,
    /// `None` is "not known before the next sync".
    pub(super) status: Option<&'a Status>,
    pub(super) severity: Option<Severity>,
}

impl<'a> Row<'a> {
    /// The rows of a worklog, in the order of the file.
    pub(super) fn all(worklog: &'a LocalWorklog, home: Option<&'a RepoSlug>) -> impl Iterator<Item = Self> {
        let entries = worklog.loaded.worklog.entries().iter().enumerate();
        entries.map(move |(index, entry)| Self::new(worklog, index, entry, home))
    }

    fn new(worklog: &'a LocalWorklog, index: usize, entry: &'a Entry, home: Option<&'a RepoSlug>) -> Self {
        let base = worklog.loaded.worklog.bases().get(&entry.id);
        let base = base.filter(|b| entry.issue.as_ref().is_some_and(|i| same_issue(i, &b.issue, home)));
        let agreed = base.and_then(|b| b.agreed.status.as_ref());
        let unfiled = entry.issue.is_none().then_some(&Status::Open);
        let severity = entry.severity.or(base.and_then(|b| b.agreed.severity.flatten()));
        let status = entry.status.as_ref().or(agreed).or(unfiled);
        Self { worklog, index, entry, base, status, severity }
    }

    /// `worklog-id/entry-id`, which are plain letters.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.worklog.loaded.worklog.header().id, self.entry.id)
    }

    /// Line and column of the entry in its file.
    pub(super) fn position(&self) -> (usize, usize) {
        let worklog = &self.worklog.loaded.worklog;
        let at = worklog.place(&self.entry.id).map_or(0, |span| span.start);
        let before = worklog.text().get(..at).unwrap_or_default().trim_start_matches('\u{feff}');
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        (before.matches('\n').count() + 1, column + 1)
    }

    /// The issues that it may be about, as long as nobody decided.
    pub(super) fn candidates(&self) -> &'a [Candidate] {
        match (&self.entry.issue, &self.entry.candidates) {
            (None, Some(candidates)) => candidates,
            _ => &[],
        }
    }

    /// What was edited since the last sync.
    pub(super) fn edited(&self) -> Vec<String> {
        let edited = self.worklog.edited.get(self.index).map(Vec::as_slice).unwrap_or_default();
        edited.iter().map(ToString::to_string).collect()
    }

    /// The entry for scripts. `status` and `severity` are those that hold; what the file
    /// says itself is in `written`.
    pub(super) fn json(&self) -> Value {
        let (entry, header) = (self.entry, self.worklog.loaded.worklog.header());
        let names = |labels: &[Label]| labels.iter().map(Label::name).map(Value::from).collect::<Value>();
        let (line, column) = self.position();
        json!({
            "entry": self.key(), "worklog": self.worklog.loaded.path, "line": line, "column": column,
            "title": entry.title, "status": self.status.map(Status::word),
            "severity": self.severity.map(Severity::word),
            "written": {"status": entry.status.as_ref().map(Status::word), "severity": entry.severity.map(Severity::word)},
            "issue": entry.issue.as_ref().map(ToString::to_string),
            "labels": names(entry.labels.as_deref().unwrap_or_default()), "worklog_labels": names(&header.labels),
            "links": entry.links.iter().flatten().map(ToString::to_string).collect::<Vec<_>>(),
            "tests": entry.tests, "files": entry.files, "impact": entry.impact, "owner": entry.owner,
            "fingerprint": entry.fingerprint, "suites": entry.suites, "flaky": entry.flaky, "hold": entry.hold,
            "first_seen": entry.first_seen, "last_seen": entry.last_seen, "count": entry.count,
            "candidates": entry.candidates.as_deref().map(candidates_json), "reason": entry.reason,
            "passed_at": entry.passed_at, "archived": header.archived, "edited": self.edited(),
            "base": self.base.map(base_json),
        })
    }
}

/// Candidates for scripts; the score is a share, as in the file.
pub(super) fn candidates_json(candidates: &[Candidate]) -> Value {
    let score = |score: u8| f64::from(score) / 100.0;
    let one = |c: &Candidate| json!({"issue": c.issue.to_string(), "score": c.score.map(score), "reason": c.reason});
    candidates.iter().map(one).collect()
}

fn base_json(base: &Base) -> Value {
    let agreed = &base.agreed;
    json!({
        "issue": base.issue.to_string(), "seen": base.seen.to_string(),
        "status": agreed.status.as_ref().map(Status::word),
        "severity": agreed.severity.flatten().map(Severity::word),
        "labels": agreed.labels.as_ref().map(|all| all.iter().map(Label::name).collect::<Vec<_>>()),
        "links": agreed.links.as_ref().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()),
    })
}

/// Whether two names are of one issue. Where the home is not known, a number without a
/// repository fits any.
pub(super) fn same_issue(a: &IssueRef, b: &IssueRef, home: Option<&RepoSlug>) -> bool {
    let repo = |issue: &IssueRef| issue.repo.clone().or_else(|| home.cloned());
    match (repo(a), repo(b)) {
        (Some(x), Some(y)) => a.number == b.number && x == y,
        _ => a.number == b.number,
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    terminal.show_as_written();
    let home = context.find_home().ok().map(|home| home.slug);
    let config = context.config.clone();
    let words = config.labels.vocabulary.words();
    if let Some(wrong) = arguments.status.iter().find(|s| !words.contains(&s.as_str())) {
        let message = format!("`{}` is no status here; there are {}", Untrusted(wrong), words.join(", "));
        let near = nearest(wrong, words.iter().copied());
        let next =
            near.map_or_else(|| "see `gardener help list`".to_owned(), |w| format!("did you mean {w}?"));
        return Err(CliError::NotThere { message, next });
    }
    let mut worktree = context.repo.worktree(&config);
    let state = sync::local_state(&mut worktree, &config, home.as_ref())?;
    let worklogs = state.worklogs.iter().filter(|w| arguments.archived || !is_archived(w));
    let all: Vec<_> = worklogs.flat_map(|w| Row::all(w, home.as_ref())).collect();
    let count = all.len();
    let mut rows: Vec<_> = all.into_iter().filter(|row| fits(row, arguments, home.as_ref())).collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    let broken: Vec<_> = state.skipped.iter().filter(|s| !s.is_foreign).collect();
    if arguments.json {
        let entries: Vec<_> = rows.iter().map(Row::json).collect();
        let broken: Vec<_> = broken.iter().map(|s| json!({"worklog": s.path, "why": s.why})).collect();
        terminal.json(&json!({"schema": 1, "entries": entries, "broken": broken, "exit": 0}))?;
        return Ok(0);
    }
    warn_of(&broken, terminal);
    terminal.print(table(&rows, |row| row.key()))?;
    let entries = |n: usize| if n == 1 { "1 entry".to_owned() } else { format!("{n} entries") };
    let left = left_out(broken.len());
    if rows.len() == count {
        terminal.say(format_args!("{}{left}", entries(count)))?;
    } else {
        terminal.say(format_args!("{} of {}{left}", rows.len(), entries(count)))?;
    }
    Ok(0)
}

/// What the last line of a command says of worklogs that could not be read: `, 1 worklog left out`.
pub(super) fn left_out(broken: usize) -> String {
    match broken {
        0 => String::new(),
        1 => ", 1 worklog left out".to_owned(),
        count => format!(", {count} worklogs left out"),
    }
}

/// Says that what follows is not all there is.
pub(super) fn warn_of(broken: &[&Skipped], terminal: &mut Terminal) {
    for file in broken {
        let (path, why) = (Untrusted(&file.path), Untrusted(&file.why));
        terminal.warn(format_args!("{ALARM}left out{ALARM:#}: {path}: {why}"));
    }
    if !broken.is_empty() {
        terminal.warn(format_args!("{HINT}next{HINT:#}: `gardener check` shows where"));
    }
}

fn is_archived(worklog: &LocalWorklog) -> bool {
    worklog.loaded.worklog.header().archived
}

fn order<'a>(row: &Row<'a>) -> (bool, Option<Severity>, &'a str, usize) {
    (row.severity.is_none(), row.severity, &row.worklog.loaded.path, row.index)
}

fn fits(row: &Row<'_>, wanted: &Arguments, home: Option<&RepoSlug>) -> bool {
    fn any<T>(wanted: &[T], fits: impl FnMut(&T) -> bool) -> bool {
        wanted.is_empty() || wanted.iter().any(fits)
    }
    let header = row.worklog.loaded.worklog.header();
    let labels = || row.entry.labels.iter().flatten().chain(&header.labels);
    any(&wanted.status, |s| row.status.is_some_and(|status| status.word() == s))
        && any(&wanted.severity, |s| s.0 == row.severity)
        && any(&wanted.label, |l| labels().any(|label| label.folded() == l.to_lowercase()))
        && any(&wanted.issue, |i| match (&i.0, &row.entry.issue) {
            (Some(wanted), Some(issue)) => same_issue(wanted, issue, home),
            (wanted, issue) => wanted.is_none() && issue.is_none(),
        })
        && (!wanted.candidates || !row.candidates().is_empty())
        && any(&wanted.worklog, |p| p.matches(header.id.as_str()) || p.matches(&row.worklog.loaded.path))
}

/// The rows under each other, each with the name that `name` gives it.
pub(super) fn table(rows: &[Row<'_>], name: impl Fn(&Row<'_>) -> String) -> String {
    let cells: Vec<_> = rows.iter().map(|row| (row, name(row), status_word(row), issue_word(row))).collect();
    let width = |cell: &dyn Fn(usize) -> usize| (0..cells.len()).map(cell).max().unwrap_or(0);
    let (names, statuses, issues) =
        (width(&|i| cells[i].1.len()), width(&|i| cells[i].2.len()), width(&|i| cells[i].3.len()));
    let mut text = String::new();
    for (row, name, status, issue) in &cells {
        let (color, word) = (color(row.severity), row.severity.map_or("-", Severity::word));
        let (title, mark) = (Untrusted(&row.entry.title), mark(row));
        // Writing to a string works.
        let _ = writeln!(
            text,
            "{name:names$}  {status:statuses$}  {color}{word:2}{color:#}  {issue:issues$}  {title}{mark}"
        );
    }
    text
}

/// What stands behind a title that waits for a decision.
fn mark(row: &Row<'_>) -> String {
    match row.candidates().len() {
        0 => String::new(),
        1 => format!("  {ALARM}(1 candidate){ALARM:#}"),
        count => format!("  {ALARM}({count} candidates){ALARM:#}"),
    }
}

fn status_word<'a>(row: &Row<'a>) -> &'a str {
    row.status.map_or("-", Status::word)
}

fn issue_word(row: &Row<'_>) -> String {
    row.entry.issue.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
}

fn color(severity: Option<Severity>) -> Style {
    match severity {
        Some(Severity::P0) => AnsiColor::Red.on_default().bold(),
        Some(Severity::P1) => AnsiColor::Red.on_default(),
        Some(Severity::P2) => AnsiColor::Yellow.on_default(),
        Some(Severity::P3) | None => Style::new(),
    }
}
