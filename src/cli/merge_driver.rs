//! `gardener merge-driver`: called by git when a worklog was changed on two branches.
//!
//! What it can't do any better, git does: every way out of here that is not a merge by values is
//! the merge of lines that git would have made by itself.

use std::path::{Path, PathBuf};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::Config;
use crate::driver::{Versions, ready};
use crate::repo::Repo;

/// Merge a worklog that was changed on two branches (called by git)
///
/// `gardener init` tells git about it. Values, lists and base lines are merged one by one; what
/// only a person can decide is left between ordinary conflict marks, and the exit code is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The version that both come from (%O)
    base: PathBuf,
    /// Ours, and where the result goes (%A)
    ours: PathBuf,
    /// Theirs (%B)
    theirs: PathBuf,
    /// How long conflict marks are (%L)
    #[arg(default_value = "7")]
    marks: usize,
    /// The file's path in the repository (%P)
    path: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  git config merge.gardener.driver 'gardener merge-driver %O %A %B %L %P'
  echo '*.md merge=gardener' > worklogs/.gitattributes";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, folder: Option<&Path>) -> Result<u8, CliError> {
    // The config itself may be in the middle of this merge.
    let (repo, config) = match Context::open(folder) {
        Ok(context) => (context.repo, context.config),
        Err(CliError::Config { .. }) => (Context::open_without_config(folder)?, Config::default()),
        Err(error) => return Err(error),
    };
    let is_clean = by_values(arguments, &repo, &config)?;
    let is_clean = match is_clean {
        Some(is_clean) => is_clean,
        None => repo.merge_lines(&arguments.base, &arguments.ours, &arguments.theirs, arguments.marks)?,
    };
    Ok(u8::from(!is_clean))
}

/// Merges by values; `None` where these are no worklogs, and nothing is changed.
fn by_values(arguments: &Arguments, repo: &Repo, config: &Config) -> Result<Option<bool>, CliError> {
    let Arguments { base, ours, theirs, marks, .. } = arguments;
    let read = |path: &Path| repo.version(path);
    let (Some(old), Some(mine), Some(yours)) = (read(base)?, read(ours)?, read(theirs)?) else {
        return Ok(None);
    };
    let texts = Versions { base: old.as_str(), ours: mine.as_str(), theirs: yours.as_str() };
    let Some(ready) = ready(&texts, &config.labels.vocabulary) else { return Ok(None) };
    for (path, text) in [(base, &ready.texts.base), (ours, &ready.texts.ours), (theirs, &ready.texts.theirs)]
    {
        repo.write_version(path, text)?;
    }
    let is_clean = repo.merge_lines(base, ours, theirs, *marks)?;
    let merged = repo.version(ours)?.unwrap_or_default();
    if !is_clean || ready.is_kept_by(&merged, &config.labels.vocabulary) {
        return Ok(Some(is_clean));
    }
    // The lines came to something else than the values. Then they are git's alone.
    for (path, text) in [(base, old), (ours, mine), (theirs, yours)] {
        repo.write_version(path, &text)?;
    }
    Ok(None)
}
