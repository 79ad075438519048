//! What speaks for two problems being one, and how much.

/// One kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signal {
    /// Its name.
    pub name: &'static str,
    /// How much all of it adds to the score.
    pub weight: f64,
    /// What it is, for people.
    pub meaning: &'static str,
}

/// All evidence. The weights add up to one. They were chosen on 188 rows in the order of time, the same
/// that they are measured on: the first three issues hold the right one for 43 of 49 rows, with
/// weights near these for 40 to 43.
pub const SIGNALS: [Signal; 7] = [
    Signal {
        name: "text",
        weight: 0.60,
        meaning: "the words of title, tests, files and text, rare ones first",
    },
    Signal { name: "title", weight: 0.10, meaning: "the words of the titles" },
    Signal {
        name: "line",
        weight: 0.14,
        meaning: "a line of text, such as an error, that is the same in both",
    },
    Signal { name: "tests", weight: 0.06, meaning: "tests that both name, wherever they were moved" },
    Signal { name: "files", weight: 0.02, meaning: "files that both name" },
    Signal { name: "recent", weight: 0.06, meaning: "how lately anything was heard of the issue" },
    Signal { name: "often", weight: 0.02, meaning: "how many entries are tracked there" },
];

/// Places in [`SIGNALS`].
pub(super) const TEXT: usize = 0;
pub(super) const TITLE: usize = 1;
pub(super) const LINE: usize = 2;
pub(super) const TESTS: usize = 3;
pub(super) const FILES: usize = 4;
pub(super) const RECENT: usize = 5;
pub(super) const OFTEN: usize = 6;

/// The score of amounts.
pub(super) fn score(amounts: &[f64; SIGNALS.len()]) -> f64 {
    SIGNALS.iter().zip(amounts).map(|(signal, amount)| signal.weight * amount).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_add_up_and_have_their_places() {
        let sum: f64 = SIGNALS.iter().map(|s| s.weight).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let places = [TEXT, TITLE, LINE, TESTS, FILES, RECENT, OFTEN];
        let names = ["text", "title", "line", "tests", "files", "recent", "often"];
        for (place, name) in places.into_iter().zip(names) {
            assert_eq!(SIGNALS[place].name, name);
        }
    }

    #[test]
    fn the_score_is_between_nothing_and_one() {
        assert!(score(&[0.0; 7]).abs() < 1e-9);
        assert!((score(&[1.0; 7]) - 1.0).abs() < 1e-9);
    }
}
