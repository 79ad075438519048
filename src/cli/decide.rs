//! What `gardener link`, `accept` and `edit` share: an entry found by its name, what was decided of it
//! put into its worklog, and said.
//!
//! A decision is an edit like one by hand: it changes the worklog in the work tree and nothing else. No
//! commit is made and nobody is asked; the next sync does what follows from it. Either all decisions of
//! a command can be written, or none is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::diagnostics;
use crate::cli::error::CliError;
use crate::cli::guess;
use crate::cli::list::{Row, candidates_json, same_issue, warn_of};
use crate::cli::terminal::{ERROR, HINT, NAME, Terminal};
use crate::model::{IssueRef, RepoSlug, Untrusted};
use crate::repo::{Staged, Worktree};
use crate::sync::{self, LocalState};
use crate::worklog::{self, Edit, EditError, nearest};

/// What both commands can be told about their output.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// Show what would be decided; write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// A sync follows, so that nobody has to be told of it.
    #[arg(skip)]
    is_followed: bool,
}

/// What was done and said to people.
pub(super) struct Done {
    pub(super) code: u8,
    /// The same for scripts, where that is wanted.
    pub(super) value: Option<Value>,
}

impl Output {
    /// Of decisions that a sync follows.
    pub(super) fn followed(json: bool) -> Self {
        Self { dry_run: false, json, is_followed: true }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }
}

/// What was decided of an entry.
pub(super) enum Choice {
    /// It is about this issue.
    Issue {
        /// Without a repository it is the worklog's own.
        to: IssueRef,
        /// Why, in words that go into the entry.
        reason: Option<String>,
    },
    /// It is about none that there is.
    None,
    /// Some of its values become others.
    Values {
        /// How.
        edits: Vec<Edit>,
        /// The same in words.
        said: Vec<String>,
    },
}

/// A decision about one entry.
pub(super) struct Decision<'a> {
    pub(super) row: Row<'a>,
    pub(super) choice: Choice,
}

/// Reads the worklogs under the lock of those who write, has `decide` say what is wanted of them, writes
/// it and says it. Returns the exit code.
///
/// # Errors
/// When nothing was written: what `decide` refused, a worklog that can't be edited, or another run that
/// writes just now.
pub(super) fn carry_out(
    output: &Output,
    context: Context,
    terminal: &mut Terminal,
    decide: impl for<'a> FnOnce(&Garden<'a>, &mut Terminal) -> Result<Vec<Decision<'a>>, CliError>,
) -> Result<u8, CliError> {
    let done = act(output, context, terminal, decide)?;
    if let Some(value) = done.value {
        terminal.json(&value)?;
    }
    Ok(done.code)
}

/// Does it and says it to people; what is for scripts is given back.
///
/// # Errors
/// As above.
pub(super) fn act(
    output: &Output,
    context: Context,
    terminal: &mut Terminal,
    decide: impl for<'a> FnOnce(&Garden<'a>, &mut Terminal) -> Result<Vec<Decision<'a>>, CliError>,
) -> Result<Done, CliError> {
    let home = context.find_home().ok();
    let (slug, host) = home.map(|home| (home.slug, home.host)).unzip();
    let _lock = if output.dry_run { None } else { Some(context.lock()?) };
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let state = sync::local_state(&mut worktree, &config, slug.as_ref())?;
    let garden = Garden { state: &state, home: slug.as_ref(), host: host.as_deref() };
    let decisions = decide(&garden, terminal)?;
    for decision in &decisions {
        can_be_written(decision)?;
    }
    let texts = texts(&decisions)?;
    let (written, failed) =
        if output.dry_run { (Vec::new(), None) } else { write_all(&mut worktree, &texts)? };
    let code = if failed.is_some() { 3 } else { 0 };
    let done = |path: &str| output.dry_run || !texts.contains_key(path) || written.contains(&path);
    if output.json {
        let entries: Vec<Value> =
            decisions.iter().map(|d| as_json(d, !output.dry_run && done(path(d)))).collect();
        let (error, next) = failed.as_ref().map(CliError::words).unzip();
        let value = json!({
            "schema": 1, "dry_run": output.dry_run, "entries": entries, "written": written,
            "error": error, "next": next.flatten(), "exit": code,
        });
        return Ok(Done { code, value: Some(value) });
    }
    let mut last = "";
    let width = decisions.iter().map(|d| d.row.entry.id.as_str().len()).max().unwrap_or(0);
    for decision in decisions.iter().filter(|d| done(path(d))) {
        let id = decision.row.entry.id.as_str();
        if path(decision) != last {
            last = path(decision);
            terminal.say(format_args!("{NAME}{}{NAME:#}", Untrusted(last)))?;
        }
        terminal.say(format_args!("  {id:width$}  {}", said(decision, slug.as_ref())))?;
        for note in notes(decision, slug.as_ref()) {
            terminal.warn(format_args!("{HINT}note{HINT:#}: {id}: {note}"));
        }
    }
    if output.dry_run {
        terminal.say("nothing was written (dry run)")?;
    } else if !written.is_empty() && !output.is_followed {
        terminal.warn(format_args!("{HINT}next{HINT:#}: `gardener sync --dry-run`, then `gardener sync`"));
    }
    if let Some(error) = failed {
        error.show(terminal);
        terminal.warn(format_args!("{ERROR}error{ERROR:#}: what is not listed here was not written"));
    }
    Ok(Done { code, value: None })
}

/// Writes worklogs one by one, each as it was and as it is to be: those that were written, and why the next
/// one was not.
///
/// # Errors
/// When not even the first could be written.
pub(super) fn write_all<'p>(
    worktree: &mut dyn Worktree,
    texts: &BTreeMap<&'p str, (&str, String)>,
) -> Result<(Vec<&'p str>, Option<CliError>), CliError> {
    let mut written = Vec::new();
    for (path, (before, after)) in texts {
        match worktree.write(path, before, after) {
            Ok(()) => written.push(*path),
            Err(error) if written.is_empty() => return Err(error.into()),
            Err(error) => return Ok((written, Some(error.into()))),
        }
    }
    Ok((written, None))
}

/// The worklogs as they are.
pub(super) struct Garden<'a> {
    pub(super) state: &'a LocalState,
    pub(super) home: Option<&'a RepoSlug>,
    /// The host of the repository.
    pub(super) host: Option<&'a str>,
}

impl<'a> Garden<'a> {
    /// Every entry of a worklog that is not archived.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        let home = self.home;
        let worklogs = self.state.worklogs.iter().filter(|w| !w.loaded.worklog.header().archived);
        worklogs.flat_map(move |worklog| Row::all(worklog, home))
    }

    /// Names the files that can't be read, and whose entries are not known here.
    pub(super) fn warn_of_broken(&self, terminal: &mut Terminal) {
        let broken: Vec<_> = self.state.skipped.iter().filter(|s| !s.is_foreign).collect();
        warn_of(&broken, terminal);
    }

    /// The one entry that is called `ID` or `WORKLOG-ID/ID`, or the only one of the issue `#N`.
    ///
    /// # Errors
    /// When there is none, several, or only one that no sync reads.
    pub(super) fn entry(&self, name: &str, terminal: &mut Terminal) -> Result<Row<'a>, CliError> {
        let fits = |row: &Row<'_>| row.entry.id.as_str() == name || row.key() == name;
        let mut found: Vec<_> = self.rows().filter(fits).collect();
        if found.len() > 1 {
            let all: Vec<_> = found.iter().map(Row::key).collect();
            return Err(CliError::NotThere {
                message: format!("{} entries are called {}", all.len(), Untrusted(name)),
                next: format!("write one of {}", all.join(", ")),
            });
        }
        if let Some(row) = found.pop().or_else(|| self.only_of_issue(name)) {
            return Ok(row);
        }
        let all = || self.state.worklogs.iter().flat_map(|worklog| Row::all(worklog, self.home));
        if let Some(row) = all().find(fits) {
            let path = Untrusted(&row.worklog.loaded.path);
            return Err(CliError::Refused {
                message: format!("{} is in {path}, which is archived: no sync reads it", row.key()),
                next: format!("take `archived: true` out of {path} first"),
            });
        }
        // It may be in a file that can't be read as it is.
        let broken: Vec<_> = self.state.skipped.iter().filter(|s| !s.is_foreign).collect();
        let id = name.rsplit('/').next().unwrap_or(name);
        let has = |text: &str| {
            let line =
                |line: &str| line.trim_start_matches(['-', ' ']).strip_prefix("id:").map(str::to_owned);
            text.lines().filter_map(line).any(|word| word.trim().trim_matches(['"', '\'']) == id)
        };
        if let Some(file) = broken.iter().find(|file| has(&file.text)) {
            let color = terminal.has_color();
            terminal.warn(diagnostics::skipped(file, color));
            return Err(CliError::Refused {
                message: format!("{} is in {}, which can't be read", Untrusted(name), Untrusted(&file.path)),
                next: "mend it, then `gardener check`".to_owned(),
            });
        }
        warn_of(&broken, terminal);
        let next = match self.guessed(name) {
            keys if keys.is_empty() => self.meant(name).map_or_else(
                || "`gardener list` shows the entries".to_owned(),
                |keys| format!("did you mean {keys}?"),
            ),
            keys => guess::question(&keys),
        };
        Err(CliError::NotThere { message: format!("no entry is called {}", Untrusted(name)), next })
    }

    /// The same for a command that only shows: the only entry that may be meant is taken, and that is said.
    ///
    /// # Errors
    /// As above.
    pub(super) fn entry_to_show(&self, name: &str, terminal: &mut Terminal) -> Result<Row<'a>, CliError> {
        let is_there = self.rows().any(|row| row.entry.id.as_str() == name || row.key() == name);
        match self.guessed(name).as_slice() {
            [key] if !is_there => {
                say_taken(name, key, terminal);
                self.entry(key, terminal)
            }
            _ => self.entry(name, terminal),
        }
    }

    /// The keys of the entries that may be meant by a name that none has.
    pub(super) fn guessed(&self, name: &str) -> Vec<String> {
        let rows: Vec<_> = self.rows().collect();
        let named = |row: &Row<'a>| guess::Named {
            key: row.key(),
            id: row.entry.id.as_str(),
            title: &row.entry.title,
            issue: row.entry.issue.as_ref(),
        };
        guess::guesses(name, self.home, &rows.iter().map(named).collect::<Vec<_>>())
    }

    /// The entry of an issue that is named by its number, if it is the only one.
    fn only_of_issue(&self, name: &str) -> Option<Row<'a>> {
        let keys = if name.contains('#') { self.guessed(name) } else { Vec::new() };
        let [key] = keys.as_slice() else { return None };
        self.rows().find(|row| row.key() == *key)
    }

    /// The entries of these names, each once and as they stand in the files, so that each worklog is
    /// named once.
    ///
    /// # Errors
    /// As for one.
    pub(super) fn entries(
        &self,
        names: &[String],
        terminal: &mut Terminal,
    ) -> Result<Vec<Row<'a>>, CliError> {
        let mut rows: Vec<Row<'a>> = Vec::new();
        for name in names {
            let row = self.entry(name, terminal)?;
            if !rows.iter().any(|other| other.key() == row.key()) {
                rows.push(row);
            }
        }
        rows.sort_by(|a, b| (&a.worklog.loaded.path, a.index).cmp(&(&b.worklog.loaded.path, b.index)));
        Ok(rows)
    }

    /// The entries with the name that is nearest to what was typed, in full.
    fn meant(&self, name: &str) -> Option<String> {
        let rows: Vec<_> = self.rows().collect();
        let (worklog, id) = name.rsplit_once('/').map_or((None, name), |(worklog, id)| (Some(worklog), id));
        let near = nearest(id, rows.iter().map(|row| row.entry.id.as_str()))?;
        let mut keys: Vec<_> =
            rows.iter().filter(|row| row.entry.id.as_str() == near).map(Row::key).collect();
        // Of one worklog that was named rightly, only its own.
        if let Some(worklog) = worklog.filter(|w| keys.iter().any(|key| key.starts_with(&format!("{w}/")))) {
            keys.retain(|key| key.starts_with(&format!("{worklog}/")));
        }
        keys.truncate(5);
        Some(keys.join(" or "))
    }
}

/// Says which entry is shown in place of a name that none has.
pub(super) fn say_taken(name: &str, key: &str, terminal: &mut Terminal) {
    terminal.warn(format_args!("{HINT}note{HINT:#}: no entry is called {}; this is {key}", Untrusted(name)));
}

fn path<'d>(decision: &Decision<'d>) -> &'d str {
    &decision.row.worklog.loaded.path
}

/// `worklogs/x.md:15:5`
pub(super) fn place(row: &Row<'_>) -> String {
    let (line, column) = row.position();
    format!("{}:{line}:{column}", Untrusted(&row.worklog.loaded.path))
}

/// A worklog that is half in the index, or in the middle of a merge, is read by no sync either.
fn can_be_written(decision: &Decision<'_>) -> Result<(), CliError> {
    let (why, next) = match decision.row.worklog.loaded.file.staged {
        Staged::No | Staged::Whole => return Ok(()),
        Staged::Partly => ("a part of it is staged", "commit or unstage it, then decide again"),
        Staged::Unmerged => {
            ("it has unresolved versions from a merge", "finish the merge, then decide again")
        }
    };
    Err(CliError::Refused { message: format!("{}: {why}", place(&decision.row)), next: next.to_owned() })
}

/// The edits that a decision is.
fn edits(decision: &Decision<'_>) -> Vec<Edit> {
    let entry = decision.row.entry.id.clone();
    match &decision.choice {
        Choice::None => vec![Edit::SetCandidates { entry, to: Some(Vec::new()) }],
        Choice::Issue { to, reason } => vec![
            Edit::SetCandidates { entry: entry.clone(), to: None },
            Edit::SetIssue { entry: entry.clone(), to: to.clone() },
            Edit::SetReason { entry, to: reason.clone() },
        ],
        Choice::Values { edits, .. } => edits.clone(),
    }
}

/// What is to be written: each path with the text now and the text then, where they differ.
fn texts<'d>(decisions: &[Decision<'d>]) -> Result<BTreeMap<&'d str, (&'d str, String)>, CliError> {
    let mut by_path: BTreeMap<&str, (&Decision<'d>, Vec<Edit>)> = BTreeMap::new();
    for decision in decisions {
        let (_, all) = by_path.entry(path(decision)).or_insert_with(|| (decision, Vec::new()));
        all.extend(edits(decision));
    }
    let mut texts = BTreeMap::new();
    for (path, (first, edits)) in by_path {
        let worklog = &first.row.worklog.loaded.worklog;
        let after = worklog::edit(worklog, &edits).map_err(|error| {
            let entry = |e: &&Decision<'_>| worklog::edit(worklog, &self::edits(e)).is_err();
            let mine = |e: &&Decision<'_>| self::path(e) == path;
            let at = decisions.iter().filter(mine).find(entry).unwrap_or(first);
            let next = match error {
                EditError::TooLarge => "move some of its entries to a worklog of their own",
                _ => "put each key of the entry on a line of its own",
            };
            CliError::Refused { message: format!("{}: {error}", place(&at.row)), next: next.to_owned() }
        })?;
        if after != worklog.text() {
            texts.insert(path, (worklog.text(), after));
        }
    }
    Ok(texts)
}

/// Whether the entry says all of it already.
fn is_there(decision: &Decision<'_>) -> bool {
    let entry = decision.row.entry;
    match &decision.choice {
        Choice::None => entry.candidates.as_ref().is_some_and(Vec::is_empty),
        Choice::Issue { to, reason } => {
            entry.candidates.is_none() && entry.issue.as_ref() == Some(to) && entry.reason == *reason
        }
        Choice::Values { edits, .. } => edits.is_empty(),
    }
}

fn said(decision: &Decision<'_>, home: Option<&RepoSlug>) -> String {
    let already = if is_there(decision) { ", as it was" } else { "" };
    let count = decision.row.candidates().len();
    match &decision.choice {
        Choice::None if count > 0 => {
            let s = if count == 1 { "" } else { "s" };
            format!("none of {count} candidate{s}: a sync files it")
        }
        Choice::None => format!("a sync files it{already}"),
        Choice::Issue { to, reason } => {
            let why = reason.as_ref().map_or_else(String::new, |why| format!(": {}", Untrusted(why)));
            let before = decision.row.entry.issue.as_ref().filter(|was| !same_issue(was, to, home));
            let before = before.map_or_else(String::new, |was| format!(" in place of {was}"));
            format!("linked to {to}{before}{why}{already}")
        }
        Choice::Values { said, .. } if said.is_empty() => "as it was".to_owned(),
        Choice::Values { said, .. } => said.join(", "),
    }
}

/// What somebody may not expect of the next sync.
fn notes(decision: &Decision<'_>, home: Option<&RepoSlug>) -> Vec<String> {
    let (entry, worklog) = (decision.row.entry, &decision.row.worklog.loaded.worklog);
    let mut notes = Vec::new();
    match &decision.choice {
        Choice::None => {
            if let Some(base) = worklog.bases().get(&entry.id) {
                let issue = home.map_or_else(|| base.issue.clone(), |home| base.issue.in_short(home));
                notes.push(format!("it was unlinked from {issue}, so that a sync leaves it alone"));
            }
            if let Some(hold) = &entry.hold {
                notes.push(format!("it is on hold, and not filed before that goes: {}", Untrusted(hold)));
            }
        }
        Choice::Issue { to, .. } => {
            if to.repo.is_some() && to.repo.as_ref() != home {
                notes.push(format!("{to} is in another repository, so that a sync leaves it alone"));
            }
            if let Some(was) = entry.issue.as_ref().filter(|was| !same_issue(was, to, home)) {
                notes.push(format!(
                    "to a sync this is a first link: labels and links unite, another status or severity is \
                     a conflict; {was} stays as it is"
                ));
            }
        }
        Choice::Values { .. } => {}
    }
    notes
}

fn as_json(decision: &Decision<'_>, is_done: bool) -> Value {
    let (row, entry) = (&decision.row, decision.row.entry);
    let (line, column) = row.position();
    let (issue, reason) = match &decision.choice {
        Choice::None => (None, None),
        Choice::Issue { to, reason } => (Some(to.to_string()), reason.clone()),
        Choice::Values { .. } => (entry.issue.as_ref().map(ToString::to_string), entry.reason.clone()),
    };
    let what: &[String] = if let Choice::Values { said, .. } = &decision.choice { said } else { &[] };
    json!({
        "entry": row.key(), "worklog": row.worklog.loaded.path, "line": line, "column": column,
        "issue": issue, "reason": reason, "was": entry.issue.as_ref().map(ToString::to_string),
        "candidates": entry.candidates.as_deref().map(candidates_json), "what": what,
        "changes": !is_there(decision), "done": is_done,
    })
}
