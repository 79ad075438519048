//! Seeded defects, to see whether the simulation finds them. Only in builds with the feature
//! of this name, which is the simulation's alone: elsewhere `sabotaged!` is `false`.
//!
//! Each is a mistake that a program of this kind was seen to make, or that somebody could make
//! here tomorrow. The first ten were chosen before the oracles were looked at.

use std::cell::Cell;

/// A defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// A creation is sent again after a doubtful answer.
    RetryCreate,
    /// Files are not synced.
    DropSync,
    /// An open intent does not wait.
    NoGrace,
    /// Labels are sent as the whole set.
    PatchLabelSet,
    /// A list that failed is an empty one.
    ErrorIsEmpty,
    /// Anybody's marker counts.
    TrustAnybody,
    /// The base is the clone's, not the text's.
    BasePerClone,
    /// Only the first page of a list is read.
    FirstPageOnly,
    /// Time is the machine's.
    LocalClock,
    /// Values are compared, events are not looked at.
    NoSeen,
    /// A creation is not noted before it is sent.
    NoIntent,
    /// Markers on GitHub count for nothing when something is filed.
    NoMarkerLook,
    /// An issue is not looked at again before it is written to.
    NoLastLook,
    /// The status of an answer is believed, not what it echoes.
    BelieveStatus,
    /// In a conflict GitHub wins without a word.
    RemoteWins,
    /// In a conflict the worklog wins without a word.
    LocalWins,
    /// Nothing comes of two issues for one entry.
    NoTieRule,
    /// A file is written in place.
    WriteInPlace,
    /// A torn line of the journal is taken for a newer version's.
    NoChecksum,
    /// Texts of others are edited.
    EditOthersTexts,
    /// Redirects are followed anywhere, with the token.
    FollowAnywhere,
    /// Secrets stay.
    NoRedaction,
    /// Conflicts don't count for the exit code.
    QuietConflicts,
    /// Failures don't count for the exit code.
    QuietFailures,
    /// Comments are not looked through for one's own before one is written.
    CommentAgain,
    /// Values that were taken over are not written, and the base says they were.
    DropPulled,
    /// The base is recorded for what was not confirmed.
    BaseUnconfirmed,
    /// Rows of a list are believed whatever is known.
    BelieveRows,
    /// What was sent is agreed, also where the text still says what it said before.
    NoDoubt,
    /// What is about to be sent is not noted.
    NoSendingNote,
    /// What GitHub refused is sent again each time.
    ForgetRefusals,
    /// An entry that was unlinked is filed again.
    RefileUnlinked,
    /// Removing beats adding.
    RemoveBeatsAdd,
    /// The worklog's labels are added again and again.
    RepeatWorklogLabels,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 34] = [
        Self::RetryCreate,
        Self::DropSync,
        Self::NoGrace,
        Self::PatchLabelSet,
        Self::ErrorIsEmpty,
        Self::TrustAnybody,
        Self::BasePerClone,
        Self::FirstPageOnly,
        Self::LocalClock,
        Self::NoSeen,
        Self::NoIntent,
        Self::NoMarkerLook,
        Self::NoLastLook,
        Self::BelieveStatus,
        Self::RemoteWins,
        Self::LocalWins,
        Self::NoTieRule,
        Self::WriteInPlace,
        Self::NoChecksum,
        Self::EditOthersTexts,
        Self::FollowAnywhere,
        Self::NoRedaction,
        Self::QuietConflicts,
        Self::QuietFailures,
        Self::CommentAgain,
        Self::DropPulled,
        Self::BaseUnconfirmed,
        Self::BelieveRows,
        Self::NoDoubt,
        Self::NoSendingNote,
        Self::ForgetRefusals,
        Self::RefileUnlinked,
        Self::RemoveBeatsAdd,
        Self::RepeatWorklogLabels,
    ];
}

thread_local! {
    static CHOSEN: Cell<Option<Defect>> = const { Cell::new(None) };
    static SKEW: Cell<i64> = const { Cell::new(0) };
}

/// Switches a defect on for this thread, or all off; and says how wrong its clock is, in seconds.
pub fn choose(defect: Option<Defect>, skew: i64) {
    CHOSEN.set(defect);
    SKEW.set(skew);
}

/// Whether a defect is on.
pub fn is(defect: Defect) -> bool {
    CHOSEN.get() == Some(defect)
}

/// How wrong the machine's clock is.
pub fn skew() -> i64 {
    SKEW.get()
}
