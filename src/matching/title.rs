//! One line for people.

use super::kind;
use super::reading::Reading;
use crate::model::{Failure, Fault};
use crate::wording::{for_people, shortened};

/// The longest title, in characters.
pub(super) const LONGEST: usize = 100;

/// Exception and message of a failure in one line, without paths and addresses of a machine.
pub(super) fn title(reading: &Reading, failure: &Failure) -> String {
    let mut line = for_people(&reading.headline);
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
        line = if line.is_empty() { kind.to_owned() } else { format!("{kind}: {line}") };
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
