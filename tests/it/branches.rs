//! Stories of branches: edits here and there, merges, rebases, reverts, picks and squashes, each
//! told twice: with the merge driver, and without it, where a person settles what git can't.
//!
//! At the end both sides say the same, and it is what the people of the story meant; nothing was
//! sent from a text that somebody only went back to.

mod aside;
mod stories;

use github_stand_in::GitHub;

use crate::both::{Both, REPO};

const PATH: &str = "worklogs/w.md";

/// Whose lines a person keeps where git can't decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Ours,
    Theirs,
    /// Both, ours first.
    Both,
}

/// One telling of a story.
pub(crate) struct Story {
    both: Both,
    with_driver: bool,
}

impl Story {
    /// Three entries: `a` is #1, `b` is #2, and `c` is not filed; all of it in sync and committed.
    fn begin(with_driver: bool) -> Self {
        let both = Both::new();
        both.github(|g| {
            g.create_issue_as("bob", REPO, "About a", "body", &["P2", "bug"]);
            g.create_issue_as("bob", REPO, "About b", "body", &["P2"]);
        });
        if with_driver {
            both.sandbox.gardener(["init"]).output();
        }
        let entry = |id: &str, number: u64| {
            format!(
                "  - id: {id}\n    title: About {id}\n    status: open\n    severity: P2\n    labels: [{}]\n    \
                 issue: {number}\n    tests:\n      - t::{id}\n",
                if id == "a" { "bug" } else { "" }
            )
        };
        both.worklog("w", &(entry("a", 1) + &entry("b", 2)));
        both.minutes(60);
        both.sync();
        both.minutes(60);
        both.assert_settled();
        Self { both, with_driver }
    }

    /// Somebody edits the worklog and commits.
    pub(crate) fn here(&self, from: &str, to: &str) {
        self.both.edit(PATH, from, to);
        self.both.sandbox.git(["commit", "-qam", "an edit"]);
    }

    /// Somebody edits the first of two equal texts: the entry `a`.
    pub(crate) fn here_in_a(&self, from: &str, to: &str) {
        let text = self.both.sandbox.read(PATH);
        assert!(text.contains(from), "{from:?} in {text}");
        self.both.sandbox.write(PATH, text.replacen(from, to, 1));
        self.both.sandbox.git(["commit", "-qam", "an edit"]);
    }

    /// Somebody does something on GitHub, and time passes.
    pub(crate) fn there(&self, act: impl FnOnce(&mut GitHub)) {
        self.both.github(act);
        self.both.minutes(30);
    }

    /// Somebody gives #1 another severity than P2 on GitHub.
    pub(crate) fn severity_there(&self, severity: &str) {
        self.there(|g| {
            g.unlabel_as("bob", REPO, 1, "P2");
            g.label_as("bob", REPO, 1, severity);
        });
    }

    pub(crate) fn git(&self, words: &[&str]) -> String {
        self.both.sandbox.git(words)
    }

    pub(crate) fn sandbox(&self) -> &crate::sandbox::Sandbox {
        &self.both.sandbox
    }

    /// A sync that works out, and how many writes it made.
    pub(crate) fn sync(&self) -> usize {
        let writes = self.both.sync().writes.len();
        self.both.minutes(30);
        writes
    }

    /// A git command that may stop in a conflict, which a person settles in this way.
    pub(crate) fn merge(&self, words: &[&str], keep: Keep) {
        let answer = self.both.sandbox.try_git(words);
        if answer.code == 0 {
            return;
        }
        let unmerged = self.git(&["diff", "--name-only", "--diff-filter=U"]);
        assert!(!unmerged.is_empty(), "{words:?}: {answer:?}");
        for path in unmerged.lines() {
            let text = self.both.sandbox.read(path);
            self.both.sandbox.write(path, settled(&text, keep));
            self.git(&["add", path]);
        }
        match words[0] {
            "merge" if words.contains(&"--squash") => drop(self.git(&["commit", "-qm", "squashed"])),
            "merge" => drop(self.git(&["commit", "-q", "--no-edit"])),
            other => drop(self.git(&["-c", "core.editor=true", other, "--continue"])),
        }
    }

    /// Without the driver a person who has taken one side's lines puts back what the other side
    /// meant, having seen both.
    pub(crate) fn settle_by_hand(&self, from: &str, to: &str) {
        if !self.with_driver {
            self.here_in_a(from, to);
        }
    }

    /// Syncs until nothing happens, at most three times; then the two sides say the same, and `a`
    /// is as it should be: its status, its severity and its labels without that.
    pub(crate) fn end(&self, status: &str, severity: &str, labels: &str) {
        let text = self.both.sandbox.read(PATH);
        assert!(!text.contains("<<<<<<<"), "{text}");
        let mut said = String::new();
        for round in 0.. {
            let synced = self.both.run(["sync"]);
            self.both.minutes(30);
            said.push_str(&format!("{}{}{:?}\n", synced.answer.out, synced.answer.err, synced.writes));
            assert_eq!(synced.answer.code, 0, "driver {}: {said}", self.with_driver);
            if synced.writes.is_empty() && synced.commits == 0 {
                break;
            }
            assert!(round < 3, "it does not come to rest: {said}");
        }
        let text = self.both.sandbox.read(PATH);
        let entry = text.split("  - id: ").find(|e| e.starts_with("a\n")).expect("the entry");
        let value = |key: &str| {
            let line = entry.lines().find_map(|l| l.trim().strip_prefix(key)?.strip_prefix(": "));
            line.unwrap_or_default().to_owned()
        };
        let here = (value("status"), value("severity"), value("labels"));
        assert_eq!(here, (status.to_owned(), severity.to_owned(), format!("[{labels}]")), "{text}\n{said}");
        let (open, reason, mut all) = self.both.issue(1);
        let wanted = match status {
            "completed" => (false, "Completed"),
            "not-planned" => (false, "NotPlanned"),
            _ => (true, ""),
        };
        let reason = reason.replace("Reopened", "");
        assert_eq!((open, reason.as_str()), wanted, "{said}");
        let mut want: Vec<_> = labels.split(", ").filter(|l| !l.is_empty()).map(str::to_owned).collect();
        want.push(severity.to_owned());
        want.extend((status == "in-progress").then(|| status.to_owned()));
        want.sort();
        all.sort();
        assert_eq!(all, want, "{said}");
    }

    /// The lines of the base block for an entry.
    pub(crate) fn lines_of(&self, id: &str) -> usize {
        let start = format!("{id} {{");
        self.both.sandbox.read(PATH).lines().filter(|l| l.starts_with(&start)).count()
    }
}

/// A text in conflict as a person leaves it. Of base lines all are kept, as the message says.
fn settled(text: &str, keep: Keep) -> String {
    let mut out = String::new();
    // Outside, in ours, in theirs.
    let mut side = 0;
    for line in text.split_inclusive('\n') {
        match line.get(..7) {
            Some("<<<<<<<") => side = 1,
            Some("=======") if side == 1 => side = 2,
            Some(">>>>>>>") => side = 0,
            _ => {
                let is_base = line.contains(" {\"issue\":") || line == "-\n";
                let kept = match (side, keep) {
                    (0, _) | (_, Keep::Both) | (1, Keep::Ours) | (2, Keep::Theirs) => true,
                    _ => is_base,
                };
                out.push_str(if kept { line } else { "" });
            }
        }
    }
    out
}
