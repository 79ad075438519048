//! How well grouping finds the causes: pairs of failures that are together and ought to be.

use std::collections::BTreeMap;

use gardener::matching::{Case, Cause, Known, group};

use crate::load::Pool;

/// Pairs, counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pairs {
    /// Together, and of one cause.
    pub(crate) right: u64,
    /// Together, and of two causes.
    pub(crate) wrong: u64,
    /// Apart, and of one cause.
    pub(crate) missed: u64,
}

impl Pairs {
    pub(crate) fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }

    /// Precision, recall and F1, in a line.
    pub(crate) fn told(&self) -> String {
        let share = |of: u64, rest: u64| if of + rest == 0 { 1.0 } else { of as f64 / (of + rest) as f64 };
        let (precision, recall) = (share(self.right, self.wrong), share(self.right, self.missed));
        let f1 =
            if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        let Self { right, wrong, missed } = self;
        format!(
            "precision {precision:.3} recall {recall:.3} F1 {f1:.3} ({right} right, {wrong} wrong, {missed} missed)"
        )
    }
}

/// The causes that grouping finds in a pool.
pub(crate) fn grouped(pool: &Pool) -> Vec<Cause> {
    let cases: Vec<Case<'_>> =
        pool.cases.iter().map(|c| Case { suite: &c.suite, failure: &c.failure }).collect();
    group(&cases, &[])
}

/// The pairs of a pool; failures without a label, or that don't count, are grouped and not counted.
pub(crate) fn pairs(pool: &Pool, causes: &[Cause]) -> Pairs {
    pairs_of(pool, causes, &|_, _| true)
}

/// As [`pairs`], of those pairs that are asked for.
pub(crate) fn pairs_of(pool: &Pool, causes: &[Cause], is_asked: &dyn Fn(usize, usize) -> bool) -> Pairs {
    let mut place = vec![usize::MAX; pool.cases.len()];
    for (i, cause) in causes.iter().enumerate() {
        for member in &cause.members {
            place[*member] = i;
        }
    }
    let mut pairs = Pairs::default();
    let counted: Vec<usize> =
        (0..pool.cases.len()).filter(|c| pool.cases[*c].cause.is_some() && pool.cases[*c].counts).collect();
    for (n, a) in counted.iter().enumerate() {
        for b in counted[..n].iter().filter(|b| is_asked(*a, **b)) {
            match (pool.cases[*a].cause == pool.cases[*b].cause, place[*a] == place[*b]) {
                (true, true) => pairs.right += 1,
                (false, true) => pairs.wrong += 1,
                (true, false) => pairs.missed += 1,
                (false, false) => {}
            }
        }
    }
    pairs
}

/// Which causes are joined with which others, and which are parted, by how many pairs; with two
/// failures of each as an example.
pub(crate) fn losses(pools: &[Pool]) {
    let mut found: BTreeMap<(String, String, String), (u64, String)> = BTreeMap::new();
    for pool in pools {
        let causes = grouped(pool);
        let mut place = vec![usize::MAX; pool.cases.len()];
        for (i, cause) in causes.iter().enumerate() {
            for member in &cause.members {
                place[*member] = i;
            }
        }
        let counted: Vec<usize> = (0..pool.cases.len())
            .filter(|c| pool.cases[*c].cause.is_some() && pool.cases[*c].counts)
            .collect();
        for (n, a) in counted.iter().enumerate() {
            for b in &counted[..n] {
                let of = |c: usize| pool.cases[c].cause.clone().unwrap_or_default();
                let (one, other) = (of(*a).min(of(*b)), of(*a).max(of(*b)));
                if (one == other) == (place[*a] == place[*b]) {
                    continue;
                }
                let told = |c: usize| {
                    let failure = &pool.cases[c].failure;
                    let first = failure.message.lines().next().unwrap_or_default();
                    format!(
                        "{} | {:?} | {}",
                        failure.test,
                        failure.kind,
                        first.chars().take(160).collect::<String>()
                    )
                };
                let entry = found
                    .entry((pool.id.clone(), one, other))
                    .or_insert_with(|| (0, format!("      {}\n      {}", told(*a), told(*b))));
                entry.0 += 1;
            }
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for ((run, one, other), (count, example)) in found {
        let how = if one == other { "parted" } else { "joined" };
        println!("{count:5} {how} {one} {other} in {run}\n{example}");
    }
}

/// Pools of several runs, drawn by a seed: each run is in one of them, and no project is twice in
/// a pool, since the same test that fails in the same way twice is of one cause to everybody.
pub(crate) fn mixed(pools: &[Pool], size: usize, seed: u64) -> Vec<Pool> {
    let mut order: Vec<usize> = (0..pools.len()).collect();
    let mut state = seed;
    for i in (1..order.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(i, (state >> 33) as usize % (i + 1));
    }
    let join = |runs: &[usize]| Pool {
        projects: runs.iter().flat_map(|r| pools[*r].projects.iter().cloned()).collect(),
        id: runs.iter().map(|r| pools[*r].id.as_str()).collect::<Vec<_>>().join("+"),
        cases: runs.iter().flat_map(|r| pools[*r].cases.iter().cloned()).collect(),
    };
    let mut drawn: Vec<Vec<usize>> = Vec::new();
    for run in order {
        let is_new = |other: &usize| pools[run].projects.is_disjoint(&pools[*other].projects);
        match drawn.iter_mut().find(|d| d.len() < size && d.iter().all(is_new)) {
            Some(pool) => pool.push(run),
            None => drawn.push(vec![run]),
        }
    }
    drawn.iter().map(|runs| join(runs)).collect()
}

/// What a pool was grouped into, with the labels of the members of each group.
pub(crate) fn show(pool: &Pool, causes: &[Cause]) {
    println!("== {} ({} failures)", pool.id, pool.cases.len());
    for cause in causes {
        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        for member in &cause.members {
            *labels.entry(pool.cases[*member].cause.as_deref().unwrap_or("?")).or_default() += 1;
        }
        let labels: Vec<String> = labels.iter().map(|(l, n)| format!("{l} x{n}")).collect();
        println!(
            "  {:3}  {}  [{}]  {}",
            cause.members.len(),
            cause.title,
            labels.join(", "),
            cause.fingerprint
        );
    }
}

/// Whether causes keep their fingerprints over noisy reruns, when each run knows the causes of
/// those before it: of all failures of a cause in a rerun, how many have the fingerprint that
/// most failures of that cause had in the first run; first without, then with what is known.
pub(crate) fn stable(pools: &[Pool]) {
    for seeded in [false, true] {
        let (mut kept, mut all) = (0, 0);
        let (mut same, mut again) = (0, 0);
        let mut tests: BTreeMap<String, String> = BTreeMap::new();
        let mut first: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut known: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        for pool in pools {
            let run = pool.id.split(' ').next().unwrap_or_default().to_owned();
            let cases: Vec<Case<'_>> =
                pool.cases.iter().map(|c| Case { suite: &c.suite, failure: &c.failure }).collect();
            let knows = known.entry(run.clone()).or_default();
            let causes = group(&cases, if seeded { knows } else { &[] });
            let mut prints: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
            for cause in &causes {
                for member in &cause.members {
                    let case = &pool.cases[*member];
                    let test = format!("{run} {} {}", case.suite, case.failure.test);
                    if let Some(before) = tests.get(&test) {
                        again += 1;
                        same += usize::from(*before == cause.fingerprint);
                    } else {
                        tests.insert(test, cause.fingerprint.clone());
                    }
                    if let Some(label) = &pool.cases[*member].cause {
                        *prints.entry(label).or_default().entry(&cause.fingerprint).or_default() += 1;
                    }
                }
            }
            let before = first.entry(run).or_default();
            for (label, prints) in prints {
                let Some(print) = before.get(label) else {
                    let most = prints.iter().max_by_key(|(_, n)| **n).map(|(print, _)| (*print).to_owned());
                    before.insert(label.to_owned(), most.unwrap_or_default());
                    continue;
                };
                all += prints.values().sum::<usize>();
                kept += prints.get(print.as_str()).copied().unwrap_or_default();
            }
            for cause in causes.iter().filter(|c| c.known.is_none()) {
                knows.push(Known {
                    fingerprint: Some(cause.fingerprint.clone()),
                    tests: cause.members.iter().map(|m| pool.cases[*m].failure.test.clone()).collect(),
                    title: cause.title.clone(),
                    excerpt: pool.cases[cause.representative].failure.message.clone(),
                });
            }
        }
        let how = if seeded { "with" } else { "without" };
        println!(
            "{how} what earlier runs know: {same} of {again} tests that failed before have the fingerprint of then"
        );
        println!(
            "{how} what earlier runs know: {kept} of {all} failures under the first run's fingerprint of their cause"
        );
    }
}

/// How long grouping takes for two thousand failures: all of the runs, repeated under other names of
/// tests until they are so many. The clock is that of the machine.
pub(crate) fn speed(pools: &[Pool]) {
    let mut cases = Vec::new();
    for round in 0.. {
        if cases.len() >= 2_000 || pools.is_empty() {
            break;
        }
        for case in pools.iter().flat_map(|p| &p.cases) {
            let mut case = case.clone();
            // Other words make other readings and fingerprints, as of so many faults.
            let word: String = format!("{round}").bytes().map(|b| char::from(b - b'0' + b'a')).collect();
            case.failure.test = format!("{} again{word}", case.failure.test);
            for text in [&mut case.failure.test, &mut case.failure.message, &mut case.failure.detail] {
                *text = text.replace(".py", &format!("{word}.py")).replace(".rs", &format!("{word}.rs"));
            }
            cases.push(case);
        }
    }
    cases.truncate(2_000);
    let cases: Vec<Case<'_>> = cases.iter().map(|c| Case { suite: &c.suite, failure: &c.failure }).collect();
    let begin = std::time::Instant::now();
    let causes = group(&cases, &[]);
    println!("{} failures, {} causes: {} ms", cases.len(), causes.len(), begin.elapsed().as_millis());
}
