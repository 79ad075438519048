//! The worklogs as they were at some moment, for comparing.

use crate::cli::error::CliError;
use crate::config::Config;
use crate::repo::{Repo, Worktree as _};
use crate::review::Snapshot;
use crate::worklog::{Parsed, parse};

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A commit, by its full id.
    Commit(String),
    /// What is there now.
    WorkTree,
    /// Before the first commit.
    Nothing,
}

/// The worklogs of a commit; none at all where there is none.
pub(super) fn at(moment: &Moment, repo: &Repo, config: &Config) -> Result<Snapshot, CliError> {
    let mut snapshot = nothing();
    let Moment::Commit(id) = moment else { return Ok(snapshot) };
    for path in repo.worklogs_at(id, &config.worklogs)?.unwrap_or_default() {
        match repo.text_at(id, &path) {
            Ok(Some(text)) => add(&mut snapshot, path, &text, config),
            Ok(None) => {}
            Err(error) => drop(snapshot.unread.insert(path, error.to_string())),
        }
    }
    Ok(snapshot)
}

/// The worklogs of the work tree, and the repository again.
pub(super) fn of_work_tree(repo: Repo, config: &Config) -> Result<(Snapshot, Repo), CliError> {
    let mut snapshot = nothing();
    let mut worktree = repo.worktree(config);
    for file in worktree.worklogs()? {
        match file.content {
            // A checkout may have other line endings than a commit.
            Ok(text) => add(&mut snapshot, file.path, &text.replace("\r\n", "\n"), config),
            Err(_) => drop(snapshot.unread.insert(file.path, "it is no text file".to_owned())),
        }
    }
    Ok((snapshot, worktree.into_repo()))
}

/// No worklogs.
pub(super) fn nothing() -> Snapshot {
    Snapshot::default()
}

fn add(snapshot: &mut Snapshot, path: String, text: &str, config: &Config) {
    match parse(text, &config.labels.vocabulary) {
        Parsed::Worklog(worklog, _) => {
            let id = worklog.header().id.clone();
            // Of two with one id the first counts; `gardener check` names the other.
            snapshot.worklogs.entry(id).or_insert((path, worklog));
        }
        Parsed::Broken(found) => {
            let why = found.first().map_or_else(String::new, |d| d.message.clone());
            snapshot.unread.insert(path, why);
        }
        Parsed::NotAWorklog(_) => {}
    }
}
