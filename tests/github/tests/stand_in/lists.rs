//! REST: lists, which are late, paged and full of pull requests.

use github_stand_in::{GitHub, Request, handle};
use serde_json::{Value, json};

use crate::scene::{ISSUES, ask, get, link, numbers, scene};

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
    let mut target = format!("{ISSUES}?per_page=3&state=all&sort=created&direction=asc");
    let mut seen = Vec::new();
    let last = loop {
        let page = get(&mut gh, &target);
        seen.extend(numbers(&page));
        let Some(next) = link(&page, "next") else {
            break page;
        };
        assert!(next.starts_with(&format!("/repositories/{id}/issues?")));
        assert!(next.contains("after=") && next.contains("state=all"));
        // An edit between two pages must not lose a row to those who follow cursors.
        gh.edit_title_as("bob", "acme/app", 1, &next);
        target = next;
    };
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
    let back = get(&mut gh, &link(&last, "prev").unwrap());
    assert_eq!(numbers(&back), [4, 5, 6]);
    assert!(link(&last, "first").is_some() && link(&last, "last").is_none());
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
    assert_eq!(link(&second, "last"), None);
    let next = get(&mut gh, &link(&second, "next").unwrap());
    assert_eq!(numbers(&next), [2, 1]);
    // The default is 30 rows, and more than 100 are never given.
    gh.settings.page_limit = 10_000;
    for _ in 0..110 {
        gh.create_issue_as("ann", "acme/app", "n", "", &[]);
    }
    assert_eq!(numbers(&get(&mut gh, ISSUES)).len(), 30);
    assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?per_page=500"))).len(), 100);
}

/// For tests that want many pages out of few rows.
#[test]
fn a_lower_cap_on_pages_is_followed_by_the_links() {
    let mut gh = scene();
    gh.settings.page_cap = Some(2);
    for _ in 0..5 {
        gh.create_issue_as("ann", "acme/app", "n", "", &["a", "b", "c"]);
        gh.comment_as("ann", "acme/app", 1, "c");
    }
    let pages = |gh: &mut GitHub, target: &str| {
        let mut target = target.to_owned();
        let mut sizes = Vec::new();
        loop {
            let page = get(gh, &target);
            sizes.push(page.json().as_array().unwrap().len());
            match link(&page, "next") {
                Some(next) => target = next,
                None => break sizes,
            }
        }
    };
    for list in ["", "/comments", "/events", "/1/comments", "/1/labels"] {
        let sizes = pages(&mut gh, &format!("{ISSUES}{list}?per_page=100"));
        assert!(sizes.len() > 1 && sizes.iter().all(|size| *size <= 2), "{list}: {sizes:?}");
    }
    assert_eq!(pages(&mut gh, ISSUES), [2, 2, 1]);
    assert_eq!(pages(&mut gh, &format!("{ISSUES}?per_page=1")), [1; 5]);
    assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?per_page=100&page=3"))), [1]);
    assert_eq!(pages(&mut gh, "/repos/acme/app/labels?per_page=100"), [2, 1]);
    gh.clock.advance(60);
    let found = get(&mut gh, "/search/issues?q=repo%3Aacme%2Fapp&per_page=100").json();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    // A page without rows would be the end of every list.
    gh.settings.page_cap = Some(0);
    assert_eq!(pages(&mut gh, ISSUES), [1; 5]);
}

#[test]
fn etags_belong_to_a_token_and_to_content() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let cached = |token: &str, tag: &str, gh: &mut GitHub| {
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
fn rows_shift_between_pages_sorted_by_update() {
    let mut gh = scene();
    for number in 0..4 {
        gh.create_issue_as("ann", "acme/app", &format!("n{number}"), "", &[]);
        gh.clock.advance(60);
    }
    let page = |gh: &mut GitHub, number: u64| {
        numbers(&get(gh, &format!("{ISSUES}?sort=updated&direction=asc&per_page=2&page={number}")))
    };
    assert_eq!(page(&mut gh, 1), [1, 2]);
    gh.edit_title_as("bob", "acme/app", 1, "later");
    // Issue 3 slipped to the first page and is never seen.
    assert_eq!(page(&mut gh, 2), [4, 1]);
}

#[test]
fn filters_by_label_and_author() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["Bug", "cli"]);
    gh.create_issue_as("bob", "acme/app", "y", "", &["Bug"]);
    assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?labels=bug,CLI"))), [1]);
    assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?creator=Bob"))), [2]);
    assert_eq!(get(&mut gh, &format!("{ISSUES}?state=shut")).status, 422);
}

#[test]
fn comments_come_oldest_first_and_edits_do_not_move_the_issue() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    for number in 0..31 {
        gh.comment_as("ann", "acme/app", 1, &format!("c{number}"));
    }
    let all = format!("{ISSUES}/1/comments");
    let page = get(&mut gh, &all);
    assert_eq!(page.json().as_array().unwrap().len(), 30);
    let rest = get(&mut gh, &link(&page, "next").unwrap()).json();
    assert_eq!(rest[0]["body"], "c30");
    gh.clock.advance(60);
    let id = rest[0]["id"].as_u64().unwrap();
    gh.edit_comment_as("ann", "acme/app", id, "edited");
    let issue = get(&mut gh, &format!("{ISSUES}/1")).json();
    assert_eq!(issue["updated_at"], "2026-03-01T12:00:00Z");
    let since = "since=2026-03-01T12:01:00Z";
    for list in [all, format!("{ISSUES}/comments")] {
        let found = get(&mut gh, &format!("{list}?{since}")).json();
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(found[0]["id"], id);
    }
    let one = format!("{ISSUES}/comments/{id}");
    assert_eq!(ask(&mut gh, "writer", "DELETE", &one, Value::Null).status, 204);
    assert_eq!(get(&mut gh, &one).status, 404);
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).json()["comments"], 30);
}

#[test]
fn a_new_comment_is_missing_from_lists_for_a_while() {
    let mut gh = scene();
    gh.settings.list_lag_comments = 60;
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let made = ask(&mut gh, "writer", "POST", &format!("{ISSUES}/1/comments"), json!({ "body": "c" })).json();
    let lists =
        [format!("{ISSUES}/1/comments"), format!("{ISSUES}/comments"), format!("{ISSUES}/1/timeline")];
    for list in &lists[..2] {
        assert_eq!(get(&mut gh, list).json(), json!([]));
    }
    assert_eq!(get(&mut gh, &format!("{ISSUES}/comments/{}", made["id"])).json(), made);
    // The issue counts it already.
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).json()["comments"], 1);
    gh.clock.advance(60);
    for list in &lists {
        assert_eq!(get(&mut gh, list).json()[0]["id"], made["id"]);
    }
}

#[test]
fn what_a_late_list_missed_a_later_since_does_not_find() {
    let mut gh = scene();
    gh.settings.list_lag_new = 90;
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.clock.advance(10);
    let first = get(&mut gh, ISSUES);
    assert!(numbers(&first).is_empty());
    // A client that remembers the time of that answer never sees the issue: nothing moves
    // its `updated_at` any more.
    gh.clock.advance(86_400);
    assert!(numbers(&get(&mut gh, &format!("{ISSUES}?since=2026-03-01T12:00:10Z"))).is_empty());
    assert_eq!(numbers(&get(&mut gh, &format!("{ISSUES}?since=2026-03-01T11:45:10Z"))), [1]);
}

#[test]
fn since_may_leave_out_its_own_second() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.comment_as("ann", "acme/app", 1, "c");
    let lists = [ISSUES.to_owned(), format!("{ISSUES}/1/comments"), format!("{ISSUES}/comments")];
    for (exclusive, rows) in [(false, 1), (true, 0)] {
        gh.settings.since_exclusive = exclusive;
        for list in &lists {
            let found = get(&mut gh, &format!("{list}?since=2026-03-01T12:00:00Z")).json();
            assert_eq!(found.as_array().unwrap().len(), rows, "{list}");
            let earlier = get(&mut gh, &format!("{list}?since=2026-03-01T11:59:59Z")).json();
            assert_eq!(earlier.as_array().unwrap().len(), 1, "{list}");
        }
    }
}

#[test]
fn a_label_renamed_or_deleted_moves_no_issue() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &["a", "b"]);
    gh.clock.advance(60);
    let target = "/repos/acme/app/labels";
    assert_eq!(
        ask(&mut gh, "writer", "PATCH", &format!("{target}/a"), json!({ "new_name": "z" })).status,
        200
    );
    assert_eq!(ask(&mut gh, "writer", "DELETE", &format!("{target}/b"), Value::Null).status, 204);
    let issue = get(&mut gh, &format!("{ISSUES}/1")).json();
    assert_eq!(issue["labels"][0]["name"], "z");
    assert_eq!(issue["labels"].as_array().unwrap().len(), 1);
    assert_eq!(issue["updated_at"], "2026-03-01T12:00:00Z");
    // So whoever asks for what changed is not told.
    assert!(numbers(&get(&mut gh, &format!("{ISSUES}?since=2026-03-01T12:00:01Z"))).is_empty());
}

#[test]
fn there_is_no_conditional_write() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let tag = get(&mut gh, &format!("{ISSUES}/1")).get("etag").unwrap().to_owned();
    gh.edit_title_as("bob", "acme/app", 1, "theirs");
    let request = Request::new("PATCH", &format!("{ISSUES}/1")).token("writer").header("if-match", &tag);
    let answer = handle(&mut gh, &request.json(&json!({ "title": "mine" })));
    assert_eq!((answer.status, &answer.json()["title"]), (200, &json!("mine")));
}
