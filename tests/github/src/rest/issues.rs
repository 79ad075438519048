//! `/issues` and `/issues/{number}`.
//!
//! The traps here: labels that vanish without a word, a reason that is ignored, an over-long
//! body that is answered with 200 and not stored, and lists that are late.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::paging::{self, Key};
use super::{Answer, labels, text};
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::{Facts, Fate, Issue, Permission, Reason, RepoId, What};

/// The enforced limit in bytes. The message speaks of 65,536 characters all the same.
pub(crate) const BODY_LIMIT: usize = 262_144;
/// The limit in characters.
pub(crate) const TITLE_LIMIT: usize = 256;

pub(crate) fn list(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    let home = ask.repo(repo)?;
    if !home.has_issues {
        return Err(Refusal::issues_disabled());
    }
    let param = |name: &str| ask.request.param(name);
    let state = param("state").unwrap_or_else(|| "open".to_owned());
    if !["open", "closed", "all"].contains(&state.as_str()) {
        return Err(Refusal::validation(json!({
            "resource": "Issue", "code": "invalid", "field": "state", "value": state,
        })));
    }
    let since = paging::since(ask)?;
    let wanted: Vec<String> = param("labels")
        .map(|names| names.split(',').map(|name| name.trim().to_lowercase()).collect())
        .unwrap_or_default();
    let creator = param("creator").map(|login| login.to_lowercase());
    let sort = param("sort").unwrap_or_default();
    let down = param("direction").is_none_or(|direction| direction != "asc");
    let now = ask.gh.clock.now();
    let lag = ask.gh.settings.list_lag_updates;
    let mut rows: Vec<(Key, (&Issue, &Facts))> = Vec::new();
    for issue in home.issues.values() {
        let facts = issue.seen(now, lag);
        // A fresh issue is not in lists yet, though `GET` by number finds it.
        let listed = issue.fate == Fate::Here && issue.listed_from <= now;
        let has = |name: &String| {
            (facts.labels.iter())
                .filter_map(|id| home.labels.get(id))
                .any(|label| label.name.to_lowercase() == *name)
        };
        let fits = match state.as_str() {
            "open" => facts.open,
            "closed" => !facts.open,
            _ => true,
        };
        if !listed
            || !fits
            || since.is_some_and(|since| facts.updated_at < since)
            || !wanted.iter().all(has)
            || (creator.as_ref()).is_some_and(|login| issue.author.to_lowercase() != *login)
        {
            continue;
        }
        let key = match sort.as_str() {
            "updated" => facts.updated_at,
            "comments" => facts.comments as i64,
            _ => issue.created_at,
        };
        rows.push(((key, issue.number), (issue, facts)));
    }
    if down {
        rows.sort_by_key(|(key, _)| Reverse(*key));
    } else {
        rows.sort_by_key(|(key, _)| *key);
    }
    paging::page(ask, repo, "issues", &rows, down, |(issue, facts)| ask.issue_as(home, issue, facts))
}

pub(crate) fn get(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, true)?;
    Ok(Response::new(200, &ask.issue(repo, number)))
}

pub(crate) fn create(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    ask.writable(repo)?;
    if !ask.repo(repo)?.has_issues {
        return Err(Refusal::issues_disabled());
    }
    let fields = ask.fields()?;
    let title = text(&fields, "title")?
        .ok_or_else(|| Refusal::invalid_request("\"title\" wasn't supplied."))?
        .to_owned();
    check_title(&title)?;
    let body = text(&fields, "body")?.map(str::to_owned);
    if body.as_ref().is_some_and(|body| body.len() > BODY_LIMIT) {
        return Err(Refusal::validation(json!({
            "resource": "Issue", "code": "custom", "field": "body",
            "message": "body is too long (maximum is 65536 characters)",
        })));
    }
    let names = labels::names(fields.get("labels"))?;
    let push = ask.has(repo, Permission::Write);
    let home = ask.repo(repo)?;
    if !push && names.iter().any(|name| home.label(name).is_none()) {
        // Reported: without push the whole create fails if a label does not exist yet.
        return Err(Refusal::no_new_labels());
    }
    ask.gh.count_content(&ask.viewer)?;
    let actor = ask.viewer.name();
    let labels: BTreeSet<u64> = if push {
        names.iter().map(|name| ask.gh.label_named(repo, name)).collect()
    } else {
        // Documented: "labels are silently dropped otherwise". Triage is no push access.
        BTreeSet::new()
    };
    let number = ask.gh.open_issue(&actor, repo, &title, body, &labels, false);
    let shape = ask.issue(repo, number);
    let url = shape["url"].as_str().unwrap_or_default().to_owned();
    Ok(Response::new(201, &shape).header("location", &url))
}

pub(crate) fn update(ask: &mut Ask<'_>, repo: RepoId, number: u64) -> Answer {
    ask.present(repo, number, true)?;
    ask.writable(repo)?;
    let issue = &ask.repo(repo)?.issues[&number];
    if !ask.gh.may_edit(&ask.viewer, repo, issue) {
        return Err(Refusal::not_yours());
    }
    let fields = ask.fields()?;
    let title = text(&fields, "title")?.map(str::to_owned);
    if let Some(title) = &title {
        check_title(title)?;
    }
    let open = match text(&fields, "state")? {
        None => None,
        Some("open") => Some(true),
        Some("closed") => Some(false),
        Some(other) => return Err(invalid("state", other)),
    };
    let reason = match text(&fields, "state_reason")? {
        None => None,
        Some(word) => Some(Reason::read(word).ok_or_else(|| invalid("state_reason", word))?),
    };
    let duplicate_of = match reason {
        Some(Reason::Duplicate) => duplicate_of(ask, &fields)?,
        // Documented: "ignored when `state_reason` is not `duplicate`".
        _ => None,
    };
    // Labels that are only suggested wait for a person, and the answer is 200 all the same.
    let names = (fields.get("labels"))
        .filter(|value| !value.is_null() && !labels::only_suggested(value))
        .map(|value| labels::names(Some(value)))
        .transpose()?;
    let body = body_of(&fields)?;

    let actor = ask.viewer.name();
    if let Some(title) = &title {
        ask.gh.set_title(&actor, repo, number, title);
    }
    if let Some(body) = body {
        // Measured: an over-long body is answered with 200 and the old one stays.
        if body.as_ref().is_none_or(|body| body.len() <= BODY_LIMIT) {
            ask.gh.set_body(repo, number, body);
        }
    }
    // Documented: labels are dropped without push access, here too.
    if let Some(names) = names
        && ask.has(repo, Permission::Write)
    {
        let labels = names.iter().map(|name| ask.gh.label_named(repo, name)).collect();
        ask.gh.replace_labels(&actor, repo, number, &labels);
    }
    // Documented: the reason is "ignored unless `state` is changed".
    if let Some(open) = open
        && ask.gh.set_open(&actor, repo, number, open, reason)
        && reason == Some(Reason::Duplicate)
        && let Some(other) = duplicate_of
    {
        ask.gh.record(&actor, repo, number, What::MarkedAsDuplicate(other));
    }
    Ok(Response::new(200, &ask.issue(repo, number)))
}

pub(crate) fn lock(ask: &mut Ask<'_>, repo: RepoId, number: u64, locked: bool) -> Answer {
    ask.present(repo, number, false)?;
    ask.writable(repo)?;
    if !ask.has(repo, Permission::Write) {
        return Err(Refusal::not_yours());
    }
    let actor = ask.viewer.name();
    ask.gh.set_locked(&actor, repo, number, locked);
    Ok(Response::empty(204))
}

/// The issue an issue repeats: by database id, as the API description has it. It must be there
/// and visible.
fn duplicate_of(ask: &Ask<'_>, fields: &Map<String, Value>) -> Result<Option<u64>, Refusal> {
    let Some(value) = fields.get("duplicate_issue_id").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let visible = |id: &u64| ask.gh.homes.get(id).is_some_and(|(home, _)| ask.has(*home, Permission::Read));
    let id = value.as_u64().filter(visible);
    id.map(Some).ok_or_else(|| invalid("duplicate_issue_id", &value.to_string()))
}

/// The body if the field is there at all: `null` clears it.
fn body_of(fields: &Map<String, Value>) -> Result<Option<Option<String>>, Refusal> {
    if !fields.contains_key("body") {
        return Ok(None);
    }
    Ok(Some(text(fields, "body")?.map(str::to_owned)))
}

pub(crate) fn check_title(title: &str) -> Result<(), Refusal> {
    if title.trim().is_empty() {
        return Err(Refusal::validation(json!({
            "resource": "Issue", "code": "missing_field", "field": "title",
        })));
    }
    if title.chars().count() > TITLE_LIMIT {
        return Err(Refusal::title_too_long());
    }
    Ok(())
}

fn invalid(field: &str, value: &str) -> Refusal {
    Refusal::validation(json!({
        "resource": "Issue", "code": "invalid", "field": field, "value": value,
    }))
}
