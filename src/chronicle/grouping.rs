//! From worklogs and the tracks of their entries to problems.
//!
//! Entries that name one issue are one problem, and so are those with one fingerprint, unless they
//! name different issues: then somebody has parted them. Where a problem stands is said by its latest
//! entry that says so. The same holds for every moment of the past.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::chronicle::track::{Chapter, Track, Tracks};
use crate::chronicle::version::{moment, started};
use crate::chronicle::{
    Chronicle, Event, Happening, Log, Occurrence, Present, Problem, Scene, Span, Standing, State,
};
use crate::model::{Entry, IssueRef, Status, Timestamp};

/// A status that an entry took at a moment.
struct Turn {
    at: Timestamp,
    /// The entry's place among those of the problem.
    place: usize,
    /// What it says since; `None` is nothing.
    status: Option<Status>,
    /// Whether it was taken at that moment, and not earlier.
    is_known: bool,
    /// Whether the entry is there.
    is_there: bool,
}

/// A problem while it is put together.
struct Draft {
    problem: Problem,
    turns: Vec<Turn>,
    /// How many entries it has, those that are gone included.
    places: usize,
    /// Whether its latest entry is in a worklog that is not to be changed any more.
    is_archived: bool,
}

impl Chronicle {
    /// Everything that happened, from commits (each after those that it follows) and from what is there
    /// now.
    pub fn of(chapters: &[Chapter], present: &[Present<'_>], scene: &Scene) -> Self {
        let mut tracks = Tracks::of(chapters, scene.now);
        let mut logs: Vec<(Log, &Present<'_>)> =
            present.iter().map(|present| (log(present, &tracks, scene.now), present)).collect();
        logs.sort_by(|(a, _), (b, _)| (a.at, in_order(&a.path)).cmp(&(b.at, in_order(&b.path))));
        let mut odd_times = tracks.odd_times;
        let mut drafts: Vec<Draft> = Vec::new();
        let (mut by_issue, mut by_print) = (BTreeMap::new(), BTreeMap::new());
        for (place, (log, present)) in logs.iter().enumerate() {
            let worklog = present.worklog;
            odd_times += usize::from(started(worklog).is_some_and(|at| at > scene.now));
            for entry in worklog.entries() {
                let state = State::of(entry, worklog.bases().get(&entry.id));
                let track = tracks.entries.remove(&(log.id.clone(), entry.id.clone()));
                let issue = short(entry.issue.as_ref(), scene);
                let known = issue.as_ref().and_then(|issue| by_issue.get(issue)).copied();
                let known = known.or_else(|| {
                    let at: usize = *by_print.get(entry.fingerprint.as_ref()?)?;
                    let drafts: &Vec<Draft> = &drafts;
                    let other = drafts[at].problem.issue.as_ref();
                    (issue.is_none() || other.is_none() || issue.as_ref() == other).then_some(at)
                });
                let at = known.unwrap_or(drafts.len());
                if known.is_none() {
                    drafts.push(Draft::new(log.at));
                }
                drafts[at].add(entry, &state, issue.clone(), (place, log), present, track, scene);
                if let Some(issue) = issue {
                    by_issue.insert(issue, at);
                }
                if let Some(print) = &entry.fingerprint {
                    by_print.insert(print.clone(), at);
                }
            }
        }
        for ((worklog, entry), track) in tracks.entries {
            let issue = short(track.last.issue.as_ref(), scene);
            let known = issue.as_ref().and_then(|issue| by_issue.get(issue)).copied();
            let at = known.unwrap_or_else(|| {
                let opened = track.events.first().and_then(|event| event.at).unwrap_or(scene.now);
                drafts.push(Draft::new(opened));
                let draft = drafts.last_mut().expect("it was just put there");
                draft.problem.key = format!("{worklog}/{entry}");
                draft.problem.title.clone_from(&track.last.title);
                draft.problem.severity = track.last.severity;
                draft.problem.issue.clone_from(&issue);
                drafts.len() - 1
            });
            if let Some(issue) = issue {
                by_issue.insert(issue, at);
            }
            drafts[at].follow(track, false, scene.now);
        }
        let mut problems: Vec<Problem> = drafts.into_iter().map(|draft| draft.finished(scene.now)).collect();
        problems.sort_by(|a, b| rank(a).cmp(&rank(b)));
        Self { worklogs: logs.into_iter().map(|(log, _)| log).collect(), problems, odd_times }
    }
}

/// Open ones first, the worst and oldest of them; then the rest, those first that ended last.
fn rank(problem: &Problem) -> (Standing, u8, Reverse<Option<Timestamp>>, Timestamp, &str) {
    let ended = problem.spans.last().and_then(|span| span.to);
    let severity = problem.severity.map_or(4, |s| s as u8);
    let severity = if problem.is_open() { severity } else { 0 };
    (problem.standing, severity, Reverse(ended), problem.opened, &problem.key)
}

/// A path so that `run.md` comes before `run-2.md`, which was written after it in the same second.
fn in_order(path: &str) -> (&str, u32) {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    let split = stem.rsplit_once('-').and_then(|(stem, count)| Some((stem, count.parse().ok()?)));
    split.filter(|(_, count)| *count < 1000).unwrap_or((stem, 1))
}

fn short(issue: Option<&IssueRef>, scene: &Scene) -> Option<IssueRef> {
    let issue = issue?;
    Some(scene.home.as_ref().map_or_else(|| issue.clone(), |home| issue.in_short(home)))
}

fn log(present: &Present<'_>, tracks: &Tracks, now: Timestamp) -> Log {
    let header = present.worklog.header();
    let first = tracks.first.get(&header.id).copied();
    Log {
        id: header.id.clone(),
        path: present.path.clone(),
        title: header.title.clone(),
        at: started(present.worklog).or(first).unwrap_or(now).min(now),
        runs: header.runs.clone(),
        entries: present.worklog.entries().len(),
        is_in_head: present.is_in_head,
        is_archived: header.archived,
    }
}

impl Draft {
    fn new(opened: Timestamp) -> Self {
        let problem = Problem {
            key: String::new(),
            title: String::new(),
            severity: None,
            standing: Standing::Open,
            status: Status::Open,
            issue: None,
            opened,
            spans: Vec::new(),
            events: Vec::new(),
            occurrences: Vec::new(),
            count: 0,
            is_flaky: false,
            labels: Vec::new(),
            links: Vec::new(),
            owner: None,
            impact: None,
            hold: None,
            candidates: Vec::new(),
        };
        Self { problem, turns: Vec::new(), places: 0, is_archived: false }
    }

    /// Adds an entry that is there, the latest so far.
    #[expect(clippy::too_many_arguments, reason = "an entry, and all that is known of it")]
    fn add(
        &mut self,
        entry: &Entry,
        state: &State,
        issue: Option<IssueRef>,
        (place, log): (usize, &Log),
        present: &Present<'_>,
        track: Option<Track>,
        scene: &Scene,
    ) {
        let problem = &mut self.problem;
        problem.key = format!("{}/{}", log.id, entry.id);
        problem.title.clone_from(&entry.title);
        problem.severity = state.severity.or(problem.severity);
        problem.issue = issue.or(problem.issue.take());
        let labels = entry.labels.iter().flatten();
        problem.is_flaky |= entry.flaky || labels.clone().any(|label| *label == scene.flaky_label);
        if entry.labels.is_some() {
            problem.labels = labels.map(|label| label.name().to_owned()).collect();
        }
        if let Some(links) = &entry.links {
            problem.links.clone_from(links);
        }
        problem.owner = entry.owner.clone().or(problem.owner.take());
        problem.impact = entry.impact.clone().or(problem.impact.take());
        problem.hold.clone_from(&entry.hold);
        problem.candidates = entry.candidates.clone().filter(|_| entry.issue.is_none()).unwrap_or_default();
        problem.count = (problem.count + 1).max(entry.count.unwrap_or(0));
        self.is_archived = log.is_archived;

        let mut track = track.unwrap_or_else(|| {
            let came = vec![Happening::Came(state.status.clone(), state.severity)];
            let event = Event { at: Some(scene.now), commit: None, worklog: log.id.clone(), what: came };
            Track { events: vec![event], last: state.clone(), started: None, is_gone: false }
        });
        // The worklog's own word on when it was, unless a commit has it earlier.
        track.started = started(present.worklog).or(track.started);
        let what = if track.is_gone { Vec::new() } else { track.last.until(state) };
        if !what.is_empty() || track.is_gone {
            let what = if track.is_gone {
                vec![Happening::Came(state.status.clone(), state.severity)]
            } else {
                what
            };
            // What HEAD has, and no commit did, came by a merge.
            let at = (!present.is_committed).then_some(scene.now);
            track.events.push(Event { at, commit: None, worklog: log.id.clone(), what });
            track.is_gone = false;
        }
        let seen = entry.first_seen.as_deref().and_then(moment).filter(|at| *at <= scene.now);
        let at = self.follow(track, true, scene.now);
        let problem = &mut self.problem;
        problem.opened = [Some(problem.opened), seen, Some(at)].into_iter().flatten().min().unwrap_or(at);
        let tests = entry.tests.clone();
        problem.occurrences.push(Occurrence { worklog: place, entry: entry.id.clone(), at, tests });
    }

    /// Takes over what happened to an entry; gives when it turned up.
    fn follow(&mut self, track: Track, is_there: bool, now: Timestamp) -> Timestamp {
        let place = self.places;
        self.places += 1;
        let first = track.events.first().and_then(|event| event.at).unwrap_or(now);
        let came = track.started.map_or(first, |started| started.min(first));
        let mut last = came;
        for (nth, event) in track.events.iter().enumerate() {
            let at = if nth == 0 { came } else { event.at.unwrap_or(last).max(last) };
            last = at;
            for what in &event.what {
                let (status, is_known, is_there) = match what {
                    // Whatever it says when it comes, it may have said for long.
                    Happening::Came(status, _) => (status.clone(), false, true),
                    Happening::Status(_, status) => (status.clone(), event.at.is_some(), true),
                    Happening::Gone => (None, true, false),
                    _ => continue,
                };
                self.turns.push(Turn { at, place, status, is_known, is_there });
            }
        }
        if !is_there && !track.is_gone {
            self.turns.push(Turn { at: last, place, status: None, is_known: false, is_there: false });
        }
        self.problem.opened = self.problem.opened.min(came);
        self.problem.events.extend(track.events);
        came
    }

    /// Plays the turns of all entries, and finds when the problem was open.
    fn finished(mut self, now: Timestamp) -> Problem {
        self.turns.sort_by_key(|turn| (turn.at, turn.place));
        let mut problem = self.problem;
        // What each entry says, and which are there.
        let (mut said, mut there) = (BTreeMap::new(), std::collections::BTreeSet::new());
        for turn in &self.turns {
            if turn.is_there {
                there.insert(turn.place);
            } else {
                there.remove(&turn.place);
            }
            match &turn.status {
                Some(status) => drop(said.insert(turn.place, status)),
                None => drop(said.remove(&turn.place)),
            }
            let status = said.last_key_value().map_or(&Status::Open, |(_, status)| *status);
            let standing = match (there.is_empty(), status.is_closed()) {
                (true, _) => Standing::Removed,
                (false, true) => Standing::Closed,
                (false, false) => Standing::Open,
            };
            let is_open = problem.spans.last().is_some_and(|span| span.to.is_none());
            let from = if problem.spans.is_empty() { problem.opened } else { turn.at };
            let begun = Span { from, to: None, is_known_closing: false, is_closing: false };
            if standing == Standing::Open && !is_open || problem.spans.is_empty() {
                problem.spans.push(begun);
            }
            if let Some(span) = problem.spans.last_mut().filter(|span| span.to.is_none())
                && standing != Standing::Open
            {
                span.to = Some(turn.at.max(span.from));
                span.is_closing = standing == Standing::Closed;
                span.is_known_closing = span.is_closing && turn.is_known;
            }
            problem.standing = standing;
            problem.status = status.clone();
        }
        if self.is_archived && problem.standing == Standing::Open {
            problem.standing = Standing::Archived;
            let last = self.turns.last().map_or(now, |turn| turn.at);
            if let Some(span) = problem.spans.last_mut() {
                span.to = Some(last.max(span.from));
            }
        }
        // What happened at an unknown moment stands where it happened, after what it followed.
        let mut last = BTreeMap::new();
        problem.events.sort_by_cached_key(|event| {
            let known = event.at.or_else(|| last.get(&event.worklog).copied());
            last.insert(event.worklog.clone(), known.unwrap_or(now));
            known.unwrap_or(now)
        });
        problem
    }
}
