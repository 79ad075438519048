//! GitHub's ways to say no over REST, with the words it uses.
//!
//! A client may only rely on status and headers; the words are there because clients in the
//! wild do read them.

use serde_json::{Value, json};

use crate::http::Response;

const DOCS: &str = "https://docs.github.com/rest";

/// An answer that is no success.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) errors: Vec<Value>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// 404 stands for "not there" and for "not for you" alike.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(crate) fn bad_credentials() -> Self {
        Self::new(401, "Bad credentials")
    }

    pub(crate) fn needs_login() -> Self {
        Self::new(401, "Requires authentication")
    }

    pub(crate) fn not_yours() -> Self {
        Self::new(403, "Must have admin rights to Repository.")
    }

    pub(crate) fn archived() -> Self {
        Self::new(403, "Repository was archived so is read-only.")
    }

    /// The words for a token that belongs to an app or a workflow.
    pub(crate) fn integration() -> Self {
        Self::new(403, "Resource not accessible by integration")
    }

    /// The token may not write. The header says what it would need.
    pub(crate) fn read_only(bot: bool) -> Self {
        let refusal = if bot {
            Self::integration()
        } else {
            Self::new(403, "Resource not accessible by personal access token")
        };
        refusal.with("x-accepted-github-permissions", "issues=write")
    }

    pub(crate) fn locked() -> Self {
        Self::new(403, "Unable to create comment because issue is locked.")
    }

    pub(crate) fn deleted() -> Self {
        Self::new(410, "This issue was deleted")
    }

    /// The same 410 as for a deleted issue, with another meaning.
    pub(crate) fn issues_disabled() -> Self {
        Self::new(410, "Issues has been disabled in this repository.")
    }

    pub(crate) fn no_new_labels() -> Self {
        let mut refusal = Self::new(
            403,
            "You do not have permission to create labels on this repository.",
        );
        refusal.errors.push(json!({
            "resource": "Repository", "field": "label", "code": "unauthorized"
        }));
        refusal
    }

    pub(crate) fn bad_json() -> Self {
        Self::new(400, "Problems parsing JSON")
    }

    pub(crate) fn invalid_request(detail: &str) -> Self {
        Self::new(422, format!("Invalid request.\n\n{detail}"))
    }

    pub(crate) fn validation(error: Value) -> Self {
        let mut refusal = Self::new(422, "Validation Failed");
        refusal.errors.push(error);
        refusal
    }

    pub(crate) fn title_too_long() -> Self {
        Self::validation(json!({
            "resource": "Issue", "code": "custom", "field": "title",
            "message": "title is too long (maximum is 256 characters)"
        }))
    }

    pub(crate) fn too_deep() -> Self {
        Self::new(
            422,
            "Pagination with the page parameter is not supported for large datasets, \
             please use cursor based pagination (after/before)",
        )
    }

    pub(crate) fn moved(status: u16, location: &str) -> Self {
        Self::new(status, "Moved Permanently").with("location", location)
    }

    /// The answer. A redirect names its target in the body, too.
    pub(crate) fn response(&self) -> Response {
        let mut body = json!({
            "message": self.message,
            "documentation_url": DOCS,
            "status": self.status.to_string(),
        });
        if !self.errors.is_empty() {
            body["errors"] = Value::Array(self.errors.clone());
        }
        if let Some((_, location)) = self.headers.iter().find(|(name, _)| *name == "location") {
            body["url"] = json!(location);
        }
        (self.headers.iter()).fold(
            Response::new(self.status, &body),
            |response, (name, value)| response.header(name, value),
        )
    }
}
