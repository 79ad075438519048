//! The fields of issues, comments, labels and events.
//!
//! One function for each kind of thing. What the stand-in does not keep has one fixed value:
//! no lock has a reason, no comment is minimized, no pull request is merged.

use std::collections::BTreeMap;

use async_graphql_parser::types::SelectionSet;
use serde_json::{Map, Value};

use super::connection::Rows;
use super::execute::{Fail, Out, Run, Thing};
use crate::clock::{iso, parse};
use crate::rest::paging::Key;
use crate::state::{Issue, NodeKind, Permission, Reason, RepoId, Repository, What};

type Args = Map<String, Value>;

impl<'a> Run<'a, '_> {
    pub(crate) fn issue_field(
        &mut self,
        repo: RepoId,
        number: u64,
        field: &str,
        args: &Args,
        sets: &[&'a SelectionSet],
    ) -> Result<Out, Fail> {
        let home = self.repo(repo)?;
        let Some(issue) = home.issues.get(&number) else {
            return Ok(Out::NULL);
        };
        let facts = &issue.facts;
        let may = |wanted| self.ask.has(repo, wanted);
        let edits = self.ask.gh.may_edit(&self.ask.viewer, repo, issue);
        let kind = if issue.pull { "pull" } else { "issues" };
        let path = format!("/{}/{kind}/{number}", home.full_name());
        let node = if issue.pull { NodeKind::PullRequest } else { NodeKind::Issue };
        Ok(match field {
            "activeLockReason" => Out::NULL,
            "author" => Out::Thing(Thing::User(issue.author.clone())),
            "authorAssociation" => Out::leaf(self.ask.gh.association(home, &issue.author)),
            "body" => Out::leaf(facts.body.clone().unwrap_or_default()),
            "closed" => Out::leaf(!facts.open),
            "closedAt" => Out::leaf(facts.closed_at.map(iso)),
            "comments" => {
                let newest = args.get("orderBy").is_some_and(|order| order["direction"] == "DESC");
                let by_update = args.get("orderBy").is_some_and(|order| !order.is_null());
                let rows = (home.comments.values())
                    .filter(|comment| comment.issue == number && self.ask.gh.lists(comment))
                    .map(|comment| {
                        let at = if by_update { comment.updated_at } else { 0 };
                        ((at, comment.id), Thing::Comment(repo, comment.id))
                    });
                let rows = Rows::sorted(rows.collect(), newest);
                self.connection(field, "IssueComment", rows, args, sets, Vec::new())?
            }
            "createdAt" => Out::leaf(iso(issue.created_at)),
            // Declared with 32 bits, but seen with more: clients had to widen theirs.
            "databaseId" => Out::leaf(issue.id),
            "fullDatabaseId" => Out::leaf(issue.id.to_string()),
            "id" => Out::leaf(node.id(issue.id)),
            "isDraft" | "merged" => Out::leaf(false),
            "labels" => {
                let rows = labels(home, facts.labels.iter().copied().collect(), args);
                self.connection(field, "Label", rows, args, sets, Vec::new())?
            }
            "locked" => Out::leaf(facts.locked),
            "number" => Out::leaf(number),
            "repository" => Out::Thing(Thing::Repository(repo)),
            "resourcePath" => Out::leaf(path),
            "state" => Out::leaf(if facts.open { "OPEN" } else { "CLOSED" }),
            "stateReason" => {
                let all = args.get("enableDuplicate") == Some(&Value::Bool(true));
                Out::leaf(facts.reason.map(|reason| reason_word(reason, all)))
            }
            "timelineItems" => {
                let updated = Out::leaf(iso(facts.updated_at));
                let rows = self.timeline(home, issue, args);
                let more = vec![("updatedAt", updated)];
                self.connection(field, "IssueTimelineItems", rows, args, sets, more)?
            }
            "title" => Out::leaf(facts.title.as_str()),
            "updatedAt" => Out::leaf(iso(facts.updated_at)),
            "url" => Out::leaf(format!("{}{path}", self.ask.gh.settings.web)),
            "viewerCanClose" | "viewerCanReopen" | "viewerCanUpdate" => Out::leaf(edits),
            "viewerCanLabel" => Out::leaf(may(Permission::Triage)),
            "viewerDidAuthor" => Out::leaf(self.ask.viewer.is(&issue.author)),
            _ => Out::NULL,
        })
    }

    fn timeline(&self, repo: &Repository, issue: &Issue, args: &Args) -> Rows {
        let wanted = args.get("itemTypes").and_then(Value::as_array);
        let since = args.get("since").and_then(Value::as_str).and_then(parse);
        let fits = |ty: &str, at: i64| {
            since.is_none_or(|since| at >= since)
                && wanted.is_none_or(|list| list.iter().any(|item| *item == item_type(ty)))
        };
        let mut rows: Vec<(Key, Thing)> = (issue.events.iter().enumerate())
            .filter(|(_, event)| fits(event_type(&event.what), event.at))
            .map(|(place, event)| {
                let thing = Thing::Event(repo.id, issue.number, place);
                ((event.at, event.sequence), thing)
            })
            .collect();
        rows.extend(
            (repo.comments.values())
                .filter(|comment| comment.issue == issue.number && self.ask.gh.lists(comment))
                .filter(|comment| fits("IssueComment", comment.created_at))
                .map(|comment| {
                    let key = (comment.created_at, comment.sequence);
                    (key, Thing::Comment(repo.id, comment.id))
                }),
        );
        let mut rows = Rows::sorted(rows, false);
        let skip = args.get("skip").and_then(Value::as_u64).unwrap_or_default() as usize;
        rows.rows.drain(..skip.min(rows.rows.len()));
        rows
    }

    pub(crate) fn comment(&self, repo: RepoId, id: u64, field: &str) -> Result<Out, Fail> {
        let home = self.repo(repo)?;
        let Some(comment) = home.comments.get(&id) else {
            return Ok(Out::NULL);
        };
        let own = self.ask.viewer.is(&comment.author);
        let edits = own || self.ask.has(repo, Permission::Write);
        let pull = home.issues.get(&comment.issue).is_some_and(|issue| issue.pull);
        let kind = if pull { "pull" } else { "issues" };
        let path = format!("/{}/{kind}/{}#issuecomment-{id}", home.full_name(), comment.issue);
        Ok(match field {
            "author" => Out::Thing(Thing::User(comment.author.clone())),
            "authorAssociation" => Out::leaf(self.ask.gh.association(home, &comment.author)),
            "body" => Out::leaf(comment.body.as_str()),
            "createdAt" => Out::leaf(iso(comment.created_at)),
            "databaseId" => Out::leaf(id),
            "fullDatabaseId" => Out::leaf(id.to_string()),
            "id" => Out::leaf(NodeKind::Comment.id(id)),
            "isMinimized" => Out::leaf(false),
            "issue" => Out::Thing(Thing::Issue(repo, comment.issue)),
            "repository" => Out::Thing(Thing::Repository(repo)),
            "resourcePath" => Out::leaf(path),
            "updatedAt" => Out::leaf(iso(comment.updated_at)),
            "url" => Out::leaf(format!("{}{path}", self.ask.gh.settings.web)),
            "viewerCanDelete" | "viewerCanUpdate" => Out::leaf(edits),
            "viewerDidAuthor" => Out::leaf(own),
            _ => Out::NULL,
        })
    }

    pub(crate) fn label(&self, repo: RepoId, id: u64, field: &str) -> Result<Out, Fail> {
        let home = self.repo(repo)?;
        let Some(label) = home.labels.get(&id) else {
            return Ok(Out::NULL);
        };
        let path = format!("/{}/labels/{}", home.full_name(), label.name);
        Ok(match field {
            "color" => Out::leaf(label.color.as_str()),
            "createdAt" => Out::leaf(iso(label.created_at)),
            "description" => Out::leaf(label.description.clone()),
            "id" => Out::leaf(NodeKind::Label.id(id)),
            "isDefault" => Out::leaf(false),
            "name" => Out::leaf(label.name.as_str()),
            "repository" => Out::Thing(Thing::Repository(repo)),
            "resourcePath" => Out::leaf(path),
            "url" => Out::leaf(format!("{}{path}", self.ask.gh.settings.web)),
            _ => Out::NULL,
        })
    }

    pub(crate) fn event_field(
        &self,
        repo: RepoId,
        number: u64,
        place: usize,
        field: &str,
    ) -> Result<Out, Fail> {
        let Some(event) = self.event(repo, number, place) else {
            return Ok(Out::NULL);
        };
        let here = || Out::Thing(Thing::Issue(repo, number));
        Ok(match (field, &event.what) {
            ("actor", _) => Out::Thing(Thing::User(event.actor.clone())),
            ("createdAt", _) => Out::leaf(iso(event.at)),
            ("id", _) => Out::leaf(NodeKind::Event.id(event.id)),
            ("closable" | "labelable" | "lockable" | "issue" | "duplicate", _) => here(),
            ("stateReason", What::Closed(reason)) => {
                Out::leaf(reason.map(|reason| reason_word(reason, true)))
            }
            ("stateReason", What::Reopened) => Out::leaf("REOPENED"),
            ("label", What::Labeled(id, name, color) | What::Unlabeled(id, name, color)) => {
                if self.repo(repo)?.labels.contains_key(id) {
                    Out::Thing(Thing::Label(repo, *id))
                } else {
                    // The label is gone from the repository; the event remembers it.
                    let fields = BTreeMap::from([
                        ("id", Out::leaf(NodeKind::Label.id(*id))),
                        ("name", Out::leaf(name.as_str())),
                        ("color", Out::leaf(color.as_str())),
                        ("isDefault", Out::leaf(false)),
                        ("repository", Out::Thing(Thing::Repository(repo))),
                    ]);
                    Out::Thing(Thing::Bag("Label".to_owned(), fields))
                }
            }
            ("previousTitle", What::Renamed(from, _)) => Out::leaf(from.as_str()),
            ("currentTitle", What::Renamed(_, to)) => Out::leaf(to.as_str()),
            ("fromRepository", What::Transferred(from)) => {
                if self.ask.has(*from, Permission::Read) {
                    Out::Thing(Thing::Repository(*from))
                } else {
                    Out::NULL
                }
            }
            ("canonical", What::MarkedAsDuplicate(id)) => match self.ask.gh.homes.get(id) {
                Some((home, place)) if self.ask.has(*home, Permission::Read) => {
                    Out::Thing(Thing::Issue(*home, *place))
                }
                _ => Out::NULL,
            },
            ("isCrossRepository", What::MarkedAsDuplicate(id)) => {
                Out::leaf(self.ask.gh.homes.get(id).is_some_and(|(home, _)| *home != repo))
            }
            _ => Out::NULL,
        })
    }
}

/// Labels by name or by when they were made, as `orderBy` says.
pub(crate) fn labels(repo: &Repository, ids: Vec<u64>, args: &Args) -> Rows {
    let order = args.get("orderBy").cloned().unwrap_or_default();
    let mut found: Vec<_> = ids.iter().filter_map(|id| repo.labels.get(id)).collect();
    if order["field"] == "NAME" {
        found.sort_by_key(|label| label.name.to_lowercase());
    } else {
        found.sort_by_key(|label| (label.created_at, label.id));
    }
    let by_name = order["field"] == "NAME";
    let rows = (found.iter().zip(0..)).map(|(label, place)| {
        let key = if by_name { place } else { label.created_at };
        ((key, label.id), Thing::Label(repo.id, label.id))
    });
    Rows::sorted(rows.collect(), order["direction"] == "DESC")
}

/// Documented: without `enableDuplicate` a duplicate is told as not planned.
fn reason_word(reason: Reason, all: bool) -> String {
    match reason {
        Reason::Duplicate if !all => Reason::NotPlanned,
        reason => reason,
    }
    .word()
    .to_uppercase()
}

pub(crate) fn event_type(what: &What) -> &'static str {
    match what {
        What::Closed(_) => "ClosedEvent",
        What::Reopened => "ReopenedEvent",
        What::Labeled(..) => "LabeledEvent",
        What::Unlabeled(..) => "UnlabeledEvent",
        What::Renamed(..) => "RenamedTitleEvent",
        What::Locked => "LockedEvent",
        What::Unlocked => "UnlockedEvent",
        What::Transferred(_) => "TransferredEvent",
        What::ConvertedToDiscussion => "ConvertedToDiscussionEvent",
        What::MarkedAsDuplicate(_) => "MarkedAsDuplicateEvent",
        What::CommentDeleted => "CommentDeletedEvent",
    }
}

/// `ClosedEvent` as `CLOSED_EVENT`.
fn item_type(ty: &str) -> String {
    let mut text = String::new();
    for letter in ty.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
