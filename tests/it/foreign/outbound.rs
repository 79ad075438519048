//! From a worklog to GitHub: every payload as title, text, impact, test, file, owner, label
//! and worklog title, filed by one sync and told in comments by another.

use std::ops::Range;

use gardener::model::{Label, is_hidden};
use serde_json::Value;

use super::oracle::{assert_harmless, assert_inert, assert_own_html, assert_visible, yaml};
use super::payloads::PAYLOADS;
use crate::both::{Both, REPO};

/// Worklogs in which each payload has an entry that says it everywhere. They are several
/// because an edit takes the longer the longer its file is.
fn write_worklogs(both: &Both, numbers: bool) {
    for from in (0..PAYLOADS.len()).step_by(16) {
        let to = PAYLOADS.len().min(from + 16);
        both.sandbox.write(&format!("worklogs/w{from}.md"), worklog(from..to, numbers));
    }
    both.sandbox.commit_all("hostile");
}

fn worklog(range: Range<usize>, numbers: bool) -> String {
    let id = format!("w{}", range.start);
    let (mut front, mut body) = (String::new(), String::new());
    for i in range {
        let (name, text) = PAYLOADS[i];
        let said = yaml(text);
        let issue = if numbers { format!("    issue: {}\n", i + 1) } else { String::new() };
        let short: String = text.chars().take(40).collect();
        let label = Label::new(short.trim()).map(|l| format!("    labels: [{}]\n", yaml(l.name())));
        let label =
            label.filter(|_| !short.contains(['\u{fffe}', '\u{ffff}', '\u{1ffff}'])).unwrap_or_default();
        front.push_str(&format!(
            "  - id: e{i}\n    title: {said}\n{issue}{label}    impact: {said}\n    tests: [{said}]\n    files: [{said}]\n    \
             owner: {said}\n"
        ));
        body.push_str(&format!(
            "\n## Entry {i}\n<!-- gardener:entry e{i} -->\nIt is {name}:\n\n{}\n",
            prose(text)
        ));
    }
    let head =
        format!("title: {0}\nfocus: {0}\nsession: x\nstarted: {0}\n", yaml("@mallory fixes #1 ::error::x"));
    format!("---\ngardener: 1\nid: {id}\n{head}entries:\n{front}---\n\n# Log\n{body}")
}

/// What a body of a worklog can hold of it: its own structure is not the payload's to make.
fn prose(text: &str) -> String {
    let text = text
        .replace("<!-- gardener:base", "<!-- gardener:bas")
        .replace("<!-- gardener:entry", "<!--gardener:entry");
    // An open fence or comment would hide the entries below it, which is the writer's affair.
    if stays_open(&text) { "x".to_owned() } else { text }
}

fn stays_open(text: &str) -> bool {
    ["<!-- gone", "```", "~~~", "<![CDATA", "<?"].iter().any(|open| text.contains(open))
        || text.contains('\0')
}

/// The lines of gardener's own in a text about an entry: the marker, and the block.
fn own_lines(marker: &str) -> [String; 4] {
    let key = marker.trim_end_matches(" -->").rsplit(' ').next().expect("a key");
    [
        marker.to_owned(),
        "<!-- gardener:block 1 -->".to_owned(),
        format!("<!-- gardener:occurrence {key} -->"),
        "<!-- gardener:end -->".to_owned(),
    ]
}

/// Every issue that was filed, judged.
fn assert_filed(both: &Both, count: usize) {
    let mut filed = 0;
    for sent in both.server.writes().iter().flat_map(|write| write.new_issues()) {
        let (title, body) = (sent["title"].as_str().expect("text"), sent["body"].as_str().expect("text"));
        assert_visible("title", title);
        assert_inert("title", title);
        let marker = body.lines().find(|l| l.starts_with("<!-- gardener:issue 1 w")).expect("a marker");
        assert_own_html(title, body, &own_lines(marker));
        filed += 1;
    }
    assert_eq!(filed, count);
}

#[test]
fn no_payload_of_a_worklog_acts_on_github() {
    let both = Both::new();
    both.without_likeness();
    write_worklogs(&both, false);
    let dry = both.run(["sync", "--dry-run", "--diff"]);
    assert_harmless("dry run", &dry.answer.out);
    assert_harmless("dry run", &dry.answer.err);
    let synced = both.run(["sync", "--yes"]);
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    assert_harmless("sync", &synced.answer.out);
    assert_harmless("sync", &synced.answer.err);

    assert_filed(&both, PAYLOADS.len());
    both.minutes(1);
    both.assert_settled();
    let message = both.sandbox.git(["log", "-1", "--format=%B"]);
    assert!(!message.contains("mallory") && !message.contains('#') && !message.contains("::"), "{message}");
}

#[test]
fn no_payload_of_a_comment_acts_on_github() {
    let both = Both::new();
    both.github(|g| {
        for i in 0..PAYLOADS.len() {
            g.create_issue_as("bob", REPO, &format!("Problem {i}"), "text", &[]);
        }
    });
    write_worklogs(&both, true);
    let synced = both.run(["sync", "--yes"]);
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    assert_harmless("sync", &synced.answer.out);
    let mut told = 0;
    for write in both.server.writes().iter().filter(|w| w.target.ends_with("/comments")) {
        let sent: Value = serde_json::from_str(&write.body()).expect("JSON");
        let body = sent["body"].as_str().expect("text");
        let marker = body.lines().next().expect("a line");
        assert_own_html(marker, body, &own_lines(marker));
        told += 1;
    }
    assert_eq!(told, PAYLOADS.len());
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn what_stays_open_at_the_end_of_a_worklog_is_closed_on_github() {
    let both = Both::new();
    both.without_likeness();
    let open = PAYLOADS.iter().filter(|(_, text)| stays_open(text) && !text.contains('\0'));
    let mut count = 0;
    for (i, (name, text)) in open.enumerate() {
        let front = format!("---\ngardener: 1\nid: w{i}\nentries:\n  - id: e\n    title: {name}\n---\n");
        let body = format!("\n# E\n<!-- gardener:entry e -->\n{text}\n");
        both.sandbox.write(&format!("worklogs/w{i}.md"), front + &body);
        count += 1;
    }
    both.sandbox.commit_all("open");
    let synced = both.run(["sync", "--yes"]);
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    assert_filed(&both, count);
    assert!(count >= 9);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn names_of_files_and_branches_do_nothing() {
    let both = Both::new();
    let names = [
        "\u{1b}[31mred",
        "a`@mallory #1",
        "a\n::error::x",
        "a\n<!-- gardener:end -->\n@mallory",
        "\u{202e}b",
        "##[error]x",
        "<b>@mallory",
        "a\rb",
    ];
    for (i, name) in names.iter().enumerate() {
        let text = format!(
            "---\ngardener: 1\nid: n{i}\nentries:\n  - id: e\n    title: T{i}\n    links: [{}]\n---\n",
            yaml(&format!("docs/@mallory `{i}` #1.md"))
        );
        both.sandbox.write(&format!("worklogs/{name}.md"), text);
    }
    both.sandbox.commit_all("names");
    both.sandbox.git(["switch", "-q", "-c", "x\u{202e}@mallory#1"]);
    let synced = both.run(["sync", "--yes"]);
    assert_eq!(synced.answer.code, 0, "{}\n{}", synced.answer.out, synced.answer.err);
    for words in [
        &["sync"][..],
        &["list"],
        &["status"],
        &["check"],
        &["show", "n0"],
        &["show", "n2", "--json"],
        &["list", "--json"],
    ] {
        let answer = both.run(words.iter()).answer;
        assert_harmless(&words.join(" "), &answer.out);
        assert_harmless(&words.join(" "), &answer.err);
    }
    for number in both.github(|g| g.issue_numbers(REPO)) {
        let body =
            both.github(|g| g.issue(REPO, number).and_then(|i| i.facts.body.clone())).unwrap_or_default();
        let body = body.replace("\r\n", "\n");
        assert_visible("path", &body.replace('\u{fffd}', ""));
        let (words, html) = super::oracle::words_and_html(&body);
        assert_inert("path", &words);
        assert_eq!(html.join("\n").lines().count(), 4, "{body}");
    }
    both.minutes(1);
    both.assert_settled();
    // A branch that the config leaves out is named.
    both.sandbox.write("gardener.toml", "gardener = 1\n[sync]\nbranches = [\"main\"]\n");
    both.sandbox.commit_all("config");
    let refused = both.run(["sync"]).answer;
    assert!(refused.code != 0 && refused.err.contains("\\u{202e}"), "{}", refused.err);
    assert_harmless("branch", &refused.err);
    assert!(!refused.err.contains(|c: char| c != '\n' && is_hidden(c)));
}

/// Labels whose names are made to change the path they are put into.
const LABELS: [&str; 36] = [
    "a/b",
    ".",
    "..",
    "../..",
    "../../2/labels/bug",
    "/",
    "//x",
    "issues/2",
    "%2e%2e",
    "%2F",
    "a%2Fb",
    "%",
    "%%",
    "%zz",
    "a?b=c",
    "?per_page=1",
    "a#b",
    "#",
    "a&b",
    "a+b",
    "a b",
    "a;b",
    "a:b",
    "a=b",
    "@mallory",
    "<b>",
    "\"q\"",
    "'",
    "a\\b",
    "{x}",
    "$(x)",
    "ä",
    "日本",
    "🌱",
    "a\u{202e}b",
    "a\u{e0041}\u{200b}b",
];

#[test]
fn labels_arrive_as_they_are_meant() {
    let both = Both::new();
    both.github(|g| {
        g.create_issue_as("bob", REPO, "Mine", "", &[]);
        g.create_issue_as("bob", REPO, "Not mine", "", &["bug"]);
    });
    let all: Vec<_> = LABELS.iter().map(|l| yaml(l)).collect();
    let listed = format!("labels: [{}]", all.join(", "));
    let path = both.worklog("w", &format!("  - id: e\n    title: Mine\n    issue: 1\n    {listed}\n"));
    both.sync();
    let mut wanted: Vec<_> = LABELS.iter().map(|l| (*l).to_owned()).collect();
    wanted.sort();
    assert_eq!(both.issue(1).2, wanted);
    both.minutes(1);
    both.assert_settled();
    // Each is taken off by its name in the path.
    both.edit(&path, &listed, "labels: []");
    let synced = both.sync();
    assert_eq!(both.issue(1).2, Vec::<String>::new(), "{}", synced.answer.out);
    assert_eq!(both.issue(2).2, ["bug"]);
    assert_eq!(synced.writes.len(), LABELS.len(), "{:?}", synced.writes);
    for write in &synced.writes {
        let target = write.strip_prefix("DELETE /repos/acme/app/issues/1/labels/").expect("its place");
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        assert!(target.bytes().all(is_plain) && ![".", ".."].contains(&target), "{write}");
    }
    both.minutes(1);
    both.assert_settled();
}
