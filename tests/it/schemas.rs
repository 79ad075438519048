//! The JSON Schemas say what the parsers say, and the reference page is the one that is printed.

use boon::{Compiler, SchemaIndex, Schemas};
use gardener::config::{self, KEYS};
use gardener::model::Vocabulary;
use gardener::schema;
use gardener::worklog::{Parsed, file_keys, parse};
use serde_json::{Value, json};
use snapbox::{Assert, file};

use crate::sandbox::Sandbox;

struct Judge(Schemas, SchemaIndex);

impl Judge {
    fn new(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("mem:///schema.json", schema).expect("a schema");
        let index = compiler.compile("mem:///schema.json", &mut schemas).expect("a schema");
        Self(schemas, index)
    }

    fn takes(&self, value: &Value) -> bool {
        self.0.validate(value, self.1).is_ok()
    }
}

/// Whether gardener reads front matter, which is JSON here and so YAML too.
fn reads(front: &Value) -> bool {
    let lines: String = match front.as_object() {
        // The first key shows that it is a worklog.
        Some(keys) => {
            let rest = keys.iter().filter(|(key, _)| *key != "gardener");
            let first = keys.get("gardener").map(|v| ("gardener".to_owned(), v.clone()));
            let all = first.into_iter().chain(rest.map(|(k, v)| (k.clone(), v.clone())));
            all.map(|(key, value)| format!("{key}: {value}\n")).collect()
        }
        None => return false,
    };
    matches!(parse(&format!("---\n{lines}---\n"), &Vocabulary::default()), Parsed::Worklog(..))
}

fn front_matter(text: &str) -> Value {
    let front = text.split("---\n").nth(1).expect("front matter");
    serde_json::to_value(serde_yaml::from_str::<serde_yaml::Value>(front).expect("YAML")).expect("JSON")
}

fn sample(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Values of every kind, good and bad.
fn samples() -> Vec<Value> {
    let texts = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "2",
        "12",
        "-1",
        "0.5",
        "1.5",
        "\"\"",
        "\" \"",
        "\"text\"",
        "\"P1\"",
        "\"p1\"",
        "\"P7\"",
        "\"open\"",
        "\"completed\"",
        "\"Closed\"",
        "\"#12\"",
        "\"acme/app#3\"",
        "\"#0x1\"",
        "\"acme/app\"",
        "\"../up\"",
        "\"a b\"",
        "\"a\\u0007b\"",
        "\" blank\"",
        "[]",
        "[\"bug\"]",
        "[\"\"]",
        "[1]",
        "[null]",
        "[[\"x\"]]",
        "{}",
        "{\"a\": \"b\"}",
        "[{}]",
        "[{\"id\": \"a\"}]",
        "[{\"id\": \"a\", \"title\": \"t\"}]",
        "[{\"id\": \"a b\", \"title\": \"t\"}]",
        "[{\"issue\": 3}]",
        "[{\"issue\": \"#3\", \"score\": 0.4}]",
        "[{\"score\": 0.4}]",
        "[{\"issue\": 3, \"score\": 4}]",
        "[{\"blocked-by\": \"#3\"}]",
        "[{\"blocked\": \"#3\"}]",
        "[{\"blocks\": 3}]",
        "[{\"blocks\": \"#3\", \"parent\": \"#4\"}]",
        "{\"P0\": \"severity: high\"}",
        "{\"P9\": \"x\"}",
        "{\"blocked\": \"blocked\"}",
        "{\"open\": \"x\"}",
        "\"5s\"",
        "\"10m\"",
        "\"5\"",
        "\"soon\"",
        "\"agent-{session}\"",
        "[\"ci-bot\"]",
        "[\"@bob\"]",
        "[\"renovate[bot]\"]",
        "[\"cargo\", \"test\"]",
        "\"docs/worklogs\"",
        "\"/etc\"",
        "{\"NAME\": \"value\"}",
        "{\"1NAME\": \"value\"}",
        "{\"NAME\": 1}",
        "[\"DATABASE_PASSWORD\"]",
        "[\"GH_TOKEN\"]",
        "\"junit\"",
        "\"libtest\"",
        "\"link\"",
        "\"set\"",
        "\"named\"",
        "\"main\"",
        "\"-x\"",
        "\"failing-tests\"",
        "200000",
        "\"a]\"",
        "[\"[\"]",
    ];
    let long = [json!("x".repeat(51)), json!(["x".repeat(51)]), json!("x".repeat(70))];
    texts.into_iter().map(sample).chain(long).collect()
}

/// What a schema can't say, or says for the statuses of all projects: it may take more than the parser.
const LOOSER: [&str; 13] = [
    "sync.default-branch",
    "status",
    "links",
    "title",
    "worklogs",
    "labels.ignore",
    "sync.branches",
    "sync.deadline",
    "suites.NAME.folder",
    "suites.NAME.results",
    "suites.NAME.pass",
    "suites.NAME.format",
    "repository",
];

/// Values for which both must agree, put where `with` puts them.
fn agree(
    judge: &Judge,
    name: &str,
    with: impl Fn(&Value) -> Value,
    is_read: impl Fn(&Value) -> bool,
) -> (u32, u32) {
    let (mut good, mut bad) = (0, 0);
    for value in samples() {
        let file = with(&value);
        let (read, taken) = (is_read(&file), judge.takes(&file));
        assert!(!read || taken, "{name}: {value} is read, and the schema rejects it");
        assert!(
            read || !taken || LOOSER.contains(&name),
            "{name}: {value} is refused, and the schema takes it"
        );
        if taken { good += 1 } else { bad += 1 }
    }
    let is_kept = ["severity_text", "status_text", "duration", "note"].contains(&name);
    assert!(good > 0 && (bad > 0 || is_kept), "{name}: {good} good and {bad} bad values try it");
    (good, bad)
}

#[test]
fn the_schema_of_front_matter_agrees_with_the_parser() {
    let judge = Judge::new(schema::front_matter());
    let top = |name: &str, value: &Value| {
        let mut file = json!({"gardener": 1, "id": "w", "entries": [{"id": "e", "title": "t"}]});
        file[name] = value.clone();
        file
    };
    for key in &file_keys::HEADER {
        // A text that says nothing is no worklog at all; whether it is one is another question.
        if key.name != "gardener" {
            agree(&judge, key.name, |value| top(key.name, value), reads);
        }
    }
    for key in &file_keys::ENTRY {
        let with = |value: &Value| {
            let mut file = top("title", &json!("w"));
            file["entries"][0][key.name] = value.clone();
            file
        };
        agree(&judge, key.name, with, reads);
    }
    for (list, keys) in [("runs", &file_keys::RUN[..]), ("candidates", &file_keys::CANDIDATE[..])] {
        for key in keys {
            let with = |value: &Value| {
                let mut item = json!({"issue": 3});
                item[key.name] = value.clone();
                let mut file = top("title", &json!("w"));
                match list {
                    "runs" => file["runs"] = json!([item]),
                    _ => file["entries"][0]["candidates"] = json!([item]),
                }
                file
            };
            agree(&judge, key.name, with, reads);
        }
    }
}

#[test]
fn the_schema_of_the_config_agrees_with_the_parser() {
    let judge = Judge::new(schema::config());
    let is_read = |file: &Value| toml::to_string(file).is_ok_and(|text| config::parse(&text).is_ok());
    for key in KEYS {
        let with = |value: &Value| {
            let mut file = json!({"suites": {"a": {"command": ["true"]}}});
            let mut place = &mut file;
            let parts: Vec<&str> =
                key.name.split('.').map(|part| if part == "NAME" { "a" } else { part }).collect();
            for part in &parts[..parts.len() - 1] {
                place = &mut place[*part];
                if place.is_null() {
                    *place = json!({});
                }
            }
            place[parts[parts.len() - 1]] = value.clone();
            file
        };
        agree(&judge, key.name, with, is_read);
        let example: toml::Value = toml::from_str(&format!("x = {}", key.example)).expect("TOML");
        let mut file = with(&serde_json::to_value(&example["x"]).expect("JSON"));
        if key.name == "suites.NAME.results" {
            file["suites"]["a"]["format"] = json!("junit");
        }
        assert!(judge.takes(&file) && is_read(&file), "{}: {file}", key.name);
    }
    assert!(
        !judge.takes(&json!({"sync": {"crate-limit": 3}})) && !judge.takes(&json!({"suites": {"a": {}}}))
    );
}

/// Every worklog and config of this repository that is right, and files that are not.
#[test]
fn good_files_pass_and_broken_ones_do_not() {
    let judge = Judge::new(schema::front_matter());
    let shown = include_str!("../../README.md")
        .split("```markdown\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let shown = shown.expect("a worklog");
    let good = [shown, include_str!("commands/critical.md"), include_str!("commands/logs.md")];
    for text in good {
        assert!(judge.takes(&front_matter(text)), "{text}");
    }
    let entry = |lines: &str| format!("gardener: 1\nid: w\nentries:\n  - id: e\n    title: t\n    {lines}\n");
    let broken = [
        "gardener: 2\nid: w\n".to_owned(),
        "gardener: one\nid: w\n".to_owned(),
        "gardener: 1\n".to_owned(),
        "id: w\n".to_owned(),
        "gardener: 1\nid: two words\n".to_owned(),
        "gardener: 1\nid: w\nlabels: bug\n".to_owned(),
        "gardener: 1\nid: w\nruns: [cargo test]\n".to_owned(),
        "gardener: 1\nid: w\narchived: yes please\n".to_owned(),
        "gardener: 1\nid: w\nentries: {id: e}\n".to_owned(),
        "gardener: 1\nid: w\nentries:\n  - id: e\n".to_owned(),
        "gardener: 1\nid: w\nentries:\n  - title: t\n".to_owned(),
        entry("severity: P5"),
        entry("severity: high"),
        entry("status: Done!"),
        entry("issue: soon"),
        entry("issue: -3"),
        entry("labels: [\"\"]"),
        entry("labels: [1]"),
        entry("links: [{blocked: \"#3\"}]"),
        entry("links: 12"),
        entry("tests: tests/a.py"),
        entry("flaky: maybe"),
        entry("count: many"),
        entry("candidates: [{score: 0.3}]"),
        entry("candidates: [{issue: 3, score: 30}]"),
    ];
    for text in &broken {
        let value = front_matter(&format!("---\n{text}---\n"));
        assert!(!judge.takes(&value), "{text}");
        assert!(!reads(&value), "{text}");
    }
    assert!(broken.len() >= 20);
}

#[test]
fn the_reference_page_is_the_one_that_is_printed() {
    let page = Sandbox::new().gardener(["schema", "reference"]).run();
    assert_eq!(page.code, 0, "{}", page.err);
    // SNAPSHOTS=overwrite writes it anew.
    Assert::new().action_env("SNAPSHOTS").eq(page.out, file!["../../docs/reference.md"]);
}

#[test]
fn schemas_are_printed_as_they_are() {
    for (what, schema) in [("worklog", schema::front_matter()), ("config", schema::config())] {
        let printed = Sandbox::new().gardener(["schema", what]).run();
        assert_eq!(serde_json::from_str::<Value>(&printed.out).expect("JSON"), schema);
    }
}
