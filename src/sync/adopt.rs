//! Issues that are on GitHub already, put into a worklog as linked entries.
//!
//! They are looked for in a listing, which every account's token may read, not in GitHub's search, which
//! lags and answers with a thousand rows at most. What is written is looked at by number first. Nothing
//! is written on GitHub, and no commit is made.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::forge::ForgeRead;
use crate::journal::{Store, Texts};
use crate::legacy::slug;
use crate::model::{IssueText, Label, Look, RemoteIssue, RepoSlug, State, Timestamp};
use crate::plan::adopted::{adopted, free_id};
use crate::redact::Redactor;
use crate::sync::{SyncError, survey};
use crate::worklog::{self, Edit, EditError, Parsed};

/// Which issues are wanted besides those that are named.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// They have all of these labels.
    pub labels: Vec<Label>,
    /// Their titles or texts have all of these words, in small letters.
    pub words: Vec<String>,
    /// Closed ones too, or only those.
    pub state: Which,
}

/// Whether issues are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Open ones.
    #[default]
    Open,
    /// Closed ones.
    Closed,
    /// Either.
    All,
}

impl Filter {
    fn fits(&self, issue: &IssueText) -> bool {
        let is_open = issue.state == State::Open;
        let state = match self.state {
            Which::Open => is_open,
            Which::Closed => !is_open,
            Which::All => true,
        };
        let (title, body) = (issue.title.to_lowercase(), issue.body.to_lowercase());
        state
            && self.labels.iter().all(|label| issue.labels.contains(label))
            && self.words.iter().all(|word| title.contains(word) || body.contains(word))
    }
}

/// The numbers of the issues that fit.
///
/// # Errors
/// When any page of the listing could not be read: then nothing is known.
pub fn find(
    forge: &mut dyn ForgeRead,
    texts: &mut dyn Store,
    filter: &Filter,
) -> Result<BTreeSet<u64>, SyncError> {
    let repository = forge.repository()?;
    // What is heard here is kept by nobody, so that the time is nobody's to go on from.
    let now = forge.now().unwrap_or(Timestamp::from_second(0));
    let texts = survey::heard(forge, Texts::load(texts, repository.id), now)?;
    Ok(texts.issues().iter().filter(|(_, text)| filter.fits(text)).map(|(number, _)| *number).collect())
}

/// Looks at the issues of these numbers: those that are there, and what became of the others.
///
/// # Errors
/// When any could not be looked at.
pub fn look(
    forge: &mut dyn ForgeRead,
    numbers: &BTreeSet<u64>,
) -> Result<(Vec<RemoteIssue>, BTreeMap<u64, String>), SyncError> {
    let (mut found, mut others) = (Vec::new(), BTreeMap::new());
    for (number, look) in forge.issues(numbers)? {
        let why = match look {
            Look::Found(issue) => {
                found.push(*issue);
                continue;
            }
            Look::PullRequest => "is a pull request".to_owned(),
            Look::Missing => "is not there, or the token may not see it".to_owned(),
            Look::Deleted => "was deleted".to_owned(),
            Look::Moved(to) => format!("was moved to {}", crate::model::Untrusted(&to)),
        };
        others.insert(number, why);
    }
    Ok((found, others))
}

/// The text of a worklog with these issues as entries, each with its line in the base block.
///
/// # Errors
/// When the text is no worklog, or its list can't be added to.
pub fn with_issues(
    text: &str,
    issues: &[RemoteIssue],
    home: &RepoSlug,
    config: &Config,
    redactor: &Redactor,
) -> Result<String, EditError> {
    let read = |text: &str| match worklog::parse(text, &config.labels.vocabulary) {
        Parsed::Worklog(worklog, _) => Some(worklog),
        _ => None,
    };
    let Some(mut worklog) = read(text) else { return Ok(text.to_owned()) };
    let of_all = worklog.header().labels.clone();
    let mut bases = Vec::new();
    for issue in issues {
        let title = redactor.redact(&issue.title).text;
        let wish = slug(&title).unwrap_or_else(|| format!("issue-{}", issue.number));
        let Some(id) = free_id(&wish, |id| worklog.entry(id).is_some()) else { continue };
        let mut issue = issue.clone();
        // A sync holds such a label back, too.
        issue.labels.retain(|label| redactor.places(label.name()).is_empty());
        let (entry, base) = adopted(&issue, id, title, home, config, &of_all);
        let after = worklog::add_entry(&worklog, &entry)?;
        bases.push(Edit::SetBase { entry: entry.id, to: Some(base) });
        let Some(next) = read(&after) else { break };
        worklog = next;
    }
    worklog::edit(&worklog, &bases)
}
