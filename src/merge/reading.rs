//! What an issue on GitHub says, in worklog words.

use std::collections::BTreeSet;

use crate::model::{
    Base, Event, EventKind, Label, Labels, Links, RemoteIssue, Severity, State, Status, Timestamp, Vocabulary,
};

/// A value read through labels: there may be none that can be trusted, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// It can't be told.
    Unknown,
    /// This one.
    One(T),
    /// Several labels of one kind at once.
    Many(BTreeSet<T>),
}

/// An issue on GitHub, in worklog words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteValues {
    /// Where it stands.
    pub status: Reading<Status>,
    /// How bad it is.
    pub severity: Reading<Option<Severity>>,
    /// Labels that stand for themselves and are not ignored.
    pub labels: Labels,
}

/// What the managed block says about one occurrence's links. Only `Listed` is knowledge;
/// a missing or unreadable block is never a removal (rule 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinksThere {
    /// Nobody looked, because nothing asked for it.
    NotRead,
    /// There is a block that can't be read; it is left alone.
    Unreadable,
    /// There is no block, or it does not list the occurrence.
    Missing,
    /// These, paths included.
    Listed(Links),
}

/// What GitHub has an event on since some moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Closed, reopened, or a status label moved.
    pub status: bool,
    /// A severity label moved.
    pub severity: bool,
    /// These other labels moved.
    pub labels: Labels,
}

/// Reads state and labels. `lost` are mapped labels that the repository does not have any
/// more: an issue without them says nothing about the value they stood for (rule 13).
pub fn read_remote(
    issue: &RemoteIssue,
    vocabulary: &Vocabulary,
    is_ignored: &dyn Fn(&Label) -> bool,
    lost: &Labels,
) -> RemoteValues {
    let marks: BTreeSet<Status> = issue.labels.iter().filter_map(|l| vocabulary.mark_of(l)).collect();
    let marks_lost = vocabulary.marks.values().any(|l| lost.contains(l));
    let status = match &issue.state {
        // Closed beats a status label (rule 13).
        State::Completed => Reading::One(Status::Completed),
        State::NotPlanned => Reading::One(Status::NotPlanned),
        State::Duplicate => Reading::One(Status::Duplicate),
        State::Unknown(_) => Reading::Unknown,
        State::Open if marks.is_empty() && marks_lost => Reading::Unknown,
        State::Open => one_or_many(marks, Status::Open),
    };
    let severities: BTreeSet<_> =
        issue.labels.iter().filter_map(|l| vocabulary.severity_of(l)).map(Some).collect();
    let severities_lost = vocabulary.severities.values().any(|l| lost.contains(l));
    let severity = if severities.is_empty() && severities_lost {
        Reading::Unknown
    } else {
        one_or_many(severities, None)
    };
    let own = |l: &&Label| !vocabulary.is_mapped(l) && !is_ignored(l);
    RemoteValues { status, severity, labels: issue.labels.iter().filter(own).cloned().collect() }
}

/// Which mapped labels matter to a base and are missing in the repository.
pub fn lost_labels(bases: &[&Base], vocabulary: &Vocabulary, in_repository: &Labels) -> Labels {
    let mut lost = Labels::new();
    for base in bases {
        let mark = match &base.agreed.status {
            Some(Status::Marked(word)) => vocabulary.marks.get(word),
            _ => None,
        };
        let severity = base.agreed.severity.flatten().and_then(|s| vocabulary.severities.get(&s));
        lost.extend(mark.into_iter().chain(severity).filter(|l| !in_repository.contains(l)).cloned());
    }
    lost
}

/// What the events after `seen` touched.
pub fn touched(events: &[Event], seen: Timestamp, vocabulary: &Vocabulary) -> Touched {
    let mut touched = Touched::default();
    for event in events.iter().filter(|e| e.at > seen) {
        match &event.what {
            EventKind::Closed | EventKind::Reopened => touched.status = true,
            EventKind::Labeled(label) | EventKind::Unlabeled(label) => {
                if vocabulary.mark_of(label).is_some() {
                    touched.status = true;
                } else if vocabulary.severity_of(label).is_some() {
                    touched.severity = true;
                } else {
                    touched.labels.insert(label.clone());
                }
            }
        }
    }
    touched
}

impl<T: Ord + Clone> Reading<T> {
    /// The one value, given what was agreed last: of several the one that differs from the
    /// base is the new one (rule 13). `Err` holds several that can't be told apart.
    ///
    /// # Errors
    /// The candidates.
    pub fn settle(&self, base: Option<&T>) -> Result<Option<T>, BTreeSet<T>> {
        match self {
            Self::Unknown => Ok(None),
            Self::One(value) => Ok(Some(value.clone())),
            Self::Many(values) => {
                let news: Vec<_> = values.iter().filter(|v| Some(*v) != base).collect();
                match news.as_slice() {
                    [only] if base.is_some() => Ok(Some((*only).clone())),
                    _ => Err(values.clone()),
                }
            }
        }
    }
}

fn one_or_many<T: Ord>(mut values: BTreeSet<T>, none: T) -> Reading<T> {
    match values.len() {
        0 => Reading::One(none),
        1 => values.pop_first().map_or(Reading::Unknown, Reading::One),
        _ => Reading::Many(values),
    }
}
