//! Text from a worklog on its way into an issue: it must not notify anybody, link or close
//! an issue, forge a marker, leave its place, or be longer than GitHub keeps (promise P10).
//!
//! Prose stays the Markdown it is. What would act is broken up by a blank of no width, which
//! changes nothing for a reader; code acts on nothing, so it stays as it is. What is code is
//! asked of a Markdown parser and asked again of the result, until nothing is left to break;
//! text that will not come to rest is shown in a fence as a whole.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::model::is_hidden;

/// The most characters of one text that gardener sends. GitHub's documented limit is
/// 65,536 characters, and an over-long change is answered with 200 and dropped silently.
pub const MAX_TEXT: usize = 60_000;

/// The most characters of a title (GitHub: 256).
const MAX_TITLE: usize = 250;

/// The most characters of an address that are looked at, so that a text full of beginnings of
/// addresses takes no longer than any other.
const MAX_ADDRESS: usize = 1_000;

/// A blank of no width: what stands on its two sides is not one word any more.
const BREAK: char = '\u{200b}';

/// Worklog text as it goes into an issue or comment: Markdown in which nothing outside code
/// mentions, refers, closes or is HTML, without hidden characters, line feeds only, every
/// fence closed, at most [`MAX_TEXT`] characters with the cut said.
pub fn quote(text: &str) -> String {
    let text = settled(visible(text).trim_end());
    match text.char_indices().nth(MAX_TEXT - 2_000) {
        None => text,
        Some((cut, _)) => {
            format!("{}\n\n(cut here; the worklog has the rest)", settled(text[..cut].trim_end()))
        }
    }
}

/// A title: one line that notifies nobody and refers to nothing, at most 250 characters.
pub fn quote_title(title: &str) -> String {
    short(&calm(&one_line(title), &Places { plain: true, ..Places::default() }))
}

/// A short text within a line of Markdown: as a title, and it opens no HTML and no fence,
/// wherever in the line it stands.
pub fn quote_line(text: &str) -> String {
    let mut line = String::new();
    let mut run = (' ', 0);
    for c in one_line(text).chars() {
        run = if c == run.0 { (c, run.1 + 1) } else { (c, 1) };
        if run.1 == 3 && matches!(c, '`' | '~') {
            line.push(BREAK);
            run.1 = 1;
        }
        line.push(c);
    }
    // What is code in it depends on what it will stand in, so nothing is.
    let words = std::iter::once(0..line.len()).collect();
    short(&calm(&line, &Places { words, loose_backtick: true, ..Places::default() }))
}

fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn short(line: &str) -> String {
    match line.char_indices().nth(MAX_TITLE - 1) {
        None => line.to_owned(),
        Some((cut, _)) => {
            // What the cut leaves of a long word may look like the name of a commit.
            let kept = line[..cut].trim_end();
            let rest = kept.trim_end_matches(|c: char| c.is_ascii_hexdigit() || c == '_');
            let is_name = kept.len() - rest.len() >= 7;
            format!("{}…", if is_name { rest.trim_end() } else { kept })
        }
    }
}

/// Text as code, so that nothing in it is Markdown. A backtick would end the code.
pub fn code_span(text: &str) -> String {
    let shown: String = text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
    format!("`{}`", shown.replace('`', "'").replace("<!--", &format!("<{BREAK}!--")))
}

/// The text as a reader sees it: what is hidden goes, what ends a line is a line feed. The
/// two joiners stay, without which some languages and emoji are misspelled.
fn visible(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{c}', '\u{85}'], "\n");
    let lines = lines.replace(['\u{2028}', '\u{2029}'], "\n");
    let seen = |c: &char| !is_hidden(*c) || matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}');
    lines.chars().filter(seen).collect()
}

/// Text in which nothing is left to break up, and after which a new paragraph begins.
fn settled(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let calm = closed(calm(&text, &Places::of(&text)));
        if calm == text {
            return text;
        }
        text = calm;
    }
    fenced(&text)
}

/// The whole text as a block of code.
fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    let everywhere = Places { code: std::iter::once(0..text.len()).collect(), ..Places::default() };
    format!("{fence}\n{}\n{fence}", calm(text, &everywhere))
}

fn longest_run(text: &str, mark: char) -> usize {
    text.split(|c| c != mark).map(str::len).max().unwrap_or(0)
}

/// The text with its last fence closed: open, it would swallow the marker and the block
/// below the text.
pub fn closed(text: String) -> String {
    if stands_alone(&text) {
        return text;
    }
    let fences = Parser::new_ext(&text, options()).into_offset_iter().filter_map(|(event, range)| {
        matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)))).then_some(range)
    });
    let open = fences.last().map_or("", |range| &text[range]);
    let mark = open.chars().next().unwrap_or('`');
    let run = open.chars().take_while(|c| *c == mark).count();
    let closed = format!("{text}\n{}", mark.to_string().repeat(run));
    if run >= 3 && stands_alone(&closed) { closed } else { fenced(&text) }
}

/// Whether what follows the text after an empty line is a paragraph of its own.
fn stands_alone(text: &str) -> bool {
    let probe = format!("{text}\n\nend");
    let mut depth = 0_usize;
    let mut last = None;
    for event in Parser::new_ext(&probe, options()) {
        match event {
            Event::Start(Tag::Paragraph) if depth == 0 => {
                last = Some(String::new());
                depth = 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(TagEnd::Paragraph) if depth == 1 => depth = 0,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(words) => last.iter_mut().for_each(|l: &mut String| l.push_str(&words)),
            _ => {}
        }
    }
    last.as_deref() == Some("end")
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
}

/// What a Markdown parser says of a text's places.
#[derive(Default)]
struct Places {
    /// Code, in the order of the text.
    code: Vec<Range<usize>>,
    /// Words that are shown as they are.
    words: Vec<Range<usize>>,
    /// No Markdown at all.
    plain: bool,
    /// Whether there is a backtick outside of code, which would pair with a new one.
    loose_backtick: bool,
}

impl Places {
    fn of(text: &str) -> Self {
        let mut places = Self::default();
        let mut block = 0_usize;
        for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(_)) => {
                    block += 1;
                    places.code.push(range);
                }
                Event::End(TagEnd::CodeBlock) => block -= 1,
                Event::Code(_) => places.code.push(range),
                Event::Text(_) if block == 0 => places.words.push(range),
                _ => {}
            }
        }
        let in_code = |at: usize| covers(&places.code, at);
        places.loose_backtick = text.match_indices('`').any(|(at, _)| !in_code(at));
        places
    }
}

/// Whether one of these ranges, which are in the order of the text, has this place in it.
fn covers(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|r| r.start <= at);
    after > 0 && ranges[after - 1].contains(&at)
}

/// The text with everything broken up that would act.
fn calm(text: &str, places: &Places) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    // Where the address ends that is being copied.
    let mut address = 0;
    while let Some(c) = text[at..].chars().next() {
        let (rest, before) = (&text[at..], text[..at].chars().next_back());
        let mut taken = c.len_utf8();
        if covers(&places.code, at) {
            out.push(c);
            // A marker is looked for by its line, so it is broken in code, too.
            if c == '<' && rest[1..].trim_start_matches(['!', '-']).trim_start().starts_with("gardener:") {
                out.push(BREAK);
            }
            at += taken;
            continue;
        }
        if address <= at {
            address = at + address_len(rest, before);
        }
        let in_address = at < address;
        if let Some((from, to)) = issue_address(rest, &text[..at]) {
            out.push_str(to);
            at += from;
            continue;
        }
        match c {
            '@' if in_address => out.push_str("%40"),
            '@' if mentions(rest, before) => out.extend([c, BREAK]),
            '#' if !in_address && starts_with_digit(&rest[1..]) => out.extend([c, BREAK]),
            '-' if !in_address && ends_with_gh(&text[..at]) && starts_with_digit(&rest[1..]) => {
                out.extend([c, BREAK]);
            }
            '&' if !places.plain && is_disguise(rest) => {
                out.extend([c, BREAK]);
                address = at + 1;
            }
            '<' if !places.plain && opens_html(rest) => out.extend([c, BREAK]),
            _ => match commit(rest, &text[..at]).filter(|_| !in_address) {
                Some(name) if places.plain || covers(&places.words, at) => {
                    taken = name.len();
                    push_commit(&mut out, name, before, &rest[taken..], places);
                }
                _ => out.push(c),
            },
        }
        at += taken;
    }
    out
}

/// A commit's name, as code where that disturbs nothing, else in parts too short to be one.
fn push_commit(out: &mut String, name: &str, before: Option<char>, after: &str, places: &Places) {
    let is_free = before != Some('`') && !after.starts_with('`');
    if !places.plain && !places.loose_backtick && is_free {
        out.push_str(&format!("`{name}`"));
        return;
    }
    for (i, c) in name.chars().enumerate() {
        if i > 0 && i % 6 == 0 {
            out.push(BREAK);
        }
        out.push(c);
    }
}

/// `@name` notifies after anything but a letter or digit. An underscore may be Markdown, and
/// what looks like no name may be one in disguise.
fn mentions(rest: &str, before: Option<char>) -> bool {
    let is_word = before.is_some_and(|c| c.is_ascii_alphanumeric());
    !is_word && rest[1..].starts_with(|c: char| !c.is_whitespace() && c != BREAK)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '&' || c == '\\')
}

/// `GH-12` is `#12`.
fn ends_with_gh(before: &str) -> bool {
    let Some((above, word)) = before.split_at_checked(before.len().saturating_sub(2)) else { return false };
    word.eq_ignore_ascii_case("gh") && !above.ends_with(char::is_alphanumeric)
}

/// A character written by its number, or one that acts by its name.
fn is_disguise(rest: &str) -> bool {
    ["&#", "&commat", "&num"].iter().any(|start| rest.starts_with(start))
}

/// A tag, a comment or a declaration; an address in pointed brackets is none.
fn opens_html(rest: &str) -> bool {
    let inner = &rest[1..];
    let is_tag = inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    // Only as far as an address can reach, so that many brackets take no time each.
    let is_address = ["https://", "http://"].iter().any(|s| inner.starts_with(s))
        && inner
            .find(|c: char| c.is_whitespace() || "<>".contains(c))
            .is_some_and(|e| inner[e..].starts_with('>'));
    is_tag && !is_address
}

/// The length of the address that begins here and that GitHub makes a link of: nothing in
/// it mentions or refers. 0 where none does.
fn address_len(rest: &str, before: Option<char>) -> usize {
    if before.is_some_and(char::is_alphanumeric) {
        return 0;
    }
    let Some(scheme) = ["https://", "http://"].into_iter().find(|s| rest.starts_with(s)) else { return 0 };
    // What may be Markdown ends it, though GitHub's address may go on.
    let ends = |c: char| c.is_whitespace() || c == BREAK || "<>`\"*_~[]()|\\^$".contains(c);
    let host = rest[scheme.len()..].split(|c: char| ends(c) || "/?#".contains(c)).next().unwrap_or_default();
    let is_plain =
        host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b));
    if !is_plain {
        return 0;
    }
    // What is longer is words from there on, which are broken up.
    let longest = rest.char_indices().nth(MAX_ADDRESS).map_or(rest.len(), |(at, _)| at);
    rest[..longest].find(ends).unwrap_or(longest)
}

/// What stands here of the address of an issue, a pull request, a discussion or a commit,
/// and what takes its place: the same page by a way that GitHub does not take for a
/// reference. Servers of companies have no such way; there the path is spelled differently.
fn issue_address(rest: &str, before: &str) -> Option<(usize, &'static str)> {
    const KINDS: [(&str, &str); 5] = [
        ("issues/", "%69ssues/"),
        ("pull/", "%70ull/"),
        ("pulls/", "%70ulls/"),
        ("discussions/", "%64iscussions/"),
        ("commit/", "%63ommit/"),
    ];
    let starts =
        |text: &str, with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if rest.starts_with(['g', 'G', 'w', 'W']) {
        let host = ["www.github.com/", "github.com/"].into_iter().find(|host| starts(rest, host))?;
        let is_address = before.ends_with("//")
            || before.ends_with('@')
            || (host.starts_with("www") && !before.ends_with(char::is_alphanumeric));
        let (_, below) = rest[host.len()..].split_once('/')?;
        let (_, below) = below.split_once('/')?;
        let refers = KINDS.iter().any(|(kind, _)| starts(below, kind));
        return (is_address && refers).then_some((host.len(), "redirect.github.com/"));
    }
    let found = KINDS.iter().find(|(kind, _)| before.ends_with('/') && starts(rest, kind));
    let (kind, other) = found?;
    let near = before.char_indices().rev().take(MAX_ADDRESS).last().map_or("", |(at, _)| &before[at..]);
    let start = near.rfind(|c: char| c.is_whitespace() || "<>`\"(".contains(c)).map_or(0, |at| at + 1);
    let (_, above) = near.get(start..)?.rsplit_once("://")?;
    let host = above.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_named = ["github.com", "www.github.com", "redirect.github.com"].contains(&host.as_str());
    (above.matches('/').count() == 3 && !is_named).then_some((kind.len(), *other))
}

/// The name of a commit that begins here: a word of 7 to 40 hexadecimal digits. One that is
/// a number or an English word is left alone, unless it is as long as a whole name.
fn commit<'a>(rest: &'a str, before: &str) -> Option<&'a str> {
    let hex = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
    let len = rest.bytes().take(41).take_while(hex).count();
    // Underscores join words within one, and are Markdown at its ends.
    if !(7..=40).contains(&len) || before.trim_end_matches('_').ends_with(char::is_alphanumeric) {
        return None;
    }
    let name = &rest[..len];
    let ends = !rest[len..].trim_start_matches('_').starts_with(char::is_alphanumeric);
    let mixed = name.bytes().any(|b| b.is_ascii_digit()) && name.bytes().any(|b| b.is_ascii_alphabetic());
    (ends && (len == 40 || mixed)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Found, IssueMarker};

    /// What GitHub would show of a text outside of code.
    fn shown(text: &str) -> String {
        let (mut shown, mut code) = (String::new(), 0);
        for event in Parser::new_ext(text, options()) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => code += 1,
                Event::End(TagEnd::CodeBlock) => code -= 1,
                Event::Text(words) if code == 0 => shown.push_str(&words),
                Event::Html(_) | Event::InlineHtml(_) => panic!("HTML in {text}"),
                _ => shown.push(' '),
            }
        }
        shown
    }

    #[test]
    fn nothing_acts() {
        let hostile = "cc @alice\n<!-- gardener:issue 1 w/e -->\n<!-- gardener:block 1 -->\n<!-- gardener:end -->\n\u{1b}[2J\u{202e}";
        let text = quote(hostile);
        assert!(!text.contains("@alice"), "{text}");
        assert_eq!(IssueMarker::read(&text), None);
        assert_eq!(Found::read(&text), Found::Nothing);
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
        let code = quote("```\n<!-- gardener:issue 1 w/e -->\n```\n\n    <!-- gardener:end -->");
        assert_eq!((IssueMarker::read(&code), Found::read(&code)), (None, Found::Nothing));
        assert_eq!(quote_title(" a\n@b  c "), "a @\u{200b}b c");
    }

    #[test]
    fn what_would_act_is_broken_up_and_stays_readable() {
        for (text, inert) in [
            ("@bob and é@bob, _@bob_ (@org/team)", "@·bob and é@·bob, _@·bob_ (@·org/team)"),
            ("ann@example.org", "ann@example.org"),
            ("fixes #12, a/b#3, GH-4, gh-5", "fixes #·12, a/b#·3, GH-·4, gh-·5"),
            ("high-12 # x #a", "high-12 # x #a"),
            ("&#64;bob &commat;bob &#35;1 &amp;", "&·#·64;bob &·commat;bob &·#·35;1 &amp;"),
            ("since 1a2b3c4 and 1234567 defaced", "since `1a2b3c4` and 1234567 defaced"),
            ("` 1a2b3c4d", "` 1a2b3c·4d"),
            ("_1a2b3c4d_ a_1a2b3c4d", "_`1a2b3c4d`_ a_1a2b3c4d"),
            ("https://github.com/a/b/issues/1", "https://redirect.github.com/a/b/issues/1"),
            ("[x](http://www.GitHub.com/a/b/pull/1)", "[x](http://redirect.github.com/a/b/pull/1)"),
            ("www.github.com/a/b/commit/1", "redirect.github.com/a/b/commit/1"),
            ("https://github.com/a/b/blob/m/c", "https://github.com/a/b/blob/m/c"),
            ("https://git.acme.org/a/b/issues/1", "https://git.acme.org/a/b/%69ssues/1"),
            ("[x](https://a.org/b)#12", "[x](https://a.org/b)#·12"),
            ("see https://a.org/@bob#12 #3", "see https://a.org/%40bob#12 #·3"),
            ("https://a_b/@bob", "https://a_b/@·bob"),
            ("<details><b>x</b> 1 < 2 <https://a.org>", "<·details><·b>x<·/b> 1 < 2 <https://a.org>"),
            ("`@bob #1 <b>` @bob", "`@bob #1 <b>` @·bob"),
            ("\\`@bob\\`", "\\`@·bob\\`"),
            ("# @bob\n\n| @bob |\n|---|\n| #1 |", "# @·bob\n\n| @·bob |\n|---|\n| #·1 |"),
            ("[@bob](u) ![#1](u) [r]: u", "[@·bob](u) ![#·1](u) [r]: u"),
            ("    @bob\n", "    @bob"),
            ("a\u{e0041}\u{200b}b\u{200d}c", "ab\u{200d}c"),
            ("a\rb\u{2028}c", "a\nb\nc"),
        ] {
            assert_eq!(quote(text), inert.replace('·', "\u{200b}"), "{text}");
            assert_eq!(quote(&quote(text)), quote(text), "{text}");
        }
        assert_eq!(
            quote_title("1a2b3c4d `@x` <b> &#64;x"),
            "1a2b3c\u{200b}4d `@\u{200b}x` <b> &#\u{200b}64;x"
        );
        for word in ["1a2b3c4d1a2b3c4dx", "1a2b3c4d1a2b3__4dx"] {
            let long = quote_title(&format!("{} {word}", "y".repeat(234)));
            assert_eq!(long, format!("{}…", "y".repeat(234)), "no name by the cut");
        }
        assert_eq!(quote_line("```<b>&#x40;x"), "``\u{200b}`<\u{200b}b>&\u{200b}#x40;x");
        assert_eq!(code_span("a`b\n<!-- x"), "`a'b\u{fffd}<\u{200b}!-- x`");
    }

    #[test]
    fn html_does_not_hide_what_is_in_it() {
        for text in [
            "<details>\n```\n\n@bob #1",
            "<pre>\n```\n</pre>\n\n@bob\n\n```\n#1",
            "<div>`\n\n@bob`",
            "<!-- `\n\n--> @bob `",
            "- <details>\n  ```\n\n@bob",
            "> ```\n@bob\n> ```\n@bob",
            "<script>\n```\n@bob\n```\n</script>\n#1",
            "<a href=\"@bob\n\n#1\">x</a>",
            "`<b>` ` <b @bob> `",
            "[^1]: ```\n    @bob\n\n[^1] #1",
        ] {
            let text = quote(text);
            let shown = shown(&text);
            assert!(!shown.contains("@bob") && !shown.contains("#1"), "{text}\n=> {shown}");
            assert!(stands_alone(&text), "{text}");
        }
    }

    #[test]
    fn a_fence_is_always_closed() {
        assert_eq!(quote("```\ncode"), "```\ncode\n```");
        assert_eq!(quote("````md\n```\nx\n````\ny"), "````md\n```\nx\n````\ny");
        assert_eq!(fenced("a ```` b"), "`````\na ```` b\n`````");
        let long = format!("~~~\n{}", "x\n".repeat(MAX_TEXT));
        let cut = quote(&long);
        assert!(cut.chars().count() < MAX_TEXT && cut.contains("\n~~~\n"), "{}", &cut[cut.len() - 80..]);
        for text in ["- ```\n  x", "> ~~~\n> x", "```\n````x", "1. a\n\n   ```` x\n   y"] {
            assert!(stands_alone(&quote(text)), "{text}");
        }
    }
}
