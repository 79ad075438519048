//! Which repository on GitHub this clone belongs to.
//!
//! The host decides where a token may go, so it comes from the clone's remotes or from the
//! user's environment, never from a file that travels with the repository. A remote's
//! address is foreign text too: what isn't plainly a host and `owner/name` is none.

use std::time::Duration;

use crate::config::Config;
use crate::effect::Invocation;
use crate::model::RepoSlug;
use crate::repo::{Repo, RepoError};

/// The host where GitHub itself is.
const GITHUB: &str = "github.com";

/// Where the issues are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The web host, in small letters, with a port where it isn't the usual one.
    pub host: String,
    /// The repository there.
    pub slug: RepoSlug,
    /// The remote that said so, if one did.
    pub remote: Option<String>,
    /// What the user may not expect about the choice.
    pub note: Option<String>,
}

/// What a remote's address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteUrl {
    /// The host, in small letters; with a port only when it is one of the web.
    pub host: String,
    /// The repository.
    pub slug: RepoSlug,
    /// The host may be a name from the user's ssh config.
    pub by_ssh: bool,
}

impl Repo {
    /// Which repository on GitHub this is: the config's name, else the remote's: `upstream`
    /// where it is another one than `origin` (a fork; the note says so), else the
    /// branch's own, else `origin`, else the only one. `host` is the user's choice from
    /// the environment and goes before the remote's.
    ///
    /// # Errors
    /// [`RepoError::NoHome`] when nothing names one.
    pub fn home(&self, config: &Config, host: Option<&str>) -> Result<Home, RepoError> {
        let (mut home, by_ssh) = self.named_home(config, host)?;
        if by_ssh && home.host != GITHUB {
            home.host = self.real_host(&home.host);
        }
        Ok(home)
    }

    /// The same without its host, so that nobody has to ask ssh who that is.
    ///
    /// # Errors
    /// As above.
    pub fn home_slug(&self, config: &Config) -> Result<RepoSlug, RepoError> {
        Ok(self.named_home(config, None)?.0.slug)
    }

    fn named_home(&self, config: &Config, host: Option<&str>) -> Result<(Home, bool), RepoError> {
        let (branch, settings) = (self.branch()?, self.config()?);
        let tracked = branch.and_then(|b| settings.get(&format!("branch.{b}.remote")).map(str::to_owned));
        chosen(config.repository.as_ref(), host, tracked.as_deref(), &settings.remotes())
    }

    /// What the user's ssh config makes of a host: `git@github-work:acme/app` is common
    /// where one person has two accounts.
    fn real_host(&self, alias: &str) -> String {
        let ssh = Invocation::new("ssh").args(["-G", "--", alias]).limit(Duration::from_secs(1)).only_reads();
        let answer = self.processes.run(&ssh).ok().filter(|outcome| outcome.ok);
        let text = answer.map(|outcome| String::from_utf8_lossy(&outcome.out).into_owned());
        let name = text.as_deref().and_then(|t| t.lines().find_map(|l| l.strip_prefix("hostname ")));
        name.and_then(host_name).unwrap_or_else(|| alias.to_owned())
    }
}

impl RemoteUrl {
    /// Reads `https://`, `http://`, `ssh://` and `git://` addresses and `user@host:path`.
    /// Anything else (a path, a helper's address, a host or path with other characters
    /// than GitHub's) is `None`.
    pub fn parse(address: &str) -> Option<Self> {
        let plain = address.bytes().all(|b| b.is_ascii_graphic() && !b"\\%?#\"'<>`".contains(&b));
        if !plain {
            return None;
        }
        let (way, authority, path) = match address.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (Way::of(scheme)?, authority, path)
            }
            None => {
                let (authority, path) = address.split_once(':')?;
                // git takes `./a:b` for a path, and Windows takes `C:` for a drive.
                if authority.contains('/') || authority.len() < 2 || path.starts_with(':') {
                    return None;
                }
                (Way::Ssh, authority, path.strip_prefix('/').unwrap_or(path))
            }
        };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        let port = port.map(|p| p.parse::<u16>().ok().filter(|_| p.bytes().all(|b| b.is_ascii_digit())));
        let name = host_name(name)?;
        // A port of ssh or git says nothing about the web.
        let host = match (way, port) {
            (_, Some(None)) => return None,
            (Way::Web, Some(Some(port))) if port != 443 && port != 80 => format!("{name}:{port}"),
            _ => name,
        };
        let path = path.trim_end_matches('/');
        let slug = RepoSlug::parse(path.strip_suffix(".git").unwrap_or(path)).ok()?;
        Some(Self { host, slug, by_ssh: way == Way::Ssh })
    }
}

/// How a remote is talked to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Web,
    Ssh,
    Git,
}

impl Way {
    fn of(scheme: &str) -> Option<Self> {
        match scheme.to_ascii_lowercase().as_str() {
            "https" | "http" | "git+https" => Some(Self::Web),
            "ssh" | "git+ssh" | "ssh+git" => Some(Self::Ssh),
            "git" => Some(Self::Git),
            _ => None,
        }
    }
}

/// A host's name in small letters, with GitHub's other names for itself made one.
fn host_name(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let part = |p: &str| {
        let plain = p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        plain && !p.is_empty() && !p.starts_with('-') && !p.ends_with('-')
    };
    let fits = name.len() <= 253 && name.split('.').all(part);
    let own = ["ssh.github.com", "www.github.com"].contains(&name.as_str());
    fits.then(|| if own { GITHUB.to_owned() } else { name })
}

/// Whether a text names a host and nothing else: no user, no password, no path. There may be a port.
pub fn is_host(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.:[]".contains(&b);
    !text.is_empty() && text.bytes().all(fits)
}

struct Remote<'a> {
    name: &'a str,
    url: &'a str,
    parsed: Option<RemoteUrl>,
}

/// The choice among remotes by name and address.
pub(super) fn chosen(
    configured: Option<&RepoSlug>,
    host: Option<&str>,
    tracked: Option<&str>,
    remotes: &[(String, String)],
) -> Result<(Home, bool), RepoError> {
    let remotes = remotes.iter().map(|(name, url)| Remote { name, url, parsed: RemoteUrl::parse(url) });
    choose(configured, host, tracked, &remotes.collect::<Vec<_>>())
}

/// The choice, without a repository: the home, and whether its host is ssh's.
fn choose(
    configured: Option<&RepoSlug>,
    host: Option<&str>,
    tracked: Option<&str>,
    remotes: &[Remote<'_>],
) -> Result<(Home, bool), RepoError> {
    // What it says instead is not repeated: it may be a password.
    if host.is_some_and(|host| !is_host(host)) {
        return Err(RepoError::NoHost);
    }
    let named = |name: &str| remotes.iter().find(|r| r.name == name);
    let slug = |remote: Option<&Remote<'_>>| Some(remote?.parsed.as_ref()?.slug.clone());
    let (upstream, origin) = (named("upstream"), named("origin"));
    let parent = upstream.filter(|_| slug(upstream).is_some() && slug(upstream) != slug(origin));
    let only = remotes.first().filter(|_| remotes.len() == 1);
    let chosen = parent.or_else(|| tracked.and_then(named)).or(origin).or(only);
    let parsed = chosen.and_then(|r| r.parsed.as_ref());

    let slug = match (configured, parsed) {
        (Some(slug), _) => slug.clone(),
        (None, Some(parsed)) => parsed.slug.clone(),
        (None, None) => return Err(RepoError::NoHome(missing(chosen, remotes))),
    };
    let note = match (parent, origin.and_then(|o| o.parsed.as_ref()), configured) {
        (Some(_), Some(fork), None) => {
            Some(format!("issues are kept in {slug} (upstream), not in {}", fork.slug))
        }
        _ => None,
    };
    let by_ssh = host.is_none() && parsed.is_some_and(|p| p.by_ssh);
    let host = host.or(parsed.map(|p| p.host.as_str())).unwrap_or(GITHUB).to_ascii_lowercase();
    let remote = parsed.and(chosen).map(|r| r.name.to_owned());
    Ok((Home { host, slug, remote, note }, by_ssh))
}

fn missing(chosen: Option<&Remote<'_>>, remotes: &[Remote<'_>]) -> String {
    match chosen {
        Some(remote) => format!("the remote {} is `{}`", shown(remote.name), shown(remote.url)),
        None if remotes.is_empty() => "this clone has no remote".to_owned(),
        None => {
            let names: Vec<_> = remotes.iter().map(|r| shown(r.name)).collect();
            format!("none of the remotes {} is `origin`", names.join(", "))
        }
    }
}

/// An address for a message: without what may be a password, and without control
/// characters.
fn shown(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    let (start, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..end].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    format!("{start}{rest}").chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Option<(String, String)> {
        RemoteUrl::parse(address).map(|u| (u.host, u.slug.to_string()))
    }

    #[test]
    fn addresses_of_every_common_shape_are_read() {
        for (address, host) in [
            ("https://github.com/acme/app", "github.com"),
            ("https://github.com/acme/app.git", "github.com"),
            ("https://github.com/acme/app.git/", "github.com"),
            ("HTTPS://GitHub.com:443/acme/app/", "github.com"),
            ("https://www.github.com/acme/app", "github.com"),
            ("https://user:secret@github.com/acme/app.git", "github.com"),
            ("http://127.0.0.1:8080/acme/app", "127.0.0.1:8080"),
            ("https://ghe.example.com:8443/acme/app.git", "ghe.example.com:8443"),
            ("git@github.com:acme/app.git", "github.com"),
            ("github.com:acme/app", "github.com"),
            ("git@github.com:/acme/app.git", "github.com"),
            ("ssh://git@github.com/acme/app.git", "github.com"),
            ("ssh://git@ssh.github.com:443/acme/app.git", "github.com"),
            ("ssh://git@ghe.example.com:2222/acme/app", "ghe.example.com"),
            ("git+ssh://git@github.com/acme/app", "github.com"),
            ("git://github.com/acme/app.git", "github.com"),
            ("git@gh-work:acme/app.git", "gh-work"),
        ] {
            assert_eq!(read(address), Some((host.into(), "acme/app".into())), "{address}");
        }
    }

    #[test]
    fn hostile_addresses_give_the_true_host_or_none() {
        // The host is what comes after the last `@`, as curl and git have it.
        assert_eq!(read("https://github.com@evil.example/acme/app").expect("read").0, "evil.example");
        assert_eq!(read("https://github.com:x@evil.example/acme/app").expect("read").0, "evil.example");
        assert_eq!(
            read("https://github.com.evil.example/acme/app").expect("read").0,
            "github.com.evil.example"
        );
        for address in [
            "",
            "/srv/git/app.git",
            "../app",
            "./a:b/c",
            "C:/work/app",
            "C:\\work\\app",
            "file:///srv/acme/app",
            "ext::sh -c evil",
            "ext::sh",
            "https://github.com",
            "https://github.com/acme",
            "https://github.com/acme/app/tree/main",
            "https://github.com/../app",
            "https://github.com/acme/..",
            "https://github.com/acme/.git",
            "https://github.com//acme/app",
            "https://github.com/acme/app?x=@evil.example",
            "https://github.com/acme/app#@evil.example",
            "https://evil.example\\@github.com/acme/app",
            "https://evil.example%2f@github.com/acme/app",
            "https://github.com\n.evil.example/acme/app",
            "https://github.com:99999/acme/app",
            "https://github.com:+1/acme/app",
            "https://github.com:443:80/acme/app",
            "https://-oProxyCommand=evil/acme/app",
            "ssh://-oProxyCommand=evil/acme/app",
            "-oProxyCommand=evil:acme/app",
            "https://[::1]/acme/app",
            "https://.github.com/acme/app",
            "https://github..com/acme/app",
            "https://gıthub.com/acme/app",
            "https:///acme/app",
            "javascript://github.com/acme/app",
        ] {
            assert_eq!(read(address), None, "{address}");
        }
    }

    fn home(
        configured: Option<&str>,
        host: Option<&str>,
        tracked: Option<&str>,
        remotes: &[(&str, &str)],
    ) -> Result<(String, Option<String>), String> {
        let configured = configured.map(|slug| RepoSlug::parse(slug).expect("a slug"));
        let parsed = remotes.iter().map(|(name, url)| Remote { name, url, parsed: RemoteUrl::parse(url) });
        let remotes: Vec<_> = parsed.collect();
        choose(configured.as_ref(), host, tracked, &remotes)
            .map(|(home, _)| (format!("{}/{} by {:?}", home.host, home.slug, home.remote), home.note))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_remote_is_chosen_as_documented() {
        let (origin, fork) = ("https://github.com/acme/app", "git@github.com:me/app.git");
        let said = |r: Result<(String, Option<String>), String>| r.expect("a home").0;
        assert_eq!(
            said(home(None, None, None, &[("origin", origin)])),
            "github.com/acme/app by Some(\"origin\")"
        );
        let (chosen, note) =
            home(None, None, Some("origin"), &[("origin", fork), ("upstream", origin)]).expect("a home");
        assert_eq!(chosen, "github.com/acme/app by Some(\"upstream\")");
        assert_eq!(note.as_deref(), Some("issues are kept in acme/app (upstream), not in me/app"));
        // The same repository under both names is no fork, and a path is no parent.
        for upstream in [origin, "git@github.com:ACME/App", "/srv/app.git"] {
            let (chosen, note) =
                home(None, None, None, &[("origin", origin), ("upstream", upstream)]).expect("a home");
            assert_eq!((chosen.as_str(), note), ("github.com/acme/app by Some(\"origin\")", None));
        }
        let two = [("here", fork), ("origin", origin)];
        assert_eq!(said(home(None, None, Some("here"), &two)), "github.com/me/app by Some(\"here\")");
        assert_eq!(said(home(None, None, Some("."), &two)), "github.com/acme/app by Some(\"origin\")");
        assert_eq!(said(home(None, None, None, &[("only", fork)])), "github.com/me/app by Some(\"only\")");
    }

    #[test]
    fn the_host_is_the_remotes_or_the_users_and_never_the_configs() {
        let ghe = [("origin", "https://ghe.example.com/acme/app")];
        let said = |r: Result<(String, Option<String>), String>| r.expect("a home").0;
        assert!(said(home(Some("x/y"), None, None, &ghe)).starts_with("ghe.example.com/x/y"));
        assert!(said(home(Some("x/y"), Some("Other.Example"), None, &ghe)).starts_with("other.example/x/y"));
        assert!(said(home(Some("x/y"), None, None, &[])).starts_with("github.com/x/y by None"));
    }

    #[test]
    fn without_a_home_the_message_says_what_to_do_and_no_password() {
        let path = home(None, None, None, &[("origin", "/srv/app.git")]).expect_err("no home");
        assert_eq!(
            path,
            "no GitHub repository: the remote origin is `/srv/app.git`; set `repository = \"owner/name\"` in gardener.toml"
        );
        let secret = "https://me:ghp_secret@git.example.com/a/b/c?token=hidden";
        let error = home(None, None, None, &[("origin", secret)]).expect_err("no home");
        assert!(error.contains("https://git.example.com/a/b/c"), "{error}");
        assert!(!error.contains("secret") && !error.contains("hidden"), "{error}");
        assert!(home(None, None, None, &[]).expect_err("no home").contains("no remote"));
        let two = [("a", "/x"), ("b", "/y")];
        assert!(home(None, None, None, &two).expect_err("no home").contains("none of the remotes a, b"));
    }
}
