//! Remotes, `GH_HOST` and `GITHUB_API_URL`: to which host the token of which variable goes.

use gardener::effect::{Processes, Steps};
use gardener::forge::{Address, Token};
use gardener::repo::RemoteUrl;

use super::Thief;
use crate::sandbox::Sandbox;

const OWN: &str = "ghp_OWNtokenOfAnn0000000000000000000000000";
const SERVER: &str = "ghp_SERVERtokenOfAnn000000000000000000000";

/// What has to come of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// The token of `GH_TOKEN` goes to this interface.
    Own(&'static str),
    /// The token of `GH_ENTERPRISE_TOKEN` goes to this interface.
    Server(&'static str),
    /// There is no token for it, so that nobody is connected to.
    None,
    /// It is not accepted at all.
    Refused,
}
use Want::{None as NoToken, Own, Refused, Server};

const API: &str = "https://api.github.com";

/// Remote, `GH_HOST`, `GITHUB_API_URL`, and what has to come of it.
#[rustfmt::skip]
const TABLE: &[(&str, &str, &str, Want)] = &[
    // github.com by all its names.
    ("https://github.com/acme/app.git", "", "", Own(API)),
    ("https://GitHub.COM/acme/app", "", "", Own(API)),
    ("https://github.com:443/acme/app", "", "", Own(API)),
    ("https://www.github.com/acme/app", "", "", Own(API)),
    ("git@github.com:acme/app.git", "", "", Own(API)),
    ("ssh://git@ssh.github.com:443/acme/app", "", "", Own(API)),
    // Its name where another host is.
    ("https://github.com.evil.example/acme/app", "", "", NoToken),
    ("https://evil-github.com/acme/app", "", "", NoToken),
    ("https://evilgithub.com/acme/app", "", "", NoToken),
    ("https://github.com-evil.example/acme/app", "", "", NoToken),
    ("https://github.co/acme/app", "", "", NoToken),
    ("https://xn--gthub-n4a.com/acme/app", "", "", NoToken),
    ("https://gіthub.com/acme/app", "", "", Refused),
    ("https://tuf-repo.github.com/acme/app", "", "", Refused),
    ("https://gist.github.com/acme/app", "", "", Refused),
    ("https://api.github.com.evil.example/acme/app", "", "", NoToken),
    ("https://github.com./acme/app", "", "", Refused),
    ("https://.github.com/acme/app", "", "", Refused),
    ("https://github..com/acme/app", "", "", Refused),
    ("https://github.com:8443/acme/app", "", "", NoToken),
    // Users, encodings and characters of control.
    ("https://github.com@evil.example/acme/app", "", "", NoToken),
    ("https://github.com:x@evil.example/acme/app", "", "", NoToken),
    ("https://api.github.com@evil.example/acme/app", "", "", NoToken),
    ("https://evil.example@github.com/acme/app", "", "", Own(API)),
    ("https://evil.example\\@github.com/acme/app", "", "", Refused),
    ("https://github%2ecom/acme/app", "", "", Refused),
    ("https://github.com%2f@evil.example/acme/app", "", "", Refused),
    ("https://github.com\t.evil.example/acme/app", "", "", Refused),
    ("https://github.com#@evil.example/acme/app", "", "", Refused),
    ("https://github.com?@evil.example/acme/app", "", "", Refused),
    ("ext::sh -c evil% github.com/acme/app", "", "", Refused),
    ("ftp://github.com/acme/app", "", "", Refused),
    // The tenants of ghe.com, with their dot.
    ("https://acme.ghe.com/acme/app", "", "", Own("https://api.acme.ghe.com")),
    ("https://acmeghe.com/acme/app", "", "", NoToken),
    ("https://ghe.com/acme/app", "", "", Refused),
    ("https://a.b.ghe.com/acme/app", "", "", Refused),
    ("https://acme.ghe.com.evil.example/acme/app", "", "", NoToken),
    ("https://acme.ghe.com:8443/acme/app", "", "", NoToken),
    // A company's server: only the one that the user's own environment names.
    ("https://git.acme.invalid/acme/app", "", "", NoToken),
    ("https://git.acme.invalid/acme/app", "git.acme.invalid", "", Server("https://git.acme.invalid/api/v3")),
    ("https://git.acme.invalid/acme/app", "GIT.Acme.invalid", "", Server("https://git.acme.invalid/api/v3")),
    ("https://evil.invalid/acme/app", "git.acme.invalid", "", Server("https://git.acme.invalid/api/v3")),
    ("https://git.acme.invalid:8443/acme/app", "git.acme.invalid:8443", "", Server("https://git.acme.invalid:8443/api/v3")),
    ("https://github.com/acme/app", "git.acme.invalid@evil.invalid", "", Refused),
    ("https://github.com/acme/app", "git.acme.invalid/evil", "", Refused),
    ("https://github.com/acme/app", "git.acme.invalid\nhost=github.com", "", Refused),
    // Addresses of numbers are hosts like any other.
    ("https://127.0.0.1/acme/app", "", "", NoToken),
    ("https://2130706433/acme/app", "", "", Refused),
    ("https://0x7f.1/acme/app", "", "", Refused),
    ("https://127.1/acme/app", "", "", Refused),
    ("https://[::1]/acme/app", "", "", Refused),
    ("https://localhost/acme/app", "", "", NoToken),
    // An interface that the user's environment names.
    ("https://github.com/acme/app", "", "https://api.github.com/", Own(API)),
    ("https://github.com/acme/app", "", "https://git.acme.invalid/api/v3", Server("https://git.acme.invalid/api/v3")),
    ("https://git.acme.invalid/acme/app", "", "https://api.github.com", NoToken),
    ("https://github.com/acme/app", "", "http://127.0.0.1:9", Server("http://127.0.0.1:9")),
    ("https://github.com/acme/app", "", "http://api.github.com", Refused),
    ("https://github.com/acme/app", "", "http://127.0.0.1.evil.invalid", Refused),
    ("https://github.com/acme/app", "", "http://localhost.evil.invalid", Refused),
    ("https://github.com/acme/app", "", "http://0.0.0.0:9", Refused),
    ("https://github.com/acme/app", "", "http://2130706433:9", Refused),
    ("https://github.com/acme/app", "", "http://[::ffff:127.0.0.1]:9", Refused),
    ("https://github.com/acme/app", "", "https://x:y@api.github.com", Refused),
    ("https://github.com/acme/app", "", "https://api.github.com@evil.invalid", Refused),
    ("https://github.com/acme/app", "", "https://api.github.com\\@evil.invalid", Refused),
    ("https://github.com/acme/app", "", "https://api.github.com%00.evil.invalid", Refused),
    ("https://github.com/acme/app", "", "https://api.github.com.", Refused),
    ("https://github.com/acme/app", "", "//evil.invalid", Refused),
    ("https://github.com/acme/app", "", "file:///etc/passwd", Refused),
];

fn variables(gh_host: &str, api: &str) -> Vec<(&'static str, String)> {
    let all = [
        ("GH_TOKEN", OWN.to_owned()),
        ("GH_ENTERPRISE_TOKEN", SERVER.to_owned()),
        ("GH_HOST", gh_host.to_owned()),
        ("GITHUB_API_URL", api.to_owned()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// What the library makes of a row, from the same pieces as the program.
fn decided(remote: &str, gh_host: &str, api: &str) -> Result<Option<(&'static str, String)>, String> {
    let variables = variables(gh_host, api);
    let lookup = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
    let remote = RemoteUrl::parse(remote).ok_or("no remote")?;
    let host = lookup("GH_HOST").unwrap_or(remote.host).to_ascii_lowercase();
    let address =
        Address::new(&host, lookup("GITHUB_API_URL").as_deref(), None).map_err(|e| e.to_string())?;
    // No helper is there to be asked.
    let nowhere = [("PATH".into(), "/nowhere".into())];
    let processes = Processes::new(Steps::default(), Vec::new()).with(nowhere);
    let token = Token::find(&lookup, &host, Some(&address), &processes);
    // It is used only where it belongs.
    let token = token.filter(|t| t.host() == address.host());
    Ok(token.map(|t| (t.origin(), address.rest())))
}

#[test]
fn a_token_goes_where_it_belongs_and_nowhere_else() {
    assert!(TABLE.len() >= 60);
    for (remote, gh_host, api, want) in TABLE {
        let got = decided(remote, gh_host, api);
        let is = match &got {
            Ok(Some(("GH_TOKEN", to))) => matches!(want, Own(there) if there == to),
            Ok(Some(("GH_ENTERPRISE_TOKEN", to))) => matches!(want, Server(there) if there == to),
            Ok(Some(_)) => false,
            Ok(None) => *want == NoToken,
            Err(_) => *want == Refused,
        };
        assert!(is, "{remote} GH_HOST={gh_host} GITHUB_API_URL={api}: {got:?}, wanted {want:?}");
        let shown = format!("{got:?}");
        assert!(!shown.contains(OWN) && !shown.contains(SERVER), "{shown}");
    }
}

#[test]
fn the_program_asks_nobody_where_no_token_belongs() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "worklogs/w.md",
        "---\ngardener: 1\nid: w\nentries:\n  - id: e\n    title: T\n    issue: 1\n---\n",
    );
    sandbox.commit_all("start");
    for (remote, gh_host, api, want) in TABLE.iter().filter(|row| matches!(row.3, NoToken | Refused)) {
        sandbox.config("remote.origin.url", remote);
        let start = sandbox.gardener(["sync", "--json"]);
        let start = variables(gh_host, api).into_iter().fold(start, |s, (name, value)| s.env(name, value));
        let answer = start.run();
        let said = format!("{}{}", answer.out, answer.err);
        assert_eq!(answer.code, 1, "{remote} {gh_host} {api}: {said}");
        // Each of these is said before a connection is made.
        let before = match want {
            NoToken => said.contains("no token for"),
            _ => {
                said.contains("is refused: ")
                    || said.contains("GH_HOST names no host")
                    || said.contains("no GitHub repository")
            }
        };
        assert!(before, "{remote} {gh_host} {api}: {said}");
        assert!(!said.contains(OWN) && !said.contains(SERVER), "{said}");
    }
}

#[test]
fn who_does_not_speak_tls_hears_nothing() {
    let thief = Thief::start();
    let host = format!("127.0.0.1:{}", thief.port);
    let sandbox = Sandbox::new();
    sandbox.write(
        "worklogs/w.md",
        "---\ngardener: 1\nid: w\nentries:\n  - id: e\n    title: T\n    issue: 1\n---\n",
    );
    sandbox.commit_all("start");
    sandbox.config("remote.origin.url", &format!("https://{host}/acme/app"));
    let answer =
        variables(&host, "").into_iter().fold(sandbox.gardener(["sync"]), |s, (n, v)| s.env(n, v)).run();
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
    let heard = thief.heard();
    assert!(!heard.is_empty(), "the host that the user named is asked: {}", answer.err);
    for said in heard {
        assert_eq!(said.first(), Some(&0x16), "a TLS handshake and nothing else");
        let text = String::from_utf8_lossy(&said).into_owned();
        assert!(
            !text.contains("OWNtoken") && !text.contains("SERVERtoken") && !text.contains("Bearer"),
            "{text}"
        );
    }
}
