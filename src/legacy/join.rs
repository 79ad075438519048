//! What is said of an entry elsewhere in its file: the number of its issue, and how bad it is.
//!
//! Most numbers stand away from their entry, in a list, a table or headings at the end that name the
//! entries again, sometimes in another order. Each place that names a number is a *unit*. It is joined
//! with an entry by title, then by a label that both have, then by ordinal, and only if no title speaks
//! against that. The best evidence counts, and what stands with the entry itself counts most.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::legacy::Joined;
use crate::legacy::alike::{self, Words};
use crate::legacy::candidates::{At, Candidate};
use crate::legacy::fields;
use crate::legacy::label::{self, Label};
use crate::legacy::numbers::Numbers;
use crate::legacy::outline::Outline;
use crate::legacy::words;
use crate::model::Severity;

/// What was found out about the entries, in their order, and which numbers belong to none.
pub(super) struct Found {
    pub(super) issues: Vec<Option<(u64, Joined, usize)>>,
    pub(super) levels: Vec<Option<(Severity, usize)>>,
    /// Numbers that the file names and no entry got, each with the place of its first mention.
    pub(super) unplaced: BTreeMap<u64, usize>,
}

/// A place that names a number, a level or both.
struct Unit {
    start: usize,
    text: String,
    label: Option<Label>,
    ordinal: Option<u64>,
    number: Option<u64>,
    level: Option<Severity>,
    /// Those of one list, table or heading.
    group: (u8, usize),
    /// The number of what it stands in, for a line that only names an entry.
    carrier: Option<u64>,
}

/// Words of lines about other issues.
const RELATED: [&str; 26] = [
    "related",
    "relation",
    "relationship",
    "relationships",
    "cross",
    "linked",
    "links",
    "linking",
    "dependency",
    "dependencies",
    "depends",
    "references",
    "reference",
    "similar",
    "connected",
    "blocked",
    "blocks",
    "parent",
    "chain",
    "see",
    "context",
    "caused",
    "downstream",
    "upstream",
    "previous",
    "also",
];
/// Words of lines that say what was done with the entry's own issue.
const DONE: [&str; 20] = [
    "created",
    "create",
    "creating",
    "updated",
    "update",
    "updating",
    "filed",
    "opened",
    "reopened",
    "tracked",
    "tracking",
    "tracker",
    "escalated",
    "existing",
    "reported",
    "commented",
    "logged",
    "processed",
    "closed",
    "resolved",
];

/// Words that people call any entry by.
const COMMON: [&str; 8] = ["issue", "cluster", "entry", "problem", "error", "failure", "bug", "item"];
/// Words of keys whose value says what became of the entry.
const ENDS: [&str; 5] = ["action", "result", "resolution", "outcome", "filed"];
/// How far back a number is looked for, and how many places are compared with the entries at most.
const NEAR: usize = 20;
const PLACES: usize = 4000;

/// Looks for it.
pub(super) fn join(outline: &Outline<'_>, numbers: &Numbers, entries: &[&Candidate]) -> Found {
    let titles: Vec<&str> = entries.iter().map(|c| c.named.title.as_str()).collect();
    let words = Words::of(&titles);
    let units = units(outline, numbers, entries);
    let mut issues: Vec<Vec<(f64, u64, Joined, usize)>> = vec![Vec::new(); entries.len()];
    let mut levels: Vec<Vec<(f64, Severity, usize)>> = vec![Vec::new(); entries.len()];
    let mut joined: Vec<Option<usize>> = vec![None; units.len()];
    for (at, unit) in units.iter().enumerate() {
        let Some((entry, score, how)) = by_title(unit, entries, &words) else { continue };
        joined[at] = Some(entry);
        if let Some(number) = unit.number {
            issues[entry].push((score, number, how, unit.start));
        } else if let Some(number) = unit.carrier.filter(|_| score >= 2.5) {
            issues[entry].push((2.8, number, how, unit.start));
        }
        if let Some(level) = unit.level.filter(|_| score >= 1.7) {
            levels[entry].push((score, level, unit.start));
        }
    }
    by_ordinal(&units, entries, &joined, &mut issues);
    for (at, entry) in entries.iter().enumerate() {
        issues[at].extend(own(outline, numbers, entry));
    }
    let best = |all: Vec<(f64, u64, Joined, usize)>| {
        let mut best: Option<(f64, u64, Joined, usize)> = None;
        for one in all {
            if best.as_ref().is_none_or(|best| one.0 > best.0 + 1e-9) {
                best = Some(one);
            }
        }
        best.map(|(_, number, how, at)| (number, how, at))
    };
    let issues: Vec<_> = issues.into_iter().map(best).collect();
    let level = |all: Vec<(f64, Severity, usize)>| {
        all.into_iter()
            .reduce(|best, one| if one.0 > best.0 + 1e-9 { one } else { best })
            .map(|(_, l, at)| (l, at))
    };
    let placed: BTreeSet<u64> = issues.iter().flatten().map(|(number, ..)| *number).collect();
    let mut unplaced = BTreeMap::new();
    for mention in numbers.own.iter().filter(|mention| !placed.contains(&mention.number)) {
        unplaced.entry(mention.number).or_insert(mention.at);
    }
    Found { issues, levels: levels.into_iter().map(level).collect(), unplaced }
}

/// The entry that a unit names by title or label, how surely, and by which.
fn by_title(unit: &Unit, entries: &[&Candidate], words: &Words) -> Option<(usize, f64, Joined)> {
    let ordinal =
        |at: usize| entries[at].named.label.as_ref().and_then(Label::number).unwrap_or(at as u64 + 1);
    let bonus = |at: usize| if unit.ordinal == Some(ordinal(at)) { 0.2 } else { 0.0 };
    let parts = words.parts(&unit.text);
    let exact = (0..entries.len()).filter(|at| parts[*at] >= 1.0);
    // Of titles that begin alike the longest is meant.
    let longest = exact.max_by_key(|at| {
        let same_label = unit.label.is_some() && unit.label == entries[*at].named.label;
        (entries[*at].named.title.len(), same_label)
    });
    if let Some(at) = longest {
        return Some((at, 3.0, Joined::Title));
    }
    let best = alike::best(&parts, bonus);
    let same_label = |c: &&Candidate| match (&c.named.label, &unit.label) {
        // `Issue 2` is the second of headings that are only numbered.
        (Some(a), Some(b)) => {
            let is_second = a.word.is_none() && b.word.as_deref().is_some_and(|w| COMMON.contains(&w));
            (is_second || (a.word.is_some() && a.word == b.word)) && a.ordinal == b.ordinal
        }
        _ => false,
    };
    if let Some(at) = (0..entries.len()).find(|at| same_label(&entries[*at])) {
        // The results may be numbered anew: a title that fits another entry well is right.
        if best.is_none_or(|(other, part)| other == at || part < 0.75) {
            return Some((at, 2.5, Joined::Label));
        }
    }
    best.map(|(at, part)| (at, 1.0 + part, Joined::Title))
}

/// Joins the units of a list that no title told, if those that a title told stand in the same order.
fn by_ordinal(
    units: &[Unit],
    entries: &[&Candidate],
    joined: &[Option<usize>],
    issues: &mut [Vec<(f64, u64, Joined, usize)>],
) {
    let ordinal =
        |at: usize| entries[at].named.label.as_ref().and_then(Label::number).unwrap_or(at as u64 + 1);
    let mut groups: BTreeMap<(u8, usize), Vec<usize>> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        if unit.ordinal.is_some() && unit.number.is_some() {
            groups.entry(unit.group).or_default().push(at);
        }
    }
    for group in groups.values() {
        let told: Vec<(usize, usize)> = group.iter().filter_map(|at| Some((*at, joined[*at]?))).collect();
        let agrees = |(unit, entry): &(usize, usize)| units[*unit].ordinal == Some(ordinal(*entry));
        if !told.iter().all(agrees) || (told.is_empty() && group.len() != entries.len()) {
            continue;
        }
        for at in group.iter().filter(|at| joined[**at].is_none()) {
            let fits: Vec<_> =
                (0..entries.len()).filter(|e| units[*at].ordinal == Some(ordinal(*e))).collect();
            if let ([entry], Some(number)) = (&fits[..], units[*at].number) {
                issues[*entry].push((1.0, number, Joined::Ordinal, units[*at].start));
            }
        }
    }
}

/// What an entry says itself of its issue.
fn own(outline: &Outline<'_>, numbers: &Numbers, entry: &Candidate) -> Vec<(f64, u64, Joined, usize)> {
    let mut found = Vec::new();
    let head = match entry.at {
        At::Heading(at) => outline.headings[at].span.clone(),
        _ => {
            entry.start
                ..outline.text[entry.start..].find('\n').map_or(outline.text.len(), |n| entry.start + n)
        }
    };
    if let Some(mention) =
        numbers.within(&head).next().filter(|m| !is_related(last_words(&outline.text[head.start..m.at])))
    {
        found.push((5.0, mention.number, Joined::Own, mention.at));
    }
    // Other numbers in a heading of its own parts are quotes of logs or of titles.
    for (at, line) in outline.lines(head.end..entry.section.end) {
        let range = at..at + line.len();
        let Some(mention) = numbers.within(&range).next() else { continue };
        // What comes behind the number is about others.
        if is_related(&outline.text[at..mention.at]) || is_related_list(outline, at) {
            continue;
        }
        let below = line.trim_start_matches(['#', ' ']);
        let is_heading = line.starts_with('#')
            && below.len() + 1 < line.len()
            && line[..line.len() - below.len()].ends_with(' ');
        let key = fields::field(at, if is_heading { below } else { line });
        let key = key.map(|field| field.key).unwrap_or_default();
        let names_issue = key.split(' ').any(|word| {
            matches!(
                word,
                "issue" | "issues" | "github" | "ticket" | "tracker" | "tracking" | "tracked" | "bug" | "gh"
            )
        });
        let first = fields::item(if is_heading { below } else { line })
            .trim_start_matches(|c: char| !c.is_alphanumeric() && !"#[".contains(c));
        let leads = first.starts_with('#')
            || first.starts_with("[#")
            || (first.starts_with("Issue #") || first.starts_with("GitHub Issue #"));
        let score = if names_issue {
            4.0
        } else if !is_heading && (has_word(line, &DONE) || has_word(&key, &ENDS)) {
            2.2
        } else if leads {
            1.5
        } else {
            continue;
        };
        found.push((score, mention.number, Joined::Own, mention.at));
    }
    found
}

fn units(outline: &Outline<'_>, numbers: &Numbers, entries: &[&Candidate]) -> Vec<Unit> {
    let is_outside = |at: usize| {
        let before = entries.partition_point(|c| c.start <= at).checked_sub(1);
        before.is_none_or(|before| !entries[before].section.contains(&at))
    };
    let related_heading = |heading: Option<usize>| {
        outline
            .chain(heading)
            .any(|at| outline.headings[at].level > 1 && is_related(&outline.headings[at].plain))
    };
    let mut units = Vec::new();
    for heading in &outline.headings {
        // A heading that names a number is about that, whatever its words are.
        let names_one = numbers.within(&heading.span).next().is_some();
        if !is_outside(heading.span.start)
            || related_heading(heading.parent)
            || (is_related(&heading.plain) && !names_one)
        {
            continue;
        }
        let named = label::parse(&heading.plain);
        let whole = heading.span.start..heading.own_end;
        units.push(Unit {
            start: heading.span.start,
            ordinal: named.label.as_ref().and_then(Label::number),
            label: named.label,
            text: heading.plain.clone(),
            number: first(outline, numbers, &whole),
            level: words::level(&heading.plain),
            group: (heading.level, heading.parent.map_or(0, |parent| parent + 1)),
            carrier: None,
        });
    }
    let bucket = |heading: Option<usize>| words::level(&outline.headings[heading?].plain);
    let carrier = |start: usize, heading: Option<usize>| {
        let heading = heading?;
        let own = &outline.headings[heading];
        let end = outline.leads.partition_point(|lead| lead.span.start < start);
        let near = outline.leads[..end].iter().rev().take(NEAR);
        let mut near = near.take_while(|lead| lead.heading == Some(heading));
        near.find_map(|lead| first(outline, numbers, &lead.span))
            .or_else(|| first(outline, numbers, &own.span))
    };
    for item in outline.items.iter().filter(|item| is_outside(item.span.start)) {
        if related_heading(item.heading) || is_related_list(outline, item.span.start) {
            continue;
        }
        let number = first(outline, numbers, &item.span);
        let label = label::parse(&item.plain).label;
        let line = item.span.start
            ..item.span.start + outline.text[item.span.clone()].find('\n').unwrap_or(item.span.len());
        // A line that lists several numbers is about none of them, unless it is labelled.
        if label.is_none() && several(outline, numbers, &line) {
            continue;
        }
        units.push(Unit {
            start: item.span.start,
            ordinal: item.number.or(label.as_ref().and_then(Label::number)),
            label,
            text: item.plain.clone(),
            number,
            level: words::level(&item.plain).or_else(|| bucket(item.heading)),
            // Lists below one heading, or below several of one, count on.
            group: (
                10,
                outline.chain(item.heading).last().map_or(0, |at| at + 1).max(above(outline, item.heading)),
            ),
            carrier: carrier(item.span.start, item.heading),
        });
    }
    for lead in outline.leads.iter().filter(|lead| is_outside(lead.span.start)) {
        if related_heading(lead.heading) || is_related(&lead.plain) {
            continue;
        }
        let label = label::parse(&lead.plain).label;
        units.push(Unit {
            start: lead.span.start,
            ordinal: label.as_ref().and_then(Label::number),
            label,
            text: lead.plain.clone(),
            number: first(outline, numbers, &lead.span),
            level: words::level(&lead.plain).or_else(|| bucket(lead.heading)),
            group: (11, lead.heading.map_or(0, |heading| heading + 1)),
            carrier: None,
        });
    }
    for row in outline.rows.iter().filter(|row| is_outside(row.span.start) && !related_heading(row.heading)) {
        let text = row.cells.join(" | ");
        units.push(Unit {
            start: row.span.start,
            label: row.cells.first().and_then(|cell| label::parse(cell).label),
            ordinal: row.cells.first().filter(|cell| cell.len() <= 3).and_then(|cell| cell.parse().ok()),
            number: first(outline, numbers, &row.span),
            level: words::level(&text).or_else(|| bucket(row.heading)),
            text,
            group: (12, row.table),
            carrier: None,
        });
    }
    units.sort_by_key(|unit| unit.start);
    // More entries than a worklog has room for are refused anyway.
    units.truncate(if entries.len() > 500 { 0 } else { PLACES });
    units
}

/// The heading above the nearest one, counted from 1, or 0.
fn above(outline: &Outline<'_>, heading: Option<usize>) -> usize {
    heading.and_then(|at| outline.headings[at].parent).map_or(0, |at| at + 1)
}

/// The first number in a range that is not told of as one beside it.
fn first(outline: &Outline<'_>, numbers: &Numbers, range: &Range<usize>) -> Option<u64> {
    let of = |at: usize| {
        let mut near = at.saturating_sub(400).max(range.start);
        while !outline.text.is_char_boundary(near) {
            near += 1;
        }
        let before = &outline.text[near..at];
        &before[before.rfind('\n').map_or(0, |newline| newline + 1)..]
    };
    let mention = numbers
        .within(range)
        .find(|mention| !is_related(of(mention.at)) || of(mention.at).contains(['"', '`']))?;
    (!is_related_list(outline, mention.at) || mention.at == range.start).then_some(mention.number)
}

/// The last three words of a text, for what stands further from a number is not about it.
fn last_words(text: &str) -> &str {
    let mut words = text.char_indices().rev().filter(|(_, c)| c.is_whitespace());
    words.nth(3).map_or(text, |(at, _)| &text[at..])
}

/// Whether a line lists numbers with nothing but commas between them.
fn several(outline: &Outline<'_>, numbers: &Numbers, range: &Range<usize>) -> bool {
    let all: Vec<_> = numbers.within(range).take(8).collect();
    all.windows(2).any(|pair| {
        let between = outline.text[pair[0].at..pair[1].at].trim_start_matches(['#', '[']);
        let between = between.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_list = |text: &str| alike::plain(text).split(' ').all(|w| matches!(w, "" | "and" | "issue"));
        pair[0].number != pair[1].number && is_list(between)
    })
}

/// Whether the line before the list that holds a place says that it is about other issues.
fn is_related_list(outline: &Outline<'_>, at: usize) -> bool {
    let Some(item) = outline.item_at(at) else { return false };
    let first = outline.items.partition_point(|other| other.list < item.list);
    let start = outline.items[first].span.start;
    let before = outline.line_before(start);
    before.trim_end_matches(['*', ' ']).ends_with(':') && is_related(before)
}

fn is_related(text: &str) -> bool {
    has_word(text, &RELATED)
}

fn has_word(text: &str, wanted: &[&str]) -> bool {
    alike::plain(text).split(' ').any(|word| wanted.contains(&word))
}
