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

/// What the events after `seen` touched, of an issue that is open now or not. While it is
/// closed a status label says nothing, so that moving one touches nothing (rule 13).
pub fn touched(events: &[Event], seen: Timestamp, is_open: bool, vocabulary: &Vocabulary) -> Touched {
    let (mut touched, mut open) = (Touched::default(), is_open);
    for event in events.iter().rev().filter(|e| e.at > seen) {
        match &event.what {
            EventKind::Closed | EventKind::Reopened => {
                touched.status = true;
                open = event.what == EventKind::Closed;
            }
            EventKind::Labeled(label) | EventKind::Unlabeled(label) => {
                if vocabulary.mark_of(label).is_some() {
                    touched.status |= open;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Association, Author, Issue, IssueRef};

    fn label(name: &str) -> Label {
        Label::new(name).expect("a label")
    }

    fn read(state: State, labels: &[&str], lost: &[&str]) -> RemoteValues {
        let at = Timestamp::from_second(0);
        let issue = RemoteIssue {
            number: 5,
            node_id: String::new(),
            title: String::new(),
            body: String::new(),
            state,
            labels: labels.iter().map(|l| label(l)).collect(),
            author: Author { login: String::new(), association: Association::Other },
            locked: false,
            created_at: at,
            updated_at: at,
        };
        let lost = lost.iter().map(|l| label(l)).collect();
        read_remote(&issue, &Vocabulary::default(), &|l| l.name().starts_with("bot/"), &lost)
    }

    #[test]
    fn labels_are_read_as_what_they_stand_for() {
        let values = read(State::Open, &["p1", "In-Progress", "bug", "bot/x"], &[]);
        assert_eq!(values.status, Reading::One(Status::Marked("in-progress".into())));
        assert_eq!(values.severity, Reading::One(Some(Severity::P1)));
        assert_eq!(values.labels, Labels::from([label("bug")]));
        let closed = read(State::NotPlanned, &["in-progress"], &[]);
        assert_eq!(closed.status, Reading::One(Status::NotPlanned), "closed beats a status label");
        assert_eq!(read(State::Unknown("limbo".into()), &[], &[]).status, Reading::Unknown);
    }

    #[test]
    fn a_label_that_the_repository_lost_says_nothing() {
        assert_eq!(read(State::Open, &[], &["P1"]).severity, Reading::Unknown);
        assert_eq!(read(State::Open, &[], &["in-progress"]).status, Reading::Unknown);
        assert_eq!(read(State::Open, &["P0"], &["P1"]).severity, Reading::One(Some(Severity::P0)));
        let agreed = Issue { severity: Some(Some(Severity::P1)), ..Issue::default() };
        let base = Base { issue: IssueRef::here(5), agreed, seen: Timestamp::from_second(0) };
        let lost = lost_labels(&[&base], &Vocabulary::default(), &Labels::from([label("P0")]));
        assert_eq!(lost, Labels::from([label("P1")]));
    }

    #[test]
    fn of_several_the_one_that_differs_from_the_base_is_new() {
        let many = Reading::Many(BTreeSet::from([1, 2]));
        assert_eq!(many.settle(Some(&1)), Ok(Some(2)));
        assert_eq!(many.settle(Some(&3)), Err(BTreeSet::from([1, 2])));
        assert_eq!(many.settle(None), Err(BTreeSet::from([1, 2])));
        assert_eq!(Reading::<u8>::Unknown.settle(Some(&1)), Ok(None));
    }

    #[test]
    fn only_events_after_the_base_touch() {
        let at = |second, what| Event { what, at: Timestamp::from_second(second), by: String::new() };
        let events = [
            at(10, EventKind::Closed),
            at(20, EventKind::Labeled(label("P1"))),
            at(21, EventKind::Unlabeled(label("bug"))),
        ];
        let since = touched(&events, Timestamp::from_second(10), true, &Vocabulary::default());
        assert_eq!((since.status, since.severity), (false, true));
        assert_eq!(since.labels, Labels::from([label("bug")]));
        assert!(touched(&events, Timestamp::from_second(9), true, &Vocabulary::default()).status);
        // A status label on a closed issue says nothing, so moving it touches nothing.
        let mark = |second| at(second, EventKind::Labeled(label("in-progress")));
        let status = |events: &[Event], open| {
            touched(events, Timestamp::from_second(9), open, &Vocabulary::default()).status
        };
        assert!(status(&[mark(10)], true) && !status(&[mark(10)], false));
        assert!(status(&[mark(10), at(11, EventKind::Closed)], false));
    }
}
