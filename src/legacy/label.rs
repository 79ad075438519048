//! What a heading calls its entry: a word and an ordinal, or an ordinal alone, then the title.
//!
//! `🔴 CRITICAL CLUSTER 1: Title (P0)`, `[ERROR] Cluster 1`, `Issue 1A: Title`, `2. Title`,
//! `BUG-7 - Title`. Which word it is does not matter; that siblings share it does.

use crate::legacy::words::{Weight, is_urgency, severity};

/// A name taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) label: Option<Label>,
    /// What is left of it, without what says how bad it is; never empty unless the name is.
    pub(super) title: String,
    /// What was taken off: words before the label, what stood in brackets.
    pub(super) tags: Vec<String>,
}

/// `Issue 2`, `#7` or `1.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// In lower case, in the singular.
    pub(super) word: Option<String>,
    /// As it is written, in lower case: `2`, `1a`, `1.2`.
    pub(super) ordinal: String,
    /// Whether a `#` stands before it.
    pub(super) is_hashed: bool,
}

/// Words that number the times of work and not what was found.
const TIMES: [&str; 21] = [
    "step",
    "phase",
    "round",
    "iteration",
    "cycle",
    "run",
    "attempt",
    "session",
    "day",
    "week",
    "part",
    "section",
    "chapter",
    "stage",
    "pass",
    "option",
    "table",
    "figure",
    "appendix",
    "level",
    "tier",
];

/// The longest name that is looked at, in characters.
const LONGEST: usize = 400;

impl Label {
    /// The number it begins with.
    pub(super) fn number(&self) -> Option<u64> {
        let digits: String = self.ordinal.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// Whether it numbers times of work.
    pub(super) fn is_of_time(&self) -> bool {
        self.word.as_deref().is_some_and(|word| TIMES.contains(&word))
    }
}

/// Takes a name apart.
pub(super) fn parse(plain: &str) -> Named {
    // No name is longer.
    let plain = plain.char_indices().nth(LONGEST).map_or(plain, |(end, _)| &plain[..end]);
    let mut named = Named::default();
    let mut rest = bare(plain);
    // `[P0] [BUG] Title`
    while let Some((tag, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        if bare(after).is_empty() {
            break;
        }
        named.tags.push(tag.trim().to_owned());
        rest = bare(after);
    }
    // `BLOCKER: Title`, `P0 - Title`
    while let Some((head, after)) = leading_words(rest) {
        named.tags.push(head.to_owned());
        rest = bare(after);
    }
    let mut label = numbered(rest);
    if let Some((_, _, after)) = &label {
        rest = bare(after);
    }
    // `1. Issue #7 - Title` is numbered and names an issue, `1. Cluster 2: Title` has two labels.
    if let Some(inner) = worded(rest).filter(|(.., after)| label.is_none() || !bare(after).is_empty()) {
        rest = bare(inner.2);
        if label.is_none() || !inner.0.is_hashed {
            label = Some(inner);
        }
    }
    if let Some((found, before, _)) = label {
        named.tags.extend((!before.is_empty()).then(|| before.to_owned()));
        named.label = Some(found);
    }
    // `Issue 1 (P0): Title`, `2. [P1] Title`
    while let Some((tag, after)) = leading_tag(rest) {
        named.tags.push(tag.to_owned());
        rest = bare(after);
    }
    named.title = without_tail(rest, &mut named.tags).to_owned();
    if named.title.is_empty() {
        named.title = bare(plain).to_owned();
    }
    named
}

/// Words at the beginning that say how bad it is and are parted from the rest, and what comes after them.
fn leading_words(text: &str) -> Option<(&str, &str)> {
    let marks = [": ", " - ", " – ", " — "];
    let (at, mark) = marks.iter().filter_map(|mark| Some((text.find(mark)?, mark))).min()?;
    let (head, after) = (&text[..at], &text[at + mark.len()..]);
    let is_judged = severity(head).is_some_and(|(_, weight)| weight != Weight::Log);
    (is_judged && is_urgency(head) && !bare(after).is_empty()).then_some((head, after))
}

/// What stands in brackets at the beginning and says how bad it is, and what comes after it.
fn leading_tag(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix(['(', '['])?;
    let (tag, after) = inner.split_once([')', ']'])?;
    (is_urgency(tag) && !bare(after).is_empty()).then_some((tag, after))
}

/// Without pictures and marks at its beginning, and without blanks around it.
fn bare(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_alphanumeric() && !"[#(`<\"'_".contains(c)).trim_end()
}

/// Takes off what says how bad it is or what became of it, at the end.
fn without_tail<'t>(mut title: &'t str, tags: &mut Vec<String>) -> &'t str {
    loop {
        title = title.trim_end_matches(|c: char| !c.is_alphanumeric() && !")]`\"'?!.>*".contains(c));
        let pair = match title.chars().last() {
            Some(')') => title.rfind('('),
            Some(']') => title.rfind('['),
            _ => None,
        };
        let cut = match pair {
            Some(open) => Some((open, &title[open + 1..title.len() - 1])),
            None => [" - ", " – ", " — "]
                .iter()
                .filter_map(|dash| Some((title.rfind(dash)?, *dash)))
                .max()
                .map(|(at, dash)| (at, &title[at + dash.len()..])),
        };
        match cut {
            Some((at, tail)) if at > 0 && is_urgency(tail) => {
                tags.push(tail.to_owned());
                title = title[..at].trim_end();
            }
            _ => return title,
        }
    }
}

/// `Issue 1: …`, `CRITICAL CLUSTER 2: …`, `Issue #3 …`, `BUG-7 - …`: the label, what stood before
/// its word, what comes after.
fn worded(text: &str) -> Option<(Label, &str, &str)> {
    let mut previous: Option<(usize, &str)> = None;
    for (at, word) in words(text).take(5) {
        let after = &text[at + word.len()..];
        // The word and the ordinal in one: `BUG-7`, `ISSUE_003:`.
        let joined = word.trim_end_matches([':', '.', ')']).rsplit_once(['-', '_']);
        if let Some((name, ordinal)) = joined
            && is_word(name)
            && name.chars().any(|c| c.is_ascii_uppercase())
            && (1..=5).contains(&ordinal.len())
            && ordinal.bytes().all(|b| b.is_ascii_digit())
            && (is_separated(word, after) || after.trim().is_empty())
        {
            let ordinal = ordinal.trim_start_matches('0').to_owned();
            let ordinal = if ordinal.is_empty() { "0".to_owned() } else { ordinal };
            return Some((
                Label { word: Some(singular(name)), ordinal, is_hashed: false },
                text[..at].trim(),
                after,
            ));
        }
        if let Some((start, name)) = previous
            && is_word(name)
            && let Some((ordinal, is_hashed)) = ordinal(word, after)
        {
            let label = Label { word: Some(singular(name)), ordinal, is_hashed };
            return Some((label, text[..start].trim(), after));
        }
        previous = Some((at, word));
    }
    None
}

/// `1. …`, `2) …`, `#7 …`, `1.2 …`
fn numbered(text: &str) -> Option<(Label, &str, &str)> {
    let (_, word) = words(text).next()?;
    let after = &text[word.len()..];
    let (ordinal, is_hashed) = ordinal(word, after)?;
    let starts = ordinal.starts_with(|c: char| c.is_ascii_digit());
    let is_short = is_hashed || ordinal.chars().take_while(char::is_ascii_digit).count() <= 3;
    (starts && is_short && !after.trim().is_empty()).then_some((
        Label { word: None, ordinal, is_hashed },
        "",
        after,
    ))
}

/// An ordinal, if `word` is one in a place where one is meant.
fn ordinal(word: &str, after: &str) -> Option<(String, bool)> {
    let is_hashed = word.starts_with('#');
    let inner = word.trim_start_matches('#').trim_end_matches([':', '.', ')', ',', '-', '–', '—']);
    let digits = inner.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let letters = &inner[digits.len()..];
    let is_number = !digits.is_empty()
        && digits.len() <= 7
        && letters.len() <= 1
        && digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let is_letter = digits.is_empty() && inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_uppercase());
    let is_deep = digits.contains('.') && letters.is_empty();
    let fits = match (is_number, is_letter) {
        (true, _) => is_hashed || is_deep || is_separated(word, after) || after.trim().is_empty(),
        (_, true) => word.ends_with(':'),
        _ => false,
    };
    fits.then(|| (inner.to_ascii_lowercase(), is_hashed))
}

/// Whether a mark parts `word` from what comes after it.
fn is_separated(word: &str, after: &str) -> bool {
    let next = after.trim_start();
    word.ends_with([':', '.', ')', '–', '—'])
        || ["- ", "– ", "— ", "→ ", ": "].iter().any(|mark| next.starts_with(mark))
        || leading_tag(next).is_some()
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn is_word(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(|c| c.is_alphabetic() || c == '-')
}

fn singular(word: &str) -> String {
    let word = word.to_lowercase();
    if word.len() > 3 { word.strip_suffix('s').unwrap_or(&word).to_owned() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let named = parse(text);
        let label = named.label.map_or_else(
            || "-".to_owned(),
            |l| format!("{}{}{}", l.word.unwrap_or_default(), if l.is_hashed { "#" } else { " " }, l.ordinal),
        );
        format!("{label}|{}|{}", named.title, named.tags.join("/"))
    }

    #[test]
    fn names_are_taken_apart() {
        for (text, want) in [
            ("1. Cache is stale (Critical)", " 1|Cache is stale|Critical"),
            ("2) Cache is stale", " 2|Cache is stale|"),
            ("Issue 1: Cache is stale", "issue 1|Cache is stale|"),
            ("✅ Issue 1: Cache is stale (P0 CRITICAL)", "issue 1|Cache is stale|P0 CRITICAL"),
            ("Issue 1A: Cache", "issue 1a|Cache|"),
            ("Issue 1.1: Cache", "issue 1.1|Cache|"),
            ("1.2 Cache", " 1.2|Cache|"),
            ("Cluster 3", "cluster 3|Cluster 3|"),
            ("[ERROR] Cluster 1", "cluster 1|ERROR Cluster 1|ERROR"),
            ("[ERROR] Cluster 1: Cache", "cluster 1|Cache|ERROR"),
            ("🔴 CRITICAL CLUSTER 1: Cache is stale (P0)", "cluster 1|Cache is stale|CRITICAL/P0"),
            ("CLUSTER 2: Cache (P0 - CRITICAL)", "cluster 2|Cache|P0 - CRITICAL"),
            ("Cluster 1 - Cache - UPDATED EXISTING ISSUE", "cluster 1|Cache|UPDATED EXISTING ISSUE"),
            ("Issue #700 - Cache (UPDATED)", "issue#700|Cache|UPDATED"),
            ("1. Issue #700 - Cache (UPDATED)", " 1|Cache|UPDATED"),
            ("#12 Cache", "#12|Cache|"),
            ("BUG-007: Cache", "bug 7|Cache|"),
            ("Category A: Cache", "category a|Cache|"),
            ("404 responses on the API", "-|404 responses on the API|"),
            ("2025-09-14 run", "-|2025-09-14 run|"),
            ("Python 3 cannot import it", "-|Python 3 cannot import it|"),
            ("Cache is stale (in tests) - P1 PRIORITY", "-|Cache is stale (in tests)|P1 PRIORITY"),
            ("Cache [P2 HIGH]", "-|Cache|P2 HIGH"),
            ("BLOCKER: no disk", "-|no disk|BLOCKER"),
            ("P0 - Cache: stale", "-|Cache: stale|P0"),
            ("Error: no disk", "-|Error: no disk|"),
            ("(P0)", "-|(P0)|"),
            ("", "-||"),
        ] {
            let got = told(text);
            // A name that is nothing but its label is its own title.
            let want = want.replace("ERROR Cluster 1|", "[ERROR] Cluster 1|");
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn rounds_of_work_are_told_from_findings() {
        assert!(parse("Round 2: Search").label.expect("a label").is_of_time());
        assert!(!parse("Finding 2: Search").label.expect("a label").is_of_time());
    }
}
