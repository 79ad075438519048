//! The end of an issue that was filed in the same moment as another one: a comment that
//! names the one that stays, then the closing, then a note in the journal.
//!
//! Once only, and last of all: nothing is sent here unless everything that the plan wants of
//! the winner is confirmed and the winner is still there. The comment is sent by the create
//! protocol. A run that dies in between is continued by the next one, which reads on GitHub
//! how far it came.

use std::collections::BTreeSet;

use crate::block::{DuplicateMarker, IssueMarker};
use crate::forge::{Certainty, ForgeWrite};
use crate::journal::{Journal, Record};
use crate::model::{Comment, Look, State};
use crate::plan::{CloseDuplicate, Echo, Mismatch, Standing, StateChange, Write, standing};
use crate::sync::Prepared;
use crate::sync::carry::{Carried, is_refusal, mismatch_words};
use crate::sync::create::{drop_intents, record_made};

/// Sends the end of one loser.
pub(super) fn end(
    prepared: &Prepared,
    end: &CloseDuplicate,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) {
    let what = format!("#{} not closed as its duplicate", end.number);
    let merged = carried.unconfirmed.get(&end.winner).is_none_or(BTreeSet::is_empty);
    if !merged || carried.stop.is_some() || carried.unnoted.is_some() {
        return carried.fail(&end.keys, &what, "");
    }
    match forge.issues(&BTreeSet::from([end.winner])) {
        Ok(looks) => {
            let stays = looks.values().any(|look| match look {
                Look::Found(issue) => IssueMarker::read(&issue.body).is_some_and(|m| m.key == end.keys[0]),
                _ => false,
            });
            if !stays {
                let why = format!("#{} changed on GitHub just now; run again", end.winner);
                return carried.fail(&end.keys, &what, &why);
            }
        }
        Err(error) => {
            let why = carried.unread(error);
            return carried.fail(&end.keys, &what, &why);
        }
    }
    if let Some(body) = &end.comment
        && let Err(why) = comment(prepared, end, body, forge, journal, carried)
    {
        return carried.fail(&end.keys, &what, &why);
    }
    if end.close
        && let Err(why) = close(prepared, end, forge, carried)
    {
        return carried.fail(&end.keys, &what, &why);
    }
    let repository = prepared.input.repository.id;
    carried.note(journal, vec![Record::Settled { repository, number: end.number }]);
}

/// Remembers the ends that other clones have sent, so that they need not be read again.
pub(super) fn remember(prepared: &Prepared, journal: &mut Journal<'_>, carried: &mut Carried) {
    let input = &prepared.input;
    let known = journal.settled(input.repository.id);
    let over = input
        .losers
        .keys()
        .filter(|n| !known.contains(n) && !matches!(standing(input, **n), Standing::Due { .. }));
    let repository = input.repository.id;
    let records = over.map(|number| Record::Settled { repository, number: *number }).collect();
    carried.note(journal, records);
}

fn comment(
    prepared: &Prepared,
    end: &CloseDuplicate,
    body: &str,
    forge: &mut dyn ForgeWrite,
    journal: &mut Journal<'_>,
    carried: &mut Carried,
) -> Result<(), String> {
    let id = journal.next_id();
    let at = forge.now().unwrap_or(prepared.input.now);
    let keys = end.keys.iter().map(ToString::to_string).collect();
    let repository = prepared.input.repository.id;
    let intent = Record::Intent { id, repository, keys, comment_on: Some(end.number), at };
    if !carried.note(journal, vec![intent]) {
        return Err(String::new());
    }
    let told = |comments: &[Comment]| {
        let mut trusted = comments.iter().filter(|c| prepared.input.trusts(&c.author));
        trusted.find(|c| DuplicateMarker::read(&c.body).is_some()).map(|c| c.id)
    };
    match forge.comments(end.number) {
        Ok(comments) => {
            if let Some(there) = told(&comments) {
                record_made(journal, id, there, &end.keys, carried);
                return Ok(());
            }
        }
        Err(error) => {
            drop_intents(journal, std::iter::once(id), carried);
            return Err(carried.unread(error));
        }
    }
    match carried.send(forge, &Write::CreateComment { number: end.number, body: body.to_owned() }) {
        Ok((Echo::Comment(comment), mismatch)) => {
            record_made(journal, id, comment.id, &end.keys, carried);
            mismatch.map_or(Ok(()), |m| Err(mismatch_words(&m)))
        }
        Ok(_) => Err("GitHub answered about something else".to_owned()),
        Err(error) if error.certainty == Certainty::Doubtful => {
            match forge.comments(end.number).ok().and_then(|c| told(&c)) {
                Some(there) => record_made(journal, id, there, &end.keys, carried),
                None => return Err(carried.reason(&error)),
            }
            Err(carried.reason(&error))
        }
        Err(error) => {
            drop_intents(journal, std::iter::once(id), carried);
            Err(carried.reason(&error))
        }
    }
}

fn close(
    prepared: &Prepared,
    end: &CloseDuplicate,
    forge: &mut dyn ForgeWrite,
    carried: &mut Carried,
) -> Result<(), String> {
    let number = end.number;
    let mut last = String::new();
    // A server that does not know the reason refuses it, or closes without one.
    for to in [StateChange::Duplicate, StateChange::NotPlanned] {
        match carried.send(forge, &Write::SetState { number, to }) {
            Ok((_, None)) => return Ok(()),
            Ok((_, Some(Mismatch::State(state)))) if state != State::Open => return Ok(()),
            Ok((_, Some(mismatch))) => last = mismatch_words(&mismatch),
            Err(error) if is_refusal(&prepared.input, &error) => last = carried.reason(&error),
            Err(error) => return Err(carried.reason(&error)),
        }
    }
    carried.refuse(&prepared.input, number, "status open to duplicate".to_owned());
    Err(last)
}
