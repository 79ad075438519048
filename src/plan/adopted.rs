//! An issue that somebody wants in a worklog, as the entry that says the same, and the base on which both
//! sides agree then. So the first sync finds nothing to do, and nothing is said on the issue.

use crate::config::Config;
use crate::merge::{Reading, read_remote};
use crate::model::{
    Base, Entry, EntryId, Issue, IssueRef, Label, Labels, RemoteIssue, RepoSlug, Severity, Status,
};

/// The entry of an issue, and its line in the base block.
///
/// `of_all` are the labels that the worklog has for all its entries: they are not said again, and are
/// agreed on only where the issue has them. A value that GitHub does not say clearly (two severity
/// labels, a state of a later day) is left out of both.
pub fn adopted(
    issue: &RemoteIssue,
    id: EntryId,
    title: String,
    home: &RepoSlug,
    config: &Config,
    of_all: &[Label],
) -> (Entry, Base) {
    let said = read_remote(issue, &config.labels.vocabulary, &|l| config.ignores(l), &Labels::new());
    let mut entry = Entry::new(id, title);
    entry.status = one::<Status>(said.status);
    let severity = one::<Option<Severity>>(said.severity);
    entry.severity = severity.flatten();
    entry.issue = Some(IssueRef::here(issue.number));
    entry.labels = Some(said.labels.iter().filter(|label| !of_all.contains(label)).cloned().collect());
    let agreed =
        Issue { status: entry.status.clone(), severity, labels: Some(said.labels), links: Some([].into()) };
    let number = IssueRef::here(issue.number).in_full(home);
    (entry, Base { issue: number, agreed, seen: issue.updated_at })
}

fn one<T>(reading: Reading<T>) -> Option<T> {
    match reading {
        Reading::One(value) => Some(value),
        Reading::Unknown | Reading::Many(_) => None,
    }
}

/// An id that says what `title` says and is none of those that `is_taken`: `image-build`,
/// `image-build-2`, …; `None` only where a thousand are taken.
pub fn free_id(wish: &str, is_taken: impl Fn(&EntryId) -> bool) -> Option<EntryId> {
    let names = std::iter::once(wish.to_owned()).chain((2..1000).map(|n| format!("{wish}-{n}")));
    names.filter_map(|name| EntryId::new(&name).ok()).find(|id| !is_taken(id))
}
