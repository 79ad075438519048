//! Files in memory, as a system keeps them: what was written and what a power cut leaves.
//!
//! Content is safe once the file was synced, a name once its folder was. A power cut keeps
//! either version of a name that was not, and any prefix of content that was not.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use gardener::effect::{Files, Lock, ReadError};

use crate::random::chance;

/// The files of one clone.
#[derive(Clone, Default)]
pub(crate) struct MemoryFiles(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    contents: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    durable: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    temporary: u64,
    trouble: Option<(Rng, u32)>,
    fired: BTreeMap<&'static str, u64>,
}

#[derive(Clone, Default)]
struct Content {
    bytes: Vec<u8>,
    synced: Vec<u8>,
}

impl MemoryFiles {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls fail in so many percent of the cases.
    pub(crate) fn trouble(&self, trouble: Option<(Rng, u32)>) {
        self.lock().trouble = trouble;
    }

    /// Takes the counts of faults that struck.
    pub(crate) fn fired(&self) -> BTreeMap<&'static str, u64> {
        std::mem::take(&mut self.lock().fired)
    }

    /// What a person or git writes: at once and safe.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.lock();
        let content = Content { bytes: bytes.to_owned(), synced: bytes.to_owned() };
        let id = state.contents.len();
        state.contents.push(content);
        state.names.insert(path.to_owned(), id);
        state.durable.insert(path.to_owned(), id);
    }

    /// What a person or git removes.
    pub(crate) fn take_away(&self, path: &Path) {
        let mut state = self.lock();
        state.names.remove(path);
        state.durable.remove(path);
    }

    /// A file as text, without faults.
    pub(crate) fn text(&self, path: &Path) -> Option<String> {
        let state = self.lock();
        let id = *state.names.get(path)?;
        Some(String::from_utf8_lossy(&state.contents[id].bytes).into_owned())
    }

    /// The paths below a folder.
    pub(crate) fn below(&self, folder: &Path) -> Vec<PathBuf> {
        self.lock().names.keys().filter(|p| p.starts_with(folder)).cloned().collect()
    }

    /// The power goes. What was not synced is there, not there, or there in part.
    pub(crate) fn cut_power(&self, random: &mut Rng) {
        let mut state = self.lock();
        let paths: BTreeSet<PathBuf> = state.names.keys().chain(state.durable.keys()).cloned().collect();
        let mut names = BTreeMap::new();
        for path in paths {
            let (now, safe) = (state.names.get(&path).copied(), state.durable.get(&path).copied());
            let kept = if now == safe || random.bool() { now } else { safe };
            if let Some(id) = kept {
                names.insert(path, id);
            }
        }
        for content in &mut state.contents {
            if content.bytes == content.synced {
                continue;
            }
            match random.u32(0..3) {
                0 => {}
                1 => content.bytes = content.synced.clone(),
                _ => {
                    // A part of what was added, or of a new content.
                    let from =
                        if content.bytes.starts_with(&content.synced) { content.synced.len() } else { 0 };
                    content.bytes.truncate(random.usize(from..=content.bytes.len()));
                }
            }
            content.synced = content.bytes.clone();
        }
        state.durable = names.clone();
        state.names = names;
    }
}

impl State {
    fn fails(&mut self, what: &'static str) -> bool {
        let strikes = self.trouble.as_mut().is_some_and(|(random, percent)| chance(random, *percent));
        if strikes {
            *self.fired.entry(what).or_default() += 1;
        }
        strikes
    }

    fn new_content(&mut self, bytes: &[u8]) -> usize {
        self.contents.push(Content { bytes: bytes.to_owned(), synced: Vec::new() });
        self.contents.len() - 1
    }
}

fn full() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "no space left on device")
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{}: no such file", path.display()))
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path, cap: u64) -> Result<Vec<u8>, ReadError> {
        let mut state = self.lock();
        let id = *state.names.get(path).ok_or_else(|| missing(path))?;
        if state.fails("disk: can't read") {
            return Err(io::Error::other("input/output error").into());
        }
        let bytes = state.contents[id].bytes.clone();
        if bytes.len() as u64 > cap { Err(ReadError::TooLarge(cap)) } else { Ok(bytes) }
    }

    fn exists(&self, path: &Path) -> bool {
        self.lock().names.contains_key(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.lock().folders.contains(path)
    }

    fn write_temporary(&self, folder: &Path, bytes: &[u8], _like: Option<&Path>) -> io::Result<PathBuf> {
        let mut state = self.lock();
        if state.fails("disk: full") {
            return Err(full());
        }
        state.temporary += 1;
        let path = folder.join(format!(".gardener-tmp-{}", state.temporary));
        let id = state.new_content(bytes);
        state.names.insert(path.clone(), id);
        Ok(path)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        let id = match state.names.get(path) {
            Some(id) => *id,
            None => {
                let id = state.new_content(b"");
                state.names.insert(path.to_owned(), id);
                id
            }
        };
        if state.fails("disk: full in the middle") {
            let half = bytes.len() / 2;
            state.contents[id].bytes.extend(&bytes[..half]);
            return Err(full());
        }
        state.contents[id].bytes.extend(bytes);
        Ok(())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        let id = *state.names.get(path).ok_or_else(|| missing(path))?;
        if state.fails("disk: can't sync") {
            return Err(io::Error::other("input/output error"));
        }
        state.contents[id].synced = state.contents[id].bytes.clone();
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.lock();
        let inside = |path: &PathBuf| path.parent() == Some(folder);
        let now: BTreeMap<_, _> =
            state.names.iter().filter(|(p, _)| inside(p)).map(|(p, id)| (p.clone(), *id)).collect();
        state.durable.retain(|path, _| !inside(path));
        state.durable.extend(now);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        if state.fails("disk: can't rename") {
            return Err(io::Error::other("read-only file system"));
        }
        let id = state.names.remove(from).ok_or_else(|| missing(from))?;
        state.names.insert(to.to_owned(), id);
        Ok(())
    }

    fn rename_to_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.exists(to) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is there"));
        }
        self.rename(from, to)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        for folder in path.ancestors() {
            state.folders.insert(folder.to_owned());
        }
        Ok(())
    }

    fn make_private(&self, path: &Path) -> io::Result<()> {
        self.append(path, b"")
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        let id = *state.names.get(from).ok_or_else(|| missing(from))?;
        let bytes = state.contents[id].bytes.clone();
        let id = state.new_content(&bytes);
        state.names.insert(to.to_owned(), id);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.lock().names.remove(path).map(|_| ()).ok_or_else(|| missing(path))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let state = self.lock();
        Ok(state.names.keys().filter(|path| path.parent() == Some(folder)).cloned().collect())
    }

    fn try_lock(&self, _path: &Path) -> io::Result<Option<Lock>> {
        Ok(Some(Lock::of_nobody()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_cut_keeps_what_was_synced_and_any_part_of_the_rest() {
        let (folder, path) = (Path::new("/j"), Path::new("/j/journal"));
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let files = MemoryFiles::default();
            files.append(path, b"one\n").expect("appended");
            files.sync(path).expect("synced");
            files.sync_folder(folder).expect("synced");
            files.append(path, b"two\n").expect("appended");
            files.cut_power(&mut Rng::with_seed(seed));
            seen.insert(files.text(path).expect("its name is safe"));
        }
        assert!(seen.iter().all(|t| t.starts_with("one\n") && "one\ntwo\n".starts_with(t.as_str())));
        assert!(seen.contains("one\n") && seen.contains("one\ntwo\n") && seen.len() > 3, "{seen:?}");
    }

    #[test]
    fn a_rename_may_be_lost_until_its_folder_is_synced() {
        let path = Path::new("/w/a.md");
        let mut seen = BTreeSet::new();
        for seed in 0..100 {
            let files = MemoryFiles::default();
            files.put(path, b"old");
            let temporary = files.write_temporary(Path::new("/w"), b"new", None).expect("written");
            files.sync(&temporary).expect("synced");
            files.rename(&temporary, path).expect("renamed");
            files.cut_power(&mut Rng::with_seed(seed));
            seen.insert(files.text(path).expect("one of both"));
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["new", "old"]);
    }
}
