//! What an editor asks about a worklog: what is wrong, what may come here, what is this, where else is it,
//! what can be done about it.
//!
//! Floor 2: texts and what is known in, answers with bytes of texts out. The protocol, the open documents
//! and the files are `cli/lsp`; what is wrong is found in `worklog` and `config`, as for `gardener
//! check`. It works on texts that are half written. Issues are known from what earlier syncs kept;
//! nobody is asked, and nothing here is written: an answer may hold edits, which the person takes or leaves.
//!
//! Left out: renaming ids (they never change), formatting, folding, and colours of text.

mod actions;
mod body;
mod changes;
mod complete;
mod flow;
mod garden;
mod hover;
mod lookup;
mod markdown;
mod outline;
mod page;
mod settings;
mod text;
mod values;
mod words;

use std::ops::Range;

pub use actions::{Action, Deed, Request, actions};
pub use changes::{Change, apply, changes};
pub use complete::{Completion, Item, Sort, complete};
pub use garden::{Garden, KnownIssue};
pub use hover::{Hover, hover};
pub use lookup::{Link, LinkEnd, Symbol, definition, links, references, symbols};
pub use page::{How, Named, Page, Seen};
pub use settings::{
    complete as complete_config, config_actions, findings as config_findings, hover as hover_config,
};
pub use text::{Encoding, Position, Text};

/// A place in a worklog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The worklog, as the [`Garden`] knows it.
    pub path: String,
    /// Its bytes: start and end.
    pub span: (usize, usize),
}

impl Place {
    fn new(path: &str, span: &Range<usize>) -> Self {
        Self { path: path.to_owned(), span: (span.start, span.end) }
    }
}
