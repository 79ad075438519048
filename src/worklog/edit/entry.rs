//! Adding an entry to a worklog: the list of entries gets one item at its end, and no other byte
//! of the file changes.
//!
//! Only what links an entry to its issue can be given; what people say of it is theirs to write. A
//! list in flow style that has items, and front matter in braces, are left to a person.

use crate::model::{Entry, Label};
use crate::worklog::edit::items::behind_last;
use crate::worklog::edit::splice::{self, Splice};
use crate::worklog::edit::{EditError, joined, same_prose};
use crate::worklog::lines::{ending, next_line};
use crate::worklog::scalar::{self, yaml_text};
use crate::worklog::tree::{Kind, Node, Pair, Style, before_on_line};
use crate::worklog::{MAX_FILE, MAX_FRONT_MATTER, Parsed, Worklog, parse};

/// The text of `worklog` with one more entry: its id, title, severity, status, issue, labels and tests.
/// Whatever else `entry` has is not written.
///
/// # Errors
/// When the id is taken, the list is written in a way that can't be added to, or the worklog would
/// become too large. Nothing is changed then.
pub fn add_entry(worklog: &Worklog, entry: &Entry) -> Result<String, EditError> {
    let refused = || EditError::Unsafe { entry: entry.id.clone(), key: "entries" };
    if worklog.entry(&entry.id).is_some() || worklog.tree.root.flow {
        return Err(refused());
    }
    let front = &worklog.text[worklog.regions.front.clone()];
    let splices = match worklog.tree.root.get("entries") {
        None => at_the_end(front, entry),
        Some(pair) => into(front, pair, entry).ok_or_else(refused)?,
    };
    let front = splice::apply(front, splices).ok_or_else(refused)?;
    let text = joined(worklog, &front, None);
    if text.len() > MAX_FILE || front.len() > MAX_FRONT_MATTER {
        return Err(EditError::TooLarge);
    }
    match parse(&text, &worklog.vocabulary) {
        Parsed::Worklog(read, _) if is_meant(worklog, &read, entry) => Ok(text),
        _ => Err(refused()),
    }
}

/// Whether `new` is `old` with this entry behind its own, and nothing else.
fn is_meant(old: &Worklog, new: &Worklog, entry: &Entry) -> bool {
    let mut written = Entry::new(entry.id.clone(), entry.title.clone());
    written.severity = entry.severity;
    written.status = entry.status.clone();
    written.issue = entry.issue.clone();
    written.labels = entry.labels.clone().filter(|labels| !labels.is_empty());
    written.tests.clone_from(&entry.tests);
    let comments = |worklog: &Worklog| -> Vec<String> {
        worklog.tree.comments.iter().map(|(_, comment)| comment.to_string()).collect()
    };
    old.entries().iter().chain([&written]).eq(new.entries())
        && old.header() == new.header()
        && old.bases == new.bases
        && comments(old) == comments(new)
        && same_prose(old, new)
}

/// The lines of the item, the first without its dash.
fn lines(entry: &Entry) -> Vec<String> {
    let mut lines = vec![
        format!("id: {}", scalar::text(entry.id.as_str()).text),
        format!("title: {}", yaml_text(&entry.title)),
    ];
    lines.extend(entry.severity.map(|severity| format!("severity: {}", severity.word())));
    lines.extend(entry.status.as_ref().map(|status| format!("status: {}", scalar::text(status.word()).text)));
    lines.extend(entry.issue.as_ref().map(|issue| format!("issue: {}", scalar::issue(issue, None).text)));
    let names = |labels: &Vec<Label>| {
        let names: Vec<_> = labels.iter().map(|label| scalar::text(label.name()).text).collect();
        format!("labels: [{}]", names.join(", "))
    };
    lines.extend(entry.labels.as_ref().filter(|labels| !labels.is_empty()).map(names));
    if !entry.tests.is_empty() {
        lines.push("tests:".to_owned());
        lines.extend(entry.tests.iter().map(|test| format!("  - {}", yaml_text(test))));
    }
    lines
}

/// The lines as one item whose keys stand in `column`.
fn item(entry: &Entry, column: usize, ending: &str) -> String {
    lines(entry).join(&format!("{ending}{}", " ".repeat(column)))
}

fn into(front: &str, pair: &Pair, entry: &Entry) -> Option<Vec<Splice>> {
    match &pair.value.kind {
        Kind::List(list) if !list.flow => {
            let (last, dash) = list.items.last().zip(list.dashes.last())?;
            let column = key_column(front, last, *dash);
            Some(behind_last(front, list, &item(entry, column, ending(front, *dash))))
        }
        Kind::List(list) if list.items.is_empty() => {
            let mut splices = vec![Splice::delete(pair.colon.unwrap_or(list.span.start)..list.span.end)];
            splices.extend(below(front, pair, entry));
            Some(splices)
        }
        Kind::Scalar(Style::Empty, _) if pair.value.span.is_empty() => Some(below(front, pair, entry)),
        _ => None,
    }
}

/// Where the keys of an item stand: as those of the last one, where it begins beside its dash.
fn key_column(front: &str, last: &Node, dash: usize) -> usize {
    let column = before_on_line(front, dash).chars().count();
    let gap = front.get(dash + 1..last.span.start).unwrap_or(" ");
    let beside = !gap.is_empty() && gap.trim_matches(' ').is_empty();
    column + 1 + if beside { gap.len() } else { 1 }
}

fn below(front: &str, pair: &Pair, entry: &Entry) -> Vec<Splice> {
    let ending = ending(front, pair.key_span.end);
    let at = next_line(front, pair.key_span.end);
    vec![Splice::insert(at, format!("  - {}{ending}", item(entry, 4, ending)))]
}

fn at_the_end(front: &str, entry: &Entry) -> Vec<Splice> {
    let ending = ending(front, 0);
    vec![Splice::insert(front.len(), format!("entries:{ending}  - {}{ending}", item(entry, 4, ending)))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryId, IssueRef, Severity, Status, Vocabulary};

    fn entry() -> Entry {
        let mut entry = Entry::new(EntryId::new("new-one").expect("an id"), "No: it's \"odd\" #1".to_owned());
        entry.severity = Some(Severity::P1);
        entry.status = Some(Status::Open);
        entry.issue = Some(IssueRef::here(12));
        entry.labels = Some(["bug", "needs: work"].map(|name| Label::new(name).expect("a label")).to_vec());
        entry.tests = ["a.py::b[\"c\"]", "- d: e"].map(str::to_owned).to_vec();
        entry
    }

    fn added(entries: &str) -> Result<String, EditError> {
        let text = format!("---\ngardener: 1\nid: w\n{entries}---\n\n# Words\n\n- id: x\n");
        let mut results = ["\n", "\r\n"].map(|ending| {
            let text = text.replace('\n', ending);
            let Parsed::Worklog(worklog, _) = parse(&text, &Vocabulary::default()) else {
                panic!("{text}");
            };
            let after = add_entry(&worklog, &entry())?;
            let after = after.replace("\r\n", "\n");
            let front = after.strip_prefix("---\ngardener: 1\nid: w\n").expect("the same");
            Ok(front.strip_suffix("---\n\n# Words\n\n- id: x\n").expect("the same").to_owned())
        });
        assert_eq!(results[0], results[1]);
        std::mem::replace(&mut results[0], Ok(String::new()))
    }

    const LINES: [&str; 9] = [
        "id: new-one",
        "title: \"No: it's \\\"odd\\\" #1\"",
        "severity: P1",
        "status: open",
        "issue: 12",
        "labels: [bug, \"needs: work\"]",
        "tests:",
        "  - \"a.py::b[\\\"c\\\"]\"",
        "  - \"- d: e\"",
    ];

    #[test]
    fn it_stands_behind_the_last_as_the_last_stands() {
        let new = |dash: &str, keys: &str| format!("{dash}{}\n", LINES.join(&format!("\n{keys}")));
        for (before, after, dash, keys) in [
            ("entries:\n  - id: a # one\n    title: t\n", "", "  - ", "    "),
            ("entries:\n- id: a\n  title: t\n", "", "- ", "  "),
            ("entries:\n    -   id: a\n        title: t\n", "z: 1\n", "    -   ", "        "),
            ("entries:\n  -\n    id: a\n    title: t\n", "# end\n", "  - ", "    "),
            ("entries:\n  - {id: a, title: t} # c\n", "", "  - ", "    "),
            ("entries:\n", "z: 1\n", "  - ", "    "),
            ("entries:   # none yet\n", "", "  - ", "    "),
        ] {
            let expect = format!("{before}{}{after}", new(dash, keys));
            assert_eq!(added(&format!("{before}{after}")), Ok(expect), "{before}");
        }
        assert_eq!(added("entries: [] # c\n"), Ok(format!("entries: # c\n{}", new("  - ", "    "))));
        assert_eq!(added("z: 1\n"), Ok(format!("z: 1\nentries:\n{}", new("  - ", "    "))));
    }

    #[test]
    fn what_cannot_be_added_to_is_left() {
        for entries in ["entries: [{id: a, title: t}]\n", "entries:\n  - id: new-one\n    title: t\n"] {
            assert!(matches!(added(entries), Err(EditError::Unsafe { .. })), "{entries}");
        }
    }
}
