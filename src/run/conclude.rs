//! From what suites said to what is written: the flow of a run without its effects.
//!
//! Secrets go first, from every text and name; then failures are grouped, compared with what earlier
//! worklogs know, and made into entries in a fixed order, the worst first. The same results give the
//! same entries.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::config::{Owners, RunChoices};
use crate::matching::{self, Case, Cause};
use crate::model::{EntryId, Failure, Fault, Label, Names, Severity, Status};
use crate::redact::Redactor;
use crate::run::compose::{NewEntry, RunLine, plural};
use crate::run::excerpt::{code, one_line, plain};
use crate::run::lifecycle::{self, Found, History, Judged, Now, Other, Standing};
use crate::run::owners::CodeOwners;
use crate::run::past::{Past, Story};
use crate::run::verdict::{Outcome, Trouble, Verdict, What, words};
use crate::wording::{self, shortened};
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
    for trouble in suites.iter().filter_map(|suite| Draft::of_trouble(suite, scene.past)) {
        // Two files of one suite can say the same.
        if drafts.iter().all(|draft| draft.fingerprint != trouble.fingerprint) {
            drafts.push(trouble);
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
    name(&mut written, &drafts_known(&drafts, scene.past));
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
            let name = other.issue.as_deref().map_or_else(
                || code(other.entry.as_str()),
                |issue| format!("{issue} {}", code(other.entry.as_str())),
            );
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
                format!("passes at {times} commits; set to completed")
            }
            Self::Passes { times, enough: true, .. } => {
                format!("passes at {times} commits; it looks completed")
            }
            Self::Passes { times: 1, .. } => "passes again".to_owned(),
            Self::Passes { times, .. } => format!("passes again, at {times} commits by now"),
            Self::PassesHere(why) => format!("passes here, which is not counted: {why}"),
            Self::Flaky => "passes at the commit at which it failed: flaky".to_owned(),
            Self::Partly { passed, of } => format!("{passed} of its {of} tests pass; the others did not run"),
            Self::Absent => "its tests did not run, though their suite did; renamed or removed?".to_owned(),
        }
    }
}

/// A cause or a trouble on its way to an entry.
struct Draft<'a> {
    title: String,
    fingerprint: String,
    story: Option<usize>,
    members: Vec<Case<'a>>,
    representative: usize,
    suites: BTreeSet<&'a str>,
    trouble: Option<&'a Trouble>,
}

impl<'a> Draft<'a> {
    fn of_cause(cause: Cause, cases: &[Case<'a>]) -> Self {
        let members: Vec<Case<'a>> = cause.members.iter().map(|at| cases[*at]).collect();
        let representative = cause.members.iter().position(|at| *at == cause.representative).unwrap_or(0);
        Self {
            title: cause.title,
            fingerprint: cause.fingerprint,
            story: cause.known,
            suites: members.iter().map(|case| case.suite).collect(),
            members,
            representative,
            trouble: None,
        }
    }

    fn of_trouble(suite: &'a SuiteRun, past: &Past) -> Option<Self> {
        let trouble = suite.verdict.trouble.as_ref()?;
        let what = match trouble.what {
            What::Environment => "environment",
            What::TimedOut => "timeout",
            What::Failed => "exit",
        };
        // Numbers and folders of one run don't make it another problem.
        let same = matching::normalise(&trouble.title);
        let fingerprint = format!("g1:{:016x}", wording::hash(&format!("{} {what} {same}", suite.name)));
        let is_it = |story: &Story| story.fingerprint() == Some(fingerprint.as_str());
        Some(Self {
            title: format!("{}: {}", suite.name, trouble.title),
            story: past.stories.iter().position(is_it),
            fingerprint,
            members: Vec::new(),
            representative: 0,
            suites: BTreeSet::from([suite.name.as_str()]),
            trouble: Some(trouble),
        })
    }

    fn found(&self) -> Found {
        Found {
            story: self.story,
            suites: self.suites.iter().map(|&s| s.to_owned()).collect(),
            is_flaky: self.is_flaky(),
        }
    }

    /// Whether every test of it passed when it was tried again.
    fn is_flaky(&self) -> bool {
        !self.members.is_empty() && self.members.iter().all(|case| case.failure.is_flaky)
    }

    fn tests(&self) -> BTreeSet<&'a str> {
        self.members.iter().map(|case| case.failure.test.as_str()).filter(|test| !test.is_empty()).collect()
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
    for text in [&mut suite.command, &mut verdict.note].into_iter().flatten() {
        cleaned(text);
    }
    if let Some(trouble) = &mut verdict.trouble {
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
    let mut passing = Names::default();
    for suite in suites {
        passing.append(suite.verdict.results.passing.clone());
    }
    // What failed in one suite did not pass, whatever another one says; nor did what had to be
    // tried twice.
    for failure in suites.iter().flat_map(|suite| &suite.verdict.results.failures) {
        passing.remove(&failure.test);
    }
    // Of several files of one suite each has to be.
    let mut whole: BTreeSet<String> = suites.iter().map(|s| s.name.clone()).collect();
    for suite in suites.iter().filter(|s| !s.verdict.is_whole) {
        whole.remove(&suite.name);
    }
    Now { commit: scene.commit.clone(), dirty: scene.dirty, passing, whole }
}

fn entry(draft: &Draft<'_>, judged: &Judged, suites: &[SuiteRun], scene: &Scene<'_>) -> NewEntry {
    let story = draft.story.map(|place| &scene.past.stories[place]);
    let issue = story.and_then(Story::issue).cloned();
    let files = files(draft, scene);
    let owned: BTreeSet<String> = match scene.choices.owners {
        Owners::Ignored => BTreeSet::new(),
        _ => files.iter().flat_map(|file| scene.owners.of(file)).cloned().collect(),
    };
    // What is linked takes everything that is synced from its issue.
    let gives: Vec<&Gives> = match issue {
        Some(_) => Vec::new(),
        None => suites.iter().filter(|s| draft.suites.contains(s.name.as_str())).map(|s| &s.gives).collect(),
    };
    let mut labels: Vec<Label> = gives.iter().flat_map(|g| g.labels.iter().cloned()).collect();
    if issue.is_none() && judged.flaky {
        labels.push(scene.choices.flaky_label.clone());
    }
    if issue.is_none() && scene.choices.owners == Owners::Labelled {
        labels.extend(owned.iter().filter_map(|name| Label::new(&format!("owner: {name}"))));
    }
    let mut seen = BTreeSet::new();
    labels.retain(|label| label.name().chars().count() <= Label::MAX_CHARS && seen.insert(label.clone()));
    let owner = match owned.is_empty() {
        false => Some(owned.into_iter().collect::<Vec<_>>().join(" ")),
        true => gives.iter().find_map(|g| g.owner.clone()),
    };
    NewEntry {
        // Named once the order is known.
        id: EntryId::new("unnamed").expect("a fixed valid id"),
        title: shortened(&one_line(&draft.title), 120),
        severity: gives.iter().filter_map(|g| g.severity).min(),
        is_open: issue.is_none(),
        hold: hold(draft, judged, story, issue.is_some()),
        labels,
        impact: gives.iter().find_map(|g| g.impact.clone()),
        tests: draft.tests().into_iter().map(str::to_owned).collect(),
        files,
        owner,
        fingerprint: story.and_then(Story::fingerprint).unwrap_or(&draft.fingerprint).to_owned(),
        suites: draft.suites.iter().map(|&s| s.to_owned()).collect(),
        flaky: judged.flaky,
        first_seen: judged.first_seen.clone(),
        last_seen: judged.first_seen.as_ref().map(|_| scene.started.clone()),
        count: judged.count,
        paragraphs: paragraphs(draft, judged, story, scene),
        excerpts: excerpts(draft),
        issue,
    }
}

/// Why an entry is not to be filed: because of what it is, or what somebody decided before.
fn hold(draft: &Draft<'_>, judged: &Judged, story: Option<&Story>, is_linked: bool) -> Option<String> {
    if is_linked {
        return None;
    }
    let before = story.and_then(|s| s.latest().entry.hold.clone());
    // A budget is one run's.
    if let Some(before) = before.filter(|text| !text.starts_with(OVER_BUDGET)) {
        return Some(before);
    }
    match &judged.standing {
        Standing::Closed(status @ (Status::NotPlanned | Status::Duplicate)) => {
            let path = story.map(|s| s.latest().path.clone()).unwrap_or_default();
            Some(format!("it is {status} in {path}"))
        }
        _ if draft.is_flaky() => {
            Some("it passed when it was tried again; take this line out to file it".to_owned())
        }
        _ => None,
    }
}

const OVER_BUDGET: &str = "over the budget of ";

/// So many may become new issues; the rest waits.
fn budget(written: &mut [(NewEntry, Judged)], choices: &RunChoices) {
    let new = written.iter_mut().map(|(entry, _)| entry).filter(|e| e.issue.is_none() && e.hold.is_none());
    for entry in new.skip(choices.new_issues) {
        let issues = plural(choices.new_issues, "new issue");
        entry.hold = Some(format!("{OVER_BUDGET}{} {issues} a run", choices.new_issues));
    }
}

/// The id that a draft's fingerprint has in an earlier worklog.
fn drafts_known(drafts: &[Draft<'_>], past: &Past) -> BTreeMap<String, EntryId> {
    let known = |draft: &Draft<'_>| {
        let story = &past.stories[draft.story?];
        let print = story.fingerprint().unwrap_or(&draft.fingerprint).to_owned();
        Some((print, story.latest().entry.id.clone()))
    };
    drafts.iter().filter_map(known).collect()
}

/// Gives every entry its id: the one that it has in an earlier worklog, else one from its title.
fn name(written: &mut [(NewEntry, Judged)], known: &BTreeMap<String, EntryId>) {
    let mut taken: BTreeSet<EntryId> = BTreeSet::new();
    // Those that are known come first, so that no new one takes a name away.
    for is_known in [true, false] {
        for (entry, _) in written.iter_mut() {
            let before = known.get(&entry.fingerprint);
            if before.is_some() != is_known {
                continue;
            }
            let wish = before.map_or_else(|| slug(&entry.title), ToString::to_string);
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
fn slug(title: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric();
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

/// Files of the repository that the failing tests are in.
fn files(draft: &Draft<'_>, scene: &Scene<'_>) -> Vec<String> {
    let named = draft.members.iter().flat_map(|case| {
        let in_name = case.failure.test.split("::").next().filter(|path| path.contains('.'));
        case.failure.file.as_deref().into_iter().chain(in_name)
    });
    let files: BTreeSet<&str> = named.map(|path| path.trim_start_matches("./")).collect();
    let inside = |path: &&str| !path.starts_with('/') && !path.contains("..") && (scene.is_file)(path);
    files.into_iter().filter(inside).take(20).map(str::to_owned).collect()
}

fn paragraphs(draft: &Draft<'_>, judged: &Judged, story: Option<&Story>, scene: &Scene<'_>) -> Vec<String> {
    let suites: Vec<_> = draft.suites.iter().map(|suite| code(suite)).collect();
    let suites = suites.join(" and ");
    let tests = draft.tests().len();
    let verb = if tests == 1 { "fails" } else { "fail" };
    let mut first = match &draft.trouble {
        Some(trouble) => match trouble.what {
            What::Environment => {
                format!("{suites} could not run as it should, so that nothing is known of its tests.")
            }
            What::TimedOut => {
                format!("{suites} took longer than it may, and no test is known that was running.")
            }
            What::Failed => format!("{suites} failed; it tells nothing of single tests."),
        },
        None if draft.is_flaky() => {
            format!("{tests} {} of {suites} passed only when tried again.", plural(tests, "test"))
        }
        None => format!("{tests} {} of {suites} {verb}.", plural(tests, "test")),
    };
    let since = judged.first_seen.as_deref().map_or(String::new(), |t| format!(" since {t}"));
    let issue = story.and_then(Story::issue).map_or_else(|| "an entry".to_owned(), ToString::to_string);
    let said = match &judged.standing {
        Standing::New => String::new(),
        Standing::Known => format!(" Known as {issue}, seen in {} runs{since}.", judged.count),
        Standing::Regression { fixed_at } => {
            let fix = code(&short_id(fixed_at));
            format!(" A regression of {issue}: it passed at {fix}, which this commit has.")
        }
        Standing::BeforeFix { fixed_at } => {
            format!(" {issue} was fixed at {}, which this commit has not got.", code(&short_id(fixed_at)))
        }
        Standing::Closed(status) => {
            format!(" {issue} is {status}; whether this commit should have a fix is not known.")
        }
    };
    first.push_str(&said);
    if judged.flaky && !draft.is_flaky() {
        first.push_str(" It passes and fails at one commit.");
    }
    let mut all = vec![first];
    if let (Some(good), Some(here)) = (&judged.good, &scene.commit) {
        let range = code(&format!("{}..{}", short_id(good), short_id(here)));
        all.push(format!("It was not among the failures at {}: see {range}.", code(&short_id(good))));
    }
    all
}

fn short_id(commit: &str) -> String {
    commit.chars().take(10).collect()
}

/// What the tests and tools said: the failure that shows it best, and other words for the same.
fn excerpts(draft: &Draft<'_>) -> Vec<(String, String)> {
    if let Some(trouble) = draft.trouble {
        return vec![(String::new(), trouble.detail.clone())];
    }
    let Some(best) = draft.members.get(draft.representative).map(|case| case.failure) else {
        return Vec::new();
    };
    let mut excerpts = vec![(String::new(), said(best))];
    if !best.output.trim().is_empty() && best.output.trim() != best.detail.trim() {
        excerpts.push(("What it printed:".to_owned(), best.output.clone()));
    }
    let mut told = BTreeSet::from([matching::normalise(&best.message)]);
    let mut others = Vec::new();
    for case in &draft.members {
        if told.insert(matching::normalise(&case.failure.message)) {
            let line = shortened(&one_line(&headline(case.failure)), 200);
            others.push(format!("{}: {line}", shortened(&case.failure.test, 100)));
        }
    }
    if !others.is_empty() {
        let more = others.len().saturating_sub(10);
        others.truncate(10);
        if more > 0 {
            others.push(format!("and {more} more"));
        }
        excerpts.push(("In other words:".to_owned(), others.join("\n")));
    }
    excerpts
}

fn headline(failure: &Failure) -> String {
    let line = failure.message.lines().chain(failure.detail.lines()).find(|line| !line.trim().is_empty());
    match (&failure.kind, line.unwrap_or_default()) {
        (Some(kind), "") => kind.clone(),
        (_, line) => line.to_owned(),
    }
}

fn said(failure: &Failure) -> String {
    let how = match failure.fault {
        Fault::Failed => "",
        Fault::Errored => "(before or after the test itself)\n",
        Fault::TimedOut => "(timed out)\n",
        Fault::Crashed => "(its process ended under it)\n",
    };
    let (message, detail) = (failure.message.trim(), failure.detail.trim_end());
    match (message.is_empty(), detail.contains(message)) {
        (true, _) | (_, true) => format!("{how}{detail}"),
        _ => format!("{how}{message}\n{detail}"),
    }
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
    let unfinished = |s: &SuiteRun| matches!(s.verdict.outcome, Outcome::Error | Outcome::TimedOut);
    (failed, suites.iter().any(unfinished))
}
