//! A file that another program is to write: the old one out of the way, the new one read as it is.
//!
//! Nothing is lost by a wrong path: what was there has another name while the program runs, and
//! comes back unless the program wrote that very file. What the content means is not known here.
#![expect(clippy::disallowed_methods, reason = "it is an edge to the disk")]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::effect::Steps;

/// A place in which only a new file counts, or several: the name may be a pattern.
#[derive(Debug)]
pub struct Aside {
    steps: Steps,
    folder: PathBuf,
    name: glob::Pattern,
    /// The files that were there, and what they are called meanwhile.
    moved: Vec<(PathBuf, PathBuf)>,
}

/// A file that was written since [`Aside::begin`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    path: PathBuf,
}

impl Aside {
    /// What an old file is called meanwhile: its name and this.
    pub const SUFFIX: &'static str = ".gardener-old";

    /// Moves away what is at `path`, which may be nothing, or several files where its last part has
    /// a `*` in it.
    ///
    /// # Errors
    /// When it is a folder, or can't be moved; what was moved until then has its name again.
    pub fn begin(steps: &Steps, path: &Path) -> io::Result<Self> {
        let wrong = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
        let name =
            path.file_name().and_then(|name| name.to_str()).ok_or_else(|| wrong("it names no file"))?;
        let pattern = if name.contains('*') { name.to_owned() } else { glob::Pattern::escape(name) };
        let pattern = glob::Pattern::new(&pattern).map_err(|error| wrong(error.msg))?;
        let folder = path.parent().unwrap_or(path).to_owned();
        let mut aside = Self { steps: steps.clone(), folder, name: pattern, moved: Vec::new() };
        for path in aside.there()? {
            if let Err(error) = aside.move_away(&path) {
                // The first error is the one to tell.
                let _ = aside.finish();
                return Err(error);
            }
        }
        Ok(aside)
    }

    fn move_away(&mut self, path: &Path) -> io::Result<()> {
        if fs::symlink_metadata(path)?.is_dir() {
            let why = "it is a folder, and `results` names a file";
            return Err(io::Error::new(io::ErrorKind::IsADirectory, why));
        }
        let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
        name.push(Self::SUFFIX);
        let old = path.with_file_name(name);
        self.steps.step("give the old results another name");
        fs::rename(path, &old)?;
        self.moved.push((path.to_owned(), old));
        Ok(())
    }

    /// The files of that name, in order.
    fn there(&self) -> io::Result<Vec<PathBuf>> {
        let items = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            items => items?,
        };
        let mut found = Vec::new();
        for item in items {
            let item = item?;
            let is_one = |name: &str| self.name.matches(name) && !name.ends_with(Self::SUFFIX);
            if item.file_name().to_str().is_some_and(is_one) {
                found.push(item.path());
            }
        }
        found.sort();
        Ok(found)
    }

    /// The files that were written since, by name. The old ones are then removed where there is a
    /// new one, and else have their names again.
    ///
    /// # Errors
    /// When that can't be done; an old one may then still have its other name.
    pub fn finish(self) -> io::Result<Vec<Written>> {
        let written = self.there()?;
        for (path, old) in &self.moved {
            if fs::symlink_metadata(old).is_ok() {
                self.steps.step("remove the old results, or put them back");
                if written.contains(path) { fs::remove_file(old)? } else { fs::rename(old, path)? }
            }
        }
        Ok(written.into_iter().map(|path| Written { path }).collect())
    }
}

impl Written {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens it. It must be a regular file, no link, in a folder that is really below `top`:
    /// what is read here can end up in an issue. Reading fails after `cap` bytes.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn open(&self, top: &Path, cap: u64) -> io::Result<Box<dyn BufRead + Send>> {
        let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        let folder = self.path.parent().unwrap_or(&self.path).canonicalize()?;
        if !folder.starts_with(top.canonicalize()?) {
            return refuse("a link on the way to it leads out of the repository");
        }
        let before = fs::symlink_metadata(&self.path)?;
        if let Some(why) = no_file(&before) {
            return refuse(why);
        }
        let file = open(&self.path)?;
        if !same(&before, &file.metadata()?) {
            return refuse("it was replaced while it was opened");
        }
        Ok(Box::new(BufReader::with_capacity(1 << 16, Capped { file, left: cap })))
    }
}

/// Why what is there is not read.
fn no_file(there: &fs::Metadata) -> Option<&'static str> {
    if there.is_symlink() {
        Some("it is a symbolic link, which is not followed")
    } else if there.is_dir() {
        Some("it is a folder, and not a file with results")
    } else if is_pipe(there) {
        Some("it is a named pipe, and not a file with results")
    } else if !there.is_file() {
        Some("it is not a regular file")
    } else {
        None
    }
}

#[cfg(unix)]
fn is_pipe(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    there.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_there: &fs::Metadata) -> bool {
    false
}

/// A file that gives an error where it is longer than it may be.
struct Capped {
    file: File,
    left: u64,
}

impl Read for Capped {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.left = match self.left.checked_sub(count as u64) {
            Some(left) => left,
            None => return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large")),
        };
        Ok(count)
    }
}

/// Follows no link, and does not wait for the other end of a pipe, that was put there this instant.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    a.file_type() == b.file_type()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_new_file_counts_and_an_old_one_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, steps) = (folder.path().join("junit.xml"), Steps::default());
        let none = Aside::begin(&steps, &path).expect("nothing there").finish().expect("finished");
        assert_eq!((none, steps.count()), (Vec::new(), 0));
        fs::write(&path, "old").expect("written");
        let aside = Aside::begin(&steps, &path).expect("moved");
        assert!(!path.exists());
        assert_eq!(aside.finish().expect("finished"), Vec::new());
        assert_eq!(fs::read_to_string(&path).expect("back"), "old");
        let aside = Aside::begin(&steps, &path).expect("moved");
        fs::write(&path, "new").expect("written");
        let [written] = &aside.finish().expect("finished")[..] else { panic!("one") };
        let mut text = String::new();
        written.open(folder.path(), 3).expect("opened").read_to_string(&mut text).expect("read");
        assert_eq!(text, "new");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
        let mut short = written.open(folder.path(), 2).expect("opened");
        assert_eq!(short.read_to_string(&mut text).expect_err("capped").kind(), io::ErrorKind::FileTooLarge);
        assert!(Aside::begin(&steps, folder.path()).is_err(), "a folder");
    }

    #[test]
    fn a_pattern_is_many_files_of_which_only_new_ones_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let steps = Steps::default();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect("read");
        for name in ["TEST-a.xml", "TEST-b.xml", "other.xml"] {
            put(name, "old");
        }
        let aside = Aside::begin(&steps, &folder.path().join("TEST-*.xml")).expect("moved");
        put("TEST-b.xml", "new");
        put("TEST-c.xml", "new");
        let written = aside.finish().expect("finished");
        let names: Vec<_> = written.iter().map(|w| w.path().file_name().expect("a name")).collect();
        assert_eq!(names, ["TEST-b.xml", "TEST-c.xml"]);
        assert_eq!((text("TEST-a.xml"), text("TEST-b.xml")), ("old".to_owned(), "new".to_owned()));
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 4);
        // A name is no pattern unless it has a star.
        put("[a].xml", "old");
        assert_eq!(Aside::begin(&steps, &folder.path().join("[a].xml")).expect("moved").moved.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_the_repository() {
        use std::os::unix::fs::symlink;
        let (inside, outside) =
            (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("another"));
        fs::write(outside.path().join("secret"), "secret").expect("written");
        symlink(outside.path().join("secret"), inside.path().join("file")).expect("linked");
        symlink(outside.path(), inside.path().join("folder")).expect("linked");
        for path in ["file", "folder/secret", "."] {
            let written = Written { path: inside.path().join(path) };
            assert!(written.open(inside.path(), 100).is_err(), "{path}");
        }
        let written = Written { path: outside.path().join("secret") };
        assert!(written.open(outside.path(), 100).is_ok(), "it can be opened where it is");
    }
}
