//! The pure parts by themselves: reading a worklog, editing it, merging it, planning, finding secrets.
//!
//! `cargo bench --bench pure` prints the median of many runs; a word after `--` takes only the parts that
//! have it in their names. `-- --once PART` does one part a hundred times and prints nothing: callgrind
//! counts its instructions (`.ci/instructions`), which are the same on a busy machine and on an idle one.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal")]
#![allow(missing_docs, reason = "a program has no documentation")]

#[path = "local/garden.rs"]
mod garden;

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

use gardener::config::Config;
use gardener::driver::{Versions, ready};
use gardener::matching::{Case, fingerprint, group};
use gardener::model::{
    Association, Author, EntryId, EntryKey, Failure, Fault, Label, Look, RemoteIssue, RepoSlug, Repository,
    Severity, State, Status, Timestamp, Vocabulary,
};
use gardener::plan::{Input, LocalEntry, Plan, Seen};
use gardener::redact::Redactor;
use gardener::worklog::{Edit, Parsed, Worklog, edit, parse};

/// A part: its name, and what does it once.
type Part = (&'static str, Box<dyn Fn()>);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let parts = parts();
    if let [once, name] = &words[..]
        && once == "--once"
    {
        // Without a part it is what all of them have in common: what is made ready for them.
        if let Some((_, act)) = parts.iter().find(|(part, _)| part == name) {
            (0..100).for_each(|_| act());
        }
        return;
    }
    for (name, act) in parts.iter().filter(|(name, _)| words.iter().all(|word| name.contains(word.as_str())))
    {
        let mut times = Vec::new();
        let begin = Instant::now();
        while times.len() < 20 || begin.elapsed() < Duration::from_millis(500) {
            let start = Instant::now();
            act();
            times.push(start.elapsed());
        }
        times.sort();
        let (median, least) = (times[times.len() / 2], times[0]);
        println!("{name:22} median {median:>12.2?}  least {least:>12.2?}  {} runs", times.len());
    }
}

fn parts() -> Vec<Part> {
    let text = garden::worklog(7);
    let worklog = read(&text);
    let id = worklog.entries()[0].id.clone();
    let status = |to: Status| vec![Edit::SetStatus { entry: id.clone(), to }];
    let done = edit(&worklog, &status(Status::Completed)).unwrap();
    let urgent = edit(&worklog, &[Edit::SetSeverity { entry: id.clone(), to: Some(Severity::P3) }]).unwrap();
    let commented = text.replace("focus: critical", "focus: critical  # by hand");
    let (unusual, edits, input, failures) = (commented, status(Status::Completed), input(), failures());
    let vocabulary = Vocabulary::default();
    let redactor = Redactor::new([("DEPLOY_PASSWORD".to_owned(), "correct horse battery 7".to_owned())]);
    let (plain, secret) = (text.clone(), text.clone());
    let base = text;
    vec![
        ("read", Box::new(move || drop(black_box(parse(black_box(&plain), &Vocabulary::default()))))),
        (
            "read-with-a-comment",
            Box::new(move || drop(black_box(parse(black_box(&unusual), &Vocabulary::default())))),
        ),
        ("secrets", Box::new(move || drop(black_box(redactor.places(black_box(&secret)))))),
        ("edit", Box::new(move || drop(black_box(edit(black_box(&worklog), &edits))))),
        (
            "merge-driver",
            Box::new(move || {
                let texts = Versions { base: base.as_str(), ours: done.as_str(), theirs: urgent.as_str() };
                drop(black_box(ready(black_box(&texts), &vocabulary)));
            }),
        ),
        ("plan-of-300", Box::new(move || drop(black_box(Plan::make(black_box(&input)))))),
        (
            "fingerprints-of-50",
            Box::new({
                let failures = failures.clone();
                move || cases(&failures).iter().for_each(|case| drop(black_box(fingerprint(case))))
            }),
        ),
        ("group-50", Box::new(move || drop(black_box(group(&cases(&failures), &[]))))),
    ]
}

fn read(text: &str) -> Worklog {
    match parse(text, &Vocabulary::default()) {
        Parsed::Worklog(worklog, _) => *worklog,
        other => panic!("{other:?}"),
    }
}

fn cases(failures: &[Failure]) -> Vec<Case<'_>> {
    failures.iter().map(|failure| Case { suite: "critical", failure }).collect()
}

fn failures() -> Vec<Failure> {
    let failure = |n: usize| Failure {
        test: format!("tests/critical/test_events.py::Test::test_{n}"),
        file: None,
        fault: Fault::Failed,
        kind: Some("AssertionError".to_owned()),
        message: format!("assert {} == {n}", n % 7),
        detail: garden::worklog(n).lines().skip(40).take(30).collect::<Vec<_>>().join("\n"),
        output: String::new(),
        is_flaky: false,
    };
    (0..50).map(failure).collect()
}

/// A plan of a hundred worklogs, in which every third issue was closed on GitHub.
fn input() -> Input {
    let home = RepoSlug::parse("acme/app").unwrap();
    let moment = Timestamp::from_second(1_757_852_000);
    let author = Author { login: "ada".to_owned(), association: Association::Member };
    let (mut entries, mut seen) = (Vec::new(), BTreeMap::new());
    for number in 0..100 {
        let worklog = read(&garden::worklog(number));
        for entry in worklog.entries() {
            let base = worklog.bases()[&entry.id].clone();
            let issue = base.issue.number;
            let remote = RemoteIssue {
                number: issue,
                node_id: format!("I_{issue}"),
                title: entry.title.clone(),
                body: String::new(),
                state: if issue.is_multiple_of(3) { State::Completed } else { State::Open },
                labels: ["failing-test", "websocket", "P0"].into_iter().filter_map(Label::new).collect(),
                author: author.clone(),
                locked: false,
                created_at: moment,
                updated_at: moment,
            };
            let look = Look::Found(Box::new(remote));
            seen.insert(issue, Seen { look, events: Some(Vec::new()), comments: Some(Vec::new()) });
            entries.push(LocalEntry {
                path: format!("worklogs/run-{number:05}.md"),
                key: key(&worklog, &entry.id),
                entry: entry.clone(),
                base: Some(base),
                base_is_written: true,
                worklog_labels: worklog.header().labels.clone(),
                worklog_title: worklog.header().title.clone(),
                session: None,
                started: worklog.header().started.clone(),
                imported: false,
                section: worklog.prose(&entry.id),
                uncommitted: BTreeMap::new(),
                left_out: BTreeMap::new(),
                withheld: None,
            });
        }
    }
    Input {
        repository: Repository {
            id: 1,
            slug: home.clone(),
            default_branch: "main".to_owned(),
            has_issues: true,
            archived: false,
            can_triage: true,
            can_push: true,
        },
        home,
        viewer: Some("ada".to_owned()),
        now: moment,
        config: Config::default(),
        entries,
        seen,
        markers: BTreeMap::new(),
        fingerprints: BTreeMap::new(),
        likely: BTreeMap::new(),
        broken_rules: Vec::new(),
        forged: BTreeMap::new(),
        told: BTreeSet::new(),
        made: BTreeMap::new(),
        losers: BTreeMap::new(),
        settled: BTreeSet::new(),
        lost: (0, 0),
        newer: 0,
        intents: Vec::new(),
        labels: None,
        refused: BTreeSet::new(),
        preferences: Vec::new(),
        template: String::new(),
    }
}

fn key(worklog: &Worklog, entry: &EntryId) -> EntryKey {
    EntryKey { worklog: worklog.header().id.clone(), entry: entry.clone() }
}
