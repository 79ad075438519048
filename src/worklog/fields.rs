//! One value of front matter at a time: its type, its words, and what to say otherwise.
//!
//! A key that is absent or null is no opinion. A number where text belongs is refused and
//! not guessed at: `1_000`, `1e3` or `on` are numbers, text or truth to different readers.

use std::ops::Range;

use serde_yaml::Value;

use crate::model::{IdError, IssueRef, Label, Link, LinkKind, LinkTarget, Severity, Status, Vocabulary};
use crate::worklog::diagnostic::{Diagnostic, nearest, quoted};
use crate::worklog::lines::{line_end, line_start};
use crate::worklog::tree::{Kind, Map, Node, Style};

/// Reads fields and collects what is wrong with them.
pub(crate) struct Fields<'a> {
    text: &'a str,
    vocabulary: &'a Vocabulary,
    found: Vec<Diagnostic>,
}

/// What people write for a closed issue, and the word for it here.
const SYNONYMS: [(&str, &str); 10] = [
    ("closed", "completed"),
    ("done", "completed"),
    ("fixed", "completed"),
    ("resolved", "completed"),
    ("complete", "completed"),
    ("wontfix", "not-planned"),
    ("won't-fix", "not-planned"),
    ("wont-fix", "not-planned"),
    ("new", "open"),
    ("reopened", "open"),
];

impl<'a> Fields<'a> {
    /// Reads fields of `text`.
    pub(crate) fn new(text: &'a str, vocabulary: &'a Vocabulary) -> Self {
        Self { text, vocabulary, found: Vec::new() }
    }

    /// The text of `span`.
    pub(crate) fn source(&self, span: &Range<usize>) -> &'a str {
        &self.text[span.clone()]
    }

    /// Everything that was wrong.
    pub(crate) fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Adds a diagnostic.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds an error in the place of any that already points there.
    pub(crate) fn replace(&mut self, code: &'static str, span: Range<usize>, message: &str, help: &str) {
        self.found.retain(|d| d.span != span);
        self.push(Diagnostic::error(code, span, message, help));
    }

    /// The bytes to point at for a node: its first line, or for nothing the line it is on.
    pub(crate) fn shown(&self, node: &Node) -> Range<usize> {
        let end = line_end(self.text, node.span.start);
        if node.is_empty() {
            let start = line_start(self.text, node.span.start);
            let blanks = self.text[start..end].len() - self.text[start..end].trim_start().len();
            return start + blanks..end;
        }
        node.span.start..node.span.end.min(end).max(node.span.start)
    }

    fn wrong(&mut self, node: &Node, message: String, help: &str) {
        let span = self.shown(node);
        self.push(Diagnostic::error("wrong-type", span, message, help));
    }

    fn value<'m>(map: &'m Map, key: &str) -> Option<&'m Node> {
        map.get(key).map(|pair| &pair.value).filter(|node| !node.is_null())
    }

    /// The text of a node, or a diagnostic.
    fn string(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.kind {
            Kind::Scalar(_, Value::String(text)) => return Some(text.clone()),
            Kind::Scalar(Style::Empty, _) => {
                let help = "write it in quotes: after a blank, `#` starts a comment";
                self.wrong(node, format!("{what} is empty"), help);
            }
            Kind::Scalar(..) => {
                let written = self.text[node.span.clone()].trim_end();
                let help = format!("write it in quotes: {}", quoted(&format!("\"{written}\"")));
                self.wrong(node, format!("{what} is text, and {} is not", quoted(written)), &help);
            }
            Kind::Map(_) => self.wrong(node, format!("{what} is text, not a map"), "write one line of text"),
            Kind::List(_) => {
                self.wrong(node, format!("{what} is text, not a list"), "write one line of text")
            }
        }
        None
    }

    /// A text that may be absent.
    pub(crate) fn text(&mut self, map: &Map, key: &str) -> Option<String> {
        let node = Self::value(map, key)?;
        self.string(node, &format!("`{key}`"))
    }

    /// A text that has to be there, with its place.
    pub(crate) fn required(
        &mut self,
        map: &Map,
        key: &str,
        near: Range<usize>,
        code: &'static str,
        message: &str,
    ) -> Option<(String, Range<usize>)> {
        let Some(node) = Self::value(map, key) else {
            let span = map.get(key).map_or(near, |pair| pair.key_span.clone());
            self.push(Diagnostic::error(code, span, message, format!("add a line `{key}: …`")));
            return None;
        };
        let text = self.string(node, &format!("`{key}`"))?;
        if text.trim().is_empty() {
            let span = self.shown(node);
            self.push(Diagnostic::error(code, span, message, format!("write something for `{key}`")));
            return None;
        }
        Some((text, node.span.clone()))
    }

    /// An id, checked by `new`.
    pub(crate) fn id<T>(
        &mut self,
        text: &str,
        span: &Range<usize>,
        new: impl Fn(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        let wrong = |error: IdError| {
            let message = format!("{} is not an id: {error}", quoted(text));
            let help = "shorten it to letters, digits, `-` and `_`, for example `docker-build`";
            self.push(Diagnostic::error("bad-id", span.clone(), message, help));
        };
        new(text).map_err(wrong).ok()
    }

    /// A whole number that may be absent.
    pub(crate) fn count(&mut self, map: &Map, key: &str) -> Option<u64> {
        let node = Self::value(map, key)?;
        if let Kind::Scalar(_, Value::Number(number)) = &node.kind
            && let Some(count) = number.as_u64()
        {
            return Some(count);
        }
        self.wrong(node, format!("`{key}` is not a whole number"), "write digits without quotes");
        None
    }

    /// A number from 0 to 1 in hundredths, which may be absent.
    pub(crate) fn share(&mut self, map: &Map, key: &str) -> Option<u8> {
        let node = Self::value(map, key)?;
        let number = match &node.kind {
            Kind::Scalar(_, Value::Number(number)) => number.as_f64(),
            _ => None,
        };
        let Some(share) = number.filter(|n| (0.0..=1.0).contains(n)) else {
            self.wrong(node, format!("`{key}` is not a number from 0 to 1"), "write it like 0.61");
            return None;
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100")]
        Some((share * 100.0).round() as u8)
    }

    /// Names a map that needs an issue and has none.
    pub(crate) fn no_issue(&mut self, map: &Map) {
        if Self::value(map, "issue").is_none() {
            let span = map.pairs.first().map_or(map.span.clone(), |pair| pair.key_span.clone());
            let message = "the candidate has no `issue`";
            self.push(Diagnostic::error("bad-issue", span, message, "write its number: `issue: 12`"));
        }
    }

    /// `true` or `false`, which may be absent.
    pub(crate) fn flag(&mut self, map: &Map, key: &str) -> Option<bool> {
        let node = Self::value(map, key)?;
        if let Kind::Scalar(_, Value::Bool(flag)) = &node.kind {
            return Some(*flag);
        }
        self.wrong(node, format!("`{key}` is neither true nor false"), "write `true` or `false`");
        None
    }

    /// The items under `key`, none where it is absent.
    pub(crate) fn list<'m>(&mut self, map: &'m Map, key: &str, help: &str) -> &'m [Node] {
        match Self::value(map, key).map(|node| (node, &node.kind)) {
            None => &[],
            Some((_, Kind::List(list))) => &list.items,
            Some((node, _)) => {
                self.wrong(node, format!("`{key}` is not a list"), help);
                &[]
            }
        }
    }

    /// A list of texts; absent is empty.
    pub(crate) fn texts(&mut self, map: &Map, key: &str) -> Vec<String> {
        let items = self.list(map, key, "write a list: one `- …` line for each");
        items.iter().filter_map(|node| self.string(node, &format!("an item of `{key}`"))).collect()
    }

    /// Labels, `None` where the key is absent.
    pub(crate) fn labels(&mut self, map: &Map, key: &str) -> Option<Vec<Label>> {
        Self::value(map, key)?;
        let items = self.list(map, key, "write a list: `labels: [bug]`");
        Some(items.iter().filter_map(|node| self.label(node)).collect())
    }

    fn label(&mut self, node: &Node) -> Option<Label> {
        let name = self.string(node, "a label")?;
        let label = Label::new(&name).filter(|label| label.name().chars().count() <= Label::MAX_CHARS);
        if label.is_none() {
            let message = format!("{} cannot be a label on GitHub", quoted(&name));
            let help = "a label is one line of 1 to 50 characters without blanks around it";
            let span = self.shown(node);
            self.push(Diagnostic::error("bad-label", span, message, help));
        }
        if let Some(label) = &label {
            let meant = match (self.vocabulary.severity_of(label), self.vocabulary.mark_of(label)) {
                (Some(severity), _) => Some(format!("severity: {severity}")),
                (None, Some(status)) => Some(format!("status: {status}")),
                (None, None) => None,
            };
            if let Some(meant) = meant {
                let message =
                    format!("the label {} stands for something else and is not sent", quoted(&name));
                let span = self.shown(node);
                self.push(Diagnostic::warning("mapped-label", span, message, format!("write `{meant}`")));
            }
        }
        label
    }

    /// Links, `None` where the key is absent.
    pub(crate) fn links(&mut self, map: &Map) -> Option<Vec<Link>> {
        Self::value(map, "links")?;
        let items = self.list(map, "links", "write a list: `links: [\"#12\"]`");
        Some(items.iter().filter_map(|node| self.link(node)).collect())
    }

    fn link(&mut self, node: &Node) -> Option<Link> {
        let (kind, target) = match &node.kind {
            Kind::Map(map) => {
                let known = map.pairs.first().filter(|_| map.pairs.len() == 1);
                let Some((pair, kind)) = known.and_then(|p| Some((p, LinkKind::from_word(&p.key)?))) else {
                    let words: Vec<&str> = LinkKind::ALL.into_iter().map(LinkKind::word).collect();
                    let message = "a typed link is one word and its target".to_owned();
                    let help = format!("write `blocked-by: \"#12\"`; the words are {}", words.join(", "));
                    let span = self.shown(node);
                    self.push(Diagnostic::error("bad-link", span, message, help));
                    return None;
                };
                (Some(kind), &pair.value)
            }
            _ => (None, node),
        };
        if let Kind::Scalar(_, Value::Number(number)) = &target.kind {
            let help = format!("for an issue write `\"#{number}\"`");
            let span = self.shown(target);
            let message = format!("a link is text, and {number} is not");
            let found = Diagnostic::error("wrong-type", span, message, help);
            self.push(found.instead(format!("\"#{number}\"")));
            return None;
        }
        let text = self.string(target, "a link")?;
        let parsed = match kind {
            Some(kind) => LinkTarget::parse(&text).map(|target| Link { kind, target }),
            None => Link::parse(&text),
        };
        parsed
            .map_err(|error| {
                let message = format!("{} is not a link", quoted(&text));
                let span = self.shown(target);
                self.push(Diagnostic::error("bad-link", span, message, error.to_string()));
            })
            .ok()
    }

    /// The severity, `None` where it is absent.
    pub(crate) fn severity(&mut self, map: &Map) -> Option<Severity> {
        let node = Self::value(map, "severity")?;
        let written = self.written(node, "`severity`")?;
        let severity = written.parse().ok();
        if severity.is_none() {
            let words: Vec<&str> = Severity::ALL.into_iter().map(Severity::word).collect();
            let meant = words.iter().find(|w| w.eq_ignore_ascii_case(&written) || w[1..] == written);
            self.unknown(node, "unknown-severity", "severity", &written, &words, meant.copied());
        }
        severity
    }

    /// The status, `None` where it is absent.
    pub(crate) fn status(&mut self, map: &Map) -> Option<Status> {
        let node = Self::value(map, "status")?;
        let written = self.written(node, "`status`")?;
        let vocabulary = self.vocabulary;
        let status = vocabulary.status(&written);
        if status.is_none() {
            let words = vocabulary.words();
            let folded = written.to_lowercase().replace([' ', '_'], "-");
            let synonym = SYNONYMS.iter().find(|(word, _)| *word == folded).map(|(_, meant)| *meant);
            let meant = synonym.or_else(|| nearest(&written, words.iter().copied()));
            self.unknown(node, "unknown-status", "status", &written, &words, meant);
        }
        status
    }

    fn unknown(
        &mut self,
        node: &Node,
        code: &'static str,
        what: &str,
        written: &str,
        words: &[&str],
        meant: Option<&str>,
    ) {
        let guess = meant.map_or(String::new(), |word| format!("did you mean `{word}`? "));
        let help = format!("{guess}the words are {}", words.join(", "));
        let message = format!("{} is not a {what}", quoted(written));
        let span = self.shown(node);
        let found = Diagnostic::error(code, span, message, help);
        self.push(match meant {
            Some(meant) => found.instead(meant),
            None => found,
        });
    }

    /// A scalar as it is meant if it is text, and as it is written otherwise.
    fn written(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.kind {
            Kind::Scalar(_, Value::String(text)) => Some(text.clone()),
            Kind::Scalar(..) => Some(self.text[node.span.clone()].to_owned()),
            _ => self.string(node, what),
        }
    }

    /// `issue: #12` says nothing to YAML, and would be filed a second time.
    fn hidden_number(&mut self, map: &Map) {
        let Some(pair) = map.get("issue").filter(|pair| pair.value.is_null()) else { return };
        let line = pair.key_span.start..line_end(self.text, pair.key_span.start);
        let colon = pair.colon.unwrap_or(pair.key_span.end);
        let end = if pair.value.is_empty() { colon } else { pair.value.span.end }.min(line.end);
        let comment = self.text[end..line.end].trim_start().strip_prefix('#').map(str::trim_start);
        if comment.is_some_and(|c| c.starts_with(|first: char| first.is_ascii_digit())) {
            let message = "`issue` is empty: after a blank, `#` starts a comment";
            let help = "write the number without `#`, or all of it in quotes";
            let found = Diagnostic::error("wrong-type", line, message, help);
            // Words behind the number would be lost.
            let digits = comment.map(str::trim_end).filter(|c| c.bytes().all(|b| b.is_ascii_digit()));
            self.push(match digits {
                Some(digits) => found.instead(format!("{}: {digits}", &self.text[pair.key_span.clone()])),
                None => found,
            });
        }
    }

    /// The issue, `None` where it is absent.
    pub(crate) fn issue(&mut self, map: &Map) -> Option<IssueRef> {
        self.hidden_number(map);
        let node = Self::value(map, "issue")?;
        let written = self.written(node, "`issue`")?;
        // `0x10`, `1_000` or `012` are other numbers to other readers.
        let exact = match &node.kind {
            Kind::Scalar(_, Value::Number(number)) => number.to_string() == written,
            _ => true,
        };
        let issue = IssueRef::parse(&written).filter(|_| exact);
        if issue.is_none() {
            let message = format!("{} is not an issue", quoted(&written));
            let help =
                "write a number, `\"#12\"` or `\"owner/repo#12\"`; leave the key out if it is not filed";
            let span = self.shown(node);
            self.push(Diagnostic::error("bad-issue", span, message, help));
        }
        issue
    }
}
