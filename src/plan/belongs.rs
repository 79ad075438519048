//! Where an entry without a number belongs: to an issue that is its own already, to a new one, or
//! nowhere now. All evidence in its order; what likeness and rules say is worked out in `likely`.

use crate::model::{Candidate, IssueRef, Look, State};
use crate::plan::likely::Outcome;
use crate::plan::{GRACE_SECONDS, Input, LocalEntry, Why};

/// Where an entry without a number belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// To this issue, and why it is the same.
    To(u64, Because),
    /// To a new one.
    New,
    /// Nowhere now.
    Held(super::Why),
}

/// Why an entry has the issue that a plan gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// It is made for it in this plan.
    Created,
    /// This clone made it.
    Filed,
    /// Its text carries the entry's marker.
    Marked,
    /// It is the one live issue with the entry's fingerprint.
    Fingerprint,
    /// They say the same.
    Alike(String),
    /// Another issue for the same entry gave way to it.
    Moved,
}

impl Because {
    /// In words.
    pub fn words(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Filed => "filed by this clone",
            Self::Marked => "it carries this entry's marker",
            Self::Fingerprint => "same fingerprint",
            Self::Alike(reason) => reason,
            Self::Moved => "filed twice at once, and the lowest number stays",
        }
    }

    /// What is kept of it in the entry: that something decided which issue it is.
    pub fn kept(&self) -> Option<&str> {
        matches!(self, Self::Fingerprint | Self::Alike(_)).then(|| self.words())
    }
}

impl Input {
    /// Where an entry that has no number belongs. Evidence in order: the receipt, the
    /// marker, the open intent, the fingerprint, what somebody said, likeness.
    pub fn belongs(&self, entry: &LocalEntry) -> Belongs {
        // The number is gone and the base is there: somebody unlinked it, and that is
        // remembered (rule 5).
        if entry.base.as_ref().is_some_and(|b| self.is_home(b.issue.repo.as_ref()))
            && !sabotaged!(RefileUnlinked)
        {
            return Belongs::Held(Why::Unlinked);
        }
        // Of several with one marker one that is deleted or moved away can't be the issue.
        let gone = |n: &u64| {
            let look = self.seen.get(n).map(|s| &s.look);
            matches!(look, Some(crate::model::Look::Deleted | crate::model::Look::Moved(_)))
        };
        let marked = self.markers.get(&entry.key).filter(|_| !sabotaged!(NoMarkerLook));
        let lowest = marked.and_then(|n| n.iter().find(|n| !gone(n)).or(n.first()));
        let other = |made: &u64| lowest.is_some_and(|n| n != made && !gone(n));
        if let Some(number) = self.made.get(&entry.key).filter(|n| !(gone(n) && other(n))) {
            return Belongs::To(self.winner(*number), Because::Filed);
        }
        // Of several with one marker the lowest is the issue, whoever made the others.
        if let Some(number) = lowest {
            return Belongs::To(self.winner(*number), Because::Marked);
        }
        let begun = self.intents.iter().filter(|i| i.comment_on.is_none() && i.keys.contains(&entry.key));
        if let Some(at) = begun.map(|i| i.at).max() {
            let until = at.plus(GRACE_SECONDS);
            if self.now < until && !sabotaged!(NoGrace) {
                return Belongs::Held(Why::Pending(until));
            }
        }
        let twins = entry.entry.fingerprint.as_ref().and_then(|f| self.fingerprints.get(f));
        match twins.map(|t| t.iter().copied().collect::<Vec<_>>()).as_deref() {
            Some([only]) => return Belongs::To(*only, Because::Fingerprint),
            Some([]) | None => {}
            Some(several) => return Belongs::Held(Why::Twins(several.to_vec())),
        }
        if entry.entry.status.as_ref().is_some_and(crate::model::Status::is_closed) {
            return Belongs::Held(Why::NeverFiled);
        }
        if let Some(why) = &entry.entry.hold {
            return Belongs::Held(Why::OnHold(why.clone()));
        }
        match (entry.entry.candidates.as_deref(), self.likely.get(&entry.key).map(|l| &l.outcome)) {
            // None of them, somebody said.
            (Some([]), _) => Belongs::New,
            (Some(several), _) => Belongs::Held(Why::Undecided(several.to_vec())),
            (None, Some(Outcome::Link(number, reason))) => self.alike(*number, reason),
            (None, Some(Outcome::Ask(several))) => Belongs::Held(Why::Undecided(several.clone())),
            (None, Some(Outcome::After(other))) => Belongs::Held(Why::After(other.clone())),
            (None, Some(Outcome::New) | None) => Belongs::New,
        }
    }

    /// What becomes of an entry that is like an issue. A list can lag: one that a look by number shows
    /// closed or gone is not linked without somebody's word.
    fn alike(&self, number: u64, reason: &str) -> Belongs {
        let is_open = self.seen.get(&number).is_none_or(|seen| match &seen.look {
            Look::Found(issue) => issue.state == State::Open,
            _ => false,
        });
        if is_open {
            return Belongs::To(self.winner(number), Because::Alike(reason.to_owned()));
        }
        let reason = Some(format!("{reason}; no longer open"));
        let candidate = Candidate { issue: IssueRef::here(number), score: None, reason };
        Belongs::Held(Why::Undecided(vec![candidate]))
    }

    /// Why an entry has its issue, where somebody or something decided: as the entry says it, or
    /// as this plan is about to write it.
    pub fn reason_of(&self, entry: &LocalEntry) -> Option<String> {
        let said = entry.entry.reason.clone();
        said.or_else(|| match &entry.entry.issue {
            Some(issue) => self.chosen(entry, issue.number).and_then(|c| c.reason.clone()),
            None => match self.belongs(entry) {
                Belongs::To(_, because) => because.kept().map(str::to_owned),
                Belongs::New | Belongs::Held(_) => None,
            },
        })
    }

    /// The candidate of an entry that is this issue.
    pub(super) fn chosen<'a>(&self, entry: &'a LocalEntry, number: u64) -> Option<&'a Candidate> {
        let all = entry.entry.candidates.iter().flatten();
        all.into_iter().find(|c| c.issue.number == number && self.is_home(c.issue.repo.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{Base, Status};
    use crate::plan::input::tests::{entry, input, key};
    use crate::plan::likely::Likely;
    use crate::plan::{OpenIntent, Plan, Seen};

    #[test]
    fn what_a_look_shows_closed_is_not_linked_by_likeness() {
        let mut all = input(vec![entry("a")]);
        let outcome = Outcome::Link(5, "same line".to_owned());
        all.likely.insert(key("w/a"), Likely { outcome, found: Vec::new() });
        assert!(matches!(all.belongs(&all.entries[0]), Belongs::To(5, Because::Alike(_))));
        for look in [Look::Missing, Look::Deleted, Look::PullRequest] {
            all.seen.insert(5, Seen { look, events: None, comments: None });
            let held = all.belongs(&all.entries[0]);
            let Belongs::Held(Why::Undecided(asked)) = held else { panic!("{held:?}") };
            assert_eq!(
                (asked[0].issue.number, asked[0].reason.as_deref()),
                (5, Some("same line; no longer open"))
            );
        }
    }

    #[test]
    fn evidence_is_weighed_in_its_order() {
        let mut all = input(vec![entry("a")]);
        let place = |input: &Input| input.belongs(&input.entries[0]);
        assert_eq!(place(&all), Belongs::New);
        all.fingerprints.insert("v1:f".to_owned(), BTreeSet::from([30]));
        assert_eq!(place(&all), Belongs::To(30, Because::Fingerprint));
        all.fingerprints.insert("v1:f".to_owned(), BTreeSet::from([30, 31]));
        assert_eq!(place(&all), Belongs::Held(Why::Twins(vec![30, 31])));
        let at = all.now.plus(-60);
        all.intents.push(OpenIntent { keys: vec![key("w/a")], comment_on: None, at });
        assert_eq!(place(&all), Belongs::Held(Why::Pending(at.plus(GRACE_SECONDS))));
        all.now = at.plus(GRACE_SECONDS);
        assert_eq!(place(&all), Belongs::Held(Why::Twins(vec![30, 31])), "the grace is over");
        all.markers.insert(key("w/a"), BTreeSet::from([21, 20]));
        assert!(matches!(place(&all), Belongs::To(20, _)), "the lowest wins");
        all.made.insert(key("w/a"), 10);
        assert!(matches!(place(&all), Belongs::To(10, _)));
        let agreed = crate::model::Issue::default();
        let issue = IssueRef { repo: Some(all.home.clone()), number: 9 };
        all.entries[0].base = Some(Base { issue, agreed, seen: all.now });
        assert_eq!(place(&all), Belongs::Held(Why::Unlinked));
    }

    #[test]
    fn what_was_closed_before_it_was_filed_is_not_filed() {
        let mut closed = entry("a");
        closed.entry.status = Some(Status::NotPlanned);
        let all = input(vec![closed]);
        assert_eq!(all.belongs(&all.entries[0]), Belongs::Held(Why::NeverFiled));
        assert!(Plan::make(&all).expect("a plan").changes.is_empty());
    }

    #[test]
    fn what_is_on_hold_is_linked_but_not_filed() {
        let mut waiting = entry("a");
        waiting.entry.hold = Some("over the budget".to_owned());
        let mut all = input(vec![waiting]);
        assert_eq!(all.belongs(&all.entries[0]), Belongs::Held(Why::OnHold("over the budget".to_owned())));
        assert!(Plan::make(&all).expect("a plan").changes.is_empty());
        all.fingerprints.insert("v1:f".to_owned(), BTreeSet::from([30]));
        assert_eq!(all.belongs(&all.entries[0]), Belongs::To(30, Because::Fingerprint));
    }
}
