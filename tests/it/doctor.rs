//! `gardener doctor`, the real program: all well, each thing that can be wrong with what to do, and
//! that what it says to do does it.

#![expect(clippy::disallowed_methods, reason = "tests act on the real world")]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use github_stand_in::{GitHub, Permission};
use serde_json::Value;

use crate::both::{Both, REPO, SECRET};
use crate::commands::json;
use crate::sandbox::{Answer, Sandbox, Start};

mod clone;
mod github;

/// The stand-in's time, so that this machine's clock is GitHub's.
const EPOCH: &str = "1772366400";

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    name: String,
    standing: String,
    found: String,
    fix: String,
}

/// A clone in which all is well.
fn healthy() -> Both {
    let both = Both::new();
    for words in [&["init"][..], &["hook", "install"]] {
        assert_eq!(both.gardener(words).run().code, 0);
    }
    both.worklog("w", "  - id: e\n    title: It\n    severity: P2\n");
    both.sync();
    both
}

/// `gardener doctor` with this machine's clock at GitHub's time.
fn start(both: &Both, words: &[&str]) -> Start {
    both.gardener(["doctor"].iter().chain(words)).env("SOURCE_DATE_EPOCH", EPOCH)
}

/// What it finds. It asks with reads only, names a fix for all that is not well, and ends with 1
/// exactly where there is a fault.
fn look(both: &Both) -> Vec<Check> {
    both.server.clear_log();
    let answer = start(both, &["--json"]).run();
    assert!(both.server.writes().is_empty(), "it wrote");
    assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "the token leaked");
    read(&answer)
}

fn read(answer: &Answer) -> Vec<Check> {
    let value = json(answer);
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let checks = value["checks"].as_array().expect("a list").iter();
    let checks: Vec<_> = checks
        .map(|check| {
            let keys: Vec<_> = check.as_object().expect("an object").keys().collect();
            assert_eq!(keys, ["fix", "found", "name", "standing"]);
            Check {
                name: text(check, "name"),
                standing: text(check, "standing"),
                found: text(check, "found"),
                fix: text(check, "fix"),
            }
        })
        .collect();
    for check in &checks {
        assert_eq!(check.standing == "ok", check.fix.is_empty(), "{check:?}");
        assert!(!check.found.is_empty() && !check.found.contains('\n'), "{check:?}");
    }
    let is_ill = checks.iter().any(|check| check.standing == "fault");
    assert_eq!((answer.code, &value["exit"]), (i32::from(is_ill), &Value::from(answer.code)), "{checks:?}");
    checks
}

/// The one check of that name that is not well.
fn finding(checks: &[Check], standing: &str, name: &str) -> Check {
    let mut found = checks.iter().filter(|check| check.name == name && check.standing == standing);
    let check = found.next().unwrap_or_else(|| panic!("no {standing} of {name}: {checks:#?}"));
    assert_eq!(found.next(), None, "{checks:#?}");
    check.clone()
}

/// The names of what is not well.
fn ill(checks: &[Check]) -> Vec<&str> {
    checks.iter().filter(|check| check.standing != "ok").map(|check| check.name.as_str()).collect()
}

/// A shell at the top of the repository in which `gardener` is this one.
fn shell(both: &Both, command: &str) -> Answer {
    let program = Path::new(env!("CARGO_BIN_EXE_gardener")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let start = both.sandbox.program("sh", ["-c", command]).env("PATH", path);
    start.env("GITHUB_API_URL", both.server.url()).env("GH_TOKEN", SECRET).run()
}

/// Something is wrong in a healthy clone, alone; what is said to do is done, and all is well.
fn mended(name: &str, standing: &str, seed: impl FnOnce(&Both)) -> Check {
    let both = healthy();
    seed(&both);
    let before = look(&both);
    let check = finding(&before, standing, name);
    assert_eq!(ill(&before), [name], "{before:#?}");
    let answer = shell(&both, &check.fix);
    assert_eq!(answer.code, 0, "{check:?}\n{}{}", answer.out, answer.err);
    let after = look(&both);
    assert_eq!(ill(&after), Vec::<&str>::new(), "after {:?}: {after:#?}", check.fix);
    check
}

/// Every file below a folder with its content, also git's own.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(&folder).expect("listed") {
            let path = item.expect("an item").path();
            if path.is_dir() {
                folders.push(path.clone());
            }
            let mut content = Vec::new();
            if path.is_file() {
                fs::File::open(&path).expect("open").read_to_end(&mut content).expect("read");
            }
            found.push((path.display().to_string(), content));
        }
    }
    found.sort();
    found
}

#[test]
fn where_all_is_well_it_says_so_and_writes_nothing() {
    let both = healthy();
    let before = everything(both.sandbox.root());
    let checks = look(&both);
    assert_eq!(ill(&checks), Vec::<&str>::new(), "{checks:#?}");
    let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
    let all = [
        "git",
        "home",
        "repository",
        "head",
        "identity",
        "remote",
        "branch",
        "config",
        "ignored",
        "merge-driver",
        "attributes",
        "diff",
        "hook",
        "suites",
        "journal",
        "lock",
        "worklogs",
        "token",
        "github",
        "rate",
        "account",
        "access",
        "issues",
        "scopes",
        "protection",
        "clock",
    ];
    assert_eq!(names, all);
    let asked: Vec<_> = both.server.log().iter().map(|l| format!("{} {}", l.method, l.target)).collect();
    assert_eq!(
        asked,
        ["GET /rate_limit", "GET /user", "GET /repos/acme/app", "GET /repos/acme/app/branches/main"]
    );
    let plain = start(&both, &[]).run();
    assert_eq!(plain.code, 0);
    assert!(plain.out.ends_with("26 ok, 0 notes, 0 faults\n"), "{}", plain.out);
    assert!(plain.out.contains("\nok     token         for 127.0.0.1:"), "{}", plain.out);
    assert!(plain.out.contains(", from GH_TOKEN\n") && !plain.out.contains('\u{1b}'), "{}", plain.out);
    both.server.clear_log();
    let offline = read(&start(&both, &["--offline", "--json"]).run());
    assert!(both.server.log().is_empty(), "nobody was asked");
    assert_eq!(offline.len(), 18);
    assert_eq!(before, everything(both.sandbox.root()), "nothing was written");
}

#[test]
fn outside_of_a_repository_it_tells_what_it_can() {
    let both = Both::new();
    let there = both.sandbox.at("home");
    let start = |words: &[&str]| {
        let start = there.gardener(["doctor", "--json"].iter().chain(words));
        start.env("GITHUB_API_URL", both.server.url()).env("SOURCE_DATE_EPOCH", EPOCH)
    };
    let checks = read(&start(&[]).env("GH_TOKEN", SECRET).run());
    assert_eq!(ill(&checks), ["repository"]);
    assert!(finding(&checks, "fault", "repository").fix.contains("git init"));
    assert_eq!(finding(&checks, "ok", "account").found, "the token is ann's");
    let checks = read(&start(&["--offline"]).run());
    assert_eq!(ill(&checks), ["repository", "token"]);
    finding(&checks, "note", "token");
}

#[test]
fn the_fault_is_in_the_colour_of_faults_on_request_only() {
    let sandbox = Sandbox::new();
    let out = |words: &[&str]| sandbox.gardener(["doctor", "--offline"].iter().chain(words)).run().out;
    assert!(!out(&[]).contains('\u{1b}'));
    assert!(
        out(&["--color", "always"]).contains("\u{1b}[1m\u{1b}[31mfault"),
        "{:?}",
        out(&["--color", "always"])
    );
}
