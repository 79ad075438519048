//! A scratch repository in a temporary folder, with its own home and git configuration.
//!
//! Nothing of the machine reaches in but `PATH`, and nothing gets out: the folder goes when
//! the [`Scratch`] does, also after a failure.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a demo acts on the real world")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use github_stand_in::StandIn;

/// What a step of the demo gives, or why the demo stops.
pub(crate) type Told<T> = Result<T, Box<dyn Error>>;

/// The token the stand-in knows; it opens nothing else.
pub(crate) const TOKEN: &str = "a-token-for-the-demo";

/// The moment of every commit, so that the output is the same each time.
const NOW: &str = "2025-09-14T06:00:00Z";

/// The last part makes git name the entry above each hunk of a diff.
const GIT_CONFIG: &str = "\
[user]
	name = Ada
	email = ada@example.org
[init]
	defaultBranch = main
[gc]
	auto = 0
[diff \"worklog\"]
	xfuncname = \"^ *- (id: .*)\"
";

/// A repository, and how to reach `gardener` and GitHub from it.
pub(crate) struct Scratch {
    root: tempfile::TempDir,
    gardener: PathBuf,
    api: String,
    color: bool,
}

/// What a program said.
pub(crate) struct Answer {
    /// Its exit code, -1 if it was killed.
    pub(crate) code: i32,
    /// Its standard output, then its standard error.
    pub(crate) text: String,
}

impl Scratch {
    /// An empty repository whose remote is `repo` on GitHub, which `server` plays.
    pub(crate) fn new(gardener: &Path, server: &StandIn, repo: &str, color: bool) -> Told<Self> {
        let root = tempfile::Builder::new().prefix("gardener-demo-").tempdir()?;
        let scratch = Self { root, gardener: gardener.to_owned(), api: server.url(), color };
        fs::create_dir(scratch.home())?;
        fs::create_dir(scratch.top())?;
        fs::write(scratch.home().join(".gitconfig"), GIT_CONFIG)?;
        scratch.git(&["init", "--quiet"])?;
        fs::write(scratch.top().join(".git/info/attributes"), "worklogs/*.md diff=worklog\n")?;
        scratch.git(&["remote", "add", "origin", &format!("https://github.com/{repo}.git")])?;
        Ok(scratch)
    }

    /// The folder of the repository.
    fn top(&self) -> PathBuf {
        self.root.path().join("repo")
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Writes a file of the repository, with its folders.
    pub(crate) fn write(&self, path: &str, text: &str) -> Told<()> {
        let path = self.top().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, text)?)
    }

    /// Reads a file of the repository.
    pub(crate) fn read(&self, path: &str) -> Told<String> {
        Ok(fs::read_to_string(self.top().join(path))?)
    }

    /// Replaces a text in a file, which must hold it exactly once.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) -> Told<()> {
        let text = self.read(path)?;
        if text.matches(from).count() != 1 {
            return Err(format!("{from:?} is not in {path} exactly once:\n{text}").into());
        }
        self.write(path, &text.replacen(from, to, 1))
    }

    /// Runs git, which must work out.
    pub(crate) fn git(&self, arguments: &[&str]) -> Told<String> {
        let answer = self.run(Path::new("git"), arguments, false)?;
        if answer.code != 0 {
            return Err(format!("git {}: {}", arguments.join(" "), answer.text).into());
        }
        Ok(answer.text)
    }

    /// Runs the real `gardener`, whatever it answers.
    pub(crate) fn gardener(&self, arguments: &[&str]) -> Told<Answer> {
        self.run(&self.gardener, arguments, self.color)
    }

    fn run(&self, program: &Path, arguments: &[&str], color: bool) -> Told<Answer> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.top()).env_clear();
        // The second is for Windows, where programs don't start without it.
        for name in ["PATH", "SYSTEMROOT"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_DATE", NOW),
            ("GIT_COMMITTER_DATE", NOW),
            ("GIT_PAGER", "cat"),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("GITHUB_API_URL", &self.api),
            ("GH_TOKEN", TOKEN),
        ]);
        command.env("HOME", self.home()).env("XDG_CONFIG_HOME", self.home().join(".config"));
        command.env("GIT_CONFIG_GLOBAL", self.home().join(".gitconfig"));
        command.env("GIT_CEILING_DIRECTORIES", self.root.path());
        if color {
            command.env("CLICOLOR_FORCE", "1");
        }
        let output = command.output().map_err(|e| format!("{}: {e}", program.display()))?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok(Answer { code: output.status.code().unwrap_or(-1), text })
    }
}
