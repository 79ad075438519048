//! Histories of a few commits, and the laws that hold for any.

use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::model::{Label, Vocabulary};
use crate::worklog::{Parsed, Worklog, parse};

const NOW: i64 = 1_757_851_200;
const DAY: i64 = 86_400;

fn worklog(text: &str) -> Worklog {
    match parse(text, &Vocabulary::default()) {
        Parsed::Worklog(worklog, _) => *worklog,
        other => panic!("{other:?}"),
    }
}

/// A worklog that was started so many days before now.
fn log(id: &str, days: i64, entries: &str) -> String {
    let started = Timestamp::from_second(NOW - days * DAY);
    format!("---\ngardener: 1\nid: {id}\nstarted: \"{started}\"\nentries: [{entries}]\n---\n")
}

fn read(text: &str) -> Side {
    Version::read(text, &Vocabulary::default()).map_or(Side::Unread, |version| Side::Read(Rc::new(version)))
}

fn side(text: Option<&str>) -> Side {
    text.map_or(Side::Nothing, read)
}

/// A commit so many days before now.
fn chapter(days: i64, changes: &[(Option<&str>, Option<&str>)]) -> Chapter {
    Chapter {
        commit: Commit {
            id: format!("{days:040}"),
            author: "Ada".to_owned(),
            at: Timestamp::from_second(NOW - days * DAY),
        },
        changes: changes.iter().map(|(old, new)| (side(*old), side(*new))).collect(),
    }
}

fn scene() -> Scene {
    Scene {
        now: Timestamp::from_second(NOW),
        home: RepoSlug::parse("acme/app").ok(),
        flaky_label: Label::new("flaky").expect("a name"),
    }
}

fn chronicle(chapters: &[Chapter], present: &[&str]) -> Chronicle {
    let worklogs: Vec<_> = present.iter().map(|text| worklog(text)).collect();
    let present: Vec<_> = worklogs
        .iter()
        .map(|worklog| Present {
            path: format!("worklogs/{}.md", worklog.header().id),
            worklog,
            is_committed: true,
            is_in_head: true,
        })
        .collect();
    Chronicle::of(chapters, &present, &scene())
}

fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()) / DAY
}

#[test]
fn entries_are_one_problem_by_issue_or_fingerprint_unless_somebody_parted_them() {
    let one = log("a", 9, "{id: x, title: One, issue: 7}, {id: y, title: Two, fingerprint: p}");
    let two = log(
        "b",
        5,
        "{id: x, title: Later, issue: 'acme/app#7', severity: P1}, {id: y, title: T, fingerprint: p, issue: 8}",
    );
    let three = log(
        "c",
        2,
        "{id: y, title: Parted, fingerprint: p, issue: 9, labels: [Flaky]}, {id: z, title: Other, issue: 'o/r#7'}",
    );
    let chronicle = chronicle(&[], &[&three, &one, &two]);
    let all: Vec<_> =
        chronicle.problems.iter().map(|p| (p.key.as_str(), p.occurrences.len(), p.is_flaky)).collect();
    assert_eq!(all, [("b/x", 2, false), ("b/y", 2, false), ("c/y", 1, true), ("c/z", 1, false)]);
    let first = &chronicle.problems[0];
    assert_eq!((first.title.as_str(), first.severity, first.count), ("Later", Some(Severity::P1), 2));
    assert_eq!(days(first.opened, scene().now), 9);
    assert!(chronicle.problems[0].spans.iter().all(|span| span.to.is_none()));
}

#[test]
fn a_closing_counts_where_its_moment_is_known() {
    let open = log(
        "a",
        9,
        "{id: x, title: X, status: open}, {id: y, title: Y, status: completed}, {id: z, title: Z}",
    );
    let half = log(
        "a",
        9,
        "{id: x, title: X, status: completed}, {id: y, title: Y, status: completed}, {id: z, title: Z}",
    );
    let now = log(
        "a",
        9,
        "{id: x, title: X, status: completed}, {id: y, title: Y, status: completed}, {id: z, title: Z, status: duplicate}",
    );
    let chapters = [chapter(8, &[(None, Some(&open))]), chapter(4, &[(Some(&open), Some(&half))])];
    let all = chronicle(&chapters, &[&now]);
    let figures = Figures::of(&all, scene().now, None);
    assert_eq!(
        (figures.open, figures.closing.count, figures.closing.unknown),
        (0, 1, 2),
        "one came closed, one was merged"
    );
    assert_eq!(figures.closing.median, Some(5 * DAY));
    assert_eq!(figures.closing.waits, [0, 0, 1, 0, 0, 0]);
    let merged = all.problems.iter().find(|p| p.key == "a/z").expect("it");
    assert_eq!(merged.events.last().map(|event| (event.at, event.commit.is_none())), Some((None, true)));
    let recent = Figures::of(&all, scene().now, Some(scene().now.plus(-3 * DAY)));
    assert_eq!(recent.closing.count, 0, "it was closed before");
}

#[test]
fn times_are_counted_as_they_are_said() {
    let closing = figures::summed(vec![0, 2 * DAY - 1, 2 * DAY, 8 * DAY - 1, 8 * DAY, 91 * DAY], 0);
    assert_eq!(closing.waits, [2, 1, 1, 1, 0, 1]);
    assert_eq!((closing.median, closing.most), (Some(2 * DAY), Some(91 * DAY)));
    let nothing = figures::summed(Vec::new(), 3);
    assert_eq!((nothing.median, nothing.count, nothing.unknown), (None, 0, 3));
}

#[test]
fn what_can_t_be_read_in_between_is_not_gone() {
    let text = log("a", 9, "{id: x, title: X, severity: P2}");
    let later = log("a", 9, "{id: x, title: X, severity: P0}");
    let broken = "---\ngardener: 1\nid: a\nentries: 5\n---\n";
    let chapters = [
        chapter(8, &[(None, Some(&text))]),
        chapter(7, &[(Some(&text), Some(broken))]),
        chapter(6, &[(Some(broken), Some(&later))]),
    ];
    let all = chronicle(&chapters, &[&later]);
    let [problem] = &all.problems[..] else { panic!("{all:?}") };
    let what: Vec<_> = problem.events.iter().flat_map(|event| &event.what).collect();
    let came = Happening::Came(None, Some(Severity::P2));
    assert_eq!(what, [&came, &Happening::Severity(Some(Severity::P2), Some(Severity::P0))]);
}

#[test]
fn what_is_archived_or_taken_out_is_neither_open_nor_closed() {
    let frozen =
        log("old", 40, "{id: x, title: X, status: open}").replace("id: old", "id: old\narchived: true");
    let gone = log("gone", 30, "{id: x, title: Y, status: open}");
    let chapters =
        [chapter(40, &[(None, Some(&frozen)), (None, Some(&gone))]), chapter(20, &[(Some(&gone), None)])];
    let all = chronicle(&chapters, &[&frozen]);
    let standings: Vec<_> = all.problems.iter().map(|p| (p.key.as_str(), p.standing)).collect();
    assert_eq!(standings, [("old/x", Standing::Archived), ("gone/x", Standing::Removed)]);
    let figures = Figures::of(&all, scene().now, None);
    assert_eq!((figures.open, figures.closing.count, figures.closing.unknown), (0, 0, 0));
    assert_eq!(figures.flow.open.iter().max(), Some(&1), "one was open until it was taken out");
}

#[test]
fn suites_and_tests_are_counted_by_worklog() {
    let run = |id: &str, days: i64, failed: u64, entries: &str| {
        let outcome = if failed > 0 { "failed" } else { "passed" };
        let runs = format!(
            "runs: [{{suite: unit, outcome: {outcome}, passed: 9, failed: {failed}}}, {{suite: e2e}}]\nentries"
        );
        log(id, days, entries).replace("entries", &runs)
    };
    let one = run("a", 9, 2, "{id: x, title: X, issue: 1, tests: [t, u]}");
    let two =
        run("b", 3, 1, "{id: x, title: X, issue: 1, tests: [t]}, {id: f, title: F, flaky: true, tests: [v]}");
    let three = run("c", 1, 0, "");
    let all = chronicle(&[], &[&one, &two, &three]);
    let figures = Figures::of(&all, scene().now, None);
    let suites: Vec<_> =
        figures.suites.iter().map(|s| (s.name.as_str(), s.outcome.as_deref(), s.runs, s.bad)).collect();
    assert_eq!(suites, [("e2e", None, 3, 3), ("unit", Some("passed"), 3, 2)]);
    let tests: Vec<_> = figures.tests.iter().map(|t| (t.name.as_str(), t.worklogs, t.is_flaky)).collect();
    assert_eq!(tests, [("t", 2, false), ("v", 1, true)]);
    assert_eq!((figures.failed_tests, figures.flaky.len()), (3, 1));
    let failed: Vec<_> = figures.flow.failed.iter().flatten().copied().collect();
    assert_eq!((failed, figures.flow.unit), (vec![2, 1, 0], "day"));
}

#[test]
fn a_page_of_thousands_has_an_end() {
    let entries = |w: usize| {
        (0..100).map(|e| format!("{{id: e{e}, title: \"Entry {e} of {w}\"}}")).collect::<Vec<_>>().join(", ")
    };
    let texts: Vec<_> = (0..30).map(|w| log(&format!("w{w}"), 40, &entries(w))).collect();
    let all = chronicle(&[], &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let figures = Figures::of(&all, scene().now, None);
    let paper = Paper {
        chronicle: &all,
        figures: &figures,
        name: "acme/app",
        web: None,
        head: None,
        up: Some(1),
        only: &[],
        notes: &[],
    };
    let page = paper.page(&str::to_owned);
    assert!(
        page.contains("and 2000 more, which `gardener list` has") && page.len() < 1_500_000,
        "{}",
        page.len()
    );
    assert!(page.contains("href=\"../worklogs/w0.md\"") && paper.markdown().len() < 60_000);
}

proptest! {
    /// Whatever clocks say and in whatever order things happen: times run forwards, what is open now is
    /// open at the end of the last step, and no more is closed than was opened.
    #[test]
    fn figures_agree_with_each_other(
        turns in proptest::collection::vec((0..3_usize, 0..4_usize, -20..60_i64), 1..20),
        since in proptest::option::of(0..50_i64),
    ) {
        let words = ["open", "completed", "in-progress", "not-planned"];
        let mut now = ["open"; 3];
        let text = |now: &[&str; 3]| {
            let entry = |(at, status): (usize, &&str)| format!("{{id: e{at}, title: T, status: {status}}}");
            log("w", 30, &now.iter().enumerate().map(entry).collect::<Vec<_>>().join(", "))
        };
        let mut last = text(&now);
        let mut chapters = vec![chapter(30, &[(None, Some(&last))])];
        for (entry, word, days) in turns {
            now[entry] = words[word];
            let next = text(&now);
            chapters.push(chapter(days, &[(Some(&last), Some(&next))]));
            last = next;
        }
        let all = chronicle(&chapters, &[&last]);
        let since = since.map(|days| scene().now.plus(-days * DAY));
        let figures = Figures::of(&all, scene().now, since);
        prop_assert_eq!(figures.open, now.iter().filter(|word| !["completed", "not-planned"].contains(word)).count());
        prop_assert_eq!(figures.flow.open.last().copied(), Some(figures.open as u64));
        prop_assert_eq!(figures.ages.iter().flat_map(|(_, ages)| ages).sum::<u64>(), figures.open as u64);
        for problem in &all.problems {
            let mut before = Timestamp::from_second(i64::MIN);
            for span in &problem.spans {
                prop_assert!(before <= span.from && span.to.is_none_or(|to| span.from <= to && to <= scene().now));
                before = span.to.unwrap_or(scene().now);
            }
            prop_assert!(problem.spans.iter().rev().skip(1).all(|span| span.to.is_some()));
            prop_assert_eq!(problem.is_open(), problem.spans.last().is_some_and(|span| span.to.is_none()));
            let times: Vec<_> = problem.events.iter().filter_map(|event| event.at).collect();
            prop_assert!(times.is_sorted(), "{:?}", times);
        }
        let closing = &figures.closing;
        prop_assert_eq!(closing.waits.iter().sum::<u64>(), closing.count as u64);
        prop_assert!(closing.median <= closing.most);
    }
}
