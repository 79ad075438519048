//! Which candidates of a text are its entries.
//!
//! One level of the outline is chosen, and on it the shape that most of the evidence is for; what says
//! again what was said before goes. `ARCHITECTURE.md` says which rule serves which shape.

use std::collections::{BTreeMap, BTreeSet};

use crate::legacy::alike::plain;
use crate::legacy::candidates::{At, Candidate, Shape, candidates, is_results, last_resort, rows};
use crate::legacy::label;
use crate::legacy::numbers::Numbers;
use crate::legacy::outline::Outline;
use crate::legacy::words;
use crate::legacy::{Rule, Why};

/// What was decided.
pub(super) struct Chosen {
    /// The entries, in the order of the text.
    pub(super) entries: Vec<(Candidate, Rule)>,
    /// For each heading that is no entry, why.
    pub(super) left_out: BTreeMap<usize, Why>,
}

/// Chooses the entries of a text.
pub(super) fn choose(outline: &Outline<'_>, numbers: &Numbers) -> Chosen {
    let all = candidates(outline, numbers);
    let mut pool: Vec<Candidate> = all.iter().filter(|c| !c.in_results).cloned().collect();
    // Results come last. What comes first and says how bad it is was called so by somebody else.
    let first = pool.iter().map(|c| c.start).min().unwrap_or(usize::MAX);
    let early: BTreeSet<Option<usize>> =
        all.iter().filter(|c| c.in_results && c.has_severity && c.start < first).map(|c| c.parent).collect();
    if pool.is_empty() {
        // What is only told among results is told nowhere else.
        pool.clone_from(&all);
    } else {
        pool.extend(all.iter().filter(|c| c.in_results && early.contains(&c.parent)).cloned());
    }
    if pool.is_empty() {
        pool = rows(outline, numbers);
    }
    if pool.is_empty() {
        pool = last_resort(outline);
    }
    pool.sort_by_key(|c| c.start);
    let Some(rank) = rank(&pool) else {
        return Chosen { entries: Vec::new(), left_out: left_out(outline, numbers, &[], &all) };
    };
    pool.retain(|c| c.rank == rank);
    let kept = without_repeats(of_one_shape(pool));
    let left_out = left_out(outline, numbers, &kept, &all);
    let entries = kept.into_iter().map(|c| (c.rule(), c)).map(|(rule, c)| (c, rule)).collect();
    Chosen { entries, left_out }
}

/// The level of the outline that the entries are on.
fn rank(pool: &[Candidate]) -> Option<u8> {
    let ranks: BTreeSet<u8> = pool.iter().map(|c| c.rank).collect();
    let mut ranks = ranks.into_iter();
    let mut chosen = ranks.next()?;
    for rank in ranks {
        let above: Vec<_> = pool.iter().filter(|c| c.rank == chosen).collect();
        let below: Vec<_> = pool.iter().filter(|c| c.rank == rank).collect();
        // Sections of one level do not overlap.
        let over = |c: &Candidate| {
            let at = above.partition_point(|a| a.start < c.start).checked_sub(1)?;
            above[at].section.contains(&c.start).then_some(at)
        };
        let (inside, outside): (Vec<&Candidate>, Vec<&Candidate>) =
            below.iter().partition(|c| over(c).is_some());
        let sum = |all: &[&Candidate]| all.iter().map(|c| c.evidence).sum::<f64>();
        let parents: BTreeSet<_> = inside.iter().filter_map(|c| over(c)).collect();
        let share = |all: &[&Candidate], has: &dyn Fn(&Candidate) -> bool| {
            2 * all.iter().filter(|c| has(c)).count() >= all.len().max(1)
        };
        let are_several = 2 * inside.len() >= 3 * parents.len();
        let are_worthy = share(&inside, &|c| c.is_labelled() || c.has_severity);
        let are_told_above = share(&above, &|c| c.has_severity) && !share(&inside, &|c| c.has_severity);
        let go_down = !inside.is_empty()
            && are_worthy
            && !are_told_above
            && (are_several || !share(&above, &|c| c.is_labelled()))
            && 2 * parents.len() >= above.len();
        if go_down || sum(&outside) > sum(&above) {
            chosen = rank;
        }
    }
    Some(chosen)
}

/// The candidates of the shape that most of the evidence is for, and others that say how bad they are.
fn of_one_shape(pool: Vec<Candidate>) -> Vec<Candidate> {
    let mut sums: BTreeMap<Shape, f64> = BTreeMap::new();
    for candidate in &pool {
        *sums.entry(candidate.shape()).or_default() += candidate.evidence;
    }
    let Some(main) = sums.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(shape, _)| shape.clone()) else {
        return pool;
    };
    let of_main: Vec<_> = pool.iter().filter(|c| c.shape() == main).collect();
    let told = of_main.iter().filter(|c| c.has_severity).count();
    let mostly_told = 2 * told >= of_main.len();
    // Groups below one heading stand or fall together.
    let is_bare = |c: &&&Candidate| mostly_told && !c.has_severity && c.fields < 2;
    let full: BTreeSet<Option<usize>> = of_main.iter().filter(|c| !is_bare(c)).map(|c| c.parent).collect();
    pool.into_iter()
        .filter(|c| match c.shape() == main {
            true => full.contains(&c.parent),
            false => {
                c.evidence >= 4.0
                    && (c.has_severity || c.named.tags.iter().any(|t| words::level(t).is_some()))
            }
        })
        .collect()
}

/// Without those that say again what an earlier one said. Where half of those below a heading do, the
/// others there are no entries either.
fn without_repeats(pool: Vec<Candidate>) -> Vec<Candidate> {
    let mut repeats: BTreeSet<usize> = BTreeSet::new();
    let mut first: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for (at, candidate) in pool.iter().enumerate() {
        let parent = first.entry(plain(&candidate.named.title)).or_insert(candidate.parent);
        if *parent != candidate.parent {
            repeats.insert(at);
        }
    }
    let mut groups: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (at, candidate) in pool.iter().enumerate() {
        groups.entry(candidate.parent).or_default().push(at);
    }
    for group in groups.values() {
        let count = group.iter().filter(|at| repeats.contains(at)).count();
        if 2 * count >= group.len() && count > 0 {
            repeats.extend(group);
        }
    }
    pool.into_iter().enumerate().filter(|(at, _)| !repeats.contains(at)).map(|(_, c)| c).collect()
}

fn left_out(
    outline: &Outline<'_>,
    numbers: &Numbers,
    kept: &[Candidate],
    all: &[Candidate],
) -> BTreeMap<usize, Why> {
    let titles: BTreeSet<String> = kept.iter().map(|c| plain(&c.named.title)).collect();
    let heading = |c: &Candidate| match c.at {
        At::Heading(at) => Some(at),
        _ => None,
    };
    let entries: BTreeSet<usize> = kept.iter().filter_map(heading).collect();
    let candidates: BTreeSet<usize> = all.iter().filter_map(heading).collect();
    let why = |at: usize| {
        let heading = &outline.headings[at];
        let place = heading.span.start;
        let title = plain(&label::parse(&heading.plain).title);
        let next = kept.partition_point(|c| c.start <= place);
        let in_one = next.checked_sub(1).is_some_and(|at| kept[at].section.contains(&place));
        if in_one {
            Why::Part
        } else if titles.contains(&title) {
            Why::Repeat
        } else if outline.chain(Some(at)).any(|at| is_results(outline, numbers, at)) {
            Why::Results
        } else if kept.get(next).is_some_and(|c| c.start < heading.end) {
            Why::Above
        } else if candidates.contains(&at) {
            Why::Other
        } else {
            Why::NoEvidence
        }
    };
    (0..outline.headings.len()).filter(|at| !entries.contains(at)).map(|at| (at, why(at))).collect()
}
