//! REST: single issues, whose status codes are not to be believed.

use github_stand_in::{Reason, Response};
use serde_json::{Value, json};

use crate::scene::{ISSUES, ask, get, scene};

#[test]
fn limits_of_titles_labels_and_bodies() {
    let mut gh = scene();
    let title = ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "é".repeat(257) }));
    assert_eq!(title.status, 422);
    assert_eq!(title.json()["errors"][0]["message"], "title is too long (maximum is 256 characters)");
    let fits = ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "é".repeat(256) }));
    assert_eq!(fits.status, 201);
    let long = "l".repeat(51);
    let label =
        ask(&mut gh, "writer", "POST", "/repos/acme/app/labels", json!({ "name": long, "color": "ffffff" }));
    assert_eq!(label.json()["errors"][0]["code"], "custom");
    let vague = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/labels"), json!({ "labels": [long] }));
    assert_eq!((vague.status, &vague.json()["errors"][0]["code"]), (422, &json!("invalid")));

    let body = "é".repeat(131_073);
    let create = ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "x", "body": body }));
    assert_eq!(create.status, 422);
    let comment = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/comments"), json!({ "body": body }));
    assert_eq!(comment.status, 422);
    ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), json!({ "body": "old" }));
    let patch =
        ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), json!({ "body": body, "title": "new" }));
    // The status is a lie: only the echo tells.
    assert_eq!(patch.status, 200);
    assert_eq!(patch.json()["body"], "old");
    assert_eq!(patch.json()["title"], "new");
}

#[test]
fn a_reason_counts_only_when_the_state_changes() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let mut patch = |body: Value| ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), body);
    assert_eq!(patch(json!({ "state_reason": "not_planned" })).json()["state"], "open");
    let closed = patch(json!({ "state": "closed" })).json();
    assert_eq!(closed["state_reason"], "completed");
    assert_eq!(closed["closed_by"]["login"], "writer");
    let kept = patch(json!({ "state": "closed", "state_reason": "not_planned" })).json();
    assert_eq!(kept["state_reason"], "completed");
    let open = patch(json!({ "state": "open" })).json();
    assert_eq!((&open["state_reason"], &open["closed_at"]), (&json!("reopened"), &Value::Null));
    assert_eq!(patch(json!({ "state": "closed", "state_reason": "bored" })).status, 422);
    assert_eq!(patch(json!({ "state": "shut" })).status, 422);
    let duplicate = patch(json!({ "state": "closed", "state_reason": "duplicate" })).json();
    assert_eq!(duplicate["state_reason"], "duplicate");
}

#[test]
fn an_update_without_effect_does_not_move_the_time() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["a"]);
    let before = get(&mut gh, &format!("{ISSUES}/1")).json();
    gh.clock.advance(60);
    let same = json!({ "state": "open", "title": "x", "labels": ["A"] });
    let after = ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), same);
    assert_eq!(after.json(), before);
    let comment = json!({ "body": "hello" });
    let comment = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/comments"), comment);
    assert_eq!(comment.status, 201);
    let moved = get(&mut gh, &format!("{ISSUES}/1")).json();
    assert_eq!(moved["updated_at"], "2026-03-01T12:01:00Z");
    assert_eq!(moved["comments"], 1);
}

#[test]
fn events_tell_what_values_do_not() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["a"]);
    gh.close_as("bob", "acme/app", 1, Reason::NotPlanned);
    gh.comment_as("bob", "acme/app", 1, "no");
    gh.reopen_as("ann", "acme/app", 1);
    gh.unlabel_as("ann", "acme/app", 1, "a");
    gh.edit_title_as("ann", "acme/app", 1, "y");
    let kinds = |rows: Response| -> Vec<String> {
        let rows = rows.json();
        let rows = rows.as_array().unwrap();
        rows.iter().map(|row| row["event"].as_str().unwrap().to_owned()).collect()
    };
    let events = get(&mut gh, &format!("{ISSUES}/1/events"));
    assert_eq!(events.json()[1].get("state_reason"), None);
    assert_eq!(kinds(events), ["labeled", "closed", "reopened", "unlabeled", "renamed"]);
    let all = get(&mut gh, &format!("{ISSUES}/1/timeline?per_page=4"));
    assert!(all.get("link").unwrap().contains("rel=\"next\""));
    assert_eq!(all.json()[1]["state_reason"], "not_planned");
    assert_eq!(kinds(all), ["labeled", "closed", "commented", "reopened"]);
}
