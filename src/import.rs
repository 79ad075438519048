//! Old worklogs brought into the format: the flow of `gardener import`.
//!
//! Floor 5. A file is read, its entries found (`legacy`), and what comes of it written in its place,
//! whole or not at all. One that can't be imported is named, and the others go on; one that has front
//! matter of gardener's is left alone, so that importing again changes nothing.

use std::collections::BTreeSet;

use crate::legacy::{self, Composed, Given, Legacy};
use crate::model::{RepoSlug, Timestamp, Vocabulary, WorklogId};
use crate::repo::{GitWorktree, RepoError, Staged, Unfit, Worktree as _};
use crate::worklog::{self, Parsed};

/// What is known besides the files.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The repository on GitHub.
    pub home: Option<&'a RepoSlug>,
    /// The present moment.
    pub now: Option<Timestamp>,
    /// The project's statuses and severities.
    pub vocabulary: &'a Vocabulary,
}

/// What became of one file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// As it was named, or from the top of the work tree.
    pub path: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Its entries, and the text with front matter.
    Ready(Box<Ready>),
    /// It has gardener's front matter.
    Already,
    /// It can't be imported, and why.
    Failed(String),
}

/// A file that can be imported.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its id.
    pub id: WorklogId,
    /// What was found in it.
    pub legacy: Legacy,
    /// What is written.
    pub composed: Composed,
}

/// Reads the files at `paths` of the work tree; with `write` those that can be imported are written.
/// `used` are the ids of worklogs that are there, and gets those of new ones.
///
/// # Errors
/// When the repository can't be read.
pub fn import(
    worktree: &mut GitWorktree,
    paths: &[String],
    used: &mut BTreeSet<WorklogId>,
    scene: &Scene<'_>,
    write: bool,
) -> Result<Vec<Imported>, RepoError> {
    let mut imported = Vec::new();
    for file in worktree.named(paths)? {
        let text = match &file.content {
            Ok(text) => text,
            Err(unfit) => {
                imported.push(Imported { path: file.path, outcome: Outcome::Failed(words(unfit)) });
                continue;
            }
        };
        let mut outcome = looked_at(&file.path, text, used, scene);
        if let (Outcome::Ready(ready), true) = (&outcome, write) {
            let written = match file.staged {
                Staged::Partly | Staged::Unmerged => Err(RepoError::PartlyStaged(file.path.clone())),
                Staged::No | Staged::Whole => worktree.write(&file.path, text, &ready.composed.text),
            };
            if let Err(error) = written {
                used.remove(&ready.id);
                outcome = Outcome::Failed(error.to_string());
            }
        }
        imported.push(Imported { path: file.path, outcome });
    }
    Ok(imported)
}

/// What can be made of a text, which is at `path`.
pub fn looked_at(path: &str, text: &str, used: &mut BTreeSet<WorklogId>, scene: &Scene<'_>) -> Outcome {
    match worklog::parse(text, scene.vocabulary) {
        Parsed::Worklog(..) => return Outcome::Already,
        Parsed::Broken(_) => {
            return Outcome::Failed("it has front matter of gardener's that is not right".to_owned());
        }
        Parsed::NotAWorklog(_) => {}
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let given = Given { name, home: scene.home, now: scene.now };
    let legacy = legacy::read(text, &given);
    let id = legacy::worklog_id(name, used);
    match legacy::compose(text, &legacy, &id, scene.vocabulary) {
        Ok(composed) => {
            used.insert(id.clone());
            Outcome::Ready(Box::new(Ready { id, legacy, composed }))
        }
        Err(refusal) => Outcome::Failed(refusal.to_string()),
    }
}

/// Why a file is none that can be imported.
pub fn words(unfit: &Unfit) -> String {
    match unfit {
        Unfit::Link => "it is a symbolic link; gardener follows none".to_owned(),
        Unfit::NotAFile => "it is not a regular file".to_owned(),
        Unfit::TooLarge => "it is larger than 1 MiB".to_owned(),
        Unfit::NotText(at) => format!("it is not UTF-8 text (byte {at})"),
        Unfit::Name => "its name is not UTF-8".to_owned(),
        Unfit::Head(why) | Unfit::Unreadable(why) => why.clone(),
    }
}
