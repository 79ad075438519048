//! The JSON of GitHub's REST answers.
//!
//! Objects carry the fields clients are known to read, with the types the API description
//! gives them. Fields that would always be the same here are there all the same, because
//! strict clients fail without them.

use serde_json::{Value, json};

use crate::answer::Ask;
use crate::clock::iso;
use crate::state::{Comment, Facts, Issue, Label, NodeKind, Permission, RepoId, Repository};

impl Ask<'_> {
    pub(crate) fn user(&self, login: &str) -> Value {
        let (id, login, kind) = match self.gh.user(login) {
            Some(user) => (user.id, user.login.as_str(), user.kind),
            // The account that stands in for deleted ones.
            None => (10_137, "ghost", "User"),
        };
        let api = format!("{}/users/{login}", self.base);
        json!({
            "login": login,
            "id": id,
            "node_id": NodeKind::User.id(id),
            "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
            "gravatar_id": "",
            "url": api,
            "html_url": format!("{}/{login}", self.gh.settings.web),
            "followers_url": format!("{api}/followers"),
            "following_url": format!("{api}/following{{/other_user}}"),
            "gists_url": format!("{api}/gists{{/gist_id}}"),
            "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{api}/subscriptions"),
            "organizations_url": format!("{api}/orgs"),
            "repos_url": format!("{api}/repos"),
            "events_url": format!("{api}/events{{/privacy}}"),
            "received_events_url": format!("{api}/received_events"),
            "type": kind,
            "user_view_type": "public",
            "site_admin": false,
        })
    }

    pub(crate) fn repo_url(&self, repo: &Repository) -> String {
        format!("{}/repos/{}", self.base, repo.full_name())
    }

    pub(crate) fn repository(&self, id: RepoId) -> Value {
        let Some(repo) = self.gh.repos.get(&id) else {
            return Value::Null;
        };
        let url = self.repo_url(repo);
        let web = format!("{}/{}", self.gh.settings.web, repo.full_name());
        let may = |permission| self.has(id, permission);
        let open = repo
            .issues
            .values()
            .filter(|issue| issue.facts.open)
            .count();
        let mut shape = json!({
            "id": id,
            "node_id": NodeKind::Repository.id(id),
            "name": repo.name,
            "full_name": repo.full_name(),
            "private": repo.private,
            "owner": self.user(&repo.owner),
            "html_url": web,
            "description": null,
            "fork": repo.parent.is_some(),
            "url": url,
            "issues_url": format!("{url}/issues{{/number}}"),
            "issue_comment_url": format!("{url}/issues/comments{{/number}}"),
            "labels_url": format!("{url}/labels{{/name}}"),
            "clone_url": format!("{web}.git"),
            "default_branch": repo.default_branch,
            "has_issues": repo.has_issues,
            "has_projects": true,
            "has_wiki": true,
            "archived": repo.archived,
            "disabled": false,
            "visibility": if repo.private { "private" } else { "public" },
            "open_issues_count": open,
            "open_issues": open,
            "created_at": iso(repo.created_at),
            "updated_at": iso(repo.created_at),
            "pushed_at": iso(repo.created_at),
        });
        if self.viewer.login.is_some() {
            shape["permissions"] = json!({
                "admin": may(Permission::Admin),
                "maintain": may(Permission::Maintain),
                "push": may(Permission::Write),
                "triage": may(Permission::Triage),
                "pull": may(Permission::Read),
            });
        }
        if let Some(parent) = repo.parent
            && self.has(parent, Permission::Read)
        {
            shape["parent"] = self.repository(parent);
            shape["source"] = shape["parent"].clone();
        }
        shape
    }

    pub(crate) fn label(&self, repo: &Repository, label: &Label) -> Value {
        let name = encode(&label.name);
        json!({
            "id": label.id,
            "node_id": NodeKind::Label.id(label.id),
            "url": format!("{}/labels/{name}", self.repo_url(repo)),
            "name": label.name,
            "color": label.color,
            "default": false,
            "description": label.description,
        })
    }

    pub(crate) fn labels_of(&self, repo: &Repository, facts: &Facts) -> Vec<Value> {
        (facts.labels.iter())
            .filter_map(|id| repo.labels.get(id))
            .map(|label| self.label(repo, label))
            .collect()
    }

    /// An issue as it is now.
    pub(crate) fn issue(&self, repo: RepoId, number: u64) -> Value {
        match self.gh.repos.get(&repo) {
            Some(home) => match home.issues.get(&number) {
                Some(issue) => self.issue_as(home, issue, &issue.facts),
                None => Value::Null,
            },
            None => Value::Null,
        }
    }

    /// An issue as one of its versions.
    pub(crate) fn issue_as(&self, repo: &Repository, issue: &Issue, facts: &Facts) -> Value {
        let home = self.repo_url(repo);
        let url = format!("{home}/issues/{}", issue.number);
        let kind = if issue.pull { "pull" } else { "issues" };
        let web = format!(
            "{}/{}/{kind}/{}",
            self.gh.settings.web,
            repo.full_name(),
            issue.number
        );
        let node = if issue.pull {
            NodeKind::PullRequest
        } else {
            NodeKind::Issue
        };
        let mut shape = json!({
            "url": url,
            "repository_url": home,
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "timeline_url": format!("{url}/timeline"),
            "html_url": web,
            "id": issue.id,
            "node_id": node.id(issue.id),
            "number": issue.number,
            "title": facts.title,
            "user": self.user(&issue.author),
            "labels": self.labels_of(repo, facts),
            "state": if facts.open { "open" } else { "closed" },
            "state_reason": facts.reason.map(|reason| reason.word()),
            "locked": facts.locked,
            "active_lock_reason": null,
            "assignee": null,
            "assignees": [],
            "milestone": null,
            "comments": facts.comments,
            "created_at": iso(issue.created_at),
            "updated_at": iso(facts.updated_at),
            "closed_at": facts.closed_at.map(iso),
            "closed_by": facts.closed_by.as_deref().map(|login| self.user(login)),
            "author_association": self.gh.association(repo, &issue.author),
            "body": facts.body,
            "type": null,
            "performed_via_github_app": null,
        });
        shape["reactions"] = reactions(&url);
        if issue.pull {
            let pull = format!("{home}/pulls/{}", issue.number);
            shape["draft"] = json!(false);
            shape["pull_request"] = json!({
                "url": pull,
                "html_url": web,
                "diff_url": format!("{web}.diff"),
                "patch_url": format!("{web}.patch"),
                "merged_at": null,
            });
        } else {
            shape["sub_issues_summary"] =
                json!({ "total": 0, "completed": 0, "percent_completed": 0 });
            shape["issue_dependencies_summary"] = json!({
                "blocked_by": 0, "total_blocked_by": 0, "blocking": 0, "total_blocking": 0,
            });
        }
        shape
    }

    pub(crate) fn comment(&self, repo: &Repository, comment: &Comment) -> Value {
        let home = self.repo_url(repo);
        let url = format!("{home}/issues/comments/{}", comment.id);
        let pull = (repo.issues.get(&comment.issue)).is_some_and(|issue| issue.pull);
        json!({
            "url": url,
            "html_url": format!(
                "{}/{}/{}/{}#issuecomment-{}",
                self.gh.settings.web,
                repo.full_name(),
                if pull { "pull" } else { "issues" },
                comment.issue,
                comment.id,
            ),
            "issue_url": format!("{home}/issues/{}", comment.issue),
            "id": comment.id,
            "node_id": NodeKind::Comment.id(comment.id),
            "user": self.user(&comment.author),
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.updated_at),
            "author_association": self.gh.association(repo, &comment.author),
            "body": comment.body,
            "reactions": reactions(&url),
            "performed_via_github_app": null,
        })
    }
}

fn reactions(url: &str) -> Value {
    json!({
        "url": format!("{url}/reactions"), "total_count": 0, "+1": 0, "-1": 0, "laugh": 0,
        "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
    })
}

/// A name as part of a path.
fn encode(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}
