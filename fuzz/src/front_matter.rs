//! A worklog's text is read without harm, and an edit of it changes what it is about and no
//! other byte, or is refused.

use gardener::model::{Base, Candidate, Entry, EntryId, Issue, IssueRef, Severity, Timestamp, Vocabulary};
use gardener::worklog::{Diagnostic, Edit, EditError, Level, Parsed, Worklog, committed_text, edit, parse};

use super::tape::Tape;

/// A text, a null byte, and choices of edits.
pub fn holds(data: &[u8]) {
    let (text, mut tape) = Tape::split(data);
    let Some(mut worklog) = read(&text) else { return };
    assert_eq!(edit(&worklog, &[]).as_deref(), Ok(text.as_str()));
    for _ in 0..8 {
        if tape.is_empty() || worklog.entries().is_empty() {
            break;
        }
        let edit = any(&mut tape, worklog.entries());
        worklog = changed(worklog, &edit);
    }
}

/// The worklog that a text is, if it is one.
fn read(text: &str) -> Option<Worklog> {
    let parsed = parse(text, &Vocabulary::default());
    let is_error = |d: &Diagnostic| d.level == Level::Error;
    match parsed {
        Parsed::NotAWorklog(why) => {
            assert!(!why.is_empty());
            None
        }
        Parsed::Broken(found) => {
            assert!(found.iter().any(is_error), "broken without an error");
            judge(text, &found);
            None
        }
        Parsed::Worklog(worklog, found) => {
            assert!(!found.iter().any(is_error), "{found:?}");
            assert_eq!(worklog.text(), text);
            judge(text, &found);
            for (at, entry) in worklog.entries().iter().enumerate() {
                let twin = worklog.entries()[..at].iter().any(|other| other.id == entry.id);
                assert!(!twin, "two entries {}", entry.id);
                assert!(worklog.place(&entry.id).is_some_and(|place| text.get(place).is_some()));
                let section = worklog.section(&entry.id);
                assert_eq!(section.is_some(), worklog.prose(&entry.id).is_some());
                assert!(section.is_none_or(|section| text.contains(section)));
            }
            Some(*worklog)
        }
    }
}

/// Diagnostics point into the text, and say what to do.
fn judge(text: &str, found: &[Diagnostic]) {
    for diagnostic in found {
        assert!(text.get(diagnostic.span.clone()).is_some(), "{diagnostic:?} is not in the text");
        assert!(diagnostic.also.iter().all(|(span, _)| text.get(span.clone()).is_some()), "{diagnostic:?}");
        assert!(!diagnostic.message.is_empty() && !diagnostic.help.is_empty(), "{diagnostic:?}");
        let (line, column) = diagnostic.position(text);
        assert!(line > 0 && column > 0, "{diagnostic:?}");
    }
}

fn any(tape: &mut Tape<'_>, entries: &[Entry]) -> Edit {
    let there = &entries[tape.below(entries.len())];
    let entry = there.id.clone();
    let issues = ["#7", "acme/other#8", "acme/app#1021"].map(|i| IssueRef::parse(i).expect("an issue"));
    match tape.below(12) {
        0 => {
            let words = Vocabulary::default();
            let word = tape.pick(&words.words());
            Edit::SetStatus { entry, to: words.status(word).expect("its own word") }
        }
        1 => Edit::SetSeverity { entry, to: Severity::ALL.get(tape.below(5)).copied() },
        2 => Edit::SetIssue { entry, to: tape.pick(&issues) },
        3 => Edit::AddLabel { entry, label: tape.label() },
        4 => {
            let at = tape.below(4);
            let label = there.labels.iter().flatten().nth(at).cloned();
            Edit::RemoveLabel { entry, label: label.unwrap_or_else(|| tape.label()) }
        }
        5 => Edit::AddLink { entry, link: tape.link() },
        6 => {
            let at = tape.below(4);
            let link = there.links.iter().flatten().nth(at).cloned();
            Edit::RemoveLink { entry, link: link.unwrap_or_else(|| tape.link()) }
        }
        7 => Edit::AddPassed { entry, commit: format!("{:07x}", tape.byte()) },
        8 => Edit::SetFlaky { entry },
        9 => {
            let candidate = |tape: &mut Tape<'_>| Candidate {
                issue: tape.pick(&issues),
                score: Some(tape.byte() % 101),
                reason: (tape.byte() & 1 == 0).then(|| tape.label().to_string()),
            };
            let to = (0..tape.below(4)).map(|_| candidate(tape)).collect();
            Edit::SetCandidates { entry, to: (tape.byte() & 3 != 0).then_some(to) }
        }
        10 => Edit::SetReason { entry, to: (tape.byte() & 3 != 0).then(|| tape.label().to_string()) },
        _ => {
            let issue = tape.pick(&issues);
            let severity = Some(Severity::ALL.get(tape.below(5)).copied());
            let labels = Some((0..tape.below(3)).map(|_| tape.label()).collect());
            let links = Some((0..tape.below(3)).map(|_| tape.link()).collect());
            let agreed = Issue { status: None, severity, labels, links };
            let seen = Timestamp::from_second(i64::from(tape.byte()));
            let to = (tape.byte() & 3 != 0).then_some(Base { issue, agreed, seen });
            Edit::SetBase { entry, to }
        }
    }
}

/// What the entry says after the edit.
fn meant(entries: &[Entry], edit: &Edit) -> Vec<Entry> {
    let mut entries = entries.to_vec();
    let entry = entries.iter_mut().find(|e| e.id == *edit.entry()).expect("it was picked from them");
    match edit.clone() {
        Edit::SetStatus { to, .. } => entry.status = Some(to),
        Edit::SetSeverity { to, .. } => entry.severity = to,
        Edit::SetIssue { to, .. } => entry.issue = Some(to),
        Edit::AddLabel { label, .. } => {
            if !entry.labels.iter().flatten().any(|l| *l == label) {
                entry.labels.get_or_insert_default().push(label);
            }
        }
        Edit::RemoveLabel { label, .. } => entry.labels.iter_mut().for_each(|l| l.retain(|l| *l != label)),
        Edit::AddLink { link, .. } => {
            if !entry.links.iter().flatten().any(|l| *l == link) {
                entry.links.get_or_insert_default().push(link);
            }
        }
        Edit::RemoveLink { link, .. } => entry.links.iter_mut().for_each(|l| l.retain(|l| *l != link)),
        Edit::AddPassed { commit, .. } => {
            if !entry.passed_at.contains(&commit) {
                entry.passed_at.push(commit);
            }
        }
        Edit::SetFlaky { .. } => entry.flaky = true,
        Edit::SetCandidates { to, .. } => entry.candidates = to,
        Edit::SetReason { to, .. } => entry.reason = to,
        Edit::SetBase { .. } => {}
    }
    entries
}

/// The worklog after an edit, which is judged; the same one where it was refused.
fn changed(worklog: Worklog, made: &Edit) -> Worklog {
    let old = worklog.text();
    let new = match edit(&worklog, std::slice::from_ref(made)) {
        Ok(new) => new,
        Err(EditError::NoEntry(id)) => panic!("there is an entry {id}\n{old}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return worklog;
        }
    };
    let again = read(&new).unwrap_or_else(|| panic!("{made:?} left no worklog:\n{new}"));
    assert_eq!(again.entries(), meant(worklog.entries(), made), "{made:?}\n{new}");
    let mut bases = worklog.bases().clone();
    match made {
        Edit::SetBase { entry, to: Some(base) } => drop(bases.insert(entry.clone(), base.clone())),
        Edit::SetBase { entry, to: None } => drop(bases.remove(entry)),
        _ => {
            let place = worklog.place(made.entry()).expect("it is there");
            assert!(new.starts_with(&old[..place.start]), "{made:?} changed what is above\n{old}\n=>\n{new}");
            assert!(new.ends_with(&old[place.end..]), "{made:?} changed what is below\n{old}\n=>\n{new}");
            assert_eq!(committed_text(Some(old), &new).as_deref(), Ok(new.as_str()), "{made:?}");
        }
    }
    assert_eq!(again.bases(), &bases, "{made:?}\n{new}");
    if made.key() == "base" {
        assert_eq!(at(&again, made.entry()), at(&worklog, made.entry()), "{made:?}");
    }
    for other in worklog.entries().iter().filter(|e| e.id != *made.entry()) {
        assert_eq!(at(&again, &other.id), at(&worklog, &other.id), "{made:?} changed {}", other.id);
    }
    let twice = edit(&again, std::slice::from_ref(made));
    assert_eq!(twice.as_deref(), Ok(new.as_str()), "{made:?} a second time");
    assert_eq!(committed_text(None, &new).as_deref(), Ok(new.as_str()));
    assert_eq!(committed_text(Some(&new), &new).as_deref(), Ok(new.as_str()));
    again
}

/// The bytes of an entry.
fn at<'w>(worklog: &'w Worklog, id: &EntryId) -> &'w str {
    &worklog.text()[worklog.place(id).expect("it is there")]
}
