//! Groups from likenesses: average linkage, cut at a threshold, and then small groups that are
//! near to a part of another one.

/// Two groups with a mean likeness of at least this are one. Chosen by the worst of the sets of causes
/// to work with, not by the best.
pub(super) const THRESHOLD: f64 = 0.50;

/// Of a group that begins as one, at most so many members are compared with others.
const SPOKESMEN: usize = 6;

/// What averages keep apart is one after all if each member of the smaller group has somebody in
/// the other one that is so near on average: one mistake may show in a chain of ways.
const NEAREST: f64 = 0.65;

/// But not where most of the others are strangers.
const ACQUAINTED: f64 = 0.30;

/// Chains are looked for among so many groups at most; in larger runs averages have to do.
const CHAINED: usize = 500;

/// More groups than this are not compared with each other: those behind stay as they begin.
const MOST: usize = 2_500;

/// Joins groups of items while the mean likeness of their members is high enough.
///
/// `begin` are the groups that are given, each sorted, in an order of their own that doesn't
/// depend on the order of the failures; so ties fall the same way every time. The result is
/// sorted by the first group of each. It is computed by chains of nearest neighbours, which for
/// mean likeness gives what joining the likest pair each time would give.
pub(super) fn joined(begin: &[Vec<usize>], likeness: impl Fn(usize, usize) -> f64) -> Vec<Vec<usize>> {
    let count = begin.len().min(MOST);
    let spokesmen: Vec<&[usize]> = begin[..count].iter().map(|g| &g[..g.len().min(SPOKESMEN)]).collect();
    let mut like = vec![0.0_f32; count * count];
    for a in 0..count {
        for b in 0..a {
            let mut sum = 0.0;
            for x in spokesmen[a] {
                for y in spokesmen[b] {
                    sum += likeness(*x, *y);
                }
            }
            let mean = (sum / (spokesmen[a].len() * spokesmen[b].len()) as f64) as f32;
            like[a * count + b] = mean;
            like[b * count + a] = mean;
        }
    }
    let first = if count <= CHAINED { like.clone() } else { Vec::new() };
    let weights: Vec<f32> = spokesmen.iter().map(|s| s.len() as f32).collect();
    let mut sizes: Vec<f32> = spokesmen.iter().map(|s| s.len() as f32).collect();
    let mut groups: Vec<Vec<usize>> = (0..begin.len()).map(|g| vec![g]).collect();
    let mut active = vec![true; count];
    let mut chain: Vec<usize> = Vec::new();
    let mut next = 0;
    loop {
        let Some(&top) = chain.last() else {
            while next < count && !active[next] {
                next += 1;
            }
            if next == count {
                break;
            }
            chain.push(next);
            continue;
        };
        let before = chain.len().checked_sub(2).map(|i| chain[i]);
        // The one that the chain came from wins a tie, so that it ends.
        let mut best = before.map(|b| (like[top * count + b], b));
        for other in (0..count).filter(|o| active[*o] && *o != top) {
            let value = like[top * count + other];
            if best.is_none_or(|(most, _)| value > most) {
                best = Some((value, other));
            }
        }
        match best {
            Some((value, other)) if f64::from(value) >= THRESHOLD => {
                if Some(other) != before {
                    chain.push(other);
                    continue;
                }
                chain.truncate(chain.len() - 2);
                let (keep, drop) = (top.min(other), top.max(other));
                let (mine, theirs) = (sizes[keep], sizes[drop]);
                for third in 0..count {
                    let mean = (mine * like[keep * count + third] + theirs * like[drop * count + third])
                        / (mine + theirs);
                    like[keep * count + third] = mean;
                    like[third * count + keep] = mean;
                }
                sizes[keep] += theirs;
                active[drop] = false;
                let moved = std::mem::take(&mut groups[drop]);
                groups[keep].extend(moved);
            }
            // No one is near enough, and no joining of others can bring them nearer.
            _ => {
                active[top] = false;
                chain.pop();
            }
        }
    }
    groups.retain(|g| !g.is_empty());
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort();
    if !first.is_empty() {
        chained(&mut groups, &first, &weights);
    }
    groups
}

/// Joins groups of which the smaller one is near to a part of the larger one, the nearest first.
fn chained(groups: &mut Vec<Vec<usize>>, like: &[f32], weights: &[f32]) {
    let count = weights.len();
    let weight = |group: &[usize]| group.iter().map(|g| weights[*g]).sum::<f32>();
    // How near each group's members are to those of another, mean and mean of the nearest.
    let near = |a: &[usize], b: &[usize]| {
        let (small, large) = if weight(a) <= weight(b) { (a, b) } else { (b, a) };
        let (mut mean, mut nearest) = (0.0, 0.0);
        for x in small {
            let mut most = 0.0_f32;
            for y in large {
                let value = like[x * count + y];
                mean += weights[*x] * weights[*y] * value;
                most = most.max(value);
            }
            nearest += weights[*x] * most;
        }
        (f64::from(mean / (weight(small) * weight(large))), f64::from(nearest / weight(small)))
    };
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for a in 0..groups.len() {
            for b in 0..a {
                let (mean, nearest) = near(&groups[a], &groups[b]);
                if mean >= ACQUAINTED && nearest >= NEAREST && best.is_none_or(|(most, ..)| nearest > most) {
                    best = Some((nearest, a, b));
                }
            }
        }
        let Some((_, a, b)) = best else { break };
        let moved = groups.remove(a);
        groups[b].extend(moved);
        groups[b].sort_unstable();
    }
    groups.sort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_what_is_near_on_average() {
        let near = |a: usize, b: usize| match (a.min(b), a.max(b)) {
            (0, 1) => 0.9,
            (1, 2) => 0.52,
            (3, 4) => 0.55,
            _ => 0.1,
        };
        let begin: Vec<Vec<usize>> = (0..6).map(|i| vec![i]).collect();
        // 2 is near to 1 but far from 0: the mean of 0.52 and 0.1 is not enough.
        assert_eq!(joined(&begin, near), [vec![0, 1], vec![2], vec![3, 4], vec![5]]);
        assert!(joined(&[], near).is_empty());
    }

    #[test]
    fn a_small_group_near_to_a_part_of_another_joins_it() {
        let pair = |a: usize, b: usize, near: f64, far: f64| match (a.min(b), a.max(b)) {
            (0, 1) | (0, 2) | (1, 2) => 0.8,
            (2, 3) => near,
            (0 | 1, 3) => far,
            _ => 0.0,
        };
        let begin: Vec<Vec<usize>> = (0..4).map(|i| vec![i]).collect();
        assert_eq!(joined(&begin, |a, b| pair(a, b, 0.8, 0.2)), [[0, 1, 2, 3]]);
        assert_eq!(joined(&begin, |a, b| pair(a, b, 0.5, 0.2)), [vec![0, 1, 2], vec![3]]);
        assert_eq!(joined(&begin, |a, b| pair(a, b, 0.7, 0.0)), [vec![0, 1, 2], vec![3]]);
    }

    #[test]
    fn gives_what_joining_the_likest_pair_gives() {
        let like = |a: usize, b: usize| {
            let (a, b) = (a.min(b) as u64, a.max(b) as u64);
            ((crate::wording::hash(&format!("{a} {b}")) % 1_000) as f64 / 1_000.0) * NEAREST * 0.999
        };
        let count = 24;
        let mut groups: Vec<Vec<usize>> = (0..count).map(|i| vec![i]).collect();
        loop {
            let mean = |x: &[usize], y: &[usize]| {
                let sum: f64 = x.iter().flat_map(|a| y.iter().map(move |b| like(*a, *b))).sum();
                sum / (x.len() * y.len()) as f64
            };
            let pairs = (0..groups.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
            let best =
                pairs.map(|(a, b)| (mean(&groups[a], &groups[b]), a, b)).max_by(|x, y| x.0.total_cmp(&y.0));
            match best {
                Some((value, a, b)) if value >= THRESHOLD => {
                    let moved = groups.remove(a);
                    groups[b].extend(moved);
                    groups[b].sort_unstable();
                }
                _ => break,
            }
        }
        groups.sort();
        let begin: Vec<Vec<usize>> = (0..count).map(|i| vec![i]).collect();
        assert_eq!(joined(&begin, like), groups);
    }
}
