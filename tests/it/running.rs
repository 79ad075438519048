//! Suites as real processes: none of them outlasts its end, whatever it does to hide, and what it
//! printed and wrote is known afterwards.
//!
//! Most scripts are `sh`. Who is left is asked of the system itself, by an argument that only the
//! processes of one test have.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

mod bounds;
mod several;
mod trees;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gardener::effect::{Processes, Steps};
use gardener::runner::{Job, Ran, Runner, Stop, Task};

/// A folder, and a number that only the processes started here have among their arguments.
struct Place {
    folder: tempfile::TempDir,
    /// As the argument of `sleep` about a minute: whoever is overlooked does not stay for ever.
    own: String,
}

impl Place {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let own = format!("61.{}{:04}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self { folder: tempfile::tempdir().expect("a folder"), own }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A job that runs a script, in which `$N` is the number.
    fn job(&self, script: &str) -> Job {
        self.command(["sh", "-c", script])
    }

    fn command<const N: usize>(&self, command: [&str; N]) -> Job {
        Job {
            name: "unit".to_owned(),
            command: command.map(Into::into).to_vec(),
            folder: self.path().to_owned(),
            environment: [("N".to_owned(), self.own.clone())].into(),
            pass: Vec::new(),
            timeout: Duration::from_secs(20),
            results: None,
            top: self.path().to_owned(),
        }
    }

    fn run(&self, script: &str) -> Ran {
        run(self.job(script))
    }

    /// How many processes have the number among their arguments.
    fn alive(&self) -> usize {
        let items = fs::read_dir("/proc").expect("listed").flatten();
        let arguments = items.filter_map(|item| fs::read(item.path().join("cmdline")).ok());
        arguments.filter(|a| String::from_utf8_lossy(a).contains(&self.own)).count()
    }

    /// The most that were alive at once while `act` ran, and what it gave.
    fn most_alive<T>(&self, act: impl FnOnce() -> T) -> (usize, T) {
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut most = 0;
                while !over.load(Ordering::SeqCst) {
                    most = most.max(self.alive());
                    std::thread::sleep(Duration::from_millis(10));
                }
                most
            });
            let value = act();
            over.store(true, Ordering::SeqCst);
            (watching.join().expect("no panic"), value)
        })
    }
}

/// A runner whose jobs see no more than this program's `PATH`, with a short grace.
fn runner() -> Runner {
    runner_with(&[])
}

fn runner_with(variables: &[(&str, &str)]) -> Runner {
    let path = ("PATH".into(), std::env::var_os("PATH").expect("a path"));
    let more = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Runner::new(Processes::new(Steps::default(), Vec::new()), more.chain([path]))
        .grace(Duration::from_millis(300))
}

fn run(job: Job) -> Ran {
    run_with(&runner(), job)
}

fn run_with(runner: &Runner, job: Job) -> Ran {
    let task = Task::<(), ()> { job, reader: None, reads_errors: false };
    runner.run_all(vec![task], 1, &Stop::default(), &mut |_| {}).remove(0).0
}

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs a test of this file, which is ignored otherwise, in a process of its own: one where no
/// other test's children are, and no other test's memory.
fn alone(test: &str) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    let out = command.output().expect("started");
    let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    assert!(out.status.success() && text.contains("1 passed"), "{test}:\n{text}");
    text
}
