//! Entries without a number: take over an issue that is theirs already, or file a new one.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::Block;
use crate::merge::{Field, LinksThere, Occurrence, Touched, merge_issue, read_remote};
use crate::model::{Association, Author, Labels, Links, RemoteIssue, State, Status};
use crate::plan::{
    Because, Belongs, CreateIssue, Draft, EditWorklog, EntryEdit, Held, Input, IssueConflict, LocalEntry,
    RecordBase, Target, TemplateError, Why, linked, text,
};

/// The entries that belong to an issue, by number: those that name it and those that take
/// it over.
pub(super) type Linked<'a> = BTreeMap<u64, Vec<&'a LocalEntry>>;

/// Plans what entries without a number need and returns who belongs to which issue.
pub(super) fn plan_filing<'a>(input: &'a Input, draft: &mut Draft) -> Result<Linked<'a>, TemplateError> {
    let mut linked = Linked::new();
    let mut filings: Vec<Vec<&LocalEntry>> = Vec::new();
    for entry in &input.entries {
        if let Some(what) = &entry.withheld {
            hold(draft, entry, input.number_of(entry), Why::Secret(what.clone()));
            continue;
        }
        if let Some(issue) = &entry.entry.issue {
            if input.is_home(issue.repo.as_ref()) {
                decided(input, entry, issue.number, draft);
                linked.entry(issue.number).or_default().push(entry);
            } else {
                hold(draft, entry, None, Why::Elsewhere);
            }
            continue;
        }
        match input.belongs(entry) {
            Belongs::To(number, why) => {
                edit(draft, entry, EntryEdit::Issue { target: Target::Number(number), why });
                linked.entry(number).or_default().push(entry);
            }
            Belongs::Held(why) => {
                if let (Why::Undecided(several), None) = (&why, &entry.entry.candidates) {
                    edit(draft, entry, EntryEdit::Candidates(several.clone()));
                }
                hold(draft, entry, None, why);
            }
            Belongs::New => group(&mut filings, entry),
        }
    }
    let closed = match &input.repository {
        r if r.archived => Some(linked::ARCHIVED),
        r if !r.has_issues => Some("the repository has issues switched off"),
        _ => None,
    };
    for entries in filings {
        match closed {
            Some(why) => entries.iter().for_each(|e| hold(draft, e, None, Why::Closed(why))),
            None => file(input, &entries, draft)?,
        }
    }
    Ok(linked)
}

/// Somebody wrote the number of an entry that was asked about: nothing is left to ask.
fn decided(input: &Input, entry: &LocalEntry, number: u64, draft: &mut Draft) {
    if entry.entry.candidates.is_none() {
        return;
    }
    let reason =
        input.chosen(entry, number).and_then(|c| c.reason.clone()).filter(|_| entry.entry.reason.is_none());
    edit(draft, entry, EntryEdit::Decided(reason));
}

/// Equal fingerprints in one plan are one creation with occurrences (rule 10).
fn group<'a>(filings: &mut Vec<Vec<&'a LocalEntry>>, entry: &'a LocalEntry) {
    let print = entry.entry.fingerprint.as_ref();
    let twin = filings.iter_mut().find(|f| print.is_some() && f[0].entry.fingerprint.as_ref() == print);
    match twin {
        Some(group) => group.push(entry),
        None => filings.push(vec![entry]),
    }
}

fn file(input: &Input, entries: &[&LocalEntry], draft: &mut Draft) -> Result<(), TemplateError> {
    let first = entries[0];
    let vocabulary = &input.config.labels.vocabulary;
    let mut block = Block::new();
    let mut wanted = Labels::new();
    for entry in entries {
        let links: Vec<_> = input.own_links(entry).unwrap_or_default().into_iter().collect();
        block.set(&entry.key, &entry.path, &links);
        wanted.extend(input.once(entry));
        wanted.extend(input.own_labels(entry).unwrap_or_default());
    }
    let severity = entries.iter().filter_map(|e| e.entry.severity).min();
    wanted.extend(severity.and_then(|s| vocabulary.severities.get(&s)).cloned());
    if let Some(Status::Marked(word)) = &first.entry.status {
        wanted.extend(vocabulary.marks.get(word).cloned());
    }
    let (labels, without) = linked::creatable(input, wanted, draft);
    let mut off = linked::Off::default();
    off.not_added(without.clone(), vocabulary);
    if !without.is_empty() {
        hold(draft, first, None, Why::NoLabels(without));
    }
    let fingerprint = first.entry.fingerprint.clone();
    let body = text::issue_body(&input.template, entries, fingerprint.as_deref(), &block)?;
    let title = text::title(first);
    // What the issue will be once it is made decides what its occurrences agree on, by the
    // same laws as for any other issue.
    let future = RemoteIssue {
        number: 0,
        node_id: String::new(),
        title: title.clone(),
        body: body.clone(),
        state: State::Open,
        labels: labels.iter().cloned().collect(),
        author: Author { login: String::new(), association: Association::Owner },
        locked: false,
        created_at: input.now,
        updated_at: input.now,
    };
    let remote = read_remote(&future, vocabulary, &|l| input.config.ignores(l), &Labels::new());
    let occurrences: Vec<_> = entries.iter().map(|e| as_filed(input, e)).collect();
    let merged = merge_issue(&occurrences, &remote, &[]);
    let created = || Target::Created(first.key.clone());
    for (entry, done) in entries.iter().zip(&merged.occurrences) {
        let why = if entry.key == first.key { Because::Created } else { Because::Fingerprint };
        edit(draft, entry, EntryEdit::Issue { target: created(), why });
        for change in &done.changes {
            edit(draft, entry, EntryEdit::Follow(change.clone()));
        }
        let mut agreed = done.agreed.clone();
        off.leave_out(&mut agreed, None);
        draft.bases.push(RecordBase {
            path: entry.path.clone(),
            key: entry.key.clone(),
            issue: created(),
            before: None,
            due: false,
            agreed,
            sent: BTreeSet::from([Field::Status, Field::Severity, Field::Labels, Field::Links]),
            seen: None,
        });
    }
    for conflict in merged.conflicts {
        let path = path_of(entries, &conflict.key);
        draft.conflicts.push(IssueConflict { path, number: 0, conflict });
    }
    let keys = entries.iter().map(|e| e.key.clone()).collect();
    draft.creations.push(CreateIssue { keys, fingerprint, title, body, labels, severity });
    Ok(())
}

fn as_filed(input: &Input, entry: &LocalEntry) -> Occurrence {
    let links: Links = input.own_links(entry).unwrap_or_default();
    Occurrence {
        key: entry.key.clone(),
        local: linked::local_values(input, entry),
        once: input.once(entry),
        base: None,
        touched: Touched::default(),
        links_there: LinksThere::Listed(links),
    }
}

fn path_of(entries: &[&LocalEntry], key: &crate::model::EntryKey) -> String {
    entries.iter().find(|e| e.key == *key).map(|e| e.path.clone()).unwrap_or_default()
}

pub(super) fn edit(draft: &mut Draft, entry: &LocalEntry, edit: EntryEdit) {
    draft.edits.push(EditWorklog { path: entry.path.clone(), key: entry.key.clone(), edit });
}

pub(super) fn hold(draft: &mut Draft, entry: &LocalEntry, number: Option<u64>, why: Why) {
    draft.held.push(Held { path: entry.path.clone(), key: entry.key.clone(), number, why });
}
