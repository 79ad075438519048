//! The questions: which requests they take and how their answers are put together.
//!
//! An answer is whole or an error (promise P4): a page that fails or can't be read fails
//! the question. Nothing is remembered but the repository and the viewer; conditional
//! requests are left out until somebody needs them.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use crate::forge::redirect::Fetched;
use crate::forge::send::Call;
use crate::forge::transport::Answer;
use crate::forge::wire::{RestComment, RestEvent, RestIssue, RestLabel, RestRepository, User};
use crate::forge::{ForgeError, GitHub, classify, graphql};
use crate::model::{Comment, Event, Labels, Look, RemoteIssue, Repository, Timestamp};

/// So many passes over a list that keeps changing under the reader.
const PASSES: usize = 3;

/// The rows of a list and how many pages they came in.
struct Pages<T> {
    rows: Vec<T>,
    count: usize,
}

impl GitHub {
    pub(super) fn read_repository(&mut self) -> Result<Repository, ForgeError> {
        if let Some(known) = &self.repository {
            return Ok(known.clone());
        }
        let call = Call::get(self.path(""));
        let answer = match self.fetch(&call)? {
            Fetched::Here(answer) if answer.status == 200 => answer,
            Fetched::Here(answer) => return Err(self.sender.refusal(&call, &answer)),
            Fetched::Moved(to) => return Err(ForgeError::RedirectRefused { from: call.what(), to }),
        };
        let what = call.what();
        let repository = classify::decode::<RestRepository>(&answer, &what)?.into_model();
        let repository = repository.ok_or_else(|| classify::unreadable(&what, "it names no repository"))?;
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
    ///
    /// GitHub says "after", not "at or after": a second earlier is asked for.
    pub(super) fn read_changed(&mut self, since: Option<Timestamp>) -> Result<Vec<RemoteIssue>, ForgeError> {
        let since = since.map(|t| format!("&since={}", t.plus(-1))).unwrap_or_default();
        let path = self.path(&format!("/issues?state=all{since}&sort=created&direction=asc&per_page=100"));
        let issues = self.settled(&path, None, |row: RestIssue| {
            let issue = row.pull_request.is_none().then(|| row.into_model())?;
            Some((issue.number, issue))
        })?;
        Ok(issues.into_values().collect())
    }

    pub(super) fn read_comments(&mut self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        let path = self.path(&format!("/issues/{number}/comments?per_page=100"));
        let comments = self.settled(&path, Some(number), |row: RestComment| {
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
        if !self.graphql || self.sender.token.is_none() {
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

    /// Reads a list from which rows may vanish meanwhile. A row that is deleted or
    /// transferred moves all later ones up, one of them onto a page that was read already.
    /// So a list of several pages is read again until two passes have the same rows; after
    /// three, the union is answered, which by the trait's word may lack some.
    fn settled<T: DeserializeOwned, M>(
        &mut self,
        path: &str,
        number: Option<u64>,
        convert: fn(T) -> Option<(u64, M)>,
    ) -> Result<BTreeMap<u64, M>, ForgeError> {
        let mut all: BTreeMap<u64, M> = BTreeMap::new();
        let mut last: Option<Vec<u64>> = None;
        for _ in 0..PASSES {
            let pages: Pages<T> = self.pages(path.to_owned(), number)?;
            let rows: BTreeMap<u64, M> = pages.rows.into_iter().filter_map(convert).collect();
            let keys: Vec<u64> = rows.keys().copied().collect();
            if pages.count < 2 || last.as_ref() == Some(&keys) {
                return Ok(rows);
            }
            all.extend(rows);
            last = Some(keys);
        }
        Ok(all)
    }

    /// Reads a list to its end by following `Link`, which GitHub asks clients to do instead
    /// of counting pages. A link that leaves the interface is refused, one that was
    /// followed already ends in an error.
    fn pages<T: DeserializeOwned>(
        &mut self,
        first: String,
        number: Option<u64>,
    ) -> Result<Pages<T>, ForgeError> {
        let mut pages = Pages { rows: Vec::new(), count: 0 };
        let mut followed = BTreeSet::new();
        let mut next = Some(first);
        while let Some(path) = next {
            let call = Call::get(path.clone()).about(number);
            if !followed.insert(path) {
                return Err(classify::unreadable(&call.what(), "its pages go in a circle"));
            }
            let answer = match self.fetch(&call)? {
                Fetched::Here(answer) => answer,
                Fetched::Moved(to) => return Err(moved(&call, to)),
            };
            if answer.status != 200 {
                next = cursor_only(&call.path).filter(|_| classify::says_too_deep(&answer));
                match next {
                    Some(_) => continue,
                    None => return Err(self.sender.refusal(&call, &answer)),
                }
            }
            let rows: Vec<T> = classify::decode(&answer, &call.what())?;
            pages.rows.extend(rows);
            pages.count += 1;
            next = self.next_page(&call, &answer)?.filter(|_| !sabotaged!(FirstPageOnly));
        }
        Ok(pages)
    }

    fn next_page(&self, call: &Call, answer: &Answer) -> Result<Option<String>, ForgeError> {
        let Some(url) = answer.header("link").and_then(next_link) else { return Ok(None) };
        let refused = || ForgeError::RedirectRefused { from: call.what(), to: self.sender.clean(url) };
        self.sender.address.path_of(url).map(Some).ok_or_else(refused)
    }
}

fn moved(call: &Call, to: String) -> ForgeError {
    match call.number {
        Some(number) => ForgeError::Gone { number, reason: format!("it moved to {to}") },
        None => ForgeError::RedirectRefused { from: call.what(), to },
    }
}

/// The `rel="next"` of a `Link` header.
fn next_link(header: &str) -> Option<&str> {
    // An address may hold commas and semicolons, so it is cut out by its brackets first.
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, after) = after.split_once('>')?;
        let end = after.find('<').unwrap_or(after.len());
        let (parameters, following) = after.split_at(end);
        let is_next = |p: &str| {
            let p: String = p.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
            p.eq_ignore_ascii_case("rel=next")
        };
        if parameters.split([';', ',']).any(is_next) {
            return Some(url);
        }
        rest = following;
    }
    None
}

/// The same page by its cursor alone: beyond a depth (1,000 and 10,000 rows have been
/// measured) GitHub refuses `page`, also beside the cursor that it put there itself.
fn cursor_only(path: &str) -> Option<String> {
    let (plain, query) = path.split_once('?')?;
    let is = |pair: &str, name: &str| pair.split('=').next() == Some(name);
    let kept: Vec<_> = query.split('&').filter(|p| !is(p, "page")).collect();
    let has_cursor = kept.iter().any(|p| is(p, "after"));
    let shorter = kept.len() < query.split('&').count();
    (has_cursor && shorter).then(|| format!("{plain}?{}", kept.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found() {
        for (header, want) in [
            (
                r#"<https://h/a?page=2>; rel="next", <https://h/a?page=9>; rel="last""#,
                Some("https://h/a?page=2"),
            ),
            (
                r#"<https://h/a?page=1>; rel="prev",<https://h/a?x=1,2;3>;rel=next"#,
                Some("https://h/a?x=1,2;3"),
            ),
            (r#"<https://h/a>; title="x"; rel="next""#, Some("https://h/a")),
            (r#"<https://h/a>; rel="prev""#, None),
            (r#"<https://h/a>; rel="nextish""#, None),
            ("<https://h/a", None),
            ("", None),
        ] {
            assert_eq!(next_link(header), want, "{header}");
        }
    }

    #[test]
    fn beyond_the_page_limit_only_the_cursor_is_sent() {
        assert_eq!(cursor_only("/x?state=all&after=ab&page=11").as_deref(), Some("/x?state=all&after=ab"));
        assert_eq!(cursor_only("/x?after=ab"), None);
        assert_eq!(cursor_only("/x?page=11"), None);
        assert_eq!(cursor_only("/x"), None);
    }
}
