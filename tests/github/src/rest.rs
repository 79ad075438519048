//! REST: from a path to a route.
//!
//! A repository is found by name, by a former name (then the answer is a redirect), or by
//! its number under `/repositories/`. Routes that gardener has no use for are 404.

mod branches;
mod comments;
pub(crate) mod issues;
pub(crate) mod labels;
pub(crate) mod paging;
mod pulls;
mod search;
mod shape;
mod timeline;

use serde_json::{Map, Value};

use crate::access::Found;
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::{Fate, Permission, RepoId, Repository};

pub(crate) type Answer = Result<Response, Refusal>;

pub(crate) fn route(ask: &mut Ask<'_>) -> Answer {
    let parts = ask.request.parts();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let method = ask.request.method.clone();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["user"]) => {
            let login = ask.viewer.login.clone().ok_or_else(Refusal::needs_login)?;
            if ask.viewer.bot {
                // A workflow's token belongs to no user.
                return Err(Refusal::integration());
            }
            Ok(Response::new(200, &ask.myself(&login)))
        }
        ("GET", ["rate_limit"]) if !ask.gh.settings.limited => {
            Err(Refusal::new(404, "Rate limiting is not enabled."))
        }
        ("GET", ["rate_limit"]) => {
            let limits = ask.gh.limits_json(&ask.viewer);
            Ok(Response::new(200, &limits))
        }
        ("GET", ["search", "issues"]) => search::issues(ask),
        (_, ["repos", owner, name, rest @ ..]) => match ask.gh.find_repo(&ask.viewer, owner, name) {
            Some(Found::Here(repo)) => in_repo(ask, repo, &method, rest),
            Some(Found::Renamed(repo)) => Err(ask.renamed(repo)),
            None => Err(Refusal::not_found()),
        },
        (_, ["repositories", id, rest @ ..]) => {
            let repo = id.parse().map_err(|_| Refusal::not_found())?;
            if ask.gh.may(&ask.viewer, repo, Permission::Read) {
                in_repo(ask, repo, &method, rest)
            } else {
                Err(Refusal::not_found())
            }
        }
        _ => Err(Refusal::not_found()),
    }
}

fn in_repo(ask: &mut Ask<'_>, repo: RepoId, method: &str, rest: &[&str]) -> Answer {
    match (method, rest) {
        ("GET", []) => Ok(Response::new(200, &ask.repository(repo))),
        ("GET", ["issues"]) => issues::list(ask, repo),
        ("POST", ["issues"]) => issues::create(ask, repo),
        ("GET", ["issues", "comments"]) => comments::list_all(ask, repo),
        ("GET", ["issues", "comments", id]) => comments::get(ask, repo, number(id)?),
        ("PATCH", ["issues", "comments", id]) => comments::edit(ask, repo, number(id)?),
        ("DELETE", ["issues", "comments", id]) => comments::delete(ask, repo, number(id)?),
        ("GET", ["issues", "events"]) => timeline::events_of_all(ask, repo),
        ("GET", ["issues", n]) => issues::get(ask, repo, number(n)?),
        ("PATCH", ["issues", n]) => issues::update(ask, repo, number(n)?),
        ("PUT", ["issues", n, "lock"]) => issues::lock(ask, repo, number(n)?, true),
        ("DELETE", ["issues", n, "lock"]) => issues::lock(ask, repo, number(n)?, false),
        ("GET", ["issues", n, "labels"]) => labels::of_issue(ask, repo, number(n)?),
        ("POST", ["issues", n, "labels"]) => labels::add(ask, repo, number(n)?),
        ("PUT", ["issues", n, "labels"]) => labels::replace(ask, repo, number(n)?),
        ("DELETE", ["issues", n, "labels"]) => labels::clear(ask, repo, number(n)?),
        ("DELETE", ["issues", n, "labels", name]) => labels::take(ask, repo, number(n)?, name),
        ("GET", ["issues", n, "comments"]) => comments::list(ask, repo, number(n)?),
        ("POST", ["issues", n, "comments"]) => comments::create(ask, repo, number(n)?),
        ("GET", ["issues", n, "events"]) => timeline::events(ask, repo, number(n)?),
        ("GET", ["issues", n, "timeline"]) => timeline::timeline(ask, repo, number(n)?),
        ("GET", ["branches", name]) => branches::get(ask, repo, name),
        ("GET", ["pulls"]) => pulls::list(ask, repo),
        ("POST", ["pulls"]) => pulls::create(ask, repo),
        ("GET", ["labels"]) => labels::list(ask, repo),
        ("POST", ["labels"]) => labels::create(ask, repo),
        ("GET", ["labels", name]) => labels::get(ask, repo, name),
        ("PATCH", ["labels", name]) => labels::update(ask, repo, name),
        ("DELETE", ["labels", name]) => labels::delete(ask, repo, name),
        _ => Err(Refusal::not_found()),
    }
}

fn number(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::not_found())
}

impl Ask<'_> {
    pub(crate) fn repo(&self, repo: RepoId) -> Result<&Repository, Refusal> {
        self.gh.repos.get(&repo).ok_or_else(Refusal::not_found)
    }

    /// Reads follow a rename with 301; writes get 307, so that method and body stay. Clients
    /// that follow neither, or follow by sending `GET`, have lost writes this way.
    fn renamed(&self, repo: RepoId) -> Refusal {
        let status = if self.request.method == "GET" { 301 } else { 307 };
        let target = self.request.target();
        let rest = target.splitn(5, '/').nth(4).map_or_else(
            || target.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}")),
            |rest| format!("/{rest}"),
        );
        Refusal::moved(status, &format!("{}/repositories/{repo}{rest}", self.base))
    }

    /// The checks before any write: a login, a token that can write here, and a repository
    /// that takes writes.
    pub(crate) fn writable(&self, repo: RepoId) -> Result<(), Refusal> {
        if self.viewer.login.is_none() {
            return Err(Refusal::needs_login());
        }
        if !self.gh.may_write_with(&self.viewer, repo) {
            return Err(Refusal::read_only(self.viewer.bot));
        }
        if self.repo(repo)?.archived {
            return Err(Refusal::archived());
        }
        Ok(())
    }

    /// An issue that is where its number says. Of one that moved, only the issue itself
    /// redirects (`redirects`): its comments and events answer 404.
    pub(crate) fn present(&self, repo: RepoId, n: u64, redirects: bool) -> Result<(), Refusal> {
        let issue = (self.repo(repo)?.issues.get(&n)).ok_or_else(Refusal::not_found)?;
        if !issue.pull && !self.repo(repo)?.has_issues {
            return Err(Refusal::issues_disabled());
        }
        match issue.fate {
            Fate::Here => Ok(()),
            Fate::Deleted => Err(Refusal::deleted()),
            Fate::Transferred(to, number) if redirects && self.gh.may(&self.viewer, to, Permission::Read) => {
                let location = format!("{}/repositories/{to}/issues/{number}", self.base);
                Err(Refusal::moved(301, &location))
            }
            Fate::Transferred(..) => Err(Refusal::not_found()),
        }
    }

    /// The body as a JSON object; no body is an empty one.
    pub(crate) fn fields(&self) -> Result<Map<String, Value>, Refusal> {
        if self.request.body.is_empty() {
            return Ok(Map::new());
        }
        match serde_json::from_slice(&self.request.body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Refusal::new(400, "Body should be a JSON object")),
            Err(_) => Err(Refusal::bad_json()),
        }
    }

    /// Whether the viewer has a role in the repository.
    pub(crate) fn has(&self, repo: RepoId, permission: Permission) -> bool {
        self.gh.may(&self.viewer, repo, permission)
    }
}

/// A field that is a string or absent; `null` counts as absent.
pub(crate) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => {
            Err(Refusal::invalid_request(&format!("For 'properties/{name}', {other} is not a string.")))
        }
    }
}
