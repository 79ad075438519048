//! One sync that does everything a sync can do, set up once and copied for every run, and
//! what is left on both sides at the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use github_stand_in::{GitHub, Reason, StandIn, What};
use serde_json::Value;

use crate::both::{Both, REPO, Synced};

/// The worklog of an earlier sync: values go out and come in.
pub(crate) const EARLIER: &str = "worklogs/earlier.md";

/// A new worklog: two problems to file, one to comment on.
pub(crate) const LATER: &str = "worklogs/later.md";

const NEW: &str = r##"---
gardener: 1
id: later
started: "2026-03-01T11:59:30Z"
labels: [failing-test]
entries:
  - id: first
    title: The first of two new problems
    severity: P1
    labels: [websocket]
    links: ["#1021"]
  - id: second
    title: The second of two new problems
    status: in-progress
  - id: foreign
    title: It fails again
    issue: 1021
    links: ["#1022"]
    tests: [tests/a.py::test_a]
---

# Later

## The first of two new problems
<!-- gardener:entry first -->
It fails.

## It fails again
<!-- gardener:entry foreign -->
As before.
"##;

/// Two worklogs and three issues. The sync to come files two issues, comments on one of
/// somebody else's, sends state, severity, labels and a block, pulls a state and a label
/// in, writes both worklogs and commits.
pub(crate) fn scene() -> Both {
    let both = Both::new();
    both.github(|g| {
        g.clock.tick = 1;
        g.skip_to_number(REPO, 1021);
        g.create_issue_as("bob", REPO, "Somebody else's", "Their text.", &["P1", "bug"]);
        g.create_issue_as("bob", REPO, "Closed by bob", "Their text.", &["bug"]);
    });
    both.sandbox.write(".gitignore", "*.log\n");
    both.worklog(
        "earlier",
        "  - id: ours\n    title: Filed before\n    severity: P2\n    labels: [area]\n    \
         links: [\"#1021\"]\n  - id: pulled\n    title: Closed by bob\n    status: open\n    issue: 1022\n    \
         labels: [bug]\n",
    );
    both.sync();
    both.minutes(60);
    both.github(|g| {
        g.close_as("bob", REPO, 1022, Reason::NotPlanned);
        g.label_as("bob", REPO, 1022, "theirs");
        g.clock.advance(3_600);
    });
    both.edit(EARLIER, "severity: P2", "severity: P0\n    status: completed");
    both.edit(EARLIER, "labels: [area]", "labels: [other]");
    both.edit(EARLIER, "links: [\"#1021\"]", "links: [\"#1021\", \"#1022\"]");
    both.sandbox.write(LATER, NEW);
    both.sandbox.write("README.md", "an app, being edited\n");
    both.sandbox.write("staged.txt", "staged\n");
    both.sandbox.git(["add", "staged.txt"]);
    both.sandbox.write("untracked.txt", "untracked\n");
    both
}

/// The same scene once more.
pub(crate) fn copy(scene: &Both) -> Both {
    Both { sandbox: scene.sandbox.copy(), server: StandIn::start(scene.github(|g| g.clone())) }
}

/// What is left on both sides, in words that do not depend on numbers and moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// The worklogs in the work tree, and in HEAD.
    worklogs: Vec<String>,
    /// By title: state, labels, text, comments, what happened to it.
    issues: BTreeMap<String, Vec<String>>,
    /// `git status` of everything.
    status: String,
    /// Every other file of the work tree.
    others: BTreeMap<String, Vec<u8>>,
    /// Files that should not be there: temporary ones, locks.
    stray: Vec<String>,
    /// Creations that the journal still takes for open.
    open: Vec<String>,
}

impl End {
    /// All that a sync could change on GitHub, for comparing two moments.
    pub(crate) fn github(github: &GitHub) -> String {
        let repo = github.repo(REPO).expect("there");
        format!("{:?}{:?}{:?}", repo.issues, repo.comments, repo.labels)
    }

    /// Compares it with where another run ended.
    pub(crate) fn assert_same(&self, other: &Self, said: &str) {
        assert!(self == other, "{said}\n{}", self.difference(other));
    }

    /// The lines that differ.
    pub(crate) fn difference(&self, other: &Self) -> String {
        let (want, got) = (format!("{self:#?}"), format!("{other:#?}"));
        let diff = similar::TextDiff::from_lines(&want, &got);
        let lines = diff.iter_all_changes().filter(|c| c.tag() != similar::ChangeTag::Equal);
        lines.map(|c| format!("{}{c}", c.tag())).collect()
    }

    pub(crate) fn of(both: &Both) -> Self {
        let numbers = both.github(|g| g.issue_numbers(REPO));
        let issue = |n: u64| both.github(|g| g.issue(REPO, n).expect("there").clone());
        let titles: BTreeMap<u64, String> =
            numbers.iter().map(|n| (*n, issue(*n).facts.title.clone())).collect();
        let plain = |text: &str| {
            let named = titles.iter().fold(text.to_owned(), |text, (n, title)| {
                text.replace(&n.to_string(), &format!("<{title}>"))
            });
            without_moments(&named)
        };
        let mut issues = BTreeMap::new();
        for number in &numbers {
            let (open, reason, labels) = both.issue(*number);
            let issue = issue(*number);
            let mut said = vec![format!("open: {open} {reason}"), format!("labels: {labels:?}")];
            said.push(plain(issue.facts.body.as_deref().unwrap_or_default()));
            said.extend(both.github(|g| g.comments_of(REPO, *number)).iter().map(|c| plain(c)));
            let mut events: Vec<_> = issue.events.iter().map(|e| word(&e.what)).collect();
            events.sort();
            said.extend(events);
            let twin = issues.insert(issue.facts.title.clone(), said);
            assert!(twin.is_none(), "two issues are called {:?}", issue.facts.title);
        }
        let worklogs = [EARLIER, LATER].into_iter().flat_map(|path| {
            let committed = both.sandbox.try_git(["show", &format!("HEAD:{path}")]).out;
            [plain(&both.sandbox.read(path)), plain(&committed)]
        });
        let snapshot = both.sandbox.snapshot().without(&[EARLIER, LATER]);
        Self {
            worklogs: worklogs.collect(),
            issues,
            status: both.sandbox.git(["status", "--porcelain", "-uall"]),
            others: snapshot.files,
            stray: stray(both.sandbox.top()),
            open: open_intents(both).into_iter().map(|(key, on)| format!("{key} on {on:?}")).collect(),
        }
    }
}

fn word(what: &What) -> String {
    match what {
        What::Labeled(_, name, _) => format!("labeled {name}"),
        What::Unlabeled(_, name, _) => format!("unlabeled {name}"),
        other => format!("{other:?}"),
    }
}

/// A text without the moments in its base lines.
pub(crate) fn without_moments(text: &str) -> String {
    let mut parts = text.split("\"seen\":\"");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str("\"seen\":\"-\"");
        plain.push_str(part.split_once('"').expect("a moment").1);
    }
    plain
}

/// Files that a finished sync must not leave behind.
pub(crate) fn stray(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).expect("listed") {
        let path = item.expect("listed").path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(stray(&path));
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let is_stray = name.starts_with(".gardener-tmp") || name.ends_with(".lock") || name.contains("due");
        found.extend(is_stray.then_some(name));
    }
    found
}

/// Creations in the journal without a receipt: the entry's key, and the issue a comment is for.
pub(crate) fn open_intents(both: &Both) -> Vec<(String, Option<u64>)> {
    let journal = both.sandbox.top().join(".git/gardener/journal");
    let journal = String::from_utf8_lossy(&fs::read(journal).unwrap_or_default()).into_owned();
    let mut open: BTreeMap<u64, Vec<(String, Option<u64>)>> = BTreeMap::new();
    for line in journal.lines().filter(|l| !l.is_empty()) {
        // A torn or damaged line counts for nobody.
        let Some((sum, record)) = line.split_once(' ') else { continue };
        if u32::from_str_radix(sum, 16).ok() != Some(checksum(record.as_bytes())) {
            continue;
        }
        let record: Value = serde_json::from_str(record).expect("a record");
        let id = record["id"].as_u64().unwrap_or_default();
        match record["record"].as_str().expect("a kind") {
            "intent" => {
                let keys = record["keys"].as_array().expect("keys").iter();
                let on = record["comment_on"].as_u64();
                open.insert(id, keys.map(|k| (k.as_str().expect("a key").to_owned(), on)).collect());
            }
            "made" | "dropped" => drop(open.remove(&id)),
            _ => {}
        }
    }
    open.into_values().flatten().collect()
}

/// The checksum of the journal's lines.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let bit = |c: u32, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
        (0..8).fold(crc ^ u32::from(*byte), bit)
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// Syncs until there is nothing to do, at most `most` times.
pub(crate) fn settle(both: &Both, most: usize) -> Result<(), String> {
    let mut said = String::new();
    for _ in 0..most {
        let Synced { answer, writes, commits, .. } = both.run(["sync"]);
        if answer.code == 0 && writes.is_empty() && commits == 0 {
            return Ok(());
        }
        said.push_str(&format!(
            "exit {}, {writes:?}, {commits} commits\n{}{}",
            answer.code, answer.out, answer.err
        ));
    }
    // The last one may have done all there was: that counts when the next has nothing to do.
    let Synced { answer, writes, commits, .. } = both.run(["sync"]);
    if answer.code == 0 && writes.is_empty() && commits == 0 {
        return Ok(());
    }
    Err(format!("not settled after {most} syncs:\n{said}then {writes:?}\n{}{}", answer.out, answer.err))
}
