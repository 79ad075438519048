//! The file of the pre-push hook: where git looks for it, who wrote what is there, and putting
//! gardener's there or taking it away.
//!
//! A hook that somebody else wrote is never overwritten. One that stands alone is chained: it
//! moves beside ours, which runs it first. A folder that belongs to the project or to all
//! repositories of the user is left to them. What the hook does is not known here.

use std::path::{Path, PathBuf};

use crate::effect::{Programs, ReadError};
use crate::repo::open::disk_error;
use crate::repo::{Repo, RepoError};

/// Where the hook is, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookPlace {
    /// The file that git runs.
    pub path: PathBuf,
    /// Whose folder it is in.
    pub folder: HookFolder,
    /// What is there.
    pub found: FoundHook,
    /// The program that keeps this project's hooks, as far as its files tell.
    pub keeper: Option<Keeper>,
}

/// Whose folder the hooks are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFolder {
    /// This clone's own.
    Own,
    /// A part of the project, which others get too (`core.hooksPath`).
    Project,
    /// Somewhere else: perhaps for every repository of the user (`core.hooksPath`).
    Elsewhere,
}

/// What stands where the hook would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundHook {
    /// Nothing.
    Nothing,
    /// What gardener wrote.
    Ours {
        /// It runs the one that was there before.
        is_chained: bool,
    },
    /// What gardener wrote and somebody changed since.
    Changed,
    /// Somebody else's, which calls gardener.
    Calls,
    /// Somebody else's.
    Other,
}

/// A program that keeps hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// pre-commit.com
    PreCommit,
    /// husky
    Husky,
    /// lefthook
    Lefthook,
}

/// The second line of every hook that gardener writes.
const MARK: &str = "# gardener hook 1: written by `gardener hook install`, taken away by `uninstall`.";

/// What a chained hook is called.
const CHAINED: &str = "pre-push.before-gardener";

impl Keeper {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::Husky => "husky",
            Self::Lefthook => "lefthook",
        }
    }

    /// The file of the project that it reads, and what to write there.
    pub fn wants(self) -> (&'static str, &'static str) {
        match self {
            Self::PreCommit => (
                ".pre-commit-config.yaml",
                "  - repo: local\n    hooks:\n      - id: gardener-sync\n        name: gardener sync\n        \
                 entry: gardener sync --hook pre-push\n        language: system\n        \
                 stages: [pre-push]\n        always_run: true\n        pass_filenames: false\n",
            ),
            Self::Husky => (".husky/pre-push", "gardener sync --hook pre-push \"$@\"\n"),
            Self::Lefthook => (
                "lefthook.yml",
                "pre-push:\n  commands:\n    gardener:\n      run: gardener sync --hook pre-push {1} {2}\n      \
                 use_stdin: true\n",
            ),
        }
    }
}

impl HookPlace {
    /// The program that wrote what is there, or that the folder is for.
    pub fn is_kept(&self) -> bool {
        self.keeper.is_some() && self.found != FoundHook::Nothing
    }

    /// Where a chained hook is kept.
    pub fn chained(&self) -> PathBuf {
        self.path.with_file_name(CHAINED)
    }
}

impl Repo {
    /// Finds the pre-push hook.
    ///
    /// # Errors
    /// When git can't tell, or what is there can't be read.
    pub fn hook_place(&self) -> Result<HookPlace, RepoError> {
        let name = "git rev-parse";
        let out = self.git.run(name, &self.git.reading(["rev-parse", "--git-path", "hooks/pre-push"]))?;
        let text = String::from_utf8(out).map_err(|_| disk_error("hooks", &"the path is not UTF-8"))?;
        // Relative to the top, where git starts a hook.
        let path = self.top().join(text.trim_end_matches(['\n', '\r']));
        let own = self.common_dir().canonicalize().unwrap_or_else(|_| self.common_dir().to_owned());
        let top = self.top().canonicalize().unwrap_or_else(|_| self.top().to_owned());
        let real = real_folder(&path);
        let folder = if real.starts_with(&own) {
            HookFolder::Own
        } else if real.starts_with(&top) {
            HookFolder::Project
        } else {
            HookFolder::Elsewhere
        };
        let text = self.hook_text(&path)?;
        let found = match &text {
            None => FoundHook::Nothing,
            Some(text) => of(text),
        };
        let keeper = self.keeper(&real, text.as_deref());
        Ok(HookPlace { path, folder, found, keeper })
    }

    /// Writes the hook. One of somebody else moves beside it.
    ///
    /// # Errors
    /// When the disk says no, or something has taken the place since it was looked at.
    pub fn install_hook(&self, place: &HookPlace, program: &Path) -> Result<(), RepoError> {
        let aside = place.chained();
        let is_somebodys = matches!(place.found, FoundHook::Changed | FoundHook::Other);
        let is_ours = matches!(place.found, FoundHook::Ours { .. });
        if is_somebodys && aside.symlink_metadata().is_ok() {
            return Err(RepoError::HookInTheWay(place.path.clone(), aside));
        }
        let text = hook_text(program, is_somebodys || place.found == FoundHook::Ours { is_chained: true });
        let aside = is_somebodys.then_some(aside.as_path());
        let put = Programs::new(self.steps.clone()).put(&place.path, &text, aside, is_ours);
        put.map_err(|error| disk_error(&place.path.to_string_lossy(), &error))
    }

    /// Takes gardener's hook away and puts back the one that was there before it.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn uninstall_hook(&self, place: &HookPlace) -> Result<(), RepoError> {
        let aside = place.chained();
        let aside = (place.found == FoundHook::Ours { is_chained: true }).then_some(aside.as_path());
        let gone = Programs::new(self.steps.clone()).take_away(&place.path, aside);
        gone.map_err(|error| disk_error(&place.path.to_string_lossy(), &error))
    }

    fn hook_text(&self, path: &Path) -> Result<Option<String>, RepoError> {
        match self.disk.read(path, Self::CAP) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            // A link or a large program is somebody's.
            Err(ReadError::Link | ReadError::NotAFile | ReadError::TooLarge(_)) => Ok(Some(String::new())),
            Err(ReadError::Io(error)) => Err(disk_error(&path.to_string_lossy(), &error)),
        }
    }

    fn keeper(&self, folder: &Path, text: Option<&str>) -> Option<Keeper> {
        let says = |word: &str| text.is_some_and(|text| text.contains(word));
        let has = |name: &str| self.top().join(name).is_file();
        let parts: Vec<_> = folder.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        let lefthook = ["lefthook", ".lefthook"].into_iter();
        let mut lefthook = lefthook.flat_map(|n| ["yml", "yaml", "toml", "json"].map(|e| format!("{n}.{e}")));
        if parts.iter().any(|part| part == ".husky") || says("husky") {
            Some(Keeper::Husky)
        } else if says("pre-commit.com") {
            Some(Keeper::PreCommit)
        } else if says("lefthook") {
            Some(Keeper::Lefthook)
        } else if has(".pre-commit-config.yaml") {
            Some(Keeper::PreCommit)
        } else if lefthook.any(|name| has(&name)) {
            Some(Keeper::Lefthook)
        } else {
            None
        }
    }
}

/// Whose hook a text is.
fn of(text: &str) -> FoundHook {
    if text.lines().nth(1) != Some(MARK) {
        let calls = |line: &str| {
            !line.trim_start().starts_with('#') && line.contains("gardener sync --hook pre-push")
        };
        return if text.lines().any(calls) { FoundHook::Calls } else { FoundHook::Other };
    }
    let program = text.lines().find_map(|line| line.strip_prefix("installed='")?.strip_suffix('\''));
    let program = PathBuf::from(program.unwrap_or_default().replace("'\\''", "'"));
    match [false, true].into_iter().find(|chained| hook_text(&program, *chained) == text) {
        Some(is_chained) => FoundHook::Ours { is_chained },
        None => FoundHook::Changed,
    }
}

/// The hook. Nothing but a commit of gardener's own (1) stops a push: neither a gardener that is
/// gone nor one that dies.
fn hook_text(program: &Path, is_chained: bool) -> String {
    let program = program.to_string_lossy().replace('\'', "'\\''");
    let chained = if is_chained {
        format!(
            "refs=$(cat)\nrefs() {{ [ -z \"$refs\" ] || printf '%s\\n' \"$refs\"; }}\n\
             before=$(dirname -- \"$0\")/{CHAINED}\n\
             if [ -x \"$before\" ]; then\n    refs | \"$before\" \"$@\" || exit $?\nfi\n"
        )
    } else {
        String::new()
    };
    let input = if is_chained { "refs | " } else { "" };
    format!(
        "#!/bin/sh\n{MARK}\ninstalled='{program}'\n{chained}\
         # A push that is only tried runs its hooks, too, and tells them nothing of it.\n\
         set -f\nfor word in $(ps -o args= -p \"$PPID\" 2>/dev/null); do\n    \
         case \"$word\" in --dr* | -n* | -[!-]*n*) exit 0 ;; esac\ndone\nset +f\n\
         program=gardener\ncommand -v gardener >/dev/null 2>&1 || program=$installed\n\
         if ! command -v \"$program\" >/dev/null 2>&1; then\n    \
         echo 'gardener: not found, so nothing was synced; the push goes on' >&2\n    exit 0\nfi\n\
         {input}\"$program\" sync --hook pre-push \"$@\"\n[ $? -ne 1 ]\n"
    )
}

/// The folder of a file, with links followed as far as it exists.
fn real_folder(path: &Path) -> PathBuf {
    let mut folder = path.parent().unwrap_or(path);
    let mut rest = Vec::new();
    loop {
        if let Ok(real) = folder.canonicalize() {
            return rest.iter().rev().fold(real, |path: PathBuf, part| path.join(part));
        }
        match (folder.parent(), folder.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name.to_owned());
                folder = parent;
            }
            _ => return path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_known_by_what_it_says() {
        for chained in [false, true] {
            let text = hook_text(Path::new("/opt/o'brien/gardener"), chained);
            assert_eq!(of(&text), FoundHook::Ours { is_chained: chained });
            assert_eq!(of(&text.replace("exit 0", "exit 1")), FoundHook::Changed);
        }
        assert_eq!(of("#!/bin/sh\nexec gardener sync --hook pre-push\n"), FoundHook::Calls);
        assert_eq!(of("#!/bin/sh\n# gardener sync --hook pre-push\n"), FoundHook::Other);
        assert_eq!(of(""), FoundHook::Other);
    }
}
