//! One cause on its way to an entry: what it is called, what it gets, and what is said of it.
//!
//! Where it stands was judged before (`lifecycle`), its id is given afterwards (`conclude`).

use std::collections::BTreeSet;

use crate::config::Owners;
use crate::logs::LogGroup;
use crate::matching::{self, Case, Cause};
use crate::model::{EntryId, Failure, Fault, Label, Severity, Status, Timestamp};
use crate::run::compose::{NewEntry, plural};
use crate::run::conclude::{Gives, OVER_BUDGET, Scene, SuiteRun, slug};
use crate::run::excerpt::{code, one_line};
use crate::run::lifecycle::{Found, Judged, Standing};
use crate::run::logs;
use crate::run::past::{Past, Story};
use crate::run::shown::shown;
use crate::run::verdict::{Trouble, What};
use crate::wording::{self, shortened};

/// A cause or a trouble on its way to an entry.
pub(super) struct Draft<'a> {
    pub(super) title: String,
    pub(super) fingerprint: String,
    pub(super) story: Option<usize>,
    pub(super) members: Vec<Case<'a>>,
    pub(super) representative: usize,
    pub(super) suites: BTreeSet<&'a str>,
    pub(super) trouble: Option<&'a Trouble>,
    /// The message of a log that it is.
    pub(super) log: Option<&'a LogGroup>,
    /// The id that it should get, if it is new.
    pub(super) name: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn of_cause(cause: Cause, cases: &[Case<'a>]) -> Self {
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
            log: None,
            name: None,
        }
    }

    pub(super) fn of_trouble(suite: &'a SuiteRun, trouble: &'a Trouble, past: &Past) -> Self {
        let what = match trouble.what {
            What::Environment => "environment",
            What::TimedOut => "timeout",
            What::Failed => "exit",
        };
        // Numbers and folders of one run don't make it another problem.
        // A command without results says what is wrong in its output, and there at the end.
        let said = match trouble.what {
            What::Failed => trouble.detail.lines().rev().find(|line| !line.trim().is_empty()),
            _ => None,
        };
        let same = matching::normalise(&format!("{} {}", trouble.title, said.unwrap_or_default()));
        let fingerprint = format!("g1:{:016x}", wording::hash(&format!("{} {what} {same}", suite.name)));
        let is_it = |story: &Story| story.fingerprint() == Some(fingerprint.as_str());
        Self {
            title: format!("{}: {}", suite.name, trouble.title),
            story: past.stories.iter().position(is_it),
            fingerprint,
            members: Vec::new(),
            representative: 0,
            suites: BTreeSet::from([suite.name.as_str()]),
            trouble: Some(trouble),
            log: None,
            name: Some(slug(&format!("{} {what}", suite.name))),
        }
    }

    /// The messages of a suite that is a log.
    pub(super) fn of_log(suite: &'a SuiteRun, past: &Past) -> Vec<Self> {
        let groups = suite.log.iter().flat_map(|log| &log.groups);
        let draft = |group: &'a LogGroup| {
            let is_it = |story: &Story| story.fingerprint() == Some(group.fingerprint.as_str());
            let service = group.service.as_ref().map_or(String::new(), |service| format!("{service}: "));
            Self {
                title: match group.message.as_str() {
                    // What the reader says where a record has none.
                    "(no message)" => format!("{service}records without a message ({})", group.level.word()),
                    message => format!("{service}{message}"),
                },
                fingerprint: group.fingerprint.clone(),
                story: past.stories.iter().position(is_it),
                members: Vec::new(),
                representative: 0,
                suites: BTreeSet::from([suite.name.as_str()]),
                trouble: None,
                log: Some(group),
                name: None,
            }
        };
        groups.map(draft).collect()
    }

    pub(super) fn found(&self) -> Found {
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

/// What the next entry of a problem has of the earlier ones: whoever wrote it there, a run changes
/// nothing of it. What is synced belongs to the issue once there is one.
struct Kept {
    severity: Option<Severity>,
    status: Status,
    labels: Option<Vec<Label>>,
    owner: Option<String>,
    impact: Option<String>,
}

impl Kept {
    fn of(story: Option<&Story>) -> Self {
        let entries = || story.into_iter().flat_map(|s| s.occurrences.iter().rev().map(|o| &o.entry));
        let status = story.map(Story::status).filter(|status| !status.is_closed());
        Self {
            severity: entries().find_map(|e| e.severity),
            status: status.unwrap_or(Status::Open),
            labels: entries().find_map(|e| e.labels.clone()),
            owner: entries().find_map(|e| e.owner.clone()),
            impact: entries().find_map(|e| e.impact.clone()),
        }
    }
}

/// The entry of a cause, without its id.
pub(super) fn entry(draft: &Draft<'_>, judged: &Judged, suites: &[SuiteRun], scene: &Scene<'_>) -> NewEntry {
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
    let kept = Kept::of(story);
    let mut labels: Vec<Label> = match (&kept.labels, &issue) {
        (_, Some(_)) => Vec::new(),
        (Some(kept), None) => kept.clone(),
        (None, None) => gives.iter().flat_map(|g| g.labels.iter().cloned()).collect(),
    };
    // A label that was there and is not any more was taken off.
    if issue.is_none() && judged.flaky && !story.is_some_and(|s| s.is_flaky() && kept.labels.is_some()) {
        labels.push(scene.choices.flaky_label.clone());
    }
    if issue.is_none() && kept.labels.is_none() && scene.choices.owners == Owners::Labelled {
        labels.extend(owned.iter().filter_map(|name| Label::new(&format!("owner: {name}"))));
    }
    let mut seen = BTreeSet::new();
    labels.retain(|label| label.name().chars().count() <= Label::MAX_CHARS && seen.insert(label.clone()));
    let owned = (!owned.is_empty()).then(|| owned.into_iter().collect::<Vec<_>>().join(" "));
    let owner = kept.owner.or(owned).or_else(|| gives.iter().find_map(|g| g.owner.clone()));
    let severity = kept.severity.filter(|_| issue.is_none());
    NewEntry {
        // Named once the order is known.
        id: EntryId::new("unnamed").expect("a fixed valid id"),
        title: shortened(&one_line(&draft.title), 120),
        severity: severity.or_else(|| gives.iter().filter_map(|g| g.severity).min()),
        status: issue.is_none().then_some(kept.status),
        hold: hold(draft, judged, story, issue.is_some()),
        labels,
        impact: kept.impact.or_else(|| gives.iter().find_map(|g| g.impact.clone())),
        tests: draft.tests().into_iter().map(str::to_owned).collect(),
        files,
        owner,
        // That of the story, if it has one: no two causes of a run have the same.
        fingerprint: draft.fingerprint.clone(),
        suites: draft.suites.iter().map(|&s| s.to_owned()).collect(),
        flaky: judged.flaky,
        first_seen: judged.first_seen.clone().or_else(|| moment(draft.log?.first)),
        last_seen: match draft.log {
            Some(group) => moment(group.last),
            None => judged.first_seen.as_ref().map(|_| scene.started.clone()),
        },
        count: draft.log.map_or(judged.count, |group| group.count),
        paragraphs: paragraphs(draft, judged, story, suites, scene),
        excerpts: excerpts(draft),
        issue,
    }
}

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// Why a suite that could not run is not filed.
const ENVIRONMENT: &str = "its suite could not run; take this line out to file it";

/// Why a cause that was seen only in tests that passed in the end is not filed.
const RETRIED: &str = "it passed when it was tried again; take this line out to file it";

/// Why an entry is not to be filed: because of what it is, or what somebody decided before.
fn hold(draft: &Draft<'_>, judged: &Judged, story: Option<&Story>, is_linked: bool) -> Option<String> {
    if is_linked {
        return None;
    }
    let before = story.and_then(|s| s.latest().entry.hold.clone());
    // What a run said holds for that run; what somebody wrote holds on.
    let is_ours =
        |text: &String| text.starts_with(OVER_BUDGET) || [RETRIED, ENVIRONMENT].contains(&text.as_str());
    if let Some(before) = before.filter(|text| !is_ours(text)) {
        return Some(before);
    }
    match &judged.standing {
        Standing::Closed(status @ (Status::NotPlanned | Status::Duplicate)) => {
            let path = story.map(|s| s.latest().path.clone()).unwrap_or_default();
            Some(format!("it is {status} in {path}"))
        }
        _ if draft.is_flaky() => Some(RETRIED.to_owned()),
        // A full disk or a missing service is nobody's issue until somebody says so.
        _ if draft.trouble.is_some_and(|trouble| trouble.what == What::Environment) => {
            Some(ENVIRONMENT.to_owned())
        }
        _ => None,
    }
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

fn paragraphs(
    draft: &Draft<'_>,
    judged: &Judged,
    story: Option<&Story>,
    suites_run: &[SuiteRun],
    scene: &Scene<'_>,
) -> Vec<String> {
    let suites: Vec<_> = draft.suites.iter().map(|suite| code(suite)).collect();
    let suites = suites.join(" and ");
    let tests = draft.tests().len();
    let verb = if tests == 1 { "fails" } else { "fail" };
    let mut first = match &draft.trouble {
        _ if draft.log.is_some() => {
            let log = draft.suites.first().copied().unwrap_or_default();
            draft.log.map(|group| logs::paragraph(group, log)).unwrap_or_default()
        }
        Some(trouble) => match trouble.what {
            What::Environment => {
                let told =
                    |s: &SuiteRun| draft.suites.contains(s.name.as_str()) && s.verdict.results.told() > 0;
                let is_log = |s: &SuiteRun| draft.suites.contains(s.name.as_str()) && s.log.is_some();
                match (suites_run.iter().any(told), suites_run.iter().any(is_log)) {
                    (_, true) => format!("{suites} could not be read as a log."),
                    (true, _) => {
                        format!(
                            "{suites} did not run as it should, so that what is known of its tests may not be all."
                        )
                    }
                    (false, _) => {
                        format!("{suites} could not run as it should, so that nothing is known of its tests.")
                    }
                }
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
    if let Some(group) = draft.log {
        return vec![(String::new(), group.examples.join("\n"))];
    }
    if let Some(trouble) = draft.trouble {
        return vec![(String::new(), shown(&trouble.detail))];
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
    let detail = shown(failure.detail.trim_end());
    let (message, detail) = (failure.message.trim(), detail.as_str());
    // node writes a message of several lines into one.
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    match (message.is_empty(), bare(detail).contains(&bare(message))) {
        (true, _) | (_, true) => format!("{how}{detail}"),
        _ => format!("{how}{message}\n{detail}"),
    }
}
