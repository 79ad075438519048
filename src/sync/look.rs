//! Looking at GitHub: what changed since the last look, and the rest by number.
//!
//! The cache only saves requests. A list can lag behind, so a row older than what is known
//! already is not believed, each look overlaps the last one, and every write looks again
//! by number first.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::IssueMarker;
use crate::forge::{ForgeError, ForgeRead, Listed};
use crate::journal::{Cache, Journal, Marked, Store, Texts};
use crate::merge::Note;
use crate::model::{EntryKey, Look, RemoteIssue, State, Timestamp};
use crate::plan::{Input, Plan, Seen, Ties, disagrees, is_due};
use crate::sync::carry::Carried;
use crate::sync::{Loaded, SyncError, gather, likeness};

/// Lists were seen to lag by minutes (reliability facts, section 2.3).
pub(super) const OVERLAP_SECONDS: i64 = 15 * 60;

/// After this long everything is read again: renaming or deleting a label in the
/// repository moves no issue's time.
const COMPLETE_SECONDS: i64 = 24 * 60 * 60;

/// How far back a lost cache is made good: the same entry filed by somebody else would be
/// known to people by then.
const FORGOTTEN_SECONDS: i64 = 30 * 24 * 60 * 60;

/// So many issues are read by number in one request.
const A_QUESTION: usize = 50;

/// A list of what changed with more rows than these is begun anew some time.
const STEADY_ROWS: usize = 50;

/// What earlier looks left behind.
pub(super) struct Known<'a> {
    /// The tracked issues.
    pub(super) cache: &'a mut Cache,
    /// The texts of all issues, where entries are to be compared with them, or where all were heard.
    pub(super) texts: &'a mut Option<Texts>,
}

/// Fills in `seen`, `markers`, `fingerprints` and `likely`. `unsettled` are issues that were sent
/// something that has not reached a worklog; `others` are worklogs that are not synced, and
/// say something of issues all the same.
pub(super) fn look(
    forge: &mut dyn ForgeRead,
    known: Known<'_>,
    input: &mut Input,
    journal: &Journal<'_>,
    unsettled: &BTreeSet<u64>,
    others: &[&Loaded],
) -> Result<(), SyncError> {
    let Known { cache, texts } = known;
    let now = input.now;
    let named = gather::named(input);
    let filing = gather::wants_filing(input);
    if named.is_empty() && !filing {
        return Ok(());
    }
    let fresh =
        cache.complete_at.is_some_and(|at| now.as_second() - at.as_second() < COMPLETE_SECONDS && at <= now);
    let since = cache.as_of.filter(|_| fresh && (cache.whole || !filing));
    // Texts are read only where something is filed, so they can be older than the cache.
    let since = match texts.as_ref() {
        Some(texts) => since.zip(texts.as_of()).map(|(cached, heard)| cached.min(heard)),
        None => since,
    };
    let every = match since {
        Some(_) => None,
        None if filing => Some(forge.changed(None)?),
        // Many are read sooner by listing all than by their numbers.
        None if named.len() > A_QUESTION => forge.all_within(named.len() / A_QUESTION + 1)?,
        None => None,
    };
    let mut believed: BTreeSet<u64> = BTreeSet::new();
    // Issues of which the list says something else than was known.
    let mut listed: BTreeSet<u64> = BTreeSet::new();
    match since {
        Some(since) => {
            let from = list_from(cache, since);
            let Listed { issues, is_one_page } = forge.changed(Some(from))?;
            // The same question is asked again as long as its answer is short.
            let is_long = issues.len() > STEADY_ROWS && from.plus(4 * OVERLAP_SECONDS) < now;
            cache.since = Some(from).filter(|_| is_one_page && !is_long);
            for issue in issues {
                texts.iter_mut().for_each(|texts| texts.hear(&issue));
                listed.extend(take(cache, issue, &named));
            }
            believed.extend(cache.issues.keys());
        }
        None if every.is_some() => {
            cache.restart();
            *texts = Some(Texts::new(input.repository.id));
            for issue in every.unwrap_or_default().issues {
                texts.iter_mut().for_each(|texts| texts.hear(&issue));
                listed.extend(take(cache, issue, &named));
            }
            believed.extend(cache.issues.keys());
            cache.whole = true;
            cache.complete_at = Some(now);
        }
        None => {
            // Issues with a marker are looked at by number before anything comes of them.
            let (before, marked) = (cache.as_of, std::mem::take(&mut cache.marked));
            cache.restart();
            cache.marked = marked;
            // What was filed at the last look, and was not in its list yet, must not stay
            // unseen. Where the cache is lost the journal tells when this clone filed something.
            let filed = || journal.made_since(input.repository.id, now.plus(-FORGOTTEN_SECONDS));
            if let Some(before) = before.or_else(filed) {
                for issue in forge.changed(Some(before.plus(-OVERLAP_SECONDS)))?.issues {
                    mark(cache, &issue);
                }
            }
            cache.complete_at = Some(now);
        }
    }
    cache.as_of = Some(now);
    trust_markers(forge, cache, input)?;
    if let Some(texts) = texts {
        texts.listed(now);
    }
    if let Some(texts) = texts.as_mut().filter(|_| filing) {
        likeness::compare(forge, input, texts, &cache.rules_told, others)?;
    }
    // Markers can link entries that had no number, so the numbers are asked for again. Of
    // several issues with one marker all are looked at.
    let mut named = gather::named(input);
    named.extend(input.entries.iter().flat_map(|e| input.rivals(e)));
    named.extend(input.broken_rules.iter().map(|rule| rule.number));
    let newest = gather::newest_seen(input);
    // GitHub's times are whole seconds: a row that is as old as what is known may show the
    // issue as it was a moment before, as long as the list can lag.
    let may_lag = |issue: &RemoteIssue| now.as_second() - issue.updated_at.as_second() < OVERLAP_SECONDS;
    let contested: BTreeSet<u64> = input
        .entries
        .iter()
        .filter_map(|entry| {
            let number = input.number_of(entry)?;
            cache.issues.get(&number).filter(|issue| disagrees(input, entry, issue)).map(|_| number)
        })
        .collect();
    let stale = |n: &u64| match (cache.issues.get(n), newest.get(n)) {
        (Some(_), _) if sabotaged!(BelieveRows) => false,
        _ if unsettled.contains(n) => true,
        (Some(issue), _) if listed.contains(n) && may_lag(issue) => true,
        // An old row can't always be told by its time: `seen` does not move while something is
        // open. So a list only says what to look at, and no worklog follows one.
        (Some(issue), Some(seen)) => issue.updated_at < *seen || contested.contains(n),
        (Some(issue), None) => may_lag(issue),
        (None, _) => true,
    };
    let ask: BTreeSet<u64> = named.iter().filter(|n| !believed.contains(n) || stale(n)).copied().collect();
    let mut looks: BTreeMap<u64, Look> = if ask.is_empty() { BTreeMap::new() } else { forge.issues(&ask)? };
    for (number, look) in &looks {
        if let Look::Found(issue) = look {
            // A list may never tell of it again as something new.
            mark(cache, issue);
            cache.issues.insert(*number, (**issue).clone());
        }
    }
    cache.issues.retain(|n, _| named.contains(n));
    for number in named {
        let known = || cache.issues.get(&number).map(|i| Look::Found(Box::new(i.clone())));
        let look = looks.remove(&number).or_else(known).unwrap_or(Look::Missing);
        input.seen.insert(number, Seen { look, events: None, comments: None });
    }
    settle_ties(forge, input)
}

/// Decides which of several issues with one marker stays, and reads what that needs: the
/// history of those that give way, until they have had their end.
fn settle_ties(forge: &mut dyn ForgeRead, input: &mut Input) -> Result<(), SyncError> {
    input.losers = Ties::find(input).losers;
    for (loser, winner) in input.losers.clone() {
        let is_named = input.entries.iter().any(|e| input.own_number(e) == Some(loser));
        let due = is_due(input, loser);
        if !due && !is_named {
            continue;
        }
        for number in [loser, winner] {
            if input.seen.get(&number).is_some_and(|s| s.events.is_none()) {
                let events = forge.events(number);
                let Some(events) = or_gone(events, number, forge, input)? else { continue };
                input.seen.entry(number).and_modify(|s| s.events = Some(events));
            }
        }
        if due {
            input.viewer = forge.viewer()?;
            let comments = forge.comments(loser);
            let Some(comments) = or_gone(comments, loser, forge, input)? else { continue };
            input.seen.entry(loser).and_modify(|s| s.comments = Some(comments));
        }
    }
    // With what was read one may turn out to be chosen again, or gone.
    let ties = Ties::find(input);
    for losers in input.fingerprints.values_mut() {
        losers.retain(|n| !ties.losers.contains_key(n));
    }
    input.losers = ties.losers;
    Ok(())
}

/// What was read of an issue, or `None` when it is gone meanwhile: what is seen of it is then
/// that.
pub(super) fn or_gone<T>(
    read: Result<T, ForgeError>,
    number: u64,
    forge: &mut dyn ForgeRead,
    input: &mut Input,
) -> Result<Option<T>, SyncError> {
    let error = match read {
        Ok(value) => return Ok(Some(value)),
        Err(error @ ForgeError::Gone { .. }) => error,
        Err(error) => return Err(error.into()),
    };
    match forge.issues(&BTreeSet::from([number]))?.remove(&number) {
        None | Some(Look::Found(_)) => Err(error.into()),
        Some(look) => {
            input.seen.insert(number, Seen { look, events: None, comments: None });
            Ok(None)
        }
    }
}

/// Keeps what a run saw last for the next one. A cache that can't be written is no loss.
///
/// An issue that was to be written and was not found afterwards is not remembered as it was
/// before: the next run would take that for somebody's undoing of what was sent.
pub(super) fn remember(
    mut cache: Cache,
    input: &Input,
    plan: &Plan,
    carried: &Carried,
    store: &mut dyn Store,
) {
    for number in plan.numbers_to_write() {
        cache.issues.remove(&number);
    }
    for (number, issue) in &carried.looked {
        cache.issues.insert(*number, issue.clone());
        mark(&mut cache, issue);
    }
    cache.told.extend(plan.notes.iter().filter_map(|(number, note)| match note {
        Note::Forged { comment, .. } => Some((*number, comment.unwrap_or(0))),
        _ => None,
    }));
    let told = input
        .broken_rules
        .iter()
        .filter(|rule| carried.unconfirmed.contains_key(&rule.number) && !carried.untold.contains(&rule.key));
    cache.rules_told.extend(told.map(|rule| rule.key.to_string()));
    let _ = cache.save(store);
}

/// Markers of trusted authors in a listing, lowest number first.
pub(super) fn markers(input: &Input, issues: &[RemoteIssue]) -> BTreeMap<EntryKey, Vec<RemoteIssue>> {
    let mut found: BTreeMap<EntryKey, Vec<RemoteIssue>> = BTreeMap::new();
    for issue in issues.iter().filter(|i| input.trusts(&i.author)) {
        if let Some(marker) = IssueMarker::read(&issue.body) {
            found.entry(marker.key).or_default().push(issue.clone());
        }
    }
    for issues in found.values_mut() {
        issues.sort_by_key(|i| i.number);
    }
    found
}

/// Takes a row of a list, unless what is known is newer. Gives its number if it says
/// something new of a tracked issue.
fn take(cache: &mut Cache, issue: RemoteIssue, named: &BTreeSet<u64>) -> Option<u64> {
    let known = cache.issues.get(&issue.number);
    if known.is_some_and(|known| known.updated_at > issue.updated_at || *known == issue) {
        return None;
    }
    mark(cache, &issue);
    let (number, is_marked) = (issue.number, cache.marked.contains_key(&issue.number));
    let is_tracked = named.contains(&number) || is_marked;
    is_tracked.then(|| {
        cache.issues.insert(number, issue);
        number
    })
}

fn mark(cache: &mut Cache, issue: &RemoteIssue) {
    match IssueMarker::read(&issue.body) {
        None => drop(cache.marked.remove(&issue.number)),
        Some(marker) => {
            let is_open = issue.state == State::Open;
            let (key, fingerprint, author) =
                (marker.key.to_string(), marker.fingerprint, issue.author.clone());
            cache.marked.insert(issue.number, Marked { key, fingerprint, author, is_open });
        }
    }
}

fn trust_markers(forge: &mut dyn ForgeRead, cache: &Cache, input: &mut Input) -> Result<(), SyncError> {
    // Which issues the entries name that a marker can be about, by key and by fingerprint.
    let (mut by_key, mut by_print): (BTreeMap<String, _>, BTreeMap<&String, Vec<_>>) = Default::default();
    for entry in &input.entries {
        let number = entry.entry.issue.as_ref().map(|i| i.number);
        by_key.insert(entry.key.to_string(), number);
        if let Some(print) = &entry.entry.fingerprint {
            by_print.entry(print).or_default().push(number);
        }
    }
    let is_here = |n: u64, m: &Marked| {
        let same_print = m.fingerprint.as_ref().and_then(|print| by_print.get(print));
        let mut numbers = same_print.into_iter().flatten().chain(by_key.get(&m.key));
        numbers.any(|number| *number != Some(n))
    };
    let named: Vec<(u64, Marked)> =
        cache.marked.iter().filter(|(n, m)| is_here(**n, m)).map(|(n, m)| (*n, m.clone())).collect();
    // The marker of the issue that an entry names says nothing new.
    let own: BTreeMap<String, Option<u64>> =
        input.entries.iter().map(|e| (e.key.to_string(), input.own_number(e))).collect();
    let unfiled = input.entries.iter().filter(|e| e.entry.issue.is_none());
    let prints: BTreeSet<&String> = unfiled.filter_map(|e| e.entry.fingerprint.as_ref()).collect();
    let matters = |n: u64, m: &Marked| {
        let another = own.get(&m.key).is_some_and(|own| *own != Some(n));
        another || m.fingerprint.as_ref().is_some_and(|f| prints.contains(f))
    };
    let relevant: Vec<(u64, Marked)> =
        cache.marked.iter().filter(|(n, m)| matters(**n, m)).map(|(n, m)| (*n, m.clone())).collect();
    let is_new = |n: &u64, m: &Marked| !input.trusts(&m.author) && !input.told.contains(&(*n, 0));
    let doubtful =
        named.iter().any(|(n, m)| is_new(n, m)) || relevant.iter().any(|(_, m)| !input.trusts(&m.author));
    if doubtful && input.viewer.is_none() {
        input.viewer = forge.viewer()?;
    }
    let strangers = named.iter().filter(|(_, m)| input.is_stranger(&m.author));
    input.forged = strangers.map(|(n, m)| (*n, m.author.clone())).collect();
    let trusted: Vec<_> = relevant.into_iter().filter(|(_, m)| input.trusts(&m.author)).collect();
    for (number, marked) in trusted {
        if let Ok(key) = EntryKey::parse(&marked.key) {
            input.markers.entry(key).or_default().insert(number);
        }
        if let Some(fingerprint) = marked.fingerprint.filter(|_| marked.is_open) {
            input.fingerprints.entry(fingerprint).or_default().insert(number);
        }
    }
    Ok(())
}

/// From when a look at these worklogs is going to list what changed; `None` where it may not do that.
pub(super) fn expected(cache: &Cache, worklogs: &[Loaded]) -> Option<Timestamp> {
    let (as_of, complete_at) = (cache.as_of?, cache.complete_at?);
    let mut entries = worklogs.iter().flat_map(|l| l.worklog.entries()).peekable();
    let is_plain = entries.peek().is_some() && entries.all(|entry| entry.issue.is_some());
    let is_fresh = as_of.as_second() - complete_at.as_second() < COMPLETE_SECONDS;
    (is_plain && is_fresh).then(|| list_from(cache, as_of))
}

/// From when the next look lists what changed, if what is known holds up to `as_of`: from where the
/// last one did as long as that was early enough.
pub(super) fn list_from(cache: &Cache, as_of: Timestamp) -> Timestamp {
    let latest = since(as_of);
    cache.since.filter(|steady| *steady <= latest).unwrap_or(latest)
}

/// Where the next incremental listing begins.
pub(super) fn since(now: Timestamp) -> Timestamp {
    now.plus(-OVERLAP_SECONDS)
}
