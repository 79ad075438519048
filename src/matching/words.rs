//! The words of a message or a line of code that may tell one cause from another.

/// Words of tools and languages, which say nothing of a cause however seldom they are.
const NOTHING: &[&str] = &[
    "actual",
    "all",
    "and",
    "any",
    "are",
    "array",
    "arrayequal",
    "as",
    "assert",
    "asserteq",
    "assertequal",
    "assertequals",
    "assertfalse",
    "assertion",
    "assertionerror",
    "assertraises",
    "assertthat",
    "asserttrue",
    "async",
    "at",
    "await",
    "be",
    "bool",
    "but",
    "by",
    "called",
    "class",
    "code",
    "const",
    "deep",
    "def",
    "detail",
    "details",
    "diff",
    "does",
    "dur",
    "else",
    "eq",
    "equal",
    "equals",
    "err",
    "error",
    "errors",
    "exception",
    "exit",
    "expect",
    "expected",
    "fail",
    "failed",
    "failure",
    "false",
    "file",
    "first",
    "fn",
    "for",
    "from",
    "full",
    "func",
    "function",
    "get",
    "given",
    "got",
    "has",
    "have",
    "hex",
    "id",
    "if",
    "in",
    "index",
    "int",
    "into",
    "ip",
    "is",
    "item",
    "items",
    "left",
    "len",
    "let",
    "line",
    "list",
    "main",
    "message",
    "more",
    "mut",
    "new",
    "nil",
    "no",
    "none",
    "not",
    "null",
    "object",
    "of",
    "ok",
    "on",
    "or",
    "panic",
    "panicked",
    "path",
    "port",
    "raise",
    "raised",
    "received",
    "result",
    "return",
    "right",
    "run",
    "same",
    "second",
    "self",
    "should",
    "some",
    "str",
    "strict",
    "string",
    "test",
    "tests",
    "that",
    "the",
    "then",
    "this",
    "thread",
    "throw",
    "time",
    "tmp",
    "to",
    "tobe",
    "toequal",
    "true",
    "try",
    "type",
    "undefined",
    "unwrap",
    "uuid",
];
const NOTHING_EITHER: &[&str] = &[
    "kind",
    "use",
    "value",
    "values",
    "var",
    "want",
    "was",
    "were",
    "when",
    "where",
    "which",
    "with",
    "without",
    "wrong",
    "you",
    "timed",
    "out",
    "after",
    "timeout",
    "exceeded",
    "pytest",
    "signal",
    "sigsegv",
    "sigabrt",
    "segmentation",
    "fault",
    "core",
    "dumped",
    "crashed",
    "seconds",
    "limit",
    "tuple",
    "dict",
    "set",
    "it",
    "an",
    "skipping",
    "omitting",
    "identical",
];

/// The words of a normalised text in lower case: names are whole, and what is in them as well
/// where they are put together.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut found: Vec<String> = Vec::new();
    let separate = |c: char| !(c.is_alphanumeric() || c == '_');
    for word in text.split(separate) {
        let low = word.trim_matches('_').to_lowercase();
        if is_telling(&low) {
            found.push(low);
        }
    }
    found.truncate(120);
    found.into_iter()
}

/// Whether a message has at least two words that say something.
pub(super) fn informative(text: &str) -> bool {
    words(text).take(2).count() == 2
}

fn is_telling(word: &str) -> bool {
    word.chars().count() >= 3
        && word.chars().any(char::is_alphabetic)
        && NOTHING.binary_search(&word).is_err()
        && !NOTHING_EITHER.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(NOTHING.is_sorted());
    }

    #[test]
    fn words_that_tell() {
        let found: Vec<String> = words("assert parse_date('x') == None for Cart").collect();
        assert_eq!(found, ["parse_date", "cart"]);
        assert!(informative("cannot open the cart"));
        assert!(!informative("assert <n> == <n>"));
    }
}
