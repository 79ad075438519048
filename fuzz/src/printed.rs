//! Text for a terminal, a CI log or a script hides nothing and commands nothing.

use gardener::model::{Untrusted, guarded, guarded_json, is_hidden};

use super::oracle::assert_harmless;

/// A text.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let shown = Untrusted(&text).to_string();
    assert_harmless("foreign", &shown);
    assert!(!shown.contains('\n'), "{shown:?}");
    let out = guarded(&text);
    assert_eq!(guarded(&out), out, "twice is not once");
    assert_harmless("printed", &plain(&out).replace('\t', " "));
    assert!(text.lines().count() >= out.lines().count(), "{out:?}");
    let json = guarded_json(&text);
    assert!(!json.contains(is_hidden), "{json:?}");
    assert_eq!(guarded_json(&json), json);
}

/// With colours as a letter: within a command they spoil it, as any other does.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match rest.strip_prefix('m') {
            Some(rest) => plain.extend(["c", rest]),
            None => plain.extend(["\u{1b}[", part]),
        }
    }
    plain
}
