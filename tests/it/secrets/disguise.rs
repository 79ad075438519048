//! The disguises in which a log may hold a secret, and what counts as a leak.

use crate::secrets::samples::{Chance, Sample, Sort};

/// A way in which a secret may stand in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disguise {
    /// None.
    Plain,
    /// In base64, alone or with text around it, in either alphabet.
    Base64,
    /// Percent codes, in capitals or not, of all or some characters.
    Percent,
    /// Terminal escapes in its middle.
    Ansi,
    /// In a JSON text, or one in another.
    Json,
    /// Broken at one or more places, indented or not.
    Wrapped,
    /// Its end is cut off.
    Truncated,
}

pub(crate) const DISGUISES: [Disguise; 7] = [
    Disguise::Plain,
    Disguise::Base64,
    Disguise::Percent,
    Disguise::Ansi,
    Disguise::Json,
    Disguise::Wrapped,
    Disguise::Truncated,
];

/// One text to redact.
pub(crate) struct Case {
    pub(crate) text: String,
    /// What must not be left: the secret itself and the form in which it stands.
    hidden: Vec<String>,
}

impl Disguise {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Base64 => "base64",
            Self::Percent => "percent",
            Self::Ansi => "ansi",
            Self::Json => "json",
            Self::Wrapped => "wrapped",
            Self::Truncated => "truncated",
        }
    }
}

impl Case {
    /// Eight characters in a row of the secret that are still there, however they are
    /// spelled. What a prefix says to everybody is not secret.
    pub(crate) fn leak(&self, redacted: &str) -> Option<String> {
        let read = [redacted.to_owned(), undone(redacted)];
        self.hidden.iter().find_map(|hidden| {
            let chars: Vec<char> = hidden.chars().collect();
            let window = chars.len().min(8);
            let mut parts = chars.windows(window).map(|w| w.iter().collect::<String>());
            parts.find(|part| read.iter().any(|r| r.contains(part.as_str())))
        })
    }
}

/// The sample in this disguise; `None` where it can't stand in it.
pub(crate) fn apply(sample: &Sample, disguise: Disguise, chance: &mut Chance) -> Option<Case> {
    let secret = &sample.secret;
    let body = secret[sample.public..].to_owned();
    let around = |inner: &str, chance: &mut Chance| chance.pick(&AROUND).replace("{}", inner);
    // What stands in a context takes it along into the disguise.
    let whole = sample.whole();
    let is_context = sample.sort == Sort::Context;
    let mut hidden = vec![body.clone()];
    let text = match disguise {
        Disguise::Plain if is_context => format!("at 12:01\n{whole}\nok"),
        Disguise::Plain => around(secret, chance),
        Disguise::Base64 => {
            let before = chance.pick(&["", ":", "k:", "id:"]);
            let plain = if is_context { whole } else { format!("{before}{secret}") };
            let encoded = base64(plain.as_bytes(), chance.below(2) == 0, chance.below(2) == 0);
            let first = (before.len() + sample.public) * 4 / 3 + 2;
            hidden = vec![encoded[first.min(encoded.len() - 4)..].trim_end_matches('=').to_owned()];
            around(&encoded, chance)
        }
        Disguise::Percent => {
            let (upper, every) = (chance.below(2) == 0, chance.below(5));
            let coded = percent(&whole, upper, every);
            around(&coded, chance)
        }
        Disguise::Ansi => {
            let mut split = whole.clone();
            let place = |_| chance.between(sample.at() + 1, sample.at() + secret.len() - 1);
            let places: std::collections::BTreeSet<_> = (0..3).map(place).collect();
            for at in places.into_iter().rev() {
                let at = floor(&split, at);
                split.insert_str(
                    at,
                    chance.pick(&["\u{1b}[0m", "\u{1b}[1;31m", "\u{1b}[K", "\u{1b}[38;5;196m"]),
                );
            }
            if is_context { format!("{split}\n") } else { around(&split, chance) }
        }
        Disguise::Json => {
            let mut coded = json(&whole, chance.below(4));
            if chance.below(2) == 0 {
                coded = json(&format!("{{\"log\":\"{coded}\"}}"), 0);
            }
            format!("{{\"level\":\"warn\",\"message\":\"{coded}\",\"n\":7}}")
        }
        Disguise::Wrapped => {
            if is_context && secret.len() < 12 || secret.contains('\n') {
                return None;
            }
            let mut split = whole.clone();
            let at = floor(&split, chance.between(sample.at() + 1, sample.at() + secret.len() - 1));
            let break_ = chance.pick(&["\n", "\n    ", "\n\t", "\r\n", "\r\n  "]);
            split.insert_str(at, break_);
            // A long one is broken as often as its line is full.
            let width = at.max(40);
            let mut next = at + break_.len() + width;
            while next + 1 < split.len() {
                next = floor(&split, next);
                split.insert_str(next, break_);
                next += break_.len() + width;
            }
            match chance.below(3) {
                0 => format!("rejected: {split}"),
                1 => format!("{split}\nthe next line says more"),
                _ => format!("value \"{split}\"\n"),
            }
        }
        Disguise::Truncated => {
            if is_context || !sample.may_be_cut || secret.contains('\n') {
                return None;
            }
            let least = sample.public + 8;
            let keep = floor(secret, chance.between(least, (secret.len() - 1).max(least)));
            let kept = secret[..keep].trim_end_matches(|c: char| ".-_ ".contains(c));
            if kept.len() < least {
                return None;
            }
            hidden = vec![kept[sample.public..].to_owned()];
            match chance.below(4) {
                0 => format!("got {kept}… and more"),
                1 => format!("got {kept}... (120 more)"),
                2 => format!("got {kept}"),
                _ => format!("got {kept} [truncated]"),
            }
        }
    };
    Some(Case { text, hidden })
}

const AROUND: [&str; 8] = [
    "value {} rejected",
    "<- {}",
    "[\"{}\",\"other\"]",
    "GET https://h.invalid/x?v={}&y=1",
    "failed with {}.",
    "  at line 7: ({})",
    "{}\nnext line of the log",
    "one\ntwo `{}` three\nfour",
];

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What a reader makes of a text: without escapes and line ends, with codes spelled out.
fn undone(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '\u{1b}' {
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |i| i + 1);
            rest = &rest[end..];
            continue;
        }
        if c == '\n' || c == '\r' {
            rest = rest.trim_start_matches(['\n', '\r', ' ', '\t']);
            continue;
        }
        let code = |digits: Option<&str>| {
            digits.and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32)
        };
        let spelled = match c {
            '%' => code(rest.get(1..3)).map(|c| (c, 3)),
            '\\' if rest.starts_with("\\u") => code(rest.get(2..6)).map(|c| (c, 6)),
            '\\' => rest[1..].chars().next().filter(|c| "\"\\/".contains(*c)).map(|c| (c, 2)),
            _ => None,
        };
        let (c, length) = spelled.unwrap_or((c, c.len_utf8()));
        out.push(c);
        rest = &rest[length..];
    }
    if out == text { out } else { undone(&out) }
}

/// Base64 as anybody writes it.
pub(crate) fn base64(bytes: &[u8], safe: bool, padded: bool) -> String {
    let mut digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    digits.extend(if safe { ['-', '_'] } else { ['+', '/'] });
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |i: usize| usize::from(three.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..=three.len() {
            out.push(digits[bits >> (18 - 6 * i) & 63]);
        }
        if padded {
            (three.len()..3).for_each(|_| out.push('='));
        }
    }
    out
}

/// Percent codes for what is no letter or digit, and for every so manyth of the others.
fn percent(text: &str, upper: bool, every: usize) -> String {
    let mut out = String::new();
    for (i, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() && (every == 0 || i % (every + 2) != 0);
        match (plain, upper) {
            (true, _) => out.push(char::from(byte)),
            (false, true) => out.push_str(&format!("%{byte:02X}")),
            (false, false) => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

/// The inside of a JSON string, with some characters as codes that need none.
fn json(text: &str, some: usize) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '/' if some > 1 => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if some > 0 && i % (5 + some) == 3 && c.is_ascii() => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            c => out.push(c),
        }
    }
    out
}
