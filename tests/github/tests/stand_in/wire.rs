//! What only shows on a connection: faults, keep-alive, hooks, delays and the log.
//!
//! The client here is a few lines over a socket, so that nothing it does is hidden.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use github_stand_in::{GitHub, How, Kind, Permission, Phase, Response, Rule, StandIn, When};
use serde_json::{Value, json};

const ISSUES: &str = "/repos/acme/app/issues";

fn start() -> StandIn {
    let mut gh = GitHub::at("2026-03-01T12:00:00Z");
    gh.add_repo("acme/app");
    gh.add_token("writer", "writer");
    gh.grant("writer", "acme/app", Permission::Write);
    StandIn::start(gh)
}

/// An answer, or as much of it as came.
#[derive(Debug)]
struct Got {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    fn whole(&self) -> bool {
        (self.headers.get("content-length")).is_none_or(|length| *length == self.body.len().to_string())
    }
}

/// Sends a request and reads its answer; nothing if the connection closes first.
fn send(stream: &mut TcpStream, method: &str, target: &str, body: &Value) -> Option<Got> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {}\r\nuser-agent: raw\r\nauthorization: token writer\r\n\
         content-length: {}\r\n\r\n",
        stream.peer_addr().ok()?,
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).ok()?;
    let mut got = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        if let Some(at) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => got.extend_from_slice(&chunk[..count]),
        }
    };
    let head = String::from_utf8_lossy(&got[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> = (head.lines().skip(1))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap_or(0));
    let mut body = got[end..].to_vec();
    while body.len() < length {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(count) => body.extend_from_slice(&chunk[..count]),
        }
    }
    Some(Got { status, headers, body })
}

fn connect(server: &StandIn) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    stream
}

fn once(server: &StandIn, method: &str, target: &str, body: Value) -> Option<Got> {
    send(&mut connect(server), method, target, &body)
}

fn numbers(server: &StandIn) -> Vec<u64> {
    server.with(|gh| gh.issue_numbers("acme/app"))
}

#[test]
fn many_requests_on_one_connection_with_addresses_that_lead_back() {
    let server = start();
    let mut stream = connect(&server);
    let made = send(&mut stream, "POST", ISSUES, &json!({ "title": "x" })).unwrap();
    assert_eq!(made.status, 201);
    let url = made.json()["url"].as_str().unwrap().to_owned();
    let target = url.strip_prefix(&server.url()).unwrap().to_owned();
    let read = send(&mut stream, "GET", &target, &Value::Null).unwrap();
    assert_eq!(read.json()["number"], 1);
    assert_eq!(read.headers["date"], "Sun, 01 Mar 2026 12:00:00 GMT");
    let enterprise = send(&mut stream, "GET", &format!("/api/v3{target}"), &Value::Null).unwrap();
    assert!(enterprise.json()["url"].as_str().unwrap().contains("/api/v3/repos/"));
    let log = server.log();
    let lines: Vec<_> = log.iter().map(|entry| (entry.kind, entry.applied, entry.status)).collect();
    assert_eq!(lines, [(Kind::Write, true, 201), (Kind::Read, false, 200), (Kind::Read, false, 200)]);
    assert_eq!(log[0].authorization, Some(("token".into(), "writer".into())));
    assert_eq!(log[0].body(), "{\"title\":\"x\"}");
}

#[test]
fn connections_are_counted_and_answers_left_out_of_the_log() {
    let server = start();
    let mut stream = connect(&server);
    for _ in 0..2 {
        assert_eq!(send(&mut stream, "GET", ISSUES, &Value::Null).unwrap().status, 200);
    }
    assert_eq!(server.connections(), 1);
    server.forget_answers();
    server.clear_log();
    assert!(once(&server, "GET", ISSUES, Value::Null).is_some());
    assert_eq!(server.connections(), 2);
    assert_eq!((server.log()[0].status, &server.log()[0].answer), (200, &Value::Null));
}

#[test]
fn a_lost_answer_is_not_a_lost_request() {
    let server = start();
    server.fail(Rule::new(When::After, How::Drop).method("POST").path("/issues"));
    assert!(once(&server, "POST", ISSUES, json!({ "title": "x" })).is_none());
    assert_eq!(numbers(&server), [1]);
    let entry = server.writes().remove(0);
    assert!(entry.handled && entry.applied);
    assert_eq!(entry.status, 0);
    server.fail(Rule::new(When::Before, How::Drop));
    assert!(once(&server, "POST", ISSUES, json!({ "title": "y" })).is_none());
    assert_eq!(numbers(&server), [1]);
    assert!(!server.writes()[1].handled);
    // Both rules are used up.
    assert_eq!(once(&server, "GET", "/user", Value::Null).unwrap().status, 200);
}

#[test]
fn an_error_after_success() {
    let server = start();
    let how = How::Status(502, "<html>Bad gateway</html>".to_owned());
    server.fail(Rule::new(When::After, how).kind(Kind::Write).nth(2));
    let make = || once(&server, "POST", ISSUES, json!({ "title": "x" })).unwrap().status;
    assert_eq!((make(), make(), make()), (201, 502, 201));
    assert_eq!(numbers(&server), [1, 2, 3]);
}

#[test]
fn answers_that_are_cut_or_from_somebody_else() {
    let server = start();
    server.fail(Rule::new(When::After, How::Cut(20)).method("GET"));
    let cut = once(&server, "GET", "/repos/acme/app", Value::Null).unwrap();
    assert_eq!((cut.status, cut.body.len(), cut.whole()), (200, 20, false));
    server.fail(Rule::new(When::Before, How::Garbage));
    let portal = once(&server, "GET", ISSUES, Value::Null).unwrap();
    assert_eq!((portal.status, portal.json()), (200, Value::Null));
    assert!(portal.headers["content-type"].starts_with("text/html"));
}

#[test]
fn limits_as_faults() {
    let server = start();
    let primary = How::RateLimitPrimary { reset_in: 600, status: 429 };
    server.fail(Rule::new(When::Before, primary).path("/user"));
    let got = once(&server, "GET", "/user", Value::Null).unwrap();
    assert_eq!((got.status, &*got.headers["x-ratelimit-remaining"]), (429, "0"));
    let secondary = How::RateLimitSecondary { retry_after: None, status: 403 };
    server.fail(Rule::new(When::Before, secondary));
    let got = once(&server, "GET", "/user", Value::Null).unwrap();
    assert_eq!((got.status, got.headers.get("retry-after")), (403, None));
    let odd = How::Headers(vec![("retry-after".into(), "-7".into())]);
    server.fail(Rule::new(When::After, odd).times(2));
    for _ in 0..2 {
        let got = once(&server, "GET", "/user", Value::Null).unwrap();
        assert_eq!((got.status, &*got.headers["retry-after"]), (200, "-7"));
    }
    assert_eq!(once(&server, "GET", "/user", Value::Null).unwrap().headers.get("retry-after"), None);
}

#[test]
fn a_held_request_waits_to_be_let_go() {
    let server = start();
    server.fail(Rule::new(When::After, How::Hold).method("POST"));
    std::thread::scope(|scope| {
        let client = scope.spawn(|| once(&server, "POST", ISSUES, json!({ "title": "x" })));
        assert!(server.wait_until_held(Duration::from_secs(5)));
        // It is done, nobody knows, and others are served meanwhile.
        assert_eq!(numbers(&server), [1]);
        assert_eq!(once(&server, "GET", ISSUES, Value::Null).unwrap().status, 200);
        server.release();
        assert_eq!(client.join().unwrap().unwrap().status, 201);
    });
    assert_eq!(server.held(), 0);
}

#[test]
fn a_request_goes_on_without_its_client() {
    let server = start();
    server.fail(Rule::new(When::Before, How::Hold).method("POST"));
    let mut stream = connect(&server);
    let body = "{\"title\":\"x\"}";
    let head = format!(
        "POST {ISSUES} HTTP/1.1\r\nhost: h\r\nuser-agent: raw\r\nauthorization: token writer\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert!(server.wait_until_held(Duration::from_secs(5)));
    drop(stream);
    // Another client looks, finds nothing, and would create it again.
    assert_eq!(once(&server, "GET", ISSUES, Value::Null).unwrap().json(), json!([]));
    server.release();
    let start = Instant::now();
    // The log is written a moment after the issue is there.
    while !server.writes()[0].applied && start.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(server.writes()[0].applied);
    assert_eq!(numbers(&server), [1]);
}

#[test]
fn any_answer_can_be_put_in_the_way() {
    let server = start();
    let elsewhere = Response::empty(301).header("location", "http://127.0.0.1:1/user");
    server.fail(Rule::new(When::Before, How::Answer(elsewhere)).path("/user"));
    let got = once(&server, "GET", "/user", Value::Null).unwrap();
    assert_eq!((got.status, &*got.headers["location"]), (301, "http://127.0.0.1:1/user"));
    assert!(server.log()[0].fault.as_ref().unwrap().contains("Answer"));
    server.clear_log();
    assert!(server.log().is_empty());
}

#[test]
fn a_hook_edits_between_a_read_and_a_write() {
    let server = start();
    server.with(|gh| gh.create_issue_as("ann", "acme/app", "x", "", &["a"]));
    server.on_request(|moment, gh| {
        if moment.kind == Kind::Write && moment.phase == Phase::Arrived {
            gh.label_as("bob", "acme/app", 1, "theirs");
        }
    });
    let read = once(&server, "GET", &format!("{ISSUES}/1"), Value::Null).unwrap().json();
    assert_eq!(read["labels"].as_array().unwrap().len(), 1);
    let write = json!({ "labels": ["a", "mine"] });
    once(&server, "PATCH", &format!("{ISSUES}/1"), write).unwrap();
    // A full set loses what came in between.
    assert_eq!(server.with(|gh| gh.labels_of("acme/app", 1)), ["a", "mine"]);
    server.clear_hook();
}

#[test]
fn delays_are_real_time() {
    let server = start();
    server.with(|gh| {
        gh.create_issue_as("ann", "acme/app", "x", "", &[]);
        gh.settings.latency_per_mutation = Duration::from_millis(60);
    });
    let time = |body: Value| {
        let start = Instant::now();
        assert_eq!(once(&server, "POST", "/graphql", body).unwrap().status, 200);
        start.elapsed()
    };
    let id = once(&server, "GET", &format!("{ISSUES}/1"), Value::Null).unwrap().json()["node_id"].clone();
    let one = |alias: &str| format!("{alias}: reopenIssue(input: {{issueId: {id}}}) {{ issue {{ id }} }}");
    let query = format!("mutation {{ {} {} }}", one("a"), one("b"));
    assert!(time(json!({ "query": query })) >= Duration::from_millis(120));
    let log = server.writes();
    let fields: Vec<_> = log[0].operations.iter().map(|op| op.alias.as_str()).collect();
    assert_eq!(fields, ["a", "b"]);
    // Opening what is open changes nothing.
    assert!(!log[0].applied);
    server.fail(Rule::new(When::Before, How::Slow(Duration::from_millis(80))));
    assert!(time(json!({ "query": "{ viewer { login } }" })) >= Duration::from_millis(80));
}

#[test]
fn dropping_it_closes_the_port() {
    let server = start();
    let port = server.port();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn too_many_at_one_time() {
    let server = start();
    server.with(|gh| gh.settings.concurrent = Some(1));
    server.fail(Rule::new(When::After, How::Hold).method("POST"));
    std::thread::scope(|scope| {
        let client = scope.spawn(|| once(&server, "POST", ISSUES, json!({ "title": "x" })));
        assert!(server.wait_until_held(Duration::from_secs(5)));
        let second = once(&server, "GET", ISSUES, Value::Null).unwrap();
        assert_eq!(second.status, 403);
        assert!(second.json()["message"].as_str().unwrap().contains("secondary rate limit"));
        server.release();
        assert_eq!(client.join().unwrap().unwrap().status, 201);
    });
    assert_eq!(once(&server, "GET", ISSUES, Value::Null).unwrap().status, 200);
}

#[test]
fn created_and_then_limited_before_it_can_be_read_back() {
    let server = start();
    let limited = How::RateLimitPrimary { reset_in: 600, status: 403 };
    server.fail(Rule::new(When::Before, limited).method("GET").always());
    assert_eq!(once(&server, "POST", ISSUES, json!({ "title": "x" })).unwrap().status, 201);
    assert_eq!(once(&server, "GET", &format!("{ISSUES}/1"), Value::Null).unwrap().status, 403);
    assert_eq!(numbers(&server), [1]);
}

#[test]
fn a_list_that_fails_is_no_empty_list() {
    let server = start();
    server.with(|gh| gh.create_issue_as("ann", "acme/app", "x", "", &[]));
    for status in [500, 502, 503, 504] {
        server.fail(Rule::new(When::Before, How::Status(status, "{\"message\":\"Server Error\"}".into())));
        let got = once(&server, "GET", ISSUES, Value::Null).unwrap();
        assert_eq!(got.status, status);
        assert!(!got.json().is_array());
    }
}

#[test]
fn mutations_are_down_and_rest_is_not() {
    let server = start();
    server.with(|gh| gh.settings.mutations_down = true);
    let mutation = json!({ "query": "mutation { reopenIssue(input: {issueId: \"x\"}) { issue { id } } }" });
    assert_eq!(once(&server, "POST", "/graphql", mutation).unwrap().status, 503);
    let query = json!({ "query": "{ viewer { login } }" });
    assert_eq!(once(&server, "POST", "/graphql", query).unwrap().status, 200);
    assert_eq!(once(&server, "POST", ISSUES, json!({ "title": "x" })).unwrap().status, 201);
}
