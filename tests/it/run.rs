//! `gardener run` and `collect`, by the real program: what becomes of suites, and what is written.
#![cfg(unix)]

mod collected;
mod lifecycle;
mod said;
mod seed;
mod stopped;
mod synced;
mod tools;
mod writing;

use std::ops::Deref;

use crate::both::Both;
use crate::sandbox::{Answer, Sandbox, Start};

/// A repository with suites that its owner trusts, and its GitHub.
pub(crate) struct Place(Both);

impl Deref for Place {
    type Target = Both;

    fn deref(&self) -> &Both {
        &self.0
    }
}

/// A suite `name` that prints the file `NAME.tap`, as an entry of `gardener.toml`.
pub(crate) fn tap(name: &str, more: &str) -> String {
    format!("[suites.{name}]\ncommand = [\"./play\", \"{name}\"]\nformat = \"tap\"\n{more}\n")
}

/// TAP in which these tests pass, and these fail with a message each.
pub(crate) fn results(passing: &[&str], failing: &[(&str, &str)]) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", passing.len() + failing.len());
    let passing = passing.iter().map(|test| (*test, None));
    let all = passing.chain(failing.iter().map(|(test, message)| (*test, Some(*message))));
    for (number, (test, message)) in all.enumerate() {
        let number = number + 1;
        match message {
            None => text += &format!("ok {number} - {test}\n"),
            Some(message) => {
                text += &format!("not ok {number} - {test}\n  ---\n  message: {message:?}\n  ...\n")
            }
        }
    }
    text
}

impl Place {
    /// A repository with this `gardener.toml`, committed and trusted.
    pub(crate) fn new(config: &str) -> Self {
        Self::with(&[], config)
    }

    /// The same with these files.
    pub(crate) fn with(files: &[(&str, &str)], config: &str) -> Self {
        let both = Both::new();
        let sandbox = &both.sandbox;
        for (path, text) in files {
            sandbox.write(path, text);
        }
        // A suite that prints its results and exits as a test runner would.
        sandbox.write("play", "#!/bin/sh\ncat \"$1.tap\"\n! grep -q '^not ok' \"$1.tap\"\n");
        sandbox.mode("play", 0o755);
        sandbox.write("gardener.toml", config);
        sandbox.commit_all("suites");
        let place = Self(both);
        assert_eq!(place.gardener(["trust"]).code, 0);
        place
    }

    /// What `name` prints from now on, committed.
    pub(crate) fn plays(&self, name: &str, passing: &[&str], failing: &[(&str, &str)]) -> String {
        self.sandbox.write(&format!("{name}.tap"), results(passing, failing));
        self.sandbox.commit_all("other results")
    }

    pub(crate) fn start<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Start {
        self.sandbox.gardener(arguments).env("SOURCE_DATE_EPOCH", "1757851170")
    }

    pub(crate) fn gardener<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Answer {
        self.start(arguments).run()
    }

    /// `gardener run` with this exit code.
    #[track_caller]
    pub(crate) fn run(&self, code: i32) -> Answer {
        let answer = self.gardener(["run"]);
        assert_eq!(answer.code, code, "{}{}", answer.out, answer.err);
        answer
    }

    /// The worklogs, by name.
    pub(crate) fn worklogs(&self) -> Vec<String> {
        self.sandbox.names("worklogs")
    }

    /// The text of the only worklog, or of the one with this part in its name.
    #[track_caller]
    pub(crate) fn worklog(&self, part: &str) -> String {
        let names = self.worklogs();
        let fits: Vec<_> = names.iter().filter(|name| name.contains(part)).collect();
        let [name] = fits[..] else { panic!("{names:?}") };
        let path = format!("worklogs/{name}");
        let check = self.gardener(["check", "--strict", &path]);
        assert_eq!(check.code, 0, "{}{}\n{}", check.out, check.err, self.sandbox.read(&path));
        self.sandbox.read(&path)
    }
}

#[test]
fn nothing_runs_before_it_is_trusted_as_it_is() {
    let sandbox = Sandbox::new();
    let suite =
        |word: &str| format!("[suites.unit]\ncommand = [\"sh\", \"-c\", \"echo ran >> ran; {word}\"]\n");
    sandbox.write("gardener.toml", suite("true"));
    sandbox.commit_all("suites");
    let run = || sandbox.gardener(["run"]).run();
    let answer = run();
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("not trusted yet; nothing was run"), "{}", answer.err);
    let shown = sandbox.gardener(["trust", "--show"]).run();
    assert!(shown.out.contains("unit  sh -c 'echo ran >> ran; true'\n") && shown.out.contains("not trusted"));
    assert_eq!(run().code, 1, "to look is not to trust");
    sandbox.gardener(["trust"]).output();
    assert_eq!((run().code, sandbox.read("ran").as_str()), (0, "ran\n"));
    // Another command, a comment, and what it was before.
    sandbox.write("gardener.toml", suite("false"));
    let changed = run();
    assert!(changed.code == 1 && changed.err.contains("changed since you trusted them"), "{}", changed.err);
    sandbox.write("gardener.toml", suite("true") + "# only words\n[run]\njobs = 2\n");
    assert_eq!((run().code, sandbox.read("ran").as_str()), (0, "ran\nran\n"));
    sandbox.gardener(["trust", "--revoke"]).output();
    assert_eq!(run().code, 1);
    // Another clone in its place is another one.
    sandbox.gardener(["trust"]).output();
    sandbox.git(["clone", "--quiet", ".", "../other"]);
    let other = sandbox.at("other");
    assert_eq!(other.gardener(["run"]).run().code, 1);
    assert_eq!(sandbox.read("ran"), "ran\nran\n");
}

#[test]
fn suites_are_chosen_by_focus_and_name() {
    let place = Place::new(
        &(tap("api", "focus = [\"critical\"]")
            + &tap("web", "focus = [\"critical\", \"ui\"]")
            + &tap("slow", "")),
    );
    for name in ["api", "web", "slow"] {
        place.sandbox.write(&format!("{name}.tap"), results(&["a"], &[]));
    }
    let suites = |arguments: &[&str]| {
        let answer = place.gardener(["run"].iter().chain(arguments).copied());
        let lines = answer.out.lines().filter(|line| line.contains("passed"));
        (answer.code, lines.filter_map(|line| line.split(' ').next()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(suites(&[]), (0, "api slow web".to_owned()));
    assert_eq!(suites(&["critical"]), (0, "api web".to_owned()));
    assert_eq!(suites(&["slow"]), (0, "slow".to_owned()));
    assert_eq!(suites(&["--suite", "web", "--suite", "api"]), (0, "web api".to_owned()));
    let none = place.gardener(["run", "nothing"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("the areas are critical, ui; the suites are api, slow, web"), "{}", none.err);
    assert_eq!(place.gardener(["run", "--suite", ""]).code, 2);
    assert!(place.worklogs().is_empty(), "nothing failed, so nothing is written");
}

#[test]
fn a_credential_reaches_no_suite_whatever_its_variable_is_called() {
    let suite =
        "command = [\"sh\", \"-c\", \"echo got $FRIENDLY $DB_PASSWORD $PLAIN; exit 1\"]\nresults = \"o.xml\"";
    let place = Place::new(&format!("[suites.unit]\n{suite}\n"));
    let token = ["gl", "pat-", "a8Kq02mZ31Lk94XcV7bN"].concat();
    let start = || place.start(["run", "-n"]).env("FRIENDLY", &token);
    let start = || start().env("DB_PASSWORD", "correct horse").env("PLAIN", "plain");
    let answer = start().run();
    assert!(answer.out.contains("\ngot plain\n"), "{}", answer.out);
    let note = "unit: it did not get DB_PASSWORD, FRIENDLY; `pass` of the suite in gardener.toml lets DB_PASSWORD and \
                FRIENDLY through";
    assert!(answer.err.contains(note), "{}", answer.err);
    place.sandbox.write("gardener.toml", format!("[suites.unit]\n{suite}\npass = [\"FRIENDLY\"]\n"));
    place.gardener(["trust"]);
    // It is given, and still left out of what is written.
    let answer = start().run();
    assert!(answer.out.contains("\ngot <gitlab-token> plain\n"), "{}", answer.out);
    assert!(answer.err.contains("it did not get DB_PASSWORD; `pass = [\"DB_PASSWORD\"]`"), "{}", answer.err);
    // What `pass` may not name is not advised.
    let own = place.start(["run", "-n"]).env("GH_TOKEN", &token).run();
    assert!(own.err.contains("it did not get GH_TOKEN; gardener's own tokens reach no suite"), "{}", own.err);
}

#[test]
fn a_suite_leads_nowhere_through_a_link() {
    let place = Place::new(
        "[suites.unit]\ncommand = [\"sh\", \"-c\", \"echo x > out.xml\"]\nresults = \"link/out.xml\"\n",
    );
    place.sandbox.link("..", "link");
    let answer = place.gardener(["run"]);
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("results leads through the link link; nothing was run"), "{}", answer.err);
    assert!(!place.sandbox.top().join("out.xml").exists());
}

#[test]
fn init_proposes_suites_that_run_after_they_are_trusted() {
    let sandbox = Sandbox::new();
    sandbox.write("pytest.ini", "[pytest]\n");
    sandbox.write("web/package.json", "{\"scripts\": {\"test\": \"true\"}}");
    let init = sandbox.gardener(["init"]).run();
    assert_eq!(init.code, 0, "{}", init.err);
    assert!(init.out.contains("suite     pytest (from pytest.ini)"), "{}", init.out);
    assert!(init.out.contains("suite     npm-web (from web/package.json)"), "{}", init.out);
    assert_eq!(sandbox.gardener(["check"]).run().code, 0);
    sandbox.write(".gardener/results/pytest.xml", "<testsuites/>");
    let seen = sandbox.git(["status", "--porcelain", "-uall"]);
    assert!(seen.contains(".gardener/results/.gitignore") && !seen.contains("pytest.xml"), "{seen}");
    assert_eq!(sandbox.gardener(["run"]).run().code, 1, "not trusted");
    let shown = sandbox.gardener(["trust", "--show"]).output();
    assert!(shown.contains("npm-web  npm test\n  in web"), "{shown}");
    let again = sandbox.gardener(["init", "--templates"]).output();
    assert!(again.contains("wrote     .gardener/templates/run.md") && !again.contains("suite "), "{again}");
}
