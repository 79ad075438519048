//! What both sides agreed on at the last sync of one entry.

use crate::model::{Issue, IssueRef, Timestamp};

/// One line of a worklog's base block: the third leg of the three-way merge.
///
/// It stands in the worklog so that it travels with the text it belongs to; it counts
/// only for `issue`, and a field that is `None` was never agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The issue, with its repository named.
    pub issue: IssueRef,
    /// The agreed values. `labels` also holds the worklog's own labels that were added
    /// once, whether or not the issue still has them.
    pub agreed: Issue,
    /// GitHub's time of the agreement. It moves only when a value of the line moves.
    pub seen: Timestamp,
}
