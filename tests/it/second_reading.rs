//! What a second reading of a sync, effect by effect, found: each killed, answered or
//! raced at the one place where it went wrong.
#![expect(clippy::disallowed_methods, reason = "tests act on the real world")]

use github_stand_in::{How, Phase, Reason, Rule, When};

use crate::both::{Both, REPO};

#[test]
fn p01_an_issue_that_another_clone_filed_just_now_is_linked_and_takes_no_edit_away() {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: It\n    labels: [bug]\n");
    // Between the first look and the one after the intent, bob's clone files an older
    // version of the entry: without the label, and somebody has closed it since.
    let mut lists = 0;
    both.server.on_request(move |moment, g| {
        let is_list = moment.request.method == "GET" && moment.request.path.ends_with("/issues");
        lists += u64::from(is_list && moment.phase == Phase::Arrived);
        if lists == 2 && g.issue_numbers(REPO).is_empty() {
            g.clock.advance(1);
            let body = "text\n\n<!-- gardener:issue 1 w/e -->\n\n<!-- gardener:block 1 -->\n\
                        * `worklogs/w.md` <!-- gardener:occurrence w/e -->\n<!-- gardener:end -->";
            let number = g.create_issue_as("bob", REPO, "It", body, &[]);
            g.close_as("bob", REPO, number, Reason::Completed);
            g.clock.advance(1);
        }
    });
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1], "nothing was filed: {}", first.answer.out);
    assert!(both.sandbox.read(&path).contains("issue: 1"), "{}", first.answer.out);
    let said = &first.answer.out;
    assert!(said.contains("linked, another run had filed it") && !said.contains("created"), "{said}");
    both.minutes(1);
    both.sync();
    let text = both.sandbox.read(&path);
    assert!(text.contains("labels: [bug]") && text.contains("status: completed"), "{text}");
    assert_eq!(both.issue(1).2, ["bug"], "the label here was an edit nobody else knew");
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn p02_what_was_closed_and_reopened_during_a_sync_still_counts_in_the_next() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It", "body", &[]));
    let path = both.worklog("w", "  - id: e\n    title: It\n    issue: 1\n    status: open\n");
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.github(|g| g.label_as("bob", REPO, 1, "bug"));
    both.minutes(60);
    both.edit(&path, "status: open", "status: not-planned");
    // Just before the second look, the one that precedes the write.
    let mut looks = 0;
    both.server.on_request(move |moment, g| {
        let is_look = moment.request.method == "GET" && moment.request.path.ends_with("/issues/1");
        looks += u32::from(is_look && moment.phase == Phase::Arrived);
        if is_look && moment.phase == Phase::Arrived && looks == 2 {
            g.clock.advance(60);
            g.close_as("bob", REPO, 1, Reason::Completed);
            g.clock.advance(60);
            g.reopen_as("bob", REPO, 1);
            g.clock.advance(60);
        }
    });
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!((first.answer.code, first.writes.len()), (3, 0), "{}", first.answer.out);
    assert!(both.sandbox.read(&path).contains("labels: [bug]"), "the rest goes on: {}", first.answer.out);
    both.minutes(1);
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.writes.len()), (4, 0), "a person decides: {}", second.answer.out);
    assert!(both.issue(1).0, "it stays open");
}

#[test]
fn a_sync_killed_just_before_its_last_note_costs_the_later_ones_no_request() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It", "body", &[]));
    let path =
        both.worklog("w", "  - id: e\n    title: It\n    issue: 1\n    status: open\n    labels: []\n");
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.edit(&path, "labels: []", "labels: [bug]");
    // The text is in place, and the note that it is so is not.
    let whole = crate::kill::scene::copy(&both);
    let list = whole.sandbox.root().join("effects");
    whole.run_in(whole.gardener(["sync"]).env("GARDENER_TEST_EFFECTS", &list));
    let list = std::fs::read_to_string(list).expect("a list");
    let text = list.lines().position(|e| e.contains("w.md")).expect("it is written");
    let note = text + list.lines().skip(text).position(|e| e.contains("journal")).expect("it is noted") + 1;
    both.run_in(both.gardener(["sync"]).env("GARDENER_TEST_KILL", note.to_string()));
    assert!(both.sandbox.read(&path).contains("[bug]"), "{list}");
    for both in [&whole, &both] {
        both.minutes(60);
        both.sync();
        both.minutes(60);
    }
    let quiet = |both: &Both| {
        both.server.clear_log();
        both.assert_settled();
        both.server.log().iter().map(|l| l.target.clone()).collect::<Vec<_>>()
    };
    assert_eq!(quiet(&both), quiet(&whole), "{list}");
}

/// Runs a sync, and `act` in the moment when the write `method` ending in `target` comes.
fn overtaken(
    both: &Both,
    method: &'static str,
    target: &'static str,
    act: fn(&mut github_stand_in::GitHub),
) -> crate::both::Synced {
    let mut done = false;
    both.server.on_request(move |moment, g| {
        let comes = moment.request.method == method && moment.request.path.ends_with(target);
        if comes && moment.phase == Phase::Arrived && !done {
            done = true;
            g.clock.advance(1);
            act(g);
            g.clock.advance(1);
        }
    });
    let synced = both.run(["sync"]);
    both.server.clear_hook();
    both.minutes(1);
    synced
}

#[test]
fn p02_closed_in_the_moment_of_the_write_is_a_conflict_and_not_a_status_nobody_had() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It", "body", &[]));
    let path = both.worklog("w", "  - id: e\n    title: It\n    issue: 1\n    status: open\n");
    both.minutes(60);
    both.sync();
    both.edit(&path, "status: open", "status: in-progress");
    let first = overtaken(&both, "POST", "/labels", |g| g.close_as("bob", REPO, 1, Reason::Completed));
    let said = &first.answer.out;
    assert_eq!(first.answer.code, 3, "{said}");
    assert!(said.contains("status was changed on GitHub in the same moment"), "{said}");
    let second = both.run(["sync"]);
    let said = &second.answer.out;
    assert_eq!((second.answer.code, second.writes.len()), (4, 0), "{said}");
    assert!(said.contains("conflict: in-progress here, completed there"), "{said}");
}

#[test]
fn rule_14_closed_in_the_moment_of_the_write_is_nothing_that_github_refused() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It", "body", &[]));
    let path = both.worklog("w", "  - id: e\n    title: It\n    issue: 1\n    status: open\n");
    both.minutes(60);
    both.sync();
    both.edit(&path, "status: open", "status: not-planned");
    let first = overtaken(&both, "PATCH", "/issues/1", |g| g.close_as("bob", REPO, 1, Reason::Completed));
    let said = &first.answer.out;
    assert!(first.answer.code == 3 && said.contains("it is completed"), "{said}");
    both.github(|g| g.reopen_as("bob", REPO, 1));
    both.minutes(1);
    assert_eq!(both.run(["sync"]).answer.code, 4, "a person decides");
    let last = both.run(["sync", "--prefer", "local"]);
    assert_eq!(last.answer.code, 0, "{}", last.answer.out);
    assert_eq!(both.issue(1).1, "NotPlanned");
}

#[test]
fn p02_a_label_that_was_taken_off_without_an_answer_and_put_on_again_here_stays() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It", "body", &["bug"]));
    let path = both.worklog("w", "  - id: e\n    title: It\n    issue: 1\n    labels: [bug]\n");
    both.minutes(60);
    both.sync();
    both.minutes(60);
    both.edit(&path, "labels: [bug]", "labels: []");
    // It is taken off, but nobody hears of it.
    both.server.fail(Rule::new(When::After, How::Status(500, String::new())).method("DELETE"));
    let first = both.run(["sync"]);
    assert_eq!((first.answer.code, both.issue(1).2), (3, Vec::new()), "{}", first.answer.out);
    both.edit(&path, "labels: []", "labels: [bug]");
    both.minutes(1);
    both.sync();
    assert_eq!(both.issue(1).2, ["bug"]);
    assert!(both.sandbox.read(&path).contains("labels: [bug]"));
}
