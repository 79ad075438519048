//! Everything there is in a history: one GitHub, one shared git server, some clones.
//!
//! Also what people on GitHub do, and the log of it by which lost edits are told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gardener::repo::Operation;
use github_stand_in::{GitHub, Permission, Reason};

use crate::files::MemoryFiles;
use crate::hand::{self, NONE, View};
use crate::known::{Edits, Knowledge, Slot};
use crate::taken_back::Wrote;

/// The repository on GitHub.
pub(crate) const REPO: &str = "acme/app";

/// A repository that issues can be moved to.
pub(crate) const OTHER: &str = "acme/old";

/// The token, which goes nowhere but to its host.
pub(crate) const TOKEN: &str = "ghp_simulated0token0of0ann0000000000000000";

/// A text that must not leave the machine.
pub(crate) const CANARY: &str = "canary-Wq7zLm3xTe";

/// Labels that stand for themselves.
pub(crate) const LABELS: [&str; 4] = ["bug", "slow", "ui", "run"];

/// Severities.
pub(crate) const SEVERITIES: [&str; 4] = ["P0", "P1", "P2", "P3"];

/// The whole world.
pub(crate) struct World {
    pub(crate) github: GitHub,
    pub(crate) commits: Vec<Commit>,
    /// The branches of the shared git server.
    pub(crate) origin: BTreeMap<String, usize>,
    pub(crate) clones: Vec<Clone>,
    /// Each issue as it became, oldest first.
    pub(crate) issues: BTreeMap<u64, Vec<Remote>>,
    /// Issues that gardener made, with the entry's key, in the order of making.
    pub(crate) made: BTreeMap<u64, String>,
    /// The clone that made each.
    pub(crate) made_by: BTreeMap<u64, usize>,
    /// How many edits there were.
    pub(crate) edits: u32,
    /// Those by which somebody took a label off on GitHub.
    pub(crate) taken_off: BTreeMap<&'static str, Edits>,
    pub(crate) fired: BTreeMap<&'static str, u64>,
    /// What must not be, in words.
    pub(crate) wrong: Vec<String>,
    /// What happened, in words, where somebody wants to read it.
    pub(crate) story: Option<Vec<String>>,
    /// A sum over everything that happened.
    pub(crate) sum: u64,
    /// The name of the repository today.
    pub(crate) name: String,
    /// The token may only read, and open issues.
    pub(crate) is_weak: bool,
}

/// A commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commit {
    pub(crate) parents: Vec<usize>,
    pub(crate) tree: BTreeMap<String, Doc>,
    /// Its message says that it takes something back.
    pub(crate) is_revert: bool,
}

/// A text of a worklog and what it knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doc {
    pub(crate) text: String,
    pub(crate) known: Knowledge,
}

/// Somebody's clone.
pub(crate) struct Clone {
    pub(crate) files: MemoryFiles,
    pub(crate) branch: String,
    pub(crate) branches: BTreeMap<String, usize>,
    /// What was fetched last.
    pub(crate) fetched: BTreeMap<String, usize>,
    pub(crate) index: BTreeMap<String, String>,
    /// Texts that a path had, newest last, with what they knew.
    pub(crate) texts: BTreeMap<String, Vec<Doc>>,
    pub(crate) busy: Option<Operation>,
    /// Its hooks refuse every commit.
    pub(crate) refuses: bool,
    /// The index is still to get a text that was written (as the note on disk has it).
    pub(crate) due: BTreeMap<String, String>,
    /// Values (path, entry) that were sent and did not reach the worklog as agreed since.
    pub(crate) sent: BTreeSet<(String, String, Slot)>,
    /// What its last sync wrote to issues.
    pub(crate) wrote: Wrote,
    /// git knows of the merge driver.
    pub(crate) has_driver: bool,
    /// What a merge let go that was nobody's to decide.
    pub(crate) dropped: Vec<String>,
    pub(crate) sync: Notes,
}

/// What is noted while a sync runs.
#[derive(Default)]
pub(crate) struct Notes {
    /// When it began.
    pub(crate) began: i64,
    /// The texts that it is about, as they were then.
    pub(crate) start: BTreeMap<String, Doc>,
    /// The texts of the work tree then.
    pub(crate) here: BTreeMap<String, String>,
    /// The issues as they were each time they were looked at by number.
    pub(crate) looked: BTreeMap<u64, Vec<Remote>>,
    /// Somebody said which side to take.
    pub(crate) preferred: bool,
    /// It is about what HEAD has.
    pub(crate) pushing: bool,
    /// It takes back the one before.
    pub(crate) undoing: bool,
    /// It wrote to an issue that was there.
    pub(crate) wrote: bool,
    /// Writes that GitHub took.
    pub(crate) writes: u64,
    /// Commits it made.
    pub(crate) commits: u64,
    /// Something came in between.
    pub(crate) disturbed: bool,
}

/// An issue at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remote {
    pub(crate) status: String,
    pub(crate) is_marked: bool,
    pub(crate) severity: BTreeSet<String>,
    pub(crate) labels: BTreeSet<String>,
    pub(crate) known: BTreeMap<Slot, Edits>,
    /// How many edits there had been.
    pub(crate) at: u32,
}

impl World {
    /// A GitHub with people, labels and issues of others in it, and no clone yet.
    pub(crate) fn new(start: &str) -> Self {
        let mut github = GitHub::at(start);
        github.settings.web_crlf = true;
        for repo in [REPO, OTHER] {
            github.add_repo(repo);
            github.grant("bob", repo, Permission::Write);
            github.grant("ann", repo, Permission::Write);
        }
        github.add_token(TOKEN, "ann");
        for label in SEVERITIES.iter().chain(&LABELS).chain(&["in-progress"]) {
            github.add_label(REPO, label, "ededed");
        }
        let mut world = Self {
            github,
            commits: vec![Commit::default()],
            origin: BTreeMap::from([("main".to_owned(), 0)]),
            clones: Vec::new(),
            issues: BTreeMap::new(),
            made: BTreeMap::new(),
            made_by: BTreeMap::new(),
            edits: 0,
            taken_off: BTreeMap::new(),
            fired: BTreeMap::new(),
            wrong: Vec::new(),
            story: None,
            sum: 0,
            name: REPO.to_owned(),
            is_weak: false,
        };
        // Others' issues: with a forged marker, a pull request, one nobody names, one to link.
        let forged = "Look.\n\n<!-- gardener:issue 1 w1/e1 -->\n";
        world.github.create_issue_as("mallory", REPO, "Not yours", forged, &[]);
        world.github.create_pull_as("bob", REPO, "A change");
        world.github.create_issue_as("bob", REPO, "Nobody names it", "as it is", &["bug"]);
        world.github.create_issue_as("bob", REPO, "Known for long", "It is known.", &["ui"]);
        for number in [1, 3, 4] {
            world.note_issue(number, &[]);
        }
        world
    }

    /// Says something that happened.
    pub(crate) fn tell(&mut self, what: impl FnOnce() -> String) {
        if self.story.is_some() {
            let text = what();
            self.count(&text);
            self.story.iter_mut().for_each(|s| s.push(text.clone()));
        }
    }

    /// Adds to the sum over everything.
    pub(crate) fn count(&mut self, text: &str) {
        for byte in text.bytes() {
            self.sum = (self.sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// Notes that a fault struck.
    pub(crate) fn fire(&mut self, what: &'static str) {
        *self.fired.entry(what).or_default() += 1;
        self.tell(|| format!("    ! {what}"));
    }

    /// Notes something that must not be.
    pub(crate) fn blame(&mut self, what: String) {
        self.tell(|| format!("    WRONG {what}"));
        self.wrong.push(what);
    }

    /// The number of a new edit, while there are numbers left.
    pub(crate) fn next_edit(&mut self) -> Option<u32> {
        (self.edits < 127).then(|| {
            self.edits += 1;
            self.edits - 1
        })
    }

    /// An issue as it is.
    pub(crate) fn view(&self, number: u64) -> Remote {
        let Some(issue) = self.github.issue(&self.name, number) else { return Remote::default() };
        let mut view = Remote { at: self.edits, ..Remote::default() };
        for label in self.github.labels_of(&self.name, number) {
            if label == "in-progress" {
                view.is_marked = true;
            } else if SEVERITIES.contains(&label.as_str()) {
                view.severity.insert(label);
            } else {
                view.labels.insert(label);
            }
        }
        let word = match (issue.facts.open, issue.facts.reason) {
            (true, _) if view.is_marked => "in-progress",
            (true, _) => "open",
            (false, Some(Reason::NotPlanned)) => "not-planned",
            (false, Some(Reason::Duplicate)) => "duplicate",
            (false, _) => "completed",
        };
        word.clone_into(&mut view.status);
        view
    }

    /// Every state of an issue, and of those that were filed for the same entry, newest last.
    pub(crate) fn states(&self, number: u64) -> Vec<&Remote> {
        let key = self.made.get(&number);
        let twins = self.made.iter().filter(|(n, k)| **n != number && Some(*k) == key).map(|(n, _)| *n);
        twins.chain([number]).flat_map(|n| self.issues.get(&n).into_iter().flatten()).collect()
    }

    /// The issues of an entry that a clone filed, as they were then.
    pub(crate) fn filed(&self, key: &str, clone: usize) -> Vec<Remote> {
        let by_it = |n: &u64| self.made_by.get(n) == Some(&clone);
        let numbers = self.made.iter().filter(|(n, k)| *k == key && by_it(n)).map(|(n, _)| n);
        numbers.filter_map(|n| self.issues.get(n)?.first().cloned()).collect()
    }

    /// What the issues that were filed for the same entry know together.
    pub(crate) fn of_twins(&self, number: u64, slot: Slot) -> Edits {
        let Some(key) = self.made.get(&number) else { return 0 };
        let twins: Vec<u64> = self.made.iter().filter(|(_, k)| *k == key).map(|(n, _)| *n).collect();
        if twins.len() < 2 { 0 } else { twins.iter().fold(0, |all, n| all | self.last(*n).of(slot)) }
    }

    /// The last that was noted of an issue.
    pub(crate) fn last(&self, number: u64) -> Remote {
        self.issues.get(&number).and_then(|all| all.last()).cloned().unwrap_or_default()
    }

    /// Notes how an issue is now, and what its values come from besides.
    pub(crate) fn note_issue(&mut self, number: u64, besides: &[(Slot, Edits)]) {
        let mut now = self.view(number);
        now.known = self.last(number).known;
        for (slot, edits) in besides {
            *now.known.entry(*slot).or_default() |= edits;
        }
        let all = self.issues.entry(number).or_default();
        if all.last() != Some(&now) {
            all.push(now);
        }
    }

    /// A person does something to an issue on GitHub; what changes by it is an edit.
    pub(crate) fn by_hand(&mut self, number: u64, what: &str, act: impl FnOnce(&mut GitHub, &str)) {
        let Some(edit) = self.next_edit() else { return };
        // GitHub's times are whole seconds. What is closed and opened again within the second in
        // which a sync looked can't be told; that limit is known, and left out here.
        self.github.clock.advance(1);
        let before = self.view(number);
        let name = self.name.clone();
        act(&mut self.github, &name);
        let after = self.view(number);
        let mut slots = Vec::new();
        // On a closed issue the mark says nothing.
        if before.status != after.status {
            slots.push(Slot::Status);
        }
        if before.severity != after.severity {
            slots.push(Slot::Severity);
        }
        for label in LABELS {
            if before.labels.contains(label) != after.labels.contains(label) {
                slots.push(Slot::Label(label));
            }
            if before.labels.contains(label) && !after.labels.contains(label) {
                *self.taken_off.entry(label).or_default() |= 1 << edit;
            }
        }
        let besides: Vec<_> = slots.iter().map(|slot| (*slot, 1 << edit)).collect();
        self.note_issue(number, &besides);
        self.tell(|| format!("  bob: {what} #{number} (edit {edit})"));
    }

    /// Numbers of issues that are there and no pull requests.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.github.issue_numbers(&self.name)
    }
}

impl Remote {
    /// What its values come from.
    pub(crate) fn of(&self, slot: Slot) -> Edits {
        self.known.get(&slot).copied().unwrap_or(0)
    }

    /// Whether it says the same of a value as an entry.
    pub(crate) fn agrees(&self, slot: Slot, view: &View) -> bool {
        match slot {
            Slot::Status => view.status.as_deref() == Some(self.status.as_str()),
            // Of several the one that is new counts.
            Slot::Severity => match view.severity.as_deref() {
                None | Some(NONE) => self.severity.is_empty(),
                Some(word) => self.severity.contains(word),
            },
            Slot::Label(label) => {
                view.labels.as_ref().is_some_and(|l| l.contains(label) == self.labels.contains(label))
            }
        }
    }
}

impl Clone {
    /// An empty clone of the server's main branch.
    pub(crate) fn new(world: &World) -> Self {
        let main = world.origin["main"];
        let mut clone = Self {
            files: MemoryFiles::default(),
            branch: "main".to_owned(),
            branches: BTreeMap::from([("main".to_owned(), main)]),
            fetched: world.origin.clone(),
            index: BTreeMap::new(),
            texts: BTreeMap::new(),
            busy: None,
            refuses: false,
            due: BTreeMap::new(),
            sent: BTreeSet::new(),
            wrote: Wrote::new(),
            has_driver: false,
            dropped: Vec::new(),
            sync: Notes::default(),
        };
        let tree = world.commits[main].tree.clone();
        clone.check_out(&tree);
        clone
    }

    /// Where a worklog is in the files.
    pub(crate) fn file(path: &str) -> PathBuf {
        Path::new("/").join(path)
    }

    /// The worklogs in the work tree.
    pub(crate) fn paths(&self) -> Vec<String> {
        let found = self.files.below(Path::new("/worklogs")).into_iter();
        let inside = found.filter_map(|p| p.strip_prefix("/").ok().map(|p| p.to_string_lossy().into_owned()));
        inside.filter(|p| p.ends_with(".md")).collect()
    }

    /// A worklog of the work tree with what it knows. A text that nobody wrote whole is
    /// found out elsewhere.
    pub(crate) fn doc(&self, path: &str) -> Option<Doc> {
        let text = self.files.text(&Self::file(path))?;
        let known = self.known(path, &text);
        Some(Doc { text, known })
    }

    /// What a text of a path knew.
    pub(crate) fn known(&self, path: &str, text: &str) -> Knowledge {
        let docs = self.texts.get(path).into_iter().flatten().rev();
        docs.clone().find(|d| d.text == text).map(|d| d.known.clone()).unwrap_or_default()
    }

    /// Whether a text of a path was ever written whole.
    pub(crate) fn is_whole(&self, path: &str, text: &str) -> bool {
        self.texts.get(path).is_some_and(|docs| docs.iter().any(|d| d.text == text))
    }

    /// A text that a path has, or is about to have.
    pub(crate) fn remember(&mut self, path: &str, doc: Doc) {
        let docs = self.texts.entry(path.to_owned()).or_default();
        docs.retain(|d| d.text != doc.text);
        docs.push(doc);
    }

    /// What a person or git puts into the work tree.
    pub(crate) fn put(&mut self, path: &str, doc: Doc) {
        self.files.put(&Self::file(path), doc.text.as_bytes());
        self.remember(path, doc);
    }

    /// Makes work tree and index what a tree says.
    pub(crate) fn check_out(&mut self, tree: &BTreeMap<String, Doc>) {
        for path in self.paths() {
            if !tree.contains_key(&path) {
                self.files.take_away(&Self::file(&path));
            }
        }
        for (path, doc) in tree {
            self.put(path, doc.clone());
        }
        self.index = tree.iter().map(|(p, d)| (p.clone(), d.text.clone())).collect();
    }

    /// Whether a value was sent and not agreed on since.
    pub(crate) fn was_sent(&self, path: &str, entry: &str, slot: Slot) -> bool {
        self.sent.contains(&(path.to_owned(), entry.to_owned(), slot))
    }

    /// Commits that the sync made and files that are not as they were when it began.
    pub(crate) fn changes(&self) -> u64 {
        let differs =
            |(path, text): &(&String, &String)| self.files.text(&Self::file(path)).as_ref() != Some(text);
        self.sync.commits + self.sync.here.iter().filter(differs).count() as u64
    }

    /// The commit that HEAD is at.
    pub(crate) fn head(&self) -> usize {
        self.branches[&self.branch]
    }

    /// All entries of the work tree: path, id, view.
    pub(crate) fn entries(&self) -> Vec<(String, String, View)> {
        let mut all = Vec::new();
        for path in self.paths() {
            let Some(text) = self.files.text(&Self::file(&path)) else { continue };
            for id in hand::entries(&text) {
                if let Some(view) = hand::view(&text, &id) {
                    all.push((path.clone(), id, view));
                }
            }
        }
        all
    }
}

/// The id of the worklog at a path.
pub(crate) fn worklog_id(path: &str) -> &str {
    path.trim_start_matches("worklogs/").trim_end_matches(".md")
}
