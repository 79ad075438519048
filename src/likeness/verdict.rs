//! What may be made of likeness, and what it lacks for more.
//!
//! Each law is a list of what is lacking: it holds where that list is empty. So what is told to people
//! about a verdict is the law itself.

use super::Likeness;
use super::signals::{self, FILES, LINE, OFTEN, RECENT, SIGNALS, Signal, TESTS, TEXT, TITLE};

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

/// What two need to be the same: a long line that few have,
const SAME_ERROR: [(usize, f64); 2] = [(LINE, 0.5), (TEXT, 0.45)];
/// and one of these: title, test or everything else agrees.
const SAME_THING: [(usize, f64); 4] = [(TITLE, 0.4), (TESTS, 0.5), (FILES, 0.5), (TEXT, 0.55)];

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

/// Something that a likeness lacks for a verdict.
#[derive(Clone, Debug, PartialEq)]
pub enum Lack {
    /// As much of one of these signals. Never empty.
    Amounts(Vec<Needed>),
    /// As much evidence of all signals together.
    Evidence {
        /// How much there is.
        is: f64,
        /// How much would do.
        needed: f64,
    },
    /// A test, a file or a line that both have, or as many words, or titles as much alike.
    Telling {
        /// How many words they share, of those that are told.
        words: usize,
        /// How many would do.
        needed: usize,
        /// How alike the titles are.
        title: f64,
        /// How alike they would have to be.
        title_needed: f64,
    },
    /// A distance from another issue that says the same.
    Distance {
        /// The other one.
        issue: u64,
        /// How far ahead the first one is in score.
        is: f64,
        /// How far would do: as far and more.
        needed: f64,
    },
}

/// How much of a signal there is, and how much would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Needed {
    /// The signal.
    pub signal: Signal,
    /// How much there is, from 0 to 1.
    pub is: f64,
    /// How much would do.
    pub needed: f64,
}

/// What may be made of the likest issues, the likest first.
pub fn verdict(found: &[Likeness]) -> Verdict {
    if !found.is_empty() && lacks_to_be_same(found).is_empty() {
        Verdict::Same
    } else if found.iter().any(|like| like.evidence() >= WEAKEST) {
        Verdict::Ask
    } else {
        Verdict::New
    }
}

/// What the likest of some issues, the first, lacks to be the same problem ([`Verdict::Same`]).
pub fn lacks_to_be_same(found: &[Likeness]) -> Vec<Lack> {
    let Some((first, rest)) = found.split_first() else { return Vec::new() };
    let mut lacks = first.lacks_to_be_same();
    let near = rest.iter().filter(|other| other.is_same() && other.score + NEAR > first.score);
    lacks.extend(near.map(|other| Lack::Distance {
        issue: other.issue,
        is: first.score - other.score,
        needed: NEAR,
    }));
    lacks
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
        self.lacks_to_be_strong().is_empty()
    }

    /// What it lacks for that.
    pub fn lacks_to_be_strong(&self) -> Vec<Lack> {
        let common = &self.common;
        let (words, title) = (common.words.len(), self.amounts[TITLE]);
        let named = !common.tests.is_empty() || !common.files.is_empty() || common.line.is_some();
        let is_telling = named || words >= SEVERAL || title >= SAME_TITLE;
        let telling = Lack::Telling { words, needed: SEVERAL, title, title_needed: SAME_TITLE };
        let is = self.evidence();
        let needed = strong_among(self.among);
        let evidence = (is < needed).then_some(Lack::Evidence { is, needed });
        evidence.into_iter().chain((!is_telling).then_some(telling)).collect()
    }

    /// Whether they say the same error of the same thing.
    pub fn is_same(&self) -> bool {
        self.lacks_to_be_same().is_empty()
    }

    /// What it lacks for that, whatever others say.
    pub fn lacks_to_be_same(&self) -> Vec<Lack> {
        let needed = |(place, needed): (usize, f64)| Needed {
            signal: SIGNALS[place],
            is: self.amounts[place],
            needed,
        };
        let is_there = |n: &Needed| n.is >= n.needed;
        let error = SAME_ERROR.map(needed).into_iter().filter(|n| !is_there(n));
        let thing = SAME_THING.map(needed);
        let mut lacks: Vec<Lack> = error.map(|n| Lack::Amounts(vec![n])).collect();
        if !thing.iter().any(is_there) {
            lacks.push(Lack::Amounts(thing.to_vec()));
        }
        lacks
    }

    /// The signals that make it the same, each with what was needed of it.
    pub fn has_to_be_same(&self) -> Vec<Needed> {
        let both = SAME_ERROR.into_iter().chain(SAME_THING);
        let all =
            both.map(|(place, needed)| Needed { signal: SIGNALS[place], is: self.amounts[place], needed });
        let mut has: Vec<Needed> = all.filter(|n| n.is >= n.needed).collect();
        // Of a signal that is asked for twice, only what is asked most.
        let most = has.clone();
        has.retain(|n| !most.iter().any(|m| m.signal.name == n.signal.name && m.needed > n.needed));
        has
    }
}

/// How much evidence is strong among so many issues.
#[expect(clippy::cast_precision_loss, reason = "a number of issues")]
pub fn strong_among(issues: usize) -> f64 {
    STRONG + UNKNOWING * FEW / (FEW + issues as f64)
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

    /// Amounts in steps, all of them that matter to the laws.
    fn many() -> Vec<Likeness> {
        let steps = [0.0, 0.3, 0.45, 0.5, 0.55, 0.92];
        let mut all = Vec::new();
        for line in steps {
            for title in steps {
                for text in steps {
                    for tests in [0.0, 0.5] {
                        let mut one = like(1, 0.0, line, title, text);
                        one.amounts[TESTS] = tests;
                        one.score = one.evidence();
                        all.push(one);
                    }
                }
            }
        }
        all
    }

    /// With what it lacks made good.
    fn mended(mut one: Likeness, lacks: &[Lack]) -> Likeness {
        for lack in lacks {
            match lack {
                Lack::Amounts(several) => {
                    let place = SIGNALS.iter().position(|s| s.name == several[0].signal.name).expect("one");
                    assert!(several.iter().all(|n| n.is < n.needed), "{several:?}");
                    one.amounts[place] = one.amounts[place].max(several[0].needed);
                }
                Lack::Evidence { is, needed } => {
                    assert!(is < needed);
                    one.amounts[TEXT] += (needed - is) / SIGNALS[TEXT].weight + 1e-9;
                }
                Lack::Telling { words, needed, .. } => {
                    assert!(words < needed);
                    one.common.words = vec!["word".to_owned(); *needed];
                }
                Lack::Distance { .. } => panic!("there is no other"),
            }
        }
        one
    }

    #[test]
    fn what_is_told_to_be_lacking_is_what_was_needed() {
        let mut counts = [0; 4];
        for one in many() {
            let (same, strong) = (one.lacks_to_be_same(), one.lacks_to_be_strong());
            assert_eq!(same.is_empty(), verdict(std::slice::from_ref(&one)) == Verdict::Same, "{one:?}");
            assert_eq!(verdict(&[mended(one.clone(), &same)]), Verdict::Same, "{one:?}");
            assert!(mended(one.clone(), &strong).is_strong(), "{one:?}");
            // Every single one of them is needed.
            for left in 0..same.len() {
                let without: Vec<_> =
                    (0..same.len()).filter(|i| *i != left).map(|i| same[i].clone()).collect();
                let mended = mended(one.clone(), &without);
                let came_along = matches!(&same[left], Lack::Amounts(several)
                    if several.iter().any(|n| signal(&mended, n) >= n.needed));
                assert!(came_along || !mended.is_same(), "{one:?}: {:?}", same[left]);
            }
            if same.is_empty() {
                assert!(one.has_to_be_same().len() >= 2, "{one:?}");
            }
            counts[usize::from(same.is_empty())] += 1;
            counts[2 + usize::from(strong.is_empty())] += 1;
        }
        assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
    }

    fn signal(of: &Likeness, needed: &Needed) -> f64 {
        let place = SIGNALS.iter().position(|s| s.name == needed.signal.name).expect("one");
        of.amounts[place]
    }

    #[test]
    fn another_that_says_the_same_is_told() {
        let found = [like(1, 0.6, 1.0, 0.5, 0.6), like(2, 0.55, 1.0, 0.5, 0.5), like(3, 0.5, 0.0, 0.0, 0.1)];
        let lacks = lacks_to_be_same(&found);
        assert!(
            matches!(lacks[..], [Lack::Distance { issue: 2, is, needed: NEAR }] if is < NEAR),
            "{lacks:?}"
        );
        assert!(lacks_to_be_same(&found[..1]).is_empty());
    }
}
