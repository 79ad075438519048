//! Both sides before a sync: worklogs in a repository, and their issues on a GitHub.
//!
//! All of it comes from counting, so that every run has the same. A [`Scene`] can be left and
//! come back to: a [`Moment`] is a copy of both sides. Starting gardener is in `measured.rs`.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark acts on the real world"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use github_stand_in::{GitHub, Permission, Reason, StandIn};

use crate::Told;

/// The repository on GitHub.
pub(crate) const REPO: &str = "acme/app";

/// The token that the stand-in knows; it opens nothing else.
pub(crate) const TOKEN: &str = "a-token-for-the-benchmark";

/// The labels of areas, which issues have in turn.
const AREAS: [&str; 7] = ["api", "build", "cache", "docs", "login", "search", "storage"];

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Worklogs.
    pub(crate) worklogs: usize,
    /// Entries in each of them.
    pub(crate) entries: usize,
    /// Entries with an issue, spread evenly over all; the others are held back.
    pub(crate) tracked: usize,
    /// Issues on GitHub, of which the tracked ones are the first.
    pub(crate) issues: usize,
}

impl Size {
    /// Worklogs of 20 entries, each with its issue, and no other issues.
    pub(crate) fn whole(issues: usize) -> Self {
        Self { worklogs: issues.div_ceil(20), entries: 20, tracked: issues, issues }
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
    /// Worklogs that were just written and committed, and issues that are much older.
    pub(crate) fn new(size: Size, latency: Duration) -> Told<Self> {
        let mut github = issues(size);
        github.settings.latency = latency;
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
            let entries: Vec<_> = places.map(|place| entry(place, every)).collect();
            scene.worklog(&format!("log-{worklog:05}"), &entries)?;
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

    fn commit(&self, message: &str) -> Told<()> {
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

    /// Time passes on GitHub.
    pub(crate) fn minutes(&self, minutes: i64) {
        self.server.with(|github| github.clock.advance(minutes * 60));
    }

    fn worklog(&self, id: &str, entries: &[String]) -> Told<()> {
        let mut text = format!("---\ngardener: 1\nid: {id}\ntitle: Tests of {id}\nentries:\n");
        text.extend(entries.iter().map(String::as_str));
        let _ = write!(text, "---\n\n# Tests of {id}\n");
        let ids = entries.iter().filter_map(|entry| entry.strip_prefix("  - id: ")?.lines().next());
        for id in ids {
            let _ = write!(
                text,
                "\n## What is known of {id}\n<!-- gardener:entry {id} -->\n\nSeen first in the night's run, \
                 and in each since. The log of {id} ends in the middle of a line:\n\n```\nassertion failed: \
                 left == right\n  left: {id}\n```\n"
            );
        }
        Ok(fs::write(self.top().join(format!("worklogs/{id}.md")), text)?)
    }

    /// Somebody edits ten entries here, evenly spread: four are closed, three get another
    /// severity, three a label more.
    pub(crate) fn edit_ten(&self, size: Size) -> Told<()> {
        for (turn, place) in ten(size).enumerate() {
            let path = self.top().join(format!("worklogs/log-{:05}.md", place / size.entries));
            let text = fs::read_to_string(&path)?;
            let start = text.find(&format!("  - id: {}\n", id(place))).ok_or("an entry is missing")?;
            let (before, after) = text.split_at(start);
            let (from, to) = match turn {
                0..4 => ("status: open".to_owned(), "status: completed".to_owned()),
                4..7 => {
                    (format!("severity: {}", severity(place)), format!("severity: {}", severity(place + 1)))
                }
                _ => ("labels: [".to_owned(), "labels: [regression, ".to_owned()),
            };
            let edited = after.replacen(&from, &to, 1);
            if edited == after {
                return Err(format!("{} has no {from:?}", path.display()).into());
            }
            fs::write(&path, format!("{before}{edited}"))?;
        }
        Ok(())
    }

    /// Somebody does the same on GitHub.
    pub(crate) fn change_ten(&self, size: Size) {
        self.server.with(|github| {
            for (turn, place) in ten(size).enumerate() {
                let number = place as u64 + 1;
                match turn {
                    0..4 => github.close_as("bob", REPO, number, Reason::Completed),
                    4..7 => {
                        github.unlabel_as("bob", REPO, number, severity(place));
                        github.label_as("bob", REPO, number, severity(place + 1));
                    }
                    _ => github.label_as("bob", REPO, number, "regression"),
                }
            }
        });
    }

    /// Somebody writes `count` entries more, ten to a worklog.
    pub(crate) fn write_more(&self, count: usize) -> Told<()> {
        for worklog in 0..count.div_ceil(10) {
            let places = worklog * 10..count.min((worklog + 1) * 10);
            let entries: Vec<_> = places.map(new_entry).collect();
            self.worklog(&format!("more-{worklog:05}"), &entries)?;
        }
        self.commit("more worklogs")
    }
}

/// The places of the entries that are changed.
pub(crate) fn ten(size: Size) -> impl Iterator<Item = usize> {
    (0..10).map(move |turn| turn * (size.tracked / 10) + turn % 3)
}

/// What an issue says: about a kilobyte, as people write them.
pub(crate) fn body(place: usize) -> String {
    let mut text = format!(
        "The test `{}::case_{place}` fails since the night of {}.\n\n### Steps\n\n1. Check out `main`\n\
         2. Run the suite of {}\n\n```\n",
        area(place),
        place % 28 + 1,
        area(place)
    );
    for line in 0..9 {
        let _ = writeln!(
            text,
            "  at step {line} of case {place}: expected {}, got {}",
            place * 7 + line,
            place * 5 + line
        );
    }
    text.push_str("```\n\n");
    for line in 0..3 {
        let _ = writeln!(
            text,
            "It was seen on machine {} and is not tied to the weather there.\n",
            place * 3 + line
        );
    }
    text
}

/// A title for the issue of an entry.
pub(crate) fn title(place: usize) -> String {
    format!("{}: case {place} ends with another result", area(place))
}

/// The severity of an entry.
pub(crate) fn severity(place: usize) -> &'static str {
    ["P1", "P2", "P3", "P2"][place % 4]
}

/// The label of an entry's area.
pub(crate) fn area(place: usize) -> &'static str {
    AREAS[place % AREAS.len()]
}

fn id(place: usize) -> String {
    format!("case-{place:05}")
}

fn entry(place: usize, every: usize) -> String {
    let link = if place.is_multiple_of(every) {
        format!("issue: {}", place / every + 1)
    } else {
        "hold: not worth an issue yet".to_owned()
    };
    // Where not all are tracked the issue is counted by another number than the entry.
    let like = if place.is_multiple_of(every) { place / every } else { place };
    let area = area(like);
    format!(
        "  - id: {}\n    title: \"{}\"\n    severity: {}\n    status: open\n    {link}\n    labels: [{area}, failing-test]\n",
        id(place),
        title(like),
        severity(like)
    )
}

/// An entry that is like no issue.
fn new_entry(place: usize) -> String {
    let words = [
        "Kettle", "Lantern", "Harbour", "Violin", "Meadow", "Glacier", "Compass", "Orchard", "Anvil",
        "Thimble",
    ];
    let (one, other) = (words[place % 10], words[(place / 10 + 3) % 10]);
    format!(
        "  - id: new-{place:05}\n    title: \"{one} number {place} never reaches the {other}\"\n    severity: P2\n    \
         status: open\n    labels: [failing-test]\n"
    )
}

/// A GitHub with issues that nobody touched for months.
fn issues(size: Size) -> GitHub {
    let mut github = GitHub::at("2025-05-01T00:00:00Z");
    github.add_repo(REPO);
    github.add_token(TOKEN, "ann");
    github.grant("ann", REPO, Permission::Write);
    github.grant("bob", REPO, Permission::Write);
    for label in ["P0", "P1", "P2", "P3", "in-progress", "failing-test", "regression"].iter().chain(&AREAS) {
        github.add_label(REPO, label, "ededed");
    }
    for place in 0..size.issues {
        github.clock.advance(60);
        let labels = [severity(place), area(place), "failing-test"];
        github.create_issue_as("bob", REPO, &title(place), &body(place), &labels);
    }
    github.clock.set("2026-03-01T12:00:00Z");
    github
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
