//! REST: who may do what, and what the others are told.

use github_stand_in::{GitHub, Permission, Request, handle};
use serde_json::{Value, json};

use crate::scene::{ISSUES, ask, get, run_as, scene};

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
    let make = |gh: &mut GitHub| ask(gh, "writer", "POST", ISSUES, json!({ "title": "x" }));
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

#[test]
fn a_workflows_token_belongs_to_no_user() {
    let mut gh = scene();
    gh.add_account("github-actions[bot]", "Bot");
    gh.add_token("ghs", "github-actions[bot]");
    gh.grant("github-actions[bot]", "acme/app", Permission::Write);
    let user = ask(&mut gh, "ghs", "GET", "/user", Value::Null);
    assert_eq!(user.status, 403);
    assert_eq!(user.json()["message"], "Resource not accessible by integration");
    let made = ask(&mut gh, "ghs", "POST", ISSUES, json!({ "title": "x" })).json();
    assert_eq!(made["user"]["login"], "github-actions[bot]");
    assert_eq!(made["user"]["type"], "Bot");
    let query = "{ viewer { login __typename } repository(owner: \"acme\", name: \"app\") {
        issue(number: 1) { author { __typename login } viewerDidAuthor } } }";
    let data = &run_as(&mut gh, "ghs", query, json!({}))["data"];
    // The same account under two names.
    let viewer = json!({ "login": "github-actions[bot]", "__typename": "User" });
    assert_eq!(data["viewer"], viewer);
    let author = json!({ "login": "github-actions", "__typename": "Bot" });
    assert_eq!(data["repository"]["issue"]["author"], author);
    assert_eq!(data["repository"]["issue"]["viewerDidAuthor"], true);
}

#[test]
fn a_token_for_other_repositories_is_a_strangers() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    gh.token_mut("writer").unwrap().only = Some([1].into());
    assert_eq!(get(&mut gh, ISSUES).status, 200);
    let write = ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "x" }));
    assert_eq!(write.status, 403);
    gh.repo_mut("acme/app").unwrap().private = true;
    assert_eq!(get(&mut gh, ISSUES).status, 404);
}

#[test]
fn equal_histories_give_equal_bytes() {
    let play = || {
        let mut gh = scene();
        gh.create_issue_as("ann", "acme/app", "x", "b", &["a"]);
        ask(&mut gh, "writer", "POST", ISSUES, json!({ "title": "y" }));
        let list = get(&mut gh, ISSUES);
        (list.body, list.headers)
    };
    assert_eq!(play(), play());
}

#[test]
fn a_repository_says_what_the_asker_may_do() {
    let mut gh = scene();
    let fork = gh.add_repo("writer/app");
    let parent = gh.repo("acme/app").unwrap().id;
    gh.repo_mut("writer/app").unwrap().parent = Some(parent);
    let mut may = |token: &str, repo: &str| {
        let rights = ask(&mut gh, token, "GET", &format!("/repos/{repo}"), Value::Null).json();
        ["pull", "triage", "push", "admin"].map(|right| rights["permissions"][right] == true)
    };
    assert_eq!(may("reader", "acme/app"), [true, false, false, false]);
    assert_eq!(may("triager", "acme/app"), [true, true, false, false]);
    assert_eq!(may("writer", "acme/app"), [true, true, true, false]);
    assert_eq!(may("writer", "writer/app"), [true; 4]);
    let anonymous = handle(&mut gh, &Request::new("GET", "/repos/acme/app"));
    assert_eq!(anonymous.json().get("permissions"), None);
    let forked = get(&mut gh, "/repos/writer/app").json();
    assert_eq!((&forked["id"], &forked["parent"]["id"]), (&json!(fork), &json!(parent)));
}

#[test]
fn a_workflow_of_a_fork_only_reads() {
    let mut gh = scene();
    gh.add_account("github-actions[bot]", "Bot");
    gh.add_token("ghs", "github-actions[bot]");
    gh.token_mut("ghs").unwrap().read_only = true;
    assert_eq!(ask(&mut gh, "ghs", "GET", ISSUES, Value::Null).status, 200);
    let refused = ask(&mut gh, "ghs", "POST", ISSUES, json!({ "title": "x" }));
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["message"], "Resource not accessible by integration");
}

#[test]
fn a_classic_token_says_what_it_may_and_a_fine_grained_one_does_not() {
    let mut gh = scene();
    assert_eq!(get(&mut gh, "/user").get("x-oauth-scopes"), Some("repo"));
    assert_eq!(get(&mut gh, ISSUES).get("x-oauth-scopes"), Some("repo"));
    gh.token_mut("writer").unwrap().scopes = Some(String::new());
    assert_eq!(get(&mut gh, "/user").get("x-oauth-scopes"), Some(""));
    gh.token_mut("writer").unwrap().scopes = None;
    let fine = get(&mut gh, "/user");
    assert_eq!((fine.status, fine.get("x-oauth-scopes")), (200, None));
    assert_eq!(fine.get("github-authentication-token-expiration"), None);
    gh.token_mut("writer").unwrap().expires = Some(gh.clock.now() + 86_400);
    let ends = get(&mut gh, "/rate_limit");
    assert_eq!(ends.get("github-authentication-token-expiration"), Some("2026-03-02 12:00:00 UTC"));
    gh.add_account("github-actions[bot]", "Bot");
    gh.add_token("ghs", "github-actions[bot]");
    assert_eq!(ask(&mut gh, "ghs", "GET", ISSUES, Value::Null).get("x-oauth-scopes"), None);
}

#[test]
fn single_sign_on_protects_what_belongs_to_the_organization() {
    let mut gh = scene();
    gh.token_mut("writer").unwrap().needs_sso = true;
    assert_eq!((get(&mut gh, "/user").status, get(&mut gh, "/rate_limit").status), (200, 200));
    assert_eq!((get(&mut gh, ISSUES).status, get(&mut gh, "/repos/acme/app").status), (403, 403));
}

#[test]
fn a_branch_says_whether_it_is_protected() {
    let mut gh = scene();
    gh.push_branch("acme/app", "topic/one");
    gh.repo_mut("acme/app").unwrap().protected.insert("main".to_owned());
    let mut protected = |name: &str| {
        let answer = get(&mut gh, &format!("/repos/acme/app/branches/{name}"));
        (answer.status, answer.json()["protected"].as_bool())
    };
    assert_eq!(protected("main"), (200, Some(true)));
    assert_eq!(protected("topic%2Fone"), (200, Some(false)));
    assert_eq!(protected("none"), (404, None));
    gh.repo_mut("acme/app").unwrap().private = true;
    let strange = ask(&mut gh, "nonsense", "GET", "/repos/acme/app/branches/main", Value::Null);
    assert_eq!(strange.status, 401);
    gh.add_token("other", "other");
    assert_eq!(ask(&mut gh, "other", "GET", "/repos/acme/app/branches/main", Value::Null).status, 404);
}
