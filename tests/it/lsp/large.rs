//! A thousand entries: what is answered, and how long it takes.
//!
//! The times are printed and gate nothing: `cargo test --release --test it lsp::large -- --nocapture`.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Editor, address, applied, place};
use super::{at, codes, keep_issues, labels, repository, worklog};

#[test]
fn a_thousand_entries_are_answered_about() {
    let sandbox = repository();
    sandbox.write("docs/events.md", "# Events\n");
    for number in 0..50 {
        sandbox.write(&format!("worklogs/run-{number:03}.md"), worklog(number, 20));
    }
    sandbox.commit_all("start");
    let titles: Vec<_> = (1_000..2_000).map(|number| (number, format!("Problem {number}"))).collect();
    keep_issues(
        &sandbox,
        &titles.iter().map(|(number, title)| (*number, title.as_str())).collect::<Vec<_>>(),
    );

    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/run-007.md");
    let mut text = sandbox.read("worklogs/run-007.md");
    editor.open(&uri, &text);
    assert_eq!(codes(&editor.findings(&uri, Some(1))), [""; 0]);

    // Typing in the third entry: a key, its value, an issue's number.
    let line = text.find("    severity: P1\n    status: open\n    issue: 1142").expect("there");
    let mut version = 1;
    let mut type_in = |editor: &mut Editor, text: &mut String, at: usize, with: &str| {
        for (offset, c) in with.char_indices() {
            version += 1;
            let spot = place(text, at + offset);
            editor.edit(&uri, version, &json!({"start": spot, "end": spot}), &c.to_string());
            text.insert(at + offset, c);
        }
        version
    };
    text = text.replacen("    status: open\n    issue: 1142\n", "", 1);
    version_reset(&mut editor, &uri, &text);
    type_in(&mut editor, &mut text, line, "    \n");
    type_in(&mut editor, &mut text, line + 4, "sta");
    let found = editor.ask("textDocument/completion", at(&uri, &text, line + 7));
    assert!(labels(&found).contains(&"status"), "{found}");
    type_in(&mut editor, &mut text, line + 7, "tus: ");
    let found = editor.ask("textDocument/completion", at(&uri, &text, line + 12));
    assert_eq!(labels(&found), ["open", "in-progress", "completed", "not-planned", "duplicate"]);
    type_in(&mut editor, &mut text, line + 12, "open\n    issue: ");
    let end = line + 12 + "open\n    issue: ".len();
    let found = editor.ask("textDocument/completion", at(&uri, &text, end));
    assert_eq!(found["isIncomplete"], true);
    assert_eq!(found["items"][0]["label"], "#1999");
    assert_eq!(found["items"][0]["detail"], "Problem 1999");
    type_in(&mut editor, &mut text, end, "114");
    let found = editor.ask("textDocument/completion", at(&uri, &text, end + 3));
    assert!(labels(&found).contains(&"#1142") && labels(&found).len() == 11, "{found}");
    assert_eq!(labels(&found)[10], "#1114", "by its title, after those by number");
    let version = type_in(&mut editor, &mut text, end + 3, "2");
    assert_eq!(codes(&editor.findings(&uri, Some(version))), [""; 0]);

    // What it is, and where else.
    let hover = editor.ask("textDocument/hover", at(&uri, &text, end + 2));
    let said = hover["contents"]["value"].as_str().expect("text");
    assert!(said.contains("[\\#1142](https://github.com/acme/app/issues/1142)"), "{said}");
    assert!(said.contains("Problem 1142") && said.contains("open; websocket"), "{said}");
    assert!(said.contains("last sync 2025-09-14T11:00:00Z"), "{said}");
    let marker = text.find("gardener:entry entry-007-02").expect("there");
    let found = editor.ask("textDocument/definition", at(&uri, &text, marker));
    let id = text.find("entry-007-02").expect("there");
    assert_eq!(found[0]["range"]["start"], place(&text, id));
    let found = editor.ask("textDocument/definition", at(&uri, &text, id));
    assert_eq!(found[0]["range"]["start"], place(&text, marker - "<!-- ".len()));
    let link = text.find("\"#1001\"").expect("there");
    let found = editor.ask("textDocument/definition", at(&uri, &text, link + 2));
    assert_eq!(found[0]["uri"], address(&sandbox, "worklogs/run-000.md"), "the entry whose issue it is");
    let context = json!({"includeDeclaration": true});
    let mut ask = at(&uri, &text, link + 2);
    ask["context"] = context;
    let found = editor.ask("textDocument/references", ask);
    assert_eq!(
        found.as_array().expect("places").len(),
        1_000 + 1 + 1 + 1,
        "links, its entry, one more link, prose"
    );
    let found = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert_eq!(found.as_array().expect("entries").len(), 20);
    assert_eq!(found[2]["name"], "entry-007-02");
    let found = editor.ask("textDocument/documentLink", json!({"textDocument": {"uri": uri}}));
    let targets: Vec<_> = found.as_array().expect("links").iter().map(|link| &link["target"]).collect();
    assert_eq!(targets.len(), 20 * 5, "issue, two links, a file, and one in the prose");
    assert!(targets.contains(&&json!("https://github.com/acme/app/issues/1142")), "{targets:?}");
    assert!(targets.contains(&&json!(address(&sandbox, "docs/events.md"))));

    // A quick fix, taken.
    let spot = place(&text, end);
    let params = json!({
        "textDocument": {"uri": uri}, "range": {"start": spot, "end": spot}, "context": {"diagnostics": []},
    });
    let found = editor.ask("textDocument/codeAction", params);
    let titles: Vec<_> = found.as_array().expect("actions").iter().map(|a| a["title"].as_str()).collect();
    let title = "Close entry-007-02 as completed";
    let close = found.as_array().expect("actions").iter().find(|a| a["title"] == title);
    let after = applied(&text, close.unwrap_or_else(|| panic!("{titles:?}")));
    let place_of = text[line..].find("status: open").expect("there") + line;
    let mut expect = text.clone();
    expect.replace_range(place_of..place_of + "status: open".len(), "status: completed");
    assert_eq!(after, expect, "no other byte");
    sandbox.write("worklogs/run-007.md", &after);
    let check = sandbox.gardener(["check"]).run();
    assert_eq!(check.code, 0, "{}", check.out);

    report(&editor);
    assert_eq!(editor.end(), 0);
}

/// The whole text at once, as some editors send it.
fn version_reset(editor: &mut Editor, uri: &str, text: &str) {
    let document = json!({"uri": uri, "version": 1});
    editor.tell(
        "textDocument/didChange",
        json!({"textDocument": document, "contentChanges": [{"text": text}]}),
    );
}

#[test]
fn a_worklog_of_five_thousand_lines_is_served() {
    let sandbox = repository();
    let mut text = worklog(1, 150);
    let prose = "A line of prose about what fails.\n".repeat(9) + "One with #12 in it.\n";
    let prose = prose.repeat(400);
    text = text.replacen("It fails, see", &format!("{prose}It fails, see"), 1);
    assert!(text.lines().count() > 5_000 && text.len() < 1 << 20, "{}", text.len());
    sandbox.write("worklogs/long.md", &text);
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/long.md");
    editor.open(&uri, &text);
    assert_eq!(codes(&editor.findings(&uri, Some(1))), [""; 0]);
    let spot = text.find("    status: open").expect("there") + "    status: ".len();
    let start = place(&text, spot);
    for version in 2..12 {
        editor.edit(&uri, version, &json!({"start": start, "end": start}), "x");
        text.insert(spot, 'x');
        let found = editor.ask("textDocument/completion", at(&uri, &text, spot));
        assert_eq!(labels(&found).len(), 5);
        assert_eq!(codes(&editor.findings(&uri, Some(version))), ["unknown-status"]);
    }
    editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    editor.ask("textDocument/documentLink", json!({"textDocument": {"uri": uri}}));
    editor.ask("textDocument/hover", at(&uri, &text, spot - 2));
    let range = json!({"start": start, "end": start});
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    editor.ask("textDocument/codeAction", params);
    report(&editor);
    assert_eq!(editor.end(), 0);
}

/// Prints the slowest answer of each kind.
#[expect(clippy::print_stdout, reason = "the times are for people")]
fn report(editor: &Editor) {
    let mut worst: Vec<(&str, Duration, usize)> = Vec::new();
    for (method, took) in &editor.times {
        match worst.iter_mut().find(|(name, ..)| name == method) {
            Some((_, slowest, count)) => (*slowest, *count) = ((*slowest).max(*took), *count + 1),
            None => worst.push((method, *took, 1)),
        }
    }
    for (method, slowest, count) in worst {
        println!("{:7.2} ms at most of {count:2}  {method}", slowest.as_secs_f64() * 1e3);
    }
}

#[test]
fn values_that_are_null_are_no_answers_to_fear() {
    let sandbox = repository();
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/none.md");
    assert_eq!(editor.ask("textDocument/hover", at(&uri, "", 0)), Value::Null, "it was never opened");
    assert_eq!(editor.end(), 0);
}
