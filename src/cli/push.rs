//! `gardener sync --hook pre-push`: a sync while somebody waits for their push.
//!
//! It never stands in the way of a push, but for the one case in which it has just made a commit
//! on the branch that is pushed: then the push is stopped once, so that the commit can go with it
//! (rule 8). Everything else is said in a line on standard error, and the push goes on.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::cli::context::{self, Context, now};
use crate::cli::error::CliError;
use crate::cli::terminal::{ALARM, HINT, Terminal};
use crate::effect::Steps;
use crate::forge::GitHubWriter;
use crate::journal::{Caches, FileStore, Journal, Record, Store as _};
use crate::model::Untrusted;
use crate::repo::Standing;
use crate::sync::push::{Occasion, PushedRef};
use crate::sync::{self, Choices, Pushing, Report, SyncError};

/// The hook's arguments: git gives the remote's name and address, which it does not need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Hook {
    /// Called by `git push`, with the references on standard input
    PrePush,
}

/// The longest that a project can make people wait.
const LONGEST: Duration = Duration::from_secs(60);

/// How long after its deadline a run that still hangs is ended.
const MERCY: Duration = Duration::from_millis(500);

/// Runs it. There is no way but one to a code that stops the push.
pub(super) fn run(folder: Option<&Path>, terminal: &mut Terminal) -> u8 {
    let started = Instant::now();
    let mut pushed = PushedRef::parse_all(&input());
    if pushed.is_empty() {
        pushed.extend(context::pushed_by_pre_commit());
    }
    match act(folder, &pushed, started, terminal) {
        Ok(code) => code,
        Err(error) => {
            let (message, next) = error.words();
            let next = next.map_or_else(String::new, |next| format!("; {next}"));
            terminal.warn(format_args!("{ALARM}gardener{ALARM:#}: not synced: {}{next}", one_line(&message)));
            0
        }
    }
}

/// What git says is pushed. All of it is read: git would fail on a closed pipe.
fn input() -> String {
    let mut bytes = Vec::new();
    let mut stdin = std::io::stdin();
    if !stdin.is_terminal() {
        // What can't be read names no branch.
        let _ = stdin.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn act(
    folder: Option<&Path>,
    pushed: &[PushedRef],
    started: Instant,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    if pushed.iter().all(|r| r.id.is_none()) {
        return Ok(0);
    }
    let context = Context::open(folder)?;
    let branch = match context.repo.standing()? {
        Standing::Branch(branch) => branch,
        Standing::Busy(operation) => return Err(SyncError::Busy(operation).into()),
        Standing::Detached => return Ok(0),
    };
    let Some(head) = context.repo.commit_id("HEAD") else { return Ok(0) };
    let Some(pushed) = PushedRef::of_branch(pushed, &branch, &head) else { return Ok(0) };
    if !context.config.may_write_from(&branch) {
        return Ok(0);
    }
    let (mut store, mut look, mut texts) = context.stores();
    let mut caches = Caches { look: &mut look, texts: &mut texts };
    let occasion = {
        let journal = Journal::open(&mut store)?;
        Occasion {
            touches_worklogs: context.repo.push_touches(pushed.before.as_deref(), &head, &context.config)?,
            has_open_intent: journal.has_open_intents(),
            since_last_look: since_last_look(&context),
        }
    };
    if !occasion.is_due() {
        return Ok(0);
    }
    let time = context.config.sync.deadline.min(LONGEST);
    let pushing = Pushing { commit: head.clone(), ..Pushing::default() };
    let is_over = watch(context.steps(), time, started, &pushing);
    let code = sync_for(context, pushed, (&branch, &head), time, started, pushing, &mut caches, terminal);
    is_over.store(true, Ordering::SeqCst);
    code
}

#[expect(clippy::too_many_arguments, reason = "it is one flow, cut in two only for its length")]
fn sync_for(
    context: Context,
    pushed: &PushedRef,
    (branch, head): (&str, &str),
    time: Duration,
    started: Instant,
    mut pushing: Pushing,
    caches: &mut Caches<'_>,
    terminal: &mut Terminal,
) -> Result<u8, CliError> {
    let home = context.find_home()?;
    // As long as it is not done, the next push tries again.
    let mut looked = context.last_look();
    let _ = looked.replace(b"0");
    let left = || time.saturating_sub(started.elapsed());
    let lock = context.lock_within(left() / 2)?;
    let (mut store, ..) = context.stores();
    let mut journal = Journal::open(&mut store)?;
    // Stopped once for a commit that is still not there: it goes through this time.
    let is_waiting = journal.stopped(branch).is_some_and(|commit| {
        let there = pushed.before.as_deref().and_then(|before| context.repo.is_ancestor(commit, before));
        context.repo.is_ancestor(commit, head) == Some(true) && there != Some(true)
    });
    pushing.may_stop = !is_waiting;
    let choices = Choices { commit: true, pushing: Some(pushing), ..context.choices(&home, terminal)? };
    let github = context.github_within(&home, left(), terminal)?;
    let config = context.config.clone();
    let mut worktree = context.repo.worktree(&config);
    sync::check_standing(&mut worktree, &choices)?;
    let mut github = GitHubWriter::new(github);
    let prepared = sync::prepare(&mut github, &mut worktree, &journal, caches, &choices)?;
    let report = sync::carry_out(prepared, &mut github, &mut worktree, &mut journal, caches, &choices)?;
    if report.stop.is_none() {
        remember_look(looked);
    }
    say(&report, terminal);
    let Some(commit) = &report.commit else { return Ok(0) };
    // Without this note the next push may be stopped once more, for a commit of its own.
    let _ = journal.append(vec![Record::Stopped { branch: branch.to_owned(), commit: commit.clone() }]);
    drop(lock);
    let (branch, short) = (Untrusted(branch), &commit[..commit.len().min(7)]);
    terminal.warn(format_args!("{HINT}gardener{HINT:#}: committed {short} to {branch}; push again"));
    Ok(1)
}

/// Ends the run when its time is over, wherever it hangs; unless it is about to commit. Returns
/// what tells it that nothing hangs any more.
fn watch(steps: Steps, time: Duration, started: Instant, pushing: &Pushing) -> Arc<AtomicBool> {
    let is_over = Arc::new(AtomicBool::new(false));
    let (over, late, writing) = (is_over.clone(), pushing.is_late.clone(), pushing.is_writing.clone());
    std::thread::spawn(move || {
        std::thread::sleep(time.saturating_sub(started.elapsed()));
        late.store(true, Ordering::SeqCst);
        std::thread::sleep(MERCY);
        if over.load(Ordering::SeqCst) || writing.load(Ordering::SeqCst) {
            return;
        }
        steps.end(MERCY);
        let text =
            format!("gardener: not synced: it took longer than {} s; the push goes on", time.as_secs());
        // If it is closed nobody listens.
        let _ = writeln!(std::io::stderr(), "{text}");
        std::process::exit(0);
    });
    is_over
}

/// What was done in a line for each entry, and what was not in one for all.
fn say(report: &Report, terminal: &mut Terminal) {
    let mut held = 0;
    for worklog in report.lines() {
        for line in worklog.lines {
            if line.alarm {
                held += 1;
                continue;
            }
            let number = line.number.map_or_else(String::new, |n| format!(" #{n}"));
            terminal.warn(format_args!("gardener: {}{number}  {}", line.key.entry, line.texts.join(", ")));
        }
    }
    let mut left = Vec::new();
    if report.stopped {
        left.extend(report.plan.brakes.iter().map(ToString::to_string));
    } else if let Some(stop) = &report.stop {
        left.push(stop.to_string());
    }
    if held > 0 && !report.stopped {
        left.push(format!(
            "{held} {} a person",
            if held == 1 { "entry waits for" } else { "entries wait for" }
        ));
    }
    if report.waiting > 0 {
        left.push("the next sync writes the worklogs".to_owned());
    }
    left.extend(
        report.skipped.iter().map(|skipped| format!("{}: {}", Untrusted(&skipped.path), skipped.why)),
    );
    let own = report.outcome.failed.iter().filter(|(keys, _)| keys.is_empty());
    left.extend(own.map(|(_, message)| message.clone()));
    if !left.is_empty() {
        let left = one_line(&left.join("; "));
        terminal.warn(format_args!("{ALARM}gardener{ALARM:#}: {left}; `gardener sync` shows it"));
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn since_last_look(context: &Context) -> Option<i64> {
    let bytes = context.last_look().read().ok()?;
    let then: i64 = std::str::from_utf8(&bytes).ok()?.trim().parse().ok()?;
    Some(now().ok()?.as_second() - then)
}

/// Notes that GitHub was looked at. Without the note the next push looks again.
pub(super) fn remember_look(mut store: FileStore) {
    if let Ok(now) = now() {
        let _ = store.replace(now.as_second().to_string().as_bytes());
    }
}
