//! How the two values of a failed assertion differ: the same mistake often shows as the same
//! difference, one too many or a line break at the end, in tests that have nothing else in common.

/// What a message says the two values are, shorter than they may be in truth.
fn values(message: &str) -> Option<(String, String)> {
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    let after = |words: &[&str]| {
        lines.iter().enumerate().find_map(|(i, l)| {
            let rest = words.iter().find_map(|w| l.strip_prefix(w))?.trim();
            let value = if rest.is_empty() { lines.get(i + 1).copied().unwrap_or_default() } else { rest };
            (!value.is_empty()).then(|| value.to_owned())
        })
    };
    // Rust, Jest, TAP.
    for (one, other) in
        [(["left:", "left: "], ["right:", "right: "]), (["Expected:", "expected:"], ["Received:", "actual:"])]
    {
        if let (Some(a), Some(b)) = (after(&one), after(&other)) {
            return Some((a, b));
        }
    }
    for line in lines.iter().take(6) {
        let line = line.strip_prefix("AssertionError: ").unwrap_or(line);
        if let Some(rest) = line.strip_prefix("assert ")
            && let Some((a, b)) = rest.split_once(" == ")
        {
            return Some((a.to_owned(), b.to_owned()));
        }
        // JUnit: `expected:<3> but was:<4>`, `expected: <3> but was: <4>`.
        if let Some((_, rest)) = line.split_once("expected:")
            && let Some((a, b)) = rest.split_once(" but was:")
        {
            return Some((a.trim().to_owned(), b.trim().to_owned()));
        }
        for sep in [" !== ", " != ", " does not equal ", " to equal ", " to deeply equal ", " deepEqual "] {
            if let Some((a, b)) = line.split_once(sep) {
                return Some((a.trim_start_matches("expected ").to_owned(), b.to_owned()));
            }
        }
        for (first, second) in
            [("got ", ", want "), ("want ", ", got "), ("expected ", ", got "), ("Expected ", ", got ")]
        {
            if let Some((_, rest)) = line.split_once(first)
                && let Some((a, b)) = rest.split_once(second)
            {
                return Some((a.to_owned(), b.to_owned()));
            }
        }
    }
    None
}

/// The difference of an assertion's values in a few words; whichever of them was expected.
pub(super) fn difference(message: &str) -> Option<String> {
    let (a, b) = values(message)?;
    let (a, b) = (a.trim().trim_end_matches(','), b.trim().trim_end_matches(','));
    if let (Ok(x), Ok(y)) = (a.parse::<f64>(), b.parse::<f64>()) {
        let by = (x - y).abs();
        return Some(if by <= 3.0 { format!("by {by}") } else { "number".to_owned() });
    }
    let empty =
        |t: &str| matches!(t, "None" | "null" | "undefined" | "nil" | "''" | "\"\"" | "[]" | "{}" | "()");
    for (one, other) in [(a, b), (b, a)] {
        if empty(one) && !empty(other) {
            return Some(format!("{one} and a value"));
        }
    }
    let both: Vec<(char, char)> = a.chars().zip(b.chars()).collect();
    let head = both.iter().take_while(|(x, y)| x == y).count();
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().skip(head).collect(), b.chars().skip(head).collect());
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.len() > 12 || b.len() > 12 {
        return None;
    }
    let (mut one, mut other): (String, String) = (a.iter().collect(), b.iter().collect());
    if one > other {
        std::mem::swap(&mut one, &mut other);
    }
    // Where the values begin or end apart their quotes are part of it.
    Some(format!("{one:?} and {other:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_differ() {
        for (text, wanted) in [
            ("assert 3 == 4", "by 1"),
            ("assertion `left == right` failed\n  left: 3\n right: 5", "by 2"),
            ("assert 'BAR\\n' == 'BAR'", r#""" and "\\n""#),
            ("expected:<4> but was:<4x>", r#""" and "x""#),
            ("assert None == 'x'", "None and a value"),
            ("total = 1: got abc, want abd", r#""c" and "d""#),
        ] {
            assert_eq!(difference(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(difference("KeyError: 'x'"), None);
    }
}
