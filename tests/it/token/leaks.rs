//! Where the token never turns up: in an argument list, in what is printed, in a trace, in the
//! environment of any child, in any file, in any object of git.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "it reads everything that a run leaves behind")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gardener::forge::{Address, GitHub, GitHubWriter, Options, Token};
use gardener::model::RepoSlug;
use github_stand_in::{How, Rule, When};

use crate::both::{Both, REPO, SECRET};

/// The token as it is and as it may be written otherwise.
fn forms() -> Vec<String> {
    let base64 = |bytes: &[u8]| {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let bits = three.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - three.len()));
            for i in 0..=three.len() {
                text.push(char::from(LETTERS[(bits >> (18 - 6 * i) & 63) as usize]));
            }
        }
        text
    };
    let hex = SECRET.bytes().fold(String::new(), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    });
    let whole = [
        SECRET.to_owned(),
        SECRET.chars().rev().collect(),
        hex,
        SECRET[4..].to_owned(),
        SECRET[..24].to_owned(),
    ];
    // Three starts, because base64 depends on what stands before.
    let coded = (0..3).map(|skip| base64(&SECRET.as_bytes()[skip..])).map(|t| t[..t.len() - 4].to_owned());
    whole.into_iter().chain(coded).collect()
}

fn assert_without(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for form in forms() {
        assert!(!text.contains(&form), "{what} has the token");
    }
}

fn search(folder: &Path, seen: &mut usize) {
    for item in fs::read_dir(folder).expect("listed") {
        let item = item.expect("listed");
        let kind = item.file_type().expect("there");
        assert_without("a name", item.path().as_os_str().as_encoded_bytes());
        if kind.is_dir() {
            search(&item.path(), seen);
        } else if kind.is_file() {
            assert_without(&item.path().display().to_string(), &fs::read(item.path()).expect("read"));
            *seen += 1;
        }
    }
}

/// Everything that a program is started as writes down its arguments, its environment and
/// the arguments of who started it, and goes on as what it is.
fn spy(name: &str, log: &Path) -> String {
    let log = log.display();
    format!(
        "{{ echo \"== {name}\"; echo \"$0 $@\"; env; tr '\\0' ' ' < /proc/$PPID/cmdline; }} >> {log}.$$ 2>/dev/null"
    )
}

#[test]
fn a_run_leaves_no_token_behind() {
    let both = Both::new();
    let sandbox = &both.sandbox;
    let log = sandbox.root().join("spied");
    fs::create_dir(&log).expect("made");
    let log = log.join("log");
    // git, ssh and gh are programs of ours that spy and go on.
    let git = sandbox.program("sh", ["-c", "command -v git"]).output();
    sandbox.trick("git", &format!("{}\nexec {git} \"$@\"", spy("git", &log)));
    sandbox.trick("ssh", &format!("{}\nexit 1", spy("ssh", &log)));
    sandbox.trick("gh", &format!("{}\nexit 1", spy("gh", &log)));
    // Like a real one it reads all that it signs: git takes a closed pipe for a failure.
    sandbox.trick(
        "signer",
        &format!(
            "{}\ncat >/dev/null\nprintf '\\n[GNUPG:] SIG_CREATED D 1 8 00 1 X\\n' >&2\necho SIGNED",
            spy("signer", &log)
        ),
    );
    sandbox.trick("filter", &format!("{}\ncat", spy("filter", &log)));
    sandbox.trick("editor", &spy("editor", &log));
    for hook in [
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-commit",
        "post-index-change",
        "reference-transaction",
    ] {
        sandbox.hook(hook, &format!("{}\nexit 0", spy(hook, &log)));
    }
    let bin = sandbox.root().join("bin");
    for (name, value) in [
        ("credential.helper", format!("!{}; true", spy("helper", &log))),
        ("core.editor", format!("{}/editor", bin.display())),
        ("gpg.program", format!("{}/signer", bin.display())),
        ("commit.gpgSign", "true".to_owned()),
        ("filter.spy.clean", format!("{}/filter", bin.display())),
        ("filter.spy.smudge", format!("{}/filter", bin.display())),
    ] {
        sandbox.config(name, &value);
    }
    sandbox.write(".gitattributes", "*.md filter=spy\n");
    let path = both.worklog("w", "  - id: e\n    title: Mine\n    severity: P1\n    labels: [bug]\n");
    sandbox.config("remote.origin.url", "git@github.com:acme/app.git");

    let mut path_variable = bin.into_os_string();
    path_variable.push(":");
    path_variable.push(std::env::var_os("PATH").unwrap_or_default());
    let run = |words: &[&str], works: bool| {
        let start = both.gardener(words.iter()).env("PATH", &path_variable);
        let start = start.env("GITHUB_TOKEN", SECRET).env("GH_ENTERPRISE_TOKEN", SECRET);
        let start = start.env("GITHUB_ENTERPRISE_TOKEN", SECRET);
        let traces = ["GIT_TRACE", "GIT_TRACE2", "GIT_CURL_VERBOSE"].into_iter();
        let start = traces.fold(start, |s, name| s.env(name, "1"));
        let answer = start.env("RUST_BACKTRACE", "1").env("RUST_LOG", "trace").run();
        assert_eq!(answer.code == 0, works, "{words:?}: {}{}", answer.out, answer.err);
        assert_without("what is printed", answer.out.as_bytes());
        assert_without("what is printed", answer.err.as_bytes());
    };
    run(&["status", "--remote"], true);
    run(&["sync", "--dry-run", "--json"], true);
    run(&["sync"], true);
    both.minutes(1);
    both.edit(&path, "severity: P1", "severity: P2");
    // A server that says the token back, in all it says.
    let echo = format!("{{\"message\":\"bad {SECRET}\",\"errors\":[{{\"message\":\"{SECRET}\"}}]}}");
    for status in [422, 401, 403, 404, 500] {
        both.server.clear_faults();
        let rule = Rule::new(When::Before, How::Status(status, echo.clone())).always();
        both.server.fail(if status == 422 { rule.method("POST").path("/labels") } else { rule });
        run(&["sync"], false);
        run(&["sync", "--json"], false);
    }
    for how in [How::Drop, How::Cut(20), How::Garbage] {
        both.server.clear_faults();
        both.server.fail(Rule::new(When::Before, how).always());
        run(&["sync"], false);
    }
    both.server.clear_faults();
    both.minutes(1);
    // What was refused is remembered, so it is another value that goes through.
    both.edit(&path, "severity: P2", "severity: P3");
    run(&["sync"], true);

    // The spies were there.
    let spied: String = fs::read_dir(sandbox.root().join("spied"))
        .expect("listed")
        .map(|f| String::from_utf8_lossy(&fs::read(f.expect("listed").path()).expect("read")).into_owned())
        .collect();
    for name in ["git", "signer", "filter", "pre-commit", "commit-msg", "post-commit"] {
        assert!(spied.contains(&format!("== {name}\n")), "{name} was not started");
    }
    assert!(spied.contains("gardener"), "who started them is written down");
    let mut files = 0;
    search(sandbox.root(), &mut files);
    assert!(files > 50, "{files}");
    let objects = sandbox.git(["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
    assert!(objects.contains("Mine"));
    assert_without("an object of git", objects.as_bytes());
    assert_without("a text on GitHub", both.github(|g| format!("{:?}", g.issue(REPO, 1))).as_bytes());
}

#[test]
fn nothing_that_is_shown_for_debugging_shows_it() {
    let address = Address::of_host("github.com").expect("a host");
    let token = Token::new(SECRET, "GH_TOKEN", "github.com");
    let slug = RepoSlug::parse("acme/app").expect("a name");
    let github = GitHub::new(Options { token: token.clone(), ..Options::new(address.clone(), slug) });
    let shown = format!("{token:?} {address:?} {github:?}");
    let writer = GitHubWriter::new(github);
    let all = format!(
        "{shown} {writer:?} {:#?} {}",
        token,
        token.as_ref().map(ToString::to_string).unwrap_or_default()
    );
    assert_without("a value", all.as_bytes());
    // A password in an address is not shown either.
    let error = Address::new("github.com", Some(&format!("https://x:{SECRET}@api.github.com")), None);
    assert_without("an error", format!("{error:?} {}", error.as_ref().expect_err("refused")).as_bytes());
}
