//! GraphQL: queries, which come back in part or not at all.

use github_stand_in::{Reason, Request, handle};
use serde_json::{Value, json};

use crate::scene::{busy, id_of, label_id, on_repo, post, run, run_as};

#[test]
fn selections_aliases_fragments_variables_and_directives() {
    let mut gh = busy();
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
    let answer = run_as(&mut gh, "writer", query, variables);
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert_eq!(
        answer["data"]["viewer"],
        json!({ "login": "writer", "__typename": "User" })
    );
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
    let mut gh = busy();
    for (selections, code, message) in [
        (
            "issue(number: 1) { id nope }",
            "undefinedField",
            "Field 'nope' doesn't exist on type 'Issue'",
        ),
        (
            "issue { id }",
            "missingRequiredArguments",
            "Field 'issue' is missing required arguments: number",
        ),
        (
            "issue(number: 1, x: 2) { id }",
            "argumentNotAccepted",
            "Field 'issue' doesn't accept argument 'x'",
        ),
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
        (
            "...Lost",
            "useAndDefineFragment",
            "Fragment Lost was used, but not defined",
        ),
        (
            "issue(number: $n) { id }",
            "variableNotDefined",
            "Variable $n is used by number but not declared",
        ),
    ] {
        let answer = on_repo(&mut gh, selections);
        assert_eq!(answer.get("data"), None, "{selections}");
        let error = &answer["errors"][0];
        assert_eq!(error["message"], message);
        assert_eq!(error["extensions"]["code"], code);
        assert_eq!(
            (&error["path"][0], &error["path"][1]),
            (&json!("query"), &json!("repository"))
        );
        assert!(error["locations"][0]["line"].is_u64());
    }
    let bare = on_repo(&mut gh, "issue(number: 1)");
    assert_eq!(bare["errors"][0]["extensions"]["code"], "selectionMismatch");
    let broken = run(&mut gh, "{ viewer { login }");
    assert!(
        broken["errors"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("Parse error")
    );
}

#[test]
fn variables_are_checked() {
    let mut gh = busy();
    let by_number = |ty: &str| {
        format!(
            "query($n: {ty}) {{ repository(owner: \"acme\", name: \"app\") {{ issue(number: $n) \
             {{ number }} }} }}"
        )
    };
    let wrong = run_as(&mut gh, "writer", &by_number("Int!"), json!({ "n": "one" }));
    let error = &wrong["errors"][0];
    assert_eq!(
        error["message"],
        "Variable $n of type Int! was provided invalid value"
    );
    assert!(error["extensions"]["problems"][0]["explanation"].is_string());
    let missing = run_as(&mut gh, "writer", &by_number("Int!"), json!({}));
    assert_eq!(missing.get("data"), None);
    for ty in ["Int", "String!"] {
        let mismatch = run_as(&mut gh, "writer", &by_number(ty), json!({ "n": 1 }));
        assert_eq!(
            mismatch["errors"][0]["extensions"]["code"],
            "variableMismatch"
        );
    }
    let unused = run(&mut gh, "query($x: Int) { viewer { login } }");
    assert_eq!(unused["errors"][0]["extensions"]["code"], "variableNotUsed");
    let many = "query A { viewer { login } } query B { viewer { id } }";
    assert_eq!(
        run(&mut gh, many)["errors"][0]["message"],
        "An operation name is required"
    );
    let named = json!({ "query": many, "operationName": "B" });
    assert!(post(&mut gh, "writer", &named).json()["data"]["viewer"]["id"].is_string());
}

#[test]
fn one_missing_issue_is_null_among_the_others() {
    let mut gh = busy();
    gh.delete_issue_as("acme", "acme/app", 3);
    let answer = on_repo(
        &mut gh,
        "a: issue(number: 1) { title } b: issue(number: 99) { title } c: issue(number: 2) { id }
         d: issue(number: 3) { id }",
    );
    let repo = &answer["data"]["repository"];
    assert_eq!(repo["a"]["title"], "One");
    assert_eq!(
        (&repo["b"], &repo["c"], &repo["d"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors[0]["type"], "NOT_FOUND");
    assert_eq!(errors[0]["path"], json!(["repository", "b"]));
    assert_eq!(
        errors[0]["message"],
        "Could not resolve to an Issue with the number of 99."
    );
    let hidden = run(
        &mut gh,
        "{ repository(owner: \"acme\", name: \"secret\") { id } }",
    );
    assert_eq!(hidden["data"]["repository"], Value::Null);
    assert_eq!(
        hidden["errors"][0]["message"],
        "Could not resolve to a Repository with the name 'acme/secret'."
    );
}

#[test]
fn transferred_and_renamed() {
    let mut gh = busy();
    gh.add_repo("acme/other");
    let id = id_of(&mut gh, 1);
    gh.transfer_as("ann", "acme/app", 1, "acme/other");
    assert_eq!(
        on_repo(&mut gh, "issue(number: 1) { id }")["errors"][0]["type"],
        "NOT_FOUND"
    );
    let node = run(&mut gh, &format!("{{ node(id: \"{id}\") {{ id }} }}"));
    assert_eq!(node["data"]["node"], Value::Null);
    gh.rename_repo("acme/app", "acme/tool");
    assert_eq!(
        on_repo(&mut gh, "nameWithOwner")["data"]["repository"]["nameWithOwner"],
        "acme/tool"
    );
    let strict = run(
        &mut gh,
        "{ repository(owner: \"acme\", name: \"app\", followRenames: false) { id } }",
    );
    assert_eq!(strict["data"]["repository"], Value::Null);
}

#[test]
fn nodes_are_found_by_id_and_nothing_else() {
    let mut gh = busy();
    let ids = json!({ "ids": [id_of(&mut gh, 1), "nonsense", label_id(&mut gh, "bug")] });
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id \
                 ... on Issue { number } ... on Label { name } } }";
    let answer = run_as(&mut gh, "reader", query, ids);
    let nodes = &answer["data"]["nodes"];
    assert_eq!(nodes[0]["number"], 1);
    assert_eq!(nodes[1], Value::Null);
    assert_eq!(nodes[2]["name"], "Bug");
    assert_eq!(answer["errors"][0]["path"], json!(["nodes", 1]));
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let refused = run_as(&mut gh, "reader", query, json!({ "ids": many }));
    assert_eq!(refused["errors"][0]["type"], "ARGUMENT_LIMIT");
    assert_eq!(refused["data"], Value::Null);
}

#[test]
fn connections_have_bounds_and_cursors() {
    let mut gh = busy();
    for number in 4..10 {
        gh.create_issue_as("ann", "acme/app", &format!("n{number}"), "", &["Bug"]);
    }
    assert_eq!(
        on_repo(&mut gh, "issues { totalCount }")["data"]["repository"]["issues"]["totalCount"],
        8
    );
    let cases = [
        ("issues { nodes { id } }", "MISSING_PAGINATION_BOUNDARIES"),
        (
            "issues(first: 101) { nodes { id } }",
            "EXCESSIVE_PAGINATION",
        ),
        ("issues(first: 0) { nodes { id } }", "ARGUMENT_LIMIT"),
        (
            "issues(first: 1, after: \"x\") { nodes { id } }",
            "INVALID_CURSOR_ARGUMENTS",
        ),
    ];
    for (selections, kind) in cases {
        let answer = on_repo(&mut gh, selections);
        // `issues` may not be null, so the repository is.
        assert_eq!(
            answer["data"],
            json!({ "repository": null }),
            "{selections}"
        );
        assert_eq!(answer["errors"][0]["type"], kind);
        assert_eq!(answer["errors"][0]["path"], json!(["repository", "issues"]));
    }
    let mut after = Value::Null;
    let mut seen = Vec::new();
    loop {
        let query = "query($after: String) { repository(owner: \"acme\", name: \"app\") {
            issues(first: 3, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
              nodes { number } edges { cursor } pageInfo { hasNextPage endCursor } totalCount } } }";
        let answer = run_as(&mut gh, "writer", query, json!({ "after": after }));
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
    let mut gh = busy();
    gh.settings.list_lag_new = 60;
    gh.clock.advance(5);
    gh.create_issue_as("ann", "acme/app", "Four", "", &[]);
    let since =
        "issues(first: 9, filterBy: {since: \"2026-03-01T12:00:05Z\"}) { nodes { number } }";
    assert_eq!(
        on_repo(&mut gh, since)["data"]["repository"]["issues"]["nodes"],
        json!([])
    );
    assert_eq!(
        on_repo(&mut gh, "issue(number: 4) { number }")["data"]["repository"]["issue"]["number"],
        4
    );
    gh.clock.advance(60);
    let nodes = json!([{ "number": 4 }]);
    assert_eq!(
        on_repo(&mut gh, since)["data"]["repository"]["issues"]["nodes"],
        nodes
    );
}

#[test]
fn a_duplicate_hides_unless_it_is_asked_for() {
    let mut gh = busy();
    let answer = on_repo(
        &mut gh,
        "issue(number: 3) { a: stateReason b: stateReason(enableDuplicate: true) }",
    );
    let issue = json!({ "a": "NOT_PLANNED", "b": "DUPLICATE" });
    assert_eq!(answer["data"]["repository"]["issue"], issue);
}

#[test]
fn the_timeline_tells_what_happened() {
    let mut gh = busy();
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
    let mut gh = busy();
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
fn limits_of_nodes_and_points() {
    let mut gh = busy();
    let big = on_repo(
        &mut gh,
        "issues(first: 100) { nodes { comments(first: 100) { nodes { id } }
           timelineItems(first: 100) { nodes { ... on ClosedEvent { closable { ... on Issue {
             labels(first: 100) { nodes { name } } } } } } } } }",
    );
    assert_eq!(big.get("data"), None);
    assert_eq!(big["errors"][0]["type"], "MAX_NODE_LIMIT_EXCEEDED");
    let rate = run(
        &mut gh,
        "{ rateLimit { cost limit remaining used resetAt nodeCount } }",
    );
    assert_eq!(rate["data"]["rateLimit"]["cost"], 1);
    gh.settings.graphql_limit = 1;
    let spent = post(
        &mut gh,
        "writer",
        &json!({ "query": "{ viewer { login } }" }),
    );
    assert_eq!(spent.status, 200);
    assert_eq!(spent.json()["errors"][0]["type"], "RATE_LIMITED");
    assert_eq!(spent.get("x-ratelimit-remaining"), Some("0"));
    assert_eq!(spent.get("x-ratelimit-resource"), Some("graphql"));
    // REST has a budget of its own.
    let rest = handle(&mut gh, &Request::new("GET", "/user").token("writer"));
    assert_eq!(rest.status, 200);
}

#[test]
fn one_key_means_one_field_and_fragments_end() {
    let mut gh = busy();
    for (selections, code) in [
        (
            "i: issue(number: 1) { id } i: issue(number: 3) { id }",
            "fieldConflict",
        ),
        ("x: name x: nameWithOwner", "fieldConflict"),
        ("...Loop", "infiniteLoop"),
    ] {
        let query = format!(
            "{{ repository(owner: \"acme\", name: \"app\") {{ name {selections} }} }}
             fragment Loop on Repository {{ parent {{ ...Loop }} }}"
        );
        let errors = run(&mut gh, &query)["errors"].clone();
        assert_eq!(errors[0]["extensions"]["code"], code, "{errors}");
    }
    let fine = on_repo(
        &mut gh,
        "issueOrPullRequest(number: 1) { ... on Issue { x: title } ... on PullRequest { x: body }
           ... on Issue { x: title } }",
    );
    assert_eq!(
        fine["data"]["repository"]["issueOrPullRequest"],
        json!({ "x": "One" })
    );
}
