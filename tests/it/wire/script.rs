//! A server that answers from a script and hangs up soon after every answer, without having
//! said so: for what the stand-in, which is well-behaved HTTP, does not do.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gardener::forge::{Address, Options, Token};

use super::{SECRET, slug};

pub(super) const ISSUE: &str = r#"{"number":1,"title":"t","body":"text","state":"open","labels":["bug"],"updated_at":"2026-03-01T12:00:00Z"}"#;

pub(super) struct Script {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
    closed: Arc<AtomicUsize>,
}

impl Script {
    /// Answers each request with what `answer` makes of its head. It runs until the test
    /// process ends.
    pub(super) fn start(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let closed: Arc<AtomicUsize> = Arc::default();
        let (log, ends) = (requests.clone(), closed.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some((head, mut stream)) = read(stream) {
                    log.lock().expect("unpoisoned").push(head.clone());
                    // A client that went away is the client's business.
                    let _ = stream.write_all(answer(&head).as_bytes());
                    let closed = ends.clone();
                    std::thread::spawn(move || {
                        // The client has read the answer and sleeps when the connection ends.
                        std::thread::sleep(Duration::from_millis(2));
                        drop(stream);
                        closed.fetch_add(1, Ordering::SeqCst);
                    });
                }
            }
        });
        Self { url, requests, closed }
    }

    pub(super) fn options(&self) -> Options {
        let address = Address::new("github.com", Some(&self.url), None).expect("loopback");
        let token = Token::new(SECRET, "GH_TOKEN", address.host());
        Options { token, ..Options::new(address, slug("acme/app")) }
    }

    /// Waits until every connection that was answered is closed.
    pub(super) fn wait_until_closed(&self) {
        while self.closed.load(Ordering::SeqCst) < self.requests().len() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // On a busy machine the kernel takes a moment to tell the other end.
        std::thread::sleep(Duration::from_millis(20));
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("unpoisoned").clone()
    }
}

pub(super) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn read(mut stream: TcpStream) -> Option<(String, TcpStream)> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some((head.to_owned(), stream));
            }
        }
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&part[..n]),
        }
    }
}
