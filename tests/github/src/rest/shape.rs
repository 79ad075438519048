//! The JSON of GitHub's REST answers.
//!
//! Objects carry the fields clients are known to read, with the types the API description
//! gives them. Fields that would always be the same here are there all the same, because
//! strict clients fail without them.

use serde_json::{Value, json};

use crate::answer::Ask;
use crate::clock::iso;
use crate::state::{Comment, Facts, Issue, Label, NodeKind, Permission, RepoId, Repository};

/// When everybody signed up: nothing depends on it.
const SIGNED_UP: i64 = 1_500_000_000;

/// The addresses a repository has for what belongs to it, without `_url`.
const REPOSITORY_ADDRESSES: [(&str, &str); 36] = [
    ("archive", "{archive_format}{/ref}"),
    ("assignees", "assignees{/user}"),
    ("blobs", "git/blobs{/sha}"),
    ("branches", "branches{/branch}"),
    ("collaborators", "collaborators{/collaborator}"),
    ("comments", "comments{/number}"),
    ("commits", "commits{/sha}"),
    ("compare", "compare/{base}...{head}"),
    ("contents", "contents/{+path}"),
    ("contributors", "contributors"),
    ("deployments", "deployments"),
    ("downloads", "downloads"),
    ("events", "events"),
    ("forks", "forks"),
    ("git_commits", "git/commits{/sha}"),
    ("git_refs", "git/refs{/sha}"),
    ("git_tags", "git/tags{/sha}"),
    ("hooks", "hooks"),
    ("issue_comment", "issues/comments{/number}"),
    ("issue_events", "issues/events{/number}"),
    ("issues", "issues{/number}"),
    ("keys", "keys{/key_id}"),
    ("labels", "labels{/name}"),
    ("languages", "languages"),
    ("merges", "merges"),
    ("milestones", "milestones{/number}"),
    ("notifications", "notifications{?since,all,participating}"),
    ("pulls", "pulls{/number}"),
    ("releases", "releases{/id}"),
    ("stargazers", "stargazers"),
    ("statuses", "statuses/{sha}"),
    ("subscribers", "subscribers"),
    ("subscription", "subscription"),
    ("tags", "tags"),
    ("teams", "teams"),
    ("trees", "git/trees{/sha}"),
];

impl Ask<'_> {
    pub(crate) fn user(&self, login: &str) -> Value {
        let (id, login, kind) = match self.gh.user(login) {
            Some(user) => (user.id, user.login.as_str(), user.kind),
            // The account that stands in for deleted ones.
            None => (10_137, "ghost", "User"),
        };
        // An app's login ends in `[bot]`, which no address can hold as it is.
        let place = login.replace('[', "%5B").replace(']', "%5D");
        let api = format!("{}/users/{place}", self.base);
        let page = match login.strip_suffix("[bot]") {
            Some(app) => format!("apps/{app}"),
            None => login.to_owned(),
        };
        json!({
            "login": login,
            "id": id,
            "node_id": NodeKind::User.id(id),
            "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
            "gravatar_id": "",
            "url": api,
            "html_url": format!("{}/{page}", self.gh.settings.web),
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

    /// A user as they see themselves.
    pub(crate) fn myself(&self, login: &str) -> Value {
        let repos = self.gh.repos.values().filter(|repo| repo.owner.eq_ignore_ascii_case(login));
        let (private, public): (Vec<_>, Vec<_>) = repos.partition(|repo| repo.private);
        let mut shape = self.user(login);
        let more = json!({
            "user_view_type": "private",
            "name": null,
            "company": null,
            "blog": "",
            "location": null,
            "email": null,
            "notification_email": null,
            "hireable": null,
            "bio": null,
            "twitter_username": null,
            "public_repos": public.len(),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": iso(SIGNED_UP),
            "updated_at": iso(SIGNED_UP),
            "private_gists": 0,
            "total_private_repos": private.len(),
            "owned_private_repos": private.len(),
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": true,
            "plan": { "name": "free", "space": 976_562_499, "collaborators": 0, "private_repos": 10_000 },
        });
        add(&mut shape, more);
        shape
    }

    pub(crate) fn repo_url(&self, repo: &Repository) -> String {
        format!("{}/repos/{}", self.base, repo.full_name())
    }

    /// A repository asked for by itself.
    pub(crate) fn repository(&self, id: RepoId) -> Value {
        let Some(repo) = self.gh.repos.get(&id) else {
            return Value::Null;
        };
        let mut shape = self.repository_in_short(repo);
        shape["subscribers_count"] = json!(0);
        shape["network_count"] = json!(0);
        if (self.gh.user(&repo.owner)).is_some_and(|owner| owner.kind == "Organization") {
            shape["organization"] = self.user(&repo.owner);
        }
        if let Some(parent) = repo.parent.filter(|parent| self.has(*parent, Permission::Read))
            && let Some(parent) = self.gh.repos.get(&parent)
        {
            shape["parent"] = self.repository_in_short(parent);
            shape["source"] = shape["parent"].clone();
        }
        shape
    }

    /// A repository as a part of another answer.
    pub(crate) fn repository_in_short(&self, repo: &Repository) -> Value {
        let url = self.repo_url(repo);
        let name = repo.full_name();
        let web = format!("{}/{name}", self.gh.settings.web);
        let host = self.gh.settings.web.split("//").last().unwrap_or_default().to_owned();
        let may = |permission| self.has(repo.id, permission);
        let open = repo.issues.values().filter(|issue| issue.facts.open).count();
        let mut shape = json!({
            "id": repo.id,
            "node_id": NodeKind::Repository.id(repo.id),
            "name": repo.name,
            "full_name": name,
            "private": repo.private,
            "owner": self.user(&repo.owner),
            "html_url": web,
            "description": null,
            "fork": repo.parent.is_some(),
            "url": url,
            "git_url": format!("git://{host}/{name}.git"),
            "ssh_url": format!("git@{host}:{name}.git"),
            "clone_url": format!("{web}.git"),
            "svn_url": web,
            "mirror_url": null,
            "homepage": null,
            "language": null,
            "license": null,
            "topics": [],
            "size": 0,
            "default_branch": repo.default_branch,
            "is_template": false,
            "allow_forking": true,
            "web_commit_signoff_required": false,
            "has_issues": repo.has_issues,
            "has_projects": true,
            "has_wiki": true,
            "has_pages": false,
            "has_downloads": true,
            "has_discussions": false,
            "archived": repo.archived,
            "disabled": false,
            "visibility": if repo.private { "private" } else { "public" },
            "open_issues_count": open,
            "open_issues": open,
            "created_at": iso(repo.created_at),
            "updated_at": iso(repo.created_at),
            "pushed_at": iso(repo.created_at),
        });
        for count in ["forks", "forks_count", "stargazers_count", "watchers", "watchers_count"] {
            shape[count] = json!(0);
        }
        for (key, path) in REPOSITORY_ADDRESSES {
            shape[format!("{key}_url")] = json!(format!("{url}/{path}"));
        }
        if self.viewer.login.is_some() {
            shape["permissions"] = json!({
                "admin": may(Permission::Admin),
                "maintain": may(Permission::Maintain),
                "push": may(Permission::Write),
                "triage": may(Permission::Triage),
                "pull": may(Permission::Read),
            });
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
        let web = format!("{}/{}/{kind}/{}", self.gh.settings.web, repo.full_name(), issue.number);
        let node = if issue.pull { NodeKind::PullRequest } else { NodeKind::Issue };
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
            shape["sub_issues_summary"] = json!({ "total": 0, "completed": 0, "percent_completed": 0 });
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

/// Adds or replaces properties of an object.
fn add(shape: &mut Value, more: Value) {
    if let (Value::Object(shape), Value::Object(more)) = (shape, more) {
        shape.extend(more);
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
