//! Told to stop, and nobody who listens: signals, and outputs that are closed or full.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::both::Both;
use crate::kill::scene::{End, copy, scene, settle};

/// A sync in the background.
fn begin(both: &Both) -> Child {
    let mut command = both.gardener(["sync"]).command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("started")
}

/// How it ended: the signal that ended it, its words on standard error, and how long it took.
fn end(child: Child) -> (Option<i32>, String, Duration) {
    let start = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.signal(), said, start.elapsed())
}

fn plain_end(scene: &Both) -> End {
    let plain = copy(scene);
    plain.sync();
    plain.assert_settled();
    End::of(&plain)
}

/// While git is at work for a gardener that was killed, the next one waits: git reads the
/// index that was made for it when its hooks are through, and takes a missing one for empty.
#[test]
fn a_git_that_outlives_its_gardener_is_waited_for() {
    let scene = scene();
    let both = copy(&scene);
    let files = both.sandbox.git(["ls-tree", "-r", "--name-only", "HEAD"]);
    let here = both.sandbox.root().join("in-the-hook");
    both.sandbox.hook("pre-commit", &format!("touch '{}'; sleep 1.5", here.display()));
    let mut child = begin(&both);
    let start = Instant::now();
    while !here.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "no hook ran");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    assert_eq!(end(child).0, Some(9));
    let next = both.run(["sync"]);
    std::thread::sleep(Duration::from_millis(1_600));
    both.sandbox.remove(".git/hooks/pre-commit");
    let now = both.sandbox.git(["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(now, format!("{files}\nworklogs/later.md"), "{}", both.sandbox.git(["log", "--stat"]));
    assert_eq!(next.answer.code, 0, "{}{}", next.answer.out, next.answer.err);
    both.minutes(16);
    settle(&both, 3).expect("settled");
    plain_end(&scene).assert_same(&End::of(&both), "one sync");
}
