//! `/search/issues`: an index that is late by tens of seconds.
//!
//! It knows `repo:`, `is:`, `state:`, `label:`, `author:` and words in title or body; other
//! qualifiers are taken for words. Never to be used to find what was just made.

use serde_json::{Value, json};

use super::{Answer, paging};
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::{Facts, Fate, Issue, Permission, Repository};

pub(crate) fn issues(ask: &mut Ask<'_>) -> Answer {
    let query = ask.request.param("q").filter(|query| !query.trim().is_empty());
    let query = query.ok_or_else(|| {
        Refusal::validation(json!({ "resource": "Search", "code": "missing", "field": "q" }))
    })?;
    let terms = terms(&query);
    let page = (ask.request.param("page").and_then(|text| text.parse().ok()))
        .filter(|number| *number > 0)
        .unwrap_or(1);
    let per_page = paging::size(ask) as usize;
    if per_page.saturating_mul(page) > 1_000 {
        return Err(Refusal::new(422, "Only the first 1000 search results are available"));
    }
    let now = ask.gh.clock.now();
    let lag = ask.gh.settings.search_lag;
    let mut found: Vec<((i64, u64), Value)> = Vec::new();
    for repo in ask.gh.repos.values() {
        if !ask.has(repo.id, Permission::Read) {
            continue;
        }
        for issue in repo.issues.values() {
            if issue.fate != Fate::Here || issue.created_at + lag > now {
                continue;
            }
            let facts = issue.seen(now, lag);
            let mut fits = true;
            for term in &terms {
                fits &= matches(repo, issue, facts, term)?;
            }
            if fits {
                let mut row = ask.issue_as(repo, issue, facts);
                row["score"] = json!(1.0);
                // The index does not know who closed an issue.
                if let Some(fields) = row.as_object_mut() {
                    fields.remove("closed_by");
                }
                found.push(((issue.created_at, issue.number), row));
            }
        }
    }
    found.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
    let total = found.len();
    let items: Vec<Value> =
        (found.into_iter()).skip((page - 1) * per_page).take(per_page).map(|(_, row)| row).collect();
    let shape = json!({
        "total_count": total, "incomplete_results": false, "search_type": "lexical", "items": items,
    });
    Ok(Response::new(200, &shape))
}

/// Cuts a query at spaces outside quotes.
fn terms(query: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut quoted = false;
    for letter in query.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => terms.push(String::new()),
            letter => {
                if let Some(term) = terms.last_mut() {
                    term.extend(letter.to_lowercase());
                }
            }
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

fn matches(repo: &Repository, issue: &Issue, facts: &Facts, term: &str) -> Result<bool, Refusal> {
    let word = |text: &str| {
        facts.title.to_lowercase().contains(text)
            || (facts.body.as_ref()).is_some_and(|body| body.to_lowercase().contains(text))
    };
    let Some((name, value)) = term.split_once(':') else {
        return Ok(word(term));
    };
    Ok(match (name, value) {
        ("repo", value) => repo.full_name().to_lowercase() == value,
        ("is" | "type", "issue") => !issue.pull,
        ("is" | "type", "pr") => issue.pull,
        ("is" | "state", "open") => facts.open,
        ("is" | "state", "closed") => !facts.open,
        ("label", value) => (facts.labels.iter())
            .filter_map(|id| repo.labels.get(id))
            .any(|label| label.name.to_lowercase() == value),
        ("author", value) => issue.author.to_lowercase() == value,
        ("in", "title" | "body" | "title,body") => true,
        ("in" | "is" | "state" | "type", _) => {
            return Err(Refusal::validation(json!({
                "resource": "Search", "code": "invalid", "field": "q", "value": term,
            })));
        }
        // A colon in a word that is no qualifier belongs to the word.
        _ => word(term),
    })
}
