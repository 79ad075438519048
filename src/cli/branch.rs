//! `gardener sync --branch`: the commit goes to a branch of its own.
//!
//! The sync itself is the same, run in a work tree beside the user's (`repo::Aside`). What the
//! branch is then good for, a push or a pull request, is the caller's business.

use std::path::Path;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::sync;
use crate::cli::terminal::{HINT, Terminal};
use crate::model::Untrusted;
use crate::repo::{Standing, Worktree as _};
use crate::sync::{Scope, SyncError};

/// Runs `gardener sync --branch`.
pub(super) fn run(
    arguments: &sync::Arguments,
    branch: &str,
    folder: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let context = Context::open(folder)?;
    match context.repo.standing()? {
        Standing::Busy(operation) => return Err(SyncError::Busy(operation).into()),
        Standing::Branch(name) if !context.config.may_write_from(&name) => {
            return Err(SyncError::BranchNotAllowed(name).into());
        }
        Standing::Branch(_) | Standing::Detached => {}
    }
    let config = context.config.clone();
    let scope = Scope::Given(Context::open(folder)?.repo.worktree(&config).changed_here()?);
    let remote = context.find_home()?.remote;
    let lock = context.lock()?;
    let aside = context.repo.aside(branch, remote.as_deref(), &config.worklogs, &context.program()?)?;
    drop(lock);
    let ended = Context::open(Some(aside.path())).and_then(|there| sync::run_on(arguments, there, scope, terminal));
    let code = ended.as_ref().ok().copied();
    let moved = aside.has_moved();
    aside.remove();
    if moved && code.is_some() {
        let (branch, remote) = (Untrusted(branch), remote.as_deref().unwrap_or("origin"));
        terminal.warn(format_args!(
            "{HINT}next{HINT:#}: branch {branch} has it; `git push {} {branch}`",
            Untrusted(remote)
        ));
    }
    ended
}
