//! When a value became what it is, and by whom: in the worklog by its commits, on GitHub by its events.

use crate::cli::error::CliError;
use crate::config::Config;
use crate::merge::Field;
use crate::model::{EntryId, Event, Severity, Status, Timestamp, Untrusted, Vocabulary};
use crate::repo::{Commit, Repo};
use crate::worklog::{Parsed, parse};

/// So many commits of a worklog are looked through.
const MOST: usize = 200;

/// Who made a value what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Touched {
    /// Somebody who has not committed it.
    Uncommitted,
    /// Somebody at some time, in a commit or on GitHub.
    By {
        /// The author of the commit, or the account; empty where nobody knows.
        who: String,
        /// When.
        at: Timestamp,
        /// The commit, in full.
        commit: Option<String>,
    },
}

impl Touched {
    /// `ann, 2026-03-01T12:00:00Z, 4f2c1a9`
    pub(super) fn words(&self) -> String {
        match self {
            Self::Uncommitted => "not committed yet".to_owned(),
            Self::By { who, at, commit } => {
                let who = if who.is_empty() { "somebody".to_owned() } else { Untrusted(who).to_string() };
                let commit =
                    commit.as_ref().map_or_else(String::new, |id| format!(", {}", &id[..id.len().min(7)]));
                format!("{who}, {at}{commit}")
            }
        }
    }

    /// The same for scripts.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Uncommitted => serde_json::json!({"committed": false}),
            Self::By { who, at, commit } => {
                serde_json::json!({"by": who, "at": at.to_string(), "commit": commit})
            }
        }
    }
}

/// What an event on GitHub says.
pub(super) fn there(event: &Event) -> Touched {
    Touched::By { who: event.by.clone(), at: event.at, commit: None }
}

/// Since which commit a worklog says of a field what `text` says; `None` where that is longer ago than
/// is looked for.
///
/// # Errors
/// When git can't tell.
pub(super) fn here(
    repo: &Repo,
    config: &Config,
    path: &str,
    text: &str,
    entry: &EntryId,
    field: Field,
) -> Result<Option<Touched>, CliError> {
    let vocabulary = &config.labels.vocabulary;
    let now = value(text, entry, field, vocabulary);
    let mut since: Option<Commit> = None;
    for commit in repo.commits_of(path)?.into_iter().take(MOST) {
        let then = repo.text_at(&commit.id, path)?.unwrap_or_default();
        if value(&then, entry, field, vocabulary) != now {
            let by =
                |commit: Commit| Touched::By { who: commit.author, at: commit.at, commit: Some(commit.id) };
            return Ok(Some(since.map_or(Touched::Uncommitted, by)));
        }
        since = Some(commit);
    }
    Ok(since.map(|commit| Touched::By { who: commit.author, at: commit.at, commit: Some(commit.id) }))
}

fn value(text: &str, entry: &EntryId, field: Field, vocabulary: &Vocabulary) -> Option<String> {
    let Parsed::Worklog(worklog, _) = parse(text, vocabulary) else { return None };
    let entry = worklog.entry(entry)?;
    match field {
        Field::Severity => Some(entry.severity.map_or("", Severity::word).to_owned()),
        _ => Some(entry.status.as_ref().map_or("", Status::word).to_owned()),
    }
}
