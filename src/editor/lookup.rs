//! Where else is it: definitions, references, the list of entries, and what can be followed.

use std::ops::Range;

use crate::editor::{Garden, How, Page, Place, body};
use crate::model::{IssueRef, LinkTarget};

/// What is at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A number that names an issue.
    Issue(IssueRef, Range<usize>),
    /// An entry's id, in the front matter or in a marker.
    Entry(String, Range<usize>),
    /// A path of the repository.
    Path(String, Range<usize>),
    /// A key, by the names on the way to it.
    Key(Vec<String>, Range<usize>),
    /// Another value: the names on the way, and what it says.
    Value(Vec<String>, String, Range<usize>),
}

/// What is at byte `at`.
pub(super) fn found_at(page: &Page, at: usize) -> Option<Found> {
    let holds = |span: &Range<usize>| span.start <= at && at <= span.end;
    let outline = page.outline.as_ref()?;
    if at > outline.front.end {
        if let Some((id, span)) = page.markers().iter().find(|(_, span)| holds(span)) {
            return Some(Found::Entry(id.clone(), span.clone()));
        }
        let (issue, span) = body::mentions(page).into_iter().find(|(_, span)| holds(span))?;
        return Some(Found::Issue(issue, span));
    }
    if let Some(named) = page.named().iter().find(|named| holds(&named.span)) {
        return Some(Found::Issue(named.issue.clone(), named.span.clone()));
    }
    let leaf = outline.leaf_at(at)?;
    let names: Vec<String> = leaf.names().into_iter().map(str::to_owned).collect();
    if let Some(key) = leaf.key.as_ref().filter(|key| holds(key)) {
        return Some(Found::Key(names, key.clone()));
    }
    let said = page.says(leaf);
    let span = leaf.value.clone();
    if said.trim().is_empty() {
        return None;
    }
    let words: Vec<&str> = names.iter().map(String::as_str).collect();
    Some(match words[..] {
        ["entries", "-", "id"] => Found::Entry(said, span),
        ["entries", "-", "files", "-"]
        | ["entries", "-", "links", "-"]
        | ["entries", "-", "links", "-", _] => match LinkTarget::parse(&said) {
            Ok(LinkTarget::Path(path)) => Found::Path(path, span),
            _ => Found::Value(names, said, span),
        },
        _ => Found::Value(names, said, span),
    })
}

/// Where what is at byte `at` is defined: of an id in the front matter its marker, of a marker the entry,
/// of an issue the other entries whose issue it is, of a path the file.
pub fn definition(garden: &Garden, path: &str, at: usize) -> Vec<Place> {
    let Some(page) = garden.pages.get(path) else { return Vec::new() };
    match found_at(page, at) {
        Some(Found::Entry(id, span)) => {
            let marker = page.markers().iter().find(|(found, _)| *found == id).map(|(_, span)| span);
            let own = page.entry(&id).and_then(|entry| entry.id.as_ref()).map(|(_, span)| span);
            let target = if own == Some(&span) { marker } else { own };
            target.map(|span| Place::new(path, span)).into_iter().collect()
        }
        Some(Found::Issue(issue, span)) => {
            let others = garden.entries_of(&issue);
            let others = others.filter(|(other, _, named)| (*other, &named.span) != (path, &span));
            others.map(|(other, entry, named)| Place::new(other, id_or(entry, &named.span))).collect()
        }
        Some(Found::Path(file, _)) => {
            let file = file.split('#').next().unwrap_or_default().to_owned();
            let is_there = garden.files.contains(&file);
            if is_there { vec![Place { path: file, span: (0, 0) }] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

fn id_or<'a>(entry: &'a crate::editor::Seen, otherwise: &'a Range<usize>) -> &'a Range<usize> {
    entry.id.as_ref().map_or(otherwise, |(_, span)| span)
}

/// Everything that has to do with what is at byte `at`: of an issue all places that name it; of an entry
/// its id, its marker, and all places that name its issue or one of its candidates.
pub fn references(garden: &Garden, path: &str, at: usize, with_own: bool) -> Vec<Place> {
    let Some(page) = garden.pages.get(path) else { return Vec::new() };
    let mut places = Vec::new();
    let mut add_named = |issue: &IssueRef| {
        places.extend(garden.named(issue).map(|(other, _, named)| Place::new(other, &named.span)));
        for (other, page) in &garden.pages {
            let mentions = body::mentions(page).into_iter();
            let same = mentions.filter(|(found, _)| garden.is_same(found, issue));
            places.extend(same.map(|(_, span)| Place::new(other, &span)));
        }
    };
    let mut own = None;
    match found_at(page, at) {
        Some(Found::Issue(issue, _)) => add_named(&issue),
        Some(Found::Entry(id, _)) => {
            let index = page.entries().iter().position(|entry| entry.is(&id));
            let of_entry = page.named().iter().filter(|named| Some(named.entry) == index);
            for named in of_entry.filter(|named| matches!(named.how, How::Issue | How::Candidate)) {
                add_named(&named.issue);
            }
            let marker = page.markers().iter().find(|(found, _)| *found == id);
            places.extend(marker.map(|(_, span)| Place::new(path, span)));
            own = page.entry(&id).and_then(|entry| entry.id.as_ref()).map(|(_, span)| Place::new(path, span));
        }
        _ => {}
    }
    places.extend(own.filter(|_| with_own));
    places.sort();
    places.dedup();
    places
}

/// An entry in the list of a worklog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its id.
    pub name: String,
    /// Its title, with issue and status.
    pub detail: String,
    /// All of it in the front matter.
    pub span: Range<usize>,
    /// Its id there.
    pub id: Range<usize>,
    /// Whether it is closed.
    pub is_closed: bool,
}

/// The entries of a page, in order.
pub fn symbols(page: &Page) -> Vec<Symbol> {
    let symbol = |entry: &crate::editor::Seen| {
        let (name, id) = entry.id.clone()?;
        let issue = entry.issue.as_ref().map(ToString::to_string);
        let parts = [entry.severity.clone(), entry.status.clone(), issue, entry.title.clone()];
        let parts: Vec<_> = parts.into_iter().flatten().map(|p| super::markdown::visible(&p)).collect();
        let status = entry.status.as_deref().and_then(|word| page.vocabulary().status(word));
        Some(Symbol {
            name: super::markdown::visible(&name),
            detail: parts.join(", "),
            span: entry.span.start.min(id.start)..entry.span.end.max(id.end),
            id,
            is_closed: status.is_some_and(|status| status.is_closed()),
        })
    };
    page.entries().iter().filter_map(symbol).collect()
}

/// Something that can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its bytes, without quotes.
    pub span: Range<usize>,
    /// Where it leads.
    pub to: LinkEnd,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// An address: an issue's, or one that is written there.
    Address(String),
    /// A file of the repository, from its top.
    File(String),
}

/// The issues, addresses and files that a worklog names.
pub fn links(garden: &Garden, path: &str) -> Vec<Link> {
    let Some(page) = garden.pages.get(path) else { return Vec::new() };
    let text = page.str();
    let bare = |span: &Range<usize>| {
        let written = &text[span.clone()];
        let quote = |c: &char| matches!(c, '"' | '\'');
        let head = usize::from(written.chars().next().as_ref().is_some_and(quote));
        let tail = usize::from(written.len() > 1 && written.chars().next_back().as_ref().is_some_and(quote));
        span.start + head..span.end - tail
    };
    let issues = page.named().iter().map(|named| (named.issue.clone(), bare(&named.span)));
    let issues = issues.chain(body::mentions(page));
    let mut found: Vec<Link> = issues
        .filter_map(|(issue, span)| Some(Link { span, to: LinkEnd::Address(garden.address(&issue)?) }))
        .collect();
    for leaf in page.outline.iter().flat_map(|outline| &outline.leaves) {
        let names = leaf.names();
        if !matches!(names[..], ["entries", "-", "files" | "links", "-", ..]) {
            continue;
        }
        let to = match LinkTarget::parse(&page.says(leaf)) {
            Ok(LinkTarget::Url(address)) => LinkEnd::Address(address),
            Ok(LinkTarget::Path(file)) => {
                let file = file.split('#').next().unwrap_or_default().to_owned();
                if !garden.files.contains(&file) {
                    continue;
                }
                LinkEnd::File(file)
            }
            _ => continue,
        };
        found.push(Link { span: bare(&leaf.value), to });
    }
    found.sort_by_key(|link| link.span.start);
    found
}
