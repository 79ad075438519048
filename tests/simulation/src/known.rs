//! Who has seen which edit: the bookkeeping behind "no edit is lost".
//!
//! Every edit by a person has a number. Each place that holds a value (an issue on GitHub, a
//! text of a worklog) knows the edits that its value comes from or has overruled knowingly.
//! Carrying a value from one place to another is right only if the place that is
//! overwritten knew nothing that the other did not. This is told from the log of what
//! people did and never from comparing states.

use std::collections::BTreeMap;

/// A set of edits, by their numbers. A history has at most 128.
pub(crate) type Edits = u128;

/// A value that is kept equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Status,
    Severity,
    Label(&'static str),
}

/// What the text of one entry knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// What each value comes from.
    pub(crate) now: BTreeMap<Slot, Edits>,
    /// What it came from when it was last agreed.
    pub(crate) agreed: BTreeMap<Slot, Edits>,
    /// What an opinion came from that was taken away: a new one has seen it, however late it comes.
    aside: BTreeMap<Slot, Edits>,
}

/// What a whole text knows, by entry.
pub(crate) type Knowledge = BTreeMap<String, Known>;

impl Known {
    /// What a value comes from.
    pub(crate) fn of(&self, slot: Slot) -> Edits {
        self.now.get(&slot).copied().unwrap_or(0)
    }

    /// A person edits a value. Back at what was agreed, with nothing sent since, it is as if
    /// nobody had edited it.
    pub(crate) fn edited(&mut self, slot: Slot, edit: u32, back_at_base: bool, was_sent: bool) {
        if back_at_base && !was_sent {
            let agreed = self.agreed.get(&slot).copied().unwrap_or(0);
            let before = self.now.insert(slot, agreed).unwrap_or(0);
            *self.aside.entry(slot).or_default() |= before | 1 << edit;
        } else {
            let seen = self.aside.get(&slot).copied().unwrap_or(0);
            *self.now.entry(slot).or_default() |= seen | 1 << edit;
        }
    }

    /// A person takes the opinion away.
    pub(crate) fn silenced(&mut self, slot: Slot) {
        *self.aside.entry(slot).or_default() |= self.of(slot);
        let agreed = self.agreed.get(&slot).copied().unwrap_or(0);
        self.now.insert(slot, agreed);
    }

    /// A person takes back, with git, what an entry said: who does so has seen it.
    pub(crate) fn takes_back(&mut self, what: &Self) {
        for (slot, edits) in &what.now {
            *self.aside.entry(*slot).or_default() |= edits;
        }
    }

    /// The base becomes another value than the text's, which is an opinion again if it was none: a
    /// push sends what is committed, after somebody went back to the base without committing that.
    pub(crate) fn opposes(&mut self, slot: Slot, edits: Edits) {
        self.agreed.insert(slot, edits);
        let seen = self.aside.get(&slot).copied().unwrap_or(0);
        *self.now.entry(slot).or_default() |= seen;
    }

    /// The value is the same on both sides and recorded so.
    pub(crate) fn agree(&mut self, slot: Slot, edits: Edits) {
        self.now.insert(slot, edits);
        self.agreed.insert(slot, edits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_taken_back_before_any_sync_is_none() {
        let mut known = Known::default();
        known.agree(Slot::Status, 1);
        known.edited(Slot::Status, 3, false, false);
        assert_eq!(known.of(Slot::Status), 0b1001);
        let mut sent = known.clone();
        known.edited(Slot::Status, 4, true, false);
        assert_eq!(known.of(Slot::Status), 1);
        let mut pushed = known.clone();
        pushed.opposes(Slot::Status, 0b1001);
        assert_eq!(pushed.of(Slot::Status), 0b11001, "what was committed was sent meanwhile");
        sent.edited(Slot::Status, 4, true, true);
        assert_eq!(sent.of(Slot::Status), 0b11001, "it was sent, so this is news");
    }

    #[test]
    fn an_opinion_after_none_has_seen_the_one_before() {
        let mut known = Known::default();
        known.edited(Slot::Severity, 0, false, false);
        known.silenced(Slot::Severity);
        assert_eq!(known.of(Slot::Severity), 0);
        known.edited(Slot::Severity, 2, false, false);
        assert_eq!(known.of(Slot::Severity), 0b101);
    }
}
