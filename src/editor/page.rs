//! A worklog as an editor has it: what stands where in it, finished or not.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::editor::flow::plain;
use crate::editor::outline::{self, Leaf, Outline, Step};
use crate::editor::text::Text;
use crate::model::{Base, EntryId, IssueRef, LinkKind, LinkTarget, Vocabulary};
use crate::worklog::{self, Parsed, Worklog};

/// A text with what is found in it. Reading one never fails.
#[derive(Clone, Debug)]
pub struct Page {
    text: Text,
    id: Option<String>,
    pub(crate) outline: Option<Outline>,
    entries: Vec<Seen>,
    named: Vec<Named>,
    labels: Vec<String>,
    markers: Vec<(String, Range<usize>)>,
    bases: BTreeMap<EntryId, Base>,
    vocabulary: Vocabulary,
    /// What the strict reader says, from when it is first wanted.
    parsed: OnceCell<Parsed>,
}

/// An entry in the front matter, as far as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its id, and where that stands.
    pub id: Option<(String, Range<usize>)>,
    /// Its title.
    pub title: Option<String>,
    /// Its severity, as written.
    pub severity: Option<String>,
    /// Its status, as written.
    pub status: Option<String>,
    /// Its issue.
    pub issue: Option<IssueRef>,
    /// From its dash to its last value.
    pub span: Range<usize>,
}

/// An issue that is named in the front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The issue; without a repository it is the worklog's own.
    pub issue: IssueRef,
    /// The value that names it, with its quotes.
    pub span: Range<usize>,
    /// The entry that does, by its place among the entries.
    pub entry: usize,
    /// As what.
    pub how: How,
}

/// As what an entry names an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Its own.
    Issue,
    /// A link.
    Link(LinkKind),
    /// It may be its own.
    Candidate,
}

impl Page {
    /// Reads a text.
    pub fn read(text: Text, vocabulary: &Vocabulary) -> Self {
        let outline = outline::read(text.as_str(), None);
        let (markers, bases) = worklog::marks(text.as_str(), vocabulary);
        let mut page = Self {
            text,
            id: None,
            markers,
            bases,
            entries: Vec::new(),
            named: Vec::new(),
            labels: Vec::new(),
            outline: None,
            vocabulary: vocabulary.clone(),
            parsed: OnceCell::new(),
        };
        let leaves = outline.as_ref().map_or(&[][..], |outline| &outline.leaves);
        let mut last = None;
        for leaf in leaves {
            page.take(leaf, &mut last);
        }
        page.outline = outline;
        page
    }

    /// The text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Its own id, as written.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its entries, in order.
    pub fn entries(&self) -> &[Seen] {
        &self.entries
    }

    /// The issues that its front matter names, in order.
    pub fn named(&self) -> &[Named] {
        &self.named
    }

    /// The labels in it, as written.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The markers in its body, each with the id in it.
    pub fn markers(&self) -> &[(String, Range<usize>)] {
        &self.markers
    }

    /// What was agreed on of an entry.
    pub fn base(&self, id: &str) -> Option<&Base> {
        self.bases.get(&EntryId::new(id).ok()?)
    }

    /// The entry of this id.
    pub fn entry(&self, id: &str) -> Option<&Seen> {
        self.entries.iter().find(|entry| entry.is(id))
    }

    /// The entry that byte `at` of the front matter is in.
    pub fn entry_at(&self, at: usize) -> Option<&Seen> {
        self.entries.iter().find(|entry| entry.span.start <= at && at <= entry.span.end)
    }

    /// What the strict reader says.
    pub fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| worklog::parse(self.text.as_str(), &self.vocabulary))
    }

    /// The worklog, where the strict reader finds no error.
    pub fn worklog(&self) -> Option<&Worklog> {
        match self.parsed() {
            Parsed::Worklog(worklog, _) => Some(worklog),
            Parsed::Broken(_) | Parsed::NotAWorklog(_) => None,
        }
    }

    /// Whether the front matter has the key that makes a worklog.
    pub fn is_worklog(&self) -> bool {
        let leaves = self.outline.as_ref().map_or(&[][..], |outline| &outline.leaves);
        leaves.iter().any(|leaf| leaf.names() == ["gardener"])
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub(crate) fn str(&self) -> &str {
        self.text.as_str()
    }

    /// What a leaf says.
    pub(crate) fn says(&self, leaf: &Leaf) -> String {
        plain(&self.str()[leaf.value.clone()])
    }

    fn take(&mut self, leaf: &Leaf, last: &mut Option<usize>) {
        let names = leaf.names();
        let written = plain(&self.text.as_str()[leaf.value.clone()]);
        let said = Some(written.as_str()).filter(|said| !said.trim().is_empty());
        match names[..] {
            ["id"] => self.id = said.map(str::to_owned),
            ["labels", "-"] => self.labels.extend(said.map(str::to_owned)),
            ["entries", "-", ..] => {
                let Some(Step::Item(at)) = leaf.path.get(1) else { return };
                if *last != Some(*at) {
                    *last = Some(*at);
                    self.entries.push(Seen { span: *at..*at, ..Seen::default() });
                }
                self.take_of_entry(leaf, &names[2..], said);
            }
            _ => {}
        }
    }

    fn take_of_entry(&mut self, leaf: &Leaf, names: &[&str], said: Option<&str>) {
        let index = self.entries.len() - 1;
        let entry = &mut self.entries[index];
        // The room behind a value is not the entry's.
        let end = if said.is_some() { leaf.value.end } else { leaf.value.start };
        entry.span.end = entry.span.end.max(end);
        let Some(said) = said else { return };
        let named = |issue: Option<IssueRef>, how: How| {
            issue.map(|issue| Named { issue, span: leaf.value.clone(), entry: index, how })
        };
        let of_link = |kind: LinkKind| match LinkTarget::parse(said) {
            Ok(LinkTarget::Issue(issue)) => named(Some(issue), How::Link(kind)),
            _ => None,
        };
        let found = match names {
            ["id"] => {
                entry.id = Some((said.to_owned(), leaf.value.clone()));
                None
            }
            ["title"] => {
                entry.title = Some(said.to_owned());
                None
            }
            ["severity"] => {
                entry.severity = Some(said.to_owned());
                None
            }
            ["status"] => {
                entry.status = Some(said.to_owned());
                None
            }
            ["issue"] => {
                entry.issue = IssueRef::parse(said);
                named(entry.issue.clone(), How::Issue)
            }
            ["labels", "-"] => {
                self.labels.push(said.to_owned());
                None
            }
            ["links", "-"] => of_link(LinkKind::Related),
            ["links", "-", word] => LinkKind::from_word(word).and_then(of_link),
            ["candidates", "-", "issue"] => named(IssueRef::parse(said), How::Candidate),
            _ => None,
        };
        self.named.extend(found);
    }
}

impl Seen {
    /// Whether this is its id.
    pub fn is(&self, id: &str) -> bool {
        self.id.as_ref().is_some_and(|(found, _)| found == id)
    }

    /// Its id, or an empty text.
    pub fn name(&self) -> &str {
        self.id.as_ref().map_or("", |(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn page(text: &str) -> Page {
        Page::read(Text::new(text.to_owned()), &Vocabulary::default())
    }

    const TEXT: &str = "---\ngardener: 1\nid: w\nlabels: [top]\nentries:\n  - id: one\n    title: 'One: it''s'\n    \
        status: open\n    issue: \"#12\"\n    labels: [a, \"b c\"]\n    links: [\"#13\", docs/x.md, blocked-by: \"acme/lib#7\"]\n    \
        candidates:\n      - {issue: 14, score: 0.5}\n  - id: two\n    title: Two\n---\n# B\n<!-- gardener:entry one -->\n";

    #[test]
    fn it_reads_what_the_strict_reader_reads() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            let page = page(&text);
            let worklog = page.worklog().expect("a worklog");
            assert_eq!(page.entries().len(), worklog.entries().len());
            for (seen, entry) in page.entries().iter().zip(worklog.entries()) {
                assert_eq!(
                    (seen.name(), seen.title.as_deref()),
                    (entry.id.as_str(), Some(entry.title.as_str()))
                );
                assert_eq!(seen.issue, entry.issue);
                assert_eq!(seen.status.as_deref(), entry.status.as_ref().map(|status| status.word()));
                let place = worklog.place(&entry.id).expect("a place");
                assert!(seen.span.start <= place.start && seen.span.end <= place.end, "{seen:?} {place:?}");
            }
            let named = page.named().iter().map(|n| format!("{} {:?}", n.issue, n.how)).collect::<Vec<_>>();
            assert_eq!(
                named,
                ["#12 Issue", "#13 Link(Related)", "acme/lib#7 Link(BlockedBy)", "#14 Candidate"]
            );
            assert_eq!(page.labels(), ["top", "a", "b c"]);
            assert_eq!(page.markers().len(), 1);
        }
    }

    #[test]
    fn a_broken_text_is_read_as_far_as_it_goes() {
        let page = page(&TEXT.replace("status: open", "status: [open"));
        assert!(page.worklog().is_none());
        assert_eq!(page.entries().len(), 2);
        assert_eq!(page.named().len(), 4);
        assert_eq!(super::tests::page("").entries().len(), 0);
    }
}
