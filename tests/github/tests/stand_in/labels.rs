//! REST: labels, which are dropped, respelled and refused.

use serde_json::{Value, json};

use crate::scene::{ISSUES, ask, names, scene};

#[test]
fn labels_keep_their_first_spelling_and_are_unique_without_case() {
    let mut gh = scene();
    gh.add_label("acme/app", "Blocked", "ff0000");
    let twice = ask(
        &mut gh,
        "writer",
        "POST",
        "/repos/acme/app/labels",
        json!({ "name": "blocked", "color": "00ff00" }),
    );
    assert_eq!(twice.status, 422);
    assert_eq!(twice.json()["errors"][0]["code"], "already_exists");
    let made =
        ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "x", "labels": ["BLOCKED", "new one"] }));
    assert_eq!(made.status, 201);
    assert_eq!(names(&made.json()["labels"]), ["Blocked", "new one"]);
    assert!(gh.repo("acme/app").unwrap().label("New One").is_some());
}

#[test]
fn without_push_labels_vanish_from_a_new_issue() {
    let mut gh = scene();
    gh.add_label("acme/app", "bug", "ff0000");
    for token in ["reader", "triager"] {
        let made = ask(&mut gh, token, "POST", ISSUES, json!({ "title": "x", "labels": ["bug"] }));
        assert_eq!((made.status, &made.json()["labels"]), (201, &json!([])));
    }
    let patched =
        ask(&mut gh, "reader", "PATCH", &format!("{ISSUES}/1"), json!({ "title": "y", "labels": ["bug"] }));
    assert_eq!(patched.status, 200);
    assert_eq!(patched.json()["title"], "y");
    assert_eq!(patched.json()["labels"], json!([]));
}

#[test]
fn without_push_a_missing_label_refuses_the_whole_create() {
    let mut gh = scene();
    let refused = ask(&mut gh, "reader", "POST", ISSUES, json!({ "title": "x", "labels": ["never seen"] }));
    assert_eq!(refused.status, 403);
    assert!(gh.issue_numbers("acme/app").is_empty());
}

#[test]
fn triage_puts_labels_on_but_makes_none() {
    let mut gh = scene();
    gh.add_label("acme/app", "Bug", "ff0000");
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let target = format!("{ISSUES}/1/labels");
    let put = ask(&mut gh, "triager", "POST", &target, json!({ "labels": ["bug"] }));
    assert_eq!(names(&put.json()), ["Bug"]);
    let refused = ask(&mut gh, "triager", "POST", &target, json!({ "labels": ["other"] }));
    assert_eq!(refused.status, 403);
    let stranger = ask(&mut gh, "reader", "POST", &target, json!({ "labels": ["bug"] }));
    assert_eq!(stranger.status, 403);
    assert_eq!(stranger.json()["message"], "Must have admin rights to Repository.");
}

#[test]
fn the_full_set_replaces_and_deltas_do_not() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["a", "area/cli"]);
    gh.label_as("bob", "acme/app", 1, "theirs");
    let target = format!("{ISSUES}/1/labels");
    let added = ask(&mut gh, "writer", "POST", &target, json!({ "labels": ["b"] }));
    assert_eq!(names(&added.json()), ["a", "area/cli", "theirs", "b"]);
    let gone = ask(&mut gh, "writer", "DELETE", &format!("{target}/area%2Fcli"), Value::Null);
    assert_eq!(names(&gone.json()), ["a", "theirs", "b"]);
    let again = ask(&mut gh, "writer", "DELETE", &format!("{target}/area%2Fcli"), Value::Null);
    assert_eq!(again.status, 404);
    assert_eq!(again.json()["message"], "Label does not exist");
    let put = ask(&mut gh, "writer", "PUT", &target, json!({ "labels": ["b"] }));
    assert_eq!(names(&put.json()), ["b"]);
    let patched =
        ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), json!({ "labels": [{ "name": "a" }] }));
    assert_eq!(names(&patched.json()["labels"]), ["a"]);
    let cleared = ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), json!({ "labels": [] }));
    assert_eq!(cleared.json()["labels"], json!([]));
}

#[test]
fn a_description_has_a_hundred_characters() {
    let mut gh = scene();
    let mut make = |name: &str, length: usize| {
        let body = json!({ "name": name, "description": "é".repeat(length) });
        ask(&mut gh, "writer", "POST", "/repos/acme/app/labels", body)
    };
    assert_eq!(make("a", 100).status, 201);
    let refused = make("b", 101);
    assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (422, &json!("description")));
}
