//! What people write by hand: odd labels, and the managed block tidied up on GitHub.

use super::{body, fork, linked};
use crate::both::{Both, REPO};

#[test]
fn p07_odd_labels_go_both_ways() {
    let odd = [
        "a/b",
        "🐛 bug",
        "\"q\"",
        "it's",
        "a: b",
        "x,y",
        "#hash",
        "yes",
        "null",
        "~",
        "1.0",
        "0x1",
        "- x",
        "[x]",
        "{y}",
        "%p",
        "%2F",
        "@me",
        "`t`",
        "!x",
        "&a",
        "*s",
        "|",
        ">",
        "a #b",
        "trailing:",
        "Bug",
        "İ",
        "ß",
        "e\u{301}",
        "2026-01-01",
        "<b>",
        "-->",
        "a\\b",
        "?",
        "a+b c",
    ];
    let long = "ü".repeat(50);
    let labels: Vec<&str> = odd.into_iter().chain([long.as_str()]).collect();
    let (both, path) = linked("", &labels);
    both.without_likeness();
    let copy = both.sandbox.read(&path).replace("id: w\n", "id: v\n").replace("    issue: 1\n", "");
    let front = copy.split("\n# w").next().expect("a front");
    both.sandbox.write("worklogs/v.md", front);
    both.sync();
    assert_eq!(both.issue(1).2.len(), labels.len());
    assert_eq!(both.issue(1).2, both.issue(2).2);
    // And off again, each by its name in an address.
    let text = both.sandbox.read("worklogs/v.md");
    let line = text.lines().find(|l| l.starts_with("    labels:")).expect("labels");
    both.edit("worklogs/v.md", line, "    labels: []");
    both.minutes(1);
    both.sync();
    assert_eq!(both.issue(2).2, Vec::<String>::new());
    both.minutes(1);
    both.assert_settled();
}

const LINKS: &str =
    "[\"#9\", {blocked-by: \"#10\"}, \"https://e.org/x?a=b#c\", \"Other/Repo#3\", \"ACME/App#5\"]";

fn listed() -> (Both, String) {
    let both = Both::new();
    let path = both.worklog("w", &format!("  - id: e\n    title: Mine\n    links: {LINKS}\n"));
    both.sync();
    both.minutes(1);
    (both, path)
}

#[test]
fn p02_tidying_up_the_block_takes_no_link_away() {
    let (start, path) = listed();
    let text = start.github(|g| body(g, 1));
    let ways: &[(&str, &str)] = &[
        ("  * ", "  "),
        ("  * ", "* "),
        ("  * ", "  1. "),
        ("  * ", "  * [x] "),
        ("related:", "Related:"),
        ("related:", "**related**:"),
        ("related: ", ""),
        ("#9\n", "#9 (see there)\n"),
        ("related: #9", "related: GH-9"),
        ("<https://e.org/x?a=b#c>", "[e](https://e.org/x?a=b#c)"),
        ("<!-- gardener:end -->", ""),
    ];
    for (from, to) in ways {
        let both = fork(&start);
        both.github(|g| g.edit_body_as("bob", REPO, 1, &text.replace(from, to)));
        both.minutes(1);
        both.sync();
        assert!(both.sandbox.read(&path).contains(LINKS), "{from} {to}: {}", both.sandbox.read(&path));
        both.minutes(1);
        both.assert_settled();
    }
}

#[test]
fn p02_a_link_taken_away_there_goes_here_however_it_is_spelled() {
    let (both, path) = listed();
    both.github(|g| {
        let text = body(g, 1).replace("  * related: #5\n", "");
        g.edit_body_as("bob", REPO, 1, &text);
    });
    both.minutes(1);
    both.sync();
    assert!(!both.sandbox.read(&path).contains("ACME/App#5"), "{}", both.sandbox.read(&path));
    both.minutes(1);
    both.assert_settled();
    assert!(!both.github(|g| body(g, 1)).contains("#5"), "it stays away");
}
