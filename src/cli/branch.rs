//! `gardener sync --branch`: the commit goes to a branch of its own, and with `--pull-request`
//! the branch to GitHub.
//!
//! The sync itself is the same, run in a work tree beside the user's (`repo::Aside`).

use std::path::Path;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::sync;
use crate::cli::terminal::{HINT, Terminal};
use crate::forge::{GitHubWriter, Offer, Offered};
use crate::model::Untrusted;
use crate::repo::{Home, Standing, Worktree as _};
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
    let home = context.find_home()?;
    let base = if arguments.pull_request { Some(base(&context, &home)?) } else { None };
    let remote = remote(&home, arguments.pull_request)?;
    let lock = context.lock()?;
    if let (Some(_), Some(remote)) = (&base, remote) {
        context.repo.fetch_branch(remote, branch)?;
    }
    let aside = context.repo.aside(branch, remote, &config.worklogs, &context.program()?)?;
    drop(lock);
    let ended =
        Context::open(Some(aside.path())).and_then(|there| sync::run_on(arguments, there, scope, terminal));
    let moved = aside.has_moved();
    aside.remove();
    let code = ended?;
    let remote = remote.unwrap_or("origin");
    match base {
        Some(base) => {
            if let Err(error) = offer(&context, &home, remote, branch, base, arguments.json, terminal) {
                // The sync is done, and the branch is there: the next run offers it.
                error.show(terminal);
                return Ok(code.max(3));
            }
        }
        None if moved => {
            let (branch, remote) = (Untrusted(branch), Untrusted(remote));
            terminal.warn(format_args!(
                "{HINT}next{HINT:#}: branch {branch} has it; `git push {remote} {branch}`"
            ));
        }
        None => {}
    }
    Ok(code)
}

/// The remote that is the repository on GitHub.
fn remote(home: &Home, is_needed: bool) -> Result<Option<&str>, CliError> {
    match &home.remote {
        None if is_needed => Err(CliError::Refused {
            message: format!("no remote of this clone is {}, so nothing can be pushed there", home.slug),
            next: "add one with `git remote add`".to_owned(),
        }),
        remote => Ok(remote.as_deref()),
    }
}

/// The branch that a pull request is for: the one that is checked out, else the default branch.
fn base(context: &Context, home: &Home) -> Result<String, CliError> {
    if let Standing::Branch(name) = context.repo.standing()? {
        return Ok(name);
    }
    let configured = context.config.sync.default_branch.as_deref();
    let default = context.repo.default_branch(configured, home.remote.as_deref())?;
    default.ok_or_else(|| CliError::Refused {
        message: "HEAD is on no branch, and no default branch is known".to_owned(),
        next: "set `sync.default-branch` in gardener.toml".to_owned(),
    })
}

/// Pushes the branch if it has something, and offers it.
fn offer(
    context: &Context,
    home: &Home,
    remote: &str,
    branch: &str,
    base: String,
    json: bool,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    let id = |name: &str| context.repo.commit_id(name);
    let here = id(&format!("refs/heads/{branch}")).or_else(|| id(&format!("refs/remotes/{remote}/{branch}")));
    let head = id("HEAD").unwrap_or_default();
    let Some(here) = here.filter(|tip| context.repo.is_ancestor(tip, &head) != Some(true)) else {
        // All of it is in what it is for.
        return Ok(());
    };
    if id(&format!("refs/remotes/{remote}/{branch}")).as_deref() != Some(&*here) {
        context.repo.push_branch(remote, branch)?;
    }
    let mut github = GitHubWriter::new(context.github(home, terminal)?);
    let offer = Offer {
        head: branch.to_owned(),
        base,
        title: "gardener: sync worklogs with issues".to_owned(),
        body: "What `gardener sync` wrote into the worklogs: values that were taken over from issues, and \
               the numbers of issues that it filed. Merging it changes nothing on GitHub.\n"
            .to_owned(),
    };
    let said = match github.offer(&offer).map_err(|failed| SyncError::Forge(failed.error))? {
        Offered::New(number) => format!("pull request #{number} opened"),
        Offered::Known(number) => format!("pull request #{number} has it"),
    };
    if json {
        terminal.warn(said);
        return Ok(());
    }
    terminal.say(said)
}
