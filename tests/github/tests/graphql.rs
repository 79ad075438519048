//! GraphQL behaviour, asked of `handle` without a network.
//!
//! Every test sends a document to be run; none depends on how it is laid out.

use github_stand_in::{GitHub, Permission, Reason, Request, Response, handle};
use serde_json::{Value, json};

/// acme/app with issue 1 (labels `Bug`, `docs`; one comment), pull request 2 and issue 3,
/// which is closed.
fn scene() -> GitHub {
    let mut gh = GitHub::at("2026-03-01T12:00:00Z");
    gh.add_repo("acme/app");
    for (login, permission) in
        [("writer", Permission::Write), ("triager", Permission::Triage), ("reader", Permission::Read)]
    {
        gh.add_token(login, login);
        gh.grant(login, "acme/app", permission);
    }
    gh.create_issue_as("ann", "acme/app", "One", "text", &["Bug", "docs"]);
    gh.comment_as("writer", "acme/app", 1, "mine");
    gh.create_pull_as("ann", "acme/app", "Pull");
    gh.create_issue_as("ann", "acme/app", "Three", "", &[]);
    gh.close_as("ann", "acme/app", 3, Reason::Duplicate);
    gh
}

fn post(gh: &mut GitHub, token: &str, body: &Value) -> Response {
    handle(gh, &Request::new("POST", "/graphql").token(token).json(body))
}

fn ask(gh: &mut GitHub, query: &str) -> Value {
    let response = post(gh, "writer", &json!({ "query": query }));
    assert_eq!(response.status, 200);
    response.json()
}

fn ask_as(gh: &mut GitHub, token: &str, query: &str, variables: Value) -> Value {
    post(gh, token, &json!({ "query": query, "variables": variables })).json()
}

/// Runs selections on acme/app and gives their data.
fn on_repo(gh: &mut GitHub, selections: &str) -> Value {
    let query = format!("{{ repository(owner: \"acme\", name: \"app\") {{ {selections} }} }}");
    ask(gh, &query)
}

fn id_of(gh: &mut GitHub, number: u64) -> String {
    let answer = on_repo(gh, &format!("issue(number: {number}) {{ id }}"));
    answer["data"]["repository"]["issue"]["id"].as_str().expect("an id").to_owned()
}

fn label_id(gh: &mut GitHub, name: &str) -> String {
    let answer = on_repo(gh, &format!("label(name: \"{name}\") {{ id }}"));
    answer["data"]["repository"]["label"]["id"].as_str().expect("an id").to_owned()
}

fn repo_id(gh: &mut GitHub) -> String {
    on_repo(gh, "id")["data"]["repository"]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn selections_aliases_fragments_variables_and_directives() {
    let mut gh = scene();
    let query = "
        query Look($name: String = \"app\", $n: Int!, $long: Boolean!) {
          viewer { login __typename }
          repository(owner: \"acme\", name: $name) {
            nameWithOwner viewerPermission hasIssuesEnabled
            first: issue(number: $n) { ...Short ...Short body @include(if: $long) }
            third: issue(number: 3) { ...Short body @skip(if: $long) labels(first: 1) { totalCount } }
            any: issueOrPullRequest(number: 2) { __typename ... on PullRequest { number title } }
          }
        }
        fragment Short on Issue { number state author { login ... on User { databaseId } } }";
    let variables = json!({ "n": 1, "long": true });
    let answer = ask_as(&mut gh, "writer", query, variables);
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert_eq!(answer["data"]["viewer"], json!({ "login": "writer", "__typename": "User" }));
    let repo = &answer["data"]["repository"];
    assert_eq!(repo["nameWithOwner"], "acme/app");
    assert_eq!(repo["viewerPermission"], "WRITE");
    assert_eq!(repo["first"]["body"], "text");
    assert_eq!(repo["first"]["author"]["login"], "ann");
    assert!(repo["first"]["author"]["databaseId"].is_u64());
    assert_eq!(repo["third"]["state"], "CLOSED");
    assert_eq!(repo["third"].get("body"), None);
    let pull = json!({ "__typename": "PullRequest", "number": 2, "title": "Pull" });
    assert_eq!(repo["any"], pull);
}

#[test]
fn what_the_schema_does_not_know_stops_everything() {
    let mut gh = scene();
    for (selections, code, message) in [
        ("issue(number: 1) { id nope }", "undefinedField", "Field 'nope' doesn't exist on type 'Issue'"),
        ("issue { id }", "missingRequiredArguments", "Field 'issue' is missing required arguments: number"),
        ("issue(number: 1, x: 2) { id }", "argumentNotAccepted", "Field 'issue' doesn't accept argument 'x'"),
        (
            "issue(number: \"1\") { id }",
            "argumentLiteralsIncompatible",
            "Argument 'number' on Field 'issue' has an invalid value (\"1\"). Expected type 'Int!'.",
        ),
        (
            "issues(first: 1, states: [open]) { totalCount }",
            "argumentLiteralsIncompatible",
            "Argument 'states' on Field 'issues' has an invalid value ([open]). Expected type '[IssueState!]'.",
        ),
        (
            "owner { ... on Label { name } }",
            "cannotSpreadFragment",
            "Fragment on Label can't be spread inside RepositoryOwner",
        ),
        ("...Lost", "useAndDefineFragment", "Fragment Lost was used, but not defined"),
        ("issue(number: $n) { id }", "variableNotDefined", "Variable $n is used by number but not declared"),
    ] {
        let answer = on_repo(&mut gh, selections);
        assert_eq!(answer.get("data"), None, "{selections}");
        let error = &answer["errors"][0];
        assert_eq!(error["message"], message);
        assert_eq!(error["extensions"]["code"], code);
        assert_eq!((&error["path"][0], &error["path"][1]), (&json!("query"), &json!("repository")));
        assert!(error["locations"][0]["line"].is_u64());
    }
    let bare = on_repo(&mut gh, "issue(number: 1)");
    assert_eq!(bare["errors"][0]["extensions"]["code"], "selectionMismatch");
    let broken = ask(&mut gh, "{ viewer { login }");
    assert!(broken["errors"][0]["message"].as_str().unwrap().starts_with("Parse error"));
}

#[test]
fn variables_are_checked() {
    let mut gh = scene();
    let by_number = |ty: &str| {
        format!(
            "query($n: {ty}) {{ repository(owner: \"acme\", name: \"app\") {{ issue(number: $n) \
             {{ number }} }} }}"
        )
    };
    let wrong = ask_as(&mut gh, "writer", &by_number("Int!"), json!({ "n": "one" }));
    let error = &wrong["errors"][0];
    assert_eq!(error["message"], "Variable $n of type Int! was provided invalid value");
    assert!(error["extensions"]["problems"][0]["explanation"].is_string());
    let missing = ask_as(&mut gh, "writer", &by_number("Int!"), json!({}));
    assert_eq!(missing.get("data"), None);
    for ty in ["Int", "String!"] {
        let mismatch = ask_as(&mut gh, "writer", &by_number(ty), json!({ "n": 1 }));
        assert_eq!(mismatch["errors"][0]["extensions"]["code"], "variableMismatch");
    }
    let unused = ask(&mut gh, "query($x: Int) { viewer { login } }");
    assert_eq!(unused["errors"][0]["extensions"]["code"], "variableNotUsed");
    let many = "query A { viewer { login } } query B { viewer { id } }";
    assert_eq!(ask(&mut gh, many)["errors"][0]["message"], "An operation name is required");
    let named = json!({ "query": many, "operationName": "B" });
    assert!(post(&mut gh, "writer", &named).json()["data"]["viewer"]["id"].is_string());
}

#[test]
fn one_missing_issue_is_null_among_the_others() {
    let mut gh = scene();
    gh.delete_issue_as("acme", "acme/app", 3);
    let answer = on_repo(
        &mut gh,
        "a: issue(number: 1) { title } b: issue(number: 99) { title } c: issue(number: 2) { id }
         d: issue(number: 3) { id }",
    );
    let repo = &answer["data"]["repository"];
    assert_eq!(repo["a"]["title"], "One");
    assert_eq!((&repo["b"], &repo["c"], &repo["d"]), (&Value::Null, &Value::Null, &Value::Null));
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors[0]["type"], "NOT_FOUND");
    assert_eq!(errors[0]["path"], json!(["repository", "b"]));
    assert_eq!(errors[0]["message"], "Could not resolve to an Issue with the number of 99.");
    let hidden = ask(&mut gh, "{ repository(owner: \"acme\", name: \"secret\") { id } }");
    assert_eq!(hidden["data"]["repository"], Value::Null);
    assert_eq!(
        hidden["errors"][0]["message"],
        "Could not resolve to a Repository with the name 'acme/secret'."
    );
}

#[test]
fn transferred_and_renamed() {
    let mut gh = scene();
    gh.add_repo("acme/other");
    let id = id_of(&mut gh, 1);
    gh.transfer_as("ann", "acme/app", 1, "acme/other");
    assert_eq!(on_repo(&mut gh, "issue(number: 1) { id }")["errors"][0]["type"], "NOT_FOUND");
    let node = ask(&mut gh, &format!("{{ node(id: \"{id}\") {{ id }} }}"));
    assert_eq!(node["data"]["node"], Value::Null);
    gh.rename_repo("acme/app", "acme/tool");
    assert_eq!(on_repo(&mut gh, "nameWithOwner")["data"]["repository"]["nameWithOwner"], "acme/tool");
    let strict = ask(&mut gh, "{ repository(owner: \"acme\", name: \"app\", followRenames: false) { id } }");
    assert_eq!(strict["data"]["repository"], Value::Null);
}

#[test]
fn nodes_are_found_by_id_and_nothing_else() {
    let mut gh = scene();
    let ids = json!({ "ids": [id_of(&mut gh, 1), "nonsense", label_id(&mut gh, "bug")] });
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id \
                 ... on Issue { number } ... on Label { name } } }";
    let answer = ask_as(&mut gh, "reader", query, ids);
    let nodes = &answer["data"]["nodes"];
    assert_eq!(nodes[0]["number"], 1);
    assert_eq!(nodes[1], Value::Null);
    assert_eq!(nodes[2]["name"], "Bug");
    assert_eq!(answer["errors"][0]["path"], json!(["nodes", 1]));
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let refused = ask_as(&mut gh, "reader", query, json!({ "ids": many }));
    assert_eq!(refused["errors"][0]["type"], "ARGUMENT_LIMIT");
    assert_eq!(refused["data"], Value::Null);
}

#[test]
fn connections_have_bounds_and_cursors() {
    let mut gh = scene();
    for number in 4..10 {
        gh.create_issue_as("ann", "acme/app", &format!("n{number}"), "", &["Bug"]);
    }
    assert_eq!(on_repo(&mut gh, "issues { totalCount }")["data"]["repository"]["issues"]["totalCount"], 8);
    let cases = [
        ("issues { nodes { id } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("issues(first: 101) { nodes { id } }", "EXCESSIVE_PAGINATION"),
        ("issues(first: 0) { nodes { id } }", "ARGUMENT_LIMIT"),
        ("issues(first: 1, after: \"x\") { nodes { id } }", "INVALID_CURSOR_ARGUMENTS"),
    ];
    for (selections, kind) in cases {
        let answer = on_repo(&mut gh, selections);
        // `issues` may not be null, so the repository is.
        assert_eq!(answer["data"], json!({ "repository": null }), "{selections}");
        assert_eq!(answer["errors"][0]["type"], kind);
        assert_eq!(answer["errors"][0]["path"], json!(["repository", "issues"]));
    }
    let mut after = Value::Null;
    let mut seen = Vec::new();
    loop {
        let query = "query($after: String) { repository(owner: \"acme\", name: \"app\") {
            issues(first: 3, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
              nodes { number } edges { cursor } pageInfo { hasNextPage endCursor } totalCount } } }";
        let answer = ask_as(&mut gh, "writer", query, json!({ "after": after }));
        let page = &answer["data"]["repository"]["issues"];
        let nodes = page["nodes"].as_array().unwrap().clone();
        seen.extend(nodes.iter().filter_map(|node| node["number"].as_u64()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
        assert_eq!(page["edges"][2]["cursor"], after);
    }
    // Pull request 2 is no issue here.
    assert_eq!(seen, [1, 3, 4, 5, 6, 7, 8, 9]);
    let last = on_repo(
        &mut gh,
        "issues(last: 2, states: OPEN, labels: [\"bug\"]) { nodes { number } pageInfo { hasPreviousPage } }",
    );
    let last = &last["data"]["repository"]["issues"];
    assert_eq!(last["nodes"], json!([{ "number": 8 }, { "number": 9 }]));
    assert_eq!(last["pageInfo"]["hasPreviousPage"], true);
}

#[test]
fn lists_are_late_here_too() {
    let mut gh = scene();
    gh.settings.list_lag_new = 60;
    gh.clock.advance(5);
    gh.create_issue_as("ann", "acme/app", "Four", "", &[]);
    let since = "issues(first: 9, filterBy: {since: \"2026-03-01T12:00:05Z\"}) { nodes { number } }";
    assert_eq!(on_repo(&mut gh, since)["data"]["repository"]["issues"]["nodes"], json!([]));
    assert_eq!(on_repo(&mut gh, "issue(number: 4) { number }")["data"]["repository"]["issue"]["number"], 4);
    gh.clock.advance(60);
    let nodes = json!([{ "number": 4 }]);
    assert_eq!(on_repo(&mut gh, since)["data"]["repository"]["issues"]["nodes"], nodes);
}

#[test]
fn a_duplicate_hides_unless_it_is_asked_for() {
    let mut gh = scene();
    let answer =
        on_repo(&mut gh, "issue(number: 3) { a: stateReason b: stateReason(enableDuplicate: true) }");
    let issue = json!({ "a": "NOT_PLANNED", "b": "DUPLICATE" });
    assert_eq!(answer["data"]["repository"]["issue"], issue);
}

#[test]
fn the_timeline_tells_what_happened() {
    let mut gh = scene();
    gh.clock.advance(60);
    gh.close_as("bob", "acme/app", 1, Reason::NotPlanned);
    gh.reopen_as("bob", "acme/app", 1);
    gh.unlabel_as("bob", "acme/app", 1, "docs");
    gh.delete_label("acme/app", "docs");
    gh.convert_to_discussion_as("acme", "acme/app", 1);
    let answer = on_repo(
        &mut gh,
        "issue(number: 1) { timelineItems(first: 20, since: \"2026-03-01T12:01:00Z\",
           itemTypes: [CLOSED_EVENT, REOPENED_EVENT, UNLABELED_EVENT, ISSUE_COMMENT,
                       CONVERTED_TO_DISCUSSION_EVENT]) {
           totalCount
           nodes { __typename
             ... on ClosedEvent { stateReason createdAt actor { login } }
             ... on ReopenedEvent { actor { login } }
             ... on UnlabeledEvent { label { name } } } } }",
    );
    let items = &answer["data"]["repository"]["issue"]["timelineItems"];
    assert_eq!(items["totalCount"], 4);
    assert_eq!(
        items["nodes"],
        json!([
            { "__typename": "ClosedEvent", "stateReason": "NOT_PLANNED",
              "createdAt": "2026-03-01T12:01:00Z", "actor": { "login": "bob" } },
            { "__typename": "ReopenedEvent", "actor": { "login": "bob" } },
            { "__typename": "UnlabeledEvent", "label": { "name": "docs" } },
            { "__typename": "ConvertedToDiscussionEvent" },
        ])
    );
}

#[test]
fn comments_and_who_wrote_them() {
    let mut gh = scene();
    let answer = on_repo(
        &mut gh,
        "issue(number: 1) { viewerDidAuthor comments(first: 5) { totalCount nodes {
           body viewerDidAuthor authorAssociation author { login } fullDatabaseId } } }",
    );
    let issue = &answer["data"]["repository"]["issue"];
    assert_eq!(issue["viewerDidAuthor"], false);
    let comment = &issue["comments"]["nodes"][0];
    assert_eq!(comment["viewerDidAuthor"], true);
    assert_eq!(comment["authorAssociation"], "COLLABORATOR");
    assert!(comment["fullDatabaseId"].is_string());
}

#[test]
fn mutations_run_in_order_and_half_succeed() {
    let mut gh = scene();
    let (repo, one, bug) = (repo_id(&mut gh), id_of(&mut gh, 1), label_id(&mut gh, "Bug"));
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
    let answer = ask(&mut gh, &query);
    let data = &answer["data"];
    assert_eq!(data["made"]["clientMutationId"], "m1");
    assert_eq!(data["made"]["issue"]["labels"]["nodes"], json!([{ "name": "Bug" }]));
    assert_eq!(data["bad"], Value::Null);
    assert_eq!(data["shut"]["issue"]["stateReason"], "NOT_PLANNED");
    assert_eq!(data["said"]["commentEdge"]["node"]["body"], "hi");
    assert_eq!(answer["errors"][0]["path"], json!(["bad"]));
    assert_eq!(answer["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(gh.issue_numbers("acme/app"), [1, 3, 4]);
}

#[test]
fn mutations_may_run_out_of_time_halfway() {
    let mut gh = scene();
    gh.settings.mutations_before_timeout = Some(1);
    let one = id_of(&mut gh, 1);
    let add = |text: &str| {
        format!(
            "{text}: addComment(input: {{subjectId: \"{one}\", body: \"{text}\"}}) {{ subject {{ id }} }}"
        )
    };
    let answer = ask(&mut gh, &format!("mutation {{ {} {} }}", add("a"), add("b")));
    assert!(answer["data"]["a"].is_object());
    assert_eq!(answer["data"]["b"], Value::Null);
    assert_eq!(answer["errors"][0].get("type"), None);
    assert_eq!(gh.comments_of("acme/app", 1), ["mine", "a"]);
}

#[test]
fn labels_by_delta() {
    let mut gh = scene();
    let (one, docs) = (id_of(&mut gh, 1), label_id(&mut gh, "docs"));
    let change = |field: &str| {
        format!(
            "mutation {{ {field}(input: {{labelableId: \"{one}\", labelIds: [\"{docs}\"]}}) {{ \
             labelable {{ labels(first: 9) {{ totalCount }} ... on Issue {{ number }} }} }} }}"
        )
    };
    let gone = ask(&mut gh, &change("removeLabelsFromLabelable"));
    let labelable = &gone["data"]["removeLabelsFromLabelable"]["labelable"];
    assert_eq!(*labelable, json!({ "labels": { "totalCount": 1 }, "number": 1 }));
    let refused = ask_as(&mut gh, "reader", &change("addLabelsToLabelable"), json!({}));
    assert_eq!(refused["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(
        refused["errors"][0]["message"],
        "reader does not have the correct permissions to execute `AddLabelsToLabelable`"
    );
    ask_as(&mut gh, "triager", &change("addLabelsToLabelable"), json!({}));
    assert_eq!(gh.labels_of("acme/app", 1), ["Bug", "docs"]);
}

#[test]
fn updates_comments_and_labels() {
    let mut gh = scene();
    let (repo, one) = (repo_id(&mut gh), id_of(&mut gh, 1));
    let query = "mutation($input: UpdateIssueInput!) { updateIssue(input: $input) { issue { title \
                 body state labels(first: 5) { totalCount } } actor { login } } }";
    let input = json!({ "input": { "id": one, "title": "New", "state": "CLOSED", "labelIds": [] } });
    let issue = &ask_as(&mut gh, "writer", query, input)["data"]["updateIssue"]["issue"];
    let expected =
        json!({ "title": "New", "body": "text", "state": "CLOSED", "labels": { "totalCount": 0 } });
    assert_eq!(*issue, expected);
    let long = json!({ "input": { "id": one, "title": "x".repeat(257) } });
    let refused = ask_as(&mut gh, "writer", query, long);
    assert_eq!(refused["errors"][0]["type"], "UNPROCESSABLE");
    let unknown = json!({ "input": { "id": one, "stateReason": "COMPLETED" } });
    assert_eq!(ask_as(&mut gh, "writer", query, unknown).get("data"), None);
    let label = format!(
        "mutation {{ createLabel(input: {{repositoryId: \"{repo}\", name: \"BUG\", color: \"ff0000\"}}) \
         {{ label {{ id }} }} reopenIssue(input: {{issueId: \"{one}\"}}) {{ issue {{ stateReason }} }} }}"
    );
    let answer = ask(&mut gh, &label);
    assert_eq!(answer["errors"][0]["message"], "Name has already been taken");
    assert_eq!(answer["data"]["reopenIssue"]["issue"]["stateReason"], "REOPENED");
}

#[test]
fn writes_that_are_refused() {
    let mut gh = scene();
    let one = id_of(&mut gh, 1);
    let add = format!(
        "mutation {{ addComment(input: {{subjectId: \"{one}\", body: \"x\"}}) {{ subject {{ id }} }} }}"
    );
    gh.lock_as("acme", "acme/app", 1);
    assert_eq!(ask(&mut gh, &add)["errors"][0]["type"], "FORBIDDEN");
    gh.unlock_as("acme", "acme/app", 1);
    gh.token_mut("writer").unwrap().read_only = true;
    assert_eq!(
        ask(&mut gh, &add)["errors"][0]["message"],
        "Resource not accessible by personal access token"
    );
    gh.token_mut("writer").unwrap().read_only = false;
    gh.settings.content_per_minute = Some(1);
    assert!(ask(&mut gh, &add).get("errors").is_none());
    assert_eq!(ask(&mut gh, &add)["errors"][0]["message"], "was submitted too quickly");
    gh.repo_mut("acme/app").unwrap().archived = true;
    assert_eq!(ask(&mut gh, &add)["data"]["addComment"], Value::Null);
}

#[test]
fn limits_of_nodes_and_points() {
    let mut gh = scene();
    let big = on_repo(
        &mut gh,
        "issues(first: 100) { nodes { comments(first: 100) { nodes { id } }
           timelineItems(first: 100) { nodes { ... on ClosedEvent { closable { ... on Issue {
             labels(first: 100) { nodes { name } } } } } } } } }",
    );
    assert_eq!(big.get("data"), None);
    assert_eq!(big["errors"][0]["type"], "MAX_NODE_LIMIT_EXCEEDED");
    let rate = ask(&mut gh, "{ rateLimit { cost limit remaining used resetAt nodeCount } }");
    assert_eq!(rate["data"]["rateLimit"]["cost"], 1);
    gh.settings.graphql_limit = 1;
    let spent = post(&mut gh, "writer", &json!({ "query": "{ viewer { login } }" }));
    assert_eq!(spent.status, 200);
    assert_eq!(spent.json()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(spent.get("x-ratelimit-remaining"), Some("0"));
    assert_eq!(spent.get("x-ratelimit-resource"), Some("graphql"));
    // REST has a budget of its own.
    let rest = handle(&mut gh, &Request::new("GET", "/user").token("writer"));
    assert_eq!(rest.status, 200);
}

#[test]
fn graphql_may_be_off_and_mutations_may_be_down() {
    let mut gh = scene();
    gh.settings.mutations_down = true;
    let mutation = json!({ "query": "mutation { reopenIssue(input: {issueId: \"x\"}) { issue { id } } }" });
    assert_eq!(post(&mut gh, "writer", &mutation).status, 503);
    let query = json!({ "query": "{ viewer { login } }" });
    assert_eq!(post(&mut gh, "writer", &query).status, 200);
    assert_eq!(post(&mut gh, "nonsense", &query).status, 401);
    let enterprise = Request::new("POST", "/api/graphql").token("writer").json(&query);
    assert_eq!(handle(&mut gh, &enterprise).json()["data"]["viewer"]["login"], "writer");
    gh.settings.graphql = false;
    assert_eq!(post(&mut gh, "writer", &query).status, 404);
    let anonymous = handle(&mut gh, &Request::new("POST", "/graphql").json(&query));
    assert_eq!(anonymous.status, 404);
}
