//! Findings, hovers, places and lists, as the protocol has them.

use std::str::FromStr as _;

use lsp_types::{
    DiagnosticRelatedInformation, DiagnosticSeverity, DocumentLink, DocumentSymbol, DocumentSymbolResponse,
    Hover, HoverContents, Location, MarkupContent, MarkupKind, NumberOrString, Range, SymbolInformation,
    SymbolKind, SymbolTag, TextDocumentContentChangeEvent, Uri,
};
use serde_json::{Value, json};

use crate::cli::lsp::protocol::Agreed;
use crate::cli::lsp::world::{Document, Kind, World};
use crate::editor::{self, LinkEnd, Place, Position, Text};
use crate::redact::Redactor;
use crate::worklog::{Diagnostic, Level};

/// A place, as the editor says it.
pub(super) fn place(position: lsp_types::Position) -> Position {
    Position { line: position.line, column: position.character }
}

/// Bytes of a text, as the editor wants them.
pub(super) fn range(text: &Text, span: &std::ops::Range<usize>, agreed: Agreed) -> Range {
    let position = |at: usize| {
        let Position { line, column } = text.position(at, agreed.encoding);
        lsp_types::Position { line, character: column }
    };
    Range { start: position(span.start), end: position(span.end.max(span.start)) }
}

/// Follows what was typed.
pub(super) fn typed(text: &mut Text, change: &TextDocumentContentChangeEvent, agreed: Agreed) {
    match change.range {
        None => *text = Text::new(change.text.clone()),
        Some(range) => {
            let start = text.offset(place(range.start), agreed.encoding);
            let end = text.offset(place(range.end), agreed.encoding);
            text.splice(start..end.max(start), &change.text);
        }
    }
}

/// What is wrong with the document of an address; nothing where it is not open any more.
pub(super) fn findings(world: &World, address: &str, agreed: Agreed) -> Value {
    let found = world.findings(address);
    let related = |text: &Text, diagnostic: &Diagnostic| {
        let uri = Uri::from_str(address).ok().filter(|_| agreed.related && !diagnostic.also.is_empty())?;
        let also = diagnostic.also.iter().map(|(span, word)| DiagnosticRelatedInformation {
            location: Location { uri: uri.clone(), range: range(text, span, agreed) },
            message: word.clone(),
        });
        Some(also.collect::<Vec<_>>())
    };
    let shown = found.map(|(found, text)| {
        let diagnostic = |diagnostic: &Diagnostic| lsp_types::Diagnostic {
            range: range(text, &diagnostic.span, agreed),
            severity: Some(match diagnostic.level {
                Level::Error => DiagnosticSeverity::ERROR,
                Level::Warning => DiagnosticSeverity::WARNING,
            }),
            code: Some(NumberOrString::String(diagnostic.code.to_owned())),
            source: Some("gardener".to_owned()),
            message: format!("{}\n{}", diagnostic.message, diagnostic.help),
            related_information: related(text, diagnostic),
            ..lsp_types::Diagnostic::default()
        };
        found.iter().map(diagnostic).collect::<Vec<_>>()
    });
    let version = world.document(address).map(|document| document.version);
    let mut params = json!({"uri": address, "diagnostics": shown.unwrap_or_default()});
    if let Some(version) = version {
        params["version"] = json!(version);
    }
    params
}

/// What is at a byte of a document.
pub(super) fn hover(
    world: &World,
    document: &Document,
    at: usize,
    agreed: Agreed,
    redactor: &Redactor,
) -> Option<Hover> {
    let found = match &document.kind {
        Kind::Page => editor::hover(&world.garden, &document.name, at, agreed.markdown)?,
        Kind::Config(text) => editor::hover_config(text.as_str(), at)?,
    };
    let kind = if agreed.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let value = redactor.redact(&found.text).text;
    let text = world.text(&document.name)?;
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value }),
        range: Some(range(text, &found.span, agreed)),
    })
}

fn locations(world: &World, places: Vec<Place>, agreed: Agreed) -> Vec<Location> {
    let location = |place: Place| {
        let uri = Uri::from_str(&world.address(&place.path)?).ok()?;
        let range = match world.text(&place.path) {
            Some(text) => range(text, &(place.span.0..place.span.1), agreed),
            // A file that is no worklog: its beginning.
            None => Range::default(),
        };
        Some(Location { uri, range })
    };
    places.into_iter().filter_map(location).collect()
}

/// Where what is at a byte is defined.
pub(super) fn definition(world: &World, document: &Document, at: usize, agreed: Agreed) -> Vec<Location> {
    locations(world, editor::definition(&world.garden, &document.name, at), agreed)
}

/// Everything that has to do with what is at a byte.
pub(super) fn references(
    world: &World,
    document: &Document,
    at: usize,
    with_own: bool,
    agreed: Agreed,
) -> Vec<Location> {
    locations(world, editor::references(&world.garden, &document.name, at, with_own), agreed)
}

/// The entries of a document.
pub(super) fn symbols(
    world: &World,
    document: &Document,
    address: &Uri,
    agreed: Agreed,
) -> DocumentSymbolResponse {
    let page = world.garden.pages.get(&document.name).filter(|page| page.is_worklog());
    let found = page.map(|page| (page.text(), editor::symbols(page)));
    let Some((text, found)) = found else { return DocumentSymbolResponse::Nested(Vec::new()) };
    let tags = |is_closed: bool| is_closed.then(|| vec![SymbolTag::DEPRECATED]);
    #[expect(deprecated, reason = "the field that tags replace has to be named all the same")]
    if agreed.nested {
        let symbol = |symbol: editor::Symbol| DocumentSymbol {
            name: symbol.name,
            detail: Some(symbol.detail),
            kind: SymbolKind::EVENT,
            tags: tags(symbol.is_closed),
            deprecated: None,
            range: range(text, &symbol.span, agreed),
            selection_range: range(text, &symbol.id, agreed),
            children: None,
        };
        DocumentSymbolResponse::Nested(found.into_iter().map(symbol).collect())
    } else {
        let symbol = |symbol: editor::Symbol| SymbolInformation {
            name: symbol.name,
            kind: SymbolKind::EVENT,
            tags: tags(symbol.is_closed),
            deprecated: None,
            location: Location { uri: address.clone(), range: range(text, &symbol.id, agreed) },
            container_name: None,
        };
        DocumentSymbolResponse::Flat(found.into_iter().map(symbol).collect())
    }
}

/// What can be followed from a document.
pub(super) fn links(world: &World, document: &Document, agreed: Agreed) -> Vec<DocumentLink> {
    let Some(text) = world.text(&document.name) else { return Vec::new() };
    let link = |link: editor::Link| {
        let target = match link.to {
            LinkEnd::Address(address) => address,
            LinkEnd::File(file) => world.address(&file)?,
        };
        let target = Some(Uri::from_str(&target).ok()?);
        Some(DocumentLink { range: range(text, &link.span, agreed), target, tooltip: None, data: None })
    };
    editor::links(&world.garden, &document.name).into_iter().filter_map(link).collect()
}

/// What the editor is asked to watch.
pub(super) fn watchers() -> Value {
    let watch = |pattern: &str| json!({"globPattern": pattern});
    json!({"registrations": [{
        "id": "files", "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": [watch("**/*.md"), watch("**/gardener.toml"), watch("**/.git/gardener/*")]},
    }]})
}
