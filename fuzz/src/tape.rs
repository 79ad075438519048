//! Choices read from the bytes of an input.

use gardener::model::{EntryKey, Label, Link};

/// The part of an input that is not text but decides what is done with it.
pub(crate) struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
    /// Text up to the last null byte, and choices behind it.
    pub(crate) fn split(data: &'a [u8]) -> (String, Self) {
        let end = data.iter().rposition(|b| *b == 0);
        let (text, rest) = data.split_at(end.unwrap_or(data.len()));
        (String::from_utf8_lossy(text).into_owned(), Self(rest.get(1..).unwrap_or_default()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte, or 0 at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    pub(crate) fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// The next words, to a line feed.
    fn words(&mut self) -> String {
        let end = self.0.iter().position(|b| *b == b'\n').unwrap_or(self.0.len());
        let (words, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        String::from_utf8_lossy(words).into_owned()
    }

    pub(crate) fn label(&mut self) -> Label {
        let known = ["bug", "Bug", "area/cli", "good first issue", "yes", "a: b", "#1", "'q\"", "ü", "- x"];
        let own = (self.byte() & 3 == 0).then(|| self.words());
        let name = own.unwrap_or_else(|| self.pick(&known).to_owned());
        Label::new(&name).unwrap_or_else(|| Label::new("bug").expect("a label"))
    }

    pub(crate) fn link(&mut self) -> Link {
        let known = [
            "#7",
            "acme/other#8",
            "blocked-by #7",
            "parent acme/app#1",
            "duplicate-of https://example.org/x#y",
            "https://example.org/?a=b,c",
            "docs/a b.md",
            "docs/it's \"x\".md",
            "related: #7",
            "blocks docs/`a`.md",
        ];
        let own = (self.byte() & 3 == 0).then(|| self.words());
        let text = own.unwrap_or_else(|| self.pick(&known).to_owned());
        Link::parse(&text).unwrap_or_else(|_| Link::parse("#7").expect("a link"))
    }

    pub(crate) fn key(&mut self) -> EntryKey {
        let key = self.pick(&["w/e", "w/f", "run-1/a", "run-1/b", "W/e"]);
        EntryKey::parse(key).expect("a key")
    }
}
