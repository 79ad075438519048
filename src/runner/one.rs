//! One job, from its start to the last process of its tree.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::effect::{Aside, Ending, Launch, Pipe, Running};
use crate::runner::pump::Pump;
use crate::runner::{End, Job, Output, Ran, Runner, Stop, Task, environment};

/// What is new of a job while it runs.
pub(super) enum News<E> {
    Line(String),
    Event(E),
}

/// Why a job is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Itself,
    Time,
    Stop,
}

/// How long those that were left behind may take to end by themselves before they are named.
const LAST_MOMENTS: Duration = Duration::from_millis(100);
/// How long everything else may take to be ended.
const KILLING: Duration = Duration::from_secs(5);
/// How long a pipe that somebody holds open is listened to.
const SILENCE: Duration = Duration::from_millis(500);
/// How often the children of a suite are looked at, and how often its latest line is told.
const LOOK: Duration = Duration::from_secs(1);
const TELL: Duration = Duration::from_millis(100);

/// Runs a job, and returns what its reader made of the output.
pub(super) fn run<T: Send, E>(
    runner: &Runner,
    task: Task<'_, T, E>,
    stop: &Stop,
    tell: &(dyn Fn(News<E>) + Sync),
) -> (Ran, Option<T>) {
    let Task { job, reader, reads_errors } = task;
    let start = Instant::now();
    let (aside, (running, out, err)) = match begin(runner, &job, reader.is_some() && !reads_errors) {
        Ok(begun) => begun,
        Err(why) => return (Ran::without_a_process(End::NotStarted(why), &job), None),
    };
    let (pump, pieces) = Pump::start(out, err, reader.is_some());
    thread::scope(|scope| {
        let reading = reader.zip(pieces).map(|(reader, mut pieces)| {
            scope.spawn(move || reader(&mut pieces, &mut |event| tell(News::Event(event))))
        });
        let mut ran = supervise(runner, &job, running, pump, stop, &|line| tell(News::Line(line)));
        ran.duration = ran.duration.min(start.elapsed());
        // A reader that fails must not take the other jobs with it; what it had found is lost.
        let read = reading.map(|reading| reading.join());
        if matches!(read, Some(Err(_))) {
            ran.notes.push("the results could not be read: gardener has a mistake there".to_owned());
        }
        if let Some(aside) = aside {
            match aside.finish() {
                Ok(written) => ran.written = written,
                Err(error) => ran.notes.push(format!("the results that were there before: {error}")),
            }
        }
        (ran, read.and_then(Result::ok))
    })
}

type Begun = (Option<Aside>, (Running, Pipe, Option<Pipe>));

fn begin(runner: &Runner, job: &Job, apart: bool) -> Result<Begun, String> {
    let Some((program, arguments)) = job.command.split_first().filter(|(p, _)| !p.is_empty()) else {
        return Err("its command is empty; name a program".to_owned());
    };
    if !job.folder.is_dir() {
        return Err(format!("there is no folder {}; correct the suite's `folder`", job.folder.display()));
    }
    let is_path = program.to_string_lossy().contains('/');
    let program = if is_path { job.folder.join(program) } else { PathBuf::from(program) };
    let launch = Launch {
        what: format!("run the suite {}", job.name),
        program: program.clone().into_os_string(),
        arguments: arguments.to_vec(),
        folder: job.folder.clone(),
        environment: environment::of(job, &runner.inherited).into_iter().collect(),
        apart,
        takes_strays: runner.takes_strays,
    };
    let aside = match &job.results {
        None => None,
        Some(path) => Some(Aside::begin(runner.processes.counter(), path).map_err(|error| {
            format!("what is at {} could not be moved out of the way: {error}", path.display())
        })?),
    };
    match runner.processes.launch(&launch) {
        Ok(launched) => Ok((aside, launched)),
        Err(error) => {
            // Nothing ran, so what was there before is what is there.
            let back = aside.map(Aside::finish);
            let lost = back.and_then(Result::err).map(|e| format!("; the old results: {e}"));
            Err(why_not(&program, is_path, &error) + &lost.unwrap_or_default())
        }
    }
}

/// Why a program was not started, and what to do about it.
fn why_not(program: &Path, is_path: bool, error: &io::Error) -> String {
    let name = program.display();
    match error.kind() {
        io::ErrorKind::NotFound if !is_path => {
            format!(
                "there is no program {name} on the PATH; install it, or give its path in the suite's `command`"
            )
        }
        io::ErrorKind::NotFound if program.exists() => {
            format!("{name} can't be run: the program that its first line names (`#!`) is not there")
        }
        io::ErrorKind::NotFound => {
            format!("there is no program {name}; build it, or correct the suite's `command`")
        }
        io::ErrorKind::PermissionDenied => {
            format!("{name} is not executable; `chmod +x` makes it so, if it is a program")
        }
        _ => format!("{name} could not be started: {error}"),
    }
}

fn supervise(
    runner: &Runner,
    job: &Job,
    mut running: Running,
    pump: Pump,
    stop: &Stop,
    line: &dyn Fn(String),
) -> Ran {
    let start = Instant::now();
    let cause = watch(&mut running, job, stop, &|| {
        if let Some(text) = pump.take_line() {
            line(text);
        }
    });
    let mut ran = Ran::without_a_process(End::Stopped, job);
    if cause == Cause::Itself {
        ran.duration = start.elapsed();
        ran.left_behind = see_off(&mut running, runner.grace, stop);
    } else {
        running.ask();
        let asked = Instant::now();
        while !running.has_ended() && asked.elapsed() < runner.grace && !stop.is_now() {
            thread::sleep(Duration::from_millis(5));
        }
        ran.duration = start.elapsed();
    }
    let (ended, survivors) = running.end(KILLING);
    ran.survivors = survivors;
    if cause == Cause::Itself {
        let more: Vec<_> = ended.into_iter().filter(|name| !ran.left_behind.contains(name)).collect();
        ran.left_behind.extend(more);
    }
    let ending = running.wait();
    ran.output = pump.finish(SILENCE);
    ran.end = match (cause, ending) {
        (Cause::Time, _) => End::TimedOut,
        (Cause::Stop, _) => End::Stopped,
        (Cause::Itself, Ok(Some(Ending::Code(code)))) => exited(code, &ran.output),
        (Cause::Itself, Ok(Some(Ending::Signal(signal)))) => End::Signal(signal),
        (Cause::Itself, _) => {
            ran.notes.push("the system did not say how it ended".to_owned());
            End::Exited(-1)
        }
    };
    ran
}

/// Waits until it ends by itself or must be ended.
fn watch(running: &mut Running, job: &Job, stop: &Stop, tell: &dyn Fn()) -> Cause {
    let start = Instant::now();
    let (mut looked, mut told) = (start, start);
    loop {
        if running.has_ended() {
            return Cause::Itself;
        }
        if stop.is_asked() {
            return Cause::Stop;
        }
        let elapsed = start.elapsed();
        if elapsed >= job.timeout {
            return Cause::Time;
        }
        if told.elapsed() >= TELL {
            told = Instant::now();
            running.tidy();
            tell();
        }
        // At first often: an orphan is best known by its parents, before they are gone.
        if looked.elapsed() >= LOOK.min(elapsed / 2).max(TELL) {
            looked = Instant::now();
            running.look();
        }
        let pause = Duration::from_millis(if elapsed.as_millis() < 100 { 1 } else { 10 });
        thread::sleep(pause.min(job.timeout - elapsed));
    }
}

/// Lets whoever is left end by itself, then asks. Returns who had to be asked.
fn see_off(running: &mut Running, grace: Duration, stop: &Stop) -> Vec<String> {
    if is_alone(running, LAST_MOMENTS.min(grace), stop) {
        return Vec::new();
    }
    let left = running.alive();
    running.ask_all();
    is_alone(running, grace, stop);
    left
}

/// Waits for at most `patience` until nobody is left.
fn is_alone(running: &mut Running, patience: Duration, stop: &Stop) -> bool {
    let start = Instant::now();
    loop {
        if running.alive().is_empty() {
            return true;
        }
        if start.elapsed() >= patience || stop.is_asked() {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// A shell that does not find a program, or may not run it, ends with 127 or 126, and says so in a
/// line. A tool may have its own meaning for these codes (mocha counts failures), and says more.
fn exited(code: i32, output: &Output) -> End {
    const WORDS: [&str; 5] =
        ["not found", "no such file", "permission denied", "cannot execute", "is a directory"];
    let text = output.head.to_lowercase();
    let is_short = output.total < 2048;
    if !(matches!(code, 126 | 127) && is_short && WORDS.iter().any(|w| text.contains(w))) {
        return End::Exited(code);
    }
    let said = output.head.lines().rfind(|line| WORDS.iter().any(|w| line.to_lowercase().contains(w)));
    let what = if code == 127 {
        "a program that its command starts is not there; install it, or correct the command"
    } else {
        "a program that its command starts can't be run; make it executable, or correct the command"
    };
    End::NotStarted(format!("{what} (exit code {code}: {})", said.unwrap_or_default().trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_says_of_a_missing_program_is_told_from_a_count() {
        let output =
            |text: &str| Output { head: text.to_owned(), total: text.len() as u64, ..Output::default() };
        let missing = exited(127, &output("sh: 1: pytset: not found\n"));
        assert!(matches!(missing, End::NotStarted(why) if why.contains("pytset: not found")));
        assert!(matches!(exited(126, &output("./x: Permission denied")), End::NotStarted(_)));
        assert_eq!(exited(127, &output("")), End::Exited(127));
        let many = output(&"  1) users: expected 200, got 404 not found\n".repeat(127));
        assert_eq!(exited(127, &many), End::Exited(127));
        assert_eq!(exited(1, &output("x: not found")), End::Exited(1));
    }
}
