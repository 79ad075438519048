//! Where an entry stands in the front matter as lines, to take it over as it is written.

use std::ops::Range;

use crate::model::EntryId;
use crate::worklog::Worklog;
use crate::worklog::lines::{line_start, next_line};
use crate::worklog::tree::{Kind, last_line_end};

impl Worklog {
    /// The lines of an entry, from its dash to the next entry, or to its own end for the last
    /// one; bytes of the file. `None` where the entries are written in one line, as `[{...}]`.
    pub fn item(&self, id: &EntryId) -> Option<Range<usize>> {
        let index = self.entries().iter().position(|entry| entry.id == *id)?;
        let Kind::List(list) = &self.tree.root.get("entries")?.value.kind else { return None };
        let front = &self.text[self.regions.front.clone()];
        let (node, dash) = (list.items.get(index)?, *list.dashes.get(index)?);
        let end = match list.dashes.get(index + 1) {
            Some(next) => line_start(front, *next),
            None => next_line(front, last_line_end(front, node, dash)),
        };
        let start = self.regions.front.start;
        Some(line_start(front, dash) + start..end + start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vocabulary;
    use crate::worklog::{Parsed, parse};

    #[test]
    fn an_entry_is_its_lines() {
        let text = "---\ngardener: 1\nid: w\nentries:\n  - id: a # one\n    title: |\n      x\n  # b\n  - title: B\n    \
                    id: b\nx: 1\n---\n";
        let Parsed::Worklog(worklog, _) = parse(text, &Vocabulary::default()) else { panic!("{text}") };
        let item = |id: &str| &text[worklog.item(&EntryId::new(id).expect("an id")).expect("a block")];
        assert_eq!(item("a"), "  - id: a # one\n    title: |\n      x\n  # b\n");
        assert_eq!(item("b"), "  - title: B\n    id: b\n");
    }
}
