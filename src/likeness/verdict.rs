//! What may be made of likeness.

use super::Likeness;
use super::signals::{self, FILES, LINE, OFTEN, RECENT, TESTS, TEXT, TITLE};

/// An issue with less evidence is no candidate.
pub const WEAKEST: f64 = 0.08;
/// A candidate with as much can be strong ([`Likeness::is_strong`]) where there are many issues.
const STRONG: f64 = 0.20;
/// So much more is asked for where there are no others, and half of it among [`FEW`].
const UNKNOWING: f64 = 0.12;
/// Among so few issues it is hardly known which words and lines they all share.
const FEW: f64 = 10.0;
/// So many words in common say something, whatever they are.
const SEVERAL: usize = 4;
/// Titles that are so much alike are the same but for what changes from run to run.
const SAME_TITLE: f64 = 0.9;

/// Two that say the same and are so near in score are not told apart.
const NEAR: f64 = 0.15;

/// What the likest issues say.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The first says the same error of the same thing, and no other one does: in words of what
    /// a fingerprint says in figures.
    Same,
    /// Somebody has to look at them.
    Ask,
    /// Nothing is like it.
    New,
}

/// What may be made of the likest issues, the likest first.
pub fn verdict(found: &[Likeness]) -> Verdict {
    match found {
        [first, rest @ ..]
            if is_same(first)
                && !rest.iter().any(|other| is_same(other) && other.score + NEAR > first.score) =>
        {
            Verdict::Same
        }
        _ if found.iter().any(|like| like.evidence() >= WEAKEST) => Verdict::Ask,
        _ => Verdict::New,
    }
}

impl Likeness {
    /// The score without what says nothing of this entry: how lately and how often an issue was heard of
    /// decides between candidates, and makes none.
    pub fn evidence(&self) -> f64 {
        let mut amounts = self.amounts;
        (amounts[RECENT], amounts[OFTEN]) = (0.0, 0.0);
        signals::score(&amounts)
    }

    /// Whether nothing is filed beside it unasked. On the 188 rows that the bound was chosen on,
    /// that holds back 5 of 108 problems that are new, and 63 of 80 that are known.
    ///
    /// Where there are few issues nothing is known yet of what they all say, and two or three words
    /// in common weigh as much as a whole text. They hold nothing back.
    pub fn is_strong(&self) -> bool {
        let common = &self.common;
        let named = !common.tests.is_empty() || !common.files.is_empty() || common.line.is_some();
        let telling = named || common.words.len() >= SEVERAL || self.amounts[TITLE] >= SAME_TITLE;
        telling && self.evidence() >= strong_among(self.among)
    }
}

/// How much evidence is strong among so many issues.
#[expect(clippy::cast_precision_loss, reason = "a number of issues")]
pub(super) fn strong_among(issues: usize) -> f64 {
    STRONG + UNKNOWING * FEW / (FEW + issues as f64)
}

/// A long line that few have, and title, test or everything else agrees.
fn is_same(like: &Likeness) -> bool {
    let amount = |place: usize| like.amounts[place];
    let thing = amount(TITLE) >= 0.4 || amount(TESTS) >= 0.5 || amount(FILES) >= 0.5 || amount(TEXT) >= 0.55;
    amount(LINE) >= 0.5 && amount(TEXT) >= 0.45 && thing
}

#[cfg(test)]
mod tests {
    use super::super::{Common, SIGNALS};
    use super::*;

    fn like(issue: u64, score: f64, line: f64, title: f64, text: f64) -> Likeness {
        let mut amounts = [0.0; SIGNALS.len()];
        (amounts[LINE], amounts[TITLE], amounts[TEXT]) = (line, title, text);
        Likeness { issue, score, amounts, common: Common::default(), among: 1_000 }
    }

    #[test]
    fn one_error_of_one_thing_is_the_same() {
        assert_eq!(verdict(&[like(1, 0.6, 1.0, 0.5, 0.6), like(2, 0.3, 0.0, 0.4, 0.3)]), Verdict::Same);
        assert_eq!(verdict(&[like(1, 0.6, 0.0, 1.0, 0.9)]), Verdict::Ask, "alike in words only");
        assert_eq!(verdict(&[like(1, 0.5, 1.0, 0.1, 0.46)]), Verdict::Ask, "one error of two things");
    }

    #[test]
    fn two_that_say_the_same_are_asked_about() {
        assert_eq!(verdict(&[like(1, 0.6, 1.0, 0.5, 0.6), like(2, 0.55, 1.0, 0.5, 0.5)]), Verdict::Ask);
        assert_eq!(verdict(&[like(1, 0.8, 1.0, 0.9, 0.8), like(2, 0.5, 1.0, 0.5, 0.5)]), Verdict::Same);
    }

    #[test]
    fn few_words_in_common_are_strong_only_with_something_else() {
        let words = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let mut few = like(1, 0.6, 0.0, 0.5, 0.9);
        few.common.words = words("it is broken");
        assert!(!few.is_strong());
        few.common.tests = words("test_login");
        assert!(few.is_strong(), "and a test");
        few.common = Common { words: words("the docker build fails"), ..Common::default() };
        assert!(few.is_strong(), "several words");
        let same_title = like(1, 0.6, 0.0, 1.0, 0.9);
        assert!(same_title.is_strong());
        assert!(!like(1, 0.9, 0.0, 1.0, 0.1).is_strong(), "a title alone");
    }

    #[test]
    fn nothing_alike_is_new() {
        assert_eq!(verdict(&[]), Verdict::New);
        assert_eq!(verdict(&[like(1, 0.05, 0.0, 0.0, 0.05)]), Verdict::New);
    }
}
