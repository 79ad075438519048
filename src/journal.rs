//! The journal: what a run is about to do and what came of it, on disk before and after.
//!
//! Floor 4. Lines are appended and synced one by one; a torn last line is dropped when
//! reading. It lives in the common git directory, so that all worktrees of a clone share
//! it. What the records mean for a plan is decided above.

mod store;

pub use store::FileStore;

/// Where the journal's bytes live. A simulation implements it in memory.
pub trait Store {
    /// All bytes, empty when there is none yet.
    ///
    /// # Errors
    /// When they can't be read.
    fn read(&mut self) -> Result<Vec<u8>, StoreError>;

    /// Adds bytes and waits until they are durable.
    ///
    /// # Errors
    /// When they may not be durable.
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Puts `bytes` in the place of everything, at once.
    ///
    /// # Errors
    /// When the old bytes are still there.
    fn replace(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
}

/// The disk said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct StoreError {
    /// Which file.
    pub path: String,
    /// Why.
    pub message: String,
}
