//! Which worklogs a branch changed, and which branch is the default one.

use gardener::config;
use gardener::repo::Worktree as _;

use crate::sandbox::Sandbox;

fn changed(sandbox: &Sandbox) -> Option<Vec<String>> {
    sandbox.worktree().changed_here().expect("compared").map(Vec::from_iter)
}

/// `main` with three worklogs, and a branch that left it before `main` changed one.
fn branched() -> Sandbox {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c"] {
        sandbox.write(&format!("worklogs/{name}.md"), "1\n");
    }
    sandbox.commit_all("start");
    sandbox.git(["switch", "--quiet", "-c", "topic"]);
    sandbox.write("worklogs/b.md", "committed here\n");
    sandbox.write("worklogs/d.md", "new here\n");
    sandbox.commit_all("topic");
    sandbox.git(["switch", "--quiet", "main"]);
    sandbox.write("worklogs/c.md", "changed on main\n");
    sandbox.commit_all("main");
    sandbox.git(["switch", "--quiet", "topic"]);
    sandbox
}

#[test]
fn off_the_default_branch_only_its_own_changes_count() {
    let sandbox = branched();
    assert_eq!(changed(&sandbox).expect("a branch"), ["worklogs/b.md", "worklogs/d.md"]);
    sandbox.write("worklogs/a.md", "edited\n");
    sandbox.write("worklogs/e.md", "untracked\n");
    let want = ["worklogs/a.md", "worklogs/b.md", "worklogs/d.md", "worklogs/e.md"];
    assert_eq!(changed(&sandbox).expect("a branch"), want);
    sandbox.git(["checkout", "--quiet", "--", "."]);
    sandbox.git(["switch", "--quiet", "main"]);
    assert_eq!(changed(&sandbox), None);
    sandbox.git(["switch", "--quiet", "--detach", "main"]);
    assert_eq!(changed(&sandbox), None, "the default branch's tip in all but name");
    sandbox.git(["switch", "--quiet", "--detach", "topic"]);
    assert_eq!(changed(&sandbox).expect("a branch").len(), 3);
}

#[test]
fn any_stand_of_the_default_branch_will_do() {
    let sandbox = branched();
    sandbox.git(["switch", "--quiet", "main"]);
    sandbox.git(["clone", "--quiet", ".", "../clone"]);
    let clone = sandbox.at("clone");
    clone.git(["switch", "--quiet", "topic"]);
    clone.git(["branch", "--quiet", "-D", "main"]);
    let changed = || clone.worktree().changed_here().expect("compared").map(Vec::from_iter);
    // There is no local main in this clone.
    assert_eq!(changed().expect("a branch"), ["worklogs/b.md", "worklogs/d.md"]);
    // A local main that is far behind or not pushed makes no difference.
    clone.git(["branch", "main", "origin/main~1"]);
    assert_eq!(changed().expect("a branch"), ["worklogs/b.md", "worklogs/d.md"]);
    clone.git(["switch", "--quiet", "main"]);
    clone.write("worklogs/a.md", "on main, not pushed\n");
    clone.git(["commit", "--quiet", "-am", "unpushed"]);
    clone.git(["switch", "--quiet", "-c", "next"]);
    assert_eq!(changed().expect("a branch"), [""; 0]);
}

#[test]
fn the_default_branch_is_the_configured_the_remotes_or_a_usual_one() {
    let sandbox = branched();
    let named = config::parse("[sync]\ndefault-branch = \"topic\"").expect("a config");
    assert_eq!(sandbox.open().worktree(&named).changed_here().expect("compared"), None);
    let default = |s: &Sandbox| s.open().default_branch(None, None).expect("read");
    assert_eq!(default(&sandbox).as_deref(), Some("main"));
    sandbox.git(["branch", "-m", "main", "trunk"]);
    assert_eq!(default(&sandbox), None);
    assert_eq!(changed(&sandbox), None, "nothing to compare with");
    sandbox.git(["update-ref", "refs/remotes/origin/trunk", "trunk"]);
    sandbox.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    assert_eq!(default(&sandbox).as_deref(), Some("trunk"));
    assert!(changed(&sandbox).is_some());
}

#[test]
fn without_a_merge_base_the_tips_are_compared() {
    let sandbox = branched();
    sandbox.git(["switch", "--quiet", "main"]);
    let url = format!("file://{}", sandbox.top().display());
    sandbox.git(["clone", "--quiet", "--depth=1", "--no-single-branch", &url, "../shallow"]);
    let shallow = sandbox.at("shallow");
    shallow.git(["switch", "--quiet", "topic"]);
    let changed = shallow.worktree().changed_here().expect("compared").map(Vec::from_iter);
    // c.md was changed on main; one too many is safe.
    assert_eq!(changed.expect("a branch"), ["worklogs/b.md", "worklogs/c.md", "worklogs/d.md"]);
}

#[test]
fn a_branch_without_a_commit_counts_all() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "1\n");
    assert_eq!(changed(&sandbox), None);
}
