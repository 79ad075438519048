//! What a refusal means, decided from status, headers and body together.
//!
//! A 403 alone may be a missing right, one of two rate limits, a locked conversation, an
//! archived repository or single sign-on; GitHub's documentation addresses change and its
//! prose does too, so neither decides alone (reliability 2.1). Pure: no waiting here.

use serde_json::Value;

use crate::forge::graphql::{Complaint, complaints};
use crate::forge::transport::Answer;
use crate::forge::{ForgeError, Token};
use crate::model::{RepoSlug, Timestamp, Untrusted};

/// A rate limit that an answer stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    /// Seconds to wait, at least 1, when they were stated or are known.
    pub(super) wait: Option<u64>,
    /// Whether the answer stated it.
    pub(super) stated: bool,
    /// When it is reset, when that was stated.
    pub(super) until: Option<Timestamp>,
    /// The limit on bursts and writes, not the hourly one.
    pub(super) secondary: bool,
}

/// What a request was about, as far as a refusal of it needs to be told apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) host: &'a str,
    pub(super) slug: &'a RepoSlug,
    pub(super) token: Option<&'a Token>,
    /// `POST /repos/acme/app/issues`
    pub(super) what: &'a str,
    /// The issue, when it is about one.
    pub(super) number: Option<u64>,
}

/// No wait that anybody states is longer; what is longer is nonsense.
const LONGEST: u64 = 24 * 3600;

/// GitHub's advice where it states no wait for the secondary limit.
const SECONDARY_WAIT: u64 = 60;

/// The limit that an answer states, if it is one. How long it lasts is measured by GitHub's
/// own time in the same answer: the local clock never decides (fault matrix, row 38).
pub(super) fn limit(answer: &Answer, graphql: bool) -> Option<Limit> {
    let text = message(answer).to_ascii_lowercase();
    let mut secondary = text.contains("secondary rate limit") || text.contains("abuse detection");
    let used_up = answer.header("x-ratelimit-remaining").is_some_and(|r| r.trim() == "0");
    let said = match answer.status {
        429 => true,
        // `remaining` is 0 on any answer to the last request of an hour, so a refusal that
        // says another reason is that one.
        403 => {
            let limit = secondary || text.contains("rate limit");
            limit || answer.headers.contains_key("retry-after") || (used_up && !says_another_reason(&text))
        }
        200 if graphql => {
            let errors = complaints(&answer.body);
            secondary =
                errors.iter().any(|e| e.message.to_ascii_lowercase().contains("secondary rate limit"));
            secondary || errors.iter().any(Complaint::is_limit)
        }
        _ => false,
    };
    if !said {
        return None;
    }
    let now = date(answer);
    let reset = answer.header("x-ratelimit-reset").and_then(|t| t.trim().parse::<i64>().ok());
    let until = reset.filter(|_| used_up).map(Timestamp::from_second);
    // GraphQL names its hourly limit, whatever the headers count.
    let secondary = secondary || (!used_up && answer.status != 200);
    // Garbage and negative numbers don't parse and count as not stated; a date is measured
    // against GitHub's own; 0 and the past become 1 (fault matrix, row 39).
    let retry_after = answer.header("retry-after").and_then(|text| {
        let seconds = text.trim().parse::<u64>().ok();
        seconds.or_else(|| Some(seconds_to(http_date(text)?, now?)))
    });
    let at_reset = || Some(seconds_to(until?, now?).saturating_add(1));
    let stated = retry_after.or_else(at_reset);
    let wait = stated.or(secondary.then_some(SECONDARY_WAIT)).map(|w| w.clamp(1, LONGEST));
    Some(Limit { wait, stated: stated.is_some(), until, secondary })
}

/// The error for an answer that is not what was hoped for.
pub(super) fn refusal(answer: &Answer, about: &About<'_>) -> ForgeError {
    let host = || about.host.to_owned();
    let slug = || about.slug.clone();
    let said = clean(&message(answer), about.token);
    let lower = said.to_ascii_lowercase();
    match (answer.status, about.number) {
        (401, _) => match about.token {
            Some(token) => ForgeError::BadToken { host: host(), origin: token.origin().to_owned() },
            None => ForgeError::NoToken { host: host() },
        },
        (403, _) if lower.contains("archived") => ForgeError::Archived { slug: slug() },
        (403, Some(number)) if lower.contains(" locked") => ForgeError::Locked { number },
        (403 | 451, _) => ForgeError::Forbidden { message: said, needed: needed(answer, about.token) },
        (410, _) if lower.contains("disabled") => ForgeError::IssuesDisabled { slug: slug() },
        (410, None) => ForgeError::IssuesDisabled { slug: slug() },
        (410, Some(number)) => ForgeError::Gone { number, reason: "it was deleted".to_owned() },
        (404, Some(number)) => {
            ForgeError::Gone { number, reason: "not found, or out of the token's reach".to_owned() }
        }
        (404, None) => ForgeError::NoRepository { host: host(), slug: slug() },
        (500.., _) => ForgeError::Unavailable { host: host(), status: answer.status },
        (300..=399, _) => ForgeError::RedirectRefused {
            from: about.what.to_owned(),
            to: clean(answer.header("location").unwrap_or("nowhere"), about.token),
        },
        (200..=299, _) => unreadable(about.what, &format!("status {} was not expected", answer.status)),
        (status, _) => ForgeError::Invalid { status, message: said },
    }
}

/// An answer that can't be read; an HTML page is called one, since it comes from something
/// in between.
pub(super) fn unreadable(what: &str, reason: &str) -> ForgeError {
    ForgeError::Unreadable { what: what.to_owned(), reason: reason.to_owned() }
}

/// Reads the JSON of an answer.
///
/// # Errors
/// [`ForgeError::Unreadable`], which names the place but shows nothing of the text.
pub(super) fn decode<T: serde::de::DeserializeOwned>(answer: &Answer, what: &str) -> Result<T, ForgeError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let page = answer.body.trim_ascii_start().starts_with(b"<");
        let reason = if page {
            "it is a web page; something between here and GitHub answered".to_owned()
        } else {
            format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
        };
        unreadable(what, &reason)
    })
}

/// GitHub's own time in an answer.
pub(super) fn date(answer: &Answer) -> Option<Timestamp> {
    http_date(answer.header("date")?)
}

/// Foreign text for an error: without the token, without control characters, short.
pub(super) fn clean(text: &str, token: Option<&Token>) -> String {
    let text = token.map_or_else(|| text.to_owned(), |t| t.redact(text));
    let short: String = text.chars().take(300).collect();
    Untrusted(short.trim()).to_string()
}

/// Whether the label of a `DELETE …/labels/NAME` was not on the issue.
pub(super) fn says_no_such_label(answer: &Answer) -> bool {
    answer.status == 404 && message(answer).to_ascii_lowercase().contains("label does not exist")
}

/// Whether a 422 says that what was to be made is there.
pub(super) fn says_already_exists(answer: &Answer) -> bool {
    let errors = json(answer).map(|v| v["errors"].clone());
    let code = |e: &Value| e["code"] == "already_exists";
    answer.status == 422 && errors.is_some_and(|e| e.as_array().is_some_and(|e| e.iter().any(code)))
}

/// Whether a 422 says that page numbers end here and cursors go on (reliability 2.4).
pub(super) fn says_too_deep(answer: &Answer) -> bool {
    answer.status == 422 && message(answer).contains("cursor")
}

impl Complaint {
    /// Documented as `RATE_LIMITED`, seen as `RATE_LIMIT` (octokit/plugin-throttling#848).
    fn is_limit(&self) -> bool {
        matches!(self.kind.as_deref(), Some("RATE_LIMITED" | "RATE_LIMIT"))
            || self.message.to_ascii_lowercase().contains("rate limit exceeded")
    }
}

/// What a 403 says when it is none of the limits.
fn says_another_reason(lower: &str) -> bool {
    let reasons = ["lock", "archived", "not accessible", "saml", "must have", "permission", "admin rights"];
    reasons.iter().any(|r| lower.contains(r))
}

fn json(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

/// GitHub's message and what it says of single fields.
fn message(answer: &Answer) -> String {
    if answer.is_success() {
        return String::new();
    }
    let Some(json) = json(answer) else {
        return format!("status {} without a reason", answer.status);
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let field = |error: &Value| {
        text(error).or_else(|| text(&error["message"])).or_else(|| {
            let parts: Vec<_> = ["field", "code"].iter().filter_map(|k| error[k].as_str()).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
    };
    let errors = json["errors"].as_array().into_iter().flatten().filter_map(field);
    let all: Vec<_> = text(&json["message"]).into_iter().chain(errors).collect();
    if all.is_empty() { format!("status {} without a reason", answer.status) } else { all.join(": ") }
}

/// The permission that GitHub says is missing: single sign-on, then what a fine-grained
/// token or an app lacks, then the scope a classic token lacks.
fn needed(answer: &Answer, token: Option<&Token>) -> Option<String> {
    let value = |name| answer.header(name).map(str::trim).filter(|v| !v.is_empty());
    let sso = value("x-github-sso").map(|v| match v.split_once("url=") {
        Some((_, url)) => format!("single sign-on, authorise the token at {url}"),
        None => "single sign-on".to_owned(),
    });
    let permission = || value("x-accepted-github-permissions").map(str::to_owned);
    let scope = || value("x-accepted-oauth-scopes").map(|s| format!("the scope {s}"));
    sso.or_else(permission).or_else(scope).map(|text| clean(&text, token))
}

fn http_date(text: &str) -> Option<Timestamp> {
    let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Timestamp::from_second(moment.as_second()))
}

fn seconds_to(moment: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(moment.as_second().saturating_sub(now.as_second())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 01 Mar 2026 12:00:00 GMT";

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut response = http::Response::builder();
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let headers = response.body(()).expect("valid").headers().clone();
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    fn said(text: &str) -> String {
        serde_json::json!({ "message": text }).to_string()
    }

    #[test]
    fn limits_are_told_from_other_refusals() {
        let reset = "1772366520"; // two minutes after DATE
        let primary = said("API rate limit exceeded for user ID 1.");
        let burst = said("You have exceeded a secondary rate limit. Please wait.");
        let used = ("x-ratelimit-remaining", "0");
        for (status, headers, body, want) in [
            (
                403,
                vec![used, ("x-ratelimit-reset", reset), ("date", DATE)],
                &primary,
                Some((Some(121), false)),
            ),
            (429, vec![used, ("x-ratelimit-reset", reset)], &primary, Some((None, false))),
            (403, vec![used, ("x-ratelimit-reset", "garbage")], &primary, Some((None, false))),
            (403, vec![("retry-after", "30")], &burst, Some((Some(30), true))),
            (403, vec![], &burst, Some((Some(60), true))),
            (429, vec![], &said("slow down"), Some((Some(60), true))),
            (403, vec![("retry-after", "0")], &burst, Some((Some(1), true))),
            (403, vec![("retry-after", "-5")], &burst, Some((Some(60), true))),
            (403, vec![("retry-after", "soon")], &burst, Some((Some(60), true))),
            (403, vec![("retry-after", "99999999999")], &burst, Some((Some(86_400), true))),
            (403, vec![("retry-after", "99999999999999999999999")], &burst, Some((Some(60), true))),
            (
                403,
                vec![("retry-after", "Sun, 01 Mar 2026 12:00:45 GMT"), ("date", DATE)],
                &burst,
                Some((Some(45), true)),
            ),
            (403, vec![("retry-after", DATE), ("date", DATE)], &burst, Some((Some(1), true))),
            (403, vec![used], &said("new words"), Some((None, false))),
            (403, vec![used], &said("Resource not accessible by integration"), None),
            (403, vec![], &said("Must have admin rights to Repository."), None),
            (404, vec![used], &said("Not Found"), None),
            (502, vec![("retry-after", "3")], &said("x"), None),
        ] {
            let got = limit(&answer(status, &headers, body), false).map(|l| (l.wait, l.secondary));
            assert_eq!(got, want, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn graphql_states_limits_with_200() {
        let found = |body: &str| limit(&answer(200, &[], body), true);
        let limited = |body: &str| found(body).is_some();
        assert!(limited(r#"{"errors":[{"type":"RATE_LIMITED","message":"x"}]}"#));
        assert!(limited(r#"{"data":null,"errors":[{"type":"RATE_LIMIT","message":"x"}]}"#));
        assert!(limited(r#"{"errors":[{"message":"API rate limit exceeded for user ID 1"}]}"#));
        assert!(limited(r#"{"errors":[{"message":"You have exceeded a secondary rate limit."}]}"#));
        let hourly = found(r#"{"errors":[{"type":"RATE_LIMITED","message":"x"}]}"#);
        assert_eq!(hourly.map(|l| (l.wait, l.secondary)), Some((None, false)));
        let burst = found(r#"{"errors":[{"message":"You have exceeded a secondary rate limit."}]}"#);
        assert_eq!(burst.map(|l| (l.wait, l.secondary)), Some((Some(60), true)));
        assert!(!limited(r#"{"errors":[{"type":"NOT_FOUND","message":"no"}]}"#));
        assert!(!limited(r#"{"data":{"repository":{"i1":{"body":"rate limit exceeded"}}}}"#));
    }

    #[test]
    fn refusals_have_their_reason() {
        let slug = RepoSlug::parse("acme/app").expect("valid");
        let token = Token::new("s3cret", "GH_TOKEN", "github.com");
        let about = |number| About {
            host: "github.com",
            slug: &slug,
            token: token.as_ref(),
            what: "POST /x",
            number,
        };
        let shown = |status, headers: &[(&str, &str)], body: &str, number| {
            refusal(&answer(status, headers, body), &about(number)).to_string()
        };
        let permissions = [("x-accepted-github-permissions", "issues=write")];
        let sso = [("x-github-sso", "required; url=https://github.com/orgs/acme/sso?x=1")];
        for (got, want) in [
            (shown(401, &[], &said("Bad credentials"), None), "does not take the token from GH_TOKEN"),
            (shown(403, &[], &said("Repository was archived so is read-only."), Some(1)), "archived"),
            (
                shown(403, &[], &said("Unable to create comment because issue is locked."), Some(1)),
                "#1 is locked",
            ),
            (shown(403, &[], &said("User is blocked"), Some(1)), "not allowed: User is blocked"),
            (shown(403, &permissions, &said("Resource not accessible"), None), "(needs issues=write)"),
            (
                shown(403, &sso, &said("Resource protected by SAML"), None),
                "authorise the token at https://github.com/o",
            ),
            (shown(404, &[], &said("Not Found"), Some(7)), "#7 is gone: not found"),
            (shown(404, &[], &said("Not Found"), None), "acme/app is not on github.com"),
            (shown(410, &[], &said("This issue was deleted"), Some(7)), "#7 is gone: it was deleted"),
            (shown(410, &[], &said("Issues has been disabled in this repository."), None), "switched off"),
            (shown(410, &[], &said("Issues are disabled for this repo"), Some(7)), "switched off"),
            (
                shown(
                    422,
                    &[],
                    r#"{"message":"Validation Failed","errors":[{"field":"title","code":"missing"}]}"#,
                    None,
                ),
                "refused (422): Validation Failed: title missing",
            ),
            (shown(400, &[], "<html>", None), "refused (400): status 400 without a reason"),
            (shown(503, &[], "<html>", None), "answers with 503"),
            (shown(304, &[], "", None), "POST /x"),
            (shown(422, &[], &said("you sent s3cret \u{1b}[31m"), None), "you sent *** \\u{1b}[31m"),
        ] {
            assert!(got.contains(want), "{got} / {want}");
            assert!(!got.contains("s3cret"), "{got}");
        }
    }

    #[test]
    fn an_unreadable_answer_shows_nothing_of_itself() {
        let portal = decode::<Value>(&answer(200, &[], "<html>"), "GET /x").expect_err("no JSON");
        assert!(portal.to_string().contains("web page"), "{portal}");
        let cut = decode::<Value>(&answer(200, &[], r#"{"private":"te"#), "GET /x").expect_err("cut");
        assert!(!cut.to_string().contains("private"), "{cut}");
    }
}
