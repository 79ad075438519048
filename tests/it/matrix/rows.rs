//! Faults of the table that no other test makes: answers that are true and odd, answers that
//! are false and plausible, and worklogs that are not where or what they were.

use std::time::Duration;

use github_stand_in::{How, Kind, Permission, Reason, Request, Response, Rule, When};
use serde_json::{Value, json};

use super::fired;
use crate::both::{Both, REPO, SECRET, Synced};
use crate::kill::scene::{EARLIER, End, LATER, copy, scene, settle};

/// An issue by bob, and a worklog that is linked to it and agrees.
fn linked(entry: &str, labels: &[&str]) -> (Both, String) {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", labels));
    let path = both.worklog("w", &format!("  - id: e\n    title: It is broken\n    issue: 1\n{entry}"));
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.assert_settled();
    (both, path)
}

fn said(synced: &Synced) -> String {
    let Synced { answer, writes, commits, .. } = synced;
    format!("exit {}, {writes:?}, {commits} commits\n{}{}", answer.code, answer.out, answer.err)
}

fn body(both: &Both, number: u64) -> String {
    both.github(|g| g.issue(REPO, number).expect("there").facts.body.clone()).unwrap_or_default()
}

#[test]
fn a_label_that_may_not_be_made_costs_the_label_and_not_the_issue() {
    let both = Both::new();
    both.github(|g| g.grant("ann", REPO, Permission::Read));
    both.worklog("w", "  - id: e\n    title: New\n    labels: [never-seen]\n");
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", said(&first));
    fired("a label that may not be made");
    let numbers = both.github(|g| g.issue_numbers(REPO));
    assert_eq!(numbers, [1], "{}", said(&first));
    assert!(first.answer.out.contains("never-seen"), "{}", said(&first));
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", said(&again));
    both.github(|g| g.grant("ann", REPO, Permission::Write));
    both.sync();
    assert_eq!(both.issue(1).2, ["never-seen"]);
}

#[test]
fn what_github_finds_invalid_is_that_entrys_business() {
    let both = Both::new();
    both.worklog("w", "  - id: a\n    title: Refused\n  - id: b\n    title: Fine\n");
    let refusal =
        r#"{"message":"Validation Failed","errors":[{"resource":"Issue","code":"custom","field":"title"}]}"#;
    let rule = Rule::new(When::Before, How::Status(422, refusal.to_owned()));
    both.server.fail(rule.method("POST").path("/issues").body("Refused").always());
    let first = both.run(["sync"]);
    assert_eq!((first.answer.code, first.commits), (3, 1), "{}", said(&first));
    assert!(first.answer.out.contains("not filed: "), "{}", said(&first));
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
    both.server.clear_faults();
    // Nothing came of it, so no grace is waited for.
    both.sync();
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1, 2]);
    both.assert_settled();
}

#[test]
fn where_issues_are_switched_off_at_the_last_moment_nothing_is_unlinked() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    let gone = How::Status(410, r#"{"message":"Issues has been disabled in this repository."}"#.to_owned());
    both.server.fail(Rule::new(When::Before, gone).method("POST").path("/repos/acme/app/issues").always());
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", said(&first));
    assert_eq!(both.github(|g| g.issue_numbers(REPO)).len(), 3, "{}", said(&first));
    assert!(
        both.sandbox.read(LATER).contains("issue: 1021")
            && both.sandbox.read(EARLIER).contains("issue: 1023")
    );
    both.server.clear_faults();
    both.minutes(16);
    settle(&both, 3).unwrap_or_else(|why| panic!("{why}"));
    end.assert_same(&End::of(&both), &said(&first));
}

#[test]
fn what_both_sides_changed_alike_is_agreed_without_a_write() {
    let (both, path) = linked("    status: open\n    severity: P2\n    labels: [bug]\n", &["bug", "P2"]);
    both.github(|g| {
        g.close_as("bob", REPO, 1, Reason::Completed);
        g.unlabel_as("bob", REPO, 1, "P2");
        g.label_as("bob", REPO, 1, "P1");
        g.label_as("bob", REPO, 1, "seen");
    });
    both.minutes(1);
    both.edit(
        &path,
        "    status: open\n    severity: P2\n    labels: [bug]",
        "    status: completed\n    severity: P1\n    labels: [bug, seen]",
    );
    fired("both sides changed alike");
    let synced = both.sync();
    assert_eq!((synced.writes.len(), synced.commits), (0, 1), "{}", said(&synced));
    assert!(both.sandbox.read(&path).contains("\"status\":\"completed\",\"severity\":\"P1\""));
    both.assert_settled();
    // The base is the new one: what is changed next counts from there.
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.minutes(1);
    both.sync();
    assert!(both.sandbox.read(&path).contains("status: open"));
}

/// An empty list with status 200 is a lie that looks like the truth. It closes nothing, unlinks
/// nothing, and what is linked is asked for by its number.
#[test]
fn lists_that_are_empty_by_mistake_close_and_unlink_nothing() {
    let both = copy(&scene());
    settle(&both, 2).expect("settled");
    let known = both.github(|g| End::github(g));
    let empty = || How::Answer(Response { body: b"[]".to_vec(), status: 200, ..Response::default() });
    both.server.fail(Rule::new(When::Before, empty()).method("GET").path("/issues?").always());
    both.minutes(60);
    let before = both.sandbox.snapshot();
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len(), synced.commits), (0, 0, 0), "{}", said(&synced));
    assert_eq!((both.github(|g| End::github(g)), both.sandbox.snapshot()), (known, before));
    both.server.clear_faults();
    both.assert_settled();
}

#[test]
fn too_much_at_once_stops_before_the_first_write() {
    let both = Both::new();
    let entry = |n: usize| format!("  - id: e{n}\n    title: Problem {n}\n");
    both.worklog("w", &(0..30).map(entry).collect::<String>());
    let before = both.sandbox.snapshot();
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len(), synced.commits), (5, 0, 0), "{}", said(&synced));
    fired("thirty new issues at once");
    assert_eq!(both.sandbox.snapshot(), before);
    let synced = both.run(["sync", "--yes"]);
    assert_eq!(synced.answer.code, 0, "{}", said(&synced));
    // All issues gone at once, while there is something to send to each: the brake stops it, and
    // where somebody says yes all the same, not one is written to, filed again or unlinked.
    let text = both.sandbox.read("worklogs/w.md").replace("    issue: ", "    severity: P1\n    issue: ");
    both.sandbox.write("worklogs/w.md", &text);
    both.github(|g| (1..=30).for_each(|n| g.delete_issue_as("bob", REPO, n)));
    both.minutes(60);
    fired("all issues gone at once");
    let (plain, told) = (&["sync"][..], &["sync", "--yes"][..]);
    for (words, code) in [(plain, 1), (plain, 5), (told, 3), (told, 3), (plain, 5)] {
        let synced = both.run(words);
        assert_eq!(
            (synced.answer.code, synced.writes.len(), synced.commits),
            (code, 0, 0),
            "{}",
            said(&synced)
        );
        both.minutes(1);
    }
    assert_eq!(both.sandbox.read("worklogs/w.md"), text);
}

/// Lists that show an issue as it was before we wrote to it turn nothing back.
#[test]
fn a_list_that_is_behind_turns_nothing_back() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    for rest in [false, true] {
        let both = copy(&scene);
        both.github(|g| g.settings.list_lag_updates = 900);
        let run = || {
            let start = both.gardener(["sync"]);
            both.run_in(if rest { start.env("GARDENER_REST_ONLY", "1") } else { start })
        };
        let first = run();
        for _ in 0..3 {
            both.minutes(1);
            let next = run();
            assert!(next.writes.is_empty() && next.commits == 0, "{}\n{}", said(&first), said(&next));
        }
        fired("lists that are behind");
        both.minutes(30);
        settle(&both, 1).unwrap_or_else(|why| panic!("{why}"));
        end.assert_same(&End::of(&both), &said(&first));
    }
}

/// Not found may mean not allowed, moved, or gone: the entry stays as it is.
#[test]
fn an_issue_that_is_not_found_is_left_as_it_is() {
    let (both, path) = linked("    status: open\n", &["bug"]);
    let text = both.sandbox.read(&path);
    let missing = r#"{"message":"Not Found"}"#.to_owned();
    both.server
        .fail(Rule::new(When::Before, How::Status(404, missing)).method("GET").path("/issues/1").always());
    let empty = How::Status(200, "[]".to_owned());
    both.server.fail(Rule::new(When::Before, empty).method("GET").path("/issues?").always());
    both.github(|g| g.settings.graphql = false);
    std::fs::remove_file(both.sandbox.top().join(".git/gardener/cache.json")).expect("removed");
    both.edit(&path, "status: open", "status: completed");
    for _ in 0..2 {
        let synced = both.run(["sync"]);
        assert_eq!((synced.answer.code, synced.writes.len(), synced.commits), (3, 0, 0), "{}", said(&synced));
        assert!(synced.answer.out.contains("#1"), "{}", said(&synced));
        both.minutes(1);
    }
    assert_eq!(both.sandbox.read(&path), text.replace("status: open\n", "status: completed\n"));
    both.server.clear_faults();
    both.sync();
    assert_eq!(both.issue(1).1, "Completed");
}

#[test]
fn an_issue_that_became_a_discussion_is_not_commented_on() {
    let both = copy(&scene());
    both.github(|g| g.convert_to_discussion_as("bob", REPO, 1021));
    fired("an issue that became a discussion");
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", said(&first));
    assert!(first.writes.iter().all(|w| !w.contains("/1021/comments")), "{}", said(&first));
    assert!(both.github(|g| g.comments_of(REPO, 1021)).is_empty());
    both.minutes(1);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", said(&again));
}

/// The true answer to a request, as it can be bent.
fn truth(both: &Both, path: &str) -> Value {
    both.github(|g| {
        let mut request = Request::new("GET", path);
        request.headers.insert("authorization".to_owned(), format!("Bearer {SECRET}"));
        github_stand_in::handle(g, &request).json()
    })
}

/// GitHub grows: a reason nobody has heard of, labels as plain words, new keys. What is not
/// understood is not "put right".
#[test]
fn words_that_are_new_to_us_are_left_as_they_are() {
    let (both, path) = linked("    status: open\n", &["bug"]);
    both.github(|g| {
        g.close_as("bob", REPO, 1, Reason::Completed);
        g.settings.graphql = false;
    });
    both.minutes(1);
    both.sync();
    let mut issue = truth(&both, "/repos/acme/app/issues/1");
    issue["state_reason"] = json!("superseded");
    issue["labels"] = json!(["bug", {"id": 9, "name": "odd", "hue": 1}]);
    issue["kin"] = json!({"deep": [1, 2]});
    issue["updated_at"] = json!("2026-03-01T16:00:00Z");
    // The first rule that fits counts: the issue's comments and events are as ever.
    for rest in ["/issues/1/", "/issues/comments"] {
        both.server.fail(Rule::new(When::After, How::Slow(Duration::ZERO)).path(rest).always());
    }
    let answer = |value: &Value| How::Status(200, value.to_string());
    both.server.fail(Rule::new(When::Before, answer(&issue)).method("GET").path("/issues/1").always());
    both.server
        .fail(Rule::new(When::Before, answer(&json!([issue]))).method("GET").path("/issues?").always());
    both.minutes(60);
    let first = both.run(["sync"]);
    fired("words that are new");
    assert_eq!((first.answer.code, first.writes.len()), (0, 0), "{}", said(&first));
    let text = both.sandbox.read(&path);
    assert!(text.contains("status: completed") && text.contains("odd"), "{text}");
    let again = both.run(["sync"]);
    assert_eq!((again.writes.len(), again.commits), (0, 0), "{}", said(&again));
}

#[test]
fn a_copied_worklog_is_named_and_neither_is_written_to() {
    let (both, path) = linked("    status: open\n", &["bug"]);
    let text = both.sandbox.read(&path);
    both.sandbox.write("worklogs/copy.md", &text);
    let twice =
        "---\ngardener: 1\nid: v\nentries:\n  - id: x\n    title: One\n  - id: x\n    title: Two\n---\n";
    both.sandbox.write("worklogs/twice.md", twice);
    both.edit(&path, "status: open", "status: completed");
    both.worklog("u", "  - id: y\n    title: Fine\n");
    fired("two worklogs and two entries of one id");
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, 3, "{}", said(&synced));
    for name in ["worklogs/copy.md", "worklogs/w.md", "worklogs/twice.md"] {
        assert!(synced.answer.err.contains(name), "{name}: {}", said(&synced));
    }
    assert!(both.issue(1).0, "nothing was sent for either");
    assert_eq!(both.sandbox.read("worklogs/copy.md"), text);
    assert!(both.sandbox.read("worklogs/u.md").contains("issue: 2"), "the others go on");
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1, 2]);
}

/// A worklog that is deleted, ignored or out of a sparse checkout is not here: that closes nothing.
#[test]
fn a_worklog_that_is_not_here_closes_nothing() {
    for way in ["deleted", "committed", "ignored", "sparse", "moved"] {
        let (both, path) = linked("    status: open\n    severity: P2\n", &["P2"]);
        match way {
            "deleted" => both.sandbox.remove(&path),
            "committed" => drop(both.sandbox.git(["rm", "-q", &path])),
            "ignored" => {
                both.sandbox.git(["rm", "-q", "--cached", &path]);
                both.sandbox.write(".gitignore", "worklogs/\n");
            }
            "sparse" => drop(both.sandbox.git(["sparse-checkout", "set", "--no-cone", "README.md"])),
            _ => drop(both.sandbox.program("mv", [&path, "worklogs/moved.md"]).output()),
        }
        if way == "committed" {
            both.sandbox.commit_all("gone");
        }
        fired("a worklog that is not here");
        let synced = both.run(["sync"]);
        assert_eq!(synced.writes, Vec::<String>::new(), "{way}: {}", said(&synced));
        assert!(both.issue(1).0 && both.issue(1).2 == ["P2"], "{way}");
        if way == "moved" {
            // It took its base along: an edit is an edit, no first link.
            both.edit("worklogs/moved.md", "severity: P2", "severity: P1");
            let synced = both.run(["sync"]);
            assert_eq!(both.issue(1).2, ["P1"], "{}", said(&synced));
        }
    }
}

/// Our marker is a line in a text that anybody may edit. The number in the worklog counts.
#[test]
fn a_marker_that_somebody_changed_or_took_away_makes_nothing_new() {
    for new in [
        "",
        "<!-- gardener:issue 1 w/other -->",
        "<!-- gardener:issue 1 w/e --> <!-- gardener:issue 1 w/e -->",
    ] {
        let both = Both::new();
        let path = both.worklog("w", "  - id: e\n    title: Mine\n    links: [\"#7\"]\n");
        both.sync();
        let text = body(&both, 1).replace("\r\n", "\n");
        let marker = text.lines().find(|l| l.starts_with("<!-- gardener:issue")).expect("a marker");
        both.github(|g| g.edit_body_as("bob", REPO, 1, &text.replace(marker, new)));
        fired("a marker edited by hand");
        both.minutes(1);
        let synced = both.sync();
        assert_eq!(synced.writes, Vec::<String>::new(), "{new}: {}", said(&synced));
        both.edit(&path, "links: [\"#7\"]", "links: [\"#7\", \"#8\"]");
        both.minutes(1);
        both.sync();
        // Without our marker it is somebody else's text: the links are in a comment of ours.
        let comments = both.github(|g| g.comments_of(REPO, 1)).join("\n");
        assert!(body(&both, 1).contains("#8") || comments.contains("#8"), "{}\n{comments}", body(&both, 1));
        assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
        both.minutes(1);
        both.assert_settled();
    }
}

/// Somebody copies the text of our issue into a new one, marker and all.
#[test]
fn of_two_issues_with_our_marker_the_lowest_is_ours() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: Mine\n    severity: P1\n");
    both.sync();
    both.github(|g| {
        let text = g.issue(REPO, 1).expect("there").facts.body.clone().unwrap_or_default();
        g.create_issue_as("bob", REPO, "Mine, again", &text, &["bug"]);
    });
    fired("a marker copied into another issue");
    both.minutes(1);
    // The number counts, ...
    both.edit(&path, "severity: P1", "severity: P0");
    both.sync();
    assert_eq!((both.issue(1).2, both.issue(2).2), (vec!["P0".to_owned()], vec!["bug".to_owned()]));
    // ... and where it was never written down, the lowest of the two is the one.
    both.sandbox.git(["reset", "-q", "--hard", "HEAD^^"]);
    std::fs::remove_dir_all(both.sandbox.top().join(".git/gardener")).expect("removed");
    both.minutes(30);
    let synced = both.run(["sync"]);
    assert!(both.sandbox.read(&path).contains("issue: 1\n"), "{}", said(&synced));
    assert!(
        synced.writes.iter().all(|w| !w.contains("/issues/2") && !w.ends_with("/issues")),
        "{}",
        said(&synced)
    );
}

/// Front matter with a key twice, a cut quote, or a tab: named, left alone, and the rest goes on.
#[test]
fn front_matter_that_can_not_be_read_in_one_way_is_not_read() {
    for broken in ["    status: open\n    status: completed\n", "    severity: \"P1\n", "\tseverity: P1\n"] {
        let (both, path) = linked("    status: open\n", &[]);
        both.edit(&path, "    status: open\n", broken);
        let text = both.sandbox.read(&path);
        both.worklog("v", "  - id: y\n    title: Fine\n");
        fired("front matter that is broken");
        let synced = both.run(["sync"]);
        assert_eq!(synced.answer.code, 3, "{}", said(&synced));
        assert!(synced.answer.err.contains("worklogs/w.md:"), "{}", said(&synced));
        assert_eq!(both.sandbox.read(&path), text);
        assert!(
            both.issue(1).0 && both.sandbox.read("worklogs/v.md").contains("issue: 2"),
            "{}",
            said(&synced)
        );
    }
}

/// A compressed bomb, and a page that is no JSON at all: read to no end, believed in no part.
#[test]
fn answers_that_can_not_be_read_change_nothing() {
    let bomb =
        Response { status: 200, body: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], ..Response::default() };
    let bomb = bomb.header("content-encoding", "gzip").header("content-type", "application/json");
    let huge = Response { status: 200, body: vec![b'['; 11 << 20], ..Response::default() };
    for answer in [bomb, huge] {
        let both = copy(&scene());
        let (before, known) = (both.sandbox.snapshot(), both.github(|g| End::github(g)));
        both.server.fail(Rule::new(When::Before, How::Answer(answer)).kind(Kind::Read).always());
        let synced = both.run(["sync"]);
        assert_eq!((synced.answer.code, synced.writes.len(), synced.commits), (1, 0, 0), "{}", said(&synced));
        fired("answers that can not be read");
        assert_eq!((both.sandbox.snapshot(), both.github(|g| End::github(g))), (before, known));
    }
}
