//! A work tree beside the user's, for a commit on a branch of its own.
//!
//! It is a linked worktree in gardener's folder of the git directory. Of the files only the
//! worklogs and what decides how they are read are checked out. The branch goes on from where
//! it is: what others committed to it stays, what the branch here got meanwhile is merged in, and
//! nothing is ever forced.

use std::path::{Path, PathBuf};

use crate::config;
use crate::repo::git::{Git, refused};
use crate::repo::lines::driver;
use crate::repo::open::disk_error;
use crate::repo::{Repo, RepoError};

/// A work tree on a branch of its own, until it is removed.
pub struct Aside<'r> {
    repo: &'r Repo,
    path: PathBuf,
    branch: String,
    /// Where the branch was before, here or on the remote; `None` for a new one.
    before: Option<String>,
}

impl Repo {
    /// Makes the work tree on `branch`, which has what HEAD has and what it had of its own.
    /// `program` is this one, for merging worklogs.
    ///
    /// # Errors
    /// When the name can't be a branch's, it is checked out somewhere, it can't be merged with
    /// HEAD without a person, or git says no.
    pub fn aside<'r>(
        &'r self,
        branch: &str,
        remote: Option<&str>,
        worklogs: &str,
        program: &Path,
    ) -> Result<Aside<'r>, RepoError> {
        if branch.starts_with("refs/") || branch.is_empty() {
            let why = "write its short name, without refs/heads/".to_owned();
            return Err(RepoError::Branch(branch.to_owned(), why));
        }
        let name = "git check-ref-format";
        self.git.run(name, &self.git.reading(["check-ref-format", &format!("refs/heads/{branch}")]))?;
        if branch.starts_with('-') || branch == "HEAD" {
            return Err(RepoError::Branch(
                branch.to_owned(),
                "git takes no such name for a branch".to_owned(),
            ));
        }
        if self.branch()?.as_deref() == Some(branch) {
            let why = "it is checked out here; `gardener sync` without --branch commits to it".to_owned();
            return Err(RepoError::Branch(branch.to_owned(), why));
        }
        let head = self.head_commit()?.ok_or_else(|| {
            RepoError::Branch(branch.to_owned(), "there is no commit here yet to start from".to_owned())
        })?;
        let path = self.private_folder().join("aside");
        let aside =
            Aside { repo: self, path, branch: branch.to_owned(), before: self.start_of(branch, remote)? };
        aside.clear();
        if let Err(error) = aside.fill(&head.to_string(), worklogs, program) {
            aside.give_up();
            return Err(error);
        }
        Ok(aside)
    }

    /// Where a branch goes on from: of here and the remote the one that has the other.
    fn start_of(&self, branch: &str, remote: Option<&str>) -> Result<Option<String>, RepoError> {
        let here = self.commit_id(&format!("refs/heads/{branch}"));
        let there = remote.and_then(|remote| self.commit_id(&format!("refs/remotes/{remote}/{branch}")));
        match (here, there) {
            (Some(here), Some(there)) if self.is_ancestor(&here, &there) == Some(true) => Ok(Some(there)),
            (Some(here), Some(there)) if self.is_ancestor(&there, &here) == Some(true) => Ok(Some(here)),
            (Some(_), Some(_)) => Err(RepoError::Branch(
                branch.to_owned(),
                "it is not the same here and on the remote; make the two one first".to_owned(),
            )),
            (here, there) => Ok(here.or(there)),
        }
    }

    /// Learns where a branch of the remote is.
    ///
    /// # Errors
    /// When the remote can't be asked. A branch that is not there is no error.
    pub fn fetch_branch(&self, remote: &str, branch: &str) -> Result<(), RepoError> {
        let full = format!("refs/heads/{branch}");
        let name = "git ls-remote";
        let asked = self.git.reading(["ls-remote", "--exit-code", remote, &full]);
        let answer = self.git.ask(name, &asked)?;
        match answer.code {
            Some(0) => {}
            // So it says that there is no such reference.
            Some(2) => return Ok(()),
            _ => return Err(refused(name, &answer)),
        }
        let spec = format!("{full}:refs/remotes/{remote}/{branch}");
        let call = self.git.writing(["fetch", "--quiet", "--no-tags", remote, &spec]);
        self.git.run("git fetch", &call).map(drop)
    }

    /// Pushes a branch, and never by force.
    ///
    /// # Errors
    /// When git says no: somebody pushed to it meanwhile, or may not.
    pub fn push_branch(&self, remote: &str, branch: &str) -> Result<(), RepoError> {
        let spec = format!("refs/heads/{branch}:refs/heads/{branch}");
        let call = self.git.writing(["push", "--quiet", remote, &spec]);
        self.git.run("git push", &call).map(drop)
    }
}

impl Aside<'_> {
    /// Its top folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the branch has something now that HEAD and the branch did not have before.
    pub fn has_moved(&self) -> bool {
        let now = self.repo.commit_id(&format!("refs/heads/{}", self.branch));
        now.is_some() && now != self.before
    }

    /// Takes the work tree away. A branch that was made for nothing goes with it.
    pub fn remove(self) {
        let (head, own) =
            (self.repo.commit_id("HEAD"), self.repo.commit_id(&format!("refs/heads/{}", self.branch)));
        if self.before.is_none() && own.is_some() && own == head {
            self.give_up();
        } else {
            self.clear();
        }
    }

    fn git(&self) -> Git {
        Git::new(self.repo.processes.clone(), self.path.clone())
    }

    fn fill(&self, head: &str, worklogs: &str, program: &Path) -> Result<(), RepoError> {
        let (git, name) = (&self.repo.git, "git worktree");
        let folder = self.repo.private_folder();
        self.repo.disk.create_folder(&folder).map_err(|e| disk_error(&folder.to_string_lossy(), &e))?;
        let start = self.before.as_deref().unwrap_or(head);
        let path = self.path.as_os_str();
        let words = ["worktree", "add", "--quiet", "--no-checkout", "--detach"].map(std::ffi::OsStr::new);
        git.run(name, &git.writing(words.into_iter().chain([path, start.as_ref()])))?;
        let own = self.git();
        // The branch is made where it is to start; one that is behind its remote goes forward.
        let full = format!("refs/heads/{}", self.branch);
        own.run(
            "git update-ref",
            &own.writing(["update-ref", "-m", "gardener: sync --branch", &full, start]).brief(),
        )?;
        own.run("git symbolic-ref", &own.writing(["symbolic-ref", "HEAD", &full]))?;
        own.run("git read-tree", &own.writing(["read-tree", "HEAD"]))?;
        self.check_out(worklogs)?;
        if self.repo.is_ancestor(head, start) == Some(true) {
            return Ok(());
        }
        let driver = format!("merge.gardener.driver={}", driver(program));
        let message = format!("gardener: bring {} up to date", self.branch);
        let attributes = format!("core.attributesFile={}", self.attributes(worklogs)?.display());
        let words = ["-c", &driver, "-c", &attributes, "merge", "--quiet", "--no-edit", "-m", &message, head];
        let answer = own.ask("git merge", &own.writing(words))?;
        if !answer.ok {
            let words = refused("git merge", &answer).to_string();
            let why = format!(
                "it can't be merged with what is here without a person: `git switch {}` and merge it there ({words})",
                self.branch
            );
            return Err(RepoError::Branch(self.branch.clone(), why));
        }
        self.check_out(worklogs)
    }

    /// A file of attributes that names the merge driver for worklogs, beside what the user's own
    /// has, for repositories that do not name it themselves.
    fn attributes(&self, worklogs: &str) -> Result<PathBuf, RepoError> {
        let git = &self.repo.git;
        // An older git has no such variable; then the user's file is the one that is configured.
        let asked = git.ask("git var", &git.reading(["var", "GIT_ATTR_GLOBAL"]))?;
        let asked =
            Some(String::from_utf8_lossy(&asked.out).trim().to_owned()).filter(|p| asked.ok && !p.is_empty());
        let theirs = asked.or(self.repo.config()?.get("core.attributesfile").map(str::to_owned));
        let mut text =
            theirs.and_then(|path| self.repo.disk.read(Path::new(&path), Repo::CAP).ok()).unwrap_or_default();
        text.extend(format!("\n\"{worklogs}/**\" merge=gardener\n").into_bytes());
        let path = self.repo.private_folder().join("aside-attributes");
        self.repo.disk.replace(&path, &text).map_err(|e| disk_error(&path.to_string_lossy(), &e))?;
        Ok(path)
    }

    /// Writes the worklogs, and what decides how they are read, into the work tree.
    fn check_out(&self, worklogs: &str) -> Result<(), RepoError> {
        let own = self.git();
        let paths = ["ls-files", "-z", "--", worklogs, config::FILE, ".gardener", ".gitattributes"];
        let list = own.run("git ls-files", &own.reading(paths))?;
        let call = own.writing(["checkout-index", "--quiet", "--force", "-u", "-z", "--stdin"]).input(&list);
        own.run("git checkout-index", &call).map(drop)
    }

    /// Takes the work tree away, if it is there. One that stays is taken away by the next run.
    fn clear(&self) {
        let git = &self.repo.git;
        let words = ["worktree", "remove", "--force"].map(std::ffi::OsStr::new);
        if self.path.exists() {
            let _ = git.ask("git worktree", &git.writing(words.into_iter().chain([self.path.as_os_str()])));
        }
        let _ = git.ask("git worktree", &git.writing(["worktree", "prune"]));
    }

    /// Takes it away with a branch that was not there before.
    fn give_up(&self) {
        self.clear();
        if self.before.is_none() {
            let git = &self.repo.git;
            let full = format!("refs/heads/{}", self.branch);
            let _ = git.ask("git update-ref", &git.writing(["update-ref", "-d", &full]).brief());
        }
    }
}
