//! Creating exactly once. GitHub has no idempotency key, so: intent in the journal
//! (synced), look for the marker by listing, POST once and never again on a doubtful
//! answer, number in the journal (synced). A doubtful answer is looked up; what is not
//! found stays an open intent, and the grace period decides about it in a later sync.

use crate::block::{IssueMarker, comment_markers};
use crate::forge::{Certainty, ForgeWrite};
use crate::journal::{Intent, Journal, Record};
use crate::merge::Field;
use crate::model::{Comment, EntryKey, Look, RemoteIssue, State};
use crate::plan::{Change, CreateComment, CreateIssue, Echo, GRACE_SECONDS, Mismatch, Target, Write};
use crate::sync::carry::{Carried, Sent, mismatch_words};
use crate::sync::{Prepared, SyncError, gather, look};

/// Files every new issue of the plan.
///
/// # Errors
/// When the intents can't be written: then nothing was sent for them.
pub(super) fn file_issues(
    prepared: &Prepared,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) -> Result<(), SyncError> {
    let filings: Vec<&CreateIssue> = prepared
        .plan
        .changes
        .iter()
        .filter_map(|c| match c {
            Change::CreateIssue(new) => Some(new),
            _ => None,
        })
        .collect();
    if filings.is_empty() {
        return Ok(());
    }
    if carried.stop.is_some() {
        filings.iter().for_each(|f| carried.fail(&f.keys, "not filed", ""));
        return Ok(());
    }
    let first = journal.next_id();
    let at = forge.now().unwrap_or(prepared.input.now);
    let repository = prepared.input.repository.id;
    let intent = |(id, filing): (u64, &&CreateIssue)| {
        let keys = filing.keys.iter().map(ToString::to_string).collect();
        Record::Intent { id, repository, keys, comment_on: None, at }
    };
    let intents = (first..).zip(&filings).map(intent).filter(|_| !sabotaged!(NoIntent));
    match journal.append(intents.collect()) {
        Ok(()) => {}
        Err(error) if carried.writes == 0 => return Err(error.into()),
        // A label was made already, so this is not the end of everything.
        Err(error) => {
            carried.unnoted = Some(error);
            filings.iter().for_each(|f| carried.fail(&f.keys, "not filed", ""));
            return Ok(());
        }
    }

    let listed = match forge.changed(Some(look::since(prepared.input.now))) {
        Ok(listed) => listed.issues,
        Err(error) => {
            let ids = (first..).take(filings.len());
            drop_intents(journal, ids, carried);
            let why = carried.unread(error);
            filings.iter().for_each(|f| carried.fail(&f.keys, "not filed", &why));
            return Ok(());
        }
    };
    let there = look::markers(&prepared.input, &listed);
    let mut doubtful: Vec<(u64, &CreateIssue)> = Vec::new();
    let mut due: Vec<(u64, &CreateIssue)> = Vec::new();
    for (id, filing) in (first..).zip(filings) {
        let lowest = there.get(&filing.keys[0]).and_then(|found| found.first());
        match lowest.filter(|_| !sabotaged!(NoMarkerLook)) {
            Some(issue) => {
                carried.adopted.insert(filing.keys[0].clone());
                found(journal, id, issue.clone(), filing, carried);
            }
            None => due.push((id, filing)),
        }
    }
    let writes: Vec<Write> = due.iter().map(|(_, filing)| as_write(filing)).collect();
    let mut at = 0;
    while at < due.len() {
        // What was made is noted before anything else is.
        let count = if carried.stop.is_some() { 1 } else { forge.fitting(&writes[at..]) };
        let upto = at.saturating_add(count.max(1)).min(due.len());
        if carried.unnoted.is_some() {
            due[at..upto].iter().for_each(|(_, filing)| carried.fail(&filing.keys, "not filed", ""));
        } else {
            let answers = carried.send_all(forge, &writes[at..upto]);
            let mut receipts = Vec::new();
            for ((id, filing), answer) in due[at..upto].iter().zip(answers) {
                match answered(prepared, filing, answer, carried) {
                    Some(issue) => receipts.push((*id, *filing, issue)),
                    None => doubtful.push((*id, filing)),
                }
            }
            note_outcomes(receipts, journal, carried);
        }
        at = upto;
    }
    look_up(prepared, &doubtful, forge, journal, carried);
    Ok(())
}

/// What came of a creation: the issue, `None` inside where nothing was made, and `None` where that is
/// not known.
#[expect(clippy::option_option, reason = "made, not made, not known")]
fn answered(
    prepared: &Prepared,
    filing: &CreateIssue,
    answer: Sent,
    carried: &mut Carried,
) -> Option<Option<RemoteIssue>> {
    match answer {
        // An answer about another issue, which a confused proxy may give, says nothing.
        Ok((Echo::Issue(issue), mismatch)) if is_about(&issue, filing) => {
            if let Some(mismatch) = mismatch {
                not_whole(prepared, &issue, filing, &mismatch, carried);
            }
            Some(Some(*issue))
        }
        Ok(_) => None,
        Err(error) if error.certainty == Certainty::Doubtful => None,
        Err(error) => {
            let why = carried.reason(&error);
            carried.fail(&filing.keys, "not filed", &why);
            Some(None)
        }
    }
}

/// Notes the outcomes of one request before anything else happens: the numbers, and that nothing was made.
fn note_outcomes(
    outcomes: Vec<(u64, &CreateIssue, Option<RemoteIssue>)>,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) {
    let record = |(id, _, issue): &(u64, &CreateIssue, Option<RemoteIssue>)| match issue {
        Some(issue) => Record::Made { id: *id, number: issue.number },
        None => Record::Dropped { id: *id },
    };
    let noted = carried.note(journal, outcomes.iter().map(record).collect());
    for (_, filing, issue) in outcomes {
        let Some(issue) = issue else { continue };
        if !noted {
            not_noted(issue.number, &filing.keys, carried);
        }
        carried.created.insert(filing.keys[0].clone(), issue);
    }
}

/// Comments on an issue, by the same protocol.
///
/// # Errors
/// When the intent can't be written: then nothing was sent for it.
pub(super) fn comment(
    prepared: &Prepared,
    new: &CreateComment,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) -> Result<(), SyncError> {
    let hold = |carried: &mut Carried, what: &str, why: &str| {
        carried.unconfirmed.entry(new.number).or_default().insert(Field::Links);
        carried.untold.extend(new.keys.iter().cloned());
        carried.fail(&new.keys, what, why);
    };
    if carried.stop.is_some() || carried.unnoted.is_some() {
        hold(carried, "not commented", "");
        return Ok(());
    }
    let id = journal.next_id();
    let at = forge.now().unwrap_or(prepared.input.now);
    let keys = new.keys.iter().map(ToString::to_string).collect();
    let repository = prepared.input.repository.id;
    let intent = Record::Intent { id, repository, keys, comment_on: Some(new.number), at };
    // Something may have been sent already, so this is not the end of everything.
    if !carried.note(journal, vec![intent]) {
        hold(carried, "not commented", "");
        return Ok(());
    }
    let comments = match forge.comments(new.number) {
        Ok(comments) => comments,
        Err(error) => {
            drop_intents(journal, std::iter::once(id), carried);
            let why = carried.unread(error);
            hold(carried, "not commented", &why);
            return Ok(());
        }
    };
    if let Some(there) = told(prepared, &comments, &new.keys[0], new.has_block) {
        record_made(journal, id, there, &new.keys, carried);
        return Ok(());
    }
    match carried.send(forge, &Write::CreateComment { number: new.number, body: new.body.clone() }) {
        Ok((Echo::Comment(comment), None)) => record_made(journal, id, comment.id, &new.keys, carried),
        Ok((Echo::Comment(comment), Some(mismatch))) if speaks_of(&comment, &new.keys[0]) => {
            record_made(journal, id, comment.id, &new.keys, carried);
            hold(carried, "commented, but", &mismatch_words(&mismatch));
        }
        Ok(_) => hold(carried, "comment pending", "GitHub answered about something else"),
        Err(error) if error.certainty == Certainty::Doubtful => {
            let found = forge.comments(new.number).ok();
            match found.and_then(|c| told(prepared, &c, &new.keys[0], new.has_block)) {
                Some(there) => record_made(journal, id, there, &new.keys, carried),
                None => hold(carried, "comment pending", &carried.reason(&error)),
            }
        }
        Err(error) => {
            drop_intents(journal, std::iter::once(id), carried);
            let why = carried.reason(&error);
            hold(carried, "not commented", &why);
        }
    }
    Ok(())
}

fn told(prepared: &Prepared, comments: &[Comment], key: &EntryKey, with_block: bool) -> Option<u64> {
    let mut trusted = comments.iter().filter(|c| prepared.input.trusts(&c.author));
    let says = |c: &&Comment| comment_markers(&c.body).iter().any(|m| m.key == *key);
    let holds = |c: &&Comment| !with_block || c.body.contains("<!-- gardener:block ");
    trusted.find(|c| says(c) && holds(c)).map(|c| c.id).filter(|_| !sabotaged!(CommentAgain))
}

/// Closes creations of earlier runs whose outcome is known by now: the issue or comment was
/// found, or the grace period is over, so that they hold back nothing any more.
pub(super) fn close_intents(prepared: &Prepared, journal: &mut Journal<'_>, carried: &mut Carried) {
    let input = &prepared.input;
    let number = |key: &EntryKey| {
        let planned = || gather::entry_of(input, key).and_then(|e| input.number_of(e));
        carried.created.get(key).map(|i| i.number).or_else(planned)
    };
    let told = |key: &EntryKey, number: u64| {
        let based = gather::entry_of(input, key).is_some_and(|e| input.base_for(e, number).is_some());
        let recorded = prepared.plan.changes.iter().any(|c| match c {
            Change::RecordBase(r) => r.key == *key && r.issue == Target::Number(number),
            _ => false,
        });
        based || (recorded && !carried.untold.contains(key))
    };
    let close = |intent: &Intent| {
        let id = intent.id;
        let found = match (intent.comment_on, intent.keys.as_slice()) {
            (_, []) => return Some(Record::Dropped { id }),
            (None, keys @ [first, ..]) => number(first).filter(|_| keys.iter().all(|k| number(k).is_some())),
            (Some(on), keys) => Some(on).filter(|on| keys.iter().all(|k| told(k, *on))),
        };
        let is_over = input.now >= intent.at.plus(GRACE_SECONDS);
        // A number that somebody wrote by hand is not one that gardener made; one that was
        // written when the journal was out of use is.
        let by_hand = |k: &EntryKey| gather::entry_of(input, k).is_some_and(|e| e.entry.issue.is_some());
        let is_marked = |number: u64| match gather::seen_of(input, number).map(|s| &s.look) {
            Some(Look::Found(issue)) => {
                input.trusts(&issue.author)
                    && IssueMarker::read(&issue.body).is_some_and(|m| m.key == intent.keys[0])
            }
            _ => false,
        };
        let is_made = |number: u64| !by_hand(&intent.keys[0]) || is_marked(number);
        match found {
            Some(number) if intent.comment_on.is_none() && is_made(number) => {
                Some(Record::Made { id, number })
            }
            Some(_) => Some(Record::Dropped { id }),
            None => is_over.then_some(Record::Dropped { id }),
        }
    };
    let closed = journal.intents(input.repository.id).filter_map(close).collect();
    // One that stays open is closed by a later sync.
    carried.note(journal, closed);
}

/// A doubtful answer may have been a success.
fn look_up(
    prepared: &Prepared,
    doubtful: &[(u64, &CreateIssue)],
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) {
    if doubtful.is_empty() {
        return;
    }
    // An error here leaves all of them pending, which is what they are.
    let listed = forge.changed(Some(look::since(prepared.input.now))).unwrap_or_default();
    let there = look::markers(&prepared.input, &listed.issues);
    for (id, filing) in doubtful {
        let marked = there.get(&filing.keys[0]).and_then(|found| found.first());
        match marked.filter(|_| !sabotaged!(NoMarkerLook)) {
            Some(issue) => found(journal, *id, issue.clone(), filing, carried),
            None => {
                let why =
                    "pending: GitHub's answer was lost, so it may be filed or not; run again in 15 minutes";
                carried.failed.push((filing.keys.clone(), why.to_owned()));
            }
        }
    }
}

/// Links an issue that carries the marker, and that no answer of ours was about. If it is not
/// just as this plan wanted it, another clone made it from another text: taking the plan's
/// values for agreed would let what is missing there look removed, and undo edits here.
fn found(
    journal: &mut Journal<'_>,
    id: u64,
    issue: RemoteIssue,
    filing: &CreateIssue,
    carried: &mut Carried,
) {
    let echo = Echo::Issue(Box::new(issue.clone()));
    // Labels that this side did not ask for are another text's, or somebody's by now.
    let more = issue.labels.iter().any(|l| !filing.labels.contains(l));
    if issue.state != State::Open || more || as_write(filing).confirmed_by(&echo).is_err() {
        carried.adopted.insert(filing.keys[0].clone());
        carried.found.insert(filing.keys[0].clone());
        let why = "filed from another text in the same moment; run again to merge the two";
        carried.failed.push((filing.keys.clone(), why.to_owned()));
    }
    made(journal, id, issue, filing, carried);
}

fn is_about(issue: &RemoteIssue, filing: &CreateIssue) -> bool {
    IssueMarker::read(&issue.body).is_some_and(|marker| marker.key == filing.keys[0])
}

fn speaks_of(comment: &Comment, key: &EntryKey) -> bool {
    comment_markers(&comment.body).iter().any(|marker| marker.key == *key)
}

fn as_write(filing: &CreateIssue) -> Write {
    let (title, body, labels) = (filing.title.clone(), filing.body.clone(), filing.labels.clone());
    Write::CreateIssue { title, body, labels }
}

fn made(journal: &mut Journal<'_>, id: u64, issue: RemoteIssue, filing: &CreateIssue, carried: &mut Carried) {
    record_made(journal, id, issue.number, &filing.keys, carried);
    carried.created.insert(filing.keys[0].clone(), issue);
}

pub(super) fn record_made(
    journal: &mut Journal<'_>,
    id: u64,
    number: u64,
    keys: &[EntryKey],
    carried: &mut Carried,
) {
    if !carried.note(journal, vec![Record::Made { id, number }]) {
        not_noted(number, keys, carried);
    }
}

/// The number still goes into the worklog, and the marker is on GitHub.
fn not_noted(number: u64, keys: &[EntryKey], carried: &mut Carried) {
    carried.fail(keys, &format!("made as {number}, and not noted in the journal"), "");
}

pub(super) fn drop_intents(journal: &mut Journal<'_>, ids: impl Iterator<Item = u64>, carried: &mut Carried) {
    carried.note(journal, ids.map(|id| Record::Dropped { id }).collect());
}

/// The issue is there, but not as it was asked for.
fn not_whole(
    prepared: &Prepared,
    issue: &RemoteIssue,
    filing: &CreateIssue,
    mismatch: &Mismatch,
    carried: &mut Carried,
) {
    carried.failed.push((filing.keys.clone(), mismatch_words(mismatch)));
    if let Mismatch::LabelsMissing(missing) = mismatch {
        let vocabulary = &prepared.input.config.labels.vocabulary;
        for label in missing {
            // With triage rights labels are dropped from a new issue and can be added later.
            if !prepared.input.repository.can_triage {
                carried.refuse(&prepared.input, issue.number, format!("+{}", label.folded()));
            }
            let fields = carried.unconfirmed.entry(issue.number).or_default();
            if vocabulary.severity_of(label).is_some() {
                fields.insert(Field::Severity);
            } else if vocabulary.mark_of(label).is_some() {
                fields.insert(Field::Status);
            }
        }
        carried.labels_off.entry(issue.number).or_default().0.extend(missing.iter().cloned());
    }
}
