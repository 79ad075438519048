//! Which format a file is in.

use super::decode;
use super::text::plain;
use crate::model::Format;

/// Which format a file is in, from its name and its first bytes (64 KiB are enough); None when it
/// can't be told.
pub fn guess(name: &str, head: &[u8]) -> Option<Format> {
    let text = decode::peek(&head[..head.len().min(64 << 10)]);
    by_text(&text).or_else(|| by_name(name, &text))
}

fn by_text(text: &str) -> Option<Format> {
    let start = text.trim_start();
    let is_element = |name: &str| {
        text.match_indices(name)
            .any(|(at, _)| text[at + name.len()..].starts_with([' ', '>', '/', '\n', '\t', '\r']))
    };
    if start.starts_with('<') {
        let is_junit = is_element("<testsuites") || is_element("<testsuite");
        return is_junit.then_some(Format::Junit);
    }
    let mut votes: Vec<Format> = Vec::new();
    for line in text.lines().take(4_000) {
        let line = plain(line);
        let trimmed = line.trim();
        let vote = if is_event(trimmed) {
            Some(Format::GoJson)
        } else if line.starts_with("TAP version ")
            || is_plan(&line)
            || is_point(&line)
            || line.starts_with("Bail out!")
        {
            Some(Format::Tap)
        } else if is_running(&line)
            || trimmed.starts_with("Nextest run ID ")
            || line.starts_with("error: could not compile `")
            || (trimmed.starts_with("Running ") && trimmed.contains("(target/") && trimmed.ends_with(')'))
            || (line.starts_with("test ")
                && [" ... ok", " ... FAILED", " ... ignored"].iter().any(|e| line.ends_with(e)))
        {
            Some(Format::Libtest)
        } else {
            None
        };
        votes.extend(vote);
        if votes.len() >= 50 {
            break;
        }
    }
    // What one format has in another's output is rare; the first line of a format decides.
    votes.first().copied()
}

fn by_name(name: &str, text: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".tap") && text.lines().all(|l| l.trim().is_empty() || l.starts_with('#')) {
        return Some(Format::Tap);
    }
    // A file that is empty, or cut before its first element.
    let is_blank = text.trim().is_empty();
    if name.ends_with(".xml") && is_blank && (name.contains("junit") || name.contains("test")) {
        return Some(Format::Junit);
    }
    None
}

/// An event of `go test -json`, be it cut off.
fn is_event(line: &str) -> bool {
    line.starts_with('{')
        && line.contains("\"Action\":")
        && ["\"Package\":", "\"ImportPath\":", "\"Time\":"].iter().any(|k| line.contains(k))
}

fn is_plan(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("1..") else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0
        && (rest.len() == digits || rest[digits..].trim_start().is_empty() || rest[digits..].contains('#'))
}

fn is_point(line: &str) -> bool {
    let rest = line.strip_prefix("not ok ").or_else(|| line.strip_prefix("ok "));
    rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
}

fn is_running(line: &str) -> bool {
    let many = line
        .strip_prefix("running ")
        .and_then(|r| r.strip_suffix(" tests").or_else(|| r.strip_suffix(" test")));
    many.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        let utf16: Vec<u8> = "\u{feff}<testsuites/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(guess("a", &utf16), Some(Format::Junit));
        assert_eq!(
            guess("a.xml", b"<?xml version=\"1.0\"?>\n<!-- x --><testsuite name=\"a\">"),
            Some(Format::Junit)
        );
        assert_eq!(guess("a.xml", b"<coverage/>"), None);
        assert_eq!(
            guess("a", b"# pkg\na.go:1:1: x\n{\"Time\":\"\",\"Action\":\"run\",\"Pack"),
            Some(Format::GoJson)
        );
        assert_eq!(guess("a", b"1..4\nok 1\n"), Some(Format::Tap));
        assert_eq!(guess("a", b"\nrunning 12 tests\n"), Some(Format::Libtest));
        assert_eq!(guess("a.txt", b"hello, ok\n1..2 are words\n"), None);
        assert_eq!(guess("a", b""), None);
    }
}
