//! REST behaviour, asked of `handle` without a network: one test for each unkindness.
//!
//! Faults and connections are in `wire.rs`, GraphQL in `graphql.rs`.

use github_stand_in::{GitHub, Permission, Reason, Request, Response, handle};
use serde_json::{Value, json};

const ISSUES: &str = "/repos/acme/app/issues";

/// acme/app with writer, triager and reader, each with a token of that name.
fn scene() -> GitHub {
    let mut gh = GitHub::at("2026-03-01T12:00:00Z");
    gh.add_repo("acme/app");
    for (login, permission) in
        [("writer", Permission::Write), ("triager", Permission::Triage), ("reader", Permission::Read)]
    {
        gh.add_token(login, login);
        gh.grant(login, "acme/app", permission);
    }
    gh
}

fn ask(gh: &mut GitHub, token: &str, method: &str, target: &str, body: Value) -> Response {
    let mut request = Request::new(method, target).token(token);
    if !body.is_null() {
        request = request.json(&body);
    }
    handle(gh, &request)
}

fn get(gh: &mut GitHub, target: &str) -> Response {
    ask(gh, "writer", "GET", target, Value::Null)
}

fn names(labels: &Value) -> Vec<&str> {
    let labels = labels.as_array().expect("labels");
    labels.iter().filter_map(|label| label["name"].as_str()).collect()
}

fn numbers(list: &Response) -> Vec<u64> {
    let list = list.json();
    let rows = list.as_array().expect("a list");
    rows.iter().filter_map(|row| row["number"].as_u64()).collect()
}

#[test]
fn what_is_missing_and_what_is_hidden_look_the_same() {
    let mut gh = scene();
    gh.add_repo("secret/app");
    gh.repo_mut("secret/app").unwrap().private = true;
    let hidden = get(&mut gh, "/repos/secret/app");
    let missing = get(&mut gh, "/repos/no/where");
    assert_eq!((hidden.status, missing.status), (404, 404));
    assert_eq!(hidden.json(), missing.json());
    assert_eq!(hidden.json()["message"], "Not Found");
    assert_eq!(hidden.json()["status"], "404");
    assert_eq!(get(&mut gh, "/repos/acme/app/nothing").status, 404);
}

#[test]
fn tokens_that_are_bad_expired_or_without_sso() {
    let mut gh = scene();
    let bad = ask(&mut gh, "nonsense", "GET", "/user", Value::Null);
    assert_eq!(bad.status, 401);
    assert_eq!(bad.json()["message"], "Bad credentials");
    gh.token_mut("writer").unwrap().expired = true;
    assert_eq!(get(&mut gh, "/user").json(), bad.json());
    gh.token_mut("writer").unwrap().expired = false;
    gh.token_mut("writer").unwrap().needs_sso = true;
    let sso = get(&mut gh, "/repos/acme/app");
    assert_eq!(sso.status, 403);
    assert!(sso.get("x-github-sso").is_some());
    let mut nameless = Request::new("GET", "/user").token("reader");
    nameless.headers.remove("user-agent");
    assert_eq!(handle(&mut gh, &nameless).status, 403);
    let odd = Request::new("GET", "/user").header("x-github-api-version", "1999-01-01");
    assert_eq!(handle(&mut gh, &odd).status, 400);
}

#[test]
fn a_token_for_reading_cannot_write() {
    let mut gh = scene();
    gh.token_mut("writer").unwrap().read_only = true;
    let refused = ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "x" }));
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["message"], "Resource not accessible by personal access token");
    assert_eq!(refused.get("x-accepted-github-permissions"), Some("issues=write"));
    assert!(gh.issue_numbers("acme/app").is_empty());
}

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
    let refused = ask(&mut gh, "triager", "POST", &target, json!(["other"]));
    assert_eq!(refused.status, 403);
    let stranger = ask(&mut gh, "reader", "POST", &target, json!(["bug"]));
    assert_eq!(stranger.status, 403);
    assert_eq!(stranger.json()["message"], "Must have admin rights to Repository.");
}

#[test]
fn the_full_set_replaces_and_deltas_do_not() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["a", "area/cli"]);
    gh.label_as("bob", "acme/app", 1, "theirs");
    let target = format!("{ISSUES}/1/labels");
    let added = ask(&mut gh, "writer", "POST", &target, json!(["b"]));
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
    let vague = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/labels"), json!([long]));
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
fn lists_are_late_and_single_issues_are_not() {
    let mut gh = scene();
    gh.settings.list_lag_new = 90;
    gh.settings.list_lag_updates = 30;
    ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "x" }));
    gh.clock.advance(89);
    assert!(numbers(&get(&mut gh, ISSUES)).is_empty());
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).status, 200);
    gh.clock.advance(1);
    assert_eq!(numbers(&get(&mut gh, ISSUES)), [1]);
    gh.edit_title_as("ann", "acme/app", 1, "new");
    gh.clock.advance(29);
    assert_eq!(get(&mut gh, ISSUES).json()[0]["title"], "x");
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).json()["title"], "new");
    gh.clock.advance(1);
    assert_eq!(get(&mut gh, ISSUES).json()[0]["title"], "new");
}

#[test]
fn search_is_later_still() {
    let mut gh = scene();
    ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "Flaky test", "body": "key-1" }));
    let find = "/search/issues?q=repo%3Aacme%2Fapp+is%3Aissue+%22key-1%22";
    assert_eq!(get(&mut gh, find).json()["total_count"], 0);
    assert_eq!(numbers(&get(&mut gh, ISSUES)), [1]);
    gh.clock.advance(30);
    assert_eq!(get(&mut gh, find).json()["items"][0]["number"], 1);
}

#[test]
fn lists_hold_pull_requests_and_since_is_a_time() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "one", "", &[]);
    gh.create_pull_as("ann", "acme/app", "pull");
    gh.clock.advance(60);
    gh.create_issue_as("ann", "acme/app", "three", "", &[]);
    let list = get(&mut gh, &format!("{ISSUES}?sort=created&direction=asc"));
    assert_eq!(numbers(&list), [1, 2, 3]);
    assert!(list.json()[1]["pull_request"].is_object());
    assert!(list.json()[0].get("pull_request").is_none());
    for since in ["2026-03-01T12:01:00Z", "2026-03-01T14:01:00%2B02:00"] {
        assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?since={since}"))), [3]);
    }
    assert_eq!(get(&mut gh, &format!("{ISSUES}?since=yesterday")).status, 422);
}

#[test]
fn links_name_the_repository_by_number_and_carry_a_cursor() {
    let mut gh = scene();
    for number in 0..7 {
        gh.create_issue_as("ann", "acme/app", &format!("n{number}"), "", &[]);
    }
    let id = gh.repo("acme/app").unwrap().id;
    let mut next = format!("{ISSUES}?per_page=3&state=all&sort=created&direction=asc");
    let mut seen = Vec::new();
    loop {
        let page = get(&mut gh, &next);
        seen.extend(numbers(&page));
        let link = page.get("link").unwrap_or_default().to_owned();
        let Some(part) = link.split(", ").find(|part| part.contains("rel=\"next\"")) else {
            assert!(link.contains("rel=\"prev\"") && link.contains("rel=\"first\""));
            break;
        };
        let url = part.split(['<', '>']).nth(1).unwrap();
        assert!(url.contains(&format!("/repositories/{id}/issues?")) && url.contains("after="));
        next = url.strip_prefix("http://api.github.invalid").unwrap().to_owned();
        // An edit between two pages must not lose a row to those who follow cursors.
        gh.edit_title_as("bob", "acme/app", 1, &next.len().to_string());
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(numbers(&get(&mut gh, ISSUES)).len(), 7);
}

#[test]
fn page_numbers_end_and_cursors_do_not() {
    let mut gh = scene();
    gh.settings.page_limit = 4;
    for _ in 0..6 {
        gh.create_issue_as("ann", "acme/app", "n", "", &[]);
    }
    let page = |number: u64| format!("{ISSUES}?per_page=2&page={number}");
    let second = get(&mut gh, &page(2));
    assert_eq!(numbers(&second), [4, 3]);
    let deep = get(&mut gh, &page(3));
    assert_eq!(deep.status, 422);
    assert!(deep.json()["message"].as_str().unwrap().contains("cursor based"));
    let link = second.get("link").unwrap();
    assert!(!link.contains("rel=\"last\""));
    let url = link.split(", ").find(|part| part.contains("\"next\"")).unwrap();
    let url = url.split(['<', '>']).nth(1).unwrap();
    let target = url.strip_prefix("http://api.github.invalid").unwrap();
    assert_eq!(numbers(&get(&mut gh, target)), [2, 1]);
    // The default is 30 rows, and more than 100 are never given.
    gh.settings.page_limit = 10_000;
    for _ in 0..110 {
        gh.create_issue_as("ann", "acme/app", "n", "", &[]);
    }
    assert_eq!(numbers(&get(&mut gh, ISSUES)).len(), 30);
    assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?per_page=500"))).len(), 100);
}

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
fn only_the_author_and_those_with_triage_edit() {
    let mut gh = scene();
    gh.add_token("ann", "ann");
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let mut close = |token: &str, state: &str| {
        let body = json!({ "state": state });
        ask(&mut gh, token, "PATCH", &format!("{ISSUES}/1"), body).status
    };
    assert_eq!(close("reader", "closed"), 403);
    assert_eq!(close("ann", "closed"), 200);
    assert_eq!(close("triager", "open"), 200);
    let id = gh.comment_as("ann", "acme/app", 1, "hers");
    let target = format!("{ISSUES}/comments/{id}");
    let mut edit = |token: &str| ask(&mut gh, token, "PATCH", &target, json!({ "body": "mine" })).status;
    assert_eq!(edit("triager"), 403);
    assert_eq!(edit("writer"), 200);
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
    assert_eq!(events.json()[1]["state_reason"], "not_planned");
    assert_eq!(kinds(events), ["labeled", "closed", "reopened", "unlabeled", "renamed"]);
    let all = get(&mut gh, &format!("{ISSUES}/1/timeline?per_page=4"));
    assert!(all.get("link").unwrap().contains("rel=\"next\""));
    assert_eq!(kinds(all), ["labeled", "closed", "commented", "reopened"]);
}

#[test]
fn etags_belong_to_a_token_and_to_content() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let mut cached = |token: &str, tag: &str, gh: &mut GitHub| {
        let request = Request::new("GET", ISSUES).token(token).header("if-none-match", tag);
        handle(gh, &request)
    };
    let first = cached("writer", "", &mut gh);
    let tag = first.get("etag").unwrap().to_owned();
    let again = cached("writer", &tag, &mut gh);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.get("x-ratelimit-used"), first.get("x-ratelimit-used"));
    assert_eq!(cached("triager", &tag, &mut gh).status, 200);
    gh.edit_title_as("ann", "acme/app", 1, "y");
    assert_eq!(cached("writer", &tag, &mut gh).status, 200);
}

#[test]
fn the_primary_limit_belongs_to_the_user_and_resets() {
    let mut gh = scene();
    gh.settings.core_limit = 2;
    gh.add_token("writer-2", "writer");
    assert_eq!(get(&mut gh, ISSUES).get("x-ratelimit-remaining"), Some("1"));
    assert_eq!(get(&mut gh, ISSUES).status, 200);
    let spent = ask(&mut gh, "writer-2", "GET", ISSUES, Value::Null);
    assert_eq!((spent.status, spent.get("x-ratelimit-remaining")), (403, Some("0")));
    assert_eq!(get(&mut gh, "/rate_limit").status, 200);
    gh.settings.limit_status = 429;
    assert_eq!(get(&mut gh, ISSUES).status, 429);
    gh.clock.advance(3_600);
    assert_eq!(get(&mut gh, ISSUES).status, 200);
}

#[test]
fn the_secondary_limit_comes_unannounced() {
    let mut gh = scene();
    gh.settings.content_per_minute = Some(2);
    let mut make = |gh: &mut GitHub| ask(gh, "writer", "POST", ISSUES, json!({ "title": "x" }));
    assert_eq!((make(&mut gh).status, make(&mut gh).status), (201, 201));
    let refused = make(&mut gh);
    assert_eq!((refused.status, refused.get("retry-after")), (403, None));
    assert_ne!(refused.get("x-ratelimit-remaining"), Some("0"));
    assert_eq!(gh.issue_numbers("acme/app").len(), 2);
    gh.clock.advance(60);
    assert_eq!(make(&mut gh).status, 201);
}

#[test]
fn every_answer_carries_githubs_time() {
    let mut gh = scene();
    gh.clock.tick = 5;
    let first = get(&mut gh, "/repos/no/where");
    assert_eq!(first.get("date"), Some("Sun, 01 Mar 2026 12:00:05 GMT"));
    assert_eq!(get(&mut gh, ISSUES).get("date"), Some("Sun, 01 Mar 2026 12:00:10 GMT"));
}

#[test]
fn an_enterprise_server_has_the_api_elsewhere() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let request = Request::new("GET", "/api/v3/repos/acme/app/issues/1").header("host", "h:1");
    let issue = handle(&mut gh, &request).json();
    assert_eq!(issue["url"], "http://h:1/api/v3/repos/acme/app/issues/1");
    assert_eq!(issue["html_url"], "https://github.com/acme/app/issues/1");
    assert_eq!(issue["author_association"], "NONE");
}

#[test]
fn requests_that_make_no_sense() {
    let mut gh = scene();
    let mut broken = Request::new("POST", ISSUES).token("writer");
    broken.body = b"{\"title\": ".to_vec();
    assert_eq!(handle(&mut gh, &broken).status, 400);
    assert_eq!(ask(&mut gh, "writer", "POST", ISSUES, json!({})).status, 422);
    assert_eq!(ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": 1 })).status, 422);
    let anonymous = handle(&mut gh, &Request::new("POST", ISSUES).json(&json!({ "title": "x" })));
    assert_eq!(anonymous.status, 401);
}
