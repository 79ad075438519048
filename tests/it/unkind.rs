//! What GitHub may do at any time and no user should notice: each of the stand-in's milder
//! unkindnesses is switched on for a whole sync, and the outcome is the same as without.

use github_stand_in::{How, Reason, Rule, Settings, When};

use crate::both::{Both, REPO};

/// Three issues of bob's, each with an entry, one of which has something to send.
fn scene() -> Both {
    let both = Both::new();
    let mut entries = String::new();
    for number in 1..=3 {
        both.github(|g| g.create_issue_as("bob", REPO, &format!("n{number}"), "x", &["bug"]));
        entries += &format!("  - id: e{number}\n    title: E{number}\n    issue: {number}\n");
    }
    both.worklog("w", &(entries + "    severity: P1\n    tests: [t.py::a]\n"));
    both
}

/// What is left at the end.
#[derive(Debug, PartialEq)]
struct End {
    worklog: String,
    /// Whether each issue is open, why not, and its labels.
    issues: [(bool, String, Vec<String>); 3],
    comments: [Vec<String>; 3],
}

/// A sync that sends, then one that takes over what bob did.
fn play(both: &Both) -> End {
    both.sync();
    both.github(|g| {
        g.close_as("bob", REPO, 2, Reason::NotPlanned);
        g.comment_as("bob", REPO, 3, "seen");
    });
    both.sync();
    assert!(both.sandbox.read("worklogs/w.md").contains("status: not-planned"));
    both.assert_settled();
    End {
        worklog: both.sandbox.read("worklogs/w.md"),
        issues: [1, 2, 3].map(|number| both.issue(number)),
        comments: both.github(|g| [1, 2, 3].map(|number| g.comments_of(REPO, number))),
    }
}

#[test]
fn nobody_notices_what_github_does_differently_today() {
    type Switch = fn(&mut Settings);
    let plain = play(&scene());
    let unkind: [(&str, Switch); 6] = [
        ("since leaves its own second out", |s| s.since_exclusive = true),
        ("no limits and none of their headers", |s| s.limited = false),
        ("one issue a query, the rest null", |s| s.issues_before_resource_limit = Some(1)),
        ("one request at a time", |s| s.concurrent = Some(1)),
        ("one row a page", |s| s.page_cap = Some(1)),
        ("comments are late in lists", |s| s.list_lag_comments = 60),
    ];
    for (what, switch) in unkind {
        let both = scene();
        both.github(|g| switch(&mut g.settings));
        assert_eq!(play(&both), plain, "{what}");
    }
}

#[test]
fn a_comment_whose_answer_was_lost_is_not_sent_again_while_lists_lag() {
    let both = scene();
    both.github(|g| g.settings.list_lag_comments = 120);
    both.server.fail(Rule::new(When::After, How::Drop).method("POST").path("/comments"));
    let lost = both.run(["sync"]);
    assert_eq!(lost.answer.code, 3, "{}", lost.answer.out);
    let numbers = || both.github(|g| [1, 2, 3].map(|number| g.comments_of(REPO, number).len()));
    let sent: usize = numbers().iter().sum();
    both.minutes(1);
    let early = both.run(["sync"]);
    assert_eq!(early.answer.code, 3, "{}", early.answer.out);
    for minutes in [2, 16, 60] {
        both.minutes(minutes);
        both.sync();
    }
    // One from each entry, the lost one among them.
    assert!(sent > 0);
    assert_eq!(numbers(), [1, 1, 1]);
    both.assert_settled();
}
