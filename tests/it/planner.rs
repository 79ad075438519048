//! Histories of the planner alone (reliability plan, tier T1): one state that both sides agree
//! on, changed once here and once on GitHub, then planned and carried out again and again,
//! in any order and with failures, until there is nothing left to do.
//!
//! What must hold is told from the log of what the two sides did, never from the end state:
//! no edit is lost, none is invented, nothing is closed that nobody closed, and what nobody
//! touched is the same byte for byte.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a campaign says what it drew")]

pub(crate) mod chance;

mod tables;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use gardener::model::{Label, State, Status};
use gardener::plan::{Change, Plan};
use serde_json::Value;

use crate::planner::chance::Chance;
use crate::planner::world::{Done, World};

/// More rounds than this are a planner that does not come to an end.
const CUT_OFF: usize = 20;

/// How many histories had what.
#[derive(Default)]
struct Shape {
    counts: BTreeMap<&'static str, usize>,
    rounds: usize,
    changes: usize,
}

impl Shape {
    fn add(&mut self, what: &'static str, is_so: bool) {
        *self.counts.entry(what).or_default() += usize::from(is_so);
    }

    fn merge(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.changes += other.changes;
        for (what, count) in other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    /// A campaign that never meets the hard cases proves nothing.
    fn print(&self) {
        let cases = self.counts["histories"];
        let mean = |n: usize| n as f64 / cases as f64;
        println!(
            "{cases} histories, {:.1} rounds and {:.1} changes each",
            mean(self.rounds),
            mean(self.changes)
        );
        for (what, count) in self.counts.iter().filter(|(what, _)| **what != "histories") {
            println!("  {:>5.1} % {what}", 100.0 * mean(*count));
        }
        assert!(mean(self.rounds) > 1.3 && mean(self.changes) > 3.0, "histories are too short");
        for (what, least) in [
            ("conflicts", 10),
            ("several occurrences", 30),
            ("failures", 20),
            ("a new issue", 20),
            ("changed here", 50),
            ("changed on GitHub", 50),
            ("changed on both sides", 30),
            ("an answer lost", 3),
            ("an issue out of reach", 5),
            ("a refusal remembered", 3),
        ] {
            let count = self.counts.get(what).copied().unwrap_or(0);
            assert!(count * 100 >= least * cases, "only {count} of {cases} histories had {what}");
        }
    }
}

/// Makes the plan, and checks what must hold for every plan.
fn plan(world: &World, chance: &mut Chance) -> Result<Plan, String> {
    let input = world.input();
    let plan = Plan::make(&input).map_err(|e| e.to_string())?;
    let again = Plan::make(&input.clone()).map_err(|e| e.to_string())?;
    let (first, second) = (plan.to_json().to_string(), again.to_json().to_string());
    if plan != again || first != second {
        return Err("the same input gave another plan".to_owned());
    }
    let mut turned = input;
    chance.shuffle(&mut turned.entries);
    let other = Plan::make(&turned).map_err(|e| e.to_string())?;
    if unordered(&plan) != unordered(&other) {
        return Err(format!(
            "another order of entries gave another plan\n{:#?}\n{:#?}",
            unordered(&plan),
            unordered(&other)
        ));
    }
    Ok(plan)
}

/// A plan without any order. Texts that speak of several entries name them in some order.
fn unordered(plan: &Plan) -> BTreeSet<String> {
    let mut value = plan.to_json();
    let mut all = BTreeSet::new();
    for part in ["changes", "conflicts", "held", "notes", "titles", "brakes"] {
        for item in value[part].as_array_mut().expect("a list") {
            let several = item.get("entries").and_then(Value::as_array).is_some_and(|e| e.len() > 1);
            if let Some(entries) = item.get_mut("entries").and_then(Value::as_array_mut) {
                entries.sort_by_key(ToString::to_string);
            }
            if several {
                for text in ["body", "after", "title"] {
                    item.as_object_mut().expect("an object").remove(text);
                }
            }
            // Of an issue's occurrences the first one is spoken of.
            if part == "held" {
                item.as_object_mut().expect("an object").remove("entry");
                item.as_object_mut().expect("an object").remove("worklog");
            }
            all.insert(format!("{part} {item}"));
        }
    }
    all
}

/// Plans and carries out until nothing is left to do.
fn run(world: &mut World, chance: &mut Chance, faults: u32, shape: &mut Shape) -> Result<Plan, String> {
    for _ in 0..CUT_OFF {
        let plan = plan(world, chance)?;
        let pending = plan.held.iter().any(|h| matches!(h.why, gardener::plan::Why::Pending(_)));
        if plan.changes.is_empty() && !pending {
            return Ok(plan);
        }
        shape.rounds += 1;
        shape.changes += plan.changes.len();
        let Done { failed, lost } = world.carry_out(&plan, chance, faults);
        shape.add("failures", failed);
        shape.add("an answer lost", lost);
        world.minutes(20);
    }
    let left: Vec<Change> = plan(world, chance)?.changes;
    Err(format!("no end after {CUT_OFF} rounds: {left:#?}"))
}

fn history(seed: u64, shape: &mut Shape) -> Result<(), String> {
    // Separate streams, so that a change of the workload does not reshuffle the faults.
    let (mut work, mut chance) = (Chance::new(seed, 1), Chance::new(seed, 2));
    let mut world = World::new(&mut work);
    let mut local = Shape::default();
    run(&mut world, &mut chance, 0, &mut Shape::default())?;
    let start = world.clone();
    let log = world.perturb(&mut work);
    let faults = [0, 1, 5, 20, 50][chance.below(5)];
    let end = run(&mut world, &mut chance, faults, &mut local)?;
    world::oracle::check(&start, &log, &world, &end)?;

    local.rounds = local.rounds.max(1);
    for (what, count) in std::mem::take(&mut local.counts) {
        // A failure in any round is one history with failures.
        local.counts.insert(what, count.min(1));
    }
    local.add("histories", true);
    local.add("conflicts", !end.conflicts.is_empty());
    local.add("several occurrences", start.has_several_occurrences());
    local.add("a new issue", world.issues.len() > start.issues.len());
    local.add("changed here", log.has_local());
    local.add("changed on GitHub", log.has_remote());
    local.add("changed on both sides", log.has_both());
    local.add("an issue out of reach", world.has_unreachable());
    local.add("a refusal remembered", !world.refused.is_empty());
    shape.merge(local);
    Ok(())
}

#[test]
fn histories_end_with_both_sides_equal_and_no_edit_lost() {
    let cases: u64 = std::env::var("GARDENER_CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(200);
    let only: Option<u64> = std::env::var("GARDENER_SEED").ok().and_then(|c| c.parse().ok());
    let mut shape = Shape::default();
    if let Some(seed) = only {
        return history(seed, &mut shape).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..2)
            .map(|part| {
                scope.spawn(move || {
                    let mut shape = Shape::default();
                    for seed in (0..cases).filter(|s| s % 2 == part) {
                        if let Err(why) = history(seed, &mut shape) {
                            panic!(
                                "seed {seed}: {why}\nagain: GARDENER_SEED={seed} cargo test --test it planner"
                            );
                        }
                    }
                    shape
                })
            })
            .collect();
        for part in parts {
            shape.merge(part.join().expect("every history holds"));
        }
    });
    shape.print();
}

fn is_closed(state: &State) -> bool {
    matches!(state, State::Completed | State::NotPlanned | State::Duplicate)
}

fn label(name: &str) -> Label {
    Label::new(name).expect("a label")
}

fn marked() -> Status {
    Status::Marked("in-progress".to_owned())
}
