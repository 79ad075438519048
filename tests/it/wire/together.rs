//! Several writes in one request: what goes over the wire, and what each is worth when the answer
//! is bad. Nothing is ever sent twice.

use gardener::forge::{Certainty, ForgeError, ForgeWrite as _, GitHubWriter, WriteError};
use gardener::plan::{Echo, StateChange, Write};
use github_stand_in::{How, Rule, When};

use super::{Scene, label, labels, new_issue, numbers, world};

/// Six issues, of which the first four are closed, labelled twice and closed otherwise.
fn scene() -> Scene {
    let mut world = world();
    for n in 1..=6 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "text", &["bug"]);
    }
    Scene::new(world)
}

fn writes() -> Vec<Write> {
    vec![
        Write::SetState { number: 1, to: StateChange::Completed },
        Write::AddLabels { number: 2, labels: labels(&["P1"]) },
        Write::RemoveLabel { number: 3, label: label("bug") },
        Write::SetState { number: 4, to: StateChange::NotPlanned },
    ]
}

/// A writer that has looked at the issues and clears the log.
fn looked(scene: &Scene) -> GitHubWriter {
    let mut writer = scene.writer();
    writer.look_before(&numbers(1..=6), &labels(&["bug", "P1"])).expect("looked");
    scene.clear_log();
    writer
}

fn state(scene: &Scene) -> String {
    let of =
        |number| scene.server.with(|g| format!("{:?}", g.issue("acme/app", number).expect("there").facts));
    (1..=4).map(of).collect()
}

fn confirmed(writes: &[Write], outcomes: &[Result<Echo, WriteError>]) -> Vec<bool> {
    let is = |(write, outcome): (&Write, &Result<Echo, WriteError>)| {
        outcome.as_ref().is_ok_and(|echo| write.confirmed_by(echo).is_ok())
    };
    writes.iter().zip(outcomes).map(is).collect()
}

fn mutations(scene: &Scene) -> usize {
    scene.server.log().iter().map(|l| l.operations.len()).sum()
}

#[test]
fn four_changes_are_one_request_and_each_is_echoed() {
    let scene = scene();
    let mut writer = looked(&scene);
    // Three are no batch.
    assert_eq!(writer.fitting(&writes()[..3]), 1);
    assert_eq!(writer.fitting(&writes()), 4);
    let outcomes = writer.write(&writes());
    assert_eq!(confirmed(&writes(), &outcomes), [true; 4], "{outcomes:?}");
    assert_eq!(scene.lines(), ["POST /graphql -> 200"]);
    // Nor is what is closed closed again that way.
    assert_eq!(writer.fitting(&writes()), 1);
}

#[test]
fn new_issues_take_one_more_question_and_then_ten_a_request() {
    let scene = scene();
    let mut writer = scene.writer();
    let all: Vec<Write> = (0..12).map(|n| new_issue(&format!("new {n}"))).collect();
    assert_eq!(writer.fitting(&all), 10);
    let outcomes = writer.write(&all[..10]);
    assert_eq!(confirmed(&all[..10], &outcomes), [true; 10], "{outcomes:?}");
    assert_eq!(scene.lines(), ["POST /graphql -> 200", "POST /graphql -> 200"]);
    // Two that follow go as the ten did.
    assert_eq!(writer.fitting(&all[10..]), 2);
    assert_eq!(scene.server.with(|g| g.issue_numbers("acme/app").len()), 16);
}

#[test]
fn what_graphql_refuses_goes_by_rest_and_nothing_else_does() {
    let scene = scene();
    let mut writer = looked(&scene);
    // It is gone in the moment between the look and the write. REST makes it again.
    scene.server.with(|g| g.delete_label("acme/app", "P1"));
    let outcomes = writer.write(&writes());
    assert_eq!(confirmed(&writes(), &outcomes), [true; 4], "{outcomes:?}");
    assert_eq!(scene.lines(), ["POST /graphql -> 200", "POST /repos/acme/app/issues/2/labels -> 200"]);
}

#[test]
fn a_request_that_ends_in_the_middle_is_not_sent_again() {
    for done in 0..4 {
        let scene = scene();
        let mut writer = looked(&scene);
        scene.server.with(|g| g.settings.mutations_before_timeout = Some(done));
        let outcomes = writer.write(&writes());
        let is_done = |i: usize| i < done;
        assert_eq!(confirmed(&writes(), &outcomes), (0..4).map(is_done).collect::<Vec<_>>());
        for outcome in &outcomes[done..] {
            assert_eq!(outcome.as_ref().map_err(|e| e.certainty).err(), Some(Certainty::Doubtful));
        }
        assert_eq!((scene.lines().len(), mutations(&scene)), (1, 4));
    }
}

#[test]
fn an_answer_that_says_nothing_leaves_all_in_doubt_and_sends_nothing_again() {
    let empty = r#"{"data":null,"errors":[{"message":"Something went wrong"}]}"#;
    let other = r#"{"data":{"w0x0":{"issue":null},"w0x1":null,"w0x2":null,"w0x3":null}}"#;
    let faults = [
        (When::After, How::Status(502, "<html>Bad gateway</html>".into())),
        (When::Before, How::Status(503, String::new())),
        (When::After, How::Drop),
        (When::Before, How::Drop),
        (When::After, How::Cut(80)),
        (When::After, How::Garbage),
        (When::After, How::Status(200, empty.into())),
        (When::After, How::Status(200, other.into())),
        (When::After, How::Status(200, "{}".into())),
        (When::After, How::RateLimitSecondary { retry_after: Some(1), status: 403 }),
        (When::After, How::RateLimitSecondary { retry_after: None, status: 429 }),
    ];
    for (when, how) in faults {
        for all in [writes(), (0..4).map(|n| new_issue(&format!("n{n}"))).collect()] {
            let scene = scene();
            let mut writer = looked(&scene);
            assert_eq!(writer.fitting(&all), 4);
            scene.clear_log();
            scene.server.fail(Rule::new(when, how.clone()).path("/graphql"));
            let outcomes = writer.write(&all);
            for outcome in &outcomes {
                let certainty = outcome.as_ref().map_err(|e| e.certainty).err();
                assert_eq!(certainty, Some(Certainty::Doubtful), "{how:?} {outcome:?}");
            }
            assert_eq!(scene.lines().len(), 1, "{how:?} {:?}", scene.lines());
        }
    }
}

#[test]
fn a_server_that_does_not_understand_is_asked_by_rest() {
    let words = r#"{"errors":[{"message":"Field 'closeIssue' doesn't exist","extensions":{"code":"undefinedField"}}]}"#;
    for how in [How::Status(200, words.into()), How::Status(404, "{}".into()), How::Status(400, "{}".into())]
    {
        let scene = scene();
        let mut writer = looked(&scene);
        scene.server.fail(Rule::new(When::Before, how).path("/graphql").always());
        let outcomes = writer.write(&writes());
        assert_eq!(confirmed(&writes(), &outcomes), [true; 4], "{outcomes:?}");
        assert_eq!(scene.lines().len(), 5, "{:?}", scene.lines());
        assert_eq!(writer.fitting(&writes()), 1);
    }
}

#[test]
fn too_much_at_once_ends_the_sending() {
    for status in [200, 403] {
        let scene = scene();
        let mut writer = looked(&scene);
        let all: Vec<Write> = (0..6).map(|n| new_issue(&format!("n{n}"))).collect();
        assert_eq!(writer.fitting(&all), 6);
        scene.clear_log();
        scene.server.with(|g| {
            g.settings.content_per_minute = Some(2);
            g.settings.graphql_secondary_status = status;
        });
        let outcomes = writer.write(&all);
        let made = scene.server.with(|g| g.issue_numbers("acme/app").len()) - 6;
        assert_eq!((made, scene.lines().len()), (2, 1), "{:?}", scene.lines());
        for (i, outcome) in outcomes.iter().enumerate() {
            match (status, outcome) {
                (200, Ok(_)) => assert!(i < made),
                (200, Err(error)) => {
                    assert!(matches!(error.error, ForgeError::RateLimited { .. }), "{error}");
                    assert_eq!(error.certainty, Certainty::Rejected);
                }
                // Nothing says how far it came.
                (_, Ok(_)) => panic!("no answer spoke of it"),
                (_, Err(error)) => assert_eq!(error.certainty, Certainty::Doubtful, "{error}"),
            }
        }
    }
}

#[test]
fn the_hourly_limit_strikes_before_anything_is_done() {
    let scene = scene();
    let mut writer = looked(&scene);
    let before = state(&scene);
    let words = r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}"#;
    scene.server.fail(Rule::new(When::Before, How::Status(200, words.into())).path("/graphql").always());
    let outcomes = writer.write(&writes());
    for outcome in &outcomes {
        assert_eq!(outcome.as_ref().map_err(|e| e.certainty).err(), Some(Certainty::Rejected), "{outcome:?}");
    }
    assert_eq!(state(&scene), before);
}
