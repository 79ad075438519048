//! GitHub as it was at the last look: it answers from what this clone kept, and sends nothing.
//!
//! For commands that only tell something. What was not kept is not visible, and the time is that of
//! the last look, so that nothing seems to have changed since.

use std::collections::{BTreeMap, BTreeSet};

use crate::forge::{ForgeError, ForgeRead, Listed};
use crate::journal::{Cache, Caches, Texts};
use crate::model::{Comment, Event, IssueText, Labels, Look, RemoteIssue, RepoSlug, Repository, Timestamp};

/// A GitHub of memories.
pub struct Offline {
    repository: Repository,
    texts: Texts,
    now: Timestamp,
}

impl Offline {
    /// What was kept of the repository; `None` where its issues were never looked through.
    pub fn new(caches: &mut Caches<'_>, home: &RepoSlug) -> Option<Self> {
        let id = Texts::whose(caches.texts)?;
        let texts = Texts::load(caches.texts, id);
        let heard = texts.as_of()?;
        let looked = Cache::load(caches.look, id).as_of.unwrap_or(heard);
        let repository = Repository {
            id,
            slug: home.clone(),
            default_branch: String::new(),
            has_issues: true,
            archived: false,
            can_triage: true,
            can_push: true,
        };
        Some(Self { repository, texts, now: heard.max(looked) })
    }
}

impl ForgeRead for Offline {
    fn repository(&mut self) -> Result<Repository, ForgeError> {
        Ok(self.repository.clone())
    }

    fn viewer(&mut self) -> Result<Option<String>, ForgeError> {
        Ok(None)
    }

    fn issues(&mut self, numbers: &BTreeSet<u64>) -> Result<BTreeMap<u64, Look>, ForgeError> {
        let look = |number: &u64| {
            let known =
                self.texts.issues().get(number).map(|text| Look::Found(Box::new(issue(*number, text))));
            (*number, known.unwrap_or(Look::Missing))
        };
        Ok(numbers.iter().map(look).collect())
    }

    fn ahead(&mut self, _: Timestamp) {}

    fn changed(&mut self, since: Option<Timestamp>) -> Result<Listed, ForgeError> {
        let all = self.texts.issues().iter().filter(|_| since.is_none());
        let issues = all.map(|(number, text)| issue(*number, text)).collect();
        Ok(Listed { issues, is_one_page: true })
    }

    fn all_within(&mut self, _: usize) -> Result<Option<Listed>, ForgeError> {
        self.changed(None).map(Some)
    }

    fn comments(&mut self, _: u64) -> Result<Vec<Comment>, ForgeError> {
        Ok(Vec::new())
    }

    fn events(&mut self, _: u64) -> Result<Vec<Event>, ForgeError> {
        Ok(Vec::new())
    }

    fn labels(&mut self) -> Result<Labels, ForgeError> {
        Ok(Labels::new())
    }

    fn now(&self) -> Option<Timestamp> {
        Some(self.now)
    }

    fn requests(&self) -> u64 {
        0
    }
}

fn issue(number: u64, text: &IssueText) -> RemoteIssue {
    RemoteIssue {
        number,
        node_id: String::new(),
        title: text.title.clone(),
        body: text.body.clone(),
        state: text.state.clone(),
        labels: text.labels.clone(),
        author: text.author.clone(),
        locked: false,
        created_at: text.updated_at,
        updated_at: text.updated_at,
    }
}
