//! Whole local commands of the release binary: seconds, peak memory, and how many times those of
//! `git status` and ripgrep over the same files in the same run.
//!
//! `cargo bench --bench local`; `-- --worklogs 1000` takes fewer than 10,000. Each command runs a few times
//! and the least counts: whatever else the machine does only adds to it. Ratios can be compared between
//! machines, seconds can't. Where ripgrep is missing that is said, and what is measured with it is left out.
//! `GARDENER` names another binary than the one that was just built.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for the terminal"
)]
#![allow(missing_docs, reason = "a program has no documentation")]

mod garden;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How often each command runs.
const RUNS: usize = 7;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let count = words.iter().position(|word| word == "--worklogs").and_then(|at| words.get(at + 1));
    let count: usize = count.and_then(|word| word.parse().ok()).unwrap_or(10_000);
    let gardener = std::env::var_os("GARDENER").unwrap_or_else(|| env!("CARGO_BIN_EXE_gardener").into());
    let has_ripgrep = Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has_ripgrep {
        println!("ripgrep (rg) is not here: what is compared with it is left out");
    }
    let size = fs::metadata(&gardener).map_or(0, |facts| facts.len());
    println!("the binary: {:.1} MB", megabytes(size));

    let few = Place::new(100, 9_900, gardener.clone());
    println!("\n100 worklogs in a repository of 10,000 files");
    few.best("gardener --version", &few.gardener(&["--version"]));
    let git = few.best("git status", &few.git(&["status", "-s"]));
    few.best("gardener status, nothing known", &few.forgetful(&["status"]));
    ratio(few.best("gardener status", &few.gardener(&["status"])), git, "git status");

    for count in [count / 10, count] {
        let many = Place::new(count, 0, gardener.clone());
        println!("\n{count} worklogs of 8 KB, {} entries", 3 * count);
        let git = many.best("git status", &many.git(&["status", "-s"]));
        many.best("gardener status, nothing known", &many.forgetful(&["status"]));
        ratio(many.best("gardener status", &many.gardener(&["status"])), git, "git status");
        let rg =
            has_ripgrep.then(|| many.best("rg -c '#123'", &many.program("rg", &["-c", "#123", "worklogs"])));
        let check = many.best("gardener check", &many.gardener(&["check"]));
        rg.into_iter().for_each(|rg| ratio(check, rg, "rg"));
        if many.can_chill() {
            if has_ripgrep {
                let rg = many.cold("rg -c '#123', cold", &many.program("rg", &["-c", "#123", "worklogs"]));
                ratio(many.cold("gardener check, cold", &many.gardener(&["check"])), rg, "rg, cold");
            }
        } else {
            println!("  only root can empty the system's cache of files: nothing is measured cold");
        }
        push(&many);
    }
}

/// What a hook that has nothing to do adds to a push to a bare repository beside this one.
fn push(place: &Place) {
    let bare = place.root.path().join("bare.git");
    place.run(&place.git(&["init", "-q", "--bare", bare.to_str().unwrap()]));
    place.run(&place.git(&["push", "-q", bare.to_str().unwrap(), "main"]));
    let one = |hook: &str| {
        let mut best = f64::MAX;
        for _ in 0..RUNS {
            place.run(&place.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]));
            let start = Instant::now();
            place.run(&place.git(&["-c", hook, "push", "-q", bare.to_str().unwrap(), "main"]));
            best = best.min(start.elapsed().as_secs_f64());
        }
        best
    };
    let without = one("core.hooksPath=/dev/null");
    place.run(&place.gardener(&["hook", "install"]));
    // A look just now, so that the hook has nothing to ask GitHub for.
    let folder = place.top().join(".git/gardener");
    fs::create_dir_all(&folder).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    fs::write(folder.join("looked"), now.to_string()).unwrap();
    let with = one("core.abbrev=12");
    println!("  {:36} {:9.1} ms", "git push", without * 1e3);
    println!("  {:36} {:9.1} ms  {:+.1} ms", "git push with the hook", with * 1e3, (with - without) * 1e3);
}

/// A repository in a folder of its own.
struct Place {
    root: tempfile::TempDir,
    gardener: OsString,
}

/// A command: what is done before, the program, its words.
struct Call {
    forgets: bool,
    program: OsString,
    words: Vec<String>,
}

/// Seconds and kilobytes.
type Figures = (f64, Option<u64>);

impl Place {
    fn new(worklogs: usize, others: usize, gardener: OsString) -> Self {
        let place = Self { root: tempfile::tempdir().unwrap(), gardener };
        let top = place.top();
        fs::create_dir_all(top.join("worklogs")).unwrap();
        fs::create_dir_all(place.root.path().join("home")).unwrap();
        for number in 0..worklogs {
            fs::write(top.join(format!("worklogs/run-{number:05}.md")), garden::worklog(number)).unwrap();
        }
        for number in 0..others {
            let folder = top.join(format!("src/d{:03}", number / 100));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("f{number:05}.rs")), format!("fn f{number}() {{}}\n")).unwrap();
        }
        for words in [
            &["init", "-q", "-b", "main"][..],
            &["config", "gc.auto", "0"],
            &["config", "maintenance.auto", "false"],
            &["config", "user.name", "Ada"],
            &["config", "user.email", "ada@example.org"],
            &["remote", "add", "origin", "https://github.com/acme/app"],
            &["add", "-A"],
            &["commit", "-q", "-m", "start"],
            &["gc", "-q"],
        ] {
            place.run(&place.git(words));
        }
        // Whatever is written in the same instant as the index is looked at more closely.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        place.run(&place.git(&["update-index", "-q", "--refresh"]));
        place
    }

    fn top(&self) -> PathBuf {
        self.root.path().join("repo")
    }

    fn program(&self, program: &str, words: &[&str]) -> Call {
        let words = words.iter().map(ToString::to_string).collect();
        Call { forgets: false, program: program.into(), words }
    }

    fn git(&self, words: &[&str]) -> Call {
        self.program("git", words)
    }

    fn gardener(&self, words: &[&str]) -> Call {
        Call { program: self.gardener.clone(), ..self.program("", words) }
    }

    /// The same with nothing of what it noted before.
    fn forgetful(&self, words: &[&str]) -> Call {
        Call { forgets: true, ..self.gardener(words) }
    }

    fn command(&self, call: &Call, before: &[&str]) -> Command {
        let mut words: Vec<OsString> = before.iter().map(Into::into).collect();
        words.push(call.program.clone());
        words.extend(call.words.iter().map(Into::into));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(self.top()).env("HOME", self.root.path().join("home"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::null());
        command
    }

    fn run(&self, call: &Call) -> f64 {
        if call.forgets {
            // It may not be there.
            let _ = fs::remove_file(self.top().join(".git/gardener/known"));
        }
        let mut command = self.command(call, &[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().unwrap();
        let time = start.elapsed().as_secs_f64();
        assert!(status.code().is_some_and(|code| code < 2), "{:?} {:?}: {status}", call.program, call.words);
        time
    }

    /// The least time of several runs, and the most memory of one.
    fn best(&self, name: &str, call: &Call) -> Figures {
        let seconds = (0..RUNS).map(|_| self.run(call)).fold(f64::MAX, f64::min);
        said(name, (seconds, self.memory(call)))
    }

    /// The time with nothing of the files in memory.
    fn cold(&self, name: &str, call: &Call) -> Figures {
        let run = |_| {
            self.chill();
            self.run(call)
        };
        said(name, ((0..3).map(run).fold(f64::MAX, f64::min), None))
    }

    fn chill(&self) -> bool {
        self.run(&self.program("sync", &[]));
        fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
    }

    fn can_chill(&self) -> bool {
        Path::new("/proc/sys/vm/drop_caches").exists() && self.chill()
    }

    /// The most memory that a command had at a time, where `time` from GNU can say it.
    fn memory(&self, call: &Call) -> Option<u64> {
        let out = self.command(call, &["/usr/bin/time", "-f", "%M"]).stdout(Stdio::null()).output().ok()?;
        String::from_utf8(out.stderr).ok()?.lines().last()?.trim().parse().ok()
    }
}

fn said(name: &str, figures: Figures) -> Figures {
    let memory =
        figures.1.map_or_else(String::new, |kilobytes| format!("{:8.1} MB", megabytes(kilobytes * 1024)));
    println!("  {name:36} {:9.1} ms  {memory}", figures.0 * 1e3);
    figures
}

fn ratio(ours: Figures, theirs: Figures, whose: &str) {
    println!("  {:36} {:9.1} times {whose}", "", ours.0 / theirs.0);
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
