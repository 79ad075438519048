//! What in the head of a line is a name: of a logger or program, and not of a thread or a host.

use super::Level;
use super::entry::raised_type;

pub(super) fn first_word(text: &str) -> &str {
    text.split([' ', ':', '|']).next().unwrap_or_default().trim_matches(['[', ']', '-'])
}

/// `host program[123]: rest` or `host program: rest`.
pub(super) fn program(text: &str) -> Option<(&str, &str)> {
    let (host, rest) = text.split_once(' ')?;
    let (tag, message) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|t| (t, "")))?;
    let name = tag.split_once('[').filter(|(_, pid)| pid.ends_with(']'));
    let fits = is_name(host) && Level::of_word(host).is_none() && !host.ends_with(':');
    match name {
        Some((name, _)) if fits && is_name(name) => Some((name, message)),
        None if fits && is_name(tag) && (tag == "kernel" || tag == "systemd") => Some((tag, message)),
        _ => None,
    }
}

/// Whether a text may be the name of a logger or a program.
pub(super) fn is_name(text: &str) -> bool {
    (2..=80).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/' | '$' | '@'))
        && !text.ends_with(['.', '-'])
        && !text.contains("://")
}

/// Words that begin messages and are no names, and names of exceptions.
pub(super) fn is_a_word(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    let words = [
        "error",
        "failed",
        "failure",
        "unable",
        "cannot",
        "could",
        "panic",
        "bug",
        "oops",
        "caused",
        "exception",
        "fatal",
        "warning",
        "invalid",
        "missing",
        "unknown",
        "unexpected",
        "timeout",
        "reason",
        "http",
        "https",
        "note",
        "the",
    ];
    words.contains(&low.as_str()) || raised_type(&format!("{text}:")).is_some()
}

/// Whether a text names a thread or a process: nothing that serves anybody.
pub(super) fn is_thread(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    let ends = text
        .rsplit(['-', '#', '_', ' '])
        .next()
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let telling = [
        "thread",
        "exec",
        "worker",
        "pool",
        "process",
        "scheduler",
        "executor",
        "nio",
        "tid",
        "pid",
        "goroutine",
        "task",
    ];
    low == "main"
        || low.bytes().all(|b| b.is_ascii_digit() || b == b' ')
        || telling.iter().any(|t| low.contains(t)) && (ends || !low.contains('.') && !low.contains("::"))
        || ends && low.contains("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_threads() {
        for name in ["shop.cart", "com.x.Cart", "shop::cart", "auth-service", "web_api"] {
            assert!(is_name(name) && !is_thread(name), "{name}");
        }
        for thread in
            ["main", "http-nio-8080-exec-1", "pool-1-thread-2", "12345", "MainThread", "ForkPoolWorker-1"]
        {
            assert!(is_thread(thread), "{thread}");
        }
        assert!(is_a_word("Error") && is_a_word("KeyError") && !is_a_word("shop"));
        assert_eq!(program("host shop[12]: x"), Some(("shop", "x")));
        assert_eq!(program("no such thing: x"), None);
    }
}
