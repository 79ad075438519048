//! Where the forge keeps answers between runs: a file beside the cache. What is in it is the
//! forge's business, and a file that can't be read or written is no loss.

use crate::forge::Answers;
use crate::journal::{FileStore, Store as _};

/// Kept answers in a file of the git directory.
#[derive(Debug)]
pub struct KeptAnswers(pub FileStore);

impl Answers for KeptAnswers {
    fn read(&mut self) -> Option<Vec<u8>> {
        self.0.read().ok()
    }

    fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.replace(bytes);
    }
}
