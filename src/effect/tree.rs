//! A process with all that comes of it: found again wherever it hides, and ended.
//!
//! A child of a child may leave its group, its session, its parent and its environment. So each
//! tree is known by several marks, each enough by itself: the group and the session of whoever was
//! known before, the parent, and a variable that only this tree has. On Linux this process is the
//! one to which orphans come (a *child subreaper*), so that not even a daemon gets away. What a
//! service starts on somebody's behalf (docker, systemd, at) is none of its children.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{self as system, Pid, Signal, WaitId, WaitIdOptions, WaitOptions};

use crate::effect::table::{self, Seen};

/// The variable by which the processes of a tree are known. A tree in a tree adds its own word.
pub(super) const MARK: &str = "GARDENER_SUITE";

/// The direct children of this process that are somebody's business: never taken for strays.
static OWN: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// How many trees there are. Orphans come here as long as there is one.
static TREES: Mutex<usize> = Mutex::new(0);

/// Numbers the marks of this process.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// Everything that came of one process.
#[derive(Debug)]
pub(super) struct Tree {
    leader: i32,
    mark: String,
    takes_strays: bool,
    /// When the leader began: whatever began before is not of this tree.
    start: u64,
    /// The members by number, with their start.
    known: BTreeMap<i32, u64>,
    /// Groups and sessions that members made for themselves.
    groups: BTreeSet<i32>,
    sessions: BTreeSet<i32>,
    /// Who does not have the mark; reading the variables of all processes each time is slow.
    unmarked: BTreeMap<i32, u64>,
}

/// A word that no other tree has.
pub(super) fn new_mark() -> String {
    let own = own_pid();
    let start = table::one(own).map_or(0, |seen| seen.start);
    format!("{own}.{start}.{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Starts a child so that it is never taken for a stray, whoever looks meanwhile.
pub(super) fn start_own<E>(start: impl FnOnce() -> Result<(i32, E), std::io::Error>) -> std::io::Result<E> {
    let mut own = lock(&OWN);
    let (pid, child) = start()?;
    own.insert(pid);
    Ok(child)
}

/// The child was waited for; its number is free again.
pub(super) fn forget_own(pid: i32) {
    lock(&OWN).remove(&pid);
}

/// Lets orphans come to this process, before the first tree begins.
pub(super) fn adopt() {
    let mut trees = lock(&TREES);
    *trees += 1;
    if *trees == 1 {
        set_subreaper(true);
    }
}

/// The opposite of [`adopt`].
pub(super) fn adopt_no_more() {
    let mut trees = lock(&TREES);
    *trees = trees.saturating_sub(1);
    if *trees == 0 {
        set_subreaper(false);
    }
}

impl Tree {
    /// The tree of a child of this process that leads a group of its own and has `mark` among the
    /// words of [`MARK`]. With `takes_strays` orphans without any mark are its, too, while it is
    /// the only tree.
    pub(super) fn new(leader: i32, mark: String, takes_strays: bool) -> Self {
        let start = table::one(leader).map_or(0, |seen| seen.start);
        Self {
            leader,
            mark,
            takes_strays,
            start,
            known: BTreeMap::from([(leader, start)]),
            groups: BTreeSet::from([leader]),
            sessions: BTreeSet::new(),
            unmarked: BTreeMap::new(),
        }
    }

    /// Whether the process at the top has ended. It is not waited for, so that its number, which
    /// is that of its group, stays its own.
    pub(super) fn leader_has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let Some(pid) = Pid::from_raw(self.leader) else { return true };
        !matches!(system::waitid(WaitId::Pid(pid), options), Ok(None))
    }

    /// Asks the group politely, also when it is stopped.
    pub(super) fn ask(&self) {
        self.to_group(self.leader, Signal::TERM);
        self.to_group(self.leader, Signal::CONT);
    }

    /// Asks all members.
    pub(super) fn ask_all(&mut self) {
        for seen in self.look() {
            send(seen.pid, Signal::TERM);
            send(seen.pid, Signal::CONT);
        }
    }

    /// Who is alive; members that ended and came to this process are waited for.
    pub(super) fn look(&mut self) -> Vec<Seen> {
        let table = table::all();
        let own = own_pid();
        let home = table.iter().find(|seen| seen.pid == own).map(|seen| (seen.group, seen.session));
        let strays = self.strays(&table, own);
        let mut members: BTreeSet<i32> = BTreeSet::new();
        let mut rest: Vec<&Seen> =
            table.iter().filter(|seen| seen.pid != own && seen.start >= self.start).collect();
        loop {
            let before = members.len();
            rest.retain(|seen| {
                let is_member = strays.contains(&seen.pid) || self.has(seen, &members);
                if is_member {
                    members.insert(seen.pid);
                    self.learn(seen, home);
                }
                !is_member
            });
            if members.len() == before {
                break;
            }
        }
        let of_members = |of: fn(&Seen) -> i32| -> BTreeSet<i32> {
            table.iter().filter(|seen| members.contains(&seen.pid)).map(of).collect()
        };
        // The number of an empty group is anybody's.
        let (groups, sessions) = (of_members(|seen| seen.group), of_members(|seen| seen.session));
        self.groups.retain(|group| *group == self.leader || groups.contains(group));
        self.sessions.retain(|session| sessions.contains(session));
        self.known.retain(|pid, _| members.contains(pid));
        let there: BTreeMap<i32, u64> = rest.iter().map(|seen| (seen.pid, seen.start)).collect();
        self.unmarked.retain(|pid, start| there.get(pid) == Some(start));
        let session = home.map_or(0, |(_, session)| session);
        let is_ours = |seen: &&Seen| members.contains(&seen.pid) || is_nobodys(seen, session);
        let ended =
            table.iter().filter(|seen| !seen.is_alive && seen.parent == own && seen.pid != self.leader);
        for seen in ended.filter(is_ours) {
            if !lock(&OWN).contains(&seen.pid) {
                reap(seen.pid);
            }
        }
        table.into_iter().filter(|seen| members.contains(&seen.pid) && seen.is_alive).collect()
    }

    /// Waits for orphans that ended, which is quick as long as it is done often.
    pub(super) fn tidy(&self) {
        let home = table::one(own_pid()).map_or(0, |seen| seen.session);
        for pid in table::own_children() {
            if pid != self.leader && table::one(pid).is_some_and(|seen| is_nobodys(&seen, home)) {
                let own = lock(&OWN);
                if !own.contains(&pid) {
                    reap(pid);
                }
            }
        }
    }

    /// Ends all members, and those that come while it is at it. Whoever is stopped forks no more
    /// and loses no child out of sight, so all are stopped first; a whole group is told at once,
    /// which none of its forks can slip through. Returns who was there, and who is alive nevertheless
    /// after `patience`: who belongs to another user, or waits for a disk that does not answer.
    pub(super) fn end(&mut self, patience: Duration) -> (Vec<Seen>, Vec<Seen>) {
        let mut ended: Vec<Seen> = Vec::new();
        let deadline = Instant::now() + patience;
        let (mut pause, mut quiet) = (Duration::from_millis(1), 0);
        // A look at the whole table takes longer the more there are.
        self.tidy();
        loop {
            let mut stopped: BTreeSet<i32> = BTreeSet::new();
            let mut alive = self.look();
            for _ in 0..10 {
                let fresh: Vec<&Seen> = alive.iter().filter(|seen| !stopped.contains(&seen.pid)).collect();
                if fresh.is_empty() || Instant::now() >= deadline {
                    break;
                }
                self.send_to(&fresh, Signal::STOP);
                stopped.extend(fresh.iter().map(|seen| seen.pid));
                alive = self.look();
            }
            // Of a crowd a few names do.
            let fresh = alive.iter().filter(|a| !ended.iter().any(|e| e.pid == a.pid));
            let fresh: Vec<Seen> = fresh.take(100_usize.saturating_sub(ended.len())).cloned().collect();
            ended.extend(fresh);
            self.send_to(&alive.iter().collect::<Vec<_>>(), Signal::KILL);
            let came = self.chase(pause.max(Duration::from_millis(5)));
            quiet = if came || !alive.is_empty() { 0 } else { quiet + 1 };
            // A chain of orphans may have been between two looks once, not so often.
            if quiet > 0 && (ended.is_empty() || quiet > 2) || Instant::now() >= deadline {
                let alive = self.look();
                ended.retain(|seen| !alive.iter().any(|a| a.pid == seen.pid));
                return (ended, alive);
            }
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// For a while, ends orphans as they come, without a look at the whole table: a chain of
    /// daemons that each fork the next and end is quicker than that. Returns whether any came.
    fn chase(&mut self, time: Duration) -> bool {
        let (until, mut came) = (Instant::now() + time, false);
        let home = table::one(own_pid()).map_or(0, |seen| seen.session);
        while Instant::now() < until {
            let mut found = false;
            for pid in table::own_children() {
                if pid == self.leader || lock(&OWN).contains(&pid) {
                    continue;
                }
                if self.takes_strays && *lock(&TREES) == 1 || self.is_marked(pid) {
                    found = true;
                    send(pid, Signal::KILL);
                    reap(pid);
                } else if table::one(pid).is_some_and(|seen| is_nobodys(&seen, home)) {
                    found = true;
                    reap(pid);
                }
            }
            came |= found;
            if !found {
                std::thread::sleep(Duration::from_micros(500));
            }
        }
        came
    }

    fn has(&mut self, seen: &Seen, members: &BTreeSet<i32>) -> bool {
        if self.known.get(&seen.pid) == Some(&seen.start)
            || self.groups.contains(&seen.group)
            || self.sessions.contains(&seen.session)
            || members.contains(&seen.parent)
        {
            return true;
        }
        if !seen.is_alive || self.unmarked.get(&seen.pid) == Some(&seen.start) {
            return false;
        }
        let is_marked = self.is_marked(seen.pid);
        if !is_marked {
            self.unmarked.insert(seen.pid, seen.start);
        }
        is_marked
    }

    fn is_marked(&self, pid: i32) -> bool {
        let words = table::variable(pid, MARK).unwrap_or_default();
        words.split(|b| *b == b' ').any(|word| word == self.mark.as_bytes())
    }

    fn learn(&mut self, seen: &Seen, home: Option<(i32, i32)>) {
        self.known.insert(seen.pid, seen.start);
        // What this process is in itself is no mark. If that is not known nothing is.
        if let Some((group, session)) = home {
            self.groups.extend(Some(seen.group).filter(|g| *g != group && *g > 0));
            self.sessions.extend(Some(seen.session).filter(|s| *s != session && *s > 0));
        }
    }

    /// Orphans that came here and are nobody's.
    fn strays(&self, table: &[Seen], own: i32) -> BTreeSet<i32> {
        if !self.takes_strays || *lock(&TREES) != 1 {
            return BTreeSet::new();
        }
        // Asked after the table was read, so that whoever is in it is in the list.
        let children = lock(&OWN);
        let is_stray = |seen: &&Seen| seen.parent == own && !children.contains(&seen.pid);
        table.iter().filter(is_stray).map(|seen| seen.pid).collect()
    }

    fn send_to(&self, members: &[&Seen], signal: Signal) {
        let groups: BTreeSet<i32> = members.iter().map(|seen| seen.group).collect();
        for group in groups.intersection(&self.groups) {
            self.to_group(*group, signal);
        }
        for seen in members {
            send(seen.pid, signal);
        }
    }

    fn to_group(&self, group: i32, signal: Signal) {
        if let Some(group) = Pid::from_raw(group).filter(|_| group > 1) {
            // It may be empty by now.
            let _ = system::kill_process_group(group, signal);
        }
    }
}

fn send(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid).filter(|_| pid > 1) {
        // It may have ended, or be another user's; the next look tells.
        let _ = system::kill_process(pid, signal);
    }
}

/// Whether a child of this process has ended that it did not start: it is of another session, and
/// this process starts none in a session of its own. Nobody else waits for such an orphan, and a
/// suite that makes many would fill the table.
fn is_nobodys(seen: &Seen, home: i32) -> bool {
    !seen.is_alive && home > 0 && seen.session > 0 && seen.session != home
}

fn reap(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        // Whether it was one to wait for or not, it is not in the way.
        let _ = system::waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

fn own_pid() -> i32 {
    system::getpid().as_raw_nonzero().get()
}

#[cfg(target_os = "linux")]
fn set_subreaper(on: bool) {
    // Old kernels and some sandboxes refuse. The other marks still find nearly everybody.
    let _ = system::set_child_subreaper(on.then(system::getpid));
}

#[cfg(not(target_os = "linux"))]
fn set_subreaper(_on: bool) {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
