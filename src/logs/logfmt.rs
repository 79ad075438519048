//! Lines of `key=value` pairs.

use super::Level;
use super::entry::Entry;
use super::moment;
use crate::model::Timestamp;

/// `time=… level=error msg="…" component=x`.
pub(super) fn logfmt(text: &str, entry: &mut Entry, today: Option<Timestamp>) -> Option<String> {
    if !["level=", "lvl=", "severity="].iter().any(|k| text.starts_with(k) || text.contains(&format!(" {k}")))
    {
        return None;
    }
    let mut message = None;
    let mut others = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.rsplit(' ').next().unwrap_or(key);
        let (value, next) = match after.strip_prefix('"') {
            Some(inner) => {
                let mut escaped = false;
                let end = inner.char_indices().find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
                let end = end.map_or(inner.len(), |(i, _)| i);
                (inner[..end].replace("\\\"", "\""), inner.get(end + 1..).unwrap_or_default())
            }
            None => {
                let end = after.find(' ').unwrap_or(after.len());
                (after[..end].to_owned(), &after[end..])
            }
        };
        rest = next;
        match key {
            "level" | "lvl" | "severity" => entry.level = Level::of_word(&value).or(entry.level),
            "msg" | "message" => message = Some(value),
            "time" | "ts" | "timestamp" | "t" => {
                entry.is_timed = true;
                entry.moment = moment::whole(&value, today);
            }
            "service" | "logger" | "component" | "app" | "name" | "unit" => entry.service = Some(value),
            "error" | "err" => others.insert(0, format!("{key}={value}")),
            _ => others.push(format!("{key}={value}")),
        }
    }
    entry.level?;
    // The error is half of the message; the other fields matter only where there is no message.
    let error = others.iter().find(|o| o.starts_with("err")).cloned();
    Some(match (message, error) {
        (Some(message), Some(error)) => format!("{message}: {error}"),
        (Some(message), None) => message,
        (None, _) if others.is_empty() => "(no message)".to_owned(),
        (None, _) => others.join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_other_lines_left() {
        let mut entry = Entry::default();
        assert_eq!(logfmt("level=warn path=/a code=5", &mut entry, None).as_deref(), Some("path=/a code=5"));
        assert_eq!(entry.level, Some(Level::Warn));
        assert_eq!(logfmt("level=error", &mut Entry::default(), None).as_deref(), Some("(no message)"));
        assert_eq!(logfmt("the level=high", &mut Entry::default(), None), None);
        assert_eq!(logfmt("a=b", &mut Entry::default(), None), None);
    }
}
