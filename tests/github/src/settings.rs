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
    /// Seconds by which the search index is late. Tens of seconds on GitHub.
    pub search_lag: i64,
    /// Bodies and comments that people write on the web arrive with `\r\n`.
    pub web_crlf: bool,
    /// The REST limit an hour and user.
    pub core_limit: u64,
    /// The GraphQL limit in points an hour and user.
    pub graphql_limit: u64,
    /// The search limit a minute and user.
    pub search_limit: u64,
    /// The limit an hour for those without a token.
    pub anonymous_limit: u64,
    /// The status of an exceeded limit: 403 or 429, GitHub uses both.
    pub limit_status: u16,
    /// The `type` of an exceeded GraphQL limit: documented as `RATE_LIMITED`, seen as
    /// `RATE_LIMIT`.
    pub graphql_limit_type: &'static str,
    /// Content-creating requests a minute before the secondary limit strikes; off if absent.
    pub content_per_minute: Option<usize>,
    /// The `retry-after` of the secondary limit, which GitHub does not always send.
    pub secondary_retry_after: Option<u64>,
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
            list_lag_new: 0,
            list_lag_updates: 0,
            search_lag: 30,
            web_crlf: true,
            core_limit: 5_000,
            graphql_limit: 5_000,
            search_limit: 30,
            anonymous_limit: 60,
            limit_status: 403,
            graphql_limit_type: "RATE_LIMITED",
            content_per_minute: None,
            secondary_retry_after: None,
            page_limit: 10_000,
            page_cap: None,
            graphql: true,
            mutations_down: false,
            mutations_before_timeout: None,
            writers_comment_on_locked: false,
            comment_edits_move_issue: false,
            web: "https://github.com".to_owned(),
            latency: Duration::ZERO,
            latency_per_mutation: Duration::ZERO,
        }
    }
}
