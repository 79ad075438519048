//! How GitHub's state changes: one function for each kind of change.
//!
//! Every function writes the event, moves `updated_at` and keeps the version before for
//! late lists, but only if something really changed: an update without effect leaves no
//! trace. Permission is not checked here but in `access.rs`.

use std::collections::BTreeSet;

use crate::state::{Comment, Event, Facts, Fate, GitHub, Issue, Label, Reason, RepoId, What};

/// Earlier versions are kept this long, which is more than any lag anybody has measured.
const REMEMBERED: i64 = 3_600;

/// Colour of labels that come into being by being put on an issue.
const NEW_LABEL_COLOR: &str = "ededed";

impl GitHub {
    /// Runs `change` over an issue's facts; false if it left them as they were.
    pub(crate) fn alter(&mut self, repo: RepoId, number: u64, change: impl FnOnce(&mut Facts)) -> bool {
        let now = self.clock.now();
        let Some(issue) = self.issue_mut(repo, number) else {
            return false;
        };
        let before = issue.facts.clone();
        change(&mut issue.facts);
        if issue.facts == before {
            return false;
        }
        issue.facts.updated_at = now;
        issue.past.retain(|(until, _)| *until > now - REMEMBERED);
        issue.past.push((now, before));
        self.revision += 1;
        true
    }

    pub(crate) fn issue_mut(&mut self, repo: RepoId, number: u64) -> Option<&mut Issue> {
        self.repos.get_mut(&repo)?.issues.get_mut(&number)
    }

    pub(crate) fn record(&mut self, actor: &str, repo: RepoId, number: u64, what: What) {
        let event = Event {
            id: self.fresh_id(),
            at: self.clock.now(),
            actor: actor.to_owned(),
            what,
            sequence: self.fresh_sequence(),
        };
        if let Some(issue) = self.issue_mut(repo, number) {
            issue.events.push(event);
        }
    }

    pub(crate) fn open_issue(
        &mut self,
        actor: &str,
        repo: RepoId,
        title: &str,
        body: Option<String>,
        labels: &BTreeSet<u64>,
        pull: bool,
    ) -> u64 {
        let id = self.fresh_id();
        let now = self.clock.now();
        let listed_from = now + self.settings.list_lag_new;
        let Some(home) = self.repos.get_mut(&repo) else {
            return 0;
        };
        let number = home.next_number;
        home.next_number += 1;
        let facts = Facts {
            title: title.to_owned(),
            body,
            open: true,
            reason: None,
            labels: BTreeSet::new(),
            comments: 0,
            closed_at: None,
            closed_by: None,
            locked: false,
            updated_at: now,
        };
        home.issues.insert(
            number,
            Issue {
                id,
                number,
                pull,
                author: actor.to_owned(),
                created_at: now,
                facts,
                past: Vec::new(),
                events: Vec::new(),
                fate: Fate::Here,
                discussion: false,
                branches: None,
                listed_from,
            },
        );
        self.homes.insert(id, (repo, number));
        self.revision += 1;
        for label in labels {
            self.put_label(actor, repo, number, *label);
        }
        number
    }

    /// Closes or opens an issue. The reason is only looked at if the state changes.
    pub(crate) fn set_open(
        &mut self,
        actor: &str,
        repo: RepoId,
        number: u64,
        open: bool,
        reason: Option<Reason>,
    ) -> bool {
        let now = self.clock.now();
        let Some(issue) = self.issue_mut(repo, number) else {
            return false;
        };
        if issue.facts.open == open {
            return false;
        }
        let reason = match (issue.pull, open) {
            (true, _) => None,
            (false, true) => Some(Reason::Reopened),
            (false, false) => Some(match reason {
                None | Some(Reason::Reopened) => Reason::Completed,
                Some(reason) => reason,
            }),
        };
        self.alter(repo, number, |facts| {
            facts.open = open;
            facts.reason = reason;
            facts.closed_at = (!open).then_some(now);
            facts.closed_by = (!open).then(|| actor.to_owned());
        });
        let what = if open { What::Reopened } else { What::Closed(reason) };
        self.record(actor, repo, number, what);
        true
    }

    pub(crate) fn set_title(&mut self, actor: &str, repo: RepoId, number: u64, title: &str) {
        let Some(issue) = self.issue_mut(repo, number) else {
            return;
        };
        let before = issue.facts.title.clone();
        if self.alter(repo, number, |facts| facts.title = title.to_owned()) {
            self.record(actor, repo, number, What::Renamed(before, title.to_owned()));
        }
    }

    pub(crate) fn set_body(&mut self, repo: RepoId, number: u64, body: Option<String>) {
        self.alter(repo, number, |facts| facts.body = body);
    }

    pub(crate) fn set_locked(&mut self, actor: &str, repo: RepoId, number: u64, locked: bool) {
        if self.alter(repo, number, |facts| facts.locked = locked) {
            let what = if locked { What::Locked } else { What::Unlocked };
            self.record(actor, repo, number, what);
        }
    }

    /// The label of that name in any spelling, made if there is none.
    pub(crate) fn label_named(&mut self, repo: RepoId, name: &str) -> u64 {
        if let Some(label) = self.repos.get(&repo).and_then(|repo| repo.label(name)) {
            return label.id;
        }
        self.make_label(repo, name, NEW_LABEL_COLOR, None)
    }

    pub(crate) fn make_label(
        &mut self,
        repo: RepoId,
        name: &str,
        color: &str,
        description: Option<String>,
    ) -> u64 {
        let id = self.fresh_id();
        let label = Label {
            id,
            name: name.to_owned(),
            color: color.to_owned(),
            description,
            created_at: self.clock.now(),
        };
        if let Some(home) = self.repos.get_mut(&repo) {
            home.labels.insert(id, label);
            self.revision += 1;
        }
        id
    }

    /// Removes a label from the repository. Its issues lose it, and their `updated_at` does
    /// not move: a change to a repository's label is no event of an issue.
    pub(crate) fn drop_label(&mut self, repo: RepoId, label: u64) {
        if let Some(home) = self.repos.get_mut(&repo) {
            home.labels.remove(&label);
            for issue in home.issues.values_mut() {
                issue.facts.labels.remove(&label);
            }
            self.revision += 1;
        }
    }

    pub(crate) fn put_label(&mut self, actor: &str, repo: RepoId, number: u64, label: u64) {
        let Some((name, color)) = self.look(repo, label) else {
            return;
        };
        if self.alter(repo, number, |facts| {
            facts.labels.insert(label);
        }) {
            self.record(actor, repo, number, What::Labeled(label, name, color));
        }
    }

    pub(crate) fn take_label(&mut self, actor: &str, repo: RepoId, number: u64, label: u64) {
        let Some((name, color)) = self.look(repo, label) else {
            return;
        };
        if self.alter(repo, number, |facts| {
            facts.labels.remove(&label);
        }) {
            self.record(actor, repo, number, What::Unlabeled(label, name, color));
        }
    }

    /// Replaces the whole set of labels.
    pub(crate) fn replace_labels(&mut self, actor: &str, repo: RepoId, number: u64, wanted: &BTreeSet<u64>) {
        let Some(issue) = self.issue_mut(repo, number) else {
            return;
        };
        let present = issue.facts.labels.clone();
        for label in present.difference(wanted) {
            self.take_label(actor, repo, number, *label);
        }
        for label in wanted.difference(&present) {
            self.put_label(actor, repo, number, *label);
        }
    }

    fn look(&self, repo: RepoId, label: u64) -> Option<(String, String)> {
        let label = self.repos.get(&repo)?.labels.get(&label)?;
        Some((label.name.clone(), label.color.clone()))
    }

    pub(crate) fn add_comment(&mut self, actor: &str, repo: RepoId, number: u64, body: &str) -> u64 {
        let now = self.clock.now();
        let comment = Comment {
            id: self.fresh_id(),
            issue: number,
            author: actor.to_owned(),
            body: body.to_owned(),
            created_at: now,
            updated_at: now,
            sequence: self.fresh_sequence(),
        };
        let id = comment.id;
        if let Some(home) = self.repos.get_mut(&repo) {
            home.comments.insert(id, comment);
        }
        self.alter(repo, number, |facts| facts.comments += 1);
        id
    }

    /// Whether lists show a comment already. By its id it is there at once.
    pub(crate) fn lists(&self, comment: &Comment) -> bool {
        let lag = self.settings.list_lag_comments;
        lag <= 0 || comment.created_at + lag <= self.clock.now()
    }

    pub(crate) fn edit_comment(&mut self, repo: RepoId, comment: u64, body: &str) {
        let now = self.clock.now();
        let moves = self.settings.comment_edits_move_issue;
        let Some(home) = self.repos.get_mut(&repo) else {
            return;
        };
        let Some(comment) = home.comments.get_mut(&comment) else {
            return;
        };
        if comment.body == body {
            return;
        }
        body.clone_into(&mut comment.body);
        comment.updated_at = now;
        self.revision += 1;
        let number = comment.issue;
        if moves && let Some(issue) = self.issue_mut(repo, number) {
            issue.facts.updated_at = now;
        }
    }

    pub(crate) fn drop_comment(&mut self, actor: &str, repo: RepoId, comment: u64) {
        let moves = self.settings.comment_edits_move_issue;
        let Some(gone) = (self.repos.get_mut(&repo)).and_then(|home| home.comments.remove(&comment)) else {
            return;
        };
        self.revision += 1;
        if let Some(issue) = self.issue_mut(repo, gone.issue) {
            let updated_at = issue.facts.updated_at;
            self.alter(repo, gone.issue, |facts| facts.comments -= 1);
            if !moves && let Some(issue) = self.issue_mut(repo, gone.issue) {
                issue.facts.updated_at = updated_at;
            }
        }
        self.record(actor, repo, gone.issue, What::CommentDeleted);
    }

    /// Moves an issue to another repository, where it gets a new number and new ids. Labels
    /// follow where the target has one of that name.
    pub(crate) fn transfer(&mut self, actor: &str, from: RepoId, number: u64, to: RepoId) -> Option<u64> {
        let home = self.repos.get(&from)?;
        let issue = home.issues.get(&number)?.clone();
        let names = home.label_names(&issue);
        let target = self.repos.get(&to)?;
        let labels: BTreeSet<u64> =
            (names.iter()).filter_map(|name| target.label(name)).map(|label| label.id).collect();
        let id = self.fresh_id();
        let now = self.clock.now();
        let target = self.repos.get_mut(&to)?;
        let new_number = target.next_number;
        target.next_number += 1;
        let mut moved = issue.clone();
        moved.id = id;
        moved.number = new_number;
        moved.facts.labels = labels;
        moved.facts.updated_at = now;
        moved.past.clear();
        target.issues.insert(new_number, moved);
        self.homes.insert(id, (to, new_number));
        let home = self.repos.get_mut(&from)?;
        let moving: Vec<u64> = (home.comments.values())
            .filter(|comment| comment.issue == number)
            .map(|comment| comment.id)
            .collect();
        for id in moving {
            if let Some(mut comment) = self.repos.get_mut(&from)?.comments.remove(&id) {
                comment.issue = new_number;
                self.repos.get_mut(&to)?.comments.insert(id, comment);
            }
        }
        self.issue_mut(from, number)?.fate = Fate::Transferred(to, new_number);
        self.record(actor, to, new_number, What::Transferred(from));
        self.revision += 1;
        Some(new_number)
    }
}

impl Issue {
    /// The version a list shows that is `lag` seconds late.
    pub(crate) fn seen(&self, now: i64, lag: i64) -> &Facts {
        if lag <= 0 {
            return &self.facts;
        }
        (self.past.iter()).find(|(until, _)| *until > now - lag).map_or(&self.facts, |(_, facts)| facts)
    }
}
