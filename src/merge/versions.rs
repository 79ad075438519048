//! Two versions of one entry, from two branches, and the one they both come from.
//!
//! A version is more than its values: its base line tells which of them GitHub has, too. A value
//! that its base line has is nobody's pending edit, and of two such values the one agreed on
//! later is the true one; a text merge takes whichever line changed. An edit that is still to be
//! sent keeps a base that its author has seen, so that the next sync does not take it for one
//! that was made with a knowledge it never had (P2).

use std::collections::BTreeSet;

use crate::merge::Field;
use crate::model::{Base, Issue, IssueRef, Label, Link, Timestamp};

/// What one version of a worklog says of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The issue it names.
    pub issue: Option<IssueRef>,
    /// Its values as they are written; a key that is absent is `None`.
    pub values: Issue,
    /// Its base line.
    pub base: Option<Base>,
}

/// What becomes of two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejoined {
    /// The issue; of two different ones neither (`contested`).
    pub issue: Option<IssueRef>,
    /// The values; one that is contested is `None`.
    pub values: Issue,
    /// The base line.
    pub base: Option<Base>,
    /// Values that only a person can decide.
    pub contested: BTreeSet<Field>,
    /// Whether that is so of the issue.
    pub issue_is_contested: bool,
}

/// One value of a version.
#[derive(Clone, Debug)]
struct Leg<T> {
    value: T,
    /// What its base line has; `None` where nothing is known.
    base: Option<T>,
    seen: Option<Timestamp>,
}

/// What becomes of one value: `None` where it is contested.
struct Slot<T> {
    value: Option<T>,
    base: Option<T>,
}

/// Merges two versions of an entry. `None` where one of them is older than the one that they come
/// from, as in a revert: what is taken back then is the text as it was, with its base line.
pub fn rejoin(before: Option<&Version>, ours: &Version, theirs: &Version) -> Option<Rejoined> {
    let seen = |version: &Version| version.base.as_ref().map(|base| base.seen);
    let since = before.and_then(seen);
    if [ours, theirs].into_iter().filter_map(seen).any(|seen| since.is_some_and(|since| seen < since)) {
        return None;
    }
    let issue = plain(before.map(|v| &v.issue), &ours.issue, &theirs.issue);
    let issue_is_contested = issue.is_none();
    let issue = issue.unwrap_or_default();
    // A base line counts for its own issue only.
    let fits =
        |v: &Version| v.base.clone().filter(|b| issue.as_ref().is_none_or(|i| i.number == b.issue.number));
    let (ours_base, theirs_base) = (fits(ours), fits(theirs));
    let mut contested = BTreeSet::new();
    let mut joined = Joined { ours_base, theirs_base, values: Issue::default(), agreed: Issue::default() };

    let status = joined.scalar(before, ours, theirs, |i| i.status.clone());
    joined.agreed.status = status.base.flatten();
    match status.value {
        Some(value) => joined.values.status = value,
        None => drop(contested.insert(Field::Status)),
    }
    let severity = joined.scalar(before, ours, theirs, |i| i.severity);
    joined.agreed.severity = severity.base.flatten();
    match severity.value {
        Some(value) => joined.values.severity = value,
        None => drop(contested.insert(Field::Severity)),
    }
    let (values, agreed) = joined.set::<Label>(before, ours, theirs, |i| i.labels.as_ref());
    (joined.values.labels, joined.agreed.labels) = (values, agreed);
    let (values, agreed) = joined.set::<Link>(before, ours, theirs, |i| i.links.as_ref());
    (joined.values.links, joined.agreed.links) = (values, agreed);
    let base = joined.base(before);
    Some(Rejoined { issue, values: joined.values, base, contested, issue_is_contested })
}

struct Joined {
    ours_base: Option<Base>,
    theirs_base: Option<Base>,
    values: Issue,
    agreed: Issue,
}

impl Joined {
    fn scalar<T: Clone + PartialEq>(
        &self,
        before: Option<&Version>,
        ours: &Version,
        theirs: &Version,
        of: impl Fn(&Issue) -> Option<T>,
    ) -> Slot<Option<T>> {
        let leg = |version: &Version, base: &Option<Base>| Leg {
            value: of(&version.values),
            base: base.as_ref().and_then(|b| of(&b.agreed)).map(Some),
            seen: base.as_ref().map(|b| b.seen),
        };
        let before = before.map(|version| Leg {
            value: of(&version.values),
            base: version.base.as_ref().and_then(|b| of(&b.agreed)).map(Some),
            seen: None,
        });
        slot(before.as_ref(), &leg(ours, &self.ours_base), &leg(theirs, &self.theirs_base))
    }

    /// Element by element; a list that one side does not have is left as the sides have it.
    fn set<T: Ord + Clone>(
        &self,
        before: Option<&Version>,
        ours: &Version,
        theirs: &Version,
        of: impl Fn(&Issue) -> Option<&BTreeSet<T>>,
    ) -> (Option<BTreeSet<T>>, Option<BTreeSet<T>>) {
        let bases = [&self.ours_base, &self.theirs_base].map(|b| b.as_ref().and_then(|b| of(&b.agreed)));
        let lists = [ours, theirs].map(|v| of(&v.values));
        let old = before.and_then(|v| of(&v.values));
        let all: BTreeSet<T> =
            bases.iter().chain(&lists).chain([&old]).copied().flatten().flatten().cloned().collect();
        let (mut values, mut agreed) = (BTreeSet::new(), BTreeSet::new());
        for element in all {
            let has = |list: Option<&BTreeSet<T>>| list.is_some_and(|l| l.contains(&element));
            let leg = |list, base: Option<&BTreeSet<T>>, seen: &Option<Base>| Leg {
                value: has(list),
                base: base.map(|b| b.contains(&element)),
                seen: seen.as_ref().map(|b| b.seen),
            };
            let (a, b) =
                (leg(lists[0], bases[0], &self.ours_base), leg(lists[1], bases[1], &self.theirs_base));
            let before = before.map(|version| {
                let base = version.base.as_ref().and_then(|b| of(&b.agreed));
                leg(old, base, &version.base)
            });
            let slot = slot(before.as_ref(), &a, &b);
            // Of two answers to yes or no one is as it was before; without a before it is kept.
            if slot.value.unwrap_or(true) {
                values.insert(element.clone());
            }
            if slot.base.unwrap_or(false) {
                agreed.insert(element);
            }
        }
        let is_known = bases.iter().any(Option::is_some);
        (lists.iter().all(Option::is_some).then_some(values), is_known.then_some(agreed))
    }

    /// The line: its time is the later one only if it says what the later line says.
    fn base(&self, before: Option<&Version>) -> Option<Base> {
        match (&self.ours_base, &self.theirs_base) {
            (None, None) => None,
            // One side has dropped its line, or never had one.
            (Some(only), None) | (None, Some(only)) => {
                let was_there = before.is_some_and(|v| v.base.as_ref() == Some(only));
                let line = Base { issue: only.issue.clone(), agreed: self.agreed.clone(), seen: only.seen };
                (!was_there).then_some(line)
            }
            (Some(a), Some(b)) => {
                let (newer, older) = if a.seen >= b.seen { (a, b) } else { (b, a) };
                let seen = if self.agreed == newer.agreed { newer.seen } else { older.seen };
                Some(Base { issue: newer.issue.clone(), agreed: self.agreed.clone(), seen })
            }
        }
    }
}

/// The one law of a value that has no base line.
fn plain<T: Clone + PartialEq>(before: Option<&T>, ours: &T, theirs: &T) -> Option<T> {
    if ours == theirs || before == Some(theirs) {
        Some(ours.clone())
    } else if before == Some(ours) {
        Some(theirs.clone())
    } else {
        None
    }
}

fn slot<T: Clone + PartialEq>(before: Option<&Leg<T>>, ours: &Leg<T>, theirs: &Leg<T>) -> Slot<T> {
    // Where the value went back to what the base line had all the time it is an edit, too.
    let is_edit = |leg: &Leg<T>| before.is_some_and(|b| b.value != leg.value && b.base == leg.base);
    let is_settled = |leg: &Leg<T>| leg.base.as_ref() == Some(&leg.value) && !is_edit(leg);
    let before = before.map(|leg| &leg.value);
    let (newer, older) = if ours.seen >= theirs.seen { (ours, theirs) } else { (theirs, ours) };
    let value = if ours.value == theirs.value {
        Some(ours.value.clone())
    } else if is_settled(newer) && is_settled(older) && newer.seen > older.seen {
        // Neither is an edit: both are what GitHub had, and this one later.
        Some(newer.value.clone())
    } else if let Some(value) = plain(before, &ours.value, &theirs.value) {
        Some(value)
    } else if is_settled(older) && !is_settled(newer) && newer.seen > older.seen {
        // The edit was made after what the other side has was agreed on.
        Some(newer.value.clone())
    } else {
        None
    };
    let base = base_of(before, value.as_ref(), newer, older);
    Slot { value, base }
}

/// A base that the author of the value knew, as new as it can be.
fn base_of<T: Clone + PartialEq>(
    before: Option<&T>,
    value: Option<&T>,
    newer: &Leg<T>,
    older: &Leg<T>,
) -> Option<T> {
    if newer.base == older.base {
        return newer.base.clone();
    }
    let value = value?;
    let came_from_newer = newer.value == *value;
    let was_known = newer.base.as_ref() == before || newer.base == older.base;
    if newer.base.is_some() && (newer.base.as_ref() == Some(value) || came_from_newer || was_known) {
        newer.base.clone()
    } else if older.value == *value {
        older.base.clone()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Labels, RepoSlug, Severity, Status};

    fn status(word: &str) -> Option<Status> {
        match word {
            "open" => Some(Status::Open),
            "completed" => Some(Status::Completed),
            "not-planned" => Some(Status::NotPlanned),
            "duplicate" => Some(Status::Duplicate),
            _ => None,
        }
    }

    /// A value, and what the base line says since when.
    fn version(value: &str, base: &str, seen: i64) -> Version {
        let issue = IssueRef { repo: RepoSlug::parse("acme/app").ok(), number: 5 };
        let issue_there = Issue { status: status(base), ..Issue::default() };
        let line = Base { issue: issue.clone(), agreed: issue_there, seen: Timestamp::from_second(seen) };
        Version {
            issue: Some(issue),
            values: Issue { status: status(value), ..Issue::default() },
            base: (seen > 0).then_some(line),
        }
    }

    /// The value and the base of the merge, both ways round.
    fn merged(
        before: &Version,
        ours: &Version,
        theirs: &Version,
    ) -> (Option<Status>, Option<(Option<Status>, i64)>) {
        let there = rejoin(Some(before), ours, theirs).expect("they can be merged");
        let back = rejoin(Some(before), theirs, ours).expect("they can be merged");
        assert_eq!(there, back, "it does not matter who merges");
        let value = if there.contested.is_empty() { there.values.status } else { None };
        (value, there.base.map(|b| (b.agreed.status, b.seen.as_second())))
    }

    #[test]
    fn a_value_from_github_is_no_edit_and_the_later_one_is_true() {
        let before = version("open", "open", 10);
        let closed = version("completed", "completed", 20);
        let reopened = version("open", "open", 30);
        assert_eq!(merged(&before, &closed, &reopened), (status("open"), Some((status("open"), 30))));
        let again = version("not-planned", "not-planned", 40);
        assert_eq!(
            merged(&before, &closed, &again),
            (status("not-planned"), Some((status("not-planned"), 40)))
        );
        assert_eq!(merged(&before, &before, &closed), (status("completed"), Some((status("completed"), 20))));
    }

    #[test]
    fn an_edit_keeps_a_base_that_its_author_knew() {
        let before = version("open", "open", 10);
        let edited = version("not-planned", "open", 10);
        // The other branch only looked again: GitHub is where the author saw it.
        let looked = version("open", "open", 30);
        assert_eq!(merged(&before, &edited, &looked), (status("not-planned"), Some((status("open"), 30))));
        // GitHub was closed meanwhile, which the author did not know: a person decides.
        let closed = version("completed", "completed", 30);
        assert_eq!(merged(&before, &edited, &closed).0, None);
        // An edit of what was agreed later goes on top of it.
        let later = version("duplicate", "completed", 30);
        let early = version("completed", "completed", 20);
        assert_eq!(merged(&before, &early, &later), (status("duplicate"), Some((status("completed"), 30))));
        // Two people meant the same.
        assert_eq!(merged(&before, &edited, &edited), (status("not-planned"), Some((status("open"), 10))));
        let other = version("duplicate", "open", 10);
        assert_eq!(merged(&before, &edited, &other), (None, Some((status("open"), 10))));
    }

    #[test]
    fn what_was_sent_on_one_branch_is_no_edit_on_the_other() {
        // The edit was on the trunk when the branches parted, and one of them has sent it.
        let before = version("not-planned", "open", 10);
        let sent = version("not-planned", "not-planned", 20);
        assert_eq!(
            merged(&before, &before, &sent),
            (status("not-planned"), Some((status("not-planned"), 20)))
        );
        let changed = version("completed", "open", 10);
        assert_eq!(
            merged(&before, &changed, &sent),
            (status("completed"), Some((status("not-planned"), 20)))
        );
    }

    #[test]
    fn what_is_taken_back_is_taken_back() {
        // Somebody closed it, that was sent, and the commit that closed it is reverted.
        let (closing, sent) = (version("completed", "open", 10), version("completed", "completed", 20));
        let parent = version("open", "open", 10);
        assert_eq!(merged(&closing, &sent, &parent), (status("open"), Some((status("completed"), 20))));
        // GitHub's closing was pulled, and that commit is reverted: text and line go back.
        let pulled = version("completed", "completed", 20);
        assert_eq!(rejoin(Some(&pulled), &pulled, &parent), None);
    }

    #[test]
    fn lines_that_come_and_go() {
        let before = version("open", "", 0);
        let linked = version("open", "open", 20);
        assert_eq!(merged(&before, &before, &linked), (status("open"), Some((status("open"), 20))));
        let gone = version("open", "", 0);
        assert_eq!(merged(&linked, &gone, &linked), (status("open"), None), "dropped on one side");
        let other = Version { issue: Some(IssueRef::here(6)), ..version("open", "", 0) };
        let third = Version { issue: Some(IssueRef::here(7)), ..before.clone() };
        assert!(rejoin(Some(&before), &other, &third).expect("merged").issue_is_contested);
    }

    #[test]
    fn labels_are_merged_one_by_one() {
        let labels = |names: &[&str]| -> Option<Labels> {
            Some(names.iter().map(|n| Label::new(n).expect("a label")).collect())
        };
        let version = |own: &[&str], base: &[&str], seen| {
            let mut version = version("open", "open", seen);
            version.values.labels = labels(own);
            version.values.severity = Some(Some(Severity::P1));
            if let Some(line) = &mut version.base {
                line.agreed.labels = labels(base);
            }
            version
        };
        let before = version(&["a", "b"], &["a", "b"], 10);
        let ours = version(&["b", "mine"], &["a", "b"], 10);
        let theirs = version(&["a", "b", "pulled"], &["a", "b", "pulled"], 20);
        let merged = rejoin(Some(&before), &ours, &theirs).expect("merged");
        assert_eq!(merged.values.labels, labels(&["b", "mine", "pulled"]));
        let base = merged.base.expect("a line");
        assert_eq!((base.agreed.labels, base.seen.as_second()), (labels(&["a", "b", "pulled"]), 20));
        let absent = Version { values: Issue { labels: None, ..ours.values.clone() }, ..ours };
        assert_eq!(
            rejoin(Some(&before), &absent, &theirs).expect("merged").values.labels,
            None,
            "left as the texts have it"
        );
    }
}
