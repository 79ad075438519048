//! `gardener dupes`: issues that are one problem are found, and a sync closes what it wrote.

use crate::both::{Both, REPO};
use crate::commands::json;
use crate::likeness::{ERROR, others, same_section, worklog};

const TITLES: [&str; 3] = [
    "Ledger database refuses connections",
    "The ledger database refuses connections",
    "Ledger database refuses all connections",
];

/// Issues of one problem, each tracked by a worklog of its own, and in sync.
fn twins(both: &Both, count: usize) -> Vec<u64> {
    others(both);
    // A line that three of seven issues have says little.
    for title in [
        "Pictures are turned upside down",
        "The calendar begins on the wrong day",
        "Printing cuts off the last column",
        "Passwords with umlauts are refused",
        "Maps stay grey without a key",
        "A renamed folder loses its colour",
        "Sound stutters while scrolling",
        "Invoices round taxes differently",
    ] {
        both.github(|g| g.create_issue_as("bob", REPO, title, &format!("{title}, as users say."), &[]));
    }
    let mut numbers = Vec::new();
    for (title, id) in TITLES.iter().zip(["a", "b", "c"]).take(count) {
        let body = format!("Nightly run:\n\n```\n{ERROR}\n```\n");
        let number = both.github(|g| g.create_issue_as("bob", REPO, title, &body, &["P1"]));
        worklog(both, id, &format!("    title: {title}\n    issue: {number}\n"), &same_section());
        numbers.push(number);
    }
    both.sync();
    both.minutes(1);
    both.assert_settled();
    numbers
}

#[test]
fn what_is_one_problem_is_shown_and_nothing_is_written() {
    let both = Both::new();
    let numbers = twins(&both, 2);
    let before = both.sandbox.snapshot();
    let answer = both.run(["dupes"]);
    assert_eq!((answer.answer.code, answer.writes.len(), answer.commits), (0, 0, 0), "{}", answer.answer.err);
    assert_eq!(both.sandbox.snapshot(), before);
    let out = &answer.answer.out;
    assert!(out.starts_with(&format!("#{}  open, 1 entry  {}\n", numbers[0], TITLES[0])), "{out}");
    assert!(out.contains(&format!("  duplicate: #{}  open, 1 entry  {}\n", numbers[1], TITLES[1])), "{out}");
    assert!(out.contains("same line \"ConnectionRefusedError"), "{out}");
    assert!(out.contains("1 family of one problem, 0 perhaps"), "{out}");
    let value = json(&both.run(["dupes", "--json"]).answer);
    assert_eq!(
        (&value["families"][0]["master"], &value["written"]),
        (&numbers[0].into(), &serde_json::json!([]))
    );
}

#[test]
fn what_was_applied_a_sync_closes_with_its_labels_kept() {
    let both = Both::new();
    let numbers = twins(&both, 3);
    both.github(|g| {
        g.label_as("bob", REPO, numbers[0], "failing-test");
        g.label_as("bob", REPO, numbers[2], "bug");
    });
    both.edit(
        "worklogs/b.md",
        "    title: The",
        "    links: [\"#2\", \"https://example.com/x\"]\n    title: The",
    );
    both.minutes(1);
    both.sync();
    let old = format!(
        "---\ngardener: 1\nid: old\narchived: true\nentries:\n  - id: e\n    title: Old\n    issue: {}\n---\n",
        numbers[1]
    );
    both.sandbox.write("worklogs/old.md", &old);
    both.sandbox.commit_all("an old one");
    both.minutes(1);
    let applied = both.run(["dupes", "--apply"]);
    let (out, err) = (&applied.answer.out, &applied.answer.err);
    assert_eq!((applied.answer.code, applied.writes.len(), applied.commits), (0, 0, 0), "{out}{err}");
    assert!(err.contains("worklogs/old.md is left as it is") && err.contains("`gardener sync`"), "{err}");
    assert_eq!(both.sandbox.read("worklogs/old.md"), old);
    for id in ["b", "c"] {
        let text = both.sandbox.read(&format!("worklogs/{id}.md"));
        assert!(text.contains("status: duplicate\n"), "{text}");
        assert!(text.contains(&format!("duplicate-of: \"#{}\"", numbers[0])), "{text}");
        assert!(text.contains("  - id: e   # by hand\n"), "{text}");
    }
    assert_eq!(both.run(["check", "--strict"]).answer.code, 0);
    // Before a sync and after it there is nothing more to find.
    let again = both.run(["dupes", "--apply"]).answer;
    assert!(again.out.starts_with("0 families of one problem, 0 perhaps"), "{}", again.out);
    both.sync();
    for number in &numbers[1..] {
        let (is_open, reason, _) = both.issue(*number);
        assert_eq!((is_open, reason.as_str()), (false, "Duplicate"), "#{number}");
    }
    let (is_open, _, labels) = both.issue(numbers[0]);
    assert!(is_open);
    assert_eq!(labels, ["P1", "bug", "failing-test"]);
    let text = both.sandbox.read("worklogs/a.md");
    assert!(text.contains("\"#2\"") && text.contains("https://example.com/x"), "{text}");
    assert!(both.issue(numbers[2]).2.contains(&"bug".to_owned()), "nothing is taken from the others");
    both.minutes(1);
    both.assert_settled();
    let again = both.run(["dupes", "--apply"]).answer;
    assert!(again.out.starts_with("0 families of one problem, 0 perhaps"), "{}", again.out);
}

#[test]
fn more_than_the_limit_needs_a_word() {
    let both = Both::new();
    twins(&both, 3);
    both.sandbox.write("gardener.toml", "[sync]\nclose-limit = 1\n");
    both.sandbox.commit_all("a limit");
    let before = both.sandbox.snapshot();
    let stopped = both.run(["dupes", "--apply"]).answer;
    assert_eq!(stopped.code, 5, "{}", stopped.err);
    assert!(
        stopped.out.contains("stopped: 2 issues would be closed, 1 go without asking"),
        "{}",
        stopped.out
    );
    assert_eq!(both.sandbox.snapshot(), before);
    assert_eq!(both.run(["dupes", "--apply", "--yes"]).answer.code, 0);
    assert!(both.sandbox.read("worklogs/c.md").contains("status: duplicate"));
    assert_eq!(both.run(["sync"]).answer.code, 5, "a sync has its own brake");
    assert_eq!(both.run(["dupes", "--yes"]).answer.code, 2);
}

#[test]
fn what_is_only_perhaps_one_is_never_applied() {
    let both = Both::new();
    let numbers = twins(&both, 2);
    both.github(|g| g.close_as("bob", REPO, numbers[0], github_stand_in::Reason::Completed));
    let hostile = "The ledger database refuses connections \u{1b}]0;owned\u{7}\u{202e}";
    both.github(|g| g.edit_title_as("bob", REPO, numbers[1], hostile));
    both.minutes(1);
    both.sync();
    let before = both.sandbox.snapshot();
    let answer = both.run(["dupes", "--apply"]).answer;
    assert_eq!(answer.code, 0, "{}", answer.err);
    let perhaps = format!("perhaps one problem\n  #{}  open, 1 entry  ", numbers[1]);
    assert!(answer.out.starts_with(&perhaps), "{}", answer.out);
    assert!(answer.out.contains(&format!("  #{}  completed, 1 entry", numbers[0])), "{}", answer.out);
    assert!(!answer.out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", answer.out);
    assert_eq!(both.sandbox.snapshot(), before);
}

/// A status that only the worklog has would be gone for good.
#[test]
fn what_somebody_wrote_and_no_sync_has_sent_is_left() {
    let both = Both::new();
    let numbers = twins(&both, 3);
    let (second, third) = ("worklogs/b.md", "worklogs/c.md");
    let text =
        both.sandbox.read(third).replace("    title:", "    status: completed   # fixed by abc\n    title:");
    both.sandbox.write(third, &text);
    let applied = both.run(["dupes", "--apply"]).answer;
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    assert!(applied.err.contains("c/e is left as it is: its status was edited"), "{}", applied.err);
    assert_eq!(both.sandbox.read(third), text);
    assert!(both.sandbox.read(second).contains("status: duplicate"), "{numbers:?}");
}
