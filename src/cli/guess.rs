//! Which entries somebody may mean by a name that none has: the number of an issue, the beginning of an id, a
//! title.
//!
//! A command that only shows takes a guess that is the only one, and says so; one that writes asks for the
//! name. An issue's number with one entry is no guess.

use crate::cli::list::same_issue;
use crate::model::{IssueRef, RepoSlug};

/// An entry as it can be named.
pub(super) struct Named<'n> {
    /// `WORKLOG-ID/ID`
    pub(super) key: String,
    pub(super) id: &'n str,
    pub(super) title: &'n str,
    pub(super) issue: Option<&'n IssueRef>,
}

/// Fewer letters begin too much.
const FEWEST: usize = 3;

/// The keys of those that the name may mean, by the surest way in which it means any, each once.
pub(super) fn guesses(name: &str, home: Option<&RepoSlug>, all: &[Named<'_>]) -> Vec<String> {
    let lower = name.trim().to_lowercase();
    let issue = name.contains('#').then(|| IssueRef::parse(name)).flatten();
    let is_long = lower.chars().count() >= FEWEST;
    let ways: [&dyn Fn(&Named<'_>) -> bool; 4] = [
        &|n| issue.as_ref().is_some_and(|issue| n.issue.is_some_and(|other| same_issue(other, issue, home))),
        &|n| is_long && (n.id.to_lowercase().starts_with(&lower) || n.key.to_lowercase().starts_with(&lower)),
        &|n| n.title.to_lowercase() == lower,
        &|n| is_long && n.title.to_lowercase().starts_with(&lower),
    ];
    let found = ways.iter().map(|way| all.iter().filter(|n| way(n)).map(|n| n.key.clone()).collect());
    let mut keys: Vec<String> =
        found.into_iter().find(|keys: &Vec<String>| !keys.is_empty()).unwrap_or_default();
    keys.sort();
    keys.dedup();
    keys
}

/// `did you mean w/e or w/f?`, at most five of them.
pub(super) fn question(keys: &[String]) -> String {
    let shown: Vec<_> = keys.iter().take(5).map(String::as_str).collect();
    format!("did you mean {}?", shown.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_way_is_the_only_one() {
        let issue = IssueRef::here(12);
        let named = |key: &'static str, title: &'static str, issue| Named {
            key: key.to_owned(),
            id: key.split('/').nth(1).expect("an id"),
            title,
            issue,
        };
        let all = [
            named("w/docker-build", "The image does not build", Some(&issue)),
            named("w/docker-push", "docker-build again", None),
            named("v/image", "Broken", Some(&issue)),
        ];
        let found = |name: &str| guesses(name, None, &all).join(" ");
        assert_eq!(found("#12"), "v/image w/docker-build");
        assert_eq!(found("docker-b"), "w/docker-build");
        assert_eq!(found("Docker-"), "w/docker-build w/docker-push");
        assert_eq!(found("v/im"), "v/image");
        assert_eq!(found("broken"), "v/image");
        assert_eq!(found("The image"), "w/docker-build");
        for name in ["im", "", "/", "#13", "12"] {
            assert_eq!(found(name), "", "{name}");
        }
        assert_eq!(question(&["a/b".to_owned(), "c/d".to_owned()]), "did you mean a/b or c/d?");
    }
}
