//! A small client: HTTP/1.1 on one kept-alive connection, and no more than the two clients
//! beside gardener need.
//!
//! No TLS, no redirects, no chunks, no timeouts: it talks to the stand-in on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

use serde_json::{Value, json};

use crate::Told;
use crate::scene::TOKEN;

/// A connection to the stand-in.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    port: u16,
}

/// What was answered.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// Headers by lower-case name.
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Connection {
    /// Opens one.
    pub(crate) fn open(port: u16) -> Told<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream), port })
    }

    /// Asks for something, unless it is still what this tag stands for.
    pub(crate) fn get(&mut self, target: &str, tag: Option<&str>) -> Told<Answer> {
        let condition = tag.map(|tag| format!("if-none-match: {tag}\r\n")).unwrap_or_default();
        let answer = self.send("GET", target, &condition, "")?;
        match answer.status {
            200 | 304 => Ok(answer),
            other => Err(format!("GET {target}: {other}").into()),
        }
    }

    /// Sends something; its answer as JSON.
    pub(crate) fn put(&mut self, method: &str, target: &str, body: &Value) -> Told<Value> {
        let answer = self.send(method, target, "content-type: application/json\r\n", &body.to_string())?;
        match answer.status {
            200 | 201 => answer.json(),
            other => Err(format!("{method} {target}: {other}").into()),
        }
    }

    /// Asks GraphQL; the data of its answer, which must have no errors.
    pub(crate) fn graphql(&mut self, query: &str) -> Told<Value> {
        let mut answer = self.put("POST", "/graphql", &json!({ "query": query }))?;
        if answer["errors"].is_array() {
            return Err(format!("GraphQL: {}", answer["errors"]).into());
        }
        Ok(answer["data"].take())
    }

    fn send(&mut self, method: &str, target: &str, headers: &str, body: &str) -> Told<Answer> {
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nuser-agent: beside-gardener\r\n\
             authorization: Bearer {TOKEN}\r\n{headers}content-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        // In one piece, so that it is in one packet.
        self.stream.get_mut().write_all(request.as_bytes())?;
        let line = self.line()?;
        let status: u16 = line.split(' ').nth(1).ok_or("no status")?.parse()?;
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = match headers.get("content-length") {
            Some(length) if status != 304 => length.parse()?,
            _ => 0,
        };
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Answer { status, headers, body })
    }

    fn line(&mut self) -> Told<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("the connection was closed".into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Told<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The tag to ask with the next time.
    pub(crate) fn tag(&self) -> Option<String> {
        self.headers.get("etag").cloned()
    }

    /// The number of the last page, if there is more than this one.
    pub(crate) fn last_page(&self) -> Option<usize> {
        let link = self.headers.get("link")?.split(", ").find(|link| link.ends_with("rel=\"last\""))?;
        let (_, number) = link.split_once('>')?.0.rsplit_once("page=")?;
        number.parse().ok()
    }
}
