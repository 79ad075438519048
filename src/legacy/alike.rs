//! Whether two titles name one thing: by their words, of which those that few titles of the file
//! have count most.

use std::collections::{BTreeMap, BTreeSet};

/// The words of titles, and how much each says.
pub(super) struct Words {
    titles: Vec<BTreeMap<String, Vec<String>>>,
    plain: Vec<String>,
    weights: BTreeMap<String, f64>,
}

/// Words that are in any line about issues.
const EMPTY: [&str; 34] = [
    "a",
    "an",
    "the",
    "of",
    "in",
    "on",
    "for",
    "and",
    "or",
    "to",
    "with",
    "not",
    "is",
    "are",
    "by",
    "at",
    "from",
    "issue",
    "issues",
    "github",
    "created",
    "updated",
    "new",
    "existing",
    "update",
    "create",
    "p0",
    "p1",
    "p2",
    "p3",
    "cluster",
    "completed",
    "processed",
    "be",
];

impl Words {
    /// Of the titles of a file's entries.
    pub(super) fn of(titles: &[&str]) -> Self {
        let sets: Vec<_> = titles.iter().map(|title| parted(title)).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in sets.iter().flat_map(BTreeMap::keys) {
            *counts.entry(word.clone()).or_default() += 1;
        }
        let all = titles.len() as f64;
        let weights = counts.into_iter().map(|(word, n)| (word, (1.0 + all / n as f64).ln())).collect();
        Self { titles: sets, plain: titles.iter().map(|title| plain(title)).collect(), weights }
    }

    /// The part of each title's words, by weight, that `text` has: 1 if it has the title as it is.
    pub(super) fn parts(&self, text: &str) -> Vec<f64> {
        let whole = format!(" {} ", plain(text));
        let has = words(text);
        (0..self.titles.len()).map(|title| self.part(title, &whole, &has)).collect()
    }

    fn part(&self, title: usize, whole: &str, has: &BTreeSet<String>) -> f64 {
        let plain = &self.plain[title];
        if !plain.is_empty() && whole.contains(&format!(" {plain} ")) {
            return 1.0;
        }
        let (mut shared, mut all, mut count) = (0.0, 0.0, 0);
        for (word, parts) in &self.titles[title] {
            let weight = self.weights.get(word).copied().unwrap_or(1.0);
            all += weight;
            if has.contains(word) || parts.iter().all(|part| has.contains(part)) {
                shared += weight;
                count += 1;
            }
        }
        let is_enough = count >= 2 || count == self.titles[title].len();
        // A word less than the whole, for the order of words says something, too.
        if all > 0.0 && is_enough { 0.98 * shared / all } else { 0.0 }
    }
}

/// The title that a text with these parts is about, if it is about one more than about any other.
pub(super) fn best(parts: &[f64], bonus: impl Fn(usize) -> f64) -> Option<(usize, f64)> {
    let mut scored: Vec<(usize, f64)> =
        parts.iter().copied().enumerate().filter(|(_, part)| *part > 0.0).collect();
    scored.iter_mut().for_each(|(at, part)| *part += bonus(*at));
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (at, part) = *scored.first()?;
    let second = scored.get(1).map_or(0.0, |(_, part)| *part);
    (part >= 0.5 && part - second >= 0.12).then_some((at, part))
}

/// A title in lower case with single blanks between its words.
pub(super) fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The words of a text and the parts of those that are put together: `WebSocket` and `websocket` are one
/// word, `SessionMiddleware` and `session middleware` are, too.
fn words(text: &str) -> BTreeSet<String> {
    let parted = parted(text);
    let parts = parted.values().flatten().cloned();
    parts.chain(parted.keys().cloned()).filter(|word| !EMPTY.contains(&word.as_str())).collect()
}

/// Each word of a text, without its plural, with its parts.
fn parted(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let (mut part, mut parts, mut was_small) = (String::new(), Vec::new(), false);
        for c in word.chars() {
            if was_small && c.is_uppercase() {
                parts.push(std::mem::take(&mut part));
            }
            was_small = c.is_lowercase();
            part.extend(c.to_lowercase());
        }
        parts.push(part);
        let whole = stem(&parts.concat());
        if !EMPTY.contains(&whole.as_str()) {
            found.insert(whole, parts.iter().map(|part| stem(part)).collect());
        }
    }
    found
}

fn stem(word: &str) -> String {
    let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    if is_plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_joined_by_the_words_that_tell_them_apart() {
        let titles = ["Cache Connection Failure", "Queue Connection Failures", "LoginForm loses its state"];
        let words = Words::of(&titles);
        let best = |text: &str| best(&words.parts(text), |_| 0.0).map(|(at, _)| at);
        assert_eq!(best("1. Cache connection failures"), Some(0));
        assert_eq!(best("broken-test-P1-queue-connection-refused"), Some(1));
        assert_eq!(best("login form loses its state"), Some(2));
        assert_eq!(best("Connection failure"), None, "it fits two");
        assert_eq!(best("Docker"), None);
        assert_eq!(words.parts("x: cache connection failure!")[0], 1.0);
    }
}
