//! One issue with all its occurrences: field by field, each by its own law.

use std::collections::BTreeSet;
use std::fmt;

use crate::merge::{
    Diff, LinksThere, Reading, RemoteValues, Scalar, SetVoice, Touched, Voice, follow, merge_sets, scalar,
};
use crate::model::{Base, EntryKey, Issue, Label, Labels, Link, Links, Severity, Status, Timestamp};

/// A field that is kept equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Where it stands.
    Status,
    /// How bad it is.
    Severity,
    /// Its labels.
    Labels,
    /// Its links.
    Links,
}

/// An entry that names the issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Which.
    pub key: EntryKey,
    /// What it says. `labels` is its own list; `links` holds paths too.
    pub local: Issue,
    /// The worklog's labels, added once to every entry's issue.
    pub once: Labels,
    /// Its own base, if it agreed on one for this issue.
    pub base: Option<Base>,
    /// What GitHub has an event on since that base.
    pub touched: Touched,
    /// What the managed block says of it.
    pub links_there: LinksThere,
}

/// Which side to take where a conflict was shown (rule 11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// The side to take.
    pub side: Side,
    /// Only for this entry; all otherwise.
    pub key: Option<EntryKey>,
    /// Only for this field; all otherwise.
    pub field: Option<Field>,
    /// What somebody saw here and there, and decided about.
    pub seen: Option<(String, String)>,
}

/// A side of the sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The worklog.
    Local,
    /// GitHub.
    Remote,
}

/// Two sides that want different things. It holds back its own field only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The occurrence.
    pub key: EntryKey,
    /// The field.
    pub field: Field,
    /// What was agreed last, in words.
    pub base: Option<String>,
    /// What the worklog says.
    pub here: String,
    /// What GitHub says.
    pub there: String,
}

/// Something worth saying that needs nobody's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// These labels were taken away on one side and stay, because another added them.
    Kept(Labels),
    /// The managed block can't be read and is left alone.
    BlockUnreadable,
    /// Somebody who has no say here wrote a marker or block like gardener's. It is ignored.
    Forged {
        /// The comment; `None` for the issue's own text.
        comment: Option<u64>,
        /// Who.
        by: String,
    },
    /// The rule in its text can't be read: what is wrong first.
    BrokenRule(String),
}

/// What becomes of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedIssue {
    /// The status to set on GitHub.
    pub status: Option<Diff<Status>>,
    /// The severity to set on GitHub, other severity labels going away.
    pub severity: Option<Diff<Option<Severity>>>,
    /// Labels to add on GitHub.
    pub add: Labels,
    /// Labels to take off on GitHub.
    pub remove: Labels,
    /// What becomes of each occurrence, in the order given.
    pub occurrences: Vec<MergedOccurrence>,
    /// Fields that wait for a person.
    pub conflicts: Vec<Conflict>,
    /// Things to say.
    pub notes: Vec<Note>,
}

/// What becomes of an occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedOccurrence {
    /// Which.
    pub key: EntryKey,
    /// Edits of its front matter.
    pub changes: Vec<LocalChange>,
    /// What is agreed once everything planned is confirmed.
    pub agreed: Issue,
    /// What the managed block is to list for it; `None` leaves the block alone.
    pub listed: Option<Links>,
}

/// One edit of an entry's front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalChange {
    /// Set the status.
    Status(Diff<Option<Status>>),
    /// Set or remove the severity.
    Severity(Diff<Option<Severity>>),
    /// Add a label to its list.
    AddLabel(Label),
    /// Take a label out of its list.
    RemoveLabel(Label),
    /// Add a link to its list.
    AddLink(Link),
    /// Take a link out of its list.
    RemoveLink(Link),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status => "status",
            Self::Severity => "severity",
            Self::Labels => "labels",
            Self::Links => "links",
        })
    }
}

impl LocalChange {
    /// The field it is about.
    pub fn field(&self) -> Field {
        match self {
            Self::Status(_) => Field::Status,
            Self::Severity(_) => Field::Severity,
            Self::AddLabel(_) | Self::RemoveLabel(_) => Field::Labels,
            Self::AddLink(_) | Self::RemoveLink(_) => Field::Links,
        }
    }
}

/// Whether events decide something for this occurrence: it says something else than its
/// base, and the issue moved since (rule 1). Otherwise they need not be looked up.
pub fn needs_events(occurrence: &Occurrence, updated_at: Timestamp) -> bool {
    let Some(base) = &occurrence.base else { return false };
    let (local, agreed) = (&occurrence.local, &base.agreed);
    let status = local.status.is_some() && local.status != agreed.status;
    let severity = local.severity.is_some() && local.severity != agreed.severity;
    let labels = match (&local.labels, &agreed.labels) {
        (Some(mine), Some(agreed)) => {
            !mine.is_subset(agreed)
                || agreed.iter().any(|l| !mine.contains(l) && !occurrence.once.contains(l))
        }
        _ => false,
    };
    updated_at > base.seen && (status || severity || labels)
}

/// Merges one issue with its occurrences.
pub fn merge_issue(
    occurrences: &[Occurrence],
    remote: &RemoteValues,
    preferences: &[Preference],
) -> MergedIssue {
    let mut merged = MergedIssue {
        status: None,
        severity: None,
        add: Labels::new(),
        remove: Labels::new(),
        occurrences: occurrences.iter().map(MergedOccurrence::unchanged).collect(),
        conflicts: Vec::new(),
        notes: Vec::new(),
    };
    let status = voices(occurrences, |i| i.status.clone(), |t| t.status);
    let decided =
        decide(Field::Status, occurrences, status, &remote.status, preferences, &mut merged.conflicts, |s| {
            s.word().to_owned()
        });
    if let Some(decided) = decided {
        for ((voice, done), occurrence) in decided.voices.iter().zip(&mut merged.occurrences).zip(occurrences)
        {
            if let Some(after) = follow(voice, &decided.value, &Status::Open) {
                let before = occurrence.local.status.clone();
                done.changes.push(LocalChange::Status(Diff { before, after: Some(after) }));
            }
            done.agreed.status = Some(decided.value.clone());
        }
        merged.status = decided.sent;
    }
    let mut severity = voices(occurrences, |i| i.severity, |t| t.severity);
    // A scalar that is absent on one side of a first link takes the other's (rule 15): an
    // issue without a severity label never had another opinion.
    if remote.severity == Reading::One(None) {
        severity.iter_mut().filter(|v| v.base.is_none()).for_each(|v| v.base = Some(None));
    }
    let words = |s: &Option<Severity>| s.map_or("no severity", Severity::word).to_owned();
    let conflicts = &mut merged.conflicts;
    let decided =
        decide(Field::Severity, occurrences, severity, &remote.severity, preferences, conflicts, words);
    if let Some(decided) = decided {
        for ((voice, done), occurrence) in decided.voices.iter().zip(&mut merged.occurrences).zip(occurrences)
        {
            let before = occurrence.local.severity.flatten();
            if let Some(after) = follow(voice, &decided.value, &None)
                && after != before
            {
                done.changes.push(LocalChange::Severity(Diff { before, after }));
            }
            done.agreed.severity = Some(decided.value);
        }
        merged.severity = decided.sent;
    }
    merge_labels(occurrences, &remote.labels, &mut merged);
    for (occurrence, done) in occurrences.iter().zip(&mut merged.occurrences) {
        if occurrence.links_there == LinksThere::Unreadable && !merged.notes.contains(&Note::BlockUnreadable)
        {
            merged.notes.push(Note::BlockUnreadable);
        }
        merge_links(occurrence, done);
    }
    merged
}

impl MergedOccurrence {
    fn unchanged(occurrence: &Occurrence) -> Self {
        let agreed = occurrence.base.as_ref().map(|b| b.agreed.clone()).unwrap_or_default();
        Self { key: occurrence.key.clone(), changes: Vec::new(), agreed, listed: None }
    }
}

fn voices<T>(
    occurrences: &[Occurrence],
    value: impl Fn(&Issue) -> Option<T>,
    was_touched: impl Fn(&Touched) -> bool,
) -> Vec<Voice<T>> {
    let voice = |o: &Occurrence| Voice {
        base: o.base.as_ref().and_then(|b| value(&b.agreed)),
        local: value(&o.local),
        touched: was_touched(&o.touched),
    };
    occurrences.iter().map(voice).collect()
}

struct Decided<T> {
    value: T,
    sent: Option<Diff<T>>,
    voices: Vec<Voice<T>>,
}

/// Decides a scalar, taking a preferred side where it would be a conflict.
fn decide<T: Ord + Clone>(
    field: Field,
    occurrences: &[Occurrence],
    mut voices: Vec<Voice<T>>,
    reading: &Reading<T>,
    preferences: &[Preference],
    conflicts: &mut Vec<Conflict>,
    words: impl Fn(&T) -> String,
) -> Option<Decided<T>> {
    let bases = occurrences.iter().zip(&voices);
    let bases = bases.filter_map(|(o, v)| Some((o.base.as_ref()?.seen, &o.key, v.base.clone()?)));
    let newest = bases.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1))).map(|(_, _, base)| base);
    let several = matches!(reading, Reading::Many(_));
    let (remote, there) = match reading.settle(newest.as_ref()) {
        Ok(None) => return None,
        Ok(Some(value)) => (value.clone(), words(&value)),
        Err(values) => {
            let there: Vec<_> = values.iter().map(&words).collect();
            // Which of them GitHub means can't be told; for the law any that this side does
            // not say stands for "something else".
            let says = |v: &T| voices.iter().any(|voice| voice.local.as_ref() == Some(v));
            let others: Vec<&T> = values.iter().filter(|v| !says(v)).collect();
            let other = others.first().copied().or(values.first())?;
            let ours = preferred(Side::Local, field, occurrences, &voices, preferences);
            let theirs = preferred(Side::Remote, field, occurrences, &voices, preferences);
            // GitHub's side can be taken where it says one thing besides what this side says.
            if ours.is_empty() && (theirs.is_empty() || others.len() != 1) {
                let speaking: Vec<_> = (0..voices.len()).collect();
                push_conflicts(
                    field,
                    &speaking,
                    occurrences,
                    &voices,
                    &there.join(" and "),
                    conflicts,
                    &words,
                );
                return None;
            }
            (other.clone(), there.join(" and "))
        }
    };
    let mut outcome = scalar(&voices, Some(&remote));
    if let Scalar::Conflict(speaking) = &outcome {
        // A rule for all is about what was shown: an occurrence that equals its own base has
        // nothing to say, and is not made to.
        let named = |i: &usize| preferences.iter().any(|p| p.key.as_ref() == Some(&occurrences[*i].key));
        let shown = |all: BTreeSet<usize>| -> BTreeSet<usize> {
            all.into_iter().filter(|i| speaking.contains(i) || named(i)).collect()
        };
        let ours = shown(preferred(Side::Local, field, occurrences, &voices, preferences));
        let theirs = shown(preferred(Side::Remote, field, occurrences, &voices, preferences));
        let named = preferences.iter().any(|p| p.side == Side::Local && p.key.is_some());
        for (i, voice) in voices.iter_mut().enumerate() {
            if ours.contains(&i) {
                // Recording GitHub's value as base lets the ordinary law send ours.
                voice.base = Some(remote.clone());
                voice.touched = false;
            } else if theirs.contains(&i) || (named && !ours.is_empty()) {
                voice.base = voice.local.clone();
            }
        }
        outcome = scalar(&voices, Some(&remote));
    }
    match outcome {
        Scalar::Unknown => None,
        Scalar::Keep(value) => {
            let sent = several.then(|| Diff { before: value.clone(), after: value.clone() });
            Some(Decided { value, sent, voices })
        }
        Scalar::Send(value) => {
            Some(Decided { sent: Some(Diff { before: remote, after: value.clone() }), value, voices })
        }
        Scalar::Conflict(speaking) => {
            push_conflicts(field, &speaking, occurrences, &voices, &there, conflicts, &words);
            None
        }
    }
}

fn preferred<T>(
    side: Side,
    field: Field,
    occurrences: &[Occurrence],
    voices: &[Voice<T>],
    preferences: &[Preference],
) -> BTreeSet<usize> {
    let fits = |i: &usize| {
        voices[*i].local.is_some()
            && preferences.iter().any(|p| {
                p.side == side
                    && p.field.is_none_or(|f| f == field)
                    && p.key.as_ref().is_none_or(|k| *k == occurrences[*i].key)
            })
    };
    (0..occurrences.len()).filter(fits).collect()
}

fn push_conflicts<T>(
    field: Field,
    speaking: &[usize],
    occurrences: &[Occurrence],
    voices: &[Voice<T>],
    there: &str,
    conflicts: &mut Vec<Conflict>,
    words: &impl Fn(&T) -> String,
) {
    conflicts.extend(speaking.iter().map(|i| Conflict {
        key: occurrences[*i].key.clone(),
        field,
        base: voices[*i].base.as_ref().map(words),
        here: voices[*i].local.as_ref().map_or_else(|| "nothing".to_owned(), words),
        there: there.to_owned(),
    }));
}

fn merge_labels(occurrences: &[Occurrence], remote: &Labels, merged: &mut MergedIssue) {
    let voice = |o: &Occurrence| SetVoice {
        base: o.base.as_ref().and_then(|b| b.agreed.labels.clone()),
        local: o.local.labels.clone(),
        once: o.once.clone(),
        touched: o.touched.labels.clone(),
    };
    let voices: Vec<_> = occurrences.iter().map(voice).collect();
    let sets = merge_sets(&voices, remote);
    for (followed, done) in sets.voices.into_iter().zip(&mut merged.occurrences) {
        done.changes.extend(followed.remove.into_iter().map(LocalChange::RemoveLabel));
        done.changes.extend(followed.add.into_iter().map(LocalChange::AddLabel));
        done.agreed.labels = Some(followed.base);
    }
    if !sets.kept.is_empty() {
        merged.notes.push(Note::Kept(sets.kept));
    }
    (merged.add, merged.remove) = (sets.add, sets.remove);
}

/// Links are kept per occurrence: a block lists them under its name, so nobody else has a
/// say in them. Paths go one way.
fn merge_links(occurrence: &Occurrence, done: &mut MergedOccurrence) {
    let both_ways =
        |links: &Links| -> Links { links.iter().filter(|l| l.goes_both_ways()).cloned().collect() };
    let base = occurrence.base.as_ref().and_then(|b| b.agreed.links.clone());
    let local = occurrence.local.links.as_ref();
    let paths: Option<Links> = local.map(|l| l.iter().filter(|l| !l.goes_both_ways()).cloned().collect());
    match &occurrence.links_there {
        LinksThere::NotRead | LinksThere::Unreadable => {}
        LinksThere::Missing => {
            let mine = local.map(&both_ways);
            let agreed_already = base.is_some() && (mine.is_none() || mine == base);
            if !agreed_already {
                done.listed = Some(local.cloned().unwrap_or_default());
                done.agreed.links = Some(mine.unwrap_or_default());
            }
        }
        LinksThere::Listed(there) => {
            let voice = SetVoice { base, local: local.map(&both_ways), ..SetVoice::default() };
            let sets = merge_sets(&[voice], &both_ways(there));
            // A list that is about to be written speaks for paths too.
            let is_written = sets.voices.iter().any(|v| !v.add.is_empty());
            let paths = paths.unwrap_or_else(|| match is_written {
                true => Links::new(),
                false => there.iter().filter(|l| !l.goes_both_ways()).cloned().collect(),
            });
            let wanted: Links = sets.result.union(&paths).cloned().collect();
            for followed in sets.voices {
                done.changes.extend(followed.remove.into_iter().map(LocalChange::RemoveLink));
                done.changes.extend(followed.add.into_iter().map(LocalChange::AddLink));
                done.agreed.links = Some(followed.base);
            }
            done.listed = (wanted != *there).then_some(wanted);
        }
    }
}
