//! The way between gardener and GitHub: what gets lost on it, and who comes in between.
//!
//! Requests are answered by the stand-in itself. Every write that it takes is compared with
//! what the worklogs said (`check`).

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use gardener::forge::{Answer, Clock, Exchange, Fault, Wire};
use github_stand_in::{Request, Response, handle};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::check;
use crate::crash::Fuse;
use crate::history::Actor;
use crate::random::{chance, one};
use crate::world::{CANARY, TOKEN, World};

/// The wire of one sync.
pub(crate) struct MemoryWire {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) clone: usize,
    pub(crate) faults: Rc<RefCell<Trouble>>,
    /// Comes in between.
    pub(crate) between: Rc<RefCell<Actor>>,
    pub(crate) fuse: Fuse,
    /// The last answer to a write: method, path, answer.
    pub(crate) last: RefCell<Option<(String, String, Answer)>>,
}

/// What goes wrong on the way.
pub(crate) struct Trouble {
    pub(crate) random: Rng,
    /// So many percent of the requests.
    pub(crate) percent: u32,
    /// The one request that is hit, counted down.
    pub(crate) only: Option<u32>,
}

/// Time on GitHub passes while gardener waits.
pub(crate) struct SharedClock(pub(crate) Rc<RefCell<World>>);

impl Clock for SharedClock {
    fn monotonic(&self) -> Duration {
        let now = self.0.borrow().github.clock.now();
        Duration::from_secs(now.unsigned_abs())
    }

    fn sleep(&self, time: Duration) {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(0) + i64::from(time.subsec_nanos() > 0);
        self.0.borrow_mut().github.clock.advance(seconds);
    }
}

const KINDS: [&str; 17] = [
    "net: nobody there",
    "net: request lost",
    "net: answer lost",
    "net: too slow, not done",
    "net: too slow, done",
    "net: answer cut",
    "net: a portal's page",
    "net: another answer again",
    "http: 502, not done",
    "http: 500, done",
    "http: primary limit",
    "http: secondary limit",
    "http: secondary limit without a wait",
    "http: sent elsewhere",
    "graphql: partial",
    "graphql: down",
    "http: clock of the server wrong",
];

impl Trouble {
    fn strikes(&mut self, is_graphql: bool) -> Option<&'static str> {
        let strikes = match &mut self.only {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                *left == 0
            }
            None => self.percent > 0 && chance(&mut self.random, self.percent),
        };
        // GraphQL is asked seldom, so that its own faults strike each second time it is hit.
        let own = is_graphql && self.random.bool();
        strikes.then(|| match own {
            true => *one(&mut self.random, &["graphql: partial", "graphql: down"]),
            false => KINDS[self.random.usize(0..KINDS.len())],
        })
    }
}

impl Wire for MemoryWire {
    fn send(&self, exchange: &Exchange<'_>) -> Result<Answer, Fault> {
        self.between.borrow_mut().act(&self.world, self.clone);
        let mut world = self.world.borrow_mut();
        let request = request(&mut world, exchange);
        let is_graphql = request.path == "/graphql";
        let fault = self.faults.borrow_mut().strikes(is_graphql);
        let fault = fault.filter(|f| !f.starts_with("graphql") || is_graphql);
        let is_many = check::is_mutation(&request);
        let is_write = request.method != "GET" && (!is_graphql || is_many);
        let line = format!("{} {}", request.method, request.target());
        if is_many {
            world.fire("graphql: several writes at once");
        }
        world.count(&line);
        let unreached = |reason: &str| Err(Fault::Unreached(reason.to_owned()));
        let broken = |reason: &str| Err(Fault::Broken(reason.to_owned()));
        if let Some(fault) = fault {
            world.tell(|| format!("    {line}"));
            let refused = match fault {
                "net: nobody there" => Some(unreached("connection refused")),
                "net: request lost" => Some(broken("connection reset")),
                "net: too slow, not done" => Some(Err(Fault::Slow)),
                "http: 502, not done" => Some(Ok(plain(502, "<html>Bad gateway</html>"))),
                "http: primary limit" => {
                    let reset = world.github.clock.now() + self.faults.borrow_mut().random.i64(1..200);
                    Some(Ok(limited(&[
                        ("x-ratelimit-remaining", "0"),
                        ("x-ratelimit-reset", &reset.to_string()),
                    ])))
                }
                "http: secondary limit" => {
                    let wait = self.faults.borrow_mut().random.u32(0..90).to_string();
                    Some(Ok(limited(&[("retry-after", &wait)])))
                }
                "http: secondary limit without a wait" => Some(Ok(limited(&[]))),
                "http: sent elsewhere" => {
                    let mut answer = plain(if is_write { 307 } else { 301 }, "");
                    let to = HeaderValue::from_static("https://evil.example/repos/acme/app");
                    answer.headers.insert("location", to);
                    Some(Ok(answer))
                }
                "graphql: down" => Some(Ok(plain(502, "{\"message\":\"Something went wrong\"}"))),
                _ => None,
            };
            if let Some(answer) = refused {
                world.fire(fault);
                return answer;
            }
        }
        if is_many && fault == Some("graphql: partial") {
            // Time runs out in the middle: what came before is done.
            let before = self.faults.borrow_mut().random.usize(0..3);
            world.github.settings.mutations_before_timeout = Some(before);
        }
        let response = check::apply(&mut world, self.clone, &request, handle);
        world.github.settings.mutations_before_timeout = None;
        drop(world);
        // Dying here is dying after the deed and before the answer.
        if is_write {
            self.fuse.burn();
        }
        let mut world = self.world.borrow_mut();
        if fault.is_none() {
            world.tell(|| format!("    {line} -> {}", response.status));
        }
        let mut answer = answer(response);
        let before = self.last.borrow_mut().take();
        if is_write {
            let kept = (request.method.clone(), request.path.clone(), answer.clone());
            *self.last.borrow_mut() = Some(kept);
        }
        let Some(fault) = fault else { return Ok(answer) };
        match fault {
            "net: answer lost" => {
                world.fire(fault);
                broken("connection closed before the answer")
            }
            "net: too slow, done" => {
                world.fire(fault);
                Err(Fault::Slow)
            }
            "net: answer cut" => {
                world.fire(fault);
                answer.body.truncate(answer.body.len() / 2);
                Ok(answer)
            }
            "net: a portal's page" => {
                world.fire(fault);
                Ok(plain(200, "<html>Sign in to the network</html>"))
            }
            "http: 500, done" => {
                world.fire(fault);
                Ok(plain(500, "{\"message\":\"Server Error\"}"))
            }
            "net: another answer again" => match before {
                Some((method, path, old)) if method == request.method && path == request.path => {
                    world.fire(fault);
                    Ok(old)
                }
                _ => Ok(answer),
            },
            "graphql: partial" if is_many => {
                world.fire("graphql: some writes");
                Ok(answer)
            }
            "graphql: partial" => {
                world.fire(fault);
                answer.body = partial(&answer.body, &mut self.faults.borrow_mut().random);
                Ok(answer)
            }
            "http: clock of the server wrong" => {
                world.fire(fault);
                let off = self.faults.borrow_mut().random.i64(-90..90);
                let date = github_stand_in::clock::http_date(world.github.clock.now() + off);
                if let Ok(date) = HeaderValue::from_str(&date) {
                    answer.headers.insert("date", date);
                }
                Ok(answer)
            }
            _ => Ok(answer),
        }
    }
}

/// The request as the stand-in takes it. Whether the token and the canary stay where they
/// belong is seen here.
fn request(world: &mut World, exchange: &Exchange<'_>) -> Request {
    let url = exchange.url;
    let rest = url.strip_prefix("https://api.github.com");
    let host = if rest.is_some() { "api.github.com" } else { "elsewhere" };
    let authorization = exchange.authorization.as_ref().and_then(|v| v.to_str().ok().map(str::to_owned));
    if rest.is_none() && authorization.is_some() {
        world.blame(format!("the token went to {url}"));
    }
    let body = exchange.body.unwrap_or_default();
    if body.contains(CANARY) || url.contains(CANARY) || body.contains(TOKEN) || url.contains(TOKEN) {
        world.blame(format!("a secret went to {url}"));
    }
    let (path, query) = rest.unwrap_or_default().split_once('?').unwrap_or((rest.unwrap_or_default(), ""));
    let mut request = Request {
        method: exchange.method.as_str().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.as_bytes().to_vec(),
        ..Request::default()
    }
    .header("user-agent", "gardener")
    .header("host", host);
    if let Some(value) = authorization {
        request = request.header("authorization", &value);
    }
    if let Some(etag) = exchange.if_none_match {
        request = request.header("if-none-match", etag);
    }
    request
}

fn answer(response: Response) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            // The stand-in writes links for plain http, which is all that it speaks.
            let secure =
                value.to_str().ok().map(|v| v.replace("http://api.github.com", "https://api.github.com"));
            headers.insert(name, secure.and_then(|v| HeaderValue::from_str(&v).ok()).unwrap_or(value));
        }
    }
    Answer { status: response.status, headers, body: response.body }
}

fn plain(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn limited(headers: &[(&'static str, &str)]) -> Answer {
    let text = match headers {
        [("x-ratelimit-remaining", _), ..] => "API rate limit exceeded for user ID 1.",
        _ => "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    };
    let mut answer = plain(403, &json!({ "message": text }).to_string());
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers.insert(*name, value);
        }
    }
    answer
}

/// One issue of a GraphQL answer is missing, with an error about it.
fn partial(body: &[u8], random: &mut Rng) -> Vec<u8> {
    let Ok(mut reply) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    let Some(data) = reply["data"]["repository"].as_object_mut() else { return body.to_vec() };
    let names: Vec<String> = data.keys().cloned().collect();
    if names.is_empty() {
        return body.to_vec();
    }
    let name = names[random.usize(0..names.len())].clone();
    data.insert(name.clone(), Value::Null);
    let error =
        json!({ "type": "SERVICE_UNAVAILABLE", "path": ["repository", name], "message": "Timed out" });
    reply["errors"] = json!([error]);
    reply.to_string().into_bytes()
}
