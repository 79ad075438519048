//! GitHub as gardener sees it: two traits, and one implementation over HTTP.
//!
//! Floor 4. `status` and a dry run are only ever handed a [`ForgeRead`]. Everything here
//! blocks; octocrab and tokio stay inside. What to read and write is decided above.
//!
//! [`Address`] says where a GitHub is and [`Token`] who may talk to it; `send` is the one
//! file through which requests go, over `transport`, the one that knows octocrab. A forge of
//! another make would be another implementation of the traits beside `github`.

mod address;
mod batch;
mod classify;
mod clock;
mod error;
mod github;
mod graphql;
mod health;
mod kept;
mod list;
mod origin;
mod pull;
mod read;
mod redirect;
mod send;
mod together;
mod token;
mod transport;
mod wire;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use address::Address;
pub use clock::{Clock, SystemClock};
pub use error::{Certainty, ForgeError, WriteError};
pub use github::{GitHub, GitHubWriter, Options};
pub use health::{Account, Budget, Budgets, Place};
pub use kept::Answers;
pub use pull::{Offer, Offered};
pub use token::Token;
pub use transport::{Answer, Exchange, Fault, Wire};

use crate::model::{Comment, Event, Labels, Look, RemoteIssue, Repository, Timestamp};
use crate::plan::{Echo, Write};

/// The rows of a list of issues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// By number.
    pub issues: Vec<RemoteIssue>,
    /// Whether it was one page, so that GitHub can say later that it still holds.
    pub is_one_page: bool,
}

/// Reading one repository on GitHub. An error is never an empty answer (promise P4).
pub trait ForgeRead {
    /// The repository itself: identity and rights. Asked once, then remembered.
    ///
    /// # Errors
    /// When GitHub can't be reached, or the token may not see it.
    fn repository(&mut self) -> Result<Repository, ForgeError>;

    /// The account behind the token, or `None` where GitHub will not say (a workflow's own
    /// token has no user).
    ///
    /// # Errors
    /// When GitHub can't be reached.
    fn viewer(&mut self) -> Result<Option<String>, ForgeError>;

    /// Looks at issues by number, fresh: never from a list, which can lag. Every number
    /// asked for is in the answer.
    ///
    /// # Errors
    /// When any of them could not be looked at.
    fn issues(&mut self, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Look>, ForgeError>;

    /// Says that the repository, and what changed since, will be asked for, so that both can be
    /// under way at once. Nothing is answered here, not even an error.
    fn ahead(&mut self, since: Timestamp);

    /// Every issue updated at or after `since` (all of them without), pull requests left
    /// out, following pages to the end. The list can lag: what is missing may still exist.
    ///
    /// # Errors
    /// When any page failed.
    fn changed(&mut self, since: Option<Timestamp>) -> Result<Listed, ForgeError>;

    /// Every issue, if the list of them has no more than so many pages; `None` if it has.
    ///
    /// # Errors
    /// When any page failed.
    fn all_within(&mut self, pages: usize) -> Result<Option<Listed>, ForgeError>;

    /// Every comment on an issue, oldest first.
    ///
    /// # Errors
    /// When any page failed.
    fn comments(&mut self, number: u64) -> Result<Vec<Comment>, ForgeError>;

    /// The events that touched a synced field of an issue, oldest first.
    ///
    /// # Errors
    /// When any page failed.
    fn events(&mut self, number: u64) -> Result<Vec<Event>, ForgeError>;

    /// Every label of the repository.
    ///
    /// # Errors
    /// When any page failed.
    fn labels(&mut self) -> Result<Labels, ForgeError>;

    /// GitHub's own time in its last answer.
    fn now(&self) -> Option<Timestamp>;

    /// How many requests were sent so far.
    fn requests(&self) -> u64;
}

/// Writing to one repository on GitHub.
pub trait ForgeWrite: ForgeRead {
    /// Looks at issues as [`ForgeRead::issues`] does, just before they are written to, and learns
    /// what it takes to send several of the writes together, which are about these labels.
    ///
    /// # Errors
    /// When any of them could not be looked at.
    fn look_before(
        &mut self,
        numbers: &BTreeSet<u64>,
        labels: &Labels,
    ) -> Result<BTreeMap<u64, Look>, ForgeError>;

    /// Keeps what the next run need not be told again. Who only looks keeps nothing.
    fn keep_answers(&mut self);

    /// How many of the first writes would travel in one request; 1 where they go one by one. What
    /// follows a write depends on its outcome, so only who knows of no dependence sends several.
    fn fitting(&mut self, writes: &[Write]) -> usize;

    /// Sends writes in order and answers for each. After one that could not be sent or
    /// whose outcome is doubtful for a reason that will hit the next one too, the rest is
    /// [`Certainty::NotSent`]. Nothing that creates is ever sent twice. The outcome of each write
    /// that travelled with others is its own; those that were certainly refused were sent alone
    /// before they are answered for.
    fn write(&mut self, writes: &[Write]) -> Vec<Result<Echo, WriteError>>;
}
