//! Replacing stretches of a text, several at once.

use std::ops::Range;

/// One stretch and what comes in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) span: Range<usize>,
    pub(crate) with: String,
}

impl Splice {
    /// Puts `with` in at byte `at`.
    pub(crate) fn insert(at: usize, with: impl Into<String>) -> Self {
        Self { span: at..at, with: with.into() }
    }

    /// Takes `span` out.
    pub(crate) fn delete(span: Range<usize>) -> Self {
        Self { span, with: String::new() }
    }

    /// Puts `with` in the place of `span`.
    pub(crate) fn replace(span: Range<usize>, with: impl Into<String>) -> Self {
        Self { span, with: with.into() }
    }
}

/// `text` with all splices made, or nothing if they overlap or do not fit it.
pub(crate) fn apply(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let mut made = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for splice in splices {
        made.push_str(text.get(at..splice.span.start)?);
        made.push_str(&splice.with);
        at = splice.span.end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splices_are_made_in_the_order_of_their_places() {
        let splices = vec![Splice::delete(4..5), Splice::insert(0, "x"), Splice::replace(1..3, "é")];
        assert_eq!(apply("abcde", splices).as_deref(), Some("xaéd"));
        assert_eq!(apply("abc", vec![]).as_deref(), Some("abc"));
    }

    #[test]
    fn what_overlaps_or_does_not_fit_is_refused() {
        assert_eq!(apply("abc", vec![Splice::delete(0..2), Splice::delete(1..3)]), None);
        assert_eq!(apply("é", vec![Splice::delete(1..2)]), None);
        assert_eq!(apply("abc", vec![Splice::insert(9, "x")]), None);
    }
}
