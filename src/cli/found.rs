//! What `gardener run` and `gardener collect` do with what suites said: compare, write, say.

use std::collections::BTreeSet;

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::said::{Said, Told, summary};
use crate::cli::terminal::{ERROR, HINT, Terminal};
use crate::cli::whence::Whence;
use crate::cli::{self, interrupt};
use crate::model::{Timestamp, Untrusted};
use crate::repo::{GitWorktree, RepoError};
use crate::run::again::told_by;
use crate::run::compose::{Document, TEMPLATE_PATH};
use crate::run::conclude::{self, Conclusion, Scene, SuiteRun, conclude, worst};
use crate::run::owners::{CodeOwners, PLACES};
use crate::run::past::Past;
use crate::run::write::{self, GitHistory, WriteError};
use crate::sync;

/// What both commands can be told about their output.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// Show what would be written; write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Write a worklog even if nothing is wrong
    #[arg(long)]
    always: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What is known before the first suite runs.
pub(super) struct Begun {
    at: Timestamp,
    focus: Option<String>,
    commit: Option<String>,
    dirty: bool,
    template: Option<String>,
    owners: CodeOwners,
    /// What results made elsewhere are of, in words.
    whence: Option<Whence>,
}

impl Begun {
    /// What is checked out, and whether there are changes that it has not.
    pub(super) fn head(&self) -> (Option<String>, bool) {
        (self.commit.clone(), self.dirty)
    }

    /// Says that the results were made elsewhere, and what they are of.
    pub(super) fn is_of(&mut self, whence: Whence) {
        (self.commit, self.dirty) = (whence.commit.clone(), whence.dirty);
        self.whence = Some(whence);
    }
}

/// Looks at what is checked out and at the template, before anything runs.
///
/// # Errors
/// When the template is not right, or git can't tell.
pub(super) fn begin(
    context: &Context,
    focus: Option<String>,
    results: &[&str],
    terminal: &Terminal,
) -> Result<Begun, CliError> {
    if let Some(focus) = &focus {
        no_secret("the focus", focus, terminal)?;
    }
    let at = context::now()?;
    let config = &context.config;
    // Results are no change of what is tested, wherever a suite puts them.
    let mut without: Vec<&str> = config.suites.iter().filter_map(|s| s.results.as_deref()).collect();
    without.push(&config.worklogs);
    without.extend(results);
    let (commit, dirty) = context.repo.commit_at_hand(&without)?;
    // After the suites have run would be late for this, too.
    if let Some(link) = context.repo.first_link(&config.worklogs, true) {
        return Err(RepoError::Link(link).into());
    }
    let template = context.repo.text(TEMPLATE_PATH)?;
    // After the suites have run would be late for it.
    write::text(template.as_deref(), &Document::example(), &config.labels.vocabulary)
        .map_err(|error| refused(&error))?;
    let mut owners = CodeOwners::default();
    for place in PLACES {
        if let Some(text) = context.repo.text(place)? {
            owners = CodeOwners::parse(&text);
            break;
        }
    }
    Ok(Begun { at, focus, commit, dirty, template, owners, whence: None })
}

/// Draws the conclusion, writes it and says it; with `sync`, what was written is synced at once, under
/// the same lock. Returns the exit code, the higher of both.
///
/// # Errors
/// When earlier worklogs can't be read, or the output can't be written.
pub(super) fn end(
    suites: Vec<SuiteRun>,
    begun: Begun,
    output: &Output,
    mut context: Context,
    sync: Option<&cli::sync::Arguments>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let (failed, unfinished) = worst(&suites);
    let config = context.config.clone();
    let folders = context.folders();
    let redactor = terminal.redactor();
    // Another gardener that writes just now may be a moment; results are not thrown away for it.
    let lock =
        if output.dry_run { None } else { Some(context.lock_within(std::time::Duration::from_secs(60))) };
    let mut told = Told { whence: begun.whence.clone(), ..Told::default() };
    let locked = match lock.transpose() {
        Ok(lock) => Ok(lock),
        Err(error) => Err(error.words().0),
    };
    let mut worktree = context.repo.worktree(&config);
    let (loaded, skipped) = match sync::load(&mut worktree, &config) {
        Ok(all) => all,
        Err(error) => {
            // Compared with nothing, every failure would be new: it is told, and not written.
            told.failed = Some(format!("earlier worklogs can't be read: {error}"));
            (Vec::new(), Vec::new())
        }
    };
    for file in skipped.iter().filter(|file| !file.is_foreign) {
        told.warnings
            .push(format!("{} was not read, so what it knows is not known here: {}", file.path, file.why));
    }
    let past = Past::of(loaded.iter().map(|l| (l.path.as_str(), l.worklog.as_ref())));
    let (suites, before) = conclude::apart(suites, &past, begun.commit.as_deref());
    told.before = before.into_iter().map(|(suite, path)| (suite.name, path)).collect();
    let tops = worktree.repo().top().to_owned();
    let conclusion = {
        let history = GitHistory { repo: worktree.repo(), vocabulary: config.labels.vocabulary.clone() };
        let scene = Scene {
            started: begun.at.to_string(),
            commit: begun.commit.clone(),
            dirty: begun.dirty,
            folders,
            redactor: &redactor,
            past: &past,
            history: &history,
            choices: &config.run,
            owners: &begun.owners,
            is_file: &|path| tops.join(path).is_file(),
            tells_time: !context::is_clock_fixed(),
        };
        conclude(suites.clone(), &scene)
    };
    let mut document =
        document(&conclusion, &suites, begun.at, begun.focus.clone(), begun.commit.clone(), begun.dirty);
    if told.whence.as_ref().is_some_and(|whence| whence.is_older) {
        let words = "older than the commit that was checked out, and of which one they are nobody said";
        document.summary.push(format!("\nThese results are {words}."));
    }
    let is_stopped = suites.iter().any(|suite| suite.verdict.is_stopped);
    if !output.always && !is_stopped && !conclusion.entries.is_empty() {
        let worklogs = loaded.iter().map(|l| (l.path.as_str(), l.worklog.as_ref()));
        told.same_as = told_by(&conclusion, &document, worklogs).map(str::to_owned);
    }
    let is_wanted =
        !conclusion.entries.is_empty() && told.same_as.is_none() || output.always && !suites.is_empty();
    if output.dry_run {
        if is_wanted {
            let text = write::text(begun.template.as_deref(), &document, &config.labels.vocabulary);
            let text = text.map_err(|error| refused(&error))?;
            if !output.json {
                terminal.print(&text)?;
            }
        }
    } else if let Err(why) = &locked {
        told.failed = Some(why.clone());
    } else {
        let used: BTreeSet<_> = loaded.iter().map(|l| l.worklog.header().id.clone()).collect();
        if is_wanted && told.failed.is_none() {
            let wish = format!(
                "{}-{}",
                begun.focus.as_deref().map_or_else(|| "run".to_owned(), as_id),
                begun.at.compact()
            );
            let (folder, vocabulary) = (&config.worklogs, &config.labels.vocabulary);
            let template = begun.template.as_deref();
            match write::write_new(
                &mut worktree,
                folder,
                &wish,
                &used,
                template,
                document.clone(),
                vocabulary,
            ) {
                Ok(path) => {
                    told.warnings.extend(ignored(&mut worktree, &path));
                    told.worklog = Some(path);
                }
                Err(error) => told.failed = Some(error.to_string()),
            }
        }
        // Whatever is wrong with the folder, the results are still told.
        match write::update(&mut worktree, &conclusion.edits, &config.labels.vocabulary) {
            Ok((updated, left)) => {
                told.updated = updated;
                told.warnings.extend(left);
            }
            Err(error) => {
                told.failed.get_or_insert_with(|| error.to_string());
            }
        }
    }
    let code = if told.failed.is_some() || unfinished { 3 } else { u8::from(failed) };
    let said = Said {
        conclusion: &conclusion,
        suites: &suites,
        document: &document,
        told: &told,
        dry_run: output.dry_run,
        syncs: sync.is_some(),
        tells_time: !context::is_clock_fixed(),
        code,
    };
    let shown = if output.json { Ok(()) } else { said.say(terminal) };
    if let Some(why) = &told.failed {
        terminal.warn(format_args!("{ERROR}error{ERROR:#}: no worklog was written: {}", Untrusted(why)));
        terminal.warn(format_args!("{HINT}next{HINT:#}: mend that, then run it again"));
    }
    let Some(sync) = sync else {
        let shown = if output.json { terminal.json(&said.as_json()) } else { shown };
        return shown.map(|()| code);
    };
    let mut value = said.as_json();
    // Whether or not that could be said, it was done.
    let mut code = cli::sync::said(code, shown, terminal);
    if told.failed.is_some() || said.is_stopped() || interrupt::came() {
        let why = if told.failed.is_some() { "no worklog was written" } else { "the run was stopped" };
        terminal.warn(format_args!("{HINT}note{HINT:#}: nothing was synced, because {why}"));
        value["sync"] = serde_json::Value::Null;
    } else {
        context.repo = worktree.into_repo();
        if !output.json {
            let between = terminal.say("");
            code = cli::sync::said(code, between, terminal);
        }
        let done = cli::sync::after_run(sync, context, terminal);
        code = code.max(done.code);
        value["sync"] = done.value.unwrap_or_default();
        let written = told.worklog.iter().chain(&told.updated);
        let left: Vec<_> =
            written.filter(|path| !done.committed.contains(path)).map(String::as_str).collect();
        if !left.is_empty() {
            // A sync commits what it writes, and notes of a run are nothing that it syncs.
            let left = left.join(", ");
            terminal
                .warn(format_args!("{HINT}note{HINT:#}: written and not committed: {}", Untrusted(&left)));
        }
    }
    value["exit"] = code.into();
    let shown = if output.json { terminal.json(&value) } else { Ok(()) };
    drop(locked);
    Ok(cli::sync::said(code, shown, terminal))
}

/// A name stands in the worklog as it is, so that one with a secret in it is refused.
///
/// # Errors
/// When it holds one.
pub(super) fn no_secret(what: &str, name: &str, terminal: &Terminal) -> Result<(), CliError> {
    match terminal.redactor().places(name).first() {
        None => Ok(()),
        Some(place) => Err(CliError::Refused {
            message: format!("{what} holds what looks like a secret ({}); nothing was written", place.kind),
            next: "give it another name: --suite names results".to_owned(),
        }),
    }
}

fn refused(error: &WriteError) -> CliError {
    CliError::Refused {
        message: Untrusted(&error.to_string()).to_string(),
        next: format!("mend {TEMPLATE_PATH}, or delete it to get the built-in one"),
    }
}

fn ignored(worktree: &mut GitWorktree, path: &str) -> Option<String> {
    use crate::repo::Worktree as _;
    let seen = worktree.worklogs().is_ok_and(|files| files.iter().any(|file| file.path == path));
    (!seen).then(|| format!("git ignores {path}, so that no sync will see it"))
}

/// What an id can hold of a focus area.
fn as_id(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: Vec<_> = text.split(|c| !fits(c)).filter(|word| !word.is_empty()).collect();
    let mut id = words.join("-").to_ascii_lowercase();
    id.truncate(40);
    if id.is_empty() { "run".to_owned() } else { id }
}

fn document(
    conclusion: &Conclusion,
    suites: &[SuiteRun],
    at: Timestamp,
    focus: Option<String>,
    commit: Option<String>,
    dirty: bool,
) -> Document {
    let about = focus.clone().unwrap_or_else(|| match suites {
        [one] => one.name.clone(),
        _ => "all suites".to_owned(),
    });
    let stopped = suites.iter().any(|suite| suite.verdict.is_stopped);
    let is_log = suites.iter().any(|suite| suite.log.is_some());
    let mut summary = vec![summary(conclusion, suites)];
    if stopped {
        summary.push("\nThe run was stopped before its end, so that more may fail.".to_owned());
    }
    Document {
        id: crate::model::WorklogId::new("unnamed").expect("a fixed valid id"),
        title: match (is_log, conclusion.entries.is_empty()) {
            (true, _) => format!("Logs: {about}"),
            (false, true) => format!("Tests: {about}"),
            (false, false) => format!("Failing tests: {about}"),
        },
        kind: if is_log { "logs" } else { "failing-tests" },
        focus,
        started: at.to_string(),
        commit,
        dirty,
        runs: conclusion.runs.clone(),
        entries: conclusion.entries.clone(),
        summary,
        others: conclusion.other_lines(),
    }
}

/// What a suite that is not in the config gives.
pub(super) fn gives(context: &Context, suite: &str) -> conclude::Gives {
    let suite = context.config.suites.iter().find(|s| s.name == suite);
    suite.map_or_else(conclude::Gives::default, |s| conclude::Gives {
        severity: s.severity,
        impact: s.impact.clone(),
        labels: s.labels.clone(),
        owner: s.owner.clone(),
    })
}
