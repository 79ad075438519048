//! REST: issues and repositories that are somewhere else, or shut.

use github_stand_in::{GitHub, Permission};
use serde_json::{Value, json};

use crate::scene::{ISSUES, ask, get, scene};

#[test]
fn a_transferred_issue_redirects_and_its_comments_do_not() {
    let mut gh = scene();
    let other = gh.add_repo("acme/other");
    gh.grant("writer", "acme/other", Permission::Write);
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.comment_as("ann", "acme/app", 1, "c");
    let old = get(&mut gh, &format!("{ISSUES}/1")).json()["node_id"].clone();
    gh.skip_to_number("acme/other", 40);
    assert_eq!(gh.transfer_as("ann", "acme/app", 1, "acme/other"), 40);
    for (method, body) in [("GET", Value::Null), ("PATCH", json!({ "title": "y" }))] {
        let moved = ask(&mut gh, "writer", method, &format!("{ISSUES}/1"), body);
        assert_eq!(moved.status, 301);
        let location = moved.get("location").unwrap();
        assert!(location.ends_with(&format!("/repositories/{other}/issues/40")));
    }
    for rest in ["comments", "events", "timeline", "labels"] {
        assert_eq!(get(&mut gh, &format!("{ISSUES}/1/{rest}")).status, 404);
    }
    let there = get(&mut gh, &format!("/repositories/{other}/issues/40")).json();
    assert_eq!((&there["title"], &there["comments"]), (&json!("x"), &json!(1)));
    assert_ne!(there["node_id"], old);
    gh.repo_mut("acme/other").unwrap().private = true;
    assert_eq!(ask(&mut gh, "reader", "GET", &format!("{ISSUES}/1"), Value::Null).status, 404);
}

#[test]
fn a_renamed_repository_redirects_reads_by_301_and_writes_by_307() {
    let mut gh = scene();
    let id = gh.repo("acme/app").unwrap().id;
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.rename_repo("acme/app", "acme/tool");
    let read = get(&mut gh, &format!("{ISSUES}?state=all"));
    assert_eq!(read.status, 301);
    assert!(read.get("location").unwrap().ends_with(&format!("/repositories/{id}/issues?state=all")));
    for (method, target) in [("POST", ISSUES.to_owned()), ("PATCH", format!("{ISSUES}/1"))] {
        let write = ask(&mut gh, "writer", method, &target, json!({ "title": "y" }));
        assert_eq!(write.status, 307);
        assert_eq!(write.json()["message"], "Moved Permanently");
        assert!(write.get("location").unwrap().contains(&format!("/repositories/{id}/issues")));
    }
    assert_eq!(get(&mut gh, "/repos/acme/app").status, 301);
    assert_eq!(gh.issue_numbers("acme/tool"), [1]);
    let target = format!("/repositories/{id}/issues/1");
    let direct = ask(&mut gh, "writer", "PATCH", &target, json!({ "title": "y" }));
    assert_eq!(direct.json()["title"], "y");
}

#[test]
fn gone_and_switched_off_are_the_same_status() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.delete_issue_as("acme", "acme/app", 1);
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).status, 410);
    gh.repo_mut("acme/app").unwrap().has_issues = false;
    let create = ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "x" }));
    assert_eq!(create.status, 410);
    // One switch, and every issue looks deleted.
    gh.repo_mut("acme/app").unwrap().has_issues = true;
    gh.create_issue_as("ann", "acme/app", "alive", "", &[]);
    gh.repo_mut("acme/app").unwrap().has_issues = false;
    assert_eq!(get(&mut gh, &format!("{ISSUES}/2")).status, 410);
}

#[test]
fn locked_archived_and_turned_into_a_discussion() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.convert_to_discussion_as("acme", "acme/app", 1);
    let shown = get(&mut gh, &format!("{ISSUES}/1")).json();
    assert_eq!((&shown["locked"], &shown["state"]), (&json!(true), &json!("open")));
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1/timeline")).json(), json!([]));
    let body = json!({ "body": "hello" });
    let comment = format!("{ISSUES}/1/comments");
    let refused = ask(&mut gh, "writer", "POST", &comment, body.clone());
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["message"], "Unable to create comment because issue is locked.");
    gh.repo_mut("acme/app").unwrap().archived = true;
    let archived = ask(&mut gh, "writer", "PATCH", &format!("{ISSUES}/1"), json!({ "title": "y" }));
    assert_eq!(archived.status, 403);
    assert_eq!(archived.json()["message"], "Repository was archived so is read-only.");
}

#[test]
fn a_number_may_be_a_pull_request() {
    let mut gh = scene();
    gh.create_pull_as("ann", "acme/app", "pull");
    gh.create_issue_as("ann", "acme/app", "issue", "", &[]);
    let pull = get(&mut gh, &format!("{ISSUES}/1"));
    assert_eq!((pull.status, &pull.json()["title"]), (200, &json!("pull")));
    assert!(pull.json()["pull_request"]["url"].as_str().unwrap().ends_with("/pulls/1"));
    assert!(get(&mut gh, &format!("{ISSUES}/2")).json().get("pull_request").is_none());
    // And it takes what an issue takes.
    let labels = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/labels"), json!({ "labels": ["a"] }));
    assert_eq!(labels.status, 200);
}

#[test]
fn what_was_deleted_is_not_found_by_those_who_may_not_look() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.delete_issue_as("acme", "acme/app", 1);
    gh.repo_mut("acme/app").unwrap().private = true;
    gh.add_token("stranger", "stranger");
    let look = |gh: &mut GitHub, token: &str| ask(gh, token, "GET", &format!("{ISSUES}/1"), Value::Null);
    assert_eq!(look(&mut gh, "writer").status, 410);
    let hidden = look(&mut gh, "stranger");
    assert_eq!((hidden.status, &hidden.json()["message"]), (404, &json!("Not Found")));
    // A right that is taken away makes everything look gone.
    gh.grant("writer", "acme/app", Permission::None);
    assert_eq!(look(&mut gh, "writer").json(), hidden.json());
}

#[test]
fn an_issue_that_moved_is_another_issue() {
    let mut gh = scene();
    gh.add_repo("acme/other");
    gh.create_issue_as("ann", "acme/other", "theirs", "", &[]);
    gh.create_issue_as("ann", "acme/app", "ours", "", &[]);
    let ours = get(&mut gh, &format!("{ISSUES}/1")).json();
    let theirs = get(&mut gh, "/repos/acme/other/issues/1").json();
    // One number, two issues: only ids and the repository tell them apart.
    assert_eq!(ours["number"], theirs["number"]);
    assert_ne!(ours["id"], theirs["id"]);
    assert_ne!(ours["node_id"], theirs["node_id"]);
    let repos = [get(&mut gh, "/repos/acme/app").json(), get(&mut gh, "/repos/acme/other").json()];
    assert_ne!(repos[0]["id"], repos[1]["id"]);
    gh.rename_repo("acme/app", "acme/tool");
    assert_eq!(get(&mut gh, "/repos/acme/tool").json()["id"], repos[0]["id"]);
}
