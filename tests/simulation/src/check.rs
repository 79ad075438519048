//! The oracles that watch a sync at work: each write to GitHub and each new text of a
//! worklog is compared with what people did, at the moment it happens.

use std::collections::BTreeMap;

use gardener::model::Timestamp;
use github_stand_in::{GitHub, Request, Response, What};
use serde_json::Value;

use crate::hand::{self, NONE, View};
use crate::known::{Edits, Knowledge, Known, Slot};
use crate::taken_back;
use crate::world::{Doc, LABELS, Remote, SEVERITIES, World, worklog_id};

/// One entry as it was when the sync began.
struct Sender {
    path: String,
    entry: String,
    key: String,
    view: View,
    known: Known,
    /// Whether the worklog as a whole has the label.
    worklog_labels: Vec<String>,
}

/// Lets GitHub answer a request, and judges what it changed.
pub(crate) fn apply(
    world: &mut World,
    clone: usize,
    request: &Request,
    handle: impl FnOnce(&mut GitHub, &Request) -> Response,
) -> Response {
    let number = number_of(&request.path);
    if is_mutation(request) {
        return apply_many(world, clone, request, handle);
    }
    if request.method == "GET" || request.path == "/graphql" {
        let response = handle(&mut world.github, request);
        if response.status == 200 {
            let one = number.filter(|_| !request.path.ends_with("/comments"));
            for number in one.into_iter().chain(asked(&request.body)) {
                let now = world.last(number);
                world.clones[clone].sync.looked.entry(number).or_default().push(now);
            }
        }
        return response;
    }
    let before = number.map(|n| world.view(n));
    let (facts, comments) = (facts(world, number), comments(world));
    let response = handle(&mut world.github, request);
    let done = (200..300).contains(&response.status);
    if done {
        world.clones[clone].sync.writes += 1;
    }
    match (number, before) {
        (Some(number), Some(before)) => {
            written_to(world, clone, number, &before);
            kept_to_itself(world, clone, number, &facts, &comments);
        }
        _ if done && request.path.ends_with("/issues") => {
            let json = response.json();
            if let (Some(number), Some(body)) = (json["number"].as_u64(), json["body"].as_str()) {
                created(world, clone, number, body);
            }
        }
        _ => {}
    }
    response
}

/// Whether a request holds writes for GraphQL.
pub(crate) fn is_mutation(request: &Request) -> bool {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    request.path == "/graphql" && body["query"].as_str().is_some_and(|query| query.starts_with("mutation"))
}

/// Lets GitHub answer a request with several writes, and judges all that it changed.
fn apply_many(
    world: &mut World,
    clone: usize,
    request: &Request,
    handle: impl FnOnce(&mut GitHub, &Request) -> Response,
) -> Response {
    let numbers = world.github.issue_numbers(&world.name);
    let before: BTreeMap<u64, (Remote, Option<(String, String)>)> =
        numbers.iter().map(|n| (*n, (world.view(*n), facts(world, Some(*n))))).collect();
    let (comments, pulls) = (comments(world), pulls(world));
    let response = handle(&mut world.github, request);
    if pulls != self::pulls(world) {
        world.blame("a pull request was written to among others".to_owned());
    }
    for number in world.github.issue_numbers(&world.name) {
        match before.get(&number) {
            None => {
                world.clones[clone].sync.writes += 1;
                let body = facts(world, Some(number)).map(|(_, body)| body);
                created(world, clone, number, &body.unwrap_or_default());
            }
            Some((view, facts)) if world.view(number) != *view => {
                world.clones[clone].sync.writes += 1;
                written_to(world, clone, number, view);
                kept_to_itself(world, clone, number, facts, &comments);
            }
            Some((_, facts)) => {
                if *facts != self::facts(world, Some(number)) {
                    world.blame(format!("the text of #{number} was changed among others"));
                }
            }
        }
    }
    response
}

/// Judges what a write did to an issue.
fn written_to(world: &mut World, clone: usize, number: u64, before: &Remote) {
    let after = world.view(number);
    if world.clones[clone].sync.undoing {
        taken_back::judge(world, clone, number, before, &after);
    } else {
        // What came between the look and the write can't be known.
        let before_it = last_look(world, clone, number).cloned().unwrap_or_else(|| world.last(number));
        changed(world, clone, number, before, &after);
        taken_back::note(world, clone, number, before_it);
    }
}

/// The number in `/repos/o/r/issues/5/labels` and the like.
fn number_of(path: &str) -> Option<u64> {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().position(|p| *p == "issues")?;
    parts.get(at + 1)?.parse().ok()
}

/// The issues that a GraphQL question asks for.
fn asked(body: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(body);
    let numbers = text.split("issue(number:").skip(1);
    numbers.filter_map(|rest| rest.split(')').next()?.parse().ok()).collect()
}

fn facts(world: &World, number: Option<u64>) -> Option<(String, String)> {
    let issue = world.github.issue(&world.name, number?)?;
    Some((issue.facts.title.clone(), issue.facts.body.clone().unwrap_or_default()))
}

fn comments(world: &World) -> Vec<(u64, String, String)> {
    let repo = world.github.repo(&world.name).expect("the repository");
    let others = repo.comments.values().filter(|c| c.author != "ann");
    others.map(|c| (c.id, c.author.clone(), c.body.clone())).collect()
}

/// All that there is of pull requests.
fn pulls(world: &World) -> String {
    let repo = world.github.repo(&world.name).expect("the repository");
    let pulls: Vec<_> = repo.issues.values().filter(|issue| issue.pull).collect();
    format!("{pulls:?}")
}

fn senders(world: &World, clone: usize) -> Vec<Sender> {
    let mut all = Vec::new();
    for (path, doc) in &world.clones[clone].sync.start {
        let worklog_labels = worklog_labels(&doc.text);
        for id in hand::entries(&doc.text) {
            let Some(view) = hand::view(&doc.text, &id) else { continue };
            let known = doc.known.get(&id).cloned().unwrap_or_default();
            let key = format!("{}/{id}", worklog_id(path));
            all.push(Sender {
                path: path.clone(),
                entry: id.clone(),
                key,
                view,
                known,
                worklog_labels: worklog_labels.clone(),
            });
        }
    }
    all
}

fn worklog_labels(text: &str) -> Vec<String> {
    let line = text.lines().find_map(|l| l.strip_prefix("labels: ["));
    let list = line.and_then(|l| l.strip_suffix(']')).unwrap_or_default();
    list.split(", ").map(str::to_owned).filter(|l| !l.is_empty()).collect()
}

/// Those entries that are about an issue.
fn about(world: &World, clone: usize, number: u64) -> Vec<Sender> {
    let made = world.made.get(&number);
    let mut all = senders(world, clone);
    all.retain(|s| s.view.issue == Some(number) || (s.view.issue.is_none() && made == Some(&s.key)));
    all
}

/// A new issue: the only one for its entry, and its values come from the worklog.
fn created(world: &mut World, clone: usize, number: u64, body: &str) {
    let marker = body.lines().find_map(|l| l.trim().strip_prefix("<!-- gardener:issue 1 "));
    let key = marker.and_then(|m| m.split(' ').next()).unwrap_or_default().to_owned();
    let Some(sender) = senders(world, clone).into_iter().find(|s| s.key == key) else {
        return world.blame(format!("#{number} was filed for {key:?}, which is no entry"));
    };
    if sender.view.issue.is_some() || sender.view.base.is_some() {
        world.blame(format!("#{number} was filed for {key}, which has an issue or had one"));
    }
    let twins: Vec<u64> = world.made.iter().filter(|(_, k)| **k == key).map(|(n, _)| *n).collect();
    world.made.insert(number, key.clone());
    world.made_by.insert(number, clone);
    if !twins.is_empty() && world.clones.len() == 1 {
        world.blame(format!("#{number} was filed for {key}, which has {twins:?} already"));
    }
    // Without the rights for it labels are dropped in silence.
    let is = world.view(number);
    let came = sender.known.now.iter().filter(|(slot, _)| is.agrees(**slot, &sender.view));
    let besides: Vec<(Slot, Edits)> = came.map(|(s, e)| (*s, *e)).collect();
    world.note_issue(number, &besides);
    world.tell(|| format!("    made #{number} for {key}"));
}

/// What a write changed is what an entry says, and overrules nothing that it does not know.
fn changed(world: &mut World, clone: usize, number: u64, before: &Remote, after: &Remote) {
    let senders = about(world, clone, number);
    // The loser of a race takes what its twin has.
    let is_made = world.made.contains_key(&number);
    if senders.is_empty() && !is_made {
        return world.blame(format!("#{number} was written to, and no entry names it"));
    }
    let is_race = is_made && {
        let key = world.made[&number].clone();
        world.made.values().filter(|k| **k == key).count() > 1
    };
    let mut besides: Vec<(Slot, Edits)> = Vec::new();
    let mut judge =
        |world: &mut World, slot: Slot, what: String, says: &dyn Fn(&Sender) -> bool, add: bool| {
            let fitting: Vec<&Sender> = senders.iter().filter(|s| says(s)).collect();
            for sender in &fitting {
                besides.push((slot, sender.known.of(slot)));
                let value = (sender.path.clone(), sender.entry.clone(), slot);
                world.clones[clone].sent.insert(value);
            }
            if fitting.is_empty() {
                if !is_race {
                    world.blame(format!("#{number}: {what}, which no entry says"));
                }
                return;
            }
            if add || is_race || world.clones[clone].sync.preferred {
                return;
            }
            // What came after the last look can't be known: GitHub has no write with a condition.
            let mut seen = last_look(world, clone, number).map_or(0, |then| then.of(slot));
            if let Slot::Label(label) = slot {
                // Who took it off, too, loses nothing.
                seen &= !world.taken_off.get(label).copied().unwrap_or(0);
                // GitHub's times are whole seconds: what was put on in the second of a base can't be told
                // from what was there before it. That limit is known, and left out here.
                let at = put_on(world, number, label);
                let in_base = |s: &&Sender| seen_in(world, clone, &s.path, &s.entry) == at;
                if at.is_some() && fitting.iter().any(in_base) {
                    return;
                }
            }
            if !fitting.iter().any(|s| seen & !s.known.of(slot) == 0) {
                let missing = seen & !fitting[0].known.of(slot);
                world.blame(format!("#{number}: {what} overrules the edits {} unseen", words(missing)));
            }
        };
    if before.status != after.status || before.is_marked != after.is_marked {
        let closed = |s: &str| !matches!(s, "open" | "in-progress");
        if closed(&before.status) != closed(&after.status)
            || (closed(&after.status) && before.status != after.status)
        {
            let to = after.status.clone();
            let fits = |s: &Sender| match s.view.status.as_deref() {
                Some(status) if closed(&to) => status == to,
                Some(status) => !closed(status),
                None => false,
            };
            judge(world, Slot::Status, format!("status {} to {to}", before.status), &fits, false);
        } else if before.is_marked != after.is_marked {
            let marked = after.is_marked;
            // Closed beats the label, so that it goes or stays with the status.
            let fits = |s: &Sender| s.view.status.as_deref().is_some_and(|w| (w == "in-progress") == marked);
            judge(world, Slot::Status, format!("in-progress set {marked}"), &fits, false);
        }
    }
    for severity in SEVERITIES {
        let (was, is) = (before.severity.contains(severity), after.severity.contains(severity));
        if !was && is {
            let fits = |s: &Sender| s.view.severity.as_deref() == Some(severity);
            // At a first link an issue that has none takes the entry's (rule 15).
            let first =
                before.severity.is_empty() && senders.iter().any(|s| fits(s) && s.view.base.is_none());
            judge(world, Slot::Severity, format!("severity {severity} set"), &fits, first);
        }
        // What somebody did between the last look and the write can't be known.
        let look = last_look(world, clone, number);
        let raced = look.is_some_and(|look| {
            let unseen = world.last(number).of(Slot::Severity) & !look.of(Slot::Severity);
            senders.iter().fold(unseen, |left, s| left & !s.known.of(Slot::Severity)) != 0
        });
        if was && !is && after.severity.is_empty() && !raced {
            let fits = |s: &Sender| s.view.severity.as_deref() == Some(NONE);
            judge(world, Slot::Severity, format!("severity {severity} taken off"), &fits, false);
        }
    }
    for label in LABELS {
        let (was, is) = (before.labels.contains(label), after.labels.contains(label));
        let slot = Slot::Label(label);
        if !was && is {
            let own = |s: &Sender| s.view.labels.as_ref().is_some_and(|l| l.contains(label));
            let once = |s: &Sender| s.worklog_labels.iter().any(|l| l == label);
            judge(world, slot, format!("label {label} put on"), &|s| own(s) || once(s), true);
            // A worklog's label is put on once for each entry, and is in its base from then on.
            let in_base = |s: &Sender| {
                let base = s.view.base.as_ref().filter(|b| b.issue == number);
                base.and_then(|b| b.labels.as_ref()).is_some_and(|l| l.contains(label))
            };
            let (owners, all) = (senders.iter().any(own), senders.iter().filter(|s| once(s)));
            if !owners && all.clone().count() > 0 && all.clone().all(in_base) {
                world.blame(format!("#{number}: the worklog's label {label} was put on again"));
            }
        }
        if was && !is {
            let fits = |s: &Sender| s.view.labels.as_ref().is_some_and(|l| !l.contains(label));
            judge(world, slot, format!("label {label} taken off"), &fits, false);
        }
    }
    world.note_issue(number, &besides);
}

/// When a label was put on an issue last.
fn put_on(world: &World, number: u64, label: &str) -> Option<i64> {
    let issue = world.github.issue(&world.name, number)?;
    let is_it = |what: &What| matches!(what, What::Labeled(_, name, _) if name == label);
    issue.events.iter().rev().find(|event| is_it(&event.what)).map(|event| event.at)
}

/// The time of an entry's base in the text that a sync is about.
fn seen_in(world: &World, clone: usize, path: &str, entry: &str) -> Option<i64> {
    let text = &world.clones[clone].sync.start.get(path)?.text;
    hand::seen(text, entry)?.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// Nothing but gardener's own texts is touched: no title, no other's text or comment, no
/// pull request, no issue that no entry names.
fn kept_to_itself(
    world: &mut World,
    clone: usize,
    number: u64,
    facts: &Option<(String, String)>,
    comments: &[(u64, String, String)],
) {
    let is_pull = world.github.issue(&world.name, number).is_some_and(|i| i.pull);
    if is_pull {
        world.blame(format!("#{number} is a pull request and was written to"));
    }
    let is_named = !about(world, clone, number).is_empty() || world.made.contains_key(&number);
    if !is_named {
        world.blame(format!("#{number} was written to, and nobody names it"));
    }
    let now = self::facts(world, Some(number));
    if let (Some((title, body)), Some((title_now, body_now))) = (facts, now) {
        let prose = |b: &str| b.split("<!-- gardener:block").next().unwrap_or_default().trim_end().to_owned();
        let kept = if world.made.contains_key(&number) {
            prose(body) == prose(&body_now)
        } else {
            *body == body_now
        };
        if *title != title_now || !kept {
            world.blame(format!("the text of #{number} was changed: {body:?} to {body_now:?}"));
        }
    }
    let gone = comments.iter().any(|(id, author, text)| {
        let repo = world.github.repo(&world.name).expect("the repository");
        repo.comments.get(id).is_none_or(|c| c.author != *author || c.body != *text)
    });
    if gone {
        world.blame(format!("somebody's comment on #{number} was changed"));
    }
}

/// A new text of a worklog: every value in it comes from GitHub and overrules nothing here
/// that GitHub does not know; the rest is as it was. Gives what the new text knows.
pub(crate) fn written(world: &mut World, clone: usize, path: &str, before: &Doc, after: &str) -> Knowledge {
    let mut known = before.known.clone();
    let repeated = worklog_labels(after);
    if hand::skeleton(&before.text) != hand::skeleton(after) {
        world.blame(format!("{path}: more than values changed:\n{}\nbecame\n{after}", before.text));
    }
    for id in hand::entries(after) {
        let (Some(was), Some(is)) = (hand::view(&before.text, &id), hand::view(after, &id)) else { continue };
        let number = is.issue.or(was.issue);
        let Some(number) = number else { continue };
        let entry = known.entry(id.clone()).or_default();
        let key = format!("{}/{id}", worklog_id(path));
        if was.issue != is.issue {
            linked(world, path, &key, &was, &is);
        }
        let mut wrong = Vec::new();
        for slot in slots() {
            let (old, new) = (value(slot, &was), value(slot, &is));
            // What the worklog says once is not repeated in a list that is written anew.
            let once = matches!(slot, Slot::Label(l) if repeated.iter().any(|r| r == l));
            let gone = slot == Slot::Severity && old.is_some() && new.is_none();
            let new = if gone { Some(NONE.to_owned()) } else { new };
            // No severity is said by no key: nothing was written for it.
            let silent = old.is_none() && new.as_deref() == Some(NONE);
            if old == new || silent || (once && old.is_none()) {
                continue;
            }
            let Some(new) = new else {
                wrong.push(format!("{path}: {id} lost its {slot:?}"));
                continue;
            };
            // A first link that says what GitHub says is agreed by that, whatever comes next; and so is
            // one that says what this clone itself filed.
            let looked = world.clones[clone].sync.looked.get(&number);
            let is_first = was.base.as_ref().is_none_or(|b| b.issue != number);
            let filed = world.filed(&key, clone);
            let looked = looked.into_iter().flatten().chain(&filed);
            let came_true = is_first && looked.into_iter().any(|then| then.agrees(slot, &was));
            let mine = if old.is_some() && !came_true { entry.of(slot) } else { 0 };
            let states = world.states(number).into_iter().rev();
            let states: Vec<&Remote> = states.filter(|r| r.agrees(slot, &is)).collect();
            let undoing = world.clones[clone].sync.undoing;
            let free = undoing
                || world.clones[clone].sync.preferred
                || matches!((slot, new.as_str()), (Slot::Label(_), "yes"));
            let twins = world.of_twins(number, slot);
            let from = states.iter().find(|r| free || mine & !(r.of(slot) | twins) == 0);
            match from {
                Some(state) => {
                    let edits = state.of(slot) | if free { mine } else { 0 };
                    entry.now.insert(slot, edits);
                }
                // A list that is written anew lacks what another entry takes off just now.
                None if states.is_empty() && old.is_none() && taken_off(world, clone, number, slot)
                    || taken_off_in(after, number, slot) => {}
                // It is what the text said before, and was nowhere else.
                None if undoing => {}
                None if states.is_empty() => {
                    wrong.push(format!("{path}: {id} got {slot:?} {new}, which #{number} never was"));
                }
                None => {
                    let lost = mine & !states[0].of(slot);
                    wrong.push(format!(
                        "{path}: {id} {slot:?} {old:?} to {new} loses the edits {}",
                        words(lost)
                    ));
                }
            }
        }
        if !wrong.is_empty() {
            let journal = world.clones[clone].files.text(std::path::Path::new("/git/gardener/journal"));
            world.tell(|| {
                format!(
                    "    from\n{}\n    to\n{after}\n    journal\n{}",
                    before.text,
                    journal.unwrap_or_default()
                )
            });
        }
        wrong.into_iter().for_each(|what| world.blame(what));
        let slots = agreed(world, number, &was, &is, entry);
        let sent = &mut world.clones[clone].sent;
        sent.retain(|(p, e, slot)| p != path || *e != id || !slots.contains(slot));
    }
    known
}

/// A number that gardener wrote is that of an issue with the entry's marker, made by it.
fn linked(world: &mut World, path: &str, key: &str, was: &View, is: &View) {
    let made = is.issue.and_then(|n| world.made.get(&n)).cloned();
    if made.as_deref() != Some(key) {
        world.blame(format!("{path}: {key} was linked {:?} to {:?}, made for {made:?}", was.issue, is.issue));
    }
}

/// Where the base has the value that the text has, or the text has no opinion, both sides know
/// of each other. Gives the values that are agreed.
fn agreed(world: &World, number: u64, was: &View, is: &View, entry: &mut Known) -> Vec<Slot> {
    let Some(base) = is.base.as_ref().filter(|b| b.issue == number) else { return Vec::new() };
    if was.base.as_ref() == Some(base) && was == is {
        return Vec::new();
    }
    let based = base.as_view();
    let mut all = Vec::new();
    for slot in slots() {
        let (Some(value), mine) = (value(slot, &based), value(slot, is)) else { continue };
        let mut states = world.states(number).into_iter().rev();
        let Some(edits) = states.find(|r| r.agrees(slot, &based)).map(|r| r.of(slot)) else { continue };
        if mine.is_some_and(|mine| mine != value) {
            // Somebody is at another value, and would be back at this one.
            entry.opposes(slot, edits);
            continue;
        }
        // An edit that says what GitHub says anyway has come true, and is settled by that.
        entry.agree(slot, edits);
        all.push(slot);
    }
    all
}

/// Every value that is kept equal.
pub(crate) fn slots() -> impl Iterator<Item = Slot> {
    [Slot::Status, Slot::Severity].into_iter().chain(LABELS.into_iter().map(Slot::Label))
}

/// A value of an entry in words; nothing where it has no opinion.
pub(crate) fn value(slot: Slot, view: &View) -> Option<String> {
    match slot {
        Slot::Status => view.status.clone(),
        // No key is how a severity is said to be none.
        Slot::Severity => view
            .severity
            .clone()
            .or_else(|| view.base.as_ref().and_then(|b| b.severity.clone()).filter(|s| s == NONE)),
        Slot::Label(label) => {
            view.labels.as_ref().map(|l| if l.contains(label) { "yes" } else { "no" }.to_owned())
        }
    }
}

/// Whether an entry of an issue wants a label off, in whatever worklog.
fn taken_off(world: &World, clone: usize, number: u64, slot: Slot) -> bool {
    let here = &world.clones[clone];
    here.paths().iter().any(|path| here.doc(path).is_some_and(|doc| taken_off_in(&doc.text, number, slot)))
}

fn taken_off_in(text: &str, number: u64, slot: Slot) -> bool {
    let views = hand::entries(text).into_iter().filter_map(|id| hand::view(text, &id));
    views.filter(|v| v.issue == Some(number)).any(|v| {
        let in_base = v.base.as_ref().and_then(|b| value(slot, &b.as_view()));
        in_base.as_deref() == Some("yes") && value(slot, &v).as_deref() == Some("no")
    })
}

/// An issue as the sync saw it last.
fn last_look(world: &World, clone: usize, number: u64) -> Option<&Remote> {
    world.clones[clone].sync.looked.get(&number)?.last()
}

fn words(edits: Edits) -> String {
    let all: Vec<_> = (0..128).filter(|i| edits & (1 << i) != 0).map(|i: u32| i.to_string()).collect();
    all.join(", ")
}
