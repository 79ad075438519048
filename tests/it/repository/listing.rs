//! Listing worklogs: which files, what HEAD has, what is staged, what is refused.

use gardener::repo::{File, RepoError, Staged, Unfit, Worktree as _};

use crate::sandbox::Sandbox;

fn list(sandbox: &Sandbox) -> Vec<File> {
    sandbox.worktree().worklogs().expect("listed")
}

fn paths(files: &[File]) -> Vec<&str> {
    files.iter().map(|f| f.path.as_str()).collect()
}

#[test]
fn tracked_and_new_worklogs_are_listed_and_ignored_or_missing_ones_are_not() {
    let sandbox = Sandbox::new();
    assert_eq!(list(&sandbox), [], "no folder, no commit");
    sandbox.write("worklogs/tracked.md", "t\n");
    sandbox.write("worklogs/deep/er.md", "e\n");
    sandbox.write("worklogs/gone.md", "g\n");
    sandbox.write("worklogs/tracked.txt", "no worklog\n");
    sandbox.write("other/x.md", "elsewhere\n");
    sandbox.commit_all("start");
    sandbox.write(".gitignore", "ignored*\n!worklogs/ignored-not.md\n");
    sandbox.write("worklogs/.gitignore", "local.md\n");
    for name in ["ignored.md", "ignored-not.md", "local.md", "new.md"] {
        sandbox.write(&format!("worklogs/{name}"), "n\n");
    }
    sandbox.remove("worklogs/gone.md");
    let files = list(&sandbox);
    let want = ["worklogs/deep/er.md", "worklogs/ignored-not.md", "worklogs/new.md", "worklogs/tracked.md"];
    assert_eq!(paths(&files), want);
    assert_eq!(files[3].head.as_deref(), Some("t\n"));
    assert_eq!((files[2].head.as_deref(), files[2].staged), (None, Staged::No));
}

#[test]
fn an_ignored_file_that_is_tracked_is_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "a\n");
    sandbox.commit_all("start");
    sandbox.write(".gitignore", "worklogs/\n");
    sandbox.write("worklogs/b.md", "b\n");
    assert_eq!(paths(&list(&sandbox)), ["worklogs/a.md"]);
}

#[test]
fn a_sparse_checkout_lists_what_is_there() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/in/a.md", "a\n");
    sandbox.write("worklogs/out/b.md", "b\n");
    sandbox.commit_all("start");
    sandbox.git(["sparse-checkout", "set", "--cone", "--sparse-index", "worklogs/in"]);
    assert_eq!(paths(&list(&sandbox)), ["worklogs/in/a.md"]);
    sandbox.git(["sparse-checkout", "disable"]);
    sandbox.git(["update-index", "--split-index"]);
    assert_eq!(paths(&list(&sandbox)), ["worklogs/in/a.md", "worklogs/out/b.md"]);
}

#[test]
fn odd_names_are_fine() {
    let sandbox = Sandbox::new();
    let names = ["a b.md", "qu\"ote's.md", "new\nline.md", "tab\t.md", "stär:*[x].md", "-dash.md"];
    for name in names {
        sandbox.write(&format!("worklogs/{name}"), name);
    }
    sandbox.commit_all("start");
    sandbox.write("worklogs/? not.md", "new");
    let files = list(&sandbox);
    assert_eq!(files.len(), names.len() + 1);
    for file in files {
        let text = file.content.expect("a text");
        assert!(file.head == Some(text.clone()) || text == "new", "{}", file.path);
    }
}

#[cfg(unix)]
#[test]
fn what_can_not_be_a_worklog_is_listed_with_the_reason() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/bytes.md", b"ab\xff");
    sandbox.write("worklogs/was-link.md", "now a file\n");
    sandbox.write("worklogs/folder/a.md", "a\n");
    sandbox.write("secret/a.md", "secret\n");
    sandbox.link("/etc/hostname", "worklogs/link.md");
    sandbox.commit_all("start");
    sandbox.write("worklogs/large.md", vec![b'x'; (1 << 20) + 1]);
    let name = std::ffi::OsStr::from_bytes(b"worklogs/na\xffme.md");
    sandbox.write(&sandbox.top().join("x").display().to_string(), "");
    let odd = sandbox.program("cp", [std::ffi::OsStr::new("secret/a.md"), name]).run();
    assert_eq!(odd.code, 0, "{}", odd.err);
    sandbox.program("rm", ["-r", "worklogs/folder"]).output();
    sandbox.link("../secret", "worklogs/folder");

    let files = list(&sandbox);
    let unfit = |path: &str| {
        let file = files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("{path} is not listed"));
        file.content.clone().expect_err("unfit")
    };
    assert_eq!(unfit("worklogs/bytes.md"), Unfit::NotText(2));
    assert_eq!(unfit("worklogs/link.md"), Unfit::Link);
    assert_eq!(unfit("worklogs/large.md"), Unfit::TooLarge);
    assert_eq!(unfit("worklogs/na\u{fffd}me.md"), Unfit::Name);
    assert_eq!(unfit("worklogs/folder/a.md"), Unfit::Link, "behind a link to a folder");
}

#[cfg(unix)]
#[test]
fn a_file_whose_version_in_head_is_a_link_is_unfit() {
    let sandbox = Sandbox::new();
    sandbox.link("other", "worklogs/a.md");
    sandbox.commit_all("start");
    sandbox.remove("worklogs/a.md");
    sandbox.write("worklogs/a.md", "now a file\n");
    assert!(matches!(list(&sandbox)[0].content, Err(Unfit::Head(_))));
}

#[cfg(unix)]
#[test]
fn a_worklog_folder_that_is_a_link_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("secret/a.md", "secret\n");
    sandbox.commit_all("start");
    sandbox.link("secret", "worklogs");
    let refused = sandbox.worktree().worklogs();
    assert!(matches!(&refused, Err(RepoError::Link(path)) if path == "worklogs"), "{refused:?}");
    let written = sandbox.worktree().write("worklogs/a.md", "secret\n", "x");
    assert!(matches!(&written, Err(RepoError::Link(path)) if path == "worklogs"), "{written:?}");
    assert_eq!(sandbox.read("secret/a.md"), "secret\n");
}

#[test]
fn the_index_is_told_apart() {
    let sandbox = Sandbox::new();
    for name in ["clean", "edited", "whole", "partly", "removed"] {
        sandbox.write(&format!("worklogs/{name}.md"), "1\n2\n");
    }
    sandbox.commit_all("start");
    let edit = |name: &str, text: &str, add: bool| {
        let path = format!("worklogs/{name}.md");
        sandbox.write(&path, text);
        if add {
            sandbox.git(["add", "--", &path]);
        }
    };
    edit("edited", "1\n2\nmore\n", false);
    edit("whole", "1\n2\nmore\n", true);
    edit("partly", "0\n1\n2\n", true);
    edit("partly", "0\n1\n2\nmore\n", false);
    edit("new", "n\n", false);
    edit("new-whole", "n\n", true);
    edit("new-partly", "n\n", true);
    edit("new-partly", "n\nmore\n", false);
    edit("new-named", "n\n", false);
    sandbox.git(["add", "--intent-to-add", "worklogs/new-named.md"]);
    sandbox.git(["rm", "--quiet", "--cached", "worklogs/removed.md"]);
    let files = list(&sandbox);
    let staged: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.staged)).collect();
    let want = [
        ("worklogs/clean.md", Staged::No),
        ("worklogs/edited.md", Staged::No),
        ("worklogs/new-named.md", Staged::No),
        ("worklogs/new-partly.md", Staged::Partly),
        ("worklogs/new-whole.md", Staged::Whole),
        ("worklogs/new.md", Staged::No),
        ("worklogs/partly.md", Staged::Partly),
        ("worklogs/removed.md", Staged::Partly),
        ("worklogs/whole.md", Staged::Whole),
    ];
    assert_eq!(staged, want);
}

#[test]
fn an_unresolved_conflict_is_unmerged() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("one");
    sandbox.git(["switch", "--quiet", "-c", "topic"]);
    sandbox.write("worklogs/a.md", "2\n");
    sandbox.commit_all("two");
    sandbox.git(["switch", "--quiet", "main"]);
    sandbox.write("worklogs/a.md", "3\n");
    sandbox.commit_all("three");
    assert_ne!(sandbox.try_git(["merge", "topic"]).code, 0);
    let files = list(&sandbox);
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].staged, Staged::Unmerged);
}

#[test]
fn line_endings_are_compared_as_git_does() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/lf.md", "a\nb\n");
    sandbox.write("worklogs/new\nline.md", "a\nb\n");
    sandbox.write("worklogs/crlf.md", "a\r\nb\r\n");
    sandbox.commit_all("start");
    sandbox.config("core.autocrlf", "true");
    sandbox.git(["rm", "--quiet", "--cached", "-r", "worklogs"]);
    sandbox.git(["reset", "--quiet", "--hard"]);
    assert_eq!(sandbox.read("worklogs/lf.md"), "a\r\nb\r\n");
    for file in list(&sandbox) {
        assert_eq!(file.head.as_deref(), Some("a\r\nb\r\n"), "{}", file.path);
        assert_eq!(file.content.as_deref(), Ok("a\r\nb\r\n"), "{}", file.path);
        assert_eq!(file.staged, Staged::No, "{}", file.path);
    }
    // Staged with conversion where git converts, without where it doesn't.
    for path in ["worklogs/lf.md", "worklogs/crlf.md", "worklogs/new\nline.md"] {
        sandbox.write(path, "a\r\nb\r\nc\r\n");
        sandbox.git(["add", path]);
    }
    for file in list(&sandbox) {
        assert_eq!(file.staged, Staged::Whole, "{}", file.path);
    }
}

#[test]
fn listing_changes_nothing_and_takes_no_lock() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "a\n");
    sandbox.commit_all("start");
    sandbox.write(".git/index.lock", "");
    let before = sandbox.snapshot();
    let steps = gardener::effect::Steps::default();
    let mut worktree = sandbox.worktree_with(steps.clone());
    worktree.worklogs().expect("listed");
    worktree.changed_here().expect("compared");
    worktree.standing().expect("read");
    assert_eq!(steps.count(), 0);
    assert_eq!(sandbox.snapshot(), before);
    assert!(!sandbox.names(".git").contains(&"gardener".to_owned()));
}

#[test]
fn a_write_wins_only_over_what_was_read() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "edited\n");
    let mut worktree = sandbox.worktree();
    let write = worktree.write("worklogs/a.md", "read\n", "ours\n");
    assert!(matches!(write, Err(RepoError::ChangedMeanwhile(_))), "{write:?}");
    assert_eq!(sandbox.read("worklogs/a.md"), "edited\n");
    worktree.write("worklogs/a.md", "edited\n", "ours\n").expect("written");
    assert_eq!(sandbox.read("worklogs/a.md"), "ours\n");
    let gone = worktree.write("worklogs/gone.md", "", "ours\n");
    assert!(matches!(gone, Err(RepoError::ChangedMeanwhile(_))), "{gone:?}");
    for outside in ["a.md", "../a.md", "worklogs/../a.md", "/tmp/a.md", "worklogsx/a.md"] {
        assert!(matches!(worktree.write(outside, "", "x"), Err(RepoError::Disk { .. })), "{outside}");
    }
    worktree.create("worklogs/deep/new.md", "n\n").expect("created");
    assert_eq!(sandbox.read("worklogs/deep/new.md"), "n\n");
    assert!(matches!(worktree.create("worklogs/a.md", "n\n"), Err(RepoError::ChangedMeanwhile(_))));
}
