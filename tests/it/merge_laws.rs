//! The laws of merging one issue with two occurrences, over the whole small domain:
//! status × severity × labels × links × absent × touched, each occurrence with or without
//! a base. The cases are drawn, or all of them where the domain is small enough.
//!
//! What is checked is not how the merge works but what a person is promised: no edit is
//! lost, nothing is done that nobody asked for, and after one sync there is nothing left
//! to do.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a campaign says what it drew")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use gardener::merge::{
    LinksThere, LocalChange, MergedIssue, Occurrence, Reading, RemoteValues, Touched, merge_issue,
};
use gardener::model::{
    Base, EntryKey, Issue, IssueRef, Label, Labels, Link, Links, Severity, Status, Timestamp,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// What a case is made of.
#[derive(Clone, Debug)]
struct Case {
    occurrences: Vec<Occurrence>,
    remote: RemoteValues,
}

fn statuses() -> Vec<Status> {
    let marked = Status::Marked("in-progress".to_owned());
    vec![Status::Open, marked, Status::Completed, Status::NotPlanned, Status::Duplicate]
}

fn label(i: usize) -> Label {
    Label::new(["one", "two", "three"][i]).expect("a label")
}

fn labels(bits: u8) -> Labels {
    (0..3).filter(|i| bits & (1 << i) != 0).map(label).collect()
}

fn link(i: usize) -> Link {
    Link::parse(["#7", "https://example.org/x", "blocked-by #8", "docs/a.md"][i]).expect("a link")
}

fn links(bits: u8) -> Links {
    (0..4).filter(|i| bits & (1 << i) != 0).map(link).collect()
}

fn both_ways(links: &Links) -> Links {
    links.iter().filter(|l| l.goes_both_ways()).cloned().collect()
}

fn status() -> impl Strategy<Value = Status> + Clone {
    proptest::sample::select(statuses())
}

fn severity() -> impl Strategy<Value = Option<Severity>> {
    proptest::sample::select(vec![None, Some(Severity::P0), Some(Severity::P1), Some(Severity::P2)])
}

fn occurrence(name: &'static str) -> impl Strategy<Value = Occurrence> {
    let local = (
        proptest::option::of(status()),
        proptest::option::of(severity()),
        proptest::option::of(0u8..8),
        proptest::option::of(0u8..16),
    );
    let base = proptest::option::weighted(0.8, (status(), severity(), 0u8..8, 0u8..8));
    let touched = (any::<bool>(), any::<bool>(), 0u8..8);
    let there = prop_oneof![
        1 => Just(LinksThere::NotRead),
        1 => Just(LinksThere::Unreadable),
        2 => Just(LinksThere::Missing),
        6 => (0u8..16).prop_map(|b| LinksThere::Listed(links(b))),
    ];
    // Half of the sides repeat their base, or every case would be a conflict.
    let repeats = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (local, base, touched, 0u8..8, there, repeats).prop_map(
        move |(local, base, touched, once, there, repeats)| {
            let base = base.map(|(status, severity, l, k)| Issue {
                status: Some(status),
                severity: Some(severity),
                labels: Some(labels(l)),
                links: Some(both_ways(&links(k))),
            });
            let mut mine = Issue {
                status: local.0,
                // An entry can't say "no severity", only nothing.
                severity: local.1.filter(Option::is_some),
                labels: local.2.map(labels),
                links: local.3.map(links),
            };
            if let Some(base) = &base {
                if repeats.0 {
                    mine.status = base.status.clone();
                }
                if repeats.1 {
                    mine.severity = base.severity.filter(Option::is_some);
                }
                if repeats.2 {
                    mine.labels = base.labels.clone();
                }
                if repeats.3 {
                    mine.links = base.links.clone();
                }
            }
            let seen = Timestamp::from_second(1_000);
            Occurrence {
                key: EntryKey::parse(&format!("w/{name}")).expect("a key"),
                local: mine,
                once: if once < 4 { Labels::new() } else { labels(1 << (once - 4).min(2)) },
                base: base.map(|agreed| Base { issue: IssueRef::here(5), agreed, seen }),
                touched: Touched { status: touched.0, severity: touched.1, labels: labels(touched.2) },
                links_there: there,
            }
        },
    )
}

fn reading<T: Ord + Clone + std::fmt::Debug + 'static>(
    one: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Reading<T>> {
    prop_oneof![
        1 => Just(Reading::Unknown),
        8 => one.clone().prop_map(Reading::One),
        1 => (one.clone(), one).prop_map(|(a, b)| {
            if a == b { Reading::One(a) } else { Reading::Many(BTreeSet::from([a, b])) }
        }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let several = proptest::sample::select(vec![Some(Severity::P0), Some(Severity::P1), Some(Severity::P2)]);
    let severities = prop_oneof![
        2 => Just(Reading::One(None)),
        8 => reading(several),
    ];
    let remote = (reading(status()), severities, 0u8..8);
    let repeats = (any::<bool>(), any::<bool>(), any::<bool>());
    (occurrence("a"), occurrence("b"), any::<bool>(), remote, repeats).prop_map(
        |(a, b, two, remote, repeats)| {
            let mut remote = RemoteValues { status: remote.0, severity: remote.1, labels: labels(remote.2) };
            if let Some(base) = a.base.as_ref().map(|b| &b.agreed) {
                if let Some(status) = base.status.clone().filter(|_| repeats.0) {
                    remote.status = Reading::One(status);
                }
                if let Some(severity) = base.severity.filter(|_| repeats.1) {
                    remote.severity = Reading::One(severity);
                }
                if let Some(labels) = base.labels.clone().filter(|_| repeats.2) {
                    remote.labels = labels;
                }
            }
            let occurrences = if two { vec![a, b] } else { vec![a] };
            Case { occurrences, remote }
        },
    )
}

/// How many cases had what.
#[derive(Default)]
struct Shape(BTreeMap<&'static str, usize>);

impl Shape {
    fn count(&mut self, case: &Case, merged: &MergedIssue) {
        let mut add = |what, is_so: bool| *self.0.entry(what).or_default() += usize::from(is_so);
        add("cases", true);
        add("two occurrences", case.occurrences.len() == 2);
        add("a first link", case.occurrences.iter().any(|o| o.base.is_none()));
        add("conflicts", !merged.conflicts.is_empty());
        add("sent a status", merged.status.is_some());
        add("sent a severity", merged.severity.is_some());
        add("sent labels", !merged.add.is_empty() || !merged.remove.is_empty());
        add("listed links", merged.occurrences.iter().any(|o| o.listed.is_some()));
        add("edited the worklog", merged.occurrences.iter().any(|o| !o.changes.is_empty()));
        add("something unknown on GitHub", case.remote.status == Reading::Unknown);
        add("several labels of a kind", matches!(case.remote.severity, Reading::Many(_)));
        add("touched", case.occurrences.iter().any(|o| o.touched.status));
        add("labels kept against a removal", !merged.notes.is_empty());
        let absent = |o: &Occurrence| o.local.status.is_none() || o.local.labels.is_none();
        add("an absent key", case.occurrences.iter().any(absent));
    }

    fn print(&self, law: &str) {
        let cases = self.0.get("cases").copied().unwrap_or(0);
        println!("{law}: {cases} cases");
        for (what, count) in self.0.iter().filter(|(what, _)| **what != "cases") {
            println!("  {:>5.1} % {what}", 100.0 * *count as f64 / cases.max(1) as f64);
        }
        for what in ["conflicts", "two occurrences", "a first link", "sent labels", "touched"] {
            let count = self.0.get(what).copied().unwrap_or(0);
            assert!(count * 50 > cases, "{law}: only {count} of {cases} cases had {what}");
        }
    }
}

fn check(law: &str, test: impl Fn(&Case, &MergedIssue) -> Result<(), TestCaseError>) {
    let cases = std::env::var("GARDENER_CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(500);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let shape = RefCell::new(Shape::default());
    let run = TestRunner::new_with_rng(config, rng).run(&case(), |case| {
        let merged = merge_issue(&case.occurrences, &case.remote, &[]);
        shape.borrow_mut().count(&case, &merged);
        test(&case, &merged)
    });
    if let Err(error) = run {
        panic!("{law}: {error}");
    }
    shape.borrow().print(law);
}

/// What both sides have once everything is done.
fn after(case: &Case, merged: &MergedIssue) -> Case {
    let mut next = case.clone();
    if let Some(diff) = &merged.status {
        next.remote.status = Reading::One(diff.after.clone());
    }
    if let Some(diff) = &merged.severity {
        next.remote.severity = Reading::One(diff.after);
    }
    next.remote.labels.extend(merged.add.iter().cloned());
    next.remote.labels.retain(|l| !merged.remove.contains(l));
    for (occurrence, done) in next.occurrences.iter_mut().zip(&merged.occurrences) {
        for change in &done.changes {
            let local = &mut occurrence.local;
            match change {
                LocalChange::Status(d) => local.status = d.after.clone(),
                LocalChange::Severity(d) => local.severity = d.after.map(Some),
                LocalChange::AddLabel(l) => drop(local.labels.get_or_insert_default().insert(l.clone())),
                LocalChange::RemoveLabel(l) => drop(local.labels.get_or_insert_default().remove(l)),
                LocalChange::AddLink(l) => drop(local.links.get_or_insert_default().insert(l.clone())),
                LocalChange::RemoveLink(l) => drop(local.links.get_or_insert_default().remove(l)),
            }
        }
        if let Some(listed) = &done.listed {
            occurrence.links_there = LinksThere::Listed(listed.clone());
        }
        let seen = Timestamp::from_second(2_000);
        occurrence.base = Some(Base { issue: IssueRef::here(5), agreed: done.agreed.clone(), seen });
        occurrence.touched = Touched::default();
    }
    next
}

#[test]
fn one_sync_is_enough() {
    check("one sync is enough", |case, merged| {
        let next = after(case, merged);
        let again = merge_issue(&next.occurrences, &next.remote, &[]);
        let conflicted: BTreeSet<_> = merged.conflicts.iter().map(|c| c.field.to_string()).collect();
        if !conflicted.contains("status") {
            prop_assert!(again.status.is_none(), "status again: {again:?}");
        }
        if !conflicted.contains("severity") {
            prop_assert!(again.severity.is_none(), "severity again: {again:?}");
        }
        prop_assert!(again.add.is_empty() && again.remove.is_empty(), "labels again: {again:?}");
        let fields: BTreeSet<_> = again.conflicts.iter().map(|c| c.field.to_string()).collect();
        prop_assert!(fields.is_subset(&conflicted), "a new conflict: {again:?}");
        for done in &again.occurrences {
            prop_assert!(done.listed.is_none(), "links again: {done:?}");
            let others: Vec<_> =
                done.changes.iter().filter(|c| !conflicted.contains(&c.field().to_string())).collect();
            prop_assert!(others.is_empty(), "edits again: {others:?} in {next:?}");
        }
        Ok(())
    });
}

#[test]
fn no_edit_of_a_scalar_is_lost_and_none_is_invented() {
    check("no edit of a scalar is lost", |case, merged| {
        let Reading::One(remote) = &case.remote.status else { return Ok(()) };
        let mut opinions = BTreeSet::new();
        for occurrence in &case.occurrences {
            let base = occurrence.base.as_ref().and_then(|b| b.agreed.status.clone());
            let Some(local) = occurrence.local.status.clone() else { continue };
            if base.as_ref() == Some(&local) || (base.is_none() && local == *remote) {
                continue;
            }
            opinions.insert(local.clone());
            let sent = merged.status.as_ref().is_some_and(|d| d.after == local);
            let told =
                merged.conflicts.iter().any(|c| c.key == occurrence.key && c.field.to_string() == "status");
            prop_assert!(local == *remote || sent || told, "the edit {local} is gone");
            let overwritten = merged
                .occurrences
                .iter()
                .filter(|o| o.key == occurrence.key)
                .flat_map(|o| &o.changes)
                .any(|c| matches!(c, LocalChange::Status(_)));
            prop_assert!(!overwritten, "the edit {local} was overwritten");
        }
        if let Some(diff) = &merged.status {
            prop_assert!(opinions.contains(&diff.after), "nobody asked for {}", diff.after);
            // Someone whose base is what GitHub still has, untouched, asked for it.
            let entitled = case.occurrences.iter().any(|o| {
                let base = o.base.as_ref().and_then(|b| b.agreed.status.clone());
                o.local.status.as_ref() == Some(&diff.after)
                    && base.as_ref() == Some(remote)
                    && !o.touched.status
            });
            prop_assert!(entitled, "GitHub's {remote} was changed by somebody and is overwritten");
        }
        Ok(())
    });
}

#[test]
fn each_label_follows_the_law_by_itself() {
    check("each label follows the law", |case, merged| {
        for i in 0..3 {
            let label = label(i);
            let there = case.remote.labels.contains(&label);
            let (mut add, mut remove, mut touched) = (false, false, false);
            for o in &case.occurrences {
                let in_base = o
                    .base
                    .as_ref()
                    .is_some_and(|b| b.agreed.labels.as_ref().is_some_and(|l| l.contains(&label)));
                let here = o.local.labels.as_ref().map(|l| l.contains(&label));
                let once = o.once.contains(&label);
                add |= !in_base && (here == Some(true) || once);
                let gone = in_base && here == Some(false) && !once;
                remove |= gone;
                touched |= gone && o.touched.labels.contains(&label);
            }
            let stays = match (add, remove) {
                (true, _) => true,
                (false, true) => there && touched,
                (false, false) => there,
            };
            prop_assert_eq!(merged.add.contains(&label), stays && !there, "add {}", label.clone());
            prop_assert_eq!(merged.remove.contains(&label), there && !stays, "remove {}", label.clone());
        }
        Ok(())
    });
}

#[test]
fn links_are_each_occurrences_own_and_paths_stay_here() {
    check("links are each occurrence's own", |case, merged| {
        for (o, done) in case.occurrences.iter().zip(&merged.occurrences) {
            let base = o.base.as_ref().and_then(|b| b.agreed.links.clone());
            for change in &done.changes {
                if let LocalChange::AddLink(l) | LocalChange::RemoveLink(l) = change {
                    prop_assert!(l.goes_both_ways(), "a path came from GitHub: {l}");
                }
            }
            let LinksThere::Listed(there) = &o.links_there else {
                let edits = done.changes.iter().any(|c| c.field().to_string() == "links");
                prop_assert!(!edits, "what is not known is not a removal");
                continue;
            };
            let result = done.listed.as_ref().unwrap_or(there);
            for i in 0..3 {
                let link = link(i);
                let (b, r) = (base.as_ref().is_some_and(|b| b.contains(&link)), there.contains(&link));
                let l = o.local.links.as_ref().map_or(b, |l| l.contains(&link));
                let want = match (b, l, r) {
                    (false, l, r) => l || r,
                    (true, l, r) => l && r,
                };
                prop_assert_eq!(result.contains(&link), want, "{} of {:?}", link.clone(), o);
            }
        }
        Ok(())
    });
}

#[test]
fn the_order_of_occurrences_does_not_matter() {
    check("order does not matter", |case, merged| {
        let mut turned = case.clone();
        turned.occurrences.reverse();
        let other = merge_issue(&turned.occurrences, &turned.remote, &[]);
        prop_assert_eq!(&merged.status, &other.status);
        prop_assert_eq!(&merged.severity, &other.severity);
        prop_assert_eq!((&merged.add, &merged.remove), (&other.add, &other.remove));
        let mut back = other.occurrences.clone();
        back.reverse();
        prop_assert_eq!(&merged.occurrences, &back);
        Ok(())
    });
}

#[test]
fn silence_on_this_side_sends_nothing() {
    check("silence sends nothing", |case, _| {
        let mut quiet = case.clone();
        for o in &mut quiet.occurrences {
            let Some(base) = o.base.clone() else {
                o.local = Issue::default();
                o.once = Labels::new();
                continue;
            };
            o.local = base.agreed.clone();
            o.local.severity = o.local.severity.filter(Option::is_some);
            o.once = o
                .once
                .iter()
                .filter(|l| base.agreed.labels.as_ref().is_some_and(|b| b.contains(l)))
                .cloned()
                .collect();
        }
        let merged = merge_issue(&quiet.occurrences, &quiet.remote, &[]);
        let tidy = matches!(case.remote.severity, Reading::Many(_))
            || matches!(case.remote.status, Reading::Many(_));
        prop_assert!(merged.status.is_none() || tidy, "{:?}", merged.status);
        prop_assert!(merged.severity.is_none() || tidy, "{:?}", merged.severity);
        prop_assert!(merged.add.is_empty() && merged.remove.is_empty(), "{merged:?}");
        Ok(())
    });
}
