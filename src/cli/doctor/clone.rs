//! The clone: what kind it is, where its HEAD is, who commits, whose issues these are.

use crate::cli::context::Context;
use crate::cli::doctor::Check;
use crate::cli::error::CliError;
use crate::model::Untrusted;
use crate::repo::{Home, Kind, Operation, RepoError, Standing as Head};
use crate::sync::SyncError;

/// Why there is no repository to look at.
pub(super) fn unopened(error: &CliError) -> Check {
    let CliError::Sync(SyncError::Repo(error)) = error else { return Check::of_error("repository", error) };
    let fix = match error {
        RepoError::NotARepository(_) => {
            "cd into a clone, name one with `-C FOLDER`, or `git init`".to_owned()
        }
        RepoError::Bare => "git worktree add ../with-a-work-tree".to_owned(),
        RepoError::NotTrusted => "git config --global --add safe.directory \"$(pwd)\"".to_owned(),
        RepoError::Unsupported(_) => {
            "clone it anew in git's usual format: `git init --object-format=sha1 --ref-format=files`"
                .to_owned()
        }
        _ => "mend that, then run it again".to_owned(),
    };
    Check::fault("repository", error.to_string(), fix)
}

/// Everything of the clone but its remotes.
pub(super) fn checks(context: &Context) -> Vec<Check> {
    let mut checks = Vec::new();
    match context.repo.kind(&context.config.worklogs) {
        Ok(kind) => kinds(&kind, context, &mut checks),
        Err(error) => checks.push(Check::of_error("repository", &error.into())),
    }
    checks.push(head(context));
    checks.push(match context.repo.identity() {
        Ok(identity) => Check::ok("identity", format!("commits are by {}", Untrusted(&identity))),
        Err(_) => Check::fault(
            "identity",
            "git does not know who commits",
            "git config user.name \"Your Name\" && git config user.email you@example.org",
        ),
    });
    checks.extend(index(context));
    checks
}

fn kinds(kind: &Kind, context: &Context, checks: &mut Vec<Check>) {
    let top = context.repo.top().display().to_string();
    let what = match (kind.is_linked, kind.is_submodule) {
        (true, _) => ", a linked work tree",
        (_, true) => ", a submodule: its worklogs and issues are its own",
        _ => "",
    };
    checks.push(Check::ok("repository", format!("{}{what}", Untrusted(&top))));
    if kind.is_shallow {
        let found = "a shallow clone: off the default branch, worklogs are compared with its tip";
        checks.push(Check::note("history", found, "git fetch --unshallow"));
    }
    let folder = &context.config.worklogs;
    if kind.left_out > 0 {
        let found = format!("the sparse checkout leaves out {} files of {folder}", kind.left_out);
        checks.push(Check::fault("checkout", found, format!("git sparse-checkout add {folder}")));
    } else if kind.is_sparse {
        checks.push(Check::ok("checkout", "sparse, with all worklogs"));
    }
}

/// A sync commits on a branch, and not in the middle of something.
fn head(context: &Context) -> Check {
    match context.repo.standing() {
        Ok(Head::Branch(branch)) if !context.config.may_write_from(&branch) => Check::note(
            "head",
            format!("on {}, which `sync.branches` in gardener.toml does not allow", Untrusted(&branch)),
            "switch to a branch that it allows, or add this one there",
        ),
        Ok(Head::Branch(branch)) => Check::ok("head", format!("on the branch {}", Untrusted(&branch))),
        Ok(Head::Detached) => {
            let found = "on no branch: a sync would have nowhere to commit";
            Check::note("head", found, "git switch -c a-branch")
        }
        Ok(Head::Busy(operation)) => {
            let fix = match operation {
                Operation::Merge => "git merge --abort",
                Operation::Rebase => "git rebase --abort",
                Operation::CherryPick => "git cherry-pick --abort",
                Operation::Revert => "git revert --abort",
                Operation::Bisect => "git bisect reset",
                Operation::ApplyMailbox => "git am --abort",
            };
            let found = format!("in the middle of a {operation}: finish it, or take it back");
            Check::fault("head", found, fix)
        }
        Err(error) => Check::of_error("head", &error.into()),
    }
}

/// How long a git may hold the index before it is taken for dead.
const PATIENCE: i64 = 60;

fn index(context: &Context) -> Option<Check> {
    let path = context.repo.index_lock();
    let since = crate::effect::changed_at(&path)?;
    let now = crate::cli::context::now().map_or(i64::MAX, crate::model::Timestamp::as_second);
    let shown = path.display();
    let found = format!("{} is there, {}", Untrusted(&shown.to_string()), super::ago(since));
    Some(if now.saturating_sub(since) > PATIENCE {
        Check::fault("index", format!("{found}: a git that died left it"), format!("rm '{shown}'"))
    } else {
        Check::note("index", format!("{found}: a git is at work"), "wait for it to end")
    })
}

/// Why nobody knows which repository on GitHub this is.
pub(super) fn no_home(error: &RepoError) -> Check {
    let fix = match error {
        RepoError::NoHome(_) => "git remote add origin https://github.com/OWNER/NAME.git",
        _ => "mend that, then run it again",
    };
    Check::fault("remote", error.to_string(), fix)
}

/// Whose issues these are.
pub(super) fn home(home: &Home) -> Check {
    let host = Untrusted(&home.host);
    let by = match &home.remote {
        Some(remote) => format!(", by the remote {}", Untrusted(remote)),
        None => ", by gardener.toml".to_owned(),
    };
    let found = format!("issues are those of {} on {host}{by}", home.slug);
    match &home.note {
        None => Check::ok("remote", found),
        Some(note) => Check::note(
            "remote",
            format!("{found}: {}", Untrusted(note)),
            "to keep them in your fork, set `repository` in gardener.toml to it",
        ),
    }
}

/// Off the default branch only what the branch changed is synced.
pub(super) fn default_branch(context: &Context, home: &Home) -> Check {
    let configured = context.config.sync.default_branch.as_deref();
    match context.repo.default_branch(configured, home.remote.as_deref()) {
        Ok(Some(branch)) => Check::ok("branch", format!("{} is the default", Untrusted(&branch))),
        Ok(None) => {
            let remote = home.remote.as_deref().unwrap_or("origin");
            let found = "no default branch is known; all worklogs are synced from any";
            Check::note("branch", found, format!("git remote set-head {} --auto", Untrusted(remote)))
        }
        Err(error) => Check::of_error("branch", &error.into()),
    }
}
