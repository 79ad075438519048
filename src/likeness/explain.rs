//! Verdicts in words: what a likeness has, and what it lacks for another verdict.
//!
//! It says what [`super::verdict`] found lacking and decides nothing. Amounts are cut and not rounded, so
//! that what is short of a bound is never shown as the bound.

use std::fmt;

use super::verdict::{Lack, Needed};
use super::{Likeness, SIGNALS};

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {} needed", self.signal.name, short(self.is), short(self.needed))
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amounts(several) => match several.as_slice() {
                [one] => one.fmt(f),
                several => {
                    let all: Vec<String> = several
                        .iter()
                        .map(|n| format!("{} {} of {}", n.signal.name, short(n.is), short(n.needed)))
                        .collect();
                    write!(f, "{}, one of them needed", all.join(", "))
                }
            },
            Self::Evidence { is, needed } => {
                write!(f, "evidence {}, {} would do", short(*is), short(*needed))
            }
            Self::Telling { words, needed, title, title_needed } => write!(
                f,
                "no test, file or line in common, and {words} words of {needed} needed (or title {} of {})",
                short(*title),
                short(*title_needed)
            ),
            Self::Distance { issue, is, needed } => write!(
                f,
                "#{issue} says the same, and its score is {} behind, {} needed",
                short(*is),
                short(*needed)
            ),
        }
    }
}

/// All that is lacking in one line; empty where nothing is.
pub fn lacks_in_words(lacks: &[Lack]) -> String {
    lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What makes a likeness the same, in one line.
pub fn has_in_words(like: &Likeness) -> String {
    like.has_to_be_same().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// How much each signal adds to a score, in the order of [`SIGNALS`].
pub fn contributions(like: &Likeness) -> [f64; SIGNALS.len()] {
    let mut adds = like.amounts;
    for (amount, signal) in adds.iter_mut().zip(SIGNALS) {
        *amount *= signal.weight;
    }
    adds
}

/// A share with two digits, never more than it is.
pub fn short(share: f64) -> String {
    // What is a hundredth but for the last bits of a sum is one.
    format!("{:.2}", ((share * 100.0) + 1e-6).floor() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::{Common, lacks_to_be_same};
    use super::*;

    fn like(issue: u64, amounts: [f64; SIGNALS.len()]) -> Likeness {
        let mut one = Likeness { issue, score: 0.0, amounts, common: Common::default(), among: 1_000 };
        one.score = contributions(&one).iter().sum();
        one
    }

    #[test]
    fn what_is_short_of_a_bound_is_not_shown_as_the_bound() {
        assert_eq!(short(0.4999), "0.49");
        assert_eq!(short(0.29), "0.29");
        assert_eq!(short(0.1 + 0.2), "0.30");
        assert_eq!(short(1.0), "1.00");
    }

    #[test]
    fn each_lack_has_its_words() {
        let weak = like(5, [0.5, 0.3, 0.12, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(
            lacks_in_words(&lacks_to_be_same(std::slice::from_ref(&weak))),
            "line 0.12 of 0.50 needed; title 0.30 of 0.40, tests 0.00 of 0.50, files 0.00 of 0.50, \
             text 0.50 of 0.55, one of them needed"
        );
        let faint = like(5, [0.1, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(
            lacks_in_words(&faint.lacks_to_be_strong()),
            "evidence 0.06, 0.20 would do; no test, file or line in common, and 0 words of 4 needed \
             (or title 0.00 of 0.90)"
        );
        let (one, other) =
            (like(5, [0.6, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0]), like(7, [0.5, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0]));
        assert_eq!(
            has_in_words(&one),
            "line 1.00 of 0.50 needed, title 0.50 of 0.40 needed, text 0.60 of 0.55 needed"
        );
        let lacks = lacks_in_words(&lacks_to_be_same(&[one, other]));
        assert_eq!(lacks, "#7 says the same, and its score is 0.06 behind, 0.15 needed");
    }
}
