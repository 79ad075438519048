//! A line of JSON, in the words of the loggers that write it.

use serde_json::{Map, Value};

use super::Level;
use super::entry::Entry;
use super::moment;
use crate::model::Timestamp;

const LEVELS: [&str; 9] = [
    "level",
    "severity",
    "lvl",
    "levelname",
    "log.level",
    "loglevel",
    "@level",
    "PRIORITY",
    "syslog.severity",
];
const MESSAGES: [&str; 10] =
    ["msg", "message", "@message", "MESSAGE", "textPayload", "event", "error", "err", "log", "text"];
const TIMES: [&str; 10] = [
    "time",
    "ts",
    "timestamp",
    "@timestamp",
    "t",
    "date",
    "datetime",
    "asctime",
    "__REALTIME_TIMESTAMP",
    "eventTime",
];
const SERVICES: [&str; 13] = [
    "service",
    "logger",
    "app",
    "component",
    "name",
    "unit",
    "service.name",
    "logger_name",
    "@module",
    "module",
    "SYSLOG_IDENTIFIER",
    "_SYSTEMD_UNIT",
    "program",
];
const STACKS: [&str; 8] = [
    "stack",
    "exception",
    "error.stack",
    "stacktrace",
    "stack_trace",
    "exc_info",
    "traceback",
    "error.stack_trace",
];

/// Reads an object; the level is absent where it tells none.
pub(super) fn object(line: &str, object: &Map<String, Value>, today: Option<Timestamp>) -> Entry {
    let mut entry = Entry { line: line.to_owned(), is_timed: true, ..Entry::default() };
    let payload = object.get("jsonPayload").and_then(Value::as_object);
    let find = |names: &[&'static str]| {
        let within = |o: &'_ Map<String, Value>, name: &str| value(o, name).cloned();
        names
            .iter()
            .find_map(|n| within(object, n).or_else(|| payload.and_then(|p| within(p, n))).map(|v| (*n, v)))
    };
    entry.level = find(&LEVELS).and_then(|(_, v)| level(&v));
    entry.moment = find(&TIMES).and_then(|(_, v)| when(&v, today));
    entry.service = find(&SERVICES).and_then(|(_, v)| match v {
        Value::String(name) => Some(name).filter(|n| !n.is_empty()),
        Value::Object(service) => value(&service, "name").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    });
    let message = find(&MESSAGES);
    let errors = ["error", "err", "exception", "exc"];
    let error = errors.iter().find_map(|n| value(object, n).or_else(|| payload.and_then(|p| value(p, n))));
    let mut text = message.as_ref().map(|(_, v)| spoken(v)).unwrap_or_default();
    // A logger's word for what it does, and what went wrong in a field of its own.
    if let Some(error) = error.map(spoken).filter(|e| !e.is_empty() && !text.contains(e.as_str())) {
        text = if text.is_empty() { error } else { format!("{text}: {error}") };
    }
    entry.is_foreign =
        entry.level.is_none() && entry.moment.is_none() && message.is_none() && error.is_none();
    let is_error = error.is_some() || find(&STACKS).is_some();
    if let Some((_, stack)) = find(&STACKS) {
        push_stack(&mut entry, &stack);
    }
    if let Some(stack) = error.and_then(|e| e.get("stack").or_else(|| e.get("stacktrace"))) {
        push_stack(&mut entry, stack);
    }
    // Docker and others wrap a line that has a head of its own.
    if entry.level.is_none() && !text.is_empty() {
        let inner = super::text::line(text.lines().next().unwrap_or_default().trim_end(), today);
        if inner.level.is_some() {
            entry.level = inner.level;
            entry.service = entry.service.take().or(inner.service);
            text = inner.message;
        } else if is_error {
            entry.level = Some(Level::Error);
        }
    }
    entry.message = if text.trim().is_empty() { others(object) } else { text };
    entry
}

fn push_stack(entry: &mut Entry, stack: &Value) {
    let text = match stack {
        Value::String(text) => text.clone(),
        other => spoken(other),
    };
    for line in text.lines() {
        entry.add(line);
    }
}

/// A field by its name; `a.b` also as a field of a field.
fn value<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    object
        .get(name)
        .or_else(|| name.split_once('.').and_then(|(outer, inner)| object.get(outer)?.get(inner)))
        .filter(|v| !v.is_null())
}

fn level(value: &Value) -> Option<Level> {
    match value {
        Value::String(word) => {
            let number = || word.trim().parse().ok().and_then(Level::of_number);
            Level::of_word(word.trim()).or_else(number).or_else(|| Level::of_letter(word.trim()))
        }
        Value::Number(number) => number.as_i64().and_then(Level::of_number),
        Value::Object(object) => {
            value_of(object, "name").or_else(|| value_of(object, "level")).and_then(Level::of_word)
        }
        _ => None,
    }
}

fn value_of<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o str> {
    object.get(name).and_then(Value::as_str)
}

fn when(value: &Value, today: Option<Timestamp>) -> Option<Timestamp> {
    match value {
        Value::String(text) => moment::whole(text, today),
        Value::Number(number) => number.as_f64().and_then(moment::epoch),
        Value::Object(object) => object.get("seconds").and_then(Value::as_f64).and_then(moment::epoch),
        _ => None,
    }
}

/// A message or an error as a text: `{"type": "E", "message": "m"}` is `E: m`.
fn spoken(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => {
            let kind = ["type", "kind", "class", "name", "code"].iter().find_map(|k| value_of(object, k));
            let said = ["message", "msg", "reason", "description"].iter().find_map(|k| value_of(object, k));
            match (kind, said) {
                (Some(kind), Some(said)) if !said.contains(kind) => format!("{kind}: {said}"),
                (_, Some(said)) => said.to_owned(),
                (Some(kind), None) => kind.to_owned(),
                (None, None) => others(object),
            }
        }
        Value::Null | Value::Bool(_) => String::new(),
        other => other.to_string(),
    }
}

/// What else an object says, where it has no message.
fn others(object: &Map<String, Value>) -> String {
    let known =
        |name: &str| [&LEVELS[..], &TIMES[..], &SERVICES[..], &STACKS[..]].iter().any(|l| l.contains(&name));
    let told = object.iter().filter(|(k, v)| {
        !known(k) && !v.is_null() && !matches!(k.as_str(), "pid" | "hostname" | "host" | "v")
    });
    let told: Vec<String> = told
        .map(|(k, v)| match v {
            Value::String(text) => format!("{k}={text}"),
            other => format!("{k}={other}"),
        })
        .filter(|t| !t.ends_with('='))
        .take(8)
        .collect();
    if told.is_empty() { "(no message)".to_owned() } else { told.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Entry {
        let value: Value = serde_json::from_str(line).expect("JSON");
        object(line, value.as_object().expect("an object"), None)
    }

    #[track_caller]
    fn is(line: &str, level: Level, service: Option<&str>, message: &str) -> Entry {
        let entry = read(line);
        assert_eq!(
            (entry.level, entry.service.as_deref(), entry.message.as_str()),
            (Some(level), service, message)
        );
        entry
    }

    #[test]
    fn the_usual_loggers() {
        let entry = is(
            r#"{"level":50,"time":1757851170123,"pid":7,"hostname":"h","name":"shop","msg":"no price"}"#,
            Level::Error,
            Some("shop"),
            "no price",
        );
        assert_eq!(entry.moment.map(|m| m.to_string()).as_deref(), Some("2025-09-14T11:59:30Z"));
        is(
            r#"{"severity":"CRITICAL","message":"no price","logger":"a.b"}"#,
            Level::Fatal,
            Some("a.b"),
            "no price",
        );
        is(
            r#"{"lvl":"warn","event":"no price","service":{"name":"shop"}}"#,
            Level::Warn,
            Some("shop"),
            "no price",
        );
        is(
            r#"{"log.level":"error","message":"no price","service.name":"shop"}"#,
            Level::Error,
            Some("shop"),
            "no price",
        );
        is(
            r#"{"PRIORITY":"3","MESSAGE":"no price","_SYSTEMD_UNIT":"shop.service"}"#,
            Level::Error,
            Some("shop.service"),
            "no price",
        );
        is(r#"{"severity":"ERROR","jsonPayload":{"message":"no price"}}"#, Level::Error, None, "no price");
        is(
            r#"{"log":"2025-09-14 11:59:30 ERROR no price\n","stream":"stderr"}"#,
            Level::Error,
            None,
            "no price",
        );
    }

    #[test]
    fn errors_and_stacks() {
        let entry = is(
            r#"{"level":"error","msg":"failed","err":{"type":"TypeError","message":"x","stack":"TypeError: x\n  at f"}}"#,
            Level::Error,
            None,
            "failed: TypeError: x",
        );
        assert_eq!(entry.more.len(), 2);
        is(r#"{"level":"error","error":"boom"}"#, Level::Error, None, "boom");
        is(r#"{"msg":"x","error":"boom"}"#, Level::Error, None, "x: boom");
    }

    #[test]
    fn one_without_a_message_is_not_dropped() {
        is(r#"{"level":"error"}"#, Level::Error, None, "(no message)");
        is(r#"{"level":"error","path":"/a","code":5}"#, Level::Error, None, "code=5 path=/a");
        is(r#"{"level":"error","msg":""}"#, Level::Error, None, "(no message)");
        assert_eq!(read(r#"{"level":"info","msg":"x"}"#).level, Some(Level::Info));
        assert_eq!(read(r#"{"a":1}"#).level, None);
    }
}
