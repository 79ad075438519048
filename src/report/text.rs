//! Texts that are bounded, and texts without what only a terminal reads.

use std::borrow::Cow;

/// The most bytes of a failure's message.
pub(super) const MESSAGE: usize = 4 << 10;
/// The most bytes of a failure's detail, and of the detail of a part.
pub(super) const DETAIL: usize = 32 << 10;
/// The most bytes of what a test printed.
pub(super) const OUTPUT: usize = 16 << 10;
/// The most characters of a test's name.
const NAME: usize = 400;

/// A text of which the head and the tail are kept.
#[derive(Clone, Debug)]
pub(super) struct Bounded {
    limit: usize,
    head: String,
    tail: String,
    /// Bytes between the two that were let go.
    lost: usize,
}

impl Bounded {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, head: String::new(), tail: String::new(), lost: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub(super) fn push(&mut self, text: &str) {
        let half = self.limit / 2;
        let mut rest = text;
        if self.tail.is_empty() && self.lost == 0 && self.head.len() < half {
            let end = floor(rest, half - self.head.len());
            self.head.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        if rest.is_empty() {
            return;
        }
        // The tail may grow to twice its size before it is cut, so that cutting is rare.
        if rest.len() > half {
            let start = ceil(rest, rest.len() - half);
            self.lost += self.tail.len() + start;
            self.tail.clear();
            rest = &rest[start..];
        }
        self.tail.push_str(rest);
        if self.tail.len() > self.limit {
            self.trim();
        }
    }

    pub(super) fn push_line(&mut self, line: &str) {
        self.push(line);
        self.push("\n");
    }

    fn trim(&mut self) {
        if self.tail.len() > self.limit / 2 {
            let start = ceil(&self.tail, self.tail.len() - self.limit / 2);
            self.lost += start;
            self.tail.drain(..start);
        }
    }

    /// The text; where something was let go, a line says how much.
    pub(super) fn into_text(mut self) -> String {
        self.trim();
        if self.lost == 0 {
            self.head.push_str(&self.tail);
            self.head.shrink_to_fit();
            return self.head;
        }
        let gap = |text: &str| if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        format!("{}{}[… {} bytes left out …]\n{}", self.head, gap(&self.head), self.lost, self.tail)
    }
}

/// The largest place up to `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// The smallest place from `at` where a character begins.
fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}

/// A text to a limit, without blank lines around it.
pub(super) fn bound(text: &str, limit: usize) -> String {
    let text = text.trim_end().trim_start_matches(['\n', '\r']);
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut bounded = Bounded::new(limit);
    bounded.push(text);
    bounded.into_text()
}

/// A test's name to its limit: a longer one ends with a number that stands for all of it.
pub(super) fn name(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if name.len() <= NAME && !name.contains(['\n', '\r', '\u{1b}']) {
        return Cow::Borrowed(name);
    }
    let clean = plain(name).replace(['\n', '\r'], " ");
    if clean.chars().count() <= NAME {
        return Cow::Owned(clean);
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let head: String = clean.chars().take(NAME - 18).collect();
    Cow::Owned(format!("{head}…#{hash:016x}"))
}

/// A text without the escapes that colour it or move the cursor.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            Some(']') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// The first line that is not blank, trimmed and without escapes.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().map(plain).find(|l| !l.trim().is_empty()).unwrap_or_default();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_are_kept() {
        let mut bounded = Bounded::new(10);
        bounded.push("abcde");
        bounded.push("fghij");
        assert_eq!(bounded.clone().into_text(), "abcdefghij");
        bounded.push("klmnopqrstuvwxyz");
        assert_eq!(bounded.into_text(), "abcde\n[… 16 bytes left out …]\nvwxyz");
        let mut bytewise = Bounded::new(10);
        "äöüäöüäöüxyz".chars().for_each(|c| bytewise.push(&c.to_string()));
        assert_eq!(bytewise.into_text(), "äö\n[… 12 bytes left out …]\nüxyz");
    }

    #[test]
    fn long_names_stay_apart() {
        let long = "x".repeat(500);
        let (one, two) = (format!("{long}1"), format!("{long}2"));
        assert_eq!(name(&one).chars().count(), 400);
        assert_ne!(name(&one), name(&two));
        assert_eq!(name("a\nb\u{1b}[1mc"), "a bc");
    }

    #[test]
    fn escapes_go() {
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[0m \u{1b}]8;;x\u{7}link\u{1b}]8;;\u{1b}\\!"), "red link!");
        assert_eq!(first_line("\n \u{1b}[1m\n  word\n"), "word");
    }
}
