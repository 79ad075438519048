//! The scenarios: what is prepared, what is run, and what must have come of it.
//!
//! Each run begins with a fresh copy of both sides. A run that did not do its work is an error
//! and no fast run. A sync is measured with `--no-commit`; the same sync with its commit tells
//! what git takes on top.

use std::io::Write;
use std::time::Duration;

use github_stand_in::GitHub;

use crate::floor::{self, Tags};
use crate::measured::{Measure, Times, Wrapped, gardener, measured, middle, timed};
use crate::scene::{Moment, REPO, Scene, Size};
use crate::table::{Row, Table};
use crate::{Options, Told, naive};

/// What an answer takes.
const LATENCY: Duration = Duration::from_millis(50);

/// New entries.
const NEW: usize = 50;

/// So many issues the naive client reads; what it takes for all is worked out from that.
const SAMPLE: usize = 100;

/// Something to prepare before a run.
type Prepare = fn(&Scene, Size) -> Told<()>;

/// What must be true of GitHub after a run.
type Check = fn(&GitHub, Size) -> bool;

/// Runs all of it and tells it.
pub(crate) fn tell(options: &Options, out: &mut impl Write) -> Told<()> {
    let size = Size::whole(if options.quick { 100 } else { 1_000 });
    let size = Size { foreign: options.foreign, ..size };
    let (mut scene, steady) = prepared(size, LATENCY)?;
    let mut table = Table::new(size);
    let mut bench = Bench { options, size, scene: &mut scene, times: Vec::new() };

    let first: [(&str, Prepare); 2] = [
        ("first sync", |scene, _| scene.forget()),
        ("first sync, no base lines", |scene, _| {
            scene.forget()?;
            scene.strip_bases()
        }),
    ];
    for (name, prepare) in first {
        let Some(mut row) = bench.row(name, &steady, prepare, unchanged)? else { continue };
        row.floor = bench.beside(&steady, |port| floor::first(port).map(drop), unchanged)?;
        row.naive = bench.naive(&steady, size.issues + size.issues.div_ceil(100), naive::first, unchanged)?;
        table.rows.push(row);
    }
    if let Some(row) = bench.nothing("nothing to do", &steady)? {
        table.rows.push(row);
    }
    let changed: [(&str, Prepare, Check); 3] = [
        ("10 changed here", |scene, size| hour(scene, || scene.edit_ten(size)), four_closed),
        ("10 changed on GitHub", |scene, size| hour(scene, || scene.change_ten(size)), four_closed),
        (
            "10 changed there just now",
            |scene, size| {
                hour(scene, || scene.change_ten(size))?;
                scene.minutes(-29);
                Ok(())
            },
            four_closed,
        ),
    ];
    for (turn, (name, prepare, check)) in changed.into_iter().enumerate() {
        let Some(mut row) = bench.row(name, &steady, prepare, check)? else { continue };
        if turn == 0 {
            // This scene is as the last run with a commit left it.
            row.after = Some(bench.after()?);
            let ten = bench.scene.ten(size)?;
            row.floor = bench.beside(&steady, |port| floor::change(port, &ten), check)?;
            let whole = size.issues + 10;
            row.naive =
                bench.naive(&steady, whole, |port, issues| naive::change(port, issues, &ten), check)?;
        } else {
            row.floor = bench.pull(&steady, |scene| prepare(scene, size), 10)?;
            row.naive = bench.naive(&steady, size.issues, naive::pull, unchanged)?;
        }
        table.rows.push(row);
    }
    let prepare: Prepare = |scene, _| hour(scene, || scene.write_more(NEW));
    if let Some(mut row) = bench.row("50 created", &steady, prepare, fifty_more)? {
        row.floor = bench.beside(&steady, |port| floor::create(port, NEW), fifty_more)?;
        row.naive = bench.naive(&steady, NEW, |port, _| naive::create(port, NEW), fifty_more)?;
        table.rows.push(row);
    }
    let times = std::mem::take(&mut bench.times);
    if !options.quick && options.only.is_none() {
        for issues in [100, 3_000] {
            table.others.push((issues, nothing_of(options, issues)?));
        }
    }
    table.print(out)?;
    for (name, times) in times {
        writeln!(out, "\n{name}: at GitHub, milliseconds since the start")?;
        for (line, arrived, applied) in times {
            writeln!(out, "  {:8.1} {:8.1}  {line}", arrived * 1_000.0, applied * 1_000.0)?;
        }
    }
    Ok(())
}

/// Nothing to do, with another number of issues.
fn nothing_of(options: &Options, issues: usize) -> Told<Measure> {
    let size = Size::whole(issues);
    let (mut scene, steady) = prepared(size, LATENCY)?;
    let mut bench = Bench { options, size, scene: &mut scene, times: Vec::new() };
    bench.scene.at(&steady)?;
    bench.quiet()
}

/// A repository whose entries have their issues, months ago, so that another sync has nothing to
/// do; and that moment.
pub(crate) fn prepared(size: Size, latency: Duration) -> Told<(Scene, Moment)> {
    let mut scene = Scene::new(size)?;
    // More than the limits is filed here, which is not what is measured.
    gardener(&scene, &Wrapped::default(), &["sync", "--yes"])?;
    scene.open_others(size);
    scene.keep("steady")?;
    for _ in 0..4 {
        let before = scene.commits()?;
        gardener(&scene, &Wrapped::default(), &["sync"])?;
        scene.minutes(60);
        if scene.server.writes().is_empty() && scene.commits()? == before {
            scene.slow_down(latency);
            let moment = scene.moment();
            return Ok((scene, moment));
        }
    }
    Err("syncs do not come to rest".into())
}

/// What the scenarios share.
struct Bench<'a> {
    options: &'a Options,
    size: Size,
    scene: &'a mut Scene,
    times: Vec<(String, Times)>,
}

impl Bench<'_> {
    fn is_wanted(&self, name: &str) -> bool {
        self.options.only.as_ref().is_none_or(|word| name.contains(word.as_str()))
    }

    /// Syncs of one kind, without and with the commit; nothing if it is not wanted.
    fn row(&mut self, name: &str, from: &Moment, prepare: Prepare, check: Check) -> Told<Option<Row>> {
        if !self.is_wanted(name) {
            return Ok(None);
        }
        let mut measures = Vec::new();
        for words in [&["sync", "--no-commit"][..], &["sync"][..]] {
            let mut runs = Vec::new();
            for _ in 0..self.options.repeats {
                self.scene.at(from)?;
                prepare(self.scene, self.size)?;
                runs.push(gardener(self.scene, &self.options.under, words)?);
                self.check(name, check)?;
            }
            measures.push(middle(runs));
        }
        if self.options.times {
            self.scene.at(from)?;
            prepare(self.scene, self.size)?;
            let (_, times) = timed(self.scene, &self.options.under, &["sync"])?;
            self.times.push((name.to_owned(), times));
        }
        let [mut measure, committed] = <[Measure; 2]>::try_from(measures).map_err(|_| "two kinds of runs")?;
        measure.commit = Some((committed.seconds - measure.seconds).max(0.0));
        Ok(Some(Row { name: name.to_owned(), gardener: measure, ..Row::default() }))
    }

    fn check(&self, name: &str, check: Check) -> Told<()> {
        if self.scene.server.with(|github| check(github, self.size)) {
            return Ok(());
        }
        Err(format!("{name}: the work was not done").into())
    }

    /// Syncs that have nothing to do, one after the other in one place, ten minutes apart.
    fn quiet(&mut self) -> Told<Measure> {
        let before = self.scene.commits()?;
        gardener(self.scene, &Wrapped::default(), &["sync"])?;
        let mut runs = Vec::new();
        for _ in 0..if self.options.quick { 1 } else { self.options.repeats.max(5) } {
            self.scene.minutes(10);
            runs.push(gardener(self.scene, &self.options.under, &["sync"])?);
            if !self.scene.server.writes().is_empty() || self.scene.commits()? != before {
                return Err("there was something to do".into());
            }
        }
        Ok(middle(runs))
    }

    fn nothing(&mut self, name: &str, steady: &Moment) -> Told<Option<Row>> {
        if !self.is_wanted(name) {
            return Ok(None);
        }
        self.scene.at(steady)?;
        let gardener = self.quiet()?;
        if self.options.times {
            let (_, times) = timed(self.scene, &self.options.under, &["sync"])?;
            self.times.push((name.to_owned(), times));
        }
        let floor = self.pull(steady, |_| Ok(()), 0)?;
        let naive = self.naive(steady, self.size.issues, naive::pull, unchanged)?;
        Ok(Some(Row { name: name.to_owned(), gardener, floor, naive, after: None }))
    }

    /// The sync a minute after the last one.
    fn after(&mut self) -> Told<Measure> {
        self.scene.minutes(1);
        let before = self.scene.commits()?;
        let measure = gardener(self.scene, &self.options.under, &["sync"])?;
        if self.scene.commits()? != before {
            return Err("a sync after a sync made a commit".into());
        }
        Ok(measure)
    }

    /// Another client's runs.
    fn beside(&mut self, from: &Moment, act: impl Fn(u16) -> Told<()>, check: Check) -> Told<Measure> {
        let mut runs = Vec::new();
        for _ in 0..self.options.repeats {
            self.scene.at(from)?;
            let port = self.scene.server.port();
            runs.push(measured(self.scene, || act(port))?.0);
            self.check("another client", check)?;
        }
        Ok(middle(runs))
    }

    /// The floor's pulls, of which each knows what was read before.
    fn pull(&mut self, from: &Moment, prepare: impl Fn(&Scene) -> Told<()>, changed: usize) -> Told<Measure> {
        let mut runs = Vec::new();
        for _ in 0..if self.options.quick { 1 } else { self.options.repeats.max(5) } {
            self.scene.at(from)?;
            let (port, mut tags) = (self.scene.server.port(), Tags::default());
            floor::pull(port, &mut tags)?;
            prepare(self.scene)?;
            let (measure, rows) = measured(self.scene, || floor::pull(port, &mut tags))?;
            if rows != changed {
                return Err(format!("the floor saw {rows} changes of {changed}").into());
            }
            runs.push(measure);
        }
        Ok(middle(runs))
    }

    /// The naive client's run, once: worked out from a sample if it would take minutes.
    fn naive(
        &mut self,
        from: &Moment,
        whole: usize,
        act: impl Fn(u16, usize) -> Told<()>,
        check: Check,
    ) -> Told<Measure> {
        self.scene.at(from)?;
        let port = self.scene.server.port();
        let issues = if self.options.naive_whole { self.size.issues } else { self.size.issues.min(SAMPLE) };
        let (mut measure, ()) = measured(self.scene, || act(port, issues))?;
        self.check("the naive client", check)?;
        measure.seconds *= whole as f64 / measure.requests as f64;
        measure.requests = whole;
        Ok(measure)
    }
}

/// Half an hour before and after something happens.
fn hour(scene: &Scene, act: impl FnOnce() -> Told<()>) -> Told<()> {
    scene.minutes(30);
    act()?;
    scene.minutes(30);
    Ok(())
}

fn unchanged(github: &GitHub, size: Size) -> bool {
    github.issue_numbers(REPO).len() == size.issues
}

fn four_closed(github: &GitHub, size: Size) -> bool {
    let closed = |number: &u64| github.issue(REPO, *number).is_some_and(|issue| !issue.facts.open);
    let labelled = (1..=size.issues as u64)
        .filter(|number| github.labels_of(REPO, *number).iter().any(|label| label == "regression"));
    (1..=size.issues as u64).filter(closed).count() == 4 && labelled.count() == 3
}

fn fifty_more(github: &GitHub, size: Size) -> bool {
    github.issue_numbers(REPO).len() == size.issues + NEW
}
