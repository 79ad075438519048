//! The life of a server: what is answered when, and what is refused.
//!
//! Before `initialize` nothing is answered, after `shutdown` nothing more; an unknown request is refused
//! and an unknown notification passed over; no message ends the server but `exit`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use lsp_server::{Message, Notification, Request, RequestId};
use lsp_types::{
    CodeActionParams, CompletionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DocumentLinkParams, DocumentSymbolParams, ExecuteCommandParams,
    GotoDefinitionParams, HoverParams, InitializeParams, ReferenceParams, TextDocumentPositionParams,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cli::lsp::frames::{self, BAD_PARAMS, Frame, INVALID, NO_METHOD, NOT_YET};
use crate::cli::lsp::protocol::{self, Agreed};
use crate::cli::lsp::world::World;
use crate::cli::lsp::{offers, path_of, shown};
use crate::redact::Redactor;

/// The server.
pub(super) struct Server {
    world: World,
    redactor: Arc<Redactor>,
    output: Box<dyn Write>,
    here: PathBuf,
    stage: Stage,
    /// Documents whose findings are to be told anew.
    due: BTreeSet<String>,
    /// Requests of its own so far.
    asked: u32,
}

/// Where the server is in its life.
#[derive(Clone, Copy)]
enum Stage {
    Started,
    Serving(Agreed),
    ShutDown,
}

/// An answer, or the code and the words of an error.
type Answer = Result<Value, (i32, String)>;

impl Server {
    pub(super) fn new(
        here: PathBuf,
        host: Option<String>,
        redactor: Arc<Redactor>,
        output: Box<dyn Write>,
    ) -> Self {
        let world = World::new(Arc::clone(&redactor), host);
        Self { world, redactor, output, here, stage: Stage::Started, due: BTreeSet::new(), asked: 0 }
    }

    /// The exit code, now.
    pub(super) fn code(&self) -> u8 {
        u8::from(!matches!(self.stage, Stage::ShutDown))
    }

    /// The request that a frame says is void.
    pub(super) fn cancelled(&self, frame: &Frame) -> Option<RequestId> {
        let Frame::Message(Message::Notification(told)) = frame else { return None };
        if told.method != "$/cancelRequest" {
            return None;
        }
        serde_json::from_value(told.params.get("id")?.clone()).ok()
    }

    /// Answers a request with an error.
    ///
    /// # Errors
    /// When nobody can be told any more.
    pub(super) fn refuse(&mut self, id: &RequestId, code: i32, why: &str) -> io::Result<()> {
        frames::write(&mut *self.output, &frames::error(Some(id), code, why))
    }

    /// Heeds a frame; the exit code, where it is the last.
    ///
    /// # Errors
    /// When nobody can be told any more.
    pub(super) fn take(&mut self, frame: Frame) -> io::Result<Option<u8>> {
        match frame {
            Frame::Bad(code, why) => frames::write(&mut *self.output, &frames::error(None, code, &why))?,
            Frame::Message(Message::Request(request)) => self.answer(request)?,
            Frame::Message(Message::Notification(told)) if told.method == "exit" => {
                return Ok(Some(self.code()));
            }
            Frame::Message(Message::Notification(told)) => {
                if let Stage::Serving(agreed) = self.stage {
                    self.hear(told, agreed)?;
                }
            }
            // An answer to a question of the server's own says nothing that it would need.
            Frame::Message(Message::Response(_)) => {}
        }
        Ok(None)
    }

    /// Tells what is wrong with each document that changed.
    ///
    /// # Errors
    /// When nobody can be told any more.
    pub(super) fn tell_findings(&mut self) -> io::Result<()> {
        let Stage::Serving(agreed) = self.stage else { return Ok(()) };
        if self.due.is_empty() {
            return Ok(());
        }
        if self.world.refresh() {
            self.due.extend(self.world.addresses());
        }
        for address in std::mem::take(&mut self.due) {
            let params = shown::findings(&self.world, &address, agreed);
            self.tell("textDocument/publishDiagnostics", &params)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let answer = match (self.stage, method.as_str()) {
            (Stage::Started, "initialize") => self.begin(params),
            (Stage::Started, _) => Err((NOT_YET, "initialize comes first".to_owned())),
            (Stage::ShutDown, _) => Err((INVALID, "it was shut down".to_owned())),
            (Stage::Serving(_), "initialize") => Err((INVALID, "it is initialized already".to_owned())),
            (Stage::Serving(_), "shutdown") => {
                self.stage = Stage::ShutDown;
                Ok(Value::Null)
            }
            (Stage::Serving(agreed), method) => {
                if self.world.refresh() {
                    self.due.extend(self.world.addresses());
                }
                self.answer_about(method, params, agreed)
            }
        };
        let message = match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err((code, why)) => frames::error(Some(&id), code, &why),
        };
        frames::write(&mut *self.output, &message)
    }

    fn begin(&mut self, params: Value) -> Answer {
        let params: InitializeParams = read(params)?;
        let agreed = Agreed::with(&params.capabilities);
        let folder = protocol::folder(&params).and_then(|address| path_of(&address));
        self.world.enter(folder.as_deref().unwrap_or(&self.here));
        self.stage = Stage::Serving(agreed);
        made(&agreed.answer())
    }

    fn answer_about(&mut self, method: &str, params: Value, agreed: Agreed) -> Answer {
        let world = &self.world;
        let at = |place: &TextDocumentPositionParams| {
            let document = world.document(place.text_document.uri.as_str())?;
            let text = world.text(&document.name)?;
            Some((document, text.offset(shown::place(place.position), agreed.encoding)))
        };
        match method {
            "textDocument/completion" => {
                let params: CompletionParams = read(params)?;
                let found = at(&params.text_document_position);
                let list = found
                    .map(|(document, at)| offers::completion(world, document, at, agreed, &self.redactor));
                made(&list)
            }
            "textDocument/hover" => {
                let params: HoverParams = read(params)?;
                let found = at(&params.text_document_position_params);
                let hover = found
                    .and_then(|(document, at)| shown::hover(world, document, at, agreed, &self.redactor));
                made(&hover)
            }
            "textDocument/definition" => {
                let params: GotoDefinitionParams = read(params)?;
                let found = at(&params.text_document_position_params);
                made(&found.map(|(document, at)| shown::definition(world, document, at, agreed)))
            }
            "textDocument/references" => {
                let params: ReferenceParams = read(params)?;
                let own = params.context.include_declaration;
                let found = at(&params.text_document_position);
                made(&found.map(|(document, at)| shown::references(world, document, at, own, agreed)))
            }
            "textDocument/documentSymbol" => {
                let params: DocumentSymbolParams = read(params)?;
                let address = params.text_document.uri;
                made(
                    &world
                        .document(address.as_str())
                        .map(|document| shown::symbols(world, document, &address, agreed)),
                )
            }
            "textDocument/documentLink" => {
                let params: DocumentLinkParams = read(params)?;
                let document = world.document(params.text_document.uri.as_str());
                made(&document.map(|document| shown::links(world, document, agreed)))
            }
            "textDocument/codeAction" => {
                let params: CodeActionParams = read(params)?;
                let document = world.document(params.text_document.uri.as_str());
                made(
                    &document
                        .filter(|_| agreed.actions)
                        .map(|document| offers::actions(world, document, &params, agreed)),
                )
            }
            "workspace/executeCommand" => {
                let params: ExecuteCommandParams = read(params)?;
                self.show(&params, agreed)
            }
            other => Err((NO_METHOD, format!("there is no method {}", crate::model::Untrusted(other)))),
        }
    }

    /// Asks the editor to show the page of an issue.
    fn show(&mut self, params: &ExecuteCommandParams, agreed: Agreed) -> Answer {
        let address = params.arguments.first().and_then(Value::as_str);
        // Only what this server may have said itself.
        let host = self.world.garden.host.as_ref().map(|host| format!("https://{host}/"));
        let address = address.filter(|address| host.as_ref().is_some_and(|host| address.starts_with(host)));
        match address.filter(|_| params.command == protocol::OPEN && agreed.shows) {
            None => Err((BAD_PARAMS, "there is no such command".to_owned())),
            Some(address) => {
                let params = json!({"uri": address, "external": true, "takeFocus": true});
                self.ask("window/showDocument", &params).map_err(|error| (INVALID, error.to_string()))?;
                Ok(Value::Null)
            }
        }
    }

    fn hear(&mut self, told: Notification, agreed: Agreed) -> io::Result<()> {
        let Notification { method, params } = told;
        match method.as_str() {
            "initialized" => {
                self.world.refresh();
                if agreed.watches {
                    self.ask("client/registerCapability", &shown::watchers())?;
                }
            }
            "textDocument/didOpen" => {
                if let Ok(params) = read::<DidOpenTextDocumentParams>(params) {
                    let document = params.text_document;
                    let address = document.uri.as_str();
                    self.world.open(address, &document.language_id, document.version, document.text);
                    self.changed(address);
                }
            }
            "textDocument/didChange" => {
                if let Ok(params) = read::<DidChangeTextDocumentParams>(params) {
                    let (address, version) =
                        (params.text_document.uri.as_str(), params.text_document.version);
                    self.world.change(address, version, |text| {
                        for change in &params.content_changes {
                            shown::typed(text, change, agreed);
                        }
                    });
                    self.changed(address);
                }
            }
            "textDocument/didClose" => {
                if let Ok(params) = read::<DidCloseTextDocumentParams>(params) {
                    let address = params.text_document.uri.as_str();
                    if self.world.document(address).is_some() {
                        self.world.close(address);
                        self.due.insert(address.to_owned());
                    }
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.world.doubt();
                self.due.extend(self.world.addresses());
            }
            _ => {}
        }
        Ok(())
    }

    /// A document is another one: its findings are, and an id that two worklogs share is a finding of
    /// both; so may a config be about all of them.
    fn changed(&mut self, address: &str) {
        let Some(document) = self.world.document(address) else { return };
        match document.kind {
            super::world::Kind::Page => drop(self.due.insert(address.to_owned())),
            super::world::Kind::Config(_) => self.due.extend(self.world.addresses()),
        }
    }

    fn tell(&mut self, method: &str, params: &Value) -> io::Result<()> {
        frames::write(&mut *self.output, &json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn ask(&mut self, method: &str, params: &Value) -> io::Result<()> {
        self.asked += 1;
        let id = format!("gardener-{}", self.asked);
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        frames::write(&mut *self.output, &message)
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, (i32, String)> {
    serde_json::from_value(params).map_err(|error| (BAD_PARAMS, error.to_string()))
}

fn made(result: &impl serde::Serialize) -> Answer {
    serde_json::to_value(result).map_err(|error| (INVALID, error.to_string()))
}
