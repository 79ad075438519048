//! Labels of a repository and of an issue.
//!
//! Names are unique without regard to case and keep the spelling they were made with, so the
//! echo may differ from what was sent. Only those with write access make labels; triage may
//! put existing ones on.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Answer, paging, text};
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::{Permission, RepoId};

/// The limit in characters.
pub(crate) const NAME_LIMIT: usize = 50;

/// Whether a list of labels holds suggestions and nothing else: no set to replace another by.
pub(crate) fn only_suggested(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_suggested))
}

fn is_suggested(item: &Value) -> bool {
    item["suggest"] == true
}

/// Label names in a request: strings, or objects with a `name`, without those that are only
/// suggested. An over-long one is refused with the vague `invalid`, unlike on `POST /labels`.
pub(crate) fn names(value: Option<&Value>) -> Result<Vec<String>, Refusal> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let wrong = || Refusal::invalid_request("For 'properties/labels', that is not an array.");
    let mut names = Vec::new();
    for item in value.as_array().ok_or_else(wrong)? {
        let name = (item.as_str().or_else(|| item["name"].as_str())).ok_or_else(wrong)?;
        if name.trim().is_empty() || name.chars().count() > NAME_LIMIT {
            return Err(Refusal::validation(json!({
                "resource": "Label", "code": "invalid", "field": "name", "value": name,
            })));
        }
        if !is_suggested(item) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

pub(crate) fn list(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    let home = ask.repo(repo)?;
    let mut labels: Vec<_> = home.labels.values().collect();
    labels.sort_by_key(|label| label.name.to_lowercase());
    let rows: Vec<_> = (labels.iter().zip(0..)).map(|(label, place)| ((place, label.id), *label)).collect();
    paging::page(ask, repo, "labels", &rows, false, |label| ask.label(home, label))
}

pub(crate) fn get(ask: &mut Ask<'_>, repo: RepoId, name: &str) -> Answer {
    let home = ask.repo(repo)?;
    let label = home.label(name).ok_or_else(Refusal::not_found)?;
    Ok(Response::new(200, &ask.label(home, label)))
}

pub(crate) fn create(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    may_make(ask, repo)?;
    let fields = ask.fields()?;
    let name = text(&fields, "name")?
        .ok_or_else(|| Refusal::invalid_request("\"name\" wasn't supplied."))?
        .to_owned();
    let (color, description) = look(&fields)?;
    check_name(&name)?;
    if ask.repo(repo)?.label(&name).is_some() {
        return Err(taken());
    }
    ask.gh.count_content(&ask.viewer)?;
    let color = color.unwrap_or_else(|| "ededed".to_owned());
    let id = ask.gh.make_label(repo, &name, &color, description.flatten());
    let home = ask.repo(repo)?;
    let shape = ask.label(home, &home.labels[&id]);
    let url = shape["url"].as_str().unwrap_or_default().to_owned();
    Ok(Response::new(201, &shape).header("location", &url))
}

pub(crate) fn update(ask: &mut Ask<'_>, repo: RepoId, name: &str) -> Answer {
    may_make(ask, repo)?;
    let id = ask.repo(repo)?.label(name).ok_or_else(Refusal::not_found)?.id;
    let fields = ask.fields()?;
    let new_name = text(&fields, "new_name")?.map(str::to_owned);
    let (color, description) = look(&fields)?;
    if let Some(new_name) = &new_name {
        check_name(new_name)?;
        let other = ask.repo(repo)?.label(new_name);
        if other.is_some_and(|other| other.id != id) {
            return Err(taken());
        }
    }
    ask.gh.revision += 1;
    let label = (ask.gh.repos.get_mut(&repo))
        .and_then(|home| home.labels.get_mut(&id))
        .ok_or_else(Refusal::not_found)?;
    if let Some(new_name) = new_name {
        label.name = new_name;
    }
    if let Some(color) = color {
        label.color = color;
    }
    if let Some(description) = description {
        label.description = description;
    }
    let home = ask.repo(repo)?;
    Ok(Response::new(200, &ask.label(home, &home.labels[&id])))
}

pub(crate) fn delete(ask: &mut Ask<'_>, repo: RepoId, name: &str) -> Answer {
    may_make(ask, repo)?;
    let id = ask.repo(repo)?.label(name).ok_or_else(Refusal::not_found)?.id;
    ask.gh.drop_label(repo, id);
    Ok(Response::empty(204))
}

pub(crate) fn of_issue(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, false)?;
    let home = ask.repo(repo)?;
    let labels = ask.labels_of(home, &home.issues[&number].facts);
    let rows: Vec<_> = (labels.into_iter().zip(0..)).map(|(label, place)| ((place, 0), label)).collect();
    paging::page(ask, repo, &format!("issues/{number}/labels"), &rows, false, Value::clone)
}

pub(crate) fn add(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    let labels = wanted(ask, repo, number)?;
    let actor = ask.viewer.name();
    for label in labels {
        ask.gh.put_label(&actor, repo, number, label);
    }
    remaining(ask, repo, number)
}

/// Replaces the whole set: what others put on meanwhile is gone.
pub(crate) fn replace(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    let labels = wanted(ask, repo, number)?;
    let actor = ask.viewer.name();
    ask.gh.replace_labels(&actor, repo, number, &labels);
    remaining(ask, repo, number)
}

pub(crate) fn clear(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    may_label(ask, repo, number)?;
    let actor = ask.viewer.name();
    ask.gh.replace_labels(&actor, repo, number, &BTreeSet::new());
    Ok(Response::empty(204))
}

pub(crate) fn take(ask: &mut Ask<'_>, repo: RepoId, number: u64, name: &str) -> Answer {
    may_label(ask, repo, number)?;
    let home = ask.repo(repo)?;
    let label = (home.label(name))
        .filter(|label| home.issues[&number].facts.labels.contains(&label.id))
        .map(|label| label.id)
        .ok_or_else(|| Refusal::new(404, "Label does not exist"))?;
    let actor = ask.viewer.name();
    ask.gh.take_label(&actor, repo, number, label);
    remaining(ask, repo, number)
}

/// The labels a request names, made if missing and allowed. The body is an object with
/// `labels`; a bare array, which older descriptions had, is refused.
fn wanted(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Result<BTreeSet<u64>, Refusal> {
    may_label(ask, repo, number)?;
    let names = names(ask.fields()?.get("labels"))?;
    let home = ask.repo(repo)?;
    if !ask.has(repo, Permission::Write) && names.iter().any(|name| home.label(name).is_none()) {
        return Err(Refusal::no_new_labels());
    }
    Ok(names.iter().map(|name| ask.gh.label_named(repo, name)).collect())
}

fn remaining(ask: &Ask<'_>, repo: RepoId, number: u64) -> Answer {
    let home = ask.repo(repo)?;
    let labels = ask.labels_of(home, &home.issues[&number].facts);
    Ok(Response::new(200, &Value::Array(labels)))
}

fn may_label(ask: &Ask<'_>, repo: RepoId, number: u64) -> Result<(), Refusal> {
    ask.present(repo, number, false)?;
    ask.writable(repo)?;
    if ask.has(repo, Permission::Triage) { Ok(()) } else { Err(Refusal::not_yours()) }
}

/// Without write access, a repository's labels do not exist for writing: 404.
fn may_make(ask: &Ask<'_>, repo: RepoId) -> Result<(), Refusal> {
    ask.writable(repo)?;
    if ask.has(repo, Permission::Write) { Ok(()) } else { Err(Refusal::not_found()) }
}

pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.trim().is_empty() {
        return Err(Refusal::validation(json!({
            "resource": "Label", "code": "missing_field", "field": "name",
        })));
    }
    if name.chars().count() > NAME_LIMIT {
        return Err(Refusal::validation(json!({
            "resource": "Label", "code": "custom", "field": "name",
            "message": "name is too long (maximum is 50 characters)",
        })));
    }
    Ok(())
}

pub(crate) fn taken() -> Refusal {
    Refusal::validation(json!({
        "resource": "Label", "code": "already_exists", "field": "name",
    }))
}

/// Whether a colour is six hex digits; a leading `#` is refused.
pub(crate) fn is_color(color: &str) -> bool {
    color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit())
}

type Look = (Option<String>, Option<Option<String>>);

fn look(fields: &Map<String, Value>) -> Result<Look, Refusal> {
    let color = text(fields, "color")?.map(str::to_lowercase);
    if color.as_ref().is_some_and(|color| !is_color(color)) {
        return Err(Refusal::validation(json!({
            "resource": "Label", "code": "invalid", "field": "color",
        })));
    }
    let description = if fields.contains_key("description") {
        Some(text(fields, "description")?.map(str::to_owned))
    } else {
        None
    };
    if (description.iter().flatten()).any(|text| text.chars().count() > 100) {
        return Err(Refusal::validation(json!({
            "resource": "Label", "code": "custom", "field": "description",
            "message": "description is too long (maximum is 100 characters)",
        })));
    }
    Ok((color, description))
}
