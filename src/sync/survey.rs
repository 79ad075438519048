//! A look over everything that is written of problems, for commands that only tell something of it: what
//! a dry run reads, and besides it what all issues say and what the worklogs that it leaves alone say.
//!
//! Nothing of it is kept: not even the caches are written.

use std::collections::{BTreeMap, BTreeSet};

use crate::forge::ForgeRead;
use crate::journal::{Caches, Journal, Texts};
use crate::model::{EntryKey, IssueText, Timestamp};
use crate::plan::Input;
use crate::plan::compared::{self, Compared, Counts};
use crate::plan::likely::Elsewhere;
use crate::repo::Worktree;
use crate::sync::{Choices, Loaded, Skipped, SyncError, gather, likeness, look, prepare};

/// Everything that is written of problems.
pub struct Survey {
    /// Worklogs that can't be synced, and why.
    pub skipped: Vec<Skipped>,
    /// Worklogs that a sync here would write.
    pub worklogs: Vec<Loaded>,
    /// Worklogs that a sync here reads and leaves alone: archived ones, and those that are left to
    /// the default branch.
    pub others: Vec<Loaded>,
    input: Input,
    texts: Texts,
    elsewhere: Vec<Elsewhere>,
}

/// Looks over it.
///
/// # Errors
/// When anything could not be read: then nothing is known.
pub fn survey(
    forge: &mut dyn ForgeRead,
    worktree: &mut dyn Worktree,
    journal: &Journal<'_>,
    caches: &mut Caches<'_>,
    choices: &Choices,
) -> Result<Survey, SyncError> {
    let prepared = prepare(forge, worktree, journal, caches, choices)?;
    let input = prepared.input;
    let texts = match prepared.texts {
        Some(texts) => texts,
        // Nothing is to be filed, so that the sync had no need of them.
        None => heard(forge, Texts::load(caches.texts, input.repository.id), input.now)?,
    };
    let (loaded, _) = gather::load(worktree, &choices.config)?;
    let is_synced = |l: &Loaded| prepared.worklogs.iter().any(|synced| synced.path == l.path);
    let is_skipped = |l: &Loaded| prepared.skipped.iter().any(|skipped| skipped.path == l.path);
    let others: Vec<Loaded> = loaded.into_iter().filter(|l| !is_synced(l) && !is_skipped(l)).collect();
    let elsewhere = others.iter().flat_map(|loaded| likeness::occurrences(&input, loaded)).collect();
    Ok(Survey { skipped: prepared.skipped, worklogs: prepared.worklogs, others, input, texts, elsewhere })
}

/// Brings what issues say up to date.
pub(super) fn heard(forge: &mut dyn ForgeRead, mut texts: Texts, now: Timestamp) -> Result<Texts, SyncError> {
    for issue in forge.changed(texts.as_of().map(look::since))?.issues {
        texts.hear(&issue);
    }
    texts.listed(now);
    Ok(texts)
}

impl Survey {
    /// What a plan is made from.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// What all issues say.
    pub fn issues(&self) -> &BTreeMap<u64, IssueText> {
        self.texts.issues()
    }

    /// What worklogs that a sync leaves alone say of issues.
    pub fn elsewhere(&self) -> &[Elsewhere] {
        &self.elsewhere
    }

    /// GitHub's time up to which it holds.
    pub fn as_of(&self) -> Timestamp {
        self.texts.as_of().unwrap_or(self.input.now)
    }

    /// How much entries are compared with.
    pub fn counts(&self) -> Counts {
        compared::counts(&self.input, self.issues(), &self.elsewhere)
    }

    /// Compares these entries.
    pub fn compared(&self, wanted: &BTreeSet<EntryKey>) -> Vec<Compared> {
        compared::compared(&self.input, self.issues(), &self.elsewhere, wanted)
    }
}
