//! The index: what is written of all issues, ready to be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::lines::{Line, lines};
use super::signals::{self, FILES, LINE, OFTEN, RECENT, SIGNALS, TESTS, TEXT, TITLE};
use super::words::{Word, term, words};
use super::{Common, Likeness, Told};

/// So many issues whose words are most alike are looked at by all signals.
const LOOKED_AT: usize = 64;
/// A text with so few different words and pairs, or twice as many as its title, says no more than that.
const TITLE_ONLY: usize = 12;
/// How much of a title a text says counts for its own text where so much of the two titles is alike.
const TITLES_MEET: f64 = 0.2;
/// Among so many issues
const MANY: usize = 2_000;
/// what one in so many of them has counts for nothing.
const COMMON: usize = 12;
/// A line that so many issues have says nothing.
const SHARED_BY_MANY: f64 = 20.0;
/// A line with so many words says all that a line can.
const WORDS_OF_A_LINE: f64 = 8.0;
/// After so many seconds half of what was recent is gone, and half of the rest after as many more.
const HALF_LIFE: f64 = 120_000.0;

/// Issues, and what is written of each.
#[derive(Clone, Debug, Default)]
pub struct Index {
    issues: Vec<Known>,
    documents: Vec<Document>,
    /// In order; what stands in how many issues, and where.
    terms: Vec<u64>,
    spread: Vec<u32>,
    starts: Vec<u32>,
    postings: Vec<(u32, f32)>,
    rare: Rare,
}

#[derive(Clone, Debug)]
struct Known {
    number: u64,
    /// Which documents are its own; they stand together.
    documents: Range<usize>,
    latest: Option<i64>,
}

/// What is written of an issue in one place.
#[derive(Clone, Debug)]
struct Document {
    issue: u32,
    length: f32,
    /// How many different words and pairs it has.
    terms: usize,
    title: Vec<(u64, f32)>,
    lines: BTreeSet<u64>,
    tests: BTreeSet<u64>,
    files: BTreeSet<u64>,
}

/// In how many issues a line, a test or a file stands.
#[derive(Clone, Debug, Default)]
struct Rare {
    lines: BTreeMap<u64, u32>,
    tests: BTreeMap<u64, u32>,
    files: BTreeMap<u64, u32>,
}

/// A text as it is compared.
struct Read {
    terms: BTreeMap<u64, (f32, String)>,
    title: BTreeMap<u64, f32>,
    lines: BTreeMap<u64, Line>,
    tests: BTreeMap<u64, String>,
    files: BTreeMap<u64, String>,
}

impl Index {
    /// An index of issues by number; several texts may be told of one.
    ///
    /// In which order they are told doesn't matter.
    pub fn new<'a>(told: impl IntoIterator<Item = (u64, &'a Told)>) -> Self {
        let mut by_issue: BTreeMap<u64, Vec<&Told>> = BTreeMap::new();
        for (number, text) in told {
            by_issue.entry(number).or_default().push(text);
        }
        let mut index = Self::default();
        let mut all: Vec<(u64, u32, f32)> = Vec::new();
        for (number, texts) in by_issue {
            let issue = count(index.issues.len());
            let latest = texts.iter().filter_map(|t| t.at).max();
            let first = index.documents.len();
            index.issues.push(Known { number, documents: first..first + texts.len(), latest });
            let mut seen = [const { BTreeSet::<u64>::new() }; 3];
            for text in texts {
                let read = Read::new(text);
                let document = count(index.documents.len());
                all.extend(read.terms.iter().map(|(term, (weight, _))| (*term, document, *weight)));
                seen[0].extend(read.lines.keys());
                seen[1].extend(read.tests.keys());
                seen[2].extend(read.files.keys());
                index.documents.push(Document {
                    issue,
                    length: 0.0,
                    terms: read.terms.len(),
                    title: read.title.into_iter().collect(),
                    lines: read.lines.into_keys().collect(),
                    tests: read.tests.into_keys().collect(),
                    files: read.files.into_keys().collect(),
                });
            }
            let rare = &mut index.rare;
            for (seen, counts) in seen.iter().zip([&mut rare.lines, &mut rare.tests, &mut rare.files]) {
                seen.iter().for_each(|it| *counts.entry(*it).or_default() += 1);
            }
        }
        index.settle(all);
        index
    }

    /// How many issues it knows.
    pub fn len(&self) -> usize {
        self.issues.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    /// The issues that are most like a text, the likest first; of equal ones the lowest number.
    /// Only those for which `may` is true.
    pub fn like(&self, told: &Told, most: usize, may: impl Fn(u64) -> bool) -> Vec<Likeness> {
        let read = Read::new(told);
        let weighted: Vec<(usize, f32)> =
            read.terms.iter().filter_map(|(term, (weight, _))| Some((self.place(*term)?, *weight))).collect();
        let mut sums = vec![0_f32; self.documents.len()];
        for (place, weight) in &weighted {
            let idf = self.idf(*place);
            if idf <= 0.0 {
                continue;
            }
            for (document, other) in self.posted(*place) {
                sums[*document as usize] += weight * idf * other * idf;
            }
        }
        let own = length(read.terms.iter().map(|(term, (weight, _))| weight * self.weight_of(*term)));
        // The documents of an issue stand together.
        let mut by_text: Vec<(u32, f32)> = Vec::new();
        for (document, sum) in self.documents.iter().zip(&sums).filter(|(_, sum)| **sum > 0.0) {
            let cosine = sum / (own * document.length).max(f32::EPSILON);
            match by_text.last_mut().filter(|(issue, _)| *issue == document.issue) {
                Some((_, best)) => *best = best.max(cosine),
                None => by_text.push((document.issue, cosine)),
            }
        }
        let likest = self.likest(by_text, LOOKED_AT.max(most), may);
        let mut found: Vec<Likeness> =
            likest.into_iter().map(|(issue, cosine)| self.likeness(&read, told, issue, cosine)).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.issue.cmp(&b.issue)));
        found.truncate(most);
        for like in &mut found {
            like.common.words = self.common_words(&read, like.issue);
        }
        found
    }

    /// The first so many that are allowed, the likest first. Only a part is put in order, and only of a
    /// part it is asked whether they are allowed.
    fn likest(&self, mut all: Vec<(u32, f32)>, most: usize, may: impl Fn(u64) -> bool) -> Vec<(u32, f32)> {
        let likest_first = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let mut likest = Vec::new();
        let mut rest = all.as_mut_slice();
        while likest.len() < most && !rest.is_empty() {
            let part = rest.len().min(4 * most);
            if part < rest.len() {
                rest.select_nth_unstable_by(part - 1, likest_first);
            }
            let (head, tail) = rest.split_at_mut(part);
            head.sort_unstable_by(likest_first);
            let allowed = head.iter().filter(|(issue, _)| may(self.issues[*issue as usize].number));
            likest.extend(allowed.take(most - likest.len()));
            rest = tail;
        }
        likest
    }

    fn likeness(&self, read: &Read, told: &Told, issue: u32, cosine: f32) -> Likeness {
        let known = &self.issues[issue as usize];
        let mut amounts = [0.0; SIGNALS.len()];
        amounts[TEXT] = f64::from(cosine).min(1.0);
        let mut common = Common::default();
        let (mut tests, mut files) = (BTreeSet::new(), BTreeSet::new());
        for document in &self.documents[known.documents.clone()] {
            let titles = self.titles(&read.title, &document.title);
            amounts[TITLE] = amounts[TITLE].max(titles);
            if titles >= TITLES_MEET && document.terms <= TITLE_ONLY.max(2 * document.title.len()) {
                amounts[TEXT] = amounts[TEXT].max(titles).max(self.said(read, &document.title));
            }
            for (key, line) in read.lines.iter().filter(|(key, _)| document.lines.contains(key)) {
                let shared = f64::from(self.rare.lines.get(key).copied().unwrap_or(1));
                let rare = (1.0 - shared.ln() / SHARED_BY_MANY.ln()).max(0.0);
                // Where there are few issues a line need not be in many to be in most.
                let others = 1.0 - (shared - 1.0) / f64::from(count(self.issues.len()));
                #[expect(clippy::cast_precision_loss, reason = "a few words")]
                let amount = rare * others * (line.words as f64 / WORDS_OF_A_LINE).min(1.0);
                if amount > amounts[LINE] {
                    amounts[LINE] = amount;
                    common.line = Some(line.spelled.clone());
                }
            }
            tests.extend(read.tests.keys().filter(|k| document.tests.contains(k)));
            files.extend(read.files.keys().filter(|k| document.files.contains(k)));
        }
        amounts[TESTS] = rarity(&tests, &self.rare.tests);
        amounts[FILES] = rarity(&files, &self.rare.files);
        common.tests = tests.iter().map(|k| read.tests[k].clone()).collect();
        common.files = files.iter().map(|k| read.files[k].clone()).collect();
        amounts[RECENT] = match (told.at, known.latest) {
            #[expect(clippy::cast_precision_loss, reason = "seconds")]
            (Some(now), Some(then)) => 0.5_f64.powf((now - then).max(0) as f64 / HALF_LIFE),
            _ => 0.0,
        };
        amounts[OFTEN] = (f64::from(count(known.documents.len())).ln() / SHARED_BY_MANY.ln()).min(1.0);
        Likeness { issue: known.number, score: signals::score(&amounts), amounts, common, among: self.len() }
    }

    /// How much of a title a text says. An issue that is little more than its title has not much in common
    /// with a long text, however much of the title stands in it.
    fn said(&self, read: &Read, title: &[(u64, f32)]) -> f64 {
        let sum = |is_in: &dyn Fn(u64) -> bool| -> f32 {
            title
                .iter()
                .filter(|(term, _)| is_in(*term))
                .map(|(term, weight)| weight * self.weight_of(*term))
                .sum()
        };
        let all = sum(&|_| true);
        if all > 0.0 { f64::from(sum(&|term| read.terms.contains_key(&term)) / all) } else { 0.0 }
    }

    /// How alike two titles are, by the words they share.
    fn titles(&self, one: &BTreeMap<u64, f32>, other: &[(u64, f32)]) -> f64 {
        let weigh = |term: u64, weight: f32| weight * self.weight_of(term);
        let own = length(one.iter().map(|(term, weight)| weigh(*term, *weight)));
        let others = length(other.iter().map(|(term, weight)| weigh(*term, *weight)));
        let both: f32 = other
            .iter()
            .filter_map(|(term, weight)| Some(weigh(*term, *weight) * weigh(*term, *one.get(term)?)))
            .sum();
        f64::from(both / (own * others).max(f32::EPSILON)).clamp(0.0, 1.0)
    }

    fn common_words(&self, read: &Read, number: u64) -> Vec<String> {
        let known = self.issues.binary_search_by_key(&number, |known| known.number);
        let own = known.map_or(0..0, |place| self.issues[place].documents.clone());
        let mut shared: Vec<(f32, &str)> = Vec::new();
        for (term, (weight, spelled)) in &read.terms {
            // Pairs of words, tests and files are said by themselves.
            if spelled.is_empty() {
                continue;
            }
            let Some(place) = self.place(*term) else { continue };
            let posted = self.posted(place);
            let from = posted.partition_point(|(document, _)| (*document as usize) < own.start);
            if posted.get(from).is_some_and(|(document, _)| (*document as usize) < own.end) {
                shared.push((weight * self.idf(place), spelled));
            }
        }
        shared.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        shared.into_iter().filter(|(weight, _)| *weight > 0.0).take(6).map(|(_, w)| w.to_owned()).collect()
    }

    /// Sorts the terms and weighs the documents.
    fn settle(&mut self, mut all: Vec<(u64, u32, f32)>) {
        all.sort_unstable_by_key(|(term, document, _)| (*term, *document));
        let mut from = 0;
        while from < all.len() {
            let term = all[from].0;
            let to = from + all[from..].partition_point(|(t, ..)| *t == term);
            let issues: BTreeSet<u32> =
                all[from..to].iter().map(|(_, d, _)| self.documents[*d as usize].issue).collect();
            self.terms.push(term);
            self.spread.push(count(issues.len()));
            self.starts.push(count(from));
            from = to;
        }
        self.starts.push(count(all.len()));
        self.postings = all.into_iter().map(|(_, document, weight)| (document, weight)).collect();
        let mut squares = vec![0_f32; self.documents.len()];
        for place in 0..self.terms.len() {
            let idf = self.idf(place);
            for (document, weight) in self.posted(place) {
                squares[*document as usize] += (weight * idf).powi(2);
            }
        }
        for (document, square) in self.documents.iter_mut().zip(squares) {
            document.length = square.sqrt();
        }
    }

    fn place(&self, term: u64) -> Option<usize> {
        self.terms.binary_search(&term).ok()
    }

    fn posted(&self, place: usize) -> &[(u32, f32)] {
        &self.postings[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// What a term weighs: the more, the fewer issues have it.
    fn idf(&self, place: usize) -> f32 {
        self.rareness(self.spread[place])
    }

    fn weight_of(&self, term: u64) -> f32 {
        self.place(term).map_or_else(|| self.rareness(0), |place| self.idf(place))
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of issues")]
    fn rareness(&self, issues: u32) -> f32 {
        // Of many issues, what so many share says nothing, and is most of what would have to be read.
        if self.issues.len() >= MANY && issues as usize > self.issues.len() / COMMON {
            return 0.0;
        }
        ((self.issues.len() as f32 + 2.0) / (issues as f32 + 0.5)).ln().max(0.0)
    }
}

impl Read {
    fn new(told: &Told) -> Self {
        let mut sums: BTreeMap<u64, (f32, String)> = BTreeMap::new();
        let mut add = |text: &str, spelled: &str, weight: f32| {
            let sum = sums.entry(term(text)).or_insert_with(|| (0.0, spelled.to_owned()));
            sum.0 += weight;
        };
        let title_words = words(&told.title);
        let mut title: BTreeMap<u64, f32> = BTreeMap::new();
        counted(&title_words, |text, spelled, weight| {
            add(text, spelled, 3.0 * weight);
            *title.entry(term(text)).or_default() += weight;
        });
        counted(&words(&told.body), |text, spelled, weight| add(text, spelled, 1.0 * weight));
        let (mut tests, mut files) = (BTreeMap::new(), BTreeMap::new());
        for test in &told.tests {
            let unique: BTreeSet<Word> = words(test).into_iter().collect();
            unique.iter().for_each(|w| add(&w.stem, &w.spelled, 1.0));
            let (file, name) = apart(test);
            if let Some(name) = name {
                add(&format!("test {name}"), "", 2.0);
                tests.insert(term(name), name.to_owned());
            }
            if let Some(file) = file {
                add(&format!("file {file}"), "", 2.0);
                files.insert(term(file), file.to_owned());
            }
        }
        for file in &told.files {
            let file = base(file);
            add(&format!("file {file}"), "", 2.0);
            files.insert(term(file), file.to_owned());
        }
        let mut terms = sums;
        terms.values_mut().for_each(|(weight, _)| *weight = (1.0 + *weight).ln());
        Self { terms, title, lines: lines(&told.body), tests, files }
    }
}

/// Words, and pairs of neighbours for half of that.
fn counted(words: &[Word], mut add: impl FnMut(&str, &str, f32)) {
    for word in words {
        add(&word.stem, &word.spelled, 1.0);
    }
    for pair in words.windows(2) {
        add(&format!("{} {}", pair[0].stem, pair[1].stem), "", 0.5);
    }
}

/// A test's file and its own name, without folders and parameters: neither changes when it moves.
fn apart(test: &str) -> (Option<&str>, Option<&str>) {
    let plain = test.split(['[', '(']).next().unwrap_or(test).trim();
    let (head, last) = plain.rsplit_once("::").unwrap_or(("", plain));
    let is_file = |text: &str| text.rsplit_once('.').is_some_and(|(_, e)| (1..=4).contains(&e.len()));
    let first = head.split("::").next().unwrap_or_default();
    let file = Some(first).filter(|f| is_file(f)).map(base);
    if is_file(last) && head.is_empty() { (Some(base(last)), None) } else { (file, Some(last)) }
}

fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// How much is in common that few others have.
fn rarity(shared: &BTreeSet<u64>, counts: &BTreeMap<u64, u32>) -> f64 {
    shared
        .iter()
        .map(|it| 1.0 / f64::from(counts.get(it).copied().unwrap_or(1).max(1)))
        .sum::<f64>()
        .clamp(0.0, 1.0)
}

fn length(weights: impl Iterator<Item = f32>) -> f32 {
    weights.map(|w| w * w).sum::<f32>().sqrt()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(title: &str, body: &str) -> Told {
        Told { title: title.to_owned(), body: body.to_owned(), ..Told::default() }
    }

    fn shop() -> Vec<(u64, Told)> {
        vec![
            (7, told("Carts lose their items after a restart", "KeyError: 'basket' in session store")),
            (8, told("Thumbnails are stale", "AssertionError: etag did not change after upload")),
            (9, told("Search answers slowly", "TimeoutError: index took 31 s")),
            (9, told("Slow search", "TimeoutError: index took 44 s")),
        ]
    }

    fn index(all: &[(u64, Told)]) -> Index {
        Index::new(all.iter().map(|(number, told)| (*number, told)))
    }

    #[test]
    fn the_likest_is_first_and_says_why() {
        let found =
            index(&shop()).like(&told("Search is slow", "`TimeoutError: index took 12 s`"), 3, |_| true);
        assert_eq!(found[0].issue, 9, "{found:?}");
        assert_eq!(found[0].common.line.as_deref(), Some("TimeoutError: index took <dur>"));
        assert!(found[0].common.words.iter().any(|w| w == "Search"), "{found:?}");
        assert!(found[0].score <= 1.0 && found.windows(2).all(|w| w[0].score >= w[1].score));
    }

    #[test]
    fn the_order_of_what_is_told_does_not_matter() {
        let mut other = shop();
        other.reverse();
        let query = told("Search is slow after an upload", "session store");
        assert_eq!(index(&shop()).like(&query, 9, |_| true), index(&other).like(&query, 9, |_| true));
    }

    #[test]
    fn what_all_share_counts_for_nothing() {
        let boilerplate = "## Impact\nBlocks the release until the team has looked at it\n";
        let all: Vec<(u64, Told)> = ["alpha", "beta", "gamma", "delta", "kappa", "omega", "sigma", "theta"]
            .iter()
            .zip(1..)
            .map(|(word, n)| (n, told(word, boilerplate)))
            .collect();
        let found = index(&all).like(&told("lambda", boilerplate), 3, |_| true);
        assert!(found.iter().all(|f| f.score < 0.1), "{found:?}");
    }

    #[test]
    fn a_test_is_known_where_it_was_moved_to() {
        let mut one = told("x", "");
        one.tests = vec!["tests/old/test_cart.py::TestCart::test_items[3]".to_owned()];
        let mut two = told("y", "");
        two.tests = vec!["tests/new/test_cart.py::test_items".to_owned()];
        let found = index(&[(1, one), (2, told("z", "else"))]).like(&two, 1, |_| true);
        assert_eq!(found[0].common.tests, ["test_items"]);
        assert_eq!(found[0].common.files, ["test_cart.py"]);
    }

    #[test]
    fn only_what_may_be_is_told() {
        let found = index(&shop()).like(&told("Search is slow", ""), 3, |number| number != 9);
        assert!(found.iter().all(|f| f.issue != 9));
        assert!(Index::default().like(&told("Search", ""), 3, |_| true).is_empty());
    }
}
