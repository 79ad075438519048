//! What to change, as plain data.
//!
//! Floor 2, pure: from worklog entries, base lines, the journal and what GitHub answered
//! to a [`Plan`], in a fixed order; the same input gives the same plan. The plan that is
//! printed is the value that `sync` carries out. It holds edits and not final texts where
//! a new issue's number is not known yet ([`Target::Created`]).

pub mod adopted;
mod belongs;
mod brakes;
mod comment;
pub mod compared;
mod display;
pub mod families;
mod filing;
mod input;
mod json;
pub mod likely;
mod lines;
mod linked;
pub mod questions;
pub mod ruled;
mod secrets;
mod text;
mod tie;
mod undo;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use belongs::{Because, Belongs};
pub use brakes::{Allowed, Brake};
pub(crate) use comment::text_refusal;
pub(crate) use input::GRACE_SECONDS;
pub use input::{Input, LocalEntry, OpenIntent, Refusal, Seen};
pub use lines::{Line, Outcome, WorklogLines, lines, lines_of_issues};
pub use linked::{disagrees, needs_comments, occurrence_of};
pub use secrets::LeftOut;
pub use text::{TemplateError, check_template};
pub use tie::{Standing, Ties, is_due, standing};
pub use undo::{Done, Left, Move, Place};
pub use write::{Echo, Mismatch, StateChange, Write};

use crate::merge::{Conflict, Diff, Field, LocalChange, Note};
use crate::model::{Base, Candidate, EntryKey, Issue, Label, Labels, RepoSlug, Severity, Status, Timestamp};

/// Everything one sync would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The repository on GitHub.
    pub home: RepoSlug,
    /// What to do, in the order in which it is done.
    pub changes: Vec<Change>,
    /// Fields that wait for a person.
    pub conflicts: Vec<IssueConflict>,
    /// Entries that are left alone, and why.
    pub held: Vec<Held>,
    /// Things to say that need no decision, by issue.
    pub notes: Vec<(u64, Note)>,
    /// Why nothing of it may be done without being asked again, or at all.
    pub brakes: Vec<Brake>,
    /// Entries whose title is not the issue's. It belongs to GitHub once the issue is made,
    /// so this is only said where somebody asks how things stand.
    pub titles: Vec<OtherTitle>,
    /// Conflicts that would be settled though nobody named them, where they are so many that a brake holds.
    pub settled: Vec<IssueConflict>,
    /// Secrets that the texts for GitHub would have held.
    pub left_out: Vec<LeftOut>,
    /// Every entry that was considered, with its worklog's path.
    pub considered: Vec<(String, EntryKey, Option<u64>)>,
}

/// One change.
#[expect(clippy::large_enum_variant, reason = "a plan is short and is read far more than it is moved")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make a label that the project's vocabulary or an entry needs.
    CreateLabel(CreateLabel),
    /// File an issue for one or more entries.
    CreateIssue(CreateIssue),
    /// Set fields of an issue.
    UpdateIssue(UpdateIssue),
    /// Comment on an issue.
    CreateComment(CreateComment),
    /// End an issue that was filed in the same moment as another one.
    CloseDuplicate(CloseDuplicate),
    /// Replace gardener's own text: its block in an issue it made, or its comment.
    EditText(EditText),
    /// Edit an entry's front matter.
    EditWorklog(EditWorklog),
    /// Record what is agreed.
    RecordBase(RecordBase),
}

/// Make a label in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateLabel {
    /// Its name.
    pub label: Label,
    /// Six hexadecimal digits.
    pub color: &'static str,
    /// What it stands for.
    pub description: String,
}

/// File an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateIssue {
    /// The entries it is for; the first one's key stands in the marker.
    pub keys: Vec<EntryKey>,
    /// Their common fingerprint.
    pub fingerprint: Option<String>,
    /// Its title.
    pub title: String,
    /// Its text, with marker and block.
    pub body: String,
    /// Its labels, those for severity and status among them.
    pub labels: Labels,
    /// For people: the severity among the labels.
    pub severity: Option<Severity>,
}

/// Set fields of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateIssue {
    /// The issue.
    pub number: u64,
    /// Its occurrences here.
    pub keys: Vec<EntryKey>,
    /// The state to set and the one expected.
    pub status: Option<Diff<Status>>,
    /// The severity to set and the one expected.
    pub severity: Option<Diff<Option<Severity>>>,
    /// Labels to add, those for severity and status among them.
    pub add: Labels,
    /// Labels to take off, those for severity and status among them.
    pub remove: Labels,
    /// Those of `add` and `remove` that only carry the status and the severity.
    pub carriers: Labels,
    /// Those of them that carry the status.
    pub marks: Labels,
}

/// Comment on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateComment {
    /// The issue.
    pub number: u64,
    /// The occurrences it speaks of; the first one's key names its intent.
    pub keys: Vec<EntryKey>,
    /// Its text, with markers.
    pub body: String,
    /// Whether it carries the managed block.
    pub has_block: bool,
}

/// End an issue that was filed in the same moment as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseDuplicate {
    /// The issue that gives way.
    pub number: u64,
    /// The issue that stays. Nothing is sent unless all that this plan wants of it is
    /// confirmed.
    pub winner: u64,
    /// The entry.
    pub keys: Vec<EntryKey>,
    /// The comment that names the winner, unless it is there.
    pub comment: Option<String>,
    /// Whether it is to be closed; somebody may have done that.
    pub close: bool,
}

/// Replace a text that gardener wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditText {
    /// The issue.
    pub number: u64,
    /// The occurrences whose lines change.
    pub keys: Vec<EntryKey>,
    /// The comment, or the issue's own text.
    pub comment: Option<u64>,
    /// The whole text expected and wanted.
    pub text: Diff<String>,
}

/// Edit an entry's front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditWorklog {
    /// The worklog.
    pub path: String,
    /// The entry.
    pub key: EntryKey,
    /// What to edit.
    pub edit: EntryEdit,
}

/// What to edit in an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryEdit {
    /// Write the issue's number.
    Issue {
        /// The issue.
        target: Target,
        /// Why it is the one.
        why: Because,
    },
    /// Ask which of these it is.
    Candidates(Vec<Candidate>),
    /// Somebody said which issue it is: the candidates go, and the reason of the one stays.
    Decided(Option<String>),
    /// Follow GitHub.
    Follow(LocalChange),
}

/// An issue that has a number, or will have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// It has one.
    Number(u64),
    /// The one created for this entry in the same plan.
    Created(EntryKey),
}

/// Record what is agreed on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBase {
    /// The worklog.
    pub path: String,
    /// The entry.
    pub key: EntryKey,
    /// Its issue.
    pub issue: Target,
    /// The base as it is; `None` where there is none or it is another issue's.
    pub before: Option<Base>,
    /// Whether that base is still to be written into the worklog, even if nothing else
    /// changes.
    pub due: bool,
    /// The values, once everything they wait for is confirmed.
    pub agreed: Issue,
    /// Fields that are agreed only once GitHub confirmed a write to them.
    pub sent: BTreeSet<Field>,
    /// GitHub's time of the issue as it was read.
    pub seen: Option<Timestamp>,
}

/// A conflict and the issue it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueConflict {
    /// The worklog.
    pub path: String,
    /// The issue.
    pub number: u64,
    /// The conflict.
    pub conflict: Conflict,
}

/// An entry whose title is not its issue's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherTitle {
    /// The entry.
    pub key: EntryKey,
    /// The issue.
    pub number: u64,
    /// The issue's title.
    pub there: String,
}

/// An entry that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The worklog.
    pub path: String,
    /// The entry.
    pub key: EntryKey,
    /// The issue, if it has one.
    pub number: Option<u64>,
    /// Why.
    pub why: Why,
}

/// Why an entry is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// 404: unknown, not absent.
    NotVisible,
    /// 410.
    Deleted,
    /// 301, with the address.
    Moved(String),
    /// The number is a pull request's.
    PullRequest,
    /// Its issue is in another repository.
    Elsewhere,
    /// A creation was begun and its outcome is not known; after this moment it may be
    /// tried again.
    Pending(Timestamp),
    /// Somebody took the number out of the entry.
    Unlinked,
    /// It is closed and was never filed.
    NeverFiled,
    /// The worklog says that it is not to be filed, and why.
    OnHold(String),
    /// Issues that it may be about, for somebody to say.
    Undecided(Vec<Candidate>),
    /// It is like this entry, which is filed first.
    After(EntryKey),
    /// Several live issues carry its fingerprint.
    Twins(Vec<u64>),
    /// GitHub refused this before, and nothing changed since.
    Refused(String),
    /// Another issue carries its marker and was not surely filed by gardener.
    Copy(u64),
    /// An issue that gave way to this one was opened again.
    Reopened(u64),
    /// The issue is locked, and so was not commented. There is nothing to run again for.
    Locked,
    /// The issue is locked, and links of the entry wait for that to end.
    LockedLinks,
    /// The labels do not exist and the token may not make them.
    NoLabels(Labels),
    /// The managed block is in a comment of somebody else.
    BlockNotOurs,
    /// The repository has no issues or is archived.
    Closed(&'static str),
    /// Something that can't be altered holds what looks like a secret: where, and what kind.
    Secret(String),
}

impl Why {
    /// Whether the sync is not finished because of it: it should run again or somebody has
    /// to do something.
    pub fn is_unfinished(&self) -> bool {
        !matches!(
            self,
            Self::Unlinked
                | Self::NeverFiled
                | Self::OnHold(_)
                | Self::Elsewhere
                | Self::Locked
                | Self::Copy(_)
                | Self::Reopened(_)
        )
    }
}

impl Plan {
    /// Makes the plan.
    ///
    /// # Errors
    /// When the issue template can't be filled in.
    pub fn make(input: &Input) -> Result<Self, TemplateError> {
        let mut draft = Draft::default();
        for (number, author) in input.forged.iter().filter(|(n, _)| !input.told.contains(&(**n, 0))) {
            draft.notes.push((*number, Note::Forged { comment: None, by: author.login.clone() }));
        }
        let ties = Ties::find(input);
        let (moved, contested) = match ties == Ties::default() && input.losers.is_empty() {
            true => (None, Vec::new()),
            false => {
                let (moved, contested) = tie::move_entries(input, &mut draft);
                (Some(moved), contested)
            }
        };
        let moved = moved.as_ref().unwrap_or(input);
        let linked = filing::plan_filing(moved, &mut draft)?;
        linked::plan_linked(moved, &linked, &mut draft);
        tie::close_losers(input, &ties, contested, &mut draft);
        ruled::tell(input, &mut draft);
        Ok(draft.finish(input))
    }

    /// Whether nothing would be written anywhere.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether GitHub would be written to.
    pub fn writes_to_github(&self) -> bool {
        let local = |c: &Change| matches!(c, Change::EditWorklog(_) | Change::RecordBase(_));
        self.changes.iter().any(|c| !local(c))
    }

    /// Whether brakes stop it; `yes` is the user's word to go on.
    pub fn is_stopped(&self, yes: bool) -> bool {
        self.brakes.iter().any(|b| !yes || b.allowed == Allowed::Never)
    }

    /// The two values of each contested field. Several losers of a race can contest one field,
    /// and are shown together.
    pub fn contested(&self) -> BTreeMap<(EntryKey, Field), (String, String)> {
        let mut all: BTreeMap<(EntryKey, Field), (String, String)> = BTreeMap::new();
        for c in self.conflicts.iter().map(|c| &c.conflict) {
            let (_, there) =
                all.entry((c.key.clone(), c.field)).or_insert_with(|| (c.here.clone(), String::new()));
            if !there.is_empty() {
                there.push_str(", ");
            }
            there.push_str(&c.there);
        }
        all
    }

    /// The issues that would be changed, without those to be created.
    pub fn numbers_to_write(&self) -> BTreeSet<u64> {
        self.changes.iter().filter_map(Change::number).collect()
    }
}

impl Change {
    /// The existing issue on GitHub that it writes to.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::UpdateIssue(c) => Some(c.number),
            Self::CreateComment(c) => Some(c.number),
            Self::CloseDuplicate(c) => Some(c.number),
            Self::EditText(c) => Some(c.number),
            Self::CreateLabel(_) | Self::CreateIssue(_) | Self::EditWorklog(_) | Self::RecordBase(_) => None,
        }
    }
}

impl UpdateIssue {
    fn moves_own_labels(&self) -> bool {
        self.add.union(&self.remove).any(|l| !self.carriers.contains(l))
    }

    /// The writes it takes, each independent of the others' answers.
    ///
    /// Whatever is done of them when the rest fails, the issue says what it said before or
    /// what it is to say, and nothing third that would look like somebody's edit.
    pub fn writes(&self) -> Vec<Write> {
        let number = self.number;
        let mut writes = Vec::new();
        if !self.add.is_empty() {
            writes.push(Write::AddLabels { number, labels: self.add.clone() });
        }
        let closing = self.status.as_ref().filter(|d| d.after.is_closed());
        let remove = |label: &Label| Write::RemoveLabel { number, label: label.clone() };
        let state = self.status.as_ref().and_then(|d| state_change(&d.before, &d.after));
        let state = state.map(|to| Write::SetState { number, to });
        // The state comes last: a closed issue's notification then shows its final labels. Only
        // a status label goes after it, because without both the issue would be plainly open.
        let is_late = |l: &&Label| closing.is_some() && self.marks.contains(*l);
        let (late, early): (Vec<_>, Vec<_>) = self.remove.iter().partition(is_late);
        writes.extend(early.into_iter().map(remove));
        writes.extend(state);
        writes.extend(late.into_iter().map(remove));
        writes
    }
}

/// The change of state between two statuses; `None` where only labels differ.
fn state_change(before: &Status, after: &Status) -> Option<StateChange> {
    match after {
        Status::Completed => Some(StateChange::Completed),
        Status::NotPlanned => Some(StateChange::NotPlanned),
        Status::Duplicate => Some(StateChange::Duplicate),
        Status::Open | Status::Marked(_) => before.is_closed().then_some(StateChange::Reopen),
    }
}

/// The parts of a plan while it is made.
#[derive(Default)]
struct Draft {
    labels: Vec<CreateLabel>,
    creations: Vec<CreateIssue>,
    updates: Vec<Change>,
    edits: Vec<EditWorklog>,
    bases: Vec<RecordBase>,
    conflicts: Vec<IssueConflict>,
    held: Vec<Held>,
    notes: Vec<(u64, Note)>,
    titles: Vec<OtherTitle>,
    /// Issues that entries name.
    linked: BTreeSet<u64>,
    /// Those of them that are not there any more, or not visible.
    gone: BTreeSet<u64>,
    /// Those of them on which something was agreed before.
    tracked: BTreeSet<u64>,
    /// Those of the tracked ones that GitHub shows otherwise now.
    changed: BTreeSet<u64>,
}

impl Draft {
    /// Puts the parts in their order: labels, creations, changes by issue, then worklog
    /// edits and bases in the order of the entries.
    fn finish(mut self, input: &Input) -> Plan {
        let places: BTreeMap<&EntryKey, usize> =
            input.entries.iter().enumerate().map(|(i, e)| (&e.key, i)).collect();
        let place = |key: &EntryKey| places.get(key).copied();
        self.edits.sort_by_key(|e| place(&e.key));
        self.bases.sort_by_key(|b| place(&b.key));
        self.held.sort_by_key(|h| place(&h.key));
        self.conflicts.sort_by_key(|c| (place(&c.conflict.key), c.conflict.field));
        let brakes = brakes::brakes(input, &self);
        let changes: Vec<Change> = std::iter::empty()
            .chain(self.labels.into_iter().map(Change::CreateLabel))
            .chain(self.creations.into_iter().map(Change::CreateIssue))
            .chain(self.updates)
            .chain(self.edits.into_iter().map(Change::EditWorklog))
            .chain(self.bases.into_iter().map(Change::RecordBase))
            .collect();
        let number = |e: &LocalEntry| input.number_of(e);
        let considered = input.entries.iter().map(|e| (e.path.clone(), e.key.clone(), number(e))).collect();
        Plan {
            home: input.home.clone(),
            left_out: secrets::left_out(&input.entries, &changes),
            changes,
            conflicts: self.conflicts,
            held: self.held,
            notes: self.notes,
            titles: self.titles,
            settled: Vec::new(),
            brakes,
            considered,
        }
    }
}
