//! What is different between two texts, as few and small changes: an editor keeps its cursor, folds and
//! marks around them.

use std::ops::Range;

/// One stretch of a text and what comes in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The bytes of the text as it was.
    pub span: Range<usize>,
    /// What comes there.
    pub with: String,
}

/// The changes that make `after` of `before`, in order and apart from each other. Each is cut down to
/// what differs, in whole characters; a line ending of two is never cut in two.
pub fn changes(before: &str, after: &str) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    // Lines that begin and end both are found cheaply, so that only the middle is compared.
    let whole = trimmed(before, 0..before.len(), after);
    let start = before[..whole.span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = before[whole.span.end..].find('\n').map_or(before.len(), |at| whole.span.end + at + 1);
    let tail = before.len() - end;
    let (old, new) = (&before[start..end], &after[start..after.len() - tail]);
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let diff = similar::TextDiff::from_slices(&old_lines, &new_lines);
    let (old_starts, new_starts) = (starts(&old_lines), starts(&new_lines));
    let mut found = Vec::new();
    for op in diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal) {
        let (was, becomes) = (op.old_range(), op.new_range());
        let span = start + old_starts[was.start]..start + old_starts[was.end];
        found.push(trimmed(before, span, &new[new_starts[becomes.start]..new_starts[becomes.end]]));
    }
    if apply(before, &found).as_deref() == Some(after) { found } else { vec![whole] }
}

/// `text` with the changes made, or nothing if they overlap or do not fit it.
pub fn apply(text: &str, changes: &[Change]) -> Option<String> {
    let mut made = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for change in changes {
        made.push_str(text.get(at..change.span.start)?);
        made.push_str(&change.with);
        at = change.span.end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

/// The change that puts `with` in the place of `span`, without what is equal at both ends.
fn trimmed(text: &str, span: Range<usize>, with: &str) -> Change {
    let old = &text[span.clone()];
    let pairs = old.chars().zip(with.chars()).take_while(|(a, b)| a == b);
    let mut head: usize = pairs.map(|(a, _)| a.len_utf8()).sum();
    if old[..head].ends_with('\r') {
        head -= 1;
    }
    let pairs = old[head..].chars().rev().zip(with[head..].chars().rev()).take_while(|(a, b)| a == b);
    let mut tail: usize = pairs.map(|(a, _)| a.len_utf8()).sum();
    let is_cut =
        |text: &str| text[..text.len() - tail].ends_with('\r') && text[text.len() - tail..].starts_with('\n');
    if tail > 0 && (is_cut(old) || is_cut(with)) {
        tail -= 1;
    }
    Change { span: span.start + head..span.end - tail, with: with[head..with.len() - tail].to_owned() }
}

/// Where each line starts, and the end of the last.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let ends = lines.iter().map(|line| {
        at += line.len();
        at
    });
    std::iter::once(0).chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> Vec<(String, String)> {
        let found = changes(before, after);
        assert_eq!(apply(before, &found).as_deref(), Some(after), "{before:?} {after:?}");
        found.into_iter().map(|c| (before[c.span].to_owned(), c.with)).collect()
    }

    #[test]
    fn only_what_differs_is_changed() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(shown("a\nb\n", "a\nb\n"), []);
        assert_eq!(shown("s: open\nx\n", "s: completed\nx\n"), [pair("open", "completed")]);
        assert_eq!(shown("a\nb\nc\n", "a\nc\nd\n"), [pair("b\n", ""), pair("", "d\n")]);
        assert_eq!(shown("", "x"), [pair("", "x")]);
        assert_eq!(shown("é\n", "è\n"), [pair("é", "è")]);
        assert_eq!(shown("a\r\nb\r\n", "a\r\nx\r\nb\r\n"), [pair("", "x\r\n")]);
    }

    #[test]
    fn a_line_ending_is_not_cut_in_two() {
        assert_eq!(shown("a\r\n", "a\n"), [("\r\n".to_owned(), "\n".to_owned())]);
        assert_eq!(shown("a\rb", "a\r\nb"), [("\r".to_owned(), "\r\n".to_owned())]);
    }

    #[test]
    fn any_two_texts_are_told_apart() {
        let texts = [
            "",
            "\n",
            "a",
            "a\n",
            "a\nb",
            "b\na\n",
            "é\r\nb\r",
            "🌱\n🌿\na\n",
            "x\n\n\ny\n",
            "\r",
            "\r\n",
            "y\nx\n",
        ];
        for before in texts {
            for after in texts {
                shown(before, after);
            }
        }
    }
}
