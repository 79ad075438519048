//! The one commit: exactly the given texts, and nothing else of the user's moves.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use gardener::effect::Steps;
use gardener::repo::{Committed, File, GitWorktree, Made, RepoError, Staged, Worktree as _};

use crate::sandbox::{Sandbox, Snapshot};

const PATH: &str = "worklogs/a.md";

/// What a sync does with a file: a new front matter (`head` line) over HEAD's body, in the
/// work tree and in the commit.
fn sync(worktree: &mut GitWorktree, head: &str) -> Result<Option<Made>, RepoError> {
    let mut committed = Vec::new();
    for File { path, content, head: old, staged } in worktree.worklogs()? {
        let before = content.expect("a text");
        let body = |text: &str| text.split_once('\n').expect("a body").1.to_owned();
        let work = format!("{head}\n{}", body(&before));
        let text = old.map_or_else(|| work.clone(), |old| format!("{head}\n{}", body(&old)));
        worktree.write(&path, &before, &work)?;
        committed.push(Committed { path, text, work, staged });
    }
    worktree.commit(&committed, "worklogs: sync\n\nBody.\n")
}

fn made(result: Result<Option<Made>, RepoError>) -> Made {
    let made = result.expect("committed").expect("a commit");
    assert_eq!(made.note, None);
    made
}

fn one_worklog() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(PATH, "head 1\nbody\n");
    sandbox.write("src/main.rs", "1\n2\n3\n");
    sandbox.write("notes.txt", "n\n");
    sandbox.commit_all("start");
    sandbox
}

/// Everything but the worklog.
fn rest(sandbox: &Sandbox) -> Snapshot {
    sandbox.snapshot().without(&[PATH])
}

#[test]
fn everything_else_stays_byte_for_byte() {
    let sandbox = one_worklog();
    sandbox.write("notes.txt", "stashed\n");
    sandbox.git(["stash", "push", "--quiet"]);
    sandbox.write("src/main.rs", "1\n2 staged\n3\n");
    sandbox.git(["add", "src/main.rs"]);
    sandbox.write("src/main.rs", "1\n2 staged\n3 unstaged\n");
    sandbox.write("src/new.rs", "staged and new\n");
    sandbox.git(["add", "src/new.rs"]);
    sandbox.write("named.txt", "intent\n");
    sandbox.git(["add", "--intent-to-add", "named.txt"]);
    sandbox.git(["rm", "--quiet", "--cached", "notes.txt"]);
    sandbox.write("untracked.txt", "u\n");
    sandbox.write(".git/info/exclude", "ignored\n");
    sandbox.write("ignored", "i\n");
    let (before, parent) = (rest(&sandbox), sandbox.head());

    let made = made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(rest(&sandbox), before);
    assert_eq!(made.id, sandbox.head());
    assert_eq!(sandbox.git(["rev-parse", "HEAD^"]), parent);
    assert_eq!(sandbox.git(["diff", "--name-only", "HEAD^", "HEAD"]), PATH);
    assert_eq!(sandbox.git(["show", "HEAD:worklogs/a.md"]), "head 2\nbody");
    assert_eq!(sandbox.git(["status", "--porcelain", "--", "worklogs"]), "");
    let log = sandbox.git(["log", "-1", "--format=%an <%ae>|%cn|%B"]);
    assert_eq!(log, "Ada Tester <ada@example.org>|Ada Tester|worklogs: sync\n\nBody.");
    assert_eq!(sandbox.names(".git/gardener"), [""; 0]);
    assert_eq!(sandbox.git(["fsck", "--strict"]), "");
}

#[test]
fn a_second_sync_of_the_same_commits_nothing_and_another_one_does() {
    let sandbox = one_worklog();
    let mut worktree = sandbox.worktree();
    made(sync(&mut worktree, "head 2"));
    let head = sandbox.head();
    assert_eq!(sync(&mut worktree, "head 2").expect("fine"), None);
    assert_eq!(sandbox.head(), head);
    // Without a look in between, too.
    let again = Committed {
        path: PATH.into(),
        text: "head 3\nbody\n".into(),
        work: "head 3\nbody\n".into(),
        staged: Staged::No,
    };
    sandbox.write(PATH, &again.work);
    made(worktree.commit(std::slice::from_ref(&again), "three"));
    made(worktree.commit(&[Committed { text: "head 4\nbody\n".into(), ..again }], "four"));
}

#[test]
fn unfinished_prose_stays_out_of_the_commit_and_in_the_work_tree() {
    let sandbox = one_worklog();
    sandbox.write(PATH, "head 1\nbody\nunfinished\n");
    made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(sandbox.git(["show", "HEAD:worklogs/a.md"]), "head 2\nbody");
    assert_eq!(sandbox.git(["show", ":worklogs/a.md"]), "head 2\nbody");
    assert_eq!(sandbox.read(PATH), "head 2\nbody\nunfinished\n");
    assert_eq!(sandbox.git(["status", "--porcelain"]), " M worklogs/a.md");
}

#[test]
fn staged_prose_stays_staged() {
    let sandbox = one_worklog();
    sandbox.write(PATH, "head 1\nbody\nstaged\n");
    sandbox.git(["add", PATH]);
    made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(sandbox.git(["show", "HEAD:worklogs/a.md"]), "head 2\nbody");
    assert_eq!(sandbox.git(["show", ":worklogs/a.md"]), "head 2\nbody\nstaged");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "M  worklogs/a.md");
}

#[test]
fn a_partly_staged_file_is_refused_also_when_it_was_staged_just_now() {
    let sandbox = one_worklog();
    let mut worktree = sandbox.worktree();
    worktree.worklogs().expect("listed");
    sandbox.write(PATH, "head 1\nbody\nhunk\n");
    sandbox.git(["add", PATH]);
    let head = sandbox.head();
    let file = |staged| Committed { path: PATH.into(), text: "2\n".into(), work: "2\n".into(), staged };
    for staged in [Staged::No, Staged::Whole, Staged::Partly, Staged::Unmerged] {
        let refused = worktree.commit(&[file(staged)], "no");
        assert!(matches!(&refused, Err(RepoError::PartlyStaged(path)) if path == PATH), "{refused:?}");
    }
    assert_eq!(sandbox.head(), head);
    assert_eq!(sandbox.git(["show", ":worklogs/a.md"]), "head 1\nbody\nhunk");
}

#[test]
fn new_worklogs_go_in_whole_however_they_are_named() {
    let sandbox = one_worklog();
    let names = ["a b.md", "qu\"ote's.md", "new\nline.md", "tab\t.md", "stär:*[x].md", "deep/er.md"];
    for name in names {
        sandbox.write(&format!("worklogs/{name}"), "head 1\nnew body\n");
    }
    sandbox.git(["add", "--intent-to-add", "worklogs/a b.md"]);
    let before = sandbox.snapshot().files;
    made(sync(&mut sandbox.worktree(), "head 2"));
    for name in names {
        let spec = format!("HEAD:worklogs/{name}");
        assert_eq!(sandbox.git(["show", &spec]), "head 2\nnew body", "{name}");
    }
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
    assert_eq!(sandbox.snapshot().files.len(), before.len());
}

#[test]
fn the_first_commit_of_a_branch_can_be_ours() {
    let sandbox = Sandbox::new();
    sandbox.write(PATH, "head 1\nbody\n");
    sandbox.write("staged.txt", "s\n");
    sandbox.git(["add", "staged.txt"]);
    made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(sandbox.git(["ls-tree", "-r", "--name-only", "HEAD"]), PATH);
    assert_eq!(sandbox.git(["status", "--porcelain"]), "A  staged.txt");
}

#[test]
fn in_a_linked_worktree_its_own_branch_and_index_are_used() {
    let sandbox = one_worklog();
    sandbox.git(["worktree", "add", "--quiet", "-b", "side", "../side"]);
    let (before, main) = (sandbox.snapshot(), sandbox.head());
    let side = sandbox.at("side");
    side.write("staged.txt", "s\n");
    side.git(["add", "staged.txt"]);
    made(sync(&mut side.worktree(), "head 2"));
    assert_eq!(side.git(["status", "--porcelain"]), "A  staged.txt");
    assert_eq!(side.git(["show", "side:worklogs/a.md"]), "head 2\nbody");
    assert_eq!(sandbox.head(), main);
    let after = sandbox.snapshot();
    assert_eq!((after.index, after.status, after.files), (before.index, before.status, before.files));
}

#[test]
fn line_endings_are_stored_as_git_stores_them() {
    let sandbox = one_worklog();
    sandbox.write("worklogs/crlf.md", "head 1\r\nbody\r\n");
    sandbox.commit_all("one with CRLF in the repository");
    sandbox.config("core.autocrlf", "true");
    sandbox.git(["rm", "--quiet", "--cached", "-r", "."]);
    sandbox.git(["reset", "--quiet", "--hard"]);
    assert_eq!(sandbox.read(PATH), "head 1\r\nbody\r\n");
    made(sync(&mut sandbox.worktree(), "head 2\r"));
    let stored = |path: &str| sandbox.program("git", ["cat-file", "blob", path]).run().out;
    assert_eq!(stored("HEAD:worklogs/a.md"), "head 2\nbody\n");
    assert_eq!(stored("HEAD:worklogs/crlf.md"), "head 2\r\nbody\r\n");
    assert_eq!(sandbox.read(PATH), "head 2\r\nbody\r\n");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn attributes_and_filter_drivers_are_gits_own() {
    let sandbox = one_worklog();
    let attributes = "a.md text=auto eol=crlf\nb.md filter=shout\nc.md -text\nd.md text\ne.md text=auto\n";
    sandbox.write("worklogs/.gitattributes", attributes);
    sandbox.config("filter.shout.clean", "tr A-Z a-z");
    sandbox.config("filter.shout.smudge", "tr a-z A-Z");
    let files = [
        (PATH, "head 1\r\nbody\r\n", "head 2\nbody\n"),
        ("worklogs/b.md", "HEAD 1\nBODY\n", "head 2\nbody\n"),
        ("worklogs/c.md", "head 1\r\nbody\r\n", "head 2\r\nbody\r\n"),
        ("worklogs/d.md", "head 1\nbody\n", "head 2\nbody\n"),
        ("worklogs/e.md", "head 1\r\nbody\n", "head 2\nbody\n"),
    ];
    for (path, text, _) in files {
        sandbox.write(path, text);
    }
    sandbox.commit_all("filtered");
    let mut worktree = sandbox.worktree();
    let mut committed = Vec::new();
    for (file, (path, text, _)) in worktree.worklogs().expect("listed").into_iter().zip(files) {
        assert_eq!(file.path, path);
        // What git would check out is what is there, but for e.md, which git stored with
        // one kind of line endings.
        let stored = if path.ends_with("e.md") { "head 1\nbody\n" } else { text };
        assert_eq!((file.head.as_deref(), file.staged), (Some(stored), Staged::No), "{path}");
        let work = text.replace("head 1", "head 2").replace("HEAD 1", "HEAD 2");
        worktree.write(path, text, &work).expect("written");
        committed.push(Committed { path: path.into(), text: work.clone(), work, staged: Staged::No });
    }
    made(worktree.commit(&committed, "filtered"));
    for (path, _, stored) in files {
        let blob = format!("HEAD:{path}");
        assert_eq!(sandbox.program("git", ["cat-file", "blob", &blob]).run().out, stored, "{path}");
    }
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
    assert_eq!(sandbox.worktree().changed_here().expect("compared"), None);
}

#[test]
fn sparse_and_split_indexes_stay_what_they_are() {
    let sandbox = one_worklog();
    sandbox.write("worklogs/out/b.md", "head 1\nbody\n");
    sandbox.commit_all("one outside");
    sandbox.git(["sparse-checkout", "set", "--cone", "--sparse-index", "src"]);
    sandbox.git(["sparse-checkout", "add", "docs"]);
    sandbox.write("worklogs/new.md", "head 1\nbody\n");
    let before = rest(&sandbox);
    made(sync(&mut sandbox.worktree(), "head 2"));
    let tree = sandbox.git(["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(tree, "notes.txt\nsrc/main.rs\nworklogs/a.md\nworklogs/new.md\nworklogs/out/b.md");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
    let news = ["worklogs/new.md"];
    assert_eq!(rest(&sandbox).without(&news), before.without(&news));

    let sandbox = one_worklog();
    sandbox.git(["update-index", "--split-index"]);
    sandbox.write("src/main.rs", "staged\n");
    sandbox.git(["add", "src/main.rs"]);
    let before = rest(&sandbox);
    made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(rest(&sandbox), before);
    assert_eq!(sandbox.git(["diff", "--name-only", "HEAD^", "HEAD"]), PATH);
}

#[cfg(unix)]
#[test]
fn modes_stay_as_they_are() {
    let sandbox = one_worklog();
    sandbox.mode(PATH, 0o755);
    sandbox.write("worklogs/b.md", "head 1\nbody\n");
    sandbox.commit_all("executable");
    sandbox.git(["update-index", "--chmod=+x", "worklogs/b.md"]);
    made(sync(&mut sandbox.worktree(), "head 2"));
    let tree = sandbox.git(["ls-tree", "--format=%(objectmode) %(path)", "-r", "HEAD", "worklogs"]);
    assert_eq!(tree, "100755 worklogs/a.md\n100644 worklogs/b.md");
    let index = sandbox.git(["ls-files", "--format=%(objectmode) %(path)", "worklogs"]);
    assert_eq!(index, "100755 worklogs/a.md\n100755 worklogs/b.md");
}

#[cfg(unix)]
#[test]
fn hooks_run_and_a_failing_one_stops_the_commit() {
    let sandbox = one_worklog();
    sandbox.write("src/main.rs", "staged\n");
    sandbox.git(["add", "src/main.rs"]);
    sandbox.hook("pre-commit", "git diff --cached --name-only > .git/seen; echo no way >&2; exit 1");
    let (before, head) = (rest(&sandbox), sandbox.head());
    let refused = sync(&mut sandbox.worktree(), "head 2").expect_err("refused");
    assert_eq!(refused.to_string(), "`git commit` failed: no way");
    assert_eq!(sandbox.read(".git/seen"), format!("{PATH}\n"), "the hook sees just our change");
    assert_eq!((rest(&sandbox), sandbox.head()), (before.clone(), head));
    assert_eq!(sandbox.read(PATH), "head 2\nbody\n");
    assert_eq!(sandbox.names(".git/gardener"), [""; 0]);

    // Staged as a whole before, staged as a whole after a commit that failed.
    sandbox.git(["add", PATH]);
    let refused = sync(&mut sandbox.worktree(), "head 3").expect_err("refused");
    assert_eq!(refused.to_string(), "`git commit` failed: no way");
    assert_eq!(sandbox.git(["show", ":worklogs/a.md"]), "head 3\nbody");

    sandbox.hook("pre-commit", "exit 0");
    sandbox.hook("commit-msg", "echo 'Change-Id: I1' >> $1");
    made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(rest(&sandbox), before);
    assert!(sandbox.git(["log", "-1", "--format=%B"]).ends_with("Change-Id: I1"));
}

#[cfg(unix)]
#[test]
fn what_a_hook_adds_is_in_the_index_afterwards() {
    let sandbox = one_worklog();
    let script = "printf 'head 2\\nformatted\\n' > worklogs/a.md; echo log > log; git add worklogs/a.md log";
    sandbox.hook("pre-commit", script);
    made(sync(&mut sandbox.worktree(), "head 2"));
    assert_eq!(sandbox.git(["show", "HEAD:worklogs/a.md"]), "head 2\nformatted");
    assert_eq!(sandbox.git(["show", "HEAD:log"]), "log");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
}

#[cfg(unix)]
#[test]
fn a_hook_that_fails_after_the_commit_does_not_hide_it() {
    let sandbox = one_worklog();
    sandbox
        .hook("post-commit", "git commit --quiet --allow-empty --no-verify -m 'on top' 2>/dev/null; exit 1");
    // The hook would call itself without end.
    sandbox.hook("post-commit", "rm .git/hooks/post-commit; git commit -q --allow-empty -m 'on top'; exit 1");
    let made = sync(&mut sandbox.worktree(), "head 2").expect("committed").expect("a commit");
    assert_eq!(made.id, sandbox.git(["rev-parse", "HEAD^"]));
    assert_eq!(sandbox.git(["log", "-1", "--format=%s", &made.id]), "worklogs: sync");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn no_editor_is_opened_and_no_template_gets_in() {
    let sandbox = one_worklog();
    sandbox.write(".git/template", "# template\n");
    sandbox.config("commit.template", ".git/template");
    sandbox.config("commit.verbose", "true");
    sandbox.config("commit.status", "true");
    sandbox.config("core.editor", "false");
    sandbox.config("commit.cleanup", "strip");
    let mut worktree = sandbox.worktree();
    let text = "head 2\nbody\n".to_owned();
    let file = Committed { path: PATH.into(), text: text.clone(), work: text, staged: Staged::No };
    made(worktree.commit(&[file], "subject\n\n# not a comment\n"));
    assert_eq!(sandbox.git(["log", "-1", "--format=%B"]), "subject\n\n# not a comment");
}

#[test]
fn a_surrounding_hooks_variables_do_not_lead_astray() {
    let sandbox = one_worklog();
    sandbox.git(["init", "--quiet", "../wrong"]);
    let wrong = sandbox.root().join("wrong");
    let variables = [
        ("GIT_DIR", wrong.join(".git")),
        ("GIT_WORK_TREE", wrong.clone()),
        ("GIT_INDEX_FILE", wrong.join("index")),
        ("GIT_OBJECT_DIRECTORY", wrong.join("objects")),
        ("GIT_PREFIX", "src/".into()),
        ("GIT_LITERAL_PATHSPECS", "0".into()),
    ];
    let processes = sandbox.processes(Steps::default());
    let processes = processes.with(variables.map(|(name, value)| (name.into(), value.into())));
    let repo = gardener::repo::Repo::open(&sandbox.top().join("src"), Steps::default(), processes);
    let mut worktree = repo.expect("it opens").worktree(&gardener::config::Config::default());
    made(sync(&mut worktree, "head 2"));
    assert_eq!(sandbox.git(["show", "HEAD:worklogs/a.md"]), "head 2\nbody");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn a_branch_that_moved_stops_the_commit() {
    let sandbox = one_worklog();
    let mut worktree = sandbox.worktree();
    worktree.worklogs().expect("listed");
    sandbox.git(["commit", "--quiet", "--allow-empty", "-m", "meanwhile"]);
    let file = Committed { path: PATH.into(), text: "2\n".into(), work: "2\n".into(), staged: Staged::No };
    let moved = worktree.commit(std::slice::from_ref(&file), "no");
    assert!(matches!(moved, Err(RepoError::HeadMoved)), "{moved:?}");
    worktree.worklogs().expect("listed");
    sandbox.git(["switch", "--quiet", "-c", "other"]);
    assert!(matches!(worktree.commit(&[file], "no"), Err(RepoError::HeadMoved)), "another branch");
}

#[cfg(unix)]
#[test]
fn a_branch_that_moves_under_git_is_not_overwritten() {
    // Between our last look and git's: git itself is made slow by a program in its place.
    let sandbox = one_worklog();
    let real = sandbox.program("sh", ["-c", "command -v git"]).output();
    sandbox.trick(
        "git",
        &format!(
            "if [ \"$1\" = commit ] && [ ! -e ../once ]; then touch ../once; \
             (unset GIT_INDEX_FILE; echo other > other; {real} add other; {real} commit -q -m meanwhile); fi\n\
             exec {real} \"$@\""
        ),
    );
    let repo = sandbox.tricked();
    let mut worktree = repo.worktree(&gardener::config::Config::default());
    let moved = sync(&mut worktree, "head 2");
    assert!(matches!(moved, Err(RepoError::HeadMoved)), "{moved:?}");
    assert_eq!(sandbox.git(["log", "--format=%s"]), "meanwhile\nstart");
    assert_eq!(sandbox.git(["ls-tree", "--name-only", "HEAD", "other"]), "other");
    crate::matrix::fired("the branch moved under git");
    assert_eq!(sandbox.git(["diff", "--cached", "--name-only"]), "");
}

#[cfg(unix)]
#[test]
fn a_branch_that_moves_while_a_hook_runs_stops_the_commit() {
    let sandbox = one_worklog();
    let script = "unset GIT_INDEX_FILE; test -e .git/once && exit 0; touch .git/once; \
                  git commit -q --allow-empty --no-verify -m meanwhile";
    sandbox.hook("pre-commit", script);
    let moved = sync(&mut sandbox.worktree(), "head 2");
    assert!(matches!(moved, Err(RepoError::HeadMoved)), "{moved:?}");
    assert_eq!(sandbox.git(["log", "--format=%s"]), "meanwhile\nstart");
}

#[test]
fn an_operation_under_way_or_a_detached_head_is_no_place_for_a_commit() {
    let sandbox = one_worklog();
    sandbox.git(["switch", "--quiet", "-c", "topic"]);
    sandbox.write("notes.txt", "topic\n");
    sandbox.commit_all("topic");
    sandbox.git(["switch", "--quiet", "main"]);
    sandbox.write("notes.txt", "main\n");
    sandbox.commit_all("main");
    assert_ne!(sandbox.try_git(["merge", "topic"]).code, 0);
    let head = sandbox.head();
    let refused = sync(&mut sandbox.worktree(), "head 2").expect_err("refused");
    assert_eq!(refused.to_string(), "gardener commits nothing here: a merge is under way");
    sandbox.git(["merge", "--abort"]);
    sandbox.git(["switch", "--quiet", "--detach"]);
    let refused = sync(&mut sandbox.worktree(), "head 2").expect_err("refused");
    assert_eq!(refused.to_string(), "gardener commits nothing here: HEAD is on no branch");
    assert_eq!(sandbox.head(), head);
}

#[test]
fn a_held_index_is_waited_for_and_then_named() {
    let sandbox = one_worklog();
    sandbox.write(".git/index.lock", "");
    let head = sandbox.head();
    let start = Instant::now();
    let refused = sync(&mut sandbox.worktree(), "head 2");
    assert!(
        matches!(&refused, Err(RepoError::IndexLocked(path)) if path.ends_with("index.lock")),
        "{refused:?}"
    );
    assert!((1900..4000).contains(&start.elapsed().as_millis()));
    assert_eq!(sandbox.head(), head);
    assert_eq!(sandbox.names(".git").iter().filter(|n| *n == "index.lock").count(), 1, "it is not ours");
}

#[cfg(unix)]
#[test]
fn an_index_held_after_the_commit_is_said_and_finished_by_the_next_run() {
    let sandbox = one_worklog();
    sandbox.write("src/main.rs", "staged\n");
    sandbox.git(["add", "src/main.rs"]);
    let before = rest(&sandbox);
    sandbox.hook("post-commit", "touch .git/index.lock");
    let made = sync(&mut sandbox.worktree(), "head 2").expect("committed").expect("a commit");
    assert!(made.note.is_some_and(|note| note.contains("index.lock")));
    sandbox.remove(".git/index.lock");
    assert_eq!(sandbox.git(["status", "--porcelain", "--", PATH]), "MM worklogs/a.md");
    let repo = sandbox.open();
    repo.sweep("worklogs", &repo.lock(Duration::from_secs(5)).expect("locked")).expect("swept");
    assert_eq!(sandbox.git(["status", "--porcelain", "--", PATH]), "");
    assert_eq!(rest(&sandbox), before);
}

#[test]
fn killed_at_any_step_the_next_run_finds_all_in_order() {
    let prepared = prepared();
    // Once through, to count the steps.
    let steps = Steps::default();
    made(sync(&mut prepared.copy().worktree_with(steps.clone()), "head 2"));
    assert!(steps.count() > 8, "{}", steps.count());
    let others = |sandbox: &Sandbox| sandbox.snapshot().without(&[PATH, "worklogs/b.md"]);
    let before = others(&prepared);
    let nth = if crate::kill::is_whole() { 1 } else { 2 };
    for last in (1..=steps.count()).step_by(nth) {
        let sandbox = prepared.copy();
        // Unwinding without a panic message: this death is expected.
        let steps = Steps::with_hook(move |number, what| {
            if number >= last {
                resume_unwind(Box::new(what.to_owned()));
            }
        });
        let mut worktree = sandbox.worktree_with(steps);
        let killed = catch_unwind(AssertUnwindSafe(|| sync(&mut worktree, "head 2")));
        assert!(killed.is_err(), "step {last}");
        // What a killed process leaves is not dropped.
        std::mem::forget(worktree);

        let repo = sandbox.open();
        let lock = repo.lock(Duration::from_secs(5)).expect("locked");
        repo.sweep("worklogs", &lock).expect("swept");
        assert_eq!(others(&sandbox), before, "step {last}");
        assert_eq!(sandbox.names("worklogs"), ["a.md", "b.md"], "step {last}");
        let mut worktree = sandbox.worktree();
        let staged: Vec<_> = worktree.worklogs().expect("listed").iter().map(|f| f.staged).collect();
        assert_eq!(staged, [Staged::Whole, Staged::No], "step {last}");
        sync(&mut sandbox.worktree(), "head 2").expect("committed");
        assert_eq!(sandbox.git(["show", "HEAD:worklogs/a.md"]), "head 2\nbody", "step {last}");
        assert_eq!(sandbox.git(["show", ":worklogs/a.md"]), "head 2\nbody\nstaged", "step {last}");
        assert_eq!(sandbox.git(["log", "--format=%s"]), "worklogs: sync\nstart", "step {last}");
        assert_eq!(sandbox.names(".git/gardener"), ["lock"], "step {last}");
    }
}

/// A worklog with a staged body, and one with nothing staged.
fn prepared() -> Sandbox {
    let sandbox = one_worklog();
    sandbox.write("worklogs/b.md", "head 1\nb\n");
    sandbox.git(["add", "worklogs/b.md"]);
    sandbox.git(["commit", "--quiet", "--amend", "-m", "start"]);
    sandbox.write(PATH, "head 1\nbody\nstaged\n");
    sandbox.git(["add", PATH]);
    sandbox.write("src/main.rs", "staged\n");
    sandbox.git(["add", "src/main.rs"]);
    sandbox
}
