//! The values of secret variables, in every form in which a text may hold them in plain
//! sight: as they are, line by line, in base64 wherever it begins, in hex. Percent codes and
//! other escapes are spelled out before, in `view`.

use std::collections::{BTreeMap, BTreeSet};

use crate::redact::judge::{self, BASE64, Mix, is_in};
use crate::redact::names::is_secret_variable;
use crate::redact::view::Text;
use crate::redact::{Hit, What};

/// The shortest value that is looked for.
const SHORTEST: usize = 8;

/// What is looked for.
#[derive(Clone, Default)]
pub(super) struct Known {
    names: Vec<String>,
    needles: Vec<Needle>,
    /// A table that says "no" to nearly every four bytes; empty where nothing is known.
    maybe: Vec<u64>,
    by_start: BTreeMap<u32, Vec<usize>>,
}

#[derive(Clone)]
struct Needle {
    bytes: Vec<u8>,
    name: usize,
    /// How much of it is enough where the text breaks off.
    enough: usize,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// A word that may be a part of another one.
    Word,
    /// The digits around it belong to it.
    Encoded,
}

impl Known {
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut known = Self::default();
        let mut seen = BTreeSet::new();
        let mut variables: Vec<_> = variables.into_iter().collect();
        variables.sort();
        for (name, value) in variables {
            if !is_secret_variable(&name, &value) {
                continue;
            }
            let at = known.names.len();
            let shown = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            known.names.push(name.chars().take(60).map(shown).collect());
            let value = value.trim();
            let lines = value.lines().map(str::trim).filter(|l| !l.starts_with("-----"));
            for part in std::iter::once(value).chain(lines) {
                if part.len() >= SHORTEST && seen.insert(part.to_owned()) {
                    known.add(at, part.as_bytes());
                }
            }
        }
        known.index();
        known
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    fn add(&mut self, name: usize, value: &[u8]) {
        // Of an address the part before the password is no secret.
        let public = value.windows(3).position(|w| w == b"://").map_or(0, |at| {
            let colon = value[at + 3..].iter().position(|b| *b == b':');
            at + 3 + colon.map_or(0, |c| c + 1)
        });
        let enough = (public + 4).max(SHORTEST);
        let lower = value.iter().all(u8::is_ascii_lowercase) && value.len() < 12;
        let form = if lower { Form::Word } else { Form::Plain };
        let mut forms = vec![(value.to_vec(), enough, form)];
        for before in 0..3 {
            let digits = base64(value, before);
            let enough = (enough * 4).div_ceil(3);
            let safe = digits
                .iter()
                .map(|b| {
                    if *b == b'+' {
                        b'-'
                    } else if *b == b'/' {
                        b'_'
                    } else {
                        *b
                    }
                })
                .collect();
            forms.push((safe, enough, Form::Encoded));
            forms.push((digits, enough, Form::Encoded));
        }
        let hex: String = value.iter().map(|b| format!("{b:02x}")).collect();
        forms.push((hex.to_uppercase().into_bytes(), enough * 2, Form::Encoded));
        forms.push((hex.into_bytes(), enough * 2, Form::Encoded));
        forms.dedup_by(|a, b| a.0 == b.0);
        let needle = |(bytes, enough, form)| Needle { bytes, name, enough, form };
        self.needles.extend(forms.into_iter().map(needle));
    }

    fn index(&mut self) {
        if self.needles.is_empty() {
            return;
        }
        self.maybe = vec![0; 1024];
        for (at, needle) in self.needles.iter().enumerate() {
            let key = start_key(&needle.bytes);
            let bit = slot(key);
            self.maybe[bit / 64] |= 1 << (bit % 64);
            self.by_start.entry(key).or_default().push(at);
        }
    }

    /// Finds every known value.
    pub(super) fn find(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let bytes = text.bytes;
        if self.needles.is_empty() {
            return;
        }
        let mut past = 0;
        for at in 0..bytes.len().saturating_sub(3) {
            let key = start_key(&bytes[at..]);
            let bit = slot(key);
            if self.maybe[bit / 64] >> (bit % 64) & 1 == 0 || at < past {
                continue;
            }
            let Some(needles) = self.by_start.get(&key) else { continue };
            let found = needles.iter().filter_map(|n| here(bytes, at, &self.needles[*n]));
            if let Some(hit) = found.max_by_key(|h| h.span.end) {
                past = hit.span.end;
                hits.push(hit);
            }
        }
    }
}

fn here(bytes: &[u8], at: usize, needle: &Needle) -> Option<Hit> {
    let (same, end) = common(bytes, at, &needle.bytes);
    let mut span = at..end;
    let whole = same == needle.bytes.len();
    let enough = same >= needle.enough && same >= SHORTEST && judge::is_cut(bytes, span.end);
    if !(whole || enough && Mix::of(&bytes[span.clone()]).distinct >= 4) {
        return None;
    }
    let word = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphanumeric);
    match needle.form {
        Form::Word if word(span.end) || at.checked_sub(1).is_some_and(word) => return None,
        Form::Encoded => {
            let digit = |b: &&u8| is_in(BASE64, **b);
            // `=` only ends a run; before it something else is assigned.
            let front = |b: &&u8| digit(b) && **b != b'=';
            span.start -= bytes[..span.start].iter().rev().take(8_192).take_while(front).count();
            span.end += bytes[span.end..].iter().take(8_192).take_while(digit).count();
        }
        _ => {}
    }
    Some(Hit { span, what: What::Known(needle.name) })
}

/// How much of a value stands here, and where that ends. A blank is a line end too.
fn common(bytes: &[u8], at: usize, value: &[u8]) -> (usize, usize) {
    let (mut same, mut end) = (0, at);
    while same < value.len() && end < bytes.len() {
        if value[same] == b' ' && bytes[end].is_ascii_whitespace() {
            let blanks = bytes[end..].iter().take(200).take_while(|b| b.is_ascii_whitespace()).count();
            same += value[same..].iter().take(blanks).take_while(|b| **b == b' ').count();
            end += blanks;
        } else if value[same] == bytes[end] {
            (same, end) = (same + 1, end + 1);
        } else {
            break;
        }
    }
    (same, end)
}

/// The base64 digits that depend on `value` alone, where `before` bytes stand before it.
fn base64(value: &[u8], before: usize) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut padded = vec![0; before];
    padded.extend_from_slice(value);
    let digits = padded.len() * 8 / 6;
    let digit = |i: usize| {
        let bit = i * 6;
        let byte = |at: usize| u32::from(padded.get(at).copied().unwrap_or_default());
        let two = byte(bit / 8) << 8 | byte(bit / 8 + 1);
        DIGITS[(two >> (10 - bit % 8) & 63) as usize]
    };
    (((before * 8).div_ceil(6))..digits).map(digit).collect()
}

fn start_key(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn slot(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_same_wherever_the_value_begins() {
        // "Hello, world" after none, one and two other bytes.
        assert_eq!(base64(b"Hello, world", 0), b"SGVsbG8sIHdvcmxk");
        let all = base64(b"xHello, world", 0);
        assert!(all.ends_with(&base64(b"Hello, world", 1)));
        let all = base64(b"xyHello, world", 0);
        assert!(all.ends_with(&base64(b"Hello, world", 2)));
    }
}
