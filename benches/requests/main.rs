//! Whole commands against GitHub: requests, time and memory, beside two other clients.
//!
//! `cargo bench --bench requests` starts the stand-in for GitHub, which takes 50 ms for each
//! answer, and the real program against it: a first sync of 1,000 issues, syncs with nothing to
//! do, with ten changes here or there, with 50 new entries. Beside them run the floor (the
//! fewest requests that do the job, no promises) and a naive client (a request for each
//! issue). It prints one table, what the requests were, and which limits hold. It always ends
//! with 0 if everything could be measured: a busy machine is no failure.
//!
//! ```text
//! cargo bench --bench requests                  the table
//! cargo bench --bench requests -- --quick       with 100 issues and each run once
//! cargo bench --bench requests -- --times       when each request was at GitHub, too
//! cargo bench --bench requests -- growth        memory and time of a big repository
//!   --repeats N       how often each is run; the middle one counts (3, nothing to do 5)
//!   --naive-whole     the naive client with all issues, for minutes, in place of 100
//!   --foreign         people opened the issues, in place of gardener
//!   --only WORD       only scenarios with this word in their name
//!   --under WORDS     start gardener under another program: --under "strace -f -c -o FILE"
//! ```
//!
//! What is not here: functions (`pure`), commands without GitHub (`local`), TLS and a network.

mod client;
mod floor;
mod growth;
mod measured;
mod naive;
mod scenarios;
mod scene;
mod table;
mod worklogs;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use crate::measured::Wrapped;

/// What a step gives, or why the benchmark stops.
pub(crate) type Told<T> = Result<T, Box<dyn Error>>;

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// A small round.
    pub(crate) quick: bool,
    /// Show when each request was at GitHub.
    pub(crate) times: bool,
    /// Only memory and time of big repositories.
    pub(crate) growth: bool,
    /// How often each is run.
    pub(crate) repeats: usize,
    /// The naive client reads all issues.
    pub(crate) naive_whole: bool,
    /// People opened the issues.
    pub(crate) foreign: bool,
    /// Only scenarios with this in their name.
    pub(crate) only: Option<String>,
    /// What gardener is started under.
    pub(crate) under: Wrapped,
}

fn main() -> ExitCode {
    let told = options().and_then(|options| {
        let mut out = std::io::stdout().lock();
        if options.growth { growth::tell(&options, &mut out) } else { scenarios::tell(&options, &mut out) }
    });
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If nobody listens, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "the benchmark did not work out: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Told<Options> {
    let mut options = Options {
        quick: false,
        times: false,
        growth: false,
        repeats: 0,
        naive_whole: false,
        foreign: false,
        only: None,
        under: Wrapped::default(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            // cargo says so to every benchmark.
            "--bench" => {}
            "--quick" => options.quick = true,
            "--times" => options.times = true,
            "--naive-whole" => options.naive_whole = true,
            "--foreign" => options.foreign = true,
            "growth" => options.growth = true,
            "--repeats" => options.repeats = value()?.parse()?,
            "--only" => options.only = Some(value()?),
            "--under" => options.under = Wrapped(value()?.split_whitespace().map(str::to_owned).collect()),
            other => {
                return Err(format!("what is {other:?}? The words are in benches/requests/main.rs").into());
            }
        }
    }
    if options.repeats == 0 {
        options.repeats = if options.quick { 1 } else { 3 };
    }
    Ok(options)
}
