//! The record of every request, for a test to look at afterwards.
//!
//! Only `server.rs` writes it: what a test does through `StandIn::with` is not in it.

use serde_json::Value;

use crate::graphql;
use crate::http::{Request, Response};

/// Whether a request means to change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `GET`, or a GraphQL query.
    Read,
    /// Any other method, or a GraphQL mutation.
    Write,
}

/// One field at the top of a GraphQL operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The name of the operation it is in, empty if it has none.
    pub operation: String,
    /// The key in the answer.
    pub alias: String,
    /// The field, for example `createIssue`.
    pub field: String,
}

/// A request and what became of it.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Counts from 1 and goes on after the log is cleared.
    pub index: u64,
    /// Simulated time.
    pub at: i64,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Scheme and credential of the `Authorization` header.
    pub authorization: Option<(String, String)>,
    /// The request.
    pub request: Request,
    /// Whether it means to change something.
    pub kind: Kind,
    /// Whether it reached GitHub, and not only a fault in front of it.
    pub handled: bool,
    /// Whether it changed anything there.
    pub applied: bool,
    /// The status that was sent, or 0 if none was.
    pub status: u16,
    /// The body of the answer before any cut.
    pub answer: Value,
    /// The fault that struck, if one did.
    pub fault: Option<String>,
    /// The fields of a GraphQL request.
    pub operations: Vec<Operation>,
}

impl Logged {
    pub(crate) fn new(index: u64, at: i64, request: &Request) -> Self {
        let (operations, writes) = if is_graphql(request) {
            graphql::operations(&request.body)
        } else {
            (Vec::new(), request.method != "GET" && request.method != "HEAD")
        };
        Self {
            index,
            at,
            method: request.method.clone(),
            target: request.target(),
            authorization: (request.authorization())
                .map(|(scheme, token)| (scheme.to_owned(), token.to_owned())),
            request: request.clone(),
            kind: if writes { Kind::Write } else { Kind::Read },
            handled: false,
            applied: false,
            status: 0,
            answer: Value::Null,
            fault: None,
            operations,
        }
    }

    pub(crate) fn answered(&mut self, response: &Response) {
        self.status = response.status;
        self.answer = response.json();
    }

    /// The request's body as text.
    #[must_use]
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.request.body).into_owned()
    }

    /// How many changes it asks for: the fields of a mutation, or one.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.operations.len().max(1)
    }

    /// The issues that it asks to be made, as they were sent.
    #[must_use]
    pub fn new_issues(&self) -> Vec<Value> {
        let body: Value = serde_json::from_slice(&self.request.body).unwrap_or_default();
        if self.method == "POST" && self.target.ends_with("/issues") {
            return vec![body];
        }
        let made = self.operations.iter().filter(|op| op.field == "createIssue");
        made.map(|op| body["variables"][&op.alias].clone()).collect()
    }

    /// `POST /repos/acme/app/issues -> 201`, for messages of tests.
    #[must_use]
    pub fn line(&self) -> String {
        let fields: Vec<&str> = self.operations.iter().map(|op| op.field.as_str()).collect();
        let fault = self.fault.as_ref().map_or(String::new(), |fault| format!(" [{fault}]"));
        format!("{} {} {} -> {}{fault}", self.method, self.target, fields.join(","), self.status)
    }
}

fn is_graphql(request: &Request) -> bool {
    request.method == "POST" && ["/graphql", "/api/graphql"].contains(&request.path.as_str())
}
