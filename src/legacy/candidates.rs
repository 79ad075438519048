//! What might be an entry, with the evidence for it: headings, list items, bold lines, rows of tables.
//!
//! A candidate is found by its form and by the fields it has. A word list never makes one, but in the
//! last resort; it can only leave out what has no better evidence. Which of them are entries is decided
//! in `entries`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::legacy::Rule;
use crate::legacy::alike::plain;
use crate::legacy::fields::{self, Field};
use crate::legacy::label::{self, Named};
use crate::legacy::numbers::Numbers;
use crate::legacy::outline::Outline;
use crate::legacy::words;

/// What might be an entry.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) at: At,
    pub(super) start: usize,
    /// All that is said of it.
    pub(super) section: Range<usize>,
    pub(super) named: Named,
    /// The heading above it, not its own.
    pub(super) parent: Option<usize>,
    /// 1 to 6 for headings, then items, bold lines, rows.
    pub(super) rank: u8,
    /// Whether it says itself how bad it is, in a field before anything that is below it.
    pub(super) has_severity: bool,
    /// How many other fields of problems it has.
    pub(super) fields: usize,
    pub(super) evidence: f64,
    pub(super) in_results: bool,
}

/// Where a candidate stands in the outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Heading(usize),
    Item(usize),
    Lead(usize),
    Row(usize),
}

/// What siblings have in common: the word of their label, or that they are numbered, or neither.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Word(String),
    Numbered,
    Plain,
}

const ITEM: u8 = 7;
const LEAD: u8 = 8;
const ROW: u8 = 9;

/// How far siblings are looked for: a text of a megabyte must not take a day.
const NEAR: usize = 200;

/// Words of headings below which it is told what became of issues, if numbers are there, too.
const RESULTS: [&str; 19] = [
    "result",
    "results",
    "processing",
    "processed",
    "created",
    "updated",
    "completed",
    "actions",
    "action",
    "tracking",
    "tracked",
    "resolution",
    "resolutions",
    "integration",
    "filed",
    "linking",
    "management",
    "submitted",
    "outcome",
];

/// Words of headings that sum up, or say what is to be done.
const ABOUT: [&str; 12] = [
    "summary",
    "overview",
    "statistics",
    "metrics",
    "methodology",
    "recommendations",
    "recommended",
    "conclusion",
    "metadata",
    "appendix",
    "timeline",
    "references",
];
const ABOUT_PAIRS: [&str; 9] = [
    "next step",
    "next action",
    "action item",
    "action plan",
    "immediate action",
    "priority order",
    "lessons learned",
    "success criteria",
    "remediation plan",
];

/// Words of headings below which findings are listed.
const FINDINGS: [&str; 14] = [
    "issues",
    "errors",
    "failures",
    "problems",
    "findings",
    "discovered",
    "found",
    "failing",
    "failed",
    "defects",
    "bugs",
    "clusters",
    "regressions",
    "broken",
];

impl Candidate {
    pub(super) fn rule(&self) -> Rule {
        match (self.at, self.shape()) {
            (At::Item(_), _) => Rule::Items,
            (At::Lead(_), _) => Rule::Leads,
            (At::Row(_), _) => Rule::Rows,
            (At::Heading(_), Shape::Word(_)) => Rule::Labelled,
            (At::Heading(_), Shape::Numbered) => Rule::Numbered,
            (At::Heading(_), Shape::Plain) => Rule::Fields,
        }
    }

    pub(super) fn shape(&self) -> Shape {
        match &self.named.label {
            Some(label) => label.word.clone().map_or(Shape::Numbered, Shape::Word),
            None => Shape::Plain,
        }
    }

    pub(super) fn is_labelled(&self) -> bool {
        self.named.label.is_some()
    }
}

/// All candidates of a text but rows and those of the last resort, in the order of the text.
pub(super) fn candidates(outline: &Outline<'_>, numbers: &Numbers) -> Vec<Candidate> {
    let results: Vec<bool> = (0..outline.headings.len()).map(|at| is_results(outline, numbers, at)).collect();
    let in_results = |heading: Option<usize>| outline.chain(heading).any(|at| results[at]);
    let mut found = headings(outline, &in_results);
    for (at, item) in outline.items.iter().enumerate() {
        let Some(bold) = &item.bold else { continue };
        let named = label::parse(&item.plain);
        let is_labelled = named.label.as_ref().is_some_and(|l| l.word.is_some() && !numbers.is_issue(l));
        // `- **Error:** …` is a field, and so is `1. **Cause:** …`.
        let is_field = bold.ends_with(':') || outline_after(&item.plain, bold).starts_with(':');
        if is_field && !is_labelled {
            continue;
        }
        let below = fields::fields(outline, item.span.start + 1..item.span.end);
        let mut named = if is_labelled { named } else { label::parse(bold) };
        if named.label.is_none() && item.number.is_some() {
            let ordinal = item.number.map(|n| n.to_string()).unwrap_or_default();
            named.label = Some(label::Label { word: None, ordinal, is_hashed: false });
        }
        let mut candidate = candidate(At::Item(at), ITEM, item.span.clone(), named, item.heading, &below);
        candidate.in_results = in_results(item.heading);
        let is_enough = candidate.has_severity || candidate.fields >= 2 || is_labelled;
        if is_enough && candidate.evidence >= 3.0 {
            found.push(candidate);
        }
    }
    for (at, lead) in outline.leads.iter().enumerate() {
        let named = label::parse(&lead.plain);
        let Some(label) = named.label.clone().filter(|l| !l.is_of_time()) else { continue };
        // `**2. Title**`: a number alone says less than a word with one.
        let enough = if label.word.is_some() { 2.0 } else { 4.0 };
        let next = outline.leads[at + 1..].iter().take(NEAR).find(|l| {
            l.heading == lead.heading
                && label::parse(&l.plain).label.is_some_and(|other| other.word == label.word)
        });
        let limit = lead.heading.map_or_else(
            || outline.headings.first().map_or(outline.text.len(), |h| h.span.start),
            |heading| outline.headings[heading].own_end,
        );
        let section = lead.span.start..next.map_or(limit, |next| next.span.start);
        // `**Issue #700:** …` names an issue of GitHub.
        if numbers.is_issue(&label) {
            continue;
        }
        let below = fields::fields(outline, section.start + 1..section.end);
        let mut named = named;
        // What stands behind the bold words is text.
        let short = label::parse(&lead.bold);
        if short.label.is_some() {
            named = short;
        }
        let mut candidate = candidate(At::Lead(at), LEAD, section, named, lead.heading, &below);
        candidate.in_results = in_results(lead.heading);
        if candidate.evidence >= enough {
            found.push(candidate);
        }
    }
    found.retain(|c| {
        let about = || {
            outline
                .chain(c.parent)
                .any(|at| outline.headings[at].level > 1 && is_about(&outline.headings[at].plain))
        };
        c.has_severity || !about()
    });
    // A title that is nothing but pictures names nothing.
    found.retain(|c| c.named.title.chars().any(char::is_alphanumeric));
    found.sort_by_key(|c| c.start);
    found
}

fn outline_after<'t>(plain: &'t str, bold: &str) -> &'t str {
    plain.split_once(bold).map_or("", |(_, after)| after.trim_start())
}

fn candidate(
    at: At,
    rank: u8,
    section: Range<usize>,
    named: Named,
    parent: Option<usize>,
    fields: &[Field<'_>],
) -> Candidate {
    let has_severity = fields.iter().any(Field::is_severity);
    let keys: BTreeSet<&str> =
        fields.iter().filter(|f| f.is_of_problem() && !f.is_severity()).map(|f| f.key.as_str()).collect();
    let label = match &named.label {
        Some(label) if label.word.is_some() => 2.0,
        Some(_) => 1.5,
        None => 0.0,
    };
    let tagged = named.tags.iter().any(|tag| words::severity(tag).is_some());
    let evidence = label
        + if has_severity { 3.0 } else { 0.0 }
        + keys.len().min(3) as f64
        + if tagged { 1.0 } else { 0.0 };
    let (start, fields, in_results) = (section.start, keys.len(), false);
    Candidate { at, start, section, named, parent, rank, has_severity, fields, evidence, in_results }
}

fn headings(outline: &Outline<'_>, in_results: &dyn Fn(Option<usize>) -> bool) -> Vec<Candidate> {
    let parts = parts(outline);
    let mut found: Vec<Candidate> = Vec::new();
    let mut weak: Vec<Candidate> = Vec::new();
    for (at, heading) in outline.headings.iter().enumerate() {
        let named = label::parse(&heading.plain);
        let label = named.label.as_ref();
        let is_labelled = label.is_some();
        if parts.contains(&at)
            || label.is_some_and(label::Label::is_of_time)
            || words::is_bucket(&named.title)
            || (heading.level == 1 && label.is_none_or(|l| l.word.is_none()))
            || (!is_labelled && is_about(&heading.plain))
        {
            continue;
        }
        let own = heading.span.end..own_end(outline, at, &parts);
        let below =
            fields::fields(outline, if is_labelled { heading.span.end..heading.end } else { own.clone() });
        let section = heading.span.start..heading.end;
        let mut candidate = candidate(At::Heading(at), heading.level, section, named, heading.parent, &below);
        // Only what it says before anything below it is its own.
        let own_fields: Vec<_> = below.iter().filter(|f| own.contains(&f.at)).collect();
        candidate.has_severity = own_fields.iter().any(|f| f.is_severity());
        if words::level(&heading.plain).is_some()
            && candidate.named.tags.iter().all(|t| words::severity(t).is_none())
        {
            candidate.evidence += 1.0;
        }
        if outline.has_fence(&(heading.span.end..heading.end)) {
            candidate.evidence += 0.5;
        }
        if !is_labelled && shares_keys(outline, at) {
            candidate.evidence += 1.0;
        }
        let is_self_told = is_labelled || candidate.has_severity;
        candidate.in_results = in_results(if is_self_told { heading.parent } else { Some(at) });
        let enough = if is_labelled { 2.0 } else { 3.0 };
        if candidate.evidence >= enough { &mut found } else { &mut weak }.push(candidate);
    }
    // Where most of the numbered siblings are candidates, the others are, too.
    let mut siblings: BTreeMap<(Option<usize>, u8, Shape), usize> = BTreeMap::new();
    for candidate in &found {
        *siblings.entry((candidate.parent, candidate.rank, candidate.shape())).or_default() += 1;
    }
    weak.retain(|c| {
        c.is_labelled() && siblings.get(&(c.parent, c.rank, c.shape())).is_some_and(|count| *count >= 2)
    });
    found.extend(weak);
    found
}

/// Where what a heading says itself ends: at the first heading below it that is no part of it, or with it.
fn own_end(outline: &Outline<'_>, at: usize, parts: &BTreeSet<usize>) -> usize {
    let end = outline.headings[at].end;
    let below = (at + 1..outline.headings.len()).take(NEAR);
    let next = below.take_while(|next| outline.headings[*next].span.start < end).find(|n| !parts.contains(n));
    next.map_or(end, |next| outline.headings[next].span.start)
}

/// Headings that recur below others which are labelled (`Error Details`), and headings with a key that
/// recurs once below each of several (`Issue ID: …`), in whatever words.
fn parts(outline: &Outline<'_>) -> BTreeSet<usize> {
    let mut below_labels: BTreeMap<(u8, String), Vec<usize>> = BTreeMap::new();
    let mut with_keys: BTreeMap<(u8, String), Vec<usize>> = BTreeMap::new();
    for (at, heading) in outline.headings.iter().enumerate() {
        let named = label::parse(&heading.plain);
        let Some(parent) = heading.parent.filter(|_| named.label.is_none()) else { continue };
        let above = label::parse(&outline.headings[parent].plain);
        let key = heading.plain.split(':').next().unwrap_or_default();
        let name = (heading.level, plain(key));
        if above.label.is_some() {
            below_labels.entry(name.clone()).or_default().push(at);
        }
        let is_key =
            key.len() < heading.plain.len() && named.tags.is_empty() && key.split_whitespace().count() <= 3;
        if is_key && outline.headings[parent].level > 1 {
            with_keys.entry(name).or_default().push(at);
        }
    }
    let parents =
        |all: &Vec<usize>| all.iter().map(|at| outline.headings[*at].parent).collect::<BTreeSet<_>>().len();
    let recurring = below_labels.into_values().filter(|all| parents(all) >= 2);
    let once_each = with_keys.into_values().filter(|all| parents(all) >= 2 && parents(all) == all.len());
    recurring.chain(once_each).flatten().collect()
}

/// Whether the fields of a heading have two keys that those of a sibling have, too, whatever the keys are.
fn shares_keys(outline: &Outline<'_>, at: usize) -> bool {
    let keys = |at: usize| -> BTreeSet<String> {
        let heading = &outline.headings[at];
        fields::fields(outline, heading.span.end..heading.own_end).into_iter().map(|f| f.key).collect()
    };
    let (heading, own) = (&outline.headings[at], keys(at));
    let near = at.saturating_sub(12)..(at + 13).min(outline.headings.len());
    own.len() >= 2
        && near
            .filter(|other| *other != at)
            .filter(|other| outline.headings[*other].level == heading.level)
            .filter(|other| outline.headings[*other].parent == heading.parent)
            .any(|other| keys(other).intersection(&own).count() >= 2)
}

/// Rows of tables that have a column for how bad something is.
pub(super) fn rows(outline: &Outline<'_>, numbers: &Numbers) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (at, row) in outline.rows.iter().enumerate() {
        let column = |wanted: &[&str]| {
            row.names.iter().position(|name| plain(name).split(' ').any(|word| wanted.contains(&word)))
        };
        let Some(severity) = column(&["severity", "priority", "prio", "level"]) else { continue };
        let named = column(&[
            "title",
            "issue",
            "problem",
            "failure",
            "error",
            "test",
            "name",
            "cluster",
            "finding",
            "description",
        ]);
        let Some(title) = named.or_else(|| (0..row.names.len()).find(|at| *at != severity)) else { continue };
        let (Some(title), Some(level)) = (row.cells.get(title), row.cells.get(severity)) else { continue };
        if !title.chars().any(char::is_alphabetic)
            || outline.chain(row.heading).any(|h| is_results(outline, numbers, h))
        {
            continue;
        }
        let mut named = label::parse(title);
        named.tags.push(level.clone());
        let mut candidate = candidate(At::Row(at), ROW, row.span.clone(), named, row.heading, &[]);
        candidate.has_severity = words::severity(level).is_some();
        if candidate.has_severity {
            found.push(candidate);
        }
    }
    found
}

/// Numbered headings, or numbered bold items with code in them, below a heading that names findings:
/// only looked for where nothing says anything else.
pub(super) fn last_resort(outline: &Outline<'_>) -> Vec<Candidate> {
    let names_findings = |heading: Option<usize>| {
        heading.is_some_and(|at| {
            let title = plain(&outline.headings[at].plain);
            outline.headings[at].level > 1
                && title.split(' ').any(|word| FINDINGS.contains(&word))
                && !is_about(&title)
        })
    };
    let mut found = Vec::new();
    for (at, heading) in outline.headings.iter().enumerate() {
        let named = label::parse(&heading.plain);
        let is_numbered = named.label.as_ref().is_some_and(|label| !label.is_of_time());
        let is_empty = outline.text[heading.span.end..heading.end].trim().is_empty();
        if is_numbered && !is_empty && names_findings(heading.parent) {
            let section = heading.span.start..heading.end;
            found.push(candidate(At::Heading(at), heading.level, section, named, heading.parent, &[]));
        }
    }
    for (at, item) in outline.items.iter().enumerate() {
        let named = label::parse(&item.plain);
        let is_labelled = named.label.as_ref().is_some_and(|l| l.word.is_some() && !l.is_of_time());
        if is_labelled && names_findings(item.heading) {
            found.push(candidate(At::Item(at), ITEM, item.span.clone(), named, item.heading, &[]));
            continue;
        }
        let code = outline.code.partition_point(|(span, _)| span.start < item.span.start);
        let has_code = outline.code.get(code).is_some_and(|(span, _)| span.start < item.span.end);
        let Some(bold) = item.bold.as_ref().filter(|bold| has_code && !bold.ends_with(':')) else { continue };
        if item.number.is_some() && names_findings(item.heading) {
            let named = label::parse(bold);
            found.push(candidate(At::Item(at), ITEM, item.span.clone(), named, item.heading, &[]));
        }
    }
    found
}

/// Whether it is told below a heading what became of issues: its words say so, and numbers are there.
pub(super) fn is_results(outline: &Outline<'_>, numbers: &Numbers, at: usize) -> bool {
    let heading = &outline.headings[at];
    let words = plain(&heading.plain);
    heading.level > 1
        && words.split(' ').any(|word| RESULTS.contains(&word))
        && numbers.within(&(heading.span.start..heading.end)).next().is_some()
}

fn is_about(title: &str) -> bool {
    let title = plain(title);
    title.split(' ').any(|word| ABOUT.contains(&word)) || ABOUT_PAIRS.iter().any(|pair| title.contains(pair))
}
