//! Tokens by their shape: one pass over a text, with a look at a family only where the next
//! three characters begin one.

use std::sync::LazyLock;

use crate::redact::families::{Before, FAMILIES, Family};
use crate::redact::judge::{self, BASE64, Mix, URL, is_in};
use crate::redact::view::{self, Text};
use crate::redact::{Hit, What};

/// The fewest characters after a prefix that are worth hiding where the rest was cut off.
const CUT: usize = 8;
/// How many characters are judged; the rest of a longer token goes with them.
const JUDGED: usize = 256;
/// The longest header of a JWT.
const HEADER: usize = 2_048;

/// Families by the first three bytes, behind a table that says "no" to nearly all.
struct Index {
    /// Whether two bytes may begin anything at all.
    pairs: Vec<u64>,
    maybe: Vec<u64>,
    by_start: Vec<(u32, &'static Family)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { pairs: vec![0; 1024], maybe: vec![0; 1024], by_start: Vec::new() };
    // A dot may be in a bot's token, and `eyJ` begins a JWT.
    (0..=255).for_each(|second| index.mark([b'.', second]));
    index.mark(*b"ey");
    for family in FAMILIES {
        let first = family.prefix.as_bytes();
        // A prefix of two characters is looked up with every third one that may follow.
        let thirds = match first.get(2) {
            Some(third) => vec![*third],
            None => (0..128).filter(|b| is_in(family.set, *b)).collect(),
        };
        for third in thirds {
            let key = start_key([first[0], first[1], third]);
            index.by_start.push((key, family));
            let bit = slot(key);
            index.maybe[bit / 64] |= 1 << (bit % 64);
            index.mark([first[0], first[1]]);
        }
    }
    index.by_start.sort_by_key(|(key, family)| (*key, std::cmp::Reverse(family.prefix.len())));
    index
});

impl Index {
    fn mark(&mut self, pair: [u8; 2]) {
        let bit = usize::from(u16::from_be_bytes(pair));
        self.pairs[bit / 64] |= 1 << (bit % 64);
    }
}

fn start_key(bytes: [u8; 3]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0])
}

fn slot(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// Finds tokens that stand on one line.
pub(super) fn find(text: Text<'_>, hits: &mut Vec<Hit>) {
    scan(text, false, hits);
}

/// Finds tokens in a text whose lines were joined at its seams.
pub(super) fn find_wrapped(text: Text<'_>, hits: &mut Vec<Hit>) {
    scan(text, true, hits);
}

fn scan(text: Text<'_>, wrapped: bool, hits: &mut Vec<Hit>) {
    let index = &*INDEX;
    let bytes = text.bytes;
    let mut past = 0;
    for at in 0..bytes.len().saturating_sub(2) {
        let pair = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        if index.pairs[pair / 64] >> (pair % 64) & 1 == 0 {
            continue;
        }
        let three = [bytes[at], bytes[at + 1], bytes[at + 2]];
        if three[0] == b'.' || three == *b"eyJ" {
            let found = if three[0] == b'.' { discord(text, at, wrapped) } else { jwt(text, at, wrapped) };
            if let Some(hit) = found.filter(|h| h.span.end > past) {
                past = hit.span.end;
                hits.push(hit);
            }
        }
        let bit = slot(start_key(three));
        if index.maybe[bit / 64] >> (bit % 64) & 1 == 0 {
            continue;
        }
        // A long token may hold the start of another; that one is inside of it.
        if at < past {
            continue;
        }
        let key = start_key(three);
        let first = index.by_start.partition_point(|(k, _)| *k < key);
        let fitting = index.by_start[first..].iter().take_while(|(k, _)| *k == key);
        if let Some(hit) = fitting.filter_map(|(_, family)| token(text, at, family, wrapped)).next() {
            past = hit.span.end;
            let secret = (hit.what == What::Shape("aws-key")).then(|| aws_secret(bytes, past)).flatten();
            hits.push(hit);
            hits.extend(secret);
        }
    }
}

/// A token of this family whose prefix begins at `at`.
fn token(text: Text<'_>, at: usize, family: &'static Family, wrapped: bool) -> Option<Hit> {
    let bytes = text.bytes;
    let prefix = family.prefix.as_bytes();
    if !bytes[at..].starts_with(prefix) {
        return None;
    }
    let start = match family.before {
        Before::Nothing => {
            // A long prefix with a mark in it is no accident inside of a word either, and a
            // short one after a mark may be: `cache-key-` and a hash.
            let marked = prefix.iter().any(|b| matches!(b, b'_' | b'-'));
            let telling = prefix.len() >= 4 && marked && family.least >= 20 && family.kind != "mailgun-key";
            let short = prefix.len() <= 4 && prefix[0].is_ascii_lowercase() && at > 0;
            let glued = short && matches!(bytes[at - 1], b'-' | b'_') && !text.is_seam(at);
            (telling || text.begins(at) && !glued).then_some(at)?
        }
        Before::Run(set, least, most) => {
            let run = bytes[..at].iter().rev().take(most + 1).take_while(|b| is_in(set, **b)).count();
            (least..=most).contains(&run).then(|| at - run)?
        }
    };
    let body = at + prefix.len();
    let mut end = run_end(text, body, body, family, wrapped, body + JUDGED);
    // A full stop behind a token belongs to the sentence, and so does a dash too many.
    while end > body && (bytes[end - 1] == b'.' || bytes[end - 1] == b'-' && end - body > family.least) {
        end -= 1;
    }
    let rest = &bytes[body..end];
    let mix = Mix::of(rest);
    let hit = |end: usize| Hit { span: start..end, what: What::Shape(family.kind) };
    if rest.len() >= family.least {
        let too_long = rest.len() == family.most
            && bytes.get(end).is_some_and(u8::is_ascii_alphanumeric)
            && !text.is_seam(end);
        let plain = matches!(family.before, Before::Run(..)) && family.most < 8;
        if too_long || !(plain || mix.is_random()) {
            return None;
        }
        let whole =
            if end < body + JUDGED { end } else { run_end(text, body, end, family, wrapped, usize::MAX) };
        return Some(hit(whole));
    }
    let random = mix.is_random() || prefix.len() >= 8 && mix.distinct >= 6 && mix.lowers == 0;
    let cut = rest.len() >= CUT && random && prefix.len() >= 3 && !family.prefix.ends_with(' ');
    let telling = prefix.iter().any(|b| matches!(b, b'_' | b'-')) && rest.len() >= 12 && mix.is_very_random();
    let is_cut = judge::is_cut(bytes, end) && !bytes[end.min(bytes.len())..].starts_with(b"[");
    (cut && text.begins(start) && !wrapped && (is_cut || telling)).then(|| hit(end))
}

/// Where the characters of a family that begin at `body` end, looked at from `from`.
fn run_end(text: Text<'_>, body: usize, from: usize, family: &Family, wrapped: bool, limit: usize) -> usize {
    let limit = limit.min(body.saturating_add(family.most)).min(text.bytes.len());
    let mut end = from;
    while end < limit && is_in(family.set, text.bytes[end]) {
        if wrapped && end - body >= family.least && text.is_seam(end) && !is_tail(text, end, family.set) {
            break;
        }
        end += 1;
    }
    end
}

/// Whether something that could end with its line goes on at the next line's start `seam`:
/// a line on which nothing else stands, and that doesn't read as a word.
pub(super) fn is_tail(text: Text<'_>, seam: usize, set: judge::Set) -> bool {
    let bytes = text.bytes;
    let next = text.seams.partition_point(|s| *s <= seam);
    let end = text.seams.get(next).copied().unwrap_or(bytes.len());
    let run = bytes[seam..end].iter().take_while(|b| is_in(set, **b)).count();
    let after = &bytes[seam + run..end];
    let after = after.split(|b| *b == b'\n').next().unwrap_or_default();
    let alone = after.iter().all(|b| b.is_ascii_whitespace() || b"\"'`,;)]}.<".contains(b));
    let from = next.checked_sub(2).map_or(0, |i| text.seams[i]);
    let line = bytes[from..seam].iter().rev().take_while(|b| **b != b'\n').count();
    let mix = Mix::of(&bytes[seam..seam + run]);
    alone && run > 0 && (mix.is_very_random() || (line >= run && line >= 20 && (mix.is_random() || run < 5)))
}

/// `header.payload.signature`, each base64, the header a JSON object that names its algorithm.
fn jwt(text: Text<'_>, at: usize, wrapped: bool) -> Option<Hit> {
    let bytes = text.bytes;
    let inside = at > 0 && is_in(URL, bytes[at - 1]) && !text.is_seam(at);
    if inside {
        return None;
    }
    let header = bytes[at..].iter().take(HEADER).take_while(|b| is_in(URL, **b)).count();
    if bytes.get(at + header) != Some(&b'.') {
        return None;
    }
    let decoded = view::readable_in(&bytes[at..at + header]).into_iter().next()?;
    let names = |word: &[u8]| decoded.windows(word.len()).any(|w| w == word);
    if !decoded.starts_with(b"{\"") || !(names(b"\"alg\"") || names(b"\"typ\"") || names(b"\"kid\"")) {
        return None;
    }
    let mut end = at + header;
    let mut lengths = Vec::new();
    while lengths.len() < 4 && bytes.get(end) == Some(&b'.') {
        let begin = end + 1;
        end = begin;
        while end < bytes.len() && is_in(URL, bytes[end]) {
            let may_end = !lengths.is_empty() && end - begin >= 20;
            if wrapped && may_end && text.is_seam(end) && !is_tail(text, end, URL) {
                break;
            }
            end += 1;
        }
        lengths.push(end - begin);
    }
    let payload = *lengths.first()?;
    // A full stop may end the sentence.
    let end = if lengths.last() == Some(&0) { end - 1 } else { end };
    (payload >= CUT).then_some(Hit { span: at..end, what: What::Shape("jwt") })
}

/// A bot's token: its number in base64, a moment, a signature. `at` is the first dot.
fn discord(text: Text<'_>, at: usize, wrapped: bool) -> Option<Hit> {
    let bytes = text.bytes;
    if bytes.get(at + 7) != Some(&b'.') || !bytes[at + 1..at + 7].iter().all(|b| is_in(URL, *b)) {
        return None;
    }
    let run = bytes[..at].iter().rev().take(40).take_while(|b| is_in(URL, **b)).count();
    let ends = |i: &usize| {
        !is_in(URL, bytes[at + 8 + i]) || wrapped && text.is_seam(at + 8 + i) && (*i == 27 || *i >= 38)
    };
    let limit = (bytes.len() - at - 8).min(60);
    let rest = (0..limit).find(ends).unwrap_or(limit);
    let start = at - run;
    let shaped = (23..=28).contains(&run) && (27..=40).contains(&rest) && b"MNO".contains(&bytes[start]);
    let span = start..at + 8 + rest;
    (shaped && Mix::of(&bytes[span.clone()]).is_very_random())
        .then_some(Hit { span, what: What::Shape("discord-token") })
}

/// The forty characters that go with an access key stand near it, whatever their name.
fn aws_secret(bytes: &[u8], from: usize) -> Option<Hit> {
    let window = &bytes[from..bytes.len().min(from + 200)];
    let mut at = 0;
    for run in window.split(|b| !is_in(BASE64 & !(1 << b'=') & !(1 << b'-') & !(1 << b'_'), *b)) {
        let mix = Mix::of(run);
        if run.len() == 40 && mix.uppers > 0 && mix.lowers > 0 && mix.digits > 0 {
            return Some(Hit { span: from + at..from + at + 40, what: What::Shape("aws-secret") });
        }
        at += run.len() + 1;
    }
    None
}
