//! The command of a test suite, run within bounds: of time, of memory, of what it may see.
//!
//! Floor 4, an edge. A [`Job`] is an argument list, a folder and a limit; a [`Runner`] runs a few
//! at once and tells what became of each, as plain values. Whatever happens, nothing of a suite is
//! left when it is over: not after its limit, not after Ctrl-C, not when it ended by itself and
//! left a server behind. What it printed is kept as a head and a tail, however much it was.
//!
//! A suite gets a bounded environment: no variable of git's (a hook sets `GIT_DIR`, and a test that
//! makes a repository would then write to this one), and none that holds a credential unless the
//! suite lists it ([`environment`]). Whether a suite may run at all is in [`Trust`]. What results
//! mean, and what to write of them, is not known here.
//!
//! What can't be helped: a service that starts something on a suite's behalf (docker, systemd, at)
//! keeps it, and a process of another user (`sudo`) can't be ended; the latter is named. Elsewhere
//! than on Linux a child that left its group and whose parent ended is not found.

mod all;
mod capture;
mod digest;
pub mod environment;
mod one;
mod pump;
mod stop;
mod trust;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead};
use std::path::PathBuf;
use std::time::Duration;

use crate::effect::{Processes, Written};

pub use capture::Output;
pub use digest::{Fields, digest};
pub use environment::Variables;
pub use stop::Stop;
pub use trust::{Identity, State, Trust, TrustError};

/// One suite's command, ready to be run. No shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The suite's name, for messages.
    pub name: String,
    /// The program and its arguments. A program with a `/` in it is a path, which begins in
    /// [`Self::folder`]; any other is looked for in the `PATH` that the suite gets.
    pub command: Vec<OsString>,
    /// The folder in which it starts; absolute.
    pub folder: PathBuf,
    /// Variables set for it, whatever their names, over those that it inherits.
    pub environment: BTreeMap<String, String>,
    /// Names of inherited variables that it may see although they hold a credential or are git's.
    pub pass: Vec<String>,
    /// After this time it is asked to end, and soon after it is ended.
    pub timeout: Duration,
    /// The file that it is to write; absolute. What is there before the start is out of the way
    /// while it runs, so that old results are never read as new, and comes back if it writes none.
    /// Two jobs with the same file must not run at once; the caller sees to that, and to it that
    /// the path is one that may be written. With a `*` in its last part it is several files.
    pub results: Option<PathBuf>,
    /// The top of the repository: results are not read from outside of it.
    pub top: PathBuf,
}

/// Reads the standard output of a job as it comes, where that is results itself. It gets the
/// output, and a function by which it tells of what it finds, at once. Where it is slow, the suite
/// waits. It may return early. What is wrong with the output is its own business to note: it gets
/// whatever came up to the end, however that was.
pub type Reader<'a, T, E> = Box<dyn FnOnce(&mut dyn BufRead, &mut dyn FnMut(E)) -> T + Send + 'a>;

/// A job with what reads its output. Without a reader standard output and standard error are one
/// pipe, so that their order in the [`Output`] is that of the writes; with one it is the order in
/// which they were read, which may differ by moments.
pub struct Task<'a, T, E> {
    /// What to run.
    pub job: Job,
    /// Who reads its standard output.
    pub reader: Option<Reader<'a, T, E>>,
    /// Whether the reader gets standard error as well, in the order of the writes: cargo and
    /// cargo-nextest tell a part of their results there.
    pub reads_errors: bool,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal, which was not ours.
    Signal(i32),
    /// It was ended because its time was over.
    TimedOut,
    /// It was ended because the whole run was told to stop.
    Stopped,
    /// The run was told to stop before this one began.
    NotBegun,
    /// Its program never ran, and what to do about it: there is no such program or folder. Also
    /// where a shell or launcher says so (126 and 127 with next to no output and the usual words).
    NotStarted(String),
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it printed, both streams.
    pub output: Output,
    /// From the start to the end of its program, by a clock that only goes forward.
    pub duration: Duration,
    /// Processes that it left behind, by name and number. They were ended.
    pub left_behind: Vec<String>,
    /// Processes that could not be ended. They may still run.
    pub survivors: Vec<String>,
    /// The files at [`Job::results`] that this run wrote, by name.
    pub written: Vec<Written>,
    /// What else went wrong around it, in sentences for people: the old results could not be moved.
    pub notes: Vec<String>,
    top: PathBuf,
}

/// News of a run, for whoever shows its progress.
#[derive(Debug)]
pub enum Told<'a, E> {
    /// A job begins. `suite` is its place among the jobs, here and below.
    Started {
        /// Which.
        suite: usize,
        /// Its name.
        name: &'a str,
    },
    /// The latest whole line that it printed, as it is: escapes and secrets are still in it. At most
    /// ten a second are told, the others passed over, and a long one is cut.
    Line {
        /// Which.
        suite: usize,
        /// The line, without its end.
        text: &'a str,
    },
    /// What its reader told. None is passed over.
    Event {
        /// Which.
        suite: usize,
        /// What.
        event: E,
    },
    /// A job is over, or will not begin.
    Ended {
        /// Which.
        suite: usize,
        /// What became of it.
        ran: &'a Ran,
    },
}

/// Runs jobs.
#[derive(Clone, Debug)]
pub struct Runner {
    processes: Processes,
    inherited: Variables,
    grace: Duration,
    takes_strays: bool,
}

impl Runner {
    /// How many bytes of results are read at most.
    pub const MOST_RESULTS: u64 = 1 << 30;

    /// A runner whose jobs inherit from `inherited`, which is this program's own environment, as
    /// much as they may see.
    pub fn new(processes: Processes, inherited: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let inherited = inherited.into_iter().collect();
        Self { processes, inherited, grace: Duration::from_secs(2), takes_strays: false }
    }

    /// How long a job that is asked to end has for it; two seconds otherwise. pytest and `go test`
    /// use it to write what they know.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Says that this program starts processes only through `effect`. Then an orphan that nobody
    /// knows, such as a daemon that cleared its environment, is known to be of a suite, and is
    /// ended with the last one that runs. Without it such a daemon may be missed.
    #[must_use]
    pub fn sole_parent(mut self) -> Self {
        self.takes_strays = true;
        self
    }

    /// The names of variables that are kept from a job because they hold a credential or are
    /// git's, in order: for a message, where a suite fails for want of one.
    pub fn kept_from(&self, job: &Job) -> Vec<String> {
        environment::kept(&self.inherited, &job.pass)
    }
}

impl Ran {
    /// The results in one of the files that this run wrote, to be read as a stream.
    ///
    /// # Errors
    /// When it is a link, leads out of the repository, or can't be read. Reading fails beyond
    /// [`Runner::MOST_RESULTS`].
    pub fn results(&self, written: &Written) -> io::Result<Box<dyn BufRead + Send>> {
        written.open(&self.top, Runner::MOST_RESULTS)
    }

    fn without_a_process(end: End, job: &Job) -> Self {
        Self {
            end,
            output: Output::default(),
            duration: Duration::ZERO,
            left_behind: Vec::new(),
            survivors: Vec::new(),
            written: Vec::new(),
            notes: Vec::new(),
            top: job.top.clone(),
        }
    }
}
