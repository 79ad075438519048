//! A text behind a disguise, with the way back: each byte of the view knows which bytes of
//! the text it came from, so that what is found in the view is left out of the text.

use std::ops::Range;

use crate::redact::Hit;

/// The shortest run of base64 that is read: sixteen characters hold twelve bytes.
const BASE64_RUN: usize = 16;

/// Something to look through.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    /// Where something was taken out, in order: a word may begin there.
    pub(super) seams: &'a [usize],
}

/// A text with something taken out or spelled out.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// What stands for what, in the order of the view.
    pieces: Vec<Piece>,
    seams: Vec<usize>,
}

/// Bytes of a view that stand in the text as they are, one by one, or all for one escape.
#[derive(Clone, Copy)]
struct Piece {
    /// The first of them.
    at: usize,
    /// Where they stand in the text.
    from: usize,
    /// The length of the escape; none where they stand as they are.
    escape: Option<usize>,
}

/// Bytes of a kind, looked up.
type Table = [bool; 256];

/// The table of the bytes for which one of these is true.
const fn table(ranges: &[(u8, u8)]) -> Table {
    let mut table = [false; 256];
    let mut at = 0;
    while at < ranges.len() {
        let (mut byte, last) = ranges[at];
        while byte < last {
            table[byte as usize] = true;
            byte += 1;
        }
        table[last as usize] = true;
        at += 1;
    }
    table
}

/// Bytes that [`escape`] may be about: controls but tab and line ends, `^`, and the first bytes of
/// characters that can't be seen.
static ESCAPES: Table = table(&[
    (0, 8),
    (0x0b, 0x0c),
    (0x0e, 0x1f),
    (b'^', b'^'),
    (0x7f, 0x7f),
    (0xc2, 0xc2),
    (0xe2, 0xe2),
    (0xef, 0xef),
]);

/// Bytes that [`spelled`] may be about.
static SPELLED: Table = table(&[(b'\\', b'\\'), (b'%', b'%'), (b'&', b'&')]);

/// Bytes that [`line_end`] may be about.
static LINE_ENDS: Table = table(&[(b'\n', b'\n'), (b'\r', b'\r'), (b'\\', b'\\')]);

/// Digits of base64.
static DIGITS: Table = table(&[
    (b'A', b'Z'),
    (b'a', b'z'),
    (b'0', b'9'),
    (b'+', b'+'),
    (b'-', b'-'),
    (b'/', b'/'),
    (b'_', b'_'),
]);

/// The first byte from `at` on that is in the table, or the end.
fn next_in(table: &Table, bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|b| table[usize::from(*b)]).map_or(bytes.len(), |offset| at + offset)
}

impl Text<'_> {
    pub(super) fn is_seam(&self, at: usize) -> bool {
        self.seams.binary_search(&at).is_ok()
    }

    /// Whether a word can begin here.
    pub(super) fn begins(&self, at: usize) -> bool {
        at == 0 || !self.bytes[at - 1].is_ascii_alphanumeric() || self.is_seam(at)
    }
}

impl View {
    pub(super) fn text(&self) -> Text<'_> {
        Text { bytes: &self.bytes, seams: &self.seams }
    }

    /// What was found here, as it stands in the text that this is a view of.
    pub(super) fn lift(&self, hit: &Hit) -> Hit {
        let (start, end) = (self.from(hit.span.start).start, self.from(hit.span.end - 1).end);
        Hit { span: start..end, what: hit.what }
    }

    /// What a byte of the view stands for.
    fn from(&self, at: usize) -> Range<usize> {
        let next = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = self.pieces[..next].last() else { return at..at + 1 };
        match piece.escape {
            Some(length) => piece.from..piece.from + length,
            None => piece.from + at - piece.at..piece.from + at - piece.at + 1,
        }
    }

    /// Whether something was taken out in the middle of a range.
    pub(super) fn crosses(&self, span: &Range<usize>) -> bool {
        let next = self.seams.partition_point(|s| *s <= span.start);
        self.seams.get(next).is_some_and(|s| *s < span.end)
    }

    fn of(length: usize) -> Self {
        Self { bytes: Vec::with_capacity(length), pieces: Vec::new(), seams: Vec::new() }
    }

    /// Takes over a stretch of the text as it stands.
    fn copy(&mut self, text: &[u8], span: Range<usize>) {
        if !span.is_empty() {
            self.pieces.push(Piece { at: self.bytes.len(), from: span.start, escape: None });
            self.bytes.extend_from_slice(&text[span]);
        }
    }

    /// Puts in what an escape stands for.
    fn spell(&mut self, bytes: &[u8], from: usize, length: usize) {
        self.pieces.push(Piece { at: self.bytes.len(), from, escape: Some(length) });
        self.bytes.extend_from_slice(bytes);
    }

    fn seam(&mut self) {
        if self.seams.last() != Some(&self.bytes.len()) {
            self.seams.push(self.bytes.len());
        }
    }

    /// Without terminal escapes, invisible characters and other controls than blanks.
    pub(super) fn without_escapes(bytes: &[u8]) -> Option<Self> {
        let mut view = None;
        let (mut copied, mut at) = (0, next_in(&ESCAPES, bytes, 0));
        while at < bytes.len() {
            let skip = escape(bytes, at);
            if skip > 0 {
                let view = view.get_or_insert_with(|| Self::of(bytes.len()));
                view.copy(bytes, copied..at);
                view.seam();
                copied = at + skip;
            }
            at = next_in(&ESCAPES, bytes, at + skip.max(1));
        }
        let mut view = view?;
        view.copy(bytes, copied..bytes.len());
        Some(view)
    }

    /// With escapes of JSON and programming languages, percent codes and HTML's entities
    /// spelled out.
    pub(super) fn unescaped(bytes: &[u8]) -> Option<Self> {
        let mut view = None;
        let (mut copied, mut at) = (0, next_in(&SPELLED, bytes, 0));
        while at < bytes.len() {
            let found = spelled(bytes, at);
            if let Some((c, length)) = found {
                let view = view.get_or_insert_with(|| Self::of(bytes.len()));
                view.copy(bytes, copied..at);
                // A percent code is a byte, and not yet a character.
                if bytes[at] == b'%' {
                    view.spell(&[u8::try_from(u32::from(c)).unwrap_or(b'?')], at, length);
                } else {
                    view.spell(c.encode_utf8(&mut [0; 4]).as_bytes(), at, length);
                }
                copied = at + length;
            }
            at = next_in(&SPELLED, bytes, at + found.map_or(1, |(_, length)| length));
        }
        let mut view = view?;
        view.copy(bytes, copied..bytes.len());
        Some(view)
    }

    /// With lines joined where both have something visible at the break: the line end, the
    /// indentation, and a quote mark before it are taken out.
    pub(super) fn without_line_ends(bytes: &[u8]) -> Option<Self> {
        let mut view = None;
        let (mut copied, mut at) = (0, next_in(&LINE_ENDS, bytes, 0));
        while at < bytes.len() {
            let next = line_end(bytes, at);
            if let Some(next) = next {
                let view = view.get_or_insert_with(|| Self::of(bytes.len()));
                view.copy(bytes, copied..at);
                view.seam();
                copied = next;
            }
            at = next_in(&LINE_ENDS, bytes, next.unwrap_or(at + 1));
        }
        let mut view = view?;
        view.copy(bytes, copied..bytes.len());
        Some(view)
    }
}

/// The texts within escapes that are taken out with what is in them: titles, addresses.
pub(super) fn escaped_strings(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = escape(bytes, at).max(1);
        if length > 4 && matches!(bytes[at..], [0x1b, b']' | b'P' | b'X' | b'^' | b'_', ..]) {
            let end = at + length - if bytes[at + length - 1] == 7 { 1 } else { 2 };
            found.push(at + 2..end);
        }
        at += length;
    }
    found
}

/// The bytes of the escape that begins here; 0 for none.
fn escape(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    match rest {
        [b'\t' | b'\n' | b'\r' | b' '..=b']' | b'_'..=b'~', ..] => 0,
        [0x1b, b'[', ..] => sequence(rest, 2),
        [0xc2, 0x9b, ..] => sequence(rest, 2),
        // The form in which `cat -v` and many logs show it.
        [b'^', b'[', b'[', ..] => sequence(rest, 3),
        [0x1b, b']' | b'P' | b'X' | b'^' | b'_', ..] => {
            // Another escape or a line end ends it too, and is not a part of it.
            let end = rest.iter().skip(1).position(|b| matches!(b, 7 | 0x1b | b'\n')).map(|i| i + 1);
            match end {
                Some(end) if rest[end] == 7 => end + 1,
                Some(end) if rest[end..].starts_with(&[0x1b, b'\\']) => end + 2,
                _ => 2,
            }
        }
        [0x1b, b' '..=b'/', ..] => 3.min(rest.len()),
        [0x1b, 0x30..=0x7e, ..] => 2,
        // Invisible: soft hyphen, zero width, word joiner, byte order mark.
        [0xc2, 0xad, ..] => 2,
        [0xe2, 0x80, 0x8b..=0x8f, ..] | [0xe2, 0x81, 0xa0..=0xa4, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        [0..=0x1f | 0x7f, ..] => 1,
        _ => 0,
    }
}

/// The length of a control sequence whose parameters begin at `at`.
fn sequence(bytes: &[u8], mut at: usize) -> usize {
    let limit = bytes.len().min(at + 64);
    while at < limit && matches!(bytes[at], 0x20..=0x3f) {
        at += 1;
    }
    if at < limit && matches!(bytes[at], 0x40..=0x7e) { at + 1 } else { at }
}

/// The character that an escape stands for, and the escape's length.
fn spelled(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let rest = &bytes[at..];
    match rest {
        [b'%', high, low, ..] => {
            let code = hex(*high)? * 16 + hex(*low)?;
            Some((char::from(u8::try_from(code).ok()?), 3))
        }
        [b'\\', b'u', b'{', digits @ ..] => {
            let length = digits.iter().take(7).position(|b| *b == b'}')?;
            Some((number(&digits[..length], 16)?, length + 4))
        }
        [b'\\', b'u' | b'U', a, b, c, d, ..] => Some((number(&[*a, *b, *c, *d], 16)?, 6)),
        [b'\\', b'x', high, low, ..] => Some((number(&[*high, *low], 16)?, 4)),
        [b'\\', b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', ..] => Some((number(&rest[1..4], 8)?, 4)),
        [b'\\', c, ..] => {
            let plain = match c {
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'e' | b'E' => '\u{1b}',
                b'\\' | b'/' | b'"' | b'\'' | b'&' | b'=' | b':' | b'@' | b'$' => char::from(*c),
                _ => return None,
            };
            Some((plain, 2))
        }
        [b'&', name @ ..] => {
            let length = name.iter().take(8).position(|b| *b == b';')?;
            let plain = match &name[..length] {
                b"amp" => '&',
                b"lt" => '<',
                b"gt" => '>',
                b"quot" => '"',
                b"apos" => '\'',
                [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
                [b'#', digits @ ..] => number(digits, 10)?,
                _ => return None,
            };
            Some((plain, length + 2))
        }
        _ => None,
    }
}

fn hex(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let digit = |sum: Option<u32>, b: &u8| Some(sum? * radix + char::from(*b).to_digit(radix)?);
    if digits.is_empty() || digits.len() > 7 {
        return None;
    }
    char::from_u32(digits.iter().fold(Some(0), digit)?)
}

/// If a line ends here between two visible characters: where the next one goes on.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    let length = match &bytes[at..] {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        // A line that a shell or a config file goes on after.
        [b'\\', b'\n', ..] => 2,
        [b'\\', b'\r', b'\n', ..] => 3,
        _ => return None,
    };
    let before = at.checked_sub(1).map(|i| bytes[i])?;
    let blanks = |from: usize| bytes[from..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mut next = at + length;
    next += blanks(next);
    if matches!(bytes.get(next), Some(b'>' | b'|' | b'#' | b'*')) && matches!(bytes.get(next + 1), Some(b' '))
    {
        next += 1 + blanks(next + 1);
    }
    let visible = |b: u8| b.is_ascii_graphic();
    (visible(before) && bytes.get(next).copied().is_some_and(visible)).then_some(next)
}

/// Runs of base64 of either alphabet, with their padding.
pub(super) fn base64_runs(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        // Most of a text is short words: look at the far end of a run first.
        match bytes.get(at + BASE64_RUN - 1) {
            None => break,
            Some(far) if !DIGITS[usize::from(*far)] => {
                at += BASE64_RUN;
                continue;
            }
            Some(_) => {}
        }
        let back = bytes[at..at + BASE64_RUN].iter().rev().take_while(|b| DIGITS[usize::from(**b)]).count();
        let start = at + BASE64_RUN - back;
        let mut end = start;
        while end < bytes.len() && DIGITS[usize::from(bytes[end])] {
            end += 1;
        }
        // Base64 of a text has capitals; hashes and paths mostly have none.
        let capitals = bytes[start..end].iter().filter(|b| b.is_ascii_uppercase()).take(2).count();
        if end - start >= BASE64_RUN && capitals == 2 {
            let padding = bytes[end..].iter().take(2).take_while(|b| **b == b'=').count();
            runs.push(start..end + padding);
        }
        at = end + 1;
    }
    runs
}

/// The readable texts in a run of base64. Where it begins is not certain: something may
/// stand right before it.
pub(super) fn readable_in(run: &[u8]) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for offset in 0..4 {
        let mut decoded = Vec::with_capacity(run.len() * 3 / 4);
        let (mut bits, mut held) = (0_u32, 0_u32);
        for value in run[offset..].iter().map_while(|b| digit(*b)) {
            bits = (bits << 6 | u32::from(value)) & 0xffff;
            held += 6;
            if held >= 8 {
                held -= 8;
                decoded.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
            }
        }
        let readable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x1b);
        let stretches = decoded.split(|b| !readable(b)).filter(|s| s.len() >= 12);
        texts.extend(stretches.map(<[u8]>::to_vec));
    }
    texts
}

/// The six bits of a base64 digit.
pub(super) fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}
