//! An entry that a client proposes: what its worklog would be, and writing just that.

use std::path::Path;
use std::str::FromStr as _;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::add::worklog_of;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::list::Row;
use crate::cli::new;
use crate::cli::sync::diff;
use crate::cli::terminal::{HINT, Terminal};
use crate::model::{Label, Severity, Timestamp, Untrusted, is_hidden};
use crate::offer::{PlanId, visible_text};
use crate::repo::Worktree as _;
use crate::sync::propose::{NotProposed, Wanted, with_entry};
use crate::sync::{self};
use crate::worklog::EditError;

/// The arguments of `propose_entry`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal {
    title: String,
    severity: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    tests: Vec<String>,
    text: Option<String>,
    worklog: Option<String>,
}

/// A worklog as it would be.
pub(super) struct Proposed {
    path: String,
    /// The entry, as `WORKLOG-ID/ID`.
    entry: String,
    /// Entries that may be about the same: of the same title, or with one of the tests.
    already: Vec<String>,
    /// Its bytes now; none for a new one.
    before: Option<String>,
    after: String,
}

impl Proposed {
    /// The name of it as a plan.
    pub(super) fn id(&self) -> PlanId {
        let (kind, before) = match &self.before {
            None => ("new worklog", ""),
            Some(before) => ("worklog", before.as_str()),
        };
        PlanId::of(["entry", kind, &self.path, before, &self.after])
    }

    /// It for a client, who is to see every byte that changes.
    pub(super) fn shown(&self) -> Value {
        let before = self.before.as_deref().unwrap_or_default();
        json!({
            "kind": "entry", "plan_id": self.id().to_string(), "worklog": self.path, "entry": self.entry,
            "already": self.already,
            "is_new_worklog": self.before.is_none(), "diff": diff(&self.path, before, &self.after),
        })
    }
}

/// Works it out. If `is_meant` says that this is what was wanted, it is written, with the lock held from
/// before it was worked out; then the second value is true.
///
/// # Errors
/// When there can be no such entry, or it can't be written. Nothing is written then.
pub(super) fn propose(
    proposal: &Proposal,
    now: Timestamp,
    is_meant: Option<&PlanId>,
    context: Context,
    terminal: &mut Terminal,
) -> Result<(Proposed, bool), CliError> {
    let _lock = is_meant.map(|_| context.lock()).transpose()?;
    let wanted = wanted(proposal, terminal)?;
    let home = context.find_home().ok().map(|home| home.slug);
    let config = context.config.clone();
    let named = proposal.worklog.as_ref().map(|name| (name, context.named(Path::new(name)).inside));
    let mut worktree = context.repo.worktree(&config);
    let state = sync::local_state(&mut worktree, &config, home.as_ref())?;
    let (path, text, is_new) = match named {
        Some((name, inside)) => {
            let found = worklog_of(&state, name, inside.as_deref())?;
            (found.loaded.path.clone(), found.loaded.worklog.text().to_owned(), false)
        }
        None => {
            let used = state.worklogs.iter().map(|w| &w.loaded.worklog.header().id).collect();
            let at = (worktree.repo(), &config);
            let (path, text) = new::begun(&wanted.title, "proposed", now, &used, at, terminal)?;
            (path, text, true)
        }
    };
    let (entry, after) = with_entry(&text, &wanted, &config).map_err(|error| refused(&path, &error))?;
    let is_same = |row: &Row<'_>| {
        row.entry.title.to_lowercase() == wanted.title.to_lowercase()
            || row.entry.tests.iter().any(|test| wanted.tests.contains(test))
    };
    let rows = state.worklogs.iter().flat_map(|worklog| Row::all(worklog, home.as_ref()));
    let already = rows.filter(is_same).map(|row| row.key()).collect();
    let worklog = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".md").to_owned();
    let of_path = |w: &&sync::LocalWorklog| w.loaded.path == path;
    let worklog = state
        .worklogs
        .iter()
        .find(of_path)
        .map_or(worklog, |found| found.loaded.worklog.header().id.to_string());
    let proposed = Proposed {
        entry: format!("{worklog}/{entry}"),
        already,
        before: (!is_new).then_some(text),
        path,
        after,
    };
    if is_meant != Some(&proposed.id()) {
        return Ok((proposed, false));
    }
    match &proposed.before {
        None => worktree.create(&proposed.path, &proposed.after)?,
        Some(before) => worktree.write(&proposed.path, before, &proposed.after)?,
    }
    // It is written: what can't be told about it any more is no failure.
    if worktree.worklogs().is_ok_and(|files| !files.iter().any(|file| file.path == proposed.path)) {
        let path = Untrusted(&proposed.path);
        terminal.warn(format_args!("{HINT}note{HINT:#}: git ignores {path}, so that no sync will see it"));
    }
    Ok((proposed, true))
}

fn wanted(proposal: &Proposal, terminal: &Terminal) -> Result<Wanted, CliError> {
    let usage = |why: &str, value: &str| CliError::Usage(format!("{why}: {}", Untrusted(value)));
    for line in [&proposal.title].into_iter().chain(&proposal.tests).chain(&proposal.labels) {
        if line.trim().is_empty() || line.trim() != line || line.chars().any(is_hidden) {
            let why =
                "a title, test or label is one line of text without blanks at its ends or hidden characters";
            return Err(usage(why, line));
        }
    }
    let text = proposal.text.as_deref().unwrap_or_default().replace("\r\n", "\n");
    let all = [&[proposal.title.clone(), text.clone()][..], &proposal.tests, &proposal.labels].concat();
    if let Some(place) = terminal.redactor().places(&all.join("\n")).first() {
        return Err(CliError::Refused {
            message: format!("the entry would hold what looks like a secret ({})", place.kind),
            next: "leave it out: git keeps what is committed".to_owned(),
        });
    }
    let severity = proposal.severity.as_deref().map(|word| {
        Severity::from_str(&word.to_ascii_uppercase())
            .map_err(|()| usage("a severity is P0, P1, P2 or P3", word))
    });
    let label = |name: &String| Label::new(name).ok_or_else(|| usage("no label", name));
    Ok(Wanted {
        title: proposal.title.clone(),
        severity: severity.transpose()?,
        labels: proposal.labels.iter().map(label).collect::<Result<_, _>>()?,
        tests: proposal.tests.clone(),
        text: visible_text(&text),
    })
}

fn refused(path: &str, error: &NotProposed) -> CliError {
    let next = match error {
        NotProposed::Edit(EditError::TooLarge) => "leave worklog out, for a new one",
        NotProposed::Edit(_) => "write each entry below a dash of its own there, or leave worklog out",
        NotProposed::Unreadable => "`gardener check` shows what is wrong",
        NotProposed::Wrong(_) => "propose it otherwise",
        NotProposed::BreaksOut => {
            "use headings of the third level at most (###), close all code and comments, and leave out \
             gardener's own comments"
        }
    };
    CliError::Refused { message: format!("{}: {error}", Untrusted(path)), next: next.to_owned() }
}
