//! How well failures are grouped by cause, measured on failures whose causes are known; and the
//! weights of the signals, learned from them.
//!
//! ```sh
//! python3 tests/causes/make.py open /tmp/open          # or more
//! cargo run --release --example causes -- /tmp/open               # precision, recall, F1
//! cargo run --release --example causes -- /tmp/open --groups      # the groups themselves
//! cargo run --release --example causes -- /tmp/open --losses      # which causes are joined or parted wrongly
//! cargo run --release --example causes -- /tmp/open learn 3000    # weights, in 3,000 rounds
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
    let Some(folder) = words.first() else {
        println!("causes FOLDER [--groups | --losses | learn ROUNDS | stable | speed]");
        return ExitCode::from(2);
    };
    let (pools, lost) = match load::load(Path::new(folder)) {
        Ok(loaded) => loaded,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let failures: usize = pools.iter().map(|p| p.cases.len()).sum();
    println!("{} runs, {failures} failures; {lost} labels without one", pools.len());
    // Noise has no causes made alone.
    let made = load::alone(Path::new(folder)).map_or_else(|_| Vec::new(), |alone| load::made(&alone, 80, 7));
    match words.get(1..).unwrap_or_default() {
        [] => measured(&pools, &made, false),
        ["--groups"] => measured(&pools, &made, true),
        ["--losses"] => measure::losses(&pools),
        ["speed"] => measure::speed(&pools),
        ["learn", rounds] => {
            // Pools of several runs show what is not of one cause across projects.
            let mut all = pools.clone();
            for seed in 0..3 {
                all.extend(measure::mixed(&pools, 4, seed));
            }
            learn::learn(&all, rounds.parse().unwrap_or(3_000));
        }
        ["stable"] => measure::stable(&pools),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
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
