//! Several writes in one GraphQL request: which may travel together, how they are asked for, and
//! what the answer is worth for each.
//!
//! Each write has an alias, its own outcome, and the whole issue as its echo. What an alias was
//! refused for certain goes by REST again, whose refusals are told apart best. An answer that does
//! not come, is cut, or is silent about an alias leaves that write doubtful: GitHub does the aliases
//! in their order and may stop in the middle (reliability 2.2), so none of them is ever sent again.
//! Which writes depend on each other is decided by who sends them; comments and texts, which are
//! preceded by a look of their own, never travel here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::forge::graphql::{Complaint, ISSUE_FIELDS};
use crate::forge::wire::GraphIssue;
use crate::model::{Label, Labels, RemoteIssue, RepoSlug};
use crate::plan::{StateChange, Write};

/// So many changes travel together. GitHub ends a request after 10 s and was seen to take a third
/// of a second for one.
pub(super) const MOST: usize = 20;

/// So many creations travel together: each is followed by notifications, and a batch of them that
/// runs into a limit leaves fewer in doubt.
pub(super) const MOST_CREATIONS: usize = 10;

/// The names by which GraphQL knows what writes are about. They are only good for the moments after
/// a look: a label that was renamed meanwhile keeps its id.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The repository's.
    pub(super) repository: Option<String>,
    /// Issues, and whether they are open.
    pub(super) issues: BTreeMap<u64, (String, bool)>,
    /// Labels; `None` for one that the repository does not have.
    pub(super) labels: BTreeMap<Label, Option<String>>,
}

/// A request that is made, and what it takes to read its answer.
#[derive(Debug)]
pub(super) struct Batch {
    /// The request's body.
    pub(super) body: String,
    /// The field of each write, in order: `w12x0`, never the same in two requests of a run, so that an
    /// answer to an earlier one is not taken for its own.
    aliases: Vec<String>,
}

/// What came of one write.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// Done, and this is the issue afterwards.
    Done(Box<RemoteIssue>),
    /// Not done, for certain.
    Refused,
    /// Not done, for certain, because too much was created: the rest would meet the same.
    Limited,
    /// Not known.
    Doubtful,
}

/// What an answer as a whole says.
#[derive(Debug, PartialEq)]
pub(super) enum Reading {
    /// Something of each write.
    Each(Vec<Outcome>),
    /// That nothing was done, because it was not understood here.
    NotUnderstood,
    /// Nothing that could be relied on.
    Nothing,
}

#[derive(Deserialize)]
struct Reply {
    data: Option<Map<String, Value>>,
    #[serde(default)]
    errors: Option<Vec<Complaint>>,
}

impl Ids {
    /// Takes note of an issue that was just looked at.
    pub(super) fn saw(&mut self, issue: &RemoteIssue) {
        let is_open = issue.state == crate::model::State::Open;
        self.issues.insert(issue.number, (issue.node_id.clone(), is_open));
    }

    /// How many of the first writes can travel together; they are of one kind, creations or
    /// changes.
    pub(super) fn fitting(&self, writes: &[Write]) -> usize {
        let creates = writes.first().is_some_and(Write::creates);
        let most = if creates { MOST_CREATIONS } else { MOST };
        let fits = |write: &&Write| write.creates() == creates && self.mutation(write).is_some();
        writes.iter().take(most).take_while(fits).count()
    }

    /// The request for writes that all fit. `count` is a number that no other request has.
    pub(super) fn batch(&self, writes: &[Write], count: u64) -> Option<Batch> {
        let mut aliases = Vec::new();
        let (mut parameters, mut fields, mut inputs) = (String::new(), String::new(), Map::new());
        for (i, write) in writes.iter().enumerate() {
            let Mutation { field, input_type, payload, input } = self.mutation(write)?;
            let alias = format!("w{count}x{i}");
            parameters.push_str(&format!("${alias}:{input_type}!,"));
            fields.push_str(&format!("{alias}:{field}(input:${alias}){{{payload}}} "));
            inputs.insert(alias.clone(), input);
            aliases.push(alias);
        }
        let parameters = parameters.trim_end_matches(',');
        let query = format!("mutation({parameters}){{{fields}}} fragment f on Issue{{{ISSUE_FIELDS}}}");
        Some(Batch { body: json!({ "query": query, "variables": inputs }).to_string(), aliases })
    }

    /// A write in GraphQL's words; `None` where it has none, or an id is not known.
    fn mutation(&self, write: &Write) -> Option<Mutation> {
        const ISSUE: &str = "issue{...f}";
        const LABELABLE: &str = "labelable{...f}";
        let labels = |labels: &Labels| -> Option<Vec<&String>> {
            labels.iter().map(|label| self.labels.get(label)?.as_ref()).collect()
        };
        let issue = |number: &u64| self.issues.get(number).filter(|(id, _)| !id.is_empty());
        let mutation =
            |field, input_type, payload, input| Some(Mutation { field, input_type, payload, input });
        match write {
            Write::CreateIssue { title, body, labels: wanted } => {
                let input = json!({ "repositoryId": self.repository.as_ref()?, "title": title, "body": body,
                    "labelIds": labels(wanted)? });
                mutation("createIssue", "CreateIssueInput", ISSUE, input)
            }
            Write::AddLabels { number, labels: wanted } => {
                let input = json!({ "labelableId": issue(number)?.0, "labelIds": labels(wanted)? });
                mutation("addLabelsToLabelable", "AddLabelsToLabelableInput", LABELABLE, input)
            }
            Write::RemoveLabel { number, label } => {
                let id = self.labels.get(label)?.as_ref()?;
                let input = json!({ "labelableId": issue(number)?.0, "labelIds": [id] });
                mutation("removeLabelsFromLabelable", "RemoveLabelsFromLabelableInput", LABELABLE, input)
            }
            // Whether closing what is closed gives it another reason is not documented, so only REST
            // is asked for that.
            Write::SetState { number, to } => {
                let (id, is_open) = issue(number)?;
                let reason = match to {
                    StateChange::Reopen if !is_open => {
                        return mutation("reopenIssue", "ReopenIssueInput", ISSUE, json!({ "issueId": id }));
                    }
                    StateChange::Completed if *is_open => "COMPLETED",
                    StateChange::NotPlanned if *is_open => "NOT_PLANNED",
                    _ => return None,
                };
                let input = json!({ "issueId": id, "stateReason": reason });
                mutation("closeIssue", "CloseIssueInput", ISSUE, input)
            }
            Write::CreateLabel { .. }
            | Write::CreateComment { .. }
            | Write::EditComment { .. }
            | Write::EditBody { .. } => None,
        }
    }
}

struct Mutation {
    field: &'static str,
    input_type: &'static str,
    payload: &'static str,
    input: Value,
}

impl Batch {
    /// Reads an answer of status 200. `writes` are those that it was made for.
    pub(super) fn read(&self, body: &[u8], writes: &[Write]) -> Reading {
        let Ok(reply) = serde_json::from_slice::<Reply>(body) else { return Reading::Nothing };
        let errors = reply.errors.unwrap_or_default();
        let Some(mut data) = reply.data else {
            // By the specification nothing ran where `data` is not there at all; that is believed where
            // GitHub says what of the request it did not understand.
            let has_data =
                serde_json::from_slice::<Map<String, Value>>(body).is_ok_and(|m| m.contains_key("data"));
            let is_about_words = !errors.is_empty() && errors.iter().all(Complaint::is_about_the_document);
            return if has_data || !is_about_words { Reading::Nothing } else { Reading::NotUnderstood };
        };
        let outcome = |(alias, write): (&String, &Write)| {
            let of_it: Vec<&Complaint> = errors.iter().filter(|e| e.starts_at(alias)).collect();
            match (data.remove(alias), of_it.as_slice()) {
                (Some(Value::Object(payload)), []) => done(payload, write),
                (Some(Value::Null), all) if !all.is_empty() => {
                    if all.iter().any(|e| e.is_too_quick()) {
                        Outcome::Limited
                    } else if all.iter().all(|e| e.is_refusal()) {
                        Outcome::Refused
                    } else {
                        Outcome::Doubtful
                    }
                }
                _ => Outcome::Doubtful,
            }
        };
        Reading::Each(self.aliases.iter().zip(writes).map(outcome).collect())
    }
}

/// The echo of a write that was done: the whole issue, and the one that was meant.
fn done(mut payload: Map<String, Value>, write: &Write) -> Outcome {
    let issue = payload.remove("issue").or_else(|| payload.remove("labelable"));
    let issue = issue.and_then(|issue| serde_json::from_value::<GraphIssue>(issue).ok()?.into_model());
    match issue {
        Some(issue) if write.number().is_none_or(|number| number == issue.number) => {
            Outcome::Done(Box::new(issue))
        }
        _ => Outcome::Doubtful,
    }
}

/// The question for ids: of the repository and of labels by name, beside issues that are looked
/// at. `issues` is what `graphql::question` has for them.
pub(super) fn question(slug: &RepoSlug, issues: &str, labels: &Labels) -> String {
    let mut variables = json!({ "owner": slug.owner(), "name": slug.name() });
    let (mut parameters, mut fields) = (String::new(), String::new());
    for (i, label) in labels.iter().enumerate() {
        parameters.push_str(&format!(",$l{i}:String!"));
        fields.push_str(&format!(" l{i}:label(name:$l{i}){{id name}}"));
        variables[format!("l{i}")] = json!(label.name());
    }
    let fragment =
        if issues.is_empty() { String::new() } else { format!(" fragment f on Issue{{{ISSUE_FIELDS}}}") };
    let query = format!(
        "query($owner:String!,$name:String!{parameters}){{repository(owner:$owner,name:$name){{id {issues}{fields}}}}}{fragment}"
    );
    json!({ "query": query, "variables": variables }).to_string()
}

/// Reads what [`question`] asked of labels. One that the answer does not speak of is not known.
pub(super) fn ids(body: &[u8], labels: &Labels) -> (Option<String>, BTreeMap<Label, Option<String>>) {
    #[derive(Deserialize)]
    struct Found {
        id: String,
        name: String,
    }
    let Ok(reply) = serde_json::from_slice::<Value>(body) else { return Default::default() };
    let there = &reply["data"]["repository"];
    let label = |(i, label): (usize, &Label)| {
        let found: Option<Found> = serde_json::from_value(there.get(format!("l{i}"))?.clone()).ok()?;
        // GitHub may know it in another spelling, which is the same label; another one it is not.
        let id = match found {
            None => None,
            Some(found) => Some(found.id).filter(|_| Label::new(&found.name).as_ref() == Some(label)),
        };
        Some((label.clone(), id))
    };
    let repository = there["id"].as_str().map(str::to_owned);
    (repository, labels.iter().enumerate().filter_map(label).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> Label {
        Label::new(name).expect("a label")
    }

    fn ids() -> Ids {
        Ids {
            repository: Some("R_1".to_owned()),
            issues: [(5, ("I_5".to_owned(), true)), (6, ("I_6".to_owned(), false))].into(),
            labels: [(label("bug"), Some("LA_1".to_owned())), (label("gone"), None)].into(),
        }
    }

    fn close(number: u64, to: StateChange) -> Write {
        Write::SetState { number, to }
    }

    fn add(number: u64, name: &str) -> Write {
        Write::AddLabels { number, labels: [label(name)].into() }
    }

    fn issue(number: u64) -> Value {
        json!({ "number": number, "id": "I", "title": "t", "state": "CLOSED", "stateReason": "COMPLETED",
            "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "author": null,
            "labels": { "nodes": [{ "name": "bug" }], "pageInfo": { "hasNextPage": false } } })
    }

    #[test]
    fn only_what_is_known_travels() {
        let ids = ids();
        let create = |name: &str| Write::CreateIssue {
            title: "t".into(),
            body: "b".into(),
            labels: [label(name)].into(),
        };
        let fits = |writes: &[Write]| ids.fitting(writes);
        assert_eq!(fits(&[close(5, StateChange::Completed), close(6, StateChange::Reopen)]), 2);
        // Already closed, already open, no such mutation, no issue, no label.
        for write in [
            close(6, StateChange::NotPlanned),
            close(5, StateChange::Reopen),
            close(5, StateChange::Duplicate),
            close(7, StateChange::Completed),
            add(5, "gone"),
            add(5, "other"),
            create("gone"),
            Write::EditBody { number: 5, body: "b".into() },
            Write::CreateComment { number: 5, body: "b".into() },
        ] {
            assert_eq!(fits(&[add(5, "bug"), write.clone()]), 1, "{write:?}");
            assert_eq!(fits(&[write]), 0);
        }
        assert_eq!(fits(&[create("bug"), add(5, "bug")]), 1);
        assert_eq!(fits(&vec![create("bug"); 30]), MOST_CREATIONS);
        assert_eq!(fits(&vec![add(5, "bug"); 30]), MOST);
    }

    #[test]
    fn each_alias_has_its_own_outcome() {
        let writes: Vec<Write> = (0..8).map(|_| close(5, StateChange::Completed)).collect();
        let batch = ids().batch(&writes, 12).expect("they fit");
        let at = |i: usize| format!("w12x{i}");
        let error = |i: usize, kind: Option<&str>, message: &str| json!({ "type": kind, "path": [at(i)], "message": message });
        let body = json!({
            "data": {
                at(0): { "issue": issue(5) }, at(1): { "issue": issue(9) }, at(2): null, at(3): null, at(4): null,
                at(5): null, at(6): { "issue": issue(5) },
            },
            "errors": [
                error(2, Some("FORBIDDEN"), "no"), error(3, Some("UNPROCESSABLE"), "was submitted too quickly"),
                error(4, None, "Something went wrong"),
                { "path": [at(6), "issue", "labels"], "message": "too much" },
            ],
        });
        let Reading::Each(outcomes) = batch.read(body.to_string().as_bytes(), &writes) else {
            panic!("it says something of each")
        };
        let words = outcomes.iter().map(|o| match o {
            Outcome::Done(_) => "done",
            Outcome::Refused => "refused",
            Outcome::Limited => "limited",
            Outcome::Doubtful => "doubtful",
        });
        let want = ["done", "doubtful", "refused", "limited", "doubtful", "doubtful", "doubtful", "doubtful"];
        assert_eq!(words.collect::<Vec<_>>(), want);
    }

    #[test]
    fn an_answer_that_says_nothing_of_the_writes_leaves_them_doubtful() {
        let writes = [close(5, StateChange::Completed), add(5, "bug")];
        let batch = ids().batch(&writes, 3).expect("they fit");
        let words = json!({ "errors": [{ "message": "Field 'x' doesn't exist", "extensions": { "code": "undefinedField" } }] });
        assert_eq!(batch.read(words.to_string().as_bytes(), &writes), Reading::NotUnderstood);
        for body in [
            json!({ "data": null, "errors": [{ "message": "Something went wrong" }] }),
            json!({ "data": null, "errors": [{ "message": "x", "extensions": { "code": "undefinedField" } }] }),
            json!({ "errors": [{ "message": "Something went wrong while executing your query." }] }),
            json!({ "errors": [] }),
            json!([]),
        ] {
            assert_eq!(batch.read(body.to_string().as_bytes(), &writes), Reading::Nothing, "{body}");
        }
        assert_eq!(batch.read(b"<html>", &writes), Reading::Nothing);
        // The answer to another request of the same kind.
        let other = json!({ "data": { "w2x0": { "issue": issue(5) }, "w2x1": { "labelable": issue(5) } } });
        let doubtful = Reading::Each(vec![Outcome::Doubtful, Outcome::Doubtful]);
        assert_eq!(batch.read(other.to_string().as_bytes(), &writes), doubtful);
    }

    #[test]
    fn a_label_that_is_not_there_is_known_not_to_be() {
        let labels = Labels::from([label("bug"), label("gone"), label("odd"), label("p1")]);
        let body = json!({ "data": { "repository": { "id": "R_1", "l0": { "id": "LA_1", "name": "BUG" }, "l1": null,
            "l2": { "id": "LA_9", "name": "renamed" } } } });
        let (repository, found) = super::ids(body.to_string().as_bytes(), &labels);
        assert_eq!(repository.as_deref(), Some("R_1"));
        let want = [(label("bug"), Some("LA_1".to_owned())), (label("gone"), None), (label("odd"), None)];
        assert_eq!(found, want.into());
    }
}
