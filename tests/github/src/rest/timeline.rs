//! `/events` and `/timeline`: what happened to an issue, oldest first.
//!
//! A conversion to a discussion is left out, because the REST API gives no clue of it.

use serde_json::{Value, json};

use super::{Answer, paging};
use crate::answer::Ask;
use crate::clock::iso;
use crate::state::{Event, Fate, NodeKind, RepoId, Repository, What};

pub(crate) fn events(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, false)?;
    let home = ask.repo(repo)?;
    let rows: Vec<_> = (home.issues[&number].events.iter())
        .filter(|event| !matches!(event.what, What::CommentDeleted))
        .filter_map(|event| Some(((0, event.id), without_reason(shape(ask, home, event)?))))
        .collect();
    paging::page(ask, repo, &format!("issues/{number}/events"), &rows, false, Value::clone)
}

pub(crate) fn timeline(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, false)?;
    let home = ask.repo(repo)?;
    let mut rows: Vec<((i64, u64), Value)> = (home.issues[&number].events.iter())
        .filter_map(|event| Some(((event.at, event.sequence), shape(ask, home, event)?)))
        .collect();
    for comment in home.comments.values().filter(|comment| comment.issue == number) {
        let mut row = ask.comment(home, comment);
        row["event"] = json!("commented");
        row["actor"] = row["user"].clone();
        rows.push(((comment.created_at, comment.sequence), row));
    }
    rows.sort_by_key(|(key, _)| *key);
    paging::page(ask, repo, &format!("issues/{number}/timeline"), &rows, false, Value::clone)
}

/// The events of all issues, newest first.
pub(crate) fn events_of_all(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    let home = ask.repo(repo)?;
    let mut rows = Vec::new();
    for issue in home.issues.values().filter(|issue| issue.fate == Fate::Here) {
        for event in &issue.events {
            if let Some(mut row) = shape(ask, home, event).map(without_reason) {
                row["issue"] = ask.issue_as(home, issue, &issue.facts);
                rows.push(((0, event.id), row));
            }
        }
    }
    rows.sort_by_key(|((_, id), _)| std::cmp::Reverse(*id));
    paging::page(ask, repo, "issues/events", &rows, true, Value::clone)
}

/// Described for the timeline alone: lists of events do not say why an issue was closed.
fn without_reason(mut row: Value) -> Value {
    if let Some(fields) = row.as_object_mut() {
        fields.remove("state_reason");
    }
    row
}

fn shape(ask: &Ask<'_>, repo: &Repository, event: &Event) -> Option<Value> {
    let mut row = json!({
        "id": event.id,
        "node_id": NodeKind::Event.id(event.id),
        "url": format!("{}/issues/events/{}", ask.repo_url(repo), event.id),
        "actor": ask.user(&event.actor),
        "commit_id": null,
        "commit_url": null,
        "created_at": iso(event.at),
        "performed_via_github_app": null,
    });
    let label = |name: &str, color: &str| json!({ "name": name, "color": color });
    let name = match &event.what {
        What::Closed(reason) => {
            row["state_reason"] = json!(reason.map(|reason| reason.word()));
            "closed"
        }
        What::Reopened => {
            row["state_reason"] = json!("reopened");
            "reopened"
        }
        What::Labeled(_, name, color) => {
            row["label"] = label(name, color);
            "labeled"
        }
        What::Unlabeled(_, name, color) => {
            row["label"] = label(name, color);
            "unlabeled"
        }
        What::Renamed(from, to) => {
            row["rename"] = json!({ "from": from, "to": to });
            "renamed"
        }
        What::Locked => {
            row["lock_reason"] = Value::Null;
            "locked"
        }
        What::Unlocked => {
            row["lock_reason"] = Value::Null;
            "unlocked"
        }
        What::Transferred(_) => "transferred",
        What::MarkedAsDuplicate(_) => "marked_as_duplicate",
        What::CommentDeleted => "comment_deleted",
        What::ConvertedToDiscussion => return None,
    };
    row["event"] = json!(name);
    Some(row)
}
