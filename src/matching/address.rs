//! The host and the port that a failed connection was for, where the message does not say it.
//!
//! `Connection refused` names nobody. The trace mostly does: tools show the arguments of functions
//! (`address = ('127.0.0.1', 5984)`), the line of source (`connect("db.example", 5432)`) or the
//! fields of the error (`port: 5981`). It is only asked where a message speaks of a connection.

use crate::wording::is_service_port;

/// What messages of connections that came to nothing have in them, in lower case.
const SPEAKING: [&str; 22] = [
    "refused",
    "gaierror",
    "getaddrinfo",
    "name or service not known",
    "nodename nor servname",
    "name resolution",
    "name does not resolve",
    "resolve host",
    "no address associated",
    "enotfound",
    "eai_again",
    "econn",
    "etimedout",
    "timed out",
    "timeout",
    "unreachable",
    "no route to host",
    "connection reset",
    "connection aborted",
    "broken pipe",
    "fetch failed",
    "failed to connect",
];

/// Those of them that speak of a name without an address.
const NAMES: [&str; 8] = [
    "gaierror",
    "getaddrinfo",
    "name or service not known",
    "nodename nor servname",
    "name resolution",
    "name does not resolve",
    "no address associated",
    "enotfound",
];

/// From here on Linux hands ports out to whoever asks; others begin later.
const HANDED_OUT: u32 = 32_768;

/// How many lines of a trace are looked at, from its end.
const LINES: usize = 400;

/// `service host:port` or `host name`, if the text speaks of a connection and the trace says
/// whereto; ports that a system hands out to whoever asks name nothing.
pub(super) fn peer(text: &str, detail: &str) -> Option<String> {
    let low = text.to_ascii_lowercase();
    if !SPEAKING.iter().any(|s| low.contains(s)) {
        return None;
    }
    let is_name = NAMES.iter().any(|s| low.contains(s));
    // The innermost call stands last.
    let lines: Vec<&str> = detail.lines().rev().take(LINES).collect();
    let mut port_below = None;
    for line in lines {
        let line = line.trim();
        // Node writes `address: '127.0.0.1',` and below it `port: 5981`.
        if let Some(port) = line.strip_prefix("port: ") {
            port_below = port.trim_end_matches(',').parse::<u32>().ok();
        }
        let node = line.strip_prefix("address: '").and_then(|l| l.split('\'').next());
        let found = match (node, port_below) {
            (Some(host), Some(port)) => Some((host, Some(port))),
            _ => argument(line).or_else(|| url(line)),
        };
        let Some((host, port)) = found else { continue };
        let host = match host {
            "127.0.0.1" | "::1" | "0.0.0.0" => "localhost",
            host => host,
        };
        let port = port.filter(|p| *p < HANDED_OUT || is_service_port(*p));
        if is_name && host != "localhost" {
            return Some(format!("host {host}"));
        }
        match port {
            Some(port) => return Some(format!("service {host}:{port}")),
            None if host != "localhost" => return Some(format!("service {host}")),
            None => {}
        }
    }
    None
}

/// `'host', 5432`, `host='host', port=5432`: a host in quotes and then a number.
fn argument(line: &str) -> Option<(&str, Option<u32>)> {
    let mut rest = line;
    while let Some(at) = rest.find(['\'', '"']) {
        let quote = rest[at..].chars().next()?;
        let inner = &rest[at + 1..];
        let end = inner.find(quote)?;
        let (host, after) = (&inner[..end], &inner[end + 1..]);
        let number = after.strip_prefix(',').map(str::trim_start);
        let number = number.map(|n| n.trim_start_matches("port").trim_start_matches([' ', '=', ':']));
        let digits = number.map_or("", |n| &n[..n.bytes().take_while(u8::is_ascii_digit).count()]);
        if is_host(host)
            && let Ok(port) = digits.parse::<u32>()
            && (1..=65_535).contains(&port)
        {
            return Some((host, Some(port)));
        }
        rest = after;
    }
    None
}

/// The host and the port of `http://host:port/path`.
fn url(line: &str) -> Option<(&str, Option<u32>)> {
    let (before, rest) = line.split_once("://")?;
    let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if scheme.is_empty() || scheme == "file" {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || "/\"'`)>,?;".contains(c)).unwrap_or(rest.len());
    let place = rest[..end].rsplit('@').next().unwrap_or_default();
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (place, None),
    };
    is_host(host).then_some((host, port))
}

fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    (2..=80).contains(&text.len())
        && text.chars().all(fits)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':')
        && !super::place::is_source(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_connections_were_for() {
        for (text, detail, wanted) in [
            (
                "Connection refused",
                "address = ('127.0.0.1', 5984), timeout = 1",
                Some("service localhost:5984"),
            ),
            (
                "Name or service not known",
                "host = 'errors.invalid', port = 6379",
                Some("host errors.invalid"),
            ),
            ("connection refused", "  c = connect(host=\"db\", port=5432)", Some("service db:5432")),
            ("timed out", "get('https://api.example:8443/v1')", Some("service api.example:8443")),
            ("fetch failed", "  address: '127.0.0.1',\n  port: 5981\n", Some("service localhost:5981")),
            ("Connection refused", "address = ('127.0.0.1', 45121)", None),
            ("KeyError: 'host'", "address = ('127.0.0.1', 5984)", None),
            ("Connection refused", "File \"a.py\", line 3", None),
        ] {
            assert_eq!(peer(text, detail).as_deref(), wanted, "{text} {detail}");
        }
    }
}
