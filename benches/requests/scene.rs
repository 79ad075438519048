//! Both sides before a sync: worklogs in a repository, and their issues on a GitHub.
//!
//! All of it comes from counting, so that every run has the same. A [`Scene`] can be left and
//! come back to: a [`Moment`] is a copy of both sides. Starting gardener is in `measured.rs`, what
//! they say and what changes in `worklogs.rs`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark acts on the real world"
)]

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use github_stand_in::{GitHub, Permission, StandIn};

use crate::Told;
use crate::worklogs::{AREAS, area, body, entry, severity, title};

/// The repository on GitHub.
pub(crate) const REPO: &str = "acme/app";

/// The token that the stand-in knows; it opens nothing else.
pub(crate) const TOKEN: &str = "a-token-for-the-benchmark";

/// When everything before is long ago.
pub(crate) const LATER: &str = "2026-03-01T12:00:00Z";

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Worklogs.
    pub(crate) worklogs: usize,
    /// Entries in each of them.
    pub(crate) entries: usize,
    /// Entries with an issue, spread evenly over all; the others are held back.
    pub(crate) tracked: usize,
    /// Issues on GitHub, those of entries among them.
    pub(crate) issues: usize,
    /// People opened the tracked issues, and the entries name them. Else gardener files them.
    pub(crate) foreign: bool,
}

impl Size {
    /// Worklogs of 20 entries, each with its issue, and no other issues.
    pub(crate) fn whole(issues: usize) -> Self {
        Self { worklogs: issues.div_ceil(20), entries: 20, tracked: issues, issues, foreign: false }
    }
}

/// A repository and the GitHub it belongs to.
pub(crate) struct Scene {
    root: tempfile::TempDir,
    /// The GitHub. It stays at one port, because tags of conditional requests are about it.
    pub(crate) server: StandIn,
    /// The folder that is acted in, below the root.
    folder: String,
    copies: usize,
}

/// Both sides as they were, to begin from again.
pub(crate) struct Moment {
    folder: String,
    github: GitHub,
}

impl Scene {
    /// Worklogs that were just written and committed, and the issues that people opened. GitHub
    /// takes no time yet.
    pub(crate) fn new(size: Size) -> Told<Self> {
        let mut github = issues(size);
        // Filing takes its time, on the stand-in's clock.
        github.clock.tick = 1;
        // Measurements are many requests at one moment of the stand-in's clock.
        github.settings.core_limit = u64::MAX / 2;
        github.settings.graphql_limit = u64::MAX / 2;
        let root = tempfile::Builder::new().prefix("gardener-bench-").tempdir()?;
        let scene = Self { root, server: StandIn::start(github), folder: "start".to_owned(), copies: 0 };
        scene.server.forget_answers();
        fs::create_dir_all(scene.home())?;
        fs::create_dir_all(scene.top().join("worklogs"))?;
        let config = "[user]\n\tname = Ada Tester\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n\
                      [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n";
        fs::write(scene.home().join(".gitconfig"), config)?;
        scene.git(&["init", "--quiet"])?;
        scene.git(&["remote", "add", "origin", &format!("https://github.com/{REPO}.git")])?;
        fs::write(scene.top().join("gardener.toml"), "[sync]\ncreate-limit = 100\n")?;
        let every = (size.worklogs * size.entries).div_ceil(size.tracked.max(1));
        for worklog in 0..size.worklogs {
            let places = worklog * size.entries..(worklog + 1) * size.entries;
            let entries: Vec<_> = places.map(|place| entry(place, every, size.foreign)).collect();
            scene.write(&format!("log-{worklog:05}"), &entries)?;
        }
        scene.commit("worklogs")?;
        Ok(scene)
    }

    /// The folder of the repository.
    pub(crate) fn top(&self) -> PathBuf {
        self.root.path().join(&self.folder)
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Makes a program start in the repository, with nothing of this machine but `PATH`.
    pub(crate) fn program(&self, words: &[String]) -> Command {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(self.top()).env_clear();
        for name in ["PATH", "SYSTEMROOT"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        let home = self.home();
        command.env("HOME", &home).env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"));
        command.env("XDG_STATE_HOME", home.join(".state")).env("XDG_CONFIG_HOME", home.join(".config"));
        command.env("GITHUB_API_URL", self.server.url()).env("GH_TOKEN", TOKEN);
        let fixed = [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")];
        command.envs(fixed).env("TZ", "UTC").env("GIT_CEILING_DIRECTORIES", self.root.path());
        command.stdin(Stdio::null());
        command
    }

    fn git(&self, words: &[&str]) -> Told<String> {
        let all: Vec<String> = ["git"].iter().chain(words).map(|word| (*word).to_owned()).collect();
        let output = self.program(&all).output()?;
        if !output.status.success() {
            return Err(format!("{}: {}", all.join(" "), String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Commits all that is there.
    pub(crate) fn commit(&self, message: &str) -> Told<()> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "-m", message])?;
        Ok(())
    }

    /// How many commits there are.
    pub(crate) fn commits(&self) -> Told<usize> {
        Ok(self.git(&["rev-list", "--count", "HEAD"])?.parse()?)
    }

    /// Remembers both sides as they are. The folder is not to be acted in afterwards:
    /// [`Scene::at`] makes a copy.
    pub(crate) fn moment(&self) -> Moment {
        Moment { folder: self.folder.clone(), github: self.server.with(|github| github.clone()) }
    }

    /// Puts both sides back, in a fresh copy of the repository.
    pub(crate) fn at(&mut self, moment: &Moment) -> Told<()> {
        if self.folder.starts_with("copy") && self.folder != moment.folder {
            fs::remove_dir_all(self.top())?;
        }
        self.copies += 1;
        self.folder = format!("copy-{}", self.copies);
        copy(&self.root.path().join(&moment.folder), &self.top())?;
        self.server.with(|github| *github = moment.github.clone());
        // Copied files are new to git, which would read all of them again.
        self.git(&["update-index", "-q", "--refresh"])?;
        Ok(())
    }

    /// Gives the folder that is acted in another name, so that a later copy does not take its place.
    pub(crate) fn keep(&mut self, name: &str) -> Told<()> {
        fs::rename(self.top(), self.root.path().join(name))?;
        self.folder = name.to_owned();
        Ok(())
    }

    /// People open issues that no entry names, and then nobody does anything for months.
    pub(crate) fn open_others(&self, size: Size) {
        self.server.with(|github| {
            open(github, size.tracked..size.issues);
            github.clock.tick = 0;
            github.clock.set(LATER);
        });
    }

    /// What each answer takes from here on.
    pub(crate) fn slow_down(&self, latency: Duration) {
        self.server.with(|github| github.settings.latency = latency);
    }

    /// Time passes on GitHub.
    pub(crate) fn minutes(&self, minutes: i64) {
        self.server.with(|github| github.clock.advance(minutes * 60));
    }
}

/// A GitHub with the issues that people opened before there were worklogs.
fn issues(size: Size) -> GitHub {
    let mut github = GitHub::at("2025-05-01T00:00:00Z");
    github.add_repo(REPO);
    github.add_token(TOKEN, "ann");
    github.grant("ann", REPO, Permission::Write);
    github.grant("bob", REPO, Permission::Write);
    for label in ["P0", "P1", "P2", "P3", "in-progress", "failing-test", "regression"].iter().chain(&AREAS) {
        github.add_label(REPO, label, "ededed");
    }
    if size.foreign {
        open(&mut github, 0..size.tracked);
    }
    github
}

fn open(github: &mut GitHub, places: Range<usize>) {
    for place in places {
        github.clock.advance(60);
        let labels = [severity(place), area(place), "failing-test"];
        github.create_issue_as("bob", REPO, &title(place), &body(place), &labels);
    }
}

fn copy(from: &Path, to: &Path) -> Told<()> {
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let (kind, to) = (item.file_type()?, to.join(item.file_name()));
        if kind.is_dir() {
            copy(&item.path(), &to)?;
        } else if kind.is_file() {
            fs::copy(item.path(), to)?;
        }
    }
    Ok(())
}
