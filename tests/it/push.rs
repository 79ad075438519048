//! The pre-push hook, driven by real `git push` to a bare repository on the disk.
//!
//! The contract is a table: each row is a state, a push, and what must come of it. What a hook
//! may never do is stop a push for any other reason than a commit of its own.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "tests act on the real world")]

mod afterwards;
mod contract;
mod install;

use std::time::{Duration, Instant};

use crate::both::{Both, REPO, SECRET};
use crate::sandbox::{Answer, Start};

/// Where a linked entry stands in the worklog.
pub(crate) const PATH: &str = "worklogs/w.md";

/// A clone with the hook, whose worklog `w` has the entry `e` linked to #1 and in sync, and a
/// bare repository `share` that has all of it.
pub(crate) struct Pushes {
    pub(crate) both: Both,
}

/// What came of a push.
#[derive(Debug)]
pub(crate) struct Did {
    pub(crate) answer: Answer,
    pub(crate) requests: usize,
    pub(crate) writes: Vec<String>,
    pub(crate) commits: usize,
    pub(crate) took: Duration,
}

impl Pushes {
    pub(crate) fn new() -> Self {
        let both = Both::new();
        both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", &[]));
        both.worklog(
            "w",
            "  - id: e\n    title: It is broken\n    status: open\n    severity: P2\n    issue: 1\n",
        );
        both.sandbox.git(["clone", "-q", "--bare", ".", "../share.git"]);
        both.sandbox.git(["remote", "add", "share", "../share.git"]);
        let pushes = Self { both };
        pushes.both.minutes(60);
        pushes.both.sync();
        pushes.both.minutes(60);
        pushes.both.sandbox.gardener(["hook", "install"]).output();
        pushes.both.sandbox.git(["push", "-q", "--no-verify", "share", "main"]);
        pushes
    }

    /// Another one just like it, as it is.
    pub(crate) fn copy(&self) -> Self {
        let server = github_stand_in::StandIn::start(self.both.github(|g| g.clone()));
        Self { both: Both { sandbox: self.both.sandbox.copy(), server } }
    }

    /// A `git` that can reach GitHub.
    pub(crate) fn git(&self, words: &[&str]) -> Start {
        let start = self.both.sandbox.program("git", words);
        start.env("GITHUB_API_URL", self.both.server.url()).env("GH_TOKEN", SECRET)
    }

    pub(crate) fn push(&self, words: &[&str]) -> Did {
        let words: Vec<_> = ["push", "-q"].iter().chain(words).copied().collect();
        self.watched(self.git(&words))
    }

    pub(crate) fn watched(&self, start: Start) -> Did {
        let before = self.all_commits();
        self.both.server.clear_log();
        let started = Instant::now();
        let answer = start.run();
        let took = started.elapsed();
        let writes = self.both.server.writes();
        Did {
            answer,
            requests: self.both.server.log().len(),
            writes: writes.iter().map(|l| format!("{} {}", l.method, l.target)).collect(),
            commits: self.all_commits() - before,
            took,
        }
    }

    fn all_commits(&self) -> usize {
        self.both.sandbox.git(["rev-list", "--branches", "--count"]).parse().expect("a number")
    }

    /// The remote's tip of a branch; nothing where it has none.
    pub(crate) fn there(&self, branch: &str) -> String {
        let name = format!("refs/heads/{branch}");
        self.both
            .sandbox
            .try_git(["-C", "../share.git", "rev-parse", "-q", "--verify", &name])
            .out
            .trim()
            .to_owned()
    }

    /// Commits an edit of the worklog.
    pub(crate) fn commit_edit(&self, from: &str, to: &str) {
        self.both.edit(PATH, from, to);
        self.both.sandbox.commit_all("an edit");
    }

    /// As if GitHub had been looked at so many minutes ago.
    pub(crate) fn looked_minutes_ago(&self, minutes: u64) {
        let path = self.both.sandbox.top().join(".git/gardener/looked");
        let text = std::fs::read_to_string(&path).expect("it looked");
        let then = text.trim().parse::<u64>().expect("seconds") - 60 * minutes;
        std::fs::write(path, then.to_string()).expect("written");
    }
}
