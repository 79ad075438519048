//! What type of failure it is, from the tool's word for it or from the texts.

/// Words of tools that say no more than "failed".
const EMPTY: [&str; 12] = [
    "failure",
    "error",
    "failed",
    "fail",
    "test failure",
    "exception",
    "unknown",
    "panic",
    "testcasefailure",
    "fatal",
    "failing",
    "testcodefailure",
];

const ASSERTIONS: &[&str] = &[
    "AssertionError",
    "AssertionFailedError",
    "ComparisonFailure",
    "JestAssertionError",
    "MultipleFailuresError",
    "AssertionFailed",
    "ExpectationNotMetError",
    "ArrayComparisonFailure",
    "Failed",
    "assertion",
    "Failure",
    "AssertionErrorWithFacts",
    // What TAP calls the operator.
    "deepEqual",
    "equal",
    "strictEqual",
    "deepStrictEqual",
    "deepLooseEqual",
    "notEqual",
    "ok",
    "notOk",
    "throws",
    "fail",
    "match",
    "equals",
    "same",
    "strictSame",
    "is",
    "like",
];

const ENDINGS: [&str; 14] = [
    "Error",
    "Exception",
    "Failure",
    "Warning",
    "Interrupt",
    "Exit",
    "Expired",
    "Timeout",
    "Panic",
    "Fault",
    "Refused",
    "Failed",
    "NotFound",
    "Iteration",
];

/// The type by its last name, without its package; `None` if it says nothing.
pub(super) fn short(kind: &str) -> Option<String> {
    let kind = kind.trim().trim_end_matches(':');
    let kind = kind.split(['<', '(', ' ']).next().unwrap_or(kind);
    // `locale.Error` says nothing without its module.
    if let Some((module, "Error" | "error")) = kind.rsplit_once('.') {
        let module = module.rsplit('.').next().unwrap_or(module);
        let is_plain = matches!(module, "builtins" | "lang" | "exceptions" | "errors" | "");
        return (!is_plain).then(|| format!("{module}.{}", &kind[kind.len() - 5..]));
    }
    let kind = kind.rsplit(['.', ':', '\\', '$']).next().unwrap_or(kind);
    let says = !kind.is_empty() && !EMPTY.contains(&kind.to_ascii_lowercase().as_str());
    says.then(|| kind.to_owned())
}

/// Whether it is the type of assertions, which says little about what went wrong.
pub(super) fn is_assertion(kind: &str) -> bool {
    ASSERTIONS.contains(&kind)
}

/// The type that a line begins with, and the rest: `builtins.KeyError: 'x'`.
pub(super) fn leading(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start().trim_start_matches("Uncaught ").trim_start_matches("Unhandled ");
    let line = match line.strip_prefix("Exception in thread \"") {
        Some(rest) => rest.split_once("\" ").map_or(line, |(_, rest)| rest),
        None => line,
    };
    let end =
        line.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '$'))).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    // Node: `Error [ERR_X]: message`.
    let rest = match rest.strip_prefix(" [").and_then(|r| r.split_once(']')) {
        Some((_, after)) if after.starts_with(':') => after,
        _ => rest,
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    // With the package before it any name is that of a type: `shop.errors.OutOfStock: none left`.
    let is_whole = rest.starts_with(": ")
        && name.len() > last.len()
        && name[..name.len() - last.len()]
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_'))
        && last.bytes().any(|b| b.is_ascii_lowercase());
    // Old types of Python's own modules: `socket.gaierror`, `zipimport.zipimporterror`.
    let is_old =
        name.len() > last.len() && ["error", "timeout", "exception"].iter().any(|e| last.ends_with(e));
    let fits = is_old
        || last.starts_with(|c: char| c.is_ascii_uppercase())
            && (is_whole || ENDINGS.iter().any(|e| last.ends_with(e)));
    if !fits || !(rest.is_empty() || rest.starts_with(':')) {
        return None;
    }
    Some((name, rest.trim_start_matches(':').trim()))
}

/// All names of types in a text that somebody may have written by hand.
pub(super) fn mentioned(text: &str) -> Vec<String> {
    let word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
    let names = text.split(word).map(|w| w.trim_matches('.').rsplit('.').next().unwrap_or_default());
    let is_type = |w: &&str| {
        w.starts_with(|c: char| c.is_ascii_uppercase())
            && ENDINGS.iter().any(|e| w.ends_with(e) && w.len() > e.len())
            && w.bytes().any(|b| b.is_ascii_lowercase())
            && !w.starts_with("Test")
    };
    names.filter(is_type).map(str::to_owned).collect()
}

/// A type for failures of languages that have none, from the message: panics of Rust and Go.
pub(super) fn from_message(message: &str) -> Option<String> {
    let text = message.trim();
    for (start, kind) in [
        ("assertion `left", "assertion"),
        ("assertion failed", "assertion"),
        ("assertion `", "assertion"),
        ("called `Option::unwrap()`", "unwrap of None"),
        ("index out of bounds", "index out of bounds"),
        ("attempt to ", "arithmetic"),
        ("range ", "range"),
        ("byte index ", "range"),
        ("not yet implemented", "not implemented"),
        ("not implemented", "not implemented"),
        ("internal error: entered unreachable", "unreachable"),
        ("already borrowed", "borrow"),
        ("already mutably borrowed", "borrow"),
        ("RefCell already", "borrow"),
        ("assert ", "assertion"),
        ("expected ", "assertion"),
        ("Expected ", "assertion"),
        ("expect(", "assertion"),
        ("Not equal", "assertion"),
        ("Should be ", "assertion"),
    ] {
        if text.starts_with(start) {
            return Some(kind.to_owned());
        }
    }
    // What the system said: `Os { code: 111, kind: ConnectionRefused, message: "…" }`.
    if let Some(name) = text.split_once("Os { code: ").and_then(|(_, rest)| identifier_after(rest, "kind: "))
    {
        return Some(format!("io {name}"));
    }
    if let Some((_, error)) = text.split_once("called `Result::unwrap()` on an `Err` value: ") {
        let name: String = error.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        return Some(if name.is_empty() { "unwrap of Err".to_owned() } else { format!("unwrap of {name}") });
    }
    if let Some((_, rest)) = text.split_once("runtime error: ") {
        let what = rest.split(['[', '\n', ':']).next().unwrap_or(rest).trim();
        return Some(crate::wording::normalise(what));
    }
    text.contains("panic: ").then(|| "panic".to_owned())
}

/// The identifier behind a word.
fn identifier_after<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(word)?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_from_words_and_lines() {
        assert_eq!(short("java.lang.IllegalStateException").as_deref(), Some("IllegalStateException"));
        assert_eq!(short("failure"), None);
        assert_eq!(leading("builtins.KeyError: 'x'"), Some(("builtins.KeyError", "'x'")));
        assert_eq!(leading("TypeError [ERR_X]: no"), Some(("TypeError", "no")));
        assert_eq!(leading("AssertionError"), Some(("AssertionError", "")));
        assert_eq!(leading("the Error: x"), None);
        assert_eq!(
            from_message("called `Option::unwrap()` on a `None` value").as_deref(),
            Some("unwrap of None")
        );
        assert_eq!(
            from_message("panic: runtime error: index out of range [3]").as_deref(),
            Some("index out of range")
        );
        assert_eq!(
            mentioned("It raises a KeyError (see shop.CartError); TestError is a test."),
            ["KeyError", "CartError"]
        );
    }
}
