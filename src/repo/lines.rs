//! Merging lines, by `git merge-file`, and the driver that git is told to use for worklogs.

use std::path::Path;

use crate::effect::ReadError;
use crate::repo::open::disk_error;
use crate::repo::{Repo, RepoError};

/// The attribute file that names the driver, in the folder of the worklogs.
pub const ATTRIBUTES: &str = "*.md merge=gardener\n";

impl Repo {
    /// Merges the lines of three files into the second, as git does, with conflict marks of this
    /// size. Returns whether all could be merged.
    ///
    /// # Errors
    /// When git can't.
    pub fn merge_lines(
        &self,
        base: &Path,
        ours: &Path,
        theirs: &Path,
        marks: usize,
    ) -> Result<bool, RepoError> {
        let (name, size) = ("git merge-file", format!("--marker-size={marks}"));
        let call = self.git.writing(["merge-file", "-q", &size, "-L", "ours", "-L", "base", "-L", "theirs"]);
        let outcome = self.git.ask(name, &call.args([ours, base, theirs]))?;
        match outcome.code {
            Some(0) => Ok(true),
            // So many conflicts; the rest are errors.
            Some(1..=127) => Ok(false),
            _ => Err(super::git::refused(name, &outcome)),
        }
    }

    /// Reads a version that git has put into a file for the merge; `None` for what is no text of
    /// at most one megabyte.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn version(&self, path: &Path) -> Result<Option<String>, RepoError> {
        match self.disk.read(&self.top().join(path), Self::CAP) {
            Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
            Err(ReadError::TooLarge(_)) => Ok(None),
            Err(error) => Err(disk_error(&path.to_string_lossy(), &error)),
        }
    }

    /// Writes a version back into git's file.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn write_version(&self, path: &Path, text: &str) -> Result<(), RepoError> {
        let written = self.disk.replace(&self.top().join(path), text.as_bytes());
        written.map_err(|error| disk_error(&path.to_string_lossy(), &error))
    }

    /// Whether git in this clone knows gardener's merge driver.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn has_driver(&self) -> Result<bool, RepoError> {
        Ok(self.config()?.get("merge.gardener.driver").is_some())
    }

    /// Tells git in this clone about the merge driver.
    ///
    /// # Errors
    /// When git can't write its config.
    pub fn register_driver(&self, program: &Path) -> Result<(), RepoError> {
        let driver = driver(program);
        for (key, value) in
            [("merge.gardener.name", "gardener's merge of worklogs"), ("merge.gardener.driver", &driver)]
        {
            let call = self.git.writing(["config", "--local", key, value]).brief();
            self.git.run("git config", &call)?;
        }
        Ok(())
    }
}

/// What git runs as the driver. Where gardener is not to be found lines are merged as without it.
pub(super) fn driver(program: &Path) -> String {
    let installed = program.to_string_lossy().replace('\'', "'\\''");
    format!(
        "p=gardener; command -v gardener >/dev/null 2>&1 || p='{installed}'; \
         if command -v \"$p\" >/dev/null 2>&1; then \"$p\" merge-driver %O %A %B %L %P; \
         else git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B; fi"
    )
}
