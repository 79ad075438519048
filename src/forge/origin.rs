//! Scheme, host and port of an address, compared exactly.
//!
//! What follows them is in `address`. Hosts are plain ASCII in lower case: letters of other
//! alphabets that look like ours are refused, and so is whatever the system's resolver
//! might read as an address in disguise.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Scheme, host and port, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    https: bool,
    /// Lower case.
    host: String,
    /// Only where it is not the scheme's own.
    port: Option<u16>,
}

impl Origin {
    /// A host that GitHub itself runs.
    pub(super) fn https(host: &str) -> Self {
        Self { https: true, host: host.to_owned(), port: None }
    }

    /// Reads `https` or `http` and what stands between `://` and the next slash. Plain http
    /// is taken only to this machine.
    ///
    /// # Errors
    /// Why it is not acceptable.
    pub(super) fn parse(scheme: &str, authority: &str) -> Result<Self, &'static str> {
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("only https is spoken"),
        };
        if authority.contains('@') {
            return Err("it names a user");
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or("it is not a host")?;
                let host: Ipv6Addr = host.parse().map_err(|_| "it is not a host")?;
                (format!("[{host}]"), port)
            }
            None => {
                let end = authority.find(':').unwrap_or(authority.len());
                let (host, port) = authority.split_at(end);
                let host = host.to_ascii_lowercase();
                if !is_host(&host) {
                    return Err("it is not a host");
                }
                (host, port)
            }
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Some(digits.parse::<u16>().ok().filter(|p| *p > 0).ok_or("it is not a port")?)
            }
            _ => return Err("it is not a port"),
        };
        let origin = Self { https, host, port: port.filter(|p| *p != if https { 443 } else { 80 }) };
        if !https && !origin.is_loopback() {
            return Err("plain http is spoken only to this machine");
        }
        Ok(origin)
    }

    /// The host, in lower case.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it has a port that is not its scheme's own.
    pub(super) fn has_port(&self) -> bool {
        self.port.is_some()
    }

    pub(super) fn is_https(&self) -> bool {
        self.https
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let four = self.host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
        four || self.host == "[::1]" || self.host == "localhost"
    }

    /// `git.acme.org:8443`
    pub(super) fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// `https://git.acme.org:8443`
    pub(super) fn text(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

/// A host name or an IPv4 address in its usual form. What the system might read as an
/// address in disguise (`127.1`, `0x7f.1`, `2130706433`) is neither.
fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        let plain = l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (1..=63).contains(&l.len()) && plain && !l.starts_with('-') && !l.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.starts_with(|c: char| c.is_ascii_digit());
    host.len() <= 253
        && host.split('.').all(label)
        && (!numeric || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.to_string() == host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_origins_are_equal_and_disguises_are_none() {
        let origin = |scheme: &str, authority: &str| Origin::parse(scheme, authority).ok();
        assert_eq!(origin("HTTPS", "Git.Acme.org:443"), origin("https", "git.acme.org"));
        assert_ne!(origin("https", "git.acme.org:80"), origin("https", "git.acme.org"));
        assert_eq!(origin("http", "[::1]:80").map(|o| o.text()).as_deref(), Some("http://[::1]"));
        let long = "a".repeat(64);
        for odd in ["1.2.3", "1.2.3.4.5", "01.2.3.4", "0x7f000001", "[::1", "[::1]x", "a_b", "a b", &long] {
            assert_eq!(origin("https", odd), None, "{odd}");
        }
    }
}
