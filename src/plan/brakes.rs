//! What stops a plan before its first write (promise P11): what notifies people and can't be
//! taken back unseen, and what looks less like an edit than like an accident.
//!
//! Small numbers are never an accident: somebody with three issues may delete all three.

use std::fmt;

use crate::merge::RemoteValues;
use crate::model::{Base, Labels};
use crate::plan::{Change, Draft, Input, IssueConflict, Plan, UpdateIssue};

/// Why a plan is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brake {
    /// What there is too much of.
    pub what: &'static str,
    /// How much.
    pub count: usize,
    /// How much goes without asking.
    pub limit: usize,
    /// What the user may do about it.
    pub allowed: Allowed,
}

/// Whether a brake can be let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// With `--yes`.
    Yes,
    /// With `--yes`; it is about so many of so many.
    YesOf(usize),
    /// With `--yes`, or by naming the entries that are meant.
    YesOrNames,
    /// Never: this gardener does not know what it would do.
    Never,
}

/// Fewer issues than this that are all gone, or entries that all lost theirs, are no accident.
const ALL_GONE: usize = 5;

/// From here on more than half is enough.
const MOST_GONE: usize = 20;

/// Fewer issues than this that are all changed at once are no accident.
const ALL_CHANGED: usize = 10;

/// The brakes of a plan.
pub(super) fn brakes(input: &Input, draft: &Draft) -> Vec<Brake> {
    let never =
        Brake { what: "worklogs of a newer format", count: input.newer, limit: 0, allowed: Allowed::Never };
    let mut found: Vec<Brake> = (input.newer > 0).then_some(never).into_iter().collect();
    let (lost, named) = input.lost;
    let (gone, linked) = (draft.gone.len(), draft.linked.len());
    let (changed, tracked) = (draft.changed.len(), draft.tracked.len());
    for (what, count, of, limit) in [
        ("linked issues are gone or not visible", gone, linked, limit_gone(linked)),
        ("issues are named by no entry any more", lost, named, limit_gone(named)),
        ("tracked issues changed at once", changed, tracked, (tracked.max(ALL_CHANGED)) - 1),
    ] {
        if count > limit {
            found.push(Brake { what, count, limit, allowed: Allowed::YesOf(of) });
        }
    }
    let limits = &input.config.sync.limits;
    let count = |what: fn(&Change) -> bool| draft.updates.iter().filter(|c| what(c)).count();
    let counts = [
        ("new issues", draft.creations.len(), limits.create),
        ("closed issues", count(closes), limits.close),
        (
            "other changes of status",
            count(|c| updates(c, |u| u.status.is_some()) && !closes(c)),
            limits.update,
        ),
        ("changes of severity", count(|c| updates(c, |u| u.severity.is_some())), limits.update),
        ("issues with changed labels", count(|c| updates(c, UpdateIssue::moves_own_labels)), limits.update),
        ("edited texts", count(|c| matches!(c, Change::EditText(_))), limits.update),
        ("new comments", count(comments), limits.comment),
    ];
    let over = counts.into_iter().filter(|(_, count, limit)| count > limit);
    found.extend(over.map(|(what, count, limit)| Brake { what, count, limit, allowed: Allowed::Yes }));
    found
}

impl Plan {
    /// Holds the plan where it would settle several conflicts that nobody named; one goes without asking.
    pub(crate) fn hold_settled(&mut self, settled: Vec<IssueConflict>) {
        let mut fields: Vec<_> = settled.iter().map(|c| (&c.conflict.key, c.conflict.field)).collect();
        fields.dedup();
        let (what, count, limit) = ("conflicts would be settled at once", fields.len(), 1);
        if count > limit {
            self.brakes.push(Brake { what, count, limit, allowed: Allowed::YesOrNames });
            self.settled = settled;
        }
    }

    /// Whether it is held by nothing but that.
    pub fn is_held_by_settled(&self) -> bool {
        !self.brakes.is_empty() && self.brakes.iter().all(|brake| brake.allowed == Allowed::YesOrNames)
    }

    /// Lets it go, on somebody's word.
    pub fn let_settled_go(&mut self) {
        self.brakes.retain(|brake| brake.allowed != Allowed::YesOrNames);
    }
}

/// How many of so many may be gone: not all, from a handful on, and of many at most half.
fn limit_gone(of: usize) -> usize {
    let all = of.max(ALL_GONE) - 1;
    let most = (of / 2).max(MOST_GONE - 1);
    all.min(most)
}

/// Whether GitHub shows another value than was agreed on. Links are in texts and are not
/// looked at.
pub(super) fn differs(base: &Base, remote: &RemoteValues, once: &Labels) -> bool {
    let agreed = &base.agreed;
    let status =
        remote.status.settle(agreed.status.as_ref()).is_ok_and(|s| s.is_some() && s != agreed.status);
    let severity = remote.severity.settle(agreed.severity.as_ref());
    let severity = severity.is_ok_and(|s| s.is_some() && s != agreed.severity);
    let own = |labels: &Labels| labels.difference(once).cloned().collect::<Labels>();
    let labels = agreed.labels.as_ref().is_some_and(|l| own(l) != own(&remote.labels));
    (agreed.status.is_some() && status) || (agreed.severity.is_some() && severity) || labels
}

fn updates(change: &Change, what: fn(&UpdateIssue) -> bool) -> bool {
    matches!(change, Change::UpdateIssue(update) if what(update))
}

fn closes(change: &Change) -> bool {
    let closing =
        |u: &UpdateIssue| u.status.as_ref().is_some_and(|d| d.after.is_closed() && !d.before.is_closed());
    updates(change, closing) || matches!(change, Change::CloseDuplicate(c) if c.close)
}

fn comments(change: &Change) -> bool {
    match change {
        Change::CreateComment(_) => true,
        Change::CloseDuplicate(c) => c.comment.is_some(),
        _ => false,
    }
}

impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, count, limit, .. } = self;
        match self.allowed {
            Allowed::Yes => write!(
                f,
                "stopped: {count} {what}, more than {limit} go without asking; `gardener sync --yes` does it"
            ),
            Allowed::YesOf(of) => write!(
                f,
                "stopped: {count} of {of} {what}, which is seldom meant; `gardener sync --yes` goes on"
            ),
            Allowed::YesOrNames => write!(
                f,
                "stopped: {count} {what}, and none was named; name each as `--prefer SIDE ENTRY`, or say --yes"
            ),
            Allowed::Never => write!(f, "stopped: {count} {what}; use the gardener that wrote them"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_never_an_accident_and_many_need_not_be_all() {
        for (of, limit) in [
            (0, 4),
            (1, 4),
            (4, 4),
            (5, 4),
            (6, 5),
            (19, 18),
            (20, 19),
            (21, 19),
            (38, 19),
            (40, 20),
            (100, 50),
        ] {
            assert_eq!(limit_gone(of), limit, "of {of}");
        }
    }
}
