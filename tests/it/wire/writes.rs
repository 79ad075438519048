//! Writing: exact requests, echoes, and each refusal by its reason.

use gardener::forge::{Certainty, ForgeError, ForgeWrite as _, GitHub, GitHubWriter, Options};
use gardener::model::State;
use gardener::plan::{Echo, Mismatch, StateChange, Write};
use github_stand_in::{How, Rule, When};
use serde_json::{Value, json};

use super::{Scene, label, labels, new_issue, world};

#[test]
fn every_write_is_one_request_and_its_echo_confirms_it() {
    let mut world = world();
    let number = world.create_issue_as("ann", "acme/app", "t", "", &["area/cli"]);
    let comment = world.comment_as("ann", "acme/app", number, "c");
    let scene = Scene::new(world);
    let issue = format!("/repos/acme/app/issues/{number}");
    let table: Vec<(Write, String, Value)> = vec![
        (
            Write::CreateLabel { label: label("new one"), color: "00ff00".into(), description: "d".into() },
            "POST /repos/acme/app/labels -> 201".into(),
            json!({ "name": "new one", "color": "00ff00", "description": "d" }),
        ),
        (
            new_issue("filed"),
            "POST /repos/acme/app/issues -> 201".into(),
            json!({ "title": "filed", "body": "text", "labels": ["bug"] }),
        ),
        (
            Write::CreateComment { number, body: "hello".into() },
            format!("POST {issue}/comments -> 201"),
            json!({ "body": "hello" }),
        ),
        (
            Write::EditComment { number, id: comment, body: "better".into() },
            format!("PATCH /repos/acme/app/issues/comments/{comment} -> 200"),
            json!({ "body": "better" }),
        ),
        (
            Write::AddLabels { number, labels: labels(&["bug", "P1"]) },
            format!("POST {issue}/labels -> 200"),
            json!({ "labels": ["bug", "P1"] }),
        ),
        (
            Write::RemoveLabel { number, label: label("area/cli") },
            format!("DELETE {issue}/labels/area%2Fcli -> 200"),
            Value::Null,
        ),
        (
            Write::SetState { number, to: StateChange::NotPlanned },
            format!("PATCH {issue} -> 200"),
            json!({ "state": "closed", "state_reason": "not_planned" }),
        ),
        (
            Write::SetState { number, to: StateChange::Reopen },
            format!("PATCH {issue} -> 200"),
            json!({ "state": "open", "state_reason": "reopened" }),
        ),
        (
            Write::SetState { number, to: StateChange::Duplicate },
            format!("PATCH {issue} -> 200"),
            json!({ "state": "closed", "state_reason": "duplicate" }),
        ),
        (
            Write::EditBody { number, body: "whole\ntext".into() },
            format!("PATCH {issue} -> 200"),
            json!({ "body": "whole\ntext" }),
        ),
    ];
    let writes: Vec<Write> = table.iter().map(|(w, ..)| w.clone()).collect();
    let outcomes = scene.writer().write(&writes);
    for (write, outcome) in writes.iter().zip(&outcomes) {
        let echo = outcome.as_ref().expect("done");
        assert_eq!(write.confirmed_by(echo), Ok(()), "{write:?} {echo:?}");
    }
    assert_eq!(scene.lines(), table.iter().map(|(_, line, _)| line.clone()).collect::<Vec<_>>());
    for (logged, (_, _, body)) in scene.server.log().iter().zip(&table) {
        assert_eq!(serde_json::from_str::<Value>(&logged.body()).unwrap_or_default(), *body);
    }
    let announced = scene.announced.lock().expect("unpoisoned").clone();
    assert_eq!(announced[0], "http POST /repos/acme/app/labels");
    assert_eq!(announced[1], "answer to http POST /repos/acme/app/labels");
    assert_eq!(announced.len(), 2 * writes.len());
    assert!(scene.waits().is_empty(), "no pace on loopback");
}

#[test]
fn what_is_done_already_counts_as_done() {
    let mut world = world();
    let number = world.create_issue_as("ann", "acme/app", "t", "", &["bug"]);
    let scene = Scene::new(world);
    let outcomes = scene.writer().write(&[
        Write::CreateLabel { label: label("BUG"), color: "00ff00".into(), description: String::new() },
        Write::RemoveLabel { number, label: label("p1") },
    ]);
    let Ok(Echo::Label(existing)) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(existing.name(), "bug", "the spelling that is there");
    assert_eq!(outcomes[1], Ok(Echo::Labels(vec![label("bug")])));
}

#[test]
fn an_echo_tells_what_github_left_out() {
    let mut world = world();
    world.add_token("t-reader", "rea");
    let number = world.create_issue_as("rea", "acme/app", "t", "", &[]);
    let scene = Scene::new(world);
    let options = scene.options();
    let token = gardener::forge::Token::new("t-reader", "GH_TOKEN", options.address.host());
    let mut github = GitHubWriter::new(GitHub::new(Options { token, ..options }));
    let create = new_issue("dropped labels");
    let close = Write::SetState { number, to: StateChange::Completed };
    let again = Write::SetState { number, to: StateChange::NotPlanned };
    let outcomes = github.write(&[create.clone(), close.clone(), again.clone()]);
    let echo = |n: usize| outcomes[n].as_ref().expect("answered");
    assert_eq!(create.confirmed_by(echo(0)), Err(Mismatch::LabelsMissing(labels(&["bug"]))));
    assert_eq!(close.confirmed_by(echo(1)), Ok(()));
    assert_eq!(again.confirmed_by(echo(2)), Err(Mismatch::State(State::Completed)));
}

#[test]
fn each_refusal_has_its_reason_and_only_some_stop_the_rest() {
    let next = || Write::CreateComment { number: 2, body: "next".into() };
    let comment = || Write::CreateComment { number: 1, body: "x".into() };
    let scene = || {
        let mut world = world();
        world.create_issue_as("bob", "acme/app", "t", "", &[]);
        world.create_issue_as("bob", "acme/app", "u", "", &[]);
        Scene::new(world)
    };
    type Arrange = fn(&mut github_stand_in::GitHub);
    type Expect = fn(&ForgeError) -> bool;
    let table: Vec<(Write, Arrange, Expect, bool)> = vec![
        (comment(), |w| w.lock_as("acme", "acme/app", 1), |e| *e == ForgeError::Locked { number: 1 }, true),
        (
            comment(),
            |w| w.delete_issue_as("acme", "acme/app", 1),
            |e| matches!(e, ForgeError::Gone { number: 1, .. }),
            true,
        ),
        (
            Write::EditBody { number: 77, body: "x".into() },
            |_| (),
            |e| matches!(e, ForgeError::Gone { number: 77, .. }),
            true,
        ),
        (
            comment(),
            |w| w.repo_mut("acme/app").expect("there").archived = true,
            |e| matches!(e, ForgeError::Archived { .. }),
            false,
        ),
        (
            new_issue("x"),
            |w| w.repo_mut("acme/app").expect("there").has_issues = false,
            |e| matches!(e, ForgeError::IssuesDisabled { .. }),
            true,
        ),
        (
            new_issue(&"x".repeat(257)),
            |_| (),
            |e| matches!(e, ForgeError::Invalid { status: 422, message } if message.contains("title is too long")),
            true,
        ),
        (
            comment(),
            |w| w.token_mut(super::SECRET).expect("there").expired = true,
            |e| matches!(e, ForgeError::BadToken { .. }),
            false,
        ),
        (
            comment(),
            |w| w.token_mut(super::SECRET).expect("there").read_only = true,
            |e| matches!(e, ForgeError::Forbidden { needed: Some(n), .. } if n == "issues=write"),
            true,
        ),
    ];
    for (write, arrange, expect, goes_on) in table {
        let scene = scene();
        scene.server.with(arrange);
        let outcomes = scene.writer().write(&[write.clone(), next()]);
        let failed = outcomes[0].as_ref().expect_err("refused");
        assert!(expect(&failed.error), "{write:?}: {failed:?}");
        assert_eq!(failed.certainty, Certainty::Rejected, "{failed:?}");
        assert_eq!(scene.server.writes().len(), if goes_on { 2 } else { 1 }, "{failed:?}");
        if !goes_on {
            assert_eq!(outcomes[1].as_ref().expect_err("not sent").certainty, Certainty::NotSent);
        }
    }
}

#[test]
fn not_found_may_mean_not_allowed() {
    let scene = Scene::new(world());
    let refusal = r#"{"message":"Not Found"}"#;
    scene
        .server
        .fail(Rule::new(When::Before, How::Status(404, refusal.into())).method("POST").path("/labels"));
    let label =
        Write::CreateLabel { label: label("new"), color: "00ff00".into(), description: String::new() };
    let outcomes = scene.writer().write(&[label, new_issue("goes on")]);
    let failed = outcomes[0].as_ref().expect_err("refused");
    assert!(matches!(failed.error, ForgeError::Forbidden { .. }), "{failed:?}");
    assert!(outcomes[1].is_ok(), "{outcomes:?}");
}

#[test]
fn no_token_no_write() {
    let scene = Scene::new(world());
    let mut github = GitHubWriter::new(GitHub::new(Options { token: None, ..scene.options() }));
    let failed = github.write(&[new_issue("x")]).remove(0).expect_err("no token");
    assert!(matches!(failed.error, ForgeError::NoToken { .. }));
    assert_eq!(failed.certainty, Certainty::NotSent);
    assert!(scene.lines().is_empty());
}

#[test]
fn an_answer_about_another_issue_is_not_believed() {
    let mut world = world();
    world.create_issue_as("bob", "acme/app", "t", "", &[]);
    let scene = Scene::new(world);
    let other = r#"{"number":9,"title":"t","state":"closed","updated_at":"2026-03-01T12:00:00Z"}"#;
    scene.server.fail(Rule::new(When::After, How::Status(200, other.into())).method("PATCH"));
    let outcome =
        scene.writer().write(&[Write::SetState { number: 1, to: StateChange::Completed }]).remove(0);
    assert_eq!(outcome.expect_err("another issue").certainty, Certainty::Doubtful);
}
