//! From what suites said to what is written: the flow of a run without its effects.
//!
//! Secrets go first, from every text and name; then failures are grouped, compared with what earlier
//! worklogs know, and made into entries in a fixed order, the worst first. The same results give the
//! same entries.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::config::RunChoices;
use crate::logs::Logs;
use crate::matching::{self, Case};
use crate::model::{EntryId, Failure, Label, Names, Severity};
use crate::redact::Redactor;
use crate::run::compose::{NewEntry, RunLine, plural};
use crate::run::entry::{Draft, entry};
use crate::run::excerpt::{code, plain};
use crate::run::lifecycle::{self, Found, History, Judged, Now, Other, Standing};
use crate::run::owners::CodeOwners;
use crate::run::past::{Past, Story};
use crate::run::verdict::{Outcome, Verdict, What, words};
use crate::worklog::Edit;

/// One suite that ran, or whose results were read.
#[derive(Clone, Debug)]
pub struct SuiteRun {
    /// Its name.
    pub name: String,
    /// Its command, as somebody would type it.
    pub command: Option<String>,
    /// What new entries of it get.
    pub gives: Gives,
    /// What became of it.
    pub verdict: Verdict,
    /// How long it took.
    pub duration: Option<Duration>,
    /// What it says, if it is a log.
    pub log: Option<Logs>,
    /// What its results are known by, if they were made elsewhere.
    pub collected: Option<Collected>,
}

/// What results that were made elsewhere are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The digest of their bytes.
    pub digest: String,
    /// Whether they tell when they were made, so that no other run has these bytes.
    pub is_dated: bool,
}

/// What a suite gives to its new entries.
#[derive(Clone, Debug, Default)]
pub struct Gives {
    /// Their severity.
    pub severity: Option<Severity>,
    /// Their impact.
    pub impact: Option<String>,
    /// Their labels.
    pub labels: Vec<Label>,
    /// Their owner.
    pub owner: Option<String>,
}

/// Everything besides the suites that decides what is written.
pub struct Scene<'a> {
    /// When the run began, as it is written.
    pub started: String,
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// Whether there are changes that it has not.
    pub dirty: bool,
    /// Folders that are left out of texts, each with what stands for it: the longest first.
    pub folders: Vec<(String, String)>,
    /// Keeps secrets out.
    pub redactor: &'a Redactor,
    /// What earlier worklogs know.
    pub past: &'a Past,
    /// What git's history can tell.
    pub history: &'a dyn History,
    /// The project's choices.
    pub choices: &'a RunChoices,
    /// Who owns what.
    pub owners: &'a CodeOwners,
    /// Whether a path is a file of the repository.
    pub is_file: &'a dyn Fn(&str) -> bool,
    /// Whether durations are told: where the clock is fixed they are not.
    pub tells_time: bool,
}

/// What a run comes to.
#[derive(Clone, Debug, Default)]
pub struct Conclusion {
    /// The suites, as they are written.
    pub runs: Vec<RunLine>,
    /// The entries, the worst first.
    pub entries: Vec<NewEntry>,
    /// Where each entry stands, in the same order.
    pub judged: Vec<Judged>,
    /// What became of known problems that did not show, in words: the entry, its issue, what.
    pub others: Vec<OtherLine>,
    /// Changes of earlier worklogs.
    pub edits: Vec<(String, Edit)>,
}

/// What became of one known problem that did not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherLine {
    /// The worklog of its latest occurrence.
    pub path: String,
    /// The entry there.
    pub entry: EntryId,
    /// Its issue.
    pub issue: Option<String>,
    /// What became of it.
    pub other: Other,
}

/// Parts results that an earlier worklog is of already, each with that worklog's path, from the others.
pub fn apart(
    suites: Vec<SuiteRun>,
    past: &Past,
    commit: Option<&str>,
) -> (Vec<SuiteRun>, Vec<(SuiteRun, String)>) {
    let (mut fresh, mut known) = (Vec::new(), Vec::new());
    for suite in suites {
        let before = suite.collected.as_ref().and_then(|collected| {
            past.collected_in(&suite.name, &collected.digest, collected.is_dated, commit)
        });
        match before.map(str::to_owned) {
            Some(path) => known.push((suite, path)),
            None => fresh.push(suite),
        }
    }
    (fresh, known)
}

/// Draws the conclusion.
pub fn conclude(mut suites: Vec<SuiteRun>, scene: &Scene<'_>) -> Conclusion {
    for suite in &mut suites {
        clean(suite, scene);
    }
    let cases: Vec<Case<'_>> = suites
        .iter()
        .flat_map(|suite| {
            let failures = suite.verdict.results.failures.iter();
            failures.map(|failure| Case { suite: &suite.name, failure })
        })
        .collect();
    let known: Vec<_> = scene.past.stories.iter().map(known).collect();
    let causes = matching::group(&cases, &known);
    let mut drafts: Vec<Draft<'_>> = causes.into_iter().map(|c| Draft::of_cause(c, &cases)).collect();
    let troubles = suites.iter().flat_map(|suite| {
        let all = suite.verdict.trouble.iter().chain(&suite.verdict.others);
        all.map(move |trouble| Draft::of_trouble(suite, trouble, scene.past))
    });
    for trouble in troubles {
        // Two files of one suite can say the same.
        if drafts.iter().all(|draft| draft.fingerprint != trouble.fingerprint) {
            drafts.push(trouble);
        }
    }

    for message in suites.iter().flat_map(|suite| Draft::of_log(suite, scene.past)) {
        if drafts.iter().all(|draft| draft.fingerprint != message.fingerprint) {
            drafts.push(message);
        }
    }
    let found: Vec<Found> = drafts.iter().map(Draft::found).collect();
    let judgement = lifecycle::judge(&now(&suites, scene), &found, scene.past, scene.history, scene.choices);

    let mut written: Vec<(NewEntry, Judged)> = drafts
        .iter()
        .zip(judgement.found)
        .map(|(draft, judged)| (entry(draft, &judged, &suites, scene), judged))
        .collect();
    let rank = |entry: &NewEntry| {
        let severity = entry.severity.map_or(4, |s| s as usize);
        (severity, std::cmp::Reverse(entry.tests.len()), entry.title.clone(), entry.fingerprint.clone())
    };
    written.sort_by_cached_key(|(entry, _)| rank(entry));
    name(&mut written, &wishes(&drafts, scene.past));
    budget(&mut written, scene.choices);
    let (entries, judged) = written.into_iter().unzip();
    Conclusion {
        runs: suites.iter().map(|suite| run_line(suite, scene)).collect(),
        entries,
        judged,
        others: others(judgement.others, scene.past),
        edits: judgement.edits,
    }
}

impl Conclusion {
    /// What is said of problems that did not show, as markdown.
    pub fn other_lines(&self) -> Vec<String> {
        let line = |other: &OtherLine| {
            let name = format!("{} in {}", code(other.entry.as_str()), code(&other.path));
            let name = other.issue.as_ref().map_or_else(|| name.clone(), |issue| format!("{issue} {name}"));
            format!("{name}: {}", plain(&other.other.words()))
        };
        self.others.iter().map(line).collect()
    }

    /// How many entries stand where, in words: `2 new, 1 known`.
    pub fn standings(&self) -> String {
        let mut counts: BTreeMap<(u8, &str), usize> = BTreeMap::new();
        for judged in &self.judged {
            *counts.entry(judged.standing.rank()).or_default() += 1;
        }
        let words: Vec<_> = counts.iter().map(|((_, word), count)| format!("{count} {word}")).collect();
        words.join(", ")
    }
}

impl Standing {
    fn rank(&self) -> (u8, &'static str) {
        match self {
            Self::Regression { .. } => (0, "regressed"),
            Self::New => (1, "new"),
            Self::Known => (2, "known"),
            Self::BeforeFix { .. } => (3, "fixed later"),
            Self::Closed(_) => (4, "closed"),
        }
    }

    /// The word for it: `new`, `known`, `regressed`, `fixed later`, `closed`.
    pub fn word(&self) -> &'static str {
        self.rank().1
    }
}

impl Other {
    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Passes { times, completed: true, .. } => {
                format!("passes at {times} {}; set to completed", plural(*times, "commit"))
            }
            Self::Passes { times, enough: true, .. } => {
                format!("passes at {times} {}; it looks completed", plural(*times, "commit"))
            }
            Self::Passes { times: 1, .. } => "passes again".to_owned(),
            Self::Passes { times, .. } => format!("passes again, at {times} commits by now"),
            Self::PassesHere(why) => format!("passes here, which is not counted: {why}"),
            Self::Flaky => "passes at the commit at which it failed: flaky".to_owned(),
            Self::Partly { passed, of } => {
                format!("{passed} of its {of} tests pass; nothing is told of the others")
            }
            Self::FailsOtherwise => "its tests fail for something else now".to_owned(),
            Self::Absent => {
                "its tests were not told of, though their suite ran; renamed, removed or skipped?".to_owned()
            }
        }
    }
}

/// Takes secrets and this machine's folders out of everything a suite said.
fn clean(suite: &mut SuiteRun, scene: &Scene<'_>) {
    let cleaned = |text: &mut String| {
        for (folder, name) in &scene.folders {
            if text.contains(folder.as_str()) {
                *text = text.replace(folder.as_str(), name);
            }
        }
        let redacted = scene.redactor.redact(text);
        if !redacted.found.is_empty() {
            *text = redacted.text;
        }
    };
    let verdict = &mut suite.verdict;
    for Failure { test, file, kind, message, detail, output, .. } in &mut verdict.results.failures {
        [test, message, detail, output].into_iter().chain(file).chain(kind).for_each(cleaned);
    }
    for group in suite.log.iter_mut().flat_map(|log| &mut log.groups) {
        cleaned(&mut group.message);
        group.service.iter_mut().chain(&mut group.examples).for_each(cleaned);
    }
    for text in [&mut suite.command, &mut verdict.note].into_iter().flatten() {
        cleaned(text);
    }
    for trouble in verdict.trouble.iter_mut().chain(&mut verdict.others) {
        cleaned(&mut trouble.title);
        cleaned(&mut trouble.detail);
    }
}

fn known(story: &Story) -> matching::Known {
    matching::Known {
        fingerprint: story.fingerprint().map(str::to_owned),
        tests: story.tests().into_iter().map(str::to_owned).collect(),
        title: story.latest().entry.title.clone(),
        excerpt: story.latest().prose.clone(),
    }
}

fn now(suites: &[SuiteRun], scene: &Scene<'_>) -> Now {
    let (mut passing, mut failing) = (BTreeMap::new(), BTreeMap::new());
    for suite in suites {
        let names: &mut Names = passing.entry(suite.name.clone()).or_default();
        names.append(suite.verdict.results.passing.clone());
    }
    // What failed in one file of a suite did not pass, whatever another one says; nor did what had
    // to be tried twice.
    for suite in suites {
        for failure in &suite.verdict.results.failures {
            passing.entry(suite.name.clone()).or_default().remove(&failure.test);
            if !failure.is_flaky {
                let names: &mut Names = failing.entry(suite.name.clone()).or_default();
                names.insert(&failure.test);
            }
        }
    }
    // Of several files of one suite each has to be.
    let mut whole: BTreeSet<String> = suites.iter().map(|s| s.name.clone()).collect();
    for suite in suites.iter().filter(|s| !s.verdict.is_whole) {
        whole.remove(&suite.name);
    }
    Now { commit: scene.commit.clone(), dirty: scene.dirty, passing, failing, whole }
}

/// How the words begin with which a run holds back what is over its budget.
pub(super) const OVER_BUDGET: &str = "over the budget of ";

/// So many may become new issues; the rest waits.
fn budget(written: &mut [(NewEntry, Judged)], choices: &RunChoices) {
    let new = written.iter_mut().map(|(entry, _)| entry).filter(|e| e.issue.is_none() && e.hold.is_none());
    for entry in new.skip(choices.new_issues) {
        let issues = plural(choices.new_issues, "new issue");
        entry.hold = Some(format!("{OVER_BUDGET}{} {issues} a run", choices.new_issues));
    }
}

/// By fingerprint, the ids that entries have in an earlier worklog, and those that troubles get.
fn wishes(drafts: &[Draft<'_>], past: &Past) -> BTreeMap<String, (bool, String)> {
    let wish = |draft: &Draft<'_>| match draft.story.map(|place| &past.stories[place]) {
        Some(story) => Some((draft.fingerprint.clone(), (true, story.latest().entry.id.to_string()))),
        None => Some((draft.fingerprint.clone(), (false, draft.name.clone()?))),
    };
    drafts.iter().filter_map(wish).collect()
}

/// Gives every entry its id: the one that it has in an earlier worklog, else one from its title.
fn name(written: &mut [(NewEntry, Judged)], wishes: &BTreeMap<String, (bool, String)>) {
    let mut taken: BTreeSet<EntryId> = BTreeSet::new();
    // Those that are known come first, so that no new one takes a name away.
    for round in [true, false] {
        for (entry, _) in written.iter_mut() {
            let wish = wishes.get(&entry.fingerprint).cloned();
            let (is_known, wish) = wish.unwrap_or_else(|| (false, slug(&entry.title)));
            if is_known != round {
                continue;
            }
            let names = std::iter::once(wish.clone()).chain((2..).map(|n| format!("{wish}-{n}")));
            let mut free = names.filter_map(|name| EntryId::new(&name).ok()).filter(|id| !taken.contains(id));
            if let Some(id) = free.next() {
                taken.insert(id.clone());
                entry.id = id;
            }
        }
    }
}

/// What an id can hold of a title.
pub(super) fn slug(title: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric();
    // What a kind of error is called says less than what follows.
    let is_kind =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    let rest = title.split_once(": ").filter(|(kind, rest)| is_kind(kind) && rest.chars().any(fits));
    let title = rest.map_or(title, |(_, rest)| rest);
    let mut slug = String::new();
    for word in title.split(|c| !fits(c)).filter(|word| !word.is_empty()) {
        if slug.len() + word.len() > 44 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    if slug.is_empty() { "failure".to_owned() } else { slug }
}

fn run_line(suite: &SuiteRun, scene: &Scene<'_>) -> RunLine {
    let results = &suite.verdict.results;
    let note = suite.verdict.note.clone();
    let left_out = (results.left_out > 0).then(|| format!("{} failures are not looked at", results.left_out));
    RunLine {
        suite: suite.name.clone(),
        command: suite.command.clone(),
        outcome: suite.verdict.outcome.word().to_owned(),
        counts: (results.told() > 0).then_some((results.passed, results.failed, results.skipped)),
        duration: suite.duration.filter(|_| scene.tells_time).map(words),
        digest: suite.collected.as_ref().map(|collected| collected.digest.clone()),
        note: match (note, left_out) {
            (Some(note), Some(left_out)) => Some(format!("{note}; {left_out}")),
            (note, left_out) => note.or(left_out),
        },
    }
}

fn others(others: Vec<(usize, Other)>, past: &Past) -> Vec<OtherLine> {
    let line = |(place, other): (usize, Other)| {
        let story = &past.stories[place];
        let latest = story.latest();
        let issue = story.issue().map(ToString::to_string);
        OtherLine { path: latest.path.clone(), entry: latest.entry.id.clone(), issue, other }
    };
    others.into_iter().map(line).collect()
}

/// Whether any suite failed, and whether any could not run to its end.
pub fn worst(suites: &[SuiteRun]) -> (bool, bool) {
    let failed = suites.iter().any(|s| s.verdict.results.failed > 0 || s.verdict.outcome == Outcome::Failed);
    let unfinished = |s: &SuiteRun| {
        let trouble = s.verdict.trouble.as_ref().map(|trouble| trouble.what);
        matches!(s.verdict.outcome, Outcome::Error | Outcome::TimedOut) || trouble == Some(What::Environment)
    };
    (failed, suites.iter().any(unfinished))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_from_what_a_title_says() {
        for (title, id) in [
            ("AssertionError: the event 'x' lacks its field", "the-event-x-lacks-its-field"),
            ("java.lang.NullPointerException: no name", "no-name"),
            ("docker: timed out after 10 min", "timed-out-after-10-min"),
            ("KeyError: ''", "keyerror"),
            ("…", "failure"),
            (
                "one two three four five six seven eight nine ten",
                "one-two-three-four-five-six-seven-eight-nine",
            ),
        ] {
            assert_eq!(slug(title), id);
        }
    }
}
