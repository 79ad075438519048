//! A place where a test can play with git: its own home, config, identity and clock.
//!
//! Nothing of the machine reaches in (no user config, no variables, no system config) and
//! nothing gets out (all of it is one temporary folder). A test makes a [`Sandbox`], which
//! has a repository on the branch `main`, and talks to git, to the repository's files, to
//! the library ([`Sandbox::worktree`]) or to the program ([`Sandbox::gardener`]):
//!
//! ```ignore
//! let sandbox = Sandbox::new();
//! sandbox.write("worklogs/a.md", "text\n");
//! sandbox.commit_all("start");
//! let before = sandbox.snapshot();
//! let run = sandbox.gardener(["status"]).run();
//! assert_eq!((run.code, sandbox.snapshot()), (0, before));
//! ```
//!
//! Whatever goes wrong panics with what was said: a test has nothing better to do.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]
#![allow(dead_code, reason = "the tests of several rooms use it, not each of them all of it")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gardener::config::Config;
use gardener::effect::{Processes, Steps};
use gardener::repo::{GitWorktree, Repo, RepoError};

use crate::matrix::{fired, fired_here};

/// The moment of every commit, so that ids are the same in every run.
pub(crate) const NOW: &str = "2025-09-14T12:00:00Z";

/// A temporary folder with a home and a repository in it.
pub(crate) struct Sandbox {
    root: tempfile::TempDir,
    /// Where `git`, `write` and the others act.
    top: PathBuf,
}

/// What a program answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its exit code; -1 when it was killed.
    pub(crate) code: i32,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

/// A program that is about to be started.
pub(crate) struct Start(Command, Vec<u8>);

/// Everything of a repository that a commit of ours must leave alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Path to mode, id and stage.
    pub(crate) index: BTreeMap<String, String>,
    /// Path to the rest of its line in `git status --porcelain=v2`, ignored files too.
    pub(crate) status: BTreeMap<String, String>,
    /// Path to content of every file outside of `.git`.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// `git stash list` and every reference but the branch that is checked out.
    pub(crate) others: String,
}

impl Sandbox {
    /// A sandbox with a repository on the branch `main` that has no commit yet.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let top = fs::canonicalize(root.path()).expect("a path").join("repo");
        let sandbox = Self { root, top };
        fs::create_dir_all(sandbox.home()).expect("a home");
        fs::create_dir_all(sandbox.top()).expect("a folder");
        // Sample hooks are a dozen files that every copy of the sandbox would copy.
        let template = sandbox.home().join("template");
        fs::create_dir_all(template.join("hooks")).expect("a template");
        fs::create_dir_all(template.join("info")).expect("a template");
        let config = format!(
            "[user]\n\tname = Ada Tester\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n\
             \ttemplateDir = {}\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
            template.display()
        );
        fs::write(sandbox.home().join(".gitconfig"), config).expect("written");
        sandbox.git(["init", "--quiet"]);
        sandbox
    }

    /// Another sandbox with the same files, for a test that starts often from one point.
    pub(crate) fn copy(&self) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let top = fs::canonicalize(root.path()).expect("a path").join("repo");
        copy_folder(self.root(), top.parent().expect("it has one"));
        Self { root, top }
    }

    /// The same sandbox with another folder in the place of the repository: a linked
    /// worktree, a clone. Relative to the sandbox's root.
    pub(crate) fn at(&self, folder: &str) -> At<'_> {
        At { sandbox: self, top: self.root().join(folder) }
    }

    /// The folder that holds everything.
    pub(crate) fn root(&self) -> &Path {
        self.top.parent().expect("it has one")
    }

    /// The user's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The top of the repository.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// The whole environment of the programs that are started here.
    pub(crate) fn environment(&self) -> Vec<(OsString, OsString)> {
        let home = self.home();
        let path = std::env::var_os("PATH").unwrap_or_default();
        [
            ("PATH", path),
            ("HOME", home.clone().into()),
            ("XDG_CONFIG_HOME", home.join(".config").into()),
            ("XDG_STATE_HOME", home.join(".state").into()),
            ("GNUPGHOME", home.join(".gnupg").into()),
            ("GIT_CONFIG_GLOBAL", home.join(".gitconfig").into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CEILING_DIRECTORIES", self.root().into()),
            ("GIT_AUTHOR_DATE", NOW.into()),
            ("GIT_COMMITTER_DATE", NOW.into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
            ("LC_ALL", "C".into()),
            ("TZ", "UTC".into()),
        ]
        .map(|(name, value)| (name.into(), value))
        .into()
    }

    /// Starts any program at the top of the repository.
    pub(crate) fn program<W: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = W>,
    ) -> Start {
        self.start(&self.top, program, arguments)
    }

    /// Starts the real `gardener` at the top of the repository.
    pub(crate) fn gardener<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> Start {
        self.start(&self.top, env!("CARGO_BIN_EXE_gardener"), arguments)
    }

    fn start<W: AsRef<OsStr>>(
        &self,
        folder: &Path,
        program: &str,
        arguments: impl IntoIterator<Item = W>,
    ) -> Start {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env_clear().envs(self.environment());
        Start(command, Vec::new())
    }

    /// Runs `git` and gives its output without blanks at the end.
    pub(crate) fn git<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> String {
        self.program("git", arguments).output()
    }

    /// Runs `git`, whatever it answers.
    pub(crate) fn try_git<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> Answer {
        self.program("git", arguments).run()
    }

    /// Sets a value in the repository's config.
    pub(crate) fn config(&self, name: &str, value: &str) {
        self.git(["config", name, value]);
    }

    /// Writes a file of the repository, with its folders.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Reads a file of the repository as text.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.top.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Removes a file of the repository.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.top.join(path)).expect("removed");
    }

    /// Makes a symbolic link at `path`.
    #[cfg(unix)]
    pub(crate) fn link(&self, target: &str, path: &str) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::os::unix::fs::symlink(target, path).expect("linked");
    }

    /// Makes a hook of the repository: a shell script.
    #[cfg(unix)]
    pub(crate) fn hook(&self, name: &str, script: &str) {
        let path = format!(".git/hooks/{name}");
        self.write(&path, format!("#!/bin/sh\n{script}\n"));
        self.mode(&path, 0o755);
    }

    /// Sets a file's permissions.
    #[cfg(unix)]
    pub(crate) fn mode(&self, path: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.top.join(path), fs::Permissions::from_mode(mode)).expect("set");
    }

    /// The names of the files in a folder of the repository, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(items) = fs::read_dir(self.top.join(folder)) else { return Vec::new() };
        let mut names: Vec<_> = items.map(|i| i.expect("listed").file_name()).collect();
        names.sort();
        names.into_iter().map(|n| n.to_string_lossy().into_owned()).collect()
    }

    /// Commits everything there is, and gives the commit's id.
    pub(crate) fn commit_all(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "-m", message]);
        self.head()
    }

    /// HEAD's id.
    pub(crate) fn head(&self) -> String {
        self.git(["rev-parse", "HEAD"])
    }

    /// What a commit of ours must leave alone.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let branch = self.git(["symbolic-ref", "-q", "HEAD"]);
        let refs = self.git(["for-each-ref", "--format=%(refname) %(objectname)"]);
        let refs = refs.lines().filter(|line| !line.starts_with(&format!("{branch} ")));
        let others = refs.map(|line| format!("{line}\n")).collect::<String>() + &self.git(["stash", "list"]);
        let index = self.git(["ls-files", "--stage", "-z"]);
        let index = index.split('\0').filter_map(|line| line.split_once('\t'));
        let status = self.git(["status", "--porcelain=v2", "-z", "--no-renames", "--ignored", "-uall"]);
        let status = status.split('\0').filter(|line| !line.is_empty()).map(|line| {
            let fields = if line.starts_with('1') {
                9
            } else if line.starts_with('u') {
                11
            } else {
                2
            };
            let words: Vec<_> = line.splitn(fields, ' ').collect();
            let (path, rest) = words.split_last().expect("a path");
            ((*path).to_owned(), rest.join(" "))
        });
        let mut files = BTreeMap::new();
        contents(&self.top, &self.top, &mut files);
        Snapshot {
            index: index.map(|(entry, path)| (path.to_owned(), entry.to_owned())).collect(),
            status: status.collect(),
            files,
            others,
        }
    }

    /// Makes a program of this name that goes before the machine's own for [`Self::tricked`].
    #[cfg(unix)]
    pub(crate) fn trick(&self, name: &str, script: &str) {
        let path = format!("../bin/{name}");
        self.write(&path, format!("#!/bin/sh\n{script}\n"));
        self.mode(&path, 0o755);
    }

    /// Opens the repository with processes that find the tricks first.
    #[cfg(unix)]
    pub(crate) fn tricked(&self) -> Repo {
        let mut path = self.root().join("bin").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let processes = self.processes(Steps::default()).with([("PATH".into(), path)]);
        Repo::open(&self.top, Steps::default(), processes).expect("it opens")
    }

    /// Processes that have the sandbox's environment.
    pub(crate) fn processes(&self, steps: Steps) -> Processes {
        let hidden = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        let hidden = hidden.into_iter().chain(["EMAIL", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"]);
        Processes::new(steps, hidden.map(Into::into).collect()).with(self.environment())
    }

    /// Opens the repository with the library.
    pub(crate) fn try_open(&self) -> Result<Repo, RepoError> {
        Repo::open(&self.top, Steps::default(), self.processes(Steps::default()))
    }

    /// Opens the repository with the library.
    pub(crate) fn open(&self) -> Repo {
        self.try_open().expect("it opens")
    }

    /// The worklogs, with the default config.
    pub(crate) fn worktree(&self) -> GitWorktree {
        self.open().worktree(&Config::default())
    }

    /// The worklogs, where every effect is announced to `steps`.
    pub(crate) fn worktree_with(&self, steps: Steps) -> GitWorktree {
        let repo = Repo::open(&self.top, steps.clone(), self.processes(steps)).expect("it opens");
        repo.worktree(&Config::default())
    }
}

/// A [`Sandbox`] seen from another folder.
pub(crate) struct At<'a> {
    sandbox: &'a Sandbox,
    top: PathBuf,
}

impl At<'_> {
    /// The folder.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// Runs `git` there and gives its output without blanks at the end.
    pub(crate) fn git<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> String {
        self.sandbox.start(&self.top, "git", arguments).output()
    }

    /// Starts the real `gardener` there.
    pub(crate) fn gardener<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> Start {
        self.sandbox.start(&self.top, env!("CARGO_BIN_EXE_gardener"), arguments)
    }

    /// Writes a file there, with its folders.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Reads a file there.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.top.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Opens the repository there with the library.
    pub(crate) fn try_open(&self) -> Result<Repo, RepoError> {
        Repo::open(&self.top, Steps::default(), self.sandbox.processes(Steps::default()))
    }

    /// Opens the repository there with the library.
    pub(crate) fn open(&self) -> Repo {
        self.try_open().expect("it opens")
    }

    /// The worklogs there, with the default config.
    pub(crate) fn worktree(&self) -> GitWorktree {
        self.open().worktree(&Config::default())
    }
}

impl Start {
    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// What it reads on its standard input.
    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.1 = bytes.into();
        self
    }

    /// The command itself, for a test that starts it in a way of its own.
    pub(crate) fn command(self) -> Command {
        self.0
    }

    /// Runs it, whatever it answers.
    pub(crate) fn run(mut self) -> Answer {
        self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        fired_here(self.0.get_current_dir().expect("a folder"));
        let mut child = self.0.spawn().unwrap_or_else(|e| panic!("{:?}: {e}", self.0));
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = self.1;
        let feed = std::thread::spawn(move || {
            // A program may end without having read its input.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().expect("an answer");
        feed.join().expect("fed");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        if self.0.get_program() == env!("CARGO_BIN_EXE_gardener") {
            fired(&format!("exit {code}"));
        }
        Answer { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Runs it, which must work out, and gives its output without blanks at the end.
    pub(crate) fn output(self) -> String {
        let words = format!("{:?}", self.0);
        let answer = self.run();
        assert_eq!(answer.code, 0, "{words}\n{}{}", answer.out, answer.err);
        answer.out.trim_end().to_owned()
    }
}

impl Snapshot {
    /// Without what it says of these paths.
    #[must_use]
    pub(crate) fn without(mut self, paths: &[&str]) -> Self {
        for path in paths {
            self.index.remove(*path);
            self.status.remove(*path);
            self.files.remove(*path);
        }
        self
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for item in fs::read_dir(from).expect("listed") {
        let item = item.expect("listed");
        let (kind, to) = (item.file_type().expect("there"), to.join(item.file_name()));
        if kind.is_dir() {
            copy_folder(&item.path(), &to);
        } else if kind.is_file() {
            fs::copy(item.path(), to).expect("copied");
        }
    }
}

fn contents(top: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for item in fs::read_dir(folder).expect("listed") {
        let path = item.expect("listed").path();
        if path.file_name().is_some_and(|name| name == ".git") {
            continue;
        }
        let kind = fs::symlink_metadata(&path).expect("there").file_type();
        let name = path.strip_prefix(top).expect("inside").to_string_lossy().into_owned();
        if kind.is_dir() {
            contents(top, &path, files);
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).expect("a link");
            files.insert(name, target.to_string_lossy().into_owned().into_bytes());
        } else {
            files.insert(name, fs::read(&path).expect("read"));
        }
    }
}
