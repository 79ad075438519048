//! Issues that worklogs track and that look like one problem.
//!
//! Two are surely one where an entry of the one would be linked to the other: by the law of
//! [`crate::likeness`], and both open, since what failed again after it was closed is no duplicate.
//! A strong likeness otherwise is only told. People keep two problems apart by naming both in one worklog,
//! or by linking one to the other as what blocks it; such a pair is never one problem, and a family that
//! would join it is none.

use std::collections::{BTreeMap, BTreeSet};

use crate::likeness::{Index, Likeness, Told};
use crate::model::{IssueText, LinkKind, LinkTarget, State, Status};
use crate::plan::likely::{Elsewhere, is_live, issue_told, told};
use crate::plan::{Input, LocalEntry};

/// So many of the likest issues are looked at for each text.
const LOOKED_AT: usize = 8;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Families {
    /// Those that surely are one problem, by the lowest number.
    pub sure: Vec<Family>,
    /// Pairs that are perhaps one, of which somebody has to say.
    pub perhaps: Vec<Pair>,
}

/// Issues that are one problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The one that stays.
    pub master: u64,
    /// The others.
    pub duplicates: Vec<u64>,
    /// What says so.
    pub pairs: Vec<Pair>,
}

/// Two issues that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one that stays, or would.
    pub master: u64,
    /// The other one.
    pub other: u64,
    /// How alike they are, as one of them sees it.
    pub likeness: Likeness,
}

/// Finds them among the issues that synced worklogs name.
pub fn families(input: &Input, issues: &BTreeMap<u64, IssueText>, elsewhere: &[Elsewhere]) -> Families {
    let tracked = tracked(input, issues);
    let mut documents: Vec<(u64, Told)> = issues.iter().map(|(n, text)| (*n, issue_told(text))).collect();
    documents.extend(input.entries.iter().filter_map(|e| Some((input.number_of(e)?, told(e)))));
    documents.extend(elsewhere.iter().map(|other| (other.number, other.told.clone())));
    let index = Index::new(documents.iter().map(|(number, told)| (*number, told)));
    let apart = apart(input);
    let rank = |number: u64| {
        let is_closed = issues.get(&number).is_none_or(|text| text.state != State::Open);
        (is_closed, std::cmp::Reverse(tracked.get(&number).copied().unwrap_or(0)), number)
    };
    let mut pairs: BTreeMap<(u64, u64), Likeness> = BTreeMap::new();
    for (number, text) in documents.iter().filter(|(number, _)| tracked.contains_key(number)) {
        let may = |other: u64| {
            other != *number && tracked.contains_key(&other) && !apart.contains(&ordered(*number, other))
        };
        for like in index.like(text, LOOKED_AT, may) {
            let pair = ordered(*number, like.issue);
            let better = pairs.get(&pair).is_none_or(|known| strength(&like) > strength(known));
            if better && (like.is_same() || like.is_strong()) {
                pairs.insert(pair, like);
            }
        }
    }
    let is_open = |n: &u64| issues.get(n).is_some_and(|text| text.state == State::Open);
    let pair = |(a, b): (u64, u64), likeness: Likeness| {
        let (master, other) = if rank(a) <= rank(b) { (a, b) } else { (b, a) };
        Pair { master, other, likeness }
    };
    let (sure, mut perhaps): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|((a, b), like)| like.is_same() && is_open(a) && is_open(b));
    let mut found = Families::default();
    for members in components(sure.iter().map(|(pair, _)| *pair)) {
        let own = sure.iter().filter(|((a, _), _)| members.contains(a)).cloned();
        // Through a third one two may come together that somebody told apart.
        if apart.iter().any(|(a, b)| members.contains(a) && members.contains(b)) {
            perhaps.extend(own);
            continue;
        }
        let Some(master) = members.iter().copied().min_by_key(|n| rank(*n)) else { continue };
        let duplicates = members.iter().copied().filter(|n| *n != master).collect();
        found.sure.push(Family {
            master,
            duplicates,
            pairs: own.map(|(key, like)| pair(key, like)).collect(),
        });
    }
    perhaps.sort_by_key(|(pair, _)| *pair);
    found.perhaps = perhaps.into_iter().map(|(key, like)| pair(key, like)).collect();
    found
}

/// The issues that count, with how many entries name each: not closed as a duplicate, nor about to be,
/// nor closed so long ago that nobody is asked about them.
fn tracked(input: &Input, issues: &BTreeMap<u64, IssueText>) -> BTreeMap<u64, usize> {
    let mut tracked: BTreeMap<u64, usize> = BTreeMap::new();
    let linked = input.entries.iter().filter(|e| e.entry.issue.is_some());
    for (number, entry) in linked.filter_map(|e| Some((input.number_of(e)?, e))) {
        if !issues.get(&number).is_some_and(|text| is_live(text, input.now)) {
            continue;
        }
        let count = tracked.entry(number).or_default();
        *count = count.saturating_add(if is_duplicate(entry) { 0 } else { 1 });
    }
    tracked.retain(|_, count| *count > 0);
    tracked
}

fn is_duplicate(entry: &LocalEntry) -> bool {
    entry.entry.status == Some(Status::Duplicate)
}

/// Pairs that somebody told apart.
fn apart(input: &Input) -> BTreeSet<(u64, u64)> {
    let mut apart = BTreeSet::new();
    let mut by_worklog: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for entry in &input.entries {
        let Some(number) = input.number_of(entry).filter(|_| entry.entry.issue.is_some()) else { continue };
        by_worklog.entry(entry.key.worklog.as_str()).or_default().insert(number);
        for link in entry.entry.links.iter().flatten() {
            let LinkTarget::Issue(issue) = &link.target else { continue };
            let is_two = matches!(link.kind, LinkKind::Blocks | LinkKind::BlockedBy | LinkKind::Parent);
            if is_two && input.is_home(issue.repo.as_ref()) {
                apart.insert(ordered(number, issue.number));
            }
        }
    }
    for numbers in by_worklog.values() {
        for a in numbers {
            apart.extend(numbers.range(a + 1..).map(|b| (*a, *b)));
        }
    }
    apart
}

fn ordered(a: u64, b: u64) -> (u64, u64) {
    (a.min(b), a.max(b))
}

/// What is same is stronger than what is not, whatever the scores.
fn strength(like: &Likeness) -> (bool, u64) {
    // Scores are from 0 to 1, and such numbers are in the order of their bits.
    (like.is_same(), like.score.max(0.0).to_bits())
}

/// What hangs together, by the lowest number.
fn components(pairs: impl Iterator<Item = (u64, u64)>) -> Vec<BTreeSet<u64>> {
    let mut all: Vec<BTreeSet<u64>> = Vec::new();
    for (a, b) in pairs {
        let (mut joined, rest): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|members| members.contains(&a) || members.contains(&b));
        joined.push(BTreeSet::from([a, b]));
        all = rest;
        all.push(joined.into_iter().flatten().collect());
    }
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Association, Author, IssueRef, Link, Timestamp, WorklogId};
    use crate::plan::input::tests::{entry, input};

    const ERROR: &str = "ConnectionRefusedError: cannot reach the ledger database after three attempts";

    fn issue(title: &str, body: &str) -> IssueText {
        let author = Author { login: "bob".to_owned(), association: Association::Other };
        let (title, body) = (title.to_owned(), body.to_owned());
        let updated_at = Timestamp::from_second(9_000);
        IssueText { title, body, state: State::Open, labels: Vec::new(), author, locked: false, updated_at }
    }

    fn issues() -> BTreeMap<u64, IssueText> {
        let mut all: BTreeMap<u64, IssueText> = [
            "Sessions end after a minute of typing",
            "The export has no header row at all",
            "Docs name a package that was renamed",
            "Search is slow with many large projects",
            "Pictures are turned upside down on upload",
        ]
        .into_iter()
        .zip(1..)
        .map(|(title, number)| (number, issue(title, title)))
        .collect();
        all.insert(6, issue("Ledger database refuses connections", ERROR));
        all.insert(7, issue("The ledger database refuses connections", ERROR));
        all
    }

    fn tracks(worklog: &str, number: u64) -> LocalEntry {
        let mut one = entry("e");
        one.key.worklog = WorklogId::new(worklog).expect("an id");
        (one.entry.title, one.entry.fingerprint) = (format!("Of {number}"), None);
        one.entry.issue = Some(IssueRef::here(number));
        one
    }

    /// Each family's master and duplicates, and the pairs that are perhaps one.
    type Numbers = (Vec<(u64, Vec<u64>)>, Vec<(u64, u64)>);

    fn numbers(found: &Families) -> Numbers {
        let sure = found.sure.iter().map(|f| (f.master, f.duplicates.clone()));
        (sure.collect(), found.perhaps.iter().map(|p| (p.master, p.other)).collect())
    }

    #[test]
    fn the_one_that_most_entries_track_stays_then_the_lowest() {
        let all = input(vec![tracks("a", 6), tracks("b", 7)]);
        assert_eq!(numbers(&families(&all, &issues(), &[])), (vec![(6, vec![7])], vec![]));
        let all = input(vec![tracks("a", 6), tracks("b", 7), tracks("c", 7)]);
        assert_eq!(numbers(&families(&all, &issues(), &[])), (vec![(7, vec![6])], vec![]));
        let untracked = input(vec![tracks("a", 6)]);
        assert_eq!(families(&untracked, &issues(), &[]), Families::default());
    }

    #[test]
    fn a_closed_one_is_only_told_and_a_duplicate_not_even_that() {
        let all = input(vec![tracks("a", 6), tracks("b", 7)]);
        let mut texts = issues();
        texts.entry(6).and_modify(|text| text.state = State::Completed);
        assert_eq!(numbers(&families(&all, &texts, &[])), (vec![], vec![(7, 6)]));
        texts.entry(6).and_modify(|text| text.state = State::Duplicate);
        assert_eq!(families(&all, &texts, &[]), Families::default());
        let mut said = all.clone();
        said.entries[1].entry.status = Some(Status::Duplicate);
        assert_eq!(families(&said, &issues(), &[]), Families::default());
    }

    #[test]
    fn what_somebody_told_apart_is_not_joined() {
        let mut two = input(vec![tracks("a", 6), tracks("a", 7)]);
        assert_eq!(families(&two, &issues(), &[]), Families::default());
        two = input(vec![tracks("a", 6), tracks("b", 7)]);
        let link = Link { kind: LinkKind::BlockedBy, target: LinkTarget::Issue(IssueRef::here(7)) };
        two.entries[0].entry.links = Some(vec![link]);
        assert_eq!(families(&two, &issues(), &[]), Families::default());
        // Nor through a third one.
        let mut texts = issues();
        texts.insert(8, issue("Ledger database refuses all connections", ERROR));
        let mut through = tracks("a", 7);
        through.key.entry = crate::model::EntryId::new("f").expect("an id");
        let three = input(vec![tracks("a", 6), through, tracks("b", 8)]);
        let (sure, perhaps) = numbers(&families(&three, &texts, &[]));
        assert_eq!((sure, perhaps), (vec![], vec![(6, 8), (7, 8)]));
    }

    #[test]
    fn what_hangs_together_is_one() {
        let found = components([(1, 2), (5, 6), (3, 4), (2, 3)].into_iter());
        assert_eq!(found, [BTreeSet::from([1, 2, 3, 4]), BTreeSet::from([5, 6])]);
    }
}
