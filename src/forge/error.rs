//! What can go wrong on the way to GitHub, by what the caller can do about it.

use crate::model::{RepoSlug, Timestamp};

/// Why GitHub did not answer as asked. Messages carry no token and no foreign control
/// characters; they are lowercase fragments that name the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// No connection: no network, no name, refused.
    #[error("{host} can't be reached: {reason}")]
    Offline {
        /// Where to.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// An answer did not come, or not whole, in time.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// Who.
        host: String,
    },
    /// The connection broke after the request was sent, perhaps in the middle of the answer.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// Who.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// 5xx, again after trying again where that is harmless.
    #[error("{host} answers with {status}; it may have trouble, try again later")]
    Unavailable {
        /// Who.
        host: String,
        /// The last status.
        status: u16,
    },
    /// Requests were used up.
    #[error("the rate limit of {host} is used up{}; run again {}", if *.secondary { " (too many at a time)" } else { "" }, when(*.until, *.wait))]
    RateLimited {
        /// Who.
        host: String,
        /// Seconds to wait, when it was said.
        wait: Option<u64>,
        /// When it is reset, when it was said.
        until: Option<Timestamp>,
        /// The limit on bursts and writes, not the hourly one.
        secondary: bool,
    },
    /// 401.
    #[error("{host} does not take the token from {origin}: it is wrong, expired or revoked")]
    BadToken {
        /// Who.
        host: String,
        /// Where the token was found: a variable's name or a command, never the token.
        origin: String,
    },
    /// No token was found for this host.
    #[error("no token for {host}")]
    NoToken {
        /// For whom.
        host: String,
    },
    /// 403 that is none of the others.
    #[error("not allowed: {message}{}", permission_needed(.needed.as_deref()))]
    Forbidden {
        /// What GitHub said.
        message: String,
        /// The permission that GitHub says is needed.
        needed: Option<String>,
    },
    /// 404 for the repository itself.
    #[error("{slug} is not on {host}, or the token may not see it")]
    NoRepository {
        /// Who.
        host: String,
        /// What was looked for.
        slug: RepoSlug,
    },
    /// The repository is archived and read-only.
    #[error("{slug} is archived and read-only")]
    Archived {
        /// Which.
        slug: RepoSlug,
    },
    /// 410 on a creation: the repository has no issues.
    #[error("{slug} has issues switched off")]
    IssuesDisabled {
        /// Which.
        slug: RepoSlug,
    },
    /// A conversation is locked.
    #[error("#{number} is locked")]
    Locked {
        /// Which.
        number: u64,
    },
    /// 404, 410 or 301 for one issue at the moment of writing.
    #[error("#{number} is gone: {reason}")]
    Gone {
        /// Which.
        number: u64,
        /// Deleted, transferred or out of sight.
        reason: String,
    },
    /// 422 and other refusals of the content.
    #[error("refused ({status}): {message}")]
    Invalid {
        /// The status.
        status: u16,
        /// What GitHub said.
        message: String,
    },
    /// A redirect to another host, to plain HTTP, or in a circle. It was not followed.
    #[error("{from} points to {to}, which is not followed")]
    RedirectRefused {
        /// The address asked.
        from: String,
        /// Where it pointed.
        to: String,
    },
    /// An answer that is not what GitHub's description promises.
    #[error("the answer to {what} can't be read: {reason}")]
    Unreadable {
        /// The request.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address of the interface itself is not acceptable.
    #[error("{0}")]
    Address(String),
}

/// How sure it is that a failed write did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It was never sent.
    NotSent,
    /// GitHub refused it; nothing happened.
    Rejected,
    /// It may have happened: no answer, a cut answer, or a 5xx.
    Doubtful,
}

/// A write that is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct WriteError {
    /// Why.
    pub error: ForgeError,
    /// Whether it may have happened all the same.
    pub certainty: Certainty,
}

impl ForgeError {
    /// Whether every further request would meet the same, so that trying is pointless.
    pub fn stops_everything(&self) -> bool {
        matches!(
            self,
            Self::Offline { .. }
                | Self::TimedOut { .. }
                | Self::Broken { .. }
                | Self::Unavailable { .. }
                | Self::RateLimited { .. }
                | Self::BadToken { .. }
                | Self::NoToken { .. }
                | Self::NoRepository { .. }
                | Self::Archived { .. }
                | Self::RedirectRefused { .. }
        )
    }
}

fn when(until: Option<Timestamp>, wait: Option<u64>) -> String {
    match (until, wait) {
        (Some(until), _) => format!("after {until}"),
        (None, Some(wait)) => format!("in {wait} s"),
        (None, None) => "in a few minutes".to_owned(),
    }
}

fn permission_needed(permission: Option<&str>) -> String {
    permission.map(|p| format!(" (needs {p})")).unwrap_or_default()
}
