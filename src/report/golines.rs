//! The lines that a test of Go prints, and what they say of a failure.
//!
//! `t.Log` and `t.Error` print alike; only Go 1.25 and newer say which of the two a line is. Before,
//! the last one counts, since a test is wont to say at its end why it fails.

use super::text::{MESSAGE, bound};
use crate::model::Fault;

/// Whether a line is a frame that the test runner puts around a test's own ones.
pub(super) fn is_frame(line: &str) -> bool {
    let line = line.trim_start();
    ["=== RUN", "=== PAUSE", "=== CONT", "=== NAME", "--- FAIL:", "--- PASS:", "--- SKIP:", "--- BENCH:"]
        .iter()
        .any(|f| line.starts_with(f))
}

/// What the lines of one test said.
#[derive(Debug, Default)]
pub(super) struct Said {
    block: Option<Block>,
    /// Whether the block is known to be an error and no log.
    is_sure: bool,
    is_open: bool,
    panic: Option<String>,
    /// What an example printed and should have printed.
    example: String,
    in_example: bool,
    race: bool,
    timed_out: bool,
}

#[derive(Debug)]
struct Block {
    file: String,
    text: String,
}

impl Said {
    /// Takes a line, and what newer versions say that it is.
    pub(super) fn line(&mut self, line: &str, sort: Option<&str>) {
        let line = line.trim_end_matches(['\n', '\r']);
        if sort == Some("frame") || is_frame(line) {
            self.is_open = false;
            return;
        }
        if let Some(rest) = line.strip_prefix("panic: ").or_else(|| line.strip_prefix("fatal error: ")) {
            if self.panic.is_none() {
                self.timed_out = rest.starts_with("test timed out after ");
                let rest = rest.split(" [recovered").next().unwrap_or(rest);
                self.panic = Some(if self.timed_out { format!("panic: {rest}") } else { rest.to_owned() });
            }
            self.is_open = false;
            return;
        }
        if line == "WARNING: DATA RACE" {
            self.race = true;
        }
        if line == "got:" && self.example.is_empty() {
            self.in_example = true;
        }
        if self.in_example && self.example.len() < MESSAGE {
            self.example.push_str(line);
            self.example.push('\n');
        }
        if let Some((file, text)) = place(line) {
            let is_error = sort == Some("error");
            self.is_open = is_error || !self.is_sure;
            if self.is_open {
                self.is_sure |= is_error;
                self.block = Some(Block { file: file.to_owned(), text: text.to_owned() });
            }
        } else if self.is_open && line.starts_with("        ") {
            if let Some(block) = self.block.as_mut().filter(|b| b.text.len() < 4 * MESSAGE) {
                block.text.push('\n');
                block.text.push_str(&line[8..]);
            }
        } else if !line.trim().is_empty() {
            self.is_open = false;
        }
    }

    /// Whether the test failed by something of its own, and not only by a test below it.
    pub(super) fn is_own(&self) -> bool {
        self.block.is_some() || self.panic.is_some() || self.race || self.in_example
    }

    /// Whether the process went down under the test.
    pub(super) fn has_panicked(&self) -> bool {
        self.panic.is_some()
    }

    pub(super) fn fault(&self) -> Fault {
        match (&self.panic, self.timed_out) {
            (_, true) => Fault::TimedOut,
            (Some(_), false) => Fault::Crashed,
            (None, false) => Fault::Failed,
        }
    }

    pub(super) fn file(&self) -> Option<String> {
        self.block.as_ref().map(|b| b.file.clone()).filter(|f| f != "testing.go")
    }

    pub(super) fn message(&self) -> Option<String> {
        if let Some(panic) = &self.panic {
            return Some(panic.clone());
        }
        if self.race {
            return Some("WARNING: DATA RACE".to_owned());
        }
        if self.in_example {
            return Some(self.example.trim_end().to_owned());
        }
        let text = &self.block.as_ref()?.text;
        Some(bound(testify(text).as_deref().unwrap_or(text).trim(), MESSAGE))
    }
}

/// The file and the words of a line such as `    cart_test.go:20: words`.
fn place(line: &str) -> Option<(&str, &str)> {
    let text = line.strip_prefix("    ")?.trim_start();
    let at = text.find(".go:")?;
    let rest = &text[at + 4..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_file = !text[..at].contains([' ', ':']);
    let words = rest[digits..].strip_prefix(':')?;
    (is_file && digits > 0).then(|| (&text[..at + 3], words.trim_start()))
}

/// The words of a block of testify: those behind `Error:`.
fn testify(text: &str) -> Option<String> {
    if !text.contains("Error Trace:") {
        return None;
    }
    let mut found: Option<Vec<&str>> = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("Error:") {
            found = Some(vec![words.trim()]);
        } else if line.starts_with("Test:") || line.starts_with("Messages:") {
            break;
        } else if let Some(lines) = &mut found {
            lines.push(line);
        }
    }
    found.map(|lines| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        let mut said = Said::default();
        text.lines().for_each(|l| said.line(l, None));
        said
    }

    #[test]
    fn the_last_line_with_a_place_counts() {
        let logs = said("    a_test.go:1: log\n    a_test.go:2: got:\n          x\n        y\nprinted\n");
        assert_eq!(logs.message().as_deref(), Some("got:\n  x\ny"));
        let mut sure = Said::default();
        sure.line("    a_test.go:1: error", Some("error"));
        sure.line("    a_test.go:2: log", None);
        assert_eq!(sure.message().as_deref(), Some("error"));
        assert!(!said("=== RUN   TestA\nprinted\n--- FAIL: TestA (0.00s)\n").is_own());
    }

    #[test]
    fn testify_speaks_behind_its_trace() {
        let text = "    a_test.go:9: \n        \tError Trace:\t/src/a_test.go:9\n        \tError:      \tNot equal: \n        \t            \texpected: 1\n        \t            \tactual  : 2\n        \tTest:       \tTestA\n";
        assert_eq!(said(text).message().as_deref(), Some("Not equal:\nexpected: 1\nactual  : 2"));
    }

    #[test]
    fn a_timeout_is_the_runners() {
        assert_eq!(said("panic: test timed out after 3s\n").fault(), Fault::TimedOut);
        assert_eq!(said("panic: timed out [recovered]\n").fault(), Fault::Crashed);
        assert_eq!(said("    a_test.go:1: test timed out after 3s\n").fault(), Fault::Failed);
    }
}
