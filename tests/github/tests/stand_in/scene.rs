//! The scene most tests start from, and short ways to ask.

use github_stand_in::{GitHub, Permission, Request, Response, handle};
use serde_json::{Value, json};

pub(crate) const ISSUES: &str = "/repos/acme/app/issues";

/// acme/app with writer, triager and reader, each with a token of that name.
pub(crate) fn scene() -> GitHub {
    let mut gh = GitHub::at("2026-03-01T12:00:00Z");
    gh.add_repo("acme/app");
    for (login, permission) in [
        ("writer", Permission::Write),
        ("triager", Permission::Triage),
        ("reader", Permission::Read),
    ] {
        gh.add_token(login, login);
        gh.grant(login, "acme/app", permission);
    }
    gh
}

/// Sends a REST request; `null` is no body.
pub(crate) fn ask(
    gh: &mut GitHub,
    token: &str,
    method: &str,
    target: &str,
    body: Value,
) -> Response {
    let mut request = Request::new(method, target).token(token);
    if !body.is_null() {
        request = request.json(&body);
    }
    handle(gh, &request)
}

pub(crate) fn get(gh: &mut GitHub, target: &str) -> Response {
    ask(gh, "writer", "GET", target, Value::Null)
}

pub(crate) fn names(labels: &Value) -> Vec<&str> {
    let labels = labels.as_array().expect("labels");
    labels
        .iter()
        .filter_map(|label| label["name"].as_str())
        .collect()
}

pub(crate) fn numbers(list: &Response) -> Vec<u64> {
    let list = list.json();
    let rows = list.as_array().expect("a list");
    rows.iter()
        .filter_map(|row| row["number"].as_u64())
        .collect()
}

/// The target of the link of that kind, without the host.
pub(crate) fn link(page: &Response, rel: &str) -> Option<String> {
    let rel = format!("rel=\"{rel}\"");
    let part = page
        .get("link")?
        .split(", ")
        .find(|part| part.contains(&rel))?
        .to_owned();
    let url = part.split(['<', '>']).nth(1)?;
    Some(url.strip_prefix("http://api.github.invalid")?.to_owned())
}

/// The scene with issue 1 (labels `Bug`, `docs`; one comment), pull request 2 and issue 3,
/// which is closed.
pub(crate) fn busy() -> GitHub {
    let mut gh = scene();
    gh.create_issue_as("ann", "acme/app", "One", "text", &["Bug", "docs"]);
    gh.comment_as("writer", "acme/app", 1, "mine");
    gh.create_pull_as("ann", "acme/app", "Pull");
    gh.create_issue_as("ann", "acme/app", "Three", "", &[]);
    gh.close_as("ann", "acme/app", 3, github_stand_in::Reason::Duplicate);
    gh
}

pub(crate) fn post(gh: &mut GitHub, token: &str, body: &Value) -> Response {
    handle(
        gh,
        &Request::new("POST", "/graphql").token(token).json(body),
    )
}

/// Runs a document.
pub(crate) fn run(gh: &mut GitHub, query: &str) -> Value {
    let response = post(gh, "writer", &json!({ "query": query }));
    assert_eq!(response.status, 200);
    response.json()
}

pub(crate) fn run_as(gh: &mut GitHub, token: &str, query: &str, variables: Value) -> Value {
    post(
        gh,
        token,
        &json!({ "query": query, "variables": variables }),
    )
    .json()
}

/// Runs selections on acme/app.
pub(crate) fn on_repo(gh: &mut GitHub, selections: &str) -> Value {
    let query = format!("{{ repository(owner: \"acme\", name: \"app\") {{ {selections} }} }}");
    run(gh, &query)
}

pub(crate) fn id_of(gh: &mut GitHub, number: u64) -> String {
    let answer = on_repo(gh, &format!("issue(number: {number}) {{ id }}"));
    answer["data"]["repository"]["issue"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

pub(crate) fn label_id(gh: &mut GitHub, name: &str) -> String {
    let answer = on_repo(gh, &format!("label(name: \"{name}\") {{ id }}"));
    answer["data"]["repository"]["label"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

pub(crate) fn repo_id(gh: &mut GitHub) -> String {
    on_repo(gh, "id")["data"]["repository"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}
