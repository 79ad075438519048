//! What an entry says of itself, and what the head of the file says of all.

use std::collections::BTreeSet;

use crate::legacy::alike::plain;
use crate::legacy::candidates::{At, Candidate};
use crate::legacy::fields::{self, Field};
use crate::legacy::outline::Outline;
use crate::legacy::words::{self, Weight};
use crate::model::Severity;

/// The most tests and files of an entry.
const MOST: usize = 60;

/// How bad an entry is, and as it is written where it says so itself. `elsewhere` is the level that the
/// rest of the file gives it.
///
/// A level (`P1`) beats a word (`high`), and what the entry says beats what is said of it elsewhere. The
/// level of a log line (`WARNING`) is no judgement of the problem and counts last.
pub(super) fn severity(
    outline: &Outline<'_>,
    entry: &Candidate,
    elsewhere: Option<Severity>,
) -> (Option<Severity>, Option<String>) {
    let fields = own_fields(outline, entry);
    let told: Vec<&Field<'_>> = fields.iter().filter(|field| field.is_severity()).collect();
    // `Severity` is meant for this; `Priority` is there instead of it or beside it.
    let written = told.iter().find(|f| f.key.contains("severity") && words::severity(f.value).is_some());
    let level = told.iter().find(|f| words::level(f.value).is_some());
    let written =
        level.or(written).or(told.first()).map(|f| f.value.replace(['*', '`'], "").trim().to_owned());
    let tags = &entry.named.tags;
    let own: Option<(Severity, Weight)> = written.as_deref().and_then(words::severity);
    // `(HIGH FREQUENCY)` is about something else.
    let tags = tags.iter().filter(|tag| !tag.to_lowercase().contains("frequen"));
    let tagged = tags.clone().filter_map(|tag| words::severity(tag)).min_by_key(|(_, weight)| *weight);
    let heading = match entry.at {
        At::Heading(at) => words::level(&outline.headings[at].plain),
        _ => None,
    };
    let above = || {
        let chain = outline.chain(entry.parent).filter(|at| outline.headings[*at].level > 1);
        chain.filter_map(|at| words::leading(&outline.headings[at].plain)).collect::<Vec<_>>()
    };
    let of_weight = |found: Option<(Severity, Weight)>, weight: Weight| {
        found.filter(|(_, w)| *w == weight).map(|(s, _)| s)
    };
    let found = of_weight(own, Weight::Level)
        .or_else(|| of_weight(tagged, Weight::Level))
        .or(heading)
        .or_else(|| of_weight(own, Weight::Word))
        .or_else(|| above().into_iter().find(|(_, w)| *w == Weight::Level).map(|(s, _)| s))
        .or(elsewhere)
        .or_else(|| fields.iter().filter(|f| f.is_kind()).find_map(|f| words::level(f.value)))
        .or_else(|| of_weight(tagged, Weight::Word))
        .or_else(|| fields.iter().filter(|f| f.is_kind()).find_map(|f| words::in_slug(f.value)))
        .or_else(|| fields.iter().find(|f| f.key.ends_with("impact")).and_then(|f| words::alone(f.value)))
        .or_else(|| above().into_iter().map(|(s, _)| s).next())
        .or_else(|| of_weight(own, Weight::Log))
        .or_else(|| of_weight(tagged, Weight::Log));
    let tag = || tags.clone().find(|tag| words::severity(tag).is_some()).cloned();
    (found, written.filter(|w| !w.is_empty()).or_else(tag))
}

/// Where an entry stands, as it is written.
pub(super) fn status(outline: &Outline<'_>, entry: &Candidate) -> Option<String> {
    let fields = own_fields(outline, entry);
    let value = fields.iter().find(|field| field.is_status())?.value.replace(['*', '`'], "");
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The fields of an entry: for a heading those before any heading below it, else all that it has.
fn own_fields<'t>(outline: &Outline<'t>, entry: &Candidate) -> Vec<Field<'t>> {
    let range = entry.start + 1..entry.section.end;
    let At::Heading(at) = entry.at else { return fields::fields(outline, range) };
    let heading = &outline.headings[at];
    let own = fields::fields(outline, heading.span.end..heading.own_end);
    if own.iter().any(|field| field.is_severity() || field.is_status()) {
        return own;
    }
    fields::fields(outline, heading.span.end..entry.section.end)
}

/// Names of tests and paths of files in the code spans of an entry; its files are those of the heading
/// above where it has none itself.
pub(super) fn tests_and_files(outline: &Outline<'_>, entry: &Candidate) -> (Vec<String>, Vec<String>) {
    let (mut tests, mut files) = (Vec::new(), Vec::new());
    let spans = |from: usize, end: usize| {
        let first = outline.code.partition_point(|(span, _)| span.start < from);
        outline.code[first..].iter().take_while(move |(span, _)| span.start < end).map(|(_, code)| code)
    };
    let mut seen = BTreeSet::new();
    for code in spans(entry.start, entry.section.end) {
        let code = code.trim();
        // A command names files among its words.
        let words = code.split_whitespace().filter(|_| code.contains(' '));
        for path in words.filter_map(path).filter(|path| path.contains('/')) {
            if seen.insert(path.to_owned()) && files.len() < MOST {
                files.push(path.to_owned());
            }
        }
        if is_test(code) && seen.insert(code.to_owned()) && tests.len() < MOST {
            tests.push(code.to_owned());
        } else if let Some(path) = path(code)
            && seen.insert(path.to_owned())
            && files.len() < MOST
        {
            files.push(path.to_owned());
        }
    }
    if files.is_empty()
        && let Some(above) = entry.parent.map(|at| &outline.headings[at]).filter(|above| above.level > 1)
    {
        let inherited = spans(above.span.end, above.own_end).filter_map(|code| path(code.trim()));
        files.extend(inherited.take(3).map(str::to_owned));
    }
    (tests, files)
}

/// `test_x`, `TestX::test_y`, `a/b.py::test_x`, `TestX/part`
fn is_test(code: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || "_.:/[]-".contains(c);
    let plain = !code.is_empty() && code.chars().count() <= 300 && code.chars().all(is_name);
    let last = code.rsplit("::").next().unwrap_or(code);
    let parted = code.contains("::") && !code.contains(":/") && !last.is_empty();
    let function = code.starts_with("test_") || code.starts_with("Test");
    plain && (parted || (function && path(code).is_none() && !code.ends_with(['_', '.', '/'])))
}

/// A path with an extension, without the line behind it.
fn path(code: &str) -> Option<&str> {
    let (path, rest) = code.split_once(':').unwrap_or((code, ""));
    let is_line = rest.chars().all(|c| c.is_ascii_digit() || "-:,".contains(c));
    let path = path.trim_start_matches("./");
    let is_name = |c: char| c.is_alphanumeric() || "_./-@+".contains(c);
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    let extended = (1..=5).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    // `module.name` has no path and no extension that files have.
    let is_file = path.contains('/')
        || matches!(
            extension,
            "py" | "rs"
                | "js"
                | "ts"
                | "tsx"
                | "jsx"
                | "go"
                | "java"
                | "kt"
                | "rb"
                | "php"
                | "cs"
                | "c"
                | "cc"
                | "cpp"
                | "h"
                | "sh"
                | "yml"
                | "yaml"
                | "toml"
                | "json"
                | "md"
                | "xml"
                | "sql"
                | "html"
                | "css"
                | "swift"
                | "ini"
                | "cfg"
        );
    (is_line
        && extended
        && is_file
        && !stem.is_empty()
        && path.chars().all(is_name)
        && !path.starts_with("//"))
    .then_some(path)
}

/// The file's title.
pub(super) fn title(outline: &Outline<'_>) -> Option<String> {
    let first = outline.headings.first().filter(|heading| heading.level <= 2)?;
    Some(first.plain.clone()).filter(|title| !title.is_empty())
}

/// What kind of worklog it is, where its title or name says so.
pub(super) fn kind(outline: &Outline<'_>, name: &str) -> Option<&'static str> {
    let text = plain(&format!("{} {name}", title(outline).unwrap_or_default()));
    let has = |wanted: &[&str]| text.split(' ').any(|word| wanted.contains(&word));
    if has(&["test", "tests", "failing", "failures"]) {
        Some("failing-tests")
    } else {
        has(&["log", "logs"]).then_some("logs")
    }
}

/// The area it is about, where a field of its head, which ends at `head`, says so.
pub(super) fn focus(outline: &Outline<'_>, head: usize) -> Option<String> {
    let fields = fields::fields(outline, 0..head);
    let field = fields.iter().find(|f| f.key.split(' ').any(|word| word == "focus"))?;
    let value = field.value.split(['(', '\n']).next().unwrap_or_default().replace(['*', '`'], "");
    Some(value.trim().to_owned()).filter(|value| !value.is_empty() && value.chars().count() <= 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_paths_are_told_from_other_code() {
        for code in
            ["test_login", "TestLogin::test_it", "a/b.py::test_it[x-1]", "tests::cache::keeps", "TestIt/part"]
        {
            assert!(is_test(code), "{code}");
        }
        for code in ["cargo test", "wss://example.org::x y", "tests/a.py", "None", "test_", "assert a == b"] {
            assert!(!is_test(code), "{code}");
        }
        assert_eq!(path("/app/a/b.py:18"), Some("/app/a/b.py"));
        assert_eq!(path("test_a.py"), Some("test_a.py"));
        for code in ["app.core.settings", "1.5", "a b.py", "https://x.y/z.html", "key: value.py", ""] {
            assert_eq!(path(code), None, "{code}");
        }
    }
}
