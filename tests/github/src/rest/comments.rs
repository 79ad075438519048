//! Comments of an issue and of a repository, oldest first.
//!
//! Page 1 is the oldest page: a marker comment written later is not on it.

use std::cmp::Reverse;

use serde_json::json;

use super::issues::BODY_LIMIT;
use super::paging::{self, Key};
use super::{Answer, text};
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::{Comment, Fate, Permission, RepoId};

pub(crate) fn list(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, false)?;
    let since = paging::since(ask)?;
    let home = ask.repo(repo)?;
    let rows: Vec<_> = (home.comments.values())
        .filter(|comment| comment.issue == number && ask.gh.lists(comment))
        .filter(|comment| since.is_none_or(|since| comment.updated_at >= since))
        .map(|comment| ((0, comment.id), comment))
        .collect();
    paging::page(ask, repo, &format!("issues/{number}/comments"), &rows, false, |comment| {
        ask.comment(home, comment)
    })
}

pub(crate) fn list_all(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    let since = paging::since(ask)?;
    let home = ask.repo(repo)?;
    let sort = ask.request.param("sort");
    let down = ask.request.param("direction").as_deref() == Some("desc");
    let key = |comment: &Comment| match sort.as_deref() {
        Some("updated") => comment.updated_at,
        Some("created") => comment.created_at,
        _ => 0,
    };
    let mut rows: Vec<(Key, &Comment)> = (home.comments.values())
        .filter(|comment| since.is_none_or(|since| comment.updated_at >= since))
        .filter(|comment| ask.gh.lists(comment))
        .filter(|comment| (home.issues.get(&comment.issue)).is_some_and(|issue| issue.fate == Fate::Here))
        .map(|comment| ((key(comment), comment.id), comment))
        .collect();
    if down {
        rows.sort_by_key(|(key, _)| Reverse(*key));
    } else {
        rows.sort_by_key(|(key, _)| *key);
    }
    paging::page(ask, repo, "issues/comments", &rows, down, |comment| ask.comment(home, comment))
}

pub(crate) fn get(ask: &mut Ask<'_>, repo: RepoId, id: u64) -> Answer {
    let home = ask.repo(repo)?;
    let comment = found(ask, repo, id)?;
    Ok(Response::new(200, &ask.comment(home, comment)))
}

pub(crate) fn create(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, false)?;
    ask.writable(repo)?;
    let issue = &ask.repo(repo)?.issues[&number];
    if !ask.gh.may_comment(&ask.viewer, repo, issue) {
        return Err(Refusal::locked());
    }
    let body = body(ask)?;
    ask.gh.count_content(&ask.viewer)?;
    let actor = ask.viewer.name();
    let id = ask.gh.add_comment(&actor, repo, number, &body);
    let home = ask.repo(repo)?;
    let shape = ask.comment(home, &home.comments[&id]);
    let url = shape["url"].as_str().unwrap_or_default().to_owned();
    Ok(Response::new(201, &shape).header("location", &url))
}

pub(crate) fn edit(ask: &mut Ask<'_>, repo: RepoId, id: u64) -> Answer {
    may_edit(ask, repo, id)?;
    let body = body(ask)?;
    ask.gh.edit_comment(repo, id, &body);
    get(ask, repo, id)
}

pub(crate) fn delete(ask: &mut Ask<'_>, repo: RepoId, id: u64) -> Answer {
    may_edit(ask, repo, id)?;
    let actor = ask.viewer.name();
    ask.gh.drop_comment(&actor, repo, id);
    Ok(Response::empty(204))
}

fn found<'a>(ask: &'a Ask<'_>, repo: RepoId, id: u64) -> Result<&'a Comment, Refusal> {
    (ask.repo(repo)?.comments.get(&id)).ok_or_else(Refusal::not_found)
}

/// The author and those with write access edit a comment. Triage is not enough.
fn may_edit(ask: &Ask<'_>, repo: RepoId, id: u64) -> Result<(), Refusal> {
    let comment = found(ask, repo, id)?;
    ask.writable(repo)?;
    if ask.viewer.is(&comment.author) || ask.has(repo, Permission::Write) {
        Ok(())
    } else {
        Err(Refusal::not_yours())
    }
}

fn body(ask: &Ask<'_>) -> Result<String, Refusal> {
    let fields = ask.fields()?;
    let body = text(&fields, "body")?.ok_or_else(|| Refusal::invalid_request("\"body\" wasn't supplied."))?;
    if body.trim().is_empty() {
        return Err(Refusal::validation(json!({
            "resource": "IssueComment", "code": "unprocessable", "field": "data",
            "message": "Body cannot be blank",
        })));
    }
    if body.len() > BODY_LIMIT {
        return Err(Refusal::validation(json!({
            "resource": "IssueComment", "code": "unprocessable", "field": "data",
            "message": "Body is too long (maximum is 65536 characters)",
        })));
    }
    Ok(body.to_owned())
}
