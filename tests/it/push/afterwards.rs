//! What comes after a push that sent something and wrote nothing: its base is in the journal alone.

use github_stand_in::{How, Rule, When};

use super::{PATH, Pushes};
use crate::both::REPO;

const MAIN: [&str; 2] = ["share", "main"];

fn sent(pushes: &Pushes, words: &str) {
    let did = pushes.push(&MAIN);
    assert!(did.answer.code == 0 && did.commits == 0 && did.answer.err.contains(words), "{words}: {did:#?}");
    pushes.both.minutes(30);
}

#[test]
fn a_second_push_may_take_back_what_the_first_one_sent() {
    let pushes = Pushes::new();
    pushes.commit_edit("severity: P2\n", "severity: P2\n    labels: [one, two]\n");
    sent(&pushes, "-> labels +one +two");
    pushes.commit_edit("[one, two]", "[one]");
    sent(&pushes, "-> labels -two");
    pushes.commit_edit("severity: P2", "severity: P0");
    sent(&pushes, "-> severity P2 to P0");
    pushes.commit_edit("severity: P0", "severity: P2");
    sent(&pushes, "-> severity P0 to P2");
    pushes.commit_edit("status: open", "status: completed");
    sent(&pushes, "-> completed");
    pushes.commit_edit("status: completed", "status: open");
    sent(&pushes, "-> open");
    assert_eq!(pushes.both.issue(1), (true, "Reopened".to_owned(), vec!["P2".into(), "one".into()]));
    pushes.both.sync();
    pushes.both.minutes(30);
    pushes.both.assert_settled();
}

#[test]
fn what_a_person_did_there_meanwhile_is_asked_and_not_overruled() {
    let pushes = Pushes::new();
    pushes.commit_edit("status: open", "status: completed");
    pushes.commit_edit("severity: P2", "severity: P0");
    sent(&pushes, "-> completed");
    pushes.both.github(|g| {
        g.reopen_as("bob", REPO, 1);
        g.unlabel_as("bob", REPO, 1, "P0");
        g.label_as("bob", REPO, 1, "P1");
    });
    pushes.both.minutes(30);
    pushes.both.sandbox.git(["clone", "-q", ".", "../fresh"]);
    // This clone has the journal of what was sent, and follows.
    let here = pushes.both.sync();
    assert!(here.answer.out.contains("<- open on GitHub") && here.answer.out.contains("P1"), "{here:#?}");
    let text = pushes.both.sandbox.read(PATH);
    assert!(text.contains("status: open") && text.contains("severity: P1"), "{text}");
    // A fresh one has nothing but the text and its old base line: it asks.
    let remote = pushes.both.sandbox.git(["remote", "get-url", "origin"]);
    pushes.both.sandbox.git(["-C", "../fresh", "remote", "set-url", "origin", remote.trim()]);
    let answer = pushes.both.gardener(["-C", "../fresh", "sync"]).run();
    assert!(answer.code == 4 && answer.out.contains("conflict: completed here, open there"), "{answer:#?}");
    assert_eq!(pushes.both.issue(1), (true, "Reopened".to_owned(), vec!["P1".into()]));
}

#[test]
fn a_push_that_is_only_tried_sends_nothing_however_it_is_written() {
    let pushes = Pushes::new();
    pushes.commit_edit("status: open", "status: completed");
    pushes.both.sandbox.config("alias.tried", "push --dry-run");
    let tried: [&[&str]; 5] = [
        &["push", "--dry-run", "share", "main"],
        &["push", "share", "main", "--dry-run"],
        &["push", "-nv", "share", "main"],
        &["push", "--dry", "share", "main"],
        &["tried", "share", "main"],
    ];
    for words in tried {
        let did = pushes.watched(pushes.git(words));
        assert!(did.answer.code == 0 && did.requests == 0, "{words:?}: {did:#?}");
    }
    sent(&pushes, "-> completed");
}

#[test]
fn what_is_left_out_is_said() {
    let pushes = Pushes::new();
    pushes.commit_edit("status: open", "status: complete");
    let did = pushes.push(&MAIN);
    assert!(did.answer.code == 0 && did.answer.err.contains("worklogs/w.md"), "{did:#?}");
}

#[test]
fn what_somebody_was_writing_during_a_push_is_not_taken_for_what_was_there_before_it() {
    let pushes = Pushes::new();
    pushes.commit_edit("status: open", "status: in-progress");
    pushes.both.edit(PATH, "status: in-progress", "status: duplicate");
    sent(&pushes, "-> in-progress");
    pushes.both.edit(PATH, "status: duplicate", "status: open");
    let answer = pushes.both.run(["sync"]).answer;
    assert!(answer.code == 4 && answer.out.contains("conflict: open here, in-progress there"), "{answer:#?}");
    assert!(pushes.both.sandbox.read(PATH).contains("status: open"));
}

/// What a push could not send is made up for by the next one, whatever that one touches.
#[test]
fn a_push_without_github_is_made_up_for_by_the_next() {
    let pushes = Pushes::new();
    pushes.commit_edit("status: open", "status: completed");
    pushes.both.server.fail(Rule::new(When::Before, How::Status(502, "down".to_owned())).always());
    let lost = pushes.push(&MAIN);
    assert!(lost.answer.code == 0 && lost.answer.err.contains("not synced"), "{lost:#?}");
    pushes.both.server.clear_faults();
    pushes.both.sandbox.write("other.txt", "nothing of a worklog\n");
    pushes.both.sandbox.commit_all("something else");
    sent(&pushes, "-> completed");
}
