//! Laws of quoting, on texts put together from everything that means something to Markdown.
//!
//! A few hundred by default, as many as `GARDENER_CASES` says in a campaign.
#![expect(clippy::disallowed_methods, reason = "how much to try comes from the environment")]

use gardener::block::{code_span, quote, quote_line, quote_title};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::oracle::{assert_inert, assert_own_html, assert_visible, words_and_html};

/// Pieces whose order and nesting nobody thought of.
const PIECES: &[&str] = &[
    "@mallory",
    "@",
    "#1",
    "#",
    "GH-1",
    "gh-",
    "1a2b3c4d",
    "a/b#1",
    "fixes ",
    "https://github.com/a/b/issues/1",
    "https://a.b/@mallory",
    "http://",
    "www.github.com/a/b/pull/1",
    "&#64;",
    "&commat;",
    "&",
    ";",
    "`",
    "``",
    "```",
    "````",
    "~~~",
    "\n",
    "\n\n",
    "\r",
    "    ",
    "\t",
    " ",
    "> ",
    "- ",
    "1. ",
    "# ",
    "---\n",
    "|",
    "|---|\n",
    "[",
    "](",
    ")",
    "]: ",
    "![",
    "<",
    ">",
    "<!--",
    "-->",
    "<details>",
    "</details>",
    "<pre>",
    "<div>",
    "<b ",
    "</",
    "<?",
    "<!A",
    "<script>",
    "<https://a.b>",
    "*",
    "**",
    "_",
    "~~",
    "\\",
    "\\`",
    "$",
    "$$",
    "[^1]",
    "[^1]: ",
    "- [ ] ",
    "x",
    "é",
    "\"",
    "<!-- gardener:issue 1 w/e -->",
    "<!-- gardener:end -->",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{1b}[31m",
    "==\n",
    "a@b.c",
    "text ",
];

fn cases() -> ProptestConfig {
    let cases = std::env::var("GARDENER_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let rng_seed = RngSeed::Fixed(20_261_122);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 1..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn laws_of_prose(text in text()) {
        let quoted = quote(&text);
        assert_own_html("prose", &quoted, &[]);
        // What stands below it is not its own, whatever it is.
        let own = ["<!-- gardener:issue 1 w/e -->".to_owned()];
        assert_own_html("with a marker", &format!("{quoted}\n\n{}", own[0]), &own);
        assert_own_html("again", &quote(&quoted), &[]);
    }

    #[test]
    fn laws_of_lines(text in text()) {
        let title = quote_title(&text);
        assert_visible("title", &title);
        assert_inert("title", &title);
        let line = quote_line(&text);
        for around in [format!("Impact: {line}"), format!("**{line}**"), line.clone(), format!("* x {line}")] {
            assert_own_html("line", &around, &[]);
        }
        let code = code_span(&text);
        let (words, html) = words_and_html(&format!("In {code}: x"));
        prop_assert!(html.is_empty() && words.trim_start().starts_with("In") && words.trim_end().ends_with(": x"), "{code}");
        assert_inert("code", &words);
    }
}

/// A worklog may be a mebibyte of anything, and a push waits for it.
#[test]
fn long_texts_take_linear_time() {
    let worst = [
        "_",
        "<a",
        "<http://",
        "http://",
        "http://a.b/&#",
        "/issues/",
        "//github.com/",
        "1a2b3c4_",
        "`",
        "``` ",
        "~~~\n",
        "[",
        "![",
        "](",
        "> ",
        "- ",
        "<!--",
        "<pre>\n",
        "*a ",
        "a*",
        "**a_",
        "|\n|-",
        "[^1]: ",
        "\\",
        "&",
        "@",
        "#1",
        "\u{200b}",
    ];
    let mut slow = Vec::new();
    for piece in worst {
        let (short, long) = (piece.repeat(2_048 / piece.len()), piece.repeat(16_384 / piece.len()));
        let seconds = |text: &str| {
            let start = std::time::Instant::now();
            quote(text);
            start.elapsed().as_secs_f64()
        };
        // A machine that is busy otherwise gets more chances.
        if !(0..4).any(|_| seconds(&long) <= 24.0 * seconds(&short).max(0.01)) {
            slow.push(piece);
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
