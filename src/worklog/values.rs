//! What front matter says: the tree of nodes becomes a header and entries.
//!
//! Everything that is wrong is collected, so that a person corrects a file once. Keys that
//! gardener does not know are left alone, unless one looks like a slip of the pen.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Candidate, Entry, EntryId, Header, Run, Vocabulary, WorklogId};
use crate::worklog::diagnostic::{Diagnostic, Level, nearest, quoted};
use crate::worklog::fields::Fields;
use crate::worklog::file_keys::{ENTRY, HEADER, RUN, names};
use crate::worklog::tree::{Kind, Map, Node, Tree};

/// The newest format that is read and the only one that is written.
pub const FORMAT: u64 = 1;

const HEADER_KEYS: [&str; HEADER.len()] = names(&HEADER);
const RUN_KEYS: [&str; RUN.len()] = names(&RUN);
/// The keys of an entry in the order in which they are written.
pub(crate) const ENTRY_KEYS: [&str; ENTRY.len()] = names(&ENTRY);

/// Front matter as values, with places in the front matter.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) header: Header,
    pub(crate) header_id: Range<usize>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) places: BTreeMap<EntryId, Range<usize>>,
}

/// Reads the values of `tree`, which was read from `text`. Without values there is at
/// least one error among the diagnostics; places are bytes of `text`.
pub(crate) fn read(text: &str, tree: &Tree, vocabulary: &Vocabulary) -> (Option<Values>, Vec<Diagnostic>) {
    let mut fields = Fields::new(text, vocabulary);
    let values = header(&mut fields, &tree.root);
    let found = fields.into_found();
    let broken = found.iter().any(|d| d.level == Level::Error);
    (values.filter(|_| !broken), found)
}

fn header(fields: &mut Fields<'_>, root: &Map) -> Option<Values> {
    let version = root.get("gardener")?;
    match fields.count(root, "gardener") {
        Some(FORMAT) => {}
        Some(newer) if newer > FORMAT => {
            let message = format!("this worklog has format {newer}, this gardener reads format {FORMAT}");
            let span = version.value.span.clone();
            fields.push(Diagnostic::error(crate::worklog::NEWER_FORMAT, span, message, "upgrade gardener"));
            // A newer format may give other meanings to all the rest.
            return None;
        }
        _ => {
            let help = format!("write `gardener: {FORMAT}`, the version of the format");
            let span = if version.value.is_null() { version.span() } else { version.value.span.clone() };
            fields.replace("wrong-type", span, "`gardener` is not a version of the format", &help);
        }
    }
    near_misses(fields, root, &HEADER_KEYS, "worklog");
    let key = version.key_span.clone();
    let id = fields.required(root, "id", key, "missing-id", "the worklog has no `id`");
    let id = id.and_then(|(id, span)| Some((fields.id(&id, &span, WorklogId::new)?, span)));
    let entries = entries(fields, root);
    let rest = Header {
        id: WorklogId::new("unknown").expect("a fixed valid id"),
        kind: fields.text(root, "kind"),
        title: fields.text(root, "title"),
        focus: fields.text(root, "focus"),
        started: fields.text(root, "started"),
        session: fields.text(root, "session"),
        labels: fields.labels(root, "labels").unwrap_or_default(),
        archived: fields.flag(root, "archived").unwrap_or(false),
        imported: fields.flag(root, "imported").unwrap_or(false),
        runs: runs(fields, root),
        commit: fields.text(root, "commit"),
        dirty: fields.flag(root, "dirty").unwrap_or(false),
    };
    let (id, header_id) = id?;
    let places = entries.iter().map(|(entry, span)| (entry.id.clone(), span.clone())).collect();
    let entries = entries.into_iter().map(|(entry, _)| entry).collect();
    Some(Values { header: Header { id, ..rest }, header_id, entries, places })
}

fn runs(fields: &mut Fields<'_>, root: &Map) -> Vec<Run> {
    let maps = maps(fields, root, "runs", "a run is a map such as `- command: cargo test`");
    let run = |map: &Map| {
        near_misses(fields, map, &RUN_KEYS, "run");
        Run {
            suite: fields.text(map, "suite"),
            command: fields.text(map, "command"),
            outcome: fields.text(map, "outcome"),
            passed: fields.count(map, "passed"),
            failed: fields.count(map, "failed"),
            skipped: fields.count(map, "skipped"),
            digest: fields.text(map, "digest"),
        }
    };
    maps.into_iter().map(run).collect()
}

fn entries(fields: &mut Fields<'_>, root: &Map) -> Vec<(Entry, Range<usize>)> {
    let mut ids: BTreeMap<EntryId, Range<usize>> = BTreeMap::new();
    let mut entries = Vec::new();
    for map in maps(fields, root, "entries", "an entry is a map with `id` and `title`") {
        near_misses(fields, map, &ENTRY_KEYS, "entry");
        let Some((entry, id_span)) = entry(fields, map) else { continue };
        if let Some(first) = ids.get(&entry.id) {
            let message = format!("two entries have the id {}", quoted(entry.id.as_str()));
            let help = "give the newer one another id; an id never changes once it was synced";
            let twin = Diagnostic::error("duplicate-id", id_span, message, help);
            fields.push(twin.and(first.clone(), "first here"));
            continue;
        }
        ids.insert(entry.id.clone(), id_span);
        // A block map ends with its last line ending, which nobody wants to see marked.
        let end = map.span.start + fields.source(&map.span).trim_end().len();
        entries.push((entry, map.span.start..end));
    }
    entries
}

fn entry(fields: &mut Fields<'_>, map: &Map) -> Option<(Entry, Range<usize>)> {
    let first = map.pairs.first().map_or(map.span.clone(), |pair| pair.key_span.clone());
    let id = fields.required(map, "id", first.clone(), "missing-id", "the entry has no `id`");
    let title = fields.required(map, "title", first, "missing-title", "the entry has no `title`");
    let id = id.and_then(|(id, span)| Some((fields.id(&id, &span, EntryId::new)?, span)));
    // Without an id or a title the rest is read all the same, to name what is wrong in it.
    let known = id.is_some() && title.is_some();
    let stand_in = || EntryId::new("unknown").expect("a fixed valid id");
    let (id, span) = id.unwrap_or_else(|| (stand_in(), 0..0));
    let entry = Entry {
        id,
        title: title.map(|(title, _)| title).unwrap_or_default(),
        severity: fields.severity(map),
        status: fields.status(map),
        issue: fields.issue(map),
        labels: fields.labels(map, "labels"),
        links: fields.links(map),
        impact: fields.text(map, "impact"),
        tests: fields.texts(map, "tests"),
        files: fields.texts(map, "files"),
        owner: fields.text(map, "owner"),
        fingerprint: fields.text(map, "fingerprint"),
        suites: fields.texts(map, "suites"),
        flaky: fields.flag(map, "flaky").unwrap_or(false),
        first_seen: fields.text(map, "first_seen"),
        last_seen: fields.text(map, "last_seen"),
        count: fields.count(map, "count"),
        passed_at: fields.texts(map, "passed_at"),
        hold: fields.text(map, "hold"),
        candidates: candidates(fields, map),
        reason: fields.text(map, "reason"),
    };
    known.then_some((entry, span))
}

/// The candidates, `None` where the key is absent or null.
fn candidates(fields: &mut Fields<'_>, map: &Map) -> Option<Vec<Candidate>> {
    map.get("candidates").filter(|pair| !pair.value.is_null())?;
    let maps = maps(fields, map, "candidates", "a candidate is a map such as `- {issue: 12}`");
    let candidate = |map: &Map| {
        let Some(issue) = fields.issue(map) else {
            fields.no_issue(map);
            return None;
        };
        Some(Candidate { issue, score: fields.share(map, "score"), reason: fields.text(map, "reason") })
    };
    Some(maps.into_iter().filter_map(candidate).collect())
}

/// The maps in the list under `key`; anything else in it is named.
fn maps<'m>(fields: &mut Fields<'_>, root: &'m Map, key: &'static str, help: &str) -> Vec<&'m Map> {
    let mut maps = Vec::new();
    for node in fields.list(root, key, help) {
        match &node.kind {
            Kind::Map(map) => maps.push(map),
            _ => wrong_item(fields, node, key, help),
        }
    }
    maps
}

fn wrong_item(fields: &mut Fields<'_>, node: &Node, key: &str, help: &str) {
    let message = format!("an item of `{key}` is not a map");
    let span = fields.shown(node);
    fields.push(Diagnostic::error("wrong-type", span, message, help));
}

/// Words of other tools for keys of an entry.
const OTHER_WORDS: [(&str, &str); 8] = [
    ("state", "status"),
    ("priority", "severity"),
    ("prio", "severity"),
    ("tags", "labels"),
    ("label", "labels"),
    ("number", "issue"),
    ("assignee", "owner"),
    ("name", "title"),
];

fn near_misses(fields: &mut Fields<'_>, map: &Map, known: &[&'static str], what: &str) {
    let free: Vec<&str> = known.iter().copied().filter(|word| map.get(word).is_none()).collect();
    for pair in map.pairs.iter().filter(|pair| !known.contains(&pair.key.as_str())) {
        let key = pair.key.as_str();
        let other = OTHER_WORDS.iter().find(|(word, meant)| *word == key && free.contains(meant));
        let other = other.map(|(_, meant)| *meant);
        if let Some(meant) = other.or_else(|| nearest(key, free.iter().copied())) {
            let message = format!("{} is not a key of a {what}", quoted(key));
            let help = format!("did you mean `{meant}`? unknown keys are kept, and mean nothing");
            let found = Diagnostic::warning("unknown-key", pair.key_span.clone(), message, help);
            fields.push(found.instead(meant));
        }
    }
}
