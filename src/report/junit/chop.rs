//! XML made fit for a parser that keeps a whole event in memory: valid UTF-8, with long texts in
//! pieces, long attributes cut, comments and document types left out, and a lone `&` or `<`
//! taken for the character that it was meant to be.

use std::io::{self, BufRead, Read};

/// The most bytes of an attribute, and of a tag between its attributes.
const VALUE: usize = 64 << 10;
/// The most bytes of a tag with all its attributes.
const TAG: usize = 1 << 20;
/// The most bytes that are looked at in one go, which is also the size of a piece of text.
const CHUNK: usize = 64 << 10;

/// An input of XML, chopped.
pub(super) struct Chopped<'a> {
    input: &'a mut dyn BufRead,
    state: State,
    out: Vec<u8>,
    at: usize,
    /// The first bytes of a character whose last ones are in the next chunk.
    half: Vec<u8>,
    was_cut: bool,
}

enum State {
    Text,
    /// After a `&`: what has come of the reference.
    Reference(Vec<u8>),
    /// After a `<`: what has come of the markup, as long as its sort is open.
    Open(Vec<u8>),
    Tag {
        quote: Option<u8>,
        /// Bytes of the tag, and of the value at hand.
        all: usize,
        value: usize,
    },
    /// In CDATA: how many `]` are held back.
    Data(usize),
    /// In a comment: how many `-` came last.
    Comment(usize),
    /// In `<?` or `<!`: how deep in brackets.
    Skipped(usize),
}

impl<'a> Chopped<'a> {
    pub(super) fn new(input: &'a mut dyn BufRead) -> Self {
        Self { input, state: State::Text, out: Vec::new(), at: 0, half: Vec::new(), was_cut: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() {
            let chunk = self.input.fill_buf()?;
            let used = chunk.len().min(CHUNK);
            if used == 0 {
                self.end();
                break;
            }
            let mut bytes = std::mem::take(&mut self.half);
            bytes.extend_from_slice(&chunk[..used]);
            self.input.consume(used);
            self.half = bytes.split_off(bytes.len() - open_end(&bytes));
            match String::from_utf8(bytes) {
                Ok(text) => self.chop(&text),
                Err(e) => self.chop(&String::from_utf8_lossy(e.as_bytes())),
            }
        }
        Ok(())
    }

    /// The end of the input: text that is cut within CDATA is text all the same.
    fn end(&mut self) {
        if !std::mem::take(&mut self.half).is_empty() {
            self.chop("\u{fffd}");
            self.was_cut = true;
        }
        match std::mem::replace(&mut self.state, State::Text) {
            State::Text => {}
            State::Data(_) => {
                self.out.extend_from_slice(b"]]>");
                self.was_cut = true;
            }
            State::Reference(seen) => {
                self.out.extend_from_slice(b"&amp;");
                self.out.extend(seen);
                self.was_cut = true;
            }
            _ => self.was_cut = true,
        }
    }

    fn chop(&mut self, text: &str) {
        match self.state {
            State::Text => self.out.extend_from_slice(b"<!---->"),
            State::Data(_) => self.out.extend_from_slice(b"]]><![CDATA["),
            _ => {}
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            // What is plain is copied in one go.
            let rest = &bytes[at..];
            let run = match &self.state {
                State::Text => rest.iter().position(|b| *b == b'<' || *b == b'&').unwrap_or(rest.len()),
                State::Data(0) => rest.iter().position(|b| *b == b']').unwrap_or(rest.len()),
                _ => 0,
            };
            self.out.extend_from_slice(&rest[..run]);
            at += run;
            if let Some(byte) = bytes.get(at) {
                self.step(*byte);
                at += 1;
            }
        }
    }

    fn step(&mut self, byte: u8) {
        let out = &mut self.out;
        match &mut self.state {
            State::Text => match byte {
                b'<' => self.state = State::Open(Vec::new()),
                b'&' => self.state = State::Reference(Vec::new()),
                _ => out.push(byte),
            },
            State::Reference(seen) => match byte {
                b';' => {
                    out.push(b'&');
                    out.append(seen);
                    out.push(b';');
                    self.state = State::Text;
                }
                b'#' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' if seen.len() < 12 => seen.push(byte),
                _ => {
                    out.extend_from_slice(b"&amp;");
                    out.append(seen);
                    self.state = State::Text;
                    self.step(byte);
                }
            },
            State::Open(seen) => {
                seen.push(byte);
                if seen.as_slice() == b"!--" {
                    self.state = State::Comment(0);
                } else if seen.as_slice() == b"![CDATA[" {
                    out.extend_from_slice(b"<![CDATA[");
                    self.state = State::Data(0);
                } else if b"!--".starts_with(seen) || b"![CDATA[".starts_with(seen) {
                } else if byte == b'>' && seen.len() > 1 {
                    self.state = State::Text;
                } else if matches!(seen[0], b'?' | b'!') {
                    self.state = State::Skipped(0);
                } else if seen[0] == b'/' || seen[0] == b'_' || seen[0].is_ascii_alphabetic() || seen[0] > 127
                {
                    out.push(b'<');
                    out.append(seen);
                    self.state = State::Tag { quote: None, all: 0, value: 0 };
                } else {
                    out.extend_from_slice(b"&lt;");
                    seen.pop();
                    self.state = State::Text;
                    self.step(byte);
                }
            }
            State::Tag { quote, all, value } => {
                let ends = match *quote {
                    Some(open) => byte == open,
                    None => matches!(byte, b'"' | b'\'' | b'>'),
                };
                if ends {
                    out.push(byte);
                    *value = 0;
                    match (byte, &quote) {
                        (b'>', None) => self.state = State::Text,
                        (_, None) => *quote = Some(byte),
                        (_, Some(_)) => *quote = None,
                    }
                    return;
                }
                // Only between characters may anything be left out.
                let is_full = *value >= VALUE || *all >= TAG;
                let goes_on = byte & 0xc0 == 0x80;
                if *value < VALUE + 4 && (goes_on || !is_full) {
                    out.push(byte);
                    *all += 1;
                    *value += 1;
                } else {
                    *value = VALUE + 4;
                }
            }
            State::Data(held) => match byte {
                b']' if *held >= 2 => out.push(b']'),
                b']' => *held += 1,
                b'>' if *held >= 2 => {
                    out.extend_from_slice(b"]]>");
                    self.state = State::Text;
                }
                _ => {
                    out.extend(std::iter::repeat_n(b']', *held));
                    out.push(byte);
                    *held = 0;
                }
            },
            State::Comment(dashes) => match byte {
                b'-' => *dashes += 1,
                b'>' if *dashes >= 2 => self.state = State::Text,
                _ => *dashes = 0,
            },
            State::Skipped(depth) => match byte {
                b'[' => *depth += 1,
                b']' => *depth = depth.saturating_sub(1),
                b'>' if *depth == 0 => self.state = State::Text,
                _ => {}
            },
        }
    }

    /// Whether the input ended within markup, which a parser may not see.
    pub(super) fn is_within(&self) -> bool {
        self.was_cut
    }
}

/// How many bytes at the end may be the first ones of a character that goes on.
fn open_end(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3).position(|b| *b >= 0xc0).map(|at| at + 1);
    let goes_on = |many: usize| match bytes[bytes.len() - many] {
        0xf0.. => many < 4,
        0xe0.. => many < 3,
        _ => many < 2,
    };
    last.filter(|many| goes_on(*many)).unwrap_or(0)
}

impl Read for Chopped<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let chunk = self.fill_buf()?;
        let some = chunk.len().min(into.len());
        into[..some].copy_from_slice(&chunk[..some]);
        self.consume(some);
        Ok(some)
    }
}

impl BufRead for Chopped<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.out.len() {
            self.refill()?;
        }
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chopped(bytes: &[u8], piece: usize) -> String {
        let mut input = io::BufReader::with_capacity(piece, bytes);
        let mut text = String::new();
        Chopped::new(&mut input).read_to_string(&mut text).unwrap();
        text.replace("<!---->", "").replace("]]><![CDATA[", "")
    }

    #[test]
    fn what_is_well_formed_stays() {
        let xml = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a b=\"1 > 0 €\"><!-- <b> -- > --><c/>x &amp; &#10;y<![CDATA[ ]] ]]]>é</a>";
        let want = "<a b=\"1 > 0 €\"><c/>x &amp; &#10;y<![CDATA[ ]] ]]]>é</a>";
        for piece in [1, 2, 3, 7, 4_096] {
            assert_eq!(chopped(xml.as_bytes(), piece), want, "in pieces of {piece}");
        }
    }

    #[test]
    fn what_is_not_is_mended() {
        assert_eq!(
            chopped(b"<a>1 < 2 & 3 &nbsp b\xff</a>", 5),
            "<a>1 &lt; 2 &amp; 3 &amp;nbsp b\u{fffd}</a>"
        );
        let long = format!("<a b=\"{}\" c=\"x\"/>", "é".repeat(100_000));
        let short = chopped(long.as_bytes(), 4_096);
        assert!(short.len() < 70_000 && short.ends_with("\" c=\"x\"/>"), "{}", short.len());
    }
}
