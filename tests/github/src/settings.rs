//! The knobs: lags, limits and quirks, each named after the fact it stands for.
//!
//! What GitHub always does has no knob. The defaults are those of github.com where a fact
//! is known, and the harsher of two where reports disagree.

use std::time::Duration;

/// Lags, limits and quirks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seconds for which a new issue is missing from every list; `GET` by number is fresh.
    /// Off by default; eight minutes have been reported.
    pub list_lag_new: i64,
    /// Seconds for which lists show an issue as it was before its last change.
    pub list_lag_updates: i64,
    /// Seconds for which a new comment is missing from lists of comments.
    pub list_lag_comments: i64,
    /// Whether `since` leaves out what changed in that very second. Documented as "after the
    /// given time" and seen the other way round.
    pub since_exclusive: bool,
    /// Seconds by which the search index is late. Tens of seconds on GitHub.
    pub search_lag: i64,
    /// Bodies and comments that people write on the web arrive with `\r\n`.
    pub web_crlf: bool,
    /// Whether there are limits at all. An Enterprise Server has none unless its owner wants
    /// them: nothing is refused, nothing announced, and `/rate_limit` is not there.
    pub limited: bool,
    /// The REST limit an hour and user.
    pub core_limit: u64,
    /// The GraphQL limit in points an hour and user.
    pub graphql_limit: u64,
    /// The search limit a minute and user.
    pub search_limit: u64,
    /// The limit an hour for those without a token.
    pub anonymous_limit: u64,
    /// The limit an hour and repository of a workflow's token, for REST and for GraphQL.
    pub workflow_limit: u64,
    /// The status of an exceeded limit: 403 or 429, GitHub uses both.
    pub limit_status: u16,
    /// The `type` of an exceeded GraphQL limit: documented as `RATE_LIMITED`, seen as
    /// `RATE_LIMIT`.
    pub graphql_limit_type: &'static str,
    /// What `x-ratelimit-remaining` says when the GraphQL limit strikes: 0 if absent, which is
    /// documented; more has been seen.
    pub graphql_limit_remaining: Option<u64>,
    /// Whether a workflow's token may open pull requests, which the owner has to allow.
    pub bots_open_pulls: bool,
    /// Requests at one time before the secondary limit strikes; off if absent, 100 on GitHub.
    /// Only a server on a port has more than one at a time.
    pub concurrent: Option<usize>,
    /// Points a minute and endpoint (a read costs 1, a write 5) before the secondary limit
    /// strikes; off if absent, because most tests stop the clock. 900 on GitHub.
    pub points_per_minute: Option<u64>,
    /// The same for all of GraphQL. 2,000 on GitHub.
    pub graphql_points_per_minute: Option<u64>,
    /// Content-creating requests a minute before the secondary limit strikes; off if absent.
    pub content_per_minute: Option<usize>,
    /// The same for an hour: 500 are documented, 150 have been measured.
    pub content_per_hour: Option<usize>,
    /// The `retry-after` of the secondary limit, which GitHub does not always send.
    pub secondary_retry_after: Option<u64>,
    /// Sends a `retry-after` with nothing in it, as GitHub sometimes does.
    pub secondary_retry_after_blank: bool,
    /// The status of the secondary limit in GraphQL: 200 with an error, or 403.
    pub graphql_secondary_status: u16,
    /// `page` times `per_page` beyond which lists answer 422. Both 10,000 and 1,000 have
    /// been measured.
    pub page_limit: u64,
    /// The most rows a page of a REST list has, however many are asked for; off if absent.
    /// GitHub's own cap of 100 always holds. No fact about github.com: it makes many pages out
    /// of few rows, and servers with lower caps are allowed to exist.
    pub page_cap: Option<usize>,
    /// Whether `/graphql` exists at all.
    pub graphql: bool,
    /// Mutations answer 503 while queries and REST work.
    pub mutations_down: bool,
    /// After so many mutations of one request the rest fail as if time had run out.
    pub mutations_before_timeout: Option<usize>,
    /// After so many issues in one GraphQL query the rest are null: it has used too much.
    pub issues_before_resource_limit: Option<usize>,
    /// Whether those with write access may comment on locked issues, as on the web. A bot's
    /// comment was refused, so the default is no.
    pub writers_comment_on_locked: bool,
    /// Whether editing or deleting a comment moves the issue's `updated_at`. Not documented,
    /// so a client must not count on it.
    pub comment_edits_move_issue: bool,
    /// The web address in `html_url`s.
    pub web: String,
    /// Real time each answer takes.
    pub latency: Duration,
    /// Real time each mutation of a GraphQL request takes on top.
    pub latency_per_mutation: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bots_open_pulls: false,
            list_lag_new: 0,
            list_lag_updates: 0,
            list_lag_comments: 0,
            since_exclusive: false,
            search_lag: 30,
            web_crlf: true,
            limited: true,
            core_limit: 5_000,
            graphql_limit: 5_000,
            search_limit: 30,
            anonymous_limit: 60,
            workflow_limit: 1_000,
            limit_status: 403,
            graphql_limit_type: "RATE_LIMITED",
            graphql_limit_remaining: None,
            concurrent: None,
            points_per_minute: None,
            graphql_points_per_minute: None,
            content_per_minute: None,
            content_per_hour: None,
            secondary_retry_after: None,
            secondary_retry_after_blank: false,
            graphql_secondary_status: 200,
            page_limit: 10_000,
            page_cap: None,
            graphql: true,
            mutations_down: false,
            mutations_before_timeout: None,
            issues_before_resource_limit: None,
            writers_comment_on_locked: false,
            comment_edits_move_issue: false,
            web: "https://github.com".to_owned(),
            latency: Duration::ZERO,
            latency_per_mutation: Duration::ZERO,
        }
    }
}
