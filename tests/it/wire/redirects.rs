//! Renames are followed, transfers are not, and nothing follows to another host.

use std::collections::BTreeMap;

use gardener::forge::{Certainty, ForgeError, ForgeRead as _, ForgeWrite as _};
use gardener::model::Look;
use gardener::plan::{Echo, StateChange, Write};
use github_stand_in::{GitHub as World, How, Response, Rule, When};

use super::{Scene, new_issue, numbers, slug, world};

fn redirect(status: u16, location: &str) -> How {
    let headers = BTreeMap::from([("location".to_owned(), location.to_owned())]);
    How::Answer(Response { status, headers, body: b"{}".to_vec() })
}

fn renamed() -> World {
    let mut world = world();
    world.create_issue_as("bob", "acme/app", "one", "", &[]);
    world.create_issue_as("bob", "acme/app", "two", "", &[]);
    world.rename_repo("acme/app", "acme/tool");
    world
}

#[test]
fn a_renamed_repository_is_read_under_its_new_name() {
    let scene = Scene::new(renamed());
    let mut github = scene.reader();
    assert_eq!(github.repository().expect("followed").slug, slug("acme/tool"));
    github.labels().expect("direct");
    let lines = scene.lines();
    assert_eq!(lines[0], "GET /repos/acme/app -> 301");
    assert!(lines[1].starts_with("GET /repositories/") && lines[1].ends_with("-> 200"), "{lines:?}");
    assert_eq!(lines[2], "GET /repos/acme/tool/labels?per_page=100 -> 200");

    // Also when the first question is about something in it.
    let scene = Scene::new(renamed());
    let mut github = scene.reader();
    assert_eq!(github.changed(None).expect("followed").issues.len(), 2);
    let looks = github.issues(&numbers([1])).expect("direct");
    assert!(matches!(looks[&1], Look::Found(_)));
    assert_eq!(scene.lines().last().map(String::as_str), Some("GET /repos/acme/tool/issues/1 -> 200"));
}

#[test]
fn a_write_follows_a_rename_with_method_and_body() {
    let scene = Scene::new(renamed());
    let close = Write::SetState { number: 1, to: StateChange::Completed };
    let outcomes = scene.writer().write(&[new_issue("three"), close.clone()]);
    let Ok(Echo::Issue(created)) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(created.number, 3);
    assert_eq!(close.confirmed_by(outcomes[1].as_ref().expect("done")), Ok(()));
    assert_eq!(scene.server.with(|world| world.issue_numbers("acme/tool")), [1, 2, 3]);
    let writes: Vec<String> =
        scene.server.writes().iter().map(|w| format!("{} {}", w.method, w.status)).collect();
    assert_eq!(writes, ["POST 307", "POST 201", "PATCH 200"], "the second knows the new name");

    // A write about an issue first looks whether the issue is there.
    let scene = Scene::new(renamed());
    let outcome = scene.writer().write(std::slice::from_ref(&close)).remove(0);
    assert_eq!(close.confirmed_by(outcome.as_ref().expect("done")), Ok(()));
    let methods: Vec<String> =
        scene.server.log().iter().map(|l| format!("{} {}", l.method, l.status)).collect();
    assert_eq!(methods, ["PATCH 307", "GET 301", "GET 200", "GET 200", "PATCH 200"]);
}

#[test]
fn a_transferred_issue_is_never_written_to() {
    let mut world = world();
    world.add_repo("acme/other");
    let number = world.create_issue_as("acme", "acme/app", "t", "", &[]);
    let there = world.transfer_as("acme", "acme/app", number, "acme/other");
    let scene = Scene::new(world);
    let mut github = scene.writer();
    let looks = github.issues(&numbers([number])).expect("answered");
    assert!(matches!(&looks[&number], Look::Moved(_)), "{looks:?}");
    let writes = [
        Write::SetState { number, to: StateChange::Completed },
        Write::EditBody { number, body: "x".into() },
        Write::CreateComment { number, body: "x".into() },
        Write::AddLabels { number, labels: super::labels(&["bug"]) },
    ];
    for outcome in github.write(&writes) {
        let failed = outcome.expect_err("moved");
        assert!(matches!(failed.error, ForgeError::Gone { .. }), "{failed:?}");
        assert_eq!(failed.certainty, Certainty::Rejected);
    }
    assert!(scene.server.writes().iter().all(|w| !w.applied));
    let open = scene.server.with(|world| world.issue("acme/other", there).expect("there").facts.open);
    assert!(open);
}

#[test]
fn an_issue_that_is_not_where_the_redirect_points_is_left_alone() {
    let mut world = world();
    let id = world.repo("acme/app").expect("there").id;
    world.create_issue_as("bob", "acme/app", "one", "", &[]);
    world.create_issue_as("bob", "acme/app", "two", "", &[]);
    world.create_pull_as("bob", "acme/app", "three");
    let scene = Scene::new(world);
    for (number, to) in [
        // Another number, another repository, a pull request, nothing.
        (1, format!("/repositories/{id}/issues/2")),
        (1, "/repositories/1/issues/1".to_owned()),
        (1, "/repos/acme/other/issues/1".to_owned()),
        (3, format!("/repositories/{id}/issues/3")),
        (9, format!("/repositories/{id}/issues/9")),
        (1, "/user".to_owned()),
    ] {
        for status in [301, 302, 307, 308] {
            scene.server.clear_faults();
            scene.server.fail(Rule::new(When::Before, redirect(status, &to)).method("PATCH"));
            let failed = scene.writer().write(&[Write::EditBody { number, body: "x".into() }]).remove(0);
            let failed = failed.expect_err("not ours");
            assert!(matches!(failed.error, ForgeError::Gone { .. }), "{to}: {failed:?}");
        }
    }
    assert!(scene.server.writes().iter().all(|w| !w.applied));
}

#[test]
fn another_host_gets_nothing() {
    let stranger = Scene::new(world());
    let port = stranger.server.port();
    for to in [
        format!("http://127.0.0.1:{port}/repos/acme/app/issues/1"),
        format!("http://localhost:{port}/repos/acme/app/issues/1"),
        format!("//127.0.0.1:{port}/repos/acme/app/issues/1"),
        "https://evil.example/repos/acme/app/issues/1".to_owned(),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ] {
        for status in [301, 302, 307, 308] {
            let mut world = world();
            world.create_issue_as("bob", "acme/app", "t", "", &[]);
            let scene = Scene::new(world);
            scene.server.fail(Rule::new(When::Before, redirect(status, &to)).always());
            let mut github = scene.writer();
            let is_refused = |e: &ForgeError| matches!(e, ForgeError::RedirectRefused { .. });
            assert!(is_refused(&github.repository().expect_err("refused")), "{to}");
            assert!(is_refused(&github.issues(&numbers([1])).expect_err("refused")), "{to}");
            assert!(is_refused(&github.changed(None).expect_err("refused")), "{to}");
            let failed = github.write(&[new_issue("x")]).remove(0).expect_err("refused");
            assert!(is_refused(&failed.error), "{to}: {failed:?}");
            assert_eq!(scene.server.writes().len(), 1);
        }
    }
    assert!(stranger.lines().is_empty());
}

#[test]
fn a_circle_ends() {
    let scene = Scene::new(world());
    let url = format!("{}/repos/acme/app", scene.server.url());
    scene.server.fail(Rule::new(When::Before, redirect(301, &url)).always());
    assert!(matches!(scene.reader().repository(), Err(ForgeError::RedirectRefused { .. })));
    assert_eq!(scene.lines().len(), 4);
}
