//! Growth: memory and time of a big repository and of one a tenth of its size.
//!
//! 10,000 worklogs with 30,000 entries, 50,000 issues of which 3,000 are tracked, and no
//! latency: what is left is gardener's own work, git's, and the stand-in's.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::measured::{Measure, gardener, middle};
use crate::scenarios::prepared;
use crate::scene::Size;
use crate::{Options, Told};

/// The most memory that a sync may take, in megabytes.
const MEMORY: f64 = 300.0;

/// Measures both and tells it.
pub(crate) fn tell(options: &Options, out: &mut impl Write) -> Told<()> {
    let big = Size { worklogs: 10_000, entries: 3, tracked: 3_000, issues: 50_000, foreign: false };
    let small = Size { worklogs: 1_000, entries: 3, tracked: 300, issues: 5_000, foreign: false };
    let sizes = if options.quick { vec![small] } else { vec![small, big] };
    writeln!(out, "\n{:30} {:>8} {:>8} {:>8} {:>8}", "", "requests", "304s", "seconds", "peak MB")?;
    let mut all = Vec::new();
    for size in sizes {
        let start = Instant::now();
        let (scene, _) = prepared(size, Duration::ZERO)?;
        let made = start.elapsed().as_secs_f64();
        scene.forget()?;
        let first = gardener(&scene, &options.under, &["sync"])?;
        let mut quiet = Vec::new();
        for _ in 0..options.repeats {
            scene.minutes(60);
            quiet.push(gardener(&scene, &options.under, &["sync"])?);
            if !scene.server.writes().is_empty() {
                return Err("there was something to do".into());
            }
        }
        let quiet = middle(quiet);
        writeln!(
            out,
            "{} worklogs, {} issues, {} tracked (made in {made:.1} s)",
            size.worklogs, size.issues, size.tracked
        )?;
        for (name, measure) in [("first sync", &first), ("nothing to do", &quiet)] {
            let Measure { requests, unchanged, seconds, peak, .. } = measure;
            writeln!(out, "  {name:28} {requests:>8} {unchanged:>8} {seconds:>8.3} {peak:>8.1}")?;
        }
        all.push([first, quiet]);
    }
    if let [small, big] = &all[..] {
        let peak = big.iter().map(|measure| measure.peak).fold(0.0, f64::max);
        let word = |holds: bool| if holds { "holds" } else { "  NOT" };
        writeln!(out, "\n  {}  peak {peak:.0} MB of {MEMORY:.0}", word(peak <= MEMORY))?;
        for (turn, name) in ["first sync", "nothing to do"].into_iter().enumerate() {
            let times = big[turn].seconds / small[turn].seconds;
            // Ten times as much may take ten times as long, and a little for noise.
            writeln!(
                out,
                "  {}  {name}: ten times as much takes {times:.1} times as long",
                word(times <= 12.0)
            )?;
        }
    }
    Ok(())
}
