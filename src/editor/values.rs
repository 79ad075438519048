//! The values that may come behind a key: words of the format and the config, labels, issues, files.

use std::cmp::Reverse;
use std::ops::Range;

use crate::editor::complete::{Completion, Item, Sort, Spot};
use crate::editor::markdown::visible;
use crate::editor::{Garden, KnownIssue, Page, words};
use crate::model::{IssueRef, LinkKind, Severity, State};
use crate::worklog::{FORMAT, yaml_text};

/// The most issues, entries and files that are offered at once.
const MOST: usize = 60;

/// The order of issues: by number before by title, open before closed, the newest first.
type Rank = (bool, bool, Reverse<i64>);

/// The place of a value.
pub(super) struct Values<'a> {
    pub(super) garden: &'a Garden,
    pub(super) page: &'a Page,
    pub(super) path: &'a str,
    pub(super) spot: Spot<'a>,
}

impl Values<'_> {
    /// What may come behind the key that `names` lead to.
    pub(super) fn of(&self, names: &[&str]) -> Completion {
        let vocabulary = self.page.vocabulary();
        let items = match names {
            ["gardener"] => self.fixed(&[&FORMAT.to_string()]),
            ["kind"] => self.fixed(&["failing-tests", "logs", "notes"]),
            ["archived" | "imported" | "dirty"] | ["entries", "-", "flaky"] => self.fixed(&["true", "false"]),
            ["runs", "-", "outcome"] => self.fixed(&["passed", "failed", "timed-out", "error"]),
            ["runs", "-", "suite"] | ["entries", "-", "suites", "-"] => {
                let names = self.garden.config.suites.iter().map(|suite| suite.name.as_str());
                self.fixed(&names.collect::<Vec<_>>())
            }
            ["entries", "-", "status"] => {
                let words = vocabulary.words().into_iter();
                words.map(|w| self.spot.item(w, w, Sort::Word, words::status(w, vocabulary))).collect()
            }
            ["entries", "-", "severity"] => {
                let words = Severity::ALL.into_iter().map(Severity::word);
                words.map(|w| self.spot.item(w, w, Sort::Word, words::severity(w, vocabulary))).collect()
            }
            ["labels"] | ["entries", "-", "labels"] => self.labels(true),
            ["labels", "-"] | ["entries", "-", "labels", "-"] => self.labels(false),
            ["entries", "-", "issue"] | ["entries", "-", "candidates", "-", "issue"] => {
                return self.issues(false);
            }
            ["entries", "-", "links", "-"] => return self.links(),
            ["entries", "-", "links", "-", _] => {
                let mut found = self.issues(true);
                found.items.extend(self.entries());
                return found;
            }
            ["entries", "-", "files" | "tests", "-"] => return partial(self.files()),
            _ => Vec::new(),
        };
        Completion { items, is_partial: false }
    }

    fn fixed(&self, words: &[&str]) -> Vec<Item> {
        words.iter().map(|word| self.spot.item(*word, word, Sort::Word, None)).collect()
    }

    fn labels(&self, is_list: bool) -> Vec<Item> {
        let open = is_list && self.spot.span.is_empty();
        let item = |name: &str| {
            let text = yaml_text(name);
            let insert = if open { format!("[{text}]") } else { text };
            self.spot.item(visible(name), &insert, Sort::Label, None)
        };
        let all = self.garden.labels();
        // A name that would be shown in another way than it is written is nobody's choice here.
        all.iter()
            .filter(|label| visible(label.name()) == label.name())
            .map(|label| item(label.name()))
            .collect()
    }

    /// Link words, issues, other entries, and files.
    fn links(&self) -> Completion {
        let mut found = self.issues(true);
        let words = LinkKind::ALL.into_iter().skip(1);
        let typed = self.spot.typed();
        let words = words.filter(|kind| kind.word().starts_with(typed) && !self.is_quoted());
        let word = |kind: LinkKind| {
            let insert = format!("{}: ", kind.word());
            self.spot.item(kind.word(), &insert, Sort::Key, Some(words::link(kind).to_owned()))
        };
        let mut items: Vec<Item> = words.map(word).collect();
        items.append(&mut found.items);
        items.extend(self.entries());
        items.extend(self.files());
        partial(items)
    }

    /// The issues that fit what is typed: by the start of their number, then by words of their title. Of those
    /// the open ones come first, then those that changed last.
    fn issues(&self, is_link: bool) -> Completion {
        // Whether it fits, and if so, whether only by its title.
        let fits = |issue: &IssueRef, title: &str| {
            let by_number = self.fits(&[&issue.to_string(), &issue.number.to_string()], "");
            (by_number || self.fits(&[], title)).then_some(!by_number)
        };
        let mut ranked: Vec<(Rank, IssueRef, Option<&KnownIssue>)> = Vec::new();
        for (number, known) in &self.garden.issues {
            let issue = IssueRef::here(*number);
            if let Some(by_title) = fits(&issue, &known.title) {
                let at = Reverse(known.updated_at.as_second());
                ranked.push(((by_title, known.state != State::Open, at), issue, Some(known)));
            }
        }
        // Issues that only worklogs know: of other repositories, or never looked at.
        // The one that is being written is none of them.
        let is_own = |path: &str, span: &Range<usize>| {
            path == self.path && span.start <= self.spot.cursor && self.spot.cursor <= span.end
        };
        let pages = self.garden.pages.iter();
        let named = pages.flat_map(|(path, page)| page.named().iter().map(move |named| (path, named)));
        let named = named.filter(|(path, named)| !is_own(path, &named.span)).map(|(_, named)| &named.issue);
        let unknown: std::collections::BTreeSet<_> =
            named.filter(|issue| self.garden.issue(issue).is_none()).collect();
        let title =
            |issue: &IssueRef| self.garden.entries_of(issue).find_map(|(_, entry, _)| entry.title.clone());
        for issue in unknown {
            if ranked.len() < MOST && fits(issue, "") == Some(false) {
                ranked.push(((false, true, Reverse(i64::MIN)), issue.clone(), None));
            }
        }
        ranked.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        ranked.truncate(MOST);
        let item = |(_, issue, known): &(Rank, IssueRef, Option<&KnownIssue>)| {
            let detail = match known {
                Some(known) if known.state == State::Open => visible(&known.title),
                Some(known) => format!("{} ({})", visible(&known.title), known.state()),
                None => title(issue).map_or("not looked at yet".to_owned(), |title| visible(&title)),
            };
            let insert = match &issue.repo {
                None if !is_link && !self.is_quoted() => issue.number.to_string(),
                _ => self.quoted(&issue.to_string()),
            };
            self.spot.item(issue.to_string(), &insert, Sort::Issue, Some(detail))
        };
        partial(ranked.iter().map(item).collect())
    }

    /// Entries of all worklogs that have an issue, by id: a link to one is a link to its issue.
    fn entries(&self) -> Vec<Item> {
        let typed = self.spot.typed();
        let is_own = |path: &str, at: usize| {
            path == self.path && self.page.entry_at(self.spot.cursor).is_some_and(|e| e.span.start == at)
        };
        let mut items = Vec::new();
        for (path, page) in &self.garden.pages {
            for entry in page.entries() {
                let Some(issue) = &entry.issue else { continue };
                let (name, title) = (entry.name(), entry.title.as_deref().unwrap_or_default());
                // Without a word of it there would be all of them.
                if typed.len() < 2
                    || name.is_empty()
                    || !self.fits(&[name], title)
                    || is_own(path, entry.span.start)
                {
                    continue;
                }
                let detail = format!("{issue} {}", visible(title));
                let mut item = self.spot.item(
                    visible(name),
                    &self.quoted(&issue.to_string()),
                    Sort::Issue,
                    Some(detail),
                );
                item.sort = Sort::Entry;
                items.push(item);
                if items.len() == MOST {
                    return items;
                }
            }
        }
        items
    }

    /// The files and folders that come next on the way that is typed.
    fn files(&self) -> Vec<Item> {
        let typed = self.spot.typed();
        if typed.starts_with('#') || typed.contains("://") {
            return Vec::new();
        }
        let folder = typed.rfind('/').map_or("", |slash| &typed[..=slash]);
        let mut found: Vec<(String, bool)> = Vec::new();
        for path in self.garden.files.range(typed.to_owned()..).take_while(|path| path.starts_with(typed)) {
            let rest = &path[folder.len()..];
            let (next, is_folder) = rest.split_once('/').map_or((rest, false), |(next, _)| (next, true));
            let way = format!("{folder}{next}{}", if is_folder { "/" } else { "" });
            if found.last().is_none_or(|(last, _)| *last != way) && visible(&way) == way {
                found.push((way, is_folder));
            }
            if found.len() == MOST {
                break;
            }
        }
        let item = |(way, is_folder): (String, bool)| {
            let insert = if self.is_quoted() { self.quoted(&way) } else { yaml_text(&way) };
            let sort = if is_folder { Sort::Folder } else { Sort::File };
            self.spot.item(way.clone(), &insert, sort, None)
        };
        found.into_iter().map(item).collect()
    }

    /// Whether what is typed is the start of one of the names, or is in the words.
    fn fits(&self, names: &[&str], words: &str) -> bool {
        let typed = self.spot.typed().trim_end_matches(['"', '\'']).to_lowercase();
        names.iter().any(|name| name.to_lowercase().starts_with(&typed))
            || (typed.len() > 1 && words.to_lowercase().contains(&typed))
    }

    fn is_quoted(&self) -> bool {
        self.spot.text[self.spot.span.start..self.spot.cursor].starts_with(['"', '\''])
    }

    /// In the quotes that are there, else in double ones.
    fn quoted(&self, plain: &str) -> String {
        let single = self.spot.text[self.spot.span.start..self.spot.cursor].starts_with('\'');
        if single { format!("'{plain}'") } else { format!("\"{plain}\"") }
    }
}

fn partial(items: Vec<Item>) -> Completion {
    Completion { items, is_partial: true }
}
