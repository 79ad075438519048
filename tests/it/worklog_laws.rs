//! Laws of worklog files that hold for any file and any edit.
//!
//! What an edit did is judged here without the editor's own means: by comparing lines, and
//! by what the writer of the file knows it says. `GARDENER_CASES` sets how many cases each
//! law tries (300), `GARDENER_SEED` tries others; `--nocapture` shows what was tried.
#![expect(clippy::disallowed_methods, reason = "a campaign reads its size from the environment")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use gardener::model::{Base, Candidate, Entry, EntryId, IssueRef, Severity, Vocabulary};
use gardener::worklog::{Edit, Parsed, Worklog, add_entry, base_block, committed_text, edit, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

mod writer;
mod written;
use written::{ISSUES, LABELS, LINKS, Owner, Said, Tape, Written, label, link, status, written};

type Outcome = Result<(), TestCaseError>;

/// Tries `law` on many tapes and says what they were like.
fn holds<S: Strategy>(
    name: &str,
    strategy: S,
    law: impl Fn(S::Value, &mut BTreeSet<&'static str>) -> Outcome,
) {
    let number = |key: &str| std::env::var(key).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("GARDENER_CASES").unwrap_or(300);
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&number("GARDENER_SEED").unwrap_or(1).to_le_bytes());
    let config = Config {
        cases: u32::try_from(cases).unwrap_or(u32::MAX),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let seen: RefCell<BTreeMap<&str, u64>> = RefCell::default();
    let result = runner.run(&strategy, |input| {
        let mut shape = BTreeSet::new();
        let outcome = law(input, &mut shape);
        for word in shape {
            *seen.borrow_mut().entry(word).or_default() += 1;
        }
        outcome
    });
    let percent = |count: u64| (count * 1000 / cases.max(1)) as f64 / 10.0;
    let seen: Vec<String> = seen.take().iter().map(|(w, n)| format!("{w} {}%", percent(*n))).collect();
    report(&format!("{name}: {cases} cases; {}", seen.join(", ")));
    match result {
        Ok(()) => {}
        // The reason shows the plainest worklog that breaks the law; its tape says nothing.
        Err(TestError::Fail(reason, _)) => panic!("{name}: {reason}"),
        Err(TestError::Abort(reason)) => panic!("{name}: {reason}"),
    }
}

#[expect(clippy::print_stdout, reason = "a campaign says what it tried")]
fn report(line: &str) {
    println!("{line}");
}

fn tape() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..600)
}

fn read(text: &str) -> Result<Worklog, TestCaseError> {
    match parse(text, &Vocabulary::default()) {
        Parsed::Worklog(worklog, _) => Ok(*worklog),
        other => Err(TestCaseError::fail(format!("{other:#?}\n{text}"))),
    }
}

/// What a worklog says, as text that can be compared.
fn says(said: &Said) -> String {
    let Said {
        id, title, severity, status, issue, labels, links, passed_at, flaky, candidates, reason, ..
    } = said;
    format!(
        "{id} {title:?} {severity:?} {status:?} {issue:?} {labels:?} {links:?} {passed_at:?} {flaky} \
         {candidates:?} {reason:?}"
    )
}

fn reads(worklog: &Worklog) -> Vec<String> {
    let said = |entry: &gardener::model::Entry| {
        let gardener::model::Entry {
            id,
            title,
            severity,
            status,
            issue,
            labels,
            links,
            passed_at,
            flaky,
            candidates,
            reason,
            ..
        } = entry;
        format!(
            "{id} {title:?} {severity:?} {status:?} {issue:?} {labels:?} {links:?} {passed_at:?} {flaky} \
             {candidates:?} {reason:?}"
        )
    };
    worklog.entries().iter().map(said).collect()
}

/// An edit of one of the entries.
fn any_edit(tape: &mut Tape<'_>, entries: &[Said]) -> (usize, Edit) {
    let at = tape.below(entries.len());
    let said = &entries[at];
    let entry = said.id.clone();
    let known = tape.chance(60);
    let edit = match tape.below(12) {
        0 => Edit::SetStatus { entry, to: status(tape) },
        1 => Edit::SetSeverity { entry, to: (!tape.chance(40)).then(|| tape.pick(&Severity::ALL)) },
        2 => Edit::SetIssue { entry, to: IssueRef::parse(tape.pick(&ISSUES)).expect("an issue") },
        3 => Edit::AddLabel { entry, label: label(tape.pick(&LABELS)) },
        4 => {
            let there = said.labels.clone().filter(|labels| known && !labels.is_empty());
            let label = tape.pick(&there.unwrap_or_else(|| LABELS.map(label).to_vec()));
            Edit::RemoveLabel { entry, label }
        }
        5 => Edit::AddLink { entry, link: link(tape.pick(&LINKS)) },
        6 => {
            let there = said.links.clone().filter(|links| known && !links.is_empty());
            let link = tape.pick(&there.unwrap_or_else(|| LINKS.map(link).to_vec()));
            Edit::RemoveLink { entry, link }
        }
        7 => Edit::AddPassed { entry, commit: tape.pick(&["0123456789", "1e5", "abcdef"]).to_owned() },
        8 => Edit::SetFlaky { entry },
        9 => Edit::SetCandidates { entry, to: (!tape.chance(30)).then(|| candidates(tape)) },
        10 => Edit::SetReason {
            entry,
            to: (!tape.chance(30)).then(|| tape.pick(&["same error", "it's #7: \"x\"", "yes"]).to_owned()),
        },
        _ => Edit::SetBase { entry, to: tape.chance(70).then(|| written::base(tape)) },
    };
    (at, edit)
}

fn candidates(tape: &mut Tape<'_>) -> Vec<Candidate> {
    let candidate = |tape: &mut Tape<'_>| Candidate {
        issue: IssueRef::parse(tape.pick(&ISSUES)).expect("an issue"),
        score: tape.chance(80).then(|| tape.pick(&[0, 7, 50, 100])),
        reason: tape.chance(80).then(|| tape.pick(&["same test", "a: \"b\" # c", "1e3"]).to_owned()),
    };
    (0..tape.below(4)).map(|_| candidate(tape)).collect()
}

/// What an edit makes of what the worklog says; whether it makes a difference.
fn apply(said: &mut Said, bases: &mut BTreeMap<EntryId, Base>, edit: &Edit) -> bool {
    let (before, bases_before) = (says(said), bases.clone());
    match edit {
        Edit::SetStatus { to, .. } => said.status = Some(to.clone()),
        Edit::SetSeverity { to, .. } => said.severity = *to,
        Edit::SetIssue { to, .. } if said.issue.as_ref() == Some(to) => {}
        Edit::SetIssue { to, .. } => said.issue = Some(to.clone()),
        Edit::AddLabel { label, .. } if said.labels.iter().flatten().any(|l| l == label) => {}
        Edit::AddLabel { label, .. } => said.labels.get_or_insert_default().push(label.clone()),
        Edit::RemoveLabel { label, .. } => {
            said.labels.iter_mut().for_each(|list| list.retain(|l| l != label))
        }
        Edit::AddLink { link, .. } if said.links.iter().flatten().any(|l| l == link) => {}
        Edit::AddLink { link, .. } => said.links.get_or_insert_default().push(link.clone()),
        Edit::RemoveLink { link, .. } => said.links.iter_mut().for_each(|list| list.retain(|l| l != link)),
        Edit::AddPassed { commit, .. } if said.passed_at.contains(commit) => {}
        Edit::AddPassed { commit, .. } => said.passed_at.push(commit.clone()),
        Edit::SetFlaky { .. } => said.flaky = true,
        Edit::SetCandidates { to, .. } => said.candidates = to.clone(),
        Edit::SetReason { to, .. } => said.reason = to.clone(),
        Edit::SetBase { entry, to: Some(base) } => drop(bases.insert(entry.clone(), base.clone())),
        Edit::SetBase { entry, to: None } => drop(bases.remove(entry)),
    }
    before != says(said) || bases_before != *bases
}

/// The edits that made a difference, by entry.
type Made = Vec<(usize, Edit)>;

/// Whether a line or comment of `owner` may be another one after these edits.
fn may_change(owner: &Owner, said: &Said, made: &Made) -> bool {
    made.iter().any(|(entry, edit)| {
        let removed = match edit {
            Edit::RemoveLabel { label, .. } => Some(label.folded().to_owned()),
            Edit::RemoveLink { link, .. } => Some(link.to_string().to_lowercase()),
            _ => None,
        };
        // If an entry's first key goes, the second takes its place behind the dash.
        let second = removes_a_key(edit)
            && said.order.first() == Some(&"severity")
            && said.order.get(1) == Some(&owner.key);
        let whole = owner.item.is_none() || owner.item == removed;
        *entry == owner.entry && (owner.key == "*" || second || (owner.key == edit.key() && whole))
    })
}

fn removes_a_key(edit: &Edit) -> bool {
    // Candidates that become others are taken out first.
    matches!(
        edit,
        Edit::SetSeverity { to: None, .. } | Edit::SetReason { to: None, .. } | Edit::SetCandidates { .. }
    )
}

/// Front matter, base block and the rest of the body, found without the product's code.
fn parts(text: &str) -> (String, String, String) {
    let mut fences = 0;
    let front = text.split_inclusive('\n').take_while(|line| {
        let done = fences == 2;
        fences += usize::from(line.trim_start_matches('\u{feff}').trim_end() == "---");
        !done
    });
    let front: String = front.collect();
    let body = &text[front.len()..];
    let at = body.rfind("<!-- gardener:base 1").filter(|at| !body[*at..].contains("```"));
    let Some(at) = at.filter(|at| *at == 0 || body[..*at].ends_with('\n')) else {
        return (front, String::new(), body.to_owned());
    };
    let end = at + body[at..].find("-->").map_or(body.len() - at, |end| end + 3);
    (front, body[at..end].to_owned(), format!("{}\u{0}{}", &body[..at], &body[end..]))
}

/// A body without its base block and the blank lines around it.
fn prose(rest: &str) -> Vec<String> {
    rest.replace('\u{0}', "").lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

fn check_edit(log: &Written, made: &Made, new: &str) -> Outcome {
    let (old_front, old_base, old_rest) = parts(&log.text);
    let (front, base, rest) = parts(new);
    let bases_changed = made.iter().any(|(_, edit)| edit.key() == "base");
    if made.iter().all(|(_, edit)| edit.key() == "base") {
        prop_assert_eq!(front.trim_end(), old_front.trim_end());
    }
    if bases_changed {
        prop_assert_eq!(prose(&rest), prose(&old_rest));
    } else {
        prop_assert_eq!((&base, &rest), (&old_base, &old_rest));
    }
    if !log.mixed {
        prop_assert_eq!(new.matches('\n').count(), new.matches(log.ending).count(), "{}", new);
    }
    prop_assert_eq!(log.text.starts_with('\u{feff}'), new.starts_with('\u{feff}'));
    // Every line that no edit is about is there, in order and byte for byte.
    let mut found = front.split_inclusive('\n');
    let mut touched = 0;
    for (at, line) in old_front.split_inclusive('\n').enumerate() {
        let owner = at.checked_sub(1).and_then(|at| log.lines.get(at)).and_then(|line| line.owner.as_ref());
        if owner.is_some_and(|owner| may_change(owner, &log.entries[owner.entry], made)) {
            touched += 1;
        } else if line.trim().is_empty() && made.iter().any(|(_, edit)| removes_a_key(edit)) {
            // Blank lines behind a removed key may have nothing to stand behind any more.
            touched += 1;
        } else {
            let same = |new: &str| new == line || (bases_changed && new.trim_end() == line.trim_end());
            prop_assert!(found.any(same), "lost line {}: {:?}\n{}", at + 1, line, new);
        }
    }
    let (before, after) = (old_front.lines().count(), front.lines().count());
    let more = |edit: &Edit| match edit {
        Edit::SetCandidates { to: Some(to), .. } => 1 + to.len(),
        _ => 2,
    };
    let more: usize = made.iter().map(|(_, edit)| more(edit)).sum();
    prop_assert!(after <= before + more && after + touched >= before, "{} to {} lines", before, after);
    for (comment, owner) in &log.comments {
        let removed = |owner: &Owner| {
            made.iter().any(|(entry, edit)| {
                let item = match edit {
                    Edit::RemoveLabel { label, .. } => Some(label.folded().to_owned()),
                    Edit::RemoveLink { link, .. } => Some(link.to_string().to_lowercase()),
                    Edit::SetSeverity { to: None, .. } => None,
                    _ => return false,
                };
                *entry == owner.entry && owner.key == edit.key() && owner.item == item
            })
        };
        let times = new.matches(comment.as_str()).count();
        let gone = times == 0 && owner.as_ref().is_some_and(removed);
        prop_assert!(times == 1 || gone, "{} times {:?}\n{}", times, comment, new);
    }
    Ok(())
}

#[test]
fn a_worklog_says_what_was_written() {
    holds("reading", tape(), |tape, shape| {
        let log = written(&mut Tape::new(&tape));
        shape.extend(&log.shape);
        let worklog = read(&log.text)?;
        prop_assert_eq!(reads(&worklog), log.entries.iter().map(says).collect::<Vec<_>>(), "{}", log.text);
        prop_assert_eq!(worklog.bases(), &log.bases, "{}", log.text);
        prop_assert_eq!(edit(&worklog, &[]), Ok(log.text));
        Ok(())
    });
}

#[test]
fn an_edit_changes_what_it_is_about_and_nothing_else() {
    holds("editing", tape(), |tape, shape| {
        let tape = &mut Tape::new(&tape);
        let edits = 1 + tape.below(3);
        let mut log = written(tape);
        let worklog = read(&log.text)?;
        let (mut made, mut all) = (Made::new(), Vec::new());
        let (mut expected, mut bases) = (log.entries.clone(), log.bases.clone());
        for _ in 0..edits {
            let (at, edit) = any_edit(tape, &log.entries);
            if apply(&mut expected[at], &mut bases, &edit) {
                made.push((at, edit.clone()));
            }
            all.push(edit);
        }
        let new =
            edit(&worklog, &all).map_err(|e| TestCaseError::fail(format!("{e}\n{all:?}\n{}", log.text)))?;
        if made.is_empty() {
            log.shape.insert("nothing to do");
            prop_assert_eq!(&new, &log.text);
        }
        shape.extend(&log.shape);
        let again = read(&new)?;
        prop_assert_eq!(reads(&again), expected.iter().map(says).collect::<Vec<_>>(), "{}", new);
        prop_assert_eq!(again.bases(), &bases, "{}", new);
        check_edit(&log, &made, &new).map_err(|e| TestCaseError::fail(format!("{e}\n{all:?}\n{}", log.text)))
    });
}

#[test]
fn an_entry_that_is_added_is_read_back_and_no_other_line_moves() {
    holds("an entry added", (tape(), "[ -~é\\u{1f600}]{1,40}"), |(tape, title), shape| {
        let log = written(&mut Tape::new(&tape));
        let worklog = read(&log.text)?;
        let id = EntryId::new("quite-new").expect("an id");
        prop_assume!(worklog.entry(&id).is_none());
        let mut entry = Entry::new(id, title.trim().to_owned());
        prop_assume!(!entry.title.is_empty());
        entry.severity = Some(Severity::P1);
        entry.status = Some(gardener::model::Status::Completed);
        entry.issue = Some(IssueRef::here(4711));
        let Ok(new) = add_entry(&worklog, &entry) else {
            shape.insert("refused");
            return Ok(());
        };
        shape.insert("added");
        let after = read(&new)?;
        prop_assert_eq!(&reads(&after)[..worklog.entries().len()], &reads(&worklog)[..]);
        prop_assert_eq!(after.entries().last(), Some(&entry));
        let key = |line: &str| line.trim().trim_start_matches("- ").to_owned();
        let mut lines = new.lines();
        let mut added = Vec::new();
        for line in log.text.lines() {
            // What is new stands in one place, between lines that are as they were.
            added.extend(lines.by_ref().take_while(|new| *new != line).map(key));
        }
        added.extend(lines.map(key));
        let is_list = log.text.lines().count() + 5 != new.lines().count();
        prop_assert!(is_list || added.len() == 5, "{:?}\n{}\n{}", added, log.text, new);
        Ok(())
    });
}

/// The edit that takes another one back, where there is one.
fn inverse(said: &Said, bases: &BTreeMap<EntryId, Base>, edit: &Edit) -> Option<Edit> {
    Some(match edit.clone() {
        Edit::SetStatus { entry, .. } => Edit::SetStatus { entry, to: said.status.clone()? },
        Edit::SetSeverity { entry, .. } => Edit::SetSeverity { entry, to: said.severity },
        Edit::SetIssue { entry, .. } => Edit::SetIssue { entry, to: said.issue.clone()? },
        Edit::AddLabel { entry, label } => Edit::RemoveLabel { entry, label },
        Edit::RemoveLabel { entry, label } => Edit::AddLabel { entry, label },
        Edit::AddLink { entry, link } => Edit::RemoveLink { entry, link },
        Edit::RemoveLink { entry, link } => Edit::AddLink { entry, link },
        // What was seen stays seen.
        Edit::AddPassed { .. } | Edit::SetFlaky { .. } => return None,
        Edit::SetCandidates { entry, .. } => Edit::SetCandidates { entry, to: said.candidates.clone() },
        Edit::SetReason { entry, .. } => Edit::SetReason { entry, to: said.reason.clone() },
        Edit::SetBase { entry, .. } => Edit::SetBase { to: bases.get(&entry).cloned(), entry },
    })
}

#[test]
fn an_edit_can_be_taken_back() {
    /// Without the order of lists, and with an empty list like none.
    fn loosely(worklog: &Worklog) -> Vec<String> {
        let mut entries = worklog.entries().to_vec();
        for entry in &mut entries {
            let labels: BTreeSet<_> = entry.labels.take().into_iter().flatten().collect();
            let links: BTreeSet<_> = entry.links.take().into_iter().flatten().collect();
            // Spelling is not compared: a label comes back as the edit spells it.
            entry.labels = Some(labels.iter().map(|l| label(l.folded())).collect());
            entry.links = Some(links.into_iter().collect());
        }
        entries.iter().map(|entry| format!("{entry:?}")).collect()
    }
    holds("taking back", tape(), |tape, shape| {
        let tape = &mut Tape::new(&tape);
        let log = written(tape);
        let worklog = read(&log.text)?;
        let edits = std::iter::repeat_with(|| {
            let (at, there) = any_edit(tape, &log.entries);
            let (mut said, mut bases) = (log.entries[at].clone(), log.bases.clone());
            let back = inverse(&said, &bases, &there)?;
            apply(&mut said, &mut bases, &there).then_some((there, back))
        });
        let Some((there, back)) = edits.take(6).flatten().next() else {
            shape.insert("nothing to take back");
            return Ok(());
        };
        shape.extend(&log.shape);
        let refused = |e| TestCaseError::fail(format!("{e}\n{there:?}\n{}", log.text));
        let new = read(&edit(&worklog, std::slice::from_ref(&there)).map_err(refused)?)?;
        let old = read(&edit(&new, &[back]).map_err(refused)?)?;
        prop_assert_eq!(loosely(&old), loosely(&worklog), "{}\n{}", log.text, old.text());
        prop_assert_eq!(old.bases(), worklog.bases());
        Ok(())
    });
}

#[test]
fn equal_bases_are_equal_bytes_and_are_read_again() {
    holds("base blocks", tape(), |tape, shape| {
        let tape = &mut Tape::new(&tape);
        let mut bases = BTreeMap::new();
        for at in 0..tape.below(6) {
            bases.insert(EntryId::new(&format!("e{at}")).expect("an id"), written::base(tape));
        }
        shape.insert(if bases.len() > 1 { "several lines" } else { "one line or none" });
        let block = base_block::render(&bases, "\n");
        prop_assert_eq!(base_block::render(&bases, "\r\n"), block.replace('\n', "\r\n"));
        prop_assert_eq!(block.matches("-->").count(), 1);
        let again = base_block::parse(&block, &Vocabulary::default());
        prop_assert_eq!(&again.found, &[]);
        prop_assert_eq!(&again.bases, &bases);
        prop_assert_eq!(base_block::render(&again.bases, "\n"), block.clone());
        // Lines of two clones in any order, and the same labels in another spelling.
        let mut lines: Vec<&str> = block.lines().filter(|line| line.starts_with('e')).collect();
        lines.reverse();
        let shuffled = format!("<!-- gardener:base 1\n{}\n-->", lines.join("\n").replace("bug", "BUG"));
        let shuffled = base_block::parse(&shuffled, &Vocabulary::default());
        prop_assert_eq!(base_block::render(&shuffled.bases, "\n"), block);
        Ok(())
    });
}

#[test]
fn a_commit_has_the_values_of_the_work_tree_and_the_prose_of_head() {
    holds("commits", (tape(), tape()), |(head, work), shape| {
        let (head, work) = (written(&mut Tape::new(&head)), written(&mut Tape::new(&work)));
        shape.extend(&work.shape);
        let text = committed_text(Some(&head.text), &work.text).expect("a worklog");
        let (old, new, made) = (parts(&head.text), parts(&work.text), parts(&text));
        prop_assert_eq!(made.0.trim_end(), new.0.trim_end(), "{}", text);
        prop_assert_eq!(&made.1, &new.1, "{}", text);
        prop_assert_eq!(prose(&made.2), prose(&old.2), "{}", text);
        if old.1.is_empty() == new.1.is_empty() && new.0.ends_with('\n') {
            prop_assert_eq!(&made.2, &old.2, "{}", text);
        }
        let made = read(&text)?;
        prop_assert_eq!(reads(&made), work.entries.iter().map(says).collect::<Vec<_>>());
        prop_assert_eq!(made.bases(), &work.bases);
        prop_assert_eq!(committed_text(Some(&text), &work.text), Ok(text), "twice is once");
        Ok(())
    });
}

/// Text that means something to a parser.
const TOKENS: [&str; 40] = [
    "---\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    ": ",
    "- ",
    "? ",
    "# ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "&a ",
    "*a",
    "!t ",
    "|\n",
    ">-\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "gardener: 1\n",
    "entries:\n",
    "id: a\n",
    "status: ",
    "<!-- gardener:base 1\n",
    "-->\n",
    "<!-- gardener:entry a -->",
    "```\n",
    "<<<<<<< x\n",
    "=======\n",
    ">>>>>>> x\n",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "🌱",
];

/// A worklog with a few accidents, or text that never was one.
fn damaged(tape: &mut Tape<'_>, wild: String) -> String {
    let mut text = if tape.chance(20) { wild } else { written(tape).text };
    for _ in 0..tape.below(6) {
        let mut place = |text: &str| {
            let mut at = tape.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (a, b) = (place(&text), place(&text));
        let (a, b) = (a.min(b), a.max(b));
        match tape.below(6) {
            0 => text.insert_str(a, tape.pick(&TOKENS)),
            1 => text.truncate(b),
            2 => text.replace_range(a..b, ""),
            3 => {
                let twice = text[a..b].to_owned();
                text.insert_str(b, &twice);
            }
            4 => drop((a < text.len()).then(|| text.remove(a))),
            _ => text.replace_range(a..a, tape.pick(&TOKENS)),
        }
    }
    text
}

#[test]
fn any_text_is_read_without_a_panic_and_kept() {
    holds("any text", (tape(), any::<String>()), |(tape, wild), shape| {
        let tape = &mut Tape::new(&tape);
        let text = damaged(tape, wild);
        let list = match parse(&text, &Vocabulary::default()) {
            Parsed::NotAWorklog(_) => {
                shape.insert("not a worklog");
                return Ok(());
            }
            Parsed::Broken(list) => {
                shape.insert("broken");
                list
            }
            Parsed::Worklog(worklog, list) => {
                shape.insert("a worklog");
                prop_assert_eq!(edit(&worklog, &[]), Ok(text.clone()));
                if let Some(entry) = worklog.entries().first() {
                    let entry = entry.id.clone();
                    let _ = (worklog.section(&entry), worklog.prose(&entry));
                    prop_assert!(worklog.place(&entry).is_some_and(|span| text.get(span).is_some()));
                    let edits = [
                        Edit::SetStatus { entry: entry.clone(), to: status(tape) },
                        Edit::AddLabel { entry: entry.clone(), label: label(tape.pick(&LABELS)) },
                        Edit::SetBase { entry: entry.clone(), to: Some(written::base(tape)) },
                    ];
                    match edit(&worklog, &edits) {
                        Ok(new) => {
                            let new = read(&new)?;
                            let bases = new.bases().len() - worklog.bases().len();
                            let others =
                                |log: &Worklog| format!("{:?} {:?}", log.header(), &log.entries()[1..]);
                            prop_assert_eq!(others(&new), others(&worklog));
                            prop_assert!(bases <= 1 && new.bases().contains_key(&entry), "{}", new.text());
                            let said =
                                new.entry(&entry).map(|entry| (&entry.title, &entry.tests, &entry.severity));
                            let old = worklog
                                .entry(&entry)
                                .map(|entry| (&entry.title, &entry.tests, &entry.severity));
                            prop_assert_eq!(said, old);
                        }
                        Err(_) => drop(shape.insert("an edit was refused")),
                    }
                }
                list
            }
        };
        for found in list {
            prop_assert!(text.get(found.span.clone()).is_some(), "{:?}\n{:?}", found, text);
            prop_assert!(found.also.iter().all(|(span, _)| text.get(span.clone()).is_some()), "{:?}", found);
            let (line, column) = found.position(&text);
            prop_assert!(line > 0 && column > 0 && !found.help.is_empty());
        }
        Ok(())
    });
}
