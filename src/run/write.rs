//! The worklog of a run put into the repository, and earlier worklogs brought up to date.
//!
//! A worklog is written only if it can be read without an error, under a name that nobody has; nothing
//! that is there is ever overwritten. An earlier worklog that can't be changed (it changed meanwhile,
//! or a part of it is staged) is named and left as it is: the next run finds the same again.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Status, Vocabulary, WorklogId};
use crate::repo::{GitWorktree, Repo, RepoError, Staged, Worktree as _};
use crate::run::compose::{self, Document, TEMPLATE_PATH};
use crate::run::lifecycle::History;
use crate::run::past::Occurrence;
use crate::worklog::{self, Edit, Parsed};

/// Why no worklog was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The template can't be filled in, or gives no good worklog.
    #[error("{path}: {why}")]
    Template {
        /// The template.
        path: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The repository.
    #[error(transparent)]
    Repo(#[from] RepoError),
}

/// The text of a worklog that can be read without an error.
///
/// # Errors
/// When the template is not right.
pub fn text(
    template: Option<&str>,
    document: &Document,
    vocabulary: &Vocabulary,
) -> Result<String, WriteError> {
    let path = if template.is_some() { TEMPLATE_PATH } else { "the built-in template" };
    let wrong = |why: String| WriteError::Template { path, why };
    let text = compose::text(template.unwrap_or(compose::TEMPLATE), document)
        .map_err(|error| wrong(error.to_string()))?;
    match worklog::parse(&text, vocabulary) {
        Parsed::NotAWorklog(why) => Err(wrong(format!("gives no worklog ({why})"))),
        Parsed::Broken(found) => {
            let first = found.first().map_or_else(String::new, |d| {
                let (line, column) = d.position(&text);
                format!(" (line {line}, column {column}: {})", d.message)
            });
            Err(wrong(format!("gives a worklog that is not right{first}")))
        }
        Parsed::Worklog(worklog, _) if worklog.header().id != document.id => {
            Err(wrong("gives every worklog one id; it needs the line `id: {{ id }}`".to_owned()))
        }
        Parsed::Worklog(worklog, _) => {
            // What the document has and the worklog has not would be lost without a word.
            let has = |entry: &&compose::NewEntry| worklog.entry(&entry.id).is_some();
            let missing = document.entries.iter().filter(|entry| !has(entry)).count();
            if missing > 0 && worklog.entries().is_empty() {
                return Err(wrong("lists no entry; it needs the lines of `entries`".to_owned()));
            }
            Ok(text)
        }
    }
}

/// Writes a new worklog into `folder` and returns its path. Its id is the first free one of
/// `wish`, `wish-2`, … which `used` has not.
///
/// # Errors
/// When the template is not right, or the disk says no.
pub fn write_new(
    worktree: &mut GitWorktree,
    folder: &str,
    wish: &str,
    used: &BTreeSet<WorklogId>,
    template: Option<&str>,
    mut document: Document,
    vocabulary: &Vocabulary,
) -> Result<String, WriteError> {
    for number in 1..1000 {
        let name = if number == 1 { wish.to_owned() } else { format!("{wish}-{number}") };
        let Ok(id) = WorklogId::new(&name) else { break };
        if used.contains(&id) {
            continue;
        }
        document.id = id;
        let text = text(template, &document, vocabulary)?;
        let path = format!("{folder}/{name}.md");
        match worktree.create(&path, &text) {
            // Another run in the same second, or a file of somebody.
            Err(RepoError::ChangedMeanwhile(_)) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok(path),
        }
    }
    Err(WriteError::Repo(RepoError::Disk {
        path: format!("{folder}/{wish}.md"),
        message: "there are a thousand worklogs of that name".to_owned(),
    }))
}

/// Makes the edits and returns the paths that changed, and what could not be changed, with why.
///
/// # Errors
/// When the worklogs can't be listed.
pub fn update(
    worktree: &mut GitWorktree,
    edits: &[(String, Edit)],
    vocabulary: &Vocabulary,
) -> Result<(Vec<String>, Vec<String>), RepoError> {
    let mut by_path: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
    for (path, edit) in edits {
        by_path.entry(path).or_default().push(edit.clone());
    }
    let (mut changed, mut left) = (Vec::new(), Vec::new());
    if by_path.is_empty() {
        return Ok((changed, left));
    }
    for file in worktree.worklogs()? {
        let Some(edits) = by_path.remove(file.path.as_str()) else { continue };
        let mut leave = |why: String| left.push(format!("{}: {why}", file.path));
        if matches!(file.staged, Staged::Partly | Staged::Unmerged) {
            leave("a part of it is staged, so it was not brought up to date".to_owned());
            continue;
        }
        let text = file.content.as_deref().unwrap_or_default();
        let Parsed::Worklog(worklog, _) = worklog::parse(text, vocabulary) else {
            leave("it changed meanwhile, so it was not brought up to date".to_owned());
            continue;
        };
        let edited = match worklog::edit(&worklog, &edits) {
            Ok(edited) => edited,
            Err(error) => {
                leave(error.to_string());
                continue;
            }
        };
        if edited == text {
            continue;
        }
        match worktree.write(&file.path, text, &edited) {
            Ok(()) => changed.push(file.path.clone()),
            Err(error) => leave(error.to_string()),
        }
    }
    left.extend(
        by_path.into_keys().map(|path| format!("{path}: it is gone, so it was not brought up to date")),
    );
    Ok((changed, left))
}

/// A repository's history, for `lifecycle`.
pub struct GitHistory<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// What statuses there are.
    pub vocabulary: Vocabulary,
}

impl History for GitHistory<'_> {
    fn has(&self, new: &str, old: &str) -> Option<bool> {
        self.repo.is_ancestor(old, new)
    }

    /// The latest commit in which the entry became completed while its base did not: what a sync
    /// brings from GitHub says nothing of which commit has the fix.
    fn closed_in(&self, occurrence: &Occurrence) -> Option<String> {
        let commits = self.repo.commits_of(&occurrence.path).ok()?;
        let reading = |revision: &str| {
            let text = self.repo.text_at(revision, &occurrence.path).ok()??;
            let Parsed::Worklog(worklog, _) = worklog::parse(&text, &self.vocabulary) else { return None };
            let id = &occurrence.entry.id;
            let status = worklog.entry(id)?.status.clone();
            let agreed = worklog.bases().get(id).and_then(|base| base.agreed.status.clone());
            Some((status, agreed))
        };
        let completed = Some(Status::Completed);
        for commit in commits.iter().take(200) {
            let (status, agreed) = reading(&commit.id)?;
            if status != completed {
                return None;
            }
            let before = commit.parent.as_deref().and_then(reading);
            if before.as_ref().is_none_or(|(status, _)| *status != completed) {
                let was_agreed = before.is_some_and(|(_, agreed)| agreed == completed);
                return (agreed != completed || was_agreed).then(|| commit.id.clone());
            }
        }
        None
    }
}
