//! Carrying out what a plan wants of GitHub: labels, new issues, changes, comments.
//!
//! Each write is preceded by a fresh look, and counts only when the answer echoes it. A
//! failure holds back what depends on it and is said; the rest goes on, unless every
//! further request would meet the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::forge::{Certainty, ForgeError, ForgeWrite, WriteError};
use crate::journal::{Journal, JournalError, Record};
use crate::merge::Field;
use crate::model::{Comment, EntryKey, Labels, Look, RemoteIssue, State, Untrusted};
use crate::plan::{Change, CreateLabel, Echo, EditText, Input, Mismatch, UpdateIssue, Write, text_refusal};
use crate::sync::{Prepared, SyncError, after, create, gather, race, settle, update};

/// How many issues are looked at together just before they are written to. A larger number
/// would widen the gap between the look and the last write.
const CHUNK: usize = 20;

/// Why a write is not confirmed although it may have happened.
const LOST: &str = "GitHub's answer was lost";

/// The answer to a write, and how it differs from what was asked.
pub(super) type Sent = Result<(Echo, Option<Mismatch>), WriteError>;

/// What came of the writes so far.
#[derive(Default)]
pub(crate) struct Carried {
    /// New issues by the first entry's key.
    pub(crate) created: BTreeMap<EntryKey, RemoteIssue>,
    /// Those of them that were there just before they were to be made: another run made them.
    pub(crate) adopted: BTreeSet<EntryKey>,
    /// Those of them that somebody else's run made, and not as this plan wanted them: nothing
    /// is agreed on them yet.
    pub(crate) found: BTreeSet<EntryKey>,
    /// What did not work: the entries, and what to say.
    pub(crate) failed: Vec<(Vec<EntryKey>, String)>,
    /// Fields of an issue that are not confirmed.
    pub(crate) unconfirmed: BTreeMap<u64, BTreeSet<Field>>,
    /// Labels that GitHub did not add or take off.
    pub(crate) labels_off: BTreeMap<u64, (Labels, Labels)>,
    /// Issues with a write whose answer was lost: it may have been done or not.
    pub(crate) lost: BTreeSet<u64>,
    /// Entries whose comment is not confirmed.
    pub(crate) untold: BTreeSet<EntryKey>,
    /// Issues as the answer to their last write has them, where that answer is the whole issue.
    pub(crate) echoed: BTreeMap<u64, RemoteIssue>,
    /// Issues as they were seen last, after the writes.
    pub(crate) looked: BTreeMap<u64, RemoteIssue>,
    /// Confirmed writes.
    pub(crate) writes: usize,
    /// Issues that were written to.
    pub(crate) reached: BTreeSet<u64>,
    /// Whether something may have happened that no answer confirmed.
    pub(crate) doubtful: bool,
    /// Why nothing more was sent.
    pub(crate) stop: Option<ForgeError>,
    /// Why nothing more was created: a creation that is not noted could be made twice.
    pub(crate) unnoted: Option<JournalError>,
    refusals: Vec<Record>,
}

/// Carries out the part of a plan that is about GitHub.
///
/// # Errors
/// When the journal can't be written before the first creation: then nothing was sent.
pub(super) fn carry(
    prepared: &Prepared,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) -> Result<(), SyncError> {
    let changes = &prepared.plan.changes;
    make_labels(changes, forge, carried);
    create::file_issues(prepared, forge, journal, carried)?;
    let numbers: Vec<u64> = prepared.plan.numbers_to_write().into_iter().collect();
    // What can't be noted is not sent: nobody would know of it after a crash.
    if !numbers.is_empty() && !carried.note(journal, settle::sending(prepared, journal)) {
        hold_rest(prepared, carried);
        return finish(prepared, forge, journal, carried);
    }
    for chunk in numbers.chunks(CHUNK) {
        if carried.stop.is_some() {
            break;
        }
        let updates = |numbers: &[u64]| -> Vec<&UpdateIssue> {
            let of_them = changes.iter().filter(|c| c.number().is_some_and(|n| numbers.contains(&n)));
            of_them
                .filter_map(|c| if let Change::UpdateIssue(update) = c { Some(update) } else { None })
                .collect()
        };
        let labels = updates(chunk).iter().flat_map(|u| u.add.union(&u.remove)).cloned().collect();
        let looks = match forge.look_before(&chunk.iter().copied().collect(), &labels) {
            Ok(looks) => looks,
            Err(error) => {
                carried.stop = Some(error);
                break;
            }
        };
        let is_same = |n: &u64| unchanged(&prepared.input, *n, looks.get(n));
        let (same, moved): (Vec<u64>, Vec<u64>) = chunk.iter().copied().partition(is_same);
        let of_issue = |number| changes.iter().filter(move |c| c.number() == Some(number));
        for number in moved {
            let why = "changed on GitHub just now; nothing sent, run again".to_owned();
            carried.hold(number, of_issue(number).flat_map(keys_of).collect(), why);
        }
        let together = update::go_together(&updates(&same), forge);
        if together {
            update::send(&prepared.input, &updates(&same), forge, carried);
        }
        for number in same {
            if !together {
                update::send(&prepared.input, &updates(&[number]), forge, carried);
            }
            write_texts(prepared, number, &mut of_issue(number), forge, journal, carried)?;
        }
    }
    if carried.stop.is_some() {
        hold_rest(prepared, carried);
    }
    finish(prepared, forge, journal, carried)
}

/// Looks at what was written to, and notes what is known of earlier creations and refusals.
fn finish(
    prepared: &Prepared,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) -> Result<(), SyncError> {
    after::look(prepared, forge, carried);
    create::close_intents(prepared, journal, carried);
    race::remember(prepared, journal, carried);
    let refusals = std::mem::take(&mut carried.refusals);
    // What is not remembered is tried once more next time.
    let _ = journal.append(refusals);
    Ok(())
}

impl Carried {
    /// Marks everything of an issue as not confirmed.
    pub(super) fn hold(&mut self, number: u64, keys: Vec<EntryKey>, why: String) {
        let all = [Field::Status, Field::Severity, Field::Labels, Field::Links];
        self.unconfirmed.entry(number).or_default().extend(all);
        self.untold.extend(keys.iter().cloned());
        self.failed.push((keys, why));
    }

    /// Sends one write and compares the answer with it. Returns the answer, also where it
    /// is not a full echo; the difference comes with it.
    pub(super) fn send(&mut self, forge: &mut dyn ForgeWrite, write: &Write) -> Sent {
        let mut sent = self.send_all(forge, std::slice::from_ref(write));
        sent.pop().unwrap_or_else(|| Err(unanswered()))
    }

    /// Sends writes that do not depend on each other, as they fit into requests, and answers for each.
    pub(super) fn send_all(&mut self, forge: &mut dyn ForgeWrite, writes: &[Write]) -> Vec<Sent> {
        let mut sent = Vec::with_capacity(writes.len());
        let mut rest = writes;
        while !rest.is_empty() {
            if let Some(stop) = &self.stop {
                let error = WriteError { error: stop.clone(), certainty: Certainty::NotSent };
                sent.extend(rest.iter().map(|_| Err(error.clone())));
                break;
            }
            let (now, later) = rest.split_at(forge.fitting(rest).clamp(1, rest.len()));
            let mut answers = forge.write(now).into_iter();
            for write in now {
                let answer = answers.next().unwrap_or_else(|| Err(unanswered()));
                sent.push(self.heard(write, answer, now.len() > 1));
            }
            rest = later;
        }
        sent
    }

    /// Takes note of what came of a write.
    fn heard(&mut self, write: &Write, answer: Result<Echo, WriteError>, together: bool) -> Sent {
        if let Some(number) = write.number() {
            match &answer {
                Ok(Echo::Issue(issue)) if together => self.echoed.insert(number, (**issue).clone()),
                _ => self.echoed.remove(&number),
            };
        }
        match answer {
            Ok(echo) => {
                self.writes += 1;
                self.reached.extend(write.number());
                let mismatch = write.confirmed_by(&echo).err();
                Ok((echo, mismatch))
            }
            Err(error) => {
                let is_doubtful = error.certainty == Certainty::Doubtful;
                self.doubtful |= is_doubtful;
                // Who does not know what became of one write sends no more of them.
                if is_doubtful || error.error.stops_everything() {
                    self.stop = Some(error.error.clone());
                }
                Err(error)
            }
        }
    }

    /// Why a write is not confirmed, in a few words. What stopped everything is said once,
    /// at the end, and not for each entry again.
    pub(super) fn reason(&self, error: &WriteError) -> String {
        match (error.certainty, &self.stop) {
            (Certainty::Doubtful, _) => LOST.to_owned(),
            (_, Some(stop)) if *stop == error.error => String::new(),
            _ => error.to_string(),
        }
    }

    /// Writes to the journal, and creates nothing more when that fails.
    pub(super) fn note(&mut self, journal: &mut Journal<'_>, records: Vec<Record>) -> bool {
        let error = journal.append(records).err();
        let noted = error.is_none();
        self.unnoted = self.unnoted.take().or(error);
        noted
    }

    /// Takes note of a look that failed, and gives the reason in a few words.
    pub(super) fn unread(&mut self, error: ForgeError) -> String {
        let why = error.to_string();
        if error.stops_everything() {
            self.stop.get_or_insert(error);
            return String::new();
        }
        why
    }

    /// Notes that something of an issue was not sent.
    pub(super) fn not_sent(&mut self, number: u64, keys: &[EntryKey], what: &str, reason: &str) {
        let verb = if reason == LOST { "not confirmed" } else { "not sent" };
        let what = if self.reached.contains(&number) { format!("{what} {verb}") } else { verb.to_owned() };
        self.fail(keys, &what, reason);
    }

    /// Notes a failure, once for each entry and reason.
    pub(super) fn fail(&mut self, keys: &[EntryKey], what: &str, reason: &str) {
        let why = if reason.is_empty() { what.to_owned() } else { format!("{what}: {reason}") };
        let failure = (keys.to_vec(), why);
        if !self.failed.contains(&failure) {
            self.failed.push(failure);
        }
    }

    /// Remembers what GitHub refused, so that it is not sent again (rule 14).
    pub(super) fn refuse(&mut self, input: &Input, number: u64, what: String) {
        let (repository, rights) = (input.repository.id, gather::rights(&input.repository));
        self.refusals.push(Record::Refused { repository, number, what, rights });
    }
}

fn unanswered() -> WriteError {
    let error = ForgeError::Unreadable { what: "a write".to_owned(), reason: "no answer".to_owned() };
    WriteError { error, certainty: Certainty::Doubtful }
}

fn make_labels(changes: &[Change], forge: &mut dyn ForgeWrite, carried: &mut Carried) {
    let labels = changes.iter().filter_map(|c| match c {
        Change::CreateLabel(label) => Some(label),
        _ => None,
    });
    for CreateLabel { label, color, description } in labels {
        let (color, description) = ((*color).to_owned(), description.clone());
        let write = Write::CreateLabel { label: label.clone(), color, description };
        // Setting a label that does not exist makes it, so this failure alone is no reason
        // to hold anything back.
        if let Err(error) = carried.send(forge, &write)
            && carried.stop.is_none()
        {
            carried.fail(&[], &format!("label {} not made", Untrusted(label.name())), &error.to_string());
        }
    }
}

/// Whether an issue still is as it was when the plan was made. Its time counts, too: closed
/// and opened again looks the same, and is not (rule 1).
fn unchanged(input: &Input, number: u64, look: Option<&Look>) -> bool {
    let (Some(Look::Found(now)), Some(seen)) = (look, gather::seen_of(input, number)) else { return false };
    let Look::Found(then) = &seen.look else { return false };
    let labels = gather::label_set(&now.labels) == gather::label_set(&then.labels);
    if sabotaged!(NoLastLook) {
        return true;
    }
    let time = now.updated_at == then.updated_at;
    time && labels && now.state == then.state && now.body == then.body && now.locked == then.locked
}

/// Writes what is not state or labels, each behind a look of its own.
fn write_texts(
    prepared: &Prepared,
    number: u64,
    changes: &mut dyn Iterator<Item = &Change>,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) -> Result<(), SyncError> {
    for change in changes {
        match change {
            Change::EditText(edit) => edit_text(&prepared.input, edit, forge, carried),
            Change::CreateComment(comment) => create::comment(prepared, comment, forge, journal, carried)?,
            Change::CloseDuplicate(end) => race::end(prepared, end, forge, journal, carried),
            _ => {}
        }
    }
    carried.unconfirmed.entry(number).or_default();
    Ok(())
}

/// Whether sending it again would meet the same until something changes that can be seen.
/// Where the repository's rights allow it and GitHub does not, it is the token that lacks
/// something, and a token that is given more looks the same.
pub(super) fn is_refusal(input: &Input, error: &WriteError) -> bool {
    let refused = match error.error {
        ForgeError::Invalid { .. } => true,
        ForgeError::Forbidden { .. } => !input.repository.can_triage,
        _ => false,
    };
    refused && error.certainty == Certainty::Rejected
}

fn edit_text(input: &Input, edit: &EditText, forge: &mut dyn ForgeWrite, carried: &mut Carried) {
    if carried.stop.is_some() {
        return hold_links(carried, edit, String::new());
    }
    let (number, body) = (edit.number, edit.text.after.clone());
    // A text goes whole, so that what somebody wrote since the look would be lost. Nothing is
    // between this look and the write.
    let before = &edit.text.before;
    let (write, what, same) = match edit.comment {
        None => {
            let same = |looks: BTreeMap<u64, Look>| {
                looks.values().any(|l| matches!(l, Look::Found(i) if i.number == number && i.body == *before))
            };
            let look = forge.issues(&BTreeSet::from([number])).map(same);
            (Write::EditBody { number, body }, "its text", look)
        }
        Some(id) => {
            let same = |all: Vec<Comment>| all.iter().any(|c| c.id == id && c.body == *before);
            let look = forge.comments(number).map(same);
            (Write::EditComment { number, id, body }, "gardener's comment", look)
        }
    };
    match same {
        Ok(true) => {}
        Ok(false) => {
            return hold_links(carried, edit, format!("{what} was changed on GitHub just now; run again"));
        }
        Err(error) => {
            let why = carried.unread(error);
            return hold_links(carried, edit, why);
        }
    }
    match carried.send(forge, &write) {
        Ok((_, None)) => {}
        Ok((_, Some(mismatch))) => {
            carried.refuse(input, number, text_refusal(&edit.text.after));
            hold_links(carried, edit, mismatch_words(&mismatch));
        }
        Err(error) => {
            if is_refusal(input, &error) {
                carried.refuse(input, number, text_refusal(&edit.text.after));
            }
            let reason = carried.reason(&error);
            hold_links(carried, edit, reason);
        }
    }
}

fn hold_links(carried: &mut Carried, edit: &EditText, why: String) {
    carried.unconfirmed.entry(edit.number).or_default().insert(Field::Links);
    carried.untold.extend(edit.keys.iter().cloned());
    carried.not_sent(edit.number, &edit.keys, "links", &why);
}

pub(super) fn mismatch_words(mismatch: &Mismatch) -> String {
    let names = |labels: &Labels| {
        labels.iter().map(|l| Untrusted(l.name()).to_string()).collect::<Vec<_>>().join(", ")
    };
    match mismatch {
        Mismatch::LabelsMissing(labels) => {
            format!("GitHub did not take the label {}; the token may not set labels here", names(labels))
        }
        Mismatch::LabelStays(label) => {
            format!("GitHub did not take off the label {}", Untrusted(label.name()))
        }
        Mismatch::State(state) => format!("GitHub did not take the status; it is {}", state_word(state)),
        Mismatch::Text => "GitHub did not take the text; it may be too long".to_owned(),
        Mismatch::Other => "GitHub answered about something else".to_owned(),
    }
}

fn state_word(state: &State) -> String {
    match state {
        State::Open => "open".to_owned(),
        State::Completed => "completed".to_owned(),
        State::NotPlanned => "not-planned".to_owned(),
        State::Duplicate => "duplicate".to_owned(),
        State::Unknown(word) => Untrusted(word).to_string(),
    }
}

fn keys_of(change: &Change) -> Vec<EntryKey> {
    match change {
        Change::UpdateIssue(c) => c.keys.clone(),
        Change::CreateComment(c) => c.keys.clone(),
        Change::CloseDuplicate(c) => c.keys.clone(),
        Change::EditText(c) => c.keys.clone(),
        Change::CreateIssue(c) => c.keys.clone(),
        Change::CreateLabel(_) | Change::EditWorklog(_) | Change::RecordBase(_) => Vec::new(),
    }
}

/// What was not reached is not confirmed.
fn hold_rest(prepared: &Prepared, carried: &mut Carried) {
    for number in prepared.plan.numbers_to_write() {
        if !carried.unconfirmed.contains_key(&number) {
            let changes = prepared.plan.changes.iter().filter(|c| c.number() == Some(number));
            carried.hold(number, changes.flat_map(keys_of).collect(), "not sent".to_owned());
        }
    }
}
