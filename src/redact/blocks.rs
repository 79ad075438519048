//! Private keys: whole blocks between their two lines, or to where the text breaks off.

use crate::redact::judge::{self, BASE64, is_in};
use crate::redact::{Hit, What};

const BEGIN: &[u8] = b"-----BEGIN";
const END: &[u8] = b"-----END";

/// Finds every private key.
pub(super) fn find(bytes: &[u8], hits: &mut Vec<Hit>) {
    let mut at = 0;
    while let Some(begin) = next(bytes, at, BEGIN) {
        at = begin + BEGIN.len();
        let Some(head_end) = next(&bytes[..bytes.len().min(at + 70)], at, b"-----") else { continue };
        let head = &bytes[at..head_end];
        let says = |word: &[u8]| head.windows(word.len()).any(|w| w == word);
        if !(says(b"PRIVATE") && says(b"KEY")) {
            continue;
        }
        let body = head_end + 5;
        let (key, end) = end_of(bytes, body);
        // Without any key in it, it is only spoken of.
        let digits = bytes[body..key].iter().filter(|b| is_in(BASE64, **b)).count();
        if digits >= 16 && judge::Mix::of(&bytes[body..key]).distinct > 8 {
            hits.push(Hit { span: begin..end, what: What::Shape("private-key") });
            at = end;
        }
    }
}

/// The end of the key and of its last line; without one, of what still looks like the key.
fn end_of(bytes: &[u8], body: usize) -> (usize, usize) {
    let other = next(bytes, body, BEGIN).unwrap_or(bytes.len());
    if let Some(end) = next(&bytes[..other], body, END) {
        let last = next(&bytes[..bytes.len().min(end + 80)], end + END.len(), b"-----");
        return (end, last.map_or(end, |e| e + 5));
    }
    let mut end = body;
    let mut at = body;
    for line in bytes[body..other].split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let run = text.iter().take_while(|b| is_in(BASE64, **b)).count();
        let header = text.windows(2).take(24).any(|w| w == b": ");
        let is_key = run == text.len() || run >= 20 || header;
        if !is_key {
            break;
        }
        if !text.is_empty() {
            end = at + line.len() - line.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
            if run < text.len() && !header {
                let lead = line.iter().take_while(|b| b.is_ascii_whitespace()).count();
                return (at + lead + run, at + lead + run);
            }
        }
        at += line.len();
    }
    (end, end)
}

fn next(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let mut at = from;
    while let Some(dash) = bytes.get(at..)?.iter().position(|b| *b == b'-') {
        at += dash;
        if bytes[at..].starts_with(what) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut hits = Vec::new();
        find(text.as_bytes(), &mut hits);
        hits.iter().map(|h| text[h.span.clone()].to_owned()).collect()
    }

    fn key(kind: &str, body: &str) -> String {
        format!("-----{} {kind}-----\n{body}\n-----{} {kind}-----", "BEGIN", "END")
    }

    #[test]
    fn a_whole_key_and_one_that_breaks_off() {
        let body = "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnz\n4qAs2cm8d7FgHyRu3kLp";
        let rsa = key("RSA PRIVATE KEY", body);
        assert_eq!(found(&format!("a\n{rsa}\nb")), [rsa.as_str()]);
        let open = rsa.split("\n-----END").next().unwrap_or_default();
        assert_eq!(found(&format!("{open}\nand then words")), [open]);
        assert_eq!(found(&format!("{open}...")), [open]);
        for public in ["PUBLIC KEY", "CERTIFICATE"] {
            assert_eq!(found(&key(public, body)), Vec::<String>::new());
        }
        assert_eq!(found(&key("PRIVATE KEY", "...")), Vec::<String>::new());
    }
}
