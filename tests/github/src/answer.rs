//! From a request to an answer: what holds for every route.
//!
//! The order is GitHub's as far as it can be seen from outside: a `User-Agent`, the token,
//! the limits, then the route. Routes are in `rest.rs` and `graphql.rs`; faults, which are
//! no behaviour of GitHub's own code, in `fault.rs`.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::access::Viewer;
use crate::clock;
use crate::graphql;
use crate::http::{Request, Response};
use crate::record;
use crate::refusal::Refusal;
use crate::rest;
use crate::state::GitHub;

/// A request together with who sent it and the address they used.
pub(crate) struct Ask<'a> {
    pub(crate) gh: &'a mut GitHub,
    pub(crate) viewer: Viewer,
    pub(crate) request: Request,
    /// The API's address as the client wrote it: every URL in an answer starts with it.
    pub(crate) base: String,
}

/// Answers a request. The same GitHub and the same requests give the same bytes.
pub fn handle(gh: &mut GitHub, request: &Request) -> Response {
    let tick = gh.clock.tick;
    gh.clock.advance(tick);
    gh.requests += 1;
    let number = gh.requests;
    let response = answer(gh, request);
    let id = format!("57A9:{:05X}:{:06X}", number * 7919 % 0xF_FFFF, number);
    let response = response
        .header("date", &clock::http_date(gh.clock.now()))
        .header("server", "github.com")
        .header("x-github-request-id", &id)
        .header("x-github-media-type", "github.v3; format=json");
    record::answer(request, &response);
    response
}

fn answer(gh: &mut GitHub, request: &Request) -> Response {
    let host = request.get("host").unwrap_or("api.github.invalid");
    let (base, path) = address(host, &request.path);
    let mut request = request.clone();
    request.path = path;
    if request.get("user-agent").is_none_or(str::is_empty) {
        // Documented: a request without a `User-Agent` is rejected.
        return Response::html(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a \
             User-Agent header.",
        );
    }
    let versions = ["2022-11-28", "2026-03-10"];
    if let Some(version) = request.get("x-github-api-version")
        && !versions.contains(&version)
    {
        let message = format!("{version} is not a supported version.");
        return Refusal::new(400, message).response();
    }
    let viewer = match gh.viewer(&request) {
        Ok(viewer) => viewer,
        Err(refusal) => return refusal.response(),
    };
    let resource = match request.path.as_str() {
        "/graphql" => "graphql",
        path if path.starts_with("/search/") => "search",
        _ => "core",
    };
    if resource != "graphql" && request.path != "/rate_limit" {
        let refusal = if gh.spent(&viewer, resource) {
            Some(gh.limit_refusal(&viewer))
        } else {
            gh.count_points(&viewer, &request).err()
        };
        if let Some(refusal) = refusal {
            return gh.with_limits(&viewer, resource, refusal.response());
        }
    }
    let mut ask = Ask { gh, viewer, request, base };
    let mut response = if resource == "graphql" {
        graphql::answer(&mut ask)
    } else {
        rest::route(&mut ask).unwrap_or_else(|refusal| refusal.response())
    };
    let mut free = resource == "graphql" || ask.request.path == "/rate_limit";
    if ask.request.method == "GET" && response.status == 200 {
        response = conditional(&ask, response);
        // Documented: a 304 does not count if the request carried a token.
        free |= response.status == 304 && ask.viewer.login.is_some();
    }
    let Ask { gh, viewer, .. } = ask;
    response = viewer.described(response);
    if !free {
        gh.spend(&viewer, resource, 1);
    }
    gh.with_limits(&viewer, resource, response)
}

/// Splits a path into the API's address and what comes after it. GitHub Enterprise Server
/// has the API under `/api/v3` and GraphQL beside it.
fn address(host: &str, path: &str) -> (String, String) {
    if path == "/api/graphql" {
        return (format!("http://{host}/api/v3"), "/graphql".to_owned());
    }
    match path.strip_prefix("/api/v3") {
        Some(rest) => (format!("http://{host}/api/v3"), rest.to_owned()),
        None => (format!("http://{host}"), path.to_owned()),
    }
}

/// Adds an `ETag`, and answers 304 if the client has it already. ETags differ from token to
/// token for the same content, which GitHub support has confirmed.
fn conditional(ask: &Ask<'_>, response: Response) -> Response {
    let mut hasher = DefaultHasher::new();
    ask.viewer.token.hash(&mut hasher);
    response.body.hash(&mut hasher);
    response.get("link").hash(&mut hasher);
    let tag = format!("W/\"{:016x}{:08x}\"", hasher.finish(), response.body.len());
    let strong = tag.trim_start_matches("W/");
    let known = (ask.request.get("if-none-match")).is_some_and(|list| {
        list.split(',').map(|known| known.trim().trim_start_matches("W/")).any(|known| known == strong)
    });
    if known {
        return Response::empty(304).header("etag", &tag);
    }
    response
        .header("etag", &tag)
        .header("cache-control", "private, max-age=60, s-maxage=60")
        .header("vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
}
