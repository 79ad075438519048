//! Every quick fix, taken: it leaves all other bytes as they were, and a worklog that is right.

use super::*;
use crate::editor::{KnownIssue, Text};
use crate::model::{RepoSlug, State, Timestamp, Vocabulary};

const TEXT: &str = "---\ngardener: 1 # mine\nid: x\nentries:\n  - id: one\n    title: One   # kept\n    status: open\n    \
    candidates:\n      - {issue: acme/app#12, score: 0.5, reason: \"words: a\"}\n      - {issue: 13}\n  - {id: two, title: Two}\n---\n\
    # Run\n\n## Two\ntext 🌱\n\n## One\n<!-- gardener:entry one -->\ntext\n";

fn garden(text: &str) -> Garden {
    let known = KnownIssue {
        title: "Twelve".to_owned(),
        state: State::Open,
        labels: Vec::new(),
        updated_at: Timestamp::from_second(0),
    };
    let page = Page::read(Text::new(text.to_owned()), &Vocabulary::default());
    Garden {
        home: RepoSlug::parse("acme/app").ok(),
        host: Some("github.com".to_owned()),
        issues: [(12, known)].into(),
        pages: [("worklogs/x.md".to_owned(), page)].into(),
        ..Garden::default()
    }
}

/// The titles of what is offered where `at` is, each with the text it makes.
fn offered(text: &str, at: &str) -> Vec<(String, String)> {
    let start = text.find(at).unwrap_or_else(|| panic!("{at}"));
    let request = Request { span: start..start, can_show: true };
    let made = |action: Action| {
        let after = match &action.deed {
            Deed::Edit(changes) => apply(text, changes).expect("it fits"),
            Deed::Show(address) => address.clone(),
        };
        (action.title, after)
    };
    actions(&garden(text), "worklogs/x.md", &request).into_iter().map(made).collect()
}

#[test]
fn an_entry_is_closed_linked_and_unlinked_as_gardener_does_it() {
    let found = offered(TEXT, "title: One");
    let titles: Vec<_> = found.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Link one to #12: Twelve",
            "Link one to #13",
            "None of its candidates: let a sync file one",
            "Close one as completed",
            "Close one as not-planned"
        ]
    );
    let candidates = "    candidates:\n      - {issue: acme/app#12, score: 0.5, reason: \"words: a\"}\n      - {issue: 13}\n";
    let linked = TEXT.replace(candidates, "    issue: 12\n    reason: \"words: a\"\n");
    assert_eq!(found[0].1, linked);
    assert_eq!(found[1].1, TEXT.replace(candidates, "    issue: 13\n"));
    assert_eq!(found[2].1, TEXT.replace(candidates, "    candidates: []\n"));
    assert_eq!(found[3].1, TEXT.replace("status: open", "status: completed"));
    assert_eq!(found[4].1, TEXT.replace("status: open", "status: not-planned"));
    for ending in ["\n", "\r\n"] {
        for (_, after) in offered(&TEXT.replace('\n', ending), "title: One") {
            let read = worklog::parse(&after, &Vocabulary::default());
            assert!(matches!(read, Parsed::Worklog(..)), "{after}");
        }
    }
    let closed = TEXT.replace("status: open", "status: completed");
    assert!(offered(&closed, "title: One").contains(&("Reopen one".to_owned(), TEXT.to_owned())));
}

#[test]
fn edits_are_as_small_as_what_they_change() {
    let at = TEXT.find("title: One").expect("there");
    let all = actions(&garden(TEXT), "worklogs/x.md", &Request { span: at..at, can_show: false });
    let Deed::Edit(changes) = &all[3].deed else { panic!("an edit") };
    assert_eq!(changes.len(), 1);
    assert_eq!((&TEXT[changes[0].span.clone()], changes[0].with.as_str()), ("open", "completed"));
    let Deed::Edit(changes) = &all[0].deed else { panic!("an edit") };
    assert!(changes.iter().map(|change| change.span.len()).sum::<usize>() < 130, "{changes:?}");
}

#[test]
fn a_missing_section_is_added_and_found_from_the_body() {
    let found = offered(TEXT, "title: Two");
    let added = found.iter().find(|(title, _)| title == "Add a section for two").expect("offered");
    assert_eq!(added.1, TEXT.replace("## Two\n", "## Two\n<!-- gardener:entry two -->\n"));
    let titles: Vec<_> = offered(TEXT, "\ntext\n").into_iter().map(|(title, _)| title).collect();
    assert!(titles.contains(&"Close one as completed".to_owned()), "{titles:?}");
    assert!(offered(TEXT, "# Run").is_empty());
}

#[test]
fn mistakes_that_are_plain_are_mended() {
    for (wrong, right) in [
        ("staus: open", "status: open"),
        ("status: closed # x", "status: completed # x"),
        ("status: \"Opn\"", "status: open"),
        ("severity: p1", "severity: P1"),
        ("priority: P1", "severity: P1"),
        ("links: [12, a.md]", "links: [\"#12\", a.md]"),
        ("issue: #12", "issue: 12"),
    ] {
        let (wrong, right) = (TEXT.replace("status: open", wrong), TEXT.replace("status: open", right));
        let spot = wrong.find("One   # kept").expect("there") + "One   # kept\n    ".len();
        let end = spot + wrong[spot..].find('\n').expect("a line");
        let all = actions(&garden(&wrong), "worklogs/x.md", &Request { span: spot..end, can_show: false });
        let fixes: Vec<_> = all.into_iter().filter(|action| action.settles.is_some()).collect();
        assert_eq!(fixes.len(), 1, "{wrong}\n{fixes:?}");
        let Deed::Edit(changes) = &fixes[0].deed else { panic!("an edit") };
        assert_eq!(apply(&wrong, changes).as_deref(), Some(right.as_str()));
    }
    let wrong = TEXT.replace("gardener:entry one", "gardener:entry onne");
    let found = offered(&wrong, "<!-- gardener:entry onne");
    assert!(found.contains(&("Write one".to_owned(), TEXT.to_owned())), "{found:?}");
    assert!(
        offered(&TEXT.replace("status: open", "issue: #12 see"), "issue: #12").is_empty(),
        "words would be lost"
    );
}

#[test]
fn what_is_broken_or_frozen_offers_no_more_than_is_safe() {
    assert!(offered(&TEXT.replace("status: open", "status: [open"), "title: One").is_empty());
    let frozen = TEXT.replace("id: x\n", "id: x\narchived: true\n");
    assert!(offered(&frozen, "title: One").is_empty());
    let linked = TEXT.replace("status: open", "issue: 7");
    let titles: Vec<_> = offered(&linked, "7\n").into_iter().collect();
    assert!(
        titles.contains(&(
            "Open #7 in the browser".to_owned(),
            "https://github.com/acme/app/issues/7".to_owned()
        ))
    );
    assert!(!titles.iter().any(|(title, _)| title.starts_with("Link ")), "it has its issue: {titles:?}");
}
