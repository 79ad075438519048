//! Where GitHub's interface is, and which addresses belong to it.
//!
//! A credential goes out only to what stands here, so every comparison is exact: no suffix
//! tests but the one for `*.ghe.com`, whose dot counts (CVE-2026-48501 took
//! `tuf-repo.github.com` for github.com). The environment is read by `cli`; its values
//! arrive as strings. Repositories can never choose an address.

use crate::forge::ForgeError;
use crate::forge::origin::Origin;
use crate::model::Untrusted;

/// The interface of one GitHub: REST, GraphQL, and the host that credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    origin: Origin,
    /// Path of the REST interface: empty or `/api/v3`, without a slash at the end.
    base: String,
    graphql: String,
    host: String,
    overridden: bool,
}

impl Address {
    /// The interface of the GitHub whose repositories are at `host`, as a git remote names
    /// it: `github.com`, `acme.ghe.com`, or a GitHub Enterprise Server with or without a
    /// port.
    ///
    /// # Errors
    /// When `host` is not a host name, or one under github.com or ghe.com that has no
    /// repositories.
    pub fn of_host(host: &str) -> Result<Self, ForgeError> {
        let named = Origin::parse("https", host).map_err(|why| bad(host, why))?;
        let name = named.host();
        // The names under which github.com is reached, for git and for the interface.
        let github = ["github.com", "www.github.com", "ssh.github.com", "api.github.com"];
        // Its cloud has one port; a remote such as ssh.github.com:443 says nothing about it.
        let (origin, base, graphql) = if github.contains(&name) {
            (Origin::https("api.github.com"), "", "/graphql")
        } else if let Some(tenant) = tenant(name) {
            (Origin::https(&format!("api.{tenant}.ghe.com")), "", "/graphql")
        } else if name == "ghe.com" || name.ends_with(".ghe.com") || name.ends_with(".github.com") {
            return Err(bad(host, "it has no repositories"));
        } else {
            (named, "/api/v3", "/api/graphql")
        };
        let graphql = format!("{}{graphql}", origin.text());
        Ok(Self { host: owner_of(&origin), origin, base: base.to_owned(), graphql, overridden: false })
    }

    /// The interface for `host`, or the one the user's environment names instead
    /// (`GITHUB_API_URL`, `GITHUB_GRAPHQL_URL`).
    ///
    /// A runner sets those variables by itself, to the GitHub it works for. Where they
    /// name the official interface of *another* host than the repository's they are such a
    /// default and no choice about this repository, and are left aside: obeyed, they would
    /// send `acme/app` of one GitHub to `acme/app` of another (promise P5).
    ///
    /// # Errors
    /// When an address is not acceptable: not https (plain http only to this machine), with
    /// user, query or fragment, or GraphQL on another host than REST.
    pub fn new(host: &str, api: Option<&str>, graphql: Option<&str>) -> Result<Self, ForgeError> {
        let given = |text: Option<&str>| text.filter(|t| !t.is_empty()).map(str::to_owned);
        let (api, graphql) = (given(api), given(graphql));
        let other = |origin: &Origin| {
            let official = official(origin.host()).is_some();
            official && Self::of_host(host).is_ok_and(|own| own.host != owner_of(origin))
        };
        let (origin, base, derived) = match &api {
            Some(url) => {
                let (origin, base) = parse(url).map_err(|why| bad(url, why))?;
                if other(&origin) {
                    return Self::of_host(host);
                }
                let graphql = base.strip_suffix("/v3").unwrap_or(&base);
                let derived = format!("{}{graphql}/graphql", origin.text());
                (origin, base, derived)
            }
            None => {
                let own = Self::of_host(host)?;
                (own.origin, own.base, own.graphql)
            }
        };
        let graphql_url = match &graphql {
            Some(url) => {
                let (there, path) = parse(url).map_err(|why| bad(url, why))?;
                if there == origin {
                    format!("{}{path}", there.text())
                } else if api.is_none() && other(&there) {
                    derived
                } else {
                    return Err(bad(url, "GraphQL must be on the same host as the REST interface"));
                }
            }
            None => derived,
        };
        Ok(Self { host: owner_of(&origin), origin, base, graphql: graphql_url, overridden: api.is_some() })
    }

    /// The host that credentials belong to, with its port where it is not 443: `github.com`
    /// for `https://api.github.com`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address of the REST interface, without a slash at the end.
    pub fn rest(&self) -> String {
        format!("{}{}", self.origin.text(), self.base)
    }

    /// The address of the GraphQL interface.
    pub fn graphql(&self) -> &str {
        &self.graphql
    }

    /// Whether it is on this machine: nothing real is behind it, so writes need no pace and
    /// no credential helper is asked.
    pub fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
    }

    /// Whether the user's environment named its REST interface, which also binds the tokens
    /// of that environment to it (see `Token::find`).
    pub fn is_overridden(&self) -> bool {
        self.overridden
    }

    /// Whether it is plain http, which only a loopback address can be.
    pub(super) fn is_plain(&self) -> bool {
        !self.origin.is_https()
    }

    /// Path and query below the REST interface of an address that an answer pointed to
    /// (`Link`, `Location`), or `None` when it leaves this scheme, host, port or base path.
    pub(super) fn path_of(&self, url: &str) -> Option<String> {
        let odd = |b: u8| !b.is_ascii_graphic() || b == b'\\' || b == b'#' || b == b'@';
        if url.bytes().any(odd) {
            return None;
        }
        let whole = if url.starts_with('/') && !url.starts_with("//") {
            url
        } else {
            let (scheme, rest) = url.split_once("://")?;
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, whole) = rest.split_at(end);
            if Origin::parse(scheme, authority).ok()? != self.origin {
                return None;
            }
            whole
        };
        let below = whole.strip_prefix(&self.base)?;
        let path = below.split('?').next()?;
        let plain = path.strip_prefix('/')?.split('/').all(|part| {
            let shown = part.to_ascii_lowercase().replace("%2e", ".");
            !matches!(shown.as_str(), "" | "." | "..")
        });
        plain.then(|| below.to_owned())
    }
}

/// Whether `text` names a host as `Address` would, so that it can be handed to a credential
/// helper without becoming a second line of its input.
pub(super) fn is_host_with_port(text: &str) -> bool {
    Origin::parse("https", text).is_ok()
}

/// Whether `host` is github.com or a tenant of ghe.com, the hosts whose tokens are in
/// `GH_TOKEN` and `GITHUB_TOKEN`.
pub(super) fn is_cloud(host: &str) -> bool {
    host == "github.com" || tenant(host).is_some()
}

/// An absolute address: its origin and its path without a slash at the end.
fn parse(url: &str) -> Result<(Origin, String), &'static str> {
    if url.bytes().any(|b| !b.is_ascii_graphic() || b == b'\\') {
        return Err("it has characters that no address has");
    }
    if url.contains(['?', '#']) {
        return Err("it has a query or a fragment");
    }
    let (scheme, rest) = url.split_once("://").ok_or("it is not an address")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let origin = Origin::parse(scheme, authority)?;
    let path = path.trim_end_matches('/');
    let plain = |p: &str| {
        !matches!(p, "" | "." | "..") && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
    };
    if !path.is_empty() && !path.split('/').skip(1).all(plain) {
        return Err("its path is not plain");
    }
    Ok((origin, path.to_owned()))
}

/// `acme` for `acme.ghe.com`.
fn tenant(host: &str) -> Option<&str> {
    host.strip_suffix(".ghe.com").filter(|t| !t.contains('.') && *t != "api" && *t != "www")
}

/// The web host of an interface's host that GitHub itself runs.
fn official(api: &str) -> Option<String> {
    let tenant_of = |api: &str| Some(format!("{}.ghe.com", tenant(api.strip_prefix("api.")?)?));
    if api == "api.github.com" { Some("github.com".to_owned()) } else { tenant_of(api) }
}

/// The host that credentials for this origin belong to.
fn owner_of(origin: &Origin) -> String {
    official(origin.host()).filter(|_| !origin.has_port()).unwrap_or_else(|| origin.authority())
}

fn bad(what: &str, why: &str) -> ForgeError {
    // An address with a user in it has a password in it.
    let shown = what.rsplit('@').next().unwrap_or_default();
    let shown: String = shown.chars().take(100).collect();
    ForgeError::Address(format!("`{}` is refused: {why}", Untrusted(&shown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_their_interfaces() {
        for (host, rest, graphql, owner) in [
            ("github.com", "https://api.github.com", "https://api.github.com/graphql", "github.com"),
            ("GitHub.com", "https://api.github.com", "https://api.github.com/graphql", "github.com"),
            ("ssh.github.com:443", "https://api.github.com", "https://api.github.com/graphql", "github.com"),
            ("acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", "acme.ghe.com"),
            (
                "git.acme.org",
                "https://git.acme.org/api/v3",
                "https://git.acme.org/api/graphql",
                "git.acme.org",
            ),
            (
                "git.acme.org:8443",
                "https://git.acme.org:8443/api/v3",
                "https://git.acme.org:8443/api/graphql",
                "git.acme.org:8443",
            ),
            ("10.0.0.7", "https://10.0.0.7/api/v3", "https://10.0.0.7/api/graphql", "10.0.0.7"),
            // Another host altogether: taken for what it is, never for github.com.
            (
                "github.com.evil.example",
                "https://github.com.evil.example/api/v3",
                "https://github.com.evil.example/api/graphql",
                "github.com.evil.example",
            ),
            (
                "evil-ghe.com",
                "https://evil-ghe.com/api/v3",
                "https://evil-ghe.com/api/graphql",
                "evil-ghe.com",
            ),
            (
                "xn--gthub-n4a.com",
                "https://xn--gthub-n4a.com/api/v3",
                "https://xn--gthub-n4a.com/api/graphql",
                "xn--gthub-n4a.com",
            ),
        ] {
            let address = Address::of_host(host).expect(host);
            assert_eq!(
                (address.rest().as_str(), address.graphql(), address.host()),
                (rest, graphql, owner),
                "{host}"
            );
            assert_eq!(is_cloud(address.host()), ["github.com", "acme.ghe.com"].contains(&owner), "{host}");
        }
        for host in [
            "tuf-repo.github.com",
            "gist.github.com",
            "a.b.ghe.com",
            "api.ghe.com",
            "ghe.com",
            "github.com.",
            "github.com@evil.example",
            "evil.example@github.com",
            "github.com/evil",
            "github.com\\evil",
            "github.com\n.evil.example",
            "github.com#x",
            "github.com?x",
            "github.com:",
            "github.com:0",
            "github.com:99999",
            "github.com:22x",
            "gіthub.com",
            "github..com",
            "-a.example",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "[::1",
            "",
            " github.com",
        ] {
            assert!(Address::of_host(host).is_err(), "{host:?}");
        }
    }

    #[test]
    fn the_environment_may_name_the_interface_but_not_any() {
        for (url, rest, graphql, host) in [
            (
                "https://api.github.com",
                "https://api.github.com",
                "https://api.github.com/graphql",
                "github.com",
            ),
            (
                "https://API.GitHub.com:443/",
                "https://api.github.com",
                "https://api.github.com/graphql",
                "github.com",
            ),
            (
                "https://git.acme.org/api/v3",
                "https://git.acme.org/api/v3",
                "https://git.acme.org/api/graphql",
                "git.acme.org",
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/graphql",
                "127.0.0.1:8080",
            ),
            (
                "http://127.9.9.9:1/api/v3/",
                "http://127.9.9.9:1/api/v3",
                "http://127.9.9.9:1/api/graphql",
                "127.9.9.9:1",
            ),
            ("http://[::1]:8080", "http://[::1]:8080", "http://[::1]:8080/graphql", "[::1]:8080"),
            (
                "http://localhost:3000",
                "http://localhost:3000",
                "http://localhost:3000/graphql",
                "localhost:3000",
            ),
            (
                "https://gate.acme.org/gh",
                "https://gate.acme.org/gh",
                "https://gate.acme.org/gh/graphql",
                "gate.acme.org",
            ),
        ] {
            let address = Address::new("github.com", Some(url), None).expect(url);
            assert_eq!(
                (address.rest().as_str(), address.graphql(), address.host()),
                (rest, graphql, host),
                "{url}"
            );
            assert!(address.is_overridden());
            assert_eq!(address.is_loopback(), url.starts_with("http:"), "{url}");
        }
        for url in [
            "http://api.github.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://127.1:80",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
            "https://user@api.github.com",
            "https://user:secret@api.github.com",
            "https://api.github.com@evil.example",
            "https://api.github.com?x=1",
            "https://api.github.com#x",
            "https://api.github.com\\@evil.example",
            "https:\\\\api.github.com",
            "https://api.github.com.",
            "https://api.github.com/../x",
            "https://api.github.com//x",
            "https://api.github.com/%2e%2e/x",
            "https://apі.github.com",
            "https://",
            "https:///api",
            "ftp://api.github.com",
            "file:///etc/passwd",
            "api.github.com",
            "https://api github.com",
            "https://api.github.com\r\nx: y",
        ] {
            let error = Address::new("github.com", Some(url), None).expect_err(url);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn graphql_stays_with_rest_and_a_runners_default_is_left_aside() {
        let new = |api, graphql| Address::new("git.acme.org", api, graphql);
        let own = Address::of_host("git.acme.org").expect("valid");
        assert_eq!(new(Some(""), None).expect("valid"), own);
        let github = Some("https://api.github.com/graphql");
        assert_eq!(new(Some("https://api.github.com"), github).expect("valid"), own);
        assert_eq!(new(None, github).expect("valid"), own);
        assert!(new(None, Some("https://evil.example/graphql")).is_err());
        assert!(new(Some("http://127.0.0.1:1"), Some("http://127.0.0.1:2/graphql")).is_err());
        let moved = new(Some("http://127.0.0.1:1"), Some("http://127.0.0.1:1/q/graphql")).expect("valid");
        assert_eq!(moved.graphql(), "http://127.0.0.1:1/q/graphql");
    }

    #[test]
    fn what_an_answer_points_to_must_stay_here() {
        let address = Address::of_host("git.acme.org").expect("valid");
        let path = |url: &str| address.path_of(url);
        assert_eq!(
            path("https://git.acme.org/api/v3/repositories/1/issues?page=2").as_deref(),
            Some("/repositories/1/issues?page=2")
        );
        assert_eq!(path("https://GIT.acme.org:443/api/v3/user").as_deref(), Some("/user"));
        assert_eq!(path("/api/v3/repositories/1").as_deref(), Some("/repositories/1"));
        for url in [
            "http://git.acme.org/api/v3/user",
            "https://git.acme.org:444/api/v3/user",
            "https://git.acme.org.evil.example/api/v3/user",
            "https://evil@git.acme.org/api/v3/user",
            "https://git.acme.org\\@evil.example/api/v3/user",
            "https://git.acme.org/api/v4/user",
            "https://git.acme.org/api/v3evil/user",
            "https://git.acme.org/api/v3/../admin",
            "https://git.acme.org/api/v3/%2E%2e/admin",
            "https://git.acme.org/api/v3//user",
            "https://git.acme.org/api/v3",
            "//evil.example/api/v3/user",
            "evil",
            "",
        ] {
            assert_eq!(path(url), None, "{url}");
        }
    }
}
