//! A record of what the stand-in answers, to be held against what GitHub publishes.
//!
//! Off unless the variable `GARDENER_RECORD` names a folder. Then every process appends to a
//! file of its own there: one JSON object a line, and only exchanges in which something is
//! new, so that a long campaign leaves a small file. What counts as new is the form: a status
//! of a route, a key, a type, a word of an enumeration, a kind of text. Reading the file is
//! left to `honesty/check.mjs`.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use crate::http::{Request, Response};

/// Keys whose texts are words out of a few, each of which is a form of its own.
const WORDS: [&str; 20] = [
    "__typename",
    "active_lock_reason",
    "author_association",
    "authorAssociation",
    "code",
    "event",
    "field",
    "lock_reason",
    "message",
    "permission",
    "resource",
    "state",
    "state_reason",
    "stateReason",
    "status",
    "type",
    "user_view_type",
    "viewerPermission",
    "visibility",
    "documentation_url",
];

/// Between two notes of how many answers were seen.
const NOTED: u64 = 256;

/// What one process has recorded.
pub(crate) struct Record {
    file: File,
    forms: BTreeSet<u64>,
    seen: u64,
}

/// Records an answer of GitHub's own.
pub(crate) fn answer(request: &Request, response: &Response) {
    note(request, response, None);
}

/// Records an answer that a fault of this name gave in GitHub's place.
pub(crate) fn fault(request: &Request, response: &Response, name: &str) {
    note(request, response, Some(name));
}

fn note(request: &Request, response: &Response, fault: Option<&str>) {
    static RECORD: OnceLock<Option<Mutex<Record>>> = OnceLock::new();
    let record = RECORD.get_or_init(|| {
        let folder = std::env::var_os("GARDENER_RECORD").filter(|folder| !folder.is_empty())?;
        let name = format!("{}.jsonl", std::process::id());
        Some(Mutex::new(Record::at(&Path::new(&folder).join(name))))
    });
    if let Some(record) = record {
        record.lock().unwrap_or_else(PoisonError::into_inner).add(request, response, fault);
    }
}

impl Record {
    /// A record that goes on at the end of a file.
    ///
    /// # Panics
    /// If the file cannot be written: a record with holes would look like a clean one.
    pub(crate) fn at(path: &Path) -> Self {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("a folder for the record");
        }
        let file = OpenOptions::new().create(true).append(true).open(path).expect("a file for the record");
        Self { file, forms: BTreeSet::new(), seen: 0 }
    }

    pub(crate) fn add(&mut self, request: &Request, response: &Response, fault: Option<&str>) {
        self.seen += 1;
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let got: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        let mut line = Vec::new();
        if self.is_new(request, response, fault, &sent, &got) {
            let text = String::from_utf8_lossy(&response.body);
            let entry = json!({
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "agent": request.get("user-agent"),
                "request": sent,
                "status": response.status,
                "headers": response.headers,
                "response": got,
                // What is no JSON is kept by its beginning, to say so in a message.
                "text": if got.is_null() { text.chars().take(200).collect() } else { String::new() },
                "fault": fault,
            });
            line = format!("{entry}\n").into_bytes();
        }
        if self.seen.is_multiple_of(NOTED) {
            line.extend_from_slice(format!("{}\n", json!({ "seen": NOTED })).as_bytes());
        }
        // One call for each line, because two processes of one id may follow one another.
        self.file.write_all(&line).expect("the record takes a line");
    }

    fn is_new(
        &mut self,
        request: &Request,
        response: &Response,
        fault: Option<&str>,
        sent: &Value,
        got: &Value,
    ) -> bool {
        let route = request.route();
        let agent = request.get("user-agent").unwrap_or_default();
        let place = format!("{} {route} {} {fault:?} {agent}", request.method, response.status);
        let mut forms = BTreeSet::new();
        let mut see = |form: &str| {
            let mut hasher = DefaultHasher::new();
            place.hash(&mut hasher);
            form.hash(&mut hasher);
            forms.insert(hasher.finish());
        };
        see(&without_digits(&request.query));
        for (name, value) in &response.headers {
            see(&format!("{name}: {}", form("", &Value::from(value.as_str()))));
        }
        if let Some(document) = sent["query"].as_str() {
            see(&without_digits(document));
        }
        look("request", "", sent, &mut see);
        look("response", "", got, &mut see);
        let known = self.forms.len();
        self.forms.append(&mut forms);
        self.forms.len() > known
    }
}

/// Numbers become one, and so do node ids and cursors, as far as they are numbers.
fn without_digits(text: &str) -> String {
    let mut short = String::new();
    for letter in text.chars() {
        let letter = if letter.is_ascii_digit() { '0' } else { letter };
        if letter != '0' || !short.ends_with('0') {
            short.push(letter);
        }
    }
    short
}

/// Tells `see` the form of every value: where it is, which keys it has, what they hold.
fn look(place: &str, key: &str, value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            let forms: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}:{}", without_digits(key), form(key, value)))
                .collect();
            see(&format!("{place} {{{}}}", forms.join(",")));
            for (key, value) in fields {
                look(&format!("{place}.{}", without_digits(key)), key, value, see);
            }
        }
        Value::Array(items) => {
            see(&format!("{place} {}", if items.is_empty() { "[]" } else { "[…]" }));
            for item in items {
                look(&format!("{place}[]"), key, item, see);
            }
        }
        other => see(&format!("{place} {}", form(key, other))),
    }
}

fn form(key: &str, value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(number) if number.as_i64().is_some_and(|number| number < 0) => "negative",
        Value::Number(_) => "number",
        Value::String(text) if WORDS.contains(&key) => return without_digits(text),
        Value::String(text) if text.is_empty() => "empty",
        Value::String(text) if text.chars().all(|letter| letter.is_ascii_digit()) => "digits",
        Value::String(text) if crate::clock::parse(text).is_some() => "time",
        Value::String(text) if text.starts_with("http") => {
            let plain = |letter: char| letter.is_ascii_graphic() && !"\"<>\\^`".contains(letter);
            if text.contains('{') {
                "template"
            } else if text.chars().all(plain) {
                "url"
            } else {
                "odd url"
            }
        }
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    kind.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_new_form_is_written() {
        let path = std::env::temp_dir().join(format!("record-{}.jsonl", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let mut record = Record::at(&path);
        let mut add = |target: &str, body: Value| {
            record.add(&Request::new("GET", target), &Response::new(200, &body), None);
        };
        add("/repos/a/b/issues/1", json!({ "number": 1, "state": "open", "title": "one" }));
        add("/repos/a/b/issues/22", json!({ "number": 22, "state": "open", "title": "two" }));
        add("/repos/a/b/issues/3", json!({ "number": 3, "state": "closed", "title": "three" }));
        add("/repos/a/b/issues/4", json!({ "number": 4, "state": "closed", "title": null }));
        add("/repos/a/b/labels/x", json!([{ "name": "x" }]));
        add("/repos/a/b/labels/y", json!([{ "name": "y" }, { "name": "z" }]));
        for _ in 0..NOTED {
            add("/repos/a/b/labels/y", json!([]));
        }
        let text = std::fs::read_to_string(&path).expect("a record");
        std::fs::remove_file(&path).expect("removed");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let paths: Vec<&str> = lines.iter().filter_map(|line| line["path"].as_str()).collect();
        let issue = |number: u64| format!("/repos/a/b/issues/{number}");
        let labels = ["x", "y"].map(|name| format!("/repos/a/b/labels/{name}"));
        assert_eq!(paths, [issue(1), issue(3), issue(4), labels[0].clone(), labels[1].clone()]);
        assert_eq!(lines[0]["response"]["title"], "one");
        assert_eq!(lines.iter().filter_map(|line| line["seen"].as_u64()).sum::<u64>(), NOTED);
    }
}
