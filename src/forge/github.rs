//! GitHub over HTTP: what it needs to know, and the two handles on it.
//!
//! [`GitHub`] can only read; [`GitHubWriter`] is made from it and can also write, so that a
//! dry run, which is never handed one, can't write (promise P17). The requests themselves
//! are in `read` and `write`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use crate::effect::Steps;
use crate::forge::batch::Ids;
use crate::forge::kept::{Answers, Kept};
use crate::forge::send::Sender;
use crate::forge::transport::Answer;
use crate::forge::transport::Wire;
use crate::forge::{
    Address, Clock, ForgeError, ForgeRead, ForgeWrite, Listed, SystemClock, Token, WriteError,
};
use crate::model::{Comment, Event, Labels, Look, RepoSlug, Repository, Timestamp};
use crate::plan::{Echo, Write};

/// What a [`GitHub`] is made of.
pub struct Options {
    /// Where it is.
    pub address: Address,
    /// The repository.
    pub slug: RepoSlug,
    /// The token, which is only used when it belongs to the address's host.
    pub token: Option<Token>,
    /// Hears of every write before it is sent, and again when it is answered.
    pub steps: Steps,
    /// Waits.
    pub clock: Box<dyn Clock>,
    /// Told what is being waited for.
    pub progress: Box<dyn Fn(&str)>,
    /// How long everything together may take, from when the [`GitHub`] is made.
    pub deadline: Option<Duration>,
    /// The longest rate limit that is sat out.
    pub patience: Duration,
    /// Whether GraphQL may be asked, which saves requests.
    pub graphql: bool,
    /// So many writes of a kind and more travel in one GraphQL request.
    pub together_from: usize,
    /// Where answers are kept between runs, if anywhere.
    pub kept: Option<Box<dyn Answers>>,
    /// What carries requests; a connection of its own over the network otherwise.
    pub wire: Option<Box<dyn Wire>>,
}

/// One repository on GitHub, to read. Nothing is sent, and no connection made, before the
/// first question.
pub struct GitHub {
    pub(super) sender: Sender,
    pub(super) repository: Option<Repository>,
    pub(super) viewer: Option<Option<String>>,
    /// Goes off for good once GraphQL turned out not to be spoken here.
    pub(super) graphql: bool,
    /// So many writes and more travel together.
    pub(super) together_from: usize,
    /// What earlier runs were answered.
    pub(super) kept: Kept,
    /// Answers that came before they were asked for.
    pub(super) early: BTreeMap<String, Answer>,
    /// What writes that travel together need to know.
    pub(super) ids: Ids,
    /// Labels whose ids the next question asks for as well.
    pub(super) asked_labels: Labels,
    /// Whether writes went together since the last look before writing.
    pub(super) went_together: bool,
    /// Requests with several writes, sent so far.
    pub(super) batches: u64,
}

/// One repository on GitHub, to read and to write.
#[derive(Debug)]
pub struct GitHubWriter(GitHub);

impl Options {
    /// Options with the machine's clock, no token, no deadline, a patience of a minute,
    /// GraphQL, and nobody listening.
    pub fn new(address: Address, slug: RepoSlug) -> Self {
        Self {
            address,
            slug,
            token: None,
            steps: Steps::default(),
            clock: Box::new(SystemClock::new()),
            progress: Box::new(|_| ()),
            deadline: None,
            patience: Duration::from_secs(60),
            graphql: true,
            together_from: 4,
            kept: None,
            wire: None,
        }
    }
}

impl GitHub {
    /// A reader. Its deadline starts to run.
    pub fn new(mut options: Options) -> Self {
        let (graphql, together_from) = (options.graphql, options.together_from);
        let kept = options.kept.take();
        let sender = Sender::new(options);
        Self {
            kept: Kept::new(kept, &sender.address, sender.token.as_ref()),
            early: BTreeMap::new(),
            sender,
            repository: None,
            viewer: None,
            graphql,
            together_from,
            ids: Ids::default(),
            asked_labels: Labels::new(),
            went_together: false,
            batches: 0,
        }
    }

    /// The path of our repository by its name today, `/repos/acme/app`, and below it.
    pub(super) fn path(&self, below: &str) -> String {
        let slug = &self.sender.slug;
        format!("/repos/{}/{}{below}", segment(slug.owner()), segment(slug.name()))
    }
}

impl GitHubWriter {
    /// Allows a reader to write.
    pub fn new(reader: GitHub) -> Self {
        Self(reader)
    }

    pub(super) fn reader(&mut self) -> &mut GitHub {
        &mut self.0
    }
}

impl ForgeRead for GitHub {
    fn repository(&mut self) -> Result<Repository, ForgeError> {
        self.read_repository()
    }

    fn viewer(&mut self) -> Result<Option<String>, ForgeError> {
        self.read_viewer()
    }

    fn issues(&mut self, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Look>, ForgeError> {
        self.read_issues(numbers)
    }

    fn ahead(&mut self, since: Timestamp) {
        self.read_ahead(since);
    }

    fn all_within(&mut self, pages: usize) -> Result<Option<Listed>, ForgeError> {
        self.read_all_within(pages)
    }

    fn changed(&mut self, since: Option<Timestamp>) -> Result<Listed, ForgeError> {
        if sabotaged!(ErrorIsEmpty) {
            return Ok(self.read_changed(since).unwrap_or_default());
        }
        self.read_changed(since)
    }

    fn comments(&mut self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        self.read_comments(number)
    }

    fn events(&mut self, number: u64) -> Result<Vec<Event>, ForgeError> {
        self.read_events(number)
    }

    fn labels(&mut self) -> Result<Labels, ForgeError> {
        self.read_labels()
    }

    fn now(&self) -> Option<Timestamp> {
        #[cfg(feature = "sabotage")]
        if sabotaged!(LocalClock) {
            return self.sender.now().map(|t| t.plus(crate::sabotage::skew()));
        }
        self.sender.now()
    }

    fn requests(&self) -> u64 {
        self.sender.requests()
    }
}

impl ForgeRead for GitHubWriter {
    fn repository(&mut self) -> Result<Repository, ForgeError> {
        self.0.repository()
    }

    fn viewer(&mut self) -> Result<Option<String>, ForgeError> {
        self.0.viewer()
    }

    fn issues(&mut self, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Look>, ForgeError> {
        self.0.issues(numbers)
    }

    fn ahead(&mut self, since: Timestamp) {
        self.0.ahead(since);
    }

    fn all_within(&mut self, pages: usize) -> Result<Option<Listed>, ForgeError> {
        self.0.all_within(pages)
    }

    fn changed(&mut self, since: Option<Timestamp>) -> Result<Listed, ForgeError> {
        self.0.changed(since)
    }

    fn comments(&mut self, number: u64) -> Result<Vec<Comment>, ForgeError> {
        self.0.comments(number)
    }

    fn events(&mut self, number: u64) -> Result<Vec<Event>, ForgeError> {
        self.0.events(number)
    }

    fn labels(&mut self) -> Result<Labels, ForgeError> {
        self.0.labels()
    }

    fn now(&self) -> Option<Timestamp> {
        self.0.now()
    }

    fn requests(&self) -> u64 {
        self.0.requests()
    }
}

impl ForgeWrite for GitHubWriter {
    fn look_before(
        &mut self,
        numbers: &BTreeSet<u64>,
        labels: &Labels,
    ) -> Result<BTreeMap<u64, Look>, ForgeError> {
        self.0.look_before(numbers, labels)
    }

    fn keep_answers(&mut self) {
        self.0.kept.save();
    }

    fn fitting(&mut self, writes: &[Write]) -> usize {
        self.0.fitting(writes)
    }

    fn write(&mut self, writes: &[Write]) -> Vec<Result<Echo, WriteError>> {
        self.0.send_writes(writes)
    }
}

impl fmt::Debug for GitHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GitHub({} at {})", self.sender.slug, self.sender.address.rest())
    }
}

/// One part of a path, so that no name can change the path it is put into (CVE-2026-64653):
/// everything but unreserved characters is percent-encoded, `/` and `.` parts included.
pub(super) fn segment(text: &str) -> String {
    if matches!(text, "." | "..") {
        return text.replace('.', "%2E");
    }
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_changes_a_path() {
        for (name, want) in [
            ("bug", "bug"),
            ("area/cli", "area%2Fcli"),
            ("..", "%2E%2E"),
            ("a?b#c%d", "a%3Fb%23c%25d"),
            ("good first issue", "good%20first%20issue"),
            ("grün", "gr%C3%BCn"),
            (".", "%2E"),
            ("...", "..."),
            ("%2e%2e", "%252e%252e"),
            ("../x", "..%2Fx"),
            ("a\\b", "a%5Cb"),
            ("a\r\nHost: x", "a%0D%0AHost%3A%20x"),
            ("@:;+&=", "%40%3A%3B%2B%26%3D"),
            ("\u{202e}", "%E2%80%AE"),
        ] {
            assert_eq!(segment(name), want);
        }
    }
}
