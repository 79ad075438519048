//! The questions: which requests they take and how their answers are put together.
//!
//! An answer is whole or an error (promise P4): a page that fails or can't be read fails
//! the question. Nothing is remembered but the repository and the viewer. Pages are followed
//! in `list`; what is kept for the next run is in `kept`.

use std::collections::{BTreeMap, BTreeSet};

use crate::forge::list::{self, Pages};
use crate::forge::redirect::Fetched;
use crate::forge::send::Call;
use crate::forge::wire::{RestComment, RestEvent, RestIssue, RestLabel, RestRepository, User};
use crate::forge::{ForgeError, GitHub, Listed, classify, graphql};
use crate::model::{Comment, Event, Labels, Look, RemoteIssue, Repository, Timestamp};

impl GitHub {
    pub(super) fn read_repository(&mut self) -> Result<Repository, ForgeError> {
        if let Some(known) = &self.repository {
            return Ok(known.clone());
        }
        let call = Call::get(self.path("")).kept();
        let answer = match self.fetch(&call)? {
            Fetched::Here(answer) if answer.status == 200 => answer,
            Fetched::Here(answer) => return Err(self.sender.refusal(&call, &answer)),
            Fetched::Moved(to) => return Err(ForgeError::RedirectRefused { from: call.what(), to }),
        };
        let what = call.what();
        let repository = classify::decode::<RestRepository>(&answer, &what)?.into_model();
        let repository = repository.ok_or_else(|| classify::unreadable(&what, "it names no repository"))?;
        self.kept.keep(&call.path, &answer);
        // Requests from here on use the name of today and are not redirected.
        self.sender.slug = repository.slug.clone();
        self.repository = Some(repository.clone());
        Ok(repository)
    }

    pub(super) fn read_viewer(&mut self) -> Result<Option<String>, ForgeError> {
        if let Some(known) = &self.viewer {
            return Ok(known.clone());
        }
        if self.sender.token.is_none() {
            return Ok(None);
        }
        let call = Call::get("/user");
        let viewer = match self.fetch(&call)? {
            Fetched::Here(answer) if answer.status == 200 => {
                Some(classify::decode::<User>(&answer, &call.what())?.login).filter(|login| !login.is_empty())
            }
            // A workflow's token is an app's: REST has no user for it, GraphQL names the bot.
            Fetched::Here(answer) if matches!(answer.status, 403 | 404) => self.ask_viewer(),
            Fetched::Here(answer) => return Err(self.sender.refusal(&call, &answer)),
            Fetched::Moved(to) => return Err(ForgeError::RedirectRefused { from: call.what(), to }),
        };
        self.viewer = Some(viewer.clone());
        Ok(viewer)
    }

    /// The account by GraphQL; without an answer it is not known, which is no error.
    fn ask_viewer(&mut self) -> Option<String> {
        if !self.graphql {
            return None;
        }
        let call = Call::question(graphql::viewer_question());
        let answer = self.sender.read(&call).ok().filter(|a| a.status == 200)?;
        graphql::viewer_answer(&answer.body)
    }

    pub(super) fn read_issues(&mut self, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Look>, ForgeError> {
        let mut looks = BTreeMap::new();
        let mut one_by_one = numbers.clone();
        // One issue is one request either way, and REST says more about it.
        if numbers.len() > 1 {
            let all: Vec<u64> = numbers.iter().copied().collect();
            for batch in all.chunks(graphql::BATCH) {
                for (number, issue) in self.ask_graphql(batch)? {
                    one_by_one.remove(&number);
                    looks.insert(number, Look::Found(Box::new(issue)));
                }
            }
        }
        for look in looks.values() {
            if let Look::Found(issue) = look {
                self.ids.saw(issue);
            }
        }
        for number in one_by_one {
            let look = self.look(number)?;
            // A 404 may mean that the whole repository is out of sight. That is another
            // error, and worth a request once.
            if look == Look::Missing {
                self.read_repository()?;
            }
            looks.insert(number, look);
        }
        Ok(looks)
    }

    /// Every issue updated since, sorted by creation, so that an edit while paging moves no
    /// row across the boundary of a page; sorted by update it would, and one would be
    /// skipped (reliability 2.4).
    pub(super) fn read_changed(&mut self, since: Option<Timestamp>) -> Result<Listed, ForgeError> {
        let path = self.issues_path(since);
        if since.is_none() {
            return Ok(self.read_all(&path, None)?.unwrap_or_default());
        }
        let (issues, is_one_page) = self.settled(&path, None, None, list::issue_of)?;
        Ok(Listed { issues: issues.into_values().collect(), is_one_page })
    }

    pub(super) fn read_all_within(&mut self, pages: usize) -> Result<Option<Listed>, ForgeError> {
        let path = self.issues_path(None);
        self.read_all(&path, Some(pages))
    }

    /// GitHub says "after", not "at or after": a second earlier is asked for.
    fn issues_path(&self, since: Option<Timestamp>) -> String {
        let since = since.map(|t| format!("&since={}", t.plus(-1))).unwrap_or_default();
        self.path(&format!("/issues?state=all{since}&sort=created&direction=asc&per_page=100"))
    }

    /// Asks for the repository and for what changed since at the same time; the answers wait for
    /// the questions.
    pub(super) fn read_ahead(&mut self, since: Timestamp) {
        let list = Call::get(self.issues_path(Some(since))).kept();
        self.ahead_of(vec![Call::get(self.path("")).kept(), list]);
    }

    pub(super) fn read_comments(&mut self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        let path = self.path(&format!("/issues/{number}/comments?per_page=100"));
        let (comments, _) = self.settled(&path, Some(number), None, |row: RestComment| {
            let comment = row.into_model();
            Some((comment.id, comment))
        })?;
        // Ids are given out in the order of writing.
        Ok(comments.into_values().collect())
    }

    pub(super) fn read_events(&mut self, number: u64) -> Result<Vec<Event>, ForgeError> {
        let path = self.path(&format!("/issues/{number}/events?per_page=100"));
        let pages: Pages<RestEvent> = self.pages(path, Some(number))?;
        Ok(pages.rows.into_iter().filter_map(RestEvent::into_model).collect())
    }

    pub(super) fn read_labels(&mut self) -> Result<Labels, ForgeError> {
        let path = self.path("/labels?per_page=100");
        let pages: Pages<RestLabel> = self.pages(path, None)?;
        Ok(pages.rows.into_iter().filter_map(RestLabel::into_model).collect())
    }

    pub(super) fn may_ask_graphql(&self) -> bool {
        self.graphql && self.sender.token.is_some()
    }

    /// Looks at one issue by REST, which can tell apart why it is not there.
    fn look(&mut self, number: u64) -> Result<Look, ForgeError> {
        let call = Call::get(self.path(&format!("/issues/{number}"))).about(number);
        let answer = match self.fetch(&call)? {
            Fetched::Here(answer) => answer,
            Fetched::Moved(to) => return Ok(Look::Moved(to)),
        };
        match answer.status {
            200 => {
                let issue: RestIssue = classify::decode(&answer, &call.what())?;
                if issue.number != number {
                    return Err(classify::unreadable(&call.what(), "it is about another issue"));
                }
                let pull_request = issue.pull_request.is_some();
                Ok(if pull_request { Look::PullRequest } else { Look::Found(Box::new(issue.into_model())) })
            }
            404 => Ok(Look::Missing),
            410 => Ok(Look::Deleted),
            _ => Err(self.sender.refusal(&call, &answer)),
        }
    }

    /// Asks GraphQL for a batch; what it doesn't answer is left to REST. Where it is not
    /// spoken, or not this way, it is not asked again: an older server, a token it does not
    /// take, an outage or a limit that REST does not share. If it does, REST says so itself.
    fn ask_graphql(&mut self, numbers: &[u64]) -> Result<BTreeMap<u64, RemoteIssue>, ForgeError> {
        if !self.may_ask_graphql() {
            return Ok(BTreeMap::new());
        }
        let labels = std::mem::take(&mut self.asked_labels);
        let call = Call::question(graphql::question(&self.sender.slug, numbers, &labels)).or_rest();
        let found = match self.sender.read(&call) {
            Ok(answer) if answer.status == 401 => return Err(self.sender.refusal(&call, &answer)),
            Ok(answer) if answer.status == 200 => {
                self.learned(&answer.body, &labels);
                graphql::answer(&answer.body, numbers)
            }
            Ok(answer) => Err(format!("status {}", answer.status)),
            Err(
                ForgeError::Unavailable { .. }
                | ForgeError::Unreadable { .. }
                | ForgeError::RateLimited { .. },
            ) => Err("no answer".to_owned()),
            Err(other) => return Err(other),
        };
        self.graphql = found.is_ok();
        Ok(found.unwrap_or_default())
    }
}
