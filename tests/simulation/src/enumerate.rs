//! Crash points, one by one: the last sync of a history dies before each of its effects, by a
//! kill and by a power cut, which leaves any part of what was not synced.

use crate::{Setting, run};

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Histories whose last sync has an effect at all.
    pub scenarios: u64,
    /// Syncs that died.
    pub crashes: u64,
    /// Of these, those whose recovery died as well.
    pub twice: u64,
    /// What went wrong: seed, point, words.
    pub wrong: Vec<(u64, u32, String)>,
}

/// Tries so many scenarios with at least `least` effects in the sync that dies.
#[must_use]
pub fn crash_points(scenarios: u64, least: u32) -> Points {
    let mut points = Points::default();
    let mut seed = 1_000_000;
    while points.scenarios < scenarios {
        seed += 1;
        let reaches = |point: u32| {
            let outcome = run(seed, Setting { crash: Some((point, false)), ..Setting::default() });
            outcome.last_crashed
        };
        if !reaches(least) {
            continue;
        }
        points.scenarios += 1;
        let mut point = 0;
        loop {
            let mut died = false;
            for power in [false, true] {
                died |= try_one(
                    &mut points,
                    seed,
                    point,
                    Setting { crash: Some((point, power)), ..Setting::default() },
                );
            }
            // A second crash while the first is recovered from, at a point that moves along.
            let again = Some(((point * 7 + 3) % 20, point % 2 == 0));
            let setting = Setting { crash: Some((point, point % 3 == 0)), again, ..Setting::default() };
            if died && try_one(&mut points, seed, point, setting) {
                points.twice += 1;
            }
            if !died {
                break;
            }
            point += 1;
        }
    }
    points
}

fn try_one(points: &mut Points, seed: u64, point: u32, setting: Setting) -> bool {
    let outcome = run(seed, setting);
    points.crashes += outcome.crashes;
    if let Some(wrong) = outcome.wrong.first() {
        points.wrong.push((seed, point, wrong.clone()));
    }
    outcome.last_crashed
}
