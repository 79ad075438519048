//! The fields of GitHub's things, read as the viewer may see them.
//!
//! Lists are as late as those of REST; a single issue is fresh. What the viewer may not see
//! cannot be resolved, in the same words as what does not exist.

use std::collections::BTreeMap;

use async_graphql_parser::types::SelectionSet;
use serde_json::{Map, Value, json};

use super::connection::Rows;
use super::execute::{Fail, Out, Run, Thing};
use crate::access::Found;
use crate::clock::{iso, parse};
use crate::rest::paging::Key;
use crate::state::{Event, Fate, Issue, NodeKind, Permission, Reason, RepoId, Repository, What};

type Args = Map<String, Value>;

impl<'a> Run<'a, '_> {
    /// The concrete type of a thing.
    pub(crate) fn type_of(&self, thing: &Thing) -> String {
        let name = match thing {
            Thing::Query => "Query",
            Thing::Mutation => "Mutation",
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

    fn event(&self, repo: RepoId, number: u64, place: usize) -> Option<&Event> {
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
            Thing::User(login) => Ok(self.user(login, field)),
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
            "viewer" => Ok(Out::Thing(Thing::User(self.ask.viewer.name()))),
            "rateLimit" => {
                let cost = self.cost.points();
                let viewer = self.ask.viewer.clone();
                let limit = self.ask.gh.limit(&viewer, "graphql");
                let budget = *self.ask.gh.budget(&viewer, "graphql");
                let used = (budget.used + cost).min(limit);
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
        let repo = self.repo(id)?;
        let permission = self.ask.gh.permission(&self.ask.viewer, repo);
        let number = || args.get("number").and_then(Value::as_u64).unwrap_or_default();
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
            "issue" => self.numbered(id, number(), "Issue", |issue| !issue.pull)?,
            "pullRequest" => self.numbered(id, number(), "PullRequest", |issue| issue.pull)?,
            "issueOrPullRequest" => self.numbered(id, number(), "issue or pull request", |_| true)?,
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
        &self,
        repo: RepoId,
        number: u64,
        what: &str,
        fits: impl Fn(&Issue) -> bool,
    ) -> Result<Out, Fail> {
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
        let since = filter.get("since").and_then(Value::as_str).and_then(parse);
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

    fn issue_field(
        &mut self,
        repo: RepoId,
        number: u64,
        field: &str,
        args: &Args,
        sets: &[&'a SelectionSet],
    ) -> Result<Out, Fail> {
        let home = self.repo(repo)?;
        let Some(issue) = home.issues.get(&number) else {
            return Ok(Out::NULL);
        };
        let facts = &issue.facts;
        let may = |wanted| self.ask.has(repo, wanted);
        let edits = self.ask.gh.may_edit(&self.ask.viewer, repo, issue);
        let kind = if issue.pull { "pull" } else { "issues" };
        let path = format!("/{}/{kind}/{number}", home.full_name());
        let node = if issue.pull { NodeKind::PullRequest } else { NodeKind::Issue };
        Ok(match field {
            "activeLockReason" => Out::NULL,
            "author" => Out::Thing(Thing::User(issue.author.clone())),
            "authorAssociation" => Out::leaf(self.ask.gh.association(home, &issue.author)),
            "body" => Out::leaf(facts.body.clone().unwrap_or_default()),
            "closed" => Out::leaf(!facts.open),
            "closedAt" => Out::leaf(facts.closed_at.map(iso)),
            "comments" => {
                let newest = args.get("orderBy").is_some_and(|order| order["direction"] == "DESC");
                let by_update = args.get("orderBy").is_some_and(|order| !order.is_null());
                let rows =
                    (home.comments.values()).filter(|comment| comment.issue == number).map(|comment| {
                        let at = if by_update { comment.updated_at } else { 0 };
                        ((at, comment.id), Thing::Comment(repo, comment.id))
                    });
                let rows = Rows::sorted(rows.collect(), newest);
                self.connection(field, "IssueComment", rows, args, sets, Vec::new())?
            }
            "createdAt" => Out::leaf(iso(issue.created_at)),
            // Declared with 32 bits, but seen with more: clients had to widen theirs.
            "databaseId" => Out::leaf(issue.id),
            "fullDatabaseId" => Out::leaf(issue.id.to_string()),
            "id" => Out::leaf(node.id(issue.id)),
            "isDraft" | "merged" => Out::leaf(false),
            "labels" => {
                let rows = labels(home, facts.labels.iter().copied().collect(), args);
                self.connection(field, "Label", rows, args, sets, Vec::new())?
            }
            "locked" => Out::leaf(facts.locked),
            "number" => Out::leaf(number),
            "repository" => Out::Thing(Thing::Repository(repo)),
            "resourcePath" => Out::leaf(path),
            "state" => Out::leaf(if facts.open { "OPEN" } else { "CLOSED" }),
            "stateReason" => {
                let all = args.get("enableDuplicate") == Some(&Value::Bool(true));
                Out::leaf(facts.reason.map(|reason| reason_word(reason, all)))
            }
            "timelineItems" => {
                let updated = Out::leaf(iso(facts.updated_at));
                let rows = self.timeline(home, issue, args);
                let more = vec![("updatedAt", updated)];
                self.connection(field, "IssueTimelineItems", rows, args, sets, more)?
            }
            "title" => Out::leaf(facts.title.as_str()),
            "updatedAt" => Out::leaf(iso(facts.updated_at)),
            "url" => Out::leaf(format!("{}{path}", self.ask.gh.settings.web)),
            "viewerCanClose" | "viewerCanReopen" | "viewerCanUpdate" => Out::leaf(edits),
            "viewerCanLabel" => Out::leaf(may(Permission::Triage)),
            "viewerDidAuthor" => Out::leaf(self.ask.viewer.is(&issue.author)),
            _ => Out::NULL,
        })
    }

    fn timeline(&self, repo: &Repository, issue: &Issue, args: &Args) -> Rows {
        let wanted = args.get("itemTypes").and_then(Value::as_array);
        let since = args.get("since").and_then(Value::as_str).and_then(parse);
        let fits = |ty: &str, at: i64| {
            since.is_none_or(|since| at >= since)
                && wanted.is_none_or(|list| list.iter().any(|item| *item == item_type(ty)))
        };
        let mut rows: Vec<(Key, Thing)> = (issue.events.iter().enumerate())
            .filter(|(_, event)| fits(event_type(&event.what), event.at))
            .map(|(place, event)| {
                let thing = Thing::Event(repo.id, issue.number, place);
                ((event.at, event.sequence), thing)
            })
            .collect();
        rows.extend(
            (repo.comments.values())
                .filter(|comment| comment.issue == issue.number)
                .filter(|comment| fits("IssueComment", comment.created_at))
                .map(|comment| {
                    let key = (comment.created_at, comment.sequence);
                    (key, Thing::Comment(repo.id, comment.id))
                }),
        );
        let mut rows = Rows::sorted(rows, false);
        let skip = args.get("skip").and_then(Value::as_u64).unwrap_or_default() as usize;
        rows.rows.drain(..skip.min(rows.rows.len()));
        rows
    }

    fn comment(&self, repo: RepoId, id: u64, field: &str) -> Result<Out, Fail> {
        let home = self.repo(repo)?;
        let Some(comment) = home.comments.get(&id) else {
            return Ok(Out::NULL);
        };
        let own = self.ask.viewer.is(&comment.author);
        let edits = own || self.ask.has(repo, Permission::Write);
        let pull = home.issues.get(&comment.issue).is_some_and(|issue| issue.pull);
        let kind = if pull { "pull" } else { "issues" };
        let path = format!("/{}/{kind}/{}#issuecomment-{id}", home.full_name(), comment.issue);
        Ok(match field {
            "author" => Out::Thing(Thing::User(comment.author.clone())),
            "authorAssociation" => Out::leaf(self.ask.gh.association(home, &comment.author)),
            "body" => Out::leaf(comment.body.as_str()),
            "createdAt" => Out::leaf(iso(comment.created_at)),
            "databaseId" => Out::leaf(id),
            "fullDatabaseId" => Out::leaf(id.to_string()),
            "id" => Out::leaf(NodeKind::Comment.id(id)),
            "isMinimized" => Out::leaf(false),
            "issue" => Out::Thing(Thing::Issue(repo, comment.issue)),
            "repository" => Out::Thing(Thing::Repository(repo)),
            "resourcePath" => Out::leaf(path),
            "updatedAt" => Out::leaf(iso(comment.updated_at)),
            "url" => Out::leaf(format!("{}{path}", self.ask.gh.settings.web)),
            "viewerCanDelete" | "viewerCanUpdate" => Out::leaf(edits),
            "viewerDidAuthor" => Out::leaf(own),
            _ => Out::NULL,
        })
    }

    fn label(&self, repo: RepoId, id: u64, field: &str) -> Result<Out, Fail> {
        let home = self.repo(repo)?;
        let Some(label) = home.labels.get(&id) else {
            return Ok(Out::NULL);
        };
        let path = format!("/{}/labels/{}", home.full_name(), label.name);
        Ok(match field {
            "color" => Out::leaf(label.color.as_str()),
            "createdAt" => Out::leaf(iso(label.created_at)),
            "description" => Out::leaf(label.description.clone()),
            "id" => Out::leaf(NodeKind::Label.id(id)),
            "isDefault" => Out::leaf(false),
            "name" => Out::leaf(label.name.as_str()),
            "repository" => Out::Thing(Thing::Repository(repo)),
            "resourcePath" => Out::leaf(path),
            "url" => Out::leaf(format!("{}{path}", self.ask.gh.settings.web)),
            _ => Out::NULL,
        })
    }

    fn event_field(&self, repo: RepoId, number: u64, place: usize, field: &str) -> Result<Out, Fail> {
        let Some(event) = self.event(repo, number, place) else {
            return Ok(Out::NULL);
        };
        let here = || Out::Thing(Thing::Issue(repo, number));
        Ok(match (field, &event.what) {
            ("actor", _) => Out::Thing(Thing::User(event.actor.clone())),
            ("createdAt", _) => Out::leaf(iso(event.at)),
            ("id", _) => Out::leaf(NodeKind::Event.id(event.id)),
            ("closable" | "labelable" | "lockable" | "issue" | "duplicate", _) => here(),
            ("stateReason", What::Closed(reason)) => {
                Out::leaf(reason.map(|reason| reason_word(reason, true)))
            }
            ("stateReason", What::Reopened) => Out::leaf("REOPENED"),
            ("label", What::Labeled(id, name, color) | What::Unlabeled(id, name, color)) => {
                if self.repo(repo)?.labels.contains_key(id) {
                    Out::Thing(Thing::Label(repo, *id))
                } else {
                    // The label is gone from the repository; the event remembers it.
                    let fields = BTreeMap::from([
                        ("id", Out::leaf(NodeKind::Label.id(*id))),
                        ("name", Out::leaf(name.as_str())),
                        ("color", Out::leaf(color.as_str())),
                        ("isDefault", Out::leaf(false)),
                        ("repository", Out::Thing(Thing::Repository(repo))),
                    ]);
                    Out::Thing(Thing::Bag("Label".to_owned(), fields))
                }
            }
            ("previousTitle", What::Renamed(from, _)) => Out::leaf(from.as_str()),
            ("currentTitle", What::Renamed(_, to)) => Out::leaf(to.as_str()),
            ("fromRepository", What::Transferred(from)) => {
                if self.ask.has(*from, Permission::Read) {
                    Out::Thing(Thing::Repository(*from))
                } else {
                    Out::NULL
                }
            }
            ("canonical", What::MarkedAsDuplicate(id)) => match self.ask.gh.homes.get(id) {
                Some((home, place)) if self.ask.has(*home, Permission::Read) => {
                    Out::Thing(Thing::Issue(*home, *place))
                }
                _ => Out::NULL,
            },
            ("isCrossRepository", What::MarkedAsDuplicate(id)) => {
                Out::leaf(self.ask.gh.homes.get(id).is_some_and(|(home, _)| *home != repo))
            }
            _ => Out::NULL,
        })
    }
}

fn string<'v>(args: &'v Args, name: &str) -> &'v str {
    args.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Labels by name or by when they were made, as `orderBy` says.
fn labels(repo: &Repository, ids: Vec<u64>, args: &Args) -> Rows {
    let order = args.get("orderBy").cloned().unwrap_or_default();
    let mut found: Vec<_> = ids.iter().filter_map(|id| repo.labels.get(id)).collect();
    if order["field"] == "NAME" {
        found.sort_by_key(|label| label.name.to_lowercase());
    } else {
        found.sort_by_key(|label| (label.created_at, label.id));
    }
    let by_name = order["field"] == "NAME";
    let rows = (found.iter().zip(0..)).map(|(label, place)| {
        let key = if by_name { place } else { label.created_at };
        ((key, label.id), Thing::Label(repo.id, label.id))
    });
    Rows::sorted(rows.collect(), order["direction"] == "DESC")
}

/// Documented: without `enableDuplicate` a duplicate is told as not planned.
fn reason_word(reason: Reason, all: bool) -> String {
    match reason {
        Reason::Duplicate if !all => Reason::NotPlanned,
        reason => reason,
    }
    .word()
    .to_uppercase()
}

fn event_type(what: &What) -> &'static str {
    match what {
        What::Closed(_) => "ClosedEvent",
        What::Reopened => "ReopenedEvent",
        What::Labeled(..) => "LabeledEvent",
        What::Unlabeled(..) => "UnlabeledEvent",
        What::Renamed(..) => "RenamedTitleEvent",
        What::Locked => "LockedEvent",
        What::Unlocked => "UnlockedEvent",
        What::Transferred(_) => "TransferredEvent",
        What::ConvertedToDiscussion => "ConvertedToDiscussionEvent",
        What::MarkedAsDuplicate(_) => "MarkedAsDuplicateEvent",
        What::CommentDeleted => "CommentDeletedEvent",
    }
}

/// `ClosedEvent` as `CLOSED_EVENT`.
fn item_type(ty: &str) -> String {
    let mut text = String::new();
    for letter in ty.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
