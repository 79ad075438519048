//! HTML and SVG, element by element. What is open is closed, and foreign text is text.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::model::is_hidden;
use crate::picture::Address;

/// A piece of a page while it is written.
pub struct Markup<'c> {
    out: String,
    clean: &'c dyn Fn(&str) -> String,
}

/// An attribute. Its name, where it has to be given, is gardener's own.
#[derive(Clone, Debug)]
pub enum Attribute<'a> {
    /// Name and value are gardener's own.
    Own(&'static str, &'static str),
    /// The name of a place on the page.
    Id(&'a str),
    /// One of the attributes that hold text.
    Says(Said, &'a str),
    /// Where a link leads.
    To(&'a Address),
    /// A measure.
    Size(&'static str, f64),
    /// Several measures, with blanks between.
    Sizes(&'static str, &'a [f64]),
}

/// An attribute that holds text and does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// What something is called for who can't see it.
    Label,
    /// Which element says it.
    LabelledBy,
    /// A moment.
    DateTime,
    /// The content of a `meta` element.
    Content,
    /// The language.
    Language,
}

impl Said {
    fn name(self) -> &'static str {
        match self {
            Self::Label => "aria-label",
            Self::LabelledBy => "aria-labelledby",
            Self::DateTime => "datetime",
            Self::Content => "content",
            Self::Language => "lang",
        }
    }
}

impl<'c> Markup<'c> {
    /// Nothing yet. `clean` takes out of every foreign text what must not be shown, such as
    /// secrets; it is given whole texts.
    pub fn new(clean: &'c dyn Fn(&str) -> String) -> Self {
        Self { out: String::new(), clean }
    }

    /// What is written so far.
    pub fn into_text(self) -> String {
        self.out
    }

    /// How many bytes are written so far.
    pub fn size(&self) -> usize {
        self.out.len()
    }

    /// An element with what `inside` writes.
    pub fn within(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        inside: impl FnOnce(&mut Self),
    ) {
        self.start(name, attributes);
        self.out.push('>');
        inside(self);
        // Writing to a string works.
        let _ = write!(self.out, "</{name}>");
    }

    /// An element with text.
    pub fn element(&mut self, name: &'static str, attributes: &[Attribute<'_>], text: &str) {
        self.within(name, attributes, |markup| markup.text(text));
    }

    /// An element without content: `meta`, `br`.
    pub fn void(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.start(name, attributes);
        self.out.push('>');
    }

    /// An element of SVG without content, closed as XML wants it.
    pub fn shape(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.start(name, attributes);
        self.out.push_str("/>");
    }

    /// Text, wherever it comes from.
    pub fn text(&mut self, text: &str) {
        let text = shown(&(self.clean)(text));
        escape(&text, &mut self.out);
    }

    /// Text of somebody else, so that its direction of reading ends with it.
    pub fn foreign(&mut self, text: &str) {
        self.within("bdi", &[], |markup| markup.text(text));
    }

    /// A line feed in the source, which says nothing.
    pub fn line(&mut self) {
        self.out.push('\n');
    }

    /// Markup that gardener brings along, such as the type of a document.
    pub fn own(&mut self, markup: &'static str) {
        self.out.push_str(markup);
    }

    /// The one style sheet of a page, and before it the rule that the page has nothing else: no
    /// script, no other style, nothing from a network.
    pub fn style(&mut self, sheet: &'static str) {
        let digest = base64(&Sha256::digest(sheet.as_bytes()));
        let rule =
            format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'");
        self.out.push_str("<meta http-equiv=\"Content-Security-Policy\"");
        self.attribute("content", &rule);
        let _ = write!(self.out, "><style>{sheet}</style>");
    }

    fn start(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        // Writing to a string works, here and below.
        let _ = write!(self.out, "<{name}");
        for attribute in attributes {
            match attribute {
                Attribute::Own(name, value) => self.attribute(name, value),
                Attribute::Id(id) => self.name("id", id),
                Attribute::Says(what, text) => {
                    let text = shown(&(self.clean)(text));
                    self.attribute(what.name(), &text);
                }
                Attribute::To(address) => self.name("href", address.as_str()),
                Attribute::Size(name, size) => self.attribute(name, &number(*size)),
                Attribute::Sizes(name, sizes) => {
                    let sizes: Vec<_> = sizes.iter().map(|size| number(*size)).collect();
                    self.attribute(name, &sizes.join(" "));
                }
            }
        }
    }

    /// A name that must be what it is: one with something in it that must not be shown is left out.
    fn name(&mut self, name: &'static str, value: &str) {
        if (self.clean)(value) == value && !value.contains(is_hidden) {
            self.attribute(name, value);
        }
    }

    fn attribute(&mut self, name: &'static str, value: &str) {
        let _ = write!(self.out, " {name}=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }
}

/// A measure with at most one digit behind the point.
pub(super) fn number(size: f64) -> String {
    let text = format!("{size:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The text as a reader may see it: what acts unseen is spelled out, but for what joins letters and
/// emoji, and blanks of all kinds are blanks.
fn shown(text: &str) -> String {
    if !text.contains(is_hidden) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(' '),
            '\u{200c}' | '\u{200d}' => shown.push(c),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// As in RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::events::Event;

    use super::*;

    /// The elements and texts of a piece of markup, as a parser that knows nothing of us sees them.
    fn parsed(markup: &str) -> (Vec<String>, String, Vec<(String, String)>) {
        let mut reader = quick_xml::Reader::from_str(markup);
        let (mut names, mut text, mut attributes) = (Vec::new(), String::new(), Vec::new());
        loop {
            match reader.read_event().unwrap_or_else(|e| panic!("{e}: {markup}")) {
                Event::Start(start) | Event::Empty(start) => {
                    names.push(start.name().as_ref().to_owned());
                    for attribute in start.attributes() {
                        let attribute = attribute.unwrap_or_else(|e| panic!("{e}: {markup}"));
                        let value =
                            quick_xml::escape::unescape(&attribute.value).expect("escaped").into_owned();
                        attributes.push((attribute.key.as_ref().to_owned(), value));
                    }
                }
                Event::Text(bytes) => text.push_str(&bytes),
                Event::GeneralRef(name) => {
                    let name: &str = &name;
                    text.push_str(&quick_xml::escape::unescape(&format!("&{name};")).expect("known"));
                }
                Event::Eof => return (names, text, attributes),
                Event::End(_) => {}
                other => panic!("{other:?} in {markup}"),
            }
        }
    }

    fn page(text: &str) -> String {
        let same = |text: &str| text.to_owned();
        let mut markup = Markup::new(&same);
        let here = Address::here(text);
        let attributes = [Attribute::Says(Said::Label, text), Attribute::Id(text), Attribute::To(&here)];
        markup.within("p", &attributes, |markup| {
            markup.foreign(text);
            markup.shape("rect", &[Attribute::Size("x", -0.01), Attribute::Sizes("d", &[1.25, 3.0])]);
        });
        markup.into_text()
    }

    proptest! {
        #[test]
        fn whatever_is_said_stays_text(text in "\\PC*|[<>&'\"/=` a-z!\\[\\]-]{0,40}") {
            let (names, read, attributes) = parsed(&page(&text));
            prop_assert_eq!(names, ["p", "bdi", "rect"]);
            prop_assert_eq!(&read, &shown(&text));
            prop_assert_eq!(attributes.len(), if text.contains(is_hidden) { 4 } else { 5 });
            prop_assert_eq!(&attributes[0], &("aria-label".to_owned(), shown(&text)));
        }
    }

    #[test]
    fn nothing_hidden_and_no_markup_gets_through() {
        let text = page("<script>\u{202e}'\"&\u{0}</script>");
        assert!(!text.contains("<script") && !text.contains(is_hidden), "{text}");
        assert!(text.contains("&lt;script&gt;\\u{202e}&#39;&quot;&amp;\\u{0}"), "{text}");
        assert!(text.contains("<rect x=\"0\" d=\"1.2 3\"/>"), "{text}");
        assert_eq!(shown("👩\u{200d}🔧\ta"), "👩\u{200d}🔧 a");
    }

    #[test]
    fn the_style_is_the_only_one_that_is_let_in() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        let same = |text: &str| text.to_owned();
        let mut markup = Markup::new(&same);
        markup.style("a{}");
        let text = markup.into_text();
        assert!(
            text.ends_with("><style>a{}</style>") && text.contains("&#39;none&#39;; style-src &#39;sha256-")
        );
    }

    #[test]
    fn what_must_not_be_shown_is_taken_out_before_it_is_escaped() {
        let clean = |text: &str| text.replace("s3'cret", "<kind>");
        let mut markup = Markup::new(&clean);
        let address = Address::web("example.org", ["ok", "s3'cret"]).expect("an address");
        let clean_too = |text: &str| clean(text).replace("s3%27cret", "<kind>");
        markup.clean = &clean_too;
        let attributes =
            [Attribute::Says(Said::Label, "s3'cret"), Attribute::To(&address), Attribute::Id("s3'cret")];
        markup.element("p", &attributes, "a s3'cret");
        assert_eq!(markup.into_text(), "<p aria-label=\"&lt;kind&gt;\">a &lt;kind&gt;</p>");
    }
}
