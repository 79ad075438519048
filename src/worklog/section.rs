//! A place in the body for an entry that has none: its marker, and a heading where there is none either.
//!
//! Only two lines come in, and no byte goes. The text is read again afterwards: entries, bases and
//! all other sections must be what they were, else nothing is changed.

use crate::model::{EntryId, Untrusted};
use crate::worklog::edit::EditError;
use crate::worklog::lines::{ending, next_line};
use crate::worklog::{Parsed, Worklog, parse};

/// The text of `worklog` with a marker for `entry`: below the heading that says its title, if exactly
/// one does and no other entry has it, else below a new heading at the end of the body. An entry that
/// has its marker changes no byte.
///
/// # Errors
/// When there is no such entry, or the text would then say something else as well.
pub fn with_section(worklog: &Worklog, entry: &EntryId) -> Result<String, EditError> {
    let Some(found) = worklog.entry(entry) else { return Err(EditError::NoEntry(entry.clone())) };
    if worklog.section(entry).is_some() {
        return Ok(worklog.text().to_owned());
    }
    let marker = format!("<!-- gardener:entry {entry} -->");
    let refused = || EditError::Unsafe { entry: entry.clone(), key: "section" };
    let heading = heading_of(worklog, &found.title);
    let text = match heading {
        Some(at) => below(worklog.text(), at, &marker),
        None => at_end(worklog, &found.title, &marker),
    };
    match parse(&text, &worklog.vocabulary) {
        Parsed::Worklog(read, _) if is_only_new(worklog, &read, entry) => Ok(text),
        _ => Err(refused()),
    }
}

/// The byte after the heading that says `title`, where that is plain.
fn heading_of(worklog: &Worklog, title: &str) -> Option<usize> {
    let text = worklog.text();
    let folded = |words: &str| {
        let kept = words.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace());
        kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    };
    let wanted = folded(title);
    let headings = worklog.body.headings();
    let mut found = headings.filter(|span| folded(&text[span.clone()]) == wanted);
    let only = found.next().filter(|_| found.next().is_none())?;
    let ids = worklog.entries().iter().map(|entry| &entry.id);
    let is_taken = ids.filter_map(|id| worklog.section_place(id)).any(|section| section.start == only.start);
    (!is_taken && !wanted.is_empty()).then_some(only.end)
}

/// The marker on a line of its own below the line that ends before `at`.
fn below(text: &str, at: usize, marker: &str) -> String {
    let last = at.saturating_sub(1);
    let (at, ending) = (next_line(text, last), ending(text, last));
    let before = &text[..at];
    let gap = if before.ends_with('\n') { "" } else { ending };
    format!("{before}{gap}{marker}{ending}{}", &text[at..])
}

/// A new section before the base block.
fn at_end(worklog: &Worklog, title: &str, marker: &str) -> String {
    let (text, end) = (worklog.text(), worklog.body_end());
    let ending = ending(text, end);
    let (before, after) = text.split_at(end);
    let kept = before.trim_end_matches(['\r', '\n', ' ', '\t']).len();
    // The blank lines that are there stay; more come only where one is missing.
    let breaks = before[kept..].matches('\n').count();
    let gap = ending.repeat(2_usize.saturating_sub(breaks));
    let tail = if after.is_empty() { "" } else { ending };
    format!("{before}{gap}## {}{ending}{marker}{ending}{tail}{after}", plain(title))
}

/// A title as text of a heading, in which nothing acts.
fn plain(title: &str) -> String {
    let shown = Untrusted(title.trim()).to_string();
    let mut text = String::with_capacity(shown.len());
    for c in shown.chars() {
        if "\\`*<>[]#&~|".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// Whether the entry's section is all that came.
fn is_only_new(old: &Worklog, new: &Worklog, entry: &EntryId) -> bool {
    let markers = |worklog: &Worklog| {
        let all = worklog.body.markers.iter().map(|(id, _)| id.clone());
        all.filter(|id| id != entry.as_str()).collect::<Vec<_>>()
    };
    new.section(entry).is_some()
        && old.entries() == new.entries()
        && old.header() == new.header()
        && old.bases() == new.bases()
        && markers(old) == markers(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vocabulary;

    fn added(text: &str, id: &str) -> Result<String, EditError> {
        match parse(text, &Vocabulary::default()) {
            Parsed::Worklog(worklog, _) => with_section(&worklog, &EntryId::new(id).expect("an id")),
            other => panic!("{other:?}"),
        }
    }

    const FRONT: &str = "---\ngardener: 1\nid: w\nentries:\n  - id: one\n    title: One *bad* <b>\n---\n";
    const BASE: &str =
        "<!-- gardener:base 1\none {\"issue\":\"a/b#1\",\"seen\":\"2025-09-14T00:00:00Z\"}\n-\n-->\n";

    #[test]
    fn a_section_comes_at_the_end_and_before_the_base_block() {
        let new = "## One \\*bad\\* \\<b\\>\n<!-- gardener:entry one -->\n";
        for (body, expect) in [
            (String::new(), format!("\n{new}")),
            ("# A\ntext".to_owned(), format!("# A\ntext\n\n{new}")),
            ("# A\n\n".to_owned(), format!("# A\n\n{new}")),
            (format!("# A\n\n{BASE}"), format!("# A\n\n{new}\n{BASE}")),
        ] {
            for ending in ["\n", "\r\n"] {
                let made = added(&format!("{FRONT}{body}").replace('\n', ending), "one").expect("made");
                assert_eq!(made, format!("{FRONT}{expect}").replace('\n', ending), "{body:?}");
            }
        }
    }

    #[test]
    fn the_heading_that_says_the_title_gets_the_marker() {
        let marker = "<!-- gardener:entry one -->\n";
        let made = added(&format!("{FRONT}# A\n\n### one bad b\ntext\n"), "one").expect("made");
        assert_eq!(made, format!("{FRONT}# A\n\n### one bad b\n{marker}text\n"));
        let made = added(&format!("{FRONT}One bad b\n===\n\ntext"), "one").expect("made");
        assert_eq!(made, format!("{FRONT}One bad b\n===\n{marker}\ntext"));
        let made = added(&format!("{FRONT}# One bad b"), "one").expect("made");
        assert_eq!(made, format!("{FRONT}# One bad b\n{marker}"));
        let twice = format!("{FRONT}# One bad b\n# One bad b\n");
        assert!(added(&twice, "one").expect("made").starts_with(&twice), "of two it is neither");
    }

    #[test]
    fn what_is_there_stays_and_what_can_not_be_is_refused() {
        let text = format!("{FRONT}# A\n<!-- gardener:entry one -->\n");
        assert_eq!(added(&text, "one"), Ok(text.clone()));
        assert!(matches!(added(&text, "two"), Err(EditError::NoEntry(_))));
        let fence = format!("{FRONT}```\nnever closed\n");
        assert!(matches!(added(&fence, "one"), Err(EditError::Unsafe { .. })), "it would be code");
    }
}
