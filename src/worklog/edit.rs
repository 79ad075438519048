//! Changing single values of a worklog and no other byte.
//!
//! An edit becomes a few splices at places that the lossless tree knows. Afterwards the
//! text is read again, and it must say exactly what the same edit makes of the plain
//! values, with every comment still there; else nothing is changed and the caller is told.
//! So a mistake in placing a splice can refuse an edit, but never damage a file.

mod base;
mod entry;
mod flow;
mod items;
mod keys;
mod splice;

pub(crate) use base::with_base_block;
pub use entry::add_entry;

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::model::{Base, Candidate, EntryId, IssueRef, Label, Link, Severity, Status};
use crate::worklog::diagnostic::quoted;
use crate::worklog::regions::Regions;
use crate::worklog::scalar::{self, Written};
use crate::worklog::tree::{self, Kind, Map, Pair, Style, Tree};
use crate::worklog::values::{self, Values};
use crate::worklog::{MAX_FILE, MAX_FRONT_MATTER, Parsed, Worklog, base_block, lines, parse};
use items::Lists;
use splice::Splice;

/// One change of a worklog. What is there already changes no byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Writes the status.
    SetStatus {
        /// Of this entry.
        entry: EntryId,
        /// What it becomes.
        to: Status,
    },
    /// Writes the severity, or removes the key.
    SetSeverity {
        /// Of this entry.
        entry: EntryId,
        /// What it becomes.
        to: Option<Severity>,
    },
    /// Writes the issue.
    SetIssue {
        /// Of this entry.
        entry: EntryId,
        /// What it becomes; without a repository it is the worklog's own.
        to: IssueRef,
    },
    /// Adds a label of the entry's own, unless it is there in any spelling.
    AddLabel {
        /// To this entry.
        entry: EntryId,
        /// The label.
        label: Label,
    },
    /// Removes a label in every spelling.
    RemoveLabel {
        /// From this entry.
        entry: EntryId,
        /// The label.
        label: Label,
    },
    /// Adds a link.
    AddLink {
        /// To this entry.
        entry: EntryId,
        /// The link.
        link: Link,
    },
    /// Removes a link.
    RemoveLink {
        /// From this entry.
        entry: EntryId,
        /// The link.
        link: Link,
    },
    /// Notes that the entry's tests passed at a commit.
    AddPassed {
        /// Of this entry.
        entry: EntryId,
        /// The commit.
        commit: String,
    },
    /// Notes that the entry passes and fails at one commit.
    SetFlaky {
        /// Of this entry.
        entry: EntryId,
    },
    /// Writes the candidates, or removes the key. An empty list says that it is none of them.
    SetCandidates {
        /// Of this entry.
        entry: EntryId,
        /// What they become.
        to: Option<Vec<Candidate>>,
    },
    /// Writes why the entry has its issue, or removes the key.
    SetReason {
        /// Of this entry.
        entry: EntryId,
        /// What it becomes.
        to: Option<String>,
    },
    /// Writes the line of the base block, or drops it. The entry may be gone.
    SetBase {
        /// Of this entry.
        entry: EntryId,
        /// What was agreed on.
        to: Option<Base>,
    },
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The worklog has no such entry: it was renamed or removed since the edit was planned.
    #[error("the worklog has no entry `{0}`")]
    NoEntry(EntryId),
    /// The value cannot stand in a worklog of this project.
    #[error("{} cannot be written as {key} of `{entry}`", quoted(value))]
    Unwritable {
        /// The entry.
        entry: EntryId,
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// The place is written in a way that gardener cannot change without touching more.
    #[error("{key} of `{entry}` cannot be changed without touching something else; change it by hand")]
    Unsafe {
        /// The entry.
        entry: EntryId,
        /// The key.
        key: &'static str,
    },
    /// The file would become larger than what is read.
    #[error("the worklog would become too large; split it in two")]
    TooLarge,
}

impl Edit {
    /// The entry that is changed.
    pub fn entry(&self) -> &EntryId {
        match self {
            Self::SetStatus { entry, .. }
            | Self::SetSeverity { entry, .. }
            | Self::SetIssue { entry, .. }
            | Self::AddLabel { entry, .. }
            | Self::RemoveLabel { entry, .. }
            | Self::AddLink { entry, .. }
            | Self::RemoveLink { entry, .. }
            | Self::AddPassed { entry, .. }
            | Self::SetFlaky { entry }
            | Self::SetCandidates { entry, .. }
            | Self::SetReason { entry, .. }
            | Self::SetBase { entry, .. } => entry,
        }
    }

    /// The key that is changed; the base block counts as `base`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::SetStatus { .. } => "status",
            Self::SetSeverity { .. } => "severity",
            Self::SetIssue { .. } => "issue",
            Self::AddLabel { .. } | Self::RemoveLabel { .. } => "labels",
            Self::AddLink { .. } | Self::RemoveLink { .. } => "links",
            Self::AddPassed { .. } => "passed_at",
            Self::SetFlaky { .. } => "flaky",
            Self::SetCandidates { .. } => "candidates",
            Self::SetReason { .. } => "reason",
            Self::SetBase { .. } => "base",
        }
    }
}

/// The text of `worklog` with `edits` made one after the other.
///
/// # Errors
/// When one of them cannot be made; then none is.
pub fn edit(worklog: &Worklog, edits: &[Edit]) -> Result<String, EditError> {
    let Some(last) = edits.last() else { return Ok(worklog.text.clone()) };
    let mut front = Front::of(worklog);
    let mut bases = worklog.bases.clone();
    for edit in edits {
        check(edit, worklog)?;
        match edit {
            Edit::SetBase { entry, to: Some(base) } => drop(bases.insert(entry.clone(), base.clone())),
            Edit::SetBase { entry, to: None } => drop(bases.remove(entry)),
            _ => front = front.with(edit, worklog)?,
        }
    }
    // An entry with two lines gets one even if that says the same.
    let doubled = |edit: &Edit| edit.key() == "base" && worklog.doubled.contains(edit.entry());
    let new_block = bases != worklog.bases || edits.iter().any(doubled);
    let text = joined(worklog, &front.text, new_block.then_some(&bases));
    if text == worklog.text {
        return Ok(text);
    }
    if text.len() > MAX_FILE || front.text.len() > MAX_FRONT_MATTER {
        return Err(EditError::TooLarge);
    }
    // What was written must be read as what was meant.
    match parse(&text, &worklog.vocabulary) {
        Parsed::Worklog(read, _)
            if read.values.entries == front.values.entries
                && read.bases == bases
                && same_prose(worklog, &read) =>
        {
            Ok(text)
        }
        _ => Err(EditError::Unsafe { entry: last.entry().clone(), key: last.key() }),
    }
}

/// The file with this front matter and, where they are given, these bases.
fn joined(worklog: &Worklog, front: &str, bases: Option<&BTreeMap<EntryId, Base>>) -> String {
    let Regions { front: old, base, .. } = &worklog.regions;
    let text = format!("{}{front}{}", &worklog.text[..old.start], &worklog.text[old.end..]);
    let Some(bases) = bases else { return text };
    let moved = |at: usize| at - old.end + old.start + front.len();
    let place = base.as_ref().map(|base| moved(base.start)..moved(base.end));
    let ending = lines::ending(&text, place.as_ref().map_or(text.len(), |place| place.start));
    let block = (!bases.is_empty()).then(|| base_block::render(bases, ending));
    with_base_block(&text, place, block.as_deref())
}

/// Whether everything around front matter and base block is as it was, but for the blank
/// lines and the line endings at a block that came or went.
fn same_prose(old: &Worklog, new: &Worklog) -> bool {
    fn rest(worklog: &Worklog) -> impl Iterator<Item = &str> {
        let text = &worklog.text;
        let Regions { front, body, base, .. } = &worklog.regions;
        let base = base.clone().unwrap_or(body.end..body.end);
        let parts = [&text[..front.start], &text[front.end..base.start], &text[base.end..]];
        // A carriage return at the very end of a file becomes a line ending before a block.
        let lines = parts.into_iter().flat_map(str::lines).map(|line| line.trim_end_matches('\r'));
        lines.filter(|line| !line.trim().is_empty())
    }
    rest(old).eq(rest(new))
}

/// Front matter while it is edited.
struct Front {
    text: String,
    tree: Tree,
    values: Values,
}

/// What an edit does to the plain values of its entry.
enum Meant {
    Set(Value),
    Remove,
    Push(Value),
    RemoveItem(usize),
}

impl Front {
    fn of(worklog: &Worklog) -> Self {
        let text = worklog.text[worklog.regions.front.clone()].to_owned();
        Self { text, tree: worklog.tree.clone(), values: worklog.values.clone() }
    }

    fn with(self, edit: &Edit, worklog: &Worklog) -> Result<Self, EditError> {
        let index = self.values.entries.iter().position(|entry| entry.id == *edit.entry());
        let index = index.ok_or_else(|| EditError::NoEntry(edit.entry().clone()))?;
        let mut front = self;
        // Several spellings of one label go one after the other.
        while let Some((splices, meant)) = front.step(edit, index) {
            let next = front.after(splices, meant, edit.key(), index, worklog);
            let refused = || EditError::Unsafe { entry: edit.entry().clone(), key: edit.key() };
            front = next.ok_or_else(refused)?;
        }
        Ok(front)
    }

    /// The next change that `edit` needs; nothing if it is there already.
    fn step(&self, edit: &Edit, index: usize) -> Option<(Vec<Splice>, Meant)> {
        let entry = &self.values.entries[index];
        let text = &self.text;
        let map = self.entry_map(index)?;
        let pair = map.get(edit.key());
        let written = pair.and_then(|pair| style_of(text, pair));
        let scalar = |written: Written| {
            let splices = match pair {
                Some(pair) => keys::set(text, pair, &written),
                None => keys::insert(text, map, edit.key(), &written.text),
            };
            Some((splices, Meant::Set(written.value)))
        };
        let style = written.map_or(Style::Empty, |(style, _)| style);
        let add = |in_flow: Written, in_block: &str| {
            let lists = items::style(text, &self.tree);
            let splices = items::add(text, map, edit.key(), lists, &in_flow.text, in_block);
            Some((splices, Meant::Push(in_flow.value)))
        };
        let remove_key = || {
            let index = map.pairs.iter().position(|pair| pair.key == edit.key())?;
            Some((keys::remove(text, map, index), Meant::Remove))
        };
        let remove =
            |found: Option<usize>| Some((items::remove(text, pair?, found?), Meant::RemoveItem(found?)));
        match edit {
            Edit::SetStatus { to, .. } if entry.status.as_ref() != Some(to) => {
                scalar(scalar::like(to.word(), style))
            }
            Edit::SetSeverity { to: Some(to), .. } if entry.severity != Some(*to) => {
                scalar(scalar::like(to.word(), style))
            }
            Edit::SetSeverity { to: None, .. } if entry.severity.is_some() => remove_key(),
            Edit::SetIssue { to, .. } if entry.issue.as_ref() != Some(to) => {
                scalar(scalar::issue(to, written))
            }
            Edit::AddLabel { label, .. } if !contains(entry.labels.as_ref(), label) => {
                let item = scalar::text(label.name());
                add(item.clone(), &item.text)
            }
            Edit::RemoveLabel { label, .. } => remove(position(entry.labels.as_ref(), label)),
            Edit::AddLink { link, .. } if !contains(entry.links.as_ref(), link) => {
                add(scalar::link(link, true), &scalar::link(link, false).text)
            }
            Edit::RemoveLink { link, .. } => remove(position(entry.links.as_ref(), link)),
            Edit::AddPassed { commit, .. } if !entry.passed_at.contains(commit) => {
                let item = scalar::text(commit);
                add(item.clone(), &item.text)
            }
            Edit::SetFlaky { .. } if !entry.flaky => {
                scalar(Written { text: "true".to_owned(), value: Value::from(true) })
            }
            Edit::SetCandidates { to: None, .. } if entry.candidates.is_some() => remove_key(),
            Edit::SetCandidates { to: Some(to), .. } if entry.candidates.as_ref() != Some(to) => {
                let there = entry.candidates.as_deref().unwrap_or_default();
                match to.strip_prefix(there) {
                    Some([next, ..]) => {
                        let item = scalar::candidate(next);
                        // A line for each, whatever the other lists look like: they are long.
                        let lists = match items::style(text, &self.tree) {
                            Lists::Flow => Lists::Block(2),
                            block @ Lists::Block(_) => block,
                        };
                        let splices = items::add(text, map, edit.key(), lists, &item.text, &item.text);
                        Some((splices, Meant::Push(item.value)))
                    }
                    Some([]) => scalar(Written { text: "[]".to_owned(), value: Value::Sequence(Vec::new()) }),
                    None => remove_key(),
                }
            }
            Edit::SetReason { to: None, .. } if entry.reason.is_some() => remove_key(),
            Edit::SetReason { to: Some(to), .. } if entry.reason.as_ref() != Some(to) => {
                scalar(scalar::like(to, if style == Style::Empty { Style::Double } else { style }))
            }
            _ => None,
        }
    }

    /// The front matter after a change, if it is exactly what was meant.
    fn after(
        &self,
        splices: Vec<Splice>,
        meant: Meant,
        key: &str,
        index: usize,
        worklog: &Worklog,
    ) -> Option<Self> {
        let removed: Vec<_> = splices.iter().map(|splice| splice.span.clone()).collect();
        let text = splice::apply(&self.text, splices)?;
        // By the two parsers in any case: whoever placed the splices does not judge them.
        let tree = tree::read_twice(&text).ok()?;
        let mut value = self.tree.value.clone();
        let entry = value.get_mut("entries")?.get_mut(index)?.as_mapping_mut()?;
        match meant {
            Meant::Set(to) => drop(entry.insert(key.into(), to)),
            Meant::Remove => drop(entry.remove(key)),
            Meant::Push(item) => match entry.get_mut(key) {
                Some(Value::Sequence(items)) => items.push(item),
                _ => drop(entry.insert(key.into(), Value::Sequence(vec![item]))),
            },
            Meant::RemoveItem(at) => drop(entry.get_mut(key)?.as_sequence_mut()?.remove(at)),
        }
        // Comments may only go with the lines that went.
        let stays = |at: &usize| !removed.iter().any(|span| span.contains(at));
        let before = self.tree.comments.iter().filter(|(at, _)| stays(at)).map(|(_, comment)| comment);
        if tree.value != value || !before.eq(tree.comments.iter().map(|(_, comment)| comment)) {
            return None;
        }
        let values = values::read(&text, &tree, &worklog.vocabulary).0?;
        Some(Self { text, tree, values })
    }

    fn entry_map(&self, index: usize) -> Option<&Map> {
        let Kind::List(list) = &self.tree.root.get("entries")?.value.kind else { return None };
        match &list.items.get(index)?.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }
}

/// Refuses what a worklog of this project could not be read with.
fn check(edit: &Edit, worklog: &Worklog) -> Result<(), EditError> {
    let value = match edit {
        Edit::SetStatus { to, .. } if worklog.vocabulary.status(to.word()).as_ref() != Some(to) => {
            to.to_string()
        }
        Edit::AddLabel { label, .. } if label.name().chars().count() > Label::MAX_CHARS => label.to_string(),
        Edit::AddLink { link, .. } if Link::parse(&link.to_string()).as_ref() != Ok(link) => link.to_string(),
        Edit::SetBase { entry, to: Some(base) } if !is_readable(entry, base, worklog) => {
            base.issue.to_string()
        }
        _ => return Ok(()),
    };
    Err(EditError::Unwritable { entry: edit.entry().clone(), key: edit.key(), value })
}

/// Whether the line of a base says what it should: a base names its repository, and a
/// status of the project.
fn is_readable(entry: &EntryId, base: &Base, worklog: &Worklog) -> bool {
    let bases = BTreeMap::from([(entry.clone(), base.clone())]);
    base_block::parse(&base_block::render(&bases, "\n"), &worklog.vocabulary).bases == bases
}

/// How a scalar is written, and its text.
fn style_of<'a>(text: &'a str, pair: &Pair) -> Option<(Style, &'a str)> {
    match &pair.value.kind {
        Kind::Scalar(style, _) => Some((*style, &text[pair.value.span.clone()])),
        _ => None,
    }
}

fn contains<T: PartialEq>(list: Option<&Vec<T>>, wanted: &T) -> bool {
    position(list, wanted).is_some()
}

fn position<T: PartialEq>(list: Option<&Vec<T>>, wanted: &T) -> Option<usize> {
    list?.iter().position(|item| item == wanted)
}

#[cfg(test)]
mod tests;
