//! Foreign text shown in an editor: nothing in it is markup, an address or an order to a terminal.

use crate::model::Untrusted;

/// The most characters of a title that are shown.
const MOST: usize = 300;

/// Somebody's words as they read, for a text that is shown as markdown: every mark is escaped, so that
/// nothing becomes a link, a picture, HTML or code, and hidden characters are shown.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for c in visible(text).chars() {
        if c.is_ascii_punctuation() {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// Somebody's words on one line, with hidden characters shown and cut where they have no end.
pub(crate) fn visible(text: &str) -> String {
    let short: String = text.chars().take(MOST).collect();
    let cut = if short.len() < text.len() { "…" } else { "" };
    let line = short.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}{cut}", Untrusted(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_and_all_of_it_can_be_read() {
        let shown = escaped("[x](command:y) <img src=z> `a`\u{1b}[31m\n# b https://e.org www.e.org");
        assert_eq!(
            shown,
            "\\[x\\]\\(command\\:y\\) \\<img src\\=z\\> \\`a\\`\\\\u\\{1b\\}\\[31m \\# b https\\:\\/\\/e\\.org www\\.e\\.org"
        );
        let mut events = pulldown_cmark::Parser::new_ext(&shown, pulldown_cmark::Options::all());
        assert!(events.all(|event| {
            use pulldown_cmark::{Event, Tag, TagEnd};
            matches!(event, Event::Text(_) | Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
        }));
        assert_eq!(visible("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(visible(&"x".repeat(400)).chars().count(), MOST + 1);
    }
}
