//! The merge driver: three versions of a worklog become three texts in which only real conflicts
//! are left for a merge of lines.
//!
//! Floor 2, pure. Values that gardener keeps equal are merged by their own law (`merge::rejoin`)
//! and written into all three versions alike, and so is the base block; entries that are new on
//! either side stand in all three. What differs then is what only a merge of lines can decide:
//! prose, comments, other keys, and values that a person has to decide on. Merging lines is git's.

use std::collections::{BTreeMap, BTreeSet};

use crate::merge::{Field, Rejoined, Version, rejoin};
use crate::model::{Base, Entry, EntryId, Issue, Vocabulary};
use crate::worklog::{Edit, Parsed, Worklog, edit, parse};

/// Three versions of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions<T> {
    /// The one that both come from.
    pub base: T,
    /// The one of the branch that is merged into.
    pub ours: T,
    /// The other one.
    pub theirs: T,
}

/// Versions ready for a merge of lines, and what has to come out of it.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The texts.
    pub texts: Versions<String>,
    merged: BTreeMap<EntryId, Rejoined>,
    bases: BTreeMap<EntryId, Base>,
}

/// Makes three versions ready. `None` where one of them is no worklog that can be read, or they
/// are not the same one: then lines are all there is to merge.
pub fn ready(texts: &Versions<&str>, vocabulary: &Vocabulary) -> Option<Ready> {
    let read = |text: &str| match parse(text, vocabulary) {
        Parsed::Worklog(worklog, _) => Some(worklog),
        _ => None,
    };
    let (base, ours, theirs) = (read(texts.base)?, read(texts.ours)?, read(texts.theirs)?);
    if ours.header().id != theirs.header().id {
        return None;
    }
    let (mut merged, mut as_text) = (BTreeMap::new(), BTreeSet::new());
    for entry in ours.entries() {
        if let Some(other) = theirs.entry(&entry.id) {
            let before = base.entry(&entry.id).map(|old| version(&base, old));
            let both = rejoin(before.as_ref(), &version(&ours, entry), &version(&theirs, other));
            match both {
                Some(both) => drop(merged.insert(entry.id.clone(), both)),
                None => drop(as_text.insert(entry.id.clone())),
            }
        }
    }
    let mut bases = bases(&base, &ours, &theirs, &merged);
    bases.retain(|id, _| !as_text.contains(id));
    let same = |worklog: &Worklog| edit(worklog, &edits(worklog, &merged, &bases, &as_text)).ok();
    let edited = Versions { base: same(&base)?, ours: same(&ours)?, theirs: same(&theirs)? };
    let texts = with_new_entries(&edited, vocabulary).unwrap_or(edited);
    let texts = with_new_sections(&texts).unwrap_or(texts);
    Some(Ready { texts, merged, bases })
}

impl Ready {
    /// Whether a merged text says what was decided, each value of it and each base line.
    pub fn is_kept_by(&self, text: &str, vocabulary: &Vocabulary) -> bool {
        let Parsed::Worklog(worklog, _) = parse(text, vocabulary) else { return false };
        let says = |(id, both): (&EntryId, &Rejoined)| {
            let Some(entry) = worklog.entry(id) else { return true };
            let (is, wanted) = (values(entry), &both.values);
            both.contested.is_empty()
                && !both.issue_is_contested
                && entry.issue == both.issue
                && (is.status == wanted.status && is.severity == wanted.severity)
                && (wanted.labels.is_none() || is.labels == wanted.labels)
                && (wanted.links.is_none() || is.links == wanted.links)
        };
        let there = |id: &&EntryId| worklog.entry(id).is_some();
        self.merged.iter().all(says)
            && self
                .bases
                .iter()
                .filter(|(id, _)| there(id))
                .all(|(id, base)| worklog.bases().get(id) == Some(base))
    }
}

fn version(worklog: &Worklog, entry: &Entry) -> Version {
    let base = worklog.bases().get(&entry.id).cloned();
    Version { issue: entry.issue.clone(), values: values(entry), base }
}

fn values(entry: &Entry) -> Issue {
    Issue {
        status: entry.status.clone(),
        severity: entry.severity.map(Some),
        labels: entry.labels.as_ref().map(|l| l.iter().cloned().collect()),
        links: entry.links.as_ref().map(|l| l.iter().cloned().collect()),
    }
}

/// The lines of the base block after the merge: of an entry on both sides the merged one, of one
/// on one side its own, unless the other side took it out.
fn bases(
    base: &Worklog,
    ours: &Worklog,
    theirs: &Worklog,
    merged: &BTreeMap<EntryId, Rejoined>,
) -> BTreeMap<EntryId, Base> {
    let ids: BTreeSet<&EntryId> = ours.bases().keys().chain(theirs.bases().keys()).collect();
    let mut lines = BTreeMap::new();
    for id in ids {
        let line = match merged.get(id) {
            Some(both) => both.base.clone(),
            None => match (ours.bases().get(id), theirs.bases().get(id)) {
                (Some(a), Some(b)) => (a == b).then(|| a.clone()),
                (Some(one), None) | (None, Some(one)) => {
                    (base.bases().get(id) != Some(one)).then(|| one.clone())
                }
                (None, None) => None,
            },
        };
        lines.extend(line.map(|line| (id.clone(), line)));
    }
    lines
}

/// What makes a version say what was decided, as far as it can be written by changing a value.
fn edits(
    worklog: &Worklog,
    merged: &BTreeMap<EntryId, Rejoined>,
    bases: &BTreeMap<EntryId, Base>,
    as_text: &BTreeSet<EntryId>,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    for entry in worklog.entries() {
        let Some(both) = merged.get(&entry.id) else { continue };
        let (id, values) = (|| entry.id.clone(), &both.values);
        if let Some(to) = both.issue.clone().filter(|_| !both.issue_is_contested) {
            edits.push(Edit::SetIssue { entry: id(), to });
        }
        if let Some(to) = values.status.clone() {
            edits.push(Edit::SetStatus { entry: id(), to });
        }
        if !both.contested.contains(&Field::Severity) {
            edits.push(Edit::SetSeverity { entry: id(), to: values.severity.flatten() });
        }
        if let (Some(wanted), Some(own)) = (&values.labels, &entry.labels) {
            let add = wanted.iter().filter(|l| !own.contains(l));
            edits.extend(add.map(|l| Edit::AddLabel { entry: id(), label: l.clone() }));
            let remove = own.iter().filter(|l| !wanted.contains(*l));
            edits.extend(remove.map(|l| Edit::RemoveLabel { entry: id(), label: l.clone() }));
        }
        if let (Some(wanted), Some(own)) = (&values.links, &entry.links) {
            let add = wanted.iter().filter(|l| !own.contains(l));
            edits.extend(add.map(|l| Edit::AddLink { entry: id(), link: l.clone() }));
            let remove = own.iter().filter(|l| !wanted.contains(*l));
            edits.extend(remove.map(|l| Edit::RemoveLink { entry: id(), link: l.clone() }));
        }
    }
    let all: BTreeSet<&EntryId> = worklog.bases().keys().chain(bases.keys()).collect();
    let all = all.into_iter().filter(|id| !as_text.contains(*id));
    edits.extend(all.map(|id| Edit::SetBase { entry: id.clone(), to: bases.get(id).cloned() }));
    edits
}

/// Where both sides have added entries at the end of the list, all of them in all versions, ours
/// before theirs. A merge of lines would take the two for a conflict.
fn with_new_entries(texts: &Versions<String>, vocabulary: &Vocabulary) -> Option<Versions<String>> {
    let read = |text: &str| match parse(text, vocabulary) {
        Parsed::Worklog(worklog, _) => Some(worklog),
        _ => None,
    };
    let (base, ours, theirs) = (read(&texts.base)?, read(&texts.ours)?, read(&texts.theirs)?);
    let added = |worklog: &Worklog, other: &Worklog| -> Vec<EntryId> {
        let is_new = |e: &&Entry| base.entry(&e.id).is_none() && other.entry(&e.id).is_none();
        worklog.entries().iter().rev().take_while(is_new).map(|e| e.id.clone()).collect()
    };
    let (mine, yours) = (added(&ours, &theirs), added(&theirs, &ours));
    let (first, last) = (mine.last()?, mine.first()?);
    let (their_first, their_last) = (yours.last()?, yours.first()?);
    let mine = ours.item(first)?.start..ours.item(last)?.end;
    let yours = theirs.item(their_first)?.start..theirs.item(their_last)?.end;
    let (mine, yours_text) = (&texts.ours[mine.clone()], &texts.theirs[yours.clone()]);
    let column = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let tail = base.entries().last().map(|e| base.item(&e.id)).unwrap_or_default()?;
    // Lists of another shape are not put together.
    if column(mine) != column(yours_text) || column(mine) != column(&texts.base[tail.clone()]) {
        return None;
    }
    let put = |text: &str, at: usize, what: &str| format!("{}{what}{}", &text[..at], &text[at..]);
    let end_of_ours = ours.item(last)?.end;
    let made = Versions {
        base: put(&texts.base, tail.end, &format!("{mine}{yours_text}")),
        ours: put(&texts.ours, end_of_ours, yours_text),
        theirs: put(&texts.theirs, yours.start, mine),
    };
    let all = [&made.base, &made.ours, &made.theirs];
    all.iter().all(|text| read(text).is_some()).then_some(made)
}

/// The same for sections that both sides have put at the end of the body. Each has to begin with a
/// heading, and what they were put behind has to be the same still.
fn with_new_sections(texts: &Versions<String>) -> Option<Versions<String>> {
    let end = |text: &str| text.rfind("<!-- gardener:base ").unwrap_or(text.len());
    let old = texts.base[..end(&texts.base)].trim_end();
    let cut = old.rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
    let tail = &old[cut..];
    let added = |text: &str| {
        let body = text[..end(text)].trim_end();
        let mut places = body.match_indices(tail);
        let (at, _) = places.next().filter(|_| places.next().is_none())?;
        let from = at + tail.len();
        let is_section = body[from..].starts_with('\n') && body[from..].trim_start().starts_with('#');
        is_section.then_some(from..body.len())
    };
    let (mine, yours) = (added(&texts.ours)?, added(&texts.theirs)?);
    let (mine_text, yours_text) = (&texts.ours[mine.clone()], &texts.theirs[yours.clone()]);
    if mine_text == yours_text || old.matches(tail).count() != 1 {
        return None;
    }
    let put = |text: &str, at: usize, what: &str| format!("{}{what}{}", &text[..at], &text[at..]);
    // A blank line between them, where the second does not bring one.
    let gap = if yours_text.starts_with("\n\n") || yours_text.starts_with("\n\r\n") { "" } else { "\n" };
    Some(Versions {
        base: put(&texts.base, old.len(), &format!("{mine_text}{gap}{yours_text}")),
        ours: put(&texts.ours, mine.end, &format!("{gap}{yours_text}")),
        theirs: put(&texts.theirs, yours.start, &format!("{mine_text}{gap}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "---\ngardener: 1\nid: w\nentries:\n";

    fn text(entries: &str, lines: &str) -> String {
        let block =
            if lines.is_empty() { String::new() } else { format!("\n<!-- gardener:base 1\n{lines}-->\n") };
        format!("{HEAD}{entries}---\n\n# w\n{block}")
    }

    fn line(id: &str, status: &str, seen: &str) -> String {
        format!(
            "{id} {{\"issue\":\"acme/app#5\",\"status\":\"{status}\",\"seen\":\"2026-01-{seen}T00:00:00Z\"}}\n-\n"
        )
    }

    fn made(base: &str, ours: &str, theirs: &str) -> Versions<String> {
        ready(&Versions { base, ours, theirs }, &Vocabulary::default()).expect("worklogs").texts
    }

    #[test]
    fn what_can_be_decided_is_the_same_in_all_three() {
        let entry = |status: &str, severity: &str| {
            format!(
                "  - id: a\n    title: A # one\n    status: {status}\n    severity: {severity}\n    issue: 5\n"
            )
        };
        let base = text(&entry("open", "P2"), &line("a", "open", "01"));
        let ours = text(&entry("open", "P1"), &line("a", "open", "01"));
        let theirs = text(&entry("completed", "P2"), &line("a", "completed", "02"));
        let all = made(&base, &ours, &theirs);
        assert_eq!(all.ours, text(&entry("completed", "P1"), &line("a", "completed", "02")));
        assert!(all.ours == all.theirs && all.ours == all.base);
    }

    #[test]
    fn what_only_a_person_can_decide_is_left_as_it_is() {
        let entry = |status: &str| format!("  - id: a\n    title: A\n    status: {status}\n    issue: 5\n");
        let lines = line("a", "open", "01");
        let [base, ours, theirs] = ["open", "completed", "not-planned"].map(|s| text(&entry(s), &lines));
        let all = made(&base, &ours, &theirs);
        assert_eq!([&all.base, &all.ours, &all.theirs], [&base, &ours, &theirs]);
        let ready = ready(&Versions { base: &*base, ours: &*ours, theirs: &*theirs }, &Vocabulary::default());
        assert!(!ready.expect("worklogs").is_kept_by(&ours, &Vocabulary::default()));
    }

    #[test]
    fn entries_that_both_sides_add_stand_one_after_the_other() {
        let entry = |id: &str| format!("  - id: {id}\n    title: T # {id}\n");
        let [base, ours, theirs] = ["a", "ab", "ac"]
            .map(|ids| text(&ids.chars().map(|id| entry(&id.to_string())).collect::<String>(), ""));
        let all = made(&base, &ours, &theirs);
        assert_eq!(all.ours, text(&["a", "b", "c"].map(entry).concat(), ""));
        assert!(all.ours == all.theirs && all.ours == all.base);
    }

    #[test]
    fn sections_that_both_sides_add_stand_one_after_the_other() {
        let section = |id: &str| format!("\n## {id}\n<!-- gardener:entry {id} -->\nProse of {id}.\n");
        let entry = |id: &str| format!("  - id: {id}\n    title: T\n");
        let with = |ids: &str, lines: &str| {
            let all = text(&ids.chars().map(|id| entry(&id.to_string())).collect::<String>(), lines);
            let sections: String = ids.chars().map(|id| section(&id.to_string())).collect();
            all.replacen("# w\n", &format!("# w\n{sections}"), 1)
        };
        for lines in ["", &line("a", "open", "01")] {
            let [base, ours, theirs] = ["a", "ab", "ac"].map(|ids| with(ids, lines));
            let all = made(&base, &ours, &theirs);
            assert_eq!(all.ours, with("abc", lines));
            assert!(all.ours == all.theirs && all.ours == all.base, "{all:?}");
            // Where somebody rewrote what they stand behind, only a person can tell.
            let other = theirs.replace("Prose of a.", "Another prose.");
            let all = made(&base, &ours, &other);
            assert!(!all.ours.contains("Prose of c."));
        }
    }

    #[test]
    fn other_files_are_none_of_its_business() {
        let log = text("  - id: a\n    title: A\n", "");
        let other = log.replace("id: w\n", "id: v\n");
        for (base, ours, theirs) in [("", &*log, &*log), (&*log, "# notes\n", &*log), (&*log, &*log, &*other)]
        {
            assert!(ready(&Versions { base, ours, theirs }, &Vocabulary::default()).is_none());
        }
    }
}
