//! The managed block: the part of an issue's text, or of gardener's own comment, that
//! lists the worklog entries naming the issue and their links.
//!
//! Floor 1, pure. A block is text that people may edit, so reading it is forgiving about
//! everything but its frame, and writing it touches only the lines of the occurrences it
//! is told about (rule 9). What the links mean is not known here.

mod marker;
mod quote;

use std::ops::Range;

pub use marker::{CommentMarker, DuplicateMarker, IssueMarker, comment_markers};
pub use quote::{MAX_TEXT, closed, code_span, quote, quote_line, quote_title};

use crate::model::{EntryKey, Link, LinkKind, LinkTarget};

const BEGIN: &str = "<!-- gardener:block 1 -->";
/// How the frame of a block begins, whatever its version.
pub const BLOCK_BEGIN: &str = "<!-- gardener:block ";
const END: &str = "<!-- gardener:end -->";
const OCCURRENCE: &str = "<!-- gardener:occurrence ";

/// What a text holds in the way of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No block. That is "unknown", not "no links": somebody may have deleted it.
    Nothing,
    /// Something that calls itself a block but is not one frame of this version. It is
    /// never written to.
    Unreadable(&'static str),
    /// A block.
    Block(Block),
}

/// A block as it stands in a text. Lines nobody asked to change stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    occurrences: Vec<Occurrence>,
    /// Where it stands in the text it was found in.
    place: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Occurrence {
    key: EntryKey,
    /// Its lines as they stand, each with its line ending.
    raw: String,
    links: Vec<Link>,
    /// Lines below it that are no link; kept.
    other: Vec<String>,
}

/// A text without what gardener wrote into it for itself: the block, and lines that are markers.
pub fn without_own(text: &str) -> String {
    let text = match Found::read(text) {
        Found::Block(block) => format!("{}{}", &text[..block.place.start], &text[block.place.end..]),
        Found::Nothing | Found::Unreadable(_) => text.to_owned(),
    };
    let others = text.lines().filter(|line| !line.trim_start().starts_with("<!-- gardener:"));
    others.collect::<Vec<_>>().join("\n")
}

impl Found {
    /// Looks for the block in a text.
    pub fn read(text: &str) -> Self {
        let begins: Vec<_> = lines(text).filter(|(_, line)| line.trim().starts_with(BLOCK_BEGIN)).collect();
        let ends: Vec<_> = lines(text).filter(|(_, line)| line.trim() == END).collect();
        let (begin, end) = match (begins.as_slice(), ends.as_slice()) {
            ([], []) => return Self::Nothing,
            ([begin], [end]) if begin.0.end <= end.0.start => (begin, end),
            _ => return Self::Unreadable("its begin and end lines do not pair up"),
        };
        if begin.1.trim() != BEGIN {
            return Self::Unreadable("it is of another version");
        }
        let mut occurrences: Vec<Occurrence> = Vec::new();
        for (range, line) in lines(&text[begin.0.end..end.0.start]) {
            let raw = &text[begin.0.end..][range];
            if let Some(key) = occurrence_of(line) {
                if occurrences.iter().any(|o| o.key == key) {
                    return Self::Unreadable("it names an occurrence twice");
                }
                occurrences.push(Occurrence {
                    key,
                    raw: raw.to_owned(),
                    links: Vec::new(),
                    other: Vec::new(),
                });
            } else if let Some(current) = occurrences.last_mut() {
                current.raw.push_str(raw);
                match link_of(line) {
                    Some(link) => current.links.push(link),
                    None if line.trim().is_empty() => {}
                    None => current.other.push(line.trim_end().to_owned()),
                }
            }
        }
        Self::Block(Block { occurrences, place: begin.0.start..end.0.end })
    }
}

impl Block {
    /// A block with no occurrence yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The links listed for an occurrence, or `None` when it is not in the block.
    pub fn links(&self, key: &EntryKey) -> Option<&[Link]> {
        self.occurrences.iter().find(|o| o.key == *key).map(|o| o.links.as_slice())
    }

    /// Whether a line of the occurrence that is no link of ours names the link's target:
    /// somebody rewrote the line by hand, which is no removal.
    pub fn mentions(&self, key: &EntryKey, link: &Link) -> bool {
        let target = match &link.target {
            LinkTarget::Path(text) | LinkTarget::Url(text) => text.clone(),
            LinkTarget::Issue(issue) => issue.to_string(),
        };
        let target = target.to_lowercase();
        let names = |line: &String| {
            let line = line.to_lowercase().replace("gh-", "#");
            line.match_indices(&target).any(|(at, found)| {
                // `#1` is not in `#12`, and not in `other/repo#1`.
                let is_part = |c: char| c.is_alphanumeric() || c == '/';
                let before = line[..at].chars().next_back();
                let after = line[at + found.len()..].chars().next();
                !before.is_some_and(is_part) && !after.is_some_and(is_part)
            })
        };
        self.occurrences.iter().filter(|o| o.key == *key).any(|o| o.other.iter().any(names))
    }

    /// The occurrences it lists, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &EntryKey> {
        self.occurrences.iter().map(|o| &o.key)
    }

    /// Lists exactly `links` for an occurrence of the worklog at `path`. Nothing changes
    /// when it lists them already, whatever the order.
    pub fn set(&mut self, key: &EntryKey, path: &str, links: &[Link]) {
        let sorted = |links: &[Link]| {
            let mut links = links.to_vec();
            links.sort();
            links.dedup();
            links
        };
        let wanted = sorted(links);
        let slot = self.occurrences.iter().position(|o| o.key == *key);
        if slot.is_some_and(|i| sorted(&self.occurrences[i].links) == wanted) {
            return;
        }
        let other = slot.map(|i| self.occurrences[i].other.clone()).unwrap_or_default();
        let mut raw = format!("* {} {OCCURRENCE}{key} -->\n", code_span(path));
        for link in &wanted {
            raw.push_str(&format!("  * {}\n", shown(link)));
        }
        for line in &other {
            raw.push_str(line);
            raw.push('\n');
        }
        let new = Occurrence { key: key.clone(), raw, links: wanted, other };
        match slot {
            Some(i) => self.occurrences[i] = new,
            None => self.occurrences.push(new),
        }
    }

    /// The text with this block in it: in the place where it was found, else at the end.
    pub fn put_into(&self, text: &str) -> String {
        let block = self.render();
        if self.place.is_empty() {
            let before = text.trim_end();
            let gap = if before.is_empty() { "" } else { "\n\n" };
            return format!("{before}{gap}{block}");
        }
        let eol = if text[self.place.clone()].ends_with('\n') { "" } else { "\n" };
        let tail = &text[self.place.end..];
        let block = if tail.is_empty() && !eol.is_empty() { block.trim_end() } else { &block };
        format!("{}{block}{tail}", &text[..self.place.start])
    }

    fn render(&self) -> String {
        let mut text = format!("{BEGIN}\n**Worklogs** that name this issue, with their links:\n\n");
        for occurrence in &self.occurrences {
            text.push_str(&occurrence.raw);
            if !occurrence.raw.ends_with('\n') {
                text.push('\n');
            }
        }
        text.push_str(END);
        text.push('\n');
        text
    }
}

fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let range = start..start + line.len();
        start = range.end;
        (range, line.trim_end_matches(['\r', '\n']))
    })
}

fn occurrence_of(line: &str) -> Option<EntryKey> {
    let (_, rest) = line.split_once(OCCURRENCE)?;
    let (key, _) = rest.split_once(" -->")?;
    EntryKey::parse(key.trim()).ok()
}

fn link_of(line: &str) -> Option<Link> {
    let text = line.trim().strip_prefix(['*', '-', '+'])?.trim();
    // In code pointed brackets are the text's own.
    let bare = |t: &str| match t.trim() {
        code if code.starts_with('`') => code.trim_matches('`').to_owned(),
        text => text.trim_start_matches('<').trim_end_matches(['`', '>']).to_owned(),
    };
    if let Some((word, target)) = text.split_once(':')
        && let Some(kind) = LinkKind::from_word(word.trim())
    {
        return match LinkTarget::parse(&bare(target)).ok()? {
            // Our own paths are code; anything else that is no issue and no address is a
            // person's words.
            LinkTarget::Path(_) if !target.trim().starts_with('`') => None,
            target => Some(Link { kind, target }),
        };
    }
    match LinkTarget::parse(&bare(text)).ok()? {
        // Prose that a person put here is not a path.
        LinkTarget::Path(path) if !text.starts_with('`') || path.contains(' ') => None,
        target => Some(Link::related(target)),
    }
}

fn shown(link: &Link) -> String {
    let target = match &link.target {
        LinkTarget::Path(path) => code_span(path),
        LinkTarget::Url(url) => format!("<{url}>"),
        LinkTarget::Issue(issue) => issue.to_string(),
    };
    format!("{}: {target}", link.kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> EntryKey {
        EntryKey::parse(text).expect("a key")
    }

    fn link(text: &str) -> Link {
        Link::parse(text).expect("a link")
    }

    fn block(text: &str) -> Block {
        match Found::read(text) {
            Found::Block(block) => block,
            other => panic!("{other:?} in {text}"),
        }
    }

    #[test]
    fn what_is_set_is_read_again() {
        let mut new = Block::new();
        let links =
            [link("#1060"), link("blocked-by acme/app#3"), link("docs/a.md"), link("https://e.org/x")];
        new.set(&key("w/e"), "worklogs/w.md", &links);
        let text = new.put_into("Body.\n");
        assert_eq!(
            text,
            "Body.\n\n<!-- gardener:block 1 -->\n**Worklogs** that name this issue, with their links:\n\n\
             * `worklogs/w.md` <!-- gardener:occurrence w/e -->\n  * related: #1060\n  * related: <https://e.org/x>\n  \
             * related: `docs/a.md`\n  * blocked-by: acme/app#3\n<!-- gardener:end -->\n"
        );
        let mut found: Vec<_> = block(&text).links(&key("w/e")).expect("listed").to_vec();
        found.sort();
        let mut wanted = links.to_vec();
        wanted.sort();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_path_is_read_as_it_was_written() {
        for path in [">", "<", "<#7>", "<https://e.org>", "a>"] {
            let mut new = Block::new();
            new.set(&key("w/e"), "w.md", &[link(path)]);
            assert_eq!(block(&new.put_into("")).links(&key("w/e")), Some(&[link(path)][..]), "{path}");
        }
    }

    #[test]
    fn only_the_lines_of_one_occurrence_change() {
        let text = "Hi\r\n\r\n<!-- gardener:block 1 -->\r\nwords\r\n* x <!-- gardener:occurrence a/one -->\r\n   -  #5\r\n   - ask bob\r\n* `y` <!-- gardener:occurrence b/two -->\r\n  * related: #6\r\n<!-- gardener:end -->\r\nAfter.";
        let mut found = block(text);
        assert_eq!(found.links(&key("a/one")), Some(&[link("#5")][..]));
        found.set(&key("b/two"), "y", &[link("#6")]);
        assert_eq!(found.links(&key("b/two")).map(<[_]>::len), Some(1));
        found.set(&key("b/two"), "y", &[link("#7")]);
        let out = found.put_into(text);
        assert!(
            out.contains("* x <!-- gardener:occurrence a/one -->\r\n   -  #5\r\n   - ask bob\r\n"),
            "{out}"
        );
        assert!(out.contains("  * related: #7\n"), "{out}");
        assert!(out.starts_with("Hi\r\n\r\n") && out.ends_with("After."), "{out}");
    }

    #[test]
    fn a_broken_frame_is_unreadable_and_never_a_removal() {
        assert_eq!(Found::read("nothing here"), Found::Nothing);
        for bad in [
            "<!-- gardener:block 1 -->\n",
            "<!-- gardener:end -->\n",
            "<!-- gardener:end -->\n<!-- gardener:block 1 -->\n",
            "<!-- gardener:block 2 -->\n<!-- gardener:end -->\n",
            "<!-- gardener:block 1 -->\n<!-- gardener:end -->\n<!-- gardener:block 1 -->\n<!-- gardener:end -->",
            "<!-- gardener:block 1 -->\n* a <!-- gardener:occurrence w/e -->\n* b <!-- gardener:occurrence w/e -->\n<!-- gardener:end -->\n",
        ] {
            assert!(matches!(Found::read(bad), Found::Unreadable(_)), "{bad}");
        }
    }
}
