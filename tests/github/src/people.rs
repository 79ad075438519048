//! The people on GitHub's side: setting the scene, and doing things on the web.
//!
//! These act without tokens, limits or the network, as a person in a browser does, and
//! panic on a repository or issue that is not there: that is a mistake in a test.

use std::collections::{BTreeMap, BTreeSet};

use crate::state::{Fate, GitHub, Permission, Reason, RepoId, Repository, Token, User, What};

impl GitHub {
    /// Adds an account.
    pub fn add_user(&mut self, login: &str) {
        self.add_account(login, "User");
    }

    /// Adds an account of a kind: `User`, `Bot` or `Organization`.
    pub fn add_account(&mut self, login: &str, kind: &'static str) {
        let id = 40_000_001 + 3 * self.users.len() as u64;
        let login = login.to_owned();
        (self.users.entry(login.to_lowercase())).or_insert(User { id, login, kind });
    }

    /// Adds a token that may do all its user may.
    pub fn add_token(&mut self, token: &str, login: &str) {
        self.add_user(login);
        self.tokens.insert(
            token.to_owned(),
            Token {
                login: login.to_owned(),
                read_only: false,
                expired: false,
                needs_sso: false,
                scopes: Some("repo".to_owned()),
                expires: None,
                only: None,
            },
        );
    }

    /// Adds a public repository with issues on and no labels.
    pub fn add_repo(&mut self, full_name: &str) -> RepoId {
        let (owner, name) = full_name.split_once('/').expect("owner/name");
        self.add_user(owner);
        let id = 900_000_001 + 13 * self.repos.len() as u64;
        self.repos.insert(
            id,
            Repository {
                id,
                owner: owner.to_owned(),
                name: name.to_owned(),
                aliases: BTreeSet::new(),
                private: false,
                archived: false,
                branches: BTreeSet::from(["main".to_owned()]),
                protected: BTreeSet::new(),
                has_issues: true,
                default_branch: "main".to_owned(),
                parent: None,
                permissions: BTreeMap::new(),
                members: BTreeSet::new(),
                labels: BTreeMap::new(),
                issues: BTreeMap::new(),
                comments: BTreeMap::new(),
                next_number: 1,
                created_at: self.clock.now(),
            },
        );
        id
    }

    /// Gives somebody a role in a repository.
    pub fn grant(&mut self, login: &str, full_name: &str, permission: Permission) {
        self.add_user(login);
        let repo = self.repo_mut(full_name).expect("a repository");
        repo.permissions.insert(login.to_lowercase(), permission);
    }

    /// Adds a label to a repository.
    pub fn add_label(&mut self, full_name: &str, name: &str, color: &str) {
        let repo = self.id_of(full_name);
        self.make_label(repo, name, color, None);
    }

    /// Renames a repository's label. No issue's `updated_at` moves.
    pub fn rename_label(&mut self, full_name: &str, name: &str, to: &str) {
        let id = self.repo(full_name).and_then(|repo| repo.label(name)).expect("a label").id;
        let repo = self.repo_mut(full_name).expect("a repository");
        if let Some(label) = repo.labels.get_mut(&id) {
            to.clone_into(&mut label.name);
        }
    }

    /// Deletes a repository's label. No issue's `updated_at` moves.
    pub fn delete_label(&mut self, full_name: &str, name: &str) {
        let repo = self.id_of(full_name);
        let id = self.repos[&repo].label(name).expect("a label").id;
        self.drop_label(repo, id);
    }

    /// Renames or moves a repository; the old name redirects.
    pub fn rename_repo(&mut self, full_name: &str, to: &str) {
        let (owner, name) = to.split_once('/').expect("owner/name");
        self.add_user(owner);
        let repo = self.repo_mut(full_name).expect("a repository");
        repo.aliases.insert(full_name.to_lowercase());
        owner.clone_into(&mut repo.owner);
        name.clone_into(&mut repo.name);
    }

    /// Leaves out the next numbers up to `number`, as issues and pull requests made before
    /// the test do.
    pub fn skip_to_number(&mut self, full_name: &str, number: u64) {
        let repo = self.repo_mut(full_name).expect("a repository");
        repo.next_number = repo.next_number.max(number);
    }

    /// Opens an issue on the web and returns its number. Labels are made if missing.
    pub fn create_issue_as(
        &mut self,
        login: &str,
        full_name: &str,
        title: &str,
        body: &str,
        labels: &[&str],
    ) -> u64 {
        self.add_user(login);
        let repo = self.id_of(full_name);
        let labels = labels.iter().map(|name| self.label_named(repo, name)).collect();
        let body = self.typed(body);
        self.made_content(login);
        self.open_issue(login, repo, title, Some(body), &labels, false)
    }

    /// Somebody pushed a branch.
    pub fn push_branch(&mut self, full_name: &str, branch: &str) {
        let repo = self.id_of(full_name);
        if let Some(home) = self.repos.get_mut(&repo) {
            home.branches.insert(branch.to_owned());
        }
    }

    /// Opens a pull request and returns its number, which no issue will have.
    pub fn create_pull_as(&mut self, login: &str, full_name: &str, title: &str) -> u64 {
        self.add_user(login);
        let repo = self.id_of(full_name);
        self.open_issue(login, repo, title, None, &BTreeSet::new(), true)
    }

    /// Closes an issue on the web.
    pub fn close_as(&mut self, login: &str, full_name: &str, number: u64, reason: Reason) {
        let repo = self.there(login, full_name, number);
        self.set_open(login, repo, number, false, Some(reason));
    }

    /// Opens an issue again on the web.
    pub fn reopen_as(&mut self, login: &str, full_name: &str, number: u64) {
        let repo = self.there(login, full_name, number);
        self.set_open(login, repo, number, true, None);
    }

    /// Puts a label on, making it if it is missing.
    pub fn label_as(&mut self, login: &str, full_name: &str, number: u64, label: &str) {
        let repo = self.there(login, full_name, number);
        let label = self.label_named(repo, label);
        self.put_label(login, repo, number, label);
    }

    /// Takes a label off.
    pub fn unlabel_as(&mut self, login: &str, full_name: &str, number: u64, label: &str) {
        let repo = self.there(login, full_name, number);
        if let Some(label) = self.repos[&repo].label(label) {
            let label = label.id;
            self.take_label(login, repo, number, label);
        }
    }

    /// Writes a comment on the web and returns its id.
    pub fn comment_as(&mut self, login: &str, full_name: &str, number: u64, body: &str) -> u64 {
        let repo = self.there(login, full_name, number);
        let body = self.typed(body);
        self.made_content(login);
        self.add_comment(login, repo, number, &body)
    }

    /// Edits a comment on the web.
    pub fn edit_comment_as(&mut self, _login: &str, full_name: &str, comment: u64, body: &str) {
        let repo = self.id_of(full_name);
        let body = self.typed(body);
        self.edit_comment(repo, comment, &body);
    }

    /// Deletes a comment on the web.
    pub fn delete_comment_as(&mut self, login: &str, full_name: &str, comment: u64) {
        let repo = self.id_of(full_name);
        self.drop_comment(login, repo, comment);
    }

    /// Edits an issue's body on the web.
    pub fn edit_body_as(&mut self, login: &str, full_name: &str, number: u64, body: &str) {
        let repo = self.there(login, full_name, number);
        let body = self.typed(body);
        self.set_body(repo, number, Some(body));
    }

    /// Edits an issue's title on the web.
    pub fn edit_title_as(&mut self, login: &str, full_name: &str, number: u64, title: &str) {
        let repo = self.there(login, full_name, number);
        self.set_title(login, repo, number, title);
    }

    /// Locks an issue.
    pub fn lock_as(&mut self, login: &str, full_name: &str, number: u64) {
        let repo = self.there(login, full_name, number);
        self.set_locked(login, repo, number, true);
    }

    /// Unlocks an issue.
    pub fn unlock_as(&mut self, login: &str, full_name: &str, number: u64) {
        let repo = self.there(login, full_name, number);
        self.set_locked(login, repo, number, false);
    }

    /// Deletes an issue: 410 from then on.
    pub fn delete_issue_as(&mut self, login: &str, full_name: &str, number: u64) {
        let repo = self.there(login, full_name, number);
        if let Some(issue) = self.issue_mut(repo, number) {
            issue.fate = Fate::Deleted;
            self.revision += 1;
        }
    }

    /// Moves an issue to another repository and returns its number there.
    pub fn transfer_as(&mut self, login: &str, full_name: &str, number: u64, to: &str) -> u64 {
        let from = self.there(login, full_name, number);
        let to = self.id_of(to);
        self.transfer(login, from, number, to).expect("an issue to move")
    }

    /// Turns an issue into a discussion. Over REST it only looks locked.
    pub fn convert_to_discussion_as(&mut self, login: &str, full_name: &str, number: u64) {
        let repo = self.there(login, full_name, number);
        self.alter(repo, number, |facts| facts.locked = true);
        if let Some(issue) = self.issue_mut(repo, number) {
            issue.discussion = true;
        }
        self.record(login, repo, number, What::ConvertedToDiscussion);
    }

    /// An issue's labels by name.
    #[must_use]
    pub fn labels_of(&self, full_name: &str, number: u64) -> Vec<String> {
        let repo = &self.repos[&self.id_of(full_name)];
        repo.label_names(&repo.issues[&number])
    }

    /// The bodies of an issue's comments, oldest first.
    #[must_use]
    pub fn comments_of(&self, full_name: &str, number: u64) -> Vec<String> {
        (self.repos[&self.id_of(full_name)].comments.values())
            .filter(|comment| comment.issue == number)
            .map(|comment| comment.body.clone())
            .collect()
    }

    /// The numbers of all issues that are there, without pull requests.
    #[must_use]
    pub fn issue_numbers(&self, full_name: &str) -> Vec<u64> {
        (self.repos[&self.id_of(full_name)].issues.values())
            .filter(|issue| !issue.pull && issue.fate == Fate::Here)
            .map(|issue| issue.number)
            .collect()
    }

    /// What a browser sends: text areas end their lines with `\r\n`.
    fn typed(&self, text: &str) -> String {
        if self.settings.web_crlf {
            text.replace("\r\n", "\n").replace('\n', "\r\n")
        } else {
            text.to_owned()
        }
    }

    fn id_of(&self, full_name: &str) -> RepoId {
        (self.repo(full_name).map(|repo| repo.id)).unwrap_or_else(|| panic!("no repository {full_name}"))
    }

    fn there(&mut self, login: &str, full_name: &str, number: u64) -> RepoId {
        self.add_user(login);
        let repo = self.id_of(full_name);
        assert!(self.repos[&repo].issues.contains_key(&number), "no issue {full_name}#{number}");
        repo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> GitHub {
        let mut gh = GitHub::at("2026-03-01T12:00:00Z");
        gh.add_repo("acme/app");
        gh.create_issue_as("ann", "acme/app", "One", "a\nb", &["Bug"]);
        gh
    }

    #[test]
    fn text_typed_on_the_web_ends_its_lines_with_crlf() {
        let mut gh = scene();
        assert_eq!(gh.issue("acme/app", 1).unwrap().facts.body.as_deref(), Some("a\r\nb"));
        gh.settings.web_crlf = false;
        gh.edit_body_as("ann", "acme/app", 1, "c\nd");
        assert_eq!(gh.issue("acme/app", 1).unwrap().facts.body.as_deref(), Some("c\nd"));
    }

    #[test]
    fn what_people_do_leaves_events_and_moves_the_time() {
        let mut gh = scene();
        gh.clock.advance(60);
        gh.close_as("bob", "acme/app", 1, Reason::NotPlanned);
        let issue = gh.issue("acme/app", 1).unwrap();
        assert_eq!(issue.facts.updated_at, gh.clock.now());
        assert_eq!(issue.events.last().unwrap().what, What::Closed(Some(Reason::NotPlanned)));
        gh.label_as("bob", "acme/app", 1, "bug");
        assert_eq!(gh.labels_of("acme/app", 1), ["Bug"]);
    }

    #[test]
    fn numbers_are_shared_with_pull_requests() {
        let mut gh = scene();
        assert_eq!(gh.create_pull_as("ann", "acme/app", "PR"), 2);
        assert_eq!(gh.create_issue_as("ann", "acme/app", "Two", "", &[]), 3);
        assert_eq!(gh.issue_numbers("acme/app"), [1, 3]);
    }

    #[test]
    fn renaming_a_label_does_not_touch_its_issues() {
        let mut gh = scene();
        let before = gh.issue("acme/app", 1).unwrap().facts.updated_at;
        gh.clock.advance(60);
        gh.rename_label("acme/app", "Bug", "Defect");
        assert_eq!(gh.labels_of("acme/app", 1), ["Defect"]);
        assert_eq!(gh.issue("acme/app", 1).unwrap().facts.updated_at, before);
    }
}
