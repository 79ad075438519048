//! Worklog files: text to values and back, byte for byte.
//!
//! [`parse`] reads a file and says everything that is wrong with it, [`edit`] changes
//! single values of its front matter and base block and no other byte, and
//! [`committed_text`] puts together what a sync commits. The room is pure: it gets text
//! and gives text. Reading and writing files, printing diagnostics and deciding what to
//! change are the work of others; new worklogs come from templates, not from here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::model::{Base, Entry, EntryId, Header, Vocabulary, WorklogId};

pub mod base_block;
mod body;
mod commit;
mod diagnostic;
mod edit;
mod fields;
pub mod file_keys;
mod items;
pub(crate) mod lines;
mod plain;
mod regions;
mod scalar;
mod section;
mod syntax;
mod tree;
mod values;

pub use commit::{NoFrontMatter, committed_text};
pub(crate) use diagnostic::nearest;
pub use diagnostic::{Diagnostic, Instead, Level};
pub use edit::{Edit, EditError, add_entry, edit};
pub use scalar::yaml_text;
pub use section::with_section;

use body::{Body, conflict_line};
use diagnostic::quoted;
use regions::{Regions, Split};
use tree::Tree;
use values::Values;

/// The version of the format that is written.
pub use values::FORMAT;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 1 << 20;
/// The longest front matter that is read, in bytes.
pub const MAX_FRONT_MATTER: usize = 64 << 10;
/// The code of every diagnostic about a text that a newer gardener wrote.
pub const NEWER_FORMAT: &str = "newer-format";
/// The most diagnostics for one file.
const MAX_FINDINGS: usize = 100;

/// A worklog without errors.
#[derive(Clone, Debug)]
pub struct Worklog {
    text: String,
    regions: Regions,
    body: Body,
    tree: Tree,
    values: Values,
    bases: BTreeMap<EntryId, Base>,
    doubled: BTreeSet<EntryId>,
    vocabulary: Vocabulary,
}

impl Worklog {
    /// The file's text, as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys of the worklog itself.
    pub fn header(&self) -> &Header {
        &self.values.header
    }

    /// The entries in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.values.entries
    }

    /// The entry of this id.
    pub fn entry(&self, id: &EntryId) -> Option<&Entry> {
        self.values.entries.iter().find(|entry| entry.id == *id)
    }

    /// What was agreed on at the last sync, also for entries that are gone by now.
    pub fn bases(&self) -> &BTreeMap<EntryId, Base> {
        &self.bases
    }

    /// Entries whose base was put together from two lines, or is missing because the two
    /// are about different issues. Setting the base of one, even to the same, leaves one
    /// line.
    pub fn doubled_bases(&self) -> &BTreeSet<EntryId> {
        &self.doubled
    }

    /// The part of the body that is about an entry, heading and marker included. An entry
    /// without a marker has none.
    pub fn section(&self, id: &EntryId) -> Option<&str> {
        self.body.section(id, self.body_end()).map(|span| &self.text[span])
    }

    /// An entry's section without its heading and marker: the text for its issue.
    pub fn prose(&self, id: &EntryId) -> Option<String> {
        let section = self.body.section(id, self.body_end())?;
        Some(self.body.prose(&self.text, section))
    }

    /// The prose: everything after the front matter but the base block.
    pub fn body(&self) -> String {
        let Regions { body, base, .. } = &self.regions;
        let base = base.clone().unwrap_or(body.end..body.end);
        format!("{}{}", &self.text[body.start..base.start], &self.text[base.end..body.end])
    }

    /// The bytes of that part.
    pub fn section_place(&self, id: &EntryId) -> Option<Range<usize>> {
        self.body.section(id, self.body_end())
    }

    /// The bytes of an entry in the front matter, for messages.
    pub fn place(&self, id: &EntryId) -> Option<Range<usize>> {
        let span = self.values.places.get(id)?;
        let start = self.regions.front.start;
        Some(span.start + start..span.end + start)
    }

    /// Where the body ends: at the base block, if there is one, else with the file.
    pub fn body_end(&self) -> usize {
        self.regions.base.as_ref().map_or(self.text.len(), |base| base.start)
    }
}

/// What a file turned out to be.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// Some other file, and why.
    NotAWorklog(&'static str),
    /// A worklog that cannot be used, and everything that is wrong with it: at least one
    /// error, warnings beside it.
    Broken(Vec<Diagnostic>),
    /// A worklog, with warnings.
    Worklog(Box<Worklog>, Vec<Diagnostic>),
}

/// Reads a file's text. Any text can be given.
pub fn parse(text: &str, vocabulary: &Vocabulary) -> Parsed {
    if text.len() > MAX_FILE {
        return match regions::means_to_be_a_worklog(text) {
            true => Parsed::Broken(vec![oversize(text, "the worklog", "1 MiB")]),
            false => Parsed::NotAWorklog("larger than 1 MiB"),
        };
    }
    let (regions, body) = match regions::split(text) {
        Split::NoFrontMatter if regions::starts_in_conflict(text) => {
            return Parsed::Broken(vec![conflict(regions::first_line(text))]);
        }
        Split::NoFrontMatter => return Parsed::NotAWorklog("no front matter"),
        Split::Unclosed(_) if !regions::means_to_be_a_worklog(text) => {
            return Parsed::NotAWorklog("no front matter");
        }
        Split::Unclosed(span) => {
            let message = "the front matter that starts here has no end";
            let help = "close it with a line `---`";
            return Parsed::Broken(vec![Diagnostic::error("unclosed-front-matter", span, message, help)]);
        }
        Split::Parts(regions, body) => (regions, body),
    };
    let meant = regions::means_to_be_a_worklog(text);
    let front = &text[regions.front.clone()];
    let broken = |found: Vec<Diagnostic>| match meant {
        true => Parsed::Broken(found),
        // Other tools have front matter too, and what they let pass is their business.
        false => Parsed::NotAWorklog("front matter without `gardener:`"),
    };
    if front.len() > MAX_FRONT_MATTER {
        return broken(vec![oversize(text, "the front matter", "64 KiB")]);
    }
    if let Some(line) = conflict_line(text, regions.front.clone()) {
        return broken(vec![conflict(line)]);
    }
    let moved = |found: Vec<Diagnostic>| -> Vec<Diagnostic> {
        found.into_iter().map(|d| d.moved(regions.front.start)).collect()
    };
    let tree = match tree::read(front) {
        Ok(tree) => tree,
        Err(mut found) => {
            found.truncate(MAX_FINDINGS);
            return broken(moved(found));
        }
    };
    if tree.root.get("gardener").is_none() {
        return Parsed::NotAWorklog("front matter without `gardener:`");
    }
    let (values, found) = values::read(front, &tree, vocabulary);
    let mut found = moved(found);
    let (bases, doubled) = read_bases(text, &regions, vocabulary, &mut found);
    if let Some(line) = body.conflict(text, regions.body.start)
        && found.iter().all(|d| d.span != line)
    {
        found.push(conflict(line));
    }
    if let Some(values) = &values {
        check_markers(values, &body, &mut found);
    }
    // Errors first, so that no flood of warnings hides one.
    found.sort_by_key(|d| (d.level, d.span.start));
    found.truncate(MAX_FINDINGS);
    found.sort_by_key(|d| (d.span.start, d.level));
    match values.filter(|_| found.iter().all(|d| d.level != Level::Error)) {
        None => Parsed::Broken(found),
        Some(values) => {
            let vocabulary = vocabulary.clone();
            let text = text.to_owned();
            Parsed::Worklog(
                Box::new(Worklog { text, regions, body, tree, values, bases, doubled, vocabulary }),
                found,
            )
        }
    }
}

/// The bases in a worklog's text, whatever else is right or wrong with it; `None` without
/// front matter.
pub fn bases(text: &str, vocabulary: &Vocabulary) -> Option<BTreeMap<EntryId, Base>> {
    let Split::Parts(regions, _) = regions::split(text) else { return None };
    let block = regions.base.map(|span| base_block::parse(&text[span], vocabulary));
    Some(block.map(|block| block.bases).unwrap_or_default())
}

/// The entry markers in a text's body, with the id as each is written and in order, and its bases,
/// whatever else is right or wrong with it.
pub fn marks(text: &str, vocabulary: &Vocabulary) -> (Vec<Marker>, BTreeMap<EntryId, Base>) {
    match regions::split(text) {
        Split::Parts(regions, body) => {
            let block = regions.base.map(|span| base_block::parse(&text[span], vocabulary));
            (body.markers, block.map(|block| block.bases).unwrap_or_default())
        }
        Split::NoFrontMatter | Split::Unclosed(_) => Default::default(),
    }
}

/// The id that stands in a marker, and the marker's bytes.
pub type Marker = (String, Range<usize>);

/// Worklogs that share an id, which is unique in a repository: for each of them, by its
/// place in `worklogs`, a diagnostic that names the other file.
pub fn clashes(worklogs: &[(&str, &Worklog)]) -> Vec<(usize, Diagnostic)> {
    let mut by_id: BTreeMap<&WorklogId, Vec<usize>> = BTreeMap::new();
    for (index, (_, worklog)) in worklogs.iter().enumerate() {
        by_id.entry(&worklog.header().id).or_default().push(index);
    }
    let mut found = Vec::new();
    for (id, files) in by_id.into_iter().filter(|(_, files)| files.len() > 1) {
        for index in &files {
            let (path, worklog) = worklogs[*index];
            let other = files.iter().find(|other| *other != index).unwrap_or(index);
            let message = format!(
                "{} and {} have the same id {}",
                quoted(path),
                quoted(worklogs[*other].0),
                quoted(id.as_str())
            );
            let help = "give the copy another id, and remove its base block and issue numbers";
            let span = worklog.values.header_id.clone();
            let diagnostic = Diagnostic::error("clashing-id", span, message, help);
            found.push((*index, diagnostic.moved(worklog.regions.front.start)));
        }
    }
    found.sort_by_key(|(index, _)| *index);
    found
}

fn read_bases(
    text: &str,
    regions: &Regions,
    vocabulary: &Vocabulary,
    found: &mut Vec<Diagnostic>,
) -> (BTreeMap<EntryId, Base>, BTreeSet<EntryId>) {
    for span in &regions.strays {
        let message = "this block looks like a base block, but only the last one in a file counts";
        let line = span.start..lines::line_end(text, span.start);
        found.push(Diagnostic::warning("stray-base", line, message, "delete it"));
    }
    let Some(span) = regions.base.clone() else { return Default::default() };
    if let Some(line) = conflict_line(text, span.clone()) {
        found.push(conflict(line));
        return Default::default();
    }
    let block = base_block::parse(&text[span.clone()], vocabulary);
    found.extend(block.found.into_iter().map(|d| d.moved(span.start)));
    (block.bases, block.doubled)
}

/// Markers only tie prose to entries. A commit may join new front matter with the body of
/// the last commit (rule 2), so that no slip in a marker may make a file unusable.
fn check_markers(values: &Values, body: &Body, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for (word, span) in &body.mistyped {
        let message = format!("{} is no marker, so that this section belongs to no entry", quoted(word));
        let help = "write `<!-- gardener:entry ID -->`";
        found.push(Diagnostic::warning("mistyped-marker", span.clone(), message, help));
    }
    for (id, span) in &body.markers {
        let known = EntryId::new(id).is_ok_and(|id| values.places.contains_key(&id));
        if !known {
            let message = format!("the marker names {}, which is no entry of this worklog", quoted(id));
            let help = "correct the id, or delete the marker if the entry is gone";
            found.push(Diagnostic::warning("marker-without-entry", span.clone(), message, help));
        } else if let Some(first) = seen.get(id.as_str()) {
            let message = format!("the entry {} has two markers", quoted(id));
            let twin = Diagnostic::warning("duplicate-marker", span.clone(), message, "keep the right one");
            found.push(twin.and(first.clone(), "this one counts"));
        } else {
            seen.insert(id, span.clone());
        }
    }
}

fn conflict(span: Range<usize>) -> Diagnostic {
    let message = "the file is in the middle of a merge conflict";
    let help = "settle the conflict and remove its marks; of the base block keep all lines of both sides";
    Diagnostic::error("conflict-markers", span, message, help)
}

fn oversize(text: &str, what: &str, limit: &str) -> Diagnostic {
    let message = format!("{what} is larger than {limit}");
    let help = "move long text elsewhere, or split the worklog in two";
    Diagnostic::error("oversize", regions::first_line(text), message, help)
}

#[cfg(test)]
mod tests;
