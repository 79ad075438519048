//! Runs histories: `simulate FROM..TO`, or `simulate SEED` to read one.
#![expect(clippy::print_stdout, reason = "it is what it is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use gardener_simulation::run;

fn main() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_else(|| "0..1000".to_owned());
    let Some((from, to)) = word.split_once("..") else {
        let outcome = run(word.parse().expect("a seed"), true);
        println!("{}", outcome.story.join("\n"));
        println!("{:?}", outcome.wrong);
        return ExitCode::SUCCESS;
    };
    let (from, to): (u64, u64) = (from.parse().expect("a seed"), to.parse().expect("a seed"));
    let start = std::time::Instant::now();
    let mut kinds: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let (mut syncs, mut steps, mut crashed, mut effects, mut several) = (0, 0, 0, 0, 0);
    let mut fired: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in from..to {
        let outcome = run(seed, false);
        syncs += outcome.syncs;
        steps += outcome.steps;
        effects += outcome.effects;
        crashed += u64::from(outcome.crashes > 0);
        several += u64::from(outcome.clones > 1);
        for (what, count) in outcome.fired {
            *fired.entry(what).or_default() += count;
        }
        if let Some(wrong) = outcome.wrong.first() {
            let kind: String = wrong.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
            kinds.entry(kind).or_insert((seed, 0)).1 += 1;
        }
    }
    let count = to - from;
    println!(
        "{count} histories, {steps} steps, {syncs} syncs, {effects} effects, {crashed} with a crash, {several} with several clones, {:.1} s",
        start.elapsed().as_secs_f64()
    );
    println!("{fired:?}");
    for (kind, (seed, count)) in kinds {
        println!("{count:6}  first {seed:6}  {kind}");
    }
    ExitCode::SUCCESS
}
