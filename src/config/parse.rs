//! From the file's text to a [`Config`], or to all of its problems at once.
//!
//! TOML's own spans say where each problem is. What a single value must look like is in
//! `values`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::keys::{nearest, refusal, within};
use crate::config::{Config, LikenessUse, Problem, values};

/// The version of the file's format.
const VERSION: usize = 1;

/// Reads a config. An absent key takes its default; an unknown one is a problem.
///
/// # Errors
/// Everything that is wrong, in the order of the text.
pub fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, problems: Vec::new() };
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        reader.problem(span, error.message().to_owned(), None);
    }
    // A text that is not TOML is not judged any further: what follows would be noise.
    if reader.problems.is_empty() {
        let config = reader.config(document.get_ref());
        if reader.problems.is_empty() {
            return Ok(config);
        }
    }
    reader.problems.sort_by_key(|p| (p.span.start, p.span.end));
    Err(reader.problems)
}

/// Collects problems while values are read.
pub(super) struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    pub(super) fn problem(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        self.problems.push(Problem::new(self.text, span, message, help));
    }

    fn config(&mut self, top: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        self.known(top, "");
        for (name, value) in top {
            match name.get_ref().as_ref() {
                "gardener" => self.version(value),
                "repository" => config.repository = self.slug(value),
                "worklogs" => config.worklogs = self.folder(value).unwrap_or_default(),
                "labels" => self.labels(value, &mut config),
                "sync" => self.sync(value, &mut config),
                "trust" => self.trust(value, &mut config),
                "matching" => self.matching(value, &mut config),
                "run" => config.run = self.run(value),
                "suites" => config.suites = self.suites(value),
                _ => {}
            }
        }
        config
    }

    /// Names every key of `table` that is not one.
    fn known(&mut self, table: &DeTable<'_>, name: &str) {
        self.known_in(table, name, name);
    }

    /// The same for a table of many, `name` in the list of keys and `shown` in the file.
    pub(super) fn known_in(&mut self, table: &DeTable<'_>, name: &str, shown: &str) {
        let known = within(name);
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if known.contains(&word) {
                continue;
            }
            let place = if name.is_empty() { String::new() } else { format!(" in [{shown}]") };
            let message = format!("`{}` is not a key{place}", values::shown(word));
            let (help, instead) = match (refusal(word), nearest(word, &known)) {
                (Some(why), _) => (why.to_owned(), None),
                (None, Some(near)) => (format!("did you mean `{near}`?"), Some(near.to_owned())),
                (None, None) => (format!("the keys{place} are {}", known.join(", ")), None),
            };
            self.problem(key.span(), message, Some(help));
            if let Some(problem) = self.problems.last_mut() {
                problem.instead = instead;
            }
        }
    }

    /// A table's content, with its unknown keys named.
    pub(super) fn table<'v, 'i>(&mut self, value: &'v Value<'i>, name: &str) -> Option<&'v DeTable<'i>> {
        let Some(table) = value.get_ref().as_table() else {
            self.problem(value.span(), format!("`{name}` is a table"), Some(format!("write [{name}]")));
            return None;
        };
        self.known(table, name);
        Some(table)
    }

    fn version(&mut self, value: &Value<'_>) {
        if let Some(version) = self.number(value, 1..=usize::MAX)
            && version != VERSION
        {
            let message = format!("this file has format {version}, this gardener knows {VERSION}");
            self.problem(value.span(), message, Some("use a newer gardener".to_owned()));
        }
    }

    fn labels(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(table) = self.table(value, "labels") else { return };
        let mut mapped = Vec::new();
        let mut ignore = None;
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "severity" => mapped.extend(self.severities(value, &mut config.labels.vocabulary)),
                "status" => mapped.extend(self.marks(value, &mut config.labels.vocabulary)),
                "ignore" => {
                    config.labels.ignore = self.globs(value);
                    ignore = Some(value.span());
                }
                "session" => config.labels.session = self.session(value),
                _ => {}
            }
        }
        self.differ(&mapped, config);
        let vocabulary = &config.labels.vocabulary;
        let labels = vocabulary.severities.values().chain(vocabulary.marks.values());
        let hidden: Vec<_> =
            labels.filter(|l| config.ignores(l)).map(|l| format!("`{}`", l.name())).collect();
        if let (Some(span), false) = (ignore, hidden.is_empty()) {
            let message = format!("this hides {}, which stand for a severity or status", hidden.join(", "));
            self.problem(span, message, Some("narrow the pattern".to_owned()));
        }
    }

    fn matching(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(table) = self.table(value, "matching") else { return };
        for value in table.iter().filter(|(name, _)| name.get_ref() == "likeness").map(|(_, value)| value) {
            config.likeness = match self.one_of(value, &["link", "ask", "off"]) {
                Some(1) => LikenessUse::Ask,
                Some(2) => LikenessUse::Off,
                _ => LikenessUse::Link,
            }
        }
    }

    fn sync(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(table) = self.table(value, "sync") else { return };
        let sync = &mut config.sync;
        for (name, value) in table {
            let limit = match name.get_ref().as_ref() {
                "create-limit" => &mut sync.limits.create,
                "close-limit" => &mut sync.limits.close,
                "update-limit" => &mut sync.limits.update,
                "comment-limit" => &mut sync.limits.comment,
                "branches" => {
                    sync.branches = self.globs(value);
                    continue;
                }
                "default-branch" => {
                    sync.default_branch = self.branch(value);
                    continue;
                }
                "comment-days" => {
                    let days = self.number(value, 1..=365).and_then(|n| u32::try_from(n).ok());
                    sync.comment_days = days.unwrap_or(sync.comment_days);
                    continue;
                }
                "deadline" => {
                    sync.deadline = self.duration(value).unwrap_or(sync.deadline);
                    continue;
                }
                _ => continue,
            };
            *limit = self.number(value, 1..=100_000).unwrap_or(*limit);
        }
    }

    fn trust(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(table) = self.table(value, "trust") else { return };
        for (name, value) in table {
            if name.get_ref().as_ref() == "authors" {
                config.trusted_authors = self.logins(value);
            }
        }
    }
}
