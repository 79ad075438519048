//! Every version of every worklog, in one walk of history.
//!
//! git lists the commits that touched the folder, with the blobs before and after each; the blobs
//! themselves are read one by one, each once. Merges are left out: what they bring was done in
//! the commits that they merge.

use crate::model::Timestamp;
use crate::repo::git::unread;
use crate::repo::{Commit, Repo, RepoError};

/// A commit with what it did to the files of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The commit.
    pub commit: Commit,
    /// The files, in git's order: the blob before, where there was one, and the blob after.
    pub changes: Vec<(Option<BlobId>, Option<BlobId>)>,
}

/// The name of a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobId(git2::Oid);

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The commits, each after those that it follows.
    pub steps: Vec<Step>,
    /// Whether there are more, which were not read.
    pub is_cut: bool,
}

impl Repo {
    /// Walks the history of `folder` from HEAD, at most `most` commits of it, the newest ones.
    ///
    /// # Errors
    /// When git can't tell.
    pub fn walk(&self, folder: &str, most: usize) -> Result<Walk, RepoError> {
        if self.head_commit()?.is_none() {
            return Ok(Walk::default());
        }
        let count = format!("--max-count={}", most.saturating_add(1));
        // What a user's config adds to a log would be read as a part of it.
        let call = ["-c", "log.showRoot=true", "log", "--no-merges", "--full-history", "--topo-order", "-z"]
            .into_iter()
            .chain([
                "--raw",
                "--no-abbrev",
                "--no-renames",
                "--no-show-signature",
                "--no-notes",
                "--no-color",
            ])
            .chain(["--encoding=UTF-8", "--format=%H%x00%P%x00%an%x00%at%x00%s"])
            .chain([count.as_str(), "--", folder]);
        let out = self.git.run("git log", &self.git.reading(call))?;
        let mut steps = read(&out);
        let is_cut = steps.len() > most;
        steps.truncate(most);
        steps.reverse();
        Ok(Walk { steps, is_cut })
    }

    /// A file's content; `None` where it is no text of at most one megabyte, or is not here.
    pub fn text_of(&self, id: BlobId) -> Option<String> {
        let blob = self.git2.find_blob(id.0).ok()?;
        let text = std::str::from_utf8(blob.content()).ok()?;
        (text.len() as u64 <= Self::CAP).then(|| text.to_owned())
    }

    /// The name that this text has as a file's content, as git stores it.
    ///
    /// # Errors
    /// When it can't be told.
    pub fn name_of(&self, text: &str) -> Result<BlobId, RepoError> {
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes());
        id.map(BlobId).map_err(unread("name a text"))
    }

    /// Whether history ends early here: the clone is a shallow one.
    pub fn is_shallow(&self) -> bool {
        self.git2.is_shallow()
    }
}

/// Reads what git printed. Parts end with a NUL: five of a commit, then two of each file, the
/// first of which begins with a colon.
fn read(out: &[u8]) -> Vec<Step> {
    let mut parts = out.split(|b| *b == 0).map(String::from_utf8_lossy).peekable();
    let mut steps = Vec::new();
    while let Some(id) = parts.next() {
        let id = id.trim_start_matches('\n');
        let (Some(parents), Some(author), Some(at), Some(subject)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            break;
        };
        let commit = Commit {
            id: id.to_owned(),
            parent: parents.split(' ').find(|p| !p.is_empty()).map(str::to_owned),
            author: author.into_owned(),
            at: Timestamp::from_second(at.parse().unwrap_or_default()),
            subject: subject.into_owned(),
        };
        let mut changes = Vec::new();
        while let Some(head) = parts.next_if(|part| part.trim_start_matches('\n').starts_with(':')) {
            let words: Vec<_> = head.split(' ').collect();
            // The path: only worklogs count, and only files.
            let is_one = parts.next().is_some_and(|path| path.ends_with(".md"));
            if let ([old_mode, new_mode, old, new, _], true) = (&words[..], is_one) {
                let blob = |mode: &str, id: &str| {
                    let is_file = mode.ends_with("100644") || mode.ends_with("100755");
                    git2::Oid::from_str(id).ok().filter(|id| is_file && !id.is_zero()).map(BlobId)
                };
                changes.push((blob(old_mode, old), blob(new_mode, new)));
            }
        }
        steps.push(Step { commit, changes });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints_is_read() {
        let (a, b, zero) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let text = format!(
            "{a}\0{b} {a}\0Ada\060\0a subject\0\n:100644 100644 {a} {b} M\0w/x.md\0:000000 100644 {zero} {a} A\0w/y.txt\0\
             :100644 120000 {a} {b} T\0w/z.md\0{b}\0\0A: \u{1b}\0-5\0:100644\0\n:000000 100755 {zero} {b} A\0w/x.md\0"
        );
        let steps = read(text.as_bytes());
        assert_eq!(steps.len(), 2, "{steps:#?}");
        let ids = |step: &Step| {
            let word = |id: Option<BlobId>| id.map_or("-".to_owned(), |id| id.0.to_string()[..1].to_owned());
            step.changes.iter().map(|(old, new)| word(*old) + &word(*new)).collect::<Vec<_>>()
        };
        assert_eq!(ids(&steps[0]), ["ab", "a-"]);
        assert_eq!(ids(&steps[1]), ["-b"]);
        assert_eq!((steps[0].commit.parent.as_deref(), steps[1].commit.parent.as_deref()), (Some(&*b), None));
        assert_eq!((steps[1].commit.at.as_second(), steps[1].commit.subject.as_str()), (-5, ":100644"));
    }
}
