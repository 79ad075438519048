//! Requests and answers as plain values, so that GitHub's behaviour needs no network.
//!
//! Sockets are in `server.rs`. Header names are kept in lower case.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request as it arrives at GitHub.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What follows the `?`, still percent-encoded; empty if nothing does.
    pub query: String,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request for `target` (path and query) with a `User-Agent`, which GitHub demands.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), ..Self::default() }
            .header("user-agent", "stand-in-test")
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }

    /// Adds a bearer token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// A header's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Path and query as they were sent.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The scheme and the credential of the `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> Option<(&str, &str)> {
        self.get("authorization").map(|value| value.split_once(' ').unwrap_or(("", value)))
    }

    /// A query parameter, decoded; the last one if it is given twice.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<String> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .rfind(|(key, _)| *key == name)
            .map(|(_, value)| decode(&value.replace('+', " ")))
    }

    /// The path with what differs from one thing to the next left out.
    pub(crate) fn route(&self) -> String {
        let mut route = String::new();
        let mut before = "";
        for part in self.path.split('/') {
            let numbered = part.chars().all(|letter| letter.is_ascii_digit());
            let stable = if numbered || ["labels", "repos"].contains(&before) { "*" } else { part };
            route.push('/');
            route.push_str(stable);
            before = part;
        }
        route
    }

    /// The path cut at its slashes, then decoded: `%2F` stays inside its part.
    pub(crate) fn parts(&self) -> Vec<String> {
        self.path.split('/').filter(|part| !part.is_empty()).map(decode).collect()
    }
}

/// GitHub's answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, body: &Value) -> Self {
        Self { status, body: body.to_string().into_bytes(), ..Self::default() }
            .header("content-type", "application/json; charset=utf-8")
    }

    /// An answer without headers and body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self { status, body: body.as_bytes().to_vec(), ..Self::default() }.header("content-type", "text/html")
    }

    /// Adds or replaces a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }

    /// A header's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body as JSON, `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_slash_does_not_cut_a_path() {
        let request = Request::new("DELETE", "/repos/o/r/labels/area%2Fcli?x=a+b%26");
        assert_eq!(request.parts(), ["repos", "o", "r", "labels", "area/cli"]);
        assert_eq!(request.param("x").as_deref(), Some("a b&"));
    }
}
