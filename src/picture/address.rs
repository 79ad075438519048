//! Where a link may lead: to a place on the same page, to a file beside it, or to the web.

use std::fmt::Write as _;

/// The target of a link. There is no way to make one that a browser would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// A page of a web host: the parts of its path, each in one piece.
    ///
    /// `host` is a name with a port at most; with other characters there is no address.
    pub fn web<'a>(host: &str, parts: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
        if host.is_empty() || !host.bytes().all(plain) {
            return None;
        }
        let mut text = format!("https://{host}");
        for part in parts {
            text.push('/');
            encode(part, &mut text);
        }
        Some(Self(text))
    }

    /// An address that somebody wrote: only `https://` and `http://` lead anywhere.
    pub fn written(text: &str) -> Option<Self> {
        let is_web = ["https://", "http://"].iter().any(|s| text.len() > s.len() && text.starts_with(s));
        let is_plain =
            !text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'<>\\`".contains(c));
        (is_web && is_plain).then(|| Self(text.to_owned()))
    }

    /// A file, from the page's own folder: so many folders up, then this path.
    pub fn beside(up: usize, path: &str) -> Self {
        let mut text = "../".repeat(up);
        if up == 0 {
            // A colon in the first part would make it a scheme.
            text.push_str("./");
        }
        for (at, part) in path.split('/').enumerate() {
            if at > 0 {
                text.push('/');
            }
            encode(part, &mut text);
        }
        Self(text)
    }

    /// A place on the page.
    pub fn here(id: &str) -> Self {
        let mut text = "#".to_owned();
        encode(id, &mut text);
        Self(text)
    }

    /// The address, for an attribute.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything but letters, digits and `-._~` behind percent signs.
fn encode(part: &str, out: &mut String) {
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string works.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_only_where_it_says() {
        let web = |host: &str, parts: &[&str]| Address::web(host, parts.iter().copied()).map(|a| a.0);
        assert_eq!(
            web("git.example:8443", &["acme", "app", "a b?#.md"]).as_deref(),
            Some("https://git.example:8443/acme/app/a%20b%3F%23.md")
        );
        assert_eq!(web("a/b", &[]), None);
        assert_eq!(web("", &[]), None);
        assert_eq!(Address::beside(0, "javascript:alert(1)").as_str(), "./javascript%3Aalert%281%29");
        assert_eq!(Address::beside(2, "w/ä.md").as_str(), "../../w/%C3%A4.md");
        assert_eq!(Address::here("a/b\"").as_str(), "#a%2Fb%22");
        for text in ["https://example.org/a?b=c#d", "http://x"] {
            assert_eq!(Address::written(text).map(|a| a.0).as_deref(), Some(text));
        }
        for text in ["javascript:alert(1)", " https://x", "https://", "https://a b", "data:x", "HTTPS://\"x"]
        {
            assert_eq!(Address::written(text), None, "{text}");
        }
    }
}
