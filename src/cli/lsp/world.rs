//! What the server knows: the repository as it is on disk, and over it the documents that are open.
//!
//! A document that is open is what the editor says. Everything else is looked at again before an answer,
//! at most a few times a second unless the editor says that something changed, and read again only where
//! its size or time is another one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cli::check::unfit_file;
use crate::cli::lsp::{address, path_of};
use crate::config::{self, Config};
use crate::editor::{self, Garden, KnownIssue, Page, Text};
use crate::journal::{Cache, FileStore, Texts};
use crate::redact::Redactor;
use crate::repo::{Glance, Stamp, Unfit};
use crate::worklog::Diagnostic;

/// How long what was seen on disk is taken to be still so.
const FRESH: Duration = Duration::from_millis(500);

/// An open document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// What the garden calls it.
    pub(super) name: String,
    /// The editor's number of its text.
    pub(super) version: i32,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a document is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Markdown: its text is in the garden.
    Page,
    /// The project's config, with its text.
    Config(Text),
}

/// Everything that is known.
pub(super) struct World {
    pub(super) garden: Garden,
    glance: Option<Rc<Glance>>,
    redactor: Arc<Redactor>,
    /// The host that the user's environment names.
    host: Option<String>,
    /// By address, as the editor spells it.
    open: BTreeMap<String, Document>,
    /// What was read from disk, and how it stood then.
    read: BTreeMap<String, Stamp>,
    /// Worklogs that could not be read.
    unfit: BTreeMap<String, Unfit>,
    config: Option<Stamp>,
    index: Option<Stamp>,
    texts: Option<Stamp>,
    look: Option<Stamp>,
    looked: Option<Instant>,
}

impl World {
    pub(super) fn new(redactor: Arc<Redactor>, host: Option<String>) -> Self {
        Self {
            garden: Garden::default(),
            glance: None,
            redactor,
            host,
            open: BTreeMap::new(),
            read: BTreeMap::new(),
            unfit: BTreeMap::new(),
            config: None,
            index: None,
            texts: None,
            look: None,
            looked: None,
        }
    }

    /// Opens the repository that holds `folder`; outside of one, open documents are all there is.
    pub(super) fn enter(&mut self, folder: &Path) {
        self.glance = Glance::open(folder).ok().map(Rc::new);
        self.set_home();
        self.doubt();
    }

    /// What is on disk may have changed.
    pub(super) fn doubt(&mut self) {
        self.looked = None;
    }

    /// Looks at the disk again, if that was not just done. Returns whether anything is different.
    pub(super) fn refresh(&mut self) -> bool {
        if self.looked.is_some_and(|at| at.elapsed() < FRESH) {
            return false;
        }
        let Some(glance) = self.glance.clone() else { return false };
        let changed =
            [self.look_at_config(&glance), self.look_at_issues(&glance), self.look_at_files(&glance)];
        self.looked = Some(Instant::now());
        changed.contains(&true)
    }

    /// The open document of this address.
    pub(super) fn document(&self, address: &str) -> Option<&Document> {
        self.open.get(address)
    }

    /// The addresses of all open documents.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.open.keys().cloned().collect()
    }

    /// The text of a document or worklog, by the garden's name.
    pub(super) fn text(&self, name: &str) -> Option<&Text> {
        let config = self.open.values().find(|document| document.name == name);
        match config.map(|document| &document.kind) {
            Some(Kind::Config(text)) => Some(text),
            _ => self.garden.pages.get(name).map(Page::text),
        }
    }

    /// The address of what the garden calls `name`, as the editor spells it where it has it open.
    pub(super) fn address(&self, name: &str) -> Option<String> {
        let open = self.open.iter().find(|(_, document)| document.name == name);
        open.map(|(address, _)| address.clone())
            .or_else(|| Some(address(&self.glance.as_ref()?.top().join(name))))
    }

    /// Takes a document that was opened, if it is one that is served.
    pub(super) fn open(&mut self, address: &str, language: &str, version: i32, text: String) {
        let name = self.name(address);
        let text = Text::new(text);
        let kind = if name == config::FILE {
            Kind::Config(text)
        } else if language == "markdown" || name.ends_with(".md") {
            let page = Page::read(text, &self.garden.config.labels.vocabulary);
            self.garden.pages.insert(name.clone(), page);
            Kind::Page
        } else {
            return;
        };
        self.open.insert(address.to_owned(), Document { name, version, kind });
        self.heed_config(address);
    }

    /// Changes a document's text by `change`.
    pub(super) fn change(&mut self, address: &str, version: i32, change: impl FnOnce(&mut Text)) {
        let Some(document) = self.open.get_mut(address) else { return };
        document.version = version;
        match &mut document.kind {
            Kind::Config(text) => change(text),
            Kind::Page => {
                let Some(page) = self.garden.pages.get(&document.name) else { return };
                let mut text = page.text().clone();
                change(&mut text);
                let page = Page::read(text, &self.garden.config.labels.vocabulary);
                self.garden.pages.insert(document.name.clone(), page);
            }
        }
        self.heed_config(address);
    }

    /// Lets go of a document: from now on what is on disk counts.
    pub(super) fn close(&mut self, address: &str) {
        let Some(document) = self.open.remove(address) else { return };
        match document.kind {
            Kind::Config(_) => self.config = None,
            Kind::Page => {
                self.garden.pages.remove(&document.name);
                self.read.remove(&document.name);
            }
        }
        self.doubt();
    }

    /// What is wrong with an open document, and its text.
    pub(super) fn findings(&self, address: &str) -> Option<(Vec<Diagnostic>, &Text)> {
        let document = self.open.get(address)?;
        match &document.kind {
            Kind::Config(text) => Some((editor::config_findings(text.as_str(), &self.redactor).1, text)),
            Kind::Page => {
                let page = self.garden.pages.get(&document.name)?;
                let mut found = self.garden.findings(&document.name, &self.redactor);
                // An editor shows something of such a file, too; what is on disk counts for everybody else.
                found.extend(self.unfit.get(&document.name).map(unfit_file));
                Some((found, page.text()))
            }
        }
    }

    /// The config while it is edited counts as far as it is right.
    fn heed_config(&mut self, address: &str) {
        let Some(Document { kind: Kind::Config(text), .. }) = self.open.get(address) else { return };
        if let Ok(config) = config::parse(text.as_str()) {
            self.set_config(config);
        }
    }

    fn set_config(&mut self, config: Config) -> bool {
        if self.garden.config == config {
            return false;
        }
        let other_words = self.garden.config.labels.vocabulary != config.labels.vocabulary;
        if self.garden.config.worklogs != config.worklogs {
            self.doubt();
        }
        self.garden.config = config;
        self.set_home();
        if other_words {
            let vocabulary = self.garden.config.vocabulary();
            for page in self.garden.pages.values_mut() {
                *page = Page::read(page.text().clone(), &vocabulary);
            }
        }
        true
    }

    fn set_home(&mut self) {
        let home = self.glance.as_ref().and_then(|g| g.home(&self.garden.config, self.host.as_deref()));
        let (home, host) = home.unzip();
        self.garden.home = home.map(|home| home.slug).or_else(|| self.garden.config.repository.clone());
        self.garden.host = host.flatten();
    }

    fn look_at_config(&mut self, glance: &Glance) -> bool {
        let is_open = self.open.values().any(|document| matches!(document.kind, Kind::Config(_)));
        let stamp = glance.stamp(&glance.top().join(config::FILE));
        if is_open || stamp == self.config {
            return false;
        }
        self.config = stamp;
        let text = glance.text(config::FILE).and_then(Result::ok);
        let config = text.and_then(|text| config::parse(&text).ok()).unwrap_or_default();
        self.set_config(config)
    }

    fn look_at_files(&mut self, glance: &Glance) -> bool {
        let listed = glance.worklogs(&self.garden.config.worklogs);
        let is_open = |name: &str| self.open.values().any(|document| document.name == name);
        let mut changed = false;
        let gone: Vec<String> =
            self.read.keys().filter(|name| !listed.iter().any(|(path, _)| path == *name)).cloned().collect();
        for name in gone {
            self.read.remove(&name);
            self.unfit.remove(&name);
            if !is_open(&name) {
                self.garden.pages.remove(&name);
            }
            changed = true;
        }
        let new = listed.into_iter().filter(|(path, stamp)| self.read.get(path) != Some(stamp));
        for (path, stamp) in new.collect::<Vec<_>>() {
            changed = true;
            self.unfit.remove(&path);
            match glance.text(&path) {
                Some(Ok(text)) if !is_open(&path) => {
                    let page = Page::read(Text::new(text), &self.garden.config.labels.vocabulary);
                    self.garden.pages.insert(path.clone(), page);
                }
                Some(Err(unfit)) => {
                    if !is_open(&path) {
                        self.garden.pages.remove(&path);
                    }
                    self.unfit.insert(path.clone(), unfit);
                }
                _ => {}
            }
            self.read.insert(path, stamp);
        }
        let index = glance.index_stamp();
        if index != self.index {
            self.index = index;
            self.garden.files = glance.files();
        }
        changed
    }

    /// What earlier syncs kept of issues: their texts, and the tracked ones of the last look.
    fn look_at_issues(&mut self, glance: &Glance) -> bool {
        let folder = glance.common_dir().join("gardener");
        let texts = glance.stamp(&folder.join("issues.jsonl"));
        let look = glance.stamp(&folder.join("cache.json"));
        if (texts, look) == (self.texts, self.look) {
            return false;
        }
        (self.texts, self.look) = (texts, look);
        let store =
            |of: fn(&Path, crate::effect::Disk) -> FileStore| of(glance.common_dir(), glance.disk().clone());
        let (mut texts, mut cache) = (store(FileStore::texts), store(FileStore::cache));
        let whose = Texts::whose(&mut texts).or_else(|| Cache::whose(&mut cache));
        self.garden.issues.clear();
        self.garden.as_of = None;
        let Some(repository) = whose else { return true };
        let texts = Texts::load(&mut texts, repository);
        let cache = Cache::load(&mut cache, repository);
        let known = texts.issues().iter().map(|(number, text)| (*number, KnownIssue::from(text)));
        self.garden.issues.extend(known);
        for (number, issue) in &cache.issues {
            let newer = KnownIssue {
                title: issue.title.clone(),
                state: issue.state.clone(),
                labels: issue.labels.clone(),
                updated_at: issue.updated_at,
            };
            let known = self.garden.issues.get(number);
            if known.is_none_or(|known| known.updated_at <= newer.updated_at) {
                self.garden.issues.insert(*number, newer);
            }
        }
        self.garden.as_of = texts.as_of().max(cache.as_of);
        true
    }

    /// What the garden calls the document of an address: its path from the top, or the address itself.
    fn name(&self, address: &str) -> String {
        let inside = |path: &Path| self.glance.as_ref()?.inside(path).filter(|path| !path.is_empty());
        let found = path_of(address).and_then(|path| {
            inside(&path).or_else(|| {
                // The editor may know the folder by another name: through a link.
                let (folder, name) = (path.parent()?, path.file_name()?);
                let real: PathBuf = folder.canonicalize().ok()?.join(name);
                inside(&real)
            })
        });
        found.unwrap_or_else(|| address.to_owned())
    }
}
