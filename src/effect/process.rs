//! Child processes: an argument list, never a shell.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one place that starts processes"
)]

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::effect::tree;
use crate::effect::{MaybeLock, Steps};

/// Starts processes.
#[derive(Clone, Debug)]
pub struct Processes {
    steps: Steps,
    /// Variables taken away from every child: tokens.
    hidden: Vec<OsString>,
    /// Variables set for every child, over those of this process.
    given: Vec<(OsString, OsString)>,
}

/// One process to start.
#[derive(Clone, Debug)]
pub struct Invocation {
    program: OsString,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    set: Vec<(OsString, OsString)>,
    unset: Vec<OsString>,
    input: Vec<u8>,
    holding: MaybeLock,
    changes_something: bool,
    is_brief: bool,
    limit: Duration,
}

/// What a process answered.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether it exited with 0.
    pub ok: bool,
    /// Its exit code, when it was not killed.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: Vec<u8>,
    /// Its standard error, as text.
    pub err: String,
}

impl Invocation {
    /// `program` with nothing else. It counts as an effect until [`Self::only_reads`].
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            folder: None,
            set: Vec::new(),
            unset: Vec::new(),
            input: Vec::new(),
            holding: MaybeLock::default(),
            changes_something: true,
            is_brief: false,
            limit: Duration::from_secs(120),
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = I>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    /// Runs it in `folder`.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Sets a variable for it.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.set.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Takes a variable away from it.
    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.unset.push(name.into());
        self
    }

    /// What it reads on its standard input.
    #[must_use]
    pub fn input(mut self, bytes: &[u8]) -> Self {
        self.input = bytes.to_owned();
        self
    }

    /// It holds the lock as well, so that no other run begins while it lives, even if this
    /// process is killed. It has the lock's file in place of an input.
    #[must_use]
    pub fn holding(mut self, lock: &MaybeLock) -> Self {
        self.holding = lock.clone();
        self
    }

    /// It changes nothing, so it is not an effect.
    #[must_use]
    pub fn only_reads(mut self) -> Self {
        self.changes_something = false;
        self
    }

    /// It takes moments, and a signal for this program is not one for it: Ctrl-C on a terminal
    /// passes it by, and whoever is told to stop waits for it. git that is interrupted in the
    /// instant between making its lock file and knowing of it leaves the lock behind (about one
    /// signal in a hundred, git 2.47). Not for what may ask the terminal for something.
    #[must_use]
    pub fn brief(mut self) -> Self {
        self.is_brief = true;
        self
    }

    /// How long it may take before it is killed; two minutes otherwise.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl Processes {
    /// Processes that announce themselves to `steps` and never see the variables `hidden`.
    pub fn new(steps: Steps, hidden: Vec<OsString>) -> Self {
        Self { steps, hidden, given: Vec::new() }
    }

    /// Sets variables for every child, over those that this process has. Tests give each
    /// repository its own home with it; this process can't change its own environment.
    #[must_use]
    pub fn with(mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        self.given.extend(variables);
        self
    }

    /// What hears of every process before it is started.
    pub fn counter(&self) -> &Steps {
        &self.steps
    }

    /// Runs it to its end and returns what it answered. Its standard input is closed, so
    /// it can't wait for a person.
    ///
    /// # Errors
    /// When it can't be started, or took longer than its limit (`TimedOut`).
    pub fn run(&self, invocation: &Invocation) -> io::Result<Outcome> {
        if invocation.changes_something {
            let words: Vec<_> =
                std::iter::once(&invocation.program).chain(invocation.arguments.iter().take(2)).collect();
            let words: Vec<_> = words.iter().map(|w| w.to_string_lossy()).collect();
            let what = format!("run {}", words.join(" "));
            if invocation.is_brief {
                self.steps.step_to_its_end(&what);
            } else {
                self.steps.step(&what);
            }
        }
        let outcome = self.run_announced(invocation);
        if invocation.is_brief {
            self.steps.is_through();
        }
        outcome
    }

    /// Starts a program that may go on by itself, with no terminal of ours: whether it began well. One that
    /// ended with an error within `patience` did not.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn leave(&self, invocation: &Invocation, patience: Duration) -> io::Result<bool> {
        self.steps.step(&format!("start {}", invocation.program.to_string_lossy()));
        let mut command = Command::new(&invocation.program);
        command.args(&invocation.arguments).envs(self.given.iter().map(|(n, v)| (n, v)));
        for name in &self.hidden {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C is for gardener, not for a browser that it opened.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let until = Instant::now() + patience;
        loop {
            match child.try_wait()? {
                Some(status) => return Ok(status.success()),
                None if Instant::now() >= until => return Ok(true),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn run_announced(&self, invocation: &Invocation) -> io::Result<Outcome> {
        let mut command = Command::new(&invocation.program);
        command.args(&invocation.arguments);
        command.envs(self.given.iter().map(|(n, v)| (n, v)));
        for name in self.hidden.iter().chain(&invocation.unset) {
            command.env_remove(name);
        }
        command.envs(invocation.set.iter().map(|(n, v)| (n, v)));
        if let Some(folder) = &invocation.folder {
            command.current_dir(folder);
        }
        let stdin = invocation.holding.for_child()?.map_or_else(Stdio::piped, Stdio::from);
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        if invocation.is_brief {
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let (mut child, _listed) = start(&mut command)?;
        // Where there is nothing to be read it sees the end of its input at once.
        if let Some(mut pipe) = child.stdin.take().filter(|_| !invocation.input.is_empty()) {
            let input = invocation.input.clone();
            std::thread::spawn(move || {
                // A child that doesn't want its input closes the pipe; that is its business.
                let _ = pipe.write_all(&input);
            });
        }
        let (out, err) = (Reading::start(child.stdout.take()), Reading::start(child.stderr.take()));
        let start = Instant::now();
        let mut pause = Duration::from_micros(20);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if start.elapsed() > invocation.limit {
                child.kill()?;
                child.wait()?;
                let text = format!("it took longer than {} s", invocation.limit.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, text));
            }
            // It ends right after it closes its output, so that this is what is waited for.
            if out.is_closed_within(Duration::from_millis(2)) {
                std::thread::sleep(pause);
                pause = (2 * pause).min(Duration::from_millis(2));
            }
        };
        let deadline = Instant::now() + Duration::from_secs(1);
        Ok(Outcome {
            ok: status.success(),
            code: status.code(),
            out: out.finish(deadline),
            err: String::from_utf8_lossy(&err.finish(deadline)).into_owned(),
        })
    }
}

/// A child that is listed as one of our own until this is dropped, so that nobody takes it for the
/// orphan of a suite.
struct Listed(#[cfg(unix)] i32);

#[cfg(unix)]
fn start(command: &mut Command) -> io::Result<(Child, Listed)> {
    tree::start_own(|| {
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).unwrap_or_default();
        Ok((pid, (child, Listed(pid))))
    })
}

#[cfg(unix)]
impl Drop for Listed {
    fn drop(&mut self) {
        tree::forget_own(self.0);
    }
}

#[cfg(not(unix))]
fn start(command: &mut Command) -> io::Result<(Child, Listed)> {
    Ok((command.spawn()?, Listed()))
}

/// One pipe of a child, read in the background.
struct Reading {
    bytes: Arc<Mutex<Vec<u8>>>,
    done: mpsc::Receiver<()>,
}

impl Reading {
    /// The most that is kept; a child that says more is still read, so that it can end.
    const CAP: usize = 64 << 20;

    fn start(mut pipe: Option<impl io::Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (sender, done) = mpsc::channel();
        let shared = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            // What was read before an error is still worth showing.
            while let Some(Ok(count @ 1..)) = pipe.as_mut().map(|p| p.read(&mut chunk)) {
                let mut bytes = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let room = Self::CAP.saturating_sub(bytes.len()).min(count);
                bytes.extend_from_slice(&chunk[..room]);
            }
            drop(sender);
        });
        Self { bytes, done }
    }

    /// Whether its other end was closed before this time is over.
    fn is_closed_within(&self, time: Duration) -> bool {
        self.done.recv_timeout(time) == Err(mpsc::RecvTimeoutError::Disconnected)
    }

    /// What came. A grandchild that lives on (a hook's background job, an agent) may hold
    /// the pipe open for ever, so that its end is waited for only until `deadline`.
    fn finish(self, deadline: Instant) -> Vec<u8> {
        let _ = self.done.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_goes_in_and_output_comes_out_and_hidden_variables_stay_here() {
        let processes = Processes::new(Steps::default(), vec!["PATH_LIKE_SECRET".into()]);
        let cat = Invocation::new("cat").input(b"hello").only_reads();
        assert_eq!(processes.run(&cat).expect("run").out, b"hello");
        let quick = Invocation::new("sh").args(["-c", "sleep 4 & echo $GIVEN"]).only_reads();
        let given = processes.clone().with([("GIVEN".into(), "yes".into())]);
        let start = Instant::now();
        assert_eq!(given.run(&quick).expect("run").out, b"yes\n");
        assert!(start.elapsed() < Duration::from_secs(3), "a background job is not waited for");
        let slow = Invocation::new("sleep").args(["5"]).limit(Duration::from_millis(50));
        assert_eq!(processes.run(&slow).expect_err("too slow").kind(), io::ErrorKind::TimedOut);
    }
}
