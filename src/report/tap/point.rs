//! Single lines of TAP: test points and plans.

/// A test point: `not ok 3 - name # TODO reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) indent: usize,
    pub(super) is_ok: bool,
    pub(super) number: Option<u64>,
    pub(super) description: String,
    directive: Option<Directive>,
    /// Whether a brace at its end opens a group.
    pub(super) opens: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Skip,
    Todo,
}

impl Point {
    /// Skipped, or still to be written: either way it did not fail, also where it says `not ok`
    /// (TAP 14, "Directives").
    pub(super) fn is_skip(&self) -> bool {
        self.directive.is_some()
    }
}

/// The test point in a line without its indentation.
pub(super) fn parse(text: &str, indent: usize) -> Option<Point> {
    let (is_ok, rest) = match text.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok")?),
    };
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let ends = rest[digits..].is_empty() || rest[digits..].starts_with([' ', '\t']);
    let (number, rest) =
        if digits > 0 && ends { (rest[..digits].parse().ok(), &rest[digits..]) } else { (None, rest) };
    // Words that begin with `ok` are no test: a number, a dash or nothing must follow.
    if number.is_none() && !rest.is_empty() && !rest.starts_with(['-', '#']) {
        return None;
    }
    let rest = rest.trim();
    let rest = rest.strip_prefix("- ").or_else(|| rest.strip_prefix('-')).unwrap_or(rest).trim_start();
    let (rest, opens) = match rest.strip_suffix(" {") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (words, directive) = directive(rest, is_ok);
    Some(Point { indent, is_ok, number, description: unescape(words.trim()), directive, opens })
}

/// The words before a directive, and the directive. A `#` with anything else behind it, or with
/// a backslash before it, belongs to the words. Where a test failed the directive has to be the very
/// word: `not ok 3 - counts # skipping stones` is a failure.
fn directive(text: &str, is_ok: bool) -> (&str, Option<Directive>) {
    let mut end = text.len();
    let mut found = None;
    for (at, _) in text.match_indices('#') {
        let before = &text[..at];
        if !(before.is_empty() || before.ends_with([' ', '\t'])) {
            continue;
        }
        let text = text[at + 1..].trim_start();
        let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').take(8).collect();
        let directive = match word.to_ascii_lowercase().as_str() {
            "skip" | "skipped" => Some(Directive::Skip),
            "todo" => Some(Directive::Todo),
            w if is_ok && w.starts_with("skip") => Some(Directive::Skip),
            w if is_ok && w.starts_with("todo") => Some(Directive::Todo),
            "time" if text[4..].starts_with('=') => None,
            _ => continue,
        };
        end = end.min(at);
        found = found.or(directive);
    }
    (&text[..end], found)
}

/// The plan in a line without its indentation: how many tests, and why they are all skipped.
pub(super) fn plan(text: &str) -> Option<(u64, Option<String>)> {
    let rest = text.strip_prefix("1..")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let many = rest[..digits].parse().ok()?;
    let rest = rest[digits..].trim();
    if rest.is_empty() {
        return Some((many, None));
    }
    let reason = rest.strip_prefix('#')?.trim();
    Some((many, Some(reason.to_owned())))
}

/// A description with TAP 14's escapes undone.
pub(super) fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    text.replace("\\#", "#").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(text: &str) -> (bool, String, bool) {
        let point = parse(text, 0).unwrap();
        (point.is_ok, point.description.clone(), point.is_skip())
    }

    #[test]
    fn points_of_all_producers() {
        assert_eq!(description("ok"), (true, String::new(), false));
        assert_eq!(description("not ok 3 - a # b"), (false, "a # b".into(), false));
        assert_eq!(description("ok 4 # skip not here"), (true, String::new(), true));
        assert_eq!(description("not ok 6 - known # TODO later"), (false, "known".into(), true));
        assert_eq!(description("ok 2 - C:\\\\x \\# y # SKIP"), (true, "C:\\x # y".into(), true));
        assert_eq!(description("ok 1 - a # time=1.3ms"), (true, "a".into(), false));
        // TAP 14: a skipped test that fails is no failure, and a word that begins alike no directive.
        assert_eq!(description("not ok 6 - x # skip"), (false, "x".into(), true));
        assert_eq!(description("not ok 6 - x # Skipped: no disk"), (false, "x".into(), true));
        let stones = "x # skipping stones";
        assert_eq!(description(&format!("not ok 6 - {stones}")), (false, stones.into(), false));
        assert_eq!(description("not ok 6 - x # todos"), (false, "x # todos".into(), false));
        let group = parse("not ok 2 - cart # time=2ms {", 4).unwrap();
        assert!(group.opens && group.description == "cart" && group.indent == 4);
        assert_eq!(parse("ok, then", 0), None);
        assert_eq!(parse("ok then", 0), None);
        assert_eq!(parse("okay 1", 0), None);
    }

    #[test]
    fn plans() {
        assert_eq!(plan("1..12"), Some((12, None)));
        assert_eq!(plan("1..0 # SKIP no network"), Some((0, Some("SKIP no network".into()))));
        assert_eq!(plan("1..2 of them"), None);
    }
}
