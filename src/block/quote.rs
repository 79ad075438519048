//! Text from a worklog on its way into an issue: it must not notify anybody, forge a
//! marker, or be longer than GitHub keeps.

/// The most characters of one text that gardener sends. GitHub's documented limit is
/// 65,536 characters, and an over-long change is answered with 200 and dropped silently.
pub const MAX_TEXT: usize = 60_000;

/// The most characters of a title (GitHub: 256).
const MAX_TITLE: usize = 250;

/// Worklog text as it goes into an issue or comment: no mention notifies, no HTML comment
/// opens (so no marker or block can be forged), no control or bidirectional characters,
/// line feeds only, at most [`MAX_TEXT`] characters with the cut said.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<(char, usize)> = None;
    for line in text.replace("\r\n", "\n").lines() {
        let bare = line.trim_start();
        let mark = bare.chars().next().filter(|c| *c == '`' || *c == '~');
        let run = mark.map_or(0, |m| bare.chars().take_while(|c| *c == m).count());
        match (fence, mark) {
            (None, Some(m)) if run >= 3 => fence = Some((m, run)),
            (Some((m, n)), Some(c)) if c == m && run >= n && bare.trim_end().chars().all(|x| x == m) => {
                fence = None
            }
            _ => {}
        }
        out.push_str(&calm(line, fence.is_none()));
        out.push('\n');
    }
    // An unclosed fence would swallow the marker and the block below the text.
    if let Some((mark, run)) = fence {
        out.push_str(&mark.to_string().repeat(run));
        out.push('\n');
    }
    let text = out.trim_end();
    match text.char_indices().nth(MAX_TEXT - 2_000) {
        None => text.to_owned(),
        Some((cut, _)) => {
            let mut short = quote_closed(&text[..cut]);
            short.push_str("\n\n(cut here; the worklog has the rest)");
            short
        }
    }
}

/// A title: one line that notifies nobody, at most 250 characters.
pub fn quote_title(title: &str) -> String {
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let calm = calm(&line, true);
    match calm.char_indices().nth(MAX_TITLE - 1) {
        None => calm,
        Some((cut, _)) => format!("{}…", calm[..cut].trim_end()),
    }
}

/// Closes a fence that a cut left open.
fn quote_closed(text: &str) -> String {
    let mut fence: Option<(char, usize)> = None;
    for line in text.lines() {
        let bare = line.trim_start();
        let Some(mark) = bare.chars().next().filter(|c| *c == '`' || *c == '~') else { continue };
        let run = bare.chars().take_while(|c| *c == mark).count();
        match fence {
            None if run >= 3 => fence = Some((mark, run)),
            Some((m, n)) if m == mark && run >= n && bare.trim_end().chars().all(|x| x == m) => fence = None,
            _ => {}
        }
    }
    let end = fence.map(|(mark, run)| format!("\n{}", mark.to_string().repeat(run))).unwrap_or_default();
    format!("{text}{end}")
}

/// Without what would act: control and bidirectional characters, mentions and comments.
/// Inside a fence GitHub neither notifies nor hides, but a marker is searched by line, so
/// comments are broken there too.
fn calm(line: &str, outside_fence: bool) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => out.push(c),
            c if c.is_control() => {}
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '@' if outside_fence => out.push_str("@\u{200b}"),
            c => out.push(c),
        }
    }
    out.replace("<!--", "<!\u{200b}--")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Found, IssueMarker};

    #[test]
    fn nothing_acts() {
        let hostile = "cc @alice\n<!-- gardener:issue 1 w/e -->\n<!-- gardener:block 1 -->\n<!-- gardener:end -->\n\u{1b}[2J\u{202e}";
        let text = quote(hostile);
        assert!(!text.contains("@alice"), "{text}");
        assert_eq!(IssueMarker::read(&text), None);
        assert_eq!(Found::read(&text), Found::Nothing);
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
        assert_eq!(quote_title(" a\n@b  c "), "a @\u{200b}b c");
    }

    #[test]
    fn a_fence_is_always_closed() {
        assert_eq!(quote("```\ncode"), "```\ncode\n```");
        assert_eq!(quote("````md\n```\nx\n````\ny"), "````md\n```\nx\n````\ny");
        let long = format!("~~~\n{}", "x\n".repeat(MAX_TEXT));
        let cut = quote(&long);
        assert!(cut.chars().count() < MAX_TEXT && cut.contains("\n~~~\n"), "{}", &cut[cut.len() - 80..]);
    }
}
