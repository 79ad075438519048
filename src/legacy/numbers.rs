//! Numbers of GitHub's issues in a text, and numbers that only look like them.
//!
//! `Issue #1` mostly means the first entry of the same file, `owner/other#12` is in another
//! repository, `PR #3` is a pull request, and what stands in a log or in code is what a machine said.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::legacy::label::{self, Label};
use crate::legacy::outline::Outline;
use crate::model::RepoSlug;

/// A number that is one of an issue of the file's own repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) at: usize,
    pub(super) number: u64,
}

/// All of a text.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// Issues of the file's own repository, in order.
    pub(super) own: Vec<Mention>,
    /// Issues of other repositories, as written.
    pub(super) foreign: Vec<(usize, String)>,
    /// The highest number that an entry of this file has.
    pub(super) ceiling: u64,
}

/// Words before a number that make it something else.
const OTHERS: [&str; 24] = [
    "pr", "prs", "request", "requests", "pull", "mr", "commit", "commits", "build", "run", "job", "line",
    "lines", "attempt", "step", "phase", "round", "test", "tests", "cluster", "clusters", "category", "item",
    "entry",
];

/// A number as it is written, before it is known whose it is.
struct Written {
    at: usize,
    number: u64,
    repo: Option<RepoSlug>,
    is_address: bool,
}

impl Numbers {
    /// Finds them. `home` is the repository that the file is in, where that is known.
    pub(super) fn read(outline: &Outline<'_>, home: Option<&RepoSlug>) -> Self {
        let ceiling = ceiling(outline);
        let written = written(outline);
        let in_link = |at: usize| outline.link_at(at).is_some();
        let bare = |w: &&Written| w.repo.is_none() && !in_link(w.at) && w.number > ceiling;
        let bare: BTreeSet<u64> = written.iter().filter(bare).map(|w| w.number).collect();
        let own = own_repository(&written, &bare, home);
        let mut numbers = Self { ceiling, ..Self::default() };
        for number in written {
            let is_own = match &number.repo {
                None => true,
                Some(repo) => home == Some(repo) || (number.is_address && own.as_ref() == Some(repo)),
            };
            if !is_own {
                let repo = number.repo.map_or_else(String::new, |repo| repo.to_string());
                numbers.foreign.push((number.at, format!("{repo}#{}", number.number)));
            } else if number.number > ceiling || number.is_address {
                numbers.own.push(Mention { at: number.at, number: number.number });
            }
        }
        numbers
    }

    /// Those in a range.
    pub(super) fn within(&self, range: &Range<usize>) -> impl Iterator<Item = Mention> + use<'_> {
        let from = self.own.partition_point(|mention| mention.at < range.start);
        let end = range.end;
        self.own[from..].iter().take_while(move |mention| mention.at < end).copied()
    }

    /// Whether the ordinal of a label is the number of an issue.
    pub(super) fn is_issue(&self, label: &Label) -> bool {
        label.is_hashed && label.number().is_some_and(|number| number > self.ceiling.max(20))
    }
}

/// The highest ordinal that headings, bold lines or items count up to from 1.
fn ceiling(outline: &Outline<'_>) -> u64 {
    let mut counted: BTreeMap<Option<String>, BTreeSet<u64>> = BTreeMap::new();
    let mut count = |label: Option<Label>| {
        if let Some(label) = label.filter(|label| !label.is_of_time())
            && let Some(number) = label.number()
        {
            counted.entry(label.word).or_default().insert(number);
        }
    };
    for heading in &outline.headings {
        count(label::parse(&heading.plain).label);
    }
    let items = outline.items.iter().map(|item| &item.plain);
    for plain in outline.leads.iter().map(|lead| &lead.plain).chain(items) {
        count(label::parse(plain).label.filter(|label| label.word.is_some()));
    }
    let highest = |numbers: &BTreeSet<u64>| (1..).take_while(|n| numbers.contains(n)).last().unwrap_or(0);
    counted.values().map(highest).max().unwrap_or(0)
}

/// The repository that the file's addresses are in: home; or the one of which the file also writes
/// numbers without naming it, since a repository may have been renamed; or, where no home is known, the
/// one that most addresses are in.
fn own_repository(written: &[Written], bare: &BTreeSet<u64>, home: Option<&RepoSlug>) -> Option<RepoSlug> {
    let mut seen: BTreeMap<&RepoSlug, (usize, bool)> = BTreeMap::new();
    for number in written.iter().filter(|w| w.is_address) {
        if let Some(repo) = &number.repo {
            let (count, known) = seen.entry(repo).or_default();
            *count += 1;
            *known |= bare.contains(&number.number);
        }
    }
    if let Some(home) = home.filter(|home| seen.contains_key(home)) {
        return Some(home.clone());
    }
    let known = seen.iter().filter(|(_, (_, known))| *known).max_by_key(|(_, (count, _))| *count);
    let most = || seen.iter().max_by_key(|(_, (count, _))| *count).filter(|_| home.is_none());
    known.or_else(most).map(|(repo, _)| (*repo).clone())
}

fn written(outline: &Outline<'_>) -> Vec<Written> {
    let mut written = Vec::new();
    for (span, address) in &outline.links {
        if let Some((repo, number)) = addressed(address) {
            written.push(Written { at: span.start, number, repo: Some(repo), is_address: true });
        }
    }
    for span in &outline.prose {
        let text = &outline.text[span.clone()];
        for (at, _) in text.match_indices("github.com/") {
            if let Some((repo, number)) = addressed(&text[at..]) {
                written.push(Written { at: span.start + at, number, repo: Some(repo), is_address: true });
            }
        }
        for (at, _) in text.match_indices('#') {
            // The words of a link to an issue say what its address says.
            let place = span.start + at;
            let linked = outline.link_at(place).is_some_and(|to| addressed(to).is_some());
            if !linked && let Some((repo, number)) = hashed(outline.text, place) {
                written.push(Written { at: place, number, repo, is_address: false });
            }
        }
    }
    written.sort_by_key(|w| w.at);
    written
}

/// The issue that an address on GitHub names.
fn addressed(address: &str) -> Option<(RepoSlug, u64)> {
    let rest = address.split_once("github.com/")?.1;
    let mut parts = rest.split('/');
    let repo = RepoSlug::parse(&format!("{}/{}", parts.next()?, parts.next()?)).ok()?;
    if parts.next()? != "issues" {
        return None;
    }
    let digits: String = parts.next()?.chars().take_while(char::is_ascii_digit).collect();
    Some((repo, digits.parse().ok().filter(|n| *n > 0)?))
}

/// The number after a `#`, with the repository before it.
fn hashed(text: &str, at: usize) -> Option<(Option<RepoSlug>, u64)> {
    let after = &text[at + 1..];
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let next = after[digits.len()..].chars().next();
    if digits.is_empty() || digits.len() > 7 || next.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let number = digits.parse().ok().filter(|n| *n > 0)?;
    let before = &text[..at];
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    let name = &before[before.trim_end_matches(is_name).len()..];
    if !name.is_empty() {
        // `1/#2` or a word that runs into it says nothing that can be known.
        return RepoSlug::parse(name).ok().map(|repo| (Some(repo), number));
    }
    if before.ends_with(['#', '&', '?', '=', '$', '\\', ':']) && !before.ends_with(": ") {
        return None;
    }
    let word = before.trim_end_matches([' ', '(', '[']);
    let word = &word[word.trim_end_matches(|c: char| c.is_alphabetic()).len()..];
    (!OTHERS.contains(&word.to_lowercase().as_str())).then_some((None, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str, home: Option<&str>) -> Vec<u64> {
        let home = home.map(|home| RepoSlug::parse(home).expect("a repository"));
        let numbers = Numbers::read(&Outline::read(text), home.as_ref());
        numbers.own.iter().map(|mention| mention.number).collect()
    }

    #[test]
    fn what_is_an_issue_here_and_what_is_not() {
        for (text, want) in [
            ("Issue #1021 and (#7), #8.", &[1021, 7, 8][..]),
            ("PR #5, pull request #6, commit #7, build #8", &[]),
            ("`#5` and\n\n```\nIssue #6\n```\n\n    Issue #7\n", &[]),
            ("acme/other#5 and acme/app#6", &[6]),
            ("#5a #0 ##6 &#7; x#8 #12345678", &[]),
            ("https://github.com/acme/app/issues/9 https://github.com/acme/app/pull/10", &[9]),
            ("[#11](https://github.com/acme/other/issues/11)", &[]),
            ("[#11](https://github.com/acme/app/issues/11)", &[11]),
            ("## Issue #1: A\n## Issue #2: B\nBlocked by Issue #1, tracked in #31", &[31]),
            ("## 1. A\n## 2. B\nsee #2 and #3", &[3]),
            ("## Issue #31: A\nsee #31", &[31, 31]),
        ] {
            assert_eq!(own(text, Some("acme/app")), want, "{text}");
        }
    }

    #[test]
    fn the_files_own_repository_is_known_by_its_numbers() {
        let address = |repo: &str, n: u64| format!("[#{n}](https://github.com/{repo}/issues/{n})");
        let here = address("acme/old", 31);
        assert_eq!(own(&here, None), [31], "most addresses");
        assert_eq!(own(&here, Some("acme/new")), [0; 0]);
        assert_eq!(own(&format!("{here}, so #31 stays"), Some("acme/new")), [31, 31], "renamed");
        assert_eq!(own(&format!("{here} {}", address("acme/new", 5)), Some("acme/new")), [5]);
    }
}
