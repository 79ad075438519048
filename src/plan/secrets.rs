//! Secrets stay out of what a plan sends.
//!
//! Texts of an entry lose them before anything is made of them, so that nothing is cut or
//! quoted first and a dry run prints what would be sent. What can't be altered without
//! becoming something else (an id, a label, a link, a path) holds its entry back instead.
//! A finished plan is looked through once more: for what GitHub would bring into a worklog,
//! and for what only a template puts together.

use std::collections::{BTreeMap, BTreeSet};

use crate::merge::LocalChange;
use crate::model::{EntryKey, Label};
use crate::plan::{Change, EntryEdit, LocalEntry, Plan};
use crate::redact::{Kind, Redacted, Redactor};

/// What was left out of an entry's texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The entry.
    pub key: EntryKey,
    /// What, and how often.
    pub found: BTreeMap<Kind, usize>,
}

impl LeftOut {
    /// `2 secrets left out of the text for GitHub (github-token, env:DATABASE_URL)`.
    pub(super) fn words(&self) -> String {
        let count: usize = self.found.values().sum();
        let s = if count == 1 { "" } else { "s" };
        format!("{count} secret{s} left out of the text for GitHub ({})", names(self.found.keys()))
    }
}

impl LocalEntry {
    /// The entry as others may see it: its texts without secrets, and withheld where one is
    /// in what can't be altered.
    #[must_use]
    pub fn without_secrets(mut self, redactor: &Redactor) -> Self {
        let (entry, mut found) = (&mut self.entry, BTreeMap::new());
        let texts = std::iter::once(&mut entry.title)
            .chain(&mut entry.impact)
            .chain(&mut entry.tests)
            .chain(&mut entry.files)
            .chain(&mut self.worklog_title)
            .chain(&mut self.started)
            .chain(&mut self.section);
        for text in texts {
            let Redacted { text: redacted, found: here } = redactor.redact(text);
            if !here.is_empty() {
                *text = redacted;
            }
            for (kind, count) in here {
                *found.entry(kind).or_default() += count;
            }
        }
        self.left_out = found;
        self.withheld = self.unalterable(redactor);
        self
    }

    /// What can't be altered and holds a secret.
    fn unalterable(&self, redactor: &Redactor) -> Option<String> {
        let labels = |labels: &[Label]| labels.iter().map(|l| l.name().to_owned()).collect::<Vec<_>>();
        let links = self.entry.links.iter().flatten().map(ToString::to_string).collect::<Vec<_>>();
        let fields = [
            ("the worklog's path", vec![self.path.clone()]),
            ("its id", vec![self.key.entry.to_string()]),
            ("the worklog's id", vec![self.key.worklog.to_string()]),
            ("a label", labels(self.entry.labels.as_deref().unwrap_or_default())),
            ("a label of the worklog", labels(&self.worklog_labels)),
            ("a link", links),
            ("its fingerprint", self.entry.fingerprint.iter().cloned().collect()),
            ("the session", self.session.iter().cloned().collect()),
        ];
        fields.iter().find_map(|(what, texts)| holds(redactor, what, texts))
    }
}

impl Plan {
    /// The entries for which it would write a secret all the same, and where that is: into
    /// an issue, because a template or two texts side by side make one; into a worklog,
    /// because somebody on GitHub put one into a label or link.
    pub fn secrets(&self, redactor: &Redactor) -> BTreeMap<EntryKey, String> {
        let mut found = BTreeMap::new();
        for change in &self.changes {
            let (keys, what, texts) = written(change);
            if let Some(why) = holds(redactor, what, &texts) {
                found.extend(keys.into_iter().map(|key| (key, why.clone())));
            }
        }
        found
    }
}

/// The entries of a change, what it writes, and the texts of it that can hold anything. Of
/// a text that is there already only the lines that are new.
fn written(change: &Change) -> (Vec<EntryKey>, &'static str, Vec<String>) {
    let names =
        |labels: &crate::model::Labels| labels.iter().map(|l| l.name().to_owned()).collect::<Vec<_>>();
    match change {
        Change::CreateIssue(new) => {
            let texts = [new.title.clone(), new.body.clone()].into_iter().chain(names(&new.labels));
            (new.keys.clone(), "the text for GitHub", texts.collect())
        }
        Change::CreateComment(new) => (new.keys.clone(), "the comment for GitHub", vec![new.body.clone()]),
        Change::EditText(edit) => {
            let before: BTreeSet<&str> = edit.text.before.lines().collect();
            let new: Vec<&str> = edit.text.after.lines().filter(|l| !before.contains(l)).collect();
            (edit.keys.clone(), "the text for GitHub", vec![new.join("\n")])
        }
        Change::UpdateIssue(update) => (update.keys.clone(), "a label", names(&update.add)),
        Change::EditWorklog(edit) => {
            let texts = match &edit.edit {
                EntryEdit::Follow(LocalChange::AddLabel(label)) => vec![label.name().to_owned()],
                EntryEdit::Follow(LocalChange::AddLink(link)) => vec![link.to_string()],
                EntryEdit::Candidates(several) => several.iter().filter_map(|c| c.reason.clone()).collect(),
                EntryEdit::Issue { why, .. } => why.kept().map(str::to_owned).into_iter().collect(),
                _ => Vec::new(),
            };
            (vec![edit.key.clone()], "a label or link on GitHub", texts)
        }
        Change::CloseDuplicate(close) => {
            (close.keys.clone(), "the comment for GitHub", close.comment.iter().cloned().collect())
        }
        Change::CreateLabel(_) | Change::RecordBase(_) => (Vec::new(), "", Vec::new()),
    }
}

fn holds(redactor: &Redactor, what: &str, texts: &[String]) -> Option<String> {
    let kinds: BTreeSet<Kind> = texts.iter().flat_map(|t| redactor.places(t)).map(|p| p.kind).collect();
    (!kinds.is_empty()).then(|| format!("{what} ({})", names(kinds.iter())))
}

fn names<'a>(kinds: impl Iterator<Item = &'a Kind>) -> String {
    kinds.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What was left out of the texts that the changes send.
pub(super) fn left_out(entries: &[LocalEntry], changes: &[Change]) -> Vec<LeftOut> {
    let mut sent: BTreeSet<&EntryKey> = BTreeSet::new();
    for change in changes {
        match change {
            Change::CreateIssue(new) => sent.extend(&new.keys),
            Change::CreateComment(new) => sent.extend(&new.keys),
            Change::EditText(edit) if edit.comment.is_some() => sent.extend(&edit.keys),
            _ => {}
        }
    }
    let entries = entries.iter().filter(|e| sent.contains(&e.key) && !e.left_out.is_empty());
    entries.map(|e| LeftOut { key: e.key.clone(), found: e.left_out.clone() }).collect()
}
