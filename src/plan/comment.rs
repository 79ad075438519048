//! gardener's own texts on an existing issue: the managed block and the comments that
//! tell of new occurrences.
//!
//! On an issue that gardener made the block is in the issue's text; on anybody else's it
//! is in gardener's own comment, and their text is never edited. A new occurrence is told
//! in a comment, at most one every few days, edited in between (DESIGN section 3).

use std::collections::BTreeSet;

use crate::block::{Block, Found, IssueMarker, comment_markers};
use crate::merge::{Diff, LinksThere, MergedIssue, Note};
use crate::model::{Comment, EntryKey, Links, RemoteIssue, Timestamp};
use crate::plan::filing::hold;
use crate::plan::input::GRACE_SECONDS;
use crate::plan::{Change, CreateComment, Draft, EditText, Input, LocalEntry, Why, linked, text};

/// Where an issue's block is and what was told already.
pub(super) struct Texts<'a> {
    place: Place<'a>,
    /// Comments by authors whose markers count; `None` when nobody looked.
    comments: Option<Vec<&'a Comment>>,
}

enum Place<'a> {
    /// In the text of an issue that gardener made.
    Body(Found),
    /// In this comment.
    Comment(&'a Comment, Found),
    /// Nowhere yet.
    Nowhere,
    /// Nobody looked.
    NotRead,
}

impl<'a> Texts<'a> {
    /// Finds block and comments. The lowest comment that counts holds the block (rule 6).
    pub(super) fn read(input: &Input, issue: &RemoteIssue, comments: Option<&'a [Comment]>) -> Self {
        let trusted = comments.map(|all| all.iter().filter(|c| input.trusts(&c.author)).collect::<Vec<_>>());
        let place = if input.is_ours(issue) {
            Place::Body(Found::read(&issue.body))
        } else {
            match &trusted {
                None => Place::NotRead,
                Some(comments) => {
                    let found = comments.iter().map(|c| (*c, Found::read(&c.body)));
                    let mut holding: Vec<_> = found.filter(|(_, f)| *f != Found::Nothing).collect();
                    holding.sort_by_key(|(c, _)| c.id);
                    holding.into_iter().next().map_or(Place::Nowhere, |(c, f)| Place::Comment(c, f))
                }
            }
        };
        Self { place, comments: trusted }
    }

    /// What the block says of an occurrence. What was agreed on before is listed still where
    /// somebody only wrote its line anew.
    pub(super) fn links(&self, input: &Input, key: &EntryKey, agreed: Option<&Links>) -> LinksThere {
        match &self.place {
            Place::NotRead => LinksThere::NotRead,
            Place::Nowhere | Place::Body(Found::Nothing) | Place::Comment(_, Found::Nothing) => {
                LinksThere::Missing
            }
            Place::Body(Found::Unreadable(_)) | Place::Comment(_, Found::Unreadable(_)) => {
                LinksThere::Unreadable
            }
            Place::Body(Found::Block(block)) | Place::Comment(_, Found::Block(block)) => {
                match block.links(key) {
                    None => LinksThere::Missing,
                    Some(links) => {
                        let mentioned = agreed.into_iter().flatten().filter(|l| block.mentions(key, l));
                        LinksThere::Listed(
                            links.iter().map(|l| input.short(l)).chain(mentioned.cloned()).collect(),
                        )
                    }
                }
            }
        }
    }

    /// Whether an occurrence was told of: in a comment, or in the block.
    fn was_told(&self, input: &Input, key: &EntryKey) -> bool {
        let in_comment = |c: &&Comment| comment_markers(&c.body).iter().any(|m| m.key == *key);
        let listed = matches!(self.links(input, key, None), LinksThere::Listed(_));
        (listed || self.comments.iter().flatten().any(in_comment)) && !sabotaged!(CommentAgain)
    }
}

/// Texts of an issue that look like gardener's and are by people who have no say, where they
/// were not named before.
pub(super) fn forged(input: &Input, issue: &RemoteIssue, comments: Option<&[Comment]>) -> Vec<Note> {
    // Before comments are read nobody knows whose the token is.
    let Some(comments) = comments else { return Vec::new() };
    let looks_ours = |text: &str| {
        let marked = IssueMarker::read(text).is_some() || !comment_markers(text).is_empty();
        marked || Found::read(text) != Found::Nothing
    };
    let text = std::iter::once((None, &issue.author, &issue.body));
    let all = text.chain(comments.iter().map(|c| (Some(c.id), &c.author, &c.body)));
    all.filter(|(comment, author, text)| {
        let is_said = comment.is_none() && input.forged.contains_key(&issue.number);
        let is_new = !is_said && !input.told.contains(&(issue.number, comment.unwrap_or(0)));
        is_new && input.is_stranger(author) && looks_ours(text)
    })
    .map(|(comment, author, _)| Note::Forged { comment, by: author.login.clone() })
    .collect()
}

/// What becomes of an issue's texts.
pub(super) struct Told {
    /// The occurrences whose base may be recorded: all but those whose comment is still to
    /// come.
    pub(super) keys: BTreeSet<EntryKey>,
    /// Whether the links of the block are not sent now, so that they are not agreed on.
    pub(super) without_links: bool,
}

/// Plans block and comments of one issue.
pub(super) fn plan_texts(
    input: &Input,
    issue: &RemoteIssue,
    entries: &[&LocalEntry],
    merged: &MergedIssue,
    texts: Texts,
    draft: &mut Draft,
) -> Told {
    let number = issue.number;
    let keys = entries.iter().map(|e| e.key.clone()).collect();
    let mut told = Told { keys, without_links: false };
    // What was imported happened long ago.
    let is_new = |e: &&&LocalEntry| {
        !e.imported && input.base_for(e, number).is_none() && !texts.was_told(input, &e.key)
    };
    let mut news: Vec<&LocalEntry> = entries.iter().filter(is_new).copied().collect();
    // Nor is a block made of it that would say nothing.
    let is_silent = |key: &EntryKey, links: &Links| {
        let is_missing = || matches!(texts.links(input, key, None), LinksThere::Missing);
        links.is_empty() && entries.iter().any(|e| e.imported && e.key == *key) && is_missing()
    };
    let listed = merged.occurrences.iter().filter_map(|o| Some((&o.key, o.listed.as_ref()?)));
    let listed: Vec<_> = listed.filter(|(key, links)| !is_silent(key, links)).collect();
    let in_body = matches!(texts.place, Place::Body(_)) && !listed.is_empty();
    if news.is_empty() && listed.is_empty() {
        return told;
    }
    if input.repository.archived {
        hold(draft, entries[0], Some(number), Why::Closed(linked::ARCHIVED));
        told.keys.retain(|k| news.iter().all(|e| e.key != *k));
        told.without_links = true;
        return told;
    }
    if linked::is_locked(issue) && (!news.is_empty() || !in_body) {
        // A locked conversation takes no comment, and its other fields go on.
        let waiting = !in_body && listed.iter().any(|(_, links)| !links.is_empty());
        let why = if waiting { Why::LockedLinks } else { Why::Locked };
        hold(draft, entries[0], Some(number), why);
        if !in_body {
            told.without_links = true;
            return told;
        }
        news.clear();
    }
    if let Some(until) = pending(input, number, &news) {
        for entry in &news {
            hold(draft, entry, Some(number), Why::Pending(until));
            told.keys.remove(&entry.key);
        }
        told.without_links = true;
        return told;
    }
    let lines = |mut block: Block| {
        for (key, links) in &listed {
            let path = entries.iter().find(|e| e.key == **key).map_or("", |e| e.path.as_str());
            block.set(key, path, &links.iter().cloned().collect::<Vec<_>>());
        }
        block
    };
    let mut drafts = Drafts::default();
    let mut new_comment_block = None;
    if !listed.is_empty() {
        match &texts.place {
            Place::Body(Found::Block(block)) => {
                drafts.body = Some(lines(block.clone()).put_into(&issue.body))
            }
            Place::Body(Found::Nothing) => drafts.body = Some(lines(Block::new()).put_into(&issue.body)),
            Place::Comment(comment, Found::Block(block)) if input.may_edit(&comment.author) => {
                drafts.comments.push((*comment, lines(block.clone()).put_into(&comment.body)));
            }
            Place::Comment(_, Found::Block(_)) => {
                hold(draft, entries[0], Some(number), Why::BlockNotOurs);
                told.without_links = true;
            }
            Place::Nowhere => new_comment_block = Some(lines(Block::new())),
            _ => {}
        }
    }
    let recent = recent(input, &texts);
    match (news.is_empty(), recent, new_comment_block) {
        (true, _, None) => {}
        (false, Some(recent), block) => {
            let known = drafts.comments.iter().position(|(c, _)| c.id == recent.id);
            let text = text::comment_text(&news, &|e| input.reason_of(e));
            let before = known.map_or_else(|| recent.body.clone(), |i| drafts.comments.remove(i).1);
            drafts.comments.push((recent, append(&before, &text, block)));
        }
        (_, _, block) => {
            let keys: Vec<_> = match news.is_empty() {
                false => news.iter().map(|e| e.key.clone()).collect(),
                true => vec![listed[0].0.clone()],
            };
            let body = match news.is_empty() {
                true => text::bare_comment(&keys[0]),
                false => text::comment_text(&news, &|e| input.reason_of(e)),
            };
            let has_block = block.is_some();
            let body = block.map_or(body.clone(), |b| b.put_into(&body));
            draft.updates.push(Change::CreateComment(CreateComment { number, keys, body, has_block }));
        }
    }
    let keys: Vec<_> = entries.iter().map(|e| e.key.clone()).collect();
    let body = drafts.body.map(|after| (None, Diff { before: issue.body.clone(), after }));
    let of = |(c, after): (&Comment, String)| (Some(c.id), Diff { before: c.body.clone(), after });
    for (comment, text) in body.into_iter().chain(drafts.comments.into_iter().map(of)) {
        if text.before == text.after {
            continue;
        }
        let refusal = text_refusal(&text.after);
        if input.was_refused(number, &refusal) {
            hold(draft, entries[0], Some(number), Why::Refused(refusal));
            told.without_links = true;
        } else {
            draft.updates.push(Change::EditText(EditText { number, keys: keys.clone(), comment, text }));
        }
    }
    told
}

/// What is remembered of a text that GitHub did not take. Another length may be short enough.
pub(crate) fn text_refusal(text: &str) -> String {
    format!("a text of {} bytes", text.len())
}

#[derive(Default)]
struct Drafts<'a> {
    body: Option<String>,
    comments: Vec<(&'a Comment, String)>,
}

/// A comment on these was begun and its outcome is not known yet.
fn pending(input: &Input, number: u64, news: &[&LocalEntry]) -> Option<Timestamp> {
    let about = |keys: &[EntryKey]| news.iter().any(|e| keys.contains(&e.key));
    let begun = input.intents.iter().filter(|i| i.comment_on == Some(number) && about(&i.keys));
    begun.map(|i| i.at.plus(GRACE_SECONDS)).max().filter(|until| input.now < *until)
}

/// gardener's newest comment here, if it is too new for another one and can be edited.
fn recent<'a>(input: &Input, texts: &Texts<'a>) -> Option<&'a Comment> {
    let comments: Vec<Comment> = texts.comments.iter().flatten().map(|c| (*c).clone()).collect();
    let newest =
        linked::newest_first(&comments).into_iter().find(|c| !comment_markers(&c.body).is_empty())?;
    let since = input.now.plus(-86_400 * i64::from(input.config.sync.comment_days));
    let fits = newest.created_at > since && input.may_edit(&newest.author);
    texts.comments.iter().flatten().find(|c| fits && c.id == newest.id).copied()
}

/// Adds evidence to a comment, above the block where it holds one or gets one.
fn append(before: &str, evidence: &str, block: Option<Block>) -> String {
    if let (Found::Block(_), Some(at)) = (Found::read(before), before.find("<!-- gardener:block ")) {
        return format!("{}\n\n{evidence}\n\n{}", before[..at].trim_end(), &before[at..]);
    }
    let text = format!("{}\n\n{evidence}", before.trim_end());
    block.map_or(text.clone(), |b| b.put_into(&text))
}
