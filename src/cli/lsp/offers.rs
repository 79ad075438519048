//! Completions and actions, as the protocol has them.

use std::str::FromStr as _;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, CompletionItem,
    CompletionItemKind, CompletionList, CompletionTextEdit, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use crate::cli::lsp::protocol::{Agreed, OPEN};
use crate::cli::lsp::shown::{place, range};
use crate::cli::lsp::world::{Document, Kind, World};
use crate::editor::{self, Action, Deed, Sort, Text};
use crate::redact::Redactor;

/// What may come at a byte of a document.
pub(super) fn completion(
    world: &World,
    document: &Document,
    at: usize,
    agreed: Agreed,
    redactor: &Redactor,
) -> CompletionList {
    let Some(text) = world.text(&document.name) else { return CompletionList::default() };
    let found = match &document.kind {
        Kind::Page => editor::complete(&world.garden, &document.name, at),
        Kind::Config(text) => editor::complete_config(text.as_str(), at),
    };
    let item = |(place, item): (usize, editor::Item)| {
        // What was looked for by title would be dropped by an editor that goes by the label.
        let typed = &text.as_str()[item.span.start..at];
        let filter = found.is_partial.then(|| typed.to_owned()).filter(|typed| !typed.is_empty());
        CompletionItem {
            label: item.label,
            kind: Some(kind(item.sort)),
            detail: item.detail.map(|detail| redactor.redact(&detail).text),
            sort_text: Some(format!("{place:04}")),
            filter_text: filter,
            text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                range: range(text, &item.span, agreed),
                new_text: item.insert,
            })),
            ..CompletionItem::default()
        }
    };
    CompletionList {
        is_incomplete: found.is_partial,
        items: found.items.into_iter().enumerate().map(item).collect(),
    }
}

fn kind(sort: Sort) -> CompletionItemKind {
    match sort {
        Sort::Key => CompletionItemKind::PROPERTY,
        Sort::Word => CompletionItemKind::ENUM_MEMBER,
        Sort::Label => CompletionItemKind::CONSTANT,
        Sort::Issue => CompletionItemKind::REFERENCE,
        Sort::Entry => CompletionItemKind::EVENT,
        Sort::File => CompletionItemKind::FILE,
        Sort::Folder => CompletionItemKind::FOLDER,
    }
}

/// What can be done about the selection.
pub(super) fn actions(
    world: &World,
    document: &Document,
    params: &CodeActionParams,
    agreed: Agreed,
) -> Vec<CodeActionOrCommand> {
    let Some(text) = world.text(&document.name) else { return Vec::new() };
    let offset = |at| text.offset(place(at), agreed.encoding);
    let start = offset(params.range.start);
    let span = start..offset(params.range.end).max(start);
    let found = match &document.kind {
        Kind::Page => {
            let request = editor::Request { span, can_show: agreed.shows };
            editor::actions(&world.garden, &document.name, &request)
        }
        Kind::Config(text) => editor::config_actions(text.as_str(), &span),
    };
    let uri = &params.text_document.uri;
    let shown = found.into_iter().map(|action| shown(action, text, uri, document.version, params, agreed));
    let wanted = params.context.only.as_deref();
    let is_wanted = |action: &CodeActionOrCommand| match (wanted, action) {
        (Some(only), CodeActionOrCommand::CodeAction(CodeAction { kind: Some(kind), .. })) => {
            let below = |wanted: &CodeActionKind| {
                let rest = kind.as_str().strip_prefix(wanted.as_str());
                rest.is_some_and(|rest| {
                    wanted.as_str().is_empty() || rest.is_empty() || rest.starts_with('.')
                })
            };
            only.iter().any(below)
        }
        _ => wanted.is_none(),
    };
    shown.filter(is_wanted).collect()
}

fn shown(
    action: Action,
    text: &Text,
    uri: &Uri,
    version: i32,
    params: &CodeActionParams,
    agreed: Agreed,
) -> CodeActionOrCommand {
    let changes = match action.deed {
        Deed::Edit(changes) => changes,
        Deed::Show(address) => {
            let command = Command {
                title: action.title.clone(),
                command: OPEN.to_owned(),
                arguments: Some(vec![address.into()]),
            };
            return CodeActionOrCommand::CodeAction(CodeAction {
                title: action.title,
                command: Some(command),
                ..CodeAction::default()
            });
        }
    };
    let edits = changes
        .iter()
        .map(|change| TextEdit { range: range(text, &change.span, agreed), new_text: change.with.clone() });
    let edit = if agreed.versioned {
        let text_document =
            OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version: Some(version) };
        let edits = edits.map(OneOf::Left).collect();
        let all = vec![TextDocumentEdit { text_document, edits }];
        WorkspaceEdit { document_changes: Some(DocumentChanges::Edits(all)), ..WorkspaceEdit::default() }
    } else {
        let all = Uri::from_str(uri.as_str()).map(|uri| (uri, edits.collect()));
        WorkspaceEdit { changes: Some(all.into_iter().collect()), ..WorkspaceEdit::default() }
    };
    let settled = action.settles.as_ref().map(|(code, span)| (*code, range(text, span, agreed)));
    let diagnostics = settled.map(|(code, range)| {
        let code = Some(lsp_types::NumberOrString::String(code.to_owned()));
        let same = params.context.diagnostics.iter().filter(|d| d.range == range && d.code == code);
        same.cloned().collect::<Vec<_>>()
    });
    // A decision about an entry is no repair; with an entry whose candidates wait it is asked for.
    let kind = if action.settles.is_some() {
        CodeActionKind::QUICKFIX
    } else {
        CodeActionKind::from("quickfix.entry")
    };
    CodeActionOrCommand::CodeAction(CodeAction {
        title: action.title,
        kind: Some(kind),
        diagnostics,
        edit: Some(edit),
        is_preferred: Some(action.is_preferred),
        ..CodeAction::default()
    })
}
