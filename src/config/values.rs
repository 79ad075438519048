//! What a single value must look like: a folder, a pattern, a label, a number.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use crate::config::parse::{Reader, Value};
use crate::config::{Config, Globs};
use crate::model::{Label, RepoSlug, Severity, Vocabulary};

/// A label that the file maps, and where.
type Mapped = (Range<usize>, Label);

/// Foreign text in a message: short and without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '?' } else { c }).collect()
}

impl Reader<'_> {
    pub(super) fn string<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            let found = value.get_ref().type_str();
            self.problem(value.span(), format!("this is to be a string; it is of the type {found}"), None);
        }
        text
    }

    /// A list of strings, each with its place.
    pub(super) fn strings<'v>(&mut self, value: &'v Value<'_>) -> Vec<(Range<usize>, &'v str)> {
        let Some(list) = value.get_ref().as_array() else {
            let help = Some("write [\"one\", \"two\"]".to_owned());
            self.problem(value.span(), "this is a list of strings".to_owned(), help);
            return Vec::new();
        };
        let mut strings = Vec::new();
        for item in list.iter() {
            strings.extend(self.string(item).map(|text| (item.span(), text)));
        }
        strings
    }

    pub(super) fn number(&mut self, value: &Value<'_>, range: RangeInclusive<usize>) -> Option<usize> {
        let digits = value.get_ref().as_integer();
        let number = digits.and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok());
        let fits = number.filter(|n| range.contains(n));
        if fits.is_none() {
            let (low, high) = (range.start(), range.end());
            let bounds =
                if *high == usize::MAX { format!("from {low} on") } else { format!("{low} to {high}") };
            self.problem(value.span(), format!("this is a whole number, {bounds}"), None);
        }
        fits
    }

    pub(super) fn slug(&mut self, value: &Value<'_>) -> Option<RepoSlug> {
        let text = self.string(value)?;
        let slug = RepoSlug::parse(text);
        if slug.is_err() {
            let help = if text.contains("://") || text.contains('@') {
                "only the name: the host comes from the git remote"
            } else {
                "write \"owner/name\""
            };
            let message = format!("`{}` is not a repository's name", shown(text));
            self.problem(value.span(), message, Some(help.to_owned()));
        }
        slug.ok()
    }

    /// A folder in the repository: no way out of it, and not git's own.
    pub(super) fn folder(&mut self, value: &Value<'_>) -> Option<String> {
        self.inside(value, "folder", "docs/worklogs")
    }

    /// The same of a place of another kind: `example` is one.
    pub(super) fn inside(&mut self, value: &Value<'_>, kind: &str, example: &str) -> Option<String> {
        let text = self.string(value)?;
        // Only a folder may end like one.
        let folder = text.strip_suffix('/').filter(|_| kind == "folder").unwrap_or(text);
        let part = |p: &str| !p.is_empty() && p != "." && p != ".." && !p.eq_ignore_ascii_case(".git");
        let odd = folder.contains(|c: char| c.is_control() || "\\:".contains(c));
        if odd || !folder.split('/').all(part) {
            let message = format!("`{}` is not a {kind} of this repository", shown(text));
            let help = format!("write it from the top of the repository, like \"{example}\"");
            self.problem(value.span(), message, Some(help));
            return None;
        }
        Some(folder.to_owned())
    }

    pub(super) fn branch(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.string(value)?;
        let odd = text.contains(|c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c));
        let shape = text.is_empty() || text.starts_with(['-', '/']) || text.ends_with(['/', '.']);
        if odd || shape || text.contains("..") || text.contains("//") || text.contains("@{") {
            self.problem(value.span(), format!("`{}` is not a branch's name", shown(text)), None);
            return None;
        }
        Some(text.strip_prefix("refs/heads/").unwrap_or(text).to_owned())
    }

    pub(super) fn globs(&mut self, value: &Value<'_>) -> Globs {
        let mut patterns = Vec::new();
        for (span, text) in self.strings(value) {
            match glob::Pattern::new(text) {
                Ok(pattern) if !text.is_empty() => patterns.push(pattern),
                Ok(_) => self.problem(span, "an empty pattern matches nothing".to_owned(), None),
                Err(error) => {
                    let message = format!("`{}` is not a pattern: {}", shown(text), error.msg);
                    self.problem(span, message, None);
                }
            }
        }
        Globs(patterns)
    }

    /// How long the hook may take.
    pub(super) fn duration(&mut self, value: &Value<'_>) -> Option<Duration> {
        let range = Duration::from_millis(100)..=Duration::from_secs(300);
        self.time(value, range, "a time from 100ms to 5m", "write \"5s\" or \"800ms\"")
    }

    /// A time with its unit: ms, s, m or h.
    pub(super) fn time(
        &mut self,
        value: &Value<'_>,
        range: RangeInclusive<Duration>,
        what: &str,
        help: &str,
    ) -> Option<Duration> {
        let text = self.string(value)?;
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "ms" => Some(1),
            "s" => Some(1000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let count = digits.parse::<u64>().ok().filter(|_| plain);
        let length = count.zip(unit).and_then(|(n, unit)| n.checked_mul(unit)).map(Duration::from_millis);
        let fits = length.filter(|length| range.contains(length));
        if fits.is_none() {
            let message = format!("`{}` is not {what}", shown(text));
            self.problem(value.span(), message, Some(help.to_owned()));
        }
        fits
    }

    pub(super) fn logins(&mut self, value: &Value<'_>) -> Vec<String> {
        let mut logins = Vec::new();
        for (span, text) in self.strings(value) {
            let name = text.strip_suffix("[bot]").unwrap_or(text);
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            if (1..=60).contains(&name.len()) && plain {
                logins.push(text.to_owned());
            } else {
                let help = Some("write the login without @, like \"ci-bot\" or \"renovate[bot]\"".to_owned());
                self.problem(span, format!("`{}` is not an account", shown(text)), help);
            }
        }
        logins
    }

    pub(super) fn label(&mut self, value: &Value<'_>) -> Option<Label> {
        let text = self.string(value)?;
        let label = Label::new(text).filter(|l| l.name().chars().count() <= Label::MAX_CHARS);
        if label.is_none() {
            let help = format!("one line of 1 to {} characters, no blank at an end", Label::MAX_CHARS);
            self.problem(value.span(), format!("`{}` is not a label", shown(text)), Some(help));
        }
        label
    }

    pub(super) fn session(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.string(value)?;
        let fits = text.matches("{session}").count() == 1;
        if !fits || Label::new(&text.replace("{session}", "x")).is_none() {
            let message = format!("`{}` does not make a label of a session", shown(text));
            self.problem(value.span(), message, Some("write {session} once in it".to_owned()));
            return None;
        }
        Some(text.to_owned())
    }

    /// Severities to labels; those that are not named keep their own name.
    pub(super) fn severities(&mut self, value: &Value<'_>, vocabulary: &mut Vocabulary) -> Vec<Mapped> {
        let mut mapped = Vec::new();
        let Some(table) = value.get_ref().as_table() else {
            let help = Some("write { P0 = \"label\" }".to_owned());
            self.problem(value.span(), "this is a table of labels".to_owned(), help);
            return mapped;
        };
        for (name, value) in table {
            let Ok(severity) = name.get_ref().as_ref().parse::<Severity>() else {
                let message = format!("`{}` is not a severity", shown(name.get_ref()));
                self.problem(name.span(), message, Some("they are P0, P1, P2 and P3".to_owned()));
                continue;
            };
            if let Some(label) = self.label(value) {
                mapped.push((value.span(), label.clone()));
                vocabulary.severities.insert(severity, label);
            }
        }
        mapped
    }

    /// Statuses to labels, besides `in-progress`, whose label can be another one.
    pub(super) fn marks(&mut self, value: &Value<'_>, vocabulary: &mut Vocabulary) -> Vec<Mapped> {
        let mut mapped = Vec::new();
        let Some(table) = value.get_ref().as_table() else {
            let help = Some("write { blocked = \"label\" }".to_owned());
            self.problem(value.span(), "this is a table of labels".to_owned(), help);
            return mapped;
        };
        for (name, value) in table {
            let word = name.get_ref().as_ref();
            if let Some(message) = wrong_status(word) {
                self.problem(name.span(), message, None);
                continue;
            }
            if let Some(label) = self.label(value) {
                mapped.push((value.span(), label.clone()));
                vocabulary.marks.insert(word.to_owned(), label);
            }
        }
        mapped
    }

    /// Two things can't be told apart on GitHub when one label stands for both.
    pub(super) fn differ(&mut self, mapped: &[Mapped], config: &Config) {
        let vocabulary = &config.labels.vocabulary;
        for (span, label) in mapped {
            let marks = vocabulary.marks.iter().filter(|(_, l)| *l == label).map(|(w, _)| w.as_str());
            let severities = vocabulary.severities.iter().filter(|(_, l)| *l == label);
            let words: Vec<_> = marks.chain(severities.map(|(s, _)| s.word())).collect();
            if words.len() > 1 {
                let message = format!("the label `{}` stands for {}", label.name(), words.join(" and "));
                self.problem(span.clone(), message, Some("give each its own label".to_owned()));
            }
        }
    }
}

fn wrong_status(word: &str) -> Option<String> {
    if ["open", "completed", "not-planned", "duplicate"].contains(&word) {
        return Some(format!("`{word}` is GitHub's own status and has no label"));
    }
    let rest = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let fits = word.starts_with(|c: char| c.is_ascii_lowercase()) && rest && word.len() <= 40;
    (!fits).then(|| format!("`{}` is not a status: small letters, digits and `-`", shown(word)))
}
