//! A small editor: it starts the real program, speaks frames with it, and keeps what it says.
#![expect(clippy::disallowed_types, reason = "a test starts a program")]

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Nothing takes so long; a test that waits longer has failed.
const LONG: Duration = Duration::from_secs(60);

/// An editor with a server.
pub(super) struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    frames: Receiver<Value>,
    /// What was told and not yet looked at.
    told: VecDeque<Value>,
    last: i64,
    /// How long each answer took.
    pub(super) times: Vec<(String, Duration)>,
}

/// What most editors say of themselves.
pub(super) fn able() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"showDocument": {"support": true}},
        "workspace": {"workspaceEdit": {"documentChanges": true}},
        "textDocument": {
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
            "publishDiagnostics": {"relatedInformation": true},
        },
    })
}

impl Editor {
    /// Starts the server at the top of a sandbox.
    pub(super) fn start(sandbox: &Sandbox) -> Self {
        Self::over(sandbox.gardener(["lsp"]).command())
    }

    /// Starts the server that a command is.
    pub(super) fn over(mut command: std::process::Command) -> Self {
        // It starts no program: none could be found.
        command.env("PATH", "/nowhere");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, frames) = channel();
        std::thread::spawn(move || {
            loop {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if output.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    match line.trim().split_once(": ") {
                        Some(("Content-Length", number)) => length = number.parse().expect("a number"),
                        Some(_) => panic!("{line}"),
                        None => break,
                    }
                }
                let mut body = vec![0; length];
                output.read_exact(&mut body).expect("a whole body");
                if sender.send(serde_json::from_slice(&body).expect("JSON")).is_err() {
                    return;
                }
            }
        });
        Self { child, input, frames, told: VecDeque::new(), last: 0, times: Vec::new() }
    }

    /// Starts it, and says what most editors say.
    pub(super) fn ready(sandbox: &Sandbox) -> Self {
        Self::with(sandbox, able())
    }

    /// Starts it with these abilities.
    pub(super) fn with(sandbox: &Sandbox, able: Value) -> Self {
        let mut editor = Self::start(sandbox);
        let folder = address(sandbox, "");
        let root = folder.trim_end_matches('/');
        editor.ask("initialize", json!({"processId": null, "rootUri": root, "capabilities": able}));
        editor.tell("initialized", json!({}));
        editor
    }

    /// Sends bytes as they are.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("it is open");
        input.write_all(bytes).and_then(|()| input.flush()).expect("it listens");
    }

    /// Sends a message.
    pub(super) fn frame(&mut self, message: &Value) {
        let body = message.to_string();
        self.send(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Tells something.
    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.frame(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Asks, and gives the whole answer.
    pub(super) fn answer(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        let start = Instant::now();
        self.frame(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let answer = self.wait(|message| message["id"] == id && message.get("method").is_none());
        self.times.push((method.to_owned(), start.elapsed()));
        answer
    }

    /// Asks, and gives the result.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The next message that is wanted; others are kept.
    pub(super) fn wait(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.told.iter().position(&is_wanted) {
            return self.told.remove(at).expect("it is there");
        }
        loop {
            match self.frames.recv_timeout(LONG) {
                Ok(message) if is_wanted(&message) => return message,
                Ok(message) => self.told.push_back(message),
                Err(RecvTimeoutError::Timeout) => panic!("no answer; told: {:?}", self.told),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended; told: {:?}", self.told),
            }
        }
    }

    /// Opens a document.
    pub(super) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Puts `with` in the place of a range, as typing does.
    pub(super) fn edit(&mut self, uri: &str, version: i32, range: &Value, with: &str) {
        let change = json!({"range": range, "text": with});
        let document = json!({"uri": uri, "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": [change]}));
    }

    /// The next findings of a document, of this version if one is given: their codes and messages.
    pub(super) fn findings(&mut self, uri: &str, version: Option<i32>) -> Vec<Value> {
        let told = self.wait(|message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && version.is_none_or(|version| params["version"] == version)
        });
        told["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    /// Ends it as an editor does, and gives the exit code.
    pub(super) fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        self.code()
    }

    /// Goes away without a word, and gives the exit code.
    pub(super) fn leave(mut self) -> i32 {
        self.input = None;
        self.code()
    }

    /// The exit code, when it has ended.
    pub(super) fn code(mut self) -> i32 {
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // A test that failed leaves no program behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address of a file of a sandbox.
pub(super) fn address(sandbox: &Sandbox, path: &str) -> String {
    format!("file://{}/{path}", sandbox.top().canonicalize().expect("there").display())
}

/// The place of the byte `at`, in UTF-16 units.
pub(super) fn place(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column: usize = before[start..].chars().map(char::len_utf16).sum();
    json!({"line": before.matches('\n').count(), "character": column})
}

/// The byte of a place in UTF-16 units.
pub(super) fn byte(text: &str, place: &Value) -> usize {
    let line = place["line"].as_u64().expect("a line");
    let mut start = 0;
    for _ in 0..line {
        start += text[start..].find('\n').expect("a line") + 1;
    }
    let (mut at, mut column) = (start, place["character"].as_u64().expect("a column"));
    for c in text[start..].chars() {
        if column == 0 {
            break;
        }
        column -= c.len_utf16() as u64;
        at += c.len_utf8();
    }
    at
}

/// The text with the edits of an action made, as an editor makes them.
pub(super) fn applied(text: &str, action: &Value) -> String {
    let edit = &action["edit"];
    let edits = match edit["documentChanges"].as_array() {
        Some(changes) => changes[0]["edits"].clone(),
        None => edit["changes"].as_object().and_then(|all| all.values().next()).cloned().unwrap_or_default(),
    };
    let mut spans: BTreeMap<(usize, usize), String> = BTreeMap::new();
    for edit in edits.as_array().unwrap_or_else(|| panic!("{action}")) {
        let span = (byte(text, &edit["range"]["start"]), byte(text, &edit["range"]["end"]));
        assert!(span.1 - span.0 < text.len() / 2, "not the whole file: {edit}");
        spans.insert(span, edit["newText"].as_str().expect("text").to_owned());
    }
    let mut made = text.to_owned();
    for ((start, end), with) in spans.into_iter().rev() {
        made.replace_range(start..end, &with);
    }
    made
}
