//! The protocol: what is refused, what is passed over, how it ends; and what is odd about files.

use serde_json::{Value, json};

use super::client::{Editor, able, address, place};
use super::{at, codes, keep_issues, labels, repository, worklog};
use crate::sandbox::Sandbox;

const SMALL: &str = "---\ngardener: 1\nid: small\nentries:\n  - id: one\n    title: One\n    status: open\n    issue: 12\n---\n\
    # B\n\n## One\n<!-- gardener:entry one -->\n";

/// The error code of an answer.
fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn it_lives_and_ends_as_the_protocol_says() {
    let sandbox = repository();
    let mut editor = Editor::start(&sandbox);
    assert_eq!(code(&editor.answer("textDocument/hover", at("file:///x.md", "", 0))), -32002);
    editor.tell("textDocument/didOpen", json!({}));
    let begun = editor.ask("initialize", json!({"capabilities": able()}));
    assert_eq!(begun["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(begun["capabilities"]["executeCommandProvider"]["commands"], json!(["gardener.open"]));
    assert_eq!(code(&editor.answer("initialize", json!({"capabilities": {}}))), -32600);
    editor.tell("initialized", json!({}));
    editor.tell("$/whatever", json!({}));
    editor.tell("textDocument/didChange", json!({"nonsense": true}));
    assert_eq!(code(&editor.answer("workspace/nothing", json!({}))), -32601);
    assert_eq!(code(&editor.answer("textDocument/hover", json!({"position": "here"}))), -32602);
    let elsewhere = json!({"command": "gardener.open", "arguments": ["https://evil.example/"]});
    assert_eq!(code(&editor.answer("workspace/executeCommand", elsewhere)), -32602);
    let page = "https://github.com/acme/app/issues/1";
    editor.ask("workspace/executeCommand", json!({"command": "gardener.open", "arguments": [page]}));
    let shown = editor.wait(|message| message["method"] == "window/showDocument");
    assert_eq!((&shown["params"]["uri"], &shown["params"]["external"]), (&json!(page), &json!(true)));
    editor.frame(&json!({"jsonrpc": "2.0", "id": shown["id"], "result": {"success": true}}));
    assert_eq!(editor.ask("shutdown", Value::Null), Value::Null);
    assert_eq!(code(&editor.answer("shutdown", Value::Null)), -32600);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.code(), 0);

    let mut rude = Editor::ready(&sandbox);
    rude.tell("exit", Value::Null);
    assert_eq!(rude.code(), 1, "without shutdown");
    assert_eq!(Editor::ready(&sandbox).leave(), 1, "without a word");
}

#[test]
fn garbage_is_named_and_does_no_harm() {
    let sandbox = repository();
    let mut editor = Editor::ready(&sandbox);
    for (garbage, expect) in [
        ("Content-Length: 3\r\n\r\n{{{", -32700),
        ("Content-Length: 2\r\n\r\n[]", -32600),
        ("Content-Length: 4\r\n\r\nnull", -32600),
        ("Content-Length: x\r\n\r\n", -32700),
        ("hello\r\n\r\nContent-Length: 9\r\nX: y\r\n\r\n{\"id\": 1}", -32600),
    ] {
        editor.send(garbage.as_bytes());
        let answer = editor.wait(|message| message["id"].is_null() && message.get("error").is_some());
        assert_eq!(code(&answer), expect, "{garbage:?}");
    }
    let mut bytes = b"Content-Length: 4\r\n\r\n".to_vec();
    bytes.extend([0xff, 0xfe, 0x00, 0x80]);
    editor.send(&bytes);
    editor.wait(|message| message["error"]["code"] == -32700);
    let uri = address(&sandbox, "worklogs/a.md");
    editor.open(&uri, SMALL);
    assert_eq!(editor.findings(&uri, Some(1)).len(), 0);
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_question_that_is_taken_back_is_not_answered() {
    let sandbox = repository();
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/a.md");
    let long = worklog(1, 150);
    let message = |id: i64, method: &str, params: Value| {
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    };
    // All in one piece, so that the last is there while the first is answered.
    let mut bytes = String::new();
    let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": long});
    let opened =
        json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}});
    bytes += &format!("Content-Length: {}\r\n\r\n{opened}", opened.to_string().len());
    for id in 900..940 {
        bytes += &message(id, "textDocument/documentLink", json!({"textDocument": {"uri": uri}}));
    }
    let void = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 939}}).to_string();
    bytes += &format!("Content-Length: {}\r\n\r\n{void}", void.len());
    editor.send(bytes.as_bytes());
    for id in 900..940 {
        let answer = editor.wait(|message| message["id"] == id);
        let is_void = answer["error"]["code"] == -32800;
        assert!(answer.get("result").is_some() || (is_void && id == 939), "{answer}");
    }
    // One that was answered long ago is no matter.
    editor.tell("$/cancelRequest", json!({"id": 900}));
    assert_eq!(editor.end(), 0);
}

#[test]
fn columns_are_what_was_agreed() {
    let sandbox = repository();
    let text = SMALL.replace("title: One", "title: \"🌱 ü One\"").replace("status: open", "status: closed");
    for (encodings, unit) in [(json!(["utf-16"]), 16), (json!(["utf-8", "utf-16"]), 8), (Value::Null, 16)] {
        let mut able = able();
        able["general"]["positionEncodings"] = encodings;
        let mut editor = Editor::with(&sandbox, able);
        let uri = address(&sandbox, "worklogs/a.md");
        let flow = text.replace(
            "    title: \"🌱 ü One\"\n    status: closed\n",
            "    title: t\n    impact: {\"🌱🌱ü\": 1}\n",
        );
        let flow = flow.replace("impact: {\"🌱🌱ü\": 1}", "note: {\"🌱🌱ü\": 1} # x");
        let flow = flow.replace("  - id: one\n", "  - {id: \"🌱🌱ü\", title: t}\n  - id: one\n");
        editor.open(&uri, &flow);
        let found = editor.findings(&uri, Some(1));
        assert_eq!(codes(&found), ["bad-id"], "{found:?}");
        let line = flow.lines().position(|l| l.contains("{id: ")).expect("there");
        let width = if unit == 16 { 2 + 2 + 1 } else { 4 + 4 + 2 };
        let expect = json!({
            "start": {"line": line, "character": 9}, "end": {"line": line, "character": 9 + 2 + width},
        });
        assert_eq!(found[0]["range"], expect);
        // What is typed behind the emoji lands behind them.
        let spot = json!({"line": line, "character": 9 + 1 + width});
        let start = json!({"line": line, "character": 10});
        editor.edit(&uri, 2, &json!({"start": start, "end": spot}), "ok");
        assert_eq!(editor.findings(&uri, Some(2)).len(), 0);
        assert_eq!(editor.end(), 0);
    }
}

#[test]
fn other_line_endings_and_broken_text_are_served() {
    let sandbox = repository();
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/a.md");
    let text = SMALL.replace("status: open", "status: closed").replace('\n', "\r\n");
    editor.open(&uri, &text);
    let found = editor.findings(&uri, Some(1));
    assert_eq!(
        (codes(&found), &found[0]["range"]["end"]),
        (vec!["unknown-status"], &json!({"line": 6, "character": 18}))
    );
    let spot = text.find("closed").expect("there");
    let found = editor.ask("textDocument/completion", at(&uri, &text, spot));
    assert_eq!(found["items"][2]["textEdit"]["range"]["end"], json!({"line": 6, "character": 18}));

    // No YAML at all, and the list of statuses is there all the same.
    let text = SMALL.replace("    status: open\n", "    labels: [a, \"b\n    : {\n    status: \n");
    editor.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}),
    );
    let spot = text.find("status: ").expect("there") + "status: ".len();
    let found = editor.ask("textDocument/completion", at(&uri, &text, spot));
    assert_eq!(labels(&found).len(), 5);
    assert!(!editor.findings(&uri, Some(2)).is_empty());
    // Every prefix of a worklog, as if it were typed.
    for (version, (end, _)) in (3..).zip(SMALL.char_indices().step_by(7)) {
        let change = json!([{"text": &SMALL[..end]}]);
        editor.tell(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": change}),
        );
        editor.ask("textDocument/completion", at(&uri, SMALL, end));
        editor.ask("textDocument/hover", at(&uri, SMALL, end / 2));
    }
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_changes_on_disk_is_seen() {
    let sandbox = repository();
    sandbox.write("worklogs/b.md", SMALL);
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/a.md");
    editor.open(&uri, SMALL);
    let found = editor.findings(&uri, Some(1));
    assert_eq!(codes(&found), ["clashing-id"], "as check says it");
    let spot = SMALL.find("12").expect("there");
    let there = editor.ask("textDocument/definition", at(&uri, SMALL, spot));
    assert_eq!(there[0]["uri"], address(&sandbox, "worklogs/b.md"));
    sandbox.remove("worklogs/b.md");
    editor.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    assert_eq!(editor.findings(&uri, Some(1)).len(), 0);
    assert_eq!(editor.ask("textDocument/definition", at(&uri, SMALL, spot)), json!([]));
    // The open one was deleted as well; its text is what the editor has.
    sandbox.write("worklogs/a.md", SMALL);
    editor.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    editor.findings(&uri, Some(1));
    sandbox.remove("worklogs/a.md");
    editor.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    assert_eq!(editor.findings(&uri, Some(1)).len(), 0);
    assert!(editor.ask("textDocument/hover", at(&uri, SMALL, spot))["contents"]["value"].is_string());
    editor.tell("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    assert_eq!(editor.findings(&uri, None).len(), 0);
    assert_eq!(editor.ask("textDocument/hover", at(&uri, SMALL, spot)), Value::Null);
    assert_eq!(editor.end(), 0);
}

#[test]
fn it_works_with_half_of_a_repository_or_none() {
    // Without a config, a remote, a commit or a worklog folder.
    let bare = Sandbox::new();
    // In no repository at all.
    let none = Sandbox::new();
    none.git(["config", "gc.auto", "0"]);
    let folder = none.top().parent().expect("a folder").join("elsewhere");
    none.write("../elsewhere/a.md", SMALL);
    for (sandbox, folder) in [(&bare, bare.top().to_owned()), (&none, folder)] {
        let mut command = sandbox.gardener(["lsp", "--stdio"]).command();
        command.current_dir(&folder);
        let mut editor = Editor::over(command);
        editor.ask("initialize", json!({"capabilities": able(), "rootUri": null}));
        editor.tell("initialized", json!({}));
        let uri = format!("file://{}/a.md", folder.canonicalize().expect("there").display());
        let text = SMALL.replace("status: open", "status: opne");
        editor.open(&uri, &text);
        let found = editor.findings(&uri, Some(1));
        assert_eq!(codes(&found), ["unknown-status"]);
        let spot = text.find("opne").expect("there");
        let range = json!({"start": place(&text, spot), "end": place(&text, spot)});
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": found}});
        let fixes = editor.ask("textDocument/codeAction", params);
        assert_eq!(fixes[0]["title"], "Write open");
        assert_eq!(fixes[0]["diagnostics"][0]["code"], "unknown-status");
        assert_eq!(labels(&editor.ask("textDocument/completion", at(&uri, &text, spot))).len(), 5);
        let hover = editor.ask("textDocument/hover", at(&uri, &text, text.find("12").expect("there")));
        assert!(hover["contents"]["value"].as_str().expect("text").contains("not looked at"), "{hover}");
        assert_eq!(editor.end(), 0);
    }
    // Text that is no worklog is left alone.
    let mut editor = Editor::ready(&bare);
    let uri = address(&bare, "README.md");
    editor.open(&uri, "# Read me\n#12\n");
    assert_eq!(editor.findings(&uri, Some(1)).len(), 0);
    assert_eq!(editor.end(), 0);
}

#[test]
fn files_that_are_no_text_and_configs_are_looked_at() {
    let sandbox = repository();
    sandbox.write("worklogs/latin.md", b"---\ngardener: 1\nid: l\xe4tin\n---\n");
    sandbox.write("gardener.toml", "[labels]\nstatus = { blocked = \"blocked\" }\n[sync]\ncrate-limit = 3\n");
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/latin.md");
    editor.open(&uri, "---\ngardener: 1\nid: latin\n---\n");
    assert_eq!(codes(&editor.findings(&uri, Some(1))), ["not-utf8"]);
    let config = address(&sandbox, "gardener.toml");
    let text = sandbox.read("gardener.toml");
    let document = json!({"uri": config, "languageId": "toml", "version": 1, "text": text});
    editor.tell("textDocument/didOpen", json!({"textDocument": document}));
    assert_eq!(codes(&editor.findings(&config, Some(1))), ["config"]);
    let found =
        editor.ask("textDocument/completion", at(&config, &text, text.find("rate-limit").expect("there")));
    assert!(labels(&found).contains(&"create-limit"), "{found}");
    // Set right while it is edited, its words are the worklogs' words at once.
    let spot = text.find("crate").expect("there");
    let range = json!({"start": place(&text, spot), "end": place(&text, spot + 5)});
    editor.edit(&config, 2, &range, "create");
    assert_eq!(editor.findings(&config, Some(2)).len(), 0);
    let worklog = address(&sandbox, "worklogs/a.md");
    let text = SMALL.replace("status: open", "status: blocked");
    editor.open(&worklog, &text);
    assert_eq!(editor.findings(&worklog, Some(1)).len(), 0);
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_strangers_wrote_does_nothing() {
    let sandbox = repository();
    let title = "<img src=x onerror=y> [a](command:evil) \u{1b}]0;t\u{7} `c` **b** ghp_0123456789abcdefghijABCDEFGHIJ456789";
    keep_issues(&sandbox, &[(12, title), (13, "\u{202e}reversed\u{7f}")]);
    let mut editor = Editor::ready(&sandbox);
    let uri = address(&sandbox, "worklogs/a.md");
    editor.open(&uri, SMALL);
    let spot = SMALL.find("12").expect("there");
    let hover = editor.ask("textDocument/hover", at(&uri, SMALL, spot));
    let said = hover["contents"]["value"].as_str().expect("text");
    assert!(said.contains("\\<img src\\=x") && said.contains("\\[a\\]\\(command"), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
    let found = editor.ask("textDocument/completion", at(&uri, SMALL, spot));
    assert!(!found.to_string().contains("\\u001b") && !found.to_string().contains("ghp_0123"), "{found}");
    let details = found["items"].to_string();
    assert!(!details.contains('\u{202e}') && !details.contains('\u{7f}'), "{details:?}");
    assert_eq!(editor.end(), 0);
}
