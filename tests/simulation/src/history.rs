//! One history: people work, gardener syncs, things break; then everything heals.
//!
//! What is asked of the end of a sync and of a history is in `end`; what is checked on the way is
//! in `check`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use fastrand::Rng;
use gardener::config::{Config, LikenessUse};
use gardener::effect::Disk;
use gardener::forge::{Address, ForgeRead as _, GitHub, GitHubWriter, Options, Token};
use gardener::journal::{Caches, FileStore, Journal};
use gardener::merge::Side;
use gardener::model::RepoSlug;
use gardener::plan::IssueConflict;
use gardener::redact::Redactor;
use gardener::sync::{self, Choices, KeptAnswers, Pushing, Report, Scope, SyncError, WantedSide};
use github_stand_in::Permission;

use crate::crash::{Fuse, until_crash};
use crate::end::{bystanders, one_issue_each, settled, told_once, truth, whole};
use crate::git::MemoryWorktree;
use crate::people;
use crate::random::{Random, chance, one};
use crate::receipts::agreed_in_journal;
use crate::wire::{MemoryWire, SharedClock, Trouble};
use crate::world::{CANARY, Clone, Doc, Notes, REPO, TOKEN, World};

/// What came of a history.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What must not be, in words; empty if all is well.
    pub wrong: Vec<String>,
    /// What happened, if it was asked for.
    pub story: Vec<String>,
    /// Faults that struck.
    pub fired: BTreeMap<&'static str, u64>,
    /// Steps, without those of the end.
    pub steps: u64,
    /// Syncs, with those of the end.
    pub syncs: u64,
    /// Effects that were passed.
    pub effects: u64,
    /// Crashes and power cuts.
    pub crashes: u64,
    /// Whether the last sync that was to crash did.
    pub last_crashed: bool,
    /// Clones.
    pub clones: u64,
    /// A sum over everything that happened: the same seed, the same sum.
    pub sum: u64,
}

/// Who comes in between two requests.
pub(crate) struct Actor {
    random: Rng,
    percent: u32,
    nested: Option<Nested>,
}

struct Nested {
    faults: Rc<RefCell<Trouble>>,
    way: Way,
}

/// How requests are made.
#[derive(Clone, Copy)]
struct Way {
    graphql: bool,
    /// So many writes and more travel together.
    together_from: usize,
}

/// How one sync is to go.
#[derive(Clone, Default)]
struct Wanted {
    fuse: Option<u32>,
    cuts_power: bool,
    prefer: Vec<WantedSide>,
    /// It is a hook's, for a push of what HEAD has.
    pushing: bool,
    /// It is no sync, and takes back the one before.
    undoing: bool,
}

/// What a sync gave.
pub(crate) enum Ended {
    Crashed,
    Refused(SyncError),
    Done(Box<Report>),
}

struct History {
    world: Rc<RefCell<World>>,
    random: Random,
    faults: Rc<RefCell<Trouble>>,
    between: Rc<RefCell<Actor>>,
    disk_trouble: u32,
    way: Way,
    crashy: bool,
    as_at_first: bool,
    syncs: u64,
    crashes: u64,
    effects: u64,
    /// Conflicts that the last sync of a clone showed.
    shown: BTreeMap<usize, Vec<String>>,
    /// How many of them taking a side settles.
    open: BTreeMap<usize, usize>,
    /// Entries of which a second issue was said and left to people.
    left: BTreeSet<String>,
}

/// How a history is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting {
    /// Note what happens, in words.
    pub story: bool,
    /// No faults but these: one more sync at the end of the work dies before the effect of this
    /// number, from 0, by a kill or (true) by a power cut.
    pub crash: Option<(u32, bool)>,
    /// And so does the next one.
    pub again: Option<(u32, bool)>,
    /// Nothing that people did not do in the first histories: seeds that went wrong then stay
    /// the same.
    pub as_at_first: bool,
}

/// Runs the history of a seed.
#[must_use]
pub fn run(seed: u64, setting: Setting) -> Outcome {
    let with_story = setting.story;
    let mut random = Random::new(seed);
    let mut world = World::new("2026-03-01T12:00:00Z");
    world.story = with_story.then(Vec::new);
    let steps = random.work.u64(6..15);
    let clones = match random.order.u32(0..100) {
        0..80 => 1,
        80..95 => 2,
        _ => 3,
    };
    world.github.settings.list_lag_new = *one(&mut random.lag, &[0, 0, 20, 300, 800]);
    world.github.settings.page_cap =
        *one(&mut random.lag, &[None, None, None, None, None, None, Some(2), Some(3)]);
    match random.faults.u32(0..20) {
        0 => world.github.grant("ann", REPO, Permission::Triage),
        1 => {
            world.github.grant("ann", REPO, Permission::Read);
            world.is_weak = true;
        }
        _ => {}
    }
    world.github.settings.list_lag_updates = *one(&mut random.lag, &[0, 0, 5, 60]);
    people::first_worklogs(&mut world, &mut random.work);
    for _ in 0..clones {
        let mut clone = Clone::new(&world);
        clone.has_driver = !setting.as_at_first && random.later.bool();
        world.clones.push(clone);
    }
    let others = bystanders(&world);
    let (percent, only) = match random.faults.u32(0..3) {
        0 => (0, Some(random.faults.u32(1..60))),
        _ => (*one(&mut random.faults, &[0, 1, 5, 20, 50]), None),
    };
    let quiet = setting.crash.is_some();
    let (percent, only) = if quiet { (0, None) } else { (percent, only) };
    let faults = Trouble { random: random.faults.fork(), percent, only };
    let faults = Rc::new(RefCell::new(faults));
    let graphql = chance(&mut random.faults, 80);
    let together = !setting.as_at_first && chance(&mut random.later, 70);
    let way = Way { graphql, together_from: if together { 2 } else { usize::MAX } };
    let nested = (clones > 1).then(|| Nested { faults: faults.clone(), way });
    let percent = if quiet { 0 } else { *one(&mut random.order, &[0, 0, 3, 10]) };
    #[cfg(feature = "sabotage")]
    gardener::sabotage::choose(crate::defect::chosen(), random.lag.i64(-100_000..100_000));
    let between = Actor { random: random.order.fork(), percent, nested };
    let mut history = History {
        faults,
        between: Rc::new(RefCell::new(between)),
        disk_trouble: if quiet { 0 } else { *one(&mut random.faults, &[0, 0, 0, 2, 10]) },
        way,
        crashy: !quiet && chance(&mut random.faults, 80),
        as_at_first: setting.as_at_first,
        random,
        world: Rc::new(RefCell::new(world)),
        syncs: 0,
        crashes: 0,
        effects: 0,
        shown: BTreeMap::new(),
        open: BTreeMap::new(),
        left: BTreeSet::new(),
    };
    for _ in 0..steps {
        history.step();
    }
    let mut last_crashed = false;
    for (fuse, cuts_power) in [setting.crash, setting.again].into_iter().flatten() {
        let before = history.crashes;
        let wanted = Wanted { fuse: Some(fuse), cuts_power, ..Wanted::default() };
        history.sync(0, &wanted);
        last_crashed = history.crashes > before;
    }
    history.heal();
    let world = &history.world;
    if bystanders(&world.borrow()) != others {
        world.borrow_mut().blame("an issue that nobody names is not as it was".to_owned());
    }
    let mut world = world.borrow_mut();
    for clone in 0..world.clones.len() {
        for (what, count) in world.clones[clone].files.fired() {
            *world.fired.entry(what).or_default() += count;
        }
    }
    Outcome {
        seed,
        wrong: std::mem::take(&mut world.wrong),
        story: world.story.take().unwrap_or_default(),
        fired: std::mem::take(&mut world.fired),
        steps,
        syncs: history.syncs,
        effects: history.effects,
        crashes: history.crashes,
        last_crashed,
        clones,
        sum: world.sum,
    }
}

impl History {
    fn step(&mut self) {
        let clone = self.random.order.usize(0..self.world.borrow().clones.len());
        match self.random.order.u32(0..100) {
            0..34 => {
                let wanted = self.wanted(clone);
                self.sync(clone, &wanted);
            }
            34..60 => people::edit_here(&mut self.world.borrow_mut(), clone, &mut self.random.work),
            60..80 => people::edit_there(&mut self.world.borrow_mut(), &mut self.random.work),
            80..90 => people::use_git(&mut self.world.borrow_mut(), clone, &mut self.random.work),
            _ => {
                let seconds = *one(&mut self.random.lag, &[1, 1, 30, 600, 1_000, 5_000, 90_000]);
                self.world.borrow_mut().github.clock.advance(seconds);
                self.world.borrow_mut().tell(|| format!("  {seconds} s pass"));
            }
        }
    }

    fn wanted(&mut self, clone: usize) -> Wanted {
        let crashes = self.crashy && chance(&mut self.random.faults, 60);
        let fuse = crashes.then(|| self.random.faults.u32(0..30));
        let cuts_power = crashes && chance(&mut self.random.faults, 40);
        let shown = self.shown.get(&clone).cloned().unwrap_or_default();
        let mut prefer = Vec::new();
        if !shown.is_empty() && chance(&mut self.random.work, 40) {
            let side = if self.random.work.bool() { Side::Local } else { Side::Remote };
            let entry = self.random.work.bool().then(|| one(&mut self.random.work, &shown).clone());
            prefer.push(WantedSide { side, entry, field: None, seen: None });
        }
        // A hook takes nobody's side.
        let later = !self.as_at_first && prefer.is_empty();
        let pushing = later && chance(&mut self.random.later, 20);
        let undoing = later && !pushing && chance(&mut self.random.later, 10);
        Wanted { fuse, cuts_power, prefer, pushing, undoing }
    }

    fn sync(&mut self, clone: usize, wanted: &Wanted) -> Option<Box<Report>> {
        self.syncs += 1;
        let disk = (self.disk_trouble > 0).then(|| (self.random.faults.fork(), self.disk_trouble));
        self.world.borrow().clones[clone].files.trouble(disk);
        let wires = (&self.faults, &self.between);
        let (ended, effects) = sync_once(&self.world, clone, wanted, wires, self.way);
        self.effects += effects;
        self.world.borrow().clones[clone].files.trouble(None);
        if matches!(ended, Ended::Crashed) {
            self.crashes += 1;
            let mut world = self.world.borrow_mut();
            world.fire(if wanted.cuts_power { "crash: the power goes" } else { "crash: killed" });
            if wanted.cuts_power {
                world.clones[clone].files.cut_power(&mut self.random.faults);
            }
        }
        whole(&mut self.world.borrow_mut(), clone);
        agreed_in_journal(&mut self.world.borrow_mut(), clone, true);
        match ended {
            Ended::Done(report) => {
                let keys = report.plan.conflicts.iter().map(|c| c.conflict.key.to_string()).collect();
                self.shown.insert(clone, keys);
                let world = self.world.borrow();
                let settles = |c: &&IssueConflict| can_be_settled(&world, c);
                self.open.insert(clone, report.plan.conflicts.iter().filter(settles).count());
                drop(world);
                let lines = report.lines().into_iter().flat_map(|w| w.lines);
                let said = lines.filter(|l| l.texts.iter().any(|t| t.contains("left as it is")));
                self.left.extend(said.map(|l| l.key.to_string()));
                Some(report)
            }
            _ => None,
        }
    }

    /// Syncs until nobody does anything. That round is the proof of rest; the fourth has to be one.
    fn rest(&mut self, wanted: &Wanted) {
        let clones = self.world.borrow().clones.len();
        // Each clone gets three for itself once the others are done.
        let last = 3 * clones + 1;
        for round in 1..=last {
            let mut quiet = true;
            // Long enough for every list to have caught up.
            self.world.borrow_mut().github.clock.advance(900);
            for clone in 0..clones {
                let report = self.sync(clone, wanted);
                let mut world = self.world.borrow_mut();
                let (writes, changes) = (world.clones[clone].sync.writes, world.clones[clone].changes());
                quiet &= writes + changes == 0;
                if round == last && writes + changes > 0 {
                    world.blame(format!("clone {clone} is not at rest: {writes} writes, {changes} changes"));
                }
                match report {
                    None => world.blame(format!("clone {clone}: a sync without faults did not end well")),
                    Some(report) if round == last || quiet => settled(&mut world, clone, &report),
                    Some(_) => {}
                }
            }
            if quiet {
                break;
            }
        }
    }

    /// Faults end, locks open, time passes; then three syncs must be enough.
    fn heal(&mut self) {
        *self.faults.borrow_mut() = Trouble { random: Rng::with_seed(0), percent: 0, only: None };
        self.between.borrow_mut().percent = 0;
        self.disk_trouble = 0;
        self.crashy = false;
        {
            let mut world = self.world.borrow_mut();
            world.tell(|| "  everything heals".to_owned());
            world.github.clock.advance(20 * 60);
            let all = world.clones.len();
            for clone in 0..all {
                people::tidy_up(&mut world, clone, &mut self.random.work);
            }
        }
        self.rest(&Wanted::default());
        if self.shown.values().any(|keys| !keys.is_empty()) {
            // Somebody decides what is left to people, and then there is nothing left.
            // Several clones or entries each have their own; what GitHub has is one for all.
            let alone = self.shown.values().map(Vec::len).sum::<usize>() == 1;
            let side = if alone && self.random.work.bool() { Side::Local } else { Side::Remote };
            let prefer = vec![WantedSide { side, entry: None, field: None, seen: None }];
            // A side is taken of the values that were shown. Where another clone has settled one
            // of them meanwhile the next sync shows what is left, and that is decided then.
            let clones = self.world.borrow().clones.len();
            for _ in 0..=clones {
                self.rest(&Wanted { prefer: prefer.clone(), ..Wanted::default() });
                if self.open.values().all(|open| *open == 0) {
                    break;
                }
            }
            self.rest(&Wanted::default());
            let mut world = self.world.borrow_mut();
            let weak = world.is_weak;
            for (clone, _) in self.open.iter().filter(|(_, open)| !weak && **open > 0) {
                let keys = &self.shown[clone];
                world.blame(format!("clone {clone}: {keys:?} is a conflict again after it was settled"));
            }
        }
        // What waits for somebody's decision holds the end of a loser back, too.
        self.left.extend(self.shown.values().flatten().cloned());
        one_issue_each(&mut self.world.borrow_mut(), &self.left);
        told_once(&mut self.world.borrow_mut());
    }
}

impl Actor {
    /// Comes in between, or not.
    pub(crate) fn act(&mut self, world: &Rc<RefCell<World>>, clone: usize) {
        if self.percent == 0 || !chance(&mut self.random, self.percent) {
            return;
        }
        world.borrow_mut().clones[clone].sync.disturbed = true;
        match self.random.u32(0..10) {
            0..6 => {
                world.borrow_mut().fire("between: somebody edits on GitHub");
                people::edit_there(&mut world.borrow_mut(), &mut self.random);
            }
            6..8 => {
                world.borrow_mut().fire("between: somebody edits the worklog");
                people::edit_here(&mut world.borrow_mut(), clone, &mut self.random);
            }
            _ => {
                let Some(nested) = self.nested.take() else { return };
                world.borrow_mut().fire("between: another clone syncs");
                let other = (clone + 1) % world.borrow().clones.len();
                let quiet = Actor { random: self.random.fork(), percent: 0, nested: None };
                let between = Rc::new(RefCell::new(quiet));
                let wanted = Wanted::default();
                sync_once(world, other, &wanted, (&nested.faults, &between), nested.way);
                whole(&mut world.borrow_mut(), other);
                agreed_in_journal(&mut world.borrow_mut(), other, true);
                self.nested = Some(nested);
            }
        }
    }
}

/// One sync, as the command does it.
fn sync_once(
    world: &Rc<RefCell<World>>,
    clone: usize,
    wanted: &Wanted,
    (faults, between): (&Rc<RefCell<Trouble>>, &Rc<RefCell<Actor>>),
    way: Way,
) -> (Ended, u64) {
    let fuse = Fuse::of(wanted.fuse);
    let files = {
        let mut world = world.borrow_mut();
        let how = match (wanted.pushing, wanted.undoing) {
            (true, _) => "pushes and so syncs",
            (_, true) => "takes back its last sync",
            _ => "syncs",
        };
        world.tell(|| format!("  clone {clone} {how}, fuse {:?}, {:?}", wanted.fuse, wanted.prefer));
        let began = world.github.clock.now();
        world.clones[clone].catch_up();
        agreed_in_journal(&mut world, clone, false);
        if wanted.pushing {
            let tree = world.commits[world.clones[clone].head()].tree.clone();
            world.clones[clone].builds_on(&tree);
        }
        let clone_here = &world.clones[clone];
        let docs = clone_here.paths().into_iter();
        let docs = docs.filter_map(|path| Some((path.clone(), clone_here.doc(&path)?)));
        let docs: BTreeMap<String, Doc> = docs.collect();
        let texts = docs.iter().map(|(path, doc)| (path.clone(), doc.text.clone())).collect();
        let start = if wanted.pushing {
            // What is sent is what the commit has.
            let tree = &world.commits[clone_here.head()].tree;
            let there = tree.iter().filter(|(path, _)| docs.contains_key(*path));
            there.map(|(path, doc)| (path.clone(), doc.clone())).collect()
        } else {
            docs
        };
        let here = &mut world.clones[clone];
        let preferred = !wanted.prefer.is_empty();
        let (pushing, undoing) = (wanted.pushing, wanted.undoing);
        here.sync = Notes { start, here: texts, preferred, began, pushing, undoing, ..Notes::default() };
        here.files.clone()
    };
    let disk = Disk::over(Arc::new(files), fuse.steps());
    let ended = until_crash(|| {
        disk.sweep(Path::new("/worklogs"));
        disk.sweep(Path::new("/git/gardener"));
        let wire = MemoryWire {
            world: world.clone(),
            clone,
            faults: faults.clone(),
            between: between.clone(),
            fuse: fuse.clone(),
            last: RefCell::new(None),
        };
        let address = Address::of_host("github.com").expect("an address");
        let slug = RepoSlug::parse(REPO).expect("a name");
        let mut options = Options::new(address, slug.clone());
        options.token = Token::new(TOKEN, "GH_TOKEN", "github.com");
        options.steps = fuse.steps();
        options.clock = Box::new(SharedClock(world.clone()));
        options.graphql = way.graphql;
        options.together_from = way.together_from;
        options.wire = Some(Box::new(wire));
        if way.together_from == 2 {
            let kept = FileStore::answers(Path::new("/git"), disk.clone());
            options.kept = Some(Box::new(KeptAnswers(kept)));
        }
        let mut github = GitHubWriter::new(GitHub::new(options));
        let mut worktree =
            MemoryWorktree { world: world.clone(), clone, disk: disk.clone(), fuse: fuse.clone() };
        let mut store = FileStore::new(Path::new("/git"), disk.clone());
        let mut look = FileStore::cache(Path::new("/git"), disk.clone());
        let mut texts = FileStore::texts(Path::new("/git"), disk.clone());
        let mut caches = Caches { look: &mut look, texts: &mut texts };
        let choices = Choices {
            home: slug,
            // Few issues and much the same prose: here everything would be asked about. What likeness does
            // is held by tests of its own.
            config: Config { likeness: LikenessUse::Off, ..Config::default() },
            template: include_str!("../../../templates/issue.md").to_owned(),
            preferences: wanted.prefer.clone(),
            all: false,
            commit: true,
            yes: true,
            pushing: wanted.pushing.then(|| {
                let commit = world.borrow().clones[clone].head();
                Pushing { commit: format!("{commit:040}"), may_stop: true, ..Pushing::default() }
            }),
            scope: Scope::Branch,
            redactor: redactor(),
        };
        sync::check_standing(&mut worktree, &choices)?;
        let mut journal = Journal::open(&mut store)?;
        if wanted.undoing {
            let repository = github.repository()?.id;
            let undoing = sync::prepare_undo(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
            let prepared = undoing.prepared;
            let report =
                sync::carry_out(prepared, &mut github, &mut worktree, &mut journal, &mut caches, &choices)?;
            sync::note_undone(&report, repository, &mut journal);
            return Ok(report);
        }
        let prepared = sync::prepare(&mut github, &mut worktree, &journal, &mut caches, &choices)?;
        sync::carry_out(prepared, &mut github, &mut worktree, &mut journal, &mut caches, &choices)
    });
    let ended = match ended {
        None => Ended::Crashed,
        Some(Err(error)) => Ended::Refused(error),
        Some(Ok(report)) => Ended::Done(Box::new(report)),
    };
    truth(&mut world.borrow_mut(), clone, &ended);
    (ended, fuse.burnt())
}

/// Whether taking a side settles a conflict. Of several severities on GitHub none is its side,
/// and GitHub changes no reason of an issue that stays closed.
fn can_be_settled(world: &World, conflict: &IssueConflict) -> bool {
    let c = &conflict.conflict;
    let closed = |word: &str| matches!(word, "completed" | "not-planned" | "duplicate");
    // What is contested may be what the loser of a race says.
    let several = c.there.contains(" and ");
    let only_reason = closed(&c.here) && closed(&world.view(conflict.number).status);
    !several && !only_reason
}

/// What finds secrets; it knows the value of a variable that stands in a worklog.
fn redactor() -> Arc<Redactor> {
    static SHARED: OnceLock<Arc<Redactor>> = OnceLock::new();
    let variable = || [("SERVICE_PASSWORD".to_owned(), CANARY.to_owned())];
    SHARED.get_or_init(|| Arc::new(Redactor::new(variable()))).clone()
}
