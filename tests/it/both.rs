//! Both sides of a sync: a sandbox with a repository, and a GitHub with `acme/app`.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsStr;

use github_stand_in::{GitHub, Logged, Permission, StandIn};

use crate::matrix::fired_on_the_way;
use crate::sandbox::{Answer, Sandbox, Start};

/// The repository on GitHub.
pub(crate) const REPO: &str = "acme/app";

/// A token that must turn up nowhere but at the server it is for.
pub(crate) const SECRET: &str = "ghp_0123456789abcdefSECRETofAnn0123456789";

/// A repository whose remote is `acme/app`, and the stand-in that plays GitHub.
pub(crate) struct Both {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: StandIn,
}

/// What a sync did, seen from both sides.
#[derive(Debug)]
pub(crate) struct Synced {
    pub(crate) answer: Answer,
    /// Writes that arrived at GitHub: `POST /repos/acme/app/issues`.
    pub(crate) writes: Vec<String>,
    /// How many changes they asked for, several of which can be in one request.
    pub(crate) wrote: usize,
    /// Commits that were made.
    pub(crate) commits: usize,
}

impl Both {
    /// `ann` may write to `acme/app`, and it is her token that is used.
    pub(crate) fn new() -> Self {
        let mut github = GitHub::at("2026-03-01T12:00:00Z");
        github.add_repo(REPO);
        github.add_token(SECRET, "ann");
        github.grant("ann", REPO, Permission::Write);
        github.grant("bob", REPO, Permission::Write);
        for label in ["P0", "P1", "P2", "P3", "in-progress", "failing-test", "bug"] {
            github.add_label(REPO, label, "ededed");
        }
        Self::with(github)
    }

    /// With a GitHub of the test's own.
    pub(crate) fn with(github: GitHub) -> Self {
        let sandbox = Sandbox::new();
        sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
        sandbox.write("README.md", "an app\n");
        sandbox.commit_all("start");
        Self { sandbox, server: StandIn::start(github) }
    }

    /// Lets the people and the clock on GitHub do something.
    pub(crate) fn github<R>(&self, act: impl FnOnce(&mut GitHub) -> R) -> R {
        self.server.with(act)
    }

    /// Entries are filed though their words are like an issue's: the test is about something else.
    pub(crate) fn without_likeness(&self) {
        self.sandbox.write("gardener.toml", "[matching]\nlikeness = \"off\"\n");
        self.sandbox.commit_all("no likeness");
    }

    /// Time passes on GitHub.
    pub(crate) fn minutes(&self, minutes: i64) {
        self.github(|g| g.clock.advance(minutes * 60));
    }

    /// A `gardener` that finds the stand-in and the token.
    pub(crate) fn gardener<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> Start {
        let url = self.server.url();
        self.sandbox.gardener(arguments).env("GITHUB_API_URL", url).env("GH_TOKEN", SECRET)
    }

    /// Runs it and looks at both sides.
    pub(crate) fn run<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> Synced {
        self.run_in(self.gardener(arguments))
    }

    /// Runs a prepared one and looks at both sides.
    pub(crate) fn run_in(&self, start: Start) -> Synced {
        let before = self.commits();
        fired_on_the_way(&self.server.log());
        self.server.clear_log();
        let answer = start.run();
        let line = |l: &Logged| format!("{} {}", l.method, l.target);
        let wrote = self.server.writes().iter().map(Logged::changes).sum();
        let writes = self.server.writes().iter().map(line).collect();
        assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "the token leaked");
        Synced { answer, writes, wrote, commits: self.commits() - before }
    }

    /// `gardener sync` that ends in sync.
    pub(crate) fn sync(&self) -> Synced {
        let synced = self.run(["sync"]);
        assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
        synced
    }

    /// A sync that has nothing to do.
    pub(crate) fn assert_settled(&self) {
        let synced = self.sync();
        assert_eq!((synced.writes, synced.commits), (Vec::<String>::new(), 0), "{}", synced.answer.out);
    }

    pub(crate) fn commits(&self) -> usize {
        self.sandbox.git(["rev-list", "--count", "HEAD"]).parse().expect("a number")
    }

    /// Puts a worklog of these front-matter entries into the repository and commits it.
    /// `entries` are YAML lines below `entries:`, without indentation of their own.
    pub(crate) fn worklog(&self, id: &str, entries: &str) -> String {
        let path = format!("worklogs/{id}.md");
        self.sandbox.write(&path, format!("---\ngardener: 1\nid: {id}\nentries:\n{entries}---\n\n# {id}\n"));
        self.sandbox.commit_all("a worklog");
        path
    }

    /// Replaces a text in a file, which must hold it exactly once.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.sandbox.read(path);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
        self.sandbox.write(path, text.replace(from, to));
    }

    /// The state, reason and labels of an issue.
    pub(crate) fn issue(&self, number: u64) -> (bool, String, Vec<String>) {
        self.github(|g| {
            let mut labels = g.labels_of(REPO, number);
            labels.sort();
            let issue = g.issue(REPO, number).expect("an issue");
            let facts = &issue.facts;
            (facts.open, facts.reason.map(|r| format!("{r:?}")).unwrap_or_default(), labels)
        })
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        fired_on_the_way(&self.server.log());
    }
}
