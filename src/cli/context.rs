//! The world as a command finds it: folder, environment, repository, config, GitHub.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the environment and the clock")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cli::error::CliError;
use crate::cli::interrupt;
use crate::cli::terminal::{HINT, Terminal};
use crate::config::{self, Config};
use crate::effect::{Invocation, Lock, Processes, Steps};
use crate::forge::{Address, ForgeError, GitHub, Options, Token};
use crate::journal::FileStore;
use crate::model::Timestamp;
use crate::offer::LIFETIME;
use crate::redact::Redactor;
use crate::repo::{Home, Repo, RepoError};
use crate::runner::{Identity, Runner, Trust};
use crate::sync::push::PushedRef;
use crate::sync::{Choices, Scope, SyncError};

/// Variables that hold tokens: no child process sees them.
const TOKENS: [&str; 4] = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// The issue template where the repository has none of its own.
pub(super) const ISSUE_TEMPLATE: &str = include_str!("../../templates/issue.md");

/// Everything a command works with.
pub(super) struct Context {
    pub(super) repo: Repo,
    pub(super) config: Config,
    /// The folder in which paths on the command line begin.
    here: PathBuf,
    steps: Steps,
    processes: Processes,
}

/// A path on the command line, found.
pub(super) struct Named {
    /// Where it is.
    pub(super) full: PathBuf,
    /// From the top of the work tree, with `/`; `None` outside of it.
    pub(super) inside: Option<String>,
}

impl Context {
    /// Opens the repository that holds `folder`, or the current one, and reads its config.
    ///
    /// # Errors
    /// When there is no repository, or its config is wrong.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, CliError> {
        Self::open_with(folder, heeded())
    }

    /// The same in a program that opens it again and again, and heeds signals already.
    ///
    /// # Errors
    /// As above.
    pub(super) fn open_with(folder: Option<&Path>, steps: Steps) -> Result<Self, CliError> {
        let (repo, here, steps, processes) = opened(folder, steps)?;
        let config = match repo.text(config::FILE)? {
            None => Config::default(),
            Some(text) => config::parse(&text).map_err(|problems| CliError::Config { text, problems })?,
        };
        Ok(Self { repo, config, here, steps, processes })
    }

    /// Opens the repository, where its config does not matter.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn open_without_config(folder: Option<&Path>) -> Result<Repo, CliError> {
        Ok(opened(folder, heeded())?.0)
    }

    /// The repository on GitHub; a fork is said aloud.
    ///
    /// # Errors
    /// When nothing names one.
    pub(super) fn home(&self, terminal: &mut Terminal) -> Result<Home, CliError> {
        let home = self.find_home()?;
        if let Some(note) = &home.note {
            terminal.warn(format_args!("{HINT}note{HINT:#}: {note}"));
        }
        Ok(home)
    }

    /// The repository on GitHub, without a word.
    ///
    /// # Errors
    /// When nothing names one.
    pub(super) fn find_home(&self) -> Result<Home, RepoError> {
        self.repo.home(&self.config, variable("GH_HOST").as_deref())
    }

    /// The file or folder that somebody means by a path on the command line.
    pub(super) fn named(&self, typed: &Path) -> Named {
        let full = self.here.join(typed);
        // Links on the way are followed, one at the end is not: it is what is asked about.
        let real = match (full.parent(), full.file_name()) {
            (Some(folder), Some(name)) => folder.canonicalize().map(|f| f.join(name)),
            _ => full.canonicalize(),
        };
        let real = real.unwrap_or(full);
        let top = self.repo.top().canonicalize().unwrap_or_else(|_| self.repo.top().to_owned());
        let inside = real.strip_prefix(&top).ok().map(|path| {
            let parts: Vec<_> = path.components().map(|c| c.as_os_str().to_string_lossy()).collect();
            parts.join("/")
        });
        Named { full: real, inside }
    }

    /// A path of the repository as somebody in the present folder would type it.
    pub(super) fn seen_from_here(&self, path: &str) -> String {
        let named = self.named(Path::new("."));
        let steps = named.inside.map_or(0, |p| p.split('/').filter(|part| !part.is_empty()).count());
        "../".repeat(steps) + path
    }

    /// The config whose `trust.authors` count: the default branch's (rule 6). A branch
    /// under review could otherwise name its own author there.
    ///
    /// # Errors
    /// When the repository can't be read.
    pub(super) fn trusted_config(&self, home: &Home) -> Result<Config, CliError> {
        let mut config = self.config.clone();
        let configured = self.config.sync.default_branch.as_deref();
        let branch = self.repo.default_branch(configured, home.remote.as_deref())?;
        let text = match branch {
            Some(branch) => self.repo.text_at(&branch, config::FILE)?,
            None => None,
        };
        let theirs = text.and_then(|t| config::parse(&t).ok()).unwrap_or_default();
        config.trusted_authors = theirs.trusted_authors;
        Ok(config)
    }

    /// GitHub, to read.
    ///
    /// # Errors
    /// When the address is not acceptable or there is no token for it.
    pub(super) fn github(&self, home: &Home, terminal: &Terminal) -> Result<GitHub, CliError> {
        Ok(GitHub::new(self.github_options(home, terminal)?))
    }

    /// The same for somebody who waits no longer than `deadline` for all of it.
    ///
    /// # Errors
    /// As above.
    pub(super) fn github_within(
        &self,
        home: &Home,
        deadline: Duration,
        terminal: &Terminal,
    ) -> Result<GitHub, CliError> {
        let started = Instant::now();
        let mut options = self.github_options(home, terminal)?;
        // Finding the token takes its time, too.
        options.deadline = Some(deadline.saturating_sub(started.elapsed()));
        options.patience = Duration::ZERO;
        Ok(GitHub::new(options))
    }

    fn github_options(&self, home: &Home, terminal: &Terminal) -> Result<Options, CliError> {
        let (api, graphql) = (variable("GITHUB_API_URL"), variable("GITHUB_GRAPHQL_URL"));
        let address = Address::new(&home.host, api.as_deref(), graphql.as_deref())?;
        let token = Token::find(&variable, &home.host, Some(&address), &self.processes);
        if token.is_none() {
            return Err(ForgeError::NoToken { host: address.host().to_owned() }.into());
        }
        let mut options = Options::new(address, home.slug.clone());
        options.token = token;
        options.steps = self.steps.clone();
        options.graphql = variable("GARDENER_REST_ONLY").is_none();
        let progress = terminal.progress();
        options.progress = Box::new(move |text| progress.show(text));
        Ok(options)
    }

    /// What a sync is told where nothing else is wanted of it: to look, and to commit nothing.
    ///
    /// # Errors
    /// When the config that counts, or the template, can't be read.
    pub(super) fn choices(&self, home: &Home, terminal: &Terminal) -> Result<Choices, CliError> {
        Ok(Choices {
            home: home.slug.clone(),
            config: self.trusted_config(home)?,
            template: self.issue_template()?,
            preferences: Vec::new(),
            all: false,
            commit: false,
            yes: false,
            pushing: None,
            scope: Scope::Branch,
            redactor: terminal.redactor(),
        })
    }

    /// The journal's file and those of the caches: the last look, and what issues say.
    pub(super) fn stores(&self) -> (FileStore, FileStore, FileStore) {
        let (common, disk) = (self.repo.common_dir(), self.repo.disk());
        let look = FileStore::cache(common, disk.clone());
        (FileStore::new(common, disk.clone()), look, FileStore::texts(common, disk.clone()))
    }

    /// Where it is noted when GitHub was looked at last.
    pub(super) fn last_look(&self) -> FileStore {
        FileStore::last_look(self.repo.common_dir(), self.repo.disk().clone())
    }

    /// This program, for a hook that has to find it.
    ///
    /// # Errors
    /// When the system can't tell.
    pub(super) fn program(&self) -> Result<PathBuf, CliError> {
        std::env::current_exe().map_err(|error| CliError::Folder(format!("this program: {error}")))
    }

    /// Runs the commands of suites.
    pub(super) fn runner(&self) -> Runner {
        Runner::new(self.processes.clone(), std::env::vars_os()).sole_parent()
    }

    /// What the user trusts, and this clone as it is known there.
    ///
    /// # Errors
    /// When there is no place for it, or the git directory is gone.
    pub(super) fn trust(&self) -> Result<(Trust, Identity), CliError> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let (state, home) = (folder("XDG_STATE_HOME"), folder("HOME"));
        let refused = |why: String| CliError::Refused {
            message: why,
            next: "set HOME or XDG_STATE_HOME to a folder of yours".to_owned(),
        };
        let trust = Trust::of_user(state.as_deref(), home.as_deref(), self.repo.disk().clone())
            .map_err(|error| refused(error.to_string()))?;
        let identity = Identity::of(self.repo.common_dir()).map_err(|error| refused(error.to_string()))?;
        Ok((trust, identity))
    }

    /// Folders of this machine that results are full of, each with what stands for it in a worklog:
    /// the longest first.
    pub(super) fn folders(&self) -> Vec<(String, String)> {
        let top = self.repo.top().to_string_lossy().into_owned();
        let mut folders = vec![(format!("{top}/"), String::new()), (top, ".".to_owned())];
        let home = variable("HOME").filter(|home| home.len() > 1 && home.starts_with('/'));
        folders.extend(home.map(|home| (format!("{}/", home.trim_end_matches('/')), "~/".to_owned())));
        folders
    }

    /// What starts other programs.
    pub(super) fn processes(&self) -> Processes {
        self.processes.clone()
    }

    /// What hears of every effect.
    pub(super) fn steps(&self) -> Steps {
        self.steps.clone()
    }

    /// Takes the lock that lets only one run write in this clone, and cleans up after a
    /// run that was killed.
    ///
    /// # Errors
    /// When another run has it.
    pub(super) fn lock(&self) -> Result<Lock, CliError> {
        self.lock_within(Duration::from_secs(5))
    }

    /// The same for somebody who waits no longer than `patience`.
    ///
    /// # Errors
    /// When another run still has it.
    pub(super) fn lock_within(&self, patience: Duration) -> Result<Lock, CliError> {
        let lock = self.repo.lock(patience)?;
        self.repo.sweep(&self.config.worklogs, &lock)?;
        Ok(lock)
    }

    /// The template of a new issue's text: the repository's own, else the built-in one.
    ///
    /// # Errors
    /// When it can't be read, or can't be filled in.
    pub(super) fn issue_template(&self) -> Result<String, CliError> {
        let own = self.repo.text(".gardener/templates/issue.md")?;
        let template = own.unwrap_or_else(|| ISSUE_TEMPLATE.to_owned());
        crate::plan::check_template(&template).map_err(SyncError::Template)?;
        Ok(template)
    }
}

/// What hears of every effect of this program, with signals heeded from here on.
pub(super) fn heeded() -> Steps {
    let steps = steps();
    interrupt::heed(&steps);
    steps
}

fn opened(folder: Option<&Path>, steps: Steps) -> Result<(Repo, PathBuf, Steps, Processes), CliError> {
    let processes = Processes::new(steps.clone(), TOKENS.map(Into::into).to_vec());
    let here = start(folder)?;
    let repo = Repo::open(&here, steps.clone(), processes.clone())?;
    Ok((repo, here, steps, processes))
}

/// The present moment, or the one that `SOURCE_DATE_EPOCH` sets for builds that are to come
/// out the same again.
///
/// # Errors
/// When the variable holds no number of seconds.
pub(super) fn now() -> Result<Timestamp, CliError> {
    match variable("SOURCE_DATE_EPOCH") {
        None => Ok(Timestamp::from_second(jiff::Timestamp::now().as_second())),
        Some(text) => text.parse().map(Timestamp::from_second).map_err(|_| {
            CliError::Usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970".to_owned())
        }),
    }
}

/// What keeps secrets out of everything that is sent or printed: it knows those of the
/// environment.
pub(super) fn redactor() -> Redactor {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Redactor::new(std::env::vars_os().filter_map(text))
}

/// What is pushed, where pre-commit runs the hook: it reads git's lines itself and says what they
/// were in variables.
pub(super) fn pushed_by_pre_commit() -> Option<PushedRef> {
    Some(PushedRef {
        local: variable("PRE_COMMIT_LOCAL_BRANCH")?,
        id: variable("PRE_COMMIT_TO_REF"),
        remote: variable("PRE_COMMIT_REMOTE_BRANCH")?,
        before: variable("PRE_COMMIT_FROM_REF"),
    })
}

/// A program that opens addresses.
pub(super) struct Browser {
    /// What it is called.
    pub(super) name: String,
    words: Vec<String>,
}

impl Browser {
    /// The program with an address: in the place of `%s`, else as the last word.
    pub(super) fn with(&self, address: &str) -> Invocation {
        let mut words: Vec<String> = self.words.iter().map(|word| word.replace("%s", address)).collect();
        if words == self.words {
            words.push(address.to_owned());
        }
        Invocation::new(&self.name).args(words)
    }
}

/// The programs that may open an address, the best first: those of `BROWSER`, as other programs read
/// it, else what the system has for it.
pub(super) fn browsers() -> Vec<Browser> {
    let browser = |text: &str| {
        let mut words = text.split_whitespace().map(str::to_owned);
        Some(Browser { name: words.next()?, words: words.collect() })
    };
    let own: Vec<Browser> =
        variable("BROWSER").iter().flat_map(|all| all.split(':')).filter_map(browser).collect();
    if !own.is_empty() {
        return own;
    }
    let of_system: &[&str] = match std::env::consts::OS {
        "macos" => &["open"],
        "windows" => &["explorer"],
        _ => &["xdg-open", "wslview"],
    };
    of_system.iter().copied().filter_map(browser).collect()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

fn start(folder: Option<&Path>) -> Result<PathBuf, CliError> {
    let here = std::env::current_dir().map_err(|e| CliError::Folder(format!("the current folder: {e}")))?;
    Ok(folder.map_or(here.clone(), |f| here.join(f)))
}

/// Whether the clock is fixed, so that durations would be the only thing that differs.
pub(super) fn is_clock_fixed() -> bool {
    variable("SOURCE_DATE_EPOCH").is_some()
}

/// How long a plan that was shown can be applied, in seconds. In a debug build tests can shorten it.
pub(super) fn plan_lifetime() -> u64 {
    let shorter = if cfg!(debug_assertions) { variable("GARDENER_TEST_LIFETIME") } else { None };
    shorter.and_then(|seconds| seconds.parse().ok()).map_or(LIFETIME, |seconds: u64| seconds.min(LIFETIME))
}

/// In a debug build tests can list the effects of a run and kill it before any of them;
/// a release build has no such switch.
#[cfg(debug_assertions)]
fn steps() -> Steps {
    let (list, kill) = (variable("GARDENER_TEST_EFFECTS"), variable("GARDENER_TEST_KILL"));
    let kill: Option<usize> = kill.and_then(|k| k.parse().ok());
    if list.is_none() && kill.is_none() {
        return Steps::default();
    }
    Steps::with_hook(move |number, what| crate::effect::observe(number, what, list.as_deref(), kill))
}

#[cfg(not(debug_assertions))]
fn steps() -> Steps {
    Steps::default()
}
