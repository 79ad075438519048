//! GitHub on a loopback port: a thin layer that carries requests to `handle`.
//!
//! One thread, one request at a time inside GitHub, keep-alive. Everything that knows about
//! issues is elsewhere; here are only connections, delays and broken answers.

use std::io;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::time::Sleep;

use crate::answer::handle;
use crate::clock::http_date;
use crate::fault::{Fault, How, Rule, When, strike};
use crate::http::{Request, Response};
use crate::log::{Kind, Logged};
use crate::record;
use crate::state::GitHub;

/// Where in a request's life a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has arrived; GitHub has not looked at it.
    Arrived,
    /// GitHub has done it; the answer has not been sent.
    Applied,
}

/// What a hook is told.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The request's number, from 1.
    pub index: u64,
    /// Where in its life it is.
    pub phase: Phase,
    /// Whether it means to change something.
    pub kind: Kind,
    /// The request.
    pub request: Request,
}

type Hook = Box<dyn FnMut(&Moment, &mut GitHub) + Send>;

struct Shared {
    github: Mutex<GitHub>,
    rules: Mutex<Vec<Rule>>,
    log: Mutex<Vec<Logged>>,
    hook: Mutex<Option<Hook>>,
    requests: AtomicU64,
    connections: AtomicU64,
    forgetful: AtomicBool,
    held: AtomicUsize,
    busy: AtomicUsize,
    release: watch::Sender<u64>,
}

/// A stand-in for GitHub that answers on a loopback port until it is dropped.
pub struct StandIn {
    shared: Arc<Shared>,
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl StandIn {
    /// Starts it on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If there is no port to be had.
    #[must_use]
    pub fn start(github: GitHub) -> Self {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
        listener.set_nonblocking(true).expect("a non-blocking socket");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            github: Mutex::new(github),
            rules: Mutex::default(),
            log: Mutex::default(),
            hook: Mutex::default(),
            requests: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            forgetful: AtomicBool::new(false),
            held: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            release: watch::Sender::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                tokio::spawn(accept(listener, serving));
                // An error means that the sender is gone, which is as good as a message.
                let _ = stopped.await;
            });
        });
        Self { shared, port, stop: Some(stop), thread: Some(thread) }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The API's address, as `https://api.github.com` is GitHub's. GraphQL is at `/graphql`.
    /// The same is served as a GitHub Enterprise Server has it, under `/api/v3` and at
    /// `/api/graphql`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Looks at or changes what GitHub knows, between requests. Not to be called in a hook,
    /// which is handed the state itself.
    pub fn with<R>(&self, f: impl FnOnce(&mut GitHub) -> R) -> R {
        f(&mut lock(&self.shared.github))
    }

    /// The requests so far.
    #[must_use]
    pub fn log(&self) -> Vec<Logged> {
        lock(&self.shared.log).clone()
    }

    /// The writes so far.
    #[must_use]
    pub fn writes(&self) -> Vec<Logged> {
        let mut log = self.log();
        log.retain(|entry| entry.kind == Kind::Write);
        log
    }

    /// Forgets the requests so far.
    pub fn clear_log(&self) {
        lock(&self.shared.log).clear();
    }

    /// The connections that clients opened so far. [`StandIn::clear_log`] leaves the count.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Leaves the bodies of answers out of the log from here on. For measurements: reading
    /// a page of issues for the log takes as long as making it.
    pub fn forget_answers(&self) {
        self.shared.forgetful.store(true, Ordering::SeqCst);
    }

    /// Adds a fault. Of several that fit, the oldest strikes.
    pub fn fail(&self, rule: Rule) {
        lock(&self.shared.rules).push(rule);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        lock(&self.shared.rules).clear();
    }

    /// Calls `hook` twice for each request: when it has arrived, and when GitHub has done it
    /// but not answered. It may change GitHub's state or kill the client.
    pub fn on_request(&self, hook: impl FnMut(&Moment, &mut GitHub) + Send + 'static) {
        *lock(&self.shared.hook) = Some(Box::new(hook));
    }

    /// Takes the hook away.
    pub fn clear_hook(&self) {
        *lock(&self.shared.hook) = None;
    }

    /// Lets all requests go on that are held by [`How::Hold`].
    pub fn release(&self) {
        self.shared.release.send_modify(|turn| *turn += 1);
    }

    /// How many requests are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shared.held.load(Ordering::SeqCst)
    }

    /// Waits until a request is held; false if none was in time.
    #[must_use]
    pub fn wait_until_held(&self, patience: Duration) -> bool {
        let start = Instant::now();
        while self.held() == 0 {
            if start.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended by itself; then there is nobody to tell.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A panic in a test must not make the stand-in useless for its other threads.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: StdListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let shared = Arc::clone(&shared);
                async move {
                    let request = read(request).await?;
                    // GitHub goes on with a request whose client has given up or died.
                    let served = tokio::spawn(async move { serve(&shared, request).await });
                    served.await.map_err(io::Error::other)?
                }
            });
            // A connection that ends badly is the client's doing or a fault's.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Carries one request through fault, hook, GitHub, hook and fault. An error closes the
/// connection without an answer.
async fn serve(shared: &Shared, request: Request) -> io::Result<hyper::Response<Reply>> {
    let index = shared.requests.fetch_add(1, Ordering::SeqCst) + 1;
    let _busy = Counted::new(&shared.busy);
    let crowd = shared.busy.load(Ordering::SeqCst);
    let mut entry = Logged::new(index, lock(&shared.github).clock.now(), &request);
    let fault = strike(&mut lock(&shared.rules), &request, entry.kind);
    entry.fault = fault.as_ref().map(|fault| format!("{:?} {:?}", fault.when, fault.how));
    // The entry is there from the start: a client killed in mid-request was here, too.
    lock(&shared.log).push(entry.clone());

    let before = fault.as_ref().filter(|fault| fault.when == When::Before);
    shared.call(index, Phase::Arrived, entry.kind, &request);
    shared.wait(before).await;
    let stopped = match before {
        Some(Fault { how: How::Drop, .. }) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(fault) => shared.replaced(&request, &fault.how),
        None => shared.crowded(&request, crowd),
    };
    let response = match stopped {
        Some(response) => response,
        None => {
            let (response, applied) = shared.apply(&request);
            entry.handled = true;
            entry.applied = applied;
            shared.answered(&mut entry, &response);
            shared.relog(&entry);
            shared.call(index, Phase::Applied, entry.kind, &request);
            shared.linger(&entry).await;
            response
        }
    };
    let after = fault.as_ref().filter(|fault| fault.when == When::After);
    shared.wait(after).await;
    let how = fault.as_ref().map(|fault| &fault.how);
    let mut response = match (after, how) {
        (Some(_), Some(How::Drop)) => {
            entry.status = 0;
            shared.relog(&entry);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        (Some(_), Some(how)) => shared.replaced(&request, how).unwrap_or(response),
        _ => response,
    };
    if let Some(How::Headers(headers)) = how {
        for (name, value) in headers {
            response = response.header(name, value);
        }
    }
    shared.answered(&mut entry, &response);
    shared.relog(&entry);
    let cut = match how {
        Some(How::Cut(bytes)) => Some(*bytes),
        _ => None,
    };
    Ok(reply(response, cut))
}

impl Shared {
    fn apply(&self, request: &Request) -> (Response, bool) {
        let mut github = lock(&self.github);
        let before = github.revision;
        let response = handle(&mut github, request);
        (response, github.revision != before)
    }

    /// The refusal of one request too many at one time.
    fn crowded(&self, request: &Request, crowd: usize) -> Option<Response> {
        let github = lock(&self.github);
        let refusal =
            github.settings.concurrent.is_some_and(|most| crowd > most).then(|| github.secondary())?;
        let response = refusal.response().header("date", &http_date(github.clock.now()));
        record::answer(request, &response);
        Some(response)
    }

    /// What a fault answers in GitHub's place, if it does.
    fn replaced(&self, request: &Request, how: &How) -> Option<Response> {
        let response = how.replaced(&lock(&self.github))?;
        record::fault(request, &response, how.name());
        Some(response)
    }

    fn answered(&self, entry: &mut Logged, response: &Response) {
        entry.status = response.status;
        if !self.forgetful.load(Ordering::SeqCst) {
            entry.answered(response);
        }
    }

    fn relog(&self, entry: &Logged) {
        let mut log = lock(&self.log);
        if let Some(place) = log.iter_mut().rfind(|place| place.index == entry.index) {
            *place = entry.clone();
        }
    }

    fn call(&self, index: u64, phase: Phase, kind: Kind, request: &Request) {
        if let Some(hook) = lock(&self.hook).as_mut() {
            let request = request.clone();
            let moment = Moment { index, phase, kind, request };
            hook(&moment, &mut lock(&self.github));
        }
    }

    async fn wait(&self, fault: Option<&Fault>) {
        match fault.map(|fault| &fault.how) {
            Some(How::Slow(time)) => tokio::time::sleep(*time).await,
            Some(How::Hold) => {
                let mut turn = self.release.subscribe();
                let _counted = Counted::new(&self.held);
                // The sender lives as long as the server.
                let _ = turn.changed().await;
            }
            _ => {}
        }
    }

    /// The time an answer takes.
    async fn linger(&self, entry: &Logged) {
        let time = {
            let settings = &lock(&self.github).settings;
            let mutations = if entry.kind == Kind::Write { entry.operations.len() } else { 0 };
            settings.latency + settings.latency_per_mutation * u32::try_from(mutations).unwrap_or(u32::MAX)
        };
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
    }
}

/// Counts a request as long as this lives, even if its client hangs up.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn read(incoming: hyper::Request<Incoming>) -> io::Result<Request> {
    let (head, body) = incoming.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let headers = (head.headers.iter())
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Ok(Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    })
}

fn reply(response: Response, cut: Option<usize>) -> hyper::Response<Reply> {
    let length = response.body.len();
    let mut head = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        head = head.header(name, value);
    }
    if cut.is_some() {
        head = head.header("content-length", length);
    }
    let body = Bytes::from(response.body);
    let reply = match cut {
        Some(bytes) => Reply {
            next: Some(body.slice(..bytes.min(length))),
            breaks: Some(Box::pin(tokio::time::sleep(Duration::from_millis(20)))),
            length: length as u64,
        },
        None => Reply { next: Some(body), breaks: None, length: length as u64 },
    };
    // A header a test made up may be no header; that is a mistake in the test.
    head.body(reply).expect("valid headers")
}

/// A body that may break off.
struct Reply {
    next: Option<Bytes>,
    /// Breaks off after a moment, so that what came before is really on its way.
    breaks: Option<Pin<Box<Sleep>>>,
    length: u64,
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(bytes) = self.next.take()
            && !bytes.is_empty()
        {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.breaks.as_mut() {
            None => Poll::Ready(None),
            Some(sleep) => {
                (sleep.as_mut().poll(context)).map(|()| Some(Err(io::ErrorKind::ConnectionReset.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.breaks.is_none() && self.next.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        if self.breaks.is_some() {
            hyper::body::SizeHint::default()
        } else {
            hyper::body::SizeHint::with_exact(self.next.as_ref().map_or(0, |_| self.length))
        }
    }
}
