//! What is agreed on at the start: what the editor can do, and what the server does.

use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    CompletionOptionsCompletionItem, DocumentLinkOptions, ExecuteCommandOptions, HoverProviderCapability,
    InitializeParams, InitializeResult, MarkupKind, OneOf, PositionEncodingKind, SaveOptions,
    ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkDoneProgressOptions,
};

use crate::editor::Encoding;

/// The command that shows an address.
pub(super) const OPEN: &str = "gardener.open";

/// What the editor can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreed {
    /// What a column counts.
    pub(super) encoding: Encoding,
    /// Hovers may be markdown.
    pub(super) markdown: bool,
    /// Edits may name the version of the text that they are for.
    pub(super) versioned: bool,
    /// A list of entries may have places of its own.
    pub(super) nested: bool,
    /// Findings may name other places.
    pub(super) related: bool,
    /// It can show an address outside.
    pub(super) shows: bool,
    /// It takes actions with edits in them.
    pub(super) actions: bool,
    /// It can be asked to watch files.
    pub(super) watches: bool,
}

impl Agreed {
    /// What follows from what the editor says of itself.
    pub(super) fn with(client: &ClientCapabilities) -> Self {
        let text = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        let encodings = client.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let counts_bytes = encodings.is_some_and(|all| all.contains(&PositionEncodingKind::UTF8));
        let formats = text.and_then(|t| t.hover.as_ref()).and_then(|hover| hover.content_format.as_deref());
        let edits = workspace.and_then(|w| w.workspace_edit.as_ref());
        let show = client.window.as_ref().and_then(|window| window.show_document.as_ref());
        let watch = workspace.and_then(|w| w.did_change_watched_files.as_ref());
        let symbols = text.and_then(|t| t.document_symbol.as_ref());
        let findings = text.and_then(|t| t.publish_diagnostics.as_ref());
        let action = text.and_then(|t| t.code_action.as_ref());
        Self {
            encoding: if counts_bytes { Encoding::Utf8 } else { Encoding::Utf16 },
            markdown: formats.is_some_and(|all| all.contains(&MarkupKind::Markdown)),
            versioned: edits.and_then(|e| e.document_changes).unwrap_or(false),
            nested: symbols.and_then(|s| s.hierarchical_document_symbol_support).unwrap_or(false),
            related: findings.and_then(|f| f.related_information).unwrap_or(false),
            shows: show.is_some_and(|show| show.support),
            actions: action.is_some_and(|a| a.code_action_literal_support.is_some()),
            watches: watch.and_then(|w| w.dynamic_registration).unwrap_or(false),
        }
    }

    /// What the server does.
    pub(super) fn answer(self) -> InitializeResult {
        let progress = WorkDoneProgressOptions::default();
        let encoding = match self.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        };
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        };
        let typed = [" ", ":", "-", "[", ",", "\"", "#", "/"].map(str::to_owned);
        let capabilities = ServerCapabilities {
            position_encoding: Some(encoding),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(typed.to_vec()),
                completion_item: Some(CompletionOptionsCompletionItem { label_details_support: Some(false) }),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            definition_provider: Some(OneOf::Left(true)),
            references_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                work_done_progress_options: progress,
            }),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
                resolve_provider: Some(false),
                ..CodeActionOptions::default()
            })),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: if self.shows { vec![OPEN.to_owned()] } else { Vec::new() },
                work_done_progress_options: progress,
            }),
            ..ServerCapabilities::default()
        };
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        InitializeResult {
            capabilities,
            server_info: Some(ServerInfo { name: "gardener".to_owned(), version }),
        }
    }
}

/// The address of the folder that the editor works in.
pub(super) fn folder(params: &InitializeParams) -> Option<String> {
    let first = params.workspace_folders.as_ref().and_then(|folders| folders.first());
    #[expect(deprecated, reason = "editors that know no workspace folders name it so")]
    let root = || params.root_uri.as_ref().map(|root| root.as_str().to_owned());
    first.map(|folder| folder.uri.as_str().to_owned()).or_else(root)
}
