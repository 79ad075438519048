//! git in memory: the work tree that gardener is handed, and what people do with git.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use fastrand::Rng;
use gardener::driver::{Versions, ready};
use gardener::effect::Disk;
use gardener::model::Vocabulary;
use gardener::repo::{Committed, File, Made, RepoError, Staged, Standing, Worktree};
use git2::{FileFavor, MergeFileInput, MergeFileOptions};

use crate::check;
use crate::crash::Fuse;
use crate::hand;
use crate::known::{Knowledge, Known, Slot};
use crate::world::{Clone, Commit, Doc, World};

/// The work tree of a clone, as gardener sees it.
pub(crate) struct MemoryWorktree {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) clone: usize,
    pub(crate) disk: Disk,
    pub(crate) fuse: Fuse,
}

impl MemoryWorktree {
    fn refuse(command: &str, message: &str) -> RepoError {
        RepoError::Git { command: command.to_owned(), message: message.to_owned() }
    }
}

impl Worktree for MemoryWorktree {
    fn standing(&mut self) -> Result<Standing, RepoError> {
        let world = self.world.borrow();
        let clone = &world.clones[self.clone];
        Ok(clone.busy.map_or_else(|| Standing::Branch(clone.branch.clone()), Standing::Busy))
    }

    fn worklogs(&mut self) -> Result<Vec<File>, RepoError> {
        let world = self.world.borrow();
        let clone = &world.clones[self.clone];
        let tree = &world.commits[clone.head()].tree;
        let mut files = Vec::new();
        for path in clone.paths() {
            let Some(text) = clone.files.text(&Clone::file(&path)) else { continue };
            let head = tree.get(&path).map(|d| d.text.clone());
            let staged = match clone.index.get(&path) {
                index if index == head.as_ref() => Staged::No,
                Some(index) if *index == text => Staged::Whole,
                None => Staged::Partly,
                Some(_) => Staged::Partly,
            };
            files.push(File { path, content: Ok(text), head, staged });
        }
        Ok(files)
    }

    fn gone(&mut self) -> Result<Vec<(String, String)>, RepoError> {
        let world = self.world.borrow();
        let clone = &world.clones[self.clone];
        let here = clone.paths();
        let tree = world.commits[clone.head()].tree.iter();
        Ok(tree.filter(|(p, _)| !here.contains(p)).map(|(p, d)| (p.clone(), d.text.clone())).collect())
    }

    fn comes_after(&mut self, commit: &str) -> bool {
        let world = self.world.borrow();
        let (head, Ok(commit)) = (world.clones[self.clone].head(), commit.parse::<usize>()) else {
            return false;
        };
        merge_base(&world.commits, head, commit) == Some(commit)
    }

    fn reverts_since(&mut self, commit: &str) -> bool {
        let world = self.world.borrow();
        let Ok(commit) = commit.parse::<usize>() else { return true };
        let (mut todo, mut seen) = (vec![world.clones[self.clone].head()], BTreeSet::new());
        while let Some(at) = todo.pop() {
            if merge_base(&world.commits, commit, at) == Some(at) || !seen.insert(at) {
                continue;
            }
            if world.commits[at].is_revert {
                return true;
            }
            todo.extend(&world.commits[at].parents);
        }
        false
    }

    fn changed_here(&mut self) -> Result<Option<BTreeSet<String>>, RepoError> {
        let world = self.world.borrow();
        let clone = &world.clones[self.clone];
        if clone.branch == "main" {
            return Ok(None);
        }
        let tips = [clone.branches.get("main"), clone.fetched.get("main")];
        let points: Vec<usize> = tips
            .into_iter()
            .flatten()
            .filter_map(|tip| merge_base(&world.commits, clone.head(), *tip))
            .collect();
        let mut changed = BTreeSet::new();
        for path in clone.paths() {
            let text = clone.files.text(&Clone::file(&path)).unwrap_or_default();
            let same = |p: &usize| world.commits[*p].tree.get(&path).is_some_and(|d| d.text == text);
            if !points.iter().any(same) {
                changed.insert(path);
            }
        }
        Ok(Some(changed))
    }

    fn write(&mut self, path: &str, before: &str, after: &str) -> Result<(), RepoError> {
        let file = Clone::file(path);
        let staged = {
            let mut world = self.world.borrow_mut();
            let clone = &world.clones[self.clone];
            let Some(doc) = clone.doc(path).filter(|d| d.text == before) else {
                return Err(RepoError::ChangedMeanwhile(path.to_owned()));
            };
            let staged = clone.index.get(path).is_some_and(|i| i == before)
                && world.commits[clone.head()].tree.get(path).is_none_or(|d| d.text != before);
            let known = check::written(&mut world, self.clone, path, &doc, after);
            let clone = &mut world.clones[self.clone];
            clone.remember(path, Doc { text: after.to_owned(), known });
            if staged {
                clone.due.insert(path.to_owned(), after.to_owned());
            }
            staged
        };
        let written = self.disk.replace(&file, after.as_bytes());
        if staged {
            self.fuse.burn();
            let mut world = self.world.borrow_mut();
            world.clones[self.clone].catch_up();
        }
        written.map_err(|e| RepoError::Disk { path: path.to_owned(), message: e.to_string() })
    }

    fn commit(&mut self, files: &[Committed], message: &str) -> Result<Option<Made>, RepoError> {
        self.fuse.burn();
        let id = {
            let mut world = self.world.borrow_mut();
            let clone = &world.clones[self.clone];
            if clone.refuses {
                world.fire("git: a hook refuses the commit");
                return Err(Self::refuse("git commit", "a hook said no"));
            }
            let head = clone.head();
            let mut tree = world.commits[head].tree.clone();
            let mut docs = Vec::new();
            let (pushing, undoing) = (clone.sync.pushing, clone.sync.undoing);
            let start = if pushing { clone.sync.start.clone() } else { tree.clone() };
            for file in files {
                // An undo commits what HEAD has with its own edits, and not what the work tree has.
                let apart = pushing || undoing;
                let known = match start.get(&file.path).filter(|_| apart) {
                    // Beside the text of the work tree it is written into the one that was committed.
                    Some(before) => check::written(&mut world, self.clone, &file.path, before, &file.text),
                    None => world.clones[self.clone].known(&file.path, &file.work),
                };
                docs.push((file.path.clone(), Doc { text: file.text.clone(), known }));
            }
            for (path, doc) in &docs {
                tree.insert(path.clone(), doc.clone());
            }
            let same = |(path, doc): &(String, Doc)| {
                world.commits[head].tree.get(path).is_some_and(|d| d.text == doc.text)
            };
            if docs.iter().all(same) {
                return Ok(None);
            }
            if message.contains('@') || message.contains('#') {
                world.blame(format!("the commit message names somebody or something: {message}"));
            }
            world.commits.push(Commit { parents: vec![head], tree, is_revert: false });
            let id = world.commits.len() - 1;
            let clone = &mut world.clones[self.clone];
            clone.branches.insert(clone.branch.clone(), id);
            clone.sync.commits += 1;
            for (file, (path, doc)) in files.iter().zip(docs) {
                let text = if file.staged == Staged::Whole { &file.work } else { &file.text };
                clone.due.insert(path.clone(), text.clone());
                clone.remember(&path, doc);
            }
            world.tell(|| format!("    committed {id}"));
            id
        };
        // Dying here leaves a commit whose index is behind; the next run catches up.
        self.fuse.burn();
        self.world.borrow_mut().clones[self.clone].catch_up();
        Ok(Some(Made { id: format!("{id:040}"), note: None }))
    }
}

impl Clone {
    /// Does what the note on disk says of the index.
    pub(crate) fn catch_up(&mut self) {
        let due = std::mem::take(&mut self.due);
        self.index.extend(due);
    }

    /// `git commit -a`, and new files too.
    pub(crate) fn commit_all(&mut self, commits: &mut Vec<Commit>) {
        let mut tree = BTreeMap::new();
        for path in self.paths() {
            if let Some(doc) = self.doc(&path) {
                self.index.insert(path.clone(), doc.text.clone());
                tree.insert(path, doc);
            }
        }
        self.index.retain(|path, _| tree.contains_key(path));
        let head = self.head();
        let text = |t: &BTreeMap<String, Doc>| -> Vec<(String, String)> {
            t.iter().map(|(p, d)| (p.clone(), d.text.clone())).collect()
        };
        if text(&commits[head].tree) != text(&tree) {
            commits.push(Commit { parents: vec![head], tree, is_revert: false });
            self.branches.insert(self.branch.clone(), commits.len() - 1);
        }
    }

    /// Whoever writes in the work tree has seen what HEAD has, also where what they write is what
    /// was agreed on before it.
    pub(crate) fn builds_on(&mut self, tree: &BTreeMap<String, Doc>) {
        for (path, head) in tree {
            let Some(mut doc) = self.doc(path).filter(|doc| doc.text != head.text) else { continue };
            for id in hand::entries(&doc.text) {
                let (mine, theirs) = (hand::view(&doc.text, &id), hand::view(&head.text, &id));
                let (Some(mine), Some(theirs)) = (mine, theirs) else { continue };
                let seen = head.known.get(&id).cloned().unwrap_or_default();
                let known = doc.known.entry(id).or_default();
                let based = mine.base.as_ref().map(|base| base.as_view());
                for slot in check::slots() {
                    let based = based.as_ref().and_then(|base| check::value(slot, base));
                    let (mine, theirs) = (check::value(slot, &mine), check::value(slot, &theirs));
                    // What its own base has is no edit.
                    if mine.is_some() && mine != theirs && mine != based {
                        *known.now.entry(slot).or_default() |= seen.of(slot);
                    }
                }
            }
            self.remember(path, doc);
        }
    }

    /// `git switch`, which makes the branch where it is missing.
    pub(crate) fn switch(&mut self, branch: &str, commits: &[Commit]) {
        let head = self.head();
        let tip = *self.branches.entry(branch.to_owned()).or_insert(head);
        branch.clone_into(&mut self.branch);
        self.check_out(&commits[tip].tree);
    }

    /// `git merge`: the person takes one side where texts collide.
    pub(crate) fn merge(&mut self, other: usize, commits: &mut Vec<Commit>, random: &mut Rng) {
        let head = self.head();
        let base = merge_base(commits, head, other);
        if base == Some(other) {
            return;
        }
        let tip = if base == Some(head) {
            other
        } else {
            let empty = BTreeMap::new();
            let old = base.map_or(&empty, |b| &commits[b].tree);
            let mut merging = Merging { has_driver: self.has_driver, dropped: Vec::new() };
            let tree = merge_trees(old, &commits[head].tree, &commits[other].tree, random, &mut merging);
            self.dropped.append(&mut merging.dropped);
            commits.push(Commit { parents: vec![head, other], tree, is_revert: false });
            commits.len() - 1
        };
        self.branches.insert(self.branch.clone(), tip);
        let tree = commits[tip].tree.clone();
        self.check_out(&tree);
    }
}

/// The nearest common ancestor; of several the newest.
pub(crate) fn merge_base(commits: &[Commit], a: usize, b: usize) -> Option<usize> {
    let ancestors = |from: usize| {
        let (mut all, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(id) = open.pop() {
            if all.insert(id) {
                open.extend(&commits[id].parents);
            }
        }
        all
    };
    ancestors(a).intersection(&ancestors(b)).max().copied()
}

/// How texts are merged.
struct Merging {
    has_driver: bool,
    /// What was let go that was nobody's to decide.
    dropped: Vec<String>,
}

fn merge_trees(
    old: &BTreeMap<String, Doc>,
    ours: &BTreeMap<String, Doc>,
    theirs: &BTreeMap<String, Doc>,
    random: &mut Rng,
    merging: &mut Merging,
) -> BTreeMap<String, Doc> {
    let mut tree = BTreeMap::new();
    let paths: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    for path in paths {
        let doc = match (ours.get(path), theirs.get(path)) {
            (Some(a), Some(b)) if a.text == b.text => {
                Some(Doc { text: a.text.clone(), known: join(&a.text, a, b) })
            }
            (Some(a), Some(b)) => Some(merge_docs(old.get(path), a, b, random, merging)),
            // Deleted on one side and changed on the other: the person keeps it.
            (Some(one), None) | (None, Some(one)) => {
                (old.get(path).is_none_or(|o| o.text != one.text)).then(|| one.clone())
            }
            (None, None) => None,
        };
        if let Some(doc) = doc {
            tree.insert(path.clone(), doc);
        }
    }
    tree
}

fn merge_docs(old: Option<&Doc>, ours: &Doc, theirs: &Doc, random: &mut Rng, merging: &mut Merging) -> Doc {
    let favor = if random.bool() { FileFavor::Ours } else { FileFavor::Theirs };
    let before = old.map_or("", |d| d.text.as_str());
    let texts = Versions { base: before, ours: ours.text.as_str(), theirs: theirs.text.as_str() };
    let vocabulary = Vocabulary::default();
    // Where only one side changed git does not ask the driver.
    let asked = merging.has_driver && before != ours.text && before != theirs.text;
    if let Some(ready) = asked.then(|| ready(&texts, &vocabulary)).flatten() {
        let Versions { base, ours: a, theirs: b } = &ready.texts;
        let clean = merge_lines(base, a, b, FileFavor::Normal);
        let text = clean.clone().unwrap_or_else(|| merge_lines(base, a, b, favor).unwrap_or_default());
        if clean.is_none() || ready.is_kept_by(&text, &vocabulary) {
            if clean.is_some() {
                merging.dropped.extend(dropped(&text, before, ours, theirs));
            }
            let known = join(&text, ours, theirs);
            return Doc { text, known };
        }
    }
    let text = merge_lines(before, &ours.text, &theirs.text, favor).unwrap_or_default();
    let known = join(&text, ours, theirs);
    Doc { text, known }
}

/// Merges lines; `None` for a conflict that nobody settles.
fn merge_lines(base: &str, ours: &str, theirs: &str, favor: FileFavor) -> Option<String> {
    let (mut a, mut b, mut o) = (MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new());
    a.content(ours.as_bytes()).path("worklog");
    b.content(theirs.as_bytes()).path("worklog");
    o.content(base.as_bytes()).path("worklog");
    let mut options = MergeFileOptions::new();
    options.favor(favor);
    // libgit2 is made ready by its first object, and merging texts is none.
    drop(git2::Config::new());
    let merged = git2::merge_file(&o, &a, &b, Some(&mut options)).expect("texts can be merged");
    merged.is_automergeable().then(|| String::from_utf8_lossy(merged.content()).into_owned())
}

/// Edits that were never sent, and that a merge without a conflict let go for a value that knows
/// nothing of them.
fn dropped(text: &str, old: &str, ours: &Doc, theirs: &Doc) -> Vec<String> {
    let mut all = Vec::new();
    for id in hand::entries(text) {
        let Some(view) = hand::view(text, &id) else { continue };
        let old = hand::view(old, &id);
        for (mine, other) in [(ours, theirs), (theirs, ours)] {
            let Some(was) = hand::view(&mine.text, &id) else { continue };
            let known = |doc: &Doc| doc.known.get(&id).cloned().unwrap_or_default();
            let (mine, other) = (known(mine), known(other));
            for slot in check::slots() {
                let (before, now) = (check::value(slot, &was), check::value(slot, &view));
                // What was there before both gives way to whoever changed it.
                if old.as_ref().is_some_and(|old| check::value(slot, old) == before) {
                    continue;
                }
                let agreed = mine.agreed.get(&slot).copied().unwrap_or(0);
                let lost = mine.of(slot) & !agreed & !other.of(slot);
                // Labels unite: what one side adds beats what the other takes off.
                let united = matches!(slot, Slot::Label(_)) && now.as_deref() == Some("yes");
                if before.is_some() && before != now && lost != 0 && !united {
                    all.push(format!("{id}: a merge took {slot:?} {before:?} for {now:?} and drops edits"));
                }
            }
        }
    }
    all
}

/// What a merged text knows: of each value what the side knew that it comes from, and what
/// the other side had agreed on. What the person let go of is gone.
fn join(text: &str, ours: &Doc, theirs: &Doc) -> Knowledge {
    let mut knowledge = Knowledge::new();
    for id in hand::entries(text) {
        let Some(view) = hand::view(text, &id) else { continue };
        let (a, b) = (hand::view(&ours.text, &id), hand::view(&theirs.text, &id));
        let known_a = ours.known.get(&id).cloned().unwrap_or_default();
        let known_b = theirs.known.get(&id).cloned().unwrap_or_default();
        let mut known = Known::default();
        for slot in check::slots() {
            let of = |v: &Option<hand::View>| v.as_ref().and_then(|v| check::value(slot, v));
            let now = check::value(slot, &view);
            let agreed = |k: &Known| k.agreed.get(&slot).copied().unwrap_or(0);
            let (mine, yours) = (of(&a) == now, of(&b) == now);
            let edits = match (mine, yours) {
                (true, true) => known_a.of(slot) | known_b.of(slot),
                (true, false) => known_a.of(slot) | agreed(&known_b),
                (false, true) => known_b.of(slot) | agreed(&known_a),
                (false, false) => agreed(&known_a) | agreed(&known_b),
            };
            let base = |v: &Option<hand::View>| v.as_ref().and_then(|v| v.base.clone());
            let both = match (base(&a) == view.base, base(&b) == view.base) {
                (true, true) => agreed(&known_a) | agreed(&known_b),
                (true, false) => agreed(&known_a),
                (false, true) => agreed(&known_b),
                (false, false) => agreed(&known_a) & agreed(&known_b),
            };
            known.agreed.insert(slot, both);
            // A value that the base line of the merged text has is one that was agreed on.
            let based = view.base.as_ref().and_then(|b| check::value(slot, &b.as_view()));
            let is_agreed =
                based.is_some() && based == now && view.issue == view.base.as_ref().map(|b| b.issue);
            known.now.insert(slot, if is_agreed { both } else { edits });
        }
        knowledge.insert(id, known);
    }
    knowledge
}
