//! The numbers of a stream's tests against its plan: each once, and none beyond it.
//!
//! Order is free, as TAP 14 says, and a number may be left out; then it is the one after the last.
//! Several streams may follow each other, so that a plan or a number 1 after a stream that is
//! complete begins another one.

use std::collections::BTreeSet;

/// The numbers of the stream that is being read.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    plan: Option<u64>,
    heard: u64,
    last: u64,
    /// All up to this one were told, and of those beyond it these.
    all_to: u64,
    more: BTreeSet<u64>,
    twice: Option<u64>,
    largest: u64,
}

impl Numbers {
    /// Hears of a test. Returns what is wrong with the stream that ends before it: what its plan
    /// says, and what it tells.
    pub(super) fn point(&mut self, number: Option<u64>) -> Option<(String, String)> {
        let is_over = self.plan.is_some_and(|plan| self.heard >= plan && self.heard > 0);
        let wrong = if number == Some(1) && is_over { self.end() } else { None };
        let number = number.unwrap_or(self.last.saturating_add(1));
        self.heard += 1;
        self.last = number;
        self.largest = self.largest.max(number);
        if number == 0 || number <= self.all_to || !self.more.insert(number) {
            self.twice.get_or_insert(number);
        }
        while self.more.remove(&(self.all_to + 1)) {
            self.all_to += 1;
        }
        wrong
    }

    /// Hears of a plan. Returns the same.
    pub(super) fn plan(&mut self, many: u64) -> Option<(String, String)> {
        let wrong = if self.plan.is_some() { self.end() } else { None };
        self.plan = Some(many);
        wrong
    }

    /// The stream is over. Returns the same.
    pub(super) fn end(&mut self) -> Option<(String, String)> {
        let Self { plan, twice, largest, .. } = std::mem::take(self);
        let said = plan.map_or("no plan".to_owned(), |plan| format!("1..{plan}"));
        match (twice, plan) {
            (Some(0), _) => Some((said, "test 0".to_owned())),
            (Some(twice), _) => Some((said, format!("test {twice} twice"))),
            (None, Some(plan)) if largest > plan => Some((said, format!("test {largest}"))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of these lines, a plan being a negative number and a test without one 0.
    fn said(lines: &[i64]) -> Vec<String> {
        let mut numbers = Numbers::default();
        let mut wrong = Vec::new();
        for line in lines {
            wrong.extend(match line {
                0 => numbers.point(None),
                1.. => numbers.point(Some(line.unsigned_abs())),
                _ => numbers.plan(line.unsigned_abs()),
            });
        }
        wrong.extend(numbers.end());
        wrong.into_iter().map(|(said, told)| format!("{said}: {told}")).collect()
    }

    #[test]
    fn each_number_of_the_plan_once() {
        for fine in [
            &[-3, 1, 2, 3][..],
            &[2, 3, 1, -3],
            &[-3, 0, 0, 0],
            &[-2, 1, 2, -2, 1, 2],
            &[1, 2, -2, 1, 2, -2],
            &[1, -3, 2, 3],
            &[],
        ] {
            assert_eq!(said(fine), Vec::<String>::new(), "{fine:?}");
        }
        assert_eq!(said(&[-2, i64::MAX, 0]).len(), 1);
        let mut numbers = Numbers::default();
        assert_eq!((numbers.point(Some(u64::MAX)), numbers.point(None)), (None, None));
        assert_eq!(said(&[-3, 1, 2, 2]), ["1..3: test 2 twice"]);
        assert_eq!(said(&[1, 2, 1, -3]), ["1..3: test 1 twice"]);
        assert_eq!(said(&[-3, 2, 4, 1]), ["1..3: test 4"]);
        assert_eq!(said(&[-2, 1, 1, -2, 1, 2]), ["1..2: test 1 twice"]);
    }
}
