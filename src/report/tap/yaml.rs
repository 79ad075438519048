//! What the diagnostics of a failed test say: a YAML block as producers write it, which is not
//! always YAML, or comments.

use super::super::text::{MESSAGE, bound};
use super::super::words;
use crate::model::Fault;

/// What is said of a failure.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) message: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) file: Option<String>,
    /// Node's own word for how it failed.
    pub(super) failure_type: Option<String>,
}

impl Said {
    pub(super) fn fault(&self) -> Fault {
        let by_type = match self.failure_type.as_deref() {
            Some("testTimeoutFailure") => Some(Fault::TimedOut),
            Some("hookFailed" | "cancelledByParent" | "parentAlreadyFinished") => Some(Fault::Errored),
            _ => None,
        };
        let by_word = self.message.as_deref().and_then(words::fault);
        by_type.or(by_word).unwrap_or(Fault::Failed)
    }
}

/// Reads the diagnostics of a test.
pub(super) fn read(text: &str, is_yaml: bool) -> Said {
    if is_yaml { yaml(text) } else { comments(text) }
}

fn yaml(text: &str) -> Said {
    let mut said = Said::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut operator = None;
    let first = lines.iter().find(|l| !l.trim().is_empty()).copied().unwrap_or_default();
    let base = first.len() - first.trim_start().len();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        let Some((key, value)) = line.trim_start().split_once(':') else { continue };
        let indent = (line.len() - line.trim_start().len()).saturating_sub(base);
        // Deeper keys belong to a value; Vitest and node-tap keep the error's own below `error`.
        let is_wanted = indent == 0 || (indent <= 4 && matches!(key, "name" | "message"));
        let value = value.trim();
        let full = match value.chars().next() {
            Some('|' | '>') if value.len() <= 3 => {
                let start = at;
                let is_in = |l: &str| l.trim().is_empty() || l.len() - l.trim_start().len() > indent + base;
                while at < lines.len() && is_in(lines[at]) {
                    at += 1;
                }
                let block: Vec<&str> =
                    lines[start..at].iter().map(|l| l.get(indent + base + 2..).unwrap_or_default()).collect();
                block.join("\n").trim_end().to_owned()
            }
            Some(quote @ ('"' | '\'' | '`')) => {
                let mut whole = value.to_owned();
                while !is_closed(&whole, quote) && at < lines.len() && whole.len() < 4 * MESSAGE {
                    whole.push('\n');
                    whole.push_str(lines[at]);
                    at += 1;
                }
                unquote(&whole, quote)
            }
            _ => value.to_owned(),
        };
        if !is_wanted || full.is_empty() {
            continue;
        }
        match key {
            "message" | "error" => said.message = said.message.or(Some(bound(&full, MESSAGE))),
            "name" | "type" if full != "suite" && full != "test" => said.kind = said.kind.or(Some(full)),
            "failureType" => said.failure_type = Some(full),
            "operator" => operator = Some(full),
            "location" | "at" | "file" if said.file.is_none() => said.file = place(&full),
            _ => {}
        }
    }
    if said.kind.is_none() {
        said.kind = said.message.as_deref().and_then(words::exception).or(operator);
    }
    said
}

fn is_closed(text: &str, quote: char) -> bool {
    let escaped = text.ends_with(&format!("\\{quote}")) && quote == '"' && !text.ends_with("\\\\\"");
    text.len() > 1 && text.ends_with(quote) && !escaped
}

fn unquote(text: &str, quote: char) -> String {
    let inner = text.strip_prefix(quote).unwrap_or(text);
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    match quote {
        '"' => inner.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"),
        '\'' => inner.replace("''", "'"),
        _ => inner.to_owned(),
    }
}

/// The file of `Test.<anonymous> (/src/a.js:8:5)`, `file:///src/a.mjs:8:5` or `/src/a.js:8:5`.
fn place(text: &str) -> Option<String> {
    let inner = text.rsplit_once('(').map_or(text, |(_, inner)| inner.trim_end_matches(')'));
    let path = inner.trim().trim_start_matches("file://");
    let mut path = path.to_owned();
    for _ in 0..2 {
        if let Some((front, number)) = path.rsplit_once(':')
            && number.bytes().all(|b| b.is_ascii_digit())
        {
            path = front.to_owned();
        }
    }
    Some(path).filter(|p| p.contains(['/', '\\', '.']) && !p.contains(' '))
}

fn comments(text: &str) -> Said {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let mut said = Said::default();
    let is_place = |l: &str| {
        l.starts_with("(in test file ") || l.starts_with("(from function ") || l.starts_with("in test file ")
    };
    let at =
        |l: &str| l.strip_prefix("at ")?.strip_suffix('.')?.split_once(" line ").map(|(f, _)| f.to_owned());
    said.file = lines.iter().find_map(|l| at(l)).or_else(|| {
        let line = lines.iter().find(|l| is_place(l))?;
        let file = line.split("test file ").nth(1)?;
        file.split(", line").next().map(str::to_owned)
    });
    let first = lines.iter().position(|l| l.starts_with("Failed test"));
    said.message = if let Some(first) = first {
        // Test::More: what it got and expected says more than that it failed.
        let rest: Vec<&str> = lines[first + 1..]
            .iter()
            .take_while(|l| !l.starts_with("Looks like you ") && !l.starts_with("Failed test"))
            .filter(|l| at(l).is_none())
            .copied()
            .collect();
        Some(if rest.is_empty() { lines[first].to_owned() } else { rest.join("\n") })
    } else {
        lines.iter().find(|l| !is_place(l)).map(|l| (*l).to_owned())
    };
    said.kind = said.message.as_deref().and_then(words::exception);
    if said.kind.is_none() {
        // Mocha repeats its message behind the type.
        let message = said.message.clone().unwrap_or_default();
        said.kind = lines
            .iter()
            .skip(1)
            .find(|l| !message.is_empty() && l.ends_with(&message))
            .and_then(|l| words::exception(l).or_else(|| words::exception(l.split(" [").next()?)));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_folded_values() {
        let said = yaml(
            "error: |-\n  two\n    lines\ncode: 'X'\nname: 'AssertionError'\nlocation: '/src/a.mjs:8:3'\n",
        );
        assert_eq!(said.message.as_deref(), Some("two\n  lines"));
        assert_eq!(
            (said.kind.as_deref(), said.file.as_deref()),
            (Some("AssertionError"), Some("/src/a.mjs"))
        );
        let said = yaml(
            "error:\n    name: \"Error\"\n    message: \"Test timed out in 200ms.\nIf this \\\"is\\\".\"\n",
        );
        assert_eq!(said.message.as_deref(), Some("Test timed out in 200ms.\nIf this \"is\"."));
        assert_eq!(said.fault(), Fault::TimedOut);
        assert_eq!(yaml("message: 'it''s'\n").message.as_deref(), Some("it's"));
    }

    #[test]
    fn comments_of_test_more_and_bats() {
        let said =
            comments("  Failed test 'adds'\n  at cart.t line 8.\n         got: '3'\n    expected: '4'\n");
        assert_eq!(said.message.as_deref(), Some("got: '3'\nexpected: '4'"));
        assert_eq!(said.file.as_deref(), Some("cart.t"));
        let said = comments("(in test file cart.bats, line 12)\n  `false' failed\n");
        assert_eq!(said.message.as_deref(), Some("`false' failed"));
        assert_eq!(said.file.as_deref(), Some("cart.bats"));
    }
}
