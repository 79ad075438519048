//! All worklogs together, with the issues that are known: what one text says about another.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::editor::page::{How, Named, Page, Seen};
use crate::model::{IssueRef, IssueText, Label, RepoSlug, State, Timestamp};
use crate::redact::Redactor;
use crate::worklog::{self, Diagnostic, Parsed};

/// Everything that answers are made of.
#[derive(Default)]
pub struct Garden {
    /// The project's choices.
    pub config: Config,
    /// The repository on GitHub, where one is known.
    pub home: Option<RepoSlug>,
    /// Its web host, where that is known for sure.
    pub host: Option<String>,
    /// What issues were like at the last look, by number.
    pub issues: BTreeMap<u64, KnownIssue>,
    /// When that was, by GitHub's clock.
    pub as_of: Option<Timestamp>,
    /// The worklogs by path from the top, and open documents from elsewhere by their own names.
    pub pages: BTreeMap<String, Page>,
    /// The paths of the repository's files.
    pub files: BTreeSet<String>,
}

/// What is known of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIssue {
    /// Its title, as somebody wrote it.
    pub title: String,
    /// Whether it is open.
    pub state: State,
    /// Its labels.
    pub labels: Vec<Label>,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl From<&IssueText> for KnownIssue {
    fn from(text: &IssueText) -> Self {
        Self {
            title: text.title.clone(),
            state: text.state.clone(),
            labels: text.labels.clone(),
            updated_at: text.updated_at,
        }
    }
}

impl KnownIssue {
    /// Its state in a word.
    pub fn state(&self) -> &str {
        match &self.state {
            State::Open => "open",
            State::Completed => "closed as completed",
            State::NotPlanned => "closed as not planned",
            State::Duplicate => "closed as a duplicate",
            State::Unknown(_) => "closed",
        }
    }
}

/// The most secrets that are named in one file.
const MAX_SECRETS: usize = 20;

impl Garden {
    /// Whether two names are of one issue.
    pub fn is_same(&self, one: &IssueRef, other: &IssueRef) -> bool {
        let repo = |issue: &IssueRef| issue.repo.clone().or_else(|| self.home.clone());
        one.number == other.number && repo(one) == repo(other)
    }

    /// What is known of an issue: only of this repository's own.
    pub fn issue(&self, issue: &IssueRef) -> Option<&KnownIssue> {
        let is_own = issue.repo.is_none() || issue.repo == self.home;
        self.issues.get(&issue.number).filter(|_| is_own)
    }

    /// The address of an issue, where the host and the repository are known.
    pub fn address(&self, issue: &IssueRef) -> Option<String> {
        let repo = issue.repo.as_ref().or(self.home.as_ref())?;
        let host = self.host.as_ref()?;
        Some(format!("https://{host}/{repo}/issues/{}", issue.number))
    }

    /// Everywhere that an issue is named: the worklog's path, the worklog, the entry and the place.
    pub fn named<'g>(&'g self, issue: &'g IssueRef) -> impl Iterator<Item = (&'g str, &'g Seen, &'g Named)> {
        let pages = self.pages.iter();
        pages.flat_map(|(path, page)| page.named().iter().map(move |named| (path, page, named))).filter_map(
            |(path, page, named)| {
                let entry = page.entries().get(named.entry)?;
                self.is_same(&named.issue, issue).then_some((path.as_str(), entry, named))
            },
        )
    }

    /// The entries whose issue this is.
    pub fn entries_of<'g>(
        &'g self,
        issue: &'g IssueRef,
    ) -> impl Iterator<Item = (&'g str, &'g Seen, &'g Named)> {
        self.named(issue).filter(|(_, _, named)| named.how == How::Issue)
    }

    /// Every label that is known, in one spelling each; those that stand for a status or a severity are
    /// written otherwise, and left out.
    pub fn labels(&self) -> BTreeSet<Label> {
        let written = self.pages.values().flat_map(Page::labels).filter_map(|name| Label::new(name));
        let suites = self.config.suites.iter().flat_map(|suite| suite.labels.iter().cloned());
        let known = self.issues.values().flat_map(|issue| issue.labels.iter().cloned());
        let flaky = std::iter::once(self.config.run.flaky_label.clone());
        let mut all: BTreeSet<Label> = written.chain(suites).chain(flaky).chain(known).collect();
        all.retain(|label| !self.config.labels.vocabulary.is_mapped(label) && !self.config.ignores(label));
        all
    }

    /// What is wrong with the worklog at `path`, as `gardener check` says it.
    pub fn findings(&self, path: &str, redactor: &Redactor) -> Vec<Diagnostic> {
        let Some(page) = self.pages.get(path) else { return Vec::new() };
        let mut found = match page.parsed() {
            // Another tool's file is nobody's business.
            Parsed::NotAWorklog(_) => return Vec::new(),
            Parsed::Broken(found) | Parsed::Worklog(_, found) => found.clone(),
        };
        found.extend(self.clashes(path));
        for place in redactor.places(page.str()).into_iter().take(MAX_SECRETS) {
            let message = format!("this looks like a secret ({})", place.kind);
            let help = "take it out, and make it void if it was committed: git keeps what is committed";
            found.push(Diagnostic::warning("secret", place.span, message, help));
        }
        found.sort_by_key(|d| (d.span.start, d.level));
        for diagnostic in &mut found {
            diagnostic.message = redactor.redact(&diagnostic.message).text;
            diagnostic.help = redactor.redact(&diagnostic.help).text;
        }
        found
    }

    /// Other worklogs with the id of this one.
    fn clashes(&self, path: &str) -> Vec<Diagnostic> {
        let Some(own) = self.pages.get(path).and_then(Page::worklog) else { return Vec::new() };
        // Only those that have it are compared: to read all of them strictly takes its time.
        let has_id = |page: &Page| page.id().is_some_and(|id| id == own.header().id.as_str());
        let is_listed = |name: &str| {
            let below = name.strip_prefix(&self.config.worklogs);
            below.is_some_and(|rest| rest.starts_with('/'))
        };
        let twins =
            self.pages.iter().filter(|(name, page)| *name == path || (is_listed(name) && has_id(page)));
        let twins: Vec<_> = twins.filter_map(|(name, page)| Some((name.as_str(), page.worklog()?))).collect();
        let clashes = worklog::clashes(&twins).into_iter();
        clashes.filter(|(at, _)| twins[*at].0 == path).map(|(_, diagnostic)| diagnostic).collect()
    }
}
