//! What is quoted is inert, by the judge of `tests/it/foreign`, and quoting takes linear time.

use gardener::block::{MAX_TEXT, code_span, quote, quote_line, quote_title};

use super::is_linear;
use super::oracle::{assert_inert, assert_own_html, assert_visible, words_and_html};

/// What means something to Markdown or to GitHub, for texts of bytes above ASCII.
const PIECES: &[&str] = &[
    "@mallory",
    "#1",
    "GH-1",
    "1a2b3c4d",
    "a/b#1",
    "https://github.com/a/b/issues/1",
    "https://a.b/@mallory",
    "www.github.com/a/b/pull/1",
    "&#64;",
    "&commat;",
    "```",
    "~~~",
    "\n\n",
    "    ",
    "> ",
    "- ",
    "1. ",
    "# ",
    "---\n",
    "|---|\n",
    "](",
    "]: ",
    "![",
    "<!--",
    "-->",
    "<details>",
    "</details>",
    "<pre>",
    "<script>",
    "<https://a.b>",
    "**",
    "~~",
    "[^1]: ",
    "- [ ] ",
    "<!-- gardener:issue 1 w/e -->",
    "<!-- gardener:end -->",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{1b}[31m",
    "==\n",
    "a@b.c",
    "\u{e9}",
];

/// A text, as it is; and with its invalid bytes as pieces that mean something.
pub fn holds(data: &[u8]) {
    let mut text = String::new();
    for chunk in data.utf8_chunks() {
        // Of these addresses the judge knows only the one among the pieces.
        let is_judged = !chunk.valid().to_lowercase().contains("www.github");
        text.push_str(if is_judged { chunk.valid() } else { "x" });
        text.extend(chunk.invalid().iter().map(|b| PIECES[usize::from(*b) % PIECES.len()]));
    }
    prose(&text);
    line(&text);
    if data.iter().fold(0_u8, |sum, b| sum.wrapping_add(*b)) % 64 == 1 {
        in_linear_time(&text);
    }
}

fn prose(text: &str) {
    let quoted = quote(text);
    assert!(quoted.chars().count() <= MAX_TEXT);
    assert_own_html("prose", &quoted, &[]);
    let own = ["<!-- gardener:issue 1 w/e -->".to_owned()];
    assert_own_html("with a marker", &format!("{quoted}\n\n{}", own[0]), &own);
    assert_own_html("again", &quote(&quoted), &[]);
}

fn line(text: &str) {
    let title = quote_title(text);
    assert!(title.chars().count() <= 250 && !title.contains('\n'), "{title:?}");
    assert_visible("title", &title);
    assert_inert("title", &title);
    let line = quote_line(text);
    assert!(line.chars().count() <= 250 && !line.contains('\n'), "{line:?}");
    for around in [format!("Impact: {line}"), format!("**{line}**"), line.clone(), format!("* x {line}")] {
        assert_own_html("line", &around, &[]);
    }
    let code = code_span(text);
    let (words, html) = words_and_html(&format!("In {code}: x"));
    assert!(html.is_empty(), "{code}");
    assert!(words.trim_start().starts_with("In") && words.trim_end().ends_with(": x"), "{code}");
    assert_inert("code", &words);
}

/// Repeated to a long text it takes as much longer as it is longer.
fn in_linear_time(text: &str) {
    let short = text.repeat(4_096 / text.len().max(1) + 1);
    let long = short.repeat(8);
    assert!(is_linear(|| drop(quote(&short)), || drop(quote(&long))), "too slow on repetitions of {text:?}");
}
