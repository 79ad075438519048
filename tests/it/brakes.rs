//! The brakes: what looks less like an edit than like an accident stops a sync before its
//! first write, and says how to go on. Each one before, just below its limit, and with the
//! user's word.

use std::collections::BTreeMap;

use github_stand_in::Reason;

use crate::both::{Both, REPO, Synced};

/// Everything that a stopped sync must leave alone.
fn everything(both: &Both) -> (String, String, BTreeMap<String, Vec<u8>>, Option<String>) {
    let journal = ".git/gardener/journal";
    let journal = both.sandbox.top().join(journal).exists().then(|| both.sandbox.read(journal));
    let files = both.sandbox.snapshot().files;
    (both.github(|g| crate::kill::scene::End::github(g)), both.sandbox.head(), files, journal)
}

/// The sync stops with these words, in text, dry and as JSON, and writes nothing anywhere.
fn assert_stops(both: &Both, words: &str) {
    let before = everything(both);
    for arguments in
        [&["sync"][..], &["sync", "--dry-run"], &["sync", "--json"], &["sync", "--dry-run", "--json"]]
    {
        let Synced { answer, writes, commits, .. } = both.run(arguments);
        assert_eq!((answer.code, writes.len(), commits), (5, 0, 0), "{arguments:?}: {answer:?}");
        if arguments.contains(&"--json") {
            let value: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
            assert_eq!(value["exit"], 5);
            let brakes = value["plan"]["brakes"].as_array().expect("a list");
            let named = brakes.iter().find(|b| words.contains(b["what"].as_str().expect("named")));
            let named = named.unwrap_or_else(|| panic!("{words}: {brakes:?}"));
            assert!(named["count"].as_u64() > named["limit"].as_u64(), "{named}");
        } else {
            assert!(answer.out.contains(&format!("stopped: {words}")), "{}", answer.out);
        }
    }
    assert_eq!(everything(both), before);
}

/// With the user's word it goes on.
fn assert_goes_on(both: &Both) -> Synced {
    let done = both.run(["sync", "--yes"]);
    assert!([0, 3].contains(&done.answer.code), "{:?}", done.answer);
    assert!(!done.answer.out.contains("stopped"), "{}", done.answer.out);
    done
}

/// It is not stopped.
fn assert_passes(both: &Both) -> Synced {
    let done = both.run(["sync"]);
    assert!([0, 3].contains(&done.answer.code), "{:?}", done.answer);
    done
}

/// `count` issues by bob, each with an entry that agrees with it.
fn tracked(count: u64) -> Both {
    let both = Both::new();
    let mut entries = String::new();
    for n in 1..=count {
        both.github(|g| g.create_issue_as("bob", REPO, &format!("Problem {n}"), "body", &["bug"]));
        entries.push_str(&format!(
            "  - id: e{n}\n    title: Problem {n}\n    status: open\n    severity: P2\n    labels: [bug]\n    issue: {n}\n"
        ));
    }
    both.worklog("w", &entries);
    assert_eq!(both.run(["sync", "--yes"]).answer.code, 0);
    both.minutes(60);
    both.assert_settled();
    both.minutes(60);
    both
}

const PATH: &str = "worklogs/w.md";

fn change_all(both: &Both, from: &str, to: &str, most: usize) {
    let text = both.sandbox.read(PATH);
    both.sandbox.write(PATH, text.replacen(from, to, most));
}

#[test]
fn too_many_new_issues() {
    let both = Both::new();
    both.without_likeness();
    let entry = |i| format!("  - id: e{i}\n    title: Problem {i}\n");
    both.worklog("w", &(0..11).map(entry).collect::<String>());
    assert_stops(&both, "11 new issues, more than 10 go without asking; `gardener sync --yes` does it");
    let done = assert_goes_on(&both);
    assert_eq!(done.wrote, 11);
    both.worklog("v", &(0..10).map(entry).collect::<String>());
    assert_eq!(assert_passes(&both).wrote, 10);
}

#[test]
fn too_many_closed_issues() {
    let both = tracked(11);
    change_all(&both, "status: open", "status: completed", 11);
    assert_stops(&both, "11 closed issues, more than 10");
    change_all(&both, "status: completed", "status: open", 1);
    assert_eq!(assert_passes(&both).wrote, 10);
    change_all(&both, "status: open\n    severity: P2", "status: not-planned\n    severity: P2", 1);
    assert_eq!(assert_goes_on(&both).wrote, 1);
}

#[test]
fn too_many_changes_of_one_field_or_comments() {
    let both = Both::new();
    both.sandbox.write("gardener.toml", "[sync]\nupdate-limit = 2\ncomment-limit = 2\n");
    let mut entries = String::new();
    for n in 1..=3 {
        both.github(|g| g.create_issue_as("bob", REPO, &format!("Problem {n}"), "body", &[]));
        entries.push_str(&format!(
            "  - id: e{n}\n    title: Problem {n}\n    status: open\n    severity: P2\n    labels: []\n    issue: {n}\n"
        ));
    }
    both.worklog("w", &entries);
    assert_stops(&both, "3 changes of severity, more than 2");
    assert_eq!(assert_goes_on(&both).answer.code, 0);
    both.minutes(60);
    for (from, to, words) in [
        ("severity: P2", "severity: P1", "3 changes of severity"),
        ("labels: []", "labels: [bug]", "3 issues with changed labels"),
        ("status: open", "status: in-progress", "3 other changes of status"),
    ] {
        change_all(&both, from, to, 3);
        assert_stops(&both, &format!("{words}, more than 2"));
        change_all(&both, to, from, 1);
        assert_eq!(assert_passes(&both).answer.code, 0, "two are few enough");
        change_all(&both, from, to, 3);
        assert_eq!(assert_passes(&both).answer.code, 0);
        both.minutes(60);
    }
    // Comments alone: new occurrences of the same three.
    let more =
        entries.replace("id: e", "id: f").replace("    status: open\n    severity: P2\n    labels: []\n", "");
    both.worklog("v", &more);
    both.minutes(60 * 24 * 4);
    assert_stops(&both, "3 new comments, more than 2");
    assert_eq!(assert_goes_on(&both).answer.code, 0);
}

#[test]
fn every_linked_issue_is_gone() {
    for how in ["deleted", "moved", "hidden"] {
        let both = tracked(5);
        // Something else waits to be sent, so that there is something to stop.
        both.worklog("new", "  - id: n\n    title: Something new\n");
        let vanish = |n: u64| {
            both.github(|g| match how {
                "deleted" => g.delete_issue_as("ann", REPO, n),
                "moved" => {
                    if g.repo("acme/other").is_none() {
                        g.add_repo("acme/other");
                    }
                    g.transfer_as("ann", REPO, n, "acme/other");
                }
                _ => drop(g.repo_mut(REPO).expect("there").issues.remove(&n)),
            });
        };
        both.github(|g| {
            g.clock.advance(25 * 3600);
        });
        (1..=5).for_each(vanish);
        assert_stops(&both, "5 of 5 linked issues are gone or not visible, which is seldom meant");
        let done = assert_goes_on(&both);
        assert_eq!(done.writes, ["POST /repos/acme/app/issues"], "{how}");
    }
    // Four of four, or four of five, are somebody's decision.
    for (count, gone) in [(4, 4), (5, 4), (1, 1)] {
        let both = tracked(count);
        both.worklog("new", "  - id: n\n    title: Something new\n");
        both.github(|g| {
            g.clock.advance(25 * 3600);
            (1..=gone).for_each(|n| g.delete_issue_as("ann", REPO, n));
        });
        assert_eq!(assert_passes(&both).writes.len(), 1);
    }
}

#[test]
fn every_tracked_issue_changed_at_once() {
    for (count, changed, stops) in [(10, 10, true), (10, 9, false), (9, 9, false)] {
        let both = tracked(count);
        both.github(|g| {
            for n in 1..=changed {
                match n % 3 {
                    0 => g.close_as("bob", REPO, n, Reason::Completed),
                    1 => g.unlabel_as("bob", REPO, n, "bug"),
                    _ => {
                        g.unlabel_as("bob", REPO, n, "P2");
                        g.label_as("bob", REPO, n, "P3");
                    }
                }
            }
        });
        both.minutes(1);
        if stops {
            assert_stops(&both, "10 of 10 tracked issues changed at once, which is seldom meant");
            assert_eq!(assert_goes_on(&both).commits, 1);
        } else {
            assert_eq!(assert_passes(&both).commits, 1, "{changed} of {count}");
        }
        both.assert_settled();
    }
}

#[test]
fn every_worklog_lost_its_entries_or_numbers() {
    let numbers = |both: &Both, keep: u64| {
        let text = both.sandbox.read(PATH);
        let kept = text.lines().filter(|l| {
            let number = l.strip_prefix("    issue: ").and_then(|n| n.parse::<u64>().ok());
            number.is_none_or(|n| n <= keep)
        });
        both.sandbox.write(PATH, kept.map(|l| format!("{l}\n")).collect::<String>());
    };
    let entries = |both: &Both, _keep: u64| {
        let text = both.sandbox.read(PATH);
        let (from, to) = (text.find("entries:").expect("there"), text.find("\n---\n").expect("there"));
        both.sandbox.write(PATH, format!("{}entries: []{}", &text[..from], &text[to..]));
    };
    for lose in [&numbers as &dyn Fn(&Both, u64), &entries] {
        let both = tracked(5);
        lose(&both, 0);
        assert_stops(&both, "5 of 5 issues are named by no entry any more, which is seldom meant");
        assert_eq!(assert_goes_on(&both).writes.len(), 0);
        let few = tracked(4);
        lose(&few, 0);
        assert_eq!(assert_passes(&few).writes.len(), 0);
    }
    let both = tracked(5);
    numbers(&both, 1);
    assert_eq!(assert_passes(&both).writes.len(), 0, "one is left");
}

#[test]
fn a_newer_format_stops_the_whole_run_and_no_word_helps() {
    for (from, to) in [
        ("gardener: 1\n", "gardener: 2\n"),
        ("<!-- gardener:base 1\n", "<!-- gardener:base 2\n"),
        ("{\"issue\":\"acme/app#1\",", "{\"issue\":\"acme/app#1\",\"mood\":\"good\","),
    ] {
        let both = tracked(1);
        both.worklog("new", "  - id: n\n    title: Something new\n");
        both.edit(PATH, from, to);
        assert_stops(&both, "1 worklogs of a newer format; use the gardener that wrote them");
        let before = everything(&both);
        let forced = both.run(["sync", "--yes"]);
        assert_eq!((forced.answer.code, forced.writes.len(), forced.commits), (5, 0, 0), "{forced:?}");
        assert_eq!(everything(&both), before);
        both.edit(PATH, to, from);
        assert_eq!(both.sync().writes.len(), 1, "with its own format it goes on");
    }
}

#[test]
fn a_newer_journal_stops_the_whole_run() {
    let both = tracked(1);
    both.worklog("new", "  - id: n\n    title: Something new\n");
    let journal = ".git/gardener/journal";
    let old = both.sandbox.read(journal);
    let line = r#"{"record":"later","x":1}"#;
    both.sandbox.write(journal, format!("{old}{:08x} {line}\n", crc32fast::hash(line.as_bytes())));
    let before = everything(&both);
    for arguments in [&["sync"][..], &["sync", "--yes"], &["sync", "--json"], &["sync", "--dry-run"]] {
        let Synced { answer, writes, commits, .. } = both.run(arguments);
        assert_eq!((answer.code, writes.len(), commits), (5, 0, 0), "{arguments:?}: {answer:?}");
        assert!(format!("{}{}", answer.out, answer.err).contains("newer gardener"), "{answer:?}");
    }
    assert_eq!(everything(&both), before);
    both.sandbox.write(journal, old);
    assert_eq!(both.sync().writes.len(), 1);
}
