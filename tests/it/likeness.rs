//! The issue that covers an entry is found before one is made: linked where both say the same
//! error of the same thing, asked about where they are much alike, and filed otherwise.

use github_stand_in::{How, Rule, When};

use crate::both::{Both, REPO};

pub(crate) const ERROR: &str =
    "ConnectionRefusedError: cannot reach the ledger database on port 5432 after 3 attempts";

/// A worklog of one entry with a section of its own.
pub(crate) fn worklog(both: &Both, id: &str, front: &str, section: &str) -> String {
    let path = format!("worklogs/{id}.md");
    let text = format!(
        "---\ngardener: 1\nid: {id}\nstarted: \"2026-03-01T11:00:00Z\"\nentries:\n  - id: e   # by hand\n{front}\
         ---\n\n# {id}\n\n## The entry\n<!-- gardener:entry e -->\n{section}\n"
    );
    both.sandbox.write(&path, text);
    both.sandbox.commit_all("a worklog");
    path
}

/// Issues about other things, so that something is known of what they all say.
pub(crate) fn others(both: &Both) {
    for (title, body) in [
        ("Sessions end after a minute", "Users are logged out while they type.\n\nExpected: an hour."),
        ("The export has no header row", "Open the CSV file in a spreadsheet.\n\nExpected: a header."),
        ("Docs: the install page is outdated", "It names a package that was renamed."),
        ("Search is slow with many projects", "It takes nine seconds with four hundred projects."),
    ] {
        both.github(|g| g.create_issue_as("bob", REPO, title, body, &[]));
    }
}

pub(crate) fn ledger(both: &Both, labels: &[&str]) -> u64 {
    let body = format!("Nightly run:\n\n```\n{ERROR}\n```\n");
    both.github(|g| g.create_issue_as("bob", REPO, "Ledger database refuses connections", &body, labels))
}

pub(crate) const SAME: &str = "    title: The ledger database refuses connections\n    severity: P1\n";

pub(crate) fn same_section() -> String {
    format!("The run ended with:\n\n```\n{ERROR}\n```\n")
}

/// Much alike, and no line that is the same.
pub(crate) const ALIKE: &str = "    title: Ledger database down, connections refused\n    severity: P1\n";
pub(crate) const ALIKE_SECTION: &str =
    "Connections to the ledger database were refused during the nightly run.";

#[test]
fn the_same_error_of_the_same_thing_is_linked_with_its_reason() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P1"]);
    let path = worklog(&both, "w", SAME, &same_section());
    let synced = both.sync();
    assert!(synced.answer.out.contains(&format!("#{number}  linked: same line \"")), "{}", synced.answer.out);
    let text = both.sandbox.read(&path);
    assert!(text.contains(&format!("    issue: {number}\n")), "{text}");
    assert!(text.contains("reason:") && text.contains("cannot reach the ledger database"), "{text}");
    assert!(text.contains("  - id: e   # by hand\n"), "{text}");
    assert!(!text.contains("candidates"), "{text}");
    let comments = both.github(|g| g.comments_of(REPO, number));
    assert_eq!(comments.len(), 1);
    assert!(comments[0].contains("Taken for this issue by: same line"), "{}", comments[0]);
    assert!(!synced.writes.iter().any(|w| w == "POST /repos/acme/app/issues"), "{:?}", synced.writes);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn what_is_much_alike_is_asked_about_and_stays_so_until_somebody_says() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P2"]);
    let path = worklog(&both, "w", ALIKE, ALIKE_SECTION);
    let before = both.sandbox.read(&path);
    let dry = both.run(["sync", "--dry-run"]);
    assert_eq!(dry.answer.code, 3, "{}", dry.answer.out);
    assert_eq!(both.sandbox.read(&path), before);
    let asked = both.run(["sync"]);
    assert_eq!((asked.answer.code, asked.writes.len(), asked.commits), (3, 0, 1), "{}", asked.answer.out);
    let said = &asked.answer.out;
    assert!(said.contains(&format!("not filed, perhaps #{number}")), "{said}");
    assert!(said.contains("P2 there, P1 here"), "{said}");
    assert!(said.contains("gardener accept e, gardener link e NUMBER or gardener link e --none"), "{said}");
    let text = both.sandbox.read(&path);
    assert!(text.contains("candidates:") && text.contains(&format!("issue: {number}")), "{text}");
    assert_eq!(
        text.replace(
            &text[text.find("    candidates:").expect("there")..text.find("---\n\n").expect("end")],
            ""
        ),
        before
    );
    // It is asked once and not again, whatever GitHub says meanwhile, and nothing is sent.
    both.github(|g| g.comment_as("bob", REPO, number, "Still there."));
    both.minutes(30);
    let again = both.run(["sync"]);
    assert_eq!((again.answer.code, again.writes.len(), again.commits), (3, 0, 0), "{}", again.answer.out);
    assert_eq!(both.sandbox.read(&path), text);

    // Somebody says which it is: what was asked goes, and why it was asked stays.
    both.edit(&path, "  - id: e   # by hand\n", &format!("  - id: e   # by hand\n    issue: {number}\n"));
    let decided = both.run(["sync"]);
    assert!(decided.answer.out.contains("decided, no candidates any more"), "{}", decided.answer.out);
    assert_eq!(decided.answer.code, 4, "the severities differ: {}", decided.answer.out);
    let text = both.sandbox.read(&path);
    assert!(!text.contains("candidates:") && text.contains("    reason: "), "{text}");
    assert_eq!(both.run(["sync", "--prefer", "local"]).answer.code, 0);
    both.minutes(1);
    both.assert_settled();
    assert!(both.issue(number).2.contains(&"P1".to_owned()));
}

#[test]
fn none_of_them_is_filed() {
    let both = Both::new();
    others(&both);
    ledger(&both, &[]);
    let path = worklog(&both, "w", ALIKE, ALIKE_SECTION);
    assert_eq!(both.run(["sync"]).answer.code, 3);
    let text = both.sandbox.read(&path);
    let (from, to) = (text.find("    candidates:").expect("there"), text.find("---\n\n").expect("the end"));
    both.sandbox.write(&path, text.replace(&text[from..to], "    candidates: []\n"));
    let filed = both.sync();
    assert_eq!(filed.writes.iter().filter(|w| *w == "POST /repos/acme/app/issues").count(), 1);
    let text = both.sandbox.read(&path);
    assert!(!text.contains("candidates") && !text.contains("reason:"), "{text}");
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn a_closed_issue_is_asked_about_and_an_old_one_is_not() {
    for (days, asked) in [(1, true), (200, false)] {
        let both = Both::new();
        others(&both);
        let number = ledger(&both, &[]);
        both.github(|g| g.close_as("bob", REPO, number, github_stand_in::Reason::Completed));
        both.minutes(days * 24 * 60);
        let path = worklog(&both, "w", SAME, &same_section());
        let synced = both.run(["sync"]);
        let text = both.sandbox.read(&path);
        assert_eq!(text.contains("closed as completed, so it may have come back"), asked, "{text}");
        let code = if asked { 3 } else { 0 };
        assert_eq!(synced.answer.code, code, "{}", synced.answer.out);
        assert!(!both.issue(number).0, "nothing reopens it");
    }
}

#[test]
fn one_problem_in_two_worklogs_becomes_one_issue() {
    let both = Both::new();
    others(&both);
    worklog(&both, "a", SAME, &same_section());
    worklog(&both, "b", SAME, &same_section());
    let first = both.run(["sync"]);
    assert_eq!(first.answer.code, 3, "{}", first.answer.out);
    assert!(first.answer.out.contains("waits for e, which looks like the same"), "{}", first.answer.out);
    let created = |writes: &[String]| writes.iter().filter(|w| *w == "POST /repos/acme/app/issues").count();
    assert_eq!(created(&first.writes), 1);
    both.minutes(1);
    let second = both.sync();
    assert_eq!(created(&second.writes), 0, "{}", second.answer.out);
    assert!(both.sandbox.read("worklogs/b.md").contains("    issue: 5\n"));
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn entries_of_one_worklog_are_told_apart_by_who_wrote_it() {
    let both = Both::new();
    others(&both);
    let text = format!(
        "---\ngardener: 1\nid: w\nentries:\n  - id: a\n{SAME}  - id: b\n{SAME}---\n\n# w\n\n## A\n\
         <!-- gardener:entry a -->\n{0}\n## B\n<!-- gardener:entry b -->\n{0}",
        same_section()
    );
    both.sandbox.write("worklogs/w.md", text);
    both.sandbox.commit_all("two");
    let synced = both.sync();
    assert_eq!(synced.writes.iter().filter(|w| *w == "POST /repos/acme/app/issues").count(), 2);
}

#[test]
fn the_texts_are_kept_and_only_what_changed_is_listed() {
    let both = Both::new();
    others(&both);
    worklog(&both, "a", "    title: Uploads of large pictures stop halfway\n", "A picture of 40 MB.");
    both.sync();
    let texts = both.sandbox.root().join("repo/.git/gardener/issues.jsonl");
    assert!(texts.is_file());
    // Issues that were opened meanwhile are found though a sync that files nothing heard of them first.
    let number = ledger(&both, &[]);
    both.minutes(30);
    both.assert_settled();
    let path = worklog(&both, "w", SAME, &same_section());
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, 0, "{}", synced.answer.out);
    let listings = both.server.log().iter().filter(|l| l.target.contains("/issues?")).count();
    assert!(
        listings <= 1
            && both
                .server
                .log()
                .iter()
                .all(|l| !l.target.contains("/issues?") || l.target.contains("since="))
    );
    assert!(both.sandbox.read(&path).contains(&format!("    issue: {number}\n")));
    // Without them, or with a part of them, everything is listed again and nothing is lost.
    for damaged in [None, Some("nonsense"), Some("{\"look\":")] {
        match damaged {
            None => both.sandbox.remove(".git/gardener/issues.jsonl"),
            Some(text) => both.sandbox.write(".git/gardener/issues.jsonl", text),
        }
        let id = format!("x{}", damaged.map_or(0, str::len));
        worklog(&both, &id, SAME, &same_section());
        both.run(["sync"]);
        let text = both.sandbox.read(&format!("worklogs/{id}.md"));
        assert!(text.contains(&format!("    issue: {number}\n")), "{damaged:?}: {text}");
    }
}

#[test]
fn what_may_be_linked_is_the_projects_choice() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P1"]);
    both.sandbox.write("gardener.toml", "[matching]\nlikeness = \"ask\"\n");
    let path = worklog(&both, "w", SAME, &same_section());
    let asked = both.run(["sync"]);
    assert_eq!((asked.answer.code, asked.writes.len()), (3, 0), "{}", asked.answer.out);
    let text = both.sandbox.read(&path);
    assert!(text.contains(&format!("issue: {number}")) && text.contains("candidates:"), "{text}");
    both.without_likeness();
    worklog(&both, "v", SAME, &same_section());
    let filed = both.run(["sync"]);
    assert_eq!(filed.answer.code, 3, "the first is still to be decided: {}", filed.answer.out);
    assert_eq!(filed.writes.iter().filter(|w| *w == "POST /repos/acme/app/issues").count(), 1);
}

/// The worklog that the project began with, where it is at hand.
#[test]
#[expect(clippy::disallowed_methods, reason = "the folder is named by the environment")]
fn the_first_worklog_finds_the_issues_that_people_found() {
    let Some(folder) = std::env::var_os("GARDENER_CORPUS").map(std::path::PathBuf::from) else {
        println!("skipped: GARDENER_CORPUS names no folder with judged worklogs");
        return;
    };
    let about = std::fs::read_to_string(folder.join("README.md")).expect("what the issues are called");
    let about = about.replace("-\n  ", "-");
    let title = |number: u64| {
        let from = about.find(&format!("#{number}")).expect("the issue");
        about[from..].split('"').nth(1).expect("its title").to_owned()
    };
    let both = Both::new();
    let titles = [(885, title(885)), (1021, "Agent events lack fields".to_owned()), (1082, title(1082))];
    for (number, title) in &titles {
        both.github(|g| {
            g.skip_to_number(REPO, *number);
            g.create_issue_as("bob", REPO, title, "", if *number == 1021 { &["P1"] } else { &["P2"] })
        });
    }
    let text = std::fs::read(folder.join("seed.md")).expect("the worklog");
    both.sandbox.write("worklogs/seed.md", text);
    both.sandbox.commit_all("an old worklog");
    assert_eq!(both.run(["import", "worklogs/seed.md"]).answer.code, 0);
    both.sandbox.commit_all("imported");
    let text = both.sandbox.read("worklogs/seed.md");
    assert_eq!(text.matches("\n  - id: ").count(), 3, "{text}");
    assert_eq!(text.matches("issue: 1021").count(), 1, "{text}");
    let synced = both.run(["sync"]);
    let out = &synced.answer.out;
    assert_eq!(synced.answer.code, 3, "{out}{}", synced.answer.err);
    assert!(!synced.writes.iter().any(|w| w == "POST /repos/acme/app/issues"), "{out}");
    let (docker, manager) = (out.find("not filed, perhaps #1082"), out.find("not filed, perhaps #885"));
    assert!(docker.is_some() && manager.is_some() && docker < manager, "{out}");
    assert!(out.contains("P2 there, P1 here"), "{out}");
    // Somebody says so, and then it is one issue for each.
    assert_eq!(both.run(["accept", "--all"]).answer.code, 0);
    let told = both.run(["sync"]);
    assert_eq!(told.answer.code, 4, "P1 or P2 is for somebody to say: {}", told.answer.out);
    assert!(!told.writes.iter().any(|w| w == "POST /repos/acme/app/issues"), "{:?}", told.writes);
    assert_eq!(both.run(["sync", "--prefer", "local"]).answer.code, 0);
    assert!(both.issue(1082).2.contains(&"P1".to_owned()));
    both.minutes(1);
    both.assert_settled();
}

const RULED: &str =
    "Flaky pool.\n\n```gardener\ntest: tests/db/**\nerror: 'pool exhausted after \\d+ s'\n```\n";

#[test]
fn a_rule_links_what_nothing_else_would() {
    let both = Both::new();
    others(&both);
    // What somebody without a say writes decides nothing.
    both.github(|g| g.create_issue_as("mallory", REPO, "Mine", RULED, &[]));
    let number = both.github(|g| g.create_issue_as("bob", REPO, "Trouble in spring", RULED, &["P3"]));
    both.without_likeness();
    let front = "    title: Nothing of the sort\n    severity: P3\n    tests: [tests/db/test_a.py::test_b]\n";
    let path = worklog(&both, "w", front, "It said: pool exhausted after 30 s");
    let elsewhere = worklog(&both, "v", "    title: Another one\n", "It said: pool exhausted after 30 s");
    let synced = both.sync();
    let text = both.sandbox.read(&path);
    assert!(text.contains(&format!("    issue: {number}\n")), "{text}");
    assert!(text.contains("its rule says so: test tests/db/** and error"), "{text}");
    assert!(!both.sandbox.read(&elsewhere).contains(&format!("issue: {number}")), "it names no test");
    assert_eq!(synced.writes.iter().filter(|w| *w == "POST /repos/acme/app/issues").count(), 1);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn two_rules_are_for_somebody_to_decide_and_never_is_never() {
    let both = Both::new();
    others(&both);
    let one = both.github(|g| g.create_issue_as("bob", REPO, "Trouble in spring", RULED, &[]));
    let other = both.github(|g| g.create_issue_as("bob", REPO, "Trouble in fall", RULED, &[]));
    let front = "    title: Nothing of the sort\n    tests: [tests/db/test_a.py::test_b]\n";
    let path = worklog(&both, "w", front, "It said: pool exhausted after 30 s");
    let asked = both.run(["sync"]);
    assert_eq!((asked.answer.code, asked.writes.len()), (3, 0), "{}", asked.answer.out);
    let text = both.sandbox.read(&path);
    assert!(text.contains(&format!("issue: {one}")) && text.contains(&format!("issue: {other}")), "{text}");

    let never = format!("```\n{ERROR}\n```\n\n```gardener\nnever: tests/ledger/**\n```\n");
    let ledger =
        both.github(|g| g.create_issue_as("bob", REPO, "Ledger database refuses connections", &never, &[]));
    let front = format!("{SAME}    tests: [tests/ledger/test_a.py::test_b]\n");
    let path = worklog(&both, "v", &front, &same_section());
    both.run(["sync"]);
    let text = both.sandbox.read(&path);
    assert!(text.contains("    issue: ") && !text.contains(&format!("issue: {ledger}\n")), "{text}");
    assert!(!text.contains("candidates:"), "{text}");
}

#[test]
fn a_rule_that_cannot_be_read_is_told_once_for_each_text() {
    let both = Both::new();
    others(&both);
    let broken = "Text.\n\n```gardener\ntset: tests/db/**\n```\n";
    let number = both.github(|g| g.create_issue_as("bob", REPO, "Trouble in spring", broken, &[]));
    both.github(|g| g.create_issue_as("mallory", REPO, "Mine", broken, &[]));
    both.without_likeness();
    let mut count = 0;
    let mut file = |both: &Both| {
        count += 1;
        worklog(both, &format!("w{count}"), &format!("    title: Problem {count}\n"), "Text.");
        both.minutes(1);
        let synced = both.sync();
        let comments = both.github(|g| g.comments_of(REPO, number));
        (synced.answer.out, comments)
    };
    let (out, comments) = file(&both);
    assert!(
        out.contains(&format!("#{number}: the gardener rule in its text can't be read: line 4")),
        "{out}"
    );
    assert_eq!(comments.len(), 1);
    assert!(comments[0].contains("line 4") && comments[0].contains("tset"), "{}", comments[0]);
    assert_eq!(file(&both).1.len(), 1, "once");
    // Another clone finds the comment.
    both.sandbox.remove(".git/gardener/cache.json");
    both.sandbox.remove(".git/gardener/issues.jsonl");
    assert_eq!(file(&both).1.len(), 1, "once, whoever told it");
    let (out, comments) = file(&both);
    assert_eq!(comments.len(), 1);
    assert!(!out.contains("can't be read"), "{out}");
    both.github(|g| g.edit_body_as("bob", REPO, number, "Text.\n\n```gardener\nerror: '('\n```\n"));
    assert_eq!(file(&both).1.len(), 2, "another mistake");
    both.github(|g| g.edit_body_as("bob", REPO, number, RULED));
    assert_eq!(file(&both).1.len(), 2, "mended");
    both.github(|g| assert!(g.comments_of(REPO, number + 1).is_empty(), "who has no say is not told"));
    both.minutes(1);
    both.assert_settled();
}

/// A list of comments can lag, so that what may have been said can't be looked up at once.
#[test]
fn that_a_rule_cannot_be_read_is_not_told_again_while_its_answer_is_in_doubt() {
    let both = Both::new();
    both.without_likeness();
    both.github(|g| g.settings.list_lag_comments = 120);
    let broken = "Text.\n\n```gardener\ntset: tests/db/**\n```\n";
    let number = both.github(|g| g.create_issue_as("bob", REPO, "Trouble in spring", broken, &[]));
    worklog(&both, "w1", "    title: Problem 1\n", "Text.");
    both.server.fail(Rule::new(When::After, How::Drop).method("POST").path("/comments"));
    let lost = both.run(["sync"]).answer;
    assert_eq!(lost.code, 3, "{}", lost.out);
    assert!(lost.out.contains(&format!("#{number}: comment pending")), "{}", lost.out);
    let said = || both.github(|g| g.comments_of(REPO, number).len());
    assert_eq!(said(), 1, "GitHub has it");
    for (count, minutes) in [(2, 1), (3, 16), (4, 60)] {
        both.minutes(minutes);
        worklog(&both, &format!("w{count}"), &format!("    title: Problem {count}\n"), "Text.");
        let next = both.run(["sync"]).answer;
        assert_eq!(next.code, if minutes == 1 { 3 } else { 0 }, "{}", next.out);
        assert_eq!(
            next.out.contains(&format!("#{number}: pending: begun before")),
            minutes == 1,
            "{}",
            next.out
        );
        assert_eq!(said(), 1, "once");
    }
    both.assert_settled();
}
