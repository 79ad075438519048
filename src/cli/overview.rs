//! What `status` says of each worklog: from what is known of it, or by reading it.
//!
//! Only worklogs that are as HEAD has them are known ([`Known`](crate::repo::Known)), so that all that is
//! noted of one is what its text says against its own base lines. Broken ones are read each time.

use sha2::{Digest as _, Sha256};

use crate::cli::error::CliError;
use crate::config::Config;
use crate::model::{RepoSlug, Status};
use crate::repo::{Committed, File, Fresh, GitWorktree, Made, RepoError, Standing, Worktree};
use crate::sync::{self, LocalState, LocalWorklog, Skipped};

/// What this version of gardener notes, and how.
const NOTES: &str = concat!("status 1 ", env!("CARGO_PKG_VERSION"));

/// The worklogs as they stand.
pub(super) struct Overview {
    /// Those that can be synced, in the order of their paths, without the archived ones.
    pub(super) worklogs: Vec<Line>,
    /// Files that are left alone.
    pub(super) skipped: Vec<Skipped>,
}

/// One worklog.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) path: String,
    /// A sync wrote it and its commit is still to come.
    pub(super) uncommitted: bool,
    /// How many entries it has.
    pub(super) entries: usize,
    /// What there is to say of some.
    pub(super) rows: Vec<Row>,
}

/// An entry that differs from what was agreed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) entry: String,
    pub(super) issue: String,
    pub(super) what: String,
}

/// A worklog and what makes two of them clash.
struct Told {
    id: String,
    archived: bool,
    line: Line,
}

/// What is noted of a worklog: its id, whether it is archived, how many entries it has, its rows.
type Note = (String, bool, usize, Vec<(String, String, String)>);

/// Looks at the worklogs.
///
/// # Errors
/// When they can't be listed.
pub(super) fn look(worktree: &mut GitWorktree, config: &Config) -> Result<Overview, CliError> {
    let known = worktree.repo().known();
    let mut survey = worktree.survey(known)?;
    let home = worktree.repo().home_slug(config).ok();
    let realm = realm(config, home.as_ref());
    if survey.realm() != realm {
        survey.forget();
    }
    let mut all: Vec<Told> = Vec::new();
    let mut is_readable = true;
    for (path, note) in survey.notes() {
        // A note that this version can't read is one that it did not write.
        match serde_json::from_slice::<Option<Note>>(note) {
            Ok(note) => all.extend(note.map(|note| told(path, note))),
            Err(_) => is_readable = false,
        }
    }
    if !is_readable {
        survey.forget();
        all.clear();
    }
    let mut learned = survey.begin(worktree, realm);
    let (mut skipped, mut clashes) = (Vec::new(), false);
    while let Some(part) = worktree.next(&mut survey)? {
        let files = part.iter().map(|fresh| fresh.file.clone()).collect();
        let state = sync::local_state(&mut Part(files), config, home.as_ref())?;
        clashes |= state.skipped.iter().flat_map(|s| &s.diagnostics).any(|d| d.code == "clashing-id");
        let read: Vec<Told> = state.worklogs.iter().map(|worklog| read(worklog, home.as_ref())).collect();
        if let Some(learned) = &mut learned {
            for fresh in &part {
                if let Some(note) = note(fresh, &read, &state) {
                    fresh.note(learned, note);
                }
            }
        }
        all.extend(read);
        skipped.extend(state.skipped);
    }
    let mut ids: Vec<&str> = all.iter().map(|told| told.id.as_str()).collect();
    ids.sort_unstable();
    if clashes || ids.windows(2).any(|pair| pair[0] == pair[1]) {
        // Who clashes with whom takes all of them.
        let state = sync::local_state(worktree, config, home.as_ref())?;
        all = state.worklogs.iter().map(|worklog| read(worklog, home.as_ref())).collect();
        skipped = state.skipped;
    } else if let Some(learned) = learned {
        learned.keep(worktree);
    }
    all.sort_by(|a, b| a.line.path.cmp(&b.line.path));
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let worklogs = all.into_iter().filter(|told| !told.archived).map(|told| told.line).collect();
    Ok(Overview { worklogs, skipped })
}

/// What the notes depend on besides the files: the version, the config, the repository.
fn realm(config: &Config, home: Option<&RepoSlug>) -> Vec<u8> {
    Sha256::digest(format!("{NOTES} {home:?} {config:?}")).to_vec()
}

/// What is noted of a file; nothing of one that is broken.
fn note(fresh: &Fresh, read: &[Told], state: &LocalState) -> Option<Vec<u8>> {
    let path = &fresh.file.path;
    let note: Option<Note> = match read.binary_search_by(|told| told.line.path.cmp(path)) {
        Ok(at) => {
            let Told { id, archived, line } = &read[at];
            let rows = line.rows.iter().map(|r| (r.entry.clone(), r.issue.clone(), r.what.clone()));
            Some((id.clone(), *archived, line.entries, rows.collect()))
        }
        Err(_) if state.skipped.iter().any(|s| s.path == *path && s.is_foreign) => None,
        Err(_) => return None,
    };
    serde_json::to_vec(&note).ok()
}

fn told(path: &str, (id, archived, entries, rows): Note) -> Told {
    let rows = rows.into_iter().map(|(entry, issue, what)| Row { entry, issue, what }).collect();
    Told { id, archived, line: Line { path: path.to_owned(), uncommitted: false, entries, rows } }
}

fn read(worklog: &LocalWorklog, home: Option<&RepoSlug>) -> Told {
    let header = worklog.loaded.worklog.header();
    Told {
        id: header.id.to_string(),
        archived: header.archived,
        line: Line {
            path: worklog.loaded.path.clone(),
            uncommitted: worklog.uncommitted,
            entries: worklog.loaded.worklog.entries().len(),
            rows: rows(worklog, home),
        },
    }
}

fn rows(worklog: &LocalWorklog, home: Option<&RepoSlug>) -> Vec<Row> {
    let mut rows = Vec::new();
    let loaded = &worklog.loaded.worklog;
    for (entry, edited) in loaded.entries().iter().zip(&worklog.edited) {
        let base = loaded.bases().get(&entry.id);
        let elsewhere =
            entry.issue.as_ref().and_then(|i| i.repo.as_ref()).is_some_and(|r| home.is_some_and(|h| h != r));
        let what = match (&entry.issue, base) {
            _ if elsewhere => None,
            (None, Some(_)) => Some("unlinked".to_owned()),
            (None, None) if entry.status.as_ref().is_some_and(Status::is_closed) => None,
            (None, None) => Some("not filed yet".to_owned()),
            (Some(_), None) => Some("linked by hand, not synced yet".to_owned()),
            (Some(_), Some(_)) if edited.is_empty() => None,
            (Some(_), Some(_)) => {
                let fields: Vec<_> = edited.iter().map(ToString::to_string).collect();
                Some(format!("edited: {}", fields.join(", ")))
            }
        };
        if let Some(what) = what {
            let issue = entry.issue.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            rows.push(Row { entry: entry.id.to_string(), issue, what });
        }
    }
    rows
}

/// Some files of a work tree, as all that are read of it at a time.
struct Part(Vec<File>);

impl Worktree for Part {
    fn worklogs(&mut self) -> Result<Vec<File>, RepoError> {
        Ok(std::mem::take(&mut self.0))
    }

    fn standing(&mut self) -> Result<Standing, RepoError> {
        Ok(Standing::Detached)
    }

    fn gone(&mut self) -> Result<Vec<(String, String)>, RepoError> {
        Err(only_read())
    }

    fn comes_after(&mut self, _commit: &str) -> bool {
        false
    }

    fn reverts_since(&mut self, _commit: &str) -> bool {
        true
    }

    fn changed_here(&mut self) -> Result<Option<std::collections::BTreeSet<String>>, RepoError> {
        Err(only_read())
    }

    fn write(&mut self, _path: &str, _before: &str, _after: &str) -> Result<(), RepoError> {
        Err(only_read())
    }

    fn commit(&mut self, _files: &[Committed], _message: &str) -> Result<Option<Made>, RepoError> {
        Err(only_read())
    }
}

fn only_read() -> RepoError {
    RepoError::NoCommitHere("it is only looked at".to_owned())
}
