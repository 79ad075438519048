//! What commits did to each entry: every commit compared with what was there before it.
//!
//! A commit is compared with its own past, not with the one that happens to stand before it in a
//! list, so that branches do not seem to undo each other. Entries are known by their worklog's id and
//! their own, so that a renamed file is the same worklog.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::chronicle::{Commit, Event, Happening, State, Version};
use crate::model::{EntryId, Timestamp, WorklogId};

/// What one commit did.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// The commit.
    pub commit: Commit,
    /// Each file before and after it.
    pub changes: Vec<(Side, Side)>,
}

/// One side of a change.
#[derive(Clone, Debug)]
pub enum Side {
    /// There was no file.
    Nothing,
    /// There was one that can't be read as a worklog.
    Unread,
    /// There was a worklog.
    Read(Rc<Version>),
}

/// An entry in the whole repository.
pub(super) type Key = (WorklogId, EntryId);

/// What happened to one entry.
#[derive(Clone, Debug)]
pub(super) struct Track {
    /// What happened, the oldest first. The first one is that it came.
    pub(super) events: Vec<Event>,
    /// What the latest commit says.
    pub(super) last: State,
    /// When the worklog's run started, by the first version.
    pub(super) started: Option<Timestamp>,
    /// Whether it was taken out.
    pub(super) is_gone: bool,
}

/// The tracks of all entries, the first commit of each worklog, and how many times were odd.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    pub(super) entries: BTreeMap<Key, Track>,
    pub(super) first: BTreeMap<WorklogId, Timestamp>,
    pub(super) odd_times: usize,
}

impl Tracks {
    /// Reads the chapters, each of which comes after those that it follows.
    pub(super) fn of(chapters: &[Chapter], now: Timestamp) -> Self {
        let mut tracks = Self::default();
        for chapter in chapters {
            tracks.read(chapter, now);
        }
        tracks
    }

    fn read(&mut self, chapter: &Chapter, now: Timestamp) {
        let at = chapter.commit.at.min(now);
        self.odd_times += usize::from(chapter.commit.at > now);
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        for (old, new) in &chapter.changes {
            // What can't be read may have all its entries still.
            if let (Side::Read(old), Side::Read(_) | Side::Nothing) = (old, new) {
                before.extend(states(old));
            }
            if let Side::Read(new) = new {
                self.first.entry(new.id.clone()).or_insert(at);
                for (key, state) in states(new) {
                    after.entry(key).or_insert((state, new.started));
                }
            }
        }
        for (key, (state, started)) in &after {
            let was = before.get(key).copied();
            self.note(key, was, state, *started, &chapter.commit, at);
        }
        for key in before.keys().filter(|key| !after.contains_key(*key)) {
            if let Some(track) = self.entries.get_mut(key).filter(|track| !track.is_gone) {
                track.is_gone = true;
                let event = event(&chapter.commit, &key.0, vec![Happening::Gone]);
                self.odd_times += usize::from(track.add(event, at));
            }
        }
    }

    fn note(
        &mut self,
        key: &Key,
        was: Option<&State>,
        state: &State,
        started: Option<Timestamp>,
        commit: &Commit,
        at: Timestamp,
    ) {
        let came = || vec![Happening::Came(state.status.clone(), state.severity)];
        let Some(track) = self.entries.get_mut(key) else {
            let first = Event { at: Some(at), ..event(commit, &key.0, came()) };
            let track = Track { events: vec![first], last: state.clone(), started, is_gone: false };
            self.entries.insert(key.clone(), track);
            return;
        };
        let what = match was {
            Some(was) => was.until(state),
            None if track.is_gone => came(),
            // A second branch brings the same, or the file could not be read in between.
            None => track.last.until(state),
        };
        track.is_gone = false;
        track.last = state.clone();
        if !what.is_empty() {
            let event = event(commit, &key.0, what);
            self.odd_times += usize::from(track.add(event, at));
        }
    }
}

impl Track {
    /// Adds what happened, not before what it follows; says whether its clock did.
    fn add(&mut self, event: Event, at: Timestamp) -> bool {
        let last = self.events.last().and_then(|event| event.at).unwrap_or(at);
        self.events.push(Event { at: Some(at.max(last)), ..event });
        at < last
    }
}

fn states(version: &Version) -> impl Iterator<Item = (Key, &State)> {
    version.entries.iter().map(|(id, state)| ((version.id.clone(), id.clone()), state))
}

fn event(commit: &Commit, worklog: &WorklogId, what: Vec<Happening>) -> Event {
    Event { at: None, commit: Some(commit.clone()), worklog: worklog.clone(), what }
}
