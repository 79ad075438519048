//! What entries without a number are compared with: the texts of issues, and what worklogs
//! that this sync leaves alone say of them. What comes of that is decided in `plan::likely`.

use std::collections::BTreeSet;

use crate::forge::ForgeRead;
use crate::journal::Texts;
use crate::likeness::Told;
use crate::model::Timestamp;
use crate::plan::Input;
use crate::plan::likely::{Elsewhere, likely};
use crate::plan::ruled;
use crate::sync::{Loaded, SyncError};

/// Compares what would be filed, and finds the rules that can't be read.
///
/// # Errors
/// When whose the token is could not be asked.
pub(super) fn compare(
    forge: &mut dyn ForgeRead,
    input: &mut Input,
    texts: &Texts,
    told: &BTreeSet<String>,
    others: &[&Loaded],
) -> Result<(), SyncError> {
    if input.viewer.is_none() && ruled::is_doubtful(input, texts.issues()) {
        input.viewer = forge.viewer()?;
    }
    input.broken_rules = ruled::broken(input, texts.issues(), told);
    let elsewhere: Vec<Elsewhere> = others.iter().flat_map(|loaded| occurrences(input, loaded)).collect();
    input.likely = likely(input, texts.issues(), &elsewhere);
    Ok(())
}

pub(super) fn occurrences(input: &Input, loaded: &Loaded) -> Vec<Elsewhere> {
    let started = loaded.worklog.header().started.as_deref();
    let at = started.and_then(|text| text.parse().ok()).map(Timestamp::as_second);
    let entries = loaded.worklog.entries().iter();
    let linked = entries.filter_map(|entry| {
        let issue = entry.issue.as_ref().filter(|issue| input.is_home(issue.repo.as_ref()))?;
        let prose = loaded.worklog.prose(&entry.id).unwrap_or_default();
        let told = Told {
            title: entry.title.clone(),
            tests: entry.tests.clone(),
            files: entry.files.clone(),
            body: format!("{prose}\n{}", entry.impact.as_deref().unwrap_or_default()),
            at,
        };
        Some(Elsewhere { number: issue.number, told })
    });
    linked.collect()
}
