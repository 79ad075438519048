//! Texts without what steers a terminal, and texts cut to a length.

/// The text without terminal escapes and control characters; line breaks and tabs stay, and
/// of a line that was written over (`\r`) the last writing stays.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => match rest.peek() {
                // CSI: parameters, then one byte that ends it.
                Some('[') => {
                    rest.next();
                    while rest.next_if(|c| (' '..='?').contains(c)).is_some() {}
                    rest.next_if(|c| ('@'..='~').contains(c));
                }
                // OSC: up to BEL or ST, on one line.
                Some(']') => {
                    while rest.next_if(|c| !matches!(c, '\u{7}' | '\u{1b}' | '\n')).is_some() {}
                    if rest.next_if_eq(&'\u{1b}').is_some() {
                        rest.next_if_eq(&'\\');
                    }
                }
                _ => {}
            },
            '\r' => {
                if rest.peek().is_some_and(|c| *c != '\n' && *c != '\r') {
                    let line = out.rfind('\n').map_or(0, |at| at + 1);
                    out.truncate(line);
                }
            }
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// At most `most` characters of a text; where something is cut off it ends with `…`.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_and_texts_stay() {
        assert_eq!(plain("a\u{1b}[1;31mb\u{1b}[0mc"), "abc");
        assert_eq!(plain("\u{1b}]0;title\u{7}x"), "x");
        assert_eq!(plain("\u{1b}]8;;there\u{1b}\\link\u{1b}]8;;\u{1b}\\."), "link.");
        assert_eq!(plain("10%\r20%\r30%\nü\u{0}"), "30%\nü");
        assert_eq!(plain("a\r\nb"), "a\nb");
        assert_eq!(plain("\u{1b}[\u{e9}"), "\u{e9}", "an escape that is none");
    }

    #[test]
    fn cut_by_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü x", 4), "äöü…");
        assert_eq!(shortened("abc", 0), "…");
    }
}
