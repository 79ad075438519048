//! What the compiler and cargo say where tests could not be built.

use super::super::gather::Gather;
use super::super::text::{Bounded, DETAIL};

/// The compiler's words, gathered from the first error to the one that gives up.
#[derive(Default)]
pub(super) struct Compiler {
    text: Option<Bounded>,
    first: String,
}

/// Errors of cargo that only say that tests failed, which the tests say themselves.
const KNOWN: [&str; 6] = [
    "error: test failed, to rerun pass",
    "error: doctest failed, to rerun pass",
    "error: test run failed",
    "error: command `",
    "error: bench failed, to rerun pass",
    "error: build failed",
];

impl Compiler {
    pub(super) fn line(&mut self, line: &str, gather: &mut Gather<'_>) {
        let is_error = line.starts_with("error: ") || line.starts_with("error[");
        let many =
            line.strip_prefix("error: ").is_some_and(|l| l.ends_with(" failed:") && l.contains(" target"));
        let is_known = many || KNOWN.iter().any(|k| line.starts_with(k));
        if self.text.is_none() && is_error && !is_known {
            self.text = Some(Bounded::new(DETAIL));
            self.first = line.to_owned();
        }
        let Some(text) = &mut self.text else { return };
        if is_known {
            return self.end(gather);
        }
        text.push_line(line);
        if let Some(rest) = line.strip_prefix("error: could not compile `") {
            let (name, which) = rest.split_once('`').unwrap_or((rest, ""));
            let which = which.split_once('(').and_then(|(_, w)| w.split_once(')')).map(|(w, _)| w);
            let part = which.map_or(name.to_owned(), |w| format!("{name} ({w})"));
            let text = self.text.take().map(Bounded::into_text).unwrap_or_default();
            let first = std::mem::take(&mut self.first);
            gather.part(&part, &first, &text);
        }
    }

    /// Ends with what there is: cargo's own error, or a compiler's that is cut short.
    pub(super) fn end(&mut self, gather: &mut Gather<'_>) {
        if let Some(text) = self.text.take() {
            gather.part("cargo", &std::mem::take(&mut self.first), &text.into_text());
        }
    }
}
