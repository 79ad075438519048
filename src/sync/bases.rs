//! Which base counts for an entry: its own line, what the journal knows better, and what can't
//! be told.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::model::{Base, Entry, EntryId, Issue, Label, Timestamp};
use crate::worklog::base_block;

/// What the journal knows of an entry.
pub(super) struct Receipt {
    /// What was agreed on.
    pub(super) base: Base,
    /// Whether it stands in the worklog.
    pub(super) has_landed: bool,
    /// Whether the text that it was agreed with is in a commit that the text at hand builds on.
    pub(super) comes_before: bool,
    /// Whether the text at hand is somebody's answer to it, whatever it says: it builds on that commit,
    /// into which no base line was written, and nothing was taken back with git since.
    pub(super) is_answered: bool,
}

impl Receipt {
    /// A base line that says nothing yet.
    pub(super) fn without_values(&self) -> Base {
        let issue = self.base.issue.clone();
        Base { issue, agreed: Issue::default(), seen: Timestamp::from_second(0) }
    }
}

/// A receipt in the journal newer than the base line is the base (rule 1), for the values
/// on which the text at hand agrees with it. A text that says something else was not the
/// one the receipt was written for, or was edited since: a checkout of an old commit would
/// otherwise look as if somebody had undone everything since then.
///
/// While the receipt has not landed in the worklog, the two can't be told apart: somebody may
/// have taken back what was just sent. Then nothing is agreed on that value, and it is asked.
/// A third value is somebody's edit of what was sent, if it builds on that commit.
pub(super) fn newest(mut line: Base, receipt: Option<Receipt>, entry: &Entry, once: &[Label]) -> Base {
    let newer = receipt.filter(|r| r.base.seen >= line.seen && r.base.issue == line.issue);
    let newer = newer.filter(|r| r.base.seen > line.seen || !r.has_landed);
    let Some(Receipt { base: receipt, has_landed: landed, comes_before, is_answered }) = newer else {
        return line;
    };
    if sabotaged!(BasePerClone) {
        return receipt;
    }
    let before = line.agreed.clone();
    if is_answered && receipt.seen > line.seen {
        return left_behind(line, receipt);
    }
    // `seen` waits while something is open, so of a line and a receipt of the same time either may
    // be the newer one: on what they differ in nothing is agreed.
    let newer = receipt.seen > line.seen;
    if entry.status.is_some() && entry.status == receipt.agreed.status {
        let same = newer || line.agreed.status == receipt.agreed.status;
        line.agreed.status = receipt.agreed.status.clone().filter(|_| same);
    }
    if entry.severity.is_some() && Some(entry.severity) == receipt.agreed.severity {
        let same = newer || line.agreed.severity == receipt.agreed.severity;
        line.agreed.severity = receipt.agreed.severity.filter(|_| same);
    }
    if let (Some(mine), Some(theirs), true) = (&entry.labels, &receipt.agreed.labels, newer) {
        let base = line.agreed.labels.get_or_insert_default();
        for label in theirs.iter().filter(|l| mine.contains(l) || once.contains(l)) {
            base.insert(label.clone());
        }
        base.retain(|l| mine.contains(l) || once.contains(l) || theirs.contains(l));
    }
    if let (Some(mine), Some(theirs), true) = (&entry.links, &receipt.agreed.links, newer) {
        let base = line.agreed.links.get_or_insert_default();
        for link in theirs.iter().filter(|l| mine.contains(l)) {
            base.insert(link.clone());
        }
        base.retain(|l| mine.contains(l) || theirs.contains(l));
    }
    let is_third = |own: bool, theirs: bool| comes_before && newer && !own && !theirs;
    let (own, theirs) = (entry.status == before.status, entry.status == receipt.agreed.status);
    if entry.status.is_some() && is_third(own, theirs) {
        line.agreed.status = receipt.agreed.status.clone();
    }
    let mine = Some(entry.severity);
    if entry.severity.is_some() && is_third(mine == before.severity, mine == receipt.agreed.severity) {
        line.agreed.severity = receipt.agreed.severity;
    }
    if !landed {
        doubt(&mut line, &before, &receipt.agreed, entry);
    }
    // One time stands for the whole line: where a value is still the old one, what happened
    // to it since then has to stay in sight. So it does where the text says something else: it
    // may be another text than the one that the receipt is for, and have the same line by chance.
    let is_edited = (entry.status.is_some() && entry.status != receipt.agreed.status)
        || (entry.severity.is_some() && Some(entry.severity) != receipt.agreed.severity);
    if line.agreed == receipt.agreed && (!is_edited || comes_before) {
        line.seen = receipt.seen;
    }
    line
}

/// The base of a text that builds on a commit which was pushed, and synced without writing base lines
/// into it: whatever it says now was said after that, even what the old line says. Values that
/// somebody was writing during the push are not in the receipt; for them the line counts.
fn left_behind(line: Base, receipt: Base) -> Base {
    let (new, old) = (receipt.agreed, line.agreed);
    let is_whole =
        new.status.is_some() && new.severity.is_some() && new.labels.is_some() && new.links.is_some();
    let agreed = Issue {
        status: new.status.or(old.status),
        severity: new.severity.or(old.severity),
        labels: new.labels.or(old.labels),
        links: new.links.or(old.links),
    };
    Base { issue: line.issue, agreed, seen: if is_whole { receipt.seen } else { line.seen } }
}

/// Takes out of a base what was or may have been sent (`now`) in the place of what the base line
/// says (`then`), where the text still says the latter: whether it is the text from before or
/// somebody took it back can't be told, so that nothing is agreed on it.
pub(super) fn doubt(base: &mut Base, then: &Issue, now: &Issue, entry: &Entry) {
    if sabotaged!(NoDoubt) {
        return;
    }
    if now.status.is_some() && now.status != then.status && entry.status == then.status {
        base.agreed.status = None;
    }
    if now.severity.is_some() && now.severity != then.severity && Some(entry.severity) == then.severity {
        base.agreed.severity = None;
    }
    // A label that was sent to be taken off, and that the text has.
    if let (Some(base), Some(now), Some(mine)) = (&mut base.agreed.labels, &now.labels, &entry.labels) {
        base.retain(|l| now.contains(l) || !mine.contains(l));
    }
    if let (Some(base), Some(now), Some(mine)) = (&mut base.agreed.links, &now.links, &entry.links) {
        base.retain(|l| now.contains(l) || !mine.contains(l));
    }
}

/// Takes out of a note of what was sent (`sent`) the values that are known to have come true.
pub(super) fn without(sent: &mut Issue, known: &Issue) {
    sent.status = sent.status.take().filter(|_| known.status.is_none());
    sent.severity = sent.severity.filter(|_| known.severity.is_none());
    sent.labels = sent.labels.take().filter(|_| known.labels.is_none());
    sent.links = sent.links.take().filter(|_| known.links.is_none());
}

/// Adds to a note of what is sent what an earlier one says (`earlier`), so that [`doubt`] knows
/// of both: of two values the one that the base line (`then`) does not have, of labels those
/// that neither takes off.
pub(super) fn join(now: &mut Issue, earlier: Issue, then: Option<&Issue>) {
    if now.status.is_none() || now.status == then.and_then(|t| t.status.clone()) {
        now.status = earlier.status.or(now.status.take());
    }
    if now.severity.is_none() || now.severity == then.and_then(|t| t.severity) {
        now.severity = earlier.severity.or(now.severity);
    }
    now.labels = match (now.labels.take(), earlier.labels) {
        (Some(a), Some(b)) => Some(a.intersection(&b).cloned().collect()),
        (a, b) => a.or(b),
    };
}

pub(super) fn write_line(id: &EntryId, base: &Base) -> String {
    base_block::render(&BTreeMap::from([(id.clone(), base.clone())]), "\n")
}

pub(super) fn read_line(line: &str, id: &EntryId, config: &Config) -> Option<Base> {
    base_block::parse(line, &config.labels.vocabulary).bases.remove(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IssueRef, RepoSlug, Status};

    fn base(seen: i64, status: Status) -> Base {
        let agreed = Issue { status: Some(status), ..Issue::default() };
        let issue = IssueRef { repo: RepoSlug::parse("acme/app").ok(), number: 5 };
        Base { issue, agreed, seen: Timestamp::from_second(seen) }
    }

    #[test]
    fn of_a_line_and_a_receipt_of_one_time_neither_is_believed_where_they_differ() {
        let text = "---\ngardener: 1\nid: w\nentries:\n  - id: e\n    title: T\n    status: open\n---\n";
        let crate::worklog::Parsed::Worklog(worklog, _) =
            crate::worklog::parse(text, &Config::default().labels.vocabulary)
        else {
            panic!("{text}")
        };
        let entry = &worklog.entries()[0];
        let line = base(10, Status::Completed);
        let status = |base: Base, has_landed| {
            let receipt = Receipt { base, has_landed, comes_before: false, is_answered: false };
            newest(line.clone(), Some(receipt), entry, &[]).agreed.status
        };
        assert_eq!(status(base(11, Status::Open), true), Some(Status::Open), "newer, and the text agrees");
        assert_eq!(status(base(10, Status::Open), false), None, "the text may be somebody's answer");
        assert_eq!(status(base(10, Status::Open), true), Some(Status::Completed), "it is in the line");
        assert_eq!(status(base(9, Status::Open), false), Some(Status::Completed), "older");
        assert_eq!(status(base(11, Status::NotPlanned), true), Some(Status::Completed), "another text");
    }
}
