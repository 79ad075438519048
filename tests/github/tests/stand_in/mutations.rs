//! GraphQL: mutations, which half succeed.

use github_stand_in::{Request, handle};
use serde_json::{Value, json};

use crate::scene::{busy, id_of, label_id, post, repo_id, run, run_as};

#[test]
fn mutations_run_in_order_and_half_succeed() {
    let mut gh = busy();
    let (repo, one, bug) = (
        repo_id(&mut gh),
        id_of(&mut gh, 1),
        label_id(&mut gh, "Bug"),
    );
    let query = format!(
        "mutation {{
           made: createIssue(input: {{repositoryId: \"{repo}\", title: \"New\", body: \"b\",
             labelIds: [\"{bug}\"], clientMutationId: \"m1\"}}) {{
             clientMutationId issue {{ number labels(first: 9) {{ nodes {{ name }} }} }} }}
           bad: createIssue(input: {{repositoryId: \"{repo}\", title: \"x\",
             labelIds: [\"{repo}\"]}}) {{ issue {{ number }} }}
           shut: closeIssue(input: {{issueId: \"{one}\", stateReason: NOT_PLANNED}}) {{
             issue {{ state stateReason }} }}
           said: addComment(input: {{subjectId: \"{one}\", body: \"hi\"}}) {{
             commentEdge {{ node {{ id body }} }} subject {{ id }} }}
         }}"
    );
    let answer = run(&mut gh, &query);
    let data = &answer["data"];
    assert_eq!(data["made"]["clientMutationId"], "m1");
    assert_eq!(
        data["made"]["issue"]["labels"]["nodes"],
        json!([{ "name": "Bug" }])
    );
    assert_eq!(data["bad"], Value::Null);
    assert_eq!(data["shut"]["issue"]["stateReason"], "NOT_PLANNED");
    assert_eq!(data["said"]["commentEdge"]["node"]["body"], "hi");
    assert_eq!(answer["errors"][0]["path"], json!(["bad"]));
    assert_eq!(answer["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(gh.issue_numbers("acme/app"), [1, 3, 4]);
}

#[test]
fn mutations_may_run_out_of_time_halfway() {
    let mut gh = busy();
    gh.settings.mutations_before_timeout = Some(1);
    let one = id_of(&mut gh, 1);
    let add = |text: &str| {
        format!(
            "{text}: addComment(input: {{subjectId: \"{one}\", body: \"{text}\"}}) {{ subject {{ id }} }}"
        )
    };
    let answer = run(
        &mut gh,
        &format!("mutation {{ {} {} }}", add("a"), add("b")),
    );
    assert!(answer["data"]["a"].is_object());
    assert_eq!(answer["data"]["b"], Value::Null);
    assert_eq!(answer["errors"][0].get("type"), None);
    assert_eq!(gh.comments_of("acme/app", 1), ["mine", "a"]);
}

#[test]
fn labels_by_delta() {
    let mut gh = busy();
    let (one, docs) = (id_of(&mut gh, 1), label_id(&mut gh, "docs"));
    let change = |field: &str| {
        format!(
            "mutation {{ {field}(input: {{labelableId: \"{one}\", labelIds: [\"{docs}\"]}}) {{ \
             labelable {{ labels(first: 9) {{ totalCount }} ... on Issue {{ number }} }} }} }}"
        )
    };
    let gone = run(&mut gh, &change("removeLabelsFromLabelable"));
    let labelable = &gone["data"]["removeLabelsFromLabelable"]["labelable"];
    assert_eq!(
        *labelable,
        json!({ "labels": { "totalCount": 1 }, "number": 1 })
    );
    let refused = run_as(
        &mut gh,
        "reader",
        &change("addLabelsToLabelable"),
        json!({}),
    );
    assert_eq!(refused["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(
        refused["errors"][0]["message"],
        "reader does not have the correct permissions to execute `AddLabelsToLabelable`"
    );
    run_as(
        &mut gh,
        "triager",
        &change("addLabelsToLabelable"),
        json!({}),
    );
    assert_eq!(gh.labels_of("acme/app", 1), ["Bug", "docs"]);
}

#[test]
fn updates_comments_and_labels() {
    let mut gh = busy();
    let (repo, one) = (repo_id(&mut gh), id_of(&mut gh, 1));
    let query = "mutation($input: UpdateIssueInput!) { updateIssue(input: $input) { issue { title \
                 body state labels(first: 5) { totalCount } } actor { login } } }";
    let input =
        json!({ "input": { "id": one, "title": "New", "state": "CLOSED", "labelIds": [] } });
    let issue = &run_as(&mut gh, "writer", query, input)["data"]["updateIssue"]["issue"];
    let expected =
        json!({ "title": "New", "body": "text", "state": "CLOSED", "labels": { "totalCount": 0 } });
    assert_eq!(*issue, expected);
    let long = json!({ "input": { "id": one, "title": "x".repeat(257) } });
    let refused = run_as(&mut gh, "writer", query, long);
    assert_eq!(refused["errors"][0]["type"], "UNPROCESSABLE");
    let unknown = json!({ "input": { "id": one, "stateReason": "COMPLETED" } });
    assert_eq!(run_as(&mut gh, "writer", query, unknown).get("data"), None);
    let label = format!(
        "mutation {{ createLabel(input: {{repositoryId: \"{repo}\", name: \"BUG\", color: \"ff0000\"}}) \
         {{ label {{ id }} }} reopenIssue(input: {{issueId: \"{one}\"}}) {{ issue {{ stateReason }} }} }}"
    );
    let answer = run(&mut gh, &label);
    assert_eq!(
        answer["errors"][0]["message"],
        "Name has already been taken"
    );
    assert_eq!(
        answer["data"]["reopenIssue"]["issue"]["stateReason"],
        "REOPENED"
    );
}

#[test]
fn writes_that_are_refused() {
    let mut gh = busy();
    let one = id_of(&mut gh, 1);
    let add = format!(
        "mutation {{ addComment(input: {{subjectId: \"{one}\", body: \"x\"}}) {{ subject {{ id }} }} }}"
    );
    gh.lock_as("acme", "acme/app", 1);
    assert_eq!(run(&mut gh, &add)["errors"][0]["type"], "FORBIDDEN");
    gh.unlock_as("acme", "acme/app", 1);
    gh.token_mut("writer").unwrap().read_only = true;
    assert_eq!(
        run(&mut gh, &add)["errors"][0]["message"],
        "Resource not accessible by personal access token"
    );
    gh.token_mut("writer").unwrap().read_only = false;
    gh.settings.content_per_minute = Some(1);
    assert!(run(&mut gh, &add).get("errors").is_none());
    assert_eq!(
        run(&mut gh, &add)["errors"][0]["message"],
        "was submitted too quickly"
    );
    gh.repo_mut("acme/app").unwrap().archived = true;
    assert_eq!(run(&mut gh, &add)["data"]["addComment"], Value::Null);
}

#[test]
fn graphql_may_be_off_and_mutations_may_be_down() {
    let mut gh = busy();
    gh.settings.mutations_down = true;
    let mutation =
        json!({ "query": "mutation { reopenIssue(input: {issueId: \"x\"}) { issue { id } } }" });
    assert_eq!(post(&mut gh, "writer", &mutation).status, 503);
    let query = json!({ "query": "{ viewer { login } }" });
    assert_eq!(post(&mut gh, "writer", &query).status, 200);
    assert_eq!(post(&mut gh, "nonsense", &query).status, 401);
    let enterprise = Request::new("POST", "/api/graphql")
        .token("writer")
        .json(&query);
    assert_eq!(
        handle(&mut gh, &enterprise).json()["data"]["viewer"]["login"],
        "writer"
    );
    gh.settings.graphql = false;
    assert_eq!(post(&mut gh, "writer", &query).status, 404);
    let anonymous = handle(&mut gh, &Request::new("POST", "/graphql").json(&query));
    assert_eq!(anonymous.status, 404);
}
