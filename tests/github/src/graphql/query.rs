//! The fields of GitHub's things, read as the viewer may see them.
//!
//! Lists are as late as those of REST; a single issue is fresh. What the viewer may not see
//! cannot be resolved, in the same words as what does not exist.

use std::collections::BTreeMap;

use async_graphql_parser::types::SelectionSet;
use serde_json::{Map, Value, json};

use super::connection::Rows;
use super::execute::{Fail, Out, Run, Thing};
use super::issue::{event_type, labels};
use crate::access::Found;
use crate::clock::{iso, parse};
use crate::rest::paging::Key;
use crate::state::{Event, Fate, Issue, NodeKind, Permission, RepoId, Repository};

type Args = Map<String, Value>;

impl<'a> Run<'a, '_> {
    /// The concrete type of a thing.
    pub(crate) fn type_of(&self, thing: &Thing) -> String {
        let name = match thing {
            Thing::Query => "Query",
            Thing::Mutation => "Mutation",
            // The viewer is a user by the schema, even if it is a bot.
            Thing::Viewer(_) => "User",
            Thing::User(login) => self.ask.gh.user(login).map_or("User", |user| user.kind),
            Thing::Repository(_) => "Repository",
            Thing::Ref(_) => "Ref",
            Thing::Issue(repo, number) => match self.issue(*repo, *number) {
                Some(issue) if issue.pull => "PullRequest",
                _ => "Issue",
            },
            Thing::Comment(..) => "IssueComment",
            Thing::Label(..) => "Label",
            Thing::Event(repo, number, place) => {
                self.event(*repo, *number, *place).map_or("ClosedEvent", |event| event_type(&event.what))
            }
            Thing::Bag(name, _) => name,
        };
        name.to_owned()
    }

    pub(crate) fn repo(&self, repo: RepoId) -> Result<&Repository, Fail> {
        (self.ask.gh.repos.get(&repo)).ok_or_else(|| Fail::new("", "Repository is gone."))
    }

    pub(crate) fn issue(&self, repo: RepoId, number: u64) -> Option<&Issue> {
        self.ask.gh.repos.get(&repo)?.issues.get(&number)
    }

    pub(crate) fn event(&self, repo: RepoId, number: u64, place: usize) -> Option<&Event> {
        self.issue(repo, number)?.events.get(place)
    }

    pub(crate) fn read(
        &mut self,
        thing: &Thing,
        field: &str,
        args: &Args,
        sets: &[&'a SelectionSet],
    ) -> Result<Out, Fail> {
        match thing {
            Thing::Query => self.root(field, args),
            Thing::Viewer(login) if field == "login" => Ok(Out::leaf(login.as_str())),
            Thing::Viewer(login) | Thing::User(login) => Ok(self.user(login, field)),
            Thing::Repository(repo) => self.repository(*repo, field, args, sets),
            Thing::Ref(repo) => {
                let home = self.repo(*repo)?;
                Ok(match field {
                    "name" => Out::leaf(home.default_branch.as_str()),
                    "prefix" => Out::leaf("refs/heads/"),
                    "id" => Out::leaf(format!("REF_{}", NodeKind::Repository.id(*repo))),
                    _ => Out::Thing(Thing::Repository(*repo)),
                })
            }
            Thing::Issue(repo, number) => self.issue_field(*repo, *number, field, args, sets),
            Thing::Comment(repo, id) => self.comment(*repo, *id, field),
            Thing::Label(repo, id) => self.label(*repo, *id, field),
            Thing::Event(repo, number, place) => self.event_field(*repo, *number, *place, field),
            Thing::Mutation | Thing::Bag(..) => Ok(Out::NULL),
        }
    }

    fn root(&mut self, field: &str, args: &Args) -> Result<Out, Fail> {
        match field {
            "viewer" => Ok(Out::Thing(Thing::Viewer(self.ask.viewer.name()))),
            "rateLimit" => {
                let cost = self.cost.points();
                let viewer = self.ask.viewer.clone();
                let limit = self.ask.gh.limit(&viewer, "graphql");
                let budget = *self.ask.gh.budget(&viewer, "graphql");
                let used = budget.used.saturating_add(cost).min(limit);
                let fields = BTreeMap::from([
                    ("cost", Out::leaf(cost)),
                    ("limit", Out::leaf(limit)),
                    ("nodeCount", Out::leaf(self.cost.nodes)),
                    ("remaining", Out::leaf(limit - used)),
                    ("resetAt", Out::leaf(iso(budget.reset))),
                    ("used", Out::leaf(used)),
                ]);
                Ok(Out::Thing(Thing::Bag("RateLimit".to_owned(), fields)))
            }
            "repository" => {
                let (owner, name) = (string(args, "owner"), string(args, "name"));
                let follow = args.get("followRenames") != Some(&Value::Bool(false));
                match self.ask.gh.find_repo(&self.ask.viewer, owner, name) {
                    Some(Found::Here(repo)) => Ok(Out::Thing(Thing::Repository(repo))),
                    Some(Found::Renamed(repo)) if follow => Ok(Out::Thing(Thing::Repository(repo))),
                    _ => Err(Fail::new(
                        "NOT_FOUND",
                        format!("Could not resolve to a Repository with the name '{owner}/{name}'."),
                    )),
                }
            }
            "node" => self.node(string(args, "id")).map(Out::Thing),
            "nodes" => {
                let ids = args.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
                if ids.len() > 100 {
                    return Err(Fail::new(
                        "ARGUMENT_LIMIT",
                        format!("You may not provide more than 100 node ids; you provided {}.", ids.len()),
                    ));
                }
                let mut list = Vec::new();
                for (place, id) in ids.iter().enumerate() {
                    match self.node(id.as_str().unwrap_or_default()) {
                        Ok(thing) => list.push(Out::Thing(thing)),
                        Err(fail) => {
                            // One that is missing is null among the others.
                            self.path.push(json!(place));
                            self.report(&fail);
                            self.path.pop();
                            list.push(Out::NULL);
                        }
                    }
                }
                Ok(Out::List(list))
            }
            _ => Ok(Out::NULL),
        }
    }

    /// What a node id stands for, if it is there and the viewer may see it.
    pub(crate) fn node(&self, id: &str) -> Result<Thing, Fail> {
        let missing =
            || Fail::new("NOT_FOUND", format!("Could not resolve to a node with the global id of '{id}'"));
        let gh = &*self.ask.gh;
        let (kind, number) = NodeKind::read(id).ok_or_else(missing)?;
        let visible = |repo| gh.may(&self.ask.viewer, repo, Permission::Read);
        let holder = |holds: &dyn Fn(&Repository) -> bool| {
            (gh.repos.values()).find(|repo| holds(repo)).map(|repo| repo.id)
        };
        let (repo, thing) = match kind {
            NodeKind::Repository => (number, Thing::Repository(number)),
            NodeKind::Issue | NodeKind::PullRequest => {
                let (repo, place) = *gh.homes.get(&number).ok_or_else(missing)?;
                let issue = self.issue(repo, place).ok_or_else(missing)?;
                if issue.fate != Fate::Here || issue.pull != (kind == NodeKind::PullRequest) {
                    return Err(missing());
                }
                (repo, Thing::Issue(repo, place))
            }
            NodeKind::Comment => {
                let repo = holder(&|repo| repo.comments.contains_key(&number));
                let repo = repo.ok_or_else(missing)?;
                (repo, Thing::Comment(repo, number))
            }
            NodeKind::Label => {
                let repo = holder(&|repo| repo.labels.contains_key(&number));
                let repo = repo.ok_or_else(missing)?;
                (repo, Thing::Label(repo, number))
            }
            NodeKind::User => {
                let user = gh.users.values().find(|user| user.id == number);
                return Ok(Thing::User(user.ok_or_else(missing)?.login.clone()));
            }
            NodeKind::Event => return Err(missing()),
        };
        if visible(repo) { Ok(thing) } else { Err(missing()) }
    }

    fn user(&self, login: &str, field: &str) -> Out {
        let user = self.ask.gh.user(login);
        let (id, login) = user.map_or((10_137, "ghost"), |user| (user.id, user.login.as_str()));
        // Where REST says `helper[bot]`, GraphQL says `helper`.
        let login = login.strip_suffix("[bot]").unwrap_or(login);
        match field {
            "databaseId" => Out::leaf(id),
            "id" => Out::leaf(NodeKind::User.id(id)),
            "login" => Out::leaf(login),
            "resourcePath" => Out::leaf(format!("/{login}")),
            "url" => Out::leaf(format!("{}/{login}", self.ask.gh.settings.web)),
            _ => Out::NULL,
        }
    }

    fn repository(
        &mut self,
        id: RepoId,
        field: &str,
        args: &Args,
        sets: &[&'a SelectionSet],
    ) -> Result<Out, Fail> {
        let number = args.get("number").and_then(Value::as_u64).unwrap_or_default();
        match field {
            "issue" => return self.numbered(id, number, "Issue", |issue| !issue.pull),
            "pullRequest" => return self.numbered(id, number, "PullRequest", |issue| issue.pull),
            "issueOrPullRequest" => return self.numbered(id, number, "issue or pull request", |_| true),
            _ => {}
        }
        let repo = self.repo(id)?;
        let permission = self.ask.gh.permission(&self.ask.viewer, repo);
        Ok(match field {
            "createdAt" => Out::leaf(iso(repo.created_at)),
            "databaseId" => Out::leaf(id),
            "defaultBranchRef" => Out::Thing(Thing::Ref(id)),
            "hasIssuesEnabled" => Out::leaf(repo.has_issues),
            "id" => Out::leaf(NodeKind::Repository.id(id)),
            "isArchived" => Out::leaf(repo.archived),
            "isDisabled" | "isLocked" => Out::leaf(false),
            "isFork" => Out::leaf(repo.parent.is_some()),
            "isPrivate" => Out::leaf(repo.private),
            "issues" => {
                let rows = self.issues(repo, args);
                self.connection(field, "Issue", rows, args, sets, Vec::new())?
            }
            "label" => match repo.label(string(args, "name")) {
                Some(label) => Out::Thing(Thing::Label(id, label.id)),
                None => Out::NULL,
            },
            "labels" => {
                let part = string(args, "query").to_lowercase();
                let found = (repo.labels.values())
                    .filter(|label| label.name.to_lowercase().contains(&part))
                    .map(|label| label.id);
                let rows = labels(repo, found.collect(), args);
                self.connection(field, "Label", rows, args, sets, Vec::new())?
            }
            "name" => Out::leaf(repo.name.as_str()),
            "nameWithOwner" => Out::leaf(repo.full_name()),
            "owner" => Out::Thing(Thing::User(repo.owner.clone())),
            "parent" => match repo.parent {
                Some(parent) if self.ask.has(parent, Permission::Read) => {
                    Out::Thing(Thing::Repository(parent))
                }
                _ => Out::NULL,
            },
            "resourcePath" => Out::leaf(format!("/{}", repo.full_name())),
            "url" => Out::leaf(format!("{}/{}", self.ask.gh.settings.web, repo.full_name())),
            "viewerCanAdminister" => Out::leaf(permission == Permission::Admin),
            "viewerPermission" => match permission {
                Permission::None => Out::NULL,
                role => Out::leaf(format!("{role:?}").to_uppercase()),
            },
            "visibility" => Out::leaf(if repo.private { "PRIVATE" } else { "PUBLIC" }),
            _ => Out::NULL,
        })
    }

    /// An issue by number. One that moved or was deleted cannot be resolved, and an issue's
    /// number finds no pull request.
    fn numbered(
        &mut self,
        repo: RepoId,
        number: u64,
        what: &str,
        fits: impl Fn(&Issue) -> bool,
    ) -> Result<Out, Fail> {
        // Documented: a query that uses too much is answered in part, with an error beside it.
        self.issues += 1;
        let most = self.ask.gh.settings.issues_before_resource_limit;
        if most.is_some_and(|most| self.issues > most) {
            return Err(Fail::new("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded."));
        }
        match self.issue(repo, number) {
            Some(issue) if issue.fate == Fate::Here && fits(issue) => {
                Ok(Out::Thing(Thing::Issue(repo, number)))
            }
            _ => {
                let article = if what.starts_with(['I', 'i']) { "an" } else { "a" };
                Err(Fail::new(
                    "NOT_FOUND",
                    format!("Could not resolve to {article} {what} with the number of {number}."),
                ))
            }
        }
    }

    fn issues(&self, repo: &Repository, args: &Args) -> Rows {
        let now = self.ask.gh.clock.now();
        let lag = self.ask.gh.settings.list_lag_updates;
        let filter = args.get("filterBy").cloned().unwrap_or_default();
        let words = |value: Option<&Value>| -> Option<Vec<String>> {
            let list = value?.as_array()?.iter().filter_map(Value::as_str);
            Some(list.map(str::to_lowercase).collect())
        };
        let states = [words(args.get("states")), words(filter.get("states"))];
        let wanted = [words(args.get("labels")), words(filter.get("labels"))];
        let exclusive = i64::from(self.ask.gh.settings.since_exclusive);
        let since =
            filter.get("since").and_then(Value::as_str).and_then(parse).map(|since| since + exclusive);
        let author = filter.get("createdBy").and_then(Value::as_str).map(str::to_lowercase);
        let order = args.get("orderBy").cloned().unwrap_or_default();
        let mut rows: Vec<(Key, Thing)> = Vec::new();
        for issue in repo.issues.values() {
            let facts = issue.seen(now, lag);
            let state = if facts.open { "open" } else { "closed" };
            // Any of the labels will do here, while REST wants all of them.
            let has = |names: &Vec<String>| {
                (facts.labels.iter())
                    .filter_map(|id| repo.labels.get(id))
                    .any(|label| names.contains(&label.name.to_lowercase()))
            };
            let fits = !issue.pull
                && issue.fate == Fate::Here
                && issue.listed_from <= now
                && (states.iter().flatten()).all(|states| states.iter().any(|word| word == state))
                && wanted.iter().flatten().all(has)
                && since.is_none_or(|since| facts.updated_at >= since)
                && author.as_ref().is_none_or(|login| issue.author.to_lowercase() == *login);
            if fits {
                let key = match order["field"].as_str() {
                    Some("UPDATED_AT") => facts.updated_at,
                    Some("COMMENTS") => facts.comments as i64,
                    _ => issue.created_at,
                };
                rows.push(((key, issue.number), Thing::Issue(repo.id, issue.number)));
            }
        }
        Rows::sorted(rows, order["direction"] == "DESC")
    }
}

fn string<'v>(args: &'v Args, name: &str) -> &'v str {
    args.get(name).and_then(Value::as_str).unwrap_or_default()
}
