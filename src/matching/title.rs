//! One line for people.

use super::kind;
use super::reading::Reading;
use super::telling::telling;
use crate::model::{Failure, Fault};
use crate::wording::{for_people, plain, shortened};

/// The longest title, in characters.
pub(super) const LONGEST: usize = 100;

/// Exception and message of a failure in one line, without paths and addresses of a machine.
pub(super) fn title(reading: &Reading, failure: &Failure) -> String {
    let (message, detail) = (plain(&failure.message), plain(&failure.detail));
    let (raw, _) = telling(&message, &detail, failure);
    let mut line = for_people(&with_values(&headline(&raw), &raw, &detail));
    line = line.lines().next().unwrap_or_default().trim().trim_start_matches(['#', '>']).trim().to_owned();
    line = unquoted(&line).to_owned();
    let kind = reading
        .kind
        .as_deref()
        .filter(|k| !k.contains(' ') && !matches!(*k, "assertion" | "Failed" | "panic"))
        .filter(|k| k.starts_with(|c: char| c.is_uppercase()) || !kind::is_assertion(k));
    let short = kind::leading(&line).map(|(name, rest)| {
        let name = kind::short(name).unwrap_or_default();
        if rest.is_empty() || name.is_empty() { format!("{name}{rest}") } else { format!("{name}: {rest}") }
    });
    if let Some(short) = short {
        line = short;
    } else if let Some(kind) = kind
        && !line.contains(kind)
    {
        line = match line.is_empty() {
            true if kind::is_assertion(kind) && !reading.code.is_empty() => for_people(&reading.code),
            true => kind.to_owned(),
            false => format!("{kind}: {line}"),
        };
    }
    // `AssertionError: assert 1 == 2` says the same twice.
    for twice in ["AssertionError: assert ", "AssertionError: assertion ", "AssertionError: Expected "] {
        if line.starts_with(twice) {
            line = line["AssertionError: ".len()..].to_owned();
        }
    }
    let name = for_people(&failure.test).replace('\n', " ");
    let line = match failure.fault {
        _ if line.is_empty() => match failure.fault {
            Fault::TimedOut => format!("{name} timed out"),
            Fault::Crashed => format!("{name} crashed"),
            Fault::Errored => format!("{name} could not be set up"),
            Fault::Failed => format!("{name} fails"),
        },
        _ => line,
    };
    shortened(&line, LONGEST)
}

/// The line of a text that says most: its first one, unless that only says where something is, or is
/// a key of a tool's notes. Empty where no line says anything.
pub fn headline(text: &str) -> String {
    // pytest marks what was raised.
    let bare = text.lines().map(|line| line.strip_prefix("E ").unwrap_or(line).trim());
    let mut lines = bare.filter(|line| !line.is_empty());
    let first = lines.clone().next().unwrap_or_default();
    // Python begins a wrong syntax with its place, and says what it is at the end.
    if let Some((path, number)) = first.strip_prefix("File \"").and_then(|rest| rest.split_once("\", line "))
        && let Some(raised) = lines.rfind(|line| kind::leading(line).is_some())
    {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let number: String = number.chars().take_while(char::is_ascii_digit).collect();
        return format!("{raised} ({file}, line {number})");
    }
    let is_note = |key: &str| first.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
    let is_empty = first.starts_with("Traceback (most recent call last)")
        || first.starts_with("[Error [ERR_TEST_FAILURE]: ] {")
        || NOTES.iter().any(|key| is_note(key));
    if is_empty { String::new() } else { first.to_owned() }
}

/// Keys of what node and tape note about a failure, none of which says what went wrong.
const NOTES: [&str; 8] =
    ["duration_ms", "location", "failureType", "at", "stack", "operator", "exitCode", "code"];

/// A line that only announces values, with the values.
fn with_values(line: &str, raw: &str, detail: &str) -> String {
    // node writes a message of several lines into one where it is an attribute.
    let line =
        line.split_once(":+ actual - expected").map_or(line.to_owned(), |(line, _)| format!("{line}:"));
    let jest = line.strip_suffix(" // Object.is equality").unwrap_or(&line);
    let is_jest = jest.contains("expect(received)") && jest.ends_with(')');
    let is_rust = line.starts_with("assertion `left ") && line.ends_with(" failed");
    if !(line.ends_with(':') || is_jest || is_rust) {
        return line;
    }
    let after = |text: &str| -> Vec<String> {
        let mut lines = text.lines().map(str::trim);
        lines.find(|other| other.ends_with(line.as_str()) || other.ends_with(jest));
        let rest = lines.take_while(|l| !l.starts_with("at ") && !l.starts_with("note: "));
        let says = |l: &&str| !l.is_empty() && !l.starts_with("+ actual") && !l.starts_with("@@");
        rest.filter(says).take(40).map(str::to_owned).collect()
    };
    let lines = Some(after(raw)).filter(|lines| !lines.is_empty()).unwrap_or_else(|| after(detail));
    let starts = |marks: &[&str]| {
        let found = lines.iter().find(|l| marks.iter().any(|m| l.starts_with(m)));
        found.map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let pairs: [(&[&str], &[&str]); 3] =
        [(&["left:"], &["right:"]), (&["Expected"], &["Received"]), (&["+ "], &["- "])];
    let pair = pairs.iter().find_map(|(a, b)| Some(format!("{}, {}", starts(a)?, starts(b)?)));
    let Some(values) = pair.or_else(|| lines.first().cloned()) else { return line };
    let line = if is_jest { jest } else { line.trim_end_matches(':') };
    format!("{line}: {values}")
}

/// The text without quotes around the whole of it, as YAML writes a value.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote))
            && !inner.contains(quote)
        {
            return inner;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titled(message: &str, detail: &str) -> String {
        let failure = Failure {
            test: "cart adds".to_owned(),
            file: None,
            fault: Fault::Failed,
            kind: None,
            message: message.to_owned(),
            detail: detail.to_owned(),
            output: String::new(),
            is_flaky: false,
        };
        title(&Reading::new("unit", &failure), &failure)
    }

    #[test]
    fn a_title_says_what_is_wrong_and_not_where() {
        let syntax =
            "File \"/home/ada/app/cart.py\", line 12\n  def x(:\n        ^\nSyntaxError: invalid syntax";
        assert_eq!(titled(syntax, ""), "SyntaxError: invalid syntax (cart.py, line 12)");
        let marked =
            "x.py:5: in load\nE     File \"app/cart.py\", line 12\nE       def x(:\nE   SyntaxError: bad";
        assert_eq!(
            headline(&format!("File \"app/cart.py\", line 12\n{marked}")),
            "SyntaxError: bad (cart.py, line 12)"
        );
        let empty = "Traceback (most recent call last):\n  File \"t.py\", line 4, in test_a\n    assert ready\nAssertionError\n";
        assert_eq!(titled(empty, ""), "cart adds fails");
        assert_eq!(titled("", "duration_ms: 0.1\nlocation: 'a.mjs:1:2'\n"), "cart adds fails");
    }

    #[test]
    fn a_line_that_only_announces_values_has_them_behind_it() {
        let strictly = "Expected values to be strictly equal:";
        let deeply = "Expected values to be strictly deep-equal:";
        let diff = "+ actual - expected\n\n  {\n    a: 1,\n+   b: 2\n-   b: 3\n  }";
        for (message, detail, expected) in [
            (format!("{strictly}\n\n3 !== 4\n"), "", format!("{strictly} 3 !== 4")),
            (format!("{deeply}\n{diff}"), "", format!("{deeply} + b: 2, - b: 3")),
            (
                format!("{deeply}+ actual - expected  {{    a: 1,+   b: 2-   b: 3  }}"),
                &*format!("Error [ERR_TEST_FAILURE]: {deeply}\n{diff}\n    at new Promise"),
                format!("{deeply} + b: 2, - b: 3"),
            ),
            (
                "assertion `left == right` failed\n  left: 1\n right: 2".to_owned(),
                "",
                "assertion `left == right` failed: left: 1, right: 2".to_owned(),
            ),
            (
                "expect(received).toBe(expected) // Object.is equality\n\nExpected: 2\nReceived: 1"
                    .to_owned(),
                "",
                "expect(received).toBe(expected): Expected: 2, Received: 1".to_owned(),
            ),
            ("got:\n  3\n".to_owned(), "", "got: 3".to_owned()),
            ("nothing follows:".to_owned(), "", "nothing follows:".to_owned()),
        ] {
            assert_eq!(titled(&message, detail), expected);
        }
    }
}
