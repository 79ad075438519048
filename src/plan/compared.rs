//! What is known of where an entry belongs, for people who ask: what a sync would do with it, what it is
//! like, and what would have changed that.
//!
//! It decides nothing. Where a sync compares an entry itself ([`super::likely`]), this tells what came of
//! that; any other entry is compared by the same laws as if nothing surer were known of it, and
//! without what it says itself of its issue.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::LikenessUse;
use crate::likeness::explain::{has_in_words, lacks_in_words, short};
use crate::likeness::{Likeness, lacks_to_be_same, strong_among};
use crate::model::{EntryKey, IssueRef, IssueText, State};
use crate::plan::likely::{
    Elsewhere, Field, Like, Outcome, SHOWN, Thing, UNFILED, in_words, is_live, is_open, outcome, told,
};
use crate::plan::{Because, Belongs, Input, LocalEntry, Why};

/// An entry that was compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The entry.
    pub key: EntryKey,
    /// Its worklog's path.
    pub path: String,
    /// Where it belongs, by all that is known.
    pub stands: Stands,
    /// What it is like, the likest first; at most three.
    pub found: Vec<Like>,
    /// What likeness alone makes of that.
    pub alone: Outcome,
    /// Where its own issue is among what was found, from 1; `None` where it has none or it isn't there.
    pub own: Option<usize>,
    /// Why likeness says so, and what would have changed it.
    pub would: Vec<String>,
}

/// Where an entry belongs.
#[derive(Clone, Debug, PartialEq)]
pub enum Stands {
    /// It has an issue, and why, where that is known.
    Linked(IssueRef, Option<String>),
    /// A sync would link it.
    To(u64, Because),
    /// A sync would leave it alone for now.
    Held(Why),
    /// Something that can't be left out of it holds a secret: where.
    Withheld(String),
    /// A sync would file it.
    New,
}

/// How much an entry is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Issues that are open.
    pub open: usize,
    /// Issues that were closed, and moved lately enough to be asked about.
    pub closed: usize,
    /// Entries of worklogs that have an issue, or are about to be filed.
    pub entries: usize,
}

/// How much there is to compare with.
pub fn counts(input: &Input, issues: &BTreeMap<u64, IssueText>, elsewhere: &[Elsewhere]) -> Counts {
    let open = issues.values().filter(|text| text.state == State::Open).count();
    let live = issues.values().filter(|text| is_live(text, input.now)).count();
    let before = undecided(input);
    let is_there = |e: &&LocalEntry| before.number_of(e).is_some() || is_open(&before, e);
    let entries = before.entries.iter().filter(is_there).count();
    Counts { open, closed: live - open, entries: entries + elsewhere.len() }
}

/// Compares the named entries, in the order of the input.
pub fn compared(
    input: &Input,
    issues: &BTreeMap<u64, IssueText>,
    elsewhere: &[Elsewhere],
    wanted: &BTreeSet<EntryKey>,
) -> Vec<Compared> {
    let before = undecided(input);
    let unfiled: Vec<&LocalEntry> = before.entries.iter().filter(|e| is_open(&before, e)).collect();
    // It takes its time, and entries that a sync compares need none.
    let mut shared: Option<Field<'_>> = None;
    let mut all = Vec::new();
    for entry in input.entries.iter().filter(|e| wanted.contains(&e.key)) {
        let own = input.number_of(entry).filter(|_| entry.entry.issue.is_some());
        let (found, alone) = match input.likely.get(&entry.key) {
            Some(likely) => (likely.found.clone(), likely.outcome.clone()),
            None if input.number_of(entry).is_some() => {
                let mut without = before.clone();
                without.entries.retain(|e| e.key != entry.key);
                look_for(input, &Field::new(&without, issues, elsewhere, &[]), entry, own, &[])
            }
            None => {
                let field = shared.get_or_insert_with(|| Field::new(&before, issues, elsewhere, &unfiled));
                look_for(input, field, entry, own, &unfiled)
            }
        };
        let is_own = |like: &Like| own.is_some_and(|own| like.what == Thing::Issue(own));
        all.push(Compared {
            key: entry.key.clone(),
            path: entry.path.clone(),
            stands: stands(input, entry),
            own: found.iter().position(is_own).map(|place| place + 1),
            would: would(input.config.likeness, &found, &alone),
            found,
            alone,
        });
    }
    all
}

/// The input as it was before its entries were compared: an entry that likeness gave an issue counts
/// once.
fn undecided(input: &Input) -> Input {
    Input { likely: BTreeMap::new(), ..input.clone() }
}

/// What an entry is like, were nothing surer known of it. `unfiled` are those in the index.
fn look_for(
    input: &Input,
    field: &Field<'_>,
    entry: &LocalEntry,
    own: Option<u64>,
    unfiled: &[&LocalEntry],
) -> (Vec<Like>, Outcome) {
    let others = input.entries.iter().filter(|e| e.key.worklog == entry.key.worklog && e.key != entry.key);
    let taken: BTreeSet<u64> = others.filter_map(|e| input.number_of(e)).collect();
    let may = |number: u64| match number.checked_sub(UNFILED) {
        None => !taken.contains(&number) && (own == Some(number) || field.is_live(number)),
        Some(place) => {
            let peer = usize::try_from(place).ok().and_then(|place| unfiled.get(place));
            peer.is_some_and(|peer| {
                let is_filed = input.likely.get(&peer.key).is_some_and(|l| l.outcome == Outcome::New);
                is_filed && peer.key.worklog != entry.key.worklog && peer.key != entry.key
            })
        }
    };
    let found = field.index.like(&told(entry), SHOWN, may);
    let found: Vec<Like> = found.into_iter().map(|like| field.like(like, unfiled)).collect();
    let outcome = outcome(input, entry, &found, |_| false);
    (found, outcome)
}

fn stands(input: &Input, entry: &LocalEntry) -> Stands {
    match (&entry.entry.issue, &entry.withheld) {
        (Some(issue), _) => Stands::Linked(issue.clone(), input.reason_of(entry)),
        (None, Some(why)) => Stands::Withheld(why.clone()),
        (None, None) => match input.belongs(entry) {
            Belongs::To(number, because) => Stands::To(number, because),
            Belongs::Held(why) => Stands::Held(why),
            Belongs::New => Stands::New,
        },
    }
}

impl Stands {
    /// In one word, for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Linked(..) => "linked",
            Self::To(_, Because::Alike(_)) => "would-link",
            Self::To(..) => "known",
            Self::Held(Why::Pending(_)) => "pending",
            Self::Held(Why::Unlinked) => "unlinked",
            Self::Held(Why::NeverFiled) => "closed",
            Self::Held(Why::OnHold(_)) => "on-hold",
            Self::Held(Why::Undecided(_)) => "asked",
            Self::Held(Why::After(_)) => "after",
            Self::Held(Why::Twins(_)) => "several",
            Self::Held(_) => "held",
            Self::Withheld(_) => "withheld",
            Self::New => "new",
        }
    }

    /// The issue it has or would get.
    pub fn issue(&self) -> Option<String> {
        match self {
            Self::Linked(issue, _) => Some(issue.to_string()),
            Self::To(number, _) => Some(format!("#{number}")),
            Self::Held(_) | Self::Withheld(_) | Self::New => None,
        }
    }

    /// In words, with foreign text in them.
    pub fn words(&self) -> String {
        match self {
            Self::Linked(issue, None) => format!("linked already to {issue}"),
            Self::Linked(issue, Some(why)) => format!("linked already to {issue}: {why}"),
            Self::To(number, because) => format!("would be linked to #{number}: {}", because.words()),
            Self::Held(Why::Pending(until)) => {
                format!("pending: it may have been filed; known after {until}")
            }
            Self::Held(Why::Unlinked) => {
                "unlinked: its number was taken out, so a sync leaves it alone".to_owned()
            }
            Self::Held(Why::NeverFiled) => "closed, so a sync does not file it".to_owned(),
            Self::Held(Why::OnHold(why)) => format!("on hold: {why}"),
            Self::Held(Why::Undecided(several)) => {
                let all: Vec<String> = several.iter().map(|c| c.issue.to_string()).collect();
                format!("asked: {}", all.join(" or "))
            }
            Self::Held(Why::After(other)) => {
                format!("waits for {other}, which looks like the same and is filed first")
            }
            Self::Held(Why::Twins(several)) => {
                let all: Vec<String> = several.iter().map(|n| format!("#{n}")).collect();
                format!("asked: {} carry its fingerprint", all.join(" and "))
            }
            Self::Held(_) => "left alone".to_owned(),
            Self::Withheld(why) => format!("withheld: {why}"),
            Self::New => "new: a sync would file it".to_owned(),
        }
    }
}

impl Compared {
    /// What likeness alone says, where something else decides: had it no issue, no candidates.
    pub fn anew(&self) -> Option<String> {
        let decided_by_likeness = match &self.stands {
            Stands::New => self.alone == Outcome::New,
            Stands::To(_, because) => matches!(because, Because::Alike(_)),
            Stands::Held(Why::After(_)) => true,
            // Candidates of this very comparison, or those that the entry has.
            Stands::Held(Why::Undecided(several)) => self.alone == Outcome::Ask(several.clone()),
            Stands::Linked(..) | Stands::Held(_) | Stands::Withheld(_) => false,
        };
        (!decided_by_likeness).then(|| outcome_in_words(&self.alone))
    }
}

/// What likeness says, in words.
pub fn outcome_in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Link(number, why) => format!("linked to #{number}: {why}"),
        Outcome::Ask(several) => {
            let all: Vec<String> = several.iter().map(|c| c.issue.to_string()).collect();
            format!("asked: {}", all.join(" or "))
        }
        Outcome::After(key) => format!("waiting for {key}"),
        Outcome::New => "new: nothing is much like it".to_owned(),
    }
}

/// What likeness says, in one word.
pub fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Link(..) => "would-link",
        Outcome::Ask(_) => "asked",
        Outcome::After(_) => "after",
        Outcome::New => "new",
    }
}

fn name(like: &Like) -> String {
    match &like.what {
        Thing::Issue(number) => format!("#{number}"),
        Thing::Entry(key) => key.to_string(),
    }
}

/// Why likeness says what it says, and what would have changed it.
fn would(likeness: LikenessUse, found: &[Like], outcome: &Outcome) -> Vec<String> {
    let Some(first) = found.first() else {
        // A rule decides before anything is compared.
        let ruled = match outcome {
            Outcome::Link(_, why) => Some(why.clone()),
            Outcome::Ask(several) => several.first().and_then(|c| c.reason.clone()),
            Outcome::After(_) | Outcome::New => None,
        };
        if let Some(why) = ruled {
            return vec![format!("a rule in the issue decides, whatever else is alike: {why}")];
        }
        return vec![
            "new: nothing that may be its issue shares a word with it that says something".to_owned(),
        ];
    };
    let all: Vec<Likeness> = found.iter().map(|like| like.likeness.clone()).collect();
    let (lacks, it) = (lacks_to_be_same(&all), name(first));
    let mut said = Vec::new();
    match outcome {
        Outcome::Link(..) => {
            said.push(format!(
                "linked because it says the same error of the same thing: {}",
                has_in_words(&all[0])
            ));
            said.push(format!(
                "it would only be asked about if {it} were closed, another issue said the same, or \
                 `matching.likeness` were \"ask\""
            ));
        }
        Outcome::Ask(_) | Outcome::After(_) => {
            let verb = if matches!(outcome, Outcome::After(_)) { "waits" } else { "asked about" };
            match found.iter().find(|like| like.likeness.is_strong()) {
                Some(strong) => said.push(format!(
                    "{verb} because the evidence for {} is {}, {} would do",
                    name(strong),
                    short(strong.likeness.evidence()),
                    short(strong_among(strong.likeness.among))
                )),
                None => said.push(format!("{verb} because {it} says the same: {}", has_in_words(&all[0]))),
            }
            said.push(match (lacks.is_empty(), &first.what) {
                (false, _) => format!("to be linked to {it} it lacks: {}", lacks_in_words(&lacks)),
                (true, Thing::Entry(_)) => {
                    format!("it would be linked to the issue of {it} once that is filed")
                }
                (true, _) if first.state != State::Open => {
                    format!("it would be linked if {it} were open: its failure may have come back")
                }
                (true, _) if likeness != LikenessUse::Link => {
                    "it would be linked if `matching.likeness` were \"link\"".to_owned()
                }
                (true, _) => {
                    format!("it would be linked if no other entry of its worklog were linked to {it} at once")
                }
            });
        }
        Outcome::New => {
            let best = found
                .iter()
                .max_by(|a, b| a.likeness.evidence().total_cmp(&b.likeness.evidence()))
                .unwrap_or(first);
            let lacks = best.likeness.lacks_to_be_strong();
            said.push(format!("new: to be asked about, {} lacks: {}", name(best), lacks_in_words(&lacks)));
        }
    }
    if likeness == LikenessUse::Off {
        said.push("`matching.likeness` is \"off\", so nothing is made of it".to_owned());
    }
    said
}

/// What an entry and something that was found have in common, in one line of the entry's own text.
pub fn common_in_words(like: &Like) -> String {
    in_words(&like.likeness)
}
