//! How well failures are grouped by cause, measured on failures whose causes are known; and the
//! weights of the signals, learned from them.
//!
//! ```sh
//! python3 tests/causes/make.py open /tmp/open          # or more
//! cargo run --release --example causes -- /tmp/open               # precision, recall, F1
//! cargo run --release --example causes -- /tmp/open --groups      # the groups themselves
//! cargo run --release --example causes -- /tmp/open --losses      # which causes are joined or parted wrongly
//! cargo run --release --example causes -- /tmp/open learn 500 0.01 /tmp/more    # weights, in 500 rounds
//! cargo run --release --example causes -- /tmp/open left-out 500 0.01 /tmp/more # and measured on others
//! cargo run --release --example causes -- /tmp/noise stable       # fingerprints over reruns
//! cargo run --release --example causes -- /tmp/open speed         # 2,000 failures at once
//! ```
//!
//! Pairs are counted within a run, and within pools of several runs drawn by a seed.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example for the terminal, with files of its own"
)]

mod learn;
mod load;
mod measure;

use std::path::Path;
use std::process::ExitCode;

use measure::Pairs;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let usage = "causes FOLDER [--groups | --losses | learn ROUNDS DRAW FOLDER... | left-out ROUNDS DRAW FOLDER... | stable | speed]";
    let Some(folder) = words.first() else {
        println!("{usage}");
        return ExitCode::from(2);
    };
    let (pools, made) = match read(folder) {
        Ok(read) => read,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match words.get(1..).unwrap_or_default() {
        [] => measured(&pools, &made, false),
        ["--groups"] => measured(&pools, &made, true),
        ["--losses"] => measure::losses(&pools),
        ["--losses", "made"] => measure::losses(&made),
        ["speed"] => measure::speed(&pools),
        [how @ ("learn" | "left-out"), rounds, draw, others @ ..] => {
            let mut taught = Vec::new();
            let mut sets = Vec::new();
            for folder in std::iter::once(folder).chain(others) {
                let Ok((pools, made)) = read(folder) else { return ExitCode::FAILURE };
                // Pools of several runs show what is not of one cause across projects.
                for seed in 0..2 {
                    taught.extend(measure::mixed(&pools, 4, seed));
                }
                taught.extend(pools.iter().cloned());
                taught.extend(made.iter().cloned());
                sets.push((format!("runs of {folder}"), pools.clone()));
                sets.push((format!("{folder} put together"), made));
                sets.push((format!("pools of 4 of {folder}"), measure::mixed(&pools, 4, 9)));
            }
            let (rounds, draw) = (rounds.parse().unwrap_or(1_000), draw.parse().unwrap_or(learn::DRAW));
            match *how {
                "learn" => learn::learn(&taught, rounds, draw),
                _ => learn::left_out(&taught, &sets, rounds, draw),
            }
        }
        ["stable"] => measure::stable(&pools),
        _ => {
            println!("{usage}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// The runs of a folder, and runs put together of causes made alone.
fn read(folder: &str) -> Result<(Vec<load::Pool>, Vec<load::Pool>), String> {
    let (pools, lost) = load::load(Path::new(folder))?;
    let failures: usize = pools.iter().map(|p| p.cases.len()).sum();
    println!("{} runs, {failures} failures; {lost} labels without one", pools.len());
    // Noise has no causes made alone.
    let made = load::alone(Path::new(folder)).map_or_else(|_| Vec::new(), |alone| load::made(&alone, 300, 7));
    Ok((pools, made))
}

fn measured(pools: &[load::Pool], alone: &[load::Pool], shown: bool) {
    let mut all = Pairs::default();
    for pool in pools {
        let causes = measure::grouped(pool);
        let pairs = measure::pairs(pool, &causes);
        if shown {
            measure::show(pool, &causes);
            println!("  {}", pairs.told());
        }
        all.add(pairs);
    }
    println!("within a run: {}", all.told());
    let mut all = Pairs::default();
    for pool in alone {
        all.add(measure::pairs(pool, &measure::grouped(pool)));
    }
    println!("runs put together from causes made alone: {}", all.told());
    for size in [2, 4, 8] {
        let mut all = Pairs::default();
        for seed in 0..10 {
            for pool in measure::mixed(pools, size, seed) {
                all.add(measure::pairs(&pool, &measure::grouped(&pool)));
            }
        }
        println!("pools of {size}, drawn ten times: {}", all.told());
    }
}
