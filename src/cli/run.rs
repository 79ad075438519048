//! `gardener run`: runs suites and writes what is wrong into a worklog.
//!
//! Here are the choice of suites, trust, progress, and how results are read while they come. What is
//! made of them is in `found`, which `gardener collect` shares.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::found;
use crate::cli::terminal::{ALARM, NAME, QUIET, Terminal};
use crate::cli::{interrupt, sync, trust};
use crate::config::Suite;
use crate::model::{Complaint, Format, Results, Untrusted};
use crate::report::{self, Seen};
use crate::run::conclude::{Gives, SuiteRun};
use crate::run::verdict::{Ended, Promised, judge, words};
use crate::runner::{End, Job, Ran, Stop, Task, Told};
use crate::worklog::nearest;

/// Run test suites and write what fails into a worklog
///
/// Runs the suites of gardener.toml, or those of one focus area, groups what fails by cause, compares
/// it with what earlier worklogs know, and writes a worklog. Where nothing is wrong it writes none.
/// The suites have to be trusted first: see `gardener trust`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only the suites of this focus area, or the one of this name
    #[arg(value_name = "FOCUS")]
    focus: Option<String>,
    /// Only this suite; can be given several times
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<String>,
    /// How many suites run at the same time [default: run.jobs of gardener.toml]
    #[arg(long, short = 'j', value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: Option<u8>,
    /// Then sync, as `gardener sync` does: file what is new, and commit
    #[arg(long, conflicts_with = "dry_run")]
    sync: bool,
    /// With --sync: go on where a limit on new or closed issues would stop
    #[arg(long, short = 'y', requires = "sync")]
    yes: bool,
    /// With --sync: make no commit
    #[arg(long, requires = "sync")]
    no_commit: bool,
    #[command(flatten)]
    output: found::Output,
}

const EXAMPLES: &str = "\
Exit codes: 0 nothing failed, 1 tests failed, 3 a suite could not run or not to its end. With --sync \
the higher of that and the sync's.

Examples:
  gardener run                     all suites
  gardener run critical            those of a focus area
  gardener run --suite unit -n     one suite; show what would be written
  gardener run nightly --sync      write the worklog, file what is new, commit
  gardener run && git push";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let (suites, focus) = chosen(arguments, &context)?;
    trust::demand(&context)?;
    for suite in &suites {
        places(suite, &context)?;
        found::no_secret("the name of a suite", &suite.name, terminal)?;
    }
    let sync = arguments.sync;
    let sync =
        sync.then(|| sync::Arguments::after_run(arguments.output.json, arguments.yes, arguments.no_commit));
    let context = match &sync {
        // What would stop it at once is better known before the first suite runs.
        Some(sync) => sync::ready(sync, context, terminal)?,
        None => context,
    };
    let begun = found::begin(&context, focus, &[], terminal)?;
    let runs = run_all(&suites, arguments, &context, terminal);
    found::end(runs, begun, &arguments.output, context, sync.as_ref(), terminal)
}

/// The suites that are meant, and the focus area if there is one.
fn chosen(arguments: &Arguments, context: &Context) -> Result<(Vec<Suite>, Option<String>), CliError> {
    let all = &context.config.suites;
    if all.is_empty() {
        return Err(trust::no_suites());
    }
    let names = || all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut chosen: Vec<Suite> = Vec::new();
    for name in &arguments.suites {
        let suite = all.iter().find(|s| s.name == *name).ok_or_else(|| CliError::NotThere {
            message: format!("there is no suite {}", Untrusted(&format!("`{name}`"))),
            next: match nearest(name, all.iter().map(|s| s.name.as_str())) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("the suites are {}", names()),
            },
        })?;
        if !chosen.contains(suite) {
            chosen.push(suite.clone());
        }
    }
    let Some(focus) = &arguments.focus else {
        return Ok((if chosen.is_empty() { all.clone() } else { chosen }, None));
    };
    let mut of_focus: Vec<&Suite> = all.iter().filter(|s| s.focus.contains(focus)).collect();
    let is_area = !of_focus.is_empty();
    if !is_area {
        of_focus = all.iter().filter(|s| s.name == *focus).collect();
    }
    if of_focus.is_empty() {
        let mut areas: Vec<_> = all.iter().flat_map(|s| s.focus.iter().map(String::as_str)).collect();
        areas.sort_unstable();
        areas.dedup();
        let areas =
            if areas.is_empty() { String::new() } else { format!("the areas are {}; ", areas.join(", ")) };
        return Err(CliError::NotThere {
            message: format!("no suite belongs to {}", Untrusted(&format!("`{focus}`"))),
            next: format!("{areas}the suites are {}", names()),
        });
    }
    for suite in of_focus {
        if !chosen.contains(suite) {
            chosen.push(suite.clone());
        }
    }
    Ok((chosen, Some(focus.clone())))
}

/// A suite runs in this repository and writes its results there: not through a link.
fn places(suite: &Suite, context: &Context) -> Result<(), CliError> {
    let folder = (!suite.folder.is_empty()).then_some(("folder", suite.folder.as_str()));
    let results = suite.results.as_deref().map(|path| ("results", path));
    for (key, path) in folder.into_iter().chain(results) {
        if let Some(link) = context.repo.first_link(path, true) {
            return Err(CliError::Refused {
                message: format!(
                    "{}: {key} leads through the link {}; nothing was run",
                    suite.name,
                    Untrusted(&link)
                ),
                next: "name a place in the repository itself".to_owned(),
            });
        }
    }
    Ok(())
}

/// Runs them and judges each.
fn run_all(
    suites: &[Suite],
    arguments: &Arguments,
    context: &Context,
    terminal: &mut Terminal,
) -> Vec<SuiteRun> {
    let runner = context.runner();
    let stop = Stop::default();
    interrupt::stops(&stop);
    let tasks: Vec<Task<'_, Results, Counted>> = suites.iter().map(|s| task(s, context)).collect();
    let kept: Vec<Vec<String>> = tasks.iter().map(|task| runner.kept_from(&task.job)).collect();
    let jobs = arguments.jobs.map_or(context.config.run.jobs, usize::from);
    let mut board = Board::new(suites, terminal);
    let all = runner.run_all(tasks, jobs, &stop, &mut |told| board.hear(&told));
    interrupt::stopped(&stop);
    let mut runs = Vec::new();
    for ((suite, (ran, results)), kept) in suites.iter().zip(all).zip(kept) {
        let run = judged(suite, &ran, results);
        for note in warnings(suite, &ran, &run, &kept) {
            terminal.warn(format_args!("{ALARM}note{ALARM:#}: {}", Untrusted(&note)));
        }
        runs.push(run);
    }
    runs
}

fn task<'a>(suite: &Suite, context: &Context) -> Task<'a, Results, Counted> {
    let top = context.repo.top().to_owned();
    let format = suite.format();
    let reads_output = suite.results.is_none() && format != Format::ExitStatus;
    let job = Job {
        name: suite.name.clone(),
        command: suite.command.iter().map(Into::into).collect(),
        folder: top.join(&suite.folder),
        environment: suite.environment.clone(),
        pass: suite.pass.clone(),
        timeout: suite.timeout,
        results: suite.results.as_ref().map(|path| top.join(path)),
        top,
    };
    let reader: Option<crate::runner::Reader<'a, Results, Counted>> = reads_output.then(|| {
        let read = move |input: &mut dyn std::io::BufRead, tell: &mut dyn FnMut(Counted)| {
            report::read(format, input, &mut |seen| {
                if let Seen::Ended { failed, .. } = seen {
                    tell(Counted { failed });
                }
            })
        };
        Box::new(read) as crate::runner::Reader<'a, Results, Counted>
    });
    Task { job, reader, reads_errors: format == Format::Libtest }
}

/// A test that ended.
#[derive(Clone, Copy, Debug)]
struct Counted {
    failed: bool,
}

/// What became of a suite.
fn judged(suite: &Suite, ran: &Ran, read: Option<Results>) -> SuiteRun {
    let format = suite.format();
    let results = match &suite.results {
        None => read,
        Some(_) => {
            let read = |written: &crate::effect::Written| match ran.results(written) {
                Ok(mut input) => report::read(format, &mut input, &mut |_| {}),
                // What can't be opened is no results at all, and says why by its name.
                Err(error) => {
                    let (name, message) = (written.path().display().to_string(), error.to_string());
                    let complaints = vec![Complaint::Part { name, message, detail: String::new() }];
                    Results { complaints, ..Results::default() }
                }
            };
            ran.written.iter().map(read).reduce(|mut all, more| {
                all.append(more);
                all
            })
        }
    };
    let ended = match &ran.end {
        End::Exited(code) => Ended::Exited(*code),
        End::Signal(signal) => Ended::Signal(*signal),
        End::TimedOut => Ended::TimedOut(suite.timeout),
        End::Stopped | End::NotBegun => Ended::Stopped,
        End::NotStarted(why) => Ended::NotStarted(why.clone()),
    };
    let promised = Promised { format, file: suite.results.as_deref() };
    SuiteRun {
        name: suite.name.clone(),
        command: Some(suite.command_line()),
        gives: Gives {
            severity: suite.severity,
            impact: suite.impact.clone(),
            labels: suite.labels.clone(),
            owner: suite.owner.clone(),
        },
        verdict: judge(promised, &ended, &ran.output.to_string(), results),
        duration: (ran.duration > Duration::ZERO).then_some(ran.duration),
        log: None,
        collected: None,
    }
}

/// What a person should know besides.
fn warnings(suite: &Suite, ran: &Ran, run: &SuiteRun, kept: &[String]) -> Vec<String> {
    let mut notes = ran.notes.clone();
    if !ran.left_behind.is_empty() {
        notes.push(format!("it left processes behind, which were ended: {}", ran.left_behind.join(", ")));
    }
    if !ran.survivors.is_empty() {
        notes.push(format!("these processes could not be ended: {}", ran.survivors.join(", ")));
    }
    // git's own variables are no test's business; a credential may be.
    let kept: Vec<&str> = kept.iter().map(String::as_str).filter(|name| !name.starts_with("GIT_")).collect();
    if !kept.is_empty() && run.verdict.trouble.is_some() && !run.verdict.is_stopped {
        // gardener's own tokens reach no suite, whatever the config says.
        let passable: Vec<&str> =
            kept.iter().copied().filter(|name| !context::TOKENS.contains(name)).collect();
        let way = match passable.as_slice() {
            [] => "gardener's own tokens reach no suite".to_owned(),
            [one] => format!("`pass = [\"{one}\"]` of the suite in gardener.toml lets it through"),
            some => format!("`pass` of the suite in gardener.toml lets {} through", some.join(" and ")),
        };
        notes.push(format!("it did not get {}; {way}", kept.join(", ")));
    }
    notes.into_iter().map(|note| format!("{}: {note}", suite.name)).collect()
}

/// What is shown while suites run: on a terminal one line that changes, elsewhere a line when one
/// begins.
struct Board<'t> {
    terminal: &'t mut Terminal,
    names: Vec<String>,
    counts: BTreeMap<usize, (u64, u64)>,
}

impl<'t> Board<'t> {
    fn new(suites: &[Suite], terminal: &'t mut Terminal) -> Self {
        let names = suites.iter().map(|s| s.name.clone()).collect();
        Self { terminal, names, counts: BTreeMap::new() }
    }

    fn hear(&mut self, told: &Told<'_, Counted>) {
        match told {
            Told::Started { suite, name } => {
                self.counts.insert(*suite, (0, 0));
                if !self.terminal.is_watched() {
                    self.terminal.warn(format_args!("{QUIET}running {name}{QUIET:#}"));
                }
                self.show(*suite, "");
            }
            Told::Line { suite, text } => self.show(*suite, text),
            Told::Event { suite, event } => {
                let counts = self.counts.entry(*suite).or_default();
                if event.failed {
                    counts.1 += 1
                } else {
                    counts.0 += 1
                }
                if (counts.0 + counts.1).is_multiple_of(8) {
                    self.show(*suite, "");
                }
            }
            Told::Ended { suite, ran } => {
                self.counts.remove(suite);
                if self.terminal.is_watched() {
                    let (name, time) = (&self.names[*suite], words(ran.duration));
                    self.terminal
                        .warn(format_args!("{QUIET}{NAME}{name}{NAME:#}{QUIET} ended after {time}{QUIET:#}"));
                }
            }
        }
    }

    fn show(&self, suite: usize, line: &str) {
        let all = self.counts.iter().map(|(suite, (passed, failed))| match passed + failed {
            0 => self.names[*suite].clone(),
            ended => format!("{} {ended} tests, {failed} failed", self.names[*suite]),
        });
        let all = all.collect::<Vec<_>>().join("; ");
        let line = if self.counts.contains_key(&suite) { line.trim() } else { "" };
        let between = if line.is_empty() { "" } else { ": " };
        let text = self.terminal.redactor().redact(&format!("{all}{between}{line}")).text;
        self.terminal.progress().show(&Untrusted(&text).to_string());
    }
}
