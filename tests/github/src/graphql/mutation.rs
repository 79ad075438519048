//! Mutations: each alias in its turn, done or refused for itself.
//!
//! What an earlier alias did stays done when a later one fails, so replaying the request
//! does it twice. `clientMutationId` is echoed and makes nothing idempotent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::execute::{Fail, Out, Run, Thing};
use crate::refusal::Refusal;
use crate::rest::issues::{BODY_LIMIT, TITLE_LIMIT};
use crate::rest::labels::{NAME_LIMIT, is_color};
use crate::rest::paging::written;
use crate::state::{Permission, Reason, RepoId, What};

type Fields = Vec<(&'static str, Out)>;

impl Run<'_, '_> {
    pub(crate) fn mutate(&mut self, field: &str, input: &Value) -> Result<Out, Fail> {
        let most = self.ask.gh.settings.mutations_before_timeout;
        if most.is_some_and(|most| self.mutations >= most) {
            self.late = true;
            return Err(Fail::new(
                "",
                "Something went wrong while executing your query. This may be the result of a \
                 timeout, or it could be a GitHub bug. Please include \
                 `57A9:00000:000000` when reporting this issue.",
            ));
        }
        self.mutations += 1;
        let fields = match field {
            "createIssue" => self.create_issue(input),
            "updateIssue" => self.update_issue(input),
            "closeIssue" => self.close_issue(input),
            "reopenIssue" => self.reopen_issue(input),
            "addLabelsToLabelable" => self.change_labels(field, input, Some(true)),
            "removeLabelsFromLabelable" => self.change_labels(field, input, Some(false)),
            "clearLabelsFromLabelable" => self.change_labels(field, input, None),
            "addComment" => self.add_comment(input),
            "updateIssueComment" => self.update_comment(input),
            "deleteIssueComment" => self.delete_comment(input),
            "createLabel" => self.create_label(input),
            _ => Err(Fail::new("", format!("{field} is not known here."))),
        }?;
        let mut fields: BTreeMap<_, _> = fields.into_iter().collect();
        fields.insert("clientMutationId", Out::leaf(input["clientMutationId"].clone()));
        let (first, rest) = field.split_at(1);
        let ty = format!("{}{rest}Payload", first.to_uppercase());
        Ok(Out::Thing(Thing::Bag(ty, fields)))
    }

    fn issue_input(&self, input: &Value, name: &str) -> Result<(RepoId, u64), Fail> {
        match self.node(text(input, name))? {
            Thing::Issue(repo, number) => Ok((repo, number)),
            _ => Err(unresolved(text(input, name))),
        }
    }

    /// The checks before any write. Someone without the right is told which mutation they
    /// may not do.
    fn guard(&self, repo: RepoId, mutation: &str, allowed: bool) -> Result<String, Fail> {
        if !self.ask.gh.may_write_with(&self.ask.viewer, repo) {
            let refusal = Refusal::read_only(self.ask.viewer.bot);
            return Err(Fail::new("FORBIDDEN", refusal.message));
        }
        if self.repo(repo)?.archived {
            return Err(Fail::new("FORBIDDEN", "Repository was archived so is read-only."));
        }
        let name = self.ask.viewer.name();
        if !allowed {
            return Err(Fail::new(
                "FORBIDDEN",
                format!("{name} does not have the correct permissions to execute `{mutation}`"),
            ));
        }
        Ok(name)
    }

    fn may_edit(&self, repo: RepoId, number: u64) -> bool {
        (self.issue(repo, number)).is_some_and(|issue| self.ask.gh.may_edit(&self.ask.viewer, repo, issue))
    }

    /// The words of the secondary limit for content, as GraphQL has them.
    fn count(&mut self) -> Result<(), Fail> {
        let viewer = self.ask.viewer.clone();
        (self.ask.gh.count_content(&viewer)).map_err(|_| {
            self.limited = true;
            Fail::new("UNPROCESSABLE", "was submitted too quickly")
        })
    }

    /// Label ids, all of which must belong to the repository: one that does not is a hard
    /// error, unlike a name over REST.
    fn labels(&self, repo: RepoId, input: &Value) -> Result<BTreeSet<u64>, Fail> {
        let ids = input["labelIds"].as_array().cloned().unwrap_or_default();
        ids.iter()
            .map(|id| {
                let id = id.as_str().unwrap_or_default();
                match self.node(id)? {
                    Thing::Label(home, label) if home == repo => Ok(label),
                    _ => Err(unresolved(id)),
                }
            })
            .collect()
    }

    fn create_issue(&mut self, input: &Value) -> Result<Fields, Fail> {
        let Thing::Repository(repo) = self.node(text(input, "repositoryId"))? else {
            return Err(unresolved(text(input, "repositoryId")));
        };
        let actor = self.guard(repo, "CreateIssue", true)?;
        if !self.repo(repo)?.has_issues {
            return Err(Fail::new("UNPROCESSABLE", "Repository has issues disabled"));
        }
        let title = title(input)?.unwrap_or_default();
        let body = body(input)?;
        let labels = self.labels(repo, input)?;
        self.count()?;
        // As over REST, labels vanish without push access.
        let labels = if self.ask.has(repo, Permission::Write) { labels } else { BTreeSet::new() };
        let number = self.ask.gh.open_issue(&actor, repo, &title, body, &labels, false);
        Ok(vec![("issue", Out::Thing(Thing::Issue(repo, number)))])
    }

    fn update_issue(&mut self, input: &Value) -> Result<Fields, Fail> {
        let (repo, number) = self.issue_input(input, "id")?;
        let actor = self.guard(repo, "UpdateIssue", self.may_edit(repo, number))?;
        let title = title(input)?;
        let body = body(input)?;
        let labels = match input["labelIds"].is_array() {
            true => Some(self.labels(repo, input)?),
            false => None,
        };
        if let Some(title) = title {
            self.ask.gh.set_title(&actor, repo, number, &title);
        }
        if body.is_some() {
            self.ask.gh.set_body(repo, number, body);
        }
        if let Some(labels) = labels
            && self.ask.has(repo, Permission::Write)
        {
            self.ask.gh.replace_labels(&actor, repo, number, &labels);
        }
        match input["state"].as_str() {
            Some("OPEN") => self.ask.gh.set_open(&actor, repo, number, true, None),
            Some(_) => self.ask.gh.set_open(&actor, repo, number, false, None),
            None => false,
        };
        Ok(vec![("issue", Out::Thing(Thing::Issue(repo, number))), ("actor", Out::Thing(Thing::User(actor)))])
    }

    fn close_issue(&mut self, input: &Value) -> Result<Fields, Fail> {
        let (repo, number) = self.issue_input(input, "issueId")?;
        let actor = self.guard(repo, "CloseIssue", self.may_edit(repo, number))?;
        let reason = (input["stateReason"].as_str()).and_then(|word| Reason::read(&word.to_lowercase()));
        let canonical = match input["duplicateIssueId"].as_str() {
            Some(_) => Some(self.issue_input(input, "duplicateIssueId")?),
            None => None,
        };
        let canonical = canonical.and_then(|(home, place)| self.issue(home, place).map(|issue| issue.id));
        if self.ask.gh.set_open(&actor, repo, number, false, reason)
            && reason == Some(Reason::Duplicate)
            && let Some(id) = canonical
        {
            let what = What::MarkedAsDuplicate(id);
            self.ask.gh.record(&actor, repo, number, what);
        }
        Ok(vec![("issue", Out::Thing(Thing::Issue(repo, number)))])
    }

    fn reopen_issue(&mut self, input: &Value) -> Result<Fields, Fail> {
        let (repo, number) = self.issue_input(input, "issueId")?;
        let actor = self.guard(repo, "ReopenIssue", self.may_edit(repo, number))?;
        self.ask.gh.set_open(&actor, repo, number, true, None);
        Ok(vec![("issue", Out::Thing(Thing::Issue(repo, number)))])
    }

    /// Puts labels on, takes them off, or takes all off.
    fn change_labels(&mut self, mutation: &str, input: &Value, put: Option<bool>) -> Result<Fields, Fail> {
        let (repo, number) = self.issue_input(input, "labelableId")?;
        let (first, rest) = mutation.split_at(1);
        let mutation = format!("{}{rest}", first.to_uppercase());
        let triage = self.ask.has(repo, Permission::Triage);
        let actor = self.guard(repo, &mutation, triage)?;
        let labels = self.labels(repo, input)?;
        match put {
            Some(true) => {
                for label in labels {
                    self.ask.gh.put_label(&actor, repo, number, label);
                }
            }
            Some(false) => {
                for label in labels {
                    self.ask.gh.take_label(&actor, repo, number, label);
                }
            }
            None => self.ask.gh.replace_labels(&actor, repo, number, &BTreeSet::new()),
        }
        Ok(vec![("labelable", Out::Thing(Thing::Issue(repo, number)))])
    }

    fn add_comment(&mut self, input: &Value) -> Result<Fields, Fail> {
        let (repo, number) = self.issue_input(input, "subjectId")?;
        let actor = self.guard(repo, "AddComment", true)?;
        let body = comment_body(input)?;
        let open = (self.issue(repo, number))
            .is_some_and(|issue| self.ask.gh.may_comment(&self.ask.viewer, repo, issue));
        if !open {
            return Err(Fail::new("FORBIDDEN", "Unable to create comment because issue is locked."));
        }
        self.count()?;
        let id = self.ask.gh.add_comment(&actor, repo, number, &body);
        let edge = BTreeMap::from([
            ("cursor", Out::leaf(written((0, id)))),
            ("node", Out::Thing(Thing::Comment(repo, id))),
        ]);
        Ok(vec![
            ("commentEdge", Out::Thing(Thing::Bag("IssueCommentEdge".to_owned(), edge))),
            ("subject", Out::Thing(Thing::Issue(repo, number))),
        ])
    }

    fn comment_input(&self, input: &Value, mutation: &str) -> Result<(RepoId, u64, String), Fail> {
        let Thing::Comment(repo, id) = self.node(text(input, "id"))? else {
            return Err(unresolved(text(input, "id")));
        };
        let own =
            (self.repo(repo)?.comments.get(&id)).is_some_and(|comment| self.ask.viewer.is(&comment.author));
        let allowed = own || self.ask.has(repo, Permission::Write);
        let actor = self.guard(repo, mutation, allowed)?;
        Ok((repo, id, actor))
    }

    fn update_comment(&mut self, input: &Value) -> Result<Fields, Fail> {
        let (repo, id, _) = self.comment_input(input, "UpdateIssueComment")?;
        let body = comment_body(input)?;
        self.ask.gh.edit_comment(repo, id, &body);
        Ok(vec![("issueComment", Out::Thing(Thing::Comment(repo, id)))])
    }

    fn delete_comment(&mut self, input: &Value) -> Result<Fields, Fail> {
        let (repo, id, actor) = self.comment_input(input, "DeleteIssueComment")?;
        self.ask.gh.drop_comment(&actor, repo, id);
        Ok(Vec::new())
    }

    fn create_label(&mut self, input: &Value) -> Result<Fields, Fail> {
        let Thing::Repository(repo) = self.node(text(input, "repositoryId"))? else {
            return Err(unresolved(text(input, "repositoryId")));
        };
        self.guard(repo, "CreateLabel", self.ask.has(repo, Permission::Write))?;
        let (name, color) = (text(input, "name"), text(input, "color").to_lowercase());
        let refused = |message: &str| Err(Fail::new("UNPROCESSABLE", message));
        if name.trim().is_empty() {
            return refused("Name can't be blank");
        }
        if name.chars().count() > NAME_LIMIT {
            return refused("Name is too long (maximum is 50 characters)");
        }
        if !is_color(&color) {
            return refused("Color is invalid");
        }
        if self.repo(repo)?.label(name).is_some() {
            return refused("Name has already been taken");
        }
        self.count()?;
        let description = input["description"].as_str().map(str::to_owned);
        let id = self.ask.gh.make_label(repo, name, &color, description);
        Ok(vec![("label", Out::Thing(Thing::Label(repo, id)))])
    }
}

fn text<'v>(input: &'v Value, name: &str) -> &'v str {
    input[name].as_str().unwrap_or_default()
}

fn unresolved(id: &str) -> Fail {
    Fail::new("NOT_FOUND", format!("Could not resolve to a node with the global id of '{id}'"))
}

fn title(input: &Value) -> Result<Option<String>, Fail> {
    let Some(title) = input["title"].as_str() else {
        return Ok(None);
    };
    if title.trim().is_empty() {
        return Err(Fail::new("UNPROCESSABLE", "Title can't be blank"));
    }
    if title.chars().count() > TITLE_LIMIT {
        let message = "Title is too long (maximum is 256 characters)";
        return Err(Fail::new("UNPROCESSABLE", message));
    }
    Ok(Some(title.to_owned()))
}

fn body(input: &Value) -> Result<Option<String>, Fail> {
    let body = input["body"].as_str().map(str::to_owned);
    if body.as_ref().is_some_and(|body| body.len() > BODY_LIMIT) {
        let message = "Body is too long (maximum is 65536 characters)";
        return Err(Fail::new("UNPROCESSABLE", message));
    }
    Ok(body)
}

fn comment_body(input: &Value) -> Result<String, Fail> {
    match body(input)? {
        Some(body) if !body.trim().is_empty() => Ok(body),
        _ => Err(Fail::new("UNPROCESSABLE", "Body can't be blank")),
    }
}
