//! How tools say that a test took too long or lost its process. Only their own words count: a
//! message of a test that happens to speak of a timeout is a failure like any other.

use crate::model::Fault;

/// What the message, in the tool's words, says of how the test ended; `None` if nothing special.
pub(super) fn fault(message: &str) -> Option<Fault> {
    let first = super::text::first_line(message);
    let first = first.strip_prefix("Error: ").unwrap_or(&first);
    let timed_out = first.starts_with("Failed: Timeout ")
        || first == "(test timed out)"
        || numbered(first, &["Exceeded timeout of ", "thrown: \"Exceeded timeout of "], &[" ms for a "])
        || numbered(first, &["Test timed out in ", "Hook timed out in "], &["ms"])
        || numbered(first, &["Timeout of "], &["ms exceeded."])
        || first.starts_with("panic: test timed out after ")
        || numbered(first, &["execution timed out after "], &[" ms"])
        || first.starts_with("execution exceeded timeout of ");
    let crashed = first.starts_with("(test aborted with signal")
        || first.starts_with("process aborted with signal")
        || first.starts_with("The forked VM terminated")
        || first.contains("The forked VM terminated without")
        || (first.contains("worker '") && first.contains("' crashed while running "));
    match (timed_out, crashed) {
        (true, _) => Some(Fault::TimedOut),
        (_, true) => Some(Fault::Crashed),
        _ => None,
    }
}

/// The same of the single words of CTest, which anybody's message could be.
pub(super) fn ctest(message: &str) -> Option<Fault> {
    match message.trim() {
        "Timeout" => Some(Fault::TimedOut),
        "SEGFAULT" | "Subprocess aborted" | "Subprocess killed" | "ILLEGAL" | "NUMERICAL" | "BUS_ERROR"
        | "OTHER_FAULT" | "Exception" => Some(Fault::Crashed),
        _ => None,
    }
}

/// Whether a text is one of the starts, a number, and one of the ends.
fn numbered(text: &str, starts: &[&str], ends: &[&str]) -> bool {
    starts.iter().filter_map(|s| text.strip_prefix(s)).any(|rest| {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        after.len() < rest.len() && ends.iter().any(|e| after.starts_with(e))
    })
}

/// The type of an exception that a text begins with: `ValueError` of `ValueError: no rate`.
pub(super) fn exception(text: &str) -> Option<String> {
    let first = super::text::first_line(text);
    let word = first.split([':', ' ', '(']).next().unwrap_or_default();
    let ends = ["Error", "Exception", "Exit", "Interrupt", "Warning", "Failure"];
    let is_type = word.chars().all(|c| c.is_alphanumeric() || "_.$\\".contains(c))
        && word.chars().next().is_some_and(char::is_alphabetic)
        && ends.iter().any(|e| word.ends_with(e));
    let is_whole = first.len() == word.len()
        || first[word.len()..].starts_with(':')
        || first[word.len()..].starts_with(" [");
    (is_type && is_whole).then(|| word.to_owned())
}

/// Whether a name is that of a source file of JavaScript or TypeScript.
pub(super) fn is_script(name: &str) -> bool {
    let ends = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"];
    ends.iter().any(|e| name.ends_with(e)) && !name.contains(" > ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tools_words_count() {
        for words in [
            "Failed: Timeout (>0.3s) from pytest-timeout.",
            "Failed: Timeout >1.0s",
            "Error: thrown: \"Exceeded timeout of 200 ms for a test.",
            "Test timed out in 200ms.\nIf this is",
            "Timeout of 100ms exceeded. For async",
            "panic: test timed out after 3s",
        ] {
            assert_eq!(fault(words), Some(Fault::TimedOut), "{words}");
        }
        for words in ["process aborted with signal 6 (SIGABRT)", "worker 'gw1' crashed while running 'a'"] {
            assert_eq!(fault(words), Some(Fault::Crashed), "{words}");
        }
        for words in ["RuntimeError: Timeout while asking", "Timeout of the server", "Timeout", "SEGFAULT"] {
            assert_eq!(fault(words), None, "{words}");
        }
    }

    #[test]
    fn types_are_told_from_words() {
        assert_eq!(exception("a.b.ValueError: x").as_deref(), Some("a.b.ValueError"));
        assert_eq!(exception("AssertionError").as_deref(), Some("AssertionError"));
        assert_eq!(exception("Error while asking: x"), None);
        assert_eq!(exception("assert 1 == 2"), None);
    }
}
