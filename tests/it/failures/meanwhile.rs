//! Somebody else is at work while gardener is.

use std::sync::atomic::{AtomicBool, Ordering};

use github_stand_in::{Moment, Phase, Reason};

use super::*;
use crate::kill::scene::{EARLIER, LATER};
use crate::matrix::fired;

/// Does something once, at the first request for which `when` holds.
fn once(
    both: &Both,
    when: impl Fn(&Moment) -> bool + Send + 'static,
    act: impl Fn(&mut GitHub) + Send + 'static,
) {
    let done = AtomicBool::new(false);
    both.server.on_request(move |moment, github| {
        if when(moment) && !done.swap(true, Ordering::SeqCst) {
            act(github);
            fired("somebody else in between");
        }
    });
}

fn first_write(moment: &Moment) -> bool {
    moment.kind == Kind::Write && moment.phase == Phase::Arrived
}

#[test]
fn an_edit_of_the_worklog_wins_and_the_next_sync_takes_it_up() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    let path = both.sandbox.top().join(LATER);
    let edited = both.sandbox.read(LATER).replace("As before.", "As before, and worse.");
    let text = edited.clone();
    once(&both, first_write, move |_| std::fs::write(&path, &text).expect("written"));
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!((first.answer.code, first.commits), (3, 1), "{}{}", first.answer.out, first.answer.err);
    assert!(first.answer.out.contains("later.md was edited while gardener ran"), "{}", first.answer.out);
    assert_eq!(both.sandbox.read(LATER), edited, "the edit stays, byte for byte");
    settle(&both, 2).expect("settled");
    // A new worklog is committed whole, so that the edit is in the commit, too.
    assert_eq!(both.sandbox.git(["show", &format!("HEAD:{LATER}")]), both.sandbox.read(LATER).trim_end());
    let (want, got) = (format!("{end:?}"), format!("{:?}", End::of(&both)));
    assert_eq!(got.replace("As before, and worse.", "As before."), want);
}

#[test]
fn a_value_edited_meanwhile_is_not_lost_and_turns_nothing_back() {
    let both = copy(&scene());
    let path = both.sandbox.top().join(EARLIER);
    let edited = both.sandbox.read(EARLIER).replace("severity: P0", "severity: P3");
    once(&both, first_write, move |_| std::fs::write(&path, &edited).expect("written"));
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!(first.answer.code, 3, "{}{}", first.answer.out, first.answer.err);
    assert_eq!(both.issue(1023).2, ["P0", "other"]);
    assert_eq!(both.issue(1022).1, "NotPlanned");
    // Two edits of one value, the first sent and the second not: nothing says which counts.
    let second = both.run(["sync"]);
    assert_eq!((second.answer.code, second.writes.len()), (4, 0), "{}", second.answer.out);
    assert!(second.answer.out.contains("conflict: severity P3 here, P0 there"), "{}", second.answer.out);
    let third = both.run(["sync", "--prefer", "local", "ours"]);
    assert_eq!(third.answer.code, 0, "{}", third.answer.out);
    both.assert_settled();
    assert_eq!(both.issue(1023).2, ["P3", "other"], "the edit is sent");
    assert_eq!(both.issue(1022).1, "NotPlanned", "what bob did is not turned back");
    let text = both.sandbox.read(EARLIER);
    assert!(
        text.contains("severity: P3\n    status: completed") && text.contains("status: not-planned"),
        "{text}"
    );
}

#[test]
fn an_issue_that_changes_after_the_plan_is_not_written_to() {
    let both = copy(&scene());
    once(&both, first_write, |g| g.close_as("bob", REPO, 1023, Reason::NotPlanned));
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!(first.answer.code, 3, "{}{}", first.answer.out, first.answer.err);
    assert!(
        first.answer.out.contains("#1023  changed on GitHub just now; nothing sent"),
        "{}",
        first.answer.out
    );
    assert!(first.writes.iter().all(|w| !w.contains("/1023")), "{:?}", first.writes);
    // Both sides closed it, each in its own way: that is a person's to decide, and only that.
    let second = both.run(["sync"]);
    assert_eq!(second.answer.code, 4, "{}", second.answer.out);
    assert!(
        second.answer.out.contains("conflict: completed here, not-planned there"),
        "{}",
        second.answer.out
    );
    assert_eq!(both.issue(1023).2, ["P0", "other"]);
    let text = both.sandbox.read(EARLIER);
    assert!(text.contains("status: completed"), "{text}");
    let third = both.run(["sync", "--prefer", "remote", "ours"]);
    assert_eq!(third.answer.code, 0, "{}", third.answer.out);
    both.assert_settled();
}

#[test]
fn a_label_added_between_the_last_look_and_the_write_stays() {
    let both = copy(&scene());
    let when = |m: &Moment| m.phase == Phase::Arrived && m.request.path.ends_with("/issues/1023/labels");
    once(&both, when, |g| g.label_as("bob", REPO, 1023, "theirs too"));
    both.run(["sync"]);
    both.server.clear_hook();
    settle(&both, 2).expect("settled");
    assert_eq!(both.issue(1023).2, ["P0", "other", "theirs too"]);
    let text = both.sandbox.read(EARLIER);
    assert!(text.contains("labels: [other, \"theirs too\"]"), "{text}");
}

/// Between the last look and the write there is an instant in which GitHub has no lock to
/// offer. What somebody did in it is not lost without a word.
#[test]
fn a_state_set_between_the_last_look_and_the_write_is_a_conflict() {
    let both = copy(&scene());
    let when = |m: &Moment| m.phase == Phase::Arrived && m.request.method == "PATCH";
    once(&both, when, |g| g.close_as("bob", REPO, 1023, Reason::Duplicate));
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!(first.answer.code, 3, "{}{}", first.answer.out, first.answer.err);
    let second = both.run(["sync"]);
    assert_eq!(second.answer.code, 4, "{}{}", second.answer.out, second.answer.err);
    assert!(second.answer.out.contains("completed here, duplicate there"), "{}", second.answer.out);
}

#[test]
fn a_commit_made_meanwhile_stays_the_tip_and_the_next_sync_commits() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    let (top, environment) = (both.sandbox.top().to_owned(), both.sandbox.environment());
    once(&both, first_write, move |_| {
        let mut git = std::process::Command::new("git");
        git.args(["commit", "--quiet", "--allow-empty", "--only", "-m", "mine"]).current_dir(&top);
        assert!(git.env_clear().envs(environment.clone()).status().expect("git").success());
    });
    let first = both.run(["sync"]);
    both.server.clear_hook();
    assert_eq!(first.answer.code, 3, "{}{}", first.answer.out, first.answer.err);
    assert!(first.answer.out.contains("the branch moved while gardener ran"), "{}", first.answer.out);
    assert_eq!(both.sandbox.git(["log", "-1", "--format=%s"]), "mine");
    settle(&both, 2).expect("settled");
    end.assert_same(&End::of(&both), "afterwards");
}

/// Closed and reopened looks unchanged, and only events tell. Another field of the same
/// entry that goes through must not make that forgotten.
#[test]
fn a_conflict_that_only_events_show_outlives_another_field() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "T", "body", &[]));
    let path = both.worklog("w", "  - id: e\n    title: T\n    status: open\n    issue: 1\n    labels: []\n");
    both.sync();
    both.minutes(60);
    both.github(|g| {
        g.close_as("bob", REPO, 1, Reason::Completed);
        g.clock.advance(60);
        g.reopen_as("bob", REPO, 1);
        g.clock.advance(60);
    });
    both.edit(&path, "status: open\n", "status: not-planned\n");
    both.edit(&path, "labels: []", "labels: [bug]");
    for _ in 0..3 {
        let synced = both.run(["sync"]);
        assert_eq!(synced.answer.code, 4, "{}", synced.answer.out);
        assert!(
            synced.answer.out.contains("conflict: not-planned here, open there"),
            "{}",
            synced.answer.out
        );
        assert_eq!((both.issue(1).0, both.issue(1).2), (true, vec!["bug".to_owned()]));
        both.minutes(1);
    }
    let settled = both.run(["sync", "--prefer", "local", "e"]);
    assert_eq!(settled.answer.code, 0, "{}", settled.answer.out);
    assert_eq!(both.issue(1).1, "NotPlanned");
    both.assert_settled();
}
