//! Rules that people wrote into issues, and what they decide about entries without a number.
//!
//! A rule wins over likeness: one that covers an entry links it, several leave it to a person, and an issue
//! that is never to have it is not asked about. Whose rule counts is decided like whose marker
//! counts (rule 6): everybody can open an issue, and not everybody may say what belongs there. One
//! that can't be read decides nothing, and its issue is told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::{CommentMarker, quote};
use crate::likeness::Told;
use crate::merge::Note;
use crate::model::{Candidate, EntryId, EntryKey, IssueRef, IssueText, State, Timestamp, WorklogId};
use crate::plan::likely::Outcome;
use crate::plan::{Change, CreateComment, Draft, GRACE_SECONDS, Held, Input, Why};
use crate::rule::{Answer, Read, Rule};

/// The rules of a repository's issues that count.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    all: BTreeMap<u64, Rule>,
}

/// What rules say of one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruled {
    /// The issues that cover it, and why.
    pub covers: BTreeMap<u64, String>,
    /// The issues that it never belongs to, and why.
    pub never: BTreeMap<u64, String>,
}

/// An issue whose rule can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRule {
    /// The issue.
    pub number: u64,
    /// Stands for this text of the issue in the marker of the comment.
    pub key: EntryKey,
    /// What is wrong, one line each.
    pub problems: Vec<String>,
}

impl Rules {
    /// Reads the rules of authors who count.
    pub fn read(input: &Input, issues: &BTreeMap<u64, IssueText>) -> Self {
        let trusted = issues.iter().filter(|(_, text)| may_rule(input, text));
        let rules = trusted.filter_map(|(number, text)| match crate::rule::read(&text.body) {
            Read::Rule(rule) => Some((*number, rule)),
            Read::None | Read::Broken(_) => None,
        });
        Self { all: rules.collect() }
    }

    /// What they say of an entry.
    pub fn about(&self, told: &Told) -> Ruled {
        let asked = crate::rule::Told { title: &told.title, tests: &told.tests, body: &told.body };
        let mut ruled = Ruled::default();
        for (number, rule) in &self.all {
            match rule.says(&asked) {
                Answer::Covers(why) => drop(ruled.covers.insert(*number, why)),
                Answer::Never(why) => drop(ruled.never.insert(*number, why)),
                Answer::Nothing => {}
            }
        }
        ruled
    }
}

impl Ruled {
    /// What is made of the issues that cover an entry; `None` where none does that `is_live`.
    pub fn outcome(
        &self,
        is_live: impl Fn(u64) -> bool,
        issues: &BTreeMap<u64, IssueText>,
    ) -> Option<Outcome> {
        let live: Vec<(&u64, &String)> = self.covers.iter().filter(|(number, _)| is_live(**number)).collect();
        let is_open = |number: &u64| issues.get(number).is_some_and(|text| text.state == State::Open);
        match live.as_slice() {
            [] => None,
            [(number, why)] if is_open(number) => Some(Outcome::Link(**number, (*why).clone())),
            several => {
                let candidate = |(number, why): &(&u64, &String)| {
                    let closed = if is_open(number) { "" } else { "; closed, so it may have come back" };
                    let reason = Some(format!("{why}{closed}"));
                    Candidate { issue: IssueRef::here(**number), score: None, reason }
                };
                Some(Outcome::Ask(several.iter().take(super::likely::SHOWN).map(candidate).collect()))
            }
        }
    }
}

fn may_rule(input: &Input, text: &IssueText) -> bool {
    IssueText::may_hold_a_rule(&text.body) && input.trusts(&text.author)
}

/// Whether somebody whose standing is not known wrote a rule, so that it matters whose the token is.
pub fn is_doubtful(input: &Input, issues: &BTreeMap<u64, IssueText>) -> bool {
    issues.values().any(|text| IssueText::may_hold_a_rule(&text.body) && !input.trusts(&text.author))
}

/// The open issues with a rule that can't be read, by authors who count, that were not `told` yet.
pub fn broken(input: &Input, issues: &BTreeMap<u64, IssueText>, told: &BTreeSet<String>) -> Vec<BrokenRule> {
    let mut all = Vec::new();
    for (number, text) in issues {
        if text.state != State::Open || text.locked || !may_rule(input, text) {
            continue;
        }
        let Read::Broken(problems) = crate::rule::read(&text.body) else { continue };
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let sum = crc32fast::hash(problems.join("\n").as_bytes());
        let ids =
            WorklogId::new("gardener-rule").ok().zip(EntryId::new(&format!("of-{number}-{sum:08x}")).ok());
        let Some((worklog, entry)) = ids else { continue };
        let key = EntryKey { worklog, entry };
        if !told.contains(&key.to_string()) {
            all.push(BrokenRule { number: *number, key, problems });
        }
    }
    all
}

/// Tells the issues of them.
pub(super) fn tell(input: &Input, draft: &mut Draft) {
    if input.repository.archived {
        return;
    }
    for rule in &input.broken_rules {
        if let Some(until) = pending(input, rule) {
            let (key, number, why) = (rule.key.clone(), Some(rule.number), Why::Pending(until));
            draft.held.push(Held { path: String::new(), key, number, why });
            continue;
        }
        let list: String = rule.problems.iter().map(|problem| format!("\n* {problem}")).collect();
        let text = format!(
            "The `gardener` rule in this issue's text can't be read, so it decides nothing until it is mended:\n{list}"
        );
        let body = format!("{}\n{}", CommentMarker { key: rule.key.clone() }.line(), quote(&text));
        let number = rule.number;
        let keys = vec![rule.key.clone()];
        draft.updates.push(Change::CreateComment(CreateComment { number, keys, body, has_block: false }));
        draft.notes.push((number, Note::BrokenRule(rule.problems[0].clone())));
    }
}

/// A comment about it was begun, and what came of it is not known yet: a list of comments can be
/// minutes old, and a second one would be there for good.
fn pending(input: &Input, rule: &BrokenRule) -> Option<Timestamp> {
    let begun = input.intents.iter().filter(|i| i.comment_on == Some(rule.number));
    let about = begun.filter(|i| i.keys.contains(&rule.key));
    about.map(|i| i.at.plus(GRACE_SECONDS)).max().filter(|until| input.now < *until)
}
