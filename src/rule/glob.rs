//! Globs over the names of tests.
//!
//! `*` stands for anything but `/`, `**` for anything, `**/` also for nothing, `?` for one character but `/`.
//! Everything else is itself, brackets too: they stand in the names of tests with parameters. The size of letters
//! matters. A glob fits a name as a whole.

/// The longest name that is told from others, in characters.
const MAX_NAME: usize = 1_000;

/// A glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// This character.
    Is(char),
    /// `?`
    One,
    /// `*`
    Some,
    /// `**`
    Any,
    /// Either the next part or none of it.
    Perhaps,
    /// Anything up to a `/`: with `Perhaps` before it, it is `**/` where a part of a path begins.
    Folders,
}

impl Glob {
    /// Any text is a glob.
    pub(super) fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let begins = matches!(parts.last(), None | Some(Part::Is('/') | Part::Folders));
            let (part, length) = match c {
                '*' if begins && rest.starts_with("**/") => {
                    parts.push(Part::Perhaps);
                    (Part::Folders, 3)
                }
                '*' if rest.starts_with("**") => (Part::Any, 2),
                '*' => (Part::Some, 1),
                '?' => (Part::One, 1),
                c => (Part::Is(c), c.len_utf8()),
            };
            parts.push(part);
            rest = &rest[length..];
        }
        Self { text: text.to_owned(), parts }
    }

    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it says nothing at all of a name.
    pub(super) fn fits_all(&self) -> bool {
        !self.parts.iter().any(|part| matches!(part, Part::Is(_) | Part::One))
    }

    /// Whether a name fits. It takes as many steps as both have characters, multiplied.
    pub(super) fn fits(&self, name: &str) -> bool {
        // Which parts may come next, all at once: nothing is tried twice.
        let mut next = vec![false; self.parts.len() + 1];
        next[0] = true;
        self.pass(&mut next);
        for c in name.chars().take(MAX_NAME) {
            let mut after = vec![false; next.len()];
            for (at, part) in self.parts.iter().enumerate().filter(|(at, _)| next[*at]) {
                match part {
                    Part::Is(own) => after[at + 1] |= *own == c,
                    Part::One => after[at + 1] |= c != '/',
                    Part::Some => after[at] |= c != '/',
                    Part::Any => after[at] = true,
                    Part::Perhaps => {}
                    Part::Folders => {
                        after[at] = true;
                        after[at + 1] |= c == '/';
                    }
                }
            }
            self.pass(&mut after);
            next = after;
        }
        next[self.parts.len()]
    }

    /// Goes past what may be nothing. It only leads on, so that once through them is enough.
    fn pass(&self, next: &mut [bool]) {
        for (at, part) in self.parts.iter().enumerate().filter(|(_, part)| part.may_be_nothing()) {
            if next[at] {
                next[at + 1] = true;
                if *part == Part::Perhaps {
                    next[at + 2] = true;
                }
            }
        }
    }
}

impl Part {
    fn may_be_nothing(self) -> bool {
        matches!(self, Self::Some | Self::Any | Self::Perhaps)
    }
}
