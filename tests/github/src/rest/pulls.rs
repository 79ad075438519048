//! `/pulls`: as far as somebody needs it who offers a branch.
//!
//! The traps here: an app's own token may be kept from opening any, one that exists is a 422
//! in words only, and so is a branch without a commit of its own.

use serde_json::{Value, json};

use super::{Answer, text};
use crate::answer::Ask;
use crate::http::Response;
use crate::refusal::Refusal;
use crate::state::{Issue, Pull, RepoId};

pub(crate) fn list(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    let home = ask.repo(repo)?;
    let state = ask.request.param("state").unwrap_or_else(|| "open".to_owned());
    let (head, base) = (ask.request.param("head"), ask.request.param("base"));
    let fits = |issue: &&Issue| {
        let Some(pull) = &issue.branches else { return false };
        let owner_and_head = format!("{}:{}", home.owner, pull.head);
        let is_open = issue.facts.open;
        (state == "all" || is_open == (state == "open"))
            && head.as_ref().is_none_or(|h| h.eq_ignore_ascii_case(&owner_and_head))
            && base.as_ref().is_none_or(|b| *b == pull.base)
    };
    let rows: Vec<Value> = home.issues.values().filter(fits).map(|i| ask.pull(repo, i, false)).collect();
    Ok(Response::new(200, &Value::Array(rows)))
}

pub(crate) fn create(ask: &mut Ask<'_>, repo: RepoId) -> Answer {
    ask.writable(repo)?;
    if ask.viewer.bot && !ask.gh.settings.bots_open_pulls {
        return Err(Refusal::new(403, "GitHub Actions is not permitted to create or approve pull requests."));
    }
    let fields = ask.fields()?;
    let wanted = |name: &str| {
        let missing = || Refusal::invalid_request(&format!("\"{name}\" wasn't supplied."));
        text(&fields, name)?.map(str::to_owned).ok_or_else(missing)
    };
    let (title, head, base) = (wanted("title")?, wanted("head")?, wanted("base")?);
    let body = text(&fields, "body")?.map(str::to_owned);
    let home = ask.repo(repo)?;
    let owner = home.owner.clone();
    for (field, branch) in [("head", &head), ("base", &base)] {
        if !home.branches.contains(branch) {
            return Err(Refusal::validation(json!({
                "resource": "PullRequest", "field": field, "code": "invalid",
            })));
        }
    }
    let same = |issue: &Issue| issue.branches == Some(Pull { head: head.clone(), base: base.clone() });
    if home.issues.values().any(|issue| issue.facts.open && same(issue)) {
        return Err(Refusal::validation(json!({
            "resource": "PullRequest", "code": "custom",
            "message": format!("A pull request already exists for {owner}:{head}."),
        })));
    }
    ask.gh.count_content(&ask.viewer)?;
    let actor = ask.viewer.name();
    let number = ask.gh.open_issue(&actor, repo, &title, body, &Default::default(), true);
    if let Some(issue) = ask.gh.repos.get_mut(&repo).and_then(|home| home.issues.get_mut(&number)) {
        issue.branches = Some(Pull { head, base });
    }
    let shape = ask.repo(repo)?.issues.get(&number).map(|issue| ask.pull(repo, issue, true));
    let shape = shape.unwrap_or_default();
    let url = shape["url"].as_str().unwrap_or_default().to_owned();
    Ok(Response::new(201, &shape).header("location", &url))
}

impl Ask<'_> {
    fn pull(&self, repo: RepoId, issue: &Issue, whole: bool) -> Value {
        let as_issue = self.issue(repo, issue.number);
        let home = as_issue["repository_url"].as_str().unwrap_or_default().to_owned();
        let (url, web) = (format!("{home}/pulls/{}", issue.number), as_issue["html_url"].clone());
        let page = web.as_str().unwrap_or_default();
        let sha = "0".repeat(40);
        let branches = issue.branches.clone().unwrap_or_default();
        let whole_repo =
            self.gh.repos.get(&repo).map(|home| self.repository_in_short(home)).unwrap_or_default();
        let side = |branch: &str| {
            json!({
                "label": format!("{}:{branch}", whole_repo["owner"]["login"].as_str().unwrap_or_default()),
                "ref": branch, "sha": sha, "user": whole_repo["owner"], "repo": whole_repo,
            })
        };
        let link = |href: &str| json!({ "href": href });
        let mut shape = json!({
            "url": url, "id": issue.id, "node_id": as_issue["node_id"], "html_url": page,
            "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"),
            "issue_url": as_issue["url"],
            "commits_url": format!("{url}/commits"),
            "review_comments_url": format!("{url}/comments"),
            "review_comment_url": format!("{home}/pulls/comments{{/number}}"),
            "comments_url": as_issue["comments_url"],
            "statuses_url": format!("{home}/statuses/{sha}"),
            "number": issue.number, "state": as_issue["state"], "locked": as_issue["locked"],
            "title": as_issue["title"], "user": as_issue["user"], "body": as_issue["body"],
            "labels": as_issue["labels"], "milestone": null, "active_lock_reason": null,
            "created_at": as_issue["created_at"], "updated_at": as_issue["updated_at"],
            "closed_at": as_issue["closed_at"], "merged_at": null, "merge_commit_sha": null,
            "assignee": null, "assignees": [], "requested_reviewers": [], "requested_teams": [],
            "head": side(&branches.head), "base": side(&branches.base),
            "_links": {
                "comments": link(as_issue["comments_url"].as_str().unwrap_or_default()),
                "commits": link(&format!("{url}/commits")),
                "statuses": link(&format!("{home}/statuses/{sha}")),
                "html": link(page),
                "issue": link(as_issue["url"].as_str().unwrap_or_default()),
                "review_comments": link(&format!("{url}/comments")),
                "review_comment": link(&format!("{home}/pulls/comments{{/number}}")),
                "self": link(&url),
            },
            "author_association": as_issue["author_association"], "auto_merge": null, "draft": false,
        });
        if whole {
            let more = json!({
                "merged": false, "mergeable": null, "rebaseable": null, "mergeable_state": "unknown",
                "merged_by": null, "comments": 0, "review_comments": 0, "maintainer_can_modify": false,
                "commits": 1, "additions": 1, "deletions": 1, "changed_files": 1,
            });
            if let (Some(shape), Some(more)) = (shape.as_object_mut(), more.as_object()) {
                shape.extend(more.clone());
            }
        }
        shape
    }
}
