//! Redirects, followed by hand: only to the same place, with the same method and body.
//!
//! HTTP clients turn a redirected `PATCH` into a `GET` without credentials that answers
//! 200, which looks like a write that worked (reliability 3). GitHub redirects in two
//! cases: the repository was renamed, which keeps its id, or an issue was transferred,
//! which must never be followed by a write (fault matrix, rows 32 and 33). Any other
//! redirect is refused before a request, and so a credential, goes there.

use crate::forge::classify;
use crate::forge::send::Call;
use crate::forge::transport::Answer;
use crate::forge::wire::{RestIssue, RestRepository};
use crate::forge::{Certainty, ForgeError, ForgeRead as _, GitHub, WriteError};
use crate::model::RepoSlug;

/// More hops than these are a circle.
const HOPS: usize = 3;

/// Where a read ended.
#[derive(Debug)]
pub(super) enum Fetched {
    /// In our repository.
    Here(Answer),
    /// What was asked for is in another repository now; the address as GitHub gave it.
    Moved(String),
}

/// A path that lies in a repository.
#[derive(Debug, PartialEq, Eq)]
struct Spot {
    repository: Named,
    /// What follows the repository, without the query: empty for itself, else `/issues/5`.
    rest: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Named {
    Id(u64),
    Slug(RepoSlug),
}

impl GitHub {
    /// Sends a read and follows it where our repository went.
    ///
    /// # Errors
    /// When a request failed, or a redirect leads to another host, plain http or a circle.
    pub(super) fn fetch(&mut self, call: &Call) -> Result<Fetched, ForgeError> {
        let mut call = call.clone();
        for _ in 0..=HOPS {
            let answer = self.ask(&call)?;
            if !answer.is_redirect() {
                return Ok(Fetched::Here(answer));
            }
            #[cfg(feature = "sabotage")]
            if sabotaged!(FollowAnywhere) {
                let url = answer.header("location").unwrap_or_default().to_owned();
                return self.sender.follow(&call, &url).map(Fetched::Here);
            }
            let (path, location) = self.target(&call, &answer)?;
            let refused = || self.sender.refusal(&call, &answer);
            let from = Spot::of(&call.path).ok_or_else(refused)?;
            let to = Spot::of(&path).ok_or_else(refused)?;
            // The repository itself is followed: its answer then says who it is.
            let follows = from.rest == to.rest && (to.rest.is_empty() || self.is_ours(&to.repository)?);
            if !follows {
                return Ok(Fetched::Moved(location));
            }
            call.path = with_query_of(&call.path, path);
        }
        Err(self.circle(&call))
    }

    /// Asks at the same time for what is about to be asked for; what comes whole waits for that.
    pub(super) fn ahead_of(&mut self, mut calls: Vec<Call>) {
        if calls.len() < 2 {
            return;
        }
        for call in &mut calls {
            let known = if call.keeps { self.kept.etag(&call.path) } else { None };
            *call = call.clone().unless(known);
        }
        let answers = self.sender.read_at_once(&calls);
        let good = calls.into_iter().zip(answers).filter_map(|(call, answer)| Some((call.path, answer?)));
        self.early.extend(good);
    }

    /// One read: what came early, what is kept and still holds, or what is answered now.
    fn ask(&mut self, call: &Call) -> Result<Answer, ForgeError> {
        let answer = match self.early.remove(&call.path) {
            Some(early) => early,
            None => {
                let known = if call.keeps { self.kept.etag(&call.path) } else { None };
                self.sender.read(&call.clone().unless(known))?
            }
        };
        if answer.status == 304 {
            return match self.kept.whole(&call.path, answer) {
                Some(whole) => Ok(whole),
                // It says that something still holds which nobody has.
                None => self.sender.read(call),
            };
        }
        Ok(answer)
    }

    /// Sends a write and follows it where our repository went, once it is sure that the
    /// issue is there too.
    ///
    /// # Errors
    /// When a request failed, a redirect is refused, or the issue left our repository; the
    /// write was then not carried out.
    pub(super) fn deliver(&mut self, call: &Call, creates: usize) -> Result<Answer, WriteError> {
        // The first request was answered with a redirect and did nothing.
        let rejected = |error| WriteError { error, certainty: Certainty::Rejected };
        let mut call = call.clone();
        for _ in 0..=HOPS {
            let answer = self.sender.write(&call, creates)?;
            if !answer.is_redirect() {
                return Ok(answer);
            }
            let (path, location) = self.target(&call, &answer).map_err(rejected)?;
            let error = match call.number {
                Some(number) => ForgeError::Gone { number, reason: format!("it moved to {location}") },
                None => self.sender.refusal(&call, &answer),
            };
            let (Some(from), Some(to)) = (Spot::of(&call.path), Spot::of(&path)) else {
                return Err(rejected(error));
            };
            let ours = from.rest == to.rest && self.is_ours(&to.repository).map_err(rejected)?;
            if !ours || !self.has_issue(&to, &path, call.number).map_err(rejected)? {
                return Err(rejected(error));
            }
            call.path = path;
        }
        Err(rejected(self.circle(&call)))
    }

    /// Where an answer points: the path below our interface, and the text for a person.
    fn target(&self, call: &Call, answer: &Answer) -> Result<(String, String), ForgeError> {
        let location = answer.header("location").unwrap_or_default();
        let path = self.sender.address.path_of(location).ok_or_else(|| self.sender.refusal(call, answer))?;
        Ok((path, self.sender.clean(location)))
    }

    /// Whether a repository by another name is ours: a rename keeps the id.
    fn is_ours(&mut self, named: &Named) -> Result<bool, ForgeError> {
        let known = self.repository()?;
        match named {
            Named::Id(id) => Ok(*id == known.id),
            Named::Slug(slug) if *slug == known.slug => Ok(true),
            Named::Slug(slug) => {
                let call = Call::get(format!("/repos/{slug}"));
                let answer = self.sender.read(&call)?;
                let found: Result<RestRepository, _> = classify::decode(&answer, &call.what());
                let found = found.ok().and_then(RestRepository::into_model);
                Ok(answer.is_success() && found.is_some_and(|r| r.id == known.id))
            }
        }
    }

    /// Whether the issue that a write is about is at the place it was pointed to.
    fn has_issue(&mut self, to: &Spot, path: &str, number: Option<u64>) -> Result<bool, ForgeError> {
        let Some(number) = number else { return Ok(true) };
        let prefix = path.strip_suffix(&to.rest).unwrap_or(path);
        let call = Call::get(format!("{prefix}/issues/{number}")).about(number);
        let answer = self.sender.read(&call)?;
        let issue: Result<RestIssue, _> = classify::decode(&answer, &call.what());
        Ok(answer.status == 200 && issue.is_ok_and(|i| i.number == number && i.pull_request.is_none()))
    }

    fn circle(&self, call: &Call) -> ForgeError {
        ForgeError::RedirectRefused { from: call.what(), to: "one redirect after another".to_owned() }
    }
}

impl Spot {
    fn of(path: &str) -> Option<Self> {
        let plain = path.split(['?', '#']).next()?;
        if let Some(rest) = plain.strip_prefix("/repositories/") {
            let (id, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            return Some(Self { repository: Named::Id(id.parse().ok()?), rest: rest.to_owned() });
        }
        let below = plain.strip_prefix("/repos/")?;
        let (owner, after) = below.split_once('/')?;
        let (name, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
        let slug = RepoSlug::parse(&format!("{owner}/{name}")).ok()?;
        Some(Self { repository: Named::Slug(slug), rest: rest.to_owned() })
    }
}

/// A list keeps its filter and page when the redirect leaves them out.
fn with_query_of(asked: &str, path: String) -> String {
    match asked.split_once('?') {
        Some((_, query)) if !path.contains('?') => format!("{path}?{query}"),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let spot = |path: &str| Spot::of(path).map(|s| (s.repository, s.rest));
        let slug = || RepoSlug::parse("acme/app").map(Named::Slug).expect("valid");
        assert_eq!(spot("/repositories/7"), Some((Named::Id(7), String::new())));
        assert_eq!(spot("/repositories/7/issues/5?x=1"), Some((Named::Id(7), "/issues/5".into())));
        assert_eq!(spot("/repos/acme/app/issues"), Some((slug(), "/issues".into())));
        assert_eq!(spot("/repos/Acme/App"), Some((slug(), String::new())));
        for odd in ["/user", "/repositories/x/issues", "/repos/acme", "/repos//app", "/repos/a%2Fb/c"] {
            assert_eq!(spot(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_list_keeps_its_query() {
        assert_eq!(with_query_of("/a?x=1", "/b".into()), "/b?x=1");
        assert_eq!(with_query_of("/a?x=1", "/b?y=2".into()), "/b?y=2");
        assert_eq!(with_query_of("/a", "/b".into()), "/b");
    }
}
