//! What a terminal, a CI system and GitHub would make of a text: the judge of these tests.
//!
//! It is written apart from the program's own rules, on purpose, and is stricter where that
//! is simpler.

use gardener::model::is_hidden;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Nothing in it drives a terminal, hides, or is a command to a CI system.
#[track_caller]
pub(crate) fn assert_harmless(what: &str, out: &str) {
    let bad = out.char_indices().find(|(_, c)| *c != '\n' && is_hidden(*c));
    assert_eq!(bad, None, "{what}: {out:?}");
    for line in out.lines() {
        let text = line.trim_start();
        assert!(!text.starts_with("::"), "{what}: {line:?}");
        for command in ["##[", "##vso[", "##teamcity["] {
            assert!(!line.contains(command), "{what}: {line:?}");
        }
    }
}

/// What GitHub understands beyond CommonMark.
fn github() -> Options {
    let inline = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    inline | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_GFM
}

/// What GitHub would show of a text as words, outside of code; and its HTML.
pub(super) fn words_and_html(markdown: &str) -> (String, Vec<String>) {
    let (mut words, mut html, mut code) = (String::new(), Vec::new(), 0);
    for event in Parser::new_ext(markdown, github()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            // GitHub looks for references in the text of one element at a time.
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                words.push(' ');
                if dest_url.contains("//") || dest_url.contains("github") {
                    words.push_str(&format!(" {} ", without_commits(&dest_url)));
                }
            }
            Event::Text(text) if code == 0 => words.push_str(&text),
            Event::Html(text) | Event::InlineHtml(text) => html.push(text.trim().to_owned()),
            _ => words.push(' '),
        }
    }
    (words, html.into_iter().filter(|h| !h.is_empty()).collect())
}

/// An address behind a link, which is no text: GitHub looks there for issues, and not for the
/// names of commits.
fn without_commits(address: &str) -> String {
    let is_name = |word: &str| word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let parts = address.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let kept = parts.map(|part| {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_name(word) { part.replace(word, "name") } else { part.to_owned() }
    });
    kept.collect()
}

/// Words as GitHub reads them: they notify nobody, refer to nothing and close nothing.
#[track_caller]
pub(super) fn assert_inert(what: &str, words: &str) {
    let words = &without_addresses(what, words);
    let chars: Vec<char> = words.chars().collect();
    let starts = |at: usize, text: &str| {
        let found: String = chars[at..].iter().take(text.chars().count()).collect();
        found.eq_ignore_ascii_case(text)
    };
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        let here: String = chars[at.saturating_sub(12)..].iter().take(40).collect();
        match c {
            '@' => {
                let is_mail = before.is_some_and(|c| c.is_ascii_alphanumeric());
                assert!(is_mail || !after.is_ascii_alphanumeric(), "{what} mentions: {here:?}");
            }
            '#' => assert!(!after.is_ascii_digit(), "{what} refers: {here:?}"),
            'g' | 'G' if !before.is_some_and(char::is_alphanumeric) && starts(at, "gh-") => {
                assert!(!chars.get(at + 3).is_some_and(char::is_ascii_digit), "{what} refers: {here:?}");
            }
            _ => {}
        }
        let is_part = before.is_some_and(char::is_alphanumeric);
        assert!(is_part || !starts(at, "www.github.com/a"), "{what} refers: {here:?}");
    }
    for word in words.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let hex = word.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
        let mixed = word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic());
        let is_commit = hex && (word.len() == 40 || (mixed && (7..40).contains(&word.len())));
        assert!(!is_commit, "{what} names a commit: {word}");
    }
}

/// Words without the addresses that GitHub makes links of, in which nothing else acts. None
/// is that of an issue.
#[track_caller]
fn without_addresses(what: &str, words: &str) -> String {
    let mut rest = words;
    let mut kept = String::new();
    while let Some(at) = rest.find("://") {
        let ends = |c: char| c.is_whitespace() || "<>`\"*_~[]()|\\^$\u{200b}".contains(c);
        let end = rest[at + 3..].find(ends).map(|e| at + 3 + e);
        let (before, address) = (&rest[..at], &rest[at + 3..end.unwrap_or(rest.len())]);
        let parts: Vec<_> = address.split('/').collect();
        let kinds = ["issues", "pull", "pulls", "discussions", "commit"];
        let refers = parts.len() > 4 && kinds.contains(&parts[3].to_ascii_lowercase().as_str());
        let is_away = parts[0].eq_ignore_ascii_case("redirect.github.com");
        assert!(is_away || !refers, "{what} refers: {address:?}");
        let bare = before.strip_suffix("https").or(before.strip_suffix("http"));
        let host = address.split(['/', '?', '#']).next().unwrap_or_default();
        let is_host =
            host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b));
        let is_link = is_host && bare.is_some_and(|b| !b.ends_with(char::is_alphanumeric));
        kept.push_str(before);
        kept.push(' ');
        rest = &rest[if is_link { end.unwrap_or(rest.len()) } else { at + 3 }..];
    }
    kept + rest
}

/// Nothing in a text that is sent hides, but for what breaks words up and joins letters.
#[track_caller]
pub(super) fn assert_visible(what: &str, text: &str) {
    let kept = ['\n', '\t', '\u{200b}', '\u{200c}', '\u{200d}'];
    let bad = text.char_indices().find(|(_, c)| is_hidden(*c) && !kept.contains(c));
    assert_eq!(bad, None, "{what}: {text:?}");
}

/// The text of an issue or comment that gardener writes: inert, and no HTML in it but
/// gardener's own lines, which are all there and each on its own place.
#[track_caller]
pub(super) fn assert_own_html(what: &str, text: &str, own: &[String]) {
    assert_visible(what, text);
    let (words, html) = words_and_html(text);
    assert_inert(what, &words);
    let html: Vec<String> = html.join("\n").lines().map(|l| l.trim().to_owned()).collect();
    assert_eq!(html, own, "{what}: {text}");
    let lines: Vec<_> = text.lines().filter(|l| l.contains("<!-- gardener:")).collect();
    assert_eq!(lines.len(), own.len(), "{what}: {lines:?}");
}

/// A text as YAML in double quotes, every character but plain ones by its number.
pub(super) fn yaml(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}
