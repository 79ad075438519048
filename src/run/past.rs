//! What earlier worklogs know: the problems they list, and where each was seen.
//!
//! Entries of several worklogs that name one issue, or have one fingerprint, are occurrences of one
//! [`Story`]. A worklog that somebody wrote by hand counts as well. What a run finds is compared with
//! the stories in `lifecycle`; whether a failure belongs to one is for `matching` to say.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Base, Entry, IssueRef, Status, Timestamp};
use crate::worklog::Worklog;

/// One problem through all worklogs.
#[derive(Clone, Debug)]
pub struct Story {
    /// Where it stands, the oldest first. Never empty.
    pub occurrences: Vec<Occurrence>,
}

/// One entry of an earlier worklog.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The worklog's path.
    pub path: String,
    /// The entry.
    pub entry: Entry,
    /// What both sides agreed on at the last sync.
    pub base: Option<Base>,
    /// What the body says of it.
    pub prose: String,
    /// When the run started, where the worklog says it in a way that can be read.
    pub started: Option<Timestamp>,
    /// The commit that was checked out.
    pub commit: Option<String>,
    /// Whether there were changes that the commit has not.
    pub dirty: bool,
    /// The suites it was found in; all of the worklog's where the entry does not say.
    pub suites: Vec<String>,
    /// A worklog that is not to be changed any more.
    pub archived: bool,
}

/// A run that an earlier worklog tells of.
#[derive(Clone, Debug)]
pub struct EarlierRun {
    /// The suite.
    pub suite: String,
    /// The commit that was checked out, with no change beside it.
    pub commit: String,
    /// Whether it ran to its end.
    pub ended: bool,
    /// The worklog's path.
    pub path: String,
}

/// Everything that earlier worklogs know.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The problems.
    pub stories: Vec<Story>,
    /// The runs at clean commits.
    pub runs: Vec<EarlierRun>,
    /// Results that were collected.
    pub collected: Vec<EarlierResults>,
}

/// Results made elsewhere that an earlier worklog is of.
#[derive(Clone, Debug)]
pub struct EarlierResults {
    /// The suite.
    pub suite: String,
    /// Their digest.
    pub digest: String,
    /// The commit that they are of, where that was known.
    pub commit: Option<String>,
    /// The worklog's path.
    pub path: String,
}

impl Story {
    /// The latest occurrence.
    pub fn latest(&self) -> &Occurrence {
        self.occurrences.last().expect("a story has an occurrence")
    }

    /// The issue that tracks it: the latest that an occurrence names.
    pub fn issue(&self) -> Option<&IssueRef> {
        self.occurrences.iter().rev().find_map(|o| o.entry.issue.as_ref())
    }

    /// Where it stands by the latest occurrence that says so. Of several occurrences of one issue
    /// the newest may follow the others and say nothing.
    pub fn status(&self) -> Status {
        let said = |o: &Occurrence| {
            o.entry.status.clone().or_else(|| o.base.as_ref().and_then(|b| b.agreed.status.clone()))
        };
        self.occurrences.iter().rev().find_map(said).unwrap_or(Status::Open)
    }

    /// The fingerprint that it is known by: the latest.
    pub fn fingerprint(&self) -> Option<&str> {
        self.occurrences.iter().rev().find_map(|o| o.entry.fingerprint.as_deref())
    }

    /// Every test that ever failed for it.
    pub fn tests(&self) -> BTreeSet<&str> {
        self.occurrences.iter().flat_map(|o| o.entry.tests.iter().map(String::as_str)).collect()
    }

    /// Whether it was ever seen to pass and fail at one commit.
    pub fn is_flaky(&self) -> bool {
        self.occurrences.iter().any(|o| o.entry.flaky)
    }

    /// In how many runs it was seen.
    pub fn count(&self) -> u64 {
        let told = self.latest().entry.count.unwrap_or(0);
        told.max(u64::try_from(self.occurrences.len()).unwrap_or(u64::MAX))
    }

    /// When it was seen first, as written.
    pub fn first_seen(&self) -> Option<String> {
        let told = self.occurrences.iter().find_map(|o| o.entry.first_seen.clone());
        told.or_else(|| self.occurrences.iter().find_map(|o| o.started.map(|t| t.to_string())))
    }
}

impl Past {
    /// The worklog of a suite's results with these bytes. Of bytes that tell no time another run may
    /// have the same, so that only those of the same commit are the same results. Where nobody knew
    /// which commit they are of, a commit is news.
    pub fn collected_in(
        &self,
        suite: &str,
        digest: &str,
        is_dated: bool,
        commit: Option<&str>,
    ) -> Option<&str> {
        let is_it = |earlier: &&EarlierResults| {
            let is_of_it = earlier.commit.as_deref() == commit || is_dated && earlier.commit.is_some();
            earlier.suite == suite && earlier.digest == digest && is_of_it
        };
        self.collected.iter().find(is_it).map(|earlier| earlier.path.as_str())
    }

    /// Reads all earlier worklogs, given with their paths. Notes and log reviews tell no failing
    /// tests, but what they have tests or a fingerprint for counts.
    pub fn of<'a>(worklogs: impl IntoIterator<Item = (&'a str, &'a Worklog)>) -> Self {
        let mut all: Vec<_> = worklogs.into_iter().map(|(path, log)| (started(log), path, log)).collect();
        all.sort_by(|a, b| (a.0, in_order(a.1)).cmp(&(b.0, in_order(b.1))));
        let mut past = Self::default();
        let (mut by_issue, mut by_print) = (BTreeMap::new(), BTreeMap::new());
        for (started, path, worklog) in all {
            let header = worklog.header();
            let suites: Vec<String> = header.runs.iter().filter_map(|r| r.suite.clone()).collect();
            if let (Some(commit), false) = (&header.commit, header.dirty) {
                let run = |run: &crate::model::Run| {
                    let ended = matches!(run.outcome.as_deref(), Some("passed" | "failed"));
                    let suite = run.suite.clone()?;
                    Some(EarlierRun { suite, commit: commit.clone(), ended, path: path.to_owned() })
                };
                past.runs.extend(header.runs.iter().filter_map(run));
            }
            let results = |run: &crate::model::Run| {
                let (suite, digest) = (run.suite.clone()?, run.digest.clone()?);
                Some(EarlierResults { suite, digest, commit: header.commit.clone(), path: path.to_owned() })
            };
            past.collected.extend(header.runs.iter().filter_map(results));
            for entry in worklog.entries() {
                if entry.tests.is_empty() && entry.fingerprint.is_none() {
                    continue;
                }
                let occurrence = Occurrence {
                    path: path.to_owned(),
                    entry: entry.clone(),
                    base: worklog.bases().get(&entry.id).cloned(),
                    prose: worklog.prose(&entry.id).unwrap_or_default(),
                    started,
                    commit: header.commit.clone(),
                    dirty: header.dirty,
                    suites: if entry.suites.is_empty() { suites.clone() } else { entry.suites.clone() },
                    archived: header.archived,
                };
                let issue = entry.issue.as_ref().map(ToString::to_string);
                let print = entry.fingerprint.clone();
                let known = issue.as_ref().and_then(|i| by_issue.get(i)).copied();
                // An equal fingerprint under two numbers is two stories: somebody parted them.
                let known = known.or_else(|| {
                    let place: usize = *print.as_ref().and_then(|p| by_print.get(p))?;
                    let other = past.stories[place].issue().map(ToString::to_string);
                    (issue.is_none() || other.is_none() || issue == other).then_some(place)
                });
                let place = known.unwrap_or(past.stories.len());
                match past.stories.get_mut(place) {
                    Some(story) => story.occurrences.push(occurrence),
                    None => past.stories.push(Story { occurrences: vec![occurrence] }),
                }
                if let Some(issue) = issue {
                    by_issue.insert(issue, place);
                }
                if let Some(print) = print {
                    by_print.insert(print, place);
                }
            }
        }
        past
    }
}

/// A path so that `run.md` comes before `run-2.md`, which was written after it in the same second.
pub(super) fn in_order(path: &str) -> (&str, u32) {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    let numbered = stem.rsplit_once('-').and_then(|(front, number)| Some((front, number.parse().ok()?)));
    numbered.unwrap_or((stem, 1))
}

/// When the run started: a moment as the worklog writes it.
pub(super) fn started(worklog: &Worklog) -> Option<Timestamp> {
    worklog.header().started.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vocabulary;
    use crate::worklog::{Parsed, parse};

    fn worklog(text: &str) -> Worklog {
        match parse(text, &Vocabulary::default()) {
            Parsed::Worklog(worklog, _) => *worklog,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn worklogs_of_one_second_are_in_the_order_of_their_numbers() {
        let mut names = ["w/a-10.md", "w/a-2.md", "w/a.md", "w/b.md"];
        names.sort_by_key(|name| in_order(name));
        assert_eq!(names, ["w/a.md", "w/a-2.md", "w/a-10.md", "w/b.md"]);
        assert_eq!(in_order("run-20250914T115930Z.md"), ("run-20250914T115930Z", 1));
    }

    #[test]
    fn occurrences_come_together_by_issue_and_fingerprint() {
        let early = worklog(
            "---\ngardener: 1\nid: b\nstarted: \"2025-09-01T10:00:00Z\"\ncommit: \"aaa\"\n\
             runs: [{suite: unit, outcome: failed}, {suite: slow, outcome: timed-out}]\nentries:\n\
             - {id: one, title: t, fingerprint: \"g1:1\", tests: [x], issue: 7}\n\
             - {id: two, title: t, fingerprint: \"g1:2\", tests: [y], suites: [unit]}\n\
             - {id: note, title: nothing to match}\n---\n",
        );
        let late = worklog(
            "---\ngardener: 1\nid: a\nstarted: \"2025-09-02T10:00:00Z\"\ncommit: \"bbb\"\ndirty: true\n\
             runs: [{suite: unit, outcome: failed}]\nentries:\n\
             - {id: other, title: t, tests: [z], issue: 7, status: completed}\n\
             - {id: two, title: t, fingerprint: \"g1:2\", count: 5}\n\
             - {id: parted, title: t, fingerprint: \"g1:1\", issue: 8}\n---\n",
        );
        let past = Past::of([("w/a.md", &late), ("w/b.md", &early)]);
        assert_eq!(past.stories.len(), 3, "{past:#?}");
        let [seven, two, eight] = &past.stories[..] else { panic!("three") };
        assert_eq!(seven.tests().into_iter().collect::<Vec<_>>(), ["x", "z"]);
        assert_eq!((seven.status(), seven.fingerprint()), (Status::Completed, Some("g1:1")));
        assert_eq!(seven.latest().path, "w/a.md", "by time, not by name");
        assert_eq!(seven.first_seen().as_deref(), Some("2025-09-01T10:00:00Z"));
        assert_eq!((two.count(), two.status(), two.issue()), (5, Status::Open, None));
        assert_eq!(two.occurrences[0].suites, ["unit"]);
        assert_eq!(seven.occurrences[0].suites, ["unit", "slow"]);
        assert_eq!(eight.issue().map(|i| i.number), Some(8));
        let runs: Vec<_> = past.runs.iter().map(|r| (r.suite.as_str(), r.commit.as_str(), r.ended)).collect();
        assert_eq!(runs, [("unit", "aaa", true), ("slow", "aaa", false)], "a changed tree is no commit");
    }
}
