//! Somebody edits an issue on GitHub between any two requests of a sync.
//!
//! After at most three syncs the edit must be there, here and there; where both sides edited
//! one field a conflict may say so instead. What was edited here must not be lost either. A
//! few moments are taken by default, all of them where `GARDENER_CASES` is set.
#![expect(clippy::disallowed_methods, reason = "how much to try comes from the environment")]

use std::sync::{Arc, Mutex};

use github_stand_in::{GitHub, Phase, Reason};

use super::{body, fork};
use crate::both::{Both, REPO};

type Act = fn(&mut GitHub, u64);

const ACTS: &[(&str, Act)] = &[
    ("close", |g, n| g.close_as("bob", REPO, n, Reason::Completed)),
    ("label", |g, n| g.label_as("bob", REPO, n, "bug")),
    ("unlabel", |g, n| g.unlabel_as("bob", REPO, n, "keep")),
    ("severity", |g, n| {
        ["P1", "P2"].iter().for_each(|l| g.unlabel_as("bob", REPO, n, l));
        g.label_as("bob", REPO, n, "P0");
    }),
    ("body", |g, n| {
        let text = format!("Bob was here\n{}", body(g, n));
        g.edit_body_as("bob", REPO, n, &text);
    }),
    ("comment", |g, n| {
        g.comment_as("bob", REPO, n, "hello");
    }),
    ("transfer", |g, n| {
        g.transfer_as("bob", REPO, n, "acme/other");
    }),
    ("delete", |g, n| g.delete_issue_as("bob", REPO, n)),
];

/// #1 is bob's and #2 was made by gardener; both have all fields edited here, and a third
/// entry is to be filed.
fn scene() -> (Both, String) {
    let both = Both::new();
    both.github(|g| {
        g.add_repo("acme/other");
        g.create_issue_as("bob", REPO, "Theirs", "body", &["P2", "keep", "old"]);
    });
    let values = "    severity: P2\n    status: open\n    labels: [keep, old]\n    links: [\"#70\"]\n";
    let entries = format!(
        "  - id: theirs\n    title: Theirs\n    issue: 1\n{values}  - id: ours\n    title: Ours\n{values}"
    );
    let path = both.worklog("w", &entries);
    both.sync();
    both.minutes(60);
    let text = both.sandbox.read(&path);
    let (front, rest) = text.split_once("---\n\n# w").expect("an end");
    let front = front.replace("severity: P2", "severity: P1").replace("status: open", "status: in-progress");
    let front = front.replace("[keep, old]", "[keep, mine]").replace("[\"#70\"]", "[\"#70\", \"#80\"]");
    both.sandbox.write(&path, format!("{front}  - id: new\n    title: New\n---\n\n# w{rest}"));
    (both, path)
}

/// What is wrong afterwards; `None` when the sync has no such request any more.
fn attack(start: &Both, path: &str, act: (&str, Act), number: u64, at: u64) -> Option<Vec<String>> {
    let both = fork(start);
    let hit = Arc::new(Mutex::new(None));
    let mark = Arc::clone(&hit);
    both.server.on_request(move |moment, g| {
        if moment.index == at && moment.phase == Phase::Arrived {
            g.clock.advance(60);
            (act.1)(g, number);
            g.clock.advance(60);
            let request = format!("{} {}", moment.request.method, moment.request.path);
            *mark.lock().expect("a lock") = Some(request);
        }
    });
    let mut last = both.run(["sync"]);
    both.server.clear_hook();
    let request = hit.lock().expect("a lock").clone()?;
    let mut said = last.answer.out.clone();
    for _ in 0..2 {
        both.minutes(16);
        last = both.run(["sync"]);
        said += &last.answer.out;
    }
    let code = last.answer.code;
    both.minutes(16);
    let again = both.run(["sync"]);
    let text = both.sandbox.read(path);
    let from = text.find(if number == 1 { "id: theirs" } else { "id: ours" }).expect("the entry");
    let entry = text[from..].split("  - id").next().expect("a text").to_owned();
    let here = |what: &str| entry.contains(what);
    let labels = both
        .github(|g| if g.issue_numbers(REPO).contains(&number) { g.labels_of(REPO, number) } else { vec![] });
    let there = |label: &str| labels.iter().any(|l| l == label);
    let mut wrong = Vec::new();
    let mut must = |is: bool, what: &str| {
        if !is {
            wrong.push(format!(
                "{} on #{number} at {at} ({request}): {what}\n{labels:?}\n{entry}\n{said}",
                act.0
            ));
        }
    };
    must(again.writes.is_empty() && again.commits == 0 && again.answer.code == code, "it rests");
    let comments = both.github(|g| g.comments_of(REPO, 1).iter().filter(|c| c.contains("gardener")).count());
    must(comments <= 1, "one comment");
    must(both.github(|g| g.issue_numbers(REPO)).iter().filter(|n| **n > 2).count() == 1, "one new issue");
    must(here("mine") && here("#80"), "the edit here is here");
    match act.0 {
        "transfer" | "delete" => must(code == 3 && here("in-progress") && here("P1"), "held back"),
        // A text goes whole. In the very moment of the write nothing can be done.
        "body" if request == format!("PATCH /repos/acme/app/issues/{number}") => {}
        "body" => must(both.github(|g| body(g, number)).contains("Bob was here"), "his words"),
        "close" => must(!both.issue(number).0 && (here("completed") || code == 4), "closed"),
        "label" => must(there("bug") && here("bug"), "his label"),
        "unlabel" => must(!there("keep") && !here("keep"), "his removal"),
        "severity" => must(there("P0") && (here("severity: P0") || code == 4), "his severity"),
        _ => must(here("P1") && there("P1") && here("in-progress") && there("in-progress"), "the edits here"),
    }
    Some(wrong)
}

#[test]
fn p02_an_edit_between_any_two_requests_is_not_lost() {
    let all = std::env::var_os("GARDENER_CASES").is_some();
    let (start, path) = scene();
    let mut wrong = Vec::new();
    for (i, act) in ACTS.iter().enumerate() {
        for number in [1, 2] {
            for at in 1.. {
                // One moment in each, a later one from act to act, through the whole sync.
                let is_due = all || at == 2 + 2 * i as u64 + number && number == 1 + (i as u64 % 2);
                match is_due.then(|| attack(&start, &path, *act, number, at)) {
                    Some(Some(found)) => wrong.extend(found),
                    Some(None) => break,
                    None if at > 60 => break,
                    None => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
