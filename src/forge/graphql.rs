//! Many issues in one GraphQL question, and what its answer is worth.
//!
//! One missing issue must not lose the others, so `errors` are looked at one by one: an
//! error about one alias sends that number to the REST interface, which can tell a pull
//! request from a deleted issue; any other error makes the whole answer useless. A number
//! is only ever answered from data that is whole. Limits are told apart in `classify`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::forge::batch;
use crate::forge::transport::Answer;
use crate::forge::wire::{GraphIssue, User};
use crate::model::{Labels, RemoteIssue, RepoSlug};

/// So many issues in one question: 50 connections cost one point of 5,000 an hour and stay
/// far below the 500,000 nodes GitHub allows.
pub(super) const BATCH: usize = 50;

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Option<Vec<Complaint>>,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<BTreeMap<String, Value>>,
}

/// One GraphQL error. GitHub puts the `type` beside the message; octocrab's own struct
/// drops it.
#[derive(Deserialize)]
pub(super) struct Complaint {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    path: Option<Vec<Value>>,
    #[serde(default)]
    extensions: Option<Value>,
}

/// All that is read of an issue.
pub(super) const ISSUE_FIELDS: &str = "number id title body state stateReason(enableDuplicate:true) locked \
                                       createdAt updatedAt author{login __typename} authorAssociation \
                                       labels(first:100){nodes{name} pageInfo{hasNextPage}}";

/// The body of the question for `numbers`, and for the ids of `labels` beside them.
pub(super) fn question(slug: &RepoSlug, numbers: &[u64], labels: &Labels) -> String {
    let issues: Vec<_> = numbers.iter().map(|n| format!("i{n}:issue(number:{n}){{...f}}")).collect();
    batch::question(slug, &issues.join(" "), labels)
}

/// Reads the answer to [`question`]: the issues that it holds whole. The others are to be
/// looked at by REST.
///
/// # Errors
/// When it says nothing about single issues: why.
pub(super) fn answer(body: &[u8], numbers: &[u64]) -> Result<BTreeMap<u64, RemoteIssue>, String> {
    let reply: Reply = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let mut hurt = BTreeSet::new();
    for error in reply.errors.iter().flatten() {
        let number = error.alias().filter(|n| numbers.contains(n));
        hurt.insert(number.ok_or_else(|| error.message.clone())?);
    }
    let Some(mut data) = reply.data.and_then(|d| d.repository) else {
        return Err("it has no data".to_owned());
    };
    let whole = |number: &u64| {
        let value = data.remove(&format!("i{number}"))?;
        let issue: GraphIssue = serde_json::from_value(value).ok()?;
        let issue = Some(issue).filter(|i| i.number == *number && !hurt.contains(number))?;
        Some((*number, issue.into_model()?))
    };
    Ok(numbers.iter().filter_map(whole).collect())
}

/// The issues of [`answer`], where each of the other numbers is said not to be an issue; `None` where
/// anything else is wrong.
pub(super) fn accounted(answer: &Answer, numbers: &[u64]) -> Option<BTreeMap<u64, RemoteIssue>> {
    if answer.status != 200 {
        return None;
    }
    let found = self::answer(&answer.body, numbers).ok()?;
    let errors = complaints(&answer.body);
    let is_absent = |number: &u64| {
        let mut of_it = errors.iter().filter(|e| e.alias() == Some(*number)).peekable();
        of_it.peek().is_some() && of_it.all(|e| e.kind.as_deref() == Some("NOT_FOUND"))
    };
    numbers.iter().all(|n| found.contains_key(n) || is_absent(n)).then_some(found)
}

/// The question for the token's own account, for tokens that have no user to ask REST for.
pub(super) fn viewer_question() -> String {
    json!({ "query": "query{viewer{login __typename}}" }).to_string()
}

/// Reads the answer to [`viewer_question`].
pub(super) fn viewer_answer(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Reply {
        data: Viewer,
    }
    #[derive(Deserialize)]
    struct Viewer {
        viewer: User,
    }
    let login = serde_json::from_slice::<Reply>(body).ok()?.data.viewer.full_login();
    Some(login).filter(|l| !l.is_empty())
}

/// Whether an answer says that nothing of the request ran: by the specification `data` is then
/// not there at all.
pub(super) fn ran_nothing(answer: &Answer) -> bool {
    let map = serde_json::from_slice::<serde_json::Map<String, Value>>(&answer.body);
    answer.status == 200 && map.is_ok_and(|map| map.contains_key("errors") && !map.contains_key("data"))
}

/// The errors of an answer, for `classify`; none when it can't be read.
pub(super) fn complaints(body: &[u8]) -> Vec<Complaint> {
    #[derive(Deserialize)]
    struct Errors {
        #[serde(default)]
        errors: Option<Vec<Complaint>>,
    }
    serde_json::from_slice::<Errors>(body).ok().and_then(|e| e.errors).unwrap_or_default()
}

impl Complaint {
    /// The number whose alias it is about, or about a field below it.
    fn alias(&self) -> Option<u64> {
        match self.path.as_deref()? {
            [first, alias, ..] if first == "repository" => alias.as_str()?.strip_prefix('i')?.parse().ok(),
            _ => None,
        }
    }

    /// Whether it is about a field of this name at the root, or about something below it.
    pub(super) fn starts_at(&self, field: &str) -> bool {
        self.path.as_ref().and_then(|path| path.first()?.as_str()) == Some(field)
    }

    /// Whether it says that a write was looked at and not done.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.kind.as_deref(), Some("FORBIDDEN" | "NOT_FOUND" | "UNPROCESSABLE"))
    }

    /// Whether too much was created lately, as GraphQL says it of one write.
    pub(super) fn is_too_quick(&self) -> bool {
        self.is_refusal() && self.message.to_ascii_lowercase().contains("submitted too quickly")
    }

    /// Whether it is about the words of the request, so that nothing of it ran. GitHub gives these
    /// a code; what went wrong later has none.
    pub(super) fn is_about_the_document(&self) -> bool {
        self.extensions.as_ref().is_some_and(|e| e["code"].is_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u64, more: bool) -> Value {
        json!({ "number": number, "id": "I_1", "title": "t", "state": "CLOSED", "stateReason": "DUPLICATE",
            "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "author": null,
            "labels": { "nodes": [{ "name": "bug" }], "pageInfo": { "hasNextPage": more } } })
    }

    #[test]
    fn one_missing_issue_does_not_lose_the_others() {
        let body = json!({
            "data": { "repository": { "i1": node(1, false), "i2": null, "i3": node(3, true), "i4": node(5, false),
                "i6": node(6, false) } },
            "errors": [
                { "type": "NOT_FOUND", "path": ["repository", "i2"], "message": "no such issue" },
                { "path": ["repository", "i6", "labels"], "message": "too much" },
            ],
        });
        let found = answer(body.to_string().as_bytes(), &[1, 2, 3, 4, 5, 6]).expect("per alias");
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn answers_that_say_nothing_about_single_issues_are_useless() {
        for body in [
            json!({ "errors": [{ "message": "Field 'stateReason' doesn't accept argument 'enableDuplicate'" }] }),
            json!({ "data": null }),
            json!({ "data": { "repository": null } }),
            json!({ "data": { "repository": { "i1": node(1, false) } }, "errors": [{ "message": "over budget" }] }),
            json!({ "data": { "repository": { "i1": node(1, false) } },
                "errors": [{ "message": "another", "path": ["repository", "i9"] }] }),
            json!([]),
        ] {
            assert!(answer(body.to_string().as_bytes(), &[1]).is_err(), "{body}");
        }
        assert!(answer(b"<html>", &[1]).is_err());
    }

    #[test]
    fn the_question_names_every_issue() {
        let slug = RepoSlug::parse("acme/app").expect("valid");
        let question: Value = serde_json::from_str(&question(&slug, &[7, 9], &Labels::new())).expect("JSON");
        let query = question["query"].as_str().expect("text");
        assert!(query.contains("i7:issue(number:7){...f} i9:issue(number:9){...f}"), "{query}");
        assert_eq!(question["variables"], json!({ "owner": "acme", "name": "app" }));
    }
}
