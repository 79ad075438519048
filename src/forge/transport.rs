//! One request over the network, by octocrab in a tokio runtime of its own.
//!
//! This is the only file that knows octocrab, hyper and tokio. It sends exactly once: no
//! retry (octocrab's own re-sends `POST`), no redirect, no cache. It says how far a failed
//! request came, because only one that never left may be forgotten. What an answer means is
//! decided elsewhere.

use std::error::Error;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::BodyExt as _;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use tokio::runtime::{Builder, Runtime};

/// Larger answers are not read to their end.
const CAP: usize = 10 << 20;

/// A connection that is not there after so long is not tried further.
const CONNECTING: Duration = Duration::from_secs(5);

/// GitHub closes idle connections after a minute or so. A request on a connection that the
/// other side has just closed is a doubtful write for nothing, so ours are closed earlier.
const IDLE: Duration = Duration::from_secs(15);

/// Carries one request to a server and its answer back. `Transport` does it over the
/// network; a simulation does it in memory.
pub trait Wire {
    /// Sends one request, once, and waits for the whole answer.
    ///
    /// # Errors
    /// When there is no whole answer: how far it came.
    fn send(&self, exchange: &Exchange<'_>) -> Result<Answer, Fault>;

    /// Sends several requests that only read, each once and all at the same time where that can be
    /// done, and waits for all answers.
    fn send_at_once(&self, exchanges: &[Exchange<'_>]) -> Vec<Result<Answer, Fault>> {
        exchanges.iter().map(|exchange| self.send(exchange)).collect()
    }
}

/// A runtime and a client for one address.
pub(super) struct Transport {
    client: Octocrab,
    runtime: Runtime,
}

/// A request.
pub struct Exchange<'a> {
    /// `GET`, `POST`, …
    pub method: &'a Method,
    /// The whole address.
    pub url: &'a str,
    /// A JSON text.
    pub body: Option<&'a str>,
    /// The header, where there is a token for this address.
    pub authorization: Option<HeaderValue>,
    /// The name of an answer that is known: only another one is wanted.
    pub if_none_match: Option<&'a str>,
    /// How long it may take.
    pub timeout: Duration,
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// There was no connection: nothing was sent.
    Unreached(String),
    /// It was sent, perhaps wholly, and the answer did not come, or not whole.
    Broken(String),
    /// Time was up.
    Slow,
    /// The answer is larger than the cap.
    TooLarge,
}

impl Answer {
    /// A header's value, when it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the status is 2xx.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it points elsewhere.
    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 307 | 308)
    }
}

impl Wire for Transport {
    fn send(&self, exchange: &Exchange<'_>) -> Result<Answer, Fault> {
        let request = request(exchange).map_err(|e| Fault::Unreached(e.to_string()))?;
        self.runtime.block_on(async {
            if exchange.body.is_some() {
                // Between two requests nothing runs here, so a connection that the other
                // side closed meanwhile is noticed only now; a write must not find out.
                tokio::time::sleep(Duration::from_millis(1)).await;
                // Its task has to run before ours goes on.
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
            }
            let answer = tokio::time::timeout(exchange.timeout, exchanged(&self.client, request)).await;
            answer.unwrap_or(Err(Fault::Slow))
        })
    }

    fn send_at_once(&self, exchanges: &[Exchange<'_>]) -> Vec<Result<Answer, Fault>> {
        let start = |exchange: &Exchange<'_>| {
            let request = request(exchange).map_err(|e| Fault::Unreached(e.to_string()))?;
            let (client, timeout) = (self.client.clone(), exchange.timeout);
            Ok(self.runtime.spawn(async move {
                let answer = tokio::time::timeout(timeout, exchanged(&client, request)).await;
                answer.unwrap_or(Err(Fault::Slow))
            }))
        };
        let started: Vec<_> = exchanges.iter().map(start).collect();
        let end = |task: Result<tokio::task::JoinHandle<Result<Answer, Fault>>, Fault>| {
            let answer = self.runtime.block_on(task?);
            answer.unwrap_or_else(|_| Err(Fault::Broken("the request was given up".to_owned())))
        };
        started.into_iter().map(end).collect()
    }
}

impl Transport {
    /// A client that speaks https, or plain http when `plain`, which only a loopback
    /// address is.
    ///
    /// # Errors
    /// When the system lacks what it takes, such as root certificates: why.
    pub(super) fn open(plain: bool) -> Result<Self, String> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        // octocrab starts a task while it is built and panics outside a runtime.
        let inside = runtime.enter();
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECTING));
        let mut clients = Client::builder(TokioExecutor::new());
        clients.pool_idle_timeout(IDLE);
        let builder = OctocrabBuilder::new_empty();
        let built = if plain {
            let client: Client<_, OctoBody> = clients.build(connector);
            builder.with_service(client).with_auth(AuthState::None).build()
        } else {
            connector.enforce_http(false);
            let roots = HttpsConnectorBuilder::new().with_native_roots();
            let roots = roots.map_err(|e| format!("no root certificates: {e}"))?;
            let connector = roots.https_only().enable_http1().wrap_connector(connector);
            let client: Client<_, OctoBody> = clients.build(connector);
            builder.with_service(client).with_auth(AuthState::None).build()
        };
        drop(inside);
        let client = match built {
            Ok(client) => client,
            Err(never) => match never {},
        };
        Ok(Self { client, runtime })
    }
}

async fn exchanged(client: &Octocrab, request: Request<OctoBody>) -> Result<Answer, Fault> {
    let response = client.send(request).await.map_err(|e| fault(&e))?;
    let (parts, mut incoming) = response.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|e| Fault::Broken(chain(&e)))?;
        if let Ok(bytes) = frame.into_data() {
            if body.len() + bytes.len() > CAP {
                return Err(Fault::TooLarge);
            }
            body.extend_from_slice(&bytes);
        }
    }
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

fn request(exchange: &Exchange<'_>) -> Result<Request<OctoBody>, http::Error> {
    let mut builder = Request::builder()
        .method(exchange.method)
        .uri(exchange.url)
        .header(header::USER_AGENT, concat!("gardener/", env!("CARGO_PKG_VERSION")))
        .header(header::ACCEPT, "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28");
    if let Some(value) = &exchange.authorization {
        builder = builder.header(header::AUTHORIZATION, value.clone());
    }
    if let Some(etag) = exchange.if_none_match {
        builder = builder.header(header::IF_NONE_MATCH, etag);
    }
    match exchange.body {
        Some(text) => {
            builder.header(header::CONTENT_TYPE, "application/json").body(OctoBody::from(text.to_owned()))
        }
        None => builder.body(OctoBody::empty()),
    }
}

fn fault(error: &octocrab::Error) -> Fault {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(hyper) = inner.downcast_ref::<hyper_util::client::legacy::Error>()
            && hyper.is_connect()
        {
            return Fault::Unreached(chain(error));
        }
        cause = inner.source();
    }
    Fault::Broken(chain(error))
}

/// The causes of an error, outermost first. octocrab's own text is left out: it has a
/// backtrace in it when the user asked for backtraces.
fn chain(error: &octocrab::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let part = inner.to_string();
        if inner.downcast_ref::<octocrab::Error>().is_none() && !text.ends_with(&part) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(url: &str) -> Exchange<'_> {
        let timeout = Duration::from_secs(5);
        Exchange { method: &Method::GET, url, body: None, authorization: None, if_none_match: None, timeout }
    }

    #[test]
    fn https_finds_its_cryptography_and_refuses_plain_http() {
        // A machine without root certificates can't speak https; it must not panic either.
        let Ok(transport) = Transport::open(false) else { return };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let plain = transport.send(&exchange(&format!("http://127.0.0.1:{port}/")));
        assert!(matches!(plain, Err(Fault::Unreached(_))), "{plain:?}");
        // Somebody who does not speak TLS: the handshake fails, and nothing was sent.
        let answered = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").expect("written");
        });
        let secure = transport.send(&exchange(&format!("https://127.0.0.1:{port}/")));
        assert!(matches!(secure, Err(Fault::Unreached(_))), "{secure:?}");
        answered.join().expect("ended");
    }
}
