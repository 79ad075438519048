//! Lines of any length, to a limit, of bytes that need not be UTF-8.

use std::io::BufRead;

/// The most bytes of a line; what is behind them is skipped.
const LIMIT: usize = 1 << 20;

/// Lines of an input.
pub(super) struct Lines<'a> {
    input: &'a mut dyn BufRead,
    line: Vec<u8>,
    /// Whether the last line given ended with a line end.
    pub(super) ended: bool,
    /// Why reading stopped before the end of the input.
    pub(super) broken: Option<String>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(input: &'a mut dyn BufRead) -> Self {
        Self { input, line: Vec::new(), ended: true, broken: None }
    }

    /// The next line without its end, or `None` at the end of the input.
    pub(super) fn next(&mut self) -> Option<String> {
        self.line.clear();
        self.ended = false;
        let mut any = false;
        while !self.ended {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    self.broken = Some(e.to_string());
                    break;
                }
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|b| *b == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = LIMIT.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            self.ended = end.is_some();
            let used = part.len() + usize::from(self.ended);
            self.input.consume(used);
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        any.then(|| String::from_utf8_lossy(&self.line).into_owned())
    }
}

/// A number of things in words: `1 test`, `2 tests`.
pub(super) fn plural(many: u64, thing: &str) -> String {
    format!("{many} {thing}{}", if many == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_a_limit() {
        let mut text = vec![b'x'; 3 << 20];
        text.extend_from_slice(b"\r\nb\xff\nend");
        let mut input = text.as_slice();
        let mut lines = Lines::new(&mut input);
        assert_eq!(lines.next().map(|l| l.len()), Some(1 << 20));
        assert_eq!(lines.next().as_deref(), Some("b\u{fffd}"));
        assert!(lines.ended);
        assert_eq!(lines.next().as_deref(), Some("end"));
        assert!(!lines.ended);
        assert_eq!(lines.next(), None);
    }
}
