//! The world as a command finds it: folder, environment, repository, config, GitHub.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the environment and the clock")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cli::error::CliError;
use crate::cli::interrupt;
use crate::cli::terminal::{HINT, Terminal};
use crate::config::{self, Config};
use crate::effect::{Disk, Lock, Processes, Steps};
use crate::forge::{Address, GitHub, Options, Token};
use crate::journal::FileStore;
use crate::model::{RepoSlug, Timestamp};
use crate::offer::LIFETIME;
use crate::redact::Redactor;
use crate::repo::{Home, Repo, RepoError, is_host};
use crate::runner::{Identity, Runner, Trust, TrustError};
use crate::sync::push::PushedRef;
use crate::sync::{Choices, KeptAnswers, Scope, SyncError};

/// Variables that hold tokens: no child process sees them.
pub(super) const TOKENS: [&str; 4] =
    ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

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
        let (address, token) = address_and_token(&home.host, &self.processes)?;
        if token.is_none() {
            return Err(CliError::no_token(&address));
        }
        let mut options = Options::new(address, home.slug.clone());
        options.token = token;
        options.steps = self.steps.clone();
        options.graphql = variable("GARDENER_REST_ONLY").is_none();
        let kept = FileStore::answers(self.repo.common_dir(), self.repo.disk().clone());
        options.kept = Some(Box::new(KeptAnswers(kept)));
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
        let refused = |why: String| CliError::Refused {
            message: why,
            next: "set HOME or XDG_STATE_HOME to a folder of yours".to_owned(),
        };
        let trust = user_trust(self.repo.disk().clone()).map_err(|error| refused(error.to_string()))?;
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

/// What is there before a repository is opened.
pub(super) struct Ground {
    here: PathBuf,
    steps: Steps,
    processes: Processes,
}

impl Ground {
    /// The folder, and the way to other programs.
    ///
    /// # Errors
    /// When the folder is not there.
    pub(super) fn find(folder: Option<&Path>) -> Result<Self, CliError> {
        Self::find_with(folder, heeded())
    }

    /// The same in a program that heeds signals already.
    fn find_with(folder: Option<&Path>, steps: Steps) -> Result<Self, CliError> {
        let processes = Processes::new(steps.clone(), TOKENS.map(Into::into).to_vec());
        Ok(Self { here: start(folder)?, steps, processes })
    }

    /// Starts other programs.
    pub(super) fn processes(&self) -> &Processes {
        &self.processes
    }

    /// Opens the repository. A config that is wrong comes as an error beside it, and all of it
    /// counts as left out.
    ///
    /// # Errors
    /// When there is none, or it can't be used.
    pub(super) fn open(&self) -> Result<(Context, Option<CliError>), CliError> {
        let (here, steps, processes) = (self.here.clone(), self.steps.clone(), self.processes.clone());
        let repo = Repo::open(&here, steps.clone(), processes.clone())?;
        let (config, wrong) = match repo.text(config::FILE) {
            Ok(None) => (Config::default(), None),
            Ok(Some(text)) => match config::parse(&text) {
                Ok(config) => (config, None),
                Err(problems) => (Config::default(), Some(CliError::Config { text, problems })),
            },
            Err(error) => (Config::default(), Some(error.into())),
        };
        Ok((Context { repo, config, here, steps, processes }, wrong))
    }

    /// The host where nothing but the user's own environment names one.
    pub(super) fn host(&self) -> String {
        chosen_host().unwrap_or_else(|| "github.com".to_owned())
    }

    /// GitHub's address for a host, and the token for it, if there is one.
    ///
    /// # Errors
    /// When the address is not acceptable.
    pub(super) fn address_and_token(&self, host: &str) -> Result<(Address, Option<Token>), CliError> {
        address_and_token(host, &self.processes)
    }

    /// A reader that waits for no limit, and no longer than `deadline` for all of it.
    pub(super) fn github(
        &self,
        address: Address,
        token: Token,
        slug: RepoSlug,
        deadline: Duration,
        terminal: &Terminal,
    ) -> GitHub {
        let mut options = Options::new(address, slug);
        options.token = Some(token);
        options.steps = self.steps.clone();
        options.deadline = Some(deadline);
        options.patience = Duration::ZERO;
        let progress = terminal.progress();
        options.progress = Box::new(move |text| progress.show(text));
        GitHub::new(options)
    }

    /// The list of what the user trusts, and whether `XDG_STATE_HOME` says something that does not
    /// count.
    ///
    /// # Errors
    /// When there is no place for it.
    pub(super) fn trust(&self) -> Result<(Trust, bool), TrustError> {
        let trust = user_trust(Disk::new(self.steps.clone()))?;
        let is_odd = variable("XDG_STATE_HOME").is_some_and(|state| !Path::new(&state).is_absolute());
        Ok((trust, is_odd))
    }
}

fn address_and_token(host: &str, processes: &Processes) -> Result<(Address, Option<Token>), CliError> {
    let (api, graphql) = (variable("GITHUB_API_URL"), variable("GITHUB_GRAPHQL_URL"));
    let address = Address::new(host, api.as_deref(), graphql.as_deref())?;
    let token = Token::find(&variable, host, Some(&address), processes);
    Ok((address, token))
}

fn user_trust(disk: Disk) -> Result<Trust, TrustError> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    Trust::of_user(folder("XDG_STATE_HOME").as_deref(), folder("HOME").as_deref(), disk)
}

/// What hears of every effect of this program, with signals heeded from here on.
pub(super) fn heeded() -> Steps {
    let steps = steps();
    interrupt::heed(&steps);
    steps
}

fn opened(folder: Option<&Path>, steps: Steps) -> Result<(Repo, PathBuf, Steps, Processes), CliError> {
    let Ground { here, steps, processes } = Ground::find_with(folder, steps)?;
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

/// Whether the command line has this very word, before any `--`.
pub(super) fn has_word(word: &str) -> bool {
    std::env::args_os().skip(1).take_while(|typed| typed != "--").any(|typed| typed == word)
}

/// A variable of the user's environment that says something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// The folder in which a command begins.
///
/// # Errors
/// When the current folder can't be told.
pub(super) fn folder(typed: Option<&Path>) -> Result<PathBuf, CliError> {
    start(typed)
}

/// The host that the user's environment names instead of the remote's.
pub(super) fn chosen_host() -> Option<String> {
    variable("GH_HOST").filter(|host| is_host(host))
}

fn start(folder: Option<&Path>) -> Result<PathBuf, CliError> {
    let here = std::env::current_dir().map_err(|e| CliError::Folder(format!("the current folder: {e}")))?;
    let Some(folder) = folder else { return Ok(here) };
    let folder = here.join(folder);
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(CliError::Folder(format!(
            "-C {}: there is no such folder",
            crate::model::Untrusted(&folder.to_string_lossy())
        ))),
    }
}

/// A path on the command line, where `folder` is what `-C` says.
///
/// # Errors
/// When the present folder is gone.
pub(super) fn from_here(folder: Option<&Path>, typed: &Path) -> Result<PathBuf, CliError> {
    Ok(start(folder)?.join(typed))
}

/// The files of this machine, where no repository is opened.
pub(super) fn disk() -> Disk {
    Disk::new(steps())
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
