//! What the user trusted: at which content each repository may run its suites.
//!
//! The list is the user's own, outside of every repository, so that no repository can write it: a
//! line for each, with the digest of everything that decides what runs. A repository is known by
//! where its common git directory is *and* by what that directory is (device, inode and birth), so
//! that another one at the same path inherits nothing; all work trees of a clone are one. A commit
//! id would not do: whoever makes a repository chooses its commits. A copy of a repository, or one
//! that was moved, is asked about again.
//!
//! A list that can't be understood, or that others may write to, is said to be so and trusts nobody.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::effect::{Disk, Lock, ReadError, only_owner_writes, what_is_at};
use crate::model::Timestamp;

/// The list of what is trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    disk: Disk,
    path: PathBuf,
}

/// Which repository is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The real path of the common git directory; what is no printable ASCII is escaped.
    place: String,
    /// What is there, without spaces.
    thing: String,
}

/// Whether a repository may run what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// This very content was trusted.
    Trusted,
    /// Another content was, then. This one was not.
    Changed {
        /// When.
        since: Timestamp,
    },
    /// Nothing of it was ever trusted, or it is another repository than the one that was.
    Never,
}

/// Why nothing is known of what is trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Neither `XDG_STATE_HOME` nor `HOME` is set.
    #[error("there is no place for what you trust: HOME is not set")]
    NoPlace,
    /// A line of the list is not understood.
    #[error("line {line} of {path} is not understood, so nothing is trusted; remove it, or the file", path = path.display())]
    Broken {
        /// Which line, from 1.
        line: usize,
        /// Of which file.
        path: PathBuf,
    },
    /// Other users could have written the list.
    #[error("others may write to {path}, so nothing is trusted; `chmod 600` it after a look", path = path.display())]
    Open {
        /// Which file.
        path: PathBuf,
    },
    /// The disk said no, or another run holds the list.
    #[error("{path}: {message}", path = path.display())]
    Disk {
        /// Which file.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Granted {
    digest: String,
    at: Timestamp,
    repository: Identity,
}

impl Identity {
    /// The repository with this common git directory.
    ///
    /// # Errors
    /// When it is not there.
    pub fn of(common_dir: &Path) -> io::Result<Self> {
        let real = common_dir.canonicalize()?;
        let place = real.as_os_str().as_encoded_bytes().escape_ascii().to_string();
        Ok(Self { place, thing: what_is_at(&real)? })
    }
}

impl Trust {
    const HEAD: &str = "# What gardener may run, and where: `gardener trust` writes this.";
    /// Room for some thousand repositories.
    const CAP: u64 = 1 << 20;

    /// The list in the user's folder for states: `$XDG_STATE_HOME`, if that is an absolute path as
    /// its specification asks, or else `.local/state` in `$HOME`.
    ///
    /// # Errors
    /// When there is neither.
    pub fn of_user(state: Option<&Path>, home: Option<&Path>, disk: Disk) -> Result<Self, TrustError> {
        let state = state.filter(|path| path.is_absolute()).map(Path::to_owned);
        let home = home.filter(|path| path.is_absolute()).map(|home| home.join(".local/state"));
        let folder = state.or(home).ok_or(TrustError::NoPlace)?;
        Ok(Self { disk, path: folder.join("gardener/trust") })
    }

    /// Where the list is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a repository may run content of this digest.
    ///
    /// # Errors
    /// When that can't be known; nothing is trusted then.
    pub fn state(&self, repository: &Identity, digest: &str) -> Result<State, TrustError> {
        let all = self.read()?;
        Ok(match all.iter().find(|granted| granted.repository == *repository) {
            Some(granted) if granted.digest == digest => State::Trusted,
            Some(granted) => State::Changed { since: granted.at },
            None => State::Never,
        })
    }

    /// Trusts a repository with content of this digest, and with no other from now on.
    ///
    /// # Errors
    /// When that is not noted. A list that is not understood is left as it is.
    pub fn grant(&self, repository: &Identity, digest: &str, at: Timestamp) -> Result<(), TrustError> {
        let folder = self.path.parent().unwrap_or(&self.path);
        self.disk.create_folder(folder).map_err(|e| self.failed(&e))?;
        let _lock = self.lock()?;
        let mut all = self.read()?;
        // What was at the same place before is gone.
        all.retain(|granted| granted.repository.place != repository.place);
        all.push(Granted { digest: digest.to_owned(), at, repository: repository.clone() });
        self.write(&all)
    }

    /// Trusts a repository no more. Returns whether it was trusted with anything.
    ///
    /// # Errors
    /// When that is not noted.
    pub fn revoke(&self, repository: &Identity) -> Result<bool, TrustError> {
        if self.read()?.is_empty() {
            return Ok(false);
        }
        let _lock = self.lock()?;
        let mut all = self.read()?;
        let before = all.len();
        all.retain(|granted| granted.repository != *repository);
        if all.len() == before {
            return Ok(false);
        }
        self.write(&all).map(|()| true)
    }

    fn read(&self) -> Result<Vec<Granted>, TrustError> {
        let bytes = match self.disk.read(&self.path, Self::CAP) {
            Ok(bytes) => bytes,
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(&error)),
        };
        if !only_owner_writes(&self.path) {
            return Err(TrustError::Open { path: self.path.clone() });
        }
        let broken = |line| TrustError::Broken { line, path: self.path.clone() };
        let text = String::from_utf8(bytes).map_err(|_| broken(1))?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        lines.map(|(at, line)| Granted::parse(line).ok_or_else(|| broken(at + 1))).collect()
    }

    fn write(&self, all: &[Granted]) -> Result<(), TrustError> {
        let lines: String = all.iter().map(|granted| granted.line() + "\n").collect();
        self.disk.make_private(&self.path).map_err(|e| self.failed(&e))?;
        self.disk
            .replace(&self.path, format!("{}\n{lines}", Self::HEAD).as_bytes())
            .map_err(|e| self.failed(&e))
    }

    /// Two that trust at once would otherwise lose a line.
    fn lock(&self) -> Result<Lock, TrustError> {
        let (path, start) = (self.path.with_extension("lock"), Instant::now());
        loop {
            if let Some(lock) = self.disk.try_lock(&path).map_err(|e| self.failed(&e))? {
                return Ok(lock);
            }
            if start.elapsed() > Duration::from_secs(5) {
                return Err(self.failed(&"another gardener holds it; try again"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn failed(&self, why: &dyn std::fmt::Display) -> TrustError {
        TrustError::Disk { path: self.path.clone(), message: why.to_string() }
    }
}

impl Granted {
    fn line(&self) -> String {
        let Self { digest, at, repository: Identity { place, thing } } = self;
        format!("{digest} {at} {thing} {place}")
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        let (digest, at, thing, place) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_digest = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !is_digest || thing.is_empty() || place.is_empty() {
            return None;
        }
        let repository = Identity { place: place.to_owned(), thing: thing.to_owned() };
        Some(Self { digest: digest.to_owned(), at: at.parse().ok()?, repository })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at the folder themselves")]
mod tests {
    use std::fs;

    use super::*;
    use crate::effect::Steps;
    use crate::runner::digest;

    fn trust(home: &Path) -> Trust {
        Trust::of_user(None, Some(home), Disk::new(Steps::default())).expect("a place")
    }

    fn repository(home: &Path, name: &str) -> Identity {
        let folder = home.join(name).join(".git");
        fs::create_dir_all(&folder).expect("made");
        Identity::of(&folder).expect("there")
    }

    fn moment() -> Timestamp {
        Timestamp::from_second(1_757_851_200)
    }

    #[test]
    fn exactly_what_was_trusted_is_trusted_and_where() {
        let home = tempfile::tempdir().expect("a folder");
        let (trust, one, other) =
            (trust(home.path()), repository(home.path(), "one two\nthree"), repository(home.path(), "other"));
        let (first, second) = (digest(&[("a", vec![])]), digest(&[("b", vec![])]));
        let state = |repository, digest| trust.state(repository, digest).expect("known");
        assert_eq!(state(&one, &first), State::Never);
        assert!(!trust.revoke(&one).expect("nothing to do") && !trust.path().exists());
        trust.grant(&one, &first, moment()).expect("noted");
        assert_eq!((state(&one, &first), state(&other, &first)), (State::Trusted, State::Never));
        assert_eq!(state(&one, &second), State::Changed { since: moment() });
        trust.grant(&other, &second, moment()).expect("noted");
        trust.grant(&one, &second, moment()).expect("noted");
        assert_eq!((state(&one, &second), state(&other, &second)), (State::Trusted, State::Trusted));
        assert_eq!(state(&one, &first), State::Changed { since: moment() });
        assert!(trust.revoke(&one).expect("noted"));
        assert_eq!((state(&one, &second), state(&other, &second)), (State::Never, State::Trusted));
        assert_eq!(fs::read_to_string(trust.path()).expect("read").lines().count(), 2);
    }

    #[test]
    fn another_repository_at_the_same_place_inherits_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let (trust, digest) = (trust(home.path()), digest(&[]));
        let before = repository(home.path(), "app");
        trust.grant(&before, &digest, moment()).expect("noted");
        fs::remove_dir_all(home.path().join("app")).expect("removed");
        let after = repository(home.path(), "app");
        assert_eq!(before.place, after.place);
        assert_eq!(trust.state(&after, &digest).expect("known"), State::Never);
        trust.grant(&after, &digest, moment()).expect("noted");
        assert_eq!(trust.state(&before, &digest).expect("known"), State::Never, "one line a place");
    }

    #[cfg(unix)]
    #[test]
    fn a_list_that_is_broken_or_open_to_others_trusts_nobody() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = tempfile::tempdir().expect("a folder");
        let (trust, one, digest) = (trust(home.path()), repository(home.path(), "one"), digest(&[]));
        trust.grant(&one, &digest, moment()).expect("noted");
        let mode = |mode| fs::set_permissions(trust.path(), fs::Permissions::from_mode(mode)).expect("set");
        let is = fs::metadata(trust.path()).expect("there").permissions().mode() & 0o777;
        assert_eq!(is, 0o600);
        mode(0o620);
        assert!(matches!(trust.state(&one, &digest), Err(TrustError::Open { .. })));
        assert!(trust.grant(&one, &digest, moment()).is_err());
        mode(0o600);
        let good = fs::read_to_string(trust.path()).expect("read");
        let broken = good.clone() + "and so on\n";
        fs::write(trust.path(), &broken).expect("written");
        assert!(matches!(trust.state(&one, &digest), Err(TrustError::Broken { line: 3, .. })));
        assert!(trust.grant(&one, &digest, moment()).is_err());
        assert_eq!(fs::read_to_string(trust.path()).expect("read"), broken, "it is left as it is");
        for wrong in [good.replace(&digest, &digest[1..]), good.replace(' ', ""), "\u{fffd}".to_owned()] {
            fs::write(trust.path(), wrong).expect("written");
            assert!(trust.state(&one, &digest).is_err());
        }
    }

    #[test]
    fn the_list_is_where_states_are() {
        let path = |state: Option<&str>, home: Option<&str>| {
            let trust =
                Trust::of_user(state.map(Path::new), home.map(Path::new), Disk::new(Steps::default()));
            trust.map(|t| t.path().to_owned()).ok()
        };
        let at = |path: &str| Some(PathBuf::from(path));
        assert_eq!(path(Some("/s"), Some("/h")), at("/s/gardener/trust"));
        assert_eq!(path(Some("s"), Some("/h")), at("/h/.local/state/gardener/trust"));
        assert_eq!(path(None, None), None);
    }
}
