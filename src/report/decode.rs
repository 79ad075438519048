//! Bytes of another encoding than UTF-8, where the first bytes say so: UTF-16 by its mark or by the
//! zeros of its first characters, latin-1 by the declaration of an XML document. Anything else is
//! handed on as it is.

use std::io::{self, BufRead, Read};

/// An input in UTF-8, or in what nobody said to be anything else: results or logs.
pub struct Decoded<'a> {
    input: &'a mut dyn BufRead,
    coding: Option<Coding>,
    /// What is decoded and not yet read; not in use for [`Coding::Plain`].
    out: Vec<u8>,
    at: usize,
    /// The bytes of half a UTF-16 unit, and half a pair.
    odd: Option<u8>,
    high: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Plain,
    Latin1,
    Utf16 { is_little: bool },
}

impl<'a> Decoded<'a> {
    /// The text of an input, whatever it is written in.
    pub fn new(input: &'a mut dyn BufRead) -> Self {
        Self { input, coding: None, out: Vec::new(), at: 0, odd: None, high: None }
    }

    fn coding(&mut self) -> io::Result<Coding> {
        if let Some(coding) = self.coding {
            return Ok(coding);
        }
        let head = self.input.fill_buf()?;
        let (coding, mark) = sniff(head);
        self.input.consume(mark);
        self.coding = Some(coding);
        Ok(coding)
    }

    fn refill(&mut self, coding: Coding) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() {
            let chunk = self.input.fill_buf()?;
            let used = chunk.len();
            if used == 0 {
                break;
            }
            let mut text = String::with_capacity(used * 2);
            match coding {
                Coding::Latin1 => text.extend(chunk.iter().map(|b| windows_1252(*b))),
                Coding::Plain | Coding::Utf16 { is_little: false } | Coding::Utf16 { .. } => {
                    let is_little = coding == Coding::Utf16 { is_little: true };
                    for byte in chunk {
                        let Some(first) = self.odd.take() else {
                            self.odd = Some(*byte);
                            continue;
                        };
                        let pair = [first, *byte];
                        let unit =
                            if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
                        self.high = push_unit(&mut text, self.high, unit);
                    }
                }
            }
            self.input.consume(used);
            self.out = text.into_bytes();
        }
        Ok(())
    }
}

/// Adds a unit of UTF-16, and gives back the first half of a pair that waits for its other one.
fn push_unit(text: &mut String, high: Option<u16>, unit: u16) -> Option<u16> {
    let is_high = (0xd800..0xdc00).contains(&unit);
    match high {
        Some(high) => text.extend(
            char::decode_utf16([high, unit].into_iter().take(if is_high { 1 } else { 2 }))
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
        ),
        None if is_high => {}
        None => text.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
    is_high.then_some(unit)
}

/// What the first bytes are written in, and the length of their mark.
fn sniff(head: &[u8]) -> (Coding, usize) {
    match head {
        [0xff, 0xfe, ..] => (Coding::Utf16 { is_little: true }, 2),
        [0xfe, 0xff, ..] => (Coding::Utf16 { is_little: false }, 2),
        [0xef, 0xbb, 0xbf, ..] => (Coding::Plain, 3),
        [b'<', 0, ..] => (Coding::Utf16 { is_little: true }, 0),
        [0, b'<', ..] => (Coding::Utf16 { is_little: false }, 0),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (Coding::Utf16 { is_little: true }, 0),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => (Coding::Utf16 { is_little: false }, 0),
        [b'<', b'?', b'x', b'm', b'l', rest @ ..] => {
            let end = rest.iter().position(|b| *b == b'>').unwrap_or(rest.len()).min(200);
            let said = String::from_utf8_lossy(&rest[..end]).to_ascii_lowercase();
            let latin = ["iso-8859-1\"", "iso-8859-1'", "iso-8859-15", "latin1", "latin-1", "windows-1252"];
            let is_latin = latin.iter().any(|l| said.contains(l));
            (if is_latin { Coding::Latin1 } else { Coding::Plain }, 0)
        }
        _ => (Coding::Plain, 0),
    }
}

/// Latin-1 as browsers read it: between 0x80 and 0x9f it has printed characters.
fn windows_1252(byte: u8) -> char {
    const HIGH: [u16; 32] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
        0x8d, 0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
        0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
    ];
    match byte {
        0x80..=0x9f => {
            char::from_u32(u32::from(HIGH[usize::from(byte - 0x80)])).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from(byte),
    }
}

/// The start of an input as text, for a look at it.
pub(super) fn peek(head: &[u8]) -> String {
    let mut input = head;
    let mut text = Vec::new();
    // Reading from memory can't fail.
    let _ = Decoded::new(&mut input).read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

impl Read for Decoded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let chunk = self.fill_buf()?;
        let some = chunk.len().min(into.len());
        into[..some].copy_from_slice(&chunk[..some]);
        self.consume(some);
        Ok(some)
    }
}

impl BufRead for Decoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let coding = self.coding()?;
        if coding == Coding::Plain {
            return self.input.fill_buf();
        }
        if self.at >= self.out.len() {
            self.refill(coding)?;
        }
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        match self.coding {
            Some(Coding::Plain) | None => self.input.consume(amount),
            Some(_) => self.at += amount,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_read_right() {
        let text = "<?xml version=\"1.0\"?><größe €😀/>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(peek(&little), text);
        let bare: Vec<u8> = "ok 1".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(peek(&bare), "ok 1");
        assert_eq!(peek(&[&[0xff, 0xfe], little.as_slice()].concat()), text);
        assert_eq!(peek(&[&[0xfe, 0xff], big.as_slice()].concat()), text);
        assert_eq!(peek(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), text);
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?>gr\xf6\xdfe \x80";
        assert_eq!(peek(latin), "<?xml version='1.0' encoding='ISO-8859-1'?>größe €");
        assert_eq!(peek(b"gr\xf6"), "gr\u{fffd}");
    }
}
