//! Runs campaigns of whole histories.
//!
//! ```text
//! simulate FROM..TO [THREADS]   histories of these seeds; fails if one goes wrong
//! simulate SEED                 one history, told in words
//! simulate crash SEED POINT kill|power [POINT kill|power]
//!                               one crash point, or two, told in words
//! simulate crashes COUNT        crash points of so many scenarios, one by one
//! simulate sabotage MOST        each seeded defect, caught within so many histories
//! ```
//!
//! A campaign that was interrupted goes on with the seed it printed last.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what it is for")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use gardener_simulation::{Setting, Shape, enumerate, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().expect("a number");
    match words.as_slice() {
        ["crash", seed, points @ ..] => {
            let mut points = points.chunks(2).map(|pair| {
                (u32::try_from(number(pair[0])).unwrap_or(u32::MAX), pair.get(1) == Some(&"power"))
            });
            tell(
                number(seed),
                Setting { story: true, crash: points.next(), again: points.next(), ..Setting::default() },
            )
        }
        ["crashes", count] => crashes(number(count)),
        ["sabotage", most] => sabotage(number(most)),
        [range, rest @ ..] if range.contains("..") => {
            let (from, to) = range.split_once("..").expect("a range");
            let threads = rest.first().map_or(2, |t| number(t));
            campaign(number(from), number(to), threads)
        }
        [seed] => tell(number(seed), Setting { story: true, ..Setting::default() }),
        _ => {
            eprintln!("usage: simulate FROM..TO [THREADS] | SEED | crashes COUNT | sabotage MOST");
            ExitCode::from(2)
        }
    }
}

fn tell(seed: u64, setting: Setting) -> ExitCode {
    let outcome = run(seed, setting);
    println!("{}", outcome.story.join("\n"));
    for wrong in &outcome.wrong {
        println!("WRONG {wrong}");
    }
    if outcome.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn campaign(from: u64, to: u64, threads: u64) -> ExitCode {
    const CHUNK: u64 = 250;
    let start = Instant::now();
    let (next, all) = (AtomicU64::new(from), Mutex::new(Shape::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let begin = next.fetch_add(CHUNK, Ordering::Relaxed);
                    if begin >= to {
                        break;
                    }
                    let mut shape = Shape::default();
                    for seed in begin..to.min(begin + CHUNK) {
                        shape.add(run(seed, Setting::default()));
                        // One in a hundred is run again: the same seed is the same history.
                        if seed % 100 == 0
                            && run(seed, Setting::default()).sum != run(seed, Setting::default()).sum
                        {
                            shape.wrong.push((seed, "the second time it is another history".to_owned()));
                        }
                    }
                    // Said at once, too: a campaign takes long.
                    for (seed, wrong) in &shape.wrong {
                        println!("seed {seed}: {}", wrong.lines().next().unwrap_or_default());
                    }
                    all.lock().expect("no thread panicked").join(shape);
                    let done = begin + CHUNK - from;
                    if done.is_multiple_of(10_000) {
                        let bad = all.lock().expect("no thread panicked").wrong.len();
                        println!(
                            "to seed {}: {bad} wrong, {:.0} s",
                            from + done,
                            start.elapsed().as_secs_f64()
                        );
                    }
                }
            });
        }
    });
    let shape = all.into_inner().expect("no thread panicked");
    print!("{shape}");
    println!("seeds {from}..{to} in {:.1} s", start.elapsed().as_secs_f64());
    for (seed, wrong) in shape.wrong.iter().take(20) {
        println!("WRONG {wrong}\n    again: cargo run --profile campaign -p gardener-simulation -- {seed}");
    }
    let lacks = if shape.histories >= 1_000 { shape.lacks() } else { Vec::new() };
    for lack in &lacks {
        println!("not enough: {lack}");
    }
    println!("{} of {} histories went wrong", shape.wrong.len(), shape.histories);
    if shape.wrong.is_empty() && lacks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn crashes(count: u64) -> ExitCode {
    let start = Instant::now();
    let points = enumerate::crash_points(count, 8);
    for (seed, point, wrong) in points.wrong.iter().take(20) {
        println!("WRONG {wrong}\n    seed {seed}, point {point}");
    }
    let enumerate::Points { scenarios, crashes, twice, wrong } = points;
    println!(
        "{scenarios} scenarios, {crashes} crashes ({twice} recoveries crashed, too), {} not recovered, {:.1} s",
        wrong.len(),
        start.elapsed().as_secs_f64()
    );
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "sabotage")]
fn sabotage(most: u64) -> ExitCode {
    use gardener::sabotage::Defect;
    std::panic::set_hook(Box::new(|_| ()));
    let mut missed = 0;
    let results: Mutex<Vec<(Defect, Option<(u64, String)>)>> = Mutex::default();
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(defect) = Defect::ALL.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    let found = gardener_simulation::defect::caught(*defect, most);
                    results.lock().expect("no thread panicked").push((*defect, found));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread panicked");
    results.sort();
    for (defect, found) in &results {
        match found {
            Some((seed, wrong)) => {
                let first: String = wrong.lines().next().unwrap_or_default().chars().take(90).collect();
                println!("{:20} history {:6}  {first}", format!("{defect:?}"), seed + 1);
            }
            None => {
                missed += 1;
                println!("{:20} NOT CAUGHT in {most}", format!("{defect:?}"));
            }
        }
    }
    println!("{} of {} defects caught", results.len() - missed, results.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(not(feature = "sabotage"))]
fn sabotage(_most: u64) -> ExitCode {
    eprintln!("this build has no seeded defects: build it with --features sabotage");
    ExitCode::from(2)
}
