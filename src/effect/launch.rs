//! Long programs of somebody else's: a suite of tests, with everything it starts.
//!
//! Unlike [`Processes::run`](crate::effect::Processes::run) this does not wait: whoever launches
//! reads the output as it comes, decides when it has lasted long enough, and ends the whole tree.
//! When that is so, and what the output means, is not known here.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the other place that starts processes"
)]

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::effect::Processes;
#[cfg(unix)]
use crate::effect::tree::{self, Tree};

/// A program to be started in a tree of its own.
#[derive(Clone, Debug)]
pub struct Launch {
    /// What is about to happen, for the counter of effects.
    pub what: String,
    /// A path, or a name that is looked for in the `PATH` of [`Self::environment`].
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The folder in which it starts.
    pub folder: PathBuf,
    /// Its whole environment, but for one variable by which its children are known: nothing
    /// is inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// Whether its standard error is a pipe of its own. Otherwise both are one, in which the order
    /// of the writes is kept.
    pub apart: bool,
    /// Whether orphans of this process that nobody knows are its. Right in a program that starts
    /// children in this way only; in any other it would end children of somebody else.
    pub takes_strays: bool,
}

/// What comes out of a program.
pub type Pipe = Box<dyn Read + Send>;

/// A running program and all that came of it. Dropping it ends them.
#[derive(Debug)]
pub struct Running {
    child: Child,
    is_waited_for: bool,
    #[cfg(unix)]
    tree: Tree,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Processes {
    /// Starts a program with nothing to read, in a process group of its own, and returns it with
    /// its standard output and, if they are apart, its standard error.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn launch(&self, launch: &Launch) -> io::Result<(Running, Pipe, Option<Pipe>)> {
        self.counter().step(&launch.what);
        let mut command = Command::new(&launch.program);
        command.args(&launch.arguments).current_dir(&launch.folder).stdin(Stdio::null());
        command.env_clear().envs(launch.environment.iter().map(|(n, v)| (n, v)));
        let one_pipe = if launch.apart {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            None
        } else {
            let (reader, writer) = io::pipe()?;
            command.stdout(writer.try_clone()?).stderr(writer);
            Some(reader)
        };
        let mut running = Running::start(&mut command, launch)?;
        // Its copies of the writing ends would keep the pipe open.
        drop(command);
        let child = &mut running.child;
        let boxed = |pipe: Option<_>| pipe.map(|p| Box::new(p) as Pipe);
        let err = child.stderr.take().map(|p| Box::new(p) as Pipe);
        let out = boxed(one_pipe).or_else(|| child.stdout.take().map(|p| Box::new(p) as Pipe));
        Ok((running, out.unwrap_or_else(|| Box::new(io::empty())), err))
    }
}

#[cfg(unix)]
impl Running {
    fn start(command: &mut Command, launch: &Launch) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;

        let mark = tree::new_mark();
        let above = launch.environment.iter().find(|(name, _)| name == tree::MARK);
        let mut words = above.map(|(_, words)| words.clone()).unwrap_or_default();
        if !words.is_empty() {
            words.push(" ");
        }
        words.push(&mark);
        command.env(tree::MARK, words).process_group(0);
        tree::adopt();
        let started = tree::start_own(|| {
            let child = command.spawn()?;
            Ok((pid(&child), child))
        });
        match started {
            Ok(child) => {
                let tree = Tree::new(pid(&child), mark, launch.takes_strays);
                Ok(Self { child, is_waited_for: false, tree })
            }
            Err(error) => {
                tree::adopt_no_more();
                Err(error)
            }
        }
    }

    /// Whether the program itself has ended; what it started may not have.
    pub fn has_ended(&mut self) -> bool {
        self.tree.leader_has_ended()
    }

    /// Notes what children there are, so that they are known later; to be called about every second.
    pub fn look(&mut self) {
        self.tree.look();
    }

    /// Waits for orphans that ended; to be called about ten times a second, and quick.
    pub fn tidy(&mut self) {
        self.tree.tidy();
    }

    /// The names and numbers of the processes that are alive.
    pub fn alive(&mut self) -> Vec<String> {
        named(self.tree.look())
    }

    /// Asks the program and its group to end (`SIGTERM`).
    pub fn ask(&mut self) {
        self.tree.ask();
    }

    /// Asks all processes of the tree to end.
    pub fn ask_all(&mut self) {
        self.tree.ask_all();
    }

    /// Ends all processes of the tree. Returns those that were there (about a hundred of more), and
    /// those that are alive after `patience` nevertheless.
    pub fn end(&mut self, patience: Duration) -> (Vec<String>, Vec<String>) {
        let (ended, alive) = self.tree.end(patience);
        (named(ended), named(alive))
    }

    fn is_over(&mut self) {
        tree::forget_own(pid(&self.child));
        tree::adopt_no_more();
    }
}

#[cfg(not(unix))]
impl Running {
    fn start(command: &mut Command, _launch: &Launch) -> io::Result<Self> {
        Ok(Self { child: command.spawn()?, is_waited_for: false })
    }

    /// Whether the program itself has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Nothing is known of children here.
    pub fn look(&mut self) {}

    /// No orphans come here.
    pub fn tidy(&mut self) {}

    /// Whether the program is alive; nothing is known of its children.
    pub fn alive(&mut self) -> Vec<String> {
        if self.has_ended() { Vec::new() } else { vec![format!("process {}", self.child.id())] }
    }

    /// There is no way to ask.
    pub fn ask(&mut self) {}

    /// There is no way to ask.
    pub fn ask_all(&mut self) {}

    /// Ends the program. Its children may live on.
    pub fn end(&mut self, _patience: Duration) -> (Vec<String>, Vec<String>) {
        // If it has ended already that is as well.
        let _ = self.child.kill();
        (Vec::new(), Vec::new())
    }

    fn is_over(&mut self) {}
}

impl Running {
    /// Waits for the program itself. Its tree is to be ended first: its number is free afterwards.
    /// `None` when it is still alive.
    ///
    /// # Errors
    /// When the system does not say how it ended.
    pub fn wait(&mut self) -> io::Result<Option<Ending>> {
        let Some(status) = self.child.try_wait()? else { return Ok(None) };
        if !std::mem::replace(&mut self.is_waited_for, true) {
            self.is_over();
        }
        Ok(Some(ending(status)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_waited_for {
            self.end(Duration::from_secs(1));
            self.is_waited_for = true;
            // One that can't be ended becomes somebody else's with the end of this process.
            let _ = self.child.try_wait();
            self.is_over();
        }
    }
}

#[cfg(unix)]
fn pid(child: &Child) -> i32 {
    i32::try_from(child.id()).unwrap_or_default()
}

#[cfg(unix)]
fn named(seen: Vec<crate::effect::table::Seen>) -> Vec<String> {
    seen.into_iter().map(|s| format!("{} ({})", s.name, s.pid)).collect()
}

#[cfg(unix)]
fn ending(status: ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Code(code),
        (None, signal) => Ending::Signal(signal.unwrap_or_default()),
    }
}

#[cfg(not(unix))]
fn ending(status: ExitStatus) -> Ending {
    Ending::Code(status.code().unwrap_or(-1))
}
