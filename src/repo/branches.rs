//! Which worklogs this branch changed (rule 4).
//!
//! Off the default branch, a sync looks only at what the branch itself changed, so that a
//! branch is not filled with what happened on GitHub to everybody else's entries.

use std::collections::BTreeSet;

use crate::repo::filters::Text;
use crate::repo::git::unread;
use crate::repo::history::tree_entry;
use crate::repo::{GitWorktree, RepoError};

impl GitWorktree {
    /// The worklogs that differ from the point where this branch left the default branch.
    ///
    /// The default branch is looked for here and on the remotes, for any of them may be
    /// behind; a worklog counts when it differs from every point found. Without such a
    /// point (a shallow clone, unrelated histories) the tips themselves are compared.
    pub(super) fn changed_on_branch(&self) -> Result<Option<BTreeSet<String>>, RepoError> {
        let repo = &self.repo;
        // A fork's parent knows the default branch best, where there is one.
        let remotes: Vec<_> = repo.config()?.remotes().into_iter().map(|(name, _)| name).collect();
        let first = ["upstream", "origin"].into_iter().find(|name| remotes.iter().any(|r| r == name));
        let first = first.or(remotes.first().map(String::as_str));
        let Some(default) = repo.default_branch(self.default_branch.as_deref(), first)? else {
            return Ok(None);
        };
        let branch = repo.branch()?;
        let Some(head) = repo.head_commit()? else { return Ok(None) };
        let remotes: Vec<_> = remotes.iter().map(String::as_str).collect();
        let tips = repo.tips(&default, &remotes)?;
        let at_tip = branch.is_none() && tips.contains(&head);
        if branch.as_deref() == Some(default.as_str()) || at_tip || tips.is_empty() {
            return Ok(None);
        }
        let mut points = Vec::new();
        for tip in &tips {
            match repo.git2.merge_base(head, *tip) {
                Ok(point) => points.push(point),
                Err(error) if error.code() == git2::ErrorCode::NotFound => {}
                // The end of a shallow history looks like a missing object.
                Err(_) if repo.git2.is_shallow() => {}
                Err(error) => return Err(unread("find the merge base")(error)),
            }
        }
        let points = if points.is_empty() { tips } else { points };
        let items = self.items()?;
        let texts = items.iter().filter_map(|item| Some((item.path.as_str(), item.content.as_ref().ok()?)));
        let texts: Vec<_> = texts.collect();
        let mut changed: BTreeSet<_> = texts.iter().map(|(path, _)| (*path).to_owned()).collect();
        for point in points {
            let Some(tree) = repo.tree_of(Some(point))? else { continue };
            let mut there = Vec::new();
            for (path, text) in &texts {
                if let Some(entry) = tree_entry(&tree, path)? {
                    there.push(Text { path, bytes: text.as_bytes(), stored: Some(entry.id) });
                }
            }
            for (text, id) in there.iter().zip(repo.stored_ids(&there)?) {
                if text.stored == Some(id) {
                    changed.remove(text.path);
                }
            }
        }
        Ok(Some(changed))
    }
}
