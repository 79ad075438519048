//! Limits: what is counted, for whom, and in how many ways it is said.

use github_stand_in::{GitHub, Request, Response, handle};
use serde_json::{Value, json};

use crate::scene::{ISSUES, ask, busy, get, id_of, on_repo, post, run, scene};

fn create(gh: &mut GitHub) -> Response {
    ask(gh, "writer", "POST", ISSUES, json!({ "title": "x" }))
}

fn viewer(gh: &mut GitHub) -> Response {
    post(gh, "writer", &json!({ "query": "{ viewer { login } }" }))
}

#[test]
fn the_primary_limit_is_announced_in_five_headers() {
    let mut gh = scene();
    let first = get(&mut gh, ISSUES);
    let told = |answer: &Response| {
        ["limit", "remaining", "used", "reset", "resource"]
            .map(|name| answer.get(&format!("x-ratelimit-{name}")).expect("a header").to_owned())
    };
    let reset = (gh.clock.now() + 3_600).to_string();
    assert_eq!(told(&first), ["5000", "4999", "1", &reset, "core"]);
    assert_eq!(told(&viewer(&mut gh)), ["5000", "4999", "1", &reset, "graphql"]);
    assert_eq!(told(&create(&mut gh))[1], "4998");
    let rate = get(&mut gh, "/rate_limit").json();
    assert_eq!(rate["resources"]["core"]["used"], 2);
    assert_eq!(rate["rate"], rate["resources"]["core"]);
}

#[test]
fn without_a_token_there_are_sixty_and_304_counts() {
    let mut gh = scene();
    let nobody =
        |gh: &mut GitHub, tag: &str| handle(gh, &Request::new("GET", ISSUES).header("if-none-match", tag));
    let first = nobody(&mut gh, "");
    assert_eq!(first.get("x-ratelimit-limit"), Some("60"));
    let again = nobody(&mut gh, first.get("etag").expect("an ETag"));
    assert_eq!((again.status, again.get("x-ratelimit-used")), (304, Some("2")));
    for _ in 0..58 {
        assert_eq!(nobody(&mut gh, "").status, 200);
    }
    assert_eq!(nobody(&mut gh, "").status, 403);
    assert_eq!(get(&mut gh, ISSUES).status, 200);
}

#[test]
fn a_workflows_limit_belongs_to_its_repository() {
    let mut gh = scene();
    gh.settings.workflow_limit = 2;
    gh.add_account("github-actions[bot]", "Bot");
    let app = gh.repo("acme/app").unwrap().id;
    let other = gh.add_repo("acme/other");
    for (token, repo) in [("job-1", app), ("job-2", app), ("job-3", other)] {
        gh.add_token(token, "github-actions[bot]");
        gh.token_mut(token).unwrap().only = Some([repo].into());
    }
    let mut look = |token: &str| ask(&mut gh, token, "GET", ISSUES, Value::Null);
    assert_eq!(look("job-1").get("x-ratelimit-limit"), Some("2"));
    assert_eq!(look("job-2").status, 200);
    // A new job is a new token, and no new budget.
    assert_eq!(look("job-1").status, 403);
    assert_eq!(look("job-2").status, 403);
    assert_eq!(look("job-3").status, 200);
    assert_eq!(look("writer").status, 200);
    assert_eq!(github_stand_in::Settings::default().workflow_limit, 1_000);
}

#[test]
fn an_enterprise_server_may_have_no_limits() {
    let mut gh = scene();
    gh.settings.limited = false;
    gh.settings.core_limit = 1;
    for _ in 0..3 {
        let answer = get(&mut gh, ISSUES);
        assert_eq!((answer.status, answer.get("x-ratelimit-limit")), (200, None));
    }
    assert_eq!(get(&mut gh, "/rate_limit").status, 404);
}

#[test]
fn graphqls_limit_has_two_names_and_may_leave_something() {
    let mut gh = scene();
    gh.settings.graphql_limit = 1;
    viewer(&mut gh);
    for (kind, remaining) in [("RATE_LIMITED", None), ("RATE_LIMIT", Some(4_000))] {
        gh.settings.graphql_limit_type = kind;
        gh.settings.graphql_limit_remaining = remaining;
        let spent = viewer(&mut gh);
        assert_eq!((spent.status, &spent.json()["errors"][0]["type"]), (200, &json!(kind)));
        assert_eq!(spent.json().get("data"), None);
        let told = remaining.unwrap_or(0).to_string();
        assert_eq!(spent.get("x-ratelimit-remaining"), Some(told.as_str()));
    }
}

#[test]
fn points_a_minute_are_counted_for_each_endpoint() {
    let mut gh = scene();
    gh.settings.points_per_minute = Some(10);
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    assert_eq!((create(&mut gh).status, create(&mut gh).status), (201, 201));
    let refused = create(&mut gh);
    assert_eq!(refused.status, 403);
    assert!(refused.json()["message"].as_str().unwrap().contains("secondary rate limit"));
    // Another endpoint is another sum, another issue is not.
    for number in [1, 2, 3].into_iter().cycle().take(10) {
        assert_eq!(get(&mut gh, &format!("{ISSUES}/{number}")).status, 200);
    }
    assert_eq!(get(&mut gh, &format!("{ISSUES}/1")).status, 403);
    gh.clock.advance(60);
    assert_eq!(create(&mut gh).status, 201);
}

#[test]
fn points_a_minute_of_graphql_have_two_forms() {
    let mut gh = busy();
    gh.settings.graphql_points_per_minute = Some(6);
    let mutation = json!({ "query": "mutation { reopenIssue(input: {issueId: \"x\"}) { issue { id } } }" });
    assert_eq!(post(&mut gh, "writer", &mutation).json()["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(viewer(&mut gh).json()["data"]["viewer"]["login"], "writer");
    let refused = viewer(&mut gh);
    assert_eq!((refused.status, refused.json().get("data")), (200, None));
    assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("secondary rate limit"));
    gh.settings.graphql_secondary_status = 403;
    assert_eq!(viewer(&mut gh).status, 403);
}

#[test]
fn content_is_counted_by_the_minute_and_the_hour_and_the_web_counts() {
    let mut gh = scene();
    gh.settings.content_per_minute = Some(2);
    gh.settings.content_per_hour = Some(3);
    gh.create_issue_as("writer", "acme/app", "by hand", "", &[]);
    assert_eq!(create(&mut gh).status, 201);
    assert_eq!(create(&mut gh).status, 403);
    gh.clock.advance(60);
    assert_eq!(create(&mut gh).status, 201);
    gh.clock.advance(60);
    // The minute is over, the hour is not. Reading goes on.
    assert_eq!(create(&mut gh).status, 403);
    assert_eq!(get(&mut gh, ISSUES).status, 200);
    let other = ask(&mut gh, "reader", "POST", ISSUES, json!({ "title": "x" }));
    assert_eq!(other.status, 201);
    gh.clock.advance(3_600);
    assert_eq!(create(&mut gh).status, 201);
}

#[test]
fn a_secondary_limit_says_when_or_not_or_nothing() {
    let mut gh = scene();
    gh.settings.content_per_minute = Some(0);
    assert_eq!(create(&mut gh).get("retry-after"), None);
    gh.settings.secondary_retry_after = Some(60);
    gh.settings.limit_status = 429;
    let refused = create(&mut gh);
    assert_eq!((refused.status, refused.get("retry-after")), (429, Some("60")));
    gh.settings.secondary_retry_after_blank = true;
    let blank = create(&mut gh);
    assert_eq!(blank.get("retry-after"), Some(""));
    // The primary limit is far from used up.
    assert_eq!(blank.get("x-ratelimit-remaining"), Some("4997"));
}

#[test]
fn content_over_graphql_is_refused_with_200_or_403() {
    let mut gh = busy();
    let one = id_of(&mut gh, 1);
    let add = |alias: &str| {
        format!(
            "{alias}: addComment(input: {{subjectId: \"{one}\", body: \"{alias}\"}}) {{ subject {{ id }} }}"
        )
    };
    let both = json!({ "query": format!("mutation {{ {} {} }}", add("a"), add("b")) });
    gh.settings.content_per_minute = Some(1);
    let half = post(&mut gh, "writer", &both);
    assert_eq!(half.status, 200);
    assert!(half.json()["data"]["a"].is_object() && half.json()["data"]["b"].is_null());
    gh.clock.advance(60);
    gh.settings.graphql_secondary_status = 403;
    let refused = post(&mut gh, "writer", &both);
    assert_eq!((refused.status, refused.json().get("data")), (403, None));
    // The first half is done and nobody says so.
    assert_eq!(gh.comments_of("acme/app", 1), ["mine", "a", "a"]);
}

#[test]
fn what_runs_out_of_time_costs_more() {
    let mut gh = busy();
    let used = |answer: &Response| -> u64 { answer.get("x-ratelimit-used").unwrap().parse().unwrap() };
    let mutation = json!({ "query": "mutation { reopenIssue(input: {issueId: \"x\"}) { issue { id } } }" });
    let before = used(&viewer(&mut gh));
    assert_eq!(used(&post(&mut gh, "writer", &mutation)), before + 1);
    gh.settings.mutations_before_timeout = Some(0);
    assert_eq!(used(&post(&mut gh, "writer", &mutation)), before + 3);
}

#[test]
fn a_query_that_uses_too_much_is_answered_in_part() {
    let mut gh = busy();
    gh.settings.issues_before_resource_limit = Some(1);
    let answer = on_repo(&mut gh, "a: issue(number: 1) { title } b: issue(number: 3) { title }");
    let repo = &answer["data"]["repository"];
    // Null, and there all the same.
    assert_eq!((&repo["a"]["title"], &repo["b"]), (&json!("One"), &Value::Null));
    assert_eq!(answer["errors"][0]["type"], "RESOURCE_LIMITS_EXCEEDED");
    assert_eq!(answer["errors"][0]["path"], json!(["repository", "b"]));
    let alone = run(&mut gh, "{ repository(owner: \"acme\", name: \"app\") { issue(number: 3) { title } } }");
    assert_eq!(alone["data"]["repository"]["issue"]["title"], "Three");
}

#[test]
fn a_403_has_many_meanings() {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "x", "", &[]);
    let comment = |gh: &mut GitHub, token: &str| {
        ask(gh, token, "POST", &format!("{ISSUES}/1/comments"), json!({ "body": "b" }))
    };
    let mut answers = vec![ask(&mut gh, "reader", "PATCH", &format!("{ISSUES}/1"), json!({ "title": "y" }))];
    gh.lock_as("ann", "acme/app", 1);
    answers.push(comment(&mut gh, "writer"));
    gh.token_mut("writer").unwrap().read_only = true;
    answers.push(comment(&mut gh, "writer"));
    gh.token_mut("writer").unwrap().read_only = false;
    gh.token_mut("writer").unwrap().needs_sso = true;
    answers.push(comment(&mut gh, "writer"));
    gh.token_mut("writer").unwrap().needs_sso = false;
    gh.unlock_as("ann", "acme/app", 1);
    gh.settings.content_per_minute = Some(0);
    answers.push(comment(&mut gh, "writer"));
    gh.exhaust("writer", "core", 600);
    answers.push(comment(&mut gh, "writer"));
    gh.repo_mut("acme/app").unwrap().archived = true;
    answers.push(comment(&mut gh, "reader"));
    let mut messages: Vec<_> = answers.iter().map(|answer| answer.json()["message"].to_string()).collect();
    assert!(answers.iter().all(|answer| answer.status == 403), "{messages:?}");
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), 7, "{messages:?}");
    let spent: Vec<_> =
        answers.iter().map(|answer| answer.get("x-ratelimit-remaining") == Some("0")).collect();
    assert_eq!(spent, [false, false, false, false, false, true, false]);
}
