//! Every quick fix, taken: all other bytes stay, and `gardener check` is content.

use serde_json::{Value, json};

use super::client::{Editor, able, address, applied, place};
use super::{codes, keep_issues, repository};
use crate::sandbox::Sandbox;

const TEXT: &str = "---\ngardener: 1 # ours\nid: fixes\nentries:\n  - id: one\n    title: \"One 🌱\"   # kept\n    status: open\n    \
    candidates:\n      - {issue: acme/app#12, score: 0.5, reason: \"words: a\"}\n      - {issue: 13}\n  - {id: two, title: Two}\n---\n\
    # Run 🌿\n\n## Two\ntext\n\n## One\n<!-- gardener:entry one -->\ntext\n";

/// The actions where `words` are, each with its title.
fn actions(editor: &mut Editor, uri: &str, text: &str, words: &str) -> Vec<(String, Value)> {
    let start = text.find(words).unwrap_or_else(|| panic!("{words}"));
    let range = json!({"start": place(text, start), "end": place(text, start + words.len())});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    let found = editor.ask("textDocument/codeAction", params);
    let title = |action: &Value| (action["title"].as_str().expect("a title").to_owned(), action.clone());
    found.as_array().expect("a list").iter().map(title).collect()
}

/// What `check --strict` says of a text.
fn checked(sandbox: &Sandbox, text: &str) -> (i32, String) {
    sandbox.write("worklogs/a.md", text);
    let answer = sandbox.gardener(["check", "--strict", "worklogs/a.md"]).run();
    (answer.code, answer.out)
}

#[test]
fn every_fix_leaves_all_else_as_it_was() {
    let sandbox = repository();
    keep_issues(&sandbox, &[(12, "Twelve")]);
    let candidates = "    candidates:\n      - {issue: acme/app#12, score: 0.5, reason: \"words: a\"}\n      - {issue: 13}\n";
    let expect = [
        ("Link one to #12: Twelve", TEXT.replace(candidates, "    issue: 12\n    reason: \"words: a\"\n")),
        ("Link one to #13", TEXT.replace(candidates, "    issue: 13\n")),
        ("None of its candidates: let a sync file one", TEXT.replace(candidates, "    candidates: []\n")),
        ("Close one as completed", TEXT.replace("status: open", "status: completed")),
        ("Close one as not-planned", TEXT.replace("status: open", "status: not-planned")),
        ("Add a section for two", TEXT.replace("## Two\n", "## Two\n<!-- gardener:entry two -->\n")),
    ];
    for ending in ["\n", "\r\n"] {
        let text = TEXT.replace('\n', ending);
        let mut editor = Editor::ready(&sandbox);
        let uri = address(&sandbox, "worklogs/a.md");
        editor.open(&uri, &text);
        assert_eq!(editor.findings(&uri, Some(1)).len(), 0);
        let mut found = actions(&mut editor, &uri, &text, "title: \"One");
        found.extend(actions(&mut editor, &uri, &text, "title: Two"));
        for (title, after) in &expect {
            let action = found.iter().find(|(found, _)| found == title);
            let (_, action) = action.unwrap_or_else(|| panic!("{title}: {found:?}"));
            let made = applied(&text, action);
            assert_eq!(made, after.replace('\n', ending), "{title}");
            assert_eq!(checked(&sandbox, &made).0, 0, "{title}");
        }
        assert_eq!(editor.end(), 0);
    }
    // As the command does it.
    let (code, out) = checked(&sandbox, TEXT);
    assert_eq!(code, 0, "{out}");
    sandbox.gardener(["accept", "one"]).output();
    assert_eq!(sandbox.read("worklogs/a.md"), expect[0].1);
}

#[test]
fn a_plain_mistake_is_one_key_away_from_right() {
    let sandbox = repository();
    for (wrong, code, right) in [
        ("staus: open", "unknown-key", "status: open"),
        ("status: Closed # x", "unknown-status", "status: completed # x"),
        ("severity: p1", "unknown-severity", "severity: P1"),
        ("links: [12, a.md]", "wrong-type", "links: [\"#12\", a.md]"),
        ("issue: #12", "wrong-type", "issue: 12"),
    ] {
        let text = TEXT.replace("status: open", wrong);
        let mut plain = able();
        plain["workspace"] = json!({});
        let mut editor = Editor::with(&sandbox, plain);
        let uri = address(&sandbox, "worklogs/a.md");
        editor.open(&uri, &text);
        let found = editor.findings(&uri, Some(1));
        assert!(codes(&found).contains(&code), "{wrong}: {found:?}");
        let fixes = actions(&mut editor, &uri, &text, wrong);
        let fixes: Vec<_> = fixes.iter().filter(|(title, _)| title.starts_with("Write ")).collect();
        assert_eq!(fixes.len(), 1, "{wrong}: {fixes:?}");
        let made = applied(&text, &fixes[0].1);
        assert_eq!(made, TEXT.replace("status: open", right));
        let (code, out) = checked(&sandbox, &made);
        assert_eq!(code, 0, "{out}");
        assert_eq!(editor.end(), 0);
    }
}
