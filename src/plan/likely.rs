//! Which issue an entry without a number may be about, where nothing surer says so.
//!
//! Whatever is surer came before: the number, a receipt, a marker, a fingerprint. Likeness
//! links an entry only to an open issue that says the same error of the same thing; a
//! strong likeness otherwise is a question for a person, and until that is answered nothing is
//! filed. An issue that was closed is never linked: its failure may have come back.
//!
//! An entry is compared with what issues say and with what every worklog says of them, and with the
//! entries that this sync is about to file, so that one problem in two worklogs becomes one issue.

use std::collections::{BTreeMap, BTreeSet};

use crate::block;
use crate::config::LikenessUse;
use crate::likeness::{Index, Likeness, Told, Verdict, WEAKEST, verdict};
use crate::model::{
    Candidate, EntryKey, IssueRef, IssueText, Severity, State, Timestamp, Vocabulary, WorklogId,
};
use crate::plan::ruled::Rules;
use crate::plan::{Belongs, Input, LocalEntry};

/// So many candidates are shown to people.
pub const SHOWN: usize = 3;

/// An issue that was closed and has not moved for so long is not asked about any more.
const OLD_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Numbers from here on stand for entries that are about to be filed.
pub(super) const UNFILED: u64 = 1 << 63;

/// What an entry's likeness to issues came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Likely {
    /// What is made of it.
    pub outcome: Outcome,
    /// What it is like, the likest first, whatever was made of it.
    pub found: Vec<Like>,
}

/// What is made of likeness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is this issue, and why.
    Link(u64, String),
    /// Somebody has to say.
    Ask(Vec<Candidate>),
    /// It is like an entry that is filed first.
    After(EntryKey),
    /// Nothing is much like it.
    New,
}

/// Something that an entry is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Like {
    /// What it is.
    pub what: Thing,
    /// Its title, for people; foreign text.
    pub title: String,
    /// Where it stands.
    pub state: State,
    /// The severity that its labels tell.
    pub severity: Option<Severity>,
    /// How alike they are.
    pub likeness: Likeness,
}

/// Something that an entry can be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An issue.
    Issue(u64),
    /// An entry that is about to be filed.
    Entry(EntryKey),
}

/// What a worklog that this sync leaves alone says of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The issue.
    pub number: u64,
    /// What is said of it.
    pub told: Told,
}

/// What is written of an entry.
pub fn told(entry: &LocalEntry) -> Told {
    let section = entry.section.as_deref().unwrap_or_default();
    let impact = entry.entry.impact.as_deref().unwrap_or_default();
    Told {
        title: entry.entry.title.clone(),
        tests: entry.entry.tests.clone(),
        files: entry.entry.files.clone(),
        body: format!("{section}\n{impact}"),
        at: entry.started.as_deref().and_then(|s| s.parse().ok()).map(Timestamp::as_second),
    }
}

pub(super) fn issue_told(text: &IssueText) -> Told {
    Told {
        title: text.title.clone(),
        tests: Vec::new(),
        files: Vec::new(),
        body: block::without_own(&text.body),
        at: Some(text.updated_at.as_second()),
    }
}

/// Compares every entry that would be filed. Those that aren't there have a surer answer.
pub fn likely(
    input: &Input,
    issues: &BTreeMap<u64, IssueText>,
    elsewhere: &[Elsewhere],
) -> BTreeMap<EntryKey, Likely> {
    let mut all = BTreeMap::new();
    let unfiled: Vec<&LocalEntry> = input.entries.iter().filter(|e| is_open(input, e)).collect();
    if unfiled.is_empty() {
        return all;
    }
    let rules = Rules::read(input, issues);
    let field = Field::new(input, issues, elsewhere, &unfiled);
    let mut numbers: BTreeMap<&WorklogId, BTreeSet<u64>> = BTreeMap::new();
    for entry in &input.entries {
        numbers.entry(&entry.key.worklog).or_default().extend(input.number_of(entry));
    }
    let (mut linked, mut to_file) = (BTreeMap::<&WorklogId, BTreeSet<u64>>::new(), BTreeSet::new());
    for (place, entry) in unfiled.iter().enumerate() {
        let taken = &numbers[&entry.key.worklog];
        let told = told(entry);
        let ruled = rules.about(&told);
        if let Some(outcome) = ruled.outcome(|number| field.is_live(number), issues) {
            all.insert(entry.key.clone(), Likely { outcome, found: Vec::new() });
            continue;
        }
        if input.config.likeness == LikenessUse::Off {
            continue;
        }
        let may = |number: u64| match number.checked_sub(UNFILED) {
            // Two entries of one worklog are two problems: who wrote it has told them apart.
            None => !taken.contains(&number) && field.is_live(number) && !ruled.never.contains_key(&number),
            Some(other) => {
                let other = usize::try_from(other).ok().and_then(|other| Some((other, *unfiled.get(other)?)));
                other.is_some_and(|(other, peer)| {
                    let is_twin =
                        peer.entry.fingerprint.is_some() && peer.entry.fingerprint == entry.entry.fingerprint;
                    to_file.contains(&other) && peer.key.worklog != entry.key.worklog && !is_twin
                })
            }
        };
        let found = field.index.like(&told, SHOWN, may);
        let found: Vec<Like> = found.into_iter().map(|like| field.like(like, &unfiled)).collect();
        let doubled = linked.get(&entry.key.worklog);
        let outcome = outcome(input, entry, &found, |n| doubled.is_some_and(|linked| linked.contains(&n)));
        match &outcome {
            Outcome::Link(number, _) => {
                linked.entry(&entry.key.worklog).or_default().insert(*number);
            }
            Outcome::New => {
                to_file.insert(place);
            }
            Outcome::Ask(_) | Outcome::After(_) => {}
        }
        all.insert(entry.key.clone(), Likely { outcome, found });
    }
    all
}

/// Whether only likeness is left to say where an entry belongs.
pub(super) fn is_open(input: &Input, entry: &LocalEntry) -> bool {
    entry.entry.issue.is_none()
        && entry.withheld.is_none()
        && entry.entry.candidates.is_none()
        && matches!(input.belongs(entry), Belongs::New)
}

/// Whether an issue may be asked about: it is open, or was closed lately.
pub(super) fn is_live(text: &IssueText, now: Timestamp) -> bool {
    let age = now.as_second() - text.updated_at.as_second();
    match text.state {
        State::Open => true,
        // What it is a duplicate of is there as well.
        State::Duplicate => false,
        State::Completed | State::NotPlanned | State::Unknown(_) => age < OLD_SECONDS,
    }
}

/// Everything that entries are compared with.
pub(super) struct Field<'a> {
    pub(super) index: Index,
    issues: &'a BTreeMap<u64, IssueText>,
    vocabulary: &'a Vocabulary,
    now: Timestamp,
}

impl<'a> Field<'a> {
    pub(super) fn new(
        input: &'a Input,
        issues: &'a BTreeMap<u64, IssueText>,
        elsewhere: &[Elsewhere],
        unfiled: &[&LocalEntry],
    ) -> Self {
        let mut documents: Vec<(u64, Told)> =
            issues.iter().map(|(number, text)| (*number, issue_told(text))).collect();
        documents.extend(input.entries.iter().filter_map(|e| Some((input.number_of(e)?, told(e)))));
        documents.extend(elsewhere.iter().map(|other| (other.number, other.told.clone())));
        documents.extend((UNFILED..).zip(unfiled).map(|(number, entry)| (number, told(entry))));
        let index = Index::new(documents.iter().map(|(number, told)| (*number, told)));
        Self { index, issues, vocabulary: &input.config.labels.vocabulary, now: input.now }
    }

    /// Whether an issue may be asked about: it is open, or was closed lately.
    pub(super) fn is_live(&self, number: u64) -> bool {
        self.issues.get(&number).is_some_and(|text| is_live(text, self.now))
    }

    pub(super) fn like(&self, likeness: Likeness, unfiled: &[&LocalEntry]) -> Like {
        let peer = likeness.issue.checked_sub(UNFILED).and_then(|place| usize::try_from(place).ok());
        match (peer.and_then(|place| unfiled.get(place)), self.issues.get(&likeness.issue)) {
            (Some(peer), _) => Like {
                what: Thing::Entry(peer.key.clone()),
                title: peer.entry.title.clone(),
                state: State::Open,
                severity: peer.entry.severity,
                likeness,
            },
            (None, text) => Like {
                what: Thing::Issue(likeness.issue),
                title: text.map(|t| t.title.clone()).unwrap_or_default(),
                state: text.map_or(State::Open, |t| t.state.clone()),
                severity: text.and_then(|t| {
                    t.labels.iter().filter_map(|label| self.vocabulary.severity_of(label)).min()
                }),
                likeness,
            },
        }
    }
}

pub(super) fn outcome(
    input: &Input,
    entry: &LocalEntry,
    found: &[Like],
    is_doubled: impl Fn(u64) -> bool,
) -> Outcome {
    let Some(first) = found.first() else { return Outcome::New };
    let verdict = verdict(&found.iter().map(|f| f.likeness.clone()).collect::<Vec<_>>());
    let strong = found.iter().any(|f| f.likeness.is_strong());
    if verdict != Verdict::Same && !strong {
        return Outcome::New;
    }
    let may_link = input.config.likeness == LikenessUse::Link && verdict == Verdict::Same;
    match &first.what {
        Thing::Entry(key) => Outcome::After(key.clone()),
        Thing::Issue(number) if may_link && first.state == State::Open && !is_doubled(*number) => {
            Outcome::Link(*number, in_words(&first.likeness))
        }
        Thing::Issue(_) => Outcome::Ask(found.iter().filter_map(|like| candidate(entry, like)).collect()),
    }
}

fn candidate(entry: &LocalEntry, like: &Like) -> Option<Candidate> {
    let Thing::Issue(number) = like.what else { return None };
    if like.likeness.evidence() < WEAKEST {
        return None;
    }
    let mut reason = in_words(&like.likeness);
    match like.state {
        State::Open => {}
        State::Completed => reason.push_str("; closed as completed, so it may have come back"),
        State::NotPlanned => reason.push_str("; closed as not planned"),
        State::Duplicate | State::Unknown(_) => reason.push_str("; closed"),
    }
    if let (Some(here), Some(there)) = (entry.entry.severity, like.severity)
        && here != there
    {
        reason.push_str(&format!("; {there} there, {here} here"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
    let score = (like.likeness.score.clamp(0.0, 1.0) * 100.0).round() as u8;
    Some(Candidate { issue: IssueRef::here(number), score: Some(score), reason: Some(reason) })
}

/// What an entry and an issue have in common, in one line. All of it is the entry's own text.
pub fn in_words(likeness: &Likeness) -> String {
    let common = &likeness.common;
    let mut parts = Vec::new();
    if let Some(line) = &common.line {
        parts.push(format!("same line \"{}\"", clipped(line, 80)));
    }
    if let [first, rest @ ..] = common.tests.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        parts.push(format!("same test {}{more}", clipped(first, 80)));
    } else if let Some(file) = common.files.first() {
        parts.push(format!("same file {}", clipped(file, 80)));
    }
    if !common.words.is_empty() && parts.len() < 2 {
        parts.push(format!("words: {}", clipped(&common.words.join(", "), 100)));
    }
    if parts.is_empty() { "alike".to_owned() } else { parts.join("; ") }
}

fn clipped(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::likeness::{Common, SIGNALS};
    use crate::model::{Association, Author, Label};
    use crate::plan::input::tests::{entry, input};

    const ERROR: &str = "ConnectionRefusedError: cannot reach the ledger database after three attempts";

    fn about(id: &str, title: &str, section: &str) -> LocalEntry {
        let mut entry = entry(id);
        entry.entry.title = title.to_owned();
        entry.entry.fingerprint = None;
        entry.section = Some(section.to_owned());
        entry
    }

    fn issue(title: &str, body: &str, state: State) -> IssueText {
        let author = Author { login: "bob".to_owned(), association: Association::Other };
        let label = Label::new("P2").expect("a label");
        let (title, body) = (title.to_owned(), body.to_owned());
        IssueText {
            title,
            body,
            state,
            labels: vec![label],
            locked: false,
            author,
            updated_at: Timestamp::from_second(9_000),
        }
    }

    fn issues(state: State) -> BTreeMap<u64, IssueText> {
        BTreeMap::from([
            (1, issue("Sessions end after a minute", "Users are logged out while they type.", State::Open)),
            (2, issue("The export has no header", "Open the file in a spreadsheet.", State::Open)),
            (3, issue("Ledger database refuses connections", ERROR, state)),
        ])
    }

    fn outcome_of(input: &Input, issues: &BTreeMap<u64, IssueText>, place: usize) -> Outcome {
        likely(input, issues, &[]).remove(&input.entries[place].key).expect("compared").outcome
    }

    #[test]
    fn only_an_open_issue_is_linked() {
        let all = input(vec![about("a", "The ledger database refuses connections", ERROR)]);
        assert!(matches!(outcome_of(&all, &issues(State::Open), 0), Outcome::Link(3, _)));
        let closed = outcome_of(&all, &issues(State::Completed), 0);
        let Outcome::Ask(several) = closed else { panic!("{closed:?}") };
        assert!(several[0].reason.as_deref().expect("one").contains("may have come back"), "{several:?}");
        assert_eq!(outcome_of(&all, &issues(State::Duplicate), 0), Outcome::New);
        let mut asking = all.clone();
        asking.config.likeness = LikenessUse::Ask;
        assert!(matches!(outcome_of(&asking, &issues(State::Open), 0), Outcome::Ask(_)));
        asking.config.likeness = LikenessUse::Off;
        assert!(likely(&asking, &issues(State::Open), &[]).is_empty());
    }

    #[test]
    fn another_problem_is_new_and_what_was_said_is_not_asked_again() {
        let mut all = input(vec![about("a", "Pictures are turned upside down", "After an upload.")]);
        assert_eq!(outcome_of(&all, &issues(State::Open), 0), Outcome::New);
        all.entries[0] = about("a", "The ledger database refuses connections", ERROR);
        all.entries[0].entry.candidates = Some(Vec::new());
        assert!(likely(&all, &issues(State::Open), &[]).is_empty());
        assert_eq!(all.belongs(&all.entries[0]), Belongs::New);
    }

    #[test]
    fn what_another_worklog_says_of_an_issue_counts() {
        let all = input(vec![about("a", "The ledger database refuses connections", ERROR)]);
        let mut texts = issues(State::Open);
        texts.insert(3, issue("Nightly run is red", "See the worklog.", State::Open));
        assert_eq!(outcome_of(&all, &texts, 0), Outcome::New);
        let elsewhere = Elsewhere { number: 3, told: told(&all.entries[0]) };
        let found = likely(&all, &texts, &[elsewhere]);
        assert!(matches!(found[&all.entries[0].key].outcome, Outcome::Link(3, _)), "{found:?}");
    }

    #[test]
    fn the_first_of_two_worklogs_is_filed_and_the_second_waits() {
        let one = about("a", "The ledger database refuses connections", ERROR);
        let mut other = one.clone();
        other.key = EntryKey::parse("v/a").expect("a key");
        let all = input(vec![one.clone(), other]);
        let mut texts = issues(State::Open);
        texts.remove(&3);
        assert_eq!(outcome_of(&all, &texts, 0), Outcome::New);
        assert_eq!(outcome_of(&all, &texts, 1), Outcome::After(one.key.clone()));
        let mut neighbour = one.clone();
        neighbour.key = EntryKey::parse("w/b").expect("a key");
        let all = input(vec![one, neighbour]);
        assert_eq!(outcome_of(&all, &texts, 1), Outcome::New, "one worklog tells them apart");
    }

    #[test]
    fn words_for_people_are_one_short_line() {
        let mut like = Likeness {
            issue: 1,
            score: 0.5,
            amounts: [0.0; SIGNALS.len()],
            common: Common::default(),
            among: 9,
        };
        assert_eq!(in_words(&like), "alike");
        like.common.tests = vec!["a_test".to_owned(), "b_test".to_owned()];
        like.common.words = vec!["ledger".to_owned()];
        assert_eq!(in_words(&like), "same test a_test and 1 more; words: ledger");
        like.common.line = Some(format!("x\n{}", "y ".repeat(100)));
        let said = in_words(&like);
        assert!(!said.contains('\n') && said.chars().count() < 140, "{said}");
    }
}
