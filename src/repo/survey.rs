//! The worklogs without reading most of them: which there are, of which everything is known already, and
//! the others, a part at a time.
//!
//! git is asked three things at once (what it lists, what its attributes say, its config) while this
//! program looks at the files. What is said of a file here is what [`Worktree::worklogs`] says of it; a
//! file that is not known for certain is read by it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;

use crate::effect::{Disk, Draft, Stamp};
use crate::repo::git::unread;
use crate::repo::history::{Entry, tree_entry};
use crate::repo::index::Listed;
use crate::repo::known::{Known, Record};
use crate::repo::worklogs::{Item, Tip, content};
use crate::repo::{File, GitWorktree, RepoError, Unfit};

/// Parts are of so many files at most.
const PART: usize = 1000;

/// And of so many bytes, as the files are when they are listed.
const PART_BYTES: u64 = 16 << 20;

/// The least number of files for which it pays to note what is known of them.
const WORTH: usize = 32;

/// As few files are stamped by one thread.
const FEW: usize = 1000;

/// The worklogs of a work tree.
#[derive(Debug)]
pub struct Survey {
    tip: Tip,
    /// Every path that git lists, in order.
    all: Vec<Place>,
    /// What is known of some.
    known: Known,
    /// Which of `all` are to be read, the next one last.
    rest: Vec<usize>,
}

/// A worklog that git lists.
#[derive(Debug)]
struct Place {
    path: Vec<u8>,
    listed: Listed,
    head: Option<Entry>,
    /// How it stands in the work tree, as far as it was looked at.
    stamp: Option<Stamp>,
    /// Checking it out can't give other bytes than are stored.
    is_plain: bool,
    /// A folder above it is a link.
    is_behind_link: bool,
}

/// A file that was read for itself, and not with what HEAD has.
#[derive(Debug)]
pub struct Read {
    /// From the top of the work tree, with `/`.
    pub path: String,
    /// Its text, or why it is none.
    pub content: Result<String, Unfit>,
}

impl Place {
    /// What HEAD, the index and the work tree have alike, if git is right about the index.
    fn same(&self) -> Option<git2::Oid> {
        match (self.listed, self.head) {
            (Listed::Entry(staged), Some(head)) if staged.id == head.id && self.is_plain => {
                (head.mode & 0o170_000 == 0o100_000 && !self.is_behind_link).then_some(head.id)
            }
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.path).ok()
    }
}

impl Survey {
    /// How many files are still to be read.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// What else the notes depend on, as it was when they were made.
    pub fn realm(&self) -> &[u8] {
        &self.known.realm
    }

    /// Takes nothing as known: all files are to be read.
    pub fn forget(&mut self) {
        self.known = Known::default();
        self.rest = (0..self.all.len()).rev().collect();
    }

    /// The notes on the files that are known, by path.
    pub fn notes(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.known.records.iter().map(|(path, record)| (path.as_str(), record.note.as_slice()))
    }

    /// Begins what will be known after this look: files that are written from now on are not. Nothing
    /// where it is not worth it.
    pub fn begin(&self, worktree: &GitWorktree, realm: Vec<u8>) -> Option<Learned> {
        let least = if self.known.records.is_empty() { WORTH } else { 1 };
        if self.rest.len() < least {
            return None;
        }
        let draft = worktree.repo.disk.draft(&worktree.repo.private_folder())?;
        Some(Learned { draft, known: Known { realm, records: self.known.records.clone() }, new: 0 })
    }
}

/// What will be known.
#[derive(Debug)]
pub struct Learned {
    draft: Draft,
    known: Known,
    new: usize,
}

impl Learned {
    /// Keeps it, if there is anything new in it.
    pub fn keep(self, worktree: &GitWorktree) {
        let disk = &worktree.repo.disk;
        if self.new == 0 {
            return disk.drop_draft(self.draft);
        }
        disk.keep(self.draft, &worktree.repo.known_file(), &self.known.to_bytes());
    }
}

/// A file with what may be noted of it.
#[derive(Debug)]
pub struct Fresh {
    /// The file.
    pub file: File,
    record: Option<(Stamp, git2::Oid)>,
}

impl Fresh {
    /// Notes something on the file, if it can be known again: it is as in HEAD, and nobody was writing it.
    pub fn note(&self, learned: &mut Learned, note: Vec<u8>) {
        if let Some((stamp, head)) = self.record
            && stamp.is_before(learned.draft.moment)
        {
            learned.known.records.insert(self.file.path.clone(), Record { stamp, head, note });
            learned.new += 1;
        }
    }
}

impl GitWorktree {
    /// Looks at the worklogs. What is `known` counts where it still holds.
    ///
    /// # Errors
    /// When the folder can't be listed or HEAD can't be read.
    pub fn survey(&self, mut known: Known) -> Result<Survey, RepoError> {
        if let Some(link) = self.repo.first_link(&self.folder, true) {
            return Err(RepoError::Link(link));
        }
        let tip = self.tip()?;
        let (git, folder) = (&self.repo.git, self.folder.as_str());
        let (listed, said, heads) = thread::scope(|scope| {
            let listed = scope.spawn(|| git.list(&[folder], true));
            let paths = known.records.keys();
            let said = scope.spawn(|| git.attributes(paths.map(String::as_str)));
            let heads = match self.repo.tree_of(tip.1) {
                Ok(Some(tree)) => self.heads_below(&tree),
                Ok(None) => Ok(BTreeMap::new()),
                Err(error) => Err(error),
            };
            (listed.join(), said.join(), heads)
        });
        let listed = listed.unwrap_or_else(|_| Err(not_told()))?;
        let said = said.unwrap_or_else(|_| Err(not_told()))?;
        let heads = heads?;
        let differs = self.repo.differs_by(&said)?;
        let mut plain: BTreeMap<&str, bool> =
            known.records.keys().zip(differs).map(|(path, differs)| (path.as_str(), !differs)).collect();
        let is_one = |path: &Vec<u8>| path.ends_with(b".md");
        let paths: Vec<_> = listed.keys().filter(|path| is_one(path)).collect();
        let unasked = paths.iter().filter_map(|path| std::str::from_utf8(path).ok());
        let unasked: Vec<_> = unasked.filter(|path| !plain.contains_key(path)).collect();
        let differs = self.repo.checks_out_differently(&unasked)?;
        plain.extend(unasked.iter().copied().zip(differs.into_iter().map(|differs| !differs)));
        let mut behind: BTreeMap<String, bool> = BTreeMap::new();
        let mut all = Vec::new();
        for (path, listed) in listed.iter().filter(|(path, _)| is_one(path)) {
            let text = std::str::from_utf8(path).ok();
            let above = text.and_then(|text| text.rsplit_once('/')).map_or("", |(above, _)| above);
            let is_behind_link = match behind.get(above) {
                Some(is) => *is,
                None => {
                    let is = self.repo.first_link(above, true).is_some();
                    behind.insert(above.to_owned(), is);
                    is
                }
            };
            let is_plain = text.is_some_and(|text| plain.get(text) == Some(&true));
            let head = text.and_then(|text| heads.get(text)).copied();
            let (path, listed) = (path.clone(), *listed);
            all.push(Place { path, listed, head, stamp: None, is_plain, is_behind_link });
        }
        let places: Vec<_> =
            all.iter().map(|place| place.text().filter(|t| known.records.contains_key(*t))).collect();
        let stamps = stamps(self.repo.top(), &places);
        for (place, stamp) in all.iter_mut().zip(stamps) {
            place.stamp = stamp;
        }
        let mut rest = Vec::new();
        let mut holding = BTreeSet::new();
        for (at, place) in all.iter().enumerate() {
            let record = place.text().and_then(|path| known.records.get(path));
            let holds = record
                .is_some_and(|record| place.same() == Some(record.head) && place.stamp == Some(record.stamp));
            match place.text().filter(|_| holds) {
                Some(path) => drop(holding.insert(path.to_owned())),
                None => rest.push(at),
            }
        }
        known.records.retain(|path, _| holding.contains(path));
        rest.reverse();
        Ok(Survey { tip, all, known, rest })
    }

    /// The next files that are to be read, with what HEAD and the index have of them; none at the end.
    /// What is not in the work tree is left out.
    ///
    /// # Errors
    /// When the repository can't be read. A single unreadable file is in the answer.
    pub fn next(&self, survey: &mut Survey) -> Result<Option<Vec<Fresh>>, RepoError> {
        if survey.rest.is_empty() {
            return Ok(None);
        }
        let (mut items, mut records, mut bytes) = (Vec::new(), Vec::new(), 0);
        while items.len() < PART && bytes < PART_BYTES {
            let Some(place) = survey.rest.pop().map(|at| &survey.all[at]) else { break };
            // Before it is read: whatever is written afterwards leaves a later time.
            let stamp = place.text().and_then(|path| Stamp::of(&self.repo.top().join(path)));
            let Some(item) = item(self.repo.disk(), self.repo.top(), place) else { continue };
            bytes += item.content.as_ref().map_or(0, |text| text.len() as u64);
            records.push(stamp.zip(place.same()));
            items.push(item);
        }
        let files = self.files(&survey.tip, items)?.0.into_iter();
        let fresh = files.zip(records).map(|(file, record)| {
            let is_as_in_head =
                file.content.as_ref().ok().is_some_and(|text| file.head.as_ref() == Some(text));
            Fresh { record: record.filter(|_| is_as_in_head), file }
        });
        Ok(Some(fresh.collect()))
    }

    /// Reads all files that are left by several threads, and gives each to `look`, whose answers come in
    /// the order of the paths. What HEAD has is looked at only where it may be unfit.
    ///
    /// # Errors
    /// When the repository can't be read.
    pub fn read_all<T: Send>(
        &self,
        survey: &mut Survey,
        look: impl Fn(Read) -> T + Sync,
    ) -> Result<Vec<T>, RepoError> {
        let fits = self.fitting_heads(survey)?;
        let unclear = survey.rest.iter().filter(|at| survey.all[**at].head.is_some() && !fits.contains(at));
        let mut unfit: BTreeMap<usize, Unfit> = BTreeMap::new();
        for at in unclear {
            let place = &survey.all[*at];
            let Some(item) = item(self.repo.disk(), self.repo.top(), place) else { continue };
            let (files, _) = self.files(&survey.tip, vec![item])?;
            if let Some(Err(why @ Unfit::Head(_))) = files.into_iter().next().map(|file| file.content) {
                unfit.insert(*at, why);
            }
        }
        let rest: Vec<_> = std::mem::take(&mut survey.rest).into_iter().rev().collect();
        let (disk, top) = (self.repo.disk(), self.repo.top());
        let (all, unfit, look) = (&survey.all, &unfit, &look);
        let read = |at: &usize| {
            let Item { path, content, .. } = item(disk, top, &all[*at])?;
            let content = match unfit.get(at) {
                Some(why) => content.and(Err(why.clone())),
                None => content,
            };
            Some(look(Read { path, content }))
        };
        Ok(by_threads(&rest, read).into_iter().flatten().collect())
    }

    /// The files of which HEAD has just what is in the work tree, as far as git's index can tell by the
    /// files' times; which other ones have an unfit version there is for `files` to say.
    fn fitting_heads(&self, survey: &Survey) -> Result<BTreeSet<usize>, RepoError> {
        let path = self.repo.git2.path().join("index");
        let (Some(written), Ok(index)) = (Stamp::of(&path), git2::Index::open(&path)) else {
            return Ok(BTreeSet::new());
        };
        let paths: Vec<_> = survey.rest.iter().map(|at| survey.all[*at].text()).collect();
        let stamps = stamps(self.repo.top(), &paths);
        let fits = |(at, stamp): (&usize, Option<Stamp>)| {
            let place = &survey.all[*at];
            let (same, stamp) = (place.same()?, stamp?);
            let entry = index.get_path(Path::new(place.text()?), 0)?;
            let is_time = |time: git2::IndexTime, (seconds, nanoseconds): (i64, i64)| {
                i64::from(time.seconds()) == seconds && i64::from(time.nanoseconds()) == nanoseconds
            };
            let is_same = entry.id == same
                && u64::from(entry.file_size) == stamp.size
                && u64::from(entry.ino) == stamp.file.1 & 0xffff_ffff
                && is_time(entry.mtime, stamp.times[0])
                && is_time(entry.ctime, stamp.times[1]);
            // One that was written when the index was may have been written once more.
            (is_same && stamp.is_before(written.times[0])).then_some(*at)
        };
        Ok(survey.rest.iter().zip(stamps).filter_map(fits).collect())
    }

    /// What a commit's tree has in the folder, by path.
    pub(super) fn heads_below(&self, tree: &git2::Tree<'_>) -> Result<BTreeMap<String, Entry>, RepoError> {
        let mut heads = BTreeMap::new();
        let folder = match tree_entry(tree, &self.folder)? {
            Some(entry) if entry.mode == 0o040_000 => entry.id,
            _ => return Ok(heads),
        };
        let what = "read a commit";
        let tree = self.repo.git2.find_tree(folder).map_err(unread(what))?;
        let walked = tree.walk(git2::TreeWalkMode::PreOrder, |root, entry| {
            if let (Ok(name), Ok(mode)) = (entry.name(), u32::try_from(entry.filemode()))
                && name.ends_with(".md")
            {
                heads.insert(format!("{}/{root}{name}", self.folder), Entry { mode, id: entry.id() });
            }
            git2::TreeWalkResult::Ok
        });
        walked.map_err(unread(what))?;
        Ok(heads)
    }
}

fn not_told() -> RepoError {
    super::git::failed("git", "it could not be asked")
}

/// A worklog with its text; nothing where none is there.
fn item(disk: &Disk, top: &Path, place: &Place) -> Option<Item> {
    let listed = place.listed;
    let Some(path) = place.text() else {
        let path = String::from_utf8_lossy(&place.path).into_owned();
        return Some(Item { path, listed, content: Err(Unfit::Name) });
    };
    let content = if place.is_behind_link { Err(Unfit::Link) } else { content(disk, &top.join(path))? };
    Some(Item { path: path.to_owned(), listed, content })
}

/// How the files at these paths stand.
fn stamps(top: &Path, paths: &[Option<&str>]) -> Vec<Option<Stamp>> {
    let stamp = |path: &Option<&str>| path.and_then(|path| Stamp::of(&top.join(path)));
    if paths.len() < FEW { paths.iter().map(stamp).collect() } else { by_threads(paths, stamp) }
}

/// `act` on each of `all`, by as many threads as there are processors and some that wait for the disk, in
/// small runs so that none is left with the slow ones.
fn by_threads<I: Sync, T: Send>(all: &[I], act: impl Fn(&I) -> T + Sync) -> Vec<T> {
    const RUN: usize = 32;
    let threads = thread::available_parallelism().map_or(1, usize::from).saturating_mul(4).clamp(4, 32);
    let threads = threads.min(all.len().div_ceil(RUN));
    if threads < 2 {
        return all.iter().map(act).collect();
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let run = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(items) = all.chunks(RUN).nth(run) else { return done };
            done.push((run, items.iter().map(&act).collect::<Vec<T>>()));
        }
    };
    let mut runs: Vec<(usize, Vec<T>)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let others = others.into_iter().flat_map(|other| match other.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        mine.into_iter().chain(others.collect::<Vec<_>>()).collect()
    });
    runs.sort_by_key(|(run, _)| *run);
    runs.into_iter().flat_map(|(_, done)| done).collect()
}
