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

#[test]
fn a_duplicate_names_another_issue_by_its_id() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "first", "", &[]);
    gh.create_issue_as("ann", "acme/app", "again", "", &[]);
    gh.create_issue_as("ann", "acme/app", "third", "", &[]);
    gh.add_repo("secret/app");
    gh.create_issue_as("secret", "secret/app", "hidden", "", &[]);
    gh.repo_mut("secret/app").unwrap().private = true;
    let hidden = gh.issue("secret/app", 1).unwrap().id;
    let first = get(&mut gh, &format!("{ISSUES}/1")).json()["id"].clone();
    let mut close = |number: u64, reason: &str, id: Value| {
        let body = json!({ "state": "closed", "state_reason": reason, "duplicate_issue_id": id });
        ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/{number}"), body)
    };
    // Not its number, and nothing that cannot be seen.
    assert_eq!(close(2, "duplicate", json!(1)).status, 422);
    assert_eq!(close(2, "duplicate", json!(hidden)).status, 422);
    assert_eq!(close(2, "duplicate", first).json()["state_reason"], "duplicate");
    // With another reason it is not even looked at.
    assert_eq!(close(3, "not_planned", json!(1)).json()["state_reason"], "not_planned");
    let events = get(&mut gh, &format!("{ISSUES}/2/timeline")).json();
    assert_eq!(events[1]["event"], "marked_as_duplicate");
}

#[test]
fn what_is_only_suggested_is_answered_with_200_and_not_done() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["a"]);
    let suggested = json!({ "labels": [{ "name": "b", "suggest": true }] });
    let put = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/labels"), suggested.clone());
    assert_eq!((put.status, put.json().as_array().unwrap().len()), (200, 1));
    let patched = ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), suggested);
    assert_eq!((patched.status, &patched.json()["labels"][0]["name"]), (200, &json!("a")));
    assert_eq!(gh.labels_of("acme/app", 1), ["a"]);
}

#[test]
fn text_from_the_web_ends_its_lines_with_crlf() {
    let mut gh = scene();
    let sent = json!({ "title": "x", "body": "a\nb" });
    assert_eq!(ask(&mut gh, "writer", "POST", ISSUES, sent).json()["body"], "a\nb");
    gh.edit_body_as("bob", "acme/app", 1, "a\nb");
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).json()["body"], "a\r\nb");
    gh.comment_as("bob", "acme/app", 1, "c\nd");
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1/comments")).json()[0]["body"], "c\r\nd");
}
