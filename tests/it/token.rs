//! Where a token goes, and where it never turns up (promise P8): a table of addresses, at the
//! level of the library and of the real program, and everything a run leaves behind.

mod addresses;
mod leaks;
mod pointed;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Somebody who listens and writes down what is said to him. He answers so that whoever
/// takes him for GitHub says more.
pub(crate) struct Thief {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Thief {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let heard: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let log = heard.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(Duration::from_millis(200))).expect("set");
                let mut said = vec![0; 8192];
                let length = stream.read(&mut said).unwrap_or(0);
                said.truncate(length);
                log.lock().expect("unpoisoned").push(said);
                // Whoever went away is not interested.
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]");
            }
        });
        Self { port, heard }
    }

    /// What was said in each connection so far.
    pub(crate) fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().expect("unpoisoned").clone()
    }
}
