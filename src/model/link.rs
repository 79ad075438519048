//! Links from an entry to issues, addresses and paths.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::{IssueRef, RepoSlug, is_hidden};

/// What a link says about its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// Nothing more than "see also".
    Related,
    /// This entry waits for the target.
    BlockedBy,
    /// The target waits for this entry.
    Blocks,
    /// The target is the larger piece of work.
    Parent,
    /// This entry repeats the target.
    DuplicateOf,
}

/// Where a link points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkTarget {
    /// An issue or pull request.
    Issue(IssueRef),
    /// An `https://` or `http://` address, as written.
    Url(String),
    /// A path in the repository, as written. Goes one way, into the managed block.
    Path(String),
}

/// One link of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What it says.
    pub kind: LinkKind,
    /// Where it points.
    pub target: LinkTarget,
}

/// A set of links in a fixed order.
pub type Links = BTreeSet<Link>;

/// A text that is not a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Empty, over 500 characters, or with a control character or blank at an end.
    #[error("a link is one line: #12, owner/repo#12, an https:// address, or a path")]
    Shape,
    /// A path that leaves the repository.
    #[error("a path in a link stays inside the repository")]
    Outside,
}

impl LinkKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Related, Self::BlockedBy, Self::Blocks, Self::Parent, Self::DuplicateOf];

    /// The key in a worklog; `related` is written without a key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Related => "related",
            Self::BlockedBy => "blocked-by",
            Self::Blocks => "blocks",
            Self::Parent => "parent",
            Self::DuplicateOf => "duplicate-of",
        }
    }

    /// The kind that `word` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }
}

impl LinkTarget {
    /// Reads a target as it stands in a worklog: `#12`, `owner/repo#12`, an address, and
    /// anything else is a path.
    ///
    /// # Errors
    /// When the text cannot be a link at all.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let odd = text.trim() != text || text.is_empty() || text.chars().count() > 500;
        if odd || text.chars().any(char::is_control) {
            return Err(LinkError::Shape);
        }
        if text.contains('#')
            && let Some(issue) = IssueRef::parse(text)
        {
            return Ok(Self::Issue(issue));
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            let blank = text.contains(|c: char| c.is_whitespace() || is_hidden(c) || "<>\"".contains(c));
            return if blank { Err(LinkError::Shape) } else { Ok(Self::Url(text.to_owned())) };
        }
        let outside = text.starts_with('/') || text.contains('\\') || text.split('/').any(|p| p == "..");
        if outside { Err(LinkError::Outside) } else { Ok(Self::Path(text.to_owned())) }
    }
}

impl Link {
    /// A plain link.
    pub fn related(target: LinkTarget) -> Self {
        Self { kind: LinkKind::Related, target }
    }

    /// Whether it is kept equal on both sides; paths only go into the managed block.
    pub fn goes_both_ways(&self) -> bool {
        !matches!(self.target, LinkTarget::Path(_))
    }

    /// The same link with its issue's repository left out where it is `home`, so that
    /// `#7` and `home#7` are one link.
    #[must_use]
    pub fn in_short(&self, home: &RepoSlug) -> Self {
        let target = match &self.target {
            LinkTarget::Issue(issue) => LinkTarget::Issue(issue.in_short(home)),
            other => other.clone(),
        };
        Self { kind: self.kind, target }
    }

    /// Reads the form that `Display` prints: `#12` or `blocked-by #12`.
    ///
    /// # Errors
    /// When the target is not one.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if let Some((word, target)) = text.split_once(' ')
            && let Some(kind) = LinkKind::from_word(word)
        {
            return Ok(Self { kind, target: LinkTarget::parse(target)? });
        }
        LinkTarget::parse(text).map(Self::related)
    }
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue(issue) => issue.fmt(f),
            Self::Url(text) | Self::Path(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            LinkKind::Related => self.target.fmt(f),
            kind => write!(f, "{} {}", kind.word(), self.target),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_apart() {
        let kind = |t: &str| match LinkTarget::parse(t) {
            Ok(LinkTarget::Issue(_)) => "issue",
            Ok(LinkTarget::Url(_)) => "url",
            Ok(LinkTarget::Path(_)) => "path",
            Err(_) => "error",
        };
        for (text, want) in [
            ("#12", "issue"),
            ("acme/app#12", "issue"),
            ("https://example.org/a#b", "url"),
            ("docs/events.md", "path"),
            ("docs/a b.md#top", "path"),
            ("../secret", "error"),
            ("/etc/passwd", "error"),
            ("", "error"),
            ("a\nb", "error"),
            ("https://a b", "error"),
            ("https://a.b/\u{202e}", "error"),
        ] {
            assert_eq!(kind(text), want, "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        for text in ["#12", "blocked-by acme/app#3", "parent https://example.org/x", "docs/a b.md"] {
            let link = Link::parse(text).expect("valid");
            assert_eq!(link.to_string(), text);
        }
    }
}
