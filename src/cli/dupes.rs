//! `gardener dupes`: issues that look like one problem, and their worklogs' entries made to say so.
//!
//! Like `gardener link` it edits worklogs as a hand would and nothing else. What closes issues is the next
//! sync, with its own looks and brakes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::decide::write_all;
use crate::cli::error::CliError;
use crate::cli::matching::{likeness_json, look_over, state};
use crate::cli::sync::{show_skipped, tail};
use crate::cli::terminal::{ALARM, HINT, NAME, QUIET, Terminal};
use crate::likeness::explain::short;
use crate::model::{EntryKey, IssueRef, Label, Labels, Link, LinkKind, LinkTarget, Links, Status, Untrusted};
use crate::plan::families::{Family, Pair, families};
use crate::plan::likely::in_words;
use crate::plan::{Input, LocalEntry};
use crate::sync::Survey;
use crate::worklog::{self, Edit, EditError};

/// Find issues that look like one problem
///
/// Compares the issues that worklogs name with each other, by the same laws by which a sync links an
/// entry. Families that are surely one problem are shown with the issue that would stay; pairs that are
/// only perhaps one are told apart from them, and never applied. With --apply the entries of the duplicates
/// get `status: duplicate` and a link to the one that stays, and that one their labels and links. It
/// edits worklogs only; the next sync closes the issues.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Write it into the worklogs
    #[arg(long)]
    apply: bool,
    /// Go on where `sync.close-limit` would stop
    #[arg(long, short = 'y', requires = "apply")]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener dupes                                   what looks like one problem, and why
  gardener dupes --apply && gardener sync --dry-run
  gardener dupes --json | jq '.families[] | [.master, .duplicates]'";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let _lock = if arguments.apply { Some(context.lock()?) } else { None };
    let (survey, requests, context) = look_over(false, context, terminal)?;
    let input = survey.input();
    let found = families(input, survey.issues(), survey.elsewhere());
    let closed: usize = found.sure.iter().map(|family| family.duplicates.len()).sum();
    let limit = input.config.sync.limits.close;
    let is_stopped = arguments.apply && closed > limit && !arguments.yes;
    let wanted = wanted(&survey, &found.sure);
    let texts = if arguments.apply && !is_stopped { texts(&survey, &wanted)? } else { BTreeMap::new() };
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    let (written, failed) = write_all(&mut worktree, &texts)?;
    let code = match (is_stopped, &failed) {
        (true, _) => 5,
        (false, Some(_)) => 3,
        (false, None) => 0,
    };
    let (left, moved) = (left(&survey, &found.sure), moved(input, &found.sure));
    if arguments.json {
        let (error, next) = failed.as_ref().map(CliError::words).unzip();
        terminal.json(&json!({
            "schema": 1, "families": found.sure.iter().map(|f| family_json(f, &survey)).collect::<Vec<_>>(),
            "perhaps": found.perhaps.iter().map(pair_json).collect::<Vec<_>>(),
            "edits": wanted.iter().map(|(key, edits)| json!({
                "entry": key.to_string(), "what": edits.iter().map(said).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "left": left, "edited": moved, "written": written, "stopped": is_stopped, "limit": limit,
            "error": error, "next": next.flatten(), "requests": requests, "exit": code,
        }))?;
        return Ok(code);
    }
    show_skipped(&survey.skipped, terminal);
    for family in &found.sure {
        show(family, &survey, terminal)?;
    }
    if !found.perhaps.is_empty() {
        terminal.say(format_args!("{NAME}perhaps one problem{NAME:#}"))?;
    }
    for pair in &found.perhaps {
        let (one, other) = (named(pair.master, &survey), named(pair.other, &survey));
        terminal.say(format_args!("  {one}\n  {other}\n    {QUIET}{}{QUIET:#}", evidence(pair)))?;
    }
    let mut last = "";
    for (key, edits) in wanted.iter().filter(|_| arguments.apply && !is_stopped) {
        let Some(entry) = input.entries.iter().find(|e| e.key == *key) else { continue };
        if !written.contains(&entry.path.as_str()) {
            continue;
        }
        if entry.path != last {
            last = &entry.path;
            terminal.say(format_args!("{NAME}{}{NAME:#}", Untrusted(last)))?;
        }
        let all: Vec<String> = edits.iter().map(said).collect();
        terminal.say(format_args!("  {}  {}", key.entry, Untrusted(&all.join(", "))))?;
    }
    for path in &left {
        terminal.warn(format_args!("{HINT}note{HINT:#}: {} is left as it is", Untrusted(path)))
    }
    for key in &moved {
        terminal.warn(format_args!(
            "{HINT}note{HINT:#}: {key} is left as it is: its status was edited since the last sync, so sync first"
        ));
    }
    let (sure, perhaps) = (found.sure.len(), found.perhaps.len());
    let families = if sure == 1 { "1 family".to_owned() } else { format!("{sure} families") };
    let tail = tail(requests, terminal);
    terminal.say(format_args!("{families} of one problem, {perhaps} perhaps; {tail}"))?;
    if is_stopped {
        terminal.say(format_args!(
            "{ALARM}stopped: {closed} issues would be closed, {limit} go without asking; look, then --yes{ALARM:#}"
        ))?;
    } else if !written.is_empty() {
        terminal.warn(format_args!("{HINT}next{HINT:#}: `gardener sync --dry-run`, then `gardener sync`"));
    } else if sure > 0 && !arguments.apply {
        terminal
            .warn(format_args!("{HINT}next{HINT:#}: `gardener dupes --apply` writes it into the worklogs"));
    }
    if let Some(error) = failed {
        error.show(terminal);
    }
    Ok(code)
}

/// The entries with an issue that a sync considers.
fn entries_of(input: &Input, number: u64) -> impl Iterator<Item = &LocalEntry> {
    let linked = input.entries.iter().filter(|e| e.entry.issue.is_some());
    linked.filter(move |e| input.number_of(e) == Some(number))
}

/// What is to be written of each entry.
fn wanted(survey: &Survey, families: &[Family]) -> BTreeMap<EntryKey, Vec<Edit>> {
    let input = survey.input();
    let mut wanted = BTreeMap::new();
    for family in families {
        let target = LinkTarget::Issue(IssueRef::here(family.master));
        let to_master = Link { kind: LinkKind::DuplicateOf, target };
        let all = family.duplicates.iter().flat_map(|number| entries_of(input, *number));
        for entry in all.filter(|entry| !is_moved(input, entry)) {
            let id = entry.key.entry.clone();
            let mut edits = vec![Edit::SetStatus { entry: id, to: Status::Duplicate }];
            edits.extend(add_links(input, entry, &Links::from([to_master.clone()])));
            wanted.insert(entry.key.clone(), edits);
        }
        // An entry that has its lists already needs the fewest words.
        let master = entries_of(input, family.master)
            .min_by_key(|e| (e.entry.labels.is_none(), e.entry.links.is_none()));
        let Some(master) = master else { continue };
        let mut edits = add_labels(survey, master, family);
        edits.extend(add_links(input, master, &links(input, family)));
        if !edits.is_empty() {
            wanted.insert(master.key.clone(), edits);
        }
    }
    wanted
}

/// Whether somebody wrote a status that no sync has sent yet: it would be gone for good.
fn is_moved(input: &Input, entry: &LocalEntry) -> bool {
    let agreed = agreed(input, entry).and_then(|base| base.agreed.status.as_ref());
    let agreed = agreed.unwrap_or(&Status::Open);
    entry.entry.status.as_ref().is_some_and(|status| *status != Status::Duplicate && status != agreed)
}

/// The entries that are left as they are for that.
fn moved(input: &Input, families: &[Family]) -> Vec<String> {
    let numbers = families.iter().flat_map(|family| &family.duplicates);
    let entries = numbers.flat_map(|number| entries_of(input, *number)).filter(|e| is_moved(input, e));
    entries.map(|entry| entry.key.to_string()).collect()
}

/// Links of the duplicates that are about something else than the family.
fn links(input: &Input, family: &Family) -> Links {
    let is_member = |link: &Link| match &link.target {
        LinkTarget::Issue(issue) => {
            let number = issue.number;
            input.is_home(issue.repo.as_ref())
                && (number == family.master || family.duplicates.contains(&number))
        }
        LinkTarget::Url(_) | LinkTarget::Path(_) => false,
    };
    let entries = family.duplicates.iter().flat_map(|number| entries_of(input, *number));
    let all = entries.flat_map(|entry| {
        let agreed = agreed(input, entry).and_then(|base| base.agreed.links.clone());
        input.own_links(entry).into_iter().chain(agreed).flatten().collect::<Links>()
    });
    all.filter(|link| link.kind != LinkKind::DuplicateOf && !is_member(link)).collect()
}

fn agreed<'a>(input: &Input, entry: &'a LocalEntry) -> Option<&'a crate::model::Base> {
    input.base_for(entry, input.number_of(entry)?)
}

/// A list that is written speaks for all its elements, so that one that was not there is written whole.
fn add_links(input: &Input, entry: &LocalEntry, more: &Links) -> Vec<Edit> {
    let agreed = agreed(input, entry).and_then(|base| base.agreed.links.clone()).unwrap_or_default();
    let own = input.own_links(entry);
    let known = own.clone().unwrap_or_else(|| agreed.clone());
    let missing: Links = more.difference(&known).cloned().collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let all = if own.is_some() { missing } else { agreed.union(&missing).cloned().collect() };
    all.into_iter().map(|link| Edit::AddLink { entry: entry.key.entry.clone(), link }).collect()
}

/// The labels of the duplicates that stand for themselves and that the other one lacks.
fn add_labels(survey: &Survey, master: &LocalEntry, family: &Family) -> Vec<Edit> {
    let input = survey.input();
    let stands_for_itself =
        |l: &Label| !input.config.labels.vocabulary.is_mapped(l) && !input.config.ignores(l);
    let of_issue = |number: u64| -> Labels {
        let text = survey.issues().get(&number);
        text.into_iter().flat_map(|t| t.labels.iter().filter(|l| stands_for_itself(l)).cloned()).collect()
    };
    let mut theirs = Labels::new();
    for number in &family.duplicates {
        theirs.extend(of_issue(*number));
        for entry in entries_of(input, *number) {
            theirs.extend(input.own_labels(entry).unwrap_or_default());
        }
        // What a worklog gives to all its issues is nothing of this one.
        for entry in entries_of(input, *number) {
            theirs.retain(|label| !input.once(entry).contains(label));
        }
    }
    let (own, there, once) = (input.own_labels(master), of_issue(family.master), input.once(master));
    let known: Labels =
        own.clone().unwrap_or_default().into_iter().chain(there.clone()).chain(once.clone()).collect();
    let missing: Labels = theirs.difference(&known).cloned().collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let all: Labels = match own {
        Some(_) => missing,
        None => there.difference(&once).cloned().chain(missing).collect(),
    };
    all.into_iter().map(|label| Edit::AddLabel { entry: master.key.entry.clone(), label }).collect()
}

/// What is to be written: each path with the text now and the text then, where they differ.
fn texts<'s>(
    survey: &'s Survey,
    wanted: &BTreeMap<EntryKey, Vec<Edit>>,
) -> Result<BTreeMap<&'s str, (&'s str, String)>, CliError> {
    let mut texts = BTreeMap::new();
    for loaded in &survey.worklogs {
        let id = &loaded.worklog.header().id;
        let edits = wanted.iter().filter(|(key, _)| key.worklog == *id).flat_map(|(_, edits)| edits.clone());
        let edits: Vec<Edit> = edits.collect();
        let after = worklog::edit(&loaded.worklog, &edits).map_err(|error| CliError::Refused {
            message: format!("{}: {error}", Untrusted(&loaded.path)),
            next: match error {
                EditError::TooLarge => "move some of its entries to a worklog of their own".to_owned(),
                _ => "put each key of the entry on a line of its own".to_owned(),
            },
        })?;
        if after != loaded.worklog.text() {
            texts.insert(loaded.path.as_str(), (loaded.worklog.text(), after));
        }
    }
    Ok(texts)
}

/// Worklogs that name a duplicate and that no sync here writes.
fn left(survey: &Survey, families: &[Family]) -> Vec<String> {
    let numbers: BTreeSet<u64> = families.iter().flat_map(|f| f.duplicates.iter().copied()).collect();
    let names = |l: &&crate::sync::Loaded| {
        let mut issues = l.worklog.entries().iter().filter_map(|e| e.issue.as_ref());
        issues.any(|i| survey.input().is_home(i.repo.as_ref()) && numbers.contains(&i.number))
    };
    survey.others.iter().filter(names).map(|l| l.path.clone()).collect()
}

fn said(edit: &Edit) -> String {
    match edit {
        Edit::SetStatus { to, .. } => format!("status {}", to.word()),
        Edit::AddLink { link, .. } => format!("link {link}"),
        Edit::AddLabel { label, .. } => format!("label {}", label.name()),
        other => other.key().to_owned(),
    }
}

fn evidence(pair: &Pair) -> String {
    let (words, score) = (in_words(&pair.likeness), short(pair.likeness.score));
    format!("{score}  {}", Untrusted(&words))
}

fn named(number: u64, survey: &Survey) -> String {
    let text = survey.issues().get(&number);
    let (title, state) = text.map_or(("", ""), |t| (t.title.as_str(), state(&t.state)));
    let count = entries_of(survey.input(), number).count();
    let s = if count == 1 { "entry" } else { "entries" };
    format!("#{number}  {state}, {count} {s}  {}", Untrusted(title))
}

fn show(family: &Family, survey: &Survey, terminal: &mut Terminal) -> Result<(), CliError> {
    terminal.say(format_args!("{NAME}{}{NAME:#}", named(family.master, survey)))?;
    for number in &family.duplicates {
        terminal.say(format_args!("  duplicate: {}", named(*number, survey)))?;
        for pair in family.pairs.iter().filter(|p| p.other == *number) {
            terminal.say(format_args!("    {QUIET}like #{}: {}{QUIET:#}", pair.master, evidence(pair)))?;
        }
    }
    Ok(())
}

fn family_json(family: &Family, survey: &Survey) -> Value {
    let title = |number: &u64| survey.issues().get(number).map(|t| t.title.clone());
    json!({
        "master": family.master, "title": title(&family.master), "duplicates": family.duplicates,
        "pairs": family.pairs.iter().map(pair_json).collect::<Vec<_>>(),
    })
}

fn pair_json(pair: &Pair) -> Value {
    json!({
        "issue": pair.master, "other": pair.other, "reason": in_words(&pair.likeness),
        "likeness": likeness_json(&pair.likeness),
    })
}
