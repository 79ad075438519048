//! Signing: the commit is signed as the user's own are, or not made at all.
#![cfg(unix)]

use gardener::repo::{Committed, RepoError, Staged, Worktree as _};

use crate::sandbox::Sandbox;

fn file(text: &str) -> Vec<Committed> {
    let (path, text) = ("worklogs/a.md".to_owned(), text.to_owned());
    vec![Committed { path, work: text.clone(), text, staged: Staged::No }]
}

#[test]
fn a_commit_is_signed_with_the_users_ssh_key() {
    let sandbox = Sandbox::new();
    let key = sandbox.home().join("key").display().to_string();
    let made = sandbox.program("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", &key]).run();
    if made.code != 0 {
        return; // There is no ssh here.
    }
    let public = sandbox.read("../home/key.pub");
    sandbox.write("../home/signers", format!("ada@example.org {public}"));
    sandbox.config("gpg.format", "ssh");
    sandbox.config("user.signingKey", &key);
    sandbox.config("commit.gpgSign", "true");
    sandbox.config("gpg.ssh.allowedSignersFile", "../home/signers");
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("start");
    sandbox.write("worklogs/a.md", "2\n");
    let made = sandbox.worktree().commit(&file("2\n"), "signed\n").expect("committed").expect("a commit");
    let checked = sandbox.try_git(["verify-commit", &made.id]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.err.contains("Good \"git\" signature for ada@example.org"), "{}", checked.err);
}

#[test]
fn without_a_signature_there_is_no_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("start");
    sandbox.config("commit.gpgSign", "true");
    sandbox.config("gpg.program", "false");
    sandbox.write("worklogs/a.md", "2\n");
    let before = (sandbox.snapshot(), sandbox.head());
    let refused = sandbox.worktree().commit(&file("2\n"), "unsigned\n");
    let message = refused.expect_err("refused").to_string();
    assert!(message.contains("git commit") && message.contains("sign"), "{message}");
    crate::matrix::fired("no commit: no signature");
    assert_eq!((sandbox.snapshot(), sandbox.head()), before);
    assert_eq!(sandbox.names(".git/gardener"), [""; 0]);
}

#[test]
fn without_an_identity_there_is_no_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("start");
    sandbox.git(["config", "--global", "--remove-section", "user"]);
    sandbox.config("user.useConfigOnly", "true");
    let head = sandbox.head();
    let refused = sandbox.worktree().commit(&file("2\n"), "by nobody\n");
    assert!(
        matches!(&refused, Err(RepoError::Git { command, .. }) if command == "git commit"),
        "{refused:?}"
    );
    assert!(refused.expect_err("refused").to_string().contains("tell me who you are"));
    assert_eq!(sandbox.head(), head);
}
