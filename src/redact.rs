//! Secrets left out of texts, before anything is cut, written or sent.
//!
//! Floor 1, pure. A [`Redactor`] is told the values of the environment's secret variables
//! once, and knows the published shapes of credentials. It looks for both in a text as it
//! stands and as it reads behind its disguises: terminal escapes inside a token, lines
//! broken in its middle, JSON, percent and HTML escapes, base64. What is found is replaced
//! by its kind (`<github-token>`, `<env:DATABASE_URL>`), and the rest stays byte for byte.
//!
//! It can't know a secret that has no shape, no telling name and is in no variable: a plain
//! word that somebody used as a password stays. Where a text must not be changed, such as a
//! label, `plan` holds the entry back. Every scan is linear and never backtracks.

mod blocks;
mod context;
mod families;
mod judge;
mod known;
mod names;
mod tokens;
mod view;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use known::Known;
use view::{Text, View};

/// How many escapes on top of each other are looked through: JSON in JSON in base64.
const DEPTH: u8 = 3;

/// What sort of secret was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A published shape or a telling context: `github-token`, `url-userinfo`.
    Shape(&'static str),
    /// The value of this environment variable.
    Variable(String),
}

/// A text without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The text.
    pub text: String,
    /// What was left out of it, and how often.
    pub found: BTreeMap<Kind, usize>,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// Finds secrets. Built once and shared; what it knows is never printed.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Known,
}

/// A secret in a view of a text.
#[derive(Clone, Debug)]
struct Hit {
    span: Range<usize>,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A known value, by its place among the variables.
    Known(usize),
    /// A shape of its own.
    Shape(&'static str),
    /// Known only by where it stands: a header, an address.
    Context(&'static str),
    /// Known only by the name it is assigned to.
    Named(&'static str),
}

/// Whether the name of a variable says that its value is a credential, whatever the value:
/// `NPM_TOKEN`, `DB_PASSWORD`, `AWS_SECRET_ACCESS_KEY`; not `TOKEN_TTL` or `SSH_AUTH_SOCK`.
pub fn is_secret_name(name: &str) -> bool {
    names::speaks_of_a_secret(name)
}

/// Whether a value is an address with a password in it, as `DATABASE_URL` has it.
pub fn is_address_with_password(value: &std::ffi::OsStr) -> bool {
    names::has_password(value.as_encoded_bytes().trim_ascii())
}

/// Whether a value holds what looks like a secret by itself, whatever its variable is called: a
/// token of a published shape, a private key, a header with one.
pub fn holds_a_secret(value: &std::ffi::OsStr) -> bool {
    !Redactor::default().places(&value.to_string_lossy()).is_empty()
}

impl Redactor {
    /// A redactor that knows these environment variables, name and value. Only those are
    /// kept whose name speaks of a secret, or whose value is an address with a password,
    /// and whose value is at least eight characters and not plainly harmless.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { known: Known::new(variables) }
    }

    /// The text with every secret replaced by its kind. Doing it twice changes nothing.
    pub fn redact(&self, text: &str) -> Redacted {
        let mut redacted = Redacted { text: text.to_owned(), found: BTreeMap::new() };
        // What is put in can't be a secret, but what stands around it may read differently
        // now; the last round finds nothing.
        for _ in 0..4 {
            let places = self.places(&redacted.text);
            if places.is_empty() {
                break;
            }
            let mut out = String::with_capacity(redacted.text.len());
            let mut at = 0;
            for place in places {
                out.push_str(&redacted.text[at..place.span.start]);
                out.push_str(&format!("<{}>", place.kind));
                at = place.span.end;
                *redacted.found.entry(place.kind).or_default() += 1;
            }
            out.push_str(&redacted.text[at..]);
            redacted.text = out;
        }
        redacted
    }

    /// Where the secrets are, in order and apart from each other.
    pub fn places(&self, text: &str) -> Vec<Place> {
        if sabotaged!(NoRedaction) {
            return Vec::new();
        }
        let mut hits = Vec::new();
        self.find(Text { bytes: text.as_bytes(), seams: &[] }, DEPTH, &mut hits);
        hits.sort_by_key(|h| (h.span.start, h.what));
        let mut apart: Vec<Hit> = Vec::new();
        for hit in hits {
            match apart.last_mut().filter(|last| hit.span.start < last.span.end) {
                Some(last) => {
                    last.span.end = last.span.end.max(hit.span.end);
                    last.what = last.what.min(hit.what);
                }
                None => apart.push(hit),
            }
        }
        let place = |hit: Hit| {
            let (mut start, mut end) = (hit.span.start, hit.span.end);
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            Place { span: start..end, kind: self.kind(hit.what) }
        };
        apart.into_iter().map(place).collect()
    }

    /// The text with every secret covered by `*`, byte for byte, so that places in it stay.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let places = self.places(text);
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for place in places {
            out.push_str(&text[at..place.span.start]);
            let cover = |c: char| if c == '\n' { "\n".to_owned() } else { "*".repeat(c.len_utf8()) };
            out.extend(text[place.span.clone()].chars().map(cover));
            at = place.span.end;
        }
        out.push_str(&text[at..]);
        Cow::Owned(out)
    }

    fn kind(&self, what: What) -> Kind {
        match what {
            What::Known(at) => Kind::Variable(self.known.name(at).to_owned()),
            What::Shape(word) | What::Context(word) | What::Named(word) => Kind::Shape(word),
        }
    }

    /// Finds the secrets of a text as it stands, and behind `depth` more disguises.
    fn find(&self, text: Text<'_>, depth: u8, hits: &mut Vec<Hit>) {
        // Escapes in a token split it; the text without them reads the same to a person.
        if let Some(bare) = View::without_escapes(text.bytes) {
            // What goes with an escape is read by nobody but may be kept: a window's title.
            for inner in view::escaped_strings(text.bytes) {
                let mut found = Vec::new();
                self.find(Text { bytes: &text.bytes[inner.clone()], seams: &[] }, depth, &mut found);
                let moved = |h: Hit| Hit { span: h.span.start + inner.start..h.span.end + inner.start, ..h };
                hits.extend(found.into_iter().map(moved));
            }
            return self.behind(&bare, depth, hits);
        }
        tokens::find(text, hits);
        context::find(text.bytes, hits);
        blocks::find(text.bytes, hits);
        self.known.find(text, hits);
        let joined = View::without_line_ends(text.bytes);
        if let Some(joined) = &joined {
            self.across_lines(joined, hits);
        }
        if depth == 0 {
            return;
        }
        self.in_base64(text.bytes, depth, hits);
        if let Some(joined) = joined.as_ref().filter(|_| depth == DEPTH) {
            let mut found = Vec::new();
            self.in_base64(&joined.bytes, depth, &mut found);
            hits.extend(found.iter().filter(|h| joined.crosses(&h.span)).map(|h| joined.lift(h)));
        }
        if let Some(plain) = View::unescaped(text.bytes) {
            self.behind(&plain, depth - 1, hits);
        }
    }

    fn behind(&self, view: &View, depth: u8, hits: &mut Vec<Hit>) {
        let mut found = Vec::new();
        self.find(view.text(), depth, &mut found);
        hits.extend(found.iter().map(|h| view.lift(h)));
    }

    /// Secrets that a line end cuts in two. Those within a line were found before.
    fn across_lines(&self, joined: &View, hits: &mut Vec<Hit>) {
        let mut found = Vec::new();
        tokens::find_wrapped(joined.text(), &mut found);
        context::find_wrapped(joined.text(), &mut found);
        blocks::find(&joined.bytes, &mut found);
        self.known.find(joined.text(), &mut found);
        hits.extend(found.iter().filter(|h| joined.crosses(&h.span)).map(|h| joined.lift(h)));
    }

    /// Secrets in base64. The whole run goes: nothing of it reads as anything without them.
    fn in_base64(&self, bytes: &[u8], depth: u8, hits: &mut Vec<Hit>) {
        for run in view::base64_runs(bytes) {
            let found = view::readable_in(&bytes[run.clone()]).into_iter().find_map(|readable| {
                let mut found = Vec::new();
                self.find(Text { bytes: &readable, seams: &[] }, depth - 1, &mut found);
                found.into_iter().map(|h| h.what).min()
            });
            hits.extend(found.map(|what| Hit { span: run, what }));
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(word) => f.write_str(word),
            Self::Variable(name) => write!(f, "env:{name}"),
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} values)", self.known.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A secret in parts, so that no scanner takes this file for a leak.
    fn github() -> String {
        ["gh", "p_", "a8Kq02mZ31Lk94XcV7bN", "5tYu6RpQ1wEd3SfG"].concat()
    }

    fn redactor() -> Redactor {
        Redactor::new([
            ("DEPLOY_PASSWORD".to_owned(), "correct horse \"battery\" & staple".to_owned()),
            ("DATABASE_URL".to_owned(), "postgres://app:hush-hush-9@db.internal/app".to_owned()),
            ("HOME".to_owned(), "/home/ada".to_owned()),
        ])
    }

    fn redacted(text: &str) -> String {
        redactor().redact(text).text
    }

    #[test]
    fn a_secret_goes_and_all_else_stays() {
        let text = format!("caf\u{e9} {}, then\r\n\u{1b}[1mwords\u{1b}[0m\n", github());
        assert_eq!(redacted(&text), "caf\u{e9} <github-token>, then\r\n\u{1b}[1mwords\u{1b}[0m\n");
        let found = redactor().redact(&format!("{0} {0}", github())).found;
        assert_eq!(found, BTreeMap::from([(Kind::Shape("github-token"), 2)]));
    }

    #[test]
    fn known_values_go_in_every_form() {
        let value = "correct horse \"battery\" & staple";
        for form in [
            value.to_owned(),
            "correct horse \\\"battery\\\" & staple".to_owned(),
            "correct%20horse%20%22battery%22%20%26%20staple".to_owned(),
            "correct horse &quot;battery&quot; &amp; staple".to_owned(),
            "correct horse \"bat\u{1b}[0mtery\" & staple".to_owned(),
            "Y29ycmVjdCBob3JzZSAiYmF0dGVyeSIgJiBzdGFwbGU=".to_owned(),
            "636f727265637420686f727365202262617474657279222026207374617".to_owned() + "06c65",
        ] {
            assert_eq!(redacted(&format!("got {form} here")), "got <env:DEPLOY_PASSWORD> here", "{form}");
        }
        assert_eq!(
            redacted("to postgres://app:hush-hush-9@db.internal/app?x=1"),
            "to <env:DATABASE_URL>?x=1"
        );
        assert_eq!(redacted("in /home/ada/x"), "in /home/ada/x");
    }

    #[test]
    fn disguises_are_seen_through() {
        let token = github();
        let (front, back) = token.split_at(17);
        for text in [
            format!("{front}\u{1b}[1;31m{back}"),
            format!("{front}\n{back}"),
            format!("{front}\\\n    {back}"),
            format!("{front}\u{200b}{back}"),
            format!("%67{}", &token[1..]),
            format!("\\u0067{}", &token[1..]),
        ] {
            assert_eq!(redacted(&format!("see {text} here")), "see <github-token> here", "{text:?}");
        }
        assert_eq!(redacted(&format!("{front}…")), "<github-token>…");
        assert_eq!(redacted(&format!("{}\nand words", token)), "<github-token>\nand words");
    }

    #[test]
    fn a_secret_in_an_escape_goes() {
        let token = github();
        for (start, end) in [("\u{1b}]0;", "\u{7}"), ("\u{1b}]2;x ", "\u{1b}\\"), ("\u{1b}Pq", "\u{1b}\\")] {
            let text = format!("a{start}run --token {token}{end}b");
            assert_eq!(redacted(&text), format!("a{start}run --token <github-token>{end}b"));
        }
    }

    #[test]
    fn it_prints_nothing_that_it_knows() {
        assert_eq!(format!("{:?}", redactor()), "Redactor(2 values)");
    }

    #[test]
    fn a_mask_keeps_every_place() {
        let text = format!("a\n  b {}é\nc", github());
        let masked = redactor().mask(&text).into_owned();
        assert_eq!(masked, format!("a\n  b {}é\nc", "*".repeat(40)));
    }
}
