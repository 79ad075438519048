//! What a suite printed: its beginning and its end, in bounded room, and the latest line.

/// The beginning and the end of what was printed, in the order in which it came. Bytes that are no
/// UTF-8, and NUL, are `U+FFFD`; everything else is as it came, terminal escapes and secrets too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// All of it, if [`Self::left_out`] is 0; else its first 64 KiB.
    pub head: String,
    /// Its last 192 KiB, if something is left out; else empty.
    pub tail: String,
    /// How many bytes are between the two.
    pub left_out: u64,
    /// How many bytes there were in all.
    pub total: u64,
}

/// Takes bytes as they come.
#[derive(Debug, Default)]
pub(super) struct Capture {
    head: Vec<u8>,
    /// A ring: the oldest byte is at `at` once it is full.
    tail: Vec<u8>,
    at: usize,
    total: u64,
    /// The latest whole line, and the beginning of the one after it.
    line: Option<Vec<u8>>,
    begun: Vec<u8>,
}

impl Capture {
    const HEAD: usize = 64 << 10;
    const TAIL: usize = 192 << 10;
    /// More of a line is not shown while it runs.
    const LINE: usize = 400;
    /// More at the end of a piece is not searched for it: of a flood nobody reads each line.
    const SEARCHED: usize = 4096;

    /// Takes the next bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        self.note_line(bytes);
        let (head, rest) = bytes.split_at((Self::HEAD - self.head.len()).min(bytes.len()));
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(Self::TAIL)..];
        let (grow, wrap) = rest.split_at((Self::TAIL - self.tail.len()).min(rest.len()));
        self.tail.extend_from_slice(grow);
        let (first, second) = wrap.split_at((Self::TAIL - self.at).min(wrap.len()));
        self.tail[self.at..self.at + first.len()].copy_from_slice(first);
        self.tail[..second.len()].copy_from_slice(second);
        if !wrap.is_empty() {
            self.at = (self.at + wrap.len()) % Self::TAIL;
        }
    }

    /// How many bytes came.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The latest line that was not asked for before.
    pub(super) fn take_line(&mut self) -> Option<String> {
        self.line.take().map(|line| readable(&line))
    }

    /// What is kept.
    pub(super) fn output(&self) -> Output {
        let tail = [&self.tail[self.at..], &self.tail[..self.at]].concat();
        let left_out = self.total - (self.head.len() + tail.len()) as u64;
        if left_out == 0 {
            let head = readable(&[self.head.as_slice(), &tail].concat());
            return Output { head, tail: String::new(), left_out, total: self.total };
        }
        // What is left of a character that is cut is nobody's mistake.
        let head = match std::str::from_utf8(&self.head) {
            Err(error) if error.error_len().is_none() => &self.head[..error.valid_up_to()],
            _ => &self.head,
        };
        let is_inside = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
        let rest = tail.iter().take(3).take_while(is_inside).count();
        Output { head: readable(head), tail: readable(&tail[rest..]), left_out, total: self.total }
    }

    fn note_line(&mut self, bytes: &[u8]) {
        // A carriage return ends a line for whoever watches: progress bars write over it.
        let ends = |b: &u8| matches!(b, b'\n' | b'\r');
        let searched = &bytes[bytes.len().saturating_sub(Self::SEARCHED)..];
        if searched.len() < bytes.len() {
            self.begun.clear();
        }
        let (bytes, mut rest) = (searched, searched);
        if let Some(end) = bytes.iter().rposition(ends) {
            let count = bytes[..end].iter().rposition(|b| !ends(b)).map_or(0, |last| last + 1);
            let whole = &bytes[..count];
            let start = whole.iter().rposition(ends).map(|at| at + 1);
            let mut line = if start.is_none() { std::mem::take(&mut self.begun) } else { Vec::new() };
            push_some(&mut line, &whole[start.unwrap_or(0)..]);
            if !line.trim_ascii().is_empty() {
                self.line = Some(line);
            }
            self.begun.clear();
            rest = &bytes[end + 1..];
        }
        push_some(&mut self.begun, rest);
    }
}

/// The whole, or the beginning and the end in whole lines: a secret that the cut went through
/// could not be recognised any more.
impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.left_out == 0 {
            return f.write_str(&self.head);
        }
        let head = self.head.rfind('\n').map_or("", |end| &self.head[..=end]);
        let tail = self.tail.find('\n').map_or("", |end| &self.tail[end + 1..]);
        let left_out = self.total - (head.len() + tail.len()) as u64;
        write!(f, "{head}[… {left_out} bytes left out …]\n{tail}")
    }
}

fn push_some(line: &mut Vec<u8>, bytes: &[u8]) {
    let room = Capture::LINE.saturating_sub(line.len()).min(bytes.len());
    line.extend_from_slice(&bytes[..room]);
}

fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `bytes` in pieces of this size.
    fn captured(bytes: &[u8], size: usize) -> Output {
        let mut capture = Capture::default();
        bytes.chunks(size).for_each(|chunk| capture.add(chunk));
        capture.output()
    }

    #[test]
    fn the_head_and_the_tail_are_kept_whatever_the_pieces() {
        let room = Capture::HEAD + Capture::TAIL;
        for length in [0, 1, Capture::HEAD, Capture::HEAD + 1, room - 1, room, room + 1, 3 * room + 77] {
            let text: String = (0..length).map(|n| char::from(b'a' + (n / 7 % 26) as u8)).collect();
            for size in [1000, 4096, 65_536, 1 << 20] {
                let output = captured(text.as_bytes(), size);
                assert_eq!(output.total, length as u64);
                if length <= room {
                    let whole = Output { head: text.clone(), total: length as u64, ..Output::default() };
                    assert!(output == whole, "{length} in {size}");
                } else {
                    assert_eq!(output.left_out, (length - room) as u64);
                    assert!(output.head == text[..Capture::HEAD], "{length} in {size}");
                    assert!(output.tail == text[length - Capture::TAIL..], "{length} in {size}");
                }
            }
        }
    }

    #[test]
    fn what_is_cut_is_cut_between_lines() {
        let text: String = (0..100_000).map(|n| format!("line {n} of many\n")).collect();
        let shown = captured(text.as_bytes(), 4096).to_string();
        let (head, tail) = shown.split_once("[… ").expect("cut");
        assert!(head.ends_with(" of many\n") && tail.contains(" …]\nline "), "{tail:.100}");
        assert_eq!(captured(b"a\nb", 1).to_string(), "a\nb");
    }

    #[test]
    fn what_is_no_text_becomes_text_and_a_cut_character_goes() {
        assert_eq!(captured(b"a\xff\0\x1b[1mb", 2).head, "a\u{fffd}\u{fffd}\u{1b}[1mb");
        let text = "a".to_owned() + &"é".repeat(300_000);
        let output = captured(text.as_bytes(), 4096);
        assert!(!output.head.contains('\u{fffd}') && !output.tail.contains('\u{fffd}'));
        assert_eq!(output.head.len(), Capture::HEAD - 1);
        assert_eq!((output.tail.len(), output.tail.chars().next()), (Capture::TAIL, Some('é')));
    }

    #[test]
    fn the_latest_line_is_told_once() {
        let mut capture = Capture::default();
        capture.add(b"one\ntw");
        assert_eq!(capture.take_line().as_deref(), Some("one"));
        assert_eq!(capture.take_line(), None);
        capture.add(b"o\r\n\nthr");
        assert_eq!(capture.take_line().as_deref(), Some("two"), "an empty line is none");
        capture.add(b"ee\rfour");
        assert_eq!(capture.take_line().as_deref(), Some("three"));
        capture.add(&[b'x'; 1000]);
        capture.add(b"\n");
        assert_eq!(capture.take_line().map(|line| line.len()), Some(Capture::LINE));
    }
}
