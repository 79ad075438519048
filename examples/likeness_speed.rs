//! How long an index of many issues takes to build and to ask: `cargo run --release --example likeness_speed`.
//!
//! The issues are made up, always the same ones: words as often as words are (Zipf's law), titles of
//! eight and texts of 120 of them. It says nothing of how good the answers are; `evaluate` does. An
//! argument is the number of issues in place of 50,000.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "an example for the terminal")]
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "made-up figures")]

use std::time::Instant;

use gardener::likeness::{Index, Told};

const VOCABULARY: usize = 30_000;
const TITLE: usize = 8;
const BODY: usize = 120;
const ASKED: usize = 200;

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(50_000);
    let mut chance = Chance(7);
    let zipf = Zipf::new();
    let issues: Vec<(u64, Told)> = (1..=count).map(|number| (number, zipf.told(&mut chance))).collect();
    let entries: Vec<Told> = (0..ASKED).map(|_| zipf.told(&mut chance)).collect();
    let before = memory();
    let start = Instant::now();
    let index = Index::new(issues.iter().map(|(number, told)| (*number, told)));
    println!("built: {} issues in {:.2} s", index.len(), start.elapsed().as_secs_f64());
    if let (Some(before), Some(after)) = (before, memory()) {
        println!("memory: {} MB", after.saturating_sub(before) / 1024);
    }
    let mut times: Vec<f64> = Vec::new();
    let mut found = 0;
    for entry in &entries {
        let start = Instant::now();
        found += index.like(entry, 3, |_| true).len();
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("asked: {ASKED} entries, median {median:.2} ms, worst {worst:.2} ms ({found} found)");
}

/// Kilobytes that are in use, where the system says it.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A generator of numbers that are always the same (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Words of which the nth is taken with a chance of 1 in n.
struct Zipf {
    words: Vec<String>,
    sums: Vec<f64>,
}

impl Zipf {
    fn new() -> Self {
        let mut chance = Chance(11);
        let syllables = ["ka", "lo", "mi", "ne", "ru", "ta", "so", "pi", "da", "fe", "gu", "ho", "ja", "ve"];
        let word = |_| {
            let length = 2 + chance.next() as usize % 3;
            (0..length).map(|_| syllables[chance.next() as usize % syllables.len()]).collect::<String>()
        };
        let words: Vec<String> = (0..VOCABULARY).map(word).enumerate().map(spelled).collect();
        let mut sum = 0.0;
        let sums = (1..=VOCABULARY).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self { sums: sums.collect(), words }
    }

    fn word(&self, chance: &mut Chance) -> &str {
        let at = chance.share() * self.sums[VOCABULARY - 1];
        &self.words[self.sums.partition_point(|sum| *sum < at).min(VOCABULARY - 1)]
    }

    fn words(&self, count: usize, chance: &mut Chance) -> String {
        (0..count).map(|_| self.word(chance)).collect::<Vec<_>>().join(" ")
    }

    fn told(&self, chance: &mut Chance) -> Told {
        // Lines of twelve words, as in a report.
        let lines: Vec<String> = (0..BODY / 12).map(|_| self.words(12, chance)).collect();
        Told {
            title: self.words(TITLE, chance),
            body: lines.join("\n"),
            at: Some(1_700_000_000 + (chance.share() * 1e7) as i64),
            ..Told::default()
        }
    }
}

/// Words are cut after six letters, so that what tells one from another comes first.
fn spelled((place, word): (usize, String)) -> String {
    let mut rest = place;
    let mut head = String::new();
    for _ in 0..4 {
        head.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
    }
    head + &word
}
