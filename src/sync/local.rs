//! What can be said without asking GitHub: which entries were edited since the last sync,
//! which are not filed, which worklogs are broken.

use crate::config::Config;
use crate::merge::Field;
use crate::model::{Base, Entry, IssueRef, Label, Labels, Link, Links, RepoSlug, Status};
use crate::repo::{RepoError, Staged, Worktree};
use crate::sync::gather::{self, Loaded, Skipped};

/// The worklogs of the work tree as they stand.
#[derive(Clone, Debug)]
pub struct LocalState {
    /// Worklogs that can be synced.
    pub worklogs: Vec<LocalWorklog>,
    /// Files that are left alone.
    pub skipped: Vec<Skipped>,
}

/// One worklog as it stands.
#[derive(Clone, Debug)]
pub struct LocalWorklog {
    /// The worklog.
    pub loaded: Loaded,
    /// What each entry, in order, has that its base has not.
    pub edited: Vec<Vec<Field>>,
    /// Whether a sync wrote it and its commit is still to come.
    pub uncommitted: bool,
}

/// Reads the work tree.
///
/// # Errors
/// When the worklog folder can't be listed.
pub fn local_state(
    worktree: &mut dyn Worktree,
    config: &Config,
    home: Option<&RepoSlug>,
) -> Result<LocalState, RepoError> {
    let (loaded, skipped) = gather::load(worktree, config)?;
    let worklogs = loaded.into_iter().map(|l| local(l, config, home)).collect();
    Ok(LocalState { worklogs, skipped })
}

fn local(loaded: Loaded, config: &Config, home: Option<&RepoSlug>) -> LocalWorklog {
    let header = loaded.worklog.header();
    let once: Labels = header.labels.iter().cloned().collect();
    let edited = loaded.worklog.entries().iter().map(|entry| {
        let base = loaded.worklog.bases().get(&entry.id);
        base.filter(|b| is_for(b, entry.issue.as_ref(), home))
            .map_or_else(Vec::new, |b| fields(entry, b, &once, config, home))
    });
    let edited = edited.collect();
    let uncommitted = match &loaded.file.head {
        Some(head) => loaded.file.staged != Staged::Partly && *head != loaded.worklog.text(),
        None => true,
    };
    LocalWorklog { edited, uncommitted, loaded }
}

fn is_for(base: &Base, issue: Option<&IssueRef>, home: Option<&RepoSlug>) -> bool {
    issue.is_some_and(|i| {
        i.number == base.issue.number && (i.repo.is_none() || home.is_none() || i.repo == base.issue.repo)
    })
}

fn fields(entry: &Entry, base: &Base, once: &Labels, config: &Config, home: Option<&RepoSlug>) -> Vec<Field> {
    let agreed = &base.agreed;
    let own = |labels: &Vec<Label>| -> Labels {
        labels
            .iter()
            .filter(|l| !config.labels.vocabulary.is_mapped(l) && !config.ignores(l))
            .cloned()
            .collect()
    };
    let labels = entry.labels.as_ref().map(own).is_some_and(|mine| {
        let all: Labels = mine.union(once).cloned().collect();
        let known = agreed.labels.clone().unwrap_or_default();
        !all.is_subset(&known) || known.iter().any(|l| !all.contains(l))
    });
    let short = |l: &Link| home.map_or_else(|| l.clone(), |h| l.in_short(h));
    let links = entry.links.as_ref().is_some_and(|mine| {
        let mine: Links = mine.iter().filter(|l| l.goes_both_ways()).map(short).collect();
        agreed.links.as_ref() != Some(&mine)
    });
    let status = entry.status.is_some()
        && entry.status.as_ref() != Some(agreed.status.as_ref().unwrap_or(&Status::Open));
    let severity = entry.severity.is_some() && Some(entry.severity) != agreed.severity;
    [(status, Field::Status), (severity, Field::Severity), (labels, Field::Labels), (links, Field::Links)]
        .into_iter()
        .filter_map(|(edited, field)| edited.then_some(field))
        .collect()
}
