//! What results that were made elsewhere are of: which commit, and by what they are known again.
//!
//! Nobody says so in the results themselves. They are taken for those of what is checked out, unless
//! the command line names another commit, or they are older than it: then they can't be of it.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::model::{Timestamp, Untrusted};

/// What results are of.
#[derive(Clone, Debug, Default)]
pub(super) struct Whence {
    /// The commit, where it is known.
    pub(super) commit: Option<String>,
    /// Whether they are of changes that it has not.
    pub(super) dirty: bool,
    /// Both in words.
    pub(super) words: String,
    /// Whether they can't be of what is checked out.
    pub(super) is_older: bool,
}

/// A file, and when it was made, as far as that is known: by the disk and by what it says itself.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) written: Option<Timestamp>,
    pub(super) told: Option<Timestamp>,
}

/// Before git there was nothing to be older than: archives that keep no times have such ones.
const NO_TIME: i64 = 1_104_537_600;

/// What files are of: the commit that somebody named, else what is checked out, if they can be.
///
/// # Errors
/// When the clock can't be read.
pub(super) fn whence(
    context: &Context,
    named: Option<String>,
    head: (Option<String>, bool),
    files: &[Made],
) -> Result<Whence, CliError> {
    let short = |id: &str| id.chars().take(10).collect::<String>();
    if let Some(id) = named {
        let words = format!("of {}, as --commit says", short(&id));
        return Ok(Whence { commit: Some(id), words, ..Whence::default() });
    }
    let (Some(head), dirty) = head else {
        let words = "of no known commit: there is none yet".to_owned();
        return Ok(Whence { words, ..Whence::default() });
    };
    // A commit of tomorrow is one of a wrong clock, which nothing can be compared with.
    let now = context::now()?;
    let at = context.repo.committed_at(&head).filter(|at| *at <= now);
    let older: Vec<&str> = files.iter().filter(|f| f.is_before(at)).map(|f| f.name.as_str()).collect();
    if let [first, rest @ ..] = &older[..] {
        let files = match rest.len() {
            0 => format!("{} is", Untrusted(first)),
            more => format!("{} and {more} more are", Untrusted(first)),
        };
        let words = format!("of no known commit: {files} older than {}, which is checked out", short(&head));
        return Ok(Whence { words, is_older: true, ..Whence::default() });
    }
    let changed = if dirty { ", with changes that are not committed" } else { "" };
    let words = format!("of {}, which is checked out{changed}", short(&head));
    Ok(Whence { commit: Some(head), dirty, words, is_older: false })
}

impl Made {
    fn is_before(&self, commit: Option<Timestamp>) -> bool {
        let written = self.written.filter(|at| at.as_second() > NO_TIME);
        commit.is_some_and(|commit| [written, self.told].into_iter().flatten().any(|at| at < commit))
    }
}

/// An input whose bytes are counted into a digest.
pub(super) struct Digested<R> {
    input: R,
    sha: Sha256,
}

impl<R: Read> Digested<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, sha: Sha256::new() }
    }

    /// The first half of the SHA-256 of all that was read, in hexadecimal digits.
    pub(super) fn digest(self) -> String {
        self.sha.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.sha.update(&into[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_a_commit_is_not_of_it() {
        let at = |second: i64| Some(Timestamp::from_second(second));
        let made = |written, told| Made { name: String::new(), written, told };
        let commit = at(1_757_851_170);
        assert!(made(at(1_757_851_169), None).is_before(commit));
        assert!(made(at(1_757_851_999), at(1_757_851_169)).is_before(commit), "touched since");
        assert!(!made(at(1_757_851_170), None).is_before(commit), "in the same second");
        assert!(!made(at(315_532_800), None).is_before(commit), "an archive without times");
        assert!(!made(None, None).is_before(commit) && !made(at(1_757_851_169), None).is_before(None));
    }
}
