//! A closer look at single issues: what happened to them, and what is said below them, where that
//! decides something. All else that is read of GitHub is in `look`.

use std::collections::BTreeMap;

use crate::forge::{ForgeError, ForgeRead};
use crate::journal::Cache;
use crate::merge::needs_events;
use crate::model::{Look, Status};
use crate::plan::{Input, LocalEntry, needs_comments, occurrence_of};
use crate::sync::{SyncError, look};

/// Reads events, comments and labels where they decide something.
pub(super) fn look(forge: &mut dyn ForgeRead, cache: &mut Cache, input: &mut Input) -> Result<(), SyncError> {
    let mut by_number: BTreeMap<u64, Vec<LocalEntry>> = BTreeMap::new();
    for entry in &input.entries {
        if let Some(number) = input.number_of(entry) {
            by_number.entry(number).or_default().push(entry.clone());
        }
    }
    let mut labels_matter = false;
    for (number, entries) in by_number {
        let Some(Look::Found(issue)) = input.seen.get(&number).map(|s| s.look.clone()) else { continue };
        let entries: Vec<&LocalEntry> = entries.iter().collect();
        let asks = |e: &&LocalEntry| needs_events(&occurrence_of(input, e, number), issue.updated_at);
        let unread = input.seen.get(&number).is_some_and(|s| s.events.is_none());
        if unread && entries.iter().any(asks) {
            let events = forge.events(number);
            let Some(events) = or_gone(events, number, forge, cache, input)? else { continue };
            input.seen.entry(number).and_modify(|s| s.events = Some(events));
        }
        if needs_comments(input, &issue, &entries) {
            // Whose comments these are decides which may be edited.
            input.viewer = forge.viewer()?;
            let comments = forge.comments(number);
            let Some(comments) = or_gone(comments, number, forge, cache, input)? else { continue };
            input.seen.entry(number).and_modify(|s| s.comments = Some(comments));
        }
        let vocabulary = &input.config.labels.vocabulary;
        let lacks_severity = !issue.labels.iter().any(|l| vocabulary.severity_of(l).is_some());
        let lacks_mark = !issue.labels.iter().any(|l| vocabulary.mark_of(l).is_some());
        labels_matter |= entries.iter().filter_map(|e| input.base_for(e, number)).any(|base| {
            let severity = base.agreed.severity.flatten().is_some() && lacks_severity;
            severity || (matches!(base.agreed.status, Some(Status::Marked(_))) && lacks_mark)
        });
    }
    if labels_matter {
        input.labels = Some(forge.labels()?);
    }
    Ok(())
}

/// What was read of an issue, or `None` when it is gone: a list no longer has it, so that it
/// still seemed to be there. It alone is held back then, and the rest goes on.
fn or_gone<T>(
    read: Result<T, ForgeError>,
    number: u64,
    forge: &mut dyn ForgeRead,
    cache: &mut Cache,
    input: &mut Input,
) -> Result<Option<T>, SyncError> {
    let value = look::or_gone(read, number, forge, input)?;
    if value.is_none() {
        cache.issues.remove(&number);
    }
    Ok(value)
}
