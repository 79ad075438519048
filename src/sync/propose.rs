//! A new entry that somebody proposes, as the worklog with it.
//!
//! Pure in all but its place: it needs what makes names (`legacy`) and worklogs. Nothing is written. The
//! result is read again, and is refused unless it says exactly what was there and the entry.

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::config::Config;
use crate::legacy::slug;
use crate::model::{Entry, EntryId, Label, Severity};
use crate::plan::adopted::free_id;
use crate::worklog::{self, EditError, Parsed, Worklog};

/// What the entry is to say. All texts but `text` are one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Its failing tests.
    pub tests: Vec<String>,
    /// Its section in the body, in Markdown; empty for none.
    pub text: String,
}

/// Why there is no such worklog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProposed {
    /// The text to add it to is no worklog without errors.
    #[error("it can't be read as a worklog")]
    Unreadable,
    /// The entry can't be added to the front matter.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The worklog would then have something wrong with it that it has not now.
    #[error("{0}")]
    Wrong(String),
    /// The section would be something else than the entry's text, or change what others say.
    #[error("the text would not stay in the section of its entry")]
    BreaksOut,
}

/// The text of a worklog with one entry more, and the entry's id, made of its title.
///
/// # Errors
/// When it would not be just that.
pub fn with_entry(text: &str, wanted: &Wanted, config: &Config) -> Result<(EntryId, String), NotProposed> {
    let read = |text: &str| match worklog::parse(text, &config.labels.vocabulary) {
        Parsed::Worklog(worklog, found) => {
            Some((worklog, found.into_iter().map(|found| found.message).collect::<Vec<_>>()))
        }
        _ => None,
    };
    let (before, known) = read(text).ok_or(NotProposed::Unreadable)?;
    let is_right = |found: Vec<String>| match found.into_iter().find(|message| !known.contains(message)) {
        Some(message) => Err(NotProposed::Wrong(message)),
        None => Ok(()),
    };
    let wish = slug(&wanted.title).unwrap_or_else(|| "entry".to_owned());
    let id = free_id(&wish, |id| before.entry(id).is_some() || before.bases().contains_key(id))
        .ok_or(NotProposed::Unreadable)?;
    let mut entry = Entry::new(id.clone(), wanted.title.clone());
    entry.severity = wanted.severity;
    entry.labels = Some(wanted.labels.clone()).filter(|labels| !labels.is_empty());
    entry.tests.clone_from(&wanted.tests);
    let added = worklog::add_entry(&before, &entry)?;
    let (between, found) = read(&added).ok_or(NotProposed::BreaksOut)?;
    is_right(found)?;
    let prose = wanted.text.trim();
    if prose.is_empty() {
        return Ok((id, added));
    }
    if !ends(prose) {
        return Err(NotProposed::BreaksOut);
    }
    let after = with_section(&between, &entry, prose);
    let (read, found) = read(&after).ok_or(NotProposed::BreaksOut)?;
    let same = |text: Option<String>| text.map(|text| text.replace("\r\n", "\n"));
    let others = before.entries().iter().all(|other| before.prose(&other.id) == read.prose(&other.id));
    let is_meant = others
        && read.header() == between.header()
        && read.entries() == between.entries()
        && read.bases() == between.bases()
        && same(read.prose(&id)).as_deref() == Some(prose);
    if !is_meant {
        return Err(NotProposed::BreaksOut);
    }
    is_right(found).map(|()| (id, after))
}

/// The worklog with a section for the entry at the end of its body.
fn with_section(worklog: &Worklog, entry: &Entry, prose: &str) -> String {
    let (text, end) = (worklog.text(), worklog.body_end());
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (body, rest) = text.split_at(end);
    let gap = match body.trim_end_matches(['\r', '\n']).len() {
        at if body[at..].matches('\n').count() >= 2 => "",
        at if at < body.len() => "\n",
        _ => "\n\n",
    };
    let id = &entry.id;
    let heading = heading(&entry.title);
    let below = if rest.is_empty() { "" } else { "\n" };
    let section = format!("{gap}## {heading}\n<!-- gardener:entry {id} -->\n\n{prose}\n{below}");
    format!("{body}{}{rest}", section.replace('\n', ending))
}

/// Whether what is written behind it is not taken for a part of it: a comment, a fence or a tag that is
/// never closed would take the next section with it.
fn ends(prose: &str) -> bool {
    let probe = format!("{prose}\n\n# end\n");
    let at = probe.len() - "# end\n".len();
    let options = Options::ENABLE_GFM | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    Parser::new_ext(&probe, options)
        .into_offset_iter()
        .any(|(event, span)| matches!(event, Event::Start(Tag::Heading { .. })) && span.start == at)
}

/// A title as plain words of a heading.
fn heading(title: &str) -> String {
    let mut heading = String::new();
    for c in title.chars() {
        if "\\`*_{}[]<>#|~&@!".contains(c) {
            heading.push('\\');
        }
        heading.push(c);
    }
    heading
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\ngardener: 1\nid: w\nentries:\n  - id: a\n    title: t\n---\n\n# Words\n\n## A\n\
                        <!-- gardener:entry a -->\n\nOf a.\n";
    const BASE: &str =
        "\n<!-- gardener:base 1\na {\"issue\":\"acme/app#1\",\"seen\":\"2026-03-01T12:00:00Z\"}\n-\n-->\n";

    fn wanted(title: &str, text: &str) -> Wanted {
        Wanted { title: title.to_owned(), text: text.to_owned(), ..Wanted::default() }
    }

    #[test]
    fn it_stands_at_the_end_of_body_and_list_and_nothing_else_moves() {
        for (base, ending) in [("", "\n"), (BASE, "\n"), ("", "\r\n"), (BASE, "\r\n")] {
            let text = format!("{TEXT}{base}").replace('\n', ending);
            let mut wanted = wanted("Build `x` fails: <b>", "It is\n\n### how\n\n```\n# code\n```");
            wanted.tests = vec!["t.py::a".to_owned()];
            let (id, after) = with_entry(&text, &wanted, &Config::default()).expect("an entry");
            assert_eq!(id.as_str(), "build-x-fails-b");
            let item = "    title: t\n  - id: build-x-fails-b\n    title: \"Build `x` fails: <b>\"\n    tests:\n      \
                        - \"t.py::a\"\n---\n";
            let section = "\n## Build \\`x\\` fails: \\<b\\>\n<!-- gardener:entry build-x-fails-b -->\n\nIt is\n\n### \
                           how\n\n```\n# code\n```\n";
            let body = TEXT.replace("    title: t\n---\n", item);
            let gap = if base.is_empty() { "" } else { "\n" };
            let base = base.trim_start_matches('\n');
            let expected = match gap {
                "" => format!("{body}{section}"),
                _ => format!("{body}{section}{gap}{base}"),
            };
            assert_eq!(after, expected.replace('\n', ending));
        }
    }

    #[test]
    fn a_text_that_breaks_out_is_refused() {
        for text in [
            "# Another heading",
            "x\n\n## Same level",
            "<!-- gardener:entry a -->",
            "<!-- never closed",
            "```\nnever closed",
            "<pre>\n\nnever closed",
            "x\n<!-- gardener:base 1\na {}\n-\n-->",
            "<<<<<<< a\n=======\n>>>>>>> b",
        ] {
            let text = with_entry(TEXT, &wanted("New", text), &Config::default());
            assert!(text.is_err(), "{text:?}");
        }
        assert!(with_entry("# no worklog\n", &wanted("New", ""), &Config::default()).is_err());
    }

    #[test]
    fn names_are_free() {
        let (id, after) = with_entry(TEXT, &wanted("A", ""), &Config::default()).expect("an entry");
        assert_eq!(id.as_str(), "a-2");
        assert!(
            with_entry(&after, &wanted("!!", ""), &Config::default())
                .is_ok_and(|(id, _)| id.as_str() == "entry")
        );
    }
}
