//! JSON Schemas of what people write, and the page that lists every key: both from the tables that the
//! parsers read.
//!
//! Floor 2, pure. Editors complete and warn with a schema as one types; what it can't say (two entries
//! with one id, a label that stands for two things) is left to `gardener check`. A schema never rejects what
//! gardener reads: a test holds both against the same files.

pub mod reference;

use serde_json::{Map, Value, json};

use crate::config;
use crate::model::{FileKey, Label, LinkKind, Severity, Shape};
use crate::worklog::file_keys;

/// The draft that editors know best.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a worklog's front matter.
pub fn front_matter() -> Value {
    let mut schema = map_of(&file_keys::HEADER);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), DRAFT.into());
        object.insert("title".to_owned(), "Front matter of a gardener worklog, format 1".into());
    }
    schema
}

/// The schema of `gardener.toml`.
pub fn config() -> Value {
    let mut top = table("");
    for key in config::KEYS {
        let parts: Vec<&str> = key.name.split('.').collect();
        put(&mut top, &parts, "", key);
    }
    if let Some(object) = top.as_object_mut() {
        object.insert("$schema".to_owned(), DRAFT.into());
        object.insert("title".to_owned(), "gardener.toml, format 1".into());
    }
    top
}

/// Puts a key into its table, which is `within` of the top, and makes tables on the way.
fn put(place: &mut Value, parts: &[&str], within: &str, key: &config::Key) {
    let Some(object) = place.as_object_mut() else { return };
    // Whatever a suite is called, its keys are the same.
    let (list, word) = match parts.first() {
        Some(&"NAME") => ("patternProperties", "^[A-Za-z0-9._-]{1,60}$"),
        Some(word) => ("properties", *word),
        None => return,
    };
    let Some(keys) = object.entry(list).or_insert_with(|| json!({})).as_object_mut() else { return };
    if let [part, rest @ ..] = parts
        && !rest.is_empty()
    {
        let within = if within.is_empty() { (*part).to_owned() } else { format!("{within}.{part}") };
        put(keys.entry(word).or_insert_with(|| table(&within)), rest, &within, key);
        return;
    }
    let mut value = of(key.shape, false);
    if let Some(value) = value.as_object_mut() {
        let words = format!("{} Default: {}.", key.meaning, key.default.trim_end_matches('.'));
        value.insert("description".to_owned(), words.into());
    }
    keys.insert(word.to_owned(), value);
    if key.name == "suites.NAME.command" {
        object.insert("required".to_owned(), json!(["command"]));
    }
}

fn table(name: &str) -> Value {
    let what = match name {
        "" => "What a project chooses for gardener.".to_owned(),
        name => format!("[{name}]"),
    };
    json!({"type": "object", "description": what, "properties": {}, "additionalProperties": false})
}

/// A map with these keys, and others, which are kept and mean nothing.
fn map_of(keys: &[FileKey]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut value = of(key.shape, !key.required);
        if let Some(value) = value.as_object_mut() {
            value.insert("description".to_owned(), key.meaning.into());
        }
        properties.insert(key.name.to_owned(), value);
    }
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// The schema of one value. In front matter a key without a value is one that is left out.
fn of(shape: Shape, may_be_null: bool) -> Value {
    let mut schema = plain(shape);
    if may_be_null && let Some(object) = schema.as_object_mut() {
        let kind = object.get("type").cloned();
        match kind {
            Some(Value::String(kind)) => drop(object.insert("type".to_owned(), json!([kind, "null"]))),
            Some(Value::Array(mut kinds)) => {
                kinds.push("null".into());
                object.insert("type".to_owned(), kinds.into());
            }
            _ => {}
        }
        if let Some(Value::Array(words)) = object.get_mut("enum") {
            words.push(Value::Null);
        }
        if let Some(Value::Array(all)) = object.get_mut("anyOf") {
            all.push(json!({"type": "null"}));
        }
    }
    schema
}

fn plain(shape: Shape) -> Value {
    let words = |words: &[&str]| json!({"type": "string", "enum": words});
    let list = |of: Value| json!({"type": "array", "items": of});
    let label = json!({"type": "string", "minLength": 1, "maxLength": Label::MAX_CHARS, "pattern": r"^[^\s\u0000-\u001f]([^\u0000-\u001f]*[^\s\u0000-\u001f])?$"});
    let line = json!({"type": "string", "pattern": r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"});
    let variable = "^[A-Za-z_][A-Za-z0-9_]*$";
    match shape {
        Shape::Version => json!({"type": "integer", "const": 1}),
        Shape::Text => json!({"type": "string"}),
        Shape::Kept => json!({}),
        Shape::Share => json!({"type": "number", "minimum": 0, "maximum": 1}),
        Shape::Line => line,
        Shape::Id(most) => {
            json!({"type": "string", "pattern": "^[0-9A-Za-z_-]+$", "minLength": 1, "maxLength": most})
        }
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Whole(least, most) => match most {
            u64::MAX => json!({"type": "integer", "minimum": least}),
            _ => json!({"type": "integer", "minimum": least, "maximum": most}),
        },
        Shape::Words(all) => words(all),
        Shape::Usual(all) => json!({"type": "string", "examples": all}),
        Shape::Severity => words(&Severity::ALL.map(Severity::word)),
        // A project's own statuses are in its gardener.toml, which no schema can read.
        Shape::Status => json!({
            "type": "string", "pattern": "^[a-z][a-z0-9-]*$",
            "examples": ["open", "in-progress", "completed", "not-planned", "duplicate"],
        }),
        Shape::Issue => json!({"anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?#[0-9]{1,12}$|^[0-9]{1,12}$"},
        ]}),
        Shape::Label => label,
        Shape::Labels => list(label),
        Shape::Links => {
            let target = json!({"type": "string", "minLength": 1, "maxLength": 500});
            let mut kinds = Map::new();
            for kind in LinkKind::ALL {
                kinds.insert(kind.word().to_owned(), target.clone());
            }
            let pair = json!({
                "type": "object", "properties": kinds, "additionalProperties": false,
                "minProperties": 1, "maxProperties": 1,
            });
            list(json!({"anyOf": [target, pair]}))
        }
        Shape::Candidates => list(map_of(&file_keys::CANDIDATE)),
        Shape::Texts => list(json!({"type": "string"})),
        Shape::Lines => list(line),
        Shape::Maps(keys) => list(map_of(keys)),
        Shape::Repository => json!({"type": "string", "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"}),
        Shape::Inside => json!({"type": "string", "minLength": 1, "pattern": r"^[^/\\:]([^\\:]*)$"}),
        Shape::SeverityLabels => {
            let all = Severity::ALL.map(|severity| (severity.word().to_owned(), label.clone()));
            json!({"type": "object", "properties": Map::from_iter(all), "additionalProperties": false})
        }
        Shape::StatusLabels => json!({
            "type": "object", "additionalProperties": label, "propertyNames": {
                "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 40,
                "not": {"enum": ["open", "completed", "not-planned", "duplicate"]},
            },
        }),
        Shape::Patterns => list(json!({"type": "string", "minLength": 1})),
        Shape::Branch => {
            json!({"type": "string", "pattern": r"^[^\s\u0000-\u001f~^:?*\[\\/-][^\s\u0000-\u001f~^:?*\[\\]*$"})
        }
        Shape::Time => json!({"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}),
        Shape::Accounts => list(json!({"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,60}(\[bot\])?$"})),
        Shape::Command => {
            json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "contains": {"minLength": 1}})
        }
        Shape::Variables => json!({
            "type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"pattern": variable},
        }),
        Shape::VariableNames => list(json!({"type": "string", "pattern": variable})),
        Shape::SessionLabel => {
            json!({"type": "string", "pattern": r"^[^\s{\u0000-\u001f]?[^{\u0000-\u001f]*\{session\}[^{\u0000-\u001f]*$"})
        }
    }
}
