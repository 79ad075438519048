//! What a config may say, and how a wrong one is refused.

use std::time::Duration;

use crate::config::{Config, KEYS, Owners, Problem, parse};
use crate::model::{Format, Label, RepoSlug, Severity};

fn problems(text: &str) -> Vec<Problem> {
    parse(text).expect_err("it is wrong")
}

/// The only problem of a text, as a person sees it.
fn problem(text: &str) -> String {
    let all = problems(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].to_string()
}

fn label(name: &str) -> Label {
    Label::new(name).expect("a label")
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(parse(""), Ok(Config::default()));
    assert_eq!(parse("# only a comment\ngardener = 1\n[labels]\n[sync]\n"), Ok(Config::default()));
    let config = Config::default();
    assert!(config.may_write_from("any/branch"));
    assert!(!config.ignores(&label("bug")));
    assert_eq!(config.session_label("7"), None);
}

#[test]
fn every_key_is_read() {
    let text = r#"
        gardener = 1
        repository = "acme/app"
        worklogs = "docs/worklogs/"
        [labels]
        severity = { P0 = "severity: critical", P3 = "minor" }
        status = { blocked = "blocked", in-progress = "doing" }
        ignore = ["bot/*", "Stale"]
        session = "agent-session-{session}"
        [sync]
        branches = ["main", "release/*"]
        default-branch = "main"
        create-limit = 1
        close-limit = 2
        update-limit = 3
        comment-limit = 4
        comment-days = 5
        deadline = "800ms"
        [trust]
        authors = ["ci-bot", "renovate[bot]"]
        [suites.unit]
        command = ["cargo", "test", "--", "it's"]
        folder = "crates/core"
        environment = { RUST_BACKTRACE = "1" }
        pass = ["B_TOKEN", "A_TOKEN"]
        timeout = "2h"
        format = "libtest"
        focus = ["critical"]
        severity = "P1"
        impact = "Nobody can log in"
        labels = ["backend"]
        owner = "@acme/core"
        [suites.api]
        command = ["pytest"]
        results = "target/api.xml"
        [run]
        jobs = 2
        new-issues = 0
        complete-after = 1
        completed = "set"
        flaky-label = "unstable"
        owners = "labelled"
    "#;
    let config = parse(text).expect("a config");
    assert_eq!(config.repository, RepoSlug::parse("Acme/App").ok());
    assert_eq!(config.worklogs, "docs/worklogs");
    let vocabulary = config.vocabulary();
    assert_eq!(vocabulary.severities[&Severity::P0].name(), "severity: critical");
    assert_eq!(vocabulary.severities[&Severity::P1].name(), "P1");
    assert_eq!(
        vocabulary.words(),
        ["open", "blocked", "in-progress", "completed", "not-planned", "duplicate"]
    );
    assert_eq!(vocabulary.mark_of(&label("DOING")).expect("mapped").word(), "in-progress");
    assert!(config.ignores(&label("bot/any/thing")) && config.ignores(&label("stale")));
    assert!(!config.ignores(&label("about")));
    assert_eq!(config.session_label("7").expect("a label").name(), "agent-session-7");
    assert_eq!(config.session_label(&"7".repeat(50)), None, "longer than GitHub takes");
    assert!(config.may_write_from("release/1.0") && !config.may_write_from("topic"));
    assert_eq!(config.sync.default_branch.as_deref(), Some("main"));
    let limits = config.sync.limits;
    assert_eq!((limits.create, limits.close, limits.update, limits.comment), (1, 2, 3, 4));
    assert_eq!((config.sync.comment_days, config.sync.deadline), (5, Duration::from_millis(800)));
    assert_eq!(config.trusted_authors, ["ci-bot", "renovate[bot]"]);
    let [api, unit] = &config.suites[..] else { panic!("{:?}", config.suites) };
    assert_eq!((api.format(), api.results.as_deref()), (Format::Junit, Some("target/api.xml")));
    assert_eq!((api.timeout, api.folder.as_str()), (Duration::from_secs(600), ""));
    assert_eq!((unit.format(), unit.timeout), (Format::Libtest, Duration::from_secs(7200)));
    assert_eq!(unit.command_line(), r"cargo test -- 'it'\''s'");
    assert_eq!(unit.pass, ["A_TOKEN", "B_TOKEN"]);
    assert_eq!((unit.severity, unit.labels.as_slice()), (Some(Severity::P1), &[label("backend")][..]));
    assert_eq!(
        (unit.owner.as_deref(), unit.focus.as_slice()),
        (Some("@acme/core"), &["critical".to_owned()][..])
    );
    let run = &config.run;
    assert_eq!((run.jobs, run.new_issues, run.complete_after, run.completes), (2, 0, 1, true));
    assert_eq!((run.flaky_label.name(), run.owners), ("unstable", Owners::Labelled));
}

#[test]
fn each_documented_example_and_default_is_read() {
    for key in KEYS {
        let line = |value: &str| match key.name.rsplit_once('.') {
            Some(("suites.NAME", "command")) => format!("[suites.unit]\ncommand = {value}\n"),
            Some(("suites.NAME", name)) => format!("[suites.unit]\ncommand = [\"x\"]\n{name} = {value}\n"),
            Some((table, name)) => format!("[{table}]\n{name} = {value}\n"),
            None => format!("{} = {value}\n", key.name),
        };
        let example = parse(&line(key.example));
        assert!(example.is_ok(), "{}: {example:?}", key.name);
        // A default that is a value, not a description, is what an absent key means.
        if key.default.starts_with(|c: char| c.is_ascii_digit() || "\"[{".contains(c)) {
            let absent =
                if key.name.starts_with("suites.") { "[suites.unit]\ncommand = [\"x\"]" } else { "" };
            assert_eq!(parse(&line(key.default)), parse(absent), "{}", key.name);
        }
    }
}

#[test]
fn problems_say_where_and_what_instead() {
    assert_eq!(
        problem("\n[sync]\n  crate-limit = 3\n"),
        "3:3: `crate-limit` is not a key in [sync] (did you mean `create-limit`?)"
    );
    assert_eq!(
        problem("colour = 1"),
        "1:1: `colour` is not a key (the keys are gardener, repository, worklogs, labels, sync, trust, matching, run, suites)"
    );
    assert_eq!(
        problem("repository = \"https://github.com/acme/app\""),
        "1:14: `https://github.com/acme/app` is not a repository's name \
         (only the name: the host comes from the git remote)"
    );
    let all = problems("worklogs = 1\n[sync]\ncomment-days = \"3\"\nx = 1\n[trust]\nauthors = [\"@a\", 2]\n");
    let lines: Vec<_> = all.iter().map(|p| (p.line, p.column)).collect();
    assert_eq!(lines, [(1, 12), (3, 16), (4, 1), (6, 12), (6, 18)]);
    let text = "ä = 'ö'";
    let unknown = &problems(text)[0];
    assert_eq!((&text[unknown.span.clone()], unknown.line, unknown.column), ("ä", 1, 1));
}

#[test]
fn no_key_names_a_host_a_credential_or_a_command() {
    for (text, why) in [
        ("host = \"evil.example\"", "the host comes from the git remote"),
        ("api-url = \"https://evil.example\"", "the host comes from the git remote"),
        ("[sync]\nserver = \"evil.example\"", "the host comes from the git remote"),
        ("[sync]\napi_endpoint = \"evil.example\"", "the host comes from the git remote"),
        ("proxy = \"evil.example\"", "the host comes from the git remote"),
        ("token = \"ghp_x\"", "no place for credentials"),
        ("[trust]\nGITHUB_TOKEN = \"x\"", "no place for credentials"),
        ("command = \"evil\"", "can't name commands"),
        ("[sync]\npre-hook = [\"evil\"]", "can't name commands"),
        ("editor = \"evil\"", "can't name commands"),
    ] {
        let message = problem(text);
        assert!(message.contains("is not a key") && message.contains(why), "{text}: {message}");
    }
    // And none that exists does.
    for key in KEYS {
        let name = key.name.rsplit('.').next().expect("a name");
        let may = key.name == "suites.NAME.command";
        assert!(may || crate::config::keys::refusal(name).is_none(), "{}", key.name);
    }
    for slug in ["evil.example/acme/app", "https://evil.example/a", "git@evil.example:a/b", "../b", "a"] {
        assert!(parse(&format!("repository = \"{slug}\"")).is_err(), "{slug}");
    }
}

#[test]
fn a_folder_stays_in_the_repository() {
    for folder in ["", "/", "/tmp", "..", "a/../..", ".", "./a", "a//b", ".git", "a/.GIT/b", "a\\\\b", "C:/x"]
    {
        let message = problem(&format!("worklogs = \"{folder}\""));
        assert!(message.contains("is not a folder of this repository"), "{folder}: {message}");
    }
    assert!(parse("worklogs = 'a b/ü'").is_ok());
}

#[test]
fn the_results_of_a_suite_are_a_file_in_the_repository() {
    let told = |value: &str| problem(&format!("[suites.a]\ncommand = [\"x\"]\nresults = {value}"));
    for path in ["", "/tmp/x.xml", "../x.xml", "out/", ".git/x.xml"] {
        let message = told(&format!("\"{path}\""));
        assert!(message.contains(&format!("`{path}` is not a file of this repository")), "{message}");
    }
    assert!(told("7").contains("this is to be a string; it is of the type integer"), "{}", told("7"));
    let folder = problem("[suites.a]\ncommand = [\"x\"]\nfolder = \"../x\"");
    assert!(folder.contains("`../x` is not a folder"), "{folder}");
}

#[test]
fn labels_that_stand_for_two_things_are_refused() {
    let both = problems("[labels]\nseverity = { P0 = \"Bad\" }\nstatus = { blocked = \"bad\" }");
    assert_eq!(both.len(), 2, "both places are shown");
    assert_eq!(both[0].message, "the label `Bad` stands for blocked and P0");
    // One that an unnamed severity has by default.
    assert!(problem("[labels]\nseverity = { P0 = \"p1\" }").contains("stands for P0 and P1"));
    assert!(problem("[labels.status]\nwip = \"in-progress\"").contains("stands for in-progress and wip"));
}

#[test]
fn a_label_that_stands_for_something_may_not_be_ignored() {
    let message = problem("[labels]\nignore = [\"P?\"]");
    assert!(message.starts_with("2:10: this hides `P0`, `P1`, `P2`, `P3`"), "{message}");
    let message = problem("[labels]\nignore = [\"do*\"]\nstatus = { in-progress = \"Doing\" }");
    assert!(message.contains("hides `Doing`"), "{message}");
}

#[test]
fn wrong_values_are_refused() {
    for text in [
        "gardener = 2",
        "gardener = 0",
        "labels = 1",
        "[labels]\nstatus = { open = \"x\" }",
        "[labels]\nstatus = { Blocked = \"x\" }",
        "[labels]\nstatus = { \"a b\" = \"x\" }",
        "[labels]\nstatus = { blocked = \"\" }",
        "[labels]\nstatus = []",
        "[labels]\nseverity = { P4 = \"x\" }",
        "[labels]\nseverity = { P0 = \" x\" }",
        "[labels]\nseverity = { P0 = \"x\\ny\" }",
        "[labels]\nsession = \"agent\"",
        "[labels]\nsession = \"{session}{session}\"",
        "[labels]\nignore = \"bot/*\"",
        "[labels]\nignore = [\"a[\"]",
        "[labels]\nignore = [\"\"]",
        "[sync]\nbranches = [\"***\"]",
        "[sync]\ndefault-branch = \"a..b\"",
        "[sync]\ndefault-branch = \"-x\"",
        "[sync]\ncreate-limit = 0",
        "[sync]\nclose-limit = -1",
        "[sync]\nclose-limit = 1.5",
        "[sync]\ncomment-days = 0",
        "[sync]\ndeadline = \"5\"",
        "[sync]\ndeadline = \"0s\"",
        "[sync]\ndeadline = \"99999999999999999999s\"",
        "[sync]\ndeadline = 5",
        "[trust]\nauthors = [\"a b\"]",
        "[trust]\nauthors = [\"\"]",
        "suites = 1",
        "[suites]\nunit = 1",
        "[suites.unit]",
        "[suites.\"a b\"]\ncommand = [\"x\"]",
        "[suites.\"\"]\ncommand = [\"x\"]",
        "[suites.unit]\ncommand = []",
        "[suites.unit]\ncommand = \"cargo test\"",
        "[suites.unit]\ncommand = [\"x\"]\nfolder = \"../x\"",
        "[suites.unit]\ncommand = [\"x\"]\nresults = \"/tmp/x\"",
        "[suites.unit]\ncommand = [\"x\"]\nformat = \"junit\"",
        "[suites.unit]\ncommand = [\"x\"]\nformat = \"xunit\"",
        "[suites.unit]\ncommand = [\"x\"]\ntimeout = \"0s\"",
        "[suites.unit]\ncommand = [\"x\"]\ntimeout = \"25h\"",
        "[suites.unit]\ncommand = [\"x\"]\nenvironment = { \"A=B\" = \"1\" }",
        "[suites.unit]\ncommand = [\"x\"]\npass = [\"\"]",
        "[suites.unit]\ncommand = [\"x\"]\npass = [\"GH_TOKEN\"]",
        "[suites.unit]\ncommand = [\"x\"]\nresults = \"a*/b.xml\"",
        "[suites.unit]\ncommand = [\"x\"]\nseverity = \"high\"",
        "[suites.unit]\ncommand = [\"x\"]\nimpact = \"a\\nb\"",
        "[suites.unit]\ncommand = [\"x\"]\nshell = true",
        "[suites.a]\ncommand = [\"x\"]\nresults = \"r\"\n[suites.b]\ncommand = [\"y\"]\nresults = \"r\"",
        "[run]\njobs = 0",
        "[run]\ncompleted = \"yes\"",
    ] {
        let message = problem(text);
        assert!(message.starts_with(char::is_numeric), "{text}: {message}");
    }
}

#[test]
fn what_is_not_toml_is_refused_with_its_place_and_nothing_else() {
    let all = problems("worklogs = \n[sync]\nhost = 1\n");
    assert_eq!(all[0].line, 1);
    assert!(all.iter().all(|p| !p.message.contains("is not a key")), "{all:?}");
    assert!(problems("a = 1\na = 2\n").iter().any(|p| p.line == 2));
    for text in ["[", "\"", "= 1", "a = [1, ", "\u{0}", "[a]\n[a]\n", &"[".repeat(5000)] {
        assert!(parse(text).is_err(), "{text:.10}");
    }
}
