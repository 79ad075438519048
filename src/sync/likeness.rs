//! What entries without a number are compared with: the texts of issues, and what worklogs
//! that this sync leaves alone say of them. What comes of that is decided in `plan::likely`.

use crate::config::LikenessUse;
use crate::journal::Texts;
use crate::likeness::Told;
use crate::model::Timestamp;
use crate::plan::Input;
use crate::plan::likely::{Elsewhere, likely};
use crate::sync::{Loaded, gather};

/// Whether all issues have to be looked through.
pub(super) fn is_wanted(input: &Input) -> bool {
    input.config.likeness != LikenessUse::Off && gather::wants_filing(input)
}

/// Compares what would be filed.
pub(super) fn compare(input: &mut Input, texts: &Texts, others: &[&Loaded]) {
    let elsewhere: Vec<Elsewhere> = others.iter().flat_map(|loaded| occurrences(input, loaded)).collect();
    input.likely = likely(input, texts.issues(), &elsewhere);
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
