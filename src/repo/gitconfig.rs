//! The user's git config as git itself reads it, with every include and variable.

use std::thread::JoinHandle;

use crate::repo::RepoError;
use crate::repo::git::{Git, failed};

/// All values, in the order in which git reads them: the last of a name wins.
#[derive(Clone, Debug, Default)]
pub(super) struct GitConfig(Vec<(String, String)>);

/// A config that is being read.
pub(super) struct Pending(JoinHandle<Result<GitConfig, RepoError>>);

impl Pending {
    /// Waits for it.
    pub(super) fn end(self) -> Result<GitConfig, RepoError> {
        self.0.join().unwrap_or_else(|_| Err(failed("git config", "it could not be read")))
    }
}

impl GitConfig {
    /// Begins to read it, beside whatever else is done.
    pub(super) fn begin(git: Git) -> Pending {
        Pending(std::thread::spawn(move || Self::read(&git)))
    }

    pub(super) fn read(git: &Git) -> Result<Self, RepoError> {
        let listing = git.reading(["config", "--list", "-z"]);
        Ok(Self::parse(&git.run("git config", &listing)?))
    }

    /// Reads `name LF value NUL`; a name without a value is `true`.
    pub(super) fn parse(listing: &[u8]) -> Self {
        let text = String::from_utf8_lossy(listing);
        let items = text.split('\0').filter(|item| !item.is_empty());
        let pairs = items.map(|item| item.split_once('\n').unwrap_or((item, "true")));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The value of `section.name` or `section.Subsection.name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The remotes that have an address, in the order of the config, each with its first
    /// address after `url.*.insteadOf`.
    pub(super) fn remotes(&self) -> Vec<(String, String)> {
        let mut remotes: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.0 {
            let name = name.strip_prefix("remote.").and_then(|n| n.strip_suffix(".url"));
            if let Some(name) = name
                && !remotes.iter().any(|(n, _)| n == name)
            {
                remotes.push((name.to_owned(), self.rewritten(value)));
            }
        }
        remotes
    }

    /// An address after the longest `url.BASE.insteadOf` that fits.
    fn rewritten(&self, address: &str) -> String {
        let rules = self.0.iter().filter_map(|(name, prefix)| {
            let base = name.strip_prefix("url.")?.strip_suffix(".insteadof")?;
            address.strip_prefix(prefix.as_str()).map(|rest| (prefix.len(), base, rest))
        });
        match rules.max_by_key(|(length, _, _)| *length) {
            Some((_, base, rest)) => format!("{base}{rest}"),
            None => address.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_rewritten_as_git_does() {
        let config = GitConfig::parse(
            b"core.bare\0remote.origin.url\ngh:acme/app\0remote.a.b.url\n/x\0remote.origin.url\nsecond\0\
              url.https://github.com/.insteadof\ngh:\0url.ssh://other/.insteadof\ngh:acme/\0",
        );
        let want = [("origin", "ssh://other/app"), ("a.b", "/x")].map(|(n, u)| (n.to_owned(), u.to_owned()));
        assert_eq!(config.remotes(), want);
        assert_eq!(config.get("core.bare"), Some("true"));
        assert_eq!(config.get("core.missing"), None);
    }
}
