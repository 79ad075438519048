//! The properties of the fuzz targets (`fuzz/`), without an engine: on the seeds, on cuts and
//! mutations of them, and on random bytes.
//!
//! `GARDENER_FUZZ_SECONDS` is the time for all of them together (2), `GARDENER_SEED` tries
//! others. A long run is `cargo fuzz run`, which also looks where an input leads.
#![expect(clippy::disallowed_methods, reason = "it reads the seeds, and how long to try")]
#![expect(clippy::print_stdout, reason = "a campaign says what it tried")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../../fuzz/src/lib.rs"]
mod properties;

/// What is worth a try in any format.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\xe2\x80\xa8",
    b"\x1b[",
    b"\x1b]",
    b"---\n",
    b"-->",
    b"<!--",
    b"```",
    b"`",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b": ",
    b"- ",
    b"#",
    b"&",
    b"*",
    b"%",
    b"\\",
    b"@",
    b"=",
    b"\t",
    b"\xcc\x81",
    b"18446744073709551615",
    b"-1",
    b"null",
    b"\xef\xbb\xbf",
    b"\xc4\xb0",
    b"\x01",
    b"\x02",
    b"\x03",
];

/// Numbers drawn from a seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }

    /// A part of some bytes.
    fn part<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let start = self.below(bytes.len() + 1);
        let most = (bytes.len() - start).min(64);
        &bytes[start..start + self.below(most + 1)]
    }

    fn mutated(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        if self.below(20) == 0 {
            bytes = (0..self.below(200)).map(|_| self.below(256) as u8).collect();
        }
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let to = at + self.below((bytes.len() - at).min(32) + 1);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..to)),
                2 => drop(bytes.splice(at..to, PIECES[self.below(PIECES.len())].iter().copied())),
                3 => {
                    let other = &seeds[self.below(seeds.len())];
                    drop(bytes.splice(at..at, self.part(other).to_vec()));
                }
                4 => drop(bytes.splice(at..at, bytes[at..to].to_vec())),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= 1 << self.below(8)),
            }
        }
        bytes
    }
}

fn number(key: &str) -> Option<u64> {
    std::env::var(key).ok()?.parse().ok()
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).expect("seeds").map(|f| f.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a seed")).collect()
}

/// Feeds a property its seeds, and then mutations of them until its share of the time is over.
fn feed(name: &str, property: fn(&[u8])) {
    let time = Duration::from_secs(number("GARDENER_FUZZ_SECONDS").unwrap_or(2)) / TARGETS.len() as u32;
    let mut chance = Chance(number("GARDENER_SEED").unwrap_or(1));
    let seeds = seeds(name);
    let start = Instant::now();
    let mut tried = 0;
    while tried < seeds.len() || start.elapsed() < time {
        let input = seeds.get(tried).cloned().unwrap_or_else(|| chance.mutated(&seeds));
        if let Err(broken) = catch_unwind(AssertUnwindSafe(|| property(&input))) {
            println!("{name} does not hold of b\"{}\"", input.escape_ascii());
            resume_unwind(broken);
        }
        tried += 1;
    }
    println!("{name}: {} seeds, {tried} inputs", seeds.len());
}

/// A test for each property, by the name of its target.
macro_rules! hold {
    ($($name:ident)*) => {
        const TARGETS: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            feed(stringify!($name), properties::$name::holds);
        })*
    };
}

hold! {
    answers base_block config front_matter journal managed_block markers names old_worklogs printed quote redactor
    results rules
}

#[test]
fn every_target_is_fed_here() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml"));
    let manifest = manifest.expect("the manifest of the targets");
    let paths =
        manifest.lines().filter_map(|l| l.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    let mut targets: Vec<_> = paths.collect();
    targets.sort_unstable();
    assert_eq!(targets, TARGETS);
}
