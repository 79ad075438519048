//! GraphQL: documents are parsed, checked and run, never matched as text.
//!
//! Left out: introspection, subscriptions, and all of the schema that issues do not touch.
//! Failures come with status 200 and a list of errors, some with half of the data.

mod connection;
mod cost;
mod execute;
mod issue;
mod mutation;
mod query;
mod schema;
mod validate;
mod values;

use std::collections::HashMap;

use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType,
    Selection, SelectionSet,
};
use async_graphql_parser::{Pos, Positioned, parse_query};
use async_graphql_value::Name;
use serde_json::{Map, Value, json};

use crate::answer::Ask;
use crate::http::Response;
use crate::limits::SECONDARY;
use crate::log::Operation;
use crate::refusal::Refusal;
use cost::{Count, MOST_NODES};
use execute::{Run, Thing};

/// One entry of `errors`.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) path: Vec<Value>,
    pub(crate) pos: Option<Pos>,
    pub(crate) extensions: Option<Value>,
}

pub(crate) fn located(message: impl Into<String>, pos: Pos) -> Problem {
    Problem { pos: Some(pos), ..plain(message) }
}

fn plain(message: impl Into<String>) -> Problem {
    Problem { kind: "", message: message.into(), path: Vec::new(), pos: None, extensions: None }
}

impl Problem {
    fn json(&self) -> Value {
        let mut shape = json!({ "message": self.message });
        if !self.kind.is_empty() {
            shape["type"] = json!(self.kind);
        }
        if !self.path.is_empty() {
            shape["path"] = json!(self.path);
        }
        if let Some(pos) = self.pos {
            shape["locations"] = json!([{ "line": pos.line, "column": pos.column }]);
        }
        if let Some(extensions) = &self.extensions {
            shape["extensions"] = extensions.clone();
        }
        shape
    }
}

fn refused(problems: &[Problem]) -> Response {
    let errors: Vec<Value> = problems.iter().map(Problem::json).collect();
    Response::new(200, &json!({ "errors": errors }))
}

/// The parts of a request's body.
struct Sent {
    query: String,
    variables: Map<String, Value>,
    operation: Option<String>,
}

fn sent(body: &[u8]) -> Result<Sent, Response> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Err(Refusal::bad_json().response());
    };
    let Some(query) = body["query"].as_str() else {
        let message = "A query attribute must be specified and must be a string.";
        return Err(refused(&[plain(message)]));
    };
    Ok(Sent {
        query: query.to_owned(),
        variables: body["variables"].as_object().cloned().unwrap_or_default(),
        operation: body["operationName"].as_str().map(str::to_owned),
    })
}

pub(crate) fn answer(ask: &mut Ask<'_>) -> Response {
    if !ask.gh.settings.graphql || ask.request.method != "POST" {
        return Refusal::not_found().response();
    }
    if ask.viewer.login.is_none() {
        return Refusal::new(401, "This endpoint requires you to be authenticated.").response();
    }
    if ask.gh.spent(&ask.viewer, "graphql") {
        // Documented: status 200, and only the errors tell.
        let mut problem = plain(ask.gh.limit_refusal(&ask.viewer).message);
        problem.kind = ask.gh.settings.graphql_limit_type;
        return refused(&[problem]);
    }
    let sent = match sent(&ask.request.body) {
        Ok(sent) => sent,
        Err(response) => return response,
    };
    let document = match parse_query(&sent.query) {
        Ok(document) => document,
        Err(error) => {
            let pos = error.positions().next().unwrap_or_default();
            let message = format!("Parse error at [{}, {}]", pos.line, pos.column);
            return refused(&[located(message, pos)]);
        }
    };
    let (name, operation) = match choose(&document, sent.operation.as_deref()) {
        Ok(chosen) => chosen,
        Err(message) => return refused(&[plain(message)]),
    };
    let mutates = operation.node.ty == OperationType::Mutation;
    if mutates && ask.gh.settings.mutations_down {
        // Reported: mutations alone were down for minutes, queries and REST were not.
        return Response::html(503, "<html><body>503 Service Unavailable</body></html>");
    }
    let viewer = ask.viewer.clone();
    if ask.gh.count_graphql_points(&viewer, mutates).is_err() {
        return too_fast(ask);
    }
    run(ask, name, operation, &document.fragments, &sent.variables)
}

fn run(
    ask: &mut Ask<'_>,
    name: Option<&str>,
    operation: &Positioned<OperationDefinition>,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
    sent: &Map<String, Value>,
) -> Response {
    let problems = validate::validate(name, operation, fragments);
    if !problems.is_empty() {
        return refused(&problems);
    }
    let variables = match values::variables(&operation.node, sent) {
        Ok(variables) => variables,
        Err(problems) => return refused(&problems),
    };
    let mutates = operation.node.ty == OperationType::Mutation;
    let (root, ty) = if mutates { (Thing::Mutation, "Mutation") } else { (Thing::Query, "Query") };
    let set = &operation.node.selection_set.node;
    let mut count = Count::new(fragments, &variables);
    count.add(set, ty, 1);
    let cost = count.cost;
    if cost.nodes > MOST_NODES {
        let mut problem = plain(format!(
            "This query requests up to {} possible nodes which exceeds the maximum limit of \
             500,000.",
            grouped(cost.nodes)
        ));
        problem.kind = "MAX_NODE_LIMIT_EXCEEDED";
        return refused(&[problem]);
    }
    let mut run = Run {
        ask,
        fragments,
        variables: &variables,
        cost,
        problems: Vec::new(),
        path: Vec::new(),
        pos: Pos::default(),
        mutations: 0,
        issues: 0,
        late: false,
        limited: false,
    };
    let data = run.select(&root, &[set]).unwrap_or(Value::Null);
    let mut shape = json!({ "data": data });
    if !run.problems.is_empty() {
        shape["errors"] = run.problems.iter().map(Problem::json).collect();
    }
    let (late, limited) = (run.late, run.limited);
    let viewer = ask.viewer.clone();
    // Documented: what runs out of time costs more. How much more is not said.
    let times = if late { 2 } else { 1 };
    ask.gh.spend(&viewer, "graphql", times * cost.points());
    if limited && ask.gh.settings.graphql_secondary_status == 403 {
        // What came before in the same request is done all the same.
        return ask.gh.secondary_at(403).response();
    }
    Response::new(200, &shape)
}

/// The secondary limit before anything ran: an error at 200, or a 403 like that of REST.
fn too_fast(ask: &Ask<'_>) -> Response {
    if ask.gh.settings.graphql_secondary_status == 403 {
        return ask.gh.secondary_at(403).response();
    }
    let mut problem = plain(SECONDARY);
    problem.kind = ask.gh.settings.graphql_limit_type;
    refused(&[problem])
}

fn choose<'d>(
    document: &'d ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<&'d str>, &'d Positioned<OperationDefinition>), String> {
    let mut all = (document.operations.iter()).map(|(name, operation)| (name.map(Name::as_str), operation));
    match (wanted, &document.operations) {
        (None, DocumentOperations::Multiple(list)) if list.len() > 1 => {
            Err("An operation name is required".to_owned())
        }
        (None, _) => all.next().ok_or_else(|| "No operation was given".to_owned()),
        (Some(wanted), _) => all
            .find(|(name, _)| *name == Some(wanted))
            .ok_or_else(|| format!("No operation named \"{wanted}\"")),
    }
}

/// 1010000 as `1,010,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The fields at the top of a request, for the log, and whether it is a mutation.
pub(crate) fn operations(body: &[u8]) -> (Vec<Operation>, bool) {
    let Ok(sent) = sent(body) else {
        return (Vec::new(), false);
    };
    let Ok(document) = parse_query(&sent.query) else {
        return (Vec::new(), false);
    };
    let Ok((name, operation)) = choose(&document, sent.operation.as_deref()) else {
        return (Vec::new(), false);
    };
    let mut found = Vec::new();
    let name = name.unwrap_or_default();
    top(name, &operation.node.selection_set.node, &document, 0, &mut found);
    (found, operation.node.ty == OperationType::Mutation)
}

fn top(
    name: &str,
    set: &SelectionSet,
    document: &ExecutableDocument,
    depth: usize,
    found: &mut Vec<Operation>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => found.push(Operation {
                operation: name.to_owned(),
                alias: field.node.response_key().node.to_string(),
                field: field.node.name.node.to_string(),
            }),
            Selection::InlineFragment(inline) => {
                top(name, &inline.node.selection_set.node, document, depth, found);
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node);
                if let Some(fragment) = fragment.filter(|_| depth < 10) {
                    top(name, &fragment.node.selection_set.node, document, depth + 1, found);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_fields_and_aliases() {
        let query = "mutation M { a: closeIssue(input: {issueId: \"x\"}) { issue { id } } ...F }
                     fragment F on Mutation { b: createIssue }";
        let body = json!({ "query": query }).to_string();
        let (fields, mutates) = operations(body.as_bytes());
        assert!(mutates);
        let names: Vec<_> = fields.iter().map(|op| (&*op.alias, &*op.field)).collect();
        assert_eq!(names, [("a", "closeIssue"), ("b", "createIssue")]);
        assert_eq!(fields[0].operation, "M");
    }

    #[test]
    fn numbers_in_messages_are_grouped() {
        assert_eq!(grouped(1_010_000), "1,010,000");
        assert_eq!(grouped(999), "999");
    }
}
