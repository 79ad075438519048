//! The neutral record of an issue, and how an issue is named.

use std::fmt;

use crate::model::{Labels, Links, Severity, Status};

/// What gardener keeps equal on both sides. Base, local and remote all become this.
///
/// `None` in a field is "nothing is known": no opinion on the local side, never agreed in
/// a base, and unreadable on GitHub. It is never the same as "empty" (promise P4:
/// unknown is not absent).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// Open, marked or closed.
    pub status: Option<Status>,
    /// `Some(None)` is "known to have no severity".
    pub severity: Option<Option<Severity>>,
    /// Labels that stand for themselves: none that carries a status or a severity.
    pub labels: Option<Labels>,
    /// Links that go both ways: issues and addresses, no paths.
    pub links: Option<Links>,
}

/// A repository's name, `owner/name`. Compared without case, as GitHub does.
#[derive(Clone, Debug)]
pub struct RepoSlug {
    owner: String,
    name: String,
}

/// A text that is not `owner/name` with the characters GitHub allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a repository like owner/name")]
pub struct SlugError(String);

impl RepoSlug {
    /// Reads `owner/name`. Only letters, digits, `.`, `_` and `-` are let through, and
    /// neither part may be `.` or `..`, so that a name can never change the path of a
    /// request.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let error = || SlugError(text.chars().take(100).collect());
        let (owner, name) = text.split_once('/').ok_or_else(error)?;
        let part = |p: &str| {
            let plain = p.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            (1..=100).contains(&p.len()) && plain && p != "." && p != ".."
        };
        if part(owner) && part(name) {
            Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
        } else {
            Err(error())
        }
    }

    /// The account or organisation.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn folded(&self) -> (String, String) {
        (self.owner.to_ascii_lowercase(), self.name.to_ascii_lowercase())
    }
}

impl PartialEq for RepoSlug {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for RepoSlug {}

impl PartialOrd for RepoSlug {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RepoSlug {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl fmt::Display for RepoSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// An issue or pull request by number. `repo` is `None` for the worklog's own repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IssueRef {
    /// The repository, when it was named.
    pub repo: Option<RepoSlug>,
    /// The number, at least 1.
    pub number: u64,
}

impl IssueRef {
    /// An issue of the worklog's own repository.
    pub fn here(number: u64) -> Self {
        Self { repo: None, number }
    }

    /// Reads `1021`, `#1021` or `owner/repo#1021`.
    pub fn parse(text: &str) -> Option<Self> {
        let (repo, digits) = match text.split_once('#') {
            None => (None, text),
            Some(("", digits)) => (None, digits),
            Some((repo, digits)) => (Some(RepoSlug::parse(repo).ok()?), digits),
        };
        let plain = !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|n| plain && *n > 0)?;
        Some(Self { repo, number })
    }

    /// Names the repository: `home` where none was named.
    #[must_use]
    pub fn in_full(&self, home: &RepoSlug) -> Self {
        let repo = self.repo.clone().unwrap_or_else(|| home.clone());
        Self { repo: Some(repo), number: self.number }
    }

    /// Leaves the repository out where it is `home`.
    #[must_use]
    pub fn in_short(&self, home: &RepoSlug) -> Self {
        let repo = self.repo.clone().filter(|r| r != home);
        Self { repo, number: self.number }
    }
}

impl fmt::Display for IssueRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repo {
            Some(repo) => write!(f, "{repo}#{}", self.number),
            None => write!(f, "#{}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_references_are_read_and_hostile_ones_are_not() {
        let parsed = |t: &str| IssueRef::parse(t).map(|r| r.to_string());
        assert_eq!(parsed("1021").as_deref(), Some("#1021"));
        assert_eq!(parsed("#7").as_deref(), Some("#7"));
        assert_eq!(parsed("acme/app#7").as_deref(), Some("acme/app#7"));
        for bad in ["", "#", "#0", "0", "-1", "acme#7", "a/b/c#7", "../x#7", "#1a", "1e3", "99999999999999"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_slug_cannot_change_a_path() {
        for bad in ["a", "a/", "/b", "../b", "a/..", "a/b/c", "a b/c", "a/b?x", "a/b%2f"] {
            assert!(RepoSlug::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(RepoSlug::parse("Acme/App"), RepoSlug::parse("acme/app"));
    }
}
