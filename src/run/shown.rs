//! What of a failure's own text is shown: its message, the frames of the project, the difference.
//!
//! Tools put much around these: node a list of notes of its own, with the time that the test took first,
//! and every language the frames of its library. They go only where something is left that says more;
//! how much of the rest finds room is for `excerpt`. Pure.

/// Keys of the notes below a test in TAP that say nothing to a reader.
const NOTES: [&str; 11] = [
    "duration_ms",
    "type",
    "failureType",
    "code",
    "name",
    "exitCode",
    "signal",
    "operator",
    "severity",
    "test",
    "generatedMessage",
];

/// The same text without a tool's notes and without runs of frames that are none of the project's.
pub(super) fn shown(detail: &str) -> String {
    without_library(&without_notes(detail))
}

/// Notes of TAP as what they say: the message, the values unless it has them, the place, the frames.
fn without_notes(detail: &str) -> String {
    let Some(notes) = notes(detail) else { return detail.to_owned() };
    let of = |key: &str| notes.iter().find(|(name, _)| *name == key).map(|(_, text)| text.trim_end());
    let message = of("error").or_else(|| of("message")).unwrap_or_default();
    let mut parts: Vec<String> = vec![message.to_owned()];
    for (key, text) in &notes {
        let text = text.trim_end();
        let says = !text.is_empty() && text != "~" && text != "null";
        match *key {
            "error" | "message" | "stack" | "location" | "at" => {}
            "expected" | "actual" | "wanted" | "got" if message.contains(text) => {}
            "expected" | "actual" | "wanted" | "got" if message.contains("+ actual - expected") => {}
            key if NOTES.contains(&key) || !says => {}
            key if text.contains('\n') => parts.push(format!("{key}:\n{text}")),
            key => parts.push(format!("{key}: {text}")),
        }
    }
    parts.extend(of("location").or_else(|| of("at")).map(|place| format!("at {place}")));
    parts.extend(of("stack").map(str::to_owned));
    parts.retain(|part| !part.trim().is_empty());
    if parts.is_empty() { detail.to_owned() } else { parts.join("\n") }
}

/// The keys and texts of a block of YAML, if these are a tool's notes.
fn notes(detail: &str) -> Option<Vec<(&str, String)>> {
    let mut notes: Vec<(&str, String)> = Vec::new();
    let filled = detail.lines().filter(|line| !line.trim().is_empty());
    let margin = filled.map(indent).min().unwrap_or(0);
    for line in detail.lines().map(|line| line.get(margin..).unwrap_or_default()) {
        let is_inside = line.starts_with(' ') || line.is_empty();
        match notes.last_mut().filter(|_| is_inside) {
            Some((_, text)) => {
                text.push_str(line.strip_prefix("  ").unwrap_or(line.trim_start()));
                text.push('\n');
            }
            None => {
                let (key, value) = line.split_once(':')?;
                let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let value = value.strip_prefix(' ').or(value.is_empty().then_some(""))?;
                let starts_block = matches!(value.trim(), "" | "|-" | "|" | ">-" | ">");
                let value = if starts_block { String::new() } else { format!("{}\n", unquoted(value)) };
                notes.push((key, value));
                if !is_key {
                    return None;
                }
            }
        }
    }
    let is_one = |key: &str| notes.iter().any(|(name, _)| *name == key);
    (is_one("duration_ms") || is_one("stack") || is_one("operator") && notes.len() > 2).then_some(notes)
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    for quote in ['\'', '"', '`'] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote))
            && !inner.contains(quote)
        {
            return inner;
        }
    }
    value
}

/// A line of a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// It begins a frame of the project.
    Own,
    /// It begins a frame of a library.
    Library,
    /// It is none.
    Other,
}

/// Leaves out runs of frames of libraries, with the lines of source below each, if a frame of the project
/// is left.
fn without_library(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let kinds: Vec<Line> = (0..lines.len()).map(|at| kind(&lines, at)).collect();
    if !kinds.contains(&Line::Own) || !kinds.contains(&Line::Library) {
        return text.to_owned();
    }
    let mut out: Vec<String> = Vec::new();
    // How many were left out since the last line that stays, and the first and the last of them.
    let (mut at, mut left_out, mut first, mut last) = (0, 0, "", "");
    while at < lines.len() {
        if kinds[at] != Line::Library {
            if left_out > 0 {
                out.push(left_out_words(first, last, left_out));
                left_out = 0;
            }
            out.push(lines[at].to_owned());
            at += 1;
            continue;
        }
        (first, last) = (if left_out == 0 { lines[at] } else { first }, lines[at]);
        left_out += 1;
        let indent = indent(lines[at]);
        at += 1;
        // Its source and marks stand deeper; a frame of Rust says below it where it is. What pytest
        // raised there is no source.
        while at < lines.len()
            && kinds[at] == Line::Other
            && self::indent(lines[at]) > indent
            && !lines[at].starts_with("E ")
        {
            at += 1;
        }
    }
    if left_out > 0 {
        out.push(left_out_words(first, last, left_out));
    }
    out.join("\n")
}

/// What stands in the place of frames: as far in as the first was, and with the bracket that node opens
/// behind the last.
fn left_out_words(first: &str, last: &str, count: usize) -> String {
    let frames = if count == 1 { "frame of a library" } else { "frames of libraries" };
    let opens = if last.ends_with(" {") { " {" } else { "" };
    format!("{}[… {count} {frames} left out …]{opens}", &first[..indent(first)])
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ' || *c == '\t').count()
}

fn kind(lines: &[&str], at: usize) -> Line {
    let line = lines[at].strip_prefix("E ").unwrap_or(lines[at]).trim();
    let line = line.strip_suffix(" {").unwrap_or(line);
    let of = |is_library: bool| if is_library { Line::Library } else { Line::Own };
    // Python: `File "x.py", line 3, in f`. That of a wrong syntax names no function and is the fault.
    if let Some((path, rest)) = line.strip_prefix("File \"").and_then(|l| l.split_once("\", line ")) {
        return if rest.contains(", in ") { of(is_library(path)) } else { Line::Own };
    }
    // pytest: `x.py:3: in f`.
    if let Some((place, _)) = line.split_once(": in ")
        && let Some((path, number)) = place.rsplit_once(':')
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.is_empty()
    {
        return of(is_library(path));
    }
    // Rust: `12: core::panicking::panic`, and below it `at /rustc/…`.
    if let Some((number, name)) = line.split_once(": ")
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.is_empty()
    {
        let below = lines.get(at + 1).map_or("", |l| l.trim());
        let starts = ["std::", "core::", "alloc::", "test::", "__rust", "rust_begin_unwind", "<fn"];
        let is_frame = below.starts_with("at ") || starts.iter().any(|s| name.starts_with(s));
        let is_std = starts.iter().any(|s| name.starts_with(s)) || is_library(below);
        return if is_frame { of(is_std) } else { Line::Other };
    }
    // JavaScript and Java: `at f (file:3:4)`, `at a.b.C.f(C.java:3)`; in node's notes without the `at`.
    let called = line.strip_prefix("at ").map(|l| l.trim_start_matches("async "));
    if let Some(call) = called {
        let is_rust = lines.get(at.wrapping_sub(1)).is_some_and(|l| kind_of_rust(l));
        return if is_rust { Line::Other } else { of(is_library(call) || is_nowhere(call)) };
    }
    let call = line.strip_prefix("async ").unwrap_or(line);
    if call.starts_with("node:internal/") || is_nowhere(call) {
        return Line::Library;
    }
    match call.strip_suffix(')').and_then(|c| c.rsplit_once(" (")) {
        Some((_, place)) if is_place(place) => of(is_library(place)),
        _ => Line::Other,
    }
}

/// Whether a line is the first of a frame of Rust, whose second is `at …`.
fn kind_of_rust(line: &str) -> bool {
    line.trim().split_once(": ").is_some_and(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// `file.mjs:3:4`, with or without a scheme.
fn is_place(text: &str) -> bool {
    let mut parts = text.rsplit(':');
    let is_number =
        |part: Option<&str>| part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some_and(|p| !p.is_empty())
}

/// A frame of JavaScript without a place.
fn is_nowhere(call: &str) -> bool {
    call.ends_with("(<anonymous>)") || call.starts_with("Promise.all (index ")
}

/// Whether a path, or a call of Java, is none of the project's.
fn is_library(text: &str) -> bool {
    const PARTS: [&str; 13] = [
        "node:",
        "node_modules/",
        "/lib/python3",
        "/lib64/python3",
        "site-packages/",
        "dist-packages/",
        "<frozen ",
        "/rustc/",
        "/.cargo/registry/",
        "/toolchains/",
        "/usr/local/go/src/",
        "/usr/lib/go",
        "/vendor/phpunit/",
    ];
    const PACKAGES: [&str; 9] = [
        "java.base/",
        "java.",
        "jdk.",
        "sun.",
        "org.junit.",
        "junit.",
        "org.apache.maven.",
        "org.gradle.",
        "app//org.junit.",
    ];
    PARTS.iter().any(|part| text.contains(part)) || PACKAGES.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_notes_are_told_by_what_they_say() {
        let notes = "duration_ms: 0.2\nlocation: '/a/cart.test.mjs:17:5'\nfailureType: 'testCodeFailure'\n\
                     error: |-\n  Expected values to be strictly equal:\n  \n  3 !== 4\n  \ncode: 'ERR_ASSERTION'\n\
                     name: 'AssertionError'\nexpected: 4\nactual: 3\noperator: 'strictEqual'\nstack: |-\n  \
                     TestContext.<anonymous> (file:///a/cart.test.mjs:17:38)\n  Test.run (node:internal/x:796:25)\n  \
                     async Promise.all (index 0)\n  async Suite.run (node:internal/y:1135:7)\n";
        assert_eq!(
            shown(notes),
            "Expected values to be strictly equal:\n\n3 !== 4\nat /a/cart.test.mjs:17:5\n\
             TestContext.<anonymous> (file:///a/cart.test.mjs:17:38)\n[… 3 frames of libraries left out …]"
        );
        let tape = "operator: equal\nexpected: 2\nactual: 1\nat: Test.<anonymous> (/a/cart.test.js:4:5)\nstack: |-\n  \
                    Error: should be equal\n      at Test.assert (/a/node_modules/tape/lib/test.js:3:1)\n      \
                    at Test.<anonymous> (/a/cart.test.js:4:5)";
        assert_eq!(
            shown(tape),
            "expected: 2\nactual: 1\nat Test.<anonymous> (/a/cart.test.js:4:5)\nError: should be equal\n    \
             [… 1 frame of a library left out …]\n    at Test.<anonymous> (/a/cart.test.js:4:5)"
        );
        let inner = "  operator: fail\n  at: f (/a/b.js:1:2)\n  stack: |-\n    Error: no\n";
        assert_eq!(shown(inner), "at f (/a/b.js:1:2)\nError: no");
        let inspected = "Error: no\n    at /a/b.mjs:1:2\n    at new Promise (<anonymous>)\n    at Array.map (<anonymous>) {\n  code: 1\n}";
        assert_eq!(
            shown(inspected),
            "Error: no\n    at /a/b.mjs:1:2\n    [… 2 frames of libraries left out …] {\n  code: 1\n}"
        );
        for other in ["error: nothing\nmore: words", "stack: of cards\nis no note", "plain\nwords: here", ""]
        {
            assert_eq!(shown(other), other);
        }
        assert_eq!(shown("duration_ms: 1.5\n"), "duration_ms: 1.5\n", "where nothing would be left");
    }

    #[test]
    fn frames_of_libraries_go_where_the_projects_own_are_left() {
        let python = "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/unittest/mock.py\", line 9, in run\n    \
                      call()\n    ^^^^^^\n  File \"/a/cart.py\", line 3, in add\n    raise KeyError(x)\nKeyError: 'x'";
        assert_eq!(
            shown(python),
            "Traceback (most recent call last):\n  [… 1 frame of a library left out …]\n  \
             File \"/a/cart.py\", line 3, in add\n    raise KeyError(x)\nKeyError: 'x'"
        );
        let pytest = "/v/site-packages/_pytest/python.py:5: in load\n    f()\n    ^^^\nE     File \"/a/x.py\", line 1\n\
                      E       def x(:\nE   SyntaxError: invalid syntax";
        assert_eq!(
            shown(pytest),
            "[… 1 frame of a library left out …]\nE     File \"/a/x.py\", line 1\nE       def x(:\n\
             E   SyntaxError: invalid syntax"
        );
        let rust = "thread 'x' panicked at src/a.rs:3:5:\nboom\nstack backtrace:\n   0: rust_begin_unwind\n             \
                    at /rustc/abc/library/std/src/panicking.rs:1:2\n   1: core::panicking::panic\n             \
                    at /rustc/abc/library/core/src/panicking.rs:1:2\n   2: cart::add\n             at ./src/a.rs:3:5";
        assert_eq!(
            shown(rust),
            "thread 'x' panicked at src/a.rs:3:5:\nboom\nstack backtrace:\n   [… 2 frames of libraries left out …]\n   \
             2: cart::add\n             at ./src/a.rs:3:5"
        );
        let java = "org.opentest4j.AssertionFailedError: expected: <2>\n\tat org.junit.jupiter.api.X.f(X.java:1)\n\t\
                    at com.acme.CartTest.adds(CartTest.java:9)\n\tat java.base/java.lang.reflect.Method.invoke(M.java:3)";
        assert_eq!(
            shown(java),
            "org.opentest4j.AssertionFailedError: expected: <2>\n\t[… 1 frame of a library left out …]\n\t\
             at com.acme.CartTest.adds(CartTest.java:9)\n\t[… 1 frame of a library left out …]"
        );
        // Where all are of libraries they are what there is.
        let all = "  File \"/usr/lib/python3.11/json/decoder.py\", line 355, in raw_decode\nValueError: no";
        assert_eq!(shown(all), all);
        let words = "at noon (12:30:45) the job: in time\n1: one\n2: two";
        assert_eq!(shown(words), words);
    }
}
