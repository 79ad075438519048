//! Faults: what happens to requests on their way, by rules a test sets.
//!
//! A fault strikes before GitHub sees the request or after it has done what was asked. The
//! second kind is the one that makes a retried `POST` a duplicate. Which of a request's
//! GraphQL mutations fail is a setting instead (`Settings::mutations_before_timeout`).

use std::time::Duration;

use crate::http::{Request, Response};
use crate::limits::secondary;
use crate::log::Kind;
use crate::refusal::Refusal;
use crate::state::GitHub;

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// GitHub never sees the request.
    Before,
    /// GitHub has done it; only the answer is hurt.
    After,
}

/// What a fault does.
#[derive(Clone, Debug)]
pub enum How {
    /// Answers with a status and a body.
    Status(u16, String),
    /// Answers with anything, headers included.
    Answer(Response),
    /// Closes the connection without an answer.
    Drop,
    /// Announces the full length, sends so many bytes and closes the connection.
    Cut(usize),
    /// Waits, then goes on as if nothing were wrong.
    Slow(Duration),
    /// A captive portal's page with status 200.
    Garbage,
    /// The primary limit is used up for so many seconds.
    RateLimitPrimary {
        /// Seconds until it resets.
        reset_in: i64,
        /// 403 or 429.
        status: u16,
    },
    /// The secondary limit strikes.
    RateLimitSecondary {
        /// The header, if there is one.
        retry_after: Option<u64>,
        /// 403 or 429.
        status: u16,
    },
    /// Adds or replaces headers of the true answer.
    Headers(Vec<(String, String)>),
    /// Waits for `StandIn::release`, then goes on as if nothing were wrong.
    Hold,
}

/// Which requests a fault strikes, when, how, and how often.
#[derive(Clone, Debug)]
pub struct Rule {
    method: Option<String>,
    path: Option<String>,
    body: Option<String>,
    kind: Option<Kind>,
    from: u64,
    times: Option<u64>,
    when: When,
    how: How,
    seen: u64,
    struck: u64,
}

impl Rule {
    /// A fault that strikes the next request, once.
    #[must_use]
    pub fn new(when: When, how: How) -> Self {
        Self {
            method: None,
            path: None,
            body: None,
            kind: None,
            from: 1,
            times: Some(1),
            when,
            how,
            seen: 0,
            struck: 0,
        }
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests whose path and query contain this.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// Only requests whose body contains this.
    #[must_use]
    pub fn body(mut self, part: &str) -> Self {
        self.body = Some(part.to_owned());
        self
    }

    /// Only reads, or only writes; tells GraphQL queries from mutations.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Not before the `nth` request that fits, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.from = nth;
        self
    }

    /// So many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Every time.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn strikes(&mut self, request: &Request, kind: Kind) -> bool {
        let holds =
            |part: &Option<String>, text: &str| part.as_ref().is_none_or(|part| text.contains(part.as_str()));
        let fits = self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.kind.is_none_or(|wanted| wanted == kind)
            && holds(&self.path, &request.target())
            && holds(&self.body, &String::from_utf8_lossy(&request.body));
        if !fits {
            return false;
        }
        self.seen += 1;
        let due = self.seen >= self.from && self.times.is_none_or(|times| self.struck < times);
        self.struck += u64::from(due);
        due
    }
}

/// A fault that strikes now.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) when: When,
    pub(crate) how: How,
}

/// The first rule that strikes; the others do not count the request.
pub(crate) fn strike(rules: &mut [Rule], request: &Request, kind: Kind) -> Option<Fault> {
    let rule = rules.iter_mut().find_map(|rule| rule.strikes(request, kind).then_some(rule))?;
    Some(Fault { when: rule.when, how: rule.how.clone() })
}

impl How {
    /// Its name in a record.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(..) => "Status",
            Self::Answer(_) => "Answer",
            Self::Drop => "Drop",
            Self::Cut(_) => "Cut",
            Self::Slow(_) => "Slow",
            Self::Garbage => "Garbage",
            Self::RateLimitPrimary { .. } => "RateLimitPrimary",
            Self::RateLimitSecondary { .. } => "RateLimitSecondary",
            Self::Headers(_) => "Headers",
            Self::Hold => "Hold",
        }
    }

    /// The answer a fault gives in place of the true one, if it gives one.
    pub(crate) fn replaced(&self, gh: &GitHub) -> Option<Response> {
        let dated = |response: Response| response.header("date", &crate::clock::http_date(gh.clock.now()));
        match self {
            Self::Status(status, body) => {
                let kind =
                    if body.starts_with('{') { "application/json; charset=utf-8" } else { "text/html" };
                Some(dated(Response::html(*status, body).header("content-type", kind)))
            }
            Self::Answer(response) => Some(response.clone()),
            Self::Garbage => Some(Response::html(
                200,
                "<html><head><title>Sign in</title></head><body>Please sign in to the \
                 network.</body></html>",
            )),
            Self::RateLimitPrimary { reset_in, status } => {
                let reset = gh.clock.now() + reset_in;
                let refusal = Refusal::new(*status, "API rate limit exceeded for user ID 1.");
                Some(
                    dated(refusal.response())
                        .header("x-ratelimit-limit", "5000")
                        .header("x-ratelimit-remaining", "0")
                        .header("x-ratelimit-used", "5000")
                        .header("x-ratelimit-reset", &reset.to_string())
                        .header("x-ratelimit-resource", "core"),
                )
            }
            Self::RateLimitSecondary { retry_after, status } => {
                Some(dated(secondary(*status, *retry_after).response()))
            }
            Self::Drop | Self::Cut(_) | Self::Slow(_) | Self::Headers(_) | Self::Hold => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_waits_for_its_turn_and_stops() {
        let mut rules = [Rule::new(When::Before, How::Drop).method("POST").nth(2).times(2)];
        let mut hits = |method: &str| strike(&mut rules, &Request::new(method, "/x"), Kind::Write).is_some();
        let struck: Vec<bool> = ["POST", "GET", "POST", "POST", "POST"].map(&mut hits).into();
        assert_eq!(struck, [false, false, true, true, false]);
    }
}
