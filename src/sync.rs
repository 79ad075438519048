//! The flow of a sync: gather, plan, carry out, write the worklogs, commit, say.
//!
//! Floor 5. It acts only through what it is handed: a forge, a work tree, a journal and a
//! store for the cache, so that a whole sync can run in memory. It prints nothing and
//! reads no environment. [`prepare`] is never handed a writer; [`carry_out`] does exactly
//! what the plan says.

pub mod adopt;
mod after;
mod answers;
mod bases;
mod carry;
mod closer;
mod commit;
mod create;
mod done;
mod gather;
mod likeness;
mod local;
mod look;
mod offline;
mod preferred;
pub mod propose;
pub mod push;
mod pushed;
mod race;
mod report;
mod settle;
mod survey;
mod undo;
mod update;

pub use answers::KeptAnswers;
pub use gather::{Loaded, Skipped, load};
pub use local::{LocalState, LocalWorklog, local_state};
pub use offline::Offline;
pub use pushed::Pushing;
pub use report::{Report, Verdict};
pub use survey::{Survey, survey};
pub use undo::{NothingToUndo, Undoing, note_undone, prepare_undo};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::Config;
use crate::forge::{ForgeError, ForgeRead, ForgeWrite};
use crate::journal::{Cache, Caches, Journal, JournalError, LastSync, Record, Texts};
use crate::merge::Preference;
use crate::model::RepoSlug;
use crate::plan::{Input, Plan, TemplateError};
use crate::redact::Redactor;
use crate::repo::{Operation, RepoError, Standing, Worktree};

/// What the user and the project chose.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The repository on GitHub, as the remote or the config names it.
    pub home: RepoSlug,
    /// The project's config.
    pub config: Config,
    /// The template of a new issue's text.
    pub template: String,
    /// Sides to take in conflicts.
    pub preferences: Vec<WantedSide>,
    /// Commit bodies too.
    pub all: bool,
    /// Make the commit.
    pub commit: bool,
    /// Go on where a brake would stop.
    pub yes: bool,
    /// It is on behalf of a push.
    pub pushing: Option<Pushing>,
    /// Which worklogs are considered.
    pub scope: Scope,
    /// Keeps secrets out of what is sent.
    pub redactor: Arc<Redactor>,
}

/// Which worklogs a sync considers (rule 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those that the branch changed, and on the default branch all of them.
    #[default]
    Branch,
    /// Those that another branch changed, where the commit is not made on it; `None` for all.
    Given(Option<BTreeSet<String>>),
}

/// `--prefer` as it was typed: the entry is named by its id or by its full key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedSide {
    /// The side.
    pub side: crate::merge::Side,
    /// The entry's id or `worklog-id/entry-id`; every entry otherwise.
    pub entry: Option<String>,
    /// The field; every field otherwise.
    pub field: Option<crate::merge::Field>,
    /// The values here and there that somebody saw and decided about; what was shown last otherwise.
    pub seen: Option<(String, String)>,
}

/// Everything read and decided, nothing done.
pub struct Prepared {
    /// What to do.
    pub plan: Plan,
    /// Worklogs that can't be synced, and why.
    pub skipped: Vec<Skipped>,
    /// Worklogs that are as the default branch has them, and so are left to it (rule 4).
    pub left_out: Vec<String>,
    pub(crate) worklogs: Vec<Loaded>,
    pub(crate) input: Input,
    pub(crate) cache: Cache,
    /// What issues say, where that was asked for.
    pub(crate) texts: Option<Texts>,
    /// Where it takes back a sync.
    pub(crate) undoes: Option<undo::Undoes>,
}

/// Why nothing was done at all.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// git is in the middle of something.
    #[error("a {0} is under way, and gardener commits nothing into it")]
    Busy(Operation),
    /// Not on a branch.
    #[error("HEAD is not on a branch, so a commit here would be lost")]
    Detached,
    /// `sync.branches` does not name this branch.
    #[error(
        "`{0}` is not one of the branches in `sync.branches` of gardener.toml, so nothing is sent from it"
    )]
    BranchNotAllowed(String),
    /// `--prefer` names an entry that is not there, or several.
    #[error("--prefer {name}: {why}")]
    Preference {
        /// What was named.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing to take back.
    #[error(transparent)]
    Undo(#[from] NothingToUndo),
    /// GitHub.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// The repository.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The issue template.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Whether a sync may act here at all.
///
/// # Errors
/// In the middle of a merge and the like; off any branch unless no commit is wanted; on a
/// branch that the config leaves out.
pub fn check_standing(worktree: &mut dyn Worktree, choices: &Choices) -> Result<(), SyncError> {
    match worktree.standing()? {
        Standing::Busy(operation) => Err(SyncError::Busy(operation)),
        Standing::Detached if choices.commit => Err(SyncError::Detached),
        Standing::Detached => Ok(()),
        // What the commit is made for was asked before.
        Standing::Branch(_) if matches!(choices.scope, Scope::Given(_)) => Ok(()),
        Standing::Branch(name) if choices.config.may_write_from(&name) => Ok(()),
        Standing::Branch(name) => Err(SyncError::BranchNotAllowed(name)),
    }
}

/// Reads everything and makes the plan.
///
/// # Errors
/// When anything could not be read: then nothing is known, and nothing is done.
pub fn prepare(
    forge: &mut dyn ForgeRead,
    worktree: &mut dyn Worktree,
    journal: &Journal<'_>,
    caches: &mut Caches<'_>,
    choices: &Choices,
) -> Result<Prepared, SyncError> {
    gather::gather(forge, worktree, journal, caches, choices)
}

/// Notes which conflicts somebody sees, with their values, so that a preference is about these.
///
/// # Errors
/// When the journal can't be written.
pub fn note_shown(prepared: &Prepared, journal: &mut Journal<'_>) -> Result<(), SyncError> {
    Ok(journal.append(report::shown_conflicts(&prepared.plan, journal))?)
}

/// Does what the plan says.
///
/// # Errors
/// When it failed before the first write. After that a failure is in the report.
pub fn carry_out(
    mut prepared: Prepared,
    forge: &mut dyn ForgeWrite,
    worktree: &mut dyn Worktree,
    journal: &mut Journal<'_>,
    caches: &mut Caches<'_>,
    choices: &Choices,
) -> Result<Report, SyncError> {
    let mut records = report::shown_conflicts(&prepared.plan, journal);
    if prepared.plan.is_stopped(choices.yes) {
        return Ok(Report::stopped(prepared, forge.requests()));
    }
    let repository = prepared.input.repository.id;
    // A sync that was cut off has its end in the next one.
    let is_cut_off = journal.last_sync(repository) == Some(&LastSync::CutOff);
    let is_kept = prepared.undoes.is_none() && (done::changes_something(&prepared) || is_cut_off);
    records.extend(is_kept.then_some(Record::Syncing { repository }));
    journal.append(records)?;
    let mut carried = carry::Carried::default();
    carry::carry(&prepared, forge, journal, &mut carried)?;
    let settled = settle::settle(&prepared, &mut carried, worktree, journal, choices);
    look::remember(prepared.cache.clone(), &prepared.input, &prepared.plan, &carried, caches.look);
    forge.keep_answers();
    if let Some(mut texts) = prepared.texts.take() {
        // Without them the next sync that files something lists everything again.
        let _ = texts.save(caches.texts);
    }
    if is_kept {
        // Without this note it can't be taken back by a command, and that is said then.
        let done = done::record(&prepared, &carried, &settled);
        let _ = journal.append(vec![Record::Synced { repository, done }]);
    }
    // A journal that could not be shortened is only longer.
    let _ = journal.compact();
    Ok(Report::done(prepared, carried, settled, forge.requests()))
}

impl WantedSide {
    /// Turns what was typed into a preference for the one entry it names.
    pub(crate) fn resolve(&self, keys: &[crate::model::EntryKey]) -> Result<Preference, SyncError> {
        let Some(name) = &self.entry else {
            return Ok(Preference { side: self.side, key: None, field: self.field, seen: self.seen.clone() });
        };
        let error = |why: String| SyncError::Preference { name: name.clone(), why };
        let fits = |k: &&crate::model::EntryKey| k.entry.as_str() == name || k.to_string() == *name;
        let found: Vec<_> = keys.iter().filter(fits).collect();
        match found.as_slice() {
            [] => Err(error("no worklog that this branch changed has an entry of this name".to_owned())),
            [key] => {
                let (key, seen) = (Some((*key).clone()), self.seen.clone());
                Ok(Preference { side: self.side, key, field: self.field, seen })
            }
            several => {
                let all: Vec<_> = several.iter().map(ToString::to_string).collect();
                Err(error(format!("several entries have this name, write one of {}", all.join(", "))))
            }
        }
    }
}
