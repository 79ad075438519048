//! The token: where it is found, which host it belongs to, and that nobody sees it.
//!
//! It has no `Serialize`, prints as `***`, never stands in an argument list, and leaves
//! this room only as a header marked sensitive (promise P8). It is not cached on disk.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

use crate::effect::{Invocation, Processes};
use crate::forge::Address;
use crate::forge::address::{is_cloud, is_host_with_port};

/// A credential for one host.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    secret: String,
    origin: &'static str,
    host: String,
}

/// How long a helper may take. It answers from a file or a keyring; one that wants to ask a
/// person is killed.
const PATIENCE: Duration = Duration::from_secs(5);

impl Token {
    /// A token that was found in `origin` and belongs to `host`; `None` when the text can't
    /// be one: empty, over 2,000 characters, or with anything but visible ASCII.
    pub fn new(secret: &str, origin: &'static str, host: &str) -> Option<Self> {
        let secret = secret.trim();
        let plain = secret.bytes().all(|b| b.is_ascii_graphic());
        let shaped = plain && (1..=2_000).contains(&secret.len());
        shaped.then(|| Self { secret: secret.to_owned(), origin, host: host.to_owned() })
    }

    /// Looks for a token for `host`, first in the user's environment (`lookup`), then by
    /// asking `gh` and git's credential helpers.
    ///
    /// The rule, by which a credential goes only where the user's own environment binds it
    /// (reliability 5.1):
    ///
    /// * `GH_TOKEN`, `GITHUB_TOKEN`: for github.com and tenants of ghe.com.
    /// * `GH_ENTERPRISE_TOKEN`, `GITHUB_ENTERPRISE_TOKEN`: for the server that `GH_HOST`
    ///   names. `gh` sends them to any host that is not github.com, which sent them to
    ///   blob.core.windows.net (CVE-2026-48501).
    /// * `overridden`, an address named by `GITHUB_API_URL` of the same environment: for
    ///   its host all four, the enterprise ones first. Actions on a GitHub Enterprise
    ///   Server sets `GITHUB_API_URL` and `GITHUB_TOKEN` together, and tests do so for
    ///   loopback.
    /// * Helpers are asked for exactly this host, with every way to prompt closed, and
    ///   never for loopback.
    pub fn find(
        lookup: &dyn Fn(&str) -> Option<String>,
        host: &str,
        overridden: Option<&Address>,
        processes: &Processes,
    ) -> Option<Self> {
        let overridden = overridden.filter(|address| address.is_overridden());
        let host = overridden.map_or(host, Address::host).to_ascii_lowercase();
        if !is_host_with_port(&host) {
            return None;
        }
        let names = variables(lookup, &host, overridden.is_some());
        let from_environment = names.into_iter().find_map(|name| Self::new(&lookup(name)?, name, &host));
        if from_environment.is_some() || overridden.is_some_and(Address::is_loopback) {
            return from_environment;
        }
        if Address::of_host(&host).is_ok_and(|a| a.is_loopback()) {
            return None;
        }
        from_gh(&host, processes).or_else(|| from_git(&host, processes))
    }

    /// The first variable of the environment that is for `host` and holds something that can be no token:
    /// whoever set it believes that there is one.
    pub fn unusable(
        lookup: &dyn Fn(&str) -> Option<String>,
        host: &str,
        overridden: Option<&Address>,
    ) -> Option<&'static str> {
        let overridden = overridden.filter(|address| address.is_overridden());
        let host = overridden.map_or(host, Address::host).to_ascii_lowercase();
        let is_wrong =
            |name: &&'static str| lookup(name).is_some_and(|text| Self::new(&text, name, &host).is_none());
        variables(lookup, &host, overridden.is_some()).into_iter().find(is_wrong)
    }

    /// Where it was found: a variable's name or a command.
    pub fn origin(&self) -> &'static str {
        self.origin
    }

    /// The host it belongs to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The secret itself, to tell tokens apart by its hash.
    pub(super) fn secret(&self) -> &[u8] {
        self.secret.as_bytes()
    }

    /// The value of the `Authorization` header, which no `Debug` shows.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.secret)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// `text` without the token, should an answer have echoed it.
    pub(super) fn redact(&self, text: &str) -> String {
        text.replace(&self.secret, "***")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The variables that count for a host, the first one first.
fn variables(lookup: &dyn Fn(&str) -> Option<String>, host: &str, is_overridden: bool) -> Vec<&'static str> {
    let named = lookup("GH_HOST").is_some_and(|named| named.eq_ignore_ascii_case(host));
    let mut names: Vec<&'static str> = Vec::new();
    if !is_cloud(host) && (named || is_overridden) {
        names.extend(["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]);
    }
    if is_cloud(host) || is_overridden {
        names.extend(["GH_TOKEN", "GITHUB_TOKEN"]);
    }
    names
}

fn from_gh(host: &str, processes: &Processes) -> Option<Token> {
    let ask = Invocation::new("gh").args(["auth", "token", "--hostname", host]);
    let ask = ask.set("GH_PROMPT_DISABLED", "1").only_reads().limit(PATIENCE);
    // No gh, or gh without an account there, is not an error: there is one more to ask.
    let answer = processes.run(&ask).ok().filter(|o| o.ok)?;
    Token::new(std::str::from_utf8(&answer.out).ok()?, "gh auth token", host)
}

fn from_git(host: &str, processes: &Processes) -> Option<Token> {
    // An empty GIT_ASKPASS also keeps git from core.askPass and SSH_ASKPASS.
    let ask = Invocation::new("git")
        .args(["credential", "fill"])
        .set("GIT_TERMINAL_PROMPT", "0")
        .set("GIT_ASKPASS", "")
        .set("GCM_INTERACTIVE", "never")
        .input(format!("protocol=https\nhost={host}\n\n").as_bytes())
        .only_reads()
        .limit(PATIENCE);
    let answer = processes.run(&ask).ok().filter(|o| o.ok)?;
    Token::new(password_for(host, std::str::from_utf8(&answer.out).ok()?)?, "git credential", host)
}

/// The password in a helper's answer, unless it is for another host than the one asked for
/// (Clone2Leak: a helper answered for any).
fn password_for<'a>(host: &str, answer: &'a str) -> Option<&'a str> {
    let value = |key: &str| answer.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    value("password").filter(|_| value("host").is_none_or(|there| there == host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::Steps;

    fn found(variables: &[(&str, &str)], host: &str, api: Option<&str>) -> Option<&'static str> {
        let lookup =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        // No helper knows a host under `.invalid`.
        let address = api.map(|url| Address::new(host, Some(url), None).expect("valid"));
        let processes = Processes::new(Steps::default(), Vec::new());
        let found = Token::find(&lookup, host, address.as_ref(), &processes)?;
        assert_eq!(found.host(), address.as_ref().map_or(host, Address::host));
        Some(found.origin())
    }

    #[test]
    fn variables_belong_to_hosts() {
        let github = [("GITHUB_TOKEN", "a"), ("GH_TOKEN", "b")];
        let server = [("GITHUB_ENTERPRISE_TOKEN", "c")];
        let named = [("GH_ENTERPRISE_TOKEN", "c"), ("GH_HOST", "git.invalid")];
        let local = Some("http://127.0.0.1:1");
        for (variables, host, api, want) in [
            (&github[..], "github.com", None, Some("GH_TOKEN")),
            (&github[..1], "acme.ghe.com", None, Some("GITHUB_TOKEN")),
            (&github[..], "git.invalid", None, None),
            (&github[..], "github.com.invalid", None, None),
            (&github[..], "git.invalid", Some("https://git.invalid/api/v3"), Some("GH_TOKEN")),
            (&github[..], "github.com", local, Some("GH_TOKEN")),
            (&server[..], "github.com", local, Some("GITHUB_ENTERPRISE_TOKEN")),
            (&server[..], "git.invalid", None, None),
            (&named[..], "git.invalid", None, Some("GH_ENTERPRISE_TOKEN")),
            (&named[..], "evil.invalid", None, None),
            (&[][..], "github.com", local, None),
            (&github[..], "x\nhost=github.com", None, None),
        ] {
            assert_eq!(found(variables, host, api), want, "{host} {api:?}");
        }
    }

    #[test]
    fn a_helpers_answer_is_for_the_host_that_was_asked() {
        let answer = "protocol=https\nhost=git.invalid\nusername=ann\npassword=a=b\n";
        assert_eq!(password_for("git.invalid", answer), Some("a=b"));
        assert_eq!(password_for("github.com", answer), None);
        assert_eq!(password_for("github.com", "password=x"), Some("x"));
        assert_eq!(password_for("github.com", "username=x"), None);
    }

    #[test]
    fn nobody_sees_it() {
        let token = Token::new(" ghp_secret\n", "GH_TOKEN", "github.com").expect("valid");
        let shown = format!("{token} {token:?} {:?}", token.header());
        assert!(!shown.contains("secret"), "{shown}");
        assert_eq!(token.redact("x ghp_secret y"), "x *** y");
        for bad in ["", " ", "a b", "a\nb", "ä"] {
            assert_eq!(Token::new(bad, "GH_TOKEN", "github.com"), None, "{bad:?}");
        }
    }
}
