//! Reading both sides: every worklog of the work tree, and of GitHub what they name.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::forge::ForgeRead;
use crate::journal::{Cache, Caches, Journal, Texts};
use crate::model::{Base, EntryId, EntryKey, Label, Labels, Look, Timestamp};
use crate::plan::{Belongs, Change, Input, LocalEntry, OpenIntent, Plan, Refusal, Seen};
use crate::redact::Redactor;
use crate::repo::{File, RepoError, Staged, Unfit, Worktree};
use crate::sync::{Choices, Prepared, Scope, SyncError, bases, closer, look, preferred, pushed};
use crate::worklog::{self, Diagnostic, Parsed, Worklog};

/// A worklog that can be synced.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its path in the repository.
    pub path: String,
    /// The file as it was read.
    pub file: File,
    /// Its values.
    pub worklog: Box<Worklog>,
    /// The text of the work tree, where that is not what is synced: a push is about its commit.
    pub work: Option<Box<Worklog>>,
    /// Things worth mending.
    pub warnings: Vec<Diagnostic>,
}

/// A file that is left alone.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// Its text, for showing lines of it.
    pub text: String,
    /// What is wrong with it. Never empty unless `why` says it all.
    pub diagnostics: Vec<Diagnostic>,
    /// In one line.
    pub why: String,
    /// Whether it is no worklog at all, which is nobody's mistake.
    pub is_foreign: bool,
}

/// Reads every worklog of the work tree. Broken ones are in the second list: they are
/// named and skipped, and the rest goes on.
///
/// # Errors
/// When the folder can't be listed.
pub fn load(worktree: &mut dyn Worktree, config: &Config) -> Result<(Vec<Loaded>, Vec<Skipped>), RepoError> {
    Ok(read_all(worktree.worklogs()?, config))
}

/// Reads the texts of files; two that can't be told apart are skipped both.
pub(super) fn read_all(files: Vec<File>, config: &Config) -> (Vec<Loaded>, Vec<Skipped>) {
    let (mut loaded, mut skipped) = (Vec::new(), Vec::new());
    for file in files {
        match read(file, config) {
            Ok(worklog) => loaded.push(worklog),
            Err(file) => skipped.push(*file),
        }
    }
    let all: Vec<_> = loaded.iter().map(|l: &Loaded| (l.path.as_str(), l.worklog.as_ref())).collect();
    let mut clashing: BTreeMap<usize, Vec<Diagnostic>> = BTreeMap::new();
    for (i, diagnostic) in worklog::clashes(&all) {
        clashing.entry(i).or_default().push(diagnostic);
    }
    for (i, diagnostics) in clashing.into_iter().rev() {
        let Loaded { path, worklog, .. } = loaded.remove(i);
        let why = diagnostics[0].message.clone();
        let text = worklog.text().to_owned();
        skipped.push(Skipped { path, text, diagnostics, why, is_foreign: false });
    }
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    (loaded, skipped)
}

fn read(file: File, config: &Config) -> Result<Loaded, Box<Skipped>> {
    let path = file.path.clone();
    let skip = |text: String, diagnostics: Vec<Diagnostic>, why: String, is_foreign| {
        Err(Box::new(Skipped { path: path.clone(), text, diagnostics, why, is_foreign }))
    };
    let text = match &file.content {
        Ok(text) => text.clone(),
        Err(unfit) => return skip(String::new(), Vec::new(), unfit_words(unfit), false),
    };
    match worklog::parse(&text, &config.labels.vocabulary) {
        Parsed::NotAWorklog(why) => skip(text, Vec::new(), why.to_owned(), true),
        Parsed::Broken(diagnostics) => {
            let why = diagnostics.first().map_or_else(String::new, |d| d.message.clone());
            skip(text, diagnostics, why, false)
        }
        Parsed::Worklog(worklog, warnings) => {
            Ok(Loaded { path: path.clone(), file, worklog, work: None, warnings })
        }
    }
}

fn unfit_words(unfit: &Unfit) -> String {
    match unfit {
        Unfit::Link => "it is a symbolic link; gardener follows none".to_owned(),
        Unfit::NotAFile => "it is not a regular file".to_owned(),
        Unfit::TooLarge => "it is larger than one megabyte".to_owned(),
        Unfit::NotText(at) => format!("it is not UTF-8 (byte {at})"),
        Unfit::Name => "its name is not UTF-8".to_owned(),
        Unfit::Head(why) | Unfit::Unreadable(why) => why.clone(),
    }
}

pub(super) fn gather(
    forge: &mut dyn ForgeRead,
    worktree: &mut dyn Worktree,
    journal: &Journal<'_>,
    caches: &mut Caches<'_>,
    choices: &Choices,
) -> Result<Prepared, SyncError> {
    let (mut loaded, mut skipped) = match &choices.pushing {
        None => load(worktree, &choices.config)?,
        Some(_) => pushed::load(worktree, &choices.config)?,
    };
    let newer = newer(&loaded, &skipped);
    let mut left_out: Vec<Loaded> = Vec::new();
    let changed = match &choices.scope {
        Scope::Branch => worktree.changed_here()?,
        Scope::Given(changed) => changed.clone(),
    };
    if let Some(changed) = changed {
        let (mine, others): (Vec<_>, Vec<_>) = loaded.into_iter().partition(|l| changed.contains(&l.path));
        loaded = mine;
        left_out = others;
        skipped.retain(|s| changed.contains(&s.path));
    }
    let (partly, mut worklogs): (Vec<_>, Vec<_>) =
        loaded.into_iter().partition(|l| matches!(l.file.staged, Staged::Partly | Staged::Unmerged));
    skipped.extend(partly.into_iter().map(partly_staged));
    for file in &mut skipped {
        file.text = choices.redactor.mask(&file.text).into_owned();
    }
    // What they say of issues counts all the same where entries are compared.
    let frozen = worklogs.extract_if(.., |l| l.worklog.header().archived).collect::<Vec<_>>();

    let kept = Cache::read(caches.look).unwrap_or_default();
    if let Some(from) = look::expected(&kept, &worklogs) {
        forge.ahead(from);
    }
    let repository = forge.repository()?;
    let repository_id = repository.id;
    let now = forge.now().unwrap_or(Timestamp::from_second(0));
    let mut cache = kept.of(repository.id);
    let intents = journal.intents(repository.id).map(|i| OpenIntent {
        keys: i.keys.clone(),
        comment_on: i.comment_on,
        at: i.at,
    });
    let rights = rights(&repository);
    let refused = journal.refused(repository.id, &rights).into_iter().filter(|_| !sabotaged!(ForgetRefusals));
    let mut input = Input {
        home: choices.home.clone(),
        entries: entries(&worklogs, worktree, journal, repository.id, choices)
            .into_iter()
            .map(|entry| entry.without_secrets(&choices.redactor))
            .collect(),
        made: journal.made(repository.id),
        losers: BTreeMap::new(),
        settled: journal.settled(repository.id),
        lost: lost(&worklogs, &choices.home, &choices.config),
        newer,
        intents: intents.collect(),
        refused: refused.map(|(number, what)| Refusal { number, what }).collect(),
        repository,
        viewer: None,
        now,
        config: choices.config.clone(),
        seen: BTreeMap::new(),
        markers: BTreeMap::new(),
        fingerprints: BTreeMap::new(),
        likely: BTreeMap::new(),
        broken_rules: Vec::new(),
        forged: BTreeMap::new(),
        told: cache.told.clone(),
        labels: None,
        preferences: Vec::new(),
        template: choices.template.clone(),
    };
    let keys: Vec<EntryKey> = input.entries.iter().map(|e| e.key.clone()).collect();
    for wanted in &choices.preferences {
        input.preferences.push(wanted.resolve(&keys)?);
    }
    // What was sent and has not reached its worklog: only a fresh look shows what came of it.
    let is_open = |e: &&LocalEntry| journal.is_unsettled(repository_id, &e.key);
    let unsettled = input.entries.iter().filter(is_open).filter_map(|e| Some(e.base.as_ref()?.issue.number));
    let unsettled = unsettled.collect();
    // Only where something is to be filed are all issues looked through.
    let mut texts = wants_filing(&input).then(|| Texts::load(caches.texts, repository_id));
    let known = look::Known { cache: &mut cache, texts: &mut texts };
    let others: Vec<&Loaded> = frozen.iter().chain(&left_out).collect();
    look::look(forge, known, &mut input, journal, &unsettled, &others)?;
    closer::look(forge, &mut cache, &mut input)?;
    let mut plan = plan(forge, &mut cache, &mut input, journal, &choices.redactor)?;
    preferred::hold_unasked(&mut plan, &input, &keys, choices);
    let left_out = left_out.into_iter().filter(|l| !l.worklog.header().archived).map(|l| l.path).collect();
    Ok(Prepared { plan, skipped, left_out, worklogs, input, cache, texts, undoes: None })
}

/// How many worklogs a newer gardener wrote, wherever they count: what it does with the same
/// issues is not known here.
fn newer(loaded: &[Loaded], skipped: &[Skipped]) -> usize {
    let is_newer = |found: &[Diagnostic]| found.iter().any(|d| d.code == worklog::NEWER_FORMAT);
    let loaded = loaded.iter().filter(|l| is_newer(&l.warnings)).count();
    loaded + skipped.iter().filter(|s| is_newer(&s.diagnostics)).count()
}

/// How many issues the worklogs named in HEAD and name no more, and how many they named.
fn lost(worklogs: &[Loaded], home: &crate::model::RepoSlug, config: &Config) -> (usize, usize) {
    let numbers = |worklog: &Worklog| -> BTreeSet<_> {
        worklog.entries().iter().filter_map(|e| Some(e.issue.as_ref()?.in_full(home))).collect()
    };
    let (mut were, mut are) = (BTreeSet::new(), BTreeSet::new());
    for loaded in worklogs {
        let now = numbers(&loaded.worklog);
        match loaded.file.head.as_deref() {
            None => {}
            Some(head) if head == loaded.worklog.text() => were.extend(now.clone()),
            Some(head) => {
                if let Parsed::Worklog(worklog, _) = worklog::parse(head, &config.labels.vocabulary) {
                    were.extend(numbers(&worklog));
                }
            }
        }
        are.extend(now);
    }
    (were.difference(&are).count(), were.len())
}

/// What a token may do decides whether a refusal still holds: with other rights it is
/// worth trying again.
pub(super) fn rights(repository: &crate::model::Repository) -> String {
    format!("triage:{},push:{}", repository.can_triage, repository.can_push)
}

fn partly_staged(loaded: Loaded) -> Skipped {
    let why = match loaded.file.staged {
        Staged::Unmerged => "it has unresolved versions from a merge",
        _ => "a part of it is staged; commit or unstage it first",
    };
    let text = loaded.worklog.text().to_owned();
    Skipped { path: loaded.path, text, diagnostics: Vec::new(), why: why.to_owned(), is_foreign: false }
}

/// The entries in a fixed order, each with the base that counts for it.
fn entries(
    worklogs: &[Loaded],
    worktree: &mut dyn Worktree,
    journal: &Journal<'_>,
    repository: u64,
    choices: &Choices,
) -> Vec<LocalEntry> {
    let (home, config) = (&choices.home, &choices.config);
    let orphans = orphans(worklogs);
    let mut all = Vec::new();
    for loaded in worklogs {
        let header = loaded.worklog.header();
        for entry in loaded.worklog.entries() {
            let key = EntryKey { worklog: header.id.clone(), entry: entry.id.clone() };
            let line = loaded.worklog.bases().get(&entry.id).cloned();
            // An entry that moved takes its base along by its id (rule 5).
            let moved = || match orphans.get(&entry.id).map(Vec::as_slice) {
                Some([only])
                    if entry.issue.as_ref().map(|i| i.in_full(home)) == Some(only.issue.in_full(home)) =>
                {
                    Some((*only).clone())
                }
                _ => None,
            };
            let agreement = journal.agreement(repository, &key);
            // A text that has the line of the last agreement got it then, though no note says so.
            let written = agreement.and_then(|a| bases::read_line(a.written.as_deref()?, &entry.id, config));
            let is_there = written.is_some() && written == line;
            let receipt = agreement.and_then(|a| {
                Some(bases::Receipt {
                    base: bases::read_line(&a.line, &entry.id, config)?,
                    has_landed: a.landed || is_there,
                    comes_before: a.commit.as_ref().is_some_and(|commit| worktree.comes_after(commit)),
                    is_answered: false,
                })
            });
            let receipt = receipt.map(|receipt| bases::Receipt {
                is_answered: receipt.comes_before
                    && !receipt.has_landed
                    && !agreement.and_then(|a| a.commit.as_ref()).is_none_or(|c| worktree.reverts_since(c)),
                ..receipt
            });
            // A push that found only base lines to write has left them in the journal.
            let kept = || receipt.as_ref().filter(|r| r.comes_before).map(bases::Receipt::without_values);
            let base = line.clone().or_else(moved).or_else(kept);
            let sending = journal.sending(repository, &key).filter(|(_, answered)| !(*answered && is_there));
            let sending = sending.and_then(|(l, answered)| {
                let mut sent = bases::read_line(l, &entry.id, config)?;
                // What was answered is in the receipt, if that counts for this text.
                if let Some(receipt) = receipt.as_ref().filter(|r| answered && r.is_answered) {
                    bases::without(&mut sent.agreed, &receipt.base.agreed);
                }
                Some(sent)
            });
            let base = base.map(|base| {
                let then = base.agreed.clone();
                let mut base = bases::newest(base, receipt, entry, &header.labels);
                if let Some(sending) = sending.filter(|s| s.issue == base.issue) {
                    bases::doubt(&mut base, &then, &sending.agreed, entry);
                }
                base
            });
            let base_is_written = base == line;
            all.push(LocalEntry {
                path: loaded.path.clone(),
                key,
                entry: entry.clone(),
                base,
                base_is_written,
                worklog_labels: header.labels.clone(),
                worklog_title: header.title.clone(),
                session: header.session.clone(),
                started: header.started.clone(),
                imported: header.imported,
                section: loaded.worklog.prose(&entry.id),
                uncommitted: pushed::uncommitted(loaded, entry),
                left_out: BTreeMap::new(),
                withheld: None,
            });
        }
    }
    all
}

/// Base lines whose entry is not in their worklog any more, by the entry's id.
fn orphans(worklogs: &[Loaded]) -> BTreeMap<EntryId, Vec<&Base>> {
    let mut orphans: BTreeMap<EntryId, Vec<&Base>> = BTreeMap::new();
    for loaded in worklogs {
        for (id, base) in loaded.worklog.bases() {
            if loaded.worklog.entry(id).is_none() {
                orphans.entry(id.clone()).or_default().push(base);
            }
        }
    }
    orphans
}

/// Makes the plan; once more with the repository's labels where it needs to know them.
fn plan(
    forge: &mut dyn ForgeRead,
    cache: &mut Cache,
    input: &mut Input,
    journal: &Journal<'_>,
    redactor: &Redactor,
) -> Result<Plan, SyncError> {
    let mut plan = Plan::make(input)?;
    let adds = |c: &Change| match c {
        Change::CreateIssue(c) => c.labels.clone(),
        Change::UpdateIssue(c) => c.add.clone(),
        _ => Labels::new(),
    };
    let wanted: Labels = plan.changes.iter().flat_map(adds).collect();
    // A label that an issue has is one of the repository's, without asking, and so is one that was
    // there a while ago. One that is gone is made by being set.
    let is_there = |label: &Label| {
        cache.labels.contains(label)
            || input
                .seen
                .values()
                .any(|s| matches!(&s.look, Look::Found(issue) if issue.labels.contains(label)))
    };
    if input.labels.is_none() && !wanted.iter().all(is_there) {
        let labels = forge.labels()?;
        cache.labels.clone_from(&labels);
        input.labels = Some(labels);
        plan = Plan::make(input)?;
    }
    if preferred::hold_back_unseen(input, journal) {
        plan = Plan::make(input)?;
    }
    let secrets = plan.secrets(redactor);
    if !secrets.is_empty() {
        for entry in &mut input.entries {
            entry.withheld = entry.withheld.take().or_else(|| secrets.get(&entry.key).cloned());
        }
        plan = Plan::make(input)?;
    }
    Ok(plan)
}

/// Whether the list of issues decides about an entry: it may be filed, or it was filed by this
/// clone and its number never reached the worklog, so that somebody else may have filed it, too.
pub(super) fn wants_filing(input: &Input) -> bool {
    let is_open = |e: &LocalEntry| match input.belongs(e) {
        _ if e.entry.issue.is_some() => false,
        Belongs::New | Belongs::Held(crate::plan::Why::Pending(_)) => true,
        Belongs::To(..) => input.made.contains_key(&e.key),
        Belongs::Held(_) => false,
    };
    input.entries.iter().any(is_open)
}

/// The numbers that the worklogs name.
pub(super) fn named(input: &Input) -> BTreeSet<u64> {
    input.entries.iter().filter_map(|e| input.number_of(e)).collect()
}

/// For each issue the newest base: a list row older than that is a stale one.
pub(super) fn newest_seen(input: &Input) -> BTreeMap<u64, Timestamp> {
    let mut newest = BTreeMap::new();
    for entry in &input.entries {
        let Some(number) = input.number_of(entry) else { continue };
        if let Some(base) = input.base_for(entry, number) {
            let slot = newest.entry(number).or_insert(base.seen);
            *slot = base.seen.max(*slot);
        }
    }
    newest
}

/// An input's entry by its key.
pub(super) fn entry_of<'a>(input: &'a Input, key: &EntryKey) -> Option<&'a LocalEntry> {
    input.entries.iter().find(|e| e.key == *key)
}

/// What an issue looked like when the plan was made.
pub(super) fn seen_of(input: &Input, number: u64) -> Option<&Seen> {
    input.seen.get(&number)
}

/// All labels of an issue as a set.
pub(super) fn label_set(labels: &[crate::model::Label]) -> Labels {
    labels.iter().cloned().collect()
}
