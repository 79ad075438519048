//! One command, measured: what it asked of GitHub, how long it took, how much memory it had.
//!
//! Requests and connections are counted by the stand-in, so that gardener and the clients
//! beside it are counted alike. The peak of memory is the kernel's high-water mark of the
//! process itself, read while it runs. What `wait4` says afterwards would be no use: a child
//! that is started without a copy of its parent's memory is blamed for all of that.
#![expect(clippy::disallowed_methods, reason = "a benchmark acts on the real world")]

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use github_stand_in::{Kind, Logged, Phase};

use crate::Told;
use crate::scene::Scene;

/// How often a process is looked at while it runs.
const LOOK: Duration = Duration::from_millis(1);

/// What one run took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measure {
    /// Requests by what they are.
    pub(crate) kinds: BTreeMap<String, usize>,
    /// Requests.
    pub(crate) requests: usize,
    /// Requests that were answered with 304.
    pub(crate) unchanged: usize,
    /// Connections opened.
    pub(crate) connections: u64,
    /// From the start to the end.
    pub(crate) seconds: f64,
    /// What making the commit takes on top, if it was measured.
    pub(crate) commit: Option<f64>,
    /// The most memory the process had, in megabytes; 0 where it is not known.
    pub(crate) peak: f64,
}

/// Times at GitHub: seconds from the start to a request's arrival, and to the end of GitHub's
/// own work on it, before the latency.
pub(crate) type Times = Vec<Time>;

type Time = (String, f64, f64);

/// What is started in gardener's place, before its own words: `strace -c` and the like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrapped(pub(crate) Vec<String>);

/// Measures what `act` does with the server of a scene.
pub(crate) fn measured<T>(scene: &Scene, act: impl FnOnce() -> Told<T>) -> Told<(Measure, T)> {
    scene.server.clear_log();
    let before = scene.server.connections();
    let start = Instant::now();
    let got = act()?;
    let seconds = start.elapsed().as_secs_f64();
    let log = scene.server.log();
    let mut measure = Measure {
        seconds,
        requests: log.len(),
        connections: scene.server.connections() - before,
        ..Measure::default()
    };
    for line in &log {
        *measure.kinds.entry(kind(line)).or_default() += 1;
        measure.unchanged += usize::from(line.status == 304);
    }
    Ok((measure, got))
}

/// Measures `gardener` with these words; it must end with 0.
pub(crate) fn gardener(scene: &Scene, wrapped: &Wrapped, words: &[&str]) -> Told<Measure> {
    let program = env!("CARGO_BIN_EXE_gardener");
    let all: Vec<String> = wrapped
        .0
        .iter()
        .map(String::as_str)
        .chain([program])
        .chain(words.iter().copied())
        .map(str::to_owned)
        .collect();
    let (mut measure, (output, watch)) = measured(scene, || {
        let child = scene.program(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let id = child.id();
        let done = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&done);
        let watch = std::thread::spawn(move || {
            let mut peak = 0.0;
            while !watched.load(Ordering::Relaxed) {
                peak = high_water(id).unwrap_or(peak);
                std::thread::sleep(LOOK);
            }
            peak
        });
        let output = child.wait_with_output();
        done.store(true, Ordering::Relaxed);
        Ok((output?, watch))
    })?;
    let peak = watch.join().map_err(|_| "the watch over the memory broke")?;
    measure.peak = peak;
    if output.status.code() != Some(0) {
        let text = [output.stdout, output.stderr].concat();
        return Err(format!(
            "gardener {}: {}\n{}",
            words.join(" "),
            output.status,
            String::from_utf8_lossy(&text)
        )
        .into());
    }
    Ok(measure)
}

/// As [`gardener`], with the times at which its requests were at GitHub.
pub(crate) fn timed(scene: &Scene, wrapped: &Wrapped, words: &[&str]) -> Told<(Measure, Times)> {
    let times: Arc<Mutex<BTreeMap<u64, Time>>> = Arc::default();
    let (noted, start) = (Arc::clone(&times), Instant::now());
    scene.server.on_request(move |moment, _| {
        let now = start.elapsed().as_secs_f64();
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        match moment.phase {
            Phase::Arrived => {
                let line = format!("{} {}", moment.request.method, moment.request.target());
                noted.insert(moment.index, (line, now, now));
            }
            Phase::Applied => noted.entry(moment.index).or_default().2 = now,
        }
    });
    let measure = gardener(scene, wrapped, words);
    scene.server.clear_hook();
    let times = times.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
    Ok((measure?, times))
}

/// The middle one of several by time, with the highest peak of all.
pub(crate) fn middle(mut all: Vec<Measure>) -> Measure {
    all.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    let peak = all.iter().map(|one| one.peak).fold(0.0, f64::max);
    let place = all.len() / 2;
    let mut middle = if all.is_empty() { Measure::default() } else { all.swap_remove(place) };
    middle.peak = peak;
    middle
}

/// `GET /repos/*/issues`: what a request is, without what differs from one to the next.
fn kind(line: &Logged) -> String {
    if !line.operations.is_empty() {
        let word = if line.kind == Kind::Write { "mutation" } else { "query" };
        let fields = match line.operations.len() {
            1 => line.operations[0].field.clone(),
            count => format!("{count} fields"),
        };
        return format!("{word} of {fields}");
    }
    let path = line.target.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    // A page beyond the first is named by the repository's number.
    let rest = match parts.first() {
        Some(&"repos") => parts.get(3..).unwrap_or_default(),
        Some(&"repositories") => parts.get(2..).unwrap_or_default(),
        _ => &parts,
    };
    let numbered = |part: &&str| part.chars().all(|letter| letter.is_ascii_digit());
    let rest: Vec<&str> = rest.iter().map(|part| if numbered(part) { "*" } else { part }).collect();
    let rest = if rest.is_empty() { "repository".to_owned() } else { rest.join("/") };
    format!("{} {rest}", line.method)
}

/// The most memory that a process had so far, in megabytes; nothing where the kernel does not say.
fn high_water(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
